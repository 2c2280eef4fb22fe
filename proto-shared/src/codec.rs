// SPDX-License-Identifier: GPL-2.0-or-later
//! Checked reading from and writing to byte slices.
//!
//! [`Reader`] and [`Writer`] are the only code of the crate that touches raw
//! bytes. All numbers are little endian unless the name says `_be`. No method
//! panics; positions and lengths are checked before they are added.
//!
//! Invariants: `Reader::position() <= slice length`;
//! `Writer::len() + Writer::remaining() <= slice length`, and all bytes below
//! `Writer::len()` were written through this writer.

use core::fmt;

/// The peer sent bytes that do not have the form they claim to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, for logs; not for decisions.
    pub what: &'static str,
}

impl Malformed {
    /// An error saying `what` is wrong.
    #[inline]
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed: {}", self.what)
    }
}

/// The value does not fit into the space that the writer has left, or a
/// length does not fit into its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSpace;

impl fmt::Display for NoSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no space left in buffer")
    }
}

const TRUNCATED: Malformed = Malformed::new("truncated");

/// `value` rounded up to a multiple of `n`, where `n` is a power of two;
/// `None` on overflow.
#[inline]
#[must_use]
pub const fn align_up(value: usize, n: usize) -> Option<usize> {
    let mask = n.wrapping_sub(1);
    match value.checked_add(mask) {
        Some(sum) => Some(sum & !mask),
        None => None,
    }
}

/// A cursor over a slice.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    buf: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `buf`.
    #[inline]
    #[must_use]
    pub const fn new(buf: &'a [u8]) -> Self {
        Self { buf, pos: 0 }
    }

    /// A reader `pos` bytes into `buf`. Errors: `pos` is past the end.
    #[inline]
    pub fn new_at(buf: &'a [u8], pos: usize) -> Result<Self, Malformed> {
        if pos > buf.len() {
            return Err(TRUNCATED);
        }
        Ok(Self { buf, pos })
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let end = self.pos.checked_add(n).ok_or(TRUNCATED)?;
        let out = self.buf.get(self.pos..end).ok_or(TRUNCATED)?;
        self.pos = end;
        Ok(out)
    }

    /// Passes over `n` bytes.
    #[inline]
    pub fn skip(&mut self, n: usize) -> Result<(), Malformed> {
        self.take(n).map(|_| ())
    }

    /// The next `N` bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let bytes = self.take(N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| TRUNCATED)
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// Two bytes, little endian.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Four bytes, little endian.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Eight bytes, little endian.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Eight bytes, little endian, signed.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// Two bytes, big endian.
    #[inline]
    pub fn u16_be(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes, big endian.
    #[inline]
    pub fn u32_be(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Four bytes, little endian, as a length or offset.
    #[inline]
    pub fn len32(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.u32()?).map_err(|_| TRUNCATED)
    }

    /// Two bytes, little endian, as a length or offset.
    #[inline]
    pub fn len16(&mut self) -> Result<usize, Malformed> {
        Ok(usize::from(self.u16()?))
    }

    /// `len` bytes at `offset` from the start of the underlying slice,
    /// wherever the cursor is; it does not move.
    #[inline]
    pub fn at(&self, offset: usize, len: usize) -> Result<&'a [u8], Malformed> {
        let end = offset.checked_add(len).ok_or(TRUNCATED)?;
        self.buf.get(offset..end).ok_or(TRUNCATED)
    }

    /// Passes over padding up to a multiple of `n` (a power of two) from the
    /// start of the underlying slice.
    #[inline]
    pub fn align(&mut self, n: usize) -> Result<(), Malformed> {
        let to = align_up(self.pos, n).ok_or(TRUNCATED)?;
        if to > self.buf.len() {
            return Err(TRUNCATED);
        }
        self.pos = to;
        Ok(())
    }

    /// Number of bytes behind the cursor.
    #[inline]
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.buf.len().saturating_sub(self.pos)
    }

    /// Whether nothing is left.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    /// Everything behind the cursor; the cursor moves to the end.
    #[inline]
    pub fn rest(&mut self) -> &'a [u8] {
        let out = self.buf.get(self.pos..).unwrap_or(&[]);
        self.pos = self.buf.len();
        out
    }

    /// Offset of the cursor from the start of the underlying slice.
    #[inline]
    #[must_use]
    pub const fn position(&self) -> usize {
        self.pos
    }

    /// The whole underlying slice.
    #[inline]
    #[must_use]
    pub const fn buffer(&self) -> &'a [u8] {
        self.buf
    }

    /// Errors with `what` unless nothing is left.
    #[inline]
    pub fn finish(&self, what: &'static str) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed::new(what))
        }
    }
}

/// A bounded cursor that fills a slice from its start.
#[derive(Debug)]
pub struct Writer<'a> {
    buf: &'a mut [u8],
    pos: usize,
}

impl<'a> Writer<'a> {
    /// A writer that may fill all of `buf`.
    #[inline]
    #[must_use]
    pub fn new(buf: &'a mut [u8]) -> Self {
        Self { buf, pos: 0 }
    }

    /// A writer that may fill at most the first `limit` bytes of `buf`.
    #[inline]
    #[must_use]
    pub fn with_limit(buf: &'a mut [u8], limit: usize) -> Self {
        let limit = limit.min(buf.len());
        Self {
            buf: buf.get_mut(..limit).unwrap_or_default(),
            pos: 0,
        }
    }

    #[inline]
    fn claim(&mut self, n: usize) -> Result<&mut [u8], NoSpace> {
        let end = self.pos.checked_add(n).ok_or(NoSpace)?;
        let out = self.buf.get_mut(self.pos..end).ok_or(NoSpace)?;
        self.pos = end;
        Ok(out)
    }

    /// Appends `bytes`.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), NoSpace> {
        self.claim(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// Appends `n` zero bytes.
    #[inline]
    pub fn zeros(&mut self, n: usize) -> Result<(), NoSpace> {
        self.claim(n)?.fill(0);
        Ok(())
    }

    /// Appends one byte.
    #[inline]
    pub fn u8(&mut self, value: u8) -> Result<(), NoSpace> {
        self.bytes(&[value])
    }

    /// Appends two bytes, little endian.
    #[inline]
    pub fn u16(&mut self, value: u16) -> Result<(), NoSpace> {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends four bytes, little endian.
    #[inline]
    pub fn u32(&mut self, value: u32) -> Result<(), NoSpace> {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends eight bytes, little endian.
    #[inline]
    pub fn u64(&mut self, value: u64) -> Result<(), NoSpace> {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends eight bytes, little endian, signed.
    #[inline]
    pub fn i64(&mut self, value: i64) -> Result<(), NoSpace> {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends two bytes, big endian.
    #[inline]
    pub fn u16_be(&mut self, value: u16) -> Result<(), NoSpace> {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends four bytes, big endian.
    #[inline]
    pub fn u32_be(&mut self, value: u32) -> Result<(), NoSpace> {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a length or offset as two bytes. Errors: it needs more.
    #[inline]
    pub fn len16(&mut self, value: usize) -> Result<(), NoSpace> {
        self.u16(u16::try_from(value).map_err(|_| NoSpace)?)
    }

    /// Appends a length or offset as four bytes. Errors: it needs more.
    #[inline]
    pub fn len32(&mut self, value: usize) -> Result<(), NoSpace> {
        self.u32(u32::try_from(value).map_err(|_| NoSpace)?)
    }

    /// Appends `text` as UTF-16LE without terminator; answers the number of
    /// bytes. Nothing is appended when it does not fit.
    pub fn utf16(&mut self, text: &str) -> Result<usize, NoSpace> {
        let start = self.pos;
        for unit in text.encode_utf16() {
            if let Err(e) = self.u16(unit) {
                self.pos = start;
                return Err(e);
            }
        }
        Ok(self.pos.saturating_sub(start))
    }

    /// Pads with zeros to a multiple of `n` (a power of two) from the start of
    /// the writer.
    #[inline]
    pub fn align(&mut self, n: usize) -> Result<(), NoSpace> {
        self.align_from(0, n)
    }

    /// Pads with zeros to a multiple of `n` (a power of two) from position
    /// `base` of the writer.
    #[inline]
    pub fn align_from(&mut self, base: usize, n: usize) -> Result<(), NoSpace> {
        let used = self.pos.checked_sub(base).ok_or(NoSpace)?;
        let want = align_up(used, n).ok_or(NoSpace)?;
        self.zeros(want.saturating_sub(used))
    }

    /// Number of bytes written so far.
    #[inline]
    #[must_use]
    #[allow(
        clippy::len_without_is_empty,
        reason = "a position rather than a container's length"
    )]
    pub const fn len(&self) -> usize {
        self.pos
    }

    /// Number of bytes that still fit.
    #[inline]
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.buf.len().saturating_sub(self.pos)
    }

    /// What was written.
    #[inline]
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buf.get(..self.pos).unwrap_or(&[])
    }

    /// What was written, for the lifetime of the underlying slice.
    #[inline]
    #[must_use]
    pub fn into_written(self) -> &'a mut [u8] {
        self.buf.get_mut(..self.pos).unwrap_or_default()
    }

    /// Overwrites bytes that were written before. Errors: the range is not
    /// wholly below [`Writer::len`].
    #[inline]
    pub fn patch(&mut self, pos: usize, bytes: &[u8]) -> Result<(), NoSpace> {
        let end = pos.checked_add(bytes.len()).ok_or(NoSpace)?;
        if end > self.pos {
            return Err(NoSpace);
        }
        self.buf
            .get_mut(pos..end)
            .ok_or(NoSpace)?
            .copy_from_slice(bytes);
        Ok(())
    }

    /// Overwrites one byte; see [`Writer::patch`].
    #[inline]
    pub fn patch_u8(&mut self, pos: usize, value: u8) -> Result<(), NoSpace> {
        self.patch(pos, &[value])
    }

    /// Overwrites two bytes; see [`Writer::patch`].
    #[inline]
    pub fn patch_u16(&mut self, pos: usize, value: u16) -> Result<(), NoSpace> {
        self.patch(pos, &value.to_le_bytes())
    }

    /// Overwrites four bytes; see [`Writer::patch`].
    #[inline]
    pub fn patch_u32(&mut self, pos: usize, value: u32) -> Result<(), NoSpace> {
        self.patch(pos, &value.to_le_bytes())
    }

    /// Overwrites eight bytes; see [`Writer::patch`].
    #[inline]
    pub fn patch_u64(&mut self, pos: usize, value: u64) -> Result<(), NoSpace> {
        self.patch(pos, &value.to_le_bytes())
    }

    /// Overwrites two bytes with a length or offset. Errors: it needs more.
    #[inline]
    pub fn patch_len16(&mut self, pos: usize, value: usize) -> Result<(), NoSpace> {
        self.patch_u16(pos, u16::try_from(value).map_err(|_| NoSpace)?)
    }

    /// Overwrites four bytes with a length or offset. Errors: it needs more.
    #[inline]
    pub fn patch_len32(&mut self, pos: usize, value: usize) -> Result<(), NoSpace> {
        self.patch_u32(pos, u32::try_from(value).map_err(|_| NoSpace)?)
    }

    /// Drops what was written behind `len`; does nothing if less was written.
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        self.pos = self.pos.min(len);
    }

    /// Runs `f` with a writer over the next at most `limit` bytes, whose
    /// positions count from here, and appends what it wrote. When `f` fails,
    /// nothing is appended.
    pub fn sub<T, E>(
        &mut self,
        limit: usize,
        f: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let free = self.buf.get_mut(self.pos..).unwrap_or_default();
        let mut inner = Writer::with_limit(free, limit);
        let out = f(&mut inner)?;
        let wrote = inner.len();
        // Cannot exceed the slice: `inner` lies within it.
        self.pos = self.pos.saturating_add(wrote);
        Ok(out)
    }

    /// The free space behind [`Writer::len`], for callers that fill it by
    /// other means (a copy from a file, a decompressor) and then call
    /// [`Writer::advance`].
    #[inline]
    #[must_use]
    pub fn spare(&mut self) -> &mut [u8] {
        self.buf.get_mut(self.pos..).unwrap_or_default()
    }

    /// Counts `n` bytes that the caller put into [`Writer::spare`].
    #[inline]
    pub fn advance(&mut self, n: usize) -> Result<(), NoSpace> {
        self.claim(n).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reader_checks_every_bound() {
        let mut r = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(r.u8(), Ok(1));
        assert_eq!(r.u16(), Ok(0x0302));
        assert_eq!(r.u16_be(), Ok(0x0405));
        assert_eq!(r.u32(), Ok(0x0908_0706));
        assert_eq!(r.u8(), Err(TRUNCATED));
        assert_eq!(r.position(), 9);
        assert_eq!(r.at(usize::MAX, 2), Err(TRUNCATED));
        assert_eq!(r.at(8, 1), Ok(&[9][..]));
        assert_eq!(r.at(9, 0), Ok(&[][..]));
        assert_eq!(r.take(usize::MAX), Err(TRUNCATED));
        assert!(Reader::new_at(&[0; 3], 4).is_err());
    }

    #[test]
    fn failed_read_does_not_move() {
        let mut r = Reader::new(&[1, 2, 3]);
        assert!(r.u32().is_err());
        assert_eq!(r.position(), 0);
        r.skip(1).unwrap();
        r.align(2).unwrap();
        assert_eq!(r.position(), 2);
        assert!(r.align(8).is_err());
        assert_eq!(r.rest(), &[3]);
    }

    #[test]
    fn writer_is_bounded_and_patches_only_written_bytes() {
        let mut buf = [0xAA; 8];
        let mut w = Writer::with_limit(&mut buf, 6);
        w.u16(0x1234).unwrap();
        w.align(4).unwrap();
        assert_eq!(w.u32(1), Err(NoSpace));
        assert_eq!(w.len(), 4);
        assert_eq!(w.patch_u32(2, 0), Err(NoSpace));
        w.patch_u16(2, 0x5678).unwrap();
        assert_eq!(w.written(), &[0x34, 0x12, 0x78, 0x56]);
        assert_eq!(w.remaining(), 2);
        assert_eq!(buf[4..], [0xAA; 4]);
    }

    #[test]
    fn sub_writer_rolls_back() {
        let mut buf = [0; 8];
        let mut w = Writer::new(&mut buf);
        w.u8(1).unwrap();
        assert_eq!(w.sub(2, |w| w.u32(7)), Err(NoSpace));
        assert_eq!(w.len(), 1);
        w.sub(2, |w| {
            w.align(8)?;
            w.u16(7)
        })
        .unwrap();
        assert_eq!(w.written(), &[1, 7, 0]);
        assert_eq!(w.utf16("long text"), Err(NoSpace));
        assert_eq!(w.utf16("a"), Ok(2));
        assert_eq!(w.written(), &[1, 7, 0, 0x61, 0]);
    }

    #[test]
    fn align_up_overflow() {
        assert_eq!(align_up(0, 8), Some(0));
        assert_eq!(align_up(9, 8), Some(16));
        assert_eq!(align_up(usize::MAX, 8), None);
    }
}
