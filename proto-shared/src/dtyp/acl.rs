// SPDX-License-Identifier: GPL-2.0-or-later
//! Access control lists and their entries (\[MS-DTYP\] 2.4.4, 2.4.5).
//!
//! Invariant of [`Acl`]: every entry was parsed once without error, so walking
//! it yields as many entries as it says.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::access::AccessMask;
use crate::dtyp::{Guid, Sid};

/// Bytes of an ACL before its entries.
pub const ACL_HEADER_LEN: usize = 8;
/// Bytes of an entry before its body.
const ACE_HEADER_LEN: usize = 4;

wire_enum! {
    /// Type of an entry (\[MS-DTYP\] 2.4.4.1).
    pub struct AceType(u8) {
        ACCESS_ALLOWED = 0x00,
        ACCESS_DENIED = 0x01,
        SYSTEM_AUDIT = 0x02,
        SYSTEM_ALARM = 0x03,
        ACCESS_ALLOWED_COMPOUND = 0x04,
        ACCESS_ALLOWED_OBJECT = 0x05,
        ACCESS_DENIED_OBJECT = 0x06,
        SYSTEM_AUDIT_OBJECT = 0x07,
        SYSTEM_ALARM_OBJECT = 0x08,
        ACCESS_ALLOWED_CALLBACK = 0x09,
        ACCESS_DENIED_CALLBACK = 0x0A,
        ACCESS_ALLOWED_CALLBACK_OBJECT = 0x0B,
        ACCESS_DENIED_CALLBACK_OBJECT = 0x0C,
        SYSTEM_AUDIT_CALLBACK = 0x0D,
        SYSTEM_ALARM_CALLBACK = 0x0E,
        SYSTEM_AUDIT_CALLBACK_OBJECT = 0x0F,
        SYSTEM_ALARM_CALLBACK_OBJECT = 0x10,
        SYSTEM_MANDATORY_LABEL = 0x11,
        SYSTEM_RESOURCE_ATTRIBUTE = 0x12,
        SYSTEM_SCOPED_POLICY_ID = 0x13,
        SYSTEM_PROCESS_TRUST_LABEL = 0x14,
        SYSTEM_ACCESS_FILTER = 0x15,
    }
}

impl AceType {
    /// Whether the body has object GUIDs.
    #[inline]
    #[must_use]
    pub const fn is_object(self) -> bool {
        matches!(self.0, 0x05..=0x08 | 0x0B | 0x0C | 0x0F | 0x10)
    }

    /// Whether an entry of this type can be stored: all but the reserved
    /// compound type and those that nobody has defined.
    #[inline]
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 <= 0x15 && self.0 != 0x04
    }
}

wire_flags! {
    /// Flags of an entry (\[MS-DTYP\] 2.4.4.1).
    pub struct AceFlags(u8) {
        OBJECT_INHERIT = 0x01,
        CONTAINER_INHERIT = 0x02,
        NO_PROPAGATE_INHERIT = 0x04,
        INHERIT_ONLY = 0x08,
        INHERITED = 0x10,
        SUCCESSFUL_ACCESS = 0x40,
        FAILED_ACCESS = 0x80,
    }
}

/// GUIDs of an object entry (\[MS-DTYP\] 2.4.4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AceObject {
    /// Which object the entry is about.
    pub object_type: Option<Guid>,
    /// Which objects inherit it.
    pub inherited_object_type: Option<Guid>,
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ace<'a> {
    /// Type.
    pub ace_type: AceType,
    /// Flags.
    pub flags: AceFlags,
    /// Rights.
    pub mask: AccessMask,
    /// GUIDs, in entries for objects.
    pub object: Option<AceObject>,
    /// Whom it is about.
    pub sid: Sid,
    /// What follows the SID: a condition, an attribute, padding.
    pub data: &'a [u8],
}

impl<'a> Ace<'a> {
    /// An entry of one of the simple types.
    #[inline]
    #[must_use]
    pub const fn new(ace_type: AceType, flags: AceFlags, mask: AccessMask, sid: Sid) -> Self {
        Self {
            ace_type,
            flags,
            mask,
            object: None,
            sid,
            data: &[],
        }
    }

    /// An entry that allows.
    #[inline]
    #[must_use]
    pub const fn allow(flags: AceFlags, mask: AccessMask, sid: Sid) -> Self {
        Self::new(AceType::ACCESS_ALLOWED, flags, mask, sid)
    }

    /// Reads one entry.
    pub fn parse(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let bad = Malformed::new("ACE");
        let mut peek = *r;
        let ace_type = AceType(peek.u8()?);
        let flags = AceFlags(peek.u8()?);
        let size = peek.len16()?;
        if !ace_type.is_known() || size % 4 != 0 {
            return Err(bad);
        }
        let body = peek.take(size.checked_sub(ACE_HEADER_LEN).ok_or(bad)?)?;
        let mut b = Reader::new(body);
        let mask = AccessMask(b.u32()?);
        let object = if ace_type.is_object() {
            let present = b.u32()?;
            let mut object = AceObject::default();
            if present & 1 != 0 {
                object.object_type = Some(Guid::parse(&mut b)?);
            }
            if present & 2 != 0 {
                object.inherited_object_type = Some(Guid::parse(&mut b)?);
            }
            Some(object)
        } else {
            None
        };
        let sid = Sid::parse(&mut b)?;
        *r = peek;
        Ok(Self {
            ace_type,
            flags,
            mask,
            object,
            sid,
            data: b.rest(),
        })
    }

    /// Appends the wire form, padded to a multiple of four bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let start = w.len();
        w.u8(self.ace_type.0)?;
        w.u8(self.flags.0)?;
        let size_at = w.len();
        w.u16(0)?;
        w.u32(self.mask.0)?;
        if let Some(object) = &self.object {
            let present = u32::from(object.object_type.is_some())
                | (u32::from(object.inherited_object_type.is_some()) << 1);
            w.u32(present)?;
            if let Some(guid) = &object.object_type {
                guid.write(w)?;
            }
            if let Some(guid) = &object.inherited_object_type {
                guid.write(w)?;
            }
        }
        self.sid.write(w)?;
        w.bytes(self.data)?;
        w.align_from(start, 4)?;
        let size = w.len().checked_sub(start).ok_or(NoSpace)?;
        w.patch_len16(size_at, size)
    }
}

/// An access control list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acl<'a> {
    revision: u8,
    count: usize,
    aces: &'a [u8],
}

impl<'a> Acl<'a> {
    /// Reads one list. Bytes of its size that no entry takes are left out.
    pub fn parse(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let bad = Malformed::new("ACL");
        let mut peek = *r;
        let revision = peek.u8()?;
        // 3 is nobody's in [MS-DTYP] 2.4.5, but Windows takes it, and smbcacls sends it.
        if !(2..=4).contains(&revision) {
            return Err(bad);
        }
        peek.skip(1)?;
        let size = peek.len16()?;
        let count = peek.len16()?;
        peek.skip(2)?;
        let space = peek.take(size.checked_sub(ACL_HEADER_LEN).ok_or(bad)?)?;
        let mut walk = Reader::new(space);
        for _ in 0..count {
            Ace::parse(&mut walk)?;
        }
        let aces = walk.at(0, walk.position())?;
        *r = peek;
        Ok(Self {
            revision,
            count,
            aces,
        })
    }

    /// Number of entries.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no entry: nobody may do anything.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The entries in order.
    #[inline]
    #[must_use]
    pub fn aces(&self) -> Aces<'a> {
        Aces(Reader::new(self.aces))
    }

    /// Length in bytes of what [`Acl::write`] appends.
    #[inline]
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        ACL_HEADER_LEN.saturating_add(self.aces.len())
    }

    /// Appends the wire form.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u8(self.revision)?;
        w.u8(0)?;
        w.len16(self.wire_len())?;
        w.len16(self.count)?;
        w.u16(0)?;
        w.bytes(self.aces)
    }
}

/// Iterator over the entries of an [`Acl`].
#[derive(Clone, Debug)]
pub struct Aces<'a>(Reader<'a>);

impl<'a> Iterator for Aces<'a> {
    type Item = Ace<'a>;

    fn next(&mut self) -> Option<Ace<'a>> {
        // Was walked without error when it was parsed.
        Ace::parse(&mut self.0).ok()
    }
}

/// Writes a list entry by entry.
#[derive(Debug)]
pub struct AclWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    start: usize,
    count: u16,
    revision: u8,
}

impl<'w, 'a> AclWriter<'w, 'a> {
    /// A list that begins where `w` stands.
    pub fn new(w: &'w mut Writer<'a>) -> Result<Self, NoSpace> {
        let start = w.len();
        w.zeros(ACL_HEADER_LEN)?;
        Ok(Self {
            w,
            start,
            count: 0,
            revision: 2,
        })
    }

    /// Appends an entry; when it does not fit, nothing is appended.
    pub fn push(&mut self, ace: &Ace<'_>) -> Result<(), NoSpace> {
        let before = self.w.len();
        let count = self.count.checked_add(1).ok_or(NoSpace)?;
        if let Err(e) = ace.write(self.w) {
            self.w.truncate(before);
            return Err(e);
        }
        self.count = count;
        // [MS-DTYP] 2.4.5: object entries need revision 4.
        if ace.object.is_some() {
            self.revision = 4;
        }
        Ok(())
    }

    /// Fills in the head. Errors: the list is longer than 64 KiB.
    pub fn finish(self) -> Result<(), NoSpace> {
        let size = self.w.len().checked_sub(self.start).ok_or(NoSpace)?;
        self.w.patch_u8(self.start, self.revision)?;
        self.w.patch_len16(self.start.saturating_add(2), size)?;
        self.w.patch_u16(self.start.saturating_add(4), self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn refuses_what_took_others_down() {
        // More entries than there is space.
        let acl = [2, 0, 8, 0, 0xFF, 0xFF, 0, 0];
        assert!(Acl::parse(&mut Reader::new(&acl)).is_err());
        // Size below the head.
        assert!(Acl::parse(&mut Reader::new(&[2, 0, 7, 0, 0, 0, 0, 0])).is_err());
        // Entry size of zero.
        let acl = [2, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(Acl::parse(&mut Reader::new(&acl)).is_err());
        // SID longer than its entry.
        let mut acl = [0; 24];
        acl[..8].copy_from_slice(&[2, 0, 24, 0, 1, 0, 0, 0]);
        acl[8..12].copy_from_slice(&[0, 0, 16, 0]);
        acl[16..24].copy_from_slice(&[1, 1, 0, 0, 0, 0, 0, 5]);
        assert!(Acl::parse(&mut Reader::new(&acl)).is_err());
        // The same with a SID that fits.
        acl[17] = 0;
        assert_eq!(Acl::parse(&mut Reader::new(&acl)).unwrap().len(), 1);
    }

    #[test]
    fn revisions() {
        for (revision, good) in [(1, false), (2, true), (3, true), (4, true), (5, false)] {
            let acl = [revision, 0, 8, 0, 0, 0, 0, 0];
            assert_eq!(Acl::parse(&mut Reader::new(&acl)).is_ok(), good);
        }
    }

    #[test]
    fn object_entries() {
        let ace = Ace {
            object: Some(AceObject {
                object_type: None,
                inherited_object_type: Some(Guid([7; 16])),
            }),
            ..Ace::new(
                AceType::ACCESS_ALLOWED_OBJECT,
                AceFlags::NONE,
                AccessMask(1),
                Sid::EVERYONE,
            )
        };
        let mut buf = [0; 128];
        let mut w = Writer::new(&mut buf);
        let mut acl = AclWriter::new(&mut w).unwrap();
        acl.push(&ace).unwrap();
        acl.finish().unwrap();
        assert_eq!(w.written()[0], 4);
        let acl = Acl::parse(&mut Reader::new(w.written())).unwrap();
        assert_eq!(acl.aces().next(), Some(ace));
    }

    proptest! {
        #[test]
        fn round_trip(entries in proptest::collection::vec((any::<bool>(), any::<u8>(), any::<u32>(), any::<u32>()), 0..20)) {
            let mut buf = [0; 4096];
            let mut w = Writer::new(&mut buf);
            let mut acl = AclWriter::new(&mut w).unwrap();
            let aces: Vec<_> = entries.iter().map(|(deny, flags, mask, rid)| Ace::new(
                if *deny { AceType::ACCESS_DENIED } else { AceType::ACCESS_ALLOWED },
                AceFlags(*flags), AccessMask(*mask), Sid::unix_user(*rid))).collect();
            for ace in &aces {
                acl.push(ace).unwrap();
            }
            acl.finish().unwrap();
            let parsed = Acl::parse(&mut Reader::new(w.written())).unwrap();
            prop_assert_eq!(parsed.len(), aces.len());
            prop_assert_eq!(parsed.aces().collect::<Vec<_>>(), aces);
            prop_assert_eq!(parsed.wire_len(), w.len());
            let mut copy = [0; 4096];
            let mut c = Writer::new(&mut copy);
            parsed.write(&mut c).unwrap();
            prop_assert_eq!(c.written(), w.written());
        }

        #[test]
        fn arbitrary_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 8..200)) {
            bytes[0] = 2;
            bytes[3] = 0;
            bytes[5] = 0;
            let mut r = Reader::new(&bytes);
            if let Ok(acl) = Acl::parse(&mut r) {
                prop_assert_eq!(acl.aces().count(), acl.len());
            }
        }
    }
}
