// SPDX-License-Identifier: GPL-2.0-or-later
//! Time and randomness.
//!
//! C header: `shim/shim.h`, part misc.c.

use super::ffi;

/// Monotonic nanoseconds since boot, without suspend.
pub(crate) fn now_ns() -> u64 {
    // SAFETY: No requirements; callable in any context.
    unsafe { ffi::shim_now_ns() }
}

/// Seconds and nanoseconds since 1970-01-01 UTC.
pub(crate) fn wall_clock() -> (i64, u32) {
    let (mut sec, mut nsec) = (0, 0);
    // SAFETY: Both pointers are valid for writes.
    unsafe { ffi::shim_wall_clock(&mut sec, &mut nsec) };
    (sec, nsec)
}

/// Fills `out` from the kernel's generator.
pub(crate) fn random(out: &mut [u8]) {
    // SAFETY: The slice is valid for writes of its length.
    unsafe { ffi::shim_random(out.as_mut_ptr(), out.len()) }
}
