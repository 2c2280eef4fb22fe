// SPDX-License-Identifier: GPL-2.0-or-later
//! The security account manager (\[MS-SAMR\]), to read: which accounts there
//! are. Accounts are changed by `ksmbd.adduser` only.
//!
//! Of secrets nothing is told, and strangers are told nothing.

use proto_shared::status::NtStatus;

use super::handles::{Handles, Opened};
use super::lsarpc::{answer_handle, close, strings};
use super::names::{self, Use, DOMAIN_USERS, DOMAIN_USERS_NAME};
use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_stranger, Caller, Fault};
use crate::state::State;

/// 12345778-1234-ABCD-EF00-0123456789AC, version 1.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
        0xac,
    ],
    version: 1,
};

/// Most names or RIDs of one call (\[MS-SAMR\] 3.1.5.11.2).
const MAX_LOOKUP: u32 = 1000;
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
    stub: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    match opnum {
        // SamrConnect, 2, 4; what is asked for is decided with each call.
        0 | 57 | 62 => Ok(connect(caller, handles)),
        64 => connect5(caller, handles, &mut r),
        1 => close(handles, &mut r),
        5 => lookup_domain(state, handles, &mut r),
        6 => enum_domains(state, handles, &mut r),
        7 => open_domain(state, handles, &mut r),
        8 | 46 => query_domain(state, handles, &mut r),
        11 => enumerate(state, handles, &mut r, Kind::Groups),
        13 => enumerate(state, handles, &mut r, Kind::Users),
        15 => enumerate(state, handles, &mut r, Kind::Aliases),
        16 => alias_membership(handles, &mut r),
        17 => lookup_names(state, handles, &mut r),
        18 => lookup_rids(state, handles, &mut r),
        34 => open_user(state, handles, &mut r),
        36 | 47 => query_user(state, handles, &mut r),
        39 => groups_of_user(handles, &mut r),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

fn done(mut w: Writer, status: NtStatus) -> Result<Vec<u8>, Fault> {
    w.u32(status.0);
    Ok(w.into_bytes())
}

fn new_handle(handles: &mut Handles, what: Opened) -> Result<[u8; 20], NtStatus> {
    handles.open(what).ok_or(NtStatus::INSUFFICIENT_RESOURCES)
}

fn server(caller: &Caller, handles: &mut Handles) -> Result<[u8; 20], NtStatus> {
    if is_stranger(caller) {
        return Err(NtStatus::ACCESS_DENIED);
    }
    new_handle(handles, Opened::Server)
}

/// SamrConnect (\[MS-SAMR\] 3.1.5.1.4) and its like.
fn connect(caller: &Caller, handles: &mut Handles) -> Vec<u8> {
    answer_handle(server(caller, handles))
}

/// SamrConnect5 (\[MS-SAMR\] 3.1.5.1.1).
fn connect5(caller: &Caller, handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let _server = r.unique_string()?;
    let _access = r.u32()?;
    let version = r.u32()?;
    let opened = if version == 1 {
        server(caller, handles)
    } else {
        Err(NtStatus::NOT_SUPPORTED)
    };
    let mut w = Writer::new();
    // Out version and the union's tag, revision 3, no features.
    for n in [1, 1, 3, 0] {
        w.u32(n);
    }
    w.raw(&answer_handle(opened));
    Ok(w.into_bytes())
}

/// What the handle that comes next stands for, which must be one of `wanted`.
fn opened(handles: &Handles, r: &mut Reader<'_>, wanted: &[Opened]) -> Result<Opened, Fault> {
    let found = handles.get(&r.handle()?)?;
    if wanted.contains(&found) {
        Ok(found)
    } else {
        Err(Fault(fault::CONTEXT_MISMATCH))
    }
}

const SERVER: &[Opened] = &[Opened::Server];
const DOMAIN: &[Opened] = &[Opened::Accounts, Opened::Builtin];

fn user(handles: &Handles, r: &mut Reader<'_>) -> Result<u32, Fault> {
    match handles.get(&r.handle()?)? {
        Opened::User(rid) => Ok(rid),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// SamrLookupDomainInSamServer (\[MS-SAMR\] 3.1.5.11.1).
fn lookup_domain(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    opened(handles, r, SERVER)?;
    let present = r.counted_header()?;
    let name = r.counted(present)?;
    let both = [names::accounts(state), names::builtin()];
    let found = both.iter().find(|d| d.name.eq_ignore_ascii_case(&name));
    let mut w = Writer::new();
    w.pointer(found.is_some());
    match found {
        Some(d) => {
            w.sid(&d.sid);
            done(w, NtStatus::SUCCESS)
        }
        None => done(w, NtStatus::NO_SUCH_DOMAIN),
    }
}

/// SAMPR_ENUMERATION_BUFFER (\[MS-SAMR\] 2.2.3.10), behind a pointer.
fn enumeration<S: AsRef<str>>(w: &mut Writer, entries: &[(u32, S)]) {
    let count = u32::try_from(entries.len()).unwrap_or(0);
    w.pointer(true);
    w.u32(count);
    w.pointer(count != 0);
    if count != 0 {
        w.u32(count);
        for (rid, name) in entries {
            w.u32(*rid);
            w.counted_header(name.as_ref());
        }
        for (_, name) in entries {
            w.counted(name.as_ref());
        }
    }
    w.u32(count);
}

/// SamrEnumerateDomainsInSamServer (\[MS-SAMR\] 3.1.5.2.1).
fn enum_domains(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    opened(handles, r, SERVER)?;
    let resume = r.u32()?;
    let all = [(0, names::accounts(state).name), (1, names::builtin().name)];
    let from = usize::try_from(resume).map_or(all.len(), |n| n.min(all.len()));
    let mut w = Writer::new();
    w.u32(2);
    enumeration(&mut w, all.get(from..).unwrap_or(&[]));
    done(w, NtStatus::SUCCESS)
}

/// SamrOpenDomain (\[MS-SAMR\] 3.1.5.1.5).
fn open_domain(state: &State, handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    opened(handles, r, SERVER)?;
    let _access = r.u32()?;
    let sid = r.sid()?;
    let what = if sid == names::accounts(state).sid {
        Ok(Opened::Accounts)
    } else if sid == names::builtin().sid {
        Ok(Opened::Builtin)
    } else {
        Err(NtStatus::NO_SUCH_DOMAIN)
    };
    Ok(answer_handle(what.and_then(|w| new_handle(handles, w))))
}

/// SamrQueryInformationDomain2 (\[MS-SAMR\] 3.1.5.5.1).
fn query_domain(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let domain = opened(handles, r, DOMAIN)?;
    let level = r.u16()?;
    let mut w = Writer::new();
    let name = match domain {
        Opened::Builtin => names::builtin().name,
        _ => names::accounts(state).name,
    };
    if !matches!(level, 1 | 2 | 3 | 5 | 7 | 12) {
        w.pointer(false);
        return done(w, NtStatus::INVALID_INFO_CLASS);
    }
    w.pointer(true);
    w.u16(level);
    match level {
        // DOMAIN_PASSWORD_INFORMATION: nothing is demanded, nothing expires.
        1 => {
            w.u16(MIN_PASSWORD_LEN);
            w.u16(0);
            w.u32(0);
            w.old_u64(0x8000_0000_0000_0000);
            w.old_u64(0);
        }
        2 => {
            let comment = state.config().global.server_string.clone();
            let users = match domain {
                Opened::Accounts => count(state)?,
                _ => 0,
            };
            let groups = u32::from(domain == Opened::Accounts);
            let aliases = match domain {
                Opened::Builtin => u32::try_from(names::aliases().count()).unwrap_or(0),
                _ => 0,
            };
            w.old_u64(0x8000_0000_0000_0000);
            w.counted_header(&comment);
            w.counted_header(&name);
            w.counted_header("");
            w.old_u64(1);
            // Enabled; primary; compatibility is required; counts.
            for n in [1, 3, 1, users, groups, aliases] {
                w.u32(n);
            }
            w.counted(&comment);
            w.counted(&name);
        }
        3 => w.old_u64(0x8000_0000_0000_0000),
        5 => w.whole(&name),
        // DomainServerRolePrimary.
        7 => w.u32(3),
        // No lockout of accounts is known to clients: duration, window, count.
        _ => {
            w.old_u64(0);
            w.old_u64(0);
            w.u16(0);
        }
    }
    done(w, NtStatus::SUCCESS)
}

/// A failing store is no answer.
fn failed(e: &ksmbd_store::Error) -> Fault {
    tracing::error!(error = %e, "reading the accounts failed");
    Fault(fault::ACCESS_DENIED)
}

fn count(state: &State) -> Result<u32, Fault> {
    state.store().user_count().map_err(|e| failed(&e))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Users,
    Groups,
    Aliases,
}

/// SamrEnumerateUsersInDomain (\[MS-SAMR\] 3.1.5.2.5), …GroupsInDomain,
/// …AliasesInDomain.
fn enumerate(
    state: &State,
    handles: &Handles,
    r: &mut Reader<'_>,
    kind: Kind,
) -> Result<Vec<u8>, Fault> {
    let domain = opened(handles, r, DOMAIN)?;
    let resume = r.u32()?;
    if kind == Kind::Users {
        let _account_flags = r.u32()?;
    }
    let max = r.u32()?;
    let mut entries: Vec<(u32, String)> = Vec::new();
    let mut next = 0;
    match (domain, kind) {
        (Opened::Accounts, Kind::Users) => {
            // What one entry takes, as Windows reckons it: at least one goes.
            let fit = (max / 64).clamp(1, PAGE);
            let mut users = state
                .store()
                .users_from(resume, fit + 1)
                .map_err(|e| failed(&e))?;
            if users.len() > fit as usize {
                next = users.pop().map_or(0, |u| u.id);
            }
            entries.extend(users.into_iter().map(|u| (names::rid_of(u.id), u.name)));
        }
        (Opened::Accounts, Kind::Groups) if resume == 0 => {
            entries.push((DOMAIN_USERS, DOMAIN_USERS_NAME.to_owned()));
        }
        (Opened::Builtin, Kind::Aliases) if resume == 0 => {
            entries.extend(names::aliases().map(|(rid, name)| (rid, name.to_owned())));
        }
        _ => {}
    }
    let mut w = Writer::new();
    w.u32(next);
    enumeration(&mut w, &entries);
    done(
        w,
        if next == 0 {
            NtStatus::SUCCESS
        } else {
            NtStatus(MORE_ENTRIES)
        },
    )
}

/// SamrGetAliasMembership (\[MS-SAMR\] 3.1.5.9.2): aliases have no members.
fn alias_membership(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    opened(handles, r, DOMAIN)?;
    let mut w = Writer::new();
    // An empty array, not none: clients tell the difference.
    w.u32(0);
    w.pointer(true);
    w.u32(0);
    done(w, NtStatus::SUCCESS)
}

/// SAMPR_ULONG_ARRAY (\[MS-SAMR\] 2.2.3.4).
fn numbers(w: &mut Writer, all: &[u32]) {
    let count = u32::try_from(all.len()).unwrap_or(0);
    w.u32(count);
    w.pointer(count != 0);
    if count != 0 {
        w.u32(count);
        all.iter().for_each(|n| w.u32(*n));
    }
}

/// The length of a conformant varying array whose size is always 1000.
fn varying(r: &mut Reader<'_>, count: u32) -> Result<(), Fault> {
    let (_max, offset, actual) = (r.array_len(MAX_LOOKUP)?, r.u32()?, r.u32()?);
    if offset != 0 || actual != count {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    Ok(())
}

fn lookup_status(asked: usize, found: usize) -> NtStatus {
    match found {
        n if n == asked => NtStatus::SUCCESS,
        0 => NtStatus::NONE_MAPPED,
        _ => NtStatus::SOME_NOT_MAPPED,
    }
}

/// SamrLookupNamesInDomain (\[MS-SAMR\] 3.1.5.11.2).
fn lookup_names(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let domain = opened(handles, r, DOMAIN)?;
    let count = r.array_len(MAX_LOOKUP)?;
    varying(r, count)?;
    let asked = strings(r, count)?;
    let find = |name: &str| match domain {
        Opened::Builtin => names::aliases()
            .find(|(_, n)| n.eq_ignore_ascii_case(name))
            .map(|(rid, _)| (rid, Use::Alias)),
        _ => names::account_of_name(state, name).map(|(rid, _, kind)| (rid, kind)),
    };
    let found: Vec<Option<(u32, Use)>> = asked.iter().map(|n| find(n)).collect();
    let mapped = found.iter().flatten().count();
    let rids: Vec<u32> = found.iter().map(|f| f.map_or(0, |(rid, _)| rid)).collect();
    let kinds: Vec<u32> = found
        .iter()
        .map(|f| u32::from(f.map_or(Use::Unknown, |(_, kind)| kind).wire()))
        .collect();
    let mut w = Writer::new();
    numbers(&mut w, &rids);
    numbers(&mut w, &kinds);
    done(w, lookup_status(asked.len(), mapped))
}

/// SamrLookupIdsInDomain (\[MS-SAMR\] 3.1.5.11.3).
fn lookup_rids(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let domain = opened(handles, r, DOMAIN)?;
    let count = r.array_len(MAX_LOOKUP)?;
    varying(r, count)?;
    let mut found: Vec<Option<(String, Use)>> = Vec::new();
    for _ in 0..count {
        let rid = r.u32()?;
        found.push(match domain {
            Opened::Builtin => names::aliases()
                .find(|(known, _)| *known == rid)
                .map(|(_, name)| (name.to_owned(), Use::Alias)),
            _ => names::account_of_rid(state, rid),
        });
    }
    let mapped = found.iter().flatten().count();
    let name = |f: &Option<(String, Use)>| f.as_ref().map_or(String::new(), |(n, _)| n.clone());
    let kinds: Vec<u32> = found
        .iter()
        .map(|f| u32::from(f.as_ref().map_or(Use::Unknown, |(_, k)| *k).wire()))
        .collect();
    let mut w = Writer::new();
    w.u32(count);
    w.pointer(count != 0);
    if count != 0 {
        w.u32(count);
        found.iter().for_each(|f| w.counted_header(&name(f)));
        found.iter().for_each(|f| w.counted(&name(f)));
    }
    numbers(&mut w, &kinds);
    done(w, lookup_status(found.len(), mapped))
}

/// SamrOpenUser (\[MS-SAMR\] 3.1.5.1.9).
fn open_user(state: &State, handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let domain = opened(handles, r, DOMAIN)?;
    let _access = r.u32()?;
    let rid = r.u32()?;
    let known = domain == Opened::Accounts
        && matches!(names::account_of_rid(state, rid), Some((_, Use::User)));
    let opened = if known {
        new_handle(handles, Opened::User(rid))
    } else {
        Err(NtStatus::NO_SUCH_USER)
    };
    Ok(answer_handle(opened))
}

/// Seconds since 1970 as FILETIME.
fn filetime(unix: Option<i64>) -> u64 {
    const EPOCH_1601: u64 = 11_644_473_600;
    let seconds = unix.and_then(|s| u64::try_from(s).ok());
    seconds.map_or(0, |s| {
        s.saturating_add(EPOCH_1601).saturating_mul(10_000_000)
    })
}

/// SamrQueryInformationUser2 (\[MS-SAMR\] 3.1.5.5.5): levels 7 (name),
/// 9 (primary group), 16 (control), 21 (all but secrets).
fn query_user(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let rid = user(handles, r)?;
    let level = r.u16()?;
    let mut w = Writer::new();
    let refuse = |mut w: Writer, status| {
        w.pointer(false);
        done(w, status)
    };
    let account = match names::id_of(rid) {
        Some(id) => state.store().user_by_id(id).map_err(|e| failed(&e))?,
        None => None,
    };
    let Some(account) = account else {
        return refuse(w, NtStatus::NO_SUCH_USER);
    };
    let control = NORMAL_ACCOUNT
        | DONT_EXPIRE
        | if account.flags.disabled {
            ACCOUNT_DISABLED
        } else {
            0
        };
    if !matches!(level, 7 | 9 | 16 | 21) {
        return refuse(w, NtStatus::INVALID_INFO_CLASS);
    }
    w.pointer(true);
    w.u16(level);
    match level {
        7 => w.whole(&account.name),
        9 => w.u32(DOMAIN_USERS),
        16 => w.u32(control),
        _ => {
            let name = &account.name;
            w.old_u64(filetime(account.last_login));
            w.old_u64(0);
            w.old_u64(filetime(Some(account.changed)));
            w.old_u64(NEVER);
            w.old_u64(filetime(Some(account.changed)));
            w.old_u64(NEVER);
            // User name; full name, home, drive, script, profile, comment,
            // workstations, user's comment, parameters, LM and NT hash, private
            // data: empty.
            w.counted_header(name);
            (0..12).for_each(|_| w.counted_header(""));
            // No security descriptor.
            w.u32(0);
            w.pointer(false);
            w.u32(rid);
            w.u32(DOMAIN_USERS);
            w.u32(control);
            // Which fields: names, ids, times, counts, control.
            w.u32(0x0012_7FFF & !0x0300_0000);
            // Log-in at any hour of the week.
            w.u16(168);
            w.pointer(true);
            w.u16(u16::try_from(account.failed).unwrap_or(u16::MAX));
            w.u16(0);
            w.u16(0);
            w.u16(0);
            w.raw(&[0; 4]);
            w.counted(name);
            w.u32(1260);
            w.u32(0);
            w.u32(21);
            w.raw(&[0xFF; 21]);
        }
    }
    done(w, NtStatus::SUCCESS)
}

/// SamrGetGroupsForUser (\[MS-SAMR\] 3.1.5.9.1).
fn groups_of_user(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    user(handles, r)?;
    let mut w = Writer::new();
    w.pointer(true);
    w.u32(1);
    w.pointer(true);
    w.u32(1);
    w.u32(DOMAIN_USERS);
    w.u32(GROUP_ATTRIBUTES);
    done(w, NtStatus::SUCCESS)
}
