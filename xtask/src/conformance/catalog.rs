// SPDX-License-Identifier: GPL-2.0-or-later
//! What smbtorture has: names of tests, what each needs, how long it may take.

use std::path::Path;

use anyhow::Result;

use crate::run::output;
use crate::sandbox;

/// Entries of the catalog that block for ever, or only help others.
const NO_TESTS: &[&str] = &[
    "smb2.hold-oplock",
    "smb2.hold-sharemode",
    "smb2.check-sharemode",
    "smb2.set-sparse-ioctl",
    "smb2.zero-data-ioctl",
    "smb2.durable-open-disconnect",
];

/// What a test needs beyond the usual.
pub(super) struct Needs {
    /// The share it runs on.
    pub(super) share: &'static str,
    /// Whether the server must demand signatures.
    pub(super) signing: bool,
    /// Further options.
    pub(super) options: &'static [&'static str],
}

/// All tests by the name to call them by.
pub(super) fn list(root: &Path) -> Result<Vec<String>> {
    // smbtorture wants an interface, which a bare network namespace has not.
    let script = "ip link set lo up && exec smbtorture --list";
    let mut c = std::process::Command::new("unshare");
    if !sandbox::is_root() {
        c.args(["--map-root-user", "--map-auto"]);
    }
    c.arg("--net");
    let inner = sandbox::chroot(root, &[], "sh", &["-c", script]);
    c.arg(inner.get_program()).args(inner.get_args());
    let text = output(c)?;
    Ok(text
        .lines()
        .filter(|l| l.starts_with("smb2.") || l.starts_with("rpc.") || l.starts_with("vfs.fruit"))
        .map(callable)
        .collect())
}

/// The list repeats a test's own name: `suite.test.test`.
fn callable(listed: &str) -> String {
    let whole = listed.trim();
    // Names may contain dots, so halves are tried, the shortest first.
    for (at, _) in whole.rmatch_indices('.') {
        let (head, tail) = (&whole[..at], &whole[at + 1..]);
        if head.ends_with(&format!(".{tail}")) {
            return head.to_owned();
        }
    }
    whole.to_owned()
}

pub(super) fn is_no_test(name: &str) -> bool {
    NO_TESTS.contains(&name)
}

/// Whether a pattern names the test: itself, the suite it is in, or by `*`.
pub(super) fn matches(pattern: &str, test: &str) -> bool {
    if pattern.contains('*') {
        return glob(pattern.as_bytes(), test.as_bytes());
    }
    test.strip_prefix(pattern)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a pattern, in which `*` stands for anything, is the whole text.
pub(super) fn matches_all(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes())
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|n| glob(rest, &text[n..])),
        Some((c, rest)) => text
            .split_first()
            .is_some_and(|(t, more)| c == t && glob(rest, more)),
    }
}

/// Seconds until a test is ended, as the reference was measured.
pub(super) fn timeout(test: &str) -> u64 {
    let suite = test.split('.').nth(1).unwrap_or(test);
    match suite {
        "scan" | "bench" | "maxfid" => 300,
        "notify" | "oplock" | "multichannel" | "replay" => 180,
        _ => 120,
    }
}

/// About how many seconds a test takes, where the expectations do not know.
pub(super) fn seconds(test: &str) -> u32 {
    match test.split('.').nth(1) {
        Some("bench") => 11,
        Some("multichannel") => 15,
        Some("kernel-oplocks" | "replay") => 2,
        _ => 0,
    }
}

pub(super) fn needs(test: &str) -> Needs {
    let mut n = Needs {
        share: "data",
        signing: false,
        options: &[],
    };
    let is = |p: &str| matches(p, test);
    if is("smb2.ioctl.dup_extents*")
        || is("smb2.ioctl.compress_*")
        || is("smb2.ioctl.sparse_compressed")
    {
        n.share = "cow";
    }
    // The test wants a file system without compression.
    if is("smb2.ioctl.compress_notsup*") {
        n.share = "data";
    }
    if is("smb2.create_no_streams") {
        n.share = "nostreams";
    }
    if is("smb2.session-require-signing") {
        n.signing = true;
    }
    if is("smb2.multichannel") || is("smb2.replay") || is("smb2.oplock.batch22b") {
        n.options = &[
            "torture:use_iptables=yes",
            "torture:iptables_command=/usr/sbin/iptables",
        ];
    }
    if test.starts_with("vfs.") {
        n.share = "fruit";
        // The one beside it has no extensions of Apple's.
        n.options = &["torture:share2=data"];
    }
    if is("vfs.fruit_timemachine") {
        n.share = "timemachine";
    }
    // File systems here have room for holes, so a write far out needs no disk of that size.
    if is("smb2.rw.invalid") {
        n.options = &["torture:samba3=yes"];
    }
    n
}

/// A minute's worth of tests, some of each kind that stands.
pub(super) fn in_smoke(test: &str) -> bool {
    const SUITES: &[&str] = &[
        "smb2.connect",
        "smb2.lock",
        "smb2.read",
        "smb2.rw",
        "smb2.create",
        "smb2.dir",
        "smb2.compound",
        "smb2.compound_find",
        "smb2.rename",
        "smb2.session",
        "smb2.credits",
        "smb2.getinfo",
        "smb2.ioctl",
        "smb2.timestamps",
        "smb2.sharemode",
        "smb2.deny",
    ];
    SUITES.iter().any(|s| matches(s, test))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(callable("smb2.connect.connect"), "smb2.connect");
        assert_eq!(callable("smb2.lock.rw-none.rw-none"), "smb2.lock.rw-none");
        assert_eq!(callable("smb2.ioctl.bug14788.X.X"), "smb2.ioctl.bug14788.X");
        assert_eq!(callable("smb2.odd"), "smb2.odd");
    }

    #[test]
    fn patterns() {
        assert!(matches("smb2.lock", "smb2.lock.rw-none"));
        assert!(matches("smb2.lock.rw-none", "smb2.lock.rw-none"));
        assert!(!matches("smb2.lock", "smb2.locks.a"));
        assert!(matches("smb2.*.dup*", "smb2.ioctl.dup_extents_simple"));
        assert!(!matches("smb2.*.dup", "smb2.ioctl.dup_extents_simple"));
    }
}
