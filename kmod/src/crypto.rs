// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine's crypto primitives, from the kernel.

use kernel::prelude::*;

use ksmbd_engine::host::{Cipher, Crypto, Part, Segment, SigningAlgorithm};

use crate::sys::crypto::{self, Aead, Mac};
use crate::sys::socket::{Pieces, PiecesMut};
use crate::vfs::Data;

/// The kernel's last resort for gcm(aes).
const SLOW_GCM: &str = "gcm-aes-lib";

/// What this kernel can do.
pub(crate) struct KernelCrypto {
    gcm: bool,
    ccm: bool,
}

impl KernelCrypto {
    /// Asks the kernel once.
    pub(crate) fn new() -> Self {
        let this = Self {
            gcm: crypto::aead_available(false),
            ccm: crypto::aead_available(true),
        };
        crypto::aead_driver(false, |name| {
            let name = name.to_str().unwrap_or("?");
            pr_info!("AES-GCM by {}\n", name);
            // The library goes block by block; drivers for the CPU's instructions are modules of their own.
            if cfg!(target_arch = "x86_64") && name == SLOW_GCM {
                pr_warn!("encryption will be slow; load aesni-intel before ksmbd\n");
            }
        });
        this
    }
}

fn is_ccm(cipher: Cipher) -> bool {
    matches!(cipher, Cipher::Aes128Ccm | Cipher::Aes256Ccm)
}

fn pieces<'a>(parts: &[&'a [u8]]) -> Result<Pieces<'a>> {
    let mut list = Pieces::with_capacity(parts.len())?;
    for part in parts {
        list.push(part)?;
    }
    Ok(list)
}

impl Crypto for KernelCrypto {
    type Payload = Data;
    type MacKey = Mac;
    type AeadKey = Aead;

    fn sha512(&self, parts: &[&[u8]], out: &mut [u8; 64]) -> Result {
        crypto::sha512(&pieces(parts)?, out);
        Ok(())
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result {
        crypto::hmac_sha256(key, &pieces(parts)?, out);
        Ok(())
    }

    fn mac_key(&self, algorithm: SigningAlgorithm, key: &[u8]) -> Result<Mac> {
        let number = match algorithm {
            SigningAlgorithm::HmacSha256 => 0,
            SigningAlgorithm::AesCmac => 1,
            SigningAlgorithm::AesGmac => 2,
        };
        Mac::new(number, key)
    }

    fn mac(&self, key: &Mac, nonce: &[u8; 12], parts: &[Part<'_, Data>], out: &mut [u8; 16]) -> Result {
        let mut list = Pieces::with_capacity(parts.len())?;
        for part in parts {
            match part {
                Part::Bytes(bytes) => list.push(bytes)?,
                Part::Payload(data) => list.push(data.0.as_slice())?,
            }
        }
        key.compute(nonce, &list, out);
        Ok(())
    }

    fn aead_key(&self, cipher: Cipher, key: &[u8]) -> Result<Aead> {
        if key.len() != cipher.key_len() {
            return Err(EINVAL);
        }
        Aead::new(is_ccm(cipher), key)
    }

    fn has_cipher(&self, cipher: Cipher) -> bool {
        if is_ccm(cipher) {
            self.ccm
        } else {
            self.gcm
        }
    }

    fn seal(
        &self,
        key: &Aead,
        nonce: &[u8],
        aad: &[u8],
        text: &mut [Segment<Data>],
        tag: &mut [u8; 16],
    ) -> Result {
        let mut list = PiecesMut::with_capacity(text.len())?;
        for segment in text {
            match segment {
                Segment::Bytes(bytes) => list.push(bytes)?,
                Segment::Payload(data) => list.push(data.0.as_mut_slice())?,
            }
        }
        key.seal(nonce, aad, &list, tag)
    }

    fn open(&self, key: &Aead, nonce: &[u8], aad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> Result {
        let mut list = PiecesMut::with_capacity(1)?;
        list.push(text)?;
        key.open(nonce, aad, &list, tag)
    }
}
