// SPDX-License-Identifier: GPL-2.0-or-later
//! File system controls that take a handle ([MS-SMB2] 3.3.5.15, [MS-FSCC] 2.3).

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::fscc::CtlCode;
use proto_shared::smb2::{FileId, IoctlRequest, IoctlResponse};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::Reply;

pub(crate) mod compression;
pub(crate) mod copy;
pub(crate) mod extents;
pub(crate) mod network;
pub(crate) mod object_id;
pub(crate) mod reparse;
pub(crate) mod sparse;
pub(crate) mod trim;

/// Length of the reply's body before its output.
const REPLY_FIXED: usize = 48;

/// Writes the reply with at most `room` bytes of output, which the caller has compared with what the client has
/// room for.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` without memory.
pub(crate) fn reply<H: Host>(
    out: &mut Reply<H>,
    code: CtlCode,
    id: FileId,
    room: usize,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
) -> SmbResult {
    out.write(room.saturating_add(REPLY_FIXED), |w| {
        let output = IoctlResponse::begin(code, id, w)?;
        fill(w)?;
        output.finish(w)?;
        Ok(())
    })
}

/// Checks that the client has room for an output of `len` bytes.
///
/// # Errors
/// `BUFFER_TOO_SMALL`.
pub(crate) fn require_room(req: &IoctlRequest<'_>, len: usize) -> SmbResult {
    if (req.max_output_response as usize) < len {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    Ok(())
}
