// SPDX-License-Identifier: GPL-2.0-or-later
//! Changes to the file by tools. Comments, order and format of all that is
//! not changed survive; the result is checked before it replaces the file in
//! one step, and tools that run at the same time wait for each other.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{flock, FlockOperation};
use toml_edit::{Array, DocumentMut, Formatted, Item, Table, Value};

use crate::schema::{self, canonical_key, Global, ShareKeys};
use crate::{bad_share_name, fold, Config, Error};

/// What a key belongs to while it is set.
enum Scope {
    Global,
    Share,
}

impl Scope {
    fn accepts(&self, key: &str, value: &Value) -> Option<Result<(), String>> {
        match self {
            Self::Share => ShareKeys::default().set(key, value),
            Self::Global => Global::default()
                .set(key, value)
                .or_else(|| ShareKeys::default().set(key, value)),
        }
    }
}

/// A configuration file that is being edited. Holds a lock until dropped.
pub struct Editor {
    path: PathBuf,
    doc: DocumentMut,
    _lock: File,
}

/// Text of a new file.
const HEADER: &str = "# Configuration of ksmbd; see ksmbd.toml(5).\n\
                      # Edit it by hand or with ksmbd.addshare, then: ksmbd.control --reload\n\n\
                      [global]\n";

impl Editor {
    /// Opens the file, or starts a new one.
    ///
    /// # Errors
    /// It cannot be read, or already has errors (an edit would hide them).
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |what, source| Error::Io {
            what,
            path: path.into(),
            source,
        };
        let dir = match path.parent() {
            Some(d) if !d.as_os_str().is_empty() => d,
            _ => Path::new("."),
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(dir)
            .map_err(|e| io("making the directory of", e))?;
        // The file itself is replaced by rename, so the lock is on its directory.
        let lock = File::open(dir).map_err(|e| io("locking the directory of", e))?;
        flock(&lock, FlockOperation::LockExclusive)
            .map_err(|e| io("locking the directory of", e.into()))?;
        let text = match crate::read_text(path) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                HEADER.to_owned()
            }
            other => other?,
        };
        Config::parse(&text, path)?;
        let doc = text
            .parse()
            .map_err(|e: toml_edit::TomlError| Error::Edit(e.to_string()))?;
        Ok(Self {
            path: path.into(),
            doc,
            _lock: lock,
        })
    }

    /// The name of a share as the file spells it.
    #[must_use]
    pub fn share_name(&self, name: &str) -> Option<String> {
        let shares = self.doc.get("share")?.as_table_like()?;
        shares
            .iter()
            .map(|(n, _)| n)
            .find(|n| fold(n) == fold(name))
            .map(str::to_owned)
    }

    /// Adds a share with the given keys.
    ///
    /// # Errors
    /// The name cannot be one, the share exists, or a key is wrong.
    pub fn add_share(&mut self, name: &str, options: &[(String, String)]) -> Result<(), Error> {
        if let Some(why) = bad_share_name(name) {
            return Err(Error::Edit(format!(
                "`{name}` cannot be a share name: {why}"
            )));
        }
        if let Some(have) = self.share_name(name) {
            return Err(Error::Edit(format!(
                "share `{have}` exists; change it with: ksmbd.addshare -u {have}"
            )));
        }
        let shares = self.doc.entry("share").or_insert_with(|| {
            let mut t = Table::new();
            t.set_implicit(true);
            Item::Table(t)
        });
        let Some(shares) = shares.as_table_like_mut() else {
            return Err(Error::Edit("`share` is not a table".to_owned()));
        };
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        shares.insert(name, Item::Table(table));
        self.set_share(name, options)
    }

    /// Sets keys of a share; others stay. An empty value removes the key.
    ///
    /// # Errors
    /// No such share, or a key is wrong.
    pub fn set_share(&mut self, name: &str, options: &[(String, String)]) -> Result<(), Error> {
        let have = self.need(name)?;
        let table = self
            .doc
            .get_mut("share")
            .and_then(|s| s.get_mut(&have))
            .ok_or_else(|| Error::Edit(format!("`{have}` is not a table")))?;
        for (key, text) in options {
            set_key(table, &Scope::Share, key, text)?;
        }
        Ok(())
    }

    /// Sets keys of `[global]`; others stay. An empty value removes the key.
    ///
    /// # Errors
    /// A key is wrong.
    pub fn set_global(&mut self, options: &[(String, String)]) -> Result<(), Error> {
        let table = self
            .doc
            .entry("global")
            .or_insert_with(|| Item::Table(Table::new()));
        for (key, text) in options {
            set_key(table, &Scope::Global, key, text)?;
        }
        Ok(())
    }

    /// Removes a share.
    ///
    /// # Errors
    /// No such share.
    pub fn remove_share(&mut self, name: &str) -> Result<(), Error> {
        let have = self.need(name)?;
        if let Some(shares) = self.doc.get_mut("share").and_then(Item::as_table_like_mut) {
            shares.remove(&have);
        }
        Ok(())
    }

    fn need(&self, name: &str) -> Result<String, Error> {
        self.share_name(name).ok_or_else(|| {
            Error::Edit(format!(
                "there is no share `{name}` in {}; add it with: ksmbd.addshare -a {name} --path DIR",
                self.path.display()
            ))
        })
    }

    /// The text as it would be written.
    #[must_use]
    pub fn text(&self) -> String {
        self.doc.to_string()
    }

    /// Checks the result and replaces the file.
    ///
    /// # Errors
    /// The result has errors, or cannot be written.
    pub fn save(self) -> Result<Config, Error> {
        let text = self.text();
        let config = Config::parse(&text, &self.path)?;
        let io = |source| Error::Io {
            what: "writing",
            path: self.path.clone(),
            source,
        };
        // Follow a symbolic link rather than replace it.
        let target = match fs::canonicalize(&self.path) {
            Ok(target) => target,
            Err(e) if self.path.is_symlink() => return Err(io(e)),
            Err(_) => self.path.clone(),
        };
        let mode = fs::metadata(&target).map_or(0o644, |m| m.permissions().mode() & 0o777);
        let mut tmp = target.clone().into_os_string();
        tmp.push(".new");
        let tmp = PathBuf::from(tmp);
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(mode)
                .open(&tmp)?;
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&tmp, &target)
        };
        write()
            .inspect_err(|_| {
                let _ = fs::remove_file(&tmp);
            })
            .map_err(io)?;
        Ok(config)
    }
}

/// Whether a text, as [`Editor`] takes it, is what the key is anyway.
#[must_use]
pub fn is_default(share: bool, key: &str, text: &str) -> bool {
    let mut item = Item::Table(Table::new());
    let scope = if share { Scope::Share } else { Scope::Global };
    let (name, _) = canonical_key(key);
    if set_key(&mut item, &scope, key, text).is_err() {
        return false;
    }
    let Some(value) = item.get(&name).and_then(Item::as_value) else {
        return true;
    };
    let (mut global, mut keys) = (Global::default(), ShareKeys::default());
    let ours = !share && global.set(&name, value).is_some();
    if !ours {
        keys.set(&name, value);
    }
    global == Global::default() && keys == ShareKeys::default()
}

fn set_key(table: &mut Item, scope: &Scope, key: &str, text: &str) -> Result<(), Error> {
    let (key, inverted) = canonical_key(key);
    let Some(table) = table.as_table_like_mut() else {
        return Err(Error::Edit(format!("`{key}` has no table to go to")));
    };
    let text = text.trim();
    if text.is_empty() {
        table.remove(&key);
        return Ok(());
    }
    let mut expected = None;
    for mut value in candidates(text) {
        if inverted {
            match value.as_bool() {
                Some(b) => value = Value::Boolean(Formatted::new(!b)),
                None => continue,
            }
        }
        match scope.accepts(&key, &value) {
            Some(Ok(())) => {
                match table.get_mut(&key).and_then(Item::as_value_mut) {
                    // Keeps the blanks and the comment around the old value.
                    Some(old) => {
                        *value.decor_mut() = old.decor().clone();
                        *old = value;
                    }
                    None => {
                        table.insert(&key, Item::Value(value));
                    }
                }
                return Ok(());
            }
            Some(Err(e)) => expected = Some(e),
            None => {
                let keys: &[&[schema::Key]] = match scope {
                    Scope::Share => &[ShareKeys::KEYS],
                    Scope::Global => &[Global::KEYS, ShareKeys::KEYS],
                };
                let (message, hint) = schema::unknown_key(&key, keys);
                return Err(Error::Edit(format!("{message} ({hint})")));
            }
        }
    }
    let expected = expected.unwrap_or_else(|| "must be yes or no".to_owned());
    Err(Error::Edit(format!("`{key} = {text}`: `{key}` {expected}")))
}

/// What a text on a command line can mean, in the order of likelihood: a TOML
/// value, smb.conf's yes or no, a list, plain text. The key's type decides.
fn candidates(text: &str) -> Vec<Value> {
    let mut out: Vec<Value> = text.parse().ok().into_iter().collect();
    // What is in quotes is that text or wrong, but not its quotes.
    if out.iter().any(Value::is_str) {
        return out;
    }
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "on" | "enable" | "enabled" => out.push(true.into()),
        "no" | "false" | "0" | "off" | "disable" | "disabled" => out.push(false.into()),
        _ => {}
    }
    let list: Array = text
        .split([',', ' ', '\t'])
        .filter(|w| !w.is_empty())
        .collect();
    // Text with a slash may be smb.conf's veto list, which is split elsewhere.
    if text.starts_with('/') {
        out.push(text.into());
    }
    out.push(list.into());
    out.push(text.into());
    out
}
