// SPDX-License-Identifier: GPL-2.0-or-later
//! Changes by other processes, by fanotify(7).
//!
//! A watched directory has a group and a thread of its own. Events tell which process made them, so what this one
//! did for its clients is left out. A directory that is watched with all below it has its whole file system marked,
//! which needs `CAP_SYS_ADMIN` (and `CAP_DAC_READ_SEARCH` to learn where an event happened); without these, only
//! directories themselves can be watched. The kernel allows one user 128 groups (`fs.fanotify.max_user_groups`).
//!
//! Needs Linux 5.17 (`FAN_RENAME`).

use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::prelude::*;
use ksmbd_engine::host::{LocalAction, LocalChange};
use ksmbd_engine::server::Server;

use super::super::sys;
use super::super::EmbeddedHost;
use super::error;

const NAMES: u64 = libc::FAN_CREATE | libc::FAN_DELETE | libc::FAN_RENAME;
const WANTED: u64 =
    NAMES | libc::FAN_MODIFY | libc::FAN_ATTRIB | libc::FAN_ONDIR | libc::FAN_EVENT_ON_CHILD;
/// Events are read in pieces of at most so many bytes.
const ROOM: usize = 16 << 10;
/// Length of `struct fanotify_event_metadata`.
const METADATA: usize = 24;
/// Length of what stands before a handle in an information record: kind, length, file system.
const BEFORE_HANDLE: usize = 12;
/// Length of `struct file_handle` without the handle.
const HANDLE_HEAD: usize = 8;

const DFID_NAME: u8 = 2;
const OLD_DFID_NAME: u8 = 10;
const NEW_DFID_NAME: u8 = 12;

type TheServer = kernel::sync::Arc<Server<EmbeddedHost>>;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Listener(Arc<Mutex<Option<TheServer>>>);

impl Listener {
    /// Says whom changes are told to; `None` before the server goes.
    pub(crate) fn set(&self, server: Option<TheServer>) {
        let old = std::mem::replace(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            server,
        );
        drop(old);
    }

    fn get(&self) -> Option<TheServer> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A watched directory. Its thread ends soon after this is dropped.
pub struct Watch(#[allow(dead_code, reason = "dropping it wakes the thread")] UnixStream);

/// What the thread of a watch knows.
struct Watcher {
    group: OwnedFd,
    end: UnixStream,
    /// The watched directory, if all below it is watched.
    dir: Option<OwnedFd>,
    token: u64,
    listener: Listener,
}

/// Watches the directory behind `path`, an entry of `/proc/self/fd`.
pub(super) fn start(
    listener: &Listener,
    path: &CStr,
    dir: OwnedFd,
    deep: bool,
    token: u64,
) -> Result<Watch> {
    let group = sys::fanotify_group().map_err(|e| error(&e))?;
    sys::fanotify_mark(&group, path, deep, WANTED).map_err(|e| error(&e))?;
    let (ours, theirs) = UnixStream::pair().map_err(|e| error(&e))?;
    let watcher = Watcher {
        group,
        end: theirs,
        dir: deep.then_some(dir),
        token,
        listener: listener.clone(),
    };
    std::thread::Builder::new()
        .name("ksmbd-watch".into())
        .stack_size(super::super::work::STACK)
        .spawn(move || watcher.run())
        .map_err(|e| error(&e))?;
    Ok(Watch(ours))
}

/// An information record: what it is about, the directory's handle, the entry's name.
struct Named<'a> {
    kind: u8,
    handle: &'a [u8],
    name: &'a [u8],
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_ne_bytes(*bytes))
}

/// Takes the first information record off `rest`; `None` within if it is of another kind.
fn named<'a>(rest: &mut &'a [u8]) -> Option<Option<Named<'a>>> {
    let kind = *rest.first()?;
    let len = usize::from(u16::from_ne_bytes(*rest.get(2..)?.first_chunk::<2>()?));
    let (record, behind) = rest.split_at_checked(len.max(4))?;
    *rest = behind;
    if ![DFID_NAME, OLD_DFID_NAME, NEW_DFID_NAME].contains(&kind) {
        return Some(None);
    }
    let handle = record.get(BEFORE_HANDLE..)?;
    let len = HANDLE_HEAD.checked_add(u32_at(handle, 0)? as usize)?;
    let (handle, name) = handle.split_at_checked(len)?;
    let name = name.split(|b| *b == 0).next()?;
    Some(Some(Named { kind, handle, name }))
}

impl Watcher {
    fn run(&self) {
        let mut buf = vec![0; ROOM];
        loop {
            match sys::wait_for_either(&self.group, &self.end) {
                Ok(true) => {}
                Ok(false) => return,
                Err(e) => {
                    pr_err!("waiting for changes: {:?}\n", e);
                    return;
                }
            }
            match rustix::io::read(&self.group, &mut buf[..]) {
                Ok(len) => self.events(&buf[..len]),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                Err(e) => {
                    pr_err!("reading changes: {:?}\n", e);
                    return;
                }
            }
        }
    }

    fn events(&self, mut rest: &[u8]) {
        let Some(server) = self.listener.get() else {
            return;
        };
        while let Some(len) = u32_at(rest, 0) {
            let Some((event, behind)) = rest.split_at_checked((len as usize).max(METADATA)) else {
                return;
            };
            rest = behind;
            if self.event(&server, event).is_none() {
                server.local_lost(self.token);
            }
        }
    }

    /// Tells of one event; `None` if it cannot be told what happened.
    fn event(&self, server: &Server<EmbeddedHost>, event: &[u8]) -> Option<()> {
        let mask = u64::from(u32_at(event, 8)?) | u64::from(u32_at(event, 12)?) << 32;
        let mask = if cfg!(target_endian = "little") {
            mask
        } else {
            mask.rotate_left(32)
        };
        if mask & libc::FAN_Q_OVERFLOW != 0 {
            return None;
        }
        if u32_at(event, 20)? == std::process::id() {
            return Some(());
        }
        let is_dir = mask & libc::FAN_ONDIR != 0;
        let tell = |action, at: &Named<'_>| {
            let Some(path) = self.path(at) else { return };
            let path = &path;
            server.local_change(
                self.token,
                &LocalChange {
                    action,
                    path,
                    is_dir,
                },
            );
        };
        let mut records = event.get(METADATA..)?;
        let (mut at, mut from, mut to) = (None, None, None);
        while !records.is_empty() {
            match named(&mut records)? {
                Some(n) if n.kind == OLD_DFID_NAME => from = Some(n),
                Some(n) if n.kind == NEW_DFID_NAME => to = Some(n),
                Some(n) => at = Some(n),
                None => {}
            }
        }
        match (&from, &to) {
            (Some(from), Some(to)) if from.handle == to.handle => {
                tell(LocalAction::RenamedFrom, from);
                tell(LocalAction::RenamedTo, to);
            }
            _ => {
                from.iter().for_each(|n| tell(LocalAction::Removed, n));
                to.iter().for_each(|n| tell(LocalAction::Added, n));
            }
        }
        // The directory itself goes by the name of a dot; what happens to it is its parent's news.
        let Some(at) = at.filter(|n| !matches!(n.name, b"" | b".")) else {
            return Some(());
        };
        // Several events of one name may have become one.
        for (bit, action) in [
            (libc::FAN_CREATE, LocalAction::Added),
            (libc::FAN_MODIFY, LocalAction::Written),
            (libc::FAN_ATTRIB, LocalAction::Attributes),
            (libc::FAN_DELETE, LocalAction::Removed),
        ] {
            if mask & bit != 0 {
                tell(action, &at);
            }
        }
        Some(())
    }

    /// The path below the watched directory, if it lies there.
    fn path(&self, at: &Named<'_>) -> Option<std::vec::Vec<u8>> {
        let Some(root) = &self.dir else {
            return Some(at.name.to_vec());
        };
        let dir = sys::open_by_handle(root, at.handle).ok()?;
        let way = place(&dir)?
            .strip_prefix(place(root)?)
            .ok()?
            .join(std::ffi::OsStr::from_bytes(at.name));
        Some(way.into_os_string().into_encoded_bytes())
    }
}

/// Where a descriptor leads.
fn place(fd: &OwnedFd) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())).ok()
}
