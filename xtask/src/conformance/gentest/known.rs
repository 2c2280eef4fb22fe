// SPDX-License-Identifier: GPL-2.0-or-later
//! Differences that are known and right: `tests/conformance/gentest.txt`.
//!
//! Lines of four cells separated by `|`: kind, what, reason, specification.
//! Three kinds, from cheap and exact to the last resort:
//!
//! - `request`: a field of requests that is changed before either server sees
//!   it, so that what only Samba accepts is not sent ([`super::rewrite`]);
//! - `ignore`: a pattern for gentest's own `--ignore`: a field, an information
//!   class, or two errors as `NT_STATUS_OURS:NT_STATUS_SAMBAS`;
//! - `skip`: an operation and how it differs, of a CREATE also what it asks
//!   for. gentest stops there, so the run
//!   is done again without that one operation.

use std::fs;
use std::path::Path;

use anyhow::{bail, ensure, Context, Result};

use super::rewrite::Change;

/// The file's content.
#[derive(Default)]
pub(super) struct Known {
    pub(super) requests: Vec<Change>,
    pub(super) ignore: Vec<String>,
    skip: Vec<String>,
}

impl Known {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut all = Self::default();
        for (n, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            all.add(line)
                .with_context(|| format!("line {}: {line}", n + 1))?;
        }
        Ok(all)
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [kind, what, reason, _spec] = cells[..] else {
            bail!("not four cells");
        };
        ensure!(!what.is_empty() && !reason.is_empty(), "an empty cell");
        match kind {
            "request" => self.requests.push(Change::parse(what)?),
            "ignore" => self.ignore.push(what.to_owned()),
            "skip" => self.skip.push(what.to_owned()),
            _ => bail!("{kind} is no kind"),
        }
        Ok(())
    }

    /// Whether a difference may be skipped. `*` in a line stands for anything,
    /// and what comes behind the line, too: the request, for the most part.
    pub(super) fn skips(&self, difference: &str, request: &str) -> bool {
        let text = format!("{difference} {request}");
        self.skip
            .iter()
            .any(|p| crate::conformance::catalog::matches_all(&format!("{p} *"), &text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "# x\n\nignore | a.b | because | [X] 1\nskip | CREATE OK * | so |\n\
                    request | create.share clear 0xfffffff8 | no | [Y]\n";
        let k = Known::parse(text).unwrap();
        assert_eq!((k.ignore.len(), k.requests.len()), (1, 1));
        assert!(k.skips("CREATE OK X", "y"));
        assert!(!k.skips("CREATE X OK", "y"));
        for bad in [
            "x | a | b | c",
            "ignore | a | |",
            "ignore | a",
            "request | x | y | z",
        ] {
            assert!(Known::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_file_itself() {
        let path = crate::run::project().join(super::super::KNOWN);
        assert!(!Known::read(&path).unwrap().ignore.is_empty());
    }
}
