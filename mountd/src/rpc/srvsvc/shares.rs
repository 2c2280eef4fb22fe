// SPDX-License-Identifier: GPL-2.0-or-later
//! Which shares there are, and what is told of each (\[MS-SRVS\] 3.1.4.8,
//! 3.1.4.10).

use super::super::ndr::{Reader, Writer};
use super::super::{is_stranger, werror, Caller, Fault};
use super::lists::{Ask, Entry};
use super::{STYPE_DISKTREE, STYPE_IPC, STYPE_SPECIAL, UNLIMITED};
use crate::state::State;
use ksmbd_config::{Config, Share};

/// SHI1005_FLAGS_ENCRYPT_DATA (\[MS-SRVS\] 2.2.4.29).
pub(super) const ENCRYPT_DATA: u32 = 0x8000;

/// A path of this machine as clients want it: one of Windows. It means nothing
/// to them.
pub(in crate::rpc) fn windows_path(path: &str) -> String {
    format!("C:{}", path.replace('/', "\\"))
}

/// What is told of a share.
pub(super) struct Info<'a> {
    name: &'a str,
    kind: u32,
    remark: &'a str,
    pub(super) max_uses: u32,
    pub(super) path: String,
    encrypt: bool,
}

impl<'a> Info<'a> {
    pub(super) fn of(share: &'a Share) -> Self {
        let hidden = if share.name.ends_with('$') {
            STYPE_SPECIAL
        } else {
            0
        };
        Self {
            name: &share.name,
            kind: STYPE_DISKTREE | hidden,
            remark: &share.comment,
            max_uses: match share.max_connections {
                0 => UNLIMITED,
                n => n,
            },
            path: windows_path(&share.path.display().to_string()),
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
}

impl Entry for Info<'_> {
    fn size(&self) -> usize {
        40 + 2 * (self.name.len() + self.remark.len() + self.path.len())
    }

    // SHARE_INFO_`level` (\[MS-SRVS\] 2.2.4.22 ff).
    fn fixed(&self, w: &mut Writer, level: u32) {
        match level {
            1004 => return w.pointer(true),
            1005 => return w.u32(if self.encrypt { ENCRYPT_DATA } else { 0 }),
            1006 => return w.u32(self.max_uses),
            1007 => {
                w.u32(0);
                return w.pointer(true);
            }
            // Shares have no security descriptor.
            1501 => {
                w.u32(0);
                return w.pointer(false);
            }
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

    fn deferred(&self, w: &mut Writer, level: u32) {
        match level {
            1004 => return w.string(self.remark),
            1005 | 1006 | 1501 => return,
            // The name for clients that know short ones only.
            1007 => return w.string(""),
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
    } else if matches!(level, 2 | 502 | 1501) && is_stranger(caller) {
        // Paths are not for everybody.
        werror::ACCESS_DENIED
    } else {
        werror::OK
    }
}

/// NetrShareEnum (\[MS-SRVS\] 3.1.4.8), NetrShareEnumSticky (3.1.4.9): there are
/// no other than sticky shares, but the latter has no level 501.
pub(super) fn enumerate(
    state: &State,
    caller: &Caller,
    stub: &[u8],
    sticky: bool,
) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let ask = Ask::read(&mut r)?;
    let code = match ask.level {
        501 if sticky => werror::INVALID_LEVEL,
        501 if is_stranger(caller) => werror::ACCESS_DENIED,
        level => check_level(caller, level, &[0, 1, 2, 501, 502]),
    };
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
    Ok(ask.answer(infos, code))
}

/// NetrShareGetInfo (\[MS-SRVS\] 3.1.4.10).
pub(super) fn get_info(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
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
    let mut code = check_level(
        caller,
        level,
        &[0, 1, 2, 501, 502, 1004, 1005, 1006, 1007, 1501],
    );
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

/// NetrShareCheck (\[MS-SRVS\] 3.1.4.13): whether a path is shared.
pub(super) fn check(state: &State, caller: &Caller, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let _server = r.unique_string()?;
    let device = r.string()?;
    let config = state.config();
    let shares = config.shares.iter().filter(|s| s.browseable && s.available);
    let (kind, code) = if is_stranger(caller) {
        // Paths are not for everybody.
        (0, werror::ACCESS_DENIED)
    } else if let Some(info) = shares
        .map(Info::of)
        // Its path is told as an empty one.
        .chain([Info::ipc()])
        .find(|i| i.path.eq_ignore_ascii_case(&device))
    {
        (info.kind, werror::OK)
    } else {
        (0, werror::DEVICE_NOT_SHARED)
    };
    let mut w = Writer::new();
    w.u32(kind);
    w.u32(code);
    Ok(w.into_bytes())
}
