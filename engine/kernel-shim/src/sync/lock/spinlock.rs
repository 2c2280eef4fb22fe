// SPDX-License-Identifier: GPL-2.0-or-later
//! Spin locks, as `kernel::sync::lock::spinlock`.

/// A [`SpinLock`] around the given value; its lock class is this place.
#[macro_export]
macro_rules! new_spinlock {
    ($inner:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::SpinLock::new($inner, $crate::optional_name!($($name)?), $crate::static_lock_class!())
    };
}
pub use new_spinlock;

/// A lock whose holder must not sleep.
pub type SpinLock<T> = super::Lock<T, SpinLockBackend>;

/// Access to a [`SpinLock`]'s value.
pub type SpinLockGuard<'a, T> = super::Guard<'a, T, SpinLockBackend>;

/// The spin lock as a kind of lock.
pub struct SpinLockBackend;

impl super::Backend for SpinLockBackend {
    const ATOMIC: bool = true;
}
