// SPDX-License-Identifier: GPL-2.0-or-later
//! The workstation service (\[MS-WKST\]): who this server is.

use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_stranger, werror, Caller, Fault, PLATFORM_NT, VERSION};
use crate::state::State;

/// 6BFFD098-A112-3610-9833-46C3F87E345A, version 1.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x98, 0xd0, 0xff, 0x6b, 0x12, 0xa1, 0x10, 0x36, 0x98, 0x33, 0x46, 0xc3, 0xf8, 0x7e, 0x34,
        0x5a,
    ],
    version: 1,
};

pub(super) fn call(
    state: &State,
    caller: &Caller,
    opnum: u16,
    stub: &[u8],
) -> Result<Vec<u8>, Fault> {
    match opnum {
        0 => get_info(state, caller, stub),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// NetrWkstaGetInfo (\[MS-WKST\] 3.2.4.1), levels 100, 101, 102.
fn get_info(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let level = r.u32()?;
    let mut w = Writer::new();
    w.u32(level);
    let stranger = is_stranger(caller);
    let refused = match level {
        100 => None,
        // What is more than the name is for those who logged in.
        101 | 102 if stranger => Some(werror::ACCESS_DENIED),
        101 | 102 => None,
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
    w.pointer(true);
    w.u32(VERSION.0);
    w.u32(VERSION.1);
    if level >= 101 {
        w.pointer(true);
    }
    if level == 102 {
        // Logged on users: those at the console, of which there are none.
        w.u32(0);
    }
    w.string(&state.netbios_name(&config));
    w.string(&config.global.workgroup);
    if level >= 101 {
        // The LAN root is empty on Windows as well.
        w.string("");
    }
    w.u32(werror::OK);
    Ok(w.into_bytes())
}
