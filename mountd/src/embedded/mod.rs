// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine in this process: real sockets, real files, userspace crypto.
//!
//! [`start`] makes a server that waits for the daemon's START and gives the daemon its [`Link`]. The same
//! messages pass here by call that pass by netlink to the kernel module.
//!
//! Threads: one listener per socket, one receiver per connection, a pool of workers ([`work`]), and one that
//! ticks. All of them end when the link is dropped.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use kernel::prelude::*;
use ksmbd_engine::host::{Host, Interface, Listen};
use ksmbd_engine::server::{Job, Server};
use ksmbd_engine::time::{Monotonic, Timespec};
use ksmbd_hostcrypto::HostCrypto;

use crate::link::{Link, Sink};

mod creds;
mod fs;
mod interfaces;
mod log;
mod net;
mod pool;
mod sys;
#[cfg(test)]
mod tests;
mod work;

/// What the engine answers when no reply is due.
const NO_REPLY: u8 = 0;
/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How long a dropped link waits for connections to end.
const DRAIN: Duration = Duration::from_secs(5);

/// The host that this process is to the engine.
pub struct EmbeddedHost {
    fs: fs::LocalFs,
    crypto: HostCrypto<pool::Buffer>,
    workers: work::Workers<Job<EmbeddedHost>>,
    listeners: net::Listeners,
    sink: Sink,
    started: Instant,
    /// The server that this is the host of, while there is a link to it.
    server: Mutex<Option<kernel::sync::Arc<Server<EmbeddedHost>>>>,
}

impl work::Run for Job<EmbeddedHost> {
    fn run(self) {
        Job::run(self);
    }
}

impl Host for EmbeddedHost {
    type Pdu = pool::Buffer;
    type Payload = pool::Buffer;
    type Transport = net::Tcp;
    type Fs = fs::LocalFs;
    type Crypto = HostCrypto<pool::Buffer>;

    fn fs(&self) -> &fs::LocalFs {
        &self.fs
    }

    fn crypto(&self) -> &HostCrypto<pool::Buffer> {
        &self.crypto
    }

    fn now(&self) -> Monotonic {
        Monotonic(u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn wall_clock(&self) -> Timespec {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(d) => Timespec {
                sec: d.as_secs() as i64,
                nsec: d.subsec_nanos(),
            },
            // A clock before 1970 is a broken one.
            Err(_) => Timespec::default(),
        }
    }

    fn random(&self, out: &mut [u8]) {
        if let Err(e) = getrandom::fill(out) {
            // Nonces and challenges cannot be made up.
            pr_err!("no random numbers: {:?}\n", e);
            std::process::abort();
        }
    }

    fn spawn(&self, job: Job<Self>) -> Result<(), Job<Self>> {
        self.workers.spawn(job)
    }

    fn post(&self, command: u8, attrs: &[u8]) -> Result {
        (self.sink)(command, attrs);
        Ok(())
    }

    fn listen(&self, listen: &Listen<'_>) -> Result<u16> {
        let server = self
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let server = server.ok_or(ESHUTDOWN)?;
        self.listeners
            .listen(&server, listen)
            .map_err(|e| fs::error(&e))
    }

    fn stop_listening(&self) {
        self.listeners.stop();
    }

    fn interfaces(&self, only: &[u8]) -> Result<KVec<Interface>> {
        interfaces::list(only)
    }
}

/// Starts an engine in this process. What it has to say of its own accord goes to `sink`.
///
/// # Errors
/// Without `/proc`, memory or threads.
pub fn start(sink: Sink) -> io::Result<Arc<dyn Link>> {
    kernel::shim::set_log(log::log);
    let host = EmbeddedHost {
        fs: fs::LocalFs::new()?,
        crypto: HostCrypto::new(),
        workers: work::Workers::new(),
        listeners: net::Listeners::default(),
        sink,
        started: Instant::now(),
        server: Mutex::new(None),
    };
    let server = Server::new(host).map_err(io_error)?;
    *server
        .host()
        .server
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = Some(server.clone());
    server.host().fs.listener.set(Some(server.clone()));
    let stop = Arc::new((Mutex::new(false), Condvar::new()));
    let ticker = {
        let (server, stop) = (server.clone(), stop.clone());
        std::thread::Builder::new()
            .name("ksmbd-tick".into())
            .stack_size(work::STACK)
            .spawn(move || tick(&server, &stop))?
    };
    Ok(Arc::new(Embedded {
        server,
        stop,
        ticker: Some(ticker),
    }))
}

type Stop = (Mutex<bool>, Condvar);

fn tick(server: &kernel::sync::Arc<Server<EmbeddedHost>>, stop: &Stop) {
    let mut stopped = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopped {
        let (next, waited) = stop
            .1
            .wait_timeout(stopped, TICK)
            .unwrap_or_else(PoisonError::into_inner);
        stopped = next;
        if waited.timed_out() {
            drop(stopped);
            Server::tick(server);
            stopped = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The daemon's link to the engine in this process.
struct Embedded {
    server: kernel::sync::Arc<Server<EmbeddedHost>>,
    stop: Arc<Stop>,
    ticker: Option<JoinHandle<()>>,
}

impl Embedded {
    fn call(&self, command: u8, attrs: &[u8]) -> io::Result<(u8, KVec<u8>)> {
        let mut reply = KVec::new();
        let result = Server::daemon_message(&self.server, command, attrs, &mut reply);
        // The engine may have worked on files as some user; this thread is the daemon's.
        if self.server.host().fs.restore_thread().is_err() {
            pr_err!("cannot take a user's rights off a thread of the daemon\n");
            std::process::abort();
        }
        Ok((result.map_err(io_error)?, reply))
    }
}

fn io_error(e: Error) -> io::Error {
    io::Error::from_raw_os_error(-e.to_errno())
}

impl Link for Embedded {
    fn send(&self, command: u8, attrs: &[u8]) -> io::Result<(u8, std::vec::Vec<u8>)> {
        let (command, reply) = self.call(command, attrs)?;
        Ok((command, reply.to_vec()))
    }

    fn post(&self, command: u8, attrs: &[u8]) -> io::Result<()> {
        match self.call(command, attrs)? {
            (NO_REPLY, _) => Ok(()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        Server::stop(&self.server);
        let end = Instant::now() + DRAIN;
        while self.server.connection_count() != 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(ticker) = self.ticker.take() {
            let _ = ticker.join();
        }
        let host = self.server.host();
        host.fs.listener.set(None);
        host.workers.stop();
        if host.fs.restore_thread().is_err() {
            pr_err!("cannot take a user's rights off a thread of the daemon\n");
            std::process::abort();
        }
        let server = host
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(server);
    }
}
