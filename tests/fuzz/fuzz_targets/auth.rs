// SPDX-License-Identifier: GPL-2.0-or-later
//! SPNEGO and NTLMSSP tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::auth::{ntlm, spnego};

fuzz_target!(|data: &[u8]| {
    let _ = spnego::NegToken::parse(data);
    let _ = spnego::NegToken::sniff(data);
    let _ = spnego::frame_of(data);
    let _ = ntlm::message_type(data);
    let _ = ntlm::Negotiate::parse(data);
    let _ = ntlm::ChallengeView::parse(data).is_ok();
    let _ = ntlm::Authenticate::parse(data).is_ok();
    let _ = ntlm::Ntlmv2Response::parse(data).is_ok();
    if let Ok(pairs) = ntlm::AvPairs::parse(data) {
        assert!(pairs.into_iter().count() <= data.len());
    }
});
