// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.addshare`: adds, changes and removes shares in the configuration
//! file, and lets a running daemon load it again.
//!
//! Exit status: 0 when what was asked for is done, else 1. That a running
//! daemon could not be told does not change it.
#![forbid(unsafe_code)]

mod import;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{bail, Context, Result};
use clap::{ArgGroup, Parser};
use ksmbd_config::daemon::{self, DEFAULT_RUNTIME_DIR};
use ksmbd_config::{canonical_key, Config, Editor, DEFAULT_CONFIG};
use serde_json::{json, Value};

/// Manage the shares of the ksmbd SMB server.
///
/// Without -a, -u or -d the share is added, or changed if it exists. A share
/// that is added can be written to by users who may write the files, unless
/// --read-only or an option says otherwise. The name `global` stands for the
/// keys of the server as a whole.
#[derive(Parser)]
#[command(name = "ksmbd.addshare", bin_name = "ksmbd.addshare", version)]
#[command(group = ArgGroup::new("action").args(["add", "update", "delete", "import"]))]
struct Args {
    /// Add a share
    #[arg(short, long)]
    add: bool,
    /// Change a share
    #[arg(short, long)]
    update: bool,
    /// Remove a share; its files stay
    #[arg(short, long, conflicts_with_all = ["path", "comment", "guest_ok", "read_only", "options"])]
    delete: bool,
    /// Take over what a ksmbd.conf or smb.conf says, and report on each key
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["share", "path", "comment", "guest_ok", "read_only", "options"])]
    import: Option<PathBuf>,
    /// Report on the import in JSON
    #[arg(long, requires = "import")]
    json: bool,
    /// Name of the share
    #[arg(value_name = "SHARE", required_unless_present = "import")]
    share: Option<String>,
    /// Directory to share
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Remark that clients show
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Guests may use the share
    #[arg(long)]
    guest_ok: bool,
    /// Nobody may write
    #[arg(long)]
    read_only: bool,
    /// Any key of the configuration; an empty value removes it; may be repeated
    #[arg(short, long = "option", value_name = "KEY = VALUE", value_parser = option)]
    options: Vec<(String, String)>,
    /// Configuration file
    #[arg(short = 'C', long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Ignored; shares need no account database
    #[arg(short = 'P', long, value_name = "FILE", hide = true)]
    pwddb: Option<PathBuf>,
    /// Runtime directory of the daemon to tell
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
    runtime_dir: PathBuf,
    /// Say what is done
    #[arg(short, long)]
    verbose: bool,
}

fn option(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as KEY = VALUE".to_owned()),
    }
}

/// The command line, for manual page and completions.
#[must_use]
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// Runs the program; answers its exit status.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::from(e.use_stderr()));
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("ksmbd.addshare: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let mut editor = Editor::open(&args.config)?;
    if let Some(file) = &args.import {
        return imported(args, file, editor);
    }
    // clap does not see it when a share is named, too.
    if args.json {
        bail!("--json goes with --import");
    }
    let name = args.share.as_deref().unwrap_or_default();
    if name.eq_ignore_ascii_case("global") {
        return global(args, editor);
    }
    let exists = editor.share_name(name);
    if args.delete {
        editor.remove_share(name)?;
        editor.save()?;
        return done(args, name, "removed");
    }
    let mut options = options(args)?;
    if exists.is_some() && !args.add {
        if options.is_empty() {
            bail!("nothing to change is named; see ksmbd.addshare --help");
        }
        editor.set_share(name, &options)?;
        check(&editor.save()?, name);
        return done(args, name, "changed");
    }
    if exists.is_none() && args.update {
        // Says how to add it.
        editor.set_share(name, &options)?;
    }
    let sets = |key: &str| options.iter().any(|(k, _)| canonical_key(k).0 == key);
    if !sets("path") {
        bail!("a new share needs a directory: ksmbd.addshare -a {name} --path DIR");
    }
    if !sets("read_only") {
        options.push(("read_only".to_owned(), "false".to_owned()));
    }
    editor.add_share(name, &options)?;
    check(&editor.save()?, name);
    done(args, name, "added")
}

fn imported(args: &Args, file: &Path, mut editor: Editor) -> Result<()> {
    let report = import::import(file, &mut editor)?;
    editor.save()?;
    if args.json {
        println!("{:#}", Value::from(report));
    } else {
        for row in &report {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            let key = match text("key") {
                "" => String::new(),
                key => format!(" {key}"),
            };
            println!(
                "{}:{}: {}: [{}]{key}: {}",
                text("file"),
                row["line"],
                text("result"),
                text("section"),
                text("note")
            );
        }
    }
    done(args, &file.display().to_string(), "imported")
}

fn global(args: &Args, mut editor: Editor) -> Result<()> {
    if args.delete || args.add {
        bail!(
            "[global] is always there; change it with: ksmbd.addshare -u global -o \"KEY = VALUE\""
        );
    }
    if args.path.is_some() {
        bail!("--path is for shares");
    }
    let options = options(args)?;
    if options.is_empty() {
        bail!("nothing to change is named; see ksmbd.addshare --help");
    }
    editor.set_global(&options)?;
    editor.save()?;
    done(args, "global", "changed")
}

/// All keys that the command line names.
fn options(args: &Args) -> Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    if let Some(path) = &args.path {
        let path = absolute(path)?;
        out.push(("path".to_owned(), quoted(&path)));
    }
    if let Some(comment) = &args.comment {
        out.push(("comment".to_owned(), quoted(comment)));
    }
    if args.guest_ok {
        out.push(("guest_ok".to_owned(), "true".to_owned()));
    }
    if args.read_only {
        out.push(("read_only".to_owned(), "true".to_owned()));
    }
    for (key, value) in &args.options {
        let canonical = canonical_key(key).0;
        if out.iter().any(|(k, _)| canonical_key(k).0 == canonical) {
            bail!("`{canonical}` is given twice");
        }
        out.push((key.clone(), value.clone()));
    }
    Ok(out)
}

/// A text that is a text even if it looks like something else. What TOML
/// cannot have in quotes is refused when it is set.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

fn absolute(path: &Path) -> Result<String> {
    let path = std::path::absolute(path).with_context(|| format!("{}", path.display()))?;
    // A directory that is not there yet may come; a link is kept as it is.
    match path.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => bail!("the path {} is not UTF-8", path.display()),
    }
}

/// Warns of what is legal but will not work.
fn check(config: &Config, name: &str) {
    if let Some(share) = config.share(name) {
        if !share.path.is_dir() {
            eprintln!(
                "ksmbd.addshare: warning: {} is no directory; make it: mkdir -p {0}",
                share.path.display()
            );
        }
    }
}

fn done(args: &Args, name: &str, what: &str) -> Result<()> {
    if args.verbose {
        eprintln!("share `{name}` {what}");
    }
    let line = json!({ "cmd": "reload" }).to_string();
    let problem = match daemon::request(&args.runtime_dir, &line) {
        Ok(answer) => match serde_json::from_str::<Value>(&answer) {
            Ok(v) if v["ok"] == true => return Ok(()),
            Ok(v) => v["error"].as_str().unwrap_or("no reason").to_owned(),
            Err(e) => e.to_string(),
        },
        Err(e) if daemon::is_absent(&e) => return Ok(()),
        Err(e) => e.to_string(),
    };
    eprintln!(
        "ksmbd.addshare: warning: the running daemon did not load the change ({problem}); try: \
         ksmbd.control --reload"
    );
    Ok(())
}
