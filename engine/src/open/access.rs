// SPDX-License-Identifier: GPL-2.0-or-later
//! What an open may do, as types: a value is the proof that the right was granted, and its methods are the only
//! way to the host's operation. Made by the methods of [`Open`] only.

use core::ops::Range;
use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::fscc::set::EaList;
use proto_shared::smb2::AfpInfo;

use crate::apple::forks::{self, Fork};
use crate::error::SmbResult;
use crate::host::{
    Allocate, Attr, DirEnd, DirEntry, Fs, Host, OpenFlags, Payload, Permission, SetAttr,
    WriteSource,
};
use crate::name::Name;
use crate::open::attributes::{file_time, Meta};
use crate::open::dos_attrib::DosAttrib;
use crate::open::{dos_attrib, ea, Disk, Inode, OfStream, Open};
use crate::stream::{self, Change, StreamName};
use crate::time::Timespec;
use crate::tree::DiskShare;

type Node<H> = <<H as Host>::Fs as Fs>::Node;
type File<H> = <<H as Host>::Fs as Fs>::File;
type Creds<H> = <<H as Host>::Fs as Fs>::Creds;
type Source<'a, H> = WriteSource<'a, <H as Host>::Pdu, <H as Host>::Payload>;

/// Where an open's data is.
pub(super) enum Content<'a, H: Host> {
    /// In the file.
    File(&'a File<H>),
    /// In one of its named streams.
    Stream(StreamContent<'a, H>),
}

/// The data of a named stream.
pub(super) struct StreamContent<'a, H: Host> {
    pub(super) inode: &'a Inode<H>,
    pub(super) of: &'a OfStream<H>,
    pub(super) node: &'a Node<H>,
    pub(super) creds: &'a Creds<H>,
}

impl<H: Host> StreamContent<'_, H> {
    fn name(&self) -> Result<StreamName> {
        self.of.name(self.inode)
    }

    fn read(&self, fs: &H::Fs, offset: u64, len: u32) -> Result<H::Payload> {
        let name = self.name()?;
        let read = match self.of.rules.fork(&name) {
            Fork::Info => forks::read_info::<H>,
            Fork::Resource | Fork::Other => stream::read::<H>,
        };
        match read(fs, self.node, self.creds, &name, offset, len) {
            Err(e) if e == ENODATA && self.of.rules.only_with_data(&name) => fs.payload(&[]),
            result => result,
        }
    }

    fn size(&self, fs: &H::Fs) -> Result<u64> {
        self.of.size(fs, self.node, &self.name()?)
    }

    fn change(
        &self,
        fs: &H::Fs,
        size: impl FnOnce(u64) -> u64,
        at: u64,
        fill: impl FnOnce(&mut [u8]) -> Result,
    ) -> Result {
        let mut once = Some((size, fill));
        fs.in_turn(self.inode.key().ino, &mut || {
            let (size, fill) = once.take().ok_or(EINVAL)?;
            let name = self.name()?;
            let change = Change {
                size,
                at,
                fill,
                only_with_data: self.of.rules.only_with_data(&name),
            };
            stream::change::<H>(fs, self.node, self.creds, &name, change)
        })
    }

    fn write(&self, fs: &H::Fs, offset: u64, len: u32, data: &Source<'_, H>) -> Result<u32> {
        let end = offset.checked_add(u64::from(len)).ok_or(EFBIG)?;
        if self.of.rules.fork(&self.name()?) == Fork::Info {
            let mut bytes = KVec::new();
            bytes.extend_with((len as usize).min(AfpInfo::LEN), 0, GFP_KERNEL)?;
            fs.copy_out(data, &mut bytes)?;
            fs.in_turn(self.inode.key().ino, &mut || {
                forks::write_info::<H>(fs, self.node, self.creds, &self.name()?, offset, &bytes)
            })?;
            return Ok(len);
        }
        self.change(
            fs,
            |size| size.max(end),
            offset,
            |bytes| {
                let room = bytes.get_mut(..len as usize).ok_or(EINVAL)?;
                fs.copy_out(data, room)
            },
        )?;
        Ok(len)
    }

    fn truncate(&self, fs: &H::Fs, size: u64) -> Result {
        match self.of.rules.fork(&self.name()?) {
            Fork::Info if size > forks::INFO_SIZE => Err(EOVERFLOW),
            // It has one size, and clients set it.
            Fork::Info => Ok(()),
            Fork::Resource | Fork::Other => self.change(fs, |_| size, 0, |_| Ok(())),
        }
    }

    fn allocate(&self, fs: &H::Fs, how: Allocate, offset: u64, len: u64) -> Result {
        let end = offset.checked_add(len).ok_or(EFBIG)?;
        if self.of.rules.fork(&self.name()?) == Fork::Info {
            return Ok(());
        }
        if how == Allocate::KeepSize {
            // Nothing can be reserved, but what will never fit is better told now.
            return if end > stream::MAX_SIZE {
                Err(ENOSPC)
            } else {
                Ok(())
            };
        }
        self.change(
            fs,
            |size| size,
            offset,
            |bytes| {
                let len = usize::try_from(len).unwrap_or(usize::MAX).min(bytes.len());
                bytes.iter_mut().take(len).for_each(|b| *b = 0);
                Ok(())
            },
        )
    }
}

/// Most bytes that are copied at a time where the host cannot.
const COPIED_AT_ONCE: u64 = 1 << 20;

/// May read the file's data.
pub struct ReadData<'a, H: Host> {
    pub(super) content: Content<'a, H>,
}

impl<'a, H: Host> ReadData<'a, H> {
    /// See [`Fs::read`].
    ///
    /// # Errors
    /// The host's.
    pub fn read(&self, fs: &H::Fs, offset: u64, len: u32) -> Result<H::Payload> {
        match &self.content {
            Content::File(file) => fs.read(file, offset, len),
            Content::Stream(s) => s.read(fs, offset, len),
        }
    }

    /// See [`Fs::next_data`].
    ///
    /// # Errors
    /// The host's.
    pub fn next_data(&self, fs: &H::Fs, from: u64) -> Result<Option<Range<u64>>> {
        match &self.content {
            Content::File(file) => fs.next_data(file, from),
            // A stream has no holes.
            Content::Stream(s) => {
                let size = s.size(fs)?;
                Ok((from < size).then_some(from..size))
            }
        }
    }
}

/// May change the file's data, size and allocation.
pub struct WriteData<'a, H: Host> {
    pub(super) open: &'a Open<H>,
    pub(super) content: Content<'a, H>,
    pub(super) disk: &'a Disk<H>,
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
        let kept = self.time_to_keep(fs);
        let done = match (&self.content, &data) {
            (Content::File(file), _) => fs.write(file, offset, data)?,
            (Content::Stream(s), WriteSource::Frame(_, range)) => {
                let len = u32::try_from(range.len()).map_err(|_| EINVAL)?;
                s.write(fs, offset, len, &data)?
            }
            (Content::Stream(s), WriteSource::Payload(p)) => {
                let len = u32::try_from(p.len()).map_err(|_| EINVAL)?;
                s.write(fs, offset, len, &data)?
            }
        };
        self.wrote(fs, kept);
        Ok(done)
    }

    /// See [`Fs::truncate`].
    ///
    /// # Errors
    /// The host's.
    pub fn truncate(&self, fs: &H::Fs, size: u64) -> Result {
        let kept = self.time_to_keep(fs);
        match &self.content {
            Content::File(file) => fs.truncate(file, size)?,
            Content::Stream(s) => s.truncate(fs, size)?,
        }
        self.keep_time(fs, kept);
        Ok(())
    }

    /// See [`Fs::allocate`].
    ///
    /// # Errors
    /// The host's.
    pub fn allocate(&self, fs: &H::Fs, how: Allocate, offset: u64, len: u64) -> Result {
        let kept = self.time_to_keep(fs);
        match &self.content {
            Content::File(file) => fs.allocate(file, how, offset, len)?,
            Content::Stream(s) => s.allocate(fs, how, offset, len)?,
        }
        self.wrote(fs, kept);
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
        let (Content::File(source), Content::File(target)) = (&from.content, &self.content) else {
            let len = u32::try_from(len.min(COPIED_AT_ONCE)).map_err(|_| EINVAL)?;
            let data = from.read(fs, from_offset, len)?;
            if data.is_empty() {
                return Ok(0);
            }
            let done = self.write(fs, to_offset, WriteSource::Payload(&data))?;
            return Ok(u64::from(done));
        };
        let kept = self.time_to_keep(fs);
        let done = fs.copy_range(source, from_offset, target, to_offset, len)?;
        self.wrote(fs, kept);
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
        let (Content::File(source), Content::File(target)) = (&from.content, &self.content) else {
            return Err(EOPNOTSUPP);
        };
        let kept = self.time_to_keep(fs);
        fs.clone_range(source, from_offset, target, to_offset, len)?;
        self.wrote(fs, kept);
        Ok(())
    }

    /// See [`Fs::flush`].
    ///
    /// # Errors
    /// The host's.
    pub fn flush(&self, fs: &H::Fs) -> Result {
        match &self.content {
            Content::File(file) => fs.flush(file),
            // The host writes attributes through when it likes, as with all that is no file's data.
            Content::Stream(_) => Ok(()),
        }
    }

    /// The file's attributes, for its size.
    ///
    /// # Errors
    /// The host's.
    pub fn attr(&self, fs: &H::Fs) -> Result<Attr> {
        self.disk.attr(fs)
    }

    /// The last write as it is before this handle writes, if the handle has set that time or keeps it: it then stays
    /// whatever the handle writes, be it the handle's or that of a later write of others ([MS-FSA] 2.1.4.17).
    fn time_to_keep(&self, fs: &H::Fs) -> Option<Timespec> {
        self.open.frozen().mtime?;
        self.disk.attr(fs).ok().map(|attr| attr.mtime)
    }

    /// Listings show what is written once the handle is closed; a size that is set they show at once.
    fn wrote(&self, fs: &H::Fs, kept: Option<Timespec>) {
        if let Ok(disk) = self.open.disk() {
            if !disk.written.load(Relaxed) {
                disk.written.store(true, Relaxed);
                dos_attrib::archive(fs, self.open.tree(), disk.node());
            }
        }
        self.keep_time(fs, kept);
    }

    /// That the host refuses (the file belongs to somebody else) is no reason to fail the write.
    fn keep_time(&self, fs: &H::Fs, kept: Option<Timespec>) {
        if kept.is_some() {
            let _ = fs.set_attr(
                self.disk.node(),
                self.creds,
                &SetAttr {
                    mtime: kept,
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
        self.disk.attr(fs)
    }

    /// Attributes as SMB knows them.
    ///
    /// # Errors
    /// The host's.
    pub(crate) fn meta(&self, fs: &H::Fs) -> SmbResult<Meta> {
        let path = self.disk.path()?;
        let name = path.components().last().unwrap_or(b"");
        let mut meta = Meta::of(fs, self.open.tree(), &self.disk.node, name)?;
        if let Some(ctime) = self.open.frozen().ctime {
            meta.changed = file_time(ctime);
        }
        match &self.disk.stream {
            Some(of) => {
                let name = of.name(&self.disk.inode)?;
                Ok(meta.of_stream(of.size(fs, &self.disk.node, &name)?))
            }
            None => Ok(meta),
        }
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
        let Some(file) = own.as_ref().or(self.disk.file.as_deref()) else {
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
