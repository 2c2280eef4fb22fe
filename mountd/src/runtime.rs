// SPDX-License-Identifier: GPL-2.0-or-later
//! The runtime directory: the lock that keeps a second daemon out and names
//! the first, and the control socket.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use rustix::fs::{flock, FlockOperation};

pub use ksmbd_config::daemon::{control_path, lock_path};

/// The lock of a running daemon. It goes with the process, however that ends,
/// so there is no stale one.
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock and writes the process id into it.
    ///
    /// # Errors
    /// Another daemon holds it, or the directory cannot be used.
    pub fn take(dir: &Path) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(dir)
            .with_context(|| {
                format!(
                    "cannot make the runtime directory {}; run as root, or name another: \
                     --runtime-dir DIR",
                    dir.display()
                )
            })?;
        let path = lock_path(dir);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(&path)
            .with_context(|| format!("cannot open the lock {}", path.display()))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(e) if io::Error::from(e).kind() == io::ErrorKind::WouldBlock => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                bail!(
                    "ksmbd.mountd already runs as process {} with runtime directory {}; stop it \
                     (ksmbd.control --shutdown), or name another directory: --runtime-dir DIR",
                    pid.trim(),
                    dir.display()
                );
            }
            Err(e) => {
                return Err(io::Error::from(e))
                    .with_context(|| format!("cannot lock {}", path.display()))
            }
        }
        let mut lock = Self { file, path };
        lock.write_pid()?;
        Ok(lock)
    }

    fn write_pid(&mut self) -> Result<()> {
        let what = || format!("cannot write the lock {}", self.path.display());
        self.file.set_len(0).with_context(what)?;
        let pid = format!("{}\n", std::process::id());
        self.file.write_all(pid.as_bytes()).with_context(what)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Emptied rather than removed: another daemon may wait for this file.
        let _ = self.file.set_len(0);
    }
}

/// Removes a socket that an earlier daemon left. Call with the lock held.
pub fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_daemon_a_directory() {
        let dir = tempfile::TempDir::new().unwrap();
        let run = dir.path().join("run/ksmbd");
        let lock = Lock::take(&run).unwrap();
        let pid = std::process::id().to_string();
        assert_eq!(fs::read_to_string(lock_path(&run)).unwrap().trim(), pid);
        let message = Lock::take(&run).err().unwrap().to_string();
        assert!(message.contains(&pid) && message.contains("--shutdown"));
        drop(lock);
        assert!(Lock::take(&run).is_ok());
    }
}
