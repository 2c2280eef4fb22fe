// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The registry (\[MS-RRP\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x01, 0xd0, 0x8c, 0x33, 0x44, 0x22, 0xf1, 0x31, 0xaa, 0xaa, 0x90, 0x00, 0x38, 0x00, 0x10, 0x03];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 1;

/// The calls of winreg that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-RRP\] 3.1.5.1.
    OpenClassesRoot = 0,
    /// \[MS-RRP\] 3.1.5.2.
    OpenCurrentUser = 1,
    /// \[MS-RRP\] 3.1.5.3.
    OpenLocalMachine = 2,
    /// \[MS-RRP\] 3.1.5.4.
    OpenPerformanceData = 3,
    /// \[MS-RRP\] 3.1.5.5.
    OpenUsers = 4,
    /// \[MS-RRP\] 3.1.5.6.
    BaseRegCloseKey = 5,
    /// \[MS-RRP\] 3.1.5.10.
    BaseRegEnumKey = 9,
    /// \[MS-RRP\] 3.1.5.11.
    BaseRegEnumValue = 10,
    /// \[MS-RRP\] 3.1.5.15.
    BaseRegOpenKey = 15,
    /// \[MS-RRP\] 3.1.5.16.
    BaseRegQueryInfoKey = 16,
    /// \[MS-RRP\] 3.1.5.17.
    BaseRegQueryValue = 17,
    /// \[MS-RRP\] 3.1.5.24.
    BaseRegGetVersion = 26,
    /// \[MS-RRP\] 3.1.5.25.
    OpenCurrentConfig = 27,
    /// \[MS-RRP\] 3.1.5.28.
    OpenPerformanceText = 32,
    /// \[MS-RRP\] 3.1.5.29.
    OpenPerformanceNlsText = 33,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::OpenClassesRoot,
            1 => Self::OpenCurrentUser,
            2 => Self::OpenLocalMachine,
            3 => Self::OpenPerformanceData,
            4 => Self::OpenUsers,
            5 => Self::BaseRegCloseKey,
            9 => Self::BaseRegEnumKey,
            10 => Self::BaseRegEnumValue,
            15 => Self::BaseRegOpenKey,
            16 => Self::BaseRegQueryInfoKey,
            17 => Self::BaseRegQueryValue,
            26 => Self::BaseRegGetVersion,
            27 => Self::OpenCurrentConfig,
            32 => Self::OpenPerformanceText,
            33 => Self::OpenPerformanceNlsText,
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
        Call::OpenClassesRoot => OpenClassesRootRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenCurrentUser => OpenCurrentUserRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenLocalMachine => OpenLocalMachineRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenPerformanceData => OpenPerformanceDataRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenUsers => OpenUsersRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegCloseKey => BaseRegCloseKeyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegEnumKey => BaseRegEnumKeyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegEnumValue => BaseRegEnumValueRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegOpenKey => BaseRegOpenKeyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegQueryInfoKey => BaseRegQueryInfoKeyRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegQueryValue => BaseRegQueryValueRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::BaseRegGetVersion => BaseRegGetVersionRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenCurrentConfig => OpenCurrentConfigRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenPerformanceText => OpenPerformanceTextRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::OpenPerformanceNlsText => OpenPerformanceNlsTextRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What OpenClassesRoot asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenClassesRootRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenClassesRootRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenClassesRootRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenClassesRoot answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenClassesRootResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenClassesRootResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenClassesRootResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenCurrentUser asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCurrentUserRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenCurrentUserRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenCurrentUserRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenCurrentUser answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCurrentUserResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenCurrentUserResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenCurrentUserResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenLocalMachine asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenLocalMachineRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenLocalMachineRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenLocalMachineRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenLocalMachine answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenLocalMachineResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenLocalMachineResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenLocalMachineResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceData asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceDataRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenPerformanceDataRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceDataRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceData answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceDataResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenPerformanceDataResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceDataResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenUsers asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenUsersRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenUsersRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenUsersRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenUsers answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenUsersResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenUsersResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenUsersResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegCloseKey asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegCloseKeyRequest {
    /// `hKey`.
    pub h_key: Handle,
}
impl Message for BaseRegCloseKeyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegCloseKeyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
        }
    }
}

/// What BaseRegCloseKey answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegCloseKeyResponse {
    /// `hKey`.
    pub h_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegCloseKeyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegCloseKeyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegEnumKey asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegEnumKeyRequest {
    /// `hKey`.
    pub h_key: Handle,
    /// `dwIndex`.
    pub dw_index: u32,
    /// `lpNameIn`.
    pub lp_name_in: super::dtyp::RpcUnicodeString,
    /// `lpClassIn`.
    pub lp_class_in: Option<super::dtyp::RpcUnicodeString>,
    /// `lpftLastWriteTime`.
    pub lpft_last_write_time: Option<super::dtyp::Filetime>,
}
impl Message for BaseRegEnumKeyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.dw_index.read_whole(r)?;
        v.lp_name_in.read_whole(r)?;
        v.lp_class_in.read_whole(r)?;
        v.lpft_last_write_time.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        self.dw_index.write_whole(w)?;
        self.lp_name_in.write_whole(w)?;
        self.lp_class_in.write_whole(w)?;
        self.lpft_last_write_time.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegEnumKeyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
            dw_index: Sample::sample(s),
            lp_name_in: Sample::sample(s),
            lp_class_in: Sample::sample(s),
            lpft_last_write_time: Sample::sample(s),
        }
    }
}

/// What BaseRegEnumKey answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegEnumKeyResponse {
    /// `lpNameOut`.
    pub lp_name_out: super::dtyp::RpcUnicodeString,
    /// `lplpClassOut`.
    pub lplp_class_out: Option<super::dtyp::RpcUnicodeString>,
    /// `lpftLastWriteTime`.
    pub lpft_last_write_time: Option<super::dtyp::Filetime>,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegEnumKeyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_name_out.read_whole(r)?;
        v.lplp_class_out.read_whole(r)?;
        v.lpft_last_write_time.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_name_out.write_whole(w)?;
        self.lplp_class_out.write_whole(w)?;
        self.lpft_last_write_time.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegEnumKeyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_name_out: Sample::sample(s),
            lplp_class_out: Sample::sample(s),
            lpft_last_write_time: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegEnumValue asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegEnumValueRequest {
    /// `hKey`.
    pub h_key: Handle,
    /// `dwIndex`.
    pub dw_index: u32,
    /// `lpValueNameIn`.
    pub lp_value_name_in: super::dtyp::RpcUnicodeString,
    /// `lpType`.
    pub lp_type: Option<u32>,
    /// `lpData`.
    pub lp_data: Option<Varying<u8>>,
    /// `lpcbData`.
    pub lpcb_data: Option<u32>,
    /// `lpcbLen`.
    pub lpcb_len: Option<u32>,
}
impl BaseRegEnumValueRequest {
    fn check(&self) -> Result<(), Error> {
        size_is(self.lp_data.counts(), self.lpcb_data.number())?;
        length_is(self.lp_data.counts(), self.lpcb_len.number())?;
        Ok(())
    }
}
impl Message for BaseRegEnumValueRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.dw_index.read_whole(r)?;
        v.lp_value_name_in.read_whole(r)?;
        v.lp_type.read_whole(r)?;
        v.lp_data.read_whole(r)?;
        v.lpcb_data.read_whole(r)?;
        v.lpcb_len.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.h_key.write_whole(w)?;
        self.dw_index.write_whole(w)?;
        self.lp_value_name_in.write_whole(w)?;
        self.lp_type.write_whole(w)?;
        self.lp_data.write_whole(w)?;
        self.lpcb_data.write_whole(w)?;
        self.lpcb_len.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegEnumValueRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            h_key: Sample::sample(s),
            dw_index: Sample::sample(s),
            lp_value_name_in: Sample::sample(s),
            lp_type: Sample::sample(s),
            lp_data: Sample::sample(s),
            lpcb_data: Sample::sample(s),
            lpcb_len: Sample::sample(s),
        };
        if let Some((n, _)) = v.lp_data.counts() {
            v.lpcb_data = of_number(n);
        }
        if let Some((_, n)) = v.lp_data.counts() {
            v.lpcb_len = of_number(n);
        }
        v
    }
}

/// What BaseRegEnumValue answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegEnumValueResponse {
    /// `lpValueNameOut`.
    pub lp_value_name_out: super::dtyp::RpcUnicodeString,
    /// `lpType`.
    pub lp_type: Option<u32>,
    /// `lpData`.
    pub lp_data: Option<Varying<u8>>,
    /// `lpcbData`.
    pub lpcb_data: Option<u32>,
    /// `lpcbLen`.
    pub lpcb_len: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegEnumValueResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_value_name_out.read_whole(r)?;
        v.lp_type.read_whole(r)?;
        v.lp_data.read_whole(r)?;
        v.lpcb_data.read_whole(r)?;
        v.lpcb_len.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_value_name_out.write_whole(w)?;
        self.lp_type.write_whole(w)?;
        self.lp_data.write_whole(w)?;
        self.lpcb_data.write_whole(w)?;
        self.lpcb_len.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegEnumValueResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_value_name_out: Sample::sample(s),
            lp_type: Sample::sample(s),
            lp_data: Sample::sample(s),
            lpcb_data: Sample::sample(s),
            lpcb_len: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegOpenKey asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegOpenKeyRequest {
    /// `hKey`.
    pub h_key: Handle,
    /// `lpSubKey`.
    pub lp_sub_key: super::dtyp::RpcUnicodeString,
    /// `dwOptions`.
    pub dw_options: u32,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for BaseRegOpenKeyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.lp_sub_key.read_whole(r)?;
        v.dw_options.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        self.lp_sub_key.write_whole(w)?;
        self.dw_options.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegOpenKeyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
            lp_sub_key: Sample::sample(s),
            dw_options: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What BaseRegOpenKey answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegOpenKeyResponse {
    /// `phkResult`.
    pub phk_result: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegOpenKeyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.phk_result.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.phk_result.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegOpenKeyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            phk_result: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegQueryInfoKey asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegQueryInfoKeyRequest {
    /// `hKey`.
    pub h_key: Handle,
    /// `lpClassIn`.
    pub lp_class_in: super::dtyp::RpcUnicodeString,
}
impl Message for BaseRegQueryInfoKeyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.lp_class_in.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        self.lp_class_in.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegQueryInfoKeyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
            lp_class_in: Sample::sample(s),
        }
    }
}

/// What BaseRegQueryInfoKey answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegQueryInfoKeyResponse {
    /// `lpClassOut`.
    pub lp_class_out: super::dtyp::RpcUnicodeString,
    /// `lpcSubKeys`.
    pub lpc_sub_keys: u32,
    /// `lpcbMaxSubKeyLen`.
    pub lpcb_max_sub_key_len: u32,
    /// `lpcbMaxClassLen`.
    pub lpcb_max_class_len: u32,
    /// `lpcValues`.
    pub lpc_values: u32,
    /// `lpcbMaxValueNameLen`.
    pub lpcb_max_value_name_len: u32,
    /// `lpcbMaxValueLen`.
    pub lpcb_max_value_len: u32,
    /// `lpcbSecurityDescriptor`.
    pub lpcb_security_descriptor: u32,
    /// `lpftLastWriteTime`.
    pub lpft_last_write_time: super::dtyp::Filetime,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegQueryInfoKeyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_class_out.read_whole(r)?;
        v.lpc_sub_keys.read_whole(r)?;
        v.lpcb_max_sub_key_len.read_whole(r)?;
        v.lpcb_max_class_len.read_whole(r)?;
        v.lpc_values.read_whole(r)?;
        v.lpcb_max_value_name_len.read_whole(r)?;
        v.lpcb_max_value_len.read_whole(r)?;
        v.lpcb_security_descriptor.read_whole(r)?;
        v.lpft_last_write_time.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_class_out.write_whole(w)?;
        self.lpc_sub_keys.write_whole(w)?;
        self.lpcb_max_sub_key_len.write_whole(w)?;
        self.lpcb_max_class_len.write_whole(w)?;
        self.lpc_values.write_whole(w)?;
        self.lpcb_max_value_name_len.write_whole(w)?;
        self.lpcb_max_value_len.write_whole(w)?;
        self.lpcb_security_descriptor.write_whole(w)?;
        self.lpft_last_write_time.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegQueryInfoKeyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_class_out: Sample::sample(s),
            lpc_sub_keys: Sample::sample(s),
            lpcb_max_sub_key_len: Sample::sample(s),
            lpcb_max_class_len: Sample::sample(s),
            lpc_values: Sample::sample(s),
            lpcb_max_value_name_len: Sample::sample(s),
            lpcb_max_value_len: Sample::sample(s),
            lpcb_security_descriptor: Sample::sample(s),
            lpft_last_write_time: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegQueryValue asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegQueryValueRequest {
    /// `hKey`.
    pub h_key: Handle,
    /// `lpValueName`.
    pub lp_value_name: super::dtyp::RpcUnicodeString,
    /// `lpType`.
    pub lp_type: Option<u32>,
    /// `lpData`.
    pub lp_data: Option<Varying<u8>>,
    /// `lpcbData`.
    pub lpcb_data: Option<u32>,
    /// `lpcbLen`.
    pub lpcb_len: Option<u32>,
}
impl BaseRegQueryValueRequest {
    fn check(&self) -> Result<(), Error> {
        size_is(self.lp_data.counts(), self.lpcb_data.number())?;
        length_is(self.lp_data.counts(), self.lpcb_len.number())?;
        Ok(())
    }
}
impl Message for BaseRegQueryValueRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        v.lp_value_name.read_whole(r)?;
        v.lp_type.read_whole(r)?;
        v.lp_data.read_whole(r)?;
        v.lpcb_data.read_whole(r)?;
        v.lpcb_len.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.h_key.write_whole(w)?;
        self.lp_value_name.write_whole(w)?;
        self.lp_type.write_whole(w)?;
        self.lp_data.write_whole(w)?;
        self.lpcb_data.write_whole(w)?;
        self.lpcb_len.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegQueryValueRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            h_key: Sample::sample(s),
            lp_value_name: Sample::sample(s),
            lp_type: Sample::sample(s),
            lp_data: Sample::sample(s),
            lpcb_data: Sample::sample(s),
            lpcb_len: Sample::sample(s),
        };
        if let Some((n, _)) = v.lp_data.counts() {
            v.lpcb_data = of_number(n);
        }
        if let Some((_, n)) = v.lp_data.counts() {
            v.lpcb_len = of_number(n);
        }
        v
    }
}

/// What BaseRegQueryValue answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegQueryValueResponse {
    /// `lpType`.
    pub lp_type: Option<u32>,
    /// `lpData`.
    pub lp_data: Option<Varying<u8>>,
    /// `lpcbData`.
    pub lpcb_data: Option<u32>,
    /// `lpcbLen`.
    pub lpcb_len: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegQueryValueResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_type.read_whole(r)?;
        v.lp_data.read_whole(r)?;
        v.lpcb_data.read_whole(r)?;
        v.lpcb_len.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_type.write_whole(w)?;
        self.lp_data.write_whole(w)?;
        self.lpcb_data.write_whole(w)?;
        self.lpcb_len.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegQueryValueResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_type: Sample::sample(s),
            lp_data: Sample::sample(s),
            lpcb_data: Sample::sample(s),
            lpcb_len: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What BaseRegGetVersion asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegGetVersionRequest {
    /// `hKey`.
    pub h_key: Handle,
}
impl Message for BaseRegGetVersionRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_key.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_key.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegGetVersionRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_key: Sample::sample(s),
        }
    }
}

/// What BaseRegGetVersion answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseRegGetVersionResponse {
    /// `lpdwVersion`.
    pub lpdw_version: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for BaseRegGetVersionResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lpdw_version.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lpdw_version.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for BaseRegGetVersionResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lpdw_version: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenCurrentConfig asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCurrentConfigRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenCurrentConfigRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenCurrentConfigRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenCurrentConfig answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCurrentConfigResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenCurrentConfigResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenCurrentConfigResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceText asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceTextRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenPerformanceTextRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceTextRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceText answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceTextResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenPerformanceTextResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceTextResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceNlsText asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceNlsTextRequest {
    /// `ServerName`.
    pub server_name: Option<u16>,
    /// `samDesired`.
    pub sam_desired: u32,
}
impl Message for OpenPerformanceNlsTextRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.sam_desired.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.sam_desired.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceNlsTextRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            sam_desired: Sample::sample(s),
        }
    }
}

/// What OpenPerformanceNlsText answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenPerformanceNlsTextResponse {
    /// `phKey`.
    pub ph_key: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for OpenPerformanceNlsTextResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.ph_key.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.ph_key.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for OpenPerformanceNlsTextResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            ph_key: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<OpenClassesRootRequest>();
    t.message::<OpenClassesRootResponse>();
    t.message::<OpenCurrentUserRequest>();
    t.message::<OpenCurrentUserResponse>();
    t.message::<OpenLocalMachineRequest>();
    t.message::<OpenLocalMachineResponse>();
    t.message::<OpenPerformanceDataRequest>();
    t.message::<OpenPerformanceDataResponse>();
    t.message::<OpenUsersRequest>();
    t.message::<OpenUsersResponse>();
    t.message::<BaseRegCloseKeyRequest>();
    t.message::<BaseRegCloseKeyResponse>();
    t.message::<BaseRegEnumKeyRequest>();
    t.message::<BaseRegEnumKeyResponse>();
    t.message::<BaseRegEnumValueRequest>();
    t.message::<BaseRegEnumValueResponse>();
    t.message::<BaseRegOpenKeyRequest>();
    t.message::<BaseRegOpenKeyResponse>();
    t.message::<BaseRegQueryInfoKeyRequest>();
    t.message::<BaseRegQueryInfoKeyResponse>();
    t.message::<BaseRegQueryValueRequest>();
    t.message::<BaseRegQueryValueResponse>();
    t.message::<BaseRegGetVersionRequest>();
    t.message::<BaseRegGetVersionResponse>();
    t.message::<OpenCurrentConfigRequest>();
    t.message::<OpenCurrentConfigResponse>();
    t.message::<OpenPerformanceTextRequest>();
    t.message::<OpenPerformanceTextResponse>();
    t.message::<OpenPerformanceNlsTextRequest>();
    t.message::<OpenPerformanceNlsTextResponse>();
}
