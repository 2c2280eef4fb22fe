// SPDX-License-Identifier: GPL-2.0-or-later
//! `user.DOSATTRIB`: the attributes and the creation time that Unix does not keep, in the form in which Samba
//! and C ksmbd store them, so that a share can move between the servers.
//!
//! The value is NDR of `{ string attrib_hex; u16 version; union info }`, the union's discriminant repeating the
//! version and its arm aligned to four bytes. Versions 1 to 5 are read. Version 4 is written, which everybody
//! reads:
//!
//! | version | arm |
//! |---|---|
//! | 1 | attributes, EA size (u32); size, allocation, creation, change (u64) |
//! | 2, 3 | valid flags, attributes, EA size (u32); size, allocation, creation, change (u64) … |
//! | 4 | valid flags, attributes (u32); a time that names the inode, creation (u64) |
//! | 5 | valid flags, attributes (u32); creation (u64) |
//!
//! The value comes from a disk that others write to: nothing in it is believed before it is checked, and what
//! makes no sense counts as not there.

use kernel::prelude::*;

use proto_shared::codec::{Malformed, NoSpace, Reader, Writer};
use proto_shared::dtyp::FileTime;
use proto_shared::fscc::flags::FileAttributes;
use proto_shared::ipc::TreeFlags;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::tree::Tree;

/// Name of the extended attribute.
const NAME: &CStr = c"user.DOSATTRIB";
/// Longest value that is looked at; version 2 carries a name.
const MAX_LEN: usize = 512;
/// Length of a value of version 4.
const V4_LEN: usize = 32;

const VALID_ATTRIBUTES: u32 = 0x01;
const VALID_CREATE_TIME: u32 = 0x10;

/// Attributes that are kept here; the others follow from the file.
pub const STORED: FileAttributes = FileAttributes(
    FileAttributes::READONLY.0
        | FileAttributes::HIDDEN.0
        | FileAttributes::SYSTEM.0
        | FileAttributes::ARCHIVE.0
        | FileAttributes::TEMPORARY.0
        | FileAttributes::SPARSE_FILE.0
        | FileAttributes::OFFLINE.0
        | FileAttributes::NOT_CONTENT_INDEXED.0,
);

/// What is stored with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DosAttrib {
    /// Some of [`STORED`]; `None` if the value does not say.
    pub attributes: Option<FileAttributes>,
    /// When the file was made.
    pub created: Option<FileTime>,
}

impl DosAttrib {
    /// Reads a value.
    ///
    /// # Errors
    /// It is truncated, or of a version nobody knows.
    pub fn parse(value: &[u8]) -> core::result::Result<Self, Malformed> {
        let mut r = Reader::new(value);
        while r.u8()? != 0 {}
        r.align(2)?;
        let version = r.u16()?;
        if r.u16()? != version {
            return Err(Malformed::new("discriminant of user.DOSATTRIB"));
        }
        r.align(4)?;
        let valid = match version {
            1 => VALID_ATTRIBUTES | VALID_CREATE_TIME,
            2..=5 => r.u32()?,
            _ => return Err(Malformed::new("version of user.DOSATTRIB")),
        };
        let attributes = FileAttributes(r.u32()?);
        match version {
            // EA size, size and allocation are the file's own business.
            1..=3 => r.skip(20)?,
            4 => r.skip(8)?,
            _ => {}
        }
        let created = FileTime(r.u64()?);
        Ok(Self {
            attributes: (valid & VALID_ATTRIBUTES != 0).then_some(attributes & STORED),
            created: (valid & VALID_CREATE_TIME != 0 && created.is_time()).then_some(created),
        })
    }

    /// Appends the value in version 4.
    ///
    /// # Errors
    /// No space for 32 bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> core::result::Result<(), NoSpace> {
        let mut valid = 0;
        if self.attributes.is_some() {
            valid |= VALID_ATTRIBUTES;
        }
        if self.created.is_some() {
            valid |= VALID_CREATE_TIME;
        }
        let created = self.created.unwrap_or_default();
        // The empty string and its padding, the version, the discriminant and its padding.
        w.zeros(2)?;
        w.u16(4)?;
        w.u16(4)?;
        w.u16(0)?;
        w.u32(valid)?;
        w.u32((self.attributes.unwrap_or_default() & STORED).bits())?;
        // The first time names the inode for others; the creation time never changes by itself, so it serves.
        created.write(w)?;
        created.write(w)
    }
}

/// What is stored with a file; `None` if nothing (usable) is, or if the share keeps none.
///
/// # Errors
/// The host's, where they are about the server rather than the file.
pub(crate) fn load<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &<H::Fs as Fs>::Node,
) -> SmbResult<Option<DosAttrib>> {
    if !tree.has(TreeFlags::STORE_DOS_ATTRIBUTES) {
        return Ok(None);
    }
    let mut buf = [0; MAX_LEN];
    match fs.get_xattr(node, fs.server_creds(), NAME, &mut buf) {
        Ok(len) => Ok(buf
            .get(..len)
            .and_then(|value| DosAttrib::parse(value).ok())),
        Err(e) if e == ENOMEM || e == EIO => Err(e.into()),
        // Not there, not supported, not for this kind of file.
        Err(_) => Ok(None),
    }
}

/// Stores attributes and creation time with a file.
///
/// # Errors
/// `NOT_SUPPORTED` if the share keeps none; the host's.
pub(crate) fn store<H: Host>(
    fs: &H::Fs,
    tree: &Tree<H>,
    node: &<H::Fs as Fs>::Node,
    dos: &DosAttrib,
) -> SmbResult {
    if !tree.has(TreeFlags::STORE_DOS_ATTRIBUTES) {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let mut buf = [0; V4_LEN];
    dos.write(&mut Writer::new(&mut buf))?;
    fs.set_xattr(node, fs.server_creds(), NAME, &buf)?;
    Ok(())
}

/// Marks a file whose data or extended attributes were changed, for programs that back up what has changed
/// ([MS-FSA] 2.1.4.17). Files without stored attributes stay without, and a host that refuses is no reason to fail what
/// has been done already.
pub(crate) fn archive<H: Host>(fs: &H::Fs, tree: &Tree<H>, node: &<H::Fs as Fs>::Node) {
    let Ok(Some(mut dos)) = load(fs, tree, node) else {
        return;
    };
    match dos.attributes {
        Some(a) if !a.contains(FileAttributes::ARCHIVE) => {
            dos.attributes = Some(a | FileAttributes::ARCHIVE);
            let _ = store(fs, tree, node, &dos);
        }
        _ => {}
    }
}
