#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs tmpfs --timeout 900
# A tree of more than 5000 files unpacked through the share and compared, and
# fio with verification by eight jobs. On tmpfs: tar sets times, for which the
# client flushes, and a journal commit per file says nothing about us.
. "$(dirname "$0")/lib.sh"

make_tree() {
	python3 - "$WORK/tree.tar" <<-'EOF'
		import io, random, sys, tarfile
		random.seed(7)
		block = random.randbytes(1 << 16)
		with tarfile.open(sys.argv[1], "w") as tar:
		    for d in range(52):
		        for f in range(100):
		            size = random.choice((0, 1, 100, 1000, 4096, 5000, 20000))
		            start = random.randrange(len(block) - size)
		            info = tarfile.TarInfo(f"tree/d{d:02}/s{d % 7}/file {f:03}.bin")
		            info.size, info.mtime = size, 1_700_000_000 + f
		            info.mode = 0o755 if f % 10 == 0 else 0o644
		            tar.addfile(info, io.BytesIO(block[start : start + size]))
	EOF
	mkdir "$WORK/ref" && tar -xf "$WORK/tree.tar" -C "$WORK/ref"
}

check "reference tree" make_tree
check "mount" smb_mount /mnt/a vers=3.1.1
check "untar 5200 files" tar --no-same-owner --no-same-permissions -xf "$WORK/tree.tar" -C /mnt/a
check "count" test "$(find "$SHARE_DIR" -type f | wc -l)" -eq 5200
check "compare on the server" diff -r "$WORK/ref" "$SHARE_DIR"
# A fresh mount, so that nothing comes from the client's cache.
check "remount" eval 'umount /mnt/a && smb_mount /mnt/a vers=3.1.1'
check "compare through the share" diff -r "$WORK/ref" /mnt/a
check "modification times" test "$(stat -c %Y "/mnt/a/tree/d07/s0/file 042.bin")" -eq 1700000042
check "remove" rm -r /mnt/a/tree
check "gone" test -z "$(ls -A "$SHARE_DIR")"

verify() { # NAME OPTIONS…
	local name=$1
	shift
	check "fio $name" fio --name="$name" --directory=/mnt/a --numjobs=8 --size=8m --verify=crc32c \
		--verify_fatal=1 --do_verify=1 --group_reporting --output-format=terse "$@"
	rm -f /mnt/a/"$name".*
}
verify random-rw --rw=randrw --bs=4k-64k --ioengine=psync
verify seq-write --rw=write --bs=1m --ioengine=psync --end_fsync=1
check "unmount" umount /mnt/a
check "mount uncached and sealed" smb_mount /mnt/a vers=3.1.1,cache=none,seal
verify sealed --rw=randwrite --bs=16k --ioengine=psync --size=2m
check "unmount" umount /mnt/a
finish
