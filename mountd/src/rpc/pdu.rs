// SPDX-License-Identifier: GPL-2.0-or-later
//! Connection-oriented DCE/RPC PDUs (\[C706\] 12.6, \[MS-RPCE\] 2.2.2).

use std::ops::Range;

use dcerpc_ndr::{Error, Reader, Syntax as Form};

use super::Fault;

/// Length of the header that all PDUs have.
pub const HEADER_LEN: usize = 16;
/// Length of the header of a response.
pub const RESPONSE_HEADER_LEN: usize = 24;
/// Greatest fragment that this server sends or takes.
pub const MAX_FRAGMENT: u16 = 4280;
/// Smallest greatest fragment that a client may ask for (\[C706\] 12.6.3.1
/// says that everybody takes 1432).
pub const MIN_FRAGMENT: u16 = 1432;

/// First fragment.
pub const FIRST: u8 = 1;
/// Last fragment.
pub const LAST: u8 = 2;
/// In bind and alter_context and their answers: headers are signed, too
/// (\[MS-RPCE\] 2.2.2.3).
pub const HEADER_SIGNING: u8 = 4;
const OBJECT: u8 = 0x80;
/// Length of a verifier without its token (\[MS-RPCE\] 2.2.2.11).
const VERIFIER_LEN: usize = 8;
/// Where in the header the length of the token is.
const AUTH_LEN_AT: usize = 10;
/// Protected arguments end at a multiple of this (\[MS-RPCE\] 2.2.2.11).
const PROTECTED_ALIGN: usize = 16;

/// PTYPE.
pub mod ptype {
    #![allow(missing_docs, reason = "names of the specification")]
    pub const REQUEST: u8 = 0;
    pub const RESPONSE: u8 = 2;
    pub const FAULT: u8 = 3;
    pub const BIND: u8 = 11;
    pub const BIND_ACK: u8 = 12;
    pub const BIND_NAK: u8 = 13;
    pub const ALTER_CONTEXT: u8 = 14;
    pub const ALTER_CONTEXT_RESP: u8 = 15;
    pub const AUTH3: u8 = 16;
    pub const CO_CANCEL: u8 = 18;
    pub const ORPHANED: u8 = 19;
}

/// Status of a fault (\[C706\] appendix E, \[MS-RPCE\] 3.3.3.5).
pub mod fault {
    #![allow(missing_docs, reason = "names of the specification")]
    pub const ACCESS_DENIED: u32 = 0x0000_0005;
    pub const BAD_STUB_DATA: u32 = 0x0000_06F7;
    pub const OP_RNG_ERROR: u32 = 0x1C01_0002;
    pub const UNK_IF: u32 = 0x1C01_0003;
    pub const PROTO_ERROR: u32 = 0x1C01_000B;
    pub const CONTEXT_MISMATCH: u32 = 0x1C00_001A;
    pub const UNSUPPORTED_AUTHN_LEVEL: u32 = 0x1C00_001D;
    pub const SEC_PKG_ERROR: u32 = 0x0000_0721;
}

/// An interface or transfer syntax: UUID in wire order, and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// UUID.
    pub uuid: [u8; 16],
    /// Major version in the low half, minor in the high half.
    pub version: u32,
}

/// NDR 2.0.
pub const NDR: Syntax = Syntax {
    uuid: [
        0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48,
        0x60,
    ],
    version: 2,
};

/// NDR64 (\[MS-RPCE\] 2.2.5): 71710533-BEBA-4937-8319-B5DBEF9CCC36, version 1.0.
pub const NDR64: Syntax = Syntax {
    uuid: [
        0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc,
        0x36,
    ],
    version: 1,
};

/// What of bind time features this server has (\[MS-RPCE\] 2.2.2.14): several
/// security contexts in a pipe, and KeepConnectionOnOrphan: a call that nobody
/// waits for any more ends, its connection does not.
pub const BIND_TIME_FEATURES: u16 = 1 | 2;

/// First half of the UUID of bind time feature negotiation
/// (\[MS-RPCE\] 3.3.1.5.3); features are in the second.
const FEATURES: [u8; 8] = [0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45];

/// Header of a PDU.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// See [`ptype`].
    pub ptype: u8,
    /// [`FIRST`], [`LAST`] and others.
    pub flags: u8,
    /// Length of the whole PDU.
    pub frag_len: u16,
    /// Length of the authentication at its end.
    pub auth_len: u16,
    /// Ties answers to requests.
    pub call_id: u32,
    /// Whether it and what follows has its greatest bytes first. Answers never
    /// have.
    pub big_endian: bool,
}

impl Header {
    /// Reads the header at the start of `bytes`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let drep = bytes.get(4..6).unwrap_or_default();
        // Numbers, ASCII and IEEE (\[C706\] 14.1).
        let big_endian = match drep {
            [0x10, 0] => false,
            [0x00, 0] => true,
            _ => return Err(Error::new("data representation is not known")),
        };
        let mut r = Reader::new(bytes, order(big_endian));
        let (major, minor) = (r.u8()?, r.u8()?);
        if major != 5 || minor > 1 {
            return Err(Error::new("RPC version is not 5.0 or 5.1"));
        }
        let (ptype, flags) = (r.u8()?, r.u8()?);
        r.bytes(4)?;
        let header = Self {
            ptype,
            flags,
            frag_len: r.u16()?,
            auth_len: r.u16()?,
            call_id: r.u32()?,
            big_endian,
        };
        if usize::from(header.frag_len) < HEADER_LEN {
            return Err(Error::new("PDU shorter than its header"));
        }
        Ok(header)
    }

    /// Takes a whole PDU apart: what is behind the header and before the
    /// verifier, and the verifier where there is one.
    pub fn split<'a>(&self, pdu: &'a [u8]) -> Result<(&'a [u8], Option<Verifier<'a>>), Error> {
        let body = pdu.get(HEADER_LEN..).unwrap_or_default();
        let len = usize::from(self.auth_len);
        if len == 0 {
            return Ok((body, None));
        }
        let at = body
            .len()
            .checked_sub(len + VERIFIER_LEN)
            .ok_or_else(|| Error::new("no room for the verifier"))?;
        let (body, tail) = body.split_at(at);
        let mut r = Reader::new(tail, self.order());
        let verifier = Verifier {
            kind: r.u8()?,
            level: r.u8()?,
            pad: r.u8()?,
            context: {
                r.u8()?;
                r.u32()?
            },
            token: r.bytes(len)?,
        };
        Ok((body, Some(verifier)))
    }

    /// Where in a request's PDU its arguments begin.
    pub const fn stub_at(&self) -> usize {
        if self.flags & OBJECT == 0 {
            24
        } else {
            40
        }
    }

    /// The form in which numbers behind it are.
    pub const fn order(&self) -> Form {
        order(self.big_endian)
    }
}

const fn order(big_endian: bool) -> Form {
    if big_endian {
        Form::Ndr20BigEndian
    } else {
        Form::Ndr20
    }
}

/// An interface or transfer syntax.
fn read_syntax(r: &mut Reader<'_>) -> Result<Syntax, Error> {
    // By its parts, whose order is the sender's.
    let [a, b, c, d] = r.u32()?.to_le_bytes();
    let ([e, f], [g, h]) = (r.u16()?.to_le_bytes(), r.u16()?.to_le_bytes());
    let [i, j, k, l, m, n, o, p]: [u8; 8] = r.array()?;
    Ok(Syntax {
        uuid: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p],
        version: r.u32()?,
    })
}

/// Authentication at the end of a PDU (\[MS-RPCE\] 2.2.2.11).
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// The security provider.
    pub kind: u8,
    /// What it protects.
    pub level: u8,
    /// Bytes between the arguments and the verifier.
    pub pad: u8,
    /// The security context.
    pub context: u32,
    /// What the provider says.
    pub token: &'a [u8],
}

impl Verifier<'_> {
    /// Length on the wire in bytes.
    pub const fn wire_len(&self) -> usize {
        VERIFIER_LEN + self.token.len()
    }

    fn head(&self) -> [u8; VERIFIER_LEN] {
        let [a, b, c, d] = self.context.to_le_bytes();
        [self.kind, self.level, self.pad, 0, a, b, c, d]
    }

    /// Puts it behind a PDU.
    pub fn append_to(&self, pdu: &mut Vec<u8>) {
        let len = pdu.len();
        let pad = len.next_multiple_of(4) - len;
        pdu.resize(len + pad, 0);
        // CAST: below 4.
        let verifier = Self {
            pad: pad as u8,
            ..*self
        };
        pdu.extend_from_slice(&verifier.head());
        pdu.extend_from_slice(self.token);
        set_lengths(pdu, self.token.len());
    }
}

/// Sets the lengths of a whole PDU in its header; callers keep them below
/// 64 KiB.
fn set_lengths(pdu: &mut [u8], token: usize) {
    let whole = u16::try_from(pdu.len()).unwrap_or(u16::MAX).to_le_bytes();
    pdu[AUTH_LEN_AT - 2..AUTH_LEN_AT].copy_from_slice(&whole);
    let token = u16::try_from(token).unwrap_or(u16::MAX).to_le_bytes();
    pdu[AUTH_LEN_AT..AUTH_LEN_AT + 2].copy_from_slice(&token);
}

/// One context that a client offers.
#[derive(Clone, Debug)]
pub struct Context {
    /// Number by which requests name it.
    pub id: u16,
    /// The interface.
    pub interface: Syntax,
    /// Whether NDR 2.0 is among the transfer syntaxes.
    pub ndr: bool,
    /// Whether NDR64 is.
    pub ndr64: bool,
    /// The features that are asked for, if it is no context but bind time feature
    /// negotiation.
    pub features: Option<u16>,
}

/// Body of bind and alter_context.
#[derive(Clone, Debug)]
pub struct Bind {
    /// Greatest fragment that the client takes.
    pub max_recv: u16,
    /// Association group; 0 for a new one.
    pub group: u32,
    /// What the client offers.
    pub contexts: Vec<Context>,
}

impl Bind {
    /// `body` is what follows the header.
    pub fn parse(header: &Header, body: &[u8]) -> Result<Self, Error> {
        let mut r = Reader::new(body, header.order());
        let _max_xmit = r.u16()?;
        let max_recv = r.u16()?;
        let group = r.u32()?;
        let n = r.u8()?;
        r.bytes(3)?;
        let mut contexts = Vec::with_capacity(usize::from(n));
        for _ in 0..n {
            let id = r.u16()?;
            let n_transfer = r.u8()?;
            r.bytes(1)?;
            let interface = read_syntax(&mut r)?;
            let (mut ndr, mut ndr64, mut features) = (false, false, None);
            for _ in 0..n_transfer {
                let transfer = read_syntax(&mut r)?;
                ndr |= transfer == NDR;
                ndr64 |= transfer == NDR64;
                if let Some([low, high, ..]) = transfer.uuid.strip_prefix(&FEATURES) {
                    features = Some(u16::from_le_bytes([*low, *high]));
                }
            }
            contexts.push(Context {
                id,
                interface,
                ndr,
                ndr64,
                features: features.filter(|_| !ndr && !ndr64),
            });
        }
        Ok(Self {
            max_recv,
            group,
            contexts,
        })
    }
}

/// Body of a request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The context.
    pub context: u16,
    /// The operation.
    pub opnum: u16,
    /// Its arguments, or a part of them.
    pub stub: &'a [u8],
}

impl<'a> Request<'a> {
    /// `body` is what follows the header, without authentication.
    pub fn parse(header: &Header, body: &'a [u8]) -> Result<Self, Error> {
        let mut r = Reader::new(body, header.order());
        let _alloc_hint = r.u32()?;
        let context = r.u16()?;
        let opnum = r.u16()?;
        if header.flags & OBJECT != 0 {
            r.bytes(16)?;
        }
        Ok(Self {
            context,
            opnum,
            stub: r.bytes(r.left())?,
        })
    }
}

/// A whole PDU of `ptype` around `body`.
fn pdu(ptype: u8, flags: u8, call_id: u32, body: &[u8]) -> Vec<u8> {
    let len = HEADER_LEN + body.len();
    let mut out = Vec::with_capacity(len);
    out.extend_from_slice(&[5, 0, ptype, flags, 0x10, 0, 0, 0]);
    // Callers keep below the greatest fragment.
    out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(&0u16.to_le_bytes());
    out.extend_from_slice(&call_id.to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// What a context gets as answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextResult {
    /// It can be used, with this transfer syntax.
    Accepted(Syntax),
    /// No such interface.
    UnknownInterface,
    /// No transfer syntax in common.
    NoTransferSyntax,
    /// Bind time features: these.
    Features(u16),
}

/// bind_ack or alter_context_resp.
pub fn bind_ack(
    (ptype, flags): (u8, u8),
    call_id: u32,
    max_fragment: u16,
    group: u32,
    pipe: &str,
    results: &[ContextResult],
) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend_from_slice(&max_fragment.to_le_bytes());
    body.extend_from_slice(&MAX_FRAGMENT.to_le_bytes());
    body.extend_from_slice(&group.to_le_bytes());
    if ptype == ptype::BIND_ACK {
        let address = format!("\\PIPE\\{pipe}\0");
        body.extend_from_slice(&u16::try_from(address.len()).unwrap_or(0).to_le_bytes());
        body.extend_from_slice(address.as_bytes());
    } else {
        body.extend_from_slice(&0u16.to_le_bytes());
    }
    // The header is 16 bytes, so alignment within the body is the PDU's.
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend_from_slice(&[u8::try_from(results.len()).unwrap_or(u8::MAX), 0, 0, 0]);
    for result in results {
        let (code, reason) = match result {
            ContextResult::Accepted(_) => (0u16, 0u16),
            ContextResult::UnknownInterface => (2, 1),
            ContextResult::NoTransferSyntax => (2, 2),
            ContextResult::Features(which) => (3, *which),
        };
        body.extend_from_slice(&code.to_le_bytes());
        body.extend_from_slice(&reason.to_le_bytes());
        if let ContextResult::Accepted(transfer) = result {
            body.extend_from_slice(&transfer.uuid);
            body.extend_from_slice(&transfer.version.to_le_bytes());
        } else {
            body.extend_from_slice(&[0; 20]);
        }
    }
    pdu(ptype, FIRST | LAST | flags, call_id, &body)
}

/// Why a bind is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum NakReason {
    /// For no reason that has a number.
    NotSpecified = 0,
    /// The authentication is not known.
    AuthenticationType = 8,
    /// The authentication failed.
    InvalidChecksum = 9,
}

/// bind_nak.
pub fn bind_nak(call_id: u32, reason: NakReason) -> Vec<u8> {
    let mut body = (reason as u16).to_le_bytes().to_vec();
    // One version is supported: 5.0.
    body.extend_from_slice(&[1, 5, 0]);
    body.resize(body.len().next_multiple_of(4), 0);
    pdu(ptype::BIND_NAK, FIRST | LAST, call_id, &body)
}

/// fault.
pub fn fault(call_id: u32, context: u16, status: u32) -> Vec<u8> {
    let mut body = 32u32.to_le_bytes().to_vec();
    body.extend_from_slice(&context.to_le_bytes());
    body.extend_from_slice(&[0, 0]);
    body.extend_from_slice(&status.to_le_bytes());
    body.extend_from_slice(&[0; 4]);
    pdu(ptype::FAULT, FIRST | LAST, call_id, &body)
}

/// How fragments of a response are protected.
pub trait Protector {
    /// The verifier without its token, and the token's length for that many
    /// bytes of arguments.
    fn verifier(&self, data: usize) -> Result<(Verifier<'static>, usize), Fault>;

    /// The token of a whole fragment without it; the arguments are `data` of
    /// it, and may be encrypted in place.
    fn protect(&mut self, pdu: &mut [u8], data: Range<usize>) -> Result<Vec<u8>, Fault>;
}

/// A response in fragments of at most `max_fragment` bytes, in the clear or
/// protected.
pub fn response(
    call_id: u32,
    context: u16,
    stub: &[u8],
    max_fragment: u16,
    mut protector: Option<&mut dyn Protector>,
) -> Result<Vec<Vec<u8>>, Fault> {
    let room = usize::from(max_fragment) - RESPONSE_HEADER_LEN;
    let room = match &protector {
        None => room & !7,
        Some(p) => {
            let (verifier, token) = p.verifier(room & !(PROTECTED_ALIGN - 1))?;
            // Tokens are short; a fragment has at least 1432 bytes.
            let left = room.saturating_sub(verifier.wire_len() + token);
            (left & !(PROTECTED_ALIGN - 1)).max(PROTECTED_ALIGN)
        }
    };
    let chunks: Vec<&[u8]> = if stub.is_empty() {
        vec![stub]
    } else {
        stub.chunks(room).collect()
    };
    let last = chunks.len() - 1;
    let mut left = stub.len();
    let mut out = Vec::with_capacity(chunks.len());
    for (n, chunk) in chunks.into_iter().enumerate() {
        let mut flags = 0;
        if n == 0 {
            flags |= FIRST;
        }
        if n == last {
            flags |= LAST;
        }
        let mut body = u32::try_from(left)
            .unwrap_or(u32::MAX)
            .to_le_bytes()
            .to_vec();
        body.extend_from_slice(&context.to_le_bytes());
        body.extend_from_slice(&[0, 0]);
        body.extend_from_slice(chunk);
        left -= chunk.len();
        let mut whole = pdu(ptype::RESPONSE, flags, call_id, &body);
        if let Some(p) = protector.as_deref_mut() {
            protect(&mut whole, chunk.len(), p)?;
        }
        out.push(whole);
    }
    Ok(out)
}

fn protect(whole: &mut Vec<u8>, stub: usize, protector: &mut dyn Protector) -> Result<(), Fault> {
    let padded = stub.next_multiple_of(PROTECTED_ALIGN);
    let data = RESPONSE_HEADER_LEN..RESPONSE_HEADER_LEN + padded;
    whole.resize(data.end, 0);
    let (verifier, token_len) = protector.verifier(padded)?;
    let verifier = Verifier {
        // CAST: below 16.
        pad: (padded - stub) as u8,
        ..verifier
    };
    whole.extend_from_slice(&verifier.head());
    // The header is signed with the lengths that the whole will have.
    let signed = whole.len();
    whole.resize(signed + token_len, 0);
    set_lengths(whole, token_len);
    let (message, room) = whole.split_at_mut(signed);
    let token = protector.protect(message, data)?;
    if token.len() != token_len {
        return Err(Fault(fault::SEC_PKG_ERROR));
    }
    room.copy_from_slice(&token);
    Ok(())
}
