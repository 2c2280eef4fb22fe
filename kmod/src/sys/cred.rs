// SPDX-License-Identifier: GPL-2.0-or-later
//! Credentials.
//!
//! C header: `shim/shim.h`, part cred.c; `include/linux/cred.h`.

use super::{checked, ffi};
use core::ptr::NonNull;
use kernel::prelude::*;

/// A reference to prepared credentials, which nobody changes any more.
pub(crate) struct Cred(NonNull<ffi::Cred>);

// SAFETY: A `struct cred` is reference-counted and immutable once it is shared.
unsafe impl Send for Cred {}
// SAFETY: See above.
unsafe impl Sync for Cred {}

impl Cred {
    /// Exactly these ids; capabilities only for uid 0.
    ///
    /// # Errors
    /// `EINVAL` for ids that do not exist, `ENOMEM`.
    pub(crate) fn new(uid: u32, gid: u32, groups: &[u32]) -> Result<Self> {
        // SAFETY: The slice is valid for reads of its length.
        checked(unsafe { ffi::shim_cred_new(uid, gid, groups.as_ptr(), groups.len()) }).map(Self)
    }

    /// The kernel's own.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn kernel() -> Result<Self> {
        // SAFETY: No requirements.
        checked(unsafe { ffi::shim_cred_kernel() }).map(Self)
    }

    pub(super) fn as_ptr(&self) -> *const ffi::Cred {
        self.0.as_ptr()
    }
}

impl Drop for Cred {
    fn drop(&mut self) {
        // SAFETY: This value owns the reference.
        unsafe { ffi::shim_cred_put(self.0.as_ptr()) }
    }
}
