// SPDX-License-Identifier: GPL-2.0-or-later
//! Size, allocation, position and mode ([MS-FSA] 2.1.5.15.1, 2.1.5.15.4, 2.1.5.15.8, 2.1.5.15.9).

use kernel::prelude::*;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::CreateOptions;
use proto_shared::status::NtStatus;

use crate::caching::Contention;
use crate::error::SmbResult;
use crate::host::{Allocate, Host};
use crate::notify;
use crate::open::{Open, WriteData};
use crate::work::Work;

/// Mode bits that a client may change; the rest stays as it was opened.
const SETTABLE: CreateOptions = CreateOptions(
    CreateOptions::WRITE_THROUGH.0
        | CreateOptions::SEQUENTIAL_ONLY.0
        | CreateOptions::SYNCHRONOUS_IO_ALERT.0
        | CreateOptions::SYNCHRONOUS_IO_NONALERT.0,
);

/// What changes a size needs more than the right to append.
fn writable<'a, H: Host>(w: &Work<H>, open: &'a Open<H>) -> SmbResult<WriteData<'a, H>> {
    if open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let data = open.write_data(&w.tree()?.require_writable()?)?;
    if data.append_only() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    Ok(data)
}

pub(super) fn end_of_file<H: Host>(w: &Work<H>, open: &Open<H>, size: u64) -> SmbResult {
    let data = writable(w, open)?;
    open.contend(w.server(), Contention::Data)?;
    data.truncate(w.fs(), size)?;
    notify::modified(w.server(), open, notify::WRITTEN);
    Ok(())
}

pub(super) fn allocation<H: Host>(w: &Work<H>, open: &Open<H>, size: u64) -> SmbResult {
    let data = writable(w, open)?;
    open.contend(w.server(), Contention::Data)?;
    if size < data.attr(w.fs())?.size {
        // What has no room is cut off.
        data.truncate(w.fs(), size)?;
        notify::modified(w.server(), open, notify::WRITTEN);
        return Ok(());
    }
    if size == 0 {
        return Ok(());
    }
    match data.allocate(w.fs(), Allocate::KeepSize, 0, size) {
        // A reservation is a hint where the file system knows none.
        Err(e) if e == EOPNOTSUPP || e == ENOSYS => Ok(()),
        result => Ok(result?),
    }
}

pub(super) fn position<H: Host>(open: &Open<H>, position: u64) -> SmbResult {
    if !open
        .granted()
        .intersects(AccessMask::READ_DATA | AccessMask::WRITE_DATA)
    {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    open.set_position(position);
    Ok(())
}

pub(super) fn mode<H: Host>(open: &Open<H>, mode: u32) -> SmbResult {
    let mode = CreateOptions(mode);
    let both = CreateOptions::SYNCHRONOUS_IO_ALERT | CreateOptions::SYNCHRONOUS_IO_NONALERT;
    if !SETTABLE.contains(mode) || mode.contains(both) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    open.set_mode(open.mode().without(SETTABLE) | mode);
    Ok(())
}
