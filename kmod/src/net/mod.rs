// SPDX-License-Identifier: GPL-2.0-or-later
//! Listeners and connections over TCP ([MS-SMB2] 2.1).
//!
//! One thread listens for each socket, one thread receives for each connection. Finished threads are joined by
//! [`Net::tick`], all others by [`Net::close`]. Nothing here is a module-wide static: a host has one [`Net`].
//!
//! # Locking
//!
//! `listeners` is held while listener threads are joined; these threads take `conns`, never `listeners`.
//! `conns` is held while finished connection threads are joined; those take neither.

pub(crate) mod conn;
mod listener;

use kernel::prelude::*;
use kernel::sync::{new_mutex, Arc, Mutex};

use ksmbd_engine::host::{Listen, LocalAction, LocalChange};
use ksmbd_engine::server::Server;

use crate::host::KernelHost;
use crate::sys::buffer::Pool;
use crate::sys::guard;
use crate::sys::watch::{Change, Receiver};

/// The server as this host runs it.
pub(crate) type TheServer = Arc<Server<KernelHost>>;

/// The network side of a host.
#[pin_data]
pub(crate) struct Net {
    pub(crate) pool: Pool,
    /// Set once the server is made, taken when the module goes: server and host hold each other until then.
    #[pin]
    server: Mutex<Option<TheServer>>,
    #[pin]
    listeners: Mutex<listener::Listeners>,
    #[pin]
    conns: Mutex<KVec<conn::Entry>>,
}

impl Net {
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new(pool: Pool) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                pool,
                server <- new_mutex!(None, "ksmbd::Net::server"),
                listeners <- new_mutex!(listener::Listeners::new(), "ksmbd::Net::listeners"),
                conns <- new_mutex!(KVec::new(), "ksmbd::Net::conns"),
            }),
            GFP_KERNEL,
        )
    }

    /// Says whose connections these are.
    pub(crate) fn set_server(&self, server: TheServer) {
        *self.server.lock() = Some(server);
    }

    /// The server, until [`Net::take_server`].
    pub(crate) fn server(&self) -> Option<TheServer> {
        self.server.lock().clone()
    }

    /// Breaks the circle between server and host.
    pub(crate) fn take_server(&self) -> Option<TheServer> {
        self.server.lock().take()
    }

    /// See [`ksmbd_engine::host::Host::listen`].
    ///
    /// # Errors
    /// What binding says, `ESHUTDOWN` when the module is about to go.
    pub(crate) fn listen(this: &Arc<Self>, listen: &Listen<'_>) -> Result<u16> {
        let server = this.server().ok_or(ESHUTDOWN)?;
        this.listeners.lock().open(this, &server, listen)
    }

    /// Closes all listeners and waits for their threads.
    pub(crate) fn stop_listening(&self) {
        self.listeners.lock().close();
    }

    /// Joins threads of ended connections, and opens listeners on interfaces that have appeared.
    pub(crate) fn tick(this: &Arc<Self>) {
        this.conns.lock().retain(|entry| !entry.is_done());
        if let Some(server) = this.server() {
            this.listeners.lock().refresh(this, &server);
        }
    }

    /// Closes everything for good and waits for all threads.
    pub(crate) fn close(&self) {
        self.listeners.lock().shut();
        // One at a time, without the lock: a connection that ends takes its time.
        loop {
            let entry = self.conns.lock().pop();
            match entry {
                Some(entry) => drop(entry),
                None => break,
            }
        }
    }
}

impl guard::Receiver for Net {
    fn broken(&self, dev: u64, ino: u64, writes: bool) {
        if let Some(server) = self.server() {
            Server::local_open(&server, dev, ino, writes);
        }
    }
}

impl Receiver for Net {
    fn changed(&self, token: u64, action: u32, is_dir: bool, path: &[u8]) {
        let Some(server) = self.server() else { return };
        let action = match action {
            Change::ADDED => LocalAction::Added,
            Change::REMOVED => LocalAction::Removed,
            Change::RENAMED_FROM => LocalAction::RenamedFrom,
            Change::RENAMED_TO => LocalAction::RenamedTo,
            Change::WRITTEN => LocalAction::Written,
            Change::ATTRIBUTES => LocalAction::Attributes,
            _ => return server.local_lost(token),
        };
        server.local_change(token, &LocalChange { action, path, is_dir });
    }
}
