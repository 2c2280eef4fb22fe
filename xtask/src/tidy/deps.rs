// SPDX-License-Identifier: GPL-2.0-or-later
//! Who may depend on whom: from Cargo's own view, and from kmod's `use` lines,
//! which Cargo does not see.

use anyhow::{Context, Result};
use serde_json::Value;

use super::source::{code_only, use_roots};
use super::{Tree, Verdict};
use crate::run::{cmd, output};

/// Package and those of ours it may name (besides in tests).
const ALLOWED: &[(&str, &[&str])] = &[
    ("proto-shared", &[]),
    ("kernel-shim", &[]),
    ("dcerpc-ndr", &[]),
    ("ksmbd-engine", &["proto-shared", "kernel-shim"]),
    (
        "ksmbd-hostcrypto",
        &["proto-shared", "ksmbd-engine", "kernel-shim"],
    ),
    ("ksmbd-gssapi", &[]),
    ("ksmbd-announce", &[]),
    ("ksmbd-config", &["proto-shared"]),
    ("ksmbd-store", &["proto-shared"]),
    (
        "ksmbd-mountd",
        &[
            "proto-shared",
            "ksmbd-engine",
            "kernel-shim",
            "ksmbd-hostcrypto",
            "ksmbd-gssapi",
            "ksmbd-announce",
            "ksmbd-config",
            "ksmbd-store",
            "dcerpc-ndr",
        ],
    ),
    (
        "ksmbd-adduser",
        &["ksmbd-store", "ksmbd-config", "proto-shared"],
    ),
    (
        "ksmbd-addshare",
        &["ksmbd-store", "ksmbd-config", "proto-shared"],
    ),
    (
        "ksmbd-control",
        &["ksmbd-store", "ksmbd-config", "proto-shared"],
    ),
    (
        "ksmbd-memhost",
        &[
            "proto-shared",
            "ksmbd-engine",
            "kernel-shim",
            "ksmbd-hostcrypto",
        ],
    ),
    (
        "ksmbd-docgen",
        &[
            "ksmbd-config",
            "ksmbd-mountd",
            "ksmbd-adduser",
            "ksmbd-addshare",
            "ksmbd-control",
        ],
    ),
    ("xtask", &[]),
];

/// Crates from outside that these may have, in the product: none at all.
const NO_OUTSIDE: &[&str] = &["proto-shared", "dcerpc-ndr"];

pub(super) fn direction(tree: &Tree) -> Result<Verdict> {
    let mut c = cmd("cargo", ["metadata", "--no-deps", "--format-version=1"]);
    c.current_dir(&tree.root);
    let meta: Value = serde_json::from_str(&output(c)?).context("cargo metadata")?;
    let mut bad = from_metadata(&meta);
    bad.extend(from_kmod(tree));
    Ok(Verdict::Complaints(bad))
}

fn list<'a>(v: &'a Value, key: &str) -> &'a [Value] {
    v.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v.get(key).and_then(Value::as_str).unwrap_or("")
}

fn from_metadata(meta: &Value) -> Vec<String> {
    let mut bad = Vec::new();
    let packages = list(meta, "packages");
    let ours: Vec<&str> = packages.iter().map(|p| text(p, "name")).collect();
    for p in packages {
        let name = text(p, "name");
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            bad.push(format!(
                "package {name}: not in the table of xtask/src/tidy/deps.rs"
            ));
            continue;
        };
        for d in list(p, "dependencies") {
            // Tests may look at anything.
            if text(d, "kind") == "dev" {
                continue;
            }
            let dep = text(d, "name");
            if ours.contains(&dep) {
                if !allowed.contains(&dep) {
                    bad.push(format!("{name} must not depend on {dep}"));
                }
            } else if NO_OUTSIDE.contains(&name) {
                bad.push(format!(
                    "{name} must not depend on {dep} or anything else from outside"
                ));
            }
        }
    }
    bad
}

/// kmod names the engine, the wire formats and the kernel, and nothing else.
fn from_kmod(tree: &Tree) -> Vec<String> {
    let known = [
        "core",
        "kernel",
        "proto_shared",
        "ksmbd_engine",
        "pin_init",
        "crate",
        "self",
        "super",
    ];
    let mut modules: Vec<String> = Vec::new();
    for f in tree.rust().filter(|f| f.path.starts_with("kmod/")) {
        modules.extend(f.path.trim_end_matches(".rs").split('/').map(str::to_owned));
    }
    let mut bad = Vec::new();
    for f in tree.rust().filter(|f| f.path.starts_with("kmod/")) {
        for (line, root) in use_roots(&code_only(&f.text)) {
            let own = root.chars().next().is_some_and(char::is_uppercase);
            if !known.contains(&root.as_str()) && !own && !modules.contains(&root) {
                bad.push(format!("{}:{line}: use {root}::…", f.path));
            }
        }
    }
    bad
}
