// SPDX-License-Identifier: GPL-2.0-or-later
//! Directories that are watched for changes by others.
//!
//! C header: `shim/shim.h`, part watch.c; `include/linux/fsnotify_backend.h`.

use super::path::Path;
use super::{checked, ffi};
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;
use kernel::sync::Arc;

pub(crate) use ffi::Change;

/// Who hears of changes.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// Somebody else did `action` (one of [`Change`]'s) to `path`, below the directory watched with `token`.
    fn changed(&self, token: u64, action: u32, is_dir: bool, path: &[u8]);
}

/// The receiver of this module. C gets a thin pointer to it.
pub(crate) type Context = crate::net::Net;

/// The facility; dropping it waits for callbacks under way. All watches have ended by then.
pub(crate) struct Watcher(#[allow(dead_code, reason = "kept alive for the callbacks")] Arc<Context>);

impl Watcher {
    /// Makes watching possible.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn start(context: Arc<Context>) -> Result<Self> {
        let ctx = Arc::as_ptr(&context).cast_mut().cast();
        // SAFETY: The context lives until `Drop` has waited for the last callback. The module makes one host only.
        to_result(unsafe { ffi::shim_watch_start(ctx) })?;
        Ok(Self(context))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // SAFETY: It has been started, and the server that owned watches is gone.
        unsafe { ffi::shim_watch_stop() }
    }
}

/// A directory that is watched until this is dropped.
pub(crate) struct Watch(NonNull<ffi::Watch>);

// SAFETY: fsnotify does its own locking; the pointer is owned.
unsafe impl Send for Watch {}
// SAFETY: See above.
unsafe impl Sync for Watch {}

impl Watch {
    /// Watches `dir`, with `deep` all below it, too. Whoever holds the watch holds the directory, too.
    ///
    /// # Errors
    /// `ENOTDIR`, `ENOMEM`.
    pub(crate) fn new(dir: &Path, deep: bool, token: u64) -> Result<Self> {
        // SAFETY: The path is alive.
        checked(unsafe { ffi::shim_watch(dir.as_ptr(), deep, token) }).map(Self)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: This value owns the watch.
        unsafe { ffi::shim_watch_end(self.0.as_ptr()) }
    }
}

/// Called by watch.c.
///
/// # Safety
/// `ctx` is what `start` passed; `path` is valid for reads of `len` bytes.
#[no_mangle]
unsafe extern "C" fn ksmbd_host_changed(
    ctx: *mut c_void,
    token: u64,
    action: u32,
    is_dir: bool,
    path: *const u8,
    len: usize,
) {
    // SAFETY: By the contract.
    let path = unsafe { core::slice::from_raw_parts(path, len) };
    // SAFETY: The context lives until the facility has stopped.
    unsafe { &*ctx.cast::<Context>() }.changed(token, action, is_dir, path);
}
