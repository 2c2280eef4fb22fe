// SPDX-License-Identifier: GPL-2.0-or-later
//! One server: its configuration, connections and sessions. A host may run several; nothing here is global.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::codec::NoSpace;
use proto_shared::ipc::{self, AttrWriter};
use proto_shared::status::NtStatus;

use crate::caching::dirs;
use crate::caching::retry::retry;
use crate::caching::LeaseTable;
use crate::config::Config;
use crate::conn::{dispatch, Conn};
use crate::durable;
use crate::error::SmbResult;
use crate::host::{Host, LocalChange};
use crate::notify::local::{self, Local};
use crate::notify::Notify;
use crate::open::InodeTable;
use crate::parking::{Parking, Which, Woken};
use crate::session::{Phase, Session};
use crate::stats::Stats;
use crate::table::IdTable;
use crate::time::Monotonic;
use crate::work::{Event, Token, Work};

/// Where a peer is. IPv4 addresses are mapped into IPv6.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr {
    /// Address in network order.
    pub ip: [u8; 16],
    /// Port in host order.
    pub port: u16,
}

impl core::fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let ip = core::net::Ipv6Addr::from(self.ip);
        match ip.to_ipv4_mapped() {
            Some(v4) => write!(f, "{}:{}", v4, self.port),
            None => write!(f, "[{}]:{}", ip, self.port),
        }
    }
}

impl core::fmt::Debug for PeerAddr {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl PeerAddr {
    /// The address as text in `buf`, which holds every form.
    pub(crate) fn format<'a>(&self, buf: &'a mut [u8; 64]) -> &'a str {
        let mut text = Text { buf, len: 0 };
        // 64 bytes hold "[…]:65535" of any address.
        let _ = core::fmt::Write::write_fmt(&mut text, format_args!("{self}"));
        let Text { buf, len } = text;
        buf.get(..len)
            .and_then(|b| core::str::from_utf8(b).ok())
            .unwrap_or("")
    }
}

/// Text in a buffer.
struct Text<'a> {
    buf: &'a mut [u8; 64],
    len: usize,
}

impl core::fmt::Write for Text<'_> {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        let end = self.len.saturating_add(s.len());
        self.buf
            .get_mut(self.len..end)
            .ok_or(core::fmt::Error)?
            .copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// A unit of work for [`Host::spawn`].
pub struct Job<H: Host> {
    pub(crate) work: KBox<Work<H>>,
    pub(crate) event: Option<Event>,
}

impl<H: Host> Job<H> {
    /// Does it. May sleep in file operations and in sends.
    pub fn run(self) {
        dispatch::run(self.work, self.event);
    }

    /// Whether it must be run on the thread that received it, before that receives more. It is then short, too.
    pub fn is_ordered(&self) -> bool {
        dispatch::is_ordered(&self.work)
    }

    /// Whether it is short enough to be run on the thread that received it.
    pub fn is_quick(&self) -> bool {
        dispatch::is_quick(&self.work)
    }
}

/// How far the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Stage {
    /// No daemon has configured it yet.
    Idle = 0,
    /// It serves.
    Running = 1,
    /// It takes no more connections and waits for the last to end.
    Stopping = 2,
}

pub(crate) struct Setting {
    pub(crate) stage: Stage,
    pub(crate) config: Option<Arc<Config>>,
    pub(crate) started: Monotonic,
}

/// Connections by address, for the limits.
struct Admission {
    total: u32,
    per_ip: KVec<([u8; 16], u32)>,
}

/// A server.
#[pin_data]
pub struct Server<H: Host> {
    host: H,
    #[pin]
    pub(crate) setting: Mutex<Setting>,
    #[pin]
    admission: Mutex<Admission>,
    #[pin]
    pub(crate) conns: Mutex<IdTable<Arc<Conn<H>>>>,
    #[pin]
    pub(crate) sessions: Mutex<IdTable<Arc<Session<H>>>>,
    #[pin]
    pub(crate) parking: Parking<H>,
    #[pin]
    pub(crate) inodes: InodeTable<H>,
    /// Leases; taken with no other lock held.
    #[pin]
    pub(crate) leases: Mutex<LeaseTable>,
    /// What survives a connection.
    #[pin]
    pub(crate) known: durable::Known<H>,
    /// Watched directories.
    #[pin]
    pub(crate) notify: Notify,
    #[pin]
    pub(crate) local: Local<H>,
    next_auth_id: Atomic<u64>,
    next_open_id: Atomic<u64>,
    /// Counters.
    pub stats: Stats,
}

/// Room for one connection; given back when dropped. The engine's limits are the daemon's.
pub struct Permit<H: Host> {
    server: Arc<Server<H>>,
    pub(crate) peer: PeerAddr,
}

impl<H: Host> Drop for Permit<H> {
    fn drop(&mut self) {
        let mut a = self.server.admission.lock();
        a.total = a.total.saturating_sub(1);
        let ip = self.peer.ip;
        if let Some(at) = a.per_ip.iter().position(|(k, _)| *k == ip) {
            let left = match a.per_ip.get_mut(at) {
                Some((_, n)) => {
                    *n = n.saturating_sub(1);
                    *n
                }
                None => 1,
            };
            if left == 0 {
                let last = a.per_ip.len().saturating_sub(1);
                a.per_ip.swap(at, last);
                a.per_ip.truncate(last);
            }
        }
    }
}

/// Most connections that any configuration allows.
const MAX_CONNECTIONS: u32 = 1 << 16;
/// Most sessions that any configuration allows.
const MAX_SESSIONS: u32 = 1 << 16;

impl<H: Host> Server<H> {
    /// Makes a server that waits for the daemon's START.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(host: H) -> Result<Arc<Self>> {
        let started = host.now();
        Arc::pin_init(
            pin_init!(Self {
                host,
                setting <- new_mutex!(
                    Setting { stage: Stage::Idle, config: None, started },
                    "ksmbd::Server::setting"
                ),
                admission <- new_mutex!(
                    Admission { total: 0, per_ip: KVec::new() },
                    "ksmbd::Server::admission"
                ),
                conns <- new_mutex!(IdTable::wide(MAX_CONNECTIONS), "ksmbd::Server::conns"),
                sessions <- new_mutex!(IdTable::wide(MAX_SESSIONS), "ksmbd::Server::sessions"),
                parking <- Parking::new(),
                inodes <- InodeTable::new(),
                leases <- new_mutex!(LeaseTable::new(), "ksmbd::Server::leases"),
                known <- durable::Known::new(),
                notify <- Notify::new(),
                local <- Local::new(),
                next_auth_id: Atomic::new(1),
                next_open_id: Atomic::new(1),
                stats: Stats::default(),
            }),
            GFP_KERNEL,
        )
    }

    /// The host.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// The configuration, once the daemon has given one.
    pub fn config(&self) -> Option<Arc<Config>> {
        self.setting.lock().config.clone()
    }

    /// How far the server is.
    pub fn stage(&self) -> Stage {
        self.setting.lock().stage
    }

    /// Number of connections.
    pub fn connection_count(&self) -> usize {
        self.conns.lock().len()
    }

    /// Number of requests that wait for something.
    pub fn parked_count(&self) -> usize {
        self.parking.len()
    }

    /// Number of files that clients have open, or that wait for theirs to come back.
    pub fn file_count(&self) -> usize {
        self.inodes.len()
    }

    /// Number of opens that wait for their clients to come back.
    pub fn away_count(&self) -> usize {
        self.known.away.lock().len()
    }

    /// Number of CREATE requests that are remembered in case they are sent again.
    pub fn replay_count(&self) -> usize {
        self.known.replays.lock().len()
    }

    /// Number of opens of application instances.
    pub fn instance_count(&self) -> usize {
        self.known.instances.lock().len()
    }

    pub(crate) fn next_auth_id(&self) -> u64 {
        self.next_auth_id.fetch_add(1, Relaxed)
    }

    /// A number no other open of this server has: the persistent half of a FileId, or a pipe's id.
    pub(crate) fn next_open_id(&self) -> u64 {
        self.next_open_id.fetch_add(1, Relaxed)
    }

    /// Asks for room for a connection, before anything is allocated for it.
    ///
    /// # Errors
    /// `EBUSY` when a limit is reached, `ESHUTDOWN` when the server does not run, `ENOMEM`.
    pub fn admit(this: &Arc<Self>, peer: &PeerAddr) -> Result<Permit<H>> {
        let config = {
            let setting = this.setting.lock();
            match (setting.stage, &setting.config) {
                (Stage::Running, Some(c)) => c.clone(),
                _ => return Err(ESHUTDOWN),
            }
        };
        let refuse = || {
            this.stats.refused.add(1);
            Err(EBUSY)
        };
        let mut a = this.admission.lock();
        if a.total >= config.max_connections {
            return refuse();
        }
        match a.per_ip.iter_mut().find(|(ip, _)| *ip == peer.ip) {
            Some((_, n)) if *n >= config.max_connections_per_ip => return refuse(),
            Some((_, n)) => *n = n.saturating_add(1),
            None => a.per_ip.push((peer.ip, 1), GFP_KERNEL)?,
        }
        a.total = a.total.saturating_add(1);
        drop(a);
        Ok(Permit {
            server: this.clone(),
            peer: *peer,
        })
    }

    /// Takes a connection in. The host then feeds it frames and, in the end, calls [`Conn::on_closed`].
    ///
    /// # Errors
    /// `ENOMEM`, `ESHUTDOWN`.
    pub fn connect(
        this: &Arc<Self>,
        permit: Permit<H>,
        transport: H::Transport,
    ) -> Result<Arc<Conn<H>>> {
        let config = this.config().ok_or(ESHUTDOWN)?;
        // The connection is made before the table's lock is taken; its id is known only inside.
        let conn = Conn::new(this.clone(), permit, transport, &config)?;
        let id = this.conns.lock().insert_with::<Error>(|id| {
            conn.set_id(id);
            Ok(conn.clone())
        })?;
        // Stop may have swept the table just before.
        if this.stage() != Stage::Running {
            let gone = this.conns.lock().remove(id);
            drop(gone);
            return Err(ESHUTDOWN);
        }
        Ok(conn)
    }

    /// Tells those who watch a directory what a local process did; `token` is that of
    /// [`Fs::watch`](crate::host::Fs::watch). May be called after the watch has ended.
    pub fn local_change(&self, token: u64, change: &LocalChange<'_>) {
        local::change(self, token, change);
    }

    /// Tells those who watch a directory that something happened which the host could not keep.
    pub fn local_lost(&self, token: u64) {
        local::lost(self, token);
    }

    /// A local process waits to open a file that this server guards, with `writes` to write to it or to truncate it; see
    /// [`Fs::guard`](crate::host::Fs::guard). Not to be called with a lock held.
    pub fn local_open(this: &Arc<Self>, dev: u64, ino: u64, writes: bool) {
        crate::caching::guard::local_open(this, dev, ino, writes);
    }

    /// Delivers an event to a parked request. Not to be called with a lock held.
    pub fn wake(&self, token: Token, event: Event) {
        self.wake_which(Which::Token(token), event);
    }

    /// Returns whether there was such a request.
    pub(crate) fn wake_which(&self, which: Which, event: Event) -> bool {
        match self.parking.wake(which, event) {
            Woken::Run(work, event) => {
                self.submit(Job {
                    work,
                    event: Some(event),
                });
                true
            }
            Woken::Later => true,
            Woken::Nobody => false,
        }
    }

    /// Runs a job on a worker, or here if there is none to be had.
    pub(crate) fn submit(&self, job: Job<H>) {
        if let Err(job) = self.host.spawn(job) {
            job.run();
        }
    }

    /// Sends an upcall; the answer wakes `token`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the host says of the daemon; the token is then still reserved.
    pub(crate) fn upcall<B: ipc::UpcallBody>(&self, token: Token, body: &B) -> SmbResult {
        let bytes = encode(|w| ipc::write_upcall(w, token.0, body))?;
        self.host.post(ipc::Command::UPCALL.0, &bytes)?;
        Ok(())
    }

    /// Tells the daemon of something; it is no error if nobody listens.
    pub(crate) fn event<B: ipc::EventBody>(&self, body: &B) {
        if let Ok(bytes) = encode(|w| ipc::write_event(w, body)) {
            let _ = self.host.post(ipc::Command::EVENT.0, &bytes);
        }
    }

    /// The session under `id`.
    pub(crate) fn session(&self, id: u64) -> Option<Arc<Session<H>>> {
        self.sessions.lock().get(id).cloned()
    }

    /// Ends a session whose client left: its trees, its waiting requests, and those of its opens that do not survive
    /// that. Idempotent.
    pub(crate) fn close_session(this: &Arc<Self>, session: &Arc<Session<H>>) {
        Self::end_session(this, session, true);
    }

    /// Ends a session, with all its opens if not `keep`. Idempotent.
    pub(crate) fn end_session(this: &Arc<Self>, session: &Arc<Session<H>>, keep: bool) {
        let (account, auth_id, channels) = {
            let mut state = session.state.lock();
            if state.phase == Phase::Closed {
                return;
            }
            state.phase = Phase::Closed;
            (
                state.auth.take(),
                state.setup.take().map(|s| s.auth_id),
                core::mem::replace(&mut state.channels, KVec::new()),
            )
        };
        while this.wake_which(Which::Adrift(session.id), Event::Closed) {}
        let mut peer = [0; 64];
        let mut from = "";
        for channel in channels.iter() {
            let conn = this.conns.lock().get(channel.conn_id).cloned();
            if let Some(conn) = conn {
                if from.is_empty() {
                    from = conn.peer.format(&mut peer);
                }
                if let (false, Some(key)) = (keep, &channel.signing) {
                    conn.note_ended(session.id, key.clone());
                }
                conn.remove_session(session.id);
            }
        }
        let gone = this.sessions.lock().remove(session.id);
        drop(gone);
        crate::open::close_all(this, session, None, keep);
        loop {
            let tree = session.trees.lock().pop();
            let Some(tree) = tree else { break };
            tree.connected.store(false, Relaxed);
            this.event(&ipc::TreeDisconnect {
                session_id: session.id,
                tree_id: tree.connect_id,
            });
        }
        if let Some(auth_id) = auth_id {
            this.event(&ipc::AuthDrop { auth_id });
        }
        if let Some(auth) = account {
            let account = core::str::from_utf8(&auth.user.account).unwrap_or("");
            this.event(&ipc::Logoff {
                session_id: session.id,
                account,
                peer: from,
            });
        }
    }

    /// Calls `each` for a snapshot of all connections, with no lock held.
    pub(crate) fn for_each_conn(&self, mut each: impl FnMut(&Arc<Conn<H>>)) -> Result {
        let list = {
            let conns = self.conns.lock();
            let mut list = KVec::with_capacity(conns.len(), GFP_KERNEL)?;
            for (_, conn) in conns.iter() {
                list.push(conn.clone(), GFP_KERNEL)?;
            }
            list
        };
        list.iter().for_each(&mut each);
        Ok(())
    }

    /// Deadlines: unauthenticated and idle connections, upcalls without an answer. Call about twice a second.
    pub fn tick(this: &Arc<Self>) {
        let now = this.host.now();
        retry(this);
        while this.wake_which(Which::Due(now), Event::TimedOut) {}
        if let Some(config) = this.config() {
            // Without memory for the snapshot the next tick does it.
            let _ = this.for_each_conn(|conn| conn.check_deadlines(&config, now));
        }
        durable::scavenge(this, Some(now));
        // Of what was not done for a request.
        dirs::tell(this);
    }

    /// Stops serving: no new connections, and all there are end. Returns at once; the host waits until
    /// [`Server::connection_count`] is 0.
    pub fn stop(this: &Arc<Self>) {
        {
            let mut setting = this.setting.lock();
            if setting.stage == Stage::Running {
                setting.stage = Stage::Stopping;
            }
        }
        this.host.stop_listening();
        // One by one, so that it works without memory too.
        loop {
            let next = this
                .conns
                .lock()
                .iter()
                .find(|(_, c)| !c.is_dead())
                .map(|(_, c)| c.clone());
            let Some(conn) = next else { break };
            conn.terminate();
        }
        Self::stopped_if_idle(this);
    }

    /// Tells the daemon when the last connection of a stopping server is gone.
    pub(crate) fn stopped_if_idle(this: &Arc<Self>) {
        if this.connection_count() != 0 || this.stage() != Stage::Stopping {
            return;
        }
        // Who still waits for its client would wait in vain, and keep the server.
        durable::scavenge(this, None);
        {
            let mut setting = this.setting.lock();
            if setting.stage != Stage::Stopping {
                return;
            }
            setting.stage = Stage::Idle;
            setting.config = None;
        }
        this.event(&ipc::Stopped {});
    }
}

/// Encodes an attribute stream into memory of the right size.
pub(crate) fn encode(
    write: impl Fn(&mut AttrWriter<'_>) -> core::result::Result<(), NoSpace>,
) -> SmbResult<KVec<u8>> {
    let mut counter = AttrWriter::counting();
    write(&mut counter)?;
    let len = counter.len();
    if len > ipc::MAX_MESSAGE {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let mut bytes = KVec::with_capacity(len, GFP_KERNEL)?;
    bytes.extend_with(len, 0, GFP_KERNEL)?;
    write(&mut AttrWriter::new(&mut bytes))?;
    Ok(bytes)
}
