// SPDX-License-Identifier: GPL-2.0-or-later
//! Hashes, message authentication codes and ciphers.
//!
//! C header: `shim/shim.h`, part crypto.c.

use super::socket::{Pieces, PiecesMut};
use super::{checked, ffi};
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;

/// SHA-512 over the pieces.
pub(crate) fn sha512(parts: &Pieces<'_>, out: &mut [u8; 64]) {
    let parts = parts.as_slice();
    // SAFETY: The pieces' memory is borrowed by `parts`, `out` has the size that C writes.
    unsafe { ffi::shim_sha512(parts.as_ptr(), parts.len(), out.as_mut_ptr()) }
}

/// HMAC-SHA256 over the pieces.
pub(crate) fn hmac_sha256(key: &[u8], parts: &Pieces<'_>, out: &mut [u8; 32]) {
    let parts = parts.as_slice();
    // SAFETY: As in `sha512`; the key is valid for reads.
    unsafe {
        ffi::shim_hmac_sha256(
            key.as_ptr(),
            key.len(),
            parts.as_ptr(),
            parts.len(),
            out.as_mut_ptr(),
        )
    }
}

/// A prepared signing key, wiped when dropped.
pub(crate) struct Mac(NonNull<ffi::Mac>);

// SAFETY: A prepared key is only read.
unsafe impl Send for Mac {}
// SAFETY: See above.
unsafe impl Sync for Mac {}

impl Mac {
    /// `algorithm` is 0 for HMAC-SHA256, 1 for AES-CMAC, 2 for AES-GMAC.
    ///
    /// # Errors
    /// `EINVAL`, `ENOMEM`.
    pub(crate) fn new(algorithm: u32, key: &[u8]) -> Result<Self> {
        // SAFETY: The key is valid for reads.
        checked(unsafe { ffi::shim_mac_new(algorithm, key.as_ptr(), key.len()) }).map(Self)
    }

    /// The code over the pieces.
    pub(crate) fn compute(&self, nonce: &[u8; 12], parts: &Pieces<'_>, out: &mut [u8; 16]) {
        let parts = parts.as_slice();
        // SAFETY: The key is alive, the pieces are borrowed, `nonce` and `out` have the sizes that C uses.
        unsafe {
            ffi::shim_mac(
                self.0.as_ptr(),
                nonce.as_ptr(),
                parts.as_ptr(),
                parts.len(),
                out.as_mut_ptr(),
            )
        }
    }
}

impl Drop for Mac {
    fn drop(&mut self) {
        // SAFETY: This value owns the key; the call wipes it.
        unsafe { ffi::shim_mac_free(self.0.as_ptr()) }
    }
}

/// Whether there is a synchronous CCM or GCM.
pub(crate) fn aead_available(ccm: bool) -> bool {
    // SAFETY: No requirements.
    unsafe { ffi::shim_aead_available(ccm) }
}

/// Calls `show` with the name of the implementation that is used.
pub(crate) fn aead_driver(ccm: bool, show: impl FnOnce(&CStr)) {
    let mut buf = [0u8; 128];
    // SAFETY: The buffer is valid for writes of its size; the call writes a C string into it.
    unsafe { ffi::shim_aead_driver(ccm, buf.as_mut_ptr(), buf.len()) };
    if let Ok(name) = CStr::from_bytes_until_nul(&buf) {
        show(name);
    }
}

/// A prepared cipher key, wiped when dropped.
pub(crate) struct Aead(NonNull<ffi::Aead>);

// SAFETY: A keyed transform may be used by many threads at once; its state is in each request.
unsafe impl Send for Aead {}
// SAFETY: See above.
unsafe impl Sync for Aead {}

impl Aead {
    /// # Errors
    /// `EINVAL` for the key's length, `ENOENT` without the cipher, `ENOMEM`.
    pub(crate) fn new(ccm: bool, key: &[u8]) -> Result<Self> {
        // SAFETY: The key is valid for reads.
        checked(unsafe { ffi::shim_aead_new(ccm, key.as_ptr(), key.len()) }).map(Self)
    }

    fn crypt(
        &self,
        encrypt: bool,
        nonce: &[u8],
        aad: &[u8],
        text: &PiecesMut<'_>,
        tag: &mut [u8; 16],
    ) -> Result {
        let text = text.as_slice();
        // SAFETY: The transform is alive; all memory is borrowed and `text` mutably so; C checks the lengths
        // of nonce and additional data.
        to_result(unsafe {
            ffi::shim_aead_crypt(
                self.0.as_ptr(),
                encrypt,
                nonce.as_ptr(),
                nonce.len(),
                aad.as_ptr(),
                aad.len(),
                text.as_ptr(),
                text.len(),
                tag.as_mut_ptr(),
            )
        })
    }

    /// Encrypts in place and writes the tag.
    ///
    /// # Errors
    /// `ENOMEM`, `EINVAL`.
    pub(crate) fn seal(
        &self,
        nonce: &[u8],
        aad: &[u8],
        text: &PiecesMut<'_>,
        tag: &mut [u8; 16],
    ) -> Result {
        self.crypt(true, nonce, aad, text, tag)
    }

    /// Decrypts in place.
    ///
    /// # Errors
    /// `EBADMSG`, `ENOMEM`, `EINVAL`.
    pub(crate) fn open(&self, nonce: &[u8], aad: &[u8], text: &PiecesMut<'_>, tag: &[u8; 16]) -> Result {
        let mut tag = *tag;
        self.crypt(false, nonce, aad, text, &mut tag)
    }
}

impl Drop for Aead {
    fn drop(&mut self) {
        // SAFETY: This value owns the transform; the crypto API wipes its key.
        unsafe { ffi::shim_aead_free(self.0.as_ptr()) }
    }
}
