// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.control kill`: finds what belongs to a session, user, client or file,
//! ends it, and says what was ended.
//!
//! The engine knows ids only, so that both hosts do it by the same LIST and
//! CLOSE. What ends by itself between the two is not told as ended here.

use std::collections::HashMap;
use std::net::IpAddr;

use anyhow::{anyhow, bail, Context, Result};
use ksmbd_store::fold_name;
use proto_shared::ipc::{Change, ConnectionEntry, ListWhat, OpenEntry, SessionEntry, TreeEntry};
use serde_json::{json, Value};

use crate::audit::Record;
use crate::auth::peer_ip;
use crate::daemon::Daemon;

/// A session as far as it matters here.
struct Session {
    id: u64,
    account: String,
    /// Peers of its connections.
    peers: Vec<String>,
    opens: u32,
}

impl Session {
    fn client(&self) -> &str {
        self.peers.first().map_or("", String::as_str)
    }
}

struct Open {
    id: u64,
    session: u64,
    share: String,
    path: String,
}

/// Ends what `target` names; answers an object for each thing that was ended.
///
/// # Errors
/// `target` names nothing that is there, or the engine refuses.
pub(crate) fn kill(daemon: &Daemon, what: &str, target: &str) -> Result<Vec<Value>> {
    let ended = match what {
        "session" => {
            let id = number(target)?;
            let session = sessions(daemon)?.into_iter().find(|s| s.id == id);
            end_sessions(daemon, session.as_slice())?
        }
        "user" => {
            let name = fold_name(target);
            let mut all = sessions(daemon)?;
            all.retain(|s| fold_name(&s.account) == name);
            let ended = end_sessions(daemon, &all)?;
            if !target.is_empty() {
                // Handles that wait for a client of the user to come back go, too,
                // as when the account is switched off.
                daemon.update("", target, Change::DISABLED)?;
            }
            ended
        }
        "client" => {
            let ip = address(target)?;
            let mut all = sessions(daemon)?;
            all.retain(|s| s.peers.iter().any(|p| peer_ip(p) == Some(ip)));
            let mut ended = end_sessions(daemon, &all)?;
            ended.extend(end_connections(daemon, ip)?);
            ended
        }
        "open" => {
            let (session, id) = target
                .split_once(':')
                .context("an open file is named as SESSION:ID; see ksmbd.control opens")?;
            let (session, id) = (number(session)?, number(id)?);
            end_opens(daemon, |o| o.session == session && o.id == id)?
        }
        "file" => {
            let (share, path) = target
                .split_once('/')
                .context("a file is named as SHARE/PATH")?;
            let (share, path) = (fold_name(share), fold_name(path.trim_matches('/')));
            end_opens(daemon, |o| {
                fold_name(&o.share) == share && fold_name(&o.path) == path
            })?
        }
        other => bail!("`{other}` cannot be ended; name session, user, client, open or file"),
    };
    if ended.is_empty() {
        bail!("there is nothing to end: no {}", nothing(what, target));
    }
    Ok(ended)
}

fn nothing(what: &str, target: &str) -> String {
    match what {
        "user" => format!("session of user `{target}`"),
        "client" => format!("session or connection of {target}"),
        "open" => format!("open file {target}"),
        "file" => format!("client that has {target} open"),
        _ => format!("session {target}"),
    }
}

/// Decimal, or hexadecimal with 0x.
fn number(text: &str) -> Result<u64> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| anyhow!("`{text}` is no id"))
}

/// An address, with or without a port.
fn address(text: &str) -> Result<IpAddr> {
    text.parse()
        .ok()
        .or_else(|| peer_ip(text))
        .with_context(|| format!("`{text}` is no address"))
}

fn connections(daemon: &Daemon) -> Result<Vec<(u64, String)>> {
    let mut out = Vec::new();
    daemon.list(ListWhat::CONNECTIONS, &mut |bytes| {
        let c = ConnectionEntry::parse(bytes).map_err(|e| anyhow!("a connection: {e}"))?;
        out.push((c.id, c.peer.to_owned()));
        Ok(())
    })?;
    Ok(out)
}

fn sessions(daemon: &Daemon) -> Result<Vec<Session>> {
    let peers: HashMap<u64, String> = connections(daemon)?.into_iter().collect();
    let mut out = Vec::new();
    daemon.list(ListWhat::SESSIONS, &mut |bytes| {
        let s = SessionEntry::parse(bytes).map_err(|e| anyhow!("a session: {e}"))?;
        let peers = s
            .connections
            .iter()
            .filter_map(|id| peers.get(&id).cloned());
        out.push(Session {
            id: s.id,
            account: s.account.to_owned(),
            peers: peers.collect(),
            opens: s.opens,
        });
        Ok(())
    })?;
    Ok(out)
}

/// Closes one thing; `false` when it ended by itself meanwhile.
fn close(daemon: &Daemon, what: ListWhat, id: u64, session: Option<u64>) -> Result<bool> {
    match daemon.close(what, id, session) {
        Ok(()) => Ok(true),
        Err(e) if Daemon::is_missing(&e) => Ok(false),
        Err(e) => Err(e),
    }
}

fn end_sessions(daemon: &Daemon, list: &[Session]) -> Result<Vec<Value>> {
    let mut ended = Vec::new();
    for s in list {
        if !close(daemon, ListWhat::SESSIONS, s.id, None)? {
            continue;
        }
        let record = Record {
            action: "kill",
            user: &s.account,
            client: s.client(),
            session: Some(s.id),
            ..Record::default()
        };
        record.ok("session, by ksmbd.control");
        ended.push(json!({
            "what": "session", "id": s.id, "user": s.account, "client": s.client(),
            "opens": s.opens,
        }));
    }
    Ok(ended)
}

fn end_connections(daemon: &Daemon, ip: IpAddr) -> Result<Vec<Value>> {
    let mut ended = Vec::new();
    for (id, peer) in connections(daemon)? {
        if peer_ip(&peer) != Some(ip) || !close(daemon, ListWhat::CONNECTIONS, id, None)? {
            continue;
        }
        let record = Record {
            action: "kill",
            client: &peer,
            ..Record::default()
        };
        record.ok("connection, by ksmbd.control");
        ended.push(json!({ "what": "connection", "id": id, "client": peer }));
    }
    Ok(ended)
}

fn end_opens(daemon: &Daemon, wanted: impl Fn(&Open) -> bool) -> Result<Vec<Value>> {
    let mut shares = HashMap::new();
    daemon.list(ListWhat::TREES, &mut |bytes| {
        let t = TreeEntry::parse(bytes).map_err(|e| anyhow!("a tree connect: {e}"))?;
        shares.insert((t.session_id, t.tree_id), t.share.to_owned());
        Ok(())
    })?;
    let mut found = Vec::new();
    daemon.list(ListWhat::OPENS, &mut |bytes| {
        let o = OpenEntry::parse(bytes).map_err(|e| anyhow!("an open file: {e}"))?;
        let share = shares.get(&(o.session_id, o.tree_id)).cloned();
        let open = Open {
            id: o.file_id,
            session: o.session_id,
            share: share.unwrap_or_default(),
            path: o.path.to_owned(),
        };
        if wanted(&open) {
            found.push(open);
        }
        Ok(())
    })?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let sessions = sessions(daemon)?;
    let mut ended = Vec::new();
    for o in &found {
        if !close(daemon, ListWhat::OPENS, o.id, Some(o.session))? {
            continue;
        }
        let of = sessions.iter().find(|s| s.id == o.session);
        let (user, client) = of.map_or(("", ""), |s| (s.account.as_str(), s.client()));
        let record = Record {
            action: "kill",
            user,
            client,
            share: &o.share,
            path: &o.path,
            session: Some(o.session),
            ..Record::default()
        };
        record.ok("open file, by ksmbd.control");
        ended.push(json!({
            "what": "open", "id": o.id, "session_id": o.session, "user": user, "client": client,
            "share": o.share, "path": o.path,
        }));
    }
    Ok(ended)
}
