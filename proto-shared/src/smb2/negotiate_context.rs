// SPDX-License-Identifier: GPL-2.0-or-later
//! Negotiate contexts (\[MS-SMB2\] 2.2.3.1, 2.2.4.1), the same in both
//! directions.

use super::types::U16List;
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;

/// Bytes before the data of a context.
const CONTEXT_HEADER_LEN: usize = 8;

wire_enum! {
    /// Type of a negotiate context (\[MS-SMB2\] 2.2.3.1).
    pub struct ContextType(u16) {
        PREAUTH_INTEGRITY_CAPABILITIES = 0x0001,
        ENCRYPTION_CAPABILITIES = 0x0002,
        COMPRESSION_CAPABILITIES = 0x0003,
        NETNAME_NEGOTIATE_CONTEXT_ID = 0x0005,
        TRANSPORT_CAPABILITIES = 0x0006,
        RDMA_TRANSFORM_CAPABILITIES = 0x0007,
        SIGNING_CAPABILITIES = 0x0008,
        /// SMB3 POSIX extensions.
        POSIX_EXTENSIONS_AVAILABLE = 0x0100,
    }
}

wire_enum! {
    /// Hash of preauthentication integrity (\[MS-SMB2\] 2.2.3.1.1).
    pub struct HashAlgorithm(u16) {
        SHA_512 = 0x0001,
    }
}

wire_enum! {
    /// Cipher (\[MS-SMB2\] 2.2.3.1.2).
    pub struct Cipher(u16) {
        AES_128_CCM = 0x0001,
        AES_128_GCM = 0x0002,
        AES_256_CCM = 0x0003,
        AES_256_GCM = 0x0004,
    }
}

wire_enum! {
    /// Compression algorithm (\[MS-SMB2\] 2.2.3.1.3).
    pub struct CompressionAlgorithm(u16) {
        NONE = 0x0000,
        LZNT1 = 0x0001,
        LZ77 = 0x0002,
        LZ77_HUFFMAN = 0x0003,
        PATTERN_V1 = 0x0004,
        LZ4 = 0x0005,
    }
}

wire_flags! {
    /// Flags of the compression context (\[MS-SMB2\] 2.2.3.1.3).
    pub struct CompressionFlags(u32) {
        CHAINED = 0x0000_0001,
    }
}

wire_flags! {
    /// Flags of the transport context (\[MS-SMB2\] 2.2.3.1.5).
    pub struct TransportFlags(u32) {
        ACCEPT_TRANSPORT_LEVEL_SECURITY = 0x0000_0001,
    }
}

wire_enum! {
    /// RDMA transform (\[MS-SMB2\] 2.2.3.1.6).
    pub struct RdmaTransform(u16) {
        NONE = 0x0000,
        ENCRYPTION = 0x0001,
        SIGNING = 0x0002,
    }
}

wire_enum! {
    /// Signing algorithm (\[MS-SMB2\] 2.2.3.1.7).
    pub struct SigningAlgorithm(u16) {
        HMAC_SHA256 = 0x0000,
        AES_CMAC = 0x0001,
        AES_GMAC = 0x0002,
    }
}

/// Data of the POSIX context: the tag that also names the POSIX create
/// context (\[SMB3 POSIX\] 2.2.3.1).
pub const POSIX_TAG: [u8; 16] = [
    0x93, 0xAD, 0x25, 0x50, 0x9C, 0xB4, 0x11, 0xE7, 0xB4, 0x23, 0x83, 0xDE, 0x96, 0x8B, 0xCD, 0x7C,
];

/// One negotiate context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegotiateContext<'a> {
    /// \[MS-SMB2\] 2.2.3.1.1; at least one hash.
    PreauthIntegrity {
        /// Numbers of [`HashAlgorithm`] in order of preference.
        hashes: U16List<'a>,
        /// Salt.
        salt: &'a [u8],
    },
    /// \[MS-SMB2\] 2.2.3.1.2; at least one cipher.
    Encryption {
        /// Numbers of [`Cipher`] in order of preference.
        ciphers: U16List<'a>,
    },
    /// \[MS-SMB2\] 2.2.3.1.3; at least one algorithm.
    Compression {
        /// Flags.
        flags: CompressionFlags,
        /// Numbers of [`CompressionAlgorithm`] in order of preference.
        algorithms: U16List<'a>,
    },
    /// \[MS-SMB2\] 2.2.3.1.4.
    Netname(Utf16<'a>),
    /// \[MS-SMB2\] 2.2.3.1.5.
    Transport(TransportFlags),
    /// \[MS-SMB2\] 2.2.3.1.6; at least one transform.
    RdmaTransform {
        /// Numbers of [`RdmaTransform`].
        transforms: U16List<'a>,
    },
    /// \[MS-SMB2\] 2.2.3.1.7; at least one algorithm.
    Signing {
        /// Numbers of [`SigningAlgorithm`] in order of preference.
        algorithms: U16List<'a>,
    },
    /// POSIX extensions with the tag that this crate knows.
    Posix,
    /// A type, or a tag of the POSIX extensions, that this crate does not
    /// know; to be ignored (\[MS-SMB2\] 3.3.5.4).
    Other {
        /// Type.
        context_type: ContextType,
        /// Data.
        data: &'a [u8],
    },
}

fn counted<'a>(r: &mut Reader<'a>, count: usize) -> Result<U16List<'a>, Malformed> {
    if count == 0 {
        return Err(Malformed::new("empty list in negotiate context"));
    }
    U16List::new(r.take(count.saturating_mul(2))?)
}

impl<'a> NegotiateContext<'a> {
    /// Parses the data of one context. Errors besides truncation: an empty
    /// list where \[MS-SMB2\] 3.3.5.4 demands an element.
    pub fn parse(context_type: ContextType, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        Ok(match context_type {
            ContextType::PREAUTH_INTEGRITY_CAPABILITIES => {
                let count = r.len16()?;
                let salt_len = r.len16()?;
                Self::PreauthIntegrity {
                    hashes: counted(&mut r, count)?,
                    salt: r.take(salt_len)?,
                }
            }
            ContextType::ENCRYPTION_CAPABILITIES => {
                let count = r.len16()?;
                Self::Encryption {
                    ciphers: counted(&mut r, count)?,
                }
            }
            ContextType::COMPRESSION_CAPABILITIES => {
                let count = r.len16()?;
                r.skip(2)?;
                Self::Compression {
                    flags: CompressionFlags(r.u32()?),
                    algorithms: counted(&mut r, count)?,
                }
            }
            ContextType::NETNAME_NEGOTIATE_CONTEXT_ID => Self::Netname(Utf16::new(data)?),
            ContextType::TRANSPORT_CAPABILITIES => Self::Transport(TransportFlags(r.u32()?)),
            ContextType::RDMA_TRANSFORM_CAPABILITIES => {
                let count = r.len16()?;
                r.skip(6)?;
                Self::RdmaTransform {
                    transforms: counted(&mut r, count)?,
                }
            }
            ContextType::SIGNING_CAPABILITIES => {
                let count = r.len16()?;
                Self::Signing {
                    algorithms: counted(&mut r, count)?,
                }
            }
            ContextType::POSIX_EXTENSIONS_AVAILABLE if data == POSIX_TAG => Self::Posix,
            _ => Self::Other { context_type, data },
        })
    }

    /// The context's type.
    #[must_use]
    pub const fn context_type(&self) -> ContextType {
        match self {
            Self::PreauthIntegrity { .. } => ContextType::PREAUTH_INTEGRITY_CAPABILITIES,
            Self::Encryption { .. } => ContextType::ENCRYPTION_CAPABILITIES,
            Self::Compression { .. } => ContextType::COMPRESSION_CAPABILITIES,
            Self::Netname(_) => ContextType::NETNAME_NEGOTIATE_CONTEXT_ID,
            Self::Transport(_) => ContextType::TRANSPORT_CAPABILITIES,
            Self::RdmaTransform { .. } => ContextType::RDMA_TRANSFORM_CAPABILITIES,
            Self::Signing { .. } => ContextType::SIGNING_CAPABILITIES,
            Self::Posix => ContextType::POSIX_EXTENSIONS_AVAILABLE,
            Self::Other { context_type, .. } => *context_type,
        }
    }

    fn write_data(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        match self {
            Self::PreauthIntegrity { hashes, salt } => {
                w.len16(hashes.len())?;
                w.len16(salt.len())?;
                w.bytes(hashes.as_bytes())?;
                w.bytes(salt)
            }
            Self::Encryption { ciphers: list } | Self::Signing { algorithms: list } => {
                w.len16(list.len())?;
                w.bytes(list.as_bytes())
            }
            Self::Compression { flags, algorithms } => {
                w.len16(algorithms.len())?;
                w.u16(0)?;
                w.u32(flags.0)?;
                w.bytes(algorithms.as_bytes())
            }
            Self::Netname(name) => w.bytes(name.as_bytes()),
            Self::Transport(flags) => w.u32(flags.0),
            Self::RdmaTransform { transforms } => {
                w.len16(transforms.len())?;
                w.zeros(6)?;
                w.bytes(transforms.as_bytes())
            }
            Self::Posix => w.bytes(&POSIX_TAG),
            Self::Other { data, .. } => w.bytes(data),
        }
    }

    /// Appends type, length and data, without padding.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u16(self.context_type().0)?;
        let len_at = w.len();
        w.u16(0)?;
        w.u32(0)?;
        let data_at = w.len();
        self.write_data(w)?;
        let len = w.len().checked_sub(data_at).ok_or(NoSpace)?;
        w.patch_len16(len_at, len)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source<'a> {
    /// Wire form starting at an 8-byte boundary of the message; every context
    /// is known to parse.
    Wire {
        bytes: &'a [u8],
        count: usize,
    },
    Values(&'a [NegotiateContext<'a>]),
}

/// The contexts of a negotiate message, either parsed or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegotiateContexts<'a>(Source<'a>);

impl<'a> NegotiateContexts<'a> {
    /// No context.
    pub const EMPTY: NegotiateContexts<'static> = NegotiateContexts(Source::Values(&[]));

    /// Contexts to be written.
    #[inline]
    #[must_use]
    pub const fn from_values(values: &'a [NegotiateContext<'a>]) -> Self {
        Self(Source::Values(values))
    }

    /// Parses `count` contexts at `offset` of `msg`, which must not lie before
    /// `min`; all of them are checked now.
    pub(super) fn parse(
        msg: &'a [u8],
        min: usize,
        offset: usize,
        count: usize,
    ) -> Result<Self, Malformed> {
        if count == 0 {
            return Ok(Self::EMPTY);
        }
        if offset < min || offset % 8 != 0 {
            return Err(Malformed::new("NegotiateContextOffset"));
        }
        let bytes = msg
            .get(offset..)
            .ok_or(Malformed::new("NegotiateContextOffset"))?;
        let mut walk = Walk {
            r: Reader::new(bytes),
            left: count,
        };
        while walk.step()?.is_some() {}
        Ok(Self(Source::Wire { bytes, count }))
    }

    /// Number of contexts.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.0 {
            Source::Wire { count, .. } => count,
            Source::Values(values) => values.len(),
        }
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The contexts in order.
    #[must_use]
    pub fn iter(&self) -> Contexts<'a> {
        Contexts(match self.0 {
            Source::Wire { bytes, count } => Inner::Wire(Walk {
                r: Reader::new(bytes),
                left: count,
            }),
            Source::Values(values) => Inner::Values(values.iter()),
        })
    }

    /// Number of contexts of a type; more than one of the known types makes a
    /// request invalid (\[MS-SMB2\] 3.3.5.4).
    #[must_use]
    pub fn count(&self, context_type: ContextType) -> usize {
        self.iter()
            .filter(|c| c.context_type() == context_type)
            .count()
    }

    /// The first context of a type.
    #[must_use]
    pub fn find(&self, context_type: ContextType) -> Option<NegotiateContext<'a>> {
        self.iter().find(|c| c.context_type() == context_type)
    }

    /// Appends all contexts, each on an 8-byte boundary from here.
    pub(super) fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        let base = w.len();
        for context in self.iter() {
            w.align_from(base, 8)?;
            context.write(w)?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct Walk<'a> {
    r: Reader<'a>,
    left: usize,
}

impl<'a> Walk<'a> {
    fn step(&mut self) -> Result<Option<NegotiateContext<'a>>, Malformed> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        self.r.align(8)?;
        if self.r.remaining() < CONTEXT_HEADER_LEN {
            return Err(Malformed::new("negotiate context"));
        }
        let context_type = ContextType(self.r.u16()?);
        let len = self.r.len16()?;
        self.r.skip(4)?;
        NegotiateContext::parse(context_type, self.r.take(len)?).map(Some)
    }
}

#[derive(Clone, Debug)]
enum Inner<'a> {
    Wire(Walk<'a>),
    Values(core::slice::Iter<'a, NegotiateContext<'a>>),
}

/// Iterator over [`NegotiateContexts`].
#[derive(Clone, Debug)]
pub struct Contexts<'a>(Inner<'a>);

impl<'a> Iterator for Contexts<'a> {
    type Item = NegotiateContext<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            // Was walked without error when it was parsed.
            Inner::Wire(walk) => walk.step().ok().flatten(),
            Inner::Values(values) => values.next().copied(),
        }
    }
}
