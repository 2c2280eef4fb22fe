// SPDX-License-Identifier: GPL-2.0-or-later
//! Values that several commands carry.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use core::fmt;

wire_enum! {
    /// Dialect revision (\[MS-SMB2\] 2.2.3).
    pub struct Dialect(u16) {
        SMB2_0_2 = 0x0202,
        SMB2_1 = 0x0210,
        SMB3_0 = 0x0300,
        SMB3_0_2 = 0x0302,
        SMB3_1_1 = 0x0311,
        /// Only in the answer to an SMB1 negotiate: choose again.
        SMB2_WILDCARD = 0x02FF,
    }
}

wire_flags! {
    /// Signing mode (\[MS-SMB2\] 2.2.3, SecurityMode).
    pub struct SecurityMode(u16) {
        SIGNING_ENABLED = 0x0001,
        SIGNING_REQUIRED = 0x0002,
    }
}

wire_flags! {
    /// Capabilities of a peer (\[MS-SMB2\] 2.2.3, 2.2.4).
    pub struct Capabilities(u32) {
        DFS = 0x0000_0001,
        LEASING = 0x0000_0002,
        LARGE_MTU = 0x0000_0004,
        MULTI_CHANNEL = 0x0000_0008,
        PERSISTENT_HANDLES = 0x0000_0010,
        DIRECTORY_LEASING = 0x0000_0020,
        ENCRYPTION = 0x0000_0040,
        NOTIFICATIONS = 0x0000_0080,
    }
}

wire_enum! {
    /// Oplock level (\[MS-SMB2\] 2.2.13).
    pub struct OplockLevel(u8) {
        NONE = 0x00,
        II = 0x01,
        EXCLUSIVE = 0x08,
        BATCH = 0x09,
        LEASE = 0xFF,
    }
}

wire_flags! {
    /// State of a lease (\[MS-SMB2\] 2.2.13.2.8).
    pub struct LeaseState(u32) {
        READ_CACHING = 0x01,
        HANDLE_CACHING = 0x02,
        WRITE_CACHING = 0x04,
    }
}

wire_enum! {
    /// How READ and WRITE move data (\[MS-SMB2\] 2.2.19, Channel).
    pub struct Channel(u32) {
        NONE = 0x0000_0000,
        RDMA_V1 = 0x0000_0001,
        RDMA_V1_INVALIDATE = 0x0000_0002,
        RDMA_TRANSFORM = 0x0000_0003,
    }
}

/// Key of a lease, chosen by the client.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseKey(pub [u8; 16]);

impl fmt::Debug for LeaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Handle of an open (\[MS-SMB2\] 2.2.14.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    /// Part that survives a reconnect.
    pub persistent: u64,
    /// Part that belongs to the session.
    pub volatile: u64,
}

impl FileId {
    /// "The handle of the request before this one in the compound"
    /// (\[MS-SMB2\] 3.3.5.2.7.2); in error replies "none".
    pub const ALL_ONES: Self = Self {
        persistent: u64::MAX,
        volatile: u64::MAX,
    };

    /// Whether this is [`FileId::ALL_ONES`].
    #[inline]
    #[must_use]
    pub const fn is_all_ones(self) -> bool {
        self.persistent == u64::MAX && self.volatile == u64::MAX
    }

    /// Reads sixteen bytes.
    #[inline]
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            persistent: r.u64()?,
            volatile: r.u64()?,
        })
    }

    /// Appends sixteen bytes.
    #[inline]
    pub fn write(self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.persistent)?;
        w.u64(self.volatile)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{:x}", self.persistent, self.volatile)
    }
}

/// A list of 16-bit numbers in wire order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct U16List<'a>(&'a [u8]);

impl<'a> U16List<'a> {
    /// A view of `bytes`. Errors: an odd number of bytes.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() % 2 != 0 {
            return Err(Malformed::new("odd length of a list of u16"));
        }
        Ok(Self(bytes))
    }

    /// A list of one number, given as its two bytes.
    #[inline]
    #[must_use]
    pub const fn one(bytes: &'a [u8; 2]) -> Self {
        Self(bytes)
    }

    /// Number of elements.
    #[inline]
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.len() / 2
    }

    /// Whether there is no element.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The elements.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = u16> + Clone + 'a {
        self.0.chunks_exact(2).map(|pair| match pair {
            [a, b] => u16::from_le_bytes([*a, *b]),
            // chunks_exact(2) yields pairs only.
            _ => 0,
        })
    }

    /// Whether `value` is in the list.
    #[inline]
    #[must_use]
    pub fn contains(self, value: u16) -> bool {
        self.iter().any(|v| v == value)
    }
}

impl fmt::Debug for U16List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for value in self.iter() {
            list.entry(&format_args!("{value:#06x}"));
        }
        list.finish()
    }
}
