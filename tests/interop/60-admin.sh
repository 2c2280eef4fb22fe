#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ksmbd.control against a running embedded daemon: top, events, kill; eight tools at once change the accounts, and
# whoever was added logs in at once. BIN is where the programs are, SERVER_DIR has the server's files.
. "$(dirname "$0")/lib.sh"
[ -x "${BIN:-}/ksmbd-control" ] && [ -d "${SERVER_DIR:-}" ] || { echo "skip: the daemon is not reachable"; exit 77; }

control() { "$BIN/ksmbd-control" "$@" --runtime-dir "$SERVER_DIR/run"; }
adduser() { "$BIN/ksmbd-adduser" "$@" --config "$SERVER_DIR/ksmbd.toml" --db "$SERVER_DIR/accounts.db"; }
wait_for() { # PATTERN FILE
	for _ in $(seq 50); do
		grep -q -- "$1" "$2" && return
		sleep 0.1
	done
	cat "$2"
	return 1
}

# hold NAME: a client that has a file open until let_go.
hold() {
	[ -e "$WORK/commands" ] || mkfifo "$WORK/commands"
	touch "$SHARE_DIR/$1"
	smb <"$WORK/commands" >"$WORK/held" 2>&1 &
	client=$!
	exec 9>"$WORK/commands"
	echo "open $1" >&9
	for _ in $(seq 50); do
		control opens | grep -q " $1\$" && return
		sleep 0.1
	done
	return 1
}
let_go() { exec 9>&- && wait "$client"; }

control events --json >"$WORK/events" &
follower=$!
control events >"$WORK/lines" &
lines=$!
trap 'kill $follower $lines; rm -rf "$WORK"' EXIT
sleep 0.5
check "a log-in" smb -c ls
check "its event" wait_for '"action":"login".*"result":"ok".*"user":"alice"' "$WORK/events"
check "its tree connect" wait_for '"action":"tree-connect".*"share":"data"' "$WORK/events"
check "its end" wait_for '"action":"logoff"' "$WORK/events"
expect "a wrong password" "LOGON_FAILURE" smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "$SMB_USER%wrong" -c ls
check "its event" wait_for '"result":"refused".*"user":"alice"' "$WORK/events"
check "for people" wait_for 'login refused: wrong password  user alice  from 127.0.0.1' "$WORK/lines"
check "a share is added" "$BIN/ksmbd-addshare" -a more --path "$SHARE_DIR" --config "$SERVER_DIR/ksmbd.toml"
check "and loaded" control --reload
check "its event" wait_for '"action":"share".*"share":"more"' "$WORK/events"
check "every event is JSON" python3 -c 'import json,sys; [json.loads(l)["time"] for l in open(sys.argv[1])]' "$WORK/events"

check "a client holds a file" hold held
expect "top shows it" "^$SMB_USER  *127.0.0.1" control top --once
check "as JSON" python3 -c 'import json,sys; v=json.load(sys.stdin); assert v["server"]["sessions"]==1 and v["clients"][0]["opens"]==1, v' \
	< <(control top --json -n 1 -d 1)
check "without a terminal once" timeout 20 "$BIN/ksmbd-control" top -d 1 --runtime-dir "$SERVER_DIR/run" </dev/null
expect "kill file" "closed $SHARE/held of $SMB_USER from 127.0.0.1" control kill file "$SHARE/held"
check "it is closed" eval '! control opens | grep -q held'
expect "not twice" "no client that has $SHARE/held open" control kill file "$SHARE/held"
check "its event" wait_for '"action":"kill".*"path":"held"' "$WORK/events"
let_go
check "again" hold held
expect "kill user" "ended session [0-9]* of $SMB_USER from 127.0.0.1.* (1 open files)" control kill user "${SMB_USER^^}"
check "nobody is there" eval '[ "$(control sessions --json)" = "[]" ] && [ "$(control opens --json)" = "[]" ]'
let_go
check "again" hold held
id=$(control opens --json | python3 -c 'import json,sys; o=json.load(sys.stdin)[0]; print("%d:%d"%(o["session_id"],o["id"]))')
expect "kill open" "closed $SHARE/held" control kill open "$id"
expect "kill session" "ended session ${id%:*} " control kill session "${id%:*}"
let_go
check "again" hold held
expect "kill client as JSON" '"what": "connection"' control kill client 127.0.0.1 --json
check "no connection is left" eval '[ "$(control connections --json)" = "[]" ]'
let_go
expect "nothing to kill" "no session of user" control kill user nobody-here
check "status 1" eval '! control kill client 192.0.2.1'
expect "what is no id" "is no id" control kill session x
expect "what is no address" "is no address" control kill client here

# Eight tools at once, and the daemon reads.
add() { echo "pw-$1-xyz" | adduser -a "u$1" --password-stdin --uid "$(id -u)" --gid "$(id -g)"; }
for n in 1 2 3 4 5 6 7 8; do
	{ add $n && add 1$n; } >"$WORK/add$n" 2>&1 &
	tools="${tools:-} $!"
done
added=0
for p in $tools; do wait "$p" && added=$((added + 1)); done
check "eight tools at once" test $added -eq 8
for n in 1 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18; do
	smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "u$n%pw-$n-xyz" -c ls >/dev/null 2>&1 || missing="${missing:-} u$n"
done
check "all of them log in at once" test -z "${missing:-}"

finish
