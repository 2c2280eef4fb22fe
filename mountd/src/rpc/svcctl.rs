// SPDX-License-Identifier: GPL-2.0-or-later
//! The service control manager (\[MS-SCMR\]), to read, for those whom
//! `rpc_admins` names: that the server and the registry run. Tools look here
//! before they go on. Nothing is started or stopped by it.

use dcerpc_ndr::idl::svcctl::{
    self, Call, QueryServiceConfigw, RCloseServiceHandleRequest, RCloseServiceHandleResponse,
    REnumServicesStatusWRequest, REnumServicesStatusWResponse, ROpenSCManagerWRequest,
    ROpenSCManagerWResponse, ROpenServiceWRequest, ROpenServiceWResponse,
    RQueryServiceConfigWRequest, RQueryServiceConfigWResponse, RQueryServiceStatusRequest,
    RQueryServiceStatusResponse, ServiceStatus,
};
use dcerpc_ndr::types::Handle;

use super::handles::{Handles, Opened};
use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::winreg::new_handle;
use super::{is_admin, werror, Caller, Fault};
use crate::state::State;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: svcctl::UUID,
    version: svcctl::VERSION,
};

/// Names and what they are shown as.
const SERVICES: [(&str, &str); 2] = [
    ("LanmanServer", "Server"),
    ("RemoteRegistry", "Remote Registry"),
];
/// SERVICE_WIN32_SHARE_PROCESS (\[MS-SCMR\] 2.2.47).
const SHARE_PROCESS: u32 = 0x20;
/// SERVICE_RUNNING.
const RUNNING: u32 = 4;
/// SERVICE_ACTIVE of dwServiceState.
const ACTIVE: u32 = 1;
/// SERVICE_AUTO_START.
const AUTO_START: u32 = 2;
/// Bytes of an ENUM_SERVICE_STATUSW.
const ENTRY: usize = 36;

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
        Call::RCloseServiceHandle => stub.serve(|r: RCloseServiceHandleRequest| {
            handles.close(&r.h_sc_object.0)?;
            Ok(RCloseServiceHandleResponse::default())
        }),
        Call::RQueryServiceStatus => stub.serve(|r: RQueryServiceStatusRequest| {
            service(handles, r.h_service)?;
            Ok(RQueryServiceStatusResponse {
                lp_service_status: STATUS,
                status: werror::OK,
            })
        }),
        Call::REnumServicesStatusW => stub.serve(|r| enumerate(handles, &r)),
        Call::ROpenSCManagerW => {
            stub.serve(|_: ROpenSCManagerWRequest| Ok(open_manager(state, caller, handles)))
        }
        Call::ROpenServiceW => stub.serve(|r| open_service(handles, &r)),
        Call::RQueryServiceConfigW => stub.serve(|r| config(handles, &r)),
    }
}

fn manager(handles: &Handles, handle: Handle) -> Result<(), Fault> {
    match handles.get(&handle.0)? {
        Opened::Manager => Ok(()),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// Name and shown name.
fn service(handles: &Handles, handle: Handle) -> Result<(&'static str, &'static str), Fault> {
    let Opened::Service(n) = handles.get(&handle.0)? else {
        return Err(Fault(fault::CONTEXT_MISMATCH));
    };
    let found = SERVICES.get(n).copied();
    found.ok_or(Fault(fault::CONTEXT_MISMATCH))
}

/// ROpenSCManagerW (\[MS-SCMR\] 3.1.4.15). Rights to change are not refused here,
/// because tools ask for all of them: there are no calls to use them with.
fn open_manager(state: &State, caller: &Caller, handles: &mut Handles) -> ROpenSCManagerWResponse {
    let what = if is_admin(state, caller) {
        Ok(Opened::Manager)
    } else {
        Err(werror::ACCESS_DENIED)
    };
    let (lp_sc_handle, status) = new_handle(handles, what);
    ROpenSCManagerWResponse {
        lp_sc_handle,
        status,
    }
}

/// ROpenServiceW (\[MS-SCMR\] 3.1.4.16).
fn open_service(
    handles: &mut Handles,
    r: &ROpenServiceWRequest,
) -> Result<ROpenServiceWResponse, Fault> {
    manager(handles, r.h_sc_manager)?;
    let mut names = SERVICES.iter();
    let found = names.position(|(n, _)| n.eq_ignore_ascii_case(&r.lp_service_name));
    let what = found.map(Opened::Service).ok_or(werror::NO_SUCH_SERVICE);
    let (lp_service_handle, status) = new_handle(handles, what);
    Ok(ROpenServiceWResponse {
        lp_service_handle,
        status,
    })
}

/// Running, and takes no controls.
const STATUS: ServiceStatus = ServiceStatus {
    dw_service_type: SHARE_PROCESS,
    dw_current_state: RUNNING,
    dw_controls_accepted: 0,
    dw_win32_exit_code: 0,
    dw_service_specific_exit_code: 0,
    dw_check_point: 0,
    dw_wait_hint: 0,
};

/// REnumServicesStatusW (\[MS-SCMR\] 3.1.4.11): entries from the front of the
/// buffer, their names from its end of entries on.
fn enumerate(
    handles: &Handles,
    r: &REnumServicesStatusWRequest,
) -> Result<REnumServicesStatusWResponse, Fault> {
    manager(handles, r.h_sc_manager)?;
    let start = usize::try_from(r.lp_resume_index.unwrap_or(0)).unwrap_or(usize::MAX);
    let wanted = r.dw_service_type & SHARE_PROCESS != 0 && r.dw_service_state & ACTIVE != 0;
    let list = if wanted { &SERVICES[..] } else { &[] };
    let list = list.get(start..).unwrap_or_default();

    let (mut buffer, mut names) = (Vec::new(), Vec::new());
    for (name, shown) in list {
        for text in [name, shown] {
            let at = list.len() * ENTRY + names.len();
            buffer.extend_from_slice(&u32::try_from(at).unwrap_or(0).to_le_bytes());
            let units = text.encode_utf16().chain([0]);
            names.extend(units.flat_map(u16::to_le_bytes));
        }
        // SERVICE_STATUS as in memory.
        for n in [SHARE_PROCESS, RUNNING, 0, 0, 0, 0, 0] {
            buffer.extend_from_slice(&n.to_le_bytes());
        }
    }
    buffer.append(&mut names);
    let needed = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
    // All or none: they are few.
    let fit = needed <= r.cb_buf_size;
    if !fit {
        buffer.clear();
    }
    buffer.resize(usize::try_from(r.cb_buf_size).unwrap_or(0), 0);
    let or_zero = |yes: bool, n: u32| if yes { n } else { 0 };
    Ok(REnumServicesStatusWResponse {
        lp_buffer: buffer,
        pcb_bytes_needed: or_zero(!fit, needed),
        lp_services_returned: or_zero(fit, u32::try_from(list.len()).unwrap_or(0)),
        lp_resume_index: r.lp_resume_index.map(|resume| or_zero(!fit, resume)),
        status: if fit { werror::OK } else { werror::MORE_DATA },
    })
}

/// RQueryServiceConfigW (\[MS-SCMR\] 3.1.4.17).
fn config(
    handles: &Handles,
    r: &RQueryServiceConfigWRequest,
) -> Result<RQueryServiceConfigWResponse, Fault> {
    let (_, shown) = service(handles, r.h_service)?;
    let (program, account) = ("ksmbd.mountd", "LocalSystem");
    let chars: usize = [program, "", "", account, shown]
        .iter()
        .map(|t| t.len() + 1)
        .sum();
    // Nine numbers of the structure on the client's side, and the texts.
    let needed = u32::try_from(36 + 2 * chars).unwrap_or(u32::MAX);
    let text = |text: &str| Some(text.to_owned());
    let (lp_service_config, status) = if needed <= r.cb_buf_size {
        let config = QueryServiceConfigw {
            dw_service_type: SHARE_PROCESS,
            dw_start_type: AUTO_START,
            dw_error_control: 0,
            lp_binary_path_name: text(program),
            lp_load_order_group: text(""),
            dw_tag_id: 0,
            lp_dependencies: text(""),
            lp_service_start_name: text(account),
            lp_display_name: text(shown),
        };
        (config, werror::OK)
    } else {
        let none = QueryServiceConfigw::default();
        (none, werror::INSUFFICIENT_BUFFER)
    };
    Ok(RQueryServiceConfigWResponse {
        lp_service_config,
        pcb_bytes_needed: needed,
        status,
    })
}
