// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_GET_REPARSE_POINT ([MS-FSCC] 2.3.31): where a symbolic link leads, and what a special file is.

use kernel::prelude::*;

use proto_shared::dtyp::{utf16, Utf16};
use proto_shared::fscc::reparse::{NfsType, ReparseData};
use proto_shared::limits::MAX_REPARSE_DATA_LEN;
use proto_shared::smb2::error::SymlinkFlags;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::{reply, require_room};
use crate::error::SmbResult;
use crate::host::{FileKind, Fs, Host};
use crate::name::PATH_MAX;
use crate::open::Open;
use crate::work::{Reply, Work};

/// Room for a special file's data.
const SPECIAL_ROOM: usize = 32;
/// Length of a link's data before its two names.
const LINK_FIXED: usize = 20;

/// Answers with the reparse data of a link or special file.
///
/// # Errors
/// `NOT_A_REPARSE_POINT` for files and directories, `BUFFER_TOO_SMALL`, `IO_REPARSE_DATA_INVALID` for a link whose
/// target is no text.
pub(crate) fn get<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let file = open.attributes_for_reply()?;
    let attr = file.attr(w.fs())?;
    let device = |nfs_type| {
        let (major, minor) = attr.rdev;
        ReparseData::NfsDevice {
            nfs_type,
            major,
            minor,
        }
    };
    let special = match attr.kind {
        FileKind::File | FileKind::Dir => return Err(NtStatus::NOT_A_REPARSE_POINT.into()),
        FileKind::Symlink => {
            let mut target = KVec::from_elem(0, PATH_MAX, GFP_KERNEL)?;
            let len = w.fs().read_link(file.node(), file.creds(), &mut target)?;
            return link(open, target.get(..len).unwrap_or(&[]), req, out);
        }
        FileKind::Fifo => ReparseData::NfsSpecial(NfsType::FIFO),
        FileKind::Socket => ReparseData::NfsSpecial(NfsType::SOCK),
        FileKind::Char => device(NfsType::CHR),
        FileKind::Block => device(NfsType::BLK),
    };
    require_room(req, SPECIAL_ROOM)?;
    reply(out, req.ctl_code, open.id(), SPECIAL_ROOM, |b| {
        special.write(b)
    })
}

fn link<H: Host>(
    open: &Open<H>,
    target: &[u8],
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let invalid = NtStatus::IO_REPARSE_DATA_INVALID;
    let target = core::str::from_utf8(target).map_err(|_| invalid)?;
    let flags = if target.starts_with('/') {
        SymlinkFlags::NONE
    } else {
        SymlinkFlags::RELATIVE
    };
    let mut wire = KVec::from_elem(0u8, utf16::encoded_len(target), GFP_KERNEL)?;
    utf16::encode(target, &mut wire)?;
    for unit in wire.chunks_exact_mut(2) {
        // Separators as clients spell them.
        match unit {
            [low @ b'/', 0] if !open.is_posix() => *low = b'\\',
            _ => {}
        }
    }
    let name = Utf16::new(&wire)?;
    let data = ReparseData::Symlink {
        substitute_name: name,
        print_name: name,
        flags,
    };
    let len = wire.len().saturating_mul(2).saturating_add(LINK_FIXED);
    if len > MAX_REPARSE_DATA_LEN {
        return Err(invalid.into());
    }
    require_room(req, len)?;
    reply(out, req.ctl_code, open.id(), len, |b| data.write(b))
}
