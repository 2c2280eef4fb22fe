// SPDX-License-Identifier: GPL-2.0-or-later
//! A shard: one server, one share, one test at a time.
//!
//! Each runs as a process of its own (`cargo xtask conformance worker`, not for
//! users) in new network, mount and process namespaces, so that every server
//! has 127.0.0.1:445, mounts vanish with it, and nothing survives it. Tests come
//! on standard input, a line each; outcomes go to standard output, a JSON line
//! each.
//!
//! As root the share is an ext4 of its own with large inodes (small xattrs then
//! cost no blocks, which tests that look at allocation sizes need), and there
//! is a btrfs where the kernel has it. Otherwise it is a directory.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{chown, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{bail, ensure, Context, Result};

use super::catalog;
use super::torture::{self, Outcome, Target, Verdict, USER, USER2};
use crate::embedded::{Account, Embedded, Settings};
use crate::flags::{ConformanceWorker, Smbtorture};
use crate::run::{self, cmd};
use crate::sandbox::{self, Bind};

/// The other end of a worker's pipes.
pub(super) struct Worker {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Worker {
    pub(super) fn start(n: usize, bin: &Path, root: &Path, f: &Smbtorture) -> Result<Self> {
        let mut c = Command::new("unshare");
        if !sandbox::is_root() {
            c.args(["--map-root-user", "--map-auto"]);
        }
        c.args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ]);
        c.args(["--propagation", "private"]);
        c.arg(std::env::current_exe()?);
        c.args(["conformance", "worker", "--bin"]).arg(bin);
        c.arg("--root").arg(root);
        let dir = run::target_dir()
            .join("conformance")
            .join(format!("{}-{n}", std::process::id()));
        c.arg("--dir").arg(dir);
        if let Some(out) = &f.subunit_out {
            c.arg("--subunit-out").arg(out);
        }
        if sandbox::is_root() {
            c.arg("--privileged");
        }
        if f.encrypt {
            c.arg("--encrypt");
        }
        let mut child = c
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run unshare")?;
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().context("no pipe")?);
        Ok(Self { child, to, from })
    }

    /// Has one test run.
    pub(super) fn run(&mut self, test: &str) -> Result<Outcome> {
        let to = self.to.as_mut().context("the worker is gone")?;
        writeln!(to, "{test}").context("the worker is gone")?;
        to.flush()?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        ensure!(!line.is_empty(), "a worker ended by itself");
        serde_json::from_str(&line).with_context(|| format!("a worker said: {line}"))
    }

    /// Ends it.
    pub(super) fn stop(mut self) -> Result<()> {
        self.to = None;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.to = None;
        // It ends by itself at the end of its input, and cleans up.
        self.child.wait().ok();
    }
}

/// The worker itself.
pub(super) fn main(f: &ConformanceWorker) -> Result<()> {
    let mut shard = Shard::new(f)?;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lines() {
        let test = line?;
        if run::interrupted() {
            break;
        }
        let outcome = shard.run(&test)?;
        writeln!(out, "{}", serde_json::to_string(&outcome)?)?;
        out.flush()?;
    }
    shard.end()
}

struct Shard<'a> {
    f: &'a ConformanceWorker,
    target: Target,
    /// Directories to be emptied before each test.
    shares: Vec<PathBuf>,
    config: String,
    server: Option<Embedded>,
    /// Whether the running server demands signatures.
    signing: bool,
}

impl<'a> Shard<'a> {
    fn new(f: &'a ConformanceWorker) -> Result<Self> {
        run::shown(cmd("ip", ["link", "set", "lo", "up"]))?;
        fs::remove_dir_all(&f.dir).ok();
        fs::create_dir_all(&f.dir).with_context(|| format!("cannot make {}", f.dir.display()))?;
        let ext4 = f.dir.join("ext4");
        fs::create_dir_all(&ext4)?;
        if f.privileged {
            if let Err(e) = mount_ext4(&f.dir, &ext4) {
                eprintln!(
                    "no ext4 with large inodes, so the share is an ordinary directory: {e:#}"
                );
            }
        }
        let share = directory(&ext4.join("share"), 0o777)?;
        let other = directory(&ext4.join("other"), 0o700)?;
        let mut shares = vec![share.clone()];
        let mut cow = share.clone();
        if f.privileged {
            match mount_btrfs(f) {
                Ok(mounted) => {
                    cow = directory(&mounted.join("share"), 0o777)?;
                    shares.push(cow.clone());
                }
                Err(e) => eprintln!("no btrfs, so its tests run on ext4: {e:#}"),
            }
        }
        let template = run::project().join("tests/conformance/ksmbd.toml");
        let config = fs::read_to_string(template)?
            .replace("@DIR@", &share.display().to_string())
            .replace("@OTHER@", &other.display().to_string())
            .replace("@COW@", &cow.display().to_string());
        Ok(Self {
            f,
            target: Target {
                root: f.root.clone(),
                port: 445,
                dir: share,
                encrypt: f.encrypt,
            },
            shares,
            config,
            server: None,
            signing: false,
        })
    }

    fn run(&mut self, test: &str) -> Result<Outcome> {
        for s in &self.shares {
            wipe(s)?;
        }
        let signing = catalog::needs(test).signing;
        if signing != self.signing {
            self.server = None;
            self.signing = signing;
        }
        if self.server.is_none() {
            self.server = Some(self.start()?);
        }
        let log = self.f.dir.join("output");
        let (mut outcome, mut text) = torture::run(&self.target, test, &log)?;
        if let Some(server) = &mut self.server {
            if let Some(status) = server.ended()? {
                outcome.verdict = Verdict::Error;
                outcome.detail = format!("the server ended: {status}\n{}", server.log_tail());
                text.push_str(&outcome.detail);
                self.server = None;
            } else if outcome.verdict == Verdict::Timeout {
                // Whatever hangs there must not hang the next one.
                text.push_str(&server.log_tail());
                self.server = None;
            }
        }
        if let Some(dir) = &self.f.subunit_out {
            let name: String = test
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || "._-".contains(c) {
                        c
                    } else {
                        '_'
                    }
                })
                .collect();
            fs::write(dir.join(format!("{name}.subunit")), text)?;
        }
        Ok(outcome)
    }

    fn start(&self) -> Result<Embedded> {
        let mut config = self.config.clone();
        if self.signing {
            config = config.replacen("[global]", "[global]\nserver_signing = \"mandatory\"", 1);
        }
        // Ids of nobody in particular; files are then accessed as them. A
        // server that is not root can only be itself.
        let id = |n: u32| self.f.privileged.then_some(n);
        let account = |(name, password): (&str, &str), uid| Account {
            name: name.into(),
            password: password.into(),
            uid,
        };
        Embedded::start(&Settings {
            bin: self.f.bin.clone(),
            port: self.target.port,
            dir: Some(self.f.dir.join("server")),
            config,
            shares: Vec::new(),
            env: Vec::new(),
            accounts: vec![account(USER, id(1000)), account(USER2, id(1001))],
        })
    }

    /// Ends the server and takes everything away.
    fn end(mut self) -> Result<()> {
        if let Some(s) = self.server.take() {
            s.stop()?;
        }
        if self.f.privileged {
            for m in ["ext4", "btrfs"] {
                let mut c = cmd("umount", ["--quiet", "--lazy"]);
                c.arg(self.f.dir.join(m))
                    .stderr(Stdio::null())
                    .status()
                    .ok();
            }
        }
        fs::remove_dir_all(&self.f.dir).ok();
        Ok(())
    }
}

pub(super) fn directory(path: &Path, mode: u32) -> Result<PathBuf> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(path.to_path_buf())
}

fn wipe(dir: &Path) -> Result<()> {
    for e in fs::read_dir(dir)? {
        let e = e?;
        let gone = if e.file_type()?.is_dir() {
            fs::remove_dir_all(e.path())
        } else {
            fs::remove_file(e.path())
        };
        gone.with_context(|| format!("cannot remove {}", e.path().display()))?;
    }
    // The share's own attributes must not survive either: a test may have set
    // a security descriptor or streams on it.
    let f = fs::File::open(dir)?;
    let mut names = vec![0; 4096];
    let len = rustix::fs::flistxattr(&f, &mut names).unwrap_or(0);
    names.truncate(len);
    for name in names.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        rustix::fs::fremovexattr(&f, name).ok();
    }
    chown(dir, Some(rustix::process::getuid().as_raw()), None)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o777))?;
    Ok(())
}

pub(super) fn mount_ext4(dir: &Path, to: &Path) -> Result<()> {
    let image = image(dir, "ext4.img", 4 << 30)?;
    let mut c = cmd(
        "mke2fs",
        ["-q", "-F", "-t", "ext4", "-m", "0", "-I", "1024"],
    );
    c.args(["-O", "ea_inode", "-E", "lazy_itable_init=1,nodiscard"])
        .arg(&image);
    run::shown(c)?;
    mount(&image, to, "ext4", "loop,user_xattr,acl")
}

/// btrfs can share extents and compress; Debian's mkfs is in the guest's root.
fn mount_btrfs(f: &ConformanceWorker) -> Result<PathBuf> {
    let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    if !known.lines().any(|l| l.trim() == "btrfs") {
        bail!("the kernel has none");
    }
    let image = image(&f.dir, "btrfs.img", 2 << 30)?;
    let seen = Path::new("/tmp/images");
    let binds = [Bind {
        from: f.dir.clone(),
        to: seen.into(),
        writable: true,
    }];
    let inside = seen.join("btrfs.img");
    let args = ["--quiet", "--force", inside.to_str().context("no path")?];
    run::shown(sandbox::chroot(&f.root, &binds, "mkfs.btrfs", &args))?;
    let to = f.dir.join("btrfs");
    fs::create_dir_all(&to)?;
    mount(&image, &to, "btrfs", "loop")?;
    Ok(to)
}

fn image(dir: &Path, name: &str, len: u64) -> Result<PathBuf> {
    let path = dir.join(name);
    fs::File::create(&path)?.set_len(len)?;
    Ok(path)
}

fn mount(image: &Path, to: &Path, kind: &str, options: &str) -> Result<()> {
    let mut c = cmd("mount", ["-t", kind, "-o", options]);
    c.arg(image).arg(to);
    run::shown(c)
}
