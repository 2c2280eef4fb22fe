// SPDX-License-Identifier: GPL-2.0-or-later
//! WS-Discovery: the server as a computer in Windows' network view.
//!
//! On every link: a socket that gets what is sent to the group, one that sends
//! and gets what is sent to the address itself, and a listener for the metadata.
//! One thread waits for all of them.

mod http;
mod soap;

use std::io::ErrorKind;
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, TcpListener, TcpStream,
    UdpSocket,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, SockAddr, Socket, Type};

use crate::limit::Limit;
use crate::links::{links, Link};
use crate::Plan;
use soap::{Device, Question};

/// Longest message that is read, in bytes.
pub const MAX_MESSAGE: usize = 8192;
/// Port of discovery.
const PORT: u16 = 3702;
/// Port of the metadata.
const HTTP_PORT: u16 = 5357;
const GROUP4: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);
const GROUP6: Ipv6Addr = Ipv6Addr::new(0xFF02, 0, 0, 0, 0, 0, 0, 0xC);
/// Most links that are served.
const MAX_LINKS: usize = 64;
/// Most connections for the metadata at a time.
const MAX_CLIENTS: usize = 8;
/// How often Hello and Bye are said: datagrams get lost.
const REPEAT: usize = 3;
/// How long one waits for what comes before looking whether it is to end.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 200_000_000,
};

/// The sockets of one link.
struct Sockets {
    link: Link,
    group: UdpSocket,
    own: UdpSocket,
    http: TcpListener,
}

fn scoped(link: &Link, ip: IpAddr, port: u16) -> SocketAddr {
    match ip {
        IpAddr::V4(ip) => SocketAddrV4::new(ip, port).into(),
        IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, link.index).into(),
    }
}

impl Sockets {
    fn open(link: Link) -> Result<Self> {
        let domain = match link.ip {
            IpAddr::V4(_) => Domain::IPV4,
            IpAddr::V6(_) => Domain::IPV6,
        };
        let socket = |kind, protocol, ip, port| -> std::io::Result<Socket> {
            let s = Socket::new(domain, kind, Some(protocol))?;
            if domain == Domain::IPV6 {
                s.set_only_v6(true)?;
            }
            s.set_reuse_address(true)?;
            // What comes by another interface is not of this link.
            s.bind_device(Some(link.interface.as_bytes()))?;
            s.bind(&SockAddr::from(scoped(&link, ip, port)))?;
            s.set_nonblocking(true)?;
            Ok(s)
        };
        let group_ip = match link.ip {
            IpAddr::V4(_) => IpAddr::V4(GROUP4),
            IpAddr::V6(_) => IpAddr::V6(GROUP6),
        };
        let group = socket(Type::DGRAM, Protocol::UDP, group_ip, PORT)?;
        let own = socket(Type::DGRAM, Protocol::UDP, link.ip, PORT)?;
        match link.ip {
            IpAddr::V4(ip) => {
                group.join_multicast_v4_n(&GROUP4, &InterfaceIndexOrAddress::Index(link.index))?;
                own.set_multicast_if_v4(&ip)?;
                own.set_multicast_ttl_v4(1)?;
                // Answers are for the link only, whatever a router would do.
                own.set_ttl_v4(1)?;
            }
            IpAddr::V6(_) => {
                group.join_multicast_v6(&GROUP6, link.index)?;
                own.set_multicast_if_v6(link.index)?;
                own.set_multicast_hops_v6(1)?;
                own.set_unicast_hops_v6(1)?;
            }
        }
        let http = socket(Type::STREAM, Protocol::TCP, link.ip, HTTP_PORT)?;
        http.listen(8)?;
        Ok(Self {
            link,
            group: group.into(),
            own: own.into(),
            http: http.into(),
        })
    }

    /// Where the metadata of the device is.
    fn at(&self, uuid: &str) -> String {
        match self.link.ip {
            IpAddr::V4(ip) => format!("http://{ip}:{HTTP_PORT}/{uuid}"),
            IpAddr::V6(ip) => format!("http://[{ip}]:{HTTP_PORT}/{uuid}"),
        }
    }

    /// Says something to everybody on the link.
    fn tell(&self, text: &str) {
        let group = match self.link.ip {
            IpAddr::V4(_) => IpAddr::V4(GROUP4),
            IpAddr::V6(_) => IpAddr::V6(GROUP6),
        };
        if let Err(e) = self
            .own
            .send_to(text.as_bytes(), scoped(&self.link, group, PORT))
        {
            tracing::debug!(interface = self.link.interface, "WS-Discovery: {e}");
        }
    }
}

struct Shared {
    plan: Plan,
    device: Mutex<Device>,
    limit: Mutex<Limit>,
    clients: AtomicUsize,
    stop: AtomicBool,
}

impl Shared {
    fn device(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, ip: IpAddr) -> bool {
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.admit(ip, Instant::now())
    }

    /// Answers what lies in a socket of datagrams.
    fn datagrams(&self, sockets: &Sockets, from: &UdpSocket) {
        let mut buf = [0; MAX_MESSAGE + 1];
        // Others get their turn, too.
        for _ in 0..16 {
            let (len, peer) = match from.recv_from(&mut buf) {
                Ok(got) => got,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if !sockets.link.has(peer.ip()) {
                continue;
            }
            let message = buf.get(..len).unwrap_or_default();
            let Some(asked) = soap::parse(message, &self.plan.uuid) else {
                continue;
            };
            if asked.question == Question::Get || !self.admit(peer.ip()) {
                continue;
            }
            let at = sockets.at(&self.plan.uuid);
            let Some(id) = uuid() else { return };
            let answer = self.device().answer(&asked, &id, &at);
            if let Err(e) = sockets.own.send_to(answer.as_bytes(), peer) {
                tracing::debug!(%peer, "WS-Discovery: {e}");
            }
        }
    }

    /// Takes a connection for the metadata.
    fn connection(self: &Arc<Self>, sockets: &Sockets) {
        let Ok((stream, peer)) = sockets.http.accept() else {
            return;
        };
        if !sockets.link.has(peer.ip()) || !self.admit(peer.ip()) {
            return;
        }
        if self.clients.fetch_add(1, Ordering::Relaxed) >= MAX_CLIENTS {
            self.clients.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let shared = self.clone();
        let spawned = std::thread::Builder::new().spawn(move || {
            if let Err(e) = shared.serve(stream) {
                tracing::debug!(%peer, "metadata: {e}");
            }
            shared.clients.fetch_sub(1, Ordering::Relaxed);
        });
        if spawned.is_err() {
            self.clients.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(http::PATIENCE))?;
        stream.set_write_timeout(Some(http::PATIENCE))?;
        let uuid_of_all = &self.plan.uuid;
        http::serve(&mut stream, &format!("/{uuid_of_all}"), |body| {
            let asked = soap::parse(body, uuid_of_all)?;
            // Only here: a Probe to a known device (DPWS 1.0, 4.3) is none of this.
            (asked.question == Question::Get)
                .then(uuid)
                .flatten()
                .map(|id| self.device().answer(&asked, &id, ""))
        })
    }

    /// Waits for questions until it is to stop.
    fn run(self: &Arc<Self>, all: &[Sockets]) {
        while !self.stop.load(Ordering::Relaxed) {
            let mut fds: Vec<PollFd<'_>> = all
                .iter()
                .flat_map(|s| {
                    [
                        PollFd::new(&s.group, PollFlags::IN),
                        PollFd::new(&s.own, PollFlags::IN),
                        PollFd::new(&s.http, PollFlags::IN),
                    ]
                })
                .collect();
            match poll(&mut fds, Some(&PATIENCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(e) => {
                    tracing::error!("WS-Discovery: {e}");
                    return;
                }
            }
            for (sockets, ready) in all.iter().zip(fds.chunks(3)) {
                let is_ready = |n: usize| ready.get(n).is_some_and(|f| !f.revents().is_empty());
                if is_ready(0) {
                    self.datagrams(sockets, &sockets.group);
                }
                if is_ready(1) {
                    self.datagrams(sockets, &sockets.own);
                }
                if is_ready(2) {
                    self.connection(sockets);
                }
            }
        }
    }

    fn hello(&self, all: &[Sockets]) {
        for n in 0..REPEAT {
            for s in all {
                let at = s.at(&self.plan.uuid);
                let Some(id) = uuid() else { return };
                let text = self.device().hello(&id, &at);
                s.tell(&text);
            }
            pause(n);
        }
    }

    fn bye(&self, all: &[Sockets]) {
        for n in 0..REPEAT {
            for s in all {
                let Some(id) = uuid() else { return };
                let text = self.device().bye(&id);
                s.tell(&text);
            }
            pause(n);
        }
    }
}

fn pause(n: usize) {
    if n + 1 < REPEAT {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A random UUID (RFC 9562, version 4); `None` without randomness.
fn uuid() -> Option<String> {
    let mut b = [0; 16];
    getrandom::fill(&mut b).ok()?;
    let n = u128::from_be_bytes(b) & !(0xF << 76) | 0x4 << 76;
    let n = n & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{n:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Some(format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    ))
}

/// Answers until it is dropped.
pub(crate) struct Responder {
    shared: Arc<Shared>,
    links: Vec<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Responder {
    /// Opens the sockets of all links and says Hello.
    pub(crate) fn start(plan: &Plan) -> Result<Self> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let shared = Arc::new(Shared {
            plan: plan.clone(),
            device: Mutex::new(Device::new(plan, now.as_secs())),
            limit: Mutex::new(Limit::new(Instant::now())),
            clients: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let mut responder = Self {
            shared,
            links: Vec::new(),
            thread: None,
        };
        responder.open()?;
        Ok(responder)
    }

    fn open(&mut self) -> Result<()> {
        let mut found = links(&self.shared.plan.interfaces)?;
        found.truncate(MAX_LINKS);
        let mut all = Vec::new();
        for link in &found {
            match Sockets::open(link.clone()) {
                Ok(sockets) => all.push(sockets),
                Err(e) => tracing::warn!(
                    interface = link.interface,
                    "no WS-Discovery at {}: {e:#} (another responder, for example wsdd?)",
                    link.ip
                ),
            }
        }
        self.links = found;
        if all.is_empty() {
            tracing::info!("WS-Discovery waits for an interface with an address");
            return Ok(());
        }
        tracing::info!(
            name = self.shared.plan.name,
            links = all.len(),
            "announced by WS-Discovery"
        );
        let shared = self.shared.clone();
        shared.stop.store(false, Ordering::Relaxed);
        let thread = std::thread::Builder::new()
            .name("wsd".to_owned())
            .spawn(move || {
                shared.hello(&all);
                shared.run(&all);
                shared.bye(&all);
            })
            .context("starting a thread")?;
        self.thread = Some(thread);
        Ok(())
    }

    fn close(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, there is nothing left to be ended.
            let _ = thread.join();
        }
    }

    /// Looks whether addresses came or went.
    pub(crate) fn rescan(&mut self) {
        match links(&self.shared.plan.interfaces) {
            Ok(mut now) => {
                now.truncate(MAX_LINKS);
                if now == self.links {
                    return;
                }
            }
            Err(_) => return,
        }
        self.close();
        if let Err(e) = self.open() {
            tracing::warn!("WS-Discovery: {e:#}");
        }
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_4() {
        let id = uuid().unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(uuid(), uuid());
    }
}
