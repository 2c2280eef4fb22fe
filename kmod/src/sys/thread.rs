// SPDX-License-Identifier: GPL-2.0-or-later
//! Kernel threads that are always joined.
//!
//! C header: `shim/shim.h`, part thread.c; `include/linux/kthread.h`.

use super::{checked, ffi};
use core::marker::PhantomData;
use core::ptr::NonNull;
use kernel::prelude::*;

/// A running (or ended, not yet joined) thread. Dropping it asks it to stop, breaks interruptible waits, and
/// waits until it has left the module's code.
pub(crate) struct Thread {
    task: NonNull<ffi::Task>,
    arg: *mut c_void,
    reclaim: unsafe fn(*mut c_void),
}

// SAFETY: `task` is reference-counted; `arg` is `Send` data that is only touched when the thread never ran.
unsafe impl Send for Thread {}
// SAFETY: Shared references give access to nothing.
unsafe impl Sync for Thread {}

/// The thread's first function.
///
/// # Safety
/// `arg` comes from `KBox::<F>::into_raw` and is handed over.
unsafe extern "C" fn main<F: FnOnce(&Current)>(arg: *mut c_void) -> c_int {
    // SAFETY: By the contract.
    let body = unsafe { KBox::from_raw(arg.cast::<F>()) };
    KBox::into_inner(body)(&Current(PhantomData));
    0
}

/// Drops the closure of a thread that never ran.
///
/// # Safety
/// As `main`.
unsafe fn reclaim<F>(arg: *mut c_void) {
    // SAFETY: By the contract.
    drop(unsafe { KBox::from_raw(arg.cast::<F>()) });
}

impl Thread {
    /// Starts a thread. If it is stopped before it got to run, `body` is dropped unused.
    ///
    /// # Errors
    /// `ENOMEM`, `EAGAIN`.
    pub(crate) fn spawn<F: FnOnce(&Current) + Send + 'static>(name: &CStr, body: F) -> Result<Self> {
        let arg: *mut c_void = KBox::into_raw(KBox::new(body, GFP_KERNEL)?).cast();
        // SAFETY: `main::<F>` gets what it expects; the name is copied.
        match checked(unsafe { ffi::shim_thread_run(main::<F>, arg, name.as_char_ptr()) }) {
            Ok(task) => Ok(Self {
                task,
                arg,
                reclaim: reclaim::<F>,
            }),
            Err(e) => {
                // SAFETY: No thread was made, so the closure is still ours.
                unsafe { reclaim::<F>(arg) };
                Err(e)
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: This value owns a reference to the task, which the call gives back.
        let ret = unsafe { ffi::shim_thread_join(self.task.as_ptr()) };
        if ret != 0 {
            // SAFETY: `main` always returns 0, so this is kthread's word that it never called it.
            unsafe { (self.reclaim)(self.arg) };
        }
    }
}

/// The thread that runs: only its own body has this, and cannot give it to another.
pub(crate) struct Current(PhantomData<*mut ()>);

impl Current {
    /// Whether somebody is dropping this thread's [`Thread`].
    pub(crate) fn should_stop(&self) -> bool {
        // SAFETY: This is a kthread, because only `main` makes a `Current`.
        unsafe { ffi::shim_thread_should_stop() }
    }

    /// Sleeps, less if somebody drops this thread's [`Thread`].
    pub(crate) fn sleep_ms(&self, ms: u32) {
        // SAFETY: As above; a kthread's body may sleep.
        unsafe { ffi::shim_thread_sleep_ms(ms) }
    }
}
