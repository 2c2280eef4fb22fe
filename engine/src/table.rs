// SPDX-License-Identifier: GPL-2.0-or-later
//! A table that gives out ids: lookups yield owned references, and an id that was freed is not found again
//! when its slot is reused, because each slot counts its generations.

use kernel::prelude::*;

/// Values under ids. An id is never 0 and never all ones.
pub struct IdTable<T> {
    slots: KVec<Slot<T>>,
    free: KVec<u32>,
    used: usize,
    limit: u32,
    generation_bits: u32,
}

// Nothing in here is ever pinned: values move in and out.
impl<T> Unpin for IdTable<T> {}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Bits of an id that name the slot.
const INDEX_BITS: u32 = 20;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

impl<T> IdTable<T> {
    /// A table with at most `limit` values whose ids have 20 + `generation_bits` bits.
    pub const fn new(limit: u32, generation_bits: u32) -> Self {
        Self {
            slots: KVec::new(),
            free: KVec::new(),
            used: 0,
            limit,
            generation_bits,
        }
    }

    /// A table of 64-bit ids.
    pub const fn wide(limit: u32) -> Self {
        Self::new(limit, 31)
    }

    /// A table of 32-bit ids.
    pub const fn narrow(limit: u32) -> Self {
        Self::new(limit, 11)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Puts a value in; `make` is told the id it will have.
    ///
    /// # Errors
    /// `ENFILE` when full, `ENOMEM`, and what `make` says.
    pub fn insert_with<E: From<Error>>(
        &mut self,
        make: impl FnOnce(u64) -> core::result::Result<T, E>,
    ) -> core::result::Result<u64, E> {
        if self.used >= self.limit.min(INDEX_MASK as u32) as usize {
            return Err(ENFILE.into());
        }
        // Room in the free list for every slot is made before the slot exists, so `remove` cannot fail.
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let index = self.slots.len();
                self.free
                    .reserve(index.saturating_add(1), GFP_KERNEL)
                    .map_err(Error::from)?;
                self.slots
                    .push(
                        Slot {
                            generation: 0,
                            value: None,
                        },
                        GFP_KERNEL,
                    )
                    .map_err(Error::from)?;
                index as u32
            }
        };
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return Err(EINVAL.into());
        };
        let id = (u64::from(slot.generation) << INDEX_BITS) | u64::from(index).wrapping_add(1);
        match make(id) {
            Ok(value) => {
                slot.value = Some(value);
                self.used = self.used.saturating_add(1);
                Ok(id)
            }
            Err(e) => {
                // Capacity was reserved above; if it were not, the slot would only stay unused.
                let _ = self.free.push_within_capacity(index);
                Err(e)
            }
        }
    }

    fn index(&self, id: u64) -> Option<usize> {
        let index = (id & INDEX_MASK).checked_sub(1)? as usize;
        let slot = self.slots.get(index)?;
        (u64::from(slot.generation) == id >> INDEX_BITS).then_some(index)
    }

    /// The value under `id`.
    pub fn get(&self, id: u64) -> Option<&T> {
        self.slots.get(self.index(id)?)?.value.as_ref()
    }

    /// The value under `id`, to be changed.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        let index = self.index(id)?;
        self.slots.get_mut(index)?.value.as_mut()
    }

    /// Takes the value out; the id is never found again (until the generation wraps).
    pub fn remove(&mut self, id: u64) -> Option<T> {
        let index = self.index(id)?;
        let mask = (1u32 << self.generation_bits).wrapping_sub(1);
        let slot = self.slots.get_mut(index)?;
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1) & mask;
        let _ = self.free.push_within_capacity(index as u32);
        self.used = self.used.saturating_sub(1);
        Some(value)
    }

    /// Takes any one value out.
    pub fn pop(&mut self) -> Option<T> {
        let (index, slot) = self
            .slots
            .iter()
            .enumerate()
            .find(|(_, s)| s.value.is_some())?;
        let id = (u64::from(slot.generation) << INDEX_BITS) | (index as u64).wrapping_add(1);
        self.remove(id)
    }

    /// All values with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let id = (u64::from(slot.generation) << INDEX_BITS) | (index as u64).wrapping_add(1);
            slot.value.as_ref().map(|v| (id, v))
        })
    }
}
