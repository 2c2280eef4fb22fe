// SPDX-License-Identifier: GPL-2.0-or-later
//! Times of snapshots as text: the `@GMT-` tokens of clients (\[MS-SMB2\] 2.2.32.2, \[MS-SMB\] 2.2.1.1.1), and names that an
//! administrator's format says. All times are UTC, in whole seconds since 1970.

use crate::codec::{NoSpace, Writer};

/// Length of a token in characters.
pub const TOKEN_LEN: usize = 24;
/// The format of a token.
pub const TOKEN_FORMAT: &str = "@GMT-%Y.%m.%d-%H.%M.%S";
/// Length in bytes of the answer to FSCTL_SRV_ENUMERATE_SNAPSHOTS before its tokens.
pub const SNAPSHOTS_FIXED: usize = 12;

const DAY: i64 = 86_400;
/// Days from 1 March of the year 0 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// Days from 1970-01-01 to a date of the Gregorian calendar; `None` if there is no such day in the years 1601 to 9999.
#[allow(
    clippy::arithmetic_side_effects,
    reason = "years of four digits are checked first, and nothing here comes near the ends of 64 bits"
)]
const fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if year < 1601 || year > 9999 {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > last {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let of_year = (153 * m + 2) / 5 + day - 1;
    Some(365 * y + y / 4 - y / 100 + y / 400 + of_year - EPOCH)
}

/// Year, month and day of a number of days since 1970-01-01, if the year has four digits and is no earlier than 1601.
#[allow(
    clippy::arithmetic_side_effects,
    reason = "the days are checked first, and nothing here comes near the ends of 64 bits"
)]
const fn date(days: i64) -> Option<(i64, i64, i64)> {
    if days < -134_774 || days > 2_932_896 {
        return None;
    }
    let n = days + EPOCH;
    let (era, of_era) = (n / 146_097, n % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let (month, later) = if m < 10 { (m + 3, 0) } else { (m - 9, 1) };
    Some((era * 400 + year + later, month, day))
}

/// Whether a format names a time: literal text without `/`, with each of `%Y %m %d` once, each of `%H %M %S` once at most,
/// or `%s` (seconds since 1970) alone; `%%` is a percent sign.
#[must_use]
pub fn is_format(format: &str) -> bool {
    let mut seen = [0u8; 7];
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c == '/' || c == '\0' {
            return false;
        }
        if c != '%' {
            continue;
        }
        let at = match rest.next() {
            Some('%') => continue,
            Some('Y') => 0,
            Some('m') => 1,
            Some('d') => 2,
            Some('H') => 3,
            Some('M') => 4,
            Some('S') => 5,
            Some('s') => 6,
            _ => return false,
        };
        if let Some(n) = seen.get_mut::<usize>(at) {
            *n = n.saturating_add(1);
        }
    }
    matches!(
        seen,
        [1, 1, 1, 0..=1, 0..=1, 0..=1, 0] | [0, 0, 0, 0, 0, 0, 1]
    )
}

/// What is left of a name.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn literal(&mut self, c: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == c).then_some(())
    }

    /// A number of this many digits, at most `most`.
    fn number(&mut self, digits: usize, most: i64) -> Option<i64> {
        let (text, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0i64;
        for b in text {
            let digit = b.checked_sub(b'0').filter(|d| *d < 10)?;
            value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
        }
        self.0 = rest;
        (value <= most && !text.is_empty()).then_some(value)
    }

    fn digits(&self) -> usize {
        self.0.iter().take_while(|b| b.is_ascii_digit()).count()
    }
}

/// The time that a name tells in a format of [`is_format`].
#[must_use]
pub fn parse(format: &str, name: &str) -> Option<i64> {
    let (mut year, mut month, mut day) = (1970, 1, 1);
    let (mut hour, mut minute, mut second) = (0i64, 0i64, 0i64);
    let mut since = None;
    let mut rest = Cursor(name.as_bytes());
    let mut format = format.bytes();
    while let Some(c) = format.next() {
        if c != b'%' {
            rest.literal(c)?;
            continue;
        }
        match format.next()? {
            b'Y' => year = rest.number(4, 9999)?,
            b'm' => month = rest.number(2, 12)?,
            b'd' => day = rest.number(2, 31)?,
            b'H' => hour = rest.number(2, 23)?,
            b'M' => minute = rest.number(2, 59)?,
            b'S' => second = rest.number(2, 59)?,
            b's' => since = Some(rest.number(rest.digits(), 253_402_300_799)?),
            b'%' => rest.literal(b'%')?,
            _ => return None,
        }
    }
    if !rest.0.is_empty() {
        return None;
    }
    if since.is_some() {
        return since;
    }
    let of_day = hour
        .saturating_mul(3600)
        .saturating_add(minute.saturating_mul(60))
        .saturating_add(second);
    Some(
        days(year, month, day)?
            .saturating_mul(DAY)
            .saturating_add(of_day),
    )
}

/// The token of a time; `None` outside of the years 1601 to 9999.
#[must_use]
pub fn token(time: i64) -> Option<[u8; TOKEN_LEN]> {
    let (year, month, day) = date(time.div_euclid(DAY))?;
    let of_day = time.rem_euclid(DAY);
    let parts = [
        (5..9, year),
        (10..12, month),
        (13..15, day),
        (16..18, of_day / 3600),
        (19..21, of_day / 60 % 60),
        (22..24, of_day % 60),
    ];
    let mut out = *b"@GMT-0000.00.00-00.00.00";
    for (at, mut value) in parts {
        for digit in out.get_mut(at)?.iter_mut().rev() {
            // CAST: a remainder of ten.
            *digit = b'0'.saturating_add((value % 10) as u8);
            value /= 10;
        }
    }
    Some(out)
}

/// Appends the answer to FSCTL_SRV_ENUMERATE_SNAPSHOTS (\[MS-SMB2\] 2.2.32.2) in at most `room` bytes: all tokens, or if
/// these do not fit none, and how much room they take.
pub fn write_snapshots(
    tokens: &[[u8; TOKEN_LEN]],
    room: usize,
    w: &mut Writer<'_>,
) -> Result<(), NoSpace> {
    let len = snapshots_len(tokens.len());
    let fits = room >= SNAPSHOTS_FIXED.saturating_add(len);
    w.len32(tokens.len())?;
    w.len32(if fits { tokens.len() } else { 0 })?;
    w.len32(len)?;
    if !fits {
        // Clients do not look at an answer that has room for nothing behind its numbers.
        return if room >= MIN_SNAPSHOTS {
            w.zeros(4)
        } else {
            Ok(())
        };
    }
    for token in tokens {
        for b in token {
            w.u16(u16::from(*b))?;
        }
        w.u16(0)?;
    }
    w.u16(0)
}

/// The least room that a client may have for the answer ([MS-SMB2] 3.3.5.15.1).
pub const MIN_SNAPSHOTS: usize = 16;

/// Length in bytes of so many tokens as UTF-16, each ended by a NUL, and the NUL behind all of them.
#[must_use]
pub const fn snapshots_len(count: usize) -> usize {
    count
        .saturating_mul(TOKEN_LEN.saturating_add(1).saturating_mul(2))
        .saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn known_times() {
        for (text, time) in [
            ("@GMT-1970.01.01-00.00.00", 0),
            ("@GMT-2000.02.29-12.34.56", 951_827_696),
            ("@GMT-2038.01.19-03.14.07", i64::from(i32::MAX)),
            ("@GMT-1601.01.01-00.00.00", -11_644_473_600),
            ("@GMT-9999.12.31-23.59.59", 253_402_300_799),
        ] {
            assert_eq!(parse(TOKEN_FORMAT, text), Some(time), "{text}");
            assert_eq!(token(time).as_ref().map(|t| &t[..]), Some(text.as_bytes()));
        }
        assert_eq!(token(253_402_300_800), None);
        assert_eq!(token(-11_644_473_601), None);
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "@GMT-",
            "@GMT-2001.02.29-00.00.00",
            "@GMT-1900.02.29-00.00.00",
            "@GMT-2001.13.01-00.00.00",
            "@GMT-2001.00.01-00.00.00",
            "@GMT-2001.01.00-00.00.00",
            "@GMT-2001.04.31-00.00.00",
            "@GMT-2001.01.01-24.00.00",
            "@GMT-2001.01.01-00.60.00",
            "@GMT-2001.01.01-00.00.60",
            "@GMT-2001.01.01-00.00.000",
            "@GMT-2001.01.01-00.00.0",
            "@GMT-1600.12.31-00.00.00",
            "@GMT-+001.01.01-00.00.00",
            "@gmt-2001.01.01-00.00.00",
        ] {
            assert_eq!(parse(TOKEN_FORMAT, text), None, "{text}");
        }
    }

    #[test]
    fn formats() {
        assert!(is_format(TOKEN_FORMAT));
        for (format, name) in [
            ("daily-%Y%m%d", "daily-20010909"),
            ("%d.%m.%Y 00%%", "09.09.2001 00%"),
            ("%s", "999993600"),
        ] {
            assert!(is_format(format), "{format}");
            assert_eq!(parse(format, name), Some(999_993_600), "{format}");
        }
        for format in [
            "", "%Y", "%Y%m%d%d", "%Y%m%d%s", "%y%m%d", "a/%s", "%Y%m%d%", "x",
        ] {
            assert!(!is_format(format), "{format}");
        }
        assert_eq!(parse("%s", ""), None);
        assert_eq!(parse("%s", "99999999999999999999"), None);
    }

    #[test]
    fn golden_answer() {
        let mut buf = [0; 128];
        let mut w = Writer::new(&mut buf);
        let tokens = [token(0).unwrap()];
        write_snapshots(&tokens, 64, &mut w).unwrap();
        let wire = w.written();
        assert_eq!(wire[..12], [1, 0, 0, 0, 1, 0, 0, 0, 52, 0, 0, 0]);
        assert_eq!(wire[12..16], *b"@\0G\0");
        assert_eq!(wire.len(), 64);
        assert_eq!(wire[60..], [0; 4]);
        // Without room it is the numbers only.
        let mut w = Writer::new(&mut buf);
        write_snapshots(&tokens, 63, &mut w).unwrap();
        assert_eq!(
            w.written(),
            [1, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    proptest! {
        #[test]
        fn round_trip(time in -11_644_473_600i64..=253_402_300_799) {
            let token = token(time).unwrap();
            let text = core::str::from_utf8(&token).unwrap();
            prop_assert_eq!(parse(TOKEN_FORMAT, text), Some(time));
            prop_assert_eq!(parse("%s", &format!("{}", time.max(0))), Some(time.max(0)));
        }

        #[test]
        fn arbitrary(format in any::<std::string::String>(), name in any::<std::string::String>()) {
            let _ = is_format(&format);
            let _ = parse(&format, &name);
        }

        #[test]
        fn any_time(time in any::<i64>()) {
            let _ = token(time);
        }
    }
}
