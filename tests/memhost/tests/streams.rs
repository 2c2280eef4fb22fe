// SPDX-License-Identifier: GPL-2.0-or-later
//! Named streams: beside each other, beside their file, and what becomes of them with it.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{
    CreateAction, CreateDisposition as D, CreateOptions as O, ShareAccess,
};
use proto_shared::fscc::set::{RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::{
    Command, CreateResponse, FileId, QueryInfoRequest, QueryInfoResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"content");
    rig.host().fs_ref().mkdir("data/d", 1000, 0o777);
    rig
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

/// Opens with share modes, and tells what happened to the stream and its size.
fn open(
    c: &mut Client<'_>,
    path: &str,
    access: A,
    share: ShareAccess,
    disposition: D,
) -> Result<(FileId, CreateAction, u64), N> {
    let name = utf16(path);
    let mut request = create_request(&name, access, disposition, O::NONE);
    request.share_access = share;
    let message = c.call(Command::CREATE, |w| request.write(w))?.ok()?;
    let r = CreateResponse::parse(&message).unwrap();
    Ok((r.file_id, r.create_action, r.end_of_file))
}

fn query(c: &mut Client<'_>, file_id: FileId, class: FileInfoClass) -> Vec<u8> {
    let request = QueryInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        output_buffer_length: 65_536,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let header = c.header(Command::QUERY_INFO);
    let reply = c
        .exchange(Client::message(&header, |w| request.write(w), 0))
        .unwrap();
    let message = reply.ok().unwrap();
    QueryInfoResponse::parse(&message).unwrap().output.to_vec()
}

/// Names and sizes as FileStreamInformation tells them, sorted.
fn streams(c: &mut Client<'_>, file_id: FileId) -> Vec<(String, u64)> {
    let all = query(c, file_id, FileInfoClass::STREAM);
    let mut out = Vec::new();
    let mut at = 0;
    while at + 24 <= all.len() {
        let n32 = |o: usize| u32::from_le_bytes(all[at + o..at + o + 4].try_into().unwrap());
        let size = u64::from_le_bytes(all[at + 8..at + 16].try_into().unwrap());
        let name: Vec<u16> = all[at + 24..at + 24 + n32(4) as usize]
            .chunks(2)
            .map(|c| u16::from_le_bytes([c[0], c[1]]))
            .collect();
        out.push((String::from_utf16(&name).unwrap(), size));
        if n32(0) == 0 {
            break;
        }
        at += n32(0) as usize;
    }
    out.sort();
    out
}

fn named(names: &[(&str, u64)]) -> Vec<(String, u64)> {
    names.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
}

fn set(c: &mut Client<'_>, file_id: FileId, class: FileInfoClass, info: SetFileInfo<'_>) -> N {
    let mut room = [0; 256];
    let mut w = Writer::new(&mut room);
    info.write(&mut w).unwrap();
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        additional_information: 0,
        file_id,
        buffer: w.written(),
    };
    let header = c.header(Command::SET_INFO);
    c.exchange(Client::message(&header, |w| request.write(w), 0))
        .map_or_else(|e| e, |r| r.status())
}

fn rename(c: &mut Client<'_>, file_id: FileId, to: &str, replace: bool) -> N {
    let to = utf16(to);
    let info = RenameInfo {
        flags: if replace {
            RenameFlags::REPLACE_IF_EXISTS
        } else {
            RenameFlags::NONE
        },
        root_directory: 0,
        name: Utf16::new(&to).unwrap(),
    };
    set(c, file_id, FileInfoClass::RENAME, SetFileInfo::Rename(info))
}

#[test]
fn a_stream_holds_its_own_data() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("f:One", ALL, D::CREATE, O::NONE).unwrap();
    c.write(s, 3, b"abc").unwrap();
    assert_eq!(c.read(s, 0, 100).unwrap(), b"\0\0\0abc");
    assert_eq!(c.read(s, 6, 100), Err(N::END_OF_FILE));
    let f = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(c.read(f, 0, 100).unwrap(), b"content");
    let both = named(&[("::$DATA", 7), (":One:$DATA", 6)]);
    assert_eq!(streams(&mut c, f), both);
    assert_eq!(streams(&mut c, s), both);
    c.close(s).unwrap();
    // In any case, and with its type.
    let (s, action, size) = open(
        &mut c,
        "F:oNE:$data",
        ALL,
        ShareAccess::ALL,
        D::OVERWRITE_IF,
    )
    .unwrap();
    assert_eq!((action, size), (CreateAction::OVERWRITTEN, 0));
    assert_eq!(
        streams(&mut c, s),
        named(&[("::$DATA", 7), (":One:$DATA", 0)])
    );
}

#[test]
fn names() {
    let rig = rig();
    let mut c = client(&rig);
    let mut try_open = |path: &str| c.create(path, ALL, D::OPEN, O::NONE).map(drop);
    assert_eq!(try_open("f:no"), Err(N::OBJECT_NAME_NOT_FOUND));
    assert_eq!(try_open("missing:no"), Err(N::OBJECT_NAME_NOT_FOUND));
    assert_eq!(try_open("f::$DATA"), Ok(()));
    assert_eq!(try_open("d::$DATA"), Err(N::FILE_IS_A_DIRECTORY));
    for bad in [
        "f:",
        "f::",
        "f:a:",
        "f:a:$INDEX_ALLOCATION",
        "f:a:$DATA:b",
        "f:a\\b",
        "::$DATA",
    ] {
        assert_eq!(try_open(bad), Err(N::OBJECT_NAME_INVALID), "{bad}");
    }
    let long = format!("f:{}", "x".repeat(235));
    assert_eq!(try_open(&long), Err(N::OBJECT_NAME_INVALID));
    let s = c.create("d:s", ALL, D::CREATE, O::DIRECTORY_FILE).map(drop);
    assert_eq!(s, Err(N::NOT_A_DIRECTORY));
}

#[test]
fn without_the_option_there_are_none() {
    let rig = Rig::with(Settings {
        share_flags: TreeFlags::WRITABLE,
        ..Settings::default()
    });
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"content");
    let mut c = client(&rig);
    let s = c.create("f:s", ALL, D::OPEN_IF, O::NONE).map(drop);
    assert_eq!(s, Err(N::OBJECT_NAME_INVALID));
    assert!(c.create("f::$DATA", ALL, D::OPEN, O::NONE).is_ok());
}

#[test]
fn a_new_stream_makes_its_file() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("new:s", ALL, D::OPEN_IF, O::NONE).unwrap();
    c.write(s, 0, b"x").unwrap();
    assert_eq!(
        streams(&mut c, s),
        named(&[("::$DATA", 0), (":s:$DATA", 1)])
    );
    // A stream that cannot be leaves no file behind.
    let bad = open(
        &mut c,
        "other:s",
        A::READ_DATA,
        ShareAccess::ALL,
        D::OVERWRITE,
    );
    assert_eq!(bad.map(drop), Err(N::OBJECT_NAME_NOT_FOUND));
    assert!(!rig.host().fs_ref().exists("data/other"));
}

#[test]
fn share_modes_are_the_streams_own() {
    let rig = rig();
    let mut c = client(&rig);
    let none = ShareAccess::NONE;
    let rw = A::READ_DATA | A::WRITE_DATA;
    let (one, ..) = open(&mut c, "f:one", rw, none, D::CREATE).unwrap();
    open(&mut c, "f:two", rw, none, D::CREATE).unwrap();
    let (f, ..) = open(&mut c, "f", rw, none, D::OPEN).unwrap();
    let again = open(&mut c, "f:ONE", rw, ShareAccess::ALL, D::OPEN);
    assert_eq!(again.map(drop), Err(N::SHARING_VIOLATION));
    c.close(f).unwrap();
    // Who wants to delete the file is in the way of those who do not let it go.
    let delete = open(&mut c, "f", A::DELETE, ShareAccess::ALL, D::OPEN);
    assert_eq!(delete.map(drop), Err(N::SHARING_VIOLATION));
    c.close(one).unwrap();
}

#[test]
fn a_stream_is_deleted_alone_or_with_its_file() {
    let rig = rig();
    let mut c = client(&rig);
    for name in ["f:one", "f:two"] {
        let s = c.create(name, ALL, D::CREATE, O::NONE).unwrap();
        c.close(s).unwrap();
    }
    let s = c.create("f:one", ALL, D::OPEN, O::DELETE_ON_CLOSE).unwrap();
    c.close(s).unwrap();
    let one = c.create("f:one", ALL, D::OPEN, O::NONE).map(drop);
    assert_eq!(one, Err(N::OBJECT_NAME_NOT_FOUND));
    assert!(rig.host().fs_ref().exists("data/f"));

    // The file goes when the last stream is closed, too.
    let s = c.create("f:two", ALL, D::OPEN, O::NONE).unwrap();
    let f = c.create("f", ALL, D::OPEN, O::DELETE_ON_CLOSE).unwrap();
    c.close(f).unwrap();
    for path in ["f", "f:two", "f:three"] {
        let again = c.create(path, ALL, D::OPEN_IF, O::NONE).map(drop);
        assert_eq!(again, Err(N::DELETE_PENDING), "{path}");
    }
    c.write(s, 0, b"still").unwrap();
    assert!(rig.host().fs_ref().exists("data/f"));
    c.close(s).unwrap();
    assert!(!rig.host().fs_ref().exists("data/f"));
    assert_eq!(
        c.create("f", ALL, D::OPEN, O::NONE).map(drop),
        Err(N::OBJECT_NAME_NOT_FOUND)
    );
}

#[test]
fn renamed_streams() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("f:one", ALL, D::CREATE, O::NONE).unwrap();
    c.write(s, 0, b"1").unwrap();
    let two = c.create("f:two", ALL, D::CREATE, O::NONE).unwrap();
    assert_eq!(rename(&mut c, s, ":two", false), N::OBJECT_NAME_COLLISION);
    assert_eq!(rename(&mut c, s, ":two", true), N::ACCESS_DENIED);
    c.close(two).unwrap();
    assert_eq!(rename(&mut c, s, ":TWO:$DATA", true), N::SUCCESS);
    assert_eq!(c.read(s, 0, 9).unwrap(), b"1");
    assert_eq!(
        streams(&mut c, s),
        named(&[("::$DATA", 7), (":TWO:$DATA", 1)])
    );
    // In another case only.
    assert_eq!(rename(&mut c, s, ":two", false), N::SUCCESS);
    assert_eq!(
        streams(&mut c, s),
        named(&[("::$DATA", 7), (":two:$DATA", 1)])
    );
    assert_eq!(rename(&mut c, s, "g", false), N::INVALID_PARAMETER);
    // Its file may be renamed meanwhile.
    let f = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(rename(&mut c, f, "g", false), N::SUCCESS);
    c.write(s, 1, b"2").unwrap();
    c.close(s).unwrap();
    c.close(f).unwrap();
    let s = c.create("g:two", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(c.read(s, 0, 9).unwrap(), b"12");
}

#[test]
fn who_overwrites_a_file_leaves_no_stream() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("f:one", ALL, D::CREATE, O::NONE).unwrap();
    c.close(s).unwrap();
    let f = c.create("f", ALL, D::OVERWRITE, O::NONE).unwrap();
    assert_eq!(streams(&mut c, f), named(&[("::$DATA", 0)]));
}

#[test]
fn a_stream_holds_so_much() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("d:big", ALL, D::CREATE, O::NONE).unwrap();
    let most = (64 << 10) - 1;
    c.write(s, most - 1, b"x").unwrap();
    assert_eq!(c.write(s, most, b"x"), Err(N::DISK_FULL));
    assert_eq!(c.write(s, u64::from(u32::MAX), b"x"), Err(N::DISK_FULL));
    let d = c.create("d", ALL, D::OPEN, O::NONE).unwrap();
    // A directory has no unnamed stream.
    assert_eq!(streams(&mut c, d), named(&[(":big:$DATA", most)]));
}

#[test]
fn two_clients_write_one_stream() {
    let rig = rig();
    let mut one = client(&rig);
    let mut two = client(&rig);
    let a = one.create("f:s", ALL, D::OPEN_IF, O::NONE).unwrap();
    let b = two.create("f:S", ALL, D::OPEN_IF, O::NONE).unwrap();
    one.write(a, 0, b"aa").unwrap();
    two.write(b, 2, b"bb").unwrap();
    assert_eq!(one.read(a, 0, 9).unwrap(), b"aabb");
}
