// SPDX-License-Identifier: GPL-2.0-or-later
//! TREE_DISCONNECT (\[MS-SMB2\] 2.2.11, 2.2.12): a body without content.

use super::body;
use crate::codec::{Malformed, NoSpace, Writer};

const STRUCTURE_SIZE: u16 = 4;

/// TREE_DISCONNECT request (\[MS-SMB2\] 2.2.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeDisconnectRequest;

impl TreeDisconnectRequest {
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

/// TREE_DISCONNECT response (\[MS-SMB2\] 2.2.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeDisconnectResponse;

impl TreeDisconnectResponse {
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
