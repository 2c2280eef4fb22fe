// SPDX-License-Identifier: GPL-2.0-or-later
//! Giving files other names and more names ([MS-FSA] 2.1.5.15.11 and 2.1.5.15.6), without a wire.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{FileAttributes, ShareAccess};
use proto_shared::smb2::change_notify::{CompletionFilter, NotifyAction};
use proto_shared::status::NtStatus;

use crate::caching::{dirs, Blocked, Contention};
use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host, Permission};
use crate::name::{Name, RelPath};
use crate::notify::{self, Change};
use crate::open::attributes::Meta;
use crate::open::inode::Below;
use crate::open::lookup::{self, Found, Target};
use crate::open::{contend, rights, FileKey, InodeTable, LinkSource, Open};
use crate::security;
use crate::server::Server;
use crate::tree::DiskShare;

/// How often the target may change under an attempt.
const ATTEMPTS: u32 = 16;

/// What to do with a file that has the new name already.
#[derive(Clone, Copy)]
pub(crate) struct Replace {
    /// [`Server::next_open_id`] when it was asked for; later opens below a directory are in its way.
    pub(crate) since: u64,
    /// It gives way.
    pub(crate) replace: bool,
    /// It gives way even if it is open; whoever has it open keeps it without a name.
    pub(crate) posix: bool,
    /// It gives way even if it is read-only.
    pub(crate) ignore_read_only: bool,
}

/// What everything here needs.
struct Ctx<'a, H: Host> {
    server: &'a Arc<Server<H>>,
    open: &'a Open<H>,
    share: &'a DiskShare<H>,
    fs: &'a H::Fs,
    how: Replace,
}

/// Gives an open file or directory another name.
///
/// # Errors
/// `ACCESS_DENIED`, `OBJECT_NAME_COLLISION`, `SHARING_VIOLATION`, `OBJECT_PATH_NOT_FOUND` …, and the host's.
pub(crate) fn rename<H: Host>(
    server: &Arc<Server<H>>,
    open: &Open<H>,
    target: &RelPath,
    how: Replace,
) -> SmbResult<Option<Blocked<H>>> {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    let file = open.delete(&writable)?;
    let ctx = Ctx {
        server,
        open,
        share: tree.disk()?,
        fs: server.host().fs(),
        how,
    };
    if file.is_pending() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    for _ in 0..ATTEMPTS {
        let source = open.disk()?.path()?;
        if source.is_root() || target.is_root() {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        if open.is_dir() {
            match server
                .inodes
                .opens_below(ctx.share.root_key, &source, how.since)
            {
                Below::Nothing => {}
                Below::Used => return Err(NtStatus::ACCESS_DENIED.into()),
                Below::Cached(inode) => match contend(server, &inode, None, Contention::Handle)? {
                    Some(blocked) => return Ok(Some(blocked)),
                    None => continue,
                },
            }
        }
        let place = match lookup::resolve(server, tree, target, true, open.is_posix())? {
            Target::Missing { parent, name } => Some((parent, name, false)),
            Target::Exists(found)
                if FileKey::of(&found.attr) == FileKey::of(&file.attr(ctx.fs)?) =>
            {
                match ctx.same_file(&source, target, &found)? {
                    // Holders are told as of any rename.
                    Same::Nothing => return open.contend(server, Contention::Handle),
                    Same::OtherName => {
                        ctx.check_collision()?;
                        if let Some(blocked) = open.contend(server, Contention::Handle)? {
                            return Ok(Some(blocked));
                        }
                        // Both names are this file's; what remains to be done is that the old one goes.
                        file.remove_now(ctx.fs)?;
                        ctx.renamed(&source, &found.path, false)?;
                        return Ok(None);
                    }
                    Same::OtherCase(parent, name) => Some((parent, name, false)),
                }
            }
            Target::Exists(found) => {
                if let Some(blocked) = ctx.check_victim(&found)? {
                    return Ok(Some(blocked));
                }
                ctx.check_deletable(&found)?;
                ctx.parent_of(&found.path)?
                    .map(|(parent, name)| (parent, name, true))
            }
        };
        let (parent, name, replace) = place.ok_or(NtStatus::ACCESS_DENIED)?;
        if let Some(blocked) = ctx.check_directory(&parent, open.is_dir())? {
            return Ok(Some(blocked));
        }
        if let Some(blocked) = open.contend(server, Contention::Handle)? {
            return Ok(Some(blocked));
        }
        // Before the rename: once it is done it must not fail any more.
        let mut path = parent.path.try_clone()?;
        path.push(&name)?;
        ctx.made(&parent, &name);
        match file.rename(ctx.fs, &parent.node, &name, replace) {
            // Somebody took the name, or gave it up.
            Err(e) if e == EEXIST || replace && e == ENOENT => continue,
            result => result?,
        }
        ctx.renamed(&source, &path, replace)?;
        return Ok(None);
    }
    Err(NtStatus::OBJECT_NAME_COLLISION.into())
}

/// Gives an open file a second name.
///
/// # Errors
/// As [`rename`].
pub(crate) fn link<H: Host>(
    server: &Arc<Server<H>>,
    open: &Open<H>,
    target: &RelPath,
    how: Replace,
) -> SmbResult<Option<Blocked<H>>> {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    let file = open.link(&writable)?;
    let ctx = Ctx {
        server,
        open,
        share: tree.disk()?,
        fs: server.host().fs(),
        how,
    };
    if open.is_dir() {
        return Err(NtStatus::FILE_IS_A_DIRECTORY.into());
    }
    if open.disk()?.is_delete_pending() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let attr = file.attr(ctx.fs)?;
    if !may_link(&ctx, &file, &attr) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    for _ in 0..ATTEMPTS {
        let (parent, name) = match lookup::resolve(server, tree, target, true, open.is_posix())? {
            Target::Missing { parent, name } => (parent, name),
            Target::Exists(found) => {
                ctx.check_collision()?;
                if FileKey::of(&found.attr) == FileKey::of(&attr) {
                    return Ok(None);
                }
                if let Some(blocked) = ctx.check_victim(&found)? {
                    return Ok(Some(blocked));
                }
                ctx.check_deletable(&found)?;
                ctx.fs
                    .remove(&ctx.share.root, &found.node, &ctx.share.creds)?;
                let root = ctx.share.root_key;
                notify::name_changed(server, root, &found.path, false, NotifyAction::REMOVED);
                ctx.parent_of(&found.path)?.ok_or(NtStatus::ACCESS_DENIED)?
            }
        };
        if let Some(blocked) = ctx.check_directory(&parent, false)? {
            return Ok(Some(blocked));
        }
        ctx.made(&parent, &name);
        let mut path = parent.path.try_clone()?;
        path.push(&name)?;
        match file.link(ctx.fs, &parent.node, &name) {
            Err(e) if e == EEXIST => continue,
            result => result?,
        }
        let root = ctx.share.root_key;
        notify::name_changed(server, root, &path, false, NotifyAction::ADDED);
        ctx.listed(&path);
        return Ok(None);
    }
    Err(NtStatus::OBJECT_NAME_COLLISION.into())
}

/// Bits that make a file act for others: set user id, set group id.
const SPECIAL: u32 = 0o6000;

/// Owners may link what is theirs; others only what they may read and write anyhow, as local users may
/// (`fs.protected_hardlinks`).
fn may_link<H: Host>(ctx: &Ctx<'_, H>, file: &LinkSource<'_, H>, attr: &Attr) -> bool {
    let uid = ctx.share.uid;
    uid == 0
        || uid == attr.uid
        || attr.kind == FileKind::File
            && attr.mode & SPECIAL == 0
            && file.permission(ctx.fs, Permission::READ).is_ok()
            && file.permission(ctx.fs, Permission::WRITE).is_ok()
}

/// The directory part of a path.
fn directory(path: &RelPath) -> &[u8] {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|b| *b == b'/').unwrap_or(0);
    bytes.get(..end).unwrap_or(&[])
}

/// What a new name that is the file's own already means.
enum Same<H: Host> {
    /// It is the very same.
    Nothing,
    /// It is another of its names.
    OtherName,
    /// It is the same in another case.
    OtherCase(Found<H>, Name),
}

impl<H: Host> Ctx<'_, H> {
    /// Who caches the directory of this name does so no more.
    fn listed(&self, path: &RelPath) {
        let parent = self.open.disk().ok().and_then(|disk| disk.parent);
        dirs::changed(self.server, self.share, path, parent);
    }

    /// A name is about to be made.
    fn made(&self, dir: &Found<H>, name: &Name) {
        let names = &self.server.inodes.names;
        names.made(self.server.host(), FileKey::of(&dir.attr), name.as_str());
    }

    /// The opens learn of the new name, and so do those who watch. With `replaced` another file had it before.
    fn renamed(&self, from: &RelPath, to: &RelPath, replaced: bool) -> SmbResult {
        let root = self.share.root_key;
        let is_dir = self.open.is_dir();
        if is_dir {
            self.server.inodes.renamed_dir(root, from, to);
        } else {
            let key = self.open.disk()?.inode().key();
            self.server.inodes.renamed(key, root, from, to);
        }
        let (old, new) = if directory(from) == directory(to) {
            (
                NotifyAction::RENAMED_OLD_NAME,
                NotifyAction::RENAMED_NEW_NAME,
            )
        } else {
            (NotifyAction::REMOVED, NotifyAction::ADDED)
        };
        let name = notify::name_filter(is_dir);
        // Those who do not watch names but attributes or creation learn that a file was moved by its being modified.
        let moved = CompletionFilter::ATTRIBUTES | CompletionFilter::CREATION;
        let none = CompletionFilter::NONE;
        let all = [
            (to, NotifyAction::REMOVED, name, none),
            (from, old, name, none),
            (to, new, name, none),
            (to, NotifyAction::MODIFIED, moved, name),
        ]
        .map(|(path, action, filter, unless)| Change {
            path,
            action,
            filter,
            unless,
        });
        let first = usize::from(!replaced);
        let end = if is_dir { 3 } else { 4 };
        notify::report(self.server, root, all.get(first..end).unwrap_or(&[]));
        self.listed(from);
        if directory(from) != directory(to) {
            self.listed(to);
        }
        Ok(())
    }

    fn parent_of(&self, path: &RelPath) -> SmbResult<Option<(Found<H>, Name)>> {
        let Some((parent, name)) = path.split_last()? else {
            return Ok(None);
        };
        match lookup::resolve(
            self.server,
            self.open.tree(),
            &parent,
            false,
            self.open.is_posix(),
        )? {
            Target::Exists(found) => Ok(Some((found, name))),
            Target::Missing { .. } => Err(NtStatus::OBJECT_PATH_NOT_FOUND.into()),
        }
    }

    fn same_file(
        &self,
        source: &RelPath,
        target: &RelPath,
        found: &Found<H>,
    ) -> SmbResult<Same<H>> {
        if found.path.as_bytes() != source.as_bytes() {
            return Ok(Same::OtherName);
        }
        let Some((_, wanted)) = target.split_last()? else {
            return Ok(Same::Nothing);
        };
        match self.parent_of(&found.path)? {
            Some((parent, name)) if name.as_bytes() != wanted.as_bytes() => {
                Ok(Same::OtherCase(parent, wanted))
            }
            _ => Ok(Same::Nothing),
        }
    }

    fn check_collision(&self) -> SmbResult {
        if self.how.replace {
            Ok(())
        } else {
            Err(NtStatus::OBJECT_NAME_COLLISION.into())
        }
    }

    /// Whether what has the new name may be replaced. A directory never is, and neither does one replace a file.
    fn check_victim(&self, found: &Found<H>) -> SmbResult<Option<Blocked<H>>> {
        self.check_collision()?;
        if found.attr.kind == FileKind::Dir || self.open.is_dir() {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let name = found.path.components().last().unwrap_or(b"");
        let meta = Meta::of(self.fs, self.open.tree(), &found.node, name)?;
        if meta.attributes.contains(FileAttributes::READONLY) && !self.how.ignore_read_only {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let Some(inode) = InodeTable::find(self.server, FileKey::of(&found.attr)) else {
            return Ok(None);
        };
        if inode.is_going() {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        // Who only keeps it open may let it go.
        if let Some(blocked) = contend(self.server, &inode, None, Contention::Handle)? {
            return Ok(Some(blocked));
        }
        if !self.how.posix && inode.is_open(None) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(None)
    }

    /// Whether the user may delete what gives way.
    fn check_deletable(&self, found: &Found<H>) -> SmbResult {
        let (tree, all) = (self.open.tree(), AccessMask::DELETE);
        let allowed = rights::allowed(self.fs, tree, &found.node, &found.attr, &found.path, all)?;
        if allowed != all {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(())
    }

    /// Whether the directory takes a name now. It is as if it were opened to add one, without sharing deletion
    /// ([MS-FSA] has this done by its caller).
    fn check_directory(&self, dir: &Found<H>, takes_dir: bool) -> SmbResult<Option<Blocked<H>>> {
        if dir.attr.kind != FileKind::Dir {
            return Err(NtStatus::OBJECT_PATH_NOT_FOUND.into());
        }
        let add = if takes_dir {
            AccessMask::ADD_SUBDIRECTORY
        } else {
            AccessMask::ADD_FILE
        };
        if !security::allows(self.fs, self.open.tree(), &dir.node, add)? {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let Some(inode) = InodeTable::find(self.server, FileKey::of(&dir.attr)) else {
            return Ok(None);
        };
        if inode.is_going() {
            return Err(NtStatus::DELETE_PENDING.into());
        }
        let share = ShareAccess::READ | ShareAccess::WRITE;
        if inode.conflicts(AccessMask::ADD_FILE, share, None) {
            // Who only keeps it open may let it go.
            return match contend(self.server, &inode, None, Contention::Handle)? {
                Some(blocked) => Ok(Some(blocked)),
                None => Err(NtStatus::SHARING_VIOLATION.into()),
            };
        }
        Ok(None)
    }
}
