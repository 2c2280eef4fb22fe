// SPDX-License-Identifier: GPL-2.0-or-later
//! What all enumerations of srvsvc have in common: a container of some level,
//! the client's limit, and a resume handle, which here is the number of the
//! first entry of the next page.

use super::super::ndr::{Reader, Writer};
use super::super::pdu::fault;
use super::super::{werror, Fault};

/// An entry of a container.
pub(super) trait Entry {
    /// About how many bytes it takes.
    fn size(&self) -> usize;

    /// Writes the fixed part.
    fn fixed(&self, w: &mut Writer, level: u32);

    /// Writes what the pointers of the fixed part point to.
    fn deferred(&self, w: &mut Writer, level: u32);
}

/// What a client asks for.
pub(super) struct Ask {
    pub(super) level: u32,
    prefered_max: u32,
    resume: Option<u32>,
}

impl Ask {
    /// Reads *_ENUM_STRUCT, PreferedMaximumLength and ResumeHandle.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let level = r.u32()?;
        if r.u32()? != level {
            return Err(Fault(fault::BAD_STUB_DATA));
        }
        if r.pointer()? {
            // A container that the client leaves empty.
            let count = r.u32()?;
            if r.pointer()? || count != 0 {
                return Err(Fault(fault::BAD_STUB_DATA));
            }
        }
        Ok(Self {
            level,
            prefered_max: r.u32()?,
            resume: r.unique_u32()?,
        })
    }

    /// The answer: as many entries as the client wants, and `code` unless there
    /// are more.
    pub(super) fn answer<E: Entry>(&self, mut entries: Vec<E>, code: u32) -> Vec<u8> {
        let level = self.level;
        let start = usize::try_from(self.resume.unwrap_or(0)).unwrap_or(usize::MAX);
        let total = entries.len();
        let mut entries = entries.split_off(start.min(total));

        // The client's limit is of bytes of the answer; at least one entry goes.
        let mut size = 0usize;
        let limit = usize::try_from(self.prefered_max).unwrap_or(usize::MAX);
        let fit = entries
            .iter()
            .take_while(|e| {
                size += e.size();
                size <= limit
            })
            .count()
            .max(1);
        let more = entries.len() > fit;
        entries.truncate(fit);

        let mut w = Writer::new();
        w.u32(level);
        w.u32(level);
        w.pointer(code != werror::INVALID_LEVEL);
        if code != werror::INVALID_LEVEL {
            let count = u32::try_from(entries.len()).unwrap_or(0);
            w.u32(count);
            w.pointer(count != 0);
            if count != 0 {
                w.u32(count);
                entries.iter().for_each(|e| e.fixed(&mut w, level));
                entries.iter().for_each(|e| e.deferred(&mut w, level));
            }
        }
        // Entries from the resume point on.
        w.u32(u32::try_from(total.saturating_sub(start)).unwrap_or(u32::MAX));
        w.pointer(self.resume.is_some());
        if self.resume.is_some() {
            let next = if more { start + entries.len() } else { 0 };
            w.u32(u32::try_from(next).unwrap_or(0));
        }
        w.u32(if more { werror::MORE_DATA } else { code });
        w.into_bytes()
    }
}
