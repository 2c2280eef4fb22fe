// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors in self-relative form (\[MS-DTYP\] 2.4.6).
//!
//! What is read from an extended attribute is as hostile as what comes over
//! the wire and goes through the same parser.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::acl::{Acl, AclWriter};
use crate::dtyp::Sid;
use crate::limits::MAX_SECURITY_DESCRIPTOR_LEN;

/// Bytes of a descriptor before its parts.
const SD_HEADER_LEN: usize = 20;
const OWNER_AT: usize = 4;
const GROUP_AT: usize = 8;
const SACL_AT: usize = 12;
const DACL_AT: usize = 16;

wire_flags! {
    /// Control bits (\[MS-DTYP\] 2.4.6).
    pub struct SdControl(u16) {
        OWNER_DEFAULTED = 0x0001,
        GROUP_DEFAULTED = 0x0002,
        DACL_PRESENT = 0x0004,
        DACL_DEFAULTED = 0x0008,
        SACL_PRESENT = 0x0010,
        SACL_DEFAULTED = 0x0020,
        DACL_TRUSTED = 0x0040,
        SERVER_SECURITY = 0x0080,
        DACL_AUTO_INHERIT_REQ = 0x0100,
        SACL_AUTO_INHERIT_REQ = 0x0200,
        DACL_AUTO_INHERITED = 0x0400,
        SACL_AUTO_INHERITED = 0x0800,
        DACL_PROTECTED = 0x1000,
        SACL_PROTECTED = 0x2000,
        RM_CONTROL_VALID = 0x4000,
        SELF_RELATIVE = 0x8000,
    }
}

/// An ACL of a descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AclField<'a> {
    /// The descriptor says nothing about it.
    #[default]
    Absent,
    /// Present and null: as a DACL it grants everything to everybody.
    Null,
    /// A list.
    Present(Acl<'a>),
}

impl<'a> AclField<'a> {
    /// The list, if there is one.
    #[inline]
    #[must_use]
    pub const fn acl(&self) -> Option<&Acl<'a>> {
        match self {
            Self::Present(acl) => Some(acl),
            _ => None,
        }
    }
}

/// A security descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityDescriptor<'a> {
    /// Control bits as they were read; writing sets those that follow from
    /// the parts.
    pub control: SdControl,
    /// Owner.
    pub owner: Option<Sid>,
    /// Primary group.
    pub group: Option<Sid>,
    /// System ACL.
    pub sacl: AclField<'a>,
    /// Discretionary ACL.
    pub dacl: AclField<'a>,
}

fn part<'a>(bytes: &'a [u8], offset: usize) -> Result<Option<Reader<'a>>, Malformed> {
    if offset == 0 {
        return Ok(None);
    }
    if offset < SD_HEADER_LEN {
        return Err(Malformed::new("offset in security descriptor"));
    }
    bytes
        .get(offset..)
        .map(|rest| Some(Reader::new(rest)))
        .ok_or(Malformed::new("offset in security descriptor"))
}

fn acl_part(present: bool, part: Option<Reader<'_>>) -> Result<AclField<'_>, Malformed> {
    match part {
        _ if !present => Ok(AclField::Absent),
        None => Ok(AclField::Null),
        Some(mut r) => Acl::parse(&mut r).map(AclField::Present),
    }
}

impl<'a> SecurityDescriptor<'a> {
    /// Parses a self-relative descriptor of at most 64 KiB.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_SECURITY_DESCRIPTOR_LEN {
            return Err(Malformed::new("security descriptor over 64 KiB"));
        }
        let mut r = Reader::new(bytes);
        if r.u8()? != 1 {
            return Err(Malformed::new("revision of security descriptor"));
        }
        r.skip(1)?;
        let control = SdControl(r.u16()?);
        if !control.contains(SdControl::SELF_RELATIVE) {
            return Err(Malformed::new("security descriptor is not self-relative"));
        }
        let owner = part(bytes, r.len32()?)?;
        let group = part(bytes, r.len32()?)?;
        let sacl = part(bytes, r.len32()?)?;
        let dacl = part(bytes, r.len32()?)?;
        Ok(Self {
            control,
            owner: owner.map(|mut r| Sid::parse(&mut r)).transpose()?,
            group: group.map(|mut r| Sid::parse(&mut r)).transpose()?,
            sacl: acl_part(control.contains(SdControl::SACL_PRESENT), sacl)?,
            dacl: acl_part(control.contains(SdControl::DACL_PRESENT), dacl)?,
        })
    }

    /// Length in bytes of what [`SecurityDescriptor::write`] appends.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        let sid = |s: &Option<Sid>| s.as_ref().map_or(0, Sid::wire_len);
        let acl = |f: &AclField<'_>| f.acl().map_or(0, Acl::wire_len);
        SD_HEADER_LEN
            .saturating_add(sid(&self.owner))
            .saturating_add(sid(&self.group))
            .saturating_add(acl(&self.sacl))
            .saturating_add(acl(&self.dacl))
    }

    /// Appends the wire form: owner, group, SACL, DACL.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let start = self.write_head(w)?;
        if let AclField::Present(acl) = &self.dacl {
            patch_offset(w, start, DACL_AT)?;
            acl.write(w)?;
        }
        Ok(())
    }

    /// Appends the wire form with a DACL that `f` writes in the place of
    /// `self.dacl`.
    pub fn write_with_dacl(
        &self,
        w: &mut Writer<'_>,
        f: impl FnOnce(&mut AclWriter<'_, '_>) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        let head = Self {
            // Only its presence counts for the head.
            dacl: AclField::Null,
            ..*self
        };
        let start = head.write_head(w)?;
        patch_offset(w, start, DACL_AT)?;
        let mut acl = AclWriter::new(w)?;
        f(&mut acl)?;
        acl.finish()
    }

    /// Everything but the DACL; answers where the descriptor starts.
    fn write_head(&self, w: &mut Writer<'_>) -> Result<usize, NoSpace> {
        let start = w.len();
        let mut control = self
            .control
            .without(SdControl::DACL_PRESENT | SdControl::SACL_PRESENT)
            .union(SdControl::SELF_RELATIVE);
        if self.dacl != AclField::Absent {
            control |= SdControl::DACL_PRESENT;
        }
        if self.sacl != AclField::Absent {
            control |= SdControl::SACL_PRESENT;
        }
        w.u8(1)?;
        w.u8(0)?;
        w.u16(control.0)?;
        w.zeros(SD_HEADER_LEN.saturating_sub(OWNER_AT))?;
        if let Some(owner) = &self.owner {
            patch_offset(w, start, OWNER_AT)?;
            owner.write(w)?;
        }
        if let Some(group) = &self.group {
            patch_offset(w, start, GROUP_AT)?;
            group.write(w)?;
        }
        if let AclField::Present(acl) = &self.sacl {
            patch_offset(w, start, SACL_AT)?;
            acl.write(w)?;
        }
        Ok(start)
    }
}

/// Writes the offset of the next byte into the field at `field`.
fn patch_offset(w: &mut Writer<'_>, start: usize, field: usize) -> Result<(), NoSpace> {
    let offset = w.len().checked_sub(start).ok_or(NoSpace)?;
    w.patch_len32(start.saturating_add(field), offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtyp::access::AccessMask;
    use crate::dtyp::acl::{Ace, AceFlags};
    use proptest::prelude::*;
    use std::vec::Vec;

    fn sample(buf: &mut [u8]) -> usize {
        let sd = SecurityDescriptor {
            control: SdControl::DACL_PROTECTED,
            owner: Some(Sid::BUILTIN_ADMINISTRATORS),
            group: Some(Sid::BUILTIN_USERS),
            ..SecurityDescriptor::default()
        };
        let mut w = Writer::new(buf);
        sd.write_with_dacl(&mut w, |acl| {
            acl.push(&Ace::allow(
                AceFlags::NONE,
                AccessMask::FILE_ALL_ACCESS,
                Sid::EVERYONE,
            ))
        })
        .unwrap();
        w.len()
    }

    #[test]
    fn golden() {
        let mut buf = [0; 128];
        let len = sample(&mut buf);
        let want = [
            // head
            1, 0, 0x04, 0x90, 20, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0, //
            // owner
            1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2, 0, 0, //
            // group
            1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x21, 2, 0, 0, //
            // DACL
            2, 0, 28, 0, 1, 0, 0, 0, //
            0, 0, 20, 0, 0xFF, 0x01, 0x1F, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        ];
        assert_eq!(&buf[..len], &want[..]);
        let sd = SecurityDescriptor::parse(&want).unwrap();
        assert_eq!(sd.owner, Some(Sid::BUILTIN_ADMINISTRATORS));
        assert_eq!(sd.sacl, AclField::Absent);
        assert_eq!(sd.dacl.acl().unwrap().len(), 1);
        assert_eq!(sd.wire_len(), len);
        let mut copy = [0; 128];
        let mut w = Writer::new(&mut copy);
        sd.write(&mut w).unwrap();
        assert_eq!(w.written(), &want[..]);
    }

    #[test]
    fn null_and_absent_dacl_differ() {
        let mut sd = [0u8; 20];
        sd[0] = 1;
        sd[3] = 0x80;
        assert_eq!(
            SecurityDescriptor::parse(&sd).unwrap().dacl,
            AclField::Absent
        );
        sd[2] = 4;
        assert_eq!(SecurityDescriptor::parse(&sd).unwrap().dacl, AclField::Null);
    }

    #[test]
    fn refuses_offsets_into_the_head_and_past_the_end() {
        let mut buf = [0; 128];
        let len = sample(&mut buf);
        for field in [4, 8, 16] {
            for offset in [1u32, 19, 81, u32::MAX] {
                let mut sd = buf;
                sd[field..field + 4].copy_from_slice(&offset.to_le_bytes());
                assert!(SecurityDescriptor::parse(&sd[..len]).is_err());
            }
        }
        for cut in 0..len {
            assert!(SecurityDescriptor::parse(&buf[..cut]).is_err());
        }
        assert!(SecurityDescriptor::parse(&std::vec![1; 0x10001]).is_err());
    }

    proptest! {
        #[test]
        fn bit_flips(flips in proptest::collection::vec((0usize..80, any::<u8>()), 0..6)) {
            let mut buf = [0; 128];
            let len = sample(&mut buf);
            for (at, mask) in flips {
                buf[at] ^= mask;
            }
            if let Ok(sd) = SecurityDescriptor::parse(&buf[..len]) {
                let mut copy = [0; 512];
                let mut w = Writer::new(&mut copy);
                sd.write(&mut w).unwrap();
                prop_assert_eq!(w.len(), sd.wire_len());
                let again = SecurityDescriptor::parse(w.written()).unwrap();
                prop_assert_eq!((again.owner, again.group, again.sacl, again.dacl),
                    (sd.owner, sd.group, sd.sacl, sd.dacl));
            }
        }

        #[test]
        fn arbitrary_bytes(bytes in any::<Vec<u8>>()) {
            let _ = SecurityDescriptor::parse(&bytes);
        }
    }
}
