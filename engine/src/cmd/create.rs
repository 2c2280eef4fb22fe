// SPDX-License-Identifier: GPL-2.0-or-later
//! CREATE ([MS-SMB2] 3.3.5.9): the checks of the request, the contexts, the reply. What opening means is in
//! [`crate::open::opening`].
//!
//! An open that has to wait for an oplock or lease of somebody else to break is tried again from its beginning when
//! that is over. Which opens are durable, and which CREATE was done before, is [`crate::durable`]'s to say.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::security_descriptor::AclField;
use proto_shared::dtyp::{FileTime, Guid, SecurityDescriptor};
use proto_shared::fscc::flags::{
    CreateAction, CreateDisposition, CreateOptions, FileAttributes, ShareAccess,
};
use proto_shared::fscc::set::EaList;
use proto_shared::ipc::{FileAction, TreeFlags};
use proto_shared::smb2::apple::AppleServerQuery;
use proto_shared::smb2::create::{CreateResponseFlags, ImpersonationLevel};
use proto_shared::smb2::create_context::{
    name, AppInstanceVersion, CreateContext, CreateContexts, DurableFlags, DurableRequestV2,
    DurableResponseV2, Lease, LeaseFlags, LeaseV2, MaximalAccess, OnDiskId,
};
use proto_shared::smb2::error::{ErrorData, SymlinkError, SymlinkFlags};
use proto_shared::smb2::{
    Capabilities, CreateRequest, CreateResponse, Dialect, ErrorResponse, HeaderFlags, LeaseKey,
    LeaseState, OplockLevel,
};
use proto_shared::status::NtStatus;

use crate::apple;
use crate::audit;
use crate::caching::state::state_of;
use crate::caching::{level_of, park, After, Ask, Blocked, LeaseId, Pending, ShownLease};
use crate::conn::Negotiated;
use crate::durable;
use crate::durable::replay::{Begun, Key};
use crate::error::{SmbError, SmbResult};
use crate::host::Host;
use crate::info::posix;
use crate::name::RelPath;
use crate::open::opening::{open_file, Attempt, Opened, Opening};
use crate::open::{close_open, lookup, rights, survive, Open};
use crate::snapshot;
use crate::stream::StreamName;
use crate::tree::ShareType;
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// Room for the reply's body with all contexts that are answered.
const REPLY: usize = 640;
/// How often a break may be over before it could be waited for.
const ATTEMPTS: u32 = 16;
/// Options that no server does over SMB2 ([MS-SMB2] 2.2.13).
const NOT_SUPPORTED: CreateOptions = CreateOptions(
    CreateOptions::CREATE_TREE_CONNECTION.0
        | CreateOptions::OPEN_BY_FILE_ID.0
        | CreateOptions::RESERVE_OPFILTER.0,
);
/// Bits that are no options.
const INVALID_OPTIONS: CreateOptions = CreateOptions(0xFF00_0000);

/// What the contexts ask for.
#[derive(Default)]
struct Wanted<'a> {
    maximal_access: Option<Option<FileTime>>,
    on_disk_id: bool,
    allocation: Option<u64>,
    eas: Option<EaList<'a>>,
    security: Option<SecurityDescriptor<'a>>,
    lease: Option<Lease>,
    durable: Option<durable::Ask>,
    reconnect: Option<durable::Reconnect>,
    app_instance: Option<Guid>,
    app_version: Option<AppInstanceVersion>,
    /// Permission bits of the SMB3 POSIX extensions.
    posix: Option<u32>,
    /// What was at this time.
    snapshot: Option<FileTime>,
    /// The question of a client of Apple's.
    apple: Option<AppleServerQuery>,
}

/// What the reply tells beside what the open shows.
#[derive(Default)]
struct Told {
    /// The handle is durable, for so many milliseconds.
    durable: Option<(durable::Ask, u32)>,
    /// The oplock, where it is not the open's.
    level: Option<OplockLevel>,
}

impl<'a> Wanted<'a> {
    fn read(contexts: &CreateContexts<'a>, n: &Negotiated) -> SmbResult<Self> {
        let mut out = Self::default();
        let smb3 = n.is_smb3();
        durable::check_contexts(contexts, smb3)?;
        for raw in contexts.iter() {
            match CreateContext::parse(raw)? {
                CreateContext::MaximalAccess(time) => out.maximal_access = Some(time),
                CreateContext::QueryOnDiskId => out.on_disk_id = true,
                CreateContext::AllocationSize(size) => out.allocation = Some(size),
                CreateContext::EaBuffer(list) => out.eas = Some(EaList::parse(list)?),
                CreateContext::SdBuffer(bytes) => out.security = says_something(bytes)?,
                CreateContext::Lease(lease) => out.lease = Some(lease),
                CreateContext::DurableRequest => out.durable = Some(durable::Ask::V1),
                CreateContext::DurableReconnect(id) => out.reconnect = Some(id.into()),
                CreateContext::DurableRequestV2(r) if smb3 => {
                    out.durable = Some(durable::Ask::V2(r));
                }
                CreateContext::DurableReconnectV2(c) if smb3 => out.reconnect = Some(c.into()),
                CreateContext::AppInstanceId(id) if smb3 => out.app_instance = Some(id),
                CreateContext::AppInstanceVersion(v) => out.app_version = Some(v),
                CreateContext::Posix { mode } if n.posix => out.posix = Some(mode),
                CreateContext::Timewarp(time) => out.snapshot = Some(time),
                CreateContext::AppleServerQuery(query) => out.apple = Some(query),
                _ => {}
            }
        }
        Ok(out)
    }

    /// The application instance, which only handles of version 2 can be of.
    fn instance(&self, n: &Negotiated) -> Option<durable::Instance> {
        match (self.durable, self.app_instance) {
            (Some(durable::Ask::V2(_)), Some(id)) => Some(durable::Instance {
                id,
                version: self
                    .app_version
                    .filter(|_| n.dialect == Dialect::SMB3_1_1.0),
            }),
            _ => None,
        }
    }
}

/// A security descriptor, if it has anything in it that would have to be stored.
fn says_something(bytes: &[u8]) -> SmbResult<Option<SecurityDescriptor<'_>>> {
    let sd = SecurityDescriptor::parse(bytes)?;
    let absent = sd.dacl == AclField::Absent && sd.sacl == AclField::Absent;
    let says = !absent || sd.owner.is_some() || sd.group.is_some();
    Ok(says.then_some(sd))
}

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    run(w, false, out)
}

/// A break is over, or the connection, but not the session: all is tried again.
#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let event = match event {
        Event::Closed if w.goes_adrift() => Event::Ready,
        event => event,
    };
    p.settle(&event)?;
    run(w, true, out)
}

/// What the client wants to cache ([MS-SMB2] 3.3.5.9, 3.3.5.9.8, 3.3.5.9.11).
#[inline(never)]
fn ask<H: Host>(w: &Work<H>, req: &CreateRequest<'_>, lease: Option<&Lease>) -> SmbResult<Ask> {
    if !w.tree()?.has(TreeFlags::OPLOCKS) {
        return Ok(Ask::Nothing);
    }
    let n = w.negotiated()?;
    match (req.oplock_level, lease) {
        (OplockLevel::LEASE, Some(lease)) => {
            let capable = n.capabilities & Capabilities::LEASING.0 != 0;
            if !capable || (lease.v2.is_some() && !n.is_smb3()) {
                return Ok(Ask::Nothing);
            }
            Ok(Ask::Lease {
                id: LeaseId {
                    client: n.client_guid,
                    key: lease.lease_key,
                },
                state: lease.lease_state,
                epoch: lease.v2.map(|v2| v2.epoch),
            })
        }
        (level @ (OplockLevel::II | OplockLevel::EXCLUSIVE | OplockLevel::BATCH), _) => {
            Ok(Ask::Oplock(state_of(level)?))
        }
        _ => Ok(Ask::Nothing),
    }
}

/// The lease on the directory that the client says knows of what it does ([MS-SMB2] 3.3.5.9.11).
fn parent(req: &CreateRequest<'_>, lease: Option<&Lease>) -> Option<LeaseKey> {
    let lease = lease.filter(|l| l.flags.contains(LeaseFlags::PARENT_LEASE_KEY_SET))?;
    let leased = req.oplock_level == OplockLevel::LEASE;
    lease.v2.filter(|_| leased).map(|v2| v2.parent_lease_key)
}

fn run<H: Host>(w: &Work<H>, mut retry: bool, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = CreateRequest::parse(w.msg())?;
    let impersonation = || {
        if req.impersonation_level.0 > ImpersonationLevel::DELEGATE.0 {
            return Err(SmbError::from(NtStatus::BAD_IMPERSONATION_LEVEL));
        }
        Ok(())
    };
    let tree = w.tree()?;
    if tree.share_type == ShareType::Pipe {
        impersonation()?;
        return crate::cmd::pipe::create(w, &req, out);
    }
    let wanted = Wanted::read(&req.contexts, w.negotiated()?)?;
    if let Some(reconnect) = &wanted.reconnect {
        // Of the rest of the request only name and lease count.
        return take_up(w, &req, &wanted, reconnect, out);
    }
    if let (false, Some(durable::Ask::V2(ask))) = (retry, wanted.durable) {
        if replayed(w, &req, &wanted, &ask, out)? {
            return Ok(Outcome::Done);
        }
    }
    let (path, stream) = path(w, &req, wanted.posix.is_some())?;
    impersonation()?;
    check(&req, stream.is_some())?;
    // Only what is no directory has an unnamed stream.
    let options = match stream {
        Some(None) => req.create_options | CreateOptions::NON_DIRECTORY_FILE,
        _ => req.create_options,
    };
    let (path, in_snapshot) = in_snapshot(w, &wanted, path)?;
    let mut disposition = req.create_disposition;
    if in_snapshot {
        disposition = of_snapshot(disposition, options)?;
    }
    if let Some(instance) = wanted.instance(w.negotiated()?) {
        durable::instance::take_over(w, &instance, &path)?;
    }
    let mut want = Opening {
        path,
        stream: stream.flatten(),
        desired: req
            .desired_access
            .expand_generic()
            .without(AccessMask::MAXIMUM_ALLOWED),
        maximum: req.desired_access.contains(AccessMask::MAXIMUM_ALLOWED),
        attributes: req.file_attributes,
        share_access: req.share_access,
        disposition,
        options,
        snapshot: in_snapshot,
        allocation: wanted.allocation,
        eas: wanted.eas,
        security: wanted.security,
        ask: ask(w, &req, wanted.lease.as_ref())?,
        dir_leases: w.negotiated()?.capabilities & Capabilities::DIRECTORY_LEASING.0 != 0,
        parent: parent(&req, wanted.lease.as_ref()),
        posix: wanted.posix,
        retry,
    };
    for _ in 0..ATTEMPTS {
        want.retry = retry;
        match attempt(w, &wanted, &want, out)? {
            None => return Ok(Outcome::Done),
            Some(blocked) => {
                if let Some(parked) = park(w, blocked, 0, 0, Resume::Create)? {
                    return Ok(parked);
                }
            }
        }
        retry = true;
    }
    Err(NtStatus::SHARING_VIOLATION.into())
}

/// The path in the share of what a request names, and whether that is in a snapshot: the time is in a context, or, from
/// older clients, in the path.
#[inline(never)]
fn in_snapshot<H: Host>(
    w: &Work<H>,
    wanted: &Wanted<'_>,
    path: RelPath,
) -> SmbResult<(RelPath, bool)> {
    let share = w.tree()?.disk()?;
    let (path, mut time) = snapshot::of_path(share, path)?;
    if let Some(asked) = wanted.snapshot {
        time = Some(asked.to_unix().0);
    }
    match time {
        Some(time) => Ok((snapshot::within(w.fs(), share, time, &path)?, true)),
        None => Ok((path, false)),
    }
}

/// How something in a snapshot is opened: nothing comes, goes or is emptied there.
fn of_snapshot(
    disposition: CreateDisposition,
    options: CreateOptions,
) -> SmbResult<CreateDisposition> {
    let opens = matches!(
        disposition,
        CreateDisposition::OPEN | CreateDisposition::OPEN_IF
    );
    if !opens || options.contains(CreateOptions::DELETE_ON_CLOSE) {
        return Err(NtStatus::MEDIA_WRITE_PROTECTED.into());
    }
    Ok(CreateDisposition::OPEN)
}

/// Opens the file and makes the reply, or says which break has to be waited for.
#[inline(never)]
fn attempt<H: Host>(
    w: &Work<H>,
    wanted: &Wanted<'_>,
    want: &Opening<'_>,
    out: &mut Reply<H>,
) -> SmbResult<Option<Blocked<H>>> {
    let opened = match open_file(w.server(), w.session()?, w.tree()?, want) {
        Ok(Attempt::Opened(opened)) => opened,
        Ok(Attempt::Blocked(blocked)) => return Ok(Some(blocked)),
        Err(e) if e.status == NtStatus::STOPPED_ON_SYMLINK => {
            stopped(w, want, out)?;
            return Ok(None);
        }
        Err(e) => {
            let creates = want.disposition != CreateDisposition::OPEN;
            audit::refused(
                w.server(),
                w.tree()?,
                want.path.as_bytes(),
                creates,
                e.status,
            );
            return Err(e);
        }
    };
    let granted = match wanted.durable {
        Some(ask) => {
            let instance = wanted.instance(w.negotiated()?);
            durable::grant(w, &opened.open, ask, instance)
        }
        None => Ok(None),
    };
    let told = granted.map(|durable| Told {
        durable,
        level: None,
    });
    if let Err(e) = told.and_then(|told| reply(w, wanted, &opened, &told, out)) {
        // The client will not learn of the handle.
        if opened.action == CreateAction::CREATED {
            opened.open.undo_creation();
        }
        close_open(w.server(), w.session()?, &opened.open);
        return Err(e);
    }
    durable::remember(w, &opened.open, opened.action);
    told_of(w, want, opened.action)?;
    out.after = Some(After::Opened(opened.open));
    Ok(None)
}

/// Tells the daemon of an open, where it wants to know.
fn told_of<H: Host>(w: &Work<H>, want: &Opening<'_>, action: CreateAction) -> SmbResult {
    let action = if action == CreateAction::OPENED {
        FileAction::OPENED
    } else {
        FileAction::CREATED
    };
    let names: (&[u8], &[u8]) = (want.path.as_bytes(), &[]);
    audit::note(w.server(), w.tree()?, action, names, NtStatus::SUCCESS);
    Ok(())
}

/// Answers a CREATE that was done before, if this is one ([MS-SMB2] 3.3.5.9.10).
///
/// # Errors
/// `FILE_NOT_AVAILABLE` while it is still being worked on, `DUPLICATE_OBJECTID` if it is not one that is sent again,
/// `ACCESS_DENIED` if it differs.
#[inline(never)]
fn replayed<H: Host>(
    w: &Work<H>,
    req: &CreateRequest<'_>,
    wanted: &Wanted<'_>,
    ask: &DurableRequestV2,
    out: &mut Reply<H>,
) -> SmbResult<bool> {
    let client = w.negotiated()?.client_guid;
    let Some(key) = Key::new(client, ask.create_guid) else {
        return Ok(false);
    };
    let begun = w.server().known.replays.lock().begin(&key)?;
    let (open, action) = match begun {
        Begun::New => {
            w.creating.set(Some(key));
            return Ok(false);
        }
        Begun::Done(open, action) => (open, action),
    };
    let duplicate = SmbError::from(NtStatus::DUPLICATE_OBJECTID);
    if !w.header.flags.contains(HeaderFlags::REPLAY_OPERATION) {
        return Err(duplicate);
    }
    let current = w.session()?.open(open.id().volatile);
    if !current.is_some_and(|o| Arc::ptr_eq(&o, &open)) {
        // The open has no session if it waits for its client; then this takes it up.
        let back = durable::Reconnect::of(ask, open.id());
        let open = match durable::reconnect(
            w,
            &back,
            wanted.lease.as_ref(),
            &file_path(w, req, wanted)?,
        ) {
            Err(e) if e.status == NtStatus::OBJECT_NAME_NOT_FOUND => return Err(duplicate),
            result => result?,
        };
        durable::again(w, &key, &open, action);
        let timeout = open.durability.lock().as_ref().map(|d| d.timeout_ms());
        let told = Told {
            durable: timeout.map(|timeout| (durable::Ask::V2(*ask), timeout)),
            level: None,
        };
        taken_up(w, wanted, open, action, &told, out)?;
        return Ok(true);
    }
    let lease = match (&open.disk()?.lease, wanted.lease) {
        (None, None) => false,
        (Some(own), Some(lease)) if own.key == lease.lease_key => true,
        _ => return Err(NtStatus::ACCESS_DENIED.into()),
    };
    // The oplock that is told is the one that is asked for; what the open has does not change.
    let durable = open.durability.lock().as_ref().map(|d| d.timeout_ms());
    let durable = durable.filter(|_| lease || req.oplock_level == OplockLevel::BATCH);
    let told = Told {
        durable: durable.map(|timeout| (durable::Ask::V2(*ask), timeout)),
        level: (!lease).then_some(req.oplock_level),
    };
    let meta = open.attributes_for_reply()?.meta(w.fs())?;
    let opened = Opened { open, action, meta };
    reply(w, wanted, &opened, &told, out)?;
    Ok(true)
}

/// Takes up a handle that survived its connection.
#[inline(never)]
fn take_up<H: Host>(
    w: &Work<H>,
    req: &CreateRequest<'_>,
    wanted: &Wanted<'_>,
    reconnect: &durable::Reconnect,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let open = durable::reconnect(
        w,
        reconnect,
        wanted.lease.as_ref(),
        &file_path(w, req, wanted)?,
    )?;
    taken_up(w, wanted, open, CreateAction::OPENED, &Told::default(), out)?;
    Ok(Outcome::Done)
}

/// Tells the client that it has its handle again.
#[inline(never)]
fn taken_up<H: Host>(
    w: &Work<H>,
    wanted: &Wanted<'_>,
    open: Arc<Open<H>>,
    action: CreateAction,
    told: &Told,
    out: &mut Reply<H>,
) -> SmbResult {
    let result = open
        .attributes_for_reply()
        .and_then(|a| a.meta(w.fs()))
        .and_then(|meta| {
            let opened = Opened {
                open: open.clone(),
                action,
                meta,
            };
            reply(w, wanted, &opened, told, out)
        });
    if let Err(e) = result {
        // The client does not learn of it, and may come again.
        survive::leave(w.server(), w.session()?, &open);
        return Err(e);
    }
    out.after = Some(After::Opened(open));
    Ok(())
}

/// [MS-SMB2] 3.3.5.9 and phase 1 of [MS-FSA] 2.1.5.1.
fn check(req: &CreateRequest<'_>, of_stream: bool) -> SmbResult {
    let invalid = Err(NtStatus::INVALID_PARAMETER.into());
    let not_supported = Err(NtStatus::NOT_SUPPORTED.into());
    let (access, options, disposition) = (
        req.desired_access,
        req.create_options,
        req.create_disposition,
    );
    if !AccessMask::VALID.contains(access) || access.is_empty() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    // No specification says which of several faults is told; this is Samba's order.
    if options.contains(CreateOptions::OPEN_BY_FILE_ID) {
        return not_supported;
    }
    if options.intersects(INVALID_OPTIONS) {
        return invalid;
    }
    if options.intersects(NOT_SUPPORTED) {
        return not_supported;
    }
    if access.contains(AccessMask::ACCESS_SYSTEM_SECURITY) {
        return Err(NtStatus::PRIVILEGE_NOT_HELD.into());
    }
    // It has to be asked for by its name: what is allowed at most or generically does not count.
    if options.contains(CreateOptions::DELETE_ON_CLOSE) && !access.contains(AccessMask::DELETE) {
        return invalid;
    }
    let directory = options.contains(CreateOptions::DIRECTORY_FILE);
    if of_stream && directory {
        return Err(NtStatus::NOT_A_DIRECTORY.into());
    }
    let fits = matches!(
        disposition,
        CreateDisposition::CREATE | CreateDisposition::OPEN | CreateDisposition::OPEN_IF
    );
    if disposition.0 > CreateDisposition::OVERWRITE_IF.0
        || !ShareAccess::ALL.contains(req.share_access)
        || !FileAttributes::VALID.contains(req.file_attributes)
        || directory && (options.contains(CreateOptions::NON_DIRECTORY_FILE) || !fits)
    {
        return invalid;
    }
    Ok(())
}

/// What a request names: a path, and the stream (`Some(None)` is the unnamed one) if it says one.
type Named = (RelPath, Option<Option<StreamName>>);

/// What the request names.
#[inline(never)]
fn path<H: Host>(w: &Work<H>, req: &CreateRequest<'_>, posix: bool) -> SmbResult<Named> {
    if posix {
        return Ok((RelPath::from_posix(req.name)?, None));
    }
    let (path, stream) = RelPath::from_wire(req.name)?;
    let Some(stream) = stream else {
        return Ok((path, None));
    };
    let stream = StreamName::parse(&stream)?;
    if stream.is_some() && !w.tree()?.has(TreeFlags::STREAMS) || stream.is_none() && path.is_root()
    {
        return Err(NtStatus::OBJECT_NAME_INVALID.into());
    }
    Ok((path, Some(stream)))
}

/// The path of a handle that is taken up: streams have none that survive.
fn file_path<H: Host>(
    w: &Work<H>,
    req: &CreateRequest<'_>,
    wanted: &Wanted<'_>,
) -> SmbResult<RelPath> {
    match path(w, req, wanted.posix.is_some())? {
        (path, None | Some(None)) => Ok(path),
        (_, Some(Some(_))) => Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
    }
}

#[inline(never)]
fn reply<H: Host>(
    w: &Work<H>,
    wanted: &Wanted<'_>,
    opened: &Opened<H>,
    told: &Told,
    out: &mut Reply<H>,
) -> SmbResult {
    let Opened { open, action, meta } = opened;
    let maximal_access = match wanted.maximal_access {
        None => None,
        // [MS-SMB2] 3.3.5.9.5: unchanged since the client looked last.
        Some(Some(time)) if time.is_time() && time == meta.changed => Some(MaximalAccess {
            query_status: NtStatus::NONE_MAPPED,
            maximal_access: AccessMask::NONE,
        }),
        Some(_) => {
            let disk = open.disk()?;
            let all = AccessMask::FILE_ALL_ACCESS;
            let allowed = rights::allowed(
                w.fs(),
                open.tree(),
                disk.node(),
                &meta.attr,
                &disk.path()?,
                all,
            );
            Some(match allowed {
                // What the attributes forbid is no matter of access rights.
                Ok(maximal_access) => MaximalAccess {
                    query_status: NtStatus::SUCCESS,
                    maximal_access,
                },
                Err(e) => MaximalAccess {
                    query_status: e.status,
                    maximal_access: AccessMask::NONE,
                },
            })
        }
    };
    let mut flags = CreateResponseFlags::NONE;
    if meta.attributes.contains(FileAttributes::REPARSE_POINT) {
        flags |= CreateResponseFlags::REPARSE_POINT;
    }
    let shown = open
        .disk()?
        .inode()
        .caching(|c| c.shown(open.id().persistent));
    let lease = shown.and_then(|s| s.lease.map(|l| granted_lease(wanted, s.state, &l)));
    let oplock_level = match (&lease, shown) {
        (Some(_), _) => OplockLevel::LEASE,
        (None, _) if told.level.is_some() => told.level.unwrap_or(OplockLevel::NONE),
        (None, Some(s)) => level_of(s.state),
        (None, None) => OplockLevel::NONE,
    };
    let response = CreateResponse {
        oplock_level,
        flags,
        create_action: *action,
        creation_time: meta.created,
        last_access_time: meta.accessed,
        last_write_time: meta.written,
        change_time: meta.changed,
        allocation_size: meta.allocation_size(),
        end_of_file: meta.end_of_file(),
        file_attributes: meta.attributes,
        file_id: open.id(),
        contexts: CreateContexts::EMPTY,
    };
    let apple = match &wanted.apple {
        Some(query) if apple::has(open.tree()) => Some(apple::answer(open.tree(), query)?),
        _ => None,
    };
    out.write(REPLY, |b| {
        response.write_with(b, |contexts| {
            if let Some(answer) = &maximal_access {
                contexts.add(name::MAXIMAL_ACCESS, |b| answer.write(b))?;
            }
            if wanted.on_disk_id {
                let id = OnDiskId {
                    disk_file_id: apple::file_id(open.tree(), &meta.attr),
                    volume_id: meta.attr.dev,
                };
                contexts.add(name::QUERY_ON_DISK_ID, |b| id.write(b))?;
            }
            if let Some(lease) = &lease {
                contexts.add(name::LEASE, |b| lease.write(b))?;
            }
            match told.durable {
                Some((durable::Ask::V1, _)) => {
                    contexts.add(name::DURABLE_REQUEST, |b| b.u64(0))?;
                }
                Some((durable::Ask::V2(_), timeout)) => {
                    let grant = DurableResponseV2 {
                        timeout,
                        flags: DurableFlags::NONE,
                    };
                    contexts.add(name::DURABLE_REQUEST_V2, |b| grant.write(b))?;
                }
                None => {}
            }
            if wanted.posix.is_some() {
                contexts.add(name::POSIX, |b| posix::response(meta).write(b))?;
            }
            if let Some(apple) = &apple {
                contexts.add(name::APPLE, |b| apple.write(b))?;
            }
            Ok(())
        })
    })?;
    out.set_file_id(open.id());
    Ok(())
}

/// The lease as the reply tells it ([MS-SMB2] 2.2.14.2.10, 2.2.14.2.11): in the version that the lease has, which need
/// not be that of the request.
fn granted_lease(wanted: &Wanted<'_>, state: LeaseState, shown: &ShownLease) -> Lease {
    let mut flags = LeaseFlags::NONE;
    if shown.breaking {
        flags |= LeaseFlags::BREAK_IN_PROGRESS;
    }
    let parent = wanted
        .lease
        .filter(|l| l.flags.contains(LeaseFlags::PARENT_LEASE_KEY_SET))
        .and_then(|l| l.v2)
        .map(|v2| v2.parent_lease_key);
    if shown.epoch.is_some() && parent.is_some() {
        flags |= LeaseFlags::PARENT_LEASE_KEY_SET;
    }
    let v2 = shown.epoch.map(|epoch| LeaseV2 {
        parent_lease_key: parent.unwrap_or_default(),
        epoch,
    });
    Lease {
        lease_key: shown.key,
        lease_state: state,
        flags,
        v2,
    }
}

/// Longest target of a symbolic link that is told, in bytes.
const MAX_TARGET: usize = 4095;

/// A link that the server does not follow is told to the client, which may ([MS-SMB2] 2.2.2.2.1).
#[inline(never)]
fn stopped<H: Host>(w: &Work<H>, want: &Opening<'_>, out: &mut Reply<H>) -> SmbResult {
    let tree = w.tree()?;
    let link = lookup::find_link(w.fs(), tree, &want.path, MAX_TARGET)?;
    let target = core::str::from_utf8(&link.target).map_err(|_| NtStatus::OBJECT_NAME_INVALID)?;
    let mut units = KVec::new();
    for unit in target.encode_utf16() {
        let unit = if unit == u16::from(b'/') && want.posix.is_none() {
            u16::from(b'\\')
        } else {
            unit
        };
        units.extend_from_slice(&unit.to_le_bytes(), GFP_KERNEL)?;
    }
    let shown = proto_shared::dtyp::Utf16::new(&units)?;
    let flags = if target.starts_with('/') {
        SymlinkFlags::NONE
    } else {
        SymlinkFlags::RELATIVE
    };
    let data = SymlinkError {
        unparsed_path_length: u16::try_from(link.unparsed)
            .map_err(|_| NtStatus::OBJECT_NAME_INVALID)?,
        flags,
        substitute_name: shown,
        print_name: shown,
    };
    let in_context = Dialect(w.negotiated()?.dialect) == Dialect::SMB3_1_1;
    let room = units.len().saturating_mul(2).saturating_add(REPLY);
    out.write(room, |b| {
        ErrorResponse {
            data: ErrorData::Symlink(data),
            in_context,
        }
        .write(b)
    })?;
    out.status = NtStatus::STOPPED_ON_SYMLINK;
    Ok(())
}
