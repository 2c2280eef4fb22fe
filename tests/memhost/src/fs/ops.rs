// SPDX-License-Identifier: GPL-2.0-or-later
//! The host's contract ([`Fs`]) over the tree in memory.

use super::*;
use std::ops::Range;

impl Fs for MemFs {
    type Pdu = Data;
    type Payload = Data;
    type Root = Root;
    type Node = Node;
    type File = File;
    type Creds = Creds;
    type Watch = Watch;
    type Guard = Guard;

    const GUARDS: bool = true;

    fn creds(&self, id: &Identity<'_>) -> Result<Creds> {
        Ok(Creds {
            uid: id.uid,
            gid: id.gid,
            groups: id.groups.to_vec(),
        })
    }

    fn server_creds(&self) -> &Creds {
        &self.own
    }

    fn open_root(&self, path: &[u8]) -> Result<Root> {
        Self::enter();
        let path = std::str::from_utf8(path).map_err(|_| ENOENT)?;
        let node = self
            .find(path.strip_prefix('/').ok_or(EINVAL)?)
            .ok_or(ENOENT)?;
        if node.0.inode.kind != FileKind::Dir {
            return Err(ENOTDIR);
        }
        Ok(Root(node.0))
    }

    fn root_node(&self, root: &Root) -> Result<Node> {
        Ok(Node(root.0.clone()))
    }

    fn walk(
        &self,
        root: &Root,
        creds: &Creds,
        path: &RelPath,
        follow: bool,
        follow_last: bool,
    ) -> Result<Node> {
        Self::enter();
        let mut todo: Vec<Vec<u8>> = path.components().map(<[u8]>::to_vec).collect();
        todo.reverse();
        let mut stack = vec![root.0.clone()];
        let mut links = 0;
        while let Some(part) = todo.pop() {
            let here = stack.last().cloned().ok_or(EXDEV)?;
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    stack.pop();
                    if stack.is_empty() {
                        return Err(EXDEV);
                    }
                    continue;
                }
                _ => {}
            }
            let next = Self::lookup(&here, creds, &part)?;
            let last = todo.is_empty();
            if next.inode.kind == FileKind::Symlink && (!last || follow_last) {
                links += 1;
                if !follow || links > MAX_LINKS {
                    return Err(ELOOP);
                }
                let target = next.inode.body().target.clone();
                if target.starts_with(b"/") {
                    return Err(EXDEV);
                }
                todo.extend(target.split(|b| *b == b'/').rev().map(<[u8]>::to_vec));
            } else {
                stack.push(next);
            }
        }
        stack.pop().map(Node).ok_or(EXDEV)
    }

    fn child(&self, dir: &Node, creds: &Creds, name: &Name) -> Result<Node> {
        Self::enter();
        Self::lookup(&dir.0, creds, name.as_bytes()).map(Node)
    }

    fn path_of(&self, root: &Root, node: &Node) -> Result<KVec<u8>> {
        Self::enter();
        let path = self.path_to(root, node)?;
        let mut out = KVec::new();
        out.extend_from_slice(&path, GFP_KERNEL)?;
        Ok(out)
    }

    fn attr(&self, node: &Node) -> Result<Attr> {
        Self::enter();
        let inode = &node.0.inode;
        let b = inode.body();
        Ok(Attr {
            dev: 1,
            ino: inode.ino,
            kind: inode.kind,
            mode: b.mode,
            nlink: b.nlink,
            uid: b.uid,
            gid: b.gid,
            rdev: (0, 0),
            size: b.size,
            allocated: (b.pages.len() as u64 * PAGE).max(b.reserved),
            block_size: PAGE as u32,
            atime: b.atime,
            mtime: b.mtime,
            ctime: b.ctime,
            btime: Some(b.btime),
        })
    }

    fn open(&self, node: &Node, creds: &Creds, flags: OpenFlags) -> Result<File> {
        Self::enter();
        let inode = node.0.inode.clone();
        match inode.kind {
            FileKind::File => {}
            FileKind::Dir if flags.write => return Err(EISDIR),
            FileKind::Dir => {}
            FileKind::Symlink => return Err(ELOOP),
            _ => return Err(ENXIO),
        }
        let what = u8::from(flags.read) << 2 | u8::from(flags.write) << 1;
        creds.may(&inode.body(), inode.kind, what)?;
        if flags.write {
            inode.writers.fetch_add(1, Ordering::SeqCst);
        }
        Ok(File {
            inode,
            read: flags.read,
            write: flags.write,
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
        let kind = match kind {
            NewKind::File => FileKind::File,
            NewKind::Dir => FileKind::Dir,
        };
        self.make(parent, creds, name, kind, mode)
    }

    fn make_special(
        &self,
        parent: &Node,
        creds: &Creds,
        name: &Name,
        what: Special<'_>,
        mode: u32,
    ) -> Result<Node> {
        let (kind, mode, target) = match what {
            Special::Symlink(target) => (FileKind::Symlink, 0o777, target),
            Special::Fifo => (FileKind::Fifo, mode, &[] as &[u8]),
            Special::Socket => (FileKind::Socket, mode, &[] as &[u8]),
        };
        let node = self.make(parent, creds, name, kind, mode)?;
        let mut body = node.0.inode.body();
        body.target = target.to_vec();
        body.size = target.len() as u64;
        drop(body);
        Ok(node)
    }

    fn remove(&self, root: &Root, node: &Node, creds: &Creds) -> Result {
        Self::enter();
        let _names = lock(&self.names);
        let (parent, name) = self.placed(root, node, creds)?;
        if node.0.inode.kind == FileKind::Dir {
            Self::empty(&node.0)?;
        }
        let gone = parent.inode.body().take(&name).ok_or(ENOENT)?;
        self.unlink(&parent, &gone);
        let inode = &gone.inode;
        let mut body = inode.body();
        // Open files would keep the data; here the space is given back with the last name.
        if body.nlink == 0 && Arc::strong_count(inode) <= 2 {
            let size = body.size;
            body.zero(
                &mut lock(&self.state),
                0,
                size.saturating_add(PAGE).min(u64::MAX - PAGE),
            );
        }
        Ok(())
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
        Self::enter();
        let _names = lock(&self.names);
        let (parent, name) = self.placed(root, node, creds)?;
        let target = match Self::lookup(&new_parent.0, creds, new_name.as_bytes()) {
            Ok(target) => Some(target),
            Err(e) if e == ENOENT => None,
            Err(e) => return Err(e),
        };
        creds.may(&new_parent.0.inode.body(), FileKind::Dir, 3)?;
        // A directory cannot go below itself.
        let mut at = Some(new_parent.0.clone());
        while let Some(dentry) = at {
            if Arc::ptr_eq(&dentry, &node.0) {
                return Err(EINVAL);
            }
            at = lock(&dentry.place)
                .as_ref()
                .and_then(|(up, _)| up.upgrade());
        }
        if let Some(target) = target {
            if !replace {
                return Err(EEXIST);
            }
            if Arc::ptr_eq(&target, &node.0) {
                return Ok(());
            }
            match (node.0.inode.kind, target.inode.kind) {
                (FileKind::Dir, FileKind::Dir) => Self::empty(&target)?,
                (FileKind::Dir, _) => return Err(ENOTDIR),
                (_, FileKind::Dir) => return Err(EISDIR),
                _ => {}
            }
            let gone = new_parent.0.inode.body().take(new_name.as_bytes());
            if let Some(gone) = gone {
                self.unlink(&new_parent.0, &gone);
            }
        }
        let now = self.clock.wall();
        let moved = parent.inode.body().take(&name).ok_or(ENOENT)?;
        let is_dir = moved.inode.kind == FileKind::Dir;
        {
            let mut old = parent.inode.body();
            old.mtime = now;
            old.ctime = now;
            old.nlink -= u32::from(is_dir);
        }
        *lock(&moved.place) = Some((Arc::downgrade(&new_parent.0), new_name.as_bytes().to_vec()));
        moved.inode.body().ctime = now;
        let mut new = new_parent.0.inode.body();
        new.insert(new_name.as_bytes(), moved);
        new.mtime = now;
        new.ctime = now;
        new.nlink += u32::from(is_dir);
        Ok(())
    }

    fn link(&self, node: &Node, creds: &Creds, new_parent: &Node, new_name: &Name) -> Result {
        Self::enter();
        let _names = lock(&self.names);
        match Self::lookup(&new_parent.0, creds, new_name.as_bytes()) {
            Err(e) if e == ENOENT => {}
            Err(e) => return Err(e),
            Ok(_) => return Err(EEXIST),
        }
        if node.0.inode.kind == FileKind::Dir {
            return Err(EPERM);
        }
        creds.may(&new_parent.0.inode.body(), FileKind::Dir, 3)?;
        let now = self.clock.wall();
        {
            let mut body = node.0.inode.body();
            if body.nlink == 0 {
                return Err(ENOENT);
            }
            body.nlink += 1;
            body.ctime = now;
        }
        let place = Mutex::new(Some((
            Arc::downgrade(&new_parent.0),
            new_name.as_bytes().to_vec(),
        )));
        let dentry = Arc::new(Dentry {
            inode: node.0.inode.clone(),
            place,
        });
        let mut dir = new_parent.0.inode.body();
        dir.insert(new_name.as_bytes(), dentry);
        dir.mtime = now;
        dir.ctime = now;
        Ok(())
    }

    fn set_attr(&self, node: &Node, creds: &Creds, attr: &SetAttr) -> Result {
        Self::enter();
        let mut body = node.0.inode.body();
        creds.owns(&body)?;
        if attr.uid.is_some_and(|uid| uid != body.uid) && creds.uid != 0 {
            return Err(EPERM);
        }
        if let Some(gid) = attr.gid {
            if gid != body.gid && creds.uid != 0 && gid != creds.gid && !creds.groups.contains(&gid)
            {
                return Err(EPERM);
            }
            body.gid = gid;
        }
        body.uid = attr.uid.unwrap_or(body.uid);
        body.mode = attr.mode.map_or(body.mode, |m| m & 0o7777);
        body.atime = attr.atime.unwrap_or(body.atime);
        body.mtime = attr.mtime.unwrap_or(body.mtime);
        body.ctime = self.clock.wall();
        Ok(())
    }

    fn permission(&self, node: &Node, creds: &Creds, what: Permission) -> Result {
        Self::enter();
        creds.may(&node.0.inode.body(), node.0.inode.kind, what.0)
    }

    fn get_xattr(&self, node: &Node, creds: &Creds, name: &CStr, buf: &mut [u8]) -> Result<usize> {
        Self::enter();
        may_xattr(creds, &node.0.inode, name, 4)?;
        let body = node.0.inode.body();
        let value = body.xattrs.get(name).ok_or(ENODATA)?;
        if buf.is_empty() {
            return Ok(value.len());
        }
        buf.get_mut(..value.len())
            .ok_or(ERANGE)?
            .copy_from_slice(value);
        Ok(value.len())
    }

    fn set_xattr(&self, node: &Node, creds: &Creds, name: &CStr, value: &[u8]) -> Result {
        Self::enter();
        may_xattr(creds, &node.0.inode, name, 2)?;
        if value.len() > 64 << 10 {
            return Err(E2BIG);
        }
        let mut body = node.0.inode.body();
        body.xattrs.insert(name.to_owned(), value.to_vec());
        body.ctime = self.clock.wall();
        Ok(())
    }

    fn remove_xattr(&self, node: &Node, creds: &Creds, name: &CStr) -> Result {
        Self::enter();
        may_xattr(creds, &node.0.inode, name, 2)?;
        let mut body = node.0.inode.body();
        body.xattrs.remove(name).ok_or(ENODATA)?;
        body.ctime = self.clock.wall();
        Ok(())
    }

    fn list_xattr(&self, node: &Node, creds: &Creds, buf: &mut [u8]) -> Result<usize> {
        Self::enter();
        let body = node.0.inode.body();
        let mut names = Vec::new();
        for name in body.xattrs.keys() {
            if creds.uid == 0 || !name.as_bytes().starts_with(b"trusted.") {
                names.extend_from_slice(name.as_bytes_with_nul());
            }
        }
        if buf.is_empty() {
            return Ok(names.len());
        }
        buf.get_mut(..names.len())
            .ok_or(ERANGE)?
            .copy_from_slice(&names);
        Ok(names.len())
    }

    fn read_link(&self, node: &Node, _creds: &Creds, buf: &mut [u8]) -> Result<usize> {
        Self::enter();
        if node.0.inode.kind != FileKind::Symlink {
            return Err(EINVAL);
        }
        let body = node.0.inode.body();
        buf.get_mut(..body.target.len())
            .ok_or(ERANGE)?
            .copy_from_slice(&body.target);
        Ok(body.target.len())
    }

    fn stat_fs(&self, _node: &Node) -> Result<FsStat> {
        Self::enter();
        let state = lock(&self.state);
        let free = state.max_pages.saturating_sub(state.pages);
        Ok(FsStat {
            block_size: PAGE,
            blocks: state.max_pages,
            blocks_free: free,
            blocks_available: free,
            files: 1 << 20,
            files_free: 1 << 19,
            name_max: NAME_MAX as u32,
            fsid: 0x1234_5678,
            magic: 0x0102_1994,
        })
    }

    fn read_dir(
        &self,
        dir: &File,
        pos: u64,
        sink: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<DirEnd> {
        Self::enter();
        if dir.inode.kind != FileKind::Dir {
            return Err(ENOTDIR);
        }
        if !dir.read {
            return Err(EBADF);
        }
        let body = dir.inode.body();
        for (at, name) in [(0, &b"."[..]), (1, b"..")] {
            if pos <= at
                && !sink(&DirEntry {
                    name,
                    ino: dir.inode.ino,
                    pos: at,
                })
            {
                return Ok(DirEnd {
                    pos: at,
                    eof: false,
                });
            }
        }
        for (position, name) in body.order.range(pos.max(2)..) {
            let ino = body.children.get(name).map_or(0, |(_, d)| d.inode.ino);
            if !sink(&DirEntry {
                name,
                ino,
                pos: *position,
            }) {
                return Ok(DirEnd {
                    pos: *position,
                    eof: false,
                });
            }
        }
        Ok(DirEnd {
            pos: body.next_position.max(2),
            eof: true,
        })
    }

    fn read(&self, file: &File, offset: u64, len: u32) -> Result<Data> {
        Self::enter();
        if !file.read {
            return Err(EBADF);
        }
        if file.inode.kind == FileKind::Dir {
            return Err(EISDIR);
        }
        let mut body = file.inode.body();
        let n = body.size.saturating_sub(offset).min(len.into()) as usize;
        let mut out = vec![0; n];
        body.read(offset, &mut out);
        body.atime = self.clock.wall();
        Ok(Data(out))
    }

    fn write(&self, file: &File, offset: u64, data: WriteSource<'_, Data, Data>) -> Result<u32> {
        Self::enter();
        if !file.write {
            return Err(EBADF);
        }
        let bytes = match data {
            WriteSource::Frame(pdu, range) => pdu.0.get(range).ok_or(EINVAL)?,
            WriteSource::Payload(p) => &p.0,
        };
        let mut body = file.inode.body();
        let n = body.write(&mut lock(&self.state), offset, bytes)?;
        let now = self.clock.wall();
        body.mtime = now;
        body.ctime = now;
        Ok(n as u32)
    }

    fn in_turn(&self, _turn: u64, f: &mut dyn FnMut() -> Result) -> Result {
        static TURN: Mutex<()> = Mutex::new(());
        Self::enter();
        let _turn = lock(&TURN);
        f()
    }

    fn payload(&self, bytes: &[u8]) -> Result<Data> {
        Ok(Data(bytes.to_vec()))
    }

    fn copy_out(&self, data: &WriteSource<'_, Data, Data>, out: &mut [u8]) -> Result {
        let bytes = match data {
            WriteSource::Frame(pdu, range) => pdu.0.get(range.clone()).ok_or(EINVAL)?,
            WriteSource::Payload(p) => &p.0,
        };
        out.copy_from_slice(bytes.get(..out.len()).ok_or(EINVAL)?);
        Ok(())
    }

    fn flush(&self, _file: &File) -> Result {
        Self::enter();
        Ok(())
    }

    fn truncate(&self, file: &File, size: u64) -> Result {
        Self::enter();
        if !file.write {
            return Err(EBADF);
        }
        if size > i64::MAX as u64 {
            return Err(EFBIG);
        }
        let mut body = file.inode.body();
        body.resize(&mut lock(&self.state), size);
        let now = self.clock.wall();
        body.mtime = now;
        body.ctime = now;
        Ok(())
    }

    fn allocate(&self, file: &File, how: Allocate, offset: u64, len: u64) -> Result {
        Self::enter();
        if !file.write {
            return Err(EBADF);
        }
        let end = offset
            .checked_add(len)
            .filter(|e| *e <= i64::MAX as u64)
            .ok_or(EFBIG)?;
        let mut state = lock(&self.state);
        let mut body = file.inode.body();
        match how {
            Allocate::KeepSize if end.div_ceil(PAGE) > state.max_pages => return Err(ENOSPC),
            Allocate::KeepSize => body.reserved = body.reserved.max(end),
            Allocate::PunchHole | Allocate::Zero => body.zero(&mut state, offset, end),
        }
        Ok(())
    }

    fn copy_range(
        &self,
        from: &File,
        from_offset: u64,
        to: &File,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        Self::enter();
        if !from.read || !to.write {
            return Err(EBADF);
        }
        let text = {
            let body = from.inode.body();
            let n = body.size.saturating_sub(from_offset).min(len).min(1 << 24) as usize;
            let mut text = vec![0; n];
            body.read(from_offset, &mut text);
            text
        };
        let n = to
            .inode
            .body()
            .write(&mut lock(&self.state), to_offset, &text)?;
        Ok(n as u64)
    }

    fn next_data(&self, file: &File, from: u64) -> Result<Option<Range<u64>>> {
        Self::enter();
        Ok(file.inode.body().next_data(from))
    }

    fn clone_range(
        &self,
        from: &File,
        from_offset: u64,
        to: &File,
        to_offset: u64,
        len: u64,
    ) -> Result {
        if [from_offset, to_offset].iter().any(|o| o % PAGE != 0) {
            return Err(EINVAL);
        }
        let done = self.copy_range(from, from_offset, to, to_offset, len)?;
        if done == len {
            Ok(())
        } else {
            Err(ENOSPC)
        }
    }

    fn writers(&self, node: &Node) -> u32 {
        Self::enter();
        self.all_writers(&node.0.inode)
    }

    fn writers_of_guarded(&self, guard: &Guard) -> u32 {
        Self::enter();
        self.all_writers(&guard.1)
    }

    fn guard(&self, node: &Node, dev: u64, ino: u64) -> Result<Guard> {
        Self::enter();
        if !matches!(node.0.inode.kind, FileKind::File | FileKind::Dir) {
            return Err(EINVAL);
        }
        let guard = Arc::new(Mutex::new((dev, ino, None)));
        lock(&self.guards).push(Arc::downgrade(&guard));
        Ok(Guard(guard, node.0.inode.clone()))
    }

    fn set_guard(&self, guard: &Guard, level: GuardLevel) -> Result {
        Self::enter();
        lock(&guard.0).2 = Some(level);
        Ok(())
    }

    fn watch(&self, dir: &Node, deep: bool, token: u64) -> Result<Watch> {
        Self::enter();
        if dir.0.inode.kind != FileKind::Dir {
            return Err(ENOTDIR);
        }
        let watched = Arc::new((token, deep));
        lock(&self.watches).push(Arc::downgrade(&watched));
        Ok(Watch(watched))
    }
}
