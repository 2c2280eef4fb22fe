// SPDX-License-Identifier: GPL-2.0-or-later
//! Rules about files as such.

use std::process::{Command, Stdio};

use anyhow::Result;

use super::source::code_only;
use super::{Tree, Verdict, LONG_FILES, MAX_LINES};

const LICENCE: &str = "SPDX-License-Identifier: GPL-2.0-or-later";

/// Every source file says its licence in its first lines.
pub(super) fn licences(tree: &Tree) -> Result<Verdict> {
    let wants = |p: &str| {
        let name = p.rsplit('/').next().unwrap_or(p);
        let ext = name.rsplit_once('.').map_or("", |(_, e)| e);
        matches!(ext, "rs" | "c" | "h" | "S" | "sh" | "py" | "toml")
            || matches!(name, "Makefile" | "Kbuild")
            || p.starts_with("tests/init/")
            || p == ".ci/run"
    };
    let mut bad = Vec::new();
    for f in &tree.files {
        // Configuration that tools write themselves has no header.
        if matches!(
            f.path.as_str(),
            "rustfmt.toml" | ".cargo/config.toml" | "rust-toolchain.toml"
        ) {
            continue;
        }
        if wants(&f.path) && !f.text.lines().take(3).any(|l| l.contains(LICENCE)) {
            bad.push(format!("{}: no {LICENCE} in the first three lines", f.path));
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// One concept a file.
pub(super) fn sizes(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    for f in &tree.files {
        let text = f.path.ends_with(".md") || f.path.ends_with(".csv") || f.path.ends_with(".tsv");
        let lines = f.text.lines().count();
        // What is generated is one file per interface, however long.
        let text = text || f.path.starts_with("mountd/dcerpc-ndr/src/idl/");
        let listed = LONG_FILES.iter().any(|(p, _)| *p == f.path);
        if !text && !listed && lines > MAX_LINES {
            bad.push(format!("{}: {lines} lines, at most {MAX_LINES}", f.path));
        }
        if listed && lines <= MAX_LINES {
            bad.push(format!("{}: listed as long and is not", f.path));
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// Nothing unfinished is committed.
pub(super) fn markers(tree: &Tree) -> Result<Verdict> {
    // Written so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
    ];
    let macros = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
    ];
    let mut bad = Vec::new();
    for f in &tree.files {
        if !["rs", "c", "h", "sh", "py"]
            .iter()
            .any(|e| f.path.ends_with(&format!(".{e}")))
        {
            continue;
        }
        for (n, line) in f.text.lines().enumerate() {
            for w in words {
                if has_word(line, w) {
                    bad.push(format!("{}:{}: {w}", f.path, n + 1));
                }
            }
        }
        if f.path.ends_with(".rs") {
            for (n, line) in code_only(&f.text).lines().enumerate() {
                for m in macros {
                    if line.contains(m) {
                        bad.push(format!("{}:{}: {m}…)", f.path, n + 1));
                    }
                }
            }
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// Whether `word` occurs in `line` with nothing of a word beside it.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|s| s.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// `bash -n` accepts every script.
pub(super) fn shell(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    for f in &tree.files {
        let script = f.path.ends_with(".sh") || f.path.starts_with("tests/init/");
        if !script {
            continue;
        }
        let out = Command::new("bash")
            .arg("-n")
            .arg(tree.root.join(&f.path))
            .stdin(Stdio::null())
            .output()?;
        if !out.status.success() {
            bad.push(format!(
                "{}: {}",
                f.path,
                String::from_utf8_lossy(&out.stderr).trim()
            ));
        }
    }
    Ok(Verdict::Complaints(bad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert!(has_word("a marker: x", "marker"));
        assert!(!has_word("a_marker x", "marker"));
        assert!(!has_word("markers", "marker"));
        assert!(has_word("marker", "marker"));
    }
}
