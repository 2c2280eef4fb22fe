// SPDX-License-Identifier: GPL-2.0-or-later
//! Holes ([MS-FSCC] 2.3.69, 2.3.71, 2.3.52; [MS-FSA] 2.1.5.10.36, 2.1.5.10.38, 2.1.5.10.22).

use kernel::prelude::*;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::fsctl::{parse_set_sparse, AllocatedRange, SetZeroData};
use proto_shared::fscc::FileAttributes;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::reply;
use crate::caching::Contention;
use crate::error::SmbResult;
use crate::host::{Allocate, Host};
use crate::notify;
use crate::open::dos_attrib;
use crate::open::Open;
use crate::work::{Reply, Work};

/// Answers FSCTL_SET_SPARSE: every file may have holes, so it is only the attribute that changes.
///
/// # Errors
/// `ACCESS_DENIED`, `INVALID_PARAMETER` for directories, `NOT_SUPPORTED` if the share stores no attributes.
pub(crate) fn set_sparse<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let disk = open.disk()?;
    if open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let writable = open.tree().require_writable()?;
    // Either right will do.
    if open.granted().contains(AccessMask::WRITE_ATTRIBUTES) {
        open.write_attributes(&writable)?;
    } else {
        open.write_data(&writable)?;
    }
    let fs = w.fs();
    let mut dos = dos_attrib::load(fs, open.tree(), disk.node())?.unwrap_or_default();
    let before = dos.attributes.unwrap_or_default();
    let after = if parse_set_sparse(req.input) {
        before | FileAttributes::SPARSE_FILE
    } else {
        before.without(FileAttributes::SPARSE_FILE)
    };
    if after != before {
        dos.attributes = Some(after);
        dos_attrib::store(fs, open.tree(), disk.node(), &dos)?;
        notify::modified(w.server(), open, CompletionFilter::ATTRIBUTES);
    }
    reply(out, req.ctl_code, open.id(), 0, |_| Ok(()))
}

/// Answers FSCTL_SET_ZERO_DATA. The size does not change: what lies behind the end reads as zeros anyway.
///
/// # Errors
/// `ACCESS_DENIED`, `FILE_LOCK_CONFLICT`, `INVALID_PARAMETER`, `NOT_SUPPORTED` if the file system can neither make
/// holes nor zeros.
pub(crate) fn set_zero_data<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let zero = SetZeroData::parse(req.input)?;
    if open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let writable = open.tree().require_writable()?;
    let data = open.write_data(&writable)?;
    if data.append_only() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let fs = w.fs();
    let locks = &open.disk()?.inode().locks;
    if locks
        .lock()
        .conflicts_write(open.lock_owner(), zero.offset, zero.length())
    {
        return Err(NtStatus::FILE_LOCK_CONFLICT.into());
    }
    open.contend(w.server(), Contention::Data)?;
    let meta = open.attributes_for_reply()?.meta(fs)?;
    let len = zero
        .beyond_final_zero
        .min(meta.attr.size)
        .saturating_sub(zero.offset);
    if len > 0 {
        // A file that was not made sparse keeps its blocks, if the file system can do that.
        let ways = if meta.attributes.contains(FileAttributes::SPARSE_FILE) {
            [Allocate::PunchHole, Allocate::Zero]
        } else {
            [Allocate::Zero, Allocate::PunchHole]
        };
        let [first, second] = ways;
        match data.allocate(fs, first, zero.offset, len) {
            Err(e) if e == EOPNOTSUPP => data.allocate(fs, second, zero.offset, len)?,
            other => other?,
        }
        notify::modified(w.server(), open, CompletionFilter::LAST_WRITE);
    }
    reply(out, req.ctl_code, open.id(), 0, |_| Ok(()))
}

/// Answers FSCTL_QUERY_ALLOCATED_RANGES. Of a file that was not made sparse all is allocated, and so is what the file
/// system cannot tell of.
///
/// # Errors
/// `ACCESS_DENIED`, `INVALID_PARAMETER`, `BUFFER_TOO_SMALL`. With room for some of the ranges the reply has these,
/// and the status `BUFFER_OVERFLOW`.
pub(crate) fn query_allocated_ranges<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let asked = AllocatedRange::parse(req.input)?;
    if open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let data = open.read_data()?;
    let fs = w.fs();
    let meta = open.attributes_for_reply()?.meta(fs)?;
    let end = asked
        .offset
        .saturating_add(asked.length)
        .min(meta.attr.size);
    let room = (req.max_output_response as usize)
        .checked_div(AllocatedRange::LEN)
        .unwrap_or(0);
    let mut ranges: KVVec<AllocatedRange> = KVVec::new();
    let mut from = asked.offset;
    while from < end {
        let next = if meta.attributes.contains(FileAttributes::SPARSE_FILE) {
            match data.next_data(fs, from) {
                Err(e) if e == EOPNOTSUPP => Some(from..end),
                other => other?,
            }
        } else {
            Some(from..end)
        };
        let Some(next) = next.filter(|r| r.start < end) else {
            break;
        };
        if ranges.len() == room {
            if ranges.is_empty() {
                return Err(NtStatus::BUFFER_TOO_SMALL.into());
            }
            out.status = NtStatus::BUFFER_OVERFLOW;
            break;
        }
        let (start, stop) = (next.start.max(from), next.end.min(end));
        if stop <= start {
            // The file changed meanwhile.
            break;
        }
        let range = AllocatedRange {
            offset: start,
            length: stop.saturating_sub(start),
        };
        ranges.push(range, GFP_KERNEL)?;
        from = stop;
    }
    let len = ranges.len().saturating_mul(AllocatedRange::LEN);
    reply(out, req.ctl_code, open.id(), len, |b| {
        ranges.iter().try_for_each(|r| r.write(b))
    })
}
