// SPDX-License-Identifier: GPL-2.0-or-later
//! Security identifiers (\[MS-DTYP\] 2.4.2).
//!
//! Invariants: at most fifteen sub authorities; the unused ones are zero, so
//! that comparing two values compares the identifiers.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::MAX_SUB_AUTHORITIES;
use core::fmt;

/// Revision that every SID has.
const REVISION: u8 = 1;
/// Revision, count, authority.
const SID_HEADER_LEN: usize = 8;

/// A security identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: [u8; 6],
    count: u8,
    sub: [u32; MAX_SUB_AUTHORITIES],
}

impl Sid {
    /// S-1-1-0.
    pub const EVERYONE: Self = Self::well_known(1, &[0]);
    /// S-1-3-0.
    pub const CREATOR_OWNER: Self = Self::well_known(3, &[0]);
    /// S-1-3-1.
    pub const CREATOR_GROUP: Self = Self::well_known(3, &[1]);
    /// S-1-3-4: rights of the owner.
    pub const OWNER_RIGHTS: Self = Self::well_known(3, &[4]);
    /// S-1-5-2.
    pub const NETWORK: Self = Self::well_known(5, &[2]);
    /// S-1-5-7.
    pub const ANONYMOUS: Self = Self::well_known(5, &[7]);
    /// S-1-5-11.
    pub const AUTHENTICATED_USERS: Self = Self::well_known(5, &[11]);
    /// S-1-5-18.
    pub const LOCAL_SYSTEM: Self = Self::well_known(5, &[18]);
    /// S-1-5-32-544.
    pub const BUILTIN_ADMINISTRATORS: Self = Self::well_known(5, &[32, 544]);
    /// S-1-5-32-545.
    pub const BUILTIN_USERS: Self = Self::well_known(5, &[32, 545]);
    /// S-1-5-32-546.
    pub const BUILTIN_GUESTS: Self = Self::well_known(5, &[32, 546]);
    /// S-1-5-88: identities of NFS and of Unix as SMB3 POSIX and Samba's
    /// `idmap` write them: `-1-uid`, `-2-gid`, `-3-mode`.
    pub const UNIX_AUTHORITY_NFS: u32 = 88;
    /// S-1-22: Samba's Unix users (`-1-uid`) and groups (`-2-gid`).
    pub const UNIX_AUTHORITY: u64 = 22;

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "runs only in constants of this file, where a panic is a compile error"
    )]
    const fn well_known(authority: u8, sub: &[u32]) -> Self {
        let mut out = Self {
            authority: [0, 0, 0, 0, 0, authority],
            count: sub.len() as u8,
            sub: [0; MAX_SUB_AUTHORITIES],
        };
        let mut i = 0;
        while i < sub.len() {
            out.sub[i] = sub[i];
            i += 1;
        }
        out
    }

    /// From its parts. Errors: the authority has more than 48 bits, or there
    /// are more than fifteen sub authorities.
    pub fn new(authority: u64, sub: &[u32]) -> Result<Self, Malformed> {
        let bad = Malformed::new("SID");
        let [0, 0, a, b, c, d, e, f] = authority.to_be_bytes() else {
            return Err(bad);
        };
        let mut out = Self {
            authority: [a, b, c, d, e, f],
            count: u8::try_from(sub.len()).map_err(|_| bad)?,
            sub: [0; MAX_SUB_AUTHORITIES],
        };
        out.sub
            .get_mut(..sub.len())
            .ok_or(bad)?
            .copy_from_slice(sub);
        Ok(out)
    }

    /// S-1-22-1-uid.
    #[must_use]
    pub fn unix_user(uid: u32) -> Self {
        Self::well_known_pair(Self::UNIX_AUTHORITY, 1, uid)
    }

    /// S-1-22-2-gid.
    #[must_use]
    pub fn unix_group(gid: u32) -> Self {
        Self::well_known_pair(Self::UNIX_AUTHORITY, 2, gid)
    }

    /// The id in `S-1-22-1-uid` or `S-1-5-88-1-uid`.
    #[must_use]
    pub fn as_unix_user(&self) -> Option<u32> {
        self.unix_id(1)
    }

    /// The id in `S-1-22-2-gid` or `S-1-5-88-2-gid`.
    #[must_use]
    pub fn as_unix_group(&self) -> Option<u32> {
        self.unix_id(2)
    }

    /// The permission bits in `S-1-5-88-3-mode`.
    #[must_use]
    pub fn as_unix_mode(&self) -> Option<u32> {
        match self.sub_authorities() {
            [Self::UNIX_AUTHORITY_NFS, 3, mode] if self.authority() == 5 => Some(*mode),
            _ => None,
        }
    }

    fn unix_id(&self, kind: u32) -> Option<u32> {
        match (self.authority(), self.sub_authorities()) {
            (Self::UNIX_AUTHORITY, [k, id]) if *k == kind => Some(*id),
            (5, [Self::UNIX_AUTHORITY_NFS, k, id]) if *k == kind => Some(*id),
            _ => None,
        }
    }

    fn well_known_pair(authority: u64, a: u32, b: u32) -> Self {
        // Cannot fail: both authorities in use fit 48 bits.
        Self::new(authority, &[a, b]).unwrap_or(Self::EVERYONE)
    }

    /// Identifier authority.
    #[inline]
    #[must_use]
    pub const fn authority(&self) -> u64 {
        let [a, b, c, d, e, f] = self.authority;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// Sub authorities.
    #[inline]
    #[must_use]
    pub fn sub_authorities(&self) -> &[u32] {
        self.sub.get(..usize::from(self.count)).unwrap_or(&[])
    }

    /// Last sub authority, the relative id of an account.
    #[inline]
    #[must_use]
    pub fn rid(&self) -> Option<u32> {
        self.sub_authorities().last().copied()
    }

    /// This SID with one more sub authority. Errors: it has fifteen.
    pub fn child(&self, rid: u32) -> Result<Self, Malformed> {
        let mut out = *self;
        let slot = out
            .sub
            .get_mut(usize::from(self.count))
            .ok_or(Malformed::new("SID"))?;
        *slot = rid;
        out.count = self.count.saturating_add(1);
        Ok(out)
    }

    /// The relative id if `self` is an account of `domain`.
    #[must_use]
    pub fn rid_in(&self, domain: &Sid) -> Option<u32> {
        let (rid, rest) = self.sub_authorities().split_last()?;
        (self.authority == domain.authority && rest == domain.sub_authorities()).then_some(*rid)
    }

    /// Length on the wire in bytes.
    #[inline]
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        // CAST: widening.
        SID_HEADER_LEN.saturating_add((self.count as usize).saturating_mul(4))
    }

    /// Reads one SID.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bad = Malformed::new("SID");
        let mut peek = *r;
        if peek.u8()? != REVISION {
            return Err(bad);
        }
        let count = peek.u8()?;
        let mut out = Self {
            authority: peek.array()?,
            count,
            sub: [0; MAX_SUB_AUTHORITIES],
        };
        for sub in out.sub.get_mut(..usize::from(count)).ok_or(bad)? {
            *sub = peek.u32()?;
        }
        *r = peek;
        Ok(out)
    }

    /// Appends the wire form.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u8(REVISION)?;
        w.u8(self.count)?;
        w.bytes(&self.authority)?;
        for sub in self.sub_authorities() {
            w.u32(*sub)?;
        }
        Ok(())
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [MS-DTYP] 2.4.2.1: hex from 2³² on.
        match self.authority() {
            small if small <= u64::from(u32::MAX) => write!(f, "S-1-{small}")?,
            large => write!(f, "S-1-{large:#x}")?,
        }
        for sub in self.sub_authorities() {
            write!(f, "-{sub}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::str::FromStr for Sid {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = Malformed::new("SID");
        let rest = text
            .strip_prefix("S-1-")
            .or_else(|| text.strip_prefix("s-1-"))
            .ok_or(bad)?;
        let mut parts = rest.split('-');
        let authority = parts.next().ok_or(bad)?;
        let authority = match authority
            .strip_prefix("0x")
            .or_else(|| authority.strip_prefix("0X"))
        {
            Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16),
            Some(_) => return Err(bad),
            None => decimal(authority).ok_or(bad)?.parse(),
        }
        .map_err(|_| bad)?;
        let mut out = Self::new(authority, &[])?;
        for part in parts {
            let sub = decimal(part).ok_or(bad)?.parse().map_err(|_| bad)?;
            out = out.child(sub)?;
        }
        Ok(out)
    }
}

/// `text` if it is digits only: `parse` would also take a sign.
fn decimal(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    #[test]
    fn administrators() {
        let wire = [1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 0x02, 0, 0];
        let sid = Sid::parse(&mut Reader::new(&wire)).unwrap();
        assert_eq!(sid, Sid::BUILTIN_ADMINISTRATORS);
        assert_eq!(sid.to_string(), "S-1-5-32-544");
        assert_eq!("S-1-5-32-544".parse(), Ok(sid));
        assert_eq!(sid.wire_len(), 16);
        assert_eq!(sid.rid(), Some(544));
        let mut buf = [0; 16];
        sid.write(&mut Writer::new(&mut buf)).unwrap();
        assert_eq!(buf, wire);
    }

    #[test]
    fn relative_ids() {
        let domain: Sid = "S-1-5-21-1-2-3".parse().unwrap();
        let user = domain.child(1000).unwrap();
        assert_eq!(user.rid_in(&domain), Some(1000));
        assert_eq!(domain.rid_in(&domain), None);
        assert_eq!(Sid::new(5, &[]).unwrap().rid(), None);
        assert_eq!(Sid::unix_user(1000).to_string(), "S-1-22-1-1000");
    }

    #[test]
    fn refuses_bad_forms() {
        for text in [
            "",
            "S-1",
            "S-1-",
            "S-2-5",
            "S-1-5-",
            "S-1-5-+1",
            "S-1-+5",
            "S-1-5-4294967296",
            "S-1-0x1000000000000",
            "S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
        ] {
            assert!(text.parse::<Sid>().is_err(), "{text}");
        }
        assert_eq!(
            "S-1-0x123456789ABC-1".parse::<Sid>().unwrap().to_string(),
            "S-1-0x123456789abc-1"
        );
        assert!(Sid::parse(&mut Reader::new(&[1, 16, 0, 0, 0, 0, 0, 5])).is_err());
        assert!(Sid::parse(&mut Reader::new(&[2, 0, 0, 0, 0, 0, 0, 5])).is_err());
        assert!(Sid::parse(&mut Reader::new(&[1, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0])).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(authority in 0u64..1 << 48, sub in proptest::collection::vec(any::<u32>(), 0..=15)) {
            let sid = Sid::new(authority, &sub).unwrap();
            prop_assert_eq!(sid.to_string().parse::<Sid>(), Ok(sid));
            let mut buf = [0; 68];
            let mut w = Writer::new(&mut buf);
            sid.write(&mut w).unwrap();
            prop_assert_eq!(w.len(), sid.wire_len());
            prop_assert_eq!(Sid::parse(&mut Reader::new(w.written())), Ok(sid));
        }

        #[test]
        fn arbitrary_bytes(bytes in any::<Vec<u8>>()) {
            let mut r = Reader::new(&bytes);
            if let Ok(sid) = Sid::parse(&mut r) {
                prop_assert_eq!(r.position(), sid.wire_len());
            }
        }
    }
}
