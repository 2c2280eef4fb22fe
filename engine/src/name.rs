// SPDX-License-Identifier: GPL-2.0-or-later
//! Names and paths after parsing: no host ever sees a string that a client wrote.
//!
//! # Invariants
//!
//! A [`Name`] is one component: not empty, not `.` or `..`, without `/` and NUL, valid UTF-8, at most 255
//! bytes. A [`RelPath`] is zero or more such components joined by `/`; the empty path is the share's root.
//!
//! [MS-FSCC] 2.1.5 names the characters that no component may have; [MS-SMB2] 2.2.13 says how CREATE spells
//! a path.

use kernel::alloc::AllocError;
use kernel::prelude::*;
use proto_shared::dtyp::Utf16;
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};

/// Longest component in bytes, as every Linux file system has it.
pub const NAME_MAX: usize = 255;
/// Longest path in bytes that is handed to a host (PATH_MAX less room for the root).
pub const PATH_MAX: usize = 4000;

/// One component of a path.
pub struct Name(KVec<u8>);

impl Name {
    /// Takes bytes that a directory listing gave.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` if they are no component, `INSUFFICIENT_RESOURCES` without memory.
    pub fn from_bytes(bytes: &[u8]) -> SmbResult<Self> {
        if bytes.is_empty()
            || bytes.len() > NAME_MAX
            || bytes == b"."
            || bytes == b".."
            || bytes.iter().any(|b| *b == 0 || *b == b'/')
            || core::str::from_utf8(bytes).is_err()
        {
            return Err(NtStatus::OBJECT_NAME_INVALID.into());
        }
        Ok(Self(copy(bytes)?))
    }

    /// The component as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The component as text.
    pub fn as_str(&self) -> &str {
        // The invariant says UTF-8; an empty string stands in so that no path can panic.
        core::str::from_utf8(&self.0).unwrap_or("")
    }

    /// A second copy.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn try_clone(&self) -> SmbResult<Self> {
        Ok(Self(copy(&self.0)?))
    }
}

impl core::fmt::Debug for Name {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// A path below a share's root.
#[derive(Default)]
pub struct RelPath(KVec<u8>);

impl RelPath {
    /// The root itself.
    pub const fn root() -> Self {
        Self(KVec::new())
    }

    /// Takes a path as the host spells it (`a/b/c`).
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` if a component is none, `INSUFFICIENT_RESOURCES` without memory.
    pub fn from_bytes(bytes: &[u8]) -> SmbResult<Self> {
        let mut path = Self::root();
        for part in bytes.split(|b| *b == b'/').filter(|p| !p.is_empty()) {
            path.push(&Name::from_bytes(part)?)?;
        }
        Ok(path)
    }

    /// Takes a path as a client spells it: UTF-16, components separated by `\`. The part behind a `:` is
    /// given apart, as the stream's name.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` for characters that no name may have, for lone surrogates and for `.`,
    /// `OBJECT_PATH_SYNTAX_BAD` for a `..` that leads above the root, `INVALID_PARAMETER` for a leading separator
    /// ([MS-SMB2] 3.3.5.9).
    pub fn from_wire(text: Utf16<'_>) -> SmbResult<(Self, Option<KVec<u8>>)> {
        let mut utf8 = KVec::new();
        let mut stream: Option<KVec<u8>> = None;
        let mut first = true;
        for c in text.chars() {
            let c = c.map_err(|_| SmbError::from(NtStatus::OBJECT_NAME_INVALID))?;
            if let Some(s) = stream.as_mut() {
                if matches!(c, '\\' | '/' | '\0') {
                    return Err(NtStatus::OBJECT_NAME_INVALID.into());
                }
                push_char(s, c)?;
                continue;
            }
            match c {
                '\\' | '/' if first => return Err(NtStatus::INVALID_PARAMETER.into()),
                // Some clients separate as Unix does, and no name can hold it anyway.
                '\\' | '/' => push_char(&mut utf8, '/')?,
                ':' => stream = Some(KVec::new()),
                '"' | '*' | '<' | '>' | '?' | '|' => {
                    return Err(NtStatus::OBJECT_NAME_INVALID.into())
                }
                c if (c as u32) < 0x20 => return Err(NtStatus::OBJECT_NAME_INVALID.into()),
                c => push_char(&mut utf8, c)?,
            }
            first = false;
        }
        Ok((Self::from_parts(&utf8)?, stream))
    }

    /// Takes a path as a client of the SMB3 POSIX extensions spells it: components separated by `/`, which may hold
    /// whatever else a name may on the server.
    ///
    /// # Errors
    /// As [`RelPath::from_wire`].
    pub fn from_posix(text: Utf16<'_>) -> SmbResult<Self> {
        let mut utf8 = KVec::new();
        for c in text.chars() {
            match c.map_err(|_| SmbError::from(NtStatus::OBJECT_NAME_INVALID))? {
                '\0' => return Err(NtStatus::OBJECT_NAME_INVALID.into()),
                '/' if utf8.is_empty() => return Err(NtStatus::INVALID_PARAMETER.into()),
                c => push_char(&mut utf8, c)?,
            }
        }
        Self::from_parts(&utf8)
    }

    /// A path of components between single `/`, with one more allowed behind the last.
    fn from_parts(utf8: &[u8]) -> SmbResult<Self> {
        let mut path = Self::root();
        // One trailing separator is what some clients put behind a directory's name.
        let body = utf8.strip_suffix(b"/").unwrap_or(utf8);
        if !body.is_empty() {
            for part in body.split(|b| *b == b'/') {
                match part {
                    b"" | b"." => return Err(NtStatus::OBJECT_NAME_INVALID.into()),
                    // Taken back here, among names; what leads above the root has nothing to take back.
                    b".." => match path.split_last()? {
                        Some((parent, _)) => path = parent,
                        None => return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD.into()),
                    },
                    _ => path.push(&Name::from_bytes(part)?)?,
                }
            }
        }
        if path.0.len() > PATH_MAX {
            return Err(NtStatus::NAME_TOO_LONG.into());
        }
        Ok(path)
    }

    /// Adds a component.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn push(&mut self, name: &Name) -> SmbResult {
        if !self.0.is_empty() {
            self.0.push(b'/', GFP_KERNEL)?;
        }
        self.0.extend_from_slice(name.as_bytes(), GFP_KERNEL)?;
        Ok(())
    }

    /// The path as the host spells it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The components in order.
    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/').filter(|p| !p.is_empty())
    }

    /// The path of the directory above, and the last component; `None` for the root.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn split_last(&self) -> SmbResult<Option<(Self, Name)>> {
        if self.is_root() {
            return Ok(None);
        }
        let (parent, last) = match self.0.iter().rposition(|b| *b == b'/') {
            Some(at) => (
                self.0.get(..at).unwrap_or(&[]),
                self.0.get(at.saturating_add(1)..).unwrap_or(&[]),
            ),
            None => (&[] as &[u8], &*self.0),
        };
        Ok(Some((Self(copy(parent)?), Name::from_bytes(last)?)))
    }

    /// A second copy.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub fn try_clone(&self) -> SmbResult<Self> {
        Ok(Self(copy(&self.0)?))
    }
}

impl core::fmt::Debug for RelPath {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}", core::str::from_utf8(&self.0).unwrap_or(""))
    }
}

/// Copies a slice; the engine's one way to do so.
pub(crate) fn copy(bytes: &[u8]) -> core::result::Result<KVec<u8>, AllocError> {
    let mut v = KVec::with_capacity(bytes.len(), GFP_KERNEL)?;
    v.extend_from_slice(bytes, GFP_KERNEL)?;
    Ok(v)
}

/// Appends one character as UTF-8.
pub(crate) fn push_char(v: &mut KVec<u8>, c: char) -> core::result::Result<(), AllocError> {
    let mut buf = [0; 4];
    v.extend_from_slice(c.encode_utf8(&mut buf).as_bytes(), GFP_KERNEL)
}
