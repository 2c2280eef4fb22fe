// SPDX-License-Identifier: GPL-2.0-or-later
//! `vm`: the test guest, a stock Debian kernel under QEMU.
//!
//! The root image is cached and never written to (QEMU's snapshot mode); what
//! belongs to a run (module, programs, tests/, the script) comes on a second,
//! small disk. Three channels come back: the kernel log on the serial line,
//! watched by [`watch`]; the script's output; the report of tests/init/init.
//! Any number of runs may go on at once: each has its own directory.

mod accel;
mod emulator;
mod payload;
mod qemu;
pub(crate) mod watch;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure, Context, Result};

use crate::flags::{self, Machine, Server, VmVerb};
use crate::run::{self, cmd, project, say};
use crate::{debian, debug, guest};

pub(crate) use payload::quote;
pub(crate) use qemu::Outcome;

/// A kernel splat, whatever the script said.
pub(crate) const EXIT_SPLAT: i32 = 99;
/// QEMU ended without a report.
pub(crate) const EXIT_DIED: i32 = 98;
/// As timeout(1).
pub(crate) const EXIT_TIMEOUT: i32 = 124;
/// SIGINT or SIGTERM.
pub(crate) const EXIT_INTERRUPTED: i32 = 130;

pub(crate) fn main(f: &flags::Vm) -> Result<i32> {
    run::catch_signals()?;
    match &f.verb {
        VmVerb::Run(r) => {
            let script = r
                .script
                .canonicalize()
                .with_context(|| format!("no script {}", r.script.display()))?;
            Ok(run(&r.machine, &Job::Script(script))?.code)
        }
        VmVerb::Shell(s) => Ok(run(&s.machine, &Job::Shell)?.code),
    }
}

/// What the guest does.
pub(crate) enum Job {
    /// Runs a bash script.
    Script(PathBuf),
    /// An interactive shell on our terminal.
    Shell,
    /// tests/bench/rounds.sh.
    Bench {
        /// Further lines for the job file.
        settings: Vec<String>,
        /// Whether our own server comes along.
        ours: bool,
    },
    /// Serves until we are told to end; for `demo --kernel`.
    Serve {
        /// Further lines for the job file: NAME=VALUE, quoted for a shell.
        settings: Vec<String>,
        /// The host's directory that is the share, over 9p.
        share: PathBuf,
        /// Called when the server answers in the guest.
        on_ready: Box<dyn Fn()>,
    },
}

/// Boots a guest and returns how it went.
pub(crate) fn run(m: &Machine, job: &Job) -> Result<Outcome> {
    let guest = if m.systemd {
        ensure!(
            m.server == Server::None && m.forward.is_none() && matches!(job, Job::Script(_)),
            "--systemd is for scripts with --server none"
        );
        guest::system()?
    } else if m.applications {
        guest::applications()?
    } else {
        guest::ensure()?
    };
    debian::need(&[
        debian::Need("mke2fs", "e2fsprogs"),
        debian::Need("cpio", "cpio"),
    ])?;
    let ours = payload::ours(m, job)?;
    let accel = accel::choose(&guest)?;
    let guest = match m.debug {
        Some(kind) => {
            ensure!(!m.systemd, "--debug and --systemd do not go together");
            let own = debug::ensure(kind)?;
            own.as_ref().map_or(Ok(()), |k| k.check(m))?;
            guest.for_debugging(own.map(|k| k.image()), kind.parameters())
        }
        None => guest,
    };
    let dir = RunDir::new(m.keep)?;
    payload::write(&dir.path, m, job, &ours)?;
    guest::initrd(&guest, &dir.path.join("initrd"))?;
    let outcome = qemu::run(&guest, &dir.path, m, job, accel)?;
    finish(dir, outcome)
}

fn finish(mut dir: RunDir, outcome: Outcome) -> Result<Outcome> {
    if outcome.code != 0 {
        dir.keep = true;
    }
    if !outcome.splats.is_empty() {
        eprintln!("kernel trouble:");
        for s in &outcome.splats {
            eprintln!("    {s}");
        }
    }
    if let Some(why) = &outcome.why {
        eprintln!("guest: {why}");
    }
    if dir.keep {
        dir.shed();
        say(format!(
            "exit {}; kernel log {}",
            outcome.code,
            dir.path.join("console.log").display()
        ));
    }
    Ok(outcome)
}

/// A run's scratch directory, removed at its end unless kept.
struct RunDir {
    path: PathBuf,
    keep: bool,
}

impl RunDir {
    fn new(keep: bool) -> Result<Self> {
        let base = run::target_dir().join("vm");
        fs::create_dir_all(&base)?;
        prune(&base);
        for n in 0..1000 {
            let path = base.join(format!("run-{}-{n}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path, keep }),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e).with_context(|| format!("{}", path.display())),
            }
        }
        bail!("no free directory in {}", base.display())
    }

    /// Removes the large files, keeps the logs.
    fn shed(&self) {
        for f in ["run.img", "share.img", "initrd"] {
            fs::remove_file(self.path.join(f)).ok();
        }
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if !self.keep {
            fs::remove_dir_all(&self.path).ok();
        }
    }
}

/// Keeps the directories of the last runs only.
fn prune(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    let mut all: Vec<_> = entries
        .flatten()
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    all.sort();
    let drop = all.len().saturating_sub(40);
    for (when, path) in all.into_iter().take(drop) {
        if when.elapsed().is_ok_and(|age| age.as_secs() > 3600) {
            fs::remove_dir_all(path).ok();
        }
    }
}

/// Builds the userspace programs and returns the directory they are in.
pub(crate) fn build_programs() -> Result<PathBuf> {
    say("building the programs");
    let mut c = cmd("cargo", ["build", "--profile", "quick"]);
    for p in PROGRAMS {
        c.args(["--bin", &format!("ksmbd-{p}")]);
    }
    for p in PROGRAM_PACKAGES {
        c.args(["-p", p]);
    }
    c.current_dir(project()).stdout(std::io::stderr());
    run::shown(c)?;
    Ok(run::target_dir().join("quick"))
}

/// `ksmbd-NAME` for cargo, `ksmbd.NAME` for users.
pub(crate) const PROGRAMS: [&str; 4] = ["mountd", "adduser", "addshare", "control"];
const PROGRAM_PACKAGES: [&str; 4] = [
    "ksmbd-mountd",
    "ksmbd-adduser",
    "ksmbd-addshare",
    "ksmbd-control",
];

/// `kvm` or `tcg`, as [`run`] takes it.
pub(crate) fn accel_name() -> Result<&'static str> {
    Ok(match accel::choose(&guest::ensure()?)? {
        accel::Accel::Kvm => "kvm",
        accel::Accel::Tcg => "tcg",
    })
}
