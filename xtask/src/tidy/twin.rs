// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine and proto-shared are the same bytes in both builds.
//!
//! kbuild writes down which files it read for an object. Those must be exactly
//! the sources below the crate's `src`, which is what cargo compiles; and
//! `build-kmod` keeps their checksums, which must be those of the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{relative, Tree, Verdict};
use crate::run::{self, cmd, output, project, target_dir};

/// Kernel object and the crate's sources.
const CRATES: &[(&str, &str)] = &[
    ("engine", "engine/src"),
    ("proto_shared", "proto-shared/src"),
];

/// What `build-kmod` leaves beside the module: `sha256  path` per line.
const RECORD: &str = "sources.sha256";

pub(super) fn identical(tree: &Tree) -> Result<Verdict> {
    let out = target_dir().join("kmod");
    let Ok(record) = fs::read_to_string(out.join(RECORD)) else {
        return Ok(Verdict::Skip(
            "no module was built here (cargo xtask build-kmod)".into(),
        ));
    };
    let built = parse(&record);
    let mut bad = Vec::new();
    let mut stale = 0;
    for (_, dir) in CRATES {
        let prefix = format!("{dir}/");
        let have: BTreeSet<String> = tree
            .rust()
            .filter(|f| f.path.starts_with(&prefix))
            // proto-shared's `#[cfg(test)] mod tests;` is in neither product.
            .filter(|f| !f.path.starts_with("proto-shared/") || !f.path.ends_with("/tests.rs"))
            .map(|f| f.path.clone())
            .collect();
        let compiled: BTreeSet<String> = built
            .keys()
            .filter(|p| p.starts_with(&prefix))
            .cloned()
            .collect();
        let sums = checksums(&tree.root, &compiled)?;
        for (path, sum) in &sums {
            if built.get(path) != Some(sum) {
                stale += 1;
            }
        }
        if stale > 0 || sums.len() != compiled.len() {
            continue;
        }
        for p in have.difference(&compiled) {
            bad.push(format!("{p}: not in the kernel build"));
        }
    }
    for path in built
        .keys()
        .filter(|p| !CRATES.iter().any(|(_, d)| p.starts_with(d)))
    {
        bad.push(format!(
            "{path}: compiled into the kernel build from outside of the crate"
        ));
    }
    if stale > 0 {
        return Ok(Verdict::Skip(format!(
            "{stale} sources changed since the module was built; run cargo xtask build-kmod"
        )));
    }
    Ok(Verdict::Complaints(bad))
}

fn parse(record: &str) -> BTreeMap<String, String> {
    record
        .lines()
        .filter_map(|l| l.split_once("  "))
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect()
}

/// Checksums of those of `paths` that exist.
fn checksums(root: &Path, paths: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
    let there: Vec<&String> = paths.iter().filter(|p| root.join(p).is_file()).collect();
    if there.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut c = cmd("sha256sum", ["--"]);
    c.args(there).current_dir(root);
    Ok(parse(&output(c)?))
}

/// Writes the record after a build into `out`: every source file of ours that
/// the dependency files of the two objects name.
pub(crate) fn record(out: &Path) -> Result<()> {
    let root = project();
    let mut paths = BTreeSet::new();
    for (object, _) in CRATES {
        let file = out.join(format!(".{object}.o.cmd"));
        let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        for word in text.split_whitespace().filter(|w| w.ends_with(".rs")) {
            // `source_x.o := A/./../B` and one line per dependency.
            let Ok(path) = PathBuf::from(word).canonicalize() else {
                continue;
            };
            if path.starts_with(&root) {
                paths.insert(relative(&root, &path).into_owned());
            }
        }
    }
    let sums = checksums(&root, &paths)?;
    let text: String = sums.iter().map(|(p, s)| format!("{s}  {p}\n")).collect();
    run::write_atomic(&out.join(RECORD), text.as_bytes())
}
