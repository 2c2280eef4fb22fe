// SPDX-License-Identifier: GPL-2.0-or-later
//! Application instances ([MS-SMB2] 3.3.5.9.13, 3.3.5.9.14): a clustered application that starts anew on another machine
//! takes its files over from where it ran before, whose connection may still seem to be alive.
//!
//! Who knows the instance's GUID and may open the file ends the opens that were made under that GUID by other clients.
//! That is all there is to it: another user may do so too, since a cluster's nodes log in as themselves.
//!
//! # Invariants
//!
//! - An open that has an entry knows its GUID ([`Once::instance`](super::Once)), and its end forgets it.

use kernel::alloc::AllocError;
use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::dtyp::Guid;
use proto_shared::smb2::create_context::AppInstanceVersion;
use proto_shared::status::NtStatus;

use super::{is_same_path, purge};
use crate::error::SmbResult;
use crate::host::Host;
use crate::name::RelPath;
use crate::open::{close_open, Open};
use crate::server::Server;
use crate::work::Work;

/// What a CREATE says of its application.
#[derive(Clone, Copy)]
pub(crate) struct Instance {
    /// AppInstanceId.
    pub(crate) id: Guid,
    /// AppInstanceVersion, which only 3.1.1 knows.
    pub(crate) version: Option<AppInstanceVersion>,
}

struct Entry<H: Host> {
    instance: Instance,
    client: [u8; 16],
    open: Arc<Open<H>>,
}

/// The opens of application instances.
pub(crate) struct Instances<H: Host> {
    /// In the order of the GUIDs; one may have many.
    entries: KVVec<Entry<H>>,
}

// Only references in here; nothing is pinned.
impl<H: Host> Unpin for Instances<H> {}

impl<H: Host> Instances<H> {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            entries: KVVec::new(),
        }
    }

    /// Number of opens.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where the entries of a GUID begin.
    fn start(&self, id: &Guid) -> usize {
        self.entries.partition_point(|e| e.instance.id.0 < id.0)
    }

    fn insert(&mut self, entry: Entry<H>) -> Result {
        self.entries.reserve(1, GFP_KERNEL)?;
        let at = self.start(&entry.instance.id);
        self.entries
            .insert_within_capacity(at, entry)
            .map_err(|_| AllocError)?;
        Ok(())
    }

    fn position(&self, id: &Guid, which: impl Fn(&Entry<H>) -> bool) -> Option<usize> {
        let start = self.start(id);
        let of_id = self.entries.get(start..)?;
        let of_id = of_id.iter().take_while(|e| e.instance.id == *id);
        let at = of_id.enumerate().find(|(_, e)| which(e))?.0;
        start.checked_add(at)
    }

    /// The caller drops what comes out without the lock.
    fn remove(&mut self, id: &Guid, which: impl Fn(&Entry<H>) -> bool) -> Option<Entry<H>> {
        let at = self.position(id, which)?;
        self.entries.remove(at).ok()
    }
}

/// Ends the opens that other clients made of this file for the same instance.
///
/// # Errors
/// `FILE_FORCED_CLOSED` if the instance has a later version somewhere else, or the same.
pub(crate) fn take_over<H: Host>(w: &Work<H>, instance: &Instance, path: &RelPath) -> SmbResult {
    let server = w.server();
    let client = w.negotiated()?.client_guid;
    let tree = w.tree()?;
    let root = tree.disk()?.root_key;
    let is_other = |e: &Entry<H>| {
        e.client != client
            && *e.open.tree().share == *tree.share
            && e.open.tree().disk().is_ok_and(|d| d.root_key == root)
            && e.open
                .disk()
                .and_then(|d| d.path())
                .is_ok_and(|p| is_same_path(&p, path))
    };
    loop {
        let other = {
            let mut all = server.known.instances.lock();
            if let Some(ours) = instance.version {
                let is_newer =
                    |e: &Entry<H>| is_other(e) && e.instance.version.is_some_and(|v| v >= ours);
                if all.position(&instance.id, is_newer).is_some() {
                    return Err(NtStatus::FILE_FORCED_CLOSED.into());
                }
            }
            all.remove(&instance.id, is_other)
        };
        let Some(Entry { open, .. }) = other else {
            return Ok(());
        };
        let session = server.session(open.session_id());
        let closed = session.is_some_and(|s| close_open(server, &s, &open));
        if !closed {
            // It waits for its client, or is about to end.
            purge(server, open.id().persistent);
        }
    }
}

/// Notes for which instance an open was made.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` without memory.
pub(crate) fn record<H: Host>(w: &Work<H>, open: &Arc<Open<H>>, instance: Instance) -> SmbResult {
    let entry = Entry {
        instance,
        client: w.negotiated()?.client_guid,
        open: open.clone(),
    };
    open.once.lock().instance = Some(instance.id);
    w.server().known.instances.lock().insert(entry)?;
    // Its end first marks it and then forgets: one of the two sees the other.
    if open.disk().map_or(true, |d| d.ended.load(Relaxed)) {
        forget(w.server(), open);
    }
    Ok(())
}

/// An open was taken up again: from now on it is this one.
pub(crate) fn moved<H: Host>(server: &Server<H>, old: &Arc<Open<H>>, new: &Arc<Open<H>>) {
    let id = old.once.lock().instance.take();
    let Some(id) = id else { return };
    new.once.lock().instance = Some(id);
    let mut all = server.known.instances.lock();
    let at = all.position(&id, |e| Arc::ptr_eq(&e.open, old));
    if let Some(entry) = at.and_then(|at| all.entries.get_mut(at)) {
        // The caller has references to both, so nothing ends here.
        entry.open = new.clone();
    }
}

/// An open ends.
pub(super) fn forget<H: Host>(server: &Server<H>, open: &Open<H>) {
    let id = open.once.lock().instance.take();
    let Some(id) = id else { return };
    let is_it = |e: &Entry<H>| core::ptr::eq::<Open<H>>(&*e.open, open);
    let gone = server.known.instances.lock().remove(&id, is_it);
    drop(gone);
}
