// SPDX-License-Identifier: GPL-2.0-or-later
//! SET_INFO (\[MS-SMB2\] 2.2.39, 2.2.40). The buffers of the single classes
//! are in [`crate::fscc::set`].

use super::body;
use super::query_info::{InfoType, SecurityInformation};
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 33;
const REQUEST_FIXED: usize = 32;
const RESPONSE_SIZE: u16 = 2;

/// SET_INFO request (\[MS-SMB2\] 2.2.39).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetInfoRequest<'a> {
    /// What is set.
    pub info_type: InfoType,
    /// Information class: a [`crate::fscc::FileInfoClass`] or
    /// [`crate::fscc::FsInfoClass`], 0 for security.
    pub info_class: u8,
    /// Parts of the security descriptor.
    pub additional_information: u32,
    /// Handle.
    pub file_id: FileId,
    /// The value.
    pub buffer: &'a [u8],
}

impl<'a> SetInfoRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let info_type = InfoType(r.u8()?);
        let info_class = r.u8()?;
        let len = r.len32()?;
        let offset = r.len16()?;
        r.skip(2)?;
        let additional_information = r.u32()?;
        let file_id = FileId::parse(&mut r)?;
        Ok(Self {
            info_type,
            info_class,
            additional_information,
            file_id,
            buffer: body::buffer(msg, r.position(), offset, len, "set-info buffer")?,
        })
    }

    /// [`SetInfoRequest::additional_information`] when security is set.
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
        w.len32(self.buffer.len())?;
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.u16(0)?;
        w.u32(self.additional_information)?;
        self.file_id.write(w)?;
        w.bytes(self.buffer)
    }
}

/// SET_INFO response (\[MS-SMB2\] 2.2.40).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetInfoResponse;

impl SetInfoResponse {
    /// Checks a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        body::open(msg, RESPONSE_SIZE, 2)?;
        Ok(Self)
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)
    }
}
