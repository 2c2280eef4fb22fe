// SPDX-License-Identifier: GPL-2.0-or-later
//! Who is connected and what is open (\[MS-SRVS\] 3.1.4.1, 3.1.4.2, 3.1.4.5), as
//! the engine lists it, for those whom `rpc_admins` names.

use std::collections::HashMap;

use anyhow::anyhow;
use ksmbd_store::fold_name;
use proto_shared::ipc::{
    ConnectionEntry, ListWhat, LockEntry, OpenEntry, SessionEntry, TreeEntry, UserFlags,
};

use dcerpc_ndr::idl::srvsvc::{
    ConnectEnumStruct, ConnectEnumUnion, ConnectInfo0Container, ConnectInfo1Container,
    ConnectionInfo0, ConnectionInfo1, FileEnumStruct, FileEnumUnion, FileInfo2, FileInfo2Container,
    FileInfo3, FileInfo3Container, NetrConnectionEnumRequest, NetrConnectionEnumResponse,
    NetrFileEnumRequest, NetrFileEnumResponse, NetrSessionEnumRequest, NetrSessionEnumResponse,
    SessionEnumStruct, SessionEnumUnion, SessionInfo0, SessionInfo0Container, SessionInfo1,
    SessionInfo10, SessionInfo10Container, SessionInfo1Container, SessionInfo2,
    SessionInfo2Container, SessionInfo502, SessionInfo502Container,
};

use super::super::{is_admin, werror, Caller};
use super::lists::{container, Ask, Entry};
use super::shares::windows_path;
use super::{STYPE_DISKTREE, STYPE_IPC};
use crate::auth::peer_ip;
use crate::state::State;

/// SESS_GUEST (\[MS-SRVS\] 2.2.4.14).
const SESS_GUEST: u32 = 1;
/// PERM_FILE_READ and PERM_FILE_WRITE (\[MS-SRVS\] 2.2.4.7).
const PERM_READ: u32 = 1;
const PERM_WRITE: u32 = 2;
/// Access that reads: FILE_READ_DATA, FILE_EXECUTE; that writes:
/// FILE_WRITE_DATA, FILE_APPEND_DATA (\[MS-SMB2\] 2.2.13.1.1).
const READS: u32 = 0x21;
const WRITES: u32 = 0x06;

/// Entries of one list of the engine's, each made of its bytes.
pub(super) fn list<T>(
    state: &State,
    what: ListWhat,
    mut make: impl FnMut(&[u8]) -> Result<T, proto_shared::codec::Malformed>,
) -> Result<Vec<T>, u32> {
    let admin = state.admin().ok_or(werror::NOT_SUPPORTED)?;
    let mut out = Vec::new();
    let listed = admin.list(what, &mut |bytes| {
        out.push(make(bytes).map_err(|e| anyhow!("the engine's list: {e}"))?);
        Ok(())
    });
    match listed {
        Ok(()) => Ok(out),
        Err(e) => {
            tracing::warn!("the engine's list for a client: {e:#}");
            Err(werror::GEN_FAILURE)
        }
    }
}

/// A list for those who may see it, or why there is none.
fn allowed<E: Entry>(
    state: &State,
    caller: &Caller,
    level_is_known: bool,
    entries: impl FnOnce() -> Result<Vec<E>, u32>,
) -> Result<Vec<E>, u32> {
    if !level_is_known {
        Err(werror::INVALID_LEVEL)
    } else if is_admin(state, caller) {
        entries()
    } else {
        Err(werror::ACCESS_DENIED)
    }
}

/// A filter that a client sets; empty is none.
pub(super) fn filter(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.is_empty())
}

pub(super) struct Session {
    pub(super) id: u64,
    pub(super) client: String,
    pub(super) account: String,
    flags: u32,
    opens: u32,
    age_s: u32,
}

/// Everyone who logged in; the client is its address.
pub(super) fn all_sessions(state: &State) -> Result<Vec<Session>, u32> {
    let peers: HashMap<u64, String> = list(state, ListWhat::CONNECTIONS, |bytes| {
        let c = ConnectionEntry::parse(bytes)?;
        let client = match peer_ip(c.peer) {
            Some(ip) => ip.to_string(),
            None => c.peer.to_owned(),
        };
        Ok((c.id, client))
    })?
    .into_iter()
    .collect();
    list(state, ListWhat::SESSIONS, |bytes| {
        let s = SessionEntry::parse(bytes)?;
        let client = s.connections.iter().find_map(|id| peers.get(&id));
        let strange = UserFlags::GUEST | UserFlags::ANONYMOUS;
        Ok(Session {
            id: s.id,
            client: client.cloned().unwrap_or_default(),
            account: s.account.to_owned(),
            flags: if s.user_flags.intersects(strange) {
                SESS_GUEST
            } else {
                0
            },
            opens: s.opens,
            age_s: u32::try_from(s.age_s).unwrap_or(u32::MAX),
        })
    })
}

/// The sessions of a client, a user, or both; of everybody without either.
pub(super) fn sessions_of(
    state: &State,
    client: Option<String>,
    user: Option<String>,
) -> Result<Vec<Session>, u32> {
    let mut all = all_sessions(state)?;
    if let Some(client) = client {
        let client = client.trim_start_matches('\\');
        all.retain(|s| s.client.eq_ignore_ascii_case(client));
        if all.is_empty() {
            return Err(werror::CLIENT_NAME_NOT_FOUND);
        }
    }
    if let Some(user) = user {
        all.retain(|s| fold_name(&s.account) == fold_name(&user));
        if all.is_empty() {
            return Err(werror::USER_NOT_FOUND);
        }
    }
    Ok(all)
}

impl Entry for Session {
    fn size(&self) -> usize {
        60 + 2 * (self.client.len() + self.account.len())
    }
}

/// SESSION_INFO_n (\[MS-SRVS\] 2.2.4.10 to 2.2.4.15). How long a session has been
/// idle is not known: it is said to be in use. The client's type and transport
/// are not told by SMB 2.
impl Session {
    fn info_0(&self) -> SessionInfo0 {
        SessionInfo0 {
            sesi0_cname: Some(self.client.clone()),
        }
    }

    fn info_1(&self) -> SessionInfo1 {
        SessionInfo1 {
            sesi1_cname: Some(self.client.clone()),
            sesi1_username: Some(self.account.clone()),
            sesi1_num_opens: self.opens,
            sesi1_time: self.age_s,
            sesi1_idle_time: 0,
            sesi1_user_flags: self.flags,
        }
    }

    fn info_2(&self) -> SessionInfo2 {
        SessionInfo2 {
            sesi2_cname: Some(self.client.clone()),
            sesi2_username: Some(self.account.clone()),
            sesi2_num_opens: self.opens,
            sesi2_time: self.age_s,
            sesi2_idle_time: 0,
            sesi2_user_flags: self.flags,
            sesi2_cltype_name: Some(String::new()),
        }
    }

    fn info_10(&self) -> SessionInfo10 {
        SessionInfo10 {
            sesi10_cname: Some(self.client.clone()),
            sesi10_username: Some(self.account.clone()),
            sesi10_time: self.age_s,
            sesi10_idle_time: 0,
        }
    }

    fn info_502(&self) -> SessionInfo502 {
        SessionInfo502 {
            sesi502_cname: Some(self.client.clone()),
            sesi502_username: Some(self.account.clone()),
            sesi502_num_opens: self.opens,
            sesi502_time: self.age_s,
            sesi502_idle_time: 0,
            sesi502_user_flags: self.flags,
            sesi502_cltype_name: Some(String::new()),
            sesi502_transport: Some(String::new()),
        }
    }
}

/// NetrSessionEnum (\[MS-SRVS\] 3.1.4.5), levels 0, 1, 2, 10, 502.
pub(super) fn sessions(
    state: &State,
    caller: &Caller,
    request: NetrSessionEnumRequest,
) -> NetrSessionEnumResponse {
    let client = filter(request.client_name);
    let user = filter(request.user_name);
    let level = request.info_struct.level;
    let known = matches!(level, 0 | 1 | 2 | 10 | 502);
    let found = allowed(state, caller, known, || sessions_of(state, client, user));
    let ask = Ask {
        prefered_max: request.prefered_maximum_length,
        resume: request.resume_handle,
    };
    let page = ask.page(found);
    let all = page.entries.as_ref();
    let session_info = match level {
        0 => SessionEnumUnion::Level0(container!(all, SessionInfo0Container, Session::info_0)),
        1 => SessionEnumUnion::Level1(container!(all, SessionInfo1Container, Session::info_1)),
        2 => SessionEnumUnion::Level2(container!(all, SessionInfo2Container, Session::info_2)),
        10 => SessionEnumUnion::Level10(container!(all, SessionInfo10Container, Session::info_10)),
        502 => {
            SessionEnumUnion::Level502(container!(all, SessionInfo502Container, Session::info_502))
        }
        _ => SessionEnumUnion::Other(level, None),
    };
    NetrSessionEnumResponse {
        info_struct: SessionEnumStruct {
            level,
            session_info,
        },
        total_entries: page.total,
        resume_handle: page.resume,
        status: page.status,
    }
}

pub(super) struct File {
    pub(super) id: u32,
    /// The engine's number of it, and its session.
    pub(super) whole_id: (u64, u64),
    permissions: u32,
    locks: u32,
    pub(super) path: String,
    pub(super) account: String,
}

impl Entry for File {
    fn size(&self) -> usize {
        50 + 2 * (self.path.len() + self.account.len())
    }
}

/// FILE_INFO_n (\[MS-SRVS\] 2.2.4.6, 2.2.4.7).
impl File {
    pub(super) fn info_2(&self) -> FileInfo2 {
        FileInfo2 { fi2_id: self.id }
    }

    pub(super) fn info_3(&self) -> FileInfo3 {
        FileInfo3 {
            fi3_id: self.id,
            fi3_permissions: self.permissions,
            fi3_num_locks: self.locks,
            fi3_pathname: Some(self.path.clone()),
            fi3_username: Some(self.account.clone()),
        }
    }
}

/// Tree connects: session, tree, share, opens, age in seconds.
type Tree = (u64, u32, String, u32, u64);

fn all_trees(state: &State) -> Result<Vec<Tree>, u32> {
    list(state, ListWhat::TREES, |bytes| {
        let t = TreeEntry::parse(bytes)?;
        Ok((
            t.session_id,
            t.tree_id,
            t.share.to_owned(),
            t.opens,
            t.age_s,
        ))
    })
}

pub(super) fn all_files(state: &State) -> Result<Vec<File>, u32> {
    let accounts: HashMap<u64, String> = all_sessions(state)?
        .into_iter()
        .map(|s| (s.id, s.account))
        .collect();
    let shares: HashMap<(u64, u32), String> = all_trees(state)?
        .into_iter()
        .map(|(session, tree, share, ..)| ((session, tree), share))
        .collect();
    let mut locks: HashMap<u64, u32> = HashMap::new();
    let held = list(state, ListWhat::LOCKS, |bytes| {
        let l = LockEntry::parse(bytes)?;
        Ok((l.file_id, l.waiting))
    })?;
    for (file, waiting) in held {
        if !waiting {
            *locks.entry(file).or_default() += 1;
        }
    }
    let config = state.config();
    list(state, ListWhat::OPENS, |bytes| {
        let o = OpenEntry::parse(bytes)?;
        let share = shares.get(&(o.session_id, o.tree_id));
        let root = share.and_then(|s| config.share(s));
        let path = o.path.replace('\\', "/");
        let path = path.trim_start_matches('/');
        let path = match root {
            Some(share) => {
                let root = share.path.display().to_string();
                windows_path(&format!("{}/{path}", root.trim_end_matches('/')))
            }
            None => format!("\\{}", path.replace('/', "\\")),
        };
        let has = |mask, perm| if o.access & mask != 0 { perm } else { 0 };
        Ok(File {
            // The protocol has 32 bits for it.
            id: u32::try_from(o.file_id & u64::from(u32::MAX)).unwrap_or(0),
            whole_id: (o.file_id, o.session_id),
            permissions: has(READS, PERM_READ) | has(WRITES, PERM_WRITE),
            locks: locks.get(&o.file_id).copied().unwrap_or(0),
            path,
            account: accounts.get(&o.session_id).cloned().unwrap_or_default(),
        })
    })
}

/// NetrFileEnum (\[MS-SRVS\] 3.1.4.2), levels 2, 3.
pub(super) fn files(
    state: &State,
    caller: &Caller,
    request: NetrFileEnumRequest,
) -> NetrFileEnumResponse {
    let base = filter(request.base_path);
    let user = filter(request.user_name);
    let level = request.info_struct.level;
    let found = allowed(state, caller, matches!(level, 2 | 3), || {
        let mut all = all_files(state)?;
        if let Some(base) = base {
            let base = base.to_lowercase();
            all.retain(|f| f.path.to_lowercase().starts_with(&base));
        }
        if let Some(user) = user {
            all.retain(|f| fold_name(&f.account) == fold_name(&user));
        }
        Ok(all)
    });
    let ask = Ask {
        prefered_max: request.prefered_maximum_length,
        resume: request.resume_handle,
    };
    let page = ask.page(found);
    let all = page.entries.as_ref();
    let file_info = match level {
        2 => FileEnumUnion::Level2(container!(all, FileInfo2Container, File::info_2)),
        3 => FileEnumUnion::Level3(container!(all, FileInfo3Container, File::info_3)),
        _ => FileEnumUnion::Other(level, None),
    };
    NetrFileEnumResponse {
        info_struct: FileEnumStruct { level, file_info },
        total_entries: page.total,
        resume_handle: page.resume,
        status: page.status,
    }
}

struct Connection {
    id: u32,
    kind: u32,
    opens: u32,
    age_s: u32,
    account: String,
    /// The share, or the client when a share was asked for.
    other: String,
}

impl Entry for Connection {
    fn size(&self) -> usize {
        60 + 2 * (self.account.len() + self.other.len())
    }
}

/// CONNECTION_INFO_n (\[MS-SRVS\] 2.2.4.1, 2.2.4.2).
impl Connection {
    fn info_0(&self) -> ConnectionInfo0 {
        ConnectionInfo0 { coni0_id: self.id }
    }

    fn info_1(&self) -> ConnectionInfo1 {
        ConnectionInfo1 {
            coni1_id: self.id,
            coni1_type: self.kind,
            coni1_num_opens: self.opens,
            // Users of this one connection.
            coni1_num_users: 1,
            coni1_time: self.age_s,
            coni1_username: Some(self.account.clone()),
            coni1_netname: Some(self.other.clone()),
        }
    }
}

/// NetrConnectionEnum (\[MS-SRVS\] 3.1.4.1), levels 0, 1: who uses a share, or
/// what a client (`\\address`) uses.
pub(super) fn connections(
    state: &State,
    caller: &Caller,
    request: NetrConnectionEnumRequest,
) -> NetrConnectionEnumResponse {
    let of = filter(request.qualifier);
    let level = request.info_struct.level;
    let found = allowed(state, caller, matches!(level, 0 | 1), || {
        let of = of.ok_or(werror::INVALID_PARAMETER)?;
        let client = of.strip_prefix("\\\\");
        let is_ipc = |share: &str| share.eq_ignore_ascii_case("IPC$");
        if client.is_none() && !is_ipc(&of) && state.config().share(&of).is_none() {
            return Err(werror::NET_NAME_NOT_FOUND);
        }
        let sessions: HashMap<u64, Session> = all_sessions(state)?
            .into_iter()
            .map(|s| (s.id, s))
            .collect();
        let mut out = Vec::new();
        for (session, tree, share, opens, age_s) in all_trees(state)? {
            // It may have ended in between.
            let Some(session) = sessions.get(&session) else {
                continue;
            };
            let (wanted, other) = match client {
                Some(client) => (session.client.eq_ignore_ascii_case(client), &share),
                None => (fold_name(&share) == fold_name(&of), &session.client),
            };
            if wanted {
                out.push(Connection {
                    id: tree,
                    kind: if is_ipc(&share) {
                        STYPE_IPC
                    } else {
                        STYPE_DISKTREE
                    },
                    opens,
                    age_s: u32::try_from(age_s).unwrap_or(u32::MAX),
                    account: session.account.clone(),
                    other: other.clone(),
                });
            }
        }
        Ok(out)
    });
    let ask = Ask {
        prefered_max: request.prefered_maximum_length,
        resume: request.resume_handle,
    };
    let page = ask.page(found);
    let all = page.entries.as_ref();
    let connect_info = match level {
        0 => ConnectEnumUnion::Level0(container!(all, ConnectInfo0Container, Connection::info_0)),
        1 => ConnectEnumUnion::Level1(container!(all, ConnectInfo1Container, Connection::info_1)),
        _ => ConnectEnumUnion::Other(level, None),
    };
    NetrConnectionEnumResponse {
        info_struct: ConnectEnumStruct {
            level,
            connect_info,
        },
        total_entries: page.total,
        resume_handle: page.resume,
        status: page.status,
    }
}
