// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The service control manager (\[MS-SCMR\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// \[MS-SCMR\] 2.2.47.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceStatus {
    /// `dwServiceType`.
    pub dw_service_type: u32,
    /// `dwCurrentState`.
    pub dw_current_state: u32,
    /// `dwControlsAccepted`.
    pub dw_controls_accepted: u32,
    /// `dwWin32ExitCode`.
    pub dw_win32_exit_code: u32,
    /// `dwServiceSpecificExitCode`.
    pub dw_service_specific_exit_code: u32,
    /// `dwCheckPoint`.
    pub dw_check_point: u32,
    /// `dwWaitHint`.
    pub dw_wait_hint: u32,
}
impl Ndr for ServiceStatus {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.dw_service_type.read(r)?;
        self.dw_current_state.read(r)?;
        self.dw_controls_accepted.read(r)?;
        self.dw_win32_exit_code.read(r)?;
        self.dw_service_specific_exit_code.read(r)?;
        self.dw_check_point.read(r)?;
        self.dw_wait_hint.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.dw_service_type.write(w)?;
        self.dw_current_state.write(w)?;
        self.dw_controls_accepted.write(w)?;
        self.dw_win32_exit_code.write(w)?;
        self.dw_service_specific_exit_code.write(w)?;
        self.dw_check_point.write(w)?;
        self.dw_wait_hint.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServiceStatus {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            dw_service_type: Sample::sample(s),
            dw_current_state: Sample::sample(s),
            dw_controls_accepted: Sample::sample(s),
            dw_win32_exit_code: Sample::sample(s),
            dw_service_specific_exit_code: Sample::sample(s),
            dw_check_point: Sample::sample(s),
            dw_wait_hint: Sample::sample(s),
        }
    }
}

/// \[MS-SCMR\] 2.2.15.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryServiceConfigw {
    /// `dwServiceType`.
    pub dw_service_type: u32,
    /// `dwStartType`.
    pub dw_start_type: u32,
    /// `dwErrorControl`.
    pub dw_error_control: u32,
    /// `lpBinaryPathName`.
    pub lp_binary_path_name: Option<String>,
    /// `lpLoadOrderGroup`.
    pub lp_load_order_group: Option<String>,
    /// `dwTagId`.
    pub dw_tag_id: u32,
    /// `lpDependencies`.
    pub lp_dependencies: Option<String>,
    /// `lpServiceStartName`.
    pub lp_service_start_name: Option<String>,
    /// `lpDisplayName`.
    pub lp_display_name: Option<String>,
}
impl Ndr for QueryServiceConfigw {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.dw_service_type.read(r)?;
        self.dw_start_type.read(r)?;
        self.dw_error_control.read(r)?;
        self.lp_binary_path_name.read(r)?;
        self.lp_load_order_group.read(r)?;
        self.dw_tag_id.read(r)?;
        self.lp_dependencies.read(r)?;
        self.lp_service_start_name.read(r)?;
        self.lp_display_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.lp_binary_path_name.read_deferred(r)?;
        self.lp_load_order_group.read_deferred(r)?;
        self.lp_dependencies.read_deferred(r)?;
        self.lp_service_start_name.read_deferred(r)?;
        self.lp_display_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.dw_service_type.write(w)?;
        self.dw_start_type.write(w)?;
        self.dw_error_control.write(w)?;
        self.lp_binary_path_name.write(w)?;
        self.lp_load_order_group.write(w)?;
        self.dw_tag_id.write(w)?;
        self.lp_dependencies.write(w)?;
        self.lp_service_start_name.write(w)?;
        self.lp_display_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_binary_path_name.write_deferred(w)?;
        self.lp_load_order_group.write_deferred(w)?;
        self.lp_dependencies.write_deferred(w)?;
        self.lp_service_start_name.write_deferred(w)?;
        self.lp_display_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for QueryServiceConfigw {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            dw_service_type: Sample::sample(s),
            dw_start_type: Sample::sample(s),
            dw_error_control: Sample::sample(s),
            lp_binary_path_name: Sample::sample(s),
            lp_load_order_group: Sample::sample(s),
            dw_tag_id: Sample::sample(s),
            lp_dependencies: Sample::sample(s),
            lp_service_start_name: Sample::sample(s),
            lp_display_name: Sample::sample(s),
        }
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 2;

/// The calls of svcctl that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-SCMR\] 3.1.4.1.
    RCloseServiceHandle = 0,
    /// \[MS-SCMR\] 3.1.4.7.
    RQueryServiceStatus = 6,
    /// \[MS-SCMR\] 3.1.4.11.
    REnumServicesStatusW = 14,
    /// \[MS-SCMR\] 3.1.4.15.
    ROpenSCManagerW = 15,
    /// \[MS-SCMR\] 3.1.4.16.
    ROpenServiceW = 16,
    /// \[MS-SCMR\] 3.1.4.17.
    RQueryServiceConfigW = 17,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            0 => Self::RCloseServiceHandle,
            6 => Self::RQueryServiceStatus,
            14 => Self::REnumServicesStatusW,
            15 => Self::ROpenSCManagerW,
            16 => Self::ROpenServiceW,
            17 => Self::RQueryServiceConfigW,
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
        Call::RCloseServiceHandle => RCloseServiceHandleRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::RQueryServiceStatus => RQueryServiceStatusRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::REnumServicesStatusW => REnumServicesStatusWRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::ROpenSCManagerW => ROpenSCManagerWRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::ROpenServiceW => ROpenServiceWRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::RQueryServiceConfigW => RQueryServiceConfigWRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What RCloseServiceHandle asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RCloseServiceHandleRequest {
    /// `hSCObject`.
    pub h_sc_object: Handle,
}
impl Message for RCloseServiceHandleRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_sc_object.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_sc_object.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RCloseServiceHandleRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_sc_object: Sample::sample(s),
        }
    }
}

/// What RCloseServiceHandle answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RCloseServiceHandleResponse {
    /// `hSCObject`.
    pub h_sc_object: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for RCloseServiceHandleResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_sc_object.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_sc_object.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RCloseServiceHandleResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_sc_object: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What RQueryServiceStatus asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RQueryServiceStatusRequest {
    /// `hService`.
    pub h_service: Handle,
}
impl Message for RQueryServiceStatusRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_service.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_service.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RQueryServiceStatusRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_service: Sample::sample(s),
        }
    }
}

/// What RQueryServiceStatus answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RQueryServiceStatusResponse {
    /// `lpServiceStatus`.
    pub lp_service_status: ServiceStatus,
    /// What the call returns.
    pub status: u32,
}
impl Message for RQueryServiceStatusResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_service_status.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_service_status.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RQueryServiceStatusResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_service_status: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What REnumServicesStatusW asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct REnumServicesStatusWRequest {
    /// `hSCManager`.
    pub h_sc_manager: Handle,
    /// `dwServiceType`.
    pub dw_service_type: u32,
    /// `dwServiceState`.
    pub dw_service_state: u32,
    /// `cbBufSize`.
    pub cb_buf_size: u32,
    /// `lpResumeIndex`.
    pub lp_resume_index: Option<u32>,
}
impl REnumServicesStatusWRequest {
    fn check(&self) -> Result<(), Error> {
        in_range(self.cb_buf_size.number(), 0, 262144)?;
        Ok(())
    }
}
impl Message for REnumServicesStatusWRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_sc_manager.read_whole(r)?;
        v.dw_service_type.read_whole(r)?;
        v.dw_service_state.read_whole(r)?;
        v.cb_buf_size.read_whole(r)?;
        v.lp_resume_index.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.h_sc_manager.write_whole(w)?;
        self.dw_service_type.write_whole(w)?;
        self.dw_service_state.write_whole(w)?;
        self.cb_buf_size.write_whole(w)?;
        self.lp_resume_index.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for REnumServicesStatusWRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            h_sc_manager: Sample::sample(s),
            dw_service_type: Sample::sample(s),
            dw_service_state: Sample::sample(s),
            cb_buf_size: Sample::sample(s),
            lp_resume_index: Sample::sample(s),
        };
        if !(0..=262144).contains(&v.cb_buf_size.number()) {
            v.cb_buf_size = of_number(0);
        }
        v
    }
}

/// What REnumServicesStatusW answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct REnumServicesStatusWResponse {
    /// `lpBuffer`.
    pub lp_buffer: Vec<u8>,
    /// `pcbBytesNeeded`.
    pub pcb_bytes_needed: u32,
    /// `lpServicesReturned`.
    pub lp_services_returned: u32,
    /// `lpResumeIndex`.
    pub lp_resume_index: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for REnumServicesStatusWResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_buffer.read_whole(r)?;
        v.pcb_bytes_needed.read_whole(r)?;
        v.lp_services_returned.read_whole(r)?;
        v.lp_resume_index.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_buffer.write_whole(w)?;
        self.pcb_bytes_needed.write_whole(w)?;
        self.lp_services_returned.write_whole(w)?;
        self.lp_resume_index.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for REnumServicesStatusWResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_buffer: Sample::sample(s),
            pcb_bytes_needed: Sample::sample(s),
            lp_services_returned: Sample::sample(s),
            lp_resume_index: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What ROpenSCManagerW asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ROpenSCManagerWRequest {
    /// `lpMachineName`.
    pub lp_machine_name: Option<String>,
    /// `lpDatabaseName`.
    pub lp_database_name: Option<String>,
    /// `dwDesiredAccess`.
    pub dw_desired_access: u32,
}
impl Message for ROpenSCManagerWRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_machine_name.read_whole(r)?;
        v.lp_database_name.read_whole(r)?;
        v.dw_desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_machine_name.write_whole(w)?;
        self.lp_database_name.write_whole(w)?;
        self.dw_desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ROpenSCManagerWRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_machine_name: Sample::sample(s),
            lp_database_name: Sample::sample(s),
            dw_desired_access: Sample::sample(s),
        }
    }
}

/// What ROpenSCManagerW answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ROpenSCManagerWResponse {
    /// `lpScHandle`.
    pub lp_sc_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for ROpenSCManagerWResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_sc_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_sc_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ROpenSCManagerWResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_sc_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What ROpenServiceW asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ROpenServiceWRequest {
    /// `hSCManager`.
    pub h_sc_manager: Handle,
    /// `lpServiceName`.
    pub lp_service_name: String,
    /// `dwDesiredAccess`.
    pub dw_desired_access: u32,
}
impl Message for ROpenServiceWRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_sc_manager.read_whole(r)?;
        v.lp_service_name.read_whole(r)?;
        v.dw_desired_access.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.h_sc_manager.write_whole(w)?;
        self.lp_service_name.write_whole(w)?;
        self.dw_desired_access.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ROpenServiceWRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            h_sc_manager: Sample::sample(s),
            lp_service_name: Sample::sample(s),
            dw_desired_access: Sample::sample(s),
        }
    }
}

/// What ROpenServiceW answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ROpenServiceWResponse {
    /// `lpServiceHandle`.
    pub lp_service_handle: Handle,
    /// What the call returns.
    pub status: u32,
}
impl Message for ROpenServiceWResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_service_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_service_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ROpenServiceWResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_service_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What RQueryServiceConfigW asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RQueryServiceConfigWRequest {
    /// `hService`.
    pub h_service: Handle,
    /// `cbBufSize`.
    pub cb_buf_size: u32,
}
impl RQueryServiceConfigWRequest {
    fn check(&self) -> Result<(), Error> {
        in_range(self.cb_buf_size.number(), 0, 8192)?;
        Ok(())
    }
}
impl Message for RQueryServiceConfigWRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.h_service.read_whole(r)?;
        v.cb_buf_size.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.h_service.write_whole(w)?;
        self.cb_buf_size.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RQueryServiceConfigWRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            h_service: Sample::sample(s),
            cb_buf_size: Sample::sample(s),
        };
        if !(0..=8192).contains(&v.cb_buf_size.number()) {
            v.cb_buf_size = of_number(0);
        }
        v
    }
}

/// What RQueryServiceConfigW answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RQueryServiceConfigWResponse {
    /// `lpServiceConfig`.
    pub lp_service_config: QueryServiceConfigw,
    /// `pcbBytesNeeded`.
    pub pcb_bytes_needed: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for RQueryServiceConfigWResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.lp_service_config.read_whole(r)?;
        v.pcb_bytes_needed.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.lp_service_config.write_whole(w)?;
        self.pcb_bytes_needed.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for RQueryServiceConfigWResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            lp_service_config: Sample::sample(s),
            pcb_bytes_needed: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<RCloseServiceHandleRequest>();
    t.message::<RCloseServiceHandleResponse>();
    t.message::<RQueryServiceStatusRequest>();
    t.message::<RQueryServiceStatusResponse>();
    t.message::<REnumServicesStatusWRequest>();
    t.message::<REnumServicesStatusWResponse>();
    t.message::<ROpenSCManagerWRequest>();
    t.message::<ROpenSCManagerWResponse>();
    t.message::<ROpenServiceWRequest>();
    t.message::<ROpenServiceWResponse>();
    t.message::<RQueryServiceConfigWRequest>();
    t.message::<RQueryServiceConfigWResponse>();
}
