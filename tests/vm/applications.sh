#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --applications --timeout 3600
# Applications on the kernel's client: git and a compiler, fsx, fio, SQLite's
# own speedtest, databases, counters under locks and shared mappings from two
# mounts. Twice: as the server is configured without anybody's doing, and with
# everything on that lets clients cache and that is off by default. Other
# servers (--server samba|ksmbd) have one configuration, which is tried once.
# Files that come along (--file) change that: fsx-operations says how many of
# them, 5000 unless it is there; application-parts which of the parts project,
# fsx, fio, sqlite, two are wanted.
. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")/applications
operations=$(cat /run/xtask/files/fsx-operations 2>/dev/null || echo 5000)
parts=$(cat /run/xtask/files/application-parts 2>/dev/null || echo project fsx fio sqlite two)
part() { [[ " $parts " = *" $1 "* ]]; }
git config --global safe.directory '*'
git config --global user.name guest
git config --global user.email guest@example.org

cat >"$WORK/fsx.toml" <<-EOF
	flen = 262144
	[opsize]
	max = 65536
	[weights]
	close_open = 1
	invalidate = 1
	read = 10
	write = 10
	mapread = 10
	mapwrite = 10
	truncate = 5
	fsync = 0.2
	fdatasync = 0.2
	punch_hole = 2
	sendfile = 2
	copy_file_range = 2
EOF

two_mounts() { smb_mount /mnt/a vers=3.1.1 && smb_mount /mnt/b vers=3.1.1,nosharesock; }
reads() { [ "$("$@" 2>&1)" = "$want" ] || { "$@" && false; }; }

project() {
	check "$1: git clone" git clone -q /srv/lua.git /mnt/a/lua || return
	want='' check "$1: nothing differs from what was cloned" reads git -C /mnt/a/lua status --porcelain
	check "$1: the C project is built" make -j2 -C /mnt/a/lua/src linux MYCFLAGS=-O0
	want=42 check "$1: and runs" reads /mnt/a/lua/src/lua -e 'print(6 * 7)'
	check "$1: change, commit, another branch, collect" eval 'cd /mnt/a/lua && echo "-- x" >>src/lua.c && git commit -qam change &&
		git checkout -q -b other HEAD~2 && git checkout -q main && git gc -q && git fsck --no-progress; s=$?; cd /; [ $s -eq 0 ]'
	check "$1: the server has what the other mount has" diff -r "$SHARE_DIR/lua" /mnt/b/lua
	check "$1: the repository is whole on the server" git -C "$SHARE_DIR/lua" fsck --no-progress
	check "$1: a clone of the clone" git clone -q /mnt/b/lua "$WORK/lua"
	check "$1: all is removed" rm -r "$WORK/lua" /mnt/a/lua
}

exerciser() {
	check "$1: fsx, $operations operations" fsx -q -N "$operations" -S 20 -f "$WORK/fsx.toml" -P "$WORK" /mnt/a/fsx
}

verified() {
	check "$1: fio verifies" fio --name=v --directory=/mnt/a --numjobs=4 --size=4m --rw=randrw --bs=4k-64k \
		--verify=crc32c --verify_fatal=1 --do_verify=1 --group_reporting --output-format=terse --ioengine=psync
	check "$1: fio verifies mapped files" fio --name=m --directory=/mnt/b --numjobs=2 --size=2m --rw=randwrite --bs=4k \
		--verify=crc32c --verify_fatal=1 --do_verify=1 --group_reporting --output-format=terse --ioengine=mmap
}

databases() {
	check "$1: SQLite's speedtest, locks by directories" speedtest1 --size 1 --vfs unix-dotfile /mnt/a/speed1
	want=ok check "$1: the database is whole on the server" reads sqlite3 "$SHARE_DIR/speed1" 'pragma integrity_check'
	check "$1: a mount that keeps POSIX locks to itself" smb_mount /mnt/c vers=3.1.1,nosharesock,nobrl
	check "$1: SQLite's speedtest, POSIX locks" speedtest1 --size 1 /mnt/c/speed2
	want=ok check "$1: that database is whole, too" reads sqlite3 "$SHARE_DIR/speed2" 'pragma integrity_check'
	check "$1: unmount it" umount /mnt/c
}

two() {
	check "$1: one database, two processes on two mounts" python3 "$here/database.py" /mnt/a /mnt/b "$SHARE_DIR"
	check "$1: counting under byte-range locks from two mounts" python3 "$here/count.py" /mnt/a /mnt/b "$SHARE_DIR"
	check "$1: mapped pages, two mounts in turn" python3 "$here/mapped.py" turns /mnt/a /mnt/b "$SHARE_DIR"
	check "$1: mapped pages, two mounts at once" python3 "$here/mapped.py" once /mnt/a /mnt/b "$SHARE_DIR"
}

suite() { # NAME
	check "$1: two mounts" two_mounts || return
	! part two || two "$1"
	! part sqlite || databases "$1"
	! part fio || verified "$1"
	! part fsx || exerciser "$1"
	! part project || project "$1"
	check "$1: unmount" umount /mnt/a /mnt/b
	clean_share
}

if [ "$SERVER" != ours ]; then
	suite "$SERVER"
	finish
fi
suite default
sed -i 's/^\[global\]$/&\nsmb2_leases = true\nsmb3_directory_leases = true\ndurable_handles = true/' /etc/ksmbd/ksmbd.toml
check "oplocks" ksmbd.addshare -u "$SHARE" -o 'oplocks = true' -o 'vfs_objects = ["acl_xattr", "streams_xattr"]'
check "configuration is taken over" ksmbd.control --reload
suite "everything on"
finish
