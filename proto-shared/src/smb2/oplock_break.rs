// SPDX-License-Identifier: GPL-2.0-or-later
//! OPLOCK_BREAK: notifications, acknowledgments and replies of oplocks and
//! leases (\[MS-SMB2\] 2.2.23 to 2.2.25). StructureSize tells which it is.

use super::body;
use super::types::{FileId, LeaseKey, LeaseState, OplockLevel};
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::SMB2_HEADER_LEN;

const OPLOCK_SIZE: u16 = 24;
const LEASE_ACK_SIZE: u16 = 36;
const LEASE_NOTIFICATION_SIZE: u16 = 44;

/// Oplock break notification, acknowledgment and reply, which have one form
/// (\[MS-SMB2\] 2.2.23.1, 2.2.24.1, 2.2.25.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OplockBreak {
    /// Level to fall to, or fallen to.
    pub oplock_level: OplockLevel,
    /// Handle.
    pub file_id: FileId,
}

impl OplockBreak {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, OPLOCK_SIZE, usize::from(OPLOCK_SIZE))?;
        let oplock_level = OplockLevel(r.u8()?);
        r.skip(5)?;
        Ok(Self {
            oplock_level,
            file_id: FileId::parse(&mut r)?,
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(OPLOCK_SIZE)?;
        w.u8(self.oplock_level.0)?;
        w.zeros(5)?;
        self.file_id.write(w)
    }
}

wire_flags! {
    /// Flags of a lease break (\[MS-SMB2\] 2.2.23.2).
    pub struct LeaseBreakFlags(u32) {
        ACK_REQUIRED = 0x01,
    }
}

/// Lease break notification (\[MS-SMB2\] 2.2.23.2), from server to client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseBreakNotification {
    /// Epoch of a v2 lease, 0 for v1.
    pub new_epoch: u16,
    /// Whether the client must answer.
    pub flags: LeaseBreakFlags,
    /// Lease.
    pub lease_key: LeaseKey,
    /// State until now.
    pub current_state: LeaseState,
    /// State to fall to.
    pub new_state: LeaseState,
}

impl LeaseBreakNotification {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(
            msg,
            LEASE_NOTIFICATION_SIZE,
            usize::from(LEASE_NOTIFICATION_SIZE),
        )?;
        Ok(Self {
            new_epoch: r.u16()?,
            flags: LeaseBreakFlags(r.u32()?),
            lease_key: LeaseKey(r.array()?),
            current_state: LeaseState(r.u32()?),
            new_state: LeaseState(r.u32()?),
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(LEASE_NOTIFICATION_SIZE)?;
        w.u16(self.new_epoch)?;
        w.u32(self.flags.0)?;
        w.bytes(&self.lease_key.0)?;
        w.u32(self.current_state.0)?;
        w.u32(self.new_state.0)?;
        // BreakReason, AccessMaskHint, ShareMaskHint: reserved.
        w.zeros(12)
    }
}

/// Lease break acknowledgment and the reply to it, which have one form
/// (\[MS-SMB2\] 2.2.24.2, 2.2.25.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseBreakAck {
    /// Lease.
    pub lease_key: LeaseKey,
    /// State fallen to.
    pub lease_state: LeaseState,
}

impl LeaseBreakAck {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, LEASE_ACK_SIZE, usize::from(LEASE_ACK_SIZE))?;
        r.skip(6)?;
        Ok(Self {
            lease_key: LeaseKey(r.array()?),
            lease_state: LeaseState(r.u32()?),
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(LEASE_ACK_SIZE)?;
        w.zeros(6)?;
        w.bytes(&self.lease_key.0)?;
        w.u32(self.lease_state.0)?;
        w.u64(0)
    }
}

/// What a client sends with command OPLOCK_BREAK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakRequest {
    /// Acknowledges an oplock break.
    Oplock(OplockBreak),
    /// Acknowledges a lease break.
    Lease(LeaseBreakAck),
}

impl BreakRequest {
    /// Parses a message; its StructureSize tells which one it is.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        match Reader::new_at(msg, SMB2_HEADER_LEN)?.u16()? {
            LEASE_ACK_SIZE => LeaseBreakAck::parse(msg).map(Self::Lease),
            _ => OplockBreak::parse(msg).map(Self::Oplock),
        }
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        match self {
            Self::Oplock(ack) => ack.write(w),
            Self::Lease(ack) => ack.write(w),
        }
    }
}
