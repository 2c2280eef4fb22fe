#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Four connections make a thousand files each, in one directory, at once; then
# each sees all four thousand, and they remove one another's.
. /run/xtask/tests/vm/lib/clients.sh

EACH=${EACH:-1000}
mkdir -p "$SHARE_DIR/dir" && chmod 777 "$SHARE_DIR/dir"
for m in 1 2 3 4; do
	mount_share /mnt/$m vers=3.1.1,nosharesock || failed "mount $m"
done

cat >/tmp/make.py <<'PY'
import os, sys
me, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    path = f"/mnt/{me}/dir/from {me} number {n}"
    with open(path, "xb") as f:
        f.write(path.encode() * (n % 7))
PY
SECONDS=0
pids=()
for m in 1 2 3 4; do
	python3 /tmp/make.py $m "$EACH" &
	pids+=($!)
done
for p in "${pids[@]}"; do
	wait "$p" || failed "a writer"
done
say "$((4 * EACH)) files in $SECONDS s"
[ "$(find "$SHARE_DIR/dir" -type f | wc -l)" = $((4 * EACH)) ] || failed "count on the server"
for m in 1 2 3 4; do
	[ "$(find /mnt/$m/dir -type f | wc -l)" = $((4 * EACH)) ] || failed "count on mount $m"
done
python3 - "$EACH" "$SHARE_DIR" <<'PY' || failed "contents"
import sys
each, share = int(sys.argv[1]), sys.argv[2]
for m in range(1, 5):
    for n in range(each):
        path = f"/mnt/{m}/dir/from {m} number {n}"
        with open(f"{share}/dir/from {m} number {n}", "rb") as f:
            assert f.read() == path.encode() * (n % 7), path
PY
say "everybody removes the files of the next"
for m in 1 2 3 4; do
	find /mnt/$m/dir -name "from $((m % 4 + 1)) *" -delete &
done
wait
[ -z "$(ls -A "$SHARE_DIR/dir")" ] || failed "something is left"
rmdir "$SHARE_DIR/dir"
for m in 1 2 3 4; do
	unmount /mnt/$m
done
finish
