// SPDX-License-Identifier: GPL-2.0-or-later
//! Listening sockets: one for all interfaces, or one for each that is named.

use kernel::prelude::*;
use kernel::sync::Arc;

use ksmbd_engine::host::Listen;
use ksmbd_engine::server::{PeerAddr, Server};

use super::{conn, Net, TheServer};
use crate::sys::socket::{self, Socket};
use crate::sys::thread::{Current, Thread};

/// Pause after a failed accept, for example without memory.
const RETRY_MS: u32 = 50;

/// An open listener. Dropping it closes the socket and waits for the thread.
struct Listener {
    /// Empty for all interfaces.
    interface: KVec<u8>,
    ifindex: c_int,
    socket: Arc<Socket>,
    _thread: Thread,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The thread's accept() returns; the field is dropped, and so joined, after this.
        self.socket.shutdown();
    }
}

impl Listener {
    fn open(net: &Arc<Net>, server: &TheServer, port: u16, interface: &[u8]) -> Result<Self> {
        let ifindex = if interface.is_empty() {
            0
        } else {
            socket::ifindex(interface)?
        };
        let mut name = KVec::new();
        name.extend_from_slice(interface, GFP_KERNEL)?;
        let socket = Arc::new(Socket::listen(port, ifindex)?, GFP_KERNEL)?;
        let (net, server, accepting) = (net.clone(), server.clone(), socket.clone());
        let thread = Thread::spawn(c"ksmbd-listen", move |current| {
            accept_loop(&net, &server, &accepting, current);
        })?;
        Ok(Self {
            interface: name,
            ifindex,
            socket,
            _thread: thread,
        })
    }
}

fn accept_loop(net: &Arc<Net>, server: &TheServer, socket: &Socket, current: &Current) {
    while !current.should_stop() {
        match socket.accept() {
            Ok((socket, peer)) => {
                let peer = PeerAddr {
                    ip: peer.ip,
                    port: peer.port,
                };
                // Limits come before anything is allocated for the peer; a refused socket just closes.
                let taken = Server::admit(server, &peer)
                    .and_then(|permit| conn::start(net, server, permit, socket, peer));
                if let Err(e) = taken {
                    pr_debug!("{}: refused: {}\n", format_args!("{}", peer), e.to_errno());
                }
            }
            Err(e) if e == EINVAL => break,
            Err(_) => current.sleep_ms(RETRY_MS),
        }
    }
}

/// What is to be listened on, and what is.
pub(super) struct Listeners {
    /// The port asked for; 0 for any free one.
    asked: u16,
    /// The port in use.
    port: u16,
    /// Wanted interfaces; one empty name stands for all. Nothing in it: not listening.
    wanted: KVec<KVec<u8>>,
    open: KVec<Listener>,
    /// Set when the module is about to go.
    shut: bool,
}

impl Listeners {
    pub(super) fn new() -> Self {
        Self {
            asked: 0,
            port: 0,
            wanted: KVec::new(),
            open: KVec::new(),
            shut: false,
        }
    }

    /// Brings the listeners in line with `listen`, those that stay are not touched, and tells the port.
    ///
    /// # Errors
    /// What binding says, if nothing at all could be bound.
    pub(super) fn open(&mut self, net: &Arc<Net>, server: &TheServer, listen: &Listen<'_>) -> Result<u16> {
        if self.shut {
            return Err(ESHUTDOWN);
        }
        let mut wanted = KVec::new();
        for name in listen.interfaces.split(|b| *b == 0).filter(|n| !n.is_empty()) {
            wanted.push(copy(name)?, GFP_KERNEL)?;
        }
        if wanted.is_empty() {
            wanted.push(KVec::new(), GFP_KERNEL)?;
        }
        let before = (self.asked, self.port, core::mem::replace(&mut self.wanted, wanted));
        if listen.port != self.asked || self.open.is_empty() {
            self.open.clear();
            self.port = listen.port;
        }
        self.asked = listen.port;
        match self.bring_up(net, server) {
            Err(e) if self.open.is_empty() => {
                // An interface that does not exist yet may come; anything else is for the daemon to know.
                if e == ENODEV {
                    pr_warn!("no interface to listen on yet\n");
                    return Ok(self.port);
                }
                // The daemon keeps the old configuration, so keep to it as well.
                (self.asked, self.port, self.wanted) = before;
                if self.bring_up(net, server).is_err() {
                    pr_warn!("cannot listen any more where it did before; trying again\n");
                }
                Err(e)
            }
            // Part of it works; what does not is tried again at every tick.
            Err(_) | Ok(()) => Ok(self.port),
        }
    }

    /// Opens what is wanted and missing, closes what is not wanted or whose interface has gone.
    ///
    /// # Errors
    /// The last failure.
    fn bring_up(&mut self, net: &Arc<Net>, server: &TheServer) -> Result {
        let wanted = &self.wanted;
        self.open.retain(|l| {
            let still_there =
                l.interface.is_empty() || socket::ifindex(&l.interface).is_ok_and(|i| i == l.ifindex);
            still_there && wanted.iter().any(|w| **w == *l.interface)
        });
        let mut result = Ok(());
        for name in wanted.iter() {
            if self.open.iter().any(|l| *l.interface == **name) {
                continue;
            }
            match Listener::open(net, server, self.port, name) {
                Ok(listener) => {
                    // With port 0 the first listener finds one, and the others take the same.
                    self.port = listener.socket.port();
                    self.open.push(listener, GFP_KERNEL)?;
                }
                Err(e) => result = Err(e),
            }
        }
        result
    }

    /// Interfaces come and go; called now and then.
    pub(super) fn refresh(&mut self, net: &Arc<Net>, server: &TheServer) {
        if !self.shut && !self.wanted.is_empty() {
            // What cannot be opened now is tried again at the next tick.
            let _ = self.bring_up(net, server);
        }
    }

    /// Stops listening.
    pub(super) fn close(&mut self) {
        self.wanted.clear();
        self.open.clear();
    }

    /// Stops listening for good.
    pub(super) fn shut(&mut self) {
        self.shut = true;
        self.close();
    }
}

fn copy(bytes: &[u8]) -> Result<KVec<u8>> {
    let mut v = KVec::with_capacity(bytes.len(), GFP_KERNEL)?;
    v.extend_from_slice(bytes, GFP_KERNEL)?;
    Ok(v)
}
