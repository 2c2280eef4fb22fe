// SPDX-License-Identifier: GPL-2.0-or-later
//! What the user sees: a line per test as it ends, deviations from the
//! expectations, and the totals last.

use super::expect::{Expectations, Status};
use super::torture::{Outcome, Verdict};
use super::Summary;

pub(super) struct Report {
    planned: usize,
    shown: usize,
}

impl Report {
    pub(super) fn new(planned: usize) -> Self {
        Self { planned, shown: 0 }
    }

    /// One test's line.
    pub(super) fn line(&mut self, o: &Outcome) {
        self.shown += usize::from(!o.again);
        let again = if o.again { " (second run)" } else { "" };
        let why = if o.verdict == Verdict::Pass {
            String::new()
        } else {
            format!(": {}", o.why(160))
        };
        println!(
            "[{:3}/{}] {:7} {:6.1} s  {}{again}{why}",
            self.shown,
            self.planned,
            o.verdict.name(),
            o.seconds,
            o.test
        );
    }

    /// Compares with the expectations, says what differs, and returns whether
    /// nothing does.
    pub(super) fn judge(&self, e: &Expectations, host: &str, results: &[Outcome]) -> bool {
        let mut good = true;
        for o in results {
            let expected = e.status(&o.test, host);
            let complaint = match (expected, o.verdict) {
                (None | Some(Status::Flaky), _) => continue,
                (Some(Status::Pass), Verdict::Pass)
                | (Some(Status::Skip), Verdict::Skip)
                | (Some(Status::Fail), Verdict::Fail | Verdict::Timeout | Verdict::Error) => {
                    continue
                }
                (Some(Status::Pass), _) => "REGRESSION",
                (Some(_), Verdict::Pass) => "UNEXPECTED PASS",
                _ => "CHANGED",
            };
            good = false;
            let status = expected.map_or("", Status::name);
            let reason = e.reason(&o.test, host);
            let reason = if reason.is_empty() {
                String::new()
            } else {
                format!(" ({reason})")
            };
            println!(
                "{complaint}: {}: {}, expected {status}{reason}",
                o.test,
                o.verdict.name()
            );
            if complaint != "REGRESSION" {
                println!(
                    "    update its line in {} (--update does)",
                    super::EXPECTATIONS
                );
            }
        }
        let unlisted = results
            .iter()
            .filter(|o| e.status(&o.test, host).is_none())
            .count();
        if unlisted > 0 {
            println!("{unlisted} tests have no line in {}", super::EXPECTATIONS);
        }
        good
    }

    /// The totals.
    pub(super) fn summary(&self, results: &[Outcome], good: bool) -> Summary {
        let count = |f: &dyn Fn(Verdict) -> bool| results.iter().filter(|o| f(o.verdict)).count();
        let s = Summary {
            passed: count(&|v| v == Verdict::Pass),
            failed: count(&|v| !v.is_good()),
            skipped: count(&|v| v == Verdict::Skip),
            good,
        };
        println!(
            "{} passed, {} failed, {} skipped",
            s.passed, s.failed, s.skipped
        );
        s
    }
}
