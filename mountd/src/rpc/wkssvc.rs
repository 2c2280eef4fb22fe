// SPDX-License-Identifier: GPL-2.0-or-later
//! The workstation service (\[MS-WKST\]): who this server is.

use dcerpc_ndr::idl::wkssvc::{self, Call, WkstaInfo, WkstaInfo100, WkstaInfo101, WkstaInfo102};
use dcerpc_ndr::idl::wkssvc::{NetrWkstaGetInfoRequest, NetrWkstaGetInfoResponse};

use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_stranger, werror, Caller, Fault, PLATFORM_NT, VERSION};
use crate::state::State;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: wkssvc::UUID,
    version: wkssvc::VERSION,
};

pub(super) fn call(
    state: &State,
    caller: &Caller,
    opnum: u16,
    stub: Stub<'_>,
) -> Result<Vec<u8>, Fault> {
    match Call::of(opnum) {
        Some(Call::NetrWkstaGetInfo) => stub.serve(|ask| Ok(get_info(state, caller, &ask))),
        None => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// NetrWkstaGetInfo (\[MS-WKST\] 3.2.4.1), levels 100, 101, 102.
fn get_info(
    state: &State,
    caller: &Caller,
    ask: &NetrWkstaGetInfoRequest,
) -> NetrWkstaGetInfoResponse {
    let config = state.config();
    let name = || Some(state.netbios_name(&config));
    let group = || Some(config.global.workgroup.clone());
    // The LAN root is empty on Windows as well.
    let root = || Some(String::new());
    let stranger = is_stranger(caller);
    let (wksta_info, status) = match ask.level {
        // What is more than the name is for those who logged in.
        101 if stranger => (WkstaInfo::WkstaInfo101(None), werror::ACCESS_DENIED),
        102 if stranger => (WkstaInfo::WkstaInfo102(None), werror::ACCESS_DENIED),
        100 => {
            let info = WkstaInfo100 {
                wki100_platform_id: PLATFORM_NT,
                wki100_computername: name(),
                wki100_langroup: group(),
                wki100_ver_major: VERSION.0,
                wki100_ver_minor: VERSION.1,
            };
            (WkstaInfo::WkstaInfo100(Some(info)), werror::OK)
        }
        101 => {
            let info = WkstaInfo101 {
                wki101_platform_id: PLATFORM_NT,
                wki101_computername: name(),
                wki101_langroup: group(),
                wki101_ver_major: VERSION.0,
                wki101_ver_minor: VERSION.1,
                wki101_lanroot: root(),
            };
            (WkstaInfo::WkstaInfo101(Some(info)), werror::OK)
        }
        102 => {
            let info = WkstaInfo102 {
                wki102_platform_id: PLATFORM_NT,
                wki102_computername: name(),
                wki102_langroup: group(),
                wki102_ver_major: VERSION.0,
                wki102_ver_minor: VERSION.1,
                wki102_lanroot: root(),
                // Those at the console, of which there are none.
                wki102_logged_on_users: 0,
            };
            (WkstaInfo::WkstaInfo102(Some(info)), werror::OK)
        }
        level => (WkstaInfo::Other(level, None), werror::INVALID_LEVEL),
    };
    NetrWkstaGetInfoResponse { wksta_info, status }
}
