// SPDX-License-Identifier: GPL-2.0-or-later
//! LOCK ([MS-SMB2] 3.3.5.14): byte-range locks, and waiting for them.
//!
//! A lock that may wait and cannot be had at once is a parked request: its token lies with the file's
//! [`LockList`](crate::byte_lock::LockList), which grants it when what is in its way goes. Whatever wakes the
//! request (the grant, CANCEL, the end of the open or of the connection), [`resume`] asks the list how the lock
//! stands, so that no two of these events can be believed at once.

use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::{Capabilities, LockRequest, LockResponse};
use proto_shared::status::NtStatus;

use crate::byte_lock::{LockOwner, LockRange, Placed, Settled, Wake};
use crate::caching::Contention;
use crate::conn::dispatch::check_expiry;
use crate::error::SmbResult;
use crate::host::Host;
use crate::open::{Inode, Open};
use crate::server::Server;
use crate::work::{Event, Outcome, Reply, Resume, Token, Work};

/// Length of the reply's body in bytes.
const REPLY: usize = 4;

/// A LOCK that waits.
pub struct Pending<H: Host> {
    open: Arc<Open<H>>,
    token: Token,
}

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = LockRequest::parse(w.msg())?;
    let open = w.open(req.file_id)?;
    // An array of none is refused whatever the open may do.
    let first = req.elements().next().ok_or(NtStatus::INVALID_PARAMETER)?;
    let inode = lockable(&open)?;
    if verifies(w, &open)? {
        let (index, number) = (req.sequence_index, req.sequence_number);
        if open.once.lock().locks.is_done(index, number) {
            return reply(out);
        }
    }

    if first.flags.contains(LockFlags::UNLOCK) {
        let result = unlock_all(&open, inode, req.elements());
        // Some may be unlocked even though a later one failed.
        wake_waiters(w.server(), inode);
        result?;
        return done(w, &open, out);
    }
    // When its log-in has ended a client may unlock, and not lock.
    check_expiry(w)?;
    let immediate = |e: &LockElement| e.flags.contains(LockFlags::FAIL_IMMEDIATELY);
    if req.count() > 1 && !req.elements().all(|e| immediate(&e)) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    match lock_all(&open, inode, req.elements()) {
        Ok(()) => {}
        Err(e) if e.status == NtStatus::LOCK_NOT_GRANTED && !immediate(&first) => {
            return wait(w, out, open, &first);
        }
        Err(e) => {
            // A rolled back lock may have been in somebody's way for a moment.
            wake_waiters(w.server(), inode);
            return Err(e);
        }
    }
    locked(w, &open, inode)?;
    done(w, &open, out)
}

/// Whether requests for this open are counted, so that one that is sent again is known ([MS-SMB2] 3.3.5.14).
fn verifies<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<bool> {
    let channels = w.negotiated()?.capabilities & Capabilities::MULTI_CHANNEL.0 != 0;
    Ok(channels || open.durability.lock().is_some())
}

/// The inode, if the open is one that may lock at all ([MS-FSA] 2.1.5.8).
fn lockable<H: Host>(open: &Open<H>) -> SmbResult<&Arc<Inode<H>>> {
    let disk = open.disk()?;
    if open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if !open
        .granted()
        .intersects(AccessMask::READ_DATA | AccessMask::WRITE_DATA)
    {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    Ok(disk.inode())
}

/// [MS-SMB2] 3.3.5.14.1: what was unlocked before a failure stays unlocked.
fn unlock_all<H: Host>(
    open: &Open<H>,
    inode: &Inode<H>,
    elements: impl Iterator<Item = LockElement>,
) -> SmbResult {
    for e in elements {
        if e.flags != LockFlags::UNLOCK {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let range = LockRange::new(e.offset, e.length)?;
        if !inode.locks.lock().unlock(open.lock_owner(), range) {
            return Err(NtStatus::RANGE_NOT_LOCKED.into());
        }
    }
    Ok(())
}

/// Whether an element asks for an exclusive lock ([MS-SMB2] 2.2.26.1).
fn is_exclusive(e: &LockElement) -> SmbResult<bool> {
    match e.flags.without(LockFlags::FAIL_IMMEDIATELY) {
        LockFlags::SHARED_LOCK => Ok(false),
        LockFlags::EXCLUSIVE_LOCK => Ok(true),
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}

/// [MS-SMB2] 3.3.5.14.2: a range that cannot be had takes back those before it; an element that is not valid
/// only ends the request.
fn lock_all<H: Host>(
    open: &Open<H>,
    inode: &Inode<H>,
    elements: impl Iterator<Item = LockElement> + Clone,
) -> SmbResult {
    let owner = open.lock_owner();
    for (n, e) in elements.clone().enumerate() {
        let exclusive = is_exclusive(&e)?;
        let taken = LockRange::new(e.offset, e.length)
            .and_then(|range| inode.locks.lock().try_lock(owner, range, exclusive));
        if let Err(error) = taken {
            let mut locks = inode.locks.lock();
            for e in elements.take(n) {
                if let (Ok(range), Ok(exclusive)) =
                    (LockRange::new(e.offset, e.length), is_exclusive(&e))
                {
                    locks.roll_back(owner, range, exclusive);
                }
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Lets a lock wait that could not be had at once.
fn wait<H: Host>(
    w: &Work<H>,
    out: &mut Reply<H>,
    open: Arc<Open<H>>,
    e: &LockElement,
) -> SmbResult<Outcome<H>> {
    let inode = lockable(&open)?;
    let range = LockRange::new(e.offset, e.length)?;
    let exclusive = is_exclusive(e)?;
    let token = w.reserve(0)?;
    let placed = inode
        .locks
        .lock()
        .lock_or_wait(open.lock_owner(), range, exclusive, token);
    if !matches!(placed, Ok(Placed::Waiting)) {
        w.server().parking.release(token);
    }
    match placed? {
        Placed::Granted => {
            locked(w, &open, inode)?;
            done(w, &open, out)
        }
        Placed::Waiting => {
            if let Err(e) = check_still_open(w, &open, inode) {
                inode.locks.lock().settle(token);
                w.server().parking.release(token);
                return Err(e);
            }
            let resume = Resume::Lock(Pending { open, token });
            Ok(Outcome::Park {
                token,
                interim: true,
                resume,
            })
        }
    }
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let inode = lockable(&p.open)?;
    let settled = inode.locks.lock().settle(p.token);
    match (settled, event) {
        (Settled::Granted, _) => {
            locked(w, &p.open, inode)?;
            done(w, &p.open, out)
        }
        (Settled::Withdrawn, Event::Cancelled) => Err(NtStatus::CANCELLED.into()),
        (Settled::Withdrawn, Event::TimedOut) => Err(NtStatus::LOCK_NOT_GRANTED.into()),
        // The open, its tree, session or connection is gone.
        (Settled::Gone, _) | (Settled::Withdrawn, Event::Closed) => {
            Err(NtStatus::RANGE_NOT_LOCKED.into())
        }
        (Settled::Withdrawn, Event::Ready | Event::Upcall(_)) => {
            Err(NtStatus::INTERNAL_ERROR.into())
        }
    }
}

/// The request did what it is to do, and does so only once.
fn done<H: Host>(w: &Work<H>, open: &Open<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    if verifies(w, open)? {
        let req = LockRequest::parse(w.msg())?;
        let mut once = open.once.lock();
        once.locks.done(req.sequence_index, req.sequence_number);
    }
    reply(out)
}

fn reply<H: Host>(out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    out.write(REPLY, |wr| LockResponse.write(wr))?;
    Ok(Outcome::Done)
}

/// The lock is held. Who caches the file must not think that nobody locks it ([MS-FSA] 2.1.5.8).
fn locked<H: Host>(w: &Work<H>, open: &Arc<Open<H>>, inode: &Inode<H>) -> SmbResult {
    check_still_open(w, open, inode)?;
    open.contend(w.server(), Contention::Data)?;
    Ok(())
}

/// CLOSE and everything else that ends an open marks it first and then drops its locks. So a lock that came too
/// late for that finds the mark here, and is dropped as well. An open that merely lost its client keeps the lock.
fn check_still_open<H: Host>(w: &Work<H>, open: &Arc<Open<H>>, inode: &Inode<H>) -> SmbResult {
    if !open.disk()?.ended.load(Relaxed) {
        return Ok(());
    }
    drop_locks(w.server(), inode, open.lock_owner());
    Err(NtStatus::RANGE_NOT_LOCKED.into())
}

/// Drops all locks of an open, and tells its parked requests. Not to be called with a lock held.
fn drop_locks<H: Host>(server: &Server<H>, inode: &Inode<H>, owner: LockOwner) {
    inode.locks.lock().remove_owner(owner);
    wake_waiters(server, inode);
}

/// Wakes the requests whose locks were granted or whose opens are gone. Not to be called with a lock held.
fn wake_waiters<H: Host>(server: &Server<H>, inode: &Inode<H>) {
    loop {
        // The guard ends with the statement: waking may run the request right here.
        let next = inode.locks.lock().next_wake();
        match next {
            Some((token, Wake::Granted)) => server.wake(token, Event::Ready),
            Some((token, Wake::Closed)) => server.wake(token, Event::Closed),
            None => return,
        }
    }
}
