// SPDX-License-Identifier: GPL-2.0-or-later
//! The local security authority (\[MS-LSAD\], \[MS-LSAT\]), to read: whose SID
//! something is, and which SID somebody has. Clients show access lists by it.

use proto_shared::dtyp::Sid;
use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use super::handles::{Handles, Opened};
use super::names::{self, Domain, Named, Use};
use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_stranger, Caller, Fault};
use crate::state::State;

/// 12345778-1234-ABCD-EF00-0123456789AB, version 0.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
        0xab,
    ],
    version: 0,
};

/// Most names or SIDs of one call (\[MS-LSAT\] 2.2.17, 3.1.4.6).
const MAX_NAMES: u32 = 1000;
const MAX_SIDS: u32 = 20_480;
/// Index of no domain.
const NO_DOMAIN: u32 = u32::MAX;

pub(super) fn call(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    opnum: u16,
    stub: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    match opnum {
        0 => close(handles, &mut r),
        // LsarOpenPolicy, LsarOpenPolicy2: the attributes say nothing here.
        6 | 44 => Ok(open(caller, handles)),
        7 | 46 => query_policy(state, handles, &mut r),
        14 => lookup_names(state, handles, &mut r, Names::V1),
        58 => lookup_names(state, handles, &mut r, Names::V2),
        68 => lookup_names(state, handles, &mut r, Names::V3),
        15 => lookup_sids(state, handles, &mut r, false),
        57 => lookup_sids(state, handles, &mut r, true),
        45 => user_name(state, caller, &mut r),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

fn policy(handles: &Handles, r: &mut Reader<'_>) -> Result<(), Fault> {
    match handles.get(&r.handle()?)? {
        Opened::Policy => Ok(()),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// LsarClose (\[MS-LSAD\] 3.1.4.9.4).
pub(super) fn close(handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    handles.close(&r.handle()?)?;
    let mut w = Writer::new();
    w.handle(&[0; super::ndr::HANDLE_LEN]);
    w.u32(NtStatus::SUCCESS.0);
    Ok(w.into_bytes())
}

/// LsarOpenPolicy2 (\[MS-LSAD\] 3.1.4.4.1): for whoever logged in.
fn open(caller: &Caller, handles: &mut Handles) -> Vec<u8> {
    let opened = if is_stranger(caller) {
        Err(NtStatus::ACCESS_DENIED)
    } else {
        let new = handles.open(Opened::Policy);
        new.ok_or(NtStatus::INSUFFICIENT_RESOURCES)
    };
    answer_handle(opened)
}

/// A handle, or a null one, and the status.
pub(super) fn answer_handle(opened: Result<[u8; super::ndr::HANDLE_LEN], NtStatus>) -> Vec<u8> {
    let mut w = Writer::new();
    w.handle(&opened.unwrap_or_default());
    w.u32(opened.err().unwrap_or(NtStatus::SUCCESS).0);
    w.into_bytes()
}

/// LsarQueryInformationPolicy2 (\[MS-LSAD\] 3.1.4.4.3): auditing, primary domain,
/// account domain, role, DNS domain.
fn query_policy(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    policy(handles, r)?;
    let level = r.u16()?;
    let mut w = Writer::new();
    let workgroup = state.config().global.workgroup.clone();
    match level {
        2 => {
            // Nothing is audited, of nothing.
            w.pointer(true);
            w.u16(level);
            w.u32(0);
            w.pointer(false);
            w.u32(0);
        }
        3 => {
            w.pointer(true);
            w.u16(level);
            w.counted_header(&workgroup);
            // Without a domain there is no SID of it.
            w.pointer(false);
            w.counted(&workgroup);
        }
        5 => {
            let domain = names::accounts(state);
            w.pointer(true);
            w.u16(level);
            w.counted_header(&domain.name);
            w.pointer(true);
            w.counted(&domain.name);
            w.sid(&domain.sid);
        }
        6 => {
            w.pointer(true);
            w.u16(level);
            // PolicyServerRolePrimary: its accounts are its own. It has 16 bits,
            // and lies where the greatest of the union's arms would.
            w.u32(3);
        }
        12 => {
            w.pointer(true);
            w.u16(level);
            w.counted_header(&workgroup);
            w.counted_header("");
            w.counted_header("");
            w.raw(&[0; 16]);
            w.pointer(false);
            w.counted(&workgroup);
        }
        _ => {
            w.pointer(false);
            w.u32(NtStatus::INVALID_INFO_CLASS.0);
            return Ok(w.into_bytes());
        }
    }
    w.u32(NtStatus::SUCCESS.0);
    Ok(w.into_bytes())
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

    /// LSAPR_REFERENCED_DOMAIN_LIST (\[MS-LSAT\] 2.2.12), behind a pointer.
    fn write(&self, w: &mut Writer) {
        let count = u32::try_from(self.0.len()).unwrap_or(0);
        w.pointer(true);
        w.u32(count);
        w.pointer(count != 0);
        w.u32(count);
        if count == 0 {
            return;
        }
        w.u32(count);
        for d in &self.0 {
            w.counted_header(&d.name);
            w.pointer(true);
        }
        for d in &self.0 {
            w.counted(&d.name);
            w.sid(&d.sid);
        }
    }
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

/// LsarLookupSids (\[MS-LSAT\] 3.1.4.11), LsarLookupSids2 (3.1.4.10).
fn lookup_sids(
    state: &State,
    handles: &Handles,
    r: &mut Reader<'_>,
    second: bool,
) -> Result<Vec<u8>, Fault> {
    policy(handles, r)?;
    let count = r.array_len(MAX_SIDS)?;
    let mut sids: Vec<Sid> = Vec::new();
    if r.pointer()? {
        if r.array_len(MAX_SIDS)? != count {
            return Err(Fault(fault::BAD_STUB_DATA));
        }
        for _ in 0..count {
            if !r.pointer()? {
                return Err(Fault(fault::BAD_STUB_DATA));
            }
        }
        for _ in 0..count {
            sids.push(r.sid()?);
        }
    } else if count != 0 {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    // What else is passed are the empty list of names and the level, which
    // says how far to ask other servers.
    let mut domains = Domains::default();
    let mut found = 0;
    let names: Vec<(Use, String, u32)> = sids
        .iter()
        .map(|sid| match names::of_sid(state, sid) {
            Ok(n) => {
                found += 1;
                (n.kind, n.name, domains.index(n.domain))
            }
            Err(Some(domain)) => {
                let rid = sid.rid().unwrap_or(0);
                (Use::Unknown, format!("{rid:08X}"), domains.index(domain))
            }
            Err(None) => (Use::Unknown, sid.to_string(), NO_DOMAIN),
        })
        .collect();
    let mut w = Writer::new();
    domains.write(&mut w);
    let count = u32::try_from(names.len()).unwrap_or(0);
    w.u32(count);
    w.pointer(count != 0);
    if count != 0 {
        w.u32(count);
        for (kind, name, domain) in &names {
            w.u16(kind.wire());
            w.counted_header(name);
            w.u32(*domain);
            if second {
                w.u32(0);
            }
        }
        for (_, name, _) in &names {
            w.counted(name);
        }
    }
    w.u32(u32::try_from(found).unwrap_or(0));
    w.u32(lookup_status(names.len(), found).0);
    Ok(w.into_bytes())
}

/// Which form of LsarLookupNames.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// RIDs.
    V1,
    /// RIDs and flags.
    V2,
    /// SIDs and flags.
    V3,
}

/// LsarLookupNames (\[MS-LSAT\] 3.1.4.8), LsarLookupNames2 (3.1.4.7),
/// LsarLookupNames3 (3.1.4.6).
fn lookup_names(
    state: &State,
    handles: &Handles,
    r: &mut Reader<'_>,
    form: Names,
) -> Result<Vec<u8>, Fault> {
    policy(handles, r)?;
    let count = r.array_len(MAX_NAMES)?;
    let asked = names_array(r, count)?;
    let mut domains = Domains::default();
    let found: Vec<(Option<Named>, u32)> = asked
        .iter()
        .map(|name| match names::of_name(state, name) {
            Some(n) => {
                let at = domains.index(n.domain.clone());
                (Some(n), at)
            }
            None => (None, NO_DOMAIN),
        })
        .collect();
    let mapped = found.iter().filter(|(n, _)| n.is_some()).count();
    let mut w = Writer::new();
    domains.write(&mut w);
    w.u32(count);
    w.pointer(count != 0);
    if count != 0 {
        w.u32(count);
        for (named, domain) in &found {
            let named = named.as_ref();
            w.u16(named.map_or(Use::Unknown, |n| n.kind).wire());
            match form {
                Names::V1 | Names::V2 => w.u32(match named {
                    // A domain has no RID of its own.
                    Some(n) if n.kind == Use::Domain => u32::MAX,
                    Some(n) => n.sid.rid().unwrap_or(0),
                    None => 0,
                }),
                Names::V3 => w.pointer(named.is_some()),
            }
            w.u32(*domain);
            if form != Names::V1 {
                w.u32(0);
            }
        }
        if form == Names::V3 {
            found
                .iter()
                .filter_map(|(named, _)| named.as_ref())
                .for_each(|named| w.sid(&named.sid));
        }
    }
    w.u32(u32::try_from(mapped).unwrap_or(0));
    w.u32(lookup_status(asked.len(), mapped).0);
    Ok(w.into_bytes())
}

/// A conformant array of `count` RPC_UNICODE_STRINGs.
fn names_array(r: &mut Reader<'_>, count: u32) -> Result<Vec<String>, Fault> {
    if r.array_len(MAX_NAMES)? != count {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    strings(r, count)
}

/// `count` RPC_UNICODE_STRINGs, and behind them their texts.
pub(super) fn strings(r: &mut Reader<'_>, count: u32) -> Result<Vec<String>, Fault> {
    let mut present = Vec::new();
    for _ in 0..count {
        present.push(r.counted_header()?);
    }
    let mut out = Vec::new();
    for p in present {
        out.push(r.counted(p)?);
    }
    Ok(out)
}

/// LsarGetUserName (\[MS-LSAT\] 3.1.4.4): who the caller is.
fn user_name(state: &State, caller: &Caller, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let _server = r.unique_string()?;
    // Where the name goes; clients leave it empty.
    if r.pointer()? {
        let present = r.counted_header()?;
        r.counted(present)?;
    }
    let wants_domain = r.pointer()?;
    let (name, domain) = if caller.flags.contains(UserFlags::ANONYMOUS) {
        ("ANONYMOUS LOGON".to_owned(), "NT AUTHORITY".to_owned())
    } else {
        (caller.account.clone(), names::accounts(state).name)
    };
    let mut w = Writer::new();
    w.pointer(true);
    w.whole(&name);
    w.pointer(wants_domain);
    if wants_domain {
        w.pointer(true);
        w.whole(&domain);
    }
    w.u32(NtStatus::SUCCESS.0);
    Ok(w.into_bytes())
}
