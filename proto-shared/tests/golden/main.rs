// SPDX-License-Identifier: GPL-2.0-or-later
//! Golden packets: each message is parsed, its fields are compared with what
//! went into it, and writing it gives the same bytes; each truncation of it is
//! malformed.

mod data;
mod fscc;
mod mutations;
mod requests;
mod responses;

use proto_shared::codec::{Malformed, NoSpace, Writer};
use proto_shared::smb2::FileId;

/// The handle in all packets: bytes 0 to 15.
const FILE_ID: FileId = FileId {
    persistent: 0x0706_0504_0302_0100,
    volatile: 0x0F0E_0D0C_0B0A_0908,
};

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

/// A message: a header that nobody looks at, and the body.
fn message(body: &str) -> Vec<u8> {
    let mut msg = vec![0xEE; 64];
    msg.extend(unhex(body));
    msg
}

/// The body that `write` makes.
fn body(write: impl Fn(&mut Writer<'_>) -> Result<(), NoSpace>) -> Vec<u8> {
    let mut buf = vec![0xAA; 4096];
    let len = {
        // Bodies never start at the writer's start in real replies, and not
        // always at a multiple of eight.
        let mut w = Writer::new(&mut buf);
        w.zeros(3).unwrap();
        write(&mut w).unwrap();
        w.len()
    };
    let out = buf[3..len].to_vec();
    // Every shorter buffer is an error and not a panic.
    for limit in 0..len {
        let mut short = vec![0; 4096];
        let mut w = Writer::with_limit(&mut short, limit);
        assert!(w.zeros(3).and_then(|()| write(&mut w)).is_err());
    }
    out
}

/// Compares what `write` makes with the golden bytes, which may have padding
/// behind them.
fn assert_body(msg: &[u8], write: impl Fn(&mut Writer<'_>) -> Result<(), NoSpace>) {
    let made = body(write);
    let (same, padding) = msg[64..].split_at(made.len());
    assert_eq!(made, same);
    assert!(padding.len() < 8 && padding.iter().all(|b| *b == 0));
}

/// Every cut of `msg` to less than `least` bytes of body is malformed.
fn assert_truncations<T>(msg: &[u8], least: usize, parse: impl Fn(&[u8]) -> Result<T, Malformed>) {
    for cut in 0..64 + least {
        assert!(parse(&msg[..cut]).is_err(), "cut to {cut}");
    }
    assert!(parse(&msg[..64 + least]).is_ok());
}
