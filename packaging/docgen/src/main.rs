// SPDX-License-Identifier: GPL-2.0-or-later
//! Writes the manual pages and the shells' completions into a directory.
//!
//! What can drift is generated: options from the command lines of the
//! programs themselves, keys and their defaults from the configuration's
//! schema. The rest is in `docs/man`, one file per page.
#![forbid(unsafe_code)]

mod page;

use std::fs;
use std::path::PathBuf;

use anyhow::{bail, Context, Result};
use clap_complete::Shell;

/// Programs, and what their pages say beside the options.
fn programs() -> [(clap::Command, &'static str); 4] {
    [
        (
            ksmbd_mountd::cli::command(),
            include_str!("../../../docs/man/ksmbd.mountd.8.in"),
        ),
        (
            ksmbd_adduser::command(),
            include_str!("../../../docs/man/ksmbd.adduser.8.in"),
        ),
        (
            ksmbd_addshare::command(),
            include_str!("../../../docs/man/ksmbd.addshare.8.in"),
        ),
        (
            ksmbd_control::command(),
            include_str!("../../../docs/man/ksmbd.control.8.in"),
        ),
    ]
}

/// All files: path below the output directory, and content.
fn files() -> Result<Vec<(String, Vec<u8>)>> {
    let mut out = Vec::new();
    for (command, more) in programs() {
        let name = command.get_name().to_owned();
        out.push((format!("man/{name}.8"), page::program(&command, more)?));
        for (shell, file) in [
            (Shell::Bash, format!("bash/{name}")),
            (Shell::Zsh, format!("zsh/_{name}")),
            (Shell::Fish, format!("fish/{name}.fish")),
        ] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command.clone(), &name, &mut text);
            out.push((format!("completions/{file}"), text));
        }
    }
    out.push(("man/ksmbd.toml.5".to_owned(), page::configuration()));
    out.push((
        "man/ksmbd.7".to_owned(),
        include_bytes!("../../../docs/man/ksmbd.7").to_vec(),
    ));
    out.push(("etc/ksmbd.toml".to_owned(), page::default_file()));
    Ok(out)
}

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let (Some(dir), None) = (args.next(), args.next()) else {
        bail!("usage: ksmbd-docgen DIR");
    };
    let dir = PathBuf::from(dir);
    for (name, text) in files()? {
        let path = dir.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("{}", parent.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Every page has what the table of contents of the project promises, and
    /// no formatter complains about it.
    #[test]
    fn pages_render() {
        let dir = tempfile::tempdir().unwrap();
        let files = files().unwrap();
        let pages: Vec<&str> = files
            .iter()
            .filter_map(|(n, _)| n.strip_prefix("man/"))
            .collect();
        assert_eq!(
            pages,
            [
                "ksmbd.mountd.8",
                "ksmbd.adduser.8",
                "ksmbd.addshare.8",
                "ksmbd.control.8",
                "ksmbd.toml.5",
                "ksmbd.7"
            ]
        );
        for (name, text) in files.iter().filter(|(n, _)| n.starts_with("man/")) {
            let path = dir.path().join(name.replace('/', "-"));
            fs::write(&path, text).unwrap();
            // Not every machine has a formatter.
            for (program, args) in [
                ("mandoc", &["-T", "lint", "-W", "warning"][..]),
                ("groff", &["-man", "-Tutf8", "-ww", "-z"]),
            ] {
                let Ok(out) = Command::new(program).args(args).arg(&path).output() else {
                    continue;
                };
                let text = [out.stdout, out.stderr].concat();
                let text = String::from_utf8_lossy(&text);
                // How clap separates the values of an option looks as it should.
                let bad: Vec<&str> = text
                    .lines()
                    .filter(|l| !l.contains("skipping paragraph macro: br"))
                    .collect();
                assert!(bad.is_empty(), "{name}: {bad:#?}");
            }
        }
    }

    #[test]
    fn options_and_keys_are_there() {
        let files = files().unwrap();
        let text = |name: &str| {
            let (_, text) = files.iter().find(|(n, _)| n == name).unwrap();
            String::from_utf8(text.clone()).unwrap()
        };
        assert!(text("man/ksmbd.adduser.8").contains(r"\-\-password\-stdin"));
        assert!(!text("man/ksmbd.mountd.8").contains("launched"));
        let toml = text("man/ksmbd.toml.5");
        for key in [ksmbd_config::Global::KEYS, ksmbd_config::ShareKeys::KEYS].concat() {
            assert!(toml.contains(&format!(".BI {} ", key.name)), "{}", key.name);
        }
        for file in [
            "bash/ksmbd.control",
            "zsh/_ksmbd.control",
            "fish/ksmbd.control.fish",
        ] {
            assert!(
                text(&format!("completions/{file}")).contains("reload"),
                "{file}"
            );
        }
    }

    /// The configuration that packages bring means the defaults, commented or not.
    #[test]
    fn default_file() {
        use ksmbd_config::Config;
        let text = String::from_utf8(page::default_file()).unwrap();
        let file = std::path::Path::new("x");
        assert_eq!(Config::parse(&text, file).unwrap(), Config::default());
        let set: String = text
            .lines()
            .map(|l| {
                l.strip_prefix('#')
                    .filter(|l| !l.starts_with(' '))
                    .unwrap_or(l)
            })
            .filter(|l| !l.starts_with("netbios_name"))
            .flat_map(|l| [l, "\n"])
            .collect();
        assert!(set.contains("\ntcp_port = 445\n"), "{set}");
        assert_eq!(Config::parse(&set, file).unwrap(), Config::default());
    }

    /// The shells that are there read their completions.
    #[test]
    fn completions_parse() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files().unwrap() {
            let Some((shell, _)) = name
                .strip_prefix("completions/")
                .and_then(|n| n.split_once('/'))
            else {
                continue;
            };
            let path = dir.path().join("completion");
            fs::write(&path, text).unwrap();
            if let Ok(out) = Command::new(shell).arg("-n").arg(&path).output() {
                assert!(out.status.success(), "{name}: {out:?}");
            }
        }
    }
}
