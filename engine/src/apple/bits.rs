// SPDX-License-Identifier: GPL-2.0-or-later
//! Owner, group and permission bits in access lists, as Apple's clients show and set them: entries that deny nothing to
//! `S-1-5-88-1-uid`, `S-1-5-88-2-gid` and `S-1-5-88-3-mode`, the whole `st_mode`.

use kernel::prelude::*;

use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::acl::{Ace, AceFlags, AceType};
use proto_shared::dtyp::{SecurityDescriptor, Sid};
use proto_shared::status::NtStatus;

use super::unix_mode;
use crate::error::SmbResult;
use crate::host::Attr;

/// Length of one of them on the wire: header, mask, and a SID of three parts.
const ENTRY_LEN: usize = 8 + 8 + 3 * 4;

fn entry(kind: u32, value: u32) -> SmbResult<Ace<'static>> {
    let sid = Sid::new(5, &[Sid::UNIX_AUTHORITY_NFS, kind, value])
        .map_err(|_| NtStatus::INVALID_SECURITY_DESCR)?;
    Ok(Ace::new(
        AceType::ACCESS_DENIED,
        AceFlags::NONE,
        AccessMask::NONE,
        sid,
    ))
}

fn is_one(ace: &Ace<'_>) -> bool {
    ace.sid.authority() == 5
        && matches!(
            ace.sid.sub_authorities(),
            [Sid::UNIX_AUTHORITY_NFS, 1..=3, _]
        )
}

/// The bits that a list says, if it says any.
pub(crate) fn mode(sd: &SecurityDescriptor<'_>) -> Option<u32> {
    sd.dacl
        .acl()?
        .aces()
        .find_map(|ace| ace.sid.as_unix_mode())
        .map(|mode| mode & 0o7777)
}

/// A descriptor with what the file has by now at the end of its list, in place of what it says; without `attr` with
/// nothing. One that has no list stays as it is.
///
/// # Errors
/// `INVALID_SECURITY_DESCR`, `INSUFFICIENT_RESOURCES`.
pub(crate) fn replace(bytes: &[u8], attr: Option<&Attr>) -> SmbResult<KVec<u8>> {
    let sd = SecurityDescriptor::parse(bytes).map_err(|_| NtStatus::INVALID_SECURITY_DESCR)?;
    let mut out = KVec::new();
    let Some(acl) = sd.dacl.acl() else {
        out.extend_from_slice(bytes, GFP_KERNEL)?;
        return Ok(out);
    };
    let more = match attr {
        Some(a) => [
            Some(entry(1, a.uid)?),
            Some(entry(2, a.gid)?),
            Some(entry(3, u32::from(unix_mode(a)))?),
        ],
        None => [const { None }; 3],
    };
    let room = if attr.is_some() { 3 * ENTRY_LEN } else { 0 };
    out.extend_with(sd.wire_len().saturating_add(room), 0, GFP_KERNEL)?;
    let len = {
        let mut w = Writer::new(&mut out);
        sd.write_with_dacl(&mut w, |list| {
            for ace in acl.aces().filter(|ace| !is_one(ace)) {
                list.push(&ace)?;
            }
            more.iter().flatten().try_for_each(|ace| list.push(ace))
        })?;
        w.len()
    };
    out.truncate(len);
    Ok(out)
}
