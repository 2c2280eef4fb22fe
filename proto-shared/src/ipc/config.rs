// SPDX-License-Identifier: GPL-2.0-or-later
//! START: the server's configuration; sent again, a live reload.

use super::attr::newtype_field;
use super::{message, Blob, U16List};

wire_flags! {
    /// Features that are on.
    pub struct ConfigFlags(u64) {
        MULTICHANNEL = 1,
        LEASES = 2,
        DURABLE = 4,
        SMB1 = 8,
        POSIX = 16,
        DIRECTORY_LEASES = 32,
    }
}

newtype_field!(ConfigFlags: u64);

message! {
    /// START: what the server is to be. The engine applies at a reload what
    /// can change under running connections.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ServerConfig<'a> {
        /// ServerGuid of NEGOTIATE (\[MS-SMB2\] 2.2.4), in wire order.
        server_guid: [u8; 16] = 1,
        /// NetBIOS name, at most 15 characters.
        netbios_name: &'a str = 2,
        /// TCP port in host order.
        tcp_port: u16 = 3,
        /// Names of interfaces to listen on, separated by NUL bytes; empty
        /// means all.
        interfaces: &'a [u8] = 4,
        /// Lowest dialect, 0x0202 to 0x0311.
        min_dialect: u16 = 5,
        /// Highest dialect, 0x0202 to 0x0311.
        max_dialect: u16 = 6,
        /// 0 only if the client requires it, 1 enabled, 2 mandatory.
        signing: u8 = 7,
        /// 0 disabled, 1 if share or client wants it, 2 mandatory.
        encryption: u8 = 8,
        /// Ciphers in order of preference (\[MS-SMB2\] 2.2.3.1.2).
        ciphers: U16List<'a> = 9,
        /// Signing algorithms in order of preference (\[MS-SMB2\] 2.2.3.1.7).
        signing_algorithms: U16List<'a> = 10,
        /// Greatest READ in bytes.
        max_read: u32 = 11,
        /// Greatest WRITE in bytes.
        max_write: u32 = 12,
        /// Greatest QUERY_INFO, SET_INFO, QUERY_DIRECTORY or IOCTL in bytes.
        max_trans: u32 = 13,
        /// Most credits that a connection may hold.
        max_credits: u16 = 14,
        /// Most connections.
        max_connections: u32 = 15,
        /// Most connections of one peer address.
        max_connections_per_ip: u32 = 16,
        /// Most sessions.
        max_sessions: u32 = 17,
        /// Most sessions of one connection.
        max_sessions_per_connection: u32 = 18,
        /// Most open files.
        max_opens: u32 = 19,
        /// Most bytes of requests that one connection may have in work.
        max_inflight_bytes: u64 = 20,
        /// How long a connection may stay without a login, in milliseconds.
        auth_timeout_ms: u32 = 21,
        /// How long an upcall may take, in milliseconds.
        upcall_timeout_ms: u32 = 22,
        /// How long a connection without open files may idle, in seconds; 0
        /// for ever.
        dead_time_s: u32 = 23,
        /// Features that are on.
        flags: ConfigFlags = 24,
        /// The SPNEGO token of the NEGOTIATE response (\[MS-SMB2\] 2.2.4).
        security_blob: Blob<'a> = 25,
    }
}
