// SPDX-License-Identifier: GPL-2.0-or-later
//! Whole sessions against the engine with files in memory; what the bytes mean is said in `ksmbd_memhost::script`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    ksmbd_memhost::script::run(data);
});
