// SPDX-License-Identifier: GPL-2.0-or-later
//! AES-CCM over a text in pieces, RFC 3610. [MS-SMB2] 2.2.41 uses it with an 11-byte nonce and a 16-byte tag.

use aes::cipher::{InnerIvInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::{flavors::Ctr32BE, CtrCore};
use kernel::prelude::*;

use crate::gcm::{Aes, Direction};
use crate::Stream;

pub(crate) struct Key<C: Aes>(C);

impl<C: Aes> Key<C> {
    pub(crate) fn new(key: &[u8]) -> Result<Self> {
        C::new_from_slice(key).map(Self).map_err(|_| EINVAL)
    }

    pub(crate) fn stream(
        &self,
        nonce: &[u8; 11],
        aad: &[u8],
        len: usize,
        direction: Direction,
    ) -> Result<impl Stream + use<'_, C>> {
        self.stream_of(nonce, 16, aad, len, direction)
    }

    /// For nonces and tags of any length that the mode has; what is cut off the tag is left to the caller.
    fn stream_of(
        &self,
        nonce: &[u8],
        tag_len: u8,
        aad: &[u8],
        len: usize,
        direction: Direction,
    ) -> Result<impl Stream + use<'_, C>> {
        let len_len = 15usize
            .checked_sub(nonce.len())
            .filter(|n| (2..=8).contains(n))
            .ok_or(EINVAL)?;
        let len = u64::try_from(len).map_err(|_| EINVAL)?;
        if len_len < 8 && len >> (8 * len_len) != 0 {
            return Err(EINVAL);
        }
        // Longer additional data would need another length form; SMB's has 32 bytes.
        let aad_len = u16::try_from(aad.len())
            .ok()
            .filter(|n| *n < 0xff00)
            .ok_or(EINVAL)?;
        let flags = (u8::from(!aad.is_empty()) << 6) | ((tag_len - 2) / 2) << 3;
        let mut mac = CbcMac {
            cipher: &self.0,
            state: [0; 16],
            filled: 0,
        };
        mac.update(&[flags | (len_len - 1) as u8]);
        mac.update(nonce);
        mac.update(&len.to_be_bytes()[8 - len_len..]);
        if !aad.is_empty() {
            mac.update(&aad_len.to_be_bytes());
            mac.update(aad);
            mac.pad();
        }
        let mut counter = [0u8; 16];
        counter[0] = (len_len - 1) as u8;
        counter[1..=nonce.len()].copy_from_slice(nonce);
        // The counter proper is shorter than 32 bits only with nonces that SMB does not use, and then the
        // text is too short for it to overflow.
        let core = CtrCore::<&C, Ctr32BE>::inner_iv_init(&self.0, (&counter).into());
        let mut ctr = StreamCipherCoreWrapper::from_core(core);
        let mut mask = [0u8; 16];
        ctr.apply_keystream(&mut mask);
        Ok(Ccm {
            ctr,
            mac,
            mask,
            direction,
        })
    }
}

struct CbcMac<'a, C> {
    cipher: &'a C,
    state: [u8; 16],
    filled: usize,
}

impl<C: Aes> CbcMac<'_, C> {
    fn update(&mut self, mut bytes: &[u8]) {
        if self.filled != 0 {
            let n = bytes.len().min(16 - self.filled);
            let (now, later) = bytes.split_at(n);
            self.mix(now);
            bytes = later;
            if self.filled < 16 {
                return;
            }
            self.pad();
        }
        let blocks = bytes.chunks_exact(16);
        let rest = blocks.remainder();
        for block in blocks {
            self.state.iter_mut().zip(block).for_each(|(s, b)| *s ^= b);
            self.cipher.encrypt_block((&mut self.state).into());
        }
        self.mix(rest);
    }

    fn mix(&mut self, bytes: &[u8]) {
        self.state[self.filled..]
            .iter_mut()
            .zip(bytes)
            .for_each(|(s, b)| *s ^= b);
        self.filled += bytes.len();
    }

    fn pad(&mut self) {
        if self.filled != 0 {
            self.cipher.encrypt_block((&mut self.state).into());
            self.filled = 0;
        }
    }
}

struct Ccm<'a, S, C> {
    ctr: S,
    mac: CbcMac<'a, C>,
    mask: [u8; 16],
    direction: Direction,
}

impl<S: StreamCipher, C: Aes> Stream for Ccm<'_, S, C> {
    fn update(&mut self, piece: &mut [u8]) {
        if self.direction == Direction::Seal {
            self.mac.update(piece);
        }
        self.ctr.apply_keystream(piece);
        if self.direction == Direction::Open {
            self.mac.update(piece);
        }
    }

    fn finish(mut self) -> [u8; 16] {
        self.mac.pad();
        let mut tag = self.mac.state;
        tag.iter_mut().zip(self.mask).for_each(|(t, m)| *t ^= m);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> std::vec::Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// NIST SP 800-38C, examples 1 to 3.
    #[test]
    fn nist() {
        let key = Key::<aes::Aes128>::new(&hex("404142434445464748494a4b4c4d4e4f")).unwrap();
        let cases = [
            (
                "10111213141516",
                "0001020304050607",
                "20212223",
                "7162015b4dac255d",
            ),
            (
                "1011121314151617",
                "000102030405060708090a0b0c0d0e0f",
                "202122232425262728292a2b2c2d2e2f",
                "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd",
            ),
            (
                "101112131415161718191a1b",
                "000102030405060708090a0b0c0d0e0f10111213",
                "202122232425262728292a2b2c2d2e2f3031323334353637",
                "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
            ),
        ];
        for (nonce, aad, plain, sealed) in cases {
            let (nonce, aad, plain, sealed) = (hex(nonce), hex(aad), hex(plain), hex(sealed));
            let tag_len = (sealed.len() - plain.len()) as u8;
            // In two pieces, to cross a block.
            for split in [0, 1, plain.len() / 2, plain.len()] {
                let mut text = plain.clone();
                let mut stream = key
                    .stream_of(&nonce, tag_len, &aad, text.len(), Direction::Seal)
                    .unwrap();
                let (a, b) = text.split_at_mut(split);
                stream.update(a);
                stream.update(b);
                let tag = stream.finish();
                text.extend_from_slice(&tag[..tag_len.into()]);
                assert_eq!(text, sealed);
            }
        }
    }
}
