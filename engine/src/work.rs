// SPDX-License-Identifier: GPL-2.0-or-later
//! One received frame on its way through the server: its messages, the references it holds, the replies made
//! so far, and the way to wait without keeping a worker.
//!
//! A handler looks at [`Work`] and writes into a [`Reply`]. When it cannot finish it reserves a token
//! ([`Work::reserve`]), tells somebody who will wake that token, and returns [`Outcome::Park`] with what it
//! needs to go on. The dispatcher keeps the work with the token; the event runs it again on some worker, through
//! the command's `resume`. An event that comes before the work is parked is kept, so no wake-up is lost.

use core::cell::Cell;
use core::ops::Range;

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::ipc::UpcallBody;
use proto_shared::limits::SMB2_HEADER_LEN;
use proto_shared::smb2::header::Header;
use proto_shared::smb2::{Command, HeaderFlags};
use proto_shared::status::NtStatus;

use crate::caching::After;
use crate::conn::{Conn, Negotiated};
use crate::crypt::sign;
use crate::durable;
use crate::durable::replay::Key;
use crate::error::{SmbError, SmbResult};
use crate::host::{Host, Pdu};
use crate::open::{FileId, Open};
use crate::server::Server;
use crate::session::{Auth, MacKey, Phase, Session};
use crate::tree::Tree;

/// Largest frame that a request keeps which goes on without its connection, in bytes.
const MAX_ADRIFT_BYTES: usize = 64 << 10;

/// Names a parked request; never reused within 2³¹ uses of its slot. It is also the AsyncId on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u64);

/// Why a parked request runs again.
pub enum Event {
    /// What it waited for happened.
    Ready,
    /// The daemon answered: the nested body of the UPCALL_REPLY.
    Upcall(KVec<u8>),
    /// CANCEL came.
    Cancelled,
    /// The deadline passed.
    TimedOut,
    /// The connection, session or open went away.
    Closed,
}

/// What a handler needs to go on after waiting, one variant per command that waits.
pub enum Resume<H: Host> {
    /// SESSION_SETUP waits for the daemon's verdict.
    SessionSetup(crate::cmd::session_setup::Pending<H>),
    /// TREE_CONNECT waits for the daemon's share.
    TreeConnect(crate::cmd::tree_connect::Pending),
    /// A pipe operation waits for the daemon's RPC answer.
    Pipe(crate::cmd::pipe::Pending<H>),
    /// LOCK waits for a conflicting lock to go.
    Lock(crate::cmd::lock::Pending<H>),
    /// CREATE waits for a break.
    Create(crate::caching::Pending<H>),
    /// SET_INFO waits for a break.
    SetInfo(crate::caching::Pending<H>),
    /// QUERY_DIRECTORY waits for another one on the same handle.
    QueryDirectory(crate::cmd::query_directory::Pending<H>),
    /// CHANGE_NOTIFY waits for something to happen.
    ChangeNotify(crate::cmd::change_notify::Pending<H>),
}

/// How a handler ended.
pub enum Outcome<H: Host> {
    /// The reply stands.
    Done,
    /// Nothing is sent for this request.
    NoReply,
    /// Waits for the token; see the module's description.
    Park {
        /// From [`Work::reserve`].
        token: Token,
        /// Whether the client is told STATUS_PENDING meanwhile.
        interim: bool,
        /// What to go on with.
        resume: Resume<H>,
    },
}

/// What later elements of a related compound inherit ([MS-SMB2] 3.3.5.2.7.2).
#[derive(Clone, Copy)]
pub(crate) struct Chain {
    pub(crate) session_id: u64,
    pub(crate) tree_id: u32,
    pub(crate) file_id: Option<FileId>,
    /// The compound begins with a related message: none of it has anything to be related to.
    pub(crate) broken: bool,
    /// Status of the CREATE that failed, which related messages after it inherit.
    pub(crate) failed: Option<NtStatus>,
}

/// One reply that is ready, unsigned.
pub(crate) struct Element<H: Host> {
    /// Header and body.
    pub(crate) head: KVec<u8>,
    /// File data behind the body.
    pub(crate) payload: Option<H::Payload>,
    /// What signs it; `None` leaves it unsigned.
    pub(crate) signer: Option<Arc<MacKey<H>>>,
}

/// The session of an encrypted frame, and the log-in whose keys opened it.
pub(crate) struct Sealed<H: Host> {
    pub(crate) session: Arc<Session<H>>,
    pub(crate) auth: Arc<Auth<H>>,
}

/// A frame being worked on.
pub struct Work<H: Host> {
    /// The connection it came by.
    pub(crate) conn: Arc<Conn<H>>,
    /// The frame.
    pub(crate) pdu: H::Pdu,
    /// Range of the current message within the frame.
    pub(crate) range: Range<usize>,
    /// Where the next message of the compound begins.
    pub(crate) next: Option<usize>,
    /// Whose key the frame was encrypted with; the reply goes back the same way.
    pub(crate) sealed_by: Option<Sealed<H>>,
    /// Header of the current message, with inherited ids already put in.
    pub(crate) header: Header,
    /// Session of the current message, where the command needs one.
    pub(crate) session: Option<Arc<Session<H>>>,
    /// The session's log-in as of the start of this message.
    pub(crate) auth: Option<Arc<Auth<H>>>,
    /// The key that signs for that session on this connection.
    pub(crate) signing_key: Option<Arc<MacKey<H>>>,
    /// Tree of the current message, where the command needs one.
    pub(crate) tree: Option<Arc<Tree<H>>>,
    pub(crate) chain: Chain,
    /// The open that the current message named: what the next one of a related compound means.
    pub(crate) named: Cell<Option<FileId>>,
    /// The open that counts the current message as under way, and the message's channel sequence.
    pub(crate) counted: Cell<Option<(Arc<Open<H>>, u16)>>,
    /// The CREATE that the current message is, as long as it is not known what comes of it.
    pub(crate) creating: Cell<Option<Key>>,
    /// It goes on without its connection ([`Session::take_adrift`]).
    pub(crate) adrift: Cell<bool>,
    /// Whether the current message is related to the one before.
    pub(crate) related: bool,
    /// Replies ready to go.
    pub(crate) out: KVec<Element<H>>,
    /// What is to be done once they are gone.
    pub(crate) after: KVec<After<H>>,
    /// Set once an interim reply was sent for the current message.
    pub(crate) async_id: Option<u64>,
    pub(crate) resume: Option<Resume<H>>,
}

impl<H: Host> Work<H> {
    /// The server.
    pub fn server(&self) -> &Arc<Server<H>> {
        &self.conn.server
    }

    /// The host.
    pub fn host(&self) -> &H {
        self.conn.server.host()
    }

    /// The host's files.
    pub fn fs(&self) -> &H::Fs {
        self.host().fs()
    }

    /// The current message, from its header to its end.
    pub fn msg(&self) -> &[u8] {
        self.pdu.bytes().get(self.range.clone()).unwrap_or(&[])
    }

    /// What the connection negotiated. Commands other than NEGOTIATE run only after it.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` before NEGOTIATE.
    pub fn negotiated(&self) -> SmbResult<&Negotiated> {
        self.conn
            .negotiated()
            .ok_or(NtStatus::INVALID_PARAMETER.into())
    }

    /// The session of the current message.
    ///
    /// # Errors
    /// `USER_SESSION_DELETED` if there is none.
    pub fn session(&self) -> SmbResult<&Arc<Session<H>>> {
        self.session
            .as_ref()
            .ok_or(NtStatus::USER_SESSION_DELETED.into())
    }

    /// The log-in of the current message.
    ///
    /// # Errors
    /// `USER_SESSION_DELETED` if there is none.
    pub fn auth(&self) -> SmbResult<&Arc<Auth<H>>> {
        self.auth
            .as_ref()
            .ok_or(NtStatus::USER_SESSION_DELETED.into())
    }

    /// The tree of the current message.
    ///
    /// # Errors
    /// `NETWORK_NAME_DELETED` if there is none.
    pub fn tree(&self) -> SmbResult<&Arc<Tree<H>>> {
        self.tree
            .as_ref()
            .ok_or(NtStatus::NETWORK_NAME_DELETED.into())
    }

    /// Finds the open that a request names, or that the compound's CREATE made ([MS-SMB2] 3.3.5.2.7.2): in
    /// this session and tree only. In a related request an id that names no open means the latter, too, as with Samba.
    ///
    /// # Errors
    /// `FILE_CLOSED` if there is none.
    pub fn open(&self, wire: FileId) -> SmbResult<Arc<Open<H>>> {
        let closed = || SmbError::from(NtStatus::FILE_CLOSED);
        let made = self.chain.file_id.filter(|_| self.related);
        let (id, open) = if wire.is_all_ones() {
            if !self.related {
                return Err(closed());
            }
            let failed = self.chain.failed.unwrap_or(NtStatus::FILE_CLOSED);
            let id = made.ok_or(SmbError::from(failed))?;
            (id, self.find_open(id)?)
        } else {
            match (self.find_open(wire)?, made) {
                (None, Some(made)) => (made, self.find_open(made)?),
                (open, _) => (wire, open),
            }
        };
        let open = open.ok_or_else(closed)?;
        self.named.set(Some(id));
        self.count(&open, id == wire)?;
        Ok(open)
    }

    fn find_open(&self, id: FileId) -> SmbResult<Option<Arc<Open<H>>>> {
        let tree = self.tree()?.id;
        let open = self.session()?.open(id.volatile);
        Ok(open.filter(|o| o.id() == id && o.tree_id() == tree))
    }

    /// The signing key of the session that the request names, if the request is signed with it. Who has the key may
    /// be answered with it, although the session may be none of this connection's ([MS-SMB2] 3.3.5.2.9, 3.3.5.5).
    ///
    /// # Errors
    /// Without memory.
    pub(crate) fn key_of_session(&self) -> SmbResult<Option<Arc<MacKey<H>>>> {
        if !self.header.is_signed() || self.sealed_by.is_some() {
            return Ok(None);
        }
        let id = self.header.session_id;
        let key = match self.server().session(id) {
            Some(session) => {
                let auth = session.state.lock().auth.clone();
                auth.and_then(|a| a.keys.signing.clone())
            }
            None => self.conn.ended_key(id),
        };
        let Some(key) = key else {
            return Ok(None);
        };
        match sign::verify(self.host().crypto(), key.as_ref(), self.msg(), &self.header) {
            Ok(()) => Ok(Some(key)),
            Err(e) if e.status == NtStatus::ACCESS_DENIED => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Verifies the channel sequence ([MS-SMB2] 3.3.5.2.10). `knows` tells that the client has had the handle.
    fn count(&self, open: &Arc<Open<H>>, knows: bool) -> SmbResult {
        if !self.negotiated()?.is_smb3() {
            return Ok(());
        }
        if let Some(counted) = self.counted.take() {
            // The message goes on after it waited.
            self.counted.set(Some(counted));
            return Ok(());
        }
        let number = self.header.channel_sequence();
        let replay = self.header.flags.contains(HeaderFlags::REPLAY_OPERATION);
        let modifies = matches!(
            self.header.command,
            Command::WRITE | Command::SET_INFO | Command::IOCTL
        );
        let (entered, create) = {
            let mut once = open.once.lock();
            let entered = once.channel.enter(number, replay, modifies)?;
            (entered, knows && once.create.is_some())
        };
        if entered {
            self.counted.set(Some((open.clone(), number)));
        }
        if create {
            durable::forget(self.server(), open);
        }
        Ok(())
    }

    /// The connection has ended. Whether the current message, a CREATE that waits, goes on nevertheless: whoever sends it
    /// again over another channel is to find what came of it.
    pub(crate) fn goes_adrift(&self) -> bool {
        let Ok(session) = self.session() else {
            return false;
        };
        if self.creating.get().is_none()
            || self.adrift.get()
            || self.pdu.bytes().len() > MAX_ADRIFT_BYTES
            || !session.take_adrift(self.conn.id())
        {
            return false;
        }
        self.adrift.set(true);
        true
    }

    /// Whether there is nobody any more whom a message that waits could concern.
    pub(crate) fn is_over(&self) -> bool {
        match &self.session {
            Some(session) if self.adrift.get() => session.phase() == Phase::Closed,
            _ => self.conn.is_dead(),
        }
    }

    /// The current message is answered, or will never be.
    pub(crate) fn answered(&self) {
        self.conn
            .answered(self.header.message_id, self.async_id.is_some());
        if let Some((open, number)) = self.counted.take() {
            open.once.lock().channel.leave(number);
        }
        if let Some(key) = self.creating.take() {
            self.server().known.replays.lock().forget_unopened(&key);
        }
        if let (true, Some(session)) = (self.adrift.replace(false), &self.session) {
            session.adrift.fetch_sub(1, Relaxed);
        }
    }

    /// Takes a token to wait with. `timeout_ms` of 0 waits for ever.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` when too many requests wait already.
    pub fn reserve(&self, timeout_ms: u32) -> SmbResult<Token> {
        let server = self.server();
        let told = !matches!(
            self.header.command,
            Command::SESSION_SETUP | Command::TREE_CONNECT
        );
        if told && self.async_id.is_none() && !self.conn.may_pend() {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let deadline = (timeout_ms != 0).then(|| self.host().now().after_ms(u64::from(timeout_ms)));
        server.parking.reserve(
            self.conn.id(),
            self.header.message_id,
            self.async_id,
            deadline,
            self.adrift.get().then_some(self.header.session_id),
        )
    }

    /// Checks that the request paid for a transfer of `bytes` ([MS-SMB2] 3.3.5.2.5): one credit per 64 KiB,
    /// where the dialect has multi-credit requests.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` if it did not.
    pub fn require_charge(&self, bytes: usize) -> SmbResult {
        let n = self.negotiated()?;
        if !n.multi_credit {
            return Ok(());
        }
        let needed = (bytes.max(1).saturating_sub(1) / 65536).saturating_add(1);
        if usize::from(self.header.credit_charge.max(1)) < needed {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        Ok(())
    }

    /// Sends an upcall and waits for its answer: the end of a handler that needs the daemon.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the host says of the daemon.
    pub(crate) fn wait_for_daemon<B: UpcallBody>(
        &self,
        body: &B,
        interim: bool,
        resume: Resume<H>,
    ) -> SmbResult<Outcome<H>> {
        let timeout = self.server().config().map_or(5000, |c| c.upcall_timeout_ms);
        let token = self.reserve(timeout)?;
        if let Err(e) = self.server().upcall(token, body) {
            self.server().parking.release(token);
            return Err(e);
        }
        Ok(Outcome::Park {
            token,
            interim,
            resume,
        })
    }
}

/// A reply in the making. It is bounded: a handler says beforehand how much it may write.
pub struct Reply<H: Host> {
    /// The status; `SUCCESS` unless the handler says otherwise.
    pub status: NtStatus,
    /// Room for the header, and the body as written by [`Reply::write`].
    pub(crate) head: KVec<u8>,
    /// File data behind the body.
    pub(crate) payload: Option<H::Payload>,
    /// SessionId for the reply's header, where it differs from the request's.
    pub(crate) session_id: Option<u64>,
    /// TreeId for the reply's header, where it differs from the request's.
    pub(crate) tree_id: Option<u32>,
    /// The open that later related messages mean.
    pub(crate) file_id: Option<FileId>,
    /// What is to be done once the reply is sent.
    pub(crate) after: Option<After<H>>,
    /// Signs with this key even though the message has none yet (SESSION_SETUP).
    pub(crate) signer: Option<Arc<MacKey<H>>>,
}

impl<H: Host> Reply<H> {
    pub(crate) fn new() -> Self {
        Self {
            status: NtStatus::SUCCESS,
            head: KVec::new(),
            payload: None,
            session_id: None,
            tree_id: None,
            file_id: None,
            after: None,
            signer: None,
        }
    }

    /// Writes the body, at most `max` bytes; a second call replaces the first one's.
    ///
    /// # Errors
    /// `BUFFER_TOO_SMALL` if it does not fit, `INSUFFICIENT_RESOURCES` without memory.
    pub fn write<R>(
        &mut self,
        max: usize,
        fill: impl FnOnce(&mut Writer<'_>) -> core::result::Result<R, NoSpace>,
    ) -> SmbResult<R> {
        let total = max.saturating_add(SMB2_HEADER_LEN);
        self.head.clear();
        self.head.reserve(total, GFP_KERNEL)?;
        self.head.extend_with(total, 0, GFP_KERNEL)?;
        let mut w = Writer::new(self.head.get_mut(SMB2_HEADER_LEN..).unwrap_or(&mut []));
        let done = fill(&mut w)?;
        let len = w.len().saturating_add(SMB2_HEADER_LEN);
        self.head.truncate(len);
        Ok(done)
    }

    /// Appends file data to the reply, uncopied.
    pub fn set_payload(&mut self, payload: H::Payload) {
        self.payload = Some(payload);
    }

    /// Says which open later related messages of the compound mean.
    pub fn set_file_id(&mut self, id: FileId) {
        self.file_id = Some(id);
    }
}
