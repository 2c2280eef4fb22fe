// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon as the engine sees it: messages in, messages out. A whole login,
//! a tree connect and a listing of shares; every bad message; a daemon over a
//! link that the test plays.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proto_shared::auth::spnego::{
    write_init, NegState, NegToken, NegTokenInit, NegTokenResp, OID_NTLMSSP,
};
use proto_shared::codec::Writer;
use proto_shared::ipc::{
    write_event, write_upcall, AuthDrop, AuthFlags, AuthReply, AuthRequest, Command, HelloReply,
    List, ListReply, ListWhat, Listening, Logoff, PipeDataReply, PipeOpen, PipeStatusReply,
    PipeTransceive, PipeWriteReply, ServerConfig, ShareType, Status, Stopped, TreeConnectReply,
    TreeConnectRequest, TreeDisconnect, TreeEntry, TreeFlags, UpcallBody, UpcallKind, UpcallReply,
    Update, UserFlags,
};
use proto_shared::status::NtStatus;
use tempfile::TempDir;

use crate::auth::crypto::Side;
use crate::daemon::{Daemon, Host, Overrides};
use crate::link::{Link, Sink};
use crate::pool::Pool;
use crate::service::{build, Service};
use crate::testing::{self, Client};

fn service(config: &str) -> (Service, TempDir) {
    let (state, dir) = testing::state(config);
    (Service::new(state).unwrap(), dir)
}

fn upcall<B: UpcallBody>(token: u64, body: &B) -> Vec<u8> {
    build(|w| write_upcall(w, token, body)).unwrap().to_vec()
}

/// The one answer to an upcall.
fn ask<B: UpcallBody>(service: &Service, body: &B) -> Vec<u8> {
    ask_raw(service, &upcall(77, body), Some(B::KIND))
}

fn ask_raw(service: &Service, attrs: &[u8], kind: Option<UpcallKind>) -> Vec<u8> {
    let mut answers = Vec::new();
    service.handle(Command::UPCALL.0, attrs, &mut |command, attrs| {
        assert_eq!(command, Command::UPCALL_REPLY.0);
        answers.push(attrs.to_vec());
    });
    assert_eq!(answers.len(), 1, "an upcall has one answer");
    let answer = answers.remove(0);
    let reply = UpcallReply::parse(&answer).unwrap();
    assert_eq!(reply.token, 77);
    if let Some(kind) = kind {
        assert_eq!(reply.kind, kind);
    }
    answer
}

fn tree_request(share: &'static str) -> TreeConnectRequest<'static> {
    TreeConnectRequest {
        session_id: 5,
        tree_id: 1,
        account: "alice",
        uid: 1000,
        gid: 1000,
        groups: (&[1000u32, 50][..]).into(),
        user_flags: UserFlags::NONE,
        share,
        peer: "10.0.0.1:4000",
        dialect: 0x0311,
        encrypted: false,
    }
}

fn connect(service: &Service, req: &TreeConnectRequest<'_>) -> NtStatus {
    let answer = ask(service, req);
    TreeConnectReply::parse(&answer).unwrap().status
}

#[test]
fn login_tree_connect_and_listing() {
    let (s, _dir) =
        service("[share.data]\npath = \"/srv/data\"\nread_only = false\noplocks = true\n");
    let mut c = Client::new("alice", "Secret1!");
    let leg = |flags, blob: &[u8]| {
        ask(
            &s,
            &AuthRequest {
                auth_id: 9,
                session_id: 5,
                connection_id: 1,
                peer: "10.0.0.1:4000",
                dialect: 0x0311,
                flags,
                blob: blob.into(),
            },
        )
    };
    let mut buf = [0; 512];
    let mut w = Writer::new(&mut buf);
    write_init(&mut w, &[OID_NTLMSSP], &c.negotiate()).unwrap();
    let hello = w.written().to_vec();
    let first = leg(AuthFlags::FIRST_LEG, &hello);
    let first = AuthReply::parse(&first).unwrap();
    assert_eq!(first.status, NtStatus::MORE_PROCESSING_REQUIRED);
    assert!(first.session_key.is_empty() && first.uid.is_none());
    let Ok(NegToken::Resp(resp)) = NegToken::parse(first.blob.as_slice().unwrap()) else {
        panic!("no NegTokenResp")
    };
    let auth = c.authenticate(resp.token.unwrap());
    let Ok(NegToken::Init(NegTokenInit { mechs, .. })) = NegToken::parse(&hello) else {
        panic!("no NegTokenInit")
    };
    let mic = c.signature(Side::Client, mechs.der());
    let mut buf = [0; 1024];
    let mut w = Writer::new(&mut buf);
    NegTokenResp {
        token: Some(&auth),
        mic: Some(&mic),
        ..Default::default()
    }
    .write(&mut w)
    .unwrap();
    let last = leg(AuthFlags::NONE, w.written());
    let last = AuthReply::parse(&last).unwrap();
    assert_eq!(last.status, NtStatus::SUCCESS);
    assert_eq!(last.session_key, c.key());
    assert_eq!(
        (last.account, last.uid, last.gid),
        ("alice", Some(1000), Some(1000))
    );
    assert!(last.groups.iter().eq([1000, 50]));
    assert_eq!(last.sid.len(), 28);
    let Ok(NegToken::Resp(resp)) = NegToken::parse(last.blob.as_slice().unwrap()) else {
        panic!("no NegTokenResp")
    };
    assert_eq!(resp.state, Some(NegState::ACCEPT_COMPLETED));
    assert_eq!(resp.mic.unwrap(), c.signature(Side::Server, mechs.der()));
    let user = s.state().store().user("alice").unwrap().unwrap();
    assert!(user.last_login.is_some());

    let answer = ask(&s, &tree_request("DATA"));
    let tree = TreeConnectReply::parse(&answer).unwrap();
    assert_eq!(tree.status, NtStatus::SUCCESS);
    assert_eq!((tree.share, tree.path), ("data", "/srv/data"));
    assert_eq!(tree.share_type, ShareType::DISK);
    assert!(tree.flags.contains(TreeFlags::WRITABLE));
    assert!(!tree.flags.intersects(TreeFlags::GUEST | TreeFlags::ENCRYPT));
    assert_eq!((tree.create_mask, tree.directory_mask), (0o744, 0o755));
    assert_eq!((tree.force_uid, tree.maximal_access), (None, 0x001F_01FF));
    let answer = ask(&s, &tree_request("ipc$"));
    let ipc = TreeConnectReply::parse(&answer).unwrap();
    assert_eq!((ipc.share, ipc.share_type), ("IPC$", ShareType::PIPE));

    let open = PipeOpen {
        session_id: 5,
        pipe_id: 3,
        name: "srvsvc",
        account: "alice",
        user_flags: UserFlags::NONE,
        peer: "10.0.0.1:4000",
    };
    let answer = ask(&s, &open);
    assert_eq!(
        PipeStatusReply::parse(&answer).unwrap().status,
        NtStatus::SUCCESS
    );
    // A bind without contexts is answered, which is all that matters here.
    let bind = [
        5, 0, 11, 3, 0x10, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 0xB8, 0x10, 0xB8, 0x10, 0, 0, 0, 0, 0,
        0, 0, 0,
    ];
    let answer = ask(
        &s,
        &PipeTransceive {
            pipe_id: 3,
            max_len: 8,
            data: (&bind[..]).into(),
        },
    );
    let data = PipeDataReply::parse(&answer).unwrap();
    assert_eq!(data.status, NtStatus::BUFFER_OVERFLOW);
    assert_eq!(data.data.as_slice().unwrap()[..3], [5, 0, 12]);

    // Logging off ends everything of the session.
    assert_eq!((s.trees().len(), s.pipes().len()), (1, 1));
    event(&s, |w| {
        write_event(
            w,
            &Logoff {
                session_id: 5,
                account: "alice",
                peer: "",
            },
        )
    });
    assert_eq!((s.trees().len(), s.pipes().len()), (0, 0));
}

fn event(
    s: &Service,
    write: impl Fn(&mut proto_shared::ipc::AttrWriter<'_>) -> Result<(), proto_shared::codec::NoSpace>,
) {
    let attrs = build(write).unwrap();
    s.handle(Command::EVENT.0, &attrs, &mut |_, _| {
        panic!("an event has no answer")
    });
}

#[test]
fn who_may_connect() {
    let (s, _dir) = service(
        r#"
        [share.open]
        path = "/o"
        read_only = false
        [share.guests]
        path = "/g"
        guest_ok = true
        [share.staff]
        path = "/s"
        valid_users = ["@staff", "BOB"]
        [share.notalice]
        path = "/n"
        valid_users = ["@staff"]
        invalid_users = ["Alice"]
        [share.lists]
        path = "/l"
        write_list = ["alice", "bob"]
        read_list = ["bob"]
        [share.net]
        path = "/t"
        hosts_allow = ["10.0.0.0/24"]
        hosts_deny = ["10.0.0.0/8"]
        [share.onlynet]
        path = "/t"
        hosts_allow = ["10.0.0.0/24"]
        [share.gone]
        path = "/x"
        available = false
        [share.sealed]
        path = "/e"
        encrypt = true
        [share.admin]
        path = "/a"
        admin_users = ["alice"]
        [share.forced]
        path = "/f"
        force_user = "bob"
        force_group = "staff"
        [share.broken]
        path = "/f"
        force_user = "nobody-knows"
        "#,
    );
    let bob = |share| TreeConnectRequest {
        account: "bob",
        uid: 1001,
        gid: 1001,
        groups: (&[1001u32][..]).into(),
        ..tree_request(share)
    };
    let guest = |share| TreeConnectRequest {
        account: "nobody",
        user_flags: UserFlags::GUEST,
        ..tree_request(share)
    };
    let from = |share, peer| TreeConnectRequest {
        peer,
        ..tree_request(share)
    };
    let (ok, denied, absent) = (
        NtStatus::SUCCESS,
        NtStatus::ACCESS_DENIED,
        NtStatus::BAD_NETWORK_NAME,
    );
    for (req, want) in [
        (tree_request("open"), ok),
        (tree_request("nope"), absent),
        (tree_request("gone"), absent),
        (tree_request(""), absent),
        (tree_request("staff"), ok),
        (bob("staff"), ok),
        (guest("staff"), denied),
        (guest("open"), denied),
        (guest("guests"), ok),
        (tree_request("notalice"), denied),
        (bob("notalice"), denied),
        (from("net", "10.0.0.7:1"), ok),
        (from("net", "10.1.0.7:1"), denied),
        (from("net", "192.168.0.1:1"), ok),
        (from("onlynet", "192.168.0.1:1"), denied),
        (from("onlynet", "[::ffff:10.0.0.3]:1"), ok),
        (from("onlynet", "somewhere"), denied),
        (tree_request("sealed"), ok),
        (
            TreeConnectRequest {
                dialect: 0x0210,
                ..tree_request("sealed")
            },
            denied,
        ),
        (tree_request("broken"), denied),
    ] {
        assert_eq!(connect(&s, &req), want, "{req:?}");
    }
    let flags = |req| {
        let answer = ask(&s, &req);
        TreeConnectReply::parse(&answer).unwrap().flags
    };
    assert!(flags(tree_request("lists")).contains(TreeFlags::WRITABLE));
    assert!(!flags(bob("lists")).contains(TreeFlags::WRITABLE));
    assert!(flags(guest("guests")).contains(TreeFlags::GUEST));
    assert!(flags(tree_request("sealed")).contains(TreeFlags::ENCRYPT));
    let forced = |req| {
        let answer = ask(&s, &req);
        let r = TreeConnectReply::parse(&answer).unwrap();
        (r.force_uid, r.force_gid)
    };
    assert_eq!(forced(tree_request("forced")), (Some(1001), Some(50)));
    assert_eq!(forced(tree_request("admin")), (Some(0), Some(0)));
    assert_eq!(forced(bob("admin")), (None, None));
}

#[test]
fn a_full_share_is_counted_again() {
    let (s, _dir) = service("[share.data]\npath = \"/d\"\nmax_connections = 2\n");
    let tree = |id| TreeConnectRequest {
        tree_id: id,
        ..tree_request("data")
    };
    assert_eq!(connect(&s, &tree(1)), NtStatus::SUCCESS);
    assert_eq!(connect(&s, &tree(2)), NtStatus::SUCCESS);
    assert_eq!(connect(&s, &tree(3)), NtStatus::REQUEST_NOT_ACCEPTED);
    event(&s, |w| {
        write_event(
            w,
            &TreeDisconnect {
                session_id: 5,
                tree_id: 1,
            },
        )
    });
    assert_eq!(connect(&s, &tree(3)), NtStatus::SUCCESS);
    // The engine knows better how many there are.
    s.on_full(|trees| trees.replace([(5, 3, "DATA".to_owned())].into_iter()));
    assert_eq!(connect(&s, &tree(4)), NtStatus::SUCCESS);
    assert_eq!(s.trees().len(), 2);
}

#[test]
fn bad_messages_are_refused_in_the_right_form() {
    let (s, _dir) = service("");
    for kind in 0..8u16 {
        let attrs = build(|w| {
            w.u64(1, 77)?;
            w.u16(2, kind)
        })
        .unwrap();
        let answer = ask_raw(&s, &attrs, Some(UpcallKind(kind)));
        let status = PipeStatusReply::parse(&answer).unwrap().status;
        let known = (1..=6).contains(&kind);
        let want = if known {
            NtStatus::INVALID_PARAMETER
        } else {
            NtStatus::NOT_SUPPORTED
        };
        assert_eq!(status, want, "{kind}");
        match UpcallKind(kind) {
            UpcallKind::AUTH => assert!(AuthReply::parse(&answer).is_ok()),
            UpcallKind::TREE_CONNECT => assert!(TreeConnectReply::parse(&answer).is_ok()),
            UpcallKind::PIPE_WRITE => assert!(PipeWriteReply::parse(&answer).is_ok()),
            UpcallKind::PIPE_READ => assert!(PipeDataReply::parse(&answer).is_ok()),
            _ => {}
        }
    }
    // What has no token has no answer, and nothing panics.
    for attrs in [&[][..], &[1, 2, 3], &[0xFF; 64]] {
        for command in 0..12 {
            s.handle(command, attrs, &mut |_, _| panic!("answered"));
        }
    }
    event(&s, |w| write_event(w, &AuthDrop { auth_id: 12 }));
    let long = vec![0; crate::auth::MAX_TOKEN + 1];
    let answer = ask(
        &s,
        &AuthRequest {
            auth_id: 1,
            session_id: 1,
            connection_id: 1,
            peer: "x",
            dialect: 0,
            flags: AuthFlags::FIRST_LEG,
            blob: long[..].into(),
        },
    );
    let reply = AuthReply::parse(&answer).unwrap();
    assert_eq!(reply.status, NtStatus::INVALID_PARAMETER);
}

/// An engine that answers as it should and writes down what it is told.
struct FakeEngine {
    told: Mutex<Vec<(u8, Vec<u8>)>>,
    sink: Sink,
    hello: u32,
    start: i32,
    trees: Mutex<VecDeque<(u64, u32)>>,
}

impl FakeEngine {
    fn status(code: i32) -> (u8, Vec<u8>) {
        let status = Status { code, message: "" };
        (
            Command::STATUS.0,
            build(|w| status.write(w)).unwrap().to_vec(),
        )
    }

    fn commands(&self) -> Vec<u8> {
        self.told.lock().unwrap().iter().map(|(c, _)| *c).collect()
    }
}

impl Link for FakeEngine {
    fn send(&self, command: u8, attrs: &[u8]) -> io::Result<(u8, Vec<u8>)> {
        self.told.lock().unwrap().push((command, attrs.to_vec()));
        let say = |bytes: &[u8]| (self.sink)(Command::EVENT.0, bytes);
        Ok(match Command(command) {
            Command::HELLO if self.hello == 0 => Self::status(-71),
            Command::HELLO => {
                let reply = HelloReply {
                    version: self.hello,
                    capabilities: Default::default(),
                    software: "fake 1",
                };
                (command, build(|w| reply.write(w)).unwrap().to_vec())
            }
            Command::START => {
                let port = ServerConfig::parse(attrs).unwrap().tcp_port;
                say(&build(|w| write_event(w, &Listening { port })).unwrap());
                Self::status(self.start)
            }
            Command::STOP => {
                say(&build(|w| write_event(w, &Stopped {})).unwrap());
                Self::status(0)
            }
            Command::LIST => {
                let ask = List::parse(attrs).unwrap();
                // Whose they are is asked for, too; here nobody's.
                let one = match ask.what {
                    // One a page.
                    ListWhat::TREES => self.trees.lock().unwrap().pop_front(),
                    what => {
                        assert!(matches!(what, ListWhat::CONNECTIONS | ListWhat::SESSIONS));
                        None
                    }
                };
                let bytes = build(|w| {
                    if let Some((session_id, tree_id)) = one {
                        let e = TreeEntry {
                            session_id,
                            tree_id,
                            share: "data",
                            opens: 0,
                            age_s: 0,
                        };
                        ListReply::write_entry(w, |w| e.write(w))?;
                    }
                    let next = one.map_or(0, |_| ask.cursor + 1);
                    ListReply::write_head(w, ask.what, next)
                });
                (command, bytes.unwrap().to_vec())
            }
            _ => Self::status(0),
        })
    }

    fn post(&self, command: u8, attrs: &[u8]) -> io::Result<()> {
        self.told.lock().unwrap().push((command, attrs.to_vec()));
        Ok(())
    }
}

struct Rig {
    engine: Arc<FakeEngine>,
    daemon: anyhow::Result<Arc<Daemon>>,
    pool: Pool,
    dir: TempDir,
}

const CONFIG: &str = "[global]\ntcp_port = 4450\n[share.data]\npath = \"/tmp\"\n";

fn rig(hello: u32, start: i32, bind: &[IpAddr]) -> Rig {
    let (state, dir) = testing::state(CONFIG);
    let service = Arc::new(Service::new(state).unwrap());
    let pool = Pool::start(service.clone(), 2).unwrap();
    let engine = Arc::new(FakeEngine {
        told: Mutex::default(),
        sink: pool.sink(),
        hello,
        start,
        trees: Mutex::new([(5, 1), (6, 1), (6, 2)].into()),
    });
    pool.set_link(engine.clone());
    let path = dir.path().join("ksmbd.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let overrides = Overrides {
        port: None,
        bind: bind.to_vec(),
    };
    let daemon = Daemon::attach(service, engine.clone(), Host::Kernel, path, overrides);
    Rig {
        engine,
        daemon,
        pool,
        dir,
    }
}

#[test]
fn attach_reload_stop() {
    let r = rig(1, 0, &[]);
    let daemon = r.daemon.unwrap();
    assert_eq!(
        r.engine.commands()[..2],
        [Command::HELLO.0, Command::START.0]
    );
    assert_eq!(daemon.engine(), "fake 1");
    // Tree connects of before are counted.
    assert_eq!(daemon.service().trees().len(), 3);
    let end = std::time::Instant::now() + Duration::from_secs(5);
    while daemon.port() != Some(4450) {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(Duration::from_millis(5));
    }

    // A reload that changes one share, adds one, and one that cannot be read.
    let path = r.dir.path().join("ksmbd.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    write(&format!("{CONFIG}comment = \"only seen by who looks\"\n"));
    daemon.reload().unwrap();
    assert_eq!(r.engine.commands().last(), Some(&Command::START.0));
    write(&format!(
        "{CONFIG}create_mask = 0o600\n[share.more]\npath = \"/tmp\"\n"
    ));
    daemon.reload().unwrap();
    let told = r.engine.told.lock().unwrap().clone();
    let (command, attrs) = told.last().unwrap();
    assert_eq!(*command, Command::UPDATE.0);
    let update = Update::parse(attrs).unwrap();
    assert_eq!((update.share, update.change.0), ("data", 1));
    write("[share.data]\n");
    assert!(daemon.reload().is_err());
    assert_eq!(daemon.service().state().config().shares.len(), 2);
    write("");
    daemon.reload().unwrap();
    let told = r.engine.told.lock().unwrap().clone();
    let removed: Vec<String> = told[told.len() - 2..]
        .iter()
        .map(|(_, attrs)| {
            let u = Update::parse(attrs).unwrap();
            assert_eq!(u.change.0, 2);
            u.share.to_owned()
        })
        .collect();
    assert_eq!(removed, ["data", "more"]);

    assert!(!daemon.has_stopped());
    daemon.stop().unwrap();
    assert!(daemon.has_stopped());
    drop(r.pool);
}

#[test]
fn refusals_say_what_to_do() {
    let text = |hello, start| rig(hello, start, &[]).daemon.err().unwrap().to_string();
    let e = text(0, 0);
    assert!(e.contains("same release"), "{e}");
    let e = text(7, 0);
    assert!(e.contains("wants version 7"), "{e}");
    let e = text(1, -98);
    assert!(e.contains("port 4450 is in use"), "{e}");
    let e = text(1, -13);
    assert!(e.contains("run as root"), "{e}");
    let e = text(1, -16);
    assert!(e.contains("another ksmbd.mountd"), "{e}");
    let e = rig(1, 0, &["192.0.2.7".parse().unwrap()])
        .daemon
        .err()
        .unwrap();
    assert!(e.to_string().contains("192.0.2.7"), "{e}");
}

#[test]
fn the_pool_answers_and_refuses_what_is_too_much() {
    let (state, _dir) = testing::state(CONFIG);
    let service = Arc::new(Service::new(state).unwrap());
    // No workers: everything waits.
    let pool = Pool::start(service.clone(), 0).unwrap();
    let sink = pool.sink();
    let attrs = upcall(1, &tree_request("data"));
    for _ in 0..5000 {
        sink(Command::UPCALL.0, &attrs);
    }
    drop(pool);

    let r = rig(1, 0, &[]);
    let sink = r.pool.sink();
    for token in 0..200 {
        sink(Command::UPCALL.0, &upcall(token, &tree_request("nope")));
    }
    sink(Command::UPCALL.0, b"rubbish");
    let end = std::time::Instant::now() + Duration::from_secs(10);
    let answers = || {
        let told = r.engine.told.lock().unwrap();
        told.iter()
            .filter(|(c, _)| *c == Command::UPCALL_REPLY.0)
            .count()
    };
    while answers() < 200 {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(Duration::from_millis(5));
    }
}
