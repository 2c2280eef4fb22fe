// SPDX-License-Identifier: GPL-2.0-or-later
//! File information classes ([MS-SMB2] 3.3.5.20.1, [MS-FSCC] 2.4).
//!
//! | class | right |
//! |---|---|
//! | Basic, NetworkOpen, AttributeTag, All | read attributes |
//! | Pipe, PipeLocal (of pipes only) | read attributes |
//! | FullEa | read EA, see [`super::ea`] |
//! | Standard, Internal, Ea, Access, Position, Mode, Alignment, Compression, Stream, AlternateName, NormalizedName, Id | none |
//!
//! Others that [MS-FSCC] knows are NOT_SUPPORTED, numbers that nobody knows INVALID_INFO_CLASS.

use kernel::prelude::*;

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::file::{
    AccessInfo, AlignmentInfo, AllInfo, AttributeTagInfo, BasicInfo, CompressionInfo, EaInfo,
    IdInfo, InternalInfo, ModeInfo, NameInfo, NetworkOpenInfo, PipeInfo, PositionInfo,
    StandardInfo, StreamWriter,
};
use proto_shared::fscc::{FileInfoClass, Fit};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::{Dialect, QueryInfoRequest};
use proto_shared::status::NtStatus;

use super::short_name::ShortName;
use super::{ea, posix, reparse_tag, times, Answer};
use crate::apple::{self, forks::Rules};
use crate::error::SmbResult;
use crate::host::{FileKind, Fs, Host};
use crate::name::{RelPath, PATH_MAX};
use crate::open::attributes::Meta;
use crate::open::Open;
use crate::stream;
use crate::work::{Reply, Work};

/// Room for the longest path in UTF-16, with what comes before it.
const NAME_ROOM: usize = 2 * PATH_MAX + 128;
/// Length of FileAllInformation without its name, padded ([MS-FSCC] 2.4.2).
const ALL_FIXED: usize = AllInfo::FIXED_LEN + 4;
/// Length of FileAlternateNameInformation without its name, padded.
const NAME_FIXED: usize = 8;
/// Length of one FileStreamInformation without its name, padded.
const STREAM_FIXED: usize = 32;
/// Length of FilePipeLocalInformation ([MS-FSCC] 2.4.38).
const PIPE_LOCAL_LEN: usize = 40;
/// Length of the information of the POSIX extensions, with SIDs of two sub authorities each.
const POSIX_LEN: usize = 80 + 2 * 16;
/// What a pipe takes and gives at once, in bytes.
const PIPE_QUOTA: u32 = 4096;

/// Answers a query of InfoType FILE.
///
/// # Errors
/// `ACCESS_DENIED`, `INFO_LENGTH_MISMATCH`, `NOT_SUPPORTED`, `INVALID_INFO_CLASS`, and what a class has of its
/// own.
pub(crate) fn query<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &QueryInfoRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let class = FileInfoClass(req.info_class);
    let limit = req.output_buffer_length as usize;
    let named = |fixed: usize| Answer {
        limit,
        fixed,
        room: NAME_ROOM,
    };
    require(open, class)?;
    match class {
        // What the handle itself knows.
        FileInfoClass::ACCESS => {
            let info = AccessInfo {
                access: open.granted(),
            };
            fixed(limit, AccessInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::POSITION => {
            let info = PositionInfo {
                current_byte_offset: open.position(),
            };
            fixed(limit, PositionInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::MODE => {
            let info = ModeInfo {
                mode: open.mode().bits(),
            };
            fixed(limit, ModeInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::ALIGNMENT => fixed(limit, AlignmentInfo::LEN, out, |b| {
            AlignmentInfo::default().write(b)
        }),
        FileInfoClass::PIPE => {
            let info = PipeInfo {
                read_mode: 1,
                completion_mode: 0,
            };
            fixed(limit, PipeInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::PIPE_LOCAL => fixed(limit, PIPE_LOCAL_LEN, out, pipe_local),

        // What its place in the tree tells.
        FileInfoClass::ALTERNATE_NAME => {
            let path = open.disk()?.path()?;
            let last = path
                .components()
                .last()
                .ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
            let short = ShortName::of(text(last));
            named(NAME_FIXED).write(out, |b| {
                NameInfo {
                    name: short.as_str(),
                }
                .write(b)
            })
        }
        FileInfoClass::NORMALIZED_NAME => {
            if w.negotiated()?.dialect < Dialect::SMB3_1_1.0 {
                return Err(NtStatus::NOT_SUPPORTED.into());
            }
            let name = wire_path(&named_path(open)?, "")?;
            named(4).write(out, |b| NameInfo { name: text(&name) }.write(b))
        }

        FileInfoClass::EA => {
            let info = EaInfo {
                ea_size: ea::size(w, open)?,
            };
            fixed(limit, EaInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::FULL_EA => ea::query(w, open, req, out),

        // What the file's attributes tell.
        FileInfoClass::BASIC => {
            let info = basic(&meta(w, open)?);
            fixed(limit, BasicInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::STANDARD => {
            let info = standard(w, open)?;
            fixed(limit, StandardInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::INTERNAL => {
            let info = internal(&meta(w, open)?, open);
            fixed(limit, InternalInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::ALL => {
            let meta = meta(w, open)?;
            let name = wire_path(&named_path(open)?, "\\")?;
            let all = AllInfo {
                basic: basic(&meta),
                standard: standard_of(&meta, open)?,
                internal: internal(&meta, open),
                ea: EaInfo {
                    ea_size: ea::size(w, open)?,
                },
                access: AccessInfo {
                    access: open.granted(),
                },
                position: PositionInfo {
                    current_byte_offset: open.position(),
                },
                mode: ModeInfo {
                    mode: open.mode().bits(),
                },
                alignment: AlignmentInfo::default(),
                name: text(&name),
            };
            named(ALL_FIXED).write(out, |b| all.write(b))
        }
        FileInfoClass::STREAM => {
            let all = Streams::of(w, open)?;
            named(STREAM_FIXED).write(out, |b| Ok(all.write(b)))
        }
        FileInfoClass::COMPRESSION => {
            // Nothing is compressed: a file takes what it holds.
            let compressed_file_size = meta(w, open)?.end_of_file();
            let info = CompressionInfo {
                compressed_file_size,
                ..CompressionInfo::default()
            };
            fixed(limit, CompressionInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::NETWORK_OPEN => {
            let meta = meta(w, open)?;
            let info = NetworkOpenInfo {
                times: times(&meta),
                allocation_size: meta.allocation_size(),
                end_of_file: meta.end_of_file(),
                attributes: meta.attributes,
            };
            fixed(limit, NetworkOpenInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::ATTRIBUTE_TAG => {
            let meta = meta(w, open)?;
            let info = AttributeTagInfo {
                attributes: meta.attributes,
                reparse_tag: reparse_tag(meta.attr.kind).0,
            };
            fixed(limit, AttributeTagInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::ID => {
            if !w.negotiated()?.is_smb3() {
                return Err(NtStatus::NOT_SUPPORTED.into());
            }
            let info = IdInfo {
                volume_serial_number: u64::from(open.tree().disk()?.volume_serial),
                file_id: u128::from(apple::file_id(open.tree(), &meta(w, open)?.attr)),
            };
            fixed(limit, IdInfo::LEN, out, |b| info.write(b))
        }
        FileInfoClass::POSIX if w.negotiated()?.posix => {
            let info = posix::info(&meta(w, open)?);
            fixed(limit, POSIX_LEN, out, |b| info.write(b))
        }
        // Where the POSIX extensions are not negotiated their class does not exist.
        FileInfoClass::POSIX => Err(NtStatus::INVALID_INFO_CLASS.into()),
        known if known.name().is_some() => Err(NtStatus::NOT_SUPPORTED.into()),
        _ => Err(NtStatus::INVALID_INFO_CLASS.into()),
    }
}

/// Answers with a structure of one length.
fn fixed<H: Host>(
    limit: usize,
    len: usize,
    out: &mut Reply<H>,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
) -> SmbResult {
    Answer {
        limit,
        fixed: len,
        room: len,
    }
    .write(out, |b| fill(b).map(|()| Fit::Whole))
}

/// [MS-SMB2] 3.3.5.20.1: the right that a class needs, and what it can be asked of.
fn require<H: Host>(open: &Open<H>, class: FileInfoClass) -> SmbResult {
    let right = match class {
        FileInfoClass::BASIC
        | FileInfoClass::ALL
        | FileInfoClass::PIPE
        | FileInfoClass::PIPE_LOCAL
        | FileInfoClass::PIPE_REMOTE
        | FileInfoClass::NETWORK_OPEN
        | FileInfoClass::ATTRIBUTE_TAG => AccessMask::READ_ATTRIBUTES,
        FileInfoClass::FULL_EA => AccessMask::READ_EA,
        _ => AccessMask::NONE,
    };
    if !open.granted().contains(right) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let of_pipes = matches!(class, FileInfoClass::PIPE | FileInfoClass::PIPE_LOCAL);
    if of_pipes && open.pipe().is_none() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    Ok(())
}

fn meta<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<Meta> {
    // `require` has looked at the right, where the class needs one.
    open.attributes_for_reply()?.meta(w.fs())
}

fn basic(meta: &Meta) -> BasicInfo {
    BasicInfo {
        times: times(meta),
        attributes: meta.attributes,
    }
}

fn internal<H: Host>(meta: &Meta, open: &Open<H>) -> InternalInfo {
    InternalInfo {
        index_number: apple::file_id(open.tree(), &meta.attr),
    }
}

fn standard<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<StandardInfo> {
    if open.pipe().is_some() {
        // A pipe's buffer, nothing in it, and one name that goes with the pipe.
        return Ok(StandardInfo {
            allocation_size: u64::from(PIPE_QUOTA),
            number_of_links: 1,
            delete_pending: true,
            ..StandardInfo::default()
        });
    }
    standard_of(&meta(w, open)?, open)
}

/// Names of a file. What host file systems count of a directory are those within it.
fn links(meta: &Meta) -> u32 {
    if meta.is_dir() {
        1
    } else {
        meta.attr.nlink
    }
}

/// A name that is about to go no longer counts ([MS-FSA] 2.1.5.12.27).
fn standard_of<H: Host>(meta: &Meta, open: &Open<H>) -> SmbResult<StandardInfo> {
    let delete_pending = open.disk()?.is_delete_pending();
    Ok(StandardInfo {
        allocation_size: meta.allocation_size(),
        end_of_file: meta.end_of_file(),
        number_of_links: links(meta).saturating_sub(u32::from(delete_pending)),
        delete_pending,
        directory: meta.is_dir(),
    })
}

/// What FileStreamInformation tells.
struct Streams {
    /// Size and allocation in bytes of the unnamed stream, which directories have not.
    unnamed: Option<(u64, u64)>,
    /// Names in the form `:name:$DATA`, and sizes in bytes.
    named: KVec<(KVec<u8>, u64)>,
}

impl Streams {
    fn of<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<Self> {
        let (fs, disk) = (w.fs(), open.disk()?);
        let mut named = KVec::new();
        if open.tree().has(TreeFlags::STREAMS) {
            let mut failed = Ok(());
            let rules = Rules::of(open.tree());
            stream::list::<H>(fs, disk.node(), &mut |name, size| {
                if !rules.is_there(name, size) {
                    return true;
                }
                failed = wire_stream(name.as_str())
                    .and_then(|name| Ok(named.push((name, size), GFP_KERNEL)?));
                failed.is_ok()
            })?;
            failed?;
        }
        let attr = fs.attr(disk.node())?;
        let unnamed = (attr.kind != FileKind::Dir).then_some((attr.size, attr.allocated));
        Ok(Self { unnamed, named })
    }

    fn write(&self, b: &mut Writer<'_>) -> Fit {
        let mut out = StreamWriter::new(b);
        if let Some((size, allocated)) = self.unnamed {
            if out.push("::$DATA", size, allocated).is_err() {
                return Fit::Cut;
            }
        }
        for (name, size) in &self.named {
            if out
                .push(text(name), *size, stream::allocated(*size))
                .is_err()
            {
                return Fit::Cut;
            }
        }
        Fit::Whole
    }
}

/// A stream's name as clients spell it.
fn wire_stream(name: &str) -> SmbResult<KVec<u8>> {
    let mut out = KVec::new();
    for part in [":", name, ":$DATA"] {
        out.extend_from_slice(part.as_bytes(), GFP_KERNEL)?;
    }
    Ok(out)
}

/// [MS-FSCC] 2.4.38: a connected message pipe for both directions, of which the client has the client's end.
fn pipe_local(b: &mut Writer<'_>) -> Result<(), NoSpace> {
    let (message_type, full_duplex, connected, client_end) = (1, 2, 3, 0);
    b.u32(message_type)?;
    b.u32(full_duplex)?;
    // Any number of instances, of which there is this one.
    b.u32(u32::MAX)?;
    b.u32(1)?;
    b.u32(PIPE_QUOTA)?;
    b.u32(0)?;
    b.u32(PIPE_QUOTA)?;
    b.u32(PIPE_QUOTA)?;
    b.u32(connected)?;
    b.u32(client_end)
}

/// The path, and behind it the stream that is open.
fn named_path<H: Host>(open: &Open<H>) -> SmbResult<RelPath> {
    let disk = open.disk()?;
    match disk.inode().stream()? {
        Some(name) => name.behind(&disk.path()?),
        None => disk.path(),
    }
}

/// A path as clients spell it, behind `start`.
fn wire_path(path: &RelPath, start: &str) -> SmbResult<KVec<u8>> {
    let bytes = path.as_bytes();
    let mut out = KVec::with_capacity(start.len().saturating_add(bytes.len()), GFP_KERNEL)?;
    out.extend_from_slice(start.as_bytes(), GFP_KERNEL)?;
    for (n, part) in path.components().enumerate() {
        if n > 0 {
            out.push(b'\\', GFP_KERNEL)?;
        }
        out.extend_from_slice(part, GFP_KERNEL)?;
    }
    Ok(out)
}

fn text(bytes: &[u8]) -> &str {
    // Paths are UTF-8 by their type's invariant.
    core::str::from_utf8(bytes).unwrap_or("")
}
