// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.adduser`: adds, changes, removes and shows the accounts that may log
//! in to the SMB server.
//!
//! Exit status: 0 when what was asked for is done, else 1. That a running
//! daemon could not be told does not change it.
#![forbid(unsafe_code)]

mod import;

use std::io::{BufRead, IsTerminal, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail, Context, Result};
use clap::{ArgGroup, Parser};
use ksmbd_config::daemon::{self, DEFAULT_RUNTIME_DIR};
use ksmbd_config::{Config, Principal, Share, DEFAULT_CONFIG};
use ksmbd_store::{
    fold_name, key_file_of, NewUser, Options, Password, Secret, Store, User, UserChange, UserFlags,
    DEFAULT_DB,
};
use serde_json::{json, Value};
use zeroize::Zeroize;

/// Greatest user or group id; the one above means "none" to the kernel.
const MAX_ID: i64 = 0xffff_fffe;

/// Manage the accounts of the ksmbd SMB server.
///
/// Without -a, -u or -d the user is added, or changed if it exists. Without
/// -p or --password-stdin the password is asked for twice.
#[derive(Parser)]
#[command(name = "ksmbd.adduser", bin_name = "ksmbd.adduser", version)]
#[command(group = ArgGroup::new("action").args(["add", "update", "delete", "list", "show", "import"]))]
#[command(group = ArgGroup::new("source").args(["password", "password_stdin"]))]
struct Args {
    /// Add a user
    #[arg(short, long, requires = "user")]
    add: bool,
    /// Change a user
    #[arg(short, long, requires = "user")]
    update: bool,
    /// Remove a user
    #[arg(short, long, requires = "user", conflicts_with_all = ["source", "uid", "gid"])]
    delete: bool,
    /// List all users
    #[arg(long, conflicts_with_all = ["user", "source"])]
    list: bool,
    /// Show one user
    #[arg(long, requires = "user", conflicts_with = "source")]
    show: bool,
    /// Add the users of another server: its ksmbdpwd.db or smbpasswd file
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["user", "source", "uid", "gid", "disable", "enable"])]
    import: Option<PathBuf>,
    /// List, show or report in JSON
    #[arg(long, conflicts_with_all = ["add", "update", "delete"])]
    json: bool,
    /// Name of the user
    #[arg(value_name = "USER")]
    user: Option<String>,
    /// Password (insecure: other users can see it in the list of processes)
    #[arg(short, long, value_name = "PWD")]
    password: Option<String>,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    password_stdin: bool,
    /// User id for file access [default: that of the system's account of the same name]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=MAX_ID))]
    uid: Option<u32>,
    /// Group id for file access [default: that of the system's account of the same name]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=MAX_ID))]
    gid: Option<u32>,
    /// Refuse logins of this user
    #[arg(long, conflicts_with_all = ["enable", "delete", "list", "show"])]
    disable: bool,
    /// Allow logins of this user again
    #[arg(long, conflicts_with_all = ["delete", "list", "show"])]
    enable: bool,
    /// Account database
    #[arg(short = 'P', long, alias = "pwddb", value_name = "FILE", default_value = DEFAULT_DB)]
    db: PathBuf,
    /// Key file of the database [default: beside it, with the ending .key]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Configuration file, to see where a user is named
    #[arg(short = 'C', long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Runtime directory of the daemon to tell
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
    runtime_dir: PathBuf,
    /// Say what is done
    #[arg(short, long)]
    verbose: bool,
}

/// The command line, for manual page and completions.
#[must_use]
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// Runs the program; answers its exit status.
#[must_use]
pub fn main() -> ExitCode {
    let mut args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::from(e.use_stderr()));
        }
    };
    match run(&mut args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("ksmbd.adduser: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &mut Args) -> Result<()> {
    if args.list {
        return list(&open(args, false)?, args.json);
    }
    if let Some(file) = args.import.clone() {
        let users = import::read(&file)?;
        let mut store = open(args, true)?;
        return import::report(&users, &mut store, args.json);
    }
    if args.json && !args.show {
        bail!("--json goes with --list, --show or --import");
    }
    let Some(name) = args.user.clone() else {
        bail!("name a user, or --list; see ksmbd.adduser --help");
    };
    if args.show {
        let user = open(args, false)?.user(&name)?;
        let user = user.ok_or_else(|| anyhow!("there is no user `{name}`"))?;
        if args.json {
            println!("{:#}", as_json(&user));
        } else {
            show(&user);
        }
        return Ok(());
    }
    if args.delete {
        return delete(args, &name);
    }
    let mut store = open(args, true)?;
    let exists = store.user(&name)?.is_some();
    // Before the password is asked for.
    if args.add && exists {
        bail!("user `{name}` exists; change it with: ksmbd.adduser -u {name}");
    }
    if args.update && !exists {
        bail!("there is no user `{name}`; add it with: ksmbd.adduser -a {name}");
    }
    if exists {
        update(args, &mut store, &name)
    } else {
        add(args, &mut store, &name)
    }
}

fn open(args: &Args, create: bool) -> Result<Store> {
    let key_file = args
        .key_file
        .clone()
        .unwrap_or_else(|| key_file_of(&args.db));
    let options = Options {
        create,
        ..Options::new(&args.db, key_file)
    };
    Ok(Store::open(&options)?)
}

fn add(args: &mut Args, store: &mut Store, name: &str) -> Result<()> {
    let password = password(args, name)?;
    let (uid, gid) = ids(args, name);
    let user = store.add_user(&NewUser {
        name,
        password: &password,
        uid,
        gid,
        flags: UserFlags {
            disabled: args.disable,
        },
    })?;
    if args.verbose {
        eprintln!("user `{}` added", user.name);
    }
    Ok(())
}

/// The ids to store. A user without a system account can only log in with ids
/// of its own.
fn ids(args: &Args, name: &str) -> (Option<u32>, Option<u32>) {
    if args.uid.is_some() || system_account(name) {
        return (args.uid, args.gid);
    }
    let me = nix::unistd::geteuid();
    if me.is_root() {
        eprintln!(
            "ksmbd.adduser: warning: there is no system account `{name}`, so logins of this user \
             will be refused; create one (useradd {name}), or name the ids to access files as: \
             ksmbd.adduser -u {name} --uid UID --gid GID"
        );
        return (None, args.gid);
    }
    // Who is not root can only serve files as himself.
    let gid = args.gid.unwrap_or_else(|| nix::unistd::getegid().as_raw());
    (Some(me.as_raw()), Some(gid))
}

fn system_account(name: &str) -> bool {
    [name, &fold_name(name)]
        .iter()
        .any(|n| matches!(nix::unistd::User::from_name(n), Ok(Some(_))))
}

fn update(args: &mut Args, store: &mut Store, name: &str) -> Result<()> {
    let only_ids = args.uid.is_some() || args.gid.is_some() || args.disable || args.enable;
    let given = args.password.is_some() || args.password_stdin;
    let password = match (given, only_ids) {
        (false, true) => None,
        _ => Some(password(args, name)?),
    };
    let disabled = match (args.disable, args.enable) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let user = store.update_user(
        name,
        &UserChange {
            password: password.as_ref(),
            uid: args.uid.map(Some),
            gid: args.gid.map(Some),
            disabled,
        },
    )?;
    if args.verbose {
        eprintln!("user `{}` changed", user.name);
    }
    let change = if user.flags.disabled {
        "disabled"
    } else {
        "changed"
    };
    tell(args, &user.name, change);
    Ok(())
}

fn delete(args: &Args, name: &str) -> Result<()> {
    let mut store = open(args, false)?;
    let user = store
        .user(name)?
        .ok_or_else(|| anyhow!("there is no user `{name}`"))?;
    let named = named_in(args, &user.name)?;
    if !named.is_empty() {
        bail!(
            "user `{}` is named in {}: take it out there first ({})",
            user.name,
            named.join(", "),
            args.config.display()
        );
    }
    store.delete_user(&user.name)?;
    if args.verbose {
        eprintln!("user `{}` removed", user.name);
    }
    tell(args, &user.name, "removed");
    Ok(())
}

/// Where the configuration names a user.
fn named_in(args: &Args, name: &str) -> Result<Vec<String>> {
    let config = match Config::load(&args.config) {
        Ok(config) => config,
        Err(ksmbd_config::Error::Io { source, .. })
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            return Ok(Vec::new())
        }
        Err(e) => {
            return Err(anyhow!("{e}")).context("cannot see whether the user is in use");
        }
    };
    let fold = fold_name(name);
    let is = |text: &str| fold_name(text) == fold;
    let has = |list: &[Principal]| {
        list.iter()
            .any(|p| matches!(p, Principal::User(user) if is(user)))
    };
    let mut out = Vec::new();
    if is(&config.global.guest_account) {
        out.push("guest_account of [global]".to_owned());
    }
    for share in &config.shares {
        let Share { name, keys } = share;
        let fields = [
            ("valid_users", has(&keys.valid_users)),
            ("invalid_users", has(&keys.invalid_users)),
            ("read_list", has(&keys.read_list)),
            ("write_list", has(&keys.write_list)),
            ("admin_users", has(&keys.admin_users)),
            ("guest_account", is(&keys.guest_account)),
        ];
        for (key, _) in fields.iter().filter(|(_, named)| *named) {
            out.push(format!("{key} of share `{name}`"));
        }
    }
    Ok(out)
}

fn password(args: &mut Args, name: &str) -> Result<Password> {
    if let Some(text) = args.password.take() {
        eprintln!(
            "ksmbd.adduser: warning: a password on the command line can be seen by other users; \
             use --password-stdin or the prompt"
        );
        return Ok(Secret::new(text));
    }
    let password = if args.password_stdin {
        first_line()?
    } else {
        if !std::io::stdin().is_terminal() {
            bail!("there is no terminal to ask for the password on; use --password-stdin");
        }
        let ask = |prompt: String| {
            rpassword::prompt_password(prompt)
                .map(Secret::new)
                .context("asking for the password")
        };
        let first: Password = ask(format!("Password of {name}: "))?;
        let again: Password = ask("Once more: ".to_owned())?;
        if !first.ct_eq(again.expose().as_bytes()) {
            bail!("the two passwords differ; nothing was changed");
        }
        first
    };
    if password.expose().is_empty() {
        eprintln!("ksmbd.adduser: warning: the password is empty");
    }
    Ok(password)
}

/// The first line of the standard input without its end.
fn first_line() -> Result<Password> {
    let mut line = Vec::new();
    std::io::stdin()
        .lock()
        .take(4096)
        .read_until(b'\n', &mut line)
        .context("reading the password")?;
    if line.is_empty() {
        bail!("the standard input is empty; the password is its first line");
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    match String::from_utf8(line) {
        Ok(text) => Ok(Secret::new(text)),
        Err(e) => {
            e.into_bytes().zeroize();
            bail!("the password is not UTF-8")
        }
    }
}

/// Tells a running daemon; that there is none is fine.
fn tell(args: &Args, account: &str, change: &str) {
    let line = json!({ "cmd": "update", "account": account, "change": change }).to_string();
    let problem = match daemon::request(&args.runtime_dir, &line) {
        Ok(answer) => match serde_json::from_str::<Value>(&answer) {
            Ok(v) if v["ok"] == true => return,
            Ok(v) => v["error"].as_str().unwrap_or("no reason").to_owned(),
            Err(e) => e.to_string(),
        },
        Err(e) if daemon::is_absent(&e) => return,
        Err(e) => e.to_string(),
    };
    eprintln!(
        "ksmbd.adduser: warning: the running daemon could not be told ({problem}); sessions that \
         exist go on until they end"
    );
}

fn as_json(user: &User) -> Value {
    json!({
        "name": user.name,
        "uid": user.uid,
        "gid": user.gid,
        "disabled": user.flags.disabled,
        "created": user.created,
        "changed": user.changed,
        "last_login": user.last_login,
        "failed": user.failed,
        "last_failed": user.last_failed,
    })
}

fn list(store: &Store, json: bool) -> Result<()> {
    let users = store.users()?;
    if json {
        let users: Value = users.iter().map(as_json).collect();
        println!("{users:#}");
        return Ok(());
    }
    for user in users {
        let state = if user.flags.disabled {
            "disabled"
        } else {
            "enabled"
        };
        let id = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
        println!("{}\t{}\t{}\t{state}", user.name, id(user.uid), id(user.gid));
    }
    Ok(())
}

fn show(user: &User) {
    let id = |n: Option<u32>| n.map_or("of the system account".to_owned(), |n| n.to_string());
    let when = |t: Option<i64>| t.map_or("never".to_owned(), utc);
    println!("name:         {}", user.name);
    println!("uid:          {}", id(user.uid));
    println!("gid:          {}", id(user.gid));
    let enabled = if user.flags.disabled { "no" } else { "yes" };
    println!("enabled:      {enabled}");
    println!("added:        {}", utc(user.created));
    println!("changed:      {}", utc(user.changed));
    println!("last login:   {}", when(user.last_login));
    println!("failed since: {}", user.failed);
    println!("last failed:  {}", when(user.last_failed));
}

/// Seconds since 1970 as date and time (the civil calendar, UTC).
fn utc(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    // Days are counted from 0000-03-01, so that the leap day ends the year.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(utc(4_107_542_399), "2100-02-28 23:59:59 UTC");
        assert_eq!(utc(-1), "1969-12-31 23:59:59 UTC");
    }
}
