#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 600
# The kernel's client in every dialect it has, plain, signed and sealed; and
# 1000 files created by four mounts at once.
. "$(dirname "$0")/lib.sh"

dd if=/dev/urandom of="$WORK/data" bs=1M count=4 status=none

round_trip() { # DIR
	local d=$1/dir
	mkdir "$d" || return 1
	cp "$WORK/data" "$d/a" || return 1
	cmp "$WORK/data" "$d/a" || return 1
	cmp "$WORK/data" "$SHARE_DIR/dir/a" || return 1
	printf more >>"$d/a" || return 1
	[ "$(stat -c %s "$d/a")" -eq $((4 * 1024 * 1024 + 4)) ] || return 1
	truncate -s 1000 "$d/a" || return 1
	cmp -n 1000 "$WORK/data" "$d/a" || return 1
	mv "$d/a" "$d/with blanks and 😀" || return 1
	[ "$(ls "$d")" = "with blanks and 😀" ] || return 1
	touch -d '2001-02-03 04:05:06' "$d/with blanks and 😀" || return 1
	[ "$(stat -c %Y "$SHARE_DIR/dir/with blanks and 😀")" = "$(date -d '2001-02-03 04:05:06' +%s)" ] ||
		return 1
	rm "$d/with blanks and 😀" || return 1
	rmdir "$d" || return 1
	[ -z "$(ls -A "$SHARE_DIR")" ] || return 1
	df "$1" >/dev/null
}

for vers in 2.1 3.0 3.0.2 3.1.1; do
	for mode in plain sign seal; do
		# Before 3.0 there is no encryption.
		[ "$vers $mode" = "2.1 seal" ] && continue
		options="vers=$vers"
		[ $mode = plain ] || options="$options,$mode"
		if check "mount $vers $mode" smb_mount /mnt/a "$options"; then
			check "round trip $vers $mode" round_trip /mnt/a
			check "unmount $vers $mode" umount /mnt/a
		fi
		clean_share
	done
done

SMB_PASSWORD=wrong refuse "wrong password" smb_mount /mnt/a
SHARE=nosuchshare refuse "unknown share" smb_mount /mnt/a

# ---- many files by many connections

create_many() { # DIR PREFIX COUNT
	local n
	for n in $(seq "$3"); do
		echo "$2 $n" >"$1/$2-$n" || return 1
	done
}

parallel() {
	local m pids=() bad=0
	for m in 1 2 3 4; do
		create_many "/mnt/p$m" "from-$m" 250 &
		pids+=($!)
	done
	for m in "${pids[@]}"; do wait "$m" || bad=1; done
	return $bad
}

for m in 1 2 3 4; do
	check "mount $m of 4" smb_mount "/mnt/p$m" "vers=3.1.1,nosharesock"
done
check "1000 files by 4 mounts" parallel
check "all are there" test "$(find "$SHARE_DIR" -type f | wc -l)" -eq 1000
for m in 1 2 3 4; do
	other=$((m % 4 + 1))
	check "mount $m sees those of $other" grep -qx "from-$other 250" "/mnt/p$m/from-$other-250"
	check "mount $m lists all" test "$(find "/mnt/p$m" -type f | wc -l)" -eq 1000
done
for m in 1 2 3 4; do check "unmount $m" umount "/mnt/p$m"; done
finish
