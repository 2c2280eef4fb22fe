// SPDX-License-Identifier: GPL-2.0-or-later
//! The SMB server: everything between received frames and file operations.
//!
//! The engine is ordinary Rust-for-Linux code. kbuild compiles it against the kernel's `kernel` crate, cargo
//! compiles the same bytes against `kernel-shim`. It owns no thread, socket, file or clock; a [`host::Host`]
//! supplies them.
//!
//! # How a host drives it
//!
//! 1. [`server::Server::new`] with the host; then the daemon's messages go to
//!    [`server::Server::daemon_message`], of which START makes the engine ask the host to listen.
//! 2. For an accepted connection: [`server::Server::admit`] before anything is allocated, then
//!    [`server::Server::connect`].
//! 3. For every frame: [`conn::Conn::on_frame`], no larger than [`conn::Conn::max_frame`]. It yields a
//!    [`server::Job`] for a worker (or for the receiving thread itself, if the job is quick).
//! 4. When the connection ends: [`conn::Conn::on_closed`], once.
//! 5. [`server::Server::tick`] about twice a second; [`server::Server::stop`] in the end.
//!
//! Replies leave through [`host::Transport::send`], from whatever thread finished the request.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

/// The kernel's `pr_*!` macros want this in every crate without `module!`.
#[allow(dead_code, reason = "only the kernel's print macros read it")]
const __LOG_PREFIX: &[u8] = b"ksmbd\0";

pub mod acl;
mod apple;
pub(crate) mod audit;
pub mod byte_lock;
pub mod caching;
pub mod cmd;
pub mod config;
pub mod conn;
pub mod control;
pub mod crypt;
pub mod durable;
pub mod error;
pub(crate) mod fsctl;
pub mod host;
pub mod info;
pub mod name;
pub mod notify;
pub mod open;
mod parking;
pub(crate) mod security;
pub mod server;
pub mod session;
pub(crate) mod snapshot;
pub mod stats;
pub mod stream;
pub mod table;
pub mod time;
pub mod tree;
pub mod work;
