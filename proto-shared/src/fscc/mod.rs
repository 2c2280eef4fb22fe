// SPDX-License-Identifier: GPL-2.0-or-later
//! File system control codes, information classes and attributes
//! (\[MS-FSCC\]).

pub mod classes;
pub mod directory;
pub mod ea;
pub mod file;
pub mod flags;
pub mod fs;
pub mod fsctl;
pub mod network;
pub mod reparse;
pub mod set;
pub mod snapshot;

pub use classes::{FileInfoClass, FsInfoClass};
pub use directory::{DirEntry, DirWriter};
pub use flags::{CreateAction, CreateDisposition, CreateOptions, FileAttributes, ShareAccess};
pub use fsctl::CtlCode;
pub use set::SetFileInfo;

use crate::codec::{NoSpace, Writer};

/// Whether a structure that ends in a name was written whole. The name may be
/// cut where the client's buffer ends: the reply's status is then
/// `STATUS_BUFFER_OVERFLOW`, and the length field tells the whole length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a cut name is answered with STATUS_BUFFER_OVERFLOW"]
pub enum Fit {
    /// All of it.
    Whole,
    /// The name was cut.
    Cut,
}

impl Fit {
    /// Whether all of it was written.
    #[inline]
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Whole)
    }
}

/// Appends `name` as UTF-16 as far as it fits, in whole code units, and puts
/// its whole length into the four bytes at `len_at`.
fn write_name(name: &str, len_at: usize, w: &mut Writer<'_>) -> Result<Fit, NoSpace> {
    w.patch_len32(len_at, crate::dtyp::utf16::encoded_len(name))?;
    for unit in name.encode_utf16() {
        if w.u16(unit).is_err() {
            return Ok(Fit::Cut);
        }
    }
    Ok(Fit::Whole)
}
