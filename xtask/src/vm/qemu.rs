// SPDX-License-Identifier: GPL-2.0-or-later
//! One boot: QEMU's command line, and reading what comes back until it ends.
//!
//! The channels are plain files that QEMU appends to and this end follows;
//! nothing can block on the other, and they are the run's logs afterwards.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::accel::Accel;
use super::{emulator, payload, watch, Job, EXIT_DIED, EXIT_INTERRUPTED, EXIT_SPLAT, EXIT_TIMEOUT};
use crate::flags::Machine;
use crate::guest::Guest;
use crate::{run, sandbox};

/// How a run went.
pub(crate) struct Outcome {
    /// The script's status, or one of the EXIT_ values.
    pub(crate) code: i32,
    /// Trouble in the kernel log, one line each.
    pub(crate) splats: Vec<String>,
    /// What ended the run early, for people.
    pub(crate) why: Option<String>,
    /// The report's `data` lines.
    pub(crate) data: Vec<String>,
    /// The end of the script's output.
    pub(crate) tail: String,
}

/// QEMU's arguments, as they come together.
#[derive(Default)]
struct Args(Vec<OsString>);

impl Args {
    fn arg(&mut self, a: impl Into<OsString>) -> &mut Self {
        self.0.push(a.into());
        self
    }

    fn args<'a>(&mut self, all: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.0.extend(all.into_iter().map(OsString::from));
        self
    }
}

fn arguments(guest: &Guest, dir: &Path, accel: Accel, smp: u32, mem: &str) -> Args {
    let mut c = Args::default();
    match accel {
        Accel::Kvm => c.args(["-accel", "kvm", "-cpu", "host"]),
        // Five-level paging and PCID only cost where page tables are walked
        // by software (a fork is twice as fast without), and a string
        // instruction is emulated byte by byte (a copy is, three times).
        Accel::Tcg => c.args([
            "-accel",
            "tcg,thread=multi",
            "-cpu",
            "max,la57=off,pcid=off,invpcid=off,erms=off,fsrm=off",
        ]),
    };
    c.args(["-smp", &smp.to_string(), "-m", mem]);
    c.args([
        "-no-user-config",
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
    ]);
    c.arg("-kernel").arg(guest.kernel());
    c.arg("-initrd").arg(dir.join("initrd"));
    // hung tasks and lockups report; an oops panics, and a panic ends QEMU.
    // On a busy host an emulated timer may come too late for the boot-time check.
    let stall = if guest.debug().is_some() { 300 } else { 60 };
    let more = guest.debug().unwrap_or_default();
    c.arg("-append").arg(format!(
        "console=ttyS0 panic=-1 oops=panic loglevel=7 mitigations=off random.trust_cpu=on \
         rcupdate.rcu_cpu_stall_timeout={stall} clocksource.verify_n_samples=0 audit=0 \
         no_timer_check {more}"
    ));
    let drive = |c: &mut Args, file: &Path, opt: &str| {
        let mut v = OsString::from("if=virtio,format=raw,file=");
        // A comma in a path would end the value.
        v.push(file.to_string_lossy().replace(',', ",,"));
        v.push(opt);
        c.arg("-drive").arg(v);
    };
    drive(&mut c, &guest.image(), ",snapshot=on,cache=unsafe");
    drive(&mut c, &dir.join("run.img"), ",readonly=on");
    drive(
        &mut c,
        &dir.join("share.img"),
        ",cache=unsafe,discard=unmap",
    );
    chardev_file(&mut c, "console", &dir.join("console.log"));
    c.args(["-serial", "chardev:console"]);
    c.args([
        "-object",
        "rng-builtin,id=rng0",
        "-device",
        "virtio-rng-pci,rng=rng0",
    ]);
    c.args(["-device", "virtio-serial-pci"]);
    c
}

fn chardev_file(c: &mut Args, id: &str, path: &Path) {
    let path = path.to_string_lossy().replace(',', ",,");
    c.arg("-chardev").arg(format!("file,id={id},path={path}"));
}

fn ports(c: &mut Args, dir: &Path, stdio: bool) {
    if stdio {
        c.args(["-chardev", "stdio,id=script,signal=off"]);
    } else {
        chardev_file(c, "script", &dir.join("output.log"));
    }
    chardev_file(c, "report", &dir.join("report.log"));
    c.args([
        "-device",
        "virtconsole,chardev=script",
        "-device",
        "virtconsole,chardev=report",
    ]);
}

/// Whether `accel` boots this kernel within `limit`.
pub(super) fn probe(guest: &Guest, dir: &Path, accel: Accel, limit: Duration) -> Result<bool> {
    let mut c = arguments(guest, dir, accel, 1, "1G");
    ports(&mut c, dir, false);
    c.args(["-net", "none"]);
    let mut child = Qemu::spawn(&c, guest, &[dir], Stdin::None)?;
    let start = Instant::now();
    while start.elapsed() < limit && !run::interrupted() {
        if child.0.try_wait()?.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(child);
    let report = std::fs::read_to_string(dir.join("report.log")).unwrap_or_default();
    Ok(report.contains("exit 0"))
}

/// Boots and follows the run to its end.
pub(super) fn run(
    guest: &Guest,
    dir: &Path,
    m: &Machine,
    job: &Job,
    accel: Accel,
) -> Result<Outcome> {
    let mut c = arguments(guest, dir, accel, m.smp, &m.mem);
    let interactive = matches!(job, Job::Shell);
    ports(&mut c, dir, matches!(job, Job::Shell | Job::Serve { .. }));
    let mut writable = vec![dir];
    if let Job::Serve { share, .. } = job {
        // As root the guest's owners and modes are the host's; otherwise all
        // files belong to the caller.
        let model = if sandbox::is_root() {
            "passthrough"
        } else {
            "none"
        };
        let path = share.to_string_lossy().replace(',', ",,");
        let local = format!("local,path={path},mount_tag=share,security_model={model}");
        c.arg("-virtfs").arg(local);
        writable.push(share);
    }
    match m.forward {
        Some(port) => {
            let net = format!("user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:445");
            c.args(["-netdev", &net, "-device", "virtio-net-pci,netdev=net0"]);
        }
        None => {
            c.args(["-net", "none"]);
        }
    }
    let raw = interactive.then(RawTerminal::enter);
    let stdin = match job {
        Job::Script(_) | Job::Bench { .. } => Stdin::None,
        Job::Shell => Stdin::Ours,
        Job::Serve { .. } => Stdin::Pipe,
    };
    let mut child = Qemu::spawn(&c, guest, &writable, stdin)?;
    let mut state = Follow::new(dir, m, job);
    let start = Instant::now();
    let limit = Duration::from_secs(m.timeout.saturating_mul(payload::slowness(m)));
    let mut stop_by = None;
    loop {
        let ended = child.0.try_wait()?;
        state.poll()?;
        if let Some(status) = ended {
            state.poll()?;
            if state.code.is_none() && state.why.is_none() {
                let err = std::fs::read_to_string(dir.join("qemu.log")).unwrap_or_default();
                state.why = Some(format!(
                    "QEMU ended without a report ({status}) {}",
                    err.trim()
                ));
            }
            break;
        }
        if run::interrupted() && !state.interrupted {
            state.interrupted = true;
            // A serving guest ends in order when it reads a line.
            if !child.say_stop() {
                break;
            }
            stop_by = Some(Instant::now() + Duration::from_secs(40));
        }
        if stop_by.is_some_and(|t| Instant::now() > t) {
            break;
        }
        if start.elapsed() > limit && !interactive {
            state.timed_out = true;
            state.why = Some(format!("not finished after {} s", limit.as_secs()));
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    drop(child);
    drop(raw);
    state.poll()?;
    Ok(state.outcome())
}

/// Where the guest's script console reads from.
#[derive(Clone, Copy)]
enum Stdin {
    None,
    Ours,
    Pipe,
}

/// Ends with its owner.
struct Qemu(Child);

impl Qemu {
    /// `writable`: directories it writes to, the run's own first.
    fn spawn(args: &Args, guest: &Guest, writable: &[&Path], stdin: Stdin) -> Result<Self> {
        let dir = writable.first().context("no run directory")?;
        // snapshot=on writes to the run's directory: /tmp may be small.
        let mut c = emulator::find()?.command(&args.0, &guest.dir, writable);
        match stdin {
            Stdin::Ours => {}
            Stdin::None => {
                c.stdin(Stdio::null()).stdout(Stdio::null());
            }
            Stdin::Pipe => {
                c.stdin(Stdio::piped()).stdout(Stdio::null());
            }
        }
        if !matches!(stdin, Stdin::Ours) {
            // Ctrl-C is for us; we end QEMU in order.
            c.process_group(0);
        }
        c.stderr(File::create(dir.join("qemu.log"))?);
        Ok(Self(c.spawn().context("cannot run QEMU")?))
    }

    /// Sends a line if QEMU listens to us; false if it does not.
    fn say_stop(&mut self) -> bool {
        self.0.stdin.as_mut().is_some_and(|pipe| {
            pipe.write_all(
                b"stop
",
            )
            .is_ok()
        })
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.0.kill().ok();
        }
        self.0.wait().ok();
    }
}

/// Puts our terminal into raw mode while a guest's shell has it.
struct RawTerminal(Option<String>);

impl RawTerminal {
    fn enter() -> Self {
        let stty = |args: &[&str]| {
            let mut c = Command::new("stty");
            c.args(args).stdin(Stdio::inherit()).stderr(Stdio::null());
            c.output().ok().filter(|o| o.status.success())
        };
        let old = stty(&["-g"]).map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
        if old.is_some() {
            stty(&["raw", "-echo"]);
        }
        Self(old)
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(old) = &self.0 {
            Command::new("stty").arg(old).status().ok();
        }
    }
}

/// Follows one growing file.
struct Tail {
    path: std::path::PathBuf,
    file: Option<File>,
    partial: Vec<u8>,
}

impl Tail {
    fn new(path: std::path::PathBuf) -> Self {
        Self {
            path,
            file: None,
            partial: Vec::new(),
        }
    }

    /// What was added since the last call.
    fn read(&mut self) -> Result<Vec<u8>> {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let mut v = Vec::new();
        if let Some(f) = &mut self.file {
            f.read_to_end(&mut v)?;
        }
        Ok(v)
    }

    /// The complete lines that were added since the last call.
    fn lines(&mut self) -> Result<Vec<String>> {
        let new = self.read()?;
        self.partial.extend(new);
        let mut lines = Vec::new();
        while let Some(n) = self.partial.iter().position(|&b| b == b'\n') {
            let rest = self.partial.split_off(n + 1);
            let line = std::mem::replace(&mut self.partial, rest);
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        Ok(lines)
    }
}

struct Follow<'a> {
    console: Tail,
    output: Tail,
    report: Tail,
    show_console: bool,
    job: &'a Job,
    code: Option<i32>,
    taint: u64,
    splats: Vec<String>,
    more_splats: usize,
    data: Vec<String>,
    tail: String,
    why: Option<String>,
    timed_out: bool,
    interrupted: bool,
}

impl<'a> Follow<'a> {
    fn new(dir: &Path, m: &Machine, job: &'a Job) -> Self {
        Self {
            console: Tail::new(dir.join("console.log")),
            output: Tail::new(dir.join("output.log")),
            report: Tail::new(dir.join("report.log")),
            show_console: m.console,
            job,
            code: None,
            taint: 0,
            splats: Vec::new(),
            more_splats: 0,
            data: Vec::new(),
            tail: String::new(),
            why: None,
            timed_out: false,
            interrupted: false,
        }
    }

    fn poll(&mut self) -> Result<()> {
        let out = self.output.read()?;
        if !out.is_empty() {
            self.tail.push_str(&String::from_utf8_lossy(&out));
            if let Some(cut) = self.tail.len().checked_sub(4000) {
                let at = (cut..=self.tail.len()).find(|&n| self.tail.is_char_boundary(n));
                self.tail.drain(..at.unwrap_or(0));
            }
            let mut stdout = std::io::stdout().lock();
            // A reader that went away ends nothing here.
            stdout.write_all(&out).and_then(|()| stdout.flush()).ok();
        }
        for line in self.console.lines()? {
            if self.show_console {
                eprintln!("{line}");
            }
            if watch::is_trouble(&line) {
                if self.splats.len() < 30 {
                    self.splats.push(line);
                } else {
                    self.more_splats += 1;
                }
            }
        }
        for line in self.report.lines()? {
            let (word, value) = line.split_once(' ').unwrap_or((&line, ""));
            match word {
                "exit" => self.code = value.parse().ok(),
                "taint" => self.taint = value.parse().unwrap_or(0),
                "error" => self.why = Some(value.to_owned()),
                "data" => self.data.push(value.to_owned()),
                "ready" => {
                    if let Job::Serve { on_ready, .. } = self.job {
                        on_ready();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn outcome(mut self) -> Outcome {
        if watch::is_bad_taint(self.taint) && self.splats.is_empty() {
            self.splats
                .push(format!("taint {:#x} at the end of the run", self.taint));
        }
        if self.more_splats > 0 {
            self.splats
                .push(format!("… and {} lines more", self.more_splats));
        }
        let code = if !self.splats.is_empty() {
            EXIT_SPLAT
        } else if self.interrupted {
            EXIT_INTERRUPTED
        } else if self.timed_out {
            EXIT_TIMEOUT
        } else {
            self.code.unwrap_or(EXIT_DIED)
        };
        Outcome {
            code,
            splats: self.splats,
            why: self.why,
            data: self.data,
            tail: self.tail,
        }
    }
}
