// SPDX-License-Identifier: GPL-2.0-or-later
//! The kernel module: the engine's host inside the kernel.
//!
//! # Life
//!
//! Loading makes a server that waits for the daemon. Unloading works at any time, with clients attached and
//! writing: it ends their connections, waits for what runs, and leaves nothing behind. No reference to the
//! module is held meanwhile; instead every thread, worker and callback is waited for by [`Drop`] below.
//!
//! `unsafe` is in `src/sys` only.

#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

use kernel::prelude::*;
use kernel::sync::Arc;

use ksmbd_engine::server::Server;

#[path = "src/crypto.rs"]
mod crypto;
#[path = "src/host.rs"]
mod host;
#[path = "src/ipc.rs"]
mod ipc;
#[path = "src/net/mod.rs"]
mod net;
#[path = "src/sys/mod.rs"]
mod sys;
#[path = "src/vfs.rs"]
mod vfs;

use host::KernelHost;
use ipc::Link;
use net::Net;
use sys::buffer::Pool;
use sys::genl::Family;
use sys::queue::Queue;
use sys::thread::Thread;
use sys::guard::Guards;
use sys::watch::Watcher;

module! {
    type: Ksmbd,
    name: "ksmbd",
    authors: ["The ksmbd-rs authors"],
    description: "SMB server",
    license: "GPL",
}

/// How often the engine's clock ticks.
const TICK_MS: u32 = 500;
/// Ticks between two looks for buffers that nobody needs.
const TICKS_PER_TRIM: u32 = 20;

/// What lives as long as the module is loaded. Fields are dropped in this order, after `Drop::drop`.
struct Ksmbd {
    /// Taken first.
    ticker: Option<Thread>,
    /// Taken when nothing is left to be told to the daemon.
    family: Option<Family>,
    link: Arc<Link>,
    net: Arc<Net>,
    workers: Arc<Queue>,
    /// These go last: the server's watches and guards end first.
    _watcher: Watcher,
    _guards: Guards,
}

impl kernel::Module for Ksmbd {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let pool = Pool::new()?;
        let net = Net::new(pool.clone())?;
        let link = Link::new(net.clone())?;
        let workers = Arc::new(Queue::new(c"ksmbd", false)?, GFP_KERNEL)?;
        let watcher = Watcher::start(net.clone())?;
        let guards = Guards::start(net.clone())?;
        let server = Server::new(KernelHost {
            fs: vfs::KernelFs::new(pool)?,
            crypto: crypto::KernelCrypto::new(),
            workers: workers.clone(),
            net: net.clone(),
            link: link.clone(),
        })?;
        net.set_server(server);

        // From here on dropping `this` undoes everything.
        let mut this = Self {
            ticker: None,
            family: None,
            link,
            net,
            workers,
            _watcher: watcher,
            _guards: guards,
        };
        let net = this.net.clone();
        this.ticker = Some(Thread::spawn(c"ksmbd-tick", move |current| {
            let mut ticks = 0u32;
            while !current.should_stop() {
                current.sleep_ms(TICK_MS);
                if let Some(server) = net.server() {
                    Server::tick(&server);
                }
                Net::tick(&net);
                ticks = ticks.wrapping_add(1);
                if ticks % TICKS_PER_TRIM == 0 {
                    net.pool.trim();
                }
            }
        })?);
        this.family = Some(Family::register(this.link.clone())?);
        pr_info!("loaded, waiting for ksmbd.mountd\n");
        Ok(this)
    }
}

impl Drop for Ksmbd {
    fn drop(&mut self) {
        // No START may come behind our back.
        self.link.close();
        if let Some(server) = self.net.server() {
            Server::stop(&server);
        }
        self.ticker = None;
        // Every connection's thread ends; its parked requests are handed to the workers.
        self.net.close();
        self.workers.flush();
        // The daemon has been told by now; nothing is sent or received after this.
        self.family = None;
        // Server and host let go of each other; what a worker still held has been dropped by the flush.
        drop(self.net.take_server());
        self.workers.flush();
        pr_info!("unloaded\n");
    }
}
