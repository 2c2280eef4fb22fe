// SPDX-License-Identifier: GPL-2.0-or-later
//! Counted strings and their texts (\[MS-DTYP\] 2.3.10).

use crate::idl::dtyp::RpcUnicodeString;
use crate::types::{text_of, Varying};
use crate::wire::Error;

impl RpcUnicodeString {
    /// Of a text, without terminator; an empty one has no buffer. Errors: it
    /// has more than 32767 units.
    pub fn new(text: &str) -> Result<Self, Error> {
        Self::of(text.encode_utf16().collect())
    }

    /// Of a text with a terminator, which counts (\[MS-RRP\] 2.2.4.2). Errors: it
    /// has more than 32766 units.
    pub fn terminated(text: &str) -> Result<Self, Error> {
        Self::of(text.encode_utf16().chain([0]).collect())
    }

    fn of(units: Vec<u16>) -> Result<Self, Error> {
        let bytes = units
            .len()
            .checked_mul(2)
            .and_then(|n| u16::try_from(n).ok());
        let length = bytes.ok_or(Error::new("counted string is too long"))?;
        Ok(Self {
            length,
            maximum_length: length,
            buffer: (length != 0).then(|| Varying::new(units)),
        })
    }

    /// Its text, without a terminator at its end. Errors: its lengths cannot
    /// be, or it is no text.
    pub fn text(&self) -> Result<String, Error> {
        let impossible = self.length % 2 != 0
            || self.length > self.maximum_length
            || (self.length != 0 && self.buffer.is_none());
        if impossible {
            return Err(Error::new("counted string with impossible lengths"));
        }
        text_of(self.buffer.as_ref().map_or(&[], |b| &b.items))
    }
}
