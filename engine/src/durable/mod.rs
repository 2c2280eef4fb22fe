// SPDX-License-Identifier: GPL-2.0-or-later
//! Handles that survive the loss of their connection: durable handles of both versions ([MS-SMB2] 3.3.5.9.6,
//! 3.3.5.9.7, 3.3.5.9.10, 3.3.5.9.12, 3.3.7.1), and resilient ones ([`resilient`]).
//!
//! # Who owns what
//!
//! An open belongs to its session's table. When the session ends and the open may survive, it moves to the server's
//! [`Table`], with the host's file, its byte-range locks, its share mode, its oplock or lease and the tree connect's root
//! and credentials (which remove the name should that be pending); no reference to session or connection goes with it.
//! A reconnect makes a new open around the same [`Disk`](crate::open::Disk), in the new session and with the credentials
//! of the new tree connect, and the old one is dropped. What ends an open that waits: its time, whoever needs what it
//! caches ([`crate::caching::away`]), the removal of its account or share, the end of the server.
//!
//! What an open is known by is its persistent id, which it keeps; its byte-range locks and its place in the inode go by
//! that.

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::dtyp::{utf16, Guid};
use proto_shared::fscc::flags::CreateAction;
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::create_context::{
    name, CreateContexts, DurableReconnectV2, DurableRequestV2, Lease,
};
use proto_shared::smb2::FileId;
use proto_shared::status::NtStatus;

use crate::caching::away::Away;
use crate::caching::deliver_only;
use crate::error::{SmbError, SmbResult};
use crate::host::{FileKind, Host};
use crate::name::{copy, RelPath};
use crate::open::{end, end_and, survive, Open};
use crate::server::Server;
use crate::session::User;
use crate::time::Monotonic;
use crate::work::Work;

use sequence::{ChannelSequence, LockSequences};

pub(crate) mod instance;
pub(crate) mod replay;
pub(crate) mod resilient;
pub mod sequence;
pub mod table;

pub(crate) use instance::{Instance, Instances};
pub(crate) use replay::Replays;
pub use table::Table;

/// How long a handle of version 1 is kept, in milliseconds.
const TIMEOUT_V1_MS: u32 = 16 * 60 * 1000;
/// How long a handle of version 2 is kept whose client leaves that to the server, in milliseconds.
const TIMEOUT_V2_MS: u32 = 60 * 1000;
/// The longest that a client may ask for, in milliseconds.
const TIMEOUT_MAX_MS: u32 = 300 * 1000;

/// Whose a handle is ([MS-SMB2] 3.3.1.10, DurableOwner): no reference to the session that made it.
struct Owner {
    uid: u32,
    account: KVec<u8>,
    domain: KVec<u8>,
}

impl Owner {
    fn of(user: &User) -> Result<Self> {
        Ok(Self {
            uid: user.uid,
            account: copy(&user.account)?,
            domain: copy(&user.domain)?,
        })
    }

    fn is(&self, user: &User) -> bool {
        self.uid == user.uid && *self.account == *user.account && *self.domain == *user.domain
    }
}

/// That an open survives, and how its client proves that it is its.
pub struct Durability {
    owner: Owner,
    /// Which CREATE it came from; zero with version 1.
    create_guid: Guid,
    /// How long it waits.
    timeout_ms: u32,
    /// It waits whatever becomes of what it caches.
    resilient: bool,
}

impl Durability {
    /// The Unix user, for the limits.
    pub(crate) fn uid(&self) -> u32 {
        self.owner.uid
    }

    /// Until when an open that is left now waits.
    pub(crate) fn deadline(&self, now: Monotonic) -> Monotonic {
        now.after_ms(self.timeout_ms.into())
    }

    /// How long it waits, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> u32 {
        self.timeout_ms
    }

    /// What it may wait for.
    pub(crate) fn how(&self) -> Away {
        if self.resilient {
            Away::Anyway
        } else {
            Away::ForHandle
        }
    }

    fn is_of_account(&self, account: &[u8]) -> bool {
        self.owner.account.eq_ignore_ascii_case(account)
    }
}

/// Opens of a server beside those in their sessions, and what they are known by beside their ids.
#[pin_data]
pub(crate) struct Known<H: Host> {
    /// Those that wait for their clients to come back.
    #[pin]
    pub(crate) away: Mutex<Table<H>>,
    /// CREATE requests that may be sent again.
    #[pin]
    pub(crate) replays: Mutex<Replays<H>>,
    /// Application instances.
    #[pin]
    pub(crate) instances: Mutex<Instances<H>>,
}

impl<H: Host> Known<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            away <- new_mutex!(Table::new(), "ksmbd::Known::away"),
            replays <- new_mutex!(Replays::new(), "ksmbd::Known::replays"),
            instances <- new_mutex!(Instances::new(), "ksmbd::Known::instances"),
        })
    }
}

/// What tells that a request about an open was done before.
#[derive(Default)]
pub(crate) struct Once {
    pub(crate) channel: ChannelSequence,
    pub(crate) locks: LockSequences,
    /// The CREATE that may still be sent again.
    pub(crate) create: Option<replay::Key>,
    /// The application instance that it was made for.
    pub(crate) instance: Option<Guid>,
}

/// What a CREATE asks for.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// A handle of version 1.
    V1,
    /// A handle of version 2. To survive the end of the server as well (the persistent flag) needs a share with
    /// continuous availability, which there is none of; [MS-SMB2] 3.3.5.9.10 then wants the flag ignored.
    V2(DurableRequestV2),
}

/// What a CREATE takes up again.
#[derive(Clone, Copy)]
pub(crate) struct Reconnect {
    file_id: FileId,
    create_guid: Option<Guid>,
}

impl Reconnect {
    /// What a CREATE takes up that is sent again after its open lost the connection.
    pub(crate) fn of(ask: &DurableRequestV2, file_id: FileId) -> Self {
        Self {
            file_id,
            create_guid: Some(ask.create_guid),
        }
    }
}

impl From<FileId> for Reconnect {
    fn from(file_id: FileId) -> Self {
        Self {
            file_id,
            create_guid: None,
        }
    }
}

impl From<DurableReconnectV2> for Reconnect {
    fn from(c: DurableReconnectV2) -> Self {
        Self {
            file_id: c.file_id,
            create_guid: Some(c.create_guid),
        }
    }
}

/// Which contexts about durable handles a CREATE may have together ([MS-SMB2] 3.3.5.9.6, 3.3.5.9.7, 3.3.5.9.10,
/// 3.3.5.9.12). Those of version 2 mean nothing before 3.0.
///
/// # Errors
/// `INVALID_PARAMETER`.
pub(crate) fn check_contexts(contexts: &CreateContexts<'_>, smb3: bool) -> SmbResult {
    let v1 = contexts.has(name::DURABLE_REQUEST) || contexts.has(name::DURABLE_RECONNECT);
    let (request, reconnect) = (
        smb3 && contexts.has(name::DURABLE_REQUEST_V2),
        smb3 && contexts.has(name::DURABLE_RECONNECT_V2),
    );
    if v1 && (request || reconnect) || request && reconnect {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    Ok(())
}

/// Whether the server's configuration has durable handles.
pub(crate) fn is_on<H: Host>(server: &Server<H>) -> bool {
    server
        .config()
        .is_some_and(|c| c.flags.contains(ConfigFlags::DURABLE))
}

/// Makes a new open durable if it caches its handle. Yields for how long in milliseconds, if it is.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` without memory.
pub(crate) fn grant<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    ask: Ask,
    instance: Option<Instance>,
) -> SmbResult<Option<(Ask, u32)>> {
    let auth = w.auth()?;
    let disk = open.disk()?;
    let id = open.id().persistent;
    if !is_on(w.server())
        // Guests are all alike, so none could prove that a handle is its own.
        || auth.is_guest()
        || auth.is_anonymous()
        || disk.kind != FileKind::File
        || disk.stream.is_some()
        || open.is_snapshot()
        || !disk.inode().caching(|c| c.holds_handle(id))
    {
        return Ok(None);
    }
    let (create_guid, timeout_ms) = match ask {
        Ask::V1 => (Guid::ZERO, TIMEOUT_V1_MS),
        Ask::V2(r) if r.timeout == 0 => (r.create_guid, TIMEOUT_V2_MS),
        Ask::V2(r) => (r.create_guid, r.timeout.min(TIMEOUT_MAX_MS)),
    };
    let durability = Durability {
        owner: Owner::of(&auth.user)?,
        create_guid,
        timeout_ms,
        resilient: false,
    };
    let durability = Arc::new(durability, GFP_KERNEL)?;
    *open.durability.lock() = Some(durability);
    if let (Ask::V2(_), Some(instance)) = (ask, instance) {
        instance::record(w, open, instance)?;
    }
    Ok(Some((ask, timeout_ms)))
}

/// Gives an open that waits to the session of the current message.
///
/// # Errors
/// `OBJECT_NAME_NOT_FOUND` if there is no such open (any more) or it is not what the request says, `ACCESS_DENIED` for
/// another user's, `INVALID_PARAMETER` for another name; it goes on waiting then.
pub(crate) fn reconnect<H: Host>(
    w: &Work<H>,
    what: &Reconnect,
    lease: Option<&Lease>,
    path: &RelPath,
) -> SmbResult<Arc<Open<H>>> {
    let unknown = SmbError::from(NtStatus::OBJECT_NAME_NOT_FOUND);
    let server = w.server();
    let claimed = server.known.away.lock().claim(what.file_id.persistent);
    let old = claimed.ok_or(unknown)?;
    let taken = check(w, &old, what, lease, path).and_then(|()| survive::rejoin(w, &old));
    match taken {
        Ok(open) => {
            let finished = server.known.away.lock().finish(&old);
            if matches!(finished, Some((_, true))) {
                // Somebody needed it just now.
                crate::open::close_open(server, w.session()?, &open);
                return Err(unknown);
            }
            Ok(open)
        }
        Err(e) => {
            let doomed = server.known.away.lock().release(&old);
            if let Some(doomed) = doomed {
                end(server, &doomed);
            }
            Err(e)
        }
    }
}

/// [MS-SMB2] 3.3.5.9.7, 3.3.5.9.12.
fn check<H: Host>(
    w: &Work<H>,
    old: &Open<H>,
    what: &Reconnect,
    lease: Option<&Lease>,
    path: &RelPath,
) -> SmbResult {
    let unknown = Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    let disk = old.disk()?;
    let tree = w.tree()?;
    let client = w.negotiated()?.client_guid;
    let durability = old.durability.lock().clone();
    let Some(durability) = durability else {
        return unknown;
    };
    // A client may take up by version 1 what it got by version 2.
    if what
        .create_guid
        .is_some_and(|guid| guid != durability.create_guid)
        || tree.disk()?.root_key != old.tree().disk()?.root_key
        || *tree.share != *old.tree().share
    {
        return unknown;
    }
    // An oplock may be taken up by the user from another client, a lease not.
    match (&disk.lease, lease) {
        (None, None) => {}
        (Some(own), Some(lease)) if own.key == lease.lease_key && own.client == client => {}
        _ => return unknown,
    }
    if !durability.owner.is(&w.auth()?.user) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    // What a share grants may have become less meanwhile.
    if old.granted().bits() & !tree.maximal_access != 0 {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    if disk.lease.is_some() && !is_same_path(&disk.path()?, path) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    Ok(())
}

fn is_same_path(a: &RelPath, b: &RelPath) -> bool {
    let text = |p| core::str::from_utf8(p).unwrap_or("");
    a.as_bytes() == b.as_bytes() || utf16::eq_ignore_case(text(a.as_bytes()), text(b.as_bytes()))
}

/// Ends an open that waits and has lost what it waits for. The rest of [`deliver`] is the caller's.
pub(crate) fn purge<H: Host>(server: &Arc<Server<H>>, id: u64) {
    let open = server.known.away.lock().take(id);
    if let Some(open) = open {
        end_and(server, &open, deliver_only);
    }
}

/// Notes which open a CREATE led to, should it be sent again.
pub(crate) fn remember<H: Host>(w: &Work<H>, open: &Arc<Open<H>>, action: CreateAction) {
    let Some(key) = w.creating.take() else { return };
    open.once.lock().create = Some(key);
    w.server().known.replays.lock().opened(&key, open, action);
    // Its end first marks it and then forgets the CREATE: one of the two sees the other.
    if open.disk().map_or(true, |d| d.ended.load(Relaxed)) {
        forget(w.server(), open);
    }
}

/// As [`remember`], for a CREATE that took its own open up again: it may have to be sent once more.
pub(crate) fn again<H: Host>(
    w: &Work<H>,
    key: &replay::Key,
    open: &Arc<Open<H>>,
    action: CreateAction,
) {
    // Without memory it is not remembered, and whoever was faster has the entry.
    let begun = w.server().known.replays.lock().begin(key);
    if matches!(begun, Ok(replay::Begun::New)) {
        w.creating.set(Some(*key));
        remember(w, open, action);
    }
}

/// The CREATE of an open will not be sent again, or the open ends.
pub(crate) fn forget<H: Host>(server: &Server<H>, open: &Open<H>) {
    let key = open.once.lock().create.take();
    let Some(key) = key else { return };
    let gone = server.known.replays.lock().forget(&key);
    drop(gone);
}

/// An open ends: nothing that is sent again leads to it any more.
pub(crate) fn ended<H: Host>(server: &Server<H>, open: &Open<H>) {
    forget(server, open);
    instance::forget(server, open);
}

/// Ends the opens whose time is up, or all of them.
pub(crate) fn scavenge<H: Host>(server: &Arc<Server<H>>, now: Option<Monotonic>) {
    end_which(server, |_, deadline| now.is_none_or(|now| deadline <= now));
}

/// Ends the opens of an account that is gone.
pub(crate) fn forget_account<H: Host>(server: &Arc<Server<H>>, account: &[u8]) {
    end_which(server, |open, _| {
        let durability = open.durability.lock();
        durability
            .as_ref()
            .is_some_and(|d| d.is_of_account(account))
    });
}

/// Ends the opens of a share whose rules changed.
pub(crate) fn forget_share<H: Host>(server: &Arc<Server<H>>, share: &[u8]) {
    end_which(server, |open, _| {
        open.tree().share.eq_ignore_ascii_case(share)
    });
}

fn end_which<H: Host>(server: &Arc<Server<H>>, which: impl Fn(&Open<H>, Monotonic) -> bool) {
    loop {
        let next = server.known.away.lock().take_which(&which);
        let Some(open) = next else { return };
        end(server, &open);
    }
}
