// SPDX-License-Identifier: GPL-2.0-or-later
//! Time that only tests move.

use std::sync::atomic::{AtomicU64, Ordering};

use ksmbd_engine::time::{Monotonic, Timespec};

/// Seconds since 1970 at which virtual time begins: 2026-01-01.
const START: i64 = 1_767_225_600;

/// Virtual time, in nanoseconds since it began.
#[derive(Default)]
pub struct Clock(AtomicU64);

impl Clock {
    /// Lets time pass.
    pub fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms * 1_000_000, Ordering::SeqCst);
    }

    /// Monotonic time.
    pub fn now(&self) -> Monotonic {
        Monotonic(self.0.load(Ordering::SeqCst))
    }

    /// Wall-clock time.
    pub fn wall(&self) -> Timespec {
        let ns = self.0.load(Ordering::SeqCst);
        Timespec {
            sec: START + (ns / 1_000_000_000) as i64,
            nsec: (ns % 1_000_000_000) as u32,
        }
    }
}
