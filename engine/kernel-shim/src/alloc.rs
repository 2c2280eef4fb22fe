// SPDX-License-Identifier: GPL-2.0-or-later
//! Fallible allocation, as `kernel::alloc`.
//!
//! Everything comes from the process' allocator. The three kinds differ only in the largest size: `Kmalloc`
//! ends where the kernel's does, so that an engine that asks for more finds out here.

pub mod kbox;
pub mod kvec;

pub use self::kbox::{Box, KBox, KVBox, VBox};
pub use self::kvec::{IntoIter, KVVec, KVec, VVec, Vec};

/// An allocation failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllocError;

/// How to allocate.
#[derive(Clone, Copy, PartialEq)]
pub struct Flags(u32);

impl Flags {
    /// Whether all of `flags` are set.
    pub fn contains(self, flags: Flags) -> bool {
        (self & flags) == flags
    }

    /// Whether the allocation may sleep.
    pub(crate) fn may_sleep(self) -> bool {
        self.0 & flags::DIRECT_RECLAIM != 0
    }

    /// Whether the memory shall be zeroed.
    pub(crate) fn zero(self) -> bool {
        self.contains(flags::__GFP_ZERO)
    }
}

impl core::ops::BitOr for Flags {
    type Output = Self;

    fn bitor(self, rhs: Self) -> Self {
        Self(self.0 | rhs.0)
    }
}

impl core::ops::BitAnd for Flags {
    type Output = Self;

    fn bitand(self, rhs: Self) -> Self {
        Self(self.0 & rhs.0)
    }
}

impl core::ops::Not for Flags {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}

/// The allocation flags.
pub mod flags {
    use super::Flags;

    pub(super) const DIRECT_RECLAIM: u32 = 0x400;

    /// Zeroed memory.
    pub const __GFP_ZERO: Flags = Flags(0x100);
    /// High memory is fine.
    pub const __GFP_HIGHMEM: Flags = Flags(0x02);
    /// Must not sleep; may use reserves.
    pub const GFP_ATOMIC: Flags = Flags(0x820);
    /// May sleep.
    pub const GFP_KERNEL: Flags = Flags(0x0cc0);
    /// May sleep, accounted to the caller's control group.
    pub const GFP_KERNEL_ACCOUNT: Flags = Flags(0x40_0cc0);
    /// Must not sleep.
    pub const GFP_NOWAIT: Flags = Flags(0x2800);
    /// Failure is not worth a warning.
    pub const __GFP_NOWARN: Flags = Flags(0x2000);
}

/// The kinds of memory.
pub mod allocator {
    /// Physically contiguous memory.
    pub struct Kmalloc;
    /// Virtually contiguous memory.
    pub struct Vmalloc;
    /// The first if it is to be had, otherwise the second.
    pub struct KVmalloc;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::allocator::Kmalloc {}
    impl Sealed for super::allocator::Vmalloc {}
    impl Sealed for super::allocator::KVmalloc {}
}

/// A kind of memory. (The kernel's has methods that only the containers call.)
pub trait Allocator: sealed::Sealed {
    #[doc(hidden)]
    const MAX_SIZE: usize;
}

impl Allocator for allocator::Kmalloc {
    const MAX_SIZE: usize = 4 << 20;
}

impl Allocator for allocator::Vmalloc {
    const MAX_SIZE: usize = isize::MAX as usize;
}

impl Allocator for allocator::KVmalloc {
    const MAX_SIZE: usize = i32::MAX as usize;
}
