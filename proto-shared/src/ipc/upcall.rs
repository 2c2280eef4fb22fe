// SPDX-License-Identifier: GPL-2.0-or-later
//! UPCALL and UPCALL_REPLY: what the engine asks the daemon.
//!
//! Each request has a token that its answer repeats. A request that is not
//! answered within `upcall_timeout_ms` counts as failed; a late answer is
//! dropped.

use super::attr::newtype_field;
use super::{message, AttrWriter, Blob, U32List};
use crate::codec::{Malformed, NoSpace};
use crate::status::NtStatus;

wire_enum! {
    /// What is asked.
    pub struct UpcallKind(u16) {
        AUTH = 1,
        TREE_CONNECT = 2,
        PIPE_OPEN = 3,
        PIPE_WRITE = 4,
        PIPE_READ = 5,
        PIPE_TRANSCEIVE = 6,
    }
}

newtype_field!(UpcallKind: u16);

message! {
    /// The envelope's part of an upcall or its answer.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct UpcallHeader {
        /// Ties an answer to its request.
        token: u64 = 1,
        /// What is asked.
        kind: UpcallKind = 2,
    }
}

/// A request whose kind is known and whose body is not yet read.
#[derive(Clone, Copy)]
pub struct Upcall<'a> {
    /// Ties the answer to it.
    pub token: u64,
    /// What is asked.
    pub kind: UpcallKind,
    /// What to give to the `parse` of the request that belongs to `kind`.
    pub body: &'a [u8],
}

/// An answer whose kind is known and whose body is not yet read.
#[derive(Clone, Copy)]
pub struct UpcallReply<'a> {
    /// Of the request.
    pub token: u64,
    /// Of the request.
    pub kind: UpcallKind,
    /// What to give to the `parse` of the reply that belongs to `kind`.
    pub body: &'a [u8],
}

impl<'a> Upcall<'a> {
    /// Reads the envelope.
    pub fn parse(attrs: &'a [u8]) -> Result<Self, Malformed> {
        let UpcallHeader { token, kind } = UpcallHeader::parse(attrs)?;
        Ok(Self {
            token,
            kind,
            body: attrs,
        })
    }
}

impl<'a> UpcallReply<'a> {
    /// Reads the envelope.
    pub fn parse(attrs: &'a [u8]) -> Result<Self, Malformed> {
        let UpcallHeader { token, kind } = UpcallHeader::parse(attrs)?;
        Ok(Self {
            token,
            kind,
            body: attrs,
        })
    }
}

/// A body of an upcall.
pub trait UpcallBody {
    /// The kind that it belongs to.
    const KIND: UpcallKind;
    /// Appends the body only.
    fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace>;
}

/// A body of an answer. The same type may answer several kinds.
pub trait UpcallReplyBody {
    /// Appends the body only.
    fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace>;
}

/// Appends a whole upcall.
pub fn write_upcall<B: UpcallBody>(
    w: &mut AttrWriter<'_>,
    token: u64,
    body: &B,
) -> Result<(), NoSpace> {
    let kind = B::KIND;
    UpcallHeader { token, kind }.write(w)?;
    body.write_body(w)
}

/// Appends a whole answer.
pub fn write_upcall_reply<B: UpcallReplyBody>(
    w: &mut AttrWriter<'_>,
    token: u64,
    kind: UpcallKind,
    body: &B,
) -> Result<(), NoSpace> {
    UpcallHeader { token, kind }.write(w)?;
    body.write_body(w)
}

macro_rules! upcall_body {
    ($($name:ty = $kind:ident),* $(,)?) => {$(
        impl UpcallBody for $name {
            const KIND: UpcallKind = UpcallKind::$kind;
            fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                self.write(w)
            }
        }
    )*};
}

macro_rules! reply_body {
    ($($name:ty),* $(,)?) => {$(
        impl UpcallReplyBody for $name {
            fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                self.write(w)
            }
        }
    )*};
}

upcall_body!(
    AuthRequest<'_> = AUTH,
    TreeConnectRequest<'_> = TREE_CONNECT,
    PipeOpen<'_> = PIPE_OPEN,
    PipeWrite<'_> = PIPE_WRITE,
    PipeRead = PIPE_READ,
    PipeTransceive<'_> = PIPE_TRANSCEIVE,
);

reply_body!(
    AuthReply<'_>,
    TreeConnectReply<'_>,
    PipeStatusReply,
    PipeWriteReply,
    PipeDataReply<'_>,
);

wire_flags! {
    /// What kind of authentication is asked for.
    pub struct AuthFlags(u32) {
        FIRST_LEG = 1,
        REAUTHENTICATION = 2,
        BINDING = 4,
    }
}

wire_flags! {
    /// What kind of user it is.
    pub struct UserFlags(u32) {
        GUEST = 1,
        ANONYMOUS = 2,
        ADMIN = 4,
    }
}

wire_flags! {
    /// What holds for a tree connect.
    pub struct TreeFlags(u64) {
        WRITABLE = 1,
        HIDE_DOT_FILES = 2,
        STORE_DOS_ATTRIBUTES = 4,
        OPLOCKS = 8,
        STREAMS = 0x10,
        ACL_XATTR = 0x20,
        FOLLOW_SYMLINKS = 0x40,
        CROSSMNT = 0x80,
        INHERIT_OWNER = 0x100,
        ENCRYPT = 0x200,
        HIDE_UNREADABLE = 0x400,
        TIME_MACHINE = 0x800,
        CONTINUOUS_AVAILABILITY = 0x1000,
        CASE_SENSITIVE = 0x2000,
        BROWSEABLE = 0x4000,
        GUEST = 0x8000,
        SPECIAL_FILES = 0x1_0000,
        APPLE = 0x2_0000,
    }
}

wire_flags! {
    /// Which accesses to files the daemon is told of.
    pub struct AuditFlags(u32) {
        OPEN = 1,
        CREATE = 2,
        DELETE = 4,
        RENAME = 8,
    }
}

wire_enum! {
    /// ShareType of TREE_CONNECT (\[MS-SMB2\] 2.2.10).
    pub struct ShareType(u8) {
        DISK = 1,
        PIPE = 2,
        PRINT = 3,
    }
}

newtype_field!(AuthFlags: u32, UserFlags: u32, TreeFlags: u64, ShareType: u8);

message! {
    /// AUTH: one leg of a login.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct AuthRequest<'a> {
        /// Names the login over all its legs.
        auth_id: u64 = 16,
        /// The session that it is for.
        session_id: u64 = 17,
        /// The connection it came by.
        connection_id: u64 = 18,
        /// Peer as `address:port`.
        peer: &'a str = 19,
        /// Negotiated dialect.
        dialect: u16 = 20,
        /// What kind of login.
        flags: AuthFlags = 21,
        /// SecurityBuffer of SESSION_SETUP (\[MS-SMB2\] 2.2.5).
        blob: Blob<'a> = 22,
    }
}

message! {
    /// Answer to [`AuthRequest`]. All but `status` and `blob` matter only with
    /// [`NtStatus::SUCCESS`]. Has no `Debug`: it holds a key.
    #[derive(Clone, Copy)]
    pub struct AuthReply<'a> {
        /// SUCCESS, MORE_PROCESSING_REQUIRED, or why not.
        status: NtStatus = 16,
        /// SecurityBuffer of the SESSION_SETUP response; may be empty.
        blob: Blob<'a> = 22,
        /// The exported session key, 16 bytes (NTLM) or more (Kerberos);
        /// empty for anonymous and guest sessions that have none.
        session_key: &'a [u8] = 23,
        /// Account as the server names it.
        account: &'a str = 24,
        /// Domain that the client named.
        domain: &'a str = 25,
        /// User id for file access.
        uid: Option<u32> = 26,
        /// Group id for file access.
        gid: Option<u32> = 27,
        /// Supplementary groups.
        groups: U32List<'a> = 28,
        /// What kind of user.
        user_flags: UserFlags = 29,
        /// When the login ends, as FILETIME; 0 never.
        expiry: u64 = 30,
        /// The account's SID as on the wire (\[MS-DTYP\] 2.4.2.2).
        sid: &'a [u8] = 31,
    }
}

impl<'a> AuthReply<'a> {
    /// An answer that grants nothing.
    #[must_use]
    pub fn refuse(status: NtStatus, blob: &'a [u8]) -> Self {
        Self {
            status,
            blob: blob.into(),
            session_key: &[],
            account: "",
            domain: "",
            uid: None,
            gid: None,
            groups: U32List::default(),
            user_flags: UserFlags::NONE,
            expiry: 0,
            sid: &[],
        }
    }
}

message! {
    /// TREE_CONNECT: may this user use this share?
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TreeConnectRequest<'a> {
        /// The session.
        session_id: u64 = 16,
        /// The id that the tree connect would get.
        tree_id: u32 = 17,
        /// Account of the session.
        account: &'a str = 18,
        /// User id of the session.
        uid: u32 = 19,
        /// Group id of the session.
        gid: u32 = 20,
        /// Supplementary groups of the session.
        groups: U32List<'a> = 21,
        /// What kind of user.
        user_flags: UserFlags = 22,
        /// The share as the client spells it, without the server's part.
        share: &'a str = 23,
        /// Peer as `address:port`.
        peer: &'a str = 24,
        /// Negotiated dialect.
        dialect: u16 = 25,
        /// Whether the request came encrypted.
        encrypted: bool = 26,
    }
}

message! {
    /// Answer to [`TreeConnectRequest`]. All but `status` matters only with
    /// [`NtStatus::SUCCESS`].
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TreeConnectReply<'a> {
        /// SUCCESS, or why not.
        status: NtStatus = 16,
        /// Canonical name of the share.
        share: &'a str = 17,
        /// Disk, pipe or printer.
        share_type: ShareType = 18,
        /// What holds for it.
        flags: TreeFlags = 19,
        /// Upper bound of the access masks granted on it.
        maximal_access: u32 = 20,
        /// Absolute path of its root; empty for pipes.
        path: &'a str = 21,
        /// New files get no more than these permission bits.
        create_mask: u32 = 22,
        /// New directories get no more than these permission bits.
        directory_mask: u32 = 23,
        /// New files get at least these permission bits.
        force_create_mode: u32 = 24,
        /// New directories get at least these permission bits.
        force_directory_mode: u32 = 25,
        /// Access files as this user instead.
        force_uid: Option<u32> = 26,
        /// Access files as this group instead.
        force_gid: Option<u32> = 27,
        /// Name patterns that do not exist for clients, separated by NUL bytes.
        veto: &'a [u8] = 28,
        /// Label of the volume.
        volume_label: &'a str = 29,
        /// Serial number of the volume.
        volume_serial: u32 = 30,
        /// Remark of the share.
        comment: &'a str = 31,
        /// Accesses to tell of ([`super::FileAccess`]), bits of [`AuditFlags`];
        /// `None` is none.
        audit: Option<u32> = 32,
        /// Directory of its snapshots, below its root; empty if it has none.
        snapshot_dir: &'a str = 33,
        /// How times are spelled in their names ([`crate::fscc::snapshot::is_format`]).
        snapshot_format: &'a str = 34,
        /// What kind of machine Apple's clients are told that this is.
        apple_model: &'a str = 35,
        /// Most bytes that Time Machine is told to use; 0 for no limit.
        time_machine_max_size: u64 = 36,
    }
}

impl TreeConnectReply<'_> {
    /// An answer that grants nothing.
    #[must_use]
    pub const fn refuse(status: NtStatus) -> Self {
        Self {
            status,
            share: "",
            share_type: ShareType::DISK,
            flags: TreeFlags::NONE,
            maximal_access: 0,
            path: "",
            create_mask: 0,
            directory_mask: 0,
            force_create_mode: 0,
            force_directory_mode: 0,
            force_uid: None,
            force_gid: None,
            veto: &[],
            volume_label: "",
            volume_serial: 0,
            comment: "",
            audit: None,
            snapshot_dir: "",
            snapshot_format: "",
            apple_model: "",
            time_machine_max_size: 0,
        }
    }
}

message! {
    /// PIPE_OPEN: CREATE on IPC$.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeOpen<'a> {
        /// The session.
        session_id: u64 = 16,
        /// Names the pipe in what follows.
        pipe_id: u64 = 17,
        /// Name in lower case, without `\pipe\`.
        name: &'a str = 18,
        /// Account of the session.
        account: &'a str = 19,
        /// What kind of user.
        user_flags: UserFlags = 20,
        /// Peer as `address:port`.
        peer: &'a str = 21,
    }
}

message! {
    /// Answer to [`PipeOpen`], and to anything whose kind is not known
    /// (NOT_SUPPORTED).
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeStatusReply {
        /// SUCCESS, or why not.
        status: NtStatus = 16,
    }
}

message! {
    /// PIPE_WRITE: WRITE on a pipe.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeWrite<'a> {
        /// The pipe.
        pipe_id: u64 = 17,
        /// What is written.
        data: Blob<'a> = 18,
    }
}

message! {
    /// Answer to [`PipeWrite`].
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeWriteReply {
        /// SUCCESS, or why not.
        status: NtStatus = 16,
        /// Bytes taken.
        count: u32 = 17,
    }
}

message! {
    /// PIPE_READ: READ on a pipe.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeRead {
        /// The pipe.
        pipe_id: u64 = 17,
        /// Most bytes to answer.
        max_len: u32 = 18,
    }
}

message! {
    /// Answer to [`PipeRead`] and [`PipeTransceive`].
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeDataReply<'a> {
        /// SUCCESS, BUFFER_OVERFLOW when the message has more, or why not.
        status: NtStatus = 16,
        /// What is read.
        data: Blob<'a> = 17,
    }
}

message! {
    /// PIPE_TRANSCEIVE: FSCTL_PIPE_TRANSCEIVE (\[MS-FSCC\] 2.3.45).
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeTransceive<'a> {
        /// The pipe.
        pipe_id: u64 = 17,
        /// Most bytes to answer.
        max_len: u32 = 18,
        /// What is written.
        data: Blob<'a> = 19,
    }
}
