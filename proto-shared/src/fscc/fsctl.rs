// SPDX-License-Identifier: GPL-2.0-or-later
//! File system controls (\[MS-FSCC\] 2.3, \[MS-SMB2\] 2.2.31) and their
//! buffers.

use super::set::u63;
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::{Guid, Utf16};
use crate::smb2::types::{Capabilities, Dialect, FileId, SecurityMode, U16List};

wire_enum! {
    /// Code of a control.
    pub struct CtlCode(u32) {
        DFS_GET_REFERRALS = 0x0006_0194,
        DFS_GET_REFERRALS_EX = 0x0006_01B0,
        REQUEST_OPLOCK_LEVEL_1 = 0x0009_0000,
        LOCK_VOLUME = 0x0009_0018,
        UNLOCK_VOLUME = 0x0009_001C,
        IS_PATHNAME_VALID = 0x0009_002C,
        GET_COMPRESSION = 0x0009_003C,
        SET_COMPRESSION = 0x0009_C040,
        FILESYSTEM_GET_STATISTICS = 0x0009_0060,
        GET_NTFS_VOLUME_DATA = 0x0009_0064,
        GET_RETRIEVAL_POINTERS = 0x0009_0073,
        FIND_FILES_BY_SID = 0x0009_008F,
        SET_OBJECT_ID = 0x0009_0098,
        GET_OBJECT_ID = 0x0009_009C,
        DELETE_OBJECT_ID = 0x0009_00A0,
        SET_REPARSE_POINT = 0x0009_00A4,
        GET_REPARSE_POINT = 0x0009_00A8,
        DELETE_REPARSE_POINT = 0x0009_00AC,
        SET_OBJECT_ID_EXTENDED = 0x0009_00BC,
        CREATE_OR_GET_OBJECT_ID = 0x0009_00C0,
        SET_SPARSE = 0x0009_00C4,
        SET_ZERO_DATA = 0x0009_80C8,
        QUERY_ALLOCATED_RANGES = 0x0009_40CF,
        SET_ENCRYPTION = 0x0009_00D7,
        READ_FILE_USN_DATA = 0x0009_00EB,
        WRITE_USN_CLOSE_RECORD = 0x0009_00EF,
        QUERY_SPARING_INFO = 0x0009_0138,
        QUERY_ON_DISK_VOLUME_INFO = 0x0009_013C,
        FILE_LEVEL_TRIM = 0x0009_8208,
        OFFLOAD_READ = 0x0009_4264,
        OFFLOAD_WRITE = 0x0009_8268,
        GET_INTEGRITY_INFORMATION = 0x0009_027C,
        SET_INTEGRITY_INFORMATION = 0x0009_C280,
        QUERY_FILE_REGIONS = 0x0009_0284,
        DUPLICATE_EXTENTS_TO_FILE = 0x0009_8344,
        DUPLICATE_EXTENTS_TO_FILE_EX = 0x0009_83E8,
        SET_INTEGRITY_INFORMATION_EX = 0x0009_0380,
        REFS_STREAM_SNAPSHOT_MANAGEMENT = 0x0009_0440,
        PIPE_PEEK = 0x0011_400C,
        PIPE_WAIT = 0x0011_0018,
        PIPE_TRANSCEIVE = 0x0011_C017,
        SRV_COPYCHUNK = 0x0014_40F2,
        SRV_ENUMERATE_SNAPSHOTS = 0x0014_4064,
        SRV_REQUEST_RESUME_KEY = 0x0014_0078,
        SRV_READ_HASH = 0x0014_41BB,
        SRV_COPYCHUNK_WRITE = 0x0014_80F2,
        LMR_REQUEST_RESILIENCY = 0x0014_01D4,
        QUERY_NETWORK_INTERFACE_INFO = 0x0014_01FC,
        VALIDATE_NEGOTIATE_INFO = 0x0014_0204,
        SMBTORTURE_FORCE_UNACKED_TIMEOUT = 0x8384_0004,
    }
}

/// FSCTL_VALIDATE_NEGOTIATE_INFO request (\[MS-SMB2\] 2.2.31.4): what the
/// client believes to have sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidateNegotiateRequest<'a> {
    /// Capabilities.
    pub capabilities: Capabilities,
    /// Identity of the client.
    pub guid: Guid,
    /// Signing mode.
    pub security_mode: SecurityMode,
    /// Dialects.
    pub dialects: U16List<'a>,
}

impl<'a> ValidateNegotiateRequest<'a> {
    /// Parses the input.
    pub fn parse(input: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let capabilities = Capabilities(r.u32()?);
        let guid = Guid::parse(&mut r)?;
        let security_mode = SecurityMode(r.u16()?);
        let count = r.len16()?;
        Ok(Self {
            capabilities,
            guid,
            security_mode,
            dialects: U16List::new(r.take(count.saturating_mul(2))?)?,
        })
    }

    /// Appends the input.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.capabilities.0)?;
        self.guid.write(w)?;
        w.u16(self.security_mode.0)?;
        w.len16(self.dialects.len())?;
        w.bytes(self.dialects.as_bytes())
    }
}

/// FSCTL_VALIDATE_NEGOTIATE_INFO response (\[MS-SMB2\] 2.2.32.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidateNegotiateResponse {
    /// Capabilities.
    pub capabilities: Capabilities,
    /// Identity of the server.
    pub guid: Guid,
    /// Signing mode.
    pub security_mode: SecurityMode,
    /// Dialect chosen.
    pub dialect: Dialect,
}

impl ValidateNegotiateResponse {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// Parses the output.
    pub fn parse(output: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(output);
        Ok(Self {
            capabilities: Capabilities(r.u32()?),
            guid: Guid::parse(&mut r)?,
            security_mode: SecurityMode(r.u16()?),
            dialect: Dialect(r.u16()?),
        })
    }

    /// Appends the output.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.capabilities.0)?;
        self.guid.write(w)?;
        w.u16(self.security_mode.0)?;
        w.u16(self.dialect.0)
    }
}

/// Key that stands for the source file of a server-side copy.
pub type ResumeKey = [u8; 24];

/// Appends the FSCTL_SRV_REQUEST_RESUME_KEY response (\[MS-SMB2\] 2.2.32.3),
/// 32 bytes with an empty context.
pub fn write_resume_key(key: &ResumeKey, w: &mut Writer<'_>) -> Result<(), NoSpace> {
    w.bytes(key)?;
    w.zeros(8)
}

/// Length in bytes of the FSCTL_SRV_REQUEST_RESUME_KEY response.
pub const RESUME_KEY_RESPONSE_LEN: usize = 32;

/// One range of a server-side copy (\[MS-SMB2\] 2.2.31.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyChunk {
    /// Position in the source in bytes.
    pub source_offset: u64,
    /// Position in the target in bytes.
    pub target_offset: u64,
    /// Bytes to copy.
    pub length: u32,
}

const COPY_CHUNK_LEN: usize = 24;

/// FSCTL_SRV_COPYCHUNK request (\[MS-SMB2\] 2.2.31.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyChunkRequest<'a> {
    /// Source file.
    pub source_key: ResumeKey,
    chunks: &'a [u8],
}

impl<'a> CopyChunkRequest<'a> {
    /// Parses the input.
    pub fn parse(input: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let source_key = r.array()?;
        let count = r.len32()?;
        r.skip(4)?;
        let len = count
            .checked_mul(COPY_CHUNK_LEN)
            .ok_or(Malformed::new("ChunkCount"))?;
        Ok(Self {
            source_key,
            chunks: r.take(len)?,
        })
    }

    /// Number of ranges.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.chunks.len() / COPY_CHUNK_LEN
    }

    /// The ranges in order.
    pub fn chunks(&self) -> impl Iterator<Item = CopyChunk> + Clone + 'a {
        let mut r = Reader::new(self.chunks);
        core::iter::from_fn(move || {
            let chunk = CopyChunk {
                source_offset: r.u64().ok()?,
                target_offset: r.u64().ok()?,
                length: r.u32().ok()?,
            };
            r.skip(4).ok()?;
            Some(chunk)
        })
    }

    /// Appends an input with these ranges.
    pub fn write(
        source_key: &ResumeKey,
        chunks: &[CopyChunk],
        w: &mut Writer<'_>,
    ) -> Result<(), NoSpace> {
        w.bytes(source_key)?;
        w.len32(chunks.len())?;
        w.u32(0)?;
        for chunk in chunks {
            w.u64(chunk.source_offset)?;
            w.u64(chunk.target_offset)?;
            w.u32(chunk.length)?;
            w.u32(0)?;
        }
        Ok(())
    }
}

/// FSCTL_SRV_COPYCHUNK response (\[MS-SMB2\] 2.2.32.1): what was done or, with
/// `STATUS_INVALID_PARAMETER`, what the server's limits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyChunkResponse {
    /// Ranges copied; as a limit, ranges in a request.
    pub chunks_written: u32,
    /// Bytes of the last range if it was cut; as a limit, bytes in a range.
    pub chunk_bytes_written: u32,
    /// Bytes copied; as a limit, bytes in a request.
    pub total_bytes_written: u32,
}

impl CopyChunkResponse {
    /// Length in bytes.
    pub const LEN: usize = 12;

    /// Parses the output.
    pub fn parse(output: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(output);
        Ok(Self {
            chunks_written: r.u32()?,
            chunk_bytes_written: r.u32()?,
            total_bytes_written: r.u32()?,
        })
    }

    /// Appends the output.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.chunks_written)?;
        w.u32(self.chunk_bytes_written)?;
        w.u32(self.total_bytes_written)
    }
}

/// FSCTL_SET_ZERO_DATA (\[MS-FSCC\] 2.3.71): the bytes from `offset` to before
/// `beyond_final_zero`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetZeroData {
    /// First byte.
    pub offset: u64,
    /// Byte behind the last; not less than `offset`.
    pub beyond_final_zero: u64,
}

impl SetZeroData {
    /// Parses the input. Errors besides truncation: negative or swapped
    /// bounds.
    pub fn parse(input: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let offset = u63(&mut r)?;
        let beyond_final_zero = u63(&mut r)?;
        if beyond_final_zero < offset {
            return Err(Malformed::new("BeyondFinalZero"));
        }
        Ok(Self {
            offset,
            beyond_final_zero,
        })
    }

    /// Number of bytes.
    #[inline]
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.beyond_final_zero.saturating_sub(self.offset)
    }
}

/// FILE_ALLOCATED_RANGE_BUFFER (\[MS-FSCC\] 2.3.52): input and each element of
/// the output of FSCTL_QUERY_ALLOCATED_RANGES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocatedRange {
    /// First byte.
    pub offset: u64,
    /// Number of bytes; the end is below 2⁶³.
    pub length: u64,
}

impl AllocatedRange {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// Parses one range. Errors besides truncation: negative, or ends beyond
    /// 2⁶³.
    pub fn parse(input: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let offset = u63(&mut r)?;
        let length = u63(&mut r)?;
        check_end(offset, length)?;
        Ok(Self { offset, length })
    }

    /// Appends one range.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.offset)?;
        w.u64(self.length)
    }
}

/// Refuses ranges that end beyond what a signed offset can say.
fn check_end(offset: u64, length: u64) -> Result<(), Malformed> {
    match offset.checked_add(length) {
        Some(end) if end <= i64::MAX.unsigned_abs() => Ok(()),
        _ => Err(Malformed::new("range ends beyond 2^63")),
    }
}

/// FSCTL_DUPLICATE_EXTENTS_TO_FILE, both forms (\[MS-FSCC\] 2.3.7, 2.3.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateExtents {
    /// Source file, a handle of the same session.
    pub source: FileId,
    /// Position in the source in bytes.
    pub source_offset: u64,
    /// Position in the target in bytes.
    pub target_offset: u64,
    /// Bytes; both ranges end below 2⁶³.
    pub byte_count: u64,
    /// Flags of the extended form: bit 0 demands all or nothing.
    pub flags: u32,
}

impl DuplicateExtents {
    /// Parses the input of FSCTL_DUPLICATE_EXTENTS_TO_FILE.
    pub fn parse(input: &[u8]) -> Result<Self, Malformed> {
        Self::body(&mut Reader::new(input), false)
    }

    /// Parses the input of FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX.
    pub fn parse_ex(input: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        // StructureSize.
        if r.u64()? != 0x30 {
            return Err(Malformed::new("DUPLICATE_EXTENTS_DATA_EX"));
        }
        Self::body(&mut r, true)
    }

    fn body(r: &mut Reader<'_>, extended: bool) -> Result<Self, Malformed> {
        let out = Self {
            source: FileId::parse(r)?,
            source_offset: u63(r)?,
            target_offset: u63(r)?,
            byte_count: u63(r)?,
            flags: if extended { r.u32()? } else { 0 },
        };
        check_end(out.source_offset, out.byte_count)?;
        check_end(out.target_offset, out.byte_count)?;
        Ok(out)
    }
}

/// FSCTL_SET_SPARSE (\[MS-FSCC\] 2.3.69): whether to make the file sparse; an
/// empty input means yes.
#[must_use]
pub fn parse_set_sparse(input: &[u8]) -> bool {
    input.first().is_none_or(|b| *b != 0)
}

/// FSCTL_FILE_LEVEL_TRIM (\[MS-FSCC\] 2.3.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLevelTrim<'a> {
    /// Must be zero.
    pub key: u32,
    ranges: &'a [u8],
}

impl<'a> FileLevelTrim<'a> {
    /// Parses the input.
    pub fn parse(input: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let key = r.u32()?;
        let count = r.len32()?;
        let len = count
            .checked_mul(AllocatedRange::LEN)
            .ok_or(Malformed::new("NumRanges"))?;
        Ok(Self {
            key,
            ranges: r.take(len)?,
        })
    }

    /// Number of ranges.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.ranges.len() / AllocatedRange::LEN
    }

    /// The ranges in order; one that is no valid range is an error.
    pub fn ranges(&self) -> impl Iterator<Item = Result<AllocatedRange, Malformed>> + 'a {
        self.ranges
            .chunks_exact(AllocatedRange::LEN)
            .map(AllocatedRange::parse)
    }
}

/// Length in bytes of the answer to FSCTL_FILE_LEVEL_TRIM (\[MS-FSCC\] 2.3.14): a number of ranges.
pub const FILE_LEVEL_TRIM_OUTPUT_LEN: usize = 4;

/// FSCTL_LMR_REQUEST_RESILIENCY (\[MS-SMB2\] 2.2.31.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResiliencyRequest {
    /// How long the open is to be kept for its client, in milliseconds; 0 leaves that to the server.
    pub timeout_ms: u32,
}

impl ResiliencyRequest {
    /// Parses the input.
    pub fn parse(input: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let timeout_ms = r.u32()?;
        r.skip(4)?;
        Ok(Self { timeout_ms })
    }

    /// Appends the input.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.timeout_ms)?;
        w.u32(0)
    }
}

/// FSCTL_PIPE_WAIT (\[MS-FSCC\] 2.3.49).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipeWait<'a> {
    /// How long to wait, in units of 100 ns, if the client says so.
    pub timeout: Option<u64>,
    /// Name of the pipe.
    pub name: Utf16<'a>,
}

impl<'a> PipeWait<'a> {
    /// Parses the input.
    pub fn parse(input: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(input);
        let timeout = r.i64()?.unsigned_abs();
        let len = r.len32()?;
        let specified = r.u8()? != 0;
        r.skip(1)?;
        Ok(Self {
            timeout: specified.then_some(timeout),
            name: Utf16::new(r.take(len)?)?,
        })
    }
}
