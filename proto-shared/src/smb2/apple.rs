// SPDX-License-Identifier: GPL-2.0-or-later
//! Apple's extensions, as far as they are on the wire: the create context
//! `AAPL`, what an entry of a directory says in place of its short name, and
//! the content of the stream `AFP_AfpInfo`.
//!
//! There is no specification. This is what macOS sends and understands, and
//! what servers other than Apple's answer.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::access::AccessMask;

/// Command of Apple's context: ask for what the server can do.
pub const APPLE_SERVER_QUERY: u32 = 1;

wire_flags! {
    /// What an Apple client asks for, and what the reply holds.
    pub struct AppleQuery(u64) {
        SERVER_CAPS = 0x01,
        VOLUME_CAPS = 0x02,
        MODEL_INFO = 0x04,
    }
}

wire_flags! {
    /// What server and client can do.
    pub struct AppleServerCaps(u64) {
        READ_DIR_ATTR = 0x01,
        OSX_COPYFILE = 0x02,
        UNIX_BASED = 0x04,
        NFS_ACE = 0x08,
    }
}

wire_flags! {
    /// What a share can do.
    pub struct AppleVolumeCaps(u64) {
        RESOLVE_ID = 0x01,
        CASE_SENSITIVE = 0x02,
        FULL_SYNC = 0x04,
    }
}

/// An Apple client's question for capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppleServerQuery {
    /// What is asked for.
    pub request: AppleQuery,
    /// What the client can do.
    pub client_capabilities: AppleServerCaps,
}

impl AppleServerQuery {
    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(APPLE_SERVER_QUERY)?;
        w.u32(0)?;
        w.u64(self.request.0)?;
        w.u64(self.client_capabilities.0)
    }
}

/// Reply to [`AppleServerQuery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppleServerReply<'a> {
    /// Server capabilities, if asked for.
    pub server_capabilities: Option<AppleServerCaps>,
    /// Volume capabilities, if asked for.
    pub volume_capabilities: Option<AppleVolumeCaps>,
    /// Model, if asked for.
    pub model: Option<&'a str>,
}

impl AppleServerReply<'_> {
    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let mut reply = AppleQuery::NONE;
        if self.server_capabilities.is_some() {
            reply |= AppleQuery::SERVER_CAPS;
        }
        if self.volume_capabilities.is_some() {
            reply |= AppleQuery::VOLUME_CAPS;
        }
        if self.model.is_some() {
            reply |= AppleQuery::MODEL_INFO;
        }
        w.u32(APPLE_SERVER_QUERY)?;
        w.u32(0)?;
        w.u64(reply.0)?;
        if let Some(caps) = self.server_capabilities {
            w.u64(caps.0)?;
        }
        if let Some(caps) = self.volume_capabilities {
            w.u64(caps.0)?;
        }
        if let Some(model) = self.model {
            w.u32(0)?;
            let len_at = w.len();
            w.u32(0)?;
            let len = w.utf16(model)?;
            w.patch_len32(len_at, len)?;
        }
        Ok(())
    }
}

/// What an entry of class FileIdBothDirectoryInformation says once
/// [`AppleServerCaps::READ_DIR_ATTR`] was agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppleEntry {
    /// In the field of the extended attributes' size: what the user may do.
    pub max_access: AccessMask,
    /// Size of the resource fork in bytes.
    pub resource_size: u64,
    /// Type, creator, flags and date, see [`AfpInfo::compressed`].
    pub finder_info: [u8; 16],
    /// Permission bits with the type, as Unix has them.
    pub mode: u16,
}

impl AppleEntry {
    /// Length of what stands where others have the short name, in bytes.
    const NAME_LEN: u16 = 24;

    /// Reads what lies between the length of the name and the file's number.
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let max_access = AccessMask(r.u32()?);
        r.skip(2)?;
        Ok(Self {
            max_access,
            resource_size: r.u64()?,
            finder_info: r.array()?,
            mode: r.u16()?,
        })
    }

    /// Appends that.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.max_access.0)?;
        w.u16(Self::NAME_LEN)?;
        w.u64(self.resource_size)?;
        w.bytes(&self.finder_info)?;
        w.u16(self.mode)
    }
}

/// The content of a stream `AFP_AfpInfo`: signature and version, a date, the
/// Finder's information, and what ProDOS wanted to know. Numbers are
/// big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfpInfo([u8; AfpInfo::LEN]);

/// Seconds from 1970 to 2000, which the Finder counts from.
const FINDER_EPOCH: i64 = 946_684_800;

impl AfpInfo {
    /// Length in bytes.
    pub const LEN: usize = 60;
    /// Where the Finder's information begins.
    pub const FINDER_AT: usize = 16;
    /// What every one begins with.
    pub const SIGNATURE: [u8; 4] = *b"AFP\0";
    const VERSION: [u8; 4] = [0, 0, 1, 0];
    /// No date.
    const NO_DATE: [u8; 4] = [0x80, 0, 0, 0];
    const FINDER_LEN: usize = 32;

    /// That of a file which has none.
    #[must_use]
    pub fn empty() -> Self {
        let mut all = [0; Self::LEN];
        let head = [Self::SIGNATURE, Self::VERSION, [0; 4], Self::NO_DATE];
        for (to, from) in all.iter_mut().zip(head.iter().flatten()) {
            *to = *from;
        }
        Self(all)
    }

    /// Takes what a client writes, or what is stored.
    ///
    /// # Errors
    /// It is shorter, or is something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let all = Self(r.array()?);
        let mut r = Reader::new(&all.0);
        if r.array::<4>()? != Self::SIGNATURE || r.array::<4>()? != Self::VERSION {
            return Err(Malformed::new("AFP_AfpInfo"));
        }
        Ok(all)
    }

    /// All of it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The Finder's information: type, creator, flags and so on.
    #[must_use]
    pub fn finder_info(&self) -> &[u8] {
        self.0
            .get(Self::FINDER_AT..)
            .and_then(|rest| rest.get(..Self::FINDER_LEN))
            .unwrap_or(&[])
    }

    /// Whether the Finder has nothing to say: such a stream is none.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.finder_info().iter().all(|b| *b == 0)
    }

    /// The part of the Finder's information that entries of directories have:
    /// type and creator (of files), flags, more flags, and in the place of the
    /// date added the one of making (`created`, in seconds since 1970).
    #[must_use]
    pub fn compressed(&self, is_file: bool, created: i64) -> [u8; 16] {
        let info = self.finder_info();
        let at = |range: core::ops::Range<usize>| info.get(range).unwrap_or(&[]);
        let date = created.saturating_sub(FINDER_EPOCH);
        let date = u32::try_from(date).unwrap_or(0).to_be_bytes();
        let kind: &[u8] = if is_file { at(0..8) } else { &[0; 8] };
        let mut out = [0; 16];
        let parts = kind.iter().chain(at(8..10)).chain(at(24..26)).chain(&date);
        for (to, from) in out.iter_mut().zip(parts) {
            *to = *from;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smb2::create_context::{name, CreateContext, RawContext};
    use proptest::prelude::*;

    /// What macOS asks, and an answer of the form that it takes.
    #[test]
    fn golden() {
        let query = AppleServerQuery {
            request: AppleQuery(7),
            client_capabilities: AppleServerCaps::READ_DIR_ATTR | AppleServerCaps::OSX_COPYFILE,
        };
        let mut room = [0; 64];
        let mut w = Writer::new(&mut room);
        query.write(&mut w).unwrap();
        let asked = b"\x01\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0";
        assert_eq!(w.written(), asked);
        let raw = RawContext {
            name: name::APPLE,
            data: asked,
        };
        let parsed = CreateContext::parse(raw);
        assert_eq!(parsed, Ok(CreateContext::AppleServerQuery(query)));
        let short = RawContext {
            data: &asked[..23],
            ..raw
        };
        assert!(CreateContext::parse(short).is_err());

        let reply = AppleServerReply {
            server_capabilities: Some(AppleServerCaps(0x0F)),
            volume_capabilities: Some(AppleVolumeCaps::FULL_SYNC),
            model: Some("Ab"),
        };
        let mut w = Writer::new(&mut room);
        reply.write(&mut w).unwrap();
        let answer = b"\x01\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x0F\0\0\0\0\0\0\0\
            \x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0A\0b\0";
        assert_eq!(w.written(), answer);
    }

    #[test]
    fn empty_info() {
        let empty = AfpInfo::empty();
        assert_eq!(
            empty.as_bytes()[..16],
            *b"AFP\0\0\0\x01\0\0\0\0\0\x80\0\0\0"
        );
        assert!(empty.as_bytes()[16..].iter().all(|b| *b == 0));
        assert!(empty.says_nothing());
        assert_eq!(AfpInfo::parse(empty.as_bytes()), Ok(empty));
        assert!(AfpInfo::parse(&empty.as_bytes()[..59]).is_err());
        let mut other = *empty.as_bytes();
        other[6] = 2;
        assert!(AfpInfo::parse(&other).is_err(), "version");
    }

    #[test]
    fn compressed_info() {
        let mut all = *AfpInfo::empty().as_bytes();
        all[16..24].copy_from_slice(b"TEXTttxt");
        all[24..26].copy_from_slice(&[0x40, 1]);
        all[40..42].copy_from_slice(&[0x80, 2]);
        let info = AfpInfo::parse(&all).unwrap();
        assert!(!info.says_nothing());
        let file = info.compressed(true, FINDER_EPOCH + 0x01020304);
        assert_eq!(file, *b"TEXTttxt\x40\x01\x80\x02\x01\x02\x03\x04");
        let dir = info.compressed(false, 0);
        assert_eq!(dir, *b"\0\0\0\0\0\0\0\0\x40\x01\x80\x02\0\0\0\0");
    }

    proptest! {
        #[test]
        fn entries(max_access: u32, resource_size: u64, finder_info: [u8; 16], mode: u16) {
            let entry = AppleEntry {
                max_access: AccessMask(max_access), resource_size, finder_info, mode,
            };
            let mut room = [0; 32];
            let mut w = Writer::new(&mut room);
            entry.write(&mut w).unwrap();
            prop_assert_eq!(w.len(), 32);
            prop_assert_eq!(AppleEntry::parse(&mut Reader::new(w.written())), Ok(entry));
        }
    }
}
