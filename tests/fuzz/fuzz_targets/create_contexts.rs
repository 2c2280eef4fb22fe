// SPDX-License-Identifier: GPL-2.0-or-later
//! A chain of create contexts and the data of each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::dtyp::SecurityDescriptor;
use proto_shared::fscc::ea::full_ea_entries;
use proto_shared::smb2::create_context::{CreateContext, CreateContextWriter, CreateContexts};

fuzz_target!(|data: &[u8]| {
    let Ok(chain) = CreateContexts::from_bytes(data) else {
        return;
    };
    let mut buf = vec![0xAA; data.len() * 2 + 1024];
    let mut w = Writer::new(&mut buf);
    let mut writer = CreateContextWriter::new(&mut w);
    let mut whole = true;
    for context in chain.iter() {
        match CreateContext::parse(context) {
            Ok(CreateContext::EaBuffer(ea)) => {
                let _ = full_ea_entries(ea).count();
            }
            Ok(CreateContext::SdBuffer(sd)) => {
                let _ = SecurityDescriptor::parse(sd);
            }
            _ => {}
        }
        whole &= writer.add(context.name, |w| w.bytes(context.data)).is_ok();
    }
    if whole {
        let copy = CreateContexts::from_bytes(w.written()).unwrap();
        assert!(copy.iter().eq(chain.iter()));
    }
});
