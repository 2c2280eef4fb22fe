// SPDX-License-Identifier: GPL-2.0-or-later
//! Formatting, as `kernel::fmt`.
//!
//! The kernel has its own `Display`, implemented for primitives and strings only; code that is to compile
//! there prints its own types with `{:?}`.

pub use core::fmt::{
    Arguments, Binary, Debug, Display, Error, Formatter, LowerHex, Octal, Result, UpperHex, Write,
};

/// As `format_args!`; the kernel's wraps every argument.
#[macro_export]
#[doc(hidden)]
macro_rules! __fmt {
    ($($arg:tt)*) => { ::core::format_args!($($arg)*) };
}
pub use crate::__fmt as fmt;
