// SPDX-License-Identifier: GPL-2.0-or-later
//! From a node to its parent and name.

use std::os::fd::{AsFd, OwnedFd};

use kernel::prelude::*;
use ksmbd_engine::name::Name;
use rustix::fs::{self as rfs, AtFlags, Mode, OFlags, ResolveFlags, StatxFlags};

use super::{errno, LocalFs, Node, Root, RETRIES};

/// Where a node was a moment ago.
pub(super) struct Place {
    /// The directory.
    pub(super) parent: OwnedFd,
    /// Path from the root, the name last.
    pub(super) path: std::vec::Vec<u8>,
}

impl Place {
    /// The node's name within its directory.
    pub(super) fn name(&self) -> &[u8] {
        match self.path.iter().rposition(|b| *b == b'/') {
            Some(at) => &self.path[at + 1..],
            None => &self.path,
        }
    }
}

/// Device and inode.
fn identity(dir: impl AsFd, name: &[u8]) -> Result<(u32, u32, u64)> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW;
    let s = rfs::statx(dir, name, flags, StatxFlags::INO).map_err(errno)?;
    Ok((s.stx_dev_major, s.stx_dev_minor, s.stx_ino))
}

/// The absolute path that the kernel gives a descriptor.
fn path(fs: &LocalFs, fd: &OwnedFd) -> Result<std::vec::Vec<u8>> {
    fs.through_proc(fd.as_fd(), |proc, name| {
        rfs::readlinkat(proc, name, std::vec::Vec::new())
    })
    .map(std::ffi::CString::into_bytes)
}

/// Finds out where `node` is.
///
/// # Errors
/// `ENOENT` if its name is gone, `EXDEV` if it is the root or not below it.
pub(super) fn locate(fs: &LocalFs, root: &Root, node: &Node) -> Result<Place> {
    let wanted = identity(&node.fd, b"")?;
    for _ in 0..RETRIES {
        let top = path(fs, &root.fd)?;
        let full = path(fs, &node.fd)?;
        let below = match top.as_slice() {
            b"/" => full.strip_prefix(b"/"),
            top => full
                .strip_prefix(top)
                .and_then(|rest| rest.strip_prefix(b"/")),
        };
        let below = below.filter(|b| !b.is_empty()).ok_or(EXDEV)?;
        let dir = match below.iter().rposition(|b| *b == b'/') {
            Some(at) => &below[..at],
            None => b".",
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let parent = match fs.beneath(
            &root.fd,
            dir,
            flags,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        ) {
            Ok(parent) => parent,
            // Something was renamed since the path was read.
            Err(e) if e == ENOENT || e == ENOTDIR || e == ELOOP => continue,
            Err(e) => return Err(e),
        };
        let place = Place {
            parent,
            path: below.to_vec(),
        };
        match identity(&place.parent, place.name()) {
            Ok(found) if found == wanted => return Ok(place),
            Ok(_) => {}
            Err(e) if e == ENOENT => {
                // A name that really ends like this has just been looked for.
                if below.ends_with(b" (deleted)") {
                    return Err(ENOENT);
                }
            }
            Err(e) => return Err(e),
        }
    }
    Err(ENOENT)
}

/// Whether `new_parent`/`new_name` is the very name that `place` is.
pub(super) fn same_place(
    fs: &LocalFs,
    place: &Place,
    new_parent: &Node,
    new_name: &Name,
) -> Result<bool> {
    if identity(&place.parent, b"")? != identity(&new_parent.fd, b"")? {
        return Ok(false);
    }
    if place.name() == new_name.as_bytes() {
        return Ok(true);
    }
    // On a file system that ignores case two spellings are one name; the kernel tells the stored one.
    let flags = OFlags::PATH | OFlags::NOFOLLOW;
    let fd = fs.beneath(
        &new_parent.fd,
        new_name.as_bytes(),
        flags,
        Mode::empty(),
        ResolveFlags::NO_SYMLINKS,
    )?;
    Ok(path(fs, &fd)?.rsplit(|b| *b == b'/').next() == Some(place.name()))
}
