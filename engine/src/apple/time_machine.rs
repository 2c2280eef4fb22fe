// SPDX-License-Identifier: GPL-2.0-or-later
//! What Time Machine is told of the room it has, where a share limits it.
//!
//! Backups lie in the share's root as disk images, directories `NAME.sparsebundle`: `Info.plist` says how large a band is,
//! and `bands` has a file for each. What they have at most counts as used. Nothing keeps a client from writing more; macOS
//! thins out old backups when it sees that there is little room.

use kernel::prelude::*;

use proto_shared::ipc::TreeFlags;

use crate::error::SmbResult;
use crate::host::{FileKind, Fs, FsStat, Host, OpenFlags, Payload, WriteSource};
use crate::name::{copy, Name};
use crate::tree::{DiskShare, Tree};

const IMAGE: &[u8] = b".sparsebundle";
/// Longest `Info.plist` that is looked at, in bytes.
const MAX_PLIST: u32 = 16 << 10;
/// Most images that are counted.
const MAX_IMAGES: usize = 1024;
/// Unit of the counts of a limited share, in bytes.
const UNIT: u64 = 1024;

const READ: OpenFlags = OpenFlags {
    read: true,
    write: false,
    write_through: false,
};

/// The file system's figures as the share shows them.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`, and the host's of the share's root. An image that cannot be looked at does not count.
pub(crate) fn limit<H: Host>(fs: &H::Fs, tree: &Tree<H>, stat: FsStat) -> SmbResult<FsStat> {
    let share = tree.disk()?;
    let most = share.time_machine_max;
    if most == 0 || !tree.has(TreeFlags::TIME_MACHINE) {
        return Ok(stat);
    }
    let left = most.saturating_sub(used(fs, share)?);
    let bytes = |blocks: u64| blocks.saturating_mul(stat.block_size);
    let units = |bytes: u64| bytes.checked_div(UNIT).unwrap_or(0);
    Ok(FsStat {
        block_size: UNIT,
        blocks: units(most.min(bytes(stat.blocks))),
        blocks_free: units(left.min(bytes(stat.blocks_free))),
        blocks_available: units(left.min(bytes(stat.blocks_available))),
        ..stat
    })
}

/// Bytes that all images take.
fn used<H: Host>(fs: &H::Fs, share: &DiskShare<H>) -> SmbResult<u64> {
    let root = fs.root_node(&share.root)?;
    let dir = fs.open(&root, &share.creds, READ)?;
    let mut names: KVec<KVec<u8>> = KVec::new();
    let mut failed = Ok(());
    each_name::<H>(fs, &dir, &mut |name| {
        let tail = name.len().checked_sub(IMAGE.len()).map(|at| name.get(at..));
        let is_image = tail
            .flatten()
            .is_some_and(|tail| tail.eq_ignore_ascii_case(IMAGE));
        if is_image {
            failed = copy(name).and_then(|name| names.push(name, GFP_KERNEL));
        }
        failed.is_ok() && names.len() < MAX_IMAGES
    })?;
    failed?;
    let mut sum = 0u64;
    for name in &names {
        let Ok(name) = Name::from_bytes(name) else {
            continue;
        };
        match image(fs, share, &root, &name) {
            Ok(size) => sum = sum.saturating_add(size),
            Err(e) if e == ENOMEM => return Err(e.into()),
            Err(_) => {}
        }
    }
    Ok(sum)
}

/// Calls `each` with the names in a directory until it returns `false`.
fn each_name<H: Host>(
    fs: &H::Fs,
    dir: &<H::Fs as Fs>::File,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> Result {
    let mut pos = 0;
    let mut more = true;
    while more {
        let end = fs.read_dir(dir, pos, &mut |entry| {
            if !matches!(entry.name, b"." | b"..") {
                more = each(entry.name);
            }
            more
        })?;
        if end.eof || end.pos == pos {
            break;
        }
        pos = end.pos;
    }
    Ok(())
}

/// Bytes that one image takes at most.
fn image<H: Host>(
    fs: &H::Fs,
    share: &DiskShare<H>,
    root: &<H::Fs as Fs>::Node,
    name: &Name,
) -> Result<u64> {
    let creds = &share.creds;
    let child = |dir: &<H::Fs as Fs>::Node, name: &[u8]| {
        let name = Name::from_bytes(name).map_err(|_| ENOMEM)?;
        fs.child(dir, creds, &name)
    };
    let image = fs.child(root, creds, name)?;
    let plist = child(&image, b"Info.plist")?;
    if fs.attr(&plist)?.kind != FileKind::File {
        return Err(EINVAL);
    }
    let data = fs.read(&fs.open(&plist, creds, READ)?, 0, MAX_PLIST)?;
    let mut text = KVec::new();
    text.extend_with(data.len(), 0, GFP_KERNEL)?;
    fs.copy_out(&WriteSource::Payload(&data), &mut text)?;
    let band = band_size(&text).ok_or(EINVAL)?;
    let bands = fs.open(&child(&image, b"bands")?, creds, READ)?;
    let mut count = 0u64;
    each_name::<H>(fs, &bands, &mut |_| {
        count = count.saturating_add(1);
        true
    })?;
    Ok(count.saturating_mul(band))
}

/// What `Info.plist` says of the size of a band, in bytes.
fn band_size(plist: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(plist).ok()?;
    let (_, rest) = text.split_once("<key>band-size</key>")?;
    let (number, _) = rest
        .trim_start()
        .strip_prefix("<integer>")?
        .split_once('<')?;
    number.trim().parse().ok()
}
