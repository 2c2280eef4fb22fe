# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Shared by the guest's scripts (see tests/init/init for what they may expect).
set -u
: "${PORT:?}" "${SHARE:?}" "${SHARE_DIR:?}" "${SMB_USER:?}" "${SMB_PASSWORD:?}"
# shellcheck source=tests/init/servers.sh
. /run/xtask/init/servers.sh
WORK=$(mktemp -d /tmp/work.XXXXXX)
passed=0
failed=0

ok() { passed=$((passed + 1)) && echo "ok   $*"; }
bad() { failed=$((failed + 1)) && echo "FAIL $*"; }

# check NAME COMMAND…: the command's output is shown only when it fails.
check() {
	local name=$1 from=$EPOCHREALTIME
	shift
	if "$@" >"$WORK/out" 2>&1; then
		ok "$name ($(since "$from") ms)"
	else
		bad "$name (status $?, $(since "$from") ms)"
		tail -n 40 "$WORK/out" | sed 's/^/     | /'
		return 1
	fi
}

# refuse NAME COMMAND…: must fail.
refuse() {
	local name=$1
	shift
	if "$@" >"$WORK/out" 2>&1; then bad "$name: succeeded"; else ok "$name"; fi
}

# since STAMP: milliseconds since that $EPOCHREALTIME.
since() { echo $(((${EPOCHREALTIME/./} - ${1/./}) / 1000)); }

# smb_mount DIR [OPTIONS]: the share on DIR by the kernel's client.
smb_mount() {
	mkdir -p "$1"
	mount -t cifs "//127.0.0.1/$SHARE" "$1" \
		-o "username=$SMB_USER,password=$SMB_PASSWORD,port=$PORT,echo_interval=5,${2:-vers=3.1.1}"
}

clean_share() { find "$SHARE_DIR" -mindepth 1 -delete; }

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}
