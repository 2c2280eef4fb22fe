// SPDX-License-Identifier: GPL-2.0-or-later
//! TCP for the embedded host: listeners, one receiving thread per connection, and the sending side.
//!
//! Frames have four bytes before them: a zero and the length in 24 bits ([MS-SMB2] 2.1). A frame's buffer is
//! not allocated before the engine has said that a frame of this length is welcome.

use std::io::{self, IoSlice, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use kernel::prelude::*;
use ksmbd_engine::conn::{Conn, Verdict};
use ksmbd_engine::host::{Host, Listen, Pdu, Segment, Transport};
use ksmbd_engine::server::{PeerAddr, Server};
use ksmbd_hostcrypto::Bytes;
use rustix::net::{self as rnet, sockopt, AddressFamily, RecvFlags, SocketFlags, SocketType};

use super::pool::Buffer;
use super::{sys, work, EmbeddedHost};

type EngineServer = kernel::sync::Arc<Server<EmbeddedHost>>;
type EngineConn = kernel::sync::Arc<Conn<EmbeddedHost>>;

/// Largest frame that the framing can tell.
const MAX_MESSAGE: usize = 0xff_ffff;
/// How long a peer may take none of the bytes sent to it.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections that the kernel may keep for us to accept.
const BACKLOG: i32 = 256;
/// Bytes received at once while it is not known what they are.
const READ_AHEAD: usize = 4 << 10;
/// Frames from this length on are worth asking whether another one is there.
const LARGE: usize = 32 << 10;
/// First byte of an SMB message's framing.
const MESSAGE: u8 = 0;
/// First byte of a NetBIOS keep-alive (RFC 1002 4.3.7), which some clients send on this port too.
const KEEP_ALIVE: u8 = 0x85;

/// The sending side of a connection.
pub struct Tcp(Arc<Socket>);

struct Socket {
    stream: TcpStream,
    /// Held for a whole message.
    sending: Mutex<()>,
    dead: AtomicBool,
}

impl Socket {
    fn shutdown(&self) {
        if !self.dead.swap(true, Ordering::Relaxed) {
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }
}

impl Transport for Tcp {
    type Payload = Buffer;

    fn send(&self, message: KVec<Segment<Buffer>>) -> Result {
        debug_assert_eq!(
            kernel::shim::locks_held(),
            0,
            "sending under an engine lock"
        );
        let socket = &*self.0;
        let len = message.iter().map(Segment::len).sum::<usize>();
        if len > MAX_MESSAGE {
            return Err(EMSGSIZE);
        }
        let mut framing = (len as u32).to_be_bytes();
        framing[0] = MESSAGE;
        let mut slices = std::vec::Vec::new();
        slices
            .try_reserve_exact(message.len() + 1)
            .map_err(|_| ENOMEM)?;
        slices.push(IoSlice::new(&framing));
        slices.extend(message.iter().filter(|s| !s.is_empty()).map(|s| match s {
            Segment::Bytes(b) => IoSlice::new(b),
            Segment::Payload(p) => IoSlice::new(p.as_slice()),
        }));
        let _sending = socket
            .sending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if socket.dead.load(Ordering::Relaxed) {
            return Err(EPIPE);
        }
        write_all(&socket.stream, &mut slices).map_err(|e| {
            // Part of a message may be out: there is no way to go on.
            socket.shutdown();
            match e.kind() {
                io::ErrorKind::WouldBlock => ETIMEDOUT,
                _ => super::fs::error(&e),
            }
        })
    }

    fn shutdown(&self) {
        self.0.shutdown();
    }

    fn max_message(&self) -> usize {
        MAX_MESSAGE
    }

    fn retransmissions(&self) -> u32 {
        sys::retransmissions(&self.0.stream).unwrap_or(0)
    }
}

fn write_all(mut stream: &TcpStream, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !slices.is_empty() {
        match stream.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => IoSlice::advance_slices(&mut slices, n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The sockets that are listened on.
#[derive(Default)]
pub(super) struct Listeners(Mutex<std::vec::Vec<Listening>>);

struct Listening {
    listener: Arc<TcpListener>,
    interface: Interface,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// A network interface by name, or all of them.
type Interface = Option<std::vec::Vec<u8>>;

impl Listeners {
    /// Listens here instead of where it did before. Returns the port. If that fails, everything stays as it
    /// was.
    pub(super) fn listen(&self, server: &EngineServer, listen: &Listen<'_>) -> io::Result<u16> {
        let mut interfaces: std::vec::Vec<Interface> = listen
            .interfaces
            .split(|b| *b == 0)
            .filter(|n| !n.is_empty())
            .map(|n| Some(n.to_vec()))
            .collect();
        if interfaces.is_empty() {
            interfaces.push(None);
        }
        let sockets = match open_all(listen.port, &interfaces) {
            // The same port on other interfaces: the old sockets have to go first.
            Err(e) if e.kind() == io::ErrorKind::AddrInUse && self.has_port(listen.port) => {
                let old = self.places();
                self.stop();
                open_all(listen.port, &interfaces).inspect_err(|_| {
                    let again = old.1.and_then(|port| open_all(port, &old.0).ok());
                    if let Some(Err(e)) = again.map(|sockets| self.run(server, sockets)) {
                        pr_err!("cannot listen again where it did: {:?}\n", e);
                    }
                })?
            }
            other => other?,
        };
        self.stop();
        self.run(server, sockets)
    }

    /// Interfaces and port of what there is.
    fn places(&self) -> (std::vec::Vec<Interface>, Option<u16>) {
        let threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let port = threads
            .first()
            .and_then(|t| t.listener.local_addr().ok())
            .map(|a| a.port());
        (threads.iter().map(|t| t.interface.clone()).collect(), port)
    }

    fn has_port(&self, port: u16) -> bool {
        self.places().1 == Some(port)
    }

    /// Begins to accept. Returns the port.
    fn run(
        &self,
        server: &EngineServer,
        sockets: std::vec::Vec<(TcpListener, Interface)>,
    ) -> io::Result<u16> {
        let mut port = 0;
        for (socket, interface) in sockets {
            port = socket.local_addr()?.port();
            let listener = Arc::new(socket);
            let stop = Arc::new(AtomicBool::new(false));
            let (l, s, server) = (listener.clone(), stop.clone(), server.clone());
            let made = std::thread::Builder::new()
                .name("ksmbd-listener".into())
                .stack_size(work::STACK)
                .spawn(move || accept(&l, &s, &server));
            match made {
                Ok(thread) => {
                    self.0
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(Listening {
                            listener,
                            interface,
                            stop,
                            thread,
                        })
                }
                Err(e) => {
                    self.stop();
                    return Err(e);
                }
            }
        }
        Ok(port)
    }

    /// Closes the sockets. Connections made through them go on.
    pub(super) fn stop(&self) {
        let threads = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for t in threads {
            t.stop.store(true, Ordering::SeqCst);
            // Makes a waiting accept(2) return; the socket itself closes with its last owner, the thread.
            let _ = rnet::shutdown(&*t.listener, rnet::Shutdown::Both);
            drop(t.listener);
            if t.thread.thread().id() != std::thread::current().id() {
                let _ = t.thread.join();
            }
        }
    }
}

/// Opens a socket for each interface, all on one port.
fn open_all(
    mut port: u16,
    interfaces: &[Interface],
) -> io::Result<std::vec::Vec<(TcpListener, Interface)>> {
    let mut sockets = std::vec::Vec::new();
    for interface in interfaces {
        let socket = open(port, interface.as_deref())?;
        // With port 0 the first socket's is everybody's.
        port = socket.local_addr()?.port();
        sockets.push((socket, interface.clone()));
    }
    Ok(sockets)
}

/// Opens a listening socket, for both families if the machine has them.
fn open(port: u16, interface: Option<&[u8]>) -> io::Result<TcpListener> {
    let socket = |family| {
        rnet::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)
            .map_err(io::Error::from)
    };
    let listen = |fd: std::os::fd::OwnedFd, addr: SocketAddr| {
        sockopt::set_socket_reuseaddr(&fd, true)?;
        if let Some(name) = interface {
            sys::bind_to_device(&fd, name)?;
        }
        rnet::bind(&fd, &addr)?;
        rnet::listen(&fd, BACKLOG)?;
        Ok(TcpListener::from(fd))
    };
    let v6 = socket(AddressFamily::INET6).and_then(|fd| {
        sockopt::set_ipv6_v6only(&fd, false)?;
        listen(fd, (Ipv6Addr::UNSPECIFIED, port).into())
    });
    match v6 {
        Err(e)
            if e.raw_os_error()
                .is_some_and(|n| n == libc::EAFNOSUPPORT || n == libc::EADDRNOTAVAIL) =>
        {
            listen(
                socket(AddressFamily::INET)?,
                (Ipv4Addr::UNSPECIFIED, port).into(),
            )
        }
        other => other,
    }
}

fn accept(listener: &TcpListener, stop: &AtomicBool, server: &EngineServer) {
    while !stop.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((stream, peer)) => welcome(server, stream, peer),
            Err(_) if stop.load(Ordering::SeqCst) => return,
            Err(e) => {
                // A connection that ended before it was accepted is nothing; without descriptors or memory
                // trying again at once would only burn time.
                if e.kind() != io::ErrorKind::ConnectionAborted
                    && e.kind() != io::ErrorKind::Interrupted
                {
                    pr_warn!("accept: {:?}\n", e);
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }
}

/// Asks the engine about a new peer, and receives from it if it is welcome.
fn welcome(server: &EngineServer, stream: TcpStream, peer: SocketAddr) {
    let ip = match peer.ip() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    let Ok(permit) = Server::admit(
        server,
        &PeerAddr {
            ip: ip.octets(),
            port: peer.port(),
        },
    ) else {
        return;
    };
    let made = stream
        .set_nodelay(true)
        .and_then(|()| stream.set_write_timeout(Some(SEND_TIMEOUT)))
        .and_then(|()| Ok(sockopt::set_socket_keepalive(&stream, true)?));
    if made.is_err() {
        return;
    }
    let socket = Arc::new(Socket {
        stream,
        sending: Mutex::new(()),
        dead: AtomicBool::new(false),
    });
    let server = server.clone();
    // A thread that cannot be made drops everything, and with it the permit.
    let made = std::thread::Builder::new()
        .name("ksmbd-conn".into())
        .stack_size(work::STACK)
        .spawn(move || {
            let Ok(conn) = Server::connect(&server, permit, Tcp(socket.clone())) else {
                return;
            };
            let _ = receive(&server, &conn, &socket.stream);
            socket.shutdown();
            Conn::on_closed(&conn);
        });
    if let Err(e) = made {
        pr_warn!("a connection's thread: {:?}\n", e);
    }
}

/// Bytes that came in with others before they were asked for.
struct ReadAhead {
    buf: [u8; READ_AHEAD],
    at: usize,
    end: usize,
}

impl ReadAhead {
    fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Fills `out`; `false` if the connection ended.
    fn take(&mut self, mut stream: &TcpStream, out: &mut [u8]) -> io::Result<bool> {
        let mut done = 0;
        while done < out.len() {
            if self.is_empty() {
                let left = &mut out[done..];
                if left.len() >= READ_AHEAD {
                    let n = match rnet::recv(stream, left, RecvFlags::WAITALL) {
                        Ok((n, _)) => n,
                        Err(rustix::io::Errno::INTR) => continue,
                        Err(e) => return Err(e.into()),
                    };
                    if n == 0 {
                        return Ok(false);
                    }
                    done += n;
                    continue;
                }
                let n = match stream.read(&mut self.buf) {
                    Ok(0) => return Ok(false),
                    Ok(n) => n,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => return Err(e),
                };
                (self.at, self.end) = (0, n);
            }
            let n = (out.len() - done).min(self.end - self.at);
            out[done..done + n].copy_from_slice(&self.buf[self.at..self.at + n]);
            done += n;
            self.at += n;
        }
        Ok(true)
    }
}

/// Receives frames until the connection ends.
fn receive(server: &EngineServer, conn: &EngineConn, stream: &TcpStream) -> io::Result<()> {
    let mut ahead = ReadAhead {
        buf: [0; READ_AHEAD],
        at: 0,
        end: 0,
    };
    let mut framing = [0; 4];
    while ahead.take(stream, &mut framing)? {
        let [kind, len @ ..] = framing;
        let len = u32::from_be_bytes([0, len[0], len[1], len[2]]) as usize;
        match kind {
            MESSAGE => {}
            KEEP_ALIVE if len == 0 => continue,
            _ => return Ok(()),
        }
        if len == 0 || len > conn.max_frame() {
            return Ok(());
        }
        let Ok(mut frame) = Buffer::new(len) else {
            return Ok(());
        };
        if !ahead.take(stream, frame.bytes_mut())? {
            return Ok(());
        }
        match Conn::on_frame(conn, frame) {
            Verdict::Run(job) => {
                // A client that waits for this answer gains nothing from another thread; one that has sent
                // the next request already does. After a short frame that is taken for granted, for
                // several of them would have come in together.
                let alone = ahead.is_empty() && (len < LARGE || !has_input(stream));
                if job.is_ordered() || alone && job.is_quick() {
                    job.run();
                } else if let Err(job) = server.host().spawn(job) {
                    job.run();
                }
            }
            Verdict::Done => {}
            Verdict::Close => return Ok(()),
        }
    }
    Ok(())
}

/// Whether there is something to be received (or the connection has ended).
fn has_input(stream: &TcpStream) -> bool {
    let mut byte = [0];
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    !matches!(
        rnet::recv(stream, &mut byte, flags),
        Err(rustix::io::Errno::AGAIN)
    )
}
