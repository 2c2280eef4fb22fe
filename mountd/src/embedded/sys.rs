// SPDX-License-Identifier: GPL-2.0-or-later
//! The system calls that no safe crate of ours offers. The only `unsafe` of the embedded host.
#![allow(unsafe_code, reason = "see the module's documentation")]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Sets this thread's file-system user id and tells whether it took effect. (The call itself cannot fail; it
/// answers with the id before it.)
pub(super) fn set_fsuid(uid: u32) -> bool {
    // SAFETY: Takes and gives plain numbers; the C library does not spread it over other threads.
    unsafe {
        libc::setfsuid(uid);
        libc::setfsuid(u32::MAX) as u32 == uid
    }
}

/// As [`set_fsuid`], for the group.
pub(super) fn set_fsgid(gid: u32) -> bool {
    // SAFETY: As above.
    unsafe {
        libc::setfsgid(gid);
        libc::setfsgid(u32::MAX) as u32 == gid
    }
}

/// Sets the supplementary groups of this thread only (the C library's `setgroups` sets them for all).
pub(super) fn set_groups(groups: &[u32]) -> io::Result<()> {
    // SAFETY: The pointer and count describe `groups`, which the kernel only reads.
    let r = unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) };
    check(r).map(drop)
}

/// Gives this thread a working directory and umask of its own, and clears the umask.
pub(super) fn own_umask() -> io::Result<()> {
    // SAFETY: Takes plain numbers; only this thread's view of `struct fs` changes.
    unsafe {
        if libc::unshare(libc::CLONE_FS) != 0 {
            return Err(io::Error::last_os_error());
        }
        libc::umask(0);
    }
    Ok(())
}

/// Reads directory entries as the kernel lays them out, `struct linux_dirent64`.
pub(super) fn getdents(fd: impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: The pointer and length describe `buf`, which the kernel only writes.
    let r = unsafe { libc::syscall(libc::SYS_getdents64, fd, buf.as_mut_ptr(), buf.len()) };
    check(r)
}

/// Binds a socket to a network interface.
pub(super) fn bind_to_device(fd: impl AsFd, name: &[u8]) -> io::Result<()> {
    let len = libc::socklen_t::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: The pointer and length describe `name`, which the kernel only reads.
    let r = unsafe {
        libc::setsockopt(
            fd.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_ptr().cast(),
            len,
        )
    };
    check(r.into()).map(drop)
}

fn check(r: libc::c_long) -> io::Result<usize> {
    usize::try_from(r).map_err(|_| io::Error::last_os_error())
}
