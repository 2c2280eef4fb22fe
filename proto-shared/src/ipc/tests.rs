// SPDX-License-Identifier: GPL-2.0-or-later
//! Round trips of every message; no bytes make a parser panic.

use super::*;
use crate::codec::Malformed;
use crate::status::NtStatus;
use std::vec;
use std::vec::Vec;

/// Writes, checks `encoded_len` and that every shorter buffer is refused.
macro_rules! encode {
    ($msg:expr) => {{
        let msg = $msg;
        let n = msg.encoded_len();
        let mut buf = vec![0xEE; n];
        let mut w = AttrWriter::new(&mut buf);
        msg.write(&mut w).unwrap();
        assert_eq!(w.len(), n);
        for short in (0..n).step_by(3) {
            let mut buf = vec![0; short];
            assert!(msg.write(&mut AttrWriter::new(&mut buf)).is_err());
        }
        buf
    }};
}

macro_rules! round_trip {
    ($ty:ident, $msg:expr) => {{
        let msg = $msg;
        let bytes = encode!(msg);
        assert_eq!($ty::parse(&bytes).unwrap(), msg);
        hostile(&bytes);
        bytes
    }};
}

/// Feeds every parser with mutations of `bytes`.
fn hostile(bytes: &[u8]) {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for end in 0..bytes.len().min(600) {
        parse_all(&bytes[..end]);
    }
    let mut mutant = bytes.to_vec();
    for _ in 0..400 {
        if mutant.is_empty() {
            break;
        }
        let n = mutant.len();
        mutant[next() % n.min(400)] ^= 1 << (next() % 8);
        parse_all(&mutant);
        if next() % 8 == 0 {
            mutant.copy_from_slice(bytes);
        }
    }
}

fn parse_all(b: &[u8]) {
    let _ = Hello::parse(b);
    let _ = HelloReply::parse(b);
    if let Ok(c) = ServerConfig::parse(b) {
        let _ = (c.ciphers.iter().count(), c.security_blob.len());
    }
    let _ = Stop::parse(b);
    let _ = Close::parse(b);
    let _ = Update::parse(b);
    let _ = Status::parse(b);
    let _ = List::parse(b);
    if let Ok(r) = ListReply::parse(b) {
        for e in r.entries() {
            let _ = ServerEntry::parse(e);
            let _ = ConnectionEntry::parse(e);
            let _ = SessionEntry::parse(e);
            let _ = TreeEntry::parse(e);
            let _ = OpenEntry::parse(e);
            let _ = LockEntry::parse(e);
        }
    }
    let _ = Upcall::parse(b);
    let _ = UpcallReply::parse(b);
    if let Ok(a) = AuthRequest::parse(b) {
        let _ = a.blob.copy_to(&mut [0; 64]);
    }
    if let Ok(a) = AuthReply::parse(b) {
        let _ = a.groups.iter().count();
    }
    let _ = TreeConnectRequest::parse(b);
    let _ = TreeConnectReply::parse(b);
    let _ = PipeOpen::parse(b);
    let _ = PipeStatusReply::parse(b);
    let _ = PipeWrite::parse(b);
    let _ = PipeWriteReply::parse(b);
    let _ = PipeRead::parse(b);
    let _ = PipeDataReply::parse(b);
    let _ = PipeTransceive::parse(b);
    let _ = Event::parse(b);
    let _ = Logoff::parse(b);
    let _ = FileAccess::parse(b);
}

fn config<'a>(blob: &'a [u8]) -> ServerConfig<'a> {
    ServerConfig {
        server_guid: [7; 16],
        netbios_name: "KSMBD",
        tcp_port: 445,
        interfaces: b"eth0\0lo",
        min_dialect: 0x0202,
        max_dialect: 0x0311,
        signing: 1,
        encryption: 1,
        ciphers: [2u16, 1, 4, 3][..].into(),
        signing_algorithms: [2u16, 1, 0][..].into(),
        max_read: 8 << 20,
        max_write: 8 << 20,
        max_trans: 1 << 20,
        max_credits: 8192,
        max_connections: 1024,
        max_connections_per_ip: 64,
        max_sessions: 1024,
        max_sessions_per_connection: 64,
        max_opens: 10000,
        max_inflight_bytes: 64 << 20,
        auth_timeout_ms: 30_000,
        upcall_timeout_ms: 10_000,
        dead_time_s: 0,
        flags: ConfigFlags::LEASES | ConfigFlags::MULTICHANNEL,
        security_blob: blob.into(),
    }
}

#[test]
fn hello_and_admin() {
    round_trip!(
        Hello,
        Hello {
            min_version: 1,
            max_version: 3,
            capabilities: Capabilities(5),
            software: "ksmbd.mountd 0.1"
        }
    );
    round_trip!(
        HelloReply,
        HelloReply {
            version: 1,
            capabilities: Capabilities::NONE,
            software: ""
        }
    );
    round_trip!(Stop, Stop {});
    round_trip!(
        Close,
        Close {
            what: ListWhat::OPENS,
            id: 9,
            session_id: Some(3)
        }
    );
    round_trip!(
        Close,
        Close {
            what: ListWhat::SESSIONS,
            id: u64::MAX,
            session_id: None
        }
    );
    round_trip!(
        Update,
        Update {
            share: "data",
            account: "",
            change: Change::REMOVED
        }
    );
    round_trip!(Status, Status::OK);
    round_trip!(
        Status,
        Status {
            code: -98,
            message: "port 445 is in use"
        }
    );
}

#[test]
fn server_config() {
    let blob = [0x60; 74];
    let bytes = round_trip!(ServerConfig, config(&blob));
    let parsed = ServerConfig::parse(&bytes).unwrap();
    assert!(parsed.ciphers.iter().eq([2, 1, 4, 3]));
    assert_eq!(parsed.security_blob.as_slice(), Some(&blob[..]));
}

#[test]
fn auth() {
    let long: Vec<u8> = (0..150_000u32).map(|n| n as u8).collect();
    let req = AuthRequest {
        auth_id: 1,
        session_id: 2,
        connection_id: 3,
        peer: "[::1]:4450",
        dialect: 0x0311,
        flags: AuthFlags::FIRST_LEG,
        blob: long[..].into(),
    };
    let mut buf = vec![0; 200_000];
    let mut w = AttrWriter::new(&mut buf);
    write_upcall(&mut w, 77, &req).unwrap();
    let env = Upcall::parse(w.written()).unwrap();
    assert_eq!((env.token, env.kind), (77, UpcallKind::AUTH));
    let got = AuthRequest::parse(env.body).unwrap();
    assert_eq!(got, req);
    assert_eq!(got.blob.len(), long.len());
    assert_eq!(got.blob.chunks().count(), 3);
    assert!(got.blob.as_slice().is_none());
    let mut copy = vec![0; long.len()];
    assert_eq!(got.blob.copy_to(&mut copy), Ok(long.len()));
    assert_eq!(copy, long);
    assert!(got.blob.copy_to(&mut copy[1..]).is_err());

    let groups: Vec<u32> = (0..65_536).collect();
    let reply = AuthReply {
        status: NtStatus::SUCCESS,
        blob: b"tok".into(),
        session_key: &[9; 16],
        account: "alice",
        domain: "WORKGROUP",
        uid: Some(1000),
        gid: Some(1000),
        groups: groups[..].into(),
        user_flags: UserFlags::ADMIN,
        expiry: 0,
        sid: &[1, 5],
    };
    let mut buf = vec![0; 300_000];
    let mut w = AttrWriter::new(&mut buf);
    write_upcall_reply(&mut w, 77, UpcallKind::AUTH, &reply).unwrap();
    let env = UpcallReply::parse(w.written()).unwrap();
    assert_eq!((env.token, env.kind), (77, UpcallKind::AUTH));
    let got = AuthReply::parse(env.body).unwrap();
    assert_eq!(got.status, NtStatus::SUCCESS);
    assert_eq!(got.session_key, [9; 16]);
    assert_eq!((got.account, got.domain), ("alice", "WORKGROUP"));
    assert_eq!((got.uid, got.gid), (Some(1000), Some(1000)));
    assert_eq!(got.groups.len(), 65_536);
    assert!(got.groups.iter().eq(0..65_536));
    assert_eq!(got.user_flags, UserFlags::ADMIN);
    assert_eq!(got.sid, [1, 5]);

    let bytes = encode!(AuthReply::refuse(NtStatus::LOGON_FAILURE, &[]));
    let got = AuthReply::parse(&bytes).unwrap();
    assert_eq!(got.status, NtStatus::LOGON_FAILURE);
    assert!(got.session_key.is_empty() && got.uid.is_none() && got.blob.is_empty());
    hostile(&bytes);
}

#[test]
fn tree_connect() {
    round_trip!(
        TreeConnectRequest,
        TreeConnectRequest {
            session_id: 5,
            tree_id: 1,
            account: "Ærø",
            uid: 1,
            gid: 2,
            groups: [4u32, 5][..].into(),
            user_flags: UserFlags::NONE,
            share: "Data",
            peer: "10.0.0.1:1",
            dialect: 0x0210,
            encrypted: true,
        }
    );
    round_trip!(
        TreeConnectReply,
        TreeConnectReply {
            status: NtStatus::SUCCESS,
            share: "data",
            share_type: ShareType::DISK,
            flags: TreeFlags::WRITABLE | TreeFlags::OPLOCKS,
            maximal_access: 0x001F_01FF,
            path: "/srv/data",
            create_mask: 0o744,
            directory_mask: 0o755,
            force_create_mode: 0,
            force_directory_mode: 0,
            force_uid: Some(0),
            force_gid: None,
            veto: b"*.tmp\0~*",
            volume_label: "data",
            volume_serial: 0x1234_5678,
            comment: "",
            audit: Some(5),
            snapshot_dir: ".snapshots",
            snapshot_format: "%s",
            apple_model: "a model",
            time_machine_max_size: 1 << 40,
        }
    );
    round_trip!(
        TreeConnectReply,
        TreeConnectReply::refuse(NtStatus::BAD_NETWORK_NAME)
    );
}

#[test]
fn pipes_and_events() {
    round_trip!(
        PipeOpen,
        PipeOpen {
            session_id: 1,
            pipe_id: 2,
            name: "srvsvc",
            account: "alice",
            user_flags: UserFlags::GUEST,
            peer: "127.0.0.1:9",
        }
    );
    round_trip!(
        PipeWrite,
        PipeWrite {
            pipe_id: 2,
            data: b"abc".into()
        }
    );
    round_trip!(
        PipeWriteReply,
        PipeWriteReply {
            status: NtStatus::SUCCESS,
            count: 3
        }
    );
    round_trip!(
        PipeRead,
        PipeRead {
            pipe_id: 2,
            max_len: 4280
        }
    );
    round_trip!(
        PipeTransceive,
        PipeTransceive {
            pipe_id: 2,
            max_len: 4280,
            data: b"xy".into()
        }
    );
    round_trip!(
        PipeDataReply,
        PipeDataReply {
            status: NtStatus::BUFFER_OVERFLOW,
            data: b"12345".into()
        }
    );
    round_trip!(
        PipeStatusReply,
        PipeStatusReply {
            status: NtStatus::OBJECT_NAME_NOT_FOUND
        }
    );

    let mut buf = [0; 256];
    let mut w = AttrWriter::new(&mut buf);
    write_event(
        &mut w,
        &Logoff {
            session_id: 6,
            account: "bob",
            peer: "10.0.0.1:1",
        },
    )
    .unwrap();
    let ev = Event::parse(w.written()).unwrap();
    assert_eq!(ev.kind, EventKind::LOGOFF);
    assert_eq!(Logoff::parse(ev.body).unwrap().account, "bob");
    let mut buf = [0; 256];
    let mut w = AttrWriter::new(&mut buf);
    write_event(&mut w, &Stopped {}).unwrap();
    assert_eq!(Event::parse(w.written()).unwrap().kind, EventKind::STOPPED);
    round_trip!(
        FileAccess,
        FileAccess {
            session_id: 1,
            tree_id: 2,
            action: FileAction::RENAMED,
            status: NtStatus::ACCESS_DENIED,
            path: "a/b",
            target: "c",
            lost: 3,
        }
    );
    round_trip!(AuthDrop, AuthDrop { auth_id: 1 });
    round_trip!(
        TreeDisconnect,
        TreeDisconnect {
            session_id: 1,
            tree_id: 2
        }
    );
    round_trip!(PipeClose, PipeClose { pipe_id: 1 });
    round_trip!(Listening, Listening { port: 445 });
}

#[test]
fn listing_ends_a_full_page_cleanly() {
    let entry = SessionEntry {
        id: 1,
        account: "alice",
        domain: "W",
        uid: 1000,
        user_flags: UserFlags::NONE,
        connections: [3u64, 4][..].into(),
        trees: 1,
        opens: 2,
        signing: 1,
        encrypted: false,
        age_s: 10,
    };
    let mut buf = [0; 512];
    let limit = buf.len() - ListReply::HEAD_LEN;
    let mut w = AttrWriter::new(&mut buf[..limit]);
    let mut n = 0u64;
    while ListReply::write_entry(&mut w, |w| entry.write(w)).is_ok() {
        n += 1;
    }
    assert!(n >= 2);
    let len = w.len();
    let mut buf2 = buf;
    {
        let mut w = AttrWriter::new(&mut buf2[len..]);
        ListReply::write_head(&mut w, ListWhat::SESSIONS, 42).unwrap();
        assert_eq!(w.len(), ListReply::HEAD_LEN);
    }
    let stream = &buf2[..len + ListReply::HEAD_LEN];
    let reply = ListReply::parse(stream).unwrap();
    assert_eq!((reply.what, reply.next_cursor), (ListWhat::SESSIONS, 42));
    assert_eq!(reply.entries().count() as u64, n);
    for e in reply.entries() {
        assert_eq!(SessionEntry::parse(e).unwrap(), entry);
    }
    hostile(stream);

    round_trip!(
        List,
        List {
            what: ListWhat::LOCKS,
            cursor: 1,
            max: 100
        }
    );
    round_trip!(
        ServerEntry,
        ServerEntry {
            software: "ksmbd",
            state: 1,
            uptime_s: 2,
            connections: 3,
            sessions: 4,
            trees: 5,
            opens: 6,
            requests: 7,
            bytes_in: 8,
            bytes_out: 9,
            errors: 10
        }
    );
    round_trip!(
        ConnectionEntry,
        ConnectionEntry {
            id: 1,
            peer: "x:1",
            dialect: 2,
            signing: 3,
            cipher: 4,
            requests: 5,
            age_s: 6,
            credits: 7,
            bytes_in: Some(8),
            bytes_out: None
        }
    );
    round_trip!(
        TreeEntry,
        TreeEntry {
            session_id: 1,
            tree_id: 2,
            share: "data",
            opens: 3,
            age_s: 4
        }
    );
    round_trip!(
        OpenEntry,
        OpenEntry {
            session_id: 1,
            tree_id: 2,
            file_id: 3,
            path: "a/b",
            access: 4,
            share_access: 5,
            size: 6
        }
    );
    round_trip!(
        LockEntry,
        LockEntry {
            file_id: 1,
            path: "a",
            offset: 2,
            length: 3,
            exclusive: true,
            waiting: false
        }
    );
}

#[test]
fn rules_of_attributes() {
    let mut bytes = encode!(PipeRead {
        pipe_id: 1,
        max_len: 2
    });
    // Unknown attributes are passed over, wherever they are.
    let mut buf = [0; 64];
    let mut w = AttrWriter::new(&mut buf);
    w.str(4000, "from the future").unwrap();
    let mut with_unknown = w.written().to_vec();
    with_unknown.extend_from_slice(&bytes);
    assert!(PipeRead::parse(&with_unknown).is_ok());
    // A missing one, a second one, a wrong size are not.
    assert_eq!(
        PipeRead::parse(&bytes[..12]),
        Err(Malformed::new("required attribute is missing"))
    );
    let first: Vec<u8> = bytes[..12].to_vec();
    bytes.extend_from_slice(&first);
    assert_eq!(
        PipeRead::parse(&bytes),
        Err(Malformed::new("attribute given twice"))
    );
    let mut buf = [0; 64];
    let mut w = AttrWriter::new(&mut buf);
    w.u32(17, 1).unwrap();
    w.u32(18, 1).unwrap();
    assert_eq!(
        PipeRead::parse(w.written()),
        Err(Malformed::new("attribute has the wrong size"))
    );
    // A header that claims less than itself, or more than there is.
    for len in [0u16, 3, 9] {
        let mut bad = [0u8; 8];
        bad[..2].copy_from_slice(&len.to_ne_bytes());
        assert!(Attrs::new(&bad).is_err(), "{len}");
    }
    // Flag bits are no part of the type; the last padding may be missing.
    let mut buf = [0; 64];
    let mut w = AttrWriter::new(&mut buf);
    w.nested(5, |w| w.u8(1, 1)).unwrap();
    w.bytes(6, b"x").unwrap();
    let n = w.len();
    let attrs = Attrs::new(&buf[..n - 3]).unwrap();
    assert!(attrs.iter().map(|a| a.ty).eq([5, 6]));
    // Text with NUL or not UTF-8.
    let mut buf = [0; 64];
    let mut w = AttrWriter::new(&mut buf);
    assert!(w.str(1, "a\0b").is_err());
    assert_eq!(w.len(), 0);
    w.u32(1, 0).unwrap();
    w.bytes(2, &[0xFF]).unwrap();
    assert!(Status::parse(w.written()).is_err());
}
