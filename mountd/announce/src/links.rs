// SPDX-License-Identifier: GPL-2.0-or-later
//! The links that are announced on: interfaces, their addresses, and which
//! senders belong to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::{Context, Result};
use nix::net::if_::InterfaceFlags;

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Name of the interface.
    pub interface: String,
    /// Its number.
    pub index: u32,
    /// The address.
    pub ip: IpAddr,
    /// Length of the network's prefix in bits.
    pub prefix: u8,
}

impl Link {
    /// Whether an address belongs to the link's network.
    #[must_use]
    pub fn has(&self, other: IpAddr) -> bool {
        match (self.ip, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix.min(32)));
                // A prefix of 0 is everywhere, which is no link.
                mask.is_some_and(|m| own.to_bits() & m == other.to_bits() & m)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix.min(128)));
                mask.is_some_and(|m| own.to_bits() & m == other.to_bits() & m)
            }
            _ => false,
        }
    }
}

const fn is_link_local(ip: Ipv6Addr) -> bool {
    ip.segments()[0] & 0xFFC0 == 0xFE80
}

/// The links there are now: of the named interfaces, or of all that can
/// multicast but the loopback. Of IPv6 only link-local addresses, which every
/// interface with IPv6 has.
///
/// # Errors
/// The interfaces cannot be listed.
pub fn links(only: &[String]) -> Result<Vec<Link>> {
    let all = nix::ifaddrs::getifaddrs().context("listing the interfaces")?;
    let mut out = Vec::new();
    for i in all {
        let wanted = if only.is_empty() {
            !i.flags.contains(InterfaceFlags::IFF_LOOPBACK)
        } else {
            only.contains(&i.interface_name)
        };
        let usable = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_MULTICAST;
        if !wanted || !i.flags.contains(usable) {
            continue;
        }
        let (Some(address), Some(netmask)) = (i.address, i.netmask) else {
            continue;
        };
        let v4 = address.as_sockaddr_in().map(|a| a.ip());
        let v6 = address.as_sockaddr_in6().map(|a| a.ip());
        let mask4 = netmask
            .as_sockaddr_in()
            .map_or(Ipv4Addr::BROADCAST, |a| a.ip());
        let (ip, prefix) = match (v4, v6) {
            (Some(ip), _) => (IpAddr::V4(ip), mask4.to_bits().leading_ones()),
            (None, Some(ip)) if is_link_local(ip) => (IpAddr::V6(ip), 64),
            _ => continue,
        };
        let Ok(index) = nix::net::if_::if_nametoindex(i.interface_name.as_str()) else {
            // It has just gone.
            continue;
        };
        out.push(Link {
            interface: i.interface_name,
            index,
            ip,
            prefix: u8::try_from(prefix).unwrap_or(32),
        });
    }
    out.sort_by_key(|a| (a.index, a.ip));
    out.dedup();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(ip: &str, prefix: u8) -> Link {
        Link {
            interface: "eth0".to_owned(),
            index: 2,
            ip: ip.parse().unwrap(),
            prefix,
        }
    }

    #[test]
    fn who_is_on_the_link() {
        let on = |l: &Link, ip: &str| l.has(ip.parse().unwrap());
        let l = link("192.0.2.10", 24);
        assert!(on(&l, "192.0.2.255") && on(&l, "192.0.2.10"));
        assert!(!on(&l, "192.0.3.1") && !on(&l, "fe80::1"));
        assert!(!on(&link("192.0.2.10", 0), "8.8.8.8"), "no default link");
        assert!(on(&link("192.0.2.10", 32), "192.0.2.10"));
        let l = link("fe80::5", 64);
        assert!(on(&l, "fe80::ffff:1") && !on(&l, "fe80:0:0:1::1") && !on(&l, "2001:db8::1"));
    }
}
