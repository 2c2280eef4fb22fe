// SPDX-License-Identifier: GPL-2.0-or-later
//! Headers of encrypted and compressed messages (\[MS-SMB2\] 2.2.41, 2.2.42).
//!
//! Only the headers are read here. What decryption or decompression yields is
//! a new message that goes through [`super::Header::parse`] like any other.

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::limits::TRANSFORM_HEADER_LEN;
use core::ops::Range;

/// First four bytes of an encrypted message.
pub const TRANSFORM_PROTOCOL_ID: [u8; 4] = [0xFD, b'S', b'M', b'B'];

/// First four bytes of a compressed message.
pub const COMPRESSION_PROTOCOL_ID: [u8; 4] = [0xFC, b'S', b'M', b'B'];

/// Bytes of the header that encryption authenticates: nonce to session id
/// (\[MS-SMB2\] 3.1.4.3).
pub const AAD_RANGE: Range<usize> = 20..TRANSFORM_HEADER_LEN;

/// Length of the nonce of AES-CCM in bytes; the rest of the field is zero.
pub const CCM_NONCE_LEN: usize = 11;

/// Length of the nonce of AES-GCM in bytes; the rest of the field is zero.
pub const GCM_NONCE_LEN: usize = 12;

/// The only value of Flags: the message is encrypted. In dialects 3.0 and
/// 3.0.2 the same number is the algorithm AES-128-CCM.
const ENCRYPTED: u16 = 0x0001;

/// Header of an encrypted message (\[MS-SMB2\] 2.2.41).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransformHeader {
    /// Authentication tag.
    pub signature: [u8; 16],
    /// Nonce; the first 11 or 12 bytes count.
    pub nonce: [u8; 16],
    /// Length of the message in bytes.
    pub original_message_size: u32,
    /// Session whose key is used.
    pub session_id: u64,
}

impl TransformHeader {
    /// Parses the header of an encrypted message; answers it and the
    /// ciphertext. Errors besides truncation: flags other than "encrypted",
    /// a size that is not that of the ciphertext, or less than the shortest
    /// header of what may be inside (\[MS-SMB2\] 3.3.5.2.1.1).
    pub fn parse(pdu: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut r = Reader::new(pdu);
        if r.array()? != TRANSFORM_PROTOCOL_ID {
            return Err(Malformed::new("ProtocolId of transform header"));
        }
        let signature = r.array()?;
        let nonce = r.array()?;
        let original_message_size = r.u32()?;
        r.skip(2)?;
        if r.u16()? != ENCRYPTED {
            return Err(Malformed::new("Flags of transform header"));
        }
        let session_id = r.u64()?;
        let ciphertext = r.rest();
        if usize::try_from(original_message_size) != Ok(ciphertext.len())
            || ciphertext.len() < COMPRESSION_MIN_LEN
        {
            return Err(Malformed::new("OriginalMessageSize"));
        }
        Ok((
            Self {
                signature,
                nonce,
                original_message_size,
                session_id,
            },
            ciphertext,
        ))
    }

    /// Appends the 52 bytes.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&self.to_bytes())
    }

    /// The 52 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; TRANSFORM_HEADER_LEN] {
        let mut out = [0; TRANSFORM_HEADER_LEN];
        // The array has the length that is needed.
        let _ = self.fill(&mut Writer::new(&mut out));
        out
    }

    fn fill(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&TRANSFORM_PROTOCOL_ID)?;
        w.bytes(&self.signature)?;
        w.bytes(&self.nonce)?;
        w.u32(self.original_message_size)?;
        w.u16(0)?;
        w.u16(ENCRYPTED)?;
        w.u64(self.session_id)
    }

    /// The bytes that encryption authenticates.
    #[must_use]
    pub fn aad(&self) -> [u8; 32] {
        let bytes = self.to_bytes();
        bytes
            .get(AAD_RANGE)
            .and_then(|aad| <[u8; 32]>::try_from(aad).ok())
            .unwrap_or([0; 32])
    }
}

/// Length of a compression header without chained payloads.
const COMPRESSION_MIN_LEN: usize = 16;

/// Header of a compressed message (\[MS-SMB2\] 2.2.42).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionHeader {
    /// One algorithm for what follows `offset` bytes of plain data
    /// (\[MS-SMB2\] 2.2.42.1).
    Unchained {
        /// Length in bytes of the part that was compressed, before that.
        original_size: u32,
        /// Number of [`super::negotiate_context::CompressionAlgorithm`].
        algorithm: u16,
        /// Bytes of plain data behind the header.
        offset: u32,
    },
    /// Payloads with a header each (\[MS-SMB2\] 2.2.42.2).
    Chained {
        /// Length in bytes of the whole message before compression.
        original_size: u32,
    },
}

impl CompressionHeader {
    /// Parses the header; answers it and what follows: the plain data and the
    /// compressed part, or the first payload header.
    pub fn parse(pdu: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let mut r = Reader::new(pdu);
        if r.array()? != COMPRESSION_PROTOCOL_ID {
            return Err(Malformed::new("ProtocolId of compression header"));
        }
        let original_size = r.u32()?;
        let mut unchained = r;
        let algorithm = unchained.u16()?;
        let flags = unchained.u16()?;
        let offset = unchained.u32()?;
        match flags {
            0 => Ok((
                Self::Unchained {
                    original_size,
                    algorithm,
                    offset,
                },
                unchained.rest(),
            )),
            // The flag belongs to the first payload header, which stays.
            1 => Ok((Self::Chained { original_size }, r.rest())),
            _ => Err(Malformed::new("Flags of compression header")),
        }
    }
}
