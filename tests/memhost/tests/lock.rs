// SPDX-License-Identifier: GPL-2.0-or-later
//! LOCK as clients see it: arrays, conflicts, waiting, and every way in which waiting can end.

use ksmbd_memhost::client::{Client, Options, CLOSED};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::{
    CancelRequest, Command, FileId, Header, HeaderFlags, LockRequest, LogoffRequest,
    TreeDisconnectRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const SHARED: LockFlags = LockFlags::SHARED_LOCK;
const EXCLUSIVE: LockFlags = LockFlags::EXCLUSIVE_LOCK;
const UNLOCK: LockFlags = LockFlags::UNLOCK;
const NOW: LockFlags = LockFlags::FAIL_IMMEDIATELY;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
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

fn open(c: &mut Client<'_>) -> FileId {
    c.create("f", ALL, D::OPEN, O::NONE).unwrap()
}

fn element(offset: u64, length: u64, flags: LockFlags) -> LockElement {
    LockElement {
        offset,
        length,
        flags,
    }
}

fn lock(c: &mut Client<'_>, id: FileId, elements: &[LockElement]) -> N {
    c.call(Command::LOCK, |w| LockRequest::write(id, 0, 0, elements, w))
        .map_or_else(|e| e, |r| r.status())
}

fn one(c: &mut Client<'_>, id: FileId, offset: u64, length: u64, flags: LockFlags) -> N {
    lock(c, id, &[element(offset, length, flags)])
}

/// Sends a LOCK that has to wait; yields its MessageId and the AsyncId of the interim reply.
fn wait(c: &mut Client<'_>, id: FileId, offset: u64, length: u64, flags: LockFlags) -> (u64, u64) {
    let header = c.header(Command::LOCK);
    let elements = [element(offset, length, flags)];
    let message = Client::message(&header, |w| LockRequest::write(id, 0, 0, &elements, w), 0);
    assert_eq!(c.exchange(message).map(|r| r.status()), Err(N::IO_TIMEOUT));
    let interim = Header::parse(&c.unasked.pop().unwrap()).unwrap();
    assert_eq!(interim.status, N::PENDING);
    assert!(interim.is_async() && interim.is_signed());
    (header.message_id, interim.async_id)
}

fn answer(c: &mut Client<'_>, request: (u64, u64)) -> N {
    let reply = c.reply_to(request.0).unwrap();
    assert!(reply.header.is_async());
    assert_eq!(reply.header.async_id, request.1);
    reply.status()
}

#[test]
fn arrays() {
    let rig = rig();
    let mut c = client(&rig);
    let (a, b) = (open(&mut c), open(&mut c));
    let now = EXCLUSIVE | NOW;
    assert_eq!(
        lock(
            &mut c,
            a,
            &[element(0, 10, now), element(20, 10, SHARED | NOW)]
        ),
        N::SUCCESS
    );
    // The last cannot be had, so the first ones are given back.
    let three = [element(50, 1, now), element(60, 1, now), element(5, 1, now)];
    assert_eq!(lock(&mut c, b, &three), N::LOCK_NOT_GRANTED);
    assert_eq!(lock(&mut c, a, &three[..2]), N::SUCCESS);
    // Unlocking goes on until it fails, and is not taken back.
    let unlock = [
        element(0, 10, UNLOCK),
        element(1, 1, UNLOCK),
        element(20, 10, UNLOCK),
    ];
    assert_eq!(lock(&mut c, a, &unlock), N::RANGE_NOT_LOCKED);
    assert_eq!(one(&mut c, b, 0, 10, now), N::SUCCESS);
    assert_eq!(one(&mut c, b, 20, 10, now), N::LOCK_NOT_GRANTED);
    // Several that would wait, kinds that do not go together, none at all.
    for bad in [
        &[element(0, 1, EXCLUSIVE), element(1, 1, EXCLUSIVE)][..],
        &[element(70, 1, now), element(71, 1, UNLOCK | NOW)],
        &[element(70, 1, LockFlags::NONE)],
        &[element(70, 1, SHARED | EXCLUSIVE)],
        &[element(70, 1, UNLOCK | NOW)],
        &[element(70, 1, UNLOCK | SHARED)],
        &[element(70, 1, LockFlags(0xFFFF_FFE0))],
        &[],
    ] {
        assert_eq!(lock(&mut c, b, bad), N::INVALID_PARAMETER, "{bad:?}");
    }
    let bad = [element(90, 1, UNLOCK), element(0, 1, LockFlags::NONE)];
    assert_eq!(lock(&mut c, a, &bad), N::RANGE_NOT_LOCKED);
    assert_eq!(one(&mut c, a, u64::MAX, 2, now), N::INVALID_LOCK_RANGE);
    assert_eq!(one(&mut c, a, u64::MAX, 1, now), N::SUCCESS);
}

#[test]
fn what_can_be_locked() {
    let rig = rig();
    let mut c = client(&rig);
    let dir = c
        .create(
            "",
            A::READ_DATA | A::READ_ATTRIBUTES,
            D::OPEN,
            O::DIRECTORY_FILE,
        )
        .unwrap();
    assert_eq!(one(&mut c, dir, 0, 1, SHARED | NOW), N::INVALID_PARAMETER);
    let blind = c.create("f", A::READ_ATTRIBUTES, D::OPEN, O::NONE).unwrap();
    assert_eq!(one(&mut c, blind, 0, 1, SHARED | NOW), N::ACCESS_DENIED);
    let reader = c.create("f", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    assert_eq!(one(&mut c, reader, 0, 1, EXCLUSIVE | NOW), N::SUCCESS);
    let gone = FileId {
        persistent: 9,
        volatile: 9,
    };
    assert_eq!(one(&mut c, gone, 0, 1, SHARED | NOW), N::FILE_CLOSED);
}

#[test]
fn locks_forbid_reads_and_writes() {
    let rig = rig();
    let mut c = client(&rig);
    let (a, b) = (open(&mut c), open(&mut c));
    assert_eq!(one(&mut c, a, 0, 10, EXCLUSIVE), N::SUCCESS);
    assert_eq!(one(&mut c, a, 50, 10, SHARED), N::SUCCESS);
    assert_eq!(c.write(a, 0, b"x"), Ok(()));
    assert_eq!(c.read(b, 5, 1), Err(N::FILE_LOCK_CONFLICT));
    assert_eq!(c.write(b, 9, b"xx"), Err(N::FILE_LOCK_CONFLICT));
    assert_eq!(c.read(b, 55, 1).unwrap().len(), 1);
    for id in [a, b] {
        assert_eq!(c.write(id, 50, b"x"), Err(N::FILE_LOCK_CONFLICT));
    }
    c.close(a).unwrap();
    assert_eq!(c.write(b, 0, &[1; 60]), Ok(()));
}

#[test]
fn a_waiting_lock_is_granted() {
    let rig = rig();
    let mut c = client(&rig);
    let mut d = client(&rig);
    let (a, b) = (open(&mut c), open(&mut d));
    assert_eq!(one(&mut c, a, 0, 10, EXCLUSIVE), N::SUCCESS);
    let first = wait(&mut d, b, 0, 1, EXCLUSIVE);
    let second = wait(&mut d, b, 5, 1, SHARED);
    assert_eq!(rig.server.parked_count(), 2);
    assert_eq!(one(&mut c, a, 0, 10, UNLOCK), N::SUCCESS);
    assert_eq!(answer(&mut d, first), N::SUCCESS);
    assert_eq!(answer(&mut d, second), N::SUCCESS);
    assert_eq!(rig.server.parked_count(), 0);
    assert_eq!(c.read(a, 0, 1), Err(N::FILE_LOCK_CONFLICT));
    // Closing grants as well.
    let third = wait(&mut c, a, 0, 10, EXCLUSIVE);
    d.close(b).unwrap();
    assert_eq!(answer(&mut c, third), N::SUCCESS);
}

fn cancel(c: &mut Client<'_>, request: (u64, u64), by_async_id: bool) {
    let mut header = Header {
        command: Command::CANCEL,
        session_id: c.session_id,
        ..Header::default()
    };
    if by_async_id {
        header.flags = HeaderFlags::ASYNC_COMMAND;
        header.async_id = request.1;
        header.message_id = request.0;
    } else {
        header.message_id = request.0;
    }
    let message = Client::message(&header, |w| CancelRequest.write(w), 0);
    c.send(message);
}

#[test]
fn a_waiting_lock_is_cancelled() {
    let rig = rig();
    let mut c = client(&rig);
    let (a, b) = (open(&mut c), open(&mut c));
    for by_async_id in [false, true] {
        assert_eq!(one(&mut c, a, 0, 10, EXCLUSIVE), N::SUCCESS);
        let request = wait(&mut c, b, 0, 1, EXCLUSIVE);
        cancel(&mut c, request, by_async_id);
        assert_eq!(answer(&mut c, request), N::CANCELLED);
        // It got nothing, and nothing of it is left.
        assert_eq!(one(&mut c, a, 0, 10, UNLOCK), N::SUCCESS);
        assert_eq!(one(&mut c, b, 0, 1, UNLOCK), N::RANGE_NOT_LOCKED);
        assert_eq!(rig.server.parked_count(), 0);
    }
}

#[test]
fn a_waiting_lock_ends_with_its_open() {
    let rig = rig();
    let mut c = client(&rig);
    let mut d = client(&rig);
    let a = open(&mut c);
    assert_eq!(one(&mut c, a, 0, 10, EXCLUSIVE), N::SUCCESS);

    let b = open(&mut d);
    let request = wait(&mut d, b, 0, 1, EXCLUSIVE);
    d.close(b).unwrap();
    assert_eq!(reply_in(&mut d, request), N::RANGE_NOT_LOCKED);

    let b = open(&mut d);
    let request = wait(&mut d, b, 0, 1, EXCLUSIVE);
    let done = d
        .call(Command::TREE_DISCONNECT, |w| TreeDisconnectRequest.write(w))
        .unwrap()
        .status();
    assert_eq!(done, N::SUCCESS);
    assert_eq!(reply_in(&mut d, request), N::RANGE_NOT_LOCKED);

    d.tree_connect("data").unwrap();
    let b = open(&mut d);
    let request = wait(&mut d, b, 0, 1, EXCLUSIVE);
    let done = d
        .call(Command::LOGOFF, |w| LogoffRequest.write(w))
        .unwrap()
        .status();
    assert_eq!(done, N::SUCCESS);
    assert_eq!(reply_in(&mut d, request), N::RANGE_NOT_LOCKED);

    assert_eq!(rig.server.parked_count(), 0);
    assert_eq!(one(&mut c, a, 0, 10, UNLOCK), N::SUCCESS);
}

/// The answer to a request, which may have come before another one's.
fn reply_in(c: &mut Client<'_>, request: (u64, u64)) -> N {
    let of_request = |m: &Vec<u8>| Header::parse(m).unwrap().message_id == request.0;
    if let Some(at) = c.unasked.iter().position(of_request) {
        return Header::parse(&c.unasked.remove(at)).unwrap().status;
    }
    answer(c, request)
}

#[test]
fn a_lost_connection_frees_its_locks() {
    let rig = rig();
    let mut c = client(&rig);
    let a = open(&mut c);
    let request = {
        let mut d = client(&rig);
        let b = open(&mut d);
        assert_eq!(one(&mut d, b, 0, 10, EXCLUSIVE), N::SUCCESS);
        // Two that wait for each other's open, of which one goes.
        assert_eq!(one(&mut c, a, 20, 1, EXCLUSIVE), N::SUCCESS);
        wait(&mut d, b, 20, 1, EXCLUSIVE);
        wait(&mut c, a, 0, 1, EXCLUSIVE)
    };
    assert_eq!(answer(&mut c, request), N::SUCCESS);
    assert_eq!(rig.server.parked_count(), 0);
    assert_eq!(one(&mut c, a, 0, 1, UNLOCK), N::SUCCESS);
}

#[test]
fn without_memory() {
    let rig = rig();
    let mut failures = 0;
    for n in 0.. {
        // Unsigned, because a request that is refused before it is looked at is answered without a key.
        let mut c = Client::log_in(&rig, Options::default());
        c.tree_connect("data").unwrap();
        let (a, b) = (open(&mut c), open(&mut c));
        assert_eq!(one(&mut c, a, 0, 10, EXCLUSIVE), N::SUCCESS);
        kernel::shim::fail_after(n);
        let status = one(&mut c, b, 0, 1, EXCLUSIVE);
        let injected = kernel::shim::fail_never() != 0;
        match status {
            // It waits: the unlock must find it.
            N::IO_TIMEOUT => {
                assert_eq!(one(&mut c, a, 0, 10, UNLOCK), N::SUCCESS);
                assert_eq!(one(&mut c, b, 0, 1, UNLOCK), N::SUCCESS);
            }
            CLOSED => {}
            status => {
                assert_eq!(status, N::INSUFFICIENT_RESOURCES, "{n}");
                failures += 1;
                assert_eq!(one(&mut c, a, 0, 10, UNLOCK), N::SUCCESS);
                assert_eq!(one(&mut c, b, 0, 1, UNLOCK), N::RANGE_NOT_LOCKED);
            }
        }
        drop(c);
        assert_eq!(rig.server.parked_count(), 0, "{n}");
        if !injected {
            break;
        }
    }
    assert!(failures > 0);
}
