// SPDX-License-Identifier: GPL-2.0-or-later
//! Reparse points ([MS-FSCC] 2.3.31, 2.3.79, 2.3.4; [MS-FSA] 2.1.5.10.37, 2.1.5.10.5): where a symbolic link leads, what a
//! special file is, and how clients make and unmake them.
//!
//! | clients set | it becomes |
//! |---|---|
//! | SYMLINK, LX_SYMLINK, NFS with LNK | a symbolic link |
//! | LX_FIFO, NFS with FIFO | a FIFO |
//! | AF_UNIX, NFS with SOCK | a socket's name |
//! | LX_CHR, LX_BLK, NFS with CHR or BLK | nothing: PRIVILEGE_NOT_HELD, what `mknod(2)` calls EPERM |
//! | any other | nothing: IO_REPARSE_TAG_NOT_HANDLED |
//!
//! A target is stored as it is given, and nobody looks where it leads: what a lookup of the server's meets beneath the
//! root it may follow, what leads out of there it never does, whoever made it. `\` and `/` are the same in the targets of
//! clients without the POSIX extensions. It is told in the form SYMLINK, whatever form it had.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::{utf16, Utf16};
use proto_shared::fscc::reparse::{NfsType, ReparseData, ReparseTag};
use proto_shared::ipc::TreeFlags;
use proto_shared::limits::MAX_REPARSE_DATA_LEN;
use proto_shared::smb2::error::SymlinkFlags;
use proto_shared::smb2::IoctlRequest;
use proto_shared::status::NtStatus;

use super::{reply, require_room};
use crate::error::SmbResult;
use crate::host::{FileKind, Fs, Host, Special};
use crate::name::{push_char, PATH_MAX};
use crate::open::turning::{turn, Form};
use crate::open::Open;
use crate::work::{Reply, Work};

/// Room for a special file's data.
const SPECIAL_ROOM: usize = 32;
/// Length of a link's data before its two names.
const LINK_FIXED: usize = 20;

/// Answers with the reparse data of a link or special file.
///
/// # Errors
/// `NOT_A_REPARSE_POINT` for files and directories, `BUFFER_TOO_SMALL`, `IO_REPARSE_DATA_INVALID` for a link whose
/// target is no text.
pub(crate) fn get<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let file = open.attributes_for_reply()?;
    let attr = file.attr(w.fs())?;
    let device = |nfs_type| {
        let (major, minor) = attr.rdev;
        ReparseData::NfsDevice {
            nfs_type,
            major,
            minor,
        }
    };
    let special = match attr.kind {
        FileKind::File | FileKind::Dir => return Err(NtStatus::NOT_A_REPARSE_POINT.into()),
        FileKind::Symlink => {
            let mut target = KVec::from_elem(0, PATH_MAX, GFP_KERNEL)?;
            let len = w.fs().read_link(file.node(), file.creds(), &mut target)?;
            return link(open, target.get(..len).unwrap_or(&[]), req, out);
        }
        FileKind::Fifo => ReparseData::NfsSpecial(NfsType::FIFO),
        FileKind::Socket => ReparseData::NfsSpecial(NfsType::SOCK),
        FileKind::Char => device(NfsType::CHR),
        FileKind::Block => device(NfsType::BLK),
    };
    require_room(req, SPECIAL_ROOM)?;
    reply(out, req.ctl_code, open.id(), SPECIAL_ROOM, |b| {
        special.write(b)
    })
}

fn link<H: Host>(
    open: &Open<H>,
    target: &[u8],
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let invalid = NtStatus::IO_REPARSE_DATA_INVALID;
    let target = core::str::from_utf8(target).map_err(|_| invalid)?;
    let flags = if target.starts_with('/') {
        SymlinkFlags::NONE
    } else {
        SymlinkFlags::RELATIVE
    };
    let mut wire = KVec::from_elem(0u8, utf16::encoded_len(target), GFP_KERNEL)?;
    utf16::encode(target, &mut wire)?;
    for unit in wire.chunks_exact_mut(2) {
        // Separators as clients spell them.
        match unit {
            [low @ b'/', 0] if !open.is_posix() => *low = b'\\',
            _ => {}
        }
    }
    let name = Utf16::new(&wire)?;
    let data = ReparseData::Symlink {
        substitute_name: name,
        print_name: name,
        flags,
    };
    let len = wire.len().saturating_mul(2).saturating_add(LINK_FIXED);
    if len > MAX_REPARSE_DATA_LEN {
        return Err(invalid.into());
    }
    require_room(req, len)?;
    reply(out, req.ctl_code, open.id(), len, |b| data.write(b))
}

/// Longest target in bytes, as `symlink(2)` has it.
const TARGET_MAX: usize = 4095;

/// What an open of these ids is to become, with room for a target.
enum Wish {
    Link(KVec<u8>),
    Fifo,
    Socket,
}

impl Wish {
    fn of(data: &ReparseData<'_>, posix: bool) -> SmbResult<Self> {
        Ok(match data {
            ReparseData::Symlink {
                substitute_name, ..
            } => Self::Link(target(*substitute_name, !posix)?),
            ReparseData::NfsSymlink { target: to } => Self::Link(target(*to, false)?),
            ReparseData::LxSymlink { target } => {
                let mut to = KVec::new();
                to.extend_from_slice(target, GFP_KERNEL)?;
                Self::Link(checked(to)?)
            }
            ReparseData::NfsSpecial(NfsType::FIFO) => Self::Fifo,
            ReparseData::NfsSpecial(NfsType::SOCK) => Self::Socket,
            ReparseData::NfsDevice { .. } => return Err(NtStatus::PRIVILEGE_NOT_HELD.into()),
            ReparseData::Other { tag, .. } => match *tag {
                ReparseTag::LX_FIFO => Self::Fifo,
                ReparseTag::AF_UNIX => Self::Socket,
                ReparseTag::LX_CHR | ReparseTag::LX_BLK => {
                    return Err(NtStatus::PRIVILEGE_NOT_HELD.into())
                }
                // 0, 1 and 2 are nobody's to set.
                ReparseTag(0..=2) => return Err(NtStatus::IO_REPARSE_TAG_INVALID.into()),
                _ => return Err(NtStatus::IO_REPARSE_TAG_NOT_HANDLED.into()),
            },
            ReparseData::MountPoint { .. } | ReparseData::NfsSpecial(_) => {
                return Err(NtStatus::IO_REPARSE_TAG_NOT_HANDLED.into())
            }
        })
    }

    fn special(&self) -> Special<'_> {
        match self {
            Self::Link(to) => Special::Symlink(to),
            Self::Fifo => Special::Fifo,
            Self::Socket => Special::Socket,
        }
    }

    fn kind(&self) -> FileKind {
        match self {
            Self::Link(_) => FileKind::Symlink,
            Self::Fifo => FileKind::Fifo,
            Self::Socket => FileKind::Socket,
        }
    }
}

/// A target as the host spells it.
fn target(text: Utf16<'_>, separators: bool) -> SmbResult<KVec<u8>> {
    let mut to = KVec::new();
    for c in text.chars() {
        let c = c.map_err(|_| NtStatus::IO_REPARSE_DATA_INVALID)?;
        let c = if separators && c == '\\' { '/' } else { c };
        push_char(&mut to, c)?;
    }
    checked(to)
}

fn checked(to: KVec<u8>) -> SmbResult<KVec<u8>> {
    if to.is_empty()
        || to.len() > TARGET_MAX
        || to.contains(&0)
        || core::str::from_utf8(&to).is_err()
    {
        return Err(NtStatus::IO_REPARSE_DATA_INVALID.into());
    }
    Ok(to)
}

/// Answers FSCTL_SET_REPARSE_POINT.
///
/// # Errors
/// `INVALID_DEVICE_REQUEST` unless the share has special files, `ACCESS_DENIED`, `PRIVILEGE_NOT_HELD` for devices,
/// `IO_REPARSE_DATA_INVALID`, `IO_REPARSE_TAG_INVALID`, `IO_REPARSE_TAG_NOT_HANDLED`, `IO_REPARSE_TAG_MISMATCH` if it is
/// another kind of reparse point already, and those of [`turn`].
pub(crate) fn set<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let kind = open.disk()?.kind;
    let writable = open.tree().require_writable()?;
    if !open.tree().has(TreeFlags::SPECIAL_FILES) {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let data = ReparseData::parse(req.input).map_err(|_| NtStatus::IO_REPARSE_DATA_INVALID)?;
    let wish = Wish::of(&data, open.is_posix())?;
    if !matches!(kind, FileKind::File | FileKind::Dir) && kind != wish.kind() {
        return Err(NtStatus::IO_REPARSE_TAG_MISMATCH.into());
    }
    turn(w, open, &writable, Form::Special(wish.special()))?;
    reply(out, req.ctl_code, open.id(), 0, |_| Ok(()))
}

/// Answers FSCTL_DELETE_REPARSE_POINT: what is left is an empty file.
///
/// # Errors
/// `NOT_A_REPARSE_POINT`, `IO_REPARSE_TAG_MISMATCH`, `IO_REPARSE_DATA_INVALID` for a buffer with data; as [`set`].
pub(crate) fn delete<H: Host>(
    w: &Work<H>,
    open: &Arc<Open<H>>,
    req: &IoctlRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let kind = open.disk()?.kind;
    let writable = open.tree().require_writable()?;
    if !open.tree().has(TreeFlags::SPECIAL_FILES) {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let (tag, len) = ReparseData::head(req.input).map_err(|_| NtStatus::IO_REPARSE_DATA_INVALID)?;
    if len != 0 {
        return Err(NtStatus::IO_REPARSE_DATA_INVALID.into());
    }
    // What it was set by, or what it is told to be.
    let tags: &[ReparseTag] = match kind {
        FileKind::File | FileKind::Dir => return Err(NtStatus::NOT_A_REPARSE_POINT.into()),
        FileKind::Symlink => &[ReparseTag::SYMLINK, ReparseTag::LX_SYMLINK],
        FileKind::Fifo => &[ReparseTag::LX_FIFO],
        FileKind::Socket => &[ReparseTag::AF_UNIX],
        // Nobody could make them again.
        FileKind::Char | FileKind::Block => return Err(NtStatus::ACCESS_DENIED.into()),
    };
    if tag != ReparseTag::NFS && !tags.contains(&tag) {
        return Err(NtStatus::IO_REPARSE_TAG_MISMATCH.into());
    }
    turn(w, open, &writable, Form::File)?;
    reply(out, req.ctl_code, open.id(), 0, |_| Ok(()))
}
