// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.control`: looks at and steers a running ksmbd server.
//!
//! Exit status: 0 when what was asked for is done, else 1.
#![forbid(unsafe_code)]

mod events;
mod kill;
mod testparm;
mod top;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, Context, Result};
use clap::{ArgGroup, Parser, Subcommand};
use ksmbd_config::daemon::{self, DEFAULT_RUNTIME_DIR};
use ksmbd_config::DEFAULT_CONFIG;
use rustix::fs::{flock, FlockOperation};
use serde_json::{json, Value};

/// How long a shutdown may take: the daemon gives connections ten seconds.
const SHUTDOWN: Duration = Duration::from_secs(15);

/// Steer the ksmbd SMB server.
#[derive(Parser)]
#[command(name = "ksmbd.control", bin_name = "ksmbd.control", version)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
#[command(disable_help_subcommand = true)]
#[command(group = ArgGroup::new("action").required(true)
    .args(["shutdown", "reload", "status", "list", "close", "ksmbd_version"]))]
struct Args {
    /// Stop the server and its daemon, and wait until they have
    #[arg(short, long)]
    shutdown: bool,
    /// Load the configuration again
    #[arg(short, long)]
    reload: bool,
    /// Show how the server does
    #[arg(long)]
    status: bool,
    /// List shares, connections, sessions, trees, opens or locks
    #[arg(short, long, value_name = "WHAT", num_args = 0..=1, default_missing_value = "shares",
          value_parser = ["shares", "connections", "sessions", "trees", "opens", "locks"])]
    list: Option<String>,
    /// End a connection, session, tree or open by its id; trees and opens as SESSION:ID
    #[arg(long, value_names = ["WHAT", "ID"], num_args = 2)]
    close: Option<Vec<String>>,
    /// Show the versions of daemon and engine
    #[arg(short = 'c', long = "ksmbd-version")]
    ksmbd_version: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Runtime directory of the daemon
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
    runtime_dir: PathBuf,
    /// Say what is done
    #[arg(short, long)]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Check a configuration and show what it comes to; needs no daemon
    Testparm {
        /// Configuration file
        #[arg(value_name = "FILE", default_value = DEFAULT_CONFIG)]
        file: PathBuf,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// List the shares
    Shares(View),
    /// List the connections
    Connections(View),
    /// List who is logged in
    Sessions(View),
    /// List which shares are used
    Trees(View),
    /// List the open files
    Opens(View),
    /// List the byte-range locks
    Locks(View),
    /// Watch who uses the server, and how much; q ends
    Top {
        /// Print one view and end; as it is without a terminal
        #[arg(long, conflicts_with = "count")]
        once: bool,
        /// Print so many views and end
        #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        count: Option<u64>,
        /// Seconds between two views
        #[arg(short, long, value_name = "SECONDS", default_value = "2",
              value_parser = clap::value_parser!(u64).range(1..=3600))]
        delay: u64,
        /// A line of JSON for each view
        #[arg(long)]
        json: bool,
        /// Runtime directory of the daemon
        #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
        runtime_dir: PathBuf,
    },
    /// End the sessions of a user or client, one session, or open files; says what was ended
    Kill {
        /// What TARGET names
        #[arg(value_name = "WHAT", value_parser = ["session", "user", "client", "open", "file"])]
        what: String,
        /// Session id, user name, address, open file as SESSION:ID, or file as SHARE/PATH
        #[arg(value_name = "TARGET")]
        target: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
        /// Runtime directory of the daemon
        #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
        runtime_dir: PathBuf,
    },
    /// Follow what happens: log-ins, tree connects, session ends, changes of shares
    Events {
        /// End after so many
        #[arg(short = 'n', long, value_name = "N")]
        count: Option<u64>,
        /// A line of JSON for each
        #[arg(long)]
        json: bool,
        /// Runtime directory of the daemon
        #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
        runtime_dir: PathBuf,
    },
    /// End a connection, session, tree or open
    Close {
        /// What it is
        #[arg(value_name = "WHAT", value_parser = ["connection", "session", "tree", "open"])]
        what: String,
        /// Its id; trees and opens as SESSION:ID
        #[arg(value_name = "ID")]
        id: String,
        /// Runtime directory of the daemon
        #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
        runtime_dir: PathBuf,
    },
}

/// How a list is shown, and of which daemon.
#[derive(clap::Args)]
struct View {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Runtime directory of the daemon
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
    runtime_dir: PathBuf,
}

/// The command line, for manual page and completions.
#[must_use]
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// Runs the program; answers its exit status.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::from(e.use_stderr()));
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("ksmbd.control: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    if let Some(command) = &args.command {
        return match command {
            Command::Testparm { file, json } => testparm::run(file, *json),
            Command::Shares(v) => list(&v.runtime_dir, v.json, "shares"),
            Command::Connections(v) => list(&v.runtime_dir, v.json, "connections"),
            Command::Sessions(v) => list(&v.runtime_dir, v.json, "sessions"),
            Command::Trees(v) => list(&v.runtime_dir, v.json, "trees"),
            Command::Opens(v) => list(&v.runtime_dir, v.json, "opens"),
            Command::Locks(v) => list(&v.runtime_dir, v.json, "locks"),
            Command::Top {
                once,
                count,
                delay,
                json,
                runtime_dir,
            } => {
                let wish = top::Wish {
                    json: *json,
                    count: if *once { Some(1) } else { *count },
                    delay: Duration::from_secs(*delay),
                };
                top::run(runtime_dir, &wish)
            }
            Command::Kill {
                what,
                target,
                json,
                runtime_dir,
            } => kill::run(runtime_dir, *json, what, target),
            Command::Events {
                count,
                json,
                runtime_dir,
            } => events::run(runtime_dir, *json, *count),
            Command::Close {
                what,
                id,
                runtime_dir,
            } => close_one(runtime_dir, what, id),
        };
    }
    if args.shutdown {
        return shutdown(args);
    }
    if args.reload {
        let answer = ask(&args.runtime_dir, &json!({ "cmd": "reload" }))?;
        if args.json {
            return print_json(&answer);
        }
        return print(answer["message"].as_str().unwrap_or("done"));
    }
    if args.status {
        return status(args);
    }
    if args.ksmbd_version {
        return version(args);
    }
    if let Some(what) = &args.list {
        return list(&args.runtime_dir, args.json, what);
    }
    if let Some(close) = &args.close {
        let [what, id] = close.as_slice() else {
            bail!("--close wants WHAT and ID");
        };
        return close_one(&args.runtime_dir, what, id);
    }
    Ok(())
}

fn list(dir: &Path, json: bool, what: &str) -> Result<()> {
    let answer = ask(dir, &json!({ "cmd": "list", "what": what }))?;
    let entries = &answer["entries"];
    if json {
        return print_json(entries);
    }
    print(&table(what, entries.as_array().map_or(&[], Vec::as_slice)))
}

/// What to say when the daemon cannot be asked.
fn unreachable(dir: &Path, e: &io::Error) -> anyhow::Error {
    if daemon::is_absent(e) {
        return anyhow!(
            "no ksmbd.mountd runs with runtime directory {}; start it: ksmbd.mountd \
             (or name its directory: --runtime-dir DIR)",
            dir.display()
        );
    }
    if e.kind() == io::ErrorKind::PermissionDenied {
        return anyhow!("no permission to talk to ksmbd.mountd; run as root");
    }
    let socket = daemon::control_path(dir);
    anyhow!("ksmbd.mountd does not answer at {}: {e}", socket.display())
}

/// Asks the daemon; answers what it says when that is no error.
fn ask(dir: &Path, request: &Value) -> Result<Value> {
    let answer = daemon::request(dir, &request.to_string()).map_err(|e| unreachable(dir, &e))?;
    let answer: Value = serde_json::from_str(&answer).context("the daemon's answer")?;
    if answer["ok"] == true {
        return Ok(answer);
    }
    bail!(
        "{}",
        answer["error"]
            .as_str()
            .unwrap_or("the daemon gives no reason")
    )
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()) {
        // `ksmbd.control --list | head`
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn print_json(value: &Value) -> Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// Whether a daemon holds the lock.
fn is_running(dir: &Path) -> Result<bool> {
    let path = daemon::lock_path(dir);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e).with_context(|| format!("{}", path.display())),
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(e) if io::Error::from(e).kind() == io::ErrorKind::WouldBlock => Ok(true),
        Err(e) => Err(io::Error::from(e)).with_context(|| format!("{}", path.display())),
    }
}

fn shutdown(args: &Args) -> Result<()> {
    ask(&args.runtime_dir, &json!({ "cmd": "shutdown" }))?;
    let end = Instant::now() + SHUTDOWN;
    while is_running(&args.runtime_dir)? {
        if Instant::now() >= end {
            bail!("ksmbd.mountd does not end; see its log");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    if args.verbose {
        eprintln!("the server has stopped");
    }
    Ok(())
}

fn status(args: &Args) -> Result<()> {
    let s = ask(&args.runtime_dir, &json!({ "cmd": "status" }))?;
    if args.json {
        return print_json(&s);
    }
    let rows = [
        ("state", "state"),
        ("host", "host"),
        ("engine", "engine"),
        ("daemon", "version"),
        ("process", "pid"),
        ("port", "port"),
        ("up for", "uptime_s"),
        ("shares", "shares"),
        ("connections", "connections"),
        ("sessions", "sessions"),
        ("tree connects", "trees"),
        ("open files", "opens"),
        ("requests", "requests"),
        ("errors", "errors"),
        ("bytes in", "bytes_in"),
        ("bytes out", "bytes_out"),
    ];
    let mut out = String::new();
    for (label, key) in rows {
        let value = match key {
            "uptime_s" => s[key].as_u64().map_or_else(|| "-".to_owned(), duration),
            _ => cell(&s[key]),
        };
        out.push_str(&format!("{:15}{value}\n", format!("{label}:")));
    }
    print(&out)
}

fn version(args: &Args) -> Result<()> {
    match ask(&args.runtime_dir, &json!({ "cmd": "status" })) {
        Ok(s) => {
            if args.json {
                return print_json(&json!({ "engine": s["engine"], "daemon": s["version"] }));
            }
            print(&format!(
                "engine: {}\ndaemon: {}",
                cell(&s["engine"]),
                cell(&s["version"])
            ))
        }
        // Without a daemon the module still tells.
        Err(e) => match std::fs::read_to_string("/sys/module/ksmbd/version") {
            Ok(version) if args.json => print_json(&json!({ "module": version.trim() })),
            Ok(version) => print(&format!("module: {}", version.trim())),
            Err(_) => Err(e),
        },
    }
}

fn close_one(dir: &Path, what: &str, id: &str) -> Result<()> {
    let (session, id) = match id.split_once(':') {
        Some((session, id)) => (Some(number(session)?), id),
        None => (None, id),
    };
    let mut request = json!({ "cmd": "close", "what": what, "id": number(id)? });
    match (what, session) {
        ("tree" | "open", None) => bail!("a {what} is named as SESSION:ID; see --list {what}s"),
        (_, Some(session)) => request["session_id"] = session.into(),
        _ => {}
    }
    ask(dir, &request)?;
    Ok(())
}

/// Decimal, or hexadecimal with 0x.
fn number(text: &str) -> Result<u64> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| anyhow!("`{text}` is no id"))
}

fn duration(seconds: u64) -> String {
    let (d, h, m, s) = (
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    );
    match (d, h) {
        (0, 0) => format!("{m}m {s}s"),
        (0, _) => format!("{h}h {m}m"),
        _ => format!("{d}d {h}h"),
    }
}

/// A value as a person reads it. What a client named cannot move the cursor
/// of whoever lists it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(s) if s.is_empty() => "-".to_owned(),
        Value::String(s) => {
            let mut out = String::new();
            for c in s.chars() {
                if c.is_control() {
                    out.extend(c.escape_default());
                } else {
                    out.push(c);
                }
            }
            out
        }
        Value::Array(list) if list.is_empty() => "-".to_owned(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Columns of a list: heading and key.
fn columns(what: &str) -> &'static [(&'static str, &'static str)] {
    match what {
        "shares" => &[
            ("SHARE", "name"),
            ("PATH", "path"),
            ("READ-ONLY", "read_only"),
            ("GUESTS", "guest_ok"),
            ("COMMENT", "comment"),
        ],
        "connections" => &[
            ("ID", "id"),
            ("PEER", "peer"),
            ("DIALECT", "dialect"),
            ("SIGNING", "signing"),
            ("CIPHER", "cipher"),
            ("REQUESTS", "requests"),
            ("CREDITS", "credits"),
            ("IN", "bytes_in"),
            ("OUT", "bytes_out"),
            ("AGE", "age_s"),
        ],
        "sessions" => &[
            ("ID", "id"),
            ("USER", "account"),
            ("DOMAIN", "domain"),
            ("UID", "uid"),
            ("KIND", "flags"),
            ("CONNECTIONS", "connections"),
            ("TREES", "trees"),
            ("OPENS", "opens"),
            ("SIGNING", "signing"),
            ("ENCRYPTED", "encrypted"),
            ("AGE", "age_s"),
        ],
        "trees" => &[
            ("SESSION", "session_id"),
            ("ID", "id"),
            ("SHARE", "share"),
            ("OPENS", "opens"),
            ("AGE", "age_s"),
        ],
        "opens" => &[
            ("SESSION", "session_id"),
            ("ID", "id"),
            ("TREE", "tree_id"),
            ("ACCESS", "access"),
            ("SHARED", "share_access"),
            ("SIZE", "size"),
            ("PATH", "path"),
        ],
        _ => &[
            ("OPEN", "open_id"),
            ("OFFSET", "offset"),
            ("LENGTH", "length"),
            ("EXCLUSIVE", "exclusive"),
            ("WAITING", "waiting"),
            ("PATH", "path"),
        ],
    }
}

fn table(what: &str, entries: &[Value]) -> String {
    let columns = columns(what);
    let mut rows: Vec<Vec<String>> = vec![columns.iter().map(|(h, _)| (*h).to_owned()).collect()];
    for entry in entries {
        let row = columns.iter().map(|(_, key)| match *key {
            "age_s" => entry[*key]
                .as_u64()
                .map_or_else(|| "-".to_owned(), duration),
            key => cell(&entry[key]),
        });
        rows.push(row.collect());
    }
    let widths: Vec<usize> = (0..columns.len())
        .map(|c| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (text, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{text:width$}  "));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up_and_escape() {
        let entries = [
            json!({ "session_id": 1, "id": 2, "share": "da\u{1b}[2Jta", "opens": 0, "age_s": 61 }),
            json!({ "session_id": 123_456, "id": 2, "share": "x", "opens": 1, "age_s": 90_000 }),
        ];
        assert_eq!(
            table("trees", &entries),
            "SESSION  ID  SHARE          OPENS  AGE\n\
             1        2   da\\u{1b}[2Jta  0      1m 1s\n\
             123456   2   x              1      1d 1h\n"
        );
    }

    #[test]
    fn ids() {
        assert_eq!(number("17").unwrap(), 17);
        assert_eq!(number("0x1F").unwrap(), 31);
        assert!(number("x").is_err());
        assert!(Args::try_parse_from(["x", "--close", "session"]).is_err());
        assert!(Args::try_parse_from(["x"]).is_err());
        assert!(Args::try_parse_from(["x", "-s", "-r"]).is_err());
        assert!(Args::try_parse_from(["x", "-s", "testparm"]).is_err());
        assert!(Args::try_parse_from(["x", "testparm", "--json"]).is_ok());
        let a = Args::try_parse_from(["x", "-l"]).unwrap();
        assert_eq!(a.list.as_deref(), Some("shares"));
    }
}
