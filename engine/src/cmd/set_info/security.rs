// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors ([MS-SMB2] 3.3.5.21.3).

use proto_shared::dtyp::SecurityDescriptor;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::query_info::SecurityInformation;
use proto_shared::status::NtStatus;

use crate::apple;
use crate::error::SmbResult;
use crate::host::{Fs, Host, SetAttr};
use crate::notify;
use crate::open::Open;
use crate::security;
use crate::work::Work;

/// Parts that can be stored.
const STORED: SecurityInformation = SecurityInformation(
    SecurityInformation::OWNER.0 | SecurityInformation::GROUP.0 | SecurityInformation::DACL.0,
);

/// `chmod`, `chown` and `chgrp` of the SMB3 POSIX extensions, in the form of descriptors: an entry for
/// `S-1-5-88-3-mode`, an owner or a group that is an id. Whether that is what the descriptor is; the host says whether the
/// user may.
fn posix<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    what: SecurityInformation,
    new: &SecurityDescriptor<'_>,
) -> SmbResult<bool> {
    let mode = || apple::bits::mode(new);
    let set = SetAttr {
        mode: what
            .contains(SecurityInformation::DACL)
            .then(mode)
            .flatten(),
        uid: new
            .owner
            .filter(|_| what.contains(SecurityInformation::OWNER))
            .and_then(|sid| sid.as_unix_user()),
        gid: new
            .group
            .filter(|_| what.contains(SecurityInformation::GROUP))
            .and_then(|sid| sid.as_unix_group()),
        ..SetAttr::default()
    };
    let whole = set.mode.is_some() == what.contains(SecurityInformation::DACL)
        && set.uid.is_some() == what.contains(SecurityInformation::OWNER)
        && set.gid.is_some() == what.contains(SecurityInformation::GROUP);
    if !whole || what.is_empty() {
        return Ok(false);
    }
    change(w, open, &set)?;
    Ok(true)
}

/// Changes owner, group or mode as the host lets the user.
fn change<H: Host>(w: &Work<H>, open: &Open<H>, set: &SetAttr) -> SmbResult {
    let (disk, share) = (open.disk()?, open.tree().disk()?);
    w.fs().set_attr(disk.node(), &share.creds, set)?;
    notify::modified(
        w.server(),
        open,
        CompletionFilter(CompletionFilter::SECURITY.0 | CompletionFilter::ATTRIBUTES.0),
    );
    Ok(())
}

/// Sets the parts of an open's descriptor that are named. Who had no right to is told so first, also where
/// descriptors are not stored.
pub(super) fn set<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    what: SecurityInformation,
    buffer: &[u8],
) -> SmbResult {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    let owner = SecurityInformation::OWNER | SecurityInformation::GROUP;
    if what.intersects(owner | SecurityInformation::LABEL) {
        open.write_owner(&writable)?;
    }
    if what.contains(SecurityInformation::DACL) {
        open.write_dac(&writable)?;
    }
    // Nobody is granted ACCESS_SYSTEM_SECURITY.
    if what.contains(SecurityInformation::SACL) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let (stores, has_ids) = (tree.has(TreeFlags::ACL_XATTR), w.negotiated()?.posix);
    let from_apple = what.contains(SecurityInformation::DACL) && apple::speaks(tree);
    if !(stores || has_ids || from_apple) || !what.without(STORED).is_empty() {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let new = SecurityDescriptor::parse(buffer)?;
    if has_ids && posix(w, open, what, &new)? {
        return Ok(());
    }
    let node = open.disk()?.node();
    let rest;
    let new = match apple::bits::mode(&new).filter(|_| from_apple) {
        None => new,
        // A list with other bits than the file's is from chmod(1), which says the rest as it was told.
        Some(mode) if mode != w.fs().attr(node)?.mode & 0o7777 => {
            if what != SecurityInformation::DACL {
                return Err(NtStatus::NOT_SUPPORTED.into());
            }
            let set = SetAttr {
                mode: Some(mode),
                ..SetAttr::default()
            };
            return change(w, open, &set);
        }
        Some(_) => {
            rest = apple::bits::replace(buffer, None)?;
            SecurityDescriptor::parse(&rest)?
        }
    };
    if !stores {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    if what.is_empty() {
        return Ok(());
    }
    security::set(w.fs(), tree, node, &w.auth()?.user, what, &new)?;
    notify::modified(w.server(), open, CompletionFilter::SECURITY);
    Ok(())
}
