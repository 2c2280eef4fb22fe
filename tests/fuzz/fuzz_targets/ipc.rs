// SPDX-License-Identifier: GPL-2.0-or-later
//! Messages between engine and daemon, which trust each other no more than clients.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::ipc::{Event, Hello, List, ListReply, ServerConfig, Upcall, UpcallReply};

fuzz_target!(|data: &[u8]| {
    let _ = Hello::parse(data);
    let _ = ServerConfig::parse(data);
    let _ = Upcall::parse(data);
    let _ = UpcallReply::parse(data);
    let _ = Event::parse(data);
    let _ = List::parse(data);
    let _ = ListReply::parse(data);
});
