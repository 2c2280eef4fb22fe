// SPDX-License-Identifier: GPL-2.0-or-later
//! What clients are told of files, directories and file systems ([MS-FSCC] 2.4, 2.5).

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::fscc::file::Times;
use proto_shared::fscc::reparse::ReparseTag;
use proto_shared::fscc::Fit;
use proto_shared::smb2::QueryInfoResponse;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{FileKind, Host};
use crate::open::attributes::Meta;
use crate::work::Reply;

pub mod directory;
pub(crate) mod ea;
pub(crate) mod file;
pub(crate) mod fs;
pub(crate) mod posix;
pub mod short_name;

/// Length of a QUERY_INFO reply's body before its output.
pub(crate) const REPLY_FIXED: usize = 8;

/// The reparse tag under which a file of this kind appears.
pub(crate) fn reparse_tag(kind: FileKind) -> ReparseTag {
    match kind {
        FileKind::File | FileKind::Dir => ReparseTag::NONE,
        FileKind::Symlink => ReparseTag::SYMLINK,
        FileKind::Fifo | FileKind::Socket | FileKind::Char | FileKind::Block => ReparseTag::NFS,
    }
}

/// A file's times in the wire's form.
pub(crate) fn times(meta: &Meta) -> Times {
    Times {
        creation: meta.created,
        last_access: meta.accessed,
        last_write: meta.written,
        change: meta.changed,
    }
}

/// How large an answer may be and must be ([MS-SMB2] 3.3.5.20.1, 3.3.5.20.2).
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    /// OutputBufferLength.
    pub(crate) limit: usize,
    /// Length of the class's structure without what is variable in it, padding at its end included.
    pub(crate) fixed: usize,
    /// Most bytes that the class can have here.
    pub(crate) room: usize,
}

impl Answer {
    /// Writes the reply. `fill` is given a writer that ends where the client's buffer ends, and says whether
    /// something was cut off there; the status then says so, too.
    ///
    /// # Errors
    /// `INFO_LENGTH_MISMATCH` if not even the fixed part fits, `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn write<H: Host>(
        self,
        out: &mut Reply<H>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<Fit, NoSpace>,
    ) -> SmbResult {
        if self.limit < self.fixed {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let room = self.limit.min(self.room);
        let fit = out.write(room.saturating_add(REPLY_FIXED), |w| {
            let output = QueryInfoResponse::begin(w)?;
            let fit = fill(w)?;
            output.finish(w)?;
            Ok(fit)
        })?;
        if !fit.is_whole() {
            out.status = NtStatus::BUFFER_OVERFLOW;
        }
        Ok(())
    }
}
