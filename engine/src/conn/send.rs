// SPDX-License-Identifier: GPL-2.0-or-later
//! From replies to a frame: headers, links of a compound, signatures, encryption
//! ([MS-SMB2] 3.3.4.1.1 to 3.3.4.1.4).

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;

use proto_shared::codec::Writer;
use proto_shared::limits::{SMB2_HEADER_LEN, TRANSFORM_HEADER_LEN};
use proto_shared::smb2::header::{Header, SIGNATURE_LEN, SIGNATURE_OFFSET};
use proto_shared::smb2::transform::{TransformHeader, AAD_RANGE};
use proto_shared::smb2::{Command, ErrorResponse, HeaderFlags};
use proto_shared::status::NtStatus;

use super::Conn;
use crate::crypt::sign;
use crate::error::SmbResult;
use crate::host::{Cipher, Crypto, Host, Part, Segment, Transport};
use crate::work::{Element, Sealed};

/// Bytes of an error reply with its body: [MS-SMB2] 2.2.2, nine bytes.
const ERROR_LEN: usize = SMB2_HEADER_LEN + 9;

/// Where the tag stands in a transform header ([MS-SMB2] 2.2.41).
const TRANSFORM_SIGNATURE: core::ops::Range<usize> = 4..20;

/// Offset of NextCommand within the header.
const NEXT_COMMAND: core::ops::Range<usize> = 20..24;

impl<H: Host> Conn<H> {
    /// Answers a request that never became work. Without memory even for this the connection ends.
    pub(crate) fn refuse(&self, request: &Header, status: NtStatus) {
        let mut header = request.reply(status);
        header.credits = self.grant(request.credits);
        let sent = error_head(&header).and_then(|head| {
            let mut out = KVec::new();
            out.push(
                Element {
                    head,
                    payload: None,
                    signer: None,
                },
                GFP_KERNEL,
            )?;
            self.send(out, None)
        });
        if sent.is_err() {
            self.terminate();
        }
    }

    /// Sends replies as one frame: links them, signs each, and encrypts all of it for `seal_for`.
    ///
    /// # Errors
    /// Without memory; the caller ends the connection then, for the replies are lost.
    pub(crate) fn send(
        &self,
        mut out: KVec<Element<H>>,
        seal_for: Option<&Sealed<H>>,
    ) -> SmbResult {
        if self.is_dead() || out.is_empty() {
            return Ok(());
        }
        let last = out.len().saturating_sub(1);
        let mut segments: KVec<Segment<H::Payload>> = KVec::new();
        // One slot for a transform header, up to three for each reply.
        segments.reserve(out.len().saturating_mul(3).saturating_add(1), GFP_KERNEL)?;
        for (i, element) in out.iter_mut().enumerate() {
            let pad = if i < last {
                link(element)?
            } else {
                KVec::new()
            };
            if seal_for.is_none() {
                self.sign(element, &pad)?;
            }
            segments.push(
                Segment::Bytes(core::mem::replace(&mut element.head, KVec::new())),
                GFP_KERNEL,
            )?;
            if let Some(p) = element.payload.take() {
                segments.push(Segment::Payload(p), GFP_KERNEL)?;
            }
            if !pad.is_empty() {
                segments.push(Segment::Bytes(pad), GFP_KERNEL)?;
            }
        }
        if let Some(sealed) = seal_for {
            let transform = self.seal(sealed, &mut segments)?;
            segments
                .insert_within_capacity(0, Segment::Bytes(transform))
                .map_err(|_| NtStatus::INTERNAL_ERROR)?;
        }
        let len: usize = segments.iter().map(Segment::len).sum();
        self.server.stats.bytes_out.add(len as u64);
        self.counts.bytes_out.add(len as u64);
        if self.transport.send(segments).is_err() {
            self.terminate();
        }
        Ok(())
    }

    /// Signs one reply ([MS-SMB2] 3.1.4.1) if it is to be.
    pub(super) fn sign(&self, element: &mut Element<H>, pad: &[u8]) -> SmbResult {
        let Some(key) = element.signer.take() else {
            return Ok(());
        };
        let header = Header::parse(&element.head)?;
        let flags = header.flags | HeaderFlags::SIGNED;
        put(&mut element.head, 16..20, &flags.0.to_le_bytes())?;
        put(
            &mut element.head,
            SIGNATURE_OFFSET..SIGNATURE_OFFSET + SIGNATURE_LEN,
            &[0; SIGNATURE_LEN],
        )?;
        let nonce = sign::gmac_nonce(header.message_id, true, header.command == Command::CANCEL);
        let mut mac = [0; SIGNATURE_LEN];
        let crypto = self.server.host().crypto();
        match element.payload.as_ref() {
            Some(p) => {
                let parts = [
                    Part::Bytes(&element.head),
                    Part::Payload(p),
                    Part::Bytes(pad),
                ];
                crypto.mac(&key, &nonce, &parts, &mut mac)?;
            }
            None => crypto.mac(
                &key,
                &nonce,
                &[Part::Bytes(&element.head), Part::Bytes(pad)],
                &mut mac,
            )?,
        }
        put(
            &mut element.head,
            SIGNATURE_OFFSET..SIGNATURE_OFFSET + SIGNATURE_LEN,
            &mac,
        )
    }

    /// Encrypts the segments in place and makes the transform header ([MS-SMB2] 3.1.4.3).
    fn seal(
        &self,
        sealed: &Sealed<H>,
        segments: &mut [Segment<H::Payload>],
    ) -> SmbResult<KVec<u8>> {
        let keys = &sealed.auth.keys;
        let key = keys.seal.as_ref().ok_or(NtStatus::USER_SESSION_DELETED)?;
        let cipher = self
            .negotiated()
            .and_then(|n| n.cipher)
            .unwrap_or(Cipher::Aes128Ccm);
        let mut header = TransformHeader {
            signature: [0; 16],
            nonce: [0; 16],
            original_message_size: u32::try_from(segments.iter().map(Segment::len).sum::<usize>())
                .map_err(|_| NtStatus::INTERNAL_ERROR)?,
            session_id: sealed.session.id,
        };
        // The counter alone makes nonces unique: the key is this direction's and this log-in's own.
        let count = keys.nonce.fetch_add(1, Relaxed);
        put(&mut header.nonce, 0..8, &count.to_le_bytes())?;
        let mut bytes = KVec::with_capacity(TRANSFORM_HEADER_LEN, GFP_KERNEL)?;
        bytes.extend_with(TRANSFORM_HEADER_LEN, 0, GFP_KERNEL)?;
        header.write(&mut Writer::new(&mut bytes))?;
        let mut tag = [0; 16];
        {
            let aad = bytes.get(AAD_RANGE).unwrap_or(&[]);
            let nonce = header.nonce.get(..cipher.nonce_len()).unwrap_or(&[]);
            self.server
                .host()
                .crypto()
                .seal(key, nonce, aad, segments, &mut tag)?;
        }
        put(&mut bytes, TRANSFORM_SIGNATURE, &tag)?;
        Ok(bytes)
    }
}

/// Overwrites a range of a buffer.
fn put(buf: &mut [u8], at: core::ops::Range<usize>, bytes: &[u8]) -> SmbResult {
    let to = buf.get_mut(at).ok_or(NtStatus::INTERNAL_ERROR)?;
    if to.len() != bytes.len() {
        return Err(NtStatus::INTERNAL_ERROR.into());
    }
    to.copy_from_slice(bytes);
    Ok(())
}

/// Sets NextCommand of a reply that has another one behind it, and makes the padding up to eight bytes.
fn link<H: Host>(element: &mut Element<H>) -> SmbResult<KVec<u8>> {
    let payload = element
        .payload
        .as_ref()
        .map_or(0, crate::host::Payload::len);
    let len = element.head.len().saturating_add(payload);
    let padded = len.next_multiple_of(8);
    let pad = padded.saturating_sub(len);
    let next = u32::try_from(padded).map_err(|_| NtStatus::INTERNAL_ERROR)?;
    put(&mut element.head, NEXT_COMMAND, &next.to_le_bytes())?;
    let mut zeros = KVec::new();
    if payload == 0 {
        element.head.extend_with(pad, 0, GFP_KERNEL)?;
    } else {
        zeros.extend_with(pad, 0, GFP_KERNEL)?;
    }
    Ok(zeros)
}

/// A reply that has only a status ([MS-SMB2] 2.2.2).
pub(crate) fn error_head(header: &Header) -> SmbResult<KVec<u8>> {
    let mut head = KVec::with_capacity(ERROR_LEN, GFP_KERNEL)?;
    head.extend_with(ERROR_LEN, 0, GFP_KERNEL)?;
    let mut w = Writer::new(&mut head);
    header.write(&mut w)?;
    ErrorResponse::EMPTY.write(&mut w)?;
    let len = w.len();
    head.truncate(len);
    Ok(head)
}
