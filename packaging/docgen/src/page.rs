// SPDX-License-Identifier: GPL-2.0-or-later
//! Manual pages in the man(7) macros.

use anyhow::Result;
use clap_mangen::Man;
use ksmbd_config::{Global, Key, ShareKeys};

/// When what the pages say was last looked through.
const DATE: &str = "2026-11-27";

/// The page of a program: what clap knows, then `more`.
pub(crate) fn program(command: &clap::Command, more: &str) -> Result<Vec<u8>> {
    let man = Man::new(command.clone()).section("8");
    let title = format!(
        ".TH {} 8 {DATE} \"ksmbd {}\" \"System Administration\"\n",
        command.get_name(),
        env!("CARGO_PKG_VERSION")
    );
    let mut out = title.into_bytes();
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    out.extend_from_slice(body(more).as_bytes());
    Ok(out)
}

/// Without the lines that are for the source only.
fn body(text: &str) -> String {
    text.lines()
        .filter(|l| !l.starts_with(".\\\""))
        .flat_map(|l| [l, "\n"])
        .collect()
}

/// ksmbd.toml(5).
pub(crate) fn configuration() -> Vec<u8> {
    let text = include_str!("../../../docs/man/ksmbd.toml.5.in");
    let mut out = String::new();
    for line in body(text).lines() {
        match line {
            "@GLOBAL@" => keys(&mut out, Global::KEYS, &Global::default().values()),
            "@SHARE@" => keys(&mut out, ShareKeys::KEYS, &ShareKeys::default().values()),
            line => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out.into_bytes()
}

/// A configuration in which nothing is set and everything is named.
pub(crate) fn default_file() -> Vec<u8> {
    let mut out = "# SPDX-License-Identifier: GPL-2.0-or-later\n\
                   # Configuration of ksmbd; see ksmbd.toml(5). What is commented out is the default.\n\
                   # Edit it by hand or with ksmbd.addshare, then: ksmbd.control --reload\n\n\
                   [global]\n"
        .to_owned();
    for key in Global::KEYS {
        let values = Global::default().values();
        let value = values.iter().find(|(n, _)| *n == key.name);
        let value = value.map_or("\"NAME\"", |(_, text)| text);
        let help = key.help.trim();
        out.push_str(&format!("# {help}\n#{} = {value}\n", key.name));
    }
    out.into_bytes()
}

fn keys(out: &mut String, keys: &[Key], defaults: &[(&str, String)]) {
    for key in keys {
        let default = defaults.iter().find(|(n, _)| *n == key.name);
        let default = match (key.name, default) {
            // The one key that must be given.
            ("path", _) => String::new(),
            (_, Some((_, text))) => text.clone(),
            (_, None) => String::new(),
        };
        out.push_str(".TP\n");
        out.push_str(&format!(".BI {} \" = {}\"\n", key.name, quote(&default)));
        out.push_str(&format!("{}\n", escape(key.help.trim())));
    }
}

/// Text that starts no request and has no escape of its own.
fn escape(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('`', "");
    match text.strip_prefix(['.', '\'']) {
        Some(_) => format!("\\&{text}"),
        None => text,
    }
}

/// The same, inside of the quotes of a macro's argument.
fn quote(text: &str) -> String {
    escape(text).replace('"', "\\(dq")
}
