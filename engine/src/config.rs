// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine's own copy of what the daemon configures, and the rules of [MS-SMB2] 3.3.1.5 derived from it.

use kernel::prelude::*;
use proto_shared::codec::Malformed;
use proto_shared::ipc::{ConfigFlags, ServerConfig};

use crate::host::{Cipher, SigningAlgorithm};
use crate::name::copy;

/// Whether something is refused, possible or demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Not offered; used only where the protocol leaves no choice.
    Disabled,
    /// Used when the other side, the share or the user asks for it.
    Enabled,
    /// Whoever does not use it is turned away.
    Mandatory,
}

impl Policy {
    fn from_wire(v: u8) -> Result<Self, Malformed> {
        match v {
            0 => Ok(Policy::Disabled),
            1 => Ok(Policy::Enabled),
            2 => Ok(Policy::Mandatory),
            _ => Err(Malformed::new("policy")),
        }
    }
}

/// Limits and policies of one server.
pub struct Config {
    /// Identity of this server on the wire.
    pub server_guid: [u8; 16],
    /// TCP port in host order.
    pub tcp_port: u16,
    /// Interfaces to listen on, separated by NUL; empty for all.
    pub interfaces: KVec<u8>,
    /// Lowest dialect, for example 0x0202.
    pub min_dialect: u16,
    /// Highest dialect, for example 0x0311.
    pub max_dialect: u16,
    /// Signing of sessions that are neither guest nor anonymous.
    pub signing: Policy,
    /// Encryption of sessions.
    pub encryption: Policy,
    /// Ciphers in the server's order of preference.
    pub ciphers: KVec<Cipher>,
    /// Signing algorithms in the server's order of preference.
    pub signing_algorithms: KVec<SigningAlgorithm>,
    /// Largest READ in bytes.
    pub max_read: u32,
    /// Largest WRITE in bytes.
    pub max_write: u32,
    /// Largest other transfer in bytes.
    pub max_trans: u32,
    /// Most credits that a client holds.
    pub max_credits: u16,
    /// Most connections of the server.
    pub max_connections: u32,
    /// Most connections of one address.
    pub max_connections_per_ip: u32,
    /// Most sessions of the server.
    pub max_sessions: u32,
    /// Most sessions of one connection.
    pub max_sessions_per_connection: u32,
    /// Most opens of one session.
    pub max_opens: u32,
    /// Most bytes of requests that one connection has in work.
    pub max_inflight_bytes: u64,
    /// How long a connection may be without a log-in, in milliseconds.
    pub auth_timeout_ms: u32,
    /// How long the daemon may take for an answer, in milliseconds.
    pub upcall_timeout_ms: u32,
    /// How long a connection without opens may be silent, in seconds; 0 for ever.
    pub dead_time_s: u32,
    /// What is switched on.
    pub flags: ConfigFlags,
    /// SPNEGO token that NEGOTIATE answers with.
    pub security_blob: KVec<u8>,
}

/// Sizes that no configuration exceeds: the largest frame is 16 MiB.
const MAX_IO: u32 = 8 << 20;
const MIN_IO: u32 = 64 << 10;

impl Config {
    /// Takes a START message over, with every limit brought into the range that the engine can keep.
    ///
    /// # Errors
    /// `EINVAL` for impossible values, `ENOMEM`.
    pub(crate) fn from_wire(c: &ServerConfig<'_>) -> Result<Self> {
        let bad = |_| EINVAL;
        let mut ciphers = KVec::new();
        for v in c.ciphers.iter() {
            let cipher = match v {
                1 => Cipher::Aes128Ccm,
                2 => Cipher::Aes128Gcm,
                3 => Cipher::Aes256Ccm,
                4 => Cipher::Aes256Gcm,
                _ => return Err(EINVAL),
            };
            ciphers.push(cipher, GFP_KERNEL)?;
        }
        let mut signing_algorithms = KVec::new();
        for v in c.signing_algorithms.iter() {
            let algorithm = match v {
                0 => SigningAlgorithm::HmacSha256,
                1 => SigningAlgorithm::AesCmac,
                2 => SigningAlgorithm::AesGmac,
                _ => return Err(EINVAL),
            };
            signing_algorithms.push(algorithm, GFP_KERNEL)?;
        }
        let dialects = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];
        if !dialects.contains(&c.min_dialect)
            || !dialects.contains(&c.max_dialect)
            || c.min_dialect > c.max_dialect
        {
            return Err(EINVAL);
        }
        let mut security_blob = KVec::new();
        for chunk in c.security_blob.chunks() {
            security_blob.extend_from_slice(chunk, GFP_KERNEL)?;
        }
        Ok(Self {
            server_guid: c.server_guid,
            tcp_port: c.tcp_port,
            interfaces: copy(c.interfaces)?,
            min_dialect: c.min_dialect,
            max_dialect: c.max_dialect,
            signing: Policy::from_wire(c.signing).map_err(bad)?,
            encryption: Policy::from_wire(c.encryption).map_err(bad)?,
            ciphers,
            signing_algorithms,
            max_read: c.max_read.clamp(MIN_IO, MAX_IO),
            max_write: c.max_write.clamp(MIN_IO, MAX_IO),
            max_trans: c.max_trans.clamp(MIN_IO, MAX_IO),
            max_credits: c.max_credits.clamp(16, 8192),
            max_connections: c.max_connections.max(1),
            max_connections_per_ip: c.max_connections_per_ip.max(1),
            max_sessions: c.max_sessions.clamp(1, 1 << 16),
            max_sessions_per_connection: c.max_sessions_per_connection.clamp(1, 1024),
            max_opens: c.max_opens.clamp(16, 1 << 16),
            max_inflight_bytes: c
                .max_inflight_bytes
                .max(u64::from(MAX_IO).saturating_mul(2)),
            auth_timeout_ms: c.auth_timeout_ms.max(1000),
            upcall_timeout_ms: c.upcall_timeout_ms.max(1000),
            dead_time_s: c.dead_time_s,
            flags: c.flags,
            security_blob,
        })
    }

    /// Largest frame that a logged-in client may send, in bytes.
    pub fn max_frame(&self) -> usize {
        // Room for headers, a compound's small requests and the transform header.
        const ROOM: usize = 64 << 10;
        (self.max_write.max(self.max_trans) as usize).saturating_add(ROOM)
    }
}
