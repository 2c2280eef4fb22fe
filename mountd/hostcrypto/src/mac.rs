// SPDX-License-Identifier: GPL-2.0-or-later
//! Signing keys: HMAC-SHA256 (RFC 2104), AES-CMAC (RFC 4493), AES-GMAC (NIST SP 800-38D).

use aes::Aes128;
use cmac::{Cmac, Mac};
use hmac::{Hmac, KeyInit};
use kernel::prelude::*;
use ksmbd_engine::host::SigningAlgorithm;
use sha2::Sha256;

use crate::gcm;

/// A prepared signing key.
pub struct MacKey(Kind);

enum Kind {
    Hmac(KBox<Hmac<Sha256>>),
    Cmac(KBox<Cmac<Aes128>>),
    Gmac(KBox<gcm::Key<Aes128>>),
}

impl MacKey {
    pub(crate) fn new(algorithm: SigningAlgorithm, key: &[u8]) -> Result<Self> {
        Ok(Self(match algorithm {
            SigningAlgorithm::HmacSha256 => Kind::Hmac(KBox::new(
                Hmac::new_from_slice(key).map_err(|_| EINVAL)?,
                GFP_KERNEL,
            )?),
            SigningAlgorithm::AesCmac => Kind::Cmac(KBox::new(
                Cmac::new_from_slice(key).map_err(|_| EINVAL)?,
                GFP_KERNEL,
            )?),
            SigningAlgorithm::AesGmac => Kind::Gmac(KBox::new(gcm::Key::new(key)?, GFP_KERNEL)?),
        }))
    }

    pub(crate) fn mac<'a>(
        &self,
        nonce: &[u8; 12],
        parts: impl Iterator<Item = &'a [u8]>,
        out: &mut [u8; 16],
    ) -> Result {
        match &self.0 {
            Kind::Hmac(key) => {
                let mut mac = (**key).clone();
                parts.for_each(|part| mac.update(part));
                out.copy_from_slice(&mac.finalize().into_bytes()[..16]);
            }
            Kind::Cmac(key) => {
                let mut mac = (**key).clone();
                parts.for_each(|part| mac.update(part));
                out.copy_from_slice(&mac.finalize().into_bytes());
            }
            Kind::Gmac(key) => *out = key.gmac(nonce, parts),
        }
        Ok(())
    }
}

pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| EINVAL)?;
    parts.iter().for_each(|part| mac.update(part));
    out.copy_from_slice(&mac.finalize().into_bytes());
    Ok(())
}
