// SPDX-License-Identifier: GPL-2.0-or-later
//! The security account manager (\[MS-SAMR\]), to read: which accounts there
//! are. Accounts are changed by `ksmbd.adduser` only.
//!
//! Of secrets nothing is told, and strangers are told nothing.

use dcerpc_ndr::idl::dtyp::{OldLargeInteger, RpcUnicodeString};
use dcerpc_ndr::idl::samr::{self as idl, Call};
use dcerpc_ndr::types::{Handle, Varying};
use proto_shared::status::NtStatus;

use super::handles::{Handles, Opened};
use super::lsarpc::new_handle;
use super::names::{self, Use, DOMAIN_USERS, DOMAIN_USERS_NAME};
use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_stranger, Caller, Fault};
use crate::state::State;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: idl::UUID,
    version: idl::VERSION,
};

/// Most accounts of one answer.
const PAGE: u32 = 512;
/// More follows (\[MS-ERREF\] 2.3.1).
const MORE_ENTRIES: u32 = 0x0000_0105;
/// SE_GROUP_MANDATORY, ENABLED_BY_DEFAULT, ENABLED (\[MS-SAMR\] 2.2.1.10).
const GROUP_ATTRIBUTES: u32 = 7;
/// USER_NORMAL_ACCOUNT, USER_ACCOUNT_DISABLED, USER_DONT_EXPIRE_PASSWORD
/// (\[MS-SAMR\] 2.2.1.12).
const NORMAL_ACCOUNT: u32 = 0x10;
const ACCOUNT_DISABLED: u32 = 0x1;
const DONT_EXPIRE: u32 = 0x200;
/// A time that never comes.
const NEVER: u64 = 0x7FFF_FFFF_FFFF_FFFF;
/// Shortest password that the tools take; the rest is not restricted.
const MIN_PASSWORD_LEN: u16 = 0;

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
        // What is asked for is decided with each call.
        Call::SamrConnect => stub.serve(|_: idl::SamrConnectRequest| {
            let (server_handle, status) = connect(caller, handles);
            Ok(idl::SamrConnectResponse {
                server_handle,
                status,
            })
        }),
        Call::SamrConnect2 => stub.serve(|_: idl::SamrConnect2Request| {
            let (server_handle, status) = connect(caller, handles);
            Ok(idl::SamrConnect2Response {
                server_handle,
                status,
            })
        }),
        Call::SamrConnect4 => stub.serve(|_: idl::SamrConnect4Request| {
            let (server_handle, status) = connect(caller, handles);
            Ok(idl::SamrConnect4Response {
                server_handle,
                status,
            })
        }),
        Call::SamrConnect5 => stub.serve(|r| Ok(connect5(caller, handles, &r))),
        Call::SamrCloseHandle => stub.serve(|r: idl::SamrCloseHandleRequest| {
            handles.close(&r.sam_handle.0)?;
            Ok(idl::SamrCloseHandleResponse::default())
        }),
        Call::SamrLookupDomainInSamServer => stub.serve(|r| lookup_domain(state, handles, &r)),
        Call::SamrEnumerateDomainsInSamServer => stub.serve(|r| enum_domains(state, handles, &r)),
        Call::SamrOpenDomain => stub.serve(|r| open_domain(state, handles, &r)),
        // The second of each has the first's form.
        Call::SamrQueryInformationDomain | Call::SamrQueryInformationDomain2 => {
            stub.serve(|r| query_domain(state, handles, &r))
        }
        Call::SamrEnumerateGroupsInDomain => stub.serve(|r| enum_groups(handles, &r)),
        Call::SamrEnumerateUsersInDomain => stub.serve(|r| enum_users(state, handles, &r)),
        Call::SamrEnumerateAliasesInDomain => stub.serve(|r| enum_aliases(handles, &r)),
        Call::SamrGetAliasMembership => stub.serve(|r| alias_membership(handles, &r)),
        Call::SamrLookupNamesInDomain => stub.serve(|r| lookup_names(state, handles, &r)),
        Call::SamrLookupIdsInDomain => stub.serve(|r| lookup_rids(state, handles, &r)),
        Call::SamrOpenUser => stub.serve(|r| open_user(state, handles, &r)),
        Call::SamrQueryInformationUser | Call::SamrQueryInformationUser2 => {
            stub.serve(|r| query_user(state, handles, &r))
        }
        Call::SamrGetGroupsForUser => stub.serve(|r| groups_of_user(handles, &r)),
    }
}

/// SamrConnect (\[MS-SAMR\] 3.1.5.1.4) and its like.
fn connect(caller: &Caller, handles: &mut Handles) -> (Handle, u32) {
    let what = if is_stranger(caller) {
        Err(NtStatus::ACCESS_DENIED)
    } else {
        Ok(Opened::Server)
    };
    new_handle(handles, what)
}

/// SamrConnect5 (\[MS-SAMR\] 3.1.5.1.1): revision 3, no features.
fn connect5(
    caller: &Caller,
    handles: &mut Handles,
    r: &idl::SamrConnect5Request,
) -> idl::SamrConnect5Response {
    let (server_handle, status) = if r.in_version == 1 {
        connect(caller, handles)
    } else {
        (Handle::default(), NtStatus::NOT_SUPPORTED.0)
    };
    idl::SamrConnect5Response {
        out_version: 1,
        out_revision_info: idl::SamprRevisionInfo::V1(idl::SamprRevisionInfoV1 {
            revision: 3,
            supported_features: 0,
        }),
        server_handle,
        status,
    }
}

/// What a handle stands for, which must be one of `wanted`.
fn opened(handles: &Handles, handle: Handle, wanted: &[Opened]) -> Result<Opened, Fault> {
    let found = handles.get(&handle.0)?;
    if wanted.contains(&found) {
        Ok(found)
    } else {
        Err(Fault(fault::CONTEXT_MISMATCH))
    }
}

const SERVER: &[Opened] = &[Opened::Server];
const DOMAIN: &[Opened] = &[Opened::Accounts, Opened::Builtin];

fn user(handles: &Handles, handle: Handle) -> Result<u32, Fault> {
    match handles.get(&handle.0)? {
        Opened::User(rid) => Ok(rid),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// SamrLookupDomainInSamServer (\[MS-SAMR\] 3.1.5.11.1).
fn lookup_domain(
    state: &State,
    handles: &Handles,
    r: &idl::SamrLookupDomainInSamServerRequest,
) -> Result<idl::SamrLookupDomainInSamServerResponse, Fault> {
    opened(handles, r.server_handle, SERVER)?;
    let name = r.name.text()?;
    let both = [names::accounts(state), names::builtin()];
    let found = both.iter().find(|d| d.name.eq_ignore_ascii_case(&name));
    let status = match found {
        Some(_) => NtStatus::SUCCESS,
        None => NtStatus::NO_SUCH_DOMAIN,
    };
    Ok(idl::SamrLookupDomainInSamServerResponse {
        domain_id: found.map(|d| names::to_wire(&d.sid)),
        status: status.0,
    })
}

/// SAMPR_ENUMERATION_BUFFER (\[MS-SAMR\] 2.2.7.10), and the number of entries.
fn enumeration<S: AsRef<str>>(
    entries: &[(u32, S)],
) -> Result<(Option<idl::SamprEnumerationBuffer>, u32), Fault> {
    let buffer = (entries.iter())
        .map(|(rid, name)| {
            Ok(idl::SamprRidEnumeration {
                relative_id: *rid,
                name: RpcUnicodeString::new(name.as_ref())?,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let count = u32::try_from(buffer.len()).unwrap_or(0);
    let buffer = idl::SamprEnumerationBuffer {
        entries_read: count,
        buffer: (count != 0).then_some(buffer),
    };
    Ok((Some(buffer), count))
}

/// SamrEnumerateDomainsInSamServer (\[MS-SAMR\] 3.1.5.2.1).
fn enum_domains(
    state: &State,
    handles: &Handles,
    r: &idl::SamrEnumerateDomainsInSamServerRequest,
) -> Result<idl::SamrEnumerateDomainsInSamServerResponse, Fault> {
    opened(handles, r.server_handle, SERVER)?;
    let all = [(0, names::accounts(state).name), (1, names::builtin().name)];
    let from = usize::try_from(r.enumeration_context).map_or(all.len(), |n| n.min(all.len()));
    let (buffer, count_returned) = enumeration(all.get(from..).unwrap_or(&[]))?;
    Ok(idl::SamrEnumerateDomainsInSamServerResponse {
        enumeration_context: 2,
        buffer,
        count_returned,
        status: NtStatus::SUCCESS.0,
    })
}

/// SamrOpenDomain (\[MS-SAMR\] 3.1.5.1.5).
fn open_domain(
    state: &State,
    handles: &mut Handles,
    r: &idl::SamrOpenDomainRequest,
) -> Result<idl::SamrOpenDomainResponse, Fault> {
    opened(handles, r.server_handle, SERVER)?;
    let sid = names::of_wire(&r.domain_id)?;
    let what = if sid == names::accounts(state).sid {
        Ok(Opened::Accounts)
    } else if sid == names::builtin().sid {
        Ok(Opened::Builtin)
    } else {
        Err(NtStatus::NO_SUCH_DOMAIN)
    };
    let (domain_handle, status) = new_handle(handles, what);
    Ok(idl::SamrOpenDomainResponse {
        domain_handle,
        status,
    })
}

/// A time or a number of 64 bits as SAM has them.
fn old(value: u64) -> OldLargeInteger {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    OldLargeInteger {
        low_part: u32::from_le_bytes([a, b, c, d]),
        high_part: u32::from_le_bytes([e, f, g, h]),
    }
}

/// A span of time that never ends.
const ENDLESS: u64 = 0x8000_0000_0000_0000;

/// SamrQueryInformationDomain2 (\[MS-SAMR\] 3.1.5.5.1).
fn query_domain(
    state: &State,
    handles: &Handles,
    r: &idl::SamrQueryInformationDomainRequest,
) -> Result<idl::SamrQueryInformationDomainResponse, Fault> {
    use idl::SamprDomainInfoBuffer as Info;
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let name = match domain {
        Opened::Builtin => names::builtin().name,
        _ => names::accounts(state).name,
    };
    let domain_name = RpcUnicodeString::new(&name)?;
    let info = match r.domain_information_class {
        // Nothing is demanded, nothing expires.
        idl::DOMAIN_PASSWORD_INFORMATION => Info::Password(idl::DomainPasswordInformation {
            min_password_length: MIN_PASSWORD_LEN,
            password_history_length: 0,
            password_properties: 0,
            max_password_age: old(ENDLESS),
            min_password_age: old(0),
        }),
        idl::DOMAIN_GENERAL_INFORMATION => {
            let comment = state.config().global.server_string.clone();
            Info::General(idl::SamprDomainGeneralInformation {
                force_logoff: old(ENDLESS),
                oem_information: RpcUnicodeString::new(&comment)?,
                domain_name,
                replica_source_node_name: RpcUnicodeString::default(),
                domain_modified_count: old(1),
                // Enabled; primary; compatibility is required.
                domain_server_state: 1,
                domain_server_role: 3,
                uas_compatibility_required: 1,
                user_count: match domain {
                    Opened::Accounts => count(state)?,
                    _ => 0,
                },
                group_count: u32::from(domain == Opened::Accounts),
                alias_count: match domain {
                    Opened::Builtin => u32::try_from(names::aliases().count()).unwrap_or(0),
                    _ => 0,
                },
            })
        }
        idl::DOMAIN_LOGOFF_INFORMATION => Info::Logoff(idl::DomainLogoffInformation {
            force_logoff: old(ENDLESS),
        }),
        idl::DOMAIN_NAME_INFORMATION => Info::Name(idl::SamprDomainNameInformation { domain_name }),
        idl::DOMAIN_SERVER_ROLE_INFORMATION => Info::Role(idl::DomainServerRoleInformation {
            domain_server_role: idl::DOMAIN_SERVER_ROLE_PRIMARY,
        }),
        // No lockout of accounts is known to clients.
        idl::DOMAIN_LOCKOUT_INFORMATION => Info::Lockout(Default::default()),
        _ => {
            return Ok(idl::SamrQueryInformationDomainResponse {
                buffer: None,
                status: NtStatus::INVALID_INFO_CLASS.0,
            })
        }
    };
    Ok(idl::SamrQueryInformationDomainResponse {
        buffer: Some(info),
        status: NtStatus::SUCCESS.0,
    })
}

/// A failing store is no answer.
fn failed(e: &ksmbd_store::Error) -> Fault {
    tracing::error!(error = %e, "reading the accounts failed");
    Fault(fault::ACCESS_DENIED)
}

fn count(state: &State) -> Result<u32, Fault> {
    state.store().user_count().map_err(|e| failed(&e))
}

/// SamrEnumerateUsersInDomain (\[MS-SAMR\] 3.1.5.2.5).
fn enum_users(
    state: &State,
    handles: &Handles,
    r: &idl::SamrEnumerateUsersInDomainRequest,
) -> Result<idl::SamrEnumerateUsersInDomainResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let mut entries: Vec<(u32, String)> = Vec::new();
    let mut next = 0;
    if domain == Opened::Accounts {
        // What one entry takes, as Windows reckons it: at least one goes.
        let fit = (r.prefered_maximum_length / 64).clamp(1, PAGE);
        let mut users = state
            .store()
            .users_from(r.enumeration_context, fit + 1)
            .map_err(|e| failed(&e))?;
        if users.len() > fit as usize {
            next = users.pop().map_or(0, |u| u.id);
        }
        entries.extend(users.into_iter().map(|u| (names::rid_of(u.id), u.name)));
    }
    let (buffer, count_returned) = enumeration(&entries)?;
    Ok(idl::SamrEnumerateUsersInDomainResponse {
        enumeration_context: next,
        buffer,
        count_returned,
        status: if next == 0 {
            NtStatus::SUCCESS.0
        } else {
            MORE_ENTRIES
        },
    })
}

/// SamrEnumerateGroupsInDomain (\[MS-SAMR\] 3.1.5.2.3).
fn enum_groups(
    handles: &Handles,
    r: &idl::SamrEnumerateGroupsInDomainRequest,
) -> Result<idl::SamrEnumerateGroupsInDomainResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let own = [(DOMAIN_USERS, DOMAIN_USERS_NAME)];
    let here = domain == Opened::Accounts && r.enumeration_context == 0;
    let (buffer, count_returned) = enumeration(if here { &own } else { &[] })?;
    Ok(idl::SamrEnumerateGroupsInDomainResponse {
        enumeration_context: 0,
        buffer,
        count_returned,
        status: NtStatus::SUCCESS.0,
    })
}

/// SamrEnumerateAliasesInDomain (\[MS-SAMR\] 3.1.5.2.4).
fn enum_aliases(
    handles: &Handles,
    r: &idl::SamrEnumerateAliasesInDomainRequest,
) -> Result<idl::SamrEnumerateAliasesInDomainResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let here = domain == Opened::Builtin && r.enumeration_context == 0;
    let all: Vec<(u32, &str)> = names::aliases().filter(|_| here).collect();
    let (buffer, count_returned) = enumeration(&all)?;
    Ok(idl::SamrEnumerateAliasesInDomainResponse {
        enumeration_context: 0,
        buffer,
        count_returned,
        status: NtStatus::SUCCESS.0,
    })
}

/// SamrGetAliasMembership (\[MS-SAMR\] 3.1.5.9.2): aliases have no members.
fn alias_membership(
    handles: &Handles,
    r: &idl::SamrGetAliasMembershipRequest,
) -> Result<idl::SamrGetAliasMembershipResponse, Fault> {
    opened(handles, r.domain_handle, DOMAIN)?;
    Ok(idl::SamrGetAliasMembershipResponse {
        // An empty array, not none: clients tell the difference.
        membership: idl::SamprUlongArray {
            count: 0,
            element: Some(Vec::new()),
        },
        status: NtStatus::SUCCESS.0,
    })
}

/// SAMPR_ULONG_ARRAY (\[MS-SAMR\] 2.2.7.4).
fn numbers(all: Vec<u32>) -> idl::SamprUlongArray {
    let count = u32::try_from(all.len()).unwrap_or(0);
    idl::SamprUlongArray {
        count,
        element: (count != 0).then_some(all),
    }
}

/// The kind of what was found, or that it is unknown.
fn kind_of(kind: Option<Use>) -> u32 {
    u32::from(kind.unwrap_or(Use::Unknown).wire())
}

fn lookup_status(asked: usize, found: usize) -> u32 {
    let status = match found {
        n if n == asked => NtStatus::SUCCESS,
        0 => NtStatus::NONE_MAPPED,
        _ => NtStatus::SOME_NOT_MAPPED,
    };
    status.0
}

/// SamrLookupNamesInDomain (\[MS-SAMR\] 3.1.5.11.2).
fn lookup_names(
    state: &State,
    handles: &Handles,
    r: &idl::SamrLookupNamesInDomainRequest,
) -> Result<idl::SamrLookupNamesInDomainResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let find = |name: &str| match domain {
        Opened::Builtin => names::aliases()
            .find(|(_, n)| n.eq_ignore_ascii_case(name))
            .map(|(rid, _)| (rid, Use::Alias)),
        _ => names::account_of_name(state, name).map(|(rid, _, kind)| (rid, kind)),
    };
    let mut found: Vec<Option<(u32, Use)>> = Vec::new();
    for name in &r.names.items {
        found.push(find(&name.text()?));
    }
    let mapped = found.iter().flatten().count();
    let rids = found.iter().map(|f| f.map_or(0, |(rid, _)| rid));
    let kinds = found.iter().map(|f| kind_of(f.map(|(_, kind)| kind)));
    Ok(idl::SamrLookupNamesInDomainResponse {
        relative_ids: numbers(rids.collect()),
        use_: numbers(kinds.collect()),
        status: lookup_status(found.len(), mapped),
    })
}

/// SamrLookupIdsInDomain (\[MS-SAMR\] 3.1.5.11.3).
fn lookup_rids(
    state: &State,
    handles: &Handles,
    r: &idl::SamrLookupIdsInDomainRequest,
) -> Result<idl::SamrLookupIdsInDomainResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let find = |rid: u32| match domain {
        Opened::Builtin => names::aliases()
            .find(|(known, _)| *known == rid)
            .map(|(_, name)| (name.to_owned(), Use::Alias)),
        _ => names::account_of_rid(state, rid),
    };
    let found: Vec<Option<(String, Use)>> =
        r.relative_ids.items.iter().map(|rid| find(*rid)).collect();
    let mapped = found.iter().flatten().count();
    let kinds = (found.iter()).map(|f| kind_of(f.as_ref().map(|(_, kind)| *kind)));
    let kinds = numbers(kinds.collect());
    let texts = (found.iter())
        .map(|f| {
            Ok(RpcUnicodeString::new(
                f.as_ref().map_or("", |(name, _)| name),
            )?)
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let count = u32::try_from(texts.len()).unwrap_or(0);
    Ok(idl::SamrLookupIdsInDomainResponse {
        names: idl::SamprReturnedUstringArray {
            count,
            element: (count != 0).then_some(texts),
        },
        use_: kinds,
        status: lookup_status(found.len(), mapped),
    })
}

/// SamrOpenUser (\[MS-SAMR\] 3.1.5.1.9).
fn open_user(
    state: &State,
    handles: &mut Handles,
    r: &idl::SamrOpenUserRequest,
) -> Result<idl::SamrOpenUserResponse, Fault> {
    let domain = opened(handles, r.domain_handle, DOMAIN)?;
    let known = domain == Opened::Accounts
        && matches!(
            names::account_of_rid(state, r.user_id),
            Some((_, Use::User))
        );
    let what = if known {
        Ok(Opened::User(r.user_id))
    } else {
        Err(NtStatus::NO_SUCH_USER)
    };
    let (user_handle, status) = new_handle(handles, what);
    Ok(idl::SamrOpenUserResponse {
        user_handle,
        status,
    })
}

/// Seconds since 1970 as FILETIME.
fn filetime(unix: Option<i64>) -> u64 {
    const EPOCH_1601: u64 = 11_644_473_600;
    let seconds = unix.and_then(|s| u64::try_from(s).ok());
    seconds.map_or(0, |s| {
        s.saturating_add(EPOCH_1601).saturating_mul(10_000_000)
    })
}

/// SamrQueryInformationUser2 (\[MS-SAMR\] 3.1.5.5.5): name, primary group,
/// control, and all but secrets.
fn query_user(
    state: &State,
    handles: &Handles,
    r: &idl::SamrQueryInformationUserRequest,
) -> Result<idl::SamrQueryInformationUserResponse, Fault> {
    use idl::SamprUserInfoBuffer as Info;
    let rid = user(handles, r.user_handle)?;
    let refuse = |status: NtStatus| {
        Ok(idl::SamrQueryInformationUserResponse {
            buffer: None,
            status: status.0,
        })
    };
    let account = match names::id_of(rid) {
        Some(id) => state.store().user_by_id(id).map_err(|e| failed(&e))?,
        None => None,
    };
    let Some(account) = account else {
        return refuse(NtStatus::NO_SUCH_USER);
    };
    let disabled = if account.flags.disabled {
        ACCOUNT_DISABLED
    } else {
        0
    };
    let control = NORMAL_ACCOUNT | DONT_EXPIRE | disabled;
    let user_name = RpcUnicodeString::new(&account.name)?;
    let info = match r.user_information_class {
        idl::USER_ACCOUNT_NAME_INFORMATION => {
            Info::AccountName(idl::SamprUserANameInformation { user_name })
        }
        idl::USER_PRIMARY_GROUP_INFORMATION => {
            Info::PrimaryGroup(idl::UserPrimaryGroupInformation {
                primary_group_id: DOMAIN_USERS,
            })
        }
        idl::USER_CONTROL_INFORMATION => Info::Control(idl::UserControlInformation {
            user_account_control: control,
        }),
        idl::USER_ALL_INFORMATION => Info::All(idl::SamprUserAllInformation {
            last_logon: old(filetime(account.last_login)),
            password_last_set: old(filetime(Some(account.changed))),
            account_expires: old(NEVER),
            password_can_change: old(filetime(Some(account.changed))),
            password_must_change: old(NEVER),
            user_name,
            user_id: rid,
            primary_group_id: DOMAIN_USERS,
            user_account_control: control,
            // Which fields: names, ids, times, counts, control.
            which_fields: 0x0012_7FFF & !0x0300_0000,
            // Log-in at any hour of the week.
            logon_hours: idl::SamprLogonHours {
                units_per_week: 168,
                logon_hours: Some(Varying {
                    max: 1260,
                    items: vec![0xFF; 21],
                }),
            },
            bad_password_count: u16::try_from(account.failed).unwrap_or(u16::MAX),
            // Texts, hashes and all else: empty.
            ..Default::default()
        }),
        _ => return refuse(NtStatus::INVALID_INFO_CLASS),
    };
    Ok(idl::SamrQueryInformationUserResponse {
        buffer: Some(info),
        status: NtStatus::SUCCESS.0,
    })
}

/// SamrGetGroupsForUser (\[MS-SAMR\] 3.1.5.9.1).
fn groups_of_user(
    handles: &Handles,
    r: &idl::SamrGetGroupsForUserRequest,
) -> Result<idl::SamrGetGroupsForUserResponse, Fault> {
    user(handles, r.user_handle)?;
    Ok(idl::SamrGetGroupsForUserResponse {
        groups: Some(idl::SamprGetGroupsBuffer {
            membership_count: 1,
            groups: Some(vec![idl::GroupMembership {
                relative_id: DOMAIN_USERS,
                attributes: GROUP_ATTRIBUTES,
            }]),
        }),
        status: NtStatus::SUCCESS.0,
    })
}
