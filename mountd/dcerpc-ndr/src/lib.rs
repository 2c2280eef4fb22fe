// SPDX-License-Identifier: GPL-2.0-or-later
//! Arguments of DCE/RPC calls in NDR 2.0 (\[C706\] chapter 14) and NDR64
//! (\[MS-RPCE\] 2.2.5).
//!
//! What is generated lies in [`idl`]: a module per file of `mountd/idl`, with
//! its types, a structure for the request and one for the response of each
//! call, and the numbers of all calls. `cargo xtask gen-ndr` writes it. What is
//! written by hand are [`wire`], which reads and writes numbers, and [`types`],
//! which knows how a type's form follows from the type: an [`Option`] is a
//! unique pointer, a [`Vec`] a conformant array, a [`types::Varying`] a
//! conformant varying one, a [`String`] a string of UTF-16.
//!
//! # Contract
//!
//! * No input makes decoding panic, and what it allocates is in proportion to
//!   the input: no count is believed before there are bytes for it.
//! * What decodes has counts that agree with the lengths of their arrays, and
//!   unions whose tags agree with what they are switched by.
//! * Encoding refuses values of which the same cannot be said.
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
        reason = "a test may fail"
    )
)]

#[allow(missing_docs, reason = "generated; the names are the specifications'")]
#[rustfmt::skip]
pub mod idl;
mod text;
pub mod types;
pub mod wire;

#[cfg(test)]
mod tests;

pub use types::{Message, Ndr};
pub use wire::{Error, Reader, Syntax, Writer};
