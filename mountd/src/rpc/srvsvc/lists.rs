// SPDX-License-Identifier: GPL-2.0-or-later
//! What all enumerations of srvsvc have in common: a container of some level,
//! the client's limit, and a resume handle, which here is the number of the
//! first entry of the next page.

use super::super::werror;

/// An entry of a container.
pub(super) trait Entry {
    /// About how many bytes it takes.
    fn size(&self) -> usize;
}

/// What a client asks for.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    /// PreferedMaximumLength.
    pub(super) prefered_max: u32,
    /// ResumeHandle.
    pub(super) resume: Option<u32>,
}

/// What it gets.
pub(super) struct Page<E> {
    /// None for a level that there is not.
    pub(super) entries: Option<Vec<E>>,
    /// Entries from the resume point on.
    pub(super) total: u32,
    pub(super) resume: Option<u32>,
    pub(super) status: u32,
}

impl Ask {
    /// As many entries as the client wants, or the code why there are none.
    pub(super) fn page<E: Entry>(self, entries: Result<Vec<E>, u32>) -> Page<E> {
        let (mut entries, code) = match entries {
            Ok(entries) => (entries, werror::OK),
            Err(code) => (Vec::new(), code),
        };
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
        let next = if more { start + entries.len() } else { 0 };
        Page {
            total: u32::try_from(total.saturating_sub(start)).unwrap_or(u32::MAX),
            resume: self.resume.map(|_| u32::try_from(next).unwrap_or(0)),
            status: if more { werror::MORE_DATA } else { code },
            entries: (code != werror::INVALID_LEVEL).then_some(entries),
        }
    }
}

/// A container of entries, each made by `$make`, or none; an empty one has no
/// buffer.
macro_rules! container {
    ($entries:expr, $container:ident, $make:expr) => {
        $entries.map(|entries| {
            let buffer: Vec<_> = entries.iter().map($make).collect();
            $container {
                entries_read: u32::try_from(buffer.len()).unwrap_or(0),
                buffer: (!buffer.is_empty()).then_some(buffer),
            }
        })
    };
}

pub(super) use container;
