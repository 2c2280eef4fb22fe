// SPDX-License-Identifier: GPL-2.0-or-later
//! What `use kernel::prelude::*` brings in: the kernel's prelude, less what belongs to drivers and modules.
//!
//! As in the kernel, `Arc` and the locks are not in it.

pub use core::mem::{align_of, align_of_val, size_of, size_of_val};
pub use core::pin::Pin;

pub use crate::ffi::{
    c_char, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulong, c_ulonglong,
    c_ushort, c_void, CStr,
};

pub use pinned_init::{
    init, pin_data, pin_init, pinned_drop, InPlaceWrite, Init, PinInit, Zeroable,
};

pub use crate::alloc::{flags::*, Box, KBox, KVBox, KVVec, KVec, VBox, VVec, Vec};
pub use crate::build_assert::{build_assert, build_error, const_assert, static_assert};
pub use crate::error::{code::*, Error, Result};
pub use crate::fmt::fmt;
pub use crate::init::InPlaceInit;
pub use crate::str::CStrExt as _;
pub use crate::{pr_alert, pr_crit, pr_debug, pr_emerg, pr_err, pr_info, pr_notice, pr_warn};
pub use crate::{try_init, try_pin_init};
