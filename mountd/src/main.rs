// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.mountd`; everything is in the library.

fn main() -> std::process::ExitCode {
    ksmbd_mountd::cli::main().into()
}
