// SPDX-License-Identifier: GPL-2.0-or-later
//! Running the embedded host, for `demo` and for the interop tests.
//!
//! Everything it writes (configuration, accounts, runtime files, log) lies in a
//! scratch directory of its own, so any number may run at once.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};
use rustix::process::{kill_process, Pid, Signal};

use crate::run;

/// Who may log in.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    /// As whom files are accessed; `None`: as whoever runs this.
    pub(crate) uid: Option<u32>,
}

/// What to serve.
pub(crate) struct Settings {
    /// Where the programs are.
    pub(crate) bin: PathBuf,
    pub(crate) port: u16,
    /// Its scratch directory [default: one below target/].
    pub(crate) dir: Option<PathBuf>,
    /// What the configuration file says before the shares are added to it.
    pub(crate) config: String,
    pub(crate) shares: Vec<(String, PathBuf)>,
    pub(crate) accounts: Vec<Account>,
    /// Environment of the server.
    pub(crate) env: Vec<(String, PathBuf)>,
}

/// A running server; ended and cleaned up when dropped.
pub(crate) struct Embedded {
    child: Child,
    dir: PathBuf,
}

/// How long a server may take from its start to its listening.
const START: Duration = Duration::from_secs(30);

/// How long it may take to end after SIGTERM.
const STOP: Duration = Duration::from_secs(15);

impl Embedded {
    /// Prepares configuration and accounts by the product's own tools, starts
    /// the server and returns when it listens.
    pub(crate) fn start(s: &Settings) -> Result<Self> {
        let own = || {
            let name = format!("{}-{}", std::process::id(), s.port);
            run::target_dir().join("embedded").join(name)
        };
        let dir = s.dir.clone().unwrap_or_else(own);
        fs::remove_dir_all(&dir).ok();
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let config = dir.join("ksmbd.toml");
        let db = dir.join("accounts.db");
        fs::write(&config, &s.config)?;
        for a in &s.accounts {
            let mut c = Command::new(s.bin.join("ksmbd-adduser"));
            c.args(["-a", &a.name, "--password-stdin", "--config"])
                .arg(&config);
            c.arg("--db").arg(&db);
            // The machine need not know the user.
            let own = (rustix::process::getuid(), rustix::process::getgid());
            let own = (own.0.as_raw(), own.1.as_raw());
            let (uid, gid) = a.uid.map_or(own, |id| (id, id));
            c.args(["--uid", &uid.to_string()]);
            c.args(["--gid", &gid.to_string()]);
            with_input(c, &format!("{}\n", a.password))?;
        }
        for (name, path) in &s.shares {
            let mut c = Command::new(s.bin.join("ksmbd-addshare"));
            c.args(["-a", name, "--path"])
                .arg(path)
                .arg("--config")
                .arg(&config);
            with_input(c, "")?;
        }
        let log = File::create(dir.join("server.log"))?;
        let mut c = Command::new(s.bin.join("ksmbd-mountd"));
        c.args([
            "--embedded",
            "--bind",
            "127.0.0.1",
            "--port",
            &s.port.to_string(),
        ]);
        c.arg("--config").arg(&config).arg("--db").arg(&db);
        c.arg("--runtime-dir").arg(dir.join("run"));
        c.env("RUST_BACKTRACE", "1");
        c.envs(s.env.iter().map(|(k, v)| (k, v)));
        c.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = c.spawn().context("cannot run ksmbd-mountd")?;
        let stdout = child.stdout.take().context("no pipe")?;
        let mut server = Self { child, dir };
        // The reader lives on after `ready`, so that the pipe never fills up.
        let (tx, rx) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.trim() == "ready" {
                    tx.send(()).ok();
                }
            }
        });
        let start = Instant::now();
        while rx.recv_timeout(Duration::from_millis(50)).is_err() {
            if let Some(status) = server.ended()? {
                bail!(
                    "ksmbd-mountd ended at its start: {status}\n{}",
                    server.log_tail()
                );
            }
            if start.elapsed() > START || run::interrupted() {
                bail!("ksmbd-mountd did not get ready\n{}", server.log_tail());
            }
        }
        Ok(server)
    }

    /// Its status if it ended by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        let text = fs::read(self.dir.join("server.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(30)..)
            .unwrap_or_default()
            .join("\n")
    }

    /// Asks it to end, and fails if it does not, or not with 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.terminate();
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(
                    status.success(),
                    "ksmbd-mountd ended with {status}\n{}",
                    self.log_tail()
                );
                return Ok(());
            }
            ensure!(
                start.elapsed() < STOP,
                "ksmbd-mountd does not end\n{}",
                self.log_tail()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn terminate(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).ok();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
        fs::remove_dir_all(&self.dir).ok();
    }
}

/// Runs a tool with `input` on its standard input; its output is shown only
/// when it fails.
fn with_input(mut c: Command, input: &str) -> Result<()> {
    let name = c.get_program().to_string_lossy().into_owned();
    let mut child = c
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that does not read it may be gone already.
        stdin.write_all(input.as_bytes()).ok();
    }
    let out = child.wait_with_output()?;
    ensure!(
        out.status.success(),
        "{name} failed: {}\n{}{}",
        out.status,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    Ok(())
}
