// SPDX-License-Identifier: GPL-2.0-or-later
//! Slows guessing of passwords down.
//!
//! Failures are counted for each pair of account name and peer address, so
//! that nobody can lock somebody else out from elsewhere, and for each address
//! alone, so that trying many names does not help. An attempt is counted as
//! failed before it is looked at and given back when it succeeds: attempts in
//! parallel cannot slip through together.
//!
//! Names that exist and names that do not are counted alike.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row that cost nothing.
const FREE: u32 = 10;
/// Failures of an address over all names that cost nothing.
const FREE_OF_ADDRESS: u32 = 100;
/// How long a failure is remembered.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// Most entries; when it is full the oldest go.
const MAX_ENTRIES: usize = 16 * 1024;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    ip: Option<IpAddr>,
    /// `None` counts the address alone.
    account: Option<String>,
}

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Instant,
}

/// See the module.
#[derive(Default)]
pub struct Throttle {
    entries: Mutex<HashMap<Key, Entry>>,
}

/// An attempt that may be made. It counts as failed unless [`Attempt::good`]
/// is called.
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    key: Key,
}

impl Throttle {
    /// Asks for leave to try `account` from `ip` at time `now`. `None`: not
    /// yet.
    pub fn attempt(&self, ip: Option<IpAddr>, account: &str, now: Instant) -> Option<Attempt<'_>> {
        let key = Key {
            ip,
            account: Some(account.to_owned()),
        };
        let of_address = Key { ip, account: None };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            shrink(&mut entries, now);
        }
        if must_wait(&entries, &key, FREE, now)
            || must_wait(&entries, &of_address, FREE_OF_ADDRESS, now)
        {
            return None;
        }
        count(&mut entries, key.clone(), now);
        count(&mut entries, of_address, now);
        Some(Attempt {
            throttle: self,
            key,
        })
    }
}

impl Throttle {
    /// Whether an attempt would be refused now; counts nothing. For who learns
    /// of failures only afterwards: the C module verifies passwords itself and
    /// does not tell the address. Attempts in parallel get through together,
    /// as many as the module has connections.
    pub fn is_waiting(&self, account: &str, now: Instant) -> bool {
        let key = Key {
            ip: None,
            account: Some(account.to_owned()),
        };
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        must_wait(&entries, &key, FREE, now)
    }

    /// Counts a failure that is known only now.
    pub fn failed(&self, account: &str, now: Instant) {
        let key = Key {
            ip: None,
            account: Some(account.to_owned()),
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            shrink(&mut entries, now);
        }
        count(&mut entries, key, now);
    }
}

impl Attempt<'_> {
    /// The attempt succeeded.
    pub fn good(self) {
        let mut entries = self
            .throttle
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of_address = Key {
            ip: self.key.ip,
            account: None,
        };
        entries.remove(&self.key);
        // The address loses only this attempt: a good account must not buy
        // free guesses at others.
        if let Some(entry) = entries.get_mut(&of_address) {
            entry.failures = entry.failures.saturating_sub(1);
        }
    }
}

fn must_wait(entries: &HashMap<Key, Entry>, key: &Key, free: u32, now: Instant) -> bool {
    entries
        .get(key)
        .is_some_and(|entry| now.saturating_duration_since(entry.last) < wait(entry.failures, free))
}

/// Counts a failure.
fn count(entries: &mut HashMap<Key, Entry>, key: Key, now: Instant) {
    let entry = entries.entry(key).or_insert(Entry {
        failures: 0,
        last: now,
    });
    if now.saturating_duration_since(entry.last) > MEMORY {
        entry.failures = 0;
    }
    entry.failures = entry.failures.saturating_add(1);
    entry.last = now;
}

/// How long to wait after so many failures.
fn wait(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(1 << over.min(10)).min(LONGEST),
    }
}

/// Forgets what is old, and then the older half.
fn shrink(entries: &mut HashMap<Key, Entry>, now: Instant) {
    entries.retain(|_, e| now.saturating_duration_since(e.last) <= MEMORY);
    if entries.len() >= MAX_ENTRIES {
        let mut times: Vec<Instant> = entries.values().map(|e| e.last).collect();
        times.sort_unstable();
        let median = times[times.len() / 2];
        entries.retain(|_, e| e.last > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, n]))
    }

    #[test]
    fn guessing_slows_down_and_only_for_the_guesser() {
        let t = Throttle::default();
        let mut now = Instant::now();
        for _ in 0..FREE {
            assert!(t.attempt(ip(1), "alice", now).is_some());
        }
        assert!(t.attempt(ip(1), "alice", now).is_none());
        assert!(t.attempt(ip(1), "bob", now).is_some());
        assert!(t.attempt(ip(2), "alice", now).is_some());
        now += Duration::from_secs(2);
        assert!(t.attempt(ip(1), "alice", now).is_some());
        now += Duration::from_secs(1);
        assert!(t.attempt(ip(1), "alice", now).is_none(), "waits double");
        now += Duration::from_secs(2);
        t.attempt(ip(1), "alice", now).unwrap().good();
        for _ in 0..FREE {
            t.attempt(ip(1), "alice", now).unwrap();
        }
        // No wait is longer than the longest.
        assert_eq!(wait(u32::MAX, FREE), LONGEST);
        assert_eq!(wait(FREE - 1, FREE), Duration::ZERO);
    }

    #[test]
    fn failures_that_are_told_later() {
        let t = Throttle::default();
        let now = Instant::now();
        for _ in 0..FREE {
            assert!(!t.is_waiting("alice", now));
            t.failed("alice", now);
        }
        assert!(t.is_waiting("alice", now));
        assert!(!t.is_waiting("bob", now));
        assert!(!t.is_waiting("alice", now + LONGEST));
    }

    #[test]
    fn success_never_waits() {
        let t = Throttle::default();
        let now = Instant::now();
        for _ in 0..1000 {
            t.attempt(ip(1), "alice", now).unwrap().good();
        }
    }

    #[test]
    fn many_names_from_one_address() {
        let t = Throttle::default();
        let now = Instant::now();
        let tried = (0..1000)
            .filter(|n| t.attempt(ip(1), &format!("u{n}"), now).is_some())
            .count();
        assert_eq!(tried, FREE_OF_ADDRESS as usize);
        // One right password in between does not make guesses free.
        assert!(t.attempt(ip(1), "alice", now).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let t = Throttle::default();
        let now = Instant::now();
        for n in 0..40_000u32 {
            let ip = Some(IpAddr::from(n.to_be_bytes()));
            let _ = t.attempt(ip, "x", now + Duration::from_millis(u64::from(n)));
        }
        assert!(t.entries.lock().unwrap().len() <= MAX_ENTRIES + 2);
    }
}
