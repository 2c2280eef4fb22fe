// SPDX-License-Identifier: GPL-2.0-or-later
//! Breaks that may not have reached their holder are told again over another of its connections ([MS-SMB2] 3.3.4.6,
//! 3.3.4.7, and 3.2.5.1.10 for why telling twice does no harm).
//!
//! A connection that takes a message need not deliver it: the peer may have lost its network without a word. What the
//! transport has to send again is not coming through, so the next channel is tried. When a client's only connection has
//! been silent until the time to answer is nearly over, it ends: what it has open goes then, or survives as after any
//! lost connection. Where there were others to try, the time runs out, for one of them may have delivered it.
//!
//! Nothing here is called with a lock held.

use kernel::prelude::*;
use kernel::sync::{new_mutex, Arc, Mutex};

use super::breaking::{deliver, send};
use super::Notice;
use crate::conn::Conn;
use crate::host::{Host, Transport};
use crate::open::{FileKey, Inode, InodeTable};
use crate::server::Server;

/// As often in a row the transport has sent the same data again, in vain, when another connection is tried. That may be
/// a packet that was lost, so the break may be told twice.
pub(super) const SLOW: u32 = 1;
/// The same when the peer counts as out of reach.
const STUCK: u32 = 4;
/// Most connections that a break is tried on.
const TRIES: usize = 8;
/// Most breaks that are watched; those beyond run out like all that nobody answers.
const MAX_SENT: usize = 4096;
/// How long before its end a break gives the connection up that it could not be delivered on, in milliseconds.
const LAST_MS: u64 = 2_000;

/// A break that was sent and has to be acknowledged.
#[derive(Clone, Copy)]
struct Sent {
    file: FileKey,
    notice: Notice,
    /// The connections that took it, the latest last; 0 is none.
    over: [u64; TRIES],
}

impl Sent {
    fn is(&self, file: FileKey, grant: u64) -> bool {
        self.file == file && self.notice.grant == grant
    }

    fn tried(&self) -> &[u64] {
        let count = self.over.iter().take_while(|id| **id != 0).count();
        self.over.get(..count).unwrap_or(&[])
    }
}

/// The breaks of a server that are not acknowledged yet.
#[pin_data]
pub(crate) struct Watched {
    #[pin]
    sent: Mutex<KVec<Sent>>,
}

impl Watched {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self { sent <- new_mutex!(KVec::new(), "ksmbd::caching::Watched::sent") })
    }

    /// A break was sent on the connection `over`. Without memory it is not tried again.
    pub(super) fn note<H: Host>(&self, inode: &Inode<H>, notice: &Notice, over: u64) {
        let file = inode.key();
        let mut sent = self.sent.lock();
        sent.retain(|s| !s.is(file, notice.grant));
        if sent.len() < MAX_SENT {
            let mut ids = [0; TRIES];
            if let Some(first) = ids.first_mut() {
                *first = over;
            }
            let _ = sent.push(
                Sent {
                    file,
                    notice: *notice,
                    over: ids,
                },
                GFP_KERNEL,
            );
        }
    }

    fn at(&self, at: usize) -> Option<Sent> {
        self.sent.lock().get(at).copied()
    }

    fn forget(&self, s: &Sent) {
        self.sent.lock().retain(|o| !o.is(s.file, s.notice.grant));
    }

    fn tried(&self, s: &Sent, conn: u64) {
        let mut sent = self.sent.lock();
        let found = sent.iter_mut().find(|o| o.is(s.file, s.notice.grant));
        if let Some(free) = found.and_then(|o| o.over.iter_mut().find(|id| **id == 0)) {
            *free = conn;
        }
    }
}

/// Whether the transport has sent something again so often, in vain.
pub(super) fn resends<H: Host>(conn: &Conn<H>, count: u32) -> bool {
    !conn.is_dead() && conn.transport.retransmissions() >= count
}

/// Looks after the breaks that are not acknowledged. Called by [`Server::tick`], before what is due is woken.
pub(crate) fn retry<H: Host>(server: &Arc<Server<H>>) {
    let watched = &server.inodes.watched;
    let mut at = 0;
    while let Some(s) = watched.at(at) {
        let deadline = InodeTable::find(server, s.file)
            .and_then(|inode| inode.caching(|c| c.awaits(s.notice.grant)));
        let Some(deadline) = deadline else {
            // Acknowledged, or nobody has the file open any more. The next one is in its place now.
            watched.forget(&s);
            continue;
        };
        let now = server.host().now();
        if deadline <= now {
            // Those who wait find that out themselves; local processes do not.
            if let Some(inode) = InodeTable::find(server, s.file) {
                inode.caching(|c| c.expire(now));
                deliver(server, &inode, &[]);
            }
            watched.forget(&s);
            continue;
        }
        at = at.saturating_add(1);
        let conn_of = |id: u64| server.conns.lock().get(id).cloned();
        let last = s.tried().last().copied().and_then(conn_of);
        if last.is_some_and(|conn| !conn.is_dead() && !resends(&conn, SLOW)) {
            continue;
        }
        if s.tried().len() < TRIES {
            if let Some(conn) = send(server, &s.notice, s.tried()) {
                watched.tried(&s, conn);
                continue;
            }
        }
        if let ([only], true) = (s.tried(), deadline.ms_since(server.host().now()) <= LAST_MS) {
            if let Some(conn) = conn_of(*only).filter(|conn| resends(conn, STUCK)) {
                conn.terminate();
            }
        }
    }
}
