// SPDX-License-Identifier: GPL-2.0-or-later
//! NTLMSSP messages (\[MS-NLMP\] 2.2).
//!
//! Reads what a client sends (NEGOTIATE, AUTHENTICATE), writes what a server
//! sends (CHALLENGE). A payload field may lie anywhere in the message; two of
//! them may overlap, which harms nobody because they are only read.
//!
//! Nothing here compares or computes secrets.

use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// First eight bytes of each message.
pub const SIGNATURE: [u8; 8] = *b"NTLMSSP\0";

/// Where AUTHENTICATE has its MIC, if it has one (\[MS-NLMP\] 2.2.1.3).
pub const MIC_OFFSET: usize = 72;

/// Length of a MIC in bytes.
pub const MIC_LEN: usize = 16;

/// Greatest name (user, domain, workstation) in bytes. Windows allows 256
/// characters of user name and 255 of a DNS name.
pub const MAX_NAME_LEN: usize = 512;

wire_flags! {
    /// NegotiateFlags (\[MS-NLMP\] 2.2.2.5).
    pub struct NegotiateFlags(u32) {
        UNICODE = 0x0000_0001,
        OEM = 0x0000_0002,
        REQUEST_TARGET = 0x0000_0004,
        SIGN = 0x0000_0010,
        SEAL = 0x0000_0020,
        DATAGRAM = 0x0000_0040,
        LM_KEY = 0x0000_0080,
        NTLM = 0x0000_0200,
        ANONYMOUS = 0x0000_0800,
        DOMAIN_SUPPLIED = 0x0000_1000,
        WORKSTATION_SUPPLIED = 0x0000_2000,
        ALWAYS_SIGN = 0x0000_8000,
        TARGET_TYPE_DOMAIN = 0x0001_0000,
        TARGET_TYPE_SERVER = 0x0002_0000,
        EXTENDED_SESSIONSECURITY = 0x0008_0000,
        IDENTIFY = 0x0010_0000,
        NON_NT_SESSION_KEY = 0x0040_0000,
        TARGET_INFO = 0x0080_0000,
        VERSION = 0x0200_0000,
        NEGOTIATE_128 = 0x2000_0000,
        KEY_EXCH = 0x4000_0000,
        NEGOTIATE_56 = 0x8000_0000u32,
    }
}

wire_enum! {
    /// MessageType.
    pub struct MessageType(u32) {
        NEGOTIATE = 1,
        CHALLENGE = 2,
        AUTHENTICATE = 3,
    }
}

wire_enum! {
    /// AvId (\[MS-NLMP\] 2.2.2.1).
    pub struct AvId(u16) {
        EOL = 0,
        NB_COMPUTER_NAME = 1,
        NB_DOMAIN_NAME = 2,
        DNS_COMPUTER_NAME = 3,
        DNS_DOMAIN_NAME = 4,
        DNS_TREE_NAME = 5,
        FLAGS = 6,
        TIMESTAMP = 7,
        SINGLE_HOST = 8,
        TARGET_NAME = 9,
        CHANNEL_BINDINGS = 10,
    }
}

/// Bit of [`AvId::FLAGS`]: the AUTHENTICATE message has a MIC.
pub const AV_FLAG_MIC: u32 = 2;

/// Reads signature and MessageType.
pub fn message_type(message: &[u8]) -> Result<MessageType, Malformed> {
    let mut r = Reader::new(message);
    if r.array()? != SIGNATURE {
        return Err(Malformed::new("not an NTLMSSP message"));
    }
    Ok(MessageType(r.u32()?))
}

fn open<'a>(message: &'a [u8], ty: MessageType) -> Result<Reader<'a>, Malformed> {
    if message_type(message)? != ty {
        return Err(Malformed::new("NTLMSSP message out of turn"));
    }
    Reader::new_at(message, 12)
}

/// A payload field: length, allocated length, offset.
fn field<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let len = r.len16()?;
    let _allocated = r.u16()?;
    let offset = r.len32()?;
    // An empty field's offset means nothing, and some clients send nonsense.
    if len == 0 {
        return Ok(&[]);
    }
    r.at(offset, len)
}

/// A name in the character set that the message's flags tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    bytes: &'a [u8],
    unicode: bool,
}

impl<'a> Text<'a> {
    fn new(bytes: &'a [u8], unicode: bool) -> Result<Self, Malformed> {
        if bytes.len() > MAX_NAME_LEN {
            return Err(Malformed::new("NTLMSSP name is too long"));
        }
        if unicode && bytes.len() & 1 != 0 {
            return Err(Malformed::new("odd number of bytes in a UTF-16 name"));
        }
        Ok(Self { bytes, unicode })
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there is no character.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The characters; what is no character becomes U+FFFD. OEM text is taken
    /// as Latin-1, which is right for ASCII, and nobody sends more.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + 'a {
        let (wide, narrow) = if self.unicode {
            (self.bytes, &[][..])
        } else {
            (&[][..], self.bytes)
        };
        let units = wide.chunks_exact(2).filter_map(|u| u.try_into().ok());
        char::decode_utf16(units.map(u16::from_le_bytes))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .chain(narrow.iter().map(|b| char::from(*b)))
    }
}

impl core::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("\"")?;
        for c in self.chars() {
            write!(f, "{}", c.escape_debug())?;
        }
        f.write_str("\"")
    }
}

/// NEGOTIATE (\[MS-NLMP\] 2.2.1.1). Names and version in it are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiate {
    /// What the client offers.
    pub flags: NegotiateFlags,
}

impl Negotiate {
    /// Reads the message.
    pub fn parse(message: &[u8]) -> Result<Self, Malformed> {
        let mut r = open(message, MessageType::NEGOTIATE)?;
        Ok(Self {
            flags: NegotiateFlags(r.u32()?),
        })
    }

    /// Appends the message, as a client sends it.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&SIGNATURE)?;
        w.u32(MessageType::NEGOTIATE.0)?;
        w.u32(self.flags.without(NegotiateFlags::VERSION).bits())?;
        w.zeros(16)
    }
}

/// Names and time of the server in CHALLENGE (\[MS-NLMP\] 2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetInfo<'a> {
    /// NetBIOS name of the domain or workgroup.
    pub nb_domain: &'a str,
    /// NetBIOS name of the server.
    pub nb_computer: &'a str,
    /// DNS name of the domain; left out when empty.
    pub dns_domain: &'a str,
    /// DNS name of the server; left out when empty.
    pub dns_computer: &'a str,
    /// Now, as FILETIME. It makes clients send a MIC.
    pub timestamp: u64,
}

/// CHALLENGE (\[MS-NLMP\] 2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// What was negotiated.
    pub flags: NegotiateFlags,
    /// The nonce.
    pub server_challenge: [u8; 8],
    /// NetBIOS name of domain or server, as the target type flag tells.
    pub target_name: &'a str,
    /// Names and time.
    pub info: TargetInfo<'a>,
}

/// Version that CHALLENGE reports: 6.1, NTLM revision 15
/// (\[MS-NLMP\] 2.2.2.10).
const VERSION: [u8; 8] = [6, 1, 0, 0, 0, 0, 0, 15];

fn av_text(w: &mut Writer<'_>, id: AvId, text: &str) -> Result<(), NoSpace> {
    w.u16(id.0)?;
    let len_at = w.len();
    w.u16(0)?;
    let len = w.utf16(text)?;
    w.patch_len16(len_at, len)
}

fn patch_field(w: &mut Writer<'_>, at: usize, start: usize, base: usize) -> Result<(), NoSpace> {
    let len = w.len().checked_sub(start).ok_or(NoSpace)?;
    let offset = start.checked_sub(base).ok_or(NoSpace)?;
    w.patch_len16(at, len)?;
    w.patch_len16(at.checked_add(2).ok_or(NoSpace)?, len)?;
    w.patch_len32(at.checked_add(4).ok_or(NoSpace)?, offset)
}

impl Challenge<'_> {
    /// Appends the message.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let base = w.len();
        w.bytes(&SIGNATURE)?;
        w.u32(MessageType::CHALLENGE.0)?;
        let name_at = w.len();
        w.zeros(8)?;
        w.u32(self.flags.bits())?;
        w.bytes(&self.server_challenge)?;
        w.zeros(8)?;
        let info_at = w.len();
        w.zeros(8)?;
        w.bytes(&VERSION)?;

        let start = w.len();
        if self.flags.contains(NegotiateFlags::UNICODE) {
            w.utf16(self.target_name)?;
        } else {
            // OEM: what is not ASCII has no known encoding.
            for c in self.target_name.chars() {
                w.u8(u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?'))?;
            }
        }
        patch_field(w, name_at, start, base)?;

        let start = w.len();
        av_text(w, AvId::NB_DOMAIN_NAME, self.info.nb_domain)?;
        av_text(w, AvId::NB_COMPUTER_NAME, self.info.nb_computer)?;
        if !self.info.dns_domain.is_empty() {
            av_text(w, AvId::DNS_DOMAIN_NAME, self.info.dns_domain)?;
        }
        if !self.info.dns_computer.is_empty() {
            av_text(w, AvId::DNS_COMPUTER_NAME, self.info.dns_computer)?;
        }
        w.u16(AvId::TIMESTAMP.0)?;
        w.u16(8)?;
        w.u64(self.info.timestamp)?;
        w.u32(0)?;
        patch_field(w, info_at, start, base)
    }
}

/// CHALLENGE as a client reads it.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeView<'a> {
    /// What was negotiated.
    pub flags: NegotiateFlags,
    /// The nonce.
    pub server_challenge: [u8; 8],
    /// Name of domain or server.
    pub target_name: Text<'a>,
    /// Names and time.
    pub info: AvPairs<'a>,
}

impl<'a> ChallengeView<'a> {
    /// Reads the message.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = open(message, MessageType::CHALLENGE)?;
        let name = field(&mut r)?;
        let flags = NegotiateFlags(r.u32()?);
        let server_challenge = r.array()?;
        r.skip(8)?;
        let info = if flags.contains(NegotiateFlags::TARGET_INFO) {
            field(&mut r)?
        } else {
            &[]
        };
        Ok(Self {
            flags,
            server_challenge,
            target_name: Text::new(name, flags.contains(NegotiateFlags::UNICODE))?,
            info: AvPairs::parse(info)?,
        })
    }
}

/// AUTHENTICATE (\[MS-NLMP\] 2.2.1.3). Has no `Debug`: it holds responses that
/// a password can be guessed from.
#[derive(Clone, Copy)]
pub struct Authenticate<'a> {
    /// LmChallengeResponse.
    pub lm_response: &'a [u8],
    /// NtChallengeResponse.
    pub nt_response: &'a [u8],
    /// Domain that the client thinks the user is of.
    pub domain: Text<'a>,
    /// The user.
    pub user: Text<'a>,
    /// The client's computer.
    pub workstation: Text<'a>,
    /// EncryptedRandomSessionKey; empty without KEY_EXCH.
    pub encrypted_session_key: &'a [u8],
    /// What the client takes the negotiation's result to be.
    pub flags: NegotiateFlags,
    /// The bytes at [`MIC_OFFSET`]. They are a MIC only if the NTLMv2
    /// response says so ([`AvPairs::has_mic`]).
    pub mic: Option<[u8; MIC_LEN]>,
}

impl<'a> Authenticate<'a> {
    /// Reads the message.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = open(message, MessageType::AUTHENTICATE)?;
        let lm_response = field(&mut r)?;
        let nt_response = field(&mut r)?;
        let domain = field(&mut r)?;
        let user = field(&mut r)?;
        let workstation = field(&mut r)?;
        let encrypted_session_key = field(&mut r)?;
        let flags = NegotiateFlags(r.u32()?);
        let unicode = flags.contains(NegotiateFlags::UNICODE);
        let mic = r
            .at(MIC_OFFSET, MIC_LEN)
            .ok()
            .and_then(|m| m.try_into().ok());
        Ok(Self {
            lm_response,
            nt_response,
            domain: Text::new(domain, unicode)?,
            user: Text::new(user, unicode)?,
            workstation: Text::new(workstation, unicode)?,
            encrypted_session_key,
            flags,
            mic,
        })
    }

    /// Whether the client asks for an anonymous login
    /// (\[MS-NLMP\] 3.2.5.1.2): no user, no NT response, and an LM response
    /// that is empty or one zero byte.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.user.is_empty() && self.nt_response.is_empty() && matches!(self.lm_response, [] | [0])
    }
}

/// An NTLMv2 response (\[MS-NLMP\] 2.2.2.8). Has no `Debug`, see
/// [`Authenticate`].
#[derive(Clone, Copy)]
pub struct Ntlmv2Response<'a> {
    /// NTProofStr.
    pub proof: [u8; 16],
    /// All behind the proof; the proof is a MAC over it and the challenge.
    pub blob: &'a [u8],
    /// The client's time, as FILETIME.
    pub timestamp: u64,
    /// The client's nonce.
    pub client_challenge: [u8; 8],
    /// What the client says of itself and of the server.
    pub pairs: AvPairs<'a>,
}

impl<'a> Ntlmv2Response<'a> {
    /// Reads a response. Errors: it is not of version 2 (an NTLMv1 response
    /// has 24 bytes) or malformed.
    pub fn parse(response: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(response);
        let proof = r.array()?;
        let blob = r.at(r.position(), r.remaining())?;
        if (r.u8()?, r.u8()?) != (1, 1) {
            return Err(Malformed::new("not an NTLMv2 response"));
        }
        r.skip(6)?;
        let timestamp = r.u64()?;
        let client_challenge = r.array()?;
        r.skip(4)?;
        Ok(Self {
            proof,
            blob,
            timestamp,
            client_challenge,
            pairs: AvPairs::parse(r.rest())?,
        })
    }
}

/// One AV_PAIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvPair<'a> {
    /// What it is.
    pub id: AvId,
    /// Its value.
    pub value: &'a [u8],
}

/// A list of AV_PAIRs that was walked once to its end. What is behind
/// [`AvId::EOL`] is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvPairs<'a> {
    bytes: &'a [u8],
}

fn av_split<'a>(r: &mut Reader<'a>) -> Result<Option<AvPair<'a>>, Malformed> {
    if r.is_empty() {
        return Ok(None);
    }
    let id = AvId(r.u16()?);
    let len = r.len16()?;
    let value = r.take(len)?;
    Ok((id != AvId::EOL).then_some(AvPair { id, value }))
}

impl<'a> AvPairs<'a> {
    /// Checks the list. It may end with EOL or with the bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        while av_split(&mut r)?.is_some() {}
        Ok(Self { bytes })
    }

    /// The pairs in order, without EOL.
    #[must_use]
    pub const fn iter(&self) -> AvIter<'a> {
        AvIter {
            r: Reader::new(self.bytes),
        }
    }

    /// The first value of `id`.
    #[must_use]
    pub fn get(&self, id: AvId) -> Option<&'a [u8]> {
        self.iter().find(|p| p.id == id).map(|p| p.value)
    }

    /// Whether MsvAvFlags says that the AUTHENTICATE message has a MIC.
    #[must_use]
    pub fn has_mic(&self) -> bool {
        self.get(AvId::FLAGS)
            .and_then(|v| v.try_into().ok())
            .map(u32::from_le_bytes)
            .is_some_and(|flags| flags & AV_FLAG_MIC != 0)
    }
}

impl<'a> IntoIterator for AvPairs<'a> {
    type Item = AvPair<'a>;
    type IntoIter = AvIter<'a>;
    fn into_iter(self) -> AvIter<'a> {
        self.iter()
    }
}

/// See [`AvPairs::iter`].
#[derive(Clone, Copy, Debug)]
pub struct AvIter<'a> {
    r: Reader<'a>,
}

impl<'a> Iterator for AvIter<'a> {
    type Item = AvPair<'a>;
    fn next(&mut self) -> Option<AvPair<'a>> {
        // The list was checked when `AvPairs` was made.
        av_split(&mut self.r).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn challenge() -> Vec<u8> {
        let mut buf = [0; 512];
        let mut w = Writer::new(&mut buf);
        Challenge {
            flags: NegotiateFlags::UNICODE | NegotiateFlags::TARGET_INFO,
            server_challenge: *b"\x01\x23\x45\x67\x89\xab\xcd\xef",
            target_name: "SERVER",
            info: TargetInfo {
                nb_domain: "WORKGROUP",
                nb_computer: "SERVER",
                dns_domain: "",
                dns_computer: "server.lan",
                timestamp: 0x01DA_0000_0000_0000,
            },
        }
        .write(&mut w)
        .unwrap();
        w.written().to_vec()
    }

    #[test]
    fn challenge_round_trip() {
        let bytes = challenge();
        assert_eq!(message_type(&bytes), Ok(MessageType::CHALLENGE));
        let view = ChallengeView::parse(&bytes).unwrap();
        assert_eq!(view.server_challenge[0], 1);
        assert_eq!(view.target_name.chars().collect::<String>(), "SERVER");
        let ids: Vec<u16> = view.info.iter().map(|p| p.id.0).collect();
        assert_eq!(ids, [2, 1, 3, 7]);
        assert_eq!(
            view.info.get(AvId::TIMESTAMP),
            Some(&0x01DA_0000_0000_0000u64.to_le_bytes()[..])
        );
        assert!(!view.info.has_mic());
    }

    #[test]
    fn challenge_needs_its_space() {
        let full = challenge().len();
        for n in 0..full {
            let mut buf = std::vec![0; n];
            let c = Challenge {
                flags: NegotiateFlags::UNICODE,
                server_challenge: [0; 8],
                target_name: "SERVER",
                info: TargetInfo {
                    nb_domain: "WORKGROUP",
                    nb_computer: "SERVER",
                    dns_domain: "",
                    dns_computer: "server.lan",
                    timestamp: 0,
                },
            };
            assert!(c.write(&mut Writer::new(&mut buf)).is_err());
        }
    }

    /// The AUTHENTICATE message of [MS-NLMP] 4.2.4.3.
    pub(crate) fn spec_authenticate() -> Vec<u8> {
        let hex = "4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000\
                   100010005c00000010001000d8000000358288e20501280a0000000f44006f006d00610069006e0055007300\
                   650072004300\
                   4f004d005000550054004500520086c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa\
                   68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000\
                   02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000000000\
                   00c5dad2544fc9799094ce1ce90bc9d03e";
        let digits: Vec<u8> = hex
            .bytes()
            .filter_map(|b| char::from(b).to_digit(16))
            .map(|d| d as u8)
            .collect();
        digits.chunks(2).map(|p| p[0] * 16 + p[1]).collect()
    }

    #[test]
    fn authenticate_of_the_specification() {
        let bytes = spec_authenticate();
        assert_eq!(bytes.len(), 0xe8);
        let a = Authenticate::parse(&bytes).unwrap();
        assert_eq!(a.user.chars().collect::<String>(), "User");
        assert_eq!(a.domain.chars().collect::<String>(), "Domain");
        assert_eq!(a.workstation.chars().collect::<String>(), "COMPUTER");
        assert_eq!(a.encrypted_session_key.len(), 16);
        assert!(!a.is_anonymous());
        let r = Ntlmv2Response::parse(a.nt_response).unwrap();
        assert_eq!(r.client_challenge, [0xAA; 8]);
        assert_eq!(r.proof[..2], [0x68, 0xcd]);
        assert_eq!(r.pairs.iter().count(), 2);
        assert!(!r.pairs.has_mic());
    }

    #[test]
    fn refuses_what_is_not_there() {
        let bytes = spec_authenticate();
        for n in 0..bytes.len() {
            // Each field lies before its end, so every cut hits one.
            assert!(Authenticate::parse(&bytes[..n]).is_err(), "{n}");
        }
        assert!(Authenticate::parse(&challenge()).is_err());
        assert!(Negotiate::parse(b"NTLMSSP\0\x01\0\0\0").is_err());
        assert!(Ntlmv2Response::parse(&[0; 24]).is_err());
        // A pair that claims more than there is.
        assert!(AvPairs::parse(&[1, 0, 5, 0, 1]).is_err());
        assert!(AvPairs::parse(&[1, 0]).is_err());
        // A flags pair of the wrong size is no flag.
        assert!(!AvPairs::parse(&[6, 0, 1, 0, 2]).unwrap().has_mic());
        assert!(AvPairs::parse(&[6, 0, 4, 0, 2, 0, 0, 0]).unwrap().has_mic());
    }

    #[test]
    fn anonymous_forms() {
        let mut bytes = std::vec![0u8; 88];
        bytes[..8].copy_from_slice(&SIGNATURE);
        bytes[8] = 3;
        bytes[60] = 1;
        assert!(Authenticate::parse(&bytes).unwrap().is_anonymous());
        // LM response of one zero byte at offset 87.
        bytes[12] = 1;
        bytes[16] = 87;
        assert!(Authenticate::parse(&bytes).unwrap().is_anonymous());
        bytes[87] = 1;
        assert!(!Authenticate::parse(&bytes).unwrap().is_anonymous());
    }

    #[test]
    fn mutations_never_panic() {
        let auth = spec_authenticate();
        let chal = challenge();
        let mut seed = 0x9E37_79B9_7F4A_7C15u64;
        for i in 0..20_000u32 {
            let mut m = if i & 1 == 0 {
                auth.clone()
            } else {
                chal.clone()
            };
            for _ in 0..3 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = (seed >> 32) as usize % m.len();
                m[at] = seed as u8;
            }
            if let Ok(a) = Authenticate::parse(&m) {
                let _ = a.user.chars().count();
                if let Ok(r) = Ntlmv2Response::parse(a.nt_response) {
                    let _ = r.pairs.iter().count();
                }
            }
            let _ = ChallengeView::parse(&m);
            let _ = Negotiate::parse(&m);
        }
    }
}
