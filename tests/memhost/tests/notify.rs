// SPDX-License-Identifier: GPL-2.0-or-later
//! CHANGE_NOTIFY as clients see it: what is told to whom, and every way in which waiting can end.

use ksmbd_engine::host::{LocalAction, LocalChange};
use ksmbd_memhost::client::{utf16, Client, Options, CLOSED};
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, FileAttributes};
use proto_shared::fscc::set::{RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::FileInfoClass;
use proto_shared::smb2::change_notify::{
    notify_entries, ChangeNotifyFlags, CompletionFilter as F, NotifyAction,
};
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    CancelRequest, ChangeNotifyRequest, ChangeNotifyResponse, Command, FileId, Header,
    LogoffRequest, SetInfoRequest, TreeDisconnectRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const NAMES: F = F(F::FILE_NAME.0 | F::DIR_NAME.0);

type Told = Result<Vec<(u32, String)>, N>;

fn rig() -> Rig {
    let rig = Rig::new();
    for dir in ["data/d", "data/d/sub", "data/e"] {
        rig.host().fs_ref().mkdir(dir, 1000, 0o777);
    }
    rig
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

/// Opens a directory with all rights but those that renames into it mind.
fn dir(c: &mut Client<'_>, path: &str) -> FileId {
    let access = A(0x1FF);
    c.create(path, access, D::OPEN, O::DIRECTORY_FILE).unwrap()
}

/// Sends a request.
fn send(c: &mut Client<'_>, id: FileId, filter: F, deep: bool, room: u32) -> u64 {
    let req = ChangeNotifyRequest {
        flags: if deep {
            ChangeNotifyFlags::WATCH_TREE
        } else {
            ChangeNotifyFlags::NONE
        },
        output_buffer_length: room,
        file_id: id,
        completion_filter: filter,
    };
    let header = c.header(Command::CHANGE_NOTIFY);
    let message = Client::message(&header, |w| req.write(w), 0);
    c.send(message);
    header.message_id
}

/// Sends a request that has to wait.
fn watch(c: &mut Client<'_>, id: FileId, filter: F, deep: bool) -> u64 {
    let request = send(c, id, filter, deep, 1000);
    assert_eq!(told(c, request), Err(N::IO_TIMEOUT));
    let interim = Header::parse(&c.unasked.pop().unwrap()).unwrap();
    assert_eq!((interim.status, interim.is_async()), (N::PENDING, true));
    request
}

/// The answer to a request, which may have come while another one was waited for.
fn told(c: &mut Client<'_>, request: u64) -> Told {
    let early = c.unasked.iter().find_map(|message| {
        let header = Header::parse(message).unwrap();
        (header.message_id == request && header.status != N::PENDING)
            .then(|| (header.status, message.clone()))
    });
    let (status, message) = match early {
        Some(early) => early,
        None => {
            let reply = c.reply_to(request)?;
            (reply.status(), reply.message)
        }
    };
    if status != N::SUCCESS {
        return Err(status);
    }
    let reply = ChangeNotifyResponse::parse(&message).unwrap();
    Ok(notify_entries(reply.output)
        .map(|entry| {
            let (action, name) = entry.unwrap();
            let name = name.chars().map(|c| c.unwrap()).collect();
            (action.0, name)
        })
        .collect())
}

/// Asks and takes what there is at once.
fn ask(c: &mut Client<'_>, id: FileId) -> Told {
    let request = send(c, id, NAMES, true, 1000);
    told(c, request)
}

fn cancel(c: &mut Client<'_>, request: u64) {
    let header = Header {
        command: Command::CANCEL,
        session_id: c.session_id,
        message_id: request,
        ..Header::default()
    };
    let message = Client::message(&header, |w| CancelRequest.write(w), 0);
    c.send(message);
}

fn make(c: &mut Client<'_>, path: &str) {
    let id = c.create(path, ALL, D::CREATE, O::NONE).unwrap();
    c.close(id).unwrap();
}

fn delete(c: &mut Client<'_>, path: &str) {
    let id = c.create(path, ALL, D::OPEN, O::DELETE_ON_CLOSE).unwrap();
    c.close(id).unwrap();
}

fn set(c: &mut Client<'_>, id: FileId, class: FileInfoClass, buffer: &[u8]) {
    let req = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        additional_information: 0,
        file_id: id,
        buffer,
    };
    let reply = c.call(Command::SET_INFO, |w| req.write(w)).unwrap();
    assert_eq!(reply.status(), N::SUCCESS);
}

fn rename(c: &mut Client<'_>, id: FileId, to: &str) {
    let name = utf16(to);
    let info = SetFileInfo::Rename(RenameInfo {
        flags: RenameFlags::REPLACE_IF_EXISTS,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    });
    let mut buf = [0; 512];
    let mut w = Writer::new(&mut buf);
    info.write(&mut w).unwrap();
    let len = w.len();
    set(c, id, info.class(), &buf[..len]);
}

fn one(action: NotifyAction, name: &str) -> Told {
    Ok(vec![(action.0, name.to_owned())])
}

#[test]
fn names_come_and_go() {
    let rig = rig();
    let (mut c, mut other) = (client(&rig), client(&rig));
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, false);
    make(&mut other, "d\\f");
    assert_eq!(told(&mut c, request), one(NotifyAction::ADDED, "f"));
    // Between two requests changes are kept; what lies deeper is none of this handle's.
    delete(&mut other, "d\\f");
    make(&mut other, "d\\sub\\deep");
    make(&mut other, "e\\elsewhere");
    assert_eq!(ask(&mut c, d), one(NotifyAction::REMOVED, "f"));
    // Somebody who asks later does not learn of what was before.
    let late = dir(&mut c, "d");
    let request = watch(&mut c, late, NAMES, false);
    make(&mut c, "d\\g");
    assert_eq!(told(&mut c, request), one(NotifyAction::ADDED, "g"));
    assert_eq!(ask(&mut c, d), one(NotifyAction::ADDED, "g"));
    assert_eq!(rig.server.parked_count(), 0);
}

#[test]
fn requests_are_served_in_turn() {
    let rig = rig();
    let mut c = client(&rig);
    let d = dir(&mut c, "d");
    let first = watch(&mut c, d, NAMES, true);
    // Filter and depth are those of the first request.
    let second = watch(&mut c, d, F::NONE, false);
    make(&mut c, "d\\sub\\f");
    assert_eq!(told(&mut c, first), one(NotifyAction::ADDED, "sub\\f"));
    make(&mut c, "d\\sub\\g");
    assert_eq!(told(&mut c, second), one(NotifyAction::ADDED, "sub\\g"));
}

#[test]
fn renames() {
    let rig = rig();
    let mut c = client(&rig);
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, true);
    let f = c.create("e\\f", ALL, D::CREATE, O::NONE).unwrap();
    rename(&mut c, f, "d\\sub\\f");
    assert_eq!(told(&mut c, request), one(NotifyAction::ADDED, "sub\\f"));
    let request = watch(&mut c, d, NAMES, true);
    rename(&mut c, f, "d\\sub\\g");
    let both = vec![(4, "sub\\f".to_owned()), (5, "sub\\g".to_owned())];
    assert_eq!(told(&mut c, request), Ok(both));
    make(&mut c, "d\\h");
    rename(&mut c, f, "d\\h");
    let all = [(1, "h"), (2, "h"), (2, "sub\\g"), (1, "h")];
    let all: Vec<_> = all.iter().map(|(a, n)| (*a, (*n).to_owned())).collect();
    assert_eq!(ask(&mut c, d), Ok(all));
    rename(&mut c, f, "e\\f");
    assert_eq!(ask(&mut c, d), one(NotifyAction::REMOVED, "h"));
    // A watched directory is watched under its new name.
    let again = c.create("d", ALL, D::OPEN, O::DIRECTORY_FILE).unwrap();
    rename(&mut c, again, "moved");
    make(&mut c, "moved\\sub\\i");
    assert_eq!(ask(&mut c, d), one(NotifyAction::ADDED, "sub\\i"));
}

#[test]
fn filters() {
    let rig = rig();
    let mut c = client(&rig);
    let f = c.create("d\\f", ALL, D::CREATE, O::NONE).unwrap();
    let cases: &[(&str, F)] = &[
        ("write", F(F::SIZE.0 | F::LAST_WRITE.0)),
        ("size", F(F::SIZE.0 | F::LAST_WRITE.0)),
        ("attributes", F::ATTRIBUTES),
        ("file", F::FILE_NAME),
        ("dir", F::DIR_NAME),
    ];
    for (what, expected) in cases {
        for bit in 0..12 {
            let d = dir(&mut c, "d");
            let request = watch(&mut c, d, F(1 << bit), false);
            match *what {
                "write" => c.write(f, 0, b"x").unwrap(),
                "size" => set(&mut c, f, FileInfoClass::END_OF_FILE, &7u64.to_le_bytes()),
                "attributes" => {
                    let mut basic = [0; 40];
                    basic[32..36].copy_from_slice(&FileAttributes::HIDDEN.0.to_le_bytes());
                    set(&mut c, f, FileInfoClass::BASIC, &basic);
                }
                "file" => make(&mut c, "d\\new"),
                _ => {
                    let new = c.create("d\\dir", ALL, D::CREATE, O::DIRECTORY_FILE);
                    c.close(new.unwrap()).unwrap();
                }
            }
            cancel(&mut c, request);
            let told = told(&mut c, request);
            let expected = expected.intersects(F(1 << bit));
            assert_eq!(told.is_ok(), expected, "{what} {bit}: {told:?}");
            if let Err(status) = told {
                assert_eq!(status, N::CANCELLED);
            }
            c.close(d).unwrap();
            for (name, made) in [("d\\new", "file"), ("d\\dir", "dir")] {
                if *what == made {
                    delete(&mut c, name);
                }
            }
        }
    }
    assert_eq!(rig.server.parked_count(), 0);
}

#[test]
fn more_than_there_is_room_for() {
    let rig = rig();
    let mut c = client(&rig);
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, false);
    cancel(&mut c, request);
    assert_eq!(told(&mut c, request), Err(N::CANCELLED));
    for n in 0..100 {
        make(&mut c, &format!("d\\file {n}"));
    }
    assert_eq!(ask(&mut c, d), Err(N::NOTIFY_ENUM_DIR));
    make(&mut c, "d\\f");
    assert_eq!(ask(&mut c, d), one(NotifyAction::ADDED, "f"));
    // The request has less room than the handle.
    make(&mut c, "d\\g");
    let request = send(&mut c, d, NAMES, false, 5);
    assert_eq!(told(&mut c, request), Err(N::NOTIFY_ENUM_DIR));
    let request = send(&mut c, d, NAMES, false, (8 << 20) + 1);
    assert_eq!(told(&mut c, request), Err(N::INVALID_PARAMETER));
}

#[test]
fn what_ends_a_handle_ends_its_requests() {
    let rig = rig();
    let mut c = client(&rig);
    let d = dir(&mut c, "d");
    let requests = [
        watch(&mut c, d, NAMES, false),
        watch(&mut c, d, NAMES, false),
    ];
    c.close(d).unwrap();
    assert_eq!(rig.server.parked_count(), 0);
    let cleaned = |c: &mut Client<'_>, request| told(c, request) == Err(N::NOTIFY_CLEANUP);
    for request in requests {
        assert!(cleaned(&mut c, request));
    }
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, false);
    let done = c.call(Command::TREE_DISCONNECT, |w| TreeDisconnectRequest.write(w));
    assert_eq!(done.unwrap().status(), N::SUCCESS);
    assert!(cleaned(&mut c, request));
    c.tree_connect("data").unwrap();
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, false);
    let done = c.call(Command::LOGOFF, |w| LogoffRequest.write(w));
    assert_eq!(done.unwrap().status(), N::SUCCESS);
    assert!(cleaned(&mut c, request));
    let mut c = client(&rig);
    let d = dir(&mut c, "d");
    let request = watch(&mut c, d, NAMES, false);
    rig.disconnect(&c.conn, &c.wire);
    c.alive = false;
    assert_eq!(told(&mut c, request), Err(CLOSED));
    assert_eq!(rig.server.parked_count(), 0);
}

#[test]
fn a_directory_that_goes() {
    let rig = rig();
    let (mut c, mut other) = (client(&rig), client(&rig));
    for on_close in [true, false] {
        let made = c.create("x", ALL, D::CREATE, O::DIRECTORY_FILE).unwrap();
        let request = watch(&mut c, made, NAMES, false);
        let id = if on_close {
            let id = other.create("x", ALL, D::OPEN, O::DELETE_ON_CLOSE).unwrap();
            other.close(id).unwrap();
            None
        } else {
            let id = other.create("x", ALL, D::OPEN, O::NONE).unwrap();
            set(&mut other, id, FileInfoClass::DISPOSITION, &[1]);
            Some(id)
        };
        assert_eq!(told(&mut c, request), Err(N::DELETE_PENDING));
        assert_eq!(ask(&mut c, made), Err(N::DELETE_PENDING));
        if let Some(id) = id {
            other.close(id).unwrap();
        }
        c.close(made).unwrap();
        assert!(!rig.host().fs_ref().exists("data/x"));
    }
    assert_eq!(rig.server.parked_count(), 0);
}

#[test]
fn only_what_may_be_listed_is_told() {
    let rig = rig();
    rig.host().fs_ref().mkdir("data/d/hidden", 0, 0o700);
    let mut c = Client::log_in(
        &rig,
        Options {
            blob: "user:root",
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    let mut other = client(&rig);
    let id = other
        .create("d", A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    let request = send(&mut other, id, NAMES, true, 1000);
    make(&mut c, "d\\hidden\\f");
    assert_eq!(told(&mut other, request), Err(N::IO_TIMEOUT));
    make(&mut c, "d\\sub\\f");
    assert_eq!(
        told(&mut other, request),
        one(NotifyAction::ADDED, "sub\\f")
    );
}

#[test]
fn who_may_ask() {
    let rig = rig();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"");
    let mut c = client(&rig);
    let file = c.create("f", ALL, D::OPEN, O::NONE).unwrap();
    assert_eq!(ask(&mut c, file), Err(N::INVALID_PARAMETER));
    let blind = c
        .create("d", A::READ_ATTRIBUTES, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(ask(&mut c, blind), Err(N::ACCESS_DENIED));
    c.close(blind).unwrap();
    assert_eq!(ask(&mut c, blind), Err(N::FILE_CLOSED));
}

#[test]
fn what_local_processes_do_is_told() {
    let rig = rig();
    let (mut c, mut other) = (client(&rig), client(&rig));
    let d = dir(&mut c, "d");
    assert_eq!(rig.host().fs_ref().watches(), []);
    let request = watch(&mut c, d, NAMES, false);
    let [(token, false)] = rig.host().fs_ref().watches()[..] else {
        panic!("one shallow watch expected");
    };
    let happens = |action, path: &str, is_dir| {
        let path = path.as_bytes();
        let change = LocalChange {
            action,
            path,
            is_dir,
        };
        rig.server.local_change(token, &change);
        rig.settle();
    };
    // Neither what nobody asked for nor what lies deeper.
    happens(LocalAction::Written, "f", false);
    happens(LocalAction::Added, "sub/f", false);
    happens(LocalAction::Added, "f", false);
    assert_eq!(told(&mut c, request), one(NotifyAction::ADDED, "f"));
    happens(LocalAction::RenamedFrom, "f", false);
    happens(LocalAction::RenamedTo, "g", false);
    // In one row with what clients do.
    make(&mut other, "d\\h");
    happens(LocalAction::Removed, "g", false);
    let rest = ask(&mut c, d).unwrap();
    let names: Vec<_> = rest.iter().map(|(a, n)| (*a, n.as_str())).collect();
    assert_eq!(names, [(4, "f"), (5, "g"), (1, "h"), (2, "g")]);
    // What the host could not keep.
    rig.server.local_lost(token);
    assert_eq!(ask(&mut c, d), Err(N::NOTIFY_ENUM_DIR));
    c.close(d).unwrap();
    assert_eq!(rig.host().fs_ref().watches(), []);
    happens(LocalAction::Added, "late", false);
}
