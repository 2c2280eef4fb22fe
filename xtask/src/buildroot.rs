// SPDX-License-Identifier: GPL-2.0-or-later
//! The build root: a Debian root with the reference kernel's own compilers, its
//! headers and source, and a kernel tree with `rust/` built, so that a Rust
//! module for the stock kernel builds without building a kernel.
//!
//! Layout: `kernel/src` the source, `kernel/obj` the prepared tree. Why this
//! works, and loads: docs/dual-build.md.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::run::step;
use crate::sandbox::{self, Bind};
use crate::versions::{
    BUILDROOT_PACKAGES, CC, CC_ARGUMENT, HOSTCC_ARGUMENT, KERNEL, KERNEL_SERIES, LLVM_ARGUMENT,
    SUITE,
};
use crate::{cache, debian};

/// Raise when the recipe below changes in a way that the key does not see.
const RECIPE: u32 = 1;

/// A finished build root.
pub(crate) struct BuildRoot {
    pub(crate) root: PathBuf,
}

/// The build root, made if it is not in the cache.
pub(crate) fn ensure() -> Result<BuildRoot> {
    let key = format!("{RECIPE} {SUITE} {KERNEL} {CC} {BUILDROOT_PACKAGES:?} {PREPARE}");
    let root = cache::ensure("buildroot", &key, |root| {
        debian::bootstrap("build root: base system", root, &["ca-certificates"], false)?;
        debian::share_resolver(root)?;
        let version = debian::kernel_version(root)?;
        let mut packages: Vec<String> = BUILDROOT_PACKAGES.iter().map(|&p| p.to_owned()).collect();
        packages.push(format!("linux-headers-{KERNEL}={version}"));
        packages.push(format!("linux-source-{KERNEL_SERIES}={version}"));
        debian::install(root, "build root: compilers and kernel source", &packages)?;
        let jobs = std::thread::available_parallelism()
            .map_or(2, usize::from)
            .to_string();
        let args = ["-euc", PREPARE, "sh", KERNEL, KERNEL_SERIES, CC, &jobs];
        step(
            "build root: preparing the kernel tree",
            sandbox::chroot(root, &[], "sh", &args),
        )
    })?;
    Ok(BuildRoot { root })
}

/// KERNELRELEASE must be given, else vermagic lacks Debian's suffix and insmod
/// refuses the module. Module.symvers is for modpost, vmlinux for BTF.
const PREPARE: &str = r#"
    kernel=$1 series=$2 cc=$3 jobs=$4
    headers=/usr/src/linux-headers-$kernel
    mkdir -p /kernel/obj
    cd /kernel
    tar -xf /usr/src/linux-source-$series.tar.xz
    rm /usr/src/linux-source-$series.tar.xz
    mv linux-source-$series src
    cp $headers/.config obj/
    kmake() {
        make -C /kernel/src O=/kernel/obj ARCH=x86 CC=$cc HOSTCC=$cc \
            KERNELRELEASE=$kernel -j$jobs "$@"
    }
    kmake olddefconfig
    diff -u $headers/.config obj/.config || echo 'note: the configuration differs'
    grep -q '^CONFIG_RUST=y' obj/.config || { echo 'CONFIG_RUST got lost: wrong rustc or bindgen'; exit 1; }
    kmake modules_prepare
    cp $headers/Module.symvers $headers/vmlinux obj/
"#;

impl BuildRoot {
    /// `make` of the external module in `m` with its output in `out`.
    pub(crate) fn make(&self, binds: &[Bind], m: &str, out: &str, args: &[&str]) -> Command {
        make(&self.root, binds, Tools::Gcc, KERNEL, (m, out), args)
    }
}

/// Which compilers a kernel is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    Gcc,
    Llvm,
}

impl Tools {
    /// kbuild's arguments that say so.
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Gcc => &[CC_ARGUMENT, HOSTCC_ARGUMENT],
            Self::Llvm => &[LLVM_ARGUMENT],
        }
    }
}

/// `make` in `root`, with the kernel's source in `/kernel/src` and the tree of
/// the kernel `release` in `/kernel/obj`, of the external module in `dirs.0`
/// with its output in `dirs.1`.
pub(crate) fn make(
    root: &Path,
    binds: &[Bind],
    tools: Tools,
    release: &str,
    dirs: (&str, &str),
    args: &[&str],
) -> Command {
    let m = format!("M={}", dirs.0);
    let out = format!("MO={}", dirs.1);
    let release = format!("KERNELRELEASE={release}");
    let mut all = vec!["-C", "/kernel/src", "O=/kernel/obj", "ARCH=x86"];
    all.extend(tools.arguments());
    all.extend([release.as_str(), &m, &out, "--no-print-directory"]);
    all.extend(args);
    sandbox::chroot(root, binds, "make", &all)
}
