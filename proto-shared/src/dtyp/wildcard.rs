// SPDX-License-Identifier: GPL-2.0-or-later
//! Matching of names against search patterns (\[MS-FSA\] 2.1.4.4).
//!
//! `*` and `?` are what they look like; `<` (DOS_STAR), `>` (DOS_QM) and `"`
//! (DOS_DOT) are what clients send for the 8.3 meaning of `*`, `?` and `.`.
//! The pattern is run as a set of states, so that the time is the product of
//! the two lengths whatever the pattern: a client cannot make it explode.

use crate::dtyp::utf16::{eq_ignore_case, upcase};

/// Greatest number of characters of a pattern. Names have at most 255, so a
/// longer pattern could match only through piled-up wildcards.
pub const MAX_PATTERN_CHARS: usize = 1023;

const WORDS: usize = 16;

/// A set of the pattern positions 0..=1023.
#[derive(Clone, Copy)]
struct States([u64; WORDS]);

impl States {
    const EMPTY: Self = Self([0; WORDS]);

    #[inline]
    fn insert(&mut self, pos: usize) {
        if let Some(word) = self.0.get_mut(pos / 64) {
            *word |= 1u64 << (pos % 64);
        }
    }

    #[inline]
    fn contains(&self, pos: usize) -> bool {
        self.0
            .get(pos / 64)
            .is_some_and(|word| word & (1u64 << (pos % 64)) != 0)
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// Whether `pattern` has a wildcard character.
#[must_use]
pub fn has_wildcard(pattern: &str) -> bool {
    pattern
        .bytes()
        .any(|b| matches!(b, b'*' | b'?' | b'<' | b'>' | b'"'))
}

/// Whether `name` matches `pattern` without regard to case. Patterns of more
/// than [`MAX_PATTERN_CHARS`] characters match nothing.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if !has_wildcard(pattern) {
        return eq_ignore_case(pattern, name);
    }
    let pattern_len = pattern.chars().count();
    if pattern_len > MAX_PATTERN_CHARS {
        return false;
    }

    let final_dot = name.rfind('.');
    let mut current = States::EMPTY;
    current.insert(0);
    for (at, c) in name.char_indices() {
        let mut next = States::EMPTY;
        let c_up = upcase(c);
        for (k, p) in pattern.chars().enumerate() {
            if !current.contains(k) {
                continue;
            }
            // Below MAX_PATTERN_CHARS, so no overflow.
            let after = k.saturating_add(1);
            match p {
                '*' => {
                    next.insert(k);
                    current.insert(after);
                }
                // Takes anything up to and including the final dot.
                '<' => {
                    if final_dot == Some(at) {
                        next.insert(after);
                    } else {
                        next.insert(k);
                    }
                    current.insert(after);
                }
                // Takes one character, but nothing in front of a dot.
                '>' => {
                    if c == '.' {
                        current.insert(after);
                    } else {
                        next.insert(after);
                    }
                }
                '"' => {
                    if c == '.' {
                        next.insert(after);
                    }
                }
                '?' => next.insert(after),
                _ => {
                    if upcase(p) == c_up {
                        next.insert(after);
                    }
                }
            }
        }
        if next.is_empty() {
            return false;
        }
        current = next;
    }
    // At the end of the name all wildcards but `?` match nothing at all.
    for (k, p) in pattern.chars().enumerate() {
        if current.contains(k) && matches!(p, '*' | '<' | '>' | '"') {
            current.insert(k.saturating_add(1));
        }
    }
    current.contains(pattern_len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    #[test]
    fn plain_star_and_question_mark() {
        for (pattern, name, want) in [
            ("*", "", true),
            ("*", "anything.at.all", true),
            ("a*c", "abc", true),
            ("a*c", "AC", true),
            ("a*c", "abcd", false),
            ("*.txt", "a.TXT", true),
            ("*.txt", "atxt", false),
            ("???", "abc", true),
            ("???", "ab", false),
            ("?", "😀", true),
            ("Ä?c", "äbC", true),
            ("abc", "ABC", true),
            ("abc", "abcd", false),
            ("**a**", "bab", true),
            ("*a*b*c", "xaxbxbxc", true),
            ("*a*b*c", "xaxbxbx", false),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn dos_wildcards() {
        for (pattern, name, want) in [
            // "*." of a DOS client: no extension.
            ("<", "name", true),
            ("<", "name.", true),
            ("<", "name.ext", false),
            ("<.txt", "a.b.txt", true),
            ("<.txt", "a.b.doc", false),
            ("<\"*", "a.b.c", true),
            ("<\"*", "abc", true),
            // "*.*" of a DOS client.
            ("*\"*", "abc", true),
            (">>>>>>>>\">>>", "name.txt", true),
            (">>>>>>>>\">>>", "name", true),
            (">>>>>>>>\">>>", "name.text", false),
            (">>>\">>>", "name.txt", false),
            ("a>>\"b", "a.b", true),
            ("a\"", "a", true),
            ("a\"", "a.", true),
            ("a\"", "ab", false),
            // Needs a way back past a DOS_STAR to the star before it.
            ("*a<b", "a.ab", true),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn long_patterns_take_no_time() {
        let mut pattern = String::new();
        for _ in 0..500 {
            pattern.push_str("*a");
        }
        let name: String = "a".repeat(255);
        assert!(!matches(&pattern, &name));
        pattern.push_str(&"*".repeat(100));
        assert!(!matches(&pattern, &name));
    }

    /// The same rules by plain recursion.
    fn slow(p: &[char], n: &[char]) -> bool {
        let Some((&c, rest)) = p.split_first() else {
            return n.is_empty();
        };
        match c {
            '*' => slow(rest, n) || (!n.is_empty() && slow(p, &n[1..])),
            '<' => {
                if slow(rest, n) {
                    return true;
                }
                match n.split_first() {
                    None => false,
                    Some(('.', tail)) if !tail.contains(&'.') => slow(rest, tail),
                    Some((_, tail)) => slow(p, tail),
                }
            }
            '>' => match n.first() {
                None | Some('.') => slow(rest, n),
                Some(_) => slow(rest, &n[1..]),
            },
            '"' => match n.first() {
                None => slow(rest, n),
                Some('.') => slow(rest, &n[1..]),
                Some(_) => false,
            },
            '?' => !n.is_empty() && slow(rest, &n[1..]),
            _ => n.first() == Some(&c) && slow(rest, &n[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_recursion(pattern in "[AB.*?<>\"]{0,8}", name in "[AB.]{0,8}") {
            let p: std::vec::Vec<char> = pattern.chars().collect();
            let n: std::vec::Vec<char> = name.chars().collect();
            prop_assert_eq!(matches(&pattern, &name), slow(&p, &n));
        }
    }
}
