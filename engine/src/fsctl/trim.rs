// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_FILE_LEVEL_TRIM ([MS-FSCC] 2.3.13, 2.3.14): what lies in some ranges of a file is not needed any more.
//!
//! It is a hint: afterwards a range holds what it held or zeros. Its whole pages are given back to the file system where
//! that can be done, so that a disk image on a share gets smaller when its owner deletes.

use kernel::prelude::*;

use proto_shared::fscc::fsctl::{FileLevelTrim, FILE_LEVEL_TRIM_OUTPUT_LEN};
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::reply;
use crate::caching::Contention;
use crate::error::SmbResult;
use crate::host::{Allocate, Host};
use crate::notify;
use crate::open::Open;
use crate::work::{Reply, Work};

/// What a range is cut down to, in bytes.
const PAGE: u64 = 4096;
/// Most ranges that one request does; the reply tells how many it did.
const MAX_RANGES: usize = 4096;

/// Answers FSCTL_FILE_LEVEL_TRIM. A key of byte-range locks means nothing over SMB2, where locks belong to handles.
///
/// # Errors
/// `INVALID_PARAMETER` without ranges, for directories and without room for the answer; `INTEGER_OVERFLOW` for a range
/// that ends beyond all files, `ACCESS_DENIED`, `FILE_LOCK_CONFLICT`, the host's other than that it cannot do it.
pub(crate) fn trim<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let ask = FileLevelTrim::parse(req.input)?;
    let room = req.max_output_response as usize;
    if open.is_dir() || ask.count() == 0 || room < FILE_LEVEL_TRIM_OUTPUT_LEN {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let writable = open.tree().require_writable()?;
    let data = open.write_data(&writable)?;
    if data.append_only() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let ranges = || ask.ranges().take(MAX_RANGES);
    {
        let locks = open.disk()?.inode().locks.lock();
        for range in ranges() {
            let range = range.map_err(|_| NtStatus::INTEGER_OVERFLOW)?;
            if locks.conflicts_write(open.lock_owner(), range.offset, range.length) {
                return Err(NtStatus::FILE_LOCK_CONFLICT.into());
            }
        }
    }
    let fs = w.fs();
    open.contend(w.server(), Contention::Data)?;
    let size = open.attributes_for_reply()?.attr(fs)?.size;
    let mut done = 0u32;
    let mut changed = false;
    for range in ranges() {
        let range = range?;
        let start = range.offset.checked_next_multiple_of(PAGE);
        let end = range.offset.saturating_add(range.length).min(size);
        // The rest of the last page of a file is nobody's.
        let end = if end == size {
            end
        } else {
            end & !(PAGE.wrapping_sub(1))
        };
        let len = start.map_or(0, |start| end.saturating_sub(start));
        if let (Some(start), 1..) = (start, len) {
            match data.allocate(fs, Allocate::PunchHole, start, len) {
                Ok(()) => changed = true,
                Err(e) if e == EOPNOTSUPP => {}
                // What was done stays done, and is told.
                Err(_) if done != 0 => break,
                Err(e) => return Err(e.into()),
            }
        }
        done = done.saturating_add(1);
    }
    if changed {
        notify::modified(w.server(), open, CompletionFilter::LAST_WRITE);
    }
    reply(
        out,
        req.ctl_code,
        open.id(),
        FILE_LEVEL_TRIM_OUTPUT_LEN,
        |b| b.u32(done),
    )
}
