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
use crate::work::{Event, Outcome, Reply, Resume, Token, Work};

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
    Read(Reading<H>),
    /// A read waits for something to read.
    Wait(Reading<H>, Token),
    Write {
        open: Arc<Open<H>>,
        len: u32,
    },
    Transceive {
        open: Arc<Open<H>>,
        max: u32,
    },
}

/// A read under way.
struct Reading<H: Host> {
    open: Arc<Open<H>>,
    max: u32,
    min: u32,
    /// Number of writes to the pipe before the daemon was asked.
    writes: u64,
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
    let pipe = Pipe::new(id, crate::name::copy(&name)?)?;
    let step = Step::Create {
        pipe,
        access,
        share_access: req.share_access,
        options: req.create_options,
    };
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

fn pipe_of<H: Host>(open: &Open<H>) -> SmbResult<&Pipe> {
    open.pipe().ok_or(NtStatus::INVALID_DEVICE_REQUEST.into())
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
    ask(
        w,
        Reading {
            open: open.clone(),
            max,
            min: req.minimum_count,
            writes: 0,
        },
    )
}

/// Asks the daemon for what there is to read.
fn ask<H: Host>(w: &Work<H>, mut reading: Reading<H>) -> SmbResult<Outcome<H>> {
    let pipe = pipe_of(&reading.open)?;
    let body = PipeRead {
        pipe_id: pipe.id,
        max_len: reading.max,
    };
    reading.writes = pipe.readers.writes();
    let step = Step::Read(reading);
    w.wait_for_daemon(&body, false, Resume::Pipe(Pending { step }))
}

/// There is nothing to read: waits until there is.
fn wait<H: Host>(w: &Work<H>, reading: Reading<H>) -> SmbResult<Outcome<H>> {
    if w.next.is_some() {
        // What waits within a compound would hold up what comes behind it; only the last one may.
        return Err(NtStatus::INTERNAL_ERROR.into());
    }
    let token = w.reserve(0)?;
    match pipe_of(&reading.open).and_then(|p| p.readers.wait(token, reading.writes)) {
        Ok(true) => Ok(Outcome::Park {
            token,
            interim: true,
            resume: Resume::Pipe(Pending {
                step: Step::Wait(reading, token),
            }),
        }),
        Ok(false) => {
            w.server().parking.release(token);
            ask(w, reading)
        }
        Err(e) => {
            w.server().parking.release(token);
            Err(e)
        }
    }
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
        pipe_id: pipe_of(open)?.id,
        data: Blob::from(data),
    };
    let step = Step::Write {
        open: open.clone(),
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
        pipe_id: pipe_of(open)?.id,
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
pub(crate) fn close<H: Host>(server: &Arc<Server<H>>, pipe: &Pipe) {
    server.event(&PipeClose { pipe_id: pipe.id });
    for token in pipe.readers.closed().iter() {
        server.wake(*token, Event::Closed);
    }
}

/// The daemon has taken a message: there may be something to read.
fn written<H: Host>(w: &Work<H>, open: &Open<H>) {
    let Some(pipe) = open.pipe() else { return };
    for token in pipe.readers.written().iter() {
        w.server().wake(*token, Event::Ready);
    }
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let step = match p.step {
        Step::Wait(reading, token) => {
            pipe_of(&reading.open)?.readers.forget(token);
            return match event {
                Event::Ready => ask(w, reading),
                Event::Cancelled => Err(NtStatus::CANCELLED.into()),
                _ => Err(NtStatus::PIPE_BROKEN.into()),
            };
        }
        step => step,
    };
    let body = match event {
        Event::Upcall(body) => body,
        Event::Cancelled => return Err(NtStatus::CANCELLED.into()),
        Event::TimedOut => return Err(NtStatus::IO_TIMEOUT.into()),
        Event::Ready | Event::Closed => return Err(NtStatus::FILE_CLOSED.into()),
    };
    let broken = |_| SmbError::from(NtStatus::PIPE_BROKEN);
    match step {
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
        // It has been dealt with.
        Step::Wait(..) => return Err(NtStatus::INTERNAL_ERROR.into()),
        Step::Read(reading) => {
            let reply = PipeDataReply::parse(&body).map_err(broken)?;
            if reply.status == NtStatus::PIPE_EMPTY {
                return wait(w, reading);
            }
            refuse_unless(
                reply.status,
                &[NtStatus::SUCCESS, NtStatus::BUFFER_OVERFLOW],
            )?;
            let len = data_len(&reply.data, reading.max)?;
            if len < reading.min as usize {
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
        Step::Write { open, len } => {
            written(w, &open);
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
            written(w, &open);
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
        posix: false,
        snapshot: false,
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
