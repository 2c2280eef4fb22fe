// SPDX-License-Identifier: GPL-2.0-or-later
//! Opens: a client's handles ([MS-SMB2] 3.3.1.10, [MS-FSA] 2.1.1.6).
//!
//! # Invariants
//!
//! - An open is found through its session's table only. Who takes it out of that table ends it
//!   ([`close_open`]), and nobody else.
//! - What an open may do to its file is a value of one of the types in [`access`]; only the methods here that
//!   look at the granted access make them. Every call to the host names the credentials of the open's tree.
//! - An open that is being used outlives its CLOSE: the request holds a reference. Its host file goes with the
//!   last reference.

use core::convert::Infallible;
use core::mem::MaybeUninit;

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex, UniqueArc};

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateOptions, ShareAccess};
use proto_shared::smb2::LeaseKey;
use proto_shared::status::NtStatus;

use crate::apple::forks::{self, Fork, Rules};
use crate::byte_lock::{LockOwner, Wake};
use crate::caching::{deliver, dirs, Blocked, Contention, Deliver, LeaseId};
use crate::durable::{self, Durability, Once};
use crate::error::{SmbError, SmbResult};
use crate::host::{Attr, FileKind, Fs, Host};
use crate::info::directory::DirCursor;
use crate::name::RelPath;
use crate::notify;
pub(crate) use crate::open::removal::stream_changed;
use crate::open::removal::{depart, remove_name};
use crate::server::Server;
use crate::session::{Phase, Session};
use crate::stream::{self, StreamName};
use crate::time::Timespec;
use crate::tree::{DiskShare, Tree, WritableTree};
use crate::work::Event;

pub mod access;
pub mod attributes;
mod data_file;
pub mod dos_attrib;
pub mod ea;
pub mod inode;
pub mod lookup;
pub(crate) mod names;
pub(crate) mod opening;
mod opening_checks;
pub mod pipe;
mod removal;
pub(crate) mod renaming;
pub(crate) mod rights;
mod stream_open;
pub(crate) mod stream_rename;
pub(crate) mod survive;
pub(crate) mod turning;

pub use access::{
    Delete, Flush, LinkSource, ListDirectory, ReadAttributes, ReadControl, ReadData, ReadEa,
    WriteAttributes, WriteDac, WriteData, WriteEa, WriteOwner,
};
pub use inode::{FileKey, Inode, InodeTable};
pub use pipe::Pipe;
pub use proto_shared::smb2::FileId;

use access::{Content, StreamContent};
use data_file::DataFile;
use inode::{InodePin, Link};

/// Times that this handle has set: they no longer follow what the handle does ([MS-FSA] 2.1.1.6,
/// UserSetModificationTime and its kin).
#[derive(Clone, Copy, Default)]
pub(crate) struct FrozenTimes {
    /// Last write.
    pub(crate) mtime: Option<Timespec>,
    /// Last access.
    pub(crate) atime: Option<Timespec>,
    /// Last change of attributes. No host sets that one, so only this handle tells it.
    pub(crate) ctime: Option<Timespec>,
}

/// The part of an open that is about a file or directory.
pub struct Disk<H: Host> {
    // Fields are dropped in this order: a file that is open counts at its inode, and the number of a file may be used
    // again once its node is gone.
    /// The open file; `None` if neither data nor listing was asked for.
    file: Option<DataFile<H>>,
    pub(crate) inode: InodePin<H>,
    pub(crate) link: Arc<Link>,
    /// The file, if this is one of its named streams.
    pub(crate) stream: Option<OfStream<H>>,
    /// The place in the tree.
    pub(crate) node: <H::Fs as Fs>::Node,
    /// What it was when it was opened.
    pub(crate) kind: FileKind,
    /// The lease that it claims in the server's table until it leaves.
    pub(crate) lease: Option<LeaseId>,
    /// The lease on the directory that knows what its client does through this open.
    pub(crate) parent: Option<LeaseKey>,
    /// Data or size was changed through it.
    pub(crate) written: Atomic<bool>,
    /// Set before the open gives up its locks: what a request takes afterwards it has to give back itself.
    pub(crate) ended: Atomic<bool>,
}

/// The file that an open named stream is of. It is open, too, so that neither it nor its number goes meanwhile.
pub(crate) struct OfStream<H: Host> {
    pub(crate) inode: InodePin<H>,
    pub(crate) link: Arc<Link>,
    pub(crate) is_dir: bool,
    /// What becomes of it with and without data.
    pub(crate) rules: Rules,
}

impl<H: Host> OfStream<H> {
    /// The stream's name as of now, of the stream's own inode.
    fn name(&self, stream: &Inode<H>) -> Result<StreamName> {
        stream.stream()?.ok_or(EBADF)
    }

    /// Size of the stream of that name, in bytes.
    fn size(&self, fs: &H::Fs, node: &<H::Fs as Fs>::Node, name: &StreamName) -> Result<u64> {
        if self.rules.fork(name) == Fork::Info {
            return Ok(forks::INFO_SIZE);
        }
        match stream::size::<H>(fs, node, name) {
            Err(e) if e == ENODATA && self.rules.only_with_data(name) => Ok(0),
            result => result,
        }
    }
}

enum Body<H: Host> {
    /// Shared by the open and the one that a reconnect makes of it.
    Disk(Arc<Disk<H>>),
    Pipe(Pipe),
}

/// Whether the name goes with a handle.
struct Deletion {
    /// It goes when the handle is closed.
    on_close: Atomic<bool>,
    /// And it goes even if others have the file open ([MS-FSCC] 2.4.11.1, POSIX semantics).
    posix: Atomic<bool>,
}

/// How it was opened.
struct How {
    options: CreateOptions,
    /// By the SMB3 POSIX extensions.
    posix: bool,
    /// In a snapshot.
    snapshot: bool,
}

/// A handle.
#[pin_data]
pub struct Open<H: Host> {
    persistent: u64,
    volatile: Atomic<u64>,
    session_id: u64,
    tree: Arc<Tree<H>>,
    granted: AccessMask,
    share_access: ShareAccess,
    how: How,
    body: Body<H>,
    /// FileModeInformation ([MS-FSCC] 2.4.26).
    mode: Atomic<u32>,
    /// CurrentByteOffset ([MS-FSCC] 2.4.32); the server only keeps it.
    position: Atomic<u64>,
    deletion: Deletion,
    /// Whether and how it survives the loss of its connection.
    #[pin]
    pub(crate) durability: Mutex<Option<Arc<Durability>>>,
    /// What tells requests about it that are sent again.
    #[pin]
    pub(crate) once: Mutex<Once>,
    #[pin]
    frozen: Mutex<FrozenTimes>,
    #[pin]
    dir: DirCursor,
}

/// Options that are reported as FileModeInformation ([MS-FSCC] 2.4.26).
const MODE_OPTIONS: CreateOptions = CreateOptions(
    CreateOptions::WRITE_THROUGH.0
        | CreateOptions::SEQUENTIAL_ONLY.0
        | CreateOptions::NO_INTERMEDIATE_BUFFERING.0
        | CreateOptions::SYNCHRONOUS_IO_ALERT.0
        | CreateOptions::SYNCHRONOUS_IO_NONALERT.0
        | CreateOptions::DELETE_ON_CLOSE.0,
);

/// What a new open is made of.
pub(crate) struct NewOpen<H: Host> {
    /// From [`Server::next_open_id`].
    pub(crate) persistent: u64,
    pub(crate) tree: Arc<Tree<H>>,
    pub(crate) granted: AccessMask,
    pub(crate) share_access: ShareAccess,
    pub(crate) options: CreateOptions,
    pub(crate) posix: bool,
    pub(crate) snapshot: bool,
}

impl<H: Host> Open<H> {
    fn new(
        room: UniqueArc<MaybeUninit<Self>>,
        new: NewOpen<H>,
        session_id: u64,
        body: Body<H>,
    ) -> Arc<Self> {
        let delete = new.options.contains(CreateOptions::DELETE_ON_CLOSE);
        let mode = new.options & MODE_OPTIONS;
        let init = pin_init!(Self {
            persistent: new.persistent,
            volatile: Atomic::new(0),
            session_id,
            tree: new.tree,
            granted: new.granted,
            share_access: new.share_access,
            how: How {
                options: new.options,
                posix: new.posix,
                snapshot: new.snapshot,
            },
            body,
            mode: Atomic::new(mode.bits()),
            position: Atomic::new(0),
            deletion: Deletion {
                on_close: Atomic::new(delete),
                posix: Atomic::new(delete && new.posix),
            },
            durability <- new_mutex!(None, "ksmbd::Open::durability"),
            once <- new_mutex!(Once::default(), "ksmbd::Open::once"),
            frozen <- new_mutex!(FrozenTimes::default(), "ksmbd::Open::frozen"),
            dir <- DirCursor::new(),
        });
        match room.pin_init_with::<Infallible>(init) {
            Ok(open) => open.into(),
            Err(never) => match never {},
        }
    }

    /// What was made for this open is not wanted after all: it goes when the open ends, if nobody else has come
    /// across it meanwhile.
    pub(crate) fn undo_creation(&self) {
        if let Body::Disk(disk) = &self.body {
            if !disk.inode.is_open(Some(self.persistent)) {
                self.deletion.on_close.store(true, Relaxed);
            }
        }
    }

    /// The handle on the wire.
    pub fn id(&self) -> FileId {
        FileId {
            persistent: self.persistent,
            volatile: self.volatile.load(Relaxed),
        }
    }

    /// The session that it belongs to.
    pub fn session_id(&self) -> u64 {
        self.session_id
    }

    /// The tree that it was opened through.
    pub fn tree(&self) -> &Arc<Tree<H>> {
        &self.tree
    }

    /// The id of that tree.
    pub fn tree_id(&self) -> u32 {
        self.tree.id
    }

    /// What it may do.
    pub fn granted(&self) -> AccessMask {
        self.granted
    }

    /// What it lets others do.
    pub fn share_access(&self) -> ShareAccess {
        self.share_access
    }

    /// Options that it was opened with.
    pub fn options(&self) -> CreateOptions {
        self.how.options
    }

    /// Whether it was opened by the SMB3 POSIX extensions.
    pub fn is_posix(&self) -> bool {
        self.how.posix
    }

    /// Whether it is of something in a snapshot, which cannot be changed.
    pub(crate) fn is_snapshot(&self) -> bool {
        self.how.snapshot
    }

    /// As whom its byte-range locks are held.
    pub fn lock_owner(&self) -> LockOwner {
        LockOwner(self.persistent)
    }

    /// The file part.
    ///
    /// # Errors
    /// `INVALID_DEVICE_REQUEST` for a pipe.
    pub fn disk(&self) -> SmbResult<&Disk<H>> {
        match &self.body {
            Body::Disk(disk) => Ok(disk),
            Body::Pipe(_) => Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
        }
    }

    /// The pipe part.
    pub fn pipe(&self) -> Option<&Pipe> {
        match &self.body {
            Body::Disk(_) => None,
            Body::Pipe(pipe) => Some(pipe),
        }
    }

    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        matches!(&self.body, Body::Disk(disk) if disk.kind == FileKind::Dir)
    }

    /// FileModeInformation ([MS-FSCC] 2.4.26).
    pub fn mode(&self) -> CreateOptions {
        CreateOptions(self.mode.load(Relaxed))
    }

    pub(crate) fn set_mode(&self, mode: CreateOptions) {
        self.mode.store(mode.bits(), Relaxed);
    }

    /// CurrentByteOffset, as the client set it.
    pub fn position(&self) -> u64 {
        self.position.load(Relaxed)
    }

    pub(crate) fn set_position(&self, position: u64) {
        self.position.store(position, Relaxed);
    }

    /// The directory enumeration of this handle.
    pub(crate) fn dir_cursor(&self) -> &DirCursor {
        &self.dir
    }

    pub(crate) fn frozen(&self) -> FrozenTimes {
        *self.frozen.lock()
    }

    pub(crate) fn set_frozen(&self, change: impl FnOnce(&mut FrozenTimes)) {
        change(&mut self.frozen.lock());
    }

    fn share(&self) -> SmbResult<&DiskShare<H>> {
        self.tree.disk()
    }

    /// Both halves of what an operation on the file needs, if any of `mask` was granted.
    fn require(&self, mask: AccessMask) -> SmbResult<(&Disk<H>, &DiskShare<H>)> {
        let disk = self.disk()?;
        if !self.granted.intersects(mask) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok((disk, self.share()?))
    }

    /// As [`Open::require`], to change something.
    fn require_change(&self, mask: AccessMask) -> SmbResult<(&Disk<H>, &DiskShare<H>)> {
        if self.how.snapshot {
            return Err(NtStatus::MEDIA_WRITE_PROTECTED.into());
        }
        self.require(mask)
    }

    /// Takes from others what they cache of the file and this open is about to invalidate. Yields what has to be
    /// waited for before it does. Not to be called with a lock held.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn contend(
        &self,
        server: &Arc<Server<H>>,
        what: Contention,
    ) -> SmbResult<Option<Blocked<H>>> {
        contend(server, self.disk()?.inode(), Some(self.persistent), what)
    }

    fn content(&self) -> SmbResult<Content<'_, H>> {
        let disk = self.disk()?;
        if disk.kind == FileKind::Dir {
            return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
        }
        if let Some(of) = &disk.stream {
            return Ok(Content::Stream(StreamContent {
                inode: &disk.inode,
                of,
                node: &disk.node,
                creds: &self.share()?.creds,
            }));
        }
        let file = disk.file.as_deref().ok_or(NtStatus::ACCESS_DENIED)?;
        Ok(Content::File(file))
    }

    /// To read the file's data. Execute access is enough ([MS-SMB2] 3.3.5.12).
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for directories and pipes.
    pub fn read_data(&self) -> SmbResult<ReadData<'_, H>> {
        if self.is_dir() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
        }
        self.require(AccessMask::READ_DATA | AccessMask::EXECUTE)?;
        Ok(ReadData {
            content: self.content()?,
        })
    }

    /// To change the file's data, size or allocation.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for directories and pipes.
    pub fn write_data(&self, _: &WritableTree<'_, H>) -> SmbResult<WriteData<'_, H>> {
        if self.is_dir() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
        }
        let (disk, share) =
            self.require_change(AccessMask::WRITE_DATA | AccessMask::APPEND_DATA)?;
        Ok(WriteData {
            open: self,
            content: self.content()?,
            disk,
            creds: &share.creds,
            append_only: !self.granted.contains(AccessMask::WRITE_DATA),
        })
    }

    /// To bring what was written to stable storage ([MS-SMB2] 3.3.5.11).
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn flush(&self) -> SmbResult<Flush<'_, H>> {
        let (disk, _) = self.require(AccessMask::WRITE_DATA | AccessMask::APPEND_DATA)?;
        Ok(Flush {
            file: disk.file.as_deref(),
        })
    }

    /// To list the directory.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_PARAMETER` for what is no directory ([MS-SMB2] 3.3.5.18).
    pub fn list(&self) -> SmbResult<ListDirectory<'_, H>> {
        if !self.is_dir() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let (disk, share) = self.require(AccessMask::LIST_DIRECTORY)?;
        let file = disk
            .file
            .as_ref()
            .ok_or(SmbError::from(NtStatus::ACCESS_DENIED))?;
        Ok(ListDirectory {
            file,
            node: &disk.node,
            creds: &share.creds,
        })
    }

    /// To read attributes.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn read_attributes(&self) -> SmbResult<ReadAttributes<'_, H>> {
        let (disk, share) = self.require(AccessMask::READ_ATTRIBUTES)?;
        Ok(ReadAttributes {
            open: self,
            disk,
            share,
        })
    }

    /// As [`Open::read_attributes`], for replies that need no right to them (CREATE, CLOSE, and the information
    /// classes of [MS-SMB2] 3.3.5.20.1 that ask for none).
    ///
    /// # Errors
    /// `INVALID_DEVICE_REQUEST` for pipes.
    pub(crate) fn attributes_for_reply(&self) -> SmbResult<ReadAttributes<'_, H>> {
        Ok(ReadAttributes {
            open: self,
            disk: self.disk()?,
            share: self.share()?,
        })
    }

    /// To change times and attributes.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn write_attributes(&self, _: &WritableTree<'_, H>) -> SmbResult<WriteAttributes<'_, H>> {
        let (disk, share) = self.require_change(AccessMask::WRITE_ATTRIBUTES)?;
        Ok(WriteAttributes {
            open: self,
            disk,
            share,
        })
    }

    /// To delete or rename.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn delete(&self, _: &WritableTree<'_, H>) -> SmbResult<Delete<'_, H>> {
        let (disk, share) = self.require_change(AccessMask::DELETE)?;
        Ok(Delete {
            open: self,
            disk,
            share,
        })
    }

    /// To give the file a second name; the host decides whether that is allowed.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn link(&self, _: &WritableTree<'_, H>) -> SmbResult<LinkSource<'_, H>> {
        let attributes = AccessMask::READ_ATTRIBUTES | AccessMask::WRITE_ATTRIBUTES;
        let (disk, share) = self.require_change(attributes | AccessMask::DELETE)?;
        Ok(LinkSource {
            node: &disk.node,
            creds: &share.creds,
        })
    }

    /// To read extended attributes.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn read_ea(&self) -> SmbResult<ReadEa<'_, H>> {
        let (disk, share) = self.require(AccessMask::READ_EA)?;
        Ok(ReadEa {
            node: &disk.node,
            creds: &share.creds,
        })
    }

    /// To change extended attributes.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn write_ea(&self, _: &WritableTree<'_, H>) -> SmbResult<WriteEa<'_, H>> {
        let (disk, share) = self.require_change(AccessMask::WRITE_EA)?;
        Ok(WriteEa {
            node: &disk.node,
            creds: &share.creds,
        })
    }

    /// To read owner, group and access list.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn read_control(&self) -> SmbResult<ReadControl<'_, H>> {
        let (disk, share) = self.require(AccessMask::READ_CONTROL)?;
        Ok(ReadControl { disk, share })
    }

    /// To change the access list.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn write_dac(&self, _: &WritableTree<'_, H>) -> SmbResult<WriteDac<'_, H>> {
        let (disk, share) = self.require_change(AccessMask::WRITE_DAC)?;
        Ok(WriteDac {
            node: &disk.node,
            creds: &share.creds,
        })
    }

    /// To change owner and group.
    ///
    /// # Errors
    /// `ACCESS_DENIED`, `INVALID_DEVICE_REQUEST` for pipes.
    pub fn write_owner(&self, _: &WritableTree<'_, H>) -> SmbResult<WriteOwner<'_, H>> {
        let (disk, share) = self.require_change(AccessMask::WRITE_OWNER)?;
        Ok(WriteOwner {
            node: &disk.node,
            creds: &share.creds,
        })
    }
}

impl<H: Host> Disk<H> {
    /// The place in the tree, for what needs no right of the handle.
    pub(crate) fn node(&self) -> &<H::Fs as Fs>::Node {
        &self.node
    }

    /// What all opens of the file share.
    pub fn inode(&self) -> &Arc<Inode<H>> {
        &self.inode
    }

    /// The file's path below the share's root as of now.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn path(&self) -> SmbResult<RelPath> {
        match &self.stream {
            Some(of) => of.link.path(),
            None => self.link.path(),
        }
    }

    /// Whether the name goes with the last open of the file.
    pub fn is_delete_pending(&self) -> bool {
        let file = self.stream.as_ref();
        self.inode.is_delete_pending(&self.link)
            || file.is_some_and(|of| of.inode.is_delete_pending(&of.link))
    }

    /// Attributes of the file, with the size of what is open of it.
    ///
    /// # Errors
    /// The host's; `ENODATA` if the stream is gone.
    pub(crate) fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        let mut attr = fs.attr(&self.node)?;
        if let Some(of) = &self.stream {
            let name = of.name(&self.inode)?;
            attr.kind = FileKind::File;
            attr.size = of.size(fs, &self.node, &name)?;
            attr.allocated = stream::allocated(attr.size);
        }
        Ok(attr)
    }
}

/// Puts a new open of a file into its session.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`, `USER_SESSION_DELETED` and `NETWORK_NAME_DELETED` if session or tree went away
/// meanwhile; the open is then ended, and a file that was made for it (`created`) is removed.
pub(crate) fn add_disk<H: Host>(
    server: &Arc<Server<H>>,
    session: &Arc<Session<H>>,
    new: NewOpen<H>,
    disk: Disk<H>,
    created: bool,
) -> SmbResult<Arc<Open<H>>> {
    let rooms = UniqueArc::new_uninit(GFP_KERNEL)
        .and_then(|room| Ok((room, UniqueArc::new_uninit(GFP_KERNEL)?)));
    let (room, disk_room) = match rooms {
        Ok(rooms) => rooms,
        Err(e) => {
            abandon(server, &new.tree, disk, new.persistent, created);
            return Err(e.into());
        }
    };
    let disk = disk_room.write(disk).into();
    let open = Open::new(room, new, session.id, Body::Disk(disk));
    add(server, session, open, created)
}

/// Ends what was to become an open; a file that was `created` for it goes, if nobody else has it open.
pub(crate) fn abandon<H: Host>(
    server: &Arc<Server<H>>,
    tree: &Arc<Tree<H>>,
    disk: Disk<H>,
    id: u64,
    created: bool,
) {
    let delete = created && !disk.inode.is_open(Some(id));
    depart(server, tree, &disk, id, delete.then_some(tree), deliver);
}

/// Puts a new open of a pipe into its session.
///
/// # Errors
/// As [`add_disk`]; the pipe is then closed.
pub(crate) fn add_pipe<H: Host>(
    server: &Arc<Server<H>>,
    session: &Arc<Session<H>>,
    new: NewOpen<H>,
    pipe: Pipe,
) -> SmbResult<Arc<Open<H>>> {
    let room = UniqueArc::new_uninit(GFP_KERNEL)
        .inspect_err(|_| crate::cmd::pipe::close(server, &pipe))?;
    let open = Open::new(room, new, session.id, Body::Pipe(pipe));
    add(server, session, open, false)
}

fn add<H: Host>(
    server: &Arc<Server<H>>,
    session: &Arc<Session<H>>,
    open: Arc<Open<H>>,
    created: bool,
) -> SmbResult<Arc<Open<H>>> {
    // The table tells the id within its lock; nothing in there can fail or call the host.
    let inserted = session.opens.lock().insert_with::<Error>(|id| {
        open.volatile.store(id, Relaxed);
        Ok(open.clone())
    });
    if let Err(e) = inserted {
        open.deletion.on_close.store(false, Relaxed);
        if created {
            open.undo_creation();
        }
        end(server, &open);
        return Err(SmbError {
            status: NtStatus::INSUFFICIENT_RESOURCES,
            source: Some(e),
        });
    }
    open.tree.open_count.fetch_add(1, Relaxed);
    // LOGOFF and TREE_DISCONNECT first mark, then sweep the table: one of the two sees the other.
    let gone = if session.phase() == Phase::Closed {
        NtStatus::USER_SESSION_DELETED
    } else if !open.tree.is_connected() {
        NtStatus::NETWORK_NAME_DELETED
    } else {
        return Ok(open);
    };
    close_open(server, session, &open);
    Err(gone.into())
}

/// Takes an open out of its session and ends it: unlocks, deletes if that is pending and nobody else is in the
/// way. Yields whether it was still there.
pub(crate) fn close_open<H: Host>(
    server: &Arc<Server<H>>,
    session: &Session<H>,
    open: &Arc<Open<H>>,
) -> bool {
    let taken = session.opens.lock().remove(open.id().volatile);
    match taken {
        Some(taken) => {
            taken.tree.open_count.fetch_sub(1, Relaxed);
            end(server, &taken);
            true
        }
        None => false,
    }
}

/// Ends all opens of a session, or those of one tree of it. The caller has marked session or tree as closed. Opens
/// that may survive that (`keep`) are left to the server ([`survive`]).
pub(crate) fn close_all<H: Host>(
    server: &Arc<Server<H>>,
    session: &Session<H>,
    tree: Option<u32>,
    keep: bool,
) {
    loop {
        let next = {
            let opens = session.opens.lock();
            let found = opens
                .iter()
                .find(|(_, o)| tree.is_none_or(|t| o.tree_id() == t));
            found.map(|(_, o)| o.clone())
        };
        let Some(open) = next else { break };
        if keep {
            survive::leave(server, session, &open);
        } else {
            close_open(server, session, &open);
        }
    }
}

/// What ending an open means to others. The host's file goes with the last reference to the open.
pub(crate) fn end<H: Host>(server: &Arc<Server<H>>, open: &Arc<Open<H>>) {
    end_and(server, open, deliver);
}

/// As [`end`]; `tell` does what [`deliver`] does, or the part of it that the caller does not do itself.
pub(crate) fn end_and<H: Host>(server: &Arc<Server<H>>, open: &Arc<Open<H>>, tell: Deliver<H>) {
    let disk = match &open.body {
        Body::Pipe(pipe) => return crate::cmd::pipe::close(server, pipe),
        Body::Disk(disk) => disk,
    };
    disk.ended.store(true, Relaxed);
    durable::ended(server, open);
    notify::close(server, open.persistent);
    unlock(server, open, disk);
    let now = open.deletion.posix.load(Relaxed);
    if let (true, Ok(share)) = (now, open.share()) {
        // Others keep their handles on a file without this name.
        remove_name(server, share, disk, (&open.tree, share), disk.parent);
    }
    dirs::closed(server, open);
    let wish = (!now && open.deletion.on_close.load(Relaxed)).then_some(&open.tree);
    depart(server, &open.tree, disk, open.persistent, wish, tell);
}

/// As [`Open::contend`], for an operation through the open with the number `by`, or none on the file.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` without memory.
pub(crate) fn contend<H: Host>(
    server: &Arc<Server<H>>,
    inode: &Arc<Inode<H>>,
    by: Option<u64>,
    what: Contention,
) -> SmbResult<Option<Blocked<H>>> {
    let now = server.host().now();
    let mut notices = KVec::new();
    let blocker = inode.caching(|c| c.contend(by, what, now, &mut notices));
    deliver(server, inode, &notices);
    Ok(blocker?.map(|blocker| Blocked {
        inode: inode.clone(),
        blocker,
    }))
}

/// Gives up all byte-range locks of an open, and tells those who waited for them.
fn unlock<H: Host>(server: &Arc<Server<H>>, open: &Open<H>, disk: &Disk<H>) {
    disk.inode.locks.lock().remove_owner(open.lock_owner());
    wake_locks(server, disk);
}

/// Wakes requests whose locks were granted or whose opens are gone.
fn wake_locks<H: Host>(server: &Server<H>, disk: &Disk<H>) {
    loop {
        let next = disk.inode.locks.lock().next_wake();
        match next {
            Some((token, Wake::Granted)) => server.wake(token, Event::Ready),
            Some((token, Wake::Closed)) => server.wake(token, Event::Closed),
            None => break,
        }
    }
}
