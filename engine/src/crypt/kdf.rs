// SPDX-License-Identifier: GPL-2.0-or-later
//! Key derivation ([MS-SMB2] 3.1.4.2): SP 800-108 in counter mode with HMAC-SHA256.

use kernel::prelude::*;
use kernel::sync::Arc;

use crate::conn::Negotiated;
use crate::host::{Crypto, Host};
use crate::session::{Keys, MacKey};

/// Bytes that are wiped when they go. The engine keeps no raw key longer than it takes to prepare the host's.
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// All zeros, to be filled.
    pub const fn zero() -> Self {
        Self([0; N])
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes, to be filled.
    pub fn bytes_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites a secret; the black box keeps the compiler from dropping the stores.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    core::hint::black_box(bytes);
}

/// Derives the first `out.len()` (16 or 32) bytes. `label` and `context` contain their terminating NUL.
///
/// # Errors
/// `ENOMEM`.
pub fn derive<C: Crypto>(
    crypto: &C,
    key: &[u8],
    label: &[u8],
    context: &[u8],
    out: &mut [u8],
) -> Result {
    let bits = u32::try_from(out.len())
        .unwrap_or(16)
        .saturating_mul(8)
        .to_be_bytes();
    let mut block = Secret::<32>::zero();
    crypto.hmac_sha256(
        key,
        &[&1u32.to_be_bytes(), label, &[0], context, &bits],
        block.bytes_mut(),
    )?;
    out.iter_mut().zip(block.bytes()).for_each(|(o, b)| *o = *b);
    Ok(())
}

/// The first 16 bytes of a session key; a shorter one is padded with zeros ([MS-SMB2] 3.2.5.3.1).
fn first_16(session_key: &[u8]) -> Secret<16> {
    let mut key = Secret::<16>::zero();
    key.bytes_mut()
        .iter_mut()
        .zip(session_key)
        .for_each(|(k, s)| *k = *s);
    key
}

/// The signing key of a channel: the session key itself before 3.0, a derived one after.
///
/// # Errors
/// `ENOMEM`; `EINVAL` if the host refuses the key.
pub(crate) fn signing_key<H: Host>(
    crypto: &H::Crypto,
    negotiated: &Negotiated,
    session_key: &[u8],
    preauth: &[u8; 64],
) -> Result<MacKey<H>> {
    let key = first_16(session_key);
    if !negotiated.is_smb3() {
        return crypto.mac_key(negotiated.signing, key.bytes());
    }
    let (label, context): (&[u8], &[u8]) = if negotiated.dialect >= 0x0311 {
        (b"SMBSigningKey\0", preauth)
    } else {
        (b"SMB2AESCMAC\0", b"SmbSign\0")
    };
    let mut out = Secret::<16>::zero();
    derive(crypto, key.bytes(), label, context, out.bytes_mut())?;
    crypto.mac_key(negotiated.signing, out.bytes())
}

/// The keys of a log-in, for the dialect and algorithms that the connection negotiated. `preauth` is the
/// session's hash up to its last request (used by 3.1.1).
///
/// # Errors
/// `ENOMEM`; `EINVAL` if the host refuses a key.
pub fn session_keys<H: Host>(
    crypto: &H::Crypto,
    negotiated: &Negotiated,
    session_key: &[u8],
    preauth: &[u8; 64],
) -> Result<Keys<H>> {
    let key = first_16(session_key);
    let mut keys = Keys::none();
    keys.signing = Some(Arc::new(
        signing_key::<H>(crypto, negotiated, session_key, preauth)?,
        GFP_KERNEL,
    )?);
    if !negotiated.is_smb3() {
        return Ok(keys);
    }
    let v311 = negotiated.dialect >= 0x0311;
    let mut out = Secret::<32>::zero();
    let Some(cipher) = negotiated.cipher else {
        return Ok(keys);
    };
    let len = cipher.key_len();
    // The 256-bit ciphers take the whole session key ([MS-SMB2] 3.1.4.2).
    let base = if len == 32 && session_key.len() > 16 {
        session_key
    } else {
        key.bytes()
    };
    let directions: [(&[u8], &[u8]); 2] = if v311 {
        [
            (b"SMBS2CCipherKey\0", preauth),
            (b"SMBC2SCipherKey\0", preauth),
        ]
    } else {
        [
            (b"SMB2AESCCM\0", b"ServerOut\0"),
            (b"SMB2AESCCM\0", b"ServerIn \0"),
        ]
    };
    for (i, (label, context)) in directions.into_iter().enumerate() {
        let raw = out.bytes_mut().get_mut(..len).unwrap_or(&mut []);
        derive(crypto, base, label, context, raw)?;
        let prepared = crypto.aead_key(cipher, raw)?;
        match i {
            0 => keys.seal = Some(prepared),
            _ => keys.unseal = Some(prepared),
        }
    }
    Ok(keys)
}
