// SPDX-License-Identifier: GPL-2.0-or-later
//! Resilient handles: FSCTL_LMR_REQUEST_RESILIENCY, and what such a handle survives.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, ShareAccess};
use proto_shared::fscc::CtlCode;
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::name;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::{
    Command, CreateRequest, CreateResponse, FileId, IoctlRequest, LockRequest, OplockLevel,
};
use proto_shared::status::NtStatus as N;

const NONE: OplockLevel = OplockLevel::NONE;

fn rig() -> Rig {
    let rig = Rig::with(Settings {
        flags: ConfigFlags::LEASES | ConfigFlags::DURABLE,
        ..Settings::default()
    });
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
    rig
}

fn client_as<'a>(rig: &'a Rig, options: Options) -> Client<'a> {
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
    client_as(rig, Options::default())
}

fn open(
    c: &mut Client<'_>,
    path: &str,
    share: u32,
    level: OplockLevel,
    back: Option<FileId>,
) -> Result<(FileId, OplockLevel), N> {
    let path = utf16(path);
    let request = CreateRequest {
        oplock_level: level,
        share_access: ShareAccess(share),
        ..create_request(&path, A::FILE_ALL_ACCESS, D::OPEN_IF, O::NONE)
    };
    let message = c
        .call(Command::CREATE, |w| {
            request.write_with(w, |contexts| match back {
                Some(id) => contexts.add(name::DURABLE_RECONNECT, |w| id.write(w)),
                None => Ok(()),
            })
        })?
        .ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    Ok((reply.file_id, reply.oplock_level))
}

fn ask_raw(c: &mut Client<'_>, id: FileId, input: &[u8]) -> N {
    let request = IoctlRequest {
        ctl_code: CtlCode::LMR_REQUEST_RESILIENCY,
        file_id: id,
        input,
        max_input_response: 0,
        max_output_response: 0,
        flags: IoctlFlags::IS_FSCTL,
    };
    let header = c.header(Command::IOCTL);
    c.exchange(Client::message(&header, |w| request.write(w), 0))
        .unwrap()
        .status()
}

fn ask(c: &mut Client<'_>, id: FileId, ms: u32) -> N {
    ask_raw(c, id, &u64::from(ms).to_le_bytes())
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

/// A resilient handle without any oplock whose client has gone.
fn left(rig: &Rig, ms: u32) -> FileId {
    let mut c = client(rig);
    let (id, level) = open(&mut c, "f", 7, NONE, None).unwrap();
    assert_eq!(level, NONE);
    assert_eq!(ask(&mut c, id, ms), N::SUCCESS);
    assert_eq!(lock(&mut c, id, 50), N::SUCCESS);
    drop(c);
    assert_eq!((rig.server.away_count(), rig.server.file_count()), (1, 1));
    id
}

#[test]
fn it_survives_without_an_oplock_and_with_its_locks() {
    let rig = rig();
    let id = left(&rig, 60_000);
    let mut d = client(&rig);
    let (other, _) = open(&mut d, "f", 7, OplockLevel::BATCH, None).unwrap();
    assert_eq!(lock(&mut d, other, 50), N::LOCK_NOT_GRANTED);
    assert_eq!(d.write(other, 50, b"x").unwrap_err(), N::FILE_LOCK_CONFLICT);
    rig.advance_ms(59_999);
    let mut c = client(&rig);
    let (again, _) = open(&mut c, "f", 7, NONE, Some(id)).unwrap();
    assert_eq!(again.persistent, id.persistent);
    assert_eq!(rig.server.away_count(), 0);
    c.write(again, 50, b"mine").unwrap();
    // It stays resilient.
    drop(c);
    assert_eq!(rig.server.away_count(), 1);
    rig.advance_ms(60_000);
    assert_eq!(rig.server.away_count(), 0);
    assert_eq!(lock(&mut d, other, 50), N::SUCCESS);
}

#[test]
fn its_time_is_what_was_asked_for_or_two_minutes() {
    for (ask, ms) in [(1, 1), (0, 120_000), (300_000, 300_000)] {
        let rig = rig();
        let id = left(&rig, ask);
        if ms > 1 {
            rig.advance_ms(ms - 1);
            assert_eq!(rig.server.away_count(), 1, "{ask}");
        }
        rig.advance_ms(1);
        assert_eq!((rig.server.away_count(), rig.server.file_count()), (0, 0));
        let mut c = client(&rig);
        assert_eq!(
            open(&mut c, "f", 7, NONE, Some(id)).unwrap_err(),
            N::OBJECT_NAME_NOT_FOUND
        );
    }
}

#[test]
fn a_broken_oplock_does_not_end_it() {
    let rig = rig();
    let mut c = client(&rig);
    let (id, level) = open(&mut c, "f", 0, OplockLevel::BATCH, None).unwrap();
    assert_eq!(level, OplockLevel::BATCH);
    assert_eq!(ask(&mut c, id, 60_000), N::SUCCESS);
    drop(c);
    // Nobody answers the break, and the share mode stays.
    let mut d = client_as(
        &rig,
        Options {
            guid: [9; 16],
            ..Options::default()
        },
    );
    assert_eq!(
        open(&mut d, "f", 7, NONE, None).unwrap_err(),
        N::SHARING_VIOLATION
    );
    assert_eq!(rig.server.away_count(), 1);
    let mut c = client(&rig);
    let (again, level) = open(&mut c, "f", 0, OplockLevel::BATCH, Some(id)).unwrap();
    assert_ne!(level, OplockLevel::BATCH);
    assert_eq!(c.read(again, 0, 4).unwrap(), [7; 4]);
    c.close(again).unwrap();
    open(&mut d, "f", 7, NONE, None).unwrap();
}

#[test]
fn only_its_user_takes_it_up() {
    let rig = rig();
    let id = left(&rig, 60_000);
    let mut d = client_as(
        &rig,
        Options {
            blob: "user:bob",
            ..Options::default()
        },
    );
    assert_eq!(
        open(&mut d, "f", 7, NONE, Some(id)).unwrap_err(),
        N::ACCESS_DENIED
    );
    let mut c = client(&rig);
    open(&mut c, "f", 7, NONE, Some(id)).unwrap();
}

#[test]
fn what_is_refused() {
    let rig = rig();
    let mut c = client(&rig);
    let (id, _) = open(&mut c, "f", 7, NONE, None).unwrap();
    assert_eq!(ask(&mut c, id, 300_001), N::INVALID_PARAMETER);
    assert_eq!(ask(&mut c, id, u32::MAX), N::INVALID_PARAMETER);
    assert_eq!(ask_raw(&mut c, id, &[0; 7]), N::INVALID_PARAMETER);
    let dir = c
        .create("", A::READ_DATA, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(ask(&mut c, dir, 0), N::NOT_SUPPORTED);
    drop(c);
    assert_eq!((rig.server.away_count(), rig.server.file_count()), (0, 0));

    let mut c = client_as(
        &rig,
        Options {
            dialects: vec![0x0202],
            ..Options::default()
        },
    );
    let (id, _) = open(&mut c, "f", 7, NONE, None).unwrap();
    assert_eq!(ask(&mut c, id, 0), N::INVALID_DEVICE_REQUEST);
    drop(c);
    let mut c = client_as(
        &rig,
        Options {
            dialects: vec![0x0210],
            ..Options::default()
        },
    );
    let (id, _) = open(&mut c, "f", 7, NONE, None).unwrap();
    assert_eq!(ask(&mut c, id, 0), N::SUCCESS);
    drop(c);
    assert_eq!(rig.server.away_count(), 1);

    let off = Rig::new();
    let mut c = client(&off);
    let (id, _) = open(&mut c, "f", 7, NONE, None).unwrap();
    assert_eq!(ask(&mut c, id, 0), N::NOT_SUPPORTED);
}
