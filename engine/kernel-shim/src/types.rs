// SPDX-License-Identifier: GPL-2.0-or-later
//! Small helper types, as `kernel::types`.

/// Runs a closure when it goes out of scope, unless dismissed.
pub struct ScopeGuard<T, F: FnOnce(T)>(Option<(T, F)>);

impl<T, F: FnOnce(T)> ScopeGuard<T, F> {
    /// A guard that gives `data` to `cleanup_func`.
    pub fn new_with_data(data: T, cleanup_func: F) -> Self {
        Self(Some((data, cleanup_func)))
    }

    /// Gives the data back without running the closure.
    pub fn dismiss(mut self) -> T {
        match self.0.take() {
            Some((data, _)) => data,
            None => unreachable!("only dismiss and drop take it"),
        }
    }
}

impl ScopeGuard<(), fn(())> {
    /// A guard without data.
    pub fn new(cleanup: impl FnOnce()) -> ScopeGuard<(), impl FnOnce(())> {
        ScopeGuard::new_with_data((), move |()| cleanup())
    }
}

impl<T, F: FnOnce(T)> core::ops::Deref for ScopeGuard<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some((data, _)) => data,
            None => unreachable!("only dismiss and drop take it"),
        }
    }
}

impl<T, F: FnOnce(T)> core::ops::DerefMut for ScopeGuard<T, F> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some((data, _)) => data,
            None => unreachable!("only dismiss and drop take it"),
        }
    }
}

impl<T, F: FnOnce(T)> Drop for ScopeGuard<T, F> {
    fn drop(&mut self) {
        if let Some((data, cleanup)) = self.0.take() {
            cleanup(data);
        }
    }
}

/// Makes a type that holds it neither `Send` nor `Sync`.
pub type NotThreadSafe = core::marker::PhantomData<*mut ()>;

/// A value of [`NotThreadSafe`].
#[allow(
    non_upper_case_globals,
    reason = "named like its type, as in the kernel"
)]
pub const NotThreadSafe: NotThreadSafe = core::marker::PhantomData;
