// SPDX-License-Identifier: GPL-2.0-or-later
//! The verification trailer (\[MS-RPCE\] 2.2.2.13): clients repeat, behind the
//! protected arguments of a request, what they believe to have agreed on
//! where signatures do not cover it.

use super::pdu::{fault, Syntax};
use super::Fault;

/// Marks the trailer (\[MS-RPCE\] 2.2.2.13.1).
const SIGNATURE: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];
/// The kinds of commands.
const BITMASK_1: u16 = 1;
const PRESENTATION_CONTEXT: u16 = 2;
const HEADER_2: u16 = 3;
const KINDS: u16 = 0x3FFF;
/// The last command.
const END: u16 = 0x4000;
/// Who does not know the command must refuse.
const MUST_PROCESS: u16 = 0x8000;
/// Of BITMASK_1: the client can sign headers.
const HEADER_SIGNING: u32 = 1;
/// Most bytes from the trailer's start to the end of the stub.
const MAX_TRAILER: usize = 256;

/// What a request is.
pub(super) struct Bound {
    pub(super) interface: Syntax,
    pub(super) transfer: Syntax,
    pub(super) call_id: u32,
    pub(super) context: u16,
    pub(super) opnum: u16,
}

/// Answers the arguments without the trailer. Errors: it contradicts what the
/// request is.
pub(super) fn check<'a>(
    stub: &'a [u8],
    bound: &Bound,
    header_signing: bool,
) -> Result<&'a [u8], Fault> {
    // It begins at a multiple of 4; the search goes from the end, as nothing
    // of a client's arguments may look like it behind it.
    let from = stub.len().saturating_sub(MAX_TRAILER).next_multiple_of(4);
    let found = (from..stub.len())
        .step_by(4)
        .rev()
        .find(|at| stub.get(*at..).is_some_and(|s| s.starts_with(&SIGNATURE)));
    let Some((arguments, trailer)) = found.and_then(|at| stub.split_at_checked(at)) else {
        return Ok(stub);
    };
    match commands(&trailer[SIGNATURE.len()..], bound, header_signing) {
        Some(true) => Ok(arguments),
        Some(false) | None => {
            tracing::warn!(
                target: "audit",
                "a request says that something else was agreed on than was; it is refused"
            );
            Err(Fault(fault::ACCESS_DENIED))
        }
    }
}

/// `None`: they are cut off.
fn commands(mut rest: &[u8], bound: &Bound, header_signing: bool) -> Option<bool> {
    loop {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let [k0, k1, l0, l1] = *head;
        let kind = u16::from_le_bytes([k0, k1]);
        let len = usize::from(u16::from_le_bytes([l0, l1]));
        let (value, next) = tail.split_at_checked(len)?;
        rest = next;
        let right = match kind & KINDS {
            BITMASK_1 => {
                let bits = u32::from_le_bytes(value.try_into().ok()?);
                // Had it been able to, this server would have agreed.
                bits & HEADER_SIGNING == 0 || header_signing
            }
            PRESENTATION_CONTEXT => value == presentation(bound),
            HEADER_2 => value == header(bound),
            _ => kind & MUST_PROCESS == 0,
        };
        if !right {
            return Some(false);
        }
        if kind & END != 0 {
            return Some(true);
        }
    }
}

fn presentation(bound: &Bound) -> Vec<u8> {
    let mut out = Vec::with_capacity(40);
    for syntax in [bound.interface, bound.transfer] {
        out.extend_from_slice(&syntax.uuid);
        out.extend_from_slice(&syntax.version.to_le_bytes());
    }
    out
}

fn header(bound: &Bound) -> Vec<u8> {
    // PTYPE request, reserved, data representation, reserved.
    let mut out = vec![0, 0, 0, 0, 0x10, 0, 0, 0];
    out.extend_from_slice(&bound.call_id.to_le_bytes());
    out.extend_from_slice(&bound.context.to_le_bytes());
    out.extend_from_slice(&bound.opnum.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::super::pdu::NDR;
    use super::*;

    const BOUND: Bound = Bound {
        interface: Syntax {
            uuid: [7; 16],
            version: 3,
        },
        transfer: NDR,
        call_id: 9,
        context: 1,
        opnum: 15,
    };

    fn trailer(commands: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut out = b"argument".to_vec();
        out.extend_from_slice(&SIGNATURE);
        for (kind, value) in commands {
            out.extend_from_slice(&kind.to_le_bytes());
            out.extend_from_slice(&(value.len() as u16).to_le_bytes());
            out.extend_from_slice(value);
        }
        out
    }

    fn is_right(commands: &[(u16, Vec<u8>)], signing: bool) -> bool {
        let stub = trailer(commands);
        match check(&stub, &BOUND, signing) {
            Ok(arguments) => {
                assert_eq!(arguments, b"argument");
                true
            }
            Err(e) => {
                assert_eq!(e, Fault(fault::ACCESS_DENIED));
                false
            }
        }
    }

    #[test]
    fn what_was_agreed_on_passes() {
        let all = [
            (BITMASK_1, vec![1, 0, 0, 0]),
            (PRESENTATION_CONTEXT | MUST_PROCESS, presentation(&BOUND)),
            (77, vec![1, 2, 3]),
            (HEADER_2 | END, header(&BOUND)),
        ];
        assert!(is_right(&all, true));
        assert!(!is_right(&all, false));
        assert!(is_right(&all[1..], false));
    }

    #[test]
    fn anything_else_does_not() {
        let mut other = presentation(&BOUND);
        other[20] ^= 1;
        assert!(!is_right(&[(PRESENTATION_CONTEXT | END, other)], true));
        let mut other = header(&BOUND);
        other[14] ^= 1;
        assert!(!is_right(&[(HEADER_2 | END, other)], true));
        assert!(!is_right(&[(77 | END | MUST_PROCESS, vec![])], true));
        assert!(!is_right(&[(BITMASK_1 | END, vec![0; 3])], true));
        // No end.
        assert!(!is_right(&[(77, vec![])], true));
        assert!(!is_right(&[], true));
    }

    #[test]
    fn without_one_nothing_is_looked_at() {
        for n in 0..600usize {
            let stub = vec![0x8a; n];
            assert_eq!(check(&stub, &BOUND, false), Ok(&stub[..]));
        }
    }
}
