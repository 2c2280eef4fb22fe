// SPDX-License-Identifier: GPL-2.0-or-later
//! The header of an SMB1 message (\[MS-CIFS\] 2.2.3.1).

use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// First four bytes of an SMB1 message.
pub const PROTOCOL_ID: [u8; 4] = [0xFF, b'S', b'M', b'B'];

/// Length of the header in bytes.
pub const SMB1_HEADER_LEN: usize = 32;

/// SMB_COM_NEGOTIATE.
pub const COMMAND_NEGOTIATE: u8 = 0x72;

/// Header of an SMB1 message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Smb1Header {
    /// Command.
    pub command: u8,
    /// NTSTATUS or DOS error, as the flags tell.
    pub status: u32,
    /// Flags.
    pub flags: u8,
    /// More flags.
    pub flags2: u16,
    /// Process, upper half.
    pub pid_high: u16,
    /// Signature.
    pub security_features: [u8; 8],
    /// Tree connect.
    pub tid: u16,
    /// Process, lower half.
    pub pid_low: u16,
    /// Session.
    pub uid: u16,
    /// Number of the message within the process.
    pub mid: u16,
}

impl Smb1Header {
    /// Reads the header at the start of `r`.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        if r.array()? != PROTOCOL_ID {
            return Err(Malformed::new("ProtocolId of SMB1 header"));
        }
        let command = r.u8()?;
        let status = r.u32()?;
        let flags = r.u8()?;
        let flags2 = r.u16()?;
        let pid_high = r.u16()?;
        let security_features = r.array()?;
        r.skip(2)?;
        Ok(Self {
            command,
            status,
            flags,
            flags2,
            pid_high,
            security_features,
            tid: r.u16()?,
            pid_low: r.u16()?,
            uid: r.u16()?,
            mid: r.u16()?,
        })
    }

    /// Appends the 32 bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&PROTOCOL_ID)?;
        w.u8(self.command)?;
        w.u32(self.status)?;
        w.u8(self.flags)?;
        w.u16(self.flags2)?;
        w.u16(self.pid_high)?;
        w.bytes(&self.security_features)?;
        w.u16(0)?;
        w.u16(self.tid)?;
        w.u16(self.pid_low)?;
        w.u16(self.uid)?;
        w.u16(self.mid)
    }
}
