// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_DUPLICATE_EXTENTS_TO_FILE and its extended form ([MS-FSCC] 2.3.7, 2.3.9; [MS-FSA] 2.1.5.10.4): a file shares
//! blocks of another one until either is written.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::fscc::fsctl::DuplicateExtents;
use proto_shared::fscc::{CtlCode, FileAttributes};
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::reply;
use crate::caching::Contention;
use crate::error::SmbResult;
use crate::host::Host;
use crate::notify;
use crate::open::Open;
use crate::work::{Reply, Work};

/// Shares blocks.
///
/// # Errors
/// `NOT_SUPPORTED` if the file system cannot, or for ranges that do not lie within the files, overlap or would leave a
/// file with holes that is not sparse; `INVALID_PARAMETER` for ranges that are not whole blocks; `INVALID_HANDLE`,
/// `ACCESS_DENIED`.
pub(crate) fn duplicate<H: Host>(
    w: &Work<H>,
    target: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let ask = if req.ctl_code == CtlCode::DUPLICATE_EXTENTS_TO_FILE {
        DuplicateExtents::parse(req.input)?
    } else {
        DuplicateExtents::parse_ex(req.input)?
    };
    if target.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let writable = target.tree().require_writable()?;
    let to = target.write_data(&writable)?;
    if to.append_only() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let source = w
        .session()?
        .open(ask.source.volatile)
        .filter(|o| o.id().persistent == ask.source.persistent && o.disk().is_ok())
        .ok_or(NtStatus::INVALID_HANDLE)?;
    if source.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let from = source.read_data()?;
    let fs = w.fs();
    let before = source.attributes_for_reply()?.meta(fs)?;
    let after = target.attributes_for_reply()?.meta(fs)?;
    let end = |offset: u64| offset.saturating_add(ask.byte_count);
    let (source_end, target_end) = (end(ask.source_offset), end(ask.target_offset));
    let sparse = FileAttributes::SPARSE_FILE;
    let (one, other) = (source.disk()?.inode(), target.disk()?.inode());
    let overlaps =
        Arc::ptr_eq(one, other) && ask.source_offset < target_end && ask.target_offset < source_end;
    if source_end > before.attr.size
        || target_end > after.attr.size
        || overlaps
        || before.attributes.contains(sparse) && !after.attributes.contains(sparse)
    {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    if ask.byte_count != 0 {
        let len = ask.byte_count;
        // Byte-range locks are about reading and writing, not about this.
        target.contend(w.server(), Contention::Data)?;
        match to.clone_from(fs, &from, ask.source_offset, ask.target_offset, len) {
            Err(e) if e == EXDEV => return Err(NtStatus::NOT_SUPPORTED.into()),
            result => result?,
        }
        notify::modified(w.server(), target, notify::WRITTEN);
    }
    reply(out, req.ctl_code, target.id(), 0, |_| Ok(()))
}
