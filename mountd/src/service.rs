// SPDX-License-Identifier: GPL-2.0-or-later
//! Answers what the engine asks.
//!
//! [`Service::handle`] may be called by any number of threads at a time. It
//! trusts nothing that it gets: a message that is malformed is answered with a
//! refusal where it has a token, and dropped where it has none.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use proto_shared::codec::NoSpace;
use proto_shared::ipc::{
    write_upcall_reply, AttrWriter, AuditFlags, AuthDrop, AuthFlags, AuthReply, AuthRequest, Blob,
    Command, Event, EventKind, FileAccess, FileAction, Listening, Logoff, PipeClose, PipeDataReply,
    PipeOpen, PipeRead, PipeStatusReply, PipeTransceive, PipeWrite, PipeWriteReply,
    TreeConnectReply, TreeConnectRequest, TreeDisconnect, Upcall, UpcallKind, UpcallReplyBody,
};
use proto_shared::status::NtStatus;

use crate::audit::Record;
use crate::auth::{self, Authenticator, Leg, LoginId, Mechanism, Outcome, MAX_TOKEN};
use crate::rpc::Pipes;
use crate::share::{self, Connected, Trees};
use crate::state::State;

/// What the engine tells that the daemon as a whole must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The server accepts connections at this port.
    Listening(u16),
    /// The server has stopped.
    Stopped,
}

type NoticeFn = Box<dyn Fn(Notice) + Send + Sync>;
type RefreshFn = Box<dyn Fn(&Trees) + Send + Sync>;

/// Greatest data of one pipe operation in bytes.
const MAX_PIPE_DATA: usize = 1024 * 1024;

/// See the module.
pub struct Service {
    state: Arc<State>,
    auth: Arc<Authenticator>,
    trees: Trees,
    pipes: Pipes,
    notice: Mutex<Option<NoticeFn>>,
    refresh: RwLock<Option<RefreshFn>>,
}

/// Sends one answer: command and attributes.
pub type Reply<'a> = &'a mut dyn FnMut(u8, &[u8]);

impl Service {
    /// Fails when the system has no randomness.
    pub fn new(state: Arc<State>) -> std::io::Result<Self> {
        let auth = Arc::new(Authenticator::new(state.clone())?);
        Ok(Self {
            pipes: Pipes::new(state.clone(), auth.clone()),
            auth,
            trees: Trees::default(),
            notice: Mutex::new(None),
            refresh: RwLock::new(None),
            state,
        })
    }

    /// Calls `f` for what the daemon as a whole must know.
    pub fn on_notice(&self, f: impl Fn(Notice) + Send + Sync + 'static) {
        *self.notice.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(f));
    }

    /// `f` asks the engine for its tree connects and puts them into the table:
    /// it is called before a share counts as full, because a count that events
    /// keep can drift when the daemon was restarted.
    pub fn on_full(&self, f: impl Fn(&Trees) + Send + Sync + 'static) {
        *self.refresh.write().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(f));
    }

    /// The tree connects.
    pub fn trees(&self) -> &Trees {
        &self.trees
    }

    /// The pipes.
    pub fn pipes(&self) -> &Pipes {
        &self.pipes
    }

    /// The logins.
    pub fn auth(&self) -> &Authenticator {
        &self.auth
    }

    /// What is shared.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Takes one message of the engine and answers it.
    pub fn handle(&self, command: u8, attrs: &[u8], reply: Reply<'_>) {
        match Command(command) {
            Command::UPCALL => match Upcall::parse(attrs) {
                Ok(upcall) => self.upcall(&upcall, reply),
                Err(e) => tracing::warn!(error = %e, "the engine sent an upcall that is none"),
            },
            Command::EVENT => {
                if let Err(e) = self.event(attrs) {
                    tracing::warn!(error = %e, "the engine sent an event that is none");
                }
            }
            other => tracing::warn!(command = %other, "the engine sent what only the daemon sends"),
        }
    }

    /// Refuses an upcall without looking at it: there are too many.
    pub fn refuse(token: u64, kind: UpcallKind, reply: Reply<'_>) {
        let upcall = Upcall {
            token,
            kind,
            body: &[],
        };
        refuse(&upcall, NtStatus::INSUFF_SERVER_RESOURCES, reply);
    }

    fn upcall(&self, upcall: &Upcall<'_>, reply: Reply<'_>) {
        let done = match upcall.kind {
            UpcallKind::AUTH => {
                AuthRequest::parse(upcall.body).map(|req| self.login(upcall, &req, reply))
            }
            UpcallKind::TREE_CONNECT => TreeConnectRequest::parse(upcall.body)
                .map(|req| self.tree_connect(upcall, &req, reply)),
            UpcallKind::PIPE_OPEN => PipeOpen::parse(upcall.body).map(|req| {
                let status = self.pipes.open(&req);
                answer(upcall, &PipeStatusReply { status }, reply);
            }),
            UpcallKind::PIPE_WRITE => PipeWrite::parse(upcall.body).map(|req| {
                let (status, count) = match bytes(&req.data, MAX_PIPE_DATA) {
                    Some(data) => (
                        self.pipes.write(req.pipe_id, &data),
                        u32::try_from(data.len()).unwrap_or(0),
                    ),
                    None => (NtStatus::INVALID_PARAMETER, 0),
                };
                let count = if status.is_success() { count } else { 0 };
                answer(upcall, &PipeWriteReply { status, count }, reply);
            }),
            UpcallKind::PIPE_READ => PipeRead::parse(upcall.body).map(|req| {
                let (status, data) = self.pipes.read(req.pipe_id, max_len(req.max_len));
                answer_data(upcall, status, &data, reply);
            }),
            UpcallKind::PIPE_TRANSCEIVE => PipeTransceive::parse(upcall.body).map(|req| {
                let (status, data) = match bytes(&req.data, MAX_PIPE_DATA) {
                    Some(data) => self
                        .pipes
                        .transceive(req.pipe_id, &data, max_len(req.max_len)),
                    None => (NtStatus::INVALID_PARAMETER, Vec::new()),
                };
                answer_data(upcall, status, &data, reply);
            }),
            kind => {
                tracing::info!(kind = %kind, "the engine asks for what this daemon does not know");
                refuse(upcall, NtStatus::NOT_SUPPORTED, reply);
                Ok(())
            }
        };
        if let Err(e) = done {
            tracing::warn!(kind = %upcall.kind, error = %e, "the engine sent a bad upcall");
            refuse(upcall, NtStatus::INVALID_PARAMETER, reply);
        }
    }

    fn login(&self, upcall: &Upcall<'_>, req: &AuthRequest<'_>, reply: Reply<'_>) {
        let Some(token) = bytes(&req.blob, MAX_TOKEN) else {
            let refused = AuthReply::refuse(NtStatus::INVALID_PARAMETER, &[]);
            return answer(upcall, &refused, reply);
        };
        let leg = Leg {
            auth_id: LoginId::Session(req.auth_id),
            mechanism: Mechanism::Any,
            first: req.flags.contains(AuthFlags::FIRST_LEG),
            peer: req.peer,
            token: &token,
        };
        let Outcome {
            status,
            token,
            login,
            failed_account,
        } = self.auth.leg(&leg, Instant::now());
        let refused = AuthReply::refuse(status, &token);
        match &login {
            None => answer(upcall, &refused, reply),
            Some(login) => {
                let ok = AuthReply {
                    session_key: login
                        .session_key
                        .as_ref()
                        .map_or(&[], |k| k.expose().as_slice()),
                    account: &login.account,
                    domain: &login.domain,
                    uid: Some(login.ids.uid),
                    gid: Some(login.ids.gid),
                    groups: login.ids.groups.as_slice().into(),
                    user_flags: login.flags,
                    expiry: login.expiry,
                    sid: &login.sid,
                    ..refused
                };
                answer(upcall, &ok, reply);
            }
        }
        // The client has its answer; only now the disk.
        auth::note(
            &self.state,
            login.and_then(|l| l.account_id),
            failed_account,
        );
    }

    fn tree_connect(&self, upcall: &Upcall<'_>, req: &TreeConnectRequest<'_>, reply: Reply<'_>) {
        let mut decision = share::connect(&self.state, &self.trees, req);
        if decision == Err(NtStatus::REQUEST_NOT_ACCEPTED) {
            let refresh = self.refresh.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(refresh) = &*refresh {
                refresh(&self.trees);
                decision = share::connect(&self.state, &self.trees, req);
            }
        }
        let grant = match decision {
            Ok(grant) => grant,
            Err(status) => return answer(upcall, &TreeConnectReply::refuse(status), reply),
        };
        let [create_mask, directory_mask, force_create_mode, force_directory_mode] = grant.modes;
        let ok = TreeConnectReply {
            status: NtStatus::SUCCESS,
            share: &grant.share,
            share_type: grant.share_type,
            flags: grant.flags,
            maximal_access: grant.maximal_access,
            path: &grant.path,
            create_mask,
            directory_mask,
            force_create_mode,
            force_directory_mode,
            force_uid: grant.force_uid,
            force_gid: grant.force_gid,
            veto: &grant.veto,
            volume_label: &grant.volume_label,
            volume_serial: grant.volume_serial,
            comment: &grant.comment,
            audit: (grant.audit != AuditFlags::NONE).then_some(grant.audit.bits()),
            snapshot_dir: &grant.snapshots.0,
            snapshot_format: &grant.snapshots.1,
            apple_model: &grant.apple_model,
            time_machine_max_size: grant.time_machine_max_size,
        };
        answer(upcall, &ok, reply);
    }

    fn event(&self, attrs: &[u8]) -> Result<(), proto_shared::codec::Malformed> {
        let event = Event::parse(attrs)?;
        match event.kind {
            EventKind::AUTH_DROP => self
                .auth
                .forget(LoginId::Session(AuthDrop::parse(event.body)?.auth_id)),
            EventKind::LOGOFF => {
                let logoff = Logoff::parse(event.body)?;
                self.trees.drop_session(logoff.session_id);
                self.pipes.close_session(logoff.session_id);
                Record {
                    action: "logoff",
                    user: logoff.account,
                    client: logoff.peer,
                    session: Some(logoff.session_id),
                    ..Record::default()
                }
                .ok("");
            }
            EventKind::TREE_DISCONNECT => {
                let TreeDisconnect {
                    session_id,
                    tree_id,
                } = TreeDisconnect::parse(event.body)?;
                if let Some(c) = self.trees.drop_tree(session_id, tree_id) {
                    of_tree("tree-disconnect", session_id, &c).ok("");
                }
            }
            EventKind::PIPE_CLOSE => self.pipes.close(PipeClose::parse(event.body)?.pipe_id),
            EventKind::LISTENING => {
                self.notice(Notice::Listening(Listening::parse(event.body)?.port));
            }
            EventKind::FILE_ACCESS => self.file_access(&FileAccess::parse(event.body)?),
            EventKind::STOPPED => self.notice(Notice::Stopped),
            kind => tracing::debug!(kind = %kind, "an event of a newer engine"),
        }
        Ok(())
    }

    fn file_access(&self, access: &FileAccess<'_>) {
        if access.lost != 0 {
            tracing::warn!(
                target: "audit",
                lost = access.lost,
                "accesses to files were not told: too many a second"
            );
        }
        let action = match access.action {
            FileAction::OPENED => "open",
            FileAction::CREATED => "create",
            FileAction::DELETED => "delete",
            FileAction::RENAMED => "rename",
            FileAction::LINKED => "link",
            _ => "other",
        };
        let tree = self
            .trees
            .get(access.session_id, access.tree_id)
            .unwrap_or_default();
        let record = Record {
            path: access.path,
            to: access.target,
            ..of_tree(action, access.session_id, &tree)
        };
        if access.status == NtStatus::SUCCESS {
            record.ok("");
        } else {
            record.refused(&access.status.to_string());
        }
    }

    fn notice(&self, notice: Notice) {
        let f = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(f) = &*f {
            f(notice);
        }
    }
}

fn of_tree<'a>(action: &'a str, session: u64, c: &'a Connected) -> Record<'a> {
    Record {
        action,
        user: &c.user,
        client: &c.client,
        share: &c.share,
        session: Some(session),
        ..Record::default()
    }
}

/// The bytes of a blob in one piece; `None` when there are more than `max`.
fn bytes(blob: &Blob<'_>, max: usize) -> Option<Vec<u8>> {
    let len = blob.len();
    if len > max {
        return None;
    }
    let mut out = vec![0; len];
    blob.copy_to(&mut out).ok()?;
    Some(out)
}

fn max_len(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX).min(MAX_PIPE_DATA)
}

fn answer_data(upcall: &Upcall<'_>, status: NtStatus, data: &[u8], reply: Reply<'_>) {
    let data = data.into();
    answer(upcall, &PipeDataReply { status, data }, reply);
}

/// Refuses in the form that the kind asks for.
fn refuse(upcall: &Upcall<'_>, status: NtStatus, reply: Reply<'_>) {
    match upcall.kind {
        UpcallKind::AUTH => answer(upcall, &AuthReply::refuse(status, &[]), reply),
        UpcallKind::TREE_CONNECT => answer(upcall, &TreeConnectReply::refuse(status), reply),
        UpcallKind::PIPE_WRITE => answer(upcall, &PipeWriteReply { status, count: 0 }, reply),
        UpcallKind::PIPE_READ | UpcallKind::PIPE_TRANSCEIVE => {
            answer_data(upcall, status, &[], reply);
        }
        _ => answer(upcall, &PipeStatusReply { status }, reply),
    }
}

/// Builds a message in a buffer of just its size. The buffer is wiped when
/// dropped: an AUTH answer holds a key.
pub(crate) fn build(
    write: impl Fn(&mut AttrWriter<'_>) -> Result<(), NoSpace>,
) -> Result<zeroize::Zeroizing<Vec<u8>>, NoSpace> {
    let mut count = AttrWriter::counting();
    write(&mut count)?;
    let mut buf = zeroize::Zeroizing::new(vec![0; count.len()]);
    write(&mut AttrWriter::new(&mut buf))?;
    Ok(buf)
}

fn answer<B: UpcallReplyBody>(upcall: &Upcall<'_>, body: &B, reply: Reply<'_>) {
    let built = build(|w| write_upcall_reply(w, upcall.token, upcall.kind, body));
    match built {
        Ok(bytes) => reply(Command::UPCALL_REPLY.0, &bytes),
        Err(NoSpace) => {
            // A text that cannot be sent, for example a path with a NUL. The
            // engine must not wait for an answer that does not come.
            tracing::error!(kind = %upcall.kind, "an answer cannot be put into a message");
            let status = NtStatus::INTERNAL_ERROR;
            let built = build(|w| {
                let body = PipeStatusReply { status };
                write_upcall_reply(w, upcall.token, upcall.kind, &body)
            });
            if let Ok(bytes) = built {
                reply(Command::UPCALL_REPLY.0, &bytes);
            }
        }
    }
}
