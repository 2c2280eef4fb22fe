// SPDX-License-Identifier: GPL-2.0-or-later
//! Security contexts of a pipe (\[MS-RPCE\] 3.3.1.5.2): logins within it, and
//! what they protect.
//!
//! A login goes by bind and its answer, then either by alter_context and its
//! answer as often as it takes, or by one auth3 that has none. What comes
//! under a finished login is done for who logged in there, not for the user of
//! the SMB session.
//!
//! Whatever is wrong once ends a context for good: keys and numbers of both
//! sides differ from then on. While a context is unfinished or has failed,
//! nothing in the pipe is done without a verifier either: a client that wanted
//! protection must not go on without it unknowingly.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;

use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use super::handles::Handles;
use super::pdu::{fault, Header, NakReason, Protector, Verifier};
use super::verify::{self, Bound};
use super::{Caller, Fault};
use crate::auth::messages::{Messages, Parts};
use crate::auth::{self, Authenticator, Leg, Login, LoginId, Mechanism};
use crate::state::{filetime_now, State};

/// Most security contexts of one pipe.
const MAX_CONTEXTS: usize = 8;
/// Most legs of one login.
const MAX_LEGS: u8 = 8;

/// Security providers (\[MS-RPCE\] 2.2.1.1.7).
mod provider {
    pub(super) const SPNEGO: u8 = 9;
    pub(super) const NTLM: u8 = 10;
    pub(super) const KERBEROS: u8 = 16;
}

/// What a verifier protects (\[MS-RPCE\] 2.2.1.1.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level(u8);

impl Level {
    const CONNECT: Self = Self(2);
    const CALL: Self = Self(3);
    const PRIVACY: Self = Self(6);

    /// `None`: there is no such level, or it is none.
    fn parse(wire: u8) -> Option<Self> {
        (Self::CONNECT.0..=Self::PRIVACY.0)
            .contains(&wire)
            .then_some(Self(wire))
    }

    /// Whether messages have signatures. Levels below integrity that sign
    /// anything are integrity here.
    const fn signs(self) -> bool {
        self.0 >= Self::CALL.0
    }

    fn seals(self) -> bool {
        self == Self::PRIVACY
    }
}

/// By what a leg comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Bind,
    Alter,
    Auth3,
}

/// Why a leg fails, in the form that its stage has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Nak(NakReason),
    Fault(u32),
}

/// What a leg is answered with.
pub(super) struct Answer {
    kind: u8,
    level: u8,
    context: u32,
    token: Vec<u8>,
}

impl Answer {
    pub(super) fn append_to(&self, pdu: &mut Vec<u8>) {
        Verifier {
            kind: self.kind,
            level: self.level,
            pad: 0,
            context: self.context,
            token: &self.token,
        }
        .append_to(pdu);
    }
}

/// A login that is not finished; it is forgotten with the pipe.
struct Unfinished {
    auth: Arc<Authenticator>,
    id: LoginId,
    legs: u8,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.auth.forget(self.id);
    }
}

/// A login that succeeded.
struct Finished {
    caller: Caller,
    handles: Handles,
    messages: Option<Messages>,
    /// When it ends, as FILETIME; 0 never.
    expiry: u64,
}

enum Step {
    Unfinished(Unfinished),
    Finished(Box<Finished>),
    Failed,
}

struct Context {
    id: u32,
    kind: u8,
    level: Level,
    step: Step,
}

/// The security contexts of one pipe.
pub(super) struct Contexts {
    pipe: u64,
    auth: Arc<Authenticator>,
    peer: String,
    header_signing: bool,
    list: Vec<Context>,
}

/// Under which context a request came; `None`: under none.
pub(super) type Under = Option<u32>;

impl Contexts {
    pub(super) fn new(pipe: u64, auth: Arc<Authenticator>, peer: &str) -> Self {
        Self {
            pipe,
            auth,
            peer: peer.to_owned(),
            header_signing: false,
            list: Vec::new(),
        }
    }

    /// Both sides sign headers from now on.
    pub(super) fn sign_headers(&mut self) {
        self.header_signing = true;
    }

    /// One leg of a login.
    pub(super) fn leg(
        &mut self,
        state: &State,
        stage: Stage,
        verifier: &Verifier<'_>,
    ) -> Result<Answer, Refused> {
        let refuse = |nak, fault| {
            Err(match stage {
                Stage::Bind => Refused::Nak(nak),
                Stage::Alter | Stage::Auth3 => Refused::Fault(fault),
            })
        };
        let mechanism = match verifier.kind {
            provider::SPNEGO => Mechanism::Any,
            provider::NTLM => Mechanism::Ntlm,
            provider::KERBEROS => Mechanism::Kerberos,
            _ => return refuse(NakReason::AuthenticationType, fault::SEC_PKG_ERROR),
        };
        let Some(level) = Level::parse(verifier.level) else {
            return refuse(NakReason::NotSpecified, fault::UNSUPPORTED_AUTHN_LEVEL);
        };
        let known = self.list.iter().position(|c| c.id == verifier.context);
        let (at, first) = match (known, stage) {
            (Some(at), Stage::Alter | Stage::Auth3) => (at, false),
            // One connection, one bind with a login.
            (Some(_), Stage::Bind) => return refuse(NakReason::NotSpecified, fault::PROTO_ERROR),
            (None, Stage::Auth3) => return refuse(NakReason::NotSpecified, fault::PROTO_ERROR),
            (None, Stage::Bind | Stage::Alter) if self.list.len() >= MAX_CONTEXTS => {
                return refuse(NakReason::NotSpecified, fault::ACCESS_DENIED);
            }
            (None, Stage::Bind | Stage::Alter) => {
                self.list.push(Context {
                    id: verifier.context,
                    kind: verifier.kind,
                    level,
                    step: Step::Unfinished(Unfinished {
                        auth: Arc::clone(&self.auth),
                        id: LoginId::Pipe(next_login()),
                        legs: 0,
                    }),
                });
                (self.list.len() - 1, true)
            }
        };
        let context = &mut self.list[at];
        let step = std::mem::replace(&mut context.step, Step::Failed);
        let mut login = match step {
            Step::Unfinished(login) => login,
            Step::Failed => return refuse(NakReason::InvalidChecksum, fault::ACCESS_DENIED),
            // Nothing is to be said any more; what was said holds.
            done @ Step::Finished(_) => {
                context.step = done;
                return refuse(NakReason::NotSpecified, fault::PROTO_ERROR);
            }
        };
        if context.kind != verifier.kind || context.level != level || login.legs >= MAX_LEGS {
            return refuse(NakReason::InvalidChecksum, fault::SEC_PKG_ERROR);
        }
        login.legs += 1;
        let leg = Leg {
            auth_id: login.id,
            mechanism,
            first,
            peer: &self.peer,
            token: verifier.token,
        };
        let outcome = self.auth.leg(&leg, Instant::now());
        let account = outcome.login.as_ref().and_then(|l| l.account_id);
        auth::note(state, account, outcome.failed_account);
        match (outcome.status, outcome.login) {
            (NtStatus::MORE_PROCESSING_REQUIRED, _) if stage != Stage::Auth3 => {
                context.step = Step::Unfinished(login);
            }
            (NtStatus::SUCCESS, Some(login)) if may(state, level, &login) => {
                context.step = Step::Finished(Box::new(Finished {
                    caller: Caller {
                        account: login.account,
                        flags: login.flags,
                    },
                    handles: Handles::of_context(self.pipe, at),
                    messages: login.messages.filter(|_| level.signs()),
                    expiry: login.expiry,
                }));
            }
            (status, _) => {
                tracing::debug!(peer = self.peer, %status, "login within a pipe refused");
                return refuse(NakReason::InvalidChecksum, fault::ACCESS_DENIED);
            }
        }
        Ok(Answer {
            kind: verifier.kind,
            level: verifier.level,
            context: verifier.context,
            token: outcome.token,
        })
    }

    /// Something was wrong with a login that cannot be answered.
    pub(super) fn fail(&mut self, context: Option<u32>) {
        for c in &mut self.list {
            if context.is_none_or(|id| c.id == id) && !matches!(c.step, Step::Finished(_)) {
                c.step = Step::Failed;
            }
        }
    }

    /// Which context a request without a verifier comes under.
    pub(super) fn without_verifier(&self) -> Result<Under, Fault> {
        let mut under = None;
        for c in &self.list {
            match &c.step {
                // Nothing is protected by it, so clients leave the verifier away.
                Step::Finished(f) if !c.level.signs() && !f.is_over() => under = Some(c.id),
                _ => return Err(Fault(fault::ACCESS_DENIED)),
            }
        }
        Ok(under)
    }

    /// Looks at a request with a verifier; `pdu` is all of it, and its
    /// arguments are decrypted in place. What is left of the PDU's end is no
    /// argument.
    pub(super) fn open(
        &mut self,
        header: &Header,
        pdu: &mut [u8],
    ) -> Result<(Under, usize), Fault> {
        let denied = Err(Fault(fault::ACCESS_DENIED));
        let (body, verifier) = header.split(pdu).map_err(|_| Fault(fault::PROTO_ERROR))?;
        let Some(verifier) = verifier else {
            return Ok((self.without_verifier()?, 0));
        };
        let Some(context) = self.list.iter_mut().find(|c| c.id == verifier.context) else {
            return Err(Fault(fault::SEC_PKG_ERROR));
        };
        if context.kind != verifier.kind {
            return Err(Fault(fault::SEC_PKG_ERROR));
        }
        if context.level.0 != verifier.level {
            return Err(Fault(fault::UNSUPPORTED_AUTHN_LEVEL));
        }
        let Step::Finished(login) = &mut context.step else {
            return denied;
        };
        if login.is_over() {
            return denied;
        }
        let behind = verifier.wire_len() + usize::from(verifier.pad);
        let end = super::pdu::HEADER_LEN + body.len();
        let data = header.stub_at()..end;
        if data.len() < usize::from(verifier.pad) || data.start > data.end {
            return Err(Fault(fault::PROTO_ERROR));
        }
        if context.level.signs() {
            let token = verifier.token.to_vec();
            let signed = pdu.len() - token.len();
            let Some(messages) = &mut login.messages else {
                return denied;
            };
            let parts = Parts {
                data,
                around: self.header_signing,
            };
            let seal = context.level.seals();
            if messages
                .check(seal, &mut pdu[..signed], &parts, &token)
                .is_err()
            {
                tracing::warn!(
                    target: "audit",
                    peer = self.peer,
                    user = login.caller.account,
                    "a request was changed on its way, or came twice; the login in the pipe ends"
                );
                context.step = Step::Failed;
                return denied;
            }
        }
        Ok((Some(context.id), behind))
    }

    /// Who calls under a context, and the handles of that login: those of
    /// others are not good there.
    pub(super) fn caller(&mut self, id: u32) -> Option<(Caller, &mut Handles)> {
        let c = self.list.iter_mut().find(|c| c.id == id)?;
        match &mut c.step {
            Step::Finished(f) => Some((f.caller.clone(), &mut f.handles)),
            _ => None,
        }
    }

    /// Takes the verification trailer off the arguments of a protected
    /// request, and looks whether what it says is so.
    pub(super) fn verified<'a>(
        &self,
        id: u32,
        stub: &'a [u8],
        bound: &Bound,
    ) -> Result<&'a [u8], Fault> {
        match self.list.iter().find(|c| c.id == id) {
            Some(c) if c.level.signs() => verify::check(stub, bound, self.header_signing),
            _ => Ok(stub),
        }
    }

    /// How answers under a context are protected.
    pub(super) fn protector(&mut self, id: u32) -> Option<impl Protector + '_> {
        let c = self.list.iter_mut().find(|c| c.id == id)?;
        match &mut c.step {
            Step::Finished(f) if c.level.signs() => Some(Protected {
                kind: c.kind,
                level: c.level,
                id: c.id,
                header_signing: self.header_signing,
                messages: f.messages.as_mut()?,
            }),
            _ => None,
        }
    }
}

impl Finished {
    fn is_over(&self) -> bool {
        self.expiry != 0 && filetime_now() >= self.expiry
    }
}

struct Protected<'a> {
    kind: u8,
    level: Level,
    id: u32,
    header_signing: bool,
    messages: &'a mut Messages,
}

impl Protector for Protected<'_> {
    fn verifier(&self, data: usize) -> Result<(Verifier<'static>, usize), Fault> {
        let token = (self.messages.token_len(self.level.seals(), data))
            .map_err(|_| Fault(fault::SEC_PKG_ERROR))?;
        let verifier = Verifier {
            kind: self.kind,
            level: self.level.0,
            pad: 0,
            context: self.id,
            token: &[],
        };
        Ok((verifier, token))
    }

    fn protect(&mut self, pdu: &mut [u8], data: Range<usize>) -> Result<Vec<u8>, Fault> {
        let parts = Parts {
            data,
            around: self.header_signing,
        };
        (self.messages.protect(self.level.seals(), pdu, &parts))
            .map_err(|_| Fault(fault::SEC_PKG_ERROR))
    }
}

/// Whether a login is enough for a level.
fn may(state: &State, level: Level, login: &Login) -> bool {
    let restrict = state.config().global.restrict_anonymous;
    if login.flags.contains(UserFlags::ANONYMOUS) && restrict >= 1 {
        return false;
    }
    match &login.messages {
        _ if !level.signs() => true,
        None => false,
        Some(messages) => messages.can_sign() && (!level.seals() || messages.can_seal()),
    }
}

/// Numbers of logins within pipes.
fn next_login() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
