// SPDX-License-Identifier: GPL-2.0-or-later
//! Directory enumeration: where a handle's scan stands, and how the next entries are found
//! ([MS-SMB2] 3.3.5.18, [MS-FSA] 2.1.5.6.3).
//!
//! # Invariants
//!
//! - One request at a time works with a handle's scan. It takes the scan out ([`DirCursor::begin`]), so no lock
//!   is held while it calls the host; who comes meanwhile leaves a token and is woken when its [`Turn`] ends.
//! - Names are gathered in bounded batches first, and looked at afterwards: the host's directory may be locked
//!   while it delivers names.
//! - An entry counts as delivered only when it is in the reply whole. What a batch held beyond that is read
//!   again by the next request, from the position of the first entry that did not fit.
//!
//! # What is not listed
//!
//! Names that no client could use: those that are not valid UTF-8, and those with a character that
//! [MS-FSCC] 2.1.5 forbids. Renaming them here would need a mapping that CREATE undoes, and such a mapping would
//! make two names out of one for clients that bring a mapping of their own. Handles of the SMB3 POSIX extensions list
//! all that is UTF-8. Vetoed names, and with the share's
//! `hide unreadable` what the user could not open, are not listed either, nor is a symbolic link that leads
//! nowhere. An entry that is removed between the reading of its name and of its attributes is left out.

use kernel::prelude::*;
use kernel::sync::{new_mutex, Mutex};

use proto_shared::dtyp::{wildcard, Utf16};
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{DirEnd, Host};
use crate::name::push_char;
use crate::open::lookup::is_vetoed;
use crate::open::ListDirectory;
use crate::server::Server;
use crate::tree::DiskShare;
use crate::work::{Event, Token};

/// Longest search pattern in characters.
const MAX_PATTERN: usize = 1023;
/// Names that are gathered at once.
const BATCH_NAMES: usize = 256;
/// Bytes of names that are gathered at once.
const BATCH_BYTES: usize = 16 << 10;

/// How far a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was delivered: `.` is next.
    Dot,
    /// `..` is next.
    DotDot,
    /// Names from this position of the host's on are next.
    Names(u64),
    /// Everything was delivered.
    End,
}

/// A handle's scan: EnumerationSearchPattern and EnumerationLocation.
pub(crate) struct Scan {
    /// In UTF-8; empty until the first request gives one.
    pub(crate) pattern: KVec<u8>,
    pub(crate) stage: Stage,
}

impl Scan {
    const fn new() -> Self {
        Self {
            pattern: KVec::new(),
            stage: Stage::Dot,
        }
    }

    /// The pattern as text.
    pub(crate) fn pattern(&self) -> &str {
        // `set_pattern` put text there.
        core::str::from_utf8(&self.pattern).unwrap_or("")
    }

    /// Takes a client's pattern over; an empty one means everything.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` if no name could match because of its form, `INSUFFICIENT_RESOURCES`.
    pub(crate) fn set_pattern(&mut self, wire: Utf16<'_>) -> SmbResult {
        let mut pattern = KVec::new();
        if wire.is_empty() {
            pattern.push(b'*', GFP_KERNEL)?;
        }
        for (n, c) in wire.chars().enumerate() {
            match c {
                Ok(c) if n < MAX_PATTERN && c >= ' ' && !matches!(c, '\\' | '/' | ':' | '|') => {
                    push_char(&mut pattern, c)?;
                }
                _ => return Err(NtStatus::OBJECT_NAME_INVALID.into()),
            }
        }
        self.pattern = pattern;
        Ok(())
    }
}

struct State {
    /// `None` while a request works with it.
    scan: Option<Scan>,
    waiters: KVec<Token>,
}

/// Where a directory handle's enumeration stands.
#[pin_data]
pub struct DirCursor {
    #[pin]
    state: Mutex<State>,
}

impl DirCursor {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            state <- new_mutex!(
                State { scan: Some(Scan::new()), waiters: KVec::new() },
                "ksmbd::DirCursor::state"
            ),
        })
    }

    /// Takes the scan, unless another request has it.
    pub(crate) fn begin<'a, H: Host>(&'a self, server: &'a Server<H>) -> Option<Turn<'a, H>> {
        let scan = self.state.lock().scan.take()?;
        Some(Turn {
            server,
            cursor: self,
            scan,
        })
    }

    /// Lets `token` be woken when the scan is free. `false` if it is free already.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn wait(&self, token: Token) -> SmbResult<bool> {
        let mut state = self.state.lock();
        if state.scan.is_some() {
            return Ok(false);
        }
        state.waiters.push(token, GFP_KERNEL)?;
        Ok(true)
    }

    /// A request that waits gives up. If it had been woken already, the next one is woken in its place.
    pub(crate) fn give_up<H: Host>(&self, server: &Server<H>, token: Token) {
        let mut state = self.state.lock();
        let before = state.waiters.len();
        state.waiters.retain(|t| *t != token);
        let was_woken = state.waiters.len() == before;
        drop(state);
        if was_woken {
            self.wake_next(server);
        }
    }

    fn wake_next<H: Host>(&self, server: &Server<H>) {
        let next = {
            let mut state = self.state.lock();
            match state.scan {
                // First come, first served.
                Some(_) if !state.waiters.is_empty() => state.waiters.remove(0).ok(),
                _ => None,
            }
        };
        if let Some(token) = next {
            server.wake(token, Event::Ready);
        }
    }
}

/// The right to work with a handle's scan; dropping it gives the scan back.
pub(crate) struct Turn<'a, H: Host> {
    server: &'a Server<H>,
    cursor: &'a DirCursor,
    pub(crate) scan: Scan,
}

impl<H: Host> Turn<'_, H> {
    /// Begins anew: from the start, and with `forget` also with whatever pattern the request brings.
    pub(crate) fn restart(&mut self, forget: bool) {
        self.scan.stage = Stage::Dot;
        if forget {
            self.scan.pattern = KVec::new();
        }
    }
}

impl<H: Host> Drop for Turn<'_, H> {
    fn drop(&mut self) {
        let scan = core::mem::replace(&mut self.scan, Scan::new());
        self.cursor.state.lock().scan = Some(scan);
        self.cursor.wake_next(self.server);
    }
}

/// One gathered name.
#[derive(Clone, Copy)]
struct Found {
    start: usize,
    len: usize,
    pos: u64,
}

/// Names gathered from a directory.
pub(crate) struct Batch {
    text: KVec<u8>,
    found: KVec<Found>,
}

impl Batch {
    /// Room for one batch; nothing is allocated while the directory delivers names.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn new() -> SmbResult<Self> {
        Ok(Self {
            text: KVec::with_capacity(BATCH_BYTES, GFP_KERNEL)?,
            found: KVec::with_capacity(BATCH_NAMES, GFP_KERNEL)?,
        })
    }

    /// Gathers names from `pos` on that are to be listed and match `pattern`.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn fill<H: Host>(
        &mut self,
        fs: &H::Fs,
        list: &ListDirectory<'_, H>,
        share: &DiskShare<H>,
        pattern: &str,
        pos: u64,
        posix: bool,
    ) -> SmbResult<DirEnd> {
        self.text.clear();
        self.found.clear();
        let end = list.read_dir(fs, pos, &mut |entry| {
            let Some(name) = presentable(entry.name, posix) else {
                return true;
            };
            if !wildcard::matches(pattern, name) || is_vetoed(share, entry.name) {
                return true;
            }
            let start = self.text.len();
            let room = self.text.capacity().saturating_sub(start);
            if room < name.len() || self.found.len() == self.found.capacity() {
                return false;
            }
            // Both fit, as was just seen.
            self.text
                .extend_from_slice(name.as_bytes(), GFP_KERNEL)
                .is_ok()
                && self
                    .found
                    .push_within_capacity(Found {
                        start,
                        len: name.len(),
                        pos: entry.pos,
                    })
                    .is_ok()
        })?;
        Ok(end)
    }

    /// The names with the positions from which they are delivered again.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, u64)> {
        self.found.iter().filter_map(|f| {
            let end = f.start.checked_add(f.len)?;
            let name = core::str::from_utf8(self.text.get(f.start..end)?).ok()?;
            Some((name, f.pos))
        })
    }
}

/// The name, if a client can be shown it; `.` and `..` are not. One of the SMB3 POSIX extensions can be shown any that is
/// text.
pub(crate) fn presentable(name: &[u8], posix: bool) -> Option<&str> {
    if matches!(name, b"." | b"..") || name.is_empty() {
        return None;
    }
    let name = core::str::from_utf8(name).ok()?;
    let forbidden =
        |c: char| c < ' ' || matches!(c, '"' | '*' | '/' | ':' | '<' | '>' | '?' | '\\' | '|');
    (posix || !name.contains(forbidden)).then_some(name)
}

/// Whether the failure to look at one entry leaves that entry out, instead of failing the request: its name is
/// gone, or it cannot be reached by this user.
pub(crate) fn leaves_out(e: &SmbError) -> bool {
    let out_of_reach = [ENOENT, EACCES, EPERM, ESTALE, ELOOP, EXDEV, ENOTDIR, EIO];
    e.source.is_some_and(|errno| out_of_reach.contains(&errno))
}
