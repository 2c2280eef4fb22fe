// SPDX-License-Identifier: GPL-2.0-or-later
//! The program against a daemon that the test plays.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Runs the program; answers exit status, stdout and stderr.
fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ksmbd-control"))
        .args(args)
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

/// Answers one request and gives it back.
fn play(dir: &Path, answer: &'static str) -> std::thread::JoinHandle<String> {
    let path = dir.join("control.sock");
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap())
            .read_line(&mut line)
            .unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        line
    })
}

#[test]
fn without_a_daemon() {
    let dir = TempDir::new().unwrap();
    for action in ["--status", "--reload", "--shutdown", "--list"] {
        let (code, _, err) = run(dir.path(), &[action]);
        assert_eq!(code, 1, "{action}");
        assert!(err.contains("start it: ksmbd.mountd"), "{err}");
    }
    let (code, _, err) = run(dir.path(), &[]);
    assert_eq!(code, 1);
    assert!(err.contains("Usage: ksmbd.control"), "{err}");
    assert_eq!(run(dir.path(), &["--help"]).0, 0);
}

#[test]
fn asks_and_shows() {
    let dir = TempDir::new().unwrap();
    let daemon = play(dir.path(), "{\"ok\":true,\"message\":\"1 shares\"}\n");
    let (code, out, _) = run(dir.path(), &["-r"]);
    assert_eq!((code, out.as_str()), (0, "1 shares\n"));
    assert_eq!(daemon.join().unwrap(), "{\"cmd\":\"reload\"}\n");

    let daemon = play(dir.path(), "{\"ok\":false,\"error\":\"line 3 is bad\"}\n");
    let (code, _, err) = run(dir.path(), &["--reload"]);
    assert_eq!(code, 1);
    assert!(err.contains("line 3 is bad"), "{err}");
    daemon.join().unwrap();

    let daemon = play(
        dir.path(),
        "{\"ok\":true,\"entries\":[{\"name\":\"data\",\"path\":\"/d\",\"read_only\":false}]}\n",
    );
    let (code, out, _) = run(dir.path(), &["-l"]);
    assert_eq!(code, 0);
    assert!(out.contains("data   /d    no"), "{out}");
    assert!(daemon.join().unwrap().contains("\"shares\""));

    let daemon = play(
        dir.path(),
        "{\"ok\":true,\"state\":\"running\",\"pid\":7}\n",
    );
    let (code, out, _) = run(dir.path(), &["--status", "--json"]);
    assert_eq!(code, 0);
    assert!(out.contains("\"state\": \"running\""), "{out}");
    daemon.join().unwrap();

    let daemon = play(dir.path(), "{\"ok\":true}\n");
    let (code, _, _) = run(dir.path(), &["--close", "open", "0x10:3"]);
    assert_eq!(code, 0);
    let asked = daemon.join().unwrap();
    assert!(
        asked.contains("\"session_id\":16") && asked.contains("\"id\":3"),
        "{asked}"
    );
    let (code, _, err) = run(dir.path(), &["--close", "tree", "3"]);
    assert_eq!(code, 1);
    assert!(err.contains("SESSION:ID"), "{err}");
}

#[test]
fn lists_and_closes_by_command() {
    let dir = TempDir::new().unwrap();
    for what in [
        "shares",
        "connections",
        "sessions",
        "trees",
        "opens",
        "locks",
    ] {
        let (code, _, err) = run(dir.path(), &[what]);
        assert_eq!(code, 1, "{what}");
        assert!(err.contains("start it: ksmbd.mountd"), "{err}");
        let daemon = play(dir.path(), "{\"ok\":true,\"entries\":[{\"id\":7}]}\n");
        let (code, out, _) = run(dir.path(), &[what]);
        assert_eq!(code, 0, "{what}");
        assert_eq!(out.lines().count(), 2, "{out}");
        let asked = format!("{{\"cmd\":\"list\",\"what\":\"{what}\"}}\n");
        assert_eq!(daemon.join().unwrap(), asked);
        let daemon = play(dir.path(), "{\"ok\":true,\"entries\":[{\"id\":7}]}\n");
        let (code, out, _) = run(dir.path(), &[what, "--json"]);
        let v: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &v[0]["id"]), (0, &7.into()));
        daemon.join().unwrap();
        std::fs::remove_file(dir.path().join("control.sock")).unwrap();
    }
    let daemon = play(dir.path(), "{\"ok\":true}\n");
    assert_eq!(run(dir.path(), &["close", "session", "0x11"]).0, 0);
    assert!(daemon.join().unwrap().contains("\"id\":17"));
    for (args, says) in [
        (&["close", "open", "3"][..], "SESSION:ID"),
        (&["close", "session", "x"], "`x` is no id"),
        (&["close", "server", "3"], "invalid value 'server'"),
        (&["close", "session"], "<ID>"),
        (&["sessions", "extra"], "unexpected argument 'extra'"),
        (&["nothing"], "'nothing'"),
        (&["--list", "nothing"], "invalid value 'nothing'"),
        (&["--close", "server", "x"], "`x` is no id"),
    ] {
        let (code, out, err) = run(dir.path(), args);
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}");
        assert!(err.contains(says), "{args:?}: {err}");
    }
}

#[test]
fn shutdown_without_lock_is_done_at_once() {
    let dir = TempDir::new().unwrap();
    let daemon = play(dir.path(), "{\"ok\":true}\n");
    assert_eq!(run(dir.path(), &["-s"]).0, 0);
    assert_eq!(daemon.join().unwrap(), "{\"cmd\":\"shutdown\"}\n");
}

#[test]
fn testparm() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("ksmbd.toml");
    let shown = file.display().to_string();
    // Without --runtime-dir, which is for the daemon.
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_ksmbd-control"))
            .arg("testparm")
            .args(args)
            .arg(&file)
            .output()
            .unwrap();
        let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
        (
            out.status.code().unwrap(),
            text(out.stdout),
            text(out.stderr),
        )
    };

    let (code, _, err) = run(&[]);
    assert_eq!(code, 1);
    assert!(
        err.contains(&format!("reading {shown}: No such file")),
        "{err}"
    );

    let here = dir.path().display();
    std::fs::write(
        &file,
        format!(
            "[global]\ndurable_handles = true\n\n[share.a]\npath = \"{here}\"\n\
             [share.\"b c\"]\npath = \"/no/such\"\nguest_ok = true\ntime_machine = true\n"
        ),
    )
    .unwrap();
    let (code, out, err) = run(&[]);
    assert_eq!(code, 0, "{err}");
    for warning in [
        ":2:1: `durable_handles` has no effect",
        ":7:1: `/no/such` is no directory (mkdir -p /no/such)",
        ":8:1: `guest_ok` is for anonymous log-ins only",
        ":9:1: `time_machine` has no effect",
    ] {
        assert!(err.contains(&format!("warning: {shown}{warning}")), "{err}");
    }
    assert_eq!(err.lines().count(), 4, "{err}");
    // What is printed is a configuration that means the same.
    assert!(out.contains("\n[share.\"b c\"]\n"), "{out}");
    let parse = |text: &str| ksmbd_config::Config::parse(text, Path::new("x")).unwrap();
    assert_eq!(parse(&out), parse(&std::fs::read_to_string(&file).unwrap()));

    let (code, out, err) = run(&["--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(v["ok"], true);
    assert_eq!(v["warnings"][0]["line"], 2);
    assert_eq!(v["global"]["tcp_port"], 445);
    assert_eq!(v["shares"]["b c"]["create_mask"], "0744");

    std::fs::write(&file, "[global]\nmax_conections = 3\ntcp_port = 99999\n").unwrap();
    let (code, out, err) = run(&[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains(&format!("error: {shown}:2:1: unknown key")),
        "{err}"
    );
    assert!(err.contains("did you mean `max_connections`?"), "{err}");
    assert!(
        err.contains(&format!("{shown}:3:12: `tcp_port` must be")),
        "{err}"
    );
    assert!(err.contains("has 2 errors"), "{err}");
    let (code, out, _) = run(&["--json"]);
    assert_eq!(code, 1);
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(v["errors"].as_array().unwrap().len(), 2);
    assert_eq!(v["global"], serde_json::Value::Null);

    std::fs::write(&file, b"[global]\nserver_string = \"\xff\"\n").unwrap();
    let (code, _, err) = run(&[]);
    assert_eq!(code, 1);
    assert!(
        err.contains(&format!("{shown}:2:18: not UTF-8 here")),
        "{err}"
    );
}
