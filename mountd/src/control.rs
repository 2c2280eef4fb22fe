// SPDX-License-Identifier: GPL-2.0-or-later
//! The control socket: one JSON object a line, one line back.
//!
//! Requests: `{"cmd": "status" | "reload" | "shutdown"}`,
//! `{"cmd": "list", "what": "connections" | "sessions" | "trees" | "opens" | "locks" | "shares"}`,
//! `{"cmd": "kill", "what": "session" | "user" | "client" | "open" | "file", "target": TEXT}`
//! (what belongs to these), `{"cmd": "events"}` (then a line for each event),
//! `{"cmd": "close", "what": "connection" | "session" | "tree" | "open", "id": N, "session_id": N}`,
//! `{"cmd": "update", "account": NAME, "change": "changed" | "removed" | "disabled"}`.
//! Answers: `{"ok": true, …}` or `{"ok": false, "error": TEXT}`.
//!
//! The socket's mode is 0600: whoever may use it may stop the server.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail, Context, Result};
use proto_shared::ipc::{
    Change, ConnectionEntry, ListWhat, LockEntry, OpenEntry, ServerEntry, SessionEntry, TreeEntry,
    UserFlags,
};
use rustix::net::{recv, RecvFlags};
use serde::Deserialize;
use serde_json::{json, Value};

use crate::audit::{Hub, Next, Record};
use crate::daemon::Daemon;
use crate::runtime::remove_stale;

/// Most clients at a time.
const MAX_CLIENTS: usize = 16;
/// Most of them that follow events: others can still steer the server.
const MAX_FOLLOWERS: usize = 8;
/// Longest request in bytes.
const MAX_REQUEST: u64 = 64 * 1024;

/// What somebody wants of the daemon as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Read the configuration again.
    Reload,
    /// End.
    Stop,
}

#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase", deny_unknown_fields)]
enum Request {
    Status,
    Reload,
    Shutdown,
    List {
        what: String,
    },
    Close {
        what: String,
        id: u64,
        session_id: Option<u64>,
    },
    Kill {
        what: String,
        target: String,
    },
    Events,
    Update {
        #[serde(default)]
        account: String,
        #[serde(default)]
        share: String,
        change: String,
    },
}

/// Makes the socket. To be called before other threads make files: the
/// process's umask is changed meanwhile, so that nobody else can connect from
/// the first moment on.
///
/// # Errors
/// The socket cannot be made.
pub fn bind(path: &Path) -> Result<UnixListener> {
    let what = || format!("cannot make the socket {}", path.display());
    remove_stale(path).with_context(what)?;
    let old = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(path);
    rustix::process::umask(old);
    listener.with_context(what)
}

/// Answers in a thread of its own until the process ends.
///
/// # Errors
/// The thread cannot be started.
pub fn serve(
    listener: UnixListener,
    daemon: Arc<Daemon>,
    hub: Arc<Hub>,
    orders: Sender<Order>,
) -> Result<()> {
    let clients = Arc::new(AtomicUsize::new(0));
    std::thread::Builder::new()
        .name("ksmbd-control".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else {
                    // Out of descriptors, for example: not in a hot loop.
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                };
                if clients.fetch_add(1, Ordering::Relaxed) >= MAX_CLIENTS {
                    clients.fetch_sub(1, Ordering::Relaxed);
                    continue;
                }
                let (daemon, orders, count) = (daemon.clone(), orders.clone(), clients.clone());
                let hub = hub.clone();
                let spawned = std::thread::Builder::new().spawn(move || {
                    if let Err(e) = client(stream, &daemon, &hub, &orders) {
                        tracing::debug!(error = %e, "a client of the control socket");
                    }
                    count.fetch_sub(1, Ordering::Relaxed);
                });
                if spawned.is_err() {
                    clients.fetch_sub(1, Ordering::Relaxed);
                }
            }
        })
        .context("starting the control thread")?;
    Ok(())
}

/// Follows the hub: an answer first, then a line per event until the client
/// goes; `{"lost": N}` where N events did not fit. Who does not read is waited
/// for, here and by nobody else.
fn follow(stream: &UnixStream, hub: &Hub) -> std::io::Result<()> {
    if hub.len() >= MAX_FOLLOWERS {
        let error = format!("{MAX_FOLLOWERS} others follow already; end one of them");
        return send(stream, &json!({ "ok": false, "error": error }).to_string());
    }
    let follower = hub.follow();
    send(stream, &json!({ "ok": true }).to_string())?;
    loop {
        match follower.next(Duration::from_secs(1)) {
            Next::Event(line) => send(stream, &line)?,
            Next::Lost(n) => send(stream, &json!({ "lost": n }).to_string())?,
            Next::Nothing => {}
        }
        if has_gone(stream) {
            return Ok(());
        }
    }
}

/// Sends a line, however long the client takes to read it.
fn send(mut stream: &UnixStream, line: &str) -> std::io::Result<()> {
    let line = format!("{line}\n");
    let mut left = line.as_bytes();
    while !left.is_empty() {
        match stream.write(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => left = left.get(n..).unwrap_or_default(),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            // The time-out of a write: it reads slowly, or not at all just now.
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Whether the other end is closed. What it says meanwhile is not read.
fn has_gone(stream: &UnixStream) -> bool {
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    matches!(recv(stream, &mut [0; 1], flags), Ok((_, 0)))
}

fn client(
    mut stream: UnixStream,
    daemon: &Daemon,
    hub: &Hub,
    orders: &Sender<Order>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        reader.by_ref().take(MAX_REQUEST).read_line(&mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let whole = line.ends_with('\n');
        if matches!(serde_json::from_str(&line), Ok(Request::Events)) {
            return follow(&stream, hub);
        }
        let mut stop = false;
        let answer = if whole {
            answer(daemon, &line, &mut stop)
        } else {
            Err(anyhow!("the request is too long or has no end"))
        };
        let mut answer = match answer {
            Ok(mut value) => {
                value["ok"] = true.into();
                value
            }
            Err(e) => json!({ "ok": false, "error": format!("{e:#}") }),
        }
        .to_string();
        answer.push('\n');
        let written = stream.write_all(answer.as_bytes());
        if stop {
            // After the answer, which would not outrun the end of the process.
            // Nobody takes the order when the daemon is ending already.
            let _ = orders.send(Order::Stop);
        }
        written?;
        if !whole {
            return Ok(());
        }
    }
}

/// Answers one request; `stop` says that the daemon is to end once it is sent.
fn answer(daemon: &Daemon, line: &str, stop: &mut bool) -> Result<Value> {
    let request: Request = serde_json::from_str(line).context("the request is not understood")?;
    match request {
        Request::Status => status(daemon),
        Request::Reload => Ok(json!({ "message": daemon.reload()? })),
        Request::Shutdown => {
            *stop = true;
            Ok(json!({}))
        }
        Request::List { what } => Ok(json!({ "entries": entries(daemon, &what)? })),
        Request::Close {
            what,
            id,
            session_id,
        } => {
            let what = match what.as_str() {
                "connection" => ListWhat::CONNECTIONS,
                "session" => ListWhat::SESSIONS,
                "tree" => ListWhat::TREES,
                "open" => ListWhat::OPENS,
                other => {
                    bail!("`{other}` cannot be closed; name connection, session, tree or open")
                }
            };
            daemon.close(what, id, session_id)?;
            let record = Record {
                action: "kill",
                session: session_id,
                ..Record::default()
            };
            record.ok(&format!("{what} {id}, by ksmbd.control"));
            Ok(json!({}))
        }
        Request::Kill { what, target } => {
            Ok(json!({ "ended": crate::kill::kill(daemon, &what, &target)? }))
        }
        // The caller does it.
        Request::Events => bail!("events are a request of their own"),
        Request::Update {
            account,
            share,
            change,
        } => {
            let change = match change.as_str() {
                "changed" => Change::CHANGED,
                "removed" => Change::REMOVED,
                "disabled" => Change::DISABLED,
                other => bail!("`{other}` is no change"),
            };
            daemon.update(&share, &account, change)?;
            Ok(json!({}))
        }
    }
}

fn status(daemon: &Daemon) -> Result<Value> {
    let config = daemon.service().state().config();
    let mut out = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "host": daemon.host().name(),
        "engine": daemon.engine(),
        "port": daemon.port(),
        "shares": config.shares.len(),
        "logins_under_way": daemon.service().auth().pending(),
        "pipes": daemon.service().pipes().len(),
    });
    daemon.list(ListWhat::SERVER, &mut |bytes| {
        let e = ServerEntry::parse(bytes).map_err(|e| anyhow!("the engine's status: {e}"))?;
        let state = match e.state {
            0 => "idle",
            1 => "running",
            2 => "stopping",
            _ => "unknown",
        };
        out["state"] = state.into();
        out["uptime_s"] = e.uptime_s.into();
        out["connections"] = e.connections.into();
        out["sessions"] = e.sessions.into();
        out["trees"] = e.trees.into();
        out["opens"] = e.opens.into();
        out["requests"] = e.requests.into();
        out["bytes_in"] = e.bytes_in.into();
        out["bytes_out"] = e.bytes_out.into();
        out["errors"] = e.errors.into();
        Ok(())
    })?;
    Ok(out)
}

fn dialect(n: u16) -> Value {
    match n {
        0 => Value::Null,
        0x0202 => "2.0.2".into(),
        0x0210 => "2.1".into(),
        0x0300 => "3.0".into(),
        0x0302 => "3.0.2".into(),
        0x0311 => "3.1.1".into(),
        other => format!("{other:#06x}").into(),
    }
}

fn cipher(n: u16) -> Value {
    match n {
        0 => Value::Null,
        1 => "aes-128-ccm".into(),
        2 => "aes-128-gcm".into(),
        3 => "aes-256-ccm".into(),
        4 => "aes-256-gcm".into(),
        other => format!("{other:#06x}").into(),
    }
}

fn signing_algorithm(n: u16) -> Value {
    match n {
        0 => "hmac-sha256".into(),
        1 => "aes-cmac".into(),
        2 => "aes-gmac".into(),
        other => format!("{other:#06x}").into(),
    }
}

fn user_flags(flags: UserFlags) -> Vec<&'static str> {
    [
        (UserFlags::GUEST, "guest"),
        (UserFlags::ANONYMOUS, "anonymous"),
        (UserFlags::ADMIN, "admin"),
    ]
    .into_iter()
    .filter(|(f, _)| flags.contains(*f))
    .map(|(_, name)| name)
    .collect()
}

/// One entry of the engine as JSON.
fn entry(what: ListWhat, bytes: &[u8]) -> Result<Value, proto_shared::codec::Malformed> {
    Ok(match what {
        ListWhat::CONNECTIONS => {
            let e = ConnectionEntry::parse(bytes)?;
            json!({
                "id": e.id, "peer": e.peer, "dialect": dialect(e.dialect),
                "signing": signing_algorithm(e.signing), "cipher": cipher(e.cipher),
                "requests": e.requests, "credits": e.credits, "age_s": e.age_s,
                "bytes_in": e.bytes_in, "bytes_out": e.bytes_out,
            })
        }
        ListWhat::SESSIONS => {
            let e = SessionEntry::parse(bytes)?;
            let signing = match e.signing {
                0 => "off",
                1 => "on",
                _ => "required",
            };
            json!({
                "id": e.id, "account": e.account, "domain": e.domain, "uid": e.uid,
                "flags": user_flags(e.user_flags),
                "connections": e.connections.iter().collect::<Vec<u64>>(),
                "trees": e.trees, "opens": e.opens, "signing": signing,
                "encrypted": e.encrypted, "age_s": e.age_s,
            })
        }
        ListWhat::TREES => {
            let e = TreeEntry::parse(bytes)?;
            json!({
                "session_id": e.session_id, "id": e.tree_id, "share": e.share,
                "opens": e.opens, "age_s": e.age_s,
            })
        }
        ListWhat::OPENS => {
            let e = OpenEntry::parse(bytes)?;
            json!({
                "session_id": e.session_id, "tree_id": e.tree_id, "id": e.file_id,
                "path": e.path, "access": format!("{:#010x}", e.access),
                "share_access": share_access(e.share_access), "size": e.size,
            })
        }
        _ => {
            let e = LockEntry::parse(bytes)?;
            json!({
                "open_id": e.file_id, "path": e.path, "offset": e.offset, "length": e.length,
                "exclusive": e.exclusive, "waiting": e.waiting,
            })
        }
    })
}

fn share_access(mask: u32) -> String {
    let letters = [(1, 'r'), (2, 'w'), (4, 'd')];
    letters
        .into_iter()
        .map(|(bit, c)| if mask & bit != 0 { c } else { '-' })
        .collect()
}

fn entries(daemon: &Daemon, what: &str) -> Result<Vec<Value>> {
    let what = match what {
        "shares" => return Ok(shares(daemon)),
        "connections" => ListWhat::CONNECTIONS,
        "sessions" => ListWhat::SESSIONS,
        "trees" => ListWhat::TREES,
        "opens" => ListWhat::OPENS,
        "locks" => ListWhat::LOCKS,
        other => bail!(
            "`{other}` cannot be listed; name shares, connections, sessions, trees, opens or locks"
        ),
    };
    let mut out = Vec::new();
    daemon.list(what, &mut |bytes| {
        out.push(entry(what, bytes).map_err(|e| anyhow!("the engine's list: {e}"))?);
        Ok(())
    })?;
    Ok(out)
}

fn shares(daemon: &Daemon) -> Vec<Value> {
    let config = daemon.service().state().config();
    config
        .shares
        .iter()
        .map(|s| {
            json!({
                "name": s.name, "path": s.path.display().to_string(), "comment": s.comment,
                "read_only": s.read_only, "guest_ok": s.guest_ok, "browseable": s.browseable,
                "available": s.available,
            })
        })
        .collect()
}
