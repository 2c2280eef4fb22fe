// SPDX-License-Identifier: GPL-2.0-or-later
//! Atomics, as `kernel::sync::atomic`. The kernel's memory model has a `Full` ordering; sequential consistency
//! is the nearest here.

pub mod ordering;

pub use ordering::{Acquire, Full, Relaxed, Release};

use core::cell::UnsafeCell;
use core::sync::atomic::Ordering as Core;
use ordering::{AcquireOrRelaxed, Ordering, ReleaseOrRelaxed};

/// Types that fit into an [`Atomic`].
///
/// # Safety
/// `Raw` has the size, alignment and valid values of the type.
pub unsafe trait AtomicType: Sized + Copy + PartialEq {
    #[doc(hidden)]
    type Raw;

    #[doc(hidden)]
    fn load(raw: &Self::Raw, order: Core) -> Self;
    #[doc(hidden)]
    fn store(raw: &Self::Raw, v: Self, order: Core);
    #[doc(hidden)]
    fn swap(raw: &Self::Raw, v: Self, order: Core) -> Self;
    #[doc(hidden)]
    fn compare_exchange(
        raw: &Self::Raw,
        old: Self,
        new: Self,
        ok: Core,
        bad: Core,
    ) -> Result<Self, Self>;
}

/// Types whose atomics can be added to.
pub trait AtomicAdd<Rhs = Self>: AtomicType {
    #[doc(hidden)]
    fn fetch_add(raw: &Self::Raw, v: Rhs, order: Core) -> Self;
    #[doc(hidden)]
    fn fetch_sub(raw: &Self::Raw, v: Rhs, order: Core) -> Self;
}

macro_rules! atomic_types {
    ($($ty:ty, $raw:ident;)*) => {
        $(
            // SAFETY: The standard library says so.
            unsafe impl AtomicType for $ty {
                type Raw = core::sync::atomic::$raw;

                #[inline]
                fn load(raw: &Self::Raw, order: Core) -> Self {
                    raw.load(order)
                }

                #[inline]
                fn store(raw: &Self::Raw, v: Self, order: Core) {
                    raw.store(v, order);
                }

                #[inline]
                fn swap(raw: &Self::Raw, v: Self, order: Core) -> Self {
                    raw.swap(v, order)
                }

                #[inline]
                fn compare_exchange(raw: &Self::Raw, old: Self, new: Self, ok: Core, bad: Core) -> Result<Self, Self> {
                    raw.compare_exchange(old, new, ok, bad)
                }
            }
        )*
    };
}

atomic_types! {
    bool, AtomicBool;
    i8, AtomicI8;
    i16, AtomicI16;
    i32, AtomicI32;
    i64, AtomicI64;
    isize, AtomicIsize;
    u32, AtomicU32;
    u64, AtomicU64;
    usize, AtomicUsize;
}

macro_rules! atomic_add {
    ($($ty:ty)*) => {
        $(
            impl AtomicAdd<$ty> for $ty {
                #[inline]
                fn fetch_add(raw: &Self::Raw, v: $ty, order: Core) -> Self {
                    raw.fetch_add(v, order)
                }

                #[inline]
                fn fetch_sub(raw: &Self::Raw, v: $ty, order: Core) -> Self {
                    raw.fetch_sub(v, order)
                }
            }
        )*
    };
}

atomic_add!(i32 i64 isize u32 u64 usize);

/// A value that several threads read and write without a lock.
#[repr(transparent)]
pub struct Atomic<T: AtomicType>(UnsafeCell<T>);

// SAFETY: All accesses through a shared reference are atomic.
unsafe impl<T: AtomicType> Sync for Atomic<T> {}
// SAFETY: The types are plain values.
unsafe impl<T: AtomicType> Send for Atomic<T> {}

impl<T: AtomicType> Atomic<T> {
    /// An atomic that holds `v`.
    pub const fn new(v: T) -> Self {
        Self(UnsafeCell::new(v))
    }

    pub(crate) fn raw(&self) -> &T::Raw {
        // SAFETY: By the trait's contract the layouts agree, and nothing but `get_mut`, which has the only
        // reference, accesses the value other than atomically.
        unsafe { &*self.0.get().cast::<T::Raw>() }
    }

    /// Where the value is.
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get()
    }

    /// The value, without atomics.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// Reads.
    #[inline]
    pub fn load<O: AcquireOrRelaxed>(&self, _: O) -> T {
        T::load(self.raw(), O::LOAD)
    }

    /// Writes.
    #[inline]
    pub fn store<O: ReleaseOrRelaxed>(&self, v: T, _: O) {
        T::store(self.raw(), v, O::STORE);
    }

    /// Writes and tells what was there.
    #[inline]
    pub fn xchg<O: Ordering>(&self, v: T, _: O) -> T {
        T::swap(self.raw(), v, O::READ_WRITE)
    }

    /// Writes `new` if `old` is there. A failure orders nothing.
    ///
    /// # Errors
    /// What is there instead.
    #[inline]
    pub fn cmpxchg<O: Ordering>(&self, old: T, new: T, _: O) -> Result<T, T> {
        T::compare_exchange(self.raw(), old, new, O::READ_WRITE, Core::Relaxed)
    }

    /// Adds, wrapping.
    #[inline]
    pub fn add<Rhs>(&self, v: Rhs, _: Relaxed)
    where
        T: AtomicAdd<Rhs>,
    {
        T::fetch_add(self.raw(), v, Core::Relaxed);
    }

    /// Adds, wrapping, and tells what was there.
    #[inline]
    pub fn fetch_add<Rhs, O: Ordering>(&self, v: Rhs, _: O) -> T
    where
        T: AtomicAdd<Rhs>,
    {
        T::fetch_add(self.raw(), v, O::READ_WRITE)
    }

    /// Subtracts, wrapping, and tells what was there.
    #[inline]
    pub fn fetch_sub<Rhs, O: Ordering>(&self, v: Rhs, _: O) -> T
    where
        T: AtomicAdd<Rhs>,
    {
        T::fetch_sub(self.raw(), v, O::READ_WRITE)
    }
}

impl<T: AtomicType + core::fmt::Debug> core::fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.load(Relaxed).fmt(f)
    }
}

/// A boolean on which all operations are cheap on every machine.
pub struct AtomicFlag(Atomic<bool>);

impl AtomicFlag {
    /// A flag that holds `b`.
    pub const fn new(b: bool) -> Self {
        Self(Atomic::new(b))
    }

    /// The value, without atomics.
    pub fn get_mut(&mut self) -> &mut bool {
        self.0.get_mut()
    }

    /// Reads.
    #[inline]
    pub fn load<O: AcquireOrRelaxed>(&self, o: O) -> bool {
        self.0.load(o)
    }

    /// Writes.
    #[inline]
    pub fn store<O: ReleaseOrRelaxed>(&self, v: bool, o: O) {
        self.0.store(v, o);
    }

    /// Writes and tells what was there.
    #[inline]
    pub fn xchg<O: Ordering>(&self, new: bool, o: O) -> bool {
        self.0.xchg(new, o)
    }

    /// Writes `new` if `old` is there.
    ///
    /// # Errors
    /// What is there instead.
    #[inline]
    pub fn cmpxchg<O: Ordering>(&self, old: bool, new: bool, o: O) -> Result<bool, bool> {
        self.0.cmpxchg(old, new, o)
    }
}
