// SPDX-License-Identifier: GPL-2.0-or-later
//! The service control manager (\[MS-SCMR\]), to read, for those whom
//! `rpc_admins` names: that the server and the registry run. Tools look here
//! before they go on. Nothing is started or stopped by it.

use super::handles::{Handles, Opened};
use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::winreg::{answer_handle, close};
use super::{is_admin, werror, Caller, Fault};
use crate::state::State;

/// 367ABB81-9844-35F1-AD32-98F038001003, version 2.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10,
        0x03,
    ],
    version: 2,
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
/// Most bytes of a buffer (\[MS-SCMR\] 3.1.4.11).
const MAX_BUFFER: u32 = 256 * 1024;
/// Most bytes of a configuration (\[MS-SCMR\] 3.1.4.17).
const MAX_CONFIG: u32 = 8 * 1024;

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
        6 => status(handles, &mut r),
        14 => enumerate(handles, &mut r),
        15 => open_manager(state, caller, handles, &mut r),
        16 => open_service(handles, &mut r),
        17 => config(handles, &mut r),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

fn manager(handles: &Handles, r: &mut Reader<'_>) -> Result<(), Fault> {
    match handles.get(&r.handle()?)? {
        Opened::Manager => Ok(()),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

/// Name and shown name.
fn service(handles: &Handles, r: &mut Reader<'_>) -> Result<(&'static str, &'static str), Fault> {
    let Opened::Service(n) = handles.get(&r.handle()?)? else {
        return Err(Fault(fault::CONTEXT_MISMATCH));
    };
    let found = SERVICES.get(n).copied();
    found.ok_or(Fault(fault::CONTEXT_MISMATCH))
}

/// ROpenSCManagerW (\[MS-SCMR\] 3.1.4.15). Rights to change are not refused here,
/// because tools ask for all of them: there are no calls to use them with.
fn open_manager(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    r: &mut Reader<'_>,
) -> Result<Vec<u8>, Fault> {
    let _machine = r.unique_string()?;
    let _database = r.unique_string()?;
    let _access = r.u32()?;
    Ok(answer_handle(if is_admin(state, caller) {
        let new = handles.open(Opened::Manager);
        new.ok_or(werror::NO_SYSTEM_RESOURCES)
    } else {
        Err(werror::ACCESS_DENIED)
    }))
}

/// ROpenServiceW (\[MS-SCMR\] 3.1.4.16).
fn open_service(handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    manager(handles, r)?;
    let name = r.string()?;
    let _access = r.u32()?;
    let mut names = SERVICES.iter();
    let found = names.position(|(n, _)| n.eq_ignore_ascii_case(&name));
    Ok(answer_handle(match found {
        Some(n) => {
            let new = handles.open(Opened::Service(n));
            new.ok_or(werror::NO_SYSTEM_RESOURCES)
        }
        None => Err(werror::NO_SUCH_SERVICE),
    }))
}

/// SERVICE_STATUS (\[MS-SCMR\] 2.2.47): running, and takes no controls.
const STATUS: [u32; 7] = [SHARE_PROCESS, RUNNING, 0, 0, 0, 0, 0];

/// RQueryServiceStatus (\[MS-SCMR\] 3.1.4.7).
fn status(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    service(handles, r)?;
    let mut w = Writer::new();
    STATUS.iter().for_each(|n| w.u32(*n));
    w.u32(werror::OK);
    Ok(w.into_bytes())
}

/// REnumServicesStatusW (\[MS-SCMR\] 3.1.4.11): entries from the front of the
/// buffer, their names from its end of entries on.
fn enumerate(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    manager(handles, r)?;
    let (kinds, states) = (r.u32()?, r.u32()?);
    let room = r.array_len(MAX_BUFFER)?;
    let resume = r.unique_u32()?;
    let start = usize::try_from(resume.unwrap_or(0)).unwrap_or(usize::MAX);
    let wanted = kinds & SHARE_PROCESS != 0 && states & ACTIVE != 0;
    let list = if wanted { &SERVICES[..] } else { &[] };
    let list = list.get(start..).unwrap_or_default();

    let (mut fixed, mut names) = (Vec::new(), Vec::new());
    for (name, shown) in list {
        for text in [name, shown] {
            let at = list.len() * ENTRY + names.len();
            fixed.extend_from_slice(&u32::try_from(at).unwrap_or(0).to_le_bytes());
            let units = text.encode_utf16().chain([0]);
            names.extend(units.flat_map(u16::to_le_bytes));
        }
        STATUS
            .iter()
            .for_each(|n| fixed.extend_from_slice(&n.to_le_bytes()));
    }
    fixed.append(&mut names);
    let needed = u32::try_from(fixed.len()).unwrap_or(u32::MAX);
    // All or none: they are few.
    let fit = needed <= room;
    if !fit {
        fixed.clear();
    }
    fixed.resize(usize::try_from(room).unwrap_or(0), 0);
    let mut w = Writer::new();
    w.u32(room);
    w.raw(&fixed);
    w.u32(if fit { 0 } else { needed });
    w.u32(if fit {
        u32::try_from(list.len()).unwrap_or(0)
    } else {
        0
    });
    w.pointer(resume.is_some());
    if let Some(resume) = resume {
        w.u32(if fit { 0 } else { resume });
    }
    w.u32(if fit { werror::OK } else { werror::MORE_DATA });
    Ok(w.into_bytes())
}

/// RQueryServiceConfigW (\[MS-SCMR\] 3.1.4.17).
fn config(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let (_, shown) = service(handles, r)?;
    let room = r.array_len(MAX_CONFIG)?;
    // Program, group, dependencies, account, shown name.
    let texts = ["ksmbd.mountd", "", "", "LocalSystem", shown];
    let chars: usize = texts.iter().map(|t| t.len() + 1).sum();
    // Nine numbers of the structure on the client's side, and the texts.
    let needed = u32::try_from(36 + 2 * chars).unwrap_or(u32::MAX);
    let fit = needed <= room;
    let mut w = Writer::new();
    let number = |w: &mut Writer, n: u32| w.u32(if fit { n } else { 0 });
    number(&mut w, SHARE_PROCESS);
    number(&mut w, AUTO_START);
    number(&mut w, 0);
    w.pointer(fit);
    w.pointer(fit);
    w.u32(0);
    w.pointer(fit);
    w.pointer(fit);
    w.pointer(fit);
    if fit {
        texts.iter().for_each(|t| w.string(t));
    }
    w.u32(needed);
    w.u32(if fit {
        werror::OK
    } else {
        werror::INSUFFICIENT_BUFFER
    });
    Ok(w.into_bytes())
}
