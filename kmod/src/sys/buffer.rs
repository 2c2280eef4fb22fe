// SPDX-License-Identifier: GPL-2.0-or-later
//! Buffers for frames and file data, recycled without being zeroed again.
//!
//! A fresh megabyte costs a pass over memory for zeroing and the setting up of page tables; a recycled one is
//! hot in the cache as well. Memory is handed out again only below this server, and [`Buffer::len`] bytes have
//! been written by whoever filled it.
//!
//! C header: `shim/shim.h`, part misc.c.

use super::ffi;
use core::ptr::NonNull;
use kernel::prelude::*;
use kernel::sync::{new_spinlock, Arc, SpinLock};

/// Sizes that are kept, in bytes: a power of two each, with room for headers, and how many of them at most.
const CLASSES: [(usize, usize); 7] = [
    (8 << 10, 64),
    (32 << 10, 64),
    (80 << 10, 64),
    (272 << 10, 32),
    (1040 << 10, 32),
    ((4 << 20) + (64 << 10), 16),
    ((8 << 20) + (64 << 10), 4),
];

/// Memory from `kvmalloc`, initialised, of a fixed size.
struct Memory(NonNull<u8>);

// SAFETY: It is plain memory that this value owns.
unsafe impl Send for Memory {}
// SAFETY: See above; shared references give no access to it.
unsafe impl Sync for Memory {}

impl Memory {
    fn new(size: usize) -> Result<Self> {
        // SAFETY: No requirements. The memory comes zeroed, hence initialised.
        NonNull::new(unsafe { ffi::shim_mem_alloc(size) })
            .map(Self)
            .ok_or(ENOMEM)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: This value owns the memory.
        unsafe { ffi::shim_mem_free(self.0.as_ptr()) }
    }
}

struct Shelf {
    free: KVec<Memory>,
    /// Fewest that lay here since the last trim: that many nobody needed.
    spare: usize,
}

#[pin_data]
struct Class {
    size: usize,
    most: usize,
    #[pin]
    shelf: SpinLock<Shelf>,
}

impl Class {
    fn new(size: usize, most: usize) -> Result<Arc<Self>> {
        // Room for all of them now, so that giving back never allocates.
        let free = KVec::with_capacity(most, GFP_KERNEL)?;
        Arc::pin_init(
            pin_init!(Self {
                size,
                most,
                shelf <- new_spinlock!(Shelf { free, spare: 0 }, "ksmbd::Class::shelf"),
            }),
            GFP_KERNEL,
        )
    }

    fn take(&self) -> Result<Memory> {
        {
            let mut shelf = self.shelf.lock();
            if let Some(memory) = shelf.free.pop() {
                shelf.spare = shelf.spare.min(shelf.free.len());
                return Ok(memory);
            }
            shelf.spare = 0;
        }
        Memory::new(self.size)
    }

    fn give(&self, memory: Memory) {
        let mut shelf = self.shelf.lock();
        if shelf.free.len() >= self.most {
            // `vfree` may not be called with a spin lock held.
            drop(shelf);
            drop(memory);
            return;
        }
        if let Err(refused) = shelf.free.push_within_capacity(memory) {
            drop(shelf);
            drop(refused);
        }
    }

    fn trim(&self) {
        loop {
            let memory = {
                let mut shelf = self.shelf.lock();
                if shelf.spare == 0 {
                    shelf.spare = shelf.free.len();
                    return;
                }
                shelf.spare = shelf.spare.saturating_sub(1);
                shelf.free.pop()
            };
            drop(memory);
        }
    }
}

/// Where buffers come from and go to.
#[derive(Clone)]
pub(crate) struct Pool(Arc<KVec<Arc<Class>>>);

impl Pool {
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        let mut classes = KVec::with_capacity(CLASSES.len(), GFP_KERNEL)?;
        for (size, most) in CLASSES {
            classes.push(Class::new(size, most)?, GFP_KERNEL)?;
        }
        Ok(Self(Arc::new(classes, GFP_KERNEL)?))
    }

    /// A buffer of `len` bytes. What they are is not defined (but never anything that another than this server
    /// put there).
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn get(&self, len: usize) -> Result<Buffer> {
        let class = self.0.iter().find(|c| c.size >= len);
        let memory = match class {
            Some(class) => class.take()?,
            None => Memory::new(len)?,
        };
        Ok(Buffer {
            memory: Some(memory),
            len,
            class: class.cloned(),
        })
    }

    /// Frees what has not been needed since the last call.
    pub(crate) fn trim(&self) {
        self.0.iter().for_each(|class| class.trim());
    }
}

/// Bytes that one owner holds.
///
/// # Invariants
///
/// `memory` is `Some` until dropped and holds at least `len` initialised bytes.
pub(crate) struct Buffer {
    memory: Option<Memory>,
    len: usize,
    class: Option<Arc<Class>>,
}

impl Buffer {
    /// Number of bytes in use.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Uses only the first `len` bytes from now on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match &self.memory {
            // SAFETY: By the type's invariant the memory holds `len` initialised bytes, and a mutable
            // reference to them needs one to this value.
            Some(m) => unsafe { core::slice::from_raw_parts(m.0.as_ptr(), self.len) },
            None => &[],
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        match &mut self.memory {
            // SAFETY: As in `as_slice`, and this value is borrowed mutably.
            Some(m) => unsafe { core::slice::from_raw_parts_mut(m.0.as_ptr(), self.len) },
            None => &mut [],
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let (Some(memory), Some(class)) = (self.memory.take(), &self.class) {
            class.give(memory);
        }
    }
}
