// SPDX-License-Identifier: GPL-2.0-or-later
//! Counters of a server. They only grow; whoever shows them takes differences.

use crate::audit::Gate;
use kernel::sync::atomic::{Atomic, Relaxed};

/// A counter that many threads add to.
pub struct Counter(Atomic<u64>);

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self(Atomic::new(0))
    }

    /// Adds `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// The current count.
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}

/// What a connection counts.
#[derive(Default)]
pub(crate) struct Counts {
    /// Requests, each element of a compound apart.
    pub(crate) requests: Counter,
    /// Bytes received, without the transport's framing.
    pub(crate) bytes_in: Counter,
    /// Bytes sent, without the transport's framing.
    pub(crate) bytes_out: Counter,
}

/// What a server counts.
#[derive(Default)]
pub struct Stats {
    /// Requests, each element of a compound apart.
    pub requests: Counter,
    /// Bytes received, without the transport's framing.
    pub bytes_in: Counter,
    /// Bytes sent, without the transport's framing.
    pub bytes_out: Counter,
    /// Replies with an error status.
    pub errors: Counter,
    /// Connections refused by a limit.
    pub refused: Counter,
    /// Connections ended because the peer broke the protocol.
    pub violations: Counter,
    /// What the daemon is told of accesses to files.
    pub(crate) audit: Gate,
}
