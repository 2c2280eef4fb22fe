// SPDX-License-Identifier: GPL-2.0-or-later
//! Reading directories, from any position that was told before.

use std::os::fd::BorrowedFd;

use kernel::prelude::*;
use ksmbd_engine::host::{DirEnd, DirEntry};
use rustix::fs::SeekFrom;

use super::super::sys;
use super::{errno, error};

/// Bytes asked of the kernel at once.
const BUFFER: usize = 32 << 10;
/// Offset of the name within `struct linux_dirent64`.
const NAME: usize = 19;

/// How far a directory has been read.
#[derive(Default)]
pub(super) struct Cursor {
    /// Entries as the kernel gave them.
    buf: std::vec::Vec<u8>,
    /// What of it has not been delivered yet: `at..end`.
    at: usize,
    end: usize,
    /// Position of the entry at `at`.
    pos: u64,
    /// Whether the kernel's position is that of `end`.
    valid: bool,
}

impl Cursor {
    pub(super) fn read(
        &mut self,
        fd: BorrowedFd<'_>,
        pos: u64,
        sink: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<DirEnd> {
        if self.buf.is_empty() {
            self.buf.try_reserve_exact(BUFFER).map_err(|_| ENOMEM)?;
            self.buf.resize(BUFFER, 0);
        }
        // From the beginning means from the disk, not from what was there when it was last read.
        if pos == 0 || pos != self.pos || !self.valid {
            self.valid = false;
            rustix::fs::seek(fd, SeekFrom::Start(pos)).map_err(errno)?;
            (self.at, self.end, self.pos, self.valid) = (0, 0, pos, true);
        }
        loop {
            if self.at == self.end {
                self.valid = false;
                let n = sys::getdents(fd, &mut self.buf).map_err(|e| error(&e))?;
                (self.at, self.end, self.valid) = (0, n, true);
                if n == 0 {
                    return Ok(DirEnd {
                        pos: self.pos,
                        eof: true,
                    });
                }
            }
            let (entry, len, next) = parse(&self.buf[self.at..self.end], self.pos).ok_or(EIO)?;
            if !sink(&entry) {
                return Ok(DirEnd {
                    pos: self.pos,
                    eof: false,
                });
            }
            self.at += len;
            self.pos = next;
        }
    }
}

/// Takes the first entry apart; also tells its length and the next one's position.
fn parse(bytes: &[u8], pos: u64) -> Option<(DirEntry<'_>, usize, u64)> {
    let word = |at: usize| {
        bytes
            .get(at..at + 8)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_ne_bytes)
    };
    let ino = word(0)?;
    let next = word(8)?;
    let len = usize::from(u16::from_ne_bytes(bytes.get(16..18)?.try_into().ok()?));
    let name = CStr::from_bytes_until_nul(bytes.get(NAME..len)?)
        .ok()?
        .to_bytes();
    Some((DirEntry { name, ino, pos }, len, next))
}
