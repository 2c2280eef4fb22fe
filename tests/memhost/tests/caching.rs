// SPDX-License-Identifier: GPL-2.0-or-later
//! Oplocks and leases as clients see them: who is told what, who waits for whom, and every way in which that ends.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::{ConfigFlags, TreeFlags};
use proto_shared::smb2::create_context::{name, CreateContext, Lease, LeaseFlags, LeaseV2};
use proto_shared::smb2::{
    BreakRequest, CancelRequest, Capabilities, Command, CreateRequest, CreateResponse, FileId,
    Header, LeaseBreakAck, LeaseBreakNotification, LeaseKey, LeaseState, OplockBreak, OplockLevel,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const NONE: LeaseState = LeaseState(0);
const R: LeaseState = LeaseState(1);
const RH: LeaseState = LeaseState(3);
const RWH: LeaseState = LeaseState(7);

fn rig_with(share_flags: TreeFlags, flags: ConfigFlags) -> Rig {
    let rig = Rig::with(Settings {
        share_flags,
        flags,
        ..Settings::default()
    });
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
    rig.host().fs_ref().put("data/g", 1000, 0o666, &[7; 100]);
    rig
}

fn rig() -> Rig {
    rig_with(Settings::default().share_flags, ConfigFlags::LEASES)
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

/// What a CREATE is made of.
#[derive(Clone, Copy)]
struct Wish {
    name: &'static str,
    disposition: D,
    level: OplockLevel,
    lease: Option<Lease>,
}

const PLAIN: Wish = Wish {
    name: "f",
    disposition: D::OPEN,
    level: OplockLevel::NONE,
    lease: None,
};

fn oplock(level: OplockLevel) -> Wish {
    Wish { level, ..PLAIN }
}

fn lease(key: u8, state: LeaseState, epoch: Option<u16>) -> Wish {
    let v2 = epoch.map(|epoch| LeaseV2 {
        parent_lease_key: LeaseKey([9; 16]),
        epoch,
    });
    let lease = Lease {
        lease_key: LeaseKey([key; 16]),
        lease_state: state,
        flags: LeaseFlags::NONE,
        v2,
    };
    Wish {
        level: OplockLevel::LEASE,
        lease: Some(lease),
        ..PLAIN
    }
}

/// What a CREATE got.
#[derive(Debug)]
struct Got {
    id: FileId,
    level: OplockLevel,
    lease: Option<Lease>,
}

fn send(c: &mut Client<'_>, wish: Wish) -> u64 {
    let header = c.header(Command::CREATE);
    let path = utf16(wish.name);
    let request = CreateRequest {
        oplock_level: wish.level,
        ..create_request(&path, ALL, wish.disposition, O::NONE)
    };
    let message = Client::message(
        &header,
        |w| {
            request.write_with(w, |contexts| match &wish.lease {
                Some(lease) => contexts.add(name::LEASE, |w| lease.write(w)),
                None => Ok(()),
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
    let mut lease = None;
    for raw in reply.contexts.iter() {
        if let Ok(CreateContext::Lease(l)) = CreateContext::parse(raw) {
            lease = Some(l);
        }
    }
    Ok(Got {
        id: reply.file_id,
        level: reply.oplock_level,
        lease,
    })
}

fn open(c: &mut Client<'_>, wish: Wish) -> Result<Got, N> {
    let request = send(c, wish);
    answer(c, request)
}

/// Sends a CREATE that has to wait.
fn wait(c: &mut Client<'_>, wish: Wish) -> u64 {
    let request = send(c, wish);
    assert_eq!(answer(c, request).unwrap_err(), N::IO_TIMEOUT);
    let interim = Header::parse(&c.unasked.pop().unwrap()).unwrap();
    assert_eq!((interim.status, interim.message_id), (N::PENDING, request));
    assert!(interim.is_async());
    request
}

/// What the server said of its own accord.
fn told(c: &mut Client<'_>) -> Vec<Vec<u8>> {
    assert_eq!(c.reply_to(u64::MAX - 1).unwrap_err(), N::IO_TIMEOUT);
    let messages: Vec<_> = c.unasked.drain(..).collect();
    for m in &messages {
        let h = Header::parse(m).unwrap();
        assert_eq!((h.command, h.message_id), (Command::OPLOCK_BREAK, u64::MAX));
        assert_eq!((h.session_id, h.tree_id, h.credits), (0, 0, 0));
        assert!(!h.is_signed());
    }
    messages
}

fn oplock_breaks(c: &mut Client<'_>) -> Vec<(FileId, OplockLevel)> {
    let told = told(c);
    let parsed = told.iter().map(|m| OplockBreak::parse(m).unwrap());
    parsed.map(|b| (b.file_id, b.oplock_level)).collect()
}

fn lease_breaks(c: &mut Client<'_>) -> Vec<(u8, LeaseState, LeaseState, u16, bool)> {
    let told = told(c);
    let parsed = told
        .iter()
        .map(|m| LeaseBreakNotification::parse(m).unwrap());
    parsed
        .map(|b| {
            let ack = b.flags.0 == 1;
            (
                b.lease_key.0[0],
                b.current_state,
                b.new_state,
                b.new_epoch,
                ack,
            )
        })
        .collect()
}

fn ack_oplock(c: &mut Client<'_>, file_id: FileId, oplock_level: OplockLevel) -> N {
    let ack = BreakRequest::Oplock(OplockBreak {
        oplock_level,
        file_id,
    });
    c.call(Command::OPLOCK_BREAK, |w| ack.write(w))
        .unwrap()
        .status()
}

fn ack_lease(c: &mut Client<'_>, key: u8, lease_state: LeaseState) -> N {
    let lease_key = LeaseKey([key; 16]);
    let ack = BreakRequest::Lease(LeaseBreakAck {
        lease_key,
        lease_state,
    });
    let header = c.header(Command::OPLOCK_BREAK);
    let message = Client::message(&header, |w| ack.write(w), 0);
    let reply = c.exchange(message).unwrap();
    if reply.status() == N::SUCCESS {
        let echo = LeaseBreakAck::parse(&reply.message).unwrap();
        assert_eq!((echo.lease_key, echo.lease_state), (lease_key, lease_state));
    }
    reply.status()
}

#[test]
fn a_batch_oplock_breaks_to_level_ii() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig), client(&rig));
    let held = open(&mut c, oplock(OplockLevel::BATCH)).unwrap();
    assert_eq!((held.level, held.lease), (OplockLevel::BATCH, None));
    let waiting = wait(&mut d, oplock(OplockLevel::BATCH));
    assert_eq!(oplock_breaks(&mut c), [(held.id, OplockLevel::II)]);
    assert_eq!(rig.server.parked_count(), 1);
    assert_eq!(ack_oplock(&mut c, held.id, OplockLevel::II), N::SUCCESS);
    let got = answer(&mut d, waiting).unwrap();
    assert_eq!(got.level, OplockLevel::II);
    assert_eq!(rig.server.parked_count(), 0);
    // A write breaks both, and nobody answers.
    d.write(got.id, 0, b"x").unwrap();
    assert_eq!(oplock_breaks(&mut c), [(held.id, OplockLevel::NONE)]);
    assert_eq!(oplock_breaks(&mut d), [(got.id, OplockLevel::NONE)]);
    let wrong = ack_oplock(&mut c, held.id, OplockLevel::NONE);
    assert_eq!(wrong, N::INVALID_OPLOCK_PROTOCOL);
    d.write(got.id, 0, b"x").unwrap();
    assert!(told(&mut c).is_empty());
}

#[test]
fn every_way_in_which_waiting_ends() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig), client(&rig));
    // The holder closes.
    let held = open(&mut c, oplock(OplockLevel::BATCH)).unwrap();
    let waiting = wait(&mut d, oplock(OplockLevel::BATCH));
    told(&mut c);
    c.close(held.id).unwrap();
    let got = answer(&mut d, waiting).unwrap();
    assert_eq!(got.level, OplockLevel::BATCH);
    // It does not answer.
    let waiting = wait(&mut c, oplock(OplockLevel::EXCLUSIVE));
    rig.advance_ms(30_000);
    assert_eq!(answer(&mut c, waiting).unwrap_err(), N::IO_TIMEOUT);
    rig.advance_ms(6_000);
    let second = answer(&mut c, waiting).unwrap();
    assert_eq!(second.level, OplockLevel::II);
    told(&mut d);
    assert_eq!(
        ack_oplock(&mut d, got.id, OplockLevel::II),
        N::INVALID_OPLOCK_PROTOCOL
    );
    d.close(got.id).unwrap();
    c.close(second.id).unwrap();
    // It goes away.
    open(&mut c, oplock(OplockLevel::BATCH)).unwrap();
    let waiting = wait(&mut d, PLAIN);
    drop(c);
    let got = answer(&mut d, waiting).unwrap();
    d.close(got.id).unwrap();
    // The request is cancelled.
    let mut c = client(&rig);
    let held = open(&mut c, oplock(OplockLevel::BATCH)).unwrap();
    let waiting = wait(&mut d, PLAIN);
    let cancel = Header {
        command: Command::CANCEL,
        session_id: d.session_id,
        message_id: waiting,
        ..Header::default()
    };
    d.send(Client::message(&cancel, |w| CancelRequest.write(w), 0));
    assert_eq!(answer(&mut d, waiting).unwrap_err(), N::CANCELLED);
    // Who waited goes away.
    let mut e = client(&rig);
    wait(&mut e, PLAIN);
    drop(e);
    assert_eq!(rig.server.parked_count(), 0);
    assert_eq!(oplock_breaks(&mut c), [(held.id, OplockLevel::II)]);
    assert_eq!(ack_oplock(&mut c, held.id, OplockLevel::II), N::SUCCESS);
    drop((c, d));
    assert!(rig.server.parked_count() == 0);
}

#[test]
fn a_lease_breaks_step_by_step() {
    let rig = rig();
    let (mut c, mut d, mut e) = (client(&rig), client(&rig), client(&rig));
    let got = open(&mut c, lease(1, RWH, Some(0x10)))
        .unwrap()
        .lease
        .unwrap();
    assert_eq!((got.lease_key.0, got.lease_state), ([1; 16], RWH));
    assert_eq!((got.flags.0, got.v2.unwrap().epoch), (0, 0x11));
    assert_eq!(got.v2.unwrap().parent_lease_key, LeaseKey::default());
    let first = wait(&mut d, PLAIN);
    assert_eq!(lease_breaks(&mut c), [(1, RWH, RH, 0x12, true)]);
    let second = wait(
        &mut e,
        Wish {
            disposition: D::OVERWRITE,
            ..PLAIN
        },
    );
    assert!(told(&mut c).is_empty());
    let own = open(&mut c, lease(1, RWH, Some(0x12)))
        .unwrap()
        .lease
        .unwrap();
    assert_eq!(
        (own.lease_state, own.flags),
        (RWH, LeaseFlags::BREAK_IN_PROGRESS)
    );
    assert_eq!(ack_lease(&mut c, 1, RWH), N::REQUEST_NOT_ACCEPTED);
    assert_eq!(ack_lease(&mut c, 2, RH), N::OBJECT_NAME_NOT_FOUND);
    assert_eq!(ack_lease(&mut c, 1, RH), N::SUCCESS);
    assert_eq!(lease_breaks(&mut c), [(1, RH, R, 0x12, true)]);
    assert_eq!(answer(&mut d, first).unwrap_err(), N::IO_TIMEOUT);
    // By another connection of the same client.
    assert_eq!(ack_lease(&mut d, 1, R), N::SUCCESS);
    assert_eq!(lease_breaks(&mut c), [(1, R, NONE, 0x12, false)]);
    assert_eq!(answer(&mut d, first).unwrap().level, OplockLevel::NONE);
    assert_eq!(answer(&mut e, second).unwrap().level, OplockLevel::NONE);
    assert_eq!(ack_lease(&mut c, 1, NONE), N::UNSUCCESSFUL);
    let own = open(&mut c, lease(1, NONE, None)).unwrap();
    assert_eq!(
        (own.level, own.lease.unwrap().lease_state),
        (OplockLevel::LEASE, NONE)
    );
}

#[test]
fn a_key_names_one_file() {
    let rig = rig();
    let mut c = client(&rig);
    let f = open(&mut c, lease(1, RWH, None)).unwrap();
    assert_eq!(f.lease.unwrap().v2, None);
    let elsewhere = |name, disposition| Wish {
        name,
        disposition,
        ..lease(1, RWH, None)
    };
    assert_eq!(
        open(&mut c, elsewhere("g", D::OPEN)).unwrap_err(),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        open(&mut c, elsewhere("new", D::CREATE)).unwrap_err(),
        N::INVALID_PARAMETER
    );
    assert!(!rig.host().fs_ref().exists("data/new"));
    c.close(f.id).unwrap();
    assert_eq!(
        open(&mut c, elsewhere("g", D::OPEN)).unwrap().level,
        OplockLevel::LEASE
    );
}

#[test]
fn renaming_and_deleting_wait_for_cached_handles() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig), client(&rig));
    open(&mut c, lease(1, RH, None)).unwrap();
    let mine = open(&mut d, lease(2, RH, None)).unwrap();
    let disposition = proto_shared::smb2::SetInfoRequest {
        info_type: proto_shared::smb2::query_info::InfoType::FILE,
        info_class: FileInfoClass::DISPOSITION.0,
        additional_information: 0,
        file_id: mine.id,
        buffer: &[1],
    };
    let header = d.header(Command::SET_INFO);
    let message = Client::message(&header, |w| disposition.write(w), 0);
    assert_eq!(d.exchange(message).unwrap_err(), N::IO_TIMEOUT);
    assert_eq!(lease_breaks(&mut c), [(1, RH, R, 0, true)]);
    // Only after a while is the client told that it takes longer.
    assert!(d.unasked.is_empty());
    rig.advance_ms(2_500);
    assert_eq!(d.reply_to(header.message_id).unwrap_err(), N::IO_TIMEOUT);
    let interim = Header::parse(&d.unasked.pop().unwrap()).unwrap();
    assert_eq!((interim.status, interim.is_async()), (N::PENDING, true));
    assert_eq!(ack_lease(&mut c, 1, R), N::SUCCESS);
    assert_eq!(d.reply_to(header.message_id).unwrap().status(), N::SUCCESS);
    assert_eq!(open(&mut c, PLAIN).unwrap_err(), N::DELETE_PENDING);
}

#[test]
fn what_is_switched_off_is_not_granted() {
    let rig = rig_with(Settings::default().share_flags, ConfigFlags::NONE);
    let mut c = client(&rig);
    let got = open(&mut c, lease(1, RWH, None)).unwrap();
    assert_eq!((got.level, got.lease), (OplockLevel::NONE, None));
    assert_eq!(
        open(&mut c, oplock(OplockLevel::BATCH)).unwrap().level,
        OplockLevel::II
    );
    let rig = rig_with(TreeFlags::WRITABLE, ConfigFlags::LEASES);
    let mut c = client(&rig);
    let negotiated = c.conn.negotiated().unwrap().capabilities;
    assert_ne!(negotiated & Capabilities::LEASING.0, 0);
    for wish in [lease(1, RWH, None), oplock(OplockLevel::BATCH)] {
        let got = open(&mut c, wish).unwrap();
        assert_eq!((got.level, got.lease), (OplockLevel::NONE, None));
    }
}

#[test]
fn an_encrypted_share_encrypts_notices() {
    let flags = Settings::default().share_flags | TreeFlags::ENCRYPT;
    let rig = rig_with(flags, ConfigFlags::LEASES);
    let sealed = || {
        let mut c = Client::log_in(
            &rig,
            Options {
                seal: true,
                ..Options::default()
            },
        );
        c.tree_connect("data").unwrap();
        c
    };
    let (mut c, mut d) = (sealed(), sealed());
    let held = open(&mut c, oplock(OplockLevel::BATCH)).unwrap();
    let waiting = send(&mut d, PLAIN);
    let frame = c.wire.take().unwrap();
    assert_eq!(frame.first(), Some(&0xfd));
    assert_eq!(ack_oplock(&mut c, held.id, OplockLevel::II), N::SUCCESS);
    answer(&mut d, waiting).unwrap();
}
