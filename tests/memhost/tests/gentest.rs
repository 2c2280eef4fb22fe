// SPDX-License-Identifier: GPL-2.0-or-later
//! What the comparison with Samba found (`cargo xtask conformance gentest`): which of several faults is told, and
//! what attributes, names and sizes are.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, FileAttributes as F};
use proto_shared::fscc::set::{RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::FileInfoClass as Class;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::{
    Command, FileId, LockRequest, QueryInfoRequest, QueryInfoResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"content");
    rig.host().fs_ref().mkdir("data/d", 1000, 0o777);
    rig.host().fs_ref().mkdir("data/d/e", 1000, 0o777);
    rig
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn set(c: &mut Client<'_>, file_id: FileId, class: Class, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        buffer,
        additional_information: 0,
        file_id,
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .map_or_else(|e| e, |r| r.status())
}

fn query(c: &mut Client<'_>, file_id: FileId, class: Class) -> Vec<u8> {
    let request = QueryInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        output_buffer_length: 4096,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let reply = c.call(Command::QUERY_INFO, |w| request.write(w)).unwrap();
    let message = reply.ok().unwrap();
    QueryInfoResponse::parse(&message).unwrap().output.to_vec()
}

fn attributes(c: &mut Client<'_>, file_id: FileId) -> F {
    let info = query(c, file_id, Class::ATTRIBUTE_TAG);
    F(u32::from_le_bytes(info[..4].try_into().unwrap()))
}

/// FileBasicInformation that changes nothing but the attributes.
fn set_attributes(c: &mut Client<'_>, file_id: FileId, attributes: F) {
    let mut info = [0; 40];
    info[32..36].copy_from_slice(&attributes.0.to_le_bytes());
    assert_eq!(set(c, file_id, Class::BASIC, &info), N::SUCCESS);
}

/// FileFullEaInformation with one attribute.
fn ea(name: &str, value: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, u8::try_from(name.len()).unwrap()];
    out.extend_from_slice(&u16::try_from(value.len()).unwrap().to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.extend_from_slice(value);
    out
}

/// A lock of nothing is a fault of the request, but the handle is looked for first ([MS-SMB2] 3.3.5.14).
#[test]
fn locks_of_nothing() {
    let rig = rig();
    let mut c = client(&rig);
    let lock = |c: &mut Client<'_>, id| {
        c.call(Command::LOCK, |w| LockRequest::write(id, 0, 0, &[], w))
            .map_or_else(|e| e, |r| r.status())
    };
    let none = FileId {
        persistent: u64::MAX,
        volatile: u64::MAX,
    };
    assert_eq!(lock(&mut c, none), N::FILE_CLOSED);
    // Neither that nothing may be read or written nor that it is a directory comes before it.
    for (path, access) in [("f", ALL), ("f", A::READ_ATTRIBUTES), ("d", ALL)] {
        let id = c.create(path, access, D::OPEN, O::NONE).unwrap();
        assert_eq!(lock(&mut c, id), N::INVALID_PARAMETER, "{path}");
        c.close(id).unwrap();
    }
}

/// Several faults in one CREATE.
#[test]
fn the_fault_that_is_told() {
    let rig = rig();
    let mut c = client(&rig);
    let bad = D(77);
    let strange = O(0x4000_0000);
    let max = A::MAXIMUM_ALLOWED;
    let privileged = A::ACCESS_SYSTEM_SECURITY | A::DELETE;
    for (path, access, disposition, options, want) in [
        (
            "f",
            max,
            bad,
            O::OPEN_BY_FILE_ID | strange,
            N::NOT_SUPPORTED,
        ),
        (
            "f",
            max,
            D::OPEN,
            strange | O::RESERVE_OPFILTER,
            N::INVALID_PARAMETER,
        ),
        ("f", privileged, bad, O::NONE, N::PRIVILEGE_NOT_HELD),
        ("f", privileged, D::OPEN, strange, N::INVALID_PARAMETER),
        // Not by what is allowed at most or generically ([MS-FSA] 2.1.5.1).
        ("f", max, D::OPEN, O::DELETE_ON_CLOSE, N::INVALID_PARAMETER),
        (
            "f",
            A::GENERIC_ALL,
            D::OPEN,
            O::DELETE_ON_CLOSE,
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            max,
            D::CREATE,
            O::DELETE_ON_CLOSE,
            N::INVALID_PARAMETER,
        ),
        ("f:s", max, bad, O::DIRECTORY_FILE, N::NOT_A_DIRECTORY),
        (
            "f:s",
            max,
            D::OPEN,
            O::DIRECTORY_FILE | strange,
            N::INVALID_PARAMETER,
        ),
        ("d\\.", max, bad, strange, N::OBJECT_NAME_INVALID),
        ("d\\.\\e", max, D::OPEN, O::NONE, N::OBJECT_NAME_INVALID),
        (
            "d\\..\\..\\f",
            privileged,
            bad,
            O::NONE,
            N::OBJECT_PATH_SYNTAX_BAD,
        ),
    ] {
        let name = utf16(path);
        let request = create_request(&name, access, disposition, options);
        let got = c
            .call(Command::CREATE, |w| request.write(w))
            .map_or_else(|e| e, |r| r.status());
        assert_eq!(got, want, "{path} {access:?} {disposition:?} {options:?}");
    }
    assert!(rig.host().fs_ref().exists("data/f"));
}

/// Writing marks a file as to be archived, once per handle; reading does not ([MS-FSA] 2.1.4.17).
#[test]
fn what_is_written_is_to_be_archived() {
    let rig = rig();
    let mut c = client(&rig);
    let made = c.create("new", ALL, D::CREATE, O::NONE).unwrap();
    let other = c.create("new", ALL, D::OPEN, O::NONE).unwrap();
    set_attributes(&mut c, made, F::HIDDEN);
    assert_eq!(attributes(&mut c, made), F::HIDDEN);
    assert_eq!(c.read(made, 0, 1), Err(N::END_OF_FILE));
    assert_eq!(attributes(&mut c, made), F::HIDDEN);
    c.write(made, 0, b"x").unwrap();
    assert_eq!(attributes(&mut c, other), F::HIDDEN | F::ARCHIVE);
    set_attributes(&mut c, made, F::HIDDEN);
    c.write(made, 0, b"y").unwrap();
    assert_eq!(attributes(&mut c, made), F::HIDDEN);
    c.write(other, 0, b"z").unwrap();
    assert_eq!(attributes(&mut c, made), F::HIDDEN | F::ARCHIVE);
    // So do extended attributes, those of directories, too.
    let d = c.create("sub", ALL, D::CREATE, O::DIRECTORY_FILE).unwrap();
    assert_eq!(attributes(&mut c, d), F::DIRECTORY);
    assert_eq!(set(&mut c, d, Class::FULL_EA, &ea("A", b"1")), N::SUCCESS);
    assert_eq!(attributes(&mut c, d), F::DIRECTORY | F::ARCHIVE);
    // What this server never wrote attributes for stays as it is.
    let f = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    c.write(f, 0, b"x").unwrap();
    assert_eq!(attributes(&mut c, f), F::NORMAL);
}

/// A directory has one name, whatever the host counts, and none when it is about to go ([MS-FSA] 2.1.5.12.27).
#[test]
fn names_of_directories() {
    let rig = rig();
    let mut c = client(&rig);
    let links = |c: &mut Client<'_>, id| {
        let info = query(c, id, Class::STANDARD);
        u32::from_le_bytes(info[16..20].try_into().unwrap())
    };
    let d = c.create("d", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(links(&mut c, d), 1);
    let e = c.create("d\\e", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(set(&mut c, e, Class::DISPOSITION, &[1]), N::SUCCESS);
    assert_eq!(links(&mut c, e), 0);
}

/// EaSize is that of the list as it is answered: padding is between entries, not behind the last.
#[test]
fn size_of_extended_attributes() {
    let rig = rig();
    let mut c = client(&rig);
    let f = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    let size = |c: &mut Client<'_>| {
        let info = query(c, f, Class::EA);
        u32::from_le_bytes(info[..4].try_into().unwrap())
    };
    assert_eq!(size(&mut c), 0);
    // 8 bytes, the name with its end, the value.
    assert_eq!(set(&mut c, f, Class::FULL_EA, &ea("ONE", b"1")), N::SUCCESS);
    assert_eq!(size(&mut c), 13);
    assert_eq!(set(&mut c, f, Class::FULL_EA, &ea("TWO", b"2")), N::SUCCESS);
    assert_eq!(size(&mut c), 16 + 13);
    assert_eq!(query(&mut c, f, Class::FULL_EA).len(), 16 + 13);
}

/// A stream gets the name of another stream of its file, and no path ([MS-FSA] 2.1.5.15.11).
#[test]
fn streams_stay_in_their_files() {
    let rig = rig();
    let mut c = client(&rig);
    let s = c.create("f:s", ALL, D::CREATE, O::NONE).unwrap();
    let f = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    for (id, to, want) in [
        (s, "f:t", N::INVALID_PARAMETER),
        (s, "g", N::INVALID_PARAMETER),
        (s, ":t", N::SUCCESS),
        (f, "f:t", N::OBJECT_NAME_INVALID),
    ] {
        let to = utf16(to);
        let info = SetFileInfo::Rename(RenameInfo {
            flags: RenameFlags::NONE,
            root_directory: 0,
            name: Utf16::new(&to).unwrap(),
        });
        let mut buffer = vec![0; 200];
        let mut w = proto_shared::codec::Writer::new(&mut buffer);
        info.write(&mut w).unwrap();
        assert_eq!(set(&mut c, id, Class::RENAME, w.written()), want);
    }
}
