// SPDX-License-Identifier: GPL-2.0-or-later
//! What happened below a watched directory and nobody has been told yet.
//!
//! # Invariants
//!
//! - What is kept would fit into a reply of `limit` bytes. Once something does not fit, or there is no memory for
//!   it, nothing is kept at all and the log only says that it has overflowed ([MS-FSA] 2.1.4.1), so that a client
//!   never takes a part for the whole.

use kernel::prelude::*;

use proto_shared::dtyp::utf16;
use proto_shared::smb2::change_notify::NotifyAction;

/// Bytes of an entry of the reply before its name ([MS-FSCC] 2.7.1).
const ENTRY_FIXED: usize = 12;
/// Bytes of a record before its name: action and length of the name.
const RECORD_FIXED: usize = 6;

/// Changes in the order in which they happened.
pub struct ChangeLog {
    /// Records: action (4 bytes), length of the name (2 bytes), name in UTF-8 with `\` between its parts.
    records: KVec<u8>,
    /// Where the last record begins.
    last: usize,
    /// Length of the reply's output, were it made now.
    wire: usize,
    limit: usize,
    overflowed: bool,
}

/// One record and what lies behind it.
fn split(records: &[u8]) -> Option<(NotifyAction, &str, &[u8])> {
    let (action, rest) = records.split_first_chunk::<4>()?;
    let (len, rest) = rest.split_first_chunk::<2>()?;
    let (name, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len)))?;
    Some((
        NotifyAction(u32::from_le_bytes(*action)),
        core::str::from_utf8(name).ok()?,
        rest,
    ))
}

/// A byte of a path as it is shown to clients.
fn shown(byte: u8) -> u8 {
    if byte == b'/' {
        b'\\'
    } else {
        byte
    }
}

impl ChangeLog {
    /// An empty log that keeps what fits into a reply with `limit` bytes of output.
    pub const fn new(limit: usize) -> Self {
        Self {
            records: KVec::new(),
            last: 0,
            wire: 0,
            limit,
            overflowed: false,
        }
    }

    /// Adds a change of `name`, a path below the watched directory with `/` between its parts. That a file was
    /// modified is said once only as long as nothing else happens in between.
    pub fn push(&mut self, action: NotifyAction, name: &[u8]) {
        if self.overflowed {
            return;
        }
        let Ok(text) = core::str::from_utf8(name) else {
            // What has no name for clients changed all the same.
            return self.lose();
        };
        if action == NotifyAction::MODIFIED && self.ends_with(action, name) {
            return;
        }
        let start = self.wire.next_multiple_of(4);
        let wire = start
            .saturating_add(ENTRY_FIXED)
            .saturating_add(utf16::encoded_len(text));
        if wire > self.limit || self.append(action, name).is_err() {
            return self.lose();
        }
        self.wire = wire;
    }

    fn ends_with(&self, action: NotifyAction, name: &[u8]) -> bool {
        let last = self.records.get(self.last..).and_then(split);
        last.is_some_and(|(a, n, _)| {
            a == action && n.bytes().eq(name.iter().map(|byte| shown(*byte)))
        })
    }

    fn append(&mut self, action: NotifyAction, name: &[u8]) -> Result {
        let len = u16::try_from(name.len()).map_err(|_| ENAMETOOLONG)?;
        let at = self.records.len();
        self.records
            .reserve(RECORD_FIXED.saturating_add(name.len()), GFP_KERNEL)?;
        self.records
            .extend_from_slice(&action.0.to_le_bytes(), GFP_KERNEL)?;
        self.records
            .extend_from_slice(&len.to_le_bytes(), GFP_KERNEL)?;
        for byte in name {
            self.records.push(shown(*byte), GFP_KERNEL)?;
        }
        self.last = at;
        Ok(())
    }

    /// Forgets everything but that something happened.
    pub fn lose(&mut self) {
        self.records = KVec::new();
        self.last = 0;
        self.wire = 0;
        self.overflowed = true;
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.overflowed
    }

    /// Whether more happened than could be kept.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Bytes of output that a reply with all of it has.
    pub fn wire_len(&self) -> usize {
        self.wire
    }

    /// Bytes of memory that it takes.
    pub fn memory(&self) -> usize {
        self.records.capacity()
    }

    /// The changes: action, and name with `\` between its parts.
    pub fn iter(&self) -> impl Iterator<Item = (NotifyAction, &str)> {
        let mut rest: &[u8] = &self.records;
        core::iter::from_fn(move || {
            let (action, name, behind) = split(rest)?;
            rest = behind;
            Some((action, name))
        })
    }

    /// Takes everything out.
    pub fn take(&mut self) -> Self {
        let empty = Self::new(self.limit);
        core::mem::replace(self, empty)
    }
}
