// SPDX-License-Identifier: GPL-2.0-or-later
//! Tokens of the security buffer of SESSION_SETUP: SPNEGO and NTLMSSP.
//!
//! Forms only; whoever verifies (the daemon) brings the cryptography.

pub mod ntlm;
pub mod spnego;
