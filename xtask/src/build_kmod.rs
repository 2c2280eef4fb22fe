// SPDX-License-Identifier: GPL-2.0-or-later
//! `build-kmod`: ksmbd.ko, natively where the running system can, otherwise in
//! the build root.
//!
//! The project is bound read-only at its own path and all output goes to
//! `target/kmod`, so kbuild compiles the very files that cargo compiles, and
//! messages name paths that an editor can open.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};

use crate::flags::{BuildKmod, DebugKind};
use crate::run::{self, cmd, output, project, say, target_dir};
use crate::sandbox::Bind;
use crate::{buildroot, cache, debian, debug, tidy};

pub(crate) fn main(f: &BuildKmod) -> Result<i32> {
    let ko = build(f)?;
    println!("{}", ko.display());
    Ok(0)
}

/// Builds with the defaults, for the stock kernel or a debug one.
pub(crate) fn default(debug: Option<DebugKind>) -> Result<PathBuf> {
    build(&BuildKmod {
        kdir: None,
        debug,
        clippy: false,
        verbose: false,
    })
}

/// Builds the module and returns its path.
pub(crate) fn build(f: &BuildKmod) -> Result<PathBuf> {
    let project = project();
    let kmod = project.join("kmod");
    // clippy leaves metadata in place of code, so it gets a directory of its own.
    let own = f.debug.map(debug::ensure).transpose()?.flatten();
    let out = target_dir().join(match (&own, f.clippy) {
        (Some(kernel), _) => format!("kmod-{}", kernel.name()),
        (None, true) => "kmod-clippy".into(),
        (None, false) => "kmod".into(),
    });
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let _lock = cache::lock(&out.join(".lock"), "module build")?;

    let mut extra: Vec<String> = vec!["modules".into()];
    let jobs = std::thread::available_parallelism().map_or(2, usize::from);
    extra.push(format!("-j{jobs}"));
    if f.clippy {
        extra.push("CLIPPY=1".into());
    }
    if f.verbose {
        extra.push("V=1".into());
    }
    let extra: Vec<&str> = extra.iter().map(String::as_str).collect();

    let binds = vec![
        Bind::read_only(&project),
        Bind {
            from: out.clone(),
            to: "/out".into(),
            writable: true,
        },
    ];
    let m = kmod.display().to_string();
    let native = match &f.kdir {
        _ if own.is_some() => None,
        Some(dir) => Some(
            dir.canonicalize()
                .with_context(|| format!("{}", dir.display()))?,
        ),
        None => native_tree(),
    };
    let mut c = if let Some(kdir) = native {
        debian::need(&[debian::Need("make", "make")])?;
        say(format!("building ksmbd.ko against {}", kdir.display()));
        let mut c = Command::new("make");
        c.arg("-C").arg(&kdir);
        c.arg(format!("M={}", kmod.display()))
            .arg(format!("MO={}", out.display()));
        c.arg("--no-print-directory").args(extra);
        c
    } else if let Some(kernel) = &own {
        say(format!(
            "building ksmbd.ko for the {} kernel",
            kernel.name()
        ));
        kernel.make(binds, &m, "/out", &extra)
    } else {
        let br = buildroot::ensure()?;
        say("building ksmbd.ko in the build root");
        br.make(&binds, &m, "/out", &extra)
    };
    // The result is the path on stdout; make's own lines are progress.
    c.stdout(std::io::stderr());
    run::shown(c)?;
    let ko = out.join("ksmbd.ko");
    if !f.clippy && own.is_none() {
        tidy::record(&out)?;
    }
    ensure!(
        f.clippy || ko.is_file(),
        "the build left no {}",
        ko.display()
    );
    Ok(ko)
}

/// The running kernel's build tree, if it has what a Rust module needs and its
/// very compiler is installed.
fn native_tree() -> Option<PathBuf> {
    let release = output(cmd("uname", ["-r"])).ok()?;
    let kdir = Path::new("/lib/modules").join(release.trim()).join("build");
    if !kdir.join("rust/libkernel.rmeta").is_file() {
        return None;
    }
    let config = fs::read_to_string(kdir.join(".config")).ok()?;
    let wanted = config
        .lines()
        .find_map(|l| l.strip_prefix("CONFIG_RUSTC_VERSION_TEXT="))?;
    let have = output(cmd("rustc", ["--version"])).ok()?;
    (wanted.trim_matches('"') == have.trim()).then_some(kdir)
}
