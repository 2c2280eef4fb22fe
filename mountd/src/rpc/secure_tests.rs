// SPDX-License-Identifier: GPL-2.0-or-later
//! Logins within pipes as clients do them, protected calls, and what must not
//! pass.

use super::*;
use crate::auth::crypto::Side;
use crate::auth::messages::{Messages, Parts};
use crate::testing::{self, Client};
use ndr::Writer;
use proto_shared::auth::ntlm::NegotiateFlags;
use proto_shared::auth::spnego::{
    write_init, NegToken, NegTokenInit, NegTokenResp, OID_KRB5, OID_NTLMSSP,
};
use proto_shared::codec::Writer as WireWriter;
use tempfile::TempDir;

const FIRST_LAST: u8 = pdu::FIRST | pdu::LAST;
/// LsarGetUserName.
const GET_USER_NAME: u16 = 45;
const NTLM: u8 = 10;
const SPNEGO: u8 = 9;

struct Bench {
    pipes: Pipes,
    _dir: TempDir,
}

/// A client's side of one security context.
struct Login {
    kind: u8,
    level: u8,
    id: u32,
    messages: Option<Messages>,
}

fn bench(config: &str) -> Bench {
    let (state, dir) = testing::state(config);
    let auth = Arc::new(Authenticator::new(state.clone()).unwrap());
    let pipes = Pipes::new(state, auth);
    let bench = Bench { pipes, _dir: dir };
    bench.open(1, "lsarpc");
    bench
}

/// A PDU with a verifier in front of which `pad` bytes are.
fn pdu_with(
    (ptype, flags): (u8, u8),
    body: &[u8],
    (kind, level, pad, id): (u8, u8, u8, u32),
    token: &[u8],
) -> Vec<u8> {
    let mut out = vec![5, 0, ptype, flags, 0x10, 0, 0, 0];
    let whole = 16 + body.len() + 8 + token.len();
    out.extend_from_slice(&u16::try_from(whole).unwrap().to_le_bytes());
    out.extend_from_slice(&(token.len() as u16).to_le_bytes());
    out.extend_from_slice(&3u32.to_le_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&[kind, level, pad, 0]);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(token);
    out
}

fn plain(ptype: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![5, 0, ptype, FIRST_LAST, 0x10, 0, 0, 0];
    out.extend_from_slice(&(16 + body.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0, 0, 3, 0, 0, 0]);
    out.extend_from_slice(body);
    out
}

fn bind_body(interface: Interface) -> Vec<u8> {
    let mut body = vec![0xB8, 0x10, 0xB8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0];
    for s in [interface.syntax(), pdu::NDR] {
        body.extend_from_slice(&s.uuid);
        body.extend_from_slice(&s.version.to_le_bytes());
    }
    body
}

fn request_body(opnum: u16, stub: &[u8]) -> Vec<u8> {
    let mut body = (stub.len() as u32).to_le_bytes().to_vec();
    body.extend_from_slice(&[0, 0]);
    body.extend_from_slice(&opnum.to_le_bytes());
    body.extend_from_slice(stub);
    body
}

fn user_name_stub() -> Vec<u8> {
    let mut w = Writer::new();
    for _ in 0..3 {
        w.pointer(false);
    }
    w.into_bytes()
}

/// The token of an answer.
fn token_of(pdu: &[u8]) -> Vec<u8> {
    let header = Header::parse(pdu).unwrap();
    let (_, verifier) = header.split(pdu).unwrap();
    verifier.unwrap().token.to_vec()
}

fn fault_of(pdu: &[u8]) -> u32 {
    assert_eq!(pdu[2], ptype::FAULT);
    u32::from_le_bytes(pdu[24..28].try_into().unwrap())
}

fn contains(stub: &[u8], name: &str) -> bool {
    let text: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    stub.windows(text.len()).any(|w| w == text)
}

impl Bench {
    fn open(&self, id: u64, name: &str) {
        let status = self.pipes.open(&PipeOpen {
            session_id: 9,
            pipe_id: id,
            name,
            account: "alice",
            user_flags: UserFlags::NONE,
            peer: "10.0.0.1:1",
        });
        assert_eq!(status, NtStatus::SUCCESS);
    }

    fn roundtrip(&self, data: &[u8]) -> Vec<u8> {
        let (status, out) = self.pipes.transceive(1, data, 65536);
        assert_eq!(status, NtStatus::SUCCESS);
        assert_eq!(usize::from(u16::from_le_bytes([out[8], out[9]])), out.len());
        out
    }

    /// Bind and auth3 with NTLMSSP.
    fn ntlm(&self, mut client: Client, level: u8, id: u32) -> Login {
        let flags = FIRST_LAST | pdu::HEADER_SIGNING;
        let auth = (NTLM, level, 0, id);
        let body = bind_body(Interface::Lsarpc);
        let ack = self.roundtrip(&pdu_with(
            (ptype::BIND, flags),
            &body,
            auth,
            &client.negotiate(),
        ));
        assert_eq!((ack[2], ack[3]), (ptype::BIND_ACK, flags));
        let authenticate = client.authenticate(&token_of(&ack));
        self.auth3(auth, &authenticate);
        Login {
            kind: NTLM,
            level,
            id,
            messages: client.messages(false),
        }
    }

    fn auth3(&self, auth: (u8, u8, u8, u32), token: &[u8]) {
        let auth3 = pdu_with((ptype::AUTH3, FIRST_LAST), &[0; 4], auth, token);
        assert_eq!(self.pipes.write(1, &auth3), NtStatus::SUCCESS);
        assert_eq!(self.pipes.read(1, 10).0, NtStatus::PIPE_EMPTY);
    }

    fn spnego(&self, mut client: Client, level: u8, mechs: &[&[u8]]) -> Login {
        let negotiate = client.negotiate();
        let mut buf = vec![0; 1024];
        let mut w = WireWriter::new(&mut buf);
        let first = if mechs[0] == OID_NTLMSSP {
            &negotiate[..]
        } else {
            b"ticket"
        };
        write_init(&mut w, mechs, first).unwrap();
        let init = w.written().to_vec();
        let Ok(NegToken::Init(NegTokenInit { mechs: list, .. })) = NegToken::parse(&init) else {
            panic!("no init");
        };
        let auth = (SPNEGO, level, 0, 0);
        let body = bind_body(Interface::Lsarpc);
        let mut ack = self.roundtrip(&pdu_with((ptype::BIND, FIRST_LAST), &body, auth, &init));
        assert_eq!(ack[2], ptype::BIND_ACK);
        let alter = |token: NegTokenResp<'_>| {
            let mut buf = vec![0; token.encoded_len().unwrap()];
            token.write(&mut WireWriter::new(&mut buf)).unwrap();
            let pdu = pdu_with((ptype::ALTER_CONTEXT, FIRST_LAST), &body, auth, &buf);
            let answer = self.roundtrip(&pdu);
            assert_eq!(answer[2], ptype::ALTER_CONTEXT_RESP);
            answer
        };
        if mechs[0] != OID_NTLMSSP {
            ack = alter(NegTokenResp {
                token: Some(&negotiate),
                ..Default::default()
            });
        }
        let token = token_of(&ack);
        let Ok(NegToken::Resp(NegTokenResp {
            token: Some(challenge),
            ..
        })) = NegToken::parse(&token)
        else {
            panic!("no challenge");
        };
        let authenticate = client.authenticate(challenge);
        let mic = client.signature(Side::Client, list.der());
        alter(NegTokenResp {
            token: Some(&authenticate),
            mic: Some(&mic),
            ..Default::default()
        });
        Login {
            kind: SPNEGO,
            level,
            id: 0,
            messages: client.messages(true),
        }
    }

    /// A protected call; the arguments of its answer, from all fragments.
    fn call(&self, login: &mut Login, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, u32> {
        let mut fragment = self.roundtrip(&login.request(opnum, stub, FIRST_LAST));
        let mut out = Vec::new();
        loop {
            if fragment[2] == ptype::FAULT {
                return Err(fault_of(&fragment));
            }
            let last = fragment[3] & pdu::LAST != 0;
            out.extend(login.opened(fragment));
            if last {
                return Ok(out);
            }
            fragment = self.pipes.read(1, 65536).1;
        }
    }

    fn who(&self, login: &mut Login) -> Result<Vec<u8>, u32> {
        self.call(login, GET_USER_NAME, &user_name_stub())
    }

    /// A call without a verifier.
    fn bare(&self) -> Vec<u8> {
        let body = request_body(GET_USER_NAME, &user_name_stub());
        self.roundtrip(&plain(ptype::REQUEST, &body))
    }
}

impl Login {
    fn request(&mut self, opnum: u16, stub: &[u8], flags: u8) -> Vec<u8> {
        let pad = stub.len().next_multiple_of(16) - stub.len();
        let mut body = request_body(opnum, stub);
        body.resize(body.len() + pad, 0xAA);
        let auth = (self.kind, self.level, pad as u8, self.id);
        if self.level == 2 {
            return pdu_with((ptype::REQUEST, flags), &body, auth, &[1; 16]);
        }
        let mut out = pdu_with((ptype::REQUEST, flags), &body, auth, &[0; 16]);
        let signed = out.len() - 16;
        let parts = Parts {
            data: 24..16 + body.len(),
            around: true,
        };
        let messages = self.messages.as_mut().unwrap();
        let token = messages.protect(self.level == 6, &mut out[..signed], &parts);
        out[signed..].copy_from_slice(&token.unwrap());
        out
    }

    /// The arguments of a fragment of an answer.
    fn opened(&mut self, mut fragment: Vec<u8>) -> Vec<u8> {
        assert_eq!(fragment[2], ptype::RESPONSE);
        assert!(fragment.len() <= usize::from(pdu::MAX_FRAGMENT));
        let header = Header::parse(&fragment).unwrap();
        if self.level == 2 {
            assert_eq!(header.auth_len, 0);
            return fragment[24..].to_vec();
        }
        let (body, verifier) = header.split(&fragment).unwrap();
        let v = verifier.unwrap();
        assert_eq!(
            (v.kind, v.level, v.context),
            (self.kind, self.level, self.id)
        );
        let (end, pad, token) = (16 + body.len(), usize::from(v.pad), v.token.to_vec());
        assert_eq!((end - 24) % 16, 0);
        let parts = Parts {
            data: 24..end,
            around: true,
        };
        let signed = fragment.len() - token.len();
        let messages = self.messages.as_mut().unwrap();
        let sealed = self.level == 6;
        messages
            .check(sealed, &mut fragment[..signed], &parts, &token)
            .unwrap();
        fragment[24..end - pad].to_vec()
    }
}

fn bob() -> Client {
    client("bob", "Secret1!")
}

/// A client that would encrypt.
fn client(user: &'static str, password: &'static str) -> Client {
    let mut client = Client::new(user, password);
    client.offer |= NegotiateFlags::SEAL;
    client
}

#[test]
fn calls_are_of_who_logged_in_within_the_pipe() {
    for level in [2, 3, 4, 5, 6] {
        let b = bench("");
        let mut login = b.ntlm(bob(), level, 7);
        for _ in 0..3 {
            let name = b.who(&mut login).unwrap();
            assert!(
                contains(&name, "Bob") && !contains(&name, "alice"),
                "{level}"
            );
        }
        for mechs in [&[OID_NTLMSSP][..], &[OID_KRB5, OID_NTLMSSP]] {
            let b = bench("");
            let mut login = b.spnego(bob(), level, mechs);
            for _ in 0..3 {
                assert!(contains(&b.who(&mut login).unwrap(), "Bob"), "{level}");
            }
        }
    }
}

#[test]
fn long_answers_are_protected_fragment_by_fragment() {
    use std::fmt::Write;
    let mut config = String::from("[global]\n");
    for n in 0..400 {
        write!(config, "[share.s{n:03}]\npath = \"/srv/{n}\"\n").unwrap();
    }
    for level in [5, 6] {
        let b = bench(&config);
        b.pipes.close(1);
        b.open(1, "srvsvc");
        let mut client = bob();
        let auth = (NTLM, level, 0, 1);
        let body = bind_body(Interface::Srvsvc);
        let ack = b.roundtrip(&pdu_with(
            (ptype::BIND, FIRST_LAST),
            &body,
            auth,
            &client.negotiate(),
        ));
        b.auth3(auth, &client.authenticate(&token_of(&ack)));
        let mut login = Login {
            kind: NTLM,
            level,
            id: 1,
            messages: client.messages(false),
        };
        // NetrShareEnum, level 1, in two fragments of which each is protected.
        let mut w = Writer::new();
        w.pointer(false);
        w.u32(1);
        w.u32(1);
        w.pointer(true);
        w.u32(0);
        w.pointer(false);
        w.u32(u32::MAX);
        w.pointer(false);
        let stub = w.into_bytes();
        let mut twice = login.request(15, &stub[..16], pdu::FIRST);
        twice.extend(login.request(15, &stub[16..], pdu::LAST));
        assert_eq!(b.pipes.write(1, &twice), NtStatus::SUCCESS);
        let (mut out, mut fragments) = (Vec::new(), 0);
        loop {
            let (status, fragment) = b.pipes.read(1, 65536);
            assert_eq!(status, NtStatus::SUCCESS);
            let last = fragment[3] & pdu::LAST != 0;
            out.extend(login.opened(fragment));
            fragments += 1;
            if last {
                break;
            }
        }
        assert!(fragments > 3);
        assert!(contains(&out, "s000") && contains(&out, "s399"));
    }
}

#[test]
fn what_was_changed_ends_the_login() {
    for level in [5, 6] {
        let whole = {
            let b = bench("");
            let mut login = b.ntlm(bob(), level, 7);
            login
                .request(GET_USER_NAME, &user_name_stub(), FIRST_LAST)
                .len()
        };
        // Every byte but lengths, which make another PDU of it, and what says which
        // verifier it is.
        let tail = whole - 24;
        for at in (12..whole).filter(|at| !(tail..tail + 8).contains(at)) {
            let b = bench("");
            let mut login = b.ntlm(bob(), level, 7);
            let mut pdu = login.request(GET_USER_NAME, &user_name_stub(), FIRST_LAST);
            pdu[at] ^= 0x20;
            assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::ACCESS_DENIED, "{at}");
            // Neither this login nor none will do any more.
            assert_eq!(b.who(&mut login), Err(fault::ACCESS_DENIED));
            assert_eq!(fault_of(&b.bare()), fault::ACCESS_DENIED);
        }
        let b = bench("");
        let mut login = b.ntlm(bob(), level, 7);
        let pdu = login.request(GET_USER_NAME, &user_name_stub(), FIRST_LAST);
        assert_eq!(b.roundtrip(&pdu)[2], ptype::RESPONSE);
        assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::ACCESS_DENIED);
    }
}

#[test]
fn verifiers_of_something_else() {
    let b = bench("");
    let mut login = b.ntlm(bob(), 5, 7);
    let bare = b.bare();
    assert_eq!(fault_of(&bare), fault::ACCESS_DENIED);
    for (kind, level, id, expected) in [
        (NTLM, 5, 8, fault::SEC_PKG_ERROR),
        (SPNEGO, 5, 7, fault::SEC_PKG_ERROR),
        (NTLM, 2, 7, fault::UNSUPPORTED_AUTHN_LEVEL),
        (NTLM, 6, 7, fault::UNSUPPORTED_AUTHN_LEVEL),
    ] {
        let body = request_body(GET_USER_NAME, &user_name_stub());
        let pdu = pdu_with(
            (ptype::REQUEST, FIRST_LAST),
            &body,
            (kind, level, 0, id),
            &[1; 16],
        );
        assert_eq!(fault_of(&b.roundtrip(&pdu)), expected);
    }
    // Longer than what it is in; padding that is not there.
    let body = request_body(GET_USER_NAME, &user_name_stub());
    let mut pdu = plain(ptype::REQUEST, &body);
    pdu[10] = 200;
    assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::PROTO_ERROR);
    let pdu = pdu_with(
        (ptype::REQUEST, FIRST_LAST),
        &body,
        (NTLM, 5, 200, 7),
        &[1; 16],
    );
    assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::PROTO_ERROR);
    // None of that was the login's fault.
    assert!(contains(&b.who(&mut login).unwrap(), "Bob"));
    // It is finished: nothing more is to be said.
    let pdu = pdu_with(
        (ptype::ALTER_CONTEXT, FIRST_LAST),
        &bind_body(Interface::Lsarpc),
        (NTLM, 5, 0, 7),
        b"x",
    );
    assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::PROTO_ERROR);
    assert!(contains(&b.who(&mut login).unwrap(), "Bob"));
}

#[test]
fn logins_that_fail() {
    // A wrong password shows with the first request; and nothing is done without a login then.
    let b = bench("");
    let mut login = b.ntlm(client("bob", "wrong"), 5, 7);
    assert_eq!(fault_of(&b.bare()), fault::ACCESS_DENIED);
    assert_eq!(b.who(&mut login), Err(fault::ACCESS_DENIED));
    // Half a login.
    let b = bench("");
    let bind = |kind, level, token: &[u8]| {
        let body = bind_body(Interface::Lsarpc);
        pdu_with((ptype::BIND, FIRST_LAST), &body, (kind, level, 0, 7), token)
    };
    b.roundtrip(&bind(NTLM, 5, &bob().negotiate()));
    assert_eq!(fault_of(&b.bare()), fault::ACCESS_DENIED);
    // Unknown providers and levels, tokens that are none, Kerberos without keys.
    for (kind, level, reason) in [
        (68, 5, 8),
        (1, 5, 8),
        (NTLM, 0, 0),
        (NTLM, 1, 0),
        (NTLM, 7, 0),
        (NTLM, 5, 9),
        (SPNEGO, 5, 9),
        (16, 5, 9),
    ] {
        let b = bench("");
        let nak = b.roundtrip(&bind(kind, level, b"NTLMSSP"));
        assert_eq!(
            (nak[2], nak[16]),
            (ptype::BIND_NAK, reason),
            "{kind} {level}"
        );
    }
    // What the client did not agree to.
    let b = bench("");
    let mut client = bob();
    client.offer = client.offer.without(NegotiateFlags::SEAL);
    let mut login = b.ntlm(client, 6, 7);
    assert_eq!(b.who(&mut login), Err(fault::ACCESS_DENIED));
}

#[test]
fn strangers_within_pipes() {
    for (restrict, allowed) in [(0, true), (1, false)] {
        let b = bench(&format!("[global]\nrestrict_anonymous = {restrict}\n"));
        let mut client = bob();
        let auth = (NTLM, 5, 0, 7);
        let body = bind_body(Interface::Lsarpc);
        let pdu = pdu_with((ptype::BIND, FIRST_LAST), &body, auth, &client.negotiate());
        let ack = b.roundtrip(&pdu);
        b.auth3(auth, &client.anonymous(&token_of(&ack)));
        let mut login = Login {
            kind: NTLM,
            level: 5,
            id: 7,
            messages: client.messages(false),
        };
        let answer = b.who(&mut login);
        assert_eq!(answer.is_ok(), allowed);
        if let Ok(name) = answer {
            assert!(!contains(&name, "alice"));
        }
    }
}

#[test]
fn several_logins_in_a_pipe() {
    let b = bench("");
    let mut first = b.ntlm(bob(), 5, 1);
    // The second by alter_context and auth3.
    let mut client = client("alice", "Secret1!");
    let auth = (NTLM, 6, 0, 2);
    let body = bind_body(Interface::Lsarpc);
    let pdu = pdu_with(
        (ptype::ALTER_CONTEXT, FIRST_LAST),
        &body,
        auth,
        &client.negotiate(),
    );
    let ack = b.roundtrip(&pdu);
    assert_eq!(ack[2], ptype::ALTER_CONTEXT_RESP);
    b.auth3(auth, &client.authenticate(&token_of(&ack)));
    let mut second = Login {
        kind: NTLM,
        level: 6,
        id: 2,
        messages: client.messages(false),
    };
    for _ in 0..2 {
        assert!(contains(&b.who(&mut first).unwrap(), "Bob"));
        assert!(contains(&b.who(&mut second).unwrap(), "alice"));
    }
    // A handle is good for who opened it: LsarOpenPolicy2, then LsarClose.
    let mut w = Writer::new();
    w.pointer(false);
    w.u32(24);
    for _ in 0..2 {
        w.pointer(false);
    }
    w.u32(0);
    for _ in 0..2 {
        w.pointer(false);
    }
    w.u32(0x0200_0000);
    let opened = b.call(&mut first, 44, &w.into_bytes()).unwrap();
    let handle = &opened[..20];
    assert_eq!(b.call(&mut second, 0, handle), Err(fault::CONTEXT_MISMATCH));
    assert!(b.call(&mut first, 0, handle).is_ok());
    // Fragments of one request are of one login.
    let half = first.request(GET_USER_NAME, &user_name_stub(), pdu::FIRST);
    assert_eq!(b.pipes.write(1, &half), NtStatus::SUCCESS);
    let other = second.request(GET_USER_NAME, &[], pdu::LAST);
    assert_eq!(fault_of(&b.roundtrip(&other)), fault::PROTO_ERROR);
    // Not any number of them.
    for id in 3..=8 {
        let token = bob().negotiate();
        let pdu = pdu_with(
            (ptype::ALTER_CONTEXT, FIRST_LAST),
            &body,
            (NTLM, 5, 0, id),
            &token,
        );
        assert_eq!(b.roundtrip(&pdu)[2], ptype::ALTER_CONTEXT_RESP, "{id}");
    }
    let pdu = pdu_with(
        (ptype::ALTER_CONTEXT, FIRST_LAST),
        &body,
        (NTLM, 5, 0, 9),
        b"x",
    );
    assert_eq!(fault_of(&b.roundtrip(&pdu)), fault::ACCESS_DENIED);
    // Nobody waits for logins of a pipe that is gone.
    assert_eq!(b.pipes.auth.pending(), 6);
    b.pipes.close(1);
    assert_eq!(b.pipes.auth.pending(), 0);
}

/// Spoilt messages of whole logins: none passes for one that was not spoilt,
/// and the pipe outlives them all.
#[test]
fn spoilt_logins() {
    let mut seed = 0x1234_5678_9ABC_DEF0u64;
    let mut random = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    let mut refused = 0;
    for _ in 0..400 {
        let b = bench("");
        let mut client = bob();
        let auth = (NTLM, 6, 0, 7);
        let body = bind_body(Interface::Lsarpc);
        let mut pdu = pdu_with((ptype::BIND, FIRST_LAST), &body, auth, &client.negotiate());
        let which = random(3);
        let mut spoil = |pdu: &mut Vec<u8>| {
            for _ in 0..=random(3) {
                let at = random(pdu.len() - 10) + 10;
                pdu[at] ^= 1 << random(8);
            }
        };
        if which == 0 {
            spoil(&mut pdu);
        }
        let (_, ack) = b.pipes.transceive(1, &pdu, 65536);
        let challenge = (|| {
            let header = Header::parse(&ack).ok()?;
            let (_, v) = header.split(&ack).ok()?;
            Some(v?.token.to_vec())
        })();
        let Some(challenge) = challenge.filter(|c| c.starts_with(b"NTLMSSP\0")) else {
            refused += 1;
            continue;
        };
        let token = client.authenticate(&challenge);
        let mut pdu = pdu_with((ptype::AUTH3, FIRST_LAST), &[0; 4], auth, &token);
        if which == 1 {
            spoil(&mut pdu);
        }
        b.pipes.write(1, &pdu);
        b.pipes.read(1, 65536);
        let mut login = Login {
            kind: NTLM,
            level: 6,
            id: 7,
            messages: client.messages(false),
        };
        // What was spoilt may have been what they agreed on.
        if login.messages.is_none() {
            refused += 1;
            continue;
        }
        let mut pdu = login.request(GET_USER_NAME, &user_name_stub(), FIRST_LAST);
        if which == 2 {
            spoil(&mut pdu);
        }
        let (_, answer) = b.pipes.transceive(1, &pdu, 65536);
        match answer.get(2) {
            // Spoilt where it does not matter, for example in padding of the login.
            Some(&ptype::RESPONSE) if which < 2 => {
                assert!(contains(&login.opened(answer), "Bob"));
            }
            Some(&ptype::FAULT) | None => refused += 1,
            other => panic!("{other:?} of {which}"),
        }
    }
    assert!(refused > 200, "{refused}");
}
