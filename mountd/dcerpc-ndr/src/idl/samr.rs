// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The security account manager (\[MS-SAMR\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// `SAMPR_RID_ENUMERATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprRidEnumeration {
    /// `RelativeId`.
    pub relative_id: u32,
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
}
impl Ndr for SamprRidEnumeration {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<super::dtyp::RpcUnicodeString as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.relative_id.read(r)?;
        self.name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.relative_id.write(w)?;
        self.name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprRidEnumeration {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            relative_id: Sample::sample(s),
            name: Sample::sample(s),
        }
    }
}

/// \[MS-SAMR\] 2.2.7.10.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprEnumerationBuffer {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SamprRidEnumeration>>,
}
impl SamprEnumerationBuffer {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SamprEnumerationBuffer {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SamprRidEnumeration>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprEnumerationBuffer {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SAMPR_SID_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprSidInformation {
    /// `SidPointer`.
    pub sid_pointer: Option<super::dtyp::RpcSid>,
}
impl Ndr for SamprSidInformation {
    fn alignment(s: Syntax) -> usize {
        <Option<super::dtyp::RpcSid> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sid_pointer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sid_pointer.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sid_pointer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sid_pointer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprSidInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sid_pointer: Sample::sample(s),
        }
    }
}

/// `SAMPR_PSID_ARRAY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprPsidArray {
    /// `Count`.
    pub count: u32,
    /// `Sids`.
    pub sids: Option<Vec<SamprSidInformation>>,
}
impl SamprPsidArray {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sids.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1024)?;
        Ok(())
    }
}
impl Ndr for SamprPsidArray {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SamprSidInformation>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.count.read(r)?;
        self.sids.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sids.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.count.write(w)?;
        self.sids.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sids.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprPsidArray {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            count: Sample::sample(s),
            sids: Sample::sample(s),
        };
        if !(0..=1024).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        if let Some((n, _)) = v.sids.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// `SAMPR_ULONG_ARRAY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprUlongArray {
    /// `Count`.
    pub count: u32,
    /// `Element`.
    pub element: Option<Vec<u32>>,
}
impl SamprUlongArray {
    fn check(&self) -> Result<(), Error> {
        size_is(self.element.counts(), self.count.number())?;
        Ok(())
    }
}
impl Ndr for SamprUlongArray {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<u32>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.count.read(r)?;
        self.element.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.element.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.count.write(w)?;
        self.element.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.element.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprUlongArray {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            count: Sample::sample(s),
            element: Sample::sample(s),
        };
        if let Some((n, _)) = v.element.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// `SAMPR_RETURNED_USTRING_ARRAY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprReturnedUstringArray {
    /// `Count`.
    pub count: u32,
    /// `Element`.
    pub element: Option<Vec<super::dtyp::RpcUnicodeString>>,
}
impl SamprReturnedUstringArray {
    fn check(&self) -> Result<(), Error> {
        size_is(self.element.counts(), self.count.number())?;
        Ok(())
    }
}
impl Ndr for SamprReturnedUstringArray {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<super::dtyp::RpcUnicodeString>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.count.read(r)?;
        self.element.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.element.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.count.write(w)?;
        self.element.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.element.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprReturnedUstringArray {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            count: Sample::sample(s),
            element: Sample::sample(s),
        };
        if let Some((n, _)) = v.element.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// `GROUP_MEMBERSHIP`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMembership {
    /// `RelativeId`.
    pub relative_id: u32,
    /// `Attributes`.
    pub attributes: u32,
}
impl Ndr for GroupMembership {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.relative_id.read(r)?;
        self.attributes.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.relative_id.write(w)?;
        self.attributes.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for GroupMembership {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            relative_id: Sample::sample(s),
            attributes: Sample::sample(s),
        }
    }
}

/// `SAMPR_GET_GROUPS_BUFFER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprGetGroupsBuffer {
    /// `MembershipCount`.
    pub membership_count: u32,
    /// `Groups`.
    pub groups: Option<Vec<GroupMembership>>,
}
impl SamprGetGroupsBuffer {
    fn check(&self) -> Result<(), Error> {
        size_is(self.groups.counts(), self.membership_count.number())?;
        Ok(())
    }
}
impl Ndr for SamprGetGroupsBuffer {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<GroupMembership>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.membership_count.read(r)?;
        self.groups.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.groups.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.membership_count.write(w)?;
        self.groups.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.groups.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprGetGroupsBuffer {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            membership_count: Sample::sample(s),
            groups: Sample::sample(s),
        };
        if let Some((n, _)) = v.groups.counts() {
            v.membership_count = of_number(n);
        }
        v
    }
}

/// `SAMPR_REVISION_INFO_V1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprRevisionInfoV1 {
    /// `Revision`.
    pub revision: u32,
    /// `SupportedFeatures`.
    pub supported_features: u32,
}
impl Ndr for SamprRevisionInfoV1 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.revision.read(r)?;
        self.supported_features.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.revision.write(w)?;
        self.supported_features.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprRevisionInfoV1 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            revision: Sample::sample(s),
            supported_features: Sample::sample(s),
        }
    }
}

/// `SAMPR_REVISION_INFO`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamprRevisionInfo {
    /// Case 1.
    V1(SamprRevisionInfoV1),
    /// All others; first the tag.
    Other(u32),
}
impl Default for SamprRevisionInfo {
    fn default() -> Self {
        Self::V1(Default::default())
    }
}
impl SamprRevisionInfo {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::V1(_) => 1,
            Self::Other(tag) => tag.number(),
        }
    }
}
impl SamprRevisionInfo {
    fn arms(s: Syntax) -> usize {
        <SamprRevisionInfoV1 as Ndr>::alignment(s)
    }
}
impl Ndr for SamprRevisionInfo {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            1 => Self::V1(Default::default()),
            _ => Self::Other(tag),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::V1(to) => to.read(r),
            _ => Ok(()),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::V1(to) => to.read_deferred(r),
            _ => Ok(()),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::V1(to) => to.write(w),
            _ => Ok(()),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::V1(to) => to.write_deferred(w),
            _ => Ok(()),
        }
    }
}
#[cfg(test)]
impl Sample for SamprRevisionInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 2 {
            0 => Self::V1(Sample::sample(s)),
            _ => Self::Other(of_number(99)),
        }
    }
}

/// \[MS-SAMR\] 2.2.3.16.
pub type DomainInformationClass = Enum16;
pub const DOMAIN_PASSWORD_INFORMATION: Enum16 = Enum16(1);
pub const DOMAIN_GENERAL_INFORMATION: Enum16 = Enum16(2);
pub const DOMAIN_LOGOFF_INFORMATION: Enum16 = Enum16(3);
pub const DOMAIN_NAME_INFORMATION: Enum16 = Enum16(5);
pub const DOMAIN_SERVER_ROLE_INFORMATION: Enum16 = Enum16(7);
pub const DOMAIN_LOCKOUT_INFORMATION: Enum16 = Enum16(12);

/// `DomainServerRole`.
pub type DomainServerRole = Enum16;
pub const DOMAIN_SERVER_ROLE_BACKUP: Enum16 = Enum16(2);
pub const DOMAIN_SERVER_ROLE_PRIMARY: Enum16 = Enum16(3);

/// `DOMAIN_PASSWORD_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainPasswordInformation {
    /// `MinPasswordLength`.
    pub min_password_length: u16,
    /// `PasswordHistoryLength`.
    pub password_history_length: u16,
    /// `PasswordProperties`.
    pub password_properties: u32,
    /// `MaxPasswordAge`.
    pub max_password_age: super::dtyp::OldLargeInteger,
    /// `MinPasswordAge`.
    pub min_password_age: super::dtyp::OldLargeInteger,
}
impl Ndr for DomainPasswordInformation {
    fn alignment(s: Syntax) -> usize {
        <u16 as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s)).max(<super::dtyp::OldLargeInteger as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.min_password_length.read(r)?;
        self.password_history_length.read(r)?;
        self.password_properties.read(r)?;
        self.max_password_age.read(r)?;
        self.min_password_age.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.max_password_age.read_deferred(r)?;
        self.min_password_age.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.min_password_length.write(w)?;
        self.password_history_length.write(w)?;
        self.password_properties.write(w)?;
        self.max_password_age.write(w)?;
        self.min_password_age.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.max_password_age.write_deferred(w)?;
        self.min_password_age.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for DomainPasswordInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            min_password_length: Sample::sample(s),
            password_history_length: Sample::sample(s),
            password_properties: Sample::sample(s),
            max_password_age: Sample::sample(s),
            min_password_age: Sample::sample(s),
        }
    }
}

/// `SAMPR_DOMAIN_GENERAL_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprDomainGeneralInformation {
    /// `ForceLogoff`.
    pub force_logoff: super::dtyp::OldLargeInteger,
    /// `OemInformation`.
    pub oem_information: super::dtyp::RpcUnicodeString,
    /// `DomainName`.
    pub domain_name: super::dtyp::RpcUnicodeString,
    /// `ReplicaSourceNodeName`.
    pub replica_source_node_name: super::dtyp::RpcUnicodeString,
    /// `DomainModifiedCount`.
    pub domain_modified_count: super::dtyp::OldLargeInteger,
    /// `DomainServerState`.
    pub domain_server_state: u32,
    /// `DomainServerRole`.
    pub domain_server_role: u32,
    /// `UasCompatibilityRequired`.
    pub uas_compatibility_required: u8,
    /// `UserCount`.
    pub user_count: u32,
    /// `GroupCount`.
    pub group_count: u32,
    /// `AliasCount`.
    pub alias_count: u32,
}
impl Ndr for SamprDomainGeneralInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::OldLargeInteger as Ndr>::alignment(s).max(<super::dtyp::RpcUnicodeString as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s)).max(<u8 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.force_logoff.read(r)?;
        self.oem_information.read(r)?;
        self.domain_name.read(r)?;
        self.replica_source_node_name.read(r)?;
        self.domain_modified_count.read(r)?;
        self.domain_server_state.read(r)?;
        self.domain_server_role.read(r)?;
        self.uas_compatibility_required.read(r)?;
        self.user_count.read(r)?;
        self.group_count.read(r)?;
        self.alias_count.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.force_logoff.read_deferred(r)?;
        self.oem_information.read_deferred(r)?;
        self.domain_name.read_deferred(r)?;
        self.replica_source_node_name.read_deferred(r)?;
        self.domain_modified_count.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.force_logoff.write(w)?;
        self.oem_information.write(w)?;
        self.domain_name.write(w)?;
        self.replica_source_node_name.write(w)?;
        self.domain_modified_count.write(w)?;
        self.domain_server_state.write(w)?;
        self.domain_server_role.write(w)?;
        self.uas_compatibility_required.write(w)?;
        self.user_count.write(w)?;
        self.group_count.write(w)?;
        self.alias_count.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.force_logoff.write_deferred(w)?;
        self.oem_information.write_deferred(w)?;
        self.domain_name.write_deferred(w)?;
        self.replica_source_node_name.write_deferred(w)?;
        self.domain_modified_count.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprDomainGeneralInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            force_logoff: Sample::sample(s),
            oem_information: Sample::sample(s),
            domain_name: Sample::sample(s),
            replica_source_node_name: Sample::sample(s),
            domain_modified_count: Sample::sample(s),
            domain_server_state: Sample::sample(s),
            domain_server_role: Sample::sample(s),
            uas_compatibility_required: Sample::sample(s),
            user_count: Sample::sample(s),
            group_count: Sample::sample(s),
            alias_count: Sample::sample(s),
        }
    }
}

/// `DOMAIN_LOGOFF_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainLogoffInformation {
    /// `ForceLogoff`.
    pub force_logoff: super::dtyp::OldLargeInteger,
}
impl Ndr for DomainLogoffInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::OldLargeInteger as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.force_logoff.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.force_logoff.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.force_logoff.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.force_logoff.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for DomainLogoffInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            force_logoff: Sample::sample(s),
        }
    }
}

/// `SAMPR_DOMAIN_NAME_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprDomainNameInformation {
    /// `DomainName`.
    pub domain_name: super::dtyp::RpcUnicodeString,
}
impl Ndr for SamprDomainNameInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.domain_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.domain_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.domain_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprDomainNameInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_name: Sample::sample(s),
        }
    }
}

/// `DOMAIN_SERVER_ROLE_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainServerRoleInformation {
    /// `DomainServerRole`.
    pub domain_server_role: DomainServerRole,
}
impl Ndr for DomainServerRoleInformation {
    fn alignment(s: Syntax) -> usize {
        <DomainServerRole as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.domain_server_role.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.domain_server_role.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.domain_server_role.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_server_role.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for DomainServerRoleInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_server_role: Sample::sample(s),
        }
    }
}

/// `SAMPR_DOMAIN_LOCKOUT_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprDomainLockoutInformation {
    /// `LockoutDuration`.
    pub lockout_duration: u64,
    /// `LockoutObservationWindow`.
    pub lockout_observation_window: u64,
    /// `LockoutThreshold`.
    pub lockout_threshold: u16,
}
impl Ndr for SamprDomainLockoutInformation {
    fn alignment(s: Syntax) -> usize {
        <u64 as Ndr>::alignment(s).max(<u16 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.lockout_duration.read(r)?;
        self.lockout_observation_window.read(r)?;
        self.lockout_threshold.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.lockout_duration.write(w)?;
        self.lockout_observation_window.write(w)?;
        self.lockout_threshold.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprDomainLockoutInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lockout_duration: Sample::sample(s),
            lockout_observation_window: Sample::sample(s),
            lockout_threshold: Sample::sample(s),
        }
    }
}

/// \[MS-SAMR\] 2.2.3.17.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamprDomainInfoBuffer {
    /// Case 1.
    Password(DomainPasswordInformation),
    /// Case 2.
    General(SamprDomainGeneralInformation),
    /// Case 3.
    Logoff(DomainLogoffInformation),
    /// Case 5.
    Name(SamprDomainNameInformation),
    /// Case 7.
    Role(DomainServerRoleInformation),
    /// Case 12.
    Lockout(SamprDomainLockoutInformation),
}
impl Default for SamprDomainInfoBuffer {
    fn default() -> Self {
        Self::Password(Default::default())
    }
}
impl SamprDomainInfoBuffer {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Password(_) => 1,
            Self::General(_) => 2,
            Self::Logoff(_) => 3,
            Self::Name(_) => 5,
            Self::Role(_) => 7,
            Self::Lockout(_) => 12,
        }
    }
}
impl SamprDomainInfoBuffer {
    fn arms(s: Syntax) -> usize {
        <DomainPasswordInformation as Ndr>::alignment(s).max(<SamprDomainGeneralInformation as Ndr>::alignment(s)).max(<DomainLogoffInformation as Ndr>::alignment(s)).max(<SamprDomainNameInformation as Ndr>::alignment(s)).max(<DomainServerRoleInformation as Ndr>::alignment(s)).max(<SamprDomainLockoutInformation as Ndr>::alignment(s))
    }
}
impl Ndr for SamprDomainInfoBuffer {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<DomainInformationClass as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = DomainInformationClass::default();
        tag.read(r)?;
        *self = match tag.number() {
            1 => Self::Password(Default::default()),
            2 => Self::General(Default::default()),
            3 => Self::Logoff(Default::default()),
            5 => Self::Name(Default::default()),
            7 => Self::Role(Default::default()),
            12 => Self::Lockout(Default::default()),
            _ => return Err(Error::new("union with an unknown tag")),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Password(to) => to.read(r),
            Self::General(to) => to.read(r),
            Self::Logoff(to) => to.read(r),
            Self::Name(to) => to.read(r),
            Self::Role(to) => to.read(r),
            Self::Lockout(to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Password(to) => to.read_deferred(r),
            Self::General(to) => to.read_deferred(r),
            Self::Logoff(to) => to.read_deferred(r),
            Self::Name(to) => to.read_deferred(r),
            Self::Role(to) => to.read_deferred(r),
            Self::Lockout(to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        Enum16(self.tag() as u16).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Password(to) => to.write(w),
            Self::General(to) => to.write(w),
            Self::Logoff(to) => to.write(w),
            Self::Name(to) => to.write(w),
            Self::Role(to) => to.write(w),
            Self::Lockout(to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Password(to) => to.write_deferred(w),
            Self::General(to) => to.write_deferred(w),
            Self::Logoff(to) => to.write_deferred(w),
            Self::Name(to) => to.write_deferred(w),
            Self::Role(to) => to.write_deferred(w),
            Self::Lockout(to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for SamprDomainInfoBuffer {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 6 {
            0 => Self::Password(Sample::sample(s)),
            1 => Self::General(Sample::sample(s)),
            2 => Self::Logoff(Sample::sample(s)),
            3 => Self::Name(Sample::sample(s)),
            4 => Self::Role(Sample::sample(s)),
            _ => Self::Lockout(Sample::sample(s)),
        }
    }
}

/// \[MS-SAMR\] 2.2.6.28.
pub type UserInformationClass = Enum16;
pub const USER_ACCOUNT_NAME_INFORMATION: Enum16 = Enum16(7);
pub const USER_PRIMARY_GROUP_INFORMATION: Enum16 = Enum16(9);
pub const USER_CONTROL_INFORMATION: Enum16 = Enum16(16);
pub const USER_ALL_INFORMATION: Enum16 = Enum16(21);

/// When one may log in, by bits; not as many as there is room for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprLogonHours {
    /// `UnitsPerWeek`.
    pub units_per_week: u16,
    /// `LogonHours`.
    pub logon_hours: Option<Varying<u8>>,
}
impl SamprLogonHours {
    fn check(&self) -> Result<(), Error> {
        size_is(self.logon_hours.counts(), 1260u64)?;
        length_is(self.logon_hours.counts(), self.units_per_week.number().wrapping_div(8))?;
        Ok(())
    }
}
impl Ndr for SamprLogonHours {
    fn alignment(s: Syntax) -> usize {
        <u16 as Ndr>::alignment(s).max(<Option<Varying<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.units_per_week.read(r)?;
        self.logon_hours.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.logon_hours.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.units_per_week.write(w)?;
        self.logon_hours.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.logon_hours.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprLogonHours {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            units_per_week: Sample::sample(s),
            logon_hours: Sample::sample(s),
        };
        fix(&mut v.logon_hours, 1260);
        if let Some((_, n)) = v.logon_hours.counts() {
            v.units_per_week = of_number(n * 8);
        }
        v
    }
}

/// `SAMPR_SR_SECURITY_DESCRIPTOR`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprSrSecurityDescriptor {
    /// `Length`.
    pub length: u32,
    /// `SecurityDescriptor`.
    pub security_descriptor: Option<Vec<u8>>,
}
impl SamprSrSecurityDescriptor {
    fn check(&self) -> Result<(), Error> {
        size_is(self.security_descriptor.counts(), self.length.number())?;
        in_range(self.length.number(), 0, 262144)?;
        Ok(())
    }
}
impl Ndr for SamprSrSecurityDescriptor {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.length.read(r)?;
        self.security_descriptor.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.security_descriptor.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.length.write(w)?;
        self.security_descriptor.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.security_descriptor.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprSrSecurityDescriptor {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            length: Sample::sample(s),
            security_descriptor: Sample::sample(s),
        };
        if !(0..=262144).contains(&v.length.number()) {
            v.length = of_number(0);
        }
        if let Some((n, _)) = v.security_descriptor.counts() {
            v.length = of_number(n);
        }
        v
    }
}

/// `SAMPR_USER_A_NAME_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprUserANameInformation {
    /// `UserName`.
    pub user_name: super::dtyp::RpcUnicodeString,
}
impl Ndr for SamprUserANameInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.user_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.user_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.user_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprUserANameInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_name: Sample::sample(s),
        }
    }
}

/// `USER_PRIMARY_GROUP_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPrimaryGroupInformation {
    /// `PrimaryGroupId`.
    pub primary_group_id: u32,
}
impl Ndr for UserPrimaryGroupInformation {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.primary_group_id.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.primary_group_id.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for UserPrimaryGroupInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            primary_group_id: Sample::sample(s),
        }
    }
}

/// `USER_CONTROL_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserControlInformation {
    /// `UserAccountControl`.
    pub user_account_control: u32,
}
impl Ndr for UserControlInformation {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.user_account_control.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.user_account_control.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for UserControlInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_account_control: Sample::sample(s),
        }
    }
}

/// \[MS-SAMR\] 2.2.6.6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamprUserAllInformation {
    /// `LastLogon`.
    pub last_logon: super::dtyp::OldLargeInteger,
    /// `LastLogoff`.
    pub last_logoff: super::dtyp::OldLargeInteger,
    /// `PasswordLastSet`.
    pub password_last_set: super::dtyp::OldLargeInteger,
    /// `AccountExpires`.
    pub account_expires: super::dtyp::OldLargeInteger,
    /// `PasswordCanChange`.
    pub password_can_change: super::dtyp::OldLargeInteger,
    /// `PasswordMustChange`.
    pub password_must_change: super::dtyp::OldLargeInteger,
    /// `UserName`.
    pub user_name: super::dtyp::RpcUnicodeString,
    /// `FullName`.
    pub full_name: super::dtyp::RpcUnicodeString,
    /// `HomeDirectory`.
    pub home_directory: super::dtyp::RpcUnicodeString,
    /// `HomeDirectoryDrive`.
    pub home_directory_drive: super::dtyp::RpcUnicodeString,
    /// `ScriptPath`.
    pub script_path: super::dtyp::RpcUnicodeString,
    /// `ProfilePath`.
    pub profile_path: super::dtyp::RpcUnicodeString,
    /// `AdminComment`.
    pub admin_comment: super::dtyp::RpcUnicodeString,
    /// `WorkStations`.
    pub work_stations: super::dtyp::RpcUnicodeString,
    /// `UserComment`.
    pub user_comment: super::dtyp::RpcUnicodeString,
    /// `Parameters`.
    pub parameters: super::dtyp::RpcUnicodeString,
    /// `LmOwfPassword`.
    pub lm_owf_password: super::dtyp::RpcUnicodeString,
    /// `NtOwfPassword`.
    pub nt_owf_password: super::dtyp::RpcUnicodeString,
    /// `PrivateData`.
    pub private_data: super::dtyp::RpcUnicodeString,
    /// `SecurityDescriptor`.
    pub security_descriptor: SamprSrSecurityDescriptor,
    /// `UserId`.
    pub user_id: u32,
    /// `PrimaryGroupId`.
    pub primary_group_id: u32,
    /// `UserAccountControl`.
    pub user_account_control: u32,
    /// `WhichFields`.
    pub which_fields: u32,
    /// `LogonHours`.
    pub logon_hours: SamprLogonHours,
    /// `BadPasswordCount`.
    pub bad_password_count: u16,
    /// `LogonCount`.
    pub logon_count: u16,
    /// `CountryCode`.
    pub country_code: u16,
    /// `CodePage`.
    pub code_page: u16,
    /// `LmPasswordPresent`.
    pub lm_password_present: u8,
    /// `NtPasswordPresent`.
    pub nt_password_present: u8,
    /// `PasswordExpired`.
    pub password_expired: u8,
    /// `PrivateDataSensitive`.
    pub private_data_sensitive: u8,
}
impl Ndr for SamprUserAllInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::OldLargeInteger as Ndr>::alignment(s).max(<super::dtyp::RpcUnicodeString as Ndr>::alignment(s)).max(<SamprSrSecurityDescriptor as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s)).max(<SamprLogonHours as Ndr>::alignment(s)).max(<u16 as Ndr>::alignment(s)).max(<u8 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.last_logon.read(r)?;
        self.last_logoff.read(r)?;
        self.password_last_set.read(r)?;
        self.account_expires.read(r)?;
        self.password_can_change.read(r)?;
        self.password_must_change.read(r)?;
        self.user_name.read(r)?;
        self.full_name.read(r)?;
        self.home_directory.read(r)?;
        self.home_directory_drive.read(r)?;
        self.script_path.read(r)?;
        self.profile_path.read(r)?;
        self.admin_comment.read(r)?;
        self.work_stations.read(r)?;
        self.user_comment.read(r)?;
        self.parameters.read(r)?;
        self.lm_owf_password.read(r)?;
        self.nt_owf_password.read(r)?;
        self.private_data.read(r)?;
        self.security_descriptor.read(r)?;
        self.user_id.read(r)?;
        self.primary_group_id.read(r)?;
        self.user_account_control.read(r)?;
        self.which_fields.read(r)?;
        self.logon_hours.read(r)?;
        self.bad_password_count.read(r)?;
        self.logon_count.read(r)?;
        self.country_code.read(r)?;
        self.code_page.read(r)?;
        self.lm_password_present.read(r)?;
        self.nt_password_present.read(r)?;
        self.password_expired.read(r)?;
        self.private_data_sensitive.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.last_logon.read_deferred(r)?;
        self.last_logoff.read_deferred(r)?;
        self.password_last_set.read_deferred(r)?;
        self.account_expires.read_deferred(r)?;
        self.password_can_change.read_deferred(r)?;
        self.password_must_change.read_deferred(r)?;
        self.user_name.read_deferred(r)?;
        self.full_name.read_deferred(r)?;
        self.home_directory.read_deferred(r)?;
        self.home_directory_drive.read_deferred(r)?;
        self.script_path.read_deferred(r)?;
        self.profile_path.read_deferred(r)?;
        self.admin_comment.read_deferred(r)?;
        self.work_stations.read_deferred(r)?;
        self.user_comment.read_deferred(r)?;
        self.parameters.read_deferred(r)?;
        self.lm_owf_password.read_deferred(r)?;
        self.nt_owf_password.read_deferred(r)?;
        self.private_data.read_deferred(r)?;
        self.security_descriptor.read_deferred(r)?;
        self.logon_hours.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.last_logon.write(w)?;
        self.last_logoff.write(w)?;
        self.password_last_set.write(w)?;
        self.account_expires.write(w)?;
        self.password_can_change.write(w)?;
        self.password_must_change.write(w)?;
        self.user_name.write(w)?;
        self.full_name.write(w)?;
        self.home_directory.write(w)?;
        self.home_directory_drive.write(w)?;
        self.script_path.write(w)?;
        self.profile_path.write(w)?;
        self.admin_comment.write(w)?;
        self.work_stations.write(w)?;
        self.user_comment.write(w)?;
        self.parameters.write(w)?;
        self.lm_owf_password.write(w)?;
        self.nt_owf_password.write(w)?;
        self.private_data.write(w)?;
        self.security_descriptor.write(w)?;
        self.user_id.write(w)?;
        self.primary_group_id.write(w)?;
        self.user_account_control.write(w)?;
        self.which_fields.write(w)?;
        self.logon_hours.write(w)?;
        self.bad_password_count.write(w)?;
        self.logon_count.write(w)?;
        self.country_code.write(w)?;
        self.code_page.write(w)?;
        self.lm_password_present.write(w)?;
        self.nt_password_present.write(w)?;
        self.password_expired.write(w)?;
        self.private_data_sensitive.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.last_logon.write_deferred(w)?;
        self.last_logoff.write_deferred(w)?;
        self.password_last_set.write_deferred(w)?;
        self.account_expires.write_deferred(w)?;
        self.password_can_change.write_deferred(w)?;
        self.password_must_change.write_deferred(w)?;
        self.user_name.write_deferred(w)?;
        self.full_name.write_deferred(w)?;
        self.home_directory.write_deferred(w)?;
        self.home_directory_drive.write_deferred(w)?;
        self.script_path.write_deferred(w)?;
        self.profile_path.write_deferred(w)?;
        self.admin_comment.write_deferred(w)?;
        self.work_stations.write_deferred(w)?;
        self.user_comment.write_deferred(w)?;
        self.parameters.write_deferred(w)?;
        self.lm_owf_password.write_deferred(w)?;
        self.nt_owf_password.write_deferred(w)?;
        self.private_data.write_deferred(w)?;
        self.security_descriptor.write_deferred(w)?;
        self.logon_hours.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamprUserAllInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            last_logon: Sample::sample(s),
            last_logoff: Sample::sample(s),
            password_last_set: Sample::sample(s),
            account_expires: Sample::sample(s),
            password_can_change: Sample::sample(s),
            password_must_change: Sample::sample(s),
            user_name: Sample::sample(s),
            full_name: Sample::sample(s),
            home_directory: Sample::sample(s),
            home_directory_drive: Sample::sample(s),
            script_path: Sample::sample(s),
            profile_path: Sample::sample(s),
            admin_comment: Sample::sample(s),
            work_stations: Sample::sample(s),
            user_comment: Sample::sample(s),
            parameters: Sample::sample(s),
            lm_owf_password: Sample::sample(s),
            nt_owf_password: Sample::sample(s),
            private_data: Sample::sample(s),
            security_descriptor: Sample::sample(s),
            user_id: Sample::sample(s),
            primary_group_id: Sample::sample(s),
            user_account_control: Sample::sample(s),
            which_fields: Sample::sample(s),
            logon_hours: Sample::sample(s),
            bad_password_count: Sample::sample(s),
            logon_count: Sample::sample(s),
            country_code: Sample::sample(s),
            code_page: Sample::sample(s),
            lm_password_present: Sample::sample(s),
            nt_password_present: Sample::sample(s),
            password_expired: Sample::sample(s),
            private_data_sensitive: Sample::sample(s),
        }
    }
}

/// \[MS-SAMR\] 2.2.6.29.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamprUserInfoBuffer {
    /// Case 7.
    AccountName(SamprUserANameInformation),
    /// Case 9.
    PrimaryGroup(UserPrimaryGroupInformation),
    /// Case 16.
    Control(UserControlInformation),
    /// Case 21.
    All(SamprUserAllInformation),
}
impl Default for SamprUserInfoBuffer {
    fn default() -> Self {
        Self::AccountName(Default::default())
    }
}
impl SamprUserInfoBuffer {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::AccountName(_) => 7,
            Self::PrimaryGroup(_) => 9,
            Self::Control(_) => 16,
            Self::All(_) => 21,
        }
    }
}
impl SamprUserInfoBuffer {
    fn arms(s: Syntax) -> usize {
        <SamprUserANameInformation as Ndr>::alignment(s).max(<UserPrimaryGroupInformation as Ndr>::alignment(s)).max(<UserControlInformation as Ndr>::alignment(s)).max(<SamprUserAllInformation as Ndr>::alignment(s))
    }
}
impl Ndr for SamprUserInfoBuffer {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<UserInformationClass as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = UserInformationClass::default();
        tag.read(r)?;
        *self = match tag.number() {
            7 => Self::AccountName(Default::default()),
            9 => Self::PrimaryGroup(Default::default()),
            16 => Self::Control(Default::default()),
            21 => Self::All(Default::default()),
            _ => return Err(Error::new("union with an unknown tag")),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::AccountName(to) => to.read(r),
            Self::PrimaryGroup(to) => to.read(r),
            Self::Control(to) => to.read(r),
            Self::All(to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::AccountName(to) => to.read_deferred(r),
            Self::PrimaryGroup(to) => to.read_deferred(r),
            Self::Control(to) => to.read_deferred(r),
            Self::All(to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        Enum16(self.tag() as u16).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::AccountName(to) => to.write(w),
            Self::PrimaryGroup(to) => to.write(w),
            Self::Control(to) => to.write(w),
            Self::All(to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::AccountName(to) => to.write_deferred(w),
            Self::PrimaryGroup(to) => to.write_deferred(w),
            Self::Control(to) => to.write_deferred(w),
            Self::All(to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for SamprUserInfoBuffer {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 4 {
            0 => Self::AccountName(Sample::sample(s)),
            1 => Self::PrimaryGroup(Sample::sample(s)),
            2 => Self::Control(Sample::sample(s)),
            _ => Self::All(Sample::sample(s)),
        }
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 1;

/// The calls of samr that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-SAMR\] 3.1.5.1.4; the name is one character.
    SamrConnect = 0,
    /// \[MS-SAMR\] 3.1.5.13.1.
    SamrCloseHandle = 1,
    /// \[MS-SAMR\] 3.1.5.11.1.
    SamrLookupDomainInSamServer = 5,
    /// \[MS-SAMR\] 3.1.5.2.1.
    SamrEnumerateDomainsInSamServer = 6,
    /// \[MS-SAMR\] 3.1.5.1.5.
    SamrOpenDomain = 7,
    /// \[MS-SAMR\] 3.1.5.5.2.
    SamrQueryInformationDomain = 8,
    /// \[MS-SAMR\] 3.1.5.2.3.
    SamrEnumerateGroupsInDomain = 11,
    /// \[MS-SAMR\] 3.1.5.2.5.
    SamrEnumerateUsersInDomain = 13,
    /// \[MS-SAMR\] 3.1.5.2.4.
    SamrEnumerateAliasesInDomain = 15,
    /// \[MS-SAMR\] 3.1.5.9.2.
    SamrGetAliasMembership = 16,
    /// \[MS-SAMR\] 3.1.5.11.2.
    SamrLookupNamesInDomain = 17,
    /// \[MS-SAMR\] 3.1.5.11.3.
    SamrLookupIdsInDomain = 18,
    /// \[MS-SAMR\] 3.1.5.1.9.
    SamrOpenUser = 34,
    /// \[MS-SAMR\] 3.1.5.5.6.
    SamrQueryInformationUser = 36,
    /// \[MS-SAMR\] 3.1.5.9.1.
    SamrGetGroupsForUser = 39,
    /// \[MS-SAMR\] 3.1.5.5.1.
    SamrQueryInformationDomain2 = 46,
    /// \[MS-SAMR\] 3.1.5.5.5.
    SamrQueryInformationUser2 = 47,
    /// \[MS-SAMR\] 3.1.5.1.3.
    SamrConnect2 = 57,
    /// \[MS-SAMR\] 3.1.5.1.2.
    SamrConnect4 = 62,
    /// \[MS-SAMR\] 3.1.5.1.1.
    SamrConnect5 = 64,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::SamrConnect,
            1 => Self::SamrCloseHandle,
            5 => Self::SamrLookupDomainInSamServer,
            6 => Self::SamrEnumerateDomainsInSamServer,
            7 => Self::SamrOpenDomain,
            8 => Self::SamrQueryInformationDomain,
            11 => Self::SamrEnumerateGroupsInDomain,
            13 => Self::SamrEnumerateUsersInDomain,
            15 => Self::SamrEnumerateAliasesInDomain,
            16 => Self::SamrGetAliasMembership,
            17 => Self::SamrLookupNamesInDomain,
            18 => Self::SamrLookupIdsInDomain,
            34 => Self::SamrOpenUser,
            36 => Self::SamrQueryInformationUser,
            39 => Self::SamrGetGroupsForUser,
            46 => Self::SamrQueryInformationDomain2,
            47 => Self::SamrQueryInformationUser2,
            57 => Self::SamrConnect2,
            62 => Self::SamrConnect4,
            64 => Self::SamrConnect5,
            _ => return None,
        })
    }
}

/// A request in another form; none if the call is not served.
pub fn transcode(
    opnum: u16,
    stub: &[u8],
    (from, to): (Syntax, Syntax),
) -> Option<Result<Vec<u8>, Error>> {
    let call = Call::of(opnum)?;
    Some(match call {
        Call::SamrConnect => SamrConnectRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrCloseHandle => SamrCloseHandleRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrLookupDomainInSamServer => SamrLookupDomainInSamServerRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrEnumerateDomainsInSamServer => SamrEnumerateDomainsInSamServerRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrOpenDomain => SamrOpenDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrQueryInformationDomain => SamrQueryInformationDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrEnumerateGroupsInDomain => SamrEnumerateGroupsInDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrEnumerateUsersInDomain => SamrEnumerateUsersInDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrEnumerateAliasesInDomain => SamrEnumerateAliasesInDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrGetAliasMembership => SamrGetAliasMembershipRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrLookupNamesInDomain => SamrLookupNamesInDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrLookupIdsInDomain => SamrLookupIdsInDomainRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrOpenUser => SamrOpenUserRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrQueryInformationUser => SamrQueryInformationUserRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrGetGroupsForUser => SamrGetGroupsForUserRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrQueryInformationDomain2 => SamrQueryInformationDomain2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrQueryInformationUser2 => SamrQueryInformationUser2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrConnect2 => SamrConnect2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrConnect4 => SamrConnect4Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::SamrConnect5 => SamrConnect5Request::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What SamrConnect asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnectRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `DesiredAccess`.
    pub desired_access: u32,
}
impl Message for SamrConnectRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnectRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            desired_access: Sample::sample(s),
        }
    }
}

/// What SamrConnect answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnectResponse {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrConnectResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnectResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrCloseHandle asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrCloseHandleRequest {
    /// `SamHandle`.
    pub sam_handle: Handle,
}
impl Message for SamrCloseHandleRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.sam_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.sam_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrCloseHandleRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sam_handle: Sample::sample(s),
        }
    }
}

/// What SamrCloseHandle answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrCloseHandleResponse {
    /// `SamHandle`.
    pub sam_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrCloseHandleResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.sam_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.sam_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrCloseHandleResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sam_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrLookupDomainInSamServer asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupDomainInSamServerRequest {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
}
impl Message for SamrLookupDomainInSamServerRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.name.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.name.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupDomainInSamServerRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            name: Sample::sample(s),
        }
    }
}

/// What SamrLookupDomainInSamServer answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupDomainInSamServerResponse {
    /// `DomainId`.
    pub domain_id: Option<super::dtyp::RpcSid>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrLookupDomainInSamServerResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_id.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_id.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupDomainInSamServerResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_id: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateDomainsInSamServer asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateDomainsInSamServerRequest {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
}
impl Message for SamrEnumerateDomainsInSamServerRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.enumeration_context.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.enumeration_context.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateDomainsInSamServerRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            enumeration_context: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateDomainsInSamServer answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateDomainsInSamServerResponse {
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `Buffer`.
    pub buffer: Option<SamprEnumerationBuffer>,
    /// `CountReturned`.
    pub count_returned: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrEnumerateDomainsInSamServerResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.enumeration_context.read_whole(r)?;
        v.buffer.read_whole(r)?;
        v.count_returned.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.enumeration_context.write_whole(w)?;
        self.buffer.write_whole(w)?;
        self.count_returned.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateDomainsInSamServerResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            enumeration_context: Sample::sample(s),
            buffer: Sample::sample(s),
            count_returned: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrOpenDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrOpenDomainRequest {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// `DesiredAccess`.
    pub desired_access: u32,
    /// `DomainId`.
    pub domain_id: super::dtyp::RpcSid,
}
impl Message for SamrOpenDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        v.domain_id.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        self.domain_id.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrOpenDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            desired_access: Sample::sample(s),
            domain_id: Sample::sample(s),
        }
    }
}

/// What SamrOpenDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrOpenDomainResponse {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrOpenDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrOpenDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `DomainInformationClass`.
    pub domain_information_class: DomainInformationClass,
}
impl Message for SamrQueryInformationDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.domain_information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.domain_information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            domain_information_class: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationDomainResponse {
    /// `Buffer`.
    pub buffer: Option<SamprDomainInfoBuffer>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrQueryInformationDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.buffer.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            buffer: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateGroupsInDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateGroupsInDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
}
impl Message for SamrEnumerateGroupsInDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.enumeration_context.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.enumeration_context.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateGroupsInDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            enumeration_context: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateGroupsInDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateGroupsInDomainResponse {
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `Buffer`.
    pub buffer: Option<SamprEnumerationBuffer>,
    /// `CountReturned`.
    pub count_returned: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrEnumerateGroupsInDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.enumeration_context.read_whole(r)?;
        v.buffer.read_whole(r)?;
        v.count_returned.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.enumeration_context.write_whole(w)?;
        self.buffer.write_whole(w)?;
        self.count_returned.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateGroupsInDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            enumeration_context: Sample::sample(s),
            buffer: Sample::sample(s),
            count_returned: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateUsersInDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateUsersInDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `UserAccountControl`.
    pub user_account_control: u32,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
}
impl Message for SamrEnumerateUsersInDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.enumeration_context.read_whole(r)?;
        v.user_account_control.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.enumeration_context.write_whole(w)?;
        self.user_account_control.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateUsersInDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            enumeration_context: Sample::sample(s),
            user_account_control: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateUsersInDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateUsersInDomainResponse {
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `Buffer`.
    pub buffer: Option<SamprEnumerationBuffer>,
    /// `CountReturned`.
    pub count_returned: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrEnumerateUsersInDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.enumeration_context.read_whole(r)?;
        v.buffer.read_whole(r)?;
        v.count_returned.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.enumeration_context.write_whole(w)?;
        self.buffer.write_whole(w)?;
        self.count_returned.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateUsersInDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            enumeration_context: Sample::sample(s),
            buffer: Sample::sample(s),
            count_returned: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateAliasesInDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateAliasesInDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
}
impl Message for SamrEnumerateAliasesInDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.enumeration_context.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.enumeration_context.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateAliasesInDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            enumeration_context: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
        }
    }
}

/// What SamrEnumerateAliasesInDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrEnumerateAliasesInDomainResponse {
    /// `EnumerationContext`.
    pub enumeration_context: u32,
    /// `Buffer`.
    pub buffer: Option<SamprEnumerationBuffer>,
    /// `CountReturned`.
    pub count_returned: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrEnumerateAliasesInDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.enumeration_context.read_whole(r)?;
        v.buffer.read_whole(r)?;
        v.count_returned.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.enumeration_context.write_whole(w)?;
        self.buffer.write_whole(w)?;
        self.count_returned.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrEnumerateAliasesInDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            enumeration_context: Sample::sample(s),
            buffer: Sample::sample(s),
            count_returned: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrGetAliasMembership asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrGetAliasMembershipRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `SidArray`.
    pub sid_array: SamprPsidArray,
}
impl Message for SamrGetAliasMembershipRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.sid_array.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.sid_array.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrGetAliasMembershipRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            sid_array: Sample::sample(s),
        }
    }
}

/// What SamrGetAliasMembership answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrGetAliasMembershipResponse {
    /// `Membership`.
    pub membership: SamprUlongArray,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrGetAliasMembershipResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.membership.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.membership.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrGetAliasMembershipResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            membership: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrLookupNamesInDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupNamesInDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `Count`.
    pub count: u32,
    /// `Names`.
    pub names: Varying<super::dtyp::RpcUnicodeString>,
}
impl SamrLookupNamesInDomainRequest {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), 1000u64)?;
        length_is(self.names.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Message for SamrLookupNamesInDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.count.read_whole(r)?;
        v.names.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.domain_handle.write_whole(w)?;
        self.count.write_whole(w)?;
        self.names.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupNamesInDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            domain_handle: Sample::sample(s),
            count: Sample::sample(s),
            names: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        fix(&mut v.names, 1000);
        if let Some((_, n)) = v.names.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// What SamrLookupNamesInDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupNamesInDomainResponse {
    /// `RelativeIds`.
    pub relative_ids: SamprUlongArray,
    /// `Use`.
    pub use_: SamprUlongArray,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrLookupNamesInDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.relative_ids.read_whole(r)?;
        v.use_.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.relative_ids.write_whole(w)?;
        self.use_.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupNamesInDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            relative_ids: Sample::sample(s),
            use_: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrLookupIdsInDomain asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupIdsInDomainRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `Count`.
    pub count: u32,
    /// `RelativeIds`.
    pub relative_ids: Varying<u32>,
}
impl SamrLookupIdsInDomainRequest {
    fn check(&self) -> Result<(), Error> {
        size_is(self.relative_ids.counts(), 1000u64)?;
        length_is(self.relative_ids.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Message for SamrLookupIdsInDomainRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.count.read_whole(r)?;
        v.relative_ids.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.domain_handle.write_whole(w)?;
        self.count.write_whole(w)?;
        self.relative_ids.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupIdsInDomainRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            domain_handle: Sample::sample(s),
            count: Sample::sample(s),
            relative_ids: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        fix(&mut v.relative_ids, 1000);
        if let Some((_, n)) = v.relative_ids.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// What SamrLookupIdsInDomain answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrLookupIdsInDomainResponse {
    /// `Names`.
    pub names: SamprReturnedUstringArray,
    /// `Use`.
    pub use_: SamprUlongArray,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrLookupIdsInDomainResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.names.read_whole(r)?;
        v.use_.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.names.write_whole(w)?;
        self.use_.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrLookupIdsInDomainResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            names: Sample::sample(s),
            use_: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrOpenUser asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrOpenUserRequest {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `DesiredAccess`.
    pub desired_access: u32,
    /// `UserId`.
    pub user_id: u32,
}
impl Message for SamrOpenUserRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        v.user_id.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        self.user_id.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrOpenUserRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            desired_access: Sample::sample(s),
            user_id: Sample::sample(s),
        }
    }
}

/// What SamrOpenUser answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrOpenUserResponse {
    /// `UserHandle`.
    pub user_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrOpenUserResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.user_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrOpenUserResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationUser asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationUserRequest {
    /// `UserHandle`.
    pub user_handle: Handle,
    /// `UserInformationClass`.
    pub user_information_class: UserInformationClass,
}
impl Message for SamrQueryInformationUserRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.user_handle.read_whole(r)?;
        v.user_information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_handle.write_whole(w)?;
        self.user_information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationUserRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_handle: Sample::sample(s),
            user_information_class: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationUser answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationUserResponse {
    /// `Buffer`.
    pub buffer: Option<SamprUserInfoBuffer>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrQueryInformationUserResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.buffer.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationUserResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            buffer: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrGetGroupsForUser asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrGetGroupsForUserRequest {
    /// `UserHandle`.
    pub user_handle: Handle,
}
impl Message for SamrGetGroupsForUserRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.user_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrGetGroupsForUserRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_handle: Sample::sample(s),
        }
    }
}

/// What SamrGetGroupsForUser answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrGetGroupsForUserResponse {
    /// `Groups`.
    pub groups: Option<SamprGetGroupsBuffer>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrGetGroupsForUserResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.groups.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.groups.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrGetGroupsForUserResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            groups: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationDomain2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationDomain2Request {
    /// `DomainHandle`.
    pub domain_handle: Handle,
    /// `DomainInformationClass`.
    pub domain_information_class: DomainInformationClass,
}
impl Message for SamrQueryInformationDomain2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.domain_handle.read_whole(r)?;
        v.domain_information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_handle.write_whole(w)?;
        self.domain_information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationDomain2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_handle: Sample::sample(s),
            domain_information_class: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationDomain2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationDomain2Response {
    /// `Buffer`.
    pub buffer: Option<SamprDomainInfoBuffer>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrQueryInformationDomain2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.buffer.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationDomain2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            buffer: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationUser2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationUser2Request {
    /// `UserHandle`.
    pub user_handle: Handle,
    /// `UserInformationClass`.
    pub user_information_class: UserInformationClass,
}
impl Message for SamrQueryInformationUser2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.user_handle.read_whole(r)?;
        v.user_information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_handle.write_whole(w)?;
        self.user_information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationUser2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_handle: Sample::sample(s),
            user_information_class: Sample::sample(s),
        }
    }
}

/// What SamrQueryInformationUser2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrQueryInformationUser2Response {
    /// `Buffer`.
    pub buffer: Option<SamprUserInfoBuffer>,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrQueryInformationUser2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.buffer.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrQueryInformationUser2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            buffer: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrConnect2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect2Request {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `DesiredAccess`.
    pub desired_access: u32,
}
impl Message for SamrConnect2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            desired_access: Sample::sample(s),
        }
    }
}

/// What SamrConnect2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect2Response {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrConnect2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrConnect4 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect4Request {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `ClientRevision`.
    pub client_revision: u32,
    /// `DesiredAccess`.
    pub desired_access: u32,
}
impl Message for SamrConnect4Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.client_revision.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.client_revision.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect4Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            client_revision: Sample::sample(s),
            desired_access: Sample::sample(s),
        }
    }
}

/// What SamrConnect4 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect4Response {
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for SamrConnect4Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect4Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What SamrConnect5 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect5Request {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `DesiredAccess`.
    pub desired_access: u32,
    /// `InVersion`.
    pub in_version: u32,
    /// `InRevisionInfo`.
    pub in_revision_info: SamprRevisionInfo,
}
impl SamrConnect5Request {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.in_revision_info.tag(), self.in_version.number())?;
        Ok(())
    }
}
impl Message for SamrConnect5Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        v.in_version.read_whole(r)?;
        v.in_revision_info.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.server_name.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        self.in_version.write_whole(w)?;
        self.in_revision_info.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect5Request {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            server_name: Sample::sample(s),
            desired_access: Sample::sample(s),
            in_version: Sample::sample(s),
            in_revision_info: Sample::sample(s),
        };
        v.in_version = of_number(v.in_revision_info.tag());
        v
    }
}

/// What SamrConnect5 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamrConnect5Response {
    /// `OutVersion`.
    pub out_version: u32,
    /// `OutRevisionInfo`.
    pub out_revision_info: SamprRevisionInfo,
    /// `ServerHandle`.
    pub server_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl SamrConnect5Response {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.out_revision_info.tag(), self.out_version.number())?;
        Ok(())
    }
}
impl Message for SamrConnect5Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.out_version.read_whole(r)?;
        v.out_revision_info.read_whole(r)?;
        v.server_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.out_version.write_whole(w)?;
        self.out_revision_info.write_whole(w)?;
        self.server_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SamrConnect5Response {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            out_version: Sample::sample(s),
            out_revision_info: Sample::sample(s),
            server_handle: Sample::sample(s),
            status: Sample::sample(s),
        };
        v.out_version = of_number(v.out_revision_info.tag());
        v
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<SamrConnectRequest>();
    t.message::<SamrConnectResponse>();
    t.message::<SamrCloseHandleRequest>();
    t.message::<SamrCloseHandleResponse>();
    t.message::<SamrLookupDomainInSamServerRequest>();
    t.message::<SamrLookupDomainInSamServerResponse>();
    t.message::<SamrEnumerateDomainsInSamServerRequest>();
    t.message::<SamrEnumerateDomainsInSamServerResponse>();
    t.message::<SamrOpenDomainRequest>();
    t.message::<SamrOpenDomainResponse>();
    t.message::<SamrQueryInformationDomainRequest>();
    t.message::<SamrQueryInformationDomainResponse>();
    t.message::<SamrEnumerateGroupsInDomainRequest>();
    t.message::<SamrEnumerateGroupsInDomainResponse>();
    t.message::<SamrEnumerateUsersInDomainRequest>();
    t.message::<SamrEnumerateUsersInDomainResponse>();
    t.message::<SamrEnumerateAliasesInDomainRequest>();
    t.message::<SamrEnumerateAliasesInDomainResponse>();
    t.message::<SamrGetAliasMembershipRequest>();
    t.message::<SamrGetAliasMembershipResponse>();
    t.message::<SamrLookupNamesInDomainRequest>();
    t.message::<SamrLookupNamesInDomainResponse>();
    t.message::<SamrLookupIdsInDomainRequest>();
    t.message::<SamrLookupIdsInDomainResponse>();
    t.message::<SamrOpenUserRequest>();
    t.message::<SamrOpenUserResponse>();
    t.message::<SamrQueryInformationUserRequest>();
    t.message::<SamrQueryInformationUserResponse>();
    t.message::<SamrGetGroupsForUserRequest>();
    t.message::<SamrGetGroupsForUserResponse>();
    t.message::<SamrQueryInformationDomain2Request>();
    t.message::<SamrQueryInformationDomain2Response>();
    t.message::<SamrQueryInformationUser2Request>();
    t.message::<SamrQueryInformationUser2Response>();
    t.message::<SamrConnect2Request>();
    t.message::<SamrConnect2Response>();
    t.message::<SamrConnect4Request>();
    t.message::<SamrConnect4Response>();
    t.message::<SamrConnect5Request>();
    t.message::<SamrConnect5Response>();
}
