// SPDX-License-Identifier: GPL-2.0-or-later
//! CHANGE_NOTIFY ([MS-SMB2] 3.3.5.19, [MS-FSA] 2.1.5.11).
//!
//! Requests wait in [`crate::notify`]. A client is told only of names that it could find by listing: not of vetoed
//! ones, and of those in directories below the watched one only if it may list these.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::{ChangeNotifyFlags, NotifyAction, NotifyWriter};
use proto_shared::smb2::{ChangeNotifyRequest, ChangeNotifyResponse};
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{Fs, Host, Permission};
use crate::name::{copy, RelPath};
use crate::notify::{self, Asked, Asking, ChangeLog, Waiter};
use crate::open::lookup::is_vetoed;
use crate::open::Open;
use crate::security;
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// Length of the reply's body before its output, with the byte that stands for none.
const REPLY_FIXED: usize = 9;

/// A CHANGE_NOTIFY that waits.
pub struct Pending<H: Host> {
    open: Arc<Open<H>>,
    req: ChangeNotifyRequest,
    waiter: Arc<Waiter>,
}

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = ChangeNotifyRequest::parse(w.msg())?;
    if req.output_buffer_length > w.negotiated()?.max_trans {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.output_buffer_length as usize)?;
    let open = w.open(req.file_id)?;
    if !open.is_dir() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if !open.granted().contains(AccessMask::LIST_DIRECTORY) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    // From here on local processes are watched, too, as long as the handle is open.
    let deep = req.flags.contains(ChangeNotifyFlags::WATCH_TREE);
    notify::local::begin(w.server(), &open, deep);
    ask(w, open, req, out)
}

/// Answers with what happened already, or waits.
fn ask<H: Host>(
    w: &Work<H>,
    open: Arc<Open<H>>,
    req: ChangeNotifyRequest,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    loop {
        let token = w.reserve(0)?;
        let asked = w.server().notify.ask(&Asking {
            open: &open,
            deep: req.flags.contains(ChangeNotifyFlags::WATCH_TREE),
            filter: req.completion_filter,
            room: req.output_buffer_length as usize,
            token,
        });
        let waiter = match asked {
            Ok(Asked::Wait(waiter)) => waiter,
            other => {
                w.server().parking.release(token);
                // A log that was all of names that are not to be told leaves nothing to tell.
                match other {
                    Ok(Asked::Now(log)) if tell(w, &open, &req, &log, out)? => {
                        return Ok(Outcome::Done)
                    }
                    Err(e) => return Err(e),
                    _ => continue,
                }
            }
        };
        if w.next.is_some() {
            // What waits within a compound would hold up what comes behind it; only the last one may.
            let settled = w.server().notify.settle(open.id().persistent, &waiter);
            w.server().parking.release(token);
            if let Some(notify::Outcome::Changes(log)) = settled {
                if tell(w, &open, &req, &log, out)? {
                    return Ok(Outcome::Done);
                }
            }
            return Err(NtStatus::INTERNAL_ERROR.into());
        }
        // Who ends the handle or marks the directory does so first and looks for requests after.
        let current = w.session()?.open(open.id().volatile);
        if !current.is_some_and(|o| Arc::ptr_eq(&o, &open)) {
            notify::local::end(w.server(), open.id().persistent);
            notify::close(w.server(), open.id().persistent);
        } else if open.disk()?.is_delete_pending() {
            notify::deleting(w.server(), open.disk()?.inode().key(), false);
        }
        let resume = Resume::ChangeNotify(Pending { open, req, waiter });
        return Ok(Outcome::Park {
            token,
            interim: true,
            resume,
        });
    }
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let outcome = w.server().notify.settle(p.open.id().persistent, &p.waiter);
    match (outcome, event) {
        (Some(notify::Outcome::Changes(log)), _) => {
            if tell(w, &p.open, &p.req, &log, out)? {
                return Ok(Outcome::Done);
            }
            ask(w, p.open, p.req, out)
        }
        (Some(notify::Outcome::Ended(status)), _) => end(out, status),
        (None, Event::Cancelled) => Err(NtStatus::CANCELLED.into()),
        (None, _) => end(out, NtStatus::NOTIFY_CLEANUP),
    }
}

/// Answers without output.
fn end<H: Host>(out: &mut Reply<H>, status: NtStatus) -> SmbResult<Outcome<H>> {
    if status.is_error() {
        return Err(status.into());
    }
    out.write(REPLY_FIXED, |wr| {
        ChangeNotifyResponse { output: &[] }.write(wr)?;
        wr.u8(0)
    })?;
    out.status = status;
    Ok(Outcome::Done)
}

/// Writes the reply. Yields `false` if there is nothing that this client is to be told.
fn tell<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &ChangeNotifyRequest,
    log: &ChangeLog,
    out: &mut Reply<H>,
) -> SmbResult<bool> {
    let room = log.wire_len();
    if log.overflowed() || room > req.output_buffer_length as usize {
        end(out, NtStatus::NOTIFY_ENUM_DIR)?;
        return Ok(true);
    }
    let mut sight = Sight { w, open, dir: None };
    let mut entries: KVec<(NotifyAction, &str)> = KVec::new();
    for (action, name) in log.iter() {
        if sight.sees(name)? {
            entries.push((action, name), GFP_KERNEL)?;
        }
    }
    if entries.is_empty() {
        return Ok(false);
    }
    out.write(room.saturating_add(REPLY_FIXED), |wr| {
        let output = ChangeNotifyResponse::begin(wr)?;
        let mut writer = NotifyWriter::new(wr);
        for (action, name) in entries.iter() {
            writer.push(*action, name)?;
        }
        output.finish(wr)?;
        Ok(())
    })?;
    Ok(true)
}

/// Which names a client may see.
struct Sight<'a, H: Host> {
    w: &'a Work<H>,
    open: &'a Open<H>,
    /// The directory that was asked for last, and whether it may be listed: changes come in crowds.
    dir: Option<(KVec<u8>, bool)>,
}

impl<H: Host> Sight<'_, H> {
    /// Whether `name`, relative to the watched directory with `\` between its parts, may be told.
    fn sees(&mut self, name: &str) -> SmbResult<bool> {
        let share = self.open.tree().disk()?;
        if name.split('\\').any(|c| is_vetoed(share, c.as_bytes())) {
            return Ok(false);
        }
        if self.open.tree().has(TreeFlags::HIDE_UNREADABLE) && !self.may_see(name)? {
            return Ok(false);
        }
        let Some((dir, _)) = name.rsplit_once('\\') else {
            return Ok(true);
        };
        if let Some((last, seen)) = &self.dir {
            if **last == *dir.as_bytes() {
                return Ok(*seen);
            }
        }
        let seen = self.may_list(dir)?;
        self.dir = Some((copy(dir.as_bytes())?, seen));
        Ok(seen)
    }

    /// The path of a name that is relative to the watched directory.
    fn path_of(&self, name: &str) -> SmbResult<KVec<u8>> {
        let mut bytes = copy(self.open.disk()?.path()?.as_bytes())?;
        for part in name.split('\\') {
            if !bytes.is_empty() {
                bytes.push(b'/', GFP_KERNEL)?;
            }
            bytes.extend_from_slice(part.as_bytes(), GFP_KERNEL)?;
        }
        Ok(bytes)
    }

    /// Whether a listing would show the name. Of what is gone nobody can say it any more.
    fn may_see(&self, name: &str) -> SmbResult<bool> {
        let (fs, share) = (self.w.fs(), self.open.tree().disk()?);
        // A stream is seen by whoever sees its file.
        let file = name.split(':').next().unwrap_or(name);
        let path = RelPath::from_bytes(&self.path_of(file)?)?;
        match fs.walk(&share.root, &share.creds, &path, false, false) {
            Ok(node) => security::may_read(fs, self.open.tree(), &node),
            Err(e) if e == ENOENT || e == ENOTDIR => Ok(true),
            Err(_) => Ok(false),
        }
    }

    /// Whether the directory may be listed; of one that is gone, what is left of the way to it.
    fn may_list(&self, dir: &str) -> SmbResult<bool> {
        let (fs, share) = (self.w.fs(), self.open.tree().disk()?);
        let watched = self.open.disk()?.path()?.as_bytes().len();
        let mut bytes = self.path_of(dir)?;
        while bytes.len() > watched {
            let path = RelPath::from_bytes(&bytes)?;
            match fs.walk(&share.root, &share.creds, &path, false, false) {
                Ok(node) => {
                    let what = AccessMask::LIST_DIRECTORY;
                    return Ok(fs.permission(&node, &share.creds, Permission::READ).is_ok()
                        && security::allows(fs, self.open.tree(), &node, what)?);
                }
                Err(e) if e == ENOENT || e == ENOTDIR => {}
                Err(_) => return Ok(false),
            }
            let end = bytes.iter().rposition(|b| *b == b'/').unwrap_or(0);
            bytes.truncate(end);
        }
        Ok(true)
    }
}
