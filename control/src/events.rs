// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.control events`: what happens, line by line, until it is ended.

use std::io::{self, BufRead, Write};
use std::path::Path;

use anyhow::{bail, Context, Result};
use ksmbd_config::daemon;
use serde_json::{json, Value};

use crate::{cell, unreachable};

/// Follows the daemon's events; with `json` as it tells them. Ends after
/// `count` of them, or with the daemon.
pub(crate) fn run(dir: &Path, json: bool, count: Option<u64>) -> Result<()> {
    let request = json!({ "cmd": "events" }).to_string();
    let mut lines = daemon::follow(dir, &request)
        .map_err(|e| unreachable(dir, &e))?
        .lines();
    let first = lines.next().context("the daemon does not answer")??;
    let first: Value = serde_json::from_str(&first).context("the daemon's answer")?;
    if first["ok"] != true {
        bail!("{}", first["error"].as_str().unwrap_or("no reason given"));
    }
    let mut out = io::stdout().lock();
    let mut left = count;
    while left != Some(0) {
        let Some(line) = lines.next() else {
            bail!("the daemon has ended");
        };
        let line = line.context("the daemon's events")?;
        let text = if json {
            line
        } else {
            let event = serde_json::from_str(&line).context("the daemon's event")?;
            human(&event)
        };
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            // `ksmbd.control events | head`
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
        left = left.map(|n| n.saturating_sub(1));
    }
    Ok(())
}

/// An event for people. What clients named cannot leave its line.
fn human(event: &Value) -> String {
    if let Some(n) = event["lost"]
        .as_u64()
        .filter(|_| event.get("action").is_none())
    {
        return format!("({n} events were lost: this did not read fast enough)");
    }
    let mut text = format!("{}  {}", cell(&event["time"]), cell(&event["message"]));
    let mut add = |label: &str, key: &str| {
        if !event[key].is_null() {
            text.push_str(&format!("  {label}{}", cell(&event[key])));
        }
    };
    add("user ", "user");
    add("from ", "client");
    add("share ", "share");
    add("", "path");
    add("to ", "to");
    add("session ", "session");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let event = json!({
            "time": "2026-01-02T03:04:05.006Z", "message": "login refused: wrong password",
            "action": "login", "result": "refused", "user": "al\u{1b}[2Jice", "client": "192.0.2.1:7",
        });
        assert_eq!(
            human(&event),
            "2026-01-02T03:04:05.006Z  login refused: wrong password  user al\\u{1b}[2Jice  \
             from 192.0.2.1:7"
        );
        assert!(human(&json!({ "lost": 3 })).contains("3 events were lost"));
    }
}
