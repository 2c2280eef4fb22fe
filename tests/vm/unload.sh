#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shutdown and unloading while clients write: within ten seconds, nothing left,
# and the module can be loaded again twenty times.
. /run/xtask/tests/vm/lib/clients.sh

writers() {
	pids=()
	for m in 1 2 3; do
		mount_share /mnt/$m "vers=3.1.1,nosharesock,soft,cache=none$1" || failed "mount $m"
		(
			n=0
			while head -c 3000000 /dev/zero >"/mnt/$m/$m-$n" 2>/dev/null; do
				n=$(((n + 1) % 5))
			done
		) &
		pids+=($!)
	done
	sleep 2
}

# The client does not know yet that its server has gone: no waiting for it.
drop_mounts() {
	for m in 1 2 3; do
		umount -l /mnt/$m 2>/dev/null
	done
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
}

threads_left() { pgrep -f '^\[ksmbd' | wc -l; }

within() { # SECONDS WHAT START
	local took=$((($(date +%s%N) - $3) / 1000000))
	say "$2 took $took ms"
	[ $took -lt $(($1 * 1000)) ] || failed "$2 took too long"
}

say "ksmbd.control --shutdown with writers"
writers ""
start=$(date +%s%N)
ksmbd.control --shutdown || failed "ksmbd.control --shutdown"
wait_for 10 eval '! pidof ksmbd.mountd >/dev/null' || failed "the daemon is still there"
rmmod ksmbd || failed "rmmod"
within 10 "shutdown and rmmod" "$start"
drop_mounts

say "rmmod under the daemon's and the writers' feet"
insert_ours && start_ours_mountd && wait_for 30 port_open 445 || failed "start again"
writers ",seal"
start=$(date +%s%N)
rmmod ksmbd || failed "rmmod"
within 10 "rmmod" "$start"
drop_mounts
module_loaded && failed "the module is still there"
[ "$(threads_left)" = 0 ] || failed "$(threads_left) threads left"
pkill -x ksmbd.mountd
wait_for 15 eval '! pidof ksmbd.mountd >/dev/null' || pkill -9 -x ksmbd.mountd

say "twenty rounds"
for round in $(seq 20); do
	insert_ours || { failed "insmod $round"; break; }
	start_ours_mountd
	wait_for 30 port_open 445 || { failed "port in round $round"; break; }
	if [ $((round % 5)) = 0 ]; then
		mount_share /mnt/a vers=3.1.1 && echo $round >/mnt/a/round && umount /mnt/a || failed "mount in round $round"
	fi
	ksmbd.control --shutdown >/dev/null || failed "shutdown $round"
	wait_for 10 eval '! pidof ksmbd.mountd >/dev/null' || failed "daemon in round $round"
	rmmod ksmbd || { failed "rmmod $round"; break; }
done
[ "$(threads_left)" = 0 ] || failed "$(threads_left) threads left"

# The run's end stops the server once more.
insert_ours && start_ours_mountd && wait_for 30 port_open 445 || failed "start at the end"
finish
