// SPDX-License-Identifier: GPL-2.0-or-later
//! File system information (\[MS-FSCC\] 2.5).

use super::{write_name, Fit};
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::{FileTime, Guid};

wire_flags! {
    /// What a file system can do (\[MS-FSCC\] 2.5.1).
    pub struct FsAttributes(u32) {
        CASE_SENSITIVE_SEARCH = 0x0000_0001,
        CASE_PRESERVED_NAMES = 0x0000_0002,
        UNICODE_ON_DISK = 0x0000_0004,
        PERSISTENT_ACLS = 0x0000_0008,
        FILE_COMPRESSION = 0x0000_0010,
        VOLUME_QUOTAS = 0x0000_0020,
        SUPPORTS_SPARSE_FILES = 0x0000_0040,
        SUPPORTS_REPARSE_POINTS = 0x0000_0080,
        SUPPORTS_REMOTE_STORAGE = 0x0000_0100,
        VOLUME_IS_COMPRESSED = 0x0000_8000,
        SUPPORTS_OBJECT_IDS = 0x0001_0000,
        SUPPORTS_ENCRYPTION = 0x0002_0000,
        NAMED_STREAMS = 0x0004_0000,
        READ_ONLY_VOLUME = 0x0008_0000,
        SEQUENTIAL_WRITE_ONCE = 0x0010_0000,
        SUPPORTS_TRANSACTIONS = 0x0020_0000,
        SUPPORTS_HARD_LINKS = 0x0040_0000,
        SUPPORTS_EXTENDED_ATTRIBUTES = 0x0080_0000,
        SUPPORTS_OPEN_BY_FILE_ID = 0x0100_0000,
        SUPPORTS_USN_JOURNAL = 0x0200_0000,
        SUPPORT_INTEGRITY_STREAMS = 0x0400_0000,
        SUPPORTS_BLOCK_REFCOUNTING = 0x0800_0000,
        SUPPORTS_SPARSE_VDL = 0x1000_0000,
    }
}

wire_enum! {
    /// Kind of device (\[MS-FSCC\] 2.5.10).
    pub struct DeviceType(u32) {
        CD_ROM = 0x0000_0002,
        DISK = 0x0000_0007,
        NAMED_PIPE = 0x0000_0011,
    }
}

wire_flags! {
    /// Properties of a device (\[MS-FSCC\] 2.5.10).
    pub struct DeviceCharacteristics(u32) {
        REMOVABLE_MEDIA = 0x0000_0001,
        READ_ONLY_DEVICE = 0x0000_0002,
        FLOPPY_DISKETTE = 0x0000_0004,
        WRITE_ONCE_MEDIA = 0x0000_0008,
        REMOTE_DEVICE = 0x0000_0010,
        DEVICE_IS_MOUNTED = 0x0000_0020,
        VIRTUAL_VOLUME = 0x0000_0040,
    }
}

/// FileFsVolumeInformation (\[MS-FSCC\] 2.5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeInfo<'a> {
    /// When the volume was made.
    pub creation_time: FileTime,
    /// Serial number.
    pub serial_number: u32,
    /// Whether the file system has object ids.
    pub supports_objects: bool,
    /// Label.
    pub label: &'a str,
}

impl VolumeInfo<'_> {
    /// Length in bytes without the label.
    pub const FIXED_LEN: usize = 18;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<Fit, NoSpace> {
        self.creation_time.write(w)?;
        w.u32(self.serial_number)?;
        let len_at = w.len();
        w.u32(0)?;
        w.u8(u8::from(self.supports_objects))?;
        w.u8(0)?;
        write_name(self.label, len_at, w)
    }
}

/// FileFsSizeInformation (\[MS-FSCC\] 2.5.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeInfo {
    /// Units on the volume that the user may have.
    pub total_allocation_units: u64,
    /// Of those, free.
    pub available_allocation_units: u64,
    /// Sectors in a unit.
    pub sectors_per_allocation_unit: u32,
    /// Bytes in a sector.
    pub bytes_per_sector: u32,
}

impl SizeInfo {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.total_allocation_units)?;
        w.u64(self.available_allocation_units)?;
        w.u32(self.sectors_per_allocation_unit)?;
        w.u32(self.bytes_per_sector)
    }
}

/// FileFsFullSizeInformation (\[MS-FSCC\] 2.5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FullSizeInfo {
    /// Units on the volume that the user may have.
    pub total_allocation_units: u64,
    /// Of those, free.
    pub caller_available_allocation_units: u64,
    /// Free on the volume, whoever may have them.
    pub actual_available_allocation_units: u64,
    /// Sectors in a unit.
    pub sectors_per_allocation_unit: u32,
    /// Bytes in a sector.
    pub bytes_per_sector: u32,
}

impl FullSizeInfo {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.total_allocation_units)?;
        w.u64(self.caller_available_allocation_units)?;
        w.u64(self.actual_available_allocation_units)?;
        w.u32(self.sectors_per_allocation_unit)?;
        w.u32(self.bytes_per_sector)
    }
}

/// FileFsDeviceInformation (\[MS-FSCC\] 2.5.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Kind.
    pub device_type: DeviceType,
    /// Properties.
    pub characteristics: DeviceCharacteristics,
}

impl DeviceInfo {
    /// Length in bytes.
    pub const LEN: usize = 8;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.device_type.0)?;
        w.u32(self.characteristics.0)
    }
}

/// FileFsAttributeInformation (\[MS-FSCC\] 2.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeInfo<'a> {
    /// What it can do.
    pub attributes: FsAttributes,
    /// Greatest name in UTF-16 code units.
    pub maximum_component_name_length: u32,
    /// Name of the kind of file system.
    pub name: &'a str,
}

impl AttributeInfo<'_> {
    /// Length in bytes without the name.
    pub const FIXED_LEN: usize = 12;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<Fit, NoSpace> {
        w.u32(self.attributes.0)?;
        w.u32(self.maximum_component_name_length)?;
        let len_at = w.len();
        w.u32(0)?;
        write_name(self.name, len_at, w)
    }
}

/// FileFsControlInformation (\[MS-FSCC\] 2.5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ControlInfo {
    /// Default warning level of a quota in bytes.
    pub default_quota_threshold: u64,
    /// Default quota in bytes.
    pub default_quota_limit: u64,
    /// Flags.
    pub flags: u32,
}

impl ControlInfo {
    /// Length in bytes.
    pub const LEN: usize = 48;

    /// Reads it.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.skip(24)?;
        let info = Self {
            default_quota_threshold: r.u64()?,
            default_quota_limit: r.u64()?,
            flags: r.u32()?,
        };
        r.skip(4)?;
        Ok(info)
    }

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        // Content indexing fields: must be zero.
        w.zeros(24)?;
        w.u64(self.default_quota_threshold)?;
        w.u64(self.default_quota_limit)?;
        w.u32(self.flags)?;
        w.u32(0)
    }
}

/// FileFsObjectIdInformation (\[MS-FSCC\] 2.5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectIdInfo {
    /// Identity of the volume.
    pub object_id: Guid,
    /// Anything.
    pub extended_info: [u8; 48],
}

impl ObjectIdInfo {
    /// Length in bytes.
    pub const LEN: usize = 64;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.object_id.write(w)?;
        w.bytes(&self.extended_info)
    }
}

wire_flags! {
    /// Flags of [`SectorSizeInfo`] (\[MS-FSCC\] 2.5.7).
    pub struct SectorFlags(u32) {
        ALIGNED_DEVICE = 0x0000_0001,
        PARTITION_ALIGNED_ON_DEVICE = 0x0000_0002,
        NO_SEEK_PENALTY = 0x0000_0004,
        TRIM_ENABLED = 0x0000_0008,
    }
}

/// FileFsSectorSizeInformation (\[MS-FSCC\] 2.5.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectorSizeInfo {
    /// Bytes in a logical sector.
    pub logical_bytes_per_sector: u32,
    /// Bytes that are written at once or not at all.
    pub physical_bytes_for_atomicity: u32,
    /// Bytes to write at once for speed.
    pub physical_bytes_for_performance: u32,
    /// As the file system sees atomicity.
    pub effective_physical_bytes_for_atomicity: u32,
    /// Flags.
    pub flags: SectorFlags,
    /// Bytes to the first aligned sector of the device.
    pub byte_offset_for_sector_alignment: u32,
    /// Bytes to the first aligned sector of the partition.
    pub byte_offset_for_partition_alignment: u32,
}

impl SectorSizeInfo {
    /// Length in bytes.
    pub const LEN: usize = 28;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.logical_bytes_per_sector)?;
        w.u32(self.physical_bytes_for_atomicity)?;
        w.u32(self.physical_bytes_for_performance)?;
        w.u32(self.effective_physical_bytes_for_atomicity)?;
        w.u32(self.flags.0)?;
        w.u32(self.byte_offset_for_sector_alignment)?;
        w.u32(self.byte_offset_for_partition_alignment)
    }
}

/// File system information of the SMB3 POSIX extensions (class 100).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PosixFsInfo {
    /// Bytes to transfer at once for speed.
    pub optimal_transfer_size: u32,
    /// Bytes in a block.
    pub block_size: u32,
    /// Blocks on the volume.
    pub total_blocks: u64,
    /// Free blocks.
    pub blocks_available: u64,
    /// Free blocks that the user may have.
    pub user_blocks_available: u64,
    /// Inodes.
    pub total_file_nodes: u64,
    /// Free inodes.
    pub free_file_nodes: u64,
    /// Identity of the file system.
    pub fs_identifier: u64,
}

impl PosixFsInfo {
    /// Length in bytes.
    pub const LEN: usize = 56;

    /// Appends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.optimal_transfer_size)?;
        w.u32(self.block_size)?;
        w.u64(self.total_blocks)?;
        w.u64(self.blocks_available)?;
        w.u64(self.user_blocks_available)?;
        w.u64(self.total_file_nodes)?;
        w.u64(self.free_file_nodes)?;
        w.u64(self.fs_identifier)
    }
}
