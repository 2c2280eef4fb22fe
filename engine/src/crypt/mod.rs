// SPDX-License-Identifier: GPL-2.0-or-later
//! Keys, signatures and the preauth integrity hash: what is built from the host's primitives.

pub mod kdf;
pub mod preauth;
pub mod sign;
