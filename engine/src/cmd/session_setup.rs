// SPDX-License-Identifier: GPL-2.0-or-later
//! SESSION_SETUP ([MS-SMB2] 3.3.5.5): log-in and re-authentication. The tokens go to the daemon unread; what
//! comes back is a user and a session key.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::ipc::{AuthDrop, AuthFlags, AuthReply, AuthRequest, UserFlags};
use proto_shared::smb2::session_setup::{SessionFlags, SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::{SecurityMode, SessionSetupRequest, SessionSetupResponse};
use proto_shared::status::NtStatus;

use crate::config::{Config, Policy};
use crate::crypt::{kdf, preauth, sign};
use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::name::copy;
use crate::server::Server;
use crate::session::{Auth, Keys, Phase, Session, Setup, User};
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// What the handler goes on with when the daemon has answered.
pub struct Pending<H: Host> {
    session: Arc<Session<H>>,
    previous_session_id: u64,
    client_requires_signing: bool,
}

pub(crate) fn handle<H: Host>(w: &Work<H>, _out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = SessionSetupRequest::parse(w.msg())?;
    let n = w.negotiated()?;
    let config = w.server().config().ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    if config.encryption == Policy::Mandatory && n.cipher.is_none() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    if req.flags.contains(SessionSetupFlags::BINDING) {
        // Multichannel is not offered ([MS-SMB2] 3.3.5.5 names this answer for it).
        return Err(NtStatus::REQUEST_NOT_ACCEPTED.into());
    }
    let session = match w.header.session_id {
        0 => new_session(w, &config)?,
        id => existing_session(w, id)?,
    };
    let flags = begin_leg(w, &session)?;
    let client_requires_signing = req.security_mode.contains(SetupSecurityMode::SIGNING_REQUIRED)
        || n.client_security_mode & SecurityMode::SIGNING_REQUIRED.0 != 0;
    let result = ask_daemon(w, &session, flags, &req, client_requires_signing);
    if result.is_err() {
        fail(w, &session);
    }
    result
}

fn new_session<H: Host>(w: &Work<H>, config: &Config) -> SmbResult<Arc<Session<H>>> {
    let server = w.server();
    let now = w.host().now();
    let session = {
        let mut sessions = server.sessions.lock();
        if sessions.len() >= config.max_sessions as usize {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let mut made = None;
        sessions.insert_with::<Error>(|id| {
            let session = Session::new(id, w.conn.id(), now, config.max_opens)?;
            made = Some(session.clone());
            Ok(session)
        })?;
        made.ok_or(SmbError::from(NtStatus::INSUFFICIENT_RESOURCES))?
    };
    if w.conn.add_session(session.id, config).is_err() {
        Server::close_session(server, &session);
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    // The connection may have ended while the session was made; then nobody else would take it away.
    if w.conn.is_dead() {
        Server::close_session(server, &session);
    }
    Ok(session)
}

/// A further leg, or a re-authentication.
fn existing_session<H: Host>(w: &Work<H>, id: u64) -> SmbResult<Arc<Session<H>>> {
    let session = w.conn.session(id).ok_or(SmbError::from(NtStatus::USER_SESSION_DELETED))?;
    let auth = session.state.lock().auth.clone();
    if let Some(auth) = auth {
        match auth.keys.signing.as_ref() {
            _ if w.sealed_by.is_some() => {}
            Some(key) if w.header.is_signed() => sign::verify(w.host().crypto(), key, w.msg(), &w.header)?,
            Some(_) if auth.signing_required => return Err(NtStatus::ACCESS_DENIED.into()),
            _ => {}
        }
    }
    Ok(session)
}

/// Notes the exchange in the session and takes the request into its hash.
fn begin_leg<H: Host>(w: &Work<H>, session: &Arc<Session<H>>) -> SmbResult<AuthFlags> {
    let n = w.negotiated()?;
    let auth_id = w.server().next_auth_id();
    let mut flags = AuthFlags::NONE;
    let before = {
        let mut state = session.state.lock();
        match state.phase {
            Phase::Closed => return Err(NtStatus::USER_SESSION_DELETED.into()),
            Phase::Valid | Phase::Expired => flags |= AuthFlags::REAUTHENTICATION,
            Phase::InProgress => {}
        }
        match state.setup.as_mut() {
            Some(s) if s.busy => return Err(NtStatus::REQUEST_NOT_ACCEPTED.into()),
            Some(s) => {
                s.busy = true;
                s.preauth
            }
            None => {
                flags |= AuthFlags::FIRST_LEG;
                state.setup = Some(Setup { auth_id, preauth: n.preauth, busy: true });
                n.preauth
            }
        }
    };
    if n.dialect >= 0x0311 {
        let after = preauth::extend(w.host().crypto(), &before, w.msg())?;
        if let Some(s) = session.state.lock().setup.as_mut() {
            s.preauth = after;
        }
    }
    Ok(flags)
}

fn ask_daemon<H: Host>(
    w: &Work<H>,
    session: &Arc<Session<H>>,
    flags: AuthFlags,
    req: &SessionSetupRequest<'_>,
    client_requires_signing: bool,
) -> SmbResult<Outcome<H>> {
    let auth_id = session.state.lock().setup.as_ref().map_or(0, |s| s.auth_id);
    let mut peer = [0; 64];
    let body = AuthRequest {
        auth_id,
        session_id: session.id,
        connection_id: w.conn.id(),
        peer: w.conn.peer.format(&mut peer),
        dialect: w.negotiated()?.dialect,
        flags,
        blob: req.security_buffer.into(),
    };
    let resume = Resume::SessionSetup(Pending {
        session: session.clone(),
        previous_session_id: req.previous_session_id,
        client_requires_signing,
    });
    w.wait_for_daemon(&body, false, resume)
}

/// The exchange ended without a log-in: a session that never was goes, an older log-in stays.
fn fail<H: Host>(w: &Work<H>, session: &Arc<Session<H>>) {
    let (in_progress, setup) = {
        let mut state = session.state.lock();
        (state.phase == Phase::InProgress, state.setup.take())
    };
    if let Some(s) = setup {
        w.server().event(&AuthDrop { auth_id: s.auth_id });
    }
    if in_progress {
        Server::close_session(w.server(), session);
    }
}

pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    out.session_id = Some(p.session.id);
    let result = match event {
        Event::Upcall(body) => verdict(w, &p, &body, out),
        Event::Cancelled => Err(NtStatus::CANCELLED.into()),
        Event::TimedOut => Err(NtStatus::NO_LOGON_SERVERS.into()),
        Event::Ready | Event::Closed => Err(NtStatus::USER_SESSION_DELETED.into()),
    };
    if result.is_err() {
        fail(w, &p.session);
    }
    result.map(|()| Outcome::Done)
}

fn verdict<H: Host>(w: &Work<H>, p: &Pending<H>, body: &[u8], out: &mut Reply<H>) -> SmbResult {
    let reply = AuthReply::parse(body).map_err(|_| SmbError::from(NtStatus::INTERNAL_ERROR))?;
    let mut blob = KVec::new();
    for chunk in reply.blob.chunks() {
        blob.extend_from_slice(chunk, GFP_KERNEL)?;
    }
    let mut session_flags = SessionFlags::NONE;
    match reply.status {
        NtStatus::MORE_PROCESSING_REQUIRED => out.status = reply.status,
        NtStatus::SUCCESS => session_flags = establish(w, p, &reply, out)?,
        // What the daemon refuses is an error whatever it calls it.
        status if status.is_error() => return Err(status.into()),
        _ => return Err(NtStatus::LOGON_FAILURE.into()),
    }
    let response = SessionSetupResponse { session_flags, security_buffer: &blob };
    out.write(blob.len().saturating_add(16), |b| response.write(b))
}

/// The log-in holds: keys, policy, and the session turns valid.
fn establish<H: Host>(
    w: &Work<H>,
    p: &Pending<H>,
    reply: &AuthReply<'_>,
    out: &mut Reply<H>,
) -> SmbResult<SessionFlags> {
    let n = w.negotiated()?;
    let config = w.server().config().ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    let session = &p.session;
    let user = user(reply)?;
    let unprotected =
        user.flags.contains(UserFlags::GUEST) || user.flags.contains(UserFlags::ANONYMOUS);
    let (old, hash) = {
        let state = session.state.lock();
        (state.auth.clone(), state.setup.as_ref().map_or(n.preauth, |s| s.preauth))
    };
    let keys = match old {
        // Keys live as long as the session ([MS-SMB2] 3.3.5.5.3).
        Some(old) => old.keys.clone(),
        None if unprotected || reply.session_key.is_empty() => Arc::new(Keys::none(), GFP_KERNEL)?,
        None => Arc::new(kdf::session_keys::<H>(w.host().crypto(), n, reply.session_key, &hash)?, GFP_KERNEL)?,
    };
    let has_key = keys.signing.is_some();
    if !has_key && (config.signing == Policy::Mandatory || config.encryption == Policy::Mandatory) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let encryption_required = config.encryption == Policy::Mandatory;
    if encryption_required && keys.seal.is_none() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let auth = Arc::new(
        Auth {
            signing_required: has_key && (config.signing == Policy::Mandatory || p.client_requires_signing),
            encryption_required,
            expiry: reply.expiry,
            user,
            keys,
        },
        GFP_KERNEL,
    )?;
    replace_previous(w, p, &auth);
    {
        let mut state = session.state.lock();
        if state.phase == Phase::Closed {
            return Err(NtStatus::USER_SESSION_DELETED.into());
        }
        state.phase = Phase::Valid;
        state.auth = Some(auth.clone());
        state.setup = None;
    }
    w.conn.set_authenticated();
    let mut flags = SessionFlags::NONE;
    if auth.is_guest() {
        flags |= SessionFlags::IS_GUEST;
    }
    if auth.is_anonymous() {
        flags |= SessionFlags::IS_NULL;
    }
    if encryption_required {
        flags |= SessionFlags::ENCRYPT_DATA;
    }
    // The last reply proves to the client that the server has the key ([MS-SMB2] 3.3.5.5.3).
    if has_key && w.sealed_by.is_none() {
        out.signer = Some(auth);
    }
    Ok(flags)
}

/// The client tells which session of its own it lost; it must be the same user's
/// ([MS-SMB2] 3.3.5.5.3).
fn replace_previous<H: Host>(w: &Work<H>, p: &Pending<H>, auth: &Arc<Auth<H>>) {
    if p.previous_session_id == 0 || p.previous_session_id == p.session.id {
        return;
    }
    let Some(previous) = w.server().session(p.previous_session_id) else {
        return;
    };
    let same_user = previous.state.lock().auth.as_ref().is_some_and(|a| {
        a.user.uid == auth.user.uid && *a.user.account == *auth.user.account && *a.user.domain == *auth.user.domain
    });
    if same_user {
        Server::close_session(w.server(), &previous);
    }
}

fn user(reply: &AuthReply<'_>) -> SmbResult<User> {
    let mut groups = KVec::new();
    for gid in reply.groups.iter() {
        groups.push(gid, GFP_KERNEL)?;
    }
    // A verdict without ids is no identity: nobody's files may be touched by mistake as root.
    let (Some(uid), Some(gid)) = (reply.uid, reply.gid) else {
        return Err(NtStatus::LOGON_FAILURE.into());
    };
    Ok(User {
        account: copy(reply.account.as_bytes())?,
        domain: copy(reply.domain.as_bytes())?,
        uid,
        gid,
        groups,
        flags: reply.user_flags,
        sid: copy(reply.sid)?,
    })
}
