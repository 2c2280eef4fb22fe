// SPDX-License-Identifier: GPL-2.0-or-later
//! `user.DOSATTRIB` as others write it, and as it comes back.

use ksmbd_engine::open::dos_attrib::{DosAttrib, STORED};
use proptest::prelude::*;
use proto_shared::codec::Writer;
use proto_shared::dtyp::FileTime;
use proto_shared::fscc::FileAttributes;

/// Archive, made at this time.
const TIME: u64 = 0x01d6_b96e_053b_c86b;

fn v4() -> Vec<u8> {
    let mut v = vec![0, 0, 4, 0, 4, 0, 0, 0, 0x51, 0, 0, 0, 0x20, 0, 0, 0];
    v.extend(TIME.to_le_bytes());
    v.extend(TIME.to_le_bytes());
    v
}

fn v3() -> Vec<u8> {
    let mut v = b"0x22\0\0".to_vec();
    v.extend([3, 0, 3, 0, 0, 0]);
    v.extend(0x11u32.to_le_bytes());
    v.extend(0x22u32.to_le_bytes());
    v.extend([0; 20]);
    v.extend(TIME.to_le_bytes());
    v.extend([0; 8]);
    v
}

fn v5() -> Vec<u8> {
    let mut v = vec![0, 0, 5, 0, 5, 0, 0, 0, 0x11, 0, 0, 0, 0x03, 0, 0, 0];
    v.extend(TIME.to_le_bytes());
    v
}

#[test]
fn reads_what_others_wrote() {
    let created = Some(FileTime(TIME));
    let archive = Some(FileAttributes::ARCHIVE);
    assert_eq!(
        DosAttrib::parse(&v4()),
        Ok(DosAttrib {
            attributes: archive,
            created
        })
    );
    let both = Some(FileAttributes::ARCHIVE | FileAttributes::HIDDEN);
    assert_eq!(
        DosAttrib::parse(&v3()),
        Ok(DosAttrib {
            attributes: both,
            created
        })
    );
    let both = Some(FileAttributes::READONLY | FileAttributes::HIDDEN);
    assert_eq!(
        DosAttrib::parse(&v5()),
        Ok(DosAttrib {
            attributes: both,
            created
        })
    );
}

#[test]
fn unset_parts_are_not_there() {
    let mut v = v4();
    v[8] = 0x01;
    assert_eq!(
        DosAttrib::parse(&v),
        Ok(DosAttrib {
            attributes: Some(FileAttributes::ARCHIVE),
            created: None
        })
    );
    v[8] = 0;
    assert_eq!(DosAttrib::parse(&v), Ok(DosAttrib::default()));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for value in [
        &b""[..],
        b"0x20",
        b"\0\0\x09\0\x09\0\0\0\0\0\0\0",
        b"\0\0\x04\0\x05\0\0\0\0\0\0\0",
    ] {
        assert!(DosAttrib::parse(value).is_err(), "{value:?}");
    }
    let v = v3();
    // All but the last time, which nobody looks at.
    for len in 0..v.len() - 8 {
        assert!(DosAttrib::parse(&v[..len]).is_err(), "{len}");
    }
}

proptest! {
    #[test]
    fn comes_back(attributes in any::<Option<u32>>(), created in any::<Option<u64>>()) {
        let dos = DosAttrib {
            attributes: attributes.map(|a| FileAttributes(a) & STORED),
            created: created.map(FileTime).filter(|t| t.is_time()),
        };
        let mut buf = [0xAA; 32];
        let mut w = Writer::new(&mut buf);
        dos.write(&mut w).unwrap();
        prop_assert_eq!(w.len(), 32);
        prop_assert_eq!(DosAttrib::parse(&buf), Ok(dos));
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        let _ = DosAttrib::parse(&bytes);
    }
}
