#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's rpcclient, and smbcacls where the port allows: shares, accounts, names and SIDs; and that pipes which are
# not there say so.
. "$(dirname "$0")/lib.sh"

rpc() { rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$SMB_HOST" -c "$*"; }

expect "srvinfo" "platform_id.*500" rpc srvinfo
expect "netshareenum" "netname: $SHARE" rpc netshareenum
expect "netshareenumall lists IPC\$" "netname: IPC\\$" rpc netshareenumall
expect "netsharegetinfo" "netname: $SHARE" rpc netsharegetinfo "$SHARE"
expect "netsharegetinfo of none" "WERR_NERR_NETNAMENOTFOUND\|NERR" rpc netsharegetinfo no-such-share
expect "encrypted transport" "netname: $SHARE" rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" \
	--client-protection=encrypt "$SMB_HOST" -c netshareenum
expect "lookupnames of an account" "$SMB_USER S-1-5-21-.*(User: 1)" rpc lookupnames "$SMB_USER"
expect "lookupnames of nobody" "UNKNOWN\|NONE_MAPPED" rpc lookupnames no-such-user-here
expect "lookupsids" 'BUILTIN.Administrators (4)' rpc lookupsids S-1-5-32-544
sid=$(rpc lookupnames "$SMB_USER" | sed -n 's/.* \(S-1-5-21-[0-9-]*\) .*/\1/p')
expect "lookupsids of an account" "\\\\$SMB_USER (1)" rpc lookupsids "$sid"
expect "lsaquery" "Domain Name:" rpc lsaquery
expect "getusername" "Account Name: $SMB_USER" rpc getusername
expect "enumdomusers" "user:\[$SMB_USER\]" rpc enumdomusers
expect "enumdomgroups" "rid:\[0x201\]" rpc enumdomgroups
expect "enumalsgroups" "Administrators.*0x220" rpc enumalsgroups builtin
expect "querydominfo" "Total Users:" rpc querydominfo
expect "queryuser" "User Name.*$SMB_USER" rpc queryuser "$SMB_USER"
expect "queryuser of nobody" "NT_STATUS_NO_SUCH_USER" rpc queryuser 0xfffff
expect "accounts cannot be made" "OUT_OF_RANGE\|NOT_SUPPORTED\|ACCESS_DENIED" rpc createdomuser someone
expect "no print spooler" "NT_STATUS_OBJECT_NAME_NOT_FOUND" rpc enumprinters
# Log-ins within the pipe: by NTLMSSP and in SPNEGO, with every protection.
for how in ntlm spnego; do
	for level in connect packet sign seal; do
		bound() { rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "ncacn_np:$SMB_HOST[$how,$level]" -c "$*"; }
		expect "[$how,$level] getusername" "Account Name: $SMB_USER" bound getusername
		expect "[$how,$level] netshareenumall" "netname: $SHARE" bound netshareenumall
		expect "[$how,$level] enumdomusers" "user:\[$SMB_USER\]" bound enumdomusers
		expect "[$how,$level] lookupsids" 'BUILTIN.Administrators (4)' bound "getusername; lookupsids S-1-5-32-544"
	done
done
# smbcacls and impacket's tools know port 445 only.
if [ "$PORT" = 445 ]; then
	expect "smbcacls" "OWNER:.*$SMB_USER" smbcacls "//$SMB_HOST/$SHARE" / -U "$SMB_USER%$SMB_PASSWORD"
	if [ -x "$venv/bin/samrdump.py" ]; then
		to="$SMB_USER:$SMB_PASSWORD@$SMB_HOST"
		expect "impacket samrdump" "Found user: $SMB_USER" "$venv/bin/python" "$venv/bin/samrdump.py" "$to"
		expect "impacket lookupsid" "$SMB_USER (SidTypeUser)" "$venv/bin/python" "$venv/bin/lookupsid.py" "$to" 1010
	fi
fi
finish
