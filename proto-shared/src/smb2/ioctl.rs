// SPDX-License-Identifier: GPL-2.0-or-later
//! IOCTL (\[MS-SMB2\] 2.2.31, 2.2.32). The buffers of the single controls are
//! in [`crate::fscc::fsctl`].

use super::body::{self, PendingBuffer};
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::fscc::fsctl::CtlCode;
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 57;
const REQUEST_FIXED: usize = 56;
const RESPONSE_SIZE: u16 = 49;
const RESPONSE_FIXED: usize = 48;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.31).
    pub struct IoctlFlags(u32) {
        IS_FSCTL = 0x0000_0001,
    }
}

/// IOCTL request (\[MS-SMB2\] 2.2.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoctlRequest<'a> {
    /// Control.
    pub ctl_code: CtlCode,
    /// Handle; all ones for controls of the connection.
    pub file_id: FileId,
    /// Input.
    pub input: &'a [u8],
    /// Greatest input buffer in bytes that the reply may return.
    pub max_input_response: u32,
    /// Greatest output in bytes.
    pub max_output_response: u32,
    /// Flags; anything but [`IoctlFlags::IS_FSCTL`] is not supported by
    /// anybody.
    pub flags: IoctlFlags,
}

impl<'a> IoctlRequest<'a> {
    /// Parses a message. The output buffer of a request has no meaning and is
    /// not looked at.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        r.skip(2)?;
        let ctl_code = CtlCode(r.u32()?);
        let file_id = FileId::parse(&mut r)?;
        let input_offset = r.len32()?;
        let input_len = r.len32()?;
        let max_input_response = r.u32()?;
        r.skip(8)?;
        let max_output_response = r.u32()?;
        let flags = IoctlFlags(r.u32()?);
        r.skip(4)?;
        Ok(Self {
            ctl_code,
            file_id,
            input: body::buffer(msg, r.position(), input_offset, input_len, "ioctl input")?,
            max_input_response,
            max_output_response,
            flags,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let buffer_at = SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED);
        w.u16(REQUEST_SIZE)?;
        w.u16(0)?;
        w.u32(self.ctl_code.0)?;
        self.file_id.write(w)?;
        w.len32(buffer_at)?;
        w.len32(self.input.len())?;
        w.u32(self.max_input_response)?;
        w.len32(buffer_at)?;
        w.u32(0)?;
        w.u32(self.max_output_response)?;
        w.u32(self.flags.0)?;
        w.u32(0)?;
        w.bytes(self.input)
    }
}

/// IOCTL response (\[MS-SMB2\] 2.2.32).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoctlResponse<'a> {
    /// Control of the request.
    pub ctl_code: CtlCode,
    /// Handle of the request.
    pub file_id: FileId,
    /// Output.
    pub output: &'a [u8],
}

impl<'a> IoctlResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        r.skip(2)?;
        let ctl_code = CtlCode(r.u32()?);
        let file_id = FileId::parse(&mut r)?;
        r.skip(8)?;
        let offset = r.len32()?;
        let len = r.len32()?;
        r.skip(8)?;
        Ok(Self {
            ctl_code,
            file_id,
            output: body::buffer(msg, r.position(), offset, len, "ioctl output")?,
        })
    }

    /// Appends the fixed part; the caller then appends the output and calls
    /// [`PendingBuffer::finish`].
    pub fn begin(
        ctl_code: CtlCode,
        file_id: FileId,
        w: &mut Writer<'_>,
    ) -> Result<PendingBuffer, NoSpace> {
        let buffer_at = SMB2_HEADER_LEN.saturating_add(RESPONSE_FIXED);
        w.u16(RESPONSE_SIZE)?;
        w.u16(0)?;
        w.u32(ctl_code.0)?;
        file_id.write(w)?;
        w.len32(buffer_at)?;
        w.u32(0)?;
        w.len32(buffer_at)?;
        let len_at = w.len();
        w.u32(0)?;
        w.zeros(8)?;
        Ok(PendingBuffer::new(len_at, w.len()))
    }

    /// Appends the body with its output.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let pending = Self::begin(self.ctl_code, self.file_id, w)?;
        w.bytes(self.output)?;
        pending.finish(w).map(|_| ())
    }
}
