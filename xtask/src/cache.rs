// SPDX-License-Identifier: GPL-2.0-or-later
//! The user's cache: build root, prepared kernel tree, guest image.
//!
//! Invariants: what lies at an artifact's final path is complete (it is built
//! beside it and renamed); the path's name contains a key over everything that
//! went into it; one process builds an artifact, the others wait.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::{flock, FlockOperation};

use crate::run::say;
use crate::sandbox;

/// `$XDG_CACHE_HOME/ksmbd-rs`, by default `~/.cache/ksmbd-rs`.
pub(crate) fn dir() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    let dir = base.join("ksmbd-rs");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

/// Held until dropped.
pub(crate) struct Lock {
    _file: File,
}

/// Waits for everybody else who holds `name`.
pub(crate) fn lock(path: &Path, what: &str) -> Result<Lock> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let file =
        File::create(path).with_context(|| format!("cannot make lock {}", path.display()))?;
    if flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive).is_err() {
        say(format!("waiting for another xtask that holds the {what}"));
        flock(file.as_fd(), FlockOperation::LockExclusive)?;
    }
    Ok(Lock { _file: file })
}

/// The artifact `name` for `key`, built by `build` into a scratch directory
/// if it is not there.
pub(crate) fn ensure(
    name: &str,
    key: &str,
    build: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let dir = dir()?;
    let path = dir.join(format!("{name}-{}", fingerprint(key)));
    if path.exists() {
        return Ok(path);
    }
    let _lock = lock(&dir.join("locks").join(name), name)?;
    if path.exists() {
        return Ok(path);
    }
    let tmp = dir.join(format!("{name}.new"));
    sandbox::remove(&tmp)?;
    fs::create_dir(&tmp)?;
    build(&tmp)?;
    fs::rename(&tmp, &path)?;
    Ok(path)
}

/// FNV-1a, 64 bits: names a recipe, guards against nothing hostile.
pub(crate) fn fingerprint(key: &str) -> String {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for b in key.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{h:016x}")
}
