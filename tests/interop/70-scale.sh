#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many accounts and shares in a running daemon: a log-in takes as long as with ten of them, a listing grows with what it
# lists and no faster. Starts daemons of its own. ACCOUNTS and SHARES say how many: 2000 and 200 in every run; those of
# the long run are 100000 and 1000. Figures are the least of several tries, in milliseconds.
. "$(dirname "$0")/lib.sh"
[ -x "${BIN:-}/ksmbd-mountd" ] || { echo "skip: no programs"; exit 77; }
ACCOUNTS=${ACCOUNTS:-2000}
SHARES=${SHARES:-200}
server=
trap '[ -z "$server" ] || kill $server; rm -rf "$WORK"' EXIT

# start DIR ACCOUNTS SHARES: a daemon with so many, and alice.
start() {
	local dir=$1
	mkdir -p "$dir/share"
	python3 - "$dir" "$2" "$3" <<'P'
import sys
directory, accounts, shares = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(f"{directory}/ksmbd.toml", "w") as f:
    f.write("[global]\nmap_to_guest = \"never\"\n")
    for n in range(shares):
        f.write(f'[share.share{n:05}]\npath = "{directory}/share"\ncomment = "number {n}"\nread_only = false\n')
with open(f"{directory}/smbpasswd", "w") as f:
    for n in range(accounts - 1):
        f.write(f"user{n:06}:{10000 + n}:{'X' * 32}:{n:032X}:[U          ]:LCT-5F000000:\n")
P
	tool adduser --import "$dir/smbpasswd" >"$dir/import" 2>&1 || { tail -n 5 "$dir/import"; return 1; }
	echo "$SMB_PASSWORD" | tool adduser -a "$SMB_USER" --password-stdin --uid "$(id -u)" --gid "$(id -g)" || return 1
	"$BIN/ksmbd-mountd" --embedded --bind 127.0.0.1 --port "$OWN" --config "$dir/ksmbd.toml" --db "$dir/accounts.db" \
		--runtime-dir "$dir/run" >"$dir/ready" 2>"$dir/log" &
	server=$!
	for _ in $(seq 300); do
		grep -q ready "$dir/ready" && return
		sleep 0.1
	done
	tail "$dir/log"
	return 1
}
stop() { kill $server && wait $server; server=; }
tool() { # adduser OPTIONS…: on this daemon's database
	"$BIN/ksmbd-$1" "${@:2}" --config "$dir/ksmbd.toml" --db "$dir/accounts.db"
}
OWN=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')

# least TRIES COMMAND…: sets $ms; what the command says is in $WORK/said.
least() {
	local tries=$1 from took
	shift
	ms=
	for _ in $(seq "$tries"); do
		from=$EPOCHREALTIME
		"$@" >"$WORK/said" 2>&1 || { bad "$*"; tail -n 3 "$WORK/said"; return 1; }
		took=$(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
		[ -n "$ms" ] && [ "$ms" -le "$took" ] || ms=$took
	done
}
login() { smbclient "//127.0.0.1/share00000" -p "$OWN" -U "$SMB_USER%$SMB_PASSWORD" -c exit; }
listing() { smbclient -L //127.0.0.1 -p "$OWN" -U "$SMB_USER%$SMB_PASSWORD"; }
users() { rpcclient -p "$OWN" -U "$SMB_USER%$SMB_PASSWORD" 127.0.0.1 -c enumdomusers; }
users_by_tool() { tool adduser --list; }
shares_by_tool() { "$BIN/ksmbd-control" shares --runtime-dir "$dir/run"; }

declare -A took
measure() { # SIZE ACCOUNTS SHARES
	local size=$1 dir=$WORK/$1
	start "$dir" "$2" "$3" || { bad "a daemon with $2 accounts and $3 shares"; cat "$WORK/out" 2>/dev/null; finish; }
	least 7 login && took[login-$size]=$ms
	least 5 listing && took[shares-$size]=$ms
	check "$size: all shares are listed" test "$(grep -c 'share[0-9]* *Disk' "$WORK/said")" -eq "$3"
	least 2 users && took[users-$size]=$ms
	check "$size: all users are listed" test "$(grep -c '^user:' "$WORK/said")" -eq "$2"
	least 3 users_by_tool && took[adduser-$size]=$ms
	check "$size: by the tool, too" test "$(grep -c "^user[0-9]\|^$SMB_USER" "$WORK/said")" -eq "$2"
	least 3 shares_by_tool && took[control-$size]=$ms
	least 1 tool_again "$size" && took[add-$size]=$ms
	echo "     $size: $2 accounts, $3 shares:" login "${took[login-$size]}," smbclient -L "${took[shares-$size]}," \
		enumdomusers "${took[users-$size]}," adduser --list "${took[adduser-$size]}," control shares "${took[control-$size]}," \
		adduser -a "${took[add-$size]}"
	stop
}
tool_again() {
	echo "other-$1-secret" | tool adduser -a "new$1" --password-stdin --uid "$(id -u)" --gid "$(id -g)" &&
		smbclient "//127.0.0.1/share00000" -p "$OWN" -U "new$1%other-$1-secret" -c exit
}
measure few 10 10
measure some $((ACCOUNTS / 10)) $((SHARES / 10))
measure many "$ACCOUNTS" "$SHARES"

flat() { test "$1" -le $(($2 * 2 + 40)); }
# What lists ten times as much may take ten times as long, and what was there before (starting a client, logging in).
linear() { test "$1" -le $(($2 * 15 + 100)); }
check "a log-in takes as long with $ACCOUNTS accounts (${took[login-many]} ms) as with 10 (${took[login-few]} ms)" \
	flat "${took[login-many]}" "${took[login-few]}"
check "so does adding an account and logging in with it (${took[add-many]}, ${took[add-few]} ms)" \
	flat "${took[add-many]}" "${took[add-few]}"
for what in shares users adduser control; do
	check "$what: ${took[$what-some]} ms, ten times as many: ${took[$what-many]} ms" \
		linear "${took[$what-many]}" "${took[$what-some]}"
done
finish
