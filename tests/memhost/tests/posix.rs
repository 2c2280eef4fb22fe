// SPDX-License-Identifier: GPL-2.0-or-later
//! The SMB3 POSIX extensions as a Linux client uses them: names, modes, owners, what is told of files, unlinking.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::{Reader, Writer};
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{Ace, AceFlags, SecurityDescriptor, Sid, Utf16};
use proto_shared::fscc::file::PosixInfo;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::reparse::ReparseData;
use proto_shared::fscc::set::{RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::CtlCode;
use proto_shared::fscc::{directory, FileInfoClass, FsInfoClass};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::{name, PosixResponse};
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags, SecurityInformation as S};
use proto_shared::smb2::{
    Command, CreateResponse, FileId, IoctlRequest, IoctlResponse, QueryDirectoryRequest,
    QueryDirectoryResponse, QueryInfoRequest, QueryInfoResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;

fn rig() -> Rig {
    Rig::with(Settings {
        flags: ConfigFlags::POSIX,
        ..Settings::default()
    })
}

fn client(rig: &Rig) -> Client<'_> {
    let options = Options {
        posix: true,
        ..Options::default()
    };
    let mut c = Client::log_in(rig, options);
    c.tree_connect("data").unwrap();
    c
}

/// CREATE with the context; the reply's own says what the file is.
fn open(
    c: &mut Client<'_>,
    path: &str,
    access: A,
    how: D,
    options: O,
    mode: u32,
) -> Result<(FileId, PosixResponse), N> {
    let path = utf16(path);
    let request = create_request(&path, access, how, options);
    let header = c.header(Command::CREATE);
    let message = Client::message(
        &header,
        |w| request.write_with(w, |list| list.add(name::POSIX, |w| w.u32(mode))),
        64,
    );
    let message = c.exchange(message)?.ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    let data = reply.contexts.find(name::POSIX).expect("an answer in kind");
    Ok((reply.file_id, PosixResponse::parse(data).unwrap()))
}

fn make(c: &mut Client<'_>, path: &str, mode: u32) -> FileId {
    open(c, path, ALL, D::CREATE, O::NON_DIRECTORY_FILE, mode)
        .unwrap()
        .0
}

fn query(c: &mut Client<'_>, kind: InfoType, class: u8, file_id: FileId) -> Result<Vec<u8>, N> {
    let request = QueryInfoRequest {
        info_type: kind,
        info_class: class,
        output_buffer_length: 4096,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let message = c.call(Command::QUERY_INFO, |w| request.write(w))?.ok()?;
    Ok(QueryInfoResponse::parse(&message).unwrap().output.to_vec())
}

fn info(c: &mut Client<'_>, file: FileId) -> PosixInfo {
    let bytes = query(c, InfoType::FILE, FileInfoClass::POSIX.0, file).unwrap();
    assert_eq!(bytes.len(), 112);
    PosixInfo::parse(&mut Reader::new(&bytes)).unwrap()
}

fn list(c: &mut Client<'_>, dir: FileId) -> Result<Vec<(String, PosixInfo)>, N> {
    let pattern = utf16("*");
    let request = QueryDirectoryRequest {
        info_class: FileInfoClass::POSIX,
        flags: QueryDirectoryFlags::REOPEN,
        file_index: 0,
        file_id: dir,
        file_name: Utf16::new(&pattern).unwrap(),
        output_buffer_length: 65_536,
    };
    let message = c
        .call(Command::QUERY_DIRECTORY, |w| request.write(w))?
        .ok()?;
    let response = QueryDirectoryResponse::parse(&message).unwrap();
    let mut all: Vec<_> = directory::entries(FileInfoClass::POSIX, response.output)
        .map(|e| {
            let e = e.unwrap();
            let mut buf = [0; 1024];
            let name = e.name.to_utf8(&mut buf).unwrap().to_owned();
            (name, e.posix.unwrap())
        })
        .filter(|(name, _)| name != "." && name != "..")
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn set(c: &mut Client<'_>, file_id: FileId, info: &SetFileInfo<'_>) -> N {
    let mut buf = vec![0; 4096];
    let mut w = Writer::new(&mut buf);
    info.write(&mut w).unwrap();
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: info.class().0,
        additional_information: 0,
        file_id,
        buffer: w.written(),
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .unwrap()
        .status()
}

fn set_security(
    c: &mut Client<'_>,
    file_id: FileId,
    what: S,
    sd: &SecurityDescriptor<'_>,
    ace: Option<Sid>,
) -> N {
    let mut buf = vec![0; 512];
    let mut w = Writer::new(&mut buf);
    match ace {
        Some(sid) => sd
            .write_with_dacl(&mut w, |acl| {
                acl.push(&Ace::allow(AceFlags::NONE, A::NONE, sid))
            })
            .unwrap(),
        None => sd.write(&mut w).unwrap(),
    }
    let request = SetInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        additional_information: what.0,
        file_id,
        buffer: w.written(),
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .unwrap()
        .status()
}

fn mode_sid(mode: u32) -> Sid {
    Sid::new(5, &[88, 3, mode]).unwrap()
}

#[test]
fn they_are_there_if_both_sides_want_them() {
    let on = rig();
    let off = Rig::new();
    for (rig, wants, has) in [(&on, true, true), (&on, false, false), (&off, true, false)] {
        let options = Options {
            posix: wants,
            ..Options::default()
        };
        let mut c = Client::log_in(rig, options);
        assert_eq!(c.posix, has);
        c.tree_connect("data").unwrap();
        let dir = c
            .create("", A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE)
            .unwrap();
        if !has {
            let posix = (FileInfoClass::POSIX.0, FsInfoClass::POSIX.0);
            for (kind, class) in [(InfoType::FILE, posix.0), (InfoType::FILESYSTEM, posix.1)] {
                assert_eq!(query(&mut c, kind, class, dir), Err(N::INVALID_INFO_CLASS));
            }
            assert_eq!(list(&mut c, dir).unwrap_err(), N::INVALID_INFO_CLASS);
            // The context means nothing then.
            let path = utf16("A");
            let request = create_request(&path, ALL, D::OPEN_IF, O::NONE);
            let header = c.header(Command::CREATE);
            let message = Client::message(
                &header,
                |w| request.write_with(w, |list| list.add(name::POSIX, |w| w.u32(0o600))),
                64,
            );
            let message = c.exchange(message).unwrap().ok().unwrap();
            let reply = CreateResponse::parse(&message).unwrap();
            assert!(!reply.contexts.has(name::POSIX));
        }
    }
}

#[test]
fn older_dialects_do_not_have_them() {
    let rig = rig();
    let options = Options {
        posix: true,
        dialects: vec![0x0302],
        ..Options::default()
    };
    assert!(!Client::log_in(&rig, options).posix);
}

#[test]
fn modes_are_what_the_client_says() {
    let rig = rig();
    let mut c = client(&rig);
    let (file, told) = open(&mut c, "f", ALL, D::CREATE, O::NON_DIRECTORY_FILE, 0o4641).unwrap();
    assert_eq!(told.mode, 0o4641);
    assert_eq!((told.nlink, told.reparse_tag), (1, 0));
    assert_eq!(
        (told.owner, told.group),
        (Sid::unix_user(1000), Sid::unix_group(1000))
    );
    assert_eq!(info(&mut c, file).mode, 0o4641);
    // Who says none gets the share's, and no set-user-id above all.
    for (name, none) in [("unsaid", u32::MAX), ("linux", 0xFFFF)] {
        let unsaid = open(&mut c, name, ALL, D::CREATE, O::NONE, none).unwrap();
        assert_eq!(unsaid.1.mode, 0o777);
        c.close(unsaid.0).unwrap();
    }
    let (dir, told) = open(&mut c, "d", ALL, D::CREATE, O::DIRECTORY_FILE, 0o1750).unwrap();
    assert_eq!(told.mode, 0o11750);
    assert_eq!(info(&mut c, dir).mode, 0o11750);
    // A file that is only for reading may be written by who makes it, and by nobody later.
    let new = make(&mut c, "r", 0o444);
    c.write(new, 0, b"first").unwrap();
    assert_eq!(
        open(&mut c, "r", A::WRITE_DATA, D::OPEN, O::NONE, 0).unwrap_err(),
        N::ACCESS_DENIED
    );
}

#[test]
fn modes_and_owners_are_changed_by_descriptors() {
    let rig = rig();
    let mut c = client(&rig);
    let file = make(&mut c, "f", 0o600);
    let sd = SecurityDescriptor::default();
    let status = set_security(&mut c, file, S::DACL, &sd, Some(mode_sid(0o640)));
    assert_eq!(status, N::SUCCESS);
    assert_eq!(info(&mut c, file).mode, 0o640);
    // Only root gives files away.
    let theirs = SecurityDescriptor {
        owner: Some(Sid::unix_user(0)),
        ..SecurityDescriptor::default()
    };
    assert_eq!(
        set_security(&mut c, file, S::OWNER, &theirs, None),
        N::ACCESS_DENIED
    );
    let group = SecurityDescriptor {
        group: Some(Sid::new(5, &[88, 2, 27]).unwrap()),
        ..SecurityDescriptor::default()
    };
    assert_eq!(
        set_security(&mut c, file, S::GROUP, &group, None),
        N::SUCCESS
    );
    assert_eq!(info(&mut c, file).group, Sid::unix_group(27));
    // A list of another kind is none that this share keeps.
    let status = set_security(&mut c, file, S::DACL, &sd, Some(Sid::EVERYONE));
    assert_eq!(status, N::NOT_SUPPORTED);
}

#[test]
fn any_name_is_a_name() {
    let rig = rig();
    let mut c = client(&rig);
    let names = [
        "a:b", "a\\b", "star*", "what?", "<>|\"", "dot.", "Case", "case",
    ];
    for (n, name) in names.iter().enumerate() {
        let file = make(&mut c, name, 0o600);
        c.write(file, 0, &vec![0; n]).unwrap();
        c.close(file).unwrap();
    }
    let (dir, _) = open(&mut c, "", A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE, 0).unwrap();
    let listed = list(&mut c, dir).unwrap();
    let mut want: Vec<_> = names.iter().map(|n| (*n).to_owned()).collect();
    want.sort();
    assert_eq!(
        listed.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>(),
        want
    );
    for (name, entry) in &listed {
        let n = names.iter().position(|n| n == name).unwrap();
        assert_eq!((entry.end_of_file, entry.mode), (n as u64, 0o600));
    }
    // Case counts.
    assert_eq!(
        open(&mut c, "CASE", ALL, D::OPEN, O::NONE, 0).unwrap_err(),
        N::OBJECT_NAME_NOT_FOUND
    );
    // Others are told of names that they can use.
    let top = c
        .create("", A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    let shown: Vec<_> = list(&mut c, top)
        .unwrap()
        .into_iter()
        .map(|e| e.0)
        .collect();
    assert_eq!(shown, ["Case", "case", "dot."]);
    assert!(c.create("CASE", ALL, D::OPEN, O::NONE).is_ok());
}

#[test]
fn paths_are_separated_by_slashes() {
    let rig = rig();
    rig.host().fs_ref().mkdir("data/d/e", 1000, 0o755);
    let mut c = client(&rig);
    make(&mut c, "d/e/f", 0o600);
    for (path, status) in [
        ("d/e/f", None),
        ("d/e/../e/f", None),
        ("d\\e\\f", Some(N::OBJECT_NAME_NOT_FOUND)),
        ("D/e/f", Some(N::OBJECT_PATH_NOT_FOUND)),
        ("/d/e/f", Some(N::INVALID_PARAMETER)),
        ("d//f", Some(N::OBJECT_NAME_INVALID)),
        ("d/../../f", Some(N::OBJECT_PATH_SYNTAX_BAD)),
        ("../data/d", Some(N::OBJECT_PATH_SYNTAX_BAD)),
        ("d\0", Some(N::OBJECT_NAME_INVALID)),
    ] {
        let result = open(&mut c, path, A::READ_ATTRIBUTES, D::OPEN, O::NONE, 0);
        assert_eq!(result.err(), status, "{path:?}");
    }
}

#[test]
fn a_name_goes_while_others_have_the_file_open() {
    let rig = rig();
    let mut c = client(&rig);
    let kept = make(&mut c, "f", 0o400);
    let (file, _) = open(&mut c, "f", A::DELETE, D::OPEN, O::NONE, 0).unwrap();
    let gone = SetFileInfo::Disposition(true);
    assert_eq!(set(&mut c, file, &gone), N::SUCCESS);
    c.close(file).unwrap();
    c.write(kept, 0, b"still there").unwrap();
    // The name is free at once.
    make(&mut c, "f", 0o600);
    assert_eq!(info(&mut c, kept).hard_links, 0);
}

#[test]
fn renaming_replaces_what_is_open_and_minds_case() {
    let rig = rig();
    let mut c = client(&rig);
    let old = make(&mut c, "b", 0o400);
    let file = make(&mut c, "a", 0o600);
    make(&mut c, "B", 0o600);
    let rename = |replace, target: &[u8]| {
        SetFileInfo::Rename(RenameInfo {
            flags: if replace {
                RenameFlags::REPLACE_IF_EXISTS
            } else {
                RenameFlags::NONE
            },
            root_directory: 0,
            name: Utf16::new(Box::leak(target.to_vec().into_boxed_slice())).unwrap(),
        })
    };
    assert_eq!(
        set(&mut c, file, &rename(false, &utf16("b"))),
        N::OBJECT_NAME_COLLISION
    );
    assert_eq!(set(&mut c, file, &rename(true, &utf16("b"))), N::SUCCESS);
    assert_eq!(info(&mut c, old).hard_links, 0);
    assert_eq!(set(&mut c, file, &rename(false, &utf16("x:y"))), N::SUCCESS);
    assert!(open(&mut c, "x:y", ALL, D::OPEN, O::NONE, 0).is_ok());
    assert!(open(&mut c, "B", ALL, D::OPEN, O::NONE, 0).is_ok());
}

#[test]
fn links_lead_where_they_say() {
    let rig = rig();
    rig.host().fs_ref().symlink("data/link", "some/where\\else");
    let mut c = client(&rig);
    let access = A::READ_ATTRIBUTES | A::READ_EA | A::SYNCHRONIZE;
    let (link, told) = open(&mut c, "link", access, D::OPEN, O::OPEN_REPARSE_POINT, 0).unwrap();
    assert_eq!(told.mode >> 12, 2);
    let request = IoctlRequest {
        ctl_code: CtlCode::GET_REPARSE_POINT,
        file_id: link,
        input: &[],
        max_input_response: 0,
        max_output_response: 4096,
        flags: IoctlFlags::IS_FSCTL,
    };
    let reply = c.call(Command::IOCTL, |w| request.write(w)).unwrap();
    let message = reply.ok().unwrap();
    let output = IoctlResponse::parse(&message).unwrap().output;
    let ReparseData::Symlink {
        substitute_name, ..
    } = ReparseData::parse(output).unwrap()
    else {
        panic!("not a symbolic link");
    };
    assert!(substitute_name.eq_str("some/where\\else"));
}

#[test]
fn file_systems_tell_of_inodes() {
    let rig = rig();
    let mut c = client(&rig);
    let file = make(&mut c, "f", 0o600);
    let bytes = query(&mut c, InfoType::FILESYSTEM, FsInfoClass::POSIX.0, file).unwrap();
    assert_eq!(bytes.len(), 56);
    let mut r = Reader::new(&bytes);
    r.skip(4).unwrap();
    assert_eq!(r.u32().unwrap(), 4096);
    let (total, free) = (r.u64().unwrap(), r.u64().unwrap());
    assert!(free <= total && total != 0);
}
