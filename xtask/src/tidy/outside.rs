// SPDX-License-Identifier: GPL-2.0-or-later
//! Crates from outside: licences and sources as `deny.toml` allows them, and a
//! reason for each that a package of ours names.
//!
//! It is what `cargo deny check licenses sources` says, from the same list, in a
//! second and without building that program. Known vulnerabilities are in a
//! database elsewhere: `cargo deny check advisories` asks it.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Tree, Verdict};
use crate::run::{cmd, output};

pub(super) fn crates(tree: &Tree) -> Result<Verdict> {
    let mut c = cmd("cargo", ["metadata", "--locked", "--format-version=1"]);
    c.current_dir(&tree.root);
    let meta: Value = serde_json::from_str(&output(c)?).context("cargo metadata")?;
    let deny = tree.get("deny.toml").context("there is no deny.toml")?;
    let reasons = tree
        .get("docs/dependencies.md")
        .context("there is no docs/dependencies.md")?;
    let mut bad = complaints(&meta, &allowed(deny));
    bad.extend(unexplained(&meta, reasons));
    Ok(Verdict::Complaints(bad))
}

/// The licences of `allow = [ … ]` below `[licenses]`.
fn allowed(deny: &str) -> Vec<&str> {
    let section = deny.split("[licenses]").nth(1).unwrap_or_default();
    let list = section.split("allow = [").nth(1).unwrap_or_default();
    let list = list.split(']').next().unwrap_or_default();
    list.split('"').skip(1).step_by(2).collect()
}

fn list<'a>(v: &'a Value, key: &str) -> &'a [Value] {
    v.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v.get(key).and_then(Value::as_str).unwrap_or("")
}

fn complaints(meta: &Value, allowed: &[&str]) -> Vec<String> {
    let mut bad = Vec::new();
    for p in list(meta, "packages") {
        let name = format!("{} {}", text(p, "name"), text(p, "version"));
        let licence = text(p, "license");
        if !may(licence, allowed) {
            bad.push(format!(
                "{name}: its licence `{licence}` is not one of deny.toml"
            ));
        }
        let source = text(p, "source");
        let registry = source.starts_with("registry+") && source.ends_with("/crates.io-index");
        if !source.is_empty() && !registry {
            bad.push(format!(
                "{name}: it is not from crates.io but from {source}"
            ));
        }
    }
    bad
}

/// Whether an expression (SPDX 2.3, annex D) can be met by what is allowed;
/// `/` is how crates wrote OR.
fn may(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at, allowed);
    met && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let Some(word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *word == "(" {
        let met = any(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return met && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let name = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return allowed.contains(&name.as_str());
    }
    allowed.contains(word)
}

/// Crates that packages of ours name (besides in tests), without a row in the
/// table of `docs/dependencies.md`.
fn unexplained(meta: &Value, reasons: &str) -> Vec<String> {
    let explained: Vec<&str> = reasons
        .lines()
        .filter_map(|l| l.strip_prefix("| ")?.split('|').next())
        .flat_map(|cell| cell.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))))
        .collect();
    let mut bad = Vec::new();
    let ours: Vec<&Value> = list(meta, "packages")
        .iter()
        .filter(|p| text(p, "source").is_empty())
        .collect();
    for p in &ours {
        for d in list(p, "dependencies") {
            let name = text(d, "name");
            let own = ours.iter().any(|p| text(p, "name") == name);
            if !own && text(d, "kind") != "dev" && !explained.contains(&name) {
                bad.push(format!(
                    "{}: {name} has no line in docs/dependencies.md",
                    text(p, "name")
                ));
            }
        }
    }
    bad.sort();
    bad.dedup();
    bad
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions() {
        let ok = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        for e in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "Apache-2.0/MIT",
            "(MIT OR X) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR X",
        ] {
            assert!(may(e, &ok), "{e}");
        }
        for e in [
            "",
            "X",
            "MIT AND X",
            "(MIT",
            "MIT ISC",
            "Apache-2.0",
            "MIT WITH LLVM-exception",
        ] {
            assert!(!may(e, &ok), "{e}");
        }
    }

    #[test]
    fn the_list_of_deny_toml() {
        let deny = "[a]\nallow = [\"X\"]\n[licenses]\nallow = [\n  \"MIT\",\n  \"A WITH b\",\n]\n";
        assert_eq!(allowed(deny), ["MIT", "A WITH b"]);
    }

    #[test]
    fn what_is_complained_of() {
        let meta = json!({ "packages": [
            { "name": "ours", "version": "1", "license": "MIT", "source": null, "dependencies": [
                { "name": "good", "kind": null }, { "name": "new", "kind": null },
                { "name": "judge", "kind": "dev" } ] },
            { "name": "good", "version": "1", "license": "MIT",
              "source": "registry+x/crates.io-index", "dependencies": [] },
            { "name": "new", "version": "2", "license": "Other", "source": "git+x" } ] });
        let bad = complaints(&meta, &["MIT"]);
        assert_eq!(bad.len(), 2, "{bad:?}");
        assert!(bad.iter().all(|b| b.starts_with("new 2: ")), "{bad:?}");
        let bad = unexplained(&meta, "| good, other | ours | why |\n");
        assert_eq!(bad, ["ours: new has no line in docs/dependencies.md"]);
    }
}
