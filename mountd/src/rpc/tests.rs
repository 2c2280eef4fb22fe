// SPDX-License-Identifier: GPL-2.0-or-later
//! Pipes as a client uses them: bind, call, read in pieces; and misuse.

use super::*;
use crate::testing;
use ndr::{Reader, Writer};
use tempfile::TempDir;

const CONFIG: &str = r#"
[global]
server_string = "Files"
[share.data]
path = "/srv/data"
comment = "The data"
[share."hidden$"]
path = "/srv/hidden"
[share.secret]
path = "/srv/secret"
browseable = false
"#;

struct Bench {
    pipes: Pipes,
    _dir: TempDir,
}

fn bench(config: &str) -> Bench {
    let (state, dir) = testing::state(config);
    Bench {
        pipes: Pipes::new(state.clone(), Arc::new(Authenticator::new(state).unwrap())),
        _dir: dir,
    }
}

impl Bench {
    fn open_as(&self, id: u64, name: &str, flags: UserFlags) -> NtStatus {
        self.pipes.open(&PipeOpen {
            session_id: 9,
            pipe_id: id,
            name,
            account: "alice",
            user_flags: flags,
            peer: "10.0.0.1:1",
        })
    }

    /// Opens pipe 1 and binds its interface.
    fn bound(&self, name: &str, flags: UserFlags) {
        assert_eq!(self.open_as(1, name, flags), NtStatus::SUCCESS);
        let interface = Interface::ALL
            .into_iter()
            .find(|i| i.pipe() == name)
            .unwrap();
        let ack = self.roundtrip(&bind(&[(0, interface.syntax(), pdu::NDR)]));
        assert_eq!(ack[2], ptype::BIND_ACK);
        assert_eq!(result(&ack, 0), (0, 0));
    }

    fn roundtrip(&self, data: &[u8]) -> Vec<u8> {
        let (status, out) = self.pipes.transceive(1, data, 65536);
        assert_eq!(status, NtStatus::SUCCESS);
        assert_eq!(usize::from(u16::from_le_bytes([out[8], out[9]])), out.len());
        out
    }

    /// Calls and puts the fragments of the answer together.
    fn call(&self, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, u32> {
        let mut frag = self.roundtrip(&request(7, 0, opnum, stub, FIRST_LAST));
        let mut out = Vec::new();
        let mut first = true;
        loop {
            let h = Header::parse(&frag).unwrap();
            assert_eq!(h.call_id, 7);
            if h.ptype == ptype::FAULT {
                return Err(u32::from_le_bytes(frag[24..28].try_into().unwrap()));
            }
            assert_eq!(h.ptype, ptype::RESPONSE);
            assert_eq!(h.flags & pdu::FIRST != 0, first);
            first = false;
            out.extend_from_slice(&frag[24..]);
            if h.flags & pdu::LAST != 0 {
                return Ok(out);
            }
            let (status, next) = self.pipes.read(1, 65536);
            assert_eq!(status, NtStatus::SUCCESS);
            frag = next;
        }
    }
}

const FIRST_LAST: u8 = pdu::FIRST | pdu::LAST;

fn raw(ptype: u8, flags: u8, call_id: u32, body: &[u8]) -> Vec<u8> {
    let mut out = vec![5, 0, ptype, flags, 0x10, 0, 0, 0];
    out.extend_from_slice(&(16 + body.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&call_id.to_le_bytes());
    out.extend_from_slice(body);
    out
}

fn bind_body(contexts: &[(u16, Syntax, Syntax)]) -> Vec<u8> {
    let mut body = vec![0xB8, 0x10, 0xB8, 0x10, 0, 0, 0, 0];
    body.extend_from_slice(&[contexts.len() as u8, 0, 0, 0]);
    for (id, abs, transfer) in contexts {
        body.extend_from_slice(&id.to_le_bytes());
        body.extend_from_slice(&[1, 0]);
        for s in [abs, transfer] {
            body.extend_from_slice(&s.uuid);
            body.extend_from_slice(&s.version.to_le_bytes());
        }
    }
    body
}

fn bind(contexts: &[(u16, Syntax, Syntax)]) -> Vec<u8> {
    raw(ptype::BIND, FIRST_LAST, 1, &bind_body(contexts))
}

/// Result and reason of context `n` of a bind_ack.
fn result(ack: &[u8], n: usize) -> (u16, u16) {
    let addr = usize::from(u16::from_le_bytes([ack[24], ack[25]]));
    let at = (26 + addr).next_multiple_of(4) + 4 + n * 24;
    let u16_at = |i: usize| u16::from_le_bytes([ack[i], ack[i + 1]]);
    (u16_at(at), u16_at(at + 2))
}

fn request(call_id: u32, context: u16, opnum: u16, stub: &[u8], flags: u8) -> Vec<u8> {
    let mut body = (stub.len() as u32).to_le_bytes().to_vec();
    body.extend_from_slice(&context.to_le_bytes());
    body.extend_from_slice(&opnum.to_le_bytes());
    body.extend_from_slice(stub);
    raw(ptype::REQUEST, flags, call_id, &body)
}

fn enum_stub(level: u32, max: u32, resume: Option<u32>) -> Vec<u8> {
    let mut w = Writer::new();
    w.pointer(true);
    w.string("\\\\files");
    w.u32(level);
    w.u32(level);
    w.pointer(true);
    w.u32(0);
    w.pointer(false);
    w.u32(max);
    w.pointer(resume.is_some());
    if let Some(resume) = resume {
        w.u32(resume);
    }
    w.into_bytes()
}

/// Names, types and remarks; total, resume handle, code.
type Listing = (Vec<(String, u32, String)>, u32, Option<u32>, u32);

fn parse_level_1(stub: &[u8]) -> Listing {
    let mut r = Reader::new(stub);
    assert_eq!((r.u32().unwrap(), r.u32().unwrap()), (1, 1));
    assert!(r.pointer().unwrap());
    let count = r.u32().unwrap();
    let mut list = Vec::new();
    if r.pointer().unwrap() {
        assert_eq!(r.u32().unwrap(), count);
        let types: Vec<u32> = (0..count)
            .map(|_| {
                assert!(r.pointer().unwrap());
                let t = r.u32().unwrap();
                assert!(r.pointer().unwrap());
                t
            })
            .collect();
        for t in types {
            list.push((r.string().unwrap(), t, r.string().unwrap()));
        }
    }
    let total = r.u32().unwrap();
    let resume = r.unique_u32().unwrap();
    (list, total, resume, r.u32().unwrap())
}

#[test]
fn share_enum_level_1() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    let stub = b.call(15, &enum_stub(1, u32::MAX, Some(0))).unwrap();
    let (list, total, resume, code) = parse_level_1(&stub);
    assert_eq!(
        list,
        [
            ("data".into(), 0, "The data".into()),
            ("hidden$".into(), 0x8000_0000, String::new()),
            ("IPC$".into(), 0x8000_0003, "Remote IPC".into()),
        ]
    );
    assert_eq!((total, resume, code), (3, Some(0), 0));
}

#[test]
fn share_enum_in_pages() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    let mut names = Vec::new();
    let mut resume = 0;
    for _ in 0..3 {
        let stub = b.call(15, &enum_stub(1, 1, Some(resume))).unwrap();
        let (list, _, next, code) = parse_level_1(&stub);
        assert_eq!(list.len(), 1);
        names.push(list[0].0.clone());
        resume = next.unwrap();
        assert_eq!(code, if resume == 0 { 0 } else { 234 });
    }
    assert_eq!(names, ["data", "hidden$", "IPC$"]);
    assert_eq!(resume, 0);
    // A resume handle from nowhere.
    let stub = b.call(15, &enum_stub(1, 1, Some(u32::MAX))).unwrap();
    assert!(parse_level_1(&stub).0.is_empty());
}

#[test]
fn share_enum_other_levels() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    for level in [0, 2, 501, 502] {
        let stub = b.call(15, &enum_stub(level, u32::MAX, None)).unwrap();
        assert_eq!(stub[stub.len() - 4..], [0; 4], "{level}");
    }
    for (level, code) in [(0, 0), (2, 0), (501, 124u32), (502, 0)] {
        let stub = b.call(36, &enum_stub(level, u32::MAX, None)).unwrap();
        assert_eq!(stub[stub.len() - 4..], code.to_le_bytes(), "{level}");
    }
    let stub = b.call(15, &enum_stub(2, u32::MAX, None)).unwrap();
    let mut r = Reader::new(&stub);
    for _ in 0..6 {
        r.u32().unwrap();
    }
    // name*, type, remark*, permissions, max, current, path*, passwd*
    let first: Vec<u32> = (0..8).map(|_| r.u32().unwrap()).collect();
    assert_eq!((first[1], first[3], first[4], first[7]), (0, 0, 128, 0));
    for _ in 0..16 {
        r.u32().unwrap();
    }
    assert_eq!(r.string().unwrap(), "data");
    assert_eq!(r.string().unwrap(), "The data");
    assert_eq!(r.string().unwrap(), "C:\\srv\\data");
    let stub = b.call(15, &enum_stub(3, u32::MAX, None)).unwrap();
    assert_eq!(stub[stub.len() - 4..], 124u32.to_le_bytes());
}

#[test]
fn guests_do_not_see_paths() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::GUEST);
    let stub = b.call(15, &enum_stub(2, u32::MAX, None)).unwrap();
    assert_eq!(stub[stub.len() - 4..], 5u32.to_le_bytes());
    let stub = b.call(15, &enum_stub(501, u32::MAX, None)).unwrap();
    assert_eq!(stub[stub.len() - 4..], 5u32.to_le_bytes());
    assert_eq!(share_check(&b, "C:\\srv\\data"), (0, 5));
    let stub = b.call(15, &enum_stub(1, u32::MAX, None)).unwrap();
    assert_eq!(parse_level_1(&stub).0.len(), 3);
}

/// Type and code.
fn share_check(b: &Bench, device: &str) -> (u32, u32) {
    let mut w = Writer::new();
    w.pointer(false);
    w.string(device);
    let stub = b.call(20, &w.into_bytes()).unwrap();
    let mut r = Reader::new(&stub);
    (r.u32().unwrap(), r.u32().unwrap())
}

#[test]
fn which_paths_are_shared() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    assert_eq!(share_check(&b, "c:\\SRV\\data"), (0, 0));
    assert_eq!(share_check(&b, "C:\\srv\\hidden"), (0x8000_0000, 0));
    assert_eq!(share_check(&b, ""), (0x8000_0003, 0));
    for path in ["C:\\srv\\secret", "C:\\srv", "IPC$"] {
        assert_eq!(share_check(&b, path), (0, 2311), "{path}");
    }
}

#[test]
fn share_get_info() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    let ask = |name: &str, level: u32| {
        let mut w = Writer::new();
        w.pointer(false);
        w.string(name);
        w.u32(level);
        b.call(16, &w.into_bytes()).unwrap()
    };
    let stub = ask("DATA", 1);
    let mut r = Reader::new(&stub);
    assert_eq!(r.u32(), Ok(1));
    assert!(r.pointer().unwrap());
    r.u32().unwrap();
    assert_eq!(r.u32(), Ok(0));
    r.u32().unwrap();
    assert_eq!(r.string().unwrap(), "data");
    assert_eq!(r.string().unwrap(), "The data");
    assert_eq!(r.u32(), Ok(0));
    // Hidden from lists does not mean that it is not there.
    let code = |stub: Vec<u8>| u32::from_le_bytes(stub[stub.len() - 4..].try_into().unwrap());
    assert_eq!(code(ask("secret", 1)), 0);
    assert_eq!(code(ask("ipc$", 501)), 0);
    assert_eq!(code(ask("data", 1005)), 0);
    for level in [502, 1004, 1006, 1007, 1501] {
        assert_eq!(code(ask("data", level)), 0, "{level}");
    }
    assert_eq!(code(ask("nope", 1)), 2310);
    assert_eq!(code(ask("data", 77)), 124);
}

#[test]
fn who_the_server_is() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    let ask = |level: u32| {
        let mut w = Writer::new();
        w.pointer(false);
        w.u32(level);
        w.into_bytes()
    };
    let stub = b.call(21, &ask(101)).unwrap();
    let mut r = Reader::new(&stub);
    let head: Vec<u32> = (0..8).map(|_| r.u32().unwrap()).collect();
    assert_eq!((head[0], head[2], head[4]), (101, 500, 10));
    assert_eq!(r.string().unwrap(), "FILES");
    assert_eq!(r.string().unwrap(), "Files");
    assert_eq!(r.u32(), Ok(0));
    b.call(21, &ask(102)).unwrap();
    b.pipes.close(1);

    b.bound("wkssvc", UserFlags::NONE);
    let stub = b.call(0, &ask(100)).unwrap();
    let mut r = Reader::new(&stub);
    let head: Vec<u32> = (0..7).map(|_| r.u32().unwrap()).collect();
    assert_eq!((head[0], head[2]), (100, 500));
    assert_eq!(r.string().unwrap(), "FILES");
    assert_eq!(r.string().unwrap(), "WORKGROUP");
    assert_eq!(r.u32(), Ok(0));
    for level in [101, 102] {
        let stub = b.call(0, &ask(level)).unwrap();
        assert_eq!(stub[stub.len() - 4..], [0; 4]);
    }
    assert_eq!(b.call(1, &[]), Err(fault::OP_RNG_ERROR));
    assert_eq!(b.call(0, &[1, 2]), Err(fault::BAD_STUB_DATA));
}

#[test]
fn answers_in_fragments_and_in_pieces() {
    let mut config = String::new();
    for n in 0..300 {
        config.push_str(&format!("[share.share{n:03}]\npath = \"/srv/{n}\"\n"));
    }
    let b = bench(&config);
    b.bound("srvsvc", UserFlags::NONE);
    let stub = b.call(15, &enum_stub(1, u32::MAX, None)).unwrap();
    assert!(stub.len() > 3 * 4280);
    assert_eq!(parse_level_1(&stub).0.len(), 301);

    // The same in reads of 100 bytes.
    let ask = request(8, 0, 15, &enum_stub(1, u32::MAX, None), FIRST_LAST);
    assert_eq!(b.pipes.write(1, &ask), NtStatus::SUCCESS);
    let mut bytes = Vec::new();
    let mut messages = 0;
    loop {
        match b.pipes.read(1, 100) {
            (NtStatus::BUFFER_OVERFLOW, part) => {
                assert_eq!(part.len(), 100);
                bytes.extend(part);
            }
            (NtStatus::SUCCESS, part) => {
                bytes.extend(part);
                messages += 1;
            }
            (status, _) => {
                assert_eq!(status, NtStatus::PIPE_EMPTY);
                break;
            }
        }
    }
    assert!(messages > 3);
    assert_eq!(bytes.len(), stub.len() + messages * 24);
    // With something left to read nothing can be transceived.
    b.pipes.write(1, &ask);
    assert_eq!(b.pipes.transceive(1, &ask, 100).0, NtStatus::PIPE_BUSY);
}

#[test]
fn requests_in_fragments_and_in_pieces() {
    let b = bench(CONFIG);
    b.bound("srvsvc", UserFlags::NONE);
    let stub = enum_stub(1, u32::MAX, None);
    let (a, rest) = stub.split_at(16);
    let mut bytes = request(7, 0, 15, a, pdu::FIRST);
    bytes.extend(request(7, 0, 15, rest, pdu::LAST));
    for byte in &bytes[..bytes.len() - 1] {
        assert_eq!(b.pipes.write(1, &[*byte]), NtStatus::SUCCESS);
    }
    assert_eq!(b.pipes.read(1, 1).0, NtStatus::PIPE_EMPTY);
    b.pipes.write(1, &bytes[bytes.len() - 1..]);
    let (_, answer) = b.pipes.read(1, 65536);
    assert_eq!(answer[2], ptype::RESPONSE);
    assert_eq!(parse_level_1(&answer[24..]).0.len(), 3);
    // A second fragment without a first, or of another call.
    let f = b.roundtrip(&request(7, 0, 15, rest, pdu::LAST));
    assert_eq!(f[2], ptype::FAULT);
    b.pipes.write(1, &request(7, 0, 15, a, pdu::FIRST));
    let f = b.roundtrip(&request(8, 0, 15, rest, pdu::LAST));
    assert_eq!(f[2], ptype::FAULT);
    // Arguments without end.
    b.pipes.write(1, &request(7, 0, 15, a, pdu::FIRST));
    let big = request(7, 0, 15, &[0; 60_000], 0);
    let mut faulted = false;
    for _ in 0..20 {
        b.pipes.write(1, &big);
        faulted |= b.pipes.read(1, 65536).1.get(2) == Some(&ptype::FAULT);
    }
    assert!(faulted);
}

#[test]
fn contexts() {
    let b = bench(CONFIG);
    assert_eq!(b.open_as(1, "srvsvc", UserFlags::NONE), NtStatus::SUCCESS);
    // Not bound.
    let f = b.roundtrip(&request(1, 0, 15, &[], FIRST_LAST));
    assert_eq!(f[24..28], fault::UNK_IF.to_le_bytes());
    let mut features = pdu::NDR;
    features.uuid = *b"\x2c\x1c\xb7\x6c\x12\x98\x40\x45\x03\0\0\0\0\0\0\0";
    let other = Syntax {
        uuid: [9; 16],
        version: 1,
    };
    let ack = b.roundtrip(&bind(&[
        (0, wkssvc::SYNTAX, pdu::NDR),
        (1, srvsvc::SYNTAX, other),
        (2, srvsvc::SYNTAX, features),
        (3, srvsvc::SYNTAX, pdu::NDR),
    ]));
    let results: Vec<_> = (0..4).map(|n| result(&ack, n)).collect();
    assert_eq!(results, [(2, 1), (2, 2), (3, 3), (0, 0)]);
    let f = b.roundtrip(&request(1, 0, 15, &[], FIRST_LAST));
    assert_eq!(f[24..28], fault::UNK_IF.to_le_bytes());
    let ok = b.roundtrip(&request(
        1,
        3,
        15,
        &enum_stub(1, u32::MAX, None),
        FIRST_LAST,
    ));
    assert_eq!(ok[2], ptype::RESPONSE);
    // One more by alter_context.
    let alter = raw(
        ptype::ALTER_CONTEXT,
        FIRST_LAST,
        2,
        &bind_body(&[(5, srvsvc::SYNTAX, pdu::NDR)]),
    );
    let ack = b.roundtrip(&alter);
    assert_eq!(
        (ack[2], result(&ack, 0)),
        (ptype::ALTER_CONTEXT_RESP, (0, 0))
    );
    let ok = b.roundtrip(&request(
        1,
        5,
        15,
        &enum_stub(1, u32::MAX, None),
        FIRST_LAST,
    ));
    assert_eq!(ok[2], ptype::RESPONSE);
    // Authentication within the pipe is refused.
    let mut secured = bind(&[(0, srvsvc::SYNTAX, pdu::NDR)]);
    secured[10] = 8;
    assert_eq!(b.roundtrip(&secured)[2], ptype::BIND_NAK);
}

#[test]
fn ndr64_where_it_is_offered() {
    use dcerpc_ndr::idl::wkssvc as idl;
    use dcerpc_ndr::Message;
    let b = bench(CONFIG);
    assert_eq!(b.open_as(1, "wkssvc", UserFlags::NONE), NtStatus::SUCCESS);
    let mut features = pdu::NDR;
    features.uuid = *b"\x2c\x1c\xb7\x6c\x12\x98\x40\x45\x03\0\0\0\0\0\0\0";
    // As Windows binds: both forms, each in a context of its own.
    let ack = b.roundtrip(&bind(&[
        (0, wkssvc::SYNTAX, pdu::NDR),
        (1, wkssvc::SYNTAX, pdu::NDR64),
        (2, wkssvc::SYNTAX, features),
    ]));
    let results: Vec<_> = (0..3).map(|n| result(&ack, n)).collect();
    assert_eq!(results, [(2, 2), (0, 0), (3, 3)]);
    assert!(ack.windows(16).any(|w| w == pdu::NDR64.uuid));
    let ask = idl::NetrWkstaGetInfoRequest {
        server_name: Some("\\\\files".into()),
        level: 102,
    };
    let stub = ask.encode(Form::Ndr64).unwrap();
    let answer = b.roundtrip(&request(3, 1, 0, &stub, FIRST_LAST));
    assert_eq!(answer[2], ptype::RESPONSE);
    let told = idl::NetrWkstaGetInfoResponse::decode(&answer[24..], Form::Ndr64).unwrap();
    let idl::WkstaInfo::WkstaInfo102(Some(info)) = told.wksta_info else {
        panic!("{told:?}");
    };
    assert_eq!(info.wki102_computername.as_deref(), Some("FILES"));
    // The other form is not bound, and arguments in it are none.
    let f = b.roundtrip(&request(4, 0, 0, &stub, FIRST_LAST));
    assert_eq!(f[24..28], fault::UNK_IF.to_le_bytes());
    let old = ask.encode(Form::Ndr20).unwrap();
    let f = b.roundtrip(&request(5, 1, 0, &old, FIRST_LAST));
    assert_eq!(f[24..28], fault::BAD_STUB_DATA.to_le_bytes());
    // Where only the old form is offered, it is taken.
    b.pipes.close(1);
    b.bound("wkssvc", UserFlags::NONE);
    assert!(b.call(0, &old).is_ok());
}

#[test]
fn clients_with_the_greatest_byte_first() {
    let b = bench(CONFIG);
    assert_eq!(b.open_as(1, "wkssvc", UserFlags::NONE), NtStatus::SUCCESS);
    let pdu = |ptype: u8, body: &[u8]| {
        let mut out = vec![5, 0, ptype, FIRST_LAST, 0, 0, 0, 0];
        out.extend_from_slice(&(16 + body.len() as u16).to_be_bytes());
        out.extend_from_slice(&[0, 0, 0, 0, 0, 7]);
        out.extend_from_slice(body);
        out
    };
    let turned = |s: Syntax| {
        let mut uuid = s.uuid;
        uuid[..4].reverse();
        uuid[4..6].reverse();
        uuid[6..8].reverse();
        [&uuid[..], &s.version.to_be_bytes()].concat()
    };
    let mut body = vec![0x10, 0xB8, 0x10, 0xB8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 1, 0];
    body.extend(turned(wkssvc::SYNTAX));
    body.extend(turned(pdu::NDR));
    let ack = b.roundtrip(&pdu(ptype::BIND, &body));
    assert_eq!((ack[4], result(&ack, 0)), (0x10, (0, 0)));
    // No server's name, level 100.
    let ask = [0, 0, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100];
    let answer = b.roundtrip(&pdu(ptype::REQUEST, &ask));
    assert_eq!(Header::parse(&answer).unwrap().call_id, 7);
    assert_eq!(
        (answer[2], answer[4], answer[24]),
        (ptype::RESPONSE, 0x10, 100)
    );
    let text: Vec<u8> = "FILES".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(answer.windows(text.len()).any(|w| w == text));
}

#[test]
fn every_pipe_has_management() {
    for name in ["srvsvc", "samr"] {
        let b = bench(CONFIG);
        assert_eq!(b.open_as(1, name, UserFlags::NONE), NtStatus::SUCCESS);
        let ack = b.roundtrip(&bind(&[(0, mgmt::SYNTAX, pdu::NDR)]));
        assert_eq!(result(&ack, 0), (0, 0));
        // Listening, and nobody stops it.
        assert_eq!(b.call(2, &[]).unwrap(), [0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(b.call(3, &[]).unwrap(), [5, 0, 0, 0]);
        let ids = b.call(0, &[]).unwrap();
        assert_eq!(ids.len(), 12 + 6 * (4 + 20) + 4);
        assert!(ids.windows(16).any(|w| w == srvsvc::SYNTAX.uuid));
        let counters = b.call(1, &[99, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(counters.len(), 8 + 16 + 4);
        assert_eq!(counters[..4], [4, 0, 0, 0]);
        assert_eq!(b.call(4, &[0; 8]).unwrap()[16..], 1746u32.to_le_bytes());
        assert_eq!(b.call(4, &[0; 7]), Err(fault::BAD_STUB_DATA));
        assert_eq!(b.call(5, &[]), Err(fault::OP_RNG_ERROR));
    }
    // It is no pipe of its own.
    let b = bench(CONFIG);
    let none = NtStatus::OBJECT_NAME_NOT_FOUND;
    assert_eq!(b.open_as(1, "", UserFlags::NONE), none);
    assert_eq!(b.open_as(1, "srvsvc", UserFlags::GUEST), NtStatus::SUCCESS);
    b.roundtrip(&bind(&[(0, mgmt::SYNTAX, pdu::NDR)]));
    assert_eq!(b.call(0, &[]).unwrap(), [0, 0, 0, 0, 5, 0, 0, 0]);
}

#[test]
fn who_may_open_what() {
    let b = bench(CONFIG);
    assert_eq!(
        b.open_as(1, "spoolss", UserFlags::NONE),
        NtStatus::OBJECT_NAME_NOT_FOUND
    );
    assert_eq!(
        b.open_as(1, "srvsvc", UserFlags::ANONYMOUS),
        NtStatus::SUCCESS
    );
    assert_eq!(
        b.open_as(1, "srvsvc", UserFlags::NONE),
        NtStatus::INVALID_PARAMETER
    );
    let r = bench("[global]\nrestrict_anonymous = 1");
    assert_eq!(
        r.open_as(1, "srvsvc", UserFlags::ANONYMOUS),
        NtStatus::ACCESS_DENIED
    );
    assert_eq!(r.open_as(1, "srvsvc", UserFlags::GUEST), NtStatus::SUCCESS);
    for n in 2..=MAX_PIPES_OF_SESSION as u64 {
        assert_eq!(r.open_as(n, "wkssvc", UserFlags::NONE), NtStatus::SUCCESS);
    }
    let more = MAX_PIPES_OF_SESSION as u64 + 1;
    assert_eq!(
        r.open_as(more, "wkssvc", UserFlags::NONE),
        NtStatus::INSUFF_SERVER_RESOURCES
    );
    r.pipes.close(2);
    assert_eq!(
        r.open_as(more, "wkssvc", UserFlags::NONE),
        NtStatus::SUCCESS
    );
    r.pipes.close_session(9);
    assert!(r.pipes.is_empty());
    assert_eq!(r.pipes.read(2, 10).0, NtStatus::PIPE_DISCONNECTED);
}

#[test]
fn a_flood_of_requests_is_bounded() {
    let mut config = String::new();
    for n in 0..500 {
        config.push_str(&format!("[share.share{n:03}]\npath = \"/srv/{n}\"\n"));
    }
    let b = bench(&config);
    b.bound("srvsvc", UserFlags::NONE);
    let one = request(7, 0, 15, &enum_stub(1, u32::MAX, None), FIRST_LAST);
    let flood = one.repeat(1000);
    assert_eq!(b.pipes.write(1, &flood), NtStatus::INSUFF_SERVER_RESOURCES);
    let waiting: usize = b
        .pipes
        .with(1, |p| p.output.iter().map(Vec::len).sum())
        .unwrap();
    assert!(waiting < 2 * MAX_OUTPUT);
}

#[test]
fn what_waits_in_the_pipes_of_a_session_is_bounded() {
    let b = bench(CONFIG);
    let one = request(7, 0, 15, &enum_stub(1, u32::MAX, None), FIRST_LAST);
    let part = vec![0; MAX_WAITING_OF_SESSION / 16];
    for n in 1..=17 {
        assert_eq!(b.open_as(n, "srvsvc", UserFlags::NONE), NtStatus::SUCCESS);
        b.pipes.with(n, |p| p.output.push_back(part.clone()));
    }
    assert_eq!(b.pipes.write(17, &one), NtStatus::INSUFF_SERVER_RESOURCES);
    // What one pipe no longer holds, another may.
    b.pipes.close(1);
    b.pipes.close(2);
    assert_eq!(b.pipes.write(17, &one), NtStatus::SUCCESS);
    b.pipes.close_session(9);
    assert!(b.pipes.is_empty());
}

#[test]
fn garbage_never_panics() {
    let b = bench(CONFIG);
    let base = request(7, 0, 15, &enum_stub(1, u32::MAX, Some(0)), FIRST_LAST);
    let hello = bind(&[(0, srvsvc::SYNTAX, pdu::NDR)]);
    let mut seed = 0xABCD_EF01_2345_6789u64;
    for n in 0..5000u64 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let mut bytes = hello.clone();
        bytes.extend_from_slice(&base);
        let at = (seed >> 20) as usize % bytes.len();
        bytes[at] = seed as u8;
        assert_eq!(b.open_as(n, "srvsvc", UserFlags::NONE), NtStatus::SUCCESS);
        b.pipes.write(n, &bytes);
        while !matches!(b.pipes.read(n, 300).0, NtStatus::PIPE_EMPTY) {}
        b.pipes.close(n);
    }
}
