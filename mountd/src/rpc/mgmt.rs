// SPDX-License-Identifier: GPL-2.0-or-later
//! Remote management (\[C706\] appendix Q), which every pipe offers beside its
//! own interface: whether the server listens, and what it offers. It stops
//! nothing.

use super::ndr::{Reader, Writer};
use super::pdu::{fault, Syntax};
use super::{is_stranger, werror, Caller, Fault, Interface};

/// AFA8BD80-7D8A-11C9-BEF4-08002B102989, version 1.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x80, 0xbd, 0xa8, 0xaf, 0x8a, 0x7d, 0xc9, 0x11, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29,
        0x89,
    ],
    version: 1,
};

/// Number of counters: calls in and out, packets in and out.
const COUNTERS: u32 = 4;
/// RPC_S_BINDING_HAS_NO_AUTH (\[MS-ERREF\] 2.2).
const NO_AUTHENTICATION: u32 = 1746;

pub(super) fn call(caller: &Caller, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    let mut w = Writer::new();
    match opnum {
        // inq_if_ids: all pipes are one server to it.
        0 => {
            let stranger = is_stranger(caller);
            w.pointer(!stranger);
            if !stranger {
                let count = u32::try_from(Interface::ALL.len()).unwrap_or(0);
                w.u32(count);
                w.u32(count);
                Interface::ALL.iter().for_each(|_| w.pointer(true));
                for interface in Interface::ALL {
                    let syntax = interface.syntax();
                    w.raw(&syntax.uuid);
                    // Major, then minor.
                    w.u32(syntax.version);
                }
            }
            w.u32(if stranger {
                werror::ACCESS_DENIED
            } else {
                werror::OK
            });
        }
        // inq_stats: nothing is counted here.
        1 => {
            let count = r.u32()?.min(COUNTERS);
            w.u32(count);
            w.u32(count);
            (0..count).for_each(|_| w.u32(0));
            w.u32(werror::OK);
        }
        // is_server_listening: status, then the answer.
        2 => {
            w.u32(werror::OK);
            w.u32(1);
        }
        // stop_server_listening.
        3 => w.u32(werror::ACCESS_DENIED),
        // inq_princ_name: pipes have no authentication of their own.
        4 => {
            let (_protocol, _size) = (r.u32()?, r.u32()?);
            w.u32(1);
            w.u32(0);
            w.u32(1);
            w.u8(0);
            w.u32(NO_AUTHENTICATION);
        }
        _ => return Err(Fault(fault::OP_RNG_ERROR)),
    }
    Ok(w.into_bytes())
}
