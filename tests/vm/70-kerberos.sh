#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# Kerberos by way of the module, with KDC, server and clients in the guest: the kernel's client with sec=krb5, plain,
# signed and sealed; smbclient; a ticket of 48 KiB; tickets that end and are renewed under a mount; who is nobody.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/interop/kdc.sh
. "$(dirname "$0")/../interop/kdc.sh"

own=/tmp/krb5cc_0
large() { python3 "$(dirname "$0")/../interop/large_ticket.py" "$@"; }
refused() { by "$@" -c ls 2>&1 | grep NT_STATUS_LOGON_FAILURE; }
krb_mount() { mkdir -p "$1" && mount -t cifs "//$NAME/$SHARE" "$1" -o "username=$SMB_USER,port=$PORT,ip=127.0.0.1,${2:-sec=krb5}"; }
round_trip() { # DIR
	dd if=/dev/urandom of="$WORK/data" bs=1M count=4 status=none
	cp "$WORK/data" "$1/file" && cmp "$WORK/data" "$SHARE_DIR/file" && cmp "$WORK/data" "$1/file" &&
		[ "$(stat -c %u "$SHARE_DIR/file")" = "$(id -u "$SMB_USER")" ] && rm "$1/file"
}

echo "127.0.0.1 $NAME" >>/etc/hosts
kdc_start /etc/krb5.conf 88
check "keytab" one ktadd -q -k /etc/krb5.keytab "cifs/$NAME"
{ echo '[global]'; echo 'kerberos_keytab_file = "/etc/krb5.keytab"'; sed '/^\[global\]$/d' /etc/ksmbd/ksmbd.toml; } >"$WORK/toml"
cp "$WORK/toml" /etc/ksmbd/ksmbd.toml
check "reload" ksmbd.control --reload

check "kinit" ticket $own "$SMB_USER"
for sec in "sec=krb5" "sec=krb5i" "sec=krb5,seal" "sec=krb5,vers=3.0" "sec=krb5,vers=2.1"; do
	if check "mount $sec" krb_mount /mnt/k "$sec"; then
		check "round trip $sec" round_trip /mnt/k
		check "unmount $sec" umount /mnt/k
	fi
done
check "smbclient" by $own -c 'mkdir d; rmdir d'
check "smbclient, sealed" by $own --client-protection=encrypt -c 'mkdir d; rmdir d'
check "the password still works" smb_mount /mnt/k
check "round trip with the password" round_trip /mnt/k
umount /mnt/k

check "kinit: nobody, an instance, another realm" eval \
	'ticket "$WORK/mallory" mallory && ticket "$WORK/admin" "$SMB_USER/admin" && ticket "$WORK/other" "$SMB_USER@$OTHER"'
for who in mallory admin other; do check "$who is refused" refused "$WORK/$who"; done

check "kinit" ticket "$WORK/large" "$SMB_USER"
check "a ticket of 48 KiB" large "$WORK/large" "cifs/$NAME" $((48 * 1024))
check "smbclient with it" by "$WORK/large" -c 'mkdir d; rmdir d'
cp "$WORK/large" $own
check "mount with it" krb_mount /mnt/k
check "round trip with it" round_trip /mnt/k
umount /mnt/k

# The session ends with its ticket; with the next one the mount goes on.
check "kinit: 8 s" ticket $own "$SMB_USER" -l 8s
check "mount" krb_mount /mnt/k
check "it works" touch /mnt/k/before
exec 5>>/mnt/k/before
{ echo ls; sleep $((9 + SKEW)); echo ls; } | by $own >"$WORK/session" 2>&1
check "smbclient is told that its ticket ended" grep NT_STATUS_NETWORK_SESSION_EXPIRED "$WORK/session"
refuse "an ended ticket does not mount" krb_mount /mnt/l
check "kinit again" ticket $own "$SMB_USER"
check "the mount goes on" touch /mnt/k/after
echo more >&5
exec 5>&-
check "what was open is written" grep more "$SHARE_DIR/before"
check "unmount" umount /mnt/k

# smbtorture's tests of sessions that end, which need Kerberos; mostly they wait, so all at once.
check "oplocks" ksmbd.addshare -u "$SHARE" -o 'oplocks = true'
check "reload" ksmbd.control --reload
tests="expire1n expire1s expire1e expire2s expire2e expire_disconnect"
for t in $tests; do
	smbtorture "//$NAME/$SHARE" -p "$PORT" --use-kerberos=required -U "$SMB_USER@$REALM%krb-$SMB_USER" \
		--realm=$REALM "smb2.session.$t" >"$WORK/$t" 2>&1 &
	pids="${pids:-} $!"
done
# Not the KDC, which does not end.
# shellcheck disable=SC2086
wait $pids
for t in $tests; do check "smbtorture smb2.session.$t" eval "cat $WORK/$t; grep -q '^success: $t' $WORK/$t"; done
clean_share
finish
