// SPDX-License-Identifier: GPL-2.0-or-later
//! Opening, sharing, deleting, renaming, reading and writing, as a client sees them.

mod content;
mod names;
mod opening;
mod races;
mod sweep;

use ksmbd_memhost::client::{utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::{Reader, Writer};
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{FileTime, Utf16};
use proto_shared::fscc::file::{BasicInfo, Times};
use proto_shared::fscc::flags::{
    CreateAction, CreateDisposition as D, CreateOptions as O, FileAttributes as F, ShareAccess as S,
};
use proto_shared::fscc::set::{DispositionFlags, RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::close::{CloseFlags, CloseResponse};
use proto_shared::smb2::create::ImpersonationLevel;
use proto_shared::smb2::create_context::{name, MaximalAccess, OnDiskId};
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::types::{Channel, OplockLevel};
use proto_shared::smb2::{
    CloseRequest, Command, CreateRequest, CreateResponse, FileId, FlushRequest, QueryInfoRequest,
    QueryInfoResponse, ReadRequest, SetInfoRequest, WriteRequest, WriteResponse,
};
use proto_shared::status::NtStatus as N;

/// How a test opens.
#[derive(Clone, Copy)]
struct How<'a> {
    access: A,
    disposition: D,
    options: O,
    share: S,
    attributes: F,
    impersonation: u32,
    contexts: &'a [(&'a [u8], &'a [u8])],
}

impl<'a> How<'a> {
    const fn access(self, access: A) -> Self {
        Self { access, ..self }
    }

    const fn disposition(self, disposition: D) -> Self {
        Self {
            disposition,
            ..self
        }
    }

    const fn options(self, options: O) -> Self {
        Self { options, ..self }
    }

    const fn share(self, share: S) -> Self {
        Self { share, ..self }
    }

    const fn attributes(self, attributes: F) -> Self {
        Self { attributes, ..self }
    }

    const fn impersonation(self, impersonation: u32) -> Self {
        Self {
            impersonation,
            ..self
        }
    }

    const fn contexts<'b>(self, contexts: &'b [(&'b [u8], &'b [u8])]) -> How<'b>
    where
        'a: 'b,
    {
        How { contexts, ..self }
    }
}

const HOW: How<'static> = How {
    access: A::FILE_ALL_ACCESS,
    disposition: D::OPEN,
    options: O::NONE,
    share: S::ALL,
    attributes: F::NORMAL,
    impersonation: 2,
    contexts: &[],
};

/// What a CREATE came to.
#[derive(Debug)]
struct Made {
    id: FileId,
    action: CreateAction,
    attributes: F,
    size: u64,
    created: FileTime,
    written: FileTime,
    max_access: Option<MaximalAccess>,
    disk_id: Option<OnDiskId>,
}

fn open(c: &mut Client<'_>, path: &str, how: How<'_>) -> Result<Made, N> {
    let name = utf16(path);
    let request = CreateRequest {
        oplock_level: OplockLevel::NONE,
        impersonation_level: ImpersonationLevel(how.impersonation),
        desired_access: how.access,
        file_attributes: how.attributes,
        share_access: how.share,
        create_disposition: how.disposition,
        create_options: how.options,
        name: Utf16::new(&name).unwrap(),
        contexts: Default::default(),
    };
    let reply = c.call(Command::CREATE, |w| {
        request.write_with(w, |contexts| {
            for (name, data) in how.contexts {
                contexts.add(name, |w| w.bytes(data))?;
            }
            Ok(())
        })
    })?;
    let message = reply.ok()?;
    let r = CreateResponse::parse(&message).unwrap();
    assert_eq!(r.oplock_level, OplockLevel::NONE);
    Ok(Made {
        id: r.file_id,
        action: r.create_action,
        attributes: r.file_attributes,
        size: r.end_of_file,
        created: r.creation_time,
        written: r.last_write_time,
        max_access: r
            .contexts
            .find(name::MAXIMAL_ACCESS)
            .map(|d| MaximalAccess::parse(d).unwrap()),
        disk_id: r
            .contexts
            .find(name::QUERY_ON_DISK_ID)
            .map(|d| OnDiskId::parse(d).unwrap()),
    })
}

fn must(c: &mut Client<'_>, path: &str, how: How<'_>) -> FileId {
    match open(c, path, how) {
        Ok(made) => made.id,
        Err(e) => panic!("{path}: {e}"),
    }
}

fn status(c: &mut Client<'_>, path: &str, how: How<'_>) -> N {
    match open(c, path, how) {
        Ok(made) => {
            c.close(made.id).unwrap();
            N::SUCCESS
        }
        Err(e) => e,
    }
}

fn close(c: &mut Client<'_>, id: FileId, flags: CloseFlags) -> CloseResponse {
    let request = CloseRequest { flags, file_id: id };
    let message = c
        .call(Command::CLOSE, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    CloseResponse::parse(&message).unwrap()
}

fn set_raw(c: &mut Client<'_>, id: FileId, info_type: InfoType, class: u8, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type,
        info_class: class,
        additional_information: 0,
        file_id: id,
        buffer,
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .unwrap()
        .status()
}

fn set(c: &mut Client<'_>, id: FileId, info: SetFileInfo<'_>) -> N {
    let mut buf = [0; 2048];
    let mut w = Writer::new(&mut buf);
    info.write(&mut w).unwrap();
    let buffer = w.written().to_vec();
    set_raw(c, id, InfoType::FILE, info.class().0, &buffer)
}

fn rename_flags(c: &mut Client<'_>, id: FileId, to: &str, flags: RenameFlags) -> N {
    let name = utf16(to);
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::RenameEx(info))
}

fn rename(c: &mut Client<'_>, id: FileId, to: &str, replace: bool) -> N {
    let name = utf16(to);
    let flags = if replace {
        RenameFlags::REPLACE_IF_EXISTS
    } else {
        RenameFlags::NONE
    };
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::Rename(info))
}

fn link(c: &mut Client<'_>, id: FileId, to: &str, replace: bool) -> N {
    let name = utf16(to);
    let flags = if replace {
        RenameFlags::REPLACE_IF_EXISTS
    } else {
        RenameFlags::NONE
    };
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::Link(info))
}

fn basic(times: Times, attributes: F) -> SetFileInfo<'static> {
    SetFileInfo::Basic(BasicInfo { times, attributes })
}

fn no_times() -> Times {
    Times {
        creation: FileTime(0),
        last_access: FileTime(0),
        last_write: FileTime(0),
        change: FileTime(0),
    }
}

fn connected(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn with_flags(flags: TreeFlags) -> Rig {
    Rig::with(Settings {
        share_flags: flags,
        ..Settings::default()
    })
}

const PLAIN: TreeFlags = TreeFlags(TreeFlags::WRITABLE.0 | TreeFlags::STORE_DOS_ATTRIBUTES.0);

fn remove(c: &mut Client<'_>, path: &str) {
    let id = must(c, path, HOW.access(A::DELETE).options(O::DELETE_ON_CLOSE));
    c.close(id).unwrap();
}

fn read(
    c: &mut Client<'_>,
    id: FileId,
    offset: u64,
    length: u32,
    min: u32,
    channel: Channel,
) -> Result<usize, N> {
    let request = ReadRequest {
        padding: 0x50,
        flags: Default::default(),
        length,
        offset,
        file_id: id,
        minimum_count: min,
        channel,
        remaining_bytes: 0,
        channel_info: &[],
    };
    let message = c.call(Command::READ, |w| request.write(w))?.ok()?;
    Ok(proto_shared::smb2::ReadResponse::parse(&message)
        .unwrap()
        .1
        .len())
}

fn write(c: &mut Client<'_>, id: FileId, offset: u64, data: &[u8]) -> Result<u32, N> {
    let request = WriteRequest::new(id, offset, data);
    let message = c.call(Command::WRITE, |w| request.write(w))?.ok()?;
    Ok(WriteResponse::parse(&message).unwrap().count)
}
