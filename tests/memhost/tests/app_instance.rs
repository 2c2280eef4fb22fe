// SPDX-License-Identifier: GPL-2.0-or-later
//! Application instances: who is started anew somewhere else gets its files, whoever still seems to have them.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Guid;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, ShareAccess};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::{
    name, DurableFlags, DurableReconnectV2, DurableRequestV2,
};
use proto_shared::smb2::{Command, CreateRequest, CreateResponse, FileId, OplockLevel};
use proto_shared::status::NtStatus as N;

const APP: u8 = 0xA1;

fn rig() -> Rig {
    let rig = Rig::with(Settings {
        flags: ConfigFlags::LEASES | ConfigFlags::DURABLE,
        ..Settings::default()
    });
    for file in ["data/f", "data/g"] {
        rig.host().fs_ref().put(file, 1000, 0o666, &[7; 100]);
    }
    rig
}

fn client(rig: &Rig, guid: u8) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            guid: [guid; 16],
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

#[derive(Clone, Copy)]
struct Wish {
    file: &'static str,
    app: Option<u8>,
    version: Option<(u64, u64)>,
    /// The GUID of the CREATE; none: no durable handle is asked for.
    create: Option<u8>,
    back: Option<FileId>,
}

const FIRST: Wish = Wish {
    file: "f",
    app: Some(APP),
    version: None,
    create: Some(1),
    back: None,
};

/// Opens for itself alone.
fn create(c: &mut Client<'_>, wish: Wish) -> Result<FileId, N> {
    let path = utf16(wish.file);
    let request = CreateRequest {
        oplock_level: OplockLevel::BATCH,
        share_access: ShareAccess(0),
        ..create_request(&path, A::FILE_ALL_ACCESS, D::OPEN, O::NONE)
    };
    let message = c
        .call(Command::CREATE, |w| {
            request.write_with(w, |contexts| {
                if let Some(guid) = wish.create {
                    let create_guid = Guid([guid; 16]);
                    let flags = DurableFlags::NONE;
                    if let Some(file_id) = wish.back {
                        let r = DurableReconnectV2 {
                            file_id,
                            create_guid,
                            flags,
                        };
                        contexts.add(name::DURABLE_RECONNECT_V2, |w| r.write(w))?;
                    } else {
                        let r = DurableRequestV2 {
                            timeout: 0,
                            flags,
                            create_guid,
                        };
                        contexts.add(name::DURABLE_REQUEST_V2, |w| r.write(w))?;
                    }
                }
                if let Some(app) = wish.app {
                    contexts.add(name::APP_INSTANCE_ID, |w| {
                        w.u16(20)?;
                        w.u16(0)?;
                        w.bytes(&[app; 16])
                    })?;
                }
                if let Some((high, low)) = wish.version {
                    contexts.add(name::APP_INSTANCE_VERSION, |w| {
                        w.u16(24)?;
                        w.zeros(6)?;
                        w.u64(high)?;
                        w.u64(low)
                    })?;
                }
                Ok(())
            })
        })?
        .ok()?;
    Ok(CreateResponse::parse(&message).unwrap().file_id)
}

fn empty(rig: &Rig) {
    let s = &rig.server;
    assert_eq!(
        (s.instance_count(), s.away_count(), s.file_count()),
        (0, 0, 0)
    );
}

#[test]
fn the_new_one_takes_over() {
    let rig = rig();
    let (mut a, mut b) = (client(&rig, 1), client(&rig, 2));
    let (f, g) = (
        create(&mut a, FIRST).unwrap(),
        create(
            &mut a,
            Wish {
                file: "g",
                create: Some(2),
                ..FIRST
            },
        )
        .unwrap(),
    );
    assert_eq!(rig.server.instance_count(), 2);
    let second = create(
        &mut b,
        Wish {
            create: Some(3),
            ..FIRST
        },
    )
    .unwrap();
    // Its file, and no other.
    assert_eq!(a.close(f), Err(N::FILE_CLOSED));
    a.close(g).unwrap();
    assert_eq!(rig.server.instance_count(), 1);
    b.close(second).unwrap();
    assert_eq!(rig.server.instance_count(), 0);
    drop((a, b));
    empty(&rig);
}

/// They wait for the holder's batch oplock as anybody does, and get no answer until that breaks.
#[test]
fn others_do_not() {
    let rig = rig();
    let mut a = client(&rig, 1);
    let f = create(&mut a, FIRST).unwrap();
    let another = Wish {
        app: Some(0xB2),
        create: Some(5),
        ..FIRST
    };
    let none = Wish {
        app: None,
        ..another
    };
    let not_durable = Wish {
        create: None,
        ..FIRST
    };
    let same_client = Wish {
        create: Some(6),
        ..FIRST
    };
    let all = [(2, another), (3, none), (4, not_durable), (1, same_client)];
    for (guid, wish) in all {
        let mut c = client(&rig, guid);
        assert_eq!(create(&mut c, wish), Err(N::IO_TIMEOUT), "{guid}");
    }
    a.close(f).unwrap();
    drop(a);
    empty(&rig);
}

#[test]
fn one_that_waits_is_taken_over_too() {
    let rig = rig();
    let mut a = client(&rig, 1);
    let f = create(&mut a, FIRST).unwrap();
    drop(a);
    assert_eq!(
        (rig.server.away_count(), rig.server.instance_count()),
        (1, 1)
    );
    let mut b = client(&rig, 2);
    let second = create(
        &mut b,
        Wish {
            create: Some(3),
            ..FIRST
        },
    )
    .unwrap();
    assert_eq!(rig.server.away_count(), 0);
    let mut a = client(&rig, 1);
    let back = Wish {
        back: Some(f),
        ..FIRST
    };
    assert_eq!(create(&mut a, back), Err(N::OBJECT_NAME_NOT_FOUND));
    b.close(second).unwrap();
    drop((a, b));
    empty(&rig);
}

#[test]
fn one_that_came_back_is_taken_over_too() {
    let rig = rig();
    let mut a = client(&rig, 1);
    let f = create(&mut a, FIRST).unwrap();
    drop(a);
    let mut a = client(&rig, 1);
    let f = create(
        &mut a,
        Wish {
            back: Some(f),
            ..FIRST
        },
    )
    .unwrap();
    assert_eq!(
        (rig.server.away_count(), rig.server.instance_count()),
        (0, 1)
    );
    let mut b = client(&rig, 2);
    let second = create(
        &mut b,
        Wish {
            create: Some(3),
            ..FIRST
        },
    )
    .unwrap();
    assert_eq!(a.close(f), Err(N::FILE_CLOSED));
    b.close(second).unwrap();
    drop((a, b));
    empty(&rig);
}

#[test]
fn only_a_later_version_takes_over() {
    let rig = rig();
    let mut a = client(&rig, 1);
    let f = create(
        &mut a,
        Wish {
            version: Some((2, 5)),
            ..FIRST
        },
    )
    .unwrap();
    let mut b = client(&rig, 2);
    for version in [(2, 5), (2, 4), (1, 9)] {
        let wish = Wish {
            version: Some(version),
            create: Some(3),
            ..FIRST
        };
        assert_eq!(create(&mut b, wish), Err(N::FILE_FORCED_CLOSED));
    }
    let wish = Wish {
        version: Some((3, 0)),
        create: Some(3),
        ..FIRST
    };
    let second = create(&mut b, wish).unwrap();
    assert_eq!(a.close(f), Err(N::FILE_CLOSED));
    b.close(second).unwrap();
    drop((a, b));
    empty(&rig);
}
