// SPDX-License-Identifier: GPL-2.0-or-later
//! The streams `AFP_AfpInfo` (what the Finder knows of a file) and `AFP_Resource` (its resource fork), as Apple's server
//! has them.
//!
//! `AFP_AfpInfo` always has 60 bytes. Whoever makes it only gets a handle; the stream is there once something is written
//! that says something, and is gone as soon as nothing is said any more. Whole ones are read and written, whatever the
//! offset. Its size cannot be changed.
//!
//! `AFP_Resource` is there as long as there is something in it. To delete it has no effect; to cut it off to nothing has.
//! The same is true, for clients of Apple's, of all other streams, except that these can be deleted.

use kernel::prelude::*;

use proto_shared::dtyp::utf16;
use proto_shared::smb2::AfpInfo;

use crate::host::{Fs, Host};
use crate::stream::{self, StreamName};
use crate::tree::Tree;

type Node<H> = <<H as Host>::Fs as Fs>::Node;
type Creds<H> = <<H as Host>::Fs as Fs>::Creds;

const INFO: &str = "AFP_AfpInfo";
const RESOURCE: &str = "AFP_Resource";
/// Length of what is there of [`AfpInfo`], in bytes.
pub(crate) const INFO_SIZE: u64 = AfpInfo::LEN as u64;

/// What a stream is to Apple's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fork {
    /// What the Finder knows.
    Info,
    /// The resource fork.
    Resource,
    /// A stream as any other.
    Other,
}

impl Fork {
    /// What a stream of that name is, on a share that has the extensions.
    fn of(name: &str) -> Self {
        if utf16::eq_ignore_case(name, INFO) {
            Fork::Info
        } else if utf16::eq_ignore_case(name, RESOURCE) {
            Fork::Resource
        } else {
            Fork::Other
        }
    }
}

/// Which streams are something else than just streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The share has the extensions.
    apple: bool,
    /// The client is one of Apple's. To it no stream is there that has nothing in it.
    speaks: bool,
}

impl Rules {
    /// Those of a tree connect as of now.
    pub(crate) fn of<H: Host>(tree: &Tree<H>) -> Self {
        let apple = super::has(tree);
        Self {
            apple,
            speaks: apple && super::speaks(tree),
        }
    }

    /// What a stream of that name is.
    pub(crate) fn fork(self, name: &StreamName) -> Fork {
        if self.apple {
            Fork::of(name.as_str())
        } else {
            Fork::Other
        }
    }

    /// Whether a stream of that name comes with its first byte and goes with its last.
    pub(crate) fn only_with_data(self, name: &StreamName) -> bool {
        self.speaks || self.fork(name) != Fork::Other
    }

    /// Whether what is stored under such a name, of that size in bytes, is there for clients.
    pub(crate) fn is_there(self, name: &StreamName, size: u64) -> bool {
        match self.fork(name) {
            Fork::Info => size == INFO_SIZE,
            Fork::Resource | Fork::Other => size != 0 || !self.only_with_data(name),
        }
    }

    /// Size of one that is new, in bytes.
    pub(crate) fn new_size(self, name: &StreamName) -> u64 {
        match self.fork(name) {
            Fork::Info => INFO_SIZE,
            Fork::Resource | Fork::Other => 0,
        }
    }
}

fn load<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
) -> Result<Option<AfpInfo>> {
    match stream::load::<H>(fs, node, creds, name) {
        // The disk has a NUL behind it. What others left there and is no such thing counts as not there.
        Ok(value) => Ok(value
            .split_last()
            .filter(|(_, value)| value.len() == AfpInfo::LEN)
            .and_then(|(_, value)| AfpInfo::parse(value).ok())),
        Err(e) if e == ENODATA || e == EOPNOTSUPP => Ok(None),
        Err(e) => Err(e),
    }
}

/// What the Finder knows of a file.
///
/// # Errors
/// The host's.
pub(crate) fn stored_info<H: Host>(fs: &H::Fs, node: &Node<H>) -> Result<Option<AfpInfo>> {
    let name = StreamName::parse(INFO.as_bytes()).map_err(|_| ENOMEM)?;
    match name {
        Some(name) => load::<H>(fs, node, fs.server_creds(), &name),
        None => Ok(None),
    }
}

/// Size of a file's resource fork in bytes; 0 if there is none.
///
/// # Errors
/// The host's.
pub(crate) fn resource_size<H: Host>(fs: &H::Fs, node: &Node<H>) -> Result<u64> {
    let Some(name) = StreamName::parse(RESOURCE.as_bytes()).map_err(|_| ENOMEM)? else {
        return Ok(0);
    };
    match stream::size::<H>(fs, node, &name) {
        Err(e) if e == ENODATA => Ok(0),
        result => result,
    }
}

/// Reads from an `AFP_AfpInfo`: from its beginning wherever the client says, as clients count its end wrongly. One that
/// is not there yet says nothing.
///
/// # Errors
/// The host's.
pub(crate) fn read_info<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
    offset: u64,
    len: u32,
) -> Result<H::Payload> {
    if offset > INFO_SIZE {
        return fs.payload(&[]);
    }
    let info = load::<H>(fs, node, creds, name)?.unwrap_or(AfpInfo::empty());
    let all = info.as_bytes();
    let len = (len as usize).min(all.len());
    fs.payload(all.get(..len).unwrap_or(&[]))
}

/// Writes an `AFP_AfpInfo`, of which `data` is what the client brings; one that says nothing is removed. To be called in
/// the file's turn.
///
/// # Errors
/// `EINVAL` for what is none; the host's.
pub(crate) fn write_info<H: Host>(
    fs: &H::Fs,
    node: &Node<H>,
    creds: &Creds<H>,
    name: &StreamName,
    offset: u64,
    data: &[u8],
) -> Result {
    // Only whole ones may begin elsewhere.
    if !data.starts_with(&SHORT_SIGNATURE) || offset != 0 && data.len() < AfpInfo::LEN {
        return Err(EINVAL);
    }
    if data.len() <= AfpInfo::FINDER_AT {
        // The head is the same for all.
        return Ok(());
    }
    let mut all = [0; AfpInfo::LEN];
    for (to, from) in all.iter_mut().zip(data) {
        *to = *from;
    }
    let info = AfpInfo::parse(&all).map_err(|_| EINVAL)?;
    if info.says_nothing() {
        return match stream::remove::<H>(fs, node, creds, name) {
            Err(e) if e == ENODATA => Ok(()),
            result => result,
        };
    }
    let mut value = KVec::with_capacity(AfpInfo::LEN.saturating_add(1), GFP_KERNEL)?;
    value.extend_from_slice(info.as_bytes(), GFP_KERNEL)?;
    value.push(0, GFP_KERNEL)?;
    stream::store::<H>(fs, node, creds, name, &value)
}

/// What the shortest write of one begins with.
const SHORT_SIGNATURE: [u8; 3] = *b"AFP";
