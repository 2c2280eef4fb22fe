// SPDX-License-Identifier: GPL-2.0-or-later
//! SET_INFO ([MS-SMB2] 3.3.5.21).

use proto_shared::fscc::{FileInfoClass, FsInfoClass, SetFileInfo};
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{SetInfoRequest, SetInfoResponse};
use proto_shared::status::NtStatus;

use crate::caching::{dirs, park, Blocked, Pending, QUIET_MS};
use crate::error::SmbResult;
use crate::host::Host;
use crate::notify;
use crate::open::{dos_attrib, Open};
use crate::work::{Event, Outcome, Reply, Resume, Work};

mod basic;
mod disposition;
mod name;
mod security;
mod size;

/// Length of the reply's body in bytes.
const REPLY: usize = 2;

/// How often a break may be over before it could be waited for.
const ATTEMPTS: u32 = 16;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    // Holders mostly answer at once, and clients take an interim reply to a rename for news of its own.
    run(w, w.server().next_open_id(), QUIET_MS, out)
}

/// A break is over: all is tried again.
#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let quiet_ms = match event {
        Event::TimedOut => 0,
        _ => QUIET_MS,
    };
    p.settle(&event)?;
    run(w, p.since, quiet_ms, out)
}

fn run<H: Host>(
    w: &Work<H>,
    since: u64,
    quiet_ms: u64,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    for _ in 0..ATTEMPTS {
        let Some(blocked) = attempt(w, since)? else {
            out.write(REPLY, |b| SetInfoResponse.write(b))?;
            return Ok(Outcome::Done);
        };
        if let Some(parked) = park(w, blocked, since, quiet_ms, Resume::SetInfo)? {
            return Ok(parked);
        }
    }
    Err(NtStatus::SHARING_VIOLATION.into())
}

/// Does it, or says which break has to be waited for before that.
fn attempt<H: Host>(w: &Work<H>, since: u64) -> SmbResult<Option<Blocked<H>>> {
    let req = SetInfoRequest::parse(w.msg())?;
    if req.buffer.len() > w.negotiated()?.max_trans as usize {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.buffer.len())?;
    let open = w.open(req.file_id)?;
    match req.info_type {
        InfoType::FILE => {
            let class = FileInfoClass(req.info_class);
            file(w, &open, class, req.buffer, since)
        }
        InfoType::FILESYSTEM => Err(file_system(FsInfoClass(req.info_class)).into()),
        InfoType::SECURITY => {
            security::set(w, &open, req.security_information(), req.buffer).map(|()| None)
        }
        InfoType::QUOTA => Err(NtStatus::NOT_SUPPORTED.into()),
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}

/// [MS-SMB2] 3.3.5.21.1.
fn file<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    class: FileInfoClass,
    buffer: &[u8],
    since: u64,
) -> SmbResult<Option<Blocked<H>>> {
    let min = SetFileInfo::min_len(class).ok_or(NtStatus::INVALID_INFO_CLASS)?;
    if buffer.len() < min {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let info = SetFileInfo::parse(class, buffer)?.ok_or(NtStatus::INVALID_INFO_CLASS)?;
    // Every class is about a file; those of pipes have no state here to be set.
    open.disk()?;
    let shows = match &info {
        SetFileInfo::Basic(info) => basic::sets_something(info),
        SetFileInfo::EndOfFile(_) | SetFileInfo::Allocation(_) | SetFileInfo::FullEa(_) => true,
        _ => false,
    };
    let done: SmbResult = match info {
        SetFileInfo::Rename(info) | SetFileInfo::RenameEx(info) => {
            return name::rename(w, open, &info, since);
        }
        SetFileInfo::Link(info) | SetFileInfo::LinkEx(info) => {
            return name::link(w, open, &info, since);
        }
        SetFileInfo::Disposition(delete) => return disposition::set(w, open, delete),
        SetFileInfo::DispositionEx(flags) => return disposition::set_ex(w, open, flags),
        SetFileInfo::Basic(info) => basic::set(w, open, &info),
        SetFileInfo::EndOfFile(size) => size::end_of_file(w, open, size),
        SetFileInfo::Allocation(size) => size::allocation(w, open, size),
        SetFileInfo::ValidDataLength(_) => {
            // What was never written must not become readable; nobody here may ask for it ([MS-FSA] 2.1.5.15.15).
            Err(NtStatus::PRIVILEGE_NOT_HELD.into())
        }
        SetFileInfo::Position(position) => size::position(open, position),
        SetFileInfo::Mode(mode) => size::mode(open, mode),
        SetFileInfo::FullEa(list) => {
            let tree = w.tree()?;
            open.write_ea(&tree.require_writable()?)?
                .apply(w.fs(), &list)?;
            dos_attrib::archive(w.fs(), tree, open.disk()?.node());
            notify::modified(w.server(), open, CompletionFilter::EA);
            Ok(())
        }
        SetFileInfo::Pipe(_) => Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
    };
    if done.is_ok() && shows {
        dirs::changed_by(w.server(), open);
    }
    done.map(|()| None)
}

/// [MS-SMB2] 3.3.5.21.2: quota control and object ids are all that could be set, and Linux has neither.
fn file_system(class: FsInfoClass) -> NtStatus {
    match class {
        FsInfoClass::CONTROL | FsInfoClass::OBJECT_ID => NtStatus::INVALID_DEVICE_REQUEST,
        _ => NtStatus::INVALID_INFO_CLASS,
    }
}
