// SPDX-License-Identifier: GPL-2.0-or-later
//! Leases on directories ([MS-SMB2] 3.3.1.4, 3.3.4.20; [MS-FSA] 2.1.4.12 for a parent).
//!
//! Who has one caches the listing (R) and keeps the handle (H); there is nothing to be written. Whatever changes what a
//! listing shows takes all of it away: names that come, go or change, sizes, times and attributes; what is written
//! counts when the handle is closed. Nobody waits for that. A client that changes something itself says by its open's
//! parent lease key which lease knows of it already: that one stays, whoever has it. Holders are told once the request that
//! did it is answered.
//!
//! The directory is found by the name that the handle has, for files do not know theirs. As long as nobody ever had a
//! lease on one, nothing is looked for.

use kernel::prelude::*;
use kernel::sync::atomic::{Acquire, Atomic, Relaxed, Release};
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::smb2::LeaseKey;

use super::deliver;
use super::state::{Caching, Notice, NONE};
use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::name::RelPath;
use crate::open::{FileKey, Inode, InodeTable, Open};
use crate::server::Server;
use crate::time::Monotonic;
use crate::tree::DiskShare;

impl Caching {
    /// Something in the directory changed: who has a lease on it caches nothing any more, but for `spare`.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory; what was begun by then goes on.
    pub fn entry_changed(
        &mut self,
        spare: Option<LeaseKey>,
        now: Monotonic,
        out: &mut KVec<Notice>,
    ) -> SmbResult {
        self.expire(now);
        // Who came last is the most likely to list it again soon.
        for g in self.grants.iter_mut().rev() {
            let knows = matches!(&g.lease, Some(l) if Some(l.id.key) == spare);
            if !knows && !g.state.is_empty() {
                g.break_to(NONE, &self.members, now, out)?;
            }
        }
        Ok(())
    }
}

/// Something happened to what has (or had) this name. Not to be called with a lock held.
pub(crate) fn changed<H: Host>(
    server: &Arc<Server<H>>,
    share: &DiskShare<H>,
    path: &RelPath,
    spare: Option<LeaseKey>,
) {
    if !server.inodes.dir_leases.load(Relaxed) {
        return;
    }
    // A directory that cannot be reached is one that nobody can list; without memory its holders are not told, as
    // they are not of what local processes do.
    let Ok(Some((parent, _))) = path.split_last() else {
        return;
    };
    let fs = server.host().fs();
    let node = if parent.is_root() {
        fs.root_node(&share.root)
    } else {
        fs.walk(&share.root, &share.creds, &parent, false, false)
    };
    let Ok(attr) = node.and_then(|node| fs.attr(&node)) else {
        return;
    };
    let Some(inode) = InodeTable::find(server, FileKey::of(&attr)) else {
        return;
    };
    let now = server.host().now();
    let mut notices = KVec::new();
    let _ = inode.caching(|c| c.entry_changed(spare, now, &mut notices));
    if notices.is_empty() {
        return;
    }
    let untold = &server.inodes.untold;
    let inode: &Arc<Inode<H>> = &inode;
    let room = {
        let mut all = untold.all.lock();
        let room = all.reserve(1, GFP_KERNEL).is_ok();
        if room {
            let one = Untold {
                inode: inode.clone(),
                notices: core::mem::replace(&mut notices, KVec::new()),
            };
            let _ = all.push_within_capacity(one);
        }
        room
    };
    if room {
        untold.any.store(true, Release);
    } else {
        // Better before the reply than never.
        deliver(server, inode, &notices);
    }
}

/// What the holders of one directory's leases are yet to be told.
struct Untold<H: Host> {
    inode: Arc<Inode<H>>,
    notices: KVec<Notice>,
}

/// What all holders are yet to be told: it waits for the reply to the request that did it.
#[pin_data]
pub(crate) struct Pile<H: Host> {
    any: Atomic<bool>,
    #[pin]
    all: Mutex<KVec<Untold<H>>>,
}

impl<H: Host> Pile<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            any: Atomic::new(false),
            all <- new_mutex!(KVec::new(), "ksmbd::caching::Pile::all"),
        })
    }
}

/// Replies are sent: whoever is to be told of a directory's change is. Not to be called with a lock held.
pub(crate) fn tell<H: Host>(server: &Arc<Server<H>>) {
    let untold = &server.inodes.untold;
    if !untold.any.load(Acquire) {
        return;
    }
    untold.any.store(false, Relaxed);
    let all = core::mem::replace(&mut *untold.all.lock(), KVec::new());
    for one in all.iter() {
        deliver(server, &one.inode, &one.notices);
    }
}

/// Something was done to a file or directory through this handle. Not to be called with a lock held.
pub(crate) fn changed_by<H: Host>(server: &Arc<Server<H>>, open: &Open<H>) {
    if !server.inodes.dir_leases.load(Relaxed) {
        return;
    }
    let (Ok(disk), Ok(share)) = (open.disk(), open.tree().disk()) else {
        return;
    };
    if let Ok(path) = disk.path() {
        changed(server, share, &path, disk.parent);
    }
}

/// What was written through the handle shows in listings when it is closed.
pub(crate) fn closed<H: Host>(server: &Arc<Server<H>>, open: &Open<H>) {
    if open.disk().is_ok_and(|disk| disk.written.load(Relaxed)) {
        changed_by(server, open);
    }
}
