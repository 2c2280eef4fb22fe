// SPDX-License-Identifier: GPL-2.0-or-later
//! Named pipes of IPC$ and the DCE/RPC services behind them.
//!
//! A pipe has an input (bytes, from which whole PDUs are cut) and an output
//! (whole PDUs, each a message of its own). What a request means follows from
//! the context that it names, never from the name of the pipe alone or from
//! the form of the request.
//!
//! Who calls is who logged in to SMB, or within the pipe ([`secure`]).
//!
//! Every pipe is bounded: in waiting input, waiting output, contexts, and the
//! number of pipes of a session and of the server.

mod handles;
mod lsarpc;
mod mgmt;
mod names;
#[cfg(test)]
mod ndr;
pub mod pdu;
mod samr;
mod secure;
mod srvsvc;
mod stub;
mod svcctl;
mod verify;
mod winreg;
mod wkssvc;

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod secure_tests;
#[cfg(test)]
mod tests;

use std::collections::{hash_map, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proto_shared::ipc::{PipeOpen, UserFlags};
use proto_shared::status::NtStatus;

use crate::auth::Authenticator;
use crate::share::is_listed;
use crate::state::State;
use dcerpc_ndr::Syntax as Form;
use handles::Handles;
use pdu::{fault, ptype, ContextResult, Header, Syntax};
use secure::{Contexts, Refused, Stage, Under};
use stub::Stub;
use verify::Bound;

/// Most pipes.
const MAX_PIPES: usize = 16384;
/// Most pipes of one session.
const MAX_PIPES_OF_SESSION: usize = 2048;
/// Most bytes of arguments of one request.
const MAX_REQUEST: usize = 1024 * 1024;
/// Most bytes of answers that wait to be read from one pipe.
const MAX_OUTPUT: usize = 4 * 1024 * 1024;
/// Most bytes that wait in all pipes of one session, to be taken in or to be read.
const MAX_WAITING_OF_SESSION: usize = 64 * 1024 * 1024;
/// Most contexts of one pipe.
const MAX_CONTEXTS: usize = 32;

/// Who calls, as far as services care.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Account; empty for anonymous users.
    pub account: String,
    /// What kind of user.
    pub flags: UserFlags,
}

/// Why an operation has no answer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault(pub u32);

impl From<proto_shared::codec::Malformed> for Fault {
    fn from(_: proto_shared::codec::Malformed) -> Self {
        Self(fault::BAD_STUB_DATA)
    }
}

/// A service behind pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interface {
    Srvsvc,
    Wkssvc,
    Lsarpc,
    Samr,
    Winreg,
    Svcctl,
    /// On every pipe.
    Mgmt,
}

impl Interface {
    /// Those that have a pipe.
    const ALL: [Self; 6] = [
        Self::Srvsvc,
        Self::Wkssvc,
        Self::Lsarpc,
        Self::Samr,
        Self::Winreg,
        Self::Svcctl,
    ];

    const fn syntax(self) -> Syntax {
        match self {
            Self::Srvsvc => srvsvc::SYNTAX,
            Self::Wkssvc => wkssvc::SYNTAX,
            Self::Lsarpc => lsarpc::SYNTAX,
            Self::Samr => samr::SYNTAX,
            Self::Winreg => winreg::SYNTAX,
            Self::Svcctl => svcctl::SYNTAX,
            Self::Mgmt => mgmt::SYNTAX,
        }
    }

    const fn pipe(self) -> &'static str {
        match self {
            Self::Srvsvc => "srvsvc",
            Self::Wkssvc => "wkssvc",
            Self::Lsarpc => "lsarpc",
            Self::Samr => "samr",
            Self::Winreg => "winreg",
            Self::Svcctl => "svcctl",
            Self::Mgmt => "",
        }
    }

    fn call(
        self,
        state: &State,
        caller: &Caller,
        handles: &mut Handles,
        opnum: u16,
        stub: Stub<'_>,
    ) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Srvsvc => srvsvc::call(state, caller, opnum, stub),
            Self::Wkssvc => wkssvc::call(state, caller, opnum, stub),
            Self::Lsarpc => lsarpc::call(state, caller, handles, opnum, stub),
            Self::Samr => samr::call(state, caller, handles, opnum, stub),
            Self::Winreg => winreg::call(state, caller, handles, opnum, stub),
            Self::Svcctl => svcctl::call(state, caller, handles, opnum, stub),
            Self::Mgmt => mgmt::call(caller, opnum, stub),
        }
    }
}

/// Arguments of a request that are not yet complete.
struct Partial {
    under: Under,
    call_id: u32,
    context: u16,
    opnum: u16,
    stub: Vec<u8>,
}

struct Pipe {
    waiting: Waiting,
    interface: Interface,
    caller: Caller,
    contexts: Vec<(u16, Interface, Form)>,
    handles: Handles,
    secure: Contexts,
    max_fragment: u16,
    input: Vec<u8>,
    partial: Option<Partial>,
    output: VecDeque<Vec<u8>>,
    /// How much of the first message was read.
    read: usize,
}

/// What waits in one pipe, as part of what waits in all pipes of its session.
struct Waiting {
    mine: usize,
    of_session: Arc<AtomicUsize>,
}

impl Waiting {
    fn set(&mut self, bytes: usize) {
        self.of_session.fetch_add(bytes, Ordering::Relaxed);
        self.of_session.fetch_sub(self.mine, Ordering::Relaxed);
        self.mine = bytes;
    }

    fn of_session(&self) -> usize {
        self.of_session.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.set(0);
    }
}

struct Entry {
    session_id: u64,
    pipe: Arc<Mutex<Pipe>>,
}

#[derive(Default)]
struct OfSession {
    pipes: usize,
    waiting: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Table {
    pipes: HashMap<u64, Entry>,
    sessions: HashMap<u64, OfSession>,
}

impl Table {
    fn remove(&mut self, pipe_id: u64) -> Option<Entry> {
        let entry = self.pipes.remove(&pipe_id)?;
        if let hash_map::Entry::Occupied(mut of) = self.sessions.entry(entry.session_id) {
            of.get_mut().pipes -= 1;
            if of.get().pipes == 0 {
                of.remove();
            }
        }
        Some(entry)
    }
}

/// All open pipes.
pub struct Pipes {
    state: Arc<State>,
    auth: Arc<Authenticator>,
    table: Mutex<Table>,
}

impl Pipes {
    /// No pipe is open.
    pub fn new(state: Arc<State>, auth: Arc<Authenticator>) -> Self {
        Self {
            state,
            auth,
            table: Mutex::default(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of open pipes.
    pub fn len(&self) -> usize {
        self.table().pipes.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Opens a pipe.
    pub fn open(&self, req: &PipeOpen<'_>) -> NtStatus {
        let Some(interface) = Interface::ALL.into_iter().find(|i| i.pipe() == req.name) else {
            return NtStatus::OBJECT_NAME_NOT_FOUND;
        };
        let restrict = self.state.config().global.restrict_anonymous;
        if req.user_flags.contains(UserFlags::ANONYMOUS) && restrict >= 1 {
            return NtStatus::ACCESS_DENIED;
        }
        let mut table = self.table();
        if table.pipes.contains_key(&req.pipe_id) {
            return NtStatus::INVALID_PARAMETER;
        }
        let of_session = table.sessions.get(&req.session_id);
        if table.pipes.len() >= MAX_PIPES
            || of_session.is_some_and(|s| s.pipes >= MAX_PIPES_OF_SESSION)
        {
            return NtStatus::INSUFF_SERVER_RESOURCES;
        }
        let of_session = table.sessions.entry(req.session_id).or_default();
        of_session.pipes += 1;
        let pipe = Pipe {
            waiting: Waiting {
                mine: 0,
                of_session: Arc::clone(&of_session.waiting),
            },
            interface,
            caller: Caller {
                account: req.account.to_owned(),
                flags: req.user_flags,
            },
            contexts: Vec::new(),
            handles: Handles::new(req.pipe_id),
            secure: Contexts::new(req.pipe_id, Arc::clone(&self.auth), req.peer),
            max_fragment: pdu::MAX_FRAGMENT,
            input: Vec::new(),
            partial: None,
            output: VecDeque::new(),
            read: 0,
        };
        let entry = Entry {
            session_id: req.session_id,
            pipe: Arc::new(Mutex::new(pipe)),
        };
        table.pipes.insert(req.pipe_id, entry);
        NtStatus::SUCCESS
    }

    /// The caller turns out to be a stranger.
    pub(crate) fn restrict(&self, pipe_id: u64) {
        self.with(pipe_id, |p| p.caller.flags |= UserFlags::ANONYMOUS);
    }

    /// Closes a pipe.
    pub fn close(&self, pipe_id: u64) {
        let gone = self.table().remove(pipe_id);
        drop(gone);
    }

    /// Closes all pipes of a session.
    pub fn close_session(&self, session_id: u64) {
        let mut table = self.table();
        if table.sessions.remove(&session_id).is_some() {
            table.pipes.retain(|_, e| e.session_id != session_id);
        }
    }

    fn with<T>(&self, pipe_id: u64, f: impl FnOnce(&mut Pipe) -> T) -> Option<T> {
        let pipe = Arc::clone(&self.table().pipes.get(&pipe_id)?.pipe);
        let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = f(&mut pipe);
        let waiting = pipe.output.iter().map(Vec::len).sum::<usize>()
            + pipe.input.len()
            + pipe.partial.as_ref().map_or(0, |p| p.stub.len());
        pipe.waiting.set(waiting);
        Some(answer)
    }

    /// Takes what a client writes.
    pub fn write(&self, pipe_id: u64, data: &[u8]) -> NtStatus {
        self.with(pipe_id, |p| p.write(&self.state, data))
            .unwrap_or(NtStatus::PIPE_DISCONNECTED)
    }

    /// Answers the next message, or the next part of it.
    pub fn read(&self, pipe_id: u64, max: usize) -> (NtStatus, Vec<u8>) {
        self.with(pipe_id, |p| p.read(max))
            .unwrap_or((NtStatus::PIPE_DISCONNECTED, Vec::new()))
    }

    /// Writes and reads in one.
    pub fn transceive(&self, pipe_id: u64, data: &[u8], max: usize) -> (NtStatus, Vec<u8>) {
        let both = self.with(pipe_id, |p| {
            if !p.output.is_empty() {
                // [MS-FSA] 2.1.5.10.27: there must be nothing to read.
                return (NtStatus::PIPE_BUSY, Vec::new());
            }
            match p.write(&self.state, data) {
                NtStatus::SUCCESS => p.read(max),
                status => (status, Vec::new()),
            }
        });
        both.unwrap_or((NtStatus::PIPE_DISCONNECTED, Vec::new()))
    }
}

impl Pipe {
    fn write(&mut self, state: &State, data: &[u8]) -> NtStatus {
        // One PDU has at most 64 KiB, so no more than that ever stays here
        // beside what came just now.
        self.input.extend_from_slice(data);
        let mut input = std::mem::take(&mut self.input);
        let mut rest: &[u8] = &input;
        let mut status = NtStatus::SUCCESS;
        while rest.len() >= pdu::HEADER_LEN {
            if self.output.iter().map(Vec::len).sum::<usize>() > MAX_OUTPUT
                || self.waiting.of_session() > MAX_WAITING_OF_SESSION
            {
                tracing::info!(
                    pipe = self.interface.pipe(),
                    "answers are not read, giving up"
                );
                rest = &[];
                status = NtStatus::INSUFF_SERVER_RESOURCES;
                break;
            }
            let header = match Header::parse(rest) {
                Ok(header) => header,
                Err(e) => {
                    tracing::debug!(pipe = self.interface.pipe(), error = %e, "bad RPC");
                    rest = &[];
                    status = NtStatus::INVALID_PARAMETER;
                    break;
                }
            };
            let Some((pdu, behind)) = rest.split_at_checked(usize::from(header.frag_len)) else {
                break;
            };
            rest = behind;
            self.pdu(state, &header, pdu);
        }
        let done = input.len() - rest.len();
        input.drain(..done);
        self.input = input;
        status
    }

    fn read(&mut self, max: usize) -> (NtStatus, Vec<u8>) {
        let Some(message) = self.output.front() else {
            return (NtStatus::PIPE_EMPTY, Vec::new());
        };
        let left = &message[self.read..];
        if left.len() > max {
            let part = left[..max].to_vec();
            self.read += max;
            return (NtStatus::BUFFER_OVERFLOW, part);
        }
        let part = left.to_vec();
        self.output.pop_front();
        self.read = 0;
        (NtStatus::SUCCESS, part)
    }

    fn pdu(&mut self, state: &State, header: &Header, pdu: &[u8]) {
        match header.ptype {
            ptype::BIND => self.bind(state, header, pdu, Stage::Bind),
            ptype::ALTER_CONTEXT => self.bind(state, header, pdu, Stage::Alter),
            ptype::AUTH3 => self.auth3(state, header, pdu),
            ptype::REQUEST => self.request(state, header, pdu),
            // There is nothing to cancel: calls are done when they come.
            ptype::CO_CANCEL | ptype::ORPHANED => self.partial = None,
            _ => self
                .output
                .push_back(pdu::fault(header.call_id, 0, fault::PROTO_ERROR)),
        }
    }

    fn bind(&mut self, state: &State, header: &Header, pdu: &[u8], stage: Stage) {
        use pdu::{bind_ack, bind_nak, NakReason};
        let parsed = header
            .split(pdu)
            .and_then(|(body, verifier)| Ok((pdu::Bind::parse(header, body)?, verifier)));
        let (bind, verifier) = match parsed {
            Ok(parsed) => parsed,
            Err(e) => {
                tracing::debug!(pipe = self.interface.pipe(), error = %e, "bad bind");
                let nak = bind_nak(header.call_id, NakReason::NotSpecified);
                self.output.push_back(nak);
                return;
            }
        };
        let answer = match verifier.map(|v| self.secure.leg(state, stage, &v)) {
            None => None,
            Some(Ok(answer)) => Some(answer),
            Some(Err(Refused::Nak(reason))) => {
                self.output.push_back(bind_nak(header.call_id, reason));
                return;
            }
            Some(Err(Refused::Fault(status))) => {
                self.output.push_back(pdu::fault(header.call_id, 0, status));
                return;
            }
        };
        let signing = header.flags & pdu::HEADER_SIGNING;
        if signing != 0 {
            self.secure.sign_headers();
        }
        let results: Vec<ContextResult> = (bind.contexts.iter())
            .map(|context| self.accept(context, &bind.contexts))
            .collect();
        let ptype = if stage == Stage::Bind {
            self.max_fragment = bind.max_recv.clamp(pdu::MIN_FRAGMENT, pdu::MAX_FRAGMENT);
            ptype::BIND_ACK
        } else {
            ptype::ALTER_CONTEXT_RESP
        };
        // Any group will do: no handle outlives its pipe.
        let group = if bind.group == 0 { 0x53F0 } else { bind.group };
        let mut ack = bind_ack(
            (ptype, signing),
            header.call_id,
            self.max_fragment,
            group,
            self.interface.pipe(),
            &results,
        );
        if let Some(answer) = answer {
            answer.append_to(&mut ack);
        }
        self.output.push_back(ack);
    }

    /// The last leg of a login that takes three; nothing answers it. What went
    /// wrong shows in what the next request gets.
    fn auth3(&mut self, state: &State, header: &Header, pdu: &[u8]) {
        let verifier = header.split(pdu).ok().and_then(|(_, v)| v);
        let refused = match verifier {
            None => Some(Refused::Fault(fault::PROTO_ERROR)),
            Some(v) => self.secure.leg(state, Stage::Auth3, &v).err(),
        };
        if let Some(why) = refused {
            tracing::debug!(pipe = self.interface.pipe(), ?why, "bad auth3");
            self.secure.fail(verifier.map(|v| v.context));
        }
    }

    /// Takes a context that a client offers among others.
    fn accept(&mut self, context: &pdu::Context, all: &[pdu::Context]) -> ContextResult {
        if let Some(features) = context.features {
            return ContextResult::Features(features & pdu::BIND_TIME_FEATURES);
        }
        let wanted = [self.interface, Interface::Mgmt]
            .into_iter()
            .find(|i| i.syntax() == context.interface);
        let Some(interface) = wanted.filter(|_| self.contexts.len() < MAX_CONTEXTS) else {
            return ContextResult::UnknownInterface;
        };
        // Who offers NDR64 in one context and NDR 2.0 in another gets the former
        // only, as Windows does it (\[MS-RPCE\] 3.3.1.5.6).
        let (form, transfer) = if context.ndr64 {
            (Form::Ndr64, pdu::NDR64)
        } else if context.ndr
            && !all
                .iter()
                .any(|c| c.ndr64 && c.interface == context.interface)
        {
            (Form::Ndr20, pdu::NDR)
        } else {
            return ContextResult::NoTransferSyntax;
        };
        self.contexts.retain(|(id, ..)| *id != context.id);
        self.contexts.push((context.id, interface, form));
        ContextResult::Accepted(transfer)
    }

    fn request(&mut self, state: &State, header: &Header, pdu: &[u8]) {
        let done = match self.take_in(header, pdu) {
            Ok(None) => return,
            Ok(Some(whole)) => self
                .answer(state, header.big_endian, &whole)
                .map_err(|e| (whole.context, e)),
            Err(e) => {
                self.partial = None;
                Err(e)
            }
        };
        match done {
            Ok(fragments) => self.output.extend(fragments),
            Err((context, Fault(status))) => {
                self.output
                    .push_back(pdu::fault(header.call_id, context, status))
            }
        }
    }

    /// Takes a fragment of a request in; answers the request when it is whole.
    /// An error comes with the context that was named.
    fn take_in(&mut self, header: &Header, pdu: &[u8]) -> Result<Option<Partial>, (u16, Fault)> {
        let proto_error = |context| Err((context, Fault(fault::PROTO_ERROR)));
        let mut opened = pdu.to_vec();
        let (under, behind) = self.secure.open(header, &mut opened).map_err(|e| (0, e))?;
        let body = opened
            .get(pdu::HEADER_LEN..opened.len().saturating_sub(behind))
            .unwrap_or_default();
        let Ok(part) = pdu::Request::parse(header, body) else {
            return proto_error(0);
        };
        let first = header.flags & pdu::FIRST != 0;
        let partial = match self.partial.take() {
            None if first => Partial {
                under,
                call_id: header.call_id,
                context: part.context,
                opnum: part.opnum,
                stub: part.stub.to_vec(),
            },
            Some(mut p)
                if !first
                    && p.under == under
                    && p.call_id == header.call_id
                    && p.stub.len() + part.stub.len() <= MAX_REQUEST =>
            {
                p.stub.extend_from_slice(part.stub);
                p
            }
            _ => return proto_error(part.context),
        };
        if header.flags & pdu::LAST == 0 {
            self.partial = Some(partial);
            return Ok(None);
        }
        Ok(Some(partial))
    }

    /// Makes the call; the fragments of its answer.
    fn answer(
        &mut self,
        state: &State,
        big_endian: bool,
        request: &Partial,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let bound = self.contexts.iter().find(|(id, ..)| *id == request.context);
        let Some((_, interface, form)) = bound.copied() else {
            return Err(Fault(fault::UNK_IF));
        };
        let (syntax, transfer) = match (form, big_endian) {
            (Form::Ndr20, true) => (Form::Ndr20BigEndian, pdu::NDR),
            (Form::Ndr64, false) => (form, pdu::NDR64),
            (_, false) => (form, pdu::NDR),
            // NDR64 has one order only.
            _ => return Err(Fault(fault::PROTO_ERROR)),
        };
        let mut bytes = request.stub.as_slice();
        let (caller, handles) = match request.under {
            None => (self.caller.clone(), &mut self.handles),
            Some(id) => {
                let bound = Bound {
                    interface: interface.syntax(),
                    transfer,
                    call_id: request.call_id,
                    context: request.context,
                    opnum: request.opnum,
                };
                bytes = self.secure.verified(id, bytes, &bound)?;
                (self.secure.caller(id)).ok_or(Fault(fault::ACCESS_DENIED))?
            }
        };
        let stub = Stub { bytes, syntax };
        let answer = interface.call(state, &caller, handles, request.opnum, stub)?;
        let mut protector = request.under.and_then(|id| self.secure.protector(id));
        pdu::response(
            request.call_id,
            request.context,
            &answer,
            self.max_fragment,
            protector.as_mut().map(|p| p as &mut dyn pdu::Protector),
        )
    }
}

/// Codes that operations return (\[MS-ERREF\] 2.2, \[MS-SRVS\] 2.2.2.10).
mod werror {
    pub(super) const OK: u32 = 0;
    pub(super) const FILE_NOT_FOUND: u32 = 2;
    pub(super) const ACCESS_DENIED: u32 = 5;
    pub(super) const GEN_FAILURE: u32 = 31;
    pub(super) const NOT_SUPPORTED: u32 = 50;
    pub(super) const INVALID_PARAMETER: u32 = 87;
    pub(super) const INSUFFICIENT_BUFFER: u32 = 122;
    pub(super) const INVALID_NAME: u32 = 123;
    pub(super) const INVALID_LEVEL: u32 = 124;
    pub(super) const MORE_DATA: u32 = 234;
    pub(super) const NO_MORE_ITEMS: u32 = 259;
    pub(super) const NO_SUCH_SERVICE: u32 = 1060;
    pub(super) const NO_SYSTEM_RESOURCES: u32 = 1450;
    pub(super) const UNKNOWN_DIRECTORY: u32 = 2116;
    pub(super) const DUPLICATE_SHARE: u32 = 2118;
    pub(super) const USER_NOT_FOUND: u32 = 2221;
    pub(super) const NET_NAME_NOT_FOUND: u32 = 2310;
    pub(super) const DEVICE_NOT_SHARED: u32 = 2311;
    pub(super) const CLIENT_NAME_NOT_FOUND: u32 = 2312;
    pub(super) const FILE_ID_NOT_FOUND: u32 = 2314;
}

/// Whether the caller did not log in as somebody.
fn is_stranger(caller: &Caller) -> bool {
    caller
        .flags
        .intersects(UserFlags::GUEST | UserFlags::ANONYMOUS)
}

/// Whether the caller may administrate: whoever `rpc_admins` names, and is not
/// a guest.
fn is_admin(state: &State, caller: &Caller) -> bool {
    !is_stranger(caller) && is_listed(state, &caller.account, &state.config().global.rpc_admins)
}

/// sv1xx and wki1xx: the platform is Windows NT to clients.
const PLATFORM_NT: u32 = 500;
/// Version that is told: 10.0, so that clients use what they have.
const VERSION: (u32, u32) = (10, 0);
