// SPDX-License-Identifier: GPL-2.0-or-later
//! `gen-ndr`: the IDL files of `mountd/idl` become the sources of `dcerpc-ndr`.
//!
//! [`lexer`] and [`parser`] read a file, [`check`] finds out what its names
//! mean and refuses what the code that is made would not do, [`emit`] writes
//! Rust. Errors name file, line and column and say what would be right.

mod ast;
mod check;
mod emit;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use crate::run::project;

/// Where in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pos {
    line: usize,
    column: usize,
}

/// What is wrong with a file, and what would be right.
#[derive(Debug)]
pub(super) struct Fail {
    pos: Pos,
    what: String,
    hint: String,
}

impl Fail {
    fn new(pos: Pos, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            pos,
            what: what.into(),
            hint: hint.into(),
        }
    }

    fn in_file(&self, file: &str) -> String {
        format!("{file}:{self}")
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pos { line, column } = self.pos;
        write!(f, "{line}:{column}: {}\n  hint: {}", self.what, self.hint)
    }
}

const SOURCES: &str = "mountd/idl";
const OUTPUT: &str = "mountd/dcerpc-ndr/src/idl";

/// Paths and texts of all files that belong there.
fn generate(sources: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut files: Vec<PathBuf> = fs::read_dir(sources)
        .with_context(|| format!("cannot list {}", sources.display()))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "idl"))
        .collect();
    files.sort();
    let mut parsed = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let shown = format!("{SOURCES}/{name}.idl");
        let file = lexer::tokens(&text)
            .and_then(parser::parse)
            .map_err(|e| anyhow::anyhow!(e.in_file(&shown)))?;
        parsed.push((name.into_owned(), file));
    }
    let mut out = Vec::new();
    let mut index = emit::head("What all files of `mountd/idl` are.");
    for (name, file) in &parsed {
        let checked = check::check(file, &parsed)
            .map_err(|e| anyhow::anyhow!(e.in_file(&format!("{SOURCES}/{name}.idl"))))?;
        index.push_str(&format!("pub mod {name};\n"));
        out.push((format!("{name}.rs").into(), emit::module(name, &checked)));
    }
    out.push(("mod.rs".into(), index));
    Ok(out)
}

/// Files of the crate that are not what the sources say.
pub(crate) fn stale() -> Result<Vec<String>> {
    let dir = project().join(OUTPUT);
    let wanted = generate(&project().join(SOURCES))?;
    let mut bad = Vec::new();
    for (path, text) in &wanted {
        if fs::read_to_string(dir.join(path)).ok().as_ref() != Some(text) {
            bad.push(format!("{OUTPUT}/{}", path.display()));
        }
    }
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        let name = PathBuf::from(entry.file_name());
        if !wanted.iter().any(|(path, _)| *path == name) {
            bad.push(format!("{OUTPUT}/{}: no source", name.display()));
        }
    }
    Ok(bad)
}

pub(crate) fn main(check: bool) -> Result<i32> {
    if check {
        let bad = stale()?;
        if !bad.is_empty() {
            bail!(
                "not what mountd/idl says: {}; run `cargo xtask gen-ndr` and commit what it writes",
                bad.join(", ")
            );
        }
        return Ok(0);
    }
    let dir = project().join(OUTPUT);
    fs::create_dir_all(&dir)?;
    for (path, text) in generate(&project().join(SOURCES))? {
        let path = dir.join(path);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text)?;
            println!("{}", path.display());
        }
    }
    Ok(0)
}
