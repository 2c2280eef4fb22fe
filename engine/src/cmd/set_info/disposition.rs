// SPDX-License-Identifier: GPL-2.0-or-later
//! FileDispositionInformation: deleting ([MS-FSA] 2.1.5.15.3, [MS-FSCC] 2.4.11.1).

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateOptions, FileAttributes};
use proto_shared::fscc::set::DispositionFlags;
use proto_shared::status::NtStatus;

use crate::caching::{Blocked, Contention};
use crate::error::SmbResult;
use crate::host::{FileKind, Host};
use crate::notify;
use crate::open::{Delete, Open};
use crate::work::Work;

/// All flags there are.
const KNOWN: DispositionFlags = DispositionFlags(0x1F);

pub(super) fn set<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    delete: bool,
) -> SmbResult<Option<Blocked<H>>> {
    let tree = w.tree()?;
    let file = open.delete(&tree.require_writable()?)?;
    if delete {
        check(w, open, &file, open.is_posix())?;
        if let Some(blocked) = open.contend(w.server(), Contention::Handle)? {
            return Ok(Some(blocked));
        }
    }
    if open.is_posix() {
        file.set_posix_delete(delete);
    } else {
        file.set_pending(delete);
    }
    tell(w, open);
    Ok(None)
}

/// Nobody waits for changes of a directory that is going.
fn tell<H: Host>(w: &Work<H>, open: &Open<H>) {
    match open.disk() {
        Ok(disk) if open.is_dir() && disk.is_delete_pending() => {
            notify::deleting(w.server(), disk.inode().key(), false);
        }
        _ => {}
    }
}

pub(super) fn set_ex<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    flags: DispositionFlags,
) -> SmbResult<Option<Blocked<H>>> {
    let tree = w.tree()?;
    let file = open.delete(&tree.require_writable()?)?;
    if !KNOWN.contains(flags) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let delete = flags.contains(DispositionFlags::DELETE);
    if flags.contains(DispositionFlags::ON_CLOSE) {
        // Changes what the handle was opened for.
        if !open.options().contains(CreateOptions::DELETE_ON_CLOSE) {
            return Err(NtStatus::NOT_SUPPORTED.into());
        }
        file.set_delete_on_close(delete);
        return Ok(None);
    }
    if !delete {
        file.set_posix_delete(false);
        return Ok(None);
    }
    let ignore_read_only = flags.contains(DispositionFlags::IGNORE_READONLY_ATTRIBUTE);
    if ignore_read_only && !open.granted().contains(AccessMask::WRITE_ATTRIBUTES) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    check(w, open, &file, ignore_read_only)?;
    if let Some(blocked) = open.contend(w.server(), Contention::Handle)? {
        return Ok(Some(blocked));
    }
    if flags.contains(DispositionFlags::POSIX_SEMANTICS) {
        file.set_posix_delete(true);
    } else {
        file.set_pending(true);
    }
    tell(w, open);
    Ok(None)
}

/// Whether the file may be marked for deletion.
fn check<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    file: &Delete<'_, H>,
    ignore_read_only: bool,
) -> SmbResult {
    let disk = open.disk()?;
    if disk.stream.is_none() && disk.path()?.is_root() {
        return Err(NtStatus::CANNOT_DELETE.into());
    }
    let meta = open.attributes_for_reply()?.meta(w.fs())?;
    if meta.attributes.contains(FileAttributes::READONLY) && !ignore_read_only {
        return Err(NtStatus::CANNOT_DELETE.into());
    }
    if meta.attr.kind == FileKind::Dir && !file.is_empty_dir(w.fs())? {
        return Err(NtStatus::DIRECTORY_NOT_EMPTY.into());
    }
    Ok(())
}
