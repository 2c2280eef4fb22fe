// SPDX-License-Identifier: GPL-2.0-or-later
//! SPNEGO tokens (RFC 4178, \[MS-SPNG\] 2.2) in DER.
//!
//! The structures have a fixed depth, so reading needs no recursion. Only
//! definite lengths of at most four bytes are taken. Fields that are not known
//! are passed over inside of what encloses them.

use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// OID of SPNEGO, 1.3.6.1.5.5.2, without tag and length, as all here.
pub const OID_SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];
/// OID of NTLMSSP, 1.3.6.1.4.1.311.2.2.10.
pub const OID_NTLMSSP: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
/// OID of Kerberos 5, 1.2.840.113554.1.2.2.
pub const OID_KRB5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// OID of Kerberos 5 as Windows 2000 wrote it, 1.2.840.48018.1.2.2.
pub const OID_MS_KRB5: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];

/// The hint that every server sends in its first token (\[MS-SPNG\] 2.2.1).
pub const HINT_NAME: &str = "not_defined_in_RFC4178@please_ignore";

/// Most mechanisms in a list; a client that offers more is refused.
pub const MAX_MECHS: usize = 32;

const TAG_OCTETS: u8 = 0x04;
const TAG_OID: u8 = 0x06;
const TAG_ENUM: u8 = 0x0a;
const TAG_GENERAL_STRING: u8 = 0x1b;
const TAG_SEQUENCE: u8 = 0x30;
const TAG_APPLICATION: u8 = 0x60;
const CTX: u8 = 0xa0;

/// Reads tag, length and content of one element.
fn element<'a>(r: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let tag = r.u8()?;
    if tag & 0x1f == 0x1f {
        return Err(Malformed::new("DER tag of several bytes"));
    }
    let first = r.u8()?;
    let len = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let mut len = 0usize;
            for _ in 0..first & 0x7f {
                let digit = usize::from(r.u8()?);
                len = len
                    .checked_mul(256)
                    .and_then(|l| l.checked_add(digit))
                    .ok_or(Malformed::new("DER length overflows"))?;
            }
            len
        }
        _ => return Err(Malformed::new("DER length is not definite")),
    };
    Ok((tag, r.take(len)?))
}

/// The content of an element that must have `tag`.
fn expect<'a>(r: &mut Reader<'a>, tag: u8) -> Result<&'a [u8], Malformed> {
    match element(r)? {
        (t, content) if t == tag => Ok(content),
        _ => Err(Malformed::new("unexpected DER tag")),
    }
}

/// The content of the one element in `bytes`, which must have `tag`.
fn only(bytes: &[u8], tag: u8) -> Result<&[u8], Malformed> {
    let mut r = Reader::new(bytes);
    let content = expect(&mut r, tag)?;
    r.finish("bytes behind a DER element")?;
    Ok(content)
}

/// Stores the first value for a field; a second is an error.
fn set<T>(slot: &mut Option<T>, value: T) -> Result<(), Malformed> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed::new("SPNEGO field given twice")),
    }
}

/// A list of mechanisms in order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MechList<'a> {
    der: &'a [u8],
    content: &'a [u8],
}

impl<'a> MechList<'a> {
    /// `der` is the whole SEQUENCE.
    fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let content = only(der, TAG_SEQUENCE)?;
        let mut r = Reader::new(content);
        let mut n = 0usize;
        while !r.is_empty() {
            if expect(&mut r, TAG_OID)?.is_empty() {
                return Err(Malformed::new("empty OID"));
            }
            n = n.saturating_add(1);
        }
        if n == 0 || n > MAX_MECHS {
            return Err(Malformed::new("no mechanisms, or too many"));
        }
        Ok(Self { der, content })
    }

    /// The SEQUENCE in DER: what a mechListMIC is made over.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The OIDs.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        let mut r = Reader::new(self.content);
        core::iter::from_fn(move || expect(&mut r, TAG_OID).ok())
    }

    /// The OID that the client likes best, whose token it may have sent along.
    #[must_use]
    pub fn first(&self) -> &'a [u8] {
        self.iter().next().unwrap_or(&[])
    }

    /// Whether `oid` is in it.
    #[must_use]
    pub fn contains(&self, oid: &[u8]) -> bool {
        self.iter().any(|o| o == oid)
    }
}

/// NegTokenInit (RFC 4178 4.2.1).
#[derive(Clone, Copy)]
pub struct NegTokenInit<'a> {
    /// mechTypes.
    pub mechs: MechList<'a>,
    /// mechToken: first token of `mechs.first()`.
    pub token: Option<&'a [u8]>,
    /// mechListMIC.
    pub mic: Option<&'a [u8]>,
}

wire_enum! {
    /// negState (RFC 4178 4.2.2).
    pub struct NegState(u8) {
        ACCEPT_COMPLETED = 0,
        ACCEPT_INCOMPLETE = 1,
        REJECT = 2,
        REQUEST_MIC = 3,
    }
}

/// NegTokenResp (RFC 4178 4.2.2).
#[derive(Clone, Copy, Default, PartialEq)]
pub struct NegTokenResp<'a> {
    /// negState.
    pub state: Option<NegState>,
    /// supportedMech.
    pub mech: Option<&'a [u8]>,
    /// responseToken.
    pub token: Option<&'a [u8]>,
    /// mechListMIC.
    pub mic: Option<&'a [u8]>,
}

/// Either token.
#[derive(Clone, Copy)]
pub enum NegToken<'a> {
    /// The first of a client.
    Init(NegTokenInit<'a>),
    /// Any later one.
    Resp(NegTokenResp<'a>),
}

impl<'a> NegToken<'a> {
    /// Reads a token, with the frame of RFC 2743 3.1 or, as only some clients
    /// send it, without.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let (tag, content) = element(&mut r)?;
        r.finish("bytes behind the SPNEGO token")?;
        match tag {
            TAG_APPLICATION => {
                let mut r = Reader::new(content);
                if expect(&mut r, TAG_OID)? != OID_SPNEGO {
                    return Err(Malformed::new("not a SPNEGO token"));
                }
                let inner = expect(&mut r, CTX)?;
                r.finish("bytes behind NegTokenInit")?;
                NegTokenInit::parse(inner).map(Self::Init)
            }
            0xa0 => NegTokenInit::parse(content).map(Self::Init),
            0xa1 => NegTokenResp::parse(content).map(Self::Resp),
            _ => Err(Malformed::new("not a SPNEGO token")),
        }
    }

    /// Whether `bytes` look like a SPNEGO token rather than a bare NTLMSSP
    /// message.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> bool {
        matches!(bytes.first(), Some(0x60 | 0xa0 | 0xa1))
    }
}

/// The OID of the mechanism that a first token is framed as being of (RFC 2743
/// 3.1); `None` when it has no such frame.
#[must_use]
pub fn frame_of(bytes: &[u8]) -> Option<&[u8]> {
    let content = only(bytes, TAG_APPLICATION).ok()?;
    expect(&mut Reader::new(content), TAG_OID).ok()
}

impl<'a> NegTokenInit<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(only(bytes, TAG_SEQUENCE)?);
        let (mut mechs, mut token, mut mic) = (None, None, None);
        while !r.is_empty() {
            match element(&mut r)? {
                (0xa0, v) => set(&mut mechs, MechList::parse(v)?)?,
                (0xa2, v) => set(&mut token, only(v, TAG_OCTETS)?)?,
                // In the server's NegTokenInit2 3 is negHints, a SEQUENCE.
                (0xa3, v) if v.first() == Some(&TAG_SEQUENCE) => {}
                (0xa3 | 0xa4, v) => set(&mut mic, only(v, TAG_OCTETS)?)?,
                _ => {}
            }
        }
        Ok(Self {
            mechs: mechs.ok_or(Malformed::new("SPNEGO token without mechanisms"))?,
            token,
            mic,
        })
    }
}

impl<'a> NegTokenResp<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(only(bytes, TAG_SEQUENCE)?);
        let mut out = Self::default();
        while !r.is_empty() {
            match element(&mut r)? {
                (0xa0, v) => match only(v, TAG_ENUM)? {
                    [state] => set(&mut out.state, NegState(*state))?,
                    _ => return Err(Malformed::new("negState is not one byte")),
                },
                (0xa1, v) => set(&mut out.mech, only(v, TAG_OID)?)?,
                (0xa2, v) => set(&mut out.token, only(v, TAG_OCTETS)?)?,
                (0xa3, v) => set(&mut out.mic, only(v, TAG_OCTETS)?)?,
                _ => {}
            }
        }
        Ok(out)
    }

    fn inner_len(&self) -> Result<usize, NoSpace> {
        let mut n = 0usize;
        let fields = [
            self.state.map(|_| 1),
            self.mech.map(<[u8]>::len),
            self.token.map(<[u8]>::len),
            self.mic.map(<[u8]>::len),
        ];
        for len in fields.into_iter().flatten() {
            n = n.checked_add(tlv(tlv(len)?)?).ok_or(NoSpace)?;
        }
        Ok(n)
    }

    /// Number of bytes that [`NegTokenResp::write`] needs.
    pub fn encoded_len(&self) -> Result<usize, NoSpace> {
        tlv(tlv(self.inner_len()?)?)
    }

    /// Appends the token.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let inner = self.inner_len()?;
        head(w, 0xa1, tlv(inner)?)?;
        head(w, TAG_SEQUENCE, inner)?;
        if let Some(state) = self.state {
            field(w, 0xa0, TAG_ENUM, &[state.0])?;
        }
        if let Some(mech) = self.mech {
            field(w, 0xa1, TAG_OID, mech)?;
        }
        if let Some(token) = self.token {
            field(w, 0xa2, TAG_OCTETS, token)?;
        }
        if let Some(mic) = self.mic {
            field(w, 0xa3, TAG_OCTETS, mic)?;
        }
        Ok(())
    }
}

/// Length of an element with `content` bytes of content.
fn tlv(content: usize) -> Result<usize, NoSpace> {
    let head = match content {
        0..=0x7f => 2,
        0x80..=0xff => 3,
        0x100..=0xffff => 4,
        0x1_0000..=0xff_ffff => 5,
        _ => return Err(NoSpace),
    };
    content.checked_add(head).ok_or(NoSpace)
}

/// Appends tag and length.
fn head(w: &mut Writer<'_>, tag: u8, len: usize) -> Result<(), NoSpace> {
    w.u8(tag)?;
    let [_, a, b, c] = u32::try_from(len).map_err(|_| NoSpace)?.to_be_bytes();
    match len {
        0..=0x7f => w.u8(c),
        0x80..=0xff => w.bytes(&[0x81, c]),
        0x100..=0xffff => w.bytes(&[0x82, b, c]),
        0x1_0000..=0xff_ffff => w.bytes(&[0x83, a, b, c]),
        _ => Err(NoSpace),
    }
}

/// Appends an element in a context tag.
fn field(w: &mut Writer<'_>, ctx: u8, tag: u8, content: &[u8]) -> Result<(), NoSpace> {
    head(w, ctx, tlv(content.len())?)?;
    head(w, tag, content.len())?;
    w.bytes(content)
}

/// Appends a client's or server's first token: `mechs` in order, and either a
/// mechToken (client) or the server's hint ([`HINT_NAME`]).
fn write_first(
    w: &mut Writer<'_>,
    mechs: &[&[u8]],
    token: Option<&[u8]>,
    hint: Option<&str>,
) -> Result<(), NoSpace> {
    let mut oids = 0usize;
    for oid in mechs {
        oids = oids.checked_add(tlv(oid.len())?).ok_or(NoSpace)?;
    }
    let mut seq = tlv(tlv(oids)?)?;
    if let Some(t) = token {
        seq = seq.checked_add(tlv(tlv(t.len())?)?).ok_or(NoSpace)?;
    }
    if let Some(h) = hint {
        let inner = tlv(tlv(tlv(tlv(h.len())?)?)?)?;
        seq = seq.checked_add(inner).ok_or(NoSpace)?;
    }
    let init = tlv(tlv(seq)?)?;
    let all = tlv(OID_SPNEGO.len())?.checked_add(init).ok_or(NoSpace)?;

    head(w, TAG_APPLICATION, all)?;
    head(w, TAG_OID, OID_SPNEGO.len())?;
    w.bytes(OID_SPNEGO)?;
    head(w, 0xa0, tlv(seq)?)?;
    head(w, TAG_SEQUENCE, seq)?;
    head(w, 0xa0, tlv(oids)?)?;
    head(w, TAG_SEQUENCE, oids)?;
    for oid in mechs {
        head(w, TAG_OID, oid.len())?;
        w.bytes(oid)?;
    }
    if let Some(t) = token {
        field(w, 0xa2, TAG_OCTETS, t)?;
    }
    if let Some(h) = hint {
        let name = tlv(tlv(h.len())?)?;
        head(w, 0xa3, tlv(name)?)?;
        head(w, TAG_SEQUENCE, name)?;
        field(w, 0xa0, TAG_GENERAL_STRING, h.as_bytes())?;
    }
    Ok(())
}

/// Appends the NegTokenInit2 of a NEGOTIATE response (\[MS-SPNG\] 2.2.1).
pub fn write_init2(w: &mut Writer<'_>, mechs: &[&[u8]]) -> Result<(), NoSpace> {
    write_first(w, mechs, None, Some(HINT_NAME))
}

/// Appends a client's NegTokenInit.
pub fn write_init(w: &mut Writer<'_>, mechs: &[&[u8]], token: &[u8]) -> Result<(), NoSpace> {
    write_first(w, mechs, Some(token), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn init(token_len: usize) -> Vec<u8> {
        let mut buf = vec![0; token_len + 200];
        let mut w = Writer::new(&mut buf);
        write_init(&mut w, &[OID_MS_KRB5, OID_NTLMSSP], &vec![0x5A; token_len]).unwrap();
        w.written().to_vec()
    }

    #[test]
    fn server_hint_is_what_windows_servers_send() {
        let mut buf = [0; 128];
        let mut w = Writer::new(&mut buf);
        write_init2(&mut w, &[OID_NTLMSSP]).unwrap();
        let bytes = w.written();
        assert_eq!(bytes[..2], [0x60, 0x48]);
        assert_eq!(bytes.len(), 0x4a);
        assert_eq!(
            bytes[2..30],
            [
                0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0xa0, 0x3e, 0x30, 0x3c, 0xa0, 0x0e,
                0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a
            ]
        );
        assert_eq!(
            bytes[30..38],
            [0xa3, 0x2a, 0x30, 0x28, 0xa0, 0x26, 0x1b, 0x24]
        );
        let NegToken::Init(t) = NegToken::parse(bytes).unwrap() else {
            panic!()
        };
        assert_eq!(t.mechs.first(), OID_NTLMSSP);
        assert!(t.token.is_none() && t.mic.is_none());
    }

    #[test]
    fn init_round_trip_at_every_length_form() {
        for n in [0, 1, 100, 127, 128, 255, 256, 65_535, 65_536, 200_000] {
            let bytes = init(n);
            assert!(NegToken::sniff(&bytes));
            let NegToken::Init(t) = NegToken::parse(&bytes).unwrap() else {
                panic!()
            };
            assert_eq!(t.token.unwrap().len(), n);
            assert_eq!(t.mechs.first(), OID_MS_KRB5);
            assert!(t.mechs.contains(OID_NTLMSSP) && !t.mechs.contains(OID_KRB5));
            assert_eq!(t.mechs.der()[0], 0x30);
            assert_eq!(t.mechs.der().len(), 25);
        }
    }

    #[test]
    fn resp_round_trip() {
        let cases = [
            NegTokenResp::default(),
            NegTokenResp {
                state: Some(NegState::ACCEPT_INCOMPLETE),
                mech: Some(OID_NTLMSSP),
                token: Some(&[1; 300]),
                mic: None,
            },
            NegTokenResp {
                state: Some(NegState::ACCEPT_COMPLETED),
                mech: None,
                token: None,
                mic: Some(&[2; 16]),
            },
            NegTokenResp {
                state: Some(NegState::REJECT),
                ..Default::default()
            },
        ];
        for case in cases {
            let n = case.encoded_len().unwrap();
            let mut buf = vec![0; n];
            let mut w = Writer::new(&mut buf);
            case.write(&mut w).unwrap();
            assert_eq!(w.len(), n);
            match NegToken::parse(w.written()).unwrap() {
                NegToken::Resp(got) => assert!(got == case),
                NegToken::Init(_) => panic!(),
            }
            for short in 0..n {
                assert!(case.write(&mut Writer::new(&mut buf[..short])).is_err());
                assert!(NegToken::parse(&{
                    let mut b = vec![0; n];
                    case.write(&mut Writer::new(&mut b)).unwrap();
                    b.truncate(short);
                    b
                })
                .is_err());
            }
        }
    }

    #[test]
    fn refuses_bad_der() {
        let cases: [&[u8]; 9] = [
            &[],
            &[0x60],
            // Indefinite and over-long lengths.
            &[0x60, 0x80, 0, 0],
            &[0xa1, 0x85, 0, 0, 0, 0, 1, 0],
            &[0xa1, 0x84, 0xff, 0xff, 0xff, 0xff],
            // Empty sequence in NegTokenInit: no mechanisms.
            &[0xa0, 0x02, 0x30, 0x00],
            // Empty list of mechanisms.
            &[0xa0, 0x06, 0x30, 0x04, 0xa0, 0x02, 0x30, 0x00],
            // A state given twice.
            &[
                0xa1, 0x0c, 0x30, 0x0a, 0xa0, 0x03, 0x0a, 0x01, 0, 0xa0, 0x03, 0x0a, 0x01, 0,
            ],
            // Bytes behind the token.
            &[0xa1, 0x02, 0x30, 0x00, 0x00],
        ];
        for case in cases {
            assert!(NegToken::parse(case).is_err(), "{case:02x?}");
        }
        // More mechanisms than anybody has.
        let many: Vec<&[u8]> = vec![OID_NTLMSSP; MAX_MECHS + 1];
        let mut buf = vec![0; 1000];
        let mut w = Writer::new(&mut buf);
        write_init(&mut w, &many, &[]).unwrap();
        assert!(NegToken::parse(w.written()).is_err());
    }

    #[test]
    fn mutations_never_panic() {
        let base = init(40);
        let mut seed = 0xDEAD_BEEF_CAFE_F00Du64;
        for _ in 0..20_000 {
            let mut m = base.clone();
            for _ in 0..2 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let at = (seed >> 32) as usize % m.len();
                m[at] = seed as u8;
            }
            if let Ok(NegToken::Init(t)) = NegToken::parse(&m) {
                let _ = t.mechs.iter().count();
            }
        }
    }
}
