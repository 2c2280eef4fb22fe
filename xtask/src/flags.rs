// SPDX-License-Identifier: GPL-2.0-or-later
//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Build, run and test ksmbd-rs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Serve a share on 127.0.0.1 until interrupted
    Demo(Demo),
    /// Build ksmbd.ko and print its path last
    BuildKmod(BuildKmod),
    /// The test guest: stock Debian kernel under QEMU
    Vm(Vm),
    /// Run all tests; ends with `N passed, M failed, K skipped`
    Test(Test),
    /// Compare our server, C ksmbd and Samba in one boot of the guest
    Bench(Bench),
    /// Other people's test suites, judged by tests/conformance
    Conformance(Conformance),
    /// Run the fuzz targets of tests/fuzz, a minute each unless told
    Fuzz(Fuzz),
    /// Check the rules of the tree that no compiler checks
    Tidy,
    /// Make the sources of dcerpc-ndr from mountd/idl
    GenNdr(GenNdr),
    /// Write manual pages and completions and print where they are
    Man,
    /// Make packages and print where they are
    Package(Package),
    /// Prepare the build root and the guest image, and print where they are
    Setup(Setup),
}

#[derive(Args)]
pub(crate) struct Fuzz {
    /// Only these
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// So many executions of each
    #[arg(long, value_name = "N")]
    pub(crate) runs: Option<u64>,
    /// So long each
    #[arg(long, value_name = "S", conflicts_with = "runs")]
    pub(crate) seconds: Option<u64>,
}

#[derive(Args)]
pub(crate) struct GenNdr {
    /// Write nothing; fail if what is there is not what the sources say
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args)]
pub(crate) struct Package {
    /// Which
    #[arg(value_enum)]
    pub(crate) kind: PackageKind,
    /// Programs of the profile that tests use, which are there sooner
    #[arg(long)]
    pub(crate) quick: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PackageKind {
    /// ksmbd-tools and ksmbd-dkms for Debian
    Deb,
    /// ksmbd-tools for others
    Rpm,
    /// Install, use, upgrade and remove the Debian packages in a throw-away root
    Check,
    /// The same on a Debian system in a guest, its services run by systemd, the
    /// module built by DKMS
    TestDeb,
    /// Install, upgrade and remove the rpms with dnf from a repository
    TestRpm,
}

#[derive(Args, Clone)]
pub(crate) struct Demo {
    /// The TCP port on 127.0.0.1
    #[arg(long, default_value_t = 4450)]
    pub(crate) port: u16,
    /// What to serve: a name and a directory [default: demo=target/demo/share]
    #[arg(long, value_name = "NAME=DIR")]
    pub(crate) share: Option<String>,
    /// Who may log in
    #[arg(long, value_name = "NAME", default_value = "demo")]
    pub(crate) user: String,
    /// By which password
    #[arg(long, value_name = "PW", default_value = "demo")]
    pub(crate) password: String,
    /// Serve from the kernel module in the test guest
    #[arg(long)]
    pub(crate) kernel: bool,
}

#[derive(Args)]
pub(crate) struct Test {
    /// Leave out what needs the kernel's build root and the guest
    #[arg(long)]
    pub(crate) quick: bool,
    /// Also the long guest scripts (tests/vm without a number), and a moment of
    /// each fuzz target
    #[arg(long)]
    pub(crate) deep: bool,
    /// Only the steps whose name contains this: tidy, fmt, clippy, cargo,
    /// interop, conformance, fuzz, kmod, vm/NAME (repeatable)
    #[arg(long, value_name = "PART")]
    pub(crate) only: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// One short round
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write every single figure there
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// How many rounds [default: 3, or 1 with --quick]
    #[arg(long)]
    pub(crate) rounds: Option<u32>,
    /// What the share lies on
    #[arg(long, value_enum, default_value_t = ShareFs::Tmpfs)]
    pub(crate) fs: ShareFs,
    /// Which servers (repeatable) [default: ours, ksmbd, samba]
    #[arg(long = "server", value_enum, value_name = "SERVER")]
    pub(crate) servers: Vec<Server>,
    /// End the run after that many seconds
    #[arg(long, value_name = "S", default_value_t = 3600)]
    pub(crate) timeout: u64,
}

#[derive(Args)]
pub(crate) struct Conformance {
    #[command(subcommand)]
    pub(crate) verb: ConformanceVerb,
}

#[derive(Subcommand)]
pub(crate) enum ConformanceVerb {
    /// Samba's smbtorture, one process per test
    ///
    /// Exit status 0 when every test did what tests/conformance/smbtorture.csv
    /// says; a pass that it does not expect is a deviation too.
    Smbtorture(Smbtorture),
    /// All foreign clients in all variants, and tshark's opinion of every frame
    Clients(Clients),
    /// Samba's gentest: the same random requests to our server and to smbd
    ///
    /// Exit status 0 when every reply was the same in every field, but for what
    /// tests/conformance/gentest.txt says. Needs root.
    Gentest(Gentest),
    /// One shard (internal)
    #[command(hide = true)]
    Worker(ConformanceWorker),
    /// One shard of gentest (internal)
    #[command(hide = true)]
    GentestWorker(GentestWorker),
}

#[derive(Args)]
pub(crate) struct Gentest {
    /// How many seeds, from 1 on
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) seeds: u32,
    /// This one alone
    #[arg(long, value_name = "S", conflicts_with = "seeds")]
    pub(crate) seed: Option<u32>,
    /// Operations per seed
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) ops: u32,
    /// How many at a time, each with two servers of its own [default: 1 per CPU]
    #[arg(long, value_name = "N")]
    pub(crate) shards: Option<u32>,
    /// After a difference go on without that operation, to find more
    #[arg(long)]
    pub(crate) go_on: bool,
    /// Take quickly built programs (cargo's dev profile)
    #[arg(long)]
    pub(crate) dev: bool,
}

#[derive(Args)]
pub(crate) struct GentestWorker {
    /// Where the programs are
    #[arg(long)]
    pub(crate) bin: PathBuf,
    /// The Debian root that has gentest and smbd
    #[arg(long)]
    pub(crate) root: PathBuf,
    /// Scratch directory
    #[arg(long)]
    pub(crate) dir: PathBuf,
    /// Where logs of differences go
    #[arg(long)]
    pub(crate) logs: PathBuf,
    #[arg(long)]
    pub(crate) ops: u32,
    #[arg(long)]
    pub(crate) go_on: bool,
}

#[derive(Args)]
pub(crate) struct Clients {
    /// How large the large file is, in MiB
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) size_mb: u32,
    /// Keep the captures also when nothing is wrong
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Args, Default)]
pub(crate) struct Smbtorture {
    /// Who is tested
    #[arg(long, value_enum, default_value_t = Judged::Embedded)]
    pub(crate) server: Judged,
    /// How many at a time, each with a server of its own [default: 2 per CPU]
    #[arg(long, value_name = "N")]
    pub(crate) shards: Option<u32>,
    /// Keep every test's output there
    #[arg(long, value_name = "DIR")]
    pub(crate) subunit_out: Option<PathBuf>,
    /// With --server kernel: in a guest that looks for bugs (see `vm run --help`)
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "kasan"
    )]
    pub(crate) debug: Option<DebugKind>,
    /// Have the client encrypt everything
    #[arg(long)]
    pub(crate) encrypt: bool,
    /// Only the tests that must pass (tier gate)
    #[arg(long)]
    pub(crate) gate: bool,
    /// Only a minute's worth
    #[arg(long)]
    pub(crate) smoke: bool,
    /// Write what comes out into the expectations
    #[arg(long)]
    pub(crate) update: bool,
    /// Take quickly built programs (cargo's dev profile)
    #[arg(long)]
    pub(crate) dev: bool,
    /// Only show the names
    #[arg(long)]
    pub(crate) list: bool,
    /// Names of tests or suites; * stands for anything [default: smb2]
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Judged {
    /// The embedded host
    #[default]
    Embedded,
    /// The module in the test guest
    Kernel,
    /// Debian's C ksmbd in the test guest
    Ksmbd,
    /// Debian's Samba in the test guest
    Samba,
}

impl Judged {
    /// As the expectations call it.
    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Kernel => "kernel",
            Self::Ksmbd => "ksmbd",
            Self::Samba => "samba",
        }
    }
}

#[derive(Args)]
pub(crate) struct ConformanceWorker {
    /// Where the programs are
    #[arg(long)]
    pub(crate) bin: PathBuf,
    /// The Debian root that has smbtorture
    #[arg(long)]
    pub(crate) root: PathBuf,
    /// Scratch directory
    #[arg(long)]
    pub(crate) dir: PathBuf,
    #[arg(long)]
    pub(crate) subunit_out: Option<PathBuf>,
    /// Whether the worker may mount images
    #[arg(long)]
    pub(crate) privileged: bool,
    #[arg(long)]
    pub(crate) encrypt: bool,
}

#[derive(Args)]
pub(crate) struct Setup {
    /// Only the build root
    #[arg(long)]
    pub(crate) no_guest: bool,
}

#[derive(Args)]
pub(crate) struct BuildKmod {
    /// A prepared kernel build tree (with rust/) to build against natively
    #[arg(long, value_name = "DIR")]
    pub(crate) kdir: Option<PathBuf>,
    /// Against a debug kernel: kasan (the default) or lockdep (slab: the stock one)
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "kasan",
        conflicts_with_all = ["kdir", "clippy"]
    )]
    pub(crate) debug: Option<DebugKind>,
    /// Run clippy in place of the compiler
    #[arg(long)]
    pub(crate) clippy: bool,
    /// Show every command
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Args)]
pub(crate) struct Vm {
    #[command(subcommand)]
    pub(crate) verb: VmVerb,
}

#[derive(Subcommand)]
pub(crate) enum VmVerb {
    /// Boot, start a server, run SCRIPT as root, return its exit status
    ///
    /// The script sees PORT, SHARE, SHARE_DIR, SMB_USER and SMB_PASSWORD, and
    /// tests/ under /run/xtask/tests. A kernel WARN, BUG, Oops, hang or RCU
    /// stall makes the status 99, whatever the script says; 124 is the timeout.
    ///
    /// With --debug, reports of KASAN, UBSAN and lockdep do too, and so does
    /// memory of the module that is still there after it was unloaded (kmemleak).
    Run(VmRun),
    /// The same with an interactive shell
    Shell(VmShell),
}

#[derive(Args)]
pub(crate) struct VmRun {
    #[command(flatten)]
    pub(crate) machine: Machine,
    /// A bash script
    pub(crate) script: PathBuf,
}

#[derive(Args)]
pub(crate) struct VmShell {
    #[command(flatten)]
    pub(crate) machine: Machine,
}

#[derive(Args, Clone)]
pub(crate) struct Machine {
    /// The server to start in the guest
    #[arg(long, value_enum, default_value_t = Server::Ours)]
    pub(crate) server: Server,
    /// What the share lies on
    #[arg(long, value_enum, default_value_t = ShareFs::Tmpfs)]
    pub(crate) fs: ShareFs,
    /// Boot a kernel that looks for bugs (UBSAN, kmemleak, fault injection): kasan
    /// (the default) or lockdep, built once, in 10 to 30 minutes; or slab, the stock
    /// kernel with what it can check
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "kasan"
    )]
    pub(crate) debug: Option<DebugKind>,
    /// End the run after that many seconds (with --debug four times as many)
    #[arg(long, value_name = "S", default_value_t = 900)]
    pub(crate) timeout: u64,
    /// Forward 127.0.0.1:HOSTPORT to the server in the guest
    #[arg(long, value_name = "HOSTPORT")]
    pub(crate) forward: Option<u16>,
    /// Virtual CPUs
    #[arg(long, default_value_t = 2)]
    pub(crate) smp: u32,
    /// Memory, in QEMU's notation
    #[arg(long, default_value = "3G")]
    pub(crate) mem: String,
    /// Take this module instead of building one (with --server none: bring it along)
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
    /// Show the kernel log as it comes, on stderr
    #[arg(long)]
    pub(crate) console: bool,
    /// Keep the run's directory (kernel log, output) also after success
    #[arg(long)]
    pub(crate) keep: bool,
    /// A plain Debian system with systemd as process 1 and nothing of ours or
    /// Samba's server; the script is a unit of it (only with --server none)
    #[arg(long)]
    pub(crate) systemd: bool,
    /// A guest that also has a compiler, git, SQLite and fsx
    #[arg(long, conflicts_with = "systemd")]
    pub(crate) applications: bool,
    /// A file to bring along as /run/xtask/files/NAME (repeatable)
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// A kernel that looks for bugs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum DebugKind {
    /// Memory: KASAN, also of vmalloc (built with Clang)
    Kasan,
    /// Locks: PROVE_LOCKING, PROVE_RCU; poisoned slabs
    Lockdep,
    /// The stock kernel, with poisoned slabs, KFENCE and owners of objects
    Slab,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// ksmbd.ko and mountd of this tree
    Ours,
    /// Debian's C ksmbd with ksmbd-tools
    Ksmbd,
    /// Debian's Samba
    Samba,
    /// No server; ours is at hand for the script (server_start ours)
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShareFs {
    Tmpfs,
    Ext4,
    Xfs,
    Btrfs,
}

impl Server {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Ksmbd => "ksmbd",
            Self::Samba => "samba",
            Self::None => "none",
        }
    }
}

impl ShareFs {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tmpfs => "tmpfs",
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
        }
    }
}
