// SPDX-License-Identifier: GPL-2.0-or-later
//! Commands inside a Debian root, in a mount namespace of their own, so that no
//! bind mount outlives them or is seen by anybody else.
//!
//! Without root the same runs in a user namespace in which the caller is root
//! and the other users are its subordinate ids (package `uidmap`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Result};

use crate::run;

/// A directory of the host that a command sees at the same or another path.
pub(crate) struct Bind {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
    pub(crate) writable: bool,
}

impl Bind {
    /// Read-only, at its own path.
    pub(crate) fn read_only(path: &Path) -> Self {
        Self {
            from: path.to_path_buf(),
            to: path.to_path_buf(),
            writable: false,
        }
    }

    /// Writable, at its own path.
    pub(crate) fn writable(path: &Path) -> Self {
        Self {
            from: path.to_path_buf(),
            to: path.to_path_buf(),
            writable: true,
        }
    }
}

/// Whether we are root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// `program args…` chrooted into `root`.
pub(crate) fn chroot(root: &Path, binds: &[Bind], program: &str, args: &[&str]) -> Command {
    // The mount points are made on a tmpfs-free root on purpose: they are empty
    // directories and harmless, and the root stays usable by hand.
    const SETUP: &str = r#"
        root=$1; shift
        mount -t tmpfs tmp "$root/tmp"
        while [ "$1" != -- ]; do
            mkdir -p "$root$2"
            mount --bind "$1" "$root$2"
            [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
            shift 3
        done
        shift
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TERM=dumb \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
            "$@"
    "#;
    let mut c = namespace();
    c.args(["sh", "-euc", SETUP, "sh"]).arg(root);
    for b in binds {
        c.arg(&b.from)
            .arg(&b.to)
            .arg(if b.writable { "rw" } else { "ro" });
    }
    c.arg("--").arg(program).args(args);
    c
}

/// The beginning of a command line that runs the rest in new namespaces.
pub(crate) fn namespace() -> Command {
    let mut c = Command::new("unshare");
    c.args(["--mount", "--propagation", "private"]);
    if !is_root() {
        c.args(["--map-root-user", "--map-auto"]);
    }
    c
}

/// Removes a tree that may hold files which only (mapped) root may remove, and
/// refuses one on which something is mounted.
pub(crate) fn remove(path: &Path) -> Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let prefix = format!(" {}/", path.display());
    if mounts.lines().any(|l| l.contains(&prefix)) {
        bail!(
            "something is mounted below {}: unmount it first",
            path.display()
        );
    }
    let mut c = namespace();
    c.args(["rm", "-rf", "--one-file-system", "--"]).arg(path);
    run::shown(c)
}
