// SPDX-License-Identifier: GPL-2.0-or-later
//! The system calls that no safe crate of ours offers. The only `unsafe` of the embedded host.
#![allow(unsafe_code, reason = "see the module's documentation")]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

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

/// How often in a row TCP has sent the same data again in vain.
pub(super) fn retransmissions(socket: impl AsFd) -> io::Result<u32> {
    // SAFETY: All bit patterns are numbers.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut len = std::mem::size_of_val(&info) as libc::socklen_t;
    // SAFETY: The kernel writes at most `len` bytes to `info`, and to `len` how many.
    let r = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &raw mut len,
        )
    };
    check(r.into()).map(|_| u32::from(info.tcpi_retransmits))
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

/// Has a range of `to` share the blocks of one of `from`.
pub(super) fn clone_range(
    from: impl AsFd,
    from_offset: u64,
    to: impl AsFd,
    to_offset: u64,
    len: u64,
) -> io::Result<()> {
    let range = libc::file_clone_range {
        src_fd: from.as_fd().as_raw_fd().into(),
        src_offset: from_offset,
        src_length: len,
        dest_offset: to_offset,
    };
    // SAFETY: The pointer is that of a `struct file_clone_range`, which the kernel only reads.
    let r = unsafe { libc::ioctl(to.as_fd().as_raw_fd(), libc::FICLONERANGE, &raw const range) };
    check(r.into()).map(drop)
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

/// A fanotify group that names the directory and the entry of each event; the descriptor does not block.
pub(super) fn fanotify_group() -> io::Result<OwnedFd> {
    let flags = libc::FAN_CLOEXEC | libc::FAN_NONBLOCK | libc::FAN_REPORT_DFID_NAME;
    // SAFETY: Takes plain numbers; the answer is a new descriptor or negative.
    unsafe {
        let fd = libc::fanotify_init(flags, libc::O_RDONLY as libc::c_uint);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Marks the directory `path`, or with `deep` the whole file system that it is on.
pub(super) fn fanotify_mark(
    group: impl AsFd,
    path: &CStr,
    deep: bool,
    mask: u64,
) -> io::Result<()> {
    let mut flags = libc::FAN_MARK_ADD;
    flags |= if deep {
        libc::FAN_MARK_FILESYSTEM
    } else {
        libc::FAN_MARK_ONLYDIR
    };
    let fd = group.as_fd().as_raw_fd();
    // SAFETY: The path is a C string, which the kernel only reads.
    let r = unsafe { libc::fanotify_mark(fd, flags, mask, libc::AT_FDCWD, path.as_ptr()) };
    check(r.into()).map(drop)
}

/// Opens what a handle of the kernel's names, on the file system of `on`. `handle` begins with the two numbers of
/// `struct file_handle`.
pub(super) fn open_by_handle(on: impl AsFd, handle: &[u8]) -> io::Result<OwnedFd> {
    let mut aligned = [0u64; 32];
    if handle.len() > size_of_val(&aligned) || handle.len() < size_of::<libc::file_handle>() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // SAFETY: Source and destination do not overlap, and the destination is as long as was checked. The kernel
    // reads no more of it than its first number says, which `named` has checked against the slice.
    unsafe {
        let to = aligned.as_mut_ptr().cast::<u8>();
        to.copy_from_nonoverlapping(handle.as_ptr(), handle.len());
        let flags = libc::O_PATH | libc::O_CLOEXEC;
        let fd = libc::open_by_handle_at(on.as_fd().as_raw_fd(), to.cast(), flags);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Waits until one of two descriptors can be read or is closed, and tells whether it is the first.
pub(super) fn wait_for_either(first: impl AsFd, second: impl AsFd) -> io::Result<bool> {
    let entry = |fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    let mut fds = [
        entry(first.as_fd().as_raw_fd()),
        entry(second.as_fd().as_raw_fd()),
    ];
    loop {
        // SAFETY: The pointer and count describe `fds`.
        let r = unsafe { libc::poll(fds.as_mut_ptr(), 2, -1) };
        match check(r.into()) {
            Ok(_) => return Ok(fds[1].revents == 0),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
