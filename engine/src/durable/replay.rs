// SPDX-License-Identifier: GPL-2.0-or-later
//! CREATE requests that are sent again ([MS-SMB2] 3.3.5.9.10): a client names each by a GUID, and one that it had no
//! answer to is done once however often it comes.
//!
//! An entry is made before a CREATE begins and lies here while it waits; then it names the open, until the client
//! shows that it has the handle (by using it) or the open ends. Windows and Samba do the same with
//! Open.IsReplayEligible.
//!
//! # Invariants
//!
//! - Whoever made an entry ([`Replays::begin`]) ends it: by [`Replays::opened`], or by [`Replays::forget`] when the
//!   CREATE came to nothing.
//! - An open that has an entry knows its key, and its end forgets it.

use kernel::alloc::AllocError;
use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::Guid;
use proto_shared::fscc::flags::CreateAction;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::open::Open;

/// Names a CREATE within the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// ClientGuid.
    pub(crate) client: [u8; 16],
    /// CreateGuid.
    pub(crate) create: [u8; 16],
}

impl Key {
    /// The key of a CREATE with this GUID; `None` for the one that names nothing.
    pub(crate) fn new(client: [u8; 16], create: Guid) -> Option<Self> {
        (create != Guid::ZERO).then_some(Self {
            client,
            create: create.0,
        })
    }
}

struct Entry<H: Host> {
    key: Key,
    /// `None` as long as the CREATE is being worked on.
    open: Option<(Arc<Open<H>>, CreateAction)>,
}

/// What a CREATE finds.
pub(crate) enum Begun<H: Host> {
    /// It is new.
    New,
    /// It was done: this open came of it, in this way.
    Done(Arc<Open<H>>, CreateAction),
}

/// Number of lists that entries are spread over, a power of two.
const BUCKETS: usize = 64;

/// See the module's description.
pub(crate) struct Replays<H: Host> {
    /// Each in the order of the keys.
    buckets: [KVVec<Entry<H>>; BUCKETS],
}

// Only references in here; nothing is pinned.
impl<H: Host> Unpin for Replays<H> {}

impl<H: Host> Replays<H> {
    /// None.
    pub(crate) fn new() -> Self {
        Self {
            buckets: core::array::from_fn(|_| KVVec::new()),
        }
    }

    /// Number of CREATE requests that are remembered.
    pub(crate) fn len(&self) -> usize {
        self.buckets
            .iter()
            .fold(0, |n, b| n.saturating_add(b.len()))
    }

    fn bucket(&mut self, key: &Key) -> SmbResult<&mut KVVec<Entry<H>>> {
        let mix = |h: u64, b: &u8| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        let hash = key.client.iter().fold(0xcbf2_9ce4_8422_2325, mix);
        let hash = key.create.iter().fold(hash, mix);
        self.buckets
            .get_mut((hash >> 32) as usize & BUCKETS.wrapping_sub(1))
            .ok_or(NtStatus::INTERNAL_ERROR.into())
    }

    /// A CREATE comes in.
    ///
    /// # Errors
    /// `FILE_NOT_AVAILABLE` if it is being worked on already, `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn begin(&mut self, key: &Key) -> SmbResult<Begun<H>> {
        let bucket = self.bucket(key)?;
        match bucket.binary_search_by_key(key, |e| e.key) {
            Ok(at) => match bucket.get(at).and_then(|e| e.open.as_ref()) {
                Some((open, action)) => Ok(Begun::Done(open.clone(), *action)),
                None => Err(NtStatus::FILE_NOT_AVAILABLE.into()),
            },
            Err(at) => {
                bucket.reserve(1, GFP_KERNEL)?;
                let entry = Entry {
                    key: *key,
                    open: None,
                };
                bucket
                    .insert_within_capacity(at, entry)
                    .map_err(|_| AllocError)?;
                Ok(Begun::New)
            }
        }
    }

    /// The CREATE led to this open.
    pub(crate) fn opened(&mut self, key: &Key, open: &Arc<Open<H>>, action: CreateAction) {
        let Ok(bucket) = self.bucket(key) else { return };
        if let Ok(at) = bucket.binary_search_by_key(key, |e| e.key) {
            if let Some(entry) = bucket.get_mut(at) {
                entry.open = Some((open.clone(), action));
            }
        }
    }

    /// It need not be remembered any longer. The caller drops what comes out without the lock.
    pub(crate) fn forget(&mut self, key: &Key) -> Option<Arc<Open<H>>> {
        let bucket = self.bucket(key).ok()?;
        let at = bucket.binary_search_by_key(key, |e| e.key).ok()?;
        bucket.remove(at).ok()?.open.map(|(open, _)| open)
    }

    /// As [`Replays::forget`], if the CREATE has come to nothing.
    pub(crate) fn forget_unopened(&mut self, key: &Key) {
        let Ok(bucket) = self.bucket(key) else { return };
        if let Ok(at) = bucket.binary_search_by_key(key, |e| e.key) {
            if bucket.get(at).is_some_and(|e| e.open.is_none()) {
                let _ = bucket.remove(at);
            }
        }
    }
}
