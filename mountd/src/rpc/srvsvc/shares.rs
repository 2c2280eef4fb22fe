// SPDX-License-Identifier: GPL-2.0-or-later
//! Which shares there are, and what is told of each (\[MS-SRVS\] 3.1.4.8,
//! 3.1.4.10).

use dcerpc_ndr::idl::srvsvc::{
    NetrShareCheckRequest, NetrShareCheckResponse, NetrShareEnumRequest, NetrShareEnumResponse,
    NetrShareGetInfoRequest, NetrShareGetInfoResponse, ShareEnumStruct, ShareEnumUnion, ShareInfo,
    ShareInfo0, ShareInfo0Container, ShareInfo1, ShareInfo1004, ShareInfo1005, ShareInfo1006,
    ShareInfo1007, ShareInfo1501I, ShareInfo1Container, ShareInfo2, ShareInfo2Container,
    ShareInfo501, ShareInfo501Container, ShareInfo502Container, ShareInfo502I,
};

use super::super::{is_stranger, werror, Caller};
use super::descriptor;
use super::lists::{container, Ask, Entry};
use super::{STYPE_DISKTREE, STYPE_IPC, STYPE_SPECIAL, UNLIMITED};
use crate::state::State;
use ksmbd_config::{Config, Share};

/// SHI1005_FLAGS_ENCRYPT_DATA (\[MS-SRVS\] 2.2.4.29).
pub(super) const ENCRYPT_DATA: u32 = 0x8000;
/// SHI1005_FLAGS_ACCESS_BASED_DIRECTORY_ENUM.
pub(super) const ACCESS_BASED_ENUM: u32 = 0x0800;

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
    /// SHI1005 flags (\[MS-SRVS\] 2.2.4.29).
    pub(super) flags: u32,
    /// The security descriptor, where it was asked for.
    pub(super) security: Option<Vec<u8>>,
}

impl<'a> Info<'a> {
    /// With the security descriptor.
    pub(super) fn secured(state: &State, share: &'a Share) -> Self {
        Self {
            security: descriptor::of(state, share),
            ..Self::of(share)
        }
    }

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
            flags: [
                (share.encrypt, ENCRYPT_DATA),
                (share.hide_unreadable, ACCESS_BASED_ENUM),
            ]
            .into_iter()
            .filter(|(on, _)| *on)
            .fold(0, |all, (_, flag)| all | flag),
            security: None,
        }
    }

    fn ipc() -> Self {
        Self {
            name: "IPC$",
            kind: STYPE_IPC | STYPE_SPECIAL,
            remark: "Remote IPC",
            max_uses: UNLIMITED,
            path: String::new(),
            flags: 0,
            security: None,
        }
    }
}

impl Entry for Info<'_> {
    fn size(&self) -> usize {
        let security = self.security.as_ref().map_or(0, Vec::len);
        40 + 2 * (self.name.len() + self.remark.len() + self.path.len()) + security
    }
}

impl Info<'_> {
    fn info_0(&self) -> ShareInfo0 {
        ShareInfo0 {
            shi0_netname: Some(self.name.to_owned()),
        }
    }

    fn info_1(&self) -> ShareInfo1 {
        ShareInfo1 {
            shi1_netname: Some(self.name.to_owned()),
            shi1_type: self.kind,
            shi1_remark: Some(self.remark.to_owned()),
        }
    }

    fn info_2(&self) -> ShareInfo2 {
        ShareInfo2 {
            shi2_netname: Some(self.name.to_owned()),
            shi2_type: self.kind,
            shi2_remark: Some(self.remark.to_owned()),
            shi2_permissions: 0,
            shi2_max_uses: self.max_uses,
            shi2_current_uses: 0,
            shi2_path: Some(self.path.clone()),
            shi2_passwd: None,
        }
    }

    fn info_501(&self) -> ShareInfo501 {
        ShareInfo501 {
            shi501_netname: Some(self.name.to_owned()),
            shi501_type: self.kind,
            shi501_remark: Some(self.remark.to_owned()),
            shi501_flags: self.flags,
        }
    }

    fn security_len(&self) -> u32 {
        let len = self.security.as_ref().map_or(0, Vec::len);
        u32::try_from(len).unwrap_or(0)
    }

    fn info_1501(&self) -> ShareInfo1501I {
        ShareInfo1501I {
            shi1501_reserved: self.security_len(),
            shi1501_security_descriptor: self.security.clone(),
        }
    }

    fn info_502(&self) -> ShareInfo502I {
        ShareInfo502I {
            shi502_netname: Some(self.name.to_owned()),
            shi502_type: self.kind,
            shi502_remark: Some(self.remark.to_owned()),
            shi502_permissions: 0,
            shi502_max_uses: self.max_uses,
            shi502_current_uses: 0,
            shi502_path: Some(self.path.clone()),
            shi502_passwd: None,
            shi502_reserved: self.security_len(),
            shi502_security_descriptor: self.security.clone(),
        }
    }

    fn info_1005(&self) -> ShareInfo1005 {
        ShareInfo1005 {
            shi1005_flags: self.flags,
        }
    }
}

/// SHARE_INFO (\[MS-SRVS\] 2.2.3.6) of a share, or of none.
fn share_info(info: Option<&Info<'_>>, level: u32) -> ShareInfo {
    match level {
        0 => ShareInfo::ShareInfo0(info.map(Info::info_0)),
        1 => ShareInfo::ShareInfo1(info.map(Info::info_1)),
        2 => ShareInfo::ShareInfo2(info.map(Info::info_2)),
        501 => ShareInfo::ShareInfo501(info.map(Info::info_501)),
        502 => ShareInfo::ShareInfo502(info.map(Info::info_502)),
        1004 => ShareInfo::ShareInfo1004(info.map(|i| ShareInfo1004 {
            shi1004_remark: Some(i.remark.to_owned()),
        })),
        1005 => ShareInfo::ShareInfo1005(info.map(Info::info_1005)),
        1006 => ShareInfo::ShareInfo1006(info.map(|i| ShareInfo1006 {
            shi1006_max_uses: i.max_uses,
        })),
        1007 => ShareInfo::ShareInfo1007(info.map(|_| ShareInfo1007 {
            shi1007_flags: 0,
            shi1007_alternate_directory_name: Some(String::new()),
        })),
        1501 => ShareInfo::ShareInfo1501(info.map(Info::info_1501)),
        _ => ShareInfo::Other(level, None),
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
    request: &NetrShareEnumRequest,
    sticky: bool,
) -> NetrShareEnumResponse {
    let level = request.info_struct.level;
    let code = match level {
        501 if sticky => werror::INVALID_LEVEL,
        501 if is_stranger(caller) => werror::ACCESS_DENIED,
        level => check_level(caller, level, &[0, 1, 2, 501, 502]),
    };
    let config = state.config();
    let infos = if code == werror::OK {
        let shares = config.shares.iter().filter(|s| s.browseable && s.available);
        let told = |s| match level {
            502 => Info::secured(state, s),
            _ => Info::of(s),
        };
        Ok(shares.map(told).chain([Info::ipc()]).collect())
    } else {
        Err(code)
    };
    let ask = Ask {
        prefered_max: request.prefered_maximum_length,
        resume: request.resume_handle,
    };
    let page = ask.page(infos);
    let all = page.entries.as_ref();
    let share_info = match level {
        0 => ShareEnumUnion::Level0(container!(all, ShareInfo0Container, Info::info_0)),
        1 => ShareEnumUnion::Level1(container!(all, ShareInfo1Container, Info::info_1)),
        2 => ShareEnumUnion::Level2(container!(all, ShareInfo2Container, Info::info_2)),
        501 => ShareEnumUnion::Level501(container!(all, ShareInfo501Container, Info::info_501)),
        502 => ShareEnumUnion::Level502(container!(all, ShareInfo502Container, Info::info_502)),
        _ => ShareEnumUnion::Other(level, None),
    };
    NetrShareEnumResponse {
        info_struct: ShareEnumStruct { level, share_info },
        total_entries: page.total,
        resume_handle: page.resume,
        status: page.status,
    }
}

/// NetrShareGetInfo (\[MS-SRVS\] 3.1.4.10).
pub(super) fn get_info(
    state: &State,
    caller: &Caller,
    request: &NetrShareGetInfoRequest,
) -> NetrShareGetInfoResponse {
    let (name, level) = (&request.net_name, request.level);
    let config: &Config = &state.config();
    let info = if name.eq_ignore_ascii_case("IPC$") {
        Some(Info::ipc())
    } else {
        let share = config.share(name).filter(|s| s.available);
        share.map(|s| match level {
            502 | 1501 => Info::secured(state, s),
            _ => Info::of(s),
        })
    };
    let mut status = check_level(
        caller,
        level,
        &[0, 1, 2, 501, 502, 1004, 1005, 1006, 1007, 1501],
    );
    if status == werror::OK && info.is_none() {
        status = werror::NET_NAME_NOT_FOUND;
    }
    NetrShareGetInfoResponse {
        info_struct: share_info(info.filter(|_| status == werror::OK).as_ref(), level),
        status,
    }
}

/// NetrShareCheck (\[MS-SRVS\] 3.1.4.13): whether a path is shared.
pub(super) fn check(
    state: &State,
    caller: &Caller,
    request: &NetrShareCheckRequest,
) -> NetrShareCheckResponse {
    let device = &request.device;
    let config = state.config();
    let shares = config.shares.iter().filter(|s| s.browseable && s.available);
    let (kind, status) = if is_stranger(caller) {
        // Paths are not for everybody.
        (0, werror::ACCESS_DENIED)
    } else if let Some(info) = shares
        .map(Info::of)
        // Its path is told as an empty one.
        .chain([Info::ipc()])
        .find(|i| i.path.eq_ignore_ascii_case(device))
    {
        (info.kind, werror::OK)
    } else {
        (0, werror::DEVICE_NOT_SHARED)
    };
    NetrShareCheckResponse {
        type_: kind,
        status,
    }
}
