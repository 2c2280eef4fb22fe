// SPDX-License-Identifier: GPL-2.0-or-later
//! What people and files get wrong: for each case the exit status, and that the
//! message has what is wrong, where, and what to do.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

fn command<S: AsRef<OsStr>>(program: &Path, dir: &Path, args: &[S]) -> Command {
    let mut c = Command::new(program);
    c.args(args);
    c.arg("--config").arg(dir.join("ksmbd.toml"));
    c.arg("--runtime-dir").arg(dir);
    c
}

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

fn refuses<S: AsRef<OsStr> + std::fmt::Debug>(dir: &Path, args: &[S], parts: &[&str]) {
    let program = Path::new(env!("CARGO_BIN_EXE_ksmbd-addshare"));
    judge(&format!("{args:?}"), command(program, dir, args), parts);
}

#[test]
fn options() {
    let dir = TempDir::new().unwrap();
    let long = "x".repeat(81);
    let huge = "x".repeat(100_000);
    let path = format!("/{huge}");
    let set = |key_value: &'static str| ["-a", "x", "--path", "/tmp", "-o", key_value];
    for (args, parts) in [
        (
            &["-a", "", "--path", "/tmp"][..],
            &["cannot be a share name", "1 to 80"][..],
        ),
        (
            &["-a", &long, "--path", "/tmp"],
            &["cannot be a share name", "1 to 80"],
        ),
        (&["-a", "ipc$", "--path", "/tmp"], &["`ipc$`", "reserved"]),
        (&["-a", " x", "--path", "/tmp"], &["blank"]),
        (&["-a", "x", "--path", ""], &["path"]),
        (
            &["-a", "x", "--path", &path],
            &["`path`", "must be an absolute path"],
        ),
        (
            &["-a", "x", "--path", "/tmp", "--comment", &huge],
            &["`comment`", "at most"],
        ),
        (
            &["-a", "x", "--path", "/tmp", "--comment", "a\nb"],
            &["`comment`", "on one line"],
        ),
        (&["-a", "x", "--path"], &["--path"]),
        (
            &["-a", "x", "--path", "/tmp", "extra"],
            &["unexpected argument 'extra'"],
        ),
        (
            &["-u", "x"],
            &["there is no share `x`", "ksmbd.addshare -a x"],
        ),
        (
            &["-d", "x"],
            &["there is no share `x`", "ksmbd.toml", "ksmbd.addshare -a x"],
        ),
        (&["-d", "x", "--path", "/tmp"], &["cannot be used with"]),
        (&["-u", "global"], &["nothing to change"]),
        (
            &["-u", "global", "--path", "/tmp"],
            &["--path is for shares"],
        ),
        (
            &["-u", "global", "-o", "tcp port = 70000"],
            &["`tcp_port`", "0 to 65535"],
        ),
        (
            &["-u", "global", "-o", "tcp port = -1"],
            &["`tcp_port`", "0 to 65535"],
        ),
        (
            &["-u", "global", "-o", "tcp port = many"],
            &["`tcp_port`", "whole number"],
        ),
        (
            &["-u", "global", "-o", "smb2 max read = 9999999G"],
            &["`smb2_max_read`", "must be a size"],
        ),
        (
            &["-u", "global", "-o", "server min protocol = SMB9"],
            &["`server_min_protocol`"],
        ),
        (&["-u", "global", "-o", "path = /x"], &["path"]),
        (&set("= x"), &["KEY = VALUE"]),
        (&set(""), &["KEY = VALUE"]),
        (&set("guest ok = perhaps"), &["`guest_ok`", "true or false"]),
        (&set("browsable2 = no"), &["unknown key `browsable2`"]),
        (&set("create mask = 0999"), &["`create_mask`", "octal"]),
        (&set("hosts allow = 300.1.2.3"), &["`hosts_allow`"]),
        (
            &set("max connections = 99999999999"),
            &["`max_connections`", "whole number"],
        ),
        (&set("vfs objects = recycle"), &["`vfs_objects`"]),
        (&set("path = relative"), &["given twice"]),
    ] {
        refuses(dir.path(), args, parts);
    }
    let bytes = OsStr::from_bytes(b"/srv/\xff");
    let args = ["-a", "x", "--path"].map(OsStr::new);
    refuses(dir.path(), &[&args[..], &[bytes]].concat(), &["not UTF-8"]);
    let args = [OsStr::new("-a"), bytes];
    refuses(dir.path(), &args, &["UTF-8"]);
    assert!(!dir.path().join("ksmbd.toml").exists());
}

/// A file with an error is named with the place, and stays as it is.
#[test]
fn configurations() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("ksmbd.toml");
    let shown = file.display().to_string();
    let huge = b"# much\n".repeat(3 << 20);
    let cases: [(&[u8], &[&str]); 10] = [
        (
            b"[share.a]\npath = \"/\xff\"\n",
            &[":2:10: not UTF-8 here", "save the file as UTF-8"],
        ),
        (&huge, &["larger than 16 MiB"]),
        (b"[share.a]\npath = \"/a\"\npath = \"/b\"\n", &[":3:1: "]),
        (
            b"[share.a]\npath = \"/a\"\n[share.a]\npath = \"/b\"\n",
            &[":3:"],
        ),
        (
            b"[share.a]\npath = \"/a\"\n[share.A]\npath = \"/b\"\n",
            &[":3:1: share `A` is given twice"],
        ),
        (b"[share.a\n", &[":1:"]),
        (b"[share.a]\npath = 7\n", &[":2:8: `path` must be"]),
        (
            b"[share.a]\npath = \"/a\"\nguest_ok = \"yes\"\n",
            &[":3:12: `guest_ok` must be true or false"],
        ),
        (b"global = 3\n", &[":1:10: [global] must be a table"]),
        (b"\0", &[":1:"]),
    ];
    for (text, parts) in cases {
        fs::write(&file, text).unwrap();
        let parts = [&[shown.as_str()][..], parts].concat();
        refuses(dir.path(), &["-a", "x", "--path", "/tmp"], &parts);
        refuses(dir.path(), &["-d", "a"], &parts);
        assert_eq!(fs::read(&file).unwrap(), text);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let parts = [shown.as_str(), "Is a directory", "name a file"];
    refuses(dir.path(), &["-a", "x", "--path", "/tmp"], &parts);
    fs::remove_dir(&file).unwrap();
    symlink("/proc/self/nothing/ksmbd.toml", &file).unwrap();
    refuses(dir.path(), &["-a", "x", "--path", "/tmp"], &[&shown]);
}

#[test]
fn imports() {
    let dir = TempDir::new().unwrap();
    let old = dir.path().join("smb.conf");
    let shown = old.display().to_string();
    let huge = b"# much\n".repeat(3 << 20);
    let cases: [(&[u8], &[&str]); 5] = [
        (
            b"[a]\n\xff\n",
            &["nothing was imported", ":2:1: not UTF-8 here"],
        ),
        (&huge, &["nothing was imported", "larger than 16 MiB"]),
        (b"[a\n", &[":1: a section has no ]"]),
        (b"key = value\n", &[":1: a key before any [SECTION]"]),
        (
            b"[a]\nnonsense\n",
            &[":2: neither [SECTION] nor KEY = VALUE"],
        ),
    ];
    for (text, parts) in cases {
        fs::write(&old, text).unwrap();
        let parts = [&[shown.as_str()][..], parts].concat();
        refuses(dir.path(), &["--import", &shown], &parts);
    }
    fs::remove_file(&old).unwrap();
    refuses(dir.path(), &["--import", &shown], &[&shown, "No such file"]);
    fs::create_dir(&old).unwrap();
    refuses(
        dir.path(),
        &["--import", &shown],
        &[&shown, "Is a directory"],
    );
    refuses(dir.path(), &["--json", "x"], &["--import"]);
    assert!(!dir.path().join("ksmbd.toml").exists());
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
    fs::copy(env!("CARGO_BIN_EXE_ksmbd-addshare"), &program).unwrap();
    let file = d.join("ksmbd.toml");
    let shown = file.display().to_string();
    let add = ["-a", "x", "--path", "/tmp"];
    let run = |args: &[&str], parts: &[&str]| {
        let mut c = command(&program, d, args);
        c.uid(65534).gid(65534);
        judge(&format!("{args:?}"), c, parts);
    };
    let parts = [shown.as_str(), "Permission denied", "run as root"];
    // A new one, one that can be read, one that cannot.
    run(&add, &parts);
    fs::write(&file, "[global]\n").unwrap();
    run(&add, &parts);
    assert_eq!(fs::read_to_string(&file).unwrap(), "[global]\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    run(&add, &parts);
    let old = d.join("smb.conf");
    fs::write(&old, "").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o600)).unwrap();
    let old = old.display().to_string();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    run(&["--import", &old], &[&old, "Permission denied"]);
    // Nothing is left behind.
    assert_eq!(fs::read_dir(d).unwrap().count(), 3);
}
