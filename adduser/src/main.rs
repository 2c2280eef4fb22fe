// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.adduser`; everything is in the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    ksmbd_adduser::main()
}
