// SPDX-License-Identifier: GPL-2.0-or-later
//! Which access rights Unix permissions give ([MS-FSA] 2.1.5.1.2.1, with mode bits and POSIX ACLs in the place of
//! a security descriptor).
//!
//! | right | needs |
//! |---|---|
//! | read attributes, read control, synchronize | that the file can be reached |
//! | read data, read EA, list | read |
//! | execute | a file: execute or read (clients that are not Unix never set the bit); a directory: search |
//! | write and append data, write EA, delete child | write (and search, for directories) |
//! | write attributes | owner, or write |
//! | write DAC, write owner | owner, or read and write; the host decides in the end whether the change is made |
//! | delete | write and search on the directory above, and its sticky bit |
//!
//! Of these rights a stored descriptor, where there is one, leaves those that it gives as well
//! ([`crate::security`]).
//!
//! The host checks the same credentials again in every operation; this here is for the answer to CREATE.

use kernel::prelude::*;

use proto_shared::dtyp::access::AccessMask;

use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host, Permission};
use crate::name::RelPath;
use crate::security;
use crate::tree::{DiskShare, Tree};

const ALWAYS: AccessMask = AccessMask(
    AccessMask::READ_ATTRIBUTES.0 | AccessMask::READ_CONTROL.0 | AccessMask::SYNCHRONIZE.0,
);
const READ: AccessMask = AccessMask(AccessMask::READ_DATA.0 | AccessMask::READ_EA.0);
const WRITE: AccessMask = AccessMask(
    AccessMask::WRITE_DATA.0
        | AccessMask::APPEND_DATA.0
        | AccessMask::WRITE_EA.0
        | AccessMask::DELETE_CHILD.0,
);
const OWNER: AccessMask = AccessMask(AccessMask::WRITE_DAC.0 | AccessMask::WRITE_OWNER.0);

/// The sticky bit: only owners may remove names from the directory.
const STICKY: u32 = 0o1000;

/// Which rights of `mask` (without generic bits) the user of this tree has to a file.
///
/// # Errors
/// The host's, other than that a permission is missing.
pub(crate) fn allowed<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &<H::Fs as Fs>::Node,
    attr: &Attr,
    path: &RelPath,
    mask: AccessMask,
) -> SmbResult<AccessMask> {
    let share = tree.disk()?;
    let mask = mask & AccessMask(tree.maximal_access);
    let may = |what| permitted::<H>(fs, share, node, what);
    let is_dir = attr.kind == FileKind::Dir;
    let owner = share.uid == 0 || share.uid == attr.uid;

    let mut out = mask & ALWAYS;
    if attr.kind == FileKind::Symlink {
        // A link has no permissions of its own, and no EAs either: Linux asks for the right to read them whenever it
        // looks at one.
        out |= mask & (AccessMask::WRITE_ATTRIBUTES | AccessMask::READ_EA);
    } else {
        let others = if owner { AccessMask::NONE } else { OWNER };
        let read = mask.intersects(READ | AccessMask::EXECUTE | others) && may(Permission::READ)?;
        let write = mask.intersects(WRITE | AccessMask::WRITE_ATTRIBUTES | others)
            && may(Permission::WRITE)?
            && (!is_dir || may(Permission::EXEC)?);
        if read {
            out |= mask & READ;
        }
        if write {
            out |= mask & WRITE;
        }
        if mask.contains(AccessMask::EXECUTE) && (read && !is_dir || may(Permission::EXEC)?) {
            out |= AccessMask::EXECUTE;
        }
        if owner || write {
            out |= mask & AccessMask::WRITE_ATTRIBUTES;
        }
        if owner || read && write {
            out |= mask & OWNER;
        }
    }
    if mask.contains(AccessMask::DELETE) && may_delete::<H>(fs, tree, share, attr, path)? {
        out |= AccessMask::DELETE;
    }
    security::limit(fs, tree, node, attr, path, out)
}

fn permitted<H: Host>(
    fs: &H::Fs,
    share: &DiskShare<H>,
    node: &<H::Fs as Fs>::Node,
    what: Permission,
) -> SmbResult<bool> {
    match fs.permission(node, &share.creds, what) {
        Ok(()) => Ok(true),
        Err(e) if e == EACCES || e == EPERM || e == EROFS => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Whether the name may be taken out of its directory. The share's root stays where it is.
fn may_delete<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    share: &DiskShare<H>,
    attr: &Attr,
    path: &RelPath,
) -> SmbResult<bool> {
    let Some((parent, _)) = path.split_last()? else {
        return Ok(false);
    };
    let follow = tree.has(proto_shared::ipc::TreeFlags::FOLLOW_SYMLINKS);
    let dir = fs.walk(&share.root, &share.creds, &parent, follow, follow)?;
    if !permitted::<H>(fs, share, &dir, Permission::WRITE)?
        || !permitted::<H>(fs, share, &dir, Permission::EXEC)?
    {
        return Ok(false);
    }
    if share.uid == 0 || share.uid == attr.uid {
        return Ok(true);
    }
    let dir = fs.attr(&dir)?;
    Ok(dir.mode & STICKY == 0 || share.uid == dir.uid)
}
