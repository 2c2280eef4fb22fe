// SPDX-License-Identifier: GPL-2.0-or-later
//! One lint table: what Cargo.toml says for cargo, kmod/Kbuild says for kbuild.

use anyhow::Result;

use super::source::code_only;
use super::{Tree, Verdict};

pub(super) fn table(tree: &Tree) -> Result<Verdict> {
    let cargo = from_cargo(tree.get("Cargo.toml").unwrap_or_default());
    let kbuild = from_kbuild(tree.get("kmod/Kbuild").unwrap_or_default());
    let mut bad = Vec::new();
    for l in cargo.iter().filter(|l| !kbuild.contains(l)) {
        bad.push(format!("{l} is in Cargo.toml and not in kmod/Kbuild"));
    }
    for l in kbuild.iter().filter(|l| !cargo.contains(l)) {
        bad.push(format!("{l} is in kmod/Kbuild and not in Cargo.toml"));
    }
    if cargo.is_empty() {
        bad.push("Cargo.toml has no lint table".into());
    }
    for f in tree
        .files
        .iter()
        .filter(|f| f.path.ends_with("/Cargo.toml"))
    {
        if f.text.contains("[package]") && !f.text.contains("[lints]\nworkspace = true") {
            // A workspace of its own (fuzzing) cannot inherit.
            if !f.path.starts_with("tests/fuzz/") {
                bad.push(format!("{}: does not take the workspace's lints", f.path));
            }
        }
    }
    Ok(Verdict::Complaints(bad))
}

/// As rustc's options: `-Wmissing_docs`, `-Dclippy::todo`.
fn from_cargo(text: &str) -> Vec<String> {
    let mut prefix = None;
    let mut lints = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.starts_with('[') {
            prefix = match line {
                "[workspace.lints.rust]" => Some(""),
                "[workspace.lints.clippy]" => Some("clippy::"),
                _ => None,
            };
            continue;
        }
        let (Some(prefix), Some((name, level))) = (prefix, line.split_once('=')) else {
            continue;
        };
        let letter = match level.trim().trim_matches('"') {
            "deny" => 'D',
            "warn" => 'W',
            "forbid" => 'F',
            "allow" => 'A',
            other => {
                lints.push(format!("{} has the unknown level {other}", name.trim()));
                continue;
            }
        };
        lints.push(format!("-{letter}{prefix}{}", name.trim()));
    }
    lints.sort();
    lints
}

/// The words of the variable `ksmbd-lints`.
fn from_kbuild(text: &str) -> Vec<String> {
    let mut lints: Vec<String> = text
        .split("ksmbd-lints :=")
        .nth(1)
        .unwrap_or("")
        .split("\n\n")
        .next()
        .unwrap_or("")
        .split_whitespace()
        .filter(|w| *w != "\\")
        .map(str::to_owned)
        .collect();
    lints.sort();
    lints
}

/// What these crates deny at their head, because they see bytes of strangers.
const STRICT: &[&str] = &[
    "clippy::indexing_slicing",
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::arithmetic_side_effects",
];

pub(super) fn strict(tree: &Tree) -> Result<Verdict> {
    let mut bad = Vec::new();
    for head in [
        "proto-shared/src/lib.rs",
        "engine/src/lib.rs",
        "kmod/ksmbd_main.rs",
        "mountd/dcerpc-ndr/src/lib.rs",
    ] {
        let code = code_only(tree.get(head).unwrap_or_default());
        let denied: String = code
            .split("#![")
            .filter(|a| a.starts_with("deny(") || a.starts_with("forbid("))
            .filter_map(|a| a.split(']').next())
            .collect();
        for lint in STRICT {
            if !denied.contains(lint) {
                bad.push(format!("{head}: does not deny {lint}"));
            }
        }
    }
    Ok(Verdict::Complaints(bad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read() {
        let cargo = "[workspace.lints.rust]\na = \"warn\" # why\n[workspace.lints.clippy]\nb = \"deny\"\n[x]\nc = \"deny\"\n";
        assert_eq!(from_cargo(cargo), ["-Dclippy::b", "-Wa"]);
        let kbuild = "x := y\nksmbd-lints := \\\n\t-Wa \\\n\t-Dclippy::b\n\nother := -Wz\n";
        assert_eq!(from_kbuild(kbuild), ["-Dclippy::b", "-Wa"]);
    }
}
