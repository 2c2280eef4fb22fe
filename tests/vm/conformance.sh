#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 7200
# smbtorture in the guest; only `cargo xtask conformance smbtorture --server …`
# runs it. The tests come in files/tests.list (seconds, whether the server must
# demand signatures, arguments), each test's output is marked by @begin and @end.
. "$(dirname "$0")/lib.sh"
FILES=/run/xtask/files
if [ ! -r $FILES/tests.list ]; then
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
read -r USER2 PASSWORD2 <$FILES/user2
OTHER=/srv/share/other
mkdir -p -m 0700 $OTHER
chmod 0777 "$SHARE_DIR"

ours_config() {
	sed -e "s,@DIR@,$SHARE_DIR,; s,@COW@,$SHARE_DIR,; s,@OTHER@,$OTHER," $FILES/ksmbd.toml >/etc/ksmbd/ksmbd.toml
	[ "$1" = 0 ] || sed -i 's/^\[global\]/&\nserver_signing = "mandatory"/' /etc/ksmbd/ksmbd.toml
	printf '%s\n' "$PASSWORD2" | ksmbd.adduser -a "$USER2" --password-stdin 2>/dev/null
	return 0
}

shares="data encrypted hideunread nostreams cow"

ksmbd_config() {
	{
		printf '[global]\nnetbios name = GUEST\nmap to guest = never\nsmb2 leases = yes\ndurable handles = yes\nserver multi channel support = yes\n'
		[ "$1" = 0 ] || echo 'server signing = mandatory'
		for s in $shares; do
			printf '[%s]\npath = %s\nread only = no\noplocks = yes\nvfs objects = acl_xattr streams_xattr\n' "$s" "$SHARE_DIR"
		done
		printf '[noperm]\npath = %s\nread only = no\n' $OTHER
	} >/etc/cksmbd/ksmbd.conf
	$CTOOLS/ksmbd.adduser -C /etc/cksmbd/ksmbd.conf -P /etc/cksmbd/ksmbdpwd.db -a -p "$PASSWORD2" "$USER2" >/dev/null 2>&1
	return 0
}

samba_config() {
	{
		cat <<-CONF
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
			server multi channel support = yes
			smb3 directory leases = yes
			kernel oplocks = no
			posix locking = no
			map archive = no
			create mask = 0755
			dos filemode = yes
			strict sync = yes
			smbd:FSCTL_SMBTORTURE = yes
			acl_xattr:ignore system acls = no
			logging = file
			log file = /run/server.log
		CONF
		[ "$1" = 0 ] || echo 'server signing = mandatory'
		for s in $shares; do
			printf '[%s]\npath = %s\nread only = no\nvfs objects = acl_xattr streams_xattr\n' "$s" "$SHARE_DIR"
		done
		printf '[encrypted]\nserver smb encrypt = required\n[hideunread]\nhide unreadable = yes\n[nostreams]\nvfs objects = acl_xattr\n'
		printf '[noperm]\npath = %s\nread only = no\n' $OTHER
	} >/etc/samba/guest.conf
	printf '%s\n%s\n' "$PASSWORD2" "$PASSWORD2" | smbpasswd -c /etc/samba/guest.conf -s -a "$USER2" >/dev/null 2>&1
	return 0
}

# The servers' own start functions write a simple configuration: start again
# with the one for these tests. serve SIGNING
serve() {
	case $SERVER in
	ours)
		ksmbd.control --shutdown >/dev/null
		wait_for 15 eval '! pidof ksmbd.mountd >/dev/null' || return 1
		ours_config "$1"
		start_ours_mountd
		;;
	ksmbd)
		$CTOOLS/ksmbd.control -s >/dev/null 2>&1
		wait_for 15 eval '! pidof ksmbd.tools ksmbd.mountd >/dev/null' || return 1
		ksmbd_config "$1"
		$CTOOLS/ksmbd.mountd -C /etc/cksmbd/ksmbd.conf -P /etc/cksmbd/ksmbdpwd.db -n >>"$SERVER_LOG" 2>&1 </dev/null &
		;;
	samba)
		stop_samba || return 1
		samba_config "$1"
		setsid smbd -F --no-process-group -s /etc/samba/guest.conf >>"$SERVER_LOG" 2>&1 </dev/null &
		echo $! >/run/smbd.main
		;;
	esac
	wait_for 60 port_open 445
}

signing=
while IFS=$'\t' read -r name seconds wants args; do
	if [ "$wants" != "$signing" ]; then
		serve "$wants" || echo "the server does not start"
		signing=$wants
	fi
	clean_share
	echo "@begin $name"
	from=$EPOCHREALTIME
	eval "set -- $args"
	timeout -k 5 "$seconds" smbtorture "$@" </dev/null 2>&1
	status=$?
	ms=$(since "$from")
	# Every line of the test's output ends before the mark.
	printf '\n@end %s %d.%03d %d\n' "$name" $((ms / 1000)) $((ms % 1000)) $status
done <$FILES/tests.list
echo "done"
