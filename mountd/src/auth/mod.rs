// SPDX-License-Identifier: GPL-2.0-or-later
//! Logins: SPNEGO, or a mechanism's tokens without it, in; identity and session
//! key out. The mechanisms are NTLMSSP and, where it is configured, Kerberos.
//!
//! A login is a linear state machine under its [`LoginId`]: each leg
//! takes the state out of the table, and puts the next one back only when more
//! is to come. A leg that fails leaves nothing behind.
//!
//! What a stranger learns: that the login failed. Whether the name exists
//! shows neither in the answer nor in the work done for it.

pub mod crypto;
pub(crate) mod identity;
pub(crate) mod kerberos;
pub(crate) mod messages;
mod ntlm;
pub mod throttle;
mod ticket;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ksmbd_gssapi::{Established, Pending};
use ksmbd_store::{NtHash, Secret};
use proto_shared::auth::ntlm::SIGNATURE;
use proto_shared::auth::spnego::{
    frame_of, NegState, NegToken, NegTokenResp, OID_KRB5, OID_MS_KRB5, OID_NTLMSSP,
};
use proto_shared::codec::Writer;
use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use crate::audit::Record;
use crate::state::State;
use crypto::Side;
use messages::Messages;
use throttle::Throttle;

/// Most logins under way.
const MAX_PENDING: usize = 4096;
/// How long a client may take between two legs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Greatest token in bytes. Kerberos tickets with many groups reach 64 KiB.
pub const MAX_TOKEN: usize = 128 * 1024;
/// Longest list of mechanisms in DER; it is kept while a login is under way.
const MAX_MECHS: usize = 512;

/// Names a login over all its legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginId {
    /// Of an SMB session, by the engine's `auth_id`.
    Session(u64),
    /// Within a pipe; counted by who has the pipes.
    Pipe(u64),
    /// Of the C module, by its handle.
    Module(u32),
}

/// What the client says its tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// SPNEGO, or what can be told by itself.
    Any,
    /// NTLMSSP.
    Ntlm,
    /// Kerberos; the tokens may come without their frame (\[MS-KILE\] 3.4.5.1).
    Kerberos,
}

/// One leg.
pub struct Leg<'a> {
    /// Which login.
    pub auth_id: LoginId,
    /// What the token is.
    pub mechanism: Mechanism,
    /// Whether it is the first.
    pub first: bool,
    /// Peer as `address:port`.
    pub peer: &'a str,
    /// The token.
    pub token: &'a [u8],
}

impl Leg<'_> {
    /// Notes for the audit that the client was refused before it said who it is.
    fn refused(&self, why: &str) {
        Record {
            action: "login",
            client: self.peer,
            ..Record::default()
        }
        .refused(why);
    }
}

/// A login that succeeded.
pub struct Login {
    /// Key of NTLM (16 bytes) or Kerberos (what the ticket's cipher has);
    /// `None` for guests. Everybody knows that of an anonymous login.
    pub session_key: Option<Secret<Vec<u8>>>,
    /// Account as stored; empty for anonymous users.
    pub account: String,
    /// Domain that the client named.
    pub domain: String,
    /// Row of the account in the store, to note the login.
    pub account_id: Option<u32>,
    /// What files are accessed as.
    pub ids: crate::accounts::Ids,
    /// Guest, anonymous.
    pub flags: UserFlags,
    /// When it ends, as FILETIME; 0 never.
    pub expiry: u64,
    /// SID on the wire.
    pub sid: Vec<u8>,
    /// How messages of this login can be protected; `None`: not at all.
    pub(crate) messages: Option<Messages>,
}

/// What a leg comes to.
pub struct Outcome {
    /// SUCCESS, MORE_PROCESSING_REQUIRED, or why not.
    pub status: NtStatus,
    /// The token to answer with; may be empty.
    pub token: Vec<u8>,
    /// With SUCCESS only.
    pub login: Option<Box<Login>>,
    /// Row of an account whose password was wrong, to note the failure.
    pub failed_account: Option<u32>,
}

impl Outcome {
    fn refuse(status: NtStatus) -> Self {
        Self {
            status,
            token: Vec::new(),
            login: None,
            failed_account: None,
        }
    }

    fn more(token: Vec<u8>) -> Self {
        Self {
            status: NtStatus::MORE_PROCESSING_REQUIRED,
            token,
            login: None,
            failed_account: None,
        }
    }

    fn success(login: Box<Login>, token: Vec<u8>) -> Self {
        Self {
            status: NtStatus::SUCCESS,
            token,
            login: Some(login),
            failed_account: None,
        }
    }
}

/// How far SPNEGO has come.
struct Spnego {
    /// mechTypes of the client in DER: what the MIC protects.
    mechs: Vec<u8>,
    /// The mechanism was not the client's first choice, so that the choice must
    /// be protected by a MIC.
    mic_required: bool,
    /// The mechanism, as the client spells it.
    mech: &'static [u8],
    /// The client was told so.
    announced: bool,
}

impl Spnego {
    /// What supportedMech of the next answer is: it is in the first one only
    /// (RFC 4178 4.2.2).
    fn announce(&mut self) -> Option<&'static [u8]> {
        let first = !std::mem::replace(&mut self.announced, true);
        first.then_some(self.mech)
    }
}

/// What the next leg is to bring.
enum Step {
    /// SPNEGO chose NTLMSSP: NEGOTIATE.
    Negotiate(Spnego),
    /// AUTHENTICATE.
    Authenticate(ntlm::Pending, Option<Spnego>),
    /// Kerberos: its first token, or the next.
    Kerberos(Option<Pending>, Option<Spnego>),
    /// Only the client's mechListMIC over the list, after Kerberos.
    KerberosMic(Box<Login>, Box<Established>, Vec<u8>),
    /// Only the client's mechListMIC.
    Mic(Box<Login>, [u8; 16]),
}

struct Slot {
    step: Step,
    since: Instant,
}

/// See the module.
pub struct Authenticator {
    state: Arc<State>,
    throttle: Throttle,
    pending: Mutex<HashMap<LoginId, Slot>>,
    /// Stands in for the hash of accounts that do not exist.
    dummy: NtHash,
}

impl Authenticator {
    /// Fails when the system has no randomness.
    pub fn new(state: Arc<State>) -> std::io::Result<Self> {
        Ok(Self {
            state,
            throttle: Throttle::default(),
            pending: Mutex::new(HashMap::new()),
            dummy: Secret::new(random()?),
        })
    }

    /// Forgets a login that ended before its last leg.
    pub fn forget(&self, auth_id: LoginId) {
        self.slots().remove(&auth_id);
    }

    /// How often somebody guessed.
    pub(crate) const fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Number of logins under way.
    pub fn pending(&self) -> usize {
        self.slots().len()
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<LoginId, Slot>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, auth_id: LoginId, now: Instant) -> Option<Step> {
        let slot = self.slots().remove(&auth_id)?;
        (now.saturating_duration_since(slot.since) <= PATIENCE).then_some(slot.step)
    }

    /// Keeps `step` for the next leg; `false` when too many are under way.
    fn keep(&self, auth_id: LoginId, step: Step, now: Instant) -> bool {
        let mut slots = self.slots();
        if slots.len() >= MAX_PENDING {
            slots.retain(|_, s| now.saturating_duration_since(s.since) <= PATIENCE);
        }
        if slots.len() >= MAX_PENDING {
            return false;
        }
        slots.insert(auth_id, Slot { step, since: now });
        true
    }

    /// Does one leg of a login.
    pub fn leg(&self, leg: &Leg<'_>, now: Instant) -> Outcome {
        if leg.token.len() > MAX_TOKEN {
            return Outcome::refuse(NtStatus::INVALID_PARAMETER);
        }
        let before = self.take(leg.auth_id, now);
        let step = match before {
            Some(step) if !leg.first => step,
            _ => return self.first_leg(leg, now),
        };
        match step {
            Step::Negotiate(spnego) => match NegToken::parse(leg.token) {
                Ok(NegToken::Resp(NegTokenResp {
                    token: Some(token), ..
                })) => self.negotiate(leg, token, Some(spnego), now),
                _ => Outcome::refuse(NtStatus::INVALID_PARAMETER),
            },
            Step::Authenticate(pending, None) => {
                match self.authenticate(leg, pending, leg.token, now) {
                    Ok(done) => Outcome::success(done.login, Vec::new()),
                    Err(refused) => refused,
                }
            }
            Step::Authenticate(pending, Some(spnego)) => {
                self.authenticate_in_spnego(leg, pending, &spnego, now)
            }
            Step::Kerberos(pending, None) => {
                self.ticket(leg, pending, (leg.token, None), None, now)
            }
            Step::Kerberos(pending, Some(spnego)) => match NegToken::parse(leg.token) {
                Ok(NegToken::Resp(NegTokenResp {
                    token: Some(token),
                    mic,
                    ..
                })) => self.ticket(leg, pending, (token, mic), Some(spnego), now),
                _ => Outcome::refuse(NtStatus::INVALID_PARAMETER),
            },
            Step::KerberosMic(login, client, mechs) => ticket::last_mic(leg, login, client, &mechs),
            Step::Mic(login, expected) => match NegToken::parse(leg.token) {
                Ok(NegToken::Resp(NegTokenResp { mic: Some(mic), .. }))
                    if Secret::new(expected).ct_eq(mic) =>
                {
                    Outcome::success(
                        login,
                        resp(NegTokenResp {
                            state: Some(NegState::ACCEPT_COMPLETED),
                            ..Default::default()
                        }),
                    )
                }
                _ => {
                    leg.refused("the mechListMIC is wrong");
                    Outcome::refuse(NtStatus::LOGON_FAILURE)
                }
            },
        }
    }

    fn first_leg(&self, leg: &Leg<'_>, now: Instant) -> Outcome {
        match leg.mechanism {
            Mechanism::Kerberos if kerberos::is_wanted(&self.state.config()) => {
                return self.ticket(leg, None, (leg.token, None), None, now);
            }
            Mechanism::Kerberos => return Outcome::refuse(NtStatus::NOT_SUPPORTED),
            Mechanism::Ntlm if !leg.token.starts_with(&SIGNATURE) => {
                return Outcome::refuse(NtStatus::INVALID_PARAMETER);
            }
            Mechanism::Ntlm | Mechanism::Any => {}
        }
        if leg.token.starts_with(&SIGNATURE) {
            return self.negotiate(leg, leg.token, None, now);
        }
        let config = self.state.config();
        if kerberos::is_wanted(&config) && frame_of(leg.token).is_some_and(kerberos::is_kerberos) {
            return self.ticket(leg, None, (leg.token, None), None, now);
        }
        let init = match NegToken::parse(leg.token) {
            Ok(NegToken::Init(init)) => init,
            Ok(NegToken::Resp(_)) => return Outcome::refuse(NtStatus::INVALID_PARAMETER),
            Err(e) => {
                tracing::debug!(peer = leg.peer, error = %e, "not a security token");
                return Outcome::refuse(NtStatus::INVALID_PARAMETER);
            }
        };
        // What the client likes best of what this server has. A keytab that cannot be used now is none.
        let has_keys =
            || kerberos::is_wanted(&config) && kerberos::acceptor(&config.global).is_ok();
        let mut keys = None;
        let chosen = init.mechs.iter().find_map(|oid| {
            let known = [OID_NTLMSSP, OID_MS_KRB5, OID_KRB5]
                .into_iter()
                .find(|k| *k == oid)?;
            let usable = known == OID_NTLMSSP || *keys.get_or_insert_with(has_keys);
            usable.then_some(known)
        });
        let Some(mech) = chosen else {
            leg.refused(
                "the client offers no mechanism that this server has (NTLMSSP, or Kerberos with \
                 kerberos_keytab_file in [global])",
            );
            return Outcome::refuse(NtStatus::LOGON_FAILURE);
        };
        if init.mechs.der().len() > MAX_MECHS {
            return Outcome::refuse(NtStatus::INVALID_PARAMETER);
        }
        let preferred = init.mechs.first() == mech;
        let mut spnego = Spnego {
            mechs: init.mechs.der().to_vec(),
            mic_required: !preferred,
            mech,
            announced: false,
        };
        // A token of a mechanism that was not chosen is not looked at.
        if let Some(token) = init.token.filter(|_| preferred) {
            return if mech == OID_NTLMSSP {
                self.negotiate(leg, token, Some(spnego), now)
            } else {
                self.ticket(leg, None, (token, init.mic), Some(spnego), now)
            };
        }
        let state = if preferred {
            NegState::ACCEPT_INCOMPLETE
        } else {
            NegState::REQUEST_MIC
        };
        let token = resp(NegTokenResp {
            state: Some(state),
            mech: spnego.announce(),
            ..Default::default()
        });
        let step = if mech == OID_NTLMSSP {
            Step::Negotiate(spnego)
        } else {
            Step::Kerberos(None, Some(spnego))
        };
        self.keep_and_answer(leg, step, token, now)
    }

    fn keep_and_answer(&self, leg: &Leg<'_>, step: Step, token: Vec<u8>, now: Instant) -> Outcome {
        if self.keep(leg.auth_id, step, now) {
            Outcome::more(token)
        } else {
            leg.refused("too many logins are under way");
            Outcome::refuse(NtStatus::INSUFF_SERVER_RESOURCES)
        }
    }

    /// NEGOTIATE came: answer CHALLENGE.
    fn negotiate(
        &self,
        leg: &Leg<'_>,
        message: &[u8],
        spnego: Option<Spnego>,
        now: Instant,
    ) -> Outcome {
        let pending = match ntlm::challenge(&self.state, message) {
            Ok(pending) => pending,
            Err(status) => return Outcome::refuse(status),
        };
        let token = match &spnego {
            None => pending.challenge().to_vec(),
            Some(_) => resp(NegTokenResp {
                state: Some(NegState::ACCEPT_INCOMPLETE),
                mech: Some(OID_NTLMSSP),
                token: Some(pending.challenge()),
                mic: None,
            }),
        };
        self.keep_and_answer(leg, Step::Authenticate(pending, spnego), token, now)
    }

    /// AUTHENTICATE came: verify.
    fn authenticate(
        &self,
        leg: &Leg<'_>,
        pending: ntlm::Pending,
        message: &[u8],
        now: Instant,
    ) -> Result<ntlm::Done, Outcome> {
        let verifier = ntlm::Verifier {
            state: &self.state,
            throttle: &self.throttle,
            dummy: &self.dummy,
            peer: leg.peer,
            now,
        };
        verifier.authenticate(&pending, message)
    }

    fn authenticate_in_spnego(
        &self,
        leg: &Leg<'_>,
        pending: ntlm::Pending,
        spnego: &Spnego,
        now: Instant,
    ) -> Outcome {
        let (token, mic) = match NegToken::parse(leg.token) {
            Ok(NegToken::Resp(NegTokenResp {
                token: Some(token),
                mic,
                ..
            })) => (token, mic),
            _ => return Outcome::refuse(NtStatus::INVALID_PARAMETER),
        };
        let mut done = match self.authenticate(leg, pending, token, now) {
            Ok(done) => done,
            Err(refused) => return refused,
        };
        let accept = |state, mic: Option<&[u8]>| {
            resp(NegTokenResp {
                state: Some(state),
                mic,
                ..Default::default()
            })
        };
        // Without a key nothing can be signed: guests that were mapped.
        let Some(signer) = &done.signer else {
            return Outcome::success(done.login, accept(NegState::ACCEPT_COMPLETED, None));
        };
        let theirs = signer.first_signature(Side::Client, &spnego.mechs);
        let ours = signer.first_signature(Side::Server, &spnego.mechs);
        match mic {
            Some(mic) if Secret::new(theirs).ct_eq(mic) => {
                done.login.messages = signer.messages(true);
                Outcome::success(done.login, accept(NegState::ACCEPT_COMPLETED, Some(&ours)))
            }
            Some(_) => {
                tracing::warn!(
                    peer = leg.peer,
                    "login refused: the list of mechanisms was changed on its way"
                );
                Outcome::refuse(NtStatus::LOGON_FAILURE)
            }
            None if spnego.mic_required => {
                done.login.messages = signer.messages(true);
                let token = accept(NegState::ACCEPT_INCOMPLETE, Some(&ours));
                self.keep_and_answer(leg, Step::Mic(done.login, theirs), token, now)
            }
            None => Outcome::success(done.login, accept(NegState::ACCEPT_COMPLETED, None)),
        }
    }
}

/// Notes in the store what became of a login: whose it is, or whose password
/// was wrong. The client has its answer before that.
pub(crate) fn note(state: &State, account: Option<u32>, failed: Option<u32>) {
    let noted = match (account, failed) {
        (Some(id), _) => state.notes().login(id),
        (None, Some(id)) => state.notes().failure(id),
        (None, None) => Ok(()),
    };
    if let Err(e) = noted {
        tracing::warn!(error = %e, "the login could not be noted");
    }
}

/// The bytes of a NegTokenResp.
fn resp(token: NegTokenResp<'_>) -> Vec<u8> {
    // What we answer with is far below the limits of DER lengths.
    let mut buf = vec![0; token.encoded_len().unwrap_or(0)];
    let mut w = Writer::new(&mut buf);
    match token.write(&mut w) {
        Ok(()) => buf,
        Err(_) => Vec::new(),
    }
}

/// The address part of `address:port`.
pub fn peer_ip(peer: &str) -> Option<IpAddr> {
    peer.parse::<SocketAddr>()
        .map(|a| a.ip())
        .or_else(|_| peer.parse())
        .ok()
        .map(|ip| ip.to_canonical())
}

/// Random bytes of the kernel.
pub fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(std::io::Error::other)?;
    Ok(out)
}
