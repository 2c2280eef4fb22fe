// SPDX-License-Identifier: GPL-2.0-or-later
//! SET_INFO ([MS-SMB2] 3.3.5.21).

use proto_shared::fscc::{FileInfoClass, FsInfoClass, SetFileInfo};
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::query_info::{InfoType, SecurityInformation};
use proto_shared::smb2::{SetInfoRequest, SetInfoResponse};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::notify;
use crate::open::Open;
use crate::work::{Outcome, Reply, Work};

mod basic;
mod disposition;
mod name;
mod size;

/// Length of the reply's body in bytes.
const REPLY: usize = 2;

pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = SetInfoRequest::parse(w.msg())?;
    if req.buffer.len() > w.negotiated()?.max_trans as usize {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.buffer.len())?;
    let open = w.open(req.file_id)?;
    match req.info_type {
        InfoType::FILE => file(w, &open, FileInfoClass(req.info_class), req.buffer)?,
        InfoType::FILESYSTEM => return Err(file_system(FsInfoClass(req.info_class)).into()),
        InfoType::SECURITY => return Err(security(&open, req.security_information())?.into()),
        InfoType::QUOTA => return Err(NtStatus::NOT_SUPPORTED.into()),
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    }
    out.write(REPLY, |b| SetInfoResponse.write(b))?;
    Ok(Outcome::Done)
}

/// [MS-SMB2] 3.3.5.21.1.
fn file<H: Host>(w: &Work<H>, open: &Open<H>, class: FileInfoClass, buffer: &[u8]) -> SmbResult {
    let min = SetFileInfo::min_len(class).ok_or(NtStatus::INVALID_INFO_CLASS)?;
    if buffer.len() < min {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let info = SetFileInfo::parse(class, buffer)?.ok_or(NtStatus::INVALID_INFO_CLASS)?;
    // Every class is about a file; those of pipes have no state here to be set.
    open.disk()?;
    match info {
        SetFileInfo::Basic(info) => basic::set(w, open, &info),
        SetFileInfo::Rename(info) | SetFileInfo::RenameEx(info) => name::rename(w, open, &info),
        SetFileInfo::Link(info) | SetFileInfo::LinkEx(info) => name::link(w, open, &info),
        SetFileInfo::Disposition(delete) => disposition::set(w, open, delete),
        SetFileInfo::DispositionEx(flags) => disposition::set_ex(w, open, flags),
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
            notify::modified(w.server(), open, CompletionFilter::EA);
            Ok(())
        }
        SetFileInfo::Pipe(_) => Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
    }
}

/// [MS-SMB2] 3.3.5.21.2: quota control and object ids are all that could be set, and Linux has neither.
fn file_system(class: FsInfoClass) -> NtStatus {
    match class {
        FsInfoClass::CONTROL | FsInfoClass::OBJECT_ID => NtStatus::INVALID_DEVICE_REQUEST,
        _ => NtStatus::INVALID_INFO_CLASS,
    }
}

/// [MS-SMB2] 3.3.5.21.3. Descriptors are not stored; who had no right to set one is told so first.
fn security<H: Host>(open: &Open<H>, what: SecurityInformation) -> SmbResult<NtStatus> {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    if what.intersects(SecurityInformation::OWNER | SecurityInformation::GROUP) {
        open.write_owner(&writable)?;
    }
    if what.contains(SecurityInformation::DACL) {
        open.write_dac(&writable)?;
    }
    Ok(NtStatus::NOT_SUPPORTED)
}
