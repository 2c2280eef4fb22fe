// SPDX-License-Identifier: GPL-2.0-or-later
//! What people and files get wrong at the daemon's start: for each case the
//! exit status, and that the message has what is wrong, where, and what to do.
//! None of it gets as far as serving.
#![cfg(feature = "embedded")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ksmbd_store::{key_file_of, Options, Store};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ksmbd-mountd");

/// Configuration, accounts and runtime directory of a daemon that could start.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::write(place.path("ksmbd.toml"), "[global]\n").unwrap();
        let db = place.path("ksmbd.db");
        let key = key_file_of(&db);
        Store::open(&Options::new(db, key)).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command<S: AsRef<OsStr>>(&self, program: &Path, args: &[S]) -> Command {
        let mut c = Command::new(program);
        c.args(["--embedded", "--bind", "127.0.0.1"]);
        if !args.iter().any(|a| a.as_ref() == "--port") {
            c.args(["--port", "0"]);
        }
        c.arg("--config").arg(self.path("ksmbd.toml"));
        c.arg("--db").arg(self.path("ksmbd.db"));
        if !args.iter().any(|a| a.as_ref() == "--runtime-dir") {
            c.arg("--runtime-dir").arg(self.path("run"));
        }
        c.args(args).stdin(Stdio::null());
        c
    }

    fn refuses<S: AsRef<OsStr> + std::fmt::Debug>(&self, args: &[S], parts: &[&str]) {
        let what = format!("{args:?}");
        judge(&what, self.command(Path::new(PROGRAM), args), parts);
    }
}

/// Must fail, never say that it serves, and say all parts.
fn judge(what: &str, mut command: Command, parts: &[&str]) {
    let out = command.output().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{what}: {err}");
    assert_eq!(out.stdout, b"", "{what}");
    for part in parts {
        assert!(err.contains(part), "{what}: no `{part}` in: {err}");
    }
    assert!(!err.contains("panicked"), "{what}: {err}");
}

#[test]
fn options() {
    let place = Place::new();
    for (args, parts) in [
        (&["--port", "65536"][..], &["65536", "--port"][..]),
        (&["--port", "-1"], &["'-1'"]),
        (&["--port", "smb"], &["'smb'", "--port"]),
        (&["--port", ""], &["--port"]),
        (&["--bind", "eth0"], &["'eth0'", "--bind"]),
        (&["--bind", "300.1.2.3"], &["'300.1.2.3'", "--bind"]),
        (&["--nodetach=7"], &["7", "--nodetach"]),
        (&["--config"], &["--config"]),
        (&["extra"], &["unexpected argument 'extra'"]),
    ] {
        place.refuses(args, parts);
    }
    place.refuses(&[OsStr::from_bytes(b"\xff")], &["unexpected argument"]);
    // A runtime directory that cannot be one.
    let file = place.path("ksmbd.toml").display().to_string();
    let parts = [
        "cannot make the runtime directory",
        &file,
        "--runtime-dir DIR",
    ];
    place.refuses(&["--runtime-dir", &file], &parts);
    let under = format!("{file}/run");
    place.refuses(&["--runtime-dir", &under], &parts);
    // What is in the socket's place is not removed.
    fs::create_dir_all(place.path("run/control.sock")).unwrap();
    place.refuses::<&str>(&[], &["control.sock"]);
    assert!(place.path("run/control.sock").is_dir());
}

#[test]
fn configurations() {
    let place = Place::new();
    let file = place.path("ksmbd.toml");
    let shown = file.display().to_string();
    let huge = b"# much\n".repeat(3 << 20);
    let cases: [(&[u8], &[&str]); 6] = [
        (
            b"[share.a]\npath = \"/\xff\"\n",
            &[":2:10: not UTF-8 here", "save the file as UTF-8"],
        ),
        (&huge, &["larger than 16 MiB"]),
        (
            b"[global]\nguest_okay = true\n",
            &[":2:1: unknown key", "did you mean `guest_ok`?"],
        ),
        (b"[global]\ntcp_port = 445\ntcp_port = 446\n", &[":3:1: "]),
        (b"[share.a]\n", &["share `a` has no path"]),
        (
            b"[global]\nmetrics = \"0.0.0.0:9445\"\n",
            &[":2:11: `metrics` must be"],
        ),
    ];
    for (text, parts) in cases {
        fs::write(&file, text).unwrap();
        let parts = [&["the configuration has errors", shown.as_str()][..], parts].concat();
        place.refuses::<&str>(&[], &parts);
    }
    fs::remove_file(&file).unwrap();
    place.refuses::<&str>(
        &[],
        &["there is no configuration", &shown, "ksmbd.addshare -a"],
    );
    fs::create_dir(&file).unwrap();
    place.refuses::<&str>(&[], &[&shown, "Is a directory", "name a file"]);
}

#[test]
fn accounts() {
    let place = Place::new();
    let db = place.path("ksmbd.db");
    let key = place.path("ksmbd.key");
    let (shown, key_shown) = (db.display().to_string(), key.display().to_string());
    let (good, good_key) = (fs::read(&db).unwrap(), fs::read(&key).unwrap());
    for bytes in [b"name,password\n".repeat(100), vec![0xa5; 8192]] {
        fs::write(&db, bytes).unwrap();
        place.refuses::<&str>(&[], &[&shown, "no account database", "--db", "backup"]);
    }
    fs::write(&db, good).unwrap();
    for (bytes, mode, part) in [
        (&b""[..], 0o600, "is not a ksmbd key file"),
        (b"\xff\xfe", 0o600, "is not a ksmbd key file"),
        (&good_key, 0o640, "chmod 600"),
    ] {
        fs::write(&key, bytes).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        place.refuses::<&str>(&[], &[&key_shown, part]);
    }
    fs::remove_file(&key).unwrap();
    place.refuses::<&str>(&[], &[&key_shown, "is missing", "restore it from a backup"]);
    let other = place.path("none.key").display().to_string();
    place.refuses(&["--key-file", &other], &[&other, "is missing"]);
}

/// As somebody who may not: what root's files say to others.
#[test]
fn without_permission() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        eprintln!("only root can become somebody else");
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = place.path("program");
    fs::copy(PROGRAM, &program).unwrap();
    let run = |args: &[&str], parts: &[&str]| {
        let mut c = place.command(&program, args);
        c.uid(65534).gid(65534);
        judge(&format!("{args:?}"), c, parts);
    };
    let runtime = place.path("run").display().to_string();
    run(
        &[],
        &["cannot make the runtime directory", &runtime, "run as root"],
    );
    let open = place.path("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let open = open.display().to_string();
    let db = place.path("ksmbd.db").display().to_string();
    run(&["--runtime-dir", &open], &[&db, "root", "--db"]);
    let config = place.path("ksmbd.toml");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let config = config.display().to_string();
    run(&[], &[&config, "Permission denied", "run as root"]);
}
