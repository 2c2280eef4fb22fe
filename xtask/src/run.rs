// SPDX-License-Identifier: GPL-2.0-or-later
//! Running commands: quietly into a log with a progress line, or as they are.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};

use crate::cache;

/// Says on stderr what is being done; stdout belongs to the verb's result.
pub(crate) fn say(what: impl AsRef<str>) {
    eprintln!("==> {}", what.as_ref());
}

/// Set by SIGINT and SIGTERM once [`catch_signals`] was called.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|f| f.load(Ordering::SeqCst))
}

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on SIGINT and SIGTERM only set a flag: for verbs that have
/// something to end in order.
pub(crate) fn catch_signals() -> Result<()> {
    let flag = INTERRUPTED.get_or_init(Default::default);
    for s in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(s, Arc::clone(flag))?;
    }
    Ok(())
}

/// The repository's root.
pub(crate) fn project() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Where cargo puts what it builds, and we what belongs to this checkout.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .unwrap_or_else(|| project().join("target"))
}

/// A command line from words.
pub(crate) fn cmd<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Command {
    let mut c = Command::new(program);
    c.args(args);
    c
}

/// Runs with the output going where ours goes.
pub(crate) fn shown(mut c: Command) -> Result<()> {
    let status = c
        .status()
        .with_context(|| format!("cannot run {}", name(&c)))?;
    ensure!(status.success(), "{} failed: {status}", name(&c));
    Ok(())
}

/// Runs and returns standard output.
pub(crate) fn output(mut c: Command) -> Result<String> {
    let out = c
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", name(&c)))?;
    ensure!(
        out.status.success(),
        "{} failed: {}\n{}",
        name(&c),
        out.status,
        String::from_utf8_lossy(&out.stderr)
    );
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether `program` is on the path (or in the sbin directories).
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|d| d.join(program))
        .find(|p| p.is_file())
}

/// Runs a long step: output goes to a log in the cache, the terminal gets a
/// line now and then, and a failure shows the end of the log.
pub(crate) fn step(what: &str, mut c: Command) -> Result<()> {
    let logs = cache::dir()?.join("logs");
    fs::create_dir_all(&logs)?;
    let slug: String = what
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let path = logs.join(format!("{slug}-{}.log", std::process::id()));
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let start = Instant::now();
    say(format!("{what} …"));
    let mut child = c
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot run {}", name(&c)))?;
    let mut next = Duration::from_secs(15);
    let mut pause = Duration::from_millis(5);
    let status = loop {
        if let Some(s) = child.try_wait()? {
            break s;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(200));
        if start.elapsed() > next {
            next += Duration::from_secs(15);
            eprintln!(
                "    {:3} s: {}",
                start.elapsed().as_secs(),
                last_line(&path)
            );
        }
    };
    if !status.success() {
        let text = tail(&path, 6000);
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(40);
        eprintln!("{}", lines.get(from..).unwrap_or_default().join("\n"));
        bail!("{what} failed ({status}); whole log: {}", path.display());
    }
    eprintln!("    {what}: done in {:.1} s", start.elapsed().as_secs_f32());
    fs::remove_file(&path).ok();
    Ok(())
}

fn name(c: &Command) -> String {
    c.get_program().to_string_lossy().into_owned()
}

fn last_line(path: &Path) -> String {
    let text = tail(path, 400);
    let line = text
        .lines()
        .rev()
        .find(|l| !l.trim().is_empty())
        .unwrap_or("");
    let width = if std::io::stderr().is_terminal() {
        90
    } else {
        160
    };
    line.trim().chars().take(width).collect()
}

fn tail(path: &Path, bytes: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut f = File::open(path)?;
        let len = f.metadata()?.len();
        f.seek(SeekFrom::Start(len.saturating_sub(bytes)))?;
        let mut v = Vec::new();
        f.read_to_end(&mut v)?;
        Ok(String::from_utf8_lossy(&v).into_owned())
    };
    read().unwrap_or_default()
}

/// Writes a file so that a reader sees the old or the new one, never a part.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let tmp = path.with_extension(format!("tmp{}", std::process::id()));
    File::create(&tmp)
        .and_then(|mut f| f.write_all(bytes))
        .with_context(|| format!("cannot write {}", tmp.display()))?;
    fs::rename(&tmp, path)?;
    Ok(())
}
