// SPDX-License-Identifier: GPL-2.0-or-later
//! Network interfaces and their addresses.
//!
//! C header: `shim/shim.h`, part netif.c.

use core::net::IpAddr;

use super::ffi::{self, Netif};
use kernel::prelude::*;
use ksmbd_engine::host::Interface;

/// Most addresses that are looked at.
const MOST: usize = 256;

/// The addresses of the interfaces that are up: of those named in `only` (separated by NUL bytes), or of all.
///
/// # Errors
/// `ENOMEM`.
pub(crate) fn list(only: &[u8]) -> Result<KVec<Interface>> {
    let mut list = KVec::new();
    if only.is_empty() {
        add(only, &mut list)?;
    }
    for name in only.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        add(name, &mut list)?;
    }
    Ok(list)
}

/// Those of one interface; of all if it has no name.
fn add(name: &[u8], list: &mut KVec<Interface>) -> Result {
    let mut found = KVec::from_elem(Netif::default(), MOST, GFP_KERNEL)?;
    // SAFETY: Both slices are valid for their lengths, the second for writes.
    let used = unsafe { ffi::shim_netifs(name.as_ptr(), name.len(), found.as_mut_ptr(), found.len()) };
    let used = usize::try_from(used).unwrap_or(0);
    for i in found.iter().take(used) {
        let [a, b, c, d, ..] = i.addr;
        let speed = match i.mbit {
            0 => Interface::DEFAULT_SPEED,
            mbit => mbit.saturating_mul(1_000_000),
        };
        let interface = Interface {
            index: i.index,
            address: if i.v4 != 0 { IpAddr::from([a, b, c, d]) } else { IpAddr::from(i.addr) },
            speed,
            several_queues: i.queues > 1,
        };
        list.push(interface, GFP_KERNEL)?;
    }
    Ok(())
}
