// SPDX-License-Identifier: GPL-2.0-or-later
//! Snapshots: how they are told of, how a client opens what was, and that nobody changes it.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::FileTime;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::snapshot::{parse, TOKEN_FORMAT};
use proto_shared::fscc::CtlCode;
use proto_shared::fscc::FileInfoClass;
use proto_shared::smb2::create_context::name;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    Command, CreateResponse, FileId, IoctlRequest, IoctlResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const OLD: &str = "@GMT-2024.01.02-03.04.05";
const NEW: &str = "@GMT-2025.12.31-23.59.59";

fn rig() -> Rig {
    let rig = Rig::with(Settings {
        snapshots: (".snapshots", TOKEN_FORMAT),
        ..Settings::default()
    });
    let fs = rig.host().fs_ref();
    for (snapshot, text) in [(OLD, "old"), (NEW, "new")] {
        fs.mkdir(&format!("data/.snapshots/{snapshot}/dir"), 1000, 0o777);
        let file = format!("data/.snapshots/{snapshot}/dir/f");
        fs.put(&file, 1000, 0o666, text.as_bytes());
    }
    fs.mkdir("data/.snapshots/other", 1000, 0o777);
    fs.mkdir("data/.snapshots/@GMT-2024.02.30-00.00.00", 1000, 0o777);
    fs.mkdir("data/dir", 1000, 0o777);
    fs.put("data/dir/f", 1000, 0o666, b"now");
    rig
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn time(token: &str) -> FileTime {
    FileTime::from_unix(parse(TOKEN_FORMAT, token).unwrap(), 0)
}

fn open_at(
    c: &mut Client<'_>,
    path: &str,
    at: FileTime,
    access: A,
    how: D,
    options: O,
) -> Result<FileId, N> {
    let path = utf16(path);
    let request = create_request(&path, access, how, options);
    let header = c.header(Command::CREATE);
    let message = Client::message(
        &header,
        |w| request.write_with(w, |list| list.add(name::TIMEWARP, |w| at.write(w))),
        64,
    );
    let message = c.exchange(message)?.ok()?;
    Ok(CreateResponse::parse(&message).unwrap().file_id)
}

fn enumerate(c: &mut Client<'_>, id: FileId, room: u32) -> Result<Vec<u8>, N> {
    let request = IoctlRequest {
        ctl_code: CtlCode::SRV_ENUMERATE_SNAPSHOTS,
        file_id: id,
        input: &[],
        max_input_response: 0,
        max_output_response: room,
        flags: IoctlFlags::IS_FSCTL,
    };
    let header = c.header(Command::IOCTL);
    let message = c
        .exchange(Client::message(&header, |w| request.write(w), 0))?
        .ok()?;
    Ok(IoctlResponse::parse(&message).unwrap().output.to_vec())
}

fn set(c: &mut Client<'_>, id: FileId, class: FileInfoClass, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        buffer,
        additional_information: 0,
        file_id: id,
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .unwrap()
        .status()
}

#[test]
fn the_newest_is_told_first() {
    let rig = rig();
    let mut c = client(&rig);
    let f = c.create(r"dir\f", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    let number = |b: &[u8]| u32::from_le_bytes(b.try_into().unwrap());
    let small = enumerate(&mut c, f, 16).unwrap();
    assert_eq!(small.len(), 16);
    assert_eq!((number(&small[..4]), number(&small[4..8])), (2, 0));
    let len = number(&small[8..12]);
    assert_eq!(len, 2 * 50 + 2);
    let out = enumerate(&mut c, f, 12 + len).unwrap();
    assert_eq!((number(&out[..4]), number(&out[4..8])), (2, 2));
    let text: Vec<u16> = out[12..]
        .chunks(2)
        .map(|u| u16::from_le_bytes([u[0], u[1]]))
        .collect();
    let text = String::from_utf16(&text).unwrap();
    assert_eq!(text, format!("{NEW}\0{OLD}\0\0"));
    assert_eq!(enumerate(&mut c, f, 15).unwrap_err(), N::INVALID_PARAMETER);
    let none = Rig::new();
    let mut c = client(&none);
    let root = c
        .create("", A::READ_DATA, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(enumerate(&mut c, root, 64).unwrap_err(), N::NOT_SUPPORTED);
    let got = open_at(&mut c, "", time(OLD), A::READ_DATA, D::OPEN, O::NONE);
    assert_eq!(got.unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
}

#[test]
fn what_was_is_read_by_context_or_token() {
    let rig = rig();
    let mut c = client(&rig);
    for (token, text) in [(OLD, b"old"), (NEW, b"new")] {
        let at = time(token);
        // Old clients ask for more than they use.
        let access = A::READ_DATA | A::READ_ATTRIBUTES;
        let f = open_at(&mut c, r"dir\f", at, access, D::OPEN, O::NONE).unwrap();
        assert_eq!(c.read(f, 0, 10).unwrap(), text);
        // Another case, and a part of a second more.
        let later = FileTime(at.0 + 9_999_999);
        open_at(&mut c, r"DIR\F", later, access, D::OPEN_IF, O::NONE).unwrap();
        for path in [
            format!(r"{token}\dir\f"),
            format!(r"dir\{token}\f"),
            format!(r"dir\f\{token}"),
        ] {
            let f = c.create(&path, access, D::OPEN, O::NONE).unwrap();
            assert_eq!(c.read(f, 0, 10).unwrap(), text, "{path}");
        }
        c.create(token, A::READ_DATA, D::OPEN, O::DIRECTORY_FILE)
            .unwrap();
    }
    let absent = FileTime(time(OLD).0 + 10_000_000);
    for (path, at) in [
        (r"dir\f", absent),
        (r"dir\g", time(OLD)),
        (r"dir\f", FileTime(0)),
    ] {
        for how in [D::OPEN, D::OPEN_IF] {
            let got = open_at(&mut c, path, at, A::READ_DATA, how, O::NONE);
            assert_eq!(got.unwrap_err(), N::OBJECT_NAME_NOT_FOUND, "{path}");
        }
    }
    let f = c.create(r"dir\f", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    assert_eq!(c.read(f, 0, 10).unwrap(), b"now");
}

#[test]
fn nothing_in_it_changes() {
    let rig = rig();
    let mut c = client(&rig);
    let at = time(OLD);
    for how in [D::CREATE, D::SUPERSEDE, D::OVERWRITE, D::OVERWRITE_IF] {
        for path in [r"dir\f", r"dir\new"] {
            let got = open_at(&mut c, path, at, A::FILE_ALL_ACCESS, how, O::NONE);
            assert_eq!(got.unwrap_err(), N::MEDIA_WRITE_PROTECTED, "{path}");
        }
    }
    let all = A::FILE_ALL_ACCESS;
    let got = open_at(&mut c, r"dir\f", at, all, D::OPEN, O::DELETE_ON_CLOSE);
    assert_eq!(got.unwrap_err(), N::MEDIA_WRITE_PROTECTED);
    let got = open_at(&mut c, r"dir\f:s", at, all, D::OPEN_IF, O::NONE);
    assert_eq!(got.unwrap_err(), N::OBJECT_NAME_NOT_FOUND);

    let f = open_at(&mut c, r"dir\f", at, all, D::OPEN, O::NONE).unwrap();
    assert_eq!(c.write(f, 0, b"x").unwrap_err(), N::MEDIA_WRITE_PROTECTED);
    let mut rename = vec![0; 20];
    let to = utf16("elsewhere");
    rename[16..].copy_from_slice(&(to.len() as u32).to_le_bytes());
    rename.extend(to);
    for (class, buffer) in [
        (FileInfoClass::END_OF_FILE, &[0; 8][..]),
        (FileInfoClass::BASIC, &[1; 40]),
        (FileInfoClass::DISPOSITION, &[1]),
        (FileInfoClass::RENAME, &rename),
        (FileInfoClass::LINK, &rename),
    ] {
        let status = set(&mut c, f, class, buffer);
        assert_eq!(status, N::MEDIA_WRITE_PROTECTED, "{class:?}");
    }
    c.close(f).unwrap();
    let fs = rig.host().fs_ref();
    let file = format!("data/.snapshots/{OLD}/dir/f");
    assert_eq!(fs.get(&file).unwrap(), b"old");
    assert!(!fs.exists("data/elsewhere"));
}

#[test]
fn nothing_leads_out_and_rights_hold() {
    let rig = rig();
    let fs = rig.host().fs_ref();
    fs.put("secret", 1000, 0o666, b"secret");
    let out = "@GMT-2026.01.01-00.00.00";
    fs.symlink(&format!("data/.snapshots/{out}"), "../..");
    fs.put(&format!("data/.snapshots/{OLD}/private"), 2, 0o600, b"x");
    let mut c = client(&rig);
    let read = A::READ_DATA;
    for path in ["secret", ""] {
        assert!(open_at(&mut c, path, time(out), read, D::OPEN, O::NONE).is_err());
    }
    for path in [
        format!(r"{OLD}\..\..\..\secret"),
        format!(r"{OLD}\{NEW}\dir\f"),
    ] {
        assert!(c.create(&path, read, D::OPEN, O::NONE).is_err(), "{path}");
    }
    let got = open_at(&mut c, "private", time(OLD), read, D::OPEN, O::NONE);
    assert_eq!(got.unwrap_err(), N::ACCESS_DENIED);
}
