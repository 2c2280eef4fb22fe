// SPDX-License-Identifier: GPL-2.0-or-later
//! Messages, as `kernel::print`. Where they go is set by [`crate::shim::set_log`]; without it, warnings and
//! worse go to standard error.

use core::fmt::Arguments;

/// Severity, with the kernel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// The system is unusable.
    Emerg = 0,
    /// Act at once.
    Alert = 1,
    /// Critical.
    Crit = 2,
    /// An error.
    Err = 3,
    /// A warning.
    Warning = 4,
    /// Normal but notable.
    Notice = 5,
    /// Information.
    Info = 6,
    /// For debugging.
    Debug = 7,
}

#[doc(hidden)]
pub fn __print(level: Level, module: &str, args: Arguments<'_>) {
    match crate::shim::log() {
        Some(log) => log(level, module, args),
        None if level <= Level::Warning => eprint!("{module}: {args}"),
        None => {}
    }
}

/// Prints at level emerg.
#[macro_export]
macro_rules! pr_emerg {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Emerg,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level alert.
#[macro_export]
macro_rules! pr_alert {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Alert,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level crit.
#[macro_export]
macro_rules! pr_crit {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Crit,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level err.
#[macro_export]
macro_rules! pr_err {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Err,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level warning.
#[macro_export]
macro_rules! pr_warn {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Warning,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level notice.
#[macro_export]
macro_rules! pr_notice {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Notice,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level info.
#[macro_export]
macro_rules! pr_info {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Info,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}

/// Prints at level debug.
#[macro_export]
macro_rules! pr_debug {
    ($($arg:tt)*) => {
        $crate::print::__print(
            $crate::print::Level::Debug,
            ::core::module_path!(),
            $crate::__fmt!($($arg)*),
        )
    };
}
