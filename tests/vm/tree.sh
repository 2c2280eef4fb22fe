#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tree of 5 200 files: unpacked through the client, compared from both sides,
# moved, and removed again.
. /run/xtask/tests/vm/lib/clients.sh

FILES=${FILES:-5200}
say "making the tree"
make_tree /tmp/tree "$FILES"
tar -C /tmp -cf /tmp/tree.tar tree

for options in ${OPTIONS:-vers=3.1.1 vers=3.1.1,seal}; do
	say "$options"
	mount_share /mnt/a "$options" || { failed "mount"; continue; }
	SECONDS=0
	tar -C /mnt/a --no-same-owner --no-same-permissions -xf /tmp/tree.tar || failed "tar"
	say "unpacked in $SECONDS s"
	unmount /mnt/a
	mount_share /mnt/a "$options" || { failed "mount again"; continue; }
	SECONDS=0
	diff -r /tmp/tree /mnt/a/tree || failed "compare through the client"
	say "compared in $SECONDS s"
	diff -r /tmp/tree "$SHARE_DIR/tree" || failed "compare on the server"
	[ "$(find /mnt/a/tree -type f | wc -l)" = "$FILES" ] || failed "count"
	mv /mnt/a/tree "/mnt/a/another name" || failed "move the tree"
	rm -r "/mnt/a/another name" || failed "remove"
	[ -z "$(ls -A "$SHARE_DIR")" ] || failed "something is left"
	unmount /mnt/a
	rm -rf "${SHARE_DIR:?}"/*
done
finish
