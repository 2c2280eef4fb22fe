// SPDX-License-Identifier: GPL-2.0-or-later
//! Leases on files, which local processes break.
//!
//! C header: `shim/shim.h`, part guard.c; `include/linux/filelock.h`.

use super::cred::Cred;
use super::path::Path;
use super::watch::Context;
use super::{checked, ffi};
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;
use kernel::sync::Arc;

/// Who hears of processes that wait.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// Somebody waits to open the file that is guarded with these numbers.
    fn broken(&self, dev: u64, ino: u64, writes: bool);
}

/// The facility; dropping it waits for callbacks under way. All guards have ended by then.
pub(crate) struct Guards(#[allow(dead_code, reason = "kept alive for the callbacks")] Arc<Context>);

impl Guards {
    /// Makes guarding possible.
    ///
    /// # Errors
    /// None yet.
    pub(crate) fn start(context: Arc<Context>) -> Result<Self> {
        let ctx = Arc::as_ptr(&context).cast_mut().cast();
        // SAFETY: The context lives until `Drop` has waited for the last callback. The module makes one host only.
        to_result(unsafe { ffi::shim_guard_start(ctx) })?;
        Ok(Self(context))
    }
}

impl Drop for Guards {
    fn drop(&mut self) {
        // SAFETY: It has been started, and the server that owned guards is gone.
        unsafe { ffi::shim_guard_stop() }
    }
}

/// How often a file is open for writing.
pub(crate) fn writers(node: &Path) -> u32 {
    // SAFETY: The path is alive.
    unsafe { ffi::shim_writers(node.as_ptr()) }
}

/// A file that is guarded until this is dropped.
pub(crate) struct Guard(NonNull<ffi::Guard>);

// SAFETY: The kernel does its own locking; the pointer is owned.
unsafe impl Send for Guard {}
// SAFETY: See above; `shim_guard_set` may run several times at once.
unsafe impl Sync for Guard {}

impl Guard {
    /// Opens `node` to guard it; nothing is guarded yet.
    ///
    /// # Errors
    /// `EINVAL` if it is no regular file, `ENOMEM`, the file system's.
    pub(crate) fn new(node: &Path, cred: &Cred, dev: u64, ino: u64) -> Result<Self> {
        // SAFETY: Path and credentials are alive.
        checked(unsafe { ffi::shim_guard(node.as_ptr(), cred.as_ptr(), dev, ino) }).map(Self)
    }

    /// Guards against opens for writing, with `any` against all opens.
    ///
    /// # Errors
    /// `EAGAIN` if others have a lease in the way, or wait for this one; `EOPNOTSUPP`, `ENOMEM`.
    pub(crate) fn set(&self, any: bool) -> Result {
        // SAFETY: The guard is alive.
        to_result(unsafe { ffi::shim_guard_set(self.0.as_ptr(), any) })
    }

    /// How often the file is open for writing.
    pub(crate) fn writers(&self) -> u32 {
        // SAFETY: The guard is alive.
        unsafe { ffi::shim_guard_writers(self.0.as_ptr()) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: This value owns the guard.
        unsafe { ffi::shim_guard_end(self.0.as_ptr()) }
    }
}

/// Called by guard.c.
///
/// # Safety
/// `ctx` is what `start` passed.
#[no_mangle]
unsafe extern "C" fn ksmbd_host_broken(ctx: *mut c_void, dev: u64, ino: u64, writes: bool) {
    // SAFETY: The context lives until the facility has stopped.
    unsafe { &*ctx.cast::<Context>() }.broken(dev, ino, writes);
}
