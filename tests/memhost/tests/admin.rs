// SPDX-License-Identifier: GPL-2.0-or-later
//! What an administrator sees and ends, and what the audit is told of files.

use kernel::alloc::KVec;
use ksmbd_engine::server::Server;
use ksmbd_memhost::client::{utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::{
    AttrWriter, AuditFlags, Close, Command as Order, ConnectionEntry, EventKind, FileAccess,
    FileAction, List, ListReply, ListWhat, Logoff, OpenEntry, SessionEntry, Status,
};
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{Command, SetInfoRequest};
use proto_shared::status::NtStatus as N;

fn order(rig: &Rig, command: Order, write: impl Fn(&mut AttrWriter<'_>)) -> (u8, Vec<u8>) {
    let mut buf = [0; 256];
    let mut w = AttrWriter::new(&mut buf);
    write(&mut w);
    let mut reply = KVec::new();
    let command = Server::daemon_message(&rig.server, command.0, w.written(), &mut reply).unwrap();
    rig.settle();
    (command, reply.to_vec())
}

fn list<T>(rig: &Rig, what: ListWhat, each: impl Fn(&[u8]) -> T) -> Vec<T> {
    let ask = List {
        what,
        cursor: 0,
        max: 100,
    };
    let (_, reply) = order(rig, Order::LIST, |w| ask.write(w).unwrap());
    let reply = ListReply::parse(&reply).unwrap();
    reply.entries().map(each).collect()
}

fn close(rig: &Rig, what: ListWhat, id: u64, session_id: Option<u64>) -> i32 {
    let close = Close {
        what,
        id,
        session_id,
    };
    let (_, reply) = order(rig, Order::CLOSE, |w| close.write(w).unwrap());
    Status::parse(&reply).unwrap().code
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn told(rig: &Rig, kind: EventKind) -> Vec<Vec<u8>> {
    let daemon = rig.daemon.lock().unwrap();
    let all = daemon.told.iter().filter(|(k, _)| *k == kind);
    all.map(|(_, body)| body.clone()).collect()
}

#[test]
fn an_open_and_a_session_are_ended() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"text");
    let mut c = client(&rig);
    let file = c.create("f", A::FILE_ALL_ACCESS, D::OPEN, O::NONE).unwrap();
    let (session, open) = list(&rig, ListWhat::OPENS, |b| {
        let o = OpenEntry::parse(b).unwrap();
        (o.session_id, o.file_id)
    })[0];
    assert_eq!(close(&rig, ListWhat::OPENS, open, None), -2);
    assert_eq!(close(&rig, ListWhat::OPENS, open, Some(session)), 0);
    assert_eq!(close(&rig, ListWhat::OPENS, open, Some(session)), -2);
    assert_eq!(c.read(file, 0, 4), Err(N::FILE_CLOSED));
    // The client can open it again, and loses that with its session.
    c.create("f", A::FILE_ALL_ACCESS, D::OPEN, O::NONE).unwrap();
    assert_eq!(close(&rig, ListWhat::SESSIONS, session, None), 0);
    assert_eq!(close(&rig, ListWhat::SESSIONS, session, None), -2);
    assert!(list(&rig, ListWhat::OPENS, |_| ()).is_empty());
    assert!(list(&rig, ListWhat::SESSIONS, |b| SessionEntry::parse(b)
        .unwrap()
        .id)
    .is_empty());
    assert!(c.create("f", A::READ_DATA, D::OPEN, O::NONE).is_err());
    let ended = told(&rig, EventKind::LOGOFF);
    let ended = Logoff::parse(ended.last().unwrap()).unwrap();
    assert_eq!(ended.session_id, session);
    assert!(ended.peer.starts_with("10.0.0."), "{}", ended.peer);
}

#[test]
fn connections_count_their_bytes() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, &[7; 5000]);
    let mut c = client(&rig);
    let counts = || {
        list(&rig, ListWhat::CONNECTIONS, |b| {
            let c = ConnectionEntry::parse(b).unwrap();
            (c.requests, c.bytes_in.unwrap(), c.bytes_out.unwrap())
        })[0]
    };
    let file = c.create("f", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    let before = counts();
    c.read(file, 0, 5000).unwrap();
    let after = counts();
    assert_eq!(after.0, before.0 + 1);
    assert!((64..1000).contains(&(after.1 - before.1)));
    assert!((5000..6000).contains(&(after.2 - before.2)));
}

fn accesses(rig: &Rig) -> Vec<(FileAction, N, String, String, u32)> {
    let all = told(rig, EventKind::FILE_ACCESS);
    let parsed = all.iter().map(|body| {
        let a = FileAccess::parse(body).unwrap();
        (a.action, a.status, a.path.into(), a.target.into(), a.lost)
    });
    parsed.collect()
}

fn audited(audit: AuditFlags) -> Rig {
    Rig::with(Settings {
        audit,
        ..Settings::default()
    })
}

#[test]
fn accesses_are_told_by_name() {
    let rig = audited(AuditFlags(15));
    rig.host().fs_ref().put("data/secret", 0, 0o600, b"");
    let mut c = client(&rig);
    let all = A::FILE_ALL_ACCESS;
    let id = c.create("new", all, D::CREATE, O::NONE).unwrap();
    c.write(id, 0, b"x").unwrap();
    // FileRenameInformation.
    let mut info = vec![0; 16];
    let name: Vec<u8> = utf16("other");
    info.extend((name.len() as u32).to_le_bytes());
    info.extend(&name);
    let rename = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: FileInfoClass::RENAME.0,
        additional_information: 0,
        file_id: id,
        buffer: &info,
    };
    c.call(Command::SET_INFO, |w| rename.write(w))
        .unwrap()
        .ok()
        .unwrap();
    c.close(id).unwrap();
    let id = c.create("other", all, D::OPEN, O::DELETE_ON_CLOSE).unwrap();
    c.close(id).unwrap();
    assert_eq!(
        c.create("secret", all, D::OPEN, O::NONE),
        Err(N::ACCESS_DENIED)
    );
    // The root itself is nothing to tell.
    let id = c.create("", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    c.close(id).unwrap();
    let is = |action, status, path: &str, target: &str| {
        (action, status, path.to_owned(), target.to_owned(), 0)
    };
    assert_eq!(
        accesses(&rig),
        [
            is(FileAction::CREATED, N::SUCCESS, "new", ""),
            is(FileAction::RENAMED, N::SUCCESS, "new", "other"),
            is(FileAction::OPENED, N::SUCCESS, "other", ""),
            is(FileAction::DELETED, N::SUCCESS, "other", ""),
            is(FileAction::OPENED, N::ACCESS_DENIED, "secret", ""),
        ]
    );
}

#[test]
fn only_what_is_asked_for() {
    for (audit, count) in [(AuditFlags::NONE, 0), (AuditFlags::CREATE, 1)] {
        let rig = audited(audit);
        let mut c = client(&rig);
        for disposition in [D::CREATE, D::OPEN] {
            let id = c.create("f", A::FILE_ALL_ACCESS, disposition, O::NONE);
            c.close(id.unwrap()).unwrap();
        }
        assert_eq!(accesses(&rig).len(), count);
    }
}

#[test]
fn a_flood_is_counted() {
    let rig = audited(AuditFlags::OPEN);
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let mut open = || {
        let id = c.create("f", A::READ_DATA, D::OPEN, O::NONE).unwrap();
        c.close(id).unwrap();
    };
    (0..1203).for_each(|_| open());
    let told = accesses(&rig);
    assert_eq!(told.len(), 1000);
    assert!(told.iter().all(|a| a.4 == 0));
    rig.host().clock().advance_ms(1000);
    open();
    open();
    let told = accesses(&rig);
    assert_eq!(told.len(), 1002);
    assert_eq!((told[1000].4, told[1001].4), (203, 0));
}
