// SPDX-License-Identifier: GPL-2.0-or-later
//! FLUSH (\[MS-SMB2\] 2.2.17, 2.2.18).

use super::body;
use super::types::FileId;
use crate::codec::{Malformed, NoSpace, Writer};

const REQUEST_SIZE: u16 = 24;
const RESPONSE_SIZE: u16 = 4;

/// FLUSH request (\[MS-SMB2\] 2.2.17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlushRequest {
    /// Handle.
    pub file_id: FileId,
}

impl FlushRequest {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, usize::from(REQUEST_SIZE))?;
        r.skip(6)?;
        Ok(Self {
            file_id: FileId::parse(&mut r)?,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.zeros(6)?;
        self.file_id.write(w)
    }
}

/// FLUSH response (\[MS-SMB2\] 2.2.18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlushResponse;

impl FlushResponse {
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
