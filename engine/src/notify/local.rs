// SPDX-License-Identifier: GPL-2.0-or-later
//! Changes that local processes make, as far as somebody watches ([MS-FSA] 2.1.4.1 for the server's own).
//!
//! A handle that has asked for changes has the host watch its directory until it is closed. The host leaves out what
//! this server did itself, which has been reported already. Where a host cannot watch, clients learn only of what
//! the server does.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Mutex};

use proto_shared::smb2::change_notify::{CompletionFilter, NotifyAction};

use super::{name_filter, wake};
use crate::host::{Fs, Host, LocalAction, LocalChange};
use crate::open::Open;
use crate::server::Server;

/// What a change of attributes may be: hosts do not tell these apart.
const ATTRIBUTES: CompletionFilter = CompletionFilter(
    CompletionFilter::ATTRIBUTES.0
        | CompletionFilter::LAST_WRITE.0
        | CompletionFilter::LAST_ACCESS.0
        | CompletionFilter::EA.0
        | CompletionFilter::SECURITY.0,
);

/// The host's watches, by the number of the open that has each, in order.
#[pin_data]
pub(crate) struct Local<H: Host> {
    /// Whether there are any, for those who close what nobody watched.
    any: Atomic<bool>,
    #[pin]
    watches: Mutex<Watches<H>>,
}

type HostWatch<H> = <<H as Host>::Fs as Fs>::Watch;

struct Watches<H: Host>(KVVec<(u64, HostWatch<H>)>);

impl<H: Host> Unpin for Watches<H> {}

impl<H: Host> Local<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            any: Atomic::new(false),
            watches <- new_mutex!(Watches(KVVec::new()), "ksmbd::notify::Local::watches"),
        })
    }

    fn has(&self, id: u64) -> bool {
        let watches = self.watches.lock();
        watches.0.binary_search_by_key(&id, |w| w.0).is_ok()
    }
}

/// Has the host watch the directory of `open`, if it does not yet. Not to be called with a lock held.
pub(crate) fn begin<H: Host>(server: &Server<H>, open: &Open<H>, deep: bool) {
    let id = open.id().persistent;
    let Ok(disk) = open.disk() else { return };
    if server.local.has(id) {
        return;
    }
    let watch = match server.host().fs().watch(disk.node(), deep, id) {
        Ok(watch) => watch,
        Err(e) => {
            pr_debug!("local changes are not watched: {:?}\n", e);
            return;
        }
    };
    let mut watches = server.local.watches.lock();
    let room = watches.0.reserve(1, GFP_KERNEL).is_ok();
    let refused = match watches.0.binary_search_by_key(&id, |w| w.0) {
        Err(at) if room => watches
            .0
            .insert_within_capacity(at, (id, watch))
            .err()
            .map(|_| None),
        // Somebody else was faster, or there is no memory.
        _ => Some(Some(watch)),
    };
    server.local.any.store(!watches.0.is_empty(), Relaxed);
    drop(watches);
    drop(refused);
}

/// The handle is closed. Not to be called with a lock held.
pub(crate) fn end<H: Host>(server: &Server<H>, id: u64) {
    if !server.local.any.load(Relaxed) {
        return;
    }
    let mut watches = server.local.watches.lock();
    let at = watches.0.binary_search_by_key(&id, |w| w.0);
    let watch = at.ok().and_then(|at| watches.0.remove(at).ok());
    server.local.any.store(!watches.0.is_empty(), Relaxed);
    drop(watches);
    drop(watch);
}

/// See [`Server::local_change`].
pub(crate) fn change<H: Host>(server: &Server<H>, id: u64, change: &LocalChange<'_>) {
    let (action, filter) = match change.action {
        LocalAction::Added => (NotifyAction::ADDED, name_filter(change.is_dir)),
        LocalAction::Removed => (NotifyAction::REMOVED, name_filter(change.is_dir)),
        LocalAction::RenamedFrom => (NotifyAction::RENAMED_OLD_NAME, name_filter(change.is_dir)),
        LocalAction::RenamedTo => (NotifyAction::RENAMED_NEW_NAME, name_filter(change.is_dir)),
        LocalAction::Written => (NotifyAction::MODIFIED, super::WRITTEN),
        LocalAction::Attributes => (NotifyAction::MODIFIED, ATTRIBUTES),
    };
    server.notify.report_to(id, action, filter, change.path);
    wake(server);
}

/// See [`Server::local_lost`].
pub(crate) fn lost<H: Host>(server: &Server<H>, id: u64) {
    server.notify.lose_of(id);
    wake(server);
}
