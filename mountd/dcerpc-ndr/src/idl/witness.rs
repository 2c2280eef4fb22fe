// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The witness service (\[MS-SWN\]), which tells clients what becomes of the
//! servers of a cluster. Nobody serves it here yet.

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// \[MS-SWN\] 2.2.2.5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessInterfaceInfo {
    /// `InterfaceGroupName`.
    pub interface_group_name: Fixed<u16, 260>,
    /// `Version`.
    pub version: u32,
    /// `State`.
    pub state: u16,
    /// `IPV4`.
    pub ipv4: u32,
    /// `IPV6`.
    pub ipv6: Fixed<u16, 8>,
    /// `Flags`.
    pub flags: u32,
}
impl Ndr for WitnessInterfaceInfo {
    fn alignment(s: Syntax) -> usize {
        <Fixed<u16, 260> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s)).max(<u16 as Ndr>::alignment(s)).max(<Fixed<u16, 8> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.interface_group_name.read(r)?;
        self.version.read(r)?;
        self.state.read(r)?;
        self.ipv4.read(r)?;
        self.ipv6.read(r)?;
        self.flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.interface_group_name.read_deferred(r)?;
        self.ipv6.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.interface_group_name.write(w)?;
        self.version.write(w)?;
        self.state.write(w)?;
        self.ipv4.write(w)?;
        self.ipv6.write(w)?;
        self.flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.interface_group_name.write_deferred(w)?;
        self.ipv6.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessInterfaceInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            interface_group_name: Sample::sample(s),
            version: Sample::sample(s),
            state: Sample::sample(s),
            ipv4: Sample::sample(s),
            ipv6: Sample::sample(s),
            flags: Sample::sample(s),
        }
    }
}

/// \[MS-SWN\] 2.2.2.6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessInterfaceList {
    /// `NumberOfInterfaces`.
    pub number_of_interfaces: u32,
    /// `InterfaceInfo`.
    pub interface_info: Option<Vec<WitnessInterfaceInfo>>,
}
impl WitnessInterfaceList {
    fn check(&self) -> Result<(), Error> {
        size_is(self.interface_info.counts(), self.number_of_interfaces.number())?;
        Ok(())
    }
}
impl Ndr for WitnessInterfaceList {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<WitnessInterfaceInfo>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.number_of_interfaces.read(r)?;
        self.interface_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.interface_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.number_of_interfaces.write(w)?;
        self.interface_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.interface_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessInterfaceList {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            number_of_interfaces: Sample::sample(s),
            interface_info: Sample::sample(s),
        };
        if let Some((n, _)) = v.interface_info.counts() {
            v.number_of_interfaces = of_number(n);
        }
        v
    }
}

/// \[MS-SWN\] 2.2.2.4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RespAsyncNotify {
    /// `MessageType`.
    pub message_type: u32,
    /// `Length`.
    pub length: u32,
    /// `NumberOfMessages`.
    pub number_of_messages: u32,
    /// `MessageBuffer`.
    pub message_buffer: Option<Vec<u8>>,
}
impl RespAsyncNotify {
    fn check(&self) -> Result<(), Error> {
        size_is(self.message_buffer.counts(), self.length.number())?;
        Ok(())
    }
}
impl Ndr for RespAsyncNotify {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.message_type.read(r)?;
        self.length.read(r)?;
        self.number_of_messages.read(r)?;
        self.message_buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.message_buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.message_type.write(w)?;
        self.length.write(w)?;
        self.number_of_messages.write(w)?;
        self.message_buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.message_buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RespAsyncNotify {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            message_type: Sample::sample(s),
            length: Sample::sample(s),
            number_of_messages: Sample::sample(s),
            message_buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.message_buffer.counts() {
            v.length = of_number(n);
        }
        v
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x74, 0xc0, 0xd8, 0xcc, 0xe5, 0xd0, 0x40, 0x4a, 0x92, 0xb4, 0xd0, 0x74, 0xfa, 0xa6, 0xba, 0x28];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 65537;

/// The calls of witness that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-SWN\] 3.1.4.1.
    WitnessrGetInterfaceList = 0,
    /// \[MS-SWN\] 3.1.4.2.
    WitnessrRegister = 1,
    /// \[MS-SWN\] 3.1.4.3.
    WitnessrUnRegister = 2,
    /// \[MS-SWN\] 3.1.4.4.
    WitnessrAsyncNotify = 3,
    /// \[MS-SWN\] 3.1.4.5.
    WitnessrRegisterEx = 4,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::WitnessrGetInterfaceList,
            1 => Self::WitnessrRegister,
            2 => Self::WitnessrUnRegister,
            3 => Self::WitnessrAsyncNotify,
            4 => Self::WitnessrRegisterEx,
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
        Call::WitnessrGetInterfaceList => WitnessrGetInterfaceListRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::WitnessrRegister => WitnessrRegisterRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::WitnessrUnRegister => WitnessrUnRegisterRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::WitnessrAsyncNotify => WitnessrAsyncNotifyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::WitnessrRegisterEx => WitnessrRegisterExRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What WitnessrGetInterfaceList asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrGetInterfaceListRequest {}
impl Message for WitnessrGetInterfaceListRequest {
    fn read(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {})
    }
    fn write(&self, _: &mut Writer) -> Result<(), Error> {
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrGetInterfaceListRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let _ = s; Self {
        }
    }
}

/// What WitnessrGetInterfaceList answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrGetInterfaceListResponse {
    /// `InterfaceList`.
    pub interface_list: Option<WitnessInterfaceList>,
    /// What the call returns.
    pub status: u32,
}
impl Message for WitnessrGetInterfaceListResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.interface_list.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.interface_list.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrGetInterfaceListResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            interface_list: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What WitnessrRegister asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrRegisterRequest {
    /// `Version`.
    pub version: u32,
    /// `NetName`.
    pub net_name: Option<String>,
    /// `IpAddress`.
    pub ip_address: Option<String>,
    /// `ClientComputerName`.
    pub client_computer_name: Option<String>,
}
impl Message for WitnessrRegisterRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.version.read_whole(r)?;
        v.net_name.read_whole(r)?;
        v.ip_address.read_whole(r)?;
        v.client_computer_name.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.version.write_whole(w)?;
        self.net_name.write_whole(w)?;
        self.ip_address.write_whole(w)?;
        self.client_computer_name.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrRegisterRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            version: Sample::sample(s),
            net_name: Sample::sample(s),
            ip_address: Sample::sample(s),
            client_computer_name: Sample::sample(s),
        }
    }
}

/// What WitnessrRegister answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrRegisterResponse {
    /// `ppContext`.
    pub pp_context: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for WitnessrRegisterResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.pp_context.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.pp_context.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrRegisterResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            pp_context: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What WitnessrUnRegister asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrUnRegisterRequest {
    /// `pContext`.
    pub p_context: Handle,
}
impl Message for WitnessrUnRegisterRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.p_context.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.p_context.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrUnRegisterRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            p_context: Sample::sample(s),
        }
    }
}

/// What WitnessrUnRegister answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrUnRegisterResponse {
    /// What the call returns.
    pub status: u32,
}
impl Message for WitnessrUnRegisterResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrUnRegisterResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            status: Sample::sample(s),
        }
    }
}

/// What WitnessrAsyncNotify asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrAsyncNotifyRequest {
    /// `pContext`.
    pub p_context: Handle,
}
impl Message for WitnessrAsyncNotifyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.p_context.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.p_context.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrAsyncNotifyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            p_context: Sample::sample(s),
        }
    }
}

/// What WitnessrAsyncNotify answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrAsyncNotifyResponse {
    /// `pResp`.
    pub p_resp: Option<RespAsyncNotify>,
    /// What the call returns.
    pub status: u32,
}
impl Message for WitnessrAsyncNotifyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.p_resp.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.p_resp.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrAsyncNotifyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            p_resp: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What WitnessrRegisterEx asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrRegisterExRequest {
    /// `Version`.
    pub version: u32,
    /// `NetName`.
    pub net_name: Option<String>,
    /// `ShareName`.
    pub share_name: Option<String>,
    /// `IpAddress`.
    pub ip_address: Option<String>,
    /// `ClientComputerName`.
    pub client_computer_name: Option<String>,
    /// `Flags`.
    pub flags: u32,
    /// `KeepAliveTimeout`.
    pub keep_alive_timeout: u32,
}
impl Message for WitnessrRegisterExRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.version.read_whole(r)?;
        v.net_name.read_whole(r)?;
        v.share_name.read_whole(r)?;
        v.ip_address.read_whole(r)?;
        v.client_computer_name.read_whole(r)?;
        v.flags.read_whole(r)?;
        v.keep_alive_timeout.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.version.write_whole(w)?;
        self.net_name.write_whole(w)?;
        self.share_name.write_whole(w)?;
        self.ip_address.write_whole(w)?;
        self.client_computer_name.write_whole(w)?;
        self.flags.write_whole(w)?;
        self.keep_alive_timeout.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrRegisterExRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            version: Sample::sample(s),
            net_name: Sample::sample(s),
            share_name: Sample::sample(s),
            ip_address: Sample::sample(s),
            client_computer_name: Sample::sample(s),
            flags: Sample::sample(s),
            keep_alive_timeout: Sample::sample(s),
        }
    }
}

/// What WitnessrRegisterEx answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessrRegisterExResponse {
    /// `ppContext`.
    pub pp_context: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for WitnessrRegisterExResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.pp_context.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.pp_context.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for WitnessrRegisterExResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            pp_context: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<WitnessrGetInterfaceListRequest>();
    t.message::<WitnessrGetInterfaceListResponse>();
    t.message::<WitnessrRegisterRequest>();
    t.message::<WitnessrRegisterResponse>();
    t.message::<WitnessrUnRegisterRequest>();
    t.message::<WitnessrUnRegisterResponse>();
    t.message::<WitnessrAsyncNotifyRequest>();
    t.message::<WitnessrAsyncNotifyResponse>();
    t.message::<WitnessrRegisterExRequest>();
    t.message::<WitnessrRegisterExResponse>();
}
