// SPDX-License-Identifier: GPL-2.0-or-later
//! Formatting, as `kernel::fmt`.
//!
//! The kernel has its own [`Display`], implemented for primitives and strings only, and `fmt!` and the `pr_*!`
//! macros print `{}` through it. So that nothing compiles here that does not compile there, the macros of this
//! crate do the same for positional arguments.

pub use core::fmt::{
    Arguments, Binary, Debug, Error, Formatter, LowerExp, LowerHex, Octal, Result, UpperExp,
    UpperHex, Write,
};

/// What `{}` prints.
#[diagnostic::on_unimplemented(
    message = "the kernel's print macros cannot print `{Self}` with `{{}}`",
    note = "print it with `{{:?}}`, or implement `kernel::fmt::Display` for it"
)]
pub trait Display {
    /// Formats the value.
    ///
    /// # Errors
    /// The sink's.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result;
}

impl<T: ?Sized + Display> Display for &T {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        T::fmt(self, f)
    }
}

macro_rules! forward {
    ($($ty:ty)*) => {
        $(
            impl Display for $ty {
                fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                    core::fmt::Display::fmt(self, f)
                }
            }
        )*
    };
}

forward!(bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize Arguments<'_> core::panic::PanicInfo<'_>);

/// Lends a value to the print macros.
#[doc(hidden)]
pub struct Adapter<T>(pub T);

impl<T: ?Sized + Display> core::fmt::Display for Adapter<&T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

macro_rules! adapt {
    ($($what:ident)*) => {
        $(
            impl<T: ?Sized + core::fmt::$what> core::fmt::$what for Adapter<&T> {
                fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                    self.0.fmt(f)
                }
            }
        )*
    };
}

adapt!(Debug LowerHex UpperHex Octal Binary LowerExp UpperExp);

/// As `format_args!`, with the kernel's [`Display`].
#[macro_export]
#[doc(hidden)]
macro_rules! __fmt {
    ($fmt:literal $(, $arg:expr)* $(,)?) => {
        ::core::format_args!($fmt $(, $crate::fmt::Adapter(&$arg))*)
    };
}
pub use crate::__fmt as fmt;
