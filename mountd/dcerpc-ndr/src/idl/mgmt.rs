// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! Remote management of a server (\[C706\] appendix Q).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// `RPC_IF_ID`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcIfId {
    /// `uuid`.
    pub uuid: super::dtyp::Guid,
    /// `vers_major`.
    pub vers_major: u16,
    /// `vers_minor`.
    pub vers_minor: u16,
}
impl Ndr for RpcIfId {
    fn alignment(s: Syntax) -> usize {
        <super::dtyp::Guid as Ndr>::alignment(s).max(<u16 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.uuid.read(r)?;
        self.vers_major.read(r)?;
        self.vers_minor.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.uuid.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.uuid.write(w)?;
        self.vers_major.write(w)?;
        self.vers_minor.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.uuid.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RpcIfId {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            uuid: Sample::sample(s),
            vers_major: Sample::sample(s),
            vers_minor: Sample::sample(s),
        }
    }
}

/// `RPC_IF_ID_VECTOR`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcIfIdVector {
    /// `count`.
    pub count: u32,
    /// `if_id`.
    pub if_id: Vec<Option<RpcIfId>>,
}
impl RpcIfIdVector {
    fn check(&self) -> Result<(), Error> {
        size_is(self.if_id.counts(), self.count.number())?;
        Ok(())
    }
}
impl Ndr for RpcIfIdVector {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Vec<Option<RpcIfId>> as Ndr>::alignment(s))
    }
    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.if_id.read_conformance(r)
    }
    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {
        self.if_id.write_conformance(w)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.count.read(r)?;
        self.if_id.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.if_id.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.count.write(w)?;
        self.if_id.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.if_id.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RpcIfIdVector {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            count: Sample::sample(s),
            if_id: Sample::sample(s),
        };
        if let Some((n, _)) = v.if_id.counts() {
            v.count = of_number(n);
        }
        v
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x80, 0xbd, 0xa8, 0xaf, 0x8a, 0x7d, 0xc9, 0x11, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 1;

/// The calls of mgmt that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// What the server offers.
    InqIfIds = 0,
    /// How much it did: calls in and out, packets in and out.
    InqStats = 1,
    /// Whether it listens.
    IsServerListening = 2,
    /// Asks it to stop.
    StopServerListening = 3,
    /// Its name to an authentication protocol.
    InqPrincName = 4,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::InqIfIds,
            1 => Self::InqStats,
            2 => Self::IsServerListening,
            3 => Self::StopServerListening,
            4 => Self::InqPrincName,
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
        Call::InqIfIds => InqIfIdsRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::InqStats => InqStatsRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::IsServerListening => IsServerListeningRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::StopServerListening => StopServerListeningRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::InqPrincName => InqPrincNameRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What InqIfIds asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqIfIdsRequest {}
impl Message for InqIfIdsRequest {
    fn read(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {})
    }
    fn write(&self, _: &mut Writer) -> Result<(), Error> {
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqIfIdsRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let _ = s; Self {
        }
    }
}

/// What InqIfIds answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqIfIdsResponse {
    /// `if_id_vector`.
    pub if_id_vector: Option<RpcIfIdVector>,
    /// `error`.
    pub error: u32,
}
impl Message for InqIfIdsResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.if_id_vector.read_whole(r)?;
        v.error.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.if_id_vector.write_whole(w)?;
        self.error.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqIfIdsResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            if_id_vector: Sample::sample(s),
            error: Sample::sample(s),
        }
    }
}

/// What InqStats asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqStatsRequest {
    /// `count`.
    pub count: u32,
}
impl Message for InqStatsRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.count.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.count.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqStatsRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            count: Sample::sample(s),
        }
    }
}

/// What InqStats answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqStatsResponse {
    /// `count`.
    pub count: u32,
    /// `statistics`.
    pub statistics: Vec<u32>,
    /// `error`.
    pub error: u32,
}
impl Message for InqStatsResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.count.read_whole(r)?;
        v.statistics.read_whole(r)?;
        v.error.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.count.write_whole(w)?;
        self.statistics.write_whole(w)?;
        self.error.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqStatsResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            count: Sample::sample(s),
            statistics: Sample::sample(s),
            error: Sample::sample(s),
        }
    }
}

/// What IsServerListening asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IsServerListeningRequest {}
impl Message for IsServerListeningRequest {
    fn read(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {})
    }
    fn write(&self, _: &mut Writer) -> Result<(), Error> {
        Ok(())
    }
}
#[cfg(test)]
impl Sample for IsServerListeningRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let _ = s; Self {
        }
    }
}

/// What IsServerListening answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IsServerListeningResponse {
    /// `error`.
    pub error: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for IsServerListeningResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.error.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.error.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for IsServerListeningResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            error: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What StopServerListening asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopServerListeningRequest {}
impl Message for StopServerListeningRequest {
    fn read(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {})
    }
    fn write(&self, _: &mut Writer) -> Result<(), Error> {
        Ok(())
    }
}
#[cfg(test)]
impl Sample for StopServerListeningRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let _ = s; Self {
        }
    }
}

/// What StopServerListening answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopServerListeningResponse {
    /// `error`.
    pub error: u32,
}
impl Message for StopServerListeningResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.error.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.error.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for StopServerListeningResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            error: Sample::sample(s),
        }
    }
}

/// What InqPrincName asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqPrincNameRequest {
    /// `authn_proto`.
    pub authn_proto: u32,
    /// `princ_name_size`.
    pub princ_name_size: u32,
}
impl Message for InqPrincNameRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.authn_proto.read_whole(r)?;
        v.princ_name_size.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.authn_proto.write_whole(w)?;
        self.princ_name_size.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqPrincNameRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            authn_proto: Sample::sample(s),
            princ_name_size: Sample::sample(s),
        }
    }
}

/// What InqPrincName answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InqPrincNameResponse {
    /// `princ_name`.
    pub princ_name: Varying<u8>,
    /// `error`.
    pub error: u32,
}
impl Message for InqPrincNameResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.princ_name.read_whole(r)?;
        v.error.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.princ_name.write_whole(w)?;
        self.error.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for InqPrincNameResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            princ_name: Sample::sample(s),
            error: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<InqIfIdsRequest>();
    t.message::<InqIfIdsResponse>();
    t.message::<InqStatsRequest>();
    t.message::<InqStatsResponse>();
    t.message::<IsServerListeningRequest>();
    t.message::<IsServerListeningResponse>();
    t.message::<StopServerListeningRequest>();
    t.message::<StopServerListeningResponse>();
    t.message::<InqPrincNameRequest>();
    t.message::<InqPrincNameResponse>();
}
