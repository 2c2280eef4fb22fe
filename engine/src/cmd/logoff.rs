// SPDX-License-Identifier: GPL-2.0-or-later
//! LOGOFF ([MS-SMB2] 3.3.5.6).

use proto_shared::smb2::{LogoffRequest, LogoffResponse};

use crate::error::SmbResult;
use crate::host::Host;
use crate::server::Server;
use crate::work::{Outcome, Reply, Work};

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    LogoffRequest::parse(w.msg())?;
    out.write(4, |b| LogoffResponse.write(b))?;
    Server::close_session(w.server(), w.session()?);
    Ok(Outcome::Done)
}
