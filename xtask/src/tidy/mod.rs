// SPDX-License-Identifier: GPL-2.0-or-later
//! `tidy`: the rules of the tree that no compiler checks.
//!
//! Each check is a function from the tree to complaints; a complaint names
//! file, line and rule. What is excepted is listed here, with the reason.

mod deps;
mod layout;
mod lints;
mod outside;
mod source;
mod twin;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::{cmd, output, project};

pub(crate) use twin::record;

/// Files that may be longer than [`MAX_LINES`], and why.
const LONG_FILES: &[(&str, &str)] = &[("Cargo.lock", "generated")];

/// A file longer than that is two files.
const MAX_LINES: usize = 900;

/// Where Rust may say `unsafe`.
const UNSAFE_ALLOWED: &[(&str, &str)] = &[
    ("kmod/src/sys/", "the safe wrappers of the kernel's C side"),
    ("engine/kernel-shim/", "containers with fallible allocation"),
    (
        "mountd/gssapi/",
        "the safe wrappers of the system's Kerberos library",
    ),
];

/// Further places, as few as possible.
const UNSAFE_EXCEPTIONS: &[(&str, &str)] = &[
    (
        "kmod/ksmbd_main.rs",
        "declares the C entry points of the module",
    ),
    (
        "mountd/src/embedded/",
        "system calls that no safe crate offers",
    ),
];

/// What was found.
#[derive(Default)]
pub(crate) struct Report {
    /// Checks that found nothing.
    pub(crate) passed: usize,
    /// Checks that could not run here, with the reason.
    pub(crate) skipped: Vec<String>,
    /// One line per complaint.
    pub(crate) complaints: Vec<String>,
    /// Checks that found something.
    pub(crate) failed: usize,
}

/// The tracked files, with their text where they have one.
pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<File>,
}

struct File {
    /// Relative to the root, with slashes.
    path: String,
    text: String,
}

impl Tree {
    fn read() -> Result<Self> {
        let root = project();
        let mut c = cmd(
            "git",
            [
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        );
        c.current_dir(&root);
        let list = output(c).context("tidy needs the git repository")?;
        let mut files = Vec::new();
        for path in list.split('\0').filter(|p| !p.is_empty()) {
            // Deleted but still in the index, links, and binary files.
            let Ok(meta) = fs::symlink_metadata(root.join(path)) else {
                continue;
            };
            if !meta.is_file() {
                continue;
            }
            let Ok(text) = fs::read_to_string(root.join(path)) else {
                continue;
            };
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Ok(Self { root, files })
    }

    fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.path.ends_with(".rs"))
    }

    fn get(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|f| f.path == path)
            .map(|f| f.text.as_str())
    }
}

type Check = (&'static str, fn(&Tree) -> Result<Verdict>);

/// What a check says.
enum Verdict {
    Complaints(Vec<String>),
    Skip(String),
}

const CHECKS: &[Check] = &[
    ("licence lines", layout::licences),
    ("file sizes", layout::sizes),
    ("leftover markers", layout::markers),
    ("shell syntax", layout::shell),
    ("engine: no cfg, no unsafe", source::engine_pure),
    (
        "engine: only core, proto_shared and kernel",
        source::engine_roots,
    ),
    ("unsafe only where it belongs", source::unsafe_places),
    ("proto-shared: no unsafe, no alloc", source::proto_pure),
    ("dependency direction", deps::direction),
    ("crates from outside", outside::crates),
    ("one lint table", lints::table),
    (
        "strict lints in the crates that see wire bytes",
        lints::strict,
    ),
    ("dcerpc-ndr is what mountd/idl says", generated),
    ("same sources in both builds", twin::identical),
];

/// What is generated and committed.
fn generated(_: &Tree) -> Result<Verdict> {
    Ok(Verdict::Complaints(crate::gen_ndr::stale()?))
}

/// Runs all checks.
pub(crate) fn run() -> Result<Report> {
    let tree = Tree::read()?;
    let mut report = Report::default();
    for (name, check) in CHECKS {
        match check(&tree)? {
            Verdict::Skip(why) => report.skipped.push(format!("{name}: {why}")),
            Verdict::Complaints(c) if c.is_empty() => report.passed += 1,
            Verdict::Complaints(c) => {
                report.failed += 1;
                report
                    .complaints
                    .extend(c.into_iter().map(|c| format!("{name}: {c}")));
            }
        }
    }
    Ok(report)
}

pub(crate) fn main() -> Result<i32> {
    let r = run()?;
    r.print();
    println!(
        "{} passed, {} failed, {} skipped",
        r.passed,
        r.failed,
        r.skipped.len()
    );
    Ok(i32::from(r.failed > 0))
}

impl Report {
    /// Complaints and skips, one per line, on stderr.
    pub(crate) fn print(&self) {
        for c in &self.complaints {
            eprintln!("tidy: {c}");
        }
        for s in &self.skipped {
            eprintln!("tidy: skipped: {s}");
        }
    }
}

/// `path` without the tree's root, for messages.
fn relative<'a>(root: &Path, path: &'a Path) -> std::borrow::Cow<'a, str> {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy()
}
