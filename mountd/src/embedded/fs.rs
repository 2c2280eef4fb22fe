// SPDX-License-Identifier: GPL-2.0-or-later
//! Files for the embedded host.
//!
//! A node is an `O_PATH` descriptor, a file one that was opened from it through `/proc/self/fd`; no path is
//! ever looked at twice. Walks go through `openat2(2)` with `RESOLVE_BENEATH`, so the kernel keeps them below
//! the share's root whatever links and renames there are. Removing and renaming need a parent and a name:
//! [`locate`] asks the kernel where the node is now, and checks that this is still the node before the name is
//! used. Between that check and its use another process on this machine can put another file under the name;
//! userspace cannot rule that out, and it gains nothing that the client's user could not do itself.
//!
//! Needs Linux 5.8 (`faccessat2`), `/proc`, and permission to use them.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use kernel::prelude::*;
use ksmbd_engine::host::{
    Allocate, Attr, DirEnd, DirEntry, FileKind, Fs, FsStat, GuardLevel, Identity, NewKind,
    OpenFlags, Pdu, Permission, SetAttr, Special, WriteSource,
};
use ksmbd_engine::name::{Name, RelPath};
use ksmbd_engine::time::Timespec;
use ksmbd_hostcrypto::Bytes;
use rustix::fs::{
    self as rfs, Access, AtFlags, FallocateFlags, Gid, Mode, OFlags, RenameFlags, ResolveFlags,
    StatxFlags, Timestamps, Uid, XattrFlags,
};
use rustix::io::Errno;
use rustix::path::DecInt;

use super::creds::{self, Creds};
use super::pool::Buffer;
use super::sys;

mod copy;
mod dir;
mod locate;
#[cfg(test)]
mod tests;
mod watch;

pub(super) use watch::Listener;

/// The local file system.
pub struct LocalFs {
    own: Creds,
    /// `/proc/self/fd`, to get from a node to a file.
    proc: OwnedFd,
    /// Who is told what other processes change.
    pub(super) listener: Listener,
}

/// A share's root directory.
pub struct Root {
    fd: OwnedFd,
}

/// A place in the tree.
pub struct Node {
    fd: OwnedFd,
}

/// An open file.
pub struct File {
    fd: OwnedFd,
    /// Who opened it: later operations on it are done with the same rights.
    creds: Creds,
    /// How far a directory has been read.
    dir: Mutex<dir::Cursor>,
}

/// How often a walk is tried again when renames come in between.
const RETRIES: usize = 16;

/// The engine's error for an I/O error.
pub(super) fn error(e: &io::Error) -> Error {
    Error::from_errno(-e.raw_os_error().unwrap_or(libc::EIO))
}

fn errno(e: Errno) -> Error {
    Error::from_errno(-e.raw_os_error())
}

impl LocalFs {
    /// The local file system, seen by this process.
    ///
    /// # Errors
    /// Without `/proc`.
    pub fn new() -> io::Result<Self> {
        let proc = rfs::open(
            "/proc/self/fd",
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        Ok(Self {
            own: Creds::own(),
            proc,
            listener: Listener::default(),
        })
    }

    /// Takes the rights of the last operation's user off this thread.
    ///
    /// # Errors
    /// Cannot happen to a process that could give the thread those rights.
    pub fn restore_thread(&self) -> Result {
        creds::restore(&self.own)
    }

    /// Opens beneath a directory.
    fn beneath(
        &self,
        dir: impl AsFd,
        path: &[u8],
        flags: OFlags,
        mode: Mode,
        resolve: ResolveFlags,
    ) -> Result<OwnedFd> {
        let resolve = resolve | ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..RETRIES {
            match rfs::openat2(dir.as_fd(), path, flags | OFlags::CLOEXEC, mode, resolve) {
                // The kernel could not tell whether a rename let the walk out.
                Err(Errno::AGAIN | Errno::INTR) => {}
                other => return other.map_err(errno),
            }
        }
        Err(EAGAIN)
    }

    /// The descriptor's entry in `/proc/self/fd`, for calls that take no `O_PATH` descriptor.
    fn through_proc<T>(
        &self,
        fd: BorrowedFd<'_>,
        call: impl Fn(BorrowedFd<'_>, &CStr) -> rustix::io::Result<T>,
    ) -> Result<T> {
        let name = DecInt::from_fd(fd);
        rustix::io::retry_on_intr(|| call(self.proc.as_fd(), name.as_c_str())).map_err(errno)
    }

    /// The same for calls that take a path only.
    fn by_proc_path<T>(
        &self,
        fd: BorrowedFd<'_>,
        call: impl Fn(&CStr) -> rustix::io::Result<T>,
    ) -> Result<T> {
        const PREFIX: &[u8] = b"/proc/self/fd/";
        let number = DecInt::from_fd(fd);
        let number = number.as_c_str().to_bytes_with_nul();
        let mut path = [0u8; 32];
        path[..PREFIX.len()].copy_from_slice(PREFIX);
        let end = PREFIX.len() + number.len();
        path[PREFIX.len()..end].copy_from_slice(number);
        let path = CStr::from_bytes_with_nul(&path[..end]).map_err(|_| EINVAL)?;
        rustix::io::retry_on_intr(|| call(path)).map_err(errno)
    }

    fn reopen(&self, fd: BorrowedFd<'_>, flags: OFlags) -> Result<OwnedFd> {
        self.through_proc(fd, |proc, name| {
            rfs::openat(
                proc,
                name,
                flags | OFlags::CLOEXEC | OFlags::NOCTTY,
                Mode::empty(),
            )
        })
    }

    fn stat(&self, fd: impl AsFd) -> Result<Attr> {
        let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW;
        let s = rfs::statx(fd, c"", flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME)
            .map_err(errno)?;
        attr_of(&s)
    }
}

fn attr_of(s: &rfs::Statx) -> Result<Attr> {
    let time = |t: &rfs::StatxTimestamp| Timespec {
        sec: t.tv_sec,
        nsec: t.tv_nsec,
    };
    let has = |flag| StatxFlags::from_bits_retain(s.stx_mask).contains(flag);
    Ok(Attr {
        dev: rfs::makedev(s.stx_dev_major, s.stx_dev_minor),
        ino: s.stx_ino,
        kind: match rfs::FileType::from_raw_mode(s.stx_mode.into()) {
            rfs::FileType::RegularFile => FileKind::File,
            rfs::FileType::Directory => FileKind::Dir,
            rfs::FileType::Symlink => FileKind::Symlink,
            rfs::FileType::Fifo => FileKind::Fifo,
            rfs::FileType::Socket => FileKind::Socket,
            rfs::FileType::CharacterDevice => FileKind::Char,
            rfs::FileType::BlockDevice => FileKind::Block,
            rfs::FileType::Unknown => return Err(EIO),
        },
        mode: u32::from(s.stx_mode) & 0o7777,
        nlink: s.stx_nlink,
        uid: s.stx_uid,
        gid: s.stx_gid,
        rdev: (s.stx_rdev_major, s.stx_rdev_minor),
        size: s.stx_size,
        allocated: s.stx_blocks.saturating_mul(512),
        block_size: s.stx_blksize,
        atime: time(&s.stx_atime),
        mtime: time(&s.stx_mtime),
        ctime: time(&s.stx_ctime),
        btime: has(StatxFlags::BTIME).then(|| time(&s.stx_btime)),
    })
}

/// Ends a host call with a check: the engine must not call with a lock held.
fn enter() {
    debug_assert_eq!(
        kernel::shim::locks_held(),
        0,
        "a file operation under an engine lock"
    );
}

impl Fs for LocalFs {
    type Pdu = Buffer;
    type Payload = Buffer;
    type Root = Root;
    type Node = Node;
    type File = File;
    type Creds = Creds;
    type Watch = watch::Watch;
    type Guard = std::convert::Infallible;

    // A process' own opens break its own leases, and this one opens files all the time.
    const GUARDS: bool = false;

    fn creds(&self, id: &Identity<'_>) -> Result<Creds> {
        Creds::of(id, &self.own)
    }

    fn server_creds(&self) -> &Creds {
        &self.own
    }

    fn open_root(&self, path: &[u8]) -> Result<Root> {
        enter();
        self.own.assume()?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Root {
            fd: rfs::open(path, flags, Mode::empty()).map_err(errno)?,
        })
    }

    fn root_node(&self, root: &Root) -> Result<Node> {
        Ok(Node {
            fd: rustix::io::fcntl_dupfd_cloexec(&root.fd, 0).map_err(errno)?,
        })
    }

    fn walk(
        &self,
        root: &Root,
        creds: &Creds,
        path: &RelPath,
        follow: bool,
        follow_last: bool,
    ) -> Result<Node> {
        enter();
        if path.is_root() {
            return self.root_node(root);
        }
        creds.assume()?;
        let last = if follow_last {
            OFlags::empty()
        } else {
            OFlags::NOFOLLOW
        };
        let resolve = if follow {
            ResolveFlags::empty()
        } else {
            ResolveFlags::NO_SYMLINKS
        };
        let fd = self.beneath(
            &root.fd,
            path.as_bytes(),
            OFlags::PATH | last,
            Mode::empty(),
            resolve,
        )?;
        Ok(Node { fd })
    }

    fn child(&self, dir: &Node, creds: &Creds, name: &Name) -> Result<Node> {
        enter();
        creds.assume()?;
        let flags = OFlags::PATH | OFlags::NOFOLLOW;
        let fd = self.beneath(
            &dir.fd,
            name.as_bytes(),
            flags,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        )?;
        Ok(Node { fd })
    }

    fn path_of(&self, root: &Root, node: &Node) -> Result<KVec<u8>> {
        enter();
        self.own.assume()?;
        let place = locate::locate(self, root, node)?;
        let mut path = KVec::new();
        path.extend_from_slice(&place.path, GFP_KERNEL)?;
        Ok(path)
    }

    fn attr(&self, node: &Node) -> Result<Attr> {
        enter();
        self.stat(&node.fd)
    }

    fn open(&self, node: &Node, creds: &Creds, flags: OpenFlags) -> Result<File> {
        enter();
        let kind = self.stat(&node.fd)?.kind;
        match kind {
            FileKind::File | FileKind::Dir => {}
            FileKind::Symlink => return Err(ELOOP),
            // Opening a device does something to it, and a FIFO waits for its other end.
            _ => return Err(ENXIO),
        }
        creds.assume()?;
        let access = match (flags.read, flags.write) {
            (true, true) => OFlags::RDWR,
            (true, false) => OFlags::RDONLY,
            (false, true) => OFlags::WRONLY,
            (false, false) => OFlags::PATH,
        };
        let sync = if flags.write && flags.write_through {
            OFlags::DSYNC
        } else {
            OFlags::empty()
        };
        let fd = self.reopen(node.fd.as_fd(), access | sync)?;
        Ok(File {
            fd,
            creds: creds.clone(),
            dir: Mutex::new(dir::Cursor::default()),
        })
    }

    fn create(
        &self,
        parent: &Node,
        creds: &Creds,
        name: &Name,
        kind: NewKind,
        mode: u32,
    ) -> Result<Node> {
        enter();
        let exact = creds::umask_is_clear();
        creds.assume()?;
        let mode = Mode::from_raw_mode(mode & 0o7777);
        let node = match kind {
            NewKind::File => {
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW;
                let made = self.beneath(
                    &parent.fd,
                    name.as_bytes(),
                    flags,
                    mode,
                    ResolveFlags::NO_SYMLINKS,
                )?;
                Node {
                    fd: self.reopen(made.as_fd(), OFlags::PATH)?,
                }
            }
            NewKind::Dir => {
                rfs::mkdirat(&parent.fd, name.as_bytes(), mode).map_err(errno)?;
                let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::DIRECTORY;
                let fd = self.beneath(
                    &parent.fd,
                    name.as_bytes(),
                    flags,
                    Mode::empty(),
                    ResolveFlags::NO_SYMLINKS,
                )?;
                Node { fd }
            }
        };
        if !exact {
            self.through_proc(node.fd.as_fd(), |proc, name| {
                rfs::chmodat(proc, name, mode, AtFlags::empty())
            })?;
        }
        Ok(node)
    }

    fn make_special(
        &self,
        parent: &Node,
        creds: &Creds,
        name: &Name,
        what: Special<'_>,
        mode: u32,
    ) -> Result<Node> {
        enter();
        let exact = creds::umask_is_clear();
        creds.assume()?;
        let permissions = Mode::from_raw_mode(mode & 0o7777);
        let mknod = |kind| rfs::mknodat(&parent.fd, name.as_bytes(), kind, permissions, 0);
        match what {
            Special::Symlink(target) => rfs::symlinkat(target, &parent.fd, name.as_bytes()),
            Special::Fifo => mknod(rfs::FileType::Fifo),
            Special::Socket => mknod(rfs::FileType::Socket),
        }
        .map_err(errno)?;
        let node = self.child(parent, creds, name)?;
        if !exact && !matches!(what, Special::Symlink(_)) {
            self.through_proc(node.fd.as_fd(), |proc, name| {
                rfs::chmodat(proc, name, permissions, AtFlags::empty())
            })?;
        }
        Ok(node)
    }

    fn remove(&self, root: &Root, node: &Node, creds: &Creds) -> Result {
        enter();
        creds.assume()?;
        let flags = match self.stat(&node.fd)?.kind {
            FileKind::Dir => AtFlags::REMOVEDIR,
            _ => AtFlags::empty(),
        };
        let place = locate::locate(self, root, node)?;
        rfs::unlinkat(&place.parent, place.name(), flags).map_err(errno)
    }

    fn rename(
        &self,
        root: &Root,
        node: &Node,
        creds: &Creds,
        new_parent: &Node,
        new_name: &Name,
        replace: bool,
    ) -> Result {
        enter();
        creds.assume()?;
        let place = locate::locate(self, root, node)?;
        let (from, to) = (
            (&place.parent, place.name()),
            (&new_parent.fd, new_name.as_bytes()),
        );
        if !replace {
            return match rfs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
                // The file system does not know the flag.
                Err(Errno::INVAL)
                    if self.child(new_parent, creds, new_name).err() == Some(ENOENT) =>
                {
                    rfs::renameat(from.0, from.1, to.0, to.1).map_err(errno)
                }
                other => other.map_err(errno),
            };
        }
        // Between two names of one file rename(2) does nothing; the client means the old name to go.
        if let Ok(target) = self.child(new_parent, creds, new_name) {
            let (a, b) = (self.stat(&node.fd)?, self.stat(&target.fd)?);
            if (a.dev, a.ino) == (b.dev, b.ino)
                && !locate::same_place(self, &place, new_parent, new_name)?
            {
                return rfs::unlinkat(from.0, from.1, AtFlags::empty()).map_err(errno);
            }
        }
        rfs::renameat(from.0, from.1, to.0, to.1).map_err(errno)
    }

    fn link(&self, node: &Node, creds: &Creds, new_parent: &Node, new_name: &Name) -> Result {
        enter();
        creds.assume()?;
        self.through_proc(node.fd.as_fd(), |proc, name| {
            rfs::linkat(
                proc,
                name,
                &new_parent.fd,
                new_name.as_bytes(),
                AtFlags::SYMLINK_FOLLOW,
            )
        })
    }

    fn set_attr(&self, node: &Node, creds: &Creds, attr: &SetAttr) -> Result {
        enter();
        creds.assume()?;
        if attr.uid.is_some() || attr.gid.is_some() {
            let uid = attr.uid.map(Uid::from_raw);
            let gid = attr.gid.map(Gid::from_raw);
            rfs::chownat(&node.fd, c"", uid, gid, AtFlags::EMPTY_PATH).map_err(errno)?;
        }
        // After the owner, whose change takes the set-id bits away.
        if let Some(mode) = attr.mode {
            let mode = Mode::from_raw_mode(mode & 0o7777);
            self.through_proc(node.fd.as_fd(), |proc, name| {
                rfs::chmodat(proc, name, mode, AtFlags::empty())
            })?;
        }
        if attr.atime.is_some() || attr.mtime.is_some() {
            let time = |t: Option<Timespec>| match t {
                Some(t) => rfs::Timespec {
                    tv_sec: t.sec,
                    tv_nsec: t.nsec.into(),
                },
                None => rfs::Timespec {
                    tv_sec: 0,
                    tv_nsec: rfs::UTIME_OMIT,
                },
            };
            let times = Timestamps {
                last_access: time(attr.atime),
                last_modification: time(attr.mtime),
            };
            rfs::utimensat(&node.fd, c"", &times, AtFlags::EMPTY_PATH).map_err(errno)?;
        }
        Ok(())
    }

    fn permission(&self, node: &Node, creds: &Creds, what: Permission) -> Result {
        enter();
        creds.assume()?;
        let mut access = Access::empty();
        access.set(Access::READ_OK, what.0 & Permission::READ.0 != 0);
        access.set(Access::WRITE_OK, what.0 & Permission::WRITE.0 != 0);
        access.set(Access::EXEC_OK, what.0 & Permission::EXEC.0 != 0);
        self.through_proc(node.fd.as_fd(), |proc, name| {
            rfs::accessat(proc, name, access, AtFlags::EACCESS)
        })
    }

    fn get_xattr(&self, node: &Node, creds: &Creds, name: &CStr, buf: &mut [u8]) -> Result<usize> {
        enter();
        creds.assume()?;
        if buf.is_empty() {
            // To rustix that is no question for the length, as it is to the kernel.
            return self.by_proc_path(node.fd.as_fd(), |path| rfs::getxattr_query(path, name));
        }
        let buf = std::cell::RefCell::new(buf);
        self.by_proc_path(node.fd.as_fd(), |path| {
            rfs::getxattr(path, name, &mut **buf.borrow_mut())
        })
    }

    fn set_xattr(&self, node: &Node, creds: &Creds, name: &CStr, value: &[u8]) -> Result {
        enter();
        creds.assume()?;
        self.by_proc_path(node.fd.as_fd(), |path| {
            rfs::setxattr(path, name, value, XattrFlags::empty())
        })
    }

    fn remove_xattr(&self, node: &Node, creds: &Creds, name: &CStr) -> Result {
        enter();
        creds.assume()?;
        self.by_proc_path(node.fd.as_fd(), |path| rfs::removexattr(path, name))
    }

    fn list_xattr(&self, node: &Node, creds: &Creds, buf: &mut [u8]) -> Result<usize> {
        enter();
        creds.assume()?;
        if buf.is_empty() {
            return self.by_proc_path(node.fd.as_fd(), |path| rfs::listxattr_query(path));
        }
        let buf = std::cell::RefCell::new(buf);
        self.by_proc_path(node.fd.as_fd(), |path| {
            rfs::listxattr(path, &mut **buf.borrow_mut())
        })
    }

    fn read_link(&self, node: &Node, creds: &Creds, buf: &mut [u8]) -> Result<usize> {
        enter();
        creds.assume()?;
        match rfs::readlinkat_raw(&node.fd, c"", &mut *buf) {
            // The kernel cuts off without a word.
            Ok(n) if n >= buf.len() => Err(ERANGE),
            Ok(n) => Ok(n),
            Err(Errno::NOENT) => Err(EINVAL),
            Err(e) => Err(errno(e)),
        }
    }

    fn stat_fs(&self, node: &Node) -> Result<FsStat> {
        enter();
        let s = rfs::fstatfs(&node.fd).map_err(errno)?;
        let v = rfs::fstatvfs(&node.fd).map_err(errno)?;
        Ok(FsStat {
            block_size: v.f_frsize,
            blocks: v.f_blocks,
            blocks_free: v.f_bfree,
            blocks_available: v.f_bavail,
            files: v.f_files,
            files_free: v.f_ffree,
            name_max: u32::try_from(v.f_namemax).unwrap_or(255),
            fsid: v.f_fsid,
            magic: s.f_type as u64,
        })
    }

    fn read_dir(
        &self,
        dir: &File,
        pos: u64,
        sink: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<DirEnd> {
        enter();
        dir.creds.assume()?;
        let mut cursor = dir.dir.lock().unwrap_or_else(PoisonError::into_inner);
        cursor.read(dir.fd.as_fd(), pos, sink)
    }

    fn read(&self, file: &File, offset: u64, len: u32) -> Result<Buffer> {
        enter();
        file.creds.assume()?;
        let mut data = Buffer::new(len as usize)?;
        let n = fill(file.fd.as_fd(), data.as_mut_slice(), offset)?;
        data.truncate(n);
        Ok(data)
    }

    fn write(
        &self,
        file: &File,
        offset: u64,
        data: WriteSource<'_, Buffer, Buffer>,
    ) -> Result<u32> {
        enter();
        file.creds.assume()?;
        let bytes = match data {
            WriteSource::Frame(pdu, range) => pdu.bytes().get(range).ok_or(EINVAL)?,
            WriteSource::Payload(p) => p.as_slice(),
        };
        u32::try_from(empty_out(file.fd.as_fd(), bytes, offset)?).map_err(|_| EINVAL)
    }

    fn in_turn(&self, turn: u64, f: &mut dyn FnMut() -> Result) -> Result {
        static TURNS: [Mutex<()>; 16] = [const { Mutex::new(()) }; 16];
        let turn = &TURNS[(turn % 16) as usize];
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        f()
    }

    fn payload(&self, bytes: &[u8]) -> Result<Buffer> {
        let mut buffer = Buffer::new(bytes.len())?;
        buffer.as_mut_slice().copy_from_slice(bytes);
        Ok(buffer)
    }

    fn copy_out(&self, data: &WriteSource<'_, Buffer, Buffer>, out: &mut [u8]) -> Result {
        let bytes = match data {
            WriteSource::Frame(pdu, range) => pdu.bytes().get(range.clone()).ok_or(EINVAL)?,
            WriteSource::Payload(p) => p.as_slice(),
        };
        out.copy_from_slice(bytes.get(..out.len()).ok_or(EINVAL)?);
        Ok(())
    }

    fn flush(&self, file: &File) -> Result {
        enter();
        rustix::io::retry_on_intr(|| rfs::fsync(&file.fd)).map_err(errno)
    }

    fn truncate(&self, file: &File, size: u64) -> Result {
        enter();
        file.creds.assume()?;
        rustix::io::retry_on_intr(|| rfs::ftruncate(&file.fd, size)).map_err(errno)
    }

    fn allocate(&self, file: &File, how: Allocate, offset: u64, len: u64) -> Result {
        enter();
        file.creds.assume()?;
        let call = |mode: FallocateFlags| {
            let mode = mode | FallocateFlags::KEEP_SIZE;
            rustix::io::retry_on_intr(|| rfs::fallocate(&file.fd, mode, offset, len)).map_err(errno)
        };
        match how {
            Allocate::KeepSize => call(FallocateFlags::empty()),
            Allocate::PunchHole => call(FallocateFlags::PUNCH_HOLE),
            // File systems in memory have holes but no zeroed ranges.
            Allocate::Zero => match call(FallocateFlags::ZERO_RANGE) {
                Err(EOPNOTSUPP) => {
                    call(FallocateFlags::PUNCH_HOLE)?;
                    call(FallocateFlags::empty())
                }
                other => other,
            },
        }
    }

    fn copy_range(
        &self,
        from: &File,
        from_offset: u64,
        to: &File,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        enter();
        to.creds.assume()?;
        copy::range(from.fd.as_fd(), from_offset, to.fd.as_fd(), to_offset, len)
    }

    fn next_data(&self, file: &File, from: u64) -> Result<Option<Range<u64>>> {
        enter();
        copy::next_data(file.fd.as_fd(), from)
    }

    fn clone_range(
        &self,
        from: &File,
        from_offset: u64,
        to: &File,
        to_offset: u64,
        len: u64,
    ) -> Result {
        enter();
        to.creds.assume()?;
        sys::clone_range(&from.fd, from_offset, &to.fd, to_offset, len).map_err(|e| error(&e))
    }

    fn writers(&self, _: &Node) -> u32 {
        0
    }

    fn writers_of_guarded(&self, guard: &Self::Guard) -> u32 {
        match *guard {}
    }

    fn guard(&self, _: &Node, _: u64, _: u64) -> Result<Self::Guard> {
        Err(EOPNOTSUPP)
    }

    fn set_guard(&self, guard: &Self::Guard, _: GuardLevel) -> Result {
        match *guard {}
    }

    fn watch(&self, dir: &Node, deep: bool, token: u64) -> Result<watch::Watch> {
        enter();
        // Marking a file system and finding the way to an event are the server's own business.
        self.restore_thread()?;
        let fd = dir.fd.try_clone().map_err(|e| error(&e))?;
        self.by_proc_path(dir.fd.as_fd(), |path| {
            let fd = fd.try_clone().map_err(|_| Errno::MFILE)?;
            watch::start(&self.listener, path, fd, deep, token)
                .map_err(|e| Errno::from_raw_os_error(-e.to_errno()))
        })
    }
}

/// Reads until `buf` is full or the file ends, and tells how much.
fn fill(fd: BorrowedFd<'_>, buf: &mut [u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        let at = offset.checked_add(done as u64).ok_or(EINVAL)?;
        match rustix::io::pread(fd, &mut buf[done..], at) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(Errno::INTR) => {}
            Err(_) if done != 0 => break,
            Err(e) => return Err(errno(e)),
        }
    }
    Ok(done)
}

/// Writes all of `bytes`, and tells how much if an error came in between.
fn empty_out(fd: BorrowedFd<'_>, bytes: &[u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        let at = offset.checked_add(done as u64).ok_or(EFBIG)?;
        match rustix::io::pwrite(fd, &bytes[done..], at) {
            Ok(0) => return Err(EIO),
            Ok(n) => done += n,
            Err(Errno::INTR) => {}
            Err(_) if done != 0 => break,
            Err(e) => return Err(errno(e)),
        }
    }
    Ok(done)
}
