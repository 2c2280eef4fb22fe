// SPDX-License-Identifier: GPL-2.0-or-later
//! UTF-16LE as it is on the wire, and its conversion from and to UTF-8 in
//! buffers of the caller.
//!
//! Names are Unicode: a lone surrogate is an error, never a replacement
//! character, because two different names must not become the same one.
//! Invariant of [`Utf16`]: the byte length is even.

use crate::codec::{Malformed, NoSpace, Reader};
use core::cmp::Ordering;
use core::fmt;

const LONE_SURROGATE: Malformed = Malformed::new("lone surrogate in UTF-16");

/// Why a conversion did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvertError {
    /// The source is not valid text.
    Malformed(Malformed),
    /// The destination is too small.
    NoSpace,
}

impl From<Malformed> for ConvertError {
    fn from(e: Malformed) -> Self {
        Self::Malformed(e)
    }
}

impl From<NoSpace> for ConvertError {
    fn from(_: NoSpace) -> Self {
        Self::NoSpace
    }
}

/// A borrowed UTF-16LE string of whole code units; the units are not known to
/// pair up until somebody walks [`Utf16::chars`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Utf16<'a>(&'a [u8]);

impl<'a> Utf16<'a> {
    /// The empty string.
    pub const EMPTY: Utf16<'static> = Utf16(&[]);

    /// A view of `bytes`. Errors: an odd number of bytes.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() % 2 != 0 {
            return Err(Malformed::new("odd length of UTF-16 string"));
        }
        Ok(Self(bytes))
    }

    /// Encodes `text` into `buf` and answers the view of it.
    pub fn encode(text: &str, buf: &'a mut [u8]) -> Result<Self, NoSpace> {
        let len = encode(text, buf)?;
        let buf: &'a [u8] = buf;
        Ok(Self(buf.get(..len).ok_or(NoSpace)?))
    }

    /// The bytes, little endian.
    #[inline]
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there is no code unit.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Number of code units.
    #[inline]
    #[must_use]
    pub const fn unit_len(self) -> usize {
        self.0.len() / 2
    }

    /// The code units.
    #[inline]
    #[must_use]
    pub fn units(self) -> Units<'a> {
        Units(Reader::new(self.0))
    }

    /// The characters; each lone surrogate is an error item.
    #[inline]
    #[must_use]
    pub fn chars(self) -> Chars<'a> {
        Chars(core::char::decode_utf16(self.units()))
    }

    /// Whether every surrogate has its pair.
    #[must_use]
    pub fn is_valid(self) -> bool {
        self.chars().all(|c| c.is_ok())
    }

    /// Converts to UTF-8 in `out`; answers the text.
    pub fn to_utf8<'b>(self, out: &'b mut [u8]) -> Result<&'b str, ConvertError> {
        let mut len = 0usize;
        for c in self.chars() {
            let c = c?;
            let end = len.checked_add(c.len_utf8()).ok_or(NoSpace)?;
            let dst = out.get_mut(len..end).ok_or(NoSpace)?;
            // By way of four bytes, which the compiler knows to be enough: no branch to a panic is left.
            let mut room = [0; 4];
            for (to, from) in dst.iter_mut().zip(c.encode_utf8(&mut room).bytes()) {
                *to = from;
            }
            len = end;
        }
        let out: &'b [u8] = out;
        let bytes = out.get(..len).ok_or(NoSpace)?;
        core::str::from_utf8(bytes).map_err(|_| ConvertError::Malformed(LONE_SURROGATE))
    }

    /// Number of bytes that [`Utf16::to_utf8`] needs. Errors: a lone
    /// surrogate.
    pub fn utf8_len(self) -> Result<usize, Malformed> {
        let mut len = 0usize;
        for c in self.chars() {
            // Cannot overflow: three bytes for each two of a slice at most.
            len = len.saturating_add(c?.len_utf8());
        }
        Ok(len)
    }

    /// The string before the first NUL, if there is one.
    #[must_use]
    pub fn until_nul(self) -> Self {
        let units = self.units().position(|u| u == 0);
        match units.and_then(|n| self.0.get(..n.saturating_mul(2))) {
            Some(bytes) => Self(bytes),
            None => self,
        }
    }

    /// Whether the characters are those of `text`.
    #[must_use]
    pub fn eq_str(self, text: &str) -> bool {
        self.units().eq(text.encode_utf16())
    }

    /// Whether the characters are those of `text` without regard to case.
    #[must_use]
    pub fn eq_str_ignore_case(self, text: &str) -> bool {
        let mut a = self.chars();
        let mut b = text.chars();
        loop {
            match (a.next(), b.next()) {
                (None, None) => return true,
                (Some(Ok(x)), Some(y)) if upcase(x) == upcase(y) => {}
                _ => return false,
            }
        }
    }
}

/// Prints the text, lone surrogates as U+FFFD and control characters escaped:
/// for logs only.
impl fmt::Display for Utf16<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.chars() {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Utf16<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Iterator over the code units of a [`Utf16`].
#[derive(Clone, Debug)]
pub struct Units<'a>(Reader<'a>);

impl Iterator for Units<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        self.0.u16().ok()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = self.0.remaining() / 2;
        (n, Some(n))
    }
}

/// Iterator over the characters of a [`Utf16`].
#[derive(Clone, Debug)]
pub struct Chars<'a>(core::char::DecodeUtf16<Units<'a>>);

impl Iterator for Chars<'_> {
    type Item = Result<char, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map_err(|_| LONE_SURROGATE))
    }
}

/// Number of bytes of `text` in UTF-16.
#[must_use]
pub fn encoded_len(text: &str) -> usize {
    text.chars().fold(0, |n: usize, c| {
        n.saturating_add(c.len_utf16().saturating_mul(2))
    })
}

/// Writes `text` as UTF-16LE to the start of `out`; answers the number of
/// bytes.
pub fn encode(text: &str, out: &mut [u8]) -> Result<usize, NoSpace> {
    let mut w = crate::codec::Writer::new(out);
    w.utf16(text)
}

/// Upper case of `c` for comparing names: one character of the BMP to one of
/// the BMP, as file systems do it. Characters whose upper case is several
/// characters stay as they are, and nothing outside of ASCII becomes ASCII.
#[inline]
#[must_use]
pub fn upcase(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(u), None) if u > '\u{7F}' && u <= '\u{FFFF}' && c <= '\u{FFFF}' => u,
        _ => c,
    }
}

/// Whether two names are equal without regard to case.
#[must_use]
pub fn eq_ignore_case(a: &str, b: &str) -> bool {
    a.chars().map(upcase).eq(b.chars().map(upcase))
}

/// Order of two names without regard to case.
#[must_use]
pub fn cmp_ignore_case(a: &str, b: &str) -> Ordering {
    a.chars().map(upcase).cmp(b.chars().map(upcase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    #[test]
    fn beyond_the_bmp() {
        let mut buf = [0; 16];
        let s = Utf16::encode("a😀", &mut buf).unwrap();
        assert_eq!(s.as_bytes(), &[0x61, 0, 0x3D, 0xD8, 0x00, 0xDE]);
        assert_eq!(s.unit_len(), 3);
        let mut out = [0; 5];
        assert_eq!(s.to_utf8(&mut out), Ok("a😀"));
        assert_eq!(s.to_utf8(&mut out[..4]), Err(ConvertError::NoSpace));
        assert_eq!(s.utf8_len(), Ok(5));
        assert!(s.eq_str("a😀"));
        assert!(s.eq_str_ignore_case("A😀"));
        assert!(!s.eq_str_ignore_case("A"));
    }

    #[test]
    fn lone_surrogates_are_errors() {
        for bytes in [&[0x3D, 0xD8][..], &[0x00, 0xDE], &[0x3D, 0xD8, 0x61, 0]] {
            let s = Utf16::new(bytes).unwrap();
            assert!(!s.is_valid());
            assert!(matches!(
                s.to_utf8(&mut [0; 16]),
                Err(ConvertError::Malformed(_))
            ));
            assert!(s.to_string().contains('\u{FFFD}'));
        }
        assert!(Utf16::new(&[1]).is_err());
    }

    #[test]
    fn upper_case_is_one_to_one_within_the_bmp() {
        assert_eq!(upcase('a'), 'A');
        assert_eq!(upcase('ä'), 'Ä');
        assert_eq!(upcase('ß'), 'ß');
        assert_eq!(upcase('ÿ'), 'Ÿ');
        assert_eq!(upcase('ı'), 'ı');
        assert_eq!(upcase('ſ'), 'ſ');
        assert_eq!(upcase('\u{10428}'), '\u{10428}');
        assert!(eq_ignore_case("Straße", "STRAßE"));
        assert!(!eq_ignore_case("a", "ab"));
        assert_eq!(cmp_ignore_case("b", "A"), Ordering::Greater);
    }

    #[test]
    fn nul_and_control_characters() {
        let mut buf = [0; 16];
        let s = Utf16::encode("a\0b", &mut buf).unwrap();
        assert!(s.until_nul().eq_str("a"));
        assert_eq!(format!("{s:?}"), "\"a\\u{0}b\"");
        assert_eq!(Utf16::EMPTY.until_nul(), Utf16::EMPTY);
    }

    proptest! {
        #[test]
        fn round_trip(text in any::<String>()) {
            let mut buf = vec![0; encoded_len(&text)];
            let s = Utf16::encode(&text, &mut buf).unwrap();
            let mut out = vec![0; s.utf8_len().unwrap()];
            prop_assert_eq!(s.to_utf8(&mut out).unwrap(), text.as_str());
            prop_assert!(s.eq_str(&text));
            prop_assert!(s.eq_str_ignore_case(&text));
        }

        #[test]
        fn arbitrary_bytes(bytes in any::<Vec<u8>>(), size in 0usize..64) {
            if let Ok(s) = Utf16::new(&bytes) {
                let mut out = vec![0; size];
                let fits = s.to_utf8(&mut out);
                match s.utf8_len() {
                    Ok(n) => prop_assert_eq!(fits.is_ok(), n <= size),
                    Err(_) => prop_assert!(fits.is_err()),
                }
                let _ = s.to_string();
            }
        }
    }
}
