// SPDX-License-Identifier: GPL-2.0-or-later
//! How an empty file becomes a symbolic link, a FIFO or a socket, and a file again ([MS-FSA] 2.1.5.10.37, 2.1.5.10.5).
//!
//! To a client it stays the same file, and so does its handle. On Unix these are different inodes: the new one is made
//! under another name, gets the descriptor of the old one, takes its name when that is gone, and a new open with the ids
//! of the handle takes the place of the old open in the session's table. A name that somebody else took meanwhile stays
//! theirs.

use core::mem::MaybeUninit;

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{Arc, UniqueArc};

use proto_shared::dtyp::access::AccessMask;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::status::NtStatus;

use super::inode::{Entered, Entering, InodePin, Link};
use super::removal::depart;
use super::{end, unlock, Body, Disk, FileKey, InodeTable, NewOpen, Open};
use crate::caching::{deliver, dirs, Arrival, Ask};
use crate::durable;
use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host, NewKind, Special};
use crate::name::{Name, RelPath};
use crate::notify;
use crate::security;
use crate::stream;
use crate::tree::{DiskShare, WritableTree};
use crate::work::Work;

/// What a file is to become.
#[derive(Clone, Copy)]
pub(crate) enum Form<'a> {
    /// An empty file.
    File,
    /// A link, FIFO or socket.
    Special(Special<'a>),
}

/// Turns what a handle has open into something else.
///
/// # Errors
/// `ACCESS_DENIED` without the right to write data or attributes, `SHARING_VIOLATION` if others have it open,
/// `DIRECTORY_NOT_EMPTY`, `DELETE_PENDING`, `NOT_SUPPORTED` for a file that has data, streams or other names, and the
/// host's. The file is then what it was, unless somebody else took its name at that very moment.
pub(crate) fn turn<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    _: &WritableTree<'_, H>,
    form: Form<'_>,
) -> SmbResult {
    let write = AccessMask::WRITE_DATA | AccessMask::WRITE_ATTRIBUTES;
    let (disk, share) = open.require_change(write)?;
    let fs = w.fs();
    let attr = fs.attr(&disk.node)?;
    check(w, open, disk, &attr)?;
    let path = disk.path()?;
    // The share's root stays what it is.
    let (dir, name) = path.split_last()?.ok_or(NtStatus::ACCESS_DENIED)?;
    let follow = open.tree.has(TreeFlags::FOLLOW_SYMLINKS);
    let dir = fs.walk(&share.root, &share.creds, &dir, follow, follow)?;
    let node = make::<H>(w, &dir, &share.creds, form, attr.mode)?;
    let turning = Turning {
        w,
        open,
        disk,
        share,
    };
    match turning.prepare(&node, &path) {
        Ok(ready) => turning.swap(node, ready, &dir, &name),
        Err(e) => {
            let _ = fs.remove(&share.root, &node, &share.creds);
            Err(e)
        }
    }
}

/// Whether nothing would be lost.
fn check<H: Host>(w: &Work<H>, open: &Open<H>, disk: &Disk<H>, attr: &Attr) -> SmbResult {
    if disk.is_delete_pending() || attr.nlink == 0 {
        return Err(NtStatus::DELETE_PENDING.into());
    }
    if disk.inode.is_open(Some(open.persistent)) {
        return Err(NtStatus::SHARING_VIOLATION.into());
    }
    let has_data = match attr.kind {
        FileKind::Dir => {
            let empty = super::Delete {
                open,
                disk,
                share: open.share()?,
            }
            .is_empty_dir(w.fs())?;
            if !empty {
                return Err(NtStatus::DIRECTORY_NOT_EMPTY.into());
            }
            false
        }
        FileKind::File => attr.size != 0,
        _ => false,
    };
    let names = attr.kind != FileKind::Dir && attr.nlink > 1;
    let mut streams = disk.stream.is_some();
    if open.tree.has(TreeFlags::STREAMS) && matches!(attr.kind, FileKind::File | FileKind::Dir) {
        stream::list::<H>(w.fs(), &disk.node, &mut |_, _| {
            streams = true;
            false
        })?;
    }
    if has_data || names || streams {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    Ok(())
}

/// Makes the new file under a name that nobody knows.
fn make<H: Host>(
    w: &Work<H>,
    dir: &<H::Fs as Fs>::Node,
    creds: &<H::Fs as Fs>::Creds,
    form: Form<'_>,
    mode: u32,
) -> SmbResult<<H::Fs as Fs>::Node> {
    let mut random = [0u8; 8];
    w.server().host().random(&mut random);
    let mut name = *b".smb-new-0000000000000000";
    let digits = name.iter_mut().skip(b".smb-new-".len());
    for (at, digit) in digits.enumerate() {
        let byte = random.get(at / 2).copied().unwrap_or(0);
        let half = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
        *digit = b"0123456789abcdef"
            .get(usize::from(half))
            .copied()
            .unwrap_or(b'0');
    }
    let name = Name::from_bytes(&name)?;
    let fs = w.fs();
    Ok(match form {
        Form::File => fs.create(dir, creds, &name, NewKind::File, mode & 0o666)?,
        Form::Special(what) => fs.make_special(dir, creds, &name, what, mode)?,
    })
}

/// What a new open is put together of. All that can fail for want of memory is done by then, and nothing is changed yet.
struct Ready<H: Host> {
    attr: Attr,
    inode: InodePin<H>,
    link: Arc<Link>,
    room: UniqueArc<MaybeUninit<Open<H>>>,
    disk_room: UniqueArc<MaybeUninit<Disk<H>>>,
}

struct Turning<'a, H: Host> {
    w: &'a Work<H>,
    open: &'a Arc<Open<H>>,
    disk: &'a Disk<H>,
    share: &'a DiskShare<H>,
}

impl<H: Host> Turning<'_, H> {
    fn prepare(&self, node: &<H::Fs as Fs>::Node, path: &RelPath) -> SmbResult<Ready<H>> {
        let fs = self.w.fs();
        // Whoever may not open the one must not open the other.
        if let Some(stored) = security::load(fs, &self.open.tree, &self.disk.node)? {
            security::store::<H>(fs, node, stored.value())?;
        }
        let attr = fs.attr(node)?;
        let room = UniqueArc::new_uninit(GFP_KERNEL)?;
        let disk_room = UniqueArc::new_uninit(GFP_KERNEL)?;
        let inode = InodeTable::pin(self.w.server(), FileKey::of(&attr))?;
        let link = self.enter(&inode, &attr, path)?;
        Ok(Ready {
            attr,
            inode,
            link,
            room,
            disk_room,
        })
    }

    fn enter(&self, inode: &InodePin<H>, attr: &Attr, path: &RelPath) -> SmbResult<Arc<Link>> {
        let (open, server) = (self.open, self.w.server());
        let caching = (attr.kind == FileKind::File).then(|| Arrival {
            open: open.persistent,
            session: open.session_id,
            access: open.granted,
            created: true,
            overwrites: false,
            violation: false,
            locked: false,
            retry: false,
            sealed: open.tree.has(TreeFlags::ENCRYPT),
            ask: Ask::Nothing,
        });
        let entering = Entering {
            id: open.persistent,
            access: open.granted,
            share: open.share_access,
            root: self.share.root_key,
            path,
            hard_linked: false,
            of_stream: false,
            caching,
            now: server.host().now(),
        };
        let mut notices = KVec::new();
        let entered = inode.enter(&entering, &mut notices);
        deliver(server, inode, &notices);
        match entered? {
            Entered::In(link) => Ok(link),
            Entered::Wait(_) => Err(NtStatus::SHARING_VIOLATION.into()),
        }
    }

    /// Puts the new file in the place of the old one, on disk and in the session.
    fn swap(
        &self,
        node: <H::Fs as Fs>::Node,
        ready: Ready<H>,
        dir: &<H::Fs as Fs>::Node,
        name: &Name,
    ) -> SmbResult {
        let (old, server, fs) = (self.open, self.w.server(), self.w.fs());
        let disk = Disk {
            node,
            file: None,
            kind: ready.attr.kind,
            link: ready.link,
            stream: None,
            lease: None,
            parent: self.disk.parent,
            written: Atomic::new(false),
            ended: Atomic::new(false),
            inode: ready.inode,
        };
        let disk: Arc<Disk<H>> = ready.disk_room.write(disk).into();
        let new = NewOpen {
            persistent: old.persistent,
            tree: old.tree.clone(),
            granted: old.granted,
            share_access: old.share_access,
            options: old.how.options,
            posix: old.how.posix,
            snapshot: old.how.snapshot,
        };
        let body = Body::Disk(disk.clone());
        let fresh = Open::new(ready.room, new, old.session_id, body);
        let (root, creds) = (&self.share.root, &self.share.creds);
        let moved = fs
            .remove(root, &self.disk.node, creds)
            .and_then(|()| fs.rename(root, &disk.node, creds, dir, name, false));
        if let Err(e) = moved {
            let _ = fs.remove(root, &disk.node, creds);
            self.leave(&disk);
            return Err(e.into());
        }
        let volatile = old.id().volatile;
        fresh.volatile.store(volatile, Relaxed);
        fresh.mode.store(old.mode.load(Relaxed), Relaxed);
        fresh.position.store(old.position.load(Relaxed), Relaxed);
        // What was to happen to the name at the end happens to the new one.
        let (from, to) = (&old.deletion, &fresh.deletion);
        to.on_close.store(from.on_close.load(Relaxed), Relaxed);
        to.posix.store(from.posix.load(Relaxed), Relaxed);
        let session = self.w.session()?;
        let taken = match session.opens.lock().get_mut(volatile) {
            Some(slot) if Arc::ptr_eq(slot, old) => Some(core::mem::replace(slot, fresh.clone())),
            // A CLOSE came in between.
            _ => None,
        };
        if taken.is_some() {
            from.on_close.store(false, Relaxed);
            from.posix.store(false, Relaxed);
            self.disk.ended.store(true, Relaxed);
            durable::ended(server, old);
            unlock(server, old, self.disk);
            self.leave(self.disk);
        } else {
            end(server, &fresh);
        }
        notify::modified(server, &fresh, CompletionFilter::ATTRIBUTES);
        dirs::changed_by(server, &fresh);
        Ok(())
    }

    fn leave(&self, disk: &Disk<H>) {
        let id = self.open.persistent;
        depart(self.w.server(), &self.open.tree, disk, id, None, deliver);
    }
}
