// SPDX-License-Identifier: GPL-2.0-or-later
//! Names of SIDs and SIDs of names: accounts of the store, well-known
//! identities, users and groups of the system.

use std::str::FromStr;

use dcerpc_ndr::idl::dtyp::RpcSid;
use proto_shared::dtyp::Sid;

use super::pdu::fault;
use super::Fault;
use crate::state::State;

/// RIDs below are Windows' own (\[MS-DTYP\] 2.4.2.4).
const FIRST_RID: u32 = 1000;
/// DOMAIN_USERS, the primary group of every account.
pub(super) const DOMAIN_USERS: u32 = 513;
/// What Windows calls it on a machine that is in no domain.
pub(super) const DOMAIN_USERS_NAME: &str = "None";

/// SID_NAME_USE (\[MS-SAMR\] 2.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    User = 1,
    Group = 2,
    Domain = 3,
    Alias = 4,
    WellKnownGroup = 5,
    Unknown = 8,
}

impl Use {
    pub(super) const fn wire(self) -> u16 {
        // CAST: the values are those of the enumeration.
        self as u16
    }
}

/// A name within a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) sid: Sid,
    pub(super) kind: Use,
    pub(super) name: String,
    pub(super) domain: Domain,
}

/// A domain and its SID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) sid: Sid,
}

/// Identities that have the same SID everywhere: authority, sub authorities,
/// kind, domain, name (\[MS-DTYP\] 2.4.2.4).
const WELL_KNOWN: [(u64, &[u32], Use, &str, &str); 14] = [
    (1, &[0], Use::WellKnownGroup, "", "Everyone"),
    (3, &[0], Use::WellKnownGroup, "", "CREATOR OWNER"),
    (3, &[1], Use::WellKnownGroup, "", "CREATOR GROUP"),
    (3, &[4], Use::WellKnownGroup, "", "OWNER RIGHTS"),
    (5, &[2], Use::WellKnownGroup, "NT AUTHORITY", "NETWORK"),
    (5, &[4], Use::WellKnownGroup, "NT AUTHORITY", "INTERACTIVE"),
    (
        5,
        &[7],
        Use::WellKnownGroup,
        "NT AUTHORITY",
        "ANONYMOUS LOGON",
    ),
    (
        5,
        &[11],
        Use::WellKnownGroup,
        "NT AUTHORITY",
        "Authenticated Users",
    ),
    (5, &[18], Use::WellKnownGroup, "NT AUTHORITY", "SYSTEM"),
    (5, &[32, 544], Use::Alias, BUILTIN, "Administrators"),
    (5, &[32, 545], Use::Alias, BUILTIN, "Users"),
    (5, &[32, 546], Use::Alias, BUILTIN, "Guests"),
    (5, &[32, 547], Use::Alias, BUILTIN, "Power Users"),
    (5, &[32, 551], Use::Alias, BUILTIN, "Backup Operators"),
];
/// Name of the domain S-1-5-32.
pub(super) const BUILTIN: &str = "BUILTIN";
/// Domains of the ids of users and groups of the system.
const UNIX_USER: &str = "Unix User";
const UNIX_GROUP: &str = "Unix Group";

/// As NDR has it.
pub(super) fn to_wire(sid: &Sid) -> RpcSid {
    let [_, _, authority @ ..] = sid.authority().to_be_bytes();
    let sub = sid.sub_authorities();
    RpcSid {
        revision: 1,
        // At most fifteen.
        sub_authority_count: u8::try_from(sub.len()).unwrap_or(0),
        identifier_authority: authority,
        sub_authority: sub.to_vec(),
    }
}

/// From NDR. Errors: it is of no known revision.
pub(super) fn of_wire(sid: &RpcSid) -> Result<Sid, Fault> {
    let [a, b, c, d, e, f] = sid.identifier_authority;
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    if sid.revision != 1 {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    Ok(Sid::new(authority, &sid.sub_authority)?)
}

/// A SID of constants.
fn sid(authority: u64, sub: &[u32]) -> Sid {
    // All in use here fit.
    Sid::new(authority, sub).unwrap_or(Sid::EVERYONE)
}

/// S-1-5-32.
pub(super) fn builtin() -> Domain {
    Domain {
        name: BUILTIN.to_owned(),
        sid: sid(5, &[32]),
    }
}

/// A domain itself.
fn of_domain(domain: Domain) -> Named {
    Named {
        sid: domain.sid,
        kind: Use::Domain,
        name: domain.name.clone(),
        domain,
    }
}

/// The domain of the store's accounts: this machine.
pub(super) fn accounts(state: &State) -> Domain {
    let [a, b, c] = state.store().machine_sid();
    Domain {
        name: state.netbios_name(&state.config()),
        sid: sid(5, &[21, a, b, c]),
    }
}

/// The RID of an account of the store.
pub(super) const fn rid_of(id: u32) -> u32 {
    id.saturating_add(FIRST_RID)
}

/// The account of a RID.
pub(super) const fn id_of(rid: u32) -> Option<u32> {
    rid.checked_sub(FIRST_RID)
}

/// The built-in aliases: RID and name.
pub(super) fn aliases() -> impl Iterator<Item = (u32, &'static str)> {
    WELL_KNOWN.iter().filter_map(|w| match w {
        (5, [32, rid], _, _, name) => Some((*rid, *name)),
        _ => None,
    })
}

fn well_known((authority, sub, kind, domain, name): (u64, &[u32], Use, &str, &str)) -> Named {
    let own = sid(authority, sub);
    let parents = sub.split_last().map_or(&[][..], |(_, rest)| rest);
    Named {
        sid: own,
        kind,
        name: name.to_owned(),
        domain: Domain {
            name: domain.to_owned(),
            sid: sid(authority, parents),
        },
    }
}

fn unix(kind: Use, id: u32, name: String) -> Named {
    let (domain, number) = match kind {
        Use::User => (UNIX_USER, 1),
        _ => (UNIX_GROUP, 2),
    };
    Named {
        sid: sid(Sid::UNIX_AUTHORITY, &[number, id]),
        kind,
        name,
        domain: Domain {
            name: domain.to_owned(),
            sid: sid(Sid::UNIX_AUTHORITY, &[number]),
        },
    }
}

fn of_store(state: &State, rid: u32, name: String, kind: Use) -> Option<Named> {
    let domain = accounts(state);
    Some(Named {
        sid: domain.sid.child(rid).ok()?,
        kind,
        name,
        domain,
    })
}

/// Who has the RID among the accounts: name and kind.
pub(super) fn account_of_rid(state: &State, rid: u32) -> Option<(String, Use)> {
    if rid == DOMAIN_USERS {
        return Some((DOMAIN_USERS_NAME.to_owned(), Use::Group));
    }
    let found = state.store().user_by_id(id_of(rid)?);
    match found {
        Ok(user) => user.map(|u| (u.name, Use::User)),
        Err(e) => {
            tracing::error!(rid, error = %e, "looking up the account failed");
            None
        }
    }
}

/// The RID of an account's or group's name.
pub(super) fn account_of_name(state: &State, name: &str) -> Option<(u32, String, Use)> {
    if name.eq_ignore_ascii_case(DOMAIN_USERS_NAME) {
        return Some((DOMAIN_USERS, DOMAIN_USERS_NAME.to_owned(), Use::Group));
    }
    let found = state.store().user(name);
    match found {
        Ok(user) => user.map(|u| (rid_of(u.id), u.name, Use::User)),
        Err(e) => {
            tracing::error!(user = name, error = %e, "looking up the account failed");
            None
        }
    }
}

/// Whose SID it is. `Err`: nobody's, with the domain if that is known.
pub(super) fn of_sid(state: &State, sid: &Sid) -> Result<Named, Option<Domain>> {
    let known = WELL_KNOWN.into_iter().map(well_known);
    if let Some(found) = known.into_iter().find(|w| w.sid == *sid) {
        return Ok(found);
    }
    let domain = accounts(state);
    for itself in [builtin(), domain.clone()] {
        if itself.sid == *sid {
            return Ok(of_domain(itself));
        }
    }
    if let Some(rid) = sid.rid_in(&domain.sid) {
        return account_of_rid(state, rid)
            .and_then(|(name, kind)| of_store(state, rid, name, kind))
            .ok_or(Some(domain));
    }
    let found = match (sid.authority(), sid.sub_authorities()) {
        (Sid::UNIX_AUTHORITY, [1, uid]) => {
            let name = state.accounts.user_name(*uid);
            name.map(|n| unix(Use::User, *uid, n))
        }
        (Sid::UNIX_AUTHORITY, [2, gid]) => {
            let name = state.accounts.group_name(*gid);
            name.map(|n| unix(Use::Group, *gid, n))
        }
        _ => None,
    };
    found.ok_or_else(|| {
        let b = builtin();
        sid.rid_in(&b.sid).map(|_| b)
    })
}

/// Whom a name means: `DOMAIN\name`, `name@domain`, or a name alone, which is
/// looked for in every domain (\[MS-LSAT\] 3.1.4.7).
pub(super) fn of_name(state: &State, text: &str) -> Option<Named> {
    let own = accounts(state);
    let (domain, name) = match (text.split_once('\\'), text.rsplit_once('@')) {
        (Some((domain, name)), _) => (Some(domain), name),
        (None, Some((name, domain))) => (Some(domain), name),
        (None, None) => (None, text),
    };
    if name.is_empty() {
        // Windows takes no name at all for the built-in domain's.
        let named = domain.unwrap_or(BUILTIN);
        return [builtin(), own]
            .into_iter()
            .find(|d| d.name.eq_ignore_ascii_case(named))
            .map(of_domain);
    }
    let is = |d: &str| domain.is_none_or(|given| given.eq_ignore_ascii_case(d));
    for w in WELL_KNOWN {
        let (.., of, known) = w;
        if known.eq_ignore_ascii_case(name) && is(of) {
            return Some(well_known(w));
        }
    }
    if is(&own.name) {
        if let Some((rid, name, kind)) = account_of_name(state, name) {
            return of_store(state, rid, name, kind);
        }
    }
    if is(UNIX_USER) {
        if let Some(ids) = state.accounts.user(name) {
            return Some(unix(Use::User, ids.uid, name.to_owned()));
        }
    }
    if is(UNIX_GROUP) {
        if let Some(gid) = state.accounts.group(name) {
            return Some(unix(Use::Group, gid, name.to_owned()));
        }
    }
    if domain.is_none() {
        let mut domains = [builtin(), own].into_iter();
        if let Some(d) = domains.find(|d| d.name.eq_ignore_ascii_case(name)) {
            return Some(of_domain(d));
        }
        // A SID in words.
        let sid = Sid::from_str(name).ok()?;
        return of_sid(state, &sid).ok();
    }
    None
}
