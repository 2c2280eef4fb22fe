// SPDX-License-Identifier: GPL-2.0-or-later
//! From a client's path to a place in the tree: vetoed names, names in another case, links that are not followed.
//!
//! A path is walked as it is spelled first. Only if that fails, and unless the share minds case, each component
//! is searched in its directory; [`super::names`] spares most of these searches in large directories.

use kernel::prelude::*;

use proto_shared::dtyp::{utf16, wildcard};
use proto_shared::ipc::TreeFlags;
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{Attr, DirEnd, FileKind, Fs, Host, OpenFlags};
use crate::info::short_name;
use crate::name::{Name, RelPath, NAME_MAX};
use crate::open::names::{Hasher, NameSets};
use crate::open::FileKey;
use crate::server::Server;
use crate::time::Monotonic;
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

/// Finds what `path` leads to. With `open_link` a symbolic link at its end is what is meant, not its target; with
/// `exact` names that differ in case are different names, whatever the share says.
///
/// # Errors
/// `OBJECT_PATH_NOT_FOUND` if a directory on the way is missing or none, `OBJECT_NAME_NOT_FOUND` for vetoed
/// names and for links that lead out of the share, `STOPPED_ON_SYMLINK`, `ACCESS_DENIED`, and the host's others.
pub(crate) fn resolve<H: Host>(
    server: &Server<H>,
    tree: &Tree<H>,
    path: &RelPath,
    open_link: bool,
    exact: bool,
) -> SmbResult<Target<H>> {
    let share = tree.disk()?;
    let walk = Walk {
        server,
        fs: server.host().fs(),
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
    let any_case = !exact && !tree.has(TreeFlags::CASE_SENSITIVE);
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
        if let Some(other) = walk.find_name(&parent, &name)? {
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
    server: &'a Server<H>,
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
                    let other = self.find_name(&at, &name)?.ok_or_else(missing)?;
                    let mut next = at.path.try_clone()?;
                    next.push(&other)?;
                    self.to(&next, false)?.ok_or_else(missing)?
                }
            };
        }
        Ok(at)
    }
}

impl<H: Host> Walk<'_, H> {
    /// The name in the directory that differs from `name` in case only.
    fn find_name(&self, dir: &Found<H>, name: &Name) -> SmbResult<Option<Name>> {
        let host = self.server.host();
        let sets = &self.server.inodes.names;
        let learn = Learn {
            sets,
            hasher: sets.hasher(host),
            dir: FileKey::of(&dir.attr),
            now: host.now(),
        };
        // An alias is no name that the set knows of.
        let known = !short_name::may_be_alias(name.as_str());
        let hash = learn.hasher.hash(name.as_str());
        if known && sets.is_absent(learn.dir, hash, learn.now) {
            return Ok(None);
        }
        search_and_learn::<H>(self.fs, self.share, &dir.node, name, Some(&learn))
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
    search_and_learn::<H>(fs, share, dir, name, None)
}

/// Where the names of a directory that is read anyhow are put.
struct Learn<'a> {
    sets: &'a NameSets,
    hasher: Hasher,
    dir: FileKey,
    now: Monotonic,
}

/// As many names are read without a thought of keeping them.
const FEW: u32 = 128;
/// As many are read at a time when they are kept.
const PART: usize = 512;

fn search_and_learn<H: Host>(
    fs: &H::Fs,
    share: &DiskShare<H>,
    dir: &<H::Fs as Fs>::Node,
    name: &Name,
    learn: Option<&Learn<'_>>,
) -> SmbResult<Option<Name>> {
    let flags = OpenFlags {
        read: true,
        ..OpenFlags::default()
    };
    let file = match fs.open(dir, &share.creds, flags) {
        Ok(file) => file,
        Err(e) if e == EACCES || e == EPERM => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let mut search = Search::<H> {
        fs,
        file,
        name,
        alias: short_name::may_be_alias(name.as_str()),
        hit: [0; NAME_MAX],
        hit_len: 0,
        left: MAX_SEARCH,
    };
    let first = search.read(0, learn.map(|_| FEW), &mut |_| true)?;
    if let (Some(learn), false) = (learn, first.eof || search.hit_len != 0) {
        match learn.sets.begin(learn.dir, learn.now) {
            Some(id) => {
                let whole = search.learn(learn, id);
                let complete = matches!(whole, Ok(true)) && search.hit_len == 0;
                learn.sets.end(id, complete);
                whole?;
            }
            None => {
                search.read(first.pos, None, &mut |_| true)?;
            }
        }
    }
    match search.hit.get(..search.hit_len) {
        Some(found) if !found.is_empty() => Ok(Some(Name::from_bytes(found)?)),
        _ => Ok(None),
    }
}

/// A search through one directory.
struct Search<'a, H: Host> {
    fs: &'a H::Fs,
    file: <H::Fs as Fs>::File,
    name: &'a Name,
    /// The name may be a short name of another.
    alias: bool,
    /// The directory may be locked while its names come, so the one that matches is kept without allocating.
    hit: [u8; NAME_MAX],
    hit_len: usize,
    left: u32,
}

impl<H: Host> Search<'_, H> {
    /// Reads names from `pos` on until one matches, `max` were read or `each` refuses one. It must not allocate.
    fn read(
        &mut self,
        mut pos: u64,
        max: Option<u32>,
        each: &mut dyn FnMut(&str) -> bool,
    ) -> Result<DirEnd> {
        let Self {
            fs,
            file,
            name,
            alias,
            hit,
            hit_len,
            left,
        } = self;
        let mut more = max.unwrap_or(u32::MAX);
        loop {
            let mut refused = false;
            let end = fs.read_dir(file, pos, &mut |entry| {
                if more == 0 || *left == 0 || *hit_len != 0 {
                    refused = true;
                    return false;
                }
                if let Ok(text) = core::str::from_utf8(entry.name) {
                    if !each(text) {
                        refused = true;
                        return false;
                    }
                    if utf16::eq_ignore_case(text, name.as_str())
                        || *alias && short_name::is_alias(name.as_str(), text)
                    {
                        if let Some(room) = hit.get_mut(..entry.name.len()) {
                            room.copy_from_slice(entry.name);
                            *hit_len = entry.name.len();
                        }
                    }
                }
                more = more.saturating_sub(1);
                *left = left.saturating_sub(1);
                true
            })?;
            if end.eof || refused || end.pos == pos {
                return Ok(end);
            }
            pos = end.pos;
        }
    }

    /// Reads the whole directory, and puts the hashes of its names into the set that was begun. Tells whether
    /// they all are in.
    fn learn(&mut self, learn: &Learn<'_>, id: u64) -> SmbResult<bool> {
        let mut hashes = KVec::with_capacity(PART, GFP_KERNEL)?;
        let mut pos = 0;
        let mut learning = true;
        loop {
            hashes.clear();
            let end = self.read(pos, None, &mut |name| {
                hashes.push_within_capacity(learn.hasher.hash(name)).is_ok()
            })?;
            learning = learning && learn.sets.add(id, &hashes);
            if end.eof || end.pos == pos || self.hit_len != 0 || self.left == 0 {
                return Ok(learning && end.eof);
            }
            pos = end.pos;
        }
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
