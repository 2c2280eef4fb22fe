// SPDX-License-Identifier: GPL-2.0-or-later
//! OPLOCK_BREAK ([MS-SMB2] 3.3.5.22): acknowledgments of oplock and lease breaks.
//!
//! No oplock and no lease is granted, so nothing ever breaks, and each acknowledgment answers a notification
//! that was never sent.

use proto_shared::smb2::{BreakRequest, OplockLevel};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

pub(crate) fn handle<H: Host>(w: &Work<H>, _out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    match BreakRequest::parse(w.msg())? {
        BreakRequest::Oplock(ack) => {
            w.open(ack.file_id)?;
            match ack.oplock_level {
                OplockLevel::NONE
                | OplockLevel::II
                | OplockLevel::EXCLUSIVE
                | OplockLevel::BATCH => Err(NtStatus::INVALID_OPLOCK_PROTOCOL.into()),
                _ => Err(NtStatus::INVALID_PARAMETER.into()),
            }
        }
        // 3.3.5.22.2: there is no lease under any key.
        BreakRequest::Lease(_) => Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
    }
}
