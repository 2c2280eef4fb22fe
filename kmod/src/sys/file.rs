// SPDX-License-Identifier: GPL-2.0-or-later
//! Open files.
//!
//! C header: `shim/shim.h`, part file.c; `include/linux/fs.h`.

use super::{count, ffi};
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;

/// How to allocate; the numbers are those of `shim.h`.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Allocate {
    KeepSize = 0,
    Punch = 1,
    Zero = 2,
}

/// An open file description, closed when dropped. Dropping may sleep.
pub(crate) struct File(NonNull<ffi::File>);

// SAFETY: A `struct file` is reference-counted and does its own locking.
unsafe impl Send for File {}
// SAFETY: See above.
unsafe impl Sync for File {}

/// What goes to C as the "sink" of a listing.
struct Sink<'a> {
    each: &'a mut dyn FnMut(&[u8], u64, u64) -> bool,
}

impl File {
    /// # Safety
    /// `file` is open and the caller gives away its only reference.
    pub(super) unsafe fn from_raw(file: NonNull<ffi::File>) -> Self {
        Self(file)
    }

    /// Reads up to `buf.len()` bytes; fewer only at the end of the file.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn read(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        // SAFETY: The file is open, the slice is valid for writes.
        let got = count(unsafe {
            ffi::shim_read(self.0.as_ptr(), offset, buf.as_mut_ptr(), buf.len())
        })?;
        Ok(got.min(buf.len()))
    }

    /// Writes all of `buf`.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn write(&self, offset: u64, buf: &[u8]) -> Result<usize> {
        // SAFETY: The file is open, the slice is valid for reads.
        count(unsafe { ffi::shim_write(self.0.as_ptr(), offset, buf.as_ptr(), buf.len()) })
    }

    /// Delivers (name, inode, position) until `each` says `false`. Answers where to go on and whether that is
    /// the end. `each` runs with the directory locked.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn read_dir(
        &self,
        pos: u64,
        each: &mut dyn FnMut(&[u8], u64, u64) -> bool,
    ) -> Result<(u64, bool)> {
        let mut sink = Sink { each };
        let (mut next, mut eof) = (pos, false);
        // SAFETY: The file is open; `sink` outlives the call, and only `ksmbd_host_dirent` looks into it.
        to_result(unsafe {
            ffi::shim_read_dir(
                self.0.as_ptr(),
                pos,
                core::ptr::from_mut(&mut sink).cast(),
                &mut next,
                &mut eof,
            )
        })?;
        Ok((next, eof))
    }

    /// Brings data and attributes to stable storage.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn flush(&self) -> Result {
        // SAFETY: The file is open.
        to_result(unsafe { ffi::shim_flush(self.0.as_ptr()) })
    }

    /// Sets the size.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn truncate(&self, size: u64) -> Result {
        // SAFETY: The file is open.
        to_result(unsafe { ffi::shim_truncate(self.0.as_ptr(), size) })
    }

    /// Reserves or frees blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn allocate(&self, how: Allocate, offset: u64, len: u64) -> Result {
        // SAFETY: The file is open. CAST: The enum's numbers are those of `shim.h`.
        to_result(unsafe { ffi::shim_allocate(self.0.as_ptr(), how as u32, offset, len) })
    }

    /// The next range at or after `from` that is no hole, as start and end.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn next_data(&self, from: u64) -> Result<Option<(u64, u64)>> {
        let (mut start, mut end) = (0, 0);
        // SAFETY: The file is open, and both results are written to places of this function.
        let r = unsafe { ffi::shim_next_data(self.0.as_ptr(), from, &raw mut start, &raw mut end) };
        match to_result(r) {
            Err(e) if e == ENXIO => Ok(None),
            other => other.map(|()| Some((start, end))),
        }
    }

    /// Has a range of `to` share the blocks of one of this file.
    ///
    /// # Errors
    /// What the file systems say.
    pub(crate) fn clone_to(&self, offset: u64, to: &Self, to_offset: u64, len: u64) -> Result {
        // SAFETY: Both files are open.
        to_result(unsafe {
            ffi::shim_clone_range(self.0.as_ptr(), offset, to.0.as_ptr(), to_offset, len)
        })
    }

    /// Copies within the kernel.
    ///
    /// # Errors
    /// What the file systems say.
    pub(crate) fn copy_to(&self, offset: u64, to: &Self, to_offset: u64, len: u64) -> Result<usize> {
        // SAFETY: Both files are open.
        count(unsafe {
            ffi::shim_copy_range(self.0.as_ptr(), offset, to.0.as_ptr(), to_offset, len)
        })
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: This value owns the reference.
        unsafe { ffi::shim_close(self.0.as_ptr()) }
    }
}

/// Called by file.c for each directory entry.
///
/// # Safety
/// `sink` is what [`File::read_dir`] passed and is still running; `name` is valid for reads of `len` bytes.
#[no_mangle]
unsafe extern "C" fn ksmbd_host_dirent(
    sink: *mut c_void,
    name: *const u8,
    len: usize,
    ino: u64,
    pos: u64,
) -> bool {
    // SAFETY: By the contract, `read_dir` is running and has lent its sink to this call alone.
    let sink = unsafe { &mut *sink.cast::<Sink<'_>>() };
    // SAFETY: By the contract.
    let name = unsafe { core::slice::from_raw_parts(name, len) };
    (sink.each)(name, ino, pos)
}
