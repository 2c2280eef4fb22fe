// SPDX-License-Identifier: GPL-2.0-or-later
//! What the C module asks, answered from our accounts, shares and pipes.
//!
//! Nothing here knows sockets, so all of it is tested without a module. What
//! cannot be parsed has no answer: the module stops waiting after 2 seconds.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ksmbd_config::{MapToGuest, Share, VfsObject};
use ksmbd_store::{fold_name, Credentials};
use proto_shared::ipc::{PipeOpen, TreeConnectRequest, TreeFlags, UserFlags};
use proto_shared::status::NtStatus;

use super::wire::{
    self, event, rpc, tree, tree_status, user, Bytes, LoginRequest, LoginResponse, RpcRequest,
    ShareRequest, ShareResponse, TreeConnect, WireError,
};
use crate::accounts::Ids;
use crate::auth::{identity, note, Leg, LoginId, Mechanism};
use crate::service::Service;
use crate::share as shares;
use crate::state::{State, EPOCH_1601};

/// Most supplementary groups that are passed on.
const MAX_GROUPS: usize = 4096;
/// Most bytes of one read of a pipe: one fragment is below.
const MAX_READ: usize = 16 * 1024;

/// See the module.
pub(super) struct Asked {
    service: Arc<Service>,
    /// Shares of which the module has an old copy, in lower case.
    stale: Mutex<HashSet<String>>,
}

impl Asked {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self {
            service,
            stale: Mutex::default(),
        }
    }

    pub(super) fn service(&self) -> &Service {
        &self.service
    }

    pub(super) fn state(&self) -> &Arc<State> {
        self.service.state()
    }

    fn stale(&self) -> MutexGuard<'_, HashSet<String>> {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A share or an account changed.
    pub(super) fn changed(&self, share: &str, account: &str) {
        if !share.is_empty() {
            self.stale().insert(fold_name(share));
        }
        if !account.is_empty() {
            tracing::info!(
                user = account,
                "the account changed; the C ksmbd module keeps its sessions until they end"
            );
        }
    }

    /// The module may have old copies of all of them.
    pub(super) fn all_shares_changed(&self) {
        let config = self.state().config();
        self.stale()
            .extend(config.shares.iter().map(|s| fold_name(&s.name)));
    }

    /// Answers; `None` when nothing is to be answered.
    pub(super) fn answer(&self, command: u8, value: &[u8]) -> Option<Bytes> {
        let answer = match command {
            event::HEARTBEAT_REQUEST => return None,
            event::LOGIN_REQUEST => self.login(value),
            event::LOGIN_REQUEST_EXT => self.groups(value),
            event::SHARE_CONFIG_REQUEST => self.share(value),
            event::TREE_CONNECT_REQUEST => self.tree_connect(value),
            event::RPC_REQUEST => self.pipe(value),
            event::SPNEGO_AUTHEN_REQUEST => self.ticket(value),
            event::TREE_DISCONNECT_REQUEST => {
                let done = wire::parse_tree_disconnect(value).map(|(session, connect)| {
                    let id = u32::try_from(connect).unwrap_or(u32::MAX);
                    self.service.trees().drop_tree(session, id);
                });
                return complain(command, done);
            }
            event::LOGOUT_REQUEST => {
                let done = wire::parse_logout(value).map(|(account, flags)| {
                    if flags & u32::from(user::BAD_PASSWORD) != 0 {
                        self.bad_password(account);
                    } else {
                        tracing::info!(user = account, "logoff");
                    }
                });
                return complain(command, done);
            }
            other => {
                tracing::info!(
                    command = other,
                    "the C ksmbd module asks what this daemon does not know"
                );
                return None;
            }
        };
        match answer {
            Ok(bytes) => Some(bytes),
            Err(e) => {
                tracing::warn!(command, error = %e, "a question of the C ksmbd module is not answered");
                None
            }
        }
    }

    fn login(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let LoginRequest { handle, account } = LoginRequest::parse(value)?;
        let state = self.state();
        let config = state.config();
        let refuse = |why: &str| {
            tracing::info!(user = account, "login refused: {why}");
            Ok(LoginResponse::refuse(handle))
        };
        let stranger = |name: &str| {
            let ids = identity::guest_ids(state);
            LoginResponse {
                handle,
                uid: ids.uid,
                gid: ids.gid,
                account: name,
                // The module asks neither of them for a password.
                status: user::OK | user::GUEST,
                hash: None,
                expiry: 0,
            }
            .write()
        };
        if account.is_empty() {
            if config.global.restrict_anonymous >= 2 {
                return refuse("anonymous");
            }
            return stranger("");
        }
        let throttle = self.service.auth().throttle();
        if throttle.is_waiting(&fold_name(account), Instant::now()) {
            return refuse("too many failed attempts, the client has to wait");
        }
        // Bound here: the lock of the store is not held while it is used.
        let found = state.store().credentials(account);
        let Credentials {
            user: known,
            nt_hash,
        } = match found {
            Ok(Some(found)) => found,
            Ok(None) if config.global.map_to_guest == MapToGuest::BadUser => {
                tracing::info!(user = account, "unknown user becomes guest");
                return stranger(&config.global.guest_account);
            }
            Ok(None) => return refuse("unknown user"),
            Err(e) => {
                tracing::error!(user = account, error = %e, "looking up the account failed");
                return Ok(LoginResponse::refuse(handle));
            }
        };
        if known.flags.disabled {
            return refuse("the account is disabled");
        }
        let Some(ids) = identity::ids(state, &known) else {
            return refuse(
                "there is no system account of this name; create one, or run: ksmbd.adduser -u \
                 NAME --uid UID --gid GID",
            );
        };
        let more = if ids.groups.is_empty() {
            0
        } else {
            user::EXTENSION
        };
        let made = LoginResponse {
            handle,
            uid: ids.uid,
            gid: ids.gid,
            account: &known.name,
            status: user::OK | more,
            hash: Some(nt_hash.expose()),
            expiry: 0,
        }
        .write();
        match made {
            Err(WireError::TooLong(n)) => refuse(&format!(
                "the C ksmbd module knows names of up to {n} bytes only"
            )),
            other => other,
        }
    }

    /// A log-in by Kerberos. The module asks once and has no second leg.
    fn ticket(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let (handle, token) = wire::parse_spnego(value)?;
        let auth = self.service.auth();
        let auth_id = LoginId::Module(handle);
        let outcome = auth.leg(
            &Leg {
                auth_id,
                mechanism: Mechanism::Any,
                first: true,
                // It does not say from where.
                peer: "",
                token,
            },
            Instant::now(),
        );
        auth.forget(auth_id);
        note(
            self.state(),
            outcome.login.as_ref().and_then(|l| l.account_id),
            outcome.failed_account,
        );
        let (NtStatus::SUCCESS, Some(login)) = (outcome.status, outcome.login) else {
            if outcome.status == NtStatus::MORE_PROCESSING_REQUIRED {
                tracing::info!(
                    "login refused: the C ksmbd module has no second leg of Kerberos log-ins"
                );
            }
            return Ok(wire::refuse_spnego(handle));
        };
        let more = if login.ids.groups.is_empty() {
            0
        } else {
            user::EXTENSION
        };
        let made = wire::spnego_response(
            &LoginResponse {
                handle,
                uid: login.ids.uid,
                gid: login.ids.gid,
                account: &login.account,
                status: user::OK | more,
                hash: None,
                expiry: unix_seconds(login.expiry),
            },
            login
                .session_key
                .as_ref()
                .map_or(&[], |k| k.expose().as_slice()),
            &outcome.token,
        );
        made.or_else(|e| {
            tracing::warn!(user = login.account, error = %e, "login refused: the C ksmbd module cannot take it");
            Ok(wire::refuse_spnego(handle))
        })
    }

    fn groups(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let LoginRequest { handle, account } = LoginRequest::parse(value)?;
        let mut groups = self.ids(account).groups;
        if groups.len() > MAX_GROUPS {
            tracing::warn!(
                user = account,
                groups = groups.len(),
                "too many groups for the C ksmbd module, using the first"
            );
            groups.truncate(MAX_GROUPS);
        }
        Ok(wire::login_response_ext(handle, &groups))
    }

    /// Ids of an account that logged in, or of a system user that Kerberos
    /// knows; of a guest when there is none (any more).
    fn ids(&self, account: &str) -> Ids {
        let state = self.state();
        let found = state.store().user(account).ok().flatten();
        let ids = match found {
            Some(account) => identity::ids(state, &account),
            None if state.config().global.kerberos_system_users => {
                state.accounts.user(account).filter(|ids| ids.uid != 0)
            }
            None => None,
        };
        ids.unwrap_or_else(|| identity::guest_ids(state))
    }

    fn bad_password(&self, account: &str) {
        tracing::info!(user = account, "login refused: wrong password");
        let throttle = self.service.auth().throttle();
        throttle.failed(&fold_name(account), Instant::now());
        let known = self.state().store().user(account);
        if let Ok(Some(known)) = known {
            if let Err(e) = self.state().notes().failure(known.id) {
                tracing::warn!(error = %e, "the login could not be noted");
            }
        }
    }

    fn share(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let ShareRequest { handle, name } = ShareRequest::parse(value)?;
        let missing = ShareResponse {
            handle,
            ..ShareResponse::default()
        };
        if name.eq_ignore_ascii_case("IPC$") {
            return ShareResponse {
                flags: wire::share::AVAILABLE | wire::share::PIPE,
                name: "IPC$",
                ..missing
            }
            .write();
        }
        let config = self.state().config();
        let Some(share) = config.share(name).filter(|s| s.available) else {
            return missing.write();
        };
        let Some(path) = share.path.to_str() else {
            tracing::error!(
                share = share.name,
                "its path is not UTF-8; it is not served"
            );
            return missing.write();
        };
        let forced = |name: &str| (!name.is_empty()).then(|| self.state().accounts.user(name));
        let (uid, mut gid) = match forced(&share.force_user) {
            None => (None, None),
            Some(Some(ids)) => (Some(ids.uid), Some(ids.gid)),
            Some(None) => return missing.write(),
        };
        if !share.force_group.is_empty() {
            let name = share.force_group.trim_start_matches(['@', '+']);
            match self.state().accounts.group(name) {
                Some(group) => gid = Some(group),
                None => return missing.write(),
            }
        }
        if !share.admin_users.is_empty() {
            // It would be a promise that the module does not keep.
            tracing::warn!(
                share = share.name,
                "admin_users have no rights of their own with the C ksmbd module"
            );
        }
        let veto = share.veto_files.join("\0");
        let made = ShareResponse {
            flags: share_flags(share),
            create_mask: share.create_mask,
            directory_mask: share.directory_mask,
            force_create_mode: share.force_create_mode,
            force_directory_mode: share.force_directory_mode,
            force_uid: uid,
            force_gid: gid,
            name: &share.name,
            veto: veto.as_bytes(),
            path,
            ..missing
        }
        .write();
        made.or_else(|e| {
            tracing::error!(share = share.name, "the share cannot be served: {e}");
            ShareResponse {
                handle,
                ..ShareResponse::default()
            }
            .write()
        })
    }

    fn tree_connect(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let ask = TreeConnect::parse(value)?;
        let Ok(tree_id) = u32::try_from(ask.connect_id) else {
            let status = tree_status::INVALID_USER;
            return Ok(wire::tree_connect_response(ask.handle, status, 0));
        };
        let user_flags = match (ask.account.is_empty(), ask.account_flags & user::GUEST) {
            (true, _) => UserFlags::ANONYMOUS,
            (false, 0) => UserFlags::NONE,
            _ => UserFlags::GUEST,
        };
        let ids = self.ids(ask.account);
        let peer: Result<IpAddr, _> = ask.peer.parse();
        let peer = peer.map_or_else(|_| ask.peer.to_owned(), |ip| ip.to_canonical().to_string());
        let request = TreeConnectRequest {
            session_id: ask.session_id,
            tree_id,
            account: ask.account,
            uid: ids.uid,
            gid: ids.gid,
            groups: ids.groups.as_slice().into(),
            user_flags,
            share: ask.share,
            peer: &peer,
            // The module itself sees to encryption.
            dialect: 0x0311,
            encrypted: true,
        };
        let (status, flags) = match shares::connect(self.state(), self.service.trees(), &request) {
            Ok(grant) => {
                let access = if grant.flags.contains(TreeFlags::WRITABLE) {
                    tree::WRITABLE
                } else {
                    tree::READ_ONLY
                };
                let guest = if user_flags == UserFlags::NONE {
                    0
                } else {
                    tree::GUEST
                };
                let update = if self.stale().remove(&fold_name(ask.share)) {
                    tree::UPDATE
                } else {
                    0
                };
                (tree_status::OK, access | guest | update)
            }
            Err(NtStatus::BAD_NETWORK_NAME) => (tree_status::NO_SHARE, 0),
            Err(NtStatus::REQUEST_NOT_ACCEPTED) => (tree_status::TOO_MANY_CONNS, 0),
            Err(_) => (tree_status::INVALID_USER, 0),
        };
        Ok(wire::tree_connect_response(ask.handle, status, flags))
    }

    fn pipe(&self, value: &[u8]) -> Result<Bytes, WireError> {
        let ask = RpcRequest::parse(value)?;
        let answer = |status, data: &[u8]| Ok(wire::rpc_response(ask.handle, status, data));
        let pipes = self.service.pipes();
        let id = u64::from(ask.handle);
        let restrict = self.state().config().global.restrict_anonymous;
        if ask.flags & rpc::RESTRICTED != 0 && restrict >= 1 && ask.flags & rpc::CLOSE == 0 {
            return answer(rpc::STATUS_ACCESS_DENIED, &[]);
        }
        if ask.flags & rpc::OPEN != 0 {
            let name = [
                (rpc::SRVSVC, "srvsvc"),
                (rpc::WKSSVC, "wkssvc"),
                (rpc::SAMR, "samr"),
                (rpc::LSARPC, "lsarpc"),
            ]
            .into_iter()
            .find(|(flag, _)| ask.flags & flag != 0);
            let Some((_, name)) = name else {
                return answer(rpc::STATUS_NOT_IMPLEMENTED, &[]);
            };
            // The module says neither whose session it is nor from where, so
            // a caller has no name, and no right that comes with one.
            let status = pipes.open(&PipeOpen {
                session_id: id,
                pipe_id: id,
                name,
                account: "",
                user_flags: UserFlags::NONE,
                peer: "",
            });
            return answer(pipe_status(status), &[]);
        }
        if ask.flags & rpc::CLOSE != 0 {
            pipes.close(id);
            return answer(rpc::STATUS_OK, &[]);
        }
        if ask.flags & rpc::RESTRICTED != 0 {
            // Only now it says so.
            pipes.restrict(id);
        }
        if ask.flags & rpc::WRITE != 0 {
            return answer(pipe_status(pipes.write(id, ask.payload)), &[]);
        }
        let (status, data) = if ask.flags & rpc::IOCTL != 0 {
            pipes.transceive(id, ask.payload, MAX_READ)
        } else if ask.flags & rpc::READ != 0 {
            pipes.read(id, MAX_READ)
        } else {
            return answer(rpc::STATUS_NOT_IMPLEMENTED, &[]);
        };
        answer(pipe_status(status), &data)
    }
}

/// Seconds since 1970 of a FILETIME; 0 stays 0.
const fn unix_seconds(filetime: u64) -> u64 {
    (filetime / 10_000_000).saturating_sub(EPOCH_1601)
}

fn complain(command: u8, done: Result<(), WireError>) -> Option<Bytes> {
    if let Err(e) = done {
        tracing::warn!(command, error = %e, "the C ksmbd module told what is nothing");
    }
    None
}

fn pipe_status(status: NtStatus) -> u32 {
    match status {
        NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => rpc::STATUS_OK,
        NtStatus::ACCESS_DENIED => rpc::STATUS_ACCESS_DENIED,
        NtStatus::INSUFF_SERVER_RESOURCES => rpc::STATUS_NO_MEMORY,
        NtStatus::OBJECT_NAME_NOT_FOUND => rpc::STATUS_NOT_IMPLEMENTED,
        NtStatus::PIPE_DISCONNECTED => rpc::STATUS_BAD_FID,
        _ => rpc::STATUS_BAD_DATA,
    }
}

fn share_flags(share: &Share) -> u32 {
    use wire::share as flag;
    let writable = !share.read_only || !share.write_list.is_empty();
    [
        (share.browseable, flag::BROWSEABLE),
        // Who may write is said for each tree connect.
        (writable, flag::WRITEABLE),
        (!writable, flag::READONLY),
        (share.guest_ok, flag::GUEST_OK),
        (share.store_dos_attributes, flag::STORE_DOS_ATTRS),
        (share.oplocks, flag::OPLOCKS),
        (share.hide_dot_files, flag::HIDE_DOT_FILES),
        (share.inherit_owner, flag::INHERIT_OWNER),
        (
            share.vfs_objects.contains(&VfsObject::StreamsXattr),
            flag::STREAMS,
        ),
        (share.follow_symlinks, flag::FOLLOW_SYMLINKS),
        (
            share.vfs_objects.contains(&VfsObject::AclXattr),
            flag::ACL_XATTR,
        ),
        (share.crossmnt, flag::CROSSMNT),
        (share.continuous_availability, flag::CONTINUOUS_AVAILABILITY),
        (share.hide_unreadable, flag::HIDE_UNREADABLE),
        (share.time_machine, flag::TIME_MACHINE),
        (share.encrypt, flag::ENCRYPT_DATA),
    ]
    .into_iter()
    .filter(|(on, _)| *on)
    .fold(flag::AVAILABLE, |all, (_, flag)| all | flag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const CONFIG: &str = "[global]\nmap_to_guest = \"bad user\"\n\
        [share.data]\npath = \"/srv/data\"\nread_only = false\nveto_files = [\"*.tmp\", \"x\"]\n\
        [share.Mine]\npath = \"/srv/mine\"\nvalid_users = [\"alice\"]\nmax_connections = 1\n";

    fn asked(config: &str) -> (Asked, tempfile::TempDir) {
        let (state, dir) = testing::state(config);
        (Asked::new(Arc::new(Service::new(state).unwrap())), dir)
    }

    fn named(handle: u32, name: &str, len: usize) -> Vec<u8> {
        let mut bytes = handle.to_ne_bytes().to_vec();
        bytes.extend_from_slice(name.as_bytes());
        bytes.resize(len, 0);
        bytes
    }

    fn login(asked: &Asked, name: &str) -> Bytes {
        asked
            .answer(event::LOGIN_REQUEST, &named(7, name, 116))
            .unwrap()
    }

    /// Status, account and hash of a login.
    fn parts(bytes: &[u8]) -> (u16, &str, &[u8]) {
        let end = bytes[12..60].iter().position(|b| *b == 0).unwrap();
        let n = usize::from(u16::from_ne_bytes([bytes[62], bytes[63]]));
        (
            u16::from_ne_bytes([bytes[60], bytes[61]]),
            std::str::from_utf8(&bytes[12..12 + end]).unwrap(),
            &bytes[64..64 + n],
        )
    }

    #[test]
    fn logins() {
        let (asked, _dir) = asked(CONFIG);
        let alice = login(&asked, "ALICE");
        assert_eq!(alice[..8], [7, 0, 0, 0, 0xE8, 3, 0, 0]);
        let (status, name, hash) = parts(&alice);
        assert_eq!((status, name), (user::OK | user::EXTENSION, "alice"));
        assert_eq!(hash, ksmbd_store::nt_hash(&"Secret1!".into()).expose());
        // Disabled; without ids.
        for name in ["dave", "carol"] {
            assert_eq!(parts(&login(&asked, name)), (user::BAD_USER, "", &[][..]));
        }
        let guest = user::OK | user::GUEST;
        assert_eq!(parts(&login(&asked, "nosuch")), (guest, "nobody", &[][..]));
        assert_eq!(parts(&login(&asked, "")), (guest, "", &[][..]));

        let groups = asked
            .answer(event::LOGIN_REQUEST_EXT, &named(8, "alice", 116))
            .unwrap();
        assert_eq!(groups[4..8], [2, 0, 0, 0]);
        assert_eq!(groups[136..], [0xE8, 3, 0, 0, 50, 0, 0, 0]);
        assert!(asked.answer(event::LOGIN_REQUEST, &[1, 0, 0]).is_none());
        assert!(asked.answer(event::HEARTBEAT_REQUEST, &[1; 4]).is_none());
        assert!(asked.answer(99, &[1; 4]).is_none());
    }

    #[test]
    fn tickets_that_are_none() {
        let (asked, _dir) = asked(CONFIG);
        assert_eq!(unix_seconds(0), 0);
        assert_eq!(unix_seconds(116_444_736_010_000_000), 1);
        // Not even a token; NTLMSSP, which has a second leg.
        for token in [&b"x"[..], &testing::Client::new("alice", "x").negotiate()] {
            let mut bytes = 5u32.to_ne_bytes().to_vec();
            bytes.extend_from_slice(&u16::try_from(token.len()).unwrap().to_ne_bytes());
            bytes.extend_from_slice(token);
            let answer = asked.answer(event::SPNEGO_AUTHEN_REQUEST, &bytes).unwrap();
            assert_eq!(answer, wire::refuse_spnego(5));
            assert_eq!(asked.service.auth().pending(), 0);
        }
        assert!(asked
            .answer(event::SPNEGO_AUTHEN_REQUEST, &[1; 5])
            .is_none());
    }

    #[test]
    fn system_users_only_where_they_are_wanted() {
        for config in ["", "[global]\nkerberos_system_users = true\n"] {
            let (asked, _dir) = asked(config);
            // An account without a system account; root, who has no account.
            assert_eq!(asked.ids("erin").uid, 7);
            assert_eq!(asked.ids("root").uid, 65534);
        }
    }

    #[test]
    fn strangers_only_where_they_are_wanted() {
        let (asked, _dir) = asked("[global]\nrestrict_anonymous = 2\n");
        assert_eq!(parts(&login(&asked, "")).0, user::BAD_USER);
        assert_eq!(parts(&login(&asked, "nosuch")).0, user::BAD_USER);
    }

    #[test]
    fn guessing_slows_down() {
        let (asked, _dir) = asked(CONFIG);
        let mut bad = named(0, "", 0);
        bad.clear();
        bad.extend_from_slice(b"Alice");
        bad.resize(48, 0);
        bad.extend_from_slice(&u32::from(user::OK | user::BAD_PASSWORD).to_ne_bytes());
        bad.resize(116, 0);
        for _ in 0..10 {
            assert_eq!(parts(&login(&asked, "alice")).1, "alice");
            assert!(asked.answer(event::LOGOUT_REQUEST, &bad).is_none());
        }
        assert_eq!(parts(&login(&asked, "alice")).0, user::BAD_USER);
        assert_eq!(parts(&login(&asked, "bob")).1, "Bob");
        let alice = asked.state().store().user("alice").unwrap().unwrap();
        assert_eq!(alice.failed, 10);
    }

    fn config_of(asked: &Asked, name: &str) -> Bytes {
        asked
            .answer(event::SHARE_CONFIG_REQUEST, &named(3, name, 132))
            .unwrap()
    }

    #[test]
    fn shares_and_tree_connects() {
        let (asked, _dir) = asked(CONFIG);
        let data = config_of(&asked, "DATA");
        let flags = u32::from_ne_bytes([data[4], data[5], data[6], data[7]]);
        assert!(flags & wire::share::WRITEABLE != 0 && flags & wire::share::READONLY == 0);
        assert!(data.ends_with(b"*.tmp\0x\0/srv/data"));
        assert_eq!(config_of(&asked, "nosuch")[4..8], [0; 4]);
        assert_eq!(config_of(&asked, "ipc$")[4..8], [1, 1, 0, 0]);

        let connect = |account: &str, share: &str, id: u64| {
            let mut bytes = vec![5, 0, 0, 0, 1, 0, 2, 0];
            bytes.extend_from_slice(&77u64.to_ne_bytes());
            bytes.extend_from_slice(&id.to_ne_bytes());
            for (text, end) in [(account, 72), (share, 136), ("127.0.0.1", 264)] {
                bytes.extend_from_slice(text.as_bytes());
                bytes.resize(end, 0);
            }
            let answer = asked.answer(event::TREE_CONNECT_REQUEST, &bytes).unwrap();
            let at = |n: usize| u16::from_ne_bytes([answer[n], answer[n + 1]]);
            (at(4), at(6))
        };
        assert_eq!(connect("alice", "data", 1), (0, tree::WRITABLE));
        assert_eq!(connect("alice", "mine", 2), (0, tree::READ_ONLY));
        let full = tree_status::TOO_MANY_CONNS;
        assert_eq!(connect("alice", "mine", 3), (full, 0));
        assert_eq!(connect("Bob", "mine", 3).0, tree_status::INVALID_USER);
        assert_eq!(connect("Bob", "nosuch", 3).0, tree_status::NO_SHARE);
        // A tree connect ends, and its place is free again.
        let mut end = 77u64.to_ne_bytes().to_vec();
        end.extend_from_slice(&2u64.to_ne_bytes());
        end.resize(80, 0);
        asked.answer(event::TREE_DISCONNECT_REQUEST, &end);
        assert_eq!(connect("alice", "mine", 3), (0, tree::READ_ONLY));
        // The module's copy is old once, not for ever.
        asked.changed("Data", "");
        let update = tree::WRITABLE | tree::UPDATE;
        assert_eq!(connect("alice", "data", 4), (0, update));
        assert_eq!(connect("alice", "data", 5), (0, tree::WRITABLE));
    }

    #[test]
    fn pipes() {
        let (asked, _dir) = asked(CONFIG);
        let call = |flags: u32, data: &[u8]| {
            let mut bytes = 4u32.to_ne_bytes().to_vec();
            bytes.extend_from_slice(&flags.to_ne_bytes());
            bytes.extend_from_slice(&u32::try_from(data.len()).unwrap().to_ne_bytes());
            bytes.extend_from_slice(data);
            let answer = asked.answer(event::RPC_REQUEST, &bytes).unwrap();
            (answer[4], answer[12..].to_vec())
        };
        assert_eq!(call(rpc::OPEN, &[]).0, 0x40, "RAP is not served");
        assert_eq!(call(rpc::SRVSVC | rpc::READ, &[]).0, 6);
        assert_eq!(call(rpc::SRVSVC | rpc::OPEN, &[]), (0, vec![]));
        assert_eq!(call(rpc::SRVSVC | rpc::READ, &[]).0, 0x0D, "nothing there");
        assert_eq!(call(rpc::SRVSVC | rpc::CLOSE, &[]), (0, vec![]));
        assert_eq!(call(rpc::SRVSVC | rpc::WRITE, b"x").0, 6);
    }
}
