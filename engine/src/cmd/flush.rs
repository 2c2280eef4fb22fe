// SPDX-License-Identifier: GPL-2.0-or-later
//! FLUSH ([MS-SMB2] 3.3.5.11).

use proto_shared::smb2::{FlushRequest, FlushResponse};

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

/// Length of the reply's body in bytes.
const REPLY: usize = 4;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = FlushRequest::parse(w.msg())?;
    let open = w.open(req.file_id)?;
    open.flush()?.flush(w.fs())?;
    out.write(REPLY, |b| FlushResponse.write(b))?;
    Ok(Outcome::Done)
}
