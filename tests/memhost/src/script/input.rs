// SPDX-License-Identifier: GPL-2.0-or-later
//! A fuzzer's bytes, taken one after the other.

/// What is left of the bytes. At their end everything is zero.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn u8(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.u8())
    }

    /// At most `n` bytes.
    pub(super) fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Bytes whose number comes first; mostly few.
    pub(super) fn blob(&mut self) -> &'a [u8] {
        let n = usize::from(self.u8());
        self.bytes(if n < 0xe0 { n % 32 } else { n })
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.u8()) % of.len()]
    }

    /// One of these, or (one choice more) any number.
    pub(super) fn number(&mut self, of: &[u64]) -> u64 {
        let at = usize::from(self.u8()) % (of.len() + 1);
        match of.get(at) {
            Some(n) => *n,
            None => self.u64(),
        }
    }
}
