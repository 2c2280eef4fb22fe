// SPDX-License-Identifier: GPL-2.0-or-later
//! The program as users and scripts call it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Runs the program; answers exit status, stdout and stderr.
fn run(dir: &Path, args: &[&str], stdin: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ksmbd-adduser"))
        .args(args)
        .arg("--db")
        .arg(dir.join("ksmbd.db"))
        .arg("--config")
        .arg(dir.join("ksmbd.toml"))
        .arg("--runtime-dir")
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let out = child.wait_with_output().unwrap();
    (
        out.status.code().unwrap(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

#[test]
fn life_of_a_user() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str], stdin: &str| run(dir.path(), args, stdin);
    let add = ["-a", "alice", "--password-stdin", "--uid", "1000"];
    let (code, out, err) = run(&add, "secret\n");
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    assert!(dir.path().join("ksmbd.key").exists());

    let (code, _, err) = run(&add, "secret\n");
    assert_eq!(code, 1);
    assert!(err.contains("ksmbd.adduser -u alice"), "{err}");

    let (code, _, err) = run(&["-u", "ALICE", "--gid", "7", "--disable"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    let (code, out, _) = run(&["--list"], "");
    assert_eq!((code, out.as_str()), (0, "alice\t1000\t7\tdisabled\n"));
    let (code, out, _) = run(&["--show", "alice"], "");
    assert_eq!(code, 0);
    assert!(out.contains("last login:   never"), "{out}");
    assert!(!out.contains("secret"));

    // Neither -a nor -u: whichever fits. And the old form with -p.
    let (code, _, err) = run(&["-p", "x", "alice"], "");
    assert_eq!(code, 0);
    assert!(err.contains("can be seen by other users"), "{err}");

    let (code, _, _) = run(&["-d", "alice"], "");
    assert_eq!(code, 0);
    let (code, _, err) = run(&["-d", "alice"], "");
    assert_eq!(code, 1);
    assert!(err.contains("there is no user `alice`"), "{err}");
    let (code, _, err) = run(&["-u", "alice", "--password-stdin"], "x\n");
    assert_eq!(code, 1);
    assert!(err.contains("ksmbd.adduser -a alice"), "{err}");
}

#[test]
fn users_in_use_are_not_removed() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str], stdin: &str| run(dir.path(), args, stdin);
    assert_eq!(
        run(&["-a", "bob", "--password-stdin", "--uid", "1"], "x\n").0,
        0
    );
    let config = "[share.data]\npath = \"/x\"\nwrite_list = [\"BOB\"]\n";
    std::fs::write(dir.path().join("ksmbd.toml"), config).unwrap();
    let (code, _, err) = run(&["-d", "bob"], "");
    assert_eq!(code, 1);
    assert!(err.contains("write_list of share `data`"), "{err}");
    std::fs::write(dir.path().join("ksmbd.toml"), "[share.data]\n").unwrap();
    let (code, _, err) = run(&["-d", "bob"], "");
    assert_eq!(code, 1);
    assert!(err.contains("has no path"), "{err}");
}

#[test]
fn what_cannot_be() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str], stdin: &str| run(dir.path(), args, stdin);
    let (code, _, err) = run(&["-a", "a:b", "--password-stdin", "--uid", "1"], "x\n");
    assert_eq!(code, 1);
    assert!(err.contains("cannot be a user name"), "{err}");
    let (code, _, err) = run(&["-a", "x", "--uid", "1"], "x\n");
    assert_eq!(code, 1);
    assert!(err.contains("--password-stdin"), "{err}");
    let (code, _, err) = run(&["-a", "x", "--password-stdin", "--uid", "1"], "");
    assert_eq!(code, 1);
    assert!(err.contains("standard input is empty"), "{err}");
    for bad in [&["-a"][..], &["-a", "-d", "x"], &["--frobnicate"], &[]] {
        let (code, _, err) = run(bad, "");
        assert_eq!(code, 1, "{bad:?}");
        assert!(!err.is_empty());
    }
    let (code, out, _) = run(&["--help"], "");
    assert_eq!(code, 0);
    assert!(out.contains("Usage: ksmbd.adduser"), "{out}");
    let (code, out, _) = run(&["--version"], "");
    assert_eq!(code, 0);
    assert!(out.starts_with("ksmbd.adduser "), "{out}");
}
