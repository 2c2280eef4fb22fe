// SPDX-License-Identifier: GPL-2.0-or-later
//! Initialization in place with allocation flags, as `kernel::init`.

use crate::alloc::{AllocError, Flags};
use crate::error::{self, Error};
use pinned_init::{init_from_closure, pin_init_from_closure, Init, PinInit};

/// Smart pointers that can initialize what they own where it will stay.
pub trait InPlaceInit<T>: Sized {
    /// `Pin<Self>`, or `Self` where the pointer pins anyway.
    type PinnedSelf;

    /// Allocates and initializes a pinned `T`.
    ///
    /// # Errors
    /// The initializer's error, or `AllocError` turned into it.
    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>;

    /// Allocates and initializes a pinned `T`.
    ///
    /// # Errors
    /// The initializer's error as a kernel error, or `ENOMEM`.
    fn pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> error::Result<Self::PinnedSelf>
    where
        Error: From<E>,
    {
        // SAFETY: The closure passes the slot on to `init` and returns what it says, with another error type.
        let init =
            unsafe { pin_init_from_closure(|slot| init.__pinned_init(slot).map_err(Error::from)) };
        Self::try_pin_init(init, flags)
    }

    /// Allocates and initializes a `T`.
    ///
    /// # Errors
    /// The initializer's error, or `AllocError` turned into it.
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>;

    /// Allocates and initializes a `T`.
    ///
    /// # Errors
    /// The initializer's error as a kernel error, or `ENOMEM`.
    fn init<E>(init: impl Init<T, E>, flags: Flags) -> error::Result<Self>
    where
        Error: From<E>,
    {
        // SAFETY: As above.
        let init = unsafe { init_from_closure(|slot| init.__init(slot).map_err(Error::from)) };
        Self::try_init(init, flags)
    }
}

/// A fallible initializer; the error type is [`Error`](crate::error::Error) unless `? Type` follows the braces.
#[macro_export]
macro_rules! try_init {
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }) => {
        $crate::__pinned_init::try_init!(
            $(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? $crate::error::Error
        )
    };
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }? $err:ty) => {
        $crate::__pinned_init::try_init!($(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? $err)
    };
}

/// A fallible pinned initializer; the error type is [`Error`](crate::error::Error) unless `? Type` follows the
/// braces.
#[macro_export]
macro_rules! try_pin_init {
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }) => {
        $crate::__pinned_init::try_pin_init!(
            $(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? $crate::error::Error
        )
    };
    ($(&$this:ident in)? $t:ident $(::<$($generics:ty),* $(,)?>)? { $($fields:tt)* }? $err:ty) => {
        $crate::__pinned_init::try_pin_init!($(&$this in)? $t $(::<$($generics),*>)? { $($fields)* }? $err)
    };
}
