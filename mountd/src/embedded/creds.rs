// SPDX-License-Identifier: GPL-2.0-or-later
//! Whose rights a thread acts with.
//!
//! Linux keeps file-system ids per thread. A thread keeps those of its last operation and changes them only
//! when the next one is for somebody else, so a series of operations for one user costs no system calls. That
//! is safe because every operation names its credentials; threads that also do the daemon's own work call
//! [`restore`] first.
//!
//! With a user id other than 0 the kernel itself takes away the capabilities that override permissions
//! (capabilities(7), "effect of user ID changes").
//!
//! A server that does not run as root cannot become anybody. It then serves only users with its own id, with
//! its own groups.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use kernel::prelude::*;
use ksmbd_engine::host::Identity;

use super::sys;

/// Prepared credentials.
#[derive(Clone)]
pub struct Creds(Arc<Inner>);

struct Inner {
    /// Number of these credentials; 0 is nobody's.
    id: u64,
    uid: u32,
    gid: u32,
    groups: std::vec::Vec<u32>,
    /// Whether a thread has to change to act with them.
    switch: bool,
}

/// Number of the next credentials.
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The credentials that this thread acts with; 0 if not known. A new thread inherits those of the one
    /// that made it, so it begins with not knowing.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
    /// Whether this thread's umask is 0: not known, no, yes.
    static UMASK: Cell<Option<bool>> = const { Cell::new(None) };
}

impl Creds {
    /// The process' own credentials.
    pub(super) fn own() -> Self {
        let privileged = rustix::process::geteuid().is_root();
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            groups: rustix::process::getgroups()
                .map(|groups| groups.iter().map(|g| g.as_raw()).collect())
                .unwrap_or_default(),
            switch: privileged,
        }))
    }

    /// Credentials of a user.
    ///
    /// # Errors
    /// `EPERM` for another user than the server's, if the server does not run as root.
    pub(super) fn of(id: &Identity<'_>, own: &Self) -> Result<Self> {
        if id.uid == u32::MAX || id.gid == u32::MAX {
            return Err(EINVAL);
        }
        if !own.0.switch {
            return if id.uid == own.0.uid {
                Ok(own.clone())
            } else {
                Err(EPERM)
            };
        }
        let mut groups = std::vec::Vec::new();
        groups
            .try_reserve_exact(id.groups.len())
            .map_err(|_| ENOMEM)?;
        groups.extend_from_slice(id.groups);
        Ok(Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            uid: id.uid,
            gid: id.gid,
            groups,
            switch: true,
        })))
    }

    /// Makes this thread act with these credentials.
    ///
    /// # Errors
    /// `EINVAL` for ids that this user namespace does not have, `EPERM`.
    pub(super) fn assume(&self) -> Result {
        let c = &*self.0;
        if !c.switch || CURRENT.get() == c.id {
            return Ok(());
        }
        CURRENT.set(0);
        sys::set_groups(&c.groups).map_err(|e| super::fs::error(&e))?;
        if !sys::set_fsgid(c.gid) || !sys::set_fsuid(c.uid) {
            return Err(EINVAL);
        }
        CURRENT.set(c.id);
        Ok(())
    }
}

/// Ends what [`Creds::assume`] did to this thread.
///
/// # Errors
/// As `assume`; cannot happen to a process that had the rights to change.
pub(super) fn restore(own: &Creds) -> Result {
    if CURRENT.get() == 0 {
        return Ok(());
    }
    own.assume()
}

/// Whether files that this thread makes get exactly the mode asked for. The first call tries to give the
/// thread a umask of its own; some sandboxes forbid that.
pub(super) fn umask_is_clear() -> bool {
    UMASK.get().unwrap_or_else(|| {
        let clear = sys::own_umask().is_ok();
        UMASK.set(Some(clear));
        clear
    })
}
