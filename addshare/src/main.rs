// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.addshare`; everything is in the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    ksmbd_addshare::main()
}
