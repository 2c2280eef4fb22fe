// SPDX-License-Identifier: GPL-2.0-or-later
//! CLOSE ([MS-SMB2] 3.3.5.10).

use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::{CloseRequest, CloseResponse};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::open::{close_open, Open};
use crate::work::{Outcome, Reply, Work};

/// Length of the reply's body in bytes.
const REPLY: usize = 60;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = CloseRequest::parse(w.msg())?;
    let open = w.open(req.file_id)?;
    // Asked before the end, for afterwards there may be no file; that it fails does not keep the handle.
    let response = if req.flags.contains(CloseFlags::POSTQUERY_ATTRIB) {
        attributes(w, &open).unwrap_or_default()
    } else {
        CloseResponse::default()
    };
    if !close_open(w.server(), w.session()?, &open) {
        return Err(NtStatus::FILE_CLOSED.into());
    }
    out.write(REPLY, |b| response.write(b))?;
    Ok(Outcome::Done)
}

fn attributes<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<CloseResponse> {
    let meta = open.attributes_for_reply()?.meta(w.fs())?;
    Ok(CloseResponse {
        flags: CloseFlags::POSTQUERY_ATTRIB,
        creation_time: meta.created,
        last_access_time: meta.accessed,
        last_write_time: meta.written,
        change_time: meta.changed,
        allocation_size: meta.allocation_size(),
        end_of_file: meta.end_of_file(),
        file_attributes: meta.attributes,
    })
}
