// SPDX-License-Identifier: GPL-2.0-or-later
//! The local security authority (\[MS-LSAD\], \[MS-LSAT\]), to read: whose SID
//! something is, and which SID somebody has. Clients show access lists by it.

use dcerpc_ndr::idl::dtyp::{RpcSid, RpcUnicodeString};
use dcerpc_ndr::idl::lsarpc::{self as idl, Call};
use dcerpc_ndr::types::{Enum16, Handle};
use proto_shared::dtyp::Sid;
use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use super::handles::{Handles, Opened};
use super::names::{self, Domain, Named, Use};
use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_stranger, Caller, Fault};
use crate::state::State;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: idl::UUID,
    version: idl::VERSION,
};

/// Index of no domain.
const NO_DOMAIN: u32 = u32::MAX;

pub(super) fn call(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    opnum: u16,
    stub: Stub<'_>,
) -> Result<Vec<u8>, Fault> {
    let Some(call) = Call::of(opnum) else {
        return Err(Fault(fault::OP_RNG_ERROR));
    };
    match call {
        Call::LsarClose => stub.serve(|r: idl::LsarCloseRequest| {
            handles.close(&r.object_handle.0)?;
            Ok(idl::LsarCloseResponse::default())
        }),
        // The attributes say nothing here.
        Call::LsarOpenPolicy => stub.serve(|_: idl::LsarOpenPolicyRequest| {
            let (policy_handle, status) = open(caller, handles);
            Ok(idl::LsarOpenPolicyResponse {
                policy_handle,
                status,
            })
        }),
        Call::LsarOpenPolicy2 => stub.serve(|_: idl::LsarOpenPolicy2Request| {
            let (policy_handle, status) = open(caller, handles);
            Ok(idl::LsarOpenPolicy2Response {
                policy_handle,
                status,
            })
        }),
        // The two have the same form.
        Call::LsarQueryInformationPolicy | Call::LsarQueryInformationPolicy2 => {
            stub.serve(|r| query_policy(state, handles, &r))
        }
        Call::LsarLookupNames => stub.serve(|r| lookup_names(state, handles, &r)),
        Call::LsarLookupNames2 => stub.serve(|r| lookup_names_2(state, handles, &r)),
        Call::LsarLookupNames3 => stub.serve(|r| lookup_names_3(state, handles, &r)),
        Call::LsarLookupSids => stub.serve(|r| lookup_sids(state, handles, &r)),
        Call::LsarLookupSids2 => stub.serve(|r| lookup_sids_2(state, handles, &r)),
        Call::LsarGetUserName => stub.serve(|r| user_name(state, caller, &r)),
    }
}

fn policy(handles: &Handles, handle: Handle) -> Result<(), Fault> {
    match handles.get(&handle.0)? {
        Opened::Policy => Ok(()),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// A new handle, or a null one, and the status.
pub(super) fn new_handle(handles: &mut Handles, what: Result<Opened, NtStatus>) -> (Handle, u32) {
    let opened = what.and_then(|w| handles.open(w).ok_or(NtStatus::INSUFFICIENT_RESOURCES));
    match opened {
        Ok(handle) => (Handle(handle), NtStatus::SUCCESS.0),
        Err(status) => (Handle::default(), status.0),
    }
}

/// LsarOpenPolicy2 (\[MS-LSAD\] 3.1.4.4.1): for whoever logged in.
fn open(caller: &Caller, handles: &mut Handles) -> (Handle, u32) {
    let what = if is_stranger(caller) {
        Err(NtStatus::ACCESS_DENIED)
    } else {
        Ok(Opened::Policy)
    };
    new_handle(handles, what)
}

/// LsarQueryInformationPolicy2 (\[MS-LSAD\] 3.1.4.4.3): auditing, primary domain,
/// account domain, role, DNS domain.
fn query_policy(
    state: &State,
    handles: &Handles,
    r: &idl::LsarQueryInformationPolicyRequest,
) -> Result<idl::LsarQueryInformationPolicyResponse, Fault> {
    use idl::LsaprPolicyInformation as Info;
    policy(handles, r.policy_handle)?;
    let workgroup = RpcUnicodeString::new(&state.config().global.workgroup)?;
    let told = match r.information_class {
        // Nothing is audited, of nothing.
        idl::POLICY_AUDIT_EVENTS_INFORMATION => Info::PolicyAuditEventsInfo(Default::default()),
        // Without a domain there is no SID of it.
        idl::POLICY_PRIMARY_DOMAIN_INFORMATION => {
            Info::PolicyPrimaryDomainInfo(idl::LsaprPolicyPrimaryDomInfo {
                name: workgroup,
                sid: None,
            })
        }
        idl::POLICY_ACCOUNT_DOMAIN_INFORMATION => {
            let domain = names::accounts(state);
            Info::PolicyAccountDomainInfo(idl::LsaprPolicyAccountDomInfo {
                domain_name: RpcUnicodeString::new(&domain.name)?,
                domain_sid: Some(names::to_wire(&domain.sid)),
            })
        }
        // Its accounts are its own.
        idl::POLICY_LSA_SERVER_ROLE_INFORMATION => {
            Info::PolicyServerRoleInfo(idl::PolicyLsaServerRoleInfo {
                lsa_server_role: idl::POLICY_SERVER_ROLE_PRIMARY,
            })
        }
        idl::POLICY_DNS_DOMAIN_INFORMATION => {
            Info::PolicyDnsDomainInfo(idl::LsaprPolicyDnsDomainInfo {
                name: workgroup,
                ..Default::default()
            })
        }
        _ => {
            return Ok(idl::LsarQueryInformationPolicyResponse {
                policy_information: None,
                status: NtStatus::INVALID_INFO_CLASS.0,
            })
        }
    };
    Ok(idl::LsarQueryInformationPolicyResponse {
        policy_information: Some(told),
        status: NtStatus::SUCCESS.0,
    })
}

/// The domains that an answer refers to.
#[derive(Default)]
struct Domains(Vec<Domain>);

impl Domains {
    fn index(&mut self, domain: Domain) -> u32 {
        let at = self.0.iter().position(|d| *d == domain);
        let at = at.unwrap_or_else(|| {
            self.0.push(domain);
            self.0.len() - 1
        });
        u32::try_from(at).unwrap_or(NO_DOMAIN)
    }

    /// LSAPR_REFERENCED_DOMAIN_LIST (\[MS-LSAT\] 2.2.12).
    fn told(&self) -> Result<Option<idl::LsaprReferencedDomainList>, Fault> {
        let domains = (self.0.iter())
            .map(|d| {
                Ok(idl::LsaprTrustInformation {
                    name: RpcUnicodeString::new(&d.name)?,
                    sid: Some(names::to_wire(&d.sid)),
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let entries = u32::try_from(domains.len()).unwrap_or(0);
        Ok(Some(idl::LsaprReferencedDomainList {
            entries,
            domains: (entries != 0).then_some(domains),
            max_entries: entries,
        }))
    }
}

/// A number of entries and, if there are any, these.
fn counted<T>(all: Vec<T>) -> (u32, Option<Vec<T>>) {
    let entries = u32::try_from(all.len()).unwrap_or(0);
    (entries, (entries != 0).then_some(all))
}

fn kind(kind: Use) -> Enum16 {
    Enum16(kind.wire())
}

/// How much of what was asked for was found.
fn lookup_status(asked: usize, found: usize) -> NtStatus {
    if found == asked {
        NtStatus::SUCCESS
    } else if found == 0 {
        NtStatus::NONE_MAPPED
    } else {
        NtStatus::SOME_NOT_MAPPED
    }
}

/// What a lookup found; of each that was asked for what `T` says.
struct Found<T> {
    domains: Domains,
    each: Vec<T>,
    mapped: u32,
    status: u32,
}

/// Kinds, names and indices of domains.
fn names_of(
    state: &State,
    buffer: &idl::LsaprSidEnumBuffer,
) -> Result<Found<(Use, String, u32)>, Fault> {
    let asked = buffer.sid_info.as_deref().unwrap_or_default();
    if asked.len() != usize::try_from(buffer.entries).unwrap_or(usize::MAX) {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    let mut domains = Domains::default();
    let (mut each, mut mapped) = (Vec::new(), 0);
    for entry in asked {
        let sid: &RpcSid = entry.sid.as_ref().ok_or(Fault(fault::BAD_STUB_DATA))?;
        let sid: Sid = names::of_wire(sid)?;
        each.push(match names::of_sid(state, &sid) {
            Ok(n) => {
                mapped += 1;
                (n.kind, n.name, domains.index(n.domain))
            }
            Err(Some(domain)) => {
                let rid = sid.rid().unwrap_or(0);
                (Use::Unknown, format!("{rid:08X}"), domains.index(domain))
            }
            Err(None) => (Use::Unknown, sid.to_string(), NO_DOMAIN),
        });
    }
    Ok(Found {
        domains,
        status: lookup_status(each.len(), mapped).0,
        mapped: u32::try_from(mapped).unwrap_or(0),
        each,
    })
}

/// LsarLookupSids (\[MS-LSAT\] 3.1.4.11). The level says how far to ask other
/// servers.
fn lookup_sids(
    state: &State,
    handles: &Handles,
    r: &idl::LsarLookupSidsRequest,
) -> Result<idl::LsarLookupSidsResponse, Fault> {
    policy(handles, r.policy_handle)?;
    let found = names_of(state, &r.sid_enum_buffer)?;
    let names = (found.each.iter())
        .map(|(use_, name, domain)| {
            Ok(idl::LsaprTranslatedName {
                use_: kind(*use_),
                name: RpcUnicodeString::new(name)?,
                domain_index: *domain,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let (entries, names) = counted(names);
    Ok(idl::LsarLookupSidsResponse {
        referenced_domains: found.domains.told()?,
        translated_names: idl::LsaprTranslatedNames { entries, names },
        mapped_count: found.mapped,
        status: found.status,
    })
}

/// LsarLookupSids2 (\[MS-LSAT\] 3.1.4.10).
fn lookup_sids_2(
    state: &State,
    handles: &Handles,
    r: &idl::LsarLookupSids2Request,
) -> Result<idl::LsarLookupSids2Response, Fault> {
    policy(handles, r.policy_handle)?;
    let found = names_of(state, &r.sid_enum_buffer)?;
    let names = (found.each.iter())
        .map(|(use_, name, domain)| {
            Ok(idl::LsaprTranslatedNameEx {
                use_: kind(*use_),
                name: RpcUnicodeString::new(name)?,
                domain_index: *domain,
                flags: 0,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let (entries, names) = counted(names);
    Ok(idl::LsarLookupSids2Response {
        referenced_domains: found.domains.told()?,
        translated_names: idl::LsaprTranslatedNamesEx { entries, names },
        mapped_count: found.mapped,
        status: found.status,
    })
}

/// Whom names mean, and indices of their domains.
fn sids_of(
    state: &State,
    asked: &[RpcUnicodeString],
) -> Result<Found<(Option<Named>, u32)>, Fault> {
    let mut domains = Domains::default();
    let (mut each, mut mapped) = (Vec::new(), 0);
    for name in asked {
        each.push(match names::of_name(state, &name.text()?) {
            Some(n) => {
                mapped += 1;
                let at = domains.index(n.domain.clone());
                (Some(n), at)
            }
            None => (None, NO_DOMAIN),
        });
    }
    Ok(Found {
        domains,
        status: lookup_status(each.len(), mapped).0,
        mapped: u32::try_from(mapped).unwrap_or(0),
        each,
    })
}

fn kind_of(named: &Option<Named>) -> Enum16 {
    kind(named.as_ref().map_or(Use::Unknown, |n| n.kind))
}

fn rid_of(named: &Option<Named>) -> u32 {
    match named {
        // A domain has no RID of its own.
        Some(n) if n.kind == Use::Domain => u32::MAX,
        Some(n) => n.sid.rid().unwrap_or(0),
        None => 0,
    }
}

/// LsarLookupNames (\[MS-LSAT\] 3.1.4.8): RIDs.
fn lookup_names(
    state: &State,
    handles: &Handles,
    r: &idl::LsarLookupNamesRequest,
) -> Result<idl::LsarLookupNamesResponse, Fault> {
    policy(handles, r.policy_handle)?;
    let found = sids_of(state, &r.names)?;
    let sids = (found.each.iter())
        .map(|(named, domain)| idl::LsaTranslatedSid {
            use_: kind_of(named),
            relative_id: rid_of(named),
            domain_index: *domain,
        })
        .collect();
    let (entries, sids) = counted(sids);
    Ok(idl::LsarLookupNamesResponse {
        referenced_domains: found.domains.told()?,
        translated_sids: idl::LsaprTranslatedSids { entries, sids },
        mapped_count: found.mapped,
        status: found.status,
    })
}

/// LsarLookupNames2 (\[MS-LSAT\] 3.1.4.7): RIDs and flags.
fn lookup_names_2(
    state: &State,
    handles: &Handles,
    r: &idl::LsarLookupNames2Request,
) -> Result<idl::LsarLookupNames2Response, Fault> {
    policy(handles, r.policy_handle)?;
    let found = sids_of(state, &r.names)?;
    let sids = (found.each.iter())
        .map(|(named, domain)| idl::LsaprTranslatedSidEx {
            use_: kind_of(named),
            relative_id: rid_of(named),
            domain_index: *domain,
            flags: 0,
        })
        .collect();
    let (entries, sids) = counted(sids);
    Ok(idl::LsarLookupNames2Response {
        referenced_domains: found.domains.told()?,
        translated_sids: idl::LsaprTranslatedSidsEx { entries, sids },
        mapped_count: found.mapped,
        status: found.status,
    })
}

/// LsarLookupNames3 (\[MS-LSAT\] 3.1.4.6): SIDs and flags.
fn lookup_names_3(
    state: &State,
    handles: &Handles,
    r: &idl::LsarLookupNames3Request,
) -> Result<idl::LsarLookupNames3Response, Fault> {
    policy(handles, r.policy_handle)?;
    let found = sids_of(state, &r.names)?;
    let sids = (found.each.iter())
        .map(|(named, domain)| idl::LsaprTranslatedSidEx2 {
            use_: kind_of(named),
            sid: named.as_ref().map(|n| names::to_wire(&n.sid)),
            domain_index: *domain,
            flags: 0,
        })
        .collect();
    let (entries, sids) = counted(sids);
    Ok(idl::LsarLookupNames3Response {
        referenced_domains: found.domains.told()?,
        translated_sids: idl::LsaprTranslatedSidsEx2 { entries, sids },
        mapped_count: found.mapped,
        status: found.status,
    })
}

/// LsarGetUserName (\[MS-LSAT\] 3.1.4.4): who the caller is.
fn user_name(
    state: &State,
    caller: &Caller,
    r: &idl::LsarGetUserNameRequest,
) -> Result<idl::LsarGetUserNameResponse, Fault> {
    let (name, domain) = if caller.flags.contains(UserFlags::ANONYMOUS) {
        ("ANONYMOUS LOGON".to_owned(), "NT AUTHORITY".to_owned())
    } else {
        (caller.account.clone(), names::accounts(state).name)
    };
    let domain = RpcUnicodeString::new(&domain)?;
    Ok(idl::LsarGetUserNameResponse {
        user_name: Some(RpcUnicodeString::new(&name)?),
        domain_name: r.domain_name.as_ref().map(|_| Some(domain)),
        status: NtStatus::SUCCESS.0,
    })
}
