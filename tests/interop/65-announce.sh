#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Announcements, seen by Debian's wsdd and Python's zeroconf over a veth pair: the server in one network namespace, the
# clients in another. Then what must not be answered. Needs nothing of the machine's network. BIN is where the programs are.
. "$(dirname "$0")/lib.sh"
[ -x "${BIN:-}/ksmbd-mountd" ] || { echo "skip: no programs"; exit 77; }
tools=${XDG_CACHE_HOME:-$HOME/.cache}/ksmbd-rs/announce
wsdd=$(PATH=$PATH:$tools/usr/bin:$tools/usr/sbin command -v wsdd)

# Not installed, only unpacked: its package starts a service.
fetch() {
	[ -n "$wsdd" ] || (mkdir -p "$tools" && cd "$tools" && apt-get download wsdd && dpkg -x wsdd_*.deb .) || return
	"$venv/bin/python" -c 'import zeroconf' 2>/dev/null && return
	[ -x "$venv/bin/pip" ] || python3 -m venv "$venv" || return
	"$venv/bin/pip" install -q zeroconf==0.147.0
}

if [ "${1:-}" != inside ]; then
	user=-r
	[ "$(id -u)" = 0 ] && user=
	# shellcheck disable=SC2086
	unshare $user -n true 2>/dev/null || { echo "skip: no network namespaces here"; exit 77; }
	command -v ip >/dev/null || { echo "skip: no ip"; exit 77; }
	fetch >"$WORK/out" 2>&1 || { cat "$WORK/out"; echo "cannot get wsdd and zeroconf"; exit 1; }
	rm -rf "$WORK"
	# shellcheck disable=SC2086
	exec unshare $user -n --kill-child "$0" inside
fi

# ---- two namespaces and a wire
unshare -n sleep 600 &
peer=$!
other() { nsenter -t $peer -n "$@"; }
for _ in $(seq 50); do
	[ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break
	sleep 0.1
done
ip link set lo up
ip link add srv0 type veth peer name cli0 netns $peer
ip addr add 192.0.2.1/24 dev srv0 && ip link set srv0 up
other ip link set lo up
other ip addr add 192.0.2.2/24 dev cli0
other ip addr add 198.51.100.9/32 dev cli0
other ip link set cli0 up
ip route add 198.51.100.0/24 dev srv0
# Addresses of IPv6 are looked up for duplicates for a second or two.
for _ in $(seq 60); do
	ip -6 addr show dev srv0 | grep -q 'fe80.*tentative' || break
	sleep 0.1
done

mkdir "$WORK/share"
cat >"$WORK/ksmbd.toml" <<T
[global]
netbios_name = "NASBOX"
workgroup = "HOME"
server_string = "Files & more"
ws_discovery = true
mdns = true
[share.backup]
path = "$WORK/share"
time_machine = true
T
"$BIN/ksmbd-mountd" --embedded --port "$PORT" --config "$WORK/ksmbd.toml" --db "$WORK/a.db" \
	--runtime-dir "$WORK/run" >"$WORK/ready" 2>"$WORK/log" &
server=$!
trap 'kill $server $peer ${judge:-} 2>/dev/null; rm -rf "$WORK"' EXIT
wait_for() { # SECONDS COMMAND…
	local left=$(($1 * 5))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || { "$@"; return 1; }
		sleep 0.2
	done
}
announcer() { pgrep -P $server -f -- --announce; }
check "announced" wait_for 10 grep -q "announced by WS-Discovery" "$WORK/log"
if [ "$(id -u)" = 0 ] && [ "$(awk '$1 == 0 {print $3}' /proc/self/uid_map)" -gt 65534 ]; then
	check "as nobody" eval '[ "$(stat -c %U /proc/$(announcer))" = nobody ]'
fi
check "without a capability" grep -q '^CapPrm:.0000000000000000' "/proc/$(announcer)/status"

# ---- WS-Discovery, judged by wsdd
discover() { # FAMILY
	nsenter -t $peer -n python3 "$wsdd" "-$1" -D -o -i cli0 -vv >"$WORK/wsdd$1" 2>&1 &
	judge=$!
	check "IPv$1: wsdd finds the server and its workgroup" \
		wait_for 20 grep "discovered NASBOX in Workgroup:HOME on" "$WORK/wsdd$1" || cut -c 1-150 "$WORK/wsdd$1"
	kill $judge
	wait $judge 2>/dev/null
}
discover 4
ip -6 addr show dev srv0 | grep -q fe80 && discover 6

# ---- mDNS, judged by zeroconf
cat >"$WORK/browse.py" <<'P'
import sys, time
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf
class Seen(ServiceListener):
    def __init__(self): self.info = {}
    def add_service(self, zc, kind, name):
        self.info[kind] = zc.get_service_info(kind, name, 3000)
    def update_service(self, *_): pass
    def remove_service(self, zc, kind, name): self.info.pop(kind, None)
kinds = ["_smb._tcp.local.", "_device-info._tcp.local.", "_adisk._tcp.local."]
zc = Zeroconf(interfaces=["192.0.2.2"])
seen = Seen()
browser = ServiceBrowser(zc, kinds, seen)
end = time.time() + 10
while time.time() < end and not all(seen.info.get(k) for k in kinds):
    time.sleep(0.1)
smb = seen.info["_smb._tcp.local."]
assert smb.name == "NASBOX._smb._tcp.local.", smb
assert smb.port == int(sys.argv[1]), smb
assert "192.0.2.1" in smb.parsed_addresses(), smb.parsed_addresses()
assert seen.info["_adisk._tcp.local."].properties[b"dk0"] == b"adVN=backup,adVF=0x82"
print("seen", flush=True)
if len(sys.argv) > 2:
    end = time.time() + 15
    while time.time() < end and "_smb._tcp.local." in seen.info:
        time.sleep(0.1)
    assert "_smb._tcp.local." not in seen.info, "no good-bye"
    print("gone", flush=True)
zc.close()
P
check "zeroconf finds the services" other "$venv/bin/python" "$WORK/browse.py" "$PORT"

# ---- what is hostile
cat >"$WORK/hostile.py" <<'P'
import socket, sys, time
SOAP = "http://www.w3.org/2003/05/soap-envelope"
def probe(n, extra="", types="wsdp:Device", head=""):
    return (head + f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">'
        '<s:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>'
        f'<a:MessageID>urn:uuid:{n}</a:MessageID></s:Header><s:Body><d:Probe><d:Types>{types}</d:Types>{extra}</d:Probe></s:Body></s:Envelope>').encode()
def answers(source, messages, wait=1.0, to=("239.255.255.250", 3702)):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.2"))
    for m in messages:
        s.sendto(m, to)
    s.settimeout(wait)
    got = []
    try:
        while True:
            got.append(s.recv(65536))
    except socket.timeout:
        return got
one = answers("192.0.2.2", [probe(1)])
assert len(one) == 1 and b"urn:uuid:1<" in one[0] and b"192.0.2.1:5357" in one[0], one
assert len(one[0]) < 2000, len(one[0])
assert answers("198.51.100.9", [probe(2)]) == [], "an address of another network was answered"
assert answers("198.51.100.9", [probe(2)], to=("192.0.2.1", 3702)) == [], "the same, not by the group"
bad = [b"", b"\0" * 100, b"<" * 8000, probe(3)[:-5], probe(4, "<x/>" * 1000), probe(5, types="wsdp:Printer"),
       probe(6, head='<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'), probe("x" * 300), probe(7, " " * 20000)]
assert answers("192.0.2.2", bad) == [], "what is no question was answered"
flood = answers("192.0.2.2", [probe(n) for n in range(500)])
assert 5 <= len(flood) <= 40, len(flood)
time.sleep(1)
assert len(answers("192.0.2.2", [probe(8)])) == 1, "it answers no more"
# Connections that say nothing do not keep others out for ever.
idle = [socket.create_connection(("192.0.2.1", 5357)) for _ in range(9)]
time.sleep(6)
c = socket.create_connection(("192.0.2.1", 5357))
c.sendall(b"GET / HTTP/1.1\r\n\r\n")
assert b" 405 " in c.recv(1000)
print("ok")
P
check "hostile messages" other python3 "$WORK/hostile.py"
check "the process is still the same" announcer
check "the server is, too" kill -0 $server

# ---- good-bye
other "$venv/bin/python" "$WORK/browse.py" "$PORT" bye >"$WORK/bye" 2>&1 &
judge=$!
check "seen again" wait_for 12 grep -q seen "$WORK/bye"
kill $server
wait $server
check "the good-bye is heard" wait $judge
cat "$WORK/bye" | sed 's/^/     | /' | grep -v seen
check "nothing is left" eval '! pgrep -f "mountd --announce" -s 0'
finish
