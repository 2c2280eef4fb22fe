// SPDX-License-Identifier: GPL-2.0-or-later
//! File information as it is set (\[MS-FSCC\] 2.4), in the layout of SMB2
//! where SMB1 has another.
//!
//! Sizes and positions are signed on the wire; a negative one is malformed,
//! so that nobody behind this parser has to think of signs.

use super::classes::FileInfoClass;
use super::ea;
use super::file::BasicInfo;
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;

wire_flags! {
    /// Flags of FileDispositionInformationEx (\[MS-FSCC\] 2.4.11.1).
    pub struct DispositionFlags(u32) {
        DELETE = 0x0000_0001,
        POSIX_SEMANTICS = 0x0000_0002,
        FORCE_IMAGE_SECTION_CHECK = 0x0000_0004,
        ON_CLOSE = 0x0000_0008,
        IGNORE_READONLY_ATTRIBUTE = 0x0000_0010,
    }
}

wire_flags! {
    /// Flags of FileRenameInformationEx and FileLinkInformationEx
    /// (\[MS-FSCC\] 2.4.42.3, 2.4.26).
    pub struct RenameFlags(u32) {
        REPLACE_IF_EXISTS = 0x0000_0001,
        POSIX_SEMANTICS = 0x0000_0002,
        SUPPRESS_PIN_STATE_INHERITANCE = 0x0000_0004,
        SUPPRESS_STORAGE_RESERVE_INHERITANCE = 0x0000_0008,
        NO_INCREASE_AVAILABLE_SPACE = 0x0000_0010,
        NO_DECREASE_AVAILABLE_SPACE = 0x0000_0020,
        IGNORE_READONLY_ATTRIBUTE = 0x0000_0040,
    }
}

/// FileRenameInformation type 2, FileLinkInformation type 2 and their Ex
/// forms (\[MS-FSCC\] 2.4.42.2, 2.4.27.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenameInfo<'a> {
    /// Flags; the forms without Ex have only
    /// [`RenameFlags::REPLACE_IF_EXISTS`].
    pub flags: RenameFlags,
    /// Handle of the directory; must be 0 over the network, which is for the
    /// engine to refuse.
    pub root_directory: u64,
    /// New name, from the share's root.
    pub name: Utf16<'a>,
}

impl<'a> RenameInfo<'a> {
    fn parse(r: &mut Reader<'a>, extended: bool) -> Result<Self, Malformed> {
        let flags = if extended {
            RenameFlags(r.u32()?)
        } else {
            let replace = r.u8()? != 0;
            r.skip(3)?;
            if replace {
                RenameFlags::REPLACE_IF_EXISTS
            } else {
                RenameFlags::NONE
            }
        };
        r.skip(4)?;
        let root_directory = r.u64()?;
        let len = r.len32()?;
        Ok(Self {
            flags,
            root_directory,
            name: Utf16::new(r.take(len)?)?,
        })
    }

    /// Appends the form with Ex or that without, in which only
    /// [`RenameFlags::REPLACE_IF_EXISTS`] survives.
    pub fn write(&self, extended: bool, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let flags = if extended {
            self.flags
        } else {
            self.flags & RenameFlags::REPLACE_IF_EXISTS
        };
        w.u32(flags.0)?;
        w.u32(0)?;
        w.u64(self.root_directory)?;
        w.len32(self.name.as_bytes().len())?;
        w.bytes(self.name.as_bytes())
    }

    /// Whether a file of the new name gives way.
    #[inline]
    #[must_use]
    pub const fn replace_if_exists(&self) -> bool {
        self.flags.contains(RenameFlags::REPLACE_IF_EXISTS)
    }
}

/// FileFullEaInformation that is set: a chain that was walked once without
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EaList<'a>(&'a [u8]);

impl<'a> EaList<'a> {
    /// Checks a chain.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        for entry in ea::full_ea_entries(bytes) {
            entry?;
        }
        Ok(Self(bytes))
    }

    /// The attributes in order.
    pub fn iter(&self) -> impl Iterator<Item = ea::FullEa<'a>> {
        ea::full_ea_entries(self.0).map_while(Result::ok)
    }

    /// The chain.
    #[inline]
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// What SET_INFO sets of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFileInfo<'a> {
    /// FileBasicInformation: times may be the marks of
    /// [`crate::dtyp::FileTime`], attributes 0 mean "leave".
    Basic(BasicInfo),
    /// FileRenameInformation.
    Rename(RenameInfo<'a>),
    /// FileRenameInformationEx.
    RenameEx(RenameInfo<'a>),
    /// FileLinkInformation.
    Link(RenameInfo<'a>),
    /// FileLinkInformationEx.
    LinkEx(RenameInfo<'a>),
    /// FileDispositionInformation: whether to delete on close.
    Disposition(bool),
    /// FileDispositionInformationEx.
    DispositionEx(DispositionFlags),
    /// FilePositionInformation: position in bytes.
    Position(u64),
    /// FileModeInformation.
    Mode(u32),
    /// FileAllocationInformation: bytes to allocate.
    Allocation(u64),
    /// FileEndOfFileInformation: new size in bytes.
    EndOfFile(u64),
    /// FileValidDataLengthInformation: bytes.
    ValidDataLength(u64),
    /// FileFullEaInformation.
    FullEa(EaList<'a>),
    /// FilePipeInformation.
    Pipe(super::file::PipeInfo),
}

/// Eight bytes that must not be negative when taken as signed.
pub(super) fn u63(r: &mut Reader<'_>) -> Result<u64, Malformed> {
    u64::try_from(r.i64()?).map_err(|_| Malformed::new("negative size or offset"))
}

impl<'a> SetFileInfo<'a> {
    /// Shortest buffer in bytes of a class that can be set; shorter ones are
    /// answered with `STATUS_INFO_LENGTH_MISMATCH`, classes without an answer
    /// with `STATUS_INVALID_INFO_CLASS`.
    #[must_use]
    pub const fn min_len(class: FileInfoClass) -> Option<usize> {
        Some(match class {
            FileInfoClass::BASIC => BasicInfo::LEN,
            FileInfoClass::RENAME
            | FileInfoClass::RENAME_EX
            | FileInfoClass::LINK
            | FileInfoClass::LINK_EX => 20,
            FileInfoClass::DISPOSITION => 1,
            FileInfoClass::DISPOSITION_EX | FileInfoClass::MODE => 4,
            FileInfoClass::POSITION
            | FileInfoClass::ALLOCATION
            | FileInfoClass::END_OF_FILE
            | FileInfoClass::VALID_DATA_LENGTH
            | FileInfoClass::PIPE => 8,
            FileInfoClass::FULL_EA => 0,
            _ => return None,
        })
    }

    /// Parses the buffer of a SET_INFO. `None`: a class that cannot be set.
    pub fn parse(class: FileInfoClass, buffer: &'a [u8]) -> Result<Option<Self>, Malformed> {
        let mut r = Reader::new(buffer);
        let r = &mut r;
        Ok(Some(match class {
            FileInfoClass::BASIC => Self::Basic(BasicInfo::parse(r)?),
            FileInfoClass::RENAME => Self::Rename(RenameInfo::parse(r, false)?),
            FileInfoClass::RENAME_EX => Self::RenameEx(RenameInfo::parse(r, true)?),
            FileInfoClass::LINK => Self::Link(RenameInfo::parse(r, false)?),
            FileInfoClass::LINK_EX => Self::LinkEx(RenameInfo::parse(r, true)?),
            FileInfoClass::DISPOSITION => Self::Disposition(r.u8()? != 0),
            FileInfoClass::DISPOSITION_EX => Self::DispositionEx(DispositionFlags(r.u32()?)),
            FileInfoClass::POSITION => Self::Position(u63(r)?),
            FileInfoClass::MODE => Self::Mode(r.u32()?),
            FileInfoClass::ALLOCATION => Self::Allocation(u63(r)?),
            FileInfoClass::END_OF_FILE => Self::EndOfFile(u63(r)?),
            FileInfoClass::VALID_DATA_LENGTH => Self::ValidDataLength(u63(r)?),
            FileInfoClass::FULL_EA => Self::FullEa(EaList::parse(buffer)?),
            FileInfoClass::PIPE => Self::Pipe(super::file::PipeInfo::parse(r)?),
            _ => return Ok(None),
        }))
    }

    /// Class of the value.
    #[must_use]
    pub const fn class(&self) -> FileInfoClass {
        match self {
            Self::Basic(_) => FileInfoClass::BASIC,
            Self::Rename(_) => FileInfoClass::RENAME,
            Self::RenameEx(_) => FileInfoClass::RENAME_EX,
            Self::Link(_) => FileInfoClass::LINK,
            Self::LinkEx(_) => FileInfoClass::LINK_EX,
            Self::Disposition(_) => FileInfoClass::DISPOSITION,
            Self::DispositionEx(_) => FileInfoClass::DISPOSITION_EX,
            Self::Position(_) => FileInfoClass::POSITION,
            Self::Mode(_) => FileInfoClass::MODE,
            Self::Allocation(_) => FileInfoClass::ALLOCATION,
            Self::EndOfFile(_) => FileInfoClass::END_OF_FILE,
            Self::ValidDataLength(_) => FileInfoClass::VALID_DATA_LENGTH,
            Self::FullEa(_) => FileInfoClass::FULL_EA,
            Self::Pipe(_) => FileInfoClass::PIPE,
        }
    }

    /// Appends the wire form.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        match self {
            Self::Basic(info) => info.write(w),
            Self::Rename(info) | Self::Link(info) => info.write(false, w),
            Self::RenameEx(info) | Self::LinkEx(info) => info.write(true, w),
            Self::Disposition(delete) => w.u8(u8::from(*delete)),
            Self::DispositionEx(flags) => w.u32(flags.0),
            Self::Mode(mode) => w.u32(*mode),
            Self::Position(value)
            | Self::Allocation(value)
            | Self::EndOfFile(value)
            | Self::ValidDataLength(value) => w.u64(*value),
            Self::FullEa(list) => w.bytes(list.as_bytes()),
            Self::Pipe(info) => info.write(w),
        }
    }
}
