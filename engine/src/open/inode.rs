// SPDX-License-Identifier: GPL-2.0-or-later
//! What all opens of one file share: share modes, names, a pending delete, caching, byte-range locks ([MS-FSA] 2.1.1.3,
//! 2.1.1.5, 2.1.5.1.2.2).
//!
//! # Invariants
//!
//! - There is at most one [`Inode`] for a (device, inode number) in a server, and it is in the table as long as
//!   somebody pins it. Every open of a file pins its inode, and holds the host's node, so that the number is not
//!   used again meanwhile.
//! - `pins` changes only with the shard's lock held.
//! - An open is in `opens` from [`Inode::enter`] to [`Inode::leave`], and its link is in `links` as long.
//! - While a link has a deleter nobody enters it, so the one who left last may remove the name without a lock.
//!
//! Lock order: shard, then inode, then link. None is held across a call to the host.

use kernel::prelude::*;
use kernel::sync::atomic::Atomic;
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::ShareAccess;
use proto_shared::smb2::{LeaseKey, LeaseState};
use proto_shared::status::NtStatus;

use crate::byte_lock::LockList;
use crate::caching::guard::Guarding;
use crate::caching::{Arrival, Blocker, Caching, Contention, Notice};
use crate::error::SmbResult;
use crate::host::{Attr, GuardLevel, Host};
use crate::name::RelPath;
use crate::stream::StreamName;
use crate::time::Monotonic;
use crate::tree::Tree;

mod table;

pub use table::InodeTable;
pub(crate) use table::{Below, InodePin};

/// Names a file on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileKey {
    /// Device.
    pub dev: u64,
    /// Inode number on it.
    pub ino: u64,
    /// Number of one of its named streams while that is open; 0 is the file itself.
    pub stream: u64,
}

impl FileKey {
    /// The key of the file that `attr` describes.
    pub fn of(attr: &Attr) -> Self {
        Self {
            dev: attr.dev,
            ino: attr.ino,
            stream: 0,
        }
    }

    /// Whether both are of one file.
    fn same_file(&self, other: &Self) -> bool {
        self.dev == other.dev && self.ino == other.ino
    }
}

/// One name of an open file ([MS-FSA] 2.1.1.4).
#[pin_data]
pub(crate) struct Link {
    /// The root that the path counts from.
    root: FileKey,
    /// The path as it is on disk, kept current when the name or a directory above it is renamed.
    #[pin]
    path: Mutex<RelPath>,
}

impl Link {
    fn new(root: FileKey, path: RelPath) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self { root, path <- new_mutex!(path, "ksmbd::Link::path") }),
            GFP_KERNEL,
        )
    }

    fn is(&self, root: FileKey, path: &RelPath) -> bool {
        self.root == root && self.path.lock().as_bytes() == path.as_bytes()
    }

    /// The part of the path behind `dir`, if the link lies below it.
    fn below<'a>(path: &'a RelPath, dir: &RelPath) -> Option<&'a [u8]> {
        if dir.is_root() {
            return Some(path.as_bytes()).filter(|p| !p.is_empty());
        }
        path.as_bytes()
            .strip_prefix(dir.as_bytes())?
            .strip_prefix(b"/")
    }

    fn is_below(&self, root: FileKey, dir: &RelPath) -> bool {
        self.root == root && Self::below(&self.path.lock(), dir).is_some()
    }

    /// The part of `path`, below `root`, that lies behind this link's path.
    pub(crate) fn behind<'a>(&self, root: FileKey, path: &'a RelPath) -> Option<&'a [u8]> {
        if self.root != root {
            return None;
        }
        Self::below(path, &self.path.lock())
    }

    /// The path as of now.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn path(&self) -> SmbResult<RelPath> {
        self.path.lock().try_clone()
    }

    fn set_path(&self, path: RelPath) {
        let old = core::mem::replace(&mut *self.path.lock(), path);
        drop(old);
    }
}

struct Entry {
    id: u64,
    access: AccessMask,
    share: ShareAccess,
    /// It is an open of one of the file's named streams.
    of_stream: bool,
    link: Arc<Link>,
}

impl Entry {
    /// Whether this open forbids another one with `access` and `share`. One of a stream is only in the way of who
    /// wants to delete the file ([MS-FSA] 2.1.5.1.2.2).
    fn conflicts(&self, access: AccessMask, share: ShareAccess) -> bool {
        if self.of_stream {
            return self.access.intersects(CHECKED)
                && access.contains(AccessMask::DELETE)
                && !self.share.contains(ShareAccess::DELETE);
        }
        shares_conflict((self.access, self.share), (access, share))
    }
}

struct LinkEntry<H: Host> {
    link: Arc<Link>,
    /// Whose wish it is that the name goes with its last open, with the credentials to remove it.
    deleter: Option<Arc<Tree<H>>>,
    /// The lease on the directory that knows of that wish.
    spare: Option<LeaseKey>,
}

impl<H: Host> LinkEntry<H> {
    /// Who says so first is the one.
    fn set_deleter(&mut self, deleter: &Arc<Tree<H>>, spare: Option<LeaseKey>) {
        if self.deleter.is_none() {
            self.deleter = Some(deleter.clone());
            self.spare = spare;
        }
    }
}

struct State<H: Host> {
    opens: KVec<Entry>,
    links: KVec<LinkEntry<H>>,
    /// Whether the file has several names; without that all links are one.
    hard_linked: bool,
    /// Oplocks and leases.
    caching: Caching,
    /// Which named stream it is; `None` for the file itself.
    stream: Option<StreamName>,
}

/// What the opens of one file share.
#[pin_data]
pub struct Inode<H: Host> {
    key: FileKey,
    pins: Atomic<u32>,
    #[pin]
    state: Mutex<State<H>>,
    /// Byte-range locks.
    #[pin]
    pub(crate) locks: Mutex<LockList>,
    /// The host's lease for what clients cache.
    #[pin]
    pub(crate) guarding: Guarding<H>,
}

/// What [`Inode::enter`] wants to know of an open that is about to be.
pub(crate) struct Entering<'a> {
    /// A number that no other open of the server has.
    pub(crate) id: u64,
    /// What it is granted, plus what its disposition does at once.
    pub(crate) access: AccessMask,
    /// What it lets others do.
    pub(crate) share: ShareAccess,
    /// The root of the share.
    pub(crate) root: FileKey,
    /// The path below it, as it is on disk.
    pub(crate) path: &'a RelPath,
    /// Whether the file has several names.
    pub(crate) hard_linked: bool,
    /// It is an open of one of the file's named streams, and this is the file.
    pub(crate) of_stream: bool,
    /// What it means to those who cache the file; `None` for devices, which nobody caches. Whether it
    /// violates a share mode is found out here.
    pub(crate) caching: Option<Arrival>,
    /// Now.
    pub(crate) now: Monotonic,
}

/// What became of [`Inode::enter`].
pub(crate) enum Entered {
    /// It is in.
    In(Arc<Link>),
    /// It is to be tried again after a break.
    Wait(Blocker),
}

/// Rights that take part in share-mode checks ([MS-FSA] 2.1.5.1.2.2).
const CHECKED: AccessMask = AccessMask(
    AccessMask::READ_DATA.0
        | AccessMask::WRITE_DATA.0
        | AccessMask::APPEND_DATA.0
        | AccessMask::EXECUTE.0
        | AccessMask::DELETE.0,
);

/// Whether an open with `share` forbids another one to have `access`.
fn forbids(share: ShareAccess, access: AccessMask) -> bool {
    let read = AccessMask::READ_DATA | AccessMask::EXECUTE;
    let write = AccessMask::WRITE_DATA | AccessMask::APPEND_DATA;
    access.intersects(read) && !share.contains(ShareAccess::READ)
        || access.intersects(write) && !share.contains(ShareAccess::WRITE)
        || access.contains(AccessMask::DELETE) && !share.contains(ShareAccess::DELETE)
}

/// Whether two opens of the same file exclude each other ([MS-FSA] 2.1.5.1.2.2). An open that neither reads,
/// writes nor deletes never conflicts.
pub fn shares_conflict(a: (AccessMask, ShareAccess), b: (AccessMask, ShareAccess)) -> bool {
    a.0.intersects(CHECKED) && b.0.intersects(CHECKED) && (forbids(a.1, b.0) || forbids(b.1, a.0))
}

impl<H: Host> Inode<H> {
    fn new(key: FileKey, stream: Option<StreamName>) -> Result<Arc<Self>> {
        let state = State {
            opens: KVec::new(),
            links: KVec::new(),
            hard_linked: false,
            caching: Caching::new(),
            stream,
        };
        Arc::pin_init(
            pin_init!(Self {
                key,
                pins: Atomic::new(1),
                state <- new_mutex!(state, "ksmbd::Inode::state"),
                locks <- new_mutex!(LockList::new(), "ksmbd::Inode::locks"),
                guarding <- Guarding::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// Which file it is.
    pub fn key(&self) -> FileKey {
        self.key
    }

    /// Lets an open in, or says what is in its way. The notices are to be delivered in any case.
    ///
    /// # Errors
    /// `DELETE_PENDING`, `SHARING_VIOLATION`, `INSUFFICIENT_RESOURCES`.
    pub(crate) fn enter(
        &self,
        new: &Entering<'_>,
        notices: &mut KVec<Notice>,
    ) -> SmbResult<Entered> {
        let fresh = Link::new(new.root, new.path.try_clone()?)?;
        let mut state = self.state.lock();
        state.hard_linked = new.hard_linked;
        let found = state
            .links
            .iter()
            .find(|l| l.link.is(new.root, new.path))
            .map(|l| (l.link.clone(), l.deleter.is_some()));
        let going = match &found {
            Some((_, deleted)) if new.hard_linked => *deleted,
            None if new.hard_linked => false,
            _ => state.links.iter().any(|l| l.deleter.is_some()),
        };
        if going {
            return Err(NtStatus::DELETE_PENDING.into());
        }
        let conflict = |o: &Entry| o.conflicts(new.access, new.share);
        let violation = !new.of_stream && state.opens.iter().any(conflict);
        let arrival = new.caching.map(|a| Arrival { violation, ..a });
        if let Some(arrival) = &arrival {
            // Who gives its cached handle up may close it, so the violation is not final yet.
            if let Some(blocker) = state.caching.arrive(arrival, new.now, notices)? {
                return Ok(Entered::Wait(blocker));
            }
        }
        if violation {
            return Err(NtStatus::SHARING_VIOLATION.into());
        }
        state.opens.reserve(1, GFP_KERNEL)?;
        state.links.reserve(1, GFP_KERNEL)?;
        if let Some(arrival) = &arrival {
            state.caching.admit(arrival)?;
        }
        let link = match found {
            Some((link, _)) => link,
            None => {
                state.links.push(
                    LinkEntry {
                        link: fresh.clone(),
                        deleter: None,
                        spare: None,
                    },
                    GFP_KERNEL,
                )?;
                fresh
            }
        };
        state.opens.push(
            Entry {
                id: new.id,
                access: new.access,
                share: new.share,
                of_stream: new.of_stream,
                link: link.clone(),
            },
            GFP_KERNEL,
        )?;
        Ok(Entered::In(link))
    }

    /// What local processes must not do without the clients' knowledge.
    pub(crate) fn cached(&self) -> Option<GuardLevel> {
        let held = self.state.lock().caching.held();
        if held.intersects(LeaseState::WRITE_CACHING) {
            Some(GuardLevel::Open)
        } else if held.intersects(LeaseState::READ_CACHING) {
            Some(GuardLevel::Write)
        } else {
            None
        }
    }

    /// Works on the oplocks and leases. `f` is called with the inode's lock held.
    pub(crate) fn caching<R>(&self, f: impl FnOnce(&mut Caching) -> R) -> R {
        f(&mut self.state.lock().caching)
    }

    /// After what its disposition did at once, an open counts with what it was granted only.
    pub(crate) fn settle(&self, id: u64, access: AccessMask) {
        if let Some(open) = self.state.lock().opens.iter_mut().find(|o| o.id == id) {
            open.access = access;
        }
    }

    /// Takes an open out. `delete` says on whose behalf its name is to go ([MS-FSA] 2.1.5.5, delete on close).
    /// Yields whose credentials remove the name, if this was the last open in the way of that; the caller then
    /// does so and calls [`Inode::removed`]. The notices are to be delivered, and waiters to be woken.
    pub(crate) fn leave(
        &self,
        id: u64,
        delete: Option<&Arc<Tree<H>>>,
        spare: Option<LeaseKey>,
        now: Monotonic,
        notices: &mut KVec<Notice>,
    ) -> Option<(Arc<Tree<H>>, Option<LeaseKey>)> {
        let mut state = self.state.lock();
        let at = state.opens.iter().position(|o| o.id == id)?;
        let entry = state.opens.remove(at).ok()?;
        if let Some(tree) = delete {
            let mut links = state.links.iter_mut();
            if let Some(l) = links.find(|l| Arc::ptr_eq(&l.link, &entry.link)) {
                l.set_deleter(tree, spare);
            }
            // Whoever keeps a closed file open is in the way of this. Nobody waits for them, so without memory
            // they are just not told.
            let _ = state
                .caching
                .contend(Some(id), Contention::Handle, now, notices);
        }
        state.caching.depart(id);
        let one_name = !state.hard_linked;
        let same = |link: &Arc<Link>| one_name || Arc::ptr_eq(link, &entry.link);
        let deleter = if state.opens.iter().any(|o| same(&o.link)) {
            None
        } else {
            state
                .links
                .iter()
                .filter(|l| same(&l.link))
                .find_map(|l| Some((l.deleter.clone()?, l.spare)))
        };
        let State { opens, links, .. } = &mut *state;
        links
            .retain(|l| l.deleter.is_some() || opens.iter().any(|o| Arc::ptr_eq(&o.link, &l.link)));
        deleter
    }

    /// The removal that [`Inode::leave`] asked for was tried; in any case it is no longer pending.
    pub(crate) fn removed(&self, link: &Arc<Link>) {
        self.clear_deleter(link);
        let mut state = self.state.lock();
        let State { opens, links, .. } = &mut *state;
        links
            .retain(|l| l.deleter.is_some() || opens.iter().any(|o| Arc::ptr_eq(&o.link, &l.link)));
    }

    /// Says that a name is to go with its last open. Who said so first stays the one who does it.
    pub(crate) fn set_deleter(
        &self,
        link: &Arc<Link>,
        deleter: &Arc<Tree<H>>,
        spare: Option<LeaseKey>,
    ) {
        let mut state = self.state.lock();
        if let Some(l) = state.links.iter_mut().find(|l| Arc::ptr_eq(&l.link, link)) {
            l.set_deleter(deleter, spare);
        }
    }

    /// Says that a name is not to go with its last open.
    pub(crate) fn clear_deleter(&self, link: &Arc<Link>) {
        loop {
            // The last reference to a tree is not dropped with a lock held.
            let gone = {
                let mut state = self.state.lock();
                let one_name = !state.hard_linked;
                let mut links = state.links.iter_mut();
                links
                    .find(|l| l.deleter.is_some() && (one_name || Arc::ptr_eq(&l.link, link)))
                    .and_then(|l| l.deleter.take())
            };
            if gone.is_none() {
                return;
            }
        }
    }

    /// Whether a name goes with its last open.
    pub(crate) fn is_delete_pending(&self, link: &Arc<Link>) -> bool {
        let state = self.state.lock();
        let one_name = !state.hard_linked;
        state
            .links
            .iter()
            .any(|l| l.deleter.is_some() && (one_name || Arc::ptr_eq(&l.link, link)))
    }

    /// Whether any of the file's names goes with its last open.
    pub(crate) fn is_going(&self) -> bool {
        self.state.lock().links.iter().any(|l| l.deleter.is_some())
    }

    /// Follows a rename of one of the file's names. Paths are for showing only, so one that there is no memory for
    /// stays as it is.
    pub(crate) fn renamed(&self, root: FileKey, from: &RelPath, to: &RelPath) {
        for l in self
            .state
            .lock()
            .links
            .iter()
            .filter(|l| l.link.is(root, from))
        {
            if let Ok(to) = to.try_clone() {
                l.link.set_path(to);
            }
        }
    }

    /// Whether anybody but `except` has the file open.
    pub(crate) fn is_open(&self, except: Option<u64>) -> bool {
        self.state.lock().opens.iter().any(|o| Some(o.id) != except)
    }

    /// Whether an open forbids another one with `access` and `share`; `except` does not count.
    pub(crate) fn conflicts(
        &self,
        access: AccessMask,
        share: ShareAccess,
        except: Option<u64>,
    ) -> bool {
        let state = self.state.lock();
        let mut others = state.opens.iter().filter(|o| Some(o.id) != except);
        others.any(|o| o.conflicts(access, share))
    }

    /// Which named stream it is; `None` for the file itself.
    ///
    /// # Errors
    /// Without memory.
    pub(crate) fn stream(&self) -> Result<Option<StreamName>> {
        let state = self.state.lock();
        state.stream.as_ref().map(StreamName::try_clone).transpose()
    }

    /// A stream has another name now.
    pub(crate) fn set_stream(&self, name: StreamName) {
        let old = self.state.lock().stream.replace(name);
        drop(old);
    }
}
