// SPDX-License-Identifier: GPL-2.0-or-later
//! Short names: every name has one, it has the 8.3 form, and it leads back to its name.
#![allow(missing_docs, reason = "tests")]

use ksmbd_engine::info::short_name::{is_alias, may_be_alias, ShortName};

#[test]
fn names_of_the_form_are_their_own() {
    for name in ["a", "BUFSIZE.TXT", "file.c", "12345678.123", "a-b_c.x~1"] {
        assert_eq!(ShortName::of(name).as_str(), name);
        assert!(!is_alias(name, name));
    }
}

#[test]
fn other_names_get_one_of_the_form() {
    for name in [
        "a long name.text",
        "123456789",
        "two.dots.txt",
        "trailing.",
        ".hidden",
        "file.html",
        "Straße.txt",
        "日本語",
        "😀",
        "with space",
        "a+b",
        "...",
    ] {
        let short = ShortName::of(name);
        let short = short.as_str();
        let (base, extension) = short.split_once('.').unwrap_or((short, ""));
        assert_eq!(base.len(), 8, "{name} {short}");
        assert!(extension.len() <= 3, "{name} {short}");
        assert!(short
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-~.".contains(&b)));
        assert!(may_be_alias(short), "{name} {short}");
        assert!(is_alias(short, name));
        assert!(is_alias(&short.to_lowercase(), name));
        assert!(!is_alias(short, "something else"));
    }
}

#[test]
fn case_does_not_matter() {
    let name = "Ein Langer Name.Datei";
    assert_eq!(
        ShortName::of(name).as_str(),
        ShortName::of("EIN LANGER NAME.DATEI").as_str()
    );
}

#[test]
fn ordinary_names_are_no_aliases() {
    for name in [
        "",
        "file.txt",
        "long~name",
        "ab~12345.html",
        "ab~1234",
        "ab~123456",
        "a b~12345",
    ] {
        assert!(!may_be_alias(name), "{name}");
    }
}

#[test]
fn different_names_differ() {
    let mut seen = std::collections::HashSet::new();
    for n in 0..20_000 {
        seen.insert(
            ShortName::of(&format!("a file with number {n}"))
                .as_str()
                .to_owned(),
        );
    }
    assert!(seen.len() > 19_990, "{}", seen.len());
}
