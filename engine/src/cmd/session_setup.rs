// SPDX-License-Identifier: GPL-2.0-or-later
//! SESSION_SETUP ([MS-SMB2] 3.3.5.5): log-in, re-authentication and further channels. The tokens go to the daemon unread; what
//! comes back is a user and a session key.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::ipc::{AuthDrop, AuthFlags, AuthReply, AuthRequest, ConfigFlags, UserFlags};
use proto_shared::smb2::session_setup::{SessionFlags, SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::{SecurityMode, SessionSetupRequest, SessionSetupResponse};
use proto_shared::status::NtStatus;

use crate::config::{Config, Policy};
use crate::conn::Negotiated;
use crate::crypt::{kdf, preauth, sign};
use crate::error::{SmbError, SmbResult};
use crate::host::{Host, SigningAlgorithm};
use crate::name::copy;
use crate::server::Server;
use crate::session::{Auth, Channel, Keys, Phase, Session, Setup, User};
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// What the handler goes on with when the daemon has answered.
pub struct Pending<H: Host> {
    exchange: Exchange<H>,
    previous_session_id: u64,
    client_requires_signing: bool,
}

/// Most connections of one session.
const MAX_CHANNELS: usize = 32;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = SessionSetupRequest::parse(w.msg())?;
    let n = w.negotiated()?;
    let config = w
        .server()
        .config()
        .ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    if config.encryption == Policy::Mandatory && n.cipher.is_none() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let binding = req.flags.contains(SessionSetupFlags::BINDING);
    if !w.conn.is_session(w.header.session_id) {
        // Also a refusal is signed for whoever knows the session's key.
        out.signer = w.key_of_session()?;
    }
    let session = match w.header.session_id {
        id if binding => session_to_bind(w, id, &config)?,
        0 => new_session(w, &config)?,
        id => match existing_session(w, id) {
            Err(e) if e.status == NtStatus::ACCESS_DENIED => {
                // A channel's key was due, the session's is what the client may have.
                out.signer = w.key_of_session()?;
                return Err(e);
            }
            other => other?,
        },
    };
    let exchange = Exchange { session, binding };
    let flags = begin_leg(w, &exchange)?;
    let result = ask_daemon(w, &exchange, flags, &req);
    if result.is_err() {
        fail(w, &exchange);
    }
    result
}

/// A log-in under way: of the session itself, or of a connection that wants to become a channel. The latter is
/// the connection's own business until it succeeds; the session does not know of it.
struct Exchange<H: Host> {
    session: Arc<Session<H>>,
    binding: bool,
}

impl<H: Host> Exchange<H> {
    /// What the exchange has come to so far.
    fn with<R>(&self, w: &Work<H>, f: impl FnOnce(&mut Option<Setup>) -> R) -> R {
        if !self.binding {
            return f(&mut self.session.state.lock().setup);
        }
        let mut binding = w.conn.binding.lock();
        if binding.session_id != self.session.id {
            binding.session_id = self.session.id;
            binding.setup = None;
        }
        f(&mut binding.setup)
    }
}

/// The session that a connection wants to become a channel of ([MS-SMB2] 3.3.5.5.2). The order of the checks is that
/// of Windows, which is told apart by the status. The client's GUID is not compared: who has the session's key is the
/// client that owns it.
fn session_to_bind<H: Host>(w: &Work<H>, id: u64, config: &Config) -> SmbResult<Arc<Session<H>>> {
    let n = w.negotiated()?;
    if !config.flags.contains(ConfigFlags::MULTICHANNEL) {
        return Err(NtStatus::REQUEST_NOT_ACCEPTED.into());
    }
    let session = w
        .server()
        .session(id)
        .ok_or(SmbError::from(NtStatus::USER_SESSION_DELETED))?;
    let (phase, auth, first, channels) = {
        let state = session.state.lock();
        if state.channel(w.conn.id()).is_some() {
            return Err(NtStatus::REQUEST_NOT_ACCEPTED.into());
        }
        (
            state.phase,
            state.auth.clone(),
            state.negotiated,
            state.channels.len(),
        )
    };
    match phase {
        Phase::Valid => {}
        Phase::InProgress => return Err(NtStatus::REQUEST_NOT_ACCEPTED.into()),
        Phase::Expired => return Err(NtStatus::NETWORK_SESSION_EXPIRED.into()),
        Phase::Closed => return Err(NtStatus::USER_SESSION_DELETED.into()),
    }
    let auth = auth.ok_or(SmbError::from(NtStatus::USER_SESSION_DELETED))?;
    let key = match auth.keys.signing.as_ref() {
        Some(key) if !auth.is_anonymous() => key,
        _ => return Err(NtStatus::NOT_SUPPORTED.into()),
    };
    if !w.header.is_signed() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    sign::verify(w.host().crypto(), key.as_ref(), w.msg(), &w.header)?;
    let gmac = |n: &Negotiated| n.signing == SigningAlgorithm::AesGmac;
    if gmac(&first) && !gmac(n) {
        return Err(NtStatus::REQUEST_OUT_OF_SEQUENCE.into());
    }
    if gmac(n) && !gmac(&first) {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    if !n.is_smb3() {
        return Err(NtStatus::REQUEST_NOT_ACCEPTED.into());
    }
    if first.dialect != n.dialect || first.cipher != n.cipher {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if channels >= MAX_CHANNELS {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    Ok(session)
}

fn new_session<H: Host>(w: &Work<H>, config: &Config) -> SmbResult<Arc<Session<H>>> {
    let server = w.server();
    let now = w.host().now();
    let n = *w.negotiated()?;
    let session = {
        let mut sessions = server.sessions.lock();
        if sessions.len() >= config.max_sessions as usize {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let mut made = None;
        sessions.insert_with::<Error>(|id| {
            let session = Session::new(id, w.conn.id(), n, now, config.max_opens)?;
            made = Some(session.clone());
            Ok(session)
        })?;
        made.ok_or(SmbError::from(NtStatus::INSUFFICIENT_RESOURCES))?
    };
    if w.conn.add_session(&session, config).is_err() {
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
    let session = w
        .conn
        .session(id)
        .ok_or(SmbError::from(NtStatus::USER_SESSION_DELETED))?;
    let (auth, key) = {
        let state = session.state.lock();
        (state.auth.clone(), state.signing_key(w.conn.id()))
    };
    if let Some(auth) = auth {
        match key.as_ref() {
            _ if w.sealed_by.is_some() => {}
            Some(key) if w.header.is_signed() => {
                sign::verify(w.host().crypto(), key, w.msg(), &w.header)?
            }
            Some(_) if auth.signing_required => return Err(NtStatus::ACCESS_DENIED.into()),
            _ => {}
        }
    }
    Ok(session)
}

/// Notes the exchange and takes the request into its hash.
fn begin_leg<H: Host>(w: &Work<H>, exchange: &Exchange<H>) -> SmbResult<AuthFlags> {
    let n = w.negotiated()?;
    let mut flags = match exchange.session.phase() {
        Phase::Closed => return Err(NtStatus::USER_SESSION_DELETED.into()),
        Phase::InProgress => AuthFlags::NONE,
        Phase::Valid | Phase::Expired if exchange.binding => AuthFlags::BINDING,
        Phase::Valid | Phase::Expired => AuthFlags::REAUTHENTICATION,
    };
    let auth_id = w.server().next_auth_id();
    let before = exchange.with(w, |setup| match setup {
        Some(s) if s.busy => None,
        Some(s) => {
            s.busy = true;
            Some(s.preauth)
        }
        None => {
            flags |= AuthFlags::FIRST_LEG;
            *setup = Some(Setup {
                auth_id,
                preauth: n.preauth,
                busy: true,
            });
            Some(n.preauth)
        }
    });
    let before = before.ok_or(SmbError::from(NtStatus::REQUEST_NOT_ACCEPTED))?;
    if n.dialect >= 0x0311 {
        let after = preauth::extend(w.host().crypto(), &before, w.msg())?;
        exchange.with(w, |setup| {
            if let Some(s) = setup {
                s.preauth = after;
            }
        });
    }
    Ok(flags)
}

/// The reply to a leg that is not the last is made: its bytes go into the hash, and the next leg may come.
///
/// # Errors
/// Without memory.
pub(crate) fn made_reply<H: Host>(w: &Work<H>, session_id: u64, head: &[u8]) -> SmbResult {
    let Some(session) = w.server().session(session_id) else {
        return Ok(());
    };
    let binding = !session.has_channel(w.conn.id());
    let exchange = Exchange { session, binding };
    // No lock is held over the host's work; the exchange is busy, so nobody else changes the hash.
    let Some(before) = exchange.with(w, |s| s.as_ref().map(|s| s.preauth)) else {
        return Ok(());
    };
    let after = preauth::extend(w.host().crypto(), &before, head)?;
    exchange.with(w, |setup| {
        if let Some(s) = setup {
            s.preauth = after;
            s.busy = false;
        }
    });
    Ok(())
}

fn ask_daemon<H: Host>(
    w: &Work<H>,
    exchange: &Exchange<H>,
    flags: AuthFlags,
    req: &SessionSetupRequest<'_>,
) -> SmbResult<Outcome<H>> {
    let n = w.negotiated()?;
    let mut peer = [0; 64];
    let body = AuthRequest {
        auth_id: exchange.with(w, |s| s.as_ref().map_or(0, |s| s.auth_id)),
        session_id: exchange.session.id,
        connection_id: w.conn.id(),
        peer: w.conn.peer.format(&mut peer),
        dialect: n.dialect,
        flags,
        blob: req.security_buffer.into(),
    };
    let client_requires_signing = req
        .security_mode
        .contains(SetupSecurityMode::SIGNING_REQUIRED)
        || n.client_security_mode & SecurityMode::SIGNING_REQUIRED.0 != 0;
    let resume = Resume::SessionSetup(Pending {
        exchange: Exchange {
            session: exchange.session.clone(),
            binding: exchange.binding,
        },
        previous_session_id: req.previous_session_id,
        client_requires_signing,
    });
    w.wait_for_daemon(&body, false, resume)
}

/// The exchange ended without a log-in: a session that never was goes, the session that somebody tried to bind to
/// stays. What becomes of an older log-in is the caller's to say.
fn fail<H: Host>(w: &Work<H>, exchange: &Exchange<H>) {
    if let Some(s) = exchange.with(w, Option::take) {
        w.server().event(&AuthDrop { auth_id: s.auth_id });
    }
    if !exchange.binding && exchange.session.phase() == Phase::InProgress {
        Server::close_session(w.server(), &exchange.session);
    }
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    out.session_id = Some(p.exchange.session.id);
    // Who fails to prove again who he is loses the session, as with Windows. A daemon that says nothing is no proof.
    let mut heard = false;
    let result = match event {
        Event::Upcall(body) => {
            heard = true;
            verdict(w, &p, &body, out)
        }
        Event::Cancelled => Err(NtStatus::CANCELLED.into()),
        Event::TimedOut => Err(NtStatus::NO_LOGON_SERVERS.into()),
        Event::Ready | Event::Closed => Err(NtStatus::USER_SESSION_DELETED.into()),
    };
    if result.is_err() {
        fail(w, &p.exchange);
        if p.exchange.binding && w.sealed_by.is_none() {
            let auth = p.exchange.session.state.lock().auth.clone();
            out.signer = auth.and_then(|a| a.keys.signing.clone());
        }
        if w.header.is_signed() && !p.exchange.binding && w.sealed_by.is_none() {
            out.signer = p.exchange.session.state.lock().signing_key(w.conn.id());
        }
        if heard && !p.exchange.binding {
            Server::end_session(w.server(), &p.exchange.session, false);
        }
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
        NtStatus::MORE_PROCESSING_REQUIRED => {
            out.status = reply.status;
            if p.exchange.binding && w.sealed_by.is_none() {
                let auth = p.exchange.session.state.lock().auth.clone();
                out.signer = auth.and_then(|a| a.keys.signing.clone());
            }
        }
        NtStatus::SUCCESS if p.exchange.binding => bind(w, p, &reply, out)?,
        NtStatus::SUCCESS => session_flags = establish(w, p, &reply, out)?,
        // What the daemon refuses is an error whatever it calls it.
        status if status.is_error() => return Err(status.into()),
        _ => return Err(NtStatus::LOGON_FAILURE.into()),
    }
    let response = SessionSetupResponse {
        session_flags,
        security_buffer: &blob,
    };
    out.write(blob.len().saturating_add(16), |b| response.write(b))
}

/// The same user proved on another connection who he is: it becomes a channel ([MS-SMB2] 3.3.5.5.3).
fn bind<H: Host>(
    w: &Work<H>,
    p: &Pending<H>,
    reply: &AuthReply<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let n = w.negotiated()?;
    let config = w
        .server()
        .config()
        .ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    let session = &p.exchange.session;
    let user = user(reply)?;
    if reply.session_key.is_empty() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let hash = p
        .exchange
        .with(w, |s| s.as_ref().map_or(n.preauth, |s| s.preauth));
    let key = kdf::signing_key::<H>(w.host().crypto(), n, reply.session_key, &hash)?;
    let key = Arc::new(key, GFP_KERNEL)?;
    w.conn
        .add_session(session, &config)
        .map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    let bound = {
        let mut state = session.state.lock();
        let same = state.auth.as_ref().is_some_and(|a| a.user.is_same(&user));
        if state.phase != Phase::Valid {
            Err(NtStatus::USER_SESSION_DELETED)
        } else if !same {
            Err(NtStatus::ACCESS_DENIED)
        } else {
            let channel = Channel {
                conn_id: w.conn.id(),
                signing: Some(key.clone()),
            };
            state
                .channels
                .push(channel, GFP_KERNEL)
                .map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)
        }
    };
    if let Err(status) = bound {
        w.conn.remove_session(session.id);
        return Err(status.into());
    }
    p.exchange.with(w, |s| *s = None);
    w.conn.set_authenticated(true);
    // The connection may have ended meanwhile; then nobody else takes the channel away.
    if w.conn.is_dead() {
        w.conn.leave_session(session);
    }
    out.signer = Some(key);
    Ok(())
}

/// The log-in holds: keys, policy, and the session turns valid.
fn establish<H: Host>(
    w: &Work<H>,
    p: &Pending<H>,
    reply: &AuthReply<'_>,
    out: &mut Reply<H>,
) -> SmbResult<SessionFlags> {
    let n = w.negotiated()?;
    let config = w
        .server()
        .config()
        .ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    let session = &p.exchange.session;
    let user = user(reply)?;
    let unprotected =
        user.flags.contains(UserFlags::GUEST) || user.flags.contains(UserFlags::ANONYMOUS);
    let (old, hash) = {
        let state = session.state.lock();
        (
            state.auth.clone(),
            state.setup.as_ref().map_or(n.preauth, |s| s.preauth),
        )
    };
    let keys = match &old {
        // Keys live as long as the session ([MS-SMB2] 3.3.5.5.3).
        Some(old) => old.keys.clone(),
        None if reply.session_key.is_empty() => Arc::new(Keys::none(), GFP_KERNEL)?,
        None => Arc::new(
            kdf::session_keys::<H>(w.host().crypto(), n, reply.session_key, &hash)?,
            GFP_KERNEL,
        )?,
    };
    // An anonymous session's key is known to everybody: it serves clients that sign or encrypt all the same, and
    // counts for nothing.
    let has_key = keys.signing.is_some() && !unprotected;
    if !has_key && (config.signing == Policy::Mandatory || config.encryption == Policy::Mandatory) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let encryption_required = config.encryption == Policy::Mandatory;
    if encryption_required && keys.seal.is_none() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let auth = Arc::new(
        Auth {
            signing_required: has_key
                && (config.signing == Policy::Mandatory || p.client_requires_signing),
            encryption_required,
            expiry: reply.expiry,
            user,
            keys,
        },
        GFP_KERNEL,
    )?;
    replace_previous(w, p, &auth);
    let signing_key = {
        let mut state = session.state.lock();
        if state.phase == Phase::Closed {
            return Err(NtStatus::USER_SESSION_DELETED.into());
        }
        state.phase = Phase::Valid;
        state.auth = Some(auth.clone());
        state.setup = None;
        if old.is_none() {
            if let Some(channel) = state.channels.iter_mut().find(|c| c.conn_id == w.conn.id()) {
                channel.signing = auth.keys.signing.clone();
            }
        }
        state.signing_key(w.conn.id())
    };
    w.conn.set_authenticated(!unprotected);
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
    if w.sealed_by.is_none() && has_key {
        out.signer = signing_key;
    }
    Ok(flags)
}

/// The client tells which session of its own it lost; it must be the same user's
/// ([MS-SMB2] 3.3.5.5.3).
fn replace_previous<H: Host>(w: &Work<H>, p: &Pending<H>, auth: &Arc<Auth<H>>) {
    if p.previous_session_id == 0 || p.previous_session_id == p.exchange.session.id {
        return;
    }
    let Some(previous) = w.server().session(p.previous_session_id) else {
        return;
    };
    let same_user = previous
        .state
        .lock()
        .auth
        .as_ref()
        .is_some_and(|a| a.user.is_same(&auth.user));
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
