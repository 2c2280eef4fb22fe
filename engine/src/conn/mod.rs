// SPDX-License-Identifier: GPL-2.0-or-later
//! Connections ([MS-SMB2] 3.3.1.7): framing, credits, dispatch and replies.
//!
//! # Invariants
//!
//! - What was negotiated is frozen once the NEGOTIATE reply is made.
//! - A dead connection stays dead: nothing is sent on it and no new request starts.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex, SetOnce};

use proto_shared::ipc::AuthDrop;

use crate::config::Config;
use crate::host::{Cipher, Host, SigningAlgorithm, Transport};
use crate::parking::Which;
use crate::server::{Job, PeerAddr, Permit, Server};
use crate::session::{MacKey, Session, Setup, User};
use crate::stats::Counts;
use crate::time::Monotonic;
use crate::work::Event;

pub(crate) mod dispatch;
mod receive;
pub(crate) mod send;
pub mod window;

use window::Window;

/// What NEGOTIATE settled.
#[derive(Clone, Copy)]
pub struct Negotiated {
    /// Dialect, for example 0x0311.
    pub dialect: u16,
    /// Signing algorithm of the sessions.
    pub signing: SigningAlgorithm,
    /// Cipher, if encryption is possible.
    pub cipher: Option<Cipher>,
    /// Whether requests may cost several credits.
    pub multi_credit: bool,
    /// Whether the SMB3 POSIX extensions may be used.
    pub posix: bool,
    /// Largest READ in bytes.
    pub max_read: u32,
    /// Largest WRITE in bytes.
    pub max_write: u32,
    /// Largest other transfer in bytes.
    pub max_trans: u32,
    /// The server's capabilities as told.
    pub capabilities: u32,
    /// The server's SecurityMode as told.
    pub security_mode: u16,
    /// The client's capabilities.
    pub client_capabilities: u32,
    /// The client's SecurityMode.
    pub client_security_mode: u16,
    /// The client's GUID.
    pub client_guid: [u8; 16],
    /// The server's GUID as told.
    pub server_guid: [u8; 16],
    /// Preauth integrity hash over request and reply (3.1.1).
    pub preauth: [u8; 64],
}

/// Nobody logged in yet: limits are narrow.
const NOBODY: u32 = 0;
/// Only guests or anonymous users did: nothing encrypted is taken.
const NAMELESS: u32 = 1;
/// Somebody with a name did.
const NAMED: u32 = 2;

impl Negotiated {
    /// Whether the dialect is 3.x.
    pub fn is_smb3(&self) -> bool {
        self.dialect >= 0x0300
    }
}

/// A request that has been taken in and not been answered yet.
struct InFlight {
    message_id: u64,
    cancelled: bool,
}

/// Credits and requests under way.
struct Flow {
    window: Window,
    inflight: KVec<InFlight>,
    bytes: u64,
    /// Requests that have had an interim reply and no other yet.
    pending: u32,
}

/// How far negotiation is.
pub(crate) struct Negotiating {
    /// An SMB1 NEGOTIATE was answered with the wildcard dialect.
    pub(crate) multi_protocol: bool,
    /// What the NEGOTIATE reply under way settles.
    pub(crate) pending: Option<Negotiated>,
}

/// Sessions that are about to be this connection's, and such as were.
pub(crate) struct Binding<H: Host> {
    /// The session that a log-in is to make the connection a channel of.
    pub(crate) session_id: u64,
    /// That log-in.
    pub(crate) setup: Option<Setup>,
    /// Sessions that were ended against the client's will, the latest last, and what signed here: the client believes
    /// that one is gone only if that is signed.
    ended: KVec<(u64, Arc<MacKey<H>>)>,
}

/// What each frame is measured by; a copy of the configuration, so that no request asks for the server's lock.
struct Limits {
    max_frame: Atomic<usize>,
    max_credits: Atomic<u32>,
    max_inflight_bytes: Atomic<u64>,
}

impl Limits {
    fn new(config: &Config) -> Self {
        Self {
            max_frame: Atomic::new(config.max_frame()),
            max_credits: Atomic::new(config.max_credits.into()),
            max_inflight_bytes: Atomic::new(config.max_inflight_bytes),
        }
    }
}

/// What became of a frame.
pub enum Verdict<H: Host> {
    /// Work for a worker, or for this thread if the job is quick.
    Run(Job<H>),
    /// Nothing more to do.
    Done,
    /// End the connection.
    Close,
}

/// A connection.
#[pin_data]
pub struct Conn<H: Host> {
    pub(crate) server: Arc<Server<H>>,
    id: Atomic<u64>,
    /// Where the peer is.
    pub peer: PeerAddr,
    _permit: Permit<H>,
    pub(crate) transport: H::Transport,
    negotiated: SetOnce<Negotiated>,
    #[pin]
    pub(crate) negotiating: Mutex<Negotiating>,
    #[pin]
    flow: Mutex<Flow>,
    /// The session that this connection wants to become a channel of, while it logs in for that.
    #[pin]
    pub(crate) binding: Mutex<Binding<H>>,
    /// The sessions that have this connection as a channel: what requests look up, so that they touch nothing that
    /// other connections use.
    #[pin]
    pub(crate) sessions: Mutex<KVec<Arc<Session<H>>>>,
    limits: Limits,
    pub(crate) created: Monotonic,
    last_frame: Atomic<u64>,
    /// Who logged in so far: [`NOBODY`], [`NAMELESS`] or [`NAMED`].
    trust: Atomic<u32>,
    dead: Atomic<bool>,
    /// What went over it so far.
    pub(crate) counts: Counts,
}

/// Largest frame before the first log-in, in bytes: room for a Kerberos ticket of 64 KiB.
const MAX_FRAME_UNAUTHENTICATED: usize = 128 << 10;
/// Most requests of a connection that wait after an interim reply ([MS-SMB2] 3.3.4.2 leaves the number to the server;
/// what Windows and Samba allow).
const MAX_PENDING: u32 = 511;
/// Most sessions that were ended whose keys are kept.
const MAX_ENDED: usize = 4;
/// Credits before the first log-in.
const CREDITS_UNAUTHENTICATED: u16 = 16;

impl<H: Host> Conn<H> {
    pub(crate) fn new(
        server: Arc<Server<H>>,
        permit: Permit<H>,
        transport: H::Transport,
        config: &Config,
    ) -> Result<Arc<Self>> {
        let window = Window::new(config.max_credits)?;
        let now = server.host().now();
        let peer = permit.peer;
        Arc::pin_init(
            pin_init!(Self {
                server,
                id: Atomic::new(0),
                peer,
                _permit: permit,
                transport,
                negotiated: SetOnce::new(),
                negotiating <- new_mutex!(
                    Negotiating { multi_protocol: false, pending: None },
                    "ksmbd::Conn::negotiating"
                ),
                flow <- new_mutex!(
                    Flow { window, inflight: KVec::new(), bytes: 0, pending: 0 },
                    "ksmbd::Conn::flow"
                ),
                binding <- new_mutex!(
                    Binding { session_id: 0, setup: None, ended: KVec::new() },
                    "ksmbd::Conn::binding"
                ),
                sessions <- new_mutex!(KVec::new(), "ksmbd::Conn::sessions"),
                limits: Limits::new(config),
                created: now,
                last_frame: Atomic::new(now.0),
                trust: Atomic::new(NOBODY),
                dead: Atomic::new(false),
                counts: Counts::default(),
            }),
            GFP_KERNEL,
        )
    }

    /// Takes changed limits over.
    pub(crate) fn apply(&self, config: &Config) {
        self.limits.max_frame.store(config.max_frame(), Relaxed);
        self.limits
            .max_credits
            .store(config.max_credits.into(), Relaxed);
        self.limits
            .max_inflight_bytes
            .store(config.max_inflight_bytes, Relaxed);
    }

    pub(crate) fn set_id(&self, id: u64) {
        self.id.store(id, Relaxed);
    }

    /// The connection's number within the server.
    pub fn id(&self) -> u64 {
        self.id.load(Relaxed)
    }

    /// What NEGOTIATE settled, once it has.
    pub fn negotiated(&self) -> Option<&Negotiated> {
        self.negotiated.as_ref()
    }

    pub(crate) fn set_negotiated(&self, n: Negotiated) {
        // Only the first NEGOTIATE gets here; a second one ends the connection.
        let _ = self.negotiated.populate(n);
    }

    /// Largest frame to be taken now, in bytes. Check it before a buffer is allocated.
    pub fn max_frame(&self) -> usize {
        if self.trust.load(Relaxed) == NOBODY {
            return MAX_FRAME_UNAUTHENTICATED;
        }
        let configured = self.limits.max_frame.load(Relaxed);
        configured.min(self.transport.max_message())
    }

    /// Somebody logged in: limits open up.
    pub(crate) fn set_authenticated(&self, has_name: bool) {
        if has_name {
            self.trust.store(NAMED, Relaxed);
        } else {
            // Fails when somebody is known already.
            let _ = self.trust.cmpxchg(NOBODY, NAMELESS, Relaxed);
        }
    }

    /// Whether the connection has ended.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Relaxed)
    }

    /// Ends the connection; the host's receiving loop then calls [`Conn::on_closed`].
    pub fn terminate(&self) {
        self.dead.store(true, Relaxed);
        self.transport.shutdown();
    }

    /// The peer broke the protocol: ends the connection.
    pub(crate) fn violation(&self, what: &str) {
        self.server.stats.violations.add(1);
        pr_debug!("{:?}: protocol violation: {}\n", self.peer, what);
        self.terminate();
    }

    /// The connection has ended. Call once, from the thread that received, after the last frame.
    pub fn on_closed(this: &Arc<Self>) {
        this.dead.store(true, Relaxed);
        let server = this.server.clone();
        while server.wake_which(Which::Connection(this.id()), Event::Closed) {}
        let binding = this.binding.lock().setup.take();
        if let Some(setup) = binding {
            server.event(&AuthDrop {
                auth_id: setup.auth_id,
            });
        }
        let sessions = core::mem::replace(&mut *this.sessions.lock(), KVec::new());
        for session in sessions.iter() {
            this.leave_session(session);
        }
        let gone = server.conns.lock().remove(this.id());
        drop(gone);
        Server::stopped_if_idle(&server);
    }

    /// Takes this connection off a session's channels; the last one takes the session with it.
    pub(crate) fn leave_session(&self, session: &Arc<Session<H>>) {
        let id = self.id();
        let last = {
            let mut state = session.state.lock();
            state.channels.retain(|c| c.conn_id != id);
            state.channels.is_empty()
        };
        if last {
            Server::close_session(&self.server, session);
        }
    }

    /// Makes a session one of this connection's.
    ///
    /// # Errors
    /// `ENFILE` when the connection has its share, `ENOMEM`.
    pub(crate) fn add_session(&self, session: &Arc<Session<H>>, config: &Config) -> Result {
        let mut sessions = self.sessions.lock();
        if sessions.len() >= config.max_sessions_per_connection as usize {
            return Err(ENFILE);
        }
        sessions.push(session.clone(), GFP_KERNEL)?;
        Ok(())
    }

    pub(crate) fn remove_session(&self, id: u64) {
        // The last reference is not dropped with the lock held.
        let gone = {
            let mut sessions = self.sessions.lock();
            let at = sessions.iter().position(|s| s.id == id);
            at.and_then(|at| sessions.remove(at).ok())
        };
        drop(gone);
    }

    /// A session was ended that the client still believes in.
    pub(crate) fn note_ended(&self, id: u64, key: Arc<MacKey<H>>) {
        let oldest = {
            let ended = &mut self.binding.lock().ended;
            let oldest = (ended.len() >= MAX_ENDED)
                .then(|| ended.remove(0).ok())
                .flatten();
            // Without memory the client is told without a signature.
            let _ = ended.push((id, key), GFP_KERNEL);
            oldest
        };
        drop(oldest);
    }

    /// What signed on this connection for a session that was ended.
    pub(crate) fn ended_key(&self, id: u64) -> Option<Arc<MacKey<H>>> {
        let binding = self.binding.lock();
        let found = binding.ended.iter().rev().find(|(ended, _)| *ended == id);
        found.map(|(_, key)| key.clone())
    }

    /// The session under `id`, if this connection is one of its channels.
    pub(crate) fn session(&self, id: u64) -> Option<Arc<Session<H>>> {
        self.sessions.lock().iter().find(|s| s.id == id).cloned()
    }

    /// Whether only guests or nobody at all logged in (Connection.ConstrainedConnection, [MS-SMB2] 3.3.1.7).
    pub(crate) fn is_constrained(&self) -> bool {
        self.trust.load(Relaxed) != NAMED
    }

    /// Whether the connection is a channel of this session.
    pub(crate) fn is_session(&self, id: u64) -> bool {
        self.session(id).is_some()
    }

    /// Ends connections that did not log in in time, and idle ones.
    pub(crate) fn check_deadlines(&self, config: &Config, now: Monotonic) {
        if self.is_dead() {
            return;
        }
        if self.trust.load(Relaxed) == NOBODY {
            if now.ms_since(self.created) >= u64::from(config.auth_timeout_ms) {
                self.violation("no log-in in time");
            }
            return;
        }
        let idle = now.ms_since(Monotonic(self.last_frame.load(Relaxed)));
        if config.dead_time_s != 0
            && idle >= u64::from(config.dead_time_s).saturating_mul(1000)
            && !self.has_opens()
        {
            self.terminate();
        }
    }

    fn has_opens(&self) -> bool {
        let sessions = self.sessions.lock();
        sessions.iter().any(|s| !s.opens.lock().is_empty())
    }

    /// Whether this user is logged in on it.
    pub(crate) fn has_user(&self, user: &User) -> bool {
        for at in 0.. {
            // One by one, so that no two locks are held.
            let Some(session) = self.sessions.lock().get(at).cloned() else {
                return false;
            };
            let auth = session.state.lock().auth.clone();
            if auth.is_some_and(|a| a.user.is_same(user)) {
                return true;
            }
        }
        false
    }

    /// Credits for a reply, by the policy of [MS-SMB2] 3.3.1.2: what was asked for, within the limits.
    pub(crate) fn grant(&self, asked: u16) -> u16 {
        let most = if self.trust.load(Relaxed) != NOBODY {
            self.limits.max_credits.load(Relaxed) as u16
        } else {
            CREDITS_UNAUTHENTICATED
        };
        self.flow.lock().window.grant(asked, most)
    }

    /// The multi-protocol NEGOTIATE stands for the message with id 0 ([MS-SMB2] 3.3.5.3.1).
    pub(crate) fn use_first_id(&self) {
        // Nothing was taken before: an SMB1 frame is the first of its connection.
        let _ = self.flow.lock().window.take(0, 1);
    }

    /// Ids that the client may still use, for listings.
    pub fn credits(&self) -> u64 {
        self.flow.lock().window.outstanding()
    }

    /// The request is answered: it no longer counts as under way.
    pub(crate) fn answered(&self, message_id: u64, was_pending: bool) {
        let mut flow = self.flow.lock();
        flow.inflight.retain(|f| f.message_id != message_id);
        if was_pending {
            flow.pending = flow.pending.saturating_sub(1);
        }
    }

    /// A request is about to get an interim reply.
    pub(crate) fn now_pending(&self) {
        let mut flow = self.flow.lock();
        flow.pending = flow.pending.saturating_add(1);
    }

    /// Whether a further request may wait after an interim reply.
    pub(crate) fn may_pend(&self) -> bool {
        self.flow.lock().pending < MAX_PENDING
    }

    /// Whether CANCEL came for this request.
    pub(crate) fn is_cancelled(&self, message_id: u64) -> bool {
        self.flow
            .lock()
            .inflight
            .iter()
            .any(|f| f.message_id == message_id && f.cancelled)
    }

    /// The frame of a finished job no longer counts.
    pub(crate) fn release_bytes(&self, n: usize) {
        let mut flow = self.flow.lock();
        flow.bytes = flow.bytes.saturating_sub(n as u64);
    }
}
