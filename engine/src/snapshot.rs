// SPDX-License-Identifier: GPL-2.0-or-later
//! Snapshots: the share's tree as it was ([MS-SMB2] 2.2.13.2.7, 3.3.5.9.5, 3.3.5.15.1).
//!
//! They are directories in one directory of the share, with their times in their names; who makes and removes them is
//! not this server (btrfs, `cp -al`, a backup). A client names one by its time, with a create context or with a token in
//! the path, and gets what is beneath it, looked up as everything is: by the user, beneath the share's root. A
//! handle of something in a snapshot changes nothing, whatever rights it has.

use kernel::prelude::*;

use proto_shared::fscc::snapshot::{
    is_format, parse, snapshots_len, token, write_snapshots, MIN_SNAPSHOTS, SNAPSHOTS_FIXED,
    TOKEN_FORMAT,
};
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::fsctl::reply;
use crate::host::{Fs, Host, OpenFlags};
use crate::name::{copy, Name, RelPath, NAME_MAX};
use crate::open::Open;
use crate::tree::DiskShare;
use crate::work::{Reply, Work};

/// Most snapshots that are told of.
const MAX: usize = 2048;

/// Where a share's snapshots are.
pub(crate) struct Snapshots {
    dir: RelPath,
    format: KVec<u8>,
}

impl Snapshots {
    /// As the daemon says it; `None` if it says nothing that makes sense.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn new(dir: &str, format: &str) -> SmbResult<Option<Self>> {
        if dir.is_empty() || !is_format(format) {
            return Ok(None);
        }
        Ok(Some(Self {
            dir: RelPath::from_bytes(dir.as_bytes())?,
            format: copy(format.as_bytes())?,
        }))
    }

    fn time_of(&self, name: &[u8]) -> Option<i64> {
        let format = core::str::from_utf8(&self.format).ok()?;
        parse(format, core::str::from_utf8(name).ok()?)
    }

    /// Calls `each` with name and time of every snapshot until it returns `false`. It must not allocate. Where the user
    /// may not look there are none.
    fn walk<H: Host>(
        &self,
        fs: &H::Fs,
        share: &DiskShare<H>,
        each: &mut dyn FnMut(&[u8], i64) -> bool,
    ) -> SmbResult {
        let (root, creds) = (&share.root, &share.creds);
        let flags = OpenFlags {
            read: true,
            ..OpenFlags::default()
        };
        let dir = fs.walk(root, creds, &self.dir, false, false);
        let file = match dir.and_then(|dir| fs.open(&dir, creds, flags)) {
            Ok(file) => file,
            Err(e) if [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP].contains(&e) => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        let mut pos = 0;
        loop {
            let mut more = true;
            let end = fs.read_dir(&file, pos, &mut |entry| {
                if let Some(time) = self.time_of(entry.name) {
                    more = each(entry.name, time);
                }
                more
            })?;
            if end.eof || !more || end.pos == pos {
                return Ok(());
            }
            pos = end.pos;
        }
    }
}

/// The path of the snapshot of this time.
///
/// # Errors
/// `OBJECT_NAME_NOT_FOUND` if there is none; the host's.
pub(crate) fn find<H: Host>(fs: &H::Fs, share: &DiskShare<H>, time: i64) -> SmbResult<RelPath> {
    let missing = NtStatus::OBJECT_NAME_NOT_FOUND;
    let snapshots = share.snapshots.as_ref().ok_or(missing)?;
    let mut found = [0u8; NAME_MAX];
    let mut len = 0;
    snapshots.walk(fs, share, &mut |name, t| {
        if t != time {
            return true;
        }
        match found.get_mut(..name.len()) {
            Some(room) => {
                room.copy_from_slice(name);
                len = name.len();
                false
            }
            None => true,
        }
    })?;
    let name = found.get(..len).filter(|n| !n.is_empty()).ok_or(missing)?;
    let mut path = snapshots.dir.try_clone()?;
    path.push(&Name::from_bytes(name)?)?;
    Ok(path)
}

/// Takes the first token out of a path, if the share has snapshots.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES` without memory.
pub(crate) fn of_path<H: Host>(
    share: &DiskShare<H>,
    path: RelPath,
) -> SmbResult<(RelPath, Option<i64>)> {
    let is_token = |part: &[u8]| {
        let text = core::str::from_utf8(part).ok()?;
        parse(TOKEN_FORMAT, text)
    };
    if share.snapshots.is_none() || !path.components().any(|part| is_token(part).is_some()) {
        return Ok((path, None));
    }
    let mut time = None;
    let mut rest = RelPath::root();
    for part in path.components() {
        match is_token(part).filter(|_| time.is_none()) {
            Some(t) => time = Some(t),
            None => rest.push(&Name::from_bytes(part)?)?,
        }
    }
    Ok((rest, time))
}

/// A path within the snapshot of this time.
///
/// # Errors
/// As [`find`].
pub(crate) fn within<H: Host>(
    fs: &H::Fs,
    share: &DiskShare<H>,
    time: i64,
    path: &RelPath,
) -> SmbResult<RelPath> {
    let mut whole = find(fs, share, time)?;
    for part in path.components() {
        whole.push(&Name::from_bytes(part)?)?;
    }
    Ok(whole)
}

/// Answers FSCTL_SRV_ENUMERATE_SNAPSHOTS, the newest first. All files of a share have the share's snapshots.
///
/// # Errors
/// `NOT_SUPPORTED` for shares without, `INVALID_PARAMETER` with room for less than 16 bytes, `INVALID_DEVICE_REQUEST`
/// for pipes, the host's.
pub(crate) fn enumerate<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    open.disk()?;
    let share = open.tree().disk()?;
    let snapshots = share.snapshots.as_ref().ok_or(NtStatus::NOT_SUPPORTED)?;
    let room = req.max_output_response as usize;
    if room < MIN_SNAPSHOTS {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let mut times: KVec<i64> = KVec::with_capacity(MAX, GFP_KERNEL)?;
    snapshots.walk(w.fs(), share, &mut |_, time| {
        times.push_within_capacity(time).is_ok()
    })?;
    times.sort_unstable_by(|a, b| b.cmp(a));
    let mut tokens = KVec::with_capacity(times.len(), GFP_KERNEL)?;
    let mut last = None;
    for time in times.iter().copied() {
        if last.replace(time) == Some(time) {
            continue;
        }
        if let Some(token) = token(time) {
            tokens.push(token, GFP_KERNEL)?;
        }
    }
    let whole = SNAPSHOTS_FIXED.saturating_add(snapshots_len(tokens.len()));
    let len = if whole <= room { whole } else { MIN_SNAPSHOTS };
    reply(out, req.ctl_code, open.id(), len, |b| {
        write_snapshots(&tokens, room, b)
    })
}
