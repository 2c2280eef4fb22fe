// SPDX-License-Identifier: GPL-2.0-or-later
//! The header of every SMB2 message (\[MS-SMB2\] 2.2.1).

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::SMB2_HEADER_LEN;
use crate::status::NtStatus;

/// First four bytes of an SMB2 message.
pub const PROTOCOL_ID: [u8; 4] = [0xFE, b'S', b'M', b'B'];

/// Offset of the signature within the header.
pub const SIGNATURE_OFFSET: usize = 48;

/// Length of the signature in bytes.
pub const SIGNATURE_LEN: usize = 16;

wire_enum! {
    /// Command of a message (\[MS-SMB2\] 2.2.1.2).
    pub struct Command(u16) {
        NEGOTIATE = 0x0000,
        SESSION_SETUP = 0x0001,
        LOGOFF = 0x0002,
        TREE_CONNECT = 0x0003,
        TREE_DISCONNECT = 0x0004,
        CREATE = 0x0005,
        CLOSE = 0x0006,
        FLUSH = 0x0007,
        READ = 0x0008,
        WRITE = 0x0009,
        LOCK = 0x000A,
        IOCTL = 0x000B,
        CANCEL = 0x000C,
        ECHO = 0x000D,
        QUERY_DIRECTORY = 0x000E,
        CHANGE_NOTIFY = 0x000F,
        QUERY_INFO = 0x0010,
        SET_INFO = 0x0011,
        OPLOCK_BREAK = 0x0012,
        SERVER_TO_CLIENT_NOTIFICATION = 0x0013,
    }
}

wire_flags! {
    /// Flags of a message (\[MS-SMB2\] 2.2.1.2).
    pub struct HeaderFlags(u32) {
        SERVER_TO_REDIR = 0x0000_0001,
        ASYNC_COMMAND = 0x0000_0002,
        RELATED_OPERATIONS = 0x0000_0004,
        SIGNED = 0x0000_0008,
        PRIORITY_MASK = 0x0000_0070,
        DFS_OPERATIONS = 0x1000_0000,
        REPLAY_OPERATION = 0x2000_0000,
    }
}

/// A message header. `async_id` counts when
/// [`HeaderFlags::ASYNC_COMMAND`] is set, otherwise `process_id` and
/// `tree_id`; parsing sets the others to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Credits that the request consumes (0 in dialect 2.0.2).
    pub credit_charge: u16,
    /// Status of a reply; in requests see [`Header::channel_sequence`].
    pub status: NtStatus,
    /// Command.
    pub command: Command,
    /// Credits asked for or granted.
    pub credits: u16,
    /// Flags.
    pub flags: HeaderFlags,
    /// Offset from this header to the next of the compound, or 0.
    pub next_command: u32,
    /// Number of the message.
    pub message_id: u64,
    /// Number of the asynchronous operation.
    pub async_id: u64,
    /// Process id; servers echo it.
    pub process_id: u32,
    /// Tree connect.
    pub tree_id: u32,
    /// Session.
    pub session_id: u64,
    /// Signature.
    pub signature: [u8; SIGNATURE_LEN],
}

impl Header {
    /// Reads the header at the start of `msg`.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(msg);
        if r.array()? != PROTOCOL_ID {
            return Err(Malformed::new("ProtocolId"));
        }
        if r.len16()? != SMB2_HEADER_LEN {
            return Err(Malformed::new("StructureSize of header"));
        }
        let mut header = Self {
            credit_charge: r.u16()?,
            status: NtStatus(r.u32()?),
            command: Command(r.u16()?),
            credits: r.u16()?,
            flags: HeaderFlags(r.u32()?),
            next_command: r.u32()?,
            message_id: r.u64()?,
            ..Self::default()
        };
        if header.is_async() {
            header.async_id = r.u64()?;
        } else {
            header.process_id = r.u32()?;
            header.tree_id = r.u32()?;
        }
        header.session_id = r.u64()?;
        header.signature = r.array()?;
        Ok(header)
    }

    /// Appends the 64 bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&PROTOCOL_ID)?;
        w.len16(SMB2_HEADER_LEN)?;
        w.u16(self.credit_charge)?;
        w.u32(self.status.0)?;
        w.u16(self.command.0)?;
        w.u16(self.credits)?;
        w.u32(self.flags.0)?;
        w.u32(self.next_command)?;
        w.u64(self.message_id)?;
        if self.is_async() {
            w.u64(self.async_id)?;
        } else {
            w.u32(self.process_id)?;
            w.u32(self.tree_id)?;
        }
        w.u64(self.session_id)?;
        w.bytes(&self.signature)
    }

    /// The header as 64 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SMB2_HEADER_LEN] {
        let mut out = [0; SMB2_HEADER_LEN];
        // The array has the length that `write` needs.
        let _ = self.write(&mut Writer::new(&mut out));
        out
    }

    /// A synchronous reply header for this request: same command, ids and
    /// charge; flags say reply (and related, priority, replay as in the
    /// request); no credits, no signature, not linked.
    #[must_use]
    pub fn reply(&self, status: NtStatus) -> Self {
        let kept = HeaderFlags::RELATED_OPERATIONS
            | HeaderFlags::PRIORITY_MASK
            | HeaderFlags::DFS_OPERATIONS
            | HeaderFlags::REPLAY_OPERATION;
        Self {
            status,
            credits: 0,
            flags: (self.flags & kept) | HeaderFlags::SERVER_TO_REDIR,
            next_command: 0,
            async_id: 0,
            signature: [0; SIGNATURE_LEN],
            ..*self
        }
    }

    /// Whether the header has an async id in the place of the tree id.
    #[inline]
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.flags.contains(HeaderFlags::ASYNC_COMMAND)
    }

    /// Whether this is a reply.
    #[inline]
    #[must_use]
    pub const fn is_reply(&self) -> bool {
        self.flags.contains(HeaderFlags::SERVER_TO_REDIR)
    }

    /// Whether the request takes ids from the one before it in the compound.
    #[inline]
    #[must_use]
    pub const fn is_related(&self) -> bool {
        self.flags.contains(HeaderFlags::RELATED_OPERATIONS)
    }

    /// Whether the message says that it is signed.
    #[inline]
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.flags.contains(HeaderFlags::SIGNED)
    }

    /// ChannelSequence of a request of the 3.x dialects (\[MS-SMB2\] 2.2.1.2):
    /// the first half of the status field.
    #[inline]
    #[must_use]
    pub const fn channel_sequence(&self) -> u16 {
        // CAST: the lower half is wanted.
        self.status.0 as u16
    }

    /// Priority 0 to 7 of a 3.1.1 message (\[MS-SMB2\] 2.2.1.2).
    #[inline]
    #[must_use]
    pub const fn priority(&self) -> u8 {
        // CAST: three bits.
        ((self.flags.0 & HeaderFlags::PRIORITY_MASK.0) >> 4) as u8
    }
}

/// What the first four bytes of a message say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// SMB1 message (`0xFF 'SMB'`).
    Smb1,
    /// SMB2 message (`0xFE 'SMB'`).
    Smb2,
    /// Encrypted message (`0xFD 'SMB'`).
    Transform,
    /// Compressed message (`0xFC 'SMB'`).
    Compressed,
}

impl Protocol {
    /// Looks at the first four bytes of `msg`.
    #[must_use]
    pub fn detect(msg: &[u8]) -> Option<Self> {
        match msg {
            [0xFF, b'S', b'M', b'B', ..] => Some(Self::Smb1),
            [0xFE, b'S', b'M', b'B', ..] => Some(Self::Smb2),
            [0xFD, b'S', b'M', b'B', ..] => Some(Self::Transform),
            [0xFC, b'S', b'M', b'B', ..] => Some(Self::Compressed),
            _ => None,
        }
    }
}

/// Walks the messages of a compound (\[MS-SMB2\] 3.3.5.2.7): each item is one
/// message from its header to the next header, or to the end. After an error
/// the walk is over.
///
/// Invariant: each step moves at least 64 bytes ahead.
#[derive(Clone, Debug)]
pub struct Compound<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Compound<'a> {
    /// Walks `pdu`, which starts with an SMB2 header.
    #[inline]
    #[must_use]
    pub const fn new(pdu: &'a [u8]) -> Self {
        Self { rest: Some(pdu) }
    }
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<(Header, &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let pdu = self.rest.take()?;
        let header = match Header::parse(pdu) {
            Ok(header) => header,
            Err(e) => return Some(Err(e)),
        };
        if header.next_command == 0 {
            return Some(Ok((header, pdu)));
        }
        let bad = Malformed::new("NextCommand");
        let Ok(next) = usize::try_from(header.next_command) else {
            return Some(Err(bad));
        };
        if next % 8 != 0 || next < SMB2_HEADER_LEN {
            return Some(Err(bad));
        }
        let Some((msg, rest)) = pdu.split_at_checked(next) else {
            return Some(Err(bad));
        };
        if rest.is_empty() {
            return Some(Err(bad));
        }
        self.rest = Some(rest);
        Some(Ok((header, msg)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const GOLDEN: [u8; 64] = [
        0xFE, b'S', b'M', b'B', 64, 0, 1, 0, 0x34, 0x12, 0, 0, 5, 0, 31, 0, 0x3C, 0, 0, 0x20, 0, 0,
        0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFE, 0, 0, 9, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44,
        0x33, 0x22, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];

    #[test]
    fn golden() {
        let header = Header::parse(&GOLDEN).unwrap();
        assert_eq!(header.command, Command::CREATE);
        assert_eq!(header.credit_charge, 1);
        assert_eq!(header.credits, 31);
        assert_eq!(header.channel_sequence(), 0x1234);
        assert_eq!(header.priority(), 3);
        assert!(header.is_related() && header.is_signed() && !header.is_reply());
        assert!(header.flags.contains(HeaderFlags::REPLAY_OPERATION));
        assert_eq!((header.process_id, header.tree_id), (0xFEFF, 9));
        assert_eq!(header.session_id, 0x1122_3344_5566_7788);
        assert_eq!(header.signature[15], 16);
        assert_eq!(header.to_bytes(), GOLDEN);
        let mut short = [0; 63];
        assert!(header.write(&mut Writer::new(&mut short)).is_err());
        for cut in 0..64 {
            assert!(Header::parse(&GOLDEN[..cut]).is_err());
        }
        for (at, value) in [(0, 0xFD), (4, 65), (5, 1)] {
            let mut bad = GOLDEN;
            bad[at] = value;
            assert!(Header::parse(&bad).is_err());
        }
    }

    #[test]
    fn async_id_takes_the_place_of_the_tree() {
        let mut bytes = GOLDEN;
        bytes[16] |= 2;
        let header = Header::parse(&bytes).unwrap();
        assert_eq!(header.async_id, 0x0000_0009_0000_FEFF);
        assert_eq!((header.process_id, header.tree_id), (0, 0));
        assert_eq!(header.to_bytes(), bytes);
    }

    #[test]
    fn reply_keeps_what_belongs_to_the_request() {
        let reply = Header::parse(&GOLDEN)
            .unwrap()
            .reply(NtStatus::ACCESS_DENIED);
        assert_eq!(reply.status, NtStatus::ACCESS_DENIED);
        assert_eq!(reply.flags, HeaderFlags(0x2000_0035));
        assert_eq!((reply.message_id, reply.tree_id), (7, 9));
        assert_eq!((reply.credits, reply.signature), (0, [0; 16]));
    }

    fn compound(offsets: &[u32], pad: usize) -> Vec<u8> {
        let mut pdu = Vec::new();
        for next in offsets {
            let header = Header {
                next_command: *next,
                ..Header::default()
            };
            pdu.extend(header.to_bytes());
            pdu.extend(std::vec![0; pad]);
        }
        pdu
    }

    #[test]
    fn compounds() {
        let pdu = compound(&[72, 72, 0], 8);
        let parts: Vec<_> = Compound::new(&pdu).map(|m| m.unwrap().1.len()).collect();
        assert_eq!(parts, [72, 72, 72]);
        for bad in [
            compound(&[64], 0),           // nothing behind
            compound(&[72], 8),           // nothing behind
            compound(&[68, 0], 4),        // not on a boundary
            compound(&[56, 0], 8),        // within the header
            compound(&[u32::MAX - 7], 8), // past the end
            compound(&[80, 0], 8),        // not a header there
        ] {
            let results: Vec<_> = Compound::new(&bad).collect();
            assert!(results.last().unwrap().is_err());
            assert!(results.len() <= 2);
        }
        assert!(Compound::new(&[]).next().unwrap().is_err());
    }

    #[test]
    fn protocols() {
        for (first, want) in [
            (0xFF, Some(Protocol::Smb1)),
            (0xFE, Some(Protocol::Smb2)),
            (0xFD, Some(Protocol::Transform)),
            (0xFC, Some(Protocol::Compressed)),
            (0xFB, None),
        ] {
            assert_eq!(Protocol::detect(&[first, b'S', b'M', b'B']), want);
        }
        assert_eq!(Protocol::detect(&[0xFE, b'S', b'M']), None);
    }
}
