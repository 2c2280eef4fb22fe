// SPDX-License-Identifier: GPL-2.0-or-later
//! The window of MessageIds that a client may use ([MS-SMB2] 3.3.1.1, 3.3.5.2.3).
//!
//! # Invariants
//!
//! `low <= high`, `high - low <= capacity`; a bit is set for each id in the window that was used; the id `low`
//! is unused unless the window is empty.

use kernel::prelude::*;

/// MessageIds granted and used.
pub struct Window {
    low: u64,
    high: u64,
    used: KVec<u64>,
    capacity: u64,
}

impl Window {
    /// A window that holds the id 0 alone, and may grow to `capacity` ids (rounded up to 64).
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(capacity: u16) -> Result<Self> {
        let words = usize::from(capacity.max(64)).div_ceil(64);
        let mut used = KVec::with_capacity(words, GFP_KERNEL)?;
        used.extend_with(words, 0, GFP_KERNEL)?;
        Ok(Self {
            low: 0,
            high: 1,
            used,
            capacity: (words as u64).saturating_mul(64),
        })
    }

    /// Ids that the client may still use.
    pub fn outstanding(&self) -> u64 {
        self.high.saturating_sub(self.low)
    }

    fn word(&mut self, id: u64) -> Option<(&mut u64, u64)> {
        let bit = id.checked_rem(self.capacity)?;
        let word = self.used.get_mut((bit / 64) as usize)?;
        Some((word, 1u64 << (bit % 64)))
    }

    fn is_used(&mut self, id: u64) -> bool {
        self.word(id).is_none_or(|(word, mask)| *word & mask != 0)
    }

    /// Uses `count` ids from `first` on; `false` if any of them was not granted or is used already, and then
    /// nothing changes.
    #[must_use]
    pub fn take(&mut self, first: u64, count: u16) -> bool {
        let Some(end) = first.checked_add(u64::from(count.max(1))) else {
            return false;
        };
        if first < self.low || end > self.high || (first..end).any(|id| self.is_used(id)) {
            return false;
        }
        for id in first..end {
            if let Some((word, mask)) = self.word(id) {
                *word |= mask;
            }
        }
        while self.low < self.high && self.is_used(self.low) {
            let low = self.low;
            if let Some((word, mask)) = self.word(low) {
                *word &= !mask;
            }
            self.low = low.saturating_add(1);
        }
        true
    }

    /// Grants up to `wanted` more ids, so that the client never holds more than `most`; at least one if it
    /// would hold none. Returns how many.
    pub fn grant(&mut self, wanted: u16, most: u16) -> u16 {
        let most = u64::from(most.max(1)).min(self.capacity);
        let room = most.saturating_sub(self.outstanding());
        let wanted = if self.outstanding() == 0 {
            wanted.max(1)
        } else {
            wanted
        };
        let granted = u64::from(wanted).min(room);
        self.high = self.high.saturating_add(granted);
        granted as u16
    }
}
