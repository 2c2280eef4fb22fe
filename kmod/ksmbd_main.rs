// SPDX-License-Identifier: GPL-2.0-or-later
//! The kernel module: the engine's host inside the kernel.

use kernel::prelude::*;

module! {
    type: Ksmbd,
    name: "ksmbd",
    authors: ["The ksmbd-rs authors"],
    description: "SMB server",
    license: "GPL",
}

/// What lives as long as the module is loaded.
struct Ksmbd;

impl kernel::Module for Ksmbd {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("loaded\n");
        Ok(Self)
    }
}

impl Drop for Ksmbd {
    fn drop(&mut self) {
        pr_info!("unloaded\n");
    }
}
