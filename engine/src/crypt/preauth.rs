// SPDX-License-Identifier: GPL-2.0-or-later
//! The preauth integrity hash of dialect 3.1.1 ([MS-SMB2] 3.3.5.4, 3.3.5.5).

use kernel::prelude::*;

use crate::host::Crypto;

/// The hash before the first message.
pub const START: [u8; 64] = [0; 64];

/// The hash after `message`.
///
/// # Errors
/// `ENOMEM`.
pub fn extend<C: Crypto>(crypto: &C, hash: &[u8; 64], message: &[u8]) -> Result<[u8; 64]> {
    let mut out = [0; 64];
    crypto.sha512(&[hash, message], &mut out)?;
    Ok(out)
}
