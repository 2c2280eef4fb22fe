// SPDX-License-Identifier: GPL-2.0-or-later
//! Kernels that look for bugs: `--debug` with KASAN and `--debug=lockdep` with
//! PROVE_LOCKING, both with UBSAN, kmemleak, checked objects and fault injection.
//! Same source as the reference kernel, built once for the same guest, everything
//! built in, so that ours is the only module.
//!
//! `--debug=slab` needs no kernel of its own: the stock one with what it can check
//! when it is told to at boot. Less, and sooner.
//!
//! What they have is in `xtask/debug/*.config`. Two kernels: KASAN and lockdep
//! in one are too slow for tests that look at the clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure as demand, Result};

use crate::buildroot::{self, Tools};
use crate::flags::{DebugKind, Machine, Server, ShareFs};
use crate::run::step;
use crate::sandbox::{self, Bind};
use crate::versions::{KERNEL_UPSTREAM, LLVM, LLVM_PACKAGES};
use crate::{cache, debian};

/// Raise when the recipe below changes in a way that the key does not see.
const RECIPE: u32 = 1;

const GUEST: &str = include_str!("../debug/guest.config");
const KASAN: &str = include_str!("../debug/kasan.config");
const LOCKDEP: &str = include_str!("../debug/lockdep.config");

/// A built debug kernel, with the tree that modules for it are built against.
pub(crate) struct DebugKernel {
    kind: DebugKind,
    tools: Tools,
    /// What its compilers live in.
    root: PathBuf,
    source: PathBuf,
    dir: PathBuf,
}

impl DebugKind {
    /// As the command line spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kasan => "kasan",
            Self::Lockdep => "lockdep",
            Self::Slab => "slab",
        }
    }

    /// What the kernel is told at boot: checks, red zones, poison and owners of
    /// slab objects.
    pub(crate) fn parameters(self) -> &'static str {
        match self {
            Self::Kasan | Self::Lockdep => "",
            Self::Slab => "slab_debug=FZPU",
        }
    }

    /// Configuration and compilers of a kernel of its own. RUST with KASAN
    /// depends on Clang.
    fn recipe(self) -> Option<(&'static str, Tools)> {
        match self {
            Self::Kasan => Some((KASAN, Tools::Llvm)),
            Self::Lockdep => Some((LOCKDEP, Tools::Gcc)),
            Self::Slab => None,
        }
    }

    /// `uname -r`.
    fn release(self) -> String {
        format!("{KERNEL_UPSTREAM}-ksmbd-{}", self.name())
    }
}

/// The debug kernel of that kind, built if it is not in the cache; none if the
/// stock one will do.
pub(crate) fn ensure(kind: DebugKind) -> Result<Option<DebugKernel>> {
    let Some((config, tools)) = kind.recipe() else {
        return Ok(None);
    };
    let stock = buildroot::ensure()?.root;
    let root = match tools {
        Tools::Gcc => stock.clone(),
        Tools::Llvm => with_llvm(&stock)?,
    };
    let source = stock.join("kernel/src");
    let config = format!("{GUEST}{config}");
    let key = format!("{RECIPE} {} {config} {BUILD}", root.display());
    let name = format!("kernel-{}", kind.name());
    let dir = cache::ensure(&name, &key, |dir| {
        fs::write(dir.join("wanted.config"), &config)?;
        let jobs = std::thread::available_parallelism()
            .map_or(2, usize::from)
            .to_string();
        let release = kind.release();
        let mut args = vec!["-euc", BUILD, "sh", &jobs, &release];
        args.extend(tools.arguments());
        step(
            &format!("debug kernel {release} (takes 10 to 30 minutes, once)"),
            sandbox::chroot(&root, &binds(&source, dir), "sh", &args),
        )
    })?;
    Ok(Some(DebugKernel {
        kind,
        tools,
        root,
        source,
        dir,
    }))
}

/// Every option that is wanted must have survived Kconfig. What only the link
/// of vmlinux needs is removed: modules need scripts, headers and rust/.
const BUILD: &str = r#"
    jobs=$1 release=$2; shift 2
    kmake() { make -C /kernel/src O=/kernel/obj ARCH=x86 KERNELRELEASE=$release "$@"; }
    cd /kernel/obj
    kmake "$@" KCONFIG_ALLCONFIG=/kernel/obj/wanted.config allnoconfig
    grep '^CONFIG_' wanted.config | sort >wanted
    grep '^CONFIG_' .config | sort >have
    comm -23 wanted have >lost
    [ ! -s lost ] || { echo 'options that the kernel does not take:'; cat lost; exit 1; }
    kmake "$@" -j$jobs bzImage modules_prepare
    cp vmlinux.symvers Module.symvers
    cp arch/x86/boot/bzImage bzImage
    find . -name '*.[oa]' -not -path './scripts/*' -not -path './tools/*' -not -path './rust/*' -delete
    rm -f vmlinux vmlinux.unstripped .tmp_vmlinux* arch/x86/boot/compressed/vmlinux* wanted have lost
"#;

/// The build root with Clang: a copy, for other builds have no use for it.
fn with_llvm(stock: &Path) -> Result<PathBuf> {
    let key = format!("{RECIPE} {} {LLVM_PACKAGES:?} {COPY}", stock.display());
    cache::ensure("buildroot-llvm", &key, |root| {
        let mut c = sandbox::namespace();
        c.args(["sh", "-euc", COPY, "sh"]).arg(stock).arg(root);
        step("build root with Clang: copying", c)?;
        debian::share_resolver(root)?;
        let packages: Vec<String> = LLVM_PACKAGES.iter().map(|&p| p.to_owned()).collect();
        debian::install(
            root,
            &format!("build root with Clang: LLVM {LLVM}"),
            &packages,
        )
    })
}

const COPY: &str = r#"
    tar -C "$1" -c --one-file-system --exclude=./kernel --exclude='./dev/*' . | tar -C "$2" -x
    mkdir -p "$2/kernel"
"#;

fn binds(source: &Path, obj: &Path) -> [Bind; 2] {
    let bind = |from: &Path, to: &str, writable| Bind {
        from: from.to_path_buf(),
        to: to.into(),
        writable,
    };
    [
        bind(source, "/kernel/src", false),
        bind(obj, "/kernel/obj", true),
    ]
}

impl DebugKernel {
    /// As the command line spells its kind.
    pub(crate) fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// What QEMU boots.
    pub(crate) fn image(&self) -> PathBuf {
        self.dir.join("bzImage")
    }

    /// `make` of the external module in `m` with its output in `out`, as
    /// [`buildroot::BuildRoot::make`].
    pub(crate) fn make(&self, more: Vec<Bind>, m: &str, out: &str, args: &[&str]) -> Command {
        let mut all: Vec<Bind> = binds(&self.source, &self.dir).into();
        all.extend(more);
        buildroot::make(
            &self.root,
            &all,
            self.tools,
            &self.kind.release(),
            (m, out),
            args,
        )
    }

    /// Fails if what the run asks for is not in these kernels.
    pub(crate) fn check(&self, m: &Machine) -> Result<()> {
        demand!(
            matches!(m.fs, ShareFs::Ext4 | ShareFs::Tmpfs),
            "the {} kernel has no {}: use --fs ext4 or tmpfs",
            self.name(),
            m.fs.name()
        );
        demand!(
            matches!(m.server, Server::Ours | Server::None | Server::Samba),
            "the {} kernel has no C ksmbd",
            self.name()
        );
        Ok(())
    }
}
