// SPDX-License-Identifier: GPL-2.0-or-later
//! Wire formats of SMB2/3 and of the structures it carries, and the IPC schema
//! between kernel and daemon.
//!
//! The crate turns bytes that a stranger controls into values that are valid
//! by construction, and values into bytes. It does nothing else: no I/O, no
//! allocation, no `unsafe`, no dependency.
//!
//! # Contract
//!
//! * Every `parse` takes a slice and returns borrowed, validated views or
//!   [`codec::Malformed`]; no input makes it panic, read outside of the slice,
//!   or loop for longer than the slice is.
//! * Every `write` takes a bounded [`codec::Writer`] and returns
//!   [`codec::NoSpace`] when the value does not fit; every byte up to the
//!   writer's length has then been set by somebody, padding included.
//! * Numbers of the protocol that may grow ([`status::NtStatus`],
//!   [`smb2::header::Command`], information classes …) are open newtypes: an
//!   unknown value survives and prints as hex.
//! * What the specification answers with anything but
//!   `STATUS_INVALID_PARAMETER` is not decided here but in the engine.
//!
//! Specifications: \[MS-SMB2\], \[MS-FSCC\], \[MS-FSA\], \[MS-DTYP\], \[MS-ERREF\],
//! \[MS-CIFS\] (negotiate only), \[SMB3 POSIX\].
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects,
        reason = "a test that fails should stop where it stands"
    )
)]

#[cfg(test)]
extern crate std;

#[macro_use]
mod macros;

pub mod auth;
pub mod codec;
pub mod dtyp;
pub mod fscc;
pub mod ipc;
pub mod limits;
pub mod netbios;
pub mod pretty;
pub mod smb1;
pub mod smb2;
pub mod status;
