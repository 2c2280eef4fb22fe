// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.mountd`: the daemon beside the SMB engine.
//!
//! It decides what the engine must not know how to decide: who a user is
//! (SPNEGO, NTLMv2), what a share is and who may use it, and what the RPC
//! services behind IPC$ answer. It talks to an engine through a [`link::Link`]:
//! the kernel module over generic netlink, or the engine in this process
//! (`--embedded`).
#![deny(unsafe_code)]

#[cfg(feature = "embedded")]
pub mod embedded;
pub mod link;
