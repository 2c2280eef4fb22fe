// SPDX-License-Identifier: GPL-2.0-or-later
//! QUERY_DIRECTORY (\[MS-SMB2\] 2.2.33, 2.2.34).

use super::body::{self, PendingBuffer};
use super::output;
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::dtyp::Utf16;
use crate::fscc::FileInfoClass;
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 33;
const REQUEST_FIXED: usize = 32;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.33).
    pub struct QueryDirectoryFlags(u8) {
        RESTART_SCANS = 0x01,
        RETURN_SINGLE_ENTRY = 0x02,
        INDEX_SPECIFIED = 0x04,
        REOPEN = 0x10,
    }
}

/// QUERY_DIRECTORY request (\[MS-SMB2\] 2.2.33).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryDirectoryRequest<'a> {
    /// Form of the entries.
    pub info_class: FileInfoClass,
    /// Flags.
    pub flags: QueryDirectoryFlags,
    /// Where to start, with [`QueryDirectoryFlags::INDEX_SPECIFIED`].
    pub file_index: u32,
    /// Handle of the directory.
    pub file_id: FileId,
    /// Search pattern.
    pub file_name: Utf16<'a>,
    /// Greatest output in bytes.
    pub output_buffer_length: u32,
}

impl<'a> QueryDirectoryRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let info_class = FileInfoClass(r.u8()?);
        let flags = QueryDirectoryFlags(r.u8()?);
        let file_index = r.u32()?;
        let file_id = FileId::parse(&mut r)?;
        let offset = r.len16()?;
        let len = r.len16()?;
        let output_buffer_length = r.u32()?;
        let name = body::buffer(msg, r.position(), offset, len, "search pattern")?;
        Ok(Self {
            info_class,
            flags,
            file_index,
            file_id,
            file_name: Utf16::new(name)?,
            output_buffer_length,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u8(self.info_class.0)?;
        w.u8(self.flags.0)?;
        w.u32(self.file_index)?;
        self.file_id.write(w)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.len16(self.file_name.as_bytes().len())?;
        w.u32(self.output_buffer_length)?;
        w.bytes(self.file_name.as_bytes())
    }
}

/// QUERY_DIRECTORY response (\[MS-SMB2\] 2.2.34).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryDirectoryResponse<'a> {
    /// Output.
    pub output: &'a [u8],
}

impl<'a> QueryDirectoryResponse<'a> {
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
