// SPDX-License-Identifier: GPL-2.0-or-later
//! SMB1 negotiate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::smb1::Smb1NegotiateRequest;

fuzz_target!(|data: &[u8]| {
    let Ok(req) = Smb1NegotiateRequest::parse(data) else {
        return;
    };
    let dialects: Vec<_> = req.dialects().collect();
    assert!(!dialects.is_empty());
    let mut buf = vec![0xAA; data.len()];
    let mut w = Writer::new(&mut buf);
    Smb1NegotiateRequest::write(&req.header, &dialects, &mut w).unwrap();
    let again = Smb1NegotiateRequest::parse(w.written()).unwrap();
    assert!(again.dialects().eq(dialects));
});
