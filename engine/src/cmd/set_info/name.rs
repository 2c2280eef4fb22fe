// SPDX-License-Identifier: GPL-2.0-or-later
//! FileRenameInformation and FileLinkInformation ([MS-FSCC] 2.4.42, 2.4.27). What they mean is in
//! [`crate::open::renaming`].

use kernel::prelude::*;

use proto_shared::fscc::set::{RenameFlags, RenameInfo};
use proto_shared::ipc::FileAction;
use proto_shared::status::NtStatus;

use crate::audit;
use crate::caching::Blocked;
use crate::error::SmbResult;
use crate::host::Host;
use crate::name::RelPath;
use crate::open::renaming::{self, Replace};
use crate::open::{stream_rename, Open};
use crate::stream::StreamName;
use crate::work::Work;

/// All flags there are.
const KNOWN: RenameFlags = RenameFlags(0x7F);

pub(super) fn rename<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    info: &RenameInfo<'_>,
    since: u64,
) -> SmbResult<Option<Blocked<H>>> {
    let (target, stream) = target(open, info)?;
    let of_stream = open.disk()?.stream.is_some();
    match stream {
        None if of_stream => Err(NtStatus::INVALID_PARAMETER.into()),
        None => {
            let source = open.disk()?.path()?;
            let blocked = renaming::rename(w.server(), open, &target, how(open, info, since))?;
            told_of(w, FileAction::RENAMED, &source, &target, &blocked)?;
            Ok(blocked)
        }
        // What is only `:name` means another stream of the same file.
        Some(name) if of_stream && target.is_root() => {
            let name = StreamName::parse(&name)?.ok_or(NtStatus::INVALID_PARAMETER)?;
            stream_rename::rename(w.server(), open, name, info.replace_if_exists())
        }
        // A stream stays in its file, and a file does not become a stream.
        Some(_) if of_stream => Err(NtStatus::INVALID_PARAMETER.into()),
        Some(_) => Err(NtStatus::OBJECT_NAME_INVALID.into()),
    }
}

pub(super) fn link<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    info: &RenameInfo<'_>,
    since: u64,
) -> SmbResult<Option<Blocked<H>>> {
    let (target, stream) = target(open, info)?;
    if stream.is_some() || open.disk()?.stream.is_some() {
        return Err(NtStatus::OBJECT_NAME_INVALID.into());
    }
    let source = open.disk()?.path()?;
    let blocked = renaming::link(w.server(), open, &target, how(open, info, since))?;
    told_of(w, FileAction::LINKED, &source, &target, &blocked)?;
    Ok(blocked)
}

/// Tells the daemon of what was renamed or linked, where it wants to know.
fn told_of<H: Host>(
    w: &Work<H>,
    action: FileAction,
    source: &RelPath,
    target: &RelPath,
    blocked: &Option<Blocked<H>>,
) -> SmbResult {
    if blocked.is_none() {
        let names = (source.as_bytes(), target.as_bytes());
        audit::note(w.server(), w.tree()?, action, names, NtStatus::SUCCESS);
    }
    Ok(())
}

fn target<H: Host>(
    open: &Open<H>,
    info: &RenameInfo<'_>,
) -> SmbResult<(RelPath, Option<KVec<u8>>)> {
    // Handles of directories mean nothing over the network ([MS-FSCC] 2.4.42.2).
    if info.root_directory != 0 || info.name.is_empty() || !KNOWN.contains(info.flags) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if open.is_posix() {
        return Ok((RelPath::from_posix(info.name)?, None));
    }
    RelPath::from_wire(info.name)
}

fn how<H: Host>(open: &Open<H>, info: &RenameInfo<'_>, since: u64) -> Replace {
    Replace {
        since,
        replace: info.replace_if_exists(),
        posix: open.is_posix() || info.flags.contains(RenameFlags::POSIX_SEMANTICS),
        ignore_read_only: open.is_posix()
            || info.flags.contains(RenameFlags::IGNORE_READONLY_ATTRIBUTE),
    }
}
