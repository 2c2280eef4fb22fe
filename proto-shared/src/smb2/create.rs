// SPDX-License-Identifier: GPL-2.0-or-later
//! CREATE (\[MS-SMB2\] 2.2.13, 2.2.14). The contexts are in
//! [`super::create_context`].

use super::body::{self, BodyStart};
use super::create_context::{CreateContextWriter, CreateContexts};
use super::types::{FileId, OplockLevel};
use crate::codec::{Malformed, NoSpace, Writer};
use crate::dtyp::access::AccessMask;
use crate::dtyp::{FileTime, Utf16};
use crate::fscc::{CreateAction, CreateDisposition, CreateOptions, FileAttributes, ShareAccess};
use crate::limits::SMB2_HEADER_LEN;

const REQUEST_SIZE: u16 = 57;
const REQUEST_FIXED: usize = 56;
const RESPONSE_SIZE: u16 = 89;
const RESPONSE_FIXED: usize = 88;

wire_enum! {
    /// Impersonation level (\[MS-SMB2\] 2.2.13).
    pub struct ImpersonationLevel(u32) {
        ANONYMOUS = 0,
        IDENTIFICATION = 1,
        IMPERSONATION = 2,
        DELEGATE = 3,
    }
}

wire_flags! {
    /// Flags of the reply (\[MS-SMB2\] 2.2.14).
    pub struct CreateResponseFlags(u8) {
        REPARSE_POINT = 0x01,
    }
}

/// CREATE request (\[MS-SMB2\] 2.2.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateRequest<'a> {
    /// Oplock asked for.
    pub oplock_level: OplockLevel,
    /// Impersonation level.
    pub impersonation_level: ImpersonationLevel,
    /// Rights asked for.
    pub desired_access: AccessMask,
    /// Attributes of a file that is created.
    pub file_attributes: FileAttributes,
    /// What others may do meanwhile.
    pub share_access: ShareAccess,
    /// What to do if it exists or not.
    pub create_disposition: CreateDisposition,
    /// Options.
    pub create_options: CreateOptions,
    /// Path relative to the share's root; empty for the root itself.
    pub name: Utf16<'a>,
    /// Contexts; known to be well formed as a chain.
    pub contexts: CreateContexts<'a>,
}

impl<'a> CreateRequest<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, REQUEST_SIZE, REQUEST_FIXED)?;
        // SecurityFlags: must be ignored.
        r.skip(1)?;
        let oplock_level = OplockLevel(r.u8()?);
        let impersonation_level = ImpersonationLevel(r.u32()?);
        // SmbCreateFlags and Reserved: must be ignored.
        r.skip(16)?;
        let desired_access = AccessMask(r.u32()?);
        let file_attributes = FileAttributes(r.u32()?);
        let share_access = ShareAccess(r.u32()?);
        let create_disposition = CreateDisposition(r.u32()?);
        let create_options = CreateOptions(r.u32()?);
        let name_offset = r.len16()?;
        let name_len = r.len16()?;
        let contexts_offset = r.len32()?;
        let contexts_len = r.len32()?;
        let fixed_end = r.position();
        let name = body::buffer(msg, fixed_end, name_offset, name_len, "file name")?;
        let contexts = CreateContexts::parse(msg, fixed_end, contexts_offset, contexts_len)?;
        Ok(Self {
            oplock_level,
            impersonation_level,
            desired_access,
            file_attributes,
            share_access,
            create_disposition,
            create_options,
            name: Utf16::new(name)?,
            contexts,
        })
    }

    /// Appends the body with the contexts of `self`.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let contexts = self.contexts.as_bytes();
        self.write_with(w, |c| c.raw(contexts))
    }

    /// Appends the body with the contexts that `f` adds; those of `self` are
    /// not written.
    pub fn write_with(
        &self,
        w: &mut Writer<'_>,
        f: impl FnOnce(&mut CreateContextWriter<'_, '_>) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        let start = BodyStart::here(w);
        w.u16(REQUEST_SIZE)?;
        w.u8(0)?;
        w.u8(self.oplock_level.0)?;
        w.u32(self.impersonation_level.0)?;
        w.zeros(16)?;
        w.u32(self.desired_access.0)?;
        w.u32(self.file_attributes.0)?;
        w.u32(self.share_access.0)?;
        w.u32(self.create_disposition.0)?;
        w.u32(self.create_options.0)?;
        w.len16(SMB2_HEADER_LEN.saturating_add(REQUEST_FIXED))?;
        w.len16(self.name.as_bytes().len())?;
        let contexts_at = w.len();
        w.zeros(8)?;
        w.bytes(self.name.as_bytes())?;
        write_contexts(start, w, contexts_at, f)
    }
}

/// Appends contexts on an 8-byte boundary and fills in their offset and
/// length at `fields_at`; without a context nothing is appended.
fn write_contexts(
    start: BodyStart,
    w: &mut Writer<'_>,
    fields_at: usize,
    f: impl FnOnce(&mut CreateContextWriter<'_, '_>) -> Result<(), NoSpace>,
) -> Result<(), NoSpace> {
    let unpadded = w.len();
    start.align(w, 8)?;
    let begin = w.len();
    let offset = start.offset(w)?;
    let mut contexts = CreateContextWriter::new(w);
    f(&mut contexts)?;
    let len = w.len().checked_sub(begin).ok_or(NoSpace)?;
    if len == 0 {
        w.truncate(unpadded);
        return Ok(());
    }
    w.patch_len32(fields_at, offset)?;
    w.patch_len32(fields_at.saturating_add(4), len)
}

/// CREATE response (\[MS-SMB2\] 2.2.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateResponse<'a> {
    /// Oplock granted.
    pub oplock_level: OplockLevel,
    /// Flags.
    pub flags: CreateResponseFlags,
    /// What happened.
    pub create_action: CreateAction,
    /// Time of creation.
    pub creation_time: FileTime,
    /// Time of last access.
    pub last_access_time: FileTime,
    /// Time of last write.
    pub last_write_time: FileTime,
    /// Time of last change of data or metadata.
    pub change_time: FileTime,
    /// Bytes allocated.
    pub allocation_size: u64,
    /// Size in bytes.
    pub end_of_file: u64,
    /// Attributes.
    pub file_attributes: FileAttributes,
    /// Handle.
    pub file_id: FileId,
    /// Contexts; set by parsing, not used by [`CreateResponse::write_with`].
    pub contexts: CreateContexts<'a>,
}

impl<'a> CreateResponse<'a> {
    /// Parses a message.
    pub fn parse(msg: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
        let oplock_level = OplockLevel(r.u8()?);
        let flags = CreateResponseFlags(r.u8()?);
        let create_action = CreateAction(r.u32()?);
        let creation_time = FileTime::parse(&mut r)?;
        let last_access_time = FileTime::parse(&mut r)?;
        let last_write_time = FileTime::parse(&mut r)?;
        let change_time = FileTime::parse(&mut r)?;
        let allocation_size = r.u64()?;
        let end_of_file = r.u64()?;
        let file_attributes = FileAttributes(r.u32()?);
        r.skip(4)?;
        let file_id = FileId::parse(&mut r)?;
        let contexts_offset = r.len32()?;
        let contexts_len = r.len32()?;
        let contexts = CreateContexts::parse(msg, r.position(), contexts_offset, contexts_len)?;
        Ok(Self {
            oplock_level,
            flags,
            create_action,
            creation_time,
            last_access_time,
            last_write_time,
            change_time,
            allocation_size,
            end_of_file,
            file_attributes,
            file_id,
            contexts,
        })
    }

    /// Appends the body with the contexts of `self`.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let contexts = self.contexts.as_bytes();
        self.write_with(w, |c| c.raw(contexts))
    }

    /// Appends the body with the contexts that `f` adds.
    pub fn write_with(
        &self,
        w: &mut Writer<'_>,
        f: impl FnOnce(&mut CreateContextWriter<'_, '_>) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        let start = BodyStart::here(w);
        w.u16(RESPONSE_SIZE)?;
        w.u8(self.oplock_level.0)?;
        w.u8(self.flags.0)?;
        w.u32(self.create_action.0)?;
        self.creation_time.write(w)?;
        self.last_access_time.write(w)?;
        self.last_write_time.write(w)?;
        self.change_time.write(w)?;
        w.u64(self.allocation_size)?;
        w.u64(self.end_of_file)?;
        w.u32(self.file_attributes.0)?;
        w.u32(0)?;
        self.file_id.write(w)?;
        let contexts_at = w.len();
        w.zeros(8)?;
        write_contexts(start, w, contexts_at, f)
    }
}
