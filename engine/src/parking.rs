// SPDX-License-Identifier: GPL-2.0-or-later
//! Where requests wait without keeping a worker.
//!
//! A token is reserved first, so that whoever is to wake it can be told before the work lies here; an event
//! that comes in between is kept. Each token is woken at most once: the first event wins.

use kernel::prelude::*;
use kernel::sync::{new_mutex, Mutex};

use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::table::IdTable;
use crate::time::Monotonic;
use crate::work::{Event, Token, Work};

/// Most requests of a server that wait at once.
const MAX_PARKED: u32 = 1 << 17;

enum State<H: Host> {
    Reserved,
    Woken(Event),
    Parked(KBox<Work<H>>),
}

struct Slot<H: Host> {
    conn_id: u64,
    message_id: u64,
    async_id: u64,
    deadline: Option<Monotonic>,
    /// It has lost its connection, and is this session's only.
    adrift: Option<u64>,
    state: State<H>,
}

/// All waiting requests of a server.
#[pin_data]
pub(crate) struct Parking<H: Host> {
    #[pin]
    slots: Mutex<IdTable<Slot<H>>>,
}

/// Whom to wake.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    Token(Token),
    /// The request of this connection with this MessageId.
    Message {
        conn_id: u64,
        message_id: u64,
    },
    /// The request of this connection with this AsyncId.
    Async {
        conn_id: u64,
        async_id: u64,
    },
    /// Any request of this connection.
    Connection(u64),
    /// Any request of this session that has lost its connection.
    Adrift(u64),
    /// Any request whose deadline lies before this.
    Due(Monotonic),
}

/// What [`Parking::wake`] did.
pub(crate) enum Woken<H: Host> {
    /// The request lay here: run it.
    Run(KBox<Work<H>>, Event),
    /// The event is kept until the request is parked (or another event was there first).
    Later,
    /// No such request waits.
    Nobody,
}

impl<H: Host> Parking<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            slots <- new_mutex!(IdTable::wide(MAX_PARKED), "ksmbd::Parking::slots"),
        })
    }

    /// Reserves a token for a request. `async_id` is that of an interim reply already sent; `adrift` is the session of
    /// one that has lost its connection.
    pub(crate) fn reserve(
        &self,
        conn_id: u64,
        message_id: u64,
        async_id: Option<u64>,
        deadline: Option<Monotonic>,
        adrift: Option<u64>,
    ) -> SmbResult<Token> {
        let id = self
            .slots
            .lock()
            .insert_with::<Error>(|id| {
                Ok(Slot {
                    conn_id,
                    message_id,
                    async_id: async_id.unwrap_or(id),
                    deadline,
                    adrift,
                    state: State::Reserved,
                })
            })
            .map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        Ok(Token(id))
    }

    /// Gives a reserved token back unused.
    pub(crate) fn release(&self, token: Token) {
        let slot = self.slots.lock().remove(token.0);
        drop(slot);
    }

    /// Leaves `work` with its token. If an event was there first, both come back at once.
    pub(crate) fn park(&self, token: Token, work: KBox<Work<H>>) -> Option<(KBox<Work<H>>, Event)> {
        let mut slots = self.slots.lock();
        let Some(slot) = slots.get_mut(token.0) else {
            drop(slots);
            return Some((work, Event::Closed));
        };
        match core::mem::replace(&mut slot.state, State::Reserved) {
            State::Woken(event) => {
                let slot = slots.remove(token.0);
                drop(slots);
                drop(slot);
                Some((work, event))
            }
            _ => {
                slot.state = State::Parked(work);
                None
            }
        }
    }

    /// Delivers `event` to one request that `which` means. For those that mean any request call again until it says
    /// [`Woken::Nobody`].
    pub(crate) fn wake(&self, which: Which, event: Event) -> Woken<H> {
        let mut slots = self.slots.lock();
        let found = match which {
            Which::Token(t) => slots.get(t.0).map(|_| t.0),
            _ => slots
                .iter()
                .find(|(_, s)| s.matches(which))
                .map(|(id, _)| id),
        };
        let Some(id) = found else {
            return Woken::Nobody;
        };
        let Some(slot) = slots.get_mut(id) else {
            return Woken::Nobody;
        };
        match slot.state {
            State::Woken(_) => Woken::Later,
            State::Reserved => {
                slot.state = State::Woken(event);
                Woken::Later
            }
            State::Parked(_) => match slots.remove(id) {
                Some(Slot {
                    state: State::Parked(work),
                    ..
                }) => Woken::Run(work, event),
                _ => Woken::Later,
            },
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.lock().len()
    }
}

impl<H: Host> Slot<H> {
    fn is_of(&self, conn_id: u64) -> bool {
        self.adrift.is_none() && self.conn_id == conn_id
    }

    fn matches(&self, which: Which) -> bool {
        if matches!(self.state, State::Woken(_)) {
            return false;
        }
        match which {
            Which::Token(_) => false,
            Which::Message {
                conn_id,
                message_id,
            } => self.is_of(conn_id) && self.message_id == message_id,
            Which::Async { conn_id, async_id } => self.is_of(conn_id) && self.async_id == async_id,
            Which::Connection(conn_id) => self.is_of(conn_id),
            Which::Adrift(session_id) => self.adrift == Some(session_id),
            Which::Due(now) => self.deadline.is_some_and(|d| d <= now),
        }
    }
}
