// SPDX-License-Identifier: GPL-2.0-or-later
//! One connection: the thread that receives, and the sending side.

use kernel::prelude::*;
use kernel::str::CString;
use kernel::sync::atomic::{Acquire, Atomic, Relaxed, Release};
use kernel::sync::{new_mutex, Arc, Mutex};

use ksmbd_engine::conn::{Conn, Verdict};
use ksmbd_engine::host::{self, Host, Payload, Segment};
use ksmbd_engine::server::{Job, PeerAddr, Permit, Server};
use proto_shared::netbios::{PacketType, SessionHeader};

use super::{Net, TheServer};
use crate::host::KernelHost;
use crate::sys::socket::{Pieces, Socket};
use crate::sys::thread::{Current, Thread};
use crate::vfs::{Data, Frame};

/// A peer that takes no byte for so long is dead.
const SEND_TIMEOUT_MS: u32 = 30_000;

/// Once a message has begun, its bytes come with no longer pause than this.
const BODY_TIMEOUT_MS: u32 = 30_000;

/// What 24 bits of length allow.
const MAX_MESSAGE: usize = 0xff_ffff;

/// The sending side.
pub(crate) struct Transport {
    socket: Arc<Socket>,
    /// One message at a time.
    turn: Pin<KBox<Mutex<()>>>,
    broken: Atomic<bool>,
}

impl Transport {
    fn new(socket: Arc<Socket>) -> Result<Self> {
        Ok(Self {
            socket,
            turn: KBox::pin_init(new_mutex!((), "ksmbd::Transport::turn"), GFP_KERNEL)?,
            broken: Atomic::new(false),
        })
    }
}

impl host::Transport for Transport {
    type Payload = Data;

    fn send(&self, message: KVec<Segment<Data>>) -> Result {
        let len = message
            .iter()
            .try_fold(0usize, |sum, segment| sum.checked_add(segment.len()))
            .ok_or(EMSGSIZE)?;
        let header = SessionHeader::message(len).map_err(|_| EMSGSIZE)?.to_bytes();
        let mut pieces = Pieces::with_capacity(message.len().saturating_add(1))?;
        pieces.push(&header)?;
        for segment in message.iter() {
            match segment {
                Segment::Bytes(bytes) => pieces.push(bytes)?,
                Segment::Payload(data) if data.is_empty() => {}
                Segment::Payload(data) => pieces.push(data.0.as_slice())?,
            }
        }

        let turn = self.turn.lock();
        // After half a message nothing that follows would make sense to the peer.
        if self.broken.load(Relaxed) {
            return Err(EPIPE);
        }
        let sent = self.socket.send(&mut pieces);
        if sent.is_err() {
            self.broken.store(true, Relaxed);
        }
        drop(turn);
        if sent.is_err() {
            self.socket.shutdown();
        }
        sent
    }

    fn shutdown(&self) {
        self.socket.shutdown();
    }

    fn max_message(&self) -> usize {
        MAX_MESSAGE
    }

    fn retransmissions(&self) -> u32 {
        self.socket.retransmissions()
    }
}

/// A connection's thread. Dropping it ends the connection and waits for the thread.
pub(super) struct Entry {
    done: Arc<Atomic<bool>>,
    socket: Arc<Socket>,
    _thread: Thread,
}

impl Entry {
    /// Whether the thread has nothing more to do than to end.
    pub(super) fn is_done(&self) -> bool {
        self.done.load(Acquire)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.socket.shutdown();
    }
}

/// Tells the engine, once, that a connection has ended, whatever ended it.
struct Closing(Arc<Conn<KernelHost>>);

impl Drop for Closing {
    fn drop(&mut self) {
        Conn::on_closed(&self.0);
    }
}

/// Takes an accepted socket in and starts its thread.
///
/// # Errors
/// `ENOMEM`, or what the engine says.
pub(super) fn start(
    net: &Arc<Net>,
    server: &TheServer,
    permit: Permit<KernelHost>,
    socket: Socket,
    peer: PeerAddr,
) -> Result {
    socket.tune(SEND_TIMEOUT_MS)?;
    let socket = Arc::new(socket, GFP_KERNEL)?;
    let done = Arc::new(Atomic::new(false), GFP_KERNEL)?;
    let name = CString::try_from_fmt(fmt!("ksmbd:{}", format_args!("{}", peer)))?;
    let transport = Transport::new(socket.clone())?;
    let closing = Closing(Server::connect(server, permit, transport)?);

    let thread = {
        let (net, server) = (net.clone(), server.clone());
        let (socket, done) = (socket.clone(), done.clone());
        Thread::spawn(&name, move |current| {
            receive(&net, server.host(), &closing.0, &socket, current);
            socket.shutdown();
            drop(closing);
            drop(server);
            done.store(true, Release);
        })?
    };
    let entry = Entry {
        done,
        socket,
        _thread: thread,
    };
    // Without memory for the list the entry is dropped, which ends the connection.
    net.conns.lock().push(entry, GFP_KERNEL)?;
    Ok(())
}

fn receive(
    net: &Net,
    host: &KernelHost,
    conn: &Arc<Conn<KernelHost>>,
    socket: &Socket,
    current: &Current,
) {
    while !current.should_stop() {
        match next_frame(net, conn, socket) {
            Ok(Some(frame)) => match Conn::on_frame(conn, frame) {
                Verdict::Run(job) => dispatch(host, socket, job),
                Verdict::Done => {}
                Verdict::Close => break,
            },
            Ok(None) => {}
            Err(_) => break,
        }
    }
}

/// Receives one frame; `None` for a keep-alive.
fn next_frame(net: &Net, conn: &Conn<KernelHost>, socket: &Socket) -> Result<Option<Frame>> {
    let mut head = [0; 4];
    if !socket.recv(&mut head, 0)? {
        return Err(ESHUTDOWN);
    }
    let header = SessionHeader::parse(head);
    if header.packet_type == PacketType::KEEP_ALIVE && header.len() == 0 {
        return Ok(None);
    }
    let len = SessionHeader::parse_message(head, conn.max_frame()).map_err(|_| EMSGSIZE)?;
    let mut buffer = net.pool.get(len)?;
    if len != 0 && !socket.recv(buffer.as_mut_slice(), BODY_TIMEOUT_MS)? {
        return Err(ECONNRESET);
    }
    Ok(Some(Frame(buffer)))
}

/// A short request is answered right here when nothing waits behind it: that saves a wake-up. Everything else
/// goes to the workers, so that requests of one connection run in parallel.
fn dispatch(host: &KernelHost, socket: &Socket, job: Job<KernelHost>) {
    if job.is_ordered() || job.is_quick() && !socket.has_data() {
        job.run();
        return;
    }
    if let Err(job) = host.spawn(job) {
        job.run();
    }
}
