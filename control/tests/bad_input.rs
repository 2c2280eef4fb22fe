// SPDX-License-Identifier: GPL-2.0-or-later
//! What people and files get wrong: for each case the exit status, and that the
//! message has what is wrong, where, and what to do.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ksmbd-control");

/// Must fail, print nothing, and say all parts.
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

fn refuses<S: AsRef<OsStr> + std::fmt::Debug>(args: &[S], parts: &[&str]) {
    let mut c = Command::new(PROGRAM);
    c.args(args);
    judge(&format!("{args:?}"), c, parts);
}

#[test]
fn options() {
    let dir = TempDir::new().unwrap();
    let d = dir.path().to_str().unwrap();
    let nobody = ["no ksmbd.mountd runs", d, "start it", "--runtime-dir"];
    for (args, parts) in [
        (&["--status", "--runtime-dir", d][..], &nobody[..]),
        (&["close", "session", "1", "--runtime-dir", d], &nobody),
        (
            &["--close", "session", "18446744073709551616"],
            &["`18446744073709551616` is no id"],
        ),
        (&["--close", "session", ""], &["`` is no id"]),
        (&["--close", "session", "-1"], &["-1"]),
        (&["--close", "session", "0xg"], &["`0xg` is no id"]),
        (&["--close", "open", "1:"], &["`` is no id"]),
        (&["--close", "open", "1:2:3"], &["`2:3` is no id"]),
        (&["close", "open", "7"], &["SESSION:ID", "--list opens"]),
        (&["--status", "--reload"], &["cannot be used with"]),
        (&["--status", "extra"], &["'extra'"]),
        (&["--runtime-dir"], &["--runtime-dir"]),
        (&["testparm", "a", "b"], &["unexpected argument 'b'"]),
        (&["sessions", "--status"], &["'--status'"]),
    ] {
        refuses(args, parts);
    }
    refuses(&[OsStr::from_bytes(b"\xff")], &["unrecognized", "Usage"]);
}

/// What is at the socket's place is no daemon's socket, or what is there does
/// not answer as the daemon does.
#[test]
fn sockets() {
    let dir = TempDir::new().unwrap();
    let d = dir.path().to_str().unwrap();
    let args = ["--status", "--runtime-dir", d];
    let socket = dir.path().join("control.sock");
    fs::write(&socket, "").unwrap();
    refuses(&args, &["no ksmbd.mountd runs", "start it"]);
    refuses(
        &["--status", "--runtime-dir", socket.to_str().unwrap()],
        &["ksmbd.mountd does not answer", "control.sock"],
    );
    for (answer, part) in [
        (&b""[..], "does not answer"),
        (b"{\"ok\":true", "does not answer"),
        (b"nonsense\n", "the daemon's answer"),
        (b"\xff\n", "does not answer"),
        (b"{\"ok\":false}\n", "gives no reason"),
        (b"[]\n", "gives no reason"),
    ] {
        fs::remove_file(&socket).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let daemon = std::thread::spawn(move || {
            use std::io::{BufRead, BufReader, Write};
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            stream.read_line(&mut String::new()).unwrap();
            stream.get_mut().write_all(answer).unwrap();
        });
        refuses(&args, &[part]);
        daemon.join().unwrap();
    }
}

#[test]
fn configurations() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("ksmbd.toml");
    let shown = file.display().to_string();
    let huge = b"# much\n".repeat(3 << 20);
    let path = format!("[share.a]\npath = \"/{}\"\n", "x".repeat(5000));
    let name = format!("[share.{}]\npath = \"/\"\n", "x".repeat(100));
    let cases: [(&[u8], &[&str]); 14] = [
        (
            b"[share.a]\npath = \"/\xff\"\n",
            &[":2:10: not UTF-8 here", "save the file as UTF-8"],
        ),
        (&huge, &["larger than 16 MiB"]),
        (
            b"[share.a]\ncomment = \"x\"\n",
            &[":1:1: share `a` has no path", "add: path ="],
        ),
        (path.as_bytes(), &[":2:8: `path` must be an absolute path"]),
        (name.as_bytes(), &[":1:1: bad share name", "1 to 80 bytes"]),
        (
            b"[share.a]\npath = \"\"\n",
            &[":2:8: `path` must be an absolute path"],
        ),
        (b"[share.\"\"]\npath = \"/\"\n", &["bad share name ``"]),
        (b"[global]\ntcp_port = 445\ntcp_port = 446\n", &[":3:1: "]),
        (b"[global]\n[global]\n", &[":2:"]),
        (
            b"[global]\ntcp_port = \"445\"\n",
            &[":2:12: `tcp_port` must be a whole number"],
        ),
        (b"[global]\ntcp_port = 99999999999999999999\n", &[":2:"]),
        (
            b"[global]\nworkgroup = [\"A\"]\n",
            &[":2:13: `workgroup` must be"],
        ),
        (
            b"[global]\nserver_string = { a = 1 }\n",
            &[":2:17: `server_string`"],
        ),
        (
            b"share = \"data\"\n",
            &[":1:9: `share` is not a table", "[share.NAME]"],
        ),
    ];
    for (text, parts) in cases {
        fs::write(&file, text).unwrap();
        let parts = [&[shown.as_str(), "has an error"][..], parts].concat();
        refuses(&["testparm", &shown], &parts);
    }
    // All errors at once, in the order of the lines.
    fs::write(&file, "[global]\nx = 1\ny = 2\n[z]\n").unwrap();
    refuses(
        &["testparm", &shown],
        &[":2:1: ", ":3:1: ", ":4:", "has 3 errors"],
    );
    fs::remove_file(&file).unwrap();
    refuses(&["testparm", &shown], &["reading", &shown, "No such file"]);
    refuses(
        &["testparm", dir.path().to_str().unwrap()],
        &["Is a directory", "name a file"],
    );
    refuses(&["testparm", ""], &["[FILE]"]);
    // An empty one is all defaults.
    let out = Command::new(PROGRAM)
        .args(["testparm", "/dev/null"])
        .output()
        .unwrap();
    assert!(out.status.success());
    assert!(out.stdout.starts_with(b"[global]\n"));
}

/// As somebody who may not: what root's files say to others.
#[test]
fn without_permission() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        eprintln!("only root can become somebody else");
        return;
    }
    let dir = TempDir::new().unwrap();
    let d = dir.path();
    fs::set_permissions(d, fs::Permissions::from_mode(0o755)).unwrap();
    let program = d.join("program");
    fs::copy(PROGRAM, &program).unwrap();
    let socket = d.join("control.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let file = d.join("ksmbd.toml");
    fs::write(&file, "").unwrap();
    for private in [&socket, &file] {
        fs::set_permissions(private, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let run = |args: &[&str], at: &Path, parts: &[&str]| {
        let mut c = Command::new(&program);
        c.args(args).arg(at).uid(65534).gid(65534);
        judge(&format!("{args:?}"), c, parts);
    };
    let parts = ["no permission to talk to ksmbd.mountd", "run as root"];
    for action in ["--status", "--reload", "--shutdown", "--list=shares"] {
        run(&[action, "--runtime-dir"], d, &parts);
    }
    let parts = ["ksmbd.toml", "Permission denied", "run as root"];
    run(&["testparm"], &file, &parts);
}
