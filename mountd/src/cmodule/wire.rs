// SPDX-License-Identifier: GPL-2.0-or-later
//! The messages of `SMBD_GENL`, version 1, as Linux 5.15 to 7.3 has them.
//!
//! Each message is one attribute whose number is the command's and whose value
//! is a C struct in the machine's byte order. Sizes are fixed; what newer
//! kernels added took the place of reserved bytes, which are sent as zeros, so
//! that an old module ignores them. Nothing tells which fields a module knows.

use zeroize::Zeroizing;

/// Name of the family.
pub(super) const FAMILY: &str = "SMBD_GENL";
/// Its version, in each header.
pub(super) const VERSION: u8 = 1;

/// Commands.
pub(super) mod event {
    pub(crate) const HEARTBEAT_REQUEST: u8 = 1;
    pub(crate) const STARTING_UP: u8 = 2;
    pub(crate) const LOGIN_REQUEST: u8 = 4;
    pub(crate) const SHARE_CONFIG_REQUEST: u8 = 6;
    pub(crate) const TREE_CONNECT_REQUEST: u8 = 8;
    pub(crate) const TREE_DISCONNECT_REQUEST: u8 = 10;
    pub(crate) const LOGOUT_REQUEST: u8 = 11;
    pub(crate) const RPC_REQUEST: u8 = 12;
    pub(crate) const SPNEGO_AUTHEN_REQUEST: u8 = 14;
    pub(crate) const LOGIN_REQUEST_EXT: u8 = 16;

    /// The command that answers a request.
    pub(crate) const fn answer(request: u8) -> u8 {
        request.saturating_add(1)
    }
}

/// Flags of the server.
pub(super) mod global {
    pub(crate) const LEASES: u32 = 1;
    pub(crate) const ENCRYPTION: u32 = 1 << 1;
    pub(crate) const MULTICHANNEL: u32 = 1 << 2;
    pub(crate) const ENCRYPTION_OFF: u32 = 1 << 3;
    pub(crate) const DURABLE: u32 = 1 << 4;
}

/// Flags of a share.
pub(super) mod share {
    pub(crate) const AVAILABLE: u32 = 1;
    pub(crate) const BROWSEABLE: u32 = 1 << 1;
    pub(crate) const WRITEABLE: u32 = 1 << 2;
    pub(crate) const READONLY: u32 = 1 << 3;
    pub(crate) const GUEST_OK: u32 = 1 << 4;
    pub(crate) const STORE_DOS_ATTRS: u32 = 1 << 6;
    pub(crate) const OPLOCKS: u32 = 1 << 7;
    pub(crate) const PIPE: u32 = 1 << 8;
    pub(crate) const HIDE_DOT_FILES: u32 = 1 << 9;
    pub(crate) const INHERIT_OWNER: u32 = 1 << 10;
    pub(crate) const STREAMS: u32 = 1 << 11;
    pub(crate) const FOLLOW_SYMLINKS: u32 = 1 << 12;
    pub(crate) const ACL_XATTR: u32 = 1 << 13;
    pub(crate) const CROSSMNT: u32 = 1 << 15;
    pub(crate) const CONTINUOUS_AVAILABILITY: u32 = 1 << 16;
    pub(crate) const HIDE_UNREADABLE: u32 = 1 << 17;
    pub(crate) const TIME_MACHINE: u32 = 1 << 18;
    pub(crate) const ENCRYPT_DATA: u32 = 1 << 20;
}

/// Flags of a user.
pub(super) mod user {
    pub(crate) const OK: u16 = 1;
    pub(crate) const BAD_PASSWORD: u16 = 1 << 1;
    pub(crate) const BAD_USER: u16 = 1 << 3;
    pub(crate) const GUEST: u16 = 1 << 4;
    /// LOGIN_REQUEST_EXT has more: supplementary groups.
    pub(crate) const EXTENSION: u16 = 1 << 6;
}

/// Flags of a tree connect.
pub(super) mod tree {
    pub(crate) const GUEST: u16 = 1;
    pub(crate) const READ_ONLY: u16 = 1 << 1;
    pub(crate) const WRITABLE: u16 = 1 << 2;
    /// The module's copy of the share is old: it asks for it again.
    pub(crate) const UPDATE: u16 = 1 << 4;
}

/// What a tree connect is answered with.
pub(super) mod tree_status {
    pub(crate) const OK: u16 = 0;
    pub(crate) const NO_SHARE: u16 = 2;
    pub(crate) const INVALID_USER: u16 = 4;
    pub(crate) const TOO_MANY_CONNS: u16 = 7;
}

/// Methods of pipes, and what they are answered with.
pub(super) mod rpc {
    pub(crate) const SRVSVC: u32 = 1 << 1;
    pub(crate) const WKSSVC: u32 = 1 << 2;
    pub(crate) const IOCTL: u32 = 1 << 3;
    pub(crate) const OPEN: u32 = 1 << 4;
    pub(crate) const WRITE: u32 = 1 << 5;
    pub(crate) const READ: u32 = 1 << 6;
    pub(crate) const CLOSE: u32 = 1 << 7;
    /// The caller is a guest.
    pub(crate) const RESTRICTED: u32 = 1 << 9;
    pub(crate) const SAMR: u32 = 1 << 10;
    pub(crate) const LSARPC: u32 = 1 << 11;

    pub(crate) const STATUS_OK: u32 = 0;
    pub(crate) const STATUS_ACCESS_DENIED: u32 = 5;
    pub(crate) const STATUS_BAD_FID: u32 = 6;
    pub(crate) const STATUS_NO_MEMORY: u32 = 8;
    pub(crate) const STATUS_BAD_DATA: u32 = 0x0D;
    pub(crate) const STATUS_NOT_IMPLEMENTED: u32 = 0x40;
}

const ACCOUNT: usize = 48;
const SHARE: usize = 64;

/// Why a message could not be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    #[error("the module's message is too short")]
    Short,
    #[error("a name is not UTF-8")]
    NotUtf8,
    #[error("a text is too long for the module: it has room for {0} bytes")]
    TooLong(usize),
    #[error("the module knows ids up to 65534 only")]
    IdTooLarge,
}

/// Takes fields off the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, n: usize) -> Result<&'a [u8], WireError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(WireError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(WireError::Short)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_ne_bytes)
    }

    fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_ne_bytes)
    }

    fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_ne_bytes)
    }

    /// A text that ends at its first NUL.
    fn text(&mut self, n: usize) -> Result<&'a str, WireError> {
        let bytes = self.bytes(n)?;
        let text = bytes.split(|b| *b == 0).next().unwrap_or_default();
        std::str::from_utf8(text).map_err(|_| WireError::NotUtf8)
    }
}

/// Puts fields at the end. Wiped when dropped: a login holds a hash.
#[derive(Default)]
struct Packed(Zeroizing<Vec<u8>>);

impl Packed {
    /// With the room that it needs from the start, so that nothing is left
    /// behind when it grows.
    fn with_capacity(n: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(n)))
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u16(self, n: u16) -> Self {
        self.bytes(&n.to_ne_bytes())
    }

    fn u32(self, n: u32) -> Self {
        self.bytes(&n.to_ne_bytes())
    }

    fn zeros(mut self, n: usize) -> Self {
        let len = self.0.len().saturating_add(n);
        self.0.resize(len, 0);
        self
    }

    /// A text and at least one NUL in `size` bytes.
    fn text(self, text: &str, size: usize) -> Result<Self, WireError> {
        match size.checked_sub(text.len()) {
            Some(rest) if rest > 0 => Ok(self.bytes(text.as_bytes()).zeros(rest)),
            _ => Err(WireError::TooLong(size.saturating_sub(1))),
        }
    }
}

/// What a message is as bytes.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// STARTING_UP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Startup<'a> {
    pub(super) flags: u32,
    /// 0 disabled, 2 if the client wants it, 3 mandatory.
    pub(super) signing: u32,
    pub(super) min_protocol: &'a str,
    pub(super) max_protocol: &'a str,
    pub(super) netbios_name: &'a str,
    pub(super) workgroup: &'a str,
    pub(super) server_string: &'a str,
    pub(super) tcp_port: u16,
    /// Minutes.
    pub(super) deadtime: u32,
    pub(super) max_open_files: u32,
    pub(super) max_write: u32,
    pub(super) max_read: u32,
    pub(super) max_trans: u32,
    pub(super) machine_sid: [u32; 3],
    pub(super) max_credits: u32,
    pub(super) max_connections: u32,
    pub(super) max_connections_per_ip: u32,
    pub(super) max_sessions_per_connection: u32,
    pub(super) bind_interfaces_only: bool,
    /// Names, each with a NUL behind it.
    pub(super) interfaces: &'a [u8],
}

/// sizeof(struct ksmbd_startup_request).
const STARTUP_LEN: usize = 744;

impl Startup<'_> {
    pub(super) fn write(&self) -> Result<Bytes, WireError> {
        let n = u32::try_from(self.interfaces.len()).map_err(|_| WireError::TooLong(65535))?;
        let [a, b, c] = self.machine_sid;
        let p = Packed::with_capacity(STARTUP_LEN + self.interfaces.len())
            .u32(self.flags)
            .u32(self.signing)
            .text(self.min_protocol, 16)?
            .text(self.max_protocol, 16)?
            .text(self.netbios_name, 16)?
            .text(self.workgroup, 64)?
            .text(self.server_string, 64)?
            .u16(self.tcp_port)
            // No heartbeat: the module notices a daemon that is gone when it
            // asks it something.
            .u16(0)
            .u32(self.deadtime)
            .u32(self.max_open_files)
            .u32(self.max_write)
            .u32(self.max_read)
            .u32(self.max_trans)
            // What FS_ATTRIBUTE_INFO says beside the usual: sparse files.
            .u32(64)
            .u32(a)
            .u32(b)
            .u32(c)
            .u32(self.max_credits)
            // RDMA's sizes are the module's own.
            .u32(0)
            .u32(self.max_connections)
            .bytes(&[u8::from(self.bind_interfaces_only)])
            .u32(self.max_connections_per_ip)
            // aapl_model: the module's own.
            .zeros(32)
            .u32(self.max_sessions_per_connection)
            .zeros(463)
            .u32(n)
            .bytes(self.interfaces);
        Ok(p.0)
    }
}

/// LOGIN_REQUEST and LOGIN_REQUEST_EXT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LoginRequest<'a> {
    pub(super) handle: u32,
    pub(super) account: &'a str,
}

impl<'a> LoginRequest<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut f = Fields(bytes);
        Ok(Self {
            handle: f.u32()?,
            account: f.text(ACCOUNT)?,
        })
    }
}

/// LOGIN_RESPONSE.
pub(super) struct LoginResponse<'a> {
    pub(super) handle: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) account: &'a str,
    pub(super) status: u16,
    /// NT hash; the module verifies the password itself.
    pub(super) hash: Option<&'a [u8; 16]>,
    /// When the session ends, in seconds since 1970; 0 never. Older modules do
    /// not look at it.
    pub(super) expiry: u64,
}

/// sizeof(struct ksmbd_login_response).
const LOGIN_RESPONSE_LEN: usize = 148;
const HASH: usize = 18;

impl LoginResponse<'_> {
    pub(super) fn refuse(handle: u32) -> Bytes {
        let refused = Self {
            handle,
            uid: 0,
            gid: 0,
            account: "",
            status: user::BAD_USER,
            hash: None,
            expiry: 0,
        };
        refused.write().unwrap_or_default()
    }

    pub(super) fn write(&self) -> Result<Bytes, WireError> {
        let hash: &[u8] = self.hash.map_or(&[], |h| h);
        let p = Packed::with_capacity(LOGIN_RESPONSE_LEN)
            .u32(self.handle)
            .u32(self.gid)
            .u32(self.uid)
            .text(self.account, ACCOUNT)?
            .u16(self.status)
            .u16(u16::try_from(hash.len()).unwrap_or(0))
            .bytes(hash)
            .zeros(HASH - hash.len())
            // To the next multiple of 4.
            .zeros(2)
            // CAST: the halves of it.
            .u32(self.expiry as u32)
            .u32((self.expiry >> 32) as u32)
            // Reserved.
            .zeros(56);
        Ok(p.0)
    }
}

/// LOGIN_RESPONSE_EXT.
pub(super) fn login_response_ext(handle: u32, groups: &[u32]) -> Bytes {
    let n = u32::try_from(groups.len()).unwrap_or(0);
    let mut p = Packed::with_capacity(136 + groups.len() * 4)
        .u32(handle)
        .u32(n)
        .zeros(128);
    for group in groups {
        p = p.u32(*group);
    }
    p.0
}

/// SHARE_CONFIG_REQUEST.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShareRequest<'a> {
    pub(super) handle: u32,
    pub(super) name: &'a str,
}

impl<'a> ShareRequest<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut f = Fields(bytes);
        Ok(Self {
            handle: f.u32()?,
            name: f.text(SHARE)?,
        })
    }
}

/// SHARE_CONFIG_RESPONSE; without flags: there is no such share.
#[derive(Default)]
pub(super) struct ShareResponse<'a> {
    pub(super) handle: u32,
    pub(super) flags: u32,
    pub(super) create_mask: u32,
    pub(super) directory_mask: u32,
    pub(super) force_create_mode: u32,
    pub(super) force_directory_mode: u32,
    pub(super) force_uid: Option<u32>,
    pub(super) force_gid: Option<u32>,
    pub(super) name: &'a str,
    pub(super) veto: &'a [u8],
    pub(super) path: &'a str,
}

/// sizeof(struct ksmbd_share_config_response).
const SHARE_RESPONSE_LEN: usize = 536;

impl ShareResponse<'_> {
    pub(super) fn write(&self) -> Result<Bytes, WireError> {
        // The highest stands for "nobody in particular".
        let id = |id: Option<u32>| match id.map(u16::try_from) {
            None => Ok(u16::MAX),
            Some(Ok(n)) if n != u16::MAX => Ok(n),
            Some(_) => Err(WireError::IdTooLarge),
        };
        let mode = |mode: u32| u16::try_from(mode & 0o7777).unwrap_or(0);
        let mut payload = Vec::new();
        if !self.veto.is_empty() {
            payload.extend_from_slice(self.veto);
            payload.push(0);
        }
        payload.extend_from_slice(self.path.as_bytes());
        let len = |n: usize| u32::try_from(n).map_err(|_| WireError::TooLong(65535));
        let p = Packed::with_capacity(SHARE_RESPONSE_LEN + payload.len())
            .u32(self.handle)
            .u32(self.flags)
            .u16(mode(self.create_mask))
            .u16(mode(self.directory_mask))
            .u16(mode(self.force_create_mode))
            .u16(mode(self.force_directory_mode))
            .u16(id(self.force_uid)?)
            .u16(id(self.force_gid)?)
            .text(self.name, SHARE)?
            .zeros(444)
            .u32(len(payload.len())?)
            .u32(len(self.veto.len())?)
            .bytes(&payload);
        Ok(p.0)
    }
}

/// TREE_CONNECT_REQUEST.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TreeConnect<'a> {
    pub(super) handle: u32,
    pub(super) account_flags: u16,
    pub(super) session_id: u64,
    pub(super) connect_id: u64,
    pub(super) account: &'a str,
    pub(super) share: &'a str,
    pub(super) peer: &'a str,
}

impl<'a> TreeConnect<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut f = Fields(bytes);
        let (handle, account_flags) = (f.u32()?, f.u16()?);
        // IPv6, SMB2.
        f.u16()?;
        Ok(Self {
            handle,
            account_flags,
            session_id: f.u64()?,
            connect_id: f.u64()?,
            account: f.text(ACCOUNT)?,
            share: f.text(SHARE)?,
            peer: f.text(64)?,
        })
    }
}

/// TREE_CONNECT_RESPONSE.
pub(super) fn tree_connect_response(handle: u32, status: u16, flags: u16) -> Bytes {
    Packed::with_capacity(72)
        .u32(handle)
        .u16(status)
        .u16(flags)
        .zeros(64)
        .0
}

/// Session and tree connect of TREE_DISCONNECT_REQUEST.
pub(super) fn parse_tree_disconnect(bytes: &[u8]) -> Result<(u64, u64), WireError> {
    let mut f = Fields(bytes);
    Ok((f.u64()?, f.u64()?))
}

/// Account and its flags of LOGOUT_REQUEST.
pub(super) fn parse_logout(bytes: &[u8]) -> Result<(&str, u32), WireError> {
    let mut f = Fields(bytes);
    Ok((f.text(ACCOUNT)?, f.u32()?))
}

/// RPC_REQUEST.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RpcRequest<'a> {
    pub(super) handle: u32,
    pub(super) flags: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> RpcRequest<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut f = Fields(bytes);
        let (handle, flags, n) = (f.u32()?, f.u32()?, f.u32()?);
        let n = usize::try_from(n).map_err(|_| WireError::Short)?;
        Ok(Self {
            handle,
            flags,
            payload: f.bytes(n)?,
        })
    }
}

/// RPC_RESPONSE.
pub(super) fn rpc_response(handle: u32, status: u32, payload: &[u8]) -> Bytes {
    Packed::with_capacity(12 + payload.len())
        .u32(handle)
        .u32(status)
        .u32(u32::try_from(payload.len()).unwrap_or(0))
        .bytes(payload)
        .0
}

/// SPNEGO_AUTHEN_REQUEST: handle and token.
pub(super) fn parse_spnego(bytes: &[u8]) -> Result<(u32, &[u8]), WireError> {
    let mut f = Fields(bytes);
    let handle = f.u32()?;
    let n = f.u16()?;
    Ok((handle, f.bytes(usize::from(n))?))
}

/// SPNEGO_AUTHEN_RESPONSE: the login, its key, and the token to answer with.
pub(super) fn spnego_response(
    login: &LoginResponse<'_>,
    key: &[u8],
    token: &[u8],
) -> Result<Bytes, WireError> {
    let len = |bytes: &[u8], most: usize| {
        (u16::try_from(bytes.len()).ok())
            .filter(|n| usize::from(*n) <= most)
            .ok_or(WireError::TooLong(most))
    };
    let (key_len, token_len) = (len(key, MAX_KEY)?, len(token, MAX_TOKEN)?);
    Ok(
        Packed::with_capacity(8 + LOGIN_RESPONSE_LEN + key.len() + token.len())
            .u32(login.handle)
            .bytes(&login.write()?)
            .u16(key_len)
            .u16(token_len)
            .bytes(key)
            .bytes(token)
            .0,
    )
}

/// Longest session key that the module takes.
const MAX_KEY: usize = 40;
/// Longest token in either direction.
const MAX_TOKEN: usize = 4096;

/// SPNEGO_AUTHEN_RESPONSE that refuses: the handle, a refused login, no key,
/// no token.
pub(super) fn refuse_spnego(handle: u32) -> Bytes {
    Packed::with_capacity(156)
        .u32(handle)
        .bytes(&LoginResponse::refuse(handle))
        .u16(0)
        .u16(0)
        .0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_kernel() {
        let mut startup = Startup {
            flags: global::LEASES,
            signing: 2,
            min_protocol: "SMB2_10",
            max_protocol: "SMB3_11",
            netbios_name: "FILES",
            workgroup: "WORKGROUP",
            server_string: "SMB server",
            tcp_port: 445,
            deadtime: 0,
            max_open_files: 10_000,
            max_write: 1,
            max_read: 2,
            max_trans: 3,
            machine_sid: [7, 8, 9],
            max_credits: 8192,
            max_connections: 128,
            max_connections_per_ip: 64,
            max_sessions_per_connection: 16,
            bind_interfaces_only: false,
            interfaces: b"",
        };
        let bytes = startup.write().unwrap();
        assert_eq!(bytes.len(), STARTUP_LEN);
        // Offsets of fields behind the packed byte are odd.
        assert_eq!(bytes[184..186], 445u16.to_ne_bytes());
        assert_eq!(bytes[212..216], 7u32.to_ne_bytes());
        assert_eq!(bytes[237..241], 64u32.to_ne_bytes());
        assert_eq!(bytes[273..277], 16u32.to_ne_bytes());
        startup.interfaces = b"eth0\0";
        let bytes = startup.write().unwrap();
        assert_eq!(bytes[740..], *b"\x05\0\0\0eth0\0");
        startup.netbios_name = "SIXTEEN-LETTERS-";
        assert_eq!(startup.write(), Err(WireError::TooLong(15)));

        let login = LoginResponse {
            handle: 1,
            uid: 1000,
            gid: 50,
            account: "alice",
            status: user::OK,
            hash: Some(&[0xAB; 16]),
            expiry: 0x0102_0304_0506_0708,
        };
        let bytes = login.write().unwrap();
        assert_eq!(bytes.len(), LOGIN_RESPONSE_LEN);
        assert_eq!(bytes[84..88], 0x0506_0708u32.to_ne_bytes());
        assert_eq!(bytes[88..92], 0x0102_0304u32.to_ne_bytes());
        let spnego = spnego_response(&login, &[7; 32], b"token").unwrap();
        assert_eq!(spnego.len(), 8 + LOGIN_RESPONSE_LEN + 32 + 5);
        assert_eq!(spnego[152..156], *b"\x20\0\x05\0");
        assert!(spnego.ends_with(b"token"));
        for (key, token) in [(41, 1), (1, 4097)] {
            assert!(spnego_response(&login, &vec![1; key], &vec![1; token]).is_err());
        }
        assert_eq!(bytes[60..66], [1, 0, 16, 0, 0xAB, 0xAB]);
        assert_eq!(LoginResponse::refuse(7).len(), LOGIN_RESPONSE_LEN);
        assert_eq!(refuse_spnego(7).len(), 4 + LOGIN_RESPONSE_LEN + 4);
        assert_eq!(login_response_ext(1, &[5, 6]).len(), 144);
        assert_eq!(tree_connect_response(1, 0, 0).len(), 72);
        assert_eq!(rpc_response(1, 0, b"abc").len(), 15);
    }

    #[test]
    fn a_share_has_veto_names_before_its_path() {
        let share = ShareResponse {
            handle: 3,
            flags: share::AVAILABLE,
            name: "data",
            veto: b"a\0b",
            path: "/srv",
            ..ShareResponse::default()
        };
        let bytes = share.write().unwrap();
        assert_eq!(bytes.len(), SHARE_RESPONSE_LEN + 8);
        assert_eq!(bytes[528..], *b"\x08\0\0\0\x03\0\0\0a\0b\0/srv");
        assert_eq!(bytes[16..20], [0xFF; 4], "no id is forced");
        let with = |uid| ShareResponse {
            force_uid: Some(uid),
            ..ShareResponse::default()
        };
        assert_eq!(with(65534).write().unwrap()[16..18], [0xFE, 0xFF]);
        // Never cut to 16 bits: 65536 would become root.
        for uid in [65535, 65536, 70_000] {
            assert_eq!(with(uid).write(), Err(WireError::IdTooLarge));
        }
    }

    #[test]
    fn requests_of_the_module() {
        let mut bytes = vec![9, 0, 0, 0];
        bytes.extend_from_slice(b"alice\0rest");
        bytes.resize(116, 0);
        let login = LoginRequest::parse(&bytes).unwrap();
        assert_eq!((login.handle, login.account), (9, "alice"));
        assert_eq!(LoginRequest::parse(&bytes[..40]), Err(WireError::Short));
        bytes[4] = 0xFF;
        assert_eq!(LoginRequest::parse(&bytes), Err(WireError::NotUtf8));

        let mut bytes = vec![1, 0, 0, 0, 16, 0, 2, 0];
        bytes.extend_from_slice(&5u64.to_ne_bytes());
        bytes.extend_from_slice(&6u64.to_ne_bytes());
        bytes.resize(24, 0);
        bytes.extend_from_slice(b"bob");
        bytes.resize(72, 0);
        bytes.extend_from_slice(b"data");
        bytes.resize(136, 0);
        bytes.extend_from_slice(b"10.0.0.1");
        bytes.resize(264, 0);
        let tree = TreeConnect::parse(&bytes).unwrap();
        assert_eq!((tree.session_id, tree.connect_id), (5, 6));
        assert_eq!((tree.account, tree.share), ("bob", "data"));
        assert_eq!((tree.peer, tree.account_flags), ("10.0.0.1", user::GUEST));

        let spnego = [5, 0, 0, 0, 3, 0, b'a', b'b', b'c'];
        assert_eq!(parse_spnego(&spnego), Ok((5, &b"abc"[..])));
        assert_eq!(parse_spnego(&spnego[..8]), Err(WireError::Short));

        let rpc = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, b'x', b'y', b'z'];
        assert_eq!(RpcRequest::parse(&rpc).unwrap().payload, b"xyz");
        assert_eq!(RpcRequest::parse(&rpc[..14]), Err(WireError::Short));
    }
}
