// SPDX-License-Identifier: GPL-2.0-or-later
//! The four bytes before each message on TCP (\[MS-SMB2\] 2.1, RFC 1002 4.3.1).
//!
//! Invariant: `len <= MAX_NETBIOS_LEN`.

use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::{MAX_NETBIOS_LEN, NETBIOS_HEADER_LEN};

wire_enum! {
    /// Type byte of a session packet (RFC 1002 4.3.1).
    pub struct PacketType(u8) {
        SESSION_MESSAGE = 0x00,
        SESSION_REQUEST = 0x81,
        POSITIVE_RESPONSE = 0x82,
        NEGATIVE_RESPONSE = 0x83,
        RETARGET_RESPONSE = 0x84,
        KEEP_ALIVE = 0x85,
    }
}

/// Header of a session packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionHeader {
    /// Type; on port 445 only [`PacketType::SESSION_MESSAGE`] is valid.
    pub packet_type: PacketType,
    len: u32,
}

impl SessionHeader {
    /// Header of a session message of `len` bytes. Errors: more than 24 bits.
    pub fn message(len: usize) -> Result<Self, NoSpace> {
        if len > MAX_NETBIOS_LEN {
            return Err(NoSpace);
        }
        Ok(Self {
            packet_type: PacketType::SESSION_MESSAGE,
            len: u32::try_from(len).map_err(|_| NoSpace)?,
        })
    }

    /// Reads a header. All 32 bits have a meaning, so it cannot fail.
    #[inline]
    #[must_use]
    pub const fn parse(bytes: [u8; NETBIOS_HEADER_LEN]) -> Self {
        let [packet_type, a, b, c] = bytes;
        Self {
            packet_type: PacketType(packet_type),
            len: u32::from_be_bytes([0, a, b, c]),
        }
    }

    /// Reads a header that must be a session message of at most `max` bytes;
    /// answers the length.
    pub fn parse_message(bytes: [u8; NETBIOS_HEADER_LEN], max: usize) -> Result<usize, Malformed> {
        let header = Self::parse(bytes);
        if header.packet_type != PacketType::SESSION_MESSAGE {
            return Err(Malformed::new("session packet type"));
        }
        let len = header.len();
        if len > max {
            return Err(Malformed::new("message longer than the limit"));
        }
        Ok(len)
    }

    /// Number of bytes that follow the header.
    #[inline]
    #[must_use]
    #[allow(
        clippy::len_without_is_empty,
        reason = "the length field, not a container's length"
    )]
    pub const fn len(&self) -> usize {
        // CAST: 24 bits fit into any usize this crate is built for.
        self.len as usize
    }

    /// The four bytes.
    #[inline]
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; NETBIOS_HEADER_LEN] {
        let [_, a, b, c] = self.len.to_be_bytes();
        [self.packet_type.0, a, b, c]
    }

    /// Appends the four bytes.
    #[inline]
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let header = SessionHeader::message(0x01_02_03).unwrap();
        assert_eq!(header.to_bytes(), [0, 1, 2, 3]);
        assert_eq!(SessionHeader::parse([0, 1, 2, 3]), header);
        assert_eq!(header.len(), 0x010203);
        assert!(SessionHeader::message(0x0100_0000).is_err());
    }

    #[test]
    fn refuses_other_types_and_long_messages() {
        assert_eq!(SessionHeader::parse_message([0, 0, 1, 0], 256), Ok(256));
        assert!(SessionHeader::parse_message([0, 0, 1, 1], 256).is_err());
        assert!(SessionHeader::parse_message([0x85, 0, 0, 0], 256).is_err());
    }
}
