// SPDX-License-Identifier: GPL-2.0-or-later
//! How the tools reach a running daemon: one line of JSON to its control
//! socket, one line back.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the daemon's lock and socket are unless told otherwise.
pub const DEFAULT_RUNTIME_DIR: &str = "/run/ksmbd";

/// Greatest answer in bytes.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

/// The control socket in a runtime directory.
#[must_use]
pub fn control_path(dir: &Path) -> PathBuf {
    dir.join("control.sock")
}

/// The lock in a runtime directory. A running daemon holds a lock (flock) on
/// it, and it has the process id.
#[must_use]
pub fn lock_path(dir: &Path) -> PathBuf {
    dir.join("ksmbd.lock")
}

/// Sends one request and answers the daemon's answer.
///
/// # Errors
/// `NotFound` or `ConnectionRefused` when no daemon runs, `PermissionDenied`,
/// or that it does not answer within 15 seconds.
pub fn request(dir: &Path, line: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(control_path(dir))?;
    stream.set_read_timeout(Some(Duration::from_secs(15)))?;
    stream.set_write_timeout(Some(Duration::from_secs(15)))?;
    stream.write_all(line.as_bytes())?;
    stream.write_all(b"\n")?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_ANSWER)).read_line(&mut answer)?;
    if !answer.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    answer.pop();
    Ok(answer)
}

/// Sends one request and answers what is to be read from then on, line by line
/// and without a limit of time.
///
/// # Errors
/// As [`request`].
pub fn follow(dir: &Path, line: &str) -> io::Result<impl BufRead> {
    let mut stream = UnixStream::connect(control_path(dir))?;
    stream.set_write_timeout(Some(Duration::from_secs(15)))?;
    stream.write_all(line.as_bytes())?;
    stream.write_all(b"\n")?;
    Ok(BufReader::new(stream))
}

/// Whether the error of [`request`] means that no daemon runs.
#[must_use]
pub fn is_absent(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}
