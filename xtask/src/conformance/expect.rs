// SPDX-License-Identifier: GPL-2.0-or-later
//! What is expected of each test: `tests/conformance/smbtorture.csv`.
//!
//! One line per test and host; host `any` holds unless there is a line for the
//! host itself. Columns: test, tier, host, status (pass, fail, skip, flaky),
//! reason and spec (why it does not pass, and the section of the specification
//! that says so, if any), samba (4.24.7's result), ksmbd_ci (whether C ksmbd's
//! own CI runs it), seconds (on Samba). Lines that begin with `#` are kept.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{ensure, Context, Result};

use super::torture::{Outcome, Verdict};
use crate::run;

/// What a test is expected to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Pass,
    Fail,
    Skip,
    /// Either; never counts against a run.
    Flaky,
}

impl Status {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Pass, "pass"),
        (Self::Fail, "fail"),
        (Self::Skip, "skip"),
        (Self::Flaky, "flaky"),
    ];

    fn parse(s: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == s).map(|(v, _)| *v)
    }

    pub(super) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(v, _)| *v == self)
            .map_or("", |(_, n)| n)
    }

    fn of(v: Verdict) -> Self {
        match v {
            Verdict::Pass => Self::Pass,
            Verdict::Skip => Self::Skip,
            _ => Self::Fail,
        }
    }
}

const HEAD: &str = "test,tier,host,status,reason,spec,samba,ksmbd_ci,seconds";
const ANY: &str = "any";

#[derive(Clone)]
struct Line {
    test: String,
    tier: String,
    host: String,
    status: Status,
    reason: String,
    spec: String,
    samba: String,
    ksmbd_ci: String,
    seconds: String,
}

/// The file.
pub(super) struct Expectations {
    comments: Vec<String>,
    lines: Vec<Line>,
}

impl Expectations {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut all = Self {
            comments: Vec::new(),
            lines: Vec::new(),
        };
        for (n, l) in text.lines().enumerate() {
            if l.starts_with('#') {
                all.comments.push(l.to_owned());
            } else if !l.is_empty() && l != HEAD {
                let line = Line::parse(l).with_context(|| format!("line {}: {l}", n + 1))?;
                all.lines.push(line);
            }
        }
        Ok(all)
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        run::write_atomic(path, self.text().as_bytes())
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for c in &self.comments {
            let _ = writeln!(out, "{c}");
        }
        let _ = writeln!(out, "{HEAD}");
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by(|a, b| (&a.test, &a.host).cmp(&(&b.test, &b.host)));
        for l in lines {
            let _ = writeln!(out, "{}", l.text());
        }
        out
    }

    /// The names of a tier's tests.
    pub(super) fn of_tier(&self, tier: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .lines
            .iter()
            .filter(|l| l.tier == tier)
            .map(|l| l.test.clone())
            .collect();
        names.dedup();
        names
    }

    fn find(&self, test: &str, host: &str) -> Option<&Line> {
        let on = |h: &str| self.lines.iter().find(|l| l.test == test && l.host == h);
        on(host).or_else(|| on(ANY))
    }

    /// What the test is expected to do on that host, if anything is known.
    pub(super) fn status(&self, test: &str, host: &str) -> Option<Status> {
        self.find(test, host).map(|l| l.status)
    }

    /// Why.
    pub(super) fn reason(&self, test: &str, host: &str) -> &str {
        self.find(test, host).map_or("", |l| l.reason.as_str())
    }

    /// How long it takes on Samba.
    pub(super) fn seconds(&self, test: &str) -> u32 {
        let of = |l: &Line| l.seconds.parse::<f32>().unwrap_or(0.0);
        self.find(test, ANY).map_or(0, |l| of(l) as u32)
    }

    /// Takes over what came out, and returns how many lines that changed. A
    /// `flaky` line stays; a reason goes when its test passes.
    pub(super) fn update(&mut self, host: &str, results: &[Outcome]) -> usize {
        let mut changed = 0;
        for o in results {
            let now = Status::of(o.verdict);
            let at = |lines: &[Line], h: &str| {
                lines.iter().position(|l| l.test == o.test && l.host == h)
            };
            let found = at(&self.lines, host).or_else(|| at(&self.lines, ANY));
            let Some(line) = found.and_then(|n| self.lines.get_mut(n)) else {
                self.lines.push(Line::new(o, now));
                changed += 1;
                continue;
            };
            if line.status == now || line.status == Status::Flaky {
                continue;
            }
            changed += 1;
            if host != "embedded" && line.host == ANY {
                // The others' word stands where this host differs.
                let mut own = line.clone();
                host.clone_into(&mut own.host);
                own.set(o, now);
                self.lines.push(own);
            } else {
                line.set(o, now);
            }
        }
        changed
    }
}

impl Line {
    fn new(o: &Outcome, status: Status) -> Self {
        let mut line = Self {
            test: o.test.clone(),
            tier: String::new(),
            host: ANY.into(),
            status,
            reason: String::new(),
            spec: String::new(),
            samba: String::new(),
            ksmbd_ci: String::new(),
            seconds: format!("{:.1}", o.seconds),
        };
        line.set(o, status);
        line
    }

    fn set(&mut self, o: &Outcome, status: Status) {
        self.status = status;
        if status == Status::Pass {
            self.reason.clear();
            self.spec.clear();
        } else if self.reason.is_empty() {
            self.reason = format!("open: {}", o.why(90));
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let f = fields(text);
        ensure!(f.len() == 9, "{} fields where 9 are due", f.len());
        let mut f = f.into_iter();
        let mut next = || f.next().unwrap_or_default();
        let line = Self {
            test: next(),
            tier: next(),
            host: next(),
            status: {
                let s = next();
                Status::parse(&s).with_context(|| format!("no status `{s}`"))?
            },
            reason: next(),
            spec: next(),
            samba: next(),
            ksmbd_ci: next(),
            seconds: next(),
        };
        ensure!(
            matches!(line.host.as_str(), ANY | "embedded" | "kernel"),
            "no host `{}`",
            line.host
        );
        Ok(line)
    }

    fn text(&self) -> String {
        [
            &self.test,
            &self.tier,
            &self.host,
            self.status.name(),
            &self.reason,
            &self.spec,
            &self.samba,
            &self.ksmbd_ci,
            &self.seconds,
        ]
        .map(quoted)
        .join(",")
    }
}

/// RFC 4180, without line breaks in fields.
fn fields(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut inside, mut chars) = (false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, inside) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut all, '"');
            }
            ('"', _) => inside = !inside,
            (',', false) => all.push(String::new()),
            (c, _) => push(&mut all, c),
        }
    }
    all
}

fn push(all: &mut [String], c: char) {
    if let Some(last) = all.last_mut() {
        last.push(c);
    }
}

fn quoted(s: &str) -> String {
    if s.contains([',', '"']) {
        format!("\"{}\"", s.replace('"', "\"\""))
    } else {
        s.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# kept\n\
        test,tier,host,status,reason,spec,samba,ksmbd_ci,seconds\n\
        smb2.a.x,gate,any,pass,,,success,yes,0.1\n\
        smb2.a.y,gate,any,fail,\"no, \"\"never\"\"\",MS-SMB2 3.3,success,,12.5\n\
        smb2.a.y,gate,kernel,skip,none,,success,,12.5\n";

    fn outcome(test: &str, verdict: Verdict) -> Outcome {
        Outcome {
            test: test.into(),
            verdict,
            seconds: 1.0,
            detail: "x.c:1: wrong".into(),
            again: false,
        }
    }

    #[test]
    fn comes_back_as_it_was() {
        assert_eq!(Expectations::parse(TEXT).unwrap().text(), TEXT);
    }

    #[test]
    fn the_hosts_own_line_goes_first() {
        let e = Expectations::parse(TEXT).unwrap();
        assert_eq!(e.status("smb2.a.y", "embedded"), Some(Status::Fail));
        assert_eq!(e.status("smb2.a.y", "kernel"), Some(Status::Skip));
        assert_eq!(e.status("smb2.a.z", "kernel"), None);
        assert_eq!(e.reason("smb2.a.y", "embedded"), "no, \"never\"");
        assert_eq!(e.of_tier("gate"), ["smb2.a.x", "smb2.a.y"]);
    }

    #[test]
    fn update_keeps_reasons_of_failures() {
        let mut e = Expectations::parse(TEXT).unwrap();
        let results = [
            outcome("smb2.a.x", Verdict::Fail),
            outcome("smb2.a.y", Verdict::Pass),
            outcome("smb2.b", Verdict::Skip),
        ];
        assert_eq!(e.update("embedded", &results), 3);
        assert_eq!(e.status("smb2.a.x", "kernel"), Some(Status::Fail));
        assert_eq!(e.reason("smb2.a.x", "kernel"), "open: x.c:1: wrong");
        assert_eq!(e.reason("smb2.a.y", "embedded"), "");
        assert_eq!(e.update("embedded", &results), 0);
        // The kernel's deviation is a line of its own.
        assert_eq!(e.update("kernel", &[outcome("smb2.a.x", Verdict::Pass)]), 1);
        assert_eq!(e.status("smb2.a.x", "embedded"), Some(Status::Fail));
        assert_eq!(e.status("smb2.a.x", "kernel"), Some(Status::Pass));
    }
}
