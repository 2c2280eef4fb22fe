// SPDX-License-Identifier: GPL-2.0-or-later
//! The server service (\[MS-SRVS\]): which shares there are.

use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_stranger, werror, Caller, Fault, PLATFORM_NT, VERSION};
use crate::state::State;
use ksmbd_config::{Config, Share};

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
        // NetrShareEnum, NetrShareEnumSticky: there are no other than sticky
        // shares.
        15 | 36 => share_enum(state, caller, stub),
        16 => share_get_info(state, caller, stub),
        21 => server_get_info(state, caller, stub),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// What is told of a share.
struct Info<'a> {
    name: &'a str,
    kind: u32,
    remark: &'a str,
    max_uses: u32,
    path: String,
    encrypt: bool,
}

impl<'a> Info<'a> {
    fn of(share: &'a Share) -> Self {
        let hidden = if share.name.ends_with('$') {
            STYPE_SPECIAL
        } else {
            0
        };
        // Clients want a path of Windows; it means nothing to them.
        let path = share.path.display().to_string().replace('/', "\\");
        Self {
            name: &share.name,
            kind: STYPE_DISKTREE | hidden,
            remark: &share.comment,
            max_uses: match share.max_connections {
                0 => UNLIMITED,
                n => n,
            },
            path: format!("C:{path}"),
            encrypt: share.encrypt,
        }
    }

    fn ipc() -> Self {
        Self {
            name: "IPC$",
            kind: STYPE_IPC | STYPE_SPECIAL,
            remark: "Remote IPC",
            max_uses: UNLIMITED,
            path: String::new(),
            encrypt: false,
        }
    }

    /// Writes the fixed part of SHARE_INFO_`level` (\[MS-SRVS\] 2.2.4.22 ff).
    fn fixed(&self, w: &mut Writer, level: u32) {
        match level {
            1004 => return w.pointer(true),
            // SHI1005_FLAGS_ENCRYPT_DATA.
            1005 => return w.u32(if self.encrypt { 0x8000 } else { 0 }),
            _ => w.pointer(true),
        }
        if level >= 1 {
            w.u32(self.kind);
            w.pointer(true);
        }
        match level {
            501 => w.u32(0),
            2 | 502 => {
                w.u32(0);
                w.u32(self.max_uses);
                w.u32(0);
                w.pointer(true);
                w.pointer(false);
                if level == 502 {
                    w.u32(0);
                    w.pointer(false);
                }
            }
            _ => {}
        }
    }

    /// Writes what the pointers of the fixed part point to.
    fn deferred(&self, w: &mut Writer, level: u32) {
        match level {
            1004 => return w.string(self.remark),
            1005 => return,
            _ => w.string(self.name),
        }
        if level >= 1 {
            w.string(self.remark);
        }
        if matches!(level, 2 | 502) {
            w.string(&self.path);
        }
    }
}

/// Whether the level may be asked for, and by this caller.
fn check_level(caller: &Caller, level: u32, known: &[u32]) -> u32 {
    if !known.contains(&level) {
        werror::INVALID_LEVEL
    } else if matches!(level, 2 | 502) && is_stranger(caller) {
        // Paths are not for everybody.
        werror::ACCESS_DENIED
    } else {
        werror::OK
    }
}

/// NetrShareEnum (\[MS-SRVS\] 3.1.4.8).
fn share_enum(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let level = r.u32()?;
    if r.u32()? != level {
        return Err(Fault(fault::BAD_STUB_DATA));
    }
    if r.pointer()? {
        // A container that the client leaves empty.
        let count = r.u32()?;
        if r.pointer()? || count != 0 {
            return Err(Fault(fault::BAD_STUB_DATA));
        }
    }
    let prefered_max = r.u32()?;
    let resume = r.unique_u32()?;

    let code = check_level(caller, level, &[0, 1, 2, 501, 502]);
    let config = state.config();
    let mut infos: Vec<Info<'_>> = Vec::new();
    if code == werror::OK {
        infos.extend(
            config
                .shares
                .iter()
                .filter(|s| s.browseable && s.available)
                .map(Info::of),
        );
        infos.push(Info::ipc());
    }
    let start = usize::try_from(resume.unwrap_or(0)).unwrap_or(usize::MAX);
    let total = infos.len();
    let mut infos = infos.split_off(start.min(total));

    // The client's limit is of bytes of the answer; at least one entry goes.
    let mut size = 0usize;
    let limit = usize::try_from(prefered_max).unwrap_or(usize::MAX);
    let fit = infos
        .iter()
        .take_while(|i| {
            size += 40 + 2 * (i.name.len() + i.remark.len() + i.path.len());
            size <= limit
        })
        .count()
        .max(1);
    let more = infos.len() > fit;
    infos.truncate(fit);

    let mut w = Writer::new();
    w.u32(level);
    w.u32(level);
    w.pointer(code != werror::INVALID_LEVEL);
    if code != werror::INVALID_LEVEL {
        let count = u32::try_from(infos.len()).unwrap_or(0);
        w.u32(count);
        w.pointer(count != 0);
        if count != 0 {
            w.u32(count);
            for info in &infos {
                info.fixed(&mut w, level);
            }
            for info in &infos {
                info.deferred(&mut w, level);
            }
        }
    }
    // Entries from the resume point on.
    w.u32(u32::try_from(total.saturating_sub(start)).unwrap_or(u32::MAX));
    w.pointer(resume.is_some());
    if resume.is_some() {
        let next = if more { start + infos.len() } else { 0 };
        w.u32(u32::try_from(next).unwrap_or(0));
    }
    const ERROR_MORE_DATA: u32 = 234;
    w.u32(if more { ERROR_MORE_DATA } else { code });
    Ok(w.into_bytes())
}

/// NetrShareGetInfo (\[MS-SRVS\] 3.1.4.10).
fn share_get_info(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let name = r.string()?;
    let level = r.u32()?;
    let config: &Config = &state.config();
    let info = if name.eq_ignore_ascii_case("IPC$") {
        Some(Info::ipc())
    } else {
        config.share(&name).filter(|s| s.available).map(Info::of)
    };
    let mut code = check_level(caller, level, &[0, 1, 2, 501, 502, 1004, 1005]);
    if code == werror::OK && info.is_none() {
        code = werror::NET_NAME_NOT_FOUND;
    }
    let mut w = Writer::new();
    w.u32(level);
    match info.filter(|_| code == werror::OK) {
        Some(info) => {
            w.pointer(true);
            info.fixed(&mut w, level);
            info.deferred(&mut w, level);
        }
        None => w.pointer(false),
    }
    w.u32(code);
    Ok(w.into_bytes())
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
