// SPDX-License-Identifier: GPL-2.0-or-later
//! Leases of the host's own on files that clients cache, so that local processes break what clients cache.
//!
//! A file that some client caches has one [`Guard`](crate::host::Fs::Guard): as long as all that is cached is read, a
//! local process may read, too; when something may wait at a client to be written, not even that. Removing and renaming the
//! file and changing its attributes is in the way of both, and so are names that come and go in a directory with leases. A
//! process in the way waits in its system call while the clients are told ([`Server::local_open`](crate::server::Server::local_open)). When
//! they have answered, or their time is up, the guard follows what is still cached, and the process goes on.
//!
//! A guard is only begun by an open that was granted something. What local processes are writing to already is not
//! granted ([`Fs::writers`]); a client that got ahead of one is told right after its reply that it has nothing to
//! cache.
//!
//! The host is called with no lock held. Who comes while another works on the guard leaves a mark, and that one looks
//! again.

use kernel::prelude::*;
use kernel::sync::atomic::{Acquire, Atomic, Relaxed, Release};
use kernel::sync::{new_mutex, Arc, Mutex};

use crate::caching::{deliver, Contention};
use crate::host::{Fs, GuardLevel, Host};
use crate::open::{FileKey, Inode, InodeTable};
use crate::server::Server;

type Node<H> = <<H as Host>::Fs as Fs>::Node;
type HostGuard<H> = <<H as Host>::Fs as Fs>::Guard;

enum Slot<H: Host> {
    Free,
    Held(HostGuard<H>, GuardLevel),
    /// Somebody works on it; `again` says that they have to look at it once more.
    Busy {
        again: bool,
    },
}

/// The guard of one file.
#[pin_data]
pub(crate) struct Guarding<H: Host> {
    /// Whether there is one, for the many files that have none.
    any: Atomic<bool>,
    /// How often this server has the file open for writing, or is about to, or still closes it.
    writers: Atomic<i32>,
    #[pin]
    held: Mutex<Slot<H>>,
}

// Nothing in it is pinned.
impl<H: Host> Unpin for Slot<H> {}

impl<H: Host> Guarding<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            any: Atomic::new(false),
            writers: Atomic::new(0),
            held <- new_mutex!(Slot::Free, "ksmbd::Guarding::held"),
        })
    }

    /// This server is about to open the file for writing.
    pub(crate) fn writer_comes(&self) {
        self.writers.fetch_add(1, Acquire);
    }

    /// It has closed it.
    pub(crate) fn writer_goes(&self) {
        self.writers.fetch_sub(1, Release);
    }

    /// Whether local processes have the file open for writing, if `all` counts everybody who has.
    pub(crate) fn has_other_writers(&self, all: impl Fn() -> u32) -> bool {
        let own = || u32::try_from(self.writers.load(Acquire)).unwrap_or(0);
        // The host counts who is there, this counts who comes and goes, too: it is the more by those, before or after.
        // Both could come and go meanwhile, but not always.
        for _ in 0..3 {
            let (before, all, after) = (own(), all(), own());
            if all <= before.max(after) {
                return false;
            }
        }
        true
    }

    /// Takes the guard to work on it, if it is not as it should be.
    fn take(&self, wanted: Option<GuardLevel>, may_begin: bool) -> Option<Slot<H>> {
        let mut slot = self.held.lock();
        match &mut *slot {
            Slot::Busy { again } => {
                *again = true;
                None
            }
            Slot::Free if wanted.is_none() || !may_begin => None,
            Slot::Held(_, level) if wanted == Some(*level) => None,
            _ => {
                self.any.store(true, Relaxed);
                Some(core::mem::replace(&mut *slot, Slot::Busy { again: false }))
            }
        }
    }

    /// Gives it back. Yields whether it has to be looked at again.
    fn give(&self, next: Slot<H>) -> bool {
        let mut slot = self.held.lock();
        self.any.store(matches!(next, Slot::Held(..)), Relaxed);
        matches!(
            core::mem::replace(&mut *slot, next),
            Slot::Busy { again: true }
        )
    }
}

/// Makes the guard of a file what it has to be by now. Not to be called with a lock held. Without `node` none is begun.
pub(crate) fn settle<H: Host>(server: &Arc<Server<H>>, inode: &Inode<H>, node: Option<&Node<H>>) {
    if !H::Fs::GUARDS || (node.is_none() && !inode.guarding.any.load(Relaxed)) {
        return;
    }
    loop {
        let wanted = inode.cached();
        let Some(held) = inode.guarding.take(wanted, node.is_some()) else {
            return;
        };
        let fs = server.host().fs();
        let mut refused = false;
        let next = match (held, wanted) {
            (Slot::Held(guard, _), None) => {
                drop(guard);
                Slot::Free
            }
            (Slot::Held(guard, _), Some(level)) => match set(fs, inode, &guard, level) {
                Ok(()) => Slot::Held(guard, level),
                Err(e) => {
                    refused = e == EAGAIN;
                    Slot::Free
                }
            },
            (_, Some(level)) => match begin(fs, inode, node, level) {
                Ok(Some(guard)) => Slot::Held(guard, level),
                Ok(None) => Slot::Free,
                Err(e) => {
                    refused = e == EAGAIN;
                    Slot::Free
                }
            },
            (_, None) => Slot::Free,
        };
        let done = wanted.is_none() || matches!(next, Slot::Held(..));
        let again = inode.guarding.give(next);
        if refused {
            // Local processes write already: nobody may cache what they change.
            take_back(server, inode, Contention::Data);
            return;
        }
        if !done && !again {
            return;
        }
        // What changed meanwhile is seen by another look.
    }
}

fn begin<H: Host>(
    fs: &H::Fs,
    inode: &Inode<H>,
    node: Option<&Node<H>>,
    level: GuardLevel,
) -> Result<Option<HostGuard<H>>> {
    let Some(node) = node else { return Ok(None) };
    let FileKey { dev, ino, .. } = inode.key();
    let guard = fs.guard(node, dev, ino)?;
    set(fs, inode, &guard, level)?;
    Ok(Some(guard))
}

/// `EAGAIN` if local processes have the file open for writing.
fn set<H: Host>(fs: &H::Fs, inode: &Inode<H>, guard: &HostGuard<H>, level: GuardLevel) -> Result {
    fs.set_guard(guard, level)?;
    let all = || fs.writers_of_guarded(guard);
    if inode.guarding.has_other_writers(all) {
        return Err(EAGAIN);
    }
    Ok(())
}

/// See [`Server::local_open`].
pub(crate) fn local_open<H: Host>(server: &Arc<Server<H>>, dev: u64, ino: u64, writes: bool) {
    let key = FileKey {
        dev,
        ino,
        stream: 0,
    };
    let Some(inode) = InodeTable::find(server, key) else {
        return;
    };
    let what = if writes {
        Contention::Data
    } else {
        Contention::Look
    };
    take_back(server, &inode, what);
    settle(server, &inode, None);
}

/// Breaks what clients cache. Without memory nobody is told, and the host's own patience ends it.
fn take_back<H: Host>(server: &Arc<Server<H>>, inode: &Inode<H>, what: Contention) {
    let now = server.host().now();
    let mut notices = KVec::new();
    let _ = inode.caching(|c| c.contend(None, what, now, &mut notices));
    deliver(server, inode, &notices);
}
