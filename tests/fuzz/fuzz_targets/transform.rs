// SPDX-License-Identifier: GPL-2.0-or-later
//! Headers of encrypted and compressed messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::smb2::transform::{CompressionHeader, TransformHeader};

fuzz_target!(|data: &[u8]| {
    if let Ok((header, ciphertext)) = TransformHeader::parse(data) {
        assert_eq!(header.original_message_size as usize, ciphertext.len());
        assert_eq!(header.aad()[..20], data[20..40]);
    }
    let _ = CompressionHeader::parse(data);
});
