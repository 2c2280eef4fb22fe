#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The job of `cargo xtask demo --kernel`: serve until the host side writes a
# line to our console.
read -r _ </dev/hvc0
exit 0
