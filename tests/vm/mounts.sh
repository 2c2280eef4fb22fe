#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's own client with every dialect it has: plain, signed, sealed.
. /run/xtask/tests/vm/lib/clients.sh

head -c 20000000 /dev/urandom >/tmp/blob

for options in vers=2.1 vers=2.1,sign vers=3.0 vers=3.0,sign vers=3.0,seal \
	vers=3.0.2 vers=3.1.1 vers=3.1.1,sign vers=3.1.1,seal vers=3.1.1,seal,cache=none; do
	say "$options"
	if ! mount_share /mnt/a "$options"; then
		failed "mount with $options"
		dmesg | tail -n 5
		continue
	fi
	(
		set -e
		cd /mnt/a
		echo hello >"one file"
		[ "$(cat "one file")" = hello ]
		mkdir d
		mv "one file" d/two
		[ ! -e "one file" ]
		[ "$(ls d)" = two ]
		cp /tmp/blob blob
		cmp /tmp/blob blob
		cmp /tmp/blob "$SHARE_DIR/blob"
		truncate -s 1000 blob
		[ "$(stat -c %s blob)" = 1000 ]
		cmp -n 1000 /tmp/blob blob
		touch -d '2001-02-03 04:05:06 UTC' blob
		[ "$(stat -c %Y blob)" = 981173106 ]
		! mkdir d 2>/dev/null
		! rmdir d 2>/dev/null
		! cat missing 2>/dev/null
		rm -r d blob
		[ -z "$(ls -A)" ]
		df . >/dev/null
	) || failed "work on $options"
	unmount /mnt/a
	rm -rf "${SHARE_DIR:?}"/*
done

say "refused log-ins and shares"
timeout 30 mount -t cifs "//127.0.0.1/$SHARE" /mnt/a -o "username=$SMB_USER,password=wrong,port=$PORT" 2>/dev/null &&
	failed "wrong password was taken"
timeout 30 mount -t cifs "//127.0.0.1/$SHARE" /mnt/a -o "username=nobody-here,password=x,port=$PORT" 2>/dev/null &&
	failed "unknown user was taken"
timeout 30 mount -t cifs "//127.0.0.1/no-such-share" /mnt/a \
	-o "username=$SMB_USER,password=$SMB_PASSWORD,port=$PORT" 2>/dev/null && failed "unknown share was found"
mount_share /mnt/a vers=3.1.1 && ls /mnt/a >/dev/null || failed "a good mount after the bad ones"
unmount /mnt/a
finish
