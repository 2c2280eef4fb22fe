// SPDX-License-Identifier: GPL-2.0-or-later
//! Signatures of requests ([MS-SMB2] 3.1.5.1).

use proto_shared::smb2::header::{Header, SIGNATURE_LEN, SIGNATURE_OFFSET};
use proto_shared::smb2::Command;
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{Crypto, Part};

/// The nonce of AES-GMAC ([MS-SMB2] 3.1.4.1): MessageId, then a bit for the server's side and one for CANCEL.
pub fn gmac_nonce(message_id: u64, from_server: bool, is_cancel: bool) -> [u8; 12] {
    let flags = u32::from(from_server) | (u32::from(is_cancel) << 1);
    let mut nonce = [0; 12];
    let bytes = (u128::from(flags) << 64 | u128::from(message_id)).to_le_bytes();
    nonce.iter_mut().zip(bytes).for_each(|(n, b)| *n = b);
    nonce
}

/// Whether two codes are the same, in time that does not depend on where they differ.
pub fn equal(a: &[u8; SIGNATURE_LEN], b: &[u8; SIGNATURE_LEN]) -> bool {
    core::hint::black_box(a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y))) == 0
}

/// Checks the signature of a request, `msg` being the message alone, with its padding.
///
/// # Errors
/// `ACCESS_DENIED` if it is wrong, `INSUFFICIENT_RESOURCES` without memory.
pub fn verify<C: Crypto>(crypto: &C, key: &C::MacKey, msg: &[u8], header: &Header) -> SmbResult {
    let short = || SmbError::from(NtStatus::INVALID_PARAMETER);
    let head = msg.get(..SIGNATURE_OFFSET).ok_or_else(short)?;
    let rest = msg
        .get(SIGNATURE_OFFSET + SIGNATURE_LEN..)
        .ok_or_else(short)?;
    let nonce = gmac_nonce(header.message_id, false, header.command == Command::CANCEL);
    let mut mac = [0; SIGNATURE_LEN];
    let zeros = [0; SIGNATURE_LEN];
    let parts = [
        Part::Bytes(head),
        Part::Bytes(&zeros[..]),
        Part::Bytes(rest),
    ];
    crypto.mac(key, &nonce, &parts, &mut mac)?;
    if equal(&mac, &header.signature) {
        Ok(())
    } else {
        Err(NtStatus::ACCESS_DENIED.into())
    }
}
