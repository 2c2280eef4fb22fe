// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_QUERY_NETWORK_INTERFACE_INFO ([MS-SMB2] 3.3.5.15.11): by which addresses a client may make further
//! channels.

use core::net::IpAddr;

use kernel::prelude::*;

use proto_shared::fscc::network::{
    write_interfaces, InterfaceCapability, NetworkInterface, INTERFACE_LEN,
};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::{reply, require_room};
use crate::error::{SmbError, SmbResult};
use crate::host::{Host, Interface};
use crate::work::{Reply, Work};

/// Most addresses of a reply.
const MAX_INTERFACES: usize = 256;

/// Answers with the addresses that the server listens on. Those of the loopback interface, which lead a client on
/// another machine to itself, are told only when there are no others.
///
/// # Errors
/// `NOT_SUPPORTED` without multichannel or before 3.0, `BUFFER_TOO_SMALL`, the host's.
pub(crate) fn interfaces<H: Host>(
    w: &Work<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let config = w
        .server()
        .config()
        .ok_or(SmbError::from(NtStatus::NOT_SUPPORTED))?;
    if !w.negotiated()?.is_smb3() || !config.flags.contains(ConfigFlags::MULTICHANNEL) {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let all = w.host().interfaces(&config.interfaces)?;
    let only_loopback = all.iter().all(|i| i.address.is_loopback());
    let mut list = KVec::new();
    for i in all
        .iter()
        .filter(|i| only_loopback || !i.address.is_loopback())
        .filter(|i| !is_link_local(&i.address))
        .take(MAX_INTERFACES)
    {
        list.push(on_the_wire(i), GFP_KERNEL)?;
    }
    let len = list.len().saturating_mul(INTERFACE_LEN);
    require_room(req, len)?;
    reply(out, req.ctl_code, req.file_id, len, |b| {
        write_interfaces(&list, b)
    })
}

/// Such an address means nothing without the client's own interface.
fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80),
    }
}

fn on_the_wire(i: &Interface) -> NetworkInterface {
    NetworkInterface {
        if_index: i.index,
        capability: if i.several_queues {
            InterfaceCapability::RSS_CAPABLE
        } else {
            InterfaceCapability::NONE
        },
        link_speed: i.speed,
        address: i.address,
    }
}
