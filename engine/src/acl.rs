// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors made from owner, group and permission bits ([MS-DTYP] 2.4.6).
//!
//! What a descriptor says is what the mode bits say: who may do something is decided by the host, with the
//! user's credentials, and not by this list. So it is a picture, drawn for clients that ask:
//!
//! - the owner and the group are `S-1-22-1-uid` and `S-1-22-2-gid`, which every Unix server uses for ids that
//!   have no name; the user who asks appears under the SID that the daemon gave, if it gave one;
//! - the access list allows the owner, the group and everyone what their class of bits allows, the owner also
//!   what only an owner may do. It denies nothing: a class that has fewer rights than one after it cannot be
//!   told in the canonical order of entries.

use proto_shared::codec::{NoSpace, Reader, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::acl::{Ace, AceFlags};
use proto_shared::dtyp::{SecurityDescriptor, Sid};
use proto_shared::smb2::query_info::SecurityInformation;

use crate::host::{Attr, FileKind};
use crate::session::User;

/// Most bytes that [`describe`] writes: header, two SIDs and a list of three entries.
pub(crate) const MAX_LEN: usize = 512;

/// What an owner may do whatever the mode says.
const OWNER_ALWAYS: AccessMask = AccessMask(
    AccessMask::READ_CONTROL.0
        | AccessMask::WRITE_DAC.0
        | AccessMask::DELETE.0
        | AccessMask::SYNCHRONIZE.0
        | AccessMask::READ_ATTRIBUTES.0
        | AccessMask::WRITE_ATTRIBUTES.0,
);

/// What a class of three permission bits allows; nothing for no bits.
fn class(bits: u32, dir: bool) -> AccessMask {
    let mut mask = AccessMask::NONE;
    if bits & 4 != 0 {
        mask |= AccessMask::FILE_GENERIC_READ;
    }
    if bits & 2 != 0 {
        mask |= AccessMask::FILE_GENERIC_WRITE;
        if dir {
            mask |= AccessMask::DELETE_CHILD;
        }
    }
    if bits & 1 != 0 {
        mask |= AccessMask::FILE_GENERIC_EXECUTE;
    }
    mask
}

/// The SID of a user id, as `asker` is to see it.
pub(crate) fn owner_sid(uid: u32, asker: &User) -> Sid {
    if uid == asker.uid {
        if let Ok(sid) = Sid::parse(&mut Reader::new(&asker.sid)) {
            return sid;
        }
    }
    Sid::unix_user(uid)
}

/// Writes the parts of a file's security descriptor that were asked for. A SACL is never part of it: nothing
/// is audited.
///
/// # Errors
/// `NoSpace` if `w` has room for less than the descriptor, which has at most [`MAX_LEN`] bytes.
pub(crate) fn describe(
    attr: &Attr,
    asker: &User,
    what: SecurityInformation,
    w: &mut Writer<'_>,
) -> core::result::Result<(), NoSpace> {
    let owner = owner_sid(attr.uid, asker);
    let group = Sid::unix_group(attr.gid);
    let descriptor = SecurityDescriptor {
        owner: what.contains(SecurityInformation::OWNER).then_some(owner),
        group: what.contains(SecurityInformation::GROUP).then_some(group),
        ..SecurityDescriptor::default()
    };
    if !what.contains(SecurityInformation::DACL) {
        return descriptor.write(w);
    }
    let dir = attr.kind == FileKind::Dir;
    let of_owner = if attr.mode & 0o700 == 0o700 {
        AccessMask::FILE_ALL_ACCESS
    } else {
        class(attr.mode >> 6, dir) | OWNER_ALWAYS
    };
    let entries = [
        (owner, of_owner),
        (group, class(attr.mode >> 3, dir)),
        (Sid::EVERYONE, class(attr.mode, dir)),
    ];
    descriptor.write_with_dacl(w, |dacl| {
        for (sid, mask) in entries.iter().filter(|(_, mask)| !mask.is_empty()) {
            dacl.push(&Ace::allow(AceFlags::NONE, *mask, *sid))?;
        }
        Ok(())
    })
}
