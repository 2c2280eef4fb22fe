// SPDX-License-Identifier: GPL-2.0-or-later
//! What one shard has in its namespaces: a file system, a server and a way to
//! it for each side, and gentest.
//!
//! ours: port 4450, seen by gentest as 127.0.0.1:445; smbd: port 4451, seen as
//! 127.0.0.2:445. Both get their requests through [`super::rewrite`].

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};
use rustix::process::{kill_process, Pid, Signal};

use super::known::Known;
use super::rewrite::{self, Last};
use super::{Difference, Outcome, MOST_SKIPPED};
use crate::conformance::worker::{directory, mount_ext4};
use crate::embedded::{Account, Embedded, Settings};
use crate::flags::GentestWorker;
use crate::run::{self, cmd};
use crate::sandbox::{self, Bind};

const OURS: u16 = 4450;
const SAMBAS: u16 = 4451;
/// A user that every Debian has: smbd wants one that the system knows.
const USER: (&str, &str, u32) = ("games", "secret-789", 5);
/// Where the scratch directory and smbd's share are in the Debian root.
const SCRATCH: &str = "/tmp/gentest";
const SHARE: &str = "/tmp/share";
/// gentest's own option for what it compares to be sent as if it were valid.
const OPTIONS: [&str; 2] = ["--smb2", "--maskindexing"];
/// A run of 3000 operations takes about ten seconds on a quiet machine.
const TIMEOUT: Duration = Duration::from_secs(600);

pub(super) struct Rig<'a> {
    f: &'a GentestWorker,
    known: Known,
    /// The last request to our server.
    last: Last,
}

impl<'a> Rig<'a> {
    pub(super) fn new(f: &'a GentestWorker, mut known: Known) -> Result<Self> {
        run::shown(cmd("ip", ["link", "set", "lo", "up"]))?;
        fs::remove_dir_all(&f.dir).ok();
        fs::create_dir_all(f.dir.join("run"))
            .with_context(|| format!("cannot make {}", f.dir.display()))?;
        let mut patterns = known.ignore.join("\n");
        patterns.push('\n');
        fs::write(f.dir.join("run/ignore"), patterns)?;
        let changes = Arc::new(std::mem::take(&mut known.requests));
        let last = rewrite::serve("127.0.0.1:445", OURS, changes.clone())?;
        rewrite::serve("127.0.0.2:445", SAMBAS, changes)?;
        Ok(Self { f, known, last })
    }

    /// Runs one seed, again and again as long as it ends at what is known.
    pub(super) fn seed(&mut self, seed: u32) -> Result<Outcome> {
        let start = Instant::now();
        let mut outcome = Outcome {
            seed,
            done: 0,
            skipped: 0,
            differences: Vec::new(),
            log: None,
            seconds: 0.0,
        };
        let seeds = self.f.dir.join("run/seeds");
        fs::remove_file(&seeds).ok();
        loop {
            let ops = usize::try_from(self.f.ops)? - outcome.skipped - outcome.differences.len();
            let text = self.once(seed, ops, seeds.exists())?;
            if text.contains("gentest completed - no errors") {
                outcome.done = ops;
                break;
            }
            let Some((op, what)) = difference(&text) else {
                let log = self.keep(seed, &text)?;
                bail!(
                    "seed {seed}: gentest did not end as it should: {}",
                    log.display()
                );
            };
            outcome.done = op;
            let request = {
                let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                rewrite::describe(&last)
            };
            if self.known.skips(&what, &request) && outcome.skipped < MOST_SKIPPED {
                outcome.skipped += 1;
            } else {
                outcome.log = Some(self.keep(seed, &text)?);
                outcome.differences.push(Difference { op, what, request });
                if !self.f.go_on || outcome.differences.len() >= MOST_SKIPPED {
                    break;
                }
            }
            leave_out(&seeds, op)?;
            if run::interrupted() {
                bail!("interrupted");
            }
        }
        outcome.seconds = start.elapsed().as_secs_f32();
        Ok(outcome)
    }

    /// Runs gentest once, with fresh servers on fresh file systems; its output.
    fn once(&self, seed: u32, ops: usize, preset: bool) -> Result<String> {
        let (ours, sambas) = (
            Disk::new(&self.f.dir, "ours")?,
            Disk::new(&self.f.dir, "samba")?,
        );
        let server = self.ours(&ours.share)?;
        let smbd = self.smbd(&sambas.share)?;
        let text = self.gentest(seed, ops, preset);
        smbd.stop()?;
        server.stop()?;
        text
    }

    fn ours(&self, share: &Path) -> Result<Embedded> {
        let template = run::project().join("tests/conformance/ksmbd.toml");
        let share = share.display().to_string();
        let config = fs::read_to_string(template)?
            .replace("@DIR@", &share)
            .replace("@OTHER@", &share)
            .replace("@COW@", &share);
        Embedded::start(&Settings {
            bin: self.f.bin.clone(),
            port: OURS,
            dir: Some(self.f.dir.join("server")),
            config,
            shares: Vec::new(),
            env: Vec::new(),
            accounts: vec![Account {
                name: USER.0.into(),
                password: USER.1.into(),
                uid: Some(USER.2),
            }],
        })
    }

    fn binds(&self, share: Option<&Path>) -> Vec<Bind> {
        let bind = |from: &Path, to: &str| Bind {
            from: from.to_path_buf(),
            to: to.into(),
            writable: true,
        };
        let mut all = vec![bind(&self.f.dir.join("run"), SCRATCH)];
        all.extend(share.map(|s| bind(s, SHARE)));
        all
    }

    fn smbd(&self, share: &Path) -> Result<Smbd> {
        let state = self.f.dir.join("run/state");
        fs::remove_dir_all(&state).ok();
        fs::create_dir_all(&state)?;
        let config = fs::read_to_string(run::project().join("tests/conformance/gentest-smb.conf"))?
            .replace("@PORT@", &SAMBAS.to_string())
            .replace("@DIR@", SHARE)
            .replace("@STATE@", &format!("{SCRATCH}/state"));
        fs::write(self.f.dir.join("run/smb.conf"), config)?;
        let conf = format!("{SCRATCH}/smb.conf");
        let script = format!(
            "printf '%s\\n%s\\n' '{0}' '{0}' | smbpasswd -c {conf} -s -a {1}",
            USER.1, USER.0
        );
        let root = &self.f.root;
        run::output(sandbox::chroot(
            root,
            &self.binds(None),
            "sh",
            &["-c", &script],
        ))?;
        let log = fs::File::create(self.f.dir.join("run/smbd.out"))?;
        let args = ["-F", "--no-process-group", "-s", &conf];
        let child = sandbox::chroot(root, &self.binds(Some(share)), "smbd", &args)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // When it ends it ends its whole group.
            .process_group(0)
            .spawn()
            .context("cannot run smbd")?;
        let mut smbd = Smbd { child };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", SAMBAS)).is_err() {
            let ended = smbd.child.try_wait()?;
            ensure!(
                ended.is_none() && start.elapsed() < Duration::from_secs(30),
                "smbd does not start: {}",
                fs::read_to_string(state.join("smbd.log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(smbd)
    }

    fn gentest(&self, seed: u32, ops: usize, preset: bool) -> Result<String> {
        let mut args: Vec<String> = [
            "-C",
            SCRATCH,
            "gentest",
            "//127.0.0.1/data",
            "//127.0.0.2/data",
        ]
        .map(Into::into)
        .to_vec();
        let user = format!("{}%{}", USER.0, USER.1);
        args.extend(OPTIONS.map(Into::into));
        args.push(format!("--user1={user}"));
        args.push(format!("--user2={user}"));
        args.push("--ignore=ignore".into());
        args.push("--seedsfile=seeds".into());
        args.push(format!("--seed={seed}"));
        args.push(format!("--num-ops={ops}"));
        if preset {
            args.push("--preset".into());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let path = self.f.dir.join("run/output");
        let out = fs::File::create(&path)?;
        let mut child = sandbox::chroot(&self.f.root, &self.binds(None), "env", &args)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("cannot run gentest")?;
        let start = Instant::now();
        while child.try_wait()?.is_none() {
            if start.elapsed() > TIMEOUT || run::interrupted() {
                child.kill().ok();
                child.wait()?;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(String::from_utf8_lossy(&fs::read(&path)?).into_owned())
    }

    fn keep(&self, seed: u32, text: &str) -> Result<PathBuf> {
        let path = self.f.logs.join(format!("seed-{seed}.log"));
        fs::write(&path, text)?;
        Ok(path)
    }

    pub(super) fn end(self) {
        fs::remove_dir_all(&self.f.dir).ok();
    }
}

/// An ext4 with large inodes, so that extended attributes cost no blocks.
struct Disk {
    at: PathBuf,
    share: PathBuf,
}

impl Disk {
    fn new(dir: &Path, name: &str) -> Result<Self> {
        let images = dir.join(format!("{name}-image"));
        fs::create_dir_all(&images)?;
        let at = dir.join(name);
        fs::create_dir_all(&at)?;
        mount_ext4(&images, &at)?;
        let share = directory(&at.join("share"), 0o777)?;
        Ok(Self { at, share })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut c = cmd("umount", ["--quiet", "--lazy"]);
        c.arg(&self.at).stderr(Stdio::null()).status().ok();
    }
}

struct Smbd {
    child: Child,
}

impl Smbd {
    fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            kill_process(pid, Signal::TERM).ok();
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Smbd {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Which operation differed, and how, ours first.
fn difference(text: &str) -> Option<(usize, String)> {
    let end = text
        .lines()
        .find_map(|l| l.strip_prefix("Failed at operation "))?;
    let (op, name) = end.split_once(" - ")?;
    let how = text.lines().rev().find_map(|l| {
        if let Some(rest) = l.strip_prefix("status different in ") {
            // The call in between is C code.
            let (_, statuses) = rest.rsplit_once(" - ")?;
            return Some(statuses.replace("NT_STATUS_", ""));
        }
        let field = l.strip_prefix("Mismatch in ").map(str::to_owned);
        field.or_else(|| l.ends_with(" is NULL!").then(|| l.to_owned()))
    })?;
    Some((op.parse().ok()?, format!("{name} {how}")))
}

/// Takes one operation's line out of the file of seeds.
fn leave_out(seeds: &Path, op: usize) -> Result<()> {
    let text = fs::read_to_string(seeds).context("gentest wrote no seeds")?;
    let mut rest = String::with_capacity(text.len());
    for (n, line) in text.lines().enumerate() {
        if n != op {
            rest.push_str(line);
            rest.push('\n');
        }
    }
    fs::write(seeds, rest)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_differences() {
        let status = "0\nstatus different in smb2_create(tree, x, &parm[i]) - NT_STATUS_OK \
                      NT_STATUS_ACCESS_DENIED\nFailed at operation 12 - CREATE\ngentest failed\n";
        assert_eq!(
            difference(status),
            Some((12, "CREATE OK ACCESS_DENIED".into()))
        );
        let field = "Mismatch in out.size - 0x1 0x2\nFailed at operation 0 - CLOSE\n";
        assert_eq!(
            difference(field),
            Some((0, "CLOSE out.size - 0x1 0x2".into()))
        );
        assert_eq!(difference("Failed to connect"), None);
    }

    #[test]
    fn leaves_out() {
        let path = std::env::temp_dir().join(format!("gentest-seeds-{}", std::process::id()));
        fs::write(&path, "1\n2\n3\n").unwrap();
        leave_out(&path, 1).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n3\n");
        fs::remove_file(&path).unwrap();
    }
}
