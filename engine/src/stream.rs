// SPDX-License-Identifier: GPL-2.0-or-later
//! Named streams ([MS-FSA] 2.1.1.5, [MS-FSCC] 2.1.5.3): their names, and their data as extended attributes
//! `user.DosStream.NAME:$DATA` of the file, in the form in which Samba and C ksmbd keep them (the data, and a NUL
//! behind it), so that a share can move between the servers.
//!
//! A value is read and written whole. Whoever reads and then writes one does so in its file's turn
//! ([`Fs::in_turn`]).
//!
//! What lies on the disk was written by others, too: names that are no stream's are not seen.

use kernel::prelude::*;

use proto_shared::dtyp::utf16;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::name::{copy, RelPath};

type Node<H> = <<H as Host>::Fs as Fs>::Node;
type Creds<H> = <<H as Host>::Fs as Fs>::Creds;

/// The type of every stream that there is.
const DATA: &[u8] = b"$DATA";
const PREFIX: &[u8] = b"user.DosStream.";
const SUFFIX: &[u8] = b":$DATA";
/// Longest name of an extended attribute.
const XATTR_NAME_MAX: usize = 255;
/// Largest list of names of extended attributes.
const XATTR_LIST_MAX: usize = 64 << 10;
/// Most bytes in a stream: what an extended attribute holds, less the NUL.
pub const MAX_SIZE: u64 = (64 << 10) - 1;
/// What a stream counts as allocated in, in bytes.
const UNIT: u64 = 512;

/// The name of a stream other than the unnamed one, as the client or the disk spells it. Case does not count when
/// names are compared.
pub struct StreamName(KVec<u8>);

impl StreamName {
    /// Takes what a client wrote behind the first `:` of a path: `name`, `name:$DATA` or, for the unnamed stream
    /// (`None`), `:$DATA`.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` for other types, for no name at all, and for names that are too long for the file system.
    pub fn parse(text: &[u8]) -> SmbResult<Option<Self>> {
        let invalid = || Err(NtStatus::OBJECT_NAME_INVALID.into());
        let mut parts = text.split(|b| *b == b':');
        let (name, kind, more) = (parts.next(), parts.next(), parts.next());
        let name = name.unwrap_or(b"");
        if more.is_some() || kind.is_some_and(|k| !k.eq_ignore_ascii_case(DATA)) {
            return invalid();
        }
        if name.is_empty() {
            return if kind.is_some() { Ok(None) } else { invalid() };
        }
        let fixed = PREFIX.len().saturating_add(SUFFIX.len());
        if name.len().saturating_add(fixed) > XATTR_NAME_MAX
            || name.iter().any(|b| matches!(b, 0 | b'/' | b'\\'))
            || core::str::from_utf8(name).is_err()
        {
            return invalid();
        }
        Ok(Some(Self(copy(name)?)))
    }

    /// The stream that an extended attribute holds, if it holds one.
    fn of_xattr(name: &[u8]) -> Option<&str> {
        let name = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let bad = name.is_empty() || name.iter().any(|b| matches!(b, b':' | b'/' | b'\\'));
        core::str::from_utf8(name).ok().filter(|_| !bad)
    }

    /// The name alone.
    pub fn as_str(&self) -> &str {
        // `parse` has looked; an empty string stands in so that no path can panic.
        core::str::from_utf8(&self.0).unwrap_or("")
    }

    /// Whether both name the same stream.
    pub fn is(&self, other: &Self) -> bool {
        utf16::eq_ignore_case(self.as_str(), other.as_str())
    }

    /// The stream of the file at `path`, as those who watch a directory are told of it.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` if it gets too long, `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn behind(&self, path: &RelPath) -> SmbResult<RelPath> {
        let mut bytes = copy(path.as_bytes())?;
        bytes.push(b':', GFP_KERNEL)?;
        bytes.extend_from_slice(&self.0, GFP_KERNEL)?;
        RelPath::from_bytes(&bytes)
    }

    /// A second copy.
    ///
    /// # Errors
    /// Without memory.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self(copy(&self.0)?))
    }

    /// The attribute that holds it, ended by NUL.
    fn xattr(&self) -> Result<KVec<u8>> {
        let mut out = KVec::with_capacity(XATTR_NAME_MAX.saturating_add(1), GFP_KERNEL)?;
        for part in [PREFIX, &self.0, SUFFIX, b"\0"] {
            out.extend_from_slice(part, GFP_KERNEL)?;
        }
        Ok(out)
    }
}

fn c_str(name: &[u8]) -> Result<&CStr> {
    CStr::from_bytes_with_nul(name).map_err(|_| EINVAL)
}

/// What a stream of this size counts as allocated, in bytes.
pub(crate) fn allocated(size: u64) -> u64 {
    size.div_ceil(UNIT).saturating_mul(UNIT)
}

/// The size in bytes of a stream under exactly this name. It is no secret to who may see the file, so the server
/// looks.
///
/// # Errors
/// `ENODATA` if there is none, and where there are no extended attributes; the host's.
pub(crate) fn size<H: Host>(fs: &H::Fs, node: &Node<H>, name: &StreamName) -> Result<u64> {
    let xattr = name.xattr()?;
    match fs.get_xattr(node, fs.server_creds(), c_str(&xattr)?, &mut []) {
        Ok(len) => Ok((len as u64).saturating_sub(1)),
        Err(e) if e == EOPNOTSUPP => Err(ENODATA),
        Err(e) => Err(e),
    }
}

/// The stream of that name in any case: as the disk spells it, and its size in bytes.
///
/// # Errors
/// The host's.
pub(crate) fn find<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    name: &StreamName,
) -> SmbResult<Option<(StreamName, u64)>> {
    match size::<H>(fs, node, name) {
        Ok(size) => return Ok(Some((name.try_clone()?, size))),
        Err(e) if e == ENODATA => {}
        Err(e) => return Err(e.into()),
    }
    let names = names::<H>(fs, node)?;
    for other in split(&names) {
        if !utf16::eq_ignore_case(other, name.as_str()) {
            continue;
        }
        let other = StreamName(copy(other.as_bytes())?);
        match size::<H>(fs, node, &other) {
            Ok(size) => return Ok(Some((other, size))),
            Err(e) if e == ENODATA => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(None)
}

/// The names of all extended attributes, each ended by NUL.
fn names<H: Host>(fs: &H::Fs, node: &Node<H>) -> Result<KVec<u8>> {
    let mut names = KVec::new();
    for room in [512, XATTR_LIST_MAX] {
        names.clear();
        names.extend_with(room, 0, GFP_KERNEL)?;
        match fs.list_xattr(node, fs.server_creds(), &mut names) {
            Ok(len) => {
                names.truncate(len);
                return Ok(names);
            }
            Err(e) if e == ERANGE => {}
            Err(e) if e == EOPNOTSUPP => break,
            Err(e) => return Err(e),
        }
    }
    names.clear();
    Ok(names)
}

fn split(names: &[u8]) -> impl Iterator<Item = &str> {
    names.split(|b| *b == 0).filter_map(StreamName::of_xattr)
}

/// Calls `each` with name and size of every named stream, until it returns `false`.
///
/// # Errors
/// The host's.
pub(crate) fn list<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    each: &mut dyn FnMut(&StreamName, u64) -> bool,
) -> SmbResult {
    let names = names::<H>(fs, node)?;
    for name in split(&names) {
        let name = StreamName(copy(name.as_bytes())?);
        match size::<H>(fs, node, &name) {
            Ok(size) if !each(&name, size) => break,
            // It went meanwhile.
            Ok(_) => {}
            Err(e) if e == ENODATA => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// The stream's data, with the NUL that the disk has behind it.
///
/// # Errors
/// `ENODATA` if there is none; the host's.
pub(crate) fn load<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
) -> Result<KVec<u8>> {
    let xattr = name.xattr()?;
    let xattr = c_str(&xattr)?;
    let mut value = KVec::new();
    // It may grow between the two calls.
    for _ in 0..4 {
        let len = fs.get_xattr(node, creds, xattr, &mut [])?;
        value.clear();
        value.extend_with(len.max(1), 0, GFP_KERNEL)?;
        match fs.get_xattr(node, creds, xattr, &mut value) {
            Err(e) if e == ERANGE => {}
            result => {
                value.truncate(result?.max(1));
                return Ok(value);
            }
        }
    }
    Err(EAGAIN)
}

/// Stores data with the NUL behind it.
///
/// # Errors
/// `ENOSPC` if it is too much for the file system; the host's.
pub(crate) fn store<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
    value: &[u8],
) -> Result {
    let xattr = name.xattr()?;
    match fs.set_xattr(node, creds, c_str(&xattr)?, value) {
        // More than this file system takes.
        Err(e) if e == E2BIG || e == ERANGE => Err(ENOSPC),
        result => result,
    }
}

/// Makes a stream, or empties it.
///
/// # Errors
/// The host's.
pub(crate) fn make<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
) -> Result {
    store::<H>(fs, node, creds, name, b"\0")
}

/// Removes a stream.
///
/// # Errors
/// `ENODATA` if there is none; the host's.
pub(crate) fn remove<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
) -> Result {
    let xattr = name.xattr()?;
    fs.remove_xattr(node, creds, c_str(&xattr)?)
}

/// Removes all named streams: who overwrites a file leaves none ([MS-FSA] 2.1.5.1.2.1).
///
/// # Errors
/// The host's.
pub(crate) fn remove_all<H: Host>(fs: &H::Fs, node: &Node<H>, creds: &Creds<H>) -> SmbResult {
    let names = names::<H>(fs, node)?;
    for name in split(&names) {
        match remove::<H>(fs, node, creds, &StreamName(copy(name.as_bytes())?)) {
            Err(e) if e == ENODATA => {}
            result => result?,
        }
    }
    Ok(())
}

/// Gives a stream another name; one that has it already is lost.
///
/// # Errors
/// The host's; the old name then stays.
pub(crate) fn rename<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    from: &StreamName,
    to: &StreamName,
) -> Result {
    let value = load::<H>(fs, node, creds, from)?;
    store::<H>(fs, node, creds, to, &value)?;
    if from.0 != to.0 {
        remove::<H>(fs, node, creds, from)?;
    }
    Ok(())
}

/// Reads up to `len` bytes at `offset`.
///
/// # Errors
/// `ENODATA` if the stream is gone; the host's.
pub(crate) fn read<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
    offset: u64,
    len: u32,
) -> Result<H::Payload> {
    let value = load::<H>(fs, node, creds, name)?;
    let size = value.len().saturating_sub(1);
    let start = usize::try_from(offset).map_or(size, |o| o.min(size));
    let end = start.saturating_add(len as usize).min(size);
    fs.payload(value.get(start..end).unwrap_or(&[]))
}

/// A change of a stream's data.
pub(crate) struct Change<S, F> {
    /// The new size in bytes, from the old one.
    pub(crate) size: S,
    /// Where the bytes begin that `fill` gets, which go on to the end of the stream.
    pub(crate) at: u64,
    /// What is done to these bytes.
    pub(crate) fill: F,
    /// The stream is not there as long as it has no data.
    pub(crate) only_with_data: bool,
}

/// Changes the size of a stream, and then its bytes. To be called in the file's turn.
///
/// # Errors
/// `ENOSPC` if that is more than a stream holds; the host's and those of the change.
pub(crate) fn change<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
    change: Change<impl FnOnce(u64) -> u64, impl FnOnce(&mut [u8]) -> Result>,
) -> Result {
    let mut value = match load::<H>(fs, node, creds, name) {
        Err(e) if e == ENODATA && change.only_with_data => kernel::kvec![0u8]?,
        value => value?,
    };
    let before = value.len().saturating_sub(1);
    let size = (change.size)(before as u64);
    if size > MAX_SIZE {
        return Err(ENOSPC);
    }
    if size == 0 && change.only_with_data {
        return match remove::<H>(fs, node, creds, name) {
            Err(e) if e == ENODATA => Ok(()),
            result => result,
        };
    }
    let size = usize::try_from(size).map_err(|_| ENOSPC)?;
    value.truncate(before.min(size));
    let more = size.saturating_add(1).saturating_sub(value.len());
    value.extend_with(more, 0, GFP_KERNEL)?;
    let at = usize::try_from(change.at).map_err(|_| EINVAL)?;
    if let Some(range) = value.get_mut(at.min(size)..size) {
        (change.fill)(range)?;
    }
    store::<H>(fs, node, creds, name, &value)
}
