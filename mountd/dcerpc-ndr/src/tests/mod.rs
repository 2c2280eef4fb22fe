// SPDX-License-Identifier: GPL-2.0-or-later
//! Every message of every interface: what is encoded is decoded as the same,
//! in both forms and in big endian; and what is cut off or spoilt neither
//! panics nor becomes large.

mod golden;
pub(crate) mod sample;

use proptest::prelude::*;

use crate::idl;
use crate::types::Message;
use crate::wire::Syntax;
use sample::{Sample, Source};

/// Random bytes that messages are made of.
pub(crate) struct Try<'a> {
    seed: &'a [u8],
}

const FORMS: [Syntax; 2] = [Syntax::Ndr20, Syntax::Ndr64];

impl Try<'_> {
    pub(crate) fn message<M: Message + Sample + PartialEq + std::fmt::Debug>(&mut self) {
        let one = M::sample(&mut Source(self.seed));
        for form in FORMS {
            let stub = one.encode(form).unwrap();
            assert_eq!(
                M::decode(&stub, form).as_ref(),
                Ok(&one),
                "{form:?} {stub:02x?}"
            );
            // Padding may be missing at the end, nothing else.
            let least = stub.len().saturating_sub(8);
            for len in (0..stub.len()).step_by(1 + stub.len() / 64) {
                match M::decode(&stub[..len], form) {
                    Ok(less) => assert!(len >= least && less == one, "{len} of {}", stub.len()),
                    Err(e) => assert!(!e.to_string().is_empty()),
                }
            }
            for (n, spoil) in self.seed.iter().enumerate().take(40) {
                if stub.is_empty() {
                    break;
                }
                let mut bad = stub.clone();
                let at = (n * 7 + usize::from(*spoil)) % bad.len();
                bad[at] ^= spoil | 1;
                for form in [form, Syntax::Ndr20BigEndian] {
                    // What is taken can be told again.
                    if let Ok(other) = M::decode(&bad, form) {
                        let again = other.encode(Syntax::Ndr64).unwrap();
                        assert_eq!(M::decode(&again, Syntax::Ndr64), Ok(other));
                    }
                }
            }
        }
        // What is no message at all.
        for form in [Syntax::Ndr20, Syntax::Ndr64, Syntax::Ndr20BigEndian] {
            let _ = M::decode(self.seed, form);
            let _ = M::decode(&[0xFF; 64], form);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_message(seed in proptest::collection::vec(any::<u8>(), 0..200)) {
        let t = &mut Try { seed: &seed };
        idl::lsarpc::every(t);
        idl::mgmt::every(t);
        idl::samr::every(t);
        idl::srvsvc::every(t);
        idl::svcctl::every(t);
        idl::winreg::every(t);
        idl::witness::every(t);
        idl::wkssvc::every(t);
    }
}

#[test]
fn counts_that_no_bytes_are_behind() {
    use crate::idl::srvsvc::{NetrShareEnumRequest, NetrShareEnumResponse};
    // No server; level 1, its container with 4 Gi entries.
    let mut stub = vec![0u8; 4];
    for n in [1u32, 1, 1, u32::MAX, 1, u32::MAX] {
        stub.extend_from_slice(&n.to_le_bytes());
    }
    stub.extend_from_slice(&[0; 64]);
    assert!(NetrShareEnumRequest::decode(&stub, Syntax::Ndr20).is_err());
    assert!(NetrShareEnumResponse::decode(&stub[4..], Syntax::Ndr20).is_err());
}
