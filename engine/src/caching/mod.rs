// SPDX-License-Identifier: GPL-2.0-or-later
//! Client-side caching: oplocks and leases.
//!
//! [`state`] says who may cache what of one file, and lies in the file's inode; [`table`] finds the file of a
//! lease; [`breaking`] tells holders to give up what others need and lets those wait.
//!
//! An operation that takes something from others asks the inode's [`Caching`] under the inode's lock, gives the
//! lock up, sends the notices, and either goes on or parks until the break is over, to be tried again from its
//! beginning.

pub mod away;
pub(crate) mod breaking;
pub(crate) mod dirs;
pub(crate) mod guard;
pub(crate) mod retry;
pub mod state;
pub mod table;

pub use breaking::Pending;
pub(crate) use breaking::{deliver, deliver_only, park, After, Blocked, Deliver, QUIET_MS};
pub use state::{
    level_of, Arrival, Ask, Blocker, Caching, Contention, LeaseId, Notice, Shown, ShownLease, What,
};
pub use table::LeaseTable;
