// SPDX-License-Identifier: GPL-2.0-or-later
//! Debian's packages: on the host, and whole roots made from them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{bail, Context, Result};

use crate::run::{self, cmd, output, say, step, which};
use crate::sandbox;
use crate::versions::{BACKPORTS, SUITE};

/// A program a verb needs and the package that has it.
#[derive(Clone, Copy)]
pub(crate) struct Need(pub(crate) &'static str, pub(crate) &'static str);

/// Makes sure that the programs are there: installs them as root, and
/// otherwise prints the one command that does and ends with an error.
pub(crate) fn need(needs: &[Need]) -> Result<()> {
    let mut missing: Vec<&str> = needs
        .iter()
        .filter(|n| which(n.0).is_none())
        .map(|n| n.1)
        .collect();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !sandbox::is_root() {
        bail!("missing programs; install them with\n\n    sudo apt-get install {list}\n");
    }
    if which("apt-get").is_none() {
        bail!("missing programs (Debian packages {list}), and no apt-get to install them");
    }
    let install = || {
        let mut c = cmd("apt-get", ["install", "-y", "--no-install-recommends"]);
        c.args(&missing).env("DEBIAN_FRONTEND", "noninteractive");
        c
    };
    if step(&format!("installing {list}"), install()).is_err() {
        step("updating the package lists", cmd("apt-get", ["update"]))?;
        step(&format!("installing {list}"), install())?;
    }
    Ok(())
}

/// The archive that this machine itself uses for Debian, or
/// `KSMBD_DEBIAN_MIRROR`.
pub(crate) fn mirror() -> Result<String> {
    if let Ok(m) = std::env::var("KSMBD_DEBIAN_MIRROR") {
        return Ok(m);
    }
    let mut files = vec![std::path::PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        let mut more: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        more.sort();
        files.extend(more);
    }
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let found = match file.extension().and_then(|e| e.to_str()) {
            Some("list") => from_list(&text),
            Some("sources") => from_deb822(&text),
            _ => None,
        };
        if let Some(uri) = found {
            return Ok(uri);
        }
    }
    bail!("no Debian mirror in /etc/apt; name one in KSMBD_DEBIAN_MIRROR")
}

/// The main archive's path ends in /debian; security and others do not.
fn is_main_archive(uri: &str) -> bool {
    let scheme = ["http://", "https://", "file:/", "mirror+file:/", "copy:/"];
    scheme.iter().any(|s| uri.starts_with(s)) && uri.trim_end_matches('/').ends_with("/debian")
}

fn from_list(text: &str) -> Option<String> {
    text.lines()
        .filter(|l| l.trim_start().starts_with("deb "))
        .flat_map(str::split_whitespace)
        .find(|w| is_main_archive(w))
        .map(str::to_owned)
}

fn from_deb822(text: &str) -> Option<String> {
    text.split("\n\n")
        .filter(|s| {
            !s.lines()
                .any(|l| l.to_ascii_lowercase().replace(' ', "") == "enabled:no")
        })
        .flat_map(str::lines)
        .filter_map(|l| l.strip_prefix("URIs:"))
        .flat_map(str::split_whitespace)
        .find(|w| is_main_archive(w))
        .map(str::to_owned)
}

/// The machine's own proxy settings for apt, as options.
fn apt_proxy() -> Vec<String> {
    let Ok(dump) = output(cmd("apt-config", ["dump", "Acquire"])) else {
        return Vec::new();
    };
    dump.lines()
        .filter(|l| l.contains("::Proxy ") && !l.contains("\"\""))
        .map(|l| l.trim_end_matches(';').to_owned())
        .collect()
}

/// A root of [`SUITE`] and [`BACKPORTS`] with `packages` in `root`.
/// `prefer_backports` takes what both have from the latter.
pub(crate) fn bootstrap(
    what: &str,
    root: &Path,
    packages: &[&str],
    prefer_backports: bool,
) -> Result<()> {
    need(&[
        Need("mmdebstrap", "mmdebstrap"),
        Need("unshare", "util-linux"),
    ])?;
    let mirror = mirror()?;
    let keyring = Path::new("/usr/share/keyrings/debian-archive-keyring.gpg");
    let signed = if keyring.exists() {
        format!("[signed-by={}] ", keyring.display())
    } else {
        String::new()
    };
    let mut c = Command::new("mmdebstrap");
    c.args(["--variant=minbase", "--skip=cleanup/apt/lists"]);
    c.arg(format!("--include={}", packages.join(",")));
    c.arg("--aptopt=APT::Install-Recommends \"false\"");
    c.arg("--aptopt=Acquire::Retries \"3\"");
    if prefer_backports {
        c.arg(format!("--aptopt=APT::Default-Release \"{BACKPORTS}\""));
    }
    for line in apt_proxy() {
        c.arg(format!("--aptopt={line}"));
    }
    for p in ["man", "doc", "locale", "info", "groff", "lintian"] {
        c.arg(format!("--dpkgopt=path-exclude=/usr/share/{p}/*"));
    }
    c.arg("--dpkgopt=force-unsafe-io");
    let sources = [SUITE, BACKPORTS].map(|s| format!("deb {signed}{mirror} {s} main"));
    if sandbox::is_root() {
        c.args(["--mode=root", SUITE]).arg(root).args(sources);
        return step(what, c);
    }
    // mmdebstrap's own namespace may map other ids than ours does.
    need(&[Need("newuidmap", "uidmap")])?;
    let tar = root.with_extension("tar");
    c.args(["--mode=unshare", "--format=tar", SUITE])
        .arg(&tar)
        .args(sources);
    step(what, c)?;
    fs::create_dir_all(root)?;
    let mut t = sandbox::namespace();
    t.args(["tar", "-x", "--exclude=./dev/*", "-f"]).arg(&tar);
    t.arg("-C").arg(root);
    step("unpacking", t)?;
    fs::remove_file(&tar)?;
    Ok(())
}

/// Takes the host's name service into a root, for apt inside of it.
pub(crate) fn share_resolver(root: &Path) -> Result<()> {
    for f in ["resolv.conf", "hosts"] {
        let from = Path::new("/etc").join(f);
        if from.exists() {
            let to = root.join("etc").join(f);
            fs::remove_file(&to).ok();
            fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    Ok(())
}

/// Every version of `package` that the root's lists know, best first.
pub(crate) fn versions(root: &Path, package: &str) -> Result<Vec<String>> {
    let text = output(sandbox::chroot(
        root,
        &[],
        "apt-cache",
        &["madison", package],
    ))?;
    Ok(text
        .lines()
        .filter_map(|l| l.split('|').nth(1))
        .map(|v| v.trim().to_owned())
        .collect())
}

/// Downloads `packages` (NAME or NAME=VERSION) and unpacks them below `into`
/// (a path inside the root) without installing them.
pub(crate) fn unpack(root: &Path, packages: &[&str], into: &str) -> Result<()> {
    let script = r#"
        into=$1; shift
        mkdir -p "$into" /tmp/d; chmod 777 /tmp/d; cd /tmp/d
        apt-get -o APT::Sandbox::User=root download "$@"
        for d in *.deb; do dpkg -x "$d" "$into"; done
    "#;
    let mut args = vec!["-euc", script, "sh", into];
    args.extend(packages);
    step(
        &format!("unpacking {}", packages.join(" ")),
        sandbox::chroot(root, &[], "sh", &args),
    )
}

/// Installs further packages in a root.
pub(crate) fn install(root: &Path, what: &str, packages: &[String]) -> Result<()> {
    let mut args = vec![
        "install",
        "-y",
        "--no-install-recommends",
        "-o",
        "APT::Sandbox::User=root",
        "-o",
        "Dpkg::Options::=--force-unsafe-io",
    ];
    args.extend(packages.iter().map(String::as_str));
    step(what, sandbox::chroot(root, &[], "apt-get", &args))?;
    run::shown(sandbox::chroot(root, &[], "apt-get", &["clean"]))
}

/// The kernel packages' version if the wanted kernel is in the archive.
/// Otherwise an error that names the ones that are.
pub(crate) fn kernel_version(root: &Path) -> Result<String> {
    use crate::versions::{KERNEL, KERNEL_SERIES, KERNEL_UPSTREAM};
    let images = versions(root, &format!("linux-image-{KERNEL}"))?;
    let source = versions(root, &format!("linux-source-{KERNEL_SERIES}"))?;
    let wanted = images.iter().find(|v| source.contains(v));
    if let Some(v) = wanted {
        say(format!("kernel {KERNEL}, Debian version {v}"));
        return Ok(v.clone());
    }
    let all = output(sandbox::chroot(
        root,
        &[],
        "apt-cache",
        &[
            "search",
            "--names-only",
            r"^linux-headers-[0-9.]+\+deb[0-9]+-amd64$",
        ],
    ))?;
    let there: Vec<&str> = all
        .lines()
        .filter_map(|l| l.split_whitespace().next()?.strip_prefix("linux-headers-"))
        .collect();
    bail!(
        "kernel {KERNEL} ({KERNEL_UPSTREAM}) is not in the archive any more, or without its source \
         package (image: {}; linux-source-{KERNEL_SERIES}: {}).\nThere now: {}.\n\
         The one whose version equals that of its linux-source-* package will do: change \
         xtask/src/versions.rs.",
        or_none(&images),
        or_none(&source),
        or_none(&there)
    )
}

fn or_none<S: AsRef<str>>(v: &[S]) -> String {
    if v.is_empty() {
        return "none".into();
    }
    v.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_from_either_format() {
        let list = "# deb http://a.example/debian x\ndeb http://s.example/debian-security x main\n\
                    deb [arch=amd64] https://m.example/debian/ bookworm main\n";
        assert_eq!(
            from_list(list).as_deref(),
            Some("https://m.example/debian/")
        );
        let deb822 = "Enabled: no\nURIs: http://off.example/debian\n\nTypes: deb\n\
                      URIs: http://s.example/debian-security\n\nTypes: deb\n\
                      URIs: http://m.example/debian\nSuites: bookworm\n";
        assert_eq!(
            from_deb822(deb822).as_deref(),
            Some("http://m.example/debian")
        );
        assert_eq!(from_deb822("URIs: http://x.example/other\n"), None);
    }
}
