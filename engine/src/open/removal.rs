// SPDX-License-Identifier: GPL-2.0-or-later
//! How an open leaves its inode, and what goes with it ([MS-FSA] 2.1.5.5).

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::smb2::change_notify::NotifyAction;
use proto_shared::smb2::LeaseKey;

use super::Disk;
use crate::caching::{dirs, Deliver};
use crate::host::{FileKind, Fs, Host};
use crate::notify;
use crate::server::Server;
use crate::tree::{DiskShare, Tree};

/// Takes an open out of its inode, and removes the name if that was pending and this was the last in the way.
pub(super) fn depart<H: Host>(
    server: &Arc<Server<H>>,
    tree: &Arc<Tree<H>>,
    disk: &Disk<H>,
    id: u64,
    wish: Option<&Arc<Tree<H>>>,
    tell: Deliver<H>,
) {
    let mut notices = KVec::new();
    let deleter = disk
        .inode
        .leave(id, wish, disk.parent, server.host().now(), &mut notices);
    if let Some(lease) = &disk.lease {
        server.leases.lock().release(lease);
    }
    match deleter {
        // Of two with different knowledge neither knows of both.
        Some((deleter, spare)) => {
            let spare = spare.filter(|s| disk.parent == Some(*s));
            remove(server, tree, disk, &deleter, spare);
        }
        None if wish.is_some() && disk.kind == FileKind::Dir => {
            notify::deleting(server, disk.inode.key(), false);
        }
        None => {}
    }
    // Who waits for this open finds the name gone, if it goes.
    tell(server, &disk.inode, &notices);
}

/// Removes a name whose last open is gone.
fn remove<H: Host>(
    server: &Arc<Server<H>>,
    tree: &Arc<Tree<H>>,
    disk: &Disk<H>,
    deleter: &Arc<Tree<H>>,
    spare: Option<LeaseKey>,
) {
    // Whoever wished it had the right to; it is done with those credentials, on the name that this handle has.
    let (Ok(share), Ok(wisher)) = (tree.disk(), deleter.disk()) else {
        return disk.inode.removed(&disk.link);
    };
    // A directory that is not empty any more, or a right that was taken away, leaves the name in place.
    let gone = server
        .host()
        .fs()
        .remove(&share.root, &disk.node, &wisher.creds)
        .is_ok();
    disk.inode.removed(&disk.link);
    if gone {
        removed(server, share, disk, spare);
    }
}

/// Tells those who watch that a name is gone.
pub(super) fn removed<H: Host>(
    server: &Arc<Server<H>>,
    share: &DiskShare<H>,
    disk: &Disk<H>,
    spare: Option<LeaseKey>,
) {
    let is_dir = disk.kind == FileKind::Dir;
    if let Ok(path) = disk.path() {
        dirs::changed(server, share, &path, spare);
    }
    if is_dir {
        notify::deleting(server, disk.inode.key(), true);
    }
    if !server.notify.wants(notify::name_filter(is_dir)) {
        return;
    }
    match disk.path() {
        Ok(path) => {
            notify::name_changed(server, share.root_key, &path, is_dir, NotifyAction::REMOVED);
        }
        Err(_) => notify::lost(server, notify::name_filter(is_dir)),
    }
}
