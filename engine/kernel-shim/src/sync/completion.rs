// SPDX-License-Identifier: GPL-2.0-or-later
//! Completions, as `kernel::sync::completion`.

use core::marker::PhantomPinned;
use core::ptr::addr_of_mut;
use pinned_init::{pin_init_from_closure, PinInit};
use std::sync::{Condvar, Mutex, PoisonError};

/// Something that happens once and is waited for.
pub struct Completion {
    done: Mutex<bool>,
    wake: Condvar,
    _pin: PhantomPinned,
}

impl Completion {
    /// A completion that has not happened.
    #[allow(clippy::new_ret_no_self, reason = "an initializer, as in the kernel")]
    pub fn new() -> impl PinInit<Self> {
        let init = |slot: *mut Self| {
            // SAFETY: `slot` is valid for writes.
            unsafe {
                addr_of_mut!((*slot).done).write(Mutex::new(false));
                addr_of_mut!((*slot).wake).write(Condvar::new());
            }
            Ok(())
        };
        // SAFETY: Every field of any size is written.
        unsafe { pin_init_from_closure(init) }
    }

    /// It has happened: wakes all waiters, present and future.
    pub fn complete_all(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }

    /// Waits until it has happened.
    pub fn wait_for_completion(&self) {
        super::lock::assert_may_sleep("a completion is waited for");
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        while !*done {
            done = self.wake.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
