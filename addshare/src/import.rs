// SPDX-License-Identifier: GPL-2.0-or-later
//! Shares and settings from `ksmbd.conf` and `smb.conf`.
//!
//! What cannot be taken over is said, key by key. When that is something which
//! keeps people out, the share is taken over switched off, rather than open to
//! more people than before.

use std::path::Path;

use anyhow::{Context, Result};
use ksmbd_config::{canonical_key, Editor};
use serde_json::{json, Value};

/// Keys that narrow who may do what. Without one of them a share is off.
const GUARDS: &[&str] = &[
    "valid_users",
    "invalid_users",
    "read_list",
    "read_only",
    "hosts_allow",
    "hosts_deny",
    "encrypt",
    "smb_encrypt",
    "server_smb_encrypt",
    "smb3_encryption",
    "server_signing",
    "veto_files",
    "only_user",
    "force_user",
    "force_group",
    "guest_only",
];

/// Sections of smb.conf that are no directories.
const SPECIAL: &[&str] = &["homes", "printers", "print$", "ipc$"];

/// A key of the file, with its line.
struct Entry {
    line: usize,
    key: String,
    value: String,
}

struct Section {
    line: usize,
    name: String,
    entries: Vec<Entry>,
}

/// What became of one key or section.
struct Outcome {
    line: usize,
    section: String,
    key: String,
    result: &'static str,
    note: String,
}

/// Reads the file into the editor; answers the report.
pub(crate) fn import(file: &Path, editor: &mut Editor) -> Result<Vec<Value>> {
    let text = ksmbd_config::read_text(file).context("nothing was imported")?;
    // In ksmbd.conf comments may follow a value, in smb.conf they cannot.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let sections = parse(&text, name.contains("ksmbd"))
        .map_err(|(line, why)| anyhow::anyhow!("{}:{line}: {why}", file.display()))?;
    let mut report = Vec::new();
    let mut all_off = None;
    for section in sections
        .iter()
        .filter(|s| s.name.eq_ignore_ascii_case("global"))
    {
        let off = keys(section, None, editor, &mut report);
        all_off = all_off.or(off);
    }
    for section in sections
        .iter()
        .filter(|s| !s.name.eq_ignore_ascii_case("global"))
    {
        share(section, all_off.as_deref(), editor, &mut report);
    }
    report.sort_by_key(|o| o.line);
    let file = file.display().to_string();
    let value = |o: Outcome| {
        json!({
            "file": file, "line": o.line, "section": o.section, "key": o.key,
            "result": o.result, "note": o.note,
        })
    };
    Ok(report.into_iter().map(value).collect())
}

fn share(section: &Section, all_off: Option<&str>, editor: &mut Editor, report: &mut Vec<Outcome>) {
    let mut say = |result, note: String| {
        report.push(Outcome {
            line: section.line,
            section: section.name.clone(),
            key: String::new(),
            result,
            note,
        });
    };
    if SPECIAL.iter().any(|s| section.name.eq_ignore_ascii_case(s)) {
        return say("unsupported", "is no directory that is shared".to_owned());
    }
    let path = |e: &&Entry| canonical_key(&e.key).0 == "path";
    let Some(path) = section.entries.iter().rev().find(path) else {
        return say("unsupported", "has no path".to_owned());
    };
    if let Some(why) = substitution(&path.value) {
        return say("unsupported", format!("its path has {why}"));
    }
    let first = [("path".to_owned(), json!(path.value).to_string())];
    if let Err(e) = editor.add_share(&section.name, &first) {
        // An add that failed half-way is taken back.
        if !e.to_string().contains("exists") {
            let _ = editor.remove_share(&section.name);
        }
        return say("unsupported", e.to_string());
    }
    let own_off = keys(section, Some(&section.name), editor, report);
    if let Some(why) = own_off.as_deref().or(all_off) {
        let off = [("available".to_owned(), "false".to_owned())];
        let note = match editor.set_share(&section.name, &off) {
            Ok(()) => {
                format!("`{why}` could not be taken over, so the share is off (available = false)")
            }
            Err(e) => e.to_string(),
        };
        report.push(Outcome {
            line: section.line,
            section: section.name.clone(),
            key: String::new(),
            result: "switched off",
            note,
        });
    }
}

/// Takes the keys of a section over; answers a guard that could not be.
fn keys(
    section: &Section,
    share: Option<&str>,
    editor: &mut Editor,
    report: &mut Vec<Outcome>,
) -> Option<String> {
    let mut off = None;
    for entry in &section.entries {
        let (key, _) = canonical_key(&entry.key);
        let done = match key.as_str() {
            "kerberos_support" if share.is_none() => kerberos(section, entry, editor),
            "fruit:metadata" | "fruit:resource" => fork(entry),
            _ => set(share, &key, entry, editor),
        };
        if done.is_err() && GUARDS.contains(&key.as_str()) {
            off = Some(entry.key.clone());
        }
        let (result, note) = match done {
            Ok(note) => note,
            Err(why) => ("unsupported", why),
        };
        report.push(Outcome {
            line: entry.line,
            section: section.name.clone(),
            key: entry.key.clone(),
            result,
            note,
        });
    }
    off
}

fn set(
    share: Option<&str>,
    key: &str,
    entry: &Entry,
    editor: &mut Editor,
) -> Result<(&'static str, String), String> {
    if entry.value.is_empty() {
        return Ok(("default", "no value is given".to_owned()));
    }
    if let Some(why) = substitution(&entry.value) {
        return Err(format!("the value has {why}"));
    }
    let (key, value) = translate(share.is_some(), key, entry)?;
    let default = ksmbd_config::is_default(share.is_some(), &key, &value);
    let options = [(key.clone(), value)];
    match share {
        Some(name) => editor.set_share(name, &options),
        None => editor.set_global(&options),
    }
    .map_err(|e| e.to_string())?;
    let result = if default { "default" } else { "mapped" };
    Ok((result, key))
}

/// ksmbd.conf switches Kerberos on by a key of its own; ours is on where there
/// is a keytab.
fn kerberos(
    section: &Section,
    entry: &Entry,
    editor: &mut Editor,
) -> Result<(&'static str, String), String> {
    const KEYTAB: &str = "kerberos_keytab_file";
    let given = section
        .entries
        .iter()
        .any(|e| canonical_key(&e.key).0 == KEYTAB && !e.value.is_empty());
    match (entry.value.to_ascii_lowercase().as_str(), given) {
        ("yes" | "true" | "on" | "1", true) => Ok(("mapped", KEYTAB.to_owned())),
        ("yes" | "true" | "on" | "1", false) => {
            let system = Entry {
                line: entry.line,
                key: KEYTAB.to_owned(),
                value: "/etc/krb5.keytab".to_owned(),
            };
            set(None, KEYTAB, &system, editor)
        }
        ("no" | "false" | "off" | "0", false) => Ok(("default", KEYTAB.to_owned())),
        ("no" | "false" | "off" | "0", true) => {
            Err("there is a keytab, which means that Kerberos is on; take it out".to_owned())
        }
        (other, _) => Err(format!("`{other}` has no counterpart")),
    }
}

/// Where Samba's `fruit` keeps what only macOS has.
fn fork(entry: &Entry) -> Result<(&'static str, String), String> {
    match entry.value.to_ascii_lowercase().as_str() {
        "stream" => Ok(("default", "in streams".to_owned())),
        _ => Err("AppleDouble files and what Netatalk left are not read".to_owned()),
    }
}

/// Where Samba's words differ from ours.
fn translate(share: bool, key: &str, entry: &Entry) -> Result<(String, String), String> {
    let value = entry.value.as_str();
    let low = value.to_ascii_lowercase();
    let policy = |value: &str| {
        Some(match value {
            "mandatory" | "required" | "force" | "forced" => "mandatory",
            "auto" | "default" | "desired" | "if_required" | "enabled" | "yes" | "true" | "on"
            | "1" => "enabled",
            "disabled" | "off" | "no" | "false" | "0" => "disabled",
            _ => return None,
        })
    };
    let as_policy = |key: &str| match policy(&low) {
        Some(p) => Ok((key.to_owned(), json!(p).to_string())),
        None => Err(format!("`{value}` has no counterpart")),
    };
    match (key, share) {
        ("server_signing", false) => as_policy("server_signing"),
        ("smb3_encryption" | "smb_encrypt" | "server_smb_encrypt", false) => {
            as_policy("smb3_encryption")
        }
        ("smb_encrypt" | "server_smb_encrypt", true) => match policy(&low) {
            Some("mandatory") => Ok(("encrypt".to_owned(), "true".to_owned())),
            Some(_) => Ok(("encrypt".to_owned(), "false".to_owned())),
            None => Err(format!("`{value}` has no counterpart")),
        },
        ("server_min_protocol" | "min_protocol", _) => match low.as_str() {
            "nt1" | "smb1" | "core" | "lanman1" | "lanman2" | "coreplus" => {
                Err("SMB1 is not served".to_owned())
            }
            _ => Ok(("server_min_protocol".to_owned(), value.to_owned())),
        },
        ("fruit:time_machine", _) => Ok(("time_machine".to_owned(), value.to_owned())),
        ("fruit:time_machine_max_size", _) => {
            Ok(("time_machine_max_size".to_owned(), json!(value).to_string()))
        }
        ("fruit:model", _) => Ok(("apple_model".to_owned(), json!(value).to_string())),
        ("max_protocol", _) => Ok(("server_max_protocol".to_owned(), value.to_owned())),
        ("hosts_allow" | "hosts_deny", _) => {
            let hosts: Option<Vec<String>> = value
                .split([',', ' ', '\t'])
                .filter(|h| !h.is_empty())
                .map(network)
                .collect();
            match hosts {
                Some(hosts) => Ok((key.to_owned(), json!(hosts).to_string())),
                None => Err("only addresses and networks are understood".to_owned()),
            }
        }
        _ => Ok((entry.key.clone(), value.to_owned())),
    }
}

/// `192.168.1.` is a network in smb.conf.
fn network(host: &str) -> Option<String> {
    if let Some(start) = host.strip_suffix('.') {
        let parts: Vec<&str> = start.split('.').collect();
        let bits = 8 * parts.len();
        let fill = 4_usize.checked_sub(parts.len())?;
        return Some(format!("{start}{}/{bits}", ".0".repeat(fill)));
    }
    let known = host.eq_ignore_ascii_case("all") || host.starts_with(|c: char| c.is_ascii_digit());
    (known || host.contains(':')).then(|| host.to_owned())
}

/// smb.conf's `%U` and the like, which would be taken literally here.
fn substitution(value: &str) -> Option<String> {
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '%' && next.is_ascii_alphabetic() => {
                return Some(format!("%{next}, which is not substituted here"))
            }
            _ => {}
        }
    }
    None
}

type Wrong = (usize, String);

fn parse(text: &str, inline_comments: bool) -> Result<Vec<Section>, Wrong> {
    let mut out: Vec<Section> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((n, line)) = lines.next() {
        let n = n + 1;
        let mut line = line.trim().trim_start_matches('\u{feff}').to_owned();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        while let Some(start) = line.strip_suffix('\\') {
            let next = lines.next().map_or("", |(_, l)| l.trim());
            line = format!("{}{next}", start);
        }
        if inline_comments {
            if let Some(at) = line.find([';', '#']) {
                line.truncate(at);
            }
        }
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            let Some((name, _)) = name.split_once(']') else {
                return Err((n, "a section has no ]".to_owned()));
            };
            let name = name.trim();
            // A section that comes again goes on.
            if let Some(at) = out.iter().position(|s| s.name.eq_ignore_ascii_case(name)) {
                let again = out.remove(at);
                out.push(again);
            } else {
                out.push(Section {
                    line: n,
                    name: name.to_owned(),
                    entries: Vec::new(),
                });
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err((n, "neither [SECTION] nor KEY = VALUE".to_owned()));
        };
        let Some(section) = out.last_mut() else {
            return Err((n, "a key before any [SECTION]".to_owned()));
        };
        section.entries.push(Entry {
            line: n,
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
        });
    }
    Ok(out)
}
