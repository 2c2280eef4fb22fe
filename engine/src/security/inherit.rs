// SPDX-License-Identifier: GPL-2.0-or-later
//! Descriptors that are made: of new files, and of files whose descriptor is changed ([MS-DTYP] 2.5.3.4).

use kernel::prelude::*;

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::acl::{Ace, AceFlags, Acl, AclWriter};
use proto_shared::dtyp::ntacl;
use proto_shared::dtyp::security_descriptor::{AclField, SdControl};
use proto_shared::dtyp::{SecurityDescriptor, Sid};
use proto_shared::limits::MAX_SECURITY_DESCRIPTOR_LEN;
use proto_shared::status::NtStatus;

use super::token::Token;
use crate::error::{SmbError, SmbResult};

/// Bits of a descriptor that belong to its DACL.
pub(crate) const DACL_BITS: SdControl = SdControl(
    SdControl::DACL_PRESENT.0
        | SdControl::DACL_DEFAULTED.0
        | SdControl::DACL_AUTO_INHERIT_REQ.0
        | SdControl::DACL_AUTO_INHERITED.0
        | SdControl::DACL_PROTECTED.0,
);

/// What an entry says that may have children.
const PROPAGATES: AceFlags = AceFlags(AceFlags::OBJECT_INHERIT.0 | AceFlags::CONTAINER_INHERIT.0);

/// The value to be stored for a descriptor, with a DACL that `f` writes in the place of its own if there is one.
fn value(
    sd: &SecurityDescriptor<'_>,
    room: usize,
    f: impl FnOnce(&mut AclWriter<'_, '_>) -> Result<(), NoSpace>,
) -> SmbResult<KVec<u8>> {
    let too_long = |_: NoSpace| SmbError::from(NtStatus::INVALID_SECURITY_DESCR);
    let room = room.saturating_add(ntacl::NTACL_HEAD_LEN);
    if room > MAX_SECURITY_DESCRIPTOR_LEN {
        return Err(NtStatus::INVALID_SECURITY_DESCR.into());
    }
    let mut out = KVec::new();
    out.extend_with(room, 0, GFP_KERNEL)?;
    let len = {
        let mut w = Writer::new(&mut out);
        ntacl::write_head(&mut w).map_err(too_long)?;
        match sd.dacl {
            AclField::Present(_) => sd.write_with_dacl(&mut w, f).map_err(too_long)?,
            _ => sd.write(&mut w).map_err(too_long)?,
        }
        w.len()
    };
    out.truncate(len);
    Ok(out)
}

/// The value to be stored for a descriptor as a client gave it: generic rights become those that they mean for files.
///
/// # Errors
/// `INVALID_SECURITY_DESCR` if it is too long, `INSUFFICIENT_RESOURCES`.
pub(crate) fn explicit(sd: &SecurityDescriptor<'_>) -> SmbResult<KVec<u8>> {
    value(sd, sd.wire_len(), |w| {
        for ace in sd.dacl.acl().iter().flat_map(|acl| acl.aces()) {
            w.push(&Ace {
                mask: ace.mask.expand_generic(),
                ..ace
            })?;
        }
        Ok(())
    })
}

/// The control bits of a DACL that a client sets: it is inherited only if the client did that on request.
pub(crate) fn dacl_control(given: SdControl) -> SdControl {
    let both = SdControl::DACL_AUTO_INHERITED | SdControl::DACL_AUTO_INHERIT_REQ;
    let mut out = given & (SdControl::DACL_PROTECTED | SdControl::DACL_DEFAULTED);
    if given.contains(both) {
        out |= SdControl::DACL_AUTO_INHERITED;
    }
    out
}

/// The flags that an entry of the directory has on a child; `None` if the child does not get it.
fn child_flags(flags: AceFlags, is_dir: bool) -> Option<AceFlags> {
    if !is_dir {
        return flags
            .contains(AceFlags::OBJECT_INHERIT)
            .then_some(AceFlags::NONE);
    }
    let ends = flags.contains(AceFlags::NO_PROPAGATE_INHERIT);
    if flags.contains(AceFlags::CONTAINER_INHERIT) {
        return Some(if ends {
            AceFlags::NONE
        } else {
            flags & PROPAGATES
        });
    }
    // Directories only hand it on to their files.
    (flags.contains(AceFlags::OBJECT_INHERIT) && !ends)
        .then_some(AceFlags::OBJECT_INHERIT | AceFlags::INHERIT_ONLY)
}

/// What a new file gets from an entry of its directory: up to two entries.
fn inherited<'a>(
    ace: &Ace<'a>,
    is_dir: bool,
    mark: AceFlags,
    owner: Sid,
    group: Sid,
) -> [Option<Ace<'a>>; 2] {
    let Some(flags) = child_flags(ace.flags, is_dir) else {
        return [None, None];
    };
    let audit = ace.flags & (AceFlags::SUCCESSFUL_ACCESS | AceFlags::FAILED_ACCESS);
    let mark = mark | audit;
    let creator = if ace.sid == Sid::CREATOR_OWNER {
        Some(owner)
    } else if ace.sid == Sid::CREATOR_GROUP {
        Some(group)
    } else {
        None
    };
    let here = !flags.contains(AceFlags::INHERIT_ONLY);
    let as_is = Ace {
        flags: flags | mark,
        ..*ace
    };
    match creator {
        None => {
            let mask = if here {
                ace.mask.expand_generic()
            } else {
                ace.mask
            };
            [Some(Ace { mask, ..as_is }), None]
        }
        Some(sid) => {
            // Who made this one is meant here, and below whoever makes that.
            let own = here.then(|| Ace {
                flags: mark,
                mask: ace.mask.expand_generic(),
                sid,
                ..*ace
            });
            let below = flags.intersects(PROPAGATES).then_some(Ace {
                flags: flags | AceFlags::INHERIT_ONLY | mark,
                ..*ace
            });
            [own, below]
        }
    }
}

/// The value to be stored for a file that is made.
///
/// # Errors
/// `INVALID_SECURITY_DESCR` if it is too long, `INVALID_OWNER`, `INSUFFICIENT_RESOURCES`.
pub(crate) fn of_new(
    token: &Token,
    parent: Option<&SecurityDescriptor<'_>>,
    given: Option<&SecurityDescriptor<'_>>,
    is_dir: bool,
) -> SmbResult<Option<KVec<u8>>> {
    let owner = given.and_then(|g| g.owner).unwrap_or(token.owner());
    let group = given.and_then(|g| g.group).unwrap_or(token.group());
    if !token.is_root() && !token.has(&owner) {
        return Err(NtStatus::INVALID_OWNER.into());
    }
    let mut sd = SecurityDescriptor {
        owner: Some(owner),
        group: Some(group),
        ..SecurityDescriptor::default()
    };
    if let Some(given) = given.filter(|g| g.dacl != AclField::Absent) {
        sd.control = dacl_control(given.control);
        sd.dacl = given.dacl;
        return explicit(&sd).map(Some);
    }
    let from = parent.and_then(|p| p.dacl.acl());
    if parent.is_none() && given.is_none() {
        return Ok(None);
    }
    let auto = parent.is_some_and(|p| p.control.contains(SdControl::DACL_AUTO_INHERITED));
    let mark = if auto {
        AceFlags::INHERITED
    } else {
        AceFlags::NONE
    };
    let entries = |acl: &Acl<'_>, each: &mut dyn FnMut(&Ace<'_>) -> Result<(), NoSpace>| {
        for ace in acl.aces() {
            for ace in inherited(&ace, is_dir, mark, owner, group).iter().flatten() {
                each(ace)?;
            }
        }
        Ok(())
    };
    let mut count = 0usize;
    if let Some(acl) = from {
        entries(acl, &mut |_| {
            count = count.saturating_add(1);
            Ok(())
        })?;
    }
    // Only its presence counts here.
    let mut empty = [0; 8];
    let mut w = Writer::new(&mut empty);
    AclWriter::new(&mut w)?.finish()?;
    sd.dacl = AclField::Present(Acl::parse(&mut proto_shared::codec::Reader::new(
        w.written(),
    ))?);
    if auto {
        sd.control |= SdControl::DACL_AUTO_INHERITED;
    }
    let (Some(acl), true) = (from, count != 0) else {
        // Nothing to inherit: what is made belongs to who made it.
        return value(&sd, sd.wire_len().saturating_add(256), |w| {
            for sid in [owner, Sid::LOCAL_SYSTEM] {
                w.push(&Ace::allow(
                    AceFlags::NONE,
                    AccessMask::FILE_ALL_ACCESS,
                    sid,
                ))?;
            }
            Ok(())
        })
        .map(Some);
    };
    // An entry becomes two at most, and a SID longer by what the longest has.
    let room = acl
        .wire_len()
        .saturating_mul(2)
        .saturating_add(count.saturating_mul(proto_shared::limits::MAX_SID_LEN))
        .saturating_add(sd.wire_len())
        .min(MAX_SECURITY_DESCRIPTOR_LEN.saturating_sub(ntacl::NTACL_HEAD_LEN));
    value(&sd, room, |w| entries(acl, &mut |ace| w.push(ace))).map(Some)
}
