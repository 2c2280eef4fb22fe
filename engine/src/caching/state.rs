// SPDX-License-Identifier: GPL-2.0-or-later
//! Who caches what of one file, and what breaks it ([MS-SMB2] 3.3.1.4, 3.3.1.12; [MS-FSA] 2.1.4.12, 2.1.5.17,
//! 2.1.5.18).
//!
//! A pure state machine: it knows no wire, calls nobody and reads no clock. Its owner (the inode) keeps it behind
//! a lock; what is to be sent comes out as [`Notice`]s, and whom to wake by [`Caching::next_wake`], to be acted on
//! after that lock is given up.
//!
//! Oplocks and leases are one thing here, a *grant* of some of R, W and H: a level II oplock is R, an exclusive
//! one RW, a batch one RWH. They differ in this: an oplock belongs to one open, breaks to R or to nothing only,
//! and being R is broken by its own holder's writes too; a lease belongs to a client's key, and nothing that is
//! done through an open with that key breaks it.
//!
//! # Invariants
//!
//! - Every grant has at least one member; the last one's departure ends it.
//! - A grant that is breaking keeps its state until it is acknowledged, expires, or cannot be told. Only then do
//!   those who wait for it go on. What is only R falls at once: nothing is acknowledged.
//! - W is never granted while an open that is not of the same grant does more than look at attributes.
//! - A notice about a grant is made only once its holder knows of it ([`Caching::activate`]).

use kernel::prelude::*;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::smb2::{FileId, LeaseKey, LeaseState, OplockLevel};
use proto_shared::status::NtStatus;

use super::away::Away;
use crate::error::SmbResult;
use crate::time::Monotonic;
use crate::work::Token;

/// Nothing is cached.
pub const NONE: LeaseState = LeaseState(0);
/// Reads are cached.
pub const R: LeaseState = LeaseState::READ_CACHING;
/// Writes are cached.
pub const W: LeaseState = LeaseState::WRITE_CACHING;
/// Handles are cached: the file may stay open after the application closed it.
pub const H: LeaseState = LeaseState::HANDLE_CACHING;
const WH: LeaseState = LeaseState(W.0 | H.0);
const RW: LeaseState = LeaseState(R.0 | W.0);
const RWH: LeaseState = LeaseState(R.0 | W.0 | H.0);

/// How long a holder has to acknowledge a break, in milliseconds ([MS-SMB2] 3.3.2.1, 3.3.2.5).
pub const BREAK_TIMEOUT_MS: u64 = 35_000;

/// Access that disturbs no oplock ([MS-FSA] 2.1.5.1.2).
const OPLOCK_STAT: AccessMask = AccessMask(
    AccessMask::READ_ATTRIBUTES.0 | AccessMask::WRITE_ATTRIBUTES.0 | AccessMask::SYNCHRONIZE.0,
);
/// Access that disturbs no lease.
const LEASE_STAT: AccessMask = AccessMask(OPLOCK_STAT.0 | AccessMask::READ_CONTROL.0);

/// The state that an oplock level stands for.
///
/// # Errors
/// `INVALID_PARAMETER` for what is no level of an oplock.
pub fn state_of(level: OplockLevel) -> SmbResult<LeaseState> {
    match level {
        OplockLevel::NONE => Ok(NONE),
        OplockLevel::II => Ok(R),
        OplockLevel::EXCLUSIVE => Ok(RW),
        OplockLevel::BATCH => Ok(RWH),
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}

/// The oplock level that stands for a state.
pub fn level_of(state: LeaseState) -> OplockLevel {
    if state.contains(RWH) {
        OplockLevel::BATCH
    } else if state.contains(RW) {
        OplockLevel::EXCLUSIVE
    } else if state.contains(R) {
        OplockLevel::II
    } else {
        OplockLevel::NONE
    }
}

/// What of a request can be granted at all: nothing goes without R.
fn valid(state: LeaseState) -> LeaseState {
    if state.contains(R) {
        state & RWH
    } else {
        NONE
    }
}

/// Names a lease within the server ([MS-SMB2] 3.3.1.11, 3.3.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaseId {
    /// The client's GUID.
    pub client: [u8; 16],
    /// The key that it chose.
    pub key: LeaseKey,
}

/// What a new open asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Nothing.
    Nothing,
    /// An oplock of this strength.
    Oplock(LeaseState),
    /// A lease.
    Lease {
        /// Which.
        id: LeaseId,
        /// How much.
        state: LeaseState,
        /// The client's epoch, if the request is one of version 2.
        epoch: Option<u16>,
    },
}

impl Ask {
    fn lease(&self) -> Option<&LeaseId> {
        match self {
            Ask::Lease { id, .. } => Some(id),
            _ => None,
        }
    }
}

/// An open that is about to be.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// A number that no other open of the server has.
    pub open: u64,
    /// Its session.
    pub session: u64,
    /// What it is granted, plus what its disposition does at once.
    pub access: AccessMask,
    /// It made the file.
    pub created: bool,
    /// The file loses its content.
    pub overwrites: bool,
    /// Another open forbids it.
    pub violation: bool,
    /// Byte-range locks are held on the data that the file has.
    pub locked: bool,
    /// It has waited before: now it waits for every break that is under way.
    pub retry: bool,
    /// Messages about it go out encrypted.
    pub sealed: bool,
    /// What it wants to cache.
    pub ask: Ask,
}

/// What an operation on an open file takes from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contention {
    /// It changes or locks data: nobody else may cache any.
    Data,
    /// Somebody who is no client reads data: nobody may keep what is to be written.
    Look,
    /// It changes or removes the name: nobody else may keep the file open without knowing.
    Handle,
}

/// A break that somebody has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The grant that is breaking.
    pub grant: u64,
    /// When it expires.
    pub deadline: Monotonic,
}

/// What a holder is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An oplock breaks.
    Oplock {
        /// The open.
        file: FileId,
        /// To what.
        to: OplockLevel,
    },
    /// A lease breaks.
    Lease {
        /// Which.
        id: LeaseId,
        /// Its epoch from now on; 0 for version 1.
        epoch: u16,
        /// What it was.
        from: LeaseState,
        /// To what.
        to: LeaseState,
    },
}

/// A message to a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which grant it is about.
    pub grant: u64,
    /// By way of one of these sessions; 0 is none.
    pub sessions: [u64; 2],
    /// It goes out encrypted.
    pub sealed: bool,
    /// The holder must acknowledge it.
    pub ack: bool,
    /// What it says.
    pub what: What,
}

/// What a new open got, for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it may cache.
    pub state: LeaseState,
    /// More, if it is a lease.
    pub lease: Option<ShownLease>,
}

/// What a reply tells of a lease beyond its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownLease {
    /// Its key.
    pub key: LeaseKey,
    /// Its epoch, if it is one of version 2.
    pub epoch: Option<u16>,
    /// A break waits for its acknowledgment.
    pub breaking: bool,
}

pub(super) struct Member {
    pub(super) open: u64,
    /// 0 while it has none.
    pub(super) session: u64,
    volatile: u64,
    sealed: bool,
    stat: bool,
    pub(super) grant: Option<u64>,
    pub(super) away: Away,
}

pub(super) struct Lease {
    pub(super) id: LeaseId,
    v2: bool,
    epoch: u16,
}

pub(super) struct Breaking {
    /// What the holder was told to fall to.
    to: LeaseState,
    /// What it will have to fall to in the end.
    required: LeaseState,
    deadline: Monotonic,
}

pub(super) struct Grant {
    pub(super) no: u64,
    pub(super) lease: Option<Lease>,
    pub(super) state: LeaseState,
    pub(super) breaking: Option<Breaking>,
    /// The holder knows of it.
    pub(super) active: bool,
    /// The state before a break that the holder was not told of, for it was not active yet.
    untold: Option<LeaseState>,
}

struct Waiter {
    token: Token,
    grant: u64,
    ready: bool,
}

/// The caching of one file.
pub struct Caching {
    pub(super) members: KVec<Member>,
    pub(super) grants: KVec<Grant>,
    waiters: KVec<Waiter>,
    last: u64,
}

impl Default for Caching {
    fn default() -> Self {
        Self::new()
    }
}

impl Grant {
    fn is_own(&self, ask: &Ask) -> bool {
        matches!((&self.lease, ask.lease()), (Some(l), Some(id)) if l.id == *id)
    }

    /// Whether an open with this access leaves it alone.
    fn ignores(&self, access: AccessMask) -> bool {
        let stat = if self.lease.is_some() {
            LEASE_STAT
        } else {
            OPLOCK_STAT
        };
        stat.contains(access)
    }

    fn next_epoch(&mut self) {
        if let Some(lease) = &mut self.lease {
            lease.epoch = lease.epoch.wrapping_add(1);
        }
    }

    fn notice(&self, members: &[Member], from: LeaseState, to: LeaseState, ack: bool) -> Notice {
        // Who lost its client is told only if nobody else is there, and then nobody hears it.
        let own = || members.iter().filter(|m| m.grant == Some(self.no));
        let first = own().find(|m| m.session != 0).or_else(|| own().next());
        let session = first.map_or(0, |m| m.session);
        let other = own()
            .find(|m| m.session != session)
            .map_or(0, |m| m.session);
        let what = match &self.lease {
            Some(lease) => What::Lease {
                id: lease.id,
                epoch: if lease.v2 { lease.epoch } else { 0 },
                from,
                to,
            },
            None => What::Oplock {
                file: FileId {
                    persistent: first.map_or(0, |m| m.open),
                    volatile: first.map_or(0, |m| m.volatile),
                },
                to: level_of(to),
            },
        };
        Notice {
            grant: self.no,
            sessions: [session, other],
            sealed: members.iter().any(|m| m.grant == Some(self.no) && m.sealed),
            ack,
            what,
        }
    }

    /// Begins to break it to `target`, or notes that a break that is under way has to go further.
    pub(super) fn break_to(
        &mut self,
        target: LeaseState,
        members: &[Member],
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult {
        let target = if self.lease.is_some() {
            valid(target & self.state)
        } else {
            target & R & self.state
        };
        if let Some(breaking) = &mut self.breaking {
            breaking.required = breaking.required & target;
            return Ok(());
        }
        let from = self.state;
        if target == from {
            return Ok(());
        }
        out.reserve(1, GFP_KERNEL)?;
        let ack = from.intersects(WH);
        if ack {
            let deadline = now.after_ms(BREAK_TIMEOUT_MS);
            self.breaking = Some(Breaking {
                to: target,
                required: target,
                deadline,
            });
        } else {
            self.state = target;
        }
        if self.active {
            self.next_epoch();
            let _ = out.push_within_capacity(self.notice(members, from, target, ack));
        } else {
            self.untold.get_or_insert(from);
        }
        Ok(())
    }

    /// The holder fell to `state`. Yields whether the break is over; if not, the next step is under way.
    fn fallen(
        &mut self,
        state: LeaseState,
        members: &[Member],
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult<bool> {
        let Some(Breaking { required, .. }) = &self.breaking else {
            return Ok(true);
        };
        let required = *required;
        out.reserve(1, GFP_KERNEL)?;
        self.breaking = None;
        self.state = valid(state);
        let (from, beyond) = (self.state, self.state.without(required));
        if beyond.is_empty() {
            return Ok(true);
        }
        // H and W go first; R only alone, for that needs no acknowledgment.
        if beyond.intersects(WH) {
            let to = (from & required) | (from & R);
            let deadline = now.after_ms(BREAK_TIMEOUT_MS);
            self.breaking = Some(Breaking {
                to,
                required,
                deadline,
            });
            let _ = out.push_within_capacity(self.notice(members, from, to, true));
            return Ok(false);
        }
        self.state = from & required;
        let _ = out.push_within_capacity(self.notice(members, from, self.state, false));
        Ok(true)
    }
}

impl Caching {
    /// Nobody caches anything.
    pub const fn new() -> Self {
        Self {
            members: KVec::new(),
            grants: KVec::new(),
            waiters: KVec::new(),
            last: 0,
        }
    }

    /// Breaks what stands in the way of a new open, and says whether it has to wait for that.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory; what was begun by then goes on.
    pub fn arrive(
        &mut self,
        a: &Arrival,
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult<Option<Blocker>> {
        self.expire(now);
        let mut blocker = None;
        for g in self.grants.iter_mut() {
            if g.is_own(&a.ask) || g.ignores(a.access) {
                continue;
            }
            let hinders = if a.violation { H } else { W };
            let waits = g.state.intersects(hinders) || a.retry;
            let target = if a.overwrites && !a.violation {
                NONE
            } else {
                g.state.without(hinders)
            };
            if target != g.state {
                g.break_to(target, &self.members, now, out)?;
            }
            if let (true, Some(b)) = (waits, &g.breaking) {
                blocker.get_or_insert(Blocker {
                    grant: g.no,
                    deadline: b.deadline,
                });
            }
        }
        Ok(blocker)
    }

    /// How much of what it asks for a new open can have beside the others ([MS-FSA] 2.1.5.17.1, 2.1.5.17.2).
    fn grantable(&self, a: &Arrival, own: Option<u64>, asked: LeaseState) -> LeaseState {
        if a.locked {
            return NONE;
        }
        let (mut opened, mut oplock, mut handle) = (false, false, false);
        for m in self
            .members
            .iter()
            .filter(|m| m.grant.is_none() || m.grant != own)
        {
            let grant = m
                .grant
                .and_then(|no| self.grants.iter().find(|g| g.no == no));
            let state = grant.map_or(NONE, |g| g.state);
            opened |= !m.stat || !state.is_empty();
            match grant {
                Some(Grant { lease: None, .. }) => oplock |= !state.is_empty(),
                _ => handle |= state.intersects(H),
            }
        }
        let mut state = valid(asked);
        if opened {
            state = state.without(W);
        }
        match a.ask {
            Ask::Lease { .. } if oplock => state.without(H),
            Ask::Lease { .. } => state,
            _ if handle => NONE,
            // Who only looks gets no oplock, but who makes the file does.
            _ if OPLOCK_STAT.contains(a.access) && !a.created => NONE,
            // A batch oplock needs the file for itself, as an exclusive one does.
            _ if opened => state & R,
            _ => state,
        }
    }

    /// Takes a new open in, and grants what it can have.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory; nothing has changed then.
    pub fn admit(&mut self, a: &Arrival) -> SmbResult {
        self.members.reserve(1, GFP_KERNEL)?;
        self.grants.reserve(1, GFP_KERNEL)?;
        let own = self.grants.iter().position(|g| g.is_own(&a.ask));
        let own_no = own.and_then(|at| self.grants.get(at)).map(|g| g.no);
        let asked = match a.ask {
            Ask::Nothing => NONE,
            Ask::Oplock(state) | Ask::Lease { state, .. } => valid(state),
        };
        let state = self.grantable(a, own_no, asked);
        let grant = match (&a.ask, own.and_then(|at| self.grants.get_mut(at))) {
            (_, Some(g)) => {
                // All that was asked for and more than there was, or nothing new.
                let more = state == asked && state.contains(g.state) && state != g.state;
                if more && g.breaking.is_none() {
                    g.state = state;
                    g.next_epoch();
                }
                Some(g.no)
            }
            (Ask::Lease { id, epoch, .. }, None) => {
                let first = epoch.unwrap_or(0);
                let lease = Lease {
                    id: *id,
                    v2: epoch.is_some(),
                    epoch: if state.is_empty() {
                        first
                    } else {
                        first.wrapping_add(1)
                    },
                };
                Some(self.add_grant(Some(lease), state))
            }
            (Ask::Oplock(_), None) if !state.is_empty() => Some(self.add_grant(None, state)),
            _ => None,
        };
        let member = Member {
            open: a.open,
            session: a.session,
            volatile: 0,
            sealed: a.sealed,
            stat: OPLOCK_STAT.contains(a.access),
            grant,
            away: Away::Here,
        };
        let _ = self.members.push_within_capacity(member);
        Ok(())
    }

    /// Room has been made.
    fn add_grant(&mut self, lease: Option<Lease>, state: LeaseState) -> u64 {
        self.last = self.last.wrapping_add(1);
        let no = self.last;
        let grant = Grant {
            no,
            lease,
            state,
            breaking: None,
            active: false,
            untold: None,
        };
        let _ = self.grants.push_within_capacity(grant);
        no
    }

    fn grant_of(&self, open: u64) -> Option<u64> {
        self.members.iter().find(|m| m.open == open)?.grant
    }

    /// What an open got, as of now: for its reply. `None` if it caches nothing and has no lease.
    pub fn shown(&mut self, open: u64) -> Option<Shown> {
        let no = self.grant_of(open)?;
        let g = self.grants.iter_mut().find(|g| g.no == no)?;
        if g.breaking.is_none() {
            // The reply tells what is left.
            g.untold = None;
        }
        let lease = g.lease.as_ref().map(|l| ShownLease {
            key: l.id.key,
            epoch: l.v2.then_some(l.epoch),
            breaking: g.active && g.breaking.is_some(),
        });
        Some(Shown {
            state: g.state,
            lease,
        })
    }

    /// The reply of a new open is on its way: from now on its holder can be told of breaks, and is told of those
    /// that came too early.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory; a break that was not told of will expire.
    pub fn activate(&mut self, open: u64, volatile: u64, out: &mut KVec<Notice>) -> SmbResult {
        let Some(member) = self.members.iter_mut().find(|m| m.open == open) else {
            return Ok(());
        };
        member.volatile = volatile;
        let no = member.grant;
        let Some(g) = self
            .grants
            .iter_mut()
            .find(|g| Some(g.no) == no && !g.active)
        else {
            return Ok(());
        };
        g.active = true;
        let Some(from) = g.untold.take() else {
            return Ok(());
        };
        out.reserve(1, GFP_KERNEL)?;
        let (to, ack) = match &g.breaking {
            Some(b) => (b.to, true),
            None => (g.state, false),
        };
        if to != from {
            g.next_epoch();
            let _ = out.push_within_capacity(g.notice(&self.members, from, to, ack));
        }
        Ok(())
    }

    /// Breaks what an operation through `by` (or from elsewhere) takes from others, and says whether it has to
    /// wait for that.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory; what was begun by then goes on.
    pub fn contend(
        &mut self,
        by: Option<u64>,
        what: Contention,
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult<Option<Blocker>> {
        if self.grants.is_empty() {
            return Ok(None);
        }
        self.expire(now);
        let own = by.and_then(|open| self.grant_of(open));
        let mut blocker = None;
        for g in self.grants.iter_mut() {
            let mine = own == Some(g.no);
            let target = match what {
                // Who may not keep written data must not rely on read data either.
                Contention::Data if mine && (g.lease.is_some() || g.state.intersects(W)) => {
                    continue
                }
                Contention::Data => NONE,
                Contention::Look => g.state.without(W),
                Contention::Handle if mine => continue,
                Contention::Handle => g.state.without(H),
            };
            if target == g.state {
                continue;
            }
            g.break_to(target, &self.members, now, out)?;
            if let (Contention::Handle, Some(b)) = (what, &g.breaking) {
                blocker.get_or_insert(Blocker {
                    grant: g.no,
                    deadline: b.deadline,
                });
            }
        }
        Ok(blocker)
    }

    /// All that is cached by anybody, breaking or not.
    pub fn held(&self) -> LeaseState {
        self.grants.iter().fold(NONE, |all, g| all | g.state)
    }

    /// Whether the holder of an open keeps its handle cached.
    pub fn caches_handle(&self, open: u64) -> bool {
        let no = self.grant_of(open);
        self.grants
            .iter()
            .any(|g| Some(g.no) == no && g.state.intersects(H))
    }

    /// Takes an open out.
    pub fn depart(&mut self, open: u64) {
        let no = self.grant_of(open);
        self.members.retain(|m| m.open != open);
        let Some(no) = no else { return };
        if !self.members.iter().any(|m| m.grant == Some(no)) {
            self.grants.retain(|g| g.no != no);
            self.over(no);
        }
    }

    /// The holder of an oplock acknowledges its break ([MS-SMB2] 3.3.5.22.1). Yields what it has then.
    ///
    /// # Errors
    /// `INVALID_OPLOCK_PROTOCOL`, `INVALID_DEVICE_STATE`, `INVALID_PARAMETER`.
    pub fn acknowledge_oplock(
        &mut self,
        open: u64,
        level: OplockLevel,
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult<OplockLevel> {
        let asked = state_of(level)?;
        self.expire(now);
        let no = self
            .grant_of(open)
            .ok_or(NtStatus::INVALID_OPLOCK_PROTOCOL)?;
        let g = self
            .grants
            .iter_mut()
            .find(|g| g.no == no)
            .ok_or(NtStatus::INVALID_OPLOCK_PROTOCOL)?;
        if g.lease.is_some() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let Some(to) = g.breaking.as_ref().map(|b| b.to) else {
            let idle = g.state.is_empty();
            let protocol = NtStatus::INVALID_OPLOCK_PROTOCOL;
            return Err(if idle {
                protocol
            } else {
                NtStatus::INVALID_DEVICE_STATE
            }
            .into());
        };
        if asked.intersects(WH) || (asked.contains(R) && to.is_empty()) {
            // It keeps nothing, and those who wait go on.
            g.state = NONE;
            g.breaking = None;
            self.over(no);
            return Err(NtStatus::INVALID_OPLOCK_PROTOCOL.into());
        }
        if g.fallen(asked, &self.members, now, out)? {
            self.over(no);
        }
        Ok(level)
    }

    /// The holder of a lease acknowledges its break ([MS-SMB2] 3.3.5.22.2).
    ///
    /// # Errors
    /// `OBJECT_NAME_NOT_FOUND`, `UNSUCCESSFUL`, `REQUEST_NOT_ACCEPTED`.
    pub fn acknowledge_lease(
        &mut self,
        id: &LeaseId,
        state: LeaseState,
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult {
        self.expire(now);
        let mut grants = self.grants.iter_mut();
        let g = grants.find(|g| matches!(&g.lease, Some(l) if l.id == *id));
        let g = g.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
        let to = g
            .breaking
            .as_ref()
            .map(|b| b.to)
            .ok_or(NtStatus::UNSUCCESSFUL)?;
        if !to.contains(state) {
            return Err(NtStatus::REQUEST_NOT_ACCEPTED.into());
        }
        let no = g.no;
        if g.fallen(state, &self.members, now, out)? {
            self.over(no);
        }
        Ok(())
    }

    /// A holder that was to acknowledge a break could not be told of it: it has nothing any more.
    pub fn lost(&mut self, grant: u64) {
        if let Some(g) = self
            .grants
            .iter_mut()
            .find(|g| g.no == grant && g.breaking.is_some())
        {
            g.state = NONE;
            g.breaking = None;
            self.over(grant);
        }
    }

    /// Until when the holder of a grant has to acknowledge its break, if one is under way.
    pub fn awaits(&self, grant: u64) -> Option<Monotonic> {
        let found = self.grants.iter().find(|g| g.no == grant)?;
        found.breaking.as_ref().map(|b| b.deadline)
    }

    /// Holders that did not acknowledge in time have nothing any more ([MS-SMB2] 3.3.6.1, 3.3.6.4).
    pub fn expire(&mut self, now: Monotonic) {
        let due = |g: &Grant| g.breaking.as_ref().is_some_and(|b| b.deadline <= now);
        while let Some(g) = self.grants.iter_mut().find(|g| due(g)) {
            g.state = NONE;
            g.breaking = None;
            let no = g.no;
            self.over(no);
        }
    }

    /// The break of a grant is over.
    fn over(&mut self, grant: u64) {
        for w in self.waiters.iter_mut().filter(|w| w.grant == grant) {
            w.ready = true;
        }
    }

    /// Lets a request wait for a break. Yields whether there is still something to wait for.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn wait(&mut self, token: Token, grant: u64) -> SmbResult<bool> {
        let breaking = self
            .grants
            .iter()
            .any(|g| g.no == grant && g.breaking.is_some());
        if breaking {
            self.waiters.push(
                Waiter {
                    token,
                    grant,
                    ready: false,
                },
                GFP_KERNEL,
            )?;
        }
        Ok(breaking)
    }

    /// A request does not wait any longer.
    pub fn forget(&mut self, token: Token) {
        self.waiters.retain(|w| w.token != token);
    }

    /// The next request to be woken, for what it waited for is over. Call until there is none.
    pub fn next_wake(&mut self) -> Option<Token> {
        let token = self.waiters.iter().find(|w| w.ready)?.token;
        self.forget(token);
        Some(token)
    }
}
