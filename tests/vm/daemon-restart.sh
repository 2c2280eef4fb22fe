#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed and started again while a copy runs: the copy finishes,
# and new clients can log in.
. /run/xtask/tests/vm/lib/clients.sh

head -c 100000000 /dev/urandom >/tmp/blob
mount_share /mnt/a vers=3.1.1,cache=none || failed "mount"
(
	for n in 1 2 3; do
		cp /tmp/blob /mnt/a/copy$n && cmp /tmp/blob /mnt/a/copy$n || exit 1
	done
) &
copy=$!
sleep 1
for round in 1 2 3; do
	kill -0 $copy 2>/dev/null || say "the copy was over before round $round"
	before=$(stat -c %b "$SHARE_DIR"/copy* 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
	pkill -9 -x ksmbd.mountd || failed "no daemon to kill"
	wait_for 5 eval '! pidof ksmbd.mountd >/dev/null'
	sleep 2
	after=$(stat -c %b "$SHARE_DIR"/copy* 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
	say "without a daemon: blocks $before -> $after"
	start_ours_mountd
	# It answers as soon as somebody can log in.
	for _ in $(seq 20); do
		mount_share /mnt/b vers=3.1.1,nosharesock 2>/dev/null && break
		sleep 0.5
	done
	ls /mnt/b >/dev/null && mountpoint -q /mnt/b || failed "no log-in after restart $round"
	unmount /mnt/b
done
wait $copy || failed "the copy"
for n in 1 2 3; do
	cmp /tmp/blob "$SHARE_DIR/copy$n" || failed "copy $n on the server"
done
rm -f /mnt/a/copy*
unmount /mnt/a
finish
