// SPDX-License-Identifier: GPL-2.0-or-later
//! A reply of any command, through the printer and the walkers of its output.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::pretty::Pretty;
use proto_shared::smb2::error::SymlinkError;
use proto_shared::smb2::{Command, ErrorResponse, Header, HeaderFlags, ReadResponse};

fuzz_target!(|data: &[u8]| {
    let Some((command, body)) = data.split_first() else {
        return;
    };
    let header = Header {
        command: Command(u16::from(command & 0x1F)),
        flags: HeaderFlags::SERVER_TO_REDIR,
        ..Header::default()
    };
    let mut msg = header.to_bytes().to_vec();
    msg.extend_from_slice(body);
    let _ = Pretty(&msg).to_string();
    if let Ok(error) = ErrorResponse::parse(&msg) {
        let _ = SymlinkError::parse(error);
    }
    if let Ok((read, payload)) = ReadResponse::parse(&msg) {
        assert_eq!(read.data_length as usize, payload.len());
    }
});
