// SPDX-License-Identifier: GPL-2.0-or-later
//! The server service (\[MS-SRVS\]): shares, sessions, open files, the server
//! itself. Who may change shares and see what others do is in `rpc_admins`.

mod changes;
mod closing;
mod descriptor;
mod lists;
mod live;
mod shares;
#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use dcerpc_ndr::idl::srvsvc::{
    self, Call, DiskEnumContainer, DiskInfo, NetrRemoteTODRequest, NetrRemoteTODResponse,
    NetrServerDiskEnumRequest, NetrServerDiskEnumResponse, NetrServerGetInfoRequest,
    NetrServerGetInfoResponse, NetrShareEnumRequest, NetrShareEnumStickyRequest,
    NetrShareEnumStickyResponse, ServerInfo, ServerInfo100, ServerInfo101, ServerInfo102,
    TimeOfDayInfo,
};
use dcerpc_ndr::types::{FixedString, Varying};

use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_admin, is_stranger, werror, Caller, Fault, PLATFORM_NT, VERSION};
use crate::state::State;

pub(super) use shares::windows_path;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: srvsvc::UUID,
    version: srvsvc::VERSION,
};

const STYPE_DISKTREE: u32 = 0;
const STYPE_IPC: u32 = 3;
const STYPE_SPECIAL: u32 = 0x8000_0000;

/// SV_TYPE_WORKSTATION, SERVER, SERVER_NT, NT (\[MS-SRVS\] 2.2.2.7).
const SERVER_TYPE: u32 = 0x1 | 0x2 | 0x8000 | 0x1000;

/// No limit of uses.
const UNLIMITED: u32 = u32::MAX;

pub(super) fn call(
    state: &State,
    caller: &Caller,
    opnum: u16,
    stub: Stub<'_>,
) -> Result<Vec<u8>, Fault> {
    let Some(call) = Call::of(opnum) else {
        return Err(Fault(fault::OP_RNG_ERROR));
    };
    match call {
        Call::NetrConnectionEnum => stub.serve(|r| Ok(live::connections(state, caller, r))),
        Call::NetrFileEnum => stub.serve(|r| Ok(live::files(state, caller, r))),
        Call::NetrFileGetInfo => stub.serve(|r| Ok(closing::file_info(state, caller, &r))),
        Call::NetrFileClose => stub.serve(|r| Ok(closing::close_file(state, caller, &r))),
        Call::NetrSessionDel => stub.serve(|r| Ok(closing::end_sessions(state, caller, r))),
        Call::NetrServerTransportEnum => stub.serve(|r| Ok(closing::transports(state, caller, &r))),
        Call::NetrSessionEnum => stub.serve(|r| Ok(live::sessions(state, caller, r))),
        Call::NetrShareAdd => stub.serve(|r| Ok(changes::add(state, caller, r))),
        Call::NetrShareEnum => stub.serve(|r| Ok(shares::enumerate(state, caller, &r, false))),
        Call::NetrShareGetInfo => stub.serve(|r| Ok(shares::get_info(state, caller, &r))),
        Call::NetrShareSetInfo => stub.serve(|r| Ok(changes::set_info(state, caller, r))),
        Call::NetrShareDel => stub.serve(|r| Ok(changes::delete(state, caller, &r))),
        Call::NetrShareCheck => stub.serve(|r| Ok(shares::check(state, caller, &r))),
        Call::NetrServerGetInfo => stub.serve(|r| Ok(server_get_info(state, caller, &r))),
        Call::NetrServerDiskEnum => stub.serve(|r| Ok(disk_enum(state, caller, &r))),
        Call::NetrRemoteTOD => stub.serve(|_: NetrRemoteTODRequest| Ok(time_of_day())),
        Call::NetrShareEnumSticky => stub.serve(|r| Ok(enum_sticky(state, caller, r))),
    }
}

/// NetrShareEnumSticky (\[MS-SRVS\] 3.1.4.9).
fn enum_sticky(
    state: &State,
    caller: &Caller,
    r: NetrShareEnumStickyRequest,
) -> NetrShareEnumStickyResponse {
    let same = NetrShareEnumRequest {
        server_name: r.server_name,
        info_struct: r.info_struct,
        prefered_maximum_length: r.prefered_maximum_length,
        resume_handle: r.resume_handle,
    };
    let told = shares::enumerate(state, caller, &same, true);
    NetrShareEnumStickyResponse {
        info_struct: told.info_struct,
        total_entries: told.total_entries,
        resume_handle: told.resume_handle,
        status: told.status,
    }
}

/// NetrServerGetInfo (\[MS-SRVS\] 3.1.4.17), levels 100, 101, 102.
fn server_get_info(
    state: &State,
    caller: &Caller,
    request: &NetrServerGetInfoRequest,
) -> NetrServerGetInfoResponse {
    let config = state.config();
    let name = || Some(state.netbios_name(&config));
    let comment = || Some(config.global.server_string.clone());
    let (info_struct, status) = match request.level {
        100 => {
            let info = ServerInfo100 {
                sv100_platform_id: PLATFORM_NT,
                sv100_name: name(),
            };
            (ServerInfo::ServerInfo100(Some(info)), werror::OK)
        }
        101 => {
            let info = ServerInfo101 {
                sv101_platform_id: PLATFORM_NT,
                sv101_name: name(),
                sv101_version_major: VERSION.0,
                sv101_version_minor: VERSION.1,
                sv101_type: SERVER_TYPE,
                sv101_comment: comment(),
            };
            (ServerInfo::ServerInfo101(Some(info)), werror::OK)
        }
        102 if is_stranger(caller) => (ServerInfo::ServerInfo102(None), werror::ACCESS_DENIED),
        102 => {
            let info = ServerInfo102 {
                sv102_platform_id: PLATFORM_NT,
                sv102_name: name(),
                sv102_version_major: VERSION.0,
                sv102_version_minor: VERSION.1,
                sv102_type: SERVER_TYPE,
                sv102_comment: comment(),
                sv102_users: config.global.max_active_sessions,
                sv102_disc: match config.global.deadtime {
                    0 => u32::MAX,
                    minutes => minutes,
                },
                sv102_hidden: 0,
                // Announcements are not made; these are the defaults.
                sv102_announce: 240,
                sv102_anndelta: 3000,
                sv102_licenses: 0,
                sv102_userpath: Some("C:\\".to_owned()),
            };
            (ServerInfo::ServerInfo102(Some(info)), werror::OK)
        }
        level => (ServerInfo::Other(level, None), werror::INVALID_LEVEL),
    };
    NetrServerGetInfoResponse {
        info_struct,
        status,
    }
}

/// NetrServerDiskEnum (\[MS-SRVS\] 3.1.4.19): the one drive that paths are
/// said to be on.
fn disk_enum(
    state: &State,
    caller: &Caller,
    request: &NetrServerDiskEnumRequest,
) -> NetrServerDiskEnumResponse {
    let status = match request.level {
        0 if is_admin(state, caller) => werror::OK,
        0 => werror::ACCESS_DENIED,
        _ => werror::INVALID_LEVEL,
    };
    let drives = if status == werror::OK {
        vec![DiskInfo {
            disk: FixedString("C:".to_owned()),
        }]
    } else {
        Vec::new()
    };
    let count = u32::try_from(drives.len()).unwrap_or(0);
    NetrServerDiskEnumResponse {
        disk_info_struct: DiskEnumContainer {
            entries_read: count,
            buffer: (count != 0).then(|| Varying::new(drives)),
        },
        total_entries: count,
        resume_handle: request.resume_handle.map(|_| 0),
        status,
    }
}

/// NetrRemoteTOD (\[MS-SRVS\] 3.1.4.21).
fn time_of_day() -> NetrRemoteTODResponse {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    NetrRemoteTODResponse {
        buffer_ptr: Some(time_info(now.as_secs(), now.subsec_millis())),
        status: werror::OK,
    }
}

/// TIME_OF_DAY_INFO (\[MS-SRVS\] 2.2.4.105) of seconds since 1970: the time is
/// UTC, and the time zone says so.
fn time_info(secs: u64, millis: u32) -> TimeOfDayInfo {
    let (days, of_day) = (secs / 86_400, secs % 86_400);
    // A civil date of days since 1970, years beginning in March, so that the
    // leap day is a year's last. An era has 400 years.
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let n = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    TimeOfDayInfo {
        tod_elapsedt: n(secs),
        // Milliseconds since some moment, for whoever measures.
        tod_msecs: n((secs % 4_000_000) * 1000) + millis,
        tod_hours: n(of_day / 3600),
        tod_mins: n(of_day / 60 % 60),
        tod_secs: n(of_day % 60),
        tod_hunds: millis / 10,
        tod_timezone: 0,
        // Units of 0.1 ms that the clock goes on by.
        tod_tinterval: 310,
        tod_day: n(day),
        tod_month: n(month),
        tod_year: n(year),
        // 1970 began on a Thursday.
        tod_weekday: n((days + 4) % 7),
    }
}
