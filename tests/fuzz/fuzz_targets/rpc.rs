// SPDX-License-Identifier: GPL-2.0-or-later
//! Requests of all RPC interfaces; the first three bytes are interface, opnum
//! and form. What is a request in one form is the same in the others.
#![no_main]

use dcerpc_ndr::{idl, Syntax};
use libfuzzer_sys::fuzz_target;

type Transcode = fn(u16, &[u8], (Syntax, Syntax)) -> Option<Result<Vec<u8>, dcerpc_ndr::Error>>;

const INTERFACES: [Transcode; 8] = [
    idl::lsarpc::transcode,
    idl::mgmt::transcode,
    idl::samr::transcode,
    idl::srvsvc::transcode,
    idl::svcctl::transcode,
    idl::winreg::transcode,
    idl::witness::transcode,
    idl::wkssvc::transcode,
];

fuzz_target!(|data: &[u8]| {
    let [interface, opnum, form, stub @ ..] = data else {
        return;
    };
    let transcode = INTERFACES[usize::from(*interface) % INTERFACES.len()];
    let opnum = u16::from(*opnum);
    let form = [Syntax::Ndr20, Syntax::Ndr20BigEndian, Syntax::Ndr64][usize::from(*form) % 3];
    let Some(Ok(wide)) = transcode(opnum, stub, (form, Syntax::Ndr64)) else {
        return;
    };
    let again = |stub: &[u8], forms| transcode(opnum, stub, forms).map(Result::unwrap);
    let old = again(&wide, (Syntax::Ndr64, Syntax::Ndr20)).unwrap();
    assert_eq!(again(&old, (Syntax::Ndr20, Syntax::Ndr64)), Some(wide));
});
