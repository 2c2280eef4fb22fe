// SPDX-License-Identifier: GPL-2.0-or-later
//! The cryptography of NTLMv2 (\[MS-NLMP\] 3.3.2, 3.4).
//!
//! MD4, MD5 and RC4 are what the protocol prescribes; none of them is used for
//! anything else. Keys are [`Secret`]s.

use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use ksmbd_store::{NtHash, Secret};
use md5::{Digest, Md5};
use proto_shared::auth::ntlm::{NegotiateFlags, Text, MIC_LEN, MIC_OFFSET};
use rc4::{Rc4, StreamCipher};

/// A key of 16 bytes.
pub type Key = Secret<[u8; 16]>;

/// HMAC-MD5 over the parts one after the other.
pub fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Key {
    // A key of any length is taken, so this cannot fail.
    let Ok(mut mac) = <Hmac<Md5> as KeyInit>::new_from_slice(key) else {
        return Secret::new([0; 16]);
    };
    for part in parts {
        mac.update(part);
    }
    Secret::new(mac.finalize_fixed().into())
}

fn md5(parts: &[&[u8]]) -> Key {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    Secret::new(hash.finalize().into())
}

/// The key stream of a key.
fn stream(key: &Key) -> Rc4 {
    // Keys of 1 to 256 bytes are taken, so this cannot fail.
    <Rc4 as KeyInit>::new_from_slice(key.expose())
        .unwrap_or_else(|_| <Rc4 as KeyInit>::new(&[0; 32].into()))
}

/// One character in upper case as Windows maps it: only to another single
/// character, so `ß` stays.
fn upper(c: char) -> char {
    let mut up = c.to_uppercase();
    match (up.next(), up.next()) {
        (Some(u), None) => u,
        _ => c,
    }
}

/// NTOWFv2 (\[MS-NLMP\] 3.3.2): the key that responses of this user are made
/// with.
pub fn ntowf_v2(nt_hash: &NtHash, user: Text<'_>, domain: Text<'_>) -> Key {
    let mut name = Vec::with_capacity(user.bytes().len() + domain.bytes().len());
    for c in user.chars().map(upper).chain(domain.chars()) {
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            name.extend_from_slice(&unit.to_le_bytes());
        }
    }
    hmac_md5(nt_hash.expose(), &[&name])
}

/// NTProofStr: what a right response starts with. `blob` is the response
/// without its proof.
pub fn proof(ntowf: &Key, server_challenge: &[u8; 8], blob: &[u8]) -> Key {
    hmac_md5(ntowf.expose(), &[server_challenge, blob])
}

/// SessionBaseKey of NTLMv2.
pub fn session_base_key(ntowf: &Key, proof: &[u8; 16]) -> Key {
    hmac_md5(ntowf.expose(), &[proof])
}

/// ExportedSessionKey: `encrypted` opened with the key exchange key, or that
/// key itself when the client sent none. `None`: `encrypted` has the wrong
/// length.
pub fn exported_session_key(
    key_exchange_key: &Key,
    flags: NegotiateFlags,
    encrypted: &[u8],
) -> Option<Key> {
    if !flags.contains(NegotiateFlags::KEY_EXCH) {
        return Some(Secret::new(*key_exchange_key.expose()));
    }
    let mut key = Secret::new(<[u8; 16]>::try_from(encrypted).ok()?);
    stream(key_exchange_key).apply_keystream(key.expose_mut());
    Some(key)
}

/// Whether AUTHENTICATE carries the right MIC over all three messages
/// (\[MS-NLMP\] 3.2.5.1.2).
pub fn mic_is_right(
    key: &Key,
    negotiate: &[u8],
    challenge: &[u8],
    authenticate: &[u8],
    mic: &[u8; MIC_LEN],
) -> bool {
    let (Some(head), Some(tail)) = (
        authenticate.get(..MIC_OFFSET),
        authenticate.get(MIC_OFFSET + MIC_LEN..),
    ) else {
        return false;
    };
    let zeros = [0; MIC_LEN];
    hmac_md5(key.expose(), &[negotiate, challenge, head, &zeros, tail]).ct_eq(mic)
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Client to server.
    Client,
    /// Server to client.
    Server,
}

impl Side {
    const fn sign_magic(self) -> &'static [u8] {
        match self {
            Self::Client => b"session key to client-to-server signing key magic constant\0",
            Self::Server => b"session key to server-to-client signing key magic constant\0",
        }
    }

    const fn seal_magic(self) -> &'static [u8] {
        match self {
            Self::Client => b"session key to client-to-server sealing key magic constant\0",
            Self::Server => b"session key to server-to-client sealing key magic constant\0",
        }
    }
}

/// Length of a signature in bytes.
pub const SIGNATURE_LEN: usize = 16;

/// One direction of a login's messages with extended session security
/// (\[MS-NLMP\] 3.4.4.2): keys, how far the key stream is, and the number of
/// the next message.
pub struct Half {
    sign_key: Key,
    stream: Rc4,
    /// Whether checksums are encrypted.
    key_exchange: bool,
    sequence: u32,
}

impl Half {
    /// What `side` sends. `exported` is the key of the login, `sequence` the
    /// number of the first message.
    pub fn new(exported: &Key, flags: NegotiateFlags, side: Side, sequence: u32) -> Self {
        let used = if flags.contains(NegotiateFlags::NEGOTIATE_128) {
            16
        } else if flags.contains(NegotiateFlags::NEGOTIATE_56) {
            7
        } else {
            5
        };
        let seal_key = md5(&[&exported.expose()[..used], side.seal_magic()]);
        Self {
            sign_key: md5(&[exported.expose(), side.sign_magic()]),
            stream: stream(&seal_key),
            key_exchange: flags.contains(NegotiateFlags::KEY_EXCH),
            sequence,
        }
    }

    /// The checksum of the next message, which is not encrypted (yet).
    pub fn sum(&self, message: &[u8]) -> Secret<[u8; 8]> {
        let mac = hmac_md5(
            self.sign_key.expose(),
            &[&self.sequence.to_le_bytes(), message],
        );
        let mut sum = Secret::new([0; 8]);
        sum.expose_mut().copy_from_slice(&mac.expose()[..8]);
        sum
    }

    /// Encrypts or decrypts what belongs to the next message. Its signature
    /// must follow.
    pub fn crypt(&mut self, data: &mut [u8]) {
        self.stream.apply_keystream(data);
    }

    /// The signature of the next message with that checksum; with it the
    /// message is done.
    pub fn signature(&mut self, mut sum: Secret<[u8; 8]>) -> [u8; SIGNATURE_LEN] {
        if self.key_exchange {
            self.stream.apply_keystream(sum.expose_mut());
        }
        let mut out = [0; SIGNATURE_LEN];
        out[..4].copy_from_slice(&1u32.to_le_bytes());
        out[4..12].copy_from_slice(sum.expose());
        out[12..].copy_from_slice(&self.sequence.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        out
    }

    /// Whether `token` is the next message's signature.
    pub fn is_signature(&mut self, sum: Secret<[u8; 8]>, token: &[u8]) -> bool {
        Secret::new(self.signature(sum)).ct_eq(token)
    }
}

/// The signature of the first message of a side. SPNEGO's mechListMIC is that.
pub fn first_signature(
    exported: &Key,
    flags: NegotiateFlags,
    side: Side,
    message: &[u8],
) -> [u8; SIGNATURE_LEN] {
    let mut half = Half::new(exported, flags, side, 0);
    let sum = half.sum(message);
    half.signature(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_shared::auth::ntlm::Authenticate;

    fn hex(s: &str) -> Vec<u8> {
        let d: Vec<u8> = s
            .bytes()
            .filter_map(|b| char::from(b).to_digit(16))
            .map(|d| d as u8)
            .collect();
        d.chunks(2).map(|p| p[0] * 16 + p[1]).collect()
    }

    fn array<const N: usize>(s: &str) -> [u8; N] {
        hex(s).try_into().unwrap()
    }

    /// An AUTHENTICATE message that has only names.
    fn names(user: &str, domain: &str) -> Vec<u8> {
        let utf16 = |s: &str| -> Vec<u8> { s.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let (u, d) = (utf16(user), utf16(domain));
        let mut m = vec![0u8; 64];
        m[..8].copy_from_slice(b"NTLMSSP\0");
        m[8] = 3;
        for (at, len, off) in [(28, d.len(), 64), (36, u.len(), 64 + d.len())] {
            m[at..at + 2].copy_from_slice(&(len as u16).to_le_bytes());
            m[at + 4..at + 8].copy_from_slice(&(off as u32).to_le_bytes());
        }
        m[60] = 1;
        m.extend(d);
        m.extend(u);
        m
    }

    /// [MS-NLMP] 4.2.4.
    #[test]
    fn ntlmv2_of_the_specification() {
        let hash = ksmbd_store::nt_hash(&"Password".into());
        let msg = names("User", "Domain");
        let a = Authenticate::parse(&msg).unwrap();
        let ntowf = ntowf_v2(&hash, a.user, a.domain);
        assert_eq!(ntowf.expose(), &array("0c868a403bfd7a93a3001ef22ef02e3f"));
        let blob = hex("01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000\
             02000c0044006f006d00610069006e00\
             01000c005300650072007600650072000000000000000000");
        let p = proof(&ntowf, &array("0123456789abcdef"), &blob);
        assert_eq!(p.expose(), &array("68cd0ab851e51c96aabc927bebef6a1c"));
        let base = session_base_key(&ntowf, p.expose());
        assert_eq!(base.expose(), &array("8de40ccadbc14a82f15cb0ad0de95ca3"));
        let exported = exported_session_key(
            &base,
            NegotiateFlags::KEY_EXCH,
            &hex("c5dad2544fc9799094ce1ce90bc9d03e"),
        )
        .unwrap();
        assert_eq!(exported.expose(), &[0x55; 16]);
        let none = exported_session_key(&base, NegotiateFlags::NONE, &[]).unwrap();
        assert_eq!(none.expose(), base.expose());
        assert!(exported_session_key(&base, NegotiateFlags::KEY_EXCH, &[1; 15]).is_none());
    }

    /// [MS-NLMP] 4.2.4.4: SIGNKEY, SEALKEY and the signature of the first
    /// sealed message. There the checksum is enciphered behind the message,
    /// so only the keys and the unenciphered form can be compared here.
    #[test]
    fn signing_keys_of_the_specification() {
        let exported = Secret::new([0x55; 16]);
        let sign = md5(&[exported.expose(), Side::Client.sign_magic()]);
        assert_eq!(sign.expose(), &array("4788dc861b4782f35d43fd98fe1a2d39"));
        let seal = md5(&[exported.expose(), Side::Client.seal_magic()]);
        assert_eq!(seal.expose(), &array("59f600973cc4960a25480a7c196e4c58"));

        // The example: plaintext "Plaintext" in UTF-16LE, 18 bytes; the key
        // stream's bytes 18 to 26 encipher the checksum.
        let plain: Vec<u8> = "Plaintext"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mac = hmac_md5(sign.expose(), &[&0u32.to_le_bytes(), &plain]);
        let mut both = plain.clone();
        both.extend_from_slice(&mac.expose()[..8]);
        stream(&seal).apply_keystream(&mut both);
        assert_eq!(both[..18], hex("54e50165bf1936dc996020c1811b0f06fb5f")[..]);
        assert_eq!(both[18..], hex("7fb38ec5c55d4976")[..]);

        // The same by the direction of a login.
        let flags = NegotiateFlags::NEGOTIATE_128 | NegotiateFlags::KEY_EXCH;
        let mut half = Half::new(&exported, flags, Side::Client, 0);
        let (sum, mut sealed) = (half.sum(&plain), plain.clone());
        half.crypt(&mut sealed);
        assert_eq!(sealed, both[..18]);
        let signature = half.signature(sum);
        let expected = hex("010000007fb38ec5c55d497600000000");
        assert_eq!(signature[..], expected[..]);

        let plain_sig = first_signature(&exported, NegotiateFlags::NONE, Side::Client, &plain);
        assert_eq!(plain_sig[4..12], mac.expose()[..8]);
        assert_eq!((plain_sig[0], &plain_sig[12..]), (1, &[0u8; 4][..]));
    }

    #[test]
    fn upper_case_is_one_to_one() {
        assert_eq!("aÄßﬁı".chars().map(upper).collect::<String>(), "AÄßﬁI");
    }

    #[test]
    fn mic_covers_all_but_itself() {
        let key = Secret::new([7; 16]);
        let mut auth = vec![3u8; 100];
        let right = *hmac_md5(
            key.expose(),
            &[b"n", b"c", &auth[..72], &[0; 16], &auth[88..]],
        )
        .expose();
        auth[72..88].copy_from_slice(&right);
        assert!(mic_is_right(&key, b"n", b"c", &auth, &right));
        assert!(!mic_is_right(&key, b"N", b"c", &auth, &right));
        auth[90] ^= 1;
        assert!(!mic_is_right(&key, b"n", b"c", &auth, &right));
        assert!(!mic_is_right(&key, b"n", b"c", &auth[..87], &right));
    }
}
