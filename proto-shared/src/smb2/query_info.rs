// SPDX-License-Identifier: GPL-2.0-or-later
//! QUERY_INFO (\[MS-SMB2\] 2.2.37, 2.2.38).

use super::body::{self, PendingBuffer};
use super::output;
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 41;
const REQUEST_FIXED: usize = 40;

wire_enum! {
    /// What is asked for or set (\[MS-SMB2\] 2.2.37, InfoType).
    pub struct InfoType(u8) {
        FILE = 0x01,
        FILESYSTEM = 0x02,
        SECURITY = 0x03,
        QUOTA = 0x04,
    }
}

wire_flags! {
    /// Parts of a security descriptor (\[MS-SMB2\] 2.2.37,
    /// AdditionalInformation).
    pub struct SecurityInformation(u32) {
        OWNER = 0x0000_0001,
        GROUP = 0x0000_0002,
        DACL = 0x0000_0004,
        SACL = 0x0000_0008,
        LABEL = 0x0000_0010,
        ATTRIBUTE = 0x0000_0020,
        SCOPE = 0x0000_0040,
        BACKUP = 0x0001_0000,
    }
}

wire_flags! {
    /// Flags of an EA query (\[MS-SMB2\] 2.2.37).
    pub struct QueryInfoFlags(u32) {
        RESTART_SCAN = 0x0000_0001,
        RETURN_SINGLE_ENTRY = 0x0000_0002,
        INDEX_SPECIFIED = 0x0000_0004,
    }
}

/// QUERY_INFO request (\[MS-SMB2\] 2.2.37).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryInfoRequest<'a> {
    /// What is asked for.
    pub info_type: InfoType,
    /// Information class: a [`crate::fscc::FileInfoClass`] or
    /// [`crate::fscc::FsInfoClass`], 0 for security.
    pub info_class: u8,
    /// Greatest output in bytes.
    pub output_buffer_length: u32,
    /// Input of quota and EA queries.
    pub input: &'a [u8],
    /// Parts of the security descriptor, or the index of an EA query.
    pub additional_information: u32,
    /// Flags of an EA query.
    pub flags: QueryInfoFlags,
    /// Handle.
    pub file_id: FileId,
}

impl<'a> QueryInfoRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let info_type = InfoType(r.u8()?);
        let info_class = r.u8()?;
        let output_buffer_length = r.u32()?;
        let input_offset = r.len16()?;
        r.skip(2)?;
        let input_len = r.len32()?;
        let additional_information = r.u32()?;
        let flags = QueryInfoFlags(r.u32()?);
        let file_id = FileId::parse(&mut r)?;
        Ok(Self {
            info_type,
            info_class,
            output_buffer_length,
            input: body::buffer(msg, r.position(), input_offset, input_len, "query input")?,
            additional_information,
            flags,
            file_id,
        })
    }

    /// [`QueryInfoRequest::additional_information`] of a security query.
    #[inline]
    #[must_use]
    pub const fn security_information(&self) -> SecurityInformation {
        SecurityInformation(self.additional_information)
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u8(self.info_type.0)?;
        w.u8(self.info_class)?;
        w.u32(self.output_buffer_length)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.u16(0)?;
        w.len32(self.input.len())?;
        w.u32(self.additional_information)?;
        w.u32(self.flags.0)?;
        self.file_id.write(w)?;
        w.bytes(self.input)
    }
}

/// QUERY_INFO response (\[MS-SMB2\] 2.2.38).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryInfoResponse<'a> {
    /// Output.
    pub output: &'a [u8],
}

impl<'a> QueryInfoResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            output: output::parse(msg)?,
        })
    }

    /// Appends the fixed part; the caller then appends the output and calls
    /// [`PendingBuffer::finish`].
    pub fn begin(w: &mut Writer<'_>) -> Result<PendingBuffer, NoSpace> {
        output::begin(w)
    }

    /// Appends the body with its output.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        output::write(self.output, w)
    }
}
