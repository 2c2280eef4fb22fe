// SPDX-License-Identifier: GPL-2.0-or-later
//! The commands of SMB2, one file each: parse, check, act, reply.

use proto_shared::smb2::{Command, Header};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::work::{Outcome, Reply, Work};

pub mod change_notify;
pub(crate) mod close;
pub(crate) mod create;
pub(crate) mod echo;
pub(crate) mod flush;
pub(crate) mod ioctl;
pub mod lock;
pub(crate) mod logoff;
pub(crate) mod negotiate;
pub(crate) mod oplock_break;
pub mod pipe;
pub mod query_directory;
pub(crate) mod query_info;
pub(crate) mod read;
pub mod session_setup;
pub(crate) mod set_info;
pub mod tree_connect;
pub(crate) mod tree_disconnect;
pub(crate) mod write;

/// Calls the handler of the current message.
#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    match w.header.command {
        Command::NEGOTIATE => negotiate::handle(w, out),
        Command::SESSION_SETUP => session_setup::handle(w, out),
        Command::LOGOFF => logoff::handle(w, out),
        Command::TREE_CONNECT => tree_connect::handle(w, out),
        Command::TREE_DISCONNECT => tree_disconnect::handle(w, out),
        Command::CREATE => create::handle(w, out),
        Command::CLOSE => close::handle(w, out),
        Command::FLUSH => flush::handle(w, out),
        Command::READ => read::handle(w, out),
        Command::WRITE => write::handle(w, out),
        Command::LOCK => lock::handle(w, out),
        Command::IOCTL => ioctl::handle(w, out),
        Command::ECHO => echo::handle(w, out),
        Command::QUERY_DIRECTORY => query_directory::handle(w, out),
        Command::CHANGE_NOTIFY => change_notify::handle(w, out),
        Command::QUERY_INFO => query_info::handle(w, out),
        Command::SET_INFO => set_info::handle(w, out),
        Command::OPLOCK_BREAK => oplock_break::handle(w, out),
        // Within a compound, where it means nothing ([MS-SMB2] 3.3.5.16: it is never answered).
        Command::CANCEL => Ok(Outcome::NoReply),
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}

/// Whether a reply is part of a preauth integrity hash ([MS-SMB2] 3.3.5.4, 3.3.5.5).
pub(crate) fn is_hashed(header: &Header) -> bool {
    match header.command {
        Command::NEGOTIATE => true,
        Command::SESSION_SETUP => header.status == NtStatus::MORE_PROCESSING_REQUIRED,
        _ => false,
    }
}

/// A reply's bytes are final: the preauth integrity hashes take them in.
///
/// # Errors
/// Without memory.
pub(crate) fn made_reply<H: Host>(w: &Work<H>, header: &Header, head: &[u8]) -> SmbResult {
    match header.command {
        Command::NEGOTIATE => negotiate::settle(w, header.status, head),
        Command::SESSION_SETUP => session_setup::made_reply(w, header.session_id, head),
        _ => Ok(()),
    }
}
