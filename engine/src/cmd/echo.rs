// SPDX-License-Identifier: GPL-2.0-or-later
//! ECHO ([MS-SMB2] 3.3.5.17).

use proto_shared::smb2::{EchoRequest, EchoResponse};

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    EchoRequest::parse(w.msg())?;
    out.write(4, |b| EchoResponse.write(b))?;
    Ok(Outcome::Done)
}
