// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors, from clients as from extended attributes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::dtyp::SecurityDescriptor;

fuzz_target!(|data: &[u8]| {
    let Ok(sd) = SecurityDescriptor::parse(data) else {
        return;
    };
    for acl in [sd.sacl.acl(), sd.dacl.acl()].into_iter().flatten() {
        assert_eq!(acl.aces().count(), acl.len());
    }
    for sid in [sd.owner, sd.group].into_iter().flatten() {
        assert_eq!(sid.to_string().parse(), Ok(sid));
    }
    let mut buf = vec![0xAA; sd.wire_len()];
    let mut w = Writer::new(&mut buf);
    sd.write(&mut w).unwrap();
    assert_eq!(w.remaining(), 0);
    if w.len() <= 0x1_0000 {
        let again = SecurityDescriptor::parse(w.written()).unwrap();
        assert_eq!((again.owner, again.group), (sd.owner, sd.group));
        assert_eq!((again.sacl, again.dacl), (sd.sacl, sd.dacl));
    }
});
