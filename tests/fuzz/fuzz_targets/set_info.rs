// SPDX-License-Identifier: GPL-2.0-or-later
//! Buffers of SET_INFO: the first byte is the class.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::fscc::{FileInfoClass, SetFileInfo};

fuzz_target!(|data: &[u8]| {
    let Some((class, buffer)) = data.split_first() else {
        return;
    };
    let class = FileInfoClass(*class);
    match SetFileInfo::parse(class, buffer) {
        Ok(Some(value)) => {
            assert_eq!(value.class(), class);
            assert!(buffer.len() >= SetFileInfo::min_len(class).unwrap());
            let mut buf = vec![0xAA; buffer.len() + 64];
            let mut w = Writer::new(&mut buf);
            value.write(&mut w).unwrap();
            assert_eq!(SetFileInfo::parse(class, w.written()), Ok(Some(value)));
        }
        Ok(None) => assert!(SetFileInfo::min_len(class).is_none()),
        Err(_) => {}
    }
});
