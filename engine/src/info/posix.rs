// SPDX-License-Identifier: GPL-2.0-or-later
//! What the SMB3 POSIX extensions tell of files: mode with type, owner and group as ids, numbers of links and inodes
//! ([POSIX-FSCC] 2.2.1, [POSIX-SMB2] 2.1.3.2.1).

use proto_shared::dtyp::Sid;
use proto_shared::fscc::file::PosixInfo;
use proto_shared::fscc::fs::PosixFsInfo;
use proto_shared::smb2::create_context::PosixResponse;

use crate::host::{Attr, FileKind, FsStat};
use crate::info::{reparse_tag, times};
use crate::open::attributes::Meta;

/// Where the type is in a mode on the wire.
const TYPE_SHIFT: u32 = 12;

/// Permission bits and type. The types have numbers of their own there.
fn wire_mode(attr: &Attr) -> u32 {
    let kind: u32 = match attr.kind {
        FileKind::File => 0,
        FileKind::Dir => 1,
        FileKind::Symlink => 2,
        FileKind::Char => 3,
        FileKind::Block => 4,
        FileKind::Fifo => 5,
        FileKind::Socket => 6,
    };
    (attr.mode & 0o7777) | (kind << TYPE_SHIFT)
}

/// What a file's entry in a directory and a query of it say.
pub(crate) fn info(meta: &Meta) -> PosixInfo {
    let attr = &meta.attr;
    PosixInfo {
        times: times(meta),
        end_of_file: meta.end_of_file(),
        allocation_size: meta.allocation_size(),
        attributes: meta.attributes,
        inode: attr.ino,
        // The low half tells file systems apart.
        device_id: attr.dev as u32,
        hard_links: attr.nlink,
        reparse_tag: reparse_tag(attr.kind).0,
        mode: wire_mode(attr),
        owner: Sid::unix_user(attr.uid),
        group: Sid::unix_group(attr.gid),
    }
}

/// What the reply to a CREATE with the extensions' context says.
pub(crate) fn response(meta: &Meta) -> PosixResponse {
    let attr = &meta.attr;
    PosixResponse {
        nlink: attr.nlink,
        reparse_tag: reparse_tag(attr.kind).0,
        mode: wire_mode(attr),
        owner: Sid::unix_user(attr.uid),
        group: Sid::unix_group(attr.gid),
    }
}

/// What `statfs` says.
pub(crate) fn fs_info(stat: &FsStat) -> PosixFsInfo {
    let block_size = u32::try_from(stat.block_size).unwrap_or(u32::MAX);
    PosixFsInfo {
        optimal_transfer_size: block_size,
        block_size,
        total_blocks: stat.blocks,
        blocks_available: stat.blocks_free,
        user_blocks_available: stat.blocks_available,
        total_file_nodes: stat.files,
        free_file_nodes: stat.files_free,
        fs_identifier: stat.fsid,
    }
}
