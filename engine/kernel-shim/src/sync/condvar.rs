// SPDX-License-Identifier: GPL-2.0-or-later
//! Condition variables, as `kernel::sync::condvar`.

use crate::str::CStr;
use crate::sync::lock::{Backend, Guard};
use crate::sync::LockClassKey;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr::addr_of_mut;
use pinned_init::{pin_init_from_closure, PinInit};

/// A [`CondVar`].
#[macro_export]
macro_rules! new_condvar {
    ($($name:literal)?) => {
        $crate::sync::CondVar::new($crate::optional_name!($($name)?), $crate::static_lock_class!())
    };
}
pub use new_condvar;

/// Where threads wait until a condition may have come true.
pub struct CondVar {
    inner: std::sync::Condvar,
    _pin: PhantomPinned,
}

impl CondVar {
    /// A condition variable.
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        let _ = (name, key);
        let init = |slot: *mut Self| {
            // SAFETY: `slot` is valid for writes.
            unsafe { addr_of_mut!((*slot).inner).write(std::sync::Condvar::new()) };
            Ok(())
        };
        // SAFETY: The only field of any size is written.
        unsafe { pin_init_from_closure(init) }
    }

    /// Releases the lock, waits for a notification (or none), takes the lock again.
    pub fn wait<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) {
        guard.park(|raw| {
            self.inner
                .wait(raw)
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        });
    }

    /// As [`CondVar::wait`]; userspace has no signals to tell of.
    #[must_use = "wait_interruptible returns if a signal is pending, so the user must check the return value"]
    pub fn wait_interruptible<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) -> bool {
        self.wait(guard);
        false
    }

    /// Wakes one waiter.
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }
}
