// SPDX-License-Identifier: GPL-2.0-or-later
//! CLOSE (\[MS-SMB2\] 2.2.15, 2.2.16).

use super::body;
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::dtyp::FileTime;
use crate::fscc::FileAttributes;

const REQUEST_SIZE: u16 = 24;
const RESPONSE_SIZE: u16 = 60;

wire_flags! {
    /// Flags of request and reply (\[MS-SMB2\] 2.2.15).
    pub struct CloseFlags(u16) {
        POSTQUERY_ATTRIB = 0x0001,
    }
}

/// CLOSE request (\[MS-SMB2\] 2.2.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseRequest {
    /// Flags.
    pub flags: CloseFlags,
    /// Handle.
    pub file_id: FileId,
}

impl CloseRequest {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, usize::from(REQUEST_SIZE))?;
        let flags = CloseFlags(r.u16()?);
        r.skip(4)?;
        Ok(Self {
            flags,
            file_id: FileId::parse(&mut r)?,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u16(self.flags.0)?;
        w.u32(0)?;
        self.file_id.write(w)
    }
}

/// CLOSE response (\[MS-SMB2\] 2.2.16): all zero unless the attributes were
/// asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CloseResponse {
    /// Whether the other fields are filled in.
    pub flags: CloseFlags,
    /// Time of creation.
    pub creation_time: FileTime,
    /// Time of last access.
    pub last_access_time: FileTime,
    /// Time of last write.
    pub last_write_time: FileTime,
    /// Time of last change of data or metadata.
    pub change_time: FileTime,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Attributes.
    pub file_attributes: FileAttributes,
}

impl CloseResponse {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, usize::from(RESPONSE_SIZE))?;
        let flags = CloseFlags(r.u16()?);
        r.skip(4)?;
        Ok(Self {
            flags,
            creation_time: FileTime::parse(&mut r)?,
            last_access_time: FileTime::parse(&mut r)?,
            last_write_time: FileTime::parse(&mut r)?,
            change_time: FileTime::parse(&mut r)?,
            allocation_size: r.u64()?,
            end_of_file: r.u64()?,
            file_attributes: FileAttributes(r.u32()?),
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u16(self.flags.0)?;
        w.u32(0)?;
        self.creation_time.write(w)?;
        self.last_access_time.write(w)?;
        self.last_write_time.write(w)?;
        self.change_time.write(w)?;
        w.u64(self.allocation_size)?;
        w.u64(self.end_of_file)?;
        w.u32(self.file_attributes.0)
    }
}
