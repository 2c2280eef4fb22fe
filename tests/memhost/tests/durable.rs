// SPDX-License-Identifier: GPL-2.0-or-later
//! Handles that survive their connection: who may take one up again and how, what ends one that waits, and that none
//! is left behind.

use kernel::shim;
use ksmbd_engine::durable::table::MAX_AWAY_OF_USER;
use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Guid;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, ShareAccess};
use proto_shared::ipc::{ConfigFlags, TreeFlags};
use proto_shared::smb2::create_context::{
    name, CreateContext, DurableFlags, DurableReconnectV2, DurableRequestV2, Lease, LeaseFlags,
};
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::{
    Command, CreateRequest, CreateResponse, FileId, LeaseKey, LeaseState, LockRequest,
    LogoffRequest, OplockLevel, TreeDisconnectRequest,
};
use proto_shared::status::NtStatus as N;

const RH: u32 = 3;
const RWH: u32 = 7;
const GUID: Guid = Guid([7; 16]);
const V1_MS: u64 = 16 * 60_000;

fn rig() -> Rig {
    rig_at(0)
}

/// A server that has run for so long already.
fn rig_at(ms: u64) -> Rig {
    let rig = Rig::with(Settings {
        flags: ConfigFlags::LEASES | ConfigFlags::DURABLE,
        ..Settings::default()
    });
    rig.host().clock().advance_ms(ms);
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
    rig
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

#[derive(Clone, Copy)]
enum Ctx {
    V1,
    V2(u32, DurableFlags),
    Back(FileId),
    Back2(FileId, Guid),
}

struct Wish<'a> {
    name: &'a str,
    level: OplockLevel,
    lease: Option<(u8, u32)>,
    share: u32,
    options: O,
    contexts: &'a [Ctx],
}

const BATCH: Wish<'static> = Wish {
    name: "f",
    level: OplockLevel::BATCH,
    lease: None,
    share: 7,
    options: O::NONE,
    contexts: &[Ctx::V1],
};

fn leased(state: u32) -> Wish<'static> {
    Wish {
        level: OplockLevel::LEASE,
        lease: Some((1, state)),
        ..BATCH
    }
}

#[derive(Debug, PartialEq)]
struct Got {
    id: FileId,
    level: OplockLevel,
    v1: bool,
    v2: Option<u32>,
    lease: Option<u32>,
}

fn create(c: &mut Client<'_>, wish: &Wish<'_>) -> Result<Got, N> {
    let path = utf16(wish.name);
    let request = CreateRequest {
        oplock_level: wish.level,
        share_access: ShareAccess(wish.share),
        ..create_request(&path, A::FILE_ALL_ACCESS, D::OPEN_IF, wish.options)
    };
    let message = c
        .call(Command::CREATE, |w| {
            request.write_with(w, |contexts| {
                for ctx in wish.contexts {
                    match *ctx {
                        Ctx::V1 => contexts.add(name::DURABLE_REQUEST, |w| w.zeros(16))?,
                        Ctx::V2(timeout, flags) => {
                            let create_guid = GUID;
                            let r = DurableRequestV2 {
                                timeout,
                                flags,
                                create_guid,
                            };
                            contexts.add(name::DURABLE_REQUEST_V2, |w| r.write(w))?;
                        }
                        Ctx::Back(id) => contexts.add(name::DURABLE_RECONNECT, |w| id.write(w))?,
                        Ctx::Back2(file_id, create_guid) => {
                            let flags = DurableFlags::NONE;
                            let r = DurableReconnectV2 {
                                file_id,
                                create_guid,
                                flags,
                            };
                            contexts.add(name::DURABLE_RECONNECT_V2, |w| r.write(w))?;
                        }
                    }
                }
                match wish.lease {
                    Some((key, state)) => {
                        let lease = Lease {
                            lease_key: LeaseKey([key; 16]),
                            lease_state: LeaseState(state),
                            flags: LeaseFlags::NONE,
                            v2: None,
                        };
                        contexts.add(name::LEASE, |w| lease.write(w))
                    }
                    None => Ok(()),
                }
            })
        })?
        .ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    let mut got = Got {
        id: reply.file_id,
        level: reply.oplock_level,
        v1: reply.contexts.has(name::DURABLE_REQUEST),
        v2: None,
        lease: None,
    };
    for raw in reply.contexts.iter() {
        if raw.name == name::DURABLE_REQUEST_V2 {
            got.v2 = Some(u32::from_le_bytes(raw.data[..4].try_into().unwrap()));
        } else if let Ok(CreateContext::Lease(l)) = CreateContext::parse(raw) {
            got.lease = Some(l.lease_state.0);
        }
    }
    Ok(got)
}

fn back(c: &mut Client<'_>, id: FileId) -> Result<Got, N> {
    let contexts = &[Ctx::Back(id)];
    create(c, &Wish { contexts, ..BATCH })
}

fn back2(c: &mut Client<'_>, id: FileId, guid: Guid) -> Result<Got, N> {
    let contexts = &[Ctx::Back2(id, guid)];
    create(c, &Wish { contexts, ..BATCH })
}

fn lock(c: &mut Client<'_>, id: FileId, offset: u64) -> N {
    let element = LockElement {
        offset,
        length: 10,
        flags: LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY,
    };
    c.call(Command::LOCK, |w| {
        LockRequest::write(id, 0, 0, &[element], w)
    })
    .unwrap()
    .status()
}

fn empty(rig: &Rig) {
    assert_eq!((rig.server.away_count(), rig.server.file_count()), (0, 0));
}

/// A handle of a client that has gone.
fn left(rig: &Rig, wish: &Wish<'_>) -> FileId {
    let mut c = client(rig);
    let got = create(&mut c, wish).unwrap();
    assert!(got.v1 || got.v2.is_some());
    drop(c);
    assert_eq!((rig.server.away_count(), rig.server.file_count()), (1, 1));
    got.id
}

#[test]
fn a_handle_is_taken_up_with_all_that_it_had() {
    let rig = rig();
    let mut c = client(&rig);
    let got = create(&mut c, &BATCH).unwrap();
    assert!(got.v1 && got.v2.is_none());
    c.write(got.id, 0, b"before").unwrap();
    assert_eq!(lock(&mut c, got.id, 50), N::SUCCESS);
    let old = got.id;
    drop(c);
    assert_eq!(rig.server.away_count(), 1);

    let mut c = client(&rig);
    let got = back(&mut c, old).unwrap();
    assert_eq!(got.id.persistent, old.persistent);
    assert_eq!(
        (got.level, got.v1, got.v2),
        (OplockLevel::BATCH, false, None)
    );
    assert_eq!(rig.server.away_count(), 0);
    assert_eq!(c.read(got.id, 0, 6).unwrap(), b"before");
    // The lock is still there, and its own.
    assert_eq!(lock(&mut c, got.id, 50), N::LOCK_NOT_GRANTED);
    c.write(got.id, 50, b"mine").unwrap();
    // Only once.
    assert_eq!(back(&mut c, old).unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
    c.close(got.id).unwrap();
    assert_eq!(back(&mut c, old).unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
    empty(&rig);
}

#[test]
fn again_and_again() {
    let rig = rig();
    let mut id = left(&rig, &BATCH);
    for _ in 0..20 {
        let mut c = client(&rig);
        id = back(&mut c, id).unwrap().id;
    }
    assert_eq!(rig.server.away_count(), 1);
    rig.advance_ms(V1_MS);
    empty(&rig);
}

#[test]
fn without_handle_caching_nothing_survives() {
    let rig = rig();
    for wish in [
        Wish {
            level: OplockLevel::EXCLUSIVE,
            ..BATCH
        },
        leased(1),
        Wish {
            level: OplockLevel::NONE,
            ..BATCH
        },
        Wish {
            contexts: &[],
            ..BATCH
        },
    ] {
        let mut c = client(&rig);
        let got = create(&mut c, &wish).unwrap();
        assert!(!got.v1);
        drop(c);
        empty(&rig);
    }
    // Nor for a guest, nor where it is switched off.
    let blob = "user:guest";
    let mut c = Client::log_in(
        &rig,
        Options {
            blob,
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    assert!(!create(&mut c, &BATCH).unwrap().v1);
    drop(c);
    let off = Rig::with(Settings::default());
    let mut c = client(&off);
    let got = create(&mut c, &BATCH).unwrap();
    assert!(!got.v1);
    drop(c);
    empty(&off);
}

#[test]
fn only_the_same_user_takes_it_up() {
    let rig = rig();
    let id = left(&rig, &BATCH);
    let bob = || Options {
        blob: "user:bob",
        ..Options::default()
    };
    let mut d = client_with(&rig, bob());
    assert_eq!(back(&mut d, id).unwrap_err(), N::ACCESS_DENIED);
    // Who failed took nothing away; from which client the user comes does not matter.
    let mut c = client_with(
        &rig,
        Options {
            guid: [9; 16],
            ..Options::default()
        },
    );
    let got = back(&mut c, id).unwrap();
    assert_eq!(got.level, OplockLevel::BATCH);
}

#[test]
fn a_lease_must_be_the_same() {
    let rig = rig();
    let mut c = client(&rig);
    let id = create(&mut c, &leased(RWH)).unwrap().id;
    drop(c);
    let contexts = &[Ctx::Back(id)];
    let wish = |name, lease: Option<u8>| Wish {
        name,
        lease: lease.map(|key| (key, 0)),
        contexts,
        ..leased(0)
    };
    let mut other = client_with(
        &rig,
        Options {
            guid: [9; 16],
            ..Options::default()
        },
    );
    let unknown = N::OBJECT_NAME_NOT_FOUND;
    assert_eq!(
        create(&mut other, &wish("f", Some(1))).unwrap_err(),
        unknown
    );
    let mut c = client(&rig);
    assert_eq!(create(&mut c, &wish("f", None)).unwrap_err(), unknown);
    assert_eq!(create(&mut c, &wish("f", Some(2))).unwrap_err(), unknown);
    let wrong = create(&mut c, &wish("g", Some(1))).unwrap_err();
    assert_eq!(wrong, N::INVALID_PARAMETER);
    // Which state is asked for does not matter.
    let got = create(&mut c, &wish("F", Some(1))).unwrap();
    assert_eq!((got.level, got.lease), (OplockLevel::LEASE, Some(RWH)));
}

#[test]
fn version_2_names_the_create() {
    let rig = rig();
    let ask = |timeout, flags| [Ctx::V2(timeout, flags)];
    for (timeout, granted) in [(0, 60_000), (5_000, 5_000), (u32::MAX, 300_000)] {
        // Persistent handles need a share with continuous availability.
        let contexts = &ask(timeout, DurableFlags::PERSISTENT);
        let mut c = client(&rig);
        let got = create(&mut c, &Wish { contexts, ..BATCH }).unwrap();
        assert_eq!((got.v1, got.v2), (false, Some(granted)));
        drop(c);
        rig.advance_ms(u64::from(granted) - 1000);
        assert_eq!(rig.server.away_count(), 1);
        rig.advance_ms(1000);
        empty(&rig);
    }
    let contexts = &ask(0, DurableFlags::NONE);
    let id = left(&rig, &Wish { contexts, ..BATCH });
    let mut c = client(&rig);
    let unknown = N::OBJECT_NAME_NOT_FOUND;
    assert_eq!(back2(&mut c, id, Guid::ZERO).unwrap_err(), unknown);
    let got = back2(&mut c, id, GUID).unwrap();
    drop(c);
    // Version 1 does not ask for it.
    let mut c = client(&rig);
    let got = back(&mut c, got.id).unwrap();
    c.close(got.id).unwrap();

    let both: [&[Ctx]; 4] = [
        &[Ctx::V1, Ctx::V2(0, DurableFlags::NONE)],
        &[Ctx::Back(id), Ctx::V2(0, DurableFlags::NONE)],
        &[Ctx::V1, Ctx::Back2(id, GUID)],
        &[Ctx::V2(0, DurableFlags::NONE), Ctx::Back2(id, GUID)],
    ];
    for contexts in both {
        let got = create(&mut c, &Wish { contexts, ..BATCH });
        assert_eq!(got.unwrap_err(), N::INVALID_PARAMETER);
    }
    drop(c);
    empty(&rig);
}

#[test]
fn its_time_runs_out_on_an_old_server_as_on_a_young_one() {
    // 60 days; 49.7 and 24.8 are where counters of 32 bits of milliseconds end; and a century.
    let day = 24 * 3600 * 1000;
    for age in [
        0,
        (1 << 31) - 1000,
        (1 << 32) - 1000,
        60 * day,
        36_500 * day,
    ] {
        let rig = rig_at(age);
        let id = left(&rig, &BATCH);
        rig.advance_ms(V1_MS - 1000);
        let mut c = client(&rig);
        let id = back(&mut c, id).unwrap().id;
        // The time begins anew.
        drop(c);
        rig.advance_ms(V1_MS - 1000);
        assert_eq!(rig.server.away_count(), 1, "after {age} ms");
        rig.advance_ms(1000);
        empty(&rig);
        let mut c = client(&rig);
        assert_eq!(back(&mut c, id).unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
    }
}

#[test]
fn whoever_needs_what_it_caches_ends_it() {
    let rig = rig();
    let plain = Wish {
        level: OplockLevel::NONE,
        contexts: &[],
        ..BATCH
    };
    // A batch oplock, for any open; a share mode, for one that it excludes; both at once and without waiting.
    for held in [
        BATCH,
        Wish {
            share: 0,
            ..leased(RH)
        },
        leased(RWH),
    ] {
        let id = left(&rig, &held);
        let mut d = client_with(
            &rig,
            Options {
                guid: [9; 16],
                ..Options::default()
            },
        );
        let got = create(&mut d, &plain).unwrap();
        assert_eq!(rig.server.away_count(), 0);
        let mut c = client(&rig);
        assert_eq!(back(&mut c, id).unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
        d.close(got.id).unwrap();
        empty(&rig);
    }
    // What does not disturb it lets it be; a write does disturb.
    let id = left(&rig, &leased(RH));
    let mut d = client_with(
        &rig,
        Options {
            guid: [9; 16],
            ..Options::default()
        },
    );
    let got = create(&mut d, &plain).unwrap();
    assert_eq!(rig.server.away_count(), 1);
    d.read(got.id, 0, 10).unwrap();
    assert_eq!(rig.server.away_count(), 1);
    d.write(got.id, 0, b"x").unwrap();
    assert_eq!(rig.server.away_count(), 0);
    let mut c = client(&rig);
    assert_eq!(back(&mut c, id).unwrap_err(), N::OBJECT_NAME_NOT_FOUND);
}

#[test]
fn a_name_that_is_to_go_goes_with_it() {
    let rig = rig();
    let doomed = Wish {
        name: "doomed",
        options: O::DELETE_ON_CLOSE,
        ..BATCH
    };
    left(&rig, &doomed);
    assert!(rig.host().fs_ref().exists("data/doomed"));
    rig.advance_ms(V1_MS);
    empty(&rig);
    assert!(!rig.host().fs_ref().exists("data/doomed"));
    // Taken up, it is still to go.
    let id = left(&rig, &doomed);
    let mut c = client(&rig);
    let got = back(&mut c, id).unwrap();
    c.close(got.id).unwrap();
    assert!(!rig.host().fs_ref().exists("data/doomed"));
}

#[test]
fn what_else_takes_the_connection_away() {
    let rig = rig();
    // LOGOFF keeps it.
    let mut c = client(&rig);
    let id = create(&mut c, &BATCH).unwrap().id;
    c.call(Command::LOGOFF, |w| LogoffRequest.write(w)).unwrap();
    assert_eq!(rig.server.away_count(), 1);
    c.session_setup().unwrap();
    c.tree_connect("data").unwrap();
    let id = back(&mut c, id).unwrap().id;
    // A session that replaces it keeps it, and the old one is gone at once.
    let mut d = client_with(
        &rig,
        Options {
            previous_session: c.session_id,
            ..Options::default()
        },
    );
    assert!(back(&mut c, id).is_err());
    back(&mut d, id).unwrap();
    // TREE_DISCONNECT closes it.
    d.call(Command::TREE_DISCONNECT, |w| TreeDisconnectRequest.write(w))
        .unwrap();
    empty(&rig);
    // So does the end of the server.
    drop((c, d));
    left(&rig, &BATCH);
    rig.stop();
    empty(&rig);
}

#[test]
fn locks_without_write_caching_end_it() {
    let rig = rig();
    for (state, kept) in [(RH, 0), (RWH, 1)] {
        let mut c = client(&rig);
        let got = create(&mut c, &leased(state)).unwrap();
        assert_eq!(lock(&mut c, got.id, 0), N::SUCCESS);
        drop(c);
        assert_eq!(rig.server.away_count(), kept);
        rig.advance_ms(V1_MS);
        empty(&rig);
    }
}

#[test]
fn a_share_that_may_do_less_now() {
    let rig = rig();
    let id = left(&rig, &BATCH);
    rig.daemon.lock().unwrap().settings.share_flags = TreeFlags::OPLOCKS;
    let mut c = client(&rig);
    let got = back(&mut c, id).unwrap();
    // The handle's right to write is one thing, the tree's another.
    assert_eq!(c.write(got.id, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
}

#[test]
fn there_is_a_limit() {
    let rig = Rig::with(Settings {
        flags: ConfigFlags::LEASES | ConfigFlags::DURABLE,
        ..Settings::default()
    });
    let mut n = 0;
    for _ in 0..3 {
        let mut c = client(&rig);
        for _ in 0..500 {
            let name = format!("file{n}");
            n += 1;
            create(
                &mut c,
                &Wish {
                    name: &name,
                    ..BATCH
                },
            )
            .unwrap();
        }
    }
    assert_eq!(rig.server.away_count(), MAX_AWAY_OF_USER);
    assert_eq!(rig.server.file_count(), MAX_AWAY_OF_USER);
    rig.advance_ms(V1_MS);
    empty(&rig);
}

#[test]
fn without_memory() {
    // Granting, leaving and taking up, with every allocation failing in turn: the handle is whole or gone.
    for n in 0..200 {
        let rig = rig();
        let mut c = client(&rig);
        let got = create(&mut c, &BATCH).unwrap();
        shim::fail_after(n);
        drop(c);
        shim::fail_never();
        let mut d = client(&rig);
        shim::fail_after(n);
        let taken = back(&mut d, got.id);
        shim::fail_never();
        match taken {
            Ok(got) => {
                d.close(got.id).unwrap();
                empty(&rig);
            }
            Err(_) => {
                // Either it waits still, and can be had, or it never waited.
                drop(d);
                d = client(&rig);
                let again = back(&mut d, got.id);
                assert!(again.is_ok() || again == Err(N::OBJECT_NAME_NOT_FOUND));
            }
        }
        drop(d);
        rig.advance_ms(V1_MS);
        empty(&rig);
    }
}
