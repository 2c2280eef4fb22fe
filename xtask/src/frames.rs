// SPDX-License-Identifier: GPL-2.0-or-later
//! How much of the kernel's stack the module's functions take. The kernel's own
//! limit (`CONFIG_FRAME_WARN`) is for C; a stack has 16 KiB, and what the file
//! system below needs of it is not ours.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{ensure, Context, Result};

use crate::run::{cmd, output};

/// Most bytes of one function's frame.
const LIMIT: u64 = 2048;

/// Runs once, when the module is loaded, with nothing of ours above or below.
const AT_LOAD: &[&str] = &["6serverINtB5_6Server"];

/// Frames beyond the limit, the largest first.
pub(crate) fn too_large(ko: &Path) -> Result<Vec<String>> {
    let mut dump = cmd("objdump", ["-d", "--no-show-raw-insn"]);
    dump.arg(ko);
    let text = output(dump).context("objdump of the module (package binutils)")?;
    let frames = frames(&text);
    ensure!(
        frames.len() > 100,
        "{}: no frames found in what objdump says",
        ko.display()
    );
    let mut large: Vec<(u64, &str)> = frames
        .into_iter()
        .filter(|(name, size)| *size > LIMIT && !AT_LOAD.iter().any(|n| name.contains(n)))
        .map(|(name, size)| (size, name))
        .collect();
    large.sort_unstable_by(|a, b| b.cmp(a));
    Ok(large
        .iter()
        .map(|(size, name)| format!("{name}: a frame of {size} bytes, {LIMIT} are the most"))
        .collect())
}

/// The largest frame of each function.
fn frames(disassembly: &str) -> BTreeMap<&str, u64> {
    let mut all = BTreeMap::new();
    let mut function = "";
    for line in disassembly.lines() {
        if let Some(name) = line
            .strip_suffix(">:")
            .and_then(|l| l.split_once(" <"))
            .map(|(_, name)| name)
        {
            function = name;
            continue;
        }
        let Some((_, rest)) = line.split_once("sub ") else {
            continue;
        };
        let size = rest
            .trim_start()
            .strip_prefix("$0x")
            .and_then(|r| r.strip_suffix(",%rsp"))
            .and_then(|hex| u64::from_str_radix(hex, 16).ok())
            // Alignment by a negative number.
            .filter(|size| *size < 1 << 31);
        if let Some(size) = size {
            let max: &mut u64 = all.entry(function).or_default();
            *max = size.max(*max);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::frames;

    #[test]
    fn largest_frame_of_a_function() {
        let text = "\n0000000000000010 <one>:\n  10:\tpush   %rbp\n  11:\tsub    $0x28,%rsp\n  \
                    20:\tsub    $0xd78,%rsp\n  21:\tsub    $0xffffffffffffff80,%rsp\n\n\
                    0000000000000040 <two>:\n  40:\tsub    %rax,%rsp\n  41:\tsub    $0x8,%rsp\n";
        let found = frames(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found["one"], found["two"]), (0xd78, 8));
    }
}
