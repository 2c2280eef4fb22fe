// SPDX-License-Identifier: GPL-2.0-or-later
//! Contexts of a NEGOTIATE: the data are the list, behind a well-formed request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::smb2::negotiate_context::{ContextType, NegotiateContext};
use proto_shared::smb2::NegotiateRequest;

fuzz_target!(|data: &[u8]| {
    let Some((count, list)) = data.split_first() else {
        return;
    };
    // Header, fixed part with one dialect, padding to 104.
    let mut msg = vec![0; 104];
    msg[64] = 36;
    msg[66] = 1;
    msg[92] = 104;
    msg[96] = count & 0x3F;
    msg[100] = 0x11;
    msg[101] = 0x03;
    msg.extend_from_slice(list);
    if let Ok(req) = NegotiateRequest::parse(&msg) {
        assert_eq!(req.contexts.iter().count(), req.contexts.len());
        for context in req.contexts.iter() {
            let mut buf = vec![0xAA; msg.len() * 2];
            let mut w = Writer::new(&mut buf);
            context.write(&mut w).unwrap();
            let wire = w.written();
            let parsed = NegotiateContext::parse(
                ContextType(u16::from_le_bytes([wire[0], wire[1]])),
                &wire[8..],
            );
            assert_eq!(parsed, Ok(context));
        }
    }
});
