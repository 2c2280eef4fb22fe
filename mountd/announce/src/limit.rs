// SPDX-License-Identifier: GPL-2.0-or-later
//! How many answers anybody gets: a bucket for each address, and one for all.
//! Whoever forges a sender's address can so neither use this process to flood
//! that one nor keep it busy.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

/// Answers that an address gets at once, and per second from then on.
const OF_ONE: (f64, f64) = (10.0, 2.0);
/// The same for all addresses together.
const OF_ALL: (f64, f64) = (100.0, 50.0);
/// Most addresses that are remembered.
const MAX_ADDRESSES: usize = 1024;

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, (most, per_second): (f64, f64), now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * per_second).min(most);
        self.at = now;
        let ok = self.left >= 1.0;
        if ok {
            self.left -= 1.0;
        }
        ok
    }
}

/// See the module.
pub struct Limit {
    all: Bucket,
    each: HashMap<IpAddr, Bucket>,
}

impl Limit {
    /// Full buckets.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            all: Bucket {
                left: OF_ALL.0,
                at: now,
            },
            each: HashMap::new(),
        }
    }

    /// Whether this address is answered now.
    pub fn admit(&mut self, to: IpAddr, now: Instant) -> bool {
        if !self.each.contains_key(&to) && self.each.len() >= MAX_ADDRESSES {
            // Those whose bucket is full again are as good as new ones.
            self.each.retain(|_, b| {
                let passed = now.saturating_duration_since(b.at).as_secs_f64();
                b.left + passed * OF_ONE.1 < OF_ONE.0
            });
            if self.each.len() >= MAX_ADDRESSES {
                return false;
            }
        }
        let fresh = Bucket {
            left: OF_ONE.0,
            at: now,
        };
        // One that asks too much takes nothing away from the others.
        self.each.entry(to).or_insert(fresh).take(OF_ONE, now) && self.all.take(OF_ALL, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn ip(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0A00_0000 + n).into()
    }

    #[test]
    fn one_address_gets_so_many() {
        let now = Instant::now();
        let mut limit = Limit::new(now);
        let admitted = (0..50).filter(|_| limit.admit(ip(1), now)).count();
        assert_eq!(admitted, 10);
        assert!(limit.admit(ip(2), now), "others still get theirs");
        let later = now + Duration::from_secs(2);
        let admitted = (0..50).filter(|_| limit.admit(ip(1), later)).count();
        assert_eq!(admitted, 4);
    }

    #[test]
    fn all_addresses_together_get_so_many_and_take_no_memory() {
        let now = Instant::now();
        let mut limit = Limit::new(now);
        let admitted = (0..100_000).filter(|n| limit.admit(ip(*n), now)).count();
        assert_eq!(admitted, 100);
        assert!(limit.each.len() <= MAX_ADDRESSES);
        let later = now + Duration::from_secs(60);
        assert!(limit.admit(ip(7_000_000), later), "the old ones make room");
    }
}
