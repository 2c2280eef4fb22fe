// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors that are stored with files, in `security.NTACL` ([MS-DTYP] 2.4.6, 2.5.3).
//!
//! Shares with [`TreeFlags::ACL_XATTR`] have them. A file without one has what its permission bits say
//! ([`crate::acl`]).
//!
//! # How a list and permission bits go together
//!
//! Both must allow. The list can take away what the bits give, never give what they do not: each file operation is done
//! with the user's credentials whatever a list says. So a list protects against users of this server, and a
//! local user sees the bits alone. A list that is unreadable, or that nobody understands, allows nothing.

use kernel::prelude::*;

use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::ntacl;
use proto_shared::dtyp::security_descriptor::AclField;
use proto_shared::dtyp::SecurityDescriptor;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::query_info::SecurityInformation;
use proto_shared::status::NtStatus;

use crate::acl;
use crate::error::{SmbError, SmbResult};
use crate::host::{Attr, Fs, Host, Permission};
use crate::name::RelPath;
use crate::session::User;
use crate::tree::Tree;

pub(crate) mod check;
pub(crate) mod inherit;
pub(crate) mod token;

pub(crate) use token::Token;

type Node<H> = <<H as Host>::Fs as Fs>::Node;

/// Name of the extended attribute.
const NAME: &CStr = c"security.NTACL";
/// Most descriptors are no longer.
const USUAL_LEN: usize = 1024;

/// A descriptor that is stored.
pub(crate) struct Stored {
    value: KVec<u8>,
}

impl Stored {
    /// As it is stored.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// The descriptor.
    ///
    /// # Errors
    /// `ACCESS_DENIED` if it makes no sense.
    pub(crate) fn descriptor(&self) -> SmbResult<SecurityDescriptor<'_>> {
        ntacl::descriptor(&self.value)
            .and_then(SecurityDescriptor::parse)
            .map_err(|_| NtStatus::ACCESS_DENIED.into())
    }
}

/// What is stored with a file; `None` if nothing is, or if the share keeps none.
///
/// # Errors
/// The host's: what cannot be read may forbid everything.
pub(crate) fn load<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &Node<H>,
) -> SmbResult<Option<Stored>> {
    if !tree.has(TreeFlags::ACL_XATTR) {
        return Ok(None);
    }
    let mut value = KVec::new();
    for room in [USUAL_LEN, ntacl::MAX_NTACL_LEN] {
        value.clear();
        value.extend_with(room, 0, GFP_KERNEL)?;
        match fs.get_xattr(node, fs.server_creds(), NAME, &mut value) {
            Ok(len) => {
                value.truncate(len);
                return Ok(Some(Stored { value }));
            }
            Err(e) if e == ERANGE => {}
            Err(e) if e == ENODATA || e == EOPNOTSUPP => return Ok(None),
            Err(e) => return Err(e.into()),
        }
    }
    // Longer than any may be.
    Err(NtStatus::ACCESS_DENIED.into())
}

/// Stores a value of [`inherit`].
///
/// # Errors
/// `ACCESS_DENIED` if the server may not, the host's.
pub(crate) fn store<H: Host>(fs: &H::Fs, node: &Node<H>, value: &[u8]) -> SmbResult {
    fs.set_xattr(node, fs.server_creds(), NAME, value)
        .map_err(|e| {
            if e == E2BIG || e == ERANGE {
                SmbError {
                    status: NtStatus::INVALID_SECURITY_DESCR,
                    source: Some(e),
                }
            } else {
                e.into()
            }
        })
}

/// Takes from `allowed`, which the permission bits give, what the stored descriptors of file and directory do not.
///
/// # Errors
/// The host's.
pub(crate) fn limit<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &Node<H>,
    attr: &Attr,
    path: &RelPath,
    allowed: AccessMask,
) -> SmbResult<AccessMask> {
    if !tree.has(TreeFlags::ACL_XATTR) {
        return Ok(allowed);
    }
    let share = tree.disk()?;
    let stored = load(fs, tree, node)?;
    let (mut out, deletable) = match &stored {
        Some(stored) => {
            // Attributes are told to whoever may list the directory, so there is nothing to hide.
            let seen = allowed & AccessMask::READ_ATTRIBUTES;
            let out = check::granted(&stored.descriptor()?, &share.token, allowed) | seen;
            (out, out.contains(AccessMask::DELETE))
        }
        None => (allowed, share.uid == 0 || share.uid == attr.uid),
    };
    if allowed.contains(AccessMask::DELETE) && !deletable {
        // [MS-FSA] 2.1.5.1.2.1: the directory may give it, too. Without a descriptor its bits have, or it would not be
        // in `allowed`.
        out |= AccessMask::DELETE;
        if let Some((parent, _)) = path.split_last()? {
            let follow = tree.has(TreeFlags::FOLLOW_SYMLINKS);
            let dir = fs.walk(&share.root, &share.creds, &parent, follow, follow)?;
            if !allows(fs, tree, &dir, AccessMask::DELETE_CHILD)? {
                out = out.without(AccessMask::DELETE);
            }
        }
    }
    Ok(out)
}

/// What a user must have of a file to see its name where what they cannot read is hidden.
const SEEING: AccessMask = AccessMask(
    AccessMask::READ_DATA.0
        | AccessMask::READ_EA.0
        | AccessMask::READ_ATTRIBUTES.0
        | AccessMask::READ_CONTROL.0,
);

/// Whether the tree's user can read a file or list a directory: its bits and its stored descriptor must both allow it.
///
/// # Errors
/// The host's, other than that the bits do not allow it.
pub(crate) fn may_read<H: Host>(fs: &H::Fs, tree: &Tree<H>, node: &Node<H>) -> SmbResult<bool> {
    match fs.permission(node, &tree.disk()?.creds, Permission::READ) {
        Ok(()) => allows(fs, tree, node, SEEING),
        Err(e) if e == EACCES || e == EPERM => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Whether the stored descriptor of a file or directory, if it has one, allows something.
///
/// # Errors
/// The host's.
pub(crate) fn allows<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    dir: &Node<H>,
    what: AccessMask,
) -> SmbResult<bool> {
    match load(fs, tree, dir)? {
        None => Ok(true),
        Some(stored) => {
            let token = &tree.disk()?.token;
            Ok(check::granted(&stored.descriptor()?, token, what) == what)
        }
    }
}

/// The parts of a file's descriptor that were asked for, stored or made from its bits.
///
/// # Errors
/// The host's.
pub(crate) fn query<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &Node<H>,
    attr: &Attr,
    asker: &User,
    what: SecurityInformation,
) -> SmbResult<KVec<u8>> {
    let mut out = KVec::new();
    let stored = load(fs, tree, node)?;
    let Some(stored) = &stored else {
        out.extend_with(acl::MAX_LEN, 0, GFP_KERNEL)?;
        let len = {
            let mut w = Writer::new(&mut out);
            acl::describe(attr, asker, what, &mut w)?;
            w.len()
        };
        out.truncate(len);
        return Ok(out);
    };
    let mut sd = stored.descriptor()?;
    if !what.contains(SecurityInformation::OWNER) {
        sd.owner = None;
    }
    if !what.contains(SecurityInformation::GROUP) {
        sd.group = None;
    }
    if !what.contains(SecurityInformation::DACL) {
        sd.dacl = AclField::Absent;
        sd.control = sd.control.without(inherit::DACL_BITS);
    }
    if !what.contains(SecurityInformation::SACL) {
        sd.sacl = AclField::Absent;
    }
    let len = sd.wire_len();
    out.extend_with(len, 0, GFP_KERNEL)?;
    sd.write(&mut Writer::new(&mut out))?;
    Ok(out)
}

/// Changes parts of a file's descriptor. The caller has checked the rights.
///
/// # Errors
/// `INVALID_OWNER` if the owner is neither who it was nor the user, `INVALID_SECURITY_DESCR`, the host's.
pub(crate) fn set<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &Node<H>,
    asker: &User,
    what: SecurityInformation,
    new: &SecurityDescriptor<'_>,
) -> SmbResult {
    let token = &tree.disk()?.token;
    let all = SecurityInformation::OWNER | SecurityInformation::GROUP | SecurityInformation::DACL;
    // What it has now, stored or not.
    let before = query(fs, tree, node, &fs.attr(node)?, asker, all)?;
    let mut sd = SecurityDescriptor::parse(&before).map_err(|_| NtStatus::ACCESS_DENIED)?;
    if what.contains(SecurityInformation::OWNER) {
        let owner = new.owner.ok_or(NtStatus::INVALID_OWNER)?;
        if sd.owner != Some(owner) && !token.has(&owner) && !token.is_root() {
            return Err(NtStatus::INVALID_OWNER.into());
        }
        sd.owner = Some(owner);
    }
    if what.contains(SecurityInformation::GROUP) {
        sd.group = new.group.or(sd.group);
    }
    if what.contains(SecurityInformation::DACL) {
        sd.control = sd.control.without(inherit::DACL_BITS) | inherit::dacl_control(new.control);
        // To set a list and give none is to set one that protects nothing.
        sd.dacl = match new.dacl {
            AclField::Absent => AclField::Null,
            dacl => dacl,
        };
    }
    let value = inherit::explicit(&sd)?;
    store::<H>(fs, node, &value)
}
