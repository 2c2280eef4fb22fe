// SPDX-License-Identifier: GPL-2.0-or-later
//! How an open leaves its session without ending, and how it gets into another one ([MS-SMB2] 3.3.7.1, 3.3.5.6,
//! 3.3.5.9.7). Which opens may is [`crate::durable`]'s to say.

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::{Arc, UniqueArc};

use proto_shared::smb2::LeaseState;
use proto_shared::status::NtStatus;

use super::{end, wake_locks, Body, Disk, NewOpen, Open};
use crate::caching::away::Away;
use crate::durable;
use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::server::{Server, Stage};
use crate::session::{Phase, Session};
use crate::work::Work;

/// Takes an open out of its session and keeps it if it may survive that; ends it if not.
pub(crate) fn leave<H: Host>(
    server: &Arc<Server<H>>,
    session: &Session<H>,
    open: &Arc<Open<H>>,
) -> bool {
    let taken = session.opens.lock().remove(open.id().volatile);
    let Some(open) = taken else { return false };
    open.tree.open_count.fetch_sub(1, Relaxed);
    if !keep(server, &open) {
        end(server, &open);
    }
    true
}

/// Leaves an open to the server, to wait for its client.
fn keep<H: Host>(server: &Arc<Server<H>>, open: &Arc<Open<H>>) -> bool {
    let Body::Disk(disk) = &open.body else {
        return false;
    };
    let Some(durability) = open.durability.lock().clone() else {
        return false;
    };
    if server.stage() != Stage::Running {
        return false;
    }
    let id = open.persistent;
    let held = disk.inode.caching(|c| c.state_held(id));
    // Others may write where it only reads, and would run into locks that nobody can give up.
    if durability.how() == Away::ForHandle
        && !held.intersects(LeaseState::WRITE_CACHING)
        && disk.inode.locks.lock().holds_any(open.lock_owner())
    {
        return false;
    }
    let deadline = durability.deadline(server.host().now());
    let inserted = server
        .known
        .away
        .lock()
        .insert(open, durability.uid(), deadline);
    if inserted.is_err() {
        return false;
    }
    disk.inode.locks.lock().dismiss(open.lock_owner());
    wake_locks(server, disk);
    if !disk.inode.caching(|c| c.part(id, durability.how())) {
        let gone = server.known.away.lock().finish(open);
        drop(gone);
        return false;
    }
    let doomed = server.known.away.lock().release(open);
    if let Some(doomed) = doomed {
        end(server, &doomed);
    }
    true
}

/// Makes the open of a client that is back out of the one that waited, which the caller has claimed.
///
/// # Errors
/// `OBJECT_NAME_NOT_FOUND` if it lost what it waited for, `INSUFFICIENT_RESOURCES`, or that session or tree are gone. The
/// old open is as it was then.
pub(crate) fn rejoin<H: Host>(w: &Work<H>, old: &Arc<Open<H>>) -> SmbResult<Arc<Open<H>>> {
    let (session, tree) = (w.session()?, w.tree()?);
    let Body::Disk(disk) = &old.body else {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    };
    let room = UniqueArc::new_uninit(GFP_KERNEL)?;
    let new = NewOpen {
        persistent: old.persistent,
        tree: tree.clone(),
        granted: old.granted,
        share_access: old.share_access,
        options: old.how.options,
        posix: old.how.posix,
        snapshot: old.how.snapshot,
    };
    let open = Open::new(room, new, session.id, Body::Disk(disk.clone()));
    open.mode.store(old.mode.load(Relaxed), Relaxed);
    open.position.store(old.position.load(Relaxed), Relaxed);
    let (from, to) = (&old.deletion, &open.deletion);
    to.on_close.store(from.on_close.load(Relaxed), Relaxed);
    to.posix.store(from.posix.load(Relaxed), Relaxed);
    let frozen = old.frozen();
    open.set_frozen(|f| *f = frozen);
    let durability = old.durability.lock().clone();
    *open.durability.lock() = durability;
    let locks = old.once.lock().locks;
    // The channel sequence begins anew with the session.
    open.once.lock().locks = locks;

    let id = old.persistent;
    if !disk.inode.caching(|c| c.rejoin(id, session.id)) {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    }
    let inserted = session.opens.lock().insert_with::<Error>(|volatile| {
        open.volatile.store(volatile, Relaxed);
        Ok(open.clone())
    });
    if let Err(e) = inserted {
        part_again(w, old, disk);
        return Err(SmbError {
            status: NtStatus::INSUFFICIENT_RESOURCES,
            source: Some(e),
        });
    }
    open.tree.open_count.fetch_add(1, Relaxed);
    // As with a new open: LOGOFF and TREE_DISCONNECT first mark, then sweep the table.
    let gone = if session.phase() == Phase::Closed {
        NtStatus::USER_SESSION_DELETED
    } else if !open.tree.is_connected() {
        NtStatus::NETWORK_NAME_DELETED
    } else {
        durable::forget(w.server(), old);
        durable::instance::moved(w.server(), old, &open);
        return Ok(open);
    };
    let taken = session.opens.lock().remove(open.id().volatile);
    if taken.is_some() {
        open.tree.open_count.fetch_sub(1, Relaxed);
        part_again(w, old, disk);
    }
    Err(gone.into())
}

/// Undoes what [`rejoin`] did to the inode.
fn part_again<H: Host>(w: &Work<H>, old: &Open<H>, disk: &Disk<H>) {
    let id = old.persistent;
    let durability = old.durability.lock().clone();
    let how = durability.map_or(Away::ForHandle, |d| d.how());
    if !disk.inode.caching(|c| c.part(id, how)) {
        // The entry is claimed, so this only says that it is to be ended.
        let taken = w.server().known.away.lock().take(id);
        drop(taken);
    }
}
