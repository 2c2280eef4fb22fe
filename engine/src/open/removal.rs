// SPDX-License-Identifier: GPL-2.0-or-later
//! How an open leaves its inode, and what goes with it ([MS-FSA] 2.1.5.5).

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::ipc::FileAction;
use proto_shared::smb2::change_notify::{CompletionFilter, NotifyAction};
use proto_shared::smb2::LeaseKey;
use proto_shared::status::NtStatus;

use super::inode::Link;
use super::{Disk, Inode, OfStream};
use crate::apple::forks::Fork;
use crate::audit;
use crate::caching::{dirs, Deliver};
use crate::host::{FileKind, Fs, Host};
use crate::notify::{self, Change};
use crate::server::Server;
use crate::stream::{self, StreamName};
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
    if let Some(of) = &disk.stream {
        leave_file(server, tree, &disk.node, of, id, tell);
    }
}

/// Takes an open of a named stream out of the file's inode, and removes the file if that only waited for this open.
pub(super) fn leave_file<H: Host>(
    server: &Arc<Server<H>>,
    tree: &Arc<Tree<H>>,
    node: &<H::Fs as Fs>::Node,
    of: &OfStream<H>,
    id: u64,
    tell: Deliver<H>,
) {
    let mut notices = KVec::new();
    let now = server.host().now();
    let deleter = of.inode.leave(id, None, None, now, &mut notices);
    if let Some((deleter, _)) = deleter {
        let gone = match (tree.disk(), deleter.disk()) {
            (Ok(share), Ok(wisher)) => {
                let fs = server.host().fs();
                fs.remove(&share.root, node, &wisher.creds).is_ok()
            }
            _ => false,
        };
        of.inode.removed(&of.link);
        if let (true, Ok(share)) = (gone, tree.disk()) {
            removed(server, share, &of.inode, &of.link, of.is_dir, None);
            told_of(server, &deleter, &of.link);
        }
    }
    tell(server, &of.inode, &notices);
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
    remove_name(server, share, disk, (deleter, wisher), spare);
}

/// Tells the daemon that a file was removed, where it wants to know.
fn told_of<H: Host>(server: &Server<H>, by: &Tree<H>, link: &Link) {
    if let Ok(path) = link.path() {
        let names: (&[u8], &[u8]) = (path.as_bytes(), &[]);
        audit::note(server, by, FileAction::DELETED, names, NtStatus::SUCCESS);
    }
}

/// Removes the name of a file, or a named stream, with the credentials of the tree connect `by`, whose disk part is
/// `wisher`.
pub(super) fn remove_name<H: Host>(
    server: &Arc<Server<H>>,
    share: &DiskShare<H>,
    disk: &Disk<H>,
    (by, wisher): (&Tree<H>, &DiskShare<H>),
    spare: Option<LeaseKey>,
) {
    let fs = server.host().fs();
    let creds = &wisher.creds;
    if let Some(of) = &disk.stream {
        let name = disk.inode.stream().ok().flatten();
        let stays = |name: &StreamName| {
            of.rules.fork(name) == Fork::Resource
                && of.size(fs, &disk.node, name).is_ok_and(|size| size != 0)
        };
        let gone = name
            .as_ref()
            .filter(|name| !stays(name))
            .is_some_and(|name| stream::remove::<H>(fs, &disk.node, creds, name).is_ok());
        disk.inode.removed(&disk.link);
        if let (true, Some(name)) = (gone, &name) {
            stream_changed(server, share, &of.link, name, NotifyAction::REMOVED_STREAM);
        }
        return;
    }
    // A directory that is not empty any more, or a right that was taken away, leaves the name in place.
    let gone = fs.remove(&share.root, &disk.node, creds).is_ok();
    disk.inode.removed(&disk.link);
    if gone {
        let is_dir = disk.kind == FileKind::Dir;
        removed(server, share, &disk.inode, &disk.link, is_dir, spare);
        told_of(server, by, &disk.link);
    }
}

/// Tells those who watch that a stream came, went or was changed. Not to be called with a lock held.
pub(crate) fn stream_changed<H: Host>(
    server: &Server<H>,
    share: &DiskShare<H>,
    link: &Link,
    name: &StreamName,
    action: NotifyAction,
) {
    let filter = if action == NotifyAction::MODIFIED_STREAM {
        CompletionFilter::STREAM_SIZE | CompletionFilter::STREAM_WRITE
    } else {
        CompletionFilter::STREAM_NAME
    };
    if !server.notify.wants(filter) {
        return;
    }
    let Ok(path) = link.path().and_then(|path| name.behind(&path)) else {
        return notify::lost(server, filter);
    };
    let change = Change {
        path: &path,
        action,
        filter,
        unless: CompletionFilter::NONE,
    };
    notify::report(server, share.root_key, &[change]);
}

/// Tells those who watch that a name is gone.
fn removed<H: Host>(
    server: &Arc<Server<H>>,
    share: &DiskShare<H>,
    inode: &Inode<H>,
    link: &Link,
    is_dir: bool,
    spare: Option<LeaseKey>,
) {
    if let Ok(path) = link.path() {
        dirs::changed(server, share, &path, spare);
    }
    if is_dir {
        notify::deleting(server, inode.key(), true);
    }
    if !server.notify.wants(notify::name_filter(is_dir)) {
        return;
    }
    match link.path() {
        Ok(path) => {
            notify::name_changed(server, share.root_key, &path, is_dir, NotifyAction::REMOVED);
        }
        Err(_) => notify::lost(server, notify::name_filter(is_dir)),
    }
}
