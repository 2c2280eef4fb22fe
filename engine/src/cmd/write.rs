// SPDX-License-Identifier: GPL-2.0-or-later
//! WRITE ([MS-SMB2] 3.3.5.13, [MS-FSA] 2.1.5.4). The data stays in the frame in which it came.

use proto_shared::smb2::types::Channel;
use proto_shared::smb2::write::WriteFlags;
use proto_shared::smb2::{Dialect, WriteRequest, WriteResponse};
use proto_shared::status::NtStatus;

use crate::caching::Contention;
use crate::cmd::read::MAX_OFFSET;
use crate::error::SmbResult;
use crate::host::{Host, WriteSource};
use crate::notify;
use crate::work::{Outcome, Reply, Work};

/// No file of a client's grows beyond this ([MS-FSA] 2.1.5.4, MAXFILESIZE): what NTFS takes at most, and what clients
/// are written for.
const MAX_FILE_SIZE: u64 = 0xFFF_FFFF_0000;
/// Length of the reply's body in bytes.
const REPLY: usize = 16;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = WriteRequest::parse(w.msg())?;
    let open = w.open(req.file_id)?;
    let negotiated = w.negotiated()?;
    if req.length > negotiated.max_write || req.channel != Channel::NONE {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.data_len)?;
    if open.pipe().is_some() {
        return crate::cmd::pipe::write(w, &open, &req);
    }
    let data = open.write_data(&w.tree()?.require_writable()?)?;
    let (offset, len) = (req.offset, u64::from(req.length));
    // The negative offsets of [MS-FSA] 2.1.5.4 mean something to local callers only.
    let beyond = |end| end > MAX_OFFSET || len != 0 && end > MAX_FILE_SIZE;
    if offset.checked_add(len).is_none_or(beyond) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    // [MS-SMB2] 3.3.5.13 has who may only append refused before the end of the file, as something a server should do.
    // Windows does not, and clients open to append and write where they like.
    if open
        .disk()?
        .inode()
        .locks
        .lock()
        .conflicts_write(open.lock_owner(), offset, len)
    {
        return Err(NtStatus::FILE_LOCK_CONFLICT.into());
    }
    open.contend(w.server(), Contention::Data)?;
    let count = if req.data_len == 0 {
        0
    } else {
        let bad = NtStatus::INVALID_PARAMETER;
        let start = w.range.start.checked_add(req.data_offset).ok_or(bad)?;
        let end = start.checked_add(req.data_len).ok_or(bad)?;
        let count = data.write(w.fs(), offset, WriteSource::Frame(&w.pdu, start..end))?;
        if through(negotiated.dialect, req.flags) {
            data.flush(w.fs())?;
        }
        count
    };
    open.set_position(offset.saturating_add(u64::from(count)));
    notify::modified(w.server(), &open, notify::WRITTEN);
    out.write(REPLY, |b| WriteResponse { count }.write(b))?;
    Ok(Outcome::Done)
}

/// Whether the data must be stable before the reply; the flag is reserved in dialect 2.0.2.
fn through(dialect: u16, flags: WriteFlags) -> bool {
    Dialect(dialect) != Dialect::SMB2_0_2 && flags.contains(WriteFlags::WRITE_THROUGH)
}
