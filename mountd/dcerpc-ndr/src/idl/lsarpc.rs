// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The local security authority (\[MS-LSAD\], \[MS-LSAT\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// `LSAPR_ACL`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprAcl {
    /// `AclRevision`.
    pub acl_revision: u8,
    /// `Sbz1`.
    pub sbz1: u8,
    /// `AclSize`.
    pub acl_size: u16,
    /// `Dummy1`.
    pub dummy1: Vec<u8>,
}
impl LsaprAcl {
    fn check(&self) -> Result<(), Error> {
        size_is(self.dummy1.counts(), self.acl_size.number().wrapping_sub(4))?;
        in_range(self.acl_size.number(), 4, 65535)?;
        Ok(())
    }
}
impl Ndr for LsaprAcl {
    fn alignment(s: Syntax) -> usize {
        <u8 as Ndr>::alignment(s).max(<u16 as Ndr>::alignment(s)).max(<Vec<u8> as Ndr>::alignment(s))
    }
    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.dummy1.read_conformance(r)
    }
    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        self.dummy1.write_conformance(w)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.acl_revision.read(r)?;
        self.sbz1.read(r)?;
        self.acl_size.read(r)?;
        self.dummy1.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.dummy1.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.acl_revision.write(w)?;
        self.sbz1.write(w)?;
        self.acl_size.write(w)?;
        self.dummy1.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.dummy1.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprAcl {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            acl_revision: Sample::sample(s),
            sbz1: Sample::sample(s),
            acl_size: Sample::sample(s),
            dummy1: Sample::sample(s),
        };
        if !(4..=65535).contains(&v.acl_size.number()) {
            v.acl_size = of_number(4);
        }
        if let Some((n, _)) = v.dummy1.counts() {
            v.acl_size = of_number(n + 4);
        }
        v
    }
}

/// `LSAPR_SECURITY_DESCRIPTOR`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprSecurityDescriptor {
    /// `Revision`.
    pub revision: u8,
    /// `Sbz1`.
    pub sbz1: u8,
    /// `Control`.
    pub control: u16,
    /// `Owner`.
    pub owner: Option<super::dtyp::RpcSid>,
    /// `Group`.
    pub group: Option<super::dtyp::RpcSid>,
    /// `Sacl`.
    pub sacl: Option<LsaprAcl>,
    /// `Dacl`.
    pub dacl: Option<LsaprAcl>,
}
impl Ndr for LsaprSecurityDescriptor {
    fn alignment(s: Syntax) -> usize {
        <u8 as Ndr>::alignment(s).max(<u16 as Ndr>::alignment(s)).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s)).max(<Option<LsaprAcl> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.revision.read(r)?;
        self.sbz1.read(r)?;
        self.control.read(r)?;
        self.owner.read(r)?;
        self.group.read(r)?;
        self.sacl.read(r)?;
        self.dacl.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.owner.read_deferred(r)?;
        self.group.read_deferred(r)?;
        self.sacl.read_deferred(r)?;
        self.dacl.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.revision.write(w)?;
        self.sbz1.write(w)?;
        self.control.write(w)?;
        self.owner.write(w)?;
        self.group.write(w)?;
        self.sacl.write(w)?;
        self.dacl.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.owner.write_deferred(w)?;
        self.group.write_deferred(w)?;
        self.sacl.write_deferred(w)?;
        self.dacl.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprSecurityDescriptor {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            revision: Sample::sample(s),
            sbz1: Sample::sample(s),
            control: Sample::sample(s),
            owner: Sample::sample(s),
            group: Sample::sample(s),
            sacl: Sample::sample(s),
            dacl: Sample::sample(s),
        }
    }
}

/// \[MS-LSAD\] 2.2.3.7.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityQualityOfService {
    /// `Length`.
    pub length: u32,
    /// `ImpersonationLevel`.
    pub impersonation_level: SecurityImpersonationLevel,
    /// `ContextTrackingMode`.
    pub context_tracking_mode: u8,
    /// `EffectiveOnly`.
    pub effective_only: u8,
}
impl Ndr for SecurityQualityOfService {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<SecurityImpersonationLevel as Ndr>::alignment(s)).max(<u8 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.length.read(r)?;
        self.impersonation_level.read(r)?;
        self.context_tracking_mode.read(r)?;
        self.effective_only.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.impersonation_level.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.length.write(w)?;
        self.impersonation_level.write(w)?;
        self.context_tracking_mode.write(w)?;
        self.effective_only.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.impersonation_level.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SecurityQualityOfService {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            length: Sample::sample(s),
            impersonation_level: Sample::sample(s),
            context_tracking_mode: Sample::sample(s),
            effective_only: Sample::sample(s),
        }
    }
}

/// `SecurityImpersonationLevel`.
pub type SecurityImpersonationLevel = Enum16;
pub const SECURITY_ANONYMOUS: Enum16 = Enum16(0);
pub const SECURITY_IDENTIFICATION: Enum16 = Enum16(1);
pub const SECURITY_IMPERSONATION: Enum16 = Enum16(2);
pub const SECURITY_DELEGATION: Enum16 = Enum16(3);

/// \[MS-LSAD\] 2.2.2.4; all but the root is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprObjectAttributes {
    /// `Length`.
    pub length: u32,
    /// `RootDirectory`.
    pub root_directory: Option<u8>,
    /// `ObjectName`.
    pub object_name: Option<super::dtyp::String>,
    /// `Attributes`.
    pub attributes: u32,
    /// `SecurityDescriptor`.
    pub security_descriptor: Option<LsaprSecurityDescriptor>,
    /// `SecurityQualityOfService`.
    pub security_quality_of_service: Option<SecurityQualityOfService>,
}
impl Ndr for LsaprObjectAttributes {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<u8> as Ndr>::alignment(s)).max(<Option<super::dtyp::String> as Ndr>::alignment(s)).max(<Option<LsaprSecurityDescriptor> as Ndr>::alignment(s)).max(<Option<SecurityQualityOfService> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.length.read(r)?;
        self.root_directory.read(r)?;
        self.object_name.read(r)?;
        self.attributes.read(r)?;
        self.security_descriptor.read(r)?;
        self.security_quality_of_service.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.root_directory.read_deferred(r)?;
        self.object_name.read_deferred(r)?;
        self.security_descriptor.read_deferred(r)?;
        self.security_quality_of_service.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.length.write(w)?;
        self.root_directory.write(w)?;
        self.object_name.write(w)?;
        self.attributes.write(w)?;
        self.security_descriptor.write(w)?;
        self.security_quality_of_service.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.root_directory.write_deferred(w)?;
        self.object_name.write_deferred(w)?;
        self.security_descriptor.write_deferred(w)?;
        self.security_quality_of_service.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprObjectAttributes {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            length: Sample::sample(s),
            root_directory: Sample::sample(s),
            object_name: Sample::sample(s),
            attributes: Sample::sample(s),
            security_descriptor: Sample::sample(s),
            security_quality_of_service: Sample::sample(s),
        }
    }
}

/// \[MS-LSAD\] 2.2.4.1.
pub type PolicyInformationClass = Enum16;
pub const POLICY_AUDIT_EVENTS_INFORMATION: Enum16 = Enum16(2);
pub const POLICY_PRIMARY_DOMAIN_INFORMATION: Enum16 = Enum16(3);
pub const POLICY_ACCOUNT_DOMAIN_INFORMATION: Enum16 = Enum16(5);
pub const POLICY_LSA_SERVER_ROLE_INFORMATION: Enum16 = Enum16(6);
pub const POLICY_DNS_DOMAIN_INFORMATION: Enum16 = Enum16(12);

/// `PolicyLsaServerRole`.
pub type PolicyLsaServerRole = Enum16;
pub const POLICY_SERVER_ROLE_BACKUP: Enum16 = Enum16(2);
pub const POLICY_SERVER_ROLE_PRIMARY: Enum16 = Enum16(3);

/// `LSAPR_POLICY_AUDIT_EVENTS_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprPolicyAuditEventsInfo {
    /// `AuditingMode`.
    pub auditing_mode: u8,
    /// `EventAuditingOptions`.
    pub event_auditing_options: Option<Vec<u32>>,
    /// `MaximumAuditEventCount`.
    pub maximum_audit_event_count: u32,
}
impl LsaprPolicyAuditEventsInfo {
    fn check(&self) -> Result<(), Error> {
        size_is(self.event_auditing_options.counts(), self.maximum_audit_event_count.number())?;
        in_range(self.maximum_audit_event_count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Ndr for LsaprPolicyAuditEventsInfo {
    fn alignment(s: Syntax) -> usize {
        <u8 as Ndr>::alignment(s).max(<Option<Vec<u32>> as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.auditing_mode.read(r)?;
        self.event_auditing_options.read(r)?;
        self.maximum_audit_event_count.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.event_auditing_options.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.auditing_mode.write(w)?;
        self.event_auditing_options.write(w)?;
        self.maximum_audit_event_count.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.event_auditing_options.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprPolicyAuditEventsInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            auditing_mode: Sample::sample(s),
            event_auditing_options: Sample::sample(s),
            maximum_audit_event_count: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.maximum_audit_event_count.number()) {
            v.maximum_audit_event_count = of_number(0);
        }
        if let Some((n, _)) = v.event_auditing_options.counts() {
            v.maximum_audit_event_count = of_number(n);
        }
        v
    }
}

/// `LSAPR_POLICY_PRIMARY_DOM_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprPolicyPrimaryDomInfo {
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
    /// `Sid`.
    pub sid: Option<super::dtyp::RpcSid>,
}
impl Ndr for LsaprPolicyPrimaryDomInfo {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.name.read(r)?;
        self.sid.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.name.read_deferred(r)?;
        self.sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.name.write(w)?;
        self.sid.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.name.write_deferred(w)?;
        self.sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprPolicyPrimaryDomInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            name: Sample::sample(s),
            sid: Sample::sample(s),
        }
    }
}

/// `LSAPR_POLICY_ACCOUNT_DOM_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprPolicyAccountDomInfo {
    /// `DomainName`.
    pub domain_name: super::dtyp::RpcUnicodeString,
    /// `DomainSid`.
    pub domain_sid: Option<super::dtyp::RpcSid>,
}
impl Ndr for LsaprPolicyAccountDomInfo {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.domain_name.read(r)?;
        self.domain_sid.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.domain_name.read_deferred(r)?;
        self.domain_sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.domain_name.write(w)?;
        self.domain_sid.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.domain_name.write_deferred(w)?;
        self.domain_sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprPolicyAccountDomInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            domain_name: Sample::sample(s),
            domain_sid: Sample::sample(s),
        }
    }
}

/// `POLICY_LSA_SERVER_ROLE_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyLsaServerRoleInfo {
    /// `LsaServerRole`.
    pub lsa_server_role: PolicyLsaServerRole,
}
impl Ndr for PolicyLsaServerRoleInfo {
    fn alignment(s: Syntax) -> usize {
        <PolicyLsaServerRole as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.lsa_server_role.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.lsa_server_role.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.lsa_server_role.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.lsa_server_role.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for PolicyLsaServerRoleInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lsa_server_role: Sample::sample(s),
        }
    }
}

/// `LSAPR_POLICY_DNS_DOMAIN_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprPolicyDnsDomainInfo {
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
    /// `DnsDomainName`.
    pub dns_domain_name: super::dtyp::RpcUnicodeString,
    /// `DnsForestName`.
    pub dns_forest_name: super::dtyp::RpcUnicodeString,
    /// `DomainGuid`.
    pub domain_guid: super::dtyp::Guid,
    /// `Sid`.
    pub sid: Option<super::dtyp::RpcSid>,
}
impl Ndr for LsaprPolicyDnsDomainInfo {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s).max(<super::dtyp::Guid as Ndr>::alignment(s)).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.name.read(r)?;
        self.dns_domain_name.read(r)?;
        self.dns_forest_name.read(r)?;
        self.domain_guid.read(r)?;
        self.sid.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.name.read_deferred(r)?;
        self.dns_domain_name.read_deferred(r)?;
        self.dns_forest_name.read_deferred(r)?;
        self.domain_guid.read_deferred(r)?;
        self.sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.name.write(w)?;
        self.dns_domain_name.write(w)?;
        self.dns_forest_name.write(w)?;
        self.domain_guid.write(w)?;
        self.sid.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.name.write_deferred(w)?;
        self.dns_domain_name.write_deferred(w)?;
        self.dns_forest_name.write_deferred(w)?;
        self.domain_guid.write_deferred(w)?;
        self.sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprPolicyDnsDomainInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            name: Sample::sample(s),
            dns_domain_name: Sample::sample(s),
            dns_forest_name: Sample::sample(s),
            domain_guid: Sample::sample(s),
            sid: Sample::sample(s),
        }
    }
}

/// \[MS-LSAD\] 2.2.4.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LsaprPolicyInformation {
    /// Case 2.
    PolicyAuditEventsInfo(LsaprPolicyAuditEventsInfo),
    /// Case 3.
    PolicyPrimaryDomainInfo(LsaprPolicyPrimaryDomInfo),
    /// Case 5.
    PolicyAccountDomainInfo(LsaprPolicyAccountDomInfo),
    /// Case 6.
    PolicyServerRoleInfo(PolicyLsaServerRoleInfo),
    /// Case 12.
    PolicyDnsDomainInfo(LsaprPolicyDnsDomainInfo),
}
impl Default for LsaprPolicyInformation {
    fn default() -> Self {
        Self::PolicyAuditEventsInfo(Default::default())
    }
}
impl LsaprPolicyInformation {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::PolicyAuditEventsInfo(_) => 2,
            Self::PolicyPrimaryDomainInfo(_) => 3,
            Self::PolicyAccountDomainInfo(_) => 5,
            Self::PolicyServerRoleInfo(_) => 6,
            Self::PolicyDnsDomainInfo(_) => 12,
        }
    }
}
impl LsaprPolicyInformation {
    fn arms(s: Syntax) -> usize {
        <LsaprPolicyAuditEventsInfo as Ndr>::alignment(s).max(<LsaprPolicyPrimaryDomInfo as Ndr>::alignment(s)).max(<LsaprPolicyAccountDomInfo as Ndr>::alignment(s)).max(<PolicyLsaServerRoleInfo as Ndr>::alignment(s)).max(<LsaprPolicyDnsDomainInfo as Ndr>::alignment(s))
    }
}
impl Ndr for LsaprPolicyInformation {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<PolicyInformationClass as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = PolicyInformationClass::default();
        tag.read(r)?;
        *self = match tag.number() {
            2 => Self::PolicyAuditEventsInfo(Default::default()),
            3 => Self::PolicyPrimaryDomainInfo(Default::default()),
            5 => Self::PolicyAccountDomainInfo(Default::default()),
            6 => Self::PolicyServerRoleInfo(Default::default()),
            12 => Self::PolicyDnsDomainInfo(Default::default()),
            _ => return Err(Error::new("union with an unknown tag")),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::PolicyAuditEventsInfo(to) => to.read(r),
            Self::PolicyPrimaryDomainInfo(to) => to.read(r),
            Self::PolicyAccountDomainInfo(to) => to.read(r),
            Self::PolicyServerRoleInfo(to) => to.read(r),
            Self::PolicyDnsDomainInfo(to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::PolicyAuditEventsInfo(to) => to.read_deferred(r),
            Self::PolicyPrimaryDomainInfo(to) => to.read_deferred(r),
            Self::PolicyAccountDomainInfo(to) => to.read_deferred(r),
            Self::PolicyServerRoleInfo(to) => to.read_deferred(r),
            Self::PolicyDnsDomainInfo(to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        Enum16(self.tag() as u16).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::PolicyAuditEventsInfo(to) => to.write(w),
            Self::PolicyPrimaryDomainInfo(to) => to.write(w),
            Self::PolicyAccountDomainInfo(to) => to.write(w),
            Self::PolicyServerRoleInfo(to) => to.write(w),
            Self::PolicyDnsDomainInfo(to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::PolicyAuditEventsInfo(to) => to.write_deferred(w),
            Self::PolicyPrimaryDomainInfo(to) => to.write_deferred(w),
            Self::PolicyAccountDomainInfo(to) => to.write_deferred(w),
            Self::PolicyServerRoleInfo(to) => to.write_deferred(w),
            Self::PolicyDnsDomainInfo(to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for LsaprPolicyInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 5 {
            0 => Self::PolicyAuditEventsInfo(Sample::sample(s)),
            1 => Self::PolicyPrimaryDomainInfo(Sample::sample(s)),
            2 => Self::PolicyAccountDomainInfo(Sample::sample(s)),
            3 => Self::PolicyServerRoleInfo(Sample::sample(s)),
            _ => Self::PolicyDnsDomainInfo(Sample::sample(s)),
        }
    }
}

/// \[MS-LSAT\] 2.2.13.
pub type SidNameUse = Enum16;
pub const SID_TYPE_USER: Enum16 = Enum16(1);
pub const SID_TYPE_GROUP: Enum16 = Enum16(2);
pub const SID_TYPE_DOMAIN: Enum16 = Enum16(3);
pub const SID_TYPE_ALIAS: Enum16 = Enum16(4);
pub const SID_TYPE_WELL_KNOWN_GROUP: Enum16 = Enum16(5);
pub const SID_TYPE_DELETED_ACCOUNT: Enum16 = Enum16(6);
pub const SID_TYPE_INVALID: Enum16 = Enum16(7);
pub const SID_TYPE_UNKNOWN: Enum16 = Enum16(8);
pub const SID_TYPE_COMPUTER: Enum16 = Enum16(9);
pub const SID_TYPE_LABEL: Enum16 = Enum16(10);

/// \[MS-LSAT\] 2.2.16.
pub type LsapLookupLevel = Enum16;
pub const LSAP_LOOKUP_WKSTA: Enum16 = Enum16(1);

/// `LSAPR_TRUST_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTrustInformation {
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
    /// `Sid`.
    pub sid: Option<super::dtyp::RpcSid>,
}
impl Ndr for LsaprTrustInformation {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::RpcUnicodeString as Ndr>::alignment(s).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.name.read(r)?;
        self.sid.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.name.read_deferred(r)?;
        self.sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.name.write(w)?;
        self.sid.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.name.write_deferred(w)?;
        self.sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTrustInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            name: Sample::sample(s),
            sid: Sample::sample(s),
        }
    }
}

/// \[MS-LSAT\] 2.2.12.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprReferencedDomainList {
    /// `Entries`.
    pub entries: u32,
    /// `Domains`.
    pub domains: Option<Vec<LsaprTrustInformation>>,
    /// `MaxEntries`.
    pub max_entries: u32,
}
impl LsaprReferencedDomainList {
    fn check(&self) -> Result<(), Error> {
        size_is(self.domains.counts(), self.entries.number())?;
        Ok(())
    }
}
impl Ndr for LsaprReferencedDomainList {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprTrustInformation>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
        self.domains.read(r)?;
        self.max_entries.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.domains.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries.write(w)?;
        self.domains.write(w)?;
        self.max_entries.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.domains.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprReferencedDomainList {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            domains: Sample::sample(s),
            max_entries: Sample::sample(s),
        };
        if let Some((n, _)) = v.domains.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSAPR_SID_INFORMATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprSidInformation {
    /// `Sid`.
    pub sid: Option<super::dtyp::RpcSid>,
}
impl Ndr for LsaprSidInformation {
    fn alignment(s: Syntax) -> usize {
        <Option<super::dtyp::RpcSid> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sid.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sid.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprSidInformation {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sid: Sample::sample(s),
        }
    }
}

/// \[MS-LSAT\] 2.2.18.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprSidEnumBuffer {
    /// `Entries`.
    pub entries: u32,
    /// `SidInfo`.
    pub sid_info: Option<Vec<LsaprSidInformation>>,
}
impl LsaprSidEnumBuffer {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sid_info.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 20480)?;
        Ok(())
    }
}
impl Ndr for LsaprSidEnumBuffer {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprSidInformation>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
        self.sid_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sid_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries.write(w)?;
        self.sid_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sid_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprSidEnumBuffer {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            sid_info: Sample::sample(s),
        };
        if !(0..=20480).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.sid_info.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSA_TRANSLATED_SID`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaTranslatedSid {
    /// `Use`.
    pub use_: SidNameUse,
    /// `RelativeId`.
    pub relative_id: u32,
    /// `DomainIndex`.
    pub domain_index: u32,
}
impl Ndr for LsaTranslatedSid {
    fn alignment(s: Syntax) -> usize {
        <SidNameUse as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.use_.read(r)?;
        self.relative_id.read(r)?;
        self.domain_index.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.use_.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.use_.write(w)?;
        self.relative_id.write(w)?;
        self.domain_index.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.use_.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaTranslatedSid {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            use_: Sample::sample(s),
            relative_id: Sample::sample(s),
            domain_index: Sample::sample(s),
        }
    }
}

/// `LSAPR_TRANSLATED_SIDS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedSids {
    /// `Entries`.
    pub entries: u32,
    /// `Sids`.
    pub sids: Option<Vec<LsaTranslatedSid>>,
}
impl LsaprTranslatedSids {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sids.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 1000)?;
        Ok(())
    }
}
impl Ndr for LsaprTranslatedSids {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaTranslatedSid>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
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
        self.entries.write(w)?;
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
impl Sample for LsaprTranslatedSids {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            sids: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.sids.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSAPR_TRANSLATED_SID_EX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedSidEx {
    /// `Use`.
    pub use_: SidNameUse,
    /// `RelativeId`.
    pub relative_id: u32,
    /// `DomainIndex`.
    pub domain_index: u32,
    /// `Flags`.
    pub flags: u32,
}
impl Ndr for LsaprTranslatedSidEx {
    fn alignment(s: Syntax) -> usize {
        <SidNameUse as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.use_.read(r)?;
        self.relative_id.read(r)?;
        self.domain_index.read(r)?;
        self.flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.use_.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.use_.write(w)?;
        self.relative_id.write(w)?;
        self.domain_index.write(w)?;
        self.flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.use_.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedSidEx {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            use_: Sample::sample(s),
            relative_id: Sample::sample(s),
            domain_index: Sample::sample(s),
            flags: Sample::sample(s),
        }
    }
}

/// `LSAPR_TRANSLATED_SIDS_EX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedSidsEx {
    /// `Entries`.
    pub entries: u32,
    /// `Sids`.
    pub sids: Option<Vec<LsaprTranslatedSidEx>>,
}
impl LsaprTranslatedSidsEx {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sids.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 1000)?;
        Ok(())
    }
}
impl Ndr for LsaprTranslatedSidsEx {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprTranslatedSidEx>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
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
        self.entries.write(w)?;
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
impl Sample for LsaprTranslatedSidsEx {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            sids: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.sids.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSAPR_TRANSLATED_SID_EX2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedSidEx2 {
    /// `Use`.
    pub use_: SidNameUse,
    /// `Sid`.
    pub sid: Option<super::dtyp::RpcSid>,
    /// `DomainIndex`.
    pub domain_index: u32,
    /// `Flags`.
    pub flags: u32,
}
impl Ndr for LsaprTranslatedSidEx2 {
    fn alignment(s: Syntax) -> usize {
        <SidNameUse as Ndr>::alignment(s).max(<Option<super::dtyp::RpcSid> as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.use_.read(r)?;
        self.sid.read(r)?;
        self.domain_index.read(r)?;
        self.flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.use_.read_deferred(r)?;
        self.sid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.use_.write(w)?;
        self.sid.write(w)?;
        self.domain_index.write(w)?;
        self.flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.use_.write_deferred(w)?;
        self.sid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedSidEx2 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            use_: Sample::sample(s),
            sid: Sample::sample(s),
            domain_index: Sample::sample(s),
            flags: Sample::sample(s),
        }
    }
}

/// `LSAPR_TRANSLATED_SIDS_EX2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedSidsEx2 {
    /// `Entries`.
    pub entries: u32,
    /// `Sids`.
    pub sids: Option<Vec<LsaprTranslatedSidEx2>>,
}
impl LsaprTranslatedSidsEx2 {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sids.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 1000)?;
        Ok(())
    }
}
impl Ndr for LsaprTranslatedSidsEx2 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprTranslatedSidEx2>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
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
        self.entries.write(w)?;
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
impl Sample for LsaprTranslatedSidsEx2 {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            sids: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.sids.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSAPR_TRANSLATED_NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedName {
    /// `Use`.
    pub use_: SidNameUse,
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
    /// `DomainIndex`.
    pub domain_index: u32,
}
impl Ndr for LsaprTranslatedName {
    fn alignment(s: Syntax) -> usize {
        <SidNameUse as Ndr>::alignment(s).max(<super::dtyp::RpcUnicodeString as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.use_.read(r)?;
        self.name.read(r)?;
        self.domain_index.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.use_.read_deferred(r)?;
        self.name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.use_.write(w)?;
        self.name.write(w)?;
        self.domain_index.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.use_.write_deferred(w)?;
        self.name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedName {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            use_: Sample::sample(s),
            name: Sample::sample(s),
            domain_index: Sample::sample(s),
        }
    }
}

/// `LSAPR_TRANSLATED_NAMES`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedNames {
    /// `Entries`.
    pub entries: u32,
    /// `Names`.
    pub names: Option<Vec<LsaprTranslatedName>>,
}
impl LsaprTranslatedNames {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 20480)?;
        Ok(())
    }
}
impl Ndr for LsaprTranslatedNames {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprTranslatedName>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
        self.names.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.names.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries.write(w)?;
        self.names.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.names.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedNames {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            names: Sample::sample(s),
        };
        if !(0..=20480).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.names.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// `LSAPR_TRANSLATED_NAME_EX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedNameEx {
    /// `Use`.
    pub use_: SidNameUse,
    /// `Name`.
    pub name: super::dtyp::RpcUnicodeString,
    /// `DomainIndex`.
    pub domain_index: u32,
    /// `Flags`.
    pub flags: u32,
}
impl Ndr for LsaprTranslatedNameEx {
    fn alignment(s: Syntax) -> usize {
        <SidNameUse as Ndr>::alignment(s).max(<super::dtyp::RpcUnicodeString as Ndr>::alignment(s)).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.use_.read(r)?;
        self.name.read(r)?;
        self.domain_index.read(r)?;
        self.flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.use_.read_deferred(r)?;
        self.name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.use_.write(w)?;
        self.name.write(w)?;
        self.domain_index.write(w)?;
        self.flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.use_.write_deferred(w)?;
        self.name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedNameEx {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            use_: Sample::sample(s),
            name: Sample::sample(s),
            domain_index: Sample::sample(s),
            flags: Sample::sample(s),
        }
    }
}

/// `LSAPR_TRANSLATED_NAMES_EX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsaprTranslatedNamesEx {
    /// `Entries`.
    pub entries: u32,
    /// `Names`.
    pub names: Option<Vec<LsaprTranslatedNameEx>>,
}
impl LsaprTranslatedNamesEx {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), self.entries.number())?;
        in_range(self.entries.number(), 0, 20480)?;
        Ok(())
    }
}
impl Ndr for LsaprTranslatedNamesEx {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<LsaprTranslatedNameEx>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries.read(r)?;
        self.names.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.names.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries.write(w)?;
        self.names.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.names.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsaprTranslatedNamesEx {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries: Sample::sample(s),
            names: Sample::sample(s),
        };
        if !(0..=20480).contains(&v.entries.number()) {
            v.entries = of_number(0);
        }
        if let Some((n, _)) = v.names.counts() {
            v.entries = of_number(n);
        }
        v
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 0;

/// The calls of lsarpc that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-LSAD\] 3.1.4.9.4.
    LsarClose = 0,
    /// \[MS-LSAD\] 3.1.4.4.2.
    LsarOpenPolicy = 6,
    /// \[MS-LSAD\] 3.1.4.4.4.
    LsarQueryInformationPolicy = 7,
    /// \[MS-LSAT\] 3.1.4.8.
    LsarLookupNames = 14,
    /// \[MS-LSAT\] 3.1.4.11.
    LsarLookupSids = 15,
    /// \[MS-LSAD\] 3.1.4.4.1.
    LsarOpenPolicy2 = 44,
    /// \[MS-LSAT\] 3.1.4.4.
    LsarGetUserName = 45,
    /// \[MS-LSAD\] 3.1.4.4.3.
    LsarQueryInformationPolicy2 = 46,
    /// \[MS-LSAT\] 3.1.4.10.
    LsarLookupSids2 = 57,
    /// \[MS-LSAT\] 3.1.4.7.
    LsarLookupNames2 = 58,
    /// \[MS-LSAT\] 3.1.4.6.
    LsarLookupNames3 = 68,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::LsarClose,
            6 => Self::LsarOpenPolicy,
            7 => Self::LsarQueryInformationPolicy,
            14 => Self::LsarLookupNames,
            15 => Self::LsarLookupSids,
            44 => Self::LsarOpenPolicy2,
            45 => Self::LsarGetUserName,
            46 => Self::LsarQueryInformationPolicy2,
            57 => Self::LsarLookupSids2,
            58 => Self::LsarLookupNames2,
            68 => Self::LsarLookupNames3,
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
        Call::LsarClose => LsarCloseRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarOpenPolicy => LsarOpenPolicyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarQueryInformationPolicy => LsarQueryInformationPolicyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarLookupNames => LsarLookupNamesRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarLookupSids => LsarLookupSidsRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarOpenPolicy2 => LsarOpenPolicy2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarGetUserName => LsarGetUserNameRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarQueryInformationPolicy2 => LsarQueryInformationPolicy2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarLookupSids2 => LsarLookupSids2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarLookupNames2 => LsarLookupNames2Request::decode(stub, from).and_then(|m| m.encode(to)),
        Call::LsarLookupNames3 => LsarLookupNames3Request::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What LsarClose asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarCloseRequest {
    /// `ObjectHandle`.
    pub object_handle: Handle,
}
impl Message for LsarCloseRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.object_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.object_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarCloseRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            object_handle: Sample::sample(s),
        }
    }
}

/// What LsarClose answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarCloseResponse {
    /// `ObjectHandle`.
    pub object_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarCloseResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.object_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.object_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarCloseResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            object_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarOpenPolicy asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarOpenPolicyRequest {
    /// `SystemName`.
    pub system_name: Option<u16>,
    /// `ObjectAttributes`.
    pub object_attributes: LsaprObjectAttributes,
    /// `DesiredAccess`.
    pub desired_access: u32,
}
impl Message for LsarOpenPolicyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.system_name.read_whole(r)?;
        v.object_attributes.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.system_name.write_whole(w)?;
        self.object_attributes.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarOpenPolicyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            system_name: Sample::sample(s),
            object_attributes: Sample::sample(s),
            desired_access: Sample::sample(s),
        }
    }
}

/// What LsarOpenPolicy answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarOpenPolicyResponse {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarOpenPolicyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarOpenPolicyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarQueryInformationPolicy asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarQueryInformationPolicyRequest {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `InformationClass`.
    pub information_class: PolicyInformationClass,
}
impl Message for LsarQueryInformationPolicyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarQueryInformationPolicyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            information_class: Sample::sample(s),
        }
    }
}

/// What LsarQueryInformationPolicy answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarQueryInformationPolicyResponse {
    /// `PolicyInformation`.
    pub policy_information: Option<LsaprPolicyInformation>,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarQueryInformationPolicyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_information.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_information.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarQueryInformationPolicyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_information: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarLookupNames asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNamesRequest {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `Count`.
    pub count: u32,
    /// `Names`.
    pub names: Vec<super::dtyp::RpcUnicodeString>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSids,
    /// `LookupLevel`.
    pub lookup_level: LsapLookupLevel,
    /// `MappedCount`.
    pub mapped_count: u32,
}
impl LsarLookupNamesRequest {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Message for LsarLookupNamesRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.count.read_whole(r)?;
        v.names.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.lookup_level.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.policy_handle.write_whole(w)?;
        self.count.write_whole(w)?;
        self.names.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.lookup_level.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNamesRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            policy_handle: Sample::sample(s),
            count: Sample::sample(s),
            names: Sample::sample(s),
            translated_sids: Sample::sample(s),
            lookup_level: Sample::sample(s),
            mapped_count: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        if let Some((n, _)) = v.names.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// What LsarLookupNames answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNamesResponse {
    /// `ReferencedDomains`.
    pub referenced_domains: Option<LsaprReferencedDomainList>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSids,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarLookupNamesResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.referenced_domains.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.referenced_domains.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNamesResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            referenced_domains: Sample::sample(s),
            translated_sids: Sample::sample(s),
            mapped_count: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarLookupSids asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupSidsRequest {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `SidEnumBuffer`.
    pub sid_enum_buffer: LsaprSidEnumBuffer,
    /// `TranslatedNames`.
    pub translated_names: LsaprTranslatedNames,
    /// `LookupLevel`.
    pub lookup_level: LsapLookupLevel,
    /// `MappedCount`.
    pub mapped_count: u32,
}
impl Message for LsarLookupSidsRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.sid_enum_buffer.read_whole(r)?;
        v.translated_names.read_whole(r)?;
        v.lookup_level.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.sid_enum_buffer.write_whole(w)?;
        self.translated_names.write_whole(w)?;
        self.lookup_level.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupSidsRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            sid_enum_buffer: Sample::sample(s),
            translated_names: Sample::sample(s),
            lookup_level: Sample::sample(s),
            mapped_count: Sample::sample(s),
        }
    }
}

/// What LsarLookupSids answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupSidsResponse {
    /// `ReferencedDomains`.
    pub referenced_domains: Option<LsaprReferencedDomainList>,
    /// `TranslatedNames`.
    pub translated_names: LsaprTranslatedNames,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarLookupSidsResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.referenced_domains.read_whole(r)?;
        v.translated_names.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.referenced_domains.write_whole(w)?;
        self.translated_names.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupSidsResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            referenced_domains: Sample::sample(s),
            translated_names: Sample::sample(s),
            mapped_count: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarOpenPolicy2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarOpenPolicy2Request {
    /// `SystemName`.
    pub system_name: Option<String>,
    /// `ObjectAttributes`.
    pub object_attributes: LsaprObjectAttributes,
    /// `DesiredAccess`.
    pub desired_access: u32,
}
impl Message for LsarOpenPolicy2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.system_name.read_whole(r)?;
        v.object_attributes.read_whole(r)?;
        v.desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.system_name.write_whole(w)?;
        self.object_attributes.write_whole(w)?;
        self.desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarOpenPolicy2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            system_name: Sample::sample(s),
            object_attributes: Sample::sample(s),
            desired_access: Sample::sample(s),
        }
    }
}

/// What LsarOpenPolicy2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarOpenPolicy2Response {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarOpenPolicy2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarOpenPolicy2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarGetUserName asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarGetUserNameRequest {
    /// `SystemName`.
    pub system_name: Option<String>,
    /// `UserName`.
    pub user_name: Option<super::dtyp::RpcUnicodeString>,
    /// `DomainName`.
    pub domain_name: Option<Option<super::dtyp::RpcUnicodeString>>,
}
impl Message for LsarGetUserNameRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.system_name.read_whole(r)?;
        v.user_name.read_whole(r)?;
        v.domain_name.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.system_name.write_whole(w)?;
        self.user_name.write_whole(w)?;
        self.domain_name.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarGetUserNameRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            system_name: Sample::sample(s),
            user_name: Sample::sample(s),
            domain_name: Sample::sample(s),
        }
    }
}

/// What LsarGetUserName answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarGetUserNameResponse {
    /// `UserName`.
    pub user_name: Option<super::dtyp::RpcUnicodeString>,
    /// `DomainName`.
    pub domain_name: Option<Option<super::dtyp::RpcUnicodeString>>,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarGetUserNameResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.user_name.read_whole(r)?;
        v.domain_name.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.user_name.write_whole(w)?;
        self.domain_name.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarGetUserNameResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            user_name: Sample::sample(s),
            domain_name: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarQueryInformationPolicy2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarQueryInformationPolicy2Request {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `InformationClass`.
    pub information_class: PolicyInformationClass,
}
impl Message for LsarQueryInformationPolicy2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.information_class.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.information_class.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarQueryInformationPolicy2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            information_class: Sample::sample(s),
        }
    }
}

/// What LsarQueryInformationPolicy2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarQueryInformationPolicy2Response {
    /// `PolicyInformation`.
    pub policy_information: Option<LsaprPolicyInformation>,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarQueryInformationPolicy2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_information.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_information.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarQueryInformationPolicy2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_information: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarLookupSids2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupSids2Request {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `SidEnumBuffer`.
    pub sid_enum_buffer: LsaprSidEnumBuffer,
    /// `TranslatedNames`.
    pub translated_names: LsaprTranslatedNamesEx,
    /// `LookupLevel`.
    pub lookup_level: LsapLookupLevel,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// `LookupOptions`.
    pub lookup_options: u32,
    /// `ClientRevision`.
    pub client_revision: u32,
}
impl Message for LsarLookupSids2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.sid_enum_buffer.read_whole(r)?;
        v.translated_names.read_whole(r)?;
        v.lookup_level.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.lookup_options.read_whole(r)?;
        v.client_revision.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.policy_handle.write_whole(w)?;
        self.sid_enum_buffer.write_whole(w)?;
        self.translated_names.write_whole(w)?;
        self.lookup_level.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.lookup_options.write_whole(w)?;
        self.client_revision.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupSids2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            policy_handle: Sample::sample(s),
            sid_enum_buffer: Sample::sample(s),
            translated_names: Sample::sample(s),
            lookup_level: Sample::sample(s),
            mapped_count: Sample::sample(s),
            lookup_options: Sample::sample(s),
            client_revision: Sample::sample(s),
        }
    }
}

/// What LsarLookupSids2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupSids2Response {
    /// `ReferencedDomains`.
    pub referenced_domains: Option<LsaprReferencedDomainList>,
    /// `TranslatedNames`.
    pub translated_names: LsaprTranslatedNamesEx,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarLookupSids2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.referenced_domains.read_whole(r)?;
        v.translated_names.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.referenced_domains.write_whole(w)?;
        self.translated_names.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupSids2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            referenced_domains: Sample::sample(s),
            translated_names: Sample::sample(s),
            mapped_count: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarLookupNames2 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNames2Request {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `Count`.
    pub count: u32,
    /// `Names`.
    pub names: Vec<super::dtyp::RpcUnicodeString>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSidsEx,
    /// `LookupLevel`.
    pub lookup_level: LsapLookupLevel,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// `LookupOptions`.
    pub lookup_options: u32,
    /// `ClientRevision`.
    pub client_revision: u32,
}
impl LsarLookupNames2Request {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Message for LsarLookupNames2Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.count.read_whole(r)?;
        v.names.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.lookup_level.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.lookup_options.read_whole(r)?;
        v.client_revision.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.policy_handle.write_whole(w)?;
        self.count.write_whole(w)?;
        self.names.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.lookup_level.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.lookup_options.write_whole(w)?;
        self.client_revision.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNames2Request {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            policy_handle: Sample::sample(s),
            count: Sample::sample(s),
            names: Sample::sample(s),
            translated_sids: Sample::sample(s),
            lookup_level: Sample::sample(s),
            mapped_count: Sample::sample(s),
            lookup_options: Sample::sample(s),
            client_revision: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        if let Some((n, _)) = v.names.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// What LsarLookupNames2 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNames2Response {
    /// `ReferencedDomains`.
    pub referenced_domains: Option<LsaprReferencedDomainList>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSidsEx,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarLookupNames2Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.referenced_domains.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.referenced_domains.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNames2Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            referenced_domains: Sample::sample(s),
            translated_sids: Sample::sample(s),
            mapped_count: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What LsarLookupNames3 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNames3Request {
    /// `PolicyHandle`.
    pub policy_handle: Handle,
    /// `Count`.
    pub count: u32,
    /// `Names`.
    pub names: Vec<super::dtyp::RpcUnicodeString>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSidsEx2,
    /// `LookupLevel`.
    pub lookup_level: LsapLookupLevel,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// `LookupOptions`.
    pub lookup_options: u32,
    /// `ClientRevision`.
    pub client_revision: u32,
}
impl LsarLookupNames3Request {
    fn check(&self) -> Result<(), Error> {
        size_is(self.names.counts(), self.count.number())?;
        in_range(self.count.number(), 0, 1000)?;
        Ok(())
    }
}
impl Message for LsarLookupNames3Request {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.policy_handle.read_whole(r)?;
        v.count.read_whole(r)?;
        v.names.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.lookup_level.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.lookup_options.read_whole(r)?;
        v.client_revision.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.policy_handle.write_whole(w)?;
        self.count.write_whole(w)?;
        self.names.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.lookup_level.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.lookup_options.write_whole(w)?;
        self.client_revision.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNames3Request {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            policy_handle: Sample::sample(s),
            count: Sample::sample(s),
            names: Sample::sample(s),
            translated_sids: Sample::sample(s),
            lookup_level: Sample::sample(s),
            mapped_count: Sample::sample(s),
            lookup_options: Sample::sample(s),
            client_revision: Sample::sample(s),
        };
        if !(0..=1000).contains(&v.count.number()) {
            v.count = of_number(0);
        }
        if let Some((n, _)) = v.names.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// What LsarLookupNames3 answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LsarLookupNames3Response {
    /// `ReferencedDomains`.
    pub referenced_domains: Option<LsaprReferencedDomainList>,
    /// `TranslatedSids`.
    pub translated_sids: LsaprTranslatedSidsEx2,
    /// `MappedCount`.
    pub mapped_count: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for LsarLookupNames3Response {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.referenced_domains.read_whole(r)?;
        v.translated_sids.read_whole(r)?;
        v.mapped_count.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.referenced_domains.write_whole(w)?;
        self.translated_sids.write_whole(w)?;
        self.mapped_count.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for LsarLookupNames3Response {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            referenced_domains: Sample::sample(s),
            translated_sids: Sample::sample(s),
            mapped_count: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<LsarCloseRequest>();
    t.message::<LsarCloseResponse>();
    t.message::<LsarOpenPolicyRequest>();
    t.message::<LsarOpenPolicyResponse>();
    t.message::<LsarQueryInformationPolicyRequest>();
    t.message::<LsarQueryInformationPolicyResponse>();
    t.message::<LsarLookupNamesRequest>();
    t.message::<LsarLookupNamesResponse>();
    t.message::<LsarLookupSidsRequest>();
    t.message::<LsarLookupSidsResponse>();
    t.message::<LsarOpenPolicy2Request>();
    t.message::<LsarOpenPolicy2Response>();
    t.message::<LsarGetUserNameRequest>();
    t.message::<LsarGetUserNameResponse>();
    t.message::<LsarQueryInformationPolicy2Request>();
    t.message::<LsarQueryInformationPolicy2Response>();
    t.message::<LsarLookupSids2Request>();
    t.message::<LsarLookupSids2Response>();
    t.message::<LsarLookupNames2Request>();
    t.message::<LsarLookupNames2Response>();
    t.message::<LsarLookupNames3Request>();
    t.message::<LsarLookupNames3Response>();
}
