// SPDX-License-Identifier: GPL-2.0-or-later
//! Safe wrappers around the C shim: the only place of this module with `unsafe` and `extern "C"`.
//!
//! C header: `shim/shim.h` (what is called), `shim/host.h` (what is called back).
//!
//! # Invariants
//!
//! Every type here owns the kernel object behind its pointer and gives it back when dropped. All of them may
//! be used from any thread at once; where the kernel wants a lock, the shim takes it.

pub(crate) mod buffer;
pub(crate) mod clock;
pub(crate) mod cred;
pub(crate) mod crypto;
mod ffi;
pub(crate) mod file;
pub(crate) mod genl;
pub(crate) mod guard;
pub(crate) mod interface;
pub(crate) mod path;
pub(crate) mod queue;
pub(crate) mod socket;
pub(crate) mod thread;
pub(crate) mod watch;

use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;

/// Overwrites a secret; the compiler does not leave it out.
pub(crate) fn wipe(bytes: &mut [u8]) {
    // SAFETY: The slice is valid for writes of its length.
    unsafe { ffi::shim_wipe(bytes.as_mut_ptr(), bytes.len()) }
}

/// Turns a pointer that may be an error value or null into a checked one.
fn checked<T>(ptr: *mut T) -> Result<NonNull<T>> {
    NonNull::new(kernel::error::from_err_ptr(ptr)?).ok_or(ENOMEM)
}

/// Turns a count that may be a negative errno into a checked one.
fn count(ret: isize) -> Result<usize> {
    match usize::try_from(ret) {
        Ok(n) => Ok(n),
        Err(_) => {
            to_result(c_int::try_from(ret).map_err(|_| EIO)?)?;
            Err(EIO)
        }
    }
}
