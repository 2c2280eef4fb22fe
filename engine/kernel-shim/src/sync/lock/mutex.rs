// SPDX-License-Identifier: GPL-2.0-or-later
//! Sleeping locks, as `kernel::sync::lock::mutex`.

/// A [`Mutex`] around the given value; its lock class is this place.
#[macro_export]
macro_rules! new_mutex {
    ($inner:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::Mutex::new($inner, $crate::optional_name!($($name)?), $crate::static_lock_class!())
    };
}
pub use new_mutex;

/// A lock whose holder may sleep.
pub type Mutex<T> = super::Lock<T, MutexBackend>;

/// Access to a [`Mutex`]'s value.
pub type MutexGuard<'a, T> = super::Guard<'a, T, MutexBackend>;

/// The mutex as a kind of lock.
pub struct MutexBackend;

impl super::Backend for MutexBackend {
    const ATOMIC: bool = false;
}
