// SPDX-License-Identifier: GPL-2.0-or-later
//! Which names a large directory does not hold, in whatever case.
//!
//! A name that is not there is asked for all the time: before a file is made, its name must be free in every
//! case, and only reading the whole directory tells. For large directories the hashes of all names are kept for a
//! moment; a name whose hash is not among them is not there.
//!
//! # Invariants
//!
//! - What this server makes is put in before it is made, also while a set is still being filled. So clients never
//!   make two names that differ in case only.
//! - What others make in the directory is not known for at most [`LIFE_MS`]. That matters only for names that
//!   differ from it in case: the exact name is looked up first, and not here.
//! - Memory is bounded by [`MAX_DIRS`] and [`MAX_SLOTS`]. Without memory a set goes, and directories are read.
//!
//! The hash is seeded, so that nobody can make names that meet.

use kernel::alloc::AllocError;
use kernel::prelude::*;
use kernel::sync::{new_mutex, Mutex};

use proto_shared::dtyp::utf16;

use crate::host::Host;
use crate::open::FileKey;
use crate::time::Monotonic;

/// How long a set is good for, in milliseconds.
const LIFE_MS: u64 = 2000;
/// Most directories that have a set.
const MAX_DIRS: usize = 16;
/// Most places for hashes in one set; eight bytes each.
const MAX_SLOTS: usize = 1 << 18;
/// Places in a new set.
const FIRST_SLOTS: usize = 1 << 10;

/// A set of hashes with open addressing; 0 marks a free place.
struct Set {
    /// A power of two.
    slots: KVVec<u64>,
    used: usize,
}

impl Set {
    fn with_slots(n: usize) -> core::result::Result<Self, AllocError> {
        let mut slots = KVVec::new();
        slots.extend_with(n, 0, GFP_KERNEL)?;
        Ok(Self { slots, used: 0 })
    }

    /// The place where `hash` is or would be.
    fn place(&self, hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        for _ in 0..self.slots.len() {
            match self.slots.get(at) {
                Some(0) => return Some(at),
                Some(h) if *h == hash => return Some(at),
                _ => at = at.wrapping_add(1) & mask,
            }
        }
        None
    }

    fn contains(&self, hash: u64) -> bool {
        self.place(hash)
            .and_then(|at| self.slots.get(at))
            .is_some_and(|h| *h == hash)
    }

    fn put(&mut self, hash: u64) {
        let place = self.place(hash);
        if let Some(slot) = place
            .and_then(|at| self.slots.get_mut(at))
            .filter(|h| **h == 0)
        {
            *slot = hash;
            self.used = self.used.saturating_add(1);
        }
    }

    /// Puts a hash in, growing where that is needed.
    fn insert(&mut self, hash: u64) -> core::result::Result<(), AllocError> {
        let len = self.slots.len();
        // Three quarters full.
        if self.used.saturating_mul(4) >= len.saturating_mul(3) {
            if len >= MAX_SLOTS {
                return Err(AllocError);
            }
            let mut larger = Self::with_slots(len.saturating_mul(2))?;
            self.slots
                .iter()
                .filter(|h| **h != 0)
                .for_each(|h| larger.put(*h));
            *self = larger;
        }
        self.put(hash);
        Ok(())
    }
}

struct Entry {
    /// Never used again, so that whoever fills a set fills his own.
    id: u64,
    dir: FileKey,
    expires: Monotonic,
    /// All names that were there are in.
    complete: bool,
    set: Set,
    last_use: u64,
}

struct Inner {
    seed: Option<[u64; 2]>,
    entries: KVec<Entry>,
    uses: u64,
}

/// The sets of a server.
#[pin_data]
pub(crate) struct NameSets {
    #[pin]
    inner: Mutex<Inner>,
}

impl NameSets {
    pub(crate) fn new() -> impl PinInit<Self> {
        let inner = Inner {
            seed: None,
            entries: KVec::new(),
            uses: 0,
        };
        pin_init!(Self { inner <- new_mutex!(inner, "ksmbd::NameSets") })
    }

    /// The hash of a name in any case; never 0.
    pub(crate) fn hasher<H: Host>(&self, host: &H) -> Hasher {
        if let Some(seed) = self.inner.lock().seed {
            return Hasher(seed);
        }
        let (mut a, mut b) = ([0; 8], [0; 8]);
        host.random(&mut a);
        host.random(&mut b);
        let fresh = [u64::from_le_bytes(a), u64::from_le_bytes(b)];
        Hasher(*self.inner.lock().seed.get_or_insert(fresh))
    }

    /// Whether the directory surely holds no name with this hash.
    pub(crate) fn is_absent(&self, dir: FileKey, hash: u64, now: Monotonic) -> bool {
        let mut inner = self.inner.lock();
        inner.uses = inner.uses.saturating_add(1);
        let uses = inner.uses;
        match inner.entries.iter_mut().find(|e| e.dir == dir) {
            Some(e) if e.complete && now < e.expires => {
                e.last_use = uses;
                !e.set.contains(hash)
            }
            _ => false,
        }
    }

    /// Begins a set for a directory, and tells its id; from now on it takes in what is made there. `None` if
    /// somebody else is at it, or without memory.
    pub(crate) fn begin(&self, dir: FileKey, now: Monotonic) -> Option<u64> {
        let mut inner = self.inner.lock();
        let busy = |e: &Entry| e.dir == dir && !e.complete && now < e.expires;
        if inner.entries.iter().any(busy) {
            return None;
        }
        inner.entries.retain(|e| e.dir != dir && now < e.expires);
        if inner.entries.len() >= MAX_DIRS {
            let oldest = inner.entries.iter().map(|e| e.last_use).min();
            inner.entries.retain(|e| Some(e.last_use) != oldest);
        }
        inner.uses = inner.uses.saturating_add(1);
        let id = inner.uses;
        let entry = Entry {
            id,
            dir,
            expires: now.after_ms(LIFE_MS),
            complete: false,
            set: Set::with_slots(FIRST_SLOTS).ok()?,
            last_use: id,
        };
        inner.entries.push(entry, GFP_KERNEL).ok()?;
        Some(id)
    }

    /// Puts names into the set that was begun as `id`. `false` if it is gone, or goes because it grows too large.
    pub(crate) fn add(&self, id: u64, hashes: &[u64]) -> bool {
        let mut inner = self.inner.lock();
        let Some(e) = inner.entries.iter_mut().find(|e| e.id == id) else {
            return false;
        };
        let fits = hashes.iter().all(|h| e.set.insert(*h).is_ok());
        if !fits {
            inner.entries.retain(|e| e.id != id);
        }
        fits
    }

    /// Ends filling a set: it is good for use from now on, or (if not `complete`) goes.
    pub(crate) fn end(&self, id: u64, complete: bool) {
        let mut inner = self.inner.lock();
        if complete {
            if let Some(e) = inner.entries.iter_mut().find(|e| e.id == id) {
                e.complete = true;
            }
        } else {
            inner.entries.retain(|e| e.id != id);
        }
    }

    /// Says that a name is about to be made.
    pub(crate) fn made<H: Host>(&self, host: &H, dir: FileKey, name: &str) {
        if self.inner.lock().entries.is_empty() {
            return;
        }
        let hash = self.hasher(host).hash(name);
        let mut inner = self.inner.lock();
        let mut sets = inner.entries.iter_mut();
        let fits = sets
            .find(|e| e.dir == dir)
            .is_none_or(|e| e.set.insert(hash).is_ok());
        if !fits {
            inner.entries.retain(|e| e.dir != dir);
        }
    }
}

/// Hashes names of one server.
#[derive(Clone, Copy)]
pub(crate) struct Hasher([u64; 2]);

impl Hasher {
    /// The hash of a name, the same in every case; never 0.
    pub(crate) fn hash(self, name: &str) -> u64 {
        let Self([start, factor]) = self;
        let mut h = start;
        for c in name.chars() {
            h = (h.rotate_left(5) ^ u64::from(u32::from(utf16::upcase(c))))
                .wrapping_mul(factor | 1);
        }
        h ^= h >> 32;
        h = h.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        h ^= h >> 29;
        h.max(1)
    }
}
