// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_LMR_REQUEST_RESILIENCY ([MS-SMB2] 3.3.5.15.9): an open that survives the loss of its connection whatever becomes
//! of its oplock, with its byte-range locks.
//!
//! Nobody can take such an open from its client, so others meet its share mode and its locks until its time is up.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::fscc::fsctl::ResiliencyRequest;
use proto_shared::smb2::{Dialect, IoctlRequest};
use proto_shared::status::NtStatus;

use super::{is_on, Durability, Owner, TIMEOUT_MAX_MS};
use crate::error::SmbResult;
use crate::fsctl::reply;
use crate::host::{FileKind, Host};
use crate::open::Open;
use crate::work::{Reply, Work};

/// How long an open is kept whose client leaves that to the server, in milliseconds: what Windows does.
const TIMEOUT_MS: u32 = 120 * 1000;

/// Makes an open resilient. It takes the place of being durable, with whatever time it had then.
///
/// # Errors
/// `INVALID_DEVICE_REQUEST` before 2.1 and for pipes; `NOT_SUPPORTED` unless handles survive at all, for guests, and for
/// all but files; `INVALID_PARAMETER` for more than five minutes.
pub(crate) fn request<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    if Dialect(w.negotiated()?.dialect) == Dialect::SMB2_0_2 {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let disk = open.disk()?;
    let auth = w.auth()?;
    if !is_on(w.server())
        || auth.is_guest()
        || auth.is_anonymous()
        || disk.kind != FileKind::File
        || disk.stream.is_some()
        || open.is_snapshot()
    {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let ask = ResiliencyRequest::parse(req.input)?;
    if ask.timeout_ms > TIMEOUT_MAX_MS {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let owner = Owner::of(&auth.user)?;
    let before = open.durability.lock().clone();
    let durability = Durability {
        owner,
        create_guid: before.map(|d| d.create_guid).unwrap_or_default(),
        timeout_ms: match ask.timeout_ms {
            0 => TIMEOUT_MS,
            ms => ms,
        },
        resilient: true,
    };
    let durability = Arc::new(durability, GFP_KERNEL)?;
    let old = open.durability.lock().replace(durability);
    drop(old);
    reply(out, req.ctl_code, open.id(), 0, |_| Ok(()))
}
