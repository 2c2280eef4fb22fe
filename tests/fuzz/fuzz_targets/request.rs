// SPDX-License-Identifier: GPL-2.0-or-later
//! A request body: the first byte is the command, the rest the message from its header on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::Utf16;
use proto_shared::smb2::{Command, Request, TreeConnectRequest};

/// What can be written is read back as the same value.
fn again(
    command: Command,
    len: usize,
    request: &Request<'_>,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
) {
    let mut buf = vec![0xAA; len * 2 + 1024];
    let mut w = Writer::new(&mut buf);
    w.zeros(64).unwrap();
    if write(&mut w).is_ok() {
        let msg = w.written().to_vec();
        assert_eq!(Request::parse(command, &msg), Ok(*request));
    }
}

fn text(name: Utf16<'_>) {
    let mut out = vec![0; name.as_bytes().len() * 2];
    if let Ok(utf8) = name.to_utf8(&mut out) {
        assert!(name.eq_str(utf8));
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((command, msg)) = data.split_first() else {
        return;
    };
    let command = Command(u16::from(*command));
    let _ = TreeConnectRequest::parse_for(msg, false);
    let Ok(request) = Request::parse(command, msg) else {
        return;
    };
    match &request {
        Request::SessionSetup(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::Create(r) => {
            text(r.name);
            again(command, msg.len(), &request, |w| r.write(w));
        }
        Request::Close(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::Flush(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::Write(r) => {
            assert_eq!(r.data(), &msg[r.data_offset..r.data_offset + r.data_len]);
        }
        Request::Lock(r) => assert_eq!(r.elements().count(), r.count()),
        Request::Ioctl(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::QueryDirectory(r) => {
            text(r.file_name);
            again(command, msg.len(), &request, |w| r.write(w));
        }
        Request::ChangeNotify(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::QueryInfo(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::SetInfo(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::Break(r) => again(command, msg.len(), &request, |w| r.write(w)),
        Request::Negotiate(r) => assert_eq!(r.contexts.iter().count(), r.contexts.len()),
        Request::TreeConnect(r) => text(r.path),
        _ => {}
    }
});
