// SPDX-License-Identifier: GPL-2.0-or-later
//! What the kind of a file, its attributes and its rights forbid an open of it ([MS-FSA] 2.1.5.1.2, 2.1.5.1.2.1).

use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateOptions, FileAttributes};
use proto_shared::status::NtStatus;

use super::opening::{Ctx, NOT_READ_ONLY};
use crate::error::SmbResult;
use crate::host::{FileKind, Host};
use crate::open::attributes::Meta;
use crate::open::dos_attrib::DosAttrib;
use crate::open::lookup::Found;
use crate::open::rights;

impl<H: Host> Ctx<'_, H> {
    /// Whether it is what the options ask for.
    pub(super) fn check_kind(&self, found: &Found<H>) -> SmbResult {
        let is_dir = found.attr.kind == FileKind::Dir;
        if self.is(CreateOptions::DIRECTORY_FILE) && !is_dir {
            return Err(NtStatus::NOT_A_DIRECTORY.into());
        }
        if self.is(CreateOptions::NON_DIRECTORY_FILE) && is_dir {
            return Err(NtStatus::FILE_IS_A_DIRECTORY.into());
        }
        if is_dir && self.overwrites() {
            // [MS-FSA] 2.1.5.1.2: directories have no content to be overwritten.
            let root = found.path.is_root();
            return Err(if root {
                NtStatus::ACCESS_DENIED
            } else {
                NtStatus::OBJECT_NAME_COLLISION
            }
            .into());
        }
        // Opening a FIFO waits for the other side, opening a device does what the device likes.
        let data = AccessMask::READ_DATA | AccessMask::EXECUTE | NOT_READ_ONLY;
        let special = !matches!(found.attr.kind, FileKind::File | FileKind::Dir);
        if special && (self.want.desired.intersects(data) || self.overwrites()) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(())
    }

    /// What the attributes of an existing file forbid.
    pub(super) fn check_attributes(&self, meta: &Meta, dos: Option<DosAttrib>) -> SmbResult {
        // To the POSIX extensions it is the permission bits that count.
        let read_only =
            meta.attributes.contains(FileAttributes::READONLY) && self.want.posix.is_none();
        if read_only && self.is(CreateOptions::DELETE_ON_CLOSE) {
            return Err(NtStatus::CANNOT_DELETE.into());
        }
        if meta.is_dir() {
            return Ok(());
        }
        if read_only && (self.overwrites() || self.want.desired.intersects(NOT_READ_ONLY)) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        // What was hidden or a system file must be asked for as such to be overwritten. Being hidden for its
        // name's sake does not count.
        let kept = FileAttributes::HIDDEN | FileAttributes::SYSTEM;
        let stored = dos.and_then(|d| d.attributes).unwrap_or_default() & kept;
        if self.overwrites() && !self.want.attributes.contains(stored) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(())
    }

    /// What the open is granted.
    pub(super) fn grant(&self, found: &Found<H>, meta: &Meta) -> SmbResult<AccessMask> {
        let want = self.want;
        let ask = if want.maximum {
            AccessMask::FILE_ALL_ACCESS | want.desired
        } else {
            want.desired
        };
        let needed = if self.overwrites() {
            want.desired | AccessMask::WRITE_DATA
        } else {
            want.desired
        };
        let mut allowed = rights::allowed(
            self.fs,
            self.tree,
            &found.node,
            &found.attr,
            &found.path,
            ask | needed,
        )?;
        if !allowed.contains(needed) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        let kind = found.attr.kind;
        if kind == FileKind::File
            && meta.attributes.contains(FileAttributes::READONLY)
            && want.posix.is_none()
        {
            // A file has no children, but Windows counts this right among those.
            allowed = allowed.without(NOT_READ_ONLY | AccessMask::DELETE_CHILD);
        }
        if !matches!(kind, FileKind::File | FileKind::Dir) {
            allowed = allowed.without(AccessMask::READ_DATA | AccessMask::EXECUTE | NOT_READ_ONLY);
        }
        let granted = if want.maximum {
            allowed | want.desired
        } else {
            want.desired
        };
        self.check_delete_on_close(granted)?;
        Ok(granted)
    }

    /// Whoever wants the file to go must be granted that.
    pub(super) fn check_delete_on_close(&self, granted: AccessMask) -> SmbResult {
        if self.is(CreateOptions::DELETE_ON_CLOSE) && !granted.contains(AccessMask::DELETE) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(())
    }
}
