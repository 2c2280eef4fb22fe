// SPDX-License-Identifier: GPL-2.0-or-later
//! From a client's path to a place in the tree: vetoed names, names in another case, links that are not followed.
//!
//! A path is walked as it is spelled first. Only if that fails, and unless the share minds case, each component
//! is searched in its directory. [`search`] is the one function that does so; it may get a cache.

use kernel::prelude::*;

use proto_shared::dtyp::{utf16, wildcard};
use proto_shared::ipc::TreeFlags;
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{Attr, FileKind, Fs, Host, OpenFlags};
use crate::info::short_name;
use crate::name::{Name, RelPath, NAME_MAX};
use crate::tree::{DiskShare, Tree};

/// Most names of a directory that are compared to find one in another case.
const MAX_SEARCH: u32 = 1 << 20;

/// Something that exists.
pub(crate) struct Found<H: Host> {
    pub(crate) node: <H::Fs as Fs>::Node,
    pub(crate) attr: Attr,
    /// The path as it is on disk.
    pub(crate) path: RelPath,
}

/// What a path leads to.
pub(crate) enum Target<H: Host> {
    /// Something that exists.
    Exists(Found<H>),
    /// A name that is free, in a directory that exists.
    Missing {
        /// The directory.
        parent: Found<H>,
        /// The name.
        name: Name,
    },
}

/// Whether a name does not exist for clients of this share.
pub(crate) fn is_vetoed<H: Host>(share: &DiskShare<H>, name: &[u8]) -> bool {
    if share.veto.is_empty() {
        return false;
    }
    // What is no text matches no pattern.
    let Ok(name) = core::str::from_utf8(name) else {
        return false;
    };
    share
        .veto
        .split(|b| *b == 0)
        .filter(|p| !p.is_empty())
        .any(|p| core::str::from_utf8(p).is_ok_and(|p| wildcard::matches(p, name)))
}

/// Finds what `path` leads to. With `open_link` a symbolic link at its end is what is meant, not its target.
///
/// # Errors
/// `OBJECT_PATH_NOT_FOUND` if a directory on the way is missing or none, `OBJECT_NAME_NOT_FOUND` for vetoed
/// names and for links that lead out of the share, `STOPPED_ON_SYMLINK`, `ACCESS_DENIED`, and the host's others.
pub(crate) fn resolve<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    path: &RelPath,
    open_link: bool,
) -> SmbResult<Target<H>> {
    let share = tree.disk()?;
    let walk = Walk {
        fs,
        share,
        follow: tree.has(TreeFlags::FOLLOW_SYMLINKS),
    };
    let split = path.split_last()?;
    if let Some((parent, name)) = &split {
        if parent.components().any(|c| is_vetoed(share, c)) {
            return Err(NtStatus::OBJECT_PATH_NOT_FOUND.into());
        }
        if is_vetoed(share, name.as_bytes()) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
        }
    }
    if let Some(found) = walk.to(path, open_link)? {
        return Ok(Target::Exists(found));
    }
    let Some((parent_path, name)) = split else {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    };
    let any_case = !tree.has(TreeFlags::CASE_SENSITIVE);
    let parent = match walk.to(&parent_path, false)? {
        Some(found) => found,
        None if any_case => walk.to_any_case(&parent_path)?,
        None => return Err(NtStatus::OBJECT_PATH_NOT_FOUND.into()),
    };
    if parent.attr.kind != FileKind::Dir {
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND.into());
    }
    // If only the way there was spelled in another case, the name may be there as it is.
    let respelled = parent.path.as_bytes() != parent_path.as_bytes();
    let mut real = parent.path.try_clone()?;
    real.push(&name)?;
    if respelled {
        if let Some(found) = walk.to(&real, open_link)? {
            return Ok(Target::Exists(found));
        }
    }
    if any_case {
        if let Some(other) = search::<H>(fs, share, &parent.node, &name)? {
            let mut real = parent.path.try_clone()?;
            real.push(&other)?;
            if let Some(found) = walk.to(&real, open_link)? {
                return Ok(Target::Exists(found));
            }
            // It went away between the two looks; what is left is a free name.
        }
    }
    Ok(Target::Missing { parent, name })
}

struct Walk<'a, H: Host> {
    fs: &'a H::Fs,
    share: &'a DiskShare<H>,
    follow: bool,
}

impl<H: Host> Walk<'_, H> {
    /// Walks a path as it is spelled; `None` if something on it does not exist.
    fn to(&self, path: &RelPath, open_link: bool) -> SmbResult<Option<Found<H>>> {
        let (root, creds) = (&self.share.root, &self.share.creds);
        let node = match self
            .fs
            .walk(root, creds, path, self.follow, self.follow && !open_link)
        {
            Ok(node) => node,
            Err(e) if e == ENOENT => return Ok(None),
            // Whether the file exists outside of the share is nobody's business.
            Err(e) if e == EXDEV => {
                return Err(SmbError {
                    status: NtStatus::OBJECT_NAME_NOT_FOUND,
                    source: Some(e),
                });
            }
            Err(e) => return Err(e.into()),
        };
        let attr = self.fs.attr(&node)?;
        if attr.kind == FileKind::Symlink && !open_link {
            return Err(NtStatus::STOPPED_ON_SYMLINK.into());
        }
        Ok(Some(Found {
            node,
            attr,
            path: path.try_clone()?,
        }))
    }

    /// Walks to a directory, looking for each component in any case.
    fn to_any_case(&self, path: &RelPath) -> SmbResult<Found<H>> {
        let missing = || SmbError::from(NtStatus::OBJECT_PATH_NOT_FOUND);
        let mut at = self.to(&RelPath::root(), false)?.ok_or_else(missing)?;
        for part in path.components() {
            let name = Name::from_bytes(part)?;
            let mut next = at.path.try_clone()?;
            next.push(&name)?;
            at = match self.to(&next, false)? {
                Some(found) => found,
                None => {
                    let other =
                        search::<H>(self.fs, self.share, &at.node, &name)?.ok_or_else(missing)?;
                    let mut next = at.path.try_clone()?;
                    next.push(&other)?;
                    self.to(&next, false)?.ok_or_else(missing)?
                }
            };
        }
        Ok(at)
    }
}

/// Searches a directory for a name that differs from `name` in case only. A directory that may not be listed
/// holds none.
///
/// # Errors
/// The host's.
pub(crate) fn search<H: Host>(
    fs: &H::Fs,
    share: &DiskShare<H>,
    dir: &<H::Fs as Fs>::Node,
    name: &Name,
) -> SmbResult<Option<Name>> {
    let file = match fs.open(
        dir,
        &share.creds,
        OpenFlags {
            read: true,
            ..OpenFlags::default()
        },
    ) {
        Ok(file) => file,
        Err(e) if e == EACCES || e == EPERM => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    // The directory may be locked while its names come, so the one that matches is kept without allocating.
    let mut hit = [0; NAME_MAX];
    let mut hit_len = 0;
    let mut pos = 0;
    let mut left = MAX_SEARCH;
    let alias = short_name::may_be_alias(name.as_str());
    while left > 0 && hit_len == 0 {
        let end = fs.read_dir(&file, pos, &mut |entry| {
            left = left.saturating_sub(1);
            let same = core::str::from_utf8(entry.name).is_ok_and(|n| {
                utf16::eq_ignore_case(n, name.as_str())
                    || alias && short_name::is_alias(name.as_str(), n)
            });
            if same {
                if let Some(room) = hit.get_mut(..entry.name.len()) {
                    room.copy_from_slice(entry.name);
                    hit_len = entry.name.len();
                }
            }
            hit_len == 0 && left > 0
        })?;
        if end.eof || end.pos == pos {
            break;
        }
        pos = end.pos;
    }
    match hit.get(..hit_len) {
        Some(found) if !found.is_empty() => Ok(Some(Name::from_bytes(found)?)),
        _ => Ok(None),
    }
}

/// A symbolic link in the way.
pub(crate) struct LinkInTheWay {
    /// What it points to.
    pub(crate) target: KVec<u8>,
    /// Length in bytes, as UTF-16, of the part of the path behind it, with the separator in front.
    pub(crate) unparsed: usize,
}

/// Finds the first symbolic link on a path.
///
/// # Errors
/// `OBJECT_NAME_NOT_FOUND` if there is none (any more), the host's.
pub(crate) fn find_link<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    path: &RelPath,
    max_target: usize,
) -> SmbResult<LinkInTheWay> {
    let share = tree.disk()?;
    let mut at = RelPath::root();
    for part in path.components() {
        at.push(&Name::from_bytes(part)?)?;
        let node = match fs.walk(&share.root, &share.creds, &at, false, false) {
            Err(e) if e == ENOENT => break,
            result => result?,
        };
        if fs.attr(&node)?.kind != FileKind::Symlink {
            continue;
        }
        let mut target = KVec::new();
        target.extend_with(max_target, 0, GFP_KERNEL)?;
        let len = fs.read_link(&node, &share.creds, &mut target)?;
        target.truncate(len);
        let rest = path.as_bytes().get(at.as_bytes().len()..).unwrap_or(b"");
        let rest = core::str::from_utf8(rest).unwrap_or("");
        return Ok(LinkInTheWay {
            target,
            unparsed: utf16::encoded_len(rest),
        });
    }
    Err(NtStatus::OBJECT_NAME_NOT_FOUND.into())
}
