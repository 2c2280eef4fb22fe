// SPDX-License-Identifier: GPL-2.0-or-later
//! Synchronisation, as `kernel::sync`.

pub mod arc;
pub mod atomic;
pub mod completion;
pub mod condvar;
pub mod lock;
pub mod refcount;
pub mod set_once;

pub use arc::{Arc, ArcBorrow, UniqueArc};
pub use completion::Completion;
pub use condvar::{new_condvar, CondVar};
pub use lock::mutex::{new_mutex, Mutex, MutexGuard};
pub use lock::spinlock::{new_spinlock, SpinLock, SpinLockGuard};
pub use refcount::Refcount;
pub use set_once::SetOnce;

use core::pin::Pin;

/// Identifies the locks that are taken in the same places, for the lock order check. One class is one static.
pub struct LockClassKey {
    // Not of size 0, so that every static has an address of its own.
    _address: u8,
}

impl LockClassKey {
    /// The key of a static.
    ///
    /// # Safety
    /// It must be stored in a static (the kernel registers its address).
    pub const unsafe fn new_static() -> Self {
        Self { _address: 0 }
    }

    pub(crate) fn id(self: Pin<&'static Self>) -> usize {
        core::ptr::from_ref(self.get_ref()) as usize
    }
}

/// A lock class of its own for the place where this is written.
#[macro_export]
macro_rules! static_lock_class {
    () => {{
        static CLASS: $crate::sync::LockClassKey = $crate::shim::static_class();
        ::core::pin::Pin::static_ref(&CLASS)
    }};
}
pub use crate::static_lock_class;

#[doc(hidden)]
#[macro_export]
macro_rules! optional_name {
    () => {
        $crate::c_str!(::core::concat!(::core::file!(), ":", ::core::line!()))
    };
    ($name:literal) => {
        $crate::c_str!($name)
    };
}
