// SPDX-License-Identifier: GPL-2.0-or-later
//! Bit manipulation, as `kernel::bits`.

use core::ops::RangeInclusive;

macro_rules! bits {
    ($ty:ty, $bit:ident, $checked_bit:ident, $genmask:ident, $genmask_checked:ident) => {
        /// The value with only bit `n` set, if the type has that bit.
        #[inline]
        pub fn $checked_bit(n: u32) -> Option<$ty> {
            (1 as $ty).checked_shl(n)
        }

        /// The value with only bit `n` set.
        #[inline(always)]
        pub const fn $bit(n: u32) -> $ty {
            assert!(n < <$ty>::BITS);
            (1 as $ty) << n
        }

        /// The value with the bits of `range` set, if the type has them.
        #[inline]
        pub fn $genmask_checked(range: RangeInclusive<u32>) -> Option<$ty> {
            if range.start() > range.end() {
                return None;
            }
            let high = $checked_bit(*range.end())?;
            let low = $checked_bit(*range.start())?;
            Some((high | (high - 1)) & !(low - 1))
        }

        /// The value with the bits of `range` set.
        #[inline(always)]
        pub const fn $genmask(range: RangeInclusive<u32>) -> $ty {
            assert!(*range.start() <= *range.end());
            let high = $bit(*range.end());
            let low = $bit(*range.start());
            (high | (high - 1)) & !(low - 1)
        }
    };
}

bits!(
    u64,
    bit_u64,
    checked_bit_u64,
    genmask_u64,
    genmask_checked_u64
);
bits!(
    u32,
    bit_u32,
    checked_bit_u32,
    genmask_u32,
    genmask_checked_u32
);
bits!(
    u16,
    bit_u16,
    checked_bit_u16,
    genmask_u16,
    genmask_checked_u16
);
bits!(u8, bit_u8, checked_bit_u8, genmask_u8, genmask_checked_u8);
