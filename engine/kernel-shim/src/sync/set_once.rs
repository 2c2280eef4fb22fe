// SPDX-License-Identifier: GPL-2.0-or-later
//! Values that are set once, as `kernel::sync::set_once`.

use std::sync::OnceLock;

/// A value that is set at most once and read without a lock.
pub struct SetOnce<T>(OnceLock<T>);

impl<T> SetOnce<T> {
    /// No value yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value, if it has been set.
    pub fn as_ref(&self) -> Option<&T> {
        self.0.get()
    }

    /// Sets the value; `false` if it has been set before.
    pub fn populate(&self, value: T) -> bool {
        self.0.set(value).is_ok()
    }

    /// A copy of the value, if it has been set.
    pub fn copy(&self) -> Option<T>
    where
        T: Copy,
    {
        self.as_ref().copied()
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}
