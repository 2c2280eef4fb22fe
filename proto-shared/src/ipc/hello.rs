// SPDX-License-Identifier: GPL-2.0-or-later
//! HELLO: the first message of a daemon, and its answer.
//!
//! The engine picks the highest version that both sides speak. When there is
//! none it answers STATUS with `-EPROTONOSUPPORT`, and the daemon ends with a
//! message that names both versions.

use super::attr::newtype_field;
use super::message;

/// Optional abilities that both sides must have before either uses them. Each
/// is one bit; none is defined yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// No optional ability.
    pub const NONE: Self = Self(0);

    /// What both sides can.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

newtype_field!(Capabilities: u64);

message! {
    /// HELLO of the daemon.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Hello<'a> {
        /// Oldest schema the daemon speaks.
        min_version: u32 = 1,
        /// Newest schema the daemon speaks.
        max_version: u32 = 2,
        /// What it can.
        capabilities: Capabilities = 3,
        /// Name and version, for logs.
        software: &'a str = 4,
    }
}

message! {
    /// Answer to [`Hello`].
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct HelloReply<'a> {
        /// The schema that both now speak.
        version: u32 = 1,
        /// What the engine can.
        capabilities: Capabilities = 3,
        /// Name and version, for logs.
        software: &'a str = 4,
    }
}
