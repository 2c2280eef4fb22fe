#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's rpcclient: what it asks of the server service, and that pipes which are not there say so.
. "$(dirname "$0")/lib.sh"

rpc() { rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" "$SMB_HOST" -c "$*"; }

expect "srvinfo" "platform_id.*500" rpc srvinfo
expect "netshareenum" "netname: $SHARE" rpc netshareenum
expect "netshareenumall lists IPC\$" "netname: IPC\\$" rpc netshareenumall
expect "netsharegetinfo" "netname: $SHARE" rpc netsharegetinfo "$SHARE"
expect "netsharegetinfo of none" "WERR_NERR_NETNAMENOTFOUND\|NERR" rpc netsharegetinfo no-such-share
expect "signed and sealed transport" "netname: $SHARE" rpcclient -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" \
	--client-protection=encrypt "$SMB_HOST" -c netshareenum
expect "no print spooler" "NT_STATUS_OBJECT_NAME_NOT_FOUND" rpc enumprinters
finish
