// SPDX-License-Identifier: GPL-2.0-or-later
//! The guest's disk: a Debian root with the reference kernel, both other
//! servers, and the clients; as a file system image that no run writes to.
//!
//! Layout: `root` the tree, `root.img` the image, `vmlinuz`, `initrd`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::debian::{self, Need};
use crate::run::{self, output, project, step};
use crate::sandbox;
use crate::versions::{
    APPLICATIONS, FSX, GUEST_PACKAGES, GUEST_UNPACKED, KERNEL, SUITE, SYSTEM_PACKAGES,
};
use crate::{cache, run::cmd};

/// Raise when the recipe below changes in a way that the key does not see.
const RECIPE: u32 = 1;

/// A finished guest.
pub(crate) struct Guest {
    pub(crate) dir: PathBuf,
    /// A debug kernel in place of the image's own, with all drivers built in.
    other: Option<PathBuf>,
    /// Further parameters of the kernel, if it looks for bugs.
    debug: Option<&'static str>,
}

impl Guest {
    pub(crate) fn kernel(&self) -> PathBuf {
        self.other
            .clone()
            .unwrap_or_else(|| self.dir.join("vmlinuz"))
    }

    /// The kernel's further parameters if it looks for bugs (and so is slow).
    pub(crate) fn debug(&self) -> Option<&'static str> {
        self.debug
    }

    /// The same guest looking for bugs, with a kernel that needs no modules or
    /// its own.
    pub(crate) fn for_debugging(self, kernel: Option<PathBuf>, parameters: &'static str) -> Self {
        Self {
            other: kernel,
            debug: Some(parameters),
            ..self
        }
    }

    pub(crate) fn image(&self) -> PathBuf {
        self.dir.join("root.img")
    }
}

/// The guest, made if it is not in the cache.
pub(crate) fn ensure() -> Result<Guest> {
    let key =
        format!("{RECIPE} {SUITE} {KERNEL} {GUEST_PACKAGES:?} {GUEST_UNPACKED:?} {CUSTOMISE}");
    let dir = cache::ensure("guest", &key, |dir| {
        make(dir, GUEST_PACKAGES, GUEST_UNPACKED, CUSTOMISE, &[])
    })?;
    Ok(Guest {
        dir,
        other: None,
        debug: None,
    })
}

/// The guest that is a plain Debian system with systemd, for trying packages.
pub(crate) fn system() -> Result<Guest> {
    let key = format!("{RECIPE} {SUITE} {KERNEL} {SYSTEM_PACKAGES:?} {AS_A_SYSTEM}");
    let dir = cache::ensure("system", &key, |dir| {
        make(dir, SYSTEM_PACKAGES, &[], AS_A_SYSTEM, &[])
    })?;
    Ok(Guest {
        dir,
        other: None,
        debug: None,
    })
}

/// The guest with the applications of tests/vm/applications.sh, and what they
/// work on. The scripts of every test run do not need them, so that these do
/// not pay for them.
pub(crate) fn applications() -> Result<Guest> {
    let packages = [GUEST_PACKAGES, APPLICATIONS].concat();
    let customise = [WORKSHOP, CUSTOMISE].concat();
    let key =
        format!("{RECIPE} {SUITE} {KERNEL} {packages:?} {GUEST_UNPACKED:?} {customise} {FSX}");
    let dir = cache::ensure("applications", &key, |dir| {
        let fsx = fsx()?;
        make(dir, &packages, GUEST_UNPACKED, &customise, &[&fsx])
    })?;
    Ok(Guest {
        dir,
        other: None,
        debug: None,
    })
}

/// Apple's file system exerciser, which Debian does not have, from crates.io.
fn fsx() -> Result<PathBuf> {
    let root = cache::ensure("fsx", FSX, |dir| {
        let mut c = cmd(
            "cargo",
            ["install", "--quiet", "fsx", "--version", FSX, "--root"],
        );
        c.arg(dir);
        step("building fsx", c)
    })?;
    Ok(root.join("bin/fsx"))
}

/// `programs` go to /usr/local/bin.
fn make(
    dir: &Path,
    packages: &[&str],
    unpacked: &[&str],
    customise: &str,
    programs: &[&Path],
) -> Result<()> {
    debian::need(&[
        Need("mke2fs", "e2fsprogs"),
        Need("cpio", "cpio"),
        Need("xz", "xz-utils"),
    ])?;
    let root = dir.join("root");
    let mut packages = packages.to_vec();
    let modules = format!("linux-modules-{KERNEL}");
    packages.push(&modules);
    debian::bootstrap("guest: Debian with its packages", &root, &packages, true)?;
    debian::share_resolver(&root)?;
    let version = debian::kernel_version(&root)?;
    debian::unpack(&root, &[&format!("linux-binary-{KERNEL}={version}")], "/")?;
    if !unpacked.is_empty() {
        debian::unpack(&root, unpacked, "/opt/ksmbd-tools")?;
    }
    for program in programs {
        let name = program.file_name().unwrap_or_default();
        fs::copy(program, root.join("usr/local/bin").join(name))
            .with_context(|| format!("no program {}", program.display()))?;
    }
    let args = ["-euc", customise, "sh", KERNEL];
    step(
        "guest: setting up",
        sandbox::chroot(&root, &[], "sh", &args),
    )?;
    fs::copy(
        root.join("usr/lib/modules").join(KERNEL).join("vmlinuz"),
        dir.join("vmlinuz"),
    )
    .context("no vmlinuz in linux-binary")?;
    initrd_tree(&root, &dir.join("early"))?;
    image(&root, &dir.join("root.img"))
}

/// Indices are large and of no use in the guest; depmod saves seconds of boot.
const CUSTOMISE: &str = r#"
    kernel=$1
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old
    depmod -a $kernel
    useradd -m -u 1000 -s /bin/bash alice
    useradd -m -u 1001 -s /bin/bash bob
    printf '127.0.0.1 localhost guest\n' >/etc/hosts
    : >/etc/resolv.conf
    echo guest >/etc/hostname
    rm -f /etc/mtab; ln -s /proc/self/mounts /etc/mtab
    mkdir -p /srv/share /mnt
"#;

/// /srv/lua.git, a C project with a little history; speedtest1, which belongs
/// to SQLite's own tests.
const WORKSHOP: &str = r#"
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >/etc/apt/sources.list.d/src.list
    apt-get -q update
    mkdir -p /usr/src/apps; cd /usr/src/apps
    apt-get -o APT::Sandbox::User=root -o APT::Default-Release= source --download-only lua5.4 sqlite3
    mkdir lua sqlite
    tar -xf lua5.4_*.orig.tar.* -C lua --strip-components=1
    tar -xf sqlite3_*.orig.tar.* -C sqlite --strip-components=1
    gcc -O2 -o /usr/local/bin/speedtest1 sqlite/test/speedtest1.c -lsqlite3 -lm
    cd lua
    git init -q -b main .
    git config user.name guest; git config user.email guest@example.org
    for part in README Makefile doc src; do
        git add $part; git commit -q -m "$part"
    done
    git clone -q --bare . /srv/lua.git
    cd /; rm -rf /usr/src/apps /etc/apt/sources.list.d/src.list
"#;

/// As an installer leaves it: nobody is a user yet, and packages bring their
/// manual pages. The serial line is for the kernel log alone.
const AS_A_SYSTEM: &str = r#"
    kernel=$1
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old
    rm -f /etc/dpkg/dpkg.cfg.d/99mmdebstrap /etc/apt/apt.conf.d/99mmdebstrap
    depmod -a $kernel
    printf '127.0.0.1 localhost\n127.0.1.1 guest\n' >/etc/hosts
    : >/etc/resolv.conf
    echo guest >/etc/hostname
    echo uninitialized >/etc/machine-id
    printf '/dev/vda / ext4 noatime 0 0\n' >/etc/fstab
    mkdir -p /mnt
    systemctl mask serial-getty@ttyS0.service getty@tty1.service
    systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
"#;

/// What mounts the root: busybox and the drivers of disk and file system,
/// unpacked, in the order in which they must be loaded.
fn initrd_tree(root: &Path, early: &Path) -> Result<()> {
    for d in ["bin", "modules", "proc", "sys", "dev", "newroot"] {
        fs::create_dir_all(early.join(d))?;
    }
    fs::copy(root.join("usr/bin/busybox"), early.join("bin/busybox"))
        .context("no busybox-static in the guest")?;
    let mut order = Vec::new();
    for wanted in ["virtio_blk", "ext4"] {
        let args = ["-S", KERNEL, "--show-depends", wanted];
        let list = output(sandbox::chroot(root, &[], "modprobe", &args))?;
        for path in list
            .lines()
            .filter_map(|l| l.strip_prefix("insmod "))
            .map(str::trim)
        {
            let name = path
                .rsplit('/')
                .next()
                .unwrap_or(path)
                .trim_end_matches(".xz")
                .to_owned();
            if order.contains(&name) {
                continue;
            }
            let from = root.join(path.trim_start_matches('/'));
            let to = File::create(early.join("modules").join(&name))?;
            let mut c = cmd("xz", ["--decompress", "--stdout"]);
            c.arg(&from).stdout(to);
            run::shown(c)?;
            order.push(name);
        }
    }
    fs::write(early.join("modules/order"), order.join("\n"))?;
    Ok(())
}

/// The initramfs of a run: the cached tree and tests/init/early as /init.
pub(crate) fn initrd(guest: &Guest, to: &Path) -> Result<()> {
    let early = to.with_extension("tree");
    run::shown({
        let mut c = cmd("cp", ["-a"]);
        c.arg(guest.dir.join("early")).arg(&early);
        c
    })?;
    if guest.other.is_some() {
        fs::write(early.join("modules/order"), "")?;
    }
    fs::copy(project().join("tests/init/early"), early.join("init"))?;
    let mut c = cmd(
        "sh",
        [
            "-euc",
            "chmod 755 init bin/busybox; ln -sf busybox bin/sh; find . | cpio --quiet -o -H newc",
        ],
    );
    c.current_dir(&early).stdout(File::create(to)?);
    run::shown(c)?;
    fs::remove_dir_all(&early)?;
    Ok(())
}

/// An ext4 image of `root` with room to spare, without mounting anything.
fn image(root: &Path, image: &Path) -> Result<()> {
    File::create(image)?.set_len(3 << 30)?;
    let mut c = sandbox::namespace();
    c.args(["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0"]);
    c.args([
        "-O",
        "^has_journal,^metadata_csum_seed,^orphan_file",
        "-E",
        "lazy_itable_init=1",
    ]);
    c.arg("-d").arg(root).arg(image);
    step("guest: writing the disk image", c)
}
