// SPDX-License-Identifier: GPL-2.0-or-later
//! Named pipes of IPC$: every operation is a message to the daemon, which does the RPC
//! ([MS-SMB2] 3.3.5.9, 3.3.5.12, 3.3.5.13, 3.3.5.15.10).

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::FileTime;
use proto_shared::fscc::flags::{CreateOptions, FileAttributes, ShareAccess};
use proto_shared::fscc::fsctl::CtlCode;
use proto_shared::fscc::CreateAction;
use proto_shared::ipc::{
    Blob, PipeClose, PipeDataReply, PipeOpen, PipeRead, PipeStatusReply, PipeTransceive, PipeWrite,
    PipeWriteReply,
};
use proto_shared::smb2::create::CreateResponseFlags;
use proto_shared::smb2::create_context::CreateContexts;
use proto_shared::smb2::{
    CreateRequest, CreateResponse, FileId, IoctlRequest, IoctlResponse, OplockLevel, ReadRequest,
    ReadResponse, WriteRequest, WriteResponse,
};
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::name::push_char;
use crate::open::{add_pipe, NewOpen, Open, Pipe};
use crate::server::Server;
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// What the handler goes on with when the daemon has answered.
pub struct Pending<H: Host> {
    step: Step<H>,
}

enum Step<H: Host> {
    Create {
        pipe: Pipe,
        access: AccessMask,
        share_access: ShareAccess,
        options: CreateOptions,
    },
    Read {
        _open: Arc<Open<H>>,
        max: u32,
        min: u32,
    },
    Write {
        _open: Arc<Open<H>>,
        len: u32,
    },
    Transceive {
        open: Arc<Open<H>>,
        max: u32,
    },
}

/// Longest pipe name in bytes.
const MAX_NAME: usize = 64;
/// Most bytes that one read or transceive returns.
const MAX_DATA: u32 = 256 << 10;
/// Access that the generic rights stand for on a pipe.
const GENERIC_ALL: u32 = 0x001F_01FF;
const GENERIC_READ: u32 = 0x0012_0089;
const GENERIC_WRITE: u32 = 0x0012_0116;

/// Opens a pipe.
pub(crate) fn create<H: Host>(
    w: &Work<H>,
    req: &CreateRequest<'_>,
    _out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let bad = || SmbError::from(NtStatus::OBJECT_NAME_NOT_FOUND);
    let mut name = KVec::new();
    for c in req.name.chars() {
        let c = c.map_err(|_| bad())?;
        push_char(&mut name, c.to_ascii_lowercase())?;
    }
    if name.is_empty() || name.len() > MAX_NAME || name.iter().any(|b| *b < 0x20 || *b == b'\\') {
        return Err(bad());
    }
    let mut bits = req.desired_access.bits();
    for (generic, rights) in [
        (AccessMask::GENERIC_ALL, GENERIC_ALL),
        (AccessMask::MAXIMUM_ALLOWED, GENERIC_ALL),
        (AccessMask::GENERIC_READ, GENERIC_READ),
        (AccessMask::GENERIC_WRITE, GENERIC_WRITE),
    ] {
        if req.desired_access.intersects(generic) {
            bits |= rights;
        }
    }
    let access = AccessMask(bits & GENERIC_ALL);
    let auth = w.auth()?;
    let id = w.server().next_open_id();
    let mut peer = [0; 64];
    let body = PipeOpen {
        session_id: w.session()?.id,
        pipe_id: id,
        name: core::str::from_utf8(&name).unwrap_or(""),
        account: core::str::from_utf8(&auth.user.account).unwrap_or(""),
        user_flags: auth.user.flags,
        peer: w.conn.peer.format(&mut peer),
    };
    let pipe = Pipe {
        id,
        name: crate::name::copy(&name)?,
    };
    let step = Step::Create {
        pipe,
        access,
        share_access: req.share_access,
        options: req.create_options,
    };
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

fn pipe_of<H: Host>(open: &Open<H>) -> SmbResult<u64> {
    open.pipe()
        .map(|p| p.id)
        .ok_or(NtStatus::INVALID_DEVICE_REQUEST.into())
}

/// Reads from a pipe.
pub(crate) fn read<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &ReadRequest<'_>,
) -> SmbResult<Outcome<H>> {
    if !open.granted().intersects(AccessMask::READ_DATA) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let max = req.length.min(MAX_DATA).min(w.negotiated()?.max_read);
    let body = PipeRead {
        pipe_id: pipe_of(open)?,
        max_len: max,
    };
    let step = Step::Read {
        _open: open.clone(),
        max,
        min: req.minimum_count,
    };
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

/// Writes to a pipe.
pub(crate) fn write<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &WriteRequest<'_>,
) -> SmbResult<Outcome<H>> {
    if !open.granted().intersects(AccessMask::WRITE_DATA) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let data = req.data();
    if data.len() > MAX_DATA as usize {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let body = PipeWrite {
        pipe_id: pipe_of(open)?,
        data: Blob::from(data),
    };
    let step = Step::Write {
        _open: open.clone(),
        len: data.len() as u32,
    };
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

/// FSCTL_PIPE_TRANSCEIVE: writes a message and reads the answer.
pub(crate) fn transceive<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &IoctlRequest<'_>,
) -> SmbResult<Outcome<H>> {
    let both = AccessMask::READ_DATA | AccessMask::WRITE_DATA;
    if !open.granted().contains(both) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    if req.input.len() > MAX_DATA as usize {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let max = req
        .max_output_response
        .min(MAX_DATA)
        .min(w.negotiated()?.max_trans);
    let body = PipeTransceive {
        pipe_id: pipe_of(open)?,
        max_len: max,
        data: Blob::from(req.input),
    };
    let step = Step::Transceive {
        open: open.clone(),
        max,
    };
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

/// The handle is gone.
pub(crate) fn close<H: Host>(server: &Arc<Server<H>>, pipe_id: u64) {
    server.event(&PipeClose { pipe_id });
}

pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let body = match event {
        Event::Upcall(body) => body,
        Event::Cancelled => return Err(NtStatus::CANCELLED.into()),
        Event::TimedOut => return Err(NtStatus::IO_TIMEOUT.into()),
        Event::Ready | Event::Closed => return Err(NtStatus::FILE_CLOSED.into()),
    };
    let broken = |_| SmbError::from(NtStatus::PIPE_BROKEN);
    match p.step {
        Step::Create {
            pipe,
            access,
            share_access,
            options,
        } => {
            let reply = PipeStatusReply::parse(&body).map_err(broken)?;
            refuse_unless(reply.status, &[NtStatus::SUCCESS])?;
            opened(w, pipe, access, share_access, options, out)?;
        }
        Step::Read { max, min, .. } => {
            let reply = PipeDataReply::parse(&body).map_err(broken)?;
            refuse_unless(
                reply.status,
                &[NtStatus::SUCCESS, NtStatus::BUFFER_OVERFLOW],
            )?;
            let len = data_len(&reply.data, max)?;
            if len < min as usize {
                return Err(NtStatus::END_OF_FILE.into());
            }
            out.status = reply.status;
            out.write(len.saturating_add(32), |b| {
                ReadResponse {
                    data_length: len as u32,
                    data_remaining: 0,
                }
                .write(b)?;
                reply.data.chunks().try_for_each(|c| b.bytes(c))
            })?;
        }
        Step::Write { len, .. } => {
            let reply = PipeWriteReply::parse(&body).map_err(broken)?;
            refuse_unless(reply.status, &[NtStatus::SUCCESS])?;
            out.write(32, |b| {
                WriteResponse {
                    count: reply.count.min(len),
                }
                .write(b)
            })?;
        }
        Step::Transceive { open, max } => {
            let reply = PipeDataReply::parse(&body).map_err(broken)?;
            refuse_unless(
                reply.status,
                &[NtStatus::SUCCESS, NtStatus::BUFFER_OVERFLOW],
            )?;
            let len = data_len(&reply.data, max)?;
            out.status = reply.status;
            out.write(len.saturating_add(64), |b| {
                let pending = IoctlResponse::begin(CtlCode::PIPE_TRANSCEIVE, open.id(), b)?;
                reply.data.chunks().try_for_each(|c| b.bytes(c))?;
                pending.finish(b)
            })?;
        }
    }
    Ok(Outcome::Done)
}

/// The daemon is not trusted with statuses: one that is not listed must be an error.
fn refuse_unless(status: NtStatus, good: &[NtStatus]) -> SmbResult {
    if good.contains(&status) {
        return Ok(());
    }
    Err(if status.is_error() {
        status
    } else {
        NtStatus::PIPE_BROKEN
    }
    .into())
}

/// The daemon is not trusted with lengths either.
fn data_len(data: &Blob<'_>, max: u32) -> SmbResult<usize> {
    let len = data.len();
    if len > max as usize {
        return Err(NtStatus::PIPE_BROKEN.into());
    }
    Ok(len)
}

fn opened<H: Host>(
    w: &Work<H>,
    pipe: Pipe,
    granted: AccessMask,
    share_access: ShareAccess,
    options: CreateOptions,
    out: &mut Reply<H>,
) -> SmbResult {
    let new = NewOpen {
        persistent: pipe.id,
        tree: w.tree()?.clone(),
        granted,
        share_access,
        options,
    };
    let open = add_pipe(w.server(), w.session()?, new, pipe)?;
    let id: FileId = open.id();
    let response = CreateResponse {
        oplock_level: OplockLevel::NONE,
        flags: CreateResponseFlags::NONE,
        create_action: CreateAction::OPENED,
        creation_time: FileTime(0),
        last_access_time: FileTime(0),
        last_write_time: FileTime(0),
        change_time: FileTime(0),
        allocation_size: 4096,
        end_of_file: 0,
        file_attributes: FileAttributes::NORMAL,
        file_id: id,
        contexts: CreateContexts::EMPTY,
    };
    out.write(128, |b| response.write(b))?;
    out.set_file_id(id);
    Ok(())
}
