// SPDX-License-Identifier: GPL-2.0-or-later
//! `security.NTACL`: a security descriptor as servers of SMB store it with a
//! file on Linux.
//!
//! The value is NDR of `{ u16 version; union info }`, the union's discriminant
//! repeating the version. The union's arm is a pointer; the descriptor, in
//! self-relative form, is the last thing in the value:
//!
//! | version | before the descriptor |
//! |---|---|
//! | 1 | nothing |
//! | 2 | pointer, hash (16 bytes) |
//! | 3 | pointer, hash type (u16), hash (64 bytes), padding |
//! | 4 | as 3 without the padding; description (ends with NUL); time (u64); hash of the system's ACL (64 bytes) |
//!
//! Version 1 is written: it is the one that everybody who reads it takes as it
//! is. The others bind the descriptor to the permission bits with a hash.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::MAX_SECURITY_DESCRIPTOR_LEN;

/// Bytes of version 1 before the descriptor.
pub const NTACL_HEAD_LEN: usize = 8;
/// Longest value that is looked at: a descriptor with all that version 4 has,
/// and a description longer than any that is in use.
pub const MAX_NTACL_LEN: usize = MAX_SECURITY_DESCRIPTOR_LEN + 512;

const HASH_V2_LEN: usize = 16;
const HASH_LEN: usize = 64;
/// Any pointer that is not null will do; this is where NDR counts from.
const REFERENT: u32 = 0x0002_0000;

/// The descriptor in a value of version 1 to 4; it is not looked into.
///
/// # Errors
/// The value is truncated, too long, has no descriptor, or is of a version
/// nobody knows.
pub fn descriptor(value: &[u8]) -> Result<&[u8], Malformed> {
    if value.len() > MAX_NTACL_LEN {
        return Err(Malformed::new("length of security.NTACL"));
    }
    let mut r = Reader::new(value);
    let version = r.u16()?;
    if r.u16()? != version {
        return Err(Malformed::new("discriminant of security.NTACL"));
    }
    let pointer = |r: &mut Reader<'_>| match r.u32()? {
        0 => Err(Malformed::new("null pointer in security.NTACL")),
        _ => Ok(()),
    };
    pointer(&mut r)?;
    match version {
        1 => {}
        2 => {
            pointer(&mut r)?;
            r.skip(HASH_V2_LEN)?;
        }
        3 | 4 => {
            pointer(&mut r)?;
            r.skip(2)?;
            r.skip(HASH_LEN)?;
            if version == 4 {
                while r.u8()? != 0 {}
                r.align(4)?;
                r.u64()?;
                r.skip(HASH_LEN)?;
            }
            r.align(4)?;
        }
        _ => return Err(Malformed::new("version of security.NTACL")),
    }
    match r.rest() {
        [] => Err(Malformed::new("security.NTACL without descriptor")),
        rest => Ok(rest),
    }
}

/// Appends what comes before the descriptor in version 1.
///
/// # Errors
/// No space for 8 bytes.
pub fn write_head(w: &mut Writer<'_>) -> Result<(), NoSpace> {
    w.u16(1)?;
    w.u16(1)?;
    w.u32(REFERENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    const SD: &[u8] = b"a descriptor, opaque";

    fn value(version: u16, middle: &[&[u8]]) -> Vec<u8> {
        let mut v = Vec::new();
        v.extend_from_slice(&version.to_le_bytes());
        v.extend_from_slice(&version.to_le_bytes());
        v.extend_from_slice(&[0, 0, 2, 0]);
        for part in middle {
            v.extend_from_slice(part);
        }
        v.extend_from_slice(SD);
        v
    }

    fn all() -> Vec<Vec<u8>> {
        let (pointer, kind) = ([4, 0, 2, 0], [1, 0]);
        std::vec![
            value(1, &[]),
            value(2, &[&pointer, &[7; 16]]),
            value(3, &[&pointer, &kind, &[7; 64], &[0; 2]]),
            value(
                4,
                &[&pointer, &kind, &[7; 64], b"posix_acl\0", &[9; 8], &[8; 64]],
            ),
        ]
    }

    #[test]
    fn every_version() {
        for v in all() {
            assert_eq!(descriptor(&v).unwrap(), SD, "version {}", v[0]);
        }
    }

    #[test]
    fn written() {
        let mut buf = [0; 64];
        let mut w = Writer::new(&mut buf);
        write_head(&mut w).unwrap();
        assert_eq!(w.len(), NTACL_HEAD_LEN);
        assert_eq!(w.written(), [1, 0, 1, 0, 0, 0, 2, 0]);
        w.bytes(SD).unwrap();
        assert_eq!(descriptor(w.written()).unwrap(), SD);
    }

    #[test]
    fn refused() {
        for v in all() {
            for cut in 0..=v.len() - SD.len() {
                assert!(descriptor(&v[..cut]).is_err(), "{cut} of version {}", v[0]);
            }
            let mut null = v.clone();
            null[4..8].fill(0);
            assert!(descriptor(&null).is_err());
            let mut other = v.clone();
            other[2] = 9;
            assert!(descriptor(&other).is_err());
        }
        assert!(descriptor(&value(5, &[])).is_err());
        let mut long = value(1, &[]);
        long.resize(MAX_NTACL_LEN + 1, 0);
        assert!(descriptor(&long).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), version in 0u8..6) {
            if bytes.len() > 4 {
                bytes[..4].copy_from_slice(&[version, 0, version, 0]);
            }
            if let Ok(sd) = descriptor(&bytes) {
                prop_assert!(bytes.ends_with(sd));
            }
        }
    }
}
