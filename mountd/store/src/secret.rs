// SPDX-License-Identifier: GPL-2.0-or-later
//! A value that must not be seen.
//!
//! It is overwritten when dropped, cannot be printed, copied or compared with
//! `==`, and whoever reads it has to say `expose`.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// See the module.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, to fill it.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Compares in a time that does not depend on where the values differ.
    #[must_use]
    pub fn ct_eq(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

/// NT hash of a password: MD4 of its UTF-16LE form (\[MS-NLMP\] 3.3.1).
pub type NtHash = Secret<[u8; 16]>;

/// A password, UTF-8.
pub type Password = Secret<String>;

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}
