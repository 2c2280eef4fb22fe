// SPDX-License-Identifier: GPL-2.0-or-later
//! What tells requests that are sent again over another channel from those that are not ([MS-SMB2] 3.3.5.2.10,
//! 3.3.5.14): channel sequence and lock sequences of one open. Pure values; their owner keeps them behind a lock.

use proto_shared::status::NtStatus;

use crate::error::SmbResult;

/// Numbers of locks that the client counts ([MS-SMB2] 3.3.1.10, LockSequenceArray).
const BUCKETS: usize = 64;
/// No lock was counted in this bucket, or one is under way.
const UNKNOWN: u8 = 0xFF;

/// Channel sequence and requests under way ([MS-SMB2] 3.3.1.10).
#[derive(Clone, Copy, Default)]
pub struct ChannelSequence {
    current: u16,
    /// Requests with the current number.
    requests: u32,
    /// Requests with numbers before that.
    before: u32,
}

impl ChannelSequence {
    /// A request with this number comes in. Yields whether it is counted, and is to be taken off by
    /// [`ChannelSequence::leave`].
    ///
    /// # Errors
    /// `FILE_NOT_AVAILABLE` if it `modifies` and is late, or one like it may still be under way.
    pub fn enter(&mut self, number: u16, replay: bool, modifies: bool) -> SmbResult<bool> {
        let ahead = number.wrapping_sub(self.current);
        let late = ahead > 0x7FFF || replay && self.before != 0;
        if late {
            return if modifies {
                Err(NtStatus::FILE_NOT_AVAILABLE.into())
            } else {
                Ok(false)
            };
        }
        if ahead == 0 {
            self.requests = self.requests.saturating_add(1);
        } else {
            self.before = self.before.saturating_add(self.requests);
            self.requests = 1;
            self.current = number;
        }
        Ok(true)
    }

    /// A request that was counted with this number is answered.
    pub fn leave(&mut self, number: u16) {
        let count = if number == self.current {
            &mut self.requests
        } else {
            &mut self.before
        };
        *count = count.saturating_sub(1);
    }
}

/// Which LOCK requests were done ([MS-SMB2] 3.3.5.14).
#[derive(Clone, Copy)]
pub struct LockSequences([u8; BUCKETS]);

impl Default for LockSequences {
    fn default() -> Self {
        Self([UNKNOWN; BUCKETS])
    }
}

impl LockSequences {
    fn bucket(&mut self, index: u32) -> Option<&mut u8> {
        // 0 is none, and what lies beyond is not verified.
        self.0.get_mut(usize::try_from(index).ok()?.checked_sub(1)?)
    }

    /// Whether the request was done already. If not, the bucket is about another one from now on.
    pub fn is_done(&mut self, index: u32, number: u8) -> bool {
        let Some(bucket) = self.bucket(index) else {
            return false;
        };
        if *bucket == number {
            return true;
        }
        *bucket = UNKNOWN;
        false
    }

    /// The request was done.
    pub fn done(&mut self, index: u32, number: u8) {
        if let Some(bucket) = self.bucket(index) {
            *bucket = number;
        }
    }
}
