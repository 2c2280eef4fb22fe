// SPDX-License-Identifier: GPL-2.0-or-later
//! Buffers for frames and file data.
//!
//! Large buffers are kept and used again: they need not be zeroed twice, and their pages are there already.
//! A buffer shows only its first `len` bytes, which its user has written, so that nobody sees what the one
//! before left behind.

use std::sync::{Mutex, PoisonError};

use kernel::prelude::*;
use ksmbd_engine::host::{Payload, Pdu};
use ksmbd_hostcrypto::Bytes;

/// Buffers from this size on are kept.
const SMALLEST: usize = 16 << 10;
/// Sizes of kept buffers: `SMALLEST << class`, up to 16 MiB.
const CLASSES: usize = 11;
/// Most bytes kept of one size.
const KEEP: usize = 16 << 20;

static FREE: [Mutex<std::vec::Vec<std::vec::Vec<u8>>>; CLASSES] =
    [const { Mutex::new(std::vec::Vec::new()) }; CLASSES];

fn class(len: usize) -> Option<usize> {
    if len < SMALLEST {
        return None;
    }
    (0..CLASSES).find(|c| SMALLEST << c >= len)
}

/// Bytes of this process: a frame as received, or data on its way between file and peer.
pub struct Buffer {
    bytes: std::vec::Vec<u8>,
    len: usize,
}

impl Buffer {
    /// A buffer of `len` bytes that the caller is going to write.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(len: usize) -> Result<Self> {
        let kept = class(len).and_then(|c| {
            let mut free = FREE[c].lock().unwrap_or_else(PoisonError::into_inner);
            free.pop()
        });
        if let Some(bytes) = kept {
            return Ok(Self { bytes, len });
        }
        let size = class(len).map_or(len, |c| SMALLEST << c);
        let mut bytes = std::vec::Vec::new();
        bytes.try_reserve_exact(size).map_err(|_| ENOMEM)?;
        bytes.resize(size, 0);
        Ok(Self { bytes, len })
    }

    /// Forgets what lies behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let Some(c) = class(bytes.len()) else { return };
        if bytes.len() != SMALLEST << c {
            return;
        }
        let mut free = FREE[c].lock().unwrap_or_else(PoisonError::into_inner);
        if (free.len() + 1) * bytes.len() <= KEEP {
            free.push(bytes);
        }
    }
}

impl Pdu for Buffer {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl Payload for Buffer {
    fn len(&self) -> usize {
        self.len
    }
}

impl Bytes for Buffer {
    fn as_slice(&self) -> &[u8] {
        self.bytes()
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes_mut()
    }
}
