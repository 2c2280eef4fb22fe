// SPDX-License-Identifier: GPL-2.0-or-later
//! QUERY_INFO ([MS-SMB2] 3.3.5.20).

use proto_shared::dtyp::access::AccessMask;
use proto_shared::smb2::error::ErrorData;
use proto_shared::smb2::query_info::{InfoType, SecurityInformation};
use proto_shared::smb2::{Dialect, ErrorResponse, QueryInfoRequest, QueryInfoResponse};
use proto_shared::status::NtStatus;

use crate::apple;
use crate::error::SmbResult;
use crate::host::Host;
use crate::info::{file, fs, REPLY_FIXED};
use crate::open::Open;
use crate::security;
use crate::work::{Outcome, Reply, Work};

/// Parts that READ_CONTROL lets a handle see.
const CONTROLLED: SecurityInformation = SecurityInformation(
    SecurityInformation::OWNER.0
        | SecurityInformation::GROUP.0
        | SecurityInformation::DACL.0
        | SecurityInformation::LABEL.0
        | SecurityInformation::ATTRIBUTE.0
        | SecurityInformation::SCOPE.0
        | SecurityInformation::BACKUP.0,
);
/// Most bytes of an error reply's body that tells a length.
const ERROR_LEN: usize = 32;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = QueryInfoRequest::parse(w.msg())?;
    let most = w.negotiated()?.max_trans;
    if req.output_buffer_length > most || req.input.len() > most as usize {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.input.len().max(req.output_buffer_length as usize))?;
    let open = w.open(req.file_id)?;
    match req.info_type {
        InfoType::FILE => file::query(w, &open, &req, out)?,
        InfoType::FILESYSTEM => fs::query(w, &open, &req, out)?,
        InfoType::SECURITY => descriptor(w, &open, &req, out)?,
        // 3.3.5.20.4: the file systems' quotas are not those of SMB.
        InfoType::QUOTA => return Err(NtStatus::NOT_SUPPORTED.into()),
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    }
    Ok(Outcome::Done)
}

/// [MS-SMB2] 3.3.5.20.3: the security descriptor, whole or not at all.
fn descriptor<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &QueryInfoRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let what = req.security_information();
    if what.contains(SecurityInformation::SACL)
        && !open.granted().contains(AccessMask::ACCESS_SYSTEM_SECURITY)
    {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    // Who asks for nothing needs no right to see it.
    let attr = if what.intersects(CONTROLLED) {
        open.read_control()?.attr(w.fs())?
    } else {
        open.attributes_for_reply()?.attr(w.fs())?
    };
    let auth = w.auth()?;
    let node = open.disk()?.node();
    let mut descriptor = security::query(w.fs(), open.tree(), node, &attr, &auth.user, what)?;
    if what.contains(SecurityInformation::DACL) && apple::speaks(open.tree()) {
        descriptor = apple::bits::replace(&descriptor, Some(&attr))?;
    }
    let output: &[u8] = &descriptor;
    if output.len() > req.output_buffer_length as usize {
        let response = ErrorResponse {
            data: ErrorData::RequiredLength(output.len() as u32),
            in_context: w.negotiated()?.dialect >= Dialect::SMB3_1_1.0,
        };
        out.status = NtStatus::BUFFER_TOO_SMALL;
        return out.write(ERROR_LEN, |b| response.write(b));
    }
    let response = QueryInfoResponse { output };
    out.write(output.len().saturating_add(REPLY_FIXED), |b| {
        response.write(b)
    })
}
