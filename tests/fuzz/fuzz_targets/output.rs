// SPDX-License-Identifier: GPL-2.0-or-later
//! Outputs of QUERY_DIRECTORY, CHANGE_NOTIFY and EA queries: the first byte is the class.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::fscc::{directory, ea, FileInfoClass};
use proto_shared::smb2::change_notify::notify_entries;

fuzz_target!(|data: &[u8]| {
    let Some((class, output)) = data.split_first() else {
        return;
    };
    assert!(directory::entries(FileInfoClass(*class), output).count() <= output.len());
    assert!(notify_entries(output).count() <= output.len());
    assert!(ea::full_ea_entries(output).count() <= output.len());
    assert!(ea::get_ea_entries(output).count() <= output.len());
});
