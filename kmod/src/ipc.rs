// SPDX-License-Identifier: GPL-2.0-or-later
//! The way to the daemon and back.
//!
//! Messages are taken off the daemon's thread at once and handled by one worker in order: the daemon may be
//! killed at any moment, and a signal pending on its thread must not reach a client's request.
//!
//! The process that sent the last accepted START is the daemon: upcalls and events go to its socket, and only
//! its answers count. Administrative requests may come from others that have CAP_NET_ADMIN.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{Arc, ArcBorrow};

use ksmbd_engine::server::Server;
use proto_shared::ipc::{AttrWriter, Command, Status, MAX_MESSAGE};

use crate::net::Net;
use crate::sys::genl::{self, Receiver};
use crate::sys::queue::{Queue, Task};
use crate::sys::wipe;

/// Messages that may wait to be handled; more are refused with `EBUSY`.
const MAX_WAITING: u32 = 4096;

/// The link to the daemon.
pub(crate) struct Link {
    net: Arc<Net>,
    queue: Queue,
    /// The daemon's socket; 0 without a daemon.
    daemon: Atomic<u32>,
    waiting: Atomic<u32>,
    closing: Atomic<bool>,
}

/// One message on its way to the engine.
struct Message {
    link: Arc<Link>,
    portid: u32,
    seq: u32,
    command: Command,
    attrs: KVVec<u8>,
}

impl Task for Message {
    fn run(self) {
        self.link.handle(&self);
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // The answer to a log-in holds the session's key.
        wipe(&mut self.attrs);
        self.link.waiting.fetch_sub(1, Relaxed);
    }
}

impl Link {
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new(net: Arc<Net>) -> Result<Arc<Self>> {
        let link = Self {
            net,
            queue: Queue::new(c"ksmbd-ipc", true)?,
            daemon: Atomic::new(0),
            waiting: Atomic::new(0),
            closing: Atomic::new(false),
        };
        Ok(Arc::new(link, GFP_KERNEL)?)
    }

    /// Takes no more messages and waits for those that have been taken.
    pub(crate) fn close(&self) {
        self.closing.store(true, Relaxed);
        self.queue.flush();
    }

    /// See [`ksmbd_engine::host::Host::post`].
    ///
    /// # Errors
    /// `ECONNREFUSED` without a daemon, `ENOBUFS`, `ENOMEM`.
    pub(crate) fn post(&self, command: u8, attrs: &[u8]) -> Result {
        let daemon = self.daemon.load(Relaxed);
        if daemon == 0 {
            return Err(ECONNREFUSED);
        }
        genl::send(daemon, 0, command, attrs)
    }

    /// Makes the sender of START the daemon, unless there is another one.
    fn attach(&self, portid: u32) -> bool {
        match self.daemon.cmpxchg(0, portid, Relaxed) {
            Ok(_) => {
                pr_info!("daemon attached\n");
                true
            }
            Err(other) => other == portid,
        }
    }

    fn handle(&self, message: &Message) {
        if let Err(e) = self.try_handle(message) {
            self.answer_status(message, e);
        }
    }

    fn try_handle(&self, message: &Message) -> Result {
        let server = self.net.server().ok_or(ESHUTDOWN)?;
        match message.command {
            Command::START if !self.attach(message.portid) => return Err(EBUSY),
            Command::UPCALL_REPLY if self.daemon.load(Relaxed) != message.portid => {
                // A daemon that has been replaced; its requests have been given up.
                return Ok(());
            }
            _ => {}
        }
        let mut reply = KVec::new();
        let command = Server::daemon_message(&server, message.command.0, &message.attrs, &mut reply)?;
        if message.command == Command::UPCALL_REPLY {
            return Ok(());
        }
        genl::send(message.portid, message.seq, command, &reply)
    }

    fn answer_status(&self, message: &Message, e: Error) {
        if message.command == Command::UPCALL_REPLY {
            return;
        }
        let status = Status {
            code: e.to_errno(),
            message: "",
        };
        let mut buf = [0; 64];
        let mut w = AttrWriter::new(&mut buf);
        if status.write(&mut w).is_err() {
            return;
        }
        let len = w.len();
        // A requester that has gone needs no answer.
        let _ = genl::send(
            message.portid,
            message.seq,
            Command::STATUS.0,
            buf.get(..len).unwrap_or(&[]),
        );
    }
}

impl Receiver for Link {
    fn message(this: ArcBorrow<'_, Self>, portid: u32, seq: u32, command: u8, attrs: &[u8]) -> Result {
        if this.closing.load(Relaxed) {
            return Err(ESHUTDOWN);
        }
        if attrs.len() > MAX_MESSAGE {
            return Err(EMSGSIZE);
        }
        let mut copy = KVVec::with_capacity(attrs.len(), GFP_KERNEL)?;
        copy.extend_from_slice(attrs, GFP_KERNEL)?;
        let waiting = this.waiting.fetch_add(1, Relaxed);
        let message = Message {
            link: this.into(),
            portid,
            seq,
            command: Command(command),
            attrs: copy,
        };
        if waiting >= MAX_WAITING {
            return Err(EBUSY);
        }
        this.queue.submit(message).map_err(|_| ENOMEM)
    }

    fn portid_gone(&self, portid: u32) {
        if self.daemon.cmpxchg(portid, 0, Relaxed).is_ok() {
            pr_info!("daemon gone; clients stay, log-ins wait for the next one\n");
        }
    }
}
