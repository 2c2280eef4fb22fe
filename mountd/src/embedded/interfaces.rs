// SPDX-License-Identifier: GPL-2.0-or-later
//! The machine's network interfaces, as clients that want more channels are told of them ([MS-SMB2] 2.2.32.5).

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use kernel::prelude::*;
use ksmbd_engine::host::Interface;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::{if_nametoindex, InterfaceFlags};

/// Where the kernel tells what it knows of an interface.
const SYS: &str = "/sys/class/net";

/// The addresses of the interfaces that are up: of those named in `only` (separated by NUL bytes), or of all.
///
/// # Errors
/// `ENOMEM`, what the system says.
pub(super) fn list(only: &[u8]) -> Result<KVec<Interface>> {
    let wanted = |name: &str| {
        only.is_empty()
            || only
                .split(|b| *b == 0)
                .any(|n| !n.is_empty() && n == name.as_bytes())
    };
    let all = getifaddrs().map_err(|e| Error::from_errno(-(e as i32)))?;
    let mut list = KVec::new();
    for i in all {
        let address = i.address.as_ref().and_then(|a| {
            let v4 = a.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
            v4.or_else(|| a.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
        });
        let (Some(address), true) = (address, wanted(&i.interface_name)) else {
            continue;
        };
        if !i.flags.contains(InterfaceFlags::IFF_UP) {
            continue;
        }
        // One that went away meanwhile is none.
        let Ok(index) = if_nametoindex(i.interface_name.as_str()) else {
            continue;
        };
        list.push(
            Interface {
                index,
                address,
                speed: speed(&i.interface_name),
                several_queues: has_several_queues(&i.interface_name),
            },
            GFP_KERNEL,
        )?;
    }
    Ok(list)
}

/// In bits per second. Bridges, tunnels and loopback have none.
fn speed(name: &str) -> u64 {
    fs::read_to_string(Path::new(SYS).join(name).join("speed"))
        .ok()
        .and_then(|s| s.trim().parse::<u64>().ok())
        .filter(|mbit| *mbit > 0 && *mbit < u64::from(u32::MAX))
        .map_or(Interface::DEFAULT_SPEED, |mbit| mbit * 1_000_000)
}

fn has_several_queues(name: &str) -> bool {
    let Ok(queues) = fs::read_dir(Path::new(SYS).join(name).join("queues")) else {
        return false;
    };
    queues
        .flatten()
        .filter(|q| q.file_name().as_encoded_bytes().starts_with(b"rx-"))
        .count()
        > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_there_by_its_name() {
        let all = list(b"").unwrap();
        let Some(lo) = all.iter().find(|i| i.address.is_loopback()) else {
            // A network namespace in which it was never brought up.
            return;
        };
        assert!(lo.index > 0 && lo.speed > 0);
        let one = list(b"lo\0").unwrap();
        assert!(!one.is_empty() && one.iter().all(|i| i.index == lo.index));
        assert!(list(b"no-such\0").unwrap().is_empty());
    }
}
