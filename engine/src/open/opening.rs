// SPDX-License-Identifier: GPL-2.0-or-later
//! Opening and making files: the operation behind CREATE, without a wire ([MS-FSA] 2.1.5.1).
//!
//! What exists and what does not may change at any moment, by other clients and by local processes. So an
//! attempt that finds the world changed under it starts again, a bounded number of times. Share modes are checked
//! and entered in one step ([`Inode::enter`](super::Inode)); everything that the host is asked for afterwards
//! (opening, truncating, storing attributes) is done as an open that others see already.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{FileTime, SecurityDescriptor};
use proto_shared::fscc::flags::{
    CreateAction, CreateDisposition, CreateOptions, FileAttributes, ShareAccess,
};
use proto_shared::fscc::set::EaList;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::{CompletionFilter, NotifyAction};
use proto_shared::smb2::{LeaseKey, LeaseState};
use proto_shared::status::NtStatus;

use crate::caching::{deliver, dirs, guard, Arrival, Ask, Blocked, LeaseId};
use crate::error::{SmbError, SmbResult};
use crate::host::{Allocate, Attr, FileKind, Fs, Host, NewKind, OpenFlags, SetAttr};
use crate::name::{Name, RelPath};
use crate::notify;
use crate::open::attributes::{file_time, Meta};
use crate::open::data_file::DataFile;
use crate::open::dos_attrib::{self, DosAttrib, STORED};
use crate::open::inode::{Entered, Entering, InodePin, Link};
use crate::open::lookup::{self, Found, Target};
use crate::open::{abandon, add_disk, ea, Disk, FileKey, InodeTable, NewOpen, Open};
use crate::security;
use crate::server::Server;
use crate::session::Session;
use crate::stream::{self, StreamName};
use crate::tree::{DiskShare, Tree};

/// Attributes that a CREATE may give; being sparse is FSCTL_SET_SPARSE's.
const SETTABLE: FileAttributes = FileAttributes(STORED.0 & !FileAttributes::SPARSE_FILE.0);

/// How often an attempt may find the world changed under it.
const ATTEMPTS: u32 = 16;

/// The mode of a client of the POSIX extensions that leaves it to the server: all bits, of 16 with Linux.
const NO_MODE: u32 = 0xFFFF;

/// What overwriting a file changes.
const OVERWRITTEN: CompletionFilter = CompletionFilter(
    CompletionFilter::ATTRIBUTES.0 | CompletionFilter::SIZE.0 | CompletionFilter::LAST_WRITE.0,
);

/// Rights that a read-only attribute takes from a file ([MS-FSA] 2.1.5.1.2.1).
pub(crate) const NOT_READ_ONLY: AccessMask =
    AccessMask(AccessMask::WRITE_DATA.0 | AccessMask::APPEND_DATA.0);

/// What is to be opened, and how. The handler has checked every value against the protocol's rules.
pub(crate) struct Opening<'a> {
    /// Where.
    pub(crate) path: RelPath,
    /// Which of its named streams; `None` for the file itself.
    pub(crate) stream: Option<StreamName>,
    /// Rights asked for; generic rights expanded, `MAXIMUM_ALLOWED` taken out.
    pub(crate) desired: AccessMask,
    /// Whether whatever is allowed is asked for.
    pub(crate) maximum: bool,
    /// Attributes of a file that is made or overwritten.
    pub(crate) attributes: FileAttributes,
    /// What others may do.
    pub(crate) share_access: ShareAccess,
    /// What to do if it exists or not.
    pub(crate) disposition: CreateDisposition,
    /// Options.
    pub(crate) options: CreateOptions,
    /// It is in a snapshot, and cannot be changed.
    pub(crate) snapshot: bool,
    /// Bytes to reserve for a file that is made or overwritten.
    pub(crate) allocation: Option<u64>,
    /// Extended attributes of a file that is made or overwritten.
    pub(crate) eas: Option<EaList<'a>>,
    /// The security descriptor of a file that is made.
    pub(crate) security: Option<SecurityDescriptor<'a>>,
    /// Oplock or lease that is asked for.
    pub(crate) ask: Ask,
    /// Whether a lease may be had on a directory.
    pub(crate) dir_leases: bool,
    /// The lease on the directory that knows of this.
    pub(crate) parent: Option<LeaseKey>,
    /// It is an open of the SMB3 POSIX extensions: the permission bits that a file gets which it makes.
    pub(crate) posix: Option<u32>,
    /// It has waited for a break before.
    pub(crate) retry: bool,
}

/// What came of it.
pub(crate) struct Opened<H: Host> {
    pub(crate) open: Arc<Open<H>>,
    pub(crate) action: CreateAction,
    pub(crate) meta: Meta,
}

/// An open that is in its inode: its number, its link, the lease that it claims.
pub(super) type In = (u64, Arc<Link>, Option<LeaseId>);

/// What became of entering the inode.
pub(super) enum Way<H: Host> {
    In(In),
    Blocked(Blocked<H>),
}

/// How an attempt ended.
pub(crate) enum Attempt<H: Host> {
    /// The file is open.
    Opened(Opened<H>),
    /// A break has to be waited for.
    Blocked(Blocked<H>),
}

/// What everything here needs.
pub(super) struct Ctx<'a, H: Host> {
    pub(super) server: &'a Arc<Server<H>>,
    pub(super) session: &'a Arc<Session<H>>,
    pub(super) tree: &'a Arc<Tree<H>>,
    pub(super) share: &'a DiskShare<H>,
    pub(super) fs: &'a H::Fs,
    pub(super) want: &'a Opening<'a>,
}

/// Opens or makes a file.
///
/// # Errors
/// Those of [MS-FSA] 2.1.5.1, and the host's.
pub(crate) fn open_file<H: Host>(
    server: &Arc<Server<H>>,
    session: &Arc<Session<H>>,
    tree: &Arc<Tree<H>>,
    want: &Opening<'_>,
) -> SmbResult<Attempt<H>> {
    let ctx = Ctx {
        server,
        session,
        tree,
        share: tree.disk()?,
        fs: server.host().fs(),
        want,
    };
    // Made only for the stream that is asked for.
    let mut file = None;
    let result = ctx.attempts(&mut file);
    if let Some(file) = &file {
        ctx.file_made(file, matches!(result, Ok(Attempt::Opened(_))));
    }
    result
}

impl<H: Host> Ctx<'_, H> {
    fn attempts(&self, file: &mut Option<Arc<Open<H>>>) -> SmbResult<Attempt<H>> {
        let want = self.want;
        let open_link = want.options.contains(CreateOptions::OPEN_REPARSE_POINT);
        for _ in 0..ATTEMPTS {
            let target = lookup::resolve(
                self.server,
                self.tree,
                &want.path,
                open_link,
                want.posix.is_some(),
            )?;
            let opened = match (target, &want.stream) {
                (Target::Exists(found), None) => self.existing(found)?,
                (Target::Missing { parent, name }, None) => self.missing(parent, &name)?,
                (Target::Exists(found), Some(name)) => self.stream(found, name, file.is_some())?,
                (Target::Missing { .. }, Some(_)) => match self.file_for_stream() {
                    Ok(Attempt::Opened(made)) => {
                        if let Some(before) = file.replace(made.open) {
                            self.file_made(&before, false);
                        }
                        None
                    }
                    Ok(blocked) => Some(blocked),
                    // Somebody was faster.
                    Err(e) if e.status == NtStatus::OBJECT_NAME_COLLISION => None,
                    Err(e) => return Err(e),
                },
            };
            if let Some(opened) = opened {
                return Ok(opened);
            }
        }
        // The name is neither free nor taken for long enough.
        Err(NtStatus::SHARING_VIOLATION.into())
    }

    pub(super) fn is(&self, option: CreateOptions) -> bool {
        self.want.options.contains(option)
    }

    /// Whether what exists loses its content.
    pub(super) fn overwrites(&self) -> bool {
        matches!(
            self.want.disposition,
            CreateDisposition::SUPERSEDE
                | CreateDisposition::OVERWRITE
                | CreateDisposition::OVERWRITE_IF
        )
    }

    /// How the host opens for these rights; `None` if neither data nor listing is asked for.
    fn flags(&self, kind: FileKind, granted: AccessMask) -> Option<OpenFlags> {
        let flags = match kind {
            FileKind::File => OpenFlags {
                read: granted.intersects(AccessMask::READ_DATA | AccessMask::EXECUTE),
                write: granted.intersects(NOT_READ_ONLY) && !self.want.snapshot,
                write_through: self.is(CreateOptions::WRITE_THROUGH),
            },
            FileKind::Dir => OpenFlags {
                read: granted.contains(AccessMask::LIST_DIRECTORY),
                ..OpenFlags::default()
            },
            _ => OpenFlags::default(),
        };
        (flags.read || flags.write).then_some(flags)
    }

    /// Opens what exists; `None` if it does not any more.
    #[inline(never)]
    fn existing(&self, found: Found<H>) -> SmbResult<Option<Attempt<H>>> {
        let key = FileKey::of(&found.attr);
        if self.want.disposition == CreateDisposition::CREATE {
            let going = InodeTable::find(self.server, key).is_some_and(|inode| inode.is_going());
            return Err(if going {
                NtStatus::DELETE_PENDING
            } else {
                NtStatus::OBJECT_NAME_COLLISION
            }
            .into());
        }
        self.check_kind(&found)?;
        let name = found.path.components().last().unwrap_or(b"");
        let dos = dos_attrib::load(self.fs, self.tree, &found.node)?;
        let before = self.meta(found.attr, dos, name);
        self.check_attributes(&before, dos)?;
        let granted = self.grant(&found, &before)?;
        if self.overwrites() || self.is(CreateOptions::DELETE_ON_CLOSE) {
            self.tree.require_writable()?;
        }

        let inode = InodeTable::pin(self.server, key)?;
        let now = if self.overwrites() {
            AccessMask::WRITE_DATA
        } else {
            AccessMask::NONE
        };
        // Of a file that loses its data no lock is on any.
        let size = if self.overwrites() {
            0
        } else {
            found.attr.size
        };
        let (id, link, lease) = match self.enter(
            self.server.next_open_id(),
            &inode,
            (&found.attr, Some(&found.node)),
            &found.path,
            granted | now,
            Some(size),
        )? {
            Way::In(entered) => entered,
            Way::Blocked(blocked) => return Ok(Some(Attempt::Blocked(blocked))),
        };
        let mut disk = Disk {
            node: found.node,
            file: None,
            kind: found.attr.kind,
            link,
            stream: None,
            lease,
            parent: self.want.parent,
            written: Atomic::new(false),
            ended: Atomic::new(false),
            inode,
        };
        let meta = match self.prepare_existing(&mut disk, id, granted, &before, dos, name) {
            Ok(Some(meta)) => meta,
            other => {
                abandon(self.server, self.tree, disk, id, false);
                return other.map(|_| None);
            }
        };
        let action = match self.want.disposition {
            CreateDisposition::SUPERSEDE => CreateAction::SUPERSEDED,
            _ if self.overwrites() => CreateAction::OVERWRITTEN,
            _ => CreateAction::OPENED,
        };
        let opened = self.finish(disk, id, granted, action, meta)?;
        if self.overwrites() {
            notify::modified(self.server, &opened.open, OVERWRITTEN);
            dirs::changed_by(self.server, &opened.open);
        }
        Ok(Some(Attempt::Opened(opened)))
    }

    /// Enters the inode, with the claim to the lease that is asked for. `size` is that of the data it will find; `None`
    /// if it made the file.
    #[inline(never)]
    pub(super) fn enter(
        &self,
        id: u64,
        inode: &InodePin<H>,
        (attr, node): (&Attr, Option<&<H::Fs as Fs>::Node>),
        path: &RelPath,
        access: AccessMask,
        size: Option<u64>,
    ) -> SmbResult<Way<H>> {
        let created = size.is_none();
        let is_file = attr.kind == FileKind::File;
        let mut ask = self.want.ask;
        let mut lease = None;
        if let Ask::Lease { id, .. } = ask {
            // The key is checked even where no lease is granted.
            self.server.leases.lock().claim(&id, inode.key())?;
            lease = Some(id);
        }
        let is_dir = attr.kind == FileKind::Dir;
        if is_dir {
            ask = self.dir_ask();
        }
        if let (Some(node), true) = (node, is_file && H::Fs::GUARDS) {
            ask = self.unless_written(inode, node, ask);
        }
        let caching = (is_file || is_dir).then(|| Arrival {
            open: id,
            session: self.session.id,
            access,
            created,
            overwrites: self.overwrites() && !created,
            violation: false,
            locked: is_file && inode.locks.lock().covers_data(size.unwrap_or(0)),
            retry: self.want.retry,
            sealed: self.tree.has(TreeFlags::ENCRYPT),
            ask,
        });
        let entering = Entering {
            id,
            access,
            share: self.want.share_access,
            root: self.share.root_key,
            path,
            hard_linked: attr.kind != FileKind::Dir && attr.nlink > 1,
            of_stream: false,
            caching,
            now: self.server.host().now(),
        };
        let mut notices = KVec::new();
        let entered = inode.enter(&entering, &mut notices);
        deliver(self.server, inode, &notices);
        if let (Some(lease), Err(_) | Ok(Entered::Wait(_))) = (&lease, &entered) {
            self.server.leases.lock().release(lease);
        }
        Ok(match entered? {
            Entered::In(link) => Way::In((id, link, lease)),
            Entered::Wait(blocker) => {
                let inode = (**inode).clone();
                Way::Blocked(Blocked { inode, blocker })
            }
        })
    }

    fn open_file(&self, disk: &Disk<H>, flags: OpenFlags) -> Result<DataFile<H>> {
        DataFile::open(self.fs, &disk.inode, &disk.node, &self.share.creds, flags)
    }

    /// The wish, or that nothing may be cached of a file that local processes write to.
    fn unless_written(&self, inode: &InodePin<H>, node: &<H::Fs as Fs>::Node, ask: Ask) -> Ask {
        if matches!(ask, Ask::Nothing)
            || !inode.guarding.has_other_writers(|| self.fs.writers(node))
        {
            return ask;
        }
        match ask {
            Ask::Lease { id, epoch, .. } => Ask::Lease {
                id,
                state: LeaseState::NONE,
                epoch,
            },
            _ => Ask::Nothing,
        }
    }

    /// What of the wish can be had on a directory ([MS-SMB2] 3.3.5.9.11): there is nothing in it to be written.
    fn dir_ask(&self) -> Ask {
        match self.want.ask {
            Ask::Lease {
                id,
                state,
                epoch: Some(epoch),
            } if self.want.dir_leases => {
                self.server.inodes.dir_leases.store(true, Relaxed);
                Ask::Lease {
                    id,
                    state: state.without(LeaseState::WRITE_CACHING),
                    epoch: Some(epoch),
                }
            }
            _ => Ask::Nothing,
        }
    }

    /// What the host does for an open of what exists; `None` if its name is gone.
    #[inline(never)]
    fn prepare_existing(
        &self,
        disk: &mut Disk<H>,
        id: u64,
        granted: AccessMask,
        before: &Meta,
        dos: Option<DosAttrib>,
        name: &[u8],
    ) -> SmbResult<Option<Meta>> {
        // Whoever deleted it before we entered could not see us.
        let attr = self.fs.attr(&disk.node)?;
        if attr.nlink == 0 {
            return Ok(None);
        }
        let creds = &self.share.creds;
        if let Some(flags) = self.flags(disk.kind, granted) {
            disk.file = Some(self.open_file(disk, flags)?);
        }
        if self.overwrites() {
            let write = OpenFlags {
                write: true,
                ..OpenFlags::default()
            };
            let own = match &disk.file {
                Some(_) if granted.intersects(NOT_READ_ONLY) => None,
                _ => Some(self.open_file(disk, write)?),
            };
            if let Some(file) = own.as_ref().or(disk.file.as_ref()) {
                self.fs.truncate(file, 0)?;
                self.reserve(file)?;
            }
            if self.tree.has(TreeFlags::STREAMS) {
                stream::remove_all::<H>(self.fs, &disk.node, creds)?;
            }
            let attributes = (self.want.attributes & SETTABLE) | FileAttributes::ARCHIVE;
            let dos = self.store(disk, attributes, before.created)?.or(dos);
            self.set_eas(disk)?;
            disk.inode.settle(id, granted);
            return Ok(Some(self.meta(self.fs.attr(&disk.node)?, dos, name)));
        }
        Ok(Some(self.meta(attr, dos, name)))
    }

    pub(super) fn meta(&self, attr: Attr, dos: Option<DosAttrib>, name: &[u8]) -> Meta {
        Meta::new(self.tree.has(TreeFlags::HIDE_DOT_FILES), attr, dos, name)
    }

    /// Makes a file or directory; `None` if somebody else was faster.
    #[inline(never)]
    fn missing(&self, parent: Found<H>, name: &Name) -> SmbResult<Option<Attempt<H>>> {
        if matches!(
            self.want.disposition,
            CreateDisposition::OPEN | CreateDisposition::OVERWRITE
        ) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
        }
        self.tree.require_writable()?;
        let most = AccessMask(self.tree.maximal_access);
        if !most.contains(self.want.desired) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let descriptor = self.new_descriptor(&parent)?;
        let read_only = self.want.attributes.contains(FileAttributes::READONLY);
        if read_only && self.is(CreateOptions::DELETE_ON_CLOSE) {
            return Err(NtStatus::CANNOT_DELETE.into());
        }
        if self.is(CreateOptions::DIRECTORY_FILE)
            && self.want.attributes.contains(FileAttributes::TEMPORARY)
        {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        if InodeTable::find(self.server, FileKey::of(&parent.attr))
            .is_some_and(|dir| dir.is_going())
        {
            return Err(NtStatus::DELETE_PENDING.into());
        }
        let granted = if self.want.maximum {
            most & AccessMask::FILE_ALL_ACCESS
        } else {
            self.want.desired
        };
        self.check_delete_on_close(granted)?;
        if let Ask::Lease { id, .. } = &self.want.ask {
            if self.server.leases.lock().file(id).is_some() {
                // The client has it on another file; better to know before this one is made.
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
        }

        let (kind, mode) = self.new_mode(read_only);
        // Whoever makes a file may write it through this handle, whatever its mode is to be.
        let first_mode = if kind == NewKind::File {
            mode | 0o600
        } else {
            mode
        };
        let creds = &self.share.creds;
        let dir = FileKey::of(&parent.attr);
        self.server
            .inodes
            .names
            .made(self.server.host(), dir, name.as_str());
        let node = match self.fs.create(&parent.node, creds, name, kind, first_mode) {
            Ok(node) => node,
            Err(e) if e == EEXIST => return Ok(None),
            Err(e) if e == ENOENT => {
                return Err(SmbError {
                    status: NtStatus::OBJECT_PATH_NOT_FOUND,
                    source: Some(e),
                });
            }
            Err(e) => return Err(e.into()),
        };
        let mut path = parent.path;
        let stored = match &descriptor {
            // Before anybody can open it through this server.
            Some(value) => security::store::<H>(self.fs, &node, value),
            None => Ok(()),
        };
        if let Err(e) = stored {
            // Without it, it would be open to others.
            let _ = self.fs.remove(&self.share.root, &node, creds);
            return Err(e);
        }
        let entered = path
            .push(name)
            .and_then(|()| self.enter_new(&path, &node, granted));
        let (attr, inode, (id, link, lease)) = match entered {
            Ok(entered) => entered,
            Err(e) => {
                // Somebody else who has it open already may keep it; without memory there is nobody to ask.
                if e.status == NtStatus::INSUFFICIENT_RESOURCES {
                    let _ = self.fs.remove(&self.share.root, &node, creds);
                }
                return Err(e);
            }
        };
        let mut disk = Disk {
            node,
            file: None,
            kind: attr.kind,
            link,
            stream: None,
            lease,
            parent: self.want.parent,
            written: Atomic::new(false),
            ended: Atomic::new(false),
            inode,
        };
        match self.prepare_new(
            &mut disk,
            &attr,
            granted,
            (mode != first_mode).then_some(mode),
            name.as_bytes(),
        ) {
            Ok(meta) => {
                let is_dir = meta.is_dir();
                let opened = self.finish(disk, id, granted, CreateAction::CREATED, meta)?;
                let root = self.share.root_key;
                notify::name_changed(self.server, root, &path, is_dir, NotifyAction::ADDED);
                dirs::changed(self.server, self.share, &path, self.want.parent);
                Ok(Some(Attempt::Opened(opened)))
            }
            Err(e) => {
                abandon(self.server, self.tree, disk, id, true);
                Err(e)
            }
        }
    }

    /// Whether the directory's descriptor lets the file be made, and the value to be stored as the file's own.
    #[inline(never)]
    fn new_descriptor(&self, parent: &Found<H>) -> SmbResult<Option<KVec<u8>>> {
        if !self.tree.has(TreeFlags::ACL_XATTR) {
            return match self.want.security {
                // To make it without would leave it open to others.
                Some(_) => Err(NtStatus::NOT_SUPPORTED.into()),
                None => Ok(None),
            };
        }
        let is_dir = self.is(CreateOptions::DIRECTORY_FILE);
        let add = if is_dir {
            AccessMask::ADD_SUBDIRECTORY
        } else {
            AccessMask::ADD_FILE
        };
        let token = &self.share.token;
        let above = security::load(self.fs, self.tree, &parent.node)?;
        let above = above.as_ref().map(|s| s.descriptor()).transpose()?;
        if above.is_some_and(|sd| security::check::granted(&sd, token, add) != add) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let given = self.want.security.as_ref();
        security::inherit::of_new(token, above.as_ref(), given, is_dir)
    }

    #[inline(never)]
    fn enter_new(
        &self,
        path: &RelPath,
        node: &<H::Fs as Fs>::Node,
        granted: AccessMask,
    ) -> SmbResult<(Attr, InodePin<H>, In)> {
        let attr = self.fs.attr(node)?;
        let inode = InodeTable::pin(self.server, FileKey::of(&attr))?;
        match self.enter(
            self.server.next_open_id(),
            &inode,
            (&attr, None),
            path,
            granted,
            None,
        )? {
            Way::In(entered) => Ok((attr, inode, entered)),
            // Somebody opened it between its making and now, and caches it already.
            Way::Blocked(_) => Err(NtStatus::SHARING_VIOLATION.into()),
        }
    }

    /// What the host does for an open of what was just made.
    #[inline(never)]
    fn prepare_new(
        &self,
        disk: &mut Disk<H>,
        attr: &Attr,
        granted: AccessMask,
        mode: Option<u32>,
        name: &[u8],
    ) -> SmbResult<Meta> {
        let creds = &self.share.creds;
        if let Some(flags) = self.flags(disk.kind, granted) {
            disk.file = Some(self.open_file(disk, flags)?);
        }
        let mut attributes = self.want.attributes & SETTABLE;
        if disk.kind == FileKind::File {
            attributes |= FileAttributes::ARCHIVE;
            if let Some(file) = disk
                .file
                .as_ref()
                .filter(|_| granted.intersects(NOT_READ_ONLY))
            {
                self.reserve(file)?;
            }
        }
        let now = self.server.host().wall_clock();
        let dos = self.store(disk, attributes, file_time(attr.btime.unwrap_or(now)))?;
        self.set_eas(disk)?;
        if mode.is_some() {
            self.fs.set_attr(
                &disk.node,
                creds,
                &SetAttr {
                    mode,
                    ..SetAttr::default()
                },
            )?;
        }
        Ok(self.meta(self.fs.attr(&disk.node)?, dos, name))
    }

    #[inline(never)]
    pub(super) fn finish(
        &self,
        disk: Disk<H>,
        persistent: u64,
        granted: AccessMask,
        action: CreateAction,
        meta: Meta,
    ) -> SmbResult<Opened<H>> {
        let new = NewOpen {
            persistent,
            tree: self.tree.clone(),
            granted,
            share_access: self.want.share_access,
            posix: self.want.posix.is_some(),
            snapshot: self.want.snapshot,
            options: self.want.options,
        };
        let open = add_disk(
            self.server,
            self.session,
            new,
            disk,
            action == CreateAction::CREATED,
        )?;
        if !matches!(self.want.ask, Ask::Nothing) {
            let disk = open.disk()?;
            if matches!(disk.kind, FileKind::File | FileKind::Dir) && disk.stream.is_none() {
                guard::settle(self.server, disk.inode(), Some(disk.node()));
            }
        }
        Ok(Opened { open, action, meta })
    }

    /// Kind and permission bits of what is made.
    fn new_mode(&self, read_only: bool) -> (NewKind, u32) {
        let share = self.share;
        // All bits set is how Linux says that it says none, where the file is to become something else.
        if let Some(mode) = self.want.posix.filter(|mode| mode & NO_MODE != NO_MODE) {
            // The client's user knows what bits they want; masks are for those who cannot say.
            let kind = if self.is(CreateOptions::DIRECTORY_FILE) {
                NewKind::Dir
            } else {
                NewKind::File
            };
            return (kind, mode & 0o7777);
        }
        if self.is(CreateOptions::DIRECTORY_FILE) {
            return (
                NewKind::Dir,
                (0o777 & share.directory_mask) | share.force_directory_mode,
            );
        }
        let mut mode = (0o777 & share.create_mask) | share.force_create_mode;
        if read_only && !self.tree.has(TreeFlags::STORE_DOS_ATTRIBUTES) {
            mode &= !0o222;
        }
        (NewKind::File, mode)
    }

    /// Reserves the blocks that were asked for. A file system that cannot is no reason to fail.
    fn reserve(&self, file: &<H::Fs as Fs>::File) -> SmbResult {
        match self.want.allocation {
            None | Some(0) => Ok(()),
            Some(len) => match self.fs.allocate(file, Allocate::KeepSize, 0, len) {
                Err(e) if e == EOPNOTSUPP || e == ENOSYS => Ok(()),
                result => Ok(result?),
            },
        }
    }

    /// Stores attributes and creation time where the share and the file system can, and tells what is stored now.
    /// That they cannot is no reason to fail: the reply shows the client what it got.
    fn store(
        &self,
        disk: &Disk<H>,
        attributes: FileAttributes,
        created: FileTime,
    ) -> SmbResult<Option<DosAttrib>> {
        let dos = DosAttrib {
            attributes: Some(attributes),
            created: Some(created),
        };
        match dos_attrib::store(self.fs, self.tree, &disk.node, &dos) {
            Ok(()) => Ok(Some(dos)),
            Err(e) if e.status == NtStatus::INSUFFICIENT_RESOURCES => Err(e),
            Err(_) => Ok(None),
        }
    }

    fn set_eas(&self, disk: &Disk<H>) -> SmbResult {
        match &self.want.eas {
            Some(list) => ea::apply::<H>(self.fs, &disk.node, &self.share.creds, list),
            None => Ok(()),
        }
    }
}
