// SPDX-License-Identifier: GPL-2.0-or-later
//! Remote management (\[C706\] appendix Q), which every pipe offers beside its
//! own interface: whether the server listens, and what it offers. It stops
//! nothing.

use dcerpc_ndr::idl::dtyp::Guid;
use dcerpc_ndr::idl::mgmt::{
    self, Call, InqIfIdsRequest, InqIfIdsResponse, InqPrincNameRequest, InqPrincNameResponse,
    InqStatsRequest, InqStatsResponse, IsServerListeningRequest, IsServerListeningResponse,
    RpcIfId, RpcIfIdVector, StopServerListeningRequest, StopServerListeningResponse,
};
use dcerpc_ndr::types::Varying;

use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_stranger, werror, Caller, Fault, Interface};

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: mgmt::UUID,
    version: mgmt::VERSION,
};

/// Number of counters: calls in and out, packets in and out.
const COUNTERS: u32 = 4;
/// RPC_S_BINDING_HAS_NO_AUTH (\[MS-ERREF\] 2.2).
const NO_AUTHENTICATION: u32 = 1746;

pub(super) fn call(caller: &Caller, opnum: u16, stub: Stub<'_>) -> Result<Vec<u8>, Fault> {
    match Call::of(opnum) {
        Some(Call::InqIfIds) => stub.serve(|_: InqIfIdsRequest| Ok(inq_if_ids(caller))),
        Some(Call::InqStats) => stub.serve(|ask: InqStatsRequest| {
            // Nothing is counted here.
            let count = ask.count.min(COUNTERS);
            Ok(InqStatsResponse {
                count,
                statistics: (0..count).map(|_| 0).collect(),
                error: werror::OK,
            })
        }),
        Some(Call::IsServerListening) => stub.serve(|_: IsServerListeningRequest| {
            Ok(IsServerListeningResponse {
                error: werror::OK,
                status: 1,
            })
        }),
        Some(Call::StopServerListening) => stub.serve(|_: StopServerListeningRequest| {
            Ok(StopServerListeningResponse {
                error: werror::ACCESS_DENIED,
            })
        }),
        // Pipes have no authentication of their own.
        Some(Call::InqPrincName) => stub.serve(|_: InqPrincNameRequest| {
            Ok(InqPrincNameResponse {
                princ_name: Varying::new(vec![0]),
                error: NO_AUTHENTICATION,
            })
        }),
        None => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// All pipes are one server to it.
fn inq_if_ids(caller: &Caller) -> InqIfIdsResponse {
    if is_stranger(caller) {
        return InqIfIdsResponse {
            if_id_vector: None,
            error: werror::ACCESS_DENIED,
        };
    }
    let if_id: Vec<Option<RpcIfId>> = Interface::ALL
        .into_iter()
        .map(|interface| {
            let Syntax { uuid, version } = interface.syntax();
            let [a, b, c, d, e, f, g, h, rest @ ..] = uuid;
            // Major in the low half, then minor.
            let [major, more, minor, last] = version.to_le_bytes();
            Some(RpcIfId {
                uuid: Guid {
                    data1: u32::from_le_bytes([a, b, c, d]),
                    data2: u16::from_le_bytes([e, f]),
                    data3: u16::from_le_bytes([g, h]),
                    data4: rest,
                },
                vers_major: u16::from_le_bytes([major, more]),
                vers_minor: u16::from_le_bytes([minor, last]),
            })
        })
        .collect();
    InqIfIdsResponse {
        if_id_vector: Some(RpcIfIdVector {
            count: u32::try_from(if_id.len()).unwrap_or(0),
            if_id,
        }),
        error: werror::OK,
    }
}
