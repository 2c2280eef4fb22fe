// SPDX-License-Identifier: GPL-2.0-or-later
//! SMB_COM_NEGOTIATE request (\[MS-CIFS\] 2.2.4.52.1): how a client that does
//! not know the server yet asks for SMB2.
//!
//! Invariant: the list of dialects was walked once without error.

use super::header::{Smb1Header, COMMAND_NEGOTIATE};
use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// Dialect string of SMB 2.0.2.
pub const DIALECT_SMB_2_002: &[u8] = b"SMB 2.002";

/// Dialect string of "SMB2, let us negotiate again" (\[MS-SMB2\] 3.3.5.3.2).
pub const DIALECT_SMB_2_WILDCARD: &[u8] = b"SMB 2.???";

/// Precedes each dialect string.
const BUFFER_FORMAT_DIALECT: u8 = 0x02;

/// An SMB1 negotiate request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smb1NegotiateRequest<'a> {
    /// Header.
    pub header: Smb1Header,
    dialects: &'a [u8],
}

fn split_dialect(list: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let bad = Malformed::new("dialect list of SMB1 negotiate");
    let (format, rest) = list.split_first().ok_or(bad)?;
    if *format != BUFFER_FORMAT_DIALECT {
        return Err(bad);
    }
    let end = rest.iter().position(|b| *b == 0).ok_or(bad)?;
    let (name, tail) = rest.split_at_checked(end).ok_or(bad)?;
    Ok((name, tail.get(1..).ok_or(bad)?))
}

impl<'a> Smb1NegotiateRequest<'a> {
    /// Parses a message. Errors besides the usual: another command, no
    /// dialect.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(msg);
        let header = Smb1Header::parse(&mut r)?;
        if header.command != COMMAND_NEGOTIATE {
            return Err(Malformed::new("SMB1 command is not negotiate"));
        }
        let words = usize::from(r.u8()?);
        r.skip(words.saturating_mul(2))?;
        let len = r.len16()?;
        let dialects = r.take(len)?;
        if dialects.is_empty() {
            return Err(Malformed::new("dialect list of SMB1 negotiate"));
        }
        let mut rest = dialects;
        while !rest.is_empty() {
            (_, rest) = split_dialect(rest)?;
        }
        Ok(Self { header, dialects })
    }

    /// The dialect strings in order.
    pub fn dialects(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        let mut rest = self.dialects;
        core::iter::from_fn(move || {
            let (name, tail) = split_dialect(rest).ok()?;
            rest = tail;
            Some(name)
        })
    }

    /// Whether the client offers `dialect`.
    #[must_use]
    pub fn offers(&self, dialect: &[u8]) -> bool {
        self.dialects().any(|d| d == dialect)
    }

    /// Appends a whole message with these dialects.
    pub fn write(
        header: &Smb1Header,
        dialects: &[&[u8]],
        w: &mut Writer<'_>,
    ) -> Result<(), NoSpace> {
        header.write(w)?;
        w.u8(0)?;
        let len_at = w.len();
        w.u16(0)?;
        let start = w.len();
        for dialect in dialects {
            w.u8(BUFFER_FORMAT_DIALECT)?;
            w.bytes(dialect)?;
            w.u8(0)?;
        }
        let len = w.len().checked_sub(start).ok_or(NoSpace)?;
        w.patch_len16(len_at, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    /// What smbclient sends first with `-m SMB2`.
    fn golden() -> Vec<u8> {
        let mut msg = vec![0xFF, b'S', b'M', b'B', 0x72];
        msg.extend([0; 4]);
        msg.extend([0x18, 0x43, 0xC8, 0, 0]);
        msg.extend([0; 8]);
        msg.extend([0, 0, 0xFF, 0xFF, 0xFE, 0xCA, 0, 0, 0, 0]);
        msg.extend([0, 34, 0]);
        msg.extend(b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0");
        msg
    }

    #[test]
    fn parses_the_multi_protocol_negotiate() {
        let msg = golden();
        let req = Smb1NegotiateRequest::parse(&msg).unwrap();
        assert_eq!(req.header.pid_low, 0xCAFE);
        assert_eq!(req.dialects().count(), 3);
        assert!(req.offers(DIALECT_SMB_2_002));
        assert!(req.offers(DIALECT_SMB_2_WILDCARD));
        assert!(!req.offers(b"SMB 2"));
        let mut buf = vec![0; msg.len()];
        let list: Vec<_> = req.dialects().collect();
        Smb1NegotiateRequest::write(&req.header, &list, &mut Writer::new(&mut buf)).unwrap();
        assert_eq!(buf, msg);
    }

    #[test]
    fn refuses_every_truncation_and_bad_lists() {
        let msg = golden();
        for cut in 0..msg.len() {
            assert!(Smb1NegotiateRequest::parse(&msg[..cut]).is_err());
        }
        let mut bad = golden();
        let last = bad.len() - 1;
        bad[last] = b'x';
        assert!(Smb1NegotiateRequest::parse(&bad).is_err());
        let mut bad = golden();
        bad[35] = 3;
        assert!(Smb1NegotiateRequest::parse(&bad).is_err());
        bad[35] = 2;
        bad[4] = 0x73;
        assert!(Smb1NegotiateRequest::parse(&bad).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_tail(tail in any::<Vec<u8>>()) {
            let mut msg = golden();
            msg.truncate(32);
            msg.extend(tail);
            if let Ok(req) = Smb1NegotiateRequest::parse(&msg) {
                prop_assert!(req.dialects().count() > 0);
            }
        }
    }
}
