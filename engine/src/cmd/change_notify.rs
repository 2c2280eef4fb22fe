// SPDX-License-Identifier: GPL-2.0-or-later
//! CHANGE_NOTIFY ([MS-SMB2] 3.3.5.19).
//!
//! Requests are checked in full; watching itself is not supported, which clients take for a file system that
//! cannot tell, and poll instead.

use proto_shared::dtyp::access::AccessMask;
use proto_shared::smb2::ChangeNotifyRequest;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

pub(crate) fn handle<H: Host>(w: &Work<H>, _out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = ChangeNotifyRequest::parse(w.msg())?;
    if req.output_buffer_length > w.negotiated()?.max_trans {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.output_buffer_length as usize)?;
    let open = w.open(req.file_id)?;
    if !open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if !open.granted().contains(AccessMask::LIST_DIRECTORY) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    Err(NtStatus::NOT_SUPPORTED.into())
}
