// SPDX-License-Identifier: GPL-2.0-or-later
//! What the engine asks of the world that runs it.
//!
//! A host is either the kernel module or the embedded host of `ksmbd.mountd`. It supplies files, frames,
//! crypto primitives, time, randomness, workers and the way to the daemon. It takes no protocol decision.
//!
//! Rules that every host keeps:
//!
//! - No method is called with an engine lock held (`docs/locking.md`), so methods may sleep, except where the
//!   method says otherwise.
//! - Every file operation names the credentials it runs under. A host never uses those of its own thread.
//! - Lookups start at a [`Fs::Root`] and cannot leave it, whatever symbolic links or renames happen meanwhile.
//! - Errors are errno values ([`kernel::error::Error`]); `error.rs` turns them into NTSTATUS in one place.

use core::net::IpAddr;
use core::ops::Range;
use kernel::prelude::*;

use crate::name::{Name, RelPath};
use crate::server::Job;
use crate::time::{Monotonic, Timespec};

/// Everything that a server instance needs, tied together by one type.
pub trait Host: Sized + Send + Sync + 'static {
    /// A received frame, without the transport's framing bytes.
    type Pdu: Pdu;
    /// File data on its way out (READ), owned by the host: pages in the kernel, bytes in userspace.
    type Payload: Payload;
    /// One connection's sending side.
    type Transport: Transport<Payload = Self::Payload>;
    /// Files.
    type Fs: Fs<Pdu = Self::Pdu, Payload = Self::Payload>;
    /// Crypto primitives.
    type Crypto: Crypto<Payload = Self::Payload>;

    /// The file operations.
    fn fs(&self) -> &Self::Fs;
    /// The crypto primitives.
    fn crypto(&self) -> &Self::Crypto;

    /// Monotonic time; never goes back, counts from an arbitrary start.
    fn now(&self) -> Monotonic;
    /// Wall-clock time.
    fn wall_clock(&self) -> Timespec;
    /// Fills `out` from a cryptographically secure generator.
    fn random(&self, out: &mut [u8]);

    /// Runs `job` on a worker. May be called from any context that may sleep.
    ///
    /// # Errors
    /// Gives the job back when no worker or memory is to be had; the engine then runs it itself.
    fn spawn(&self, job: Job<Self>) -> Result<(), Job<Self>>;

    /// Sends one `proto_shared::ipc` message (`command` and its attribute stream) to the daemon. It is a post,
    /// not a call: an answer comes back through [`crate::server::Server::daemon_message`] with the token that
    /// the attributes carry.
    ///
    /// # Errors
    /// `ECONNREFUSED` when no daemon is attached, `ENOBUFS`/`ENOMEM` when the message cannot be queued.
    fn post(&self, command: u8, attrs: &[u8]) -> Result;

    /// The daemon started or changed the server: (re)open listeners for these ports and interfaces. Tells the port
    /// that was bound, which matters when port 0 (any free one) was asked for.
    ///
    /// # Errors
    /// Whatever binding says, for example `EADDRINUSE`; the daemon is told.
    fn listen(&self, listen: &Listen<'_>) -> Result<u16>;

    /// Stop listening; existing connections go on.
    fn stop_listening(&self);

    /// The addresses of the interfaces that are up: of all, or of those named in `only` (as in
    /// [`Listen::interfaces`]).
    ///
    /// # Errors
    /// `ENOMEM`, or what asking the system says.
    fn interfaces(&self, only: &[u8]) -> Result<KVec<Interface>>;
}

/// An address of a network interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Number of the interface.
    pub index: u32,
    /// The address.
    pub address: IpAddr,
    /// Speed of the link in bits per second; a guess if the system does not know it.
    pub speed: u64,
    /// Whether what it receives is spread over processors (RSS).
    pub several_queues: bool,
}

impl Interface {
    /// What is assumed of a link that does not tell its speed, in bits per second.
    pub const DEFAULT_SPEED: u64 = 1_000_000_000;
}

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub struct Listen<'a> {
    /// TCP port in host order.
    pub port: u16,
    /// Interface names, separated by NUL bytes; empty means every interface.
    pub interfaces: &'a [u8],
}

/// A received frame.
pub trait Pdu: Send + Sync + 'static {
    /// The whole frame.
    fn bytes(&self) -> &[u8];
    /// The whole frame, for decryption in place.
    fn bytes_mut(&mut self) -> &mut [u8];
}

/// File data that the host owns.
pub trait Payload: Send + Sync + 'static {
    /// Length in bytes.
    fn len(&self) -> usize;
    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A piece of an outgoing message.
pub enum Segment<P> {
    /// Bytes that the engine made.
    Bytes(KVec<u8>),
    /// File data, passed through untouched.
    Payload(P),
}

impl<P: Payload> Segment<P> {
    /// Length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Segment::Bytes(b) => b.len(),
            Segment::Payload(p) => p.len(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A piece of a message to be read, for signing.
pub enum Part<'a, P> {
    /// Plain bytes.
    Bytes(&'a [u8]),
    /// File data.
    Payload(&'a P),
}

/// One connection's sending side. Receiving is the host's loop, which calls `Conn::on_frame`.
pub trait Transport: Send + Sync + 'static {
    /// See [`Host::Payload`].
    type Payload: Payload;

    /// Sends one message whole; messages of concurrent callers do not mix. The transport adds its own framing
    /// (the four bytes of [MS-SMB2] 2.1 on TCP). May sleep until the peer takes the bytes, at most the
    /// transport's send time-out, after which the connection counts as dead.
    ///
    /// # Errors
    /// Any error means that the connection is gone; the engine does not retry.
    fn send(&self, message: KVec<Segment<Self::Payload>>) -> Result;

    /// Ends the connection: the receiving loop returns soon after. Idempotent, does not sleep.
    fn shutdown(&self);

    /// Largest message this transport carries, in bytes.
    fn max_message(&self) -> usize;

    /// How often in a row the transport has sent the same data again because the peer did not say that it came; 0 where
    /// it cannot tell.
    fn retransmissions(&self) -> u32 {
        0
    }

    /// Whether the peer can be reached by remote reads and writes of memory (SMB Direct).
    fn is_rdma(&self) -> bool {
        false
    }

    /// Writes `data` to the peer's memory ([MS-SMBD] 2.2.3.1 descriptors in `descriptors`).
    ///
    /// # Errors
    /// `EOPNOTSUPP` on transports without remote memory.
    fn remote_write(&self, _descriptors: &[u8], _data: &Self::Payload) -> Result {
        Err(EOPNOTSUPP)
    }

    /// Reads `len` bytes of the peer's memory.
    ///
    /// # Errors
    /// `EOPNOTSUPP` on transports without remote memory.
    fn remote_read(&self, _descriptors: &[u8], _len: u32) -> Result<Self::Payload> {
        Err(EOPNOTSUPP)
    }
}

/// Who a file operation is done for, as the daemon resolved it.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Supplementary group ids.
    pub groups: &'a [u32],
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A FIFO.
    Fifo,
    /// A socket.
    Socket,
    /// A character device.
    Char,
    /// A block device.
    Block,
}

/// What `statx` tells of a file.
#[derive(Clone, Copy, Debug)]
pub struct Attr {
    /// Device that holds it.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// What it is.
    pub kind: FileKind,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// Number of names.
    pub nlink: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Device number of a device file, as (major, minor).
    pub rdev: (u32, u32),
    /// Size in bytes.
    pub size: u64,
    /// Bytes allocated on disk.
    pub allocated: u64,
    /// Preferred I/O size in bytes.
    pub block_size: u32,
    /// Last read.
    pub atime: Timespec,
    /// Last write.
    pub mtime: Timespec,
    /// Last change of attributes.
    pub ctime: Timespec,
    /// Creation, where the file system keeps it.
    pub btime: Option<Timespec>,
}

/// Attributes to change; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetAttr {
    /// Permission bits, 0o7777.
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Last read.
    pub atime: Option<Timespec>,
    /// Last write.
    pub mtime: Option<Timespec>,
}

/// What `statfs` tells of a file system. Counts are in units of `block_size` bytes.
#[derive(Clone, Copy, Debug)]
pub struct FsStat {
    /// Unit of the counts, in bytes.
    pub block_size: u64,
    /// All blocks.
    pub blocks: u64,
    /// Free blocks.
    pub blocks_free: u64,
    /// Free blocks for ordinary users.
    pub blocks_available: u64,
    /// All inodes.
    pub files: u64,
    /// Free inodes.
    pub files_free: u64,
    /// Longest name in bytes.
    pub name_max: u32,
    /// File system id.
    pub fsid: u64,
    /// Magic number of `statfs(2)`.
    pub magic: u64,
}

/// How to open.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenFlags {
    /// For reading (or, of a directory, listing).
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Each write goes to stable storage before it is answered (`O_DSYNC`).
    pub write_through: bool,
}

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// What to make that is neither file nor directory. Devices are not among it: nobody makes one through this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special<'a> {
    /// A symbolic link with this target, which is not looked at: 1 to 4095 bytes without NUL.
    Symlink(&'a [u8]),
    /// A FIFO.
    Fifo,
    /// The name of a socket.
    Socket,
}

/// What a WRITE takes its data from.
pub enum WriteSource<'a, D, P> {
    /// A range of the frame that the request came in.
    Frame(&'a D, Range<usize>),
    /// Data read from the peer's memory.
    Payload(&'a P),
}

/// One name of a directory.
#[derive(Clone, Copy, Debug)]
pub struct DirEntry<'a> {
    /// The name's bytes; from disk, so not to be trusted to be UTF-8. `.` and `..` are delivered too.
    pub name: &'a [u8],
    /// Inode number.
    pub ino: u64,
    /// Position at which a later [`Fs::read_dir`] delivers this entry again.
    pub pos: u64,
}

/// How far [`Fs::read_dir`] got.
#[derive(Clone, Copy, Debug)]
pub struct DirEnd {
    /// Where to go on.
    pub pos: u64,
    /// Whether there is nothing after it.
    pub eof: bool,
}

/// What [`Fs::permission`] asks, as a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission(pub u8);

impl Permission {
    /// Search or execute.
    pub const EXEC: Self = Self(1);
    /// Write; of a directory: add and remove names.
    pub const WRITE: Self = Self(2);
    /// Read; of a directory: list.
    pub const READ: Self = Self(4);
}

/// What a lease of the host's keeps local processes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardLevel {
    /// Opening for writing, truncating, and any change of names and attributes.
    Write,
    /// These, and opening at all.
    Open,
}

/// What somebody other than this server did to a name in a watched directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalAction {
    /// It is new here.
    Added,
    /// It is gone from here.
    Removed,
    /// It had this name before another one in the same directory; what it is called now follows at once.
    RenamedFrom,
    /// It has this name now.
    RenamedTo,
    /// Its data changed.
    Written,
    /// Its attributes, times, owner or permissions changed.
    Attributes,
}

/// A change by a local process, or by whoever else shares the file system.
#[derive(Clone, Copy, Debug)]
pub struct LocalChange<'a> {
    /// What happened.
    pub action: LocalAction,
    /// Where, below the watched directory, with `/` between the parts; bytes from disk.
    pub path: &'a [u8],
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// Preallocation and holes, as in `fallocate(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocate {
    /// Reserve blocks, keep the size.
    KeepSize,
    /// Free the blocks of the range; it reads as zeros.
    PunchHole,
    /// Make the range read as zeros, blocks stay reserved.
    Zero,
}

/// Files, beneath share roots.
///
/// A `Node` is a place in the tree (`O_PATH` in userspace, `struct path` in the kernel): it gives no access to
/// content. A `File` is an open file description with the rights it was opened with.
pub trait Fs: Send + Sync + 'static {
    /// See [`Host::Pdu`].
    type Pdu: Pdu;
    /// See [`Host::Payload`].
    type Payload: Payload;
    /// A share's root directory.
    type Root: Send + Sync + 'static;
    /// A place in the tree.
    type Node: Send + Sync + 'static;
    /// An open file.
    type File: Send + Sync + 'static;
    /// Prepared credentials; made once per session and tree, used many times.
    type Creds: Send + Sync + 'static;
    /// A directory that is watched; dropping it ends that.
    type Watch: Send + Sync + 'static;
    /// A lease of the host's on a file; dropping it gives it up.
    type Guard: Send + Sync + 'static;

    /// Prepares credentials: exactly these ids, no capabilities beyond what these ids have.
    ///
    /// # Errors
    /// `ENOMEM`, `EINVAL` for ids that cannot be mapped.
    fn creds(&self, id: &Identity<'_>) -> Result<Self::Creds>;

    /// The server's own credentials, for metadata that the server keeps (never for a client's wish).
    fn server_creds(&self) -> &Self::Creds;

    /// Opens a share's root by absolute path.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `EACCES` …
    fn open_root(&self, path: &[u8]) -> Result<Self::Root>;

    /// The root directory as a node.
    ///
    /// # Errors
    /// `ENOMEM`, `EMFILE`.
    fn root_node(&self, root: &Self::Root) -> Result<Self::Node>;

    /// Walks `path` from the root. Symbolic links on the way are followed if `follow`, as long as they stay
    /// beneath the root; the last component is followed if `follow_last`.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP` (a link that may not be followed), `EXDEV` (would leave the root).
    fn walk(
        &self,
        root: &Self::Root,
        creds: &Self::Creds,
        path: &RelPath,
        follow: bool,
        follow_last: bool,
    ) -> Result<Self::Node>;

    /// The child `name` of `dir`, never following a link.
    ///
    /// # Errors
    /// `ENOENT`, `EACCES` …
    fn child(&self, dir: &Self::Node, creds: &Self::Creds, name: &Name) -> Result<Self::Node>;

    /// The directory that holds `node`, and under which name, as of now.
    ///
    /// # Errors
    /// `ENOENT` if it has been removed, `EXDEV` if it is the root or lies outside.
    fn path_of(&self, root: &Self::Root, node: &Self::Node) -> Result<KVec<u8>>;

    /// Attributes.
    ///
    /// # Errors
    /// `EIO`, `ESTALE` …
    fn attr(&self, node: &Self::Node) -> Result<Attr>;

    /// Opens a node.
    ///
    /// # Errors
    /// `EACCES`, `EISDIR` (a directory for writing), `EROFS`, `ETXTBSY`, `ENXIO` …
    fn open(&self, node: &Self::Node, creds: &Self::Creds, flags: OpenFlags) -> Result<Self::File>;

    /// Makes a new file or directory that must not exist yet. `mode` is final: no umask is applied.
    ///
    /// # Errors
    /// `EEXIST`, `EACCES`, `ENOSPC`, `EROFS`, `ENAMETOOLONG` …
    fn create(
        &self,
        parent: &Self::Node,
        creds: &Self::Creds,
        name: &Name,
        kind: NewKind,
        mode: u32,
    ) -> Result<Self::Node>;

    /// As [`Fs::create`], for what is neither file nor directory. A link has no mode.
    ///
    /// # Errors
    /// Those of [`Fs::create`]; `EPERM` where the file system has none of the kind.
    fn make_special(
        &self,
        parent: &Self::Node,
        creds: &Self::Creds,
        name: &Name,
        what: Special<'_>,
        mode: u32,
    ) -> Result<Self::Node>;

    /// Removes the name under which `node` was found (a directory must be empty).
    ///
    /// # Errors
    /// `ENOTEMPTY`, `EACCES`, `EPERM`, `EBUSY`, `ENOENT` if that name no longer leads to this file.
    fn remove(&self, root: &Self::Root, node: &Self::Node, creds: &Self::Creds) -> Result;

    /// Moves `node` to `new_parent`/`new_name`; afterwards `node` and open files on it stay usable.
    ///
    /// # Errors
    /// `EEXIST` if there is one and not `replace`, `ENOTEMPTY`, `EXDEV`, `EACCES` …
    fn rename(
        &self,
        root: &Self::Root,
        node: &Self::Node,
        creds: &Self::Creds,
        new_parent: &Self::Node,
        new_name: &Name,
        replace: bool,
    ) -> Result;

    /// Gives `node` a second name, which must not exist.
    ///
    /// # Errors
    /// `EEXIST`, `EPERM` (directories), `EMLINK`, `EXDEV` …
    fn link(
        &self,
        node: &Self::Node,
        creds: &Self::Creds,
        new_parent: &Self::Node,
        new_name: &Name,
    ) -> Result;

    /// Changes attributes.
    ///
    /// # Errors
    /// `EPERM`, `EACCES`, `EROFS` …
    fn set_attr(&self, node: &Self::Node, creds: &Self::Creds, attr: &SetAttr) -> Result;

    /// Whether these credentials may do this, by mode bits and POSIX ACL.
    ///
    /// # Errors
    /// `EACCES`, `EROFS` …
    fn permission(&self, node: &Self::Node, creds: &Self::Creds, what: Permission) -> Result;

    /// Reads an extended attribute into `buf` and tells its length; an empty `buf` asks for the length only.
    ///
    /// # Errors
    /// `ENODATA`, `ERANGE` (does not fit), `EOPNOTSUPP` …
    fn get_xattr(
        &self,
        node: &Self::Node,
        creds: &Self::Creds,
        name: &CStr,
        buf: &mut [u8],
    ) -> Result<usize>;

    /// Sets an extended attribute.
    ///
    /// # Errors
    /// `ENOSPC`, `EDQUOT`, `EOPNOTSUPP`, `EPERM` …
    fn set_xattr(
        &self,
        node: &Self::Node,
        creds: &Self::Creds,
        name: &CStr,
        value: &[u8],
    ) -> Result;

    /// Removes an extended attribute.
    ///
    /// # Errors
    /// `ENODATA` …
    fn remove_xattr(&self, node: &Self::Node, creds: &Self::Creds, name: &CStr) -> Result;

    /// Lists the names of extended attributes, each ended by NUL, into `buf` and tells their length; an empty
    /// `buf` asks for that only.
    ///
    /// # Errors
    /// `ERANGE`, `EOPNOTSUPP` …
    fn list_xattr(&self, node: &Self::Node, creds: &Self::Creds, buf: &mut [u8]) -> Result<usize>;

    /// Reads a symbolic link's target into `buf` and tells its length.
    ///
    /// # Errors
    /// `EINVAL` if it is none, `ERANGE`.
    fn read_link(&self, node: &Self::Node, creds: &Self::Creds, buf: &mut [u8]) -> Result<usize>;

    /// The file system's figures.
    ///
    /// # Errors
    /// `EIO`, `ENOSYS`.
    fn stat_fs(&self, node: &Self::Node) -> Result<FsStat>;

    /// Delivers names from position `pos` on until `sink` returns `false` (that entry then counts as not
    /// taken) or the directory ends. `sink` must not call into the file system: the directory may be locked.
    ///
    /// # Errors
    /// `ENOTDIR`, `EIO`.
    fn read_dir(
        &self,
        dir: &Self::File,
        pos: u64,
        sink: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<DirEnd>;

    /// Reads up to `len` bytes at `offset`; a short payload means end of file.
    ///
    /// # Errors
    /// `EBADF` (not open for reading), `EIO`, `ENOMEM`.
    fn read(&self, file: &Self::File, offset: u64, len: u32) -> Result<Self::Payload>;

    /// Writes all of `data` at `offset` and tells how much was written.
    ///
    /// # Errors
    /// `EBADF`, `ENOSPC`, `EDQUOT`, `EFBIG`, `EIO`.
    fn write(
        &self,
        file: &Self::File,
        offset: u64,
        data: WriteSource<'_, Self::Pdu, Self::Payload>,
    ) -> Result<u32>;

    /// Runs `f` while nobody else runs one with the same `turn`. `f` calls other file operations, but not this one, and
    /// takes no lock of the engine's over them.
    ///
    /// # Errors
    /// Those of `f`.
    fn in_turn(&self, turn: u64, f: &mut dyn FnMut() -> Result) -> Result;

    /// File data that consists of these bytes.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn payload(&self, bytes: &[u8]) -> Result<Self::Payload>;

    /// Copies what a WRITE brings, `out.len()` bytes of it.
    ///
    /// # Errors
    /// `EINVAL` if there is less.
    fn copy_out(&self, data: &WriteSource<'_, Self::Pdu, Self::Payload>, out: &mut [u8]) -> Result;

    /// Brings data and attributes to stable storage.
    ///
    /// # Errors
    /// `EIO`, `ENOSPC`.
    fn flush(&self, file: &Self::File) -> Result;

    /// Sets the size in bytes of a file open for writing.
    ///
    /// # Errors
    /// `EFBIG`, `ENOSPC`, `EBADF`.
    fn truncate(&self, file: &Self::File, size: u64) -> Result;

    /// Reserves or frees blocks.
    ///
    /// # Errors
    /// `EOPNOTSUPP`, `ENOSPC`, `EBADF`.
    fn allocate(&self, file: &Self::File, how: Allocate, offset: u64, len: u64) -> Result;

    /// Copies between two open files inside the host and tells how much was copied; 0 at end of file.
    ///
    /// # Errors
    /// `EBADF`, `ENOSPC`, `EIO`.
    fn copy_range(
        &self,
        from: &Self::File,
        from_offset: u64,
        to: &Self::File,
        to_offset: u64,
        len: u64,
    ) -> Result<u64>;

    /// The next range at or after `from` that the file system keeps data for, or `None` if only a hole follows.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where it cannot tell, `EIO`.
    fn next_data(&self, file: &Self::File, from: u64) -> Result<Option<Range<u64>>>;

    /// Has a range of `to` share the blocks of one of `from`, all of it or nothing.
    ///
    /// # Errors
    /// `EOPNOTSUPP` or `EXDEV` where the file system cannot, `EINVAL` for ranges that are not whole blocks, `EBADF`,
    /// `ENOSPC`.
    fn clone_range(
        &self,
        from: &Self::File,
        from_offset: u64,
        to: &Self::File,
        to_offset: u64,
        len: u64,
    ) -> Result;

    /// Whether the host has leases of its own, which local processes break.
    const GUARDS: bool;

    /// How often the file is open for writing right now, by this server and by others.
    fn writers(&self, node: &Self::Node) -> u32;

    /// As [`Fs::writers`], of a file with a guard.
    fn writers_of_guarded(&self, guard: &Self::Guard) -> u32;

    /// Prepares a lease on a regular file or a directory, which [`Fs::set_guard`] then takes. `dev` and `ino` are what
    /// [`Server::local_open`](crate::server::Server::local_open) is told when somebody is in its way.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the host or the file system has none, `ENOMEM`, `EACCES`.
    fn guard(&self, node: &Self::Node, dev: u64, ino: u64) -> Result<Self::Guard>;

    /// Takes the lease, or changes it: processes in the way of a new level wait, those in the way of the old one only go
    /// on. Who has the file open for writing by then is not in its way.
    ///
    /// # Errors
    /// `EAGAIN` if others have a lease in the way, or local processes wait for this one. `EOPNOTSUPP`, `ENOMEM`.
    fn set_guard(&self, guard: &Self::Guard, level: GuardLevel) -> Result;

    /// Watches a directory, with `deep` all that lies below it too, for changes that did not come through this
    /// server: local processes, other servers. Each is told to
    /// [`Server::local_change`](crate::server::Server::local_change) with `token`, in the order in which they
    /// happened, and never from within a file operation.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the host cannot, `ENOSPC` when there are too many watches, `ENOMEM`.
    fn watch(&self, dir: &Self::Node, deep: bool, token: u64) -> Result<Self::Watch>;
}

/// Signing algorithms, [MS-SMB2] 2.2.3.1.7; the numbers are the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum SigningAlgorithm {
    /// HMAC-SHA256, the only one before 3.0.
    HmacSha256 = 0,
    /// AES-128-CMAC.
    AesCmac = 1,
    /// AES-128-GMAC.
    AesGmac = 2,
}

/// Ciphers, [MS-SMB2] 2.2.3.1.2; the numbers are the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Cipher {
    /// AES-128-CCM.
    Aes128Ccm = 1,
    /// AES-128-GCM.
    Aes128Gcm = 2,
    /// AES-256-CCM.
    Aes256Ccm = 3,
    /// AES-256-GCM.
    Aes256Gcm = 4,
}

impl Cipher {
    /// Key length in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Cipher::Aes128Ccm | Cipher::Aes128Gcm => 16,
            Cipher::Aes256Ccm | Cipher::Aes256Gcm => 32,
        }
    }

    /// Nonce length in bytes, [MS-SMB2] 2.2.41.
    pub fn nonce_len(self) -> usize {
        match self {
            Cipher::Aes128Ccm | Cipher::Aes256Ccm => 11,
            Cipher::Aes128Gcm | Cipher::Aes256Gcm => 12,
        }
    }
}

/// Crypto primitives. Keys are prepared once and used concurrently.
pub trait Crypto: Send + Sync + 'static {
    /// See [`Host::Payload`].
    type Payload: Payload;
    /// A prepared signing key; wiped when dropped.
    type MacKey: Send + Sync + 'static;
    /// A prepared encryption or decryption key; wiped when dropped.
    type AeadKey: Send + Sync + 'static;

    /// SHA-512 over the parts in order.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn sha512(&self, parts: &[&[u8]], out: &mut [u8; 64]) -> Result;

    /// HMAC-SHA256 over the parts in order.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result;

    /// Prepares a signing key (16 bytes for the AES forms).
    ///
    /// # Errors
    /// `EINVAL` for a wrong length, `ENOMEM`.
    fn mac_key(&self, algorithm: SigningAlgorithm, key: &[u8]) -> Result<Self::MacKey>;

    /// The first 16 bytes of the message authentication code over the parts; `nonce` is used by GMAC only.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn mac(
        &self,
        key: &Self::MacKey,
        nonce: &[u8; 12],
        parts: &[Part<'_, Self::Payload>],
        out: &mut [u8; 16],
    ) -> Result;

    /// Prepares a cipher key of [`Cipher::key_len`] bytes.
    ///
    /// # Errors
    /// `EINVAL` for a wrong length, `ENOMEM`, `ENOENT` if the cipher is missing.
    fn aead_key(&self, cipher: Cipher, key: &[u8]) -> Result<Self::AeadKey>;

    /// Whether the host can do this cipher, and so whether negotiate may choose it.
    fn has_cipher(&self, cipher: Cipher) -> bool;

    /// Encrypts all segments in place, as one text, and writes the tag. `nonce` has [`Cipher::nonce_len`]
    /// bytes.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn seal(
        &self,
        key: &Self::AeadKey,
        nonce: &[u8],
        aad: &[u8],
        text: &mut [Segment<Self::Payload>],
        tag: &mut [u8; 16],
    ) -> Result;

    /// Decrypts `text` in place.
    ///
    /// # Errors
    /// `EBADMSG` if the tag does not match; `text` is then undefined.
    fn open(
        &self,
        key: &Self::AeadKey,
        nonce: &[u8],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; 16],
    ) -> Result;
}
