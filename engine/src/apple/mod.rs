// SPDX-License-Identifier: GPL-2.0-or-later
//! Apple's extensions, on shares that have them ([`TreeFlags::APPLE`]).
//!
//! A client says in its first CREATE, by the context `AAPL`, that it is one of Apple's, and what it can do. From then on its
//! tree connect gets
//!
//! - entries of directories with what the Finder would otherwise ask of every file ([`entry`]),
//! - no numbers of files: the client makes up its own, as it does not bear that a number is used again,
//! - owner, group and permission bits in access lists ([`bits`]).
//!
//! The streams `AFP_AfpInfo` and `AFP_Resource` follow the rules of Apple's own server for every client of such a share
//! ([`forks`]).

use kernel::sync::atomic::Relaxed;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::apple::{
    AppleEntry, AppleQuery, AppleServerCaps, AppleServerQuery, AppleServerReply, AppleVolumeCaps,
};

use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Fs, Host};
use crate::name::RelPath;
use crate::open::attributes::Meta;
use crate::open::rights;
use crate::tree::Tree;

pub(crate) mod bits;
pub(crate) mod copyfile;
pub(crate) mod forks;
pub(crate) mod time_machine;

/// Whether the share has the extensions. They need named streams.
pub(crate) fn has<H: Host>(tree: &Tree<H>) -> bool {
    tree.has(TreeFlags::APPLE) && tree.has(TreeFlags::STREAMS)
}

/// Whether the client of this tree connect said that it is one of Apple's.
pub(crate) fn speaks<H: Host>(tree: &Tree<H>) -> bool {
    tree.apple.spoken.load(Relaxed)
}

/// Answers what a client asks, and remembers that it is one of Apple's.
///
/// # Errors
/// `INVALID_DEVICE_REQUEST` on IPC$.
pub(crate) fn answer<'a, H: Host>(
    tree: &'a Tree<H>,
    query: &AppleServerQuery,
) -> SmbResult<AppleServerReply<'a>> {
    let share = tree.disk()?;
    tree.apple.spoken.store(true, Relaxed);
    let asked = |what| query.request.contains(what);
    let server = asked(AppleQuery::SERVER_CAPS).then(|| {
        // The client does not say that it understands permission bits in lists, and does.
        let mut caps =
            AppleServerCaps::UNIX_BASED | AppleServerCaps::NFS_ACE | AppleServerCaps::OSX_COPYFILE;
        if query
            .client_capabilities
            .contains(AppleServerCaps::READ_DIR_ATTR)
        {
            tree.apple.entries.store(true, Relaxed);
            caps |= AppleServerCaps::READ_DIR_ATTR;
        }
        caps
    });
    let volume = asked(AppleQuery::VOLUME_CAPS).then(|| {
        let mut caps = AppleVolumeCaps::NONE;
        if tree.has(TreeFlags::CASE_SENSITIVE) {
            caps |= AppleVolumeCaps::CASE_SENSITIVE;
        }
        if tree.has(TreeFlags::TIME_MACHINE) {
            // FLUSH always brings data to the disk, so also when it is marked as F_FULLFSYNC.
            caps |= AppleVolumeCaps::FULL_SYNC;
        }
        caps
    });
    let model = core::str::from_utf8(&share.apple_model).unwrap_or("");
    Ok(AppleServerReply {
        server_capabilities: server,
        volume_capabilities: volume,
        model: asked(AppleQuery::MODEL_INFO).then_some(model),
    })
}

/// Whether a copy of no ranges means the whole file.
pub(crate) fn copies_whole<H: Host>(tree: &Tree<H>) -> bool {
    speaks(tree)
}

/// A file's number as this client is told it.
pub(crate) fn file_id<H: Host>(tree: &Tree<H>, attr: &Attr) -> u64 {
    if speaks(tree) {
        0
    } else {
        attr.ino
    }
}

/// What an entry of a directory says to a client that wants it so; `None` to others.
///
/// # Errors
/// The host's.
pub(crate) fn entry<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &<H::Fs as Fs>::Node,
    path: &RelPath,
    meta: &Meta,
) -> SmbResult<Option<AppleEntry>> {
    if !tree.apple.entries.load(Relaxed) {
        return Ok(None);
    }
    let attr = &meta.attr;
    let all = AccessMask::FILE_ALL_ACCESS;
    let mut entry = AppleEntry {
        max_access: rights::allowed(fs, tree, node, attr, path, all)?,
        mode: unix_mode(attr),
        ..AppleEntry::default()
    };
    let is_file = attr.kind == FileKind::File;
    if is_file || attr.kind == FileKind::Dir {
        if let Some(info) = forks::stored_info::<H>(fs, node)? {
            entry.finder_info = info.compressed(is_file, meta.created.to_unix().0);
        }
    }
    if is_file {
        entry.resource_size = forks::resource_size::<H>(fs, node)?;
    }
    Ok(Some(entry))
}

/// Permission bits and type, as `stat` has them.
fn unix_mode(attr: &Attr) -> u16 {
    let kind: u32 = match attr.kind {
        FileKind::Fifo => 0o010_000,
        FileKind::Char => 0o020_000,
        FileKind::Dir => 0o040_000,
        FileKind::Block => 0o060_000,
        FileKind::File => 0o100_000,
        FileKind::Symlink => 0o120_000,
        FileKind::Socket => 0o140_000,
    };
    u16::try_from(kind | attr.mode & 0o7777).unwrap_or(0)
}
