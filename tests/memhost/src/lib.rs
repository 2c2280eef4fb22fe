// SPDX-License-Identifier: GPL-2.0-or-later
//! A host of the engine without a machine: files in memory, virtual time, frames in queues, a scripted daemon,
//! and a client that speaks to it. Everything happens in the caller's thread and in an order that repeats
//! itself, so that a test can make the n-th allocation fail, and a fuzzer can run its input twice.
//!
//! ```
//! use ksmbd_memhost::{client::Client, Rig};
//!
//! let rig = Rig::new();
//! let mut client = Client::log_in(&rig, Default::default());
//! client.tree_connect("data").unwrap();
//! ```

pub mod client;
mod clock;
pub mod daemon;
mod data;
pub mod fs;
mod host;
pub mod script;

pub use clock::Clock;
pub use data::Data;
pub use host::{MemHost, Wire};

use std::sync::{Arc, Mutex, PoisonError};

use kernel::alloc::KVec;
use kernel::error::Result;
use ksmbd_engine::conn::{Conn, Verdict};
use ksmbd_engine::server::{PeerAddr, Server};

use daemon::{Daemon, Settings};

/// The engine's reference count, not the standard library's.
pub type Shared<T> = kernel::sync::Arc<T>;

/// A server with its daemon.
pub struct Rig {
    /// The server.
    pub server: Shared<Server<MemHost>>,
    /// What answers upcalls.
    pub daemon: Mutex<Daemon>,
}

impl Default for Rig {
    fn default() -> Self {
        Self::new()
    }
}

impl Rig {
    /// A server as [`Settings::default`] configures it, with the shares `data` and `IPC$`.
    ///
    /// # Panics
    /// Without memory.
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    /// A server with another configuration.
    ///
    /// # Panics
    /// Without memory, or if the engine refuses the configuration.
    pub fn with(settings: Settings) -> Self {
        let server = Server::new(MemHost::new()).unwrap();
        let start = settings.start_message();
        let mut reply = KVec::new();
        Server::daemon_message(&server, start.0, &start.1, &mut reply).unwrap();
        let rig = Self {
            server,
            daemon: Mutex::new(Daemon::new(settings)),
        };
        rig.settle();
        rig
    }

    /// The host.
    pub fn host(&self) -> &MemHost {
        self.server.host()
    }

    /// Connects a peer. Its address is `10.0.0.last`.
    ///
    /// # Errors
    /// The engine's.
    pub fn connect(&self, last: u8) -> Result<(Shared<Conn<MemHost>>, Wire)> {
        let ip = std::net::Ipv4Addr::new(10, 0, 0, last)
            .to_ipv6_mapped()
            .octets();
        let permit = Server::admit(&self.server, &PeerAddr { ip, port: 50_000 })?;
        let wire = Wire::default();
        let conn = Server::connect(&self.server, permit, wire.clone())?;
        Ok((conn, wire))
    }

    /// Gives the engine a frame, and does all that follows. Returns whether the connection is still there; if
    /// not, the engine has been told that it ended.
    pub fn receive(&self, conn: &Shared<Conn<MemHost>>, wire: &Wire, frame: &[u8]) -> bool {
        let alive = frame.len() <= conn.max_frame()
            && match Conn::on_frame(conn, Data(frame.to_vec())) {
                Verdict::Run(job) => {
                    job.run();
                    true
                }
                Verdict::Done => true,
                Verdict::Close => false,
            };
        self.settle();
        if alive && !wire.is_dead() {
            return true;
        }
        self.disconnect(conn, wire);
        false
    }

    /// Ends a connection, once.
    pub fn disconnect(&self, conn: &Shared<Conn<MemHost>>, wire: &Wire) {
        if wire.close() {
            Conn::on_closed(conn);
            self.settle();
        }
    }

    /// Runs what there is to run and answers what the daemon is asked, until nothing is left.
    pub fn settle(&self) {
        loop {
            if let Some(job) = self.host().take_job() {
                job.run();
                continue;
            }
            let Some((command, attrs)) = self.host().take_post() else {
                return;
            };
            let answer = self
                .daemon
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .hear(command, &attrs);
            if let Some((command, attrs)) = answer {
                let mut reply = KVec::new();
                // Without memory the engine forgets the answer, and the request's time runs out.
                let _ = Server::daemon_message(&self.server, command, &attrs, &mut reply);
            }
        }
    }

    /// Lets virtual time pass, with the ticks that belong to it.
    pub fn advance_ms(&self, ms: u64) {
        let mut left = ms;
        while left != 0 {
            let step = left.min(500);
            self.host().clock().advance_ms(step);
            left -= step;
            Server::tick(&self.server);
            self.settle();
        }
    }

    /// Stops the server and waits for it.
    pub fn stop(&self) {
        Server::stop(&self.server);
        self.settle();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A shared queue of byte strings.
pub(crate) type Queue<T> = Arc<Mutex<std::collections::VecDeque<T>>>;

pub(crate) fn locked<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}
