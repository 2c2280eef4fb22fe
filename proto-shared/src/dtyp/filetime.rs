// SPDX-License-Identifier: GPL-2.0-or-later
//! FILETIME: 100 ns intervals since 1601-01-01 UTC (\[MS-DTYP\] 2.3.3).

use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// Seconds between 1601-01-01 and 1970-01-01.
const UNIX_EPOCH_SECS: i64 = 11_644_473_600;
/// Intervals of 100 ns in a second.
const TICKS_PER_SEC: u64 = 10_000_000;
const NANOS_PER_TICK: u32 = 100;

/// A point in time in 100 ns intervals since 1601-01-01 UTC, as on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(pub u64);

impl FileTime {
    /// 0: "no time"; in set-info "leave as it is" (\[MS-FSCC\] 2.4.7).
    pub const ZERO: Self = Self(0);
    /// -1: in set-info "leave as it is, and stop updating it on this handle"
    /// (\[MS-FSCC\] 2.4.7).
    pub const FREEZE: Self = Self(u64::MAX);
    /// -2: in set-info "start updating it again" (\[MS-FSCC\] 2.4.7).
    pub const THAW: Self = Self(u64::MAX - 1);

    /// From seconds and nanoseconds since 1970-01-01 UTC. Times before 1601
    /// become 0, times beyond the type its greatest positive value.
    #[must_use]
    pub const fn from_unix(secs: i64, nanos: u32) -> Self {
        let secs = secs.saturating_add(UNIX_EPOCH_SECS);
        if secs < 0 {
            return Self::ZERO;
        }
        let ticks = secs.unsigned_abs().saturating_mul(TICKS_PER_SEC);
        // CAST: widening.
        let ticks = ticks.saturating_add((nanos / NANOS_PER_TICK) as u64);
        // The specification treats the number as signed.
        if ticks > i64::MAX.unsigned_abs() {
            return Self(i64::MAX.unsigned_abs());
        }
        Self(ticks)
    }

    /// Seconds and nanoseconds (below 10⁹) since 1970-01-01 UTC.
    #[must_use]
    pub const fn to_unix(self) -> (i64, u32) {
        // CAST: at most 2⁶⁴ / 10⁷, which fits into an i64.
        let secs = (self.0 / TICKS_PER_SEC) as i64;
        // CAST: below 10⁷, so below 10⁹ after the multiplication.
        let nanos = ((self.0 % TICKS_PER_SEC) as u32).saturating_mul(NANOS_PER_TICK);
        (secs.saturating_sub(UNIX_EPOCH_SECS), nanos)
    }

    /// Whether the value is a time rather than one of the three marks that
    /// set-info gives a meaning.
    #[inline]
    #[must_use]
    pub const fn is_time(self) -> bool {
        self.0 != 0 && self.0 < Self::THAW.0
    }

    /// Reads eight bytes.
    #[inline]
    pub fn parse(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.u64().map(Self)
    }

    /// Appends eight bytes.
    #[inline]
    pub fn write(self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        assert_eq!(FileTime::from_unix(0, 0), FileTime(116_444_736_000_000_000));
        assert_eq!(FileTime::from_unix(-11_644_473_600, 0), FileTime(0));
        assert_eq!(FileTime::from_unix(i64::MIN, 0), FileTime(0));
        assert_eq!(
            FileTime::from_unix(i64::MAX, 999_999_999),
            FileTime(i64::MAX as u64)
        );
        assert_eq!(FileTime(0).to_unix(), (-11_644_473_600, 0));
        assert_eq!(FileTime(116_444_736_000_000_001).to_unix(), (0, 100));
    }

    proptest! {
        #[test]
        fn round_trip(secs in -11_644_473_600i64..910_000_000_000, ticks in 0u32..10_000_000) {
            let t = FileTime::from_unix(secs, ticks * 100);
            prop_assert_eq!(t.to_unix(), (secs, ticks * 100));
        }

        #[test]
        fn never_panics(v: u64, secs: i64, nanos: u32) {
            let (_, n) = FileTime(v).to_unix();
            prop_assert!(n < 1_000_000_000);
            let _ = FileTime::from_unix(secs, nanos);
        }
    }
}
