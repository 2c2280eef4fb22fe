// SPDX-License-Identifier: GPL-2.0-or-later
//! May this user use this share, and how?
//!
//! The checks come in the order: does the share exist, may the address, may
//! guests, may the user, is there room. What is refused before the user's own
//! right says nothing about other users.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ksmbd_config::{Audited, Config, HostPattern, Principal, Share, VfsObject};
use ksmbd_store::fold_name;
use proto_shared::ipc::{AuditFlags, ShareType, TreeConnectRequest, TreeFlags, UserFlags};
use proto_shared::status::NtStatus;

use crate::audit::Record;
use crate::auth::{identity, peer_ip};
use crate::state::State;

/// FILE_ALL_ACCESS (\[MS-SMB2\] 2.2.13.1.1).
const ALL_ACCESS: u32 = 0x001F_01FF;
/// Generic read and execute: what a share that is read-only gives.
const READ_ACCESS: u32 = 0x0012_00A9;

/// What a tree connect gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Canonical name of the share.
    pub share: String,
    /// Disk or pipe.
    pub share_type: ShareType,
    /// What holds for it.
    pub flags: TreeFlags,
    /// Upper bound of access masks.
    pub maximal_access: u32,
    /// Root directory; empty for pipes.
    pub path: String,
    /// create_mask, directory_mask, force_create_mode, force_directory_mode.
    pub modes: [u32; 4],
    /// Access files as this user.
    pub force_uid: Option<u32>,
    /// Access files as this group.
    pub force_gid: Option<u32>,
    /// Veto patterns, separated by NUL bytes.
    pub veto: Vec<u8>,
    /// Label of the volume.
    pub volume_label: String,
    /// Serial number of the volume.
    pub volume_serial: u32,
    /// Remark.
    pub comment: String,
    /// Accesses to files that the daemon is told of.
    pub audit: AuditFlags,
    /// Directory of its snapshots, and how times are spelled in their names.
    pub snapshots: (String, String),
    /// What kind of machine Apple's clients are told that this is.
    pub apple_model: String,
    /// Most bytes that Time Machine is told to use; 0 for no limit.
    pub time_machine_max_size: u64,
}

/// What is known of a tree connect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connected {
    /// The share in lower case.
    pub share: String,
    /// The account.
    pub user: String,
    /// The client as `address:port`.
    pub client: String,
}

/// Tree connects by session and tree, for `max_connections` and the audit.
#[derive(Default)]
pub struct Trees {
    trees: Mutex<HashMap<(u64, u32), Connected>>,
}

impl Trees {
    fn table(&self) -> MutexGuard<'_, HashMap<(u64, u32), Connected>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a tree connect in, if there is room for it; 0 is no limit.
    fn admit(&self, req: &TreeConnectRequest<'_>, share: &str, limit: u32) -> bool {
        let mut trees = self.table();
        let name = fold_name(share);
        let used = trees.values().filter(|c| c.share == name).count();
        if limit != 0 && used >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return false;
        }
        let connected = Connected {
            share: name,
            user: req.account.to_owned(),
            client: req.peer.to_owned(),
        };
        trees.insert((req.session_id, req.tree_id), connected);
        true
    }

    /// A tree connect ended; what it was.
    pub fn drop_tree(&self, session_id: u64, tree_id: u32) -> Option<Connected> {
        self.table().remove(&(session_id, tree_id))
    }

    /// What is known of a tree connect.
    pub fn get(&self, session_id: u64, tree_id: u32) -> Option<Connected> {
        self.table().get(&(session_id, tree_id)).cloned()
    }

    /// Says whose sessions they are, where that is not known: the daemon came
    /// after them.
    pub fn name_sessions(&self, of: impl Fn(u64) -> Option<(String, String)>) {
        for ((session, _), c) in self.table().iter_mut() {
            if c.user.is_empty() && c.client.is_empty() {
                (c.user, c.client) = of(*session).unwrap_or_default();
            }
        }
    }

    /// A session ended.
    pub fn drop_session(&self, session_id: u64) {
        self.table().retain(|(s, _), _| *s != session_id);
    }

    /// Replaces everything by what the engine says there is.
    pub fn replace(&self, list: impl Iterator<Item = (u64, u32, String)>) {
        let mut trees = self.table();
        let before = std::mem::take(&mut *trees);
        *trees = list
            .map(|(session, tree, share)| {
                let key = (session, tree);
                let mut c = before.get(&key).cloned().unwrap_or_default();
                c.share = fold_name(&share);
                (key, c)
            })
            .collect();
    }

    /// All of them: session, tree, share in lower case.
    pub(crate) fn all(&self) -> Vec<(u64, u32, String)> {
        self.table()
            .iter()
            .map(|((session, tree), c)| (*session, *tree, c.share.clone()))
            .collect()
    }

    /// Number of tree connects.
    pub fn len(&self) -> usize {
        self.table().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a user is in lists of users.
struct Who<'a> {
    state: &'a State,
    account: String,
    gid: u32,
    groups: Vec<u32>,
}

impl Who<'_> {
    fn is_in(&self, list: &[Principal]) -> bool {
        list.iter().any(|p| match p {
            Principal::User(name) => !self.account.is_empty() && fold_name(name) == self.account,
            Principal::Group(name) => self
                .state
                .accounts
                .group(name)
                .is_some_and(|gid| gid == self.gid || self.groups.contains(&gid)),
        })
    }
}

/// Whether an account of the store is in a list of users, by its name or by a
/// group of its.
pub(crate) fn is_listed(state: &State, account: &str, list: &[Principal]) -> bool {
    if list.is_empty() || account.is_empty() {
        return false;
    }
    let user = state.store().user(account);
    let ids = match user {
        Ok(Some(user)) if !user.flags.disabled => identity::ids(state, &user),
        Ok(_) => None,
        Err(e) => {
            tracing::error!(user = account, error = %e, "looking up the account failed");
            None
        }
    };
    ids.is_some_and(|ids| {
        Who {
            state,
            account: fold_name(account),
            gid: ids.gid,
            groups: ids.groups,
        }
        .is_in(list)
    })
}

/// Decides; counts the tree connect in when the answer is yes.
pub fn connect(
    state: &State,
    trees: &Trees,
    req: &TreeConnectRequest<'_>,
) -> Result<Grant, NtStatus> {
    let config = state.config();
    let refuse = |why: &str, status| {
        record(req, req.share).refused(why);
        Err(status)
    };
    if req.share.eq_ignore_ascii_case("IPC$") {
        return Ok(ipc());
    }
    let Some(share) = config.share(req.share).filter(|s| s.available) else {
        return refuse("there is no such share", NtStatus::BAD_NETWORK_NAME);
    };
    if !host_may(share, req.peer) {
        return refuse("not from this address", NtStatus::ACCESS_DENIED);
    }
    let stranger = req
        .user_flags
        .intersects(UserFlags::GUEST | UserFlags::ANONYMOUS);
    if stranger && !share.guest_ok {
        return refuse("not for guests", NtStatus::ACCESS_DENIED);
    }
    let who = Who {
        state,
        account: fold_name(req.account),
        gid: req.gid,
        groups: req.groups.iter().collect(),
    };
    if who.is_in(&share.invalid_users) {
        return refuse("an invalid user", NtStatus::ACCESS_DENIED);
    }
    if !share.valid_users.is_empty() && !who.is_in(&share.valid_users) {
        return refuse("not a valid user", NtStatus::ACCESS_DENIED);
    }
    if share.encrypt && req.dialect < 0x0300 {
        return refuse("the share needs encryption", NtStatus::ACCESS_DENIED);
    }
    let writable = if who.is_in(&share.read_list) {
        false
    } else {
        !share.read_only || who.is_in(&share.write_list)
    };
    let admin = !stranger && who.is_in(&share.admin_users);
    let (force_uid, force_gid) = match forced_ids(state, share, stranger, admin) {
        Ok(ids) => ids,
        Err(missing) => {
            record(req, &share.name).failed(&format!(
                "there is no system account or group `{missing}`, which the share is to be \
                 accessed as; create it, or change the share"
            ));
            return Err(NtStatus::ACCESS_DENIED);
        }
    };
    let Some(path) = share.path.to_str() else {
        return refuse("its path is not UTF-8", NtStatus::BAD_NETWORK_NAME);
    };
    let grant = Grant {
        share: share.name.clone(),
        share_type: ShareType::DISK,
        flags: flags(&config, share, writable, stranger),
        maximal_access: if writable { ALL_ACCESS } else { READ_ACCESS },
        path: path.to_owned(),
        modes: [
            share.create_mask,
            share.directory_mask,
            share.force_create_mode,
            share.force_directory_mode,
        ],
        force_uid,
        force_gid,
        veto: share.veto_files.join("\0").into_bytes(),
        volume_label: if share.volume_label.is_empty() {
            share.name.clone()
        } else {
            share.volume_label.clone()
        },
        volume_serial: serial(share),
        comment: share.comment.clone(),
        audit: share
            .audit
            .iter()
            .fold(AuditFlags::NONE, |all, what| all | audited(*what)),
        snapshots: (share.snapshot_dir.clone(), share.snapshot_format.clone()),
        apple_model: share.apple_model.clone(),
        time_machine_max_size: share.time_machine_max_size,
    };
    // Last, so that nothing has to be given back.
    if !trees.admit(req, &share.name, share.max_connections) {
        return refuse("it has max_connections", NtStatus::REQUEST_NOT_ACCEPTED);
    }
    record(req, &share.name).ok(if writable { "" } else { "read-only" });
    Ok(grant)
}

fn record<'a>(req: &TreeConnectRequest<'a>, share: &'a str) -> Record<'a> {
    Record {
        action: "tree-connect",
        user: req.account,
        client: req.peer,
        share,
        session: Some(req.session_id),
        ..Record::default()
    }
}

fn ipc() -> Grant {
    Grant {
        share: "IPC$".to_owned(),
        share_type: ShareType::PIPE,
        flags: TreeFlags::WRITABLE,
        maximal_access: ALL_ACCESS,
        path: String::new(),
        modes: [0; 4],
        force_uid: None,
        force_gid: None,
        veto: Vec::new(),
        volume_label: String::new(),
        volume_serial: 0,
        comment: "Remote IPC".to_owned(),
        audit: AuditFlags::NONE,
        snapshots: (String::new(), String::new()),
        apple_model: String::new(),
        time_machine_max_size: 0,
    }
}

const fn audited(what: Audited) -> AuditFlags {
    match what {
        Audited::Open => AuditFlags::OPEN,
        Audited::Create => AuditFlags::CREATE,
        Audited::Delete => AuditFlags::DELETE,
        Audited::Rename => AuditFlags::RENAME,
    }
}

/// `hosts_allow` comes before `hosts_deny`. With only one of them, whoever is
/// in neither gets what the list is not about.
fn host_may(share: &Share, peer: &str) -> bool {
    let (allow, deny) = (&share.hosts_allow, &share.hosts_deny);
    if allow.is_empty() && deny.is_empty() {
        return true;
    }
    // Without an address nobody can tell; a list is there, so no.
    let Some(ip) = peer_ip(peer) else {
        return false;
    };
    let is_in = |list: &[HostPattern]| list.iter().any(|p| p.matches(ip));
    if is_in(allow) {
        true
    } else if is_in(deny) {
        false
    } else {
        // In neither: allowed unless only those in hosts_allow are.
        allow.is_empty() || !deny.is_empty()
    }
}

type ForcedIds = (Option<u32>, Option<u32>);

/// Answers the name that does not exist as error.
fn forced_ids(
    state: &State,
    share: &Share,
    stranger: bool,
    admin: bool,
) -> Result<ForcedIds, String> {
    let user = if admin {
        "root"
    } else if !share.force_user.is_empty() {
        &share.force_user
    } else if stranger {
        &share.guest_account
    } else {
        ""
    };
    let (mut uid, mut gid) = (None, None);
    if admin {
        (uid, gid) = (Some(0), Some(0));
    } else if !user.is_empty() {
        let ids = state.accounts.user(user).ok_or_else(|| user.to_owned())?;
        (uid, gid) = (Some(ids.uid), Some(ids.gid));
    }
    if !share.force_group.is_empty() {
        let name = share.force_group.trim_start_matches(['@', '+']);
        gid = Some(state.accounts.group(name).ok_or_else(|| name.to_owned())?);
    }
    Ok((uid, gid))
}

fn flags(config: &Config, share: &Share, writable: bool, stranger: bool) -> TreeFlags {
    let pairs = [
        (writable, TreeFlags::WRITABLE),
        (share.hide_dot_files, TreeFlags::HIDE_DOT_FILES),
        (share.store_dos_attributes, TreeFlags::STORE_DOS_ATTRIBUTES),
        (share.oplocks, TreeFlags::OPLOCKS),
        (
            share.vfs_objects.contains(&VfsObject::StreamsXattr),
            TreeFlags::STREAMS,
        ),
        (
            share.vfs_objects.contains(&VfsObject::AclXattr),
            TreeFlags::ACL_XATTR,
        ),
        (
            share.vfs_objects.contains(&VfsObject::Fruit),
            TreeFlags::APPLE,
        ),
        (share.follow_symlinks, TreeFlags::FOLLOW_SYMLINKS),
        (share.special_files, TreeFlags::SPECIAL_FILES),
        (share.crossmnt, TreeFlags::CROSSMNT),
        (share.inherit_owner, TreeFlags::INHERIT_OWNER),
        (
            share.encrypt || config.global.smb3_encryption == ksmbd_config::Policy::Mandatory,
            TreeFlags::ENCRYPT,
        ),
        (share.hide_unreadable, TreeFlags::HIDE_UNREADABLE),
        (share.time_machine, TreeFlags::TIME_MACHINE),
        (
            share.continuous_availability,
            TreeFlags::CONTINUOUS_AVAILABILITY,
        ),
        (share.case_sensitive, TreeFlags::CASE_SENSITIVE),
        (share.browseable, TreeFlags::BROWSEABLE),
        (stranger, TreeFlags::GUEST),
    ];
    pairs
        .into_iter()
        .filter(|(on, _)| *on)
        .fold(TreeFlags::NONE, |all, (_, flag)| all | flag)
}

/// A number that stays the same for a share and its path (FNV-1a).
fn serial(share: &Share) -> u32 {
    let name = fold_name(&share.name);
    let bytes = name
        .bytes()
        .chain(share.path.as_os_str().as_bytes().iter().copied());
    bytes.fold(0x811C_9DC5, |h: u32, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    })
}
