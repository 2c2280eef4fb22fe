#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fio with verification: eight writers at once, random and sequential, plain,
# signed and sealed, without the client's cache.
. /run/xtask/tests/vm/lib/clients.sh

SIZE=${SIZE:-8m}
for options in vers=3.1.1 vers=3.1.1,sign vers=3.1.1,seal vers=2.1; do
	say "$options"
	mount_share /mnt/a "$options,cache=none" || { failed "mount"; continue; }
	for job in "randwrite 4k" "randrw 16k" "write 1m"; do
		read -r rw bs <<<"$job"
		[ "$rw" = write ] || size=$SIZE
		[ "$rw" = write ] && size=$((${SIZE%m} * 4))m
		timeout 600 fio --name=v --directory=/mnt/a --rw="$rw" --bs="$bs" --size="$size" \
			--numjobs=8 --ioengine=psync --verify=crc32c --do_verify=1 --verify_fatal=1 \
			--fallocate=none --group_reporting --output-format=terse >/tmp/fio.out 2>&1 ||
			{ failed "fio $job"; tail -n 20 /tmp/fio.out; }
		rm -f /mnt/a/v.*
	done
	unmount /mnt/a
done
finish
