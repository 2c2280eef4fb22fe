// SPDX-License-Identifier: GPL-2.0-or-later
//! `conformance gentest`: Samba's gentest sends the same random requests to two
//! servers and compares every field of every reply. Here they are ours and
//! Samba's smbd, so every line of what Samba knows about file systems as
//! Windows has them is an expectation.
//!
//! gentest ends at its first difference. What is known and right
//! ([`known`]) is not sent, or ignored, or left out in a second run of the
//! same seed. Each shard is a process of its own in new namespaces, as with
//! smbtorture, and gives each seed fresh file systems and servers ([`rig`]).

mod known;
mod rewrite;
mod rig;

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{ensure, Context, Result};
use serde::{Deserialize, Serialize};

use crate::flags::{Gentest, GentestWorker};
use crate::guest as debian_guest;
use crate::run;
use crate::sandbox;
use known::Known;
use rig::Rig;

/// Where the known differences are.
const KNOWN: &str = "tests/conformance/gentest.txt";

/// So many operations of a seed may be left out.
const MOST_SKIPPED: usize = 400;

/// Where the servers differ.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Difference {
    /// Which operation, counted as the run had them.
    op: usize,
    /// Operation and what differed: field or statuses, ours first.
    what: String,
    /// The request.
    request: String,
}

/// How a seed ended.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    seed: u32,
    /// Operations that both servers did alike.
    done: usize,
    /// Operations left out for a known difference.
    skipped: usize,
    /// Unknown differences; with `--go-on` there may be several.
    differences: Vec<Difference>,
    /// Where gentest's output is.
    log: Option<PathBuf>,
    seconds: f32,
}

/// What came out of all.
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Summary {
    pub(crate) fn good(&self) -> bool {
        self.failed == 0
    }
}

/// The verb.
pub(crate) fn main(f: &Gentest) -> Result<Summary> {
    ensure!(
        sandbox::is_root(),
        "gentest needs root: smbd changes users, and the shares are file systems of their own"
    );
    // A mistake in the file is better told before anything is built.
    Known::read(&run::project().join(KNOWN))?;
    let root = debian_guest::ensure()?.dir.join("root");
    let bin = super::programs(f.dev)?;
    let seeds: VecDeque<u32> = match f.seed {
        Some(s) => [s].into(),
        None => (1..=f.seeds).collect(),
    };
    let planned = seeds.len();
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let shards = f
        .shards
        .map_or(Ok(cpus), usize::try_from)?
        .clamp(1, planned.max(1));
    let logs = run::target_dir().join("conformance").join("gentest-logs");
    fs::create_dir_all(&logs)?;
    let queue = Mutex::new(seeds);
    let done = Mutex::new(Vec::new());
    let worked: Result<()> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..shards)
            .map(|n| {
                let (queue, done, bin, root, logs) = (&queue, &done, &bin, &root, &logs);
                s.spawn(move || shard(n, f, bin, root, logs, queue, done))
            })
            .collect();
        for t in threads {
            t.join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))?;
        }
        Ok(())
    });
    worked?;
    ensure!(!run::interrupted(), "interrupted");
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let passed = done
        .iter()
        .filter(|o: &&Outcome| o.differences.is_empty())
        .count();
    let summary = Summary {
        passed,
        failed: planned - passed,
    };
    println!(
        "{} passed, {} failed, 0 skipped",
        summary.passed, summary.failed
    );
    Ok(summary)
}

/// Feeds one worker until there are no seeds left.
fn shard(
    n: usize,
    f: &Gentest,
    bin: &Path,
    root: &Path,
    logs: &Path,
    queue: &Mutex<VecDeque<u32>>,
    done: &Mutex<Vec<Outcome>>,
) -> Result<()> {
    let mut c = Command::new("unshare");
    c.args(["--net", "--mount", "--pid", "--fork", "--kill-child"]);
    c.args(["--mount-proc", "--propagation", "private"]);
    c.arg(std::env::current_exe()?);
    c.args(["conformance", "gentest-worker", "--bin"]).arg(bin);
    c.arg("--root").arg(root);
    let dir = format!("gentest-{}-{n}", std::process::id());
    c.arg("--dir")
        .arg(run::target_dir().join("conformance").join(dir));
    c.arg("--logs").arg(logs);
    c.args(["--ops", &f.ops.to_string()]);
    if f.go_on {
        c.arg("--go-on");
    }
    let mut child = c
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run unshare")?;
    let mut to = child.stdin.take().context("no pipe")?;
    let mut from = BufReader::new(child.stdout.take().context("no pipe")?);
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some(seed) = next.filter(|_| !run::interrupted()) else {
            break;
        };
        writeln!(to, "{seed}").context("the worker is gone")?;
        let mut line = String::new();
        from.read_line(&mut line)?;
        ensure!(!line.is_empty(), "a worker ended by itself");
        let outcome: Outcome =
            serde_json::from_str(&line).with_context(|| format!("a worker said: {line}"))?;
        report(&outcome);
        done.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(outcome);
    }
    drop(to);
    child.wait()?;
    Ok(())
}

fn report(o: &Outcome) {
    let verdict = if o.differences.is_empty() {
        "alike"
    } else {
        "DIFFERENT"
    };
    println!(
        "seed {}: {verdict}, {} operations, {} left out, {:.1} s",
        o.seed, o.done, o.skipped, o.seconds
    );
    for d in &o.differences {
        println!("    operation {}: {}\n        {}", d.op, d.what, d.request);
    }
    if let Some(log) = &o.log {
        println!("    log: {}", log.display());
    }
}

/// The worker: seeds on standard input, outcomes on standard output.
pub(super) fn worker(f: &GentestWorker) -> Result<()> {
    let known = Known::read(&run::project().join(KNOWN))?;
    let mut rig = Rig::new(f, known)?;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lines() {
        if run::interrupted() {
            break;
        }
        let outcome = rig.seed(line?.trim().parse()?)?;
        writeln!(out, "{}", serde_json::to_string(&outcome)?)?;
        out.flush()?;
    }
    rig.end();
    Ok(())
}
