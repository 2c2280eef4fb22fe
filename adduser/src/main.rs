// SPDX-License-Identifier: GPL-2.0-or-later
//! See docs/architecture.md.

fn main() {}
