// SPDX-License-Identifier: GPL-2.0-or-later
//! AES-GCM over a text in pieces, NIST SP 800-38D; also the GHASH state that GMAC needs.

use aes::cipher::{consts::U16, BlockSizeUser};
use aes::cipher::{
    BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper,
};
use ctr::{flavors::Ctr32BE, CtrCore};
use ghash::universal_hash::UniversalHash;
use ghash::GHash;
use kernel::prelude::*;
use zeroize::Zeroize;

use crate::Stream;

/// What is done to the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Seal,
    Open,
}

/// Block ciphers that the modes work with.
pub(crate) trait Aes:
    BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Clone
{
}

impl Aes for aes::Aes128 {}
impl Aes for aes::Aes256 {}

pub(crate) struct Key<C: Aes> {
    cipher: C,
    ghash: GHash,
}

impl<C: Aes> Key<C> {
    pub(crate) fn new(key: &[u8]) -> Result<Self> {
        let cipher = C::new_from_slice(key).map_err(|_| EINVAL)?;
        let mut h = [0u8; 16];
        cipher.encrypt_block((&mut h).into());
        let ghash = GHash::new((&h).into());
        h.zeroize();
        Ok(Self { cipher, ghash })
    }

    /// The block that masks the tag, and the counter's start (SP 800-38D 7.1, 96-bit IV).
    fn start(&self, nonce: &[u8; 12]) -> ([u8; 16], [u8; 16]) {
        let mut first = [0u8; 16];
        first[..12].copy_from_slice(nonce);
        let mut counter = first;
        first[15] = 1;
        counter[15] = 2;
        self.cipher.encrypt_block((&mut first).into());
        (first, counter)
    }

    pub(crate) fn stream(
        &self,
        nonce: &[u8; 12],
        aad: &[u8],
        direction: Direction,
    ) -> impl Stream + use<'_, C> {
        let (mask, counter) = self.start(nonce);
        let mut ghash = Padded::new(self.ghash.clone());
        ghash.update(aad);
        ghash.pad();
        let core = CtrCore::<&C, Ctr32BE>::inner_iv_init(&self.cipher, (&counter).into());
        Gcm {
            ctr: StreamCipherCoreWrapper::from_core(core),
            ghash,
            aad_len: aad.len() as u64,
            text_len: 0,
            mask,
            direction,
        }
    }

    /// GMAC: everything is additional data.
    pub(crate) fn gmac<'a>(
        &self,
        nonce: &[u8; 12],
        parts: impl Iterator<Item = &'a [u8]>,
    ) -> [u8; 16] {
        let (mask, _) = self.start(nonce);
        let mut ghash = Padded::new(self.ghash.clone());
        let mut len = 0;
        for part in parts {
            ghash.update(part);
            len += part.len() as u64;
        }
        ghash.pad();
        ghash.tag(len, 0, &mask)
    }
}

/// GHASH of a text in pieces of any length.
struct Padded {
    ghash: GHash,
    partial: [u8; 16],
    filled: usize,
}

impl Padded {
    fn new(ghash: GHash) -> Self {
        Self {
            ghash,
            partial: [0; 16],
            filled: 0,
        }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        if self.filled != 0 {
            let n = bytes.len().min(16 - self.filled);
            self.partial[self.filled..self.filled + n].copy_from_slice(&bytes[..n]);
            self.filled += n;
            bytes = &bytes[n..];
            if self.filled < 16 {
                return;
            }
            self.pad();
        }
        let (blocks, rest) = bytes.split_at(bytes.len() & !15);
        if !blocks.is_empty() {
            self.ghash.update_padded(blocks);
        }
        self.partial[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    /// Fills up with zeros to the next block.
    fn pad(&mut self) {
        if self.filled != 0 {
            self.ghash.update_padded(&self.partial[..self.filled]);
            self.filled = 0;
        }
    }

    fn tag(mut self, aad_len: u64, text_len: u64, mask: &[u8; 16]) -> [u8; 16] {
        let mut lengths = [0u8; 16];
        lengths[..8].copy_from_slice(&(aad_len * 8).to_be_bytes());
        lengths[8..].copy_from_slice(&(text_len * 8).to_be_bytes());
        self.ghash.update_padded(&lengths);
        let mut tag: [u8; 16] = self.ghash.finalize().into();
        tag.iter_mut().zip(mask).for_each(|(t, m)| *t ^= m);
        tag
    }
}

struct Gcm<S> {
    ctr: S,
    ghash: Padded,
    aad_len: u64,
    text_len: u64,
    mask: [u8; 16],
    direction: Direction,
}

impl<S: StreamCipher> Stream for Gcm<S> {
    fn update(&mut self, piece: &mut [u8]) {
        if self.direction == Direction::Open {
            self.ghash.update(piece);
        }
        self.ctr.apply_keystream(piece);
        if self.direction == Direction::Seal {
            self.ghash.update(piece);
        }
        self.text_len += piece.len() as u64;
    }

    fn finish(mut self) -> [u8; 16] {
        self.ghash.pad();
        self.ghash.tag(self.aad_len, self.text_len, &self.mask)
    }
}
