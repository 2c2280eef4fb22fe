// SPDX-License-Identifier: GPL-2.0-or-later
//! NEGOTIATE (\[MS-SMB2\] 2.2.3, 2.2.4).
//!
//! Invariants of a parsed request: at least one dialect; the contexts, present
//! only if dialect 3.1.1 is among the dialects, are walkable without error.

use super::body::{self, BodyStart};
use super::negotiate_context::{NegotiateContext, NegotiateContexts};
use super::types::{Capabilities, Dialect, SecurityMode, U16List};
use crate::codec::{Malformed, NoSpace, Writer};
use crate::dtyp::{FileTime, Guid};
use crate::limits::{MAX_DIALECTS, MAX_NEGOTIATE_CONTEXTS, SMB2_HEADER_LEN};

const REQUEST_SIZE: u16 = 36;
const REQUEST_FIXED: usize = 36;
const RESPONSE_SIZE: u16 = 65;
const RESPONSE_FIXED: usize = 64;

/// NEGOTIATE request (\[MS-SMB2\] 2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegotiateRequest<'a> {
    /// What the client demands of signing.
    pub security_mode: SecurityMode,
    /// What the client can do; only 3.x clients fill it in.
    pub capabilities: Capabilities,
    /// Identity of the client.
    pub client_guid: Guid,
    /// Dialects offered.
    pub dialects: U16List<'a>,
    /// Contexts; empty unless 3.1.1 is offered.
    pub contexts: NegotiateContexts<'a>,
}

impl<'a> NegotiateRequest<'a> {
    /// Parses a message. Errors besides the usual: no dialect
    /// (\[MS-SMB2\] 3.3.5.4).
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let dialect_count = r.len16()?;
        let security_mode = SecurityMode(r.u16()?);
        r.skip(2)?;
        let capabilities = Capabilities(r.u32()?);
        let client_guid = Guid::parse(&mut r)?;
        let context_offset = r.len32()?;
        let context_count = r.len16()?;
        r.skip(2)?;
        if dialect_count == 0 || dialect_count > MAX_DIALECTS {
            return Err(Malformed::new("DialectCount"));
        }
        let dialects = U16List::new(r.take(dialect_count.saturating_mul(2))?)?;
        // Below 3.1.1 the same eight bytes are ClientStartTime.
        let contexts = if dialects.contains(Dialect::SMB3_1_1.0) {
            if context_count > MAX_NEGOTIATE_CONTEXTS {
                return Err(Malformed::new("NegotiateContextCount"));
            }
            NegotiateContexts::parse(msg, r.position(), context_offset, context_count)?
        } else {
            NegotiateContexts::EMPTY
        };
        Ok(Self {
            security_mode,
            capabilities,
            client_guid,
            dialects,
            contexts,
        })
    }

    /// Whether the client offers `dialect`.
    #[inline]
    #[must_use]
    pub fn offers(&self, dialect: Dialect) -> bool {
        self.dialects.contains(dialect.0)
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let start = BodyStart::here(w);
        w.u16(REQUEST_SIZE)?;
        w.len16(self.dialects.len())?;
        w.u16(self.security_mode.0)?;
        w.u16(0)?;
        w.u32(self.capabilities.0)?;
        self.client_guid.write(w)?;
        let context_at = w.len();
        w.zeros(8)?;
        w.bytes(self.dialects.as_bytes())?;
        if !self.contexts.is_empty() {
            start.align(w, 8)?;
            let offset = start.offset(w)?;
            w.patch_len32(context_at, offset)?;
            w.patch_len16(context_at.saturating_add(4), self.contexts.len())?;
            self.contexts.write(w)?;
        }
        Ok(())
    }
}

/// NEGOTIATE response (\[MS-SMB2\] 2.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegotiateResponse<'a> {
    /// What the server demands of signing.
    pub security_mode: SecurityMode,
    /// Dialect chosen, or [`Dialect::SMB2_WILDCARD`].
    pub dialect: Dialect,
    /// Identity of the server.
    pub server_guid: Guid,
    /// What the connection can do.
    pub capabilities: Capabilities,
    /// Greatest buffer in bytes of query-info, set-info and the like.
    pub max_transact_size: u32,
    /// Greatest READ in bytes.
    pub max_read_size: u32,
    /// Greatest WRITE in bytes.
    pub max_write_size: u32,
    /// Time at the server.
    pub system_time: FileTime,
    /// When the server started; Windows sends 0.
    pub server_start_time: FileTime,
    /// GSS token with the mechanisms.
    pub security_buffer: &'a [u8],
    /// Contexts; written and read only with dialect 3.1.1.
    pub contexts: NegotiateContexts<'a>,
}

impl<'a> NegotiateResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        let security_mode = SecurityMode(r.u16()?);
        let dialect = Dialect(r.u16()?);
        let context_count = r.len16()?;
        let server_guid = Guid::parse(&mut r)?;
        let capabilities = Capabilities(r.u32()?);
        let max_transact_size = r.u32()?;
        let max_read_size = r.u32()?;
        let max_write_size = r.u32()?;
        let system_time = FileTime::parse(&mut r)?;
        let server_start_time = FileTime::parse(&mut r)?;
        let offset = r.len16()?;
        let len = r.len16()?;
        let context_offset = r.len32()?;
        let fixed_end = r.position();
        let security_buffer = body::buffer(msg, fixed_end, offset, len, "security buffer")?;
        let contexts = if dialect == Dialect::SMB3_1_1 {
            NegotiateContexts::parse(msg, fixed_end, context_offset, context_count)?
        } else {
            NegotiateContexts::EMPTY
        };
        Ok(Self {
            security_mode,
            dialect,
            server_guid,
            capabilities,
            max_transact_size,
            max_read_size,
            max_write_size,
            system_time,
            server_start_time,
            security_buffer,
            contexts,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let start = BodyStart::here(w);
        let contexts = if self.dialect == Dialect::SMB3_1_1 {
            self.contexts
        } else {
            NegotiateContexts::EMPTY
        };
        w.u16(RESPONSE_SIZE)?;
        w.u16(self.security_mode.0)?;
        w.u16(self.dialect.0)?;
        w.len16(contexts.len())?;
        self.server_guid.write(w)?;
        w.u32(self.capabilities.0)?;
        w.u32(self.max_transact_size)?;
        w.u32(self.max_read_size)?;
        w.u32(self.max_write_size)?;
        self.system_time.write(w)?;
        self.server_start_time.write(w)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(RESPONSE_FIXED))?;
        w.len16(self.security_buffer.len())?;
        let context_at = w.len();
        w.u32(0)?;
        w.bytes(self.security_buffer)?;
        if !contexts.is_empty() {
            start.align(w, 8)?;
            let offset = start.offset(w)?;
            w.patch_len32(context_at, offset)?;
            contexts.write(w)?;
        }
        Ok(())
    }

    /// The typed contexts; a convenience over [`NegotiateContexts::iter`].
    pub fn context_iter(&self) -> impl Iterator<Item = NegotiateContext<'a>> + 'a {
        self.contexts.iter()
    }
}
