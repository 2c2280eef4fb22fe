// SPDX-License-Identifier: GPL-2.0-or-later
//! PDU to headers: protocol detection, compounds, and the printer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::netbios::SessionHeader;
use proto_shared::pretty::Pretty;
use proto_shared::smb2::header::Compound;

fuzz_target!(|data: &[u8]| {
    let _ = Pretty(data).to_string();
    let mut walked = 0;
    for message in Compound::new(data) {
        let Ok((header, msg)) = message else {
            break;
        };
        // Every bit of the 64 bytes has its field.
        assert_eq!(header.to_bytes(), msg[..64]);
        walked += msg.len();
    }
    assert!(walked <= data.len());
    if let Some(bytes) = data.first_chunk::<4>() {
        assert_eq!(SessionHeader::parse(*bytes).to_bytes(), *bytes);
    }
});
