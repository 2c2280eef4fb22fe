#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our daemon and tools with the C module that the kernel comes with.
# vm: --server ours --fs ext4 --timeout 300
. "$(dirname "$0")/lib.sh"
server_stop ours || exit 1
modprobe ksmbd || exit 1

# Everything anew: own configuration and accounts.
rm -rf /etc/ksmbd /var/lib/ksmbd
mkdir -p /etc/ksmbd /var/lib/ksmbd /srv/second /mnt/c
chown alice: /srv/second
check "user added" eval 'printf "%s\n" "$SMB_PASSWORD" | ksmbd.adduser -a "$SMB_USER" --password-stdin'
check "share added" ksmbd.addshare -a "$SHARE" --path "$SHARE_DIR" -o "read_only = false"
chown "$SMB_USER": "$SHARE_DIR"

: >$SERVER_LOG
start_ours_mountd
check "daemon serves from the C module" wait_for 20 port_open 445
check "status names the C module" eval 'ksmbd.control --status | grep -q "C ksmbd"'

SMB="smbclient -U $SMB_USER%$SMB_PASSWORD"
check "shares are listed" eval "$SMB -L 127.0.0.1 | grep -q '^[[:space:]]*$SHARE '"
check "smbclient puts and gets" eval "cd $WORK && dd if=/dev/urandom of=put bs=64k count=40 2>/dev/null &&
	$SMB //127.0.0.1/$SHARE -c 'put put; get put got' && cmp put got"
refuse "wrong password" smbclient -U "$SMB_USER%wrong" "//127.0.0.1/$SHARE" -c ls
refuse "unknown user" smbclient -U "nosuch%$SMB_PASSWORD" "//127.0.0.1/$SHARE" -c ls
refuse "unknown share" $SMB //127.0.0.1/nosuch -c ls

for options in vers=2.1 vers=3.0,seal vers=3.1.1 vers=3.1.1,sign; do
	check "cifs.ko mounts with $options" smb_mount /mnt/c "$options" || continue
	check "files with $options" eval 'mkdir /mnt/c/d && echo hello >/mnt/c/d/f && [ "$(cat "$SHARE_DIR/d/f")" = hello ] &&
		[ "$(stat -c %U "$SHARE_DIR/d/f")" = "$SMB_USER" ] && rm -r /mnt/c/d'
	umount /mnt/c
done

# Reload: a share more, and one that changes under those who use it next.
check "second share added" ksmbd.addshare -a second --path /srv/second --read-only
check "reload" ksmbd.control --reload
check "second share is there" eval "$SMB //127.0.0.1/second -c ls"
check "second share is read-only" eval "cd $WORK && ! $SMB //127.0.0.1/second -c 'put put' >out2 2>&1 &&
	grep -q NT_STATUS_ACCESS_DENIED out2 && [ ! -e /srv/second/put ]" || cat $WORK/out2
check "second share becomes writable" ksmbd.addshare -u second -o "read_only = false"
check "reload again" ksmbd.control --reload
check "second share is writable" eval "cd $WORK && $SMB //127.0.0.1/second -c 'put put' && [ -s /srv/second/put ]"
check "second share is removed" ksmbd.addshare -d second
check "reload once more" ksmbd.control --reload
refuse "second share is gone" $SMB //127.0.0.1/second -c ls

# A daemon that dies is taken over from: clients stay.
smb_mount /mnt/c
kill -9 "$(pidof ksmbd.mountd)"
start_ours_mountd
check "a new daemon takes over" wait_for 20 eval 'ksmbd.control --status >/dev/null'
check "the mount works on" eval 'echo more >/mnt/c/more && [ -s "$SHARE_DIR/more" ]'
check "and new logins do" eval "$SMB //127.0.0.1/$SHARE -c ls"

# Kerberos by way of the C module: it passes the token on, the daemon looks at it.
# shellcheck source=tests/interop/kdc.sh
. "$(dirname "$0")/../interop/kdc.sh"
own=/tmp/krb5cc_0
echo "127.0.0.1 $NAME" >>/etc/hosts
kdc_start /etc/krb5.conf 88
check "keytab" one ktadd -q -k /etc/krb5.keytab "cifs/$NAME"
check "kinit" ticket $own "$SMB_USER"
refuse "no Kerberos without a keytab" by $own -c ls
{ echo '[global]'; echo 'kerberos_keytab_file = "/etc/krb5.keytab"'; sed '/^\[global\]$/d' /etc/ksmbd/ksmbd.toml; } >"$WORK/toml"
cp "$WORK/toml" /etc/ksmbd/ksmbd.toml
check "reload with a keytab" ksmbd.control --reload
check "smbclient by ticket" by $own -c 'mkdir d; rmdir d'
check "smbclient by ticket, sealed" by $own --client-protection=encrypt -c 'mkdir d; rmdir d'
mkdir -p /mnt/k
for sec in sec=krb5 sec=krb5i sec=krb5,seal; do
	check "mount $sec" mount -t cifs "//$NAME/$SHARE" /mnt/k -o "username=$SMB_USER,ip=127.0.0.1,$sec" || continue
	check "files with $sec" eval 'echo hello >/mnt/k/f && [ "$(cat "$SHARE_DIR/f")" = hello ] &&
		[ "$(stat -c %U "$SHARE_DIR/f")" = "$SMB_USER" ] && rm /mnt/k/f'
	umount /mnt/k
done
check "kinit: nobody" ticket "$WORK/mallory" mallory
refuse "a ticket of nobody" by "$WORK/mallory" -c ls
check "kinit: 8 s" ticket "$WORK/short" "$SMB_USER" -l 8s
{ echo ls; sleep $((9 + SKEW)); echo ls; } | by "$WORK/short" >"$WORK/session" 2>&1
check "a session ends with its ticket" grep NT_STATUS_NETWORK_SESSION_EXPIRED "$WORK/session"

check "shutdown with a client mounted" ksmbd.control --shutdown
check "the daemon ends" wait_for 15 eval '! pidof ksmbd.mountd >/dev/null'
umount -f -l /mnt/c
check "the C module unloads" wait_for 30 rmmod ksmbd
# What runs next finds our module again.
server_start ours || bad "our own module starts again"
[ $failed -eq 0 ] || tail -n 40 $SERVER_LOG
finish
