// SPDX-License-Identifier: GPL-2.0-or-later
//! Scripts that get somewhere: for tests to spoil, and as the fuzzer's first corpus (which takes this file as it is).

/// How many kinds of requests there are.
pub const KINDS: u8 = 24;

/// An ordinary server and client, files that are opened with and without caching, one more client that opens one of
/// them, the first one's answer, and requests of kind `kind`.
pub fn example(kind: u8, which: u8) -> Vec<u8> {
    // Settings, the first client; CREATE of f, with a batch oplock, with a lease.
    let mut script = vec![0, 0, 0, 0, 0, 0];
    script.extend([0, 0, which, 0, 0]);
    script.extend([0, 0, 1, 0x20, 0]);
    script.extend([0, 0, 3, 0x40, 0x60, 0x07]);
    // A directory.
    script.extend([0, 0, 2, 0x10, 0, 0]);
    for value in 0..4 {
        script.extend([0, kind, value, which, 0, value, 0, 0, 0]);
    }
    // Another client takes what is cached, the first one answers.
    script.extend([12, 0, 8, 0, 0, 1, 0, 0, 27, 0, 20, 0, 0, 27, 1]);
    script.extend([0, kind, which, which, 0, 0, 0, 0]);
    script
}
