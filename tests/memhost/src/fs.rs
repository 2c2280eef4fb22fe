// SPDX-License-Identifier: GPL-2.0-or-later
//! A file system in memory, with what the engine may expect of a real one: rights, links, holes, directory
//! positions that stay valid, nodes that follow renames, and a disk that can be full.

use std::collections::btree_map::{BTreeMap, Entry};
use std::ffi::CString;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use kernel::alloc::KVec;
use kernel::error::{code::*, Result};
use kernel::prelude::{CStr, GFP_KERNEL};
use ksmbd_engine::host::{
    Allocate, Attr, DirEnd, DirEntry, FileKind, Fs, FsStat, GuardLevel, Identity, NewKind,
    OpenFlags, Permission, SetAttr, Special, WriteSource,
};
use ksmbd_engine::name::{Name, RelPath};
use ksmbd_engine::time::Timespec;

use crate::clock::Clock;
use crate::data::Data;

mod ops;

const PAGE: u64 = 4096;
const NAME_MAX: usize = 255;
const MAX_LINKS: u32 = 40;

/// The file system.
pub struct MemFs {
    top: Node,
    own: Creds,
    clock: Arc<Clock>,
    /// One operation at a time: this is for tests of the engine, not of locking here.
    state: Mutex<State>,
    /// Held while names change: looking and changing are one step.
    names: Mutex<()>,
    /// Token and depth of each watch that the engine has.
    watches: Mutex<Vec<Weak<(u64, bool)>>>,
    guards: Mutex<Vec<Weak<GuardState>>>,
    /// Inodes that local processes have open for writing.
    local_writers: Mutex<Vec<u64>>,
}

struct State {
    next_ino: u64,
    pages: u64,
    max_pages: u64,
}

/// Whose rights count.
#[derive(Clone)]
pub struct Creds {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

/// A place in the tree.
#[derive(Clone)]
pub struct Node(Arc<Dentry>);

/// A watched directory.
pub struct Watch(#[allow(dead_code, reason = "kept alive")] Arc<(u64, bool)>);

/// Device, inode, and what is guarded of it.
type GuardState = Mutex<(u64, u64, Option<GuardLevel>)>;

/// A lease of the host's on a file.
pub struct Guard(Arc<GuardState>, Arc<Inode>);

/// A share's root.
pub struct Root(Arc<Dentry>);

/// An open file.
pub struct File {
    inode: Arc<Inode>,
    read: bool,
    write: bool,
}

impl Drop for File {
    fn drop(&mut self) {
        if self.write {
            self.inode.writers.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

struct Dentry {
    inode: Arc<Inode>,
    /// Parent and name; `None` for what was removed, and for the top.
    place: Mutex<Option<(Weak<Dentry>, Vec<u8>)>>,
}

struct Inode {
    ino: u64,
    kind: FileKind,
    /// How often the server has it open for writing.
    writers: AtomicU32,
    body: Mutex<Body>,
}

#[derive(Default)]
struct Body {
    mode: u32,
    uid: u32,
    gid: u32,
    nlink: u32,
    atime: Timespec,
    mtime: Timespec,
    ctime: Timespec,
    btime: Timespec,
    size: u64,
    pages: BTreeMap<u64, Box<[u8]>>,
    reserved: u64,
    children: BTreeMap<Vec<u8>, (u64, Arc<Dentry>)>,
    /// Children by directory position.
    order: BTreeMap<u64, Vec<u8>>,
    next_position: u64,
    xattrs: BTreeMap<CString, Vec<u8>>,
    target: Vec<u8>,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inode {
    fn body(&self) -> MutexGuard<'_, Body> {
        lock(&self.body)
    }
}

impl Creds {
    fn may(&self, body: &Body, kind: FileKind, what: u8) -> Result {
        if self.uid == 0 {
            // Execution still needs somebody who may.
            if what & 1 != 0 && kind == FileKind::File && body.mode & 0o111 == 0 {
                return Err(EACCES);
            }
            return Ok(());
        }
        let bits = if self.uid == body.uid {
            body.mode >> 6
        } else if self.gid == body.gid || self.groups.contains(&body.gid) {
            body.mode >> 3
        } else {
            body.mode
        };
        if bits & u32::from(what) & 7 == u32::from(what) {
            Ok(())
        } else {
            Err(EACCES)
        }
    }

    fn owns(&self, body: &Body) -> Result {
        if self.uid == 0 || self.uid == body.uid {
            Ok(())
        } else {
            Err(EPERM)
        }
    }
}

impl Body {
    fn read(&self, offset: u64, out: &mut [u8]) -> usize {
        let n = self.size.saturating_sub(offset).min(out.len() as u64) as usize;
        let mut done = 0;
        while done < n {
            let at = offset + done as u64;
            let within = (at % PAGE) as usize;
            let len = (PAGE as usize - within).min(n - done);
            let slot = &mut out[done..done + len];
            match self.pages.get(&(at / PAGE)) {
                Some(page) => slot.copy_from_slice(&page[within..within + len]),
                None => slot.fill(0),
            }
            done += len;
        }
        n
    }

    fn write(&mut self, state: &mut State, offset: u64, bytes: &[u8]) -> Result<usize> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(EFBIG)?;
        if end > i64::MAX as u64 {
            return Err(EFBIG);
        }
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let within = (at % PAGE) as usize;
            let len = (PAGE as usize - within).min(bytes.len() - done);
            let page = match self.pages.entry(at / PAGE) {
                Entry::Occupied(page) => page.into_mut(),
                Entry::Vacant(_) if state.pages >= state.max_pages => break,
                Entry::Vacant(slot) => {
                    state.pages += 1;
                    slot.insert(vec![0; PAGE as usize].into())
                }
            };
            page[within..within + len].copy_from_slice(&bytes[done..done + len]);
            done += len;
        }
        if done == 0 && !bytes.is_empty() {
            return Err(ENOSPC);
        }
        self.size = self.size.max(offset + done as u64);
        Ok(done)
    }

    /// Makes a range read as zeros.
    /// The pages that follow each other from the first one at or after `from`.
    fn next_data(&self, from: u64) -> Option<std::ops::Range<u64>> {
        let mut pages = self.pages.range(from / PAGE..).map(|(n, _)| *n);
        let first = pages.next()?;
        let mut end = first + 1;
        for page in pages.take_while(|n| *n * PAGE < self.size) {
            if page != end {
                break;
            }
            end += 1;
        }
        (first * PAGE < self.size).then(|| (first * PAGE).max(from)..(end * PAGE).min(self.size))
    }

    fn zero(&mut self, state: &mut State, from: u64, to: u64) {
        let keys: Vec<u64> = self
            .pages
            .range(from / PAGE..to.div_ceil(PAGE))
            .map(|(k, _)| *k)
            .collect();
        for key in keys {
            let (start, end) = (key * PAGE, (key + 1) * PAGE);
            if from <= start && end <= to {
                self.pages.remove(&key);
                state.pages -= 1;
            } else if let Some(page) = self.pages.get_mut(&key) {
                let (a, b) = (from.max(start) - start, to.min(end) - start);
                page[a as usize..b as usize].fill(0);
            }
        }
    }

    fn resize(&mut self, state: &mut State, size: u64) {
        if size < self.size {
            self.zero(state, size, u64::MAX - PAGE);
        }
        self.size = size;
    }

    fn insert(&mut self, name: &[u8], dentry: Arc<Dentry>) {
        let position = self.next_position;
        self.next_position += 1;
        self.order.insert(position, name.to_vec());
        self.children.insert(name.to_vec(), (position, dentry));
    }

    fn take(&mut self, name: &[u8]) -> Option<Arc<Dentry>> {
        let (position, dentry) = self.children.remove(name)?;
        self.order.remove(&position);
        Some(dentry)
    }
}

impl MemFs {
    /// An empty file system with a directory for every share.
    pub fn new(clock: Arc<Clock>) -> Self {
        let state = State {
            next_ino: 2,
            pages: 0,
            max_pages: 1 << 16,
        };
        let now = clock.wall();
        let body = Body {
            mode: 0o755,
            nlink: 2,
            atime: now,
            mtime: now,
            ctime: now,
            btime: now,
            next_position: 2,
            ..Body::default()
        };
        let inode = Arc::new(Inode {
            ino: 1,
            kind: FileKind::Dir,
            writers: AtomicU32::new(0),
            body: Mutex::new(body),
        });
        let top = Node(Arc::new(Dentry {
            inode,
            place: Mutex::new(None),
        }));
        let own = Creds {
            uid: 0,
            gid: 0,
            groups: Vec::new(),
        };
        Self {
            top,
            own,
            clock,
            state: Mutex::new(state),
            names: Mutex::new(()),
            watches: Mutex::new(Vec::new()),
            guards: Mutex::new(Vec::new()),
            local_writers: Mutex::new(Vec::new()),
        }
    }

    /// Sets how many bytes of data fit.
    pub fn set_space(&self, bytes: u64) {
        lock(&self.state).max_pages = bytes / PAGE;
    }

    /// Number of files and directories of any name, for leak checks; the top counts.
    pub fn count(&self) -> usize {
        fn below(dentry: &Dentry) -> usize {
            let children: Vec<_> = dentry
                .inode
                .body()
                .children
                .values()
                .map(|(_, d)| d.clone())
                .collect();
            1 + children.iter().map(|d| below(d)).sum::<usize>()
        }
        below(&self.top.0)
    }

    /// Token and depth of each directory that is watched.
    pub fn watches(&self) -> Vec<(u64, bool)> {
        let watches = lock(&self.watches);
        watches
            .iter()
            .filter_map(|w| w.upgrade())
            .map(|w| *w)
            .collect()
    }

    /// Makes a directory for a test, with its parents, owned by `uid`. `path` is from the top.
    pub fn mkdir(&self, path: &str, uid: u32, mode: u32) {
        let mut at = self.top.clone();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            let found =
                at.0.inode
                    .body()
                    .children
                    .get(part.as_bytes())
                    .map(|(_, d)| Node(d.clone()));
            at = match found {
                Some(node) => node,
                None => self.add(&at, part.as_bytes(), FileKind::Dir, mode, (uid, uid)),
            };
        }
    }

    /// Makes a file for a test.
    pub fn put(&self, path: &str, uid: u32, mode: u32, text: &[u8]) {
        let node = self.place_of(path);
        let node = self.add(&node.0, node.1, FileKind::File, mode, (uid, uid));
        let written = node.0.inode.body().write(&mut lock(&self.state), 0, text);
        assert_eq!(written, Ok(text.len()), "the disk is too small for {path}");
    }

    /// Makes a symbolic link for a test.
    pub fn symlink(&self, path: &str, target: &str) {
        let node = self.place_of(path);
        let node = self.add(&node.0, node.1, FileKind::Symlink, 0o777, (0, 0));
        node.0.inode.body().target = target.as_bytes().to_vec();
    }

    /// A file's content, if it is there.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let node = self.find(path)?;
        let body = node.0.inode.body();
        let mut out = vec![0; body.size as usize];
        body.read(0, &mut out);
        Some(out)
    }

    /// What is guarded of a file, with its device and inode.
    ///
    /// # Panics
    /// If there is more than one guard.
    pub fn guarded(&self, path: &str) -> Option<(u64, u64, GuardLevel)> {
        let ino = self.find(path)?.0.inode.ino;
        let guards = lock(&self.guards);
        let found: Vec<_> = guards
            .iter()
            .filter_map(Weak::upgrade)
            .filter_map(|g| {
                let (dev, i, level) = *lock(&g);
                (i == ino).then_some((dev, i, level?))
            })
            .collect();
        assert!(found.len() < 2, "{} guards on {path}", found.len());
        found.first().copied()
    }

    /// A local process has the file open for writing, or no longer has.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn set_local_writer(&self, path: &str, writes: bool) {
        let ino = self.find(path).unwrap().0.inode.ino;
        let mut writers = lock(&self.local_writers);
        writers.retain(|i| *i != ino);
        if writes {
            writers.push(ino);
        }
    }

    /// Whether something has this path.
    pub fn exists(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// An extended attribute as it lies there.
    pub fn xattr(&self, path: &str, name: &std::ffi::CStr) -> Option<Vec<u8>> {
        self.find(path)?.0.inode.body().xattrs.get(name).cloned()
    }

    /// Sets an extended attribute past all rights.
    ///
    /// # Panics
    /// If nothing has this path.
    pub fn put_xattr(&self, path: &str, name: &std::ffi::CStr, value: &[u8]) {
        let node = self.find(path).expect("there is no such path");
        let mut body = node.0.inode.body();
        body.xattrs.insert(name.to_owned(), value.to_vec());
    }

    fn find(&self, path: &str) -> Option<Node> {
        let mut at = self.top.clone();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            let next =
                at.0.inode
                    .body()
                    .children
                    .get(part.as_bytes())
                    .map(|(_, d)| Node(d.clone()));
            at = next?;
        }
        Some(at)
    }

    fn place_of<'a>(&self, path: &'a str) -> (Node, &'a [u8]) {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = self
            .find(dir)
            .unwrap_or_else(|| panic!("{path}: no such directory"));
        (dir, name.as_bytes())
    }

    fn add(
        &self,
        parent: &Node,
        name: &[u8],
        kind: FileKind,
        mode: u32,
        owner: (u32, u32),
    ) -> Node {
        let ino = {
            let mut state = lock(&self.state);
            state.next_ino += 1;
            state.next_ino
        };
        let now = self.clock.wall();
        let body = Body {
            mode,
            uid: owner.0,
            gid: owner.1,
            nlink: if kind == FileKind::Dir { 2 } else { 1 },
            atime: now,
            mtime: now,
            ctime: now,
            btime: now,
            next_position: 2,
            ..Body::default()
        };
        let inode = Arc::new(Inode {
            ino,
            kind,
            writers: AtomicU32::new(0),
            body: Mutex::new(body),
        });
        let place = Mutex::new(Some((Arc::downgrade(&parent.0), name.to_vec())));
        let dentry = Arc::new(Dentry { inode, place });
        let mut dir = parent.0.inode.body();
        dir.insert(name, dentry.clone());
        dir.mtime = now;
        dir.ctime = now;
        if kind == FileKind::Dir {
            dir.nlink += 1;
        }
        Node(dentry)
    }

    /// Makes what must not exist yet.
    fn make(
        &self,
        parent: &Node,
        creds: &Creds,
        name: &Name,
        kind: FileKind,
        mode: u32,
    ) -> Result<Node> {
        Self::enter();
        let _names = lock(&self.names);
        match Self::lookup(&parent.0, creds, name.as_bytes()) {
            Err(e) if e == ENOENT => {}
            Err(e) => return Err(e),
            Ok(_) => return Err(EEXIST),
        }
        if parent.0.inode.body().nlink == 0 {
            return Err(ENOENT);
        }
        creds.may(&parent.0.inode.body(), FileKind::Dir, 3)?;
        let owner = (creds.uid, creds.gid);
        Ok(self.add(parent, name.as_bytes(), kind, mode & 0o7777, owner))
    }

    fn enter() {
        assert_eq!(
            kernel::shim::locks_held(),
            0,
            "a file operation under an engine lock"
        );
    }

    fn all_writers(&self, inode: &Inode) -> u32 {
        let local = lock(&self.local_writers).contains(&inode.ino);
        inode.writers.load(Ordering::SeqCst) + u32::from(local)
    }

    fn lookup(dir: &Arc<Dentry>, creds: &Creds, name: &[u8]) -> Result<Arc<Dentry>> {
        if dir.inode.kind != FileKind::Dir {
            return Err(ENOTDIR);
        }
        let body = dir.inode.body();
        creds.may(&body, FileKind::Dir, 1)?;
        if name.len() > NAME_MAX {
            return Err(ENAMETOOLONG);
        }
        body.children
            .get(name)
            .map(|(_, d)| d.clone())
            .ok_or(ENOENT)
    }

    /// A name's directory and spelling, for changing it.
    fn placed(&self, root: &Root, node: &Node, creds: &Creds) -> Result<(Arc<Dentry>, Vec<u8>)> {
        if Arc::ptr_eq(&root.0, &node.0) {
            return Err(EXDEV);
        }
        self.path_to(root, node)?;
        let place = lock(&node.0.place).clone().ok_or(ENOENT)?;
        let parent = place.0.upgrade().ok_or(ENOENT)?;
        creds.may(&parent.inode.body(), FileKind::Dir, 3)?;
        Ok((parent, place.1))
    }

    fn path_to(&self, root: &Root, node: &Node) -> Result<Vec<u8>> {
        if Arc::ptr_eq(&root.0, &node.0) {
            return Err(EXDEV);
        }
        let mut parts = Vec::new();
        let mut at = node.0.clone();
        while !Arc::ptr_eq(&at, &root.0) {
            if Arc::ptr_eq(&at, &self.top.0) {
                return Err(EXDEV);
            }
            let (parent, name) = lock(&at.place).clone().ok_or(ENOENT)?;
            parts.push(name);
            at = parent.upgrade().ok_or(ENOENT)?;
        }
        parts.reverse();
        Ok(parts.join(&b'/'))
    }

    /// Forgets a name that has been taken out of its directory.
    fn unlink(&self, parent: &Dentry, gone: &Dentry) {
        let now = self.clock.wall();
        *lock(&gone.place) = None;
        {
            let mut dir = parent.inode.body();
            dir.mtime = now;
            dir.ctime = now;
            if gone.inode.kind == FileKind::Dir {
                dir.nlink -= 1;
            }
        }
        let mut body = gone.inode.body();
        body.ctime = now;
        body.nlink = if gone.inode.kind == FileKind::Dir {
            0
        } else {
            body.nlink - 1
        };
    }

    fn empty(dentry: &Dentry) -> Result {
        if dentry.inode.body().children.is_empty() {
            Ok(())
        } else {
            Err(ENOTEMPTY)
        }
    }
}

impl Drop for MemFs {
    fn drop(&mut self) {
        // Nothing refers upwards but by weak references; a deep tree is taken apart level by level.
        let mut todo = vec![self.top.0.clone()];
        while let Some(dentry) = todo.pop() {
            let children = std::mem::take(&mut dentry.inode.body().children);
            todo.extend(children.into_values().map(|(_, d)| d));
        }
    }
}

/// Which rights an attribute needs: `user.` those of the content, others those of the server.
fn may_xattr(creds: &Creds, inode: &Inode, name: &CStr, what: u8) -> Result {
    let body = inode.body();
    if name.to_bytes().starts_with(b"user.") {
        if !matches!(inode.kind, FileKind::File | FileKind::Dir) {
            return Err(EPERM);
        }
        return creds.may(&body, inode.kind, what);
    }
    if creds.uid == 0 {
        Ok(())
    } else if what == 4 {
        Err(ENODATA)
    } else {
        Err(EPERM)
    }
}
