// SPDX-License-Identifier: GPL-2.0-or-later
//! GUID (\[MS-DTYP\] 2.3.4.2): sixteen bytes, kept in wire order.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use core::fmt;

/// A GUID in wire order: Data1 to Data3 little endian, then Data4.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// All zero.
    pub const ZERO: Self = Self([0; 16]);

    /// From the four fields as they are printed.
    #[must_use]
    pub const fn from_fields(data1: u32, data2: u16, data3: u16, data4: [u8; 8]) -> Self {
        let [a, b, c, d] = data1.to_le_bytes();
        let [e, f] = data2.to_le_bytes();
        let [g, h] = data3.to_le_bytes();
        let [i, j, k, l, m, n, o, p] = data4;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// Whether all bytes are zero.
    #[inline]
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Reads sixteen bytes.
    #[inline]
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.array().map(Self)
    }

    /// Appends sixteen bytes.
    #[inline]
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&self.0)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q] = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{j:02x}{k:02x}-{l:02x}{m:02x}{n:02x}{o:02x}{p:02x}{q:02x}",
            u32::from_le_bytes([a, b, c, d]),
            u16::from_le_bytes([e, g]),
            u16::from_le_bytes([h, i]),
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn prints_fields_in_the_usual_order() {
        let guid = Guid::from_fields(
            0x6B29_FC40,
            0xCA47,
            0x1067,
            [0xB3, 0x1D, 0x00, 0xDD, 0x01, 0x06, 0x62, 0xDA],
        );
        assert_eq!(guid.to_string(), "6b29fc40-ca47-1067-b31d-00dd010662da");
        assert_eq!(guid.0[..4], [0x40, 0xFC, 0x29, 0x6B]);
    }
}
