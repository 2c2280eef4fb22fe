#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs tmpfs --timeout 300
# top, events and kill with the module: what is ended is ended for the kernel's client, which then finds its way back.
. "$(dirname "$0")/lib.sh"

wait_for_line() { # PATTERN FILE
	for _ in $(seq 100); do
		grep -q -- "$1" "$2" && return
		sleep 0.1
	done
	cat "$2"
	return 1
}
# The request that finds the session gone gets EAGAIN from cifs; what comes after the reconnect is served.
comes_back() { # TEXT
	wait_for 10 eval "echo $1 >/mnt/a/file" && [ "$(cat "$SHARE_DIR/file")" = "$1" ]
}
ids() { ksmbd.control "$1" --json | sed -n 's/^ *"id": \([0-9]*\),*/\1/p'; }

ksmbd.control events --json >"$WORK/events" &
events=$!
sleep 1
check "mount" smb_mount /mnt/a vers=3.1.1,cache=none
check "the log-in is told" wait_for_line "\"action\":\"login\".*\"result\":\"ok\".*\"user\":\"$SMB_USER\"" "$WORK/events"
check "the tree connect is told" wait_for_line "\"action\":\"tree-connect\".*\"share\":\"$SHARE\"" "$WORK/events"
echo text >/mnt/a/file
exec 5</mnt/a/file
check "top shows the client" eval "ksmbd.control top --once | grep '^$SMB_USER .*127.0.0.1'"
(while dd if=/dev/zero of=/mnt/a/data bs=64k count=16 conv=notrunc status=none; do :; done) &
writer=$!
check "and what it writes" eval 'ksmbd.control top --json -n 1 | grep -q "\"clients\":\[{[^]]*\"bytes_in_s\":[1-9]"'
kill $writer
wait $writer 2>/dev/null
check "kill file" eval "ksmbd.control kill file '$SHARE/file' | tee /dev/stderr | grep '^closed $SHARE/file of $SMB_USER from 127.0.0.1'"
check "it is not open any more" eval '! ksmbd.control opens | grep -w file'
refuse "not twice" ksmbd.control kill file "$SHARE/file"
exec 5<&-
check "the mount works on" eval 'echo more >>/mnt/a/file && grep -q more /mnt/a/file'
check "kill session" eval "ksmbd.control kill session $(ids sessions | head -n 1) | grep '^ended session'"
check "the kernel's client logs in again" comes_back again
check "kill user" eval "ksmbd.control kill user $SMB_USER | grep '^ended session [0-9]* of $SMB_USER'"
check "its event" wait_for_line '"action":"kill".*"session":' "$WORK/events"
check "the mount comes back" comes_back back
check "kill client" eval 'ksmbd.control kill client 127.0.0.1 | grep "^ended connection"'
check "and again" comes_back third
refuse "nothing to kill" ksmbd.control kill user nobody-here
refuse "a wrong password" mount -t cifs "//127.0.0.1/$SHARE" /mnt -o "username=$SMB_USER,password=wrong,port=$PORT,nosharesock"
check "is told" wait_for_line "\"result\":\"refused\".*\"user\":\"$SMB_USER\"" "$WORK/events"
check "unmount" umount /mnt/a
check "the log-off is told" wait_for_line '"action":"logoff"' "$WORK/events"

# Accesses to files by name.
if ksmbd.addshare -u "$SHARE" -o 'audit = ["create", "delete", "rename"]' && ksmbd.control --reload; then
	check "mount" smb_mount /mnt/a vers=3.1.1,cache=none
	echo x >/mnt/a/one && mv /mnt/a/one /mnt/a/two && rm /mnt/a/two
	check "create is told" wait_for_line '"action":"create".*"path":"one".*"user":' "$WORK/events"
	check "rename is told" wait_for_line '"action":"rename".*"path":"one".*"to":"two"' "$WORK/events"
	check "delete is told" wait_for_line '"action":"delete".*"path":"two"' "$WORK/events"
	check "unmount" umount /mnt/a
else
	bad "audit of the share"
fi
kill $events
finish
