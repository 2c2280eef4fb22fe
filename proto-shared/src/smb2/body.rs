// SPDX-License-Identifier: GPL-2.0-or-later
//! What all command bodies share: offsets count from the 64-byte header, the
//! body starts with its StructureSize, variable parts lie behind the fixed
//! part.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::SMB2_HEADER_LEN;
use core::ops::Range;

/// A reader behind the StructureSize field. Checks that the field has the
/// value of the command and that the `fixed` bytes of the body (StructureSize
/// included) are there.
#[inline]
pub(crate) fn open(msg: &[u8], structure_size: u16, fixed: usize) -> Result<Reader<'_>, Malformed> {
    let mut r = Reader::new_at(msg, SMB2_HEADER_LEN)
        .map_err(|_| Malformed::new("message shorter than its header"))?;
    if r.remaining() < fixed {
        return Err(Malformed::new("body shorter than its fixed part"));
    }
    if r.u16()? != structure_size {
        return Err(Malformed::new("StructureSize"));
    }
    Ok(r)
}

/// The range of a variable part: `len` bytes at `offset` from the header,
/// which must lie within `msg` and not before `min`. An empty part may claim
/// any offset: clients leave the field as it comes.
#[inline]
pub(crate) fn range(
    msg: &[u8],
    min: usize,
    offset: usize,
    len: usize,
    what: &'static str,
) -> Result<Range<usize>, Malformed> {
    if len == 0 {
        return Ok(0..0);
    }
    let end = offset.checked_add(len).ok_or(Malformed::new(what))?;
    if offset < min || end > msg.len() {
        return Err(Malformed::new(what));
    }
    Ok(offset..end)
}

/// The bytes of a variable part; see [`range`].
#[inline]
pub(crate) fn buffer<'a>(
    msg: &'a [u8],
    min: usize,
    offset: usize,
    len: usize,
    what: &'static str,
) -> Result<&'a [u8], Malformed> {
    let range = range(msg, min, offset, len, what)?;
    msg.get(range).ok_or(Malformed::new(what))
}

/// Where a body starts in a writer, to turn positions into offsets from the
/// header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyStart(usize);

impl BodyStart {
    #[inline]
    pub(crate) fn here(w: &Writer<'_>) -> Self {
        Self(w.len())
    }

    /// Offset from the header of writer position `pos`.
    #[inline]
    pub(crate) fn offset_of(self, pos: usize) -> Result<usize, NoSpace> {
        pos.checked_sub(self.0)
            .and_then(|n| n.checked_add(SMB2_HEADER_LEN))
            .ok_or(NoSpace)
    }

    /// Offset from the header of the writer's next byte.
    #[inline]
    pub(crate) fn offset(self, w: &Writer<'_>) -> Result<usize, NoSpace> {
        self.offset_of(w.len())
    }

    /// Pads to a multiple of `n` from the header.
    #[inline]
    pub(crate) fn align(self, w: &mut Writer<'_>, n: usize) -> Result<(), NoSpace> {
        // The header's length is itself a multiple of eight.
        w.align_from(self.0, n)
    }
}

/// A variable part that is being written: the caller appends its bytes to the
/// writer and then calls [`PendingBuffer::finish`], which fills in the length.
#[derive(Debug)]
#[must_use = "the length field stays zero until finish() is called"]
pub struct PendingBuffer {
    len_at: usize,
    data_at: usize,
}

impl PendingBuffer {
    #[inline]
    pub(crate) const fn new(len_at: usize, data_at: usize) -> Self {
        Self { len_at, data_at }
    }

    /// Position in the writer of the first byte of the part.
    #[inline]
    #[must_use]
    pub const fn start(&self) -> usize {
        self.data_at
    }

    /// Number of bytes of the part so far.
    #[inline]
    #[must_use]
    pub fn len(&self, w: &Writer<'_>) -> usize {
        w.len().saturating_sub(self.data_at)
    }

    /// Fills in the length of what was appended since the part was begun;
    /// answers it.
    pub fn finish(self, w: &mut Writer<'_>) -> Result<usize, NoSpace> {
        let len = w.len().checked_sub(self.data_at).ok_or(NoSpace)?;
        w.patch_len32(self.len_at, len)?;
        Ok(len)
    }
}
