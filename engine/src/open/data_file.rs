// SPDX-License-Identifier: GPL-2.0-or-later
//! The host's open file behind an open, which is counted as long as it may be written through.
//!
//! The count is what is compared with the host's ([`Fs::writers`]): it begins before the host opens the file and
//! ends after the file is closed, so that what this server does is never taken for a local process.

use core::ops::Deref;

use kernel::prelude::*;
use kernel::sync::Arc;

use crate::host::{Fs, Host, OpenFlags};
use crate::open::Inode;

/// An open file.
pub(crate) struct DataFile<H: Host> {
    // Closed before it counts no more.
    file: <H::Fs as Fs>::File,
    _writes: Option<Writes<H>>,
}

/// One file open for writing.
struct Writes<H: Host>(Arc<Inode<H>>);

impl<H: Host> DataFile<H> {
    /// Opens what the inode stands for.
    ///
    /// # Errors
    /// As [`Fs::open`].
    pub(crate) fn open(
        fs: &H::Fs,
        inode: &Arc<Inode<H>>,
        node: &<H::Fs as Fs>::Node,
        creds: &<H::Fs as Fs>::Creds,
        flags: OpenFlags,
    ) -> Result<Self> {
        let writes = flags.write.then(|| {
            inode.guarding.writer_comes();
            Writes(inode.clone())
        });
        Ok(Self {
            file: fs.open(node, creds, flags)?,
            _writes: writes,
        })
    }
}

impl<H: Host> Deref for DataFile<H> {
    type Target = <H::Fs as Fs>::File;

    fn deref(&self) -> &Self::Target {
        &self.file
    }
}

impl<H: Host> Drop for Writes<H> {
    fn drop(&mut self) {
        self.0.guarding.writer_goes();
    }
}
