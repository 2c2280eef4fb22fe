// SPDX-License-Identifier: GPL-2.0-or-later
//! `man` and `package`: manual pages, completions and packages.
//!
//! A package is a tree below `target/package` and what `dpkg-deb` or
//! `rpmbuild` makes of it; both need nothing compiled for them, which
//! cargo-deb and cargo-generate-rpm would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::debian::{self, Need};
use crate::flags::{Package, PackageKind};
use crate::run::{cmd, output, project, say, shown, step, target_dir, which};
use crate::{guest, package_test, sandbox};

const TOOLS: &[&str] = &["mountd", "adduser", "addshare", "control"];

/// Debian has a package of this name whose versions are higher: that of the C
/// tools, which this one replaces.
const EPOCH: &str = "1:";

/// `man`: writes manual pages and completions; prints where they are.
pub(crate) fn man() -> Result<i32> {
    println!("{}", docs()?.display());
    Ok(0)
}

fn docs() -> Result<PathBuf> {
    let dir = target_dir().join("docs");
    let args = [
        "run",
        "-q",
        "--profile",
        "quick",
        "-p",
        "ksmbd-docgen",
        "--",
    ];
    let mut c = cmd("cargo", args);
    c.arg(&dir).current_dir(project());
    step("manual pages and completions", c)?;
    Ok(dir)
}

pub(crate) fn main(f: &Package) -> Result<i32> {
    match f.kind {
        PackageKind::Deb => {
            let deb = make_deb(f.quick)?;
            println!("{}", dkms()?.display());
            println!("{}", deb.display());
        }
        PackageKind::Rpm => {
            let tools = tools_tree("ksmbd-tools-rpm", RPM, f.quick)?;
            println!(
                "{}",
                rpm("ksmbd-dkms", &dkms_tree("ksmbd-dkms-rpm")?, 1)?.display()
            );
            println!("{}", rpm("ksmbd-tools", &tools, 1)?.display());
        }
        PackageKind::Check => return check(&make_deb(f.quick)?, &dkms()?),
        PackageKind::TestDeb => return package_test::deb(f.quick),
        PackageKind::TestRpm => return package_test::rpm(f.quick),
    }
    Ok(0)
}

fn out_dir() -> PathBuf {
    target_dir().join("package")
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Copies a file to `to` below `root`.
fn put(root: &Path, to: &str, from: &Path, mode: u32) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("{}", from.display()))?;
    write(root, to, &bytes, mode)
}

fn write(root: &Path, to: &str, bytes: &[u8], mode: u32) -> Result<()> {
    let to = root.join(to);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&to, bytes).with_context(|| format!("{}", to.display()))?;
    fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

fn fresh(name: &str) -> Result<PathBuf> {
    let dir = out_dir().join(name);
    sandbox::remove(&dir)?;
    fs::create_dir_all(&dir)?;
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755))?;
    Ok(dir)
}

/// Where zsh looks for the completions of packages.
const DEB: &str = "usr/share/zsh/vendor-completions";
const RPM: &str = "usr/share/zsh/site-functions";

/// The tree of ksmbd-tools, without what belongs to one kind of package.
fn tools_tree(name: &str, zsh: &str, quick: bool) -> Result<PathBuf> {
    let profile = if quick { "quick" } else { "release" };
    let mut c = cmd("cargo", ["build", "--locked", "--profile", profile]);
    for tool in TOOLS {
        c.args(["-p", &format!("ksmbd-{tool}")]);
    }
    c.current_dir(project());
    step("building daemon and tools", c)?;
    let docs = docs()?;
    let root = fresh(name)?;
    for tool in TOOLS {
        let to = format!("usr/sbin/ksmbd.{tool}");
        let from = target_dir().join(profile).join(format!("ksmbd-{tool}"));
        put(&root, &to, &from, 0o755)?;
        if which("strip").is_some() {
            shown(cmd("strip", [root.join(&to)]))?;
        }
    }
    for (from, to) in [
        ("completions/bash", "usr/share/bash-completion/completions"),
        ("completions/zsh", zsh),
        ("completions/fish", "usr/share/fish/vendor_completions.d"),
    ] {
        for file in files(&docs.join(from))? {
            put(&root, &format!("{to}/{}", name_of(&file)), &file, 0o644)?;
        }
    }
    debian::need(&[Need("gzip", "gzip")])?;
    for page in files(&docs.join("man"))? {
        let name = name_of(&page);
        let section = name.rsplit('.').next().unwrap_or("8");
        let to = format!("usr/share/man/man{section}/{name}");
        put(&root, &to, &page, 0o644)?;
        shown(cmd("gzip", ["-9nf".as_ref(), root.join(to).as_os_str()]))?;
    }
    let project = project();
    for unit in ["ksmbd.service", "ksmbd-embedded.service"] {
        let from = project.join("packaging/systemd").join(unit);
        put(
            &root,
            &format!("usr/lib/systemd/system/{unit}"),
            &from,
            0o644,
        )?;
    }
    put(
        &root,
        "etc/ksmbd/ksmbd.toml",
        &docs.join("etc/ksmbd.toml"),
        0o644,
    )?;
    let doc = "usr/share/doc/ksmbd-tools";
    put(
        &root,
        &format!("{doc}/copyright"),
        &project.join("LICENSE"),
        0o644,
    )?;
    for text in ["CHANGELOG.md", "docs/configuration.md"] {
        let from = project.join(text);
        put(&root, &format!("{doc}/{}", name_of(&from)), &from, 0o644)?;
    }
    Ok(root)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("{}", dir.display()))?;
    let mut out = Vec::new();
    for entry in entries {
        out.push(entry?.path());
    }
    out.sort();
    Ok(out)
}

/// The newest glibc that a program names symbols of.
fn glibc(binary: &[u8]) -> (u32, u32) {
    let mark = b"GLIBC_";
    let number = |bytes: &[u8]| -> Option<(u32, u32)> {
        let end = bytes
            .iter()
            .position(|b| !b.is_ascii_digit() && *b != b'.')?;
        let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut parts = text.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    binary
        .windows(mark.len())
        .enumerate()
        .filter(|(_, w)| *w == mark)
        .filter_map(|(at, _)| number(binary.get(at + mark.len()..)?))
        .max()
        .unwrap_or((2, 17))
}

fn architecture() -> Result<String> {
    let text = output(cmd("dpkg", ["--print-architecture"]))?;
    Ok(text.trim().to_owned())
}

fn build_deb(root: &Path, name: &str) -> Result<PathBuf> {
    debian::need(&[Need("dpkg-deb", "dpkg")])?;
    let deb = out_dir().join(name);
    let mut c = cmd("dpkg-deb", ["--root-owner-group", "-Zxz", "--build"]);
    c.arg(root).arg(&deb);
    step(&format!("packing {name}"), c)?;
    Ok(deb)
}

/// ksmbd-tools for Debian.
pub(crate) fn make_deb(quick: bool) -> Result<PathBuf> {
    let root = tools_tree("ksmbd-tools", DEB, quick)?;
    let mut libc = (2, 17);
    for tool in TOOLS {
        let bytes = fs::read(root.join(format!("usr/sbin/ksmbd.{tool}")))?;
        libc = libc.max(glibc(&bytes));
    }
    let arch = architecture()?;
    let control = format!(
        "Package: ksmbd-tools\nVersion: {EPOCH}{}\nArchitecture: {arch}\nSection: net\n\
         Priority: optional\nMaintainer: ksmbd-rs developers <ksmbd-rs@localhost>\n\
         Depends: libc6 (>= {}.{}), libgcc-s1\nRecommends: kmod\nSuggests: ksmbd-dkms, libgssapi-krb5-2, smbclient\n\
         Homepage: https://github.com/ksmbd/ksmbd-rs\n\
         Description: SMB server ksmbd: daemon and tools\n \
         Daemon and tools of an SMB 2/3 server that runs in the kernel, or in the\n \
         daemon itself where its module cannot be loaded.\n",
        version(),
        libc.0,
        libc.1,
    );
    write(&root, "DEBIAN/control", control.as_bytes(), 0o644)?;
    write(&root, "DEBIAN/conffiles", b"/etc/ksmbd/ksmbd.toml\n", 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        let from = project().join("packaging/debian").join(script);
        put(&root, &format!("DEBIAN/{script}"), &from, 0o755)?;
    }
    build_deb(&root, &format!("ksmbd-tools_{}_{arch}.deb", version()))
}

/// The module's sources; what cargo and kbuild compile, as it is laid out here.
fn dkms_tree(name: &str) -> Result<PathBuf> {
    let project = project();
    let root = fresh(name)?;
    let src = format!("usr/src/ksmbd-{}", version());
    let tracked = ["ls-files", "-z", "engine/src", "proto-shared/src", "kmod"];
    let mut c = cmd("git", tracked);
    c.current_dir(&project);
    for file in output(c)?.split('\0').filter(|f| !f.is_empty()) {
        put(&root, &format!("{src}/{file}"), &project.join(file), 0o644)?;
    }
    fill(&root, "dkms/dkms.conf", &format!("{src}/dkms.conf"), 0o644)?;
    for script in ["check-tree", "prepare-tree"] {
        let from = format!("dkms/{script}");
        fill(&root, &from, &format!("{src}/{script}"), 0o755)?;
    }
    let licence = "usr/share/doc/ksmbd-dkms/copyright";
    put(&root, licence, &project.join("LICENSE"), 0o644)?;
    Ok(root)
}

/// Copies a file of `packaging` with the version filled in.
fn fill(root: &Path, from: &str, to: &str, mode: u32) -> Result<()> {
    let from = project().join("packaging").join(from);
    let text = fs::read_to_string(&from).with_context(|| format!("{}", from.display()))?;
    let text = text.replace("@VERSION@", version());
    write(root, to, text.as_bytes(), mode)
}

/// ksmbd-dkms for Debian.
pub(crate) fn dkms() -> Result<PathBuf> {
    let root = dkms_tree("ksmbd-dkms")?;
    fill(
        &root,
        "debian/ksmbd-dkms.postinst",
        "DEBIAN/postinst",
        0o755,
    )?;
    fill(&root, "debian/ksmbd-dkms.prerm", "DEBIAN/prerm", 0o755)?;
    let control = format!(
        "Package: ksmbd-dkms\nVersion: {}\nArchitecture: all\nSection: kernel\nPriority: optional\n\
         Maintainer: ksmbd-rs developers <ksmbd-rs@localhost>\nDepends: dkms, rustc, make\n\
         Recommends: ksmbd-tools, bindgen, rust-src, flex, bison, bc, pahole, libelf-dev, libssl-dev\n\
         Homepage: https://github.com/ksmbd/ksmbd-rs\n\
         Description: SMB server ksmbd: sources of the kernel module\n \
         Builds ksmbd.ko for kernels with CONFIG_RUST, with the compiler that built\n \
         that kernel; prepare-tree makes the build tree where headers lack rust/.\n",
        version()
    );
    write(&root, "DEBIAN/control", control.as_bytes(), 0o644)?;
    build_deb(&root, &format!("ksmbd-dkms_{}_all.deb", version()))
}

/// The rpm of `packaging/rpm/NAME.spec` around a tree.
fn rpm(name: &str, root: &Path, release: u32) -> Result<PathBuf> {
    debian::need(&[Need("rpmbuild", "rpm")])?;
    let top = out_dir().join("rpm");
    let file = format!("{name}-{}-{release}.rpm", version());
    let mut c = cmd("rpmbuild", ["-bb", "--quiet"]);
    for (name, value) in [
        ("_topdir", top.display().to_string()),
        ("_rpmdir", out_dir().display().to_string()),
        ("_rpmfilename", file.clone()),
        ("pkgversion", version().to_owned()),
        ("pkgrelease", release.to_string()),
        ("staged", root.display().to_string()),
    ] {
        c.arg("--define").arg(format!("{name} {value}"));
    }
    c.arg(project().join(format!("packaging/rpm/{name}.spec")));
    step(&format!("packing {file}"), c)?;
    Ok(out_dir().join(file))
}

/// ksmbd-tools, the same as a later release, and ksmbd-dkms.
pub(crate) fn make_rpms(quick: bool) -> Result<[PathBuf; 3]> {
    let tools = tools_tree("ksmbd-tools-rpm", RPM, quick)?;
    Ok([
        rpm("ksmbd-tools", &tools, 1)?,
        rpm("ksmbd-tools", &tools, 2)?,
        rpm("ksmbd-dkms", &dkms_tree("ksmbd-dkms-rpm")?, 1)?,
    ])
}

/// Installs the package in a copy of the guest's Debian root, uses it as its
/// README says, upgrades, removes and purges it.
fn check(deb: &Path, dkms: &Path) -> Result<i32> {
    let root = guest::ensure()?.dir.join("root");
    say("installing in a throw-away Debian root");
    let mut c = sandbox::namespace();
    c.arg("bash").arg(project().join("packaging/check.sh"));
    c.arg(root).arg(deb).arg(dkms);
    shown(c)?;
    println!("the packages install, serve, upgrade and go");
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::glibc;

    #[test]
    fn newest_glibc() {
        let binary = b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_PRIVATE\0";
        assert_eq!(glibc(binary), (2, 34));
    }
}
