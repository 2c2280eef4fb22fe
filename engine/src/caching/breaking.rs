// SPDX-License-Identifier: GPL-2.0-or-later
//! Telling holders of breaks ([MS-SMB2] 3.3.4.6, 3.3.4.7), and waiting for their answers.
//!
//! Nothing here is called with a lock held.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::codec::Writer;
use proto_shared::limits::SMB2_HEADER_LEN;
use proto_shared::smb2::header::Header;
use proto_shared::smb2::oplock_break::{LeaseBreakFlags, LeaseBreakNotification, OplockBreak};
use proto_shared::smb2::{Command, HeaderFlags};
use proto_shared::status::NtStatus;

use super::{retry, Blocker, Notice, What};
use crate::caching::guard;
use crate::conn::Conn;
use crate::durable;
use crate::error::SmbResult;
use crate::host::Host;
use crate::open::{Inode, Open};
use crate::server::Server;
use crate::session::Auth;
use crate::work::{Element, Event, Outcome, Resume, Sealed, Token, Work};

/// Largest body of a notification: [MS-SMB2] 2.2.23.2, 44 bytes.
const BODY: usize = 44;

/// What to do once the reply is sent.
pub(crate) enum After<H: Host> {
    /// The client knows of the open now.
    Opened(Arc<Open<H>>),
    /// What an acknowledgment led to.
    Acknowledged(Arc<Inode<H>>, KVec<Notice>),
}

impl<H: Host> After<H> {
    pub(crate) fn run(self, server: &Arc<Server<H>>) {
        match self {
            After::Opened(open) => {
                let Ok(disk) = open.disk() else { return };
                let (inode, id) = (disk.inode(), open.id());
                let mut notices = KVec::new();
                // Without memory a break that the client was not told of expires.
                let _ = inode.caching(|c| c.activate(id.persistent, id.volatile, &mut notices));
                deliver(server, inode, &notices);
            }
            After::Acknowledged(inode, notices) => deliver(server, &inode, &notices),
        }
    }
}

/// What an operation has to wait for.
pub(crate) struct Blocked<H: Host> {
    pub(crate) inode: Arc<Inode<H>>,
    pub(crate) blocker: Blocker,
}

/// A request that waits for a break.
pub struct Pending<H: Host> {
    inode: Arc<Inode<H>>,
    token: Token,
    /// [`Server::next_open_id`] as of the first attempt.
    pub(crate) since: u64,
}

impl<H: Host> Pending<H> {
    /// Says whether the request may be tried again.
    ///
    /// # Errors
    /// `CANCELLED`, or `USER_SESSION_DELETED` when the connection ended.
    pub(crate) fn settle(&self, event: &Event) -> SmbResult {
        self.inode.caching(|c| c.forget(self.token));
        match event {
            // That the time is up is for the next attempt to find.
            Event::Ready | Event::TimedOut | Event::Upcall(_) => Ok(()),
            Event::Cancelled => Err(NtStatus::CANCELLED.into()),
            Event::Closed => Err(NtStatus::USER_SESSION_DELETED.into()),
        }
    }
}

/// How long a request waits before its client is told that it does, in milliseconds.
pub(crate) const QUIET_MS: u64 = 2_000;

/// Lets a request wait for a break; `None` if that is over already. Its client is not told of that for `quiet_ms`; after
/// these, or when the break runs out, it is tried again.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` when too many requests wait already, or without memory.
pub(crate) fn park<H: Host>(
    w: &Work<H>,
    blocked: Blocked<H>,
    since: u64,
    quiet_ms: u64,
    resume: impl FnOnce(Pending<H>) -> Resume<H>,
) -> SmbResult<Option<Outcome<H>>> {
    let Blocked { inode, blocker } = blocked;
    let mut left = blocker.deadline.ms_since(w.host().now()).max(1);
    let interim = quiet_ms == 0 || w.async_id.is_some();
    if !interim {
        left = left.min(quiet_ms);
    }
    let token = w.reserve(u32::try_from(left).unwrap_or(u32::MAX))?;
    let waits = inode.caching(|c| c.wait(token, blocker.grant));
    if !matches!(waits, Ok(true)) {
        w.server().parking.release(token);
        waits?;
        return Ok(None);
    }
    let resume = resume(Pending {
        inode,
        token,
        since,
    });
    Ok(Some(Outcome::Park {
        token,
        interim,
        resume,
    }))
}

/// [`deliver`], or a part of it.
pub(crate) type Deliver<H> = fn(&Arc<Server<H>>, &Inode<H>, &[Notice]);

/// Sends notices. The caller goes on to do the rest of [`deliver`].
pub(crate) fn deliver_only<H: Host>(server: &Arc<Server<H>>, inode: &Inode<H>, notices: &[Notice]) {
    for notice in notices {
        match send(server, notice, &[]) {
            Some(conn) if notice.ack => server.inodes.watched.note(inode, notice, conn),
            None if notice.ack => inode.caching(|c| c.lost(notice.grant)),
            _ => {}
        }
    }
}

/// Sends notices, ends the opens that nobody can answer for, and wakes whoever need not wait any longer.
pub(crate) fn deliver<H: Host>(server: &Arc<Server<H>>, inode: &Inode<H>, notices: &[Notice]) {
    deliver_only(server, inode, notices);
    loop {
        // What the end of one means to others is part of this loop, not of a nested one.
        let next = inode.caching(|c| c.next_stranded());
        let Some(open) = next else { break };
        durable::purge(server, open);
    }
    loop {
        // The lock ends with the statement: waking may run the request right here.
        let next = inode.caching(|c| c.next_wake());
        let Some(token) = next else { break };
        server.wake(token, Event::Ready);
    }
    guard::settle(server, inode, None);
}

/// Sends a notice by the first connection that takes it, other than those in `except`, and tells which that was.
/// Those on which nothing is on its way in vain come first.
pub(super) fn send<H: Host>(
    server: &Arc<Server<H>>,
    notice: &Notice,
    except: &[u64],
) -> Option<u64> {
    let fit = |conn: &Conn<H>| !except.contains(&conn.id()) && !retry::resends(conn, retry::SLOW);
    let any = |conn: &Conn<H>| !except.contains(&conn.id());
    send_if(server, notice, &fit).or_else(|| send_if(server, notice, &any))
}

fn send_if<H: Host>(
    server: &Arc<Server<H>>,
    notice: &Notice,
    fit: &dyn Fn(&Conn<H>) -> bool,
) -> Option<u64> {
    let sessions = notice.sessions.iter().filter_map(|id| server.session(*id));
    for session in sessions {
        let Some(auth) = session.state.lock().auth.clone() else {
            continue;
        };
        let seals = (auth.encryption_required || notice.sealed) && auth.keys.seal.is_some();
        if let (false, What::Lease { id, .. }) = (seals, &notice.what) {
            // A lease is the client's, not a session's: its oldest connection comes first ([MS-SMB2] 3.3.4.7).
            let conn = client_conn(server, &id.client, &auth, fit);
            if let Some(conn) = conn.filter(|conn| send_on(conn, notice, None)) {
                return Some(conn.id());
            }
        }
        let sealed = seals.then(|| Sealed {
            session: session.clone(),
            auth,
        });
        for at in 0.. {
            let Some(id) = session.state.lock().channels.get(at).map(|c| c.conn_id) else {
                break;
            };
            let conn = server.conns.lock().get(id).cloned();
            if conn.is_some_and(|conn| fit(&conn) && send_on(&conn, notice, sealed.as_ref())) {
                return Some(id);
            }
        }
    }
    None
}

/// The oldest connection of a client that this user is logged in on, of those that `fit`. That somebody else's client has the same GUID
/// must not make it hear of this user's leases.
fn client_conn<H: Host>(
    server: &Arc<Server<H>>,
    client: &[u8; 16],
    auth: &Auth<H>,
    fit: &dyn Fn(&Conn<H>) -> bool,
) -> Option<Arc<Conn<H>>> {
    let mut best: Option<Arc<Conn<H>>> = None;
    // Without memory for the snapshot the session's own connections are left.
    let _ = server.for_each_conn(|conn| {
        let is_client = conn.negotiated().is_some_and(|n| n.client_guid == *client);
        let older = best.as_ref().is_none_or(|b| conn.created < b.created);
        if is_client && older && !conn.is_dead() && fit(conn) && conn.has_user(&auth.user) {
            best = Some(conn.clone());
        }
    });
    best
}

fn send_on<H: Host>(conn: &Conn<H>, notice: &Notice, sealed: Option<&Sealed<H>>) -> bool {
    if conn.is_dead() {
        return false;
    }
    let sent = message(notice).and_then(|head| {
        let mut out = KVec::new();
        // Such a message is never signed ([MS-SMB2] 3.3.4.1.1).
        let element = Element {
            head,
            payload: None,
            signer: None,
        };
        out.push(element, GFP_KERNEL)?;
        conn.send(out, sealed)
    });
    sent.is_ok() && !conn.is_dead()
}

/// The notification: unsolicited, of no session and no tree.
fn message(notice: &Notice) -> SmbResult<KVec<u8>> {
    let header = Header {
        credit_charge: 0,
        status: NtStatus::SUCCESS,
        command: Command::OPLOCK_BREAK,
        credits: 0,
        flags: HeaderFlags::SERVER_TO_REDIR,
        next_command: 0,
        message_id: u64::MAX,
        async_id: 0,
        process_id: 0,
        tree_id: 0,
        session_id: 0,
        signature: [0; 16],
    };
    let room = SMB2_HEADER_LEN.saturating_add(BODY);
    let mut bytes = KVec::with_capacity(room, GFP_KERNEL)?;
    bytes.extend_with(room, 0, GFP_KERNEL)?;
    let mut w = Writer::new(&mut bytes);
    header.write(&mut w)?;
    match notice.what {
        What::Oplock { file, to } => OplockBreak {
            oplock_level: to,
            file_id: file,
        }
        .write(&mut w)?,
        What::Lease {
            id,
            epoch,
            from,
            to,
        } => LeaseBreakNotification {
            new_epoch: epoch,
            flags: if notice.ack {
                LeaseBreakFlags::ACK_REQUIRED
            } else {
                LeaseBreakFlags::NONE
            },
            lease_key: id.key,
            current_state: from,
            new_state: to,
        }
        .write(&mut w)?,
    }
    let len = w.len();
    bytes.truncate(len);
    Ok(bytes)
}
