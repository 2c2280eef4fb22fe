// SPDX-License-Identifier: GPL-2.0-or-later
//! SESSION_SETUP (\[MS-SMB2\] 2.2.5, 2.2.6).

use super::body;
use super::types::Capabilities;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 25;
const REQUEST_FIXED: usize = 24;
const RESPONSE_SIZE: u16 = 9;
const RESPONSE_FIXED: usize = 8;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.5).
    pub struct SessionSetupFlags(u8) {
        BINDING = 0x01,
    }
}

wire_flags! {
    /// Flags of the reply (\[MS-SMB2\] 2.2.6).
    pub struct SessionFlags(u16) {
        IS_GUEST = 0x0001,
        IS_NULL = 0x0002,
        ENCRYPT_DATA = 0x0004,
    }
}

wire_flags! {
    /// Signing mode in its one-byte form (\[MS-SMB2\] 2.2.5).
    pub struct SetupSecurityMode(u8) {
        SIGNING_ENABLED = 0x01,
        SIGNING_REQUIRED = 0x02,
    }
}

/// SESSION_SETUP request (\[MS-SMB2\] 2.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSetupRequest<'a> {
    /// Flags.
    pub flags: SessionSetupFlags,
    /// What the client demands of signing.
    pub security_mode: SetupSecurityMode,
    /// What the client can do; only DFS is defined here.
    pub capabilities: Capabilities,
    /// A session of the same client that this one replaces, or 0.
    pub previous_session_id: u64,
    /// GSS or NTLMSSP token.
    pub security_buffer: &'a [u8],
}

impl<'a> SessionSetupRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let flags = SessionSetupFlags(r.u8()?);
        let security_mode = SetupSecurityMode(r.u8()?);
        let capabilities = Capabilities(r.u32()?);
        r.skip(4)?;
        let offset = r.len16()?;
        let len = r.len16()?;
        let previous_session_id = r.u64()?;
        Ok(Self {
            flags,
            security_mode,
            capabilities,
            previous_session_id,
            security_buffer: body::buffer(msg, r.position(), offset, len, "security buffer")?,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u8(self.flags.0)?;
        w.u8(self.security_mode.0)?;
        w.u32(self.capabilities.0)?;
        w.u32(0)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.len16(self.security_buffer.len())?;
        w.u64(self.previous_session_id)?;
        w.bytes(self.security_buffer)
    }
}

/// SESSION_SETUP response (\[MS-SMB2\] 2.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSetupResponse<'a> {
    /// What kind of session it is.
    pub session_flags: SessionFlags,
    /// GSS or NTLMSSP token.
    pub security_buffer: &'a [u8],
}

impl<'a> SessionSetupResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        let session_flags = SessionFlags(r.u16()?);
        let offset = r.len16()?;
        let len = r.len16()?;
        Ok(Self {
            session_flags,
            security_buffer: body::buffer(msg, r.position(), offset, len, "security buffer")?,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u16(self.session_flags.0)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(RESPONSE_FIXED))?;
        w.len16(self.security_buffer.len())?;
        w.bytes(self.security_buffer)
    }
}
