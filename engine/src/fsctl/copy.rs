// SPDX-License-Identifier: GPL-2.0-or-later
//! Copies within the server ([MS-SMB2] 3.3.5.15.5, 3.3.5.15.6): the data does not travel.
//!
//! The key that stands for the source is its handle. It is good for the session that asked for it only, because
//! handles are looked up in the session that uses them.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::codec::{Reader, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::fsctl::{
    write_resume_key, CopyChunk, CopyChunkRequest, CopyChunkResponse, ResumeKey,
    RESUME_KEY_RESPONSE_LEN,
};
use proto_shared::fscc::CtlCode;
use proto_shared::smb2::{FileId, IoctlRequest};
use proto_shared::status::NtStatus;

use super::{reply, require_room};
use crate::apple;
use crate::caching::Contention;
use crate::cmd::read::MAX_OFFSET;
use crate::error::SmbResult;
use crate::host::{Host, Payload, WriteSource};
use crate::notify;
use crate::open::{Open, ReadData, WriteData};
use crate::session::Phase;
use crate::work::{Reply, Work};

/// Most ranges of one request.
const MAX_CHUNKS: u32 = 256;
/// Most bytes of one range.
const MAX_CHUNK: u32 = 1 << 20;
/// Most bytes of one request.
const MAX_TOTAL: u32 = 16 << 20;

/// Answers FSCTL_SRV_REQUEST_RESUME_KEY.
///
/// # Errors
/// `BUFFER_TOO_SMALL`, `INVALID_DEVICE_REQUEST` for pipes.
pub(crate) fn resume_key<H: Host>(
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    open.disk()?;
    require_room(req, RESUME_KEY_RESPONSE_LEN)?;
    let mut key: ResumeKey = [0; 24];
    let mut w = Writer::new(&mut key);
    open.id().write(&mut w)?;
    w.u64(open.session_id())?;
    reply(out, req.ctl_code, open.id(), RESUME_KEY_RESPONSE_LEN, |b| {
        write_resume_key(&key, b)
    })
}

/// The open that a key stands for.
fn source<H: Host>(w: &Work<H>, key: &ResumeKey) -> SmbResult<Arc<Open<H>>> {
    let mut r = Reader::new(key);
    let id = FileId::parse(&mut r)?;
    let session = w.session()?;
    let found = session
        .open(id.volatile)
        .filter(|o| o.id() == id && r.u64() == Ok(session.id));
    found.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND.into())
}

/// Answers FSCTL_SRV_COPYCHUNK and FSCTL_SRV_COPYCHUNK_WRITE. What was copied before a failure stays copied, and
/// the reply tells how much that is, whatever its status.
///
/// # Errors
/// Before anything is copied: `INVALID_PARAMETER`, `OBJECT_NAME_NOT_FOUND` for an unknown key, `ACCESS_DENIED`,
/// `INVALID_DEVICE_REQUEST` for directories and pipes.
pub(crate) fn copy_chunks<H: Host>(
    w: &Work<H>,
    target: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    if (req.max_output_response as usize) < CopyChunkResponse::LEN {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let chunks = CopyChunkRequest::parse(req.input)?;
    let source = source(w, &chunks.source_key)?;
    let from = source.read_data()?;
    let writable = target.tree().require_writable()?;
    let to = target.write_data(&writable)?;
    if req.ctl_code == CtlCode::SRV_COPYCHUNK && !target.granted().contains(AccessMask::READ_DATA) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let within = within_limits(&chunks);
    let pair = Pair {
        source: &source,
        from,
        target,
        to,
    };
    let mut done = CopyChunkResponse {
        chunks_written: 0,
        chunk_bytes_written: 0,
        total_bytes_written: 0,
    };
    let done = if chunks.count() == 0 && apple::copies_whole(target.tree()) {
        target.contend(w.server(), Contention::Data)?;
        let total = pair.copy_file(w)?;
        apple::copyfile::streams(w.fs(), &source, target)?;
        notify::modified(w.server(), target, notify::WRITTEN);
        // The low half, where it is more.
        done.total_bytes_written = total as u32;
        done
    } else if within {
        target.contend(w.server(), Contention::Data)?;
        for chunk in chunks.chunks() {
            if let Err(e) = pair.copy(w.fs(), &chunk) {
                out.status = e.status;
                break;
            }
            done.chunks_written = done.chunks_written.saturating_add(1);
            done.total_bytes_written = done.total_bytes_written.saturating_add(chunk.length);
        }
        if done.chunks_written != 0 {
            notify::modified(w.server(), target, notify::WRITTEN);
        }
        done
    } else {
        // 3.3.5.15.6.2: the limits themselves are the answer.
        out.status = NtStatus::INVALID_PARAMETER;
        CopyChunkResponse {
            chunks_written: MAX_CHUNKS,
            chunk_bytes_written: MAX_CHUNK,
            total_bytes_written: MAX_TOTAL,
        }
    };
    reply(
        out,
        req.ctl_code,
        target.id(),
        CopyChunkResponse::LEN,
        |b| done.write(b),
    )
}

fn within_limits(chunks: &CopyChunkRequest<'_>) -> bool {
    let total = chunks
        .chunks()
        .fold(0u64, |n, c| n.saturating_add(u64::from(c.length)));
    chunks.count() <= MAX_CHUNKS as usize
        && total <= u64::from(MAX_TOTAL)
        && chunks
            .chunks()
            .all(|c| c.length != 0 && c.length <= MAX_CHUNK)
}

/// Bytes that are copied at once of a whole file.
const PIECE: u32 = 4 << 20;

struct Pair<'a, H: Host> {
    source: &'a Open<H>,
    from: ReadData<'a, H>,
    target: &'a Open<H>,
    to: WriteData<'a, H>,
}

impl<H: Host> Pair<'_, H> {
    /// Copies one range whole.
    fn copy(&self, fs: &H::Fs, c: &CopyChunk) -> SmbResult {
        let len = u64::from(c.length);
        let end = |offset: u64| offset.checked_add(len).filter(|end| *end <= MAX_OFFSET);
        let (Some(source_end), Some(target_end)) = (end(c.source_offset), end(c.target_offset))
        else {
            return Err(NtStatus::INVALID_PARAMETER.into());
        };
        let (source, target) = (self.source.disk()?.inode(), self.target.disk()?.inode());
        if source
            .locks
            .lock()
            .conflicts_read(self.source.lock_owner(), c.source_offset, len)
            || target
                .locks
                .lock()
                .conflicts_write(self.target.lock_owner(), c.target_offset, len)
        {
            return Err(NtStatus::FILE_LOCK_CONFLICT.into());
        }
        if source_end > self.source.attributes_for_reply()?.attr(fs)?.size {
            return Err(NtStatus::INVALID_VIEW_SIZE.into());
        }
        if self.to.append_only() && c.target_offset < self.to.attr(fs)?.size {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        // Within one file the result must not depend on the order in which bytes move.
        let overlaps = Arc::ptr_eq(source, target)
            && c.source_offset < target_end
            && c.target_offset < source_end;
        if overlaps {
            return self.copy_at_once(fs, c);
        }
        let mut done = 0u64;
        while done < len {
            let (from, to) = (
                c.source_offset.saturating_add(done),
                c.target_offset.saturating_add(done),
            );
            match self
                .to
                .copy_from(fs, &self.from, from, to, len.saturating_sub(done))
            {
                // The source became shorter meanwhile.
                Ok(0) => return Err(NtStatus::INVALID_VIEW_SIZE.into()),
                Ok(n) => done = done.saturating_add(n),
                // Some file systems cannot do it, or not between these two.
                Err(e) if done == 0 && [EOPNOTSUPP, EXDEV, EINVAL, ENOSYS].contains(&e) => {
                    return self.copy_at_once(fs, c);
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Copies all of a file, which may be long, and tells how many bytes it has.
    fn copy_file(&self, w: &Work<H>) -> SmbResult<u64> {
        let size = self.source.attributes_for_reply()?.attr(w.fs())?.size;
        let mut at = 0u64;
        while at < size {
            if w.session()?.phase() == Phase::Closed {
                return Err(NtStatus::CANCELLED.into());
            }
            let length = u32::try_from(size.saturating_sub(at)).map_or(PIECE, |n| n.min(PIECE));
            self.copy(
                w.fs(),
                &CopyChunk {
                    source_offset: at,
                    target_offset: at,
                    length,
                },
            )?;
            at = at.saturating_add(u64::from(length));
        }
        Ok(size)
    }

    /// Copies one range by reading all of it first.
    fn copy_at_once(&self, fs: &H::Fs, c: &CopyChunk) -> SmbResult {
        let data = self.from.read(fs, c.source_offset, c.length)?;
        if data.len() != c.length as usize {
            return Err(NtStatus::INVALID_VIEW_SIZE.into());
        }
        let written = self
            .to
            .write(fs, c.target_offset, WriteSource::Payload(&data))?;
        if written != c.length {
            return Err(NtStatus::DISK_FULL.into());
        }
        Ok(())
    }
}
