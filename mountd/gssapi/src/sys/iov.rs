// SPDX-License-Identifier: GPL-2.0-or-later
//! Messages that are encrypted in place (MIT's `gssapi_ext.h`, DCE style:
//! \[MS-KILE\] 3.4.5.4.1): the token stands apart from the data, and what is
//! around the data is signed with it.

use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::ptr::null_mut;

use super::{Buffer, Context};
use crate::Error;

/// `gss_iov_buffer_desc`.
#[repr(C)]
pub(super) struct Iov {
    kind: u32,
    buffer: Buffer,
}

/// GSS_IOV_BUFFER_TYPE_DATA, _HEADER, _SIGN_ONLY and _MIC_TOKEN.
const DATA: u32 = 1;
const HEADER: u32 = 2;
const SIGN_ONLY: u32 = 11;
const MIC_TOKEN: u32 = 12;

/// Greatest token in bytes that is believed.
const MAX_TOKEN: usize = 1024;

impl Iov {
    fn new(kind: u32, bytes: &mut [u8]) -> Self {
        let value = bytes.as_mut_ptr().cast::<c_void>();
        Self::at(kind, value, bytes.len())
    }

    const fn at(kind: u32, value: *mut c_void, length: usize) -> Self {
        Self {
            kind,
            buffer: Buffer { length, value },
        }
    }
}

/// The library takes counts as `int`; there are at most four buffers.
const fn count<const N: usize>(_: &[Iov; N]) -> c_int {
    // CAST: see above.
    N as c_int
}

fn missing(what: &'static str) -> Error {
    Error {
        what,
        why: "the message does not have what is to be protected".to_owned(),
    }
}

/// What is before the data, the data, and what is behind. With `around` the
/// first and last are signed, too; else they are empty.
fn split(
    message: &mut [u8],
    data: Range<usize>,
    around: bool,
) -> Option<(&mut [u8], &mut [u8], &mut [u8])> {
    let (head, rest) = message.split_at_mut_checked(data.start)?;
    let (data, tail) = rest.split_at_mut_checked(data.end.checked_sub(data.start)?)?;
    Some(if around {
        (head, data, tail)
    } else {
        (&mut [], data, &mut [])
    })
}

impl Context {
    /// Bytes of the token of a message with that much data.
    pub(crate) fn token_len(&self, seal: bool, data: usize) -> Result<usize, Error> {
        const WHAT: &str = "the length of a token is not known";
        let mut minor = 0;
        let lib = self.lib;
        let kind = if seal { HEADER } else { MIC_TOKEN };
        // Only lengths are looked at.
        let mut iov = [
            Iov::at(DATA, null_mut(), data),
            Iov::at(kind, null_mut(), 0),
        ];
        let n = count(&iov);
        let major = if seal {
            let mut sealed = 0;
            // SAFETY: The handle is an established context's; there are as many buffers as said, and the call only
            // writes their lengths.
            unsafe {
                (lib.gss_wrap_iov_length)(
                    &mut minor,
                    self.handle,
                    1,
                    0,
                    &mut sealed,
                    iov.as_mut_ptr(),
                    n,
                )
            }
        } else {
            // SAFETY: See above.
            unsafe { (lib.gss_get_mic_iov_length)(&mut minor, self.handle, 0, iov.as_mut_ptr(), n) }
        };
        lib.check(WHAT, major, minor)?;
        match iov.last().map(|token| token.buffer.length) {
            Some(len) if len <= MAX_TOKEN => Ok(len),
            _ => Err(Error {
                what: WHAT,
                why: "it is too long".to_owned(),
            }),
        }
    }

    /// Encrypts in place; the token.
    pub(crate) fn seal(
        &mut self,
        message: &mut [u8],
        data: Range<usize>,
        around: bool,
    ) -> Result<Vec<u8>, Error> {
        const WHAT: &str = "encrypting failed";
        let len = self.token_len(true, data.end.saturating_sub(data.start))?;
        let mut token = vec![0; len];
        let (head, data, tail) = split(message, data, around).ok_or_else(|| missing(WHAT))?;
        let mut iov = [
            Iov::new(HEADER, &mut token),
            Iov::new(SIGN_ONLY, head),
            Iov::new(DATA, data),
            Iov::new(SIGN_ONLY, tail),
        ];
        let n = count(&iov);
        let (mut minor, mut sealed) = (0, 0);
        // SAFETY: The handle is an established context's. There are as many buffers as said; they are exclusive borrows
        // of different bytes that live through the call, which writes into the token and the data only.
        let major = unsafe {
            (self.lib.gss_wrap_iov)(
                &mut minor,
                self.handle,
                1,
                0,
                &mut sealed,
                iov.as_mut_ptr(),
                n,
            )
        };
        self.lib.check(WHAT, major, minor)?;
        let used = iov.first().map_or(0, |token| token.buffer.length);
        if sealed == 0 || used != len {
            return Err(Error {
                what: WHAT,
                why: "the library does not encrypt".to_owned(),
            });
        }
        Ok(token)
    }

    /// Decrypts in place.
    pub(crate) fn unseal(
        &mut self,
        message: &mut [u8],
        data: Range<usize>,
        around: bool,
        token: &[u8],
    ) -> Result<(), Error> {
        const WHAT: &str = "decrypting failed";
        // The library decrypts the token in place, too.
        let mut token = token.to_vec();
        let (head, data, tail) = split(message, data, around).ok_or_else(|| missing(WHAT))?;
        let mut iov = [
            Iov::new(HEADER, &mut token),
            Iov::new(SIGN_ONLY, head),
            Iov::new(DATA, data),
            Iov::new(SIGN_ONLY, tail),
        ];
        let n = count(&iov);
        let (mut minor, mut sealed, mut qop) = (0, 0, 0);
        // SAFETY: As in `seal`.
        let major = unsafe {
            (self.lib.gss_unwrap_iov)(
                &mut minor,
                self.handle,
                &mut sealed,
                &mut qop,
                iov.as_mut_ptr(),
                n,
            )
        };
        self.lib.check(WHAT, major, minor)?;
        if sealed == 0 || is_repeated(major) {
            return Err(Error {
                what: WHAT,
                why: "the message is not encrypted, or came before".to_owned(),
            });
        }
        Ok(())
    }
}

/// GSS_S_DUPLICATE_TOKEN, _OLD_TOKEN, _UNSEQ_TOKEN and _GAP_TOKEN: the message
/// is not the one that was to come.
const fn is_repeated(major: u32) -> bool {
    major & (2 | 4 | 8 | 16) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_message() {
        let mut m = *b"headdatatail";
        let (a, b, c) = split(&mut m, 4..8, true).unwrap();
        assert_eq!((&*a, &*b, &*c), (&b"head"[..], &b"data"[..], &b"tail"[..]));
        let (a, b, c) = split(&mut m, 4..8, false).unwrap();
        assert_eq!((&*a, &*b, &*c), (&b""[..], &b"data"[..], &b""[..]));
        assert!(split(&mut m, 4..13, true).is_none());
        assert!(split(&mut m, 13..14, true).is_none());
        #[allow(clippy::reversed_empty_ranges, reason = "it is what is tested")]
        let wrong = split(&mut m, 8..4, true);
        assert!(wrong.is_none());
    }
}
