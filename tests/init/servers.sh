# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Starting and stopping the servers in the guest. Sourced by init and by the
# scripts that change servers (bench). Every server has one share $SHARE on
# $SHARE_DIR for $SMB_USER with $SMB_PASSWORD, on port 445.
#
#   server_start ours|ksmbd|samba|none     returns when 127.0.0.1:445 accepts
#   server_stop  ours|ksmbd|samba|none     returns when it is gone (unloaded)
#   server_logs                            whatever the servers wrote

SERVER_LOG=/run/server.log
CTOOLS=/opt/ksmbd-tools/usr/sbin

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/${1:-445}") 2>/dev/null; }

wait_for() { # SECONDS COMMAND... (as many times longer as the kernel is slower)
	local end=$((SECONDS + $1 * ${SLOW:-1}))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

server_logs() {
	[ -s $SERVER_LOG ] || return 0
	echo "---- server log (tail)"
	tail -n 60 $SERVER_LOG
	echo "----"
}

module_loaded() { [ -d /sys/module/ksmbd ]; }

unload_module() { ! module_loaded || rmmod ksmbd; }

server_start() {
	: >$SERVER_LOG
	case $1 in
	none | probe) return 0 ;;
	ours) start_ours ;;
	ksmbd) start_ksmbd ;;
	samba) start_samba ;;
	*) echo "unknown server $1" && return 1 ;;
	esac || return 1
	wait_for 60 port_open 445 || { echo "port 445 does not answer" && return 1; }
}

server_stop() {
	case $1 in
	none) return 0 ;;
	ours) stop_ours ;;
	ksmbd) stop_ksmbd ;;
	samba) stop_samba ;;
	esac
}

# ---- ours

insert_ours() {
	local dep
	# aesni_intel brings the fast gcm(aes); the module has it as a softdep,
	# which insmod does not follow.
	modprobe -q aesni_intel
	for dep in $(modinfo -F depends /run/xtask/ksmbd.ko | tr ',' ' '); do
		modprobe "$dep" || return 1
	done
	insmod /run/xtask/ksmbd.ko "$@"
}

# shellcheck disable=SC2120
start_ours() {
	if [ ! -e /run/xtask/ksmbd.ko ]; then
		echo "no ksmbd.ko in this run" && return 1
	fi
	install -m 755 /run/xtask/bin/ksmbd.* /usr/sbin/
	mkdir -p /etc/ksmbd /var/lib/ksmbd /run/ksmbd
	module_loaded || insert_ours || return 1
	if [ ! -e /etc/ksmbd/ksmbd.toml ] || ! grep -q "$SHARE_DIR" /etc/ksmbd/ksmbd.toml; then
		printf '%s\n' "$SMB_PASSWORD" | ksmbd.adduser -a "$SMB_USER" --password-stdin || return 1
		ksmbd.addshare -a "$SHARE" --path "$SHARE_DIR" || return 1
	fi
	start_ours_mountd
}

start_ours_mountd() {
	RUST_BACKTRACE=1 setsid ksmbd.mountd --nodetach >>$SERVER_LOG 2>&1 </dev/null &
}

stop_ours() {
	ksmbd.control --shutdown || return 1
	wait_for 15 eval '! pidof ksmbd.mountd >/dev/null' || { echo "mountd still there" && return 1; }
	unload_module
}

# ---- Debian's C ksmbd with its own tools

start_ksmbd() {
	mkdir -p /etc/cksmbd
	cat >/etc/cksmbd/ksmbd.conf <<-EOF
		[global]
		netbios name = GUEST
		server string = C ksmbd
		map to guest = never
		smb2 leases = yes
		durable handles = yes
		[$SHARE]
		path = $SHARE_DIR
		read only = no
		browseable = yes
		vfs objects = acl_xattr streams_xattr
	EOF
	modprobe -q aesni_intel
	modprobe ksmbd || return 1
	rm -f /etc/cksmbd/ksmbdpwd.db
	touch /etc/cksmbd/ksmbdpwd.db
	$CTOOLS/ksmbd.adduser -C /etc/cksmbd/ksmbd.conf -P /etc/cksmbd/ksmbdpwd.db \
		-a -p "$SMB_PASSWORD" "$SMB_USER" >>$SERVER_LOG 2>&1 || return 1
	$CTOOLS/ksmbd.mountd -C /etc/cksmbd/ksmbd.conf -P /etc/cksmbd/ksmbdpwd.db -n \
		>>$SERVER_LOG 2>&1 </dev/null &
}

stop_ksmbd() {
	$CTOOLS/ksmbd.control -s >>$SERVER_LOG 2>&1
	wait_for 15 eval '! pidof ksmbd.tools ksmbd.mountd >/dev/null'
	wait_for 15 rmmod ksmbd 2>/dev/null
	! module_loaded
}

# ---- Debian's Samba

start_samba() {
	mkdir -p /run/samba /var/log/samba /var/lib/samba/private /var/cache/samba
	cat >/etc/samba/guest.conf <<-EOF
		[global]
		workgroup = WORKGROUP
		netbios name = GUEST
		server role = standalone server
		disable netbios = yes
		smb ports = 445
		load printers = no
		printing = bsd
		map to guest = never
		server min protocol = SMB2_02
		logging = file
		log file = $SERVER_LOG
		[$SHARE]
		path = $SHARE_DIR
		read only = no
		browseable = yes
		vfs objects = acl_xattr streams_xattr
	EOF
	if ! pdbedit -s /etc/samba/guest.conf -L 2>/dev/null | grep -q "^$SMB_USER:"; then
		printf '%s\n%s\n' "$SMB_PASSWORD" "$SMB_PASSWORD" |
			smbpasswd -c /etc/samba/guest.conf -s -a "$SMB_USER" || return 1
	fi
	setsid smbd -F --no-process-group -s /etc/samba/guest.conf >>$SERVER_LOG 2>&1 </dev/null &
	echo $! >/run/smbd.main
}

stop_samba() {
	kill "$(cat /run/smbd.main)"
	wait_for 20 eval '! pidof smbd >/dev/null'
}
