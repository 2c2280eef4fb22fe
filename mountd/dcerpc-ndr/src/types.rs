// SPDX-License-Identifier: GPL-2.0-or-later
//! What the form of each kind of type is.
//!
//! A value is read in three steps, as the wire has it: the count of a
//! conformant array at its end, which stands in front of everything; the value
//! itself; then what its pointers point to, in order. In between, a pointer to
//! something holds a default value.

use crate::wire::{Error, Reader, Syntax, Writer};

/// A type that NDR has a form for.
pub trait Ndr: Default {
    /// What its place is a multiple of.
    fn alignment(syntax: Syntax) -> usize;

    /// Reads the count in front of a conformant array at the end of it.
    fn read_conformance(&mut self, _r: &mut Reader<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Reads it, without what its pointers point to.
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error>;

    /// Reads what its pointers point to.
    fn read_deferred(&mut self, _r: &mut Reader<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Writes the count in front of a conformant array at the end of it.
    fn write_conformance(&self, _w: &mut Writer) -> Result<(), Error> {
        Ok(())
    }

    /// Writes it, without what its pointers point to.
    fn write(&self, w: &mut Writer) -> Result<(), Error>;

    /// Writes what its pointers point to.
    fn write_deferred(&self, _w: &mut Writer) -> Result<(), Error> {
        Ok(())
    }

    /// All steps, for what is a parameter or is pointed to.
    fn read_whole(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.read_conformance(r)?;
        self.read(r)?;
        self.read_deferred(r)
    }

    /// All steps, for what is a parameter or is pointed to.
    fn write_whole(&self, w: &mut Writer) -> Result<(), Error> {
        self.write_conformance(w)?;
        self.write(w)?;
        self.write_deferred(w)
    }
}

/// The arguments that one side of a call sends.
pub trait Message: Default {
    /// Reads all of them.
    fn read(r: &mut Reader<'_>) -> Result<Self, Error>;

    /// Writes all of them.
    fn write(&self, w: &mut Writer) -> Result<(), Error>;

    /// From a stub. What stands behind the last argument is not looked at.
    fn decode(stub: &[u8], syntax: Syntax) -> Result<Self, Error> {
        Self::read(&mut Reader::new(stub, syntax))
    }

    /// As a stub.
    fn encode(&self, syntax: Syntax) -> Result<Vec<u8>, Error> {
        let mut w = Writer::new(syntax);
        self.write(&mut w)?;
        Ok(w.into_bytes())
    }
}

/// What has a number of elements.
pub trait Counted {
    /// Greatest number and number; none of a null pointer.
    fn counts(&self) -> Option<(u64, u64)>;
}

/// Whether the greatest number of elements is what it is said to be.
pub fn size_is(counts: Option<(u64, u64)>, said: u64) -> Result<(), Error> {
    match counts {
        Some((max, _)) if max != said => Err(Error::new("array with another size than said")),
        _ => Ok(()),
    }
}

/// Whether the number of elements is what it is said to be.
pub fn length_is(counts: Option<(u64, u64)>, said: u64) -> Result<(), Error> {
    match counts {
        Some((_, len)) if len != said => Err(Error::new("array with another length than said")),
        _ => Ok(()),
    }
}

/// Whether a union is what it is switched to.
pub fn switch_is(tag: u64, said: u64) -> Result<(), Error> {
    if tag == said {
        Ok(())
    } else {
        Err(Error::new("union with another tag than said"))
    }
}

/// Whether a number is in its range.
pub fn in_range(value: u64, low: u64, high: u64) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Error::new("number out of its range"))
    }
}

/// A number that counts something.
pub trait Number {
    /// Its value; 0 where a pointer to it is null.
    fn number(&self) -> u64;
}

macro_rules! numbers {
    ($($t:ident $size:literal),*) => {$(
        impl Ndr for $t {
            fn alignment(_: Syntax) -> usize {
                $size
            }
            fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
                *self = r.$t()?;
                Ok(())
            }
            fn write(&self, w: &mut Writer) -> Result<(), Error> {
                w.$t(*self);
                Ok(())
            }
        }
        impl Number for $t {
            fn number(&self) -> u64 {
                u64::from(*self)
            }
        }
    )*};
}

numbers!(u8 1, u16 2, u32 4, u64 8);

impl<T: Number> Number for Option<T> {
    fn number(&self) -> u64 {
        self.as_ref().map_or(0, T::number)
    }
}

macro_rules! byte_arrays {
    ($($n:literal),*) => {$(
        impl Ndr for [u8; $n] {
            fn alignment(_: Syntax) -> usize {
                1
            }
            fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
                *self = r.array()?;
                Ok(())
            }
            fn write(&self, w: &mut Writer) -> Result<(), Error> {
                w.bytes(self);
                Ok(())
            }
        }
    )*};
}

byte_arrays!(6, 8, 16);

/// An enumeration that has 16 bits in NDR 2.0 and 32 in NDR64
/// (\[MS-RPCE\] 2.2.5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enum16(pub u16);

impl Ndr for Enum16 {
    fn alignment(syntax: Syntax) -> usize {
        if syntax.is_64() {
            4
        } else {
            2
        }
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.0 = if r.syntax().is_64() {
            u16::try_from(r.u32()?).map_err(|_| Error::new("enumeration beyond 16 bits"))?
        } else {
            r.u16()?
        };
        Ok(())
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        if w.syntax().is_64() {
            w.u32(u32::from(self.0));
        } else {
            w.u16(self.0);
        }
        Ok(())
    }
}

impl Number for Enum16 {
    fn number(&self) -> u64 {
        u64::from(self.0)
    }
}

/// A context handle (\[C706\] 14.3.16): attributes and a UUID, which mean nothing
/// to whoever did not make them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handle(pub [u8; Handle::LEN]);

impl Handle {
    /// Length on the wire in bytes.
    pub const LEN: usize = 20;
}

impl Ndr for Handle {
    fn alignment(_: Syntax) -> usize {
        4
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        // By its parts, because a big endian client turns them round.
        let [a, b, c, d] = r.u32()?.to_le_bytes();
        let [e, f, g, h] = r.u32()?.to_le_bytes();
        let ([i, j], [k, l]) = (r.u16()?.to_le_bytes(), r.u16()?.to_le_bytes());
        let [m, n, o, p, q, s, t, u]: [u8; 8] = r.array()?;
        self.0 = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, s, t, u];
        Ok(())
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(4);
        w.bytes(&self.0);
        Ok(())
    }
}

/// A unique pointer.
impl<T: Ndr> Ndr for Option<T> {
    fn alignment(syntax: Syntax) -> usize {
        syntax.word()
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        *self = (r.word()? != 0).then(T::default);
        Ok(())
    }

    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.as_mut().map_or(Ok(()), |to| to.read_whole(r))
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.referent(self.is_some())
    }

    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.as_ref().map_or(Ok(()), |to| to.write_whole(w))
    }
}

impl<T: Counted> Counted for Option<T> {
    fn counts(&self) -> Option<(u64, u64)> {
        self.as_ref().and_then(T::counts)
    }
}

fn length(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn read_elements<T: Ndr>(into: &mut Vec<T>, n: u64, r: &mut Reader<'_>) -> Result<(), Error> {
    // Every element takes a byte at least, so what grows here ends with the stub.
    into.clear();
    for _ in 0..r.count(n)? {
        let mut one = T::default();
        one.read(r)?;
        into.push(one);
    }
    Ok(())
}

/// A conformant array.
impl<T: Ndr> Ndr for Vec<T> {
    fn alignment(syntax: Syntax) -> usize {
        T::alignment(syntax)
    }

    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_conformance()
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        let n = r.conformance()?;
        read_elements(self, n, r)
    }

    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.iter_mut().try_for_each(|e| e.read_deferred(r))
    }

    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        w.word(length(self.len()))
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.iter().try_for_each(|e| e.write(w))
    }

    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.iter().try_for_each(|e| e.write_deferred(w))
    }
}

impl<T> Counted for Vec<T> {
    fn counts(&self) -> Option<(u64, u64)> {
        let n = length(self.len());
        Some((n, n))
    }
}

/// A conformant varying array whose elements begin at its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Varying<T> {
    /// How many elements there is room for.
    pub max: u64,
    /// Those that are there.
    pub items: Vec<T>,
}

impl<T> Varying<T> {
    /// Without more room than there are elements.
    #[must_use]
    pub fn new(items: Vec<T>) -> Self {
        Self {
            max: length(items.len()),
            items,
        }
    }
}

/// Offset and actual count; the latter.
fn read_variance(max: u64, r: &mut Reader<'_>) -> Result<u64, Error> {
    let (offset, actual) = (r.word()?, r.word()?);
    if offset != 0 || actual > max {
        return Err(Error::new("varying array with impossible counts"));
    }
    Ok(actual)
}

impl<T: Ndr> Ndr for Varying<T> {
    fn alignment(syntax: Syntax) -> usize {
        syntax.word().max(T::alignment(syntax))
    }

    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_conformance()
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.max = r.conformance()?;
        let actual = read_variance(self.max, r)?;
        read_elements(&mut self.items, actual, r)
    }

    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.items.read_deferred(r)
    }

    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        w.word(self.max)
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        if length(self.items.len()) > self.max {
            return Err(Error::new("varying array with more than there is room for"));
        }
        w.word(0)?;
        w.word(length(self.items.len()))?;
        self.items.write(w)
    }

    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.items.write_deferred(w)
    }
}

impl<T> Counted for Varying<T> {
    fn counts(&self) -> Option<(u64, u64)> {
        Some((self.max, length(self.items.len())))
    }
}

/// An array of always `N` elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed<T, const N: usize>(pub Vec<T>);

impl<T: Default, const N: usize> Default for Fixed<T, N> {
    fn default() -> Self {
        Self((0..N).map(|_| T::default()).collect())
    }
}

impl<T: Ndr, const N: usize> Ndr for Fixed<T, N> {
    fn alignment(syntax: Syntax) -> usize {
        T::alignment(syntax)
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        read_elements(&mut self.0, length(N), r)
    }

    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.0.read_deferred(r)
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        if self.0.len() != N {
            return Err(Error::new("array of another size than always"));
        }
        self.0.write(w)
    }

    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.0.write_deferred(w)
    }
}

/// Longest string in units that is read.
const MAX_STRING: u64 = 32 * 1024;

fn read_units(max: u64, r: &mut Reader<'_>) -> Result<Vec<u16>, Error> {
    let count = read_variance(max, r)?;
    if count > MAX_STRING {
        return Err(Error::new("string is too long"));
    }
    let mut units = Vec::new();
    read_elements(&mut units, count, r)?;
    Ok(units)
}

/// Text of units, without the terminator at their end if there is one.
pub(crate) fn text_of(units: &[u16]) -> Result<String, Error> {
    let text = match units.split_last() {
        Some((0, text)) => text,
        _ => units,
    };
    if text.contains(&0) {
        return Err(Error::new("string with a NUL within"));
    }
    String::from_utf16(text).map_err(|_| Error::new("string is not UTF-16"))
}

/// A conformant varying string of UTF-16 with its terminator.
impl Ndr for String {
    fn alignment(syntax: Syntax) -> usize {
        syntax.word()
    }

    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_conformance()
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        let max = r.conformance()?;
        let units = read_units(max, r)?;
        // A string ends at its first NUL, whatever its count says: impacket sends
        // names of ten of them.
        let text = units.split(|u| *u == 0).next().unwrap_or_default();
        *self = text_of(text)?;
        Ok(())
    }

    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        w.word(length(self.encode_utf16().count().saturating_add(1)))
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.word(0)?;
        self.write_conformance(w)?;
        self.encode_utf16().chain([0]).for_each(|unit| w.u16(unit));
        Ok(())
    }
}

/// A varying string of UTF-16 with room for `N` units, its terminator
/// included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedString<const N: u64>(pub String);

impl<const N: u64> Ndr for FixedString<N> {
    fn alignment(syntax: Syntax) -> usize {
        syntax.word()
    }

    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        let units = read_units(N, r)?;
        if units.last() != Some(&0) {
            return Err(Error::new("string without its terminator"));
        }
        self.0 = text_of(&units)?;
        Ok(())
    }

    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        let units: Vec<u16> = self.0.encode_utf16().chain([0]).collect();
        if length(units.len()) > N {
            return Err(Error::new("string is longer than its place"));
        }
        w.word(0)?;
        w.word(length(units.len()))?;
        units.write(w)
    }
}
