// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.mountd`: the daemon beside the SMB engine.
//!
//! It decides what the engine must not know how to decide: who a user is
//! (SPNEGO, NTLMv2), what a share is and who may use it, and what the RPC
//! services behind IPC$ answer. It talks to an engine through a [`link::Link`]:
//! the kernel module over generic netlink, or the engine in this process
//! (`--embedded`).
//!
//! Nothing here holds a lock while it waits for the engine, and nothing that
//! is secret is ever logged.
#![deny(unsafe_code)]

pub mod accounts;
mod announcer;
pub mod audit;
pub mod auth;
pub mod cli;
mod cmodule;
pub mod control;
pub mod daemon;
#[cfg(feature = "embedded")]
pub mod embedded;
mod kill;
pub mod link;
pub mod logging;
pub mod metrics;
pub mod netlink;
pub mod pool;
pub mod rpc;
pub mod runtime;
pub mod service;
pub mod share;
pub mod state;

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod testing;
