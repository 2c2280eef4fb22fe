// SPDX-License-Identifier: GPL-2.0-or-later
//! File information as it is queried (\[MS-FSCC\] 2.4). Structures of fixed
//! length have `LEN`; a buffer shorter than that is answered with
//! `STATUS_INFO_LENGTH_MISMATCH`.

use super::flags::FileAttributes;
use super::{write_name, Fit};
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::access::AccessMask;
use crate::dtyp::{FileTime, Sid, Utf16};

/// The four times of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Creation.
    pub creation: FileTime,
    /// Last access.
    pub last_access: FileTime,
    /// Last write.
    pub last_write: FileTime,
    /// Last change of data or metadata.
    pub change: FileTime,
}

impl Times {
    /// Reads 32 bytes.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            creation: FileTime::parse(r)?,
            last_access: FileTime::parse(r)?,
            last_write: FileTime::parse(r)?,
            change: FileTime::parse(r)?,
        })
    }

    /// Appends 32 bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.creation.write(w)?;
        self.last_access.write(w)?;
        self.last_write.write(w)?;
        self.change.write(w)
    }
}

/// FileBasicInformation (\[MS-FSCC\] 2.4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BasicInfo {
    /// Times.
    pub times: Times,
    /// Attributes.
    pub attributes: FileAttributes,
}

impl BasicInfo {
    /// Length in bytes.
    pub const LEN: usize = 40;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let info = Self {
            times: Times::parse(r)?,
            attributes: FileAttributes(r.u32()?),
        };
        r.skip(4)?;
        Ok(info)
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.times.write(w)?;
        w.u32(self.attributes.0)?;
        w.u32(0)
    }
}

/// FileStandardInformation (\[MS-FSCC\] 2.4.41).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandardInfo {
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Number of hard links.
    pub number_of_links: u32,
    /// Whether the file goes when it is closed.
    pub delete_pending: bool,
    /// Whether it is a directory.
    pub directory: bool,
}

impl StandardInfo {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let info = Self {
            allocation_size: r.u64()?,
            end_of_file: r.u64()?,
            number_of_links: r.u32()?,
            delete_pending: r.u8()? != 0,
            directory: r.u8()? != 0,
        };
        r.skip(2)?;
        Ok(info)
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.allocation_size)?;
        w.u64(self.end_of_file)?;
        w.u32(self.number_of_links)?;
        w.u8(u8::from(self.delete_pending))?;
        w.u8(u8::from(self.directory))?;
        w.u16(0)
    }
}

macro_rules! single {
    ($($(#[$meta:meta])* $name:ident($int:ident) $field:ident, $len:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            /// The value.
            pub $field: $int,
        }

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Reads it.
            pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self { $field: r.$int()? })
            }

            /// Appends it.
            pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
                w.$int(self.$field)
            }
        }
    )*};
}

single! {
    /// FileInternalInformation (\[MS-FSCC\] 2.4.22): number of the file within
    /// its volume.
    InternalInfo(u64) index_number, 8;
    /// FileEaInformation (\[MS-FSCC\] 2.4.12): bytes of the extended
    /// attributes as FileFullEaInformation.
    EaInfo(u32) ea_size, 4;
    /// FilePositionInformation (\[MS-FSCC\] 2.4.35): position in bytes.
    PositionInfo(u64) current_byte_offset, 8;
    /// FileModeInformation (\[MS-FSCC\] 2.4.26): create options in force.
    ModeInfo(u32) mode, 4;
    /// FileAlignmentInformation (\[MS-FSCC\] 2.4.3): alignment of buffers in
    /// bytes, less one.
    AlignmentInfo(u32) alignment_requirement, 4;
}

/// FileAccessInformation (\[MS-FSCC\] 2.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessInfo {
    /// Rights of the handle.
    pub access: AccessMask,
}

impl AccessInfo {
    /// Length in bytes.
    pub const LEN: usize = 4;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            access: AccessMask(r.u32()?),
        })
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.access.0)
    }
}

/// FileNameInformation, FileNormalizedNameInformation and
/// FileAlternateNameInformation, which have one form (\[MS-FSCC\] 2.1.7,
/// 2.4.30, 2.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameInfo<'a> {
    /// Name.
    pub name: &'a str,
}

impl NameInfo<'_> {
    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<Fit, NoSpace> {
        let len_at = w.len();
        w.u32(0)?;
        write_name(self.name, len_at, w)
    }

    /// Reads the wire form.
    pub fn parse<'a>(r: &mut Reader<'a>) -> Result<Utf16<'a>, Malformed> {
        let len = r.len32()?;
        Utf16::new(r.take(len)?)
    }
}

/// FileAllInformation (\[MS-FSCC\] 2.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllInfo<'a> {
    /// Basic.
    pub basic: BasicInfo,
    /// Standard.
    pub standard: StandardInfo,
    /// Internal.
    pub internal: InternalInfo,
    /// Extended attributes.
    pub ea: EaInfo,
    /// Access.
    pub access: AccessInfo,
    /// Position.
    pub position: PositionInfo,
    /// Mode.
    pub mode: ModeInfo,
    /// Alignment.
    pub alignment: AlignmentInfo,
    /// Name with its path from the share's root, which starts with `\`.
    pub name: &'a str,
}

impl AllInfo<'_> {
    /// Length in bytes without the name.
    pub const FIXED_LEN: usize = 100;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<Fit, NoSpace> {
        self.basic.write(w)?;
        self.standard.write(w)?;
        self.internal.write(w)?;
        self.ea.write(w)?;
        self.access.write(w)?;
        self.position.write(w)?;
        self.mode.write(w)?;
        self.alignment.write(w)?;
        NameInfo { name: self.name }.write(w)
    }
}

/// FileCompressionInformation (\[MS-FSCC\] 2.4.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompressionInfo {
    /// Bytes that the file takes.
    pub compressed_file_size: u64,
    /// 0 none, 2 LZNT1.
    pub compression_format: u16,
    /// Logarithm of the unit's length in bytes.
    pub compression_unit_shift: u8,
    /// Logarithm of the chunk's length in bytes.
    pub chunk_shift: u8,
    /// Logarithm of the cluster's length in bytes.
    pub cluster_shift: u8,
}

impl CompressionInfo {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.compressed_file_size)?;
        w.u16(self.compression_format)?;
        w.u8(self.compression_unit_shift)?;
        w.u8(self.chunk_shift)?;
        w.u8(self.cluster_shift)?;
        w.zeros(3)
    }
}

/// FileNetworkOpenInformation (\[MS-FSCC\] 2.4.29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkOpenInfo {
    /// Times.
    pub times: Times,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Attributes.
    pub attributes: FileAttributes,
}

impl NetworkOpenInfo {
    /// Length in bytes.
    pub const LEN: usize = 56;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let info = Self {
            times: Times::parse(r)?,
            allocation_size: r.u64()?,
            end_of_file: r.u64()?,
            attributes: FileAttributes(r.u32()?),
        };
        r.skip(4)?;
        Ok(info)
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.times.write(w)?;
        w.u64(self.allocation_size)?;
        w.u64(self.end_of_file)?;
        w.u32(self.attributes.0)?;
        w.u32(0)
    }
}

/// FileAttributeTagInformation (\[MS-FSCC\] 2.4.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttributeTagInfo {
    /// Attributes.
    pub attributes: FileAttributes,
    /// Reparse tag, 0 if none.
    pub reparse_tag: u32,
}

impl AttributeTagInfo {
    /// Length in bytes.
    pub const LEN: usize = 8;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.attributes.0)?;
        w.u32(self.reparse_tag)
    }
}

/// FileIdInformation (\[MS-FSCC\] 2.4.46).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdInfo {
    /// Number of the volume.
    pub volume_serial_number: u64,
    /// Number of the file within it.
    pub file_id: u128,
}

impl IdInfo {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.volume_serial_number)?;
        w.bytes(&self.file_id.to_le_bytes())
    }
}

/// FileStatInformation (class 68), which Windows asks for on open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatInfo {
    /// Number of the file within its volume.
    pub file_id: u64,
    /// Times.
    pub times: Times,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Attributes.
    pub attributes: FileAttributes,
    /// Reparse tag, 0 if none.
    pub reparse_tag: u32,
    /// Number of hard links.
    pub number_of_links: u32,
    /// Rights that the user has.
    pub effective_access: AccessMask,
}

impl StatInfo {
    /// Length in bytes.
    pub const LEN: usize = 72;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.file_id)?;
        self.times.write(w)?;
        w.u64(self.allocation_size)?;
        w.u64(self.end_of_file)?;
        w.u32(self.attributes.0)?;
        w.u32(self.reparse_tag)?;
        w.u32(self.number_of_links)?;
        w.u32(self.effective_access.0)
    }
}

/// Appends FileStreamInformation entries (\[MS-FSCC\] 2.4.43).
#[derive(Debug)]
pub struct StreamWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    base: usize,
    last: Option<usize>,
}

impl<'w, 'a> StreamWriter<'w, 'a> {
    /// Entries that begin where `w` stands.
    #[must_use]
    pub fn new(w: &'w mut Writer<'a>) -> Self {
        let base = w.len();
        Self {
            w,
            base,
            last: None,
        }
    }

    /// Appends one stream; when it does not fit, what was there stays as it
    /// is. `name` is in the form `:name:$DATA`; sizes are in bytes.
    pub fn push(&mut self, name: &str, size: u64, allocation_size: u64) -> Result<(), NoSpace> {
        let before = self.w.len();
        let result = self.try_push(name, size, allocation_size);
        if result.is_err() {
            self.w.truncate(before);
        }
        result
    }

    fn try_push(&mut self, name: &str, size: u64, allocation: u64) -> Result<(), NoSpace> {
        self.w.align_from(self.base, 8)?;
        let at = self.w.len();
        self.w.u32(0)?;
        self.w.u32(0)?;
        self.w.u64(size)?;
        self.w.u64(allocation)?;
        let len = self.w.utf16(name)?;
        self.w.patch_len32(at.saturating_add(4), len)?;
        if let Some(last) = self.last {
            self.w
                .patch_len32(last, at.checked_sub(last).ok_or(NoSpace)?)?;
        }
        self.last = Some(at);
        Ok(())
    }
}

/// FilePipeInformation (\[MS-FSCC\] 2.4.37).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PipeInfo {
    /// 0 bytes, 1 messages.
    pub read_mode: u32,
    /// 0 waits, 1 does not.
    pub completion_mode: u32,
}

impl PipeInfo {
    /// Length in bytes.
    pub const LEN: usize = 8;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            read_mode: r.u32()?,
            completion_mode: r.u32()?,
        })
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.read_mode)?;
        w.u32(self.completion_mode)
    }
}

/// What the POSIX extensions tell of a file, in queries and in directories
/// (\[SMB3 POSIX\] 2.2.14.2.16 and information class 100).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PosixInfo {
    /// Times.
    pub times: Times,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Attributes.
    pub attributes: FileAttributes,
    /// Inode number.
    pub inode: u64,
    /// Device number.
    pub device_id: u32,
    /// Number of hard links.
    pub hard_links: u32,
    /// Reparse tag, 0 if none.
    pub reparse_tag: u32,
    /// Type and permission bits.
    pub mode: u32,
    /// Owner.
    pub owner: Sid,
    /// Group.
    pub group: Sid,
}

impl PosixInfo {
    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let times = Times::parse(r)?;
        let end_of_file = r.u64()?;
        let allocation_size = r.u64()?;
        let attributes = FileAttributes(r.u32()?);
        let inode = r.u64()?;
        let device_id = r.u32()?;
        r.skip(4)?;
        Ok(Self {
            times,
            end_of_file,
            allocation_size,
            attributes,
            inode,
            device_id,
            hard_links: r.u32()?,
            reparse_tag: r.u32()?,
            mode: r.u32()?,
            owner: Sid::parse(r)?,
            group: Sid::parse(r)?,
        })
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.times.write(w)?;
        w.u64(self.end_of_file)?;
        w.u64(self.allocation_size)?;
        w.u32(self.attributes.0)?;
        w.u64(self.inode)?;
        w.u32(self.device_id)?;
        w.u32(0)?;
        w.u32(self.hard_links)?;
        w.u32(self.reparse_tag)?;
        w.u32(self.mode)?;
        self.owner.write(w)?;
        self.group.write(w)
    }
}
