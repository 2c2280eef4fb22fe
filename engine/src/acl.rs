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

use kernel::prelude::*;

use proto_shared::codec::{NoSpace, Reader, Writer};
use proto_shared::dtyp::{AccessMask, Sid};
use proto_shared::smb2::query_info::SecurityInformation;

use crate::host::{Attr, FileKind};
use crate::session::User;

/// Most bytes that [`describe`] writes: header, two SIDs and a list of three entries.
pub(crate) const MAX_LEN: usize = 512;

/// Length of the header of a self-relative descriptor.
const HEADER_LEN: usize = 20;
/// Length of an ACL's header.
const ACL_HEADER_LEN: usize = 8;
/// Length of an ACE before its SID.
const ACE_HEADER_LEN: usize = 8;

/// [MS-DTYP] 2.4.6, Control.
const DACL_PRESENT: u16 = 0x0004;
const SELF_RELATIVE: u16 = 0x8000;
/// [MS-DTYP] 2.4.5, AclRevision.
const ACL_REVISION: u8 = 2;
/// [MS-DTYP] 2.4.4.1, AceType.
const ACCESS_ALLOWED: u8 = 0;

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
    let with_dacl = what.contains(SecurityInformation::DACL);

    w.sub(MAX_LEN, |w| {
        w.u8(1)?;
        w.u8(0)?;
        w.u16(if with_dacl { SELF_RELATIVE | DACL_PRESENT } else { SELF_RELATIVE })?;
        w.zeros(HEADER_LEN.saturating_sub(4))?;
        if what.contains(SecurityInformation::OWNER) {
            w.patch_len32(4, w.len())?;
            owner.write(w)?;
        }
        if what.contains(SecurityInformation::GROUP) {
            w.patch_len32(8, w.len())?;
            group.write(w)?;
        }
        if with_dacl {
            w.patch_len32(16, w.len())?;
            dacl(attr, &owner, &group, w)?;
        }
        Ok(())
    })
}

fn dacl(
    attr: &Attr,
    owner: &Sid,
    group: &Sid,
    w: &mut Writer<'_>,
) -> core::result::Result<(), NoSpace> {
    let dir = attr.kind == FileKind::Dir;
    let full = attr.mode & 0o700 == 0o700;
    let entries = [
        if full {
            (owner, AccessMask::FILE_ALL_ACCESS)
        } else {
            (owner, class(attr.mode >> 6, dir) | OWNER_ALWAYS)
        },
        (group, class(attr.mode >> 3, dir)),
        (&Sid::EVERYONE, class(attr.mode, dir)),
    ];
    let present = || entries.iter().filter(|(_, mask)| !mask.is_empty());
    let len = present().fold(ACL_HEADER_LEN, |n, (sid, _)| {
        n.saturating_add(ACE_HEADER_LEN).saturating_add(sid.wire_len())
    });
    w.u8(ACL_REVISION)?;
    w.u8(0)?;
    w.len16(len)?;
    w.len16(present().count())?;
    w.u16(0)?;
    for (sid, mask) in present() {
        w.u8(ACCESS_ALLOWED)?;
        w.u8(0)?;
        w.len16(ACE_HEADER_LEN.saturating_add(sid.wire_len()))?;
        w.u32(mask.bits())?;
        sid.write(w)?;
    }
    Ok(())
}
