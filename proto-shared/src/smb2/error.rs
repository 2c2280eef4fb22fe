// SPDX-License-Identifier: GPL-2.0-or-later
//! ERROR response (\[MS-SMB2\] 2.2.2): what a request that failed is answered
//! with.

use super::body::{self, BodyStart};
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;

const RESPONSE_SIZE: u16 = 9;
const RESPONSE_FIXED: usize = 8;
const SYMLINK_TAG: u32 = 0x4C4D_5953;
const IO_REPARSE_TAG_SYMLINK: u32 = 0xA000_000C;
/// Bytes of a symbolic link error between its length field and its names.
const SYMLINK_FIXED: usize = 24;

wire_enum! {
    /// Id of an error context (\[MS-SMB2\] 2.2.2.1).
    pub struct ErrorId(u32) {
        DEFAULT = 0x0000_0000,
        SHARE_REDIRECT = 0x7264_5253,
    }
}

wire_flags! {
    /// Flags of a symbolic link error (\[MS-SMB2\] 2.2.2.2.1).
    pub struct SymlinkFlags(u32) {
        RELATIVE = 0x0000_0001,
    }
}

/// The data of STATUS_STOPPED_ON_SYMLINK (\[MS-SMB2\] 2.2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymlinkError<'a> {
    /// Bytes at the end of the path, in UTF-16, that were not looked at.
    pub unparsed_path_length: u16,
    /// Whether the target is relative.
    pub flags: SymlinkFlags,
    /// Target.
    pub substitute_name: Utf16<'a>,
    /// Target as it is shown.
    pub print_name: Utf16<'a>,
}

impl<'a> SymlinkError<'a> {
    /// Parses the data.
    pub fn parse(data: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        let len = r.len32()?;
        let mut r = Reader::new(r.take(len)?);
        if r.u32()? != SYMLINK_TAG || r.u32()? != IO_REPARSE_TAG_SYMLINK {
            return Err(Malformed::new("symbolic link error"));
        }
        r.skip(2)?;
        let unparsed_path_length = r.u16()?;
        let substitute_offset = r.len16()?;
        let substitute_len = r.len16()?;
        let print_offset = r.len16()?;
        let print_len = r.len16()?;
        let flags = SymlinkFlags(r.u32()?);
        let names = Reader::new(r.rest());
        Ok(Self {
            unparsed_path_length,
            flags,
            substitute_name: Utf16::new(names.at(substitute_offset, substitute_len)?)?,
            print_name: Utf16::new(names.at(print_offset, print_len)?)?,
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let substitute = self.substitute_name.as_bytes();
        let print = self.print_name.as_bytes();
        let names = substitute.len().checked_add(print.len()).ok_or(NoSpace)?;
        w.len32(names.checked_add(SYMLINK_FIXED).ok_or(NoSpace)?)?;
        w.u32(SYMLINK_TAG)?;
        w.u32(IO_REPARSE_TAG_SYMLINK)?;
        // Reparse data: from the offsets to the end of the names.
        w.len16(names.checked_add(12).ok_or(NoSpace)?)?;
        w.u16(self.unparsed_path_length)?;
        w.u16(0)?;
        w.len16(substitute.len())?;
        w.len16(substitute.len())?;
        w.len16(print.len())?;
        w.u32(self.flags.0)?;
        w.bytes(substitute)?;
        w.bytes(print)
    }
}

/// What an error reply carries besides the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorData<'a> {
    /// Nothing.
    None,
    /// STATUS_BUFFER_TOO_SMALL: bytes that would have been enough.
    RequiredLength(u32),
    /// STATUS_STOPPED_ON_SYMLINK.
    Symlink(SymlinkError<'a>),
    /// Data as it is.
    Raw(&'a [u8]),
}

impl ErrorData<'_> {
    fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        match self {
            Self::None => Ok(()),
            Self::RequiredLength(len) => w.u32(*len),
            Self::Symlink(symlink) => symlink.write(w),
            Self::Raw(data) => w.bytes(data),
        }
    }
}

/// ERROR response (\[MS-SMB2\] 2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorResponse<'a> {
    /// Data.
    pub data: ErrorData<'a>,
    /// Whether data goes into an error context, as dialect 3.1.1 demands.
    pub in_context: bool,
}

impl<'a> ErrorResponse<'a> {
    /// A reply that is only a status.
    pub const EMPTY: ErrorResponse<'static> = ErrorResponse {
        data: ErrorData::None,
        in_context: false,
    };

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let start = BodyStart::here(w);
        w.u16(RESPONSE_SIZE)?;
        if self.data == ErrorData::None {
            // Context count, reserved, ByteCount; then the one byte of
            // ErrorData that there must be.
            return w.zeros(7);
        }
        w.u8(u8::from(self.in_context))?;
        w.u8(0)?;
        let count_at = w.len();
        w.u32(0)?;
        let begin = w.len();
        if self.in_context {
            start.align(w, 8)?;
            let len_at = w.len();
            w.u32(0)?;
            w.u32(ErrorId::DEFAULT.0)?;
            let data_at = w.len();
            self.data.write(w)?;
            let len = w.len().checked_sub(data_at).ok_or(NoSpace)?;
            w.patch_len32(len_at, len)?;
        } else {
            self.data.write(w)?;
        }
        let count = w.len().checked_sub(begin).ok_or(NoSpace)?;
        w.patch_len32(count_at, count)
    }

    /// Parses a message: the data, out of the first error context if there
    /// are any.
    pub fn parse(msg: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        let contexts = r.u8()?;
        r.skip(1)?;
        let count = r.len32()?;
        let data = r.take(count)?;
        if contexts == 0 {
            return Ok(data);
        }
        let mut r = Reader::new(data);
        let len = r.len32()?;
        r.skip(4)?;
        r.take(len)
    }
}
