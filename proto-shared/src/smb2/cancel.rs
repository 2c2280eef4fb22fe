// SPDX-License-Identifier: GPL-2.0-or-later
//! CANCEL (\[MS-SMB2\] 2.2.30): a body without content.

use super::body;
use crate::codec::{Malformed, NoSpace, Writer};

const STRUCTURE_SIZE: u16 = 4;

/// CANCEL request (\[MS-SMB2\] 2.2.30).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancelRequest;

impl CancelRequest {
    /// Checks a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        body::open(msg, STRUCTURE_SIZE, 4)?;
        Ok(Self)
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(STRUCTURE_SIZE)?;
        w.u16(0)
    }
}
