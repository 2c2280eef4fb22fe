// SPDX-License-Identifier: GPL-2.0-or-later
//! Assertions at build time, as `kernel::build_assert`.

/// Checks a constant condition when the item is compiled.
#[macro_export]
macro_rules! static_assert {
    ($condition:expr $(, $arg:literal)? $(,)?) => {
        const _: () = ::core::assert!($condition $(, $arg)?);
    };
}

/// Checks a constant condition that may depend on generic parameters.
#[macro_export]
macro_rules! const_assert {
    ($condition:expr $(, $arg:literal)? $(,)?) => {
        const { ::core::assert!($condition $(, $arg)?) }
    };
}

/// The kernel refuses to link code that can reach this; userspace panics.
#[macro_export]
macro_rules! build_error {
    ($($msg:expr)?) => {
        ::core::panic!("build_error" $(, $msg)?)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __build_assert {
    ($cond:expr $(, $msg:expr)? $(,)?) => {
        ::core::assert!($cond $(, $msg)?)
    };
}

pub use crate::__build_assert as build_assert;
pub use crate::{build_error, const_assert, static_assert};
