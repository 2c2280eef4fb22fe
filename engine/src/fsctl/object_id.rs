// SPDX-License-Identifier: GPL-2.0-or-later
//! FSCTL_CREATE_OR_GET_OBJECT_ID ([MS-FSCC] 2.3.1, 2.1.3.1): what link tracking knows a file by.
//!
//! Nothing is stored: a file's id is its device and inode number, so it lasts as long as the file does and
//! follows it through renames. It is not kept when the file is copied or restored, and that is told by the file
//! system's attributes, which do not claim to support object ids.

use proto_shared::smb2::IoctlRequest;

use super::{reply, require_room};
use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::info::fs::volume_id;
use crate::open::Open;
use crate::work::{Reply, Work};

/// Length of FILE_OBJECTID_BUFFER.
const LEN: usize = 64;

/// Answers with the file's id.
///
/// # Errors
/// `BUFFER_TOO_SMALL`, `INVALID_DEVICE_REQUEST` for pipes, the host's.
pub(crate) fn get<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let disk = open.disk()?;
    require_room(req, LEN)?;
    let volume = volume_id(
        w.fs().stat_fs(disk.node())?.fsid,
        open.tree().disk()?.volume_serial,
    );
    let key = disk.inode().key();
    reply(out, req.ctl_code, open.id(), LEN, |b| {
        b.u64(key.ino)?;
        b.u64(key.dev)?;
        volume.write(b)?;
        // The id at birth is the same, and there is no domain.
        b.u64(key.ino)?;
        b.u64(key.dev)?;
        b.zeros(16)
    })
}
