// SPDX-License-Identifier: GPL-2.0-or-later
//! Strings, as `kernel::str`.

use crate::alloc::{flags::GFP_KERNEL, AllocError, KVec};
use crate::error::{code::ENOMEM, Error};
use core::fmt::{self, Write};
use core::ops::{Deref, DerefMut};

pub use core::ffi::CStr;

/// A [`CStr`] of a string literal.
#[macro_export]
macro_rules! c_str {
    ($str:expr) => {{
        const S: &str = ::core::concat!($str, "\0");
        const C: &$crate::str::CStr = match $crate::str::CStr::from_bytes_with_nul(S.as_bytes()) {
            Ok(v) => v,
            Err(_) => ::core::panic!("a NUL inside the string"),
        };
        C
    }};
}
pub use crate::c_str;

mod sealed {
    pub trait Sealed {}

    impl Sealed for core::ffi::CStr {}
}

/// What the kernel adds to [`CStr`].
pub trait CStrExt: sealed::Sealed {
    /// A copy.
    ///
    /// # Errors
    /// When allocation fails.
    fn to_cstring(&self) -> Result<CString, AllocError>;
}

impl CStrExt for CStr {
    fn to_cstring(&self) -> Result<CString, AllocError> {
        CString::try_from(self)
    }
}

/// An owned string that ends with NUL and has none inside.
pub struct CString {
    buf: KVec<u8>,
}

impl CString {
    /// Formats.
    ///
    /// # Errors
    /// `ENOMEM`; `EINVAL` when the text has a NUL in it.
    pub fn try_from_fmt(args: fmt::Arguments<'_>) -> Result<Self, Error> {
        struct Length(usize);

        impl Write for Length {
            fn write_str(&mut self, s: &str) -> fmt::Result {
                self.0 = self.0.checked_add(s.len()).ok_or(fmt::Error)?;
                Ok(())
            }
        }

        struct Into<'a>(&'a mut KVec<u8>);

        impl Write for Into<'_> {
            fn write_str(&mut self, s: &str) -> fmt::Result {
                self.0
                    .extend_from_slice(s.as_bytes(), GFP_KERNEL)
                    .map_err(|_| fmt::Error)
            }
        }

        let mut length = Length(1);
        length.write_fmt(args)?;
        let mut buf = KVec::with_capacity(length.0, GFP_KERNEL)?;
        Into(&mut buf).write_fmt(args).map_err(|_| ENOMEM)?;
        if buf.contains(&0) {
            return Err(crate::error::code::EINVAL);
        }
        buf.push(0, GFP_KERNEL)?;
        Ok(Self { buf })
    }
}

impl Deref for CString {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // SAFETY: Every constructor ends the buffer with its only NUL.
        unsafe { CStr::from_bytes_with_nul_unchecked(&self.buf) }
    }
}

impl DerefMut for CString {
    fn deref_mut(&mut self) -> &mut CStr {
        let bytes: *mut [u8] = &mut self.buf[..];
        // SAFETY: As above; a `CStr` is laid out as its bytes with the NUL.
        unsafe { &mut *(bytes as *mut CStr) }
    }
}

impl<'a> TryFrom<&'a CStr> for CString {
    type Error = AllocError;

    fn try_from(cstr: &'a CStr) -> Result<Self, AllocError> {
        let bytes = cstr.to_bytes_with_nul();
        let mut buf = KVec::with_capacity(bytes.len(), GFP_KERNEL)?;
        buf.extend_from_slice(bytes, GFP_KERNEL)?;
        Ok(Self { buf })
    }
}

impl fmt::Debug for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
