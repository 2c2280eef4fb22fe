// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon as a process: it starts, says so, is steered and ends. With the
//! embedded engine, so that no module is needed.
#![cfg(feature = "embedded")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use ksmbd_config::daemon::{control_path, lock_path, request};
use rustix::process::{kill_process, Pid, Signal};
use tempfile::TempDir;

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let place = Self { dir };
        place.configure(&format!(
            "[share.data]\npath = \"{}\"\n",
            place.dir.path().display()
        ));
        place
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("ksmbd.toml")
    }

    fn configure(&self, text: &str) {
        fs::write(self.config(), text).unwrap();
    }

    fn run_dir(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_ksmbd-mountd"));
        c.arg("--config").arg(self.config());
        c.arg("--db").arg(self.dir.path().join("accounts.db"));
        c.arg("--runtime-dir").arg(self.run_dir());
        c.args(args).stdin(Stdio::null());
        c
    }

    fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn ask(&self, line: &str) -> serde_json::Value {
        serde_json::from_str(&request(&self.run_dir(), line).unwrap()).unwrap()
    }

    /// Starts in the foreground; returns when it is ready.
    fn start(&self, args: &[&str]) -> Running {
        let mut child = self
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next();
        let running = Running(child);
        assert_eq!(ready.unwrap().unwrap(), "ready");
        running
    }
}

struct Running(Child);

impl Running {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end; answers exit status and stderr.
    fn end(mut self) -> (i32, String) {
        let mut text = String::new();
        let mut stderr = self.0.stderr.take().unwrap();
        stderr.read_to_string(&mut text).unwrap();
        (self.0.wait().unwrap().code().unwrap(), text)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const SERVE: [&str; 5] = ["--embedded", "--bind", "127.0.0.1", "--port", "0"];

fn wait_for(what: &str, mut f: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !f() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn serves_reloads_and_ends() {
    let place = Place::new();
    let daemon = place.start(&SERVE);
    let status = place.ask("{\"cmd\":\"status\"}");
    assert_eq!(status["ok"], true);
    assert_eq!(
        (&status["host"], &status["state"]),
        (&"embedded".into(), &"running".into())
    );
    assert_eq!(status["pid"], daemon.0.id());
    let mut port = None;
    wait_for("the port", || {
        port = place.ask("{\"cmd\":\"status\"}")["port"].as_u64();
        port.is_some_and(|p| p != 0)
    });
    let port = u16::try_from(port.unwrap()).unwrap();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();

    // Only one at a time.
    let second = place.output(&SERVE);
    assert_eq!(second.status.code(), Some(1));
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(
        text.contains(&format!("process {}", daemon.0.id())),
        "{text}"
    );

    // Nobody else may use the socket.
    use std::os::unix::fs::MetadataExt;
    let mode = fs::metadata(control_path(&place.run_dir())).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);

    // A reload that cannot be done changes nothing.
    let shares = || place.ask("{\"cmd\":\"list\",\"what\":\"shares\"}")["entries"].clone();
    place.configure("[share.data]\n");
    let answer = place.ask("{\"cmd\":\"reload\"}");
    assert_eq!(answer["ok"], false);
    assert!(answer["error"]
        .as_str()
        .unwrap()
        .contains(":1:1: share `data` has no path"));
    assert_eq!(shares().as_array().unwrap().len(), 1);
    place.configure("[share.a]\npath = \"/\"\n[share.b]\npath = \"/\"\n");
    daemon.signal(Signal::HUP);
    wait_for("the reload", || shares().as_array().unwrap().len() == 2);
    for bad in [
        "",
        "{}",
        "[]",
        "{\"cmd\":\"x\"}",
        "{\"cmd\":\"list\",\"what\":\"x\"}",
    ] {
        let answer = request(&place.run_dir(), bad).unwrap();
        assert!(answer.contains("\"ok\":false"), "{answer}");
    }
    let answer = place.ask("{\"cmd\":\"close\",\"what\":\"session\",\"id\":99}");
    assert!(answer["error"]
        .as_str()
        .unwrap()
        .contains("nothing with this id"));

    daemon.signal(Signal::TERM);
    let (code, log) = daemon.end();
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("stopped"), "{log}");
    assert!(!control_path(&place.run_dir()).exists());
    // The account database is whole without its log.
    let log = place.dir.path().join("accounts.db-wal");
    assert_eq!(fs::metadata(log).map_or(0, |m| m.len()), 0);
    assert_eq!(fs::read(lock_path(&place.run_dir())).unwrap(), b"");
}

#[test]
fn detaches_when_told_to() {
    let place = Place::new();
    let args = [&SERVE[..], &["--nodetach=0"]].concat();
    let out = place.output(&args);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    assert!(out.stdout.is_empty() && out.stderr.is_empty(), "{out:?}");
    let status = place.ask("{\"cmd\":\"status\"}");
    assert_eq!(status["state"], "running");
    assert_eq!(place.ask("{\"cmd\":\"shutdown\"}")["ok"], true);
    let ended = |dir: &Path| fs::read(lock_path(dir)).unwrap().is_empty();
    wait_for("the end", || ended(&place.run_dir()));

    // The launcher passes on why it did not work.
    place.configure("nonsense");
    let out = place.output(&args);
    assert_eq!(out.status.code(), Some(1));
    let text = String::from_utf8(out.stderr).unwrap();
    assert!(text.contains("ksmbd.toml:1:"), "{text}");
}

#[test]
fn refusals_say_what_to_do() {
    let place = Place::new();
    let fails = |args: &[&str], part: &str| {
        let out = place.output(args);
        assert_eq!(out.status.code(), Some(1), "{args:?}");
        let text = String::from_utf8(out.stderr).unwrap();
        assert!(text.contains(part), "{args:?}: {text}");
    };
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    fails(
        &["--embedded", "--bind", "127.0.0.1", "--port", &port],
        "is in use by another server",
    );
    fails(
        &["--embedded", "--bind", "192.0.2.9"],
        "no interface has the address",
    );
    fails(&["--frobnicate"], "--help");
    fs::remove_file(place.config()).unwrap();
    fails(&SERVE, "ksmbd.addshare -a NAME --path DIR");
}

/// What systemd's Type=notify waits for: READY=1 when it serves, not before,
/// and STOPPING=1.
#[test]
fn systemd_is_told() {
    let place = Place::new();
    let path = place.dir.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut child = place
        .command(&["--embedded", "--port", "0", "--bind", "127.0.0.1"])
        .env("NOTIFY_SOCKET", &path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map(Running)
        .unwrap();
    let told = || {
        let mut buf = [0; 64];
        let n = socket.recv(&mut buf).unwrap();
        String::from_utf8(buf[..n].to_vec()).unwrap()
    };
    assert_eq!(told(), "READY=1");
    assert_eq!(place.ask("{\"cmd\":\"status\"}")["ok"], true);
    child.signal(Signal::TERM);
    assert_eq!(told(), "STOPPING=1");
    assert_eq!(child.end().0, 0);
    // A socket that is not there keeps nobody from serving.
    child = place
        .command(&["--embedded", "--port", "0", "--bind", "127.0.0.1"])
        .env("NOTIFY_SOCKET", "/no/such/socket")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Running)
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    child.signal(Signal::TERM);
    assert_eq!(child.end().0, 0);
}

#[test]
fn figures_are_told_where_the_configuration_says() {
    let place = Place::new();
    let socket = place.dir.path().join("metrics.sock");
    place.configure(&format!("[global]\nmetrics = \"{}\"\n", socket.display()));
    let daemon = place.start(&SERVE);
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ask = |request: &str| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let text = ask("GET /metrics HTTP/1.1\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains("\nksmbd_up 1\n"), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(ask("GET /x HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, 0);

    // What is there and no socket is not removed, and said.
    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "mine").unwrap();
    let out = place.output(&SERVE);
    let err = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(err.contains("no socket; name another path"), "{err}");
    assert_eq!(fs::read_to_string(&socket).unwrap(), "mine");
}
