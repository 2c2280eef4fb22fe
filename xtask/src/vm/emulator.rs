// SPDX-License-Identifier: GPL-2.0-or-later
//! Which QEMU runs the guest.
//!
//! Emulation became two to three times as fast for what a test guest does
//! (processes, page faults) between Debian 12's QEMU and Debian 13's. So a host
//! whose own is old gets the newer one in a small root in the cache.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::run::{cmd, output, which};
use crate::sandbox::{self, Bind};
use crate::versions::SUITE;
use crate::{cache, debian};

/// The first major version that is taken from the host.
const RECENT: u32 = 10;

const PROGRAM: &str = "qemu-system-x86_64";

/// A QEMU to run.
pub(super) enum Emulator {
    Host,
    Root(PathBuf),
}

/// The host's, or the cached one, made if it is not there.
pub(super) fn find() -> Result<Emulator> {
    if which(PROGRAM).is_some() {
        let text = output(cmd(PROGRAM, ["--version"]))?;
        if major(&text).is_some_and(|v| v >= RECENT) {
            return Ok(Emulator::Host);
        }
    }
    let packages = ["qemu-system-x86"];
    let key = format!("1 {SUITE} {packages:?}");
    let root = cache::ensure("qemu", &key, |root| {
        debian::bootstrap("a recent QEMU", root, &packages, false)
    })?;
    Ok(Emulator::Root(root))
}

/// `QEMU emulator version 7.2.22 (Debian …)`.
fn major(text: &str) -> Option<u32> {
    text.split_whitespace()
        .nth(3)?
        .split('.')
        .next()?
        .parse()
        .ok()
}

impl Emulator {
    /// The command line, ending with this process if that is killed; it may write below `writable` (scratch files below the
    /// first) and read `guest`.
    pub(super) fn command(&self, args: &[OsString], guest: &Path, writable: &[&Path]) -> Command {
        let mut tmp = OsString::from("TMPDIR=");
        if let Some(first) = writable.first() {
            tmp.push(first);
        }
        match self {
            Self::Host => {
                let mut c = Command::new("setpriv");
                c.args(["--pdeathsig", "KILL", "env"])
                    .arg(tmp)
                    .arg(PROGRAM)
                    .args(args);
                c
            }
            Self::Root(root) => {
                let mut binds = vec![Bind::read_only(guest)];
                binds.extend(writable.iter().map(|w| Bind::writable(w)));
                let inner = sandbox::chroot(root, &binds, "env", &[]);
                let mut c = Command::new("setpriv");
                c.args(["--pdeathsig", "KILL"])
                    .arg(inner.get_program())
                    .args(inner.get_args());
                c.arg(tmp).arg(PROGRAM).args(args);
                c
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version() {
        assert_eq!(
            major("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nmore"),
            Some(7)
        );
        assert_eq!(major("QEMU emulator version 10.0.2"), Some(10));
        assert_eq!(major(""), None);
    }
}
