// SPDX-License-Identifier: GPL-2.0-or-later
//! Values as the file has them. The text is TOML and JSON at once: both have
//! these strings, numbers, booleans and lists alike.

use std::path::PathBuf;

use crate::schema::{
    Audited, MapToGuest, Policy, VfsObject, AUDITED, CIPHERS, DIALECTS, POLICY, SIGNING, VFS,
};
use crate::value::{HostPattern, MetricsAt, Principal};

/// A value of a key. Some numbers have names, which the key tells.
pub(crate) trait Show {
    fn show(&self, key: &str) -> String;
}

/// A string in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn name<T: PartialEq>(of: &[(&'static str, T)], value: &T) -> String {
    let found = of.iter().find(|(_, v)| v == value);
    quoted(found.map_or("", |(n, _)| n))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

impl Show for bool {
    fn show(&self, _: &str) -> String {
        self.to_string()
    }
}

impl Show for u16 {
    fn show(&self, key: &str) -> String {
        match key {
            "server_min_protocol" | "server_max_protocol" => name(DIALECTS, self),
            "smb3_ciphers" => name(CIPHERS, self),
            "smb3_signing_algorithms" => name(SIGNING, self),
            _ => self.to_string(),
        }
    }
}

impl Show for u64 {
    fn show(&self, _: &str) -> String {
        self.to_string()
    }
}

impl Show for u32 {
    fn show(&self, key: &str) -> String {
        if key.ends_with("_mask") || key.starts_with("force_") {
            return quoted(&format!("{self:04o}"));
        }
        self.to_string()
    }
}

impl Show for String {
    fn show(&self, _: &str) -> String {
        quoted(self)
    }
}

impl Show for Option<String> {
    fn show(&self, _: &str) -> String {
        self.as_deref().map(quoted).unwrap_or_default()
    }
}

impl Show for Option<MetricsAt> {
    fn show(&self, key: &str) -> String {
        match self {
            Some(MetricsAt::Unix(path)) => path.show(key),
            Some(MetricsAt::Tcp(address)) => quoted(&address.to_string()),
            None => quoted(""),
        }
    }
}

impl Show for PathBuf {
    fn show(&self, _: &str) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Show for Policy {
    fn show(&self, _: &str) -> String {
        name(POLICY, self)
    }
}

impl Show for MapToGuest {
    fn show(&self, _: &str) -> String {
        quoted(match self {
            Self::Never => "never",
            Self::BadUser => "bad user",
        })
    }
}

impl Show for Audited {
    fn show(&self, _: &str) -> String {
        name(AUDITED, self)
    }
}

impl Show for VfsObject {
    fn show(&self, _: &str) -> String {
        name(VFS, self)
    }
}

impl Show for Principal {
    fn show(&self, _: &str) -> String {
        match self {
            Self::User(name) => quoted(name),
            Self::Group(name) => quoted(&format!("@{name}")),
        }
    }
}

impl Show for HostPattern {
    fn show(&self, _: &str) -> String {
        quoted(&self.to_string())
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, key: &str) -> String {
        list(self.iter().map(|v| v.show(key)))
    }
}
