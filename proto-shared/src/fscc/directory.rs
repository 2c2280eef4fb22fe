// SPDX-License-Identifier: GPL-2.0-or-later
//! Directory entries (\[MS-FSCC\] 2.4.8, 2.4.10, 2.4.14, 2.4.17 to 2.4.20,
//! 2.4.28, and class 100 of the SMB3 POSIX extensions).
//!
//! Invariant of [`DirWriter`]: what lies in the writer is a whole chain of
//! entries, each on an 8-byte boundary from the first, the last with
//! NextEntryOffset 0; an entry that does not fit leaves no trace.

use super::classes::FileInfoClass;
use super::file::{PosixInfo, Times};
use super::flags::FileAttributes;
use crate::codec::{align_up, Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;
use crate::smb2::AppleEntry;

/// Greatest short name in UTF-16 code units.
const SHORT_NAME_UNITS: usize = 12;
/// Field of the short name in bytes.
const SHORT_NAME_LEN: usize = 24;

/// What a directory tells of a file; each class uses its part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirEntry<'a> {
    /// Position within the directory; 0 where the file system has none.
    pub file_index: u32,
    /// Times.
    pub times: Times,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Attributes.
    pub attributes: FileAttributes,
    /// Bytes of the extended attributes.
    pub ea_size: u32,
    /// Reparse tag, 0 if none.
    pub reparse_tag: u32,
    /// Number of the file within its volume.
    pub file_id: u64,
    /// 8.3 name, or empty.
    pub short_name: &'a str,
    /// Name.
    pub name: &'a str,
    /// For class [`FileInfoClass::POSIX`]; other classes do not look at it.
    pub posix: Option<&'a PosixInfo>,
    /// For class [`FileInfoClass::ID_BOTH_DIRECTORY`] and clients of Apple's.
    pub apple: Option<&'a AppleEntry>,
}

impl DirEntry<'_> {
    /// The field that holds the size of the extended attributes, or the
    /// reparse tag of a reparse point.
    const fn ea_size_or_tag(&self) -> u32 {
        if self.attributes.contains(FileAttributes::REPARSE_POINT) {
            self.reparse_tag
        } else {
            self.ea_size
        }
    }
}

/// Appends directory entries of one class.
#[derive(Debug)]
pub struct DirWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    class: FileInfoClass,
    base: usize,
    last: Option<usize>,
    count: usize,
}

impl<'w, 'a> DirWriter<'w, 'a> {
    /// Entries of `class` that begin where `w` stands. `None`: not a class
    /// of directory entries (answered with `STATUS_INVALID_INFO_CLASS`).
    #[must_use]
    pub fn new(w: &'w mut Writer<'a>, class: FileInfoClass) -> Option<Self> {
        if !is_directory_class(class) {
            return None;
        }
        let base = w.len();
        Some(Self {
            w,
            class,
            base,
            last: None,
            count: 0,
        })
    }

    /// The class of the entries.
    #[must_use]
    pub const fn class(&self) -> FileInfoClass {
        self.class
    }

    /// Appends an entry. Errors: it does not fit, or the class is POSIX and
    /// the entry has no such part; the chain is as before.
    pub fn push(&mut self, entry: &DirEntry<'_>) -> Result<(), NoSpace> {
        let before = self.w.len();
        match self.try_push(entry) {
            Ok(at) => {
                self.last = Some(at);
                self.count = self.count.saturating_add(1);
                Ok(())
            }
            Err(e) => {
                self.w.truncate(before);
                Err(e)
            }
        }
    }

    /// Number of entries so far.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    fn try_push(&mut self, entry: &DirEntry<'_>) -> Result<usize, NoSpace> {
        self.w.align_from(self.base, 8)?;
        let at = self.w.len();
        self.w.u32(0)?;
        self.w.u32(entry.file_index)?;
        write_entry(self.class, entry, self.w)?;
        if let Some(last) = self.last {
            self.w
                .patch_len32(last, at.checked_sub(last).ok_or(NoSpace)?)?;
        }
        Ok(at)
    }
}

/// Whether QUERY_DIRECTORY knows the class.
#[must_use]
pub const fn is_directory_class(class: FileInfoClass) -> bool {
    fixed_len(class).is_some()
}

/// Length in bytes of an entry of that class before its name; for the POSIX
/// class with the shortest SIDs. A client's buffer shorter than this is
/// answered with `STATUS_INFO_LENGTH_MISMATCH`.
#[must_use]
pub const fn fixed_len(class: FileInfoClass) -> Option<usize> {
    Some(match class {
        FileInfoClass::DIRECTORY => 64,
        FileInfoClass::FULL_DIRECTORY => 68,
        FileInfoClass::BOTH_DIRECTORY => 94,
        FileInfoClass::NAMES => 12,
        FileInfoClass::ID_BOTH_DIRECTORY => 104,
        FileInfoClass::ID_FULL_DIRECTORY => 80,
        FileInfoClass::ID_EXTD_DIRECTORY => 88,
        FileInfoClass::ID_EXTD_BOTH_DIRECTORY => 114,
        FileInfoClass::POSIX => 112,
        _ => return None,
    })
}

fn write_entry(class: FileInfoClass, e: &DirEntry<'_>, w: &mut Writer<'_>) -> Result<(), NoSpace> {
    if class == FileInfoClass::NAMES {
        return write_counted_name(e.name, w);
    }
    if class == FileInfoClass::POSIX {
        e.posix.ok_or(NoSpace)?.write(w)?;
        return write_counted_name(e.name, w);
    }
    e.times.write(w)?;
    w.u64(e.end_of_file)?;
    w.u64(e.allocation_size)?;
    w.u32(e.attributes.0)?;
    let name_len_at = w.len();
    w.u32(0)?;
    match class {
        FileInfoClass::DIRECTORY => {}
        FileInfoClass::FULL_DIRECTORY => w.u32(e.ea_size_or_tag())?,
        FileInfoClass::BOTH_DIRECTORY => {
            w.u32(e.ea_size_or_tag())?;
            write_short_name(e.short_name, w)?;
        }
        FileInfoClass::ID_BOTH_DIRECTORY => {
            match e.apple {
                Some(apple) => apple.write(w)?,
                None => {
                    w.u32(e.ea_size_or_tag())?;
                    write_short_name(e.short_name, w)?;
                    w.u16(0)?;
                }
            }
            w.u64(e.file_id)?;
        }
        FileInfoClass::ID_FULL_DIRECTORY => {
            w.u32(e.ea_size_or_tag())?;
            w.u32(0)?;
            w.u64(e.file_id)?;
        }
        FileInfoClass::ID_EXTD_DIRECTORY | FileInfoClass::ID_EXTD_BOTH_DIRECTORY => {
            w.u32(e.ea_size)?;
            w.u32(e.reparse_tag)?;
            w.u64(e.file_id)?;
            w.u64(0)?;
            if class == FileInfoClass::ID_EXTD_BOTH_DIRECTORY {
                write_short_name(e.short_name, w)?;
            }
        }
        // `DirWriter::new` takes no other class.
        _ => return Err(NoSpace),
    }
    let len = w.utf16(e.name)?;
    w.patch_len32(name_len_at, len)
}

fn write_counted_name(name: &str, w: &mut Writer<'_>) -> Result<(), NoSpace> {
    let len_at = w.len();
    w.u32(0)?;
    let len = w.utf16(name)?;
    w.patch_len32(len_at, len)
}

/// ShortNameLength, reserved byte, 24 bytes of name.
fn write_short_name(name: &str, w: &mut Writer<'_>) -> Result<(), NoSpace> {
    let units = name.encode_utf16().count();
    // A name that is no short name is left out rather than cut.
    let (name, units) = if units > SHORT_NAME_UNITS {
        ("", 0)
    } else {
        (name, units)
    };
    let len = units.saturating_mul(2);
    w.u8(u8::try_from(len).map_err(|_| NoSpace)?)?;
    w.u8(0)?;
    w.utf16(name)?;
    w.zeros(SHORT_NAME_LEN.saturating_sub(len))
}

/// A directory entry as a client reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirEntryView<'a> {
    /// Position within the directory.
    pub file_index: u32,
    /// Times; zero in class [`FileInfoClass::NAMES`].
    pub times: Times,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Attributes.
    pub attributes: FileAttributes,
    /// Number of the file, 0 in classes without.
    pub file_id: u64,
    /// Name.
    pub name: Utf16<'a>,
    /// POSIX part.
    pub posix: Option<PosixInfo>,
}

/// Walks the entries of a QUERY_DIRECTORY reply; an error ends the walk.
pub fn entries(
    class: FileInfoClass,
    output: &[u8],
) -> impl Iterator<Item = Result<DirEntryView<'_>, Malformed>> {
    let mut rest = (!output.is_empty()).then_some(output);
    core::iter::from_fn(move || {
        let bytes = rest.take()?;
        Some(parse_entry(class, bytes).map(|(next, entry)| {
            rest = next;
            entry
        }))
    })
}

type Parsed<'a> = (Option<&'a [u8]>, DirEntryView<'a>);

fn parse_entry(class: FileInfoClass, bytes: &[u8]) -> Result<Parsed<'_>, Malformed> {
    let bad = Malformed::new("NextEntryOffset");
    let mut r = Reader::new(bytes);
    let next = r.len32()?;
    let mut e = DirEntryView {
        file_index: r.u32()?,
        times: Times::default(),
        end_of_file: 0,
        allocation_size: 0,
        attributes: FileAttributes::NONE,
        file_id: 0,
        name: Utf16::EMPTY,
        posix: None,
    };
    let name_len = match class {
        FileInfoClass::NAMES => r.len32()?,
        FileInfoClass::POSIX => {
            let posix = PosixInfo::parse(&mut r)?;
            e.times = posix.times;
            e.end_of_file = posix.end_of_file;
            e.allocation_size = posix.allocation_size;
            e.attributes = posix.attributes;
            e.file_id = posix.inode;
            e.posix = Some(posix);
            r.len32()?
        }
        _ => {
            e.times = Times::parse(&mut r)?;
            e.end_of_file = r.u64()?;
            e.allocation_size = r.u64()?;
            e.attributes = FileAttributes(r.u32()?);
            let name_len = r.len32()?;
            match class {
                FileInfoClass::DIRECTORY => {}
                FileInfoClass::FULL_DIRECTORY => r.skip(4)?,
                FileInfoClass::BOTH_DIRECTORY => r.skip(30)?,
                FileInfoClass::ID_BOTH_DIRECTORY => {
                    r.skip(32)?;
                    e.file_id = r.u64()?;
                }
                FileInfoClass::ID_FULL_DIRECTORY => {
                    r.skip(8)?;
                    e.file_id = r.u64()?;
                }
                FileInfoClass::ID_EXTD_DIRECTORY | FileInfoClass::ID_EXTD_BOTH_DIRECTORY => {
                    r.skip(8)?;
                    e.file_id = r.u64()?;
                    r.skip(8)?;
                    if class == FileInfoClass::ID_EXTD_BOTH_DIRECTORY {
                        r.skip(26)?;
                    }
                }
                _ => return Err(Malformed::new("not a directory class")),
            }
            name_len
        }
    };
    e.name = Utf16::new(r.take(name_len)?)?;
    let rest = match next {
        0 => None,
        _ if align_up(next, 8) != Some(next) || next < r.position() => return Err(bad),
        _ => Some(bytes.get(next..).ok_or(bad)?),
    };
    Ok((rest, e))
}
