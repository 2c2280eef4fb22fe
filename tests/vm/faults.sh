#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs tmpfs --debug --timeout 900
# Allocations that fail below the module, and only there: clients may get
# errors, but nothing else may happen. Needs the debug kernel (fault injection);
# as many rounds as the file fault-rounds says (`--file fault-rounds`), or 6.
. "$(dirname "$0")/lib.sh"

rounds=$(cat /run/xtask/files/fault-rounds 2>/dev/null || echo 6)
SLAB=/sys/kernel/debug/failslab
PAGES=/sys/kernel/debug/fail_page_alloc
if [ ! -d $SLAB ]; then
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi

client() { timeout 120 smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$@"; }

# Where the module's code is: everything below a frame of it may fail.
range() {
	local size base
	read -r size base < <(awk '$1 == "ksmbd" { print $2, $6 }' /proc/modules)
	[ -n "$base" ] && [ $((base)) -ne 0 ] || return 1
	local f
	for f in $SLAB $PAGES; do
		echo "$base" >$f/require-start
		printf '0x%x\n' $((base + size)) >$f/require-end
		echo 32 >$f/stacktrace-depth
		echo 0 >$f/verbose
		echo 1 >$f/interval
		echo N >$f/ignore-gfp-wait
		echo N >$f/task-filter
		echo 0 >$f/space
	done
	echo N >$PAGES/ignore-gfp-highmem
	echo 0 >$PAGES/min-order
}

LOTS=100000000
faults_on() { # PERCENT
	echo $LOTS >$SLAB/times
	echo $LOTS >$PAGES/times
	echo "$1" >$SLAB/probability
	echo "$1" >$PAGES/probability
}
faults_off() {
	echo 0 >$SLAB/probability
	echo 0 >$PAGES/probability
	failures=$((failures + 2 * LOTS - $(cat $SLAB/times) - $(cat $PAGES/times)))
}
failures=0

dd if=/dev/urandom of="$WORK/data" bs=64k count=8 status=none
check "the module's code is found" range
check "serves before" client -c "put $WORK/data before"

# What a client does in a round; most of it may fail.
busy() {
	client -c "mkdir d; cd d; put $WORK/data a; get a $WORK/back; ls; rename a b; allinfo b; put $WORK/data b:s; rm b; cd ..; rmdir d"
	client -m SMB3_00 -e -c "put $WORK/data sealed; get sealed $WORK/back2; del sealed"
	client -m SMB2_10 -c "notify ." &
	local n=$!
	ksmbd.control sessions --json
	ksmbd.control opens --json
	if smb_mount /mnt/f vers=3.1.1,soft,nosharesock; then
		cp "$WORK/data" /mnt/f/m && mv /mnt/f/m /mnt/f/n && cat /mnt/f/n && ls -l /mnt/f && rm /mnt/f/n
		umount /mnt/f || umount -l /mnt/f
	fi
	kill $n
	wait $n
}

for n in $(seq "$rounds"); do
	percent=$((n % 3 == 0 ? 10 : n % 3))
	before=$failures
	faults_on "$percent"
	busy >"$WORK/busy.out" 2>&1
	faults_off
	if [ "$failures" -gt "$before" ]; then
		ok "round $n: $((failures - before)) allocations failed ($percent of 100)"
	else
		bad "round $n: no allocation failed"
	fi
	# The daemon may have lost its link; it says so and is started again by systemd elsewhere.
	pidof ksmbd.mountd >/dev/null || start_ours_mountd
	check "serves after round $n" wait_for 30 client -c "put $WORK/data after; get after $WORK/after; del after"
	check "data after round $n" cmp "$WORK/data" "$WORK/after"
	check "what was there is still there after round $n" cmp "$WORK/data" "$SHARE_DIR/before"
done

# The module's beginning, with failures at any place of it.
loads=0
for n in $(seq "$rounds"); do
	server_stop ours >"$WORK/stop.out" 2>&1 || { bad "unload before load $n" && cat "$WORK/stop.out"; }
	insert_ours >"$WORK/out" 2>&1 && range && rmmod ksmbd
	faults_on 5
	# The range is where the module was; it mostly comes to the same place again.
	if insert_ours >"$WORK/out" 2>&1; then
		loads=$((loads + 1))
	fi
	faults_off
	module_loaded && rmmod ksmbd
	check "starts after load $n" server_start ours
	range
done
check "serves at the end" client -c "get before $WORK/end"
check "with the right data" cmp "$WORK/data" "$WORK/end"
echo "$failures allocations failed, $loads of $rounds loads were not hit"
finish
