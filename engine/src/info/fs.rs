// SPDX-License-Identifier: GPL-2.0-or-later
//! File system information classes ([MS-SMB2] 3.3.5.20.2, [MS-FSCC] 2.5). None needs a right.

use kernel::prelude::*;

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::Guid;
use proto_shared::fscc::fs::{
    AttributeInfo, ControlInfo, DeviceCharacteristics, DeviceInfo, DeviceType, FsAttributes,
    FullSizeInfo, ObjectIdInfo, PosixFsInfo, SectorFlags, SectorSizeInfo, SizeInfo, VolumeInfo,
};
use proto_shared::fscc::{Fit, FsInfoClass};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::QueryInfoRequest;
use proto_shared::status::NtStatus;

use super::{posix, Answer};
use crate::apple::time_machine;
use crate::error::SmbResult;
use crate::host::{Fs, FsStat, Host};
use crate::open::attributes::Meta;
use crate::open::Open;
use crate::tree::Tree;
use crate::work::{Reply, Work};

/// Bytes of a sector, where the file system has no smaller blocks.
const SECTOR: u64 = 512;
/// What clients take for a file system that has all they need.
const FS_NAME: &str = "NTFS";
/// File systems whose files can share blocks: btrfs, XFS (unless made without), bcachefs.
const SHARES_BLOCKS: [u64; 3] = [0x9123_683E, 0x5846_5342, 0xCA45_1A4E];
/// Longest label in UTF-16 ([MS-FSCC] 2.5.9 has 32 characters), with what comes before it.
const LABEL_ROOM: usize = 128;
/// Lengths of structures that end in a name without it, padded.
const VOLUME_FIXED: usize = 24;
const ATTRIBUTE_FIXED: usize = 16;

/// Answers a query of InfoType FILESYSTEM.
///
/// # Errors
/// `INFO_LENGTH_MISMATCH`, `NOT_SUPPORTED`, `INVALID_INFO_CLASS`, `INVALID_DEVICE_REQUEST` for pipes, and the
/// host's.
pub(crate) fn query<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &QueryInfoRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let fs = w.fs();
    let (tree, disk, share) = (open.tree(), open.disk()?, open.tree().disk()?);
    let limit = req.output_buffer_length as usize;
    let stat = || fs.stat_fs(disk.node());
    let size = || time_machine::limit(fs, tree, stat()?);
    match FsInfoClass(req.info_class) {
        FsInfoClass::VOLUME => {
            let root = fs.root_node(&share.root)?;
            let info = VolumeInfo {
                creation_time: Meta::of(fs, tree, &root, b"")?.created,
                serial_number: share.volume_serial,
                supports_objects: false,
                label: core::str::from_utf8(&share.volume_label).unwrap_or(""),
            };
            Answer {
                limit,
                fixed: VOLUME_FIXED,
                room: LABEL_ROOM,
            }
            .write(out, |b| info.write(b))
        }
        FsInfoClass::SIZE => {
            let stat = size()?;
            let (sectors_per_allocation_unit, bytes_per_sector) = sectors(&stat);
            let info = SizeInfo {
                total_allocation_units: stat.blocks,
                available_allocation_units: stat.blocks_available,
                sectors_per_allocation_unit,
                bytes_per_sector,
            };
            fixed(limit, SizeInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::FULL_SIZE => {
            let stat = size()?;
            let (sectors_per_allocation_unit, bytes_per_sector) = sectors(&stat);
            let info = FullSizeInfo {
                total_allocation_units: stat.blocks,
                caller_available_allocation_units: stat.blocks_available,
                actual_available_allocation_units: stat.blocks_free,
                sectors_per_allocation_unit,
                bytes_per_sector,
            };
            fixed(limit, FullSizeInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::DEVICE => {
            let mut characteristics = DeviceCharacteristics::DEVICE_IS_MOUNTED;
            if !tree.has(TreeFlags::WRITABLE) {
                characteristics |= DeviceCharacteristics::READ_ONLY_DEVICE;
            }
            let info = DeviceInfo {
                device_type: DeviceType::DISK,
                characteristics,
            };
            fixed(limit, DeviceInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::ATTRIBUTE => {
            let stat = stat()?;
            let mut attributes = attributes(tree);
            if SHARES_BLOCKS.contains(&stat.magic) {
                attributes |= FsAttributes::SUPPORTS_BLOCK_REFCOUNTING;
            }
            let info = AttributeInfo {
                attributes,
                maximum_component_name_length: stat.name_max,
                name: FS_NAME,
            };
            Answer {
                limit,
                fixed: ATTRIBUTE_FIXED,
                room: LABEL_ROOM,
            }
            .write(out, |b| info.write(b))
        }
        FsInfoClass::CONTROL => {
            // Quotas are neither counted nor enforced: no default is in force, and no limit.
            let info = ControlInfo {
                default_quota_threshold: u64::MAX,
                default_quota_limit: u64::MAX,
                flags: 0,
            };
            fixed(limit, ControlInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::OBJECT_ID => {
            let info = ObjectIdInfo {
                object_id: volume_id(stat()?.fsid, share.volume_serial),
                extended_info: [0; 48],
            };
            fixed(limit, ObjectIdInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::SECTOR_SIZE => {
            let info = sector_size(&stat()?);
            fixed(limit, SectorSizeInfo::LEN, out, |b| info.write(b))
        }
        FsInfoClass::POSIX if w.negotiated()?.posix => {
            let info = posix::fs_info(&stat()?);
            fixed(limit, PosixFsInfo::LEN, out, |b| info.write(b))
        }
        // Where the POSIX extensions are not negotiated their class does not exist.
        FsInfoClass::POSIX => Err(NtStatus::INVALID_INFO_CLASS.into()),
        known if known.name().is_some() => Err(NtStatus::NOT_SUPPORTED.into()),
        _ => Err(NtStatus::INVALID_INFO_CLASS.into()),
    }
}

fn fixed<H: Host>(
    limit: usize,
    len: usize,
    out: &mut Reply<H>,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
) -> SmbResult {
    Answer {
        limit,
        fixed: len,
        room: len,
    }
    .write(out, |b| fill(b).map(|()| Fit::Whole))
}

/// What the share can do, as far as clients must know to use it.
fn attributes<H: Host>(tree: &Tree<H>) -> FsAttributes {
    // Case-sensitive search is what the file systems below can do, and what Windows and Samba say of shares on which
    // it is not how names are looked up.
    let mut can = FsAttributes::CASE_SENSITIVE_SEARCH
        | FsAttributes::CASE_PRESERVED_NAMES
        | FsAttributes::UNICODE_ON_DISK
        | FsAttributes::SUPPORTS_SPARSE_FILES
        | FsAttributes::SUPPORTS_REPARSE_POINTS
        | FsAttributes::SUPPORTS_HARD_LINKS
        | FsAttributes::SUPPORTS_EXTENDED_ATTRIBUTES;
    if tree.has(TreeFlags::STREAMS) {
        can |= FsAttributes::NAMED_STREAMS;
    }
    if !tree.has(TreeFlags::WRITABLE) {
        can |= FsAttributes::READ_ONLY_VOLUME;
    }
    can
}

/// The unit of the counts as sectors per unit and bytes per sector.
fn sectors(stat: &FsStat) -> (u32, u32) {
    let block = stat.block_size.max(1);
    let sector = if block % SECTOR == 0 { SECTOR } else { block };
    let per_unit = block.checked_div(sector).unwrap_or(1);
    (
        u32::try_from(per_unit).unwrap_or(u32::MAX),
        u32::try_from(sector).unwrap_or(u32::MAX),
    )
}

/// Sectors as a disk with the file system's blocks would have them ([MS-FSCC] 2.5.7).
fn sector_size(stat: &FsStat) -> SectorSizeInfo {
    let (_, logical) = sectors(stat);
    let physical = u32::try_from(stat.block_size)
        .unwrap_or(logical)
        .clamp(logical, 4096.max(logical));
    SectorSizeInfo {
        logical_bytes_per_sector: logical,
        physical_bytes_for_atomicity: physical,
        physical_bytes_for_performance: physical,
        effective_physical_bytes_for_atomicity: physical,
        flags: SectorFlags::ALIGNED_DEVICE | SectorFlags::PARTITION_ALIGNED_ON_DEVICE,
        byte_offset_for_sector_alignment: 0,
        byte_offset_for_partition_alignment: 0,
    }
}

/// The volume's identity: the same for the same file system and share, however often it is asked.
pub(crate) fn volume_id(fsid: u64, serial: u32) -> Guid {
    let [a, b, c, d, e, f, g, h] = fsid.to_le_bytes();
    let [i, j, k, l] = serial.to_le_bytes();
    Guid([a, b, c, d, e, f, g, h, i, j, k, l, 0, 0, 0, 0])
}
