// SPDX-License-Identifier: GPL-2.0-or-later
//! Extended attributes of clients ([MS-FSCC] 2.4.16) as `user.` attributes of the file system.

use kernel::prelude::*;

use proto_shared::fscc::set::EaList;
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{Fs, Host};

/// Where the file system keeps them.
pub const PREFIX: &[u8] = b"user.";
/// Longest name of the file system, prefix included.
const MAX_NAME: usize = 255;
/// Largest value of the file system.
const MAX_VALUE: usize = 64 << 10;
/// Names (without the prefix) that are the servers' own: attributes, streams, access lists.
const RESERVED: &[&[u8]] = &[b"DOSATTRIB", b"SAMBA_PAI", b"NTACL"];
/// Beginnings of such names.
const RESERVED_PREFIXES: &[&[u8]] = &[b"DosStream.", b"org.netatalk."];

/// Whether a name (without the prefix) is the servers' own, which clients neither see nor change.
pub fn is_reserved(name: &[u8]) -> bool {
    RESERVED.iter().any(|r| name.eq_ignore_ascii_case(r))
        || RESERVED_PREFIXES.iter().any(|p| {
            name.get(..p.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(p))
        })
}

/// The file system's name of an attribute, ended by NUL.
///
/// # Errors
/// `INVALID_EA_NAME` for characters that no name may have ([MS-FSCC] 2.4.16.1) and names that are too long,
/// `ACCESS_DENIED` for reserved ones.
fn host_name<'b>(name: &[u8], buf: &'b mut [u8; MAX_NAME + 1]) -> SmbResult<&'b CStr> {
    let bad = || SmbError::from(NtStatus::INVALID_EA_NAME);
    if name
        .iter()
        .any(|c| *c < 0x20 || b"\"*+,/:;<=>?[\\]|".contains(c))
    {
        return Err(bad());
    }
    if is_reserved(name) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let len = PREFIX.len().saturating_add(name.len());
    if len > MAX_NAME {
        return Err(bad());
    }
    buf.get_mut(..PREFIX.len())
        .ok_or_else(bad)?
        .copy_from_slice(PREFIX);
    buf.get_mut(PREFIX.len()..len)
        .ok_or_else(bad)?
        .copy_from_slice(name);
    *buf.get_mut(len).ok_or_else(bad)? = 0;
    let whole = buf.get(..=len).ok_or_else(bad)?;
    CStr::from_bytes_with_nul(whole).map_err(|_| bad())
}

/// Sets and removes attributes, in the order of the list; an error leaves those before it done.
///
/// # Errors
/// `INVALID_EA_NAME`, `ACCESS_DENIED`, `EA_TOO_LARGE`, `EAS_NOT_SUPPORTED`, the host's.
pub(crate) fn apply<H: Host>(
    fs: &H::Fs,
    node: &<H::Fs as Fs>::Node,
    creds: &<H::Fs as Fs>::Creds,
    list: &EaList<'_>,
) -> SmbResult {
    let mut buf = [0; MAX_NAME + 1];
    for ea in list.iter() {
        let name = host_name(ea.name, &mut buf)?;
        if ea.value.len() > MAX_VALUE {
            return Err(NtStatus::EA_TOO_LARGE.into());
        }
        let result = if ea.value.is_empty() {
            match fs.remove_xattr(node, creds, name) {
                Err(e) if e == ENODATA => Ok(()),
                result => result,
            }
        } else {
            fs.set_xattr(node, creds, name, ea.value)
        };
        result.map_err(status)?;
    }
    Ok(())
}

fn status(e: Error) -> SmbError {
    let status = if e == EOPNOTSUPP {
        NtStatus::EAS_NOT_SUPPORTED
    } else if e == ERANGE || e == E2BIG {
        NtStatus::EA_TOO_LARGE
    } else {
        return e.into();
    };
    SmbError {
        status,
        source: Some(e),
    }
}
