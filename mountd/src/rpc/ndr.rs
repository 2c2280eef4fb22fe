// SPDX-License-Identifier: GPL-2.0-or-later
//! NDR 2.0 (\[C706\] chapter 14) by hand, in which the tests of the services write
//! and read: by other code than the one that is tested.
//!
//! Pointers' targets come behind the structure that holds the pointers, in
//! order; whoever writes a structure calls [`Writer::pointer`] for each
//! pointer first and writes the targets afterwards.

use proto_shared::codec::{self, Malformed};
use proto_shared::dtyp::Sid;

/// Length of a context handle on the wire.
pub(super) const HANDLE_LEN: usize = 20;

/// Longest string in UTF-16 units that is read.
const MAX_STRING: u32 = 32 * 1024;

/// Reads NDR.
pub(super) struct Reader<'a> {
    buf: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `buf`, which is where alignment counts from.
    pub(super) const fn new(buf: &'a [u8]) -> Self {
        Self { buf, pos: 0 }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let out = self
            .pos
            .checked_add(n)
            .and_then(|end| self.buf.get(self.pos..end))
            .ok_or(Malformed::new("stub data truncated"))?;
        self.pos += n;
        Ok(out)
    }

    fn align(&mut self, n: usize) -> Result<(), Malformed> {
        self.take(self.pos.wrapping_neg() % n).map(|_| ())
    }

    /// A u32.
    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.align(4)?;
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    /// A u16.
    pub(super) fn u16(&mut self) -> Result<u16, Malformed> {
        self.align(2)?;
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    /// A context handle (\[C706\] 14.3.16 as 20 bytes on the wire).
    pub(super) fn handle(&mut self) -> Result<[u8; HANDLE_LEN], Malformed> {
        self.align(4)?;
        let bytes = self.take(HANDLE_LEN)?;
        Ok(bytes.try_into().unwrap_or_default())
    }

    /// The fixed part of an RPC_UNICODE_STRING (\[MS-DTYP\] 2.3.10); whether
    /// it has text, which [`Self::counted`] reads.
    pub(super) fn counted_header(&mut self) -> Result<bool, Malformed> {
        self.counted_room().map(|(_, present)| present)
    }

    /// The same of one that is to be filled: its room in bytes, and whether it
    /// has text.
    pub(super) fn counted_room(&mut self) -> Result<(u16, bool), Malformed> {
        // As the pointer within demands.
        self.align(4)?;
        let (len, max) = (self.u16()?, self.u16()?);
        let present = self.pointer()?;
        if len % 2 != 0 || len > max || (len != 0 && !present) {
            return Err(Malformed::new("counted string with impossible lengths"));
        }
        Ok((max, present))
    }

    /// The text of an RPC_UNICODE_STRING.
    pub(super) fn counted(&mut self, present: bool) -> Result<String, Malformed> {
        if present {
            self.string()
        } else {
            Ok(String::new())
        }
    }

    /// A SID with the count in front that makes it conformant.
    pub(super) fn sid(&mut self) -> Result<Sid, Malformed> {
        let count = self.u32()?;
        let rest = self.buf.get(self.pos..).unwrap_or_default();
        let sid = Sid::parse(&mut codec::Reader::new(rest))?;
        if usize::try_from(count) != Ok(sid.sub_authorities().len()) {
            return Err(Malformed::new("SID with another count than its array"));
        }
        self.take(sid.wire_len())?;
        Ok(sid)
    }

    /// Bytes that nobody wants.
    pub(super) fn skip(&mut self, n: u32) -> Result<(), Malformed> {
        let n = usize::try_from(n).map_err(|_| Malformed::new("stub data truncated"))?;
        self.take(n).map(|_| ())
    }

    /// A pointer; whether it points anywhere.
    pub(super) fn pointer(&mut self) -> Result<bool, Malformed> {
        Ok(self.u32()? != 0)
    }

    /// A conformant varying string of UTF-16 with its terminator.
    pub(super) fn string(&mut self) -> Result<String, Malformed> {
        let max = self.u32()?;
        let offset = self.u32()?;
        let count = self.u32()?;
        if offset != 0 || count > max || count > MAX_STRING {
            return Err(Malformed::new("string with impossible counts"));
        }
        let bytes = self.take(count as usize * 2)?;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|u| u16::from_le_bytes([u[0], u[1]]))
            .collect();
        let text = match units.split_last() {
            Some((0, text)) => text,
            _ => &units,
        };
        if text.contains(&0) {
            return Err(Malformed::new("string with a NUL within"));
        }
        String::from_utf16(text).map_err(|_| Malformed::new("string is not UTF-16"))
    }

    /// A unique pointer to a string.
    pub(super) fn unique_string(&mut self) -> Result<Option<String>, Malformed> {
        if self.pointer()? {
            self.string().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A unique pointer to a u32.
    pub(super) fn unique_u32(&mut self) -> Result<Option<u32>, Malformed> {
        if self.pointer()? {
            self.u32().map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Writes NDR.
#[derive(Default)]
pub(super) struct Writer {
    buf: Vec<u8>,
    pointers: u32,
}

impl Writer {
    /// An empty stub.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The stub.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.buf
    }

    fn align(&mut self, n: usize) {
        let len = self.buf.len().next_multiple_of(n);
        self.buf.resize(len, 0);
    }

    /// A u32.
    pub(super) fn u32(&mut self, value: u32) {
        self.align(4);
        self.buf.extend_from_slice(&value.to_le_bytes());
    }

    /// A u16.
    pub(super) fn u16(&mut self, value: u16) {
        self.align(2);
        self.buf.extend_from_slice(&value.to_le_bytes());
    }

    /// A byte.
    pub(super) fn u8(&mut self, value: u8) {
        self.buf.push(value);
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// A context handle.
    pub(super) fn handle(&mut self, handle: &[u8; HANDLE_LEN]) {
        self.align(4);
        self.raw(handle);
    }

    /// The fixed part of an RPC_UNICODE_STRING; [`Self::counted`] has to follow
    /// where the text goes.
    pub(super) fn counted_header(&mut self, text: &str) {
        let len = u16::try_from(text.encode_utf16().count().saturating_mul(2)).unwrap_or(0);
        // As the pointer within demands.
        self.align(4);
        self.u16(len);
        self.u16(len);
        self.pointer(len != 0);
    }

    /// The text of an RPC_UNICODE_STRING; none is longer than 32767 units.
    pub(super) fn counted(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let Ok(count @ 1..=0x7FFF) = u32::try_from(units.len()) else {
            return;
        };
        self.u32(count);
        self.u32(0);
        self.u32(count);
        for unit in units {
            self.raw(&unit.to_le_bytes());
        }
    }

    /// An RPC_UNICODE_STRING that nothing stands between.
    pub(super) fn whole(&mut self, text: &str) {
        self.counted_header(text);
        self.counted(text);
    }

    /// A SID with its count in front.
    pub(super) fn sid(&mut self, sid: &Sid) {
        self.u32(u32::try_from(sid.sub_authorities().len()).unwrap_or(0));
        let mut buf = [0; 68];
        let mut w = codec::Writer::new(&mut buf);
        // No SID is longer than that: it has at most 15 sub authorities.
        if sid.write(&mut w).is_ok() {
            let bytes = w.written().to_vec();
            self.raw(&bytes);
        }
    }

    /// A pointer that points to something, or not. Each gets a referent id of
    /// its own.
    pub(super) fn pointer(&mut self, present: bool) {
        if present {
            self.pointers += 1;
            self.u32(0x0002_0000 + self.pointers * 4);
        } else {
            self.u32(0);
        }
    }

    /// A conformant varying string of UTF-16, terminated.
    pub(super) fn string(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let count = u32::try_from(units.len()).unwrap_or(u32::MAX);
        self.u32(count);
        self.u32(0);
        self.u32(count);
        for unit in units {
            self.buf.extend_from_slice(&unit.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_with_alignment() {
        let mut w = Writer::new();
        w.pointer(true);
        w.string("ab");
        w.u32(7);
        w.pointer(false);
        w.string("");
        let bytes = w.into_bytes();
        assert_eq!(bytes.len(), 4 + 12 + 6 + 2 + 4 + 4 + 12 + 2);
        let mut r = Reader::new(&bytes);
        assert_eq!(r.unique_string().unwrap().as_deref(), Some("ab"));
        assert_eq!(r.u32(), Ok(7));
        assert_eq!(r.unique_string(), Ok(None));
        assert_eq!(r.string().as_deref(), Ok(""));
        assert!(r.u32().is_err());
    }

    #[test]
    fn refuses_impossible_strings() {
        let of = |max: u32, off: u32, count: u32| -> Vec<u8> {
            [max, off, count, 0, 0]
                .iter()
                .flat_map(|n| n.to_le_bytes())
                .collect()
        };
        for bad in [
            of(1, 0, 2),
            of(9, 1, 2),
            of(u32::MAX, 0, u32::MAX),
            of(99, 0, 99),
        ] {
            assert!(Reader::new(&bad).string().is_err());
        }
        assert!(Reader::new(&of(3, 0, 3)).string().is_err(), "NULs within");
    }
}
