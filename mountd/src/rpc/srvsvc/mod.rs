// SPDX-License-Identifier: GPL-2.0-or-later
//! The server service (\[MS-SRVS\]): shares, sessions, open files, the server
//! itself. Who may change shares and see what others do is in `rpc_admins`.

mod changes;
mod lists;
mod live;
mod shares;
#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_admin, is_stranger, werror, Caller, Fault, PLATFORM_NT, VERSION};
use crate::state::State;

pub(super) use shares::windows_path;

/// 4B324FC8-1670-01D3-1278-5A47BF6EE188, version 3.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1,
        0x88,
    ],
    version: 3,
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
    stub: &[u8],
) -> Result<Vec<u8>, Fault> {
    match opnum {
        8 => live::connections(state, caller, stub),
        9 => live::files(state, caller, stub),
        12 => live::sessions(state, caller, stub),
        14 => changes::add(state, caller, stub),
        15 => shares::enumerate(state, caller, stub, false),
        36 => shares::enumerate(state, caller, stub, true),
        16 => shares::get_info(state, caller, stub),
        17 => changes::set_info(state, caller, stub),
        18 => changes::delete(state, caller, stub),
        20 => shares::check(state, caller, stub),
        21 => server_get_info(state, caller, stub),
        23 => disk_enum(state, caller, stub),
        28 => time_of_day(stub),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// NetrServerGetInfo (\[MS-SRVS\] 3.1.4.17), levels 100, 101, 102.
fn server_get_info(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let level = r.u32()?;
    let mut w = Writer::new();
    w.u32(level);
    let refused = match level {
        100 | 101 => None,
        102 if is_stranger(caller) => Some(werror::ACCESS_DENIED),
        102 => None,
        _ => Some(werror::INVALID_LEVEL),
    };
    if let Some(code) = refused {
        w.pointer(false);
        w.u32(code);
        return Ok(w.into_bytes());
    }
    let config = state.config();
    w.pointer(true);
    w.u32(PLATFORM_NT);
    w.pointer(true);
    if level >= 101 {
        w.u32(VERSION.0);
        w.u32(VERSION.1);
        w.u32(SERVER_TYPE);
        w.pointer(true);
    }
    if level == 102 {
        w.u32(config.global.max_active_sessions);
        // Minutes until idle sessions end; 0xFFFFFFFF for never.
        w.u32(match config.global.deadtime {
            0 => u32::MAX,
            minutes => minutes,
        });
        w.u32(0);
        // Announcements are not made; these are the defaults.
        w.u32(240);
        w.u32(3000);
        w.u32(0);
        w.pointer(true);
    }
    w.string(&state.netbios_name(&config));
    if level >= 101 {
        w.string(&config.global.server_string);
    }
    if level == 102 {
        w.string("C:\\");
    }
    w.u32(werror::OK);
    Ok(w.into_bytes())
}

/// NetrServerDiskEnum (\[MS-SRVS\] 3.1.4.19): the one drive that paths are
/// said to be on.
fn disk_enum(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let level = r.u32()?;
    let count = r.u32()?;
    if r.pointer()? {
        // Clients leave it empty; what is in it would be written over.
        let (_, _, actual) = (r.u32()?, r.u32()?, r.u32()?);
        if count != 0 || actual != 0 {
            return Err(Fault(fault::BAD_STUB_DATA));
        }
    }
    let _prefered_max = r.u32()?;
    let resume = r.unique_u32()?;
    let code = match level {
        0 if is_admin(state, caller) => werror::OK,
        0 => werror::ACCESS_DENIED,
        _ => werror::INVALID_LEVEL,
    };
    let mut w = Writer::new();
    if code == werror::OK {
        w.u32(1);
        w.pointer(true);
        // The array: its size, offset and length; then one varying string.
        w.u32(1);
        w.u32(0);
        w.u32(1);
        w.u32(0);
        w.u32(3);
        "C:\0".encode_utf16().for_each(|unit| w.u16(unit));
        w.u32(1);
    } else {
        w.u32(0);
        w.pointer(false);
        w.u32(0);
    }
    w.pointer(resume.is_some());
    if resume.is_some() {
        w.u32(0);
    }
    w.u32(code);
    Ok(w.into_bytes())
}

/// NetrRemoteTOD (\[MS-SRVS\] 3.1.4.21).
fn time_of_day(stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    let mut w = Writer::new();
    w.pointer(true);
    for n in time_info(now.as_secs(), now.subsec_millis()) {
        w.u32(n);
    }
    w.u32(werror::OK);
    Ok(w.into_bytes())
}

/// TIME_OF_DAY_INFO (\[MS-SRVS\] 2.2.4.105) of seconds since 1970: the time is
/// UTC, and the time zone says so.
fn time_info(secs: u64, millis: u32) -> [u32; 12] {
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
    [
        n(secs),
        // Milliseconds since some moment, for whoever measures.
        n((secs % 4_000_000) * 1000) + millis,
        n(of_day / 3600),
        n(of_day / 60 % 60),
        n(of_day % 60),
        millis / 10,
        0,
        // Units of 0.1 ms that the clock goes on by.
        310,
        n(day),
        n(month),
        n(year),
        // 1970 began on a Thursday.
        n((days + 4) % 7),
    ]
}
