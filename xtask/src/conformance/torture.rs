// SPDX-License-Identifier: GPL-2.0-or-later
//! One smbtorture process, and what its output says.
//!
//! The exit status is 0 for success and for a skip, and 1 for a failure as well
//! as for a name that does not exist, so only the output counts.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::catalog;
use crate::run;
use crate::sandbox::{self, Bind};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Verdict {
    Pass,
    Fail,
    Skip,
    /// Ended because it took too long.
    Timeout,
    /// No verdict in the output, or the server died.
    Error,
}

impl Verdict {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Skip => "skip",
            Self::Timeout => "TIMEOUT",
            Self::Error => "ERROR",
        }
    }

    /// Whether nothing went wrong.
    pub(super) fn is_good(self) -> bool {
        matches!(self, Self::Pass | Self::Skip)
    }
}

/// How a test ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) test: String,
    pub(super) verdict: Verdict,
    pub(super) seconds: f32,
    /// What the test said of its failure.
    pub(super) detail: String,
    /// Whether this was the second run.
    #[serde(default)]
    pub(super) again: bool,
}

impl Outcome {
    /// The first line of the detail, shortened.
    pub(super) fn why(&self, most: usize) -> String {
        let line = self
            .detail
            .lines()
            .map(str::trim)
            .find(|l| !l.is_empty())
            .unwrap_or("no output");
        // The path is that of somebody else's build.
        let line = line.rsplit("../").next().unwrap_or(line);
        let line = line.strip_prefix("source4/torture/smb2/").unwrap_or(line);
        line.chars().take(most).collect()
    }
}

/// Whom to test, and how.
pub(super) struct Target {
    /// The Debian root that has smbtorture.
    pub(super) root: PathBuf,
    pub(super) port: u16,
    /// The share's directory, for tests that look beneath the server.
    pub(super) dir: PathBuf,
    pub(super) encrypt: bool,
}

pub(super) const USER: (&str, &str) = ("alice", "secret-123");
pub(super) const USER2: (&str, &str) = ("bob", "secret-456");

/// Where the share's directory is for smbtorture.
const LOCAL_DIR: &str = "/tmp/share";

/// Runs a test and returns its outcome and its whole output.
pub(super) fn run(t: &Target, test: &str, log: &Path) -> Result<(Outcome, String)> {
    let start = Instant::now();
    let out = std::fs::File::create(log).with_context(|| format!("{}", log.display()))?;
    let mut child = command(t, test)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .spawn()
        .context("cannot run smbtorture")?;
    let in_time = wait(&mut child, Duration::from_secs(catalog::timeout(test)))?;
    let seconds = start.elapsed().as_secs_f32();
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let (mut verdict, detail) = parse(&text);
    if !in_time && verdict != Verdict::Fail {
        verdict = Verdict::Timeout;
    }
    let detail = if verdict == Verdict::Timeout {
        format!("no end within {} s", catalog::timeout(test))
    } else {
        detail
    };
    let outcome = Outcome {
        test: test.to_owned(),
        verdict,
        seconds,
        detail,
        again: false,
    };
    Ok((outcome, text))
}

/// Whether it ended by itself.
fn wait(child: &mut Child, most: Duration) -> Result<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        if start.elapsed() > most || run::interrupted() {
            child.kill().ok();
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn command(t: &Target, test: &str) -> Command {
    let binds = [Bind {
        from: t.dir.clone(),
        to: LOCAL_DIR.into(),
        writable: true,
    }];
    let args = args(test, t.port, t.encrypt, LOCAL_DIR);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    sandbox::chroot(&t.root, &binds, "smbtorture", &args)
}

/// The command line of a test.
pub(super) fn args(test: &str, port: u16, encrypt: bool, dir: &str) -> Vec<String> {
    let needs = catalog::needs(test);
    let rpc = test.starts_with("rpc.");
    let target = if rpc {
        "ncacn_np:127.0.0.1[smb2]".to_owned()
    } else {
        format!("//127.0.0.1/{}", needs.share)
    };
    let mut all = vec![
        target,
        "-p".into(),
        port.to_string(),
        "-U".into(),
        format!("{}%{}", USER.0, USER.1),
        "--format=subunit".into(),
        format!("--option=torture:user2name={}", USER2.0),
        format!("--option=torture:user2password={}", USER2.1),
        format!("--option=torture:localdir={dir}"),
    ];
    all.extend(needs.options.iter().map(|o| format!("--option={o}")));
    if encrypt {
        all.push("--client-protection=encrypt".into());
    }
    all.push(test.to_owned());
    all
}

/// What the output says, and why.
pub(super) fn parse(text: &str) -> (Verdict, String) {
    let mut verdict = None;
    let mut detail = String::new();
    let mut inside = false;
    for line in text.lines() {
        if inside {
            if line == "]" {
                inside = false;
            } else {
                detail.push_str(line);
                detail.push('\n');
            }
            continue;
        }
        let Some((word, rest)) = line.split_once(": ") else {
            continue;
        };
        let v = match word {
            "success" => Verdict::Pass,
            "failure" | "error" => Verdict::Fail,
            "skip" => Verdict::Skip,
            _ => continue,
        };
        let worse = match (verdict, v) {
            (Some(Verdict::Fail), _) => Verdict::Fail,
            (Some(Verdict::Pass), Verdict::Skip) => Verdict::Pass,
            (_, v) => v,
        };
        verdict = Some(worse);
        inside = rest.ends_with('[');
    }
    match verdict {
        Some(v) => (v, detail),
        None => {
            let last = text.lines().rev().find(|l| !l.trim().is_empty());
            let last = last.unwrap_or("no output").to_owned();
            (Verdict::Error, format!("no verdict: {last}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_subunit() {
        let ok = "time: x\ntest: a\ntime: y\nsuccess: a\n";
        assert_eq!(parse(ok).0, Verdict::Pass);
        let bad = "test: a\nfailure: a [\n../../x.c:3: wrong\n]\n";
        assert_eq!(parse(bad), (Verdict::Fail, "../../x.c:3: wrong\n".into()));
        let skip = "test: a\nskip: a [\nnot here\n]\n";
        assert_eq!(parse(skip).0, Verdict::Skip);
        assert_eq!(
            parse("test: a\nsuccess: a\nerror: b [\nx\n]\n").0,
            Verdict::Fail
        );
        assert_eq!(parse("Unknown torture operation\n").0, Verdict::Error);
    }
}
