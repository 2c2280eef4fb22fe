// SPDX-License-Identifier: GPL-2.0-or-later
//! TREE_DISCONNECT ([MS-SMB2] 3.3.5.8).

use kernel::sync::atomic::Relaxed;

use proto_shared::ipc;
use proto_shared::smb2::{TreeDisconnectRequest, TreeDisconnectResponse};
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    TreeDisconnectRequest::parse(w.msg())?;
    let (session, tree) = (w.session()?, w.tree()?);
    out.write(4, |b| TreeDisconnectResponse.write(b))?;
    // Of two at the same time one finds nothing.
    let gone = session.trees.lock().remove(u64::from(tree.id));
    let gone = gone.ok_or(SmbError::from(NtStatus::NETWORK_NAME_DELETED))?;
    gone.connected.store(false, Relaxed);
    crate::open::close_all(w.server(), session, Some(tree.id), false);
    w.server().event(&ipc::TreeDisconnect {
        session_id: session.id,
        tree_id: tree.connect_id,
    });
    Ok(Outcome::Done)
}
