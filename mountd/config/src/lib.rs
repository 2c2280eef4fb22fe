// SPDX-License-Identifier: GPL-2.0-or-later
//! The configuration file of ksmbd, `/etc/ksmbd/ksmbd.toml`.
//!
//! ```toml
//! [global]
//! server_string = "Files of the office"
//! create_mask = 0o664          # share keys here are defaults for all shares
//!
//! [share.data]
//! path = "/srv/data"
//! read_only = false
//! valid_users = ["alice", "@staff"]
//! ```
//!
//! Reading is strict: an unknown key, a value of the wrong type or out of
//! range is an error with file, line and a hint, and all errors are told at
//! once. Editing ([`Editor`]) keeps comments, order and format.
#![forbid(unsafe_code)]

mod check;
pub mod daemon;
mod edit;
mod schema;
mod show;
mod value;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike, Value};

pub use edit::{is_default, Editor};
pub use schema::{canonical_key, Audited, Global, Key, MapToGuest, Policy, ShareKeys, VfsObject};
pub use value::{HostPattern, MetricsAt, Principal};

/// Where the file is unless told otherwise.
pub const DEFAULT_CONFIG: &str = "/etc/ksmbd/ksmbd.toml";

/// Longest share name in bytes.
pub const MAX_SHARE_NAME: usize = 80;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        write!(f, "{file}:{}:{}: {}", self.line, self.column, self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error("{what} {}: {source}{}", path.display(), io_hint(source))]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file has errors; there is at least one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<Problem>),
    /// An edit is not possible.
    #[error("{0}")]
    Edit(String),
}

/// What to do about a file operation that failed, where that is clear.
fn io_hint(e: &std::io::Error) -> &'static str {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => "; run as root, or name another file",
        std::io::ErrorKind::IsADirectory => "; name a file",
        _ => "",
    }
}

/// Longest configuration in bytes.
const MAX_FILE: usize = 16 << 20;

/// Reads a configuration's text, or another server's.
///
/// # Errors
/// It cannot be read, is larger than a configuration can be, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    let io = |source| Error::Io {
        what: "reading",
        path: path.into(),
        source,
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|f| f.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    let problem = |before: &[u8], message: &str, hint: &str| {
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |n| n + 1);
        let line = before.get(line_start..).unwrap_or_default();
        Error::Invalid(vec![Problem {
            file: path.into(),
            line: before.iter().filter(|b| **b == b'\n').count() + 1,
            column: String::from_utf8_lossy(line).chars().count() + 1,
            message: message.to_owned(),
            hint: hint.to_owned(),
        }])
    };
    if bytes.len() > MAX_FILE {
        let hint = "is it the right file?";
        return Err(problem(b"", "larger than 16 MiB", hint));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let before = e.as_bytes().get(..good).unwrap_or_default();
        problem(before, "not UTF-8 here", "save the file as UTF-8")
    })
}

/// A share.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Its name as written.
    pub name: String,
    /// Its keys, with the defaults of `[global]` filled in.
    pub keys: ShareKeys,
}

impl Deref for Share {
    type Target = ShareKeys;
    fn deref(&self) -> &ShareKeys {
        &self.keys
    }
}

/// A whole configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[global]`.
    pub global: Global,
    /// All shares in order of the file; IPC$ is not among them.
    pub shares: Vec<Share>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or has errors.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::parse(&read_text(path)?, path)
    }

    /// Reads a text; `file` is named in errors.
    ///
    /// # Errors
    /// The text has errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Error> {
        let mut reader = Reader {
            text,
            file,
            problems: Vec::new(),
        };
        let config = reader.read();
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            reader.problems.sort_by_key(|p| (p.line, p.column));
            Err(Error::Invalid(reader.problems))
        }
    }

    /// Looks a share up by name, whatever its case.
    #[must_use]
    pub fn share(&self, name: &str) -> Option<&Share> {
        // Without making a folded text of each: there may be thousands.
        self.shares
            .iter()
            .find(|s| folded(&s.name).eq(folded(name)))
    }
}

/// The form of a name that is compared.
fn fold(name: &str) -> String {
    folded(name).collect()
}

fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().flat_map(char::to_lowercase)
}

/// Says why `name` cannot be a share's, if so.
#[must_use]
pub fn bad_share_name(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > MAX_SHARE_NAME {
        return Some("a share name has 1 to 80 bytes");
    }
    if name
        .chars()
        .any(|c| c.is_control() || "\"/\\[]:|<>+=;,*?%".contains(c))
    {
        return Some("a share name has no control characters and none of \"/\\[]:|<>+=;,*?%");
    }
    if name.trim() != name {
        return Some("a share name does not start or end with a blank");
    }
    if ["ipc$", "global", "print$"].contains(&fold(name).as_str()) {
        return Some("this name is reserved");
    }
    None
}

/// Sets one key; `None` when it is no key, a text when the value is wrong.
type Setter<'a> = dyn FnMut(&str, &Value) -> Option<Result<(), String>> + 'a;

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, span: Option<Range<usize>>, message: String, hint: String) {
        let at = span.map_or(0, |s| s.start).min(self.text.len());
        let before = self.text.get(..at).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        self.problems.push(Problem {
            file: self.file.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            hint,
        });
    }

    fn read(&mut self) -> Config {
        let mut config = Config::default();
        let doc = match Document::parse(self.text) {
            Ok(doc) => doc,
            Err(e) => {
                let message = e.message().trim().replace('\n', ", ");
                self.problem(e.span(), message, String::new());
                return config;
            }
        };
        let root = doc.as_table();
        for (name, item) in root {
            if !matches!(name, "global" | "share") {
                let span = key_span(root, name, item);
                let hint = if item.is_table() {
                    format!("a share is [share.{name}]")
                } else {
                    "keys are in [global] or [share.NAME]".to_owned()
                };
                self.problem(span, format!("unexpected `{name}`"), hint);
            }
        }
        let mut defaults = ShareKeys::default();
        if let Some(item) = root.get("global") {
            self.global(item, &mut config.global, &mut defaults);
        }
        let Some(item) = root.get("share") else {
            return config;
        };
        let Some(shares) = item.as_table_like() else {
            let hint = "write [share.NAME]".to_owned();
            self.problem(item.span(), "`share` is not a table".to_owned(), hint);
            return config;
        };
        let mut seen = HashSet::new();
        for (name, item) in shares.iter() {
            let span = item.span().or_else(|| key_span(shares, name, item));
            if let Some(why) = bad_share_name(name) {
                self.problem(span.clone(), format!("bad share name `{name}`"), why.into());
            }
            if !seen.insert(fold(name)) {
                let hint = "names do not differ by case".to_owned();
                self.problem(span.clone(), format!("share `{name}` is given twice"), hint);
            }
            let mut keys = defaults.clone();
            self.table(
                item,
                "a share",
                &mut |key, v| keys.set(key, v),
                &[ShareKeys::KEYS],
            );
            if item.is_table_like() && item.get("path").is_none() {
                let hint = "add: path = \"/some/directory\"".to_owned();
                self.problem(span, format!("share `{name}` has no path"), hint);
            }
            config.shares.push(Share {
                name: name.to_owned(),
                keys,
            });
        }
        config
    }

    fn global(&mut self, item: &Item, global: &mut Global, defaults: &mut ShareKeys) {
        self.table(
            item,
            "[global]",
            &mut |key, v| {
                // `max_connections` and `guest_account` mean the server's.
                global.set(key, v).or_else(|| match key {
                    "path" => Some(Err("belongs in [share.NAME]".to_owned())),
                    _ => defaults.set(key, v),
                })
            },
            &[Global::KEYS, ShareKeys::KEYS],
        );
        if global.server_min_protocol > global.server_max_protocol {
            let span = item
                .get("server_min_protocol")
                .or_else(|| item.get("server_max_protocol"))
                .and_then(Item::span);
            self.problem(
                span,
                "server_min_protocol is higher than server_max_protocol".to_owned(),
                "no client could connect".to_owned(),
            );
        }
        if global.bind_interfaces_only && global.interfaces.is_empty() {
            self.problem(
                item.get("bind_interfaces_only").and_then(Item::span),
                "bind_interfaces_only without interfaces".to_owned(),
                "add: interfaces = [\"eth0\"]".to_owned(),
            );
        }
    }

    fn table(&mut self, item: &Item, what: &str, set: &mut Setter<'_>, known: &[&[Key]]) {
        let Some(table) = item.as_table_like() else {
            self.problem(
                item.span(),
                format!("{what} must be a table"),
                String::new(),
            );
            return;
        };
        for (key, item) in table.iter() {
            let Some(value) = item.as_value() else {
                let span = item.span().or_else(|| key_span(table, key, item));
                self.problem(
                    span,
                    format!("`{key}` is a table where a value is expected"),
                    String::new(),
                );
                continue;
            };
            // Parsed once more by itself, a number knows how it was spelled.
            let spelled: Option<Value> = value
                .span()
                .filter(|_| value.is_integer())
                .and_then(|s| self.text.get(s)?.parse().ok());
            match set(key, spelled.as_ref().unwrap_or(value)) {
                Some(Ok(())) => {}
                Some(Err(expected)) => {
                    self.problem(value.span(), format!("`{key}` {expected}"), String::new())
                }
                None => {
                    let (message, hint) = schema::unknown_key(key, known);
                    self.problem(key_span(table, key, item), message, hint);
                }
            }
        }
    }
}

fn key_span(table: &dyn TableLike, key: &str, item: &Item) -> Option<Range<usize>> {
    table
        .key(key)
        .and_then(toml_edit::Key::span)
        .or_else(|| item.span())
}
