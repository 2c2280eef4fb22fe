// SPDX-License-Identifier: GPL-2.0-or-later
//! OPLOCK_BREAK ([MS-SMB2] 3.3.5.22): acknowledgments of oplock and lease breaks. What a break leads to further is
//! told after the reply.

use kernel::prelude::*;

use proto_shared::smb2::{BreakRequest, LeaseBreakAck, OplockBreak};
use proto_shared::status::NtStatus;

use crate::caching::{After, LeaseId};
use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::open::InodeTable;
use crate::work::{Outcome, Reply, Work};

/// Length of the longer reply's body in bytes.
const REPLY: usize = 36;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    match BreakRequest::parse(w.msg())? {
        BreakRequest::Oplock(ack) => oplock(w, &ack, out)?,
        BreakRequest::Lease(ack) => lease(w, &ack, out)?,
    }
    Ok(Outcome::Done)
}

/// [MS-SMB2] 3.3.5.22.1.
fn oplock<H: Host>(w: &Work<H>, ack: &OplockBreak, out: &mut Reply<H>) -> SmbResult {
    let open = w.open(ack.file_id)?;
    let inode = open.disk()?.inode();
    let (id, now) = (open.id().persistent, w.host().now());
    let mut notices = KVec::new();
    let level = inode.caching(|c| c.acknowledge_oplock(id, ack.oplock_level, now, &mut notices));
    // Even a wrong answer ends the break.
    out.after = Some(After::Acknowledged(inode.clone(), notices));
    let reply = OplockBreak {
        oplock_level: level?,
        file_id: ack.file_id,
    };
    out.write(REPLY, |b| reply.write(b))
}

/// [MS-SMB2] 3.3.5.22.2. The key names the lease; by which session and tree the answer comes does not matter.
fn lease<H: Host>(w: &Work<H>, ack: &LeaseBreakAck, out: &mut Reply<H>) -> SmbResult {
    let id = LeaseId {
        client: w.negotiated()?.client_guid,
        key: ack.lease_key,
    };
    let unknown = SmbError::from(NtStatus::OBJECT_NAME_NOT_FOUND);
    let file = w.server().leases.lock().file(&id).ok_or(unknown)?;
    let inode = InodeTable::find(w.server(), file).ok_or(unknown)?;
    let now = w.host().now();
    let mut notices = KVec::new();
    let done = inode.caching(|c| c.acknowledge_lease(&id, ack.lease_state, now, &mut notices));
    out.after = Some(After::Acknowledged((*inode).clone(), notices));
    done?;
    let reply = LeaseBreakAck {
        lease_key: ack.lease_key,
        lease_state: ack.lease_state,
    };
    out.write(REPLY, |b| reply.write(b))
}
