// SPDX-License-Identifier: GPL-2.0-or-later
//! `package test-deb` and `package test-rpm`: the packages on systems as people
//! install them, used as the README says. What happens there is in
//! `tests/package`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};

use crate::debian::{self, Need};
use crate::flags::{Machine, Server, ShareFs};
use crate::package::{dkms, make_deb, make_rpms};
use crate::run::{cmd, project, say, shown, step, target_dir};
use crate::versions::KERNEL;
use crate::vm::{self, Job};
use crate::{buildroot, guest, sandbox};

/// The Debian packages: the module built by DKMS in the build root, everything
/// else in a guest that systemd runs.
pub(crate) fn deb(quick: bool) -> Result<i32> {
    let tools = make_deb(quick)?;
    let sources = dkms()?;
    let work = target_dir().join("package/test");
    sandbox::remove(&work)?;
    fs::create_dir_all(&work)?;
    let module = module(&sources, &work)?;
    let machine = Machine {
        debug: None,
        server: Server::None,
        fs: ShareFs::Tmpfs,
        timeout: 1200,
        forward: None,
        smp: 2,
        mem: "3G".into(),
        module: Some(module),
        console: false,
        keep: false,
        systemd: true,
        applications: false,
        files: vec![
            as_name(&tools, &work, "ksmbd-tools.deb")?,
            next(&tools, &work)?,
        ],
    };
    say("trying the packages on a Debian system");
    let script = project().join("tests/package/installed.sh");
    Ok(vm::run(&machine, &Job::Script(script))?.code)
}

/// ksmbd.ko as DKMS builds it from the package.
fn module(sources: &Path, work: &Path) -> Result<PathBuf> {
    let root = buildroot::ensure()?.root;
    let mut c = sandbox::namespace();
    c.arg("bash").arg(project().join("tests/package/dkms.sh"));
    c.arg(root).arg(KERNEL).arg(sources).arg(work);
    say("building the module with DKMS");
    shown(c)?;
    let module = work.join("ksmbd.ko");
    ensure!(module.is_file(), "DKMS left no {}", module.display());
    Ok(module)
}

fn as_name(from: &Path, work: &Path, name: &str) -> Result<PathBuf> {
    let to = work.join(name);
    fs::copy(from, &to).with_context(|| format!("{}", from.display()))?;
    Ok(to)
}

/// The same package as a later version.
fn next(tools: &Path, work: &Path) -> Result<PathBuf> {
    const REPACK: &str = r#"
        dpkg-deb -R "$1" "$2/tree"
        sed -i 's/^Version: .*/&+next/' "$2/tree/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone -b "$2/tree" "$2/next.deb"
        rm -r "$2/tree"
    "#;
    let mut c = cmd("sh", ["-euc", REPACK, "sh"]);
    c.arg(tools).arg(work);
    step("packing a later version", c)?;
    Ok(work.join("next.deb"))
}

/// The rpms, by dnf from a local repository into a root of their own.
pub(crate) fn rpm(quick: bool) -> Result<i32> {
    debian::need(&[
        Need("rpmbuild", "rpm"),
        Need("createrepo_c", "createrepo-c"),
        Need("dnf", "dnf"),
    ])?;
    let rpms = make_rpms(quick)?;
    let mut c = sandbox::namespace();
    c.arg("bash").arg(project().join("tests/package/rpm.sh"));
    c.arg(env!("CARGO_PKG_VERSION"));
    c.arg(guest::system()?.dir.join("root")).args(rpms);
    say("installing the rpms with dnf");
    shown(c)?;
    Ok(0)
}
