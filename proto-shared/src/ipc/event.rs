// SPDX-License-Identifier: GPL-2.0-or-later
//! EVENT: what the engine tells the daemon without waiting for an answer.

use super::attr::newtype_field;
use super::{message, AttrWriter};
use crate::codec::{Malformed, NoSpace};
use crate::status::NtStatus;

wire_enum! {
    /// What happened.
    pub struct EventKind(u16) {
        AUTH_DROP = 1,
        LOGOFF = 2,
        TREE_DISCONNECT = 3,
        PIPE_CLOSE = 4,
        LISTENING = 5,
        STOPPED = 6,
        FILE_ACCESS = 7,
    }
}

wire_enum! {
    /// What was done to a file.
    pub struct FileAction(u16) {
        OPENED = 1,
        CREATED = 2,
        DELETED = 3,
        RENAMED = 4,
        LINKED = 5,
    }
}

newtype_field!(EventKind: u16, FileAction: u16);

message! {
    /// The envelope's part of an event.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct EventHeader {
        /// What happened.
        kind: EventKind = 2,
    }
}

/// An event whose kind is known and whose body is not yet read.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// What happened.
    pub kind: EventKind,
    /// What to give to the `parse` of the body that belongs to `kind`.
    pub body: &'a [u8],
}

impl<'a> Event<'a> {
    /// Reads the envelope.
    pub fn parse(attrs: &'a [u8]) -> Result<Self, Malformed> {
        let EventHeader { kind } = EventHeader::parse(attrs)?;
        Ok(Self { kind, body: attrs })
    }
}

/// A body of an event.
pub trait EventBody {
    /// The kind that it belongs to.
    const KIND: EventKind;
    /// Appends the body only.
    fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace>;
}

/// Appends a whole event.
pub fn write_event<B: EventBody>(w: &mut AttrWriter<'_>, body: &B) -> Result<(), NoSpace> {
    EventHeader { kind: B::KIND }.write(w)?;
    body.write_body(w)
}

macro_rules! event_body {
    ($($name:ty = $kind:ident),* $(,)?) => {$(
        impl EventBody for $name {
            const KIND: EventKind = EventKind::$kind;
            fn write_body(&self, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                self.write(w)
            }
        }
    )*};
}

event_body!(
    AuthDrop = AUTH_DROP,
    Logoff<'_> = LOGOFF,
    TreeDisconnect = TREE_DISCONNECT,
    PipeClose = PIPE_CLOSE,
    Listening = LISTENING,
    Stopped = STOPPED,
    FileAccess<'_> = FILE_ACCESS,
);

message! {
    /// An authentication ended before its last leg: its state can go.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct AuthDrop {
        /// See [`super::AuthRequest::auth_id`].
        auth_id: u64 = 16,
    }
}

message! {
    /// A session ended.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Logoff<'a> {
        /// The session.
        session_id: u64 = 16,
        /// Its account.
        account: &'a str = 17,
        /// Peer of its first connection as `address:port`; empty when that is
        /// gone.
        peer: &'a str = 18,
    }
}

message! {
    /// A tree connect ended.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TreeDisconnect {
        /// The session it belonged to.
        session_id: u64 = 16,
        /// Its id within the session.
        tree_id: u32 = 17,
    }
}

message! {
    /// A pipe was closed.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PipeClose {
        /// See [`super::PipeOpen::pipe_id`].
        pipe_id: u64 = 16,
    }
}

message! {
    /// The server accepts connections.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Listening {
        /// TCP port in host order; the real one when 0 was asked for.
        port: u16 = 16,
    }
}

message! {
    /// The last connection is gone after STOP.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Stopped {
    }
}

message! {
    /// A file was opened, made, removed or renamed in a tree connect whose
    /// [`super::TreeConnectReply::audit`] asks for it. At most so many a second
    /// are told.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct FileAccess<'a> {
        /// The session.
        session_id: u64 = 16,
        /// The tree connect, as TREE_CONNECT named it.
        tree_id: u32 = 17,
        /// What was done.
        action: FileAction = 18,
        /// SUCCESS, or why it was refused.
        status: NtStatus = 19,
        /// Path within the share.
        path: &'a str = 20,
        /// New name within the share, of what is renamed or linked.
        target: &'a str = 21,
        /// How many before this one were not told because there were too many.
        lost: u32 = 22,
    }
}
