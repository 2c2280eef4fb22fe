// SPDX-License-Identifier: GPL-2.0-or-later
//! Values of every type, made of random bytes.

use crate::types::{Enum16, Fixed, FixedString, Handle, Varying};

/// Bytes, and zeros without end behind them.
pub(crate) struct Source<'a>(pub(crate) &'a [u8]);

impl Source<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }
}

pub(crate) trait Sample {
    fn sample(s: &mut Source<'_>) -> Self;
}

/// Numbers that counts can be put into.
pub(crate) trait OfNumber {
    fn of(n: u64) -> Self;
}

pub(crate) fn of_number<T: OfNumber>(n: u64) -> T {
    T::of(n)
}

macro_rules! numbers {
    ($($t:ident),*) => {$(
        impl Sample for $t {
            fn sample(s: &mut Source<'_>) -> Self {
                (0..std::mem::size_of::<$t>()).fold(0u64, |n, _| n << 8 | u64::from(s.byte())) as $t
            }
        }
        impl OfNumber for $t {
            fn of(n: u64) -> Self {
                n as $t
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64);

impl OfNumber for Enum16 {
    fn of(n: u64) -> Self {
        Self(n as u16)
    }
}

impl<T: OfNumber> OfNumber for Option<T> {
    fn of(n: u64) -> Self {
        Some(T::of(n))
    }
}

impl Sample for Enum16 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self(Sample::sample(s))
    }
}

impl<const N: usize> Sample for [u8; N] {
    fn sample(s: &mut Source<'_>) -> Self {
        [0; N].map(|_: u8| s.byte())
    }
}

impl Sample for Handle {
    fn sample(s: &mut Source<'_>) -> Self {
        Self(Sample::sample(s))
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(s: &mut Source<'_>) -> Self {
        (s.byte() % 4 != 0).then(|| T::sample(s))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(s: &mut Source<'_>) -> Self {
        (0..s.byte() % 4).map(|_| T::sample(s)).collect()
    }
}

impl<T: Sample> Sample for Varying<T> {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut out = Self::new(Sample::sample(s));
        out.max += u64::from(s.byte() % 3);
        out
    }
}

impl Sample for String {
    fn sample(s: &mut Source<'_>) -> Self {
        let letters = ['a', 'Z', 'é', '\\', '\u{1F600}'];
        (0..s.byte() % 6)
            .map(|_| letters[usize::from(s.byte()) % letters.len()])
            .collect()
    }
}

impl<const N: u64> Sample for FixedString<N> {
    fn sample(s: &mut Source<'_>) -> Self {
        let all = String::sample(s);
        Self(
            all.chars()
                .filter(char::is_ascii)
                .take(N as usize - 1)
                .collect(),
        )
    }
}

impl<T: Sample, const N: usize> Sample for Fixed<T, N> {
    fn sample(s: &mut Source<'_>) -> Self {
        Self((0..N).map(|_| T::sample(s)).collect())
    }
}

/// What has room for a number of elements that is always the same.
pub(crate) trait Roomy {
    fn room(&mut self, n: u64);
}

impl<T> Roomy for Varying<T> {
    fn room(&mut self, n: u64) {
        self.max = n;
    }
}

impl<T: Roomy> Roomy for Option<T> {
    fn room(&mut self, n: u64) {
        if let Some(of) = self {
            of.room(n);
        }
    }
}

pub(crate) fn fix(what: &mut impl Roomy, n: u64) {
    what.room(n);
}
