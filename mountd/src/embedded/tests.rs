// SPDX-License-Identifier: GPL-2.0-or-later
//! The embedded host over real sockets: framing, limits, and the way through start, reload and stop.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use proto_shared::ipc::{AttrWriter, Blob, Command, ConfigFlags, ServerConfig, Status};
use proto_shared::ipc::{Event, EventKind, Listening};

use super::*;

/// A link whose events can be waited for.
struct Engine {
    link: Arc<dyn Link>,
    events: mpsc::Receiver<(u8, std::vec::Vec<u8>)>,
}

fn engine() -> Engine {
    let (tell, events) = mpsc::channel();
    let sink: Sink = Arc::new(move |command, attrs: &[u8]| {
        let _ = tell.send((command, attrs.to_vec()));
    });
    Engine {
        link: start(sink).unwrap(),
        events,
    }
}

impl Engine {
    fn start(&self, change: impl FnOnce(&mut ServerConfig<'_>)) -> i32 {
        let mut config = ServerConfig {
            server_guid: [1; 16],
            netbios_name: "TEST",
            tcp_port: 0,
            interfaces: b"lo",
            min_dialect: 0x0202,
            max_dialect: 0x0311,
            signing: 1,
            encryption: 1,
            ciphers: (&[2u16, 1][..]).into(),
            signing_algorithms: (&[1u16][..]).into(),
            max_read: 1 << 20,
            max_write: 1 << 20,
            max_trans: 1 << 20,
            max_credits: 64,
            max_connections: 100,
            max_connections_per_ip: 4,
            max_sessions: 10,
            max_sessions_per_connection: 4,
            max_opens: 100,
            max_inflight_bytes: 16 << 20,
            auth_timeout_ms: 1000,
            upcall_timeout_ms: 1000,
            dead_time_s: 0,
            flags: ConfigFlags::NONE,
            security_blob: Blob::from(&b"token"[..]),
        };
        change(&mut config);
        let mut buf = [0; 1024];
        let mut w = AttrWriter::new(&mut buf);
        config.write(&mut w).unwrap();
        self.order(Command::START, w.written())
    }

    fn order(&self, command: Command, attrs: &[u8]) -> i32 {
        let (answer, attrs) = self.link.send(command.0, attrs).unwrap();
        assert_eq!(Command(answer), Command::STATUS);
        Status::parse(&attrs).unwrap().code
    }

    /// The port of the next LISTENING, or 0 for STOPPED.
    fn next_event(&self) -> u16 {
        let (command, attrs) = self.events.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(Command(command), Command::EVENT);
        let event = Event::parse(&attrs).unwrap();
        match event.kind {
            EventKind::LISTENING => Listening::parse(event.body).unwrap().port,
            EventKind::STOPPED => 0,
            other => panic!("{other:?}"),
        }
    }
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream
}

/// NEGOTIATE of 2.1, framed.
fn negotiate(message_id: u8) -> std::vec::Vec<u8> {
    let mut m = vec![0, 0, 0, 102];
    m.extend_from_slice(b"\xfeSMB\x40\0\0\0");
    m.resize(4 + 64, 0);
    m[4 + 24] = message_id;
    m.extend_from_slice(&[36, 0, 1, 0, 1, 0, 0, 0]);
    m.resize(4 + 100, 0);
    m.extend_from_slice(&[0x10, 0x02]);
    m
}

fn reply(stream: &mut TcpStream) -> std::vec::Vec<u8> {
    let mut framing = [0; 4];
    stream.read_exact(&mut framing).unwrap();
    let mut message = vec![0; u32::from_be_bytes(framing) as usize];
    stream.read_exact(&mut message).unwrap();
    assert_eq!(message[..4], *b"\xfeSMB");
    message
}

/// Whether the other side has ended the connection (or refused it).
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = std::vec::Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => rest.is_empty(),
        Err(e) => e.kind() == io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn framing() {
    let engine = engine();
    assert_eq!(engine.start(|_| {}), 0);
    let port = engine.next_event();
    let ok = |stream: &mut TcpStream| assert_eq!(reply(stream)[8..12], [0; 4]);

    let mut whole = connect(port);
    whole.write_all(&negotiate(0)).unwrap();
    ok(&mut whole);

    // Byte by byte, after a keep-alive.
    let mut slow = connect(port);
    slow.set_nodelay(true).unwrap();
    for byte in [&[0x85, 0, 0, 0][..], &negotiate(0)].concat() {
        slow.write_all(&[byte]).unwrap();
    }
    ok(&mut slow);

    for bad in [
        &[0, 0, 0, 0][..],
        &[0, 0xff, 0xff, 0xff],
        &[0x81, 0, 0, 4],
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = connect(port);
        stream.write_all(bad).unwrap();
        assert!(is_closed(&mut stream), "{bad:02x?}");
    }
    // Half a frame, and gone.
    connect(port).write_all(&negotiate(0)[..50]).unwrap();

    // A second NEGOTIATE ends a connection ([MS-SMB2] 3.3.5.4).
    whole.write_all(&negotiate(1)).unwrap();
    assert!(is_closed(&mut whole));
}

#[test]
fn limits_and_deadlines() {
    let engine = engine();
    assert_eq!(engine.start(|_| {}), 0);
    let port = engine.next_event();
    let mut peers: std::vec::Vec<_> = (0..4).map(|_| connect(port)).collect();
    for peer in &mut peers {
        peer.write_all(&negotiate(0)).unwrap();
        reply(peer);
    }
    assert!(
        is_closed(&mut connect(port)),
        "a fifth connection of one address"
    );
    // Nobody logs in: all are shown out, and there is room again.
    for peer in &mut peers {
        assert!(is_closed(peer));
    }
    // (The server gives the room back a moment after the peer has noticed.)
    let served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let mut next = connect(port);
        let _ = next.write_all(&negotiate(0));
        next.read_exact(&mut [0; 4]).is_ok()
    });
    assert!(served);
}

#[test]
fn start_reload_stop() {
    let engine = engine();
    assert!(engine.start(|c| c.interfaces = b"no-such-interface") < 0);
    assert_eq!(engine.start(|c| c.auth_timeout_ms = 60_000), 0);
    let port = engine.next_event();
    let mut peer = connect(port);
    peer.write_all(&negotiate(0)).unwrap();
    reply(&mut peer);

    // The port is taken: the answer says so, the server goes on as before.
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken_port = taken.local_addr().unwrap().port();
    assert_eq!(
        engine.start(|c| (c.tcp_port, c.auth_timeout_ms) = (taken_port, 60_000)),
        -libc::EADDRINUSE
    );
    drop(taken);

    // Moved to another port: connections stay, new ones go there.
    assert_eq!(
        engine.start(|c| (c.tcp_port, c.auth_timeout_ms) = (taken_port, 60_000)),
        0
    );
    assert_eq!(engine.next_event(), taken_port);
    peer.write_all(&[0x85, 0, 0, 0]).unwrap();
    peer.set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    assert_eq!(
        peer.read(&mut [0]).map_err(|e| e.kind()),
        Err(io::ErrorKind::WouldBlock)
    );
    peer.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut there = connect(taken_port);
    there.write_all(&negotiate(0)).unwrap();
    reply(&mut there);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());

    assert_eq!(engine.order(Command::STOP, &[]), 0);
    assert!(is_closed(&mut peer));
    assert_eq!(engine.next_event(), 0);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, taken_port)).is_err());

    // And again.
    assert_eq!(
        engine.start(|c| (c.tcp_port, c.auth_timeout_ms) = (taken_port, 60_000)),
        0
    );
    assert_eq!(engine.next_event(), taken_port);
    let mut last = connect(taken_port);
    last.write_all(&negotiate(0)).unwrap();
    reply(&mut last);
    drop(engine);
    assert!(is_closed(&mut last));
}
