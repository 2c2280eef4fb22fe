// SPDX-License-Identifier: GPL-2.0-or-later
//! READ (\[MS-SMB2\] 2.2.19, 2.2.20). The reply's payload is not written
//! here: it travels as a segment of its own.

use super::body;
use super::types::{Channel, FileId};
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 49;
const REQUEST_FIXED: usize = 48;
const RESPONSE_SIZE: u16 = 17;

/// Length in bytes of the reply's body before the payload.
pub const RESPONSE_FIXED: usize = 16;

/// Offset of the payload from the reply's header, as this crate writes it.
pub const DATA_OFFSET: u8 = 80;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.19); reserved below 3.0.2.
    pub struct ReadFlags(u8) {
        UNBUFFERED = 0x01,
        REQUEST_COMPRESSED = 0x02,
    }
}

/// READ request (\[MS-SMB2\] 2.2.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRequest<'a> {
    /// Where the client would like the payload to start in the reply.
    pub padding: u8,
    /// Flags.
    pub flags: ReadFlags,
    /// Bytes to read.
    pub length: u32,
    /// Position in the file in bytes.
    pub offset: u64,
    /// Handle.
    pub file_id: FileId,
    /// Fewer bytes than this are an error.
    pub minimum_count: u32,
    /// How the data travels.
    pub channel: Channel,
    /// Bytes that the client means to read after these.
    pub remaining_bytes: u32,
    /// Buffer descriptors for RDMA; empty without a channel.
    pub channel_info: &'a [u8],
}

impl<'a> ReadRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let padding = r.u8()?;
        let flags = ReadFlags(r.u8()?);
        let length = r.u32()?;
        let offset = r.u64()?;
        let file_id = FileId::parse(&mut r)?;
        let minimum_count = r.u32()?;
        let channel = Channel(r.u32()?);
        let remaining_bytes = r.u32()?;
        let info_offset = r.len16()?;
        let info_len = r.len16()?;
        // The fields are reserved without a channel, whatever they hold.
        let channel_info = if channel == Channel::NONE {
            &[]
        } else {
            body::buffer(msg, r.position(), info_offset, info_len, "ReadChannelInfo")?
        };
        Ok(Self {
            padding,
            flags,
            length,
            offset,
            file_id,
            minimum_count,
            channel,
            remaining_bytes,
            channel_info,
        })
    }

    /// Appends the body, with the one byte of buffer that servers expect.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u8(self.padding)?;
        w.u8(self.flags.0)?;
        w.u32(self.length)?;
        w.u64(self.offset)?;
        self.file_id.write(w)?;
        w.u32(self.minimum_count)?;
        w.u32(self.channel.0)?;
        w.u32(self.remaining_bytes)?;
        if self.channel_info.is_empty() {
            w.u32(0)?;
            return w.u8(0);
        }
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.len16(self.channel_info.len())?;
        w.bytes(self.channel_info)
    }
}

/// READ response (\[MS-SMB2\] 2.2.20) without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadResponse {
    /// Bytes of payload that follow (0 when RDMA carried them).
    pub data_length: u32,
    /// Bytes that RDMA carried.
    pub data_remaining: u32,
}

impl ReadResponse {
    /// Parses a message; answers the payload too.
    pub fn parse(msg: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        let offset = usize::from(r.u8()?);
        r.skip(1)?;
        let len = r.len32()?;
        let data_remaining = r.u32()?;
        r.skip(4)?;
        let data = body::buffer(msg, r.position(), offset, len, "read payload")?;
        Ok((
            Self {
                data_length: u32::try_from(len).map_err(|_| Malformed::new("read payload"))?,
                data_remaining,
            },
            data,
        ))
    }

    /// Appends the 16 bytes before the payload, which must follow at once.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u8(DATA_OFFSET)?;
        w.u8(0)?;
        w.u32(self.data_length)?;
        w.u32(self.data_remaining)?;
        w.u32(0)
    }
}
