// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon's side of the engine: configuration, answers to upcalls, listings and orders
//! (`proto_shared::ipc`). What the daemon sends is checked like what a client sends.

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::codec::{Malformed, NoSpace};
use proto_shared::ipc::{
    AttrWriter, Capabilities, Change, Close, Command, ConnectionEntry, Hello, HelloReply, List,
    ListReply, ListWhat, Listening, LockEntry, OpenEntry, ServerConfig, ServerEntry, SessionEntry,
    Status, TreeEntry, U64List, UpcallReply, Update, UserFlags, MIN_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
};

use crate::config::Config;
use crate::conn::Conn;
use crate::durable;
use crate::host::{Host, Listen};
use crate::name::copy;
use crate::open::Open;
use crate::server::{encode, Server, Stage};
use crate::session::{Phase, Session};
use crate::tree::Tree;
use crate::work::{Event, Token};

/// What this engine calls itself towards the daemon.
const SOFTWARE: &str = concat!("ksmbd-engine ", "0.1.0");
/// Most bytes of a listing's entries in one reply.
const LIST_BYTES: usize = 48 << 10;

/// No reply is due (the answer to an UPCALL_REPLY).
pub const NO_REPLY: u8 = 0;

impl<H: Host> Server<H> {
    /// Takes a message from the daemon: `command` and its attribute stream. Appends the attributes of the reply
    /// to `reply` and returns the reply's command, or [`NO_REPLY`].
    ///
    /// # Errors
    /// `EBADMSG` for a message that cannot be parsed, `EOPNOTSUPP` for an unknown command, `ENOMEM`. Refusals
    /// are replies (STATUS with a negative errno), not errors.
    pub fn daemon_message(
        this: &Arc<Self>,
        command: u8,
        attrs: &[u8],
        reply: &mut KVec<u8>,
    ) -> Result<u8> {
        let status = match Command(command) {
            Command::HELLO => return hello(attrs, reply),
            Command::UPCALL_REPLY => {
                upcall_reply(this, attrs)?;
                return Ok(NO_REPLY);
            }
            Command::LIST => return list(this, attrs, reply),
            Command::START => start(this, attrs),
            Command::STOP => {
                Server::stop(this);
                Ok(())
            }
            Command::CLOSE => close(this, attrs),
            Command::UPDATE => update(this, attrs),
            _ => return Err(EOPNOTSUPP),
        };
        let code = status.map_or_else(|e| e.to_errno(), |()| 0);
        let bytes = encode(|w| Status { code, message: "" }.write(w)).map_err(|_| ENOMEM)?;
        reply.extend_from_slice(&bytes, GFP_KERNEL)?;
        Ok(Command::STATUS.0)
    }
}

fn bad(_: Malformed) -> Error {
    EBADMSG
}

fn hello(attrs: &[u8], reply: &mut KVec<u8>) -> Result<u8> {
    let hello = Hello::parse(attrs).map_err(bad)?;
    let version = hello.max_version.min(PROTOCOL_VERSION);
    if version < hello.min_version || version < MIN_PROTOCOL_VERSION {
        return Err(EPROTO);
    }
    let answer = HelloReply {
        version,
        capabilities: Capabilities::NONE,
        software: SOFTWARE,
    };
    let bytes = encode(|w| answer.write(w)).map_err(|_| ENOMEM)?;
    reply.extend_from_slice(&bytes, GFP_KERNEL)?;
    Ok(Command::HELLO.0)
}

/// Starts the server, or changes the configuration of a running one: what was negotiated stays, everything else
/// holds for the next request.
fn start<H: Host>(server: &Arc<Server<H>>, attrs: &[u8]) -> Result {
    let wire = ServerConfig::parse(attrs).map_err(bad)?;
    let config = Arc::new(Config::from_wire(&wire)?, GFP_KERNEL)?;
    let (before, old) = {
        let mut setting = server.setting.lock();
        if setting.stage == Stage::Stopping {
            return Err(EBUSY);
        }
        let before = setting.stage;
        if before == Stage::Idle {
            setting.started = server.host().now();
        }
        setting.stage = Stage::Running;
        (before, setting.config.replace(config.clone()))
    };
    let same_place = old
        .as_ref()
        .is_some_and(|o| o.tcp_port == config.tcp_port && *o.interfaces == *config.interfaces);
    if before == Stage::Running {
        server.for_each_conn(|conn| conn.apply(&config))?;
    }
    if before == Stage::Running && same_place {
        return Ok(());
    }
    match server.host().listen(&Listen {
        port: config.tcp_port,
        interfaces: &config.interfaces,
    }) {
        Ok(port) => {
            server.event(&Listening { port });
            Ok(())
        }
        Err(e) => {
            let mut setting = server.setting.lock();
            if setting.stage == Stage::Running && before == Stage::Idle {
                setting.stage = Stage::Idle;
                setting.config = None;
            } else {
                setting.config = old;
            }
            Err(e)
        }
    }
}

fn upcall_reply<H: Host>(server: &Arc<Server<H>>, attrs: &[u8]) -> Result {
    let reply = UpcallReply::parse(attrs).map_err(bad)?;
    let body = copy(reply.body)?;
    server.wake(Token(reply.token), Event::Upcall(body));
    Ok(())
}

fn close<H: Host>(server: &Arc<Server<H>>, attrs: &[u8]) -> Result {
    let order = Close::parse(attrs).map_err(bad)?;
    let of_session = || {
        order
            .session_id
            .and_then(|id| server.session(id))
            .ok_or(ENOENT)
    };
    match order.what {
        ListWhat::CONNECTIONS => {
            let conn = server.conns.lock().get(order.id).cloned();
            conn.ok_or(ENOENT)?.terminate();
        }
        ListWhat::SESSIONS => {
            Server::end_session(server, &server.session(order.id).ok_or(ENOENT)?, false)
        }
        ListWhat::TREES => {
            let session = of_session()?;
            close_tree(
                server,
                &session,
                u32::try_from(order.id).map_err(|_| ENOENT)?,
            )?;
        }
        ListWhat::OPENS => {
            let session = of_session()?;
            let open = session.open(order.id).ok_or(ENOENT)?;
            crate::open::close_open(server, &session, &open);
        }
        _ => return Err(EINVAL),
    }
    Ok(())
}

fn close_tree<H: Host>(server: &Arc<Server<H>>, session: &Arc<Session<H>>, id: u32) -> Result {
    let tree = session.trees.lock().remove(u64::from(id)).ok_or(ENOENT)?;
    tree.connected.store(false, Relaxed);
    crate::open::close_all(server, session, Some(tree.id), false);
    server.event(&proto_shared::ipc::TreeDisconnect {
        session_id: session.id,
        tree_id: tree.connect_id,
    });
    Ok(())
}

/// A share or an account changed: whoever used it has to connect again under the new rules.
fn update<H: Host>(server: &Arc<Server<H>>, attrs: &[u8]) -> Result {
    let update = Update::parse(attrs).map_err(bad)?;
    if update.account.is_empty() {
        durable::forget_share(server, update.share.as_bytes());
    } else if matches!(update.change, Change::REMOVED | Change::DISABLED) {
        durable::forget_account(server, update.account.as_bytes());
    }
    for session in sessions(server)?.iter() {
        if !update.account.is_empty() {
            let hit = session.state.lock().auth.as_ref().is_some_and(|a| {
                a.user
                    .account
                    .eq_ignore_ascii_case(update.account.as_bytes())
            });
            if hit && matches!(update.change, Change::REMOVED | Change::DISABLED) {
                Server::end_session(server, session, false);
            }
            continue;
        }
        for tree in trees(session)?.iter() {
            if tree.share.eq_ignore_ascii_case(update.share.as_bytes()) {
                // It may have gone meanwhile.
                let _ = close_tree(server, session, tree.id);
            }
        }
    }
    Ok(())
}

fn sessions<H: Host>(server: &Server<H>) -> Result<KVec<Arc<Session<H>>>> {
    let sessions = server.sessions.lock();
    let mut list = KVec::with_capacity(sessions.len(), GFP_KERNEL)?;
    for (_, s) in sessions.iter() {
        list.push(s.clone(), GFP_KERNEL)?;
    }
    Ok(list)
}

fn trees<H: Host>(session: &Session<H>) -> Result<KVec<Arc<Tree<H>>>> {
    let trees = session.trees.lock();
    let mut list = KVec::with_capacity(trees.len(), GFP_KERNEL)?;
    for (_, t) in trees.iter() {
        list.push(t.clone(), GFP_KERNEL)?;
    }
    Ok(list)
}

fn opens<H: Host>(session: &Session<H>) -> Result<KVec<Arc<Open<H>>>> {
    let opens = session.opens.lock();
    let mut list = KVec::with_capacity(opens.len(), GFP_KERNEL)?;
    for (_, o) in opens.iter() {
        list.push(o.clone(), GFP_KERNEL)?;
    }
    Ok(list)
}

/// A reply to LIST in the making: skips what earlier replies told, and stops when full.
struct Listing<'a> {
    w: AttrWriter<'a>,
    skip: u64,
    left: u32,
    told: u64,
    full: bool,
}

impl Listing<'_> {
    fn entry(
        &mut self,
        write: impl FnOnce(&mut AttrWriter<'_>) -> core::result::Result<(), NoSpace>,
    ) {
        if self.full {
            return;
        }
        if self.skip > 0 {
            self.skip = self.skip.saturating_sub(1);
            return;
        }
        if self.left == 0 || ListReply::write_entry(&mut self.w, write).is_err() {
            self.full = true;
            return;
        }
        self.left = self.left.saturating_sub(1);
        self.told = self.told.saturating_add(1);
    }
}

fn list<H: Host>(server: &Arc<Server<H>>, attrs: &[u8], reply: &mut KVec<u8>) -> Result<u8> {
    let req = List::parse(attrs).map_err(bad)?;
    let mut entries = KVec::with_capacity(LIST_BYTES, GFP_KERNEL)?;
    entries.extend_with(LIST_BYTES, 0, GFP_KERNEL)?;
    let (len, next) = {
        let mut l = Listing {
            w: AttrWriter::new(&mut entries),
            skip: req.cursor,
            left: if req.max == 0 { u32::MAX } else { req.max },
            told: 0,
            full: false,
        };
        match req.what {
            ListWhat::SERVER => list_server(server, &mut l)?,
            ListWhat::CONNECTIONS => server.for_each_conn(|c| list_conn(c, &mut l))?,
            ListWhat::SESSIONS => {
                for s in sessions(server)?.iter() {
                    list_session(server, s, &mut l)?;
                }
            }
            ListWhat::TREES => {
                for s in sessions(server)?.iter() {
                    trees(s)?.iter().for_each(|t| list_tree(s, t, &mut l));
                }
            }
            ListWhat::OPENS => {
                for s in sessions(server)?.iter() {
                    opens(s)?.iter().for_each(|o| list_open(server, o, &mut l));
                }
            }
            ListWhat::LOCKS => {
                for s in sessions(server)?.iter() {
                    opens(s)?.iter().for_each(|o| list_locks(o, &mut l));
                }
            }
            _ => return Err(EINVAL),
        }
        let next = if l.full {
            req.cursor.saturating_add(l.told)
        } else {
            0
        };
        (l.w.len(), next)
    };
    let mut head = [0; ListReply::HEAD_LEN];
    let mut w = AttrWriter::new(&mut head);
    ListReply::write_head(&mut w, req.what, next).map_err(|_| ENOMEM)?;
    reply.extend_from_slice(w.written(), GFP_KERNEL)?;
    reply.extend_from_slice(entries.get(..len).unwrap_or(&[]), GFP_KERNEL)?;
    Ok(Command::LIST.0)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or("")
}

fn seconds<H: Host>(server: &Server<H>, since: crate::time::Monotonic) -> u64 {
    server.host().now().ms_since(since) / 1000
}

fn list_server<H: Host>(server: &Arc<Server<H>>, l: &mut Listing<'_>) -> Result {
    let (stage, started) = {
        let setting = server.setting.lock();
        (setting.stage, setting.started)
    };
    let list = sessions(server)?;
    let stats = &server.stats;
    let entry = ServerEntry {
        software: SOFTWARE,
        state: stage as u16,
        uptime_s: seconds(server, started),
        connections: count(server.connection_count()),
        sessions: count(list.len()),
        trees: count(list.iter().map(|s| s.trees.lock().len()).sum()),
        opens: count(list.iter().map(|s| s.opens.lock().len()).sum()),
        requests: stats.requests.value(),
        bytes_in: stats.bytes_in.value(),
        bytes_out: stats.bytes_out.value(),
        errors: stats.errors.value(),
    };
    l.entry(|w| entry.write(w));
    Ok(())
}

fn list_conn<H: Host>(conn: &Arc<Conn<H>>, l: &mut Listing<'_>) {
    let mut peer = [0; 64];
    let n = conn.negotiated();
    let entry = ConnectionEntry {
        id: conn.id(),
        peer: conn.peer.format(&mut peer),
        dialect: n.map_or(0, |n| n.dialect),
        signing: n.map_or(0, |n| n.signing as u16),
        cipher: n.and_then(|n| n.cipher).map_or(0, |c| c as u16),
        requests: conn.counts.requests.value(),
        age_s: seconds(&conn.server, conn.created),
        credits: u32::try_from(conn.credits()).unwrap_or(u32::MAX),
        bytes_in: Some(conn.counts.bytes_in.value()),
        bytes_out: Some(conn.counts.bytes_out.value()),
    };
    l.entry(|w| entry.write(w));
}

fn list_session<H: Host>(
    server: &Server<H>,
    session: &Arc<Session<H>>,
    l: &mut Listing<'_>,
) -> Result {
    let (phase, auth, channels) = {
        let state = session.state.lock();
        let mut channels = KVec::new();
        for c in state.channels.iter() {
            channels.push(c.conn_id, GFP_KERNEL)?;
        }
        (state.phase, state.auth.clone(), channels)
    };
    if phase == Phase::InProgress {
        return Ok(());
    }
    let entry = SessionEntry {
        id: session.id,
        account: auth.as_ref().map_or("", |a| text(&a.user.account)),
        domain: auth.as_ref().map_or("", |a| text(&a.user.domain)),
        uid: auth.as_ref().map_or(0, |a| a.user.uid),
        user_flags: auth.as_ref().map_or(UserFlags::NONE, |a| a.user.flags),
        connections: U64List::from(&*channels),
        trees: count(session.trees.lock().len()),
        opens: count(session.opens.lock().len()),
        signing: auth.as_ref().is_some_and(|a| a.signing_required).into(),
        encrypted: session.encrypted.load(Relaxed) != 0,
        age_s: seconds(server, session.created),
    };
    l.entry(|w| entry.write(w));
    Ok(())
}

fn list_tree<H: Host>(session: &Arc<Session<H>>, tree: &Arc<Tree<H>>, l: &mut Listing<'_>) {
    let entry = TreeEntry {
        session_id: session.id,
        tree_id: tree.id,
        share: text(&tree.share),
        opens: tree.open_count.load(Relaxed),
        age_s: 0,
    };
    l.entry(|w| entry.write(w));
}

/// The path of an open for listings, or the name of a pipe.
fn path_of<H: Host>(open: &Open<H>) -> KVec<u8> {
    let path = match (open.disk(), open.pipe()) {
        (Ok(disk), _) => disk.path().ok().and_then(|p| copy(p.as_bytes()).ok()),
        (_, Some(pipe)) => copy(&pipe.name).ok(),
        _ => None,
    };
    path.unwrap_or(KVec::new())
}

fn list_open<H: Host>(server: &Server<H>, open: &Arc<Open<H>>, l: &mut Listing<'_>) {
    let path = path_of(open);
    let size = open
        .attributes_for_reply()
        .ok()
        .and_then(|a| a.attr(server.host().fs()).ok())
        .map_or(0, |a| a.size);
    let entry = OpenEntry {
        session_id: open.session_id(),
        tree_id: open.tree_id(),
        file_id: open.id().volatile,
        path: text(&path),
        access: open.granted().bits(),
        share_access: open.share_access().bits(),
        size,
    };
    l.entry(|w| entry.write(w));
}

fn list_locks<H: Host>(open: &Arc<Open<H>>, l: &mut Listing<'_>) {
    let Ok(disk) = open.disk() else { return };
    let path = path_of(open);
    let file_id = open.id().volatile;
    let locks = disk.inode().locks.lock();
    for lock in locks.iter().filter(|l| l.owner == open.lock_owner()) {
        let entry = LockEntry {
            file_id,
            path: text(&path),
            offset: lock.range.offset(),
            length: lock.range.length(),
            exclusive: lock.exclusive,
            waiting: false,
        };
        l.entry(|w| entry.write(w));
    }
}
