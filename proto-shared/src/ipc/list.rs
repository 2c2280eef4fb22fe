// SPDX-License-Identifier: GPL-2.0-or-later
//! LIST: what lives in the engine, page by page.
//!
//! A cursor is opaque to the daemon: it sends 0 for the first page and then
//! what the last page gave it, until that is 0.

use super::attr::newtype_field;
use super::{message, AttrWriter, Attrs, U64List};
use crate::codec::{Malformed, NoSpace};

wire_enum! {
    /// What to list or close.
    pub struct ListWhat(u16) {
        SERVER = 1,
        CONNECTIONS = 2,
        SESSIONS = 3,
        TREES = 4,
        OPENS = 5,
        LOCKS = 6,
    }
}

newtype_field!(ListWhat: u16);

message! {
    /// LIST: one page.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct List {
        /// What to list.
        what: ListWhat = 1,
        /// 0, or `next_cursor` of the page before.
        cursor: u64 = 2,
        /// Most entries to answer.
        max: u32 = 3,
    }
}

/// Type of the attribute that holds an entry.
const ENTRY: u16 = 4;

message! {
    /// The answer's head.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ListReplyHead {
        /// As asked.
        what: ListWhat = 1,
        /// Where the next page starts; 0 at the end.
        next_cursor: u64 = 2,
    }
}

/// Answer to [`List`].
///
/// To write one: an entry each by [`ListReply::write_entry`], then
/// [`ListReply::write_head`]; the order of attributes does not matter, so the
/// cursor can be what is known after the entries.
#[derive(Clone, Copy)]
pub struct ListReply<'a> {
    /// As asked.
    pub what: ListWhat,
    /// Where the next page starts; 0 at the end.
    pub next_cursor: u64,
    attrs: Attrs<'a>,
}

impl<'a> ListReply<'a> {
    /// Reads the head.
    pub fn parse(attrs: &'a [u8]) -> Result<Self, Malformed> {
        let ListReplyHead { what, next_cursor } = ListReplyHead::parse(attrs)?;
        Ok(Self {
            what,
            next_cursor,
            attrs: Attrs::new(attrs)?,
        })
    }

    /// The entries, each to be given to the `parse` of its type.
    pub fn entries(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.attrs.all(ENTRY)
    }

    /// Appends one entry; `f` is the entry's `write`. Nothing is appended on
    /// error, so a full page can be ended cleanly.
    pub fn write_entry(
        w: &mut AttrWriter<'_>,
        f: impl FnOnce(&mut AttrWriter<'_>) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        w.nested(ENTRY, f)
    }

    /// Number of bytes that `write_head` needs: leave them free for it.
    pub const HEAD_LEN: usize = 20;

    /// Appends what is not an entry.
    pub fn write_head(
        w: &mut AttrWriter<'_>,
        what: ListWhat,
        next_cursor: u64,
    ) -> Result<(), NoSpace> {
        ListReplyHead { what, next_cursor }.write(w)
    }
}

message! {
    /// The server as a whole.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ServerEntry<'a> {
        /// Name and version of the engine.
        software: &'a str = 1,
        /// 0 idle, 1 running, 2 stopping.
        state: u16 = 2,
        /// Seconds since START.
        uptime_s: u64 = 3,
        /// Connections now.
        connections: u32 = 4,
        /// Sessions now.
        sessions: u32 = 5,
        /// Tree connects now.
        trees: u32 = 6,
        /// Open files now.
        opens: u32 = 7,
        /// Requests since START.
        requests: u64 = 8,
        /// Bytes received since START.
        bytes_in: u64 = 9,
        /// Bytes sent since START.
        bytes_out: u64 = 10,
        /// Requests answered with an error since START.
        errors: u64 = 11,
    }
}

message! {
    /// A connection.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ConnectionEntry<'a> {
        /// Its id.
        id: u64 = 1,
        /// Peer as `address:port`.
        peer: &'a str = 2,
        /// Negotiated dialect, 0 before.
        dialect: u16 = 3,
        /// Negotiated signing algorithm.
        signing: u16 = 4,
        /// Negotiated cipher, 0 for none.
        cipher: u16 = 5,
        /// Requests so far.
        requests: u64 = 6,
        /// Seconds since it was accepted.
        age_s: u64 = 7,
        /// Credits that the client holds.
        credits: u32 = 8,
        /// Bytes received; engines before this field do not tell.
        bytes_in: Option<u64> = 9,
        /// Bytes sent, as above.
        bytes_out: Option<u64> = 10,
    }
}

message! {
    /// A session.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SessionEntry<'a> {
        /// SessionId on the wire.
        id: u64 = 1,
        /// Account.
        account: &'a str = 2,
        /// Domain that the client named.
        domain: &'a str = 3,
        /// User id that files are accessed with.
        uid: u32 = 4,
        /// Guest, anonymous, administrator.
        user_flags: super::UserFlags = 5,
        /// Ids of its connections.
        connections: U64List<'a> = 6,
        /// Its tree connects.
        trees: u32 = 7,
        /// Its open files.
        opens: u32 = 8,
        /// 0 off, 1 on, 2 required.
        signing: u8 = 9,
        /// Whether its messages are encrypted.
        encrypted: bool = 10,
        /// Seconds since the login.
        age_s: u64 = 11,
    }
}

message! {
    /// A tree connect.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TreeEntry<'a> {
        /// Its session.
        session_id: u64 = 1,
        /// TreeId on the wire.
        tree_id: u32 = 2,
        /// Canonical name of the share.
        share: &'a str = 3,
        /// Its open files.
        opens: u32 = 4,
        /// Seconds since the tree connect.
        age_s: u64 = 5,
    }
}

message! {
    /// An open file.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct OpenEntry<'a> {
        /// Its session.
        session_id: u64 = 1,
        /// Its tree connect.
        tree_id: u32 = 2,
        /// Its id, as CLOSE takes it.
        file_id: u64 = 3,
        /// Path within the share.
        path: &'a str = 4,
        /// Granted access mask.
        access: u32 = 5,
        /// Share mode.
        share_access: u32 = 6,
        /// Size of the file in bytes.
        size: u64 = 7,
    }
}

message! {
    /// A byte-range lock.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LockEntry<'a> {
        /// The open that holds or wants it.
        file_id: u64 = 1,
        /// Path within the share.
        path: &'a str = 2,
        /// First byte.
        offset: u64 = 3,
        /// Number of bytes.
        length: u64 = 4,
        /// Exclusive or shared.
        exclusive: bool = 5,
        /// Whether it is still waited for.
        waiting: bool = 6,
    }
}
