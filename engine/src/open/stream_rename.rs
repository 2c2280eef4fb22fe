// SPDX-License-Identifier: GPL-2.0-or-later
//! Giving named streams other names ([MS-FSA] 2.1.5.15.11, of a stream).

use kernel::sync::Arc;

use proto_shared::smb2::change_notify::NotifyAction;
use proto_shared::status::NtStatus;

use super::removal::stream_changed;
use crate::caching::{dirs, Blocked, Contention};
use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::open::{InodeTable, Open};
use crate::server::Server;
use crate::stream::{self, StreamName};

/// Gives an open stream another name of the same file.
///
/// # Errors
/// `OBJECT_NAME_COLLISION` if there is one and not `replace`, `ACCESS_DENIED` if that one is open, `INVALID_PARAMETER` for
/// what is no stream, and the host's.
pub(crate) fn rename<H: Host>(
    server: &Arc<Server<H>>,
    open: &Open<H>,
    to: StreamName,
    replace: bool,
) -> SmbResult<Option<Blocked<H>>> {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    let pending = open.delete(&writable)?.is_pending();
    let (disk, share) = (open.disk()?, tree.disk()?);
    let of = disk.stream.as_ref().ok_or(NtStatus::INVALID_PARAMETER)?;
    if pending {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    if let Some(blocked) = open.contend(server, Contention::Handle)? {
        return Ok(Some(blocked));
    }
    let fs = server.host().fs();
    let from = disk.inode.stream()?.ok_or(NtStatus::INVALID_PARAMETER)?;
    let creds = &share.creds;
    let mut refused = None;
    fs.in_turn(disk.inode.key().ino, &mut || {
        let victim = if from.is(&to) {
            None
        } else {
            match stream::find::<H>(fs, &disk.node, &to) {
                Ok(found) => found,
                Err(e) => {
                    refused = Some(e);
                    return Ok(());
                }
            }
        };
        if let Some((victim, _)) = victim {
            let open = || InodeTable::find_stream(server, of.inode.key(), &to).is_some();
            let status = match replace {
                false => Some(NtStatus::OBJECT_NAME_COLLISION),
                true => open().then_some(NtStatus::ACCESS_DENIED),
            };
            if let Some(status) = status {
                refused = Some(status.into());
                return Ok(());
            }
            if victim.as_str() != to.as_str() {
                stream::remove::<H>(fs, &disk.node, creds, &victim)?;
            }
        }
        let new = to.try_clone()?;
        stream::rename::<H>(fs, &disk.node, creds, &from, &to)?;
        disk.inode.set_stream(new);
        Ok(())
    })?;
    if let Some(e) = refused {
        return Err(e);
    }
    let removed = NotifyAction::REMOVED_STREAM;
    stream_changed(server, share, &of.link, &from, removed);
    stream_changed(server, share, &of.link, &to, NotifyAction::ADDED_STREAM);
    dirs::changed_by(server, open);
    Ok(None)
}
