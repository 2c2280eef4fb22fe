// SPDX-License-Identifier: GPL-2.0-or-later
//! A userspace stand-in for the parts of Linux' `kernel` crate that the engine uses.
//!
//! The library is named `kernel`, so that the engine's sources (`use kernel::prelude::*;`) compile unchanged
//! with cargo against this crate and with kbuild against the real one. `docs/dual-build.md` lists the API
//! and the rules; names and signatures follow Linux 7.3 (`rust/kernel`). What is not here is deliberately
//! not here: an engine that compiles with this crate must compile in the kernel, so nothing is offered
//! that the kernel does not have. The one exception is [`shim`], which only hosts and tests may name.
//!
//! On top of the kernel's behaviour this crate checks, in builds with debug assertions, what the kernel
//! checks with `CONFIG_DEBUG_ATOMIC_SLEEP` and `CONFIG_PROVE_LOCKING`: sleeping under a spin lock and lock
//! orders that can deadlock.

pub mod alloc;
pub mod bits;
pub mod build_assert;
pub mod error;
pub mod fmt;
pub mod init;
pub mod prelude;
pub mod print;
pub mod shim;
pub mod str;
pub mod sync;
pub mod types;

/// C integer types, as `kernel::ffi`.
pub mod ffi {
    pub use core::ffi::{
        c_char, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulong, c_ulonglong,
        c_ushort, c_void, CStr,
    };
}

#[doc(hidden)]
pub use pinned_init as __pinned_init;
