// SPDX-License-Identifier: GPL-2.0-or-later
//! Byte-range locks of one file: who holds which range, who waits for one ([MS-FSA] 2.1.4.10, 2.1.5.8, 2.1.5.9).
//!
//! A pure data structure: it does no I/O, calls nobody and wakes nobody. Its owner (the inode) keeps it behind a
//! lock, and does what [`LockList::next_wake`] says after that lock is given up.
//!
//! # Invariants
//!
//! - No two locks in `locks` conflict.
//! - `locks` has room for one more lock per waiter, so that granting one cannot fail: an unlock needs no memory.
//! - A waiter stays in `waiters` from [`LockList::lock_or_wait`] until its own request calls
//!   [`LockList::settle`]; what happened meanwhile is in its state. So a grant and a cancellation that cross
//!   each other have one outcome, which both sides see.
//! - Waiters are granted in the order in which they came, except that one that is still blocked does not hold
//!   up later ones.

use kernel::prelude::*;

use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::work::Token;

/// Most locks (held and waited for) of one open; a client that wants more is told INSUFFICIENT_RESOURCES.
pub const MAX_LOCKS_PER_OPEN: usize = 8192;

/// Whose a lock is: a number that no other open of the server has, and that an open keeps over a reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockOwner(pub u64);

/// A range of bytes, which may be empty and may reach to the last byte that 64 bits can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRange {
    offset: u64,
    length: u64,
}

impl LockRange {
    /// A range of `length` bytes at `offset`.
    ///
    /// # Errors
    /// `INVALID_LOCK_RANGE` if its last byte lies beyond 2⁶⁴ − 1 ([MS-FSA] 2.1.5.8).
    pub fn new(offset: u64, length: u64) -> SmbResult<Self> {
        if let Some(more) = length.checked_sub(1) {
            if offset.checked_add(more).is_none() {
                return Err(NtStatus::INVALID_LOCK_RANGE.into());
            }
        }
        Ok(Self { offset, length })
    }

    /// First byte.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Number of bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether the two overlap. An empty range overlaps what reaches across its offset, but neither what begins
    /// there nor another empty range; the empty range at 0 overlaps nothing.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self.last(), other.last()) {
            (Some(a), Some(b)) => self.offset <= b && a >= other.offset,
            _ => false,
        }
    }

    /// The last byte, for an empty range the one before it; `None` for the empty range at 0.
    fn last(&self) -> Option<u64> {
        if self.offset == 0 && self.length == 0 {
            return None;
        }
        // `new` ruled out that the end is beyond the type; an empty range with an offset only goes one back.
        Some(self.offset.wrapping_add(self.length).wrapping_sub(1))
    }
}

/// A lock that somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteLock {
    /// Who.
    pub owner: LockOwner,
    /// What.
    pub range: LockRange,
    /// Exclusive rather than shared.
    pub exclusive: bool,
}

/// What became of a lock that could wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It is held now; the token was not taken.
    Granted,
    /// It waits under the token.
    Waiting,
}

/// What [`LockList::settle`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The lock is held.
    Granted,
    /// It was still waiting, and does not wait any longer.
    Withdrawn,
    /// The open went away meanwhile (or nothing waits under the token): there is no lock.
    Gone,
}

/// What to tell a parked request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Its lock was granted.
    Granted,
    /// Its open was closed.
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Granted { told: bool },
    Closed { told: bool },
}

struct Waiter {
    lock: ByteLock,
    token: Token,
    state: State,
}

/// The locks of one file.
pub struct LockList {
    locks: KVec<ByteLock>,
    waiters: KVec<Waiter>,
}

impl Default for LockList {
    fn default() -> Self {
        Self::new()
    }
}

impl LockList {
    /// Whether a lock covers some of the first `size` bytes.
    pub fn covers_data(&self, size: u64) -> bool {
        self.locks
            .iter()
            .any(|l| l.range.length != 0 && l.range.offset < size)
    }

    /// No locks.
    pub const fn new() -> Self {
        Self {
            locks: KVec::new(),
            waiters: KVec::new(),
        }
    }

    /// Number of locks held.
    pub fn len(&self) -> usize {
        self.locks.len()
    }

    /// Whether no lock is held.
    pub fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }

    /// The locks held, for listings.
    pub fn iter(&self) -> impl Iterator<Item = &ByteLock> {
        self.locks.iter()
    }

    /// Number of requests that wait for a lock.
    pub fn waiting(&self) -> usize {
        self.waiters
            .iter()
            .filter(|w| w.state == State::Waiting)
            .count()
    }

    /// Takes a lock at once or not at all.
    ///
    /// # Errors
    /// `LOCK_NOT_GRANTED` if another lock conflicts, `INSUFFICIENT_RESOURCES` without memory or with too many
    /// locks.
    pub fn try_lock(&mut self, owner: LockOwner, range: LockRange, exclusive: bool) -> SmbResult {
        let lock = ByteLock {
            owner,
            range,
            exclusive,
        };
        if self.blocks_lock(&lock) {
            return Err(NtStatus::LOCK_NOT_GRANTED.into());
        }
        self.admit(owner)?;
        self.reserve_locks()?;
        self.locks.push(lock, GFP_KERNEL)?;
        Ok(())
    }

    /// Takes a lock, or lets it wait under `token`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory or with too many locks; nothing waits then.
    pub fn lock_or_wait(
        &mut self,
        owner: LockOwner,
        range: LockRange,
        exclusive: bool,
        token: Token,
    ) -> SmbResult<Placed> {
        let lock = ByteLock {
            owner,
            range,
            exclusive,
        };
        self.admit(owner)?;
        self.reserve_locks()?;
        if !self.blocks_lock(&lock) {
            self.locks.push(lock, GFP_KERNEL)?;
            return Ok(Placed::Granted);
        }
        self.waiters.push(
            Waiter {
                lock,
                token,
                state: State::Waiting,
            },
            GFP_KERNEL,
        )?;
        Ok(Placed::Waiting)
    }

    /// Gives up a lock of exactly this range; of a shared and an exclusive one the exclusive one first. May
    /// grant waiting locks: see [`LockList::next_wake`]. `false` if there is none.
    #[must_use]
    pub fn unlock(&mut self, owner: LockOwner, range: LockRange) -> bool {
        let find = |locks: &[ByteLock], exclusive: bool| {
            locks
                .iter()
                .position(|l| l.owner == owner && l.range == range && l.exclusive == exclusive)
        };
        let Some(at) = find(&self.locks, true).or_else(|| find(&self.locks, false)) else {
            return false;
        };
        let _ = self.locks.remove(at);
        self.grant();
        true
    }

    /// Takes back a lock that [`LockList::try_lock`] gave for the same request, because a later element of that
    /// request failed. As [`LockList::unlock`], but of the given kind.
    pub fn roll_back(&mut self, owner: LockOwner, range: LockRange, exclusive: bool) {
        let lock = ByteLock {
            owner,
            range,
            exclusive,
        };
        // The newest of its kind: an older equal one is not this request's.
        if let Some(at) = self.locks.iter().rposition(|l| *l == lock) {
            let _ = self.locks.remove(at);
            self.grant();
        }
    }

    /// Gives up all locks of an open, which is going away; its waiting locks are told so.
    pub fn remove_owner(&mut self, owner: LockOwner) {
        for w in self.waiters.iter_mut().filter(|w| w.lock.owner == owner) {
            // One that was granted goes the same way as those that are held.
            let told = matches!(w.state, State::Granted { told: true });
            w.state = State::Closed { told };
        }
        let before = self.locks.len();
        self.locks.retain(|l| l.owner != owner);
        if self.locks.len() != before {
            self.grant();
        }
    }

    /// An open lost its client: its waiting locks are told so, what it holds stays. Then
    /// [`LockList::next_wake`], as with [`LockList::remove_owner`].
    pub fn dismiss(&mut self, owner: LockOwner) {
        for w in self.waiters.iter_mut().filter(|w| w.lock.owner == owner) {
            // A grant that its request has not seen yet stays a lock, as any other reply that got lost.
            if w.state == State::Waiting {
                w.state = State::Closed { told: false };
            }
        }
    }

    /// Whether an open holds any lock.
    pub fn holds_any(&self, owner: LockOwner) -> bool {
        self.locks.iter().any(|l| l.owner == owner)
    }

    /// The next parked request that must be told something, or `None`. Each is named once; to be called until
    /// it yields `None`, and the waking done while this list is not locked, after every [`LockList::unlock`],
    /// [`LockList::roll_back`] and [`LockList::remove_owner`].
    pub fn next_wake(&mut self) -> Option<(Token, Wake)> {
        for w in self.waiters.iter_mut() {
            match &mut w.state {
                State::Granted { told } if !*told => {
                    *told = true;
                    return Some((w.token, Wake::Granted));
                }
                State::Closed { told } if !*told => {
                    *told = true;
                    return Some((w.token, Wake::Closed));
                }
                _ => {}
            }
        }
        None
    }

    /// Ends the waiting under `token`, for whatever reason its request runs again, and tells how it stands.
    pub fn settle(&mut self, token: Token) -> Settled {
        let Some(at) = self.waiters.iter().position(|w| w.token == token) else {
            return Settled::Gone;
        };
        match self.waiters.remove(at).map(|w| w.state) {
            Ok(State::Granted { .. }) => Settled::Granted,
            Ok(State::Waiting) => Settled::Withdrawn,
            Ok(State::Closed { .. }) | Err(_) => Settled::Gone,
        }
    }

    /// Whether a lock forbids `owner` to read `length` bytes at `offset`.
    pub fn conflicts_read(&self, owner: LockOwner, offset: u64, length: u64) -> bool {
        self.conflicts(owner, offset, length, false)
    }

    /// Whether a lock forbids `owner` to change `length` bytes at `offset`. A shared lock forbids it to its
    /// owner, too.
    pub fn conflicts_write(&self, owner: LockOwner, offset: u64, length: u64) -> bool {
        self.conflicts(owner, offset, length, true)
    }

    fn conflicts(&self, owner: LockOwner, offset: u64, length: u64, write: bool) -> bool {
        if self.locks.is_empty() || length == 0 {
            return false;
        }
        // A range past the end of what 64 bits can name is cut off there: no lock lies beyond.
        let length = length.min(u64::MAX.wrapping_sub(offset).saturating_add(1));
        let range = LockRange { offset, length };
        self.locks
            .iter()
            .any(|l| l.range.overlaps(&range) && if l.exclusive { l.owner != owner } else { write })
    }

    fn blocks_lock(&self, new: &ByteLock) -> bool {
        self.locks.iter().any(|held| {
            held.range.overlaps(&new.range)
                && if held.exclusive {
                    // An owner may put a shared lock upon its exclusive one, but no second exclusive one.
                    held.owner != new.owner || new.exclusive
                } else {
                    new.exclusive
                }
        })
    }

    fn admit(&self, owner: LockOwner) -> SmbResult {
        let held = self.locks.iter().filter(|l| l.owner == owner).count();
        let waiting = self
            .waiters
            .iter()
            .filter(|w| w.lock.owner == owner)
            .count();
        if held.saturating_add(waiting) >= MAX_LOCKS_PER_OPEN {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        Ok(())
    }

    /// Makes room for one new lock or waiter on top of what waits already.
    fn reserve_locks(&mut self) -> SmbResult {
        let more = self.waiters.len().saturating_add(1);
        self.locks.reserve(more, GFP_KERNEL)?;
        Ok(())
    }

    /// Grants what no longer conflicts.
    fn grant(&mut self) {
        for at in 0..self.waiters.len() {
            let Some(lock) = self
                .waiters
                .get(at)
                .filter(|w| w.state == State::Waiting)
                .map(|w| w.lock)
            else {
                continue;
            };
            if self.blocks_lock(&lock) {
                continue;
            }
            // The invariant says that there is room; without it the lock goes on waiting.
            if self.locks.push_within_capacity(lock).is_ok() {
                if let Some(w) = self.waiters.get_mut(at) {
                    w.state = State::Granted { told: false };
                }
            }
        }
    }
}
