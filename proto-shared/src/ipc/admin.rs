// SPDX-License-Identifier: GPL-2.0-or-later
//! STOP, CLOSE, UPDATE and the general answer STATUS.

use super::attr::newtype_field;
use super::{message, ListWhat};

message! {
    /// STOP: end the server gracefully. The answer comes at once; the event
    /// [`super::Stopped`] when all is done.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Stop {
    }
}

message! {
    /// CLOSE: end one thing by force. `what` is a connection, session, tree or
    /// open.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Close {
        /// What `id` names.
        what: ListWhat = 1,
        /// Connection id, session id, tree id or file id.
        id: u64 = 2,
        /// The session that a tree or open belongs to.
        session_id: Option<u64> = 3,
    }
}

wire_enum! {
    /// What happened to a share or an account.
    pub struct Change(u16) {
        CHANGED = 1,
        REMOVED = 2,
        DISABLED = 3,
    }
}

newtype_field!(Change: u16);

message! {
    /// UPDATE: a share or an account is no longer what it was; the engine
    /// closes the trees and sessions that depend on it or asks again for them.
    /// Either `share` or `account` is set, the other is empty.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Update<'a> {
        /// Canonical name of the share.
        share: &'a str = 1,
        /// Name of the account.
        account: &'a str = 2,
        /// What happened.
        change: Change = 3,
    }
}

message! {
    /// STATUS: the general answer.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Status<'a> {
        /// 0, or a negative errno.
        code: i32 = 1,
        /// More to say, for the log; may be empty.
        message: &'a str = 2,
    }
}

impl Status<'_> {
    /// Everything went well.
    pub const OK: Status<'static> = Status {
        code: 0,
        message: "",
    };
}
