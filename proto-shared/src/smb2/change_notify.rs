// SPDX-License-Identifier: GPL-2.0-or-later
//! CHANGE_NOTIFY (\[MS-SMB2\] 2.2.35, 2.2.36).

use super::body::{self, PendingBuffer};
use super::output;
use super::types::FileId;
use crate::codec::{align_up, Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;

const REQUEST_SIZE: u16 = 32;

wire_flags! {
    /// Flags of the request (\[MS-SMB2\] 2.2.35).
    pub struct ChangeNotifyFlags(u16) {
        WATCH_TREE = 0x0001,
    }
}

wire_flags! {
    /// What to tell about (\[MS-SMB2\] 2.2.35, CompletionFilter).
    pub struct CompletionFilter(u32) {
        FILE_NAME = 0x0000_0001,
        DIR_NAME = 0x0000_0002,
        ATTRIBUTES = 0x0000_0004,
        SIZE = 0x0000_0008,
        LAST_WRITE = 0x0000_0010,
        LAST_ACCESS = 0x0000_0020,
        CREATION = 0x0000_0040,
        EA = 0x0000_0080,
        SECURITY = 0x0000_0100,
        STREAM_NAME = 0x0000_0200,
        STREAM_SIZE = 0x0000_0400,
        STREAM_WRITE = 0x0000_0800,
    }
}

wire_enum! {
    /// What happened to a file (\[MS-FSCC\] 2.7.1).
    pub struct NotifyAction(u32) {
        ADDED = 1,
        REMOVED = 2,
        MODIFIED = 3,
        RENAMED_OLD_NAME = 4,
        RENAMED_NEW_NAME = 5,
        ADDED_STREAM = 6,
        REMOVED_STREAM = 7,
        MODIFIED_STREAM = 8,
        REMOVED_BY_DELETE = 9,
        ID_NOT_TUNNELLED = 10,
        TUNNELLED_ID_COLLISION = 11,
    }
}

/// CHANGE_NOTIFY request (\[MS-SMB2\] 2.2.35).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeNotifyRequest {
    /// Flags.
    pub flags: ChangeNotifyFlags,
    /// Greatest output in bytes.
    pub output_buffer_length: u32,
    /// Handle of the directory.
    pub file_id: FileId,
    /// What to tell about.
    pub completion_filter: CompletionFilter,
}

impl ChangeNotifyRequest {
    /// Parses a message.
    pub fn parse(msg: &[u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, usize::from(REQUEST_SIZE))?;
        Ok(Self {
            flags: ChangeNotifyFlags(r.u16()?),
            output_buffer_length: r.u32()?,
            file_id: FileId::parse(&mut r)?,
            completion_filter: CompletionFilter(r.u32()?),
        })
    }

    /// Appends the body.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(REQUEST_SIZE)?;
        w.u16(self.flags.0)?;
        w.u32(self.output_buffer_length)?;
        self.file_id.write(w)?;
        w.u32(self.completion_filter.0)?;
        w.u32(0)
    }
}

/// Appends FILE_NOTIFY_INFORMATION entries (\[MS-FSCC\] 2.7.1) to the output
/// of a reply.
#[derive(Debug)]
pub struct NotifyWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    base: usize,
    last: Option<usize>,
}

impl<'w, 'a> NotifyWriter<'w, 'a> {
    /// A writer of entries that starts where `w` stands.
    #[must_use]
    pub fn new(w: &'w mut Writer<'a>) -> Self {
        let base = w.len();
        Self {
            w,
            base,
            last: None,
        }
    }

    /// Appends one entry; when it does not fit, what was there stays as it
    /// is. `name` is relative to the watched directory, parts separated by
    /// `\`.
    pub fn push(&mut self, action: NotifyAction, name: &str) -> Result<(), NoSpace> {
        let before = self.w.len();
        let result = self.try_push(action, name);
        if result.is_err() {
            self.w.truncate(before);
        }
        result
    }

    fn try_push(&mut self, action: NotifyAction, name: &str) -> Result<(), NoSpace> {
        self.w.align_from(self.base, 4)?;
        let at = self.w.len();
        self.w.u32(0)?;
        self.w.u32(action.0)?;
        let len_at = self.w.len();
        self.w.u32(0)?;
        let len = self.w.utf16(name)?;
        self.w.patch_len32(len_at, len)?;
        if let Some(last) = self.last {
            self.w
                .patch_len32(last, at.checked_sub(last).ok_or(NoSpace)?)?;
        }
        self.last = Some(at);
        Ok(())
    }
}

/// Walks FILE_NOTIFY_INFORMATION entries.
pub fn notify_entries(
    output: &[u8],
) -> impl Iterator<Item = Result<(NotifyAction, Utf16<'_>), Malformed>> {
    let mut rest = (!output.is_empty()).then_some(output);
    core::iter::from_fn(move || {
        let entry = rest.take()?;
        Some(notify_entry(entry).map(|(next, action, name)| {
            rest = next;
            (action, name)
        }))
    })
}

type NotifyEntry<'a> = (Option<&'a [u8]>, NotifyAction, Utf16<'a>);

fn notify_entry(entry: &[u8]) -> Result<NotifyEntry<'_>, Malformed> {
    let mut r = Reader::new(entry);
    let next = r.len32()?;
    let action = NotifyAction(r.u32()?);
    let len = r.len32()?;
    let name = Utf16::new(r.take(len)?)?;
    let bad = Malformed::new("NextEntryOffset");
    let rest = match next {
        0 => None,
        _ if align_up(next, 4) != Some(next) || next < r.position() => return Err(bad),
        _ => Some(entry.get(next..).ok_or(bad)?),
    };
    Ok((rest, action, name))
}

/// CHANGE_NOTIFY response (\[MS-SMB2\] 2.2.36).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeNotifyResponse<'a> {
    /// Output.
    pub output: &'a [u8],
}

impl<'a> ChangeNotifyResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            output: output::parse(msg)?,
        })
    }

    /// Appends the fixed part; the caller then appends the output and calls
    /// [`PendingBuffer::finish`].
    pub fn begin(w: &mut Writer<'_>) -> Result<PendingBuffer, NoSpace> {
        output::begin(w)
    }

    /// Appends the body with its output.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        output::write(self.output, w)
    }
}
