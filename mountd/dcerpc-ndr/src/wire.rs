// SPDX-License-Identifier: GPL-2.0-or-later
//! Bytes: alignment, numbers in both byte orders, counts and referent ids,
//! which have 32 bits in NDR 2.0 and 64 in NDR64.

use std::fmt;

/// The form of arguments that a context was bound with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// NDR 2.0, little endian.
    Ndr20,
    /// NDR 2.0, big endian; read only, answers are little endian.
    Ndr20BigEndian,
    /// NDR64, little endian.
    Ndr64,
}

impl Syntax {
    /// Whether it is NDR64.
    #[must_use]
    pub const fn is_64(self) -> bool {
        matches!(self, Self::Ndr64)
    }

    /// Bytes of a count or a referent id.
    #[must_use]
    pub const fn word(self) -> usize {
        if self.is_64() {
            8
        } else {
            4
        }
    }
}

/// Why bytes are no arguments, or a value cannot be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(&'static str);

impl Error {
    /// With what is wrong.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self(what)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Error {}

const TRUNCATED: Error = Error("stub data is truncated");

/// Reads arguments.
pub struct Reader<'a> {
    buf: &'a [u8],
    pos: usize,
    syntax: Syntax,
    conformance: Option<u64>,
}

impl<'a> Reader<'a> {
    /// At the start of `buf`, which is where alignment counts from.
    #[must_use]
    pub const fn new(buf: &'a [u8], syntax: Syntax) -> Self {
        Self {
            buf,
            pos: 0,
            syntax,
            conformance: None,
        }
    }

    /// The form that is read.
    #[must_use]
    pub const fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Bytes that are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.buf.len().saturating_sub(self.pos)
    }

    /// The next `n` bytes. Errors: there are fewer.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Error> {
        let end = self.pos.checked_add(n).ok_or(TRUNCATED)?;
        let out = self.buf.get(self.pos..end).ok_or(TRUNCATED)?;
        self.pos = end;
        Ok(out)
    }

    /// The next `N` bytes as they are. Errors: there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.bytes(N)?.try_into().map_err(|_| TRUNCATED)
    }

    /// Goes on at a multiple of `n`, a power of two. What is skipped may have
    /// any value. Errors: the stub ends before.
    pub fn align(&mut self, n: usize) -> Result<(), Error> {
        let mask = n.saturating_sub(1);
        self.bytes(self.pos.wrapping_neg() & mask).map(|_| ())
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[b]| b)
    }

    /// 16 bits, aligned.
    pub fn u16(&mut self) -> Result<u16, Error> {
        self.align(2)?;
        let b = self.array()?;
        Ok(match self.syntax {
            Syntax::Ndr20BigEndian => u16::from_be_bytes(b),
            _ => u16::from_le_bytes(b),
        })
    }

    /// 32 bits, aligned.
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.align(4)?;
        let b = self.array()?;
        Ok(match self.syntax {
            Syntax::Ndr20BigEndian => u32::from_be_bytes(b),
            _ => u32::from_le_bytes(b),
        })
    }

    /// 64 bits, aligned.
    pub fn u64(&mut self) -> Result<u64, Error> {
        self.align(8)?;
        let b = self.array()?;
        Ok(match self.syntax {
            Syntax::Ndr20BigEndian => u64::from_be_bytes(b),
            _ => u64::from_le_bytes(b),
        })
    }

    /// The end of a structure, which NDR64 fills up to its alignment. At the end
    /// of a stub not everybody does.
    pub fn end(&mut self, n: usize) {
        if self.syntax.is_64() {
            let end = self.pos.checked_next_multiple_of(n).unwrap_or(self.pos);
            self.pos = end.min(self.buf.len());
        }
    }

    /// The beginning of a union: NDR64 puts all of it where its greatest arm
    /// could stand (\[MS-RPCE\] 2.2.4.5 and 2.2.5.3.4.1).
    pub fn begin_union(&mut self, n: usize) -> Result<(), Error> {
        if self.syntax.is_64() {
            self.align(n)?;
        }
        Ok(())
    }

    /// A count or a referent id.
    pub fn word(&mut self) -> Result<u64, Error> {
        if self.syntax.is_64() {
            self.u64()
        } else {
            self.u32().map(u64::from)
        }
    }

    /// Reads the count that stands in front of what has a conformant array.
    pub fn begin_conformance(&mut self) -> Result<(), Error> {
        self.conformance = Some(self.word()?);
        Ok(())
    }

    /// The count that was read in front.
    pub fn conformance(&mut self) -> Result<u64, Error> {
        let lost = Error("conformant array without a count in front");
        self.conformance.take().ok_or(lost)
    }

    /// How many elements a count means. Errors: there are not as many bytes.
    pub fn count(&self, n: u64) -> Result<usize, Error> {
        match usize::try_from(n) {
            Ok(n) if n <= self.left() => Ok(n),
            _ => Err(Error("array with more elements than bytes")),
        }
    }
}

/// Writes arguments.
pub struct Writer {
    buf: Vec<u8>,
    syntax: Syntax,
    referents: u32,
}

impl Writer {
    /// An empty stub. Big endian is never written.
    #[must_use]
    pub const fn new(syntax: Syntax) -> Self {
        Self {
            buf: Vec::new(),
            syntax,
            referents: 0,
        }
    }

    /// The form that is written.
    #[must_use]
    pub const fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The stub.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.buf
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// Zeros up to a multiple of `n`.
    pub fn align(&mut self, n: usize) {
        let len = self.buf.len();
        self.buf
            .resize(len.checked_next_multiple_of(n).unwrap_or(len), 0);
    }

    /// The end of a structure.
    pub fn end(&mut self, n: usize) {
        if self.syntax.is_64() {
            self.align(n);
        }
    }

    /// The beginning of a union.
    pub fn begin_union(&mut self, n: usize) {
        if self.syntax.is_64() {
            self.align(n);
        }
    }

    /// A byte.
    pub fn u8(&mut self, value: u8) {
        self.buf.push(value);
    }

    /// 16 bits, aligned.
    pub fn u16(&mut self, value: u16) {
        self.align(2);
        self.bytes(&value.to_le_bytes());
    }

    /// 32 bits, aligned.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    /// 64 bits, aligned.
    pub fn u64(&mut self, value: u64) {
        self.align(8);
        self.bytes(&value.to_le_bytes());
    }

    /// A count or a referent id. Errors: it does not fit.
    pub fn word(&mut self, value: u64) -> Result<(), Error> {
        if self.syntax.is_64() {
            self.u64(value);
        } else {
            let value = u32::try_from(value).map_err(|_| Error("count is too large"))?;
            self.u32(value);
        }
        Ok(())
    }

    /// The referent id of a pointer, of its own if it points anywhere.
    pub fn referent(&mut self, present: bool) -> Result<(), Error> {
        if !present {
            return self.word(0);
        }
        self.referents = self.referents.wrapping_add(4);
        self.word(u64::from(self.referents.wrapping_add(0x0002_0000)))
    }
}
