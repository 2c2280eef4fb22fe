// SPDX-License-Identifier: GPL-2.0-or-later
//! LOCK (\[MS-SMB2\] 2.2.26, 2.2.27).

use super::body;
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::MAX_LOCK_ELEMENTS;

const REQUEST_SIZE: u16 = 48;
/// The StructureSize counts one element; the fixed part ends before it.
const REQUEST_FIXED: usize = 24;
const ELEMENT_LEN: usize = 24;
const RESPONSE_SIZE: u16 = 4;

wire_flags! {
    /// Flags of an element (\[MS-SMB2\] 2.2.26.1).
    pub struct LockFlags(u32) {
        SHARED_LOCK = 0x0000_0001,
        EXCLUSIVE_LOCK = 0x0000_0002,
        UNLOCK = 0x0000_0004,
        FAIL_IMMEDIATELY = 0x0000_0010,
    }
}

/// One range to lock or unlock (\[MS-SMB2\] 2.2.26.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockElement {
    /// First byte.
    pub offset: u64,
    /// Number of bytes; offset and length together may pass 2⁶⁴, which is
    /// for the engine to refuse.
    pub length: u64,
    /// What to do.
    pub flags: LockFlags,
}

impl LockElement {
    fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let element = Self {
            offset: r.u64()?,
            length: r.u64()?,
            flags: LockFlags(r.u32()?),
        };
        r.skip(4)?;
        Ok(element)
    }

    fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.offset)?;
        w.u64(self.length)?;
        w.u32(self.flags.0)?;
        w.u32(0)
    }
}

/// LOCK request (\[MS-SMB2\] 2.2.26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRequest<'a> {
    /// LockSequenceNumber, 4 bits; 3.x and 2.1.
    pub sequence_number: u8,
    /// LockSequenceIndex, 28 bits; 0 means none.
    pub sequence_index: u32,
    /// Handle.
    pub file_id: FileId,
    elements: &'a [u8],
}

impl<'a> LockRequest<'a> {
    /// Parses a message. Errors besides the usual: more than
    /// [`MAX_LOCK_ELEMENTS`]. That there are none is for the engine to refuse,
    /// which looks for the handle first (\[MS-SMB2\] 3.3.5.14).
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let count = r.len16()?;
        let sequence = r.u32()?;
        let file_id = FileId::parse(&mut r)?;
        if count > MAX_LOCK_ELEMENTS {
            return Err(Malformed::new("LockCount"));
        }
        Ok(Self {
            // CAST: four bits.
            sequence_number: (sequence & 0xF) as u8,
            sequence_index: sequence >> 4,
            file_id,
            elements: r.take(count.saturating_mul(ELEMENT_LEN))?,
        })
    }

    /// Number of elements.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.elements.len() / ELEMENT_LEN
    }

    /// The elements in order.
    pub fn elements(&self) -> impl Iterator<Item = LockElement> + Clone + 'a {
        let mut r = Reader::new(self.elements);
        core::iter::from_fn(move || LockElement::parse(&mut r).ok())
    }

    /// Appends a body with these elements.
    pub fn write(
        file_id: FileId,
        sequence_number: u8,
        sequence_index: u32,
        elements: &[LockElement],
        w: &mut Writer<'_>,
    ) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.len16(elements.len())?;
        w.u32((sequence_index << 4) | u32::from(sequence_number & 0xF))?;
        file_id.write(w)?;
        for element in elements {
            element.write(w)?;
        }
        Ok(())
    }
}

/// LOCK response (\[MS-SMB2\] 2.2.27).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockResponse;

impl LockResponse {
    /// Checks a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        body::open(msg, RESPONSE_SIZE, 4)?;
        Ok(Self)
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u16(0)
    }
}
