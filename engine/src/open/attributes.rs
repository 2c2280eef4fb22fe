// SPDX-License-Identifier: GPL-2.0-or-later
//! What a file looks like to SMB: `statx` and `user.DOSATTRIB` put together ([MS-FSCC] 2.4.7, 2.6).

use proto_shared::dtyp::FileTime;
use proto_shared::fscc::flags::FileAttributes;
use proto_shared::ipc::TreeFlags;

use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host};
use crate::open::dos_attrib::{self, DosAttrib};
use crate::stream;
use crate::time::Timespec;
use crate::tree::Tree;

/// A file's attributes as SMB knows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meta {
    /// What the host says.
    pub(crate) attr: Attr,
    /// Never 0: `NORMAL` if there is no other.
    pub(crate) attributes: FileAttributes,
    /// When it was made.
    pub(crate) created: FileTime,
    /// Last read.
    pub(crate) accessed: FileTime,
    /// Last write.
    pub(crate) written: FileTime,
    /// Last change of attributes.
    pub(crate) changed: FileTime,
}

/// A host's time on the wire.
pub fn file_time(t: Timespec) -> FileTime {
    FileTime::from_unix(t.sec, t.nsec)
}

/// A wire's time for the host.
pub fn timespec(t: FileTime) -> Timespec {
    let (sec, nsec) = t.to_unix();
    Timespec { sec, nsec }
}

impl Meta {
    /// Asks the host for everything. `name` is the last component of the path, empty for the share's root.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn of<H: Host>(
        fs: &H::Fs,
        tree: &Tree<H>,
        node: &<H::Fs as Fs>::Node,
        name: &[u8],
    ) -> SmbResult<Self> {
        let attr = fs.attr(node)?;
        let dos = dos_attrib::load(fs, tree, node)?;
        Ok(Self::new(
            tree.has(TreeFlags::HIDE_DOT_FILES),
            attr,
            dos,
            name,
        ))
    }

    /// Puts together what is known already.
    pub(crate) fn new(
        hide_dot_files: bool,
        attr: Attr,
        dos: Option<DosAttrib>,
        name: &[u8],
    ) -> Self {
        let mut attributes = match attr.kind {
            FileKind::File => FileAttributes::NONE,
            FileKind::Dir => FileAttributes::DIRECTORY,
            _ => FileAttributes::REPARSE_POINT,
        };
        match dos.and_then(|d| d.attributes) {
            Some(stored) => attributes |= stored,
            // Without stored attributes a file that nobody may write is read-only.
            None if attr.kind == FileKind::File && attr.mode & 0o222 == 0 => {
                attributes |= FileAttributes::READONLY;
            }
            None => {}
        }
        if hide_dot_files && name.starts_with(b".") && name != b"." && name != b".." {
            attributes |= FileAttributes::HIDDEN;
        }
        if attributes.is_empty() {
            attributes = FileAttributes::NORMAL;
        }
        // What is older than its making must have been made before.
        let oldest = || attr.mtime.min(attr.ctime).min(attr.atime);
        let created = match dos.and_then(|d| d.created) {
            Some(time) => time,
            None => file_time(attr.btime.unwrap_or_else(oldest)),
        };
        Self {
            attr,
            attributes,
            created,
            accessed: file_time(attr.atime),
            written: file_time(attr.mtime),
            changed: file_time(attr.ctime),
        }
    }

    /// As one of the file's named streams shows it: with its own size in bytes, and never as a directory.
    pub(crate) fn of_stream(mut self, size: u64) -> Self {
        self.attr.kind = FileKind::File;
        self.attr.size = size;
        self.attr.allocated = stream::allocated(size);
        self.attributes = self.attributes.without(FileAttributes::DIRECTORY);
        if self.attributes.is_empty() {
            self.attributes = FileAttributes::NORMAL;
        }
        self
    }

    /// Whether it is a directory.
    pub(crate) fn is_dir(&self) -> bool {
        self.attr.kind == FileKind::Dir
    }

    /// Size of the data in bytes; 0 for directories.
    pub(crate) fn end_of_file(&self) -> u64 {
        if self.is_dir() {
            0
        } else {
            self.attr.size
        }
    }

    /// Bytes allocated for the data; 0 for directories.
    pub(crate) fn allocation_size(&self) -> u64 {
        if self.is_dir() {
            0
        } else {
            self.attr.allocated
        }
    }
}
