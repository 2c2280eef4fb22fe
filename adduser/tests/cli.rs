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

#[test]
fn import() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("old");
    let import = |text: &[u8], more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let args = [&["--import", file.to_str().unwrap()][..], more].concat();
        run(dir.path(), &args, "")
    };
    let add = ["-a", "root", "--password-stdin"];
    assert_eq!(run(dir.path(), &add, "kept\n").0, 0);

    // One wrong line, and nothing happens.
    for (text, why) in [
        (
            &b"alice:iEb36u6PsRetBr3YMLdYbA==\nbob:short\n"[..],
            ":2: the hash is not base64",
        ),
        (b"alice:iEb36u6PsRetBr3YMLdYbA==\n\xff:x\n", ":2: not UTF-8"),
        (
            b"alice:iEb36u6PsRetBr3YMLdYbA==\nALICE:iEb36u6PsRetBr3YMLdYbA==\n",
            ":2: user `ALICE` is in line 1",
        ),
        (b"just a text\n", ":1: neither NAME:HASH nor"),
        (b"alice:x:1:2:3:4\n", ":1: the second field is no user id"),
        (
            b"al*ce:iEb36u6PsRetBr3YMLdYbA==\nb:iEb36u6PsRetBr3YMLdYbA==\n",
            "al*ce",
        ),
    ] {
        let (code, _, err) = import(text, &[]);
        assert_eq!(code, 1, "{why}");
        assert!(err.contains(why), "{err}");
        let (_, out, _) = run(dir.path(), &["--list"], "");
        assert_eq!(out.lines().count(), 1, "{out}");
    }

    let text = b"# Samba\n\
        root:0:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:[U          ]:LCT-5:\n\
        daemon:1:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:[DU         ]:LCT-5:\n\
        pc$:1003:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:[W          ]:LCT-5:\n\
        none:1004:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:[NU         ]:LCT-5:\n\
        nosuchone:iEb36u6PsRetBr3YMLdYbA==\n";
    let (code, out, err) = import(text, &["--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    let result = |n: usize| {
        let text = |key: &str| v[n][key].as_str().unwrap().to_owned();
        (text("name"), text("result"))
    };
    let want = |name: &str, result: &str| (name.to_owned(), result.to_owned());
    assert_eq!(result(0), want("root", "exists"));
    assert_eq!(result(1), want("daemon", "added"));
    assert_eq!(result(2), want("nosuchone", "added"));
    assert_eq!(result(3), want("pc$", "left out"));
    assert_eq!(result(4), want("none", "left out"));

    let (code, out, _) = run(dir.path(), &["--show", "daemon", "--json"], "");
    assert_eq!(code, 0);
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&v["disabled"], &v["uid"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let (_, out, _) = run(dir.path(), &["--list", "--json"], "");
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(v.as_array().unwrap().len(), 3);

    // The password still is the old server's, and a new one replaces it.
    let open = || {
        let db = dir.path().join("ksmbd.db");
        let key = ksmbd_store::key_file_of(&db);
        ksmbd_store::Store::open(&ksmbd_store::Options::new(db, key)).unwrap()
    };
    let is = |password: &str| {
        let password = ksmbd_store::Secret::new(password.to_owned());
        open().verify_password("nosuchone", &password).unwrap()
    };
    assert!(is("password") && !is("Password"));
    let change = ["-u", "nosuchone", "--password-stdin"];
    assert_eq!(run(dir.path(), &change, "other\n").0, 0);
    assert!(is("other") && !is("password"));

    let missing = ["--import", "/no/such"];
    let (code, _, err) = run(dir.path(), &missing, "");
    assert_eq!(code, 1);
    assert!(err.contains("reading /no/such: No such file"), "{err}");
    assert_eq!(run(dir.path(), &["-a", "x", "--json"], "").0, 1);
}
