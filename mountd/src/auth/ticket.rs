// SPDX-License-Identifier: GPL-2.0-or-later
//! Legs of a login by Kerberos, in SPNEGO or without it.
//!
//! A client that likes Kerberos best sends its ticket with its list of
//! mechanisms, and one leg is all. One whose first choice this server does not
//! have is told to use Kerberos, and then both sides sign the list (RFC 4178
//! 5): nobody in between can make it choose something weaker.

use std::time::Instant;

use ksmbd_gssapi::{Established, Pending};
use proto_shared::auth::spnego::{NegState, NegToken, NegTokenResp};
use proto_shared::status::NtStatus;

use super::messages::Messages;
use super::{kerberos, resp, Authenticator, Leg, Login, Outcome, Spnego, Step};

/// Told to the client, in words that say nothing.
const REFUSED: NtStatus = NtStatus::LOGON_FAILURE;

impl Authenticator {
    /// A token of Kerberos came, maybe with the client's mechListMIC.
    pub(super) fn ticket(
        &self,
        leg: &Leg<'_>,
        pending: Option<Pending>,
        (token, mic): (&[u8], Option<&[u8]>),
        spnego: Option<Spnego>,
        now: Instant,
    ) -> Outcome {
        let config = self.state.config();
        let step = kerberos::acceptor(&config.global).and_then(|a| a.accept(pending, token));
        let client = match step {
            Err(e) => {
                leg.refused(&e.to_string());
                return Outcome::refuse(REFUSED);
            }
            Ok(ksmbd_gssapi::Leg::More(pending, token)) => {
                return self.ask_for_more(leg, pending, token, spnego, now);
            }
            Ok(ksmbd_gssapi::Leg::Done(client)) => client,
        };
        let mut client = client;
        let mut login = match kerberos::login(&self.state, leg.peer, &client) {
            Ok(login) => login,
            Err(refused) => return *refused,
        };
        match spnego {
            None => {
                let token = std::mem::take(&mut client.token);
                login.messages = Some(Messages::Kerberos(client));
                Outcome::success(login, token)
            }
            Some(spnego) => self.finish(leg, login, client, mic, spnego, now),
        }
    }

    fn ask_for_more(
        &self,
        leg: &Leg<'_>,
        pending: Pending,
        token: Vec<u8>,
        mut spnego: Option<Spnego>,
        now: Instant,
    ) -> Outcome {
        let answer = match &mut spnego {
            None => token,
            Some(spnego) => resp(NegTokenResp {
                state: Some(NegState::ACCEPT_INCOMPLETE),
                mech: spnego.announce(),
                token: Some(&token),
                mic: None,
            }),
        };
        self.keep_and_answer(leg, Step::Kerberos(Some(pending), spnego), answer, now)
    }

    /// The client is known; what is left is the list of mechanisms.
    fn finish(
        &self,
        leg: &Leg<'_>,
        mut login: Box<Login>,
        mut client: Box<Established>,
        mic: Option<&[u8]>,
        mut spnego: Spnego,
        now: Instant,
    ) -> Outcome {
        if mic.is_some_and(|mic| !client.verify(&spnego.mechs, mic)) {
            return changed_list(leg);
        }
        let ours = if mic.is_some() || spnego.mic_required {
            match client.sign(&spnego.mechs) {
                Ok(ours) => Some(ours),
                Err(e) => {
                    leg.refused(&e.to_string());
                    return Outcome::refuse(REFUSED);
                }
            }
        } else {
            None
        };
        let done = mic.is_some() || !spnego.mic_required;
        let token = resp(NegTokenResp {
            state: Some(if done {
                NegState::ACCEPT_COMPLETED
            } else {
                NegState::ACCEPT_INCOMPLETE
            }),
            mech: spnego.announce(),
            token: Some(client.token.as_slice()).filter(|t| !t.is_empty()),
            mic: ours.as_deref(),
        });
        if done {
            login.messages = Some(Messages::Kerberos(client));
            return Outcome::success(login, token);
        }
        let step = Step::KerberosMic(login, client, spnego.mechs);
        self.keep_and_answer(leg, step, token, now)
    }
}

/// The client's mechListMIC came after everything else.
pub(super) fn last_mic(
    leg: &Leg<'_>,
    mut login: Box<Login>,
    mut client: Box<Established>,
    mechs: &[u8],
) -> Outcome {
    match NegToken::parse(leg.token) {
        Ok(NegToken::Resp(NegTokenResp { mic: Some(mic), .. })) if client.verify(mechs, mic) => {
            let token = resp(NegTokenResp {
                state: Some(NegState::ACCEPT_COMPLETED),
                ..Default::default()
            });
            login.messages = Some(Messages::Kerberos(client));
            Outcome::success(login, token)
        }
        _ => changed_list(leg),
    }
}

fn changed_list(leg: &Leg<'_>) -> Outcome {
    leg.refused("the list of mechanisms was changed on its way, or its signature is missing");
    Outcome::refuse(REFUSED)
}
