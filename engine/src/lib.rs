// SPDX-License-Identifier: GPL-2.0-or-later
//! Placeholder head; see docs/architecture.md.
