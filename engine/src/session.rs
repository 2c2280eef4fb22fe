// SPDX-License-Identifier: GPL-2.0-or-later
//! Sessions: who is logged in, with which keys, and what they have open ([MS-SMB2] 3.3.1.8).
//!
//! # Invariants
//!
//! - A session is found only through the server's table, and only by a connection that is one of its
//!   channels. What a log-in established ([`Auth`]) is immutable; re-authentication swaps the whole of it.
//! - `phase` only moves forward: in progress → valid (⇄ expired) → closed.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::ipc::UserFlags;

use crate::conn::Negotiated;
use crate::host::{Crypto, Host};
use crate::open::Open;
use crate::table::IdTable;
use crate::time::Monotonic;
use crate::tree::Tree;

/// Who logged in, as the daemon resolved it.
pub struct User {
    /// Account name in UTF-8.
    pub account: KVec<u8>,
    /// Domain in UTF-8.
    pub domain: KVec<u8>,
    /// Unix user id.
    pub uid: u32,
    /// Unix primary group id.
    pub gid: u32,
    /// Supplementary group ids.
    pub groups: KVec<u32>,
    /// Guest, anonymous, admin.
    pub flags: UserFlags,
    /// Security identifier as on the wire; empty if the daemon knows none.
    pub sid: KVec<u8>,
}

impl User {
    /// Whether this is the same account, with the same Unix identity.
    pub fn is_same(&self, other: &User) -> bool {
        self.uid == other.uid && *self.account == *other.account && *self.domain == *other.domain
    }
}

/// A signing key as the host prepared it.
pub(crate) type MacKey<H> = <<H as Host>::Crypto as Crypto>::MacKey;

/// A connection of a session ([MS-SMB2] 3.3.1.14).
pub(crate) struct Channel<H: Host> {
    pub(crate) conn_id: u64,
    /// Signs and verifies on this connection; `None` before the log-in and for guests.
    pub(crate) signing: Option<Arc<MacKey<H>>>,
}

/// Keys of a session. Both directions of encryption are named from the server's side.
pub struct Keys<H: Host> {
    /// Session.SigningKey: that of the first channel, which also proves that a binding request is the client's.
    /// `None` for anonymous and guest sessions, which have no key.
    pub(crate) signing: Option<Arc<MacKey<H>>>,
    /// Encrypts replies; `None` before 3.0 or without a cipher.
    pub(crate) seal: Option<<H::Crypto as Crypto>::AeadKey>,
    /// Decrypts requests.
    pub(crate) unseal: Option<<H::Crypto as Crypto>::AeadKey>,
    /// Counts nonces of `seal`: a key never sees a nonce twice.
    pub(crate) nonce: Atomic<u64>,
}

impl<H: Host> Keys<H> {
    /// The keys of a log-in that has none.
    pub(crate) fn none() -> Self {
        Self {
            signing: None,
            seal: None,
            unseal: None,
            nonce: Atomic::new(1),
        }
    }
}

/// What a log-in established.
pub struct Auth<H: Host> {
    /// Who.
    pub user: User,
    /// Kept over a re-authentication.
    pub(crate) keys: Arc<Keys<H>>,
    /// Every request must be signed (or encrypted).
    pub(crate) signing_required: bool,
    /// Every request but SESSION_SETUP must be encrypted.
    pub(crate) encryption_required: bool,
    /// When the log-in ends, as FILETIME; 0 for never.
    pub(crate) expiry: u64,
}

impl<H: Host> Auth<H> {
    /// Whether the user is the guest.
    pub fn is_guest(&self) -> bool {
        self.user.flags.contains(UserFlags::GUEST)
    }

    /// Whether nobody logged in at all.
    pub fn is_anonymous(&self) -> bool {
        self.user.flags.contains(UserFlags::ANONYMOUS)
    }
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// SESSION_SETUP has begun.
    InProgress,
    /// Logged in.
    Valid,
    /// The log-in ran out; only re-authentication, LOGOFF and CLOSE are taken.
    Expired,
    /// Gone; only references that requests still hold keep the object.
    Closed,
}

/// An exchange of SESSION_SETUP messages that has not ended.
pub(crate) struct Setup {
    /// The daemon's handle on the exchange.
    pub(crate) auth_id: u64,
    /// Preauth integrity hash so far (3.1.1).
    pub(crate) preauth: [u8; 64],
    /// A leg is at the daemon; a second one at the same time is refused.
    pub(crate) busy: bool,
}

/// What the session's lock guards.
pub(crate) struct State<H: Host> {
    pub(crate) phase: Phase,
    pub(crate) auth: Option<Arc<Auth<H>>>,
    pub(crate) setup: Option<Setup>,
    /// What other connections must have negotiated to become channels: dialect, cipher, signing algorithm and the
    /// client's GUID of the first one.
    pub(crate) negotiated: Negotiated,
    pub(crate) channels: KVec<Channel<H>>,
}

// Only references to other objects in here; nothing is pinned.
impl<H: Host> Unpin for State<H> {}

impl<H: Host> State<H> {
    /// The channel that this connection is.
    pub(crate) fn channel(&self, conn_id: u64) -> Option<&Channel<H>> {
        self.channels.iter().find(|c| c.conn_id == conn_id)
    }

    /// The key that signs on this connection.
    pub(crate) fn signing_key(&self, conn_id: u64) -> Option<Arc<MacKey<H>>> {
        self.channel(conn_id).and_then(|c| c.signing.clone())
    }
}

/// A session.
#[pin_data]
pub struct Session<H: Host> {
    /// The id on the wire.
    pub id: u64,
    /// When it began.
    pub created: Monotonic,
    #[pin]
    pub(crate) state: Mutex<State<H>>,
    /// Tree connects by tree id.
    #[pin]
    pub(crate) trees: Mutex<IdTable<Arc<Tree<H>>>>,
    /// Opens by volatile file id.
    #[pin]
    pub(crate) opens: Mutex<IdTable<Arc<Open<H>>>>,
    /// Requests encrypted in this session so far, for listings.
    pub(crate) encrypted: Atomic<u64>,
    /// Requests that go on without the connection they came by.
    pub(crate) adrift: Atomic<u32>,
}

/// Most tree connects of one session.
const MAX_TREES: u32 = 1024;
/// Most requests of one session that go on without their connection.
const MAX_ADRIFT: u32 = 16;

impl<H: Host> Session<H> {
    pub(crate) fn new(
        id: u64,
        conn_id: u64,
        negotiated: Negotiated,
        created: Monotonic,
        max_opens: u32,
    ) -> Result<Arc<Self>> {
        let mut channels = KVec::new();
        channels.push(
            Channel {
                conn_id,
                signing: None,
            },
            GFP_KERNEL,
        )?;
        Arc::pin_init(
            pin_init!(Self {
                id,
                created,
                state <- new_mutex!(
                    State { phase: Phase::InProgress, auth: None, setup: None, negotiated, channels },
                    "ksmbd::Session::state"
                ),
                trees <- new_mutex!(IdTable::narrow(MAX_TREES), "ksmbd::Session::trees"),
                opens <- new_mutex!(IdTable::wide(max_opens), "ksmbd::Session::opens"),
                encrypted: Atomic::new(0),
                adrift: Atomic::new(0),
            }),
            GFP_KERNEL,
        )
    }

    pub(crate) fn phase(&self) -> Phase {
        self.state.lock().phase
    }

    /// Whether this connection is one of the session's channels.
    pub(crate) fn has_channel(&self, conn_id: u64) -> bool {
        self.state.lock().channel(conn_id).is_some()
    }

    /// The tree connect under `id`, if it is still connected.
    pub(crate) fn tree(&self, id: u32) -> Option<Arc<Tree<H>>> {
        self.trees.lock().get(u64::from(id)).cloned()
    }

    /// The open under this volatile id.
    pub(crate) fn open(&self, volatile: u64) -> Option<Arc<Open<H>>> {
        self.opens.lock().get(volatile).cloned()
    }

    /// Takes in a request of the connection `conn_id`, which has ended. Yields whether the session has another channel, so
    /// that it may go on, and none too many of its kind; the request then gives `adrift` back.
    pub(crate) fn take_adrift(&self, conn_id: u64) -> bool {
        let others = {
            let state = self.state.lock();
            state.phase != Phase::Closed && state.channels.iter().any(|c| c.conn_id != conn_id)
        };
        if !others {
            return false;
        }
        let few = self.adrift.fetch_add(1, Relaxed) < MAX_ADRIFT;
        if !few {
            self.adrift.fetch_sub(1, Relaxed);
        }
        few
    }

    pub(crate) fn count_encrypted(&self) {
        self.encrypted.fetch_add(1, Relaxed);
    }
}
