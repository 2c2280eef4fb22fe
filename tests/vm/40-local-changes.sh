#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# What local processes do in the share reaches clients that wait for it, once,
# and what clients do is not told twice.
. "$(dirname "$0")/lib.sh"

client() { smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" -c "$1"; }
seen() { grep -c -- "$1" "$WORK/told"; }
told() { wait_for 10 grep -q -- "$1" "$WORK/told"; }

mkdir -p "$SHARE_DIR/d/sub" && chmod -R 777 "$SHARE_DIR/d"
stdbuf -oL smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" -c 'notify d' >"$WORK/told" 2>&1 &
watcher=$!
# Its first request has to be there before anything happens.
wait_for 10 eval 'ksmbd.control --status | grep -q opens' >/dev/null
sleep 2

touch "$SHARE_DIR/d/made"
check "touch of a new file" told "made"
mv "$SHARE_DIR/d/made" "$SHARE_DIR/d/moved"
check "mv, both names" wait_for 10 eval 'told "0004 made" && told "0005 moved"'
echo x >"$SHARE_DIR/d/sub/deep"
check "a file further down" told "sub.deep"
rm "$SHARE_DIR/d/moved"
check "rm" wait_for 10 eval '[ "$(seen moved)" -ge 2 ]'
check "a client's own file" client 'cd d; put /etc/hostname own'
check "a client's own file is told" told "own"
sleep 2
check "and its name once" eval '[ "$(grep -c "0001 own\|ADDED.*own\|1.*own$" "$WORK/told")" -le 1 ]'
echo "---- what smbclient saw"
cat "$WORK/told"
kill $watcher
check "the watcher's connection ends" eval 'wait $watcher; true'
touch "$SHARE_DIR/d/late"
check "the server goes on" client 'ls d\*'
finish
