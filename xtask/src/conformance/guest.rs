// SPDX-License-Identifier: GPL-2.0-or-later
//! The same tests against a server in the guest: `tests/vm/conformance.sh` runs
//! them, and this reads its output.
//!
//! The guest gets a list of lines `test<TAB>arguments…` and marks each test's
//! output by lines `@begin NAME` and `@end NAME SECONDS STATUS`.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::catalog;
use super::report::Report;
use super::torture::{self, Outcome, Verdict, USER2};
use crate::flags::{Judged, Smbtorture};
use crate::run::{self, project};
use crate::vm;

/// timeout(1)'s own status.
const TIMED_OUT: &str = "124";

/// Seconds until a test is ended: the processor is emulated.
fn patience(test: &str) -> u64 {
    3 * catalog::timeout(test)
}

pub(super) fn run(
    f: &Smbtorture,
    server: Judged,
    tests: Vec<String>,
    report: &mut Report,
) -> Result<Vec<Outcome>> {
    let dir = run::target_dir()
        .join("conformance")
        .join(format!("guest-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    // Everything takes longer there; `vm run` has its own factor.
    let slower = if f.debug.is_some() { 4 } else { 1 };
    let mut list = String::new();
    for t in &tests {
        let args = torture::args(t, 445, f.encrypt, "/srv/share/data");
        let args: Vec<String> = args.iter().map(|a| vm::quote(a)).collect();
        let signing = u8::from(catalog::needs(t).signing);
        let _ = writeln!(
            list,
            "{t}\t{}\t{signing}\t{}",
            patience(t) * slower,
            args.join(" ")
        );
    }
    let tests_file = dir.join("tests.list");
    fs::write(&tests_file, list)?;
    let users = dir.join("user2");
    fs::write(&users, format!("{} {}\n", USER2.0, USER2.1))?;
    let seconds: u64 = tests.iter().map(|t| patience(t)).sum();
    let kind = match server {
        Judged::Ksmbd => "ksmbd",
        Judged::Samba => "samba",
        Judged::Kernel | Judged::Embedded => "ours",
    };
    let mut c = std::process::Command::new(std::env::current_exe()?);
    c.args(["vm", "run", "--fs", "ext4", "--server", kind]);
    c.args(["--timeout", &(600 + seconds).to_string()]);
    if let Some(kind) = f.debug {
        c.arg(format!("--debug={}", kind.name()));
    }
    for file in [
        &tests_file,
        &users,
        &project().join("tests/conformance/ksmbd.toml"),
    ] {
        c.arg("--file").arg(file);
    }
    c.arg(project().join("tests/vm/conformance.sh"));
    let mut child = c
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run the guest")?;
    let stdout = child.stdout.take().context("no pipe")?;
    let mut results = Vec::new();
    let mut text = String::new();
    for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.starts_with("@begin ") {
            text.clear();
        } else if let Some(end) = line.strip_prefix("@end ") {
            let outcome = ended(end, &text)?;
            if let Some(out) = &f.subunit_out {
                fs::write(
                    out.join(format!("{}.subunit", outcome.test.replace([' ', '/'], "_"))),
                    &text,
                )?;
            }
            report.line(&outcome);
            results.push(outcome);
            text.clear();
        } else {
            text.push_str(&line);
            text.push('\n');
        }
    }
    let status = child.wait()?;
    fs::remove_dir_all(&dir).ok();
    // Tests whose end nobody saw: the guest died.
    for t in tests {
        if !results.iter().any(|o: &Outcome| o.test == t) {
            results.push(Outcome {
                test: t,
                verdict: Verdict::Error,
                seconds: 0.0,
                detail: format!("not run: the guest ended with {status}"),
                again: false,
            });
        }
    }
    results.sort_by(|a, b| a.test.cmp(&b.test));
    Ok(results)
}

fn ended(end: &str, text: &str) -> Result<Outcome> {
    let mut words = end.rsplitn(3, ' ');
    let code = words.next().unwrap_or_default();
    let seconds = words.next().unwrap_or_default().parse().unwrap_or(0.0);
    let test = words.next().context("no name after @end")?.to_owned();
    let (mut verdict, detail) = torture::parse(text);
    if code == TIMED_OUT && verdict != Verdict::Fail {
        verdict = Verdict::Timeout;
    }
    Ok(Outcome {
        test,
        verdict,
        seconds,
        detail,
        again: false,
    })
}
