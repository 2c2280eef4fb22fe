// SPDX-License-Identifier: GPL-2.0-or-later
//! What the kernel does not have: fault injection, leak counting, context checks and the log sink.
//!
//! Only hosts and tests name this module; `cargo xtask tidy` keeps it out of the engine.

use crate::alloc::{AllocError, Flags};
use crate::print::Level;
use core::cell::Cell;
use core::fmt::Arguments;
use core::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::OnceLock;

/// Where messages go.
pub type Log = fn(Level, &str, Arguments<'_>);

static LOG: OnceLock<Log> = OnceLock::new();

/// Sets where messages go; only the first call counts.
pub fn set_log(log: Log) {
    let _ = LOG.set(log);
}

pub(crate) fn log() -> Option<Log> {
    LOG.get().copied()
}

/// Countdown value that never fires.
const NEVER: u64 = u64::MAX;

/// Countdown of all threads together, [`NEVER`] when off.
static GLOBAL: AtomicU64 = AtomicU64::new(NEVER);

const SHARDS: usize = 16;

/// Counters of some of the threads, on cache lines of their own so that counting costs next to nothing.
#[repr(align(128))]
struct Shard {
    allocations: AtomicU64,
    live: AtomicI64,
}

static COUNTERS: [Shard; SHARDS] = [const {
    Shard {
        allocations: AtomicU64::new(0),
        live: AtomicI64::new(0),
    }
}; SHARDS];

static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: usize = NEXT_SHARD.fetch_add(1, Ordering::Relaxed) % SHARDS;
    static COUNTDOWN: Cell<u64> = const { Cell::new(NEVER) };
    static STICKY: Cell<bool> = const { Cell::new(false) };
    static INJECTED: Cell<u64> = const { Cell::new(0) };
    static LIVE_HERE: Cell<i64> = const { Cell::new(0) };
}

fn shard() -> &'static Shard {
    // A thread that is going away has no shard any more; which one is counted in does not matter.
    let at = SHARD.try_with(|s| *s).unwrap_or(0);
    &COUNTERS[at]
}

/// Lets this thread's next `n` fallible allocations succeed and the one after them fail, once.
pub fn fail_after(n: u64) {
    STICKY.set(false);
    COUNTDOWN.set(n);
}

/// As [`fail_after`], but every later one fails too, until [`fail_never`].
pub fn fail_from(n: u64) {
    STICKY.set(true);
    COUNTDOWN.set(n);
}

/// Ends this thread's fault injection and tells how many allocations were made to fail since it last ended.
pub fn fail_never() -> u64 {
    COUNTDOWN.set(NEVER);
    INJECTED.replace(0)
}

/// Runs `f` with this thread's fault injection held, for code of the test that happens in between.
pub fn without_failures<R>(f: impl FnOnce() -> R) -> R {
    let left = COUNTDOWN.replace(NEVER);
    let result = f();
    COUNTDOWN.set(left);
    result
}

/// As [`fail_after`], counting the allocations of all threads; `u64::MAX` turns it off.
pub fn fail_after_global(n: u64) {
    GLOBAL.store(n, Ordering::SeqCst);
}

/// Fallible allocations (and growths) asked for so far, by all threads.
pub fn allocations() -> u64 {
    COUNTERS
        .iter()
        .map(|s| s.allocations.load(Ordering::SeqCst))
        .sum()
}

/// Allocations that have not been freed yet.
pub fn live_allocations() -> i64 {
    COUNTERS.iter().map(|s| s.live.load(Ordering::SeqCst)).sum()
}

/// Allocations less releases of this thread alone: a leak check for tests that do everything in one thread
/// while others run beside them.
pub fn live_allocations_here() -> i64 {
    LIVE_HERE.try_with(Cell::get).unwrap_or(0)
}

/// Asks whether an allocation of `size` bytes may be made.
pub(crate) fn permit(size: usize, max: usize, flags: Flags) -> Result<(), AllocError> {
    if size == 0 {
        return Ok(());
    }
    crate::sync::lock::assert_may_allocate(flags);
    shard().allocations.fetch_add(1, Ordering::Relaxed);
    if size > max {
        return Err(AllocError);
    }
    let left = COUNTDOWN.try_with(Cell::get).unwrap_or(NEVER);
    if left != NEVER {
        if left == 0 {
            if !STICKY.get() {
                COUNTDOWN.set(NEVER);
            }
            INJECTED.set(INJECTED.get().saturating_add(1));
            return Err(AllocError);
        }
        COUNTDOWN.set(left - 1);
    }
    if GLOBAL.load(Ordering::Relaxed) != NEVER {
        let counted = GLOBAL.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            NEVER => None,
            0 => Some(NEVER),
            _ => Some(left - 1),
        });
        if counted == Ok(0) {
            return Err(AllocError);
        }
    }
    Ok(())
}

pub(crate) fn note_alloc() {
    shard().live.fetch_add(1, Ordering::Relaxed);
    let _ = LIVE_HERE.try_with(|n| n.set(n.get() + 1));
}

pub(crate) fn note_free() {
    shard().live.fetch_sub(1, Ordering::Relaxed);
    let _ = LIVE_HERE.try_with(|n| n.set(n.get() - 1));
}

/// How many engine locks this thread holds. Hosts assert that it is 0 where they are called.
pub fn locks_held() -> usize {
    crate::sync::lock::held()
}

#[doc(hidden)]
pub const fn static_class() -> crate::sync::LockClassKey {
    // SAFETY: Only `static_lock_class!` calls it, for a static.
    unsafe { crate::sync::LockClassKey::new_static() }
}
