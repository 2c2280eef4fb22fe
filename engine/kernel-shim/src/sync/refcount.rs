// SPDX-License-Identifier: GPL-2.0-or-later
//! Reference counts that do not wrap, as `kernel::sync::refcount`.

use super::atomic::Atomic;
use core::sync::atomic::Ordering;

/// What a count stays at once it has gone wrong.
const SATURATED: i32 = i32::MIN / 2;

/// A reference count. Once it over- or underflows it stays put, which leaks instead of freeing too early.
pub struct Refcount(Atomic<i32>);

impl Refcount {
    /// A count that begins at `value`.
    pub fn new(value: i32) -> Self {
        assert!(value >= 0, "a count begins saturated");
        Self(Atomic::new(value))
    }

    /// The number behind it.
    pub fn as_atomic(&self) -> &Atomic<i32> {
        &self.0
    }

    /// Sets it.
    pub fn set(&self, value: i32) {
        self.0.raw().store(value, Ordering::Relaxed);
    }

    /// One more.
    pub fn inc(&self) {
        let before = self.0.raw().fetch_add(1, Ordering::Relaxed);
        if before <= 0 || before == i32::MAX {
            self.saturate("is taken after the last one was dropped");
        }
    }

    /// One less, which is not the last.
    pub fn dec(&self) {
        let before = self.0.raw().fetch_sub(1, Ordering::Release);
        if before <= 1 {
            self.saturate("drops to 0 without being looked at");
        }
    }

    /// One less; whether it was the last.
    #[must_use = "use `dec` instead if you do not need to test if it is 0"]
    pub fn dec_and_test(&self) -> bool {
        let before = self.0.raw().fetch_sub(1, Ordering::Release);
        if before <= 0 {
            self.saturate("is dropped too often");
        }
        if before == 1 {
            core::sync::atomic::fence(Ordering::Acquire);
        }
        before == 1
    }

    fn saturate(&self, what: &str) {
        self.0.raw().store(SATURATED, Ordering::Relaxed);
        debug_assert!(false, "a reference {what}");
        crate::pr_warn!("a reference {what}\n");
    }
}
