// SPDX-License-Identifier: GPL-2.0-or-later
//! Short names ([MS-FSCC] 2.1.5.2.1): the 8.3 form under which an old program finds a file.
//!
//! A name that has the form already is its own short name. Any other name has one made of its first two
//! characters, a number that is computed from the whole name, and its extension: `LO~1Z2Y3.TXT`. Nothing is
//! stored, so there is nothing to go stale; who looks for such a name compares it with what each name of the
//! directory would have ([`is_alias`]). Two names of a directory share a short name once in 60 million pairs;
//! the one that is found first is then meant. Listings do not show short names.

use proto_shared::codec::Writer;
use proto_shared::dtyp::utf16::upcase;

/// Longest short name in bytes.
pub const MAX_LEN: usize = 12;
/// Digits of the number.
const DIGITS: usize = 5;
const BASE: u32 = 36;

/// A short name.
#[derive(Clone, Copy)]
pub struct ShortName {
    buf: [u8; MAX_LEN],
    len: usize,
}

impl ShortName {
    /// The short name of a file.
    pub fn of(name: &str) -> Self {
        if has_form(name) {
            return Self::from_parts(&[name.as_bytes()]);
        }
        let (base, extension) = match name.rsplit_once('.') {
            Some((base, extension)) if !base.is_empty() => (base, extension),
            _ => (name, ""),
        };
        let mut start = [b'_'; 2];
        for (slot, b) in start.iter_mut().zip(short_bytes(base)) {
            *slot = b;
        }
        let mut end = [0; 3];
        let mut end_len = 0usize;
        for (slot, b) in end.iter_mut().zip(short_bytes(extension)) {
            *slot = b;
            end_len = end_len.saturating_add(1);
        }
        let dot: &[u8] = if end_len == 0 { b"" } else { b"." };
        let end = end.get(..end_len).unwrap_or(&[]);
        Self::from_parts(&[&start, b"~", &digits(name), dot, end])
    }

    fn from_parts(parts: &[&[u8]]) -> Self {
        let mut buf = [0; MAX_LEN];
        let mut w = Writer::new(&mut buf);
        for part in parts {
            // The longest is two, one, five, one and three bytes, or a name of that form.
            let _ = w.bytes(part);
        }
        let len = w.len();
        Self { buf, len }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        // ASCII only.
        self.buf
            .get(..self.len)
            .and_then(|b| core::str::from_utf8(b).ok())
            .unwrap_or("")
    }
}

/// Whether `wanted` is a made-up short name, so that it is worth comparing with those of a directory's names.
pub fn may_be_alias(wanted: &str) -> bool {
    let base = wanted.split_once('.').map_or(wanted, |(base, _)| base);
    base.len() == 3 + DIGITS && base.as_bytes().get(2) == Some(&b'~') && has_form(wanted)
}

/// Whether `wanted`, of which [`may_be_alias`] says yes, is the short name of `name`.
pub fn is_alias(wanted: &str, name: &str) -> bool {
    !has_form(name) && ShortName::of(name).as_str().eq_ignore_ascii_case(wanted)
}

/// Whether a name is its own short name.
fn has_form(name: &str) -> bool {
    let (base, extension) = match name.split_once('.') {
        Some((_, "")) => return false,
        Some((base, extension)) => (base, extension),
        None => (name, ""),
    };
    let short = |part: &str, most: usize| part.len() <= most && part.bytes().all(is_short_byte);
    !base.is_empty() && short(base, 8) && short(extension, 3)
}

fn is_short_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'()-@^_`{}~".contains(&b)
}

/// The bytes of a name that a short name may have, in upper case.
fn short_bytes(part: &str) -> impl Iterator<Item = u8> + '_ {
    part.bytes()
        .filter(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-')
        .map(|b| b.to_ascii_uppercase())
}

/// A number computed from the name, whatever its case (FNV-1a), in digits and letters.
fn digits(name: &str) -> [u8; DIGITS] {
    let hash = name.chars().map(upcase).fold(0x811C_9DC5u32, |h, c| {
        u32::from(c)
            .to_le_bytes()
            .iter()
            .fold(h, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
    });
    let mut left = hash;
    let mut out = [b'0'; DIGITS];
    for slot in out.iter_mut().rev() {
        let digit = left % BASE;
        left /= BASE;
        // Below 36, so a digit or a letter.
        *slot = char::from_digit(digit, BASE).map_or(b'0', |c| c.to_ascii_uppercase() as u8);
    }
    out
}
