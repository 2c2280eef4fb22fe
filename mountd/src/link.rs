// SPDX-License-Identifier: GPL-2.0-or-later
//! The way between the daemon and an engine.
//!
//! Three things implement [`Link`]: `netlink` for the kernel module,
//! `embedded` for the engine in this process, and `cmodule`, which translates
//! for the C module that kernels come with. All take the same bytes: messages
//! of [`proto_shared::ipc`].
//!
//! What the engine says of its own accord (UPCALL, EVENT) reaches the daemon
//! through the [`Sink`] that a link is made with. A sink only puts the message
//! into the daemon's queue: it may be called from any thread, with any engine
//! lock held, and never waits for work to be done. Answers go back by
//! [`Link::post`] from the daemon's own threads.

use std::io;
use std::sync::Arc;

/// Takes one message of the engine: command and attributes.
///
/// When the daemon's queue is full an UPCALL is answered at once with
/// INSUFF_SERVER_RESOURCES and an EVENT waits in a list of its own, so that
/// nothing is forgotten and the engine is never held up.
pub type Sink = Arc<dyn Fn(u8, &[u8]) + Send + Sync>;

/// A connection to an engine.
pub trait Link: Send + Sync {
    /// Sends a request (HELLO, START, STOP, LIST, CLOSE, UPDATE) and waits for
    /// its answer: the answer's command and attributes.
    ///
    /// # Errors
    /// The engine is gone, or does not answer within ten seconds.
    fn send(&self, command: u8, attrs: &[u8]) -> io::Result<(u8, Vec<u8>)>;

    /// Sends a message that has no answer (UPCALL_REPLY).
    ///
    /// # Errors
    /// The engine is gone.
    fn post(&self, command: u8, attrs: &[u8]) -> io::Result<()>;
}
