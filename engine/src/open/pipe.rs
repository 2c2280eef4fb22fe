// SPDX-License-Identifier: GPL-2.0-or-later
//! What the server itself knows of an open pipe: its name at the daemon, and which reads wait for something to read.
//!
//! The daemon answers a read of an empty pipe at once. The read then waits here for the next write to have been
//! answered, and asks the daemon again. [`Readers`] counts such answers, so that one that comes between the daemon's
//! word and the wait is not missed.

use kernel::prelude::*;
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::work::Token;

/// The part of an open that is about a pipe.
pub struct Pipe {
    /// The daemon's number of it.
    pub id: u64,
    /// Name without a path, for listings.
    pub name: KVec<u8>,
    pub(crate) readers: Arc<Readers>,
}

impl Pipe {
    /// A pipe that nobody reads from.
    ///
    /// # Errors
    /// Without memory.
    pub(crate) fn new(id: u64, name: KVec<u8>) -> SmbResult<Self> {
        Ok(Self {
            id,
            name,
            readers: Arc::pin_init(Readers::new(), GFP_KERNEL)?,
        })
    }
}

struct Waiting {
    /// In the order in which they came.
    tokens: KVec<Token>,
    /// Number of writes that were answered.
    writes: u64,
    closed: bool,
}

/// Reads that wait at one pipe. No other lock is taken under its lock.
#[pin_data]
pub(crate) struct Readers {
    #[pin]
    waiting: Mutex<Waiting>,
}

impl Readers {
    fn new() -> impl PinInit<Self> {
        let waiting = Waiting {
            tokens: KVec::new(),
            writes: 0,
            closed: false,
        };
        pin_init!(Self {
            waiting <- new_mutex!(waiting, "ksmbd::Readers::waiting"),
        })
    }

    /// Number of writes so far: to be asked before the daemon is.
    pub(crate) fn writes(&self) -> u64 {
        self.waiting.lock().writes
    }

    /// Waits for the write after the first `writes`. Yields `false` if that was there already.
    ///
    /// # Errors
    /// `PIPE_BROKEN` if the pipe was closed, `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn wait(&self, token: Token, writes: u64) -> SmbResult<bool> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(NtStatus::PIPE_BROKEN.into());
        }
        if waiting.writes != writes {
            return Ok(false);
        }
        waiting.tokens.push(token, GFP_KERNEL)?;
        Ok(true)
    }

    /// The request under `token` waits no longer.
    pub(crate) fn forget(&self, token: Token) {
        self.waiting.lock().tokens.retain(|t| *t != token);
    }

    /// A write was answered: whom to wake.
    pub(crate) fn written(&self) -> KVec<Token> {
        let mut waiting = self.waiting.lock();
        waiting.writes = waiting.writes.wrapping_add(1);
        core::mem::take(&mut waiting.tokens)
    }

    /// The pipe is closed: whom to wake.
    pub(crate) fn closed(&self) -> KVec<Token> {
        let mut waiting = self.waiting.lock();
        waiting.closed = true;
        core::mem::take(&mut waiting.tokens)
    }
}
