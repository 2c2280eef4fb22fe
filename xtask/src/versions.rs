// SPDX-License-Identifier: GPL-2.0-or-later
//! The versions everything is built and tested with: the one place to change.
//!
//! Invariant: headers, source and image packages are of the same Debian
//! version, and rustc is the very one that built that kernel. The archive drops
//! old versions; [`crate::buildroot`] says so and names what is there.

/// The Debian suite of the build root and the guest.
pub(crate) const SUITE: &str = "trixie";

/// The suite that carries the kernel and the newer Samba.
pub(crate) const BACKPORTS: &str = "trixie-backports";

/// `uname -r` of the reference kernel.
pub(crate) const KERNEL: &str = "7.3.4+deb13-amd64";

/// The upstream part, which package versions begin with.
pub(crate) const KERNEL_UPSTREAM: &str = "7.3.4";

/// The source package's series: `linux-source-7.3`.
pub(crate) const KERNEL_SERIES: &str = "7.3";

/// The C compiler of that kernel.
pub(crate) const GCC: &str = "gcc-14";

/// As the kernel's configuration spells it (CONFIG_CC_VERSION_TEXT).
pub(crate) const CC: &str = "x86_64-linux-gnu-gcc-14";

/// How kbuild is told of it, for the target and for the machine that builds.
pub(crate) const CC_ARGUMENT: &str = "CC=x86_64-linux-gnu-gcc-14";
pub(crate) const HOSTCC_ARGUMENT: &str = "HOSTCC=x86_64-linux-gnu-gcc-14";

/// The LLVM of that suite's rustc, which Clang must have too: KASAN's checks
/// are the same in C and Rust only if both come from one LLVM.
pub(crate) const LLVM: &str = "19";

/// How kbuild is told of it.
pub(crate) const LLVM_ARGUMENT: &str = "LLVM=-19";

/// What the build root of the debug kernel with KASAN holds besides.
pub(crate) const LLVM_PACKAGES: &[&str] = &["clang-19", "lld-19", "llvm-19"];

/// What the build root holds besides a minimal system.
pub(crate) const BUILDROOT_PACKAGES: &[&str] = &[
    "rustc",
    "rust-src",
    "rust-clippy",
    "bindgen",
    "libclang-dev",
    GCC,
    "make",
    "flex",
    "bison",
    "bc",
    "libelf-dev",
    "libssl-dev",
    "pahole",
    "kmod",
    "cpio",
    "xz-utils",
    "perl",
    "python3",
];

/// What the guest holds besides a minimal system.
pub(crate) const GUEST_PACKAGES: &[&str] = &[
    "acl",
    "attr",
    "bash",
    "btrfs-progs",
    "busybox-static",
    "cifs-utils",
    "coreutils",
    "diffutils",
    "e2fsprogs",
    "findutils",
    "fio",
    "iproute2",
    "iptables",
    "keyutils",
    "kmod",
    "krb5-admin-server",
    "krb5-kdc",
    "krb5-user",
    "libglib2.0-0t64",
    "libnl-3-200",
    "libnl-genl-3-200",
    "procps",
    "python3",
    "rsync",
    "samba",
    "samba-testsuite",
    "samba-vfs-modules",
    "smbclient",
    "socat",
    "strace",
    "tar",
    "util-linux",
    "xfsprogs",
    "xz-utils",
];

/// What the guest of tests/vm/applications.sh holds besides.
pub(crate) const APPLICATIONS: &[&str] = &[
    "gcc",
    "git",
    "libc6-dev",
    "libsqlite3-dev",
    "make",
    "sqlite3",
];

/// Version of the crate `fsx`.
pub(crate) const FSX: &str = "0.3.2";

/// Unpacked beside the system, because the package conflicts with Samba.
pub(crate) const GUEST_UNPACKED: &[&str] = &["ksmbd-tools"];

/// What a Debian system as people install it holds besides a minimal one: init
/// and the clients, so that packages can be tried on it.
pub(crate) const SYSTEM_PACKAGES: &[&str] = &[
    "bash-completion",
    "busybox-static",
    "cifs-utils",
    "dbus",
    "iproute2",
    "kmod",
    "procps",
    "smbclient",
    "systemd",
    "systemd-sysv",
    "udev",
    "xz-utils",
];
