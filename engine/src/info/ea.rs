// SPDX-License-Identifier: GPL-2.0-or-later
//! Extended attributes as clients see them ([MS-FSCC] 2.4.16, 2.4.13).
//!
//! An EA is an extended attribute of the `user.` namespace, without that prefix. Those that servers keep for
//! themselves there (DOS attributes, streams, reparse data) are no EAs.
//!
//! Every query starts with the first EA, unless it says where: the server keeps no position.

use kernel::prelude::*;

use proto_shared::codec::{align_up, NoSpace, Writer};
use proto_shared::fscc::ea::{get_ea_entries, EaWriter, FullEa};
use proto_shared::fscc::Fit;
use proto_shared::smb2::query_info::QueryInfoFlags;
use proto_shared::smb2::{QueryInfoRequest, QueryInfoResponse};
use proto_shared::status::NtStatus;

use super::REPLY_FIXED;
use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::open::ea::{is_reserved, PREFIX};
use crate::open::{Open, ReadEa};
use crate::work::{Reply, Work};

/// Most bytes of names and values that a file's EAs have together ([MS-FSCC] 2.4.13: EaSize of NTFS).
const MAX_TOTAL: usize = 64 << 10;
/// Longest name of an extended attribute with its namespace.
const XATTR_NAME_MAX: usize = 255;
/// Length of an entry before its name.
const ENTRY_FIXED: usize = 8;

/// The EA's name, if this extended attribute is one.
fn ea_name(xattr: &[u8]) -> Option<&[u8]> {
    xattr.strip_prefix(PREFIX).filter(|name| is_ea_name(name))
}

/// Whether clients may see an extended attribute of this name.
fn is_ea_name(name: &[u8]) -> bool {
    !name.is_empty() && name.is_ascii() && !is_reserved(name)
}

/// The names of a file's extended attributes, each ended by NUL.
fn list<H: Host>(fs: &H::Fs, file: &ReadEa<'_, H>) -> SmbResult<KVec<u8>> {
    // Most files have few.
    let mut room = 512;
    loop {
        let mut names = KVec::from_elem(0, room, GFP_KERNEL)?;
        match file.list(fs, &mut names) {
            Ok(len) => {
                names.truncate(len);
                return Ok(names);
            }
            Err(e) if e == ERANGE && room < MAX_TOTAL => room = MAX_TOTAL,
            Err(e) if e == EOPNOTSUPP => return Ok(KVec::new()),
            Err(e) => return Err(e.into()),
        }
    }
}

/// The name for the host.
struct HostName([u8; XATTR_NAME_MAX + 1]);

impl HostName {
    fn new(name: &[u8]) -> Option<Self> {
        let mut buf = [0; XATTR_NAME_MAX + 1];
        let mut w = Writer::with_limit(&mut buf, XATTR_NAME_MAX);
        w.bytes(PREFIX).ok()?;
        w.bytes(name).ok()?;
        Some(Self(buf))
    }

    fn as_c_str(&self) -> Option<&CStr> {
        CStr::from_bytes_until_nul(&self.0).ok()
    }
}

/// Reads one value into `buf`; `None` if it is gone or too long to be an EA.
fn value<'b, H: Host>(
    fs: &H::Fs,
    file: &ReadEa<'_, H>,
    name: &[u8],
    buf: &'b mut [u8],
) -> SmbResult<Option<&'b [u8]>> {
    let Some(host_name) = HostName::new(name) else {
        return Ok(None);
    };
    let Some(host_name) = host_name.as_c_str() else {
        return Ok(None);
    };
    match file.get(fs, host_name, buf) {
        Ok(len) => Ok(buf.get(..len)),
        Err(e) if e == ENODATA || e == ERANGE || e == EOPNOTSUPP => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// EaSize: the length in bytes of all EAs as FILE_FULL_EA_INFORMATION; 0 without any, and for pipes an error.
///
/// # Errors
/// The host's.
pub(crate) fn size<H: Host>(w: &Work<H>, open: &Open<H>) -> SmbResult<u32> {
    let disk = open.disk()?;
    let creds = &open.tree().disk()?.creds;
    let fs = w.fs();
    let mut names = [0; 512];
    let len = match fs.list_xattr(disk.node(), creds, &mut names) {
        Ok(len) => len,
        // So many names that the exact figure is not worth a second try: there are some.
        Err(e) if e == ERANGE => return Ok(MAX_TOTAL as u32),
        Err(_) => return Ok(0),
    };
    let mut total = 0usize;
    for name in split_names(names.get(..len).unwrap_or(&[])) {
        let Some(host_name) = HostName::new(name) else {
            continue;
        };
        let Some(host_name) = host_name.as_c_str() else {
            continue;
        };
        // Only the length is wanted, and an empty buffer asks for it.
        if let Ok(len) = fs.get_xattr(disk.node(), creds, host_name, &mut []) {
            let entry = ENTRY_FIXED
                .saturating_add(name.len())
                .saturating_add(1)
                .saturating_add(len);
            // Entries begin at multiples of four; nothing is behind the last.
            total = align_up(total, 4)
                .unwrap_or(MAX_TOTAL)
                .saturating_add(entry);
        }
    }
    Ok(u32::try_from(total).unwrap_or(u32::MAX))
}

fn split_names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|b| *b == 0).filter_map(ea_name)
}

/// Answers FileFullEaInformation.
///
/// # Errors
/// `ACCESS_DENIED`, `NO_EAS_ON_FILE`, `NONEXISTENT_EA_ENTRY`, `BUFFER_TOO_SMALL` if not even one fits,
/// `INVALID_PARAMETER` for a malformed list of names, `EA_LIST_INCONSISTENT`.
pub(crate) fn query<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    req: &QueryInfoRequest<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let file = open.read_ea()?;
    let names = list::<H>(w.fs(), &file)?;
    if split_names(&names).next().is_none() {
        return Err(NtStatus::NO_EAS_ON_FILE.into());
    }
    let limit = (req.output_buffer_length as usize).min(MAX_TOTAL);
    let mut values = KVec::from_elem(0, MAX_TOTAL, GFP_KERNEL)?;
    let wanted = Wanted { names: &names, req };
    let fit = out.write(limit.saturating_add(REPLY_FIXED), |b| {
        let output = QueryInfoResponse::begin(b)?;
        let fit = wanted.write(w.fs(), &file, &mut values, b);
        output.finish(b)?;
        Ok(fit)
    })??;
    if !fit.is_whole() {
        out.status = NtStatus::BUFFER_OVERFLOW;
    }
    Ok(())
}

/// Which EAs are asked for.
struct Wanted<'a> {
    names: &'a [u8],
    req: &'a QueryInfoRequest<'a>,
}

impl Wanted<'_> {
    /// Appends the EAs.
    fn write<H: Host>(
        &self,
        fs: &H::Fs,
        file: &ReadEa<'_, H>,
        values: &mut [u8],
        b: &mut Writer<'_>,
    ) -> SmbResult<Fit> {
        let single = self.req.flags.contains(QueryInfoFlags::RETURN_SINGLE_ENTRY);
        let mut entries = EaWriter::new(b);
        let mut count = 0usize;
        if !self.req.input.is_empty() {
            // A list of names: each gets an entry, an empty one if there is no such EA ([MS-FSA] 2.1.5.12.12).
            for name in get_ea_entries(self.req.input) {
                let name = name.map_err(|_| NtStatus::EA_LIST_INCONSISTENT)?;
                let value = match is_ea_name(name) {
                    true => value(fs, file, name, values)?.unwrap_or(&[]),
                    false => &[],
                };
                match entries.push(&FullEa {
                    flags: 0,
                    name,
                    value,
                }) {
                    Ok(()) => count = count.saturating_add(1),
                    Err(NoSpace) => return cut(count),
                }
            }
            return Ok(Fit::Whole);
        }
        let skip = match self.req.flags.contains(QueryInfoFlags::INDEX_SPECIFIED) {
            true => (self.req.additional_information as usize).saturating_sub(1),
            false => 0,
        };
        for name in split_names(self.names).skip(skip) {
            let Some(value) = value(fs, file, name, values)? else {
                continue;
            };
            match entries.push(&FullEa {
                flags: 0,
                name,
                value,
            }) {
                Ok(()) => count = count.saturating_add(1),
                Err(NoSpace) => return cut(count),
            }
            if single {
                break;
            }
        }
        match count {
            0 if skip > 0 => Err(NtStatus::NONEXISTENT_EA_ENTRY.into()),
            0 => Err(NtStatus::NO_EAS_ON_FILE.into()),
            _ => Ok(Fit::Whole),
        }
    }
}

/// An entry did not fit after `count` others.
fn cut(count: usize) -> SmbResult<Fit> {
    if count == 0 {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    Ok(Fit::Cut)
}
