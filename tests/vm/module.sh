#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs tmpfs --timeout 600
# What only the module can get wrong: connections that misbehave on the
# socket, listeners on interfaces that come and go, and unloading while the
# daemon runs, clients write, and a peer does not read.
. "$(dirname "$0")/lib.sh"

modprobe -q dummy numdummies=0

cat >"$WORK/peers.py" <<'PY'
import os, socket, struct, sys, time

port = int(os.environ["PORT"])

def connect():
    c = socket.create_connection(("127.0.0.1", port), 10)
    c.settimeout(20)
    return c

def negotiate():
    body = struct.pack("<HHHHI16sQ", 36, 2, 1, 0, 0, os.urandom(16), 0) + struct.pack("<HH", 0x0202, 0x0210)
    head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ16s", 64, 1, 0, 0, 31, 0, 0, 0, 0, 0, 0, b"")
    return struct.pack(">I", len(head) + len(body)) + head + body

def receive(c):
    """One message, None at the end of the connection."""
    data = b""
    try:
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            more = c.recv(65536)
            if not more:
                return None
            data += more
    except ConnectionResetError:
        return None
    return data[4:]

def negotiates(c):
    c.sendall(negotiate())
    answer = receive(c)
    return answer is not None and answer[:4] == b"\xfeSMB"

def bad_frame(first):
    c = connect()
    c.sendall(first)
    return receive(c) is None

what = sys.argv[1]
if what == "frames":
    assert negotiates(connect())
    # One byte at a time.
    c = connect()
    for b in negotiate():
        c.sendall(bytes([b]))
    assert receive(c)[:4] == b"\xfeSMB"
    # A keep-alive is no message.
    c = connect()
    c.sendall(b"\x85\0\0\0")
    assert negotiates(c)
    # Other packets of the session service, and lengths nobody may send.
    assert bad_frame(b"\x81\0\0\x44" + b"x" * 0x44)
    assert bad_frame(b"\0\xff\xff\xff")
    assert bad_frame(b"\0\0\0\0")
    assert bad_frame(b"\0\0\0\x04junk")
    # Half a header, half a message, then silence and the end.
    for part in (b"\0", negotiate()[:30]):
        c = connect()
        c.sendall(part)
        c.shutdown(socket.SHUT_WR)
        assert receive(c) is None
    # IPv6 by the same listener.
    c = socket.create_connection(("::1", port), 10)
    assert negotiates(c)
elif what == "many":
    # Slots come back when the server has seen the end, not at our close().
    done = 0
    while done < 1000:
        held = [connect() for _ in range(20)]
        for c in held:
            try:
                done += negotiates(c)
            except ConnectionError:
                pass
            c.close()
elif what == "limit":
    held = [connect() for _ in range(100)]
    answered = 0
    for c in held:
        try:
            answered += negotiates(c)
        except ConnectionError:
            pass
    print(answered)
    assert answered == int(sys.argv[2])
elif what == "deaf":
    # Says hello and never reads what it asks for.
    c = connect()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    assert negotiates(c)
    open(sys.argv[2], "w").close()
    time.sleep(600)
elif what == "to":
    socket.create_connection((sys.argv[2], port), 5).close()
PY

peers() { python3 "$WORK/peers.py" "$@"; }

check "frames good and bad" peers frames
check "1000 connections" peers many
check "no more than the limit for one address" peers limit 64
# Finished threads are joined within a tick or two.
check "no thread is left behind" wait_for 10 eval '[ "$(pgrep -fc "^\[ksmbd:")" = 0 ]'

# ---- interfaces that come and go

cp /etc/ksmbd/ksmbd.toml "$WORK/before.toml"
sed -i 's/^\[global\]$/[global]\ninterfaces = ["lo", "dummy7"]\nbind_interfaces_only = true/' /etc/ksmbd/ksmbd.toml
check "listen on lo and an interface that is not there" ksmbd.control --reload
check "lo answers" wait_for 10 peers to 127.0.0.1
listeners() { ss -Hltn "sport = :$PORT" | grep -c "%$1"; }
check "one listener on lo" test "$(listeners lo)" = 1
for round in 1 2; do
	ip link add dummy7 type dummy && ip link set dummy7 up
	check "the interface comes ($round)" wait_for 10 eval '[ "$(listeners dummy7)" = 1 ]'
	ip link del dummy7
	check "the interface goes ($round)" wait_for 10 eval '[ "$(listeners dummy7)" = 0 ]'
done
cp "$WORK/before.toml" /etc/ksmbd/ksmbd.toml
check "listen everywhere again" ksmbd.control --reload
sed -i 's/^\[global\]$/[global]\ntcp_port = 1445/' /etc/ksmbd/ksmbd.toml
python3 -c 'import socket, time
s = socket.socket(socket.AF_INET6)
s.bind(("::", 1445))
s.listen()
time.sleep(60)' &
taken=$!
check "somebody has port 1445" wait_for 10 port_open 1445
disown $taken
refuse "a port that is taken" ksmbd.control --reload
kill $taken
cp "$WORK/before.toml" /etc/ksmbd/ksmbd.toml
check "everywhere answers" wait_for 10 peers to 127.0.0.1

# ---- unloading under everybody's feet

write_for_ever() { # FILE
	while :; do
		dd if=/dev/zero of="$1" bs=256k count=64 conv=notrunc status=none || sleep 0.1
	done
}

for round in plain seal; do
	writers=()
	for m in 1 2 3; do
		check "mount $m ($round)" smb_mount "/mnt/u$m" \
			"vers=3.1.1,soft,nosharesock,cache=none$([ $round = plain ] || echo ",$round")"
		write_for_ever "/mnt/u$m/file$m" 2>/dev/null &
		writers+=($!)
	done
	rm -f "$WORK/deaf"
	peers deaf "$WORK/deaf" &
	deaf=$!
	# Killing them later is no news.
	disown -a
	check "a peer that does not read" wait_for 20 test -e "$WORK/deaf"
	sleep 1
	begin=$EPOCHREALTIME
	check "rmmod ($round)" rmmod ksmbd
	took=$(since "$begin")
	check "within 10 s ($took ms)" test "$took" -le 10000
	check "nothing is left" eval '! module_loaded && [ "$(pgrep -fc "^\[ksmbd")" = 0 ]'
	kill -KILL "${writers[@]}" $deaf 2>/dev/null
	umount -l /mnt/u1 /mnt/u2 /mnt/u3
	# The daemon has lost its module.
	pkill -x ksmbd.mountd
	wait_for 15 eval '! pidof ksmbd.mountd >/dev/null' || pkill -KILL -x ksmbd.mountd
	check "start again ($round)" server_start ours
done
check "a mount in the end" smb_mount /mnt/a vers=3.1.1
check "and a file" eval 'echo x >/mnt/a/x && rm /mnt/a/x'
check "unmount" umount /mnt/a
finish
