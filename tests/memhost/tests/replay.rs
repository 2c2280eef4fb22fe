// SPDX-License-Identifier: GPL-2.0-or-later
//! Requests that are sent again because an answer was lost: a CREATE by its GUID, a LOCK by its sequence, and the
//! channel sequence that keeps late requests out ([MS-SMB2] 3.3.5.2.10, 3.3.5.9.10, 3.3.5.14).

use kernel::shim;
use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Guid;
use proto_shared::fscc::flags::{CreateAction, CreateDisposition as D, CreateOptions as O};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::{name, DurableFlags, DurableRequestV2, Lease, LeaseFlags};
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::{
    Command, CreateRequest, CreateResponse, FileId, HeaderFlags, LeaseKey, LeaseState, LockRequest,
    LogoffRequest, OplockBreak, OplockLevel, WriteRequest,
};
use proto_shared::status::NtStatus as N;

const RWH: LeaseState = LeaseState(7);

fn rig_with(flags: ConfigFlags) -> Rig {
    let rig = Rig::with(Settings {
        flags,
        ..Settings::default()
    });
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
    rig
}

fn rig() -> Rig {
    rig_with(ConfigFlags::LEASES | ConfigFlags::DURABLE)
}

fn client_with(rig: &Rig, options: Options) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            ..options
        },
    );
    c.tree_connect("data").unwrap();
    c
}

fn client(rig: &Rig) -> Client<'_> {
    client_with(rig, Options::default())
}

/// A CREATE.
#[derive(Clone, Copy)]
struct Wish {
    name: &'static str,
    guid: u8,
    level: OplockLevel,
    lease: Option<(u8, LeaseState)>,
    /// The client says that it sends it again.
    replay: bool,
}

const BATCH: Wish = Wish {
    name: "new",
    guid: 1,
    level: OplockLevel::BATCH,
    lease: None,
    replay: false,
};

fn leased(key: u8) -> Wish {
    Wish {
        level: OplockLevel::LEASE,
        lease: Some((key, RWH)),
        ..BATCH
    }
}

fn again(wish: Wish) -> Wish {
    Wish {
        replay: true,
        ..wish
    }
}

#[derive(Debug, PartialEq)]
struct Got {
    id: FileId,
    level: OplockLevel,
    action: CreateAction,
    durable: bool,
}

fn send(c: &mut Client<'_>, wish: Wish) -> u64 {
    let mut header = c.header(Command::CREATE);
    if wish.replay {
        header.flags |= HeaderFlags::REPLAY_OPERATION;
    }
    let path = utf16(wish.name);
    let request = CreateRequest {
        oplock_level: wish.level,
        ..create_request(&path, A::FILE_ALL_ACCESS, D::OPEN_IF, O::NONE)
    };
    let durable = DurableRequestV2 {
        timeout: 0,
        flags: DurableFlags::NONE,
        create_guid: Guid([wish.guid; 16]),
    };
    let message = Client::message(
        &header,
        |w| {
            request.write_with(w, |contexts| {
                contexts.add(name::DURABLE_REQUEST_V2, |w| durable.write(w))?;
                let Some((key, state)) = wish.lease else {
                    return Ok(());
                };
                let lease = Lease {
                    lease_key: LeaseKey([key; 16]),
                    lease_state: state,
                    flags: LeaseFlags::NONE,
                    v2: None,
                };
                contexts.add(name::LEASE, |w| lease.write(w))
            })
        },
        0,
    );
    c.send(message);
    header.message_id
}

fn answer(c: &mut Client<'_>, request: u64) -> Result<Got, N> {
    let message = c.reply_to(request)?.ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    Ok(Got {
        id: reply.file_id,
        level: reply.oplock_level,
        action: reply.create_action,
        durable: reply.contexts.has(name::DURABLE_REQUEST_V2),
    })
}

fn create(c: &mut Client<'_>, wish: Wish) -> Result<Got, N> {
    let request = send(c, wish);
    answer(c, request)
}

fn lock(c: &mut Client<'_>, id: FileId, sequence: (u8, u32), offset: u64, unlock: bool) -> N {
    let flags = if unlock {
        LockFlags::UNLOCK
    } else {
        LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY
    };
    let element = LockElement {
        offset,
        length: 10,
        flags,
    };
    c.call(Command::LOCK, |w| {
        LockRequest::write(id, sequence.0, sequence.1, &[element], w)
    })
    .unwrap()
    .status()
}

/// WRITE with a channel sequence.
fn write(c: &mut Client<'_>, id: FileId, sequence: u16, replay: bool) -> N {
    let mut header = c.header(Command::WRITE);
    header.status = N(sequence.into());
    if replay {
        header.flags |= HeaderFlags::REPLAY_OPERATION;
    }
    let request = WriteRequest::new(id, 0, b"data");
    let message = Client::message(&header, |w| request.write(w), 0);
    c.exchange(message).unwrap().status()
}

fn empty(rig: &Rig) {
    assert_eq!(
        (
            rig.server.away_count(),
            rig.server.file_count(),
            rig.server.replay_count()
        ),
        (0, 0, 0)
    );
}

#[test]
fn a_create_is_done_once() {
    let rig = rig();
    let mut c = client(&rig);
    for wish in [BATCH, leased(1)] {
        let first = create(&mut c, wish).unwrap();
        assert!(first.durable);
        assert_eq!(create(&mut c, again(wish)).unwrap(), first);
        assert_eq!(create(&mut c, again(wish)).unwrap(), first);
        // One that is no replay uses a GUID of its own.
        assert_eq!(create(&mut c, wish).unwrap_err(), N::DUPLICATE_OBJECTID);
        assert_eq!((rig.server.file_count(), rig.server.replay_count()), (1, 1));
        c.close(first.id).unwrap();
        empty(&rig);
        // What is done and over can be done again.
        let second = create(&mut c, again(wish)).unwrap();
        assert_ne!(second.id, first.id);
        c.close(second.id).unwrap();
        empty(&rig);
    }
}

#[test]
fn whoever_uses_a_handle_had_the_answer() {
    let rig = rig();
    let mut c = client(&rig);
    let first = create(&mut c, BATCH).unwrap();
    c.write(first.id, 0, b"x").unwrap();
    assert_eq!(rig.server.replay_count(), 0);
    // Now it is a new request like any other, and the first handle's oplock is in its way.
    let request = send(&mut c, again(BATCH));
    assert_eq!(c.reply_to(request).unwrap_err(), N::IO_TIMEOUT);
    c.close(first.id).unwrap();
    let second = answer(&mut c, request).unwrap();
    assert_ne!(second.id, first.id);
    c.close(second.id).unwrap();
    empty(&rig);
}

#[test]
fn a_replay_with_another_lease_is_refused() {
    let rig = rig();
    let mut c = client(&rig);
    let first = create(&mut c, leased(1)).unwrap();
    for other in [leased(2), BATCH] {
        assert_eq!(create(&mut c, again(other)).unwrap_err(), N::ACCESS_DENIED);
    }
    c.close(first.id).unwrap();
    let first = create(&mut c, BATCH).unwrap();
    let other = again(leased(1));
    assert_eq!(create(&mut c, other).unwrap_err(), N::ACCESS_DENIED);
    c.close(first.id).unwrap();
    empty(&rig);
}

#[test]
fn a_create_that_waits_is_not_begun_again() {
    let rig = rig();
    let mut holder = holder(&rig);
    let wish = Wish {
        name: "f",
        guid: 9,
        ..BATCH
    };
    let held = create(&mut holder, wish).unwrap();
    let mut c = client(&rig);
    let wish = Wish { guid: 1, ..wish };
    let request = send(&mut c, wish);
    assert_eq!(c.reply_to(request).unwrap_err(), N::IO_TIMEOUT);
    let replay = create(&mut c, again(wish));
    assert_eq!(replay.unwrap_err(), N::FILE_NOT_AVAILABLE);
    let ack = OplockBreak {
        oplock_level: OplockLevel::II,
        file_id: held.id,
    };
    let acked = holder.call(Command::OPLOCK_BREAK, |w| ack.write(w));
    assert_eq!(acked.unwrap().status(), N::SUCCESS);
    let got = answer(&mut c, request).unwrap();
    let replayed = create(&mut c, again(wish)).unwrap();
    assert_eq!(replayed.id, got.id);
    c.close(got.id).unwrap();
    holder.close(held.id).unwrap();
    empty(&rig);
}

/// A session with two channels, and a CREATE through the first that waits for this holder.
fn two_channels<'a>(rig: &'a Rig, holder: &mut Client<'a>) -> (Client<'a>, Client<'a>, FileId) {
    let held = create(holder, Wish { guid: 9, ..BATCH }).unwrap();
    let mut one = client(rig);
    let options = Options {
        sign: true,
        ..Options::default()
    };
    let mut two = Client::connect(rig, options).unwrap();
    two.negotiate().unwrap();
    two.bind(&one).unwrap();
    two.tree_id = one.tree_id;
    let request = send(&mut one, BATCH);
    assert_eq!(one.reply_to(request).unwrap_err(), N::IO_TIMEOUT);
    (one, two, held.id)
}

fn holder(rig: &Rig) -> Client<'_> {
    let guid = [9; 16];
    client_with(
        rig,
        Options {
            guid,
            ..Options::default()
        },
    )
}

#[test]
fn a_create_that_waits_outlives_its_channel() {
    let rig = rig_with(ConfigFlags::DURABLE | ConfigFlags::MULTICHANNEL);
    let mut holder = holder(&rig);
    let (one, mut two, held) = two_channels(&rig, &mut holder);
    drop(one);
    for _ in 0..2 {
        let status = create(&mut two, again(BATCH)).unwrap_err();
        assert_eq!(status, N::FILE_NOT_AVAILABLE);
    }
    holder.close(held).unwrap();
    // It was done, if only once.
    let got = create(&mut two, again(BATCH)).unwrap();
    assert_eq!((got.level, got.durable), (OplockLevel::BATCH, true));
    assert_eq!(create(&mut two, again(BATCH)).unwrap(), got);
    two.close(got.id).unwrap();
    empty(&rig);
}

#[test]
fn a_create_that_waits_ends_with_its_session() {
    for log_off in [false, true] {
        let rig = rig_with(ConfigFlags::DURABLE | ConfigFlags::MULTICHANNEL);
        let mut holder = holder(&rig);
        let (one, mut two, held) = two_channels(&rig, &mut holder);
        drop(one);
        assert_eq!(rig.server.replay_count(), 2);
        if log_off {
            two.call(Command::LOGOFF, |w| LogoffRequest.write(w))
                .unwrap()
                .ok()
                .unwrap();
        } else {
            drop(two);
        }
        assert_eq!(rig.server.replay_count(), 1);
        holder.close(held).unwrap();
        empty(&rig);
    }
}

#[test]
fn few_outlive_their_channels() {
    let rig = rig_with(ConfigFlags::DURABLE | ConfigFlags::MULTICHANNEL);
    let mut holder = holder(&rig);
    let (mut one, mut two, held) = two_channels(&rig, &mut holder);
    for guid in 20..60 {
        let request = send(&mut one, Wish { guid, ..BATCH });
        assert_eq!(one.reply_to(request).unwrap_err(), N::IO_TIMEOUT);
    }
    drop(one);
    assert_eq!(rig.server.replay_count(), 1 + 16);
    holder.close(held).unwrap();
    let ends = |guid| Wish { guid, ..BATCH };
    // The first has the oplock; the others wait for it to be given up, and then have none.
    let got = create(&mut two, again(BATCH)).unwrap();
    two.close(got.id).unwrap();
    rig.advance_ms(35_000);
    for guid in 20..35 {
        let got = create(&mut two, again(ends(guid)));
        if let Ok(got) = got {
            two.close(got.id).unwrap();
        }
    }
    drop(two);
    rig.advance_ms(60_000);
    empty(&rig);
}

#[test]
fn a_create_that_fails_or_ends_unanswered_leaves_nothing() {
    let rig = rig();
    let mut c = client(&rig);
    let missing = Wish {
        name: "no/such",
        ..BATCH
    };
    for _ in 0..2 {
        let status = create(&mut c, missing).unwrap_err();
        assert_eq!(status, N::OBJECT_PATH_NOT_FOUND);
        assert_eq!(rig.server.replay_count(), 0);
    }
    let mut holder = holder(&rig);
    let held = create(&mut holder, Wish { guid: 9, ..BATCH }).unwrap();
    let request = send(&mut c, BATCH);
    assert_eq!(c.reply_to(request).unwrap_err(), N::IO_TIMEOUT);
    assert_eq!(rig.server.replay_count(), 2);
    drop(c);
    assert_eq!(rig.server.replay_count(), 1);
    holder.close(held.id).unwrap();
    empty(&rig);
}

#[test]
fn a_replay_takes_up_what_lost_its_connection() {
    let rig = rig();
    for (wish, fits) in [(BATCH, true), (leased(1), true), (leased(2), false)] {
        let first = {
            let mut c = client(&rig);
            let wish = if fits { wish } else { leased(1) };
            create(&mut c, wish).unwrap()
        };
        assert_eq!((rig.server.away_count(), rig.server.replay_count()), (1, 1));
        let mut c = client(&rig);
        if !fits {
            let status = create(&mut c, again(wish)).unwrap_err();
            assert_eq!(status, N::DUPLICATE_OBJECTID);
            drop(c);
            rig.advance_ms(60_000);
            empty(&rig);
            continue;
        }
        let got = create(&mut c, again(wish)).unwrap();
        assert_eq!(got.id.persistent, first.id.persistent);
        assert_eq!(
            (got.level, got.action, got.durable),
            (first.level, first.action, true)
        );
        assert_eq!(rig.server.away_count(), 0);
        // That answer may be lost as well.
        assert_eq!(create(&mut c, again(wish)).unwrap(), got);
        drop(c);
        let mut c = client(&rig);
        let got = create(&mut c, again(wish)).unwrap();
        assert_eq!(got.id.persistent, first.id.persistent);
        c.close(got.id).unwrap();
        empty(&rig);
    }
}

#[test]
fn nobody_else_takes_it_up() {
    let rig = rig();
    let first = create(&mut client(&rig), BATCH).unwrap();
    let mut other = client_with(
        &rig,
        Options {
            blob: "user:bob",
            ..Options::default()
        },
    );
    let status = create(&mut other, again(BATCH)).unwrap_err();
    assert_eq!(status, N::ACCESS_DENIED);
    let mut c = client(&rig);
    let got = create(&mut c, again(BATCH)).unwrap();
    assert_eq!(got.id.persistent, first.id.persistent);
    // Not by another session either while it has one.
    let status = create(&mut other, again(BATCH)).unwrap_err();
    assert_eq!(status, N::DUPLICATE_OBJECTID);
    assert_eq!(
        c.call(Command::LOGOFF, |w| LogoffRequest.write(w))
            .unwrap()
            .status(),
        N::SUCCESS
    );
    drop(other);
    rig.advance_ms(60_000);
    empty(&rig);
}

#[test]
fn a_lock_is_done_once() {
    let rig = rig();
    let mut c = client(&rig);
    let id = create(&mut c, BATCH).unwrap().id;
    assert_eq!(lock(&mut c, id, (3, 1), 0, false), N::SUCCESS);
    // The same again, over whatever.
    assert_eq!(lock(&mut c, id, (3, 1), 0, false), N::SUCCESS);
    // The next of the same bucket is a new one.
    assert_eq!(lock(&mut c, id, (4, 1), 0, false), N::LOCK_NOT_GRANTED);
    // What failed was not done.
    assert_eq!(lock(&mut c, id, (4, 1), 0, false), N::LOCK_NOT_GRANTED);
    assert_eq!(lock(&mut c, id, (5, 1), 0, true), N::SUCCESS);
    assert_eq!(lock(&mut c, id, (5, 1), 0, true), N::SUCCESS);
    assert_eq!(lock(&mut c, id, (6, 1), 0, true), N::RANGE_NOT_LOCKED);
    // Bucket 0 is none, those beyond 64 are not looked at.
    for bucket in [0, 65] {
        assert_eq!(lock(&mut c, id, (1, bucket), 20, false), N::SUCCESS);
        assert_eq!(
            lock(&mut c, id, (1, bucket), 20, false),
            N::LOCK_NOT_GRANTED
        );
        assert_eq!(lock(&mut c, id, (2, bucket), 20, true), N::SUCCESS);
    }
    assert_eq!(lock(&mut c, id, (1, 64), 40, false), N::SUCCESS);
    assert_eq!(lock(&mut c, id, (1, 64), 40, false), N::SUCCESS);
}

#[test]
fn locks_of_other_handles_are_not_counted() {
    let rig = rig_with(ConfigFlags::NONE);
    let mut c = client(&rig);
    let id = create(&mut c, BATCH).unwrap().id;
    assert_eq!(lock(&mut c, id, (3, 1), 0, false), N::SUCCESS);
    assert_eq!(lock(&mut c, id, (3, 1), 0, false), N::LOCK_NOT_GRANTED);
}

#[test]
fn late_requests_change_nothing() {
    let rig = rig();
    let mut c = client(&rig);
    let id = create(&mut c, BATCH).unwrap().id;
    assert_eq!(write(&mut c, id, 0, false), N::SUCCESS);
    assert_eq!(write(&mut c, id, 0x7FFF, false), N::SUCCESS);
    assert_eq!(write(&mut c, id, 0, false), N::FILE_NOT_AVAILABLE);
    assert_eq!(write(&mut c, id, 0x7FFF, true), N::SUCCESS);
    // Numbers wrap.
    assert_eq!(write(&mut c, id, 0xFFFE, false), N::SUCCESS);
    assert_eq!(write(&mut c, id, 1, false), N::SUCCESS);
    assert_eq!(write(&mut c, id, 0xFFFE, false), N::FILE_NOT_AVAILABLE);
    // Reading is always possible.
    assert_eq!(c.read(id, 0, 4).unwrap(), b"data");
}

#[test]
fn without_memory() {
    for n in 0..200 {
        let rig = rig();
        let mut c = client(&rig);
        shim::fail_after(n);
        let first = create(&mut c, BATCH);
        shim::fail_never();
        if let (Ok(first), true) = (&first, c.alive) {
            let second = create(&mut c, again(BATCH)).unwrap();
            assert_eq!(second.id, first.id, "{n}");
        }
        drop(c);
        let mut c = client(&rig);
        shim::fail_after(n);
        let taken = create(&mut c, again(BATCH));
        shim::fail_never();
        // Whatever came of it, nothing of it stays for good.
        drop((taken, c));
        rig.advance_ms(60_000);
        empty(&rig);
    }
}
