// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! What all files of `mountd/idl` are.

pub mod dtyp;
pub mod lsarpc;
pub mod mgmt;
pub mod samr;
pub mod srvsvc;
pub mod svcctl;
pub mod winreg;
pub mod witness;
pub mod wkssvc;
