// SPDX-License-Identifier: GPL-2.0-or-later
//! The server's side of NTLMSSP (\[MS-NLMP\] 3.2): NTLMv2 only.
//!
//! NTLMv1 and LM responses are refused whatever the account's password is:
//! they can be turned into the password in hours.

use std::time::Instant;

use ksmbd_config::MapToGuest;
use ksmbd_store::{fold_name, Credentials, NtHash, Secret, User};
use proto_shared::auth::ntlm::{
    Authenticate, Challenge, Negotiate, NegotiateFlags, Ntlmv2Response, TargetInfo, Text,
};
use proto_shared::codec::Writer;
use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use super::crypto::{self, Key, Side};
use super::messages::{Messages, Ntlm};
use super::throttle::Throttle;
use super::{identity, peer_ip, random, Login, Outcome};
use crate::audit::Record;
use crate::state::{filetime_now, State};

/// What this server can, of what a client may offer.
const SUPPORTED: NegotiateFlags = NegotiateFlags(
    NegotiateFlags::UNICODE.0
        | NegotiateFlags::OEM.0
        | NegotiateFlags::REQUEST_TARGET.0
        | NegotiateFlags::SIGN.0
        | NegotiateFlags::SEAL.0
        | NegotiateFlags::NTLM.0
        | NegotiateFlags::ALWAYS_SIGN.0
        | NegotiateFlags::EXTENDED_SESSIONSECURITY.0
        | NegotiateFlags::VERSION.0
        | NegotiateFlags::NEGOTIATE_128.0
        | NegotiateFlags::KEY_EXCH.0
        | NegotiateFlags::NEGOTIATE_56.0,
);

/// Greatest NEGOTIATE that is kept for the MIC.
const MAX_NEGOTIATE: usize = 1024;

/// Between CHALLENGE and AUTHENTICATE.
pub(super) struct Pending {
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
    server_challenge: [u8; 8],
    flags: NegotiateFlags,
}

impl Pending {
    /// The CHALLENGE message.
    pub(super) fn challenge(&self) -> &[u8] {
        &self.challenge
    }
}

/// Answers NEGOTIATE.
pub(super) fn challenge(state: &State, message: &[u8]) -> Result<Pending, NtStatus> {
    let offer = Negotiate::parse(message)?.flags;
    if message.len() > MAX_NEGOTIATE {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut flags = offer & SUPPORTED;
    if flags.contains(NegotiateFlags::UNICODE) {
        flags = flags.without(NegotiateFlags::OEM);
    } else if !flags.contains(NegotiateFlags::OEM) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    flags |=
        NegotiateFlags::NTLM | NegotiateFlags::TARGET_INFO | NegotiateFlags::TARGET_TYPE_SERVER;
    let server_challenge = random().map_err(|e| {
        tracing::error!(error = %e, "no randomness");
        NtStatus::INTERNAL_ERROR
    })?;
    let config = state.config();
    let name = state.netbios_name(&config);
    let mut buf = vec![0; 2048];
    let mut w = Writer::new(&mut buf);
    Challenge {
        flags,
        server_challenge,
        target_name: &name,
        // A server that is in no domain is its own.
        info: TargetInfo {
            nb_domain: &name,
            nb_computer: &name,
            dns_domain: "",
            dns_computer: state.host(),
            timestamp: filetime_now(),
        },
    }
    .write(&mut w)
    .map_err(|_| NtStatus::INTERNAL_ERROR)?;
    let len = w.len();
    buf.truncate(len);
    Ok(Pending {
        negotiate: message.to_vec(),
        challenge: buf,
        server_challenge,
        flags,
    })
}

/// Makes signatures after a login.
pub(super) struct Signer {
    key: Key,
    flags: NegotiateFlags,
}

impl Signer {
    pub(super) fn first_signature(&self, side: Side, message: &[u8]) -> [u8; 16] {
        crypto::first_signature(&self.key, self.flags, side, message)
    }

    /// How messages are protected from now on.
    pub(super) fn messages(&self, list_was_signed: bool) -> Option<Messages> {
        let ntlm = Ntlm::new(&self.key, self.flags, list_was_signed)?;
        Some(Messages::Ntlm(Box::new(ntlm)))
    }
}

/// A login whose password was right, or that needs none.
pub(super) struct Done {
    pub(super) login: Box<Login>,
    pub(super) signer: Option<Signer>,
}

/// What is needed to look at AUTHENTICATE.
pub(super) struct Verifier<'a> {
    pub(super) state: &'a State,
    pub(super) throttle: &'a Throttle,
    pub(super) dummy: &'a NtHash,
    pub(super) peer: &'a str,
    pub(super) now: Instant,
}

fn text(t: Text<'_>) -> String {
    t.chars().collect()
}

impl Verifier<'_> {
    fn record<'a>(&'a self, user: &'a str) -> Record<'a> {
        Record {
            action: "login",
            user,
            client: self.peer,
            ..Record::default()
        }
    }

    fn refused(&self, user: &str, why: &str) {
        self.record(user).refused(why);
    }

    /// Looks at AUTHENTICATE.
    pub(super) fn authenticate(&self, pending: &Pending, message: &[u8]) -> Result<Done, Outcome> {
        let auth = Authenticate::parse(message).map_err(|e| {
            tracing::debug!(peer = self.peer, error = %e, "bad AUTHENTICATE");
            Outcome::refuse(NtStatus::INVALID_PARAMETER)
        })?;
        // A flag that was not negotiated cannot come into force.
        let flags = auth.flags & pending.flags;
        if auth.is_anonymous() {
            return self.anonymous(&auth, flags);
        }
        let user = text(auth.user);
        let domain = text(auth.domain);
        let Ok(response) = Ntlmv2Response::parse(auth.nt_response) else {
            if auth.nt_response.is_empty() {
                self.refused(&user, "no password was given");
            } else {
                self.refused(
                    &user,
                    "the response is not of NTLMv2; enable NTLMv2 on the client",
                );
            }
            // NTLMv1's has 24 bytes; whatever is longer wants to be of version 2.
            return Err(Outcome::refuse(if auth.nt_response.len() > 24 {
                NtStatus::INVALID_PARAMETER
            } else {
                NtStatus::LOGON_FAILURE
            }));
        };
        let Some(attempt) = self
            .throttle
            .attempt(peer_ip(self.peer), &fold_name(&user), self.now)
        else {
            self.refused(&user, "too many failed attempts, the client has to wait");
            // The same as for a wrong password: who guesses need not know
            // that nothing was looked at.
            return Err(Outcome::refuse(NtStatus::LOGON_FAILURE));
        };

        let found = self.state.store().credentials(&user);
        let (found, hash): (Option<User>, NtHash) = match found {
            Ok(Some(Credentials { user, nt_hash })) => (Some(user), nt_hash),
            Ok(None) => (None, Secret::new(*self.dummy.expose())),
            Err(e) => {
                tracing::error!(peer = self.peer, user, error = %e, "looking up the account failed");
                return Err(Outcome::refuse(NtStatus::LOGON_FAILURE));
            }
        };
        let ntowf = crypto::ntowf_v2(&hash, auth.user, auth.domain);
        let proof = crypto::proof(&ntowf, &pending.server_challenge, response.blob);
        let right = proof.ct_eq(&response.proof);
        let base = crypto::session_base_key(&ntowf, &response.proof);
        let key = crypto::exported_session_key(&base, flags, auth.encrypted_session_key);

        let Some(account) = found else {
            let config = self.state.config();
            if config.global.map_to_guest == MapToGuest::BadUser {
                attempt.good();
                self.record(&user).ok("unknown user becomes guest");
                return self.guest(domain);
            }
            self.refused(&user, "unknown user");
            return Err(Outcome::refuse(NtStatus::LOGON_FAILURE));
        };
        let Some(key) = key.filter(|_| right) else {
            self.refused(&user, "wrong password");
            return Err(Outcome {
                failed_account: Some(account.id),
                ..Outcome::refuse(NtStatus::LOGON_FAILURE)
            });
        };
        if response.pairs.has_mic() {
            let mic_is_right = auth.mic.is_some_and(|mic| {
                crypto::mic_is_right(&key, &pending.negotiate, &pending.challenge, message, &mic)
            });
            if !mic_is_right {
                self.refused(&user, "the messages were changed on their way (wrong MIC)");
                return Err(Outcome::refuse(NtStatus::LOGON_FAILURE));
            }
        }
        // From here on the client has proved to know the password.
        attempt.good();
        if account.flags.disabled {
            self.refused(&user, "the account is disabled");
            return Err(Outcome::refuse(NtStatus::ACCOUNT_DISABLED));
        }
        let Some(ids) = identity::ids(self.state, &account) else {
            self.record(&account.name).failed(&format!(
                "there is no system account of this name; create one, or run: ksmbd.adduser -u {} \
                 --uid UID --gid GID",
                account.name
            ));
            return Err(Outcome::refuse(NtStatus::ACCOUNT_RESTRICTION));
        };
        let sid = identity::sid(self.state, account.id);
        let session_key = Secret::new(key.expose().to_vec());
        let signer = signer(key, flags);
        self.record(&account.name).ok(&format!("uid {}", ids.uid));
        Ok(Done {
            login: Box::new(Login {
                messages: signer.as_ref().and_then(|s| s.messages(false)),
                session_key: Some(session_key),
                account: account.name,
                domain,
                account_id: Some(account.id),
                ids,
                flags: UserFlags::NONE,
                expiry: 0,
                sid,
            }),
            signer,
        })
    }

    fn guest(&self, domain: String) -> Result<Done, Outcome> {
        let config = self.state.config();
        Ok(Done {
            login: Box::new(Login {
                messages: None,
                session_key: None,
                account: config.global.guest_account.clone(),
                domain,
                account_id: None,
                ids: identity::guest_ids(self.state),
                flags: UserFlags::GUEST,
                expiry: 0,
                // S-1-5-32-546, the guests.
                sid: vec![1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x22, 0x02, 0, 0],
            }),
            signer: None,
        })
    }

    fn anonymous(&self, auth: &Authenticate<'_>, flags: NegotiateFlags) -> Result<Done, Outcome> {
        let config = self.state.config();
        if config.global.restrict_anonymous >= 2 {
            self.refused("", "anonymous log-ins are refused (restrict_anonymous)");
            return Err(Outcome::refuse(NtStatus::LOGON_FAILURE));
        }
        // The keys of an anonymous login are known to everybody. They serve
        // SPNEGO's MIC, and clients that sign or encrypt all the same.
        let key =
            crypto::exported_session_key(&Secret::new([0; 16]), flags, auth.encrypted_session_key);
        let session_key = key.as_ref().map(|k| Secret::new(k.expose().to_vec()));
        let signer = key.and_then(|key| signer(key, flags));
        Ok(Done {
            login: Box::new(Login {
                messages: signer.as_ref().and_then(|s| s.messages(false)),
                session_key,
                account: String::new(),
                domain: String::new(),
                account_id: None,
                ids: identity::guest_ids(self.state),
                flags: UserFlags::ANONYMOUS,
                expiry: 0,
                // S-1-5-7.
                sid: vec![1, 1, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0],
            }),
            signer,
        })
    }
}

/// `None` without extended session security: then there are no signing keys.
fn signer(key: Key, flags: NegotiateFlags) -> Option<Signer> {
    flags
        .contains(NegotiateFlags::EXTENDED_SESSIONSECURITY)
        .then_some(Signer { key, flags })
}
