// SPDX-License-Identifier: GPL-2.0-or-later
//! Encrypted frames as a whole: what a client that has the keys may put into the envelope, and envelopes that are
//! spoilt. The first byte says which, and the cipher.
#![no_main]

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::Rig;
use libfuzzer_sys::fuzz_target;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::smb2::Command;

fuzz_target!(|data: &[u8]| {
    let Some((form, rest)) = data.split_first() else {
        return;
    };
    let rig = Rig::new();
    let mut client = Client::log_in(
        &rig,
        Options {
            seal: true,
            ciphers: vec![u16::from(form & 3) + 1],
            ..Options::default()
        },
    );
    client.tree_connect("data").unwrap();
    if form & 4 == 0 {
        // Whatever is in it: answered or the end.
        let frame = client.chain(vec![rest.to_vec()]);
        client.send_raw(&frame);
        let _ = client.reply_to(u64::MAX - 1);
        return;
    }
    let name = utf16("never");
    let header = client.header(Command::CREATE);
    let all = AccessMask::FILE_ALL_ACCESS;
    let request = create_request(&name, all, CreateDisposition::CREATE, CreateOptions::NONE);
    let message = Client::message(&header, |w| request.write(w), 0);
    let good = client.chain(vec![message]);
    let mut frame = good.clone();
    if form & 8 != 0 {
        frame.truncate(rest.len());
    }
    if form & 16 != 0 {
        frame.extend_from_slice(&rest[..rest.len() / 2]);
    }
    for change in rest.chunks_exact(2) {
        let at = usize::from(change[0]) % frame.len().max(1);
        if let Some(byte) = frame.get_mut(at) {
            *byte ^= change[1];
        }
    }
    client.send_raw(&frame);
    let done = rig.host().fs_ref().exists("data/never");
    assert_eq!(done, frame == good);
    assert_eq!(client.alive, frame == good);
});
