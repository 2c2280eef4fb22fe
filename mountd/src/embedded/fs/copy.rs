// SPDX-License-Identifier: GPL-2.0-or-later
//! Copying between open files.

use std::ops::Range;
use std::os::fd::BorrowedFd;

use kernel::prelude::*;
use ksmbd_hostcrypto::Bytes;
use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::super::pool::Buffer;
use super::{empty_out, errno, fill};

/// Bytes copied at once where the kernel cannot do it.
const PIECE: usize = 256 << 10;

/// Copies up to `len` bytes and tells how many.
pub(super) fn range(
    from: BorrowedFd<'_>,
    from_offset: u64,
    to: BorrowedFd<'_>,
    to_offset: u64,
    len: u64,
) -> Result<u64> {
    let mut done = 0u64;
    while done < len {
        let mut at = from_offset.checked_add(done).ok_or(EINVAL)?;
        let mut out = to_offset.checked_add(done).ok_or(EFBIG)?;
        let left = usize::try_from(len - done).unwrap_or(usize::MAX);
        match rustix::fs::copy_file_range(from, Some(&mut at), to, Some(&mut out), left) {
            Ok(0) => break,
            Ok(n) => done += n as u64,
            Err(Errno::INTR) => {}
            Err(_) if done != 0 => break,
            // Between two file systems, on one that cannot, or overlapping within one file.
            Err(Errno::XDEV | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                return by_hand(from, from_offset, to, to_offset, len);
            }
            Err(e) => return Err(errno(e)),
        }
    }
    Ok(done)
}

/// The next range that is no hole. The descriptor's position is nobody's: all else says where.
pub(super) fn next_data(fd: BorrowedFd<'_>, from: u64) -> Result<Option<Range<u64>>> {
    let start = match rustix::fs::seek(fd, SeekFrom::Data(from)) {
        Err(Errno::NXIO) => return Ok(None),
        Err(Errno::INVAL) => return Err(EOPNOTSUPP),
        other => other.map_err(errno)?,
    };
    match rustix::fs::seek(fd, SeekFrom::Hole(start)) {
        // It became shorter meanwhile.
        Err(Errno::NXIO) => Ok(None),
        other => Ok(Some(start..other.map_err(errno)?)),
    }
}

/// Copies through memory. If the ranges may overlap upwards it begins at the end, so that nothing is
/// overwritten before it is read.
fn by_hand(
    from: BorrowedFd<'_>,
    from_offset: u64,
    to: BorrowedFd<'_>,
    to_offset: u64,
    len: u64,
) -> Result<u64> {
    let mut data = Buffer::new(PIECE)?;
    let size = rustix::fs::fstat(from).map_err(errno)?.st_size;
    let size = u64::try_from(size).unwrap_or(0);
    let len = len.min(size.saturating_sub(from_offset));
    let backwards = to_offset > from_offset && to_offset < from_offset.saturating_add(len);
    let mut done = 0u64;
    while done < len {
        let n = (len - done).min(PIECE as u64);
        let at = if backwards { len - done - n } else { done };
        let piece = &mut data.as_mut_slice()[..n as usize];
        let got = fill(from, piece, from_offset.checked_add(at).ok_or(EINVAL)?)?;
        let out = to_offset.checked_add(at).ok_or(EFBIG)?;
        let put = empty_out(to, &piece[..got], out)?;
        if (put as u64) < n {
            // Copied backwards, the beginning is missing: nothing counts.
            return if backwards {
                Err(EIO)
            } else {
                Ok(done + put as u64)
            };
        }
        done += n;
    }
    Ok(done)
}
