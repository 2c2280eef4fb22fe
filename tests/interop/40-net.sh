#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Administration with Debian's rpcclient, and net where the port allows: shares are added, changed and removed, sessions
# and open files listed; services and the registry shown, with impacket's tools, too. SMB_USER has to be one of the server's administrators (rpc_admins), SHARE_DIR to be reachable
# by its path.
. "$(dirname "$0")/lib.sh"
[ -n "${SHARE_DIR:-}" ] || { echo "skip: the share's directory is not reachable"; exit 77; }

rpc() { rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$SMB_HOST" -c "$*"; }
new() { smbclient "//$SMB_HOST/added" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$@"; }
hide() { ! grep -q "$1" <("${@:2}" 2>&1); }
dir=$SHARE_DIR/added
mkdir -p "$dir"

check "netshareadd" rpc netshareadd "$dir" added 7 remark
expect "it is listed" "netname: added" rpc netshareenum
expect "with its remark" "remark:.remark" rpc netshareenum
expect "with its limit" "max_uses:.7" rpc netsharegetinfo added
check "it can be written to at once" new -c 'mkdir here'
check "and its files are there" test -d "$dir/here"
expect "no second one" "DUPLICATESHARE" rpc netshareadd "$dir" ADDED
expect "no share of what is not there" "UNKNOWNDEVDIR" rpc netshareadd "$dir/none" other
check "it is not listed" hide "netname: other" rpc netshareenumall
check "netsharesetinfo" rpc netsharesetinfo added Changed
expect "the remark changed" "remark:.Changed" rpc netshareenum
check "netsharedel" rpc netsharedel added
expect "it is gone" "BAD_NETWORK_NAME" new -c ls
check "its files stay" test -d "$dir/here"
expect "not twice" "NETNAMENOTFOUND" rpc netsharedel added
expect "IPC\$ stays" "WERR_ACCESS_DENIED" rpc netsharedel 'IPC$'
check "netremotetod" rpc netremotetod
check "netdiskenum" rpc netdiskenum
check "netfileenum" rpc netfileenum 3
check "netconnenum" rpc netconnenum
expect "netsessenum" "Received [1-9][0-9]* entries" rpc netsessenum
# net knows port 445 only.
if [ "$PORT" = 445 ]; then
	net_rpc() { net rpc "$@" -S "$SMB_HOST" -U "$SMB_USER%$SMB_PASSWORD"; }
	expect "net rpc share list" "^$SHARE\$" net_rpc share list
	check "net rpc share add" net_rpc share add "added=$dir" -C "By net"
	expect "net shows its remark" "^added.*By net" net_rpc share list --long
	expect "net adds no second one" "NetShareAdd failed" net_rpc share add "added=$dir"
	check "net rpc share delete" net_rpc share delete added
	check "net lists it no more" hide "^added" net_rpc share list
	expect "net rpc service list" "^LanmanServer" net_rpc service list
	expect "net rpc service status" "is running" net_rpc service status RemoteRegistry
	expect "net rpc registry enumerate" "ShareName=$SHARE" net_rpc registry enumerate \
		'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares'
	expect "net rpc registry getvalue" "ksmbd" net_rpc registry getvalue \
		'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' ProductName
	expect "the registry is read only" "[Ff]ailed\|DENIED\|RANGE" net_rpc registry createkey 'HKLM\SOFTWARE\New'
	if [ -x "$venv/bin/reg.py" ]; then
		to="$SMB_USER:$SMB_PASSWORD@$SMB_HOST"
		expect "impacket reg query" "ProductType.*ServerNT" "$venv/bin/python" "$venv/bin/reg.py" "$to" \
			query -keyName 'HKLM\SYSTEM\CurrentControlSet' -s
		expect "impacket services list" "RemoteRegistry.*RUNNING" "$venv/bin/python" "$venv/bin/services.py" "$to" list
	fi
	# A file that another client holds open.
	mkfifo "$WORK/commands"
	smb <"$WORK/commands" >/dev/null 2>&1 &
	client=$!
	exec 9>"$WORK/commands"
	touch "$SHARE_DIR/held"
	echo "open held" >&9
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		net_rpc file >"$WORK/files" 2>&1
		grep -q held "$WORK/files" && break
		sleep 0.5
	done
	expect "net rpc file lists it" "$SMB_USER.*held" cat "$WORK/files"
	exec 9>&-
	wait "$client"
fi
finish
