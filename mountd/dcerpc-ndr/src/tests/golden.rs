// SPDX-License-Identifier: GPL-2.0-or-later
//! Bytes as other implementations put them on the wire.

use crate::idl::wkssvc::{NetrWkstaGetInfoRequest, NetrWkstaGetInfoResponse, WkstaInfo};
use crate::types::Message;
use crate::wire::Syntax;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn both_byte_orders() {
    let little = bytes("00000200 03000000 00000000 03000000 5c006100 0000 0000 64000000");
    let big = bytes("00020000 00000003 00000000 00000003 005c0061 0000 0000 00000064");
    let asked = NetrWkstaGetInfoRequest {
        server_name: Some("\\a".into()),
        level: 100,
    };
    for (stub, form) in [(little, Syntax::Ndr20), (big, Syntax::Ndr20BigEndian)] {
        assert_eq!(
            NetrWkstaGetInfoRequest::decode(&stub, form),
            Ok(asked.clone())
        );
    }
}

#[test]
fn tags_have_to_agree() {
    let other = NetrWkstaGetInfoResponse {
        wksta_info: WkstaInfo::Other(7, None),
        status: 124,
    };
    let stub = other.encode(Syntax::Ndr20).unwrap();
    assert_eq!(stub, bytes("07000000 00000000 7c000000"));
    let wide = other.encode(Syntax::Ndr64).unwrap();
    assert_eq!(wide, bytes("07000000 00000000 0000000000000000 7c000000"));
}

#[test]
fn a_name_of_nuls_is_empty() {
    // What impacket's hNetrWkstaGetInfo sends.
    let stub = bytes(
        "07da0000 0a000000 00000000 0a000000 0000000000000000000000000000000000000000 64000000",
    );
    let asked = NetrWkstaGetInfoRequest {
        server_name: Some(String::new()),
        level: 100,
    };
    assert_eq!(
        NetrWkstaGetInfoRequest::decode(&stub, Syntax::Ndr20),
        Ok(asked)
    );
}
