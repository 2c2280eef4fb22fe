// SPDX-License-Identifier: GPL-2.0-or-later
//! WRITE (\[MS-SMB2\] 2.2.21, 2.2.22).

use super::body;
use super::types::{Channel, FileId};
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 49;
const REQUEST_FIXED: usize = 48;
const RESPONSE_SIZE: u16 = 17;
const RESPONSE_FIXED: usize = 16;

/// Greatest offset of the payload from the header (\[MS-SMB2\] 3.3.5.13).
const MAX_DATA_OFFSET: usize = 0x100;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.21).
    pub struct WriteFlags(u32) {
        WRITE_THROUGH = 0x0000_0001,
        WRITE_UNBUFFERED = 0x0000_0002,
    }
}

/// WRITE request (\[MS-SMB2\] 2.2.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteRequest<'a> {
    msg: &'a [u8],
    /// Where the payload starts in the message; 0 if there is none.
    pub data_offset: usize,
    /// Bytes of payload in the message. Always the Length field, except on an
    /// RDMA channel, where the payload is elsewhere and this is 0.
    pub data_len: usize,
    /// Length field: bytes to write.
    pub length: u32,
    /// Position in the file in bytes; all ones means the end of the file.
    pub offset: u64,
    /// Handle.
    pub file_id: FileId,
    /// How the data travels.
    pub channel: Channel,
    /// Bytes that the client means to write after these.
    pub remaining_bytes: u32,
    /// Buffer descriptors for RDMA; empty without a channel.
    pub channel_info: &'a [u8],
    /// Flags.
    pub flags: WriteFlags,
}

impl<'a> WriteRequest<'a> {
    /// A request with `data`, for clients and tests.
    #[must_use]
    pub const fn new(file_id: FileId, offset: u64, data: &'a [u8]) -> Self {
        Self {
            msg: data,
            data_offset: 0,
            data_len: data.len(),
            // CAST: `write` refuses what does not fit.
            length: data.len() as u32,
            offset,
            file_id,
            channel: Channel::NONE,
            remaining_bytes: 0,
            channel_info: &[],
            flags: WriteFlags::NONE,
        }
    }

    /// Parses a message. Errors besides the usual: the payload starts further
    /// than 256 bytes into the message (\[MS-SMB2\] 3.3.5.13).
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let data_offset = r.len16()?;
        let length = r.u32()?;
        let offset = r.u64()?;
        let file_id = FileId::parse(&mut r)?;
        let channel = Channel(r.u32()?);
        let remaining_bytes = r.u32()?;
        let info_offset = r.len16()?;
        let info_len = r.len16()?;
        let flags = WriteFlags(r.u32()?);
        let fixed_end = r.position();
        let (data, channel_info): (_, &[u8]) = if channel == Channel::NONE {
            if data_offset > MAX_DATA_OFFSET {
                return Err(Malformed::new("DataOffset"));
            }
            let len = usize::try_from(length).map_err(|_| Malformed::new("write payload"))?;
            let data = body::range(msg, fixed_end, data_offset, len, "write payload")?;
            (data, &[])
        } else {
            let info = body::buffer(msg, fixed_end, info_offset, info_len, "WriteChannelInfo")?;
            (0..0, info)
        };
        Ok(Self {
            msg,
            data_offset: data.start,
            data_len: data.len(),
            length,
            offset,
            file_id,
            channel,
            remaining_bytes,
            channel_info,
            flags,
        })
    }

    /// The payload.
    #[inline]
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data_offset
            .checked_add(self.data_len)
            .and_then(|end| self.msg.get(self.data_offset..end))
            .unwrap_or(&[])
    }

    /// Appends the body with its payload.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let buffer_at = SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED);
        w.u16(REQUEST_SIZE)?;
        w.len16(buffer_at)?;
        if self.channel == Channel::NONE {
            w.len32(self.data_len)?;
        } else {
            w.u32(self.length)?;
        }
        w.u64(self.offset)?;
        self.file_id.write(w)?;
        w.u32(self.channel.0)?;
        w.u32(self.remaining_bytes)?;
        if self.channel_info.is_empty() {
            w.u32(0)?;
        } else {
            w.len16(buffer_at)?;
            w.len16(self.channel_info.len())?;
        }
        w.u32(self.flags.0)?;
        if self.channel == Channel::NONE {
            w.bytes(self.data())
        } else {
            w.bytes(self.channel_info)
        }
    }
}

/// WRITE response (\[MS-SMB2\] 2.2.22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteResponse {
    /// Bytes written.
    pub count: u32,
}

impl WriteResponse {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        r.skip(2)?;
        Ok(Self { count: r.u32()? })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u16(0)?;
        w.u32(self.count)?;
        w.u32(0)?;
        w.u32(0)
    }
}
