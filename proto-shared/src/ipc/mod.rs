// SPDX-License-Identifier: GPL-2.0-or-later
//! The schema between the engine and the daemon.
//!
//! A message is a [`Command`] and a stream of netlink attributes
//! ([`attr`]). In the kernel it travels over the generic netlink family
//! [`FAMILY`]; the embedded host passes the same bytes by a call. Neither side
//! trusts the other: every parser checks sizes, texts and what must be there.
//!
//! Rules that let both sides be of different age:
//!
//! * unknown attributes are passed over, so fields can be added at the end;
//! * the number of an attribute is never used again for another meaning;
//! * a change that needs more than that raises [`PROTOCOL_VERSION`], which
//!   [`Hello`] negotiates before anything else is said.
//!
//! The body of an [`Upcall`], [`UpcallReply`] or [`Event`] lies in the same
//! stream as its envelope: the envelope uses types 1 to 15, bodies start at 16.
//! (A nested attribute could hold at most 64 KiB, and a Kerberos ticket or an
//! RPC fragment together with the rest may be more.)

pub mod attr;

mod admin;
mod config;
mod event;
mod hello;
mod list;
mod upcall;

#[cfg(test)]
mod tests;

pub use admin::{Change, Close, Status, Stop, Update};
pub use attr::{Attr, AttrReader, AttrWriter, Attrs, Blob, NumList, U16List, U32List, U64List};
pub use config::{ConfigFlags, ServerConfig};
pub use event::{
    write_event, AuthDrop, Event, EventBody, EventHeader, EventKind, FileAccess, FileAction,
    Listening, Logoff, PipeClose, Stopped, TreeDisconnect,
};
pub use hello::{Capabilities, Hello, HelloReply};
pub use list::{
    ConnectionEntry, List, ListReply, ListReplyHead, ListWhat, LockEntry, OpenEntry, ServerEntry,
    SessionEntry, TreeEntry,
};
pub use upcall::{
    write_upcall, write_upcall_reply, AuditFlags, AuthFlags, AuthReply, AuthRequest, PipeDataReply,
    PipeOpen, PipeRead, PipeStatusReply, PipeTransceive, PipeWrite, PipeWriteReply, ShareType,
    TreeConnectReply, TreeConnectRequest, TreeFlags, Upcall, UpcallBody, UpcallHeader, UpcallKind,
    UpcallReply, UpcallReplyBody, UserFlags,
};

/// Name of the generic netlink family.
pub const FAMILY: &str = "KSMBD";

/// Version of the generic netlink family.
pub const FAMILY_VERSION: u8 = 1;

/// Newest schema that this source speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// Oldest schema that this source speaks.
pub const MIN_PROTOCOL_VERSION: u32 = 1;

/// Greatest message in bytes of attributes; what is longer is refused unread.
pub const MAX_MESSAGE: usize = 1024 * 1024;

wire_enum! {
    /// What a message is (the `cmd` of the generic netlink header).
    pub struct Command(u8) {
        HELLO = 1,
        START = 2,
        STOP = 3,
        UPCALL = 4,
        UPCALL_REPLY = 5,
        EVENT = 6,
        LIST = 7,
        CLOSE = 8,
        UPDATE = 9,
        STATUS = 10,
    }
}

/// Makes a message of its fields: the struct, `write`, `encoded_len`, `parse`.
macro_rules! message {
    (@impl [$($gen:tt)*] [$lt:lifetime] $name:ident $ty:ty {
        $( $field:ident = $num:literal, )*
    }) => {
        impl $($gen)* $ty {
            /// Appends the message. Errors: it does not fit, or a text is too
            /// long or has a NUL within.
            pub fn write(
                &self,
                w: &mut $crate::ipc::AttrWriter<'_>,
            ) -> Result<(), $crate::codec::NoSpace> {
                $( $crate::ipc::attr::Field::put(&self.$field, $num, w)?; )*
                let _ = w;
                Ok(())
            }

            /// Number of bytes that `write` needs.
            #[must_use]
            pub fn encoded_len(&self) -> usize {
                let mut w = $crate::ipc::AttrWriter::counting();
                // A counting writer has space for everything that is valid.
                match self.write(&mut w) {
                    Ok(()) | Err(_) => w.len(),
                }
            }

            /// Reads the message from a stream of attributes.
            pub fn parse(attrs: &$lt [u8]) -> Result<Self, $crate::codec::Malformed> {
                let attrs = $crate::ipc::Attrs::new(attrs)?;
                let _ = &attrs;
                Ok(Self { $( $field: $crate::ipc::attr::Field::get(&attrs, $num)?, )* })
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident<'a> {
            $( $(#[$fmeta:meta])* $field:ident: $fty:ty = $num:literal, )*
        }
    ) => {
        $(#[$meta])*
        pub struct $name<'a> { $( $(#[$fmeta])* pub $field: $fty, )* }
        message!(@impl [<'a>] ['a] $name $name<'a> { $( $field = $num, )* });
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$fmeta:meta])* $field:ident: $fty:ty = $num:literal, )*
        }
    ) => {
        $(#[$meta])*
        pub struct $name { $( $(#[$fmeta])* pub $field: $fty, )* }
        message!(@impl [] ['_] $name $name { $( $field = $num, )* });
    };
}
use message;
