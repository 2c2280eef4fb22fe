// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_QUERY_NETWORK_INTERFACE_INFO (\[MS-SMB2\] 2.2.32.5): by which
//! addresses the server can be reached.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use core::net::IpAddr;

const FAMILY_IPV4: u16 = 0x0002;
const FAMILY_IPV6: u16 = 0x0017;
/// SockAddr_Storage.
const ADDRESS_LEN: usize = 128;

/// Length in bytes of one interface.
pub const INTERFACE_LEN: usize = 152;

wire_flags! {
    /// What an interface can do (\[MS-SMB2\] 2.2.32.5).
    pub struct InterfaceCapability(u32) {
        RSS_CAPABLE = 0x0000_0001,
        RDMA_CAPABLE = 0x0000_0002,
    }
}

/// One interface with one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Number of the interface.
    pub if_index: u32,
    /// What it can do.
    pub capability: InterfaceCapability,
    /// Bits in a second.
    pub link_speed: u64,
    /// Address.
    pub address: IpAddr,
}

impl NetworkInterface {
    /// Parses one interface; `None` for an address of another family.
    /// Answers NextEntryOffset too.
    pub fn parse(bytes: &[u8]) -> Result<(Option<Self>, usize), Malformed> {
        let mut r = Reader::new(bytes);
        let next = r.len32()?;
        let if_index = r.u32()?;
        let capability = InterfaceCapability(r.u32()?);
        r.skip(4)?;
        let link_speed = r.u64()?;
        let mut a = Reader::new(r.take(ADDRESS_LEN)?);
        let family = a.u16()?;
        a.skip(2)?;
        let address = match family {
            FAMILY_IPV4 => IpAddr::from(a.array::<4>()?),
            FAMILY_IPV6 => {
                a.skip(4)?;
                IpAddr::from(a.array::<16>()?)
            }
            _ => return Ok((None, next)),
        };
        Ok((
            Some(Self {
                if_index,
                capability,
                link_speed,
                address,
            }),
            next,
        ))
    }

    fn write(&self, next: usize, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.len32(next)?;
        w.u32(self.if_index)?;
        w.u32(self.capability.0)?;
        w.u32(0)?;
        w.u64(self.link_speed)?;
        let address_at = w.len();
        match self.address {
            IpAddr::V4(v4) => {
                w.u16(FAMILY_IPV4)?;
                w.u16(0)?;
                w.bytes(&v4.octets())?;
            }
            IpAddr::V6(v6) => {
                w.u16(FAMILY_IPV6)?;
                w.u16(0)?;
                w.u32(0)?;
                w.bytes(&v6.octets())?;
                w.u32(0)?;
            }
        }
        let used = w.len().checked_sub(address_at).ok_or(NoSpace)?;
        w.zeros(ADDRESS_LEN.saturating_sub(used))
    }
}

/// Appends the output: all interfaces, linked.
pub fn write_interfaces(list: &[NetworkInterface], w: &mut Writer<'_>) -> Result<(), NoSpace> {
    let mut rest = list;
    while let Some((first, tail)) = rest.split_first() {
        first.write(if tail.is_empty() { 0 } else { INTERFACE_LEN }, w)?;
        rest = tail;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_interfaces() {
        let list = [
            NetworkInterface {
                if_index: 2,
                capability: InterfaceCapability::RSS_CAPABLE,
                link_speed: 10_000_000_000,
                address: IpAddr::from([192, 0, 2, 1]),
            },
            NetworkInterface {
                if_index: 3,
                capability: InterfaceCapability::NONE,
                link_speed: 1_000_000_000,
                address: IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
            },
        ];
        let mut buf = [0xAA; 2 * INTERFACE_LEN];
        let mut w = Writer::new(&mut buf);
        write_interfaces(&list, &mut w).unwrap();
        assert_eq!(w.len(), 304);
        assert_eq!(&buf[24..32], &[2, 0, 0, 0, 192, 0, 2, 1]);
        assert_eq!(&buf[176..180], &[0x17, 0, 0, 0]);
        assert_eq!(
            NetworkInterface::parse(&buf),
            Ok((Some(list[0]), INTERFACE_LEN))
        );
        assert_eq!(
            NetworkInterface::parse(&buf[INTERFACE_LEN..]),
            Ok((Some(list[1]), 0))
        );
    }
}
