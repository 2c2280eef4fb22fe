// SPDX-License-Identifier: GPL-2.0-or-later
//! Rules about what Rust sources say.

use anyhow::Result;

use super::layout::has_word;
use super::{Tree, Verdict, UNSAFE_ALLOWED, UNSAFE_EXCEPTIONS};

/// Rust source with comments and the insides of literals blanked, lines kept.
///
/// Handles nested block comments, raw strings and the difference between a
/// character and a lifetime; that is all a search for words needs.
pub(super) fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = ' ';
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(n) = raw_string(rest, last) {
            n
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' {
            character(rest)
        } else {
            0
        };
        if skip == 0 {
            out.push(c);
            last = c;
            rest = rest.get(c.len_utf8()..).unwrap_or("");
            continue;
        }
        let (gone, after) = rest.split_at(skip);
        out.extend(gone.chars().filter(|&c| c == '\n'));
        // A space, so that words on both sides do not become one.
        out.push(' ');
        last = ' ';
        rest = after;
    }
    out
}

fn block_comment(s: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(r) = s.get(at..).filter(|r| !r.is_empty()) {
        if r.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if r.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += r.chars().next().map_or(1, char::len_utf8);
        }
    }
    s.len()
}

/// The length of `r"…"`, `br#"…"#` and the like at the start of `s`.
fn raw_string(s: &str, before: char) -> Option<usize> {
    if before.is_alphanumeric() || before == '_' {
        return None;
    }
    let body = s
        .strip_prefix("br")
        .or_else(|| s.strip_prefix("cr"))
        .or_else(|| s.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    if !body.get(hashes..)?.starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = s.len() - body.len() + hashes + 1;
    Some(
        s.get(start..)?
            .find(&end)
            .map_or(s.len(), |n| start + n + end.len()),
    )
}

fn quoted(s: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in s.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    s.len()
}

/// The length of a character literal, 0 for a lifetime.
fn character(s: &str) -> usize {
    let mut chars = s.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quoted(s, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

fn in_engine(path: &str) -> bool {
    path.starts_with("engine/src/")
}

/// The engine's sources hold neither `cfg` nor `unsafe`, nor a way around it.
pub(super) fn engine_pure(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    for f in tree.rust().filter(|f| in_engine(&f.path)) {
        for (n, line) in code_only(&f.text).lines().enumerate() {
            for w in [
                "cfg",
                "cfg_attr",
                "unsafe",
                "include",
                "include_bytes",
                "include_str",
            ] {
                if has_word(line, w) {
                    bad.push(format!("{}:{}: {w}", f.path, n + 1));
                }
            }
            if line.contains("#[path") {
                bad.push(format!("{}:{}: a module from another path", f.path, n + 1));
            }
        }
    }
    let head = tree.get("engine/src/lib.rs").unwrap_or_default();
    for wanted in ["#![no_std]", "#![forbid(unsafe_code)]"] {
        if !code_only(head).contains(wanted) {
            bad.push(format!("engine/src/lib.rs: no {wanted}"));
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// Paths the engine must not name, although the crates are there.
const ENGINE_FORBIDDEN: &[&str] = &[
    "std::",
    "alloc::boxed",
    "alloc::vec::Vec",
    "extern crate",
    "kernel::bindings",
    "kernel::shim",
    "kernel::net",
    "kernel::time",
    "kernel::uaccess",
    "SystemTime",
    "Instant::now",
];

/// The engine stands on `core`, `proto_shared` and `kernel` alone.
pub(super) fn engine_roots(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    let modules = engine_modules(tree);
    for f in tree.rust().filter(|f| in_engine(&f.path)) {
        let code = code_only(&f.text);
        for (n, line) in code.lines().enumerate() {
            for p in ENGINE_FORBIDDEN {
                let found = line.match_indices(p).any(|(at, _)| {
                    let before = line.get(..at).and_then(|s| s.chars().next_back());
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if found {
                    bad.push(format!("{}:{}: {p}", f.path, n + 1));
                }
            }
        }
        for (line, root) in use_roots(&code) {
            let known = ["core", "proto_shared", "kernel", "crate", "self", "super"];
            let own = root.chars().next().is_some_and(char::is_uppercase);
            if !known.contains(&root.as_str()) && !own && !modules.contains(&root) {
                bad.push(format!("{}:{line}: use {root}::…", f.path));
            }
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// Names that files and directories of the engine have: `use conn::X` beside
/// `mod conn` is fine.
fn engine_modules(tree: &Tree) -> Vec<String> {
    let mut names: Vec<String> = tree
        .rust()
        .filter_map(|f| f.path.strip_prefix("engine/src/"))
        .flat_map(|p| {
            p.trim_end_matches(".rs")
                .split('/')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Line and first path segment of every `use` declaration.
pub(super) fn use_roots(code: &str) -> Vec<(usize, String)> {
    let mut roots = Vec::new();
    for (n, line) in code.lines().enumerate() {
        let t = line.trim_start();
        let t = match t.strip_prefix("pub") {
            Some(r) if r.starts_with('(') => r.split_once(')').map_or(r, |(_, r)| r).trim_start(),
            Some(r) => r.trim_start(),
            None => t,
        };
        let Some(path) = t.strip_prefix("use ") else {
            continue;
        };
        let path = path.trim_start().trim_start_matches("::");
        let root: String = path
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if !root.is_empty() {
            roots.push((n + 1, root));
        }
    }
    roots
}

/// `unsafe` stays where somebody looks after it.
pub(super) fn unsafe_places(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    let allowed: Vec<&str> = UNSAFE_ALLOWED
        .iter()
        .chain(UNSAFE_EXCEPTIONS)
        .map(|(p, _)| *p)
        .collect();
    for f in tree.rust() {
        if allowed.iter().any(|a| f.path.starts_with(a)) {
            continue;
        }
        for (n, line) in code_only(&f.text).lines().enumerate() {
            if has_word(line, "unsafe") {
                bad.push(format!("{}:{}: unsafe", f.path, n + 1));
            }
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// proto-shared is plain code over slices; its only `cfg` is that of tests.
pub(super) fn proto_pure(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    for f in tree
        .rust()
        .filter(|f| f.path.starts_with("proto-shared/src/"))
    {
        for (n, line) in code_only(&f.text).lines().enumerate() {
            if (has_word(line, "cfg") && !line.contains("cfg(test)"))
                || (has_word(line, "cfg_attr") && line.contains("cfg_attr(") && {
                    let after = line.split("cfg_attr(").nth(1).unwrap_or("").trim();
                    !(after.is_empty() || after.starts_with("test"))
                })
            {
                bad.push(format!("{}:{}: cfg other than of tests", f.path, n + 1));
            }
            if has_word(line, "unsafe") {
                bad.push(format!("{}:{}: unsafe", f.path, n + 1));
            }
        }
    }
    let head = code_only(tree.get("proto-shared/src/lib.rs").unwrap_or_default());
    for wanted in ["#![no_std]", "#![forbid(unsafe_code)]"] {
        if !head.contains(wanted) {
            bad.push(format!("proto-shared/src/lib.rs: no {wanted}"));
        }
    }
    Ok(Verdict::Complaints(bad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_literals() {
        let src =
            "let a = \"unsafe // no\"; // unsafe\n/* unsafe /* x */ cfg */ b('\"', '\\'', 'x');\n\
                   fn f<'a>(x: &'a str) { r#\"unsafe \" \"# ; br\"cfg\" }\n";
        let code = code_only(src);
        assert!(!code.contains("unsafe") && !code.contains("cfg"), "{code}");
        assert!(code.contains("fn f<'a>(x: &'a str)"), "{code}");
        assert_eq!(code.lines().count(), src.lines().count());
    }

    #[test]
    fn roots_of_use() {
        let code = "use core::fmt;\n    pub(crate) use crate::x::{a, b};\npub use ::kernel::sync;\nlet use_ = 1;\n";
        let roots: Vec<String> = use_roots(code).into_iter().map(|r| r.1).collect();
        assert_eq!(roots, ["core", "crate", "kernel"]);
    }
}
