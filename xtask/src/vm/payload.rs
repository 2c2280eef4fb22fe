// SPDX-License-Identifier: GPL-2.0-or-later
//! The second disk: what belongs to one run. Mounted read-only at /run/xtask.
//!
//! `init/` and `tests/` of this tree, `job` (settings for init), `script`,
//! `bin/ksmbd.*` and `ksmbd.ko` where the run has them, `files/` on request.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{build_programs, Job, PROGRAMS};
use crate::build_kmod;
use crate::flags::{DebugKind, Machine, Server};
use crate::run::{self, cmd, project};

/// Our own server's parts that go along.
pub(super) struct Ours {
    module: Option<PathBuf>,
    programs: Option<PathBuf>,
}

/// Builds what the run needs of ours.
pub(super) fn ours(m: &Machine, job: &Job) -> Result<Ours> {
    let module = match &m.module {
        Some(ko) => Some(
            ko.canonicalize()
                .with_context(|| format!("{}", ko.display()))?,
        ),
        None => None,
    };
    if let Job::Bench { ours, .. } = job {
        // The others are worth measuring without ours.
        let built = ours
            .then(|| Ok::<_, anyhow::Error>((build_kmod::default(m.debug)?, build_programs()?)));
        return Ok(match built {
            Some(Ok((ko, bin))) => Ours {
                module: Some(ko),
                programs: Some(bin),
            },
            Some(Err(e)) => {
                eprintln!("ours does not build and is left out: {e:#}");
                Ours {
                    module: None,
                    programs: None,
                }
            }
            None => Ours {
                module: None,
                programs: None,
            },
        });
    }
    if m.server != Server::Ours {
        return Ok(Ours {
            module,
            programs: None,
        });
    }
    let module = module.map_or_else(|| build_kmod::default(m.debug), Ok)?;
    Ok(Ours {
        module: Some(module),
        programs: Some(build_programs()?),
    })
}

/// Writes `run.img` (and `share.img` for a share on a disk) into `dir`.
pub(super) fn write(dir: &Path, m: &Machine, job: &Job, ours: &Ours) -> Result<()> {
    let tree = dir.join("tree");
    fs::create_dir_all(tree.join("bin"))?;
    fs::create_dir_all(tree.join("files"))?;
    let project = project();
    copy_tree(&project.join("tests/init"), &tree.join("init"))?;
    for sub in ["vm", "interop", "bench", "package"] {
        let from = project.join("tests").join(sub);
        if from.is_dir() {
            copy_tree(&from, &tree.join("tests").join(sub))?;
        }
    }
    if let Some(ko) = &ours.module {
        fs::copy(ko, tree.join("ksmbd.ko"))?;
    }
    if let Some(bin) = &ours.programs {
        for p in PROGRAMS {
            program(
                &bin.join(format!("ksmbd-{p}")),
                &tree.join("bin").join(format!("ksmbd.{p}")),
            )?;
        }
    }
    for f in &m.files {
        let name = f.file_name().with_context(|| format!("{}", f.display()))?;
        if f.is_dir() {
            copy_tree(f, &tree.join("files").join(name))?;
        } else {
            fs::copy(f, tree.join("files").join(name))
                .with_context(|| format!("cannot read {}", f.display()))?;
        }
    }
    let script = match job {
        Job::Script(path) => {
            // Beside its fellows if it is one of tests/vm, so that $0 says so.
            let to = match path.strip_prefix(project.join("tests")) {
                Ok(rel) => Path::new("tests").join(rel),
                Err(_) => PathBuf::from("script"),
            };
            if let Some(parent) = tree.join(&to).parent() {
                fs::create_dir_all(parent)?;
            }
            fs::copy(path, tree.join(&to)).with_context(|| format!("{}", path.display()))?;
            format!("/run/xtask/{}", to.display())
        }
        Job::Shell => "shell".into(),
        Job::Bench { .. } => "/run/xtask/tests/bench/rounds.sh".into(),
        Job::Serve { .. } => "/run/xtask/init/serve.sh".into(),
    };
    let mut text = format!(
        "SERVER={}\nFS={}\nNET={}\nSCRIPT={}\nHUNG_SECONDS={}\nSYSTEMD={}\nDEBUG={}\nSLOW={}\n",
        m.server.name(),
        if matches!(job, Job::Serve { .. }) {
            "9p"
        } else {
            m.fs.name()
        },
        if m.forward.is_some() { "user" } else { "none" },
        quote(&script),
        60 * slowness(m),
        if m.systemd { "yes" } else { "no" },
        m.debug.map_or("no", DebugKind::name),
        slowness(m),
    );
    if let Job::Serve { settings, .. } | Job::Bench { settings, .. } = job {
        for s in settings {
            text.push_str(s);
            text.push('\n');
        }
    }
    fs::write(tree.join("job"), text)?;
    image(&tree, &dir.join("run.img"))?;
    fs::remove_dir_all(&tree)?;
    File::create(dir.join("share.img"))?.set_len(16 << 30)?;
    Ok(())
}

/// By how much time limits grow.
pub(super) fn slowness(m: &Machine) -> u64 {
    if m.debug.is_some() {
        4
    } else {
        1
    }
}

/// For a shell's single-quoted string.
pub(crate) fn quote(s: &str) -> String {
    format!("'{}'", s.replace('\'', r"'\''"))
}

/// A program without its debug information, which the guest has no use for.
fn program(from: &Path, to: &Path) -> Result<()> {
    if run::which("strip").is_some() {
        let mut c = cmd("strip", ["--strip-debug", "-o"]);
        c.arg(to).arg(from);
        if run::shown(c).is_ok() {
            return Ok(());
        }
    }
    fs::copy(from, to).with_context(|| format!("no program {}", from.display()))?;
    Ok(())
}

/// Files and directories, all executable: what goes along are scripts.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for e in fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let e = e?;
        let to = to.join(e.file_name());
        if e.file_type()?.is_dir() {
            copy_tree(&e.path(), &to)?;
        } else {
            fs::copy(e.path(), &to)?;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

/// A read-only image just large enough.
pub(super) fn image(tree: &Path, image: &Path) -> Result<()> {
    let used = size(tree)?;
    File::create(image)?.set_len((used + used / 8 + (8 << 20)).next_multiple_of(1 << 20))?;
    let mut c = cmd(
        "mke2fs",
        ["-q", "-F", "-t", "ext4", "-m", "0", "-O", "^has_journal"],
    );
    c.args(["-E", "root_owner=0:0", "-d"]).arg(tree).arg(image);
    c.env("PATH", path_with_sbin());
    run::shown(c)
}

fn path_with_sbin() -> String {
    format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}

fn size(tree: &Path) -> Result<u64> {
    let mut sum = 4096;
    for e in fs::read_dir(tree)? {
        let e = e?;
        let meta = e.metadata()?;
        sum += if meta.is_dir() {
            size(&e.path())?
        } else {
            meta.len() + 4096
        };
    }
    Ok(sum)
}

/// The disk of a boot that only says that it booted.
pub(super) fn probe(dir: &Path) -> Result<()> {
    let tree = dir.join("tree");
    copy_tree(&project().join("tests/init"), &tree.join("init"))?;
    fs::write(tree.join("job"), "SERVER=probe\n")?;
    image(&tree, &dir.join("run.img"))?;
    File::create(dir.join("share.img"))?.set_len(1 << 20)?;
    Ok(())
}
