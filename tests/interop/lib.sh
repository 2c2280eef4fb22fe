# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the interop scripts. They run against any server: PORT, SHARE, SHARE_DIR (the share's directory as the
# server sees it; may be empty when it is not reachable from here), SMB_USER and SMB_PASSWORD say which.
set -u
: "${PORT:?}" "${SHARE:?}" "${SMB_USER:?}" "${SMB_PASSWORD:?}"
SMB_HOST=${SMB_HOST:-127.0.0.1}
SIZE_MB=${SIZE_MB:-32}
WORK=$(mktemp -d)
passed=0
failed=0
trap 'rm -rf "$WORK"' EXIT

ok() { passed=$((passed + 1)); echo "ok   $*"; }
bad() { failed=$((failed + 1)); echo "FAIL $*"; }

# check NAME COMMAND…: runs the command; its output is shown only when it fails.
check() {
	local name=$1
	shift
	if "$@" >"$WORK/out" 2>&1; then ok "$name"; else
		bad "$name"
		sed 's/^/     | /' "$WORK/out"
	fi
}

# expect NAME PATTERN COMMAND…: the output must contain PATTERN, whatever the exit status.
expect() {
	local name=$1 pattern=$2
	shift 2
	"$@" >"$WORK/out" 2>&1
	if grep -q -- "$pattern" "$WORK/out"; then ok "$name"; else
		bad "$name (no '$pattern')"
		sed 's/^/     | /' "$WORK/out"
	fi
}

venv=${KSMBD_PYTHON_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/ksmbd-rs/python}

# need_python: $venv/bin/python has smbprotocol and impacket.
need_python() {
	"$venv/bin/python" -c 'import smbprotocol, impacket' 2>/dev/null && return
	python3 -m venv "$venv" && "$venv/bin/pip" install -q smbprotocol==1.17.0 impacket==0.13.1 && return
	echo "cannot install smbprotocol and impacket"
	exit 1
}

# smb OPTIONS… -c COMMANDS: smbclient on the share.
smb() {
	smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" \
		--option='client min protocol=SMB2_02' "$@"
}

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}
