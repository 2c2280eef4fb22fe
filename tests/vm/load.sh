#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 3600
# A mixed load with everything switched on that is off by default: mounts with
# caching clients, clients that are killed, a daemon that is killed, changes by
# local processes, lists and ends of sessions. What is checked is that data are
# what they should be, that everything is gone at the end, and that the module
# unloads; the runner looks for complaints of the kernel. As long as the
# number in the file load-seconds says (`--file load-seconds`), or 300 s.
. "$(dirname "$0")/lib.sh"

seconds=$(cat /run/xtask/files/load-seconds 2>/dev/null || echo 300)
sed -i 's/^\[global\]$/&\nsmb2_leases = true\nsmb3_directory_leases = true\ndurable_handles = true\nserver_multi_channel_support = true\nposix_extensions = true/' \
	/etc/ksmbd/ksmbd.toml
check "everything is on" ksmbd.addshare -u "$SHARE" -o 'vfs_objects = ["acl_xattr", "streams_xattr"]' -o 'oplocks = true'
check "configuration is taken over" ksmbd.control --reload
mkdir "$SHARE_DIR"/{a,b,c,d,e,f,g} && chmod 777 "$SHARE_DIR"/*

client() { timeout 60 smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$@"; }
dd if=/dev/urandom of="$WORK/data" bs=64k count=32 status=none
sum=$(sha256sum <"$WORK/data")

check "mount with leases" smb_mount /mnt/1 vers=3.1.1
check "mount sealed" smb_mount /mnt/2 vers=3.1.1,seal,nosharesock
check "mount posix" smb_mount /mnt/3 vers=3.1.1,posix,nosharesock
check "mount 2.1" smb_mount /mnt/4 vers=2.1,nosharesock

stop=$((SECONDS + seconds))
going() { [ $SECONDS -lt $stop ]; }
# loop NAME COMMAND…: does it as long as the load lasts. A round that fails is
# written down; while the daemon is away log-ins may fail, so who logs in says so.
loop() {
	local name=$1 rounds=0
	shift
	while going; do
		rounds=$((rounds + 1))
		"$@" >"$WORK/$name.out" 2>&1 || { echo "round $rounds" && tail -n 20 "$WORK/$name.out"; } >>"$WORK/$name.failed"
	done
	echo $rounds >"$WORK/$name.rounds"
}

copy() { # MOUNT MOUNT DIR: written by one mount and read by another
	# Always another name: for a second the client makes no file anew of which it believes that it is still there.
	local name=$3/$EPOCHREALTIME
	cp "$WORK/data" "/mnt/$1/$name" && [ "$(sha256sum <"/mnt/$1/$name")" = "$sum" ] || return 1
	sync "/mnt/$1/$name"
	[ "$(sha256sum <"/mnt/$2/$name")" = "$sum" ] && rm "/mnt/$2/$name"
}
names() { # MOUNT: many small files, renamed and removed
	local d=/mnt/$1/$2/names i
	mkdir -p "$d" || return 1
	for i in {1..20}; do echo $i >"$d/$i" || return 1; done
	for i in {1..20}; do mv "$d/$i" "$d/x$i" || return 1; done
	[ "$(ls "$d" | wc -l)" -eq 20 ] && [ "$(cat "$d/x7")" = 7 ] && rm -r "$d"
}
verify() {
	timeout 120 fio --name=v --directory="/mnt/$1/$2" --numjobs=2 --size=1m --bs=4k-16k --rw=randrw \
		--verify=crc32c --verify_fatal=1 --output-format=terse --ioengine=psync
	local status=$?
	rm -f "/mnt/$1/$2"/v.*
	return $status
}
locks() { # two processes count in one file under a lock
	echo 0 >"/mnt/$1/$2/count"
	local p
	for p in 1 2; do
		flock "/mnt/$1/$2/count" sh -c "n=\$(cat /mnt/$1/$2/count); echo \$((n + 1)) >/mnt/$1/$2/count" &
	done
	wait
	[ "$(cat "/mnt/$1/$2/count")" = 2 ]
}
killed() { # clients that end in the middle of what they do
	local c
	timeout -s KILL 0.$((RANDOM % 9 + 1)) smbclient "//127.0.0.1/$SHARE" -p "$PORT" \
		-U "$SMB_USER%$SMB_PASSWORD" -c "cd g; put $WORK/data k$((RANDOM % 4)); get k1 /dev/null; notify ." &
	c=$!
	wait $c
	true
}
streams() {
	client -c "cd g; put $WORK/out s; put $WORK/out s:one; allinfo s; rm s" || pidof ksmbd.mountd >/dev/null
	true
}
local_changes() {
	echo local >"$SHARE_DIR/f/l" && mv "$SHARE_DIR/f/l" "$SHARE_DIR/f/m" && rm "$SHARE_DIR/f/m"
	ls /mnt/1/f /mnt/3/f >/dev/null
	sleep 0.2
}
looks() {
	ksmbd.control sessions --json >/dev/null
	ksmbd.control opens --json >/dev/null
	ksmbd.control locks >/dev/null
	sleep 1
	true
}
daemon() { # killed, and started again
	sleep 15
	kill -KILL "$(pidof ksmbd.mountd)"
	sleep 2
	start_ours_mountd
	wait_for 20 ksmbd.control --status
}
echo text >"$WORK/out"

loop copy12 copy 1 2 a &
loop copy34 copy 3 4 b &
loop names1 names 1 c &
loop names3 names 3 c3 &
loop verify2 verify 2 d &
loop locks4 locks 4 e &
loop killed killed &
loop streams streams &
loop local local_changes &
loop looks looks &
loop daemon daemon &
while going; do sleep 5; done
check "everybody ends" wait_for 180 eval '[ -z "$(jobs -r)" ]'
for rounds in "$WORK"/*.rounds; do
	name=$(basename "$rounds" .rounds)
	lost=$(grep -c '^round' "$WORK/$name.failed" 2>/dev/null)
	if [ "${lost:-0}" -eq 0 ]; then
		ok "$name: $(cat "$rounds") rounds"
	else
		bad "$name: $lost of $(cat "$rounds") rounds failed"
		head -n 25 "$WORK/$name.failed" | sed 's/^/     | /'
	fi
done
for m in 1 2 3 4; do check "unmount $m" umount /mnt/$m; done
check "the daemon serves" wait_for 20 ksmbd.control --status
# Handles that wait for their clients may take their time.
check "no session is left" wait_for 60 eval '[ "$(ksmbd.control sessions --json | grep -c session_id)" = 0 ]'
check "shutdown" server_stop ours
refuse "the module is gone" module_loaded
check "and can be had again" server_start ours
check "and serves" client -c ls
finish
