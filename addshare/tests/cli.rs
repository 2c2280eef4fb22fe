// SPDX-License-Identifier: GPL-2.0-or-later
//! The program as users and scripts call it.

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Runs the program; answers exit status, stdout and stderr.
fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ksmbd-addshare"))
        .args(args)
        .arg("--config")
        .arg(dir.join("ksmbd.toml"))
        .arg("--runtime-dir")
        .arg(dir)
        .output()
        .unwrap();
    (
        out.status.code().unwrap(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

#[test]
fn life_of_a_share() {
    let dir = TempDir::new().unwrap();
    let d = dir.path().to_str().unwrap();
    let run = |args: &[&str]| run(dir.path(), args);
    let text = || std::fs::read_to_string(dir.path().join("ksmbd.toml")).unwrap();

    let (code, _, err) = run(&["-a", "data", "--path", d, "--comment", "12", "--guest-ok"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let t = text();
    assert!(t.contains("[share.data]\n"), "{t}");
    assert!(t.contains(&format!("path = \"{d}\"\n")), "{t}");
    assert!(t.contains("comment = \"12\"\n"), "{t}");
    assert!(t.contains("guest_ok = true\nread_only = false\n"), "{t}");

    let (code, _, err) = run(&["-a", "DATA", "--path", d]);
    assert_eq!(code, 1);
    assert!(err.contains("ksmbd.addshare -u data"), "{err}");

    // The old form.
    let (code, _, err) = run(&[
        "-o",
        "valid users = alice, @staff",
        "-o",
        "writeable = no",
        "-u",
        "data",
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    let t = text();
    assert!(t.contains("read_only = true\n"), "{t}");
    assert!(t.contains("valid_users = [\"alice\", \"@staff\"]\n"), "{t}");
    let (code, _, _) = run(&["-u", "global", "-o", "server string = A B"]);
    assert_eq!(code, 0);
    assert!(text().contains("server_string = \"A B\"\n"));

    let (code, _, err) = run(&["archive", "-o", "path = /nowhere/at/all", "--read-only"]);
    assert_eq!(code, 0);
    assert!(err.contains("is no directory"), "{err}");
    assert!(text().contains("read_only = true\n"));

    let (code, _, _) = run(&["-d", "Archive"]);
    assert_eq!(code, 0);
    assert!(!text().contains("archive"));
    let (code, _, err) = run(&["-d", "archive"]);
    assert_eq!(code, 1);
    assert!(err.contains("there is no share `archive`"), "{err}");
}

#[test]
fn what_cannot_be() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str]| run(dir.path(), args);
    let fails = |args: &[&str], part: &str| {
        let (code, _, err) = run(args);
        assert_eq!(code, 1, "{args:?}");
        assert!(err.contains(part), "{args:?}: {err}");
    };
    fails(&["-a", "x"], "--path DIR");
    fails(&["-u", "x", "--path", "/tmp"], "ksmbd.addshare -a x");
    fails(&["-a", "a/b", "--path", "/tmp"], "cannot be a share name");
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "brwseable = no"],
        "did you mean `browseable`?",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "create mask = 999"],
        "octal",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "nonsense"],
        "KEY = VALUE",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "path = /x"],
        "given twice",
    );
    fails(&["-d", "global"], "always there");
    fails(&["-a", "-d", "x"], "cannot be used with");
    fails(&[], "required");
    assert!(
        !dir.path().join("ksmbd.toml").exists(),
        "a failure writes nothing"
    );
    // A broken file is not made worse.
    std::fs::write(dir.path().join("ksmbd.toml"), "[share.a]\n").unwrap();
    fails(
        &["-a", "x", "--path", "/tmp"],
        "ksmbd.toml:1:1: share `a` has no path",
    );
    let (code, out, _) = run(&["--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("Usage: ksmbd.addshare"), "{out}");
}
