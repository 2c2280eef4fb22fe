// SPDX-License-Identifier: GPL-2.0-or-later
//! The opens of a server that wait for their clients to come back ([MS-SMB2] 3.3.1.1, the durable part of the global
//! open table, and the scavenger timers of 3.3.2.2 and 3.3.2.4).
//!
//! A pure data structure: it ends nothing, calls nobody and reads no clock. Times are 64-bit nanoseconds, so a server
//! that has run for months counts as a young one does.
//!
//! # Invariants
//!
//! - Who takes an open out of here ends it or gives it to a session, and nobody else does.
//! - A *claimed* entry is being worked on (it is about to wait here, or its client is coming back). Nobody else takes
//!   it; whoever wants it ended meanwhile marks it doomed, and who gives the claim up does so.
//! - No reference is dropped in here: what goes out of the table is handed to the caller, who drops it without the
//!   lock.

use kernel::alloc::AllocError;
use kernel::prelude::*;
use kernel::sync::Arc;

use crate::host::Host;
use crate::open::Open;
use crate::time::Monotonic;

/// Most opens of a server that wait.
pub const MAX_AWAY: usize = 8192;
/// Most opens of one Unix user that wait.
pub const MAX_AWAY_OF_USER: usize = 1024;

struct Entry<H: Host> {
    id: u64,
    open: Arc<Open<H>>,
    uid: u32,
    deadline: Monotonic,
    claimed: bool,
    doomed: bool,
}

/// See the module's description.
pub struct Table<H: Host> {
    /// In the order of the persistent ids.
    entries: KVVec<Entry<H>>,
}

// Only references in here; nothing is pinned.
impl<H: Host> Unpin for Table<H> {}

impl<H: Host> Default for Table<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H: Host> Table<H> {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self {
            entries: KVVec::new(),
        }
    }

    /// Number of opens that wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, id: u64) -> core::result::Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |e| e.id)
    }

    fn claimed_by(&mut self, open: &Arc<Open<H>>) -> Option<usize> {
        let at = self.find(open.id().persistent).ok()?;
        let entry = self.entries.get(at)?;
        (entry.claimed && Arc::ptr_eq(&entry.open, open)).then_some(at)
    }

    /// Puts an open in, claimed. Yields an older form of the same open, whose claim ends with this.
    ///
    /// # Errors
    /// When a limit is reached, and without memory.
    pub(crate) fn insert(
        &mut self,
        open: &Arc<Open<H>>,
        uid: u32,
        deadline: Monotonic,
    ) -> core::result::Result<Option<Arc<Open<H>>>, AllocError> {
        let id = open.id().persistent;
        let entry = Entry {
            id,
            open: open.clone(),
            uid,
            deadline,
            claimed: true,
            doomed: false,
        };
        match self.find(id) {
            Ok(at) => {
                let old = self.entries.get_mut(at).ok_or(AllocError)?;
                let old = core::mem::replace(old, entry);
                Ok(Some(old.open))
            }
            Err(at) => {
                let own = self.entries.iter().filter(|e| e.uid == uid).count();
                if self.entries.len() >= MAX_AWAY || own >= MAX_AWAY_OF_USER {
                    return Err(AllocError);
                }
                self.entries.reserve(1, GFP_KERNEL)?;
                self.entries
                    .insert_within_capacity(at, entry)
                    .map_err(|_| AllocError)?;
                Ok(None)
            }
        }
    }

    /// Claims an open for its client, who is back.
    pub(crate) fn claim(&mut self, id: u64) -> Option<Arc<Open<H>>> {
        let at = self.find(id).ok()?;
        let entry = self.entries.get_mut(at).filter(|e| !e.claimed)?;
        entry.claimed = true;
        Some(entry.open.clone())
    }

    /// Gives a claim up. Yields the open if it is to be ended now.
    pub(crate) fn release(&mut self, open: &Arc<Open<H>>) -> Option<Arc<Open<H>>> {
        let at = self.claimed_by(open)?;
        let entry = self.entries.get_mut(at)?;
        if entry.doomed {
            return self.entries.remove(at).ok().map(|e| e.open);
        }
        entry.claimed = false;
        None
    }

    /// The claimed open belongs to a session again. Yields the reference that lay here, and whether the open is to be
    /// ended nevertheless.
    pub(crate) fn finish(&mut self, open: &Arc<Open<H>>) -> Option<(Arc<Open<H>>, bool)> {
        let at = self.claimed_by(open)?;
        let entry = self.entries.remove(at).ok()?;
        Some((entry.open, entry.doomed))
    }

    /// Takes an open out to be ended. `None` if it is not here, or claimed: then it will be ended by whoever claimed
    /// it.
    pub(crate) fn take(&mut self, id: u64) -> Option<Arc<Open<H>>> {
        let at = self.find(id).ok()?;
        let entry = self.entries.get_mut(at)?;
        if entry.claimed {
            entry.doomed = true;
            return None;
        }
        self.entries.remove(at).ok().map(|e| e.open)
    }

    /// Takes out one open that nobody claimed and `which` is true for; claimed ones are marked.
    pub(crate) fn take_which(
        &mut self,
        which: impl Fn(&Open<H>, Monotonic) -> bool,
    ) -> Option<Arc<Open<H>>> {
        for e in self.entries.iter_mut().filter(|e| e.claimed) {
            e.doomed |= which(&e.open, e.deadline);
        }
        let mut entries = self.entries.iter();
        let at = entries.position(|e| !e.claimed && which(&e.open, e.deadline))?;
        self.entries.remove(at).ok().map(|e| e.open)
    }
}
