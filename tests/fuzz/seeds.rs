// SPDX-License-Identifier: GPL-2.0-or-later
//! Writes the first corpus: the golden packets of proto-shared for the targets
//! that take messages, and scripts for `session` that open files and then do
//! one thing each: `cargo run --example seeds` in this folder.

#[path = "../../proto-shared/tests/golden/data.rs"]
mod data;
#[path = "../memhost/src/script/example.rs"]
mod example;

use data::*;
use proto_shared::smb2::{Command, Header};
use std::{fs, io, path::Path};

const REQUESTS: [(u16, &str); 20] = [
    (0, NEGOTIATE_REQ),
    (1, SESSION_SETUP_REQ),
    (2, LOGOFF_REQ),
    (3, TREE_CONNECT_REQ),
    (4, TREE_DISCONNECT_REQ),
    (5, CREATE_REQ),
    (6, CLOSE_REQ),
    (7, FLUSH_REQ),
    (8, READ_REQ),
    (9, WRITE_REQ),
    (10, LOCK_REQ),
    (11, IOCTL_REQ),
    (12, ECHO_REQ),
    (13, ECHO_REQ),
    (14, QUERY_DIRECTORY_REQ),
    (15, CHANGE_NOTIFY_REQ),
    (16, QUERY_INFO_REQ),
    (17, SET_INFO_REQ),
    (18, OPLOCK_BREAK),
    (18, LEASE_ACK),
];

const REPLIES: [(u16, &str); 17] = [
    (0, NEGOTIATE_RSP),
    (1, SESSION_SETUP_RSP),
    (3, TREE_CONNECT_RSP),
    (5, CREATE_RSP),
    (6, CLOSE_RSP),
    (8, READ_RSP),
    (9, WRITE_RSP),
    (11, IOCTL_RSP),
    (14, QUERY_DIRECTORY_RSP),
    (15, CHANGE_NOTIFY_RSP),
    (16, QUERY_INFO_RSP),
    (17, SET_INFO_RSP),
    (18, LEASE_NOTIFICATION),
    (4, ERROR_EMPTY),
    (5, ERROR_SYMLINK),
    (5, ERROR_SYMLINK_311),
    (16, ERROR_LENGTH_311),
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("golden data are hex"))
        .collect()
}

fn put(target: &str, name: usize, bytes: &[u8]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("golden-{name:02}")), bytes)
}

fn main() -> io::Result<()> {
    for kind in 0..24 {
        for which in 0..6 {
            put(
                "session",
                usize::from(kind * 6 + which),
                &script(kind, which),
            )?;
        }
    }
    for (i, (command, body)) in REQUESTS.iter().enumerate() {
        let header = Header {
            command: Command(*command),
            ..Header::default()
        };
        let mut input = vec![*command as u8];
        input.extend(header.to_bytes());
        input.extend(unhex(body));
        put("request", i, &input)?;
        put("header", i, &input[1..])?;
    }
    for (i, (command, body)) in REPLIES.iter().enumerate() {
        let mut input = vec![*command as u8];
        input.extend(unhex(body));
        put("reply", i, &input)?;
    }
    // The lists within the messages.
    put(
        "negotiate_contexts",
        0,
        &[&[4][..], &unhex(NEGOTIATE_REQ)[48..]].concat(),
    )?;
    put("create_contexts", 0, &unhex(CREATE_REQ)[80..])?;
    put("create_contexts", 1, &unhex(CREATE_RSP)[88..])?;
    Ok(())
}
