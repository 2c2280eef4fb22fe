// SPDX-License-Identifier: GPL-2.0-or-later
//! UTF-16, SIDs as text, and search patterns.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::dtyp::{utf16, wildcard, Sid, Utf16};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = Utf16::new(data) {
        let _ = text.to_string();
        let mut out = vec![0; data.len() * 2];
        if let Ok(utf8) = text.to_utf8(&mut out) {
            let mut back = vec![0; data.len()];
            assert_eq!(utf16::encode(utf8, &mut back), Ok(data.len()));
            assert_eq!(back, data);
        }
    }
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    if let Ok(sid) = text.parse::<Sid>() {
        assert_eq!(sid.to_string().parse(), Ok(sid));
    }
    if let Some((pattern, name)) = text.split_once('\n') {
        let matched = wildcard::matches(pattern, name);
        if pattern == name && !wildcard::has_wildcard(pattern) {
            assert!(matched);
        }
    }
});
