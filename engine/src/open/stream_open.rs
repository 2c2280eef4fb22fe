// SPDX-License-Identifier: GPL-2.0-or-later
//! Opening and making named streams ([MS-FSA] 2.1.5.1.1, 2.1.5.1.2).
//!
//! An open of a stream enters two inodes under one number: its file's, where it is in the way of the file's being
//! deleted, and the stream's own, where share modes, caching and locks are. A stream that is made where there is no
//! file makes the file first, through an open of its own that lasts until the stream is there.

use kernel::prelude::*;
use kernel::sync::atomic::Atomic;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateAction, CreateDisposition, CreateOptions, FileAttributes};
use proto_shared::smb2::change_notify::NotifyAction;
use proto_shared::status::NtStatus;

use super::opening::{Attempt, Ctx, Opened, Way, NOT_READ_ONLY};
use super::removal::{leave_file, stream_changed};
use crate::apple::forks::Rules;
use crate::caching::{deliver, dirs, Ask};
use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host};
use crate::open::attributes::Meta;
use crate::open::inode::{Entered, Entering, InodePin};
use crate::open::lookup::Found;
use crate::open::{abandon, dos_attrib, Disk, FileKey, InodeTable, OfStream, Open};
use crate::stream::{self, StreamName};

impl<H: Host> Ctx<'_, H> {
    /// Opens a stream of what exists; `None` if the world changed meanwhile.
    #[inline(never)]
    pub(super) fn stream(
        &self,
        found: Found<H>,
        name: &StreamName,
        made_file: bool,
    ) -> SmbResult<Option<Attempt<H>>> {
        if !matches!(found.attr.kind, FileKind::File | FileKind::Dir) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let key = FileKey::of(&found.attr);
        let last = found.path.components().last().unwrap_or(b"");
        let dos = dos_attrib::load(self.fs, self.tree, &found.node)?;
        let file = self.meta(found.attr, dos, last);
        let there = stream::find::<H>(self.fs, &found.node, name)?;
        let rules = Rules::of(self.tree);
        let (name, size) = match there {
            Some((name, size)) => {
                let there = rules.is_there(&name, size);
                (name, there.then_some(size))
            }
            None => (name.try_clone()?, None),
        };
        self.check_stream(key, &name, size.is_some(), &file)?;
        let created = size.is_none();
        let changes = created || self.overwrites();
        // Who has just made the file may make its stream, too, whatever the file's mode is to be.
        let granted = if made_file && !self.want.maximum {
            if !AccessMask(self.tree.maximal_access).contains(self.want.desired) {
                return Err(NtStatus::ACCESS_DENIED.into());
            }
            self.check_delete_on_close(self.want.desired)?;
            self.want.desired
        } else {
            self.grant(&found, &file)?
        };
        if changes || self.is(CreateOptions::DELETE_ON_CLOSE) {
            self.tree.require_writable()?;
        }

        let base = InodeTable::pin(self.server, key)?;
        let inode = InodeTable::pin_stream(self.server, key, &name)?;
        let id = self.server.next_open_id();
        let of = self.enter_file(id, base, &found, granted)?;
        let now = if self.overwrites() {
            AccessMask::WRITE_DATA
        } else {
            AccessMask::NONE
        };
        let shown = Attr {
            kind: FileKind::File,
            nlink: 1,
            ..found.attr
        };
        let kept = size.map(|size| if self.overwrites() { 0 } else { size });
        let entered = self.enter(id, &inode, (&shown, None), &found.path, granted | now, kept);
        let (link, lease) = match entered {
            Ok(Way::In((_, link, lease))) => (link, lease),
            Ok(Way::Blocked(blocked)) => {
                leave_file(self.server, self.tree, &found.node, &of, id, deliver);
                return Ok(Some(Attempt::Blocked(blocked)));
            }
            Err(e) => {
                leave_file(self.server, self.tree, &found.node, &of, id, deliver);
                return Err(e);
            }
        };
        let disk = Disk {
            inode,
            link,
            stream: Some(of),
            file: None,
            node: found.node,
            kind: FileKind::File,
            lease,
            parent: self.want.parent,
            written: Atomic::new(false),
            ended: Atomic::new(false),
        };
        let meta = match self.prepare_stream(&disk, &name, created, &file) {
            Ok(Some(meta)) => meta,
            other => {
                abandon(self.server, self.tree, disk, id, false);
                return other.map(|_| None);
            }
        };
        disk.inode.settle(id, granted);
        let action = match self.want.disposition {
            _ if created => CreateAction::CREATED,
            CreateDisposition::SUPERSEDE => CreateAction::SUPERSEDED,
            _ if self.overwrites() => CreateAction::OVERWRITTEN,
            _ => CreateAction::OPENED,
        };
        let opened = self.finish(disk, id, granted, action, meta)?;
        if changes {
            self.tell_stream(&opened, &name, created);
        }
        Ok(Some(Attempt::Opened(opened)))
    }

    /// What disposition and attributes forbid.
    #[inline(never)]
    fn check_stream(
        &self,
        file: FileKey,
        name: &StreamName,
        exists: bool,
        meta: &Meta,
    ) -> SmbResult {
        let going = InodeTable::find(self.server, file).is_some_and(|i| i.is_going())
            || InodeTable::find_stream(self.server, file, name).is_some_and(|i| i.is_going());
        if going {
            return Err(NtStatus::DELETE_PENDING.into());
        }
        match (exists, self.want.disposition) {
            (true, CreateDisposition::CREATE) => {
                return Err(NtStatus::OBJECT_NAME_COLLISION.into());
            }
            (false, CreateDisposition::OPEN | CreateDisposition::OVERWRITE) => {
                return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
            }
            _ => {}
        }
        if meta.attributes.contains(FileAttributes::READONLY) && !meta.is_dir() {
            if self.is(CreateOptions::DELETE_ON_CLOSE) {
                return Err(NtStatus::CANNOT_DELETE.into());
            }
            if self.overwrites() || self.want.desired.intersects(NOT_READ_ONLY) {
                return Err(NtStatus::ACCESS_DENIED.into());
            }
        }
        Ok(())
    }

    /// Enters the file's inode for an open of one of its streams.
    #[inline(never)]
    fn enter_file(
        &self,
        id: u64,
        base: InodePin<H>,
        found: &Found<H>,
        access: AccessMask,
    ) -> SmbResult<OfStream<H>> {
        let is_dir = found.attr.kind == FileKind::Dir;
        let entering = Entering {
            id,
            access,
            share: self.want.share_access,
            root: self.share.root_key,
            path: &found.path,
            hard_linked: !is_dir && found.attr.nlink > 1,
            of_stream: true,
            caching: None,
            now: self.server.host().now(),
        };
        let mut notices = KVec::new();
        match base.enter(&entering, &mut notices)? {
            Entered::In(link) => Ok(OfStream {
                inode: base,
                link,
                is_dir,
                rules: Rules::of(self.tree),
            }),
            // Only what asks about caching waits.
            Entered::Wait(_) => Err(NtStatus::SHARING_VIOLATION.into()),
        }
    }

    /// Makes or empties the stream where that is asked for; `None` if it is not as it was found any more.
    #[inline(never)]
    fn prepare_stream(
        &self,
        disk: &Disk<H>,
        name: &StreamName,
        created: bool,
        file: &Meta,
    ) -> SmbResult<Option<Meta>> {
        // Whoever deleted the file before we entered could not see us.
        if self.fs.attr(&disk.node)?.nlink == 0 {
            return Ok(None);
        }
        let changes = created || self.overwrites();
        let rules = disk
            .stream
            .as_ref()
            .map_or(Rules::of(self.tree), |of| of.rules);
        let mut there = None;
        self.fs.in_turn(disk.inode.key().ino, &mut || {
            there = match stream::size::<H>(self.fs, &disk.node, name) {
                Ok(size) => Some(size).filter(|size| rules.is_there(name, *size)),
                Err(e) if e == ENODATA => None,
                Err(e) => return Err(e),
            };
            if there.is_none() != created || !changes {
                return Ok(());
            }
            if rules.only_with_data(name) {
                // It is there once something is written to it.
                match stream::remove::<H>(self.fs, &disk.node, &self.share.creds, name) {
                    Err(e) if e == ENODATA => {}
                    result => result?,
                }
            } else {
                stream::make::<H>(self.fs, &disk.node, &self.share.creds, name)?;
            }
            Ok(())
        })?;
        match there {
            Some(size) if !changes => return Ok(Some(file.of_stream(size))),
            there if there.is_none() != created => return Ok(None),
            _ => {}
        }
        let attr = self.fs.attr(&disk.node)?;
        let dos = dos_attrib::load(self.fs, self.tree, &disk.node)?;
        let path = disk.path()?;
        let last = path.components().last().unwrap_or(b"");
        Ok(Some(
            self.meta(attr, dos, last).of_stream(rules.new_size(name)),
        ))
    }

    fn tell_stream(&self, opened: &Opened<H>, name: &StreamName, created: bool) {
        let action = if created {
            NotifyAction::ADDED_STREAM
        } else {
            NotifyAction::MODIFIED_STREAM
        };
        if let Ok(Some(of)) = opened.open.disk().map(|d| d.stream.as_ref()) {
            stream_changed(self.server, self.share, &of.link, name, action);
        }
        dirs::changed_by(self.server, &opened.open);
    }

    /// Makes the file that a new stream is to be of, and yields an open of it.
    #[inline(never)]
    pub(super) fn file_for_stream(&self) -> SmbResult<Attempt<H>> {
        let want = self.want;
        if matches!(
            want.disposition,
            CreateDisposition::OPEN | CreateDisposition::OVERWRITE
        ) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
        }
        let file = super::opening::Opening {
            path: want.path.try_clone()?,
            stream: None,
            desired: AccessMask::READ_ATTRIBUTES,
            maximum: false,
            attributes: want.attributes,
            share_access: proto_shared::fscc::flags::ShareAccess::ALL,
            disposition: CreateDisposition::CREATE,
            options: CreateOptions::NON_DIRECTORY_FILE,
            snapshot: false,
            allocation: None,
            eas: want.eas,
            security: want.security,
            ask: Ask::Nothing,
            dir_leases: false,
            parent: want.parent,
            posix: None,
            retry: want.retry,
        };
        super::opening::open_file(self.server, self.session, self.tree, &file)
    }

    /// Ends the open that made a file for a stream; without the stream the file goes, too.
    pub(super) fn file_made(&self, file: &Arc<Open<H>>, wanted: bool) {
        if !wanted {
            file.undo_creation();
        }
        super::close_open(self.server, self.session, file);
    }
}
