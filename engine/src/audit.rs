// SPDX-License-Identifier: GPL-2.0-or-later
//! Tells the daemon who does what to which file, on shares whose configuration asks for it.
//!
//! # Invariants
//!
//! - Nothing waits for it, and nothing fails because of it.
//! - At most [`MOST`] accesses a second are told, however many there are; the next that is told says how many were not.
//!   A client can so neither fill the daemon's queue nor crowd out other events.

use kernel::sync::atomic::{Atomic, Relaxed};

use proto_shared::ipc::{AuditFlags, FileAccess, FileAction};
use proto_shared::status::NtStatus;

use crate::host::Host;
use crate::server::Server;
use crate::time::Monotonic;
use crate::tree::Tree;

/// Most accesses that are told in a second.
const MOST: u32 = 1000;

/// Counts what is told.
pub(crate) struct Gate {
    /// The second that `told` is about.
    second: Atomic<u64>,
    told: Atomic<u32>,
    lost: Atomic<u32>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            second: Atomic::new(0),
            told: Atomic::new(0),
            lost: Atomic::new(0),
        }
    }
}

impl Gate {
    /// Whether one more may be told now, and then how many were not. Two at the turn of a second may both begin to count
    /// anew: the limit is one of order, not of exactness.
    fn admit(&self, now: Monotonic) -> Option<u32> {
        let second = now.0 / 1_000_000_000;
        if self.second.load(Relaxed) != second {
            self.second.store(second, Relaxed);
            self.told.store(0, Relaxed);
        }
        if self.told.load(Relaxed) >= MOST {
            self.lost.fetch_add(1, Relaxed);
            return None;
        }
        self.told.fetch_add(1, Relaxed);
        let lost = self.lost.load(Relaxed);
        if lost != 0 {
            self.lost.fetch_sub(lost, Relaxed);
        }
        Some(lost)
    }
}

/// The flag that asks for an action.
fn flag(action: FileAction) -> AuditFlags {
    match action {
        FileAction::OPENED => AuditFlags::OPEN,
        FileAction::CREATED => AuditFlags::CREATE,
        FileAction::DELETED => AuditFlags::DELETE,
        _ => AuditFlags::RENAME,
    }
}

/// Tells of one access, if the tree's share is audited for it. Paths are UTF-8 within the share.
pub(crate) fn note<H: Host>(
    server: &Server<H>,
    tree: &Tree<H>,
    action: FileAction,
    (path, target): (&[u8], &[u8]),
    status: NtStatus,
) {
    // Clients open the root all the time, and it says nothing.
    if path.is_empty() || !tree.audit.contains(flag(action)) {
        return;
    }
    let Some(lost) = server.stats.audit.admit(server.host().now()) else {
        return;
    };
    server.event(&FileAccess {
        session_id: tree.session_id,
        tree_id: tree.connect_id,
        action,
        status,
        path: core::str::from_utf8(path).unwrap_or(""),
        target: core::str::from_utf8(target).unwrap_or(""),
        lost,
    });
}

/// Tells of a CREATE that was refused for want of rights.
pub(crate) fn refused<H: Host>(
    server: &Server<H>,
    tree: &Tree<H>,
    path: &[u8],
    creates: bool,
    status: NtStatus,
) {
    let action = if creates {
        FileAction::CREATED
    } else {
        FileAction::OPENED
    };
    if status == NtStatus::ACCESS_DENIED {
        note(server, tree, action, (path, &[]), status);
    }
}
