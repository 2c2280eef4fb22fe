// SPDX-License-Identifier: GPL-2.0-or-later
//! Places in the tree, and what is done to names and metadata.
//!
//! C header: `shim/shim.h`, part path.c; `include/linux/namei.h`.

use super::cred::Cred;
use super::file::File;
use super::{checked, count, ffi};
use kernel::error::to_result;
use kernel::prelude::*;

pub(crate) use ffi::{Attr, SetAttr, StatFs, Time, SET_GID, SET_MODE, SET_UID};

/// A `struct path` with its two references.
pub(crate) struct Path(ffi::Path);

// SAFETY: A path is two reference-counted pointers; the VFS does the locking.
unsafe impl Send for Path {}
// SAFETY: See above.
unsafe impl Sync for Path {}

impl Path {
    /// Runs a call that fills in a path.
    ///
    /// # Safety
    /// When `call` returns 0 it must have written a path with its references.
    unsafe fn fill(call: impl FnOnce(*mut ffi::Path) -> c_int) -> Result<Self> {
        let mut out = ffi::Path::EMPTY;
        to_result(call(&mut out))?;
        Ok(Self(out))
    }

    pub(super) fn as_ptr(&self) -> *const ffi::Path {
        &self.0
    }

    /// The directory under an absolute path, in the init process's view.
    ///
    /// # Errors
    /// What the lookup says.
    pub(crate) fn open_root(path: &CStr) -> Result<Self> {
        // SAFETY: The string is NUL-terminated; the call fills `out` on success.
        unsafe { Self::fill(|out| ffi::shim_root_open(path.as_char_ptr(), out)) }
    }

    /// Walks a relative path and stays beneath this one.
    ///
    /// # Errors
    /// What the walk says; `EXDEV` for an attempt to leave.
    pub(crate) fn walk(&self, cred: &Cred, rel: &[u8], follow: bool, follow_last: bool) -> Result<Self> {
        let mut flags = 0;
        if follow {
            flags |= ffi::WALK_FOLLOW;
        }
        if follow_last {
            flags |= ffi::WALK_FOLLOW_LAST;
        }
        // SAFETY: Path and credentials are alive, the slice is valid; the call fills `out` on success.
        unsafe {
            Self::fill(|out| {
                ffi::shim_walk(&self.0, cred.as_ptr(), rel.as_ptr(), rel.len(), flags, out)
            })
        }
    }

    /// Makes a file or directory.
    ///
    /// # Errors
    /// `EEXIST`, and what the VFS says.
    pub(crate) fn create(&self, cred: &Cred, name: &[u8], dir: bool, mode: u32) -> Result<Self> {
        // SAFETY: As in `walk`.
        unsafe {
            Self::fill(|out| {
                ffi::shim_create(&self.0, cred.as_ptr(), name.as_ptr(), name.len(), dir, mode, out)
            })
        }
    }

    /// Makes a FIFO, or a socket's name.
    ///
    /// # Errors
    /// `EEXIST`, and what the VFS says.
    pub(crate) fn mknod(&self, cred: &Cred, name: &[u8], socket: bool, mode: u32) -> Result<Self> {
        let what = if socket { ffi::MAKE_SOCKET } else { ffi::MAKE_FIFO };
        // SAFETY: As in `walk`.
        unsafe {
            Self::fill(|out| {
                ffi::shim_mknod(&self.0, cred.as_ptr(), name.as_ptr(), name.len(), what, mode, out)
            })
        }
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// `EEXIST`, `EINVAL` for a target with NUL in it, and what the VFS says.
    pub(crate) fn symlink(&self, cred: &Cred, name: &[u8], to: &[u8]) -> Result<Self> {
        // SAFETY: As in `walk`.
        unsafe {
            Self::fill(|out| {
                ffi::shim_symlink(
                    &self.0,
                    cred.as_ptr(),
                    name.as_ptr(),
                    name.len(),
                    to.as_ptr(),
                    to.len(),
                    out,
                )
            })
        }
    }

    /// Removes this file's or empty directory's name.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn remove(&self, root: &Self, cred: &Cred) -> Result {
        // SAFETY: Paths and credentials are alive.
        to_result(unsafe { ffi::shim_remove(&root.0, &self.0, cred.as_ptr()) })
    }

    /// Moves it.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn rename(
        &self,
        root: &Self,
        cred: &Cred,
        new_parent: &Self,
        name: &[u8],
        replace: bool,
    ) -> Result {
        // SAFETY: Paths and credentials are alive, the slice is valid.
        to_result(unsafe {
            ffi::shim_rename(
                &root.0,
                &self.0,
                cred.as_ptr(),
                &new_parent.0,
                name.as_ptr(),
                name.len(),
                replace,
            )
        })
    }

    /// Gives it another name.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn link(&self, cred: &Cred, new_parent: &Self, name: &[u8]) -> Result {
        // SAFETY: Paths and credentials are alive, the slice is valid.
        to_result(unsafe {
            ffi::shim_link(&self.0, cred.as_ptr(), &new_parent.0, name.as_ptr(), name.len())
        })
    }

    /// Its attributes.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn attr(&self) -> Result<Attr> {
        let mut attr = Attr::default();
        // SAFETY: The path is alive, `attr` is valid for writes.
        to_result(unsafe { ffi::shim_get_attr(&self.0, &mut attr) })?;
        Ok(attr)
    }

    /// Changes attributes.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn set_attr(&self, cred: &Cred, attr: &SetAttr) -> Result {
        // SAFETY: Path and credentials are alive, `attr` is valid for reads.
        to_result(unsafe { ffi::shim_set_attr(&self.0, cred.as_ptr(), attr) })
    }

    /// Whether `cred` may do what the mask says (1 search, 2 write, 4 read).
    ///
    /// # Errors
    /// `EACCES`, `EROFS`.
    pub(crate) fn permission(&self, cred: &Cred, mask: u32) -> Result {
        // SAFETY: Path and credentials are alive.
        to_result(unsafe { ffi::shim_permission(&self.0, cred.as_ptr(), mask) })
    }

    /// Reads an extended attribute.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn get_xattr(&self, cred: &Cred, name: &CStr, buf: &mut [u8]) -> Result<usize> {
        // SAFETY: Path and credentials are alive, string and slice are valid.
        let got = count(unsafe {
            ffi::shim_get_xattr(
                &self.0,
                cred.as_ptr(),
                name.as_char_ptr(),
                buf.as_mut_ptr(),
                buf.len(),
            )
        })?;
        within_or_length(got, buf)
    }

    /// Sets an extended attribute.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn set_xattr(&self, cred: &Cred, name: &CStr, value: &[u8]) -> Result {
        // SAFETY: Path and credentials are alive, string and slice are valid.
        to_result(unsafe {
            ffi::shim_set_xattr(
                &self.0,
                cred.as_ptr(),
                name.as_char_ptr(),
                value.as_ptr(),
                value.len(),
            )
        })
    }

    /// Removes an extended attribute.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn remove_xattr(&self, cred: &Cred, name: &CStr) -> Result {
        // SAFETY: Path and credentials are alive, the string is valid.
        to_result(unsafe { ffi::shim_remove_xattr(&self.0, cred.as_ptr(), name.as_char_ptr()) })
    }

    /// Lists extended attributes.
    ///
    /// # Errors
    /// What the VFS says.
    pub(crate) fn list_xattr(&self, cred: &Cred, buf: &mut [u8]) -> Result<usize> {
        // SAFETY: Path and credentials are alive, the slice is valid.
        let got = count(unsafe {
            ffi::shim_list_xattr(&self.0, cred.as_ptr(), buf.as_mut_ptr(), buf.len())
        })?;
        within_or_length(got, buf)
    }

    /// Reads a symbolic link's target.
    ///
    /// # Errors
    /// `EINVAL` if it is none, `ERANGE`.
    pub(crate) fn read_link(&self, cred: &Cred, buf: &mut [u8]) -> Result<usize> {
        // SAFETY: Path and credentials are alive, the slice is valid.
        let got = count(unsafe {
            ffi::shim_read_link(&self.0, cred.as_ptr(), buf.as_mut_ptr(), buf.len())
        })?;
        within(got, buf)
    }

    /// The file system's figures.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn stat_fs(&self) -> Result<StatFs> {
        let mut st = StatFs::default();
        // SAFETY: The path is alive, `st` is valid for writes.
        to_result(unsafe { ffi::shim_stat_fs(&self.0, &mut st) })?;
        Ok(st)
    }

    /// Its path below `root`.
    ///
    /// # Errors
    /// `ENOENT` if it has been removed, `EXDEV` if it is the root or lies elsewhere, `ERANGE`.
    pub(crate) fn path_below(&self, root: &Self, buf: &mut [u8]) -> Result<usize> {
        // SAFETY: Both paths are alive, the slice is valid.
        let got = count(unsafe {
            ffi::shim_path_of(&root.0, &self.0, buf.as_mut_ptr(), buf.len())
        })?;
        within(got, buf)
    }

    /// Opens it.
    ///
    /// # Errors
    /// What the VFS says; `ENXIO` for anything but files and directories.
    pub(crate) fn open(&self, cred: &Cred, read: bool, write: bool, sync: bool) -> Result<File> {
        let mut flags = 0;
        if read {
            flags |= ffi::OPEN_READ;
        }
        if write {
            flags |= ffi::OPEN_WRITE;
        }
        if sync {
            flags |= ffi::OPEN_SYNC;
        }
        // SAFETY: Path and credentials are alive.
        let file = checked(unsafe { ffi::shim_open(&self.0, cred.as_ptr(), flags) })?;
        // SAFETY: The pointer is a file whose only reference is handed over.
        Ok(unsafe { File::from_raw(file) })
    }
}

/// A length that C reports is checked before anybody slices with it.
fn within(got: usize, buf: &[u8]) -> Result<usize> {
    if got > buf.len() {
        return Err(ERANGE);
    }
    Ok(got)
}

/// As [`within`]; an empty slice asks for the length only.
fn within_or_length(got: usize, buf: &[u8]) -> Result<usize> {
    if buf.is_empty() {
        return Ok(got);
    }
    within(got, buf)
}

impl Clone for Path {
    fn clone(&self) -> Self {
        // SAFETY: The path is alive.
        unsafe { ffi::shim_path_get(&self.0) };
        Self(self.0)
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        // SAFETY: This value owns the two references.
        unsafe { ffi::shim_path_put(&self.0) }
    }
}
