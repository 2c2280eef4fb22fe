// SPDX-License-Identifier: GPL-2.0-or-later
//! Leases on directories: who gets one, what breaks it, and whom a parent lease key spares.

use ksmbd_engine::host::GuardLevel;
use ksmbd_engine::server::Server;
use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{FileTime, Utf16};
use proto_shared::fscc::file::{BasicInfo, Times};
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, FileAttributes};
use proto_shared::fscc::set::{RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::{name, CreateContext, Lease, LeaseFlags, LeaseV2};
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    BreakRequest, Capabilities, Command, CreateRequest, CreateResponse, FileId, Header,
    LeaseBreakAck, LeaseBreakNotification, LeaseKey, LeaseState, OplockLevel, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const NONE: LeaseState = LeaseState(0);
const R: LeaseState = LeaseState(1);
const RH: LeaseState = LeaseState(3);
const RWH: LeaseState = LeaseState(7);
const ALL: A = A::FILE_ALL_ACCESS;
/// Of a directory all that renames into it do not mind.
const LOOK: A = A(0x0012_0089);

fn rig_with(flags: ConfigFlags) -> Rig {
    let rig = Rig::with(Settings {
        flags,
        ..Settings::default()
    });
    for dir in ["data/d", "data/e"] {
        rig.host().fs_ref().mkdir(dir, 1000, 0o777);
    }
    for file in ["data/d/f", "data/d/g", "data/e/h"] {
        rig.host().fs_ref().put(file, 1000, 0o666, &[7; 100]);
    }
    rig
}

fn rig() -> Rig {
    rig_with(ConfigFlags::LEASES | ConfigFlags::DIRECTORY_LEASES)
}

fn client_with(rig: &Rig, capabilities: Capabilities, guid: u8) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            capabilities,
            guid: [guid; 16],
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

fn client(rig: &Rig, guid: u8) -> Client<'_> {
    client_with(rig, Capabilities::DIRECTORY_LEASING, guid)
}

/// What a CREATE is made of.
#[derive(Clone, Copy)]
struct Wish {
    path: &'static str,
    access: A,
    disposition: D,
    options: O,
    /// Key, state, parent's key; version 1 without an epoch.
    lease: Option<(u8, LeaseState, Option<u8>)>,
    v1: bool,
}

const FILE: Wish = Wish {
    path: "d\\f",
    access: ALL,
    disposition: D::OPEN_IF,
    options: O::NONE,
    lease: None,
    v1: false,
};

fn dir(path: &'static str, key: u8, state: LeaseState) -> Wish {
    Wish {
        path,
        access: LOOK,
        disposition: D::OPEN,
        options: O::DIRECTORY_FILE,
        lease: Some((key, state, None)),
        v1: false,
    }
}

/// A file that is opened by somebody who knows of the lease with this key.
fn child(path: &'static str, parent: Option<u8>) -> Wish {
    Wish {
        path,
        lease: Some((100, NONE, parent)),
        ..FILE
    }
}

fn open(c: &mut Client<'_>, wish: Wish) -> Result<(FileId, OplockLevel, LeaseState), N> {
    let lease = wish.lease.map(|(key, state, parent)| Lease {
        lease_key: LeaseKey([key; 16]),
        lease_state: state,
        flags: match parent {
            Some(_) => LeaseFlags::PARENT_LEASE_KEY_SET,
            None => LeaseFlags::NONE,
        },
        v2: (!wish.v1).then_some(LeaseV2 {
            parent_lease_key: LeaseKey([parent.unwrap_or(0); 16]),
            epoch: 5,
        }),
    });
    let header = c.header(Command::CREATE);
    let path = utf16(wish.path);
    let request = CreateRequest {
        oplock_level: match lease {
            Some(_) => OplockLevel::LEASE,
            None => OplockLevel::NONE,
        },
        ..create_request(&path, wish.access, wish.disposition, wish.options)
    };
    let message = Client::message(
        &header,
        |w| {
            request.write_with(w, |contexts| match &lease {
                Some(lease) => contexts.add(name::LEASE, |w| lease.write(w)),
                None => Ok(()),
            })
        },
        0,
    );
    let reply = c.exchange(message)?.ok()?;
    let reply = CreateResponse::parse(&reply).unwrap();
    let mut state = NONE;
    for raw in reply.contexts.iter() {
        if let Ok(CreateContext::Lease(l)) = CreateContext::parse(raw) {
            state = l.lease_state;
        }
    }
    Ok((reply.file_id, reply.oplock_level, state))
}

/// Which leases broke, to what, and whether that is to be acknowledged.
fn breaks(c: &mut Client<'_>) -> Vec<(u8, LeaseState, bool)> {
    assert_eq!(c.reply_to(u64::MAX - 1).unwrap_err(), N::IO_TIMEOUT);
    let told: Vec<_> = c.unasked.drain(..).collect();
    let told = told.iter().filter(|m| {
        let h = Header::parse(m).unwrap();
        h.command == Command::OPLOCK_BREAK
    });
    told.map(|m| {
        let b = LeaseBreakNotification::parse(m).unwrap();
        (b.lease_key.0[0], b.new_state, b.flags.0 == 1)
    })
    .collect()
}

fn ack(c: &mut Client<'_>, key: u8, lease_state: LeaseState) -> N {
    let ack = BreakRequest::Lease(LeaseBreakAck {
        lease_key: LeaseKey([key; 16]),
        lease_state,
    });
    c.call(Command::OPLOCK_BREAK, |w| ack.write(w))
        .unwrap()
        .status()
}

fn set(c: &mut Client<'_>, file_id: FileId, class: FileInfoClass, info: SetFileInfo<'_>) -> N {
    let mut buffer = [0; 200];
    let mut w = Writer::new(&mut buffer);
    info.write(&mut w).unwrap();
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        additional_information: 0,
        file_id,
        buffer: w.written(),
    };
    let header = c.header(Command::SET_INFO);
    c.exchange(Client::message(&header, |w| request.write(w), 0))
        .map_or_else(|e| e, |r| r.status())
}

fn rename(c: &mut Client<'_>, id: FileId, to: &str, link: bool) -> N {
    let to = utf16(to);
    let info = RenameInfo {
        flags: RenameFlags::NONE,
        root_directory: 0,
        name: Utf16::new(&to).unwrap(),
    };
    if link {
        set(c, id, FileInfoClass::LINK, SetFileInfo::Link(info))
    } else {
        set(c, id, FileInfoClass::RENAME, SetFileInfo::Rename(info))
    }
}

/// Has the lease again, whatever became of it.
fn again(c: &mut Client<'_>, path: &'static str, key: u8) {
    let (id, _, state) = open(c, dir(path, key, RH)).unwrap();
    assert_eq!(state, RH, "{path}");
    // The first handle keeps it.
    c.close(id).unwrap();
    assert_eq!(breaks(c), []);
}

#[test]
fn who_gets_one() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let lease = OplockLevel::LEASE;
    let (_, level, state) = open(&mut c, dir("d", 1, RWH)).unwrap();
    assert_eq!((level, state), (lease, RH));
    let (_, level, state) = open(&mut c, dir("d", 2, R)).unwrap();
    assert_eq!((level, state), (lease, R));
    let v1 = Wish {
        v1: true,
        ..dir("d", 3, RH)
    };
    assert_eq!(open(&mut c, v1).unwrap().1, OplockLevel::NONE);
    // Only clients that know of them.
    let mut d = client_with(&rig, Capabilities::NONE, 2);
    assert_eq!(open(&mut d, dir("d", 4, RH)).unwrap().1, OplockLevel::NONE);
    let rig = rig_with(ConfigFlags::LEASES);
    let mut c = client(&rig, 1);
    assert_eq!(open(&mut c, dir("d", 1, RH)).unwrap().1, OplockLevel::NONE);
}

#[test]
fn what_breaks_one() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig, 1), client(&rig, 2));
    open(&mut c, dir("d", 1, RH)).unwrap();
    open(&mut c, dir("e", 2, RH)).unwrap();
    // To open and to read changes nothing.
    let (f, ..) = open(&mut d, child("d\\f", None)).unwrap();
    d.read(f, 0, 10).unwrap();
    assert_eq!(breaks(&mut c), []);
    // A write shows when the handle is closed.
    d.write(f, 0, b"x").unwrap();
    assert_eq!(breaks(&mut c), []);
    d.close(f).unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    again(&mut c, "d", 1);

    let (f, ..) = open(&mut d, child("d\\new", None)).unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    // While that is not acknowledged there is nothing more to be told.
    assert_eq!(
        set(
            &mut d,
            f,
            FileInfoClass::END_OF_FILE,
            SetFileInfo::EndOfFile(5)
        ),
        N::SUCCESS
    );
    assert_eq!(breaks(&mut c), []);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    again(&mut c, "d", 1);

    let hidden = BasicInfo {
        times: Times::default(),
        attributes: FileAttributes::HIDDEN,
    };
    let nothing = BasicInfo {
        attributes: FileAttributes(0),
        ..hidden
    };
    let written = BasicInfo {
        times: Times {
            last_write: FileTime(0x01D0_0000_0000_0000),
            ..Times::default()
        },
        ..nothing
    };
    for (info, breaks_it) in [(nothing, false), (hidden, true), (written, true)] {
        assert_eq!(
            set(&mut d, f, FileInfoClass::BASIC, SetFileInfo::Basic(info)),
            N::SUCCESS
        );
        let want: &[_] = if breaks_it { &[(1, NONE, true)] } else { &[] };
        assert_eq!(breaks(&mut c), want);
        if breaks_it {
            assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
            again(&mut c, "d", 1);
        }
    }

    // A rename is a matter of both directories, the old one first.
    assert_eq!(rename(&mut d, f, "e\\moved", false), N::SUCCESS);
    assert_eq!(breaks(&mut c), [(1, NONE, true), (2, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    assert_eq!(ack(&mut c, 2, NONE), N::SUCCESS);
    again(&mut c, "d", 1);
    again(&mut c, "e", 2);
    // A link one of the new directory only.
    assert_eq!(rename(&mut d, f, "d\\link", true), N::SUCCESS);
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    again(&mut c, "d", 1);

    // A name goes with its last handle.
    assert_eq!(
        set(
            &mut d,
            f,
            FileInfoClass::DISPOSITION,
            SetFileInfo::Disposition(true)
        ),
        N::SUCCESS
    );
    assert_eq!(breaks(&mut c), []);
    d.close(f).unwrap();
    assert_eq!(breaks(&mut c), [(2, NONE, true)]);
    assert_eq!(ack(&mut c, 2, NONE), N::SUCCESS);

    // An overwrite, and a directory within the directory.
    let overwrite = Wish {
        disposition: D::OVERWRITE,
        ..child("d\\g", None)
    };
    let (g, ..) = open(&mut d, overwrite).unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    d.close(g).unwrap();
    again(&mut c, "d", 1);
    d.create("d\\sub", ALL, D::CREATE, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
}

#[test]
fn whom_a_parent_key_spares() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig, 1), client(&rig, 2));
    open(&mut c, dir("d", 1, RH)).unwrap();
    open(&mut d, dir("d", 2, R)).unwrap();
    let (f, ..) = open(&mut c, child("d\\new", Some(1))).unwrap();
    assert_eq!(breaks(&mut c), []);
    // R alone needs no acknowledgment.
    assert_eq!(breaks(&mut d), [(2, NONE, false)]);
    c.write(f, 0, b"x").unwrap();
    c.close(f).unwrap();
    assert_eq!(breaks(&mut c), []);
    // Another key, or none, spares nobody.
    let (f, ..) = open(&mut c, child("d\\other", Some(9))).unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    again(&mut c, "d", 1);
    c.close(f).unwrap();
    open(
        &mut c,
        Wish {
            path: "d\\plain",
            ..FILE
        },
    )
    .unwrap();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    again(&mut c, "d", 1);

    // Who wished a name to go and who closed it last must know of the same lease.
    for (wisher, closer, want) in [
        (Some(1), Some(1), &[][..]),
        (Some(1), Some(9), &[(1, NONE, true)]),
        (Some(9), Some(1), &[(1, NONE, true)]),
    ] {
        let wish = child("d\\g", wisher);
        let (g, ..) = open(&mut c, wish).unwrap();
        let (last, ..) = open(&mut d, child("d\\g", closer)).unwrap();
        let _ = (breaks(&mut c), ack(&mut c, 1, NONE));
        again(&mut c, "d", 1);
        let going = SetFileInfo::Disposition(true);
        assert_eq!(
            set(&mut c, g, FileInfoClass::DISPOSITION, going),
            N::SUCCESS
        );
        c.close(g).unwrap();
        assert_eq!(breaks(&mut c), []);
        d.close(last).unwrap();
        assert_eq!(breaks(&mut c), want, "{wisher:?} {closer:?}");
        let _ = ack(&mut c, 1, NONE);
        again(&mut c, "d", 1);
    }
}

#[test]
fn a_cached_directory_gives_way() {
    let rig = rig();
    let (mut c, mut d) = (client(&rig, 1), client(&rig, 2));
    // A handle that minds files being renamed into its directory, but only caches it.
    let minds = Wish {
        access: ALL,
        ..dir("e", 2, RH)
    };
    let (id, ..) = open(&mut c, minds).unwrap();
    let (f, ..) = open(&mut d, child("d\\f", None)).unwrap();
    assert_eq!(rename(&mut d, f, "e\\f", false), N::IO_TIMEOUT);
    assert_eq!(breaks(&mut c), [(2, R, true)]);
    c.close(id).unwrap();
    rig.settle();
    d.close(f).unwrap();
    assert!(open(
        &mut d,
        Wish {
            path: "e\\f",
            disposition: D::OPEN,
            ..FILE
        }
    )
    .is_ok());
    rig.stop();
}

#[test]
fn local_processes_break_one() {
    let rig = rig();
    let guarded = |path: &str| rig.host().fs_ref().guarded(path);
    let mut c = client(&rig, 1);
    let (held, ..) = open(&mut c, dir("d", 1, RH)).unwrap();
    let (dev, ino, level) = guarded("data/d").unwrap();
    // Whoever only lists it is not in the way.
    assert_eq!(level, GuardLevel::Write);
    Server::local_open(&rig.server, dev, ino, true);
    rig.settle();
    assert_eq!(breaks(&mut c), [(1, NONE, true)]);
    assert!(guarded("data/d").is_some());
    assert_eq!(ack(&mut c, 1, NONE), N::SUCCESS);
    assert_eq!(guarded("data/d"), None);
    again(&mut c, "d", 1);
    assert!(guarded("data/d").is_some());
    c.close(held).unwrap();
    assert_eq!(guarded("data/d"), None);
}
