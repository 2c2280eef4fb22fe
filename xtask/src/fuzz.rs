// SPDX-License-Identifier: GPL-2.0-or-later
//! `fuzz`: builds the targets of tests/fuzz, makes their first corpora, runs
//! them one after the other, and says what came of it.
//!
//! The targets are built with the flags that `cargo fuzz -s none` uses, all of
//! them stable: there is no `unsafe` to watch over in what they run, and without
//! a sanitizer they are many times faster. Assertions and overflow checks are on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{ensure, Context, Result};

use crate::debian::{self, Need};
use crate::flags::Fuzz;
use crate::run::{self, cmd, project, say, step};
use crate::test::Score;

/// Targets that bring up a whole engine for each input. What they compare is
/// mostly ciphers' and hashes' own affair: telling libFuzzer of it halves the speed.
const WHOLE_ENGINE: [&str; 2] = ["sealed", "session"];

/// What a run of a target came to.
struct Ran {
    executions: u64,
    seconds: f32,
    corpus: usize,
    /// Inputs that crashed, hung, or took too much memory.
    found: Vec<PathBuf>,
    good: bool,
}

/// Exit status 1 when a target found something.
pub(crate) fn main(f: &Fuzz) -> Result<i32> {
    run::catch_signals()?;
    let all = targets()?;
    for wanted in &f.targets {
        ensure!(
            all.contains(wanted),
            "no target {wanted}; there are {}",
            all.join(", ")
        );
    }
    let chosen = if f.targets.is_empty() {
        all
    } else {
        f.targets.clone()
    };
    let limit = match (f.runs, f.seconds) {
        (Some(n), _) => format!("-runs={n}"),
        (None, Some(s)) => format!("-max_total_time={s}"),
        (None, None) => "-max_total_time=60".into(),
    };
    let bins = build(&chosen, false)?;
    println!("target                 executions  minutes      per s  corpus  found");
    let mut bad = false;
    for (target, bin) in chosen.iter().zip(bins) {
        if run::interrupted() {
            break;
        }
        let ran = run_one(target, &bin, &[&limit])?;
        println!(
            "{target:20} {:12} {:8.1} {:10.0} {:7} {:6}",
            ran.executions,
            ran.seconds / 60.0,
            ran.executions as f32 / ran.seconds.max(0.001),
            ran.corpus,
            ran.found.len()
        );
        for input in &ran.found {
            println!("    {}", input.display());
        }
        bad |= !ran.good;
    }
    Ok(i32::from(bad))
}

/// A moment of each target, for `cargo xtask test`: built quickly, which is
/// most of the time.
pub(crate) fn short() -> Result<Score> {
    let all = targets()?;
    let bins = build(&all, true)?;
    let mut score = Score::default();
    for (target, bin) in all.iter().zip(bins) {
        let runs = if WHOLE_ENGINE.contains(&target.as_str()) {
            4000
        } else {
            200_000
        };
        let ran = run_one(
            target,
            &bin,
            &[&format!("-runs={runs}"), "-max_total_time=10"],
        )?;
        if ran.good {
            score.add(&Score::pass());
        } else {
            score.add(&Score::fail(format!("fuzz/{target}: {:?}", ran.found)));
        }
    }
    Ok(score)
}

fn folder() -> PathBuf {
    project().join("tests/fuzz")
}

/// The names of the targets.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for e in fs::read_dir(folder().join("fuzz_targets")).context("no tests/fuzz/fuzz_targets")? {
        let path = e?.path();
        if path.extension().is_some_and(|e| e == "rs") {
            names.extend(path.file_stem().map(|s| s.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// Builds targets and makes the first corpora; the programs, in the same order.
/// `quick` optimises little and traces no comparisons.
fn build(chosen: &[String], quick: bool) -> Result<Vec<PathBuf>> {
    debian::need(&[Need("c++", "g++")])?;
    let mut seeds = cargo("run");
    seeds.args(["--quiet", "--no-default-features", "--example", "seeds"]);
    step("fuzz: first corpora", seeds)?;
    let place = |target: &String| {
        if quick {
            "quick"
        } else if WHOLE_ENGINE.contains(&target.as_str()) {
            "whole"
        } else {
            "parts"
        }
    };
    for dir in ["quick", "parts", "whole"] {
        let some: Vec<_> = chosen.iter().filter(|t| place(t) == dir).collect();
        if some.is_empty() {
            continue;
        }
        let mut c = cargo("build");
        c.args(["--release", "--target", TRIPLE, "--target-dir"]);
        c.arg(folder().join("target").join(dir));
        if dir == "parts" {
            c.arg("--no-default-features");
        }
        if quick {
            c.args(["--config", "profile.release.opt-level=1"]);
        }
        for t in some {
            c.args(["--bin", t]);
        }
        c.env("RUSTFLAGS", flags(dir == "parts"));
        step(&format!("fuzz: building ({dir})"), c)?;
    }
    Ok(chosen
        .iter()
        .map(|t| {
            let target = folder().join("target").join(place(t)).join(TRIPLE);
            target.join("release").join(t)
        })
        .collect())
}

/// Named, so that the flags do not hold for build scripts.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

fn cargo(verb: &str) -> Command {
    let mut c = cmd("cargo", [verb]);
    c.current_dir(folder()).env_remove("CARGO_TARGET_DIR");
    c
}

fn flags(compares: bool) -> String {
    let mut flags = vec![
        "-Cpasses=sancov-module",
        "-Cllvm-args=-sanitizer-coverage-level=4",
        "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
        "-Cllvm-args=-sanitizer-coverage-pc-table",
        "-Cllvm-args=-sanitizer-coverage-stack-depth",
        "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
        "-Cdebug-assertions",
        "-Ccodegen-units=1",
        "--cfg",
        "fuzzing",
    ];
    if compares {
        flags.push("-Cllvm-args=-sanitizer-coverage-trace-compares");
    }
    flags.join(" ")
}

fn run_one(target: &str, bin: &Path, limits: &[&str]) -> Result<Ran> {
    let (corpus, artifacts) = (
        folder().join("corpus").join(target),
        folder().join("artifacts").join(target),
    );
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let before = list(&artifacts)?;
    say(format!("fuzz: {target}"));
    let mut c = Command::new(bin);
    c.args(limits)
        .args([
            "-max_len=1024",
            "-timeout=20",
            "-print_final_stats=1",
            "-verbosity=1",
        ])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(&corpus);
    c.stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let out = c
        .output()
        .with_context(|| format!("cannot run {}", bin.display()))?;
    let text = String::from_utf8_lossy(&out.stderr);
    let mut found = list(&artifacts)?;
    found.retain(|f| !before.contains(f));
    // A signal ends libFuzzer in order.
    let good = out.status.success() || (run::interrupted() && found.is_empty());
    if !good {
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(60);
        eprintln!("{}", lines.get(from..).unwrap_or_default().join("\n"));
    }
    Ok(Ran {
        executions: executions(&text).unwrap_or(0),
        seconds: start.elapsed().as_secs_f32(),
        corpus: list(&corpus)?.len(),
        found,
        good,
    })
}

fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    entries.map(|e| Ok(e?.path())).collect()
}

/// From libFuzzer's last words.
fn executions(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .rev()
        .find_map(|l| l.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_libfuzzers_last_words() {
        let text = "#7 DONE\nstat::number_of_executed_units: 51505\nstat::average_exec_per_sec:     1256\n";
        assert_eq!(executions(text), Some(51505));
        assert_eq!(executions("nothing"), None);
    }

    #[test]
    fn every_target_is_a_program_of_the_manifest() {
        let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        let all = targets().unwrap();
        assert!(all.len() > 10);
        for t in all {
            assert!(
                manifest.contains(&format!("\"fuzz_targets/{t}.rs\"")),
                "{t}"
            );
        }
    }
}
