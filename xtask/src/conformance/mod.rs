// SPDX-License-Identifier: GPL-2.0-or-later
//! `conformance`: other people's test suites against our server, with what is
//! expected of each test as data in `tests/conformance`.
//!
//! smbtorture runs one process per test. The plan (which tests, in which
//! order) and the judgement (what the expectations make of a result) are here;
//! a [`worker`] per shard owns a server and a share, alone in its namespaces.
//! The workers take tests from one queue. What fails though it should pass is
//! run once more, alone on the machine, before it counts.

mod catalog;
mod clients;
mod expect;
mod gentest;
mod guest;
mod report;
mod torture;
mod worker;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{bail, ensure, Context, Result};

use crate::flags::{Conformance, ConformanceVerb, Judged, Smbtorture};
use crate::run::{self, say};
use crate::{guest as debian_guest, vm};
use expect::{Expectations, Status};
pub(crate) use gentest::main as gentest;
use report::Report;
use torture::Outcome;
use worker::Worker;

/// Where the expectations are.
const EXPECTATIONS: &str = "tests/conformance/smbtorture.csv";

pub(crate) fn main(f: &Conformance) -> Result<i32> {
    match &f.verb {
        ConformanceVerb::Smbtorture(s) => {
            run::catch_signals()?;
            let summary = smbtorture(s)?;
            Ok(i32::from(!summary.good))
        }
        ConformanceVerb::Clients(c) => {
            run::catch_signals()?;
            clients::main(c)
        }
        ConformanceVerb::Gentest(g) => {
            run::catch_signals()?;
            Ok(i32::from(!gentest(g)?.good()))
        }
        ConformanceVerb::GentestWorker(w) => {
            run::catch_signals()?;
            gentest::worker(w)?;
            Ok(0)
        }
        ConformanceVerb::Worker(w) => {
            run::catch_signals()?;
            worker::main(w)?;
            Ok(0)
        }
    }
}

/// What came out.
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// Whether everything is as the expectations say.
    pub(crate) good: bool,
}

/// Runs the tests and judges them.
pub(crate) fn smbtorture(f: &Smbtorture) -> Result<Summary> {
    let path = run::project().join(EXPECTATIONS);
    let mut expectations = Expectations::read(&path)?;
    let root = debian_guest::ensure()?.dir.join("root");
    let host = f.server.host();
    let tests = plan(f, &root, &expectations)?;
    if tests.is_empty() {
        bail!("no test has such a name; `cargo xtask conformance smbtorture --list` shows all");
    }
    if f.list {
        for t in &tests {
            println!("{t}");
        }
        return Ok(Summary {
            passed: 0,
            failed: 0,
            skipped: 0,
            good: true,
        });
    }
    if let Some(dir) = &f.subunit_out {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    ensure!(
        f.debug.is_none() || f.server == Judged::Kernel,
        "--debug is for --server kernel: the debug kernels hold no other server"
    );
    let mut report = Report::new(tests.len());
    let results = match f.server {
        Judged::Embedded => embedded(f, &root, tests, &expectations, &mut report)?,
        other => guest::run(f, other, tests, &mut report)?,
    };
    if run::interrupted() {
        bail!("interrupted");
    }
    // What other servers do is measured, not demanded.
    let demanded = matches!(f.server, Judged::Embedded | Judged::Kernel);
    let good = if f.update && demanded {
        let changed = expectations.update(host, &results);
        expectations.write(&path)?;
        say(format!("{changed} lines changed in {EXPECTATIONS}"));
        true
    } else if demanded {
        report.judge(&expectations, host, &results)
    } else {
        true
    };
    Ok(report.summary(&results, good))
}

/// The tests that are asked for, the long ones first.
fn plan(f: &Smbtorture, root: &Path, e: &Expectations) -> Result<Vec<String>> {
    let mut all: Vec<String> = if f.gate {
        e.of_tier("gate")
    } else {
        catalog::list(root)?
    };
    if f.smoke {
        all.retain(|t| catalog::in_smoke(t));
    }
    if !f.patterns.is_empty() {
        all.retain(|t| f.patterns.iter().any(|p| catalog::matches(p, t)));
    } else if !f.gate {
        all.retain(|t| t.starts_with("smb2."));
    }
    all.retain(|t| f.patterns.iter().any(|p| p == t) || !catalog::is_no_test(t));
    // Stable, so that tests of the same length stay in the catalog's order.
    all.sort_by_key(|t| std::cmp::Reverse(e.seconds(t).max(catalog::seconds(t))));
    Ok(all)
}

fn embedded(
    f: &Smbtorture,
    root: &Path,
    tests: Vec<String>,
    e: &Expectations,
    report: &mut Report,
) -> Result<Vec<Outcome>> {
    let bin = programs(f.dev)?;
    let count = f.shards.unwrap_or_else(default_shards);
    let count = usize::try_from(count.max(1))?.min(tests.len());
    let mut workers = Vec::new();
    for n in 0..count {
        workers.push(Worker::start(n, &bin, root, f)?);
    }
    let queue = Mutex::new(VecDeque::from(tests));
    let done = Mutex::new((Vec::new(), report));
    let take = || {
        let mut q = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if run::interrupted() {
            None
        } else {
            q.pop_front()
        }
    };
    let worked: Result<()> = std::thread::scope(|s| {
        let threads: Vec<_> = workers
            .iter_mut()
            .map(|w| {
                let (take, done) = (&take, &done);
                s.spawn(move || -> Result<()> {
                    while let Some(test) = take() {
                        let outcome = w.run(&test)?;
                        let mut d = done.lock().unwrap_or_else(PoisonError::into_inner);
                        d.1.line(&outcome);
                        d.0.push(outcome);
                    }
                    Ok(())
                })
            })
            .collect();
        for t in threads {
            t.join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))?;
        }
        Ok(())
    });
    worked?;
    let (mut results, report) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Once more, one after the other.
    let host = f.server.host();
    let wrong = |o: &Outcome| {
        let expected = e.status(&o.test, host);
        !o.verdict.is_good() && expected != Some(Status::Fail)
    };
    if let Some(w) = workers.first_mut() {
        let again: Vec<String> = results
            .iter()
            .filter(|o| wrong(o))
            .map(|o| o.test.clone())
            .collect();
        // Many at once are no flakes.
        if again.len() <= MOST_RERUNS && !again.is_empty() && !run::interrupted() {
            say(format!("once more, one by one: {} tests", again.len()));
            for test in again {
                let mut second = w.run(&test)?;
                second.again = true;
                report.line(&second);
                if let Some(o) = results.iter_mut().find(|o| o.test == test) {
                    *o = second;
                }
            }
        }
    }
    for w in workers {
        w.stop()?;
    }
    results.sort_by(|a, b| a.test.cmp(&b.test));
    Ok(results)
}

/// More failures than this are not run again.
const MOST_RERUNS: usize = 60;

/// Most tests wait more than they compute.
fn default_shards() -> u32 {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cpus).unwrap_or(1).saturating_mul(2).min(8)
}

/// The server's programs: as users have them, or quickly built for developers.
fn programs(dev: bool) -> Result<PathBuf> {
    if !dev {
        return vm::build_programs();
    }
    say("building the programs (dev)");
    let mut c = run::cmd("cargo", ["build", "--quiet"]);
    for p in ["mountd", "adduser", "addshare"] {
        c.args(["-p", &format!("ksmbd-{p}")]);
    }
    c.current_dir(run::project()).stdout(std::io::stderr());
    run::shown(c)?;
    Ok(run::target_dir().join("debug"))
}
