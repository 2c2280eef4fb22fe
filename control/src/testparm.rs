// SPDX-License-Identifier: GPL-2.0-or-later
//! `testparm`: what a configuration comes to, and what is odd about it.

use std::path::Path;

use anyhow::{bail, Result};
use ksmbd_config::{Config, Error, Problem};
use serde_json::{json, Map, Value};

use crate::{print, print_json};

pub(crate) fn run(file: &Path, json: bool) -> Result<()> {
    let text = match ksmbd_config::read_text(file) {
        Ok(text) => text,
        // In the form that was asked for.
        Err(Error::Invalid(_)) => String::new(),
        Err(e) => return Err(e.into()),
    };
    let (config, errors) = match Config::load(file) {
        Ok(config) => (Some(config), Vec::new()),
        Err(Error::Invalid(problems)) => (None, problems),
        Err(e) => return Err(e.into()),
    };
    let warnings = config
        .as_ref()
        .map(|c| c.warnings(&text, file))
        .unwrap_or_default();
    if json {
        let mut shares = Map::new();
        for share in config.iter().flat_map(|c| &c.shares) {
            shares.insert(share.name.clone(), object(&share.keys.values())?);
        }
        let global = config.as_ref().map(|c| object(&c.global.values()));
        print_json(&json!({
            "ok": errors.is_empty(),
            "file": file,
            "errors": problems(&errors),
            "warnings": problems(&warnings),
            "global": global.transpose()?,
            "shares": shares,
        }))?;
    } else {
        for problem in &errors {
            eprintln!("error: {problem}");
        }
        for problem in &warnings {
            eprintln!("warning: {problem}");
        }
        if let Some(config) = &config {
            print(&effective(config))?;
        }
    }
    match errors.len() {
        0 => Ok(()),
        1 => bail!("{} has an error", file.display()),
        n => bail!("{} has {n} errors", file.display()),
    }
}

/// The configuration with every key in it.
fn effective(config: &Config) -> String {
    let mut out = "[global]\n".to_owned();
    let mut table = |values: Vec<(&str, String)>| {
        for (key, value) in values {
            out.push_str(&format!("{key} = {value}\n"));
        }
    };
    table(config.global.values());
    for share in &config.shares {
        // A name that is no bare key needs quotes.
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = match share.name.chars().all(bare) {
            true => share.name.clone(),
            false => json!(share.name).to_string(),
        };
        out.push_str(&format!("\n[share.{name}]\n"));
        for (key, value) in share.keys.values() {
            out.push_str(&format!("{key} = {value}\n"));
        }
    }
    out
}

fn object(values: &[(&str, String)]) -> Result<Value> {
    let mut out = Map::new();
    for (key, text) in values {
        out.insert((*key).to_owned(), serde_json::from_str(text)?);
    }
    Ok(out.into())
}

fn problems(list: &[Problem]) -> Value {
    list.iter()
        .map(|p| {
            json!({
                "file": p.file, "line": p.line, "column": p.column,
                "message": p.message, "hint": p.hint,
            })
        })
        .collect()
}
