// SPDX-License-Identifier: GPL-2.0-or-later
//! What people and files get wrong: for each case the exit status, and that the
//! message has what is wrong, where, and what to do.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A directory with an account database of one user, alice.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        let add = ["-a", "alice", "--password-stdin", "--uid", "1000"];
        assert_eq!(place.run(&add, b"secret\n").0, 0);
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn command<S: AsRef<OsStr>>(&self, program: &Path, args: &[S]) -> Command {
        let mut c = Command::new(program);
        c.args(args);
        c.arg("--db").arg(self.path("ksmbd.db"));
        c.arg("--config").arg(self.path("ksmbd.toml"));
        c.arg("--runtime-dir").arg(self.0.path());
        c
    }

    /// Exit status, stdout, stderr.
    fn run<S: AsRef<OsStr>>(&self, args: &[S], stdin: &[u8]) -> (i32, String, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_ksmbd-adduser"));
        finish(self.command(program, args), stdin)
    }

    /// The run must fail, print nothing, and say all parts.
    fn refuses<S: AsRef<OsStr> + std::fmt::Debug>(&self, args: &[S], stdin: &[u8], parts: &[&str]) {
        judge(&format!("{args:?}"), self.run(args, stdin), parts);
    }
}

fn finish(mut command: Command, stdin: &[u8]) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let out = child.wait_with_output().unwrap();
    (
        out.status.code().expect("ended by a signal"),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

fn judge(what: &str, (code, out, err): (i32, String, String), parts: &[&str]) {
    assert_eq!((code, out.as_str()), (1, ""), "{what}: {err}");
    for part in parts {
        assert!(err.contains(part), "{what}: no `{part}` in: {err}");
    }
    assert!(!err.contains("panicked"), "{what}: {err}");
}

#[test]
fn options() {
    let place = Place::new();
    let long = "x".repeat(257);
    let huge = "x".repeat(100_000);
    let pw = "--password-stdin";
    for (args, parts) in [
        (&["--uid", "-1", "alice"][..], &["'-1'"][..]),
        (
            &["-u", "alice", "--uid", "4294967295"],
            &["4294967295", "0..=4294967294"],
        ),
        (
            &["-u", "alice", "--gid", "4294967295"],
            &["4294967295", "--gid"],
        ),
        (
            &["-u", "alice", "--uid", "99999999999999999999"],
            &["--uid"],
        ),
        (&["-u", "alice", "--uid", "root"], &["'root'", "--uid"]),
        (&["-u", "alice", "--uid", ""], &["--uid"]),
        (&["-u"], &["<USER>"]),
        (
            &["-u", "bob", pw],
            &["no user `bob`", "ksmbd.adduser -a bob"],
        ),
        (&["--show", "bob"], &["no user `bob`"]),
        (&["-d", "bob"], &["no user `bob`"]),
        (&["-a", "", pw], &["cannot be a user name", "empty"]),
        (&["-a", &long, pw], &["cannot be a user name", "256 bytes"]),
        (&["-a", &huge, pw], &["cannot be a user name", "256 bytes"]),
        (&["-a", "a/b", pw], &["`a/b`", "are not allowed"]),
        (&["-a", " a", pw], &["starts or ends with a blank"]),
        (&["-a", "@wheel", pw], &["other meanings"]),
        (&["-a", "bob", pw, "-p", "x"], &["cannot be used with"]),
        (&["-a", "-u", "bob"], &["cannot be used with"]),
        (
            &["-u", "alice", "--enable", "--disable"],
            &["cannot be used with"],
        ),
        (&["--json", "-u", "alice"], &["cannot be used with"]),
        (&["--json", "alice"], &["--json goes with"]),
        (&["--adduser"], &["unexpected argument '--adduser'"]),
        (&["--list", "alice"], &["cannot be used with"]),
        (&["alice", "bob"], &["unexpected argument 'bob'"]),
    ] {
        place.refuses(args, b"pw\n", parts);
    }
    let name = [OsStr::new("-a"), OsStr::from_bytes(b"a\xffb")];
    place.refuses(&name, b"pw\n", &["UTF-8"]);
    // None of it changed anything.
    let (code, out, _) = place.run(&["--list"], b"");
    assert_eq!((code, out.as_str()), (0, "alice\t1000\t-\tenabled\n"));
}

#[test]
fn passwords() {
    let place = Place::new();
    let long = [b"x".repeat(257), b"\n".to_vec()].concat();
    let huge = b"x".repeat(1 << 20);
    for (stdin, part) in [
        (&b""[..], "standard input is empty"),
        (b"a\xffb\n", "not UTF-8"),
        (b"a\0b\n", "NUL character"),
        (&long, "more than 256 characters"),
        (&huge, "more than 256 characters"),
    ] {
        place.refuses(&["-u", "alice", "--password-stdin"], stdin, &[part]);
    }
    place.refuses(
        &["-u", "alice"],
        b"x\n",
        &["no terminal", "--password-stdin"],
    );
    // An empty one is allowed, and odd.
    let (code, _, err) = place.run(&["-u", "alice", "--password-stdin"], b"\n");
    assert_eq!(code, 0);
    assert!(err.contains("the password is empty"), "{err}");
}

#[test]
fn databases() {
    let shown = |p: &Place, name: &str| p.path(name).display().to_string();
    let place = Place(TempDir::new().unwrap());
    let db = shown(&place, "ksmbd.db");
    // Not there.
    for args in [&["--list"][..], &["--show", "alice"], &["-d", "alice"]] {
        place.refuses(args, b"", &[&db, "ksmbd.adduser -a NAME"]);
    }
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 0);

    // Something else, half of one, another program's.
    let whole = Place::new();
    let good = fs::read(whole.path("ksmbd.db")).unwrap();
    let mut torn = good.clone();
    for byte in torn.iter_mut().skip(100).take(4000) {
        *byte = 0xa5;
    }
    for bytes in [&b"name,password\n".repeat(100)[..], &torn] {
        fs::write(place.path("ksmbd.db"), bytes).unwrap();
        for args in [&["--list"][..], &["-a", "bob", "--password-stdin"]] {
            place.refuses(args, b"x\n", &[&db, "--db", "backup"]);
        }
        assert_eq!(fs::read(place.path("ksmbd.db")).unwrap(), bytes, "changed");
    }
    fs::remove_file(place.path("ksmbd.db")).unwrap();
    fs::create_dir(place.path("ksmbd.db")).unwrap();
    place.refuses(&["--list"], b"", &[&db, "--db"]);

    // The directory cannot be made: a file is in the way.
    let under = place.path("file/ksmbd.db");
    fs::write(place.path("file"), "").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_ksmbd-adduser"));
    let mut c = Command::new(program);
    c.args(["-a", "bob", "--password-stdin", "--db"])
        .arg(&under);
    let text = under.display().to_string();
    judge("a file in the way", finish(c, b"x\n"), &[&text]);
}

#[test]
fn key_files() {
    let place = Place::new();
    let key = place.path("ksmbd.key");
    let shown = key.display().to_string();
    let good = fs::read(&key).unwrap();
    let other = format!("ksmbd-key-1 {}\n", "0f".repeat(32));
    let huge = b"ksmbd-key-1 ".repeat(100_000);
    for (bytes, mode, parts) in [
        (
            &b""[..],
            0o600,
            &["is not a ksmbd key file", "--key-file"][..],
        ),
        (b"hello\n", 0o600, &["is not a ksmbd key file"]),
        (
            b"ksmbd-key-1 \xff\xfe\n",
            0o600,
            &["is not a ksmbd key file"],
        ),
        (&huge, 0o600, &["is not a ksmbd key file"]),
        (&good[..40], 0o600, &["is not a ksmbd key file"]),
        (&good, 0o644, &["only its owner can read", "chmod 600"]),
    ] {
        fs::write(&key, bytes).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let parts = [&[shown.as_str()][..], parts].concat();
        place.refuses(&["--list"], b"", &parts);
        place.refuses(&["-a", "bob", "--password-stdin"], b"x\n", &parts);
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, other).unwrap();
    place.refuses(&["--list"], b"", &["does not belong", "--key-file"]);
    fs::remove_file(&key).unwrap();
    place.refuses(&["--list"], b"", &[&shown, "is missing", "backup"]);
    // A new key must not be made for old accounts.
    place.refuses(
        &["-a", "bob", "--password-stdin"],
        b"x\n",
        &[&shown, "is missing"],
    );
    assert!(!key.exists());
    fs::create_dir(&key).unwrap();
    place.refuses(&["--list"], b"", &[&shown, "must be a file"]);
    fs::remove_dir(&key).unwrap();
    fs::write(&key, good).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(place.run(&["--list"], b"").0, 0);
}

#[test]
fn imports() {
    let place = Place::new();
    let file = place.path("old");
    let shown = file.display().to_string();
    let hash = "iEb36u6PsRetBr3YMLdYbA==";
    let long = format!("{}:{hash}\n", "x".repeat(300));
    let cases: [(&[u8], &[&str]); 8] = [
        (b"", &["names no user"]),
        (b"# nothing\n\n", &["names no user"]),
        (b"bob\n", &[":1: neither NAME:HASH"]),
        (b"bob:\n", &[":1: the hash is not base64"]),
        (b":iEb36u6PsRetBr3YMLdYbA==\n", &[":1: no name"]),
        (b"bob:-1:x:y:[U]:z\n", &[":1: the second field"]),
        (b"bob:1:x:XYZ:[U]:z\n", &[":1: the fourth field"]),
        (long.as_bytes(), &["cannot be a user name", "256 bytes"]),
    ];
    for (text, parts) in cases {
        fs::write(&file, text).unwrap();
        place.refuses(&["--import", &shown], b"", parts);
    }
    fs::remove_file(&file).unwrap();
    place.refuses(&["--import", &shown], b"", &[&shown, "No such file"]);
    fs::create_dir(&file).unwrap();
    place.refuses(&["--import", &shown], b"", &[&shown, "Is a directory"]);
    place.refuses(
        &["--import", "/dev/null"],
        b"",
        &["/dev/null", "names no user"],
    );
    place.refuses(
        &["--import", &shown, "alice"],
        b"",
        &["cannot be used with"],
    );
    assert_eq!(place.run(&["--list"], b"").1.lines().count(), 1);
}

/// A broken configuration keeps a user from being removed: he may be named.
#[test]
fn configurations() {
    let place = Place::new();
    let config = place.path("ksmbd.toml");
    let shown = config.display().to_string();
    for (text, part) in [
        (
            &b"[global]\nserver_string = \"\xff\"\n"[..],
            ":2:18: not UTF-8",
        ),
        (b"[global]\ntcp_port = 1\ntcp_port = 2\n", ":3:1: "),
        (b"[globl]\n", ":1:"),
    ] {
        fs::write(&config, text).unwrap();
        place.refuses(
            &["-d", "alice"],
            b"",
            &["cannot see whether the user is in use", &shown, part],
        );
    }
    assert_eq!(place.run(&["--list"], b"").1.lines().count(), 1);
}

/// As somebody who may not: what root's files say to others.
#[test]
fn without_permission() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("only root can become somebody else");
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Where everybody can run it.
    let program = place.path("program");
    fs::copy(env!("CARGO_BIN_EXE_ksmbd-adduser"), &program).unwrap();
    let db = place.path("ksmbd.db").display().to_string();
    let old = place.path("old");
    fs::write(&old, "").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o600)).unwrap();
    let old = old.display().to_string();
    for (args, parts) in [
        (&["--list"][..], &[db.as_str(), "root", "--db"][..]),
        (&["-a", "bob", "--password-stdin"], &[&db, "root", "--db"]),
        (&["-d", "alice"], &[&db, "root", "--db"]),
        (&["--import", &old], &[&old, "Permission denied"]),
    ] {
        let mut c = place.command(&program, args);
        c.uid(65534).gid(65534);
        judge(&format!("{args:?}"), finish(c, b"x\n"), parts);
    }
    // Where nothing is yet, and nothing can be made.
    let mut c = Command::new(&program);
    c.args(["-a", "bob", "--password-stdin", "--db"])
        .arg(place.path("new/ksmbd.db"));
    c.uid(65534).gid(65534);
    let parts = ["new/ksmbd.db", "Permission denied", "run as root"];
    judge("a new one", finish(c, b"x\n"), &parts);
}
