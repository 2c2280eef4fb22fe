// SPDX-License-Identifier: GPL-2.0-or-later
//! Symbolic links, FIFOs and sockets that clients make, and unmake: FSCTL_SET_REPARSE_POINT and its kin.

use kernel::shim;
use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{
    CreateDisposition as D, CreateOptions as O, FileAttributes, ShareAccess,
};
use proto_shared::fscc::reparse::{NfsType, ReparseData, ReparseTag};
use proto_shared::fscc::CtlCode;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::error::SymlinkFlags;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::{
    Command, CreateRequest, CreateResponse, FileId, IoctlRequest, IoctlResponse,
};
use proto_shared::status::NtStatus as N;

fn rig_with(flags: TreeFlags) -> Rig {
    let rig = Rig::with(Settings {
        share_flags: Settings::default().share_flags | flags,
        ..Settings::default()
    });
    rig.host().fs_ref().put("secret", 0, 0o600, b"not shared");
    rig
}

fn rig() -> Rig {
    rig_with(TreeFlags::SPECIAL_FILES)
}

fn client_of<'a>(rig: &'a Rig, blob: &'static str) -> Client<'a> {
    let options = Options {
        blob,
        ..Options::default()
    };
    let mut c = Client::log_in(rig, options);
    c.tree_connect("data").unwrap();
    c
}

fn client(rig: &Rig) -> Client<'_> {
    client_of(rig, Options::default().blob)
}

fn ioctl(c: &mut Client<'_>, id: FileId, code: CtlCode, input: &[u8]) -> Result<Vec<u8>, N> {
    let request = IoctlRequest {
        ctl_code: code,
        file_id: id,
        input,
        max_input_response: 0,
        max_output_response: 4096,
        flags: IoctlFlags::IS_FSCTL,
    };
    let header = c.header(Command::IOCTL);
    let message = c.exchange(Client::message(&header, |w| request.write(w), 16_384))?;
    let message = message.ok()?;
    Ok(IoctlResponse::parse(&message).unwrap().output.to_vec())
}

fn buffer(data: &ReparseData<'_>) -> Vec<u8> {
    let mut buf = vec![0; 20_000];
    let mut w = Writer::new(&mut buf);
    data.write(&mut w).unwrap();
    w.written().to_vec()
}

fn symlink(target: &str) -> Vec<u8> {
    let target = utf16(target);
    let target = Utf16::new(&target).unwrap();
    buffer(&ReparseData::Symlink {
        substitute_name: target,
        print_name: Utf16::EMPTY,
        flags: SymlinkFlags::RELATIVE,
    })
}

fn set(c: &mut Client<'_>, id: FileId, data: &[u8]) -> N {
    ioctl(c, id, CtlCode::SET_REPARSE_POINT, data).map_or_else(|e| e, |_| N::SUCCESS)
}

const LINK: O = O(O::OPEN_REPARSE_POINT.0);

fn make(c: &mut Client<'_>, name: &str) -> FileId {
    c.create(name, A::FILE_ALL_ACCESS, D::CREATE, LINK).unwrap()
}

fn attributes(c: &mut Client<'_>, name: &str, options: O) -> Result<FileAttributes, N> {
    let path = utf16(name);
    let request = create_request(&path, A::READ_ATTRIBUTES, D::OPEN, options);
    let message = c.call(Command::CREATE, |w| request.write_with(w, |_| Ok(())))?;
    let message = message.ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    c.close(reply.file_id).unwrap();
    Ok(reply.file_attributes)
}

/// The target that a client is told.
fn target(c: &mut Client<'_>, id: FileId) -> (String, bool) {
    let out = ioctl(c, id, CtlCode::GET_REPARSE_POINT, &[]).unwrap();
    match ReparseData::parse(&out).unwrap() {
        ReparseData::Symlink {
            substitute_name,
            flags,
            ..
        } => {
            let mut buf = [0; 8192];
            let text = substitute_name.to_utf8(&mut buf).unwrap().to_owned();
            (text, flags == SymlinkFlags::RELATIVE)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_becomes_a_link_under_its_handle() {
    let rig = rig();
    let mut c = client(&rig);
    let f = make(&mut c, "l");
    assert_eq!(set(&mut c, f, &symlink(r"dir\f")), N::SUCCESS);
    // The same handle is that of the link now.
    assert_eq!(target(&mut c, f), (r"dir\f".to_owned(), true));
    assert_eq!(c.read(f, 0, 10).unwrap_err(), N::ACCESS_DENIED);
    assert_eq!(c.write(f, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
    c.close(f).unwrap();
    assert_eq!(c.close(f).unwrap_err(), N::FILE_CLOSED);
    let found = attributes(&mut c, "l", LINK).unwrap();
    assert!(found.contains(FileAttributes::REPARSE_POINT));
    assert_eq!(
        attributes(&mut c, "l", O::NONE).unwrap_err(),
        N::STOPPED_ON_SYMLINK
    );
    let l = c.create("l", A::DELETE, D::OPEN, LINK).unwrap();
    assert_eq!(target(&mut c, l), (r"dir\f".to_owned(), true));
    c.close(l).unwrap();
    // Nothing of what was made on the way is left: the top, the share, the secret, the link.
    assert_eq!(rig.host().fs_ref().count(), 4);
    assert_eq!(rig.server.file_count(), 0);
}

#[test]
fn links_are_stored_as_given_and_never_lead_out() {
    for flags in [TreeFlags::NONE, TreeFlags::FOLLOW_SYMLINKS] {
        let rig = rig_with(TreeFlags::SPECIAL_FILES | flags);
        let mut c = client_of(&rig, "user:root");
        for (name, to) in [("up", "../secret"), ("abs", "/secret"), ("loop", "loop")] {
            let f = make(&mut c, name);
            assert_eq!(set(&mut c, f, &symlink(to)), N::SUCCESS);
            let shown = to.replace('/', r"\");
            assert_eq!(target(&mut c, f), (shown, !to.starts_with('/')), "{to}");
            c.close(f).unwrap();
            for name in [name.to_owned(), format!(r"{name}\x")] {
                let got = c.create(&name, A::READ_DATA, D::OPEN, O::NONE);
                assert!(got.is_err(), "{name}: {got:?}");
            }
            let got = c.create(name, A::WRITE_DATA, D::OVERWRITE_IF, O::NONE);
            assert!(got.is_err(), "{name}: {got:?}");
        }
        assert_eq!(rig.host().fs_ref().get("secret").unwrap(), b"not shared");
    }
}

#[test]
fn every_form_that_linux_uses() {
    let rig = rig();
    let mut c = client(&rig);
    let to = utf16("a/ü");
    let to = Utf16::new(&to).unwrap();
    let nfs = buffer(&ReparseData::NfsSymlink { target: to });
    let wsl = buffer(&ReparseData::LxSymlink {
        target: "a/ü".as_bytes(),
    });
    for (name, data) in [("nfs", nfs), ("wsl", wsl)] {
        let f = make(&mut c, name);
        assert_eq!(set(&mut c, f, &data), N::SUCCESS);
        assert_eq!(target(&mut c, f), (r"a\ü".to_owned(), true));
        c.close(f).unwrap();
    }
    let empty = |tag| buffer(&ReparseData::Other { tag, data: &[] });
    for (name, data, is) in [
        (
            "f1",
            buffer(&ReparseData::NfsSpecial(NfsType::FIFO)),
            NfsType::FIFO,
        ),
        ("f2", empty(ReparseTag::LX_FIFO), NfsType::FIFO),
        (
            "s1",
            buffer(&ReparseData::NfsSpecial(NfsType::SOCK)),
            NfsType::SOCK,
        ),
        ("s2", empty(ReparseTag::AF_UNIX), NfsType::SOCK),
    ] {
        let f = make(&mut c, name);
        assert_eq!(set(&mut c, f, &data), N::SUCCESS, "{name}");
        let out = ioctl(&mut c, f, CtlCode::GET_REPARSE_POINT, &[]).unwrap();
        assert_eq!(ReparseData::parse(&out), Ok(ReparseData::NfsSpecial(is)));
        c.close(f).unwrap();
    }
}

#[test]
fn devices_and_what_nobody_knows_are_refused() {
    let rig = rig();
    let mut c = client_of(&rig, "user:root");
    let f = make(&mut c, "f");
    let device = |nfs_type| {
        buffer(&ReparseData::NfsDevice {
            nfs_type,
            major: 1,
            minor: 3,
        })
    };
    let other = |tag, data: &[u8]| buffer(&ReparseData::Other { tag, data });
    for (data, status) in [
        (device(NfsType::CHR), N::PRIVILEGE_NOT_HELD),
        (device(NfsType::BLK), N::PRIVILEGE_NOT_HELD),
        (other(ReparseTag::LX_CHR, &[]), N::PRIVILEGE_NOT_HELD),
        (other(ReparseTag::LX_BLK, &[]), N::PRIVILEGE_NOT_HELD),
        (
            other(ReparseTag::DEDUP, b"x"),
            N::IO_REPARSE_TAG_NOT_HANDLED,
        ),
        (
            other(ReparseTag(0x1234), &[9; 20]),
            N::IO_REPARSE_TAG_NOT_HANDLED,
        ),
        (other(ReparseTag::NONE, &[0; 16]), N::IO_REPARSE_TAG_INVALID),
        (symlink(""), N::IO_REPARSE_DATA_INVALID),
        (symlink("a\0b"), N::IO_REPARSE_DATA_INVALID),
        (
            buffer(&ReparseData::LxSymlink {
                target: &[b'x'; 4096],
            }),
            N::IO_REPARSE_DATA_INVALID,
        ),
        (symlink("ok")[..12].to_vec(), N::IO_REPARSE_DATA_INVALID),
        (Vec::new(), N::IO_REPARSE_DATA_INVALID),
        (
            buffer(&ReparseData::LxSymlink { target: b"\xff" }),
            N::IO_REPARSE_DATA_INVALID,
        ),
    ] {
        assert_eq!(set(&mut c, f, &data), status, "{data:x?}");
        assert_eq!(
            ioctl(&mut c, f, CtlCode::GET_REPARSE_POINT, &[]).unwrap_err(),
            N::NOT_A_REPARSE_POINT
        );
    }
    // The handle is still that of the file.
    c.write(f, 0, b"data").unwrap();
}

#[test]
fn only_what_is_empty_and_nobody_elses() {
    let rig = rig();
    let mut c = client(&rig);
    let l = symlink("x");
    let f = make(&mut c, "data");
    c.write(f, 0, b"data").unwrap();
    assert_eq!(set(&mut c, f, &l), N::NOT_SUPPORTED);
    assert_eq!(c.read(f, 0, 4).unwrap(), b"data");

    let f = make(&mut c, "shared");
    let second = c.create("shared", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    assert_eq!(set(&mut c, f, &l), N::SHARING_VIOLATION);
    c.close(second).unwrap();
    assert_eq!(set(&mut c, f, &l), N::SUCCESS);

    // A directory, as Windows makes links to directories.
    let dir = O::DIRECTORY_FILE | LINK;
    let d = c.create("dir", A::FILE_ALL_ACCESS, D::CREATE, dir).unwrap();
    let inside = make(&mut c, r"dir\f");
    assert_eq!(set(&mut c, d, &l), N::DIRECTORY_NOT_EMPTY);
    c.close(inside).unwrap();
    let inside = c
        .create(r"dir\f", A::DELETE, D::OPEN, O::DELETE_ON_CLOSE)
        .unwrap();
    c.close(inside).unwrap();
    assert_eq!(set(&mut c, d, &l), N::SUCCESS);
    assert_eq!(target(&mut c, d), ("x".to_owned(), true));

    let root = c
        .create("", A::WRITE_ATTRIBUTES, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert!(set(&mut c, root, &l).is_error());

    // The rights are those of the handle.
    let f = make(&mut c, "f");
    c.close(f).unwrap();
    let reader = c
        .create("f", A::READ_DATA | A::READ_ATTRIBUTES, D::OPEN, O::NONE)
        .unwrap();
    assert_eq!(set(&mut c, reader, &l), N::ACCESS_DENIED);
}

#[test]
fn only_where_it_is_allowed() {
    let rig = rig_with(TreeFlags::NONE);
    let mut c = client(&rig);
    let f = make(&mut c, "f");
    assert_eq!(set(&mut c, f, &symlink("x")), N::INVALID_DEVICE_REQUEST);
    rig.host().fs_ref().symlink("data/l", "x");
    let l = c.create("l", A::WRITE_ATTRIBUTES, D::OPEN, LINK).unwrap();
    let head = buffer(&ReparseData::Other {
        tag: ReparseTag::DEDUP,
        data: &[],
    });
    assert_eq!(
        ioctl(&mut c, l, CtlCode::DELETE_REPARSE_POINT, &head).unwrap_err(),
        N::INVALID_DEVICE_REQUEST
    );
}

#[test]
fn a_link_can_be_changed_and_becomes_a_file_again() {
    let rig = rig();
    let mut c = client(&rig);
    let f = make(&mut c, "f");
    assert_eq!(set(&mut c, f, &symlink("one")), N::SUCCESS);
    assert_eq!(set(&mut c, f, &symlink("two")), N::SUCCESS);
    assert_eq!(target(&mut c, f).0, "two");
    let fifo = buffer(&ReparseData::NfsSpecial(NfsType::FIFO));
    assert_eq!(set(&mut c, f, &fifo), N::IO_REPARSE_TAG_MISMATCH);
    let delete = |c: &mut Client<'_>, tag: u32, len: u16| {
        let mut head = tag.to_le_bytes().to_vec();
        head.extend(len.to_le_bytes());
        head.extend([0, 0]);
        head.resize(8 + usize::from(len), 0);
        ioctl(c, f, CtlCode::DELETE_REPARSE_POINT, &head).map_or_else(|e| e, |_| N::SUCCESS)
    };
    let tag = ReparseTag::SYMLINK.0;
    assert_eq!(delete(&mut c, tag, 2), N::IO_REPARSE_DATA_INVALID);
    assert_eq!(
        delete(&mut c, ReparseTag::LX_FIFO.0, 0),
        N::IO_REPARSE_TAG_MISMATCH
    );
    assert_eq!(delete(&mut c, tag, 0), N::SUCCESS);
    assert_eq!(delete(&mut c, tag, 0), N::NOT_A_REPARSE_POINT);
    c.close(f).unwrap();
    let found = attributes(&mut c, "f", O::NONE).unwrap();
    assert!(!found.contains(FileAttributes::REPARSE_POINT));
    assert_eq!(rig.host().fs_ref().get("data/f").unwrap(), b"");
    assert_eq!(rig.server.file_count(), 0);
}

#[test]
fn what_was_to_go_goes_as_a_link() {
    let rig = rig();
    let mut c = client(&rig);
    let options = LINK | O::DELETE_ON_CLOSE;
    let f = c
        .create("f", A::FILE_ALL_ACCESS, D::CREATE, options)
        .unwrap();
    assert_eq!(set(&mut c, f, &symlink("x")), N::SUCCESS);
    assert!(rig.host().fs_ref().exists("data/f"));
    c.close(f).unwrap();
    assert!(!rig.host().fs_ref().exists("data/f"));
    // A session that ends takes links along like files.
    let f = make(&mut c, "g");
    assert_eq!(set(&mut c, f, &symlink("x")), N::SUCCESS);
    drop(c);
    assert!(rig.host().fs_ref().exists("data/g"));
    assert_eq!(rig.server.file_count(), 0);
}

#[test]
fn share_modes_go_on() {
    let rig = rig();
    let mut c = client(&rig);
    let path = utf16("f");
    let request = CreateRequest {
        share_access: ShareAccess::NONE,
        ..create_request(&path, A::FILE_ALL_ACCESS, D::CREATE, LINK)
    };
    let message = c
        .call(Command::CREATE, |w| request.write_with(w, |_| Ok(())))
        .unwrap();
    let f = CreateResponse::parse(&message.ok().unwrap())
        .unwrap()
        .file_id;
    assert_eq!(set(&mut c, f, &symlink("x")), N::SUCCESS);
    assert_eq!(
        c.create("f", A::DELETE, D::OPEN, LINK).unwrap_err(),
        N::SHARING_VIOLATION
    );
    c.close(f).unwrap();
    c.create("f", A::DELETE, D::OPEN, LINK).unwrap();
}

#[test]
fn without_memory_nothing_is_lost_or_left() {
    // The n-th allocation fails: the name is that of the file or of the link, and nothing else is there.
    for n in 0.. {
        let rig = rig();
        let mut c = client(&rig);
        let f = make(&mut c, "f");
        let data = symlink("x");
        shim::fail_after(n);
        let status = set(&mut c, f, &data);
        let hit = shim::fail_never();
        assert!(rig.host().fs_ref().exists("data/f"));
        assert_eq!(rig.host().fs_ref().count(), 4, "allocation {n}");
        let is_link = attributes(&mut c, "f", O::NONE) == Err(N::STOPPED_ON_SYMLINK);
        if status == N::SUCCESS {
            assert!(is_link);
        }
        drop(c);
        assert_eq!(rig.server.file_count(), 0, "allocation {n}");
        if hit == 0 {
            assert_eq!(status, N::SUCCESS);
            assert!(n > 5);
            break;
        }
    }
}
