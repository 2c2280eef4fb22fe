// SPDX-License-Identifier: GPL-2.0-or-later
//! Crypto primitives for userspace hosts of the engine: [`HostCrypto`] implements
//! [`ksmbd_engine::host::Crypto`] with the RustCrypto crates.
//!
//! A message is a list of segments that are one text to the cipher, so the modes (GCM [NIST SP 800-38D], CCM
//! [RFC 3610]) are written out here over a block cipher, a counter stream and GHASH, working through the
//! segments in place and in one pass of cache-sized pieces. Keys are expanded once and wiped when dropped.

mod ccm;
mod gcm;
mod mac;

use core::marker::PhantomData;

use kernel::prelude::*;
use ksmbd_engine::host::{Cipher, Crypto, Part, Payload, Segment, SigningAlgorithm};
use sha2::Digest;
use subtle::ConstantTimeEq;

pub use mac::MacKey;

/// A payload whose bytes lie in this process.
pub trait Bytes: Payload {
    /// The bytes.
    fn as_slice(&self) -> &[u8];
    /// The bytes, for encryption in place.
    fn as_mut_slice(&mut self) -> &mut [u8];
}

/// The crypto of a host whose payloads are `P`.
pub struct HostCrypto<P>(PhantomData<fn() -> P>);

impl<P> HostCrypto<P> {
    /// Has no state.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P> Default for HostCrypto<P> {
    fn default() -> Self {
        Self::new()
    }
}

/// How much of a text is encrypted before it is authenticated (or the other way round): stays in the cache.
const PIECE: usize = 8 << 10;

/// An expanded cipher key.
pub struct AeadKey(Aead);

enum Aead {
    Gcm128(KBox<gcm::Key<aes::Aes128>>),
    Gcm256(KBox<gcm::Key<aes::Aes256>>),
    Ccm128(KBox<ccm::Key<aes::Aes128>>),
    Ccm256(KBox<ccm::Key<aes::Aes256>>),
}

/// A text in pieces, with what is done to every piece.
pub(crate) trait Stream {
    fn update(&mut self, piece: &mut [u8]);
    fn finish(self) -> [u8; 16];
}

fn seal_with<P: Bytes>(mut stream: impl Stream, text: &mut [Segment<P>]) -> [u8; 16] {
    for segment in text {
        let bytes = match segment {
            Segment::Bytes(b) => b.as_mut_slice(),
            Segment::Payload(p) => p.as_mut_slice(),
        };
        bytes
            .chunks_mut(PIECE)
            .for_each(|piece| stream.update(piece));
    }
    stream.finish()
}

fn open_with(mut stream: impl Stream, text: &mut [u8], tag: &[u8; 16]) -> Result {
    text.chunks_mut(PIECE)
        .for_each(|piece| stream.update(piece));
    if bool::from(stream.finish().ct_eq(tag)) {
        Ok(())
    } else {
        Err(EBADMSG)
    }
}

/// Checks a nonce's length.
fn nonce<const N: usize>(nonce: &[u8]) -> Result<&[u8; N]> {
    nonce.try_into().map_err(|_| EINVAL)
}

impl<P: Bytes> Crypto for HostCrypto<P> {
    type Payload = P;
    type MacKey = MacKey;
    type AeadKey = AeadKey;

    fn sha512(&self, parts: &[&[u8]], out: &mut [u8; 64]) -> Result {
        let mut hash = sha2::Sha512::new();
        parts.iter().for_each(|part| hash.update(part));
        out.copy_from_slice(&hash.finalize());
        Ok(())
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result {
        mac::hmac_sha256(key, parts, out)
    }

    fn mac_key(&self, algorithm: SigningAlgorithm, key: &[u8]) -> Result<MacKey> {
        MacKey::new(algorithm, key)
    }

    fn mac(
        &self,
        key: &MacKey,
        nonce: &[u8; 12],
        parts: &[Part<'_, P>],
        out: &mut [u8; 16],
    ) -> Result {
        let parts = parts.iter().map(|part| match part {
            Part::Bytes(b) => *b,
            Part::Payload(p) => p.as_slice(),
        });
        key.mac(nonce, parts, out)
    }

    fn aead_key(&self, cipher: Cipher, key: &[u8]) -> Result<AeadKey> {
        Ok(AeadKey(match cipher {
            Cipher::Aes128Gcm => Aead::Gcm128(KBox::new(gcm::Key::new(key)?, GFP_KERNEL)?),
            Cipher::Aes256Gcm => Aead::Gcm256(KBox::new(gcm::Key::new(key)?, GFP_KERNEL)?),
            Cipher::Aes128Ccm => Aead::Ccm128(KBox::new(ccm::Key::new(key)?, GFP_KERNEL)?),
            Cipher::Aes256Ccm => Aead::Ccm256(KBox::new(ccm::Key::new(key)?, GFP_KERNEL)?),
        }))
    }

    fn has_cipher(&self, _cipher: Cipher) -> bool {
        true
    }

    fn seal(
        &self,
        key: &AeadKey,
        n: &[u8],
        aad: &[u8],
        text: &mut [Segment<P>],
        tag: &mut [u8; 16],
    ) -> Result {
        let len = text.iter().map(Segment::len).sum();
        *tag = match &key.0 {
            Aead::Gcm128(k) => seal_with(k.stream(nonce(n)?, aad, gcm::Direction::Seal), text),
            Aead::Gcm256(k) => seal_with(k.stream(nonce(n)?, aad, gcm::Direction::Seal), text),
            Aead::Ccm128(k) => {
                seal_with(k.stream(nonce(n)?, aad, len, gcm::Direction::Seal)?, text)
            }
            Aead::Ccm256(k) => {
                seal_with(k.stream(nonce(n)?, aad, len, gcm::Direction::Seal)?, text)
            }
        };
        Ok(())
    }

    fn open(&self, key: &AeadKey, n: &[u8], aad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> Result {
        let len = text.len();
        match &key.0 {
            Aead::Gcm128(k) => open_with(k.stream(nonce(n)?, aad, gcm::Direction::Open), text, tag),
            Aead::Gcm256(k) => open_with(k.stream(nonce(n)?, aad, gcm::Direction::Open), text, tag),
            Aead::Ccm128(k) => open_with(
                k.stream(nonce(n)?, aad, len, gcm::Direction::Open)?,
                text,
                tag,
            ),
            Aead::Ccm256(k) => open_with(
                k.stream(nonce(n)?, aad, len, gcm::Direction::Open)?,
                text,
                tag,
            ),
        }
    }
}
