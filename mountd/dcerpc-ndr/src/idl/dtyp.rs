// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! Types that several interfaces share (\[MS-DTYP\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// A counted string (\[MS-DTYP\] 2.3.10); lengths are in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcUnicodeString {
    /// `Length`.
    pub length: u16,
    /// `MaximumLength`.
    pub maximum_length: u16,
    /// `Buffer`.
    pub buffer: Option<Varying<u16>>,
}
impl RpcUnicodeString {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.maximum_length.number().wrapping_div(2))?;
        length_is(self.buffer.counts(), self.length.number().wrapping_div(2))?;
        Ok(())
    }
}
impl Ndr for RpcUnicodeString {
    fn alignment(s: Syntax) -> usize {
        <u16 as Ndr>::alignment(s).max(<Option<Varying<u16>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.length.read(r)?;
        self.maximum_length.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.length.write(w)?;
        self.maximum_length.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RpcUnicodeString {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            length: Sample::sample(s),
            maximum_length: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.maximum_length = of_number(n * 2);
        }
        if let Some((_, n)) = v.buffer.counts() {
            v.length = of_number(n * 2);
        }
        v
    }
}

/// A counted string of bytes (\[MS-LSAD\] 2.2.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct String {
    /// `Length`.
    pub length: u16,
    /// `MaximumLength`.
    pub maximum_length: u16,
    /// `Buffer`.
    pub buffer: Option<Varying<u8>>,
}
impl String {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.maximum_length.number())?;
        length_is(self.buffer.counts(), self.length.number())?;
        Ok(())
    }
}
impl Ndr for String {
    fn alignment(s: Syntax) -> usize {
        <u16 as Ndr>::alignment(s).max(<Option<Varying<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.length.read(r)?;
        self.maximum_length.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.length.write(w)?;
        self.maximum_length.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for String {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            length: Sample::sample(s),
            maximum_length: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.maximum_length = of_number(n);
        }
        if let Some((_, n)) = v.buffer.counts() {
            v.length = of_number(n);
        }
        v
    }
}

/// A security identifier (\[MS-DTYP\] 2.4.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcSid {
    /// `Revision`.
    pub revision: u8,
    /// `SubAuthorityCount`.
    pub sub_authority_count: u8,
    /// `IdentifierAuthority`.
    pub identifier_authority: [u8; 6],
    /// `SubAuthority`.
    pub sub_authority: Vec<u32>,
}
impl RpcSid {
    fn check(&self) -> Result<(), Error> {
        size_is(self.sub_authority.counts(), self.sub_authority_count.number())?;
        in_range(self.sub_authority_count.number(), 0, 15)?;
        Ok(())
    }
}
impl Ndr for RpcSid {
    fn alignment(s: Syntax) -> usize {
        <u8 as Ndr>::alignment(s).max(<[u8; 6] as Ndr>::alignment(s)).max(<Vec<u32> as Ndr>::alignment(s))
    }
    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sub_authority.read_conformance(r)
    }
    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        self.sub_authority.write_conformance(w)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.revision.read(r)?;
        self.sub_authority_count.read(r)?;
        self.identifier_authority.read(r)?;
        self.sub_authority.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sub_authority.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.revision.write(w)?;
        self.sub_authority_count.write(w)?;
        self.identifier_authority.write(w)?;
        self.sub_authority.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sub_authority.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RpcSid {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            revision: Sample::sample(s),
            sub_authority_count: Sample::sample(s),
            identifier_authority: Sample::sample(s),
            sub_authority: Sample::sample(s),
        };
        if !(0..=15).contains(&v.sub_authority_count.number()) {
            v.sub_authority_count = of_number(0);
        }
        if let Some((n, _)) = v.sub_authority.counts() {
            v.sub_authority_count = of_number(n);
        }
        v
    }
}

/// \[MS-DTYP\] 2.3.4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guid {
    /// `Data1`.
    pub data1: u32,
    /// `Data2`.
    pub data2: u16,
    /// `Data3`.
    pub data3: u16,
    /// `Data4`.
    pub data4: [u8; 8],
}
impl Ndr for Guid {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<u16 as Ndr>::alignment(s)).max(<[u8; 8] as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.data1.read(r)?;
        self.data2.read(r)?;
        self.data3.read(r)?;
        self.data4.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.data1.write(w)?;
        self.data2.write(w)?;
        self.data3.write(w)?;
        self.data4.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for Guid {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            data1: Sample::sample(s),
            data2: Sample::sample(s),
            data3: Sample::sample(s),
            data4: Sample::sample(s),
        }
    }
}

/// 64 bits that are two numbers of 32 to NDR (\[MS-SAMR\] 2.2.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OldLargeInteger {
    /// `LowPart`.
    pub low_part: u32,
    /// `HighPart`.
    pub high_part: u32,
}
impl Ndr for OldLargeInteger {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.low_part.read(r)?;
        self.high_part.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.low_part.write(w)?;
        self.high_part.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OldLargeInteger {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            low_part: Sample::sample(s),
            high_part: Sample::sample(s),
        }
    }
}

/// 100 ns since 1601 (\[MS-DTYP\] 2.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filetime {
    /// `dwLowDateTime`.
    pub dw_low_date_time: u32,
    /// `dwHighDateTime`.
    pub dw_high_date_time: u32,
}
impl Ndr for Filetime {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.dw_low_date_time.read(r)?;
        self.dw_high_date_time.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.dw_low_date_time.write(w)?;
        self.dw_high_date_time.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for Filetime {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            dw_low_date_time: Sample::sample(s),
            dw_high_date_time: Sample::sample(s),
        }
    }
}
