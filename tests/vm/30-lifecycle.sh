#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs tmpfs --timeout 600
# The daemon dies and comes back while a copy runs; shutdown and unload with
# clients mounted and writing; loaded again twenty times.
. "$(dirname "$0")/lib.sh"

dd if=/dev/urandom of="$WORK/data" bs=1M count=64 status=none

copy_while_daemon_dies() {
	cp "$WORK/data" /mnt/a/copy &
	local copy=$!
	sleep 0.5
	kill -KILL "$(pidof ksmbd.mountd)" || return 1
	sleep 1
	start_ours_mountd
	wait $copy || return 1
	sync -f /mnt/a
	cmp "$WORK/data" "$SHARE_DIR/copy"
}

check "mount" smb_mount /mnt/a vers=3.1.1,cache=none
check "copy while mountd is killed and restarted" copy_while_daemon_dies
check "the connection still works" eval 'echo x >/mnt/a/x && rm /mnt/a/x /mnt/a/copy'
check "mountd answers again" wait_for 20 ksmbd.control --status
check "new log-in after the restart" smb_mount /mnt/b vers=3.1.1,nosharesock
check "unmount" umount /mnt/b

# ---- unload under load

write_for_ever() { # FILE
	while :; do
		dd if=/dev/zero of="$1" bs=256k count=64 conv=notrunc status=none || sleep 0.1
	done
}

shutdown_and_unload() {
	ksmbd.control --shutdown && wait_for 10 eval '! pidof ksmbd.mountd >/dev/null' && rmmod ksmbd &&
		! module_loaded
}

smb_mount /mnt/b vers=3.0,nosharesock,soft,cache=none
umount /mnt/a && smb_mount /mnt/a vers=3.1.1,soft,cache=none
write_for_ever /mnt/a/w1 2>/dev/null &
w1=$!
write_for_ever /mnt/b/w2 2>/dev/null &
w2=$!
sleep 2
begin=$EPOCHREALTIME
check "shutdown and rmmod under load" shutdown_and_unload
took=$(since "$begin")
check "within 10 s ($took ms)" test "$took" -le 10000
kill -KILL $w1 $w2 2>/dev/null
umount -l /mnt/a /mnt/b

for n in $(seq 20); do
	begin=$EPOCHREALTIME
	if ! server_start ours >"$WORK/out" 2>&1; then
		bad "load $n"
		cat "$WORK/out"
		server_logs
		break
	fi
	# Every fifth time with a client, and it stays mounted.
	if [ $((n % 5)) -eq 0 ]; then
		check "mount after load $n" smb_mount /mnt/c vers=3.1.1,soft,nosharesock
		check "write after load $n" eval 'echo data >/mnt/c/file'
	fi
	if ! shutdown_and_unload >"$WORK/out" 2>&1; then
		bad "unload $n"
		cat "$WORK/out"
		break
	fi
	umount -l /mnt/c 2>/dev/null
	ok "load and unload $n ($(since "$begin") ms)"
done

# As init found it.
check "server again" server_start ours
finish
