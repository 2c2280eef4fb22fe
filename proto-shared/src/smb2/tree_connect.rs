// SPDX-License-Identifier: GPL-2.0-or-later
//! TREE_CONNECT (\[MS-SMB2\] 2.2.9, 2.2.10).

use super::body;
use crate::codec::{Malformed, NoSpace, Writer};
use crate::dtyp::access::AccessMask;
use crate::dtyp::Utf16;
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 9;
const REQUEST_FIXED: usize = 8;
/// Offset, count and reserved bytes of the extension (2.2.9.1).
const EXTENSION_FIXED: usize = 16;
const RESPONSE_SIZE: u16 = 16;

wire_flags! {
    /// Flags of the request; reserved below dialect 3.1.1 (\[MS-SMB2\] 2.2.9).
    pub struct TreeConnectFlags(u16) {
        CLUSTER_RECONNECT = 0x0001,
        REDIRECT_TO_OWNER = 0x0002,
        EXTENSION_PRESENT = 0x0004,
    }
}

wire_enum! {
    /// What a share is (\[MS-SMB2\] 2.2.10).
    pub struct ShareType(u8) {
        DISK = 0x01,
        PIPE = 0x02,
        PRINT = 0x03,
    }
}

wire_flags! {
    /// Properties of a share (\[MS-SMB2\] 2.2.10). The caching mode is a
    /// number in bits 4 and 5, not a set of flags.
    pub struct ShareFlags(u32) {
        DFS = 0x0000_0001,
        DFS_ROOT = 0x0000_0002,
        AUTO_CACHING = 0x0000_0010,
        VDO_CACHING = 0x0000_0020,
        RESTRICT_EXCLUSIVE_OPENS = 0x0000_0100,
        FORCE_SHARED_DELETE = 0x0000_0200,
        ALLOW_NAMESPACE_CACHING = 0x0000_0400,
        ACCESS_BASED_DIRECTORY_ENUM = 0x0000_0800,
        FORCE_LEVELII_OPLOCK = 0x0000_1000,
        ENABLE_HASH_V1 = 0x0000_2000,
        ENABLE_HASH_V2 = 0x0000_4000,
        ENCRYPT_DATA = 0x0000_8000,
        IDENTITY_REMOTING = 0x0004_0000,
        COMPRESS_DATA = 0x0010_0000,
        ISOLATED_TRANSPORT = 0x0020_0000,
    }
}

impl ShareFlags {
    /// Caching mode "none": both bits.
    pub const NO_CACHING: Self = Self(0x30);
}

wire_flags! {
    /// What a share can do (\[MS-SMB2\] 2.2.10).
    pub struct ShareCapabilities(u32) {
        DFS = 0x0000_0008,
        CONTINUOUS_AVAILABILITY = 0x0000_0010,
        SCALEOUT = 0x0000_0020,
        CLUSTER = 0x0000_0040,
        ASYMMETRIC = 0x0000_0080,
        REDIRECT_TO_OWNER = 0x0000_0100,
    }
}

/// TREE_CONNECT request (\[MS-SMB2\] 2.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeConnectRequest<'a> {
    /// Flags; to be ignored below dialect 3.1.1.
    pub flags: TreeConnectFlags,
    /// `\\server\share`.
    pub path: Utf16<'a>,
    /// Number of contexts that the extension announces (0 without one). They
    /// carry remoted identities, which only a server with that capability
    /// looks at; the specification leaves open what their offset counts from,
    /// so they are not walked here.
    pub context_count: u16,
}

impl<'a> TreeConnectRequest<'a> {
    /// Parses a message. `dialect_has_flags` says that the connection speaks
    /// 3.1.1; below it the flags are reserved and there is no extension.
    pub fn parse_for(msg: &'a [u8], dialect_has_flags: bool) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        let flags = match r.u16()? {
            flags if dialect_has_flags => TreeConnectFlags(flags),
            _ => TreeConnectFlags::NONE,
        };
        let path_offset = r.len16()?;
        let path_len = r.len16()?;
        let mut context_count = 0;
        if flags.contains(TreeConnectFlags::EXTENSION_PRESENT) {
            r.skip(4)?;
            context_count = r.u16()?;
            r.skip(10)?;
        }
        let path = body::buffer(msg, r.position(), path_offset, path_len, "tree path")?;
        Ok(Self {
            flags,
            path: Utf16::new(path)?,
            context_count,
        })
    }

    /// Parses a message of a 3.1.1 connection; see
    /// [`TreeConnectRequest::parse_for`].
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        Self::parse_for(msg, true)
    }

    /// Appends the body; an extension is written without contexts.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u16(self.flags.0)?;
        let mut offset = SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED);
        let extended = self.flags.contains(TreeConnectFlags::EXTENSION_PRESENT);
        if extended {
            offset = offset.saturating_add(EXTENSION_FIXED);
        }
        w.len16(offset)?;
        w.len16(self.path.as_bytes().len())?;
        if extended {
            w.zeros(EXTENSION_FIXED)?;
        }
        w.bytes(self.path.as_bytes())
    }
}

/// TREE_CONNECT response (\[MS-SMB2\] 2.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeConnectResponse {
    /// What the share is.
    pub share_type: ShareType,
    /// Its properties.
    pub share_flags: ShareFlags,
    /// What it can do.
    pub capabilities: ShareCapabilities,
    /// The most that this user may be granted on it.
    pub maximal_access: AccessMask,
}

impl TreeConnectResponse {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, usize::from(RESPONSE_SIZE))?;
        let share_type = ShareType(r.u8()?);
        r.skip(1)?;
        Ok(Self {
            share_type,
            share_flags: ShareFlags(r.u32()?),
            capabilities: ShareCapabilities(r.u32()?),
            maximal_access: AccessMask(r.u32()?),
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(RESPONSE_SIZE)?;
        w.u8(self.share_type.0)?;
        w.u8(0)?;
        w.u32(self.share_flags.0)?;
        w.u32(self.capabilities.0)?;
        w.u32(self.maximal_access.0)
    }
}
