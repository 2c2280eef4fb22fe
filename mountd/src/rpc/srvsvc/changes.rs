// SPDX-License-Identifier: GPL-2.0-or-later
//! Changes of shares (\[MS-SRVS\] 3.1.4.7, 3.1.4.11, 3.1.4.12), for those whom
//! `rpc_admins` names.
//!
//! A change goes into the configuration file by the editor that
//! `ksmbd.addshare` uses, and takes effect as a reload. Before both, it is
//! looked at here for what has a code of its own.

use std::path::Path;

use ksmbd_config::{bad_share_name, Config, Editor, Error};

use dcerpc_ndr::idl::srvsvc::{
    NetrShareAddRequest, NetrShareAddResponse, NetrShareDelRequest, NetrShareDelResponse,
    NetrShareSetInfoRequest, NetrShareSetInfoResponse, ShareInfo,
};

use super::super::{is_admin, werror, Caller};
use super::shares::{Info, ACCESS_BASED_ENUM, ENCRYPT_DATA};
use super::{STYPE_DISKTREE, STYPE_SPECIAL, UNLIMITED};
use crate::audit::Record;
use crate::state::State;

/// What SetInfo and Add say is wrong (\[MS-SRVS\] 2.2.2.11).
mod parm {
    pub(super) const NONE: u32 = 0;
    pub(super) const NET_NAME: u32 = 1;
    pub(super) const TYPE: u32 = 3;
    pub(super) const REMARK: u32 = 4;
    pub(super) const MAX_USES: u32 = 6;
    pub(super) const PATH: u32 = 8;
    pub(super) const SECURITY: u32 = 501;
}

/// STYPE_TEMPORARY: shares that a restart forgets.
const STYPE_TEMPORARY: u32 = 0x4000_0000;

/// A code and which parameter it is about.
type Refusal = (u32, u32);

/// A SHARE_INFO as a client sends it.
#[derive(Default)]
struct Given {
    name: Option<String>,
    kind: Option<u32>,
    remark: Option<String>,
    max_uses: Option<u32>,
    path: Option<String>,
    flags: Option<u32>,
    security: Option<Vec<u8>>,
}

impl Given {
    /// What a SHARE_INFO says; `None` when it says nothing, or has another level
    /// than those that change something.
    fn of(info: ShareInfo) -> Option<Self> {
        let mut g = Self::default();
        match info {
            ShareInfo::ShareInfo1(Some(i)) => {
                g.name = i.shi1_netname;
                g.kind = Some(i.shi1_type);
                g.remark = i.shi1_remark;
            }
            ShareInfo::ShareInfo2(Some(i)) => {
                g.name = i.shi2_netname;
                g.kind = Some(i.shi2_type);
                g.remark = i.shi2_remark;
                g.max_uses = Some(i.shi2_max_uses);
                g.path = i.shi2_path;
            }
            ShareInfo::ShareInfo502(Some(i)) => {
                g.name = i.shi502_netname;
                g.kind = Some(i.shi502_type);
                g.remark = i.shi502_remark;
                g.max_uses = Some(i.shi502_max_uses);
                g.path = i.shi502_path;
                g.security = i.shi502_security_descriptor;
            }
            ShareInfo::ShareInfo1004(Some(i)) => g.remark = i.shi1004_remark,
            ShareInfo::ShareInfo1005(Some(i)) => g.flags = Some(i.shi1005_flags),
            ShareInfo::ShareInfo1006(Some(i)) => g.max_uses = Some(i.shi1006_max_uses),
            ShareInfo::ShareInfo1501(Some(i)) => {
                g.security = i.shi1501_security_descriptor;
            }
            _ => return None,
        }
        Some(g)
    }

    /// The keys of the configuration that it sets.
    fn options(&self) -> Result<Vec<(String, String)>, Refusal> {
        let mut out = Vec::new();
        let mut set = |key: &str, value: String| out.push((key.to_owned(), value));
        if self.security.is_some() {
            // Shares have lists of users, not security descriptors: what is told is made of them.
            return Err((werror::NOT_SUPPORTED, parm::SECURITY));
        }
        if let Some(remark) = &self.remark {
            set(
                "comment",
                match remark.trim() {
                    "" => String::new(),
                    text => quoted(text),
                },
            );
        }
        if let Some(uses) = self.max_uses {
            match uses {
                UNLIMITED => set("max_connections", "0".to_owned()),
                // 0 would mean no limit to the configuration, and nobody here.
                1..=65536 => set("max_connections", uses.to_string()),
                _ => return Err((werror::INVALID_PARAMETER, parm::MAX_USES)),
            }
        }
        if let Some(flags) = self.flags {
            set("encrypt", (flags & ENCRYPT_DATA != 0).to_string());
            set(
                "hide_unreadable",
                (flags & ACCESS_BASED_ENUM != 0).to_string(),
            );
        }
        Ok(out)
    }
}

/// A text that is a text even if it looks like something else. What TOML
/// cannot have in quotes is refused when it is set.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The directory that a path of a client means: `C:\srv\data` or `/srv/data`.
fn directory(path: &str) -> Result<String, Refusal> {
    let path = match path.split_at_checked(2) {
        Some((drive, rest)) if drive.eq_ignore_ascii_case("C:") => rest,
        _ => path,
    };
    let path = path.replace('\\', "/");
    let whole = path.starts_with('/')
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !matches!(part, "." | ".."));
    if !whole {
        return Err((werror::INVALID_PARAMETER, parm::PATH));
    }
    if !Path::new(&path).is_dir() {
        return Err((werror::UNKNOWN_DIRECTORY, parm::PATH));
    }
    Ok(path)
}

/// Code and parameter, the latter for whoever wants it, as Add and SetInfo
/// answer them.
fn answer(wants_parm: Option<u32>, result: Result<(), Refusal>) -> (u32, Option<u32>) {
    let (code, parm) = match result {
        Ok(()) => (werror::OK, parm::NONE),
        Err(refusal) => refusal,
    };
    (code, wants_parm.map(|_| parm))
}

/// Edits the configuration file and lets it take effect.
fn change(
    state: &State,
    caller: &Caller,
    what: &str,
    share: &str,
    edit: impl FnOnce(&mut Editor) -> Result<(), Error>,
) -> Result<(), Refusal> {
    let Some(admin) = state.admin() else {
        return Err((werror::NOT_SUPPORTED, parm::NONE));
    };
    let path = admin.config_path();
    let failed = |e: &dyn std::fmt::Display, code| {
        tracing::warn!(user = caller.account, share, "cannot {what} the share: {e}");
        Err((code, parm::NONE))
    };
    let mut editor = match Editor::open(path) {
        Ok(editor) => editor,
        Err(e) => return failed(&e, werror::GEN_FAILURE),
    };
    if let Err(e) = edit(&mut editor) {
        return failed(&e, werror::INVALID_PARAMETER);
    }
    if let Err(e) = editor.save() {
        return failed(&e, werror::GEN_FAILURE);
    }
    if let Err(e) = admin.reload() {
        return failed(&format!("{e:#}"), werror::GEN_FAILURE);
    }
    record(caller, share).ok(what);
    Ok(())
}

fn record<'a>(caller: &'a Caller, share: &'a str) -> Record<'a> {
    Record {
        action: "share",
        user: &caller.account,
        share,
        ..Record::default()
    }
}

fn denied(caller: &Caller, what: &str, share: &str) -> Refusal {
    record(caller, share).refused(&format!("{what}: not one of rpc_admins"));
    (werror::ACCESS_DENIED, parm::NONE)
}

/// The share as the configuration spells it.
fn existing(config: &Config, name: &str) -> Result<String, Refusal> {
    if name.eq_ignore_ascii_case("IPC$") {
        return Err((werror::ACCESS_DENIED, parm::NET_NAME));
    }
    match config.share(name) {
        Some(share) => Ok(share.name.clone()),
        None => Err((werror::NET_NAME_NOT_FOUND, parm::NET_NAME)),
    }
}

/// NetrShareAdd (\[MS-SRVS\] 3.1.4.7), levels 2 and 502.
pub(super) fn add(
    state: &State,
    caller: &Caller,
    request: NetrShareAddRequest,
) -> NetrShareAddResponse {
    let (status, parm_err) = answer(request.parm_err, try_add(state, caller, request));
    NetrShareAddResponse { parm_err, status }
}

fn try_add(state: &State, caller: &Caller, request: NetrShareAddRequest) -> Result<(), Refusal> {
    if !matches!(request.level, 2 | 502) {
        return Err((werror::INVALID_LEVEL, parm::NONE));
    }
    let given = Given::of(request.info_struct);
    let name = given.as_ref().and_then(|g| g.name.clone());
    let name = name.unwrap_or_default();
    if !is_admin(state, caller) {
        return Err(denied(caller, "add", &name));
    }
    let given = given.ok_or((werror::INVALID_PARAMETER, parm::NONE))?;
    let options = new_share(state, given, &name)?;
    change(state, caller, "add", &name, |e| {
        e.add_share(&name, &options)
    })
}

/// The keys of a share that is to be added.
fn new_share(
    state: &State,
    mut given: Given,
    name: &str,
) -> Result<Vec<(String, String)>, Refusal> {
    if name.eq_ignore_ascii_case("IPC$") || state.config().share(name).is_some() {
        return Err((werror::DUPLICATE_SHARE, parm::NET_NAME));
    }
    if bad_share_name(name).is_some() {
        return Err((werror::INVALID_NAME, parm::NET_NAME));
    }
    // A name with $ at its end is special by itself.
    let kind = given.kind.unwrap_or(STYPE_DISKTREE);
    if kind & STYPE_TEMPORARY != 0 || kind & !STYPE_SPECIAL != STYPE_DISKTREE {
        return Err((werror::INVALID_PARAMETER, parm::TYPE));
    }
    let path = directory(given.path.as_deref().unwrap_or_default())?;
    // `net rpc share add` sends 0 for what nobody named.
    given.max_uses = given.max_uses.filter(|uses| *uses != 0);
    let mut out = given.options()?;
    // What is empty is not set.
    out.retain(|(_, value)| !value.is_empty());
    out.insert(0, ("path".to_owned(), quoted(&path)));
    out.push(("read_only".to_owned(), "false".to_owned()));
    Ok(out)
}

/// NetrShareSetInfo (\[MS-SRVS\] 3.1.4.11): remark, most uses, encryption,
/// access-based enumeration. What a
/// client cannot change may be sent as it is.
pub(super) fn set_info(
    state: &State,
    caller: &Caller,
    request: NetrShareSetInfoRequest,
) -> NetrShareSetInfoResponse {
    let (status, parm_err) = answer(request.parm_err, try_set(state, caller, request));
    NetrShareSetInfoResponse { parm_err, status }
}

fn try_set(
    state: &State,
    caller: &Caller,
    request: NetrShareSetInfoRequest,
) -> Result<(), Refusal> {
    let name = &request.net_name;
    if !matches!(request.level, 1 | 2 | 502 | 1004 | 1005 | 1006 | 1501) {
        return Err((werror::INVALID_LEVEL, parm::NONE));
    }
    if !is_admin(state, caller) {
        return Err(denied(caller, "change", name));
    }
    let given = Given::of(request.share_info).ok_or((werror::INVALID_PARAMETER, parm::NONE))?;
    let (name, options) = changed_share(state, &state.config(), given, name)?;
    change(state, caller, "change", &name, |e| {
        e.set_share(&name, &options)
    })
}

/// The share and the keys of it that change.
fn changed_share(
    state: &State,
    config: &Config,
    mut given: Given,
    name: &str,
) -> Result<(String, Vec<(String, String)>), Refusal> {
    let own = existing(config, name)?;
    let Some(now) = config.share(&own).map(|s| Info::secured(state, s)) else {
        return Err((werror::NET_NAME_NOT_FOUND, parm::NET_NAME));
    };
    let other = |new: &Option<String>, old: &str| new.as_deref().is_some_and(|n| n != old);
    if other(&given.path, &now.path) {
        return Err((werror::INVALID_PARAMETER, parm::PATH));
    }
    if given.max_uses == Some(now.max_uses) {
        given.max_uses = None;
    }
    if given.security == now.security {
        given.security = None;
    }
    let options = given.options()?;
    let too_long = |text: &String| text.chars().count() > 255;
    if given.remark.as_ref().is_some_and(too_long) {
        return Err((werror::INVALID_PARAMETER, parm::REMARK));
    }
    Ok((own, options))
}

/// NetrShareDel (\[MS-SRVS\] 3.1.4.12). The files stay.
pub(super) fn delete(
    state: &State,
    caller: &Caller,
    request: &NetrShareDelRequest,
) -> NetrShareDelResponse {
    let name = &request.net_name;
    let result = if is_admin(state, caller) {
        existing(&state.config(), name)
            .and_then(|name| change(state, caller, "remove", &name, |e| e.remove_share(&name)))
    } else {
        Err(denied(caller, "remove", name))
    };
    NetrShareDelResponse {
        status: result.map_or_else(|(code, _)| code, |()| werror::OK),
    }
}
