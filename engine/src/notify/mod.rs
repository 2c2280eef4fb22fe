// SPDX-License-Identifier: GPL-2.0-or-later
//! Who watches which directories, and who is told of what ([MS-FSA] 2.1.1.7, 2.1.4.1, 2.1.5.11).
//!
//! A directory handle that has asked once is a watch until it is closed. It keeps what happens between two
//! requests, up to the room that its first request had; filter and depth are the first request's, too. Operations
//! report what they did after they did it. A report goes to the oldest request that waits on the handle, whole and
//! at once, or else into the handle's log.
//!
//! # Invariants
//!
//! - Requests that have what they waited for come before those that still wait, and [`Registry::settled`] counts
//!   the watches that have such. [`Notify::next_wake`] takes them out, one by one; tokens are woken without a lock.
//! - What came of a request is written into its [`Waiter`] with the registry locked, once. The request finds it
//!   there whoever woke it.
//! - `wanted` covers the filters of all watches, so an operation that nobody watches costs one load.
//!
//! The lock is taken before that of a link's path, and no other is taken under it.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex};

use proto_shared::smb2::change_notify::{CompletionFilter, NotifyAction};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::name::RelPath;
use crate::open::{inode::Link, stream_changed};
use crate::open::{FileKey, Open};
use crate::server::Server;
use crate::work::{Event, Token};

pub(crate) mod local;
mod log;

pub use log::ChangeLog;

/// Most bytes of output that a handle keeps, whatever its client has room for.
const MAX_LOG: usize = 64 << 10;
/// Most memory of all logs of a server, in bytes.
const MAX_MEMORY: usize = 32 << 20;
/// Most watched handles of one session.
const MAX_WATCHES: usize = 4096;
/// Most requests that wait on one handle.
const MAX_WAITERS: usize = 128;

/// What writing changes.
pub(crate) const WRITTEN: CompletionFilter =
    CompletionFilter(CompletionFilter::SIZE.0 | CompletionFilter::LAST_WRITE.0);

/// What a name is, as far as filters tell it apart.
pub(crate) fn name_filter(is_dir: bool) -> CompletionFilter {
    if is_dir {
        CompletionFilter::DIR_NAME
    } else {
        CompletionFilter::FILE_NAME
    }
}

/// Something that happened.
pub(crate) struct Change<'a> {
    /// To what: a path below the share's root.
    pub(crate) path: &'a RelPath,
    pub(crate) action: NotifyAction,
    /// Whom it concerns: those who asked for any of these,
    pub(crate) filter: CompletionFilter,
    /// and for none of these.
    pub(crate) unless: CompletionFilter,
}

/// What came of a request.
pub(crate) enum Outcome {
    /// Something happened.
    Changes(ChangeLog),
    /// The directory or the handle goes away.
    Ended(NtStatus),
}

/// A request that waits.
#[pin_data]
pub(crate) struct Waiter {
    token: Token,
    #[pin]
    outcome: Mutex<Option<Outcome>>,
}

struct Watch {
    /// The handle's number; no two in a server have the same.
    id: u64,
    session: u64,
    dir: FileKey,
    link: Arc<Link>,
    deep: bool,
    filter: CompletionFilter,
    log: ChangeLog,
    /// The oldest first.
    waiting: KVec<Arc<Waiter>>,
    /// How many of them, from the first on, have what they waited for.
    settled: usize,
    /// The directory has no name any more; another one may have it.
    gone: bool,
}

struct Registry {
    /// In the order of their ids.
    watches: KVVec<Watch>,
    /// Number of watches with settled requests.
    settled: usize,
    /// Memory of all logs.
    memory: usize,
}

/// The watches of a server.
#[pin_data]
pub(crate) struct Notify {
    wanted: Atomic<u32>,
    /// Whether there are any, whatever their filters are.
    any: Atomic<bool>,
    #[pin]
    registry: Mutex<Registry>,
}

/// What a request asks for.
pub(crate) struct Asking<'a, H: Host> {
    pub(crate) open: &'a Open<H>,
    pub(crate) deep: bool,
    pub(crate) filter: CompletionFilter,
    /// Room for output in bytes.
    pub(crate) room: usize,
    pub(crate) token: Token,
}

/// How a request stands after it was made.
pub(crate) enum Asked {
    /// Something happened before; the token is not used.
    Now(ChangeLog),
    /// The token will be woken.
    Wait(Arc<Waiter>),
}

impl Watch {
    /// Gives what came of it to the oldest request that waits. Yields whether there was one.
    fn settle(&mut self, outcome: Outcome) -> bool {
        let Some(waiter) = self.waiting.get(self.settled) else {
            return false;
        };
        *waiter.outcome.lock() = Some(outcome);
        self.settled = self.settled.saturating_add(1);
        true
    }

    /// Gives what the log has to the oldest request that waits.
    fn deliver(&mut self) {
        if !self.log.is_empty() && self.waiting.len() > self.settled {
            let log = self.log.take();
            self.settle(Outcome::Changes(log));
        }
    }

    /// Ends all requests that wait.
    fn end(&mut self, status: NtStatus) {
        while self.settle(Outcome::Ended(status)) {}
    }
}

impl Registry {
    fn find(&self, id: u64) -> core::result::Result<usize, usize> {
        self.watches.binary_search_by_key(&id, |w| w.id)
    }

    /// Changes a watch, and keeps the sums right.
    fn with<R>(&mut self, at: usize, change: impl FnOnce(&mut Watch) -> R) -> Option<R> {
        let watch = self.watches.get_mut(at)?;
        let (settled, memory) = (watch.settled != 0, watch.log.memory());
        let result = change(watch);
        if self.memory > MAX_MEMORY && watch.log.memory() > memory {
            watch.log.lose();
        }
        self.memory = self
            .memory
            .saturating_sub(memory)
            .saturating_add(watch.log.memory());
        self.settled = self
            .settled
            .saturating_sub(usize::from(settled))
            .saturating_add(usize::from(watch.settled != 0));
        Some(result)
    }

    fn each(&mut self, mut change: impl FnMut(&mut Watch)) {
        for at in 0..self.watches.len() {
            self.with(at, &mut change);
        }
    }
}

impl Notify {
    pub(crate) fn new() -> impl PinInit<Self> {
        let registry = Registry {
            watches: KVVec::new(),
            settled: 0,
            memory: 0,
        };
        pin_init!(Self {
            wanted: Atomic::new(0),
            any: Atomic::new(false),
            registry <- new_mutex!(registry, "ksmbd::Notify::registry"),
        })
    }

    /// Whether anybody wants to know of any of these.
    pub(crate) fn wants(&self, filter: CompletionFilter) -> bool {
        CompletionFilter(self.wanted.load(Relaxed)).intersects(filter)
    }

    fn recount(&self, registry: &Registry) {
        let all = registry.watches.iter().fold(0, |f, w| f | w.filter.0);
        self.wanted.store(all, Relaxed);
        self.any.store(!registry.watches.is_empty(), Relaxed);
    }

    /// Takes a request in.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(crate) fn ask<H: Host>(&self, a: &Asking<'_, H>) -> SmbResult<Asked> {
        let disk = a.open.disk()?;
        let (id, session) = (a.open.id().persistent, a.open.session_id());
        let token = a.token;
        let waiter = Arc::pin_init(
            pin_init!(Waiter {
                token,
                outcome <- new_mutex!(None, "ksmbd::notify::Waiter::outcome"),
            }),
            GFP_KERNEL,
        )?;
        let mut registry = self.registry.lock();
        let at = match registry.find(id) {
            Ok(at) => at,
            Err(at) => {
                let own = registry.watches.iter().filter(|w| w.session == session);
                if own.count() >= MAX_WATCHES {
                    return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
                }
                registry.watches.reserve(1, GFP_KERNEL)?;
                let watch = Watch {
                    id,
                    session,
                    dir: disk.inode().key(),
                    link: disk.link.clone(),
                    deep: a.deep,
                    filter: a.filter,
                    log: ChangeLog::new(a.room.min(MAX_LOG)),
                    waiting: KVec::new(),
                    settled: 0,
                    gone: false,
                };
                registry
                    .watches
                    .insert_within_capacity(at, watch)
                    .map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
                self.recount(&registry);
                at
            }
        };
        let asked = registry.with(at, |watch| {
            // Nothing is kept while somebody waits.
            if !watch.log.is_empty() {
                return Ok(Asked::Now(watch.log.take()));
            }
            if watch.waiting.len() >= MAX_WAITERS {
                return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
            }
            watch.waiting.push(waiter.clone(), GFP_KERNEL)?;
            Ok(Asked::Wait(waiter))
        });
        asked.unwrap_or(Err(NtStatus::INTERNAL_ERROR.into()))
    }

    /// What came of a request that waited; `None` if nothing has, and then it does not wait any more.
    pub(crate) fn settle(&self, id: u64, waiter: &Arc<Waiter>) -> Option<Outcome> {
        let mut gone = None;
        let mut registry = self.registry.lock();
        let outcome = waiter.outcome.lock().take();
        if outcome.is_none() {
            if let Ok(at) = registry.find(id) {
                registry.with(at, |watch| {
                    let found = watch.waiting.iter().position(|w| Arc::ptr_eq(w, waiter));
                    gone = found.and_then(|at| watch.waiting.remove(at).ok());
                });
            }
        }
        drop(registry);
        drop(gone);
        outcome
    }

    /// Takes out one request that has what it waited for.
    fn next_wake(&self) -> Option<Arc<Waiter>> {
        let mut registry = self.registry.lock();
        if registry.settled == 0 {
            return None;
        }
        let at = registry.watches.iter().position(|w| w.settled != 0)?;
        registry.with(at, |watch| {
            watch.settled = watch.settled.saturating_sub(1);
            watch.waiting.remove(0).ok()
        })?
    }

    fn report(&self, root: FileKey, changes: &[Change<'_>]) {
        self.registry.lock().each(|watch| {
            if watch.gone {
                return;
            }
            for change in changes {
                let wanted = watch.filter.intersects(change.filter);
                if !wanted || watch.filter.intersects(change.unless) {
                    continue;
                }
                let Some(name) = watch.link.behind(root, change.path) else {
                    continue;
                };
                if watch.deep || !name.contains(&b'/') {
                    watch.log.push(change.action, name);
                }
            }
            watch.deliver();
        });
    }

    /// Something happened, and there is no memory to say what.
    fn lose(&self, filter: CompletionFilter) {
        self.registry.lock().each(|watch| {
            if watch.filter.intersects(filter) {
                watch.log.lose();
                watch.deliver();
            }
        });
    }

    /// Something happened below the directory of one watch.
    fn report_to(&self, id: u64, action: NotifyAction, filter: CompletionFilter, name: &[u8]) {
        let mut registry = self.registry.lock();
        let Ok(at) = registry.find(id) else { return };
        registry.with(at, |watch| {
            let near = watch.deep || !name.contains(&b'/');
            if near && !watch.gone && watch.filter.intersects(filter) {
                watch.log.push(action, name);
                watch.deliver();
            }
        });
    }

    /// Something happened that one watch cannot be told.
    fn lose_of(&self, id: u64) {
        let mut registry = self.registry.lock();
        let Ok(at) = registry.find(id) else { return };
        registry.with(at, |watch| {
            watch.log.lose();
            watch.deliver();
        });
    }

    fn deleting(&self, dir: FileKey, gone: bool) {
        self.registry.lock().each(|watch| {
            if watch.dir == dir {
                watch.gone |= gone;
                watch.end(NtStatus::DELETE_PENDING);
            }
        });
    }

    /// Takes a watch out; the caller wakes all who wait.
    fn close(&self, id: u64) -> Option<Watch> {
        let mut registry = self.registry.lock();
        let at = registry.find(id).ok()?;
        registry.with(at, |watch| {
            watch.end(NtStatus::NOTIFY_CLEANUP);
            // None of the sums counts it any more.
            watch.settled = 0;
            drop(watch.log.take());
        });
        let watch = registry.watches.remove(at).ok();
        self.recount(&registry);
        watch
    }
}

/// Tells those who watch what was done. Not to be called with a lock held.
pub(crate) fn report<H: Host>(server: &Server<H>, root: FileKey, changes: &[Change<'_>]) {
    if changes.iter().any(|c| server.notify.wants(c.filter)) {
        server.notify.report(root, changes);
        wake(server);
    }
}

/// Tells those who watch that a name came or went. Not to be called with a lock held.
pub(crate) fn name_changed<H: Host>(
    server: &Server<H>,
    root: FileKey,
    path: &RelPath,
    is_dir: bool,
    action: NotifyAction,
) {
    let filter = name_filter(is_dir);
    let change = Change {
        path,
        action,
        filter,
        unless: CompletionFilter::NONE,
    };
    report(server, root, &[change]);
}

/// Tells those who watch that a file was changed through this handle. Not to be called with a lock held.
pub(crate) fn modified<H: Host>(server: &Server<H>, open: &Open<H>, filter: CompletionFilter) {
    if filter.intersects(CompletionFilter::SIZE) && of_stream(server, open) {
        return;
    }
    if !server.notify.wants(filter) {
        return;
    }
    let (Ok(disk), Ok(share)) = (open.disk(), open.tree().disk()) else {
        return;
    };
    let Ok(path) = disk.path() else {
        return lost(server, filter);
    };
    let change = Change {
        path: &path,
        action: NotifyAction::MODIFIED,
        filter,
        unless: CompletionFilter::NONE,
    };
    report(server, share.root_key, &[change]);
}

/// Tells that the data of a named stream was changed, if that is what the handle is of.
fn of_stream<H: Host>(server: &Server<H>, open: &Open<H>) -> bool {
    let (Ok(disk), Ok(share)) = (open.disk(), open.tree().disk()) else {
        return false;
    };
    let Some(of) = &disk.stream else {
        return false;
    };
    match disk.inode().stream() {
        Ok(Some(name)) => {
            let action = NotifyAction::MODIFIED_STREAM;
            stream_changed(server, share, &of.link, &name, action);
        }
        _ => lost(server, CompletionFilter::STREAM_WRITE),
    }
    true
}

/// Something happened, but without memory for its name nobody knows whom it concerned. Not to be called with a lock
/// held.
pub(crate) fn lost<H: Host>(server: &Server<H>, filter: CompletionFilter) {
    server.notify.lose(filter);
    wake(server);
}

/// A directory is to be deleted: nobody waits for it any more ([MS-FSA] 2.1.5.15.3). With `gone` its name is free for
/// another one already. Not to be called with a lock held.
pub(crate) fn deleting<H: Host>(server: &Server<H>, dir: FileKey, gone: bool) {
    if server.notify.any.load(Relaxed) {
        server.notify.deleting(dir, gone);
        wake(server);
    }
}

/// A handle is closed, and so is its watch. Not to be called with a lock held.
pub(crate) fn close<H: Host>(server: &Server<H>, id: u64) {
    local::end(server, id);
    if !server.notify.any.load(Relaxed) {
        return;
    }
    if let Some(watch) = server.notify.close(id) {
        for waiter in watch.waiting.iter() {
            server.wake(waiter.token, Event::Ready);
        }
    }
}

/// Wakes the requests that have what they waited for.
fn wake<H: Host>(server: &Server<H>) {
    while let Some(waiter) = server.notify.next_wake() {
        server.wake(waiter.token, Event::Ready);
    }
}
