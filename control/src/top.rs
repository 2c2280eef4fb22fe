// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.control top`: who uses the server, and how much, again and again.
//!
//! What is shown are differences of two samples. On a terminal the view is drawn
//! anew until `q` or Ctrl-C; elsewhere it is printed once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::termios::{
    tcgetattr, tcgetwinsize, tcsetattr, LocalModes, OptionalActions, SpecialCodeIndex, Termios,
};
use serde_json::{json, Value};

use crate::{ask, cell, duration, print};

/// What `top` is asked for.
pub(crate) struct Wish {
    pub(crate) json: bool,
    /// Views until the end; `None` is no end.
    pub(crate) count: Option<u64>,
    /// Between two views.
    pub(crate) delay: Duration,
}

/// What the daemon tells at one time.
struct Sample {
    at: Instant,
    status: Value,
    connections: Vec<Value>,
    sessions: Vec<Value>,
}

fn sample(dir: &Path) -> Result<Sample> {
    let list = |what: &str| -> Result<Vec<Value>> {
        let answer = ask(dir, &json!({ "cmd": "list", "what": what }))?;
        Ok(answer["entries"].as_array().cloned().unwrap_or_default())
    };
    Ok(Sample {
        status: ask(dir, &json!({ "cmd": "status" }))?,
        sessions: list("sessions")?,
        connections: list("connections")?,
        at: Instant::now(),
    })
}

/// Requests, bytes in, bytes out.
type Traffic = [f64; 3];
const TRAFFIC: [&str; 3] = ["requests", "bytes_in", "bytes_out"];

fn traffic(v: &Value) -> Traffic {
    TRAFFIC.map(|key| v[key].as_f64().unwrap_or(0.0))
}

fn rate(now: &Value, before: Option<&Value>, seconds: f64) -> Traffic {
    // What is new has begun with nothing.
    let before = before.map_or([0.0; 3], traffic);
    let now = traffic(now);
    let per = |n: usize| ((now[n] - before[n]) / seconds).max(0.0);
    [per(0), per(1), per(2)]
}

/// The view as data: the server as a whole, and a row for each session and for
/// each connection without one, the busiest first.
fn view(before: &Sample, now: &Sample) -> Value {
    let seconds = now.at.duration_since(before.at).as_secs_f64().max(0.001);
    let old: HashMap<u64, &Value> = before
        .connections
        .iter()
        .filter_map(|c| Some((c["id"].as_u64()?, c)))
        .collect();
    let mut left: HashMap<u64, &Value> = now
        .connections
        .iter()
        .filter_map(|c| Some((c["id"].as_u64()?, c)))
        .collect();
    let all = left.clone();
    let mut users: HashMap<u64, f64> = HashMap::new();
    let ids = |s: &Value| -> Vec<u64> {
        let list = s["connections"].as_array();
        list.map_or(Vec::new(), |l| l.iter().filter_map(Value::as_u64).collect())
    };
    for id in now.sessions.iter().flat_map(ids) {
        *users.entry(id).or_default() += 1.0;
    }
    let mut rows = Vec::new();
    for s in &now.sessions {
        let (mut sum, mut client) = ([0.0; 3], Value::Null);
        for id in ids(s) {
            left.remove(&id);
            let Some(c) = all.get(&id) else { continue };
            if client.is_null() {
                client = c["peer"].clone();
            }
            // What several sessions share is split between them.
            let share = users.get(&id).copied().unwrap_or(1.0).max(1.0);
            let own = rate(c, old.get(&id).copied(), seconds);
            for (sum, own) in sum.iter_mut().zip(own) {
                *sum += own / share;
            }
        }
        rows.push(json!({
            "session": s["id"], "user": s["account"], "client": client, "trees": s["trees"],
            "opens": s["opens"], "age_s": s["age_s"], "requests_s": sum[0].round(),
            "bytes_in_s": sum[1].round(), "bytes_out_s": sum[2].round(),
        }));
    }
    for (id, c) in left {
        let own = rate(c, old.get(&id).copied(), seconds);
        rows.push(json!({
            "session": null, "user": null, "client": c["peer"], "trees": 0, "opens": 0,
            "age_s": c["age_s"], "requests_s": own[0].round(), "bytes_in_s": own[1].round(),
            "bytes_out_s": own[2].round(),
        }));
    }
    let weight = |row: &Value| {
        let n = |key: &str| row[key].as_f64().unwrap_or(0.0);
        n("bytes_in_s") + n("bytes_out_s") + n("requests_s")
    };
    rows.sort_by(|a, b| {
        let id = |row: &Value| row["session"].as_u64();
        weight(b).total_cmp(&weight(a)).then(id(a).cmp(&id(b)))
    });
    let whole = rate(&now.status, Some(&before.status), seconds);
    json!({
        "seconds": (seconds * 1000.0).round() / 1000.0,
        "server": {
            "state": now.status["state"], "host": now.status["host"],
            "uptime_s": now.status["uptime_s"], "connections": now.status["connections"],
            "sessions": now.status["sessions"], "trees": now.status["trees"],
            "opens": now.status["opens"], "requests_s": whole[0].round(),
            "bytes_in_s": whole[1].round(), "bytes_out_s": whole[2].round(),
        },
        "clients": rows,
    })
}

/// A number of bytes in at most four digits.
fn size(bytes: &Value) -> String {
    let mut n = bytes.as_f64().unwrap_or(0.0);
    for unit in ["", "K", "M", "G"] {
        if n < 1024.0 {
            return if unit.is_empty() || n >= 100.0 {
                format!("{n:.0}{unit}")
            } else {
                format!("{n:.1}{unit}")
            };
        }
        n /= 1024.0;
    }
    format!("{n:.1}T")
}

fn text(view: &Value) -> String {
    let s = &view["server"];
    let up = s["uptime_s"].as_u64().map_or("-".to_owned(), duration);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "ksmbd ({}) {}, up {up}: {} connections, {} sessions, {} open files\n\
         {} requests/s, {}B/s in, {}B/s out\n",
        cell(&s["host"]),
        cell(&s["state"]),
        cell(&s["connections"]),
        cell(&s["sessions"]),
        cell(&s["opens"]),
        s["requests_s"].as_f64().unwrap_or(0.0),
        size(&s["bytes_in_s"]),
        size(&s["bytes_out_s"]),
    );
    let _ = writeln!(
        out,
        "{:16} {:22} {:>20} {:>5} {:>6} {:>7} {:>7} {:>7}",
        "USER", "CLIENT", "SESSION", "TREES", "OPENS", "REQ/S", "IN/S", "OUT/S"
    );
    for row in view["clients"].as_array().map_or(&[][..], Vec::as_slice) {
        let short = |key: &str, len: usize| cell(&row[key]).chars().take(len).collect::<String>();
        let _ = writeln!(
            out,
            "{:16} {:22} {:>20} {:>5} {:>6} {:>7} {:>7} {:>7}",
            short("user", 16),
            short("client", 47),
            cell(&row["session"]),
            cell(&row["trees"]),
            cell(&row["opens"]),
            row["requests_s"].as_f64().unwrap_or(0.0),
            size(&row["bytes_in_s"]),
            size(&row["bytes_out_s"]),
        );
    }
    out
}

/// A terminal that gives keys at once and shows none; as before when dropped.
struct Keys {
    before: Termios,
}

impl Keys {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        // Ctrl-C is a key, too, so that the terminal is always put back.
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        raw.special_codes[SpecialCodeIndex::VMIN] = 0;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }

    /// Waits; whether a key says that it is to end.
    fn wait(&self, patience: Duration) -> io::Result<bool> {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            let stdin = io::stdin();
            let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut fds, Some(&timeout)) {
                // A new size of the window, for example.
                Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            if fds[0].revents().is_empty() {
                continue;
            }
            let mut keys = [0; 16];
            let n = io::stdin().lock().read(&mut keys)?;
            let keys = keys.get(..n).unwrap_or_default();
            // Nothing more to come is an end as well.
            if n == 0 || keys.iter().any(|k| matches!(k, b'q' | b'Q' | 3 | 4)) {
                return Ok(true);
            }
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // Nothing is left to be done if it fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
        print!("\x1b[?25h");
        let _ = io::stdout().flush();
    }
}

/// As much of it as the window has, on a cleared screen.
fn draw(text: &str, footer: &str) -> io::Result<()> {
    let (rows, cols) = tcgetwinsize(io::stdout()).map_or((24, 80), |w| (w.ws_row, w.ws_col));
    let (rows, cols) = (usize::from(rows.max(5)), usize::from(cols.max(20)));
    let mut out = String::from("\x1b[?25l\x1b[H\x1b[2J");
    for line in text.lines().take(rows - 2).chain([footer]) {
        out.extend(line.chars().take(cols));
        out.push_str("\r\n");
    }
    let mut to = io::stdout().lock();
    to.write_all(out.trim_end().as_bytes())?;
    to.flush()
}

pub(crate) fn run(dir: &Path, wish: &Wish) -> Result<()> {
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let live = terminal && !wish.json && wish.count.is_none();
    let mut left = match wish.count {
        None if !terminal => Some(1),
        count => count,
    };
    let mut before = sample(dir)?;
    let keys = live.then(Keys::new).transpose().context("the terminal")?;
    // The first view comes soon.
    let mut delay = wish.delay.min(Duration::from_secs(1));
    while left != Some(0) {
        match &keys {
            Some(keys) => {
                if keys.wait(delay)? {
                    break;
                }
            }
            None => std::thread::sleep(delay),
        }
        delay = wish.delay;
        let now = sample(dir)?;
        let view = view(&before, &now);
        match &keys {
            Some(_) => draw(&text(&view), "q ends")?,
            // One line each, so that a reader knows where one ends.
            None if wish.json => print(&view.to_string())?,
            None => print(&text(&view))?,
        }
        before = now;
        left = left.map(|n| n - 1);
    }
    drop(keys);
    if live {
        println!();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64, requests: u64, connections: Vec<Value>) -> Sample {
        Sample {
            at: start + Duration::from_millis(ms),
            status: json!({ "requests": requests, "bytes_in": 0, "bytes_out": 0, "host": "kernel" }),
            connections,
            sessions: vec![
                json!({ "id": 7, "account": "alice", "connections": [1], "opens": 2, "trees": 1 }),
                json!({ "id": 8, "account": "bob", "connections": [2], "opens": 0, "trees": 1 }),
            ],
        }
    }

    fn connection(id: u64, requests: u64, bytes: u64) -> Value {
        let peer = format!("192.0.2.{id}:4000");
        json!({ "id": id, "peer": peer, "requests": requests, "bytes_in": bytes, "bytes_out": 0 })
    }

    #[test]
    fn differences_by_client() {
        let start = Instant::now();
        let before = at(
            start,
            0,
            100,
            vec![connection(1, 90, 0), connection(2, 10, 0)],
        );
        let now = at(
            start,
            2000,
            300,
            vec![
                connection(1, 110, 4096),
                connection(2, 190, 1 << 21),
                connection(3, 2, 200),
            ],
        );
        let v = view(&before, &now);
        assert_eq!(v["server"]["requests_s"], 100.0);
        let rows = v["clients"].as_array().unwrap();
        let of = |n: usize| {
            (
                rows[n]["user"].clone(),
                rows[n]["requests_s"].clone(),
                rows[n]["bytes_in_s"].clone(),
            )
        };
        assert_eq!(of(0), ("bob".into(), 90.0.into(), (1048576.0).into()));
        assert_eq!(of(1), ("alice".into(), 10.0.into(), 2048.0.into()));
        assert_eq!(of(2), (Value::Null, 1.0.into(), 100.0.into()));
        assert_eq!(rows[1]["client"], "192.0.2.1:4000");
        let text = text(&v);
        assert!(text.contains("100 requests/s"), "{text}");
        assert!(text.contains("1.0M"), "{text}");
    }

    #[test]
    fn sizes() {
        let s = |n: u64| size(&n.into());
        assert_eq!(
            (s(0), s(1023), s(1024)),
            ("0".into(), "1023".into(), "1.0K".into())
        );
        assert_eq!((s(500 << 20), s(3 << 30)), ("500M".into(), "3.0G".into()));
    }
}
