// SPDX-License-Identifier: GPL-2.0-or-later
//! Accounts of other servers: `ksmbdpwd.db` of ksmbd-tools, and Samba's
//! smbpasswd form.

use std::io::Read;
use std::path::Path;

use anyhow::{bail, Context, Result};
use ksmbd_store::{fold_name, ImportedUser, NtHash, Secret, Store};
use serde_json::{json, Value};
use zeroize::Zeroize;

/// Greatest file.
const MAX: u64 = 256 << 20;

/// What a file has.
pub(crate) struct Found {
    users: Vec<ImportedUser>,
    /// Names that are left out, and why.
    left_out: Vec<(String, &'static str)>,
}

enum Line {
    User(ImportedUser),
    LeftOut(String, &'static str),
}

/// Reads a file; every wrong line is named.
pub(crate) fn read(file: &Path) -> Result<Found> {
    let shown = file.display();
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|f| f.take(MAX + 1).read_to_end(&mut bytes))
        .with_context(|| format!("reading {shown}"))?;
    if bytes.len() as u64 > MAX {
        bytes.zeroize();
        bail!("{shown} is too large to be a list of users; is it the right file?");
    }
    let mut found = Found {
        users: Vec::new(),
        left_out: Vec::new(),
    };
    let mut wrong = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for (n, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let n = n + 1;
        let parsed = match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() || text.starts_with('#') => continue,
            Ok(text) => parse(text.trim_end_matches('\r')),
            Err(_) => Err("not UTF-8"),
        };
        match parsed {
            Ok(Line::User(user)) => match seen.insert(fold_name(&user.name), n) {
                None => found.users.push(user),
                Some(first) => wrong.push(format!(
                    "{shown}:{n}: user `{}` is in line {first}, too",
                    user.name
                )),
            },
            Ok(Line::LeftOut(name, why)) => found.left_out.push((name, why)),
            Err(why) => wrong.push(format!("{shown}:{n}: {why}")),
        }
    }
    bytes.zeroize();
    if !wrong.is_empty() {
        bail!("nothing was imported:\n{}", wrong.join("\n"));
    }
    if found.users.is_empty() && found.left_out.is_empty() {
        bail!("{shown} names no user; is it the right file?");
    }
    Ok(found)
}

fn parse(line: &str) -> Result<Line, &'static str> {
    let fields: Vec<&str> = line.split(':').collect();
    match fields.as_slice() {
        [name, hash] => {
            let hash = base64(hash).ok_or("the hash is not base64 of 16 bytes")?;
            Ok(Line::User(user(name, hash, false)?))
        }
        [name, uid, _lm, nt, flags, ..] => {
            if uid.parse::<u32>().is_err() {
                return Err("the second field is no user id");
            }
            let set = |c| flags.starts_with('[') && flags.contains(c);
            if set('W') || set('S') || set('I') {
                return Ok(Line::LeftOut((*name).to_owned(), "account of a machine"));
            }
            // Samba writes X and words where there is no hash.
            if set('N') || nt.starts_with("NO PASSWORD") || nt.chars().all(|c| c == 'X') {
                return Ok(Line::LeftOut((*name).to_owned(), "no hash"));
            }
            let hash = hex(nt).ok_or("the fourth field is no hash of 32 hexadecimal digits")?;
            Ok(Line::User(user(name, hash, set('D'))?))
        }
        _ => Err("neither NAME:HASH nor a line of smbpasswd"),
    }
}

fn user(name: &str, nt_hash: NtHash, disabled: bool) -> Result<ImportedUser, &'static str> {
    // All else about names is the store's to say.
    if name.is_empty() {
        return Err("no name");
    }
    Ok(ImportedUser {
        name: name.to_owned(),
        nt_hash,
        disabled,
    })
}

fn hex(text: &str) -> Option<NtHash> {
    let mut out = [0_u8; 16];
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (n, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(Secret::new(out))
}

/// 16 bytes are 22 digits and two fillers.
fn base64(text: &str) -> Option<NtHash> {
    let digits = text.trim().strip_suffix("==").filter(|d| d.len() == 22)?;
    let mut out = [0_u8; 16];
    let (mut bits, mut have, mut at) = (0_u32, 0, 0);
    for c in digits.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0x3fff;
        have += 6;
        if have >= 8 {
            have -= 8;
            *out.get_mut(at)? = u8::try_from(bits >> have & 0xff).ok()?;
            at += 1;
        }
    }
    Some(Secret::new(out))
}

/// Imports, and says what became of whom.
pub(crate) fn report(found: &Found, store: &mut Store, json: bool) -> Result<()> {
    let new = store.import_users(&found.users)?;
    let mut rows: Vec<(&str, &str, &str)> = Vec::new();
    for (user, new) in found.users.iter().zip(new) {
        let note = match (new, user.disabled, crate::system_account(&user.name)) {
            (false, ..) => "",
            (_, true, _) => "disabled",
            (_, _, false) => "has no system account: logins are refused until it has, or --uid",
            _ => "",
        };
        rows.push((&user.name, if new { "added" } else { "exists" }, note));
    }
    for (name, why) in &found.left_out {
        rows.push((name, "left out", why));
    }
    if json {
        let row = |(name, what, note): &(&str, &str, &str)| json!({ "name": name, "result": what, "note": note });
        let rows: Value = rows.iter().map(row).collect();
        println!("{rows:#}");
        return Ok(());
    }
    for (name, what, note) in rows {
        println!("{}", format!("{what}\t{name}\t{note}").trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes() {
        // MD4 of "password" in UTF-16.
        let want = hex("8846F7EAEE8FB117AD06BDD830B7586C").unwrap();
        let have = base64("iEb36u6PsRetBr3YMLdYbA==").unwrap();
        assert!(have.ct_eq(want.expose()));
        for bad in [
            "",
            "iEb36u6PsRetBr3YMLdYbA",
            "iEb36u6PsRetBr3YMLdYb!==",
            "AAAA",
            "==",
        ] {
            assert!(base64(bad).is_none(), "{bad}");
        }
        assert!(hex("8846F7EAEE8FB117AD06BDD830B7586").is_none());
        assert!(hex("+846F7EAEE8FB117AD06BDD830B7586C").is_none());
    }
}
