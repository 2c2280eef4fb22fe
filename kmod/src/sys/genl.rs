// SPDX-License-Identifier: GPL-2.0-or-later
//! The generic netlink family.
//!
//! C header: `shim/shim.h`, part genl.c; `include/net/genetlink.h`.

use super::ffi;
use kernel::error::to_result;
use kernel::prelude::*;
use kernel::sync::{Arc, ArcBorrow};

/// Who hears what comes in.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// A message of a process with CAP_NET_ADMIN. Runs on that process's thread, so it only takes a copy.
    ///
    /// # Errors
    /// Told to the process as the acknowledgement's error.
    fn message(this: ArcBorrow<'_, Self>, portid: u32, seq: u32, command: u8, attrs: &[u8]) -> Result;

    /// A socket has been closed.
    fn portid_gone(&self, portid: u32);
}

/// The receiver of this module. C gets a thin pointer to it.
pub(crate) type Context = crate::ipc::Link;

/// The registered family; dropping it waits for callbacks under way.
pub(crate) struct Family(#[allow(dead_code, reason = "kept alive for the callbacks")] Arc<Context>);

impl Family {
    /// Registers the family; messages may arrive before this returns.
    ///
    /// # Errors
    /// `EEXIST` if another module has the name, `ENOMEM`.
    pub(crate) fn register(context: Arc<Context>) -> Result<Self> {
        let ctx = Arc::as_ptr(&context).cast_mut().cast();
        // SAFETY: The context lives until `Drop` has unregistered the family. There is one family only,
        // because the module makes one host only; a second registration fails with EEXIST.
        to_result(unsafe { ffi::shim_genl_register(ctx) })?;
        Ok(Self(context))
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        // SAFETY: It has been registered.
        unsafe { ffi::shim_genl_unregister() }
    }
}

/// Sends a message to a socket of a process. Needs a registered family.
///
/// # Errors
/// `ECONNREFUSED` if it is gone, `ENOBUFS` if it does not read, `ENOMEM`, `EMSGSIZE`.
pub(crate) fn send(portid: u32, seq: u32, command: u8, attrs: &[u8]) -> Result {
    // SAFETY: The slice is valid for reads.
    to_result(unsafe { ffi::shim_genl_send(portid, seq, command, attrs.as_ptr(), attrs.len()) })
}

/// Called by genl.c.
///
/// # Safety
/// `ctx` is what `register` passed; `attrs` is valid for reads of `len` bytes.
#[no_mangle]
unsafe extern "C" fn ksmbd_host_message(
    ctx: *mut c_void,
    portid: u32,
    seq: u32,
    command: u8,
    attrs: *const u8,
    len: c_int,
) -> c_int {
    // SAFETY: `register` made the pointer of an `Arc` that it holds while the family is registered.
    let context = unsafe { ArcBorrow::from_raw(ctx.cast::<Context>()) };
    let Ok(len) = usize::try_from(len) else {
        return EINVAL.to_errno();
    };
    // SAFETY: By the contract.
    let attrs = unsafe { core::slice::from_raw_parts(attrs, len) };
    match Context::message(context, portid, seq, command, attrs) {
        Ok(()) => 0,
        Err(e) => e.to_errno(),
    }
}

/// Called by genl.c.
///
/// # Safety
/// `ctx` is what `register` passed.
#[no_mangle]
unsafe extern "C" fn ksmbd_host_portid_gone(ctx: *mut c_void, portid: u32) {
    // SAFETY: The context lives while the family is registered.
    unsafe { &*ctx.cast::<Context>() }.portid_gone(portid);
}
