// SPDX-License-Identifier: GPL-2.0-or-later
//! Access masks (\[MS-SMB2\] 2.2.13.1, \[MS-DTYP\] 2.4.3).

wire_flags! {
    /// Rights to a file, directory or pipe. Bits below 0x10000 mean different
    /// things for files and directories; both names are given.
    pub struct AccessMask(u32) {
        READ_DATA = 0x0000_0001,
        WRITE_DATA = 0x0000_0002,
        APPEND_DATA = 0x0000_0004,
        READ_EA = 0x0000_0008,
        WRITE_EA = 0x0000_0010,
        EXECUTE = 0x0000_0020,
        DELETE_CHILD = 0x0000_0040,
        READ_ATTRIBUTES = 0x0000_0080,
        WRITE_ATTRIBUTES = 0x0000_0100,
        DELETE = 0x0001_0000,
        READ_CONTROL = 0x0002_0000,
        WRITE_DAC = 0x0004_0000,
        WRITE_OWNER = 0x0008_0000,
        SYNCHRONIZE = 0x0010_0000,
        ACCESS_SYSTEM_SECURITY = 0x0100_0000,
        MAXIMUM_ALLOWED = 0x0200_0000,
        GENERIC_ALL = 0x1000_0000,
        GENERIC_EXECUTE = 0x2000_0000,
        GENERIC_WRITE = 0x4000_0000,
        GENERIC_READ = 0x8000_0000,
    }
}

impl AccessMask {
    /// `READ_DATA` of a directory.
    pub const LIST_DIRECTORY: Self = Self::READ_DATA;
    /// `WRITE_DATA` of a directory.
    pub const ADD_FILE: Self = Self::WRITE_DATA;
    /// `APPEND_DATA` of a directory.
    pub const ADD_SUBDIRECTORY: Self = Self::APPEND_DATA;
    /// `EXECUTE` of a directory.
    pub const TRAVERSE: Self = Self::EXECUTE;
    /// All generic bits.
    pub const GENERIC: Self = Self(0xF000_0000);
    /// What `GENERIC_READ` means for files (\[MS-SMB2\] 2.2.13.1.1).
    pub const FILE_GENERIC_READ: Self = Self(0x0012_0089);
    /// What `GENERIC_WRITE` means for files.
    pub const FILE_GENERIC_WRITE: Self = Self(0x0012_0116);
    /// What `GENERIC_EXECUTE` means for files.
    pub const FILE_GENERIC_EXECUTE: Self = Self(0x0012_00A0);
    /// What `GENERIC_ALL` means for files: every right there is.
    pub const FILE_ALL_ACCESS: Self = Self(0x001F_01FF);
    /// Bits that a client may set; others make the mask invalid.
    pub const VALID: Self = Self(0xF31F_01FF);

    /// The mask with the generic bits replaced by what they mean for files.
    #[must_use]
    pub const fn expand_generic(self) -> Self {
        let mut out = self.without(Self::GENERIC);
        if self.contains(Self::GENERIC_READ) {
            out = out.union(Self::FILE_GENERIC_READ);
        }
        if self.contains(Self::GENERIC_WRITE) {
            out = out.union(Self::FILE_GENERIC_WRITE);
        }
        if self.contains(Self::GENERIC_EXECUTE) {
            out = out.union(Self::FILE_GENERIC_EXECUTE);
        }
        if self.contains(Self::GENERIC_ALL) {
            out = out.union(Self::FILE_ALL_ACCESS);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_bits_expand() {
        assert_eq!(
            (AccessMask::GENERIC_READ | AccessMask::DELETE).expand_generic(),
            AccessMask(0x0013_0089)
        );
        assert_eq!(
            AccessMask::GENERIC_ALL.expand_generic(),
            AccessMask::FILE_ALL_ACCESS
        );
    }
}
