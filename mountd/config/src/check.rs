// SPDX-License-Identifier: GPL-2.0-or-later
//! What is legal and yet hardly meant.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use toml_edit::{Document, Item};

use crate::value::Principal;
use crate::{key_span, Config, MapToGuest, Policy, Problem, Reader, Share, VfsObject};

/// Keys that are read, but that nothing stands behind yet.
const AHEAD: &[&str] = &["posix_extensions", "continuous_availability"];

impl Config {
    /// Warnings about the configuration; `text` is what it was read from. The
    /// file system is looked at, accounts are not.
    #[must_use]
    pub fn warnings(&self, text: &str, file: &Path) -> Vec<Problem> {
        let Ok(doc) = Document::parse(text) else {
            return Vec::new();
        };
        let mut check = Check {
            reader: Reader {
                text,
                file,
                problems: Vec::new(),
            },
            root: doc.as_item(),
        };
        check.global(self);
        for share in &self.shares {
            check.share(self, share);
        }
        let mut problems = check.reader.problems;
        problems.sort_by_key(|p| (p.line, p.column));
        problems
    }
}

struct Check<'a> {
    reader: Reader<'a>,
    root: &'a Item,
}

impl Check<'_> {
    /// Warns at the key of a share, or where `[global]` gives it, or at the
    /// share itself.
    fn at(&mut self, share: Option<&str>, key: &str, message: String, hint: &str) {
        let global = self.root.get("global");
        let own = share.and_then(|name| self.root.get("share")?.get(name));
        let find = |item: Option<&Item>| {
            let table = item?.as_table_like()?;
            key_span(table, key, table.get(key)?)
        };
        let span = find(own)
            .or_else(|| find(global))
            .or_else(|| own.and_then(Item::span))
            .or_else(|| global.and_then(Item::span));
        self.reader.problem(span, message, hint.to_owned());
    }

    /// Keys without effect that are given.
    fn ahead(&self, share: Option<&str>) -> Vec<&'static str> {
        let item = match share {
            Some(name) => self.root.get("share").and_then(|s| s.get(name)),
            None => self.root.get("global"),
        };
        let given = |key: &&&str| item.and_then(|t| t.get(key)).is_some();
        AHEAD.iter().filter(given).copied().collect()
    }

    fn global(&mut self, config: &Config) {
        let g = &config.global;
        for key in self.ahead(None) {
            let hint = "the server does not do this yet";
            self.at(None, key, format!("`{key}` has no effect"), hint);
        }
        if g.smb3_encryption == Policy::Mandatory && g.server_max_protocol < 0x0300 {
            let message = "encryption is mandatory, and no dialect that is allowed has it";
            let hint = "no client can connect";
            self.at(None, "smb3_encryption", message.to_owned(), hint);
        }
        if g.server_signing == Policy::Disabled && g.server_max_protocol >= 0x0300 {
            let message = "without signing others can change what is sent";
            let hint = "\"enabled\" lets clients decide";
            self.at(None, "server_signing", message.to_owned(), hint);
        }
        self.keytab(&g.kerberos_keytab_file);
        let caching = config.shares.iter().any(|s| s.oplocks);
        for (key, on) in [
            ("smb2_leases", g.smb2_leases),
            ("durable_handles", g.durable_handles),
        ] {
            if on && !caching {
                let hint = "set oplocks = true there";
                let message = format!("`{key}` has no effect: no share has `oplocks`");
                self.at(None, key, message, hint);
            }
        }
    }

    /// A keytab is as good as the passwords of everybody.
    fn keytab(&mut self, keytab: &Path) {
        const KEY: &str = "kerberos_keytab_file";
        if keytab.as_os_str().is_empty() {
            for key in [
                "kerberos_service_name",
                "kerberos_realms",
                "kerberos_system_users",
            ] {
                let global = self.root.get("global");
                if global.and_then(|t| t.get(key)).is_some() {
                    let hint = "set kerberos_keytab_file to have Kerberos";
                    self.at(None, key, format!("`{key}` has no effect"), hint);
                }
            }
            return;
        }
        let shown = keytab.display();
        match std::fs::metadata(keytab) {
            Err(e) => {
                let hint = "clients cannot use Kerberos";
                let message = format!("the keytab `{shown}` cannot be read: {e}");
                self.at(None, KEY, message, hint);
            }
            Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
                let hint = format!("chmod 600 {shown}");
                let message = format!("others may read the keytab `{shown}`");
                self.at(None, KEY, message, &hint);
            }
            Ok(_) => {}
        }
    }

    fn share(&mut self, config: &Config, share: &Share) {
        let name = share.name.as_str();
        let me = Some(name);
        for key in self.ahead(me) {
            let hint = "the server does not do this yet";
            self.at(me, key, format!("`{key}` has no effect"), hint);
        }
        if !share.path.is_dir() {
            let hint = format!("mkdir -p {}", share.path.display());
            let message = format!("`{}` is no directory", share.path.display());
            self.at(me, "path", message, &hint);
        }
        if share.guest_ok && config.global.map_to_guest == MapToGuest::Never {
            let hint = "map_to_guest = \"bad user\" in [global] makes guests of unknown users";
            let message = "`guest_ok` is for anonymous log-ins only".to_owned();
            self.at(me, "guest_ok", message, hint);
        }
        let has = |object| share.vfs_objects.contains(&object);
        if has(VfsObject::Fruit) && !has(VfsObject::StreamsXattr) {
            let hint = "add \"streams_xattr\" to it";
            let message = "`fruit` has no effect without named streams".to_owned();
            self.at(me, "vfs_objects", message, hint);
        }
        if share.time_machine && !has(VfsObject::Fruit) {
            let hint = "set vfs_objects = [\"streams_xattr\", \"fruit\"]";
            let message = "`time_machine` has no effect without `fruit`".to_owned();
            self.at(me, "time_machine", message, hint);
        }
        if share.time_machine_max_size != 0 && !share.time_machine {
            let hint = "set time_machine = true";
            let message = "`time_machine_max_size` has no effect".to_owned();
            self.at(me, "time_machine_max_size", message, hint);
        }
        if !share.read_only && !share.write_list.is_empty() {
            let hint = "read_only = true lets only them write";
            let message = "`write_list` has no effect: everybody may write".to_owned();
            self.at(me, "write_list", message, hint);
        }
        let both: Vec<&str> = share
            .valid_users
            .iter()
            .filter(|p| share.invalid_users.contains(p))
            .map(|p| match p {
                Principal::User(name) | Principal::Group(name) => name.as_str(),
            })
            .collect();
        if !both.is_empty() {
            let message = format!("{} may use it and may not", both.join(", "));
            let hint = "invalid_users decides";
            self.at(me, "invalid_users", message, hint);
        }
        if share.encrypt && config.global.server_max_protocol < 0x0300 {
            let message = "encryption is asked for, and no dialect that is allowed has it";
            let hint = "nobody can use the share";
            self.at(me, "encrypt", message.to_owned(), hint);
        }
    }
}
