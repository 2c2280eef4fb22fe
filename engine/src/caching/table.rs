// SPDX-License-Identifier: GPL-2.0-or-later
//! Which file a lease is on ([MS-SMB2] 3.3.1.11): the way from an acknowledgment to its file, and the rule that a
//! client uses a key for one file only.
//!
//! An open with a lease holds a claim from before it enters its file until after it left it, so an entry may
//! outlive its lease by a moment, never the other way round.

use kernel::alloc::AllocError;
use kernel::prelude::*;

use proto_shared::status::NtStatus;

use super::LeaseId;
use crate::error::SmbResult;
use crate::open::FileKey;

struct Entry {
    id: LeaseId,
    file: FileKey,
    /// Opens that claim it.
    claims: u64,
}

/// Number of lists that entries are spread over, a power of two.
const BUCKETS: usize = 64;

/// All leases of a server.
pub struct LeaseTable {
    /// Each in the order of the ids.
    buckets: [KVVec<Entry>; BUCKETS],
}

impl Default for LeaseTable {
    fn default() -> Self {
        Self::new()
    }
}

impl LeaseTable {
    /// No leases.
    pub fn new() -> Self {
        Self {
            buckets: core::array::from_fn(|_| KVVec::new()),
        }
    }

    fn bucket(&mut self, id: &LeaseId) -> Option<&mut KVVec<Entry>> {
        // Clients choose keys at random or count them; every byte takes part.
        let mix = |h: u64, b: &u8| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        let hash = id.client.iter().fold(0xcbf2_9ce4_8422_2325, mix);
        let hash = id.key.0.iter().fold(hash, mix);
        self.buckets
            .get_mut((hash >> 32) as usize & BUCKETS.wrapping_sub(1))
    }

    /// Says that an open of `file` is about to have this lease.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` if the client has it on another file, `INSUFFICIENT_RESOURCES` without memory.
    pub fn claim(&mut self, id: &LeaseId, file: FileKey) -> SmbResult {
        let bucket = self.bucket(id).ok_or(NtStatus::INTERNAL_ERROR)?;
        match bucket.binary_search_by_key(id, |e| e.id) {
            Ok(at) => {
                let entry = bucket.get_mut(at).ok_or(NtStatus::INTERNAL_ERROR)?;
                if entry.file != file {
                    return Err(NtStatus::INVALID_PARAMETER.into());
                }
                entry.claims = entry.claims.saturating_add(1);
            }
            Err(at) => {
                bucket.reserve(1, GFP_KERNEL)?;
                let entry = Entry {
                    id: *id,
                    file,
                    claims: 1,
                };
                bucket
                    .insert_within_capacity(at, entry)
                    .map_err(|_| AllocError)?;
            }
        }
        Ok(())
    }

    /// An open that claimed the lease is gone.
    pub fn release(&mut self, id: &LeaseId) {
        let Some(bucket) = self.bucket(id) else {
            return;
        };
        let Ok(at) = bucket.binary_search_by_key(id, |e| e.id) else {
            return;
        };
        let Some(entry) = bucket.get_mut(at) else {
            return;
        };
        entry.claims = entry.claims.saturating_sub(1);
        if entry.claims == 0 {
            let _ = bucket.remove(at);
        }
    }

    /// The file that the client has this lease on.
    pub fn file(&mut self, id: &LeaseId) -> Option<FileKey> {
        let bucket = self.bucket(id)?;
        let at = bucket.binary_search_by_key(id, |e| e.id).ok()?;
        bucket.get(at).map(|e| e.file)
    }
}
