// SPDX-License-Identifier: GPL-2.0-or-later
//! What in a kernel log is trouble.

/// A line with one of these is trouble, whatever a script says.
const TROUBLE: &[&str] = &[
    "------------[ cut here ]------------",
    "WARNING: ",
    "BUG: ",
    "kernel BUG at",
    "Oops: ",
    "general protection fault",
    "Unable to handle kernel",
    "Kernel panic",
    "blocked for more than",
    "rcu: INFO:",
    "soft lockup",
    "hard LOCKUP",
    "hardlockup",
    "refcount_t: ",
    "list_add corruption",
    "list_del corruption",
    "Objects remaining in",
    "Objects remaining on",
    "Busy inodes after unmount",
    "rust_kernel: panicked",
    "panicked at",
    "unregister_netdevice: waiting",
    "possible recursive locking",
    "inconsistent lock state",
    "scheduling while atomic",
    "sleeping function called from invalid context",
    "Call Trace:",
    "traps: PANIC",
    "double free",
    "Bad page state",
    "Bad page map",
    "page allocation failure",
    "Out of memory: Killed process",
    "workqueue lockup",
    "UBSAN: ",
    // Slabs that are checked: `BUG kmalloc-64 (…): Poison overwritten`.
    "Poison overwritten",
    "Redzone overwritten",
    "Object already free",
    "Invalid object pointer",
    "trying to register non-static key",
];

/// Lines that hold one of the above and are none.
const HARMLESS: &[&str] = &[
    // The command line echoes our own options.
    "Kernel command line:",
    "Command line:",
];

/// Bits of /proc/sys/kernel/tainted that only trouble sets:
/// forced unload, machine check, bad page, died, warned, soft lockup.
const TAINT: u64 = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 9) | (1 << 14);

/// Whether a line of the kernel log is trouble.
pub(crate) fn is_trouble(line: &str) -> bool {
    TROUBLE.iter().any(|t| line.contains(t)) && !HARMLESS.iter().any(|h| line.contains(h))
}

/// Whether a taint value says that something went wrong.
pub(crate) fn is_bad_taint(value: u64) -> bool {
    value & TAINT != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble() {
        assert!(is_trouble(
            "[    3.1] WARNING: CPU: 0 PID: 1 at fs/x.c:3 f+0x1"
        ));
        assert!(is_trouble(
            "[  130.2] INFO: task cp:99 blocked for more than 61 seconds."
        ));
        assert!(is_trouble(
            "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
        ));
        assert!(is_trouble(
            "[   12.9] BUG: KASAN: slab-use-after-free in f+0x1/0x2 [ksmbd]"
        ));
        assert!(is_trouble(
            "[   13.1] BUG kmalloc-64 (Tainted: G           O): Poison overwritten"
        ));
        assert!(is_trouble(
            "[    9.9] UBSAN: shift-out-of-bounds in x.c:3:4"
        ));
        assert!(is_trouble(
            "[    9.1] WARNING: possible circular locking dependency detected"
        ));
        assert!(!is_trouble(
            "[    0.0] kasan: KernelAddressSanitizer initialized (generic)"
        ));
        assert!(!is_trouble(
            "[    1.0] Kernel command line: oops=panic WARNING: x"
        ));
        assert!(!is_trouble(
            "[    1.0] virtio_blk virtio1: [vda] 6291456 512-byte blocks"
        ));
    }

    #[test]
    fn taint() {
        // An unsigned (13) out-of-tree (12) module is what we are.
        assert!(!is_bad_taint((1 << 12) | (1 << 13)));
        assert!(is_bad_taint(1 << 9));
    }
}
