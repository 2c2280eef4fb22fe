// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_GET_COMPRESSION and FSCTL_SET_COMPRESSION ([MS-FSCC] 2.3.21, 2.3.67). What the host's file system does
//! below is its own business; of the kind that clients know, nothing is compressed.

use proto_shared::codec::Reader;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::{reply, require_room};
use crate::error::SmbResult;
use crate::host::Host;
use crate::open::Open;
use crate::work::Reply;

const FORMAT_NONE: u16 = 0;
const FORMAT_LZNT1: u16 = 2;
const FORMAT_LEN: usize = 2;

/// Tells that the file is not compressed.
///
/// # Errors
/// `BUFFER_TOO_SMALL`, `INVALID_DEVICE_REQUEST` for pipes.
pub(crate) fn get<H: Host>(
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    open.disk()?;
    require_room(req, FORMAT_LEN)?;
    reply(out, req.ctl_code, open.id(), FORMAT_LEN, |b| {
        b.u16(FORMAT_NONE)
    })
}

/// Takes that the file is not to be compressed, and nothing else.
///
/// # Errors
/// `NOT_SUPPORTED` for formats that there are, `INVALID_PARAMETER` for others, `ACCESS_DENIED`.
pub(crate) fn set<H: Host>(
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    open.disk()?;
    let writable = open.tree().require_writable()?;
    if !open.is_dir() {
        open.write_data(&writable)?;
    }
    match Reader::new(req.input).u16()? {
        FORMAT_NONE => reply(out, req.ctl_code, open.id(), 0, |_| Ok(())),
        // 1 is "the default one".
        1..=FORMAT_LZNT1 => Err(NtStatus::NOT_SUPPORTED.into()),
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}
