// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine's files: beneath share roots, under the credentials that the engine names.
//!
//! # Invariants
//!
//! Every change goes through a call that takes credentials; none uses those of the thread. All lookups start
//! at a root or a node and stay beneath it (LOOKUP_BENEATH).

use core::ops::Range;
use kernel::prelude::*;
use kernel::sync::{new_mutex, Arc, Mutex};

use ksmbd_engine::host::{GuardLevel,
    Allocate, Attr, DirEnd, DirEntry, FileKind, Fs, FsStat, Identity, NewKind, OpenFlags, Payload, Pdu,
    Permission, SetAttr, Special, WriteSource,
};
use ksmbd_engine::name::{Name, RelPath};
use ksmbd_engine::time::Timespec;

use crate::sys::buffer::{Buffer, Pool};
use crate::sys::cred::Cred;
use crate::sys::file::{self, File};
use crate::sys::path::{self, Path};
use crate::sys::guard::{self, Guard};
use crate::sys::watch::Watch;

/// Longest path that is ever reported.
const PATH_MAX: usize = 4096;

/// A received frame.
pub(crate) struct Frame(pub(crate) Buffer);

impl Pdu for Frame {
    fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.0.as_mut_slice()
    }
}

/// File data on its way out.
pub(crate) struct Data(pub(crate) Buffer);

impl Payload for Data {
    fn len(&self) -> usize {
        self.0.len()
    }
}

/// The kernel's file systems.
pub(crate) struct KernelFs {
    pool: Pool,
    server: Cred,
    /// One is held while a value is read and written back.
    turns: KVec<Arc<Mutex<()>>>,
}

/// Number of values that can be worked on at a time.
const TURNS: usize = 16;
/// Which bits of a turn's number choose one of them.
const TURN_MASK: u64 = 15;

impl KernelFs {
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new(pool: Pool) -> Result<Self> {
        let mut turns = KVec::with_capacity(TURNS, GFP_KERNEL)?;
        for _ in 0..TURNS {
            let turn = Arc::pin_init(new_mutex!((), "ksmbd::KernelFs::turns"), GFP_KERNEL)?;
            turns.push(turn, GFP_KERNEL)?;
        }
        Ok(Self {
            pool,
            server: Cred::kernel()?,
            turns,
        })
    }
}

fn timespec(t: &path::Time) -> Timespec {
    Timespec {
        sec: t.sec,
        nsec: t.nsec,
    }
}

fn time(t: Option<Timespec>) -> path::Time {
    match t {
        Some(t) => path::Time {
            sec: t.sec,
            nsec: t.nsec.min(999_999_999),
            set: 1,
        },
        None => path::Time::default(),
    }
}

/// The type bits of a mode, as `stat(2)` has them.
fn kind(mode: u32) -> Result<FileKind> {
    Ok(match mode & 0o170_000 {
        0o100_000 => FileKind::File,
        0o040_000 => FileKind::Dir,
        0o120_000 => FileKind::Symlink,
        0o010_000 => FileKind::Fifo,
        0o140_000 => FileKind::Socket,
        0o020_000 => FileKind::Char,
        0o060_000 => FileKind::Block,
        _ => return Err(EIO),
    })
}

impl Fs for KernelFs {
    type Pdu = Frame;
    type Payload = Data;
    type Root = Path;
    type Node = Path;
    type File = File;
    type Creds = Cred;
    type Watch = Watch;
    type Guard = Guard;

    const GUARDS: bool = true;

    fn creds(&self, id: &Identity<'_>) -> Result<Cred> {
        Cred::new(id.uid, id.gid, id.groups)
    }

    fn server_creds(&self) -> &Cred {
        &self.server
    }

    fn open_root(&self, path: &[u8]) -> Result<Path> {
        if path.first() != Some(&b'/') {
            return Err(EINVAL);
        }
        let mut with_nul = KVec::with_capacity(path.len().checked_add(1).ok_or(ENAMETOOLONG)?, GFP_KERNEL)?;
        with_nul.extend_from_slice(path, GFP_KERNEL)?;
        with_nul.push(0, GFP_KERNEL)?;
        let path = CStr::from_bytes_with_nul(&with_nul).map_err(|_| EINVAL)?;
        Path::open_root(path)
    }

    fn root_node(&self, root: &Path) -> Result<Path> {
        Ok(root.clone())
    }

    fn walk(
        &self,
        root: &Path,
        creds: &Cred,
        path: &RelPath,
        follow: bool,
        follow_last: bool,
    ) -> Result<Path> {
        root.walk(creds, path.as_bytes(), follow, follow_last)
    }

    fn child(&self, dir: &Path, creds: &Cred, name: &Name) -> Result<Path> {
        dir.walk(creds, name.as_bytes(), false, false)
    }

    fn path_of(&self, root: &Path, node: &Path) -> Result<KVec<u8>> {
        let mut buf = KVec::from_elem(0, PATH_MAX, GFP_KERNEL)?;
        let len = node.path_below(root, &mut buf)?;
        buf.truncate(len);
        Ok(buf)
    }

    fn attr(&self, node: &Path) -> Result<Attr> {
        let a = node.attr()?;
        Ok(Attr {
            dev: a.dev,
            ino: a.ino,
            kind: kind(a.mode)?,
            mode: a.mode & 0o7777,
            nlink: a.nlink,
            uid: a.uid,
            gid: a.gid,
            rdev: (a.rdev_major, a.rdev_minor),
            size: a.size,
            allocated: a.allocated,
            block_size: a.block_size,
            atime: timespec(&a.atime),
            mtime: timespec(&a.mtime),
            ctime: timespec(&a.ctime),
            btime: (a.btime.set != 0).then(|| timespec(&a.btime)),
        })
    }

    fn open(&self, node: &Path, creds: &Cred, flags: OpenFlags) -> Result<File> {
        node.open(creds, flags.read, flags.write, flags.write_through)
    }

    fn create(&self, parent: &Path, creds: &Cred, name: &Name, kind: NewKind, mode: u32) -> Result<Path> {
        parent.create(creds, name.as_bytes(), kind == NewKind::Dir, mode & 0o7777)
    }

    fn make_special(
        &self,
        parent: &Path,
        creds: &Cred,
        name: &Name,
        what: Special<'_>,
        mode: u32,
    ) -> Result<Path> {
        match what {
            Special::Symlink(to) => parent.symlink(creds, name.as_bytes(), to),
            Special::Fifo => parent.mknod(creds, name.as_bytes(), false, mode),
            Special::Socket => parent.mknod(creds, name.as_bytes(), true, mode),
        }
    }

    fn remove(&self, root: &Path, node: &Path, creds: &Cred) -> Result {
        node.remove(root, creds)
    }

    fn rename(
        &self,
        root: &Path,
        node: &Path,
        creds: &Cred,
        new_parent: &Path,
        new_name: &Name,
        replace: bool,
    ) -> Result {
        node.rename(root, creds, new_parent, new_name.as_bytes(), replace)
    }

    fn link(&self, node: &Path, creds: &Cred, new_parent: &Path, new_name: &Name) -> Result {
        node.link(creds, new_parent, new_name.as_bytes())
    }

    fn set_attr(&self, node: &Path, creds: &Cred, attr: &SetAttr) -> Result {
        let mut set = path::SetAttr {
            atime: time(attr.atime),
            mtime: time(attr.mtime),
            ..path::SetAttr::default()
        };
        if let Some(mode) = attr.mode {
            set.what |= path::SET_MODE;
            set.mode = mode & 0o7777;
        }
        if let Some(uid) = attr.uid {
            set.what |= path::SET_UID;
            set.uid = uid;
        }
        if let Some(gid) = attr.gid {
            set.what |= path::SET_GID;
            set.gid = gid;
        }
        node.set_attr(creds, &set)
    }

    fn permission(&self, node: &Path, creds: &Cred, what: Permission) -> Result {
        node.permission(creds, u32::from(what.0))
    }

    fn get_xattr(&self, node: &Path, creds: &Cred, name: &CStr, buf: &mut [u8]) -> Result<usize> {
        node.get_xattr(creds, name, buf)
    }

    fn set_xattr(&self, node: &Path, creds: &Cred, name: &CStr, value: &[u8]) -> Result {
        node.set_xattr(creds, name, value)
    }

    fn remove_xattr(&self, node: &Path, creds: &Cred, name: &CStr) -> Result {
        node.remove_xattr(creds, name)
    }

    fn list_xattr(&self, node: &Path, creds: &Cred, buf: &mut [u8]) -> Result<usize> {
        node.list_xattr(creds, buf)
    }

    fn read_link(&self, node: &Path, creds: &Cred, buf: &mut [u8]) -> Result<usize> {
        node.read_link(creds, buf)
    }

    fn stat_fs(&self, node: &Path) -> Result<FsStat> {
        let s = node.stat_fs()?;
        Ok(FsStat {
            block_size: s.block_size,
            blocks: s.blocks,
            blocks_free: s.blocks_free,
            blocks_available: s.blocks_available,
            files: s.files,
            files_free: s.files_free,
            name_max: u32::try_from(s.name_max).unwrap_or(255),
            fsid: s.fsid,
            magic: s.magic,
        })
    }

    fn read_dir(&self, dir: &File, pos: u64, sink: &mut dyn FnMut(&DirEntry<'_>) -> bool) -> Result<DirEnd> {
        let (pos, eof) = dir.read_dir(pos, &mut |name, ino, pos| sink(&DirEntry { name, ino, pos }))?;
        Ok(DirEnd { pos, eof })
    }

    fn read(&self, file: &File, offset: u64, len: u32) -> Result<Data> {
        let len = usize::try_from(len).map_err(|_| EINVAL)?;
        let mut buffer = self.pool.get(len)?;
        let got = file.read(offset, buffer.as_mut_slice())?;
        buffer.truncate(got);
        Ok(Data(buffer))
    }

    fn write(&self, file: &File, offset: u64, data: WriteSource<'_, Frame, Data>) -> Result<u32> {
        let bytes = match data {
            WriteSource::Frame(frame, range) => part(frame.bytes(), range)?,
            WriteSource::Payload(data) => data.0.as_slice(),
        };
        let written = file.write(offset, bytes)?;
        u32::try_from(written).map_err(|_| EIO)
    }

    fn in_turn(&self, turn: u64, f: &mut dyn FnMut() -> Result) -> Result {
        let at = usize::try_from(turn & TURN_MASK).map_err(|_| EINVAL)?;
        let _turn = self.turns.get(at).ok_or(EINVAL)?.lock();
        f()
    }

    fn payload(&self, bytes: &[u8]) -> Result<Data> {
        let mut buffer = self.pool.get(bytes.len())?;
        buffer.as_mut_slice().copy_from_slice(bytes);
        Ok(Data(buffer))
    }

    fn copy_out(&self, data: &WriteSource<'_, Frame, Data>, out: &mut [u8]) -> Result {
        let bytes = match data {
            WriteSource::Frame(frame, range) => part(frame.bytes(), range.clone())?,
            WriteSource::Payload(data) => data.0.as_slice(),
        };
        out.copy_from_slice(part(bytes, 0..out.len())?);
        Ok(())
    }

    fn flush(&self, file: &File) -> Result {
        file.flush()
    }

    fn truncate(&self, file: &File, size: u64) -> Result {
        file.truncate(size)
    }

    fn allocate(&self, file: &File, how: Allocate, offset: u64, len: u64) -> Result {
        let how = match how {
            Allocate::KeepSize => file::Allocate::KeepSize,
            Allocate::PunchHole => file::Allocate::Punch,
            Allocate::Zero => file::Allocate::Zero,
        };
        file.allocate(how, offset, len)
    }

    fn copy_range(&self, from: &File, from_offset: u64, to: &File, to_offset: u64, len: u64) -> Result<u64> {
        let copied = from.copy_to(from_offset, to, to_offset, len)?;
        u64::try_from(copied).map_err(|_| EIO)
    }

    fn next_data(&self, file: &File, from: u64) -> Result<Option<Range<u64>>> {
        Ok(file.next_data(from)?.map(|(start, end)| start..end))
    }

    fn clone_range(&self, from: &File, from_offset: u64, to: &File, to_offset: u64, len: u64) -> Result {
        from.clone_to(from_offset, to, to_offset, len)
    }

    fn writers(&self, node: &Path) -> u32 {
        guard::writers(node)
    }

    fn writers_of_guarded(&self, guard: &Guard) -> u32 {
        guard.writers()
    }

    fn guard(&self, node: &Path, dev: u64, ino: u64) -> Result<Guard> {
        Guard::new(node, &self.server, dev, ino)
    }

    fn set_guard(&self, guard: &Guard, level: GuardLevel) -> Result {
        guard.set(level == GuardLevel::Open)
    }

    fn watch(&self, dir: &Path, deep: bool, token: u64) -> Result<Watch> {
        Watch::new(dir, deep, token)
    }
}

fn part(bytes: &[u8], range: Range<usize>) -> Result<&[u8]> {
    bytes.get(range).ok_or(EINVAL)
}
