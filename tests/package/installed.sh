#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages on a Debian system that systemd runs, used as the README
# says: installed, first user and share, both units, crashes, upgrade, removal.
# Run by `cargo xtask package test-deb`; files/ has the packages, ksmbd.ko is
# what DKMS built of ksmbd-dkms.
set -u
files=/run/xtask/files
passed=0 failed=0
WORK=$(mktemp -d)
ok() { passed=$((passed + 1)) && echo "ok   $*"; }
bad() { failed=$((failed + 1)) && echo "FAIL $*"; }
# What the check before printed is in $WORK/last.
keep() { [ ! -e "$WORK/out" ] || mv "$WORK/out" "$WORK/last"; }
# check NAME COMMAND…: the command's output is shown only when it fails.
check() {
	local name=$1
	shift
	keep
	if "$@" >"$WORK/out" 2>&1; then ok "$name"; else
		bad "$name (status $?)"
		tail -n 40 "$WORK/out" | sed 's/^/     | /'
		return 1
	fi
}
# says NAME PART COMMAND…: succeeds, and PART is in what it prints.
says() {
	local name=$1 part=$2
	shift 2
	keep
	if "$@" >"$WORK/out" 2>&1 && grep -qF -e "$part" "$WORK/out"; then ok "$name"; else
		bad "$name: no '$part' in"
		tail -n 40 "$WORK/out" | sed 's/^/     | /'
	fi
}
wait_for() { # SECONDS COMMAND…
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
pid_of() { systemctl show -p MainPID --value "$1"; }
serving() { (exec 3<>/dev/tcp/127.0.0.1/445) 2>/dev/null; }
silent() { ! serving; }
smb() { smbclient //127.0.0.1/data -U alice%secret -c "$1"; }
round_trip() { # NAME
	head -c 3000000 /dev/urandom >"$WORK/put" &&
		smb "put $WORK/put $1; get $1 $WORK/got; ls" && cmp "$WORK/put" "$WORK/got" &&
		[ "$(stat -c %U "/srv/data/$1")" = alice ]
}
mounted() { # FILE
	mount -t cifs //127.0.0.1/data /mnt -o username=alice,password=secret || return 1
	echo "$1" >"/mnt/$1" && [ "$(cat "/srv/data/$1")" = "$1" ] && ls -l /mnt && rm "/mnt/$1"
	local status=$?
	umount /mnt && return $status
}
# Nothing in a unit's journal is a warning or worse.
quiet() { # UNIT
	sleep 1
	local text
	text=$(journalctl -q -b -u "$1" --no-pager -o short)
	# It is that run's journal at all.
	for part in serving 'configuration loaded' stopped; do
		grep -qi "$part" <<<"$text" || { echo "no '$part' in:"; echo "$text"; return 1; }
	done
	text=$(grep -E ' (WARN|ERROR) |warning:|error:|panicked|Failed|failed' <<<"$text")
	text+=$(journalctl -q -b -u "$1" -p warning --no-pager)
	[ -z "$text" ] || { echo "$text"; return 1; }
}
# The bounding set is what the unit names, and nothing more.
caps() { # UNIT
	local want have
	want=$(systemctl show -p CapabilityBoundingSet --value "$1" | tr ' ' '\n' | sort)
	have=$(capsh_of "$(pid_of "$1")" | sort)
	[ -n "$want" ] && [ "$want" = "$have" ] || { echo "unit: $want"; echo "process: $have"; return 1; }
}
capsh_of() { # PID: names of its bounding set
	local set n=0 names
	names=(chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
		net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
		sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
		audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read
		perfmon bpf checkpoint_restore)
	set=$((16#$(sed -n 's/^CapBnd:[[:space:]]*//p' "/proc/$1/status")))
	while [ $n -lt ${#names[@]} ]; do
		[ $((set >> n & 1)) = 0 ] || echo "cap_${names[n]}"
		n=$((n + 1))
	done
}
exposure() { # UNIT LIMIT: tenths
	local level
	level=$(systemd-analyze security --no-pager "$1" | sed -n 's/.*exposure level for.*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
	echo "$1: exposure $level tenths"
	[ -n "$level" ] && [ "$level" -le "$2" ]
}

# The machine is up, and what it came with is fine.
check "the system runs" eval 'systemctl is-system-running --wait; [ -z "$(systemctl --failed --no-legend)" ]' || systemctl --failed
export DEBIAN_FRONTEND=noninteractive
check "apt installs ksmbd-tools" apt-get install -y "$files/ksmbd-tools.deb"
says "and it says what is next" "ksmbd.adduser -a NAME" cat "$WORK/last"
for unit in ksmbd ksmbd-embedded; do
	check "$unit is neither started nor enabled" eval "! systemctl is-active $unit && [ \$(systemctl is-enabled $unit) = disabled ]"
	check "systemd-analyze verifies $unit" eval "systemd-analyze verify --man=no $unit.service >$WORK/verify 2>&1 && ! [ -s $WORK/verify ] || { cat $WORK/verify; false; }"
done
check "manual pages and completions" eval 'dpkg -L ksmbd-tools | grep -q man8/ksmbd.adduser.8 && [ -e /usr/share/man/man5/ksmbd.toml.5.gz ] &&
	bash -ic "source /usr/share/bash-completion/completions/ksmbd.control && complete -p ksmbd.control"'

# As root of a new machine, before any user or share.
check "without a module it says what to do" eval '! ksmbd.mountd --nodetach 2>"$WORK/err"; cat "$WORK/err"; grep -q "module" "$WORK/err"'

# The module, where DKMS puts it.
mkdir -p "/usr/lib/modules/$(uname -r)/updates/dkms"
cp /run/xtask/ksmbd.ko "/usr/lib/modules/$(uname -r)/updates/dkms/"
check "depmod" depmod -a
says "modprobe would take ours" updates/dkms modprobe -n -v --show-depends ksmbd

# The README's first steps.
useradd -m alice
check "ksmbd.adduser -a alice" eval 'echo secret | ksmbd.adduser -a alice --password-stdin'
mkdir -p /srv/data && chown alice: /srv/data
check "ksmbd.addshare -a data" ksmbd.addshare -a data --path /srv/data
check "accounts are root's alone" eval '[ "$(stat -c %U:%a /etc/ksmbd/ksmbd.db /etc/ksmbd/ksmbd.key | sort -u)" = root:600 ]'
check "testparm" ksmbd.control testparm

for unit in ksmbd ksmbd-embedded; do
	check "systemctl start $unit" systemctl start $unit || { journalctl -b -u $unit -u modprobe@ksmbd --no-pager | tail -n 40; continue; }
	check "$unit: it serves at once" eval "serving || { systemctl status --no-pager $unit; false; }"
	if [ $unit = ksmbd ]; then
		says "our module is in" "host:          kernel" eval "ksmbd.control --status | sed 's/(.*//'"
		check "it is ours" eval '[ -e /sys/module/ksmbd ] && [ "$(modinfo -F filename ksmbd)" = "/lib/modules/$(uname -r)/updates/dkms/ksmbd.ko" ]'
	fi
	check "$unit: smbclient" round_trip "from-$unit"
	says "$unit: smbclient -L" data smbclient -L 127.0.0.1 -U alice%secret
	check "$unit: cifs.ko mounts" mounted "by-$unit"
	check "$unit: as root in somebody's home" eval 'mkdir -p /home/alice/share && chown alice: /home/alice/share &&
		ksmbd.addshare -a home --path /home/alice/share && smbclient //127.0.0.1/home -U alice%secret -c "put /etc/hostname name" &&
		[ -s /home/alice/share/name ] && ksmbd.addshare -d home'
	check "$unit: capabilities" caps $unit
	check "$unit: no new privileges, native system calls" eval "grep -q '^NoNewPrivs:[[:space:]]*1' /proc/$(pid_of $unit)/status && grep -q '^Seccomp:[[:space:]]*2' /proc/$(pid_of $unit)/status"
	limit=40
	[ $unit = ksmbd ] || limit=60
	check "$unit: exposure" exposure $unit $limit
	cat "$WORK/out"

	# Reload: a share more.
	mkdir -p /srv/more && chown alice: /srv/more
	printf '\n[share.more]\npath = "/srv/more"\n' >>/etc/ksmbd/ksmbd.toml
	check "$unit: systemctl reload" systemctl reload $unit
	check "$unit: the new share is there" smbclient //127.0.0.1/more -U alice%secret -c ls
	check "$unit: a user and a share while it runs" eval "useradd -m new-$unit; echo pw | ksmbd.adduser -a new-$unit --password-stdin && smbclient //127.0.0.1/data -U new-$unit%pw -c ls"
	check "$unit: a share goes" ksmbd.addshare -d more
	sed -i '1i broken' /etc/ksmbd/ksmbd.toml
	check "$unit: a reload of a broken file fails" eval "! systemctl reload $unit"
	check "$unit: and serves on" round_trip again
	sed -i 1d /etc/ksmbd/ksmbd.toml
	check "$unit: a good reload again" systemctl reload $unit
	check "$unit: status is clean" eval "systemctl is-active $unit && systemctl status --no-pager $unit | cat"

	# A crash.
	before=$(pid_of $unit)
	kill -KILL "$before"
	check "$unit: restarted after SIGKILL" wait_for 30 eval "systemctl is-active -q $unit && [ \$(pid_of $unit) != $before ] && serving"
	check "$unit: and serves" round_trip after-crash
	check "$unit: systemctl restart" systemctl restart $unit
	check "$unit: and serves again" mounted restarted
	check "$unit: systemctl stop" systemctl stop $unit
	check "$unit: nothing listens" wait_for 5 silent
	check "$unit: it ended well" eval "[ \$(systemctl show -p Result --value $unit) = success ] && [ ! -e /run/ksmbd/control.sock ]"
done
check "the module unloads" eval '! [ -d /sys/module/ksmbd ] || rmmod ksmbd'

# Journals of undisturbed runs.
for unit in ksmbd ksmbd-embedded; do
	journalctl --rotate -q && journalctl --vacuum-time=1s -q 2>/dev/null
	sleep 1
	systemctl start $unit && round_trip quiet >/dev/null 2>&1 && systemctl reload $unit && systemctl stop $unit
	check "$unit: no warning in the journal" quiet $unit
done

# One ends the other: they are the same server.
systemctl start ksmbd
check "starting one stops the other" eval 'systemctl start ksmbd-embedded && ! systemctl is-active -q ksmbd && systemctl is-active -q ksmbd-embedded && serving'
says "which host" embedded ksmbd.control --status
check "and back" eval 'systemctl start ksmbd && ! systemctl is-active -q ksmbd-embedded && round_trip back'
check "and again" eval 'systemctl start ksmbd-embedded && ! systemctl is-active -q ksmbd && round_trip forth'

# An upgrade.
cp /etc/ksmbd/ksmbd.toml "$WORK/toml"
before=$(pid_of ksmbd-embedded)
check "a later version installs" apt-get install -y "$files/next.deb"
says "its version" +next dpkg-query -W -f '${Version}' ksmbd-tools
check "the service was restarted" eval "wait_for 20 systemctl is-active -q ksmbd-embedded && [ \$(pid_of ksmbd-embedded) != $before ]"
check "configuration and accounts are kept" eval 'cmp /etc/ksmbd/ksmbd.toml "$WORK/toml" && ksmbd.adduser --list | grep -q ^alice'
check "and it serves" round_trip upgraded
check "the earlier one installs over it" apt-get install -y --allow-downgrades "$files/ksmbd-tools.deb"

# Enabled, then removed.
check "enable" systemctl enable ksmbd-embedded
says "removal says what it left" "left in place: /etc/ksmbd/ksmbd.toml /etc/ksmbd/ksmbd.db /etc/ksmbd/ksmbd.key" apt-get remove -y ksmbd-tools
check "no warning in it" eval '! grep -iE "warning|failed|error" "$WORK/last"'
check "nothing serves or is enabled" eval 'silent && ! ls /etc/systemd/system/*/ksmbd* 2>/dev/null && ! systemctl cat ksmbd-embedded'
check "data, accounts and configuration are there" eval '[ -s /srv/data/upgraded ] && [ -s /etc/ksmbd/ksmbd.db ] && cmp /etc/ksmbd/ksmbd.toml "$WORK/toml"'
check "reinstalled" apt-get install -y "$files/ksmbd-tools.deb"
check "and started it serves as before" eval 'systemctl start ksmbd && round_trip reinstalled'
says "purge says what it left" "left in place: /etc/ksmbd/ksmbd.db /etc/ksmbd/ksmbd.key" apt-get purge -y ksmbd-tools
check "only accounts are left" eval '[ "$(ls -A /etc/ksmbd | grep -vE "^ksmbd.db-(shm|wal)$" | sort | tr "\n" " ")" = "ksmbd.db ksmbd.key " ] && [ ! -s /etc/ksmbd/ksmbd.db-wal ] || { ls -la /etc/ksmbd; false; }'
check "reinstalled after the purge" apt-get install -y "$files/ksmbd-tools.deb"
check "the old accounts, a new share" eval 'ksmbd.addshare -a data --path /srv/data && systemctl start ksmbd && round_trip purged'
check "stops" systemctl stop ksmbd
check "the module unloads at the end" eval '! [ -d /sys/module/ksmbd ] || rmmod ksmbd'
check "no unit failed" eval '[ -z "$(systemctl --failed --no-legend)" ] || { systemctl --failed --no-legend; false; }'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
