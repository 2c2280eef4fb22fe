// SPDX-License-Identifier: GPL-2.0-or-later
//! IOCTL ([MS-SMB2] 3.3.5.15): controls of the connection here, those of a handle in [`crate::fsctl`].
//!
//! What is not there is told in the words of the specification: a control that [MS-FSCC] or [MS-SMB2] defines
//! and this server has not is INVALID_DEVICE_REQUEST, as from a file system that has it not; a code that nobody
//! defines is NOT_SUPPORTED.

use proto_shared::dtyp::Guid;
use proto_shared::fscc::fsctl::{ValidateNegotiateRequest, ValidateNegotiateResponse};
use proto_shared::fscc::CtlCode;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::{Capabilities, Dialect, IoctlRequest, SecurityMode};
use proto_shared::status::NtStatus;

use crate::cmd::pipe;
use crate::config::Config;
use crate::durable::resilient;
use crate::error::SmbResult;
use crate::fsctl::{compression, copy, extents, network, object_id, reparse, reply, sparse, trim};
use crate::host::Host;
use crate::snapshot;
use crate::work::{Outcome, Reply, Work};

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = IoctlRequest::parse(w.msg())?;
    if req.flags != IoctlFlags::IS_FSCTL {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    check_sizes(w, &req)?;
    match req.ctl_code {
        CtlCode::VALIDATE_NEGOTIATE_INFO => {
            no_handle(&req)?;
            return validate_negotiate(w, &req, out);
        }
        // No share is part of a DFS namespace.
        CtlCode::DFS_GET_REFERRALS | CtlCode::DFS_GET_REFERRALS_EX => {
            no_handle(&req)?;
            return Err(NtStatus::FS_DRIVER_REQUIRED.into());
        }
        CtlCode::QUERY_NETWORK_INTERFACE_INFO => {
            no_handle(&req)?;
            network::interfaces(w, &req, out)?;
            return Ok(Outcome::Done);
        }
        CtlCode::PIPE_WAIT => {
            no_handle(&req)?;
            return Err(NtStatus::NOT_SUPPORTED.into());
        }
        _ => {}
    }
    let open = w.open(req.file_id)?;
    match req.ctl_code {
        CtlCode::PIPE_TRANSCEIVE => return pipe::transceive(w, &open, &req),
        CtlCode::SRV_REQUEST_RESUME_KEY => copy::resume_key(&open, &req, out)?,
        CtlCode::SRV_COPYCHUNK | CtlCode::SRV_COPYCHUNK_WRITE => {
            copy::copy_chunks(w, &open, &req, out)?
        }
        CtlCode::GET_REPARSE_POINT => reparse::get(w, &open, &req, out)?,
        CtlCode::SET_REPARSE_POINT => reparse::set(w, &open, &req, out)?,
        CtlCode::DELETE_REPARSE_POINT => reparse::delete(w, &open, &req, out)?,
        CtlCode::CREATE_OR_GET_OBJECT_ID => object_id::get(w, &open, &req, out)?,
        CtlCode::GET_COMPRESSION => compression::get(&open, &req, out)?,
        CtlCode::SET_COMPRESSION => compression::set(&open, &req, out)?,
        CtlCode::SET_SPARSE => sparse::set_sparse(w, &open, &req, out)?,
        CtlCode::SET_ZERO_DATA => sparse::set_zero_data(w, &open, &req, out)?,
        CtlCode::QUERY_ALLOCATED_RANGES => sparse::query_allocated_ranges(w, &open, &req, out)?,
        CtlCode::DUPLICATE_EXTENTS_TO_FILE | CtlCode::DUPLICATE_EXTENTS_TO_FILE_EX => {
            extents::duplicate(w, &open, &req, out)?
        }
        CtlCode::FILE_LEVEL_TRIM => trim::trim(w, &open, &req, out)?,
        CtlCode::LMR_REQUEST_RESILIENCY => resilient::request(w, &open, &req, out)?,
        CtlCode::SRV_ENUMERATE_SNAPSHOTS => snapshot::enumerate(w, &open, &req, out)?,
        // [MS-SMB2] 3.3.5.15.7 names this answer for servers without hashes.
        CtlCode::SRV_READ_HASH | CtlCode::PIPE_PEEK => return Err(NtStatus::NOT_SUPPORTED.into()),
        known if known.name().is_some() => return Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
        _ => return Err(NtStatus::NOT_SUPPORTED.into()),
    }
    Ok(Outcome::Done)
}

/// [MS-SMB2] 3.3.5.15, 3.3.5.2.5.
fn check_sizes<H: Host>(w: &Work<H>, req: &IoctlRequest<'_>) -> SmbResult {
    let most = w.negotiated()?.max_trans;
    let (input, output) = (req.max_input_response, req.max_output_response);
    if req.input.len() > most as usize || input > most || output > most {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let response = (input as usize).saturating_add(output as usize);
    w.require_charge(req.input.len().max(response))
}

/// Controls of the connection take no handle.
fn no_handle(req: &IoctlRequest<'_>) -> SmbResult {
    if !req.file_id.is_all_ones() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    Ok(())
}

/// [MS-SMB2] 3.3.5.15.12: whoever changed the NEGOTIATE on its way cannot change this signed repetition of it,
/// and a connection on which the two differ ends without an answer.
fn validate_negotiate<H: Host>(
    w: &Work<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let n = w.negotiated()?;
    let config = w.server().config();
    let same = n.dialect < Dialect::SMB3_1_1.0
        && req.max_output_response as usize >= ValidateNegotiateResponse::LEN
        && ValidateNegotiateRequest::parse(req.input).is_ok_and(|v| {
            v.capabilities.0 == n.client_capabilities
                && v.guid.0 == n.client_guid
                && v.security_mode.0 == n.client_security_mode
                && config.is_some_and(|c| best_dialect(&v, &c) == Some(n.dialect))
        });
    if !same {
        w.conn
            .violation("FSCTL_VALIDATE_NEGOTIATE_INFO differs from NEGOTIATE");
        return Ok(Outcome::NoReply);
    }
    let info = ValidateNegotiateResponse {
        capabilities: Capabilities(n.capabilities),
        guid: Guid(n.server_guid),
        security_mode: SecurityMode(n.security_mode),
        dialect: Dialect(n.dialect),
    };
    reply(
        out,
        req.ctl_code,
        req.file_id,
        ValidateNegotiateResponse::LEN,
        |b| info.write(b),
    )?;
    Ok(Outcome::Done)
}

/// The dialect that NEGOTIATE would choose from this list.
fn best_dialect(v: &ValidateNegotiateRequest<'_>, config: &Config) -> Option<u16> {
    v.dialects
        .iter()
        .filter(|d| (config.min_dialect..=config.max_dialect).contains(d))
        .filter(|d| Dialect(*d).name().is_some() && *d != Dialect::SMB2_WILDCARD.0)
        .max()
}
