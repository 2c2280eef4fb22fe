// SPDX-License-Identifier: GPL-2.0-or-later
//! READ ([MS-SMB2] 3.3.5.12). The data is a buffer of the host's, which the engine passes on untouched.

use proto_shared::smb2::read::RESPONSE_FIXED;
use proto_shared::smb2::types::Channel;
use proto_shared::smb2::{ReadRequest, ReadResponse};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{Host, Payload};
use crate::work::{Outcome, Reply, Work};

/// Beyond this no byte of a file has an offset ([MS-FSA] 2.1.5.3): offsets are signed.
pub(crate) const MAX_OFFSET: u64 = i64::MAX as u64;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = ReadRequest::parse(w.msg())?;
    let open = w.open(req.file_id)?;
    // Nothing here has remote memory; a descriptor for it is no way to reply.
    if req.length > w.negotiated()?.max_read || req.channel != Channel::NONE {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.length as usize)?;
    if open.pipe().is_some() {
        return crate::cmd::pipe::read(w, &open, &req);
    }
    let data = open.read_data()?;
    let end = req.offset.checked_add(u64::from(req.length));
    if end.is_none_or(|end| end > MAX_OFFSET) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let locks = &open.disk()?.inode().locks;
    if locks
        .lock()
        .conflicts_read(open.lock_owner(), req.offset, u64::from(req.length))
    {
        return Err(NtStatus::FILE_LOCK_CONFLICT.into());
    }
    let payload = if req.length == 0 {
        None
    } else {
        Some(data.read(w.fs(), req.offset, req.length)?)
    };
    let got = payload.as_ref().map_or(0, |p| p.len());
    let got = u32::try_from(got).map_err(|_| NtStatus::INTERNAL_ERROR)?;
    if got > req.length {
        return Err(NtStatus::INTERNAL_ERROR.into());
    }
    if got < req.minimum_count || got == 0 && req.length != 0 {
        return Err(NtStatus::END_OF_FILE.into());
    }
    open.set_position(req.offset.saturating_add(u64::from(got)));
    let response = ReadResponse {
        data_length: got,
        data_remaining: 0,
    };
    out.write(RESPONSE_FIXED, |b| response.write(b))?;
    if let Some(payload) = payload {
        out.set_payload(payload);
    }
    Ok(Outcome::Done)
}
