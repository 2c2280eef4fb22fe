// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The workstation service (\[MS-WKST\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// `WKSTA_INFO_100`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WkstaInfo100 {
    /// `wki100_platform_id`.
    pub wki100_platform_id: u32,
    /// `wki100_computername`.
    pub wki100_computername: Option<String>,
    /// `wki100_langroup`.
    pub wki100_langroup: Option<String>,
    /// `wki100_ver_major`.
    pub wki100_ver_major: u32,
    /// `wki100_ver_minor`.
    pub wki100_ver_minor: u32,
}
impl Ndr for WkstaInfo100 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.wki100_platform_id.read(r)?;
        self.wki100_computername.read(r)?;
        self.wki100_langroup.read(r)?;
        self.wki100_ver_major.read(r)?;
        self.wki100_ver_minor.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.wki100_computername.read_deferred(r)?;
        self.wki100_langroup.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.wki100_platform_id.write(w)?;
        self.wki100_computername.write(w)?;
        self.wki100_langroup.write(w)?;
        self.wki100_ver_major.write(w)?;
        self.wki100_ver_minor.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.wki100_computername.write_deferred(w)?;
        self.wki100_langroup.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WkstaInfo100 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            wki100_platform_id: Sample::sample(s),
            wki100_computername: Sample::sample(s),
            wki100_langroup: Sample::sample(s),
            wki100_ver_major: Sample::sample(s),
            wki100_ver_minor: Sample::sample(s),
        }
    }
}

/// `WKSTA_INFO_101`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WkstaInfo101 {
    /// `wki101_platform_id`.
    pub wki101_platform_id: u32,
    /// `wki101_computername`.
    pub wki101_computername: Option<String>,
    /// `wki101_langroup`.
    pub wki101_langroup: Option<String>,
    /// `wki101_ver_major`.
    pub wki101_ver_major: u32,
    /// `wki101_ver_minor`.
    pub wki101_ver_minor: u32,
    /// `wki101_lanroot`.
    pub wki101_lanroot: Option<String>,
}
impl Ndr for WkstaInfo101 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.wki101_platform_id.read(r)?;
        self.wki101_computername.read(r)?;
        self.wki101_langroup.read(r)?;
        self.wki101_ver_major.read(r)?;
        self.wki101_ver_minor.read(r)?;
        self.wki101_lanroot.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.wki101_computername.read_deferred(r)?;
        self.wki101_langroup.read_deferred(r)?;
        self.wki101_lanroot.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.wki101_platform_id.write(w)?;
        self.wki101_computername.write(w)?;
        self.wki101_langroup.write(w)?;
        self.wki101_ver_major.write(w)?;
        self.wki101_ver_minor.write(w)?;
        self.wki101_lanroot.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.wki101_computername.write_deferred(w)?;
        self.wki101_langroup.write_deferred(w)?;
        self.wki101_lanroot.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WkstaInfo101 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            wki101_platform_id: Sample::sample(s),
            wki101_computername: Sample::sample(s),
            wki101_langroup: Sample::sample(s),
            wki101_ver_major: Sample::sample(s),
            wki101_ver_minor: Sample::sample(s),
            wki101_lanroot: Sample::sample(s),
        }
    }
}

/// `WKSTA_INFO_102`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WkstaInfo102 {
    /// `wki102_platform_id`.
    pub wki102_platform_id: u32,
    /// `wki102_computername`.
    pub wki102_computername: Option<String>,
    /// `wki102_langroup`.
    pub wki102_langroup: Option<String>,
    /// `wki102_ver_major`.
    pub wki102_ver_major: u32,
    /// `wki102_ver_minor`.
    pub wki102_ver_minor: u32,
    /// `wki102_lanroot`.
    pub wki102_lanroot: Option<String>,
    /// `wki102_logged_on_users`.
    pub wki102_logged_on_users: u32,
}
impl Ndr for WkstaInfo102 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.wki102_platform_id.read(r)?;
        self.wki102_computername.read(r)?;
        self.wki102_langroup.read(r)?;
        self.wki102_ver_major.read(r)?;
        self.wki102_ver_minor.read(r)?;
        self.wki102_lanroot.read(r)?;
        self.wki102_logged_on_users.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.wki102_computername.read_deferred(r)?;
        self.wki102_langroup.read_deferred(r)?;
        self.wki102_lanroot.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.wki102_platform_id.write(w)?;
        self.wki102_computername.write(w)?;
        self.wki102_langroup.write(w)?;
        self.wki102_ver_major.write(w)?;
        self.wki102_ver_minor.write(w)?;
        self.wki102_lanroot.write(w)?;
        self.wki102_logged_on_users.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.wki102_computername.write_deferred(w)?;
        self.wki102_langroup.write_deferred(w)?;
        self.wki102_lanroot.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WkstaInfo102 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            wki102_platform_id: Sample::sample(s),
            wki102_computername: Sample::sample(s),
            wki102_langroup: Sample::sample(s),
            wki102_ver_major: Sample::sample(s),
            wki102_ver_minor: Sample::sample(s),
            wki102_lanroot: Sample::sample(s),
            wki102_logged_on_users: Sample::sample(s),
        }
    }
}

/// What is told of the workstation; all other levels have pointers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WkstaInfo {
    /// Case 100.
    WkstaInfo100(Option<WkstaInfo100>),
    /// Case 101.
    WkstaInfo101(Option<WkstaInfo101>),
    /// Case 102.
    WkstaInfo102(Option<WkstaInfo102>),
    /// All others; first the tag.
    Other(u32, Option<u32>),
}
impl Default for WkstaInfo {
    fn default() -> Self {
        Self::WkstaInfo100(Default::default())
    }
}
impl WkstaInfo {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::WkstaInfo100(_) => 100,
            Self::WkstaInfo101(_) => 101,
            Self::WkstaInfo102(_) => 102,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl WkstaInfo {
    fn arms(s: Syntax) -> usize {
        <Option<WkstaInfo100> as Ndr>::alignment(s).max(<Option<WkstaInfo101> as Ndr>::alignment(s)).max(<Option<WkstaInfo102> as Ndr>::alignment(s)).max(<Option<u32> as Ndr>::alignment(s))
    }
}
impl Ndr for WkstaInfo {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            100 => Self::WkstaInfo100(Default::default()),
            101 => Self::WkstaInfo101(Default::default()),
            102 => Self::WkstaInfo102(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::WkstaInfo100(to) => to.read(r),
            Self::WkstaInfo101(to) => to.read(r),
            Self::WkstaInfo102(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::WkstaInfo100(to) => to.read_deferred(r),
            Self::WkstaInfo101(to) => to.read_deferred(r),
            Self::WkstaInfo102(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::WkstaInfo100(to) => to.write(w),
            Self::WkstaInfo101(to) => to.write(w),
            Self::WkstaInfo102(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::WkstaInfo100(to) => to.write_deferred(w),
            Self::WkstaInfo101(to) => to.write_deferred(w),
            Self::WkstaInfo102(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for WkstaInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 4 {
            0 => Self::WkstaInfo100(Sample::sample(s)),
            1 => Self::WkstaInfo101(Sample::sample(s)),
            2 => Self::WkstaInfo102(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x98, 0xd0, 0xff, 0x6b, 0x12, 0xa1, 0x10, 0x36, 0x98, 0x33, 0x46, 0xc3, 0xf8, 0x7e, 0x34, 0x5a];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 1;

/// The calls of wkssvc that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-WKST\] 3.2.4.1.
    NetrWkstaGetInfo = 0,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::NetrWkstaGetInfo,
            _ => return None,
        })
    }
}

/// A request in another form; none if the call is not served.
pub fn transcode(
    opnum: u16,
    stub: &[u8],
    (from, to): (Syntax, Syntax),
) -> Option<Result<Vec<u8>, Error>> {
    let call = Call::of(opnum)?;
    Some(match call {
        Call::NetrWkstaGetInfo => NetrWkstaGetInfoRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What NetrWkstaGetInfo asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrWkstaGetInfoRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Level`.
    pub level: u32,
}
impl Message for NetrWkstaGetInfoRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.level.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.level.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrWkstaGetInfoRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            level: Sample::sample(s),
        }
    }
}

/// What NetrWkstaGetInfo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrWkstaGetInfoResponse {
    /// `WkstaInfo`.
    pub wksta_info: WkstaInfo,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrWkstaGetInfoResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.wksta_info.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.wksta_info.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrWkstaGetInfoResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            wksta_info: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<NetrWkstaGetInfoRequest>();
    t.message::<NetrWkstaGetInfoResponse>();
}
