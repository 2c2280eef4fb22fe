// SPDX-License-Identifier: GPL-2.0-or-later
//! What an open may do, as types: a value is the proof that the right was granted, and its methods are the only
//! way to the host's operation. Made by the methods of [`Open`] only.

use core::ops::Range;
use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::fscc::set::EaList;

use crate::error::SmbResult;
use crate::host::{
    Allocate, Attr, DirEnd, DirEntry, Fs, Host, OpenFlags, Permission, SetAttr, WriteSource,
};
use crate::name::Name;
use crate::open::attributes::Meta;
use crate::open::dos_attrib::DosAttrib;
use crate::open::{dos_attrib, ea, Disk, FrozenTimes, Inode, Open};
use crate::tree::DiskShare;

type Node<H> = <<H as Host>::Fs as Fs>::Node;
type File<H> = <<H as Host>::Fs as Fs>::File;
type Creds<H> = <<H as Host>::Fs as Fs>::Creds;
type Source<'a, H> = WriteSource<'a, <H as Host>::Pdu, <H as Host>::Payload>;

/// May read the file's data.
pub struct ReadData<'a, H: Host> {
    pub(super) file: &'a File<H>,
}

impl<'a, H: Host> ReadData<'a, H> {
    /// See [`Fs::read`].
    ///
    /// # Errors
    /// The host's.
    pub fn read(&self, fs: &H::Fs, offset: u64, len: u32) -> Result<H::Payload> {
        fs.read(self.file, offset, len)
    }

    /// See [`Fs::next_data`].
    ///
    /// # Errors
    /// The host's.
    pub fn next_data(&self, fs: &H::Fs, from: u64) -> Result<Option<Range<u64>>> {
        fs.next_data(self.file, from)
    }
}

/// May change the file's data, size and allocation.
pub struct WriteData<'a, H: Host> {
    pub(super) open: &'a Open<H>,
    pub(super) file: &'a File<H>,
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
    pub(super) append_only: bool,
}

impl<'a, H: Host> WriteData<'a, H> {
    /// Whether only what lies behind the end of the file may be written.
    pub fn append_only(&self) -> bool {
        self.append_only
    }

    /// See [`Fs::write`].
    ///
    /// # Errors
    /// The host's.
    pub fn write(&self, fs: &H::Fs, offset: u64, data: Source<'_, H>) -> Result<u32> {
        let done = fs.write(self.file, offset, data)?;
        self.wrote(fs);
        Ok(done)
    }

    /// See [`Fs::truncate`].
    ///
    /// # Errors
    /// The host's.
    pub fn truncate(&self, fs: &H::Fs, size: u64) -> Result {
        fs.truncate(self.file, size)?;
        self.keep_times(fs);
        Ok(())
    }

    /// See [`Fs::allocate`].
    ///
    /// # Errors
    /// The host's.
    pub fn allocate(&self, fs: &H::Fs, how: Allocate, offset: u64, len: u64) -> Result {
        fs.allocate(self.file, how, offset, len)?;
        self.wrote(fs);
        Ok(())
    }

    /// See [`Fs::copy_range`].
    ///
    /// # Errors
    /// The host's.
    pub fn copy_from(
        &self,
        fs: &H::Fs,
        from: &ReadData<'_, H>,
        from_offset: u64,
        to_offset: u64,
        len: u64,
    ) -> Result<u64> {
        let done = fs.copy_range(from.file, from_offset, self.file, to_offset, len)?;
        self.wrote(fs);
        Ok(done)
    }

    /// See [`Fs::clone_range`].
    ///
    /// # Errors
    /// The host's.
    pub fn clone_from(
        &self,
        fs: &H::Fs,
        from: &ReadData<'_, H>,
        from_offset: u64,
        to_offset: u64,
        len: u64,
    ) -> Result {
        fs.clone_range(from.file, from_offset, self.file, to_offset, len)?;
        self.wrote(fs);
        Ok(())
    }

    /// See [`Fs::flush`].
    ///
    /// # Errors
    /// The host's.
    pub fn flush(&self, fs: &H::Fs) -> Result {
        fs.flush(self.file)
    }

    /// The file's attributes, for its size.
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(self.node)
    }

    /// Listings show what is written once the handle is closed; a size that is set they show at once.
    fn wrote(&self, fs: &H::Fs) {
        if let Ok(disk) = self.open.disk() {
            disk.written.store(true, Relaxed);
        }
        self.keep_times(fs);
    }

    /// A time that this handle set stays as it was set, whatever the handle writes ([MS-FSA] 2.1.4.17). That
    /// the host refuses (the file belongs to somebody else) is no reason to fail the write.
    fn keep_times(&self, fs: &H::Fs) {
        let FrozenTimes { mtime, .. } = self.open.frozen();
        if mtime.is_some() {
            let _ = fs.set_attr(
                self.node,
                self.creds,
                &SetAttr {
                    mtime,
                    ..SetAttr::default()
                },
            );
        }
    }
}

/// May bring data to stable storage.
pub struct Flush<'a, H: Host> {
    pub(super) file: Option<&'a File<H>>,
}

impl<H: Host> Flush<'_, H> {
    /// See [`Fs::flush`].
    ///
    /// # Errors
    /// The host's.
    pub fn flush(&self, fs: &H::Fs) -> Result {
        self.file.map_or(Ok(()), |file| fs.flush(file))
    }
}

/// May list the directory.
pub struct ListDirectory<'a, H: Host> {
    pub(super) file: &'a File<H>,
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<'a, H: Host> ListDirectory<'a, H> {
    /// See [`Fs::read_dir`].
    ///
    /// # Errors
    /// The host's.
    pub fn read_dir(
        &self,
        fs: &H::Fs,
        pos: u64,
        sink: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<DirEnd> {
        fs.read_dir(self.file, pos, sink)
    }

    /// See [`Fs::child`].
    ///
    /// # Errors
    /// The host's.
    pub fn child(&self, fs: &H::Fs, name: &Name) -> Result<Node<H>> {
        fs.child(self.node, self.creds, name)
    }

    /// The directory itself.
    pub fn node(&self) -> &'a Node<H> {
        self.node
    }
}

/// May read attributes.
pub struct ReadAttributes<'a, H: Host> {
    pub(super) open: &'a Open<H>,
    pub(super) disk: &'a Disk<H>,
    pub(super) share: &'a DiskShare<H>,
}

impl<'a, H: Host> ReadAttributes<'a, H> {
    /// See [`Fs::attr`].
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(&self.disk.node)
    }

    /// Attributes as SMB knows them.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn meta(&self, fs: &H::Fs) -> SmbResult<Meta> {
        let path = self.disk.path()?;
        let name = path.components().last().unwrap_or(b"");
        let meta = Meta::of(fs, self.open.tree(), &self.disk.node, name)?;
        Ok(meta)
    }

    /// The place in the tree.
    pub fn node(&self) -> &'a Node<H> {
        &self.disk.node
    }

    /// The credentials that go with it.
    pub fn creds(&self) -> &'a Creds<H> {
        &self.share.creds
    }
}

/// May change times and attributes.
pub struct WriteAttributes<'a, H: Host> {
    pub(super) open: &'a Open<H>,
    pub(super) disk: &'a Disk<H>,
    pub(super) share: &'a DiskShare<H>,
}

impl<H: Host> WriteAttributes<'_, H> {
    /// See [`Fs::attr`].
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(&self.disk.node)
    }

    /// Changes times and permission bits.
    ///
    /// # Errors
    /// The host's.
    pub fn set_attr(&self, fs: &H::Fs, attr: &SetAttr) -> Result {
        fs.set_attr(&self.disk.node, &self.share.creds, attr)
    }

    /// What is stored of the attributes that Unix does not have.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn load_dos(&self, fs: &H::Fs) -> SmbResult<Option<DosAttrib>> {
        dos_attrib::load(fs, self.open.tree(), &self.disk.node)
    }

    /// Stores the attributes that Unix does not have.
    ///
    /// # Errors
    /// The host's; `NOT_SUPPORTED` if the share stores none.
    pub(crate) fn store_dos(&self, fs: &H::Fs, dos: &DosAttrib) -> SmbResult {
        dos_attrib::store(fs, self.open.tree(), &self.disk.node, dos)
    }
}

/// May delete and rename.
pub struct Delete<'a, H: Host> {
    pub(super) open: &'a Open<H>,
    pub(super) disk: &'a Disk<H>,
    pub(super) share: &'a DiskShare<H>,
}

impl<H: Host> Delete<'_, H> {
    /// What all opens of the file share.
    pub fn inode(&self) -> &Arc<Inode<H>> {
        self.disk.inode()
    }

    /// See [`Fs::attr`].
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(&self.disk.node)
    }

    /// Says whether the name goes with the file's last open.
    pub(crate) fn set_pending(&self, pending: bool) {
        let Disk {
            inode,
            link,
            parent,
            ..
        } = self.disk;
        if pending {
            inode.set_deleter(link, self.open.tree(), *parent);
        } else {
            inode.clear_deleter(link);
        }
    }

    /// Says that the name goes when this handle is closed, whoever else has the file open.
    pub(crate) fn set_posix_delete(&self, delete: bool) {
        self.open.deletion.posix.store(delete, Relaxed);
        self.set_pending(delete);
    }

    /// Says whether the name goes when this handle is closed and nobody else has the file open.
    pub(crate) fn set_delete_on_close(&self, delete: bool) {
        self.open.deletion.on_close.store(delete, Relaxed);
    }

    /// Whether the name goes with the file's last open.
    pub(crate) fn is_pending(&self) -> bool {
        self.disk.is_delete_pending()
    }

    /// Removes the name now.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn remove_now(&self, fs: &H::Fs) -> Result {
        fs.remove(&self.share.root, &self.disk.node, &self.share.creds)
    }

    /// Whether the directory has no names in it, `.` and `..` aside.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn is_empty_dir(&self, fs: &H::Fs) -> Result<bool> {
        // The client need not be allowed to list what it may remove.
        let flags = OpenFlags {
            read: true,
            ..OpenFlags::default()
        };
        let own = match &self.disk.file {
            Some(_) => None,
            None => match fs.open(&self.disk.node, &self.share.creds, flags) {
                Ok(file) => Some(file),
                // Then the removal itself will tell.
                Err(e) if e == EACCES => return Ok(true),
                Err(e) => return Err(e),
            },
        };
        let Some(file) = own.as_ref().or(self.disk.file.as_ref()) else {
            return Ok(true);
        };
        let mut empty = true;
        let mut pos = 0;
        loop {
            let end = fs.read_dir(file, pos, &mut |entry| {
                empty = entry.name == b"." || entry.name == b"..";
                empty
            })?;
            if end.eof || !empty || end.pos == pos {
                return Ok(empty);
            }
            pos = end.pos;
        }
    }

    /// See [`Fs::rename`].
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn rename(
        &self,
        fs: &H::Fs,
        new_parent: &Node<H>,
        new_name: &Name,
        replace: bool,
    ) -> Result {
        let (root, creds) = (&self.share.root, &self.share.creds);
        fs.rename(root, &self.disk.node, creds, new_parent, new_name, replace)
    }
}

/// May give the file a second name.
pub struct LinkSource<'a, H: Host> {
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> LinkSource<'_, H> {
    /// See [`Fs::attr`].
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(self.node)
    }

    /// See [`Fs::permission`].
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn permission(&self, fs: &H::Fs, what: Permission) -> Result {
        fs.permission(self.node, self.creds, what)
    }

    /// See [`Fs::link`].
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn link(&self, fs: &H::Fs, new_parent: &Node<H>, new_name: &Name) -> Result {
        fs.link(self.node, self.creds, new_parent, new_name)
    }
}

/// May read extended attributes.
pub struct ReadEa<'a, H: Host> {
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> ReadEa<'_, H> {
    /// See [`Fs::get_xattr`].
    ///
    /// # Errors
    /// The host's.
    pub fn get(&self, fs: &H::Fs, name: &CStr, buf: &mut [u8]) -> Result<usize> {
        fs.get_xattr(self.node, self.creds, name, buf)
    }

    /// See [`Fs::list_xattr`].
    ///
    /// # Errors
    /// The host's.
    pub fn list(&self, fs: &H::Fs, buf: &mut [u8]) -> Result<usize> {
        fs.list_xattr(self.node, self.creds, buf)
    }
}

/// May change extended attributes.
pub struct WriteEa<'a, H: Host> {
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> WriteEa<'_, H> {
    /// Sets and removes attributes.
    ///
    /// # Errors
    /// Those of [`ea::apply`].
    pub(crate) fn apply(&self, fs: &H::Fs, list: &EaList<'_>) -> SmbResult {
        ea::apply::<H>(fs, self.node, self.creds, list)
    }
}

/// May read owner, group and access list.
pub struct ReadControl<'a, H: Host> {
    pub(super) disk: &'a Disk<H>,
    pub(super) share: &'a DiskShare<H>,
}

impl<'a, H: Host> ReadControl<'a, H> {
    /// See [`Fs::attr`].
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        fs.attr(&self.disk.node)
    }

    /// The place in the tree.
    pub fn node(&self) -> &'a Node<H> {
        &self.disk.node
    }

    /// The credentials that go with it.
    pub fn creds(&self) -> &'a Creds<H> {
        &self.share.creds
    }
}

/// May change the access list.
pub struct WriteDac<'a, H: Host> {
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> WriteDac<'_, H> {
    /// Changes the permission bits.
    ///
    /// # Errors
    /// The host's.
    pub fn set_mode(&self, fs: &H::Fs, mode: u32) -> Result {
        fs.set_attr(
            self.node,
            self.creds,
            &SetAttr {
                mode: Some(mode),
                ..SetAttr::default()
            },
        )
    }
}

/// May change owner and group.
pub struct WriteOwner<'a, H: Host> {
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> WriteOwner<'_, H> {
    /// Changes owner and group; `None` leaves one as it is.
    ///
    /// # Errors
    /// The host's.
    pub fn set_owner(&self, fs: &H::Fs, uid: Option<u32>, gid: Option<u32>) -> Result {
        fs.set_attr(
            self.node,
            self.creds,
            &SetAttr {
                uid,
                gid,
                ..SetAttr::default()
            },
        )
    }
}
