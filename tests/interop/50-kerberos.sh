#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kerberos with an MIT KDC of our own on the loopback device: smbclient by ticket and by the password of the KDC, in
# every dialect, signed and encrypted; principals that are nobody, other realms, keytabs that change, tickets that end,
# tickets of 48 KiB; and passwords of the server's own beside it. SERVER_DIR is where the server's configuration
# (ksmbd.toml, krb5.conf) lies, BIN where the programs are.
. "$(dirname "$0")/lib.sh"
[ -n "${SERVER_DIR:-}" ] && [ -n "${BIN:-}" ] || { echo "skip: the server's configuration is not reachable"; exit 77; }
here=$(dirname "$0")
need_python
# shellcheck source=tests/interop/kdc.sh
. "$here/kdc.sh"
kdc_start "$SERVER_DIR/krb5.conf" "$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
keytab=$SERVER_DIR/keytab
check "KDC: keytab" one ktadd -q -k "$keytab" "cifs/$NAME"
check "KDC: another service's keytab" one ktadd -q -k "$K/nfs" "nfs/$NAME"

# config LINES…: what [global] says from now on.
config() {
	{ echo "[global]"; printf '%s\n' "$@"; sed '1{/^\[global\]$/d}' "$WORK/before"; } >"$SERVER_DIR/new"
	mv "$SERVER_DIR/new" "$SERVER_DIR/ksmbd.toml"
	"$BIN/ksmbd-control" --reload --runtime-dir "$SERVER_DIR/run"
}
cp "$SERVER_DIR/ksmbd.toml" "$WORK/before"
offers() { "$venv/bin/python" "$here/kerberos_client.py" offers; }

check "kinit" ticket "$WORK/alice" "$SMB_USER"
expect "not offered without a keytab" "^NTLMSSP$" offers
expect "and not taken" NT_STATUS by "$WORK/alice" -c ls
check "reload with a keytab" config "kerberos_keytab_file = \"$keytab\""
expect "offered with a keytab" "^MS-KRB5 KRB5 NTLMSSP$" offers

head -c 3M /dev/urandom >"$WORK/file"
for dialect in SMB2_02 SMB2_10 SMB3_00 SMB3_02 SMB3_11 encrypt sign; do
	case $dialect in
	encrypt | sign) how=(--client-protection=$dialect) ;;
	*) how=(-m "$dialect") ;;
	esac
	check "$dialect put" by "$WORK/alice" "${how[@]}" -c "put $WORK/file krb"
	rm -f "$WORK/back"
	check "$dialect get" by "$WORK/alice" "${how[@]}" -c "get krb $WORK/back"
	check "$dialect equal" cmp "$WORK/file" "$WORK/back"
	expect "$dialect ls" "3145728" by "$WORK/alice" "${how[@]}" -c "ls krb"
	check "$dialect del" by "$WORK/alice" "${how[@]}" -c "del krb"
done
# Keys of 32 bytes are used as they are.
check "AES-256" by "$WORK/alice" --client-protection=encrypt \
	--option='client smb3 encryption algorithms=aes-256-gcm' -c "put $WORK/file krb; ls; del krb"
expect "by the KDC's password" "blocks" smbclient "//$NAME/$SHARE" -I "$SMB_HOST" -p "$PORT" \
	--use-kerberos=required -U "$SMB_USER@$REALM%krb-$SMB_USER" -c ls
expect "the server's own password still works" "blocks" smb -c ls
expect "and wrong ones do not" NT_STATUS_LOGON_FAILURE smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "$SMB_USER%wrong" -c ls
check "without SPNEGO around it" "$venv/bin/python" "$here/kerberos_client.py" raw "$WORK/alice"
check "as the second choice, with signed lists" "$venv/bin/python" "$here/kerberos_client.py" second "$WORK/alice"
check "a list that was changed" "$venv/bin/python" "$here/kerberos_client.py" changed "$WORK/alice"

# Log-ins by Kerberos within a pipe, as it is and in SPNEGO. Samba's client wants a ticket for host/ there.
one addprinc -randkey "host/$NAME" >/dev/null 2>&1
check "KDC: the machine's key in the keytab" one ktadd -q -k "$keytab" "host/$NAME"
for how in krb5 spnego; do
	for level in connect packet sign seal; do
		bound() {
			KRB5CCNAME="FILE:$WORK/alice" rpcclient -p "$PORT" -I "$SMB_HOST" --use-kerberos=required \
				--use-krb5-ccache="FILE:$WORK/alice" "ncacn_np:$NAME[$how,$level]" -c "$*"
		}
		expect "[$how,$level] getusername" "Account Name: $SMB_USER" bound getusername
		expect "[$how,$level] netshareenumall" "netname: $SHARE" bound "netshareenumall; netshareenum"
		expect "[$how,$level] enumdomusers" "user:\[$SMB_USER\]" bound enumdomusers
	done
done

# Who is nobody.
check "kinit: no account" ticket "$WORK/mallory" mallory
expect "no account" NT_STATUS_LOGON_FAILURE by "$WORK/mallory" -c ls
check "kinit: an instance" ticket "$WORK/admin" "$SMB_USER/admin"
expect "an instance is not the user" NT_STATUS_LOGON_FAILURE by "$WORK/admin" -c ls
check "kinit: other realm" ticket "$WORK/other" "$SMB_USER@$OTHER"
expect "the same name of another realm" NT_STATUS_LOGON_FAILURE by "$WORK/other" -c ls
check "reload with realms" config "kerberos_keytab_file = \"$keytab\"" "kerberos_realms = [\"$OTHER\"]"
expect "unless the realm is named" "blocks" by "$WORK/other" -c ls
check "reload without" config "kerberos_keytab_file = \"$keytab\"" 'kerberos_service_name = "cifs"'
expect "and then no more" NT_STATUS_LOGON_FAILURE by "$WORK/other" -c ls
expect "with the service's name" "blocks" by "$WORK/alice" -c ls

# System users: this one is known to every Debian system, and to no store.
one addprinc -pw "krb-$SMB_USER" games >/dev/null 2>&1
one addprinc -pw "krb-$SMB_USER" root >/dev/null 2>&1
check "kinit: system users" eval 'ticket "$WORK/games" games && ticket "$WORK/root" root'
expect "a system user is none of ours" NT_STATUS_LOGON_FAILURE by "$WORK/games" -c ls
check "reload with system users" config "kerberos_keytab_file = \"$keytab\"" 'kerberos_system_users = true'
expect "unless the configuration says so" "blocks" by "$WORK/games" -c ls
expect "but never root" NT_STATUS_LOGON_FAILURE by "$WORK/root" -c ls

# The keytab is another one: what was made with the old key is worth nothing.
cp "$keytab" "$WORK/old-keytab"
cp "$K/nfs" "$keytab"
expect "another service's keytab" NT_STATUS_LOGON_FAILURE by "$WORK/alice" -c ls
cp "$WORK/old-keytab" "$keytab"
expect "and back, without a reload" "blocks" by "$WORK/alice" -c ls
one ktadd -q -k "$keytab" "cifs/$NAME" >/dev/null 2>&1
check "kinit: new key" ticket "$WORK/alice" "$SMB_USER"
expect "a new version of the key, without a reload" "blocks" by "$WORK/alice" -c ls

# Tickets that end: in the session, and before it.
check "kinit: 8 s" ticket "$WORK/short" "$SMB_USER" -l 8s
check "the ticket for the server" kvno -q -c "FILE:$WORK/short" "cifs/$NAME"
check "impacket with it" bash -c '! "$@"' - "$venv/bin/python" "$here/kerberos_client.py" ended "$WORK/short"
{ echo ls; sleep $((9 + SKEW)); echo ls; } | by "$WORK/short" >"$WORK/session" 2>&1
expect "a session begins" "blocks" cat "$WORK/session"
expect "and ends with its ticket" NT_STATUS_NETWORK_SESSION_EXPIRED cat "$WORK/session"
check "an ended ticket does not log in" "$venv/bin/python" "$here/kerberos_client.py" ended "$WORK/short"

check "kinit" ticket "$WORK/padded" "$SMB_USER"
check "a padded ticket" python3 "$here/large_ticket.py" "$WORK/padded" "cifs/$NAME" $((48 * 1024))
expect "padded by its client" "blocks" by "$WORK/padded" -c ls
# Large tickets: forged with the server's key, as those of a user of very many groups.
for groups in 1000 2500 6500; do
	check "a ticket with $groups groups" bash -c 'cd "$0" && "$@"' "$WORK" "$venv/bin/python" "$venv/bin/ticketer.py" \
		-spn "cifs/$NAME" -domain "$REALM" -domain-sid S-1-5-21-1-2-3 -keytab "$keytab" -duration 1 \
		-groups "$(seq -s, 1000 $((999 + groups)))" "$SMB_USER"
	size=$(stat -c %s "$WORK/$SMB_USER.ccache")
	check "it comes beside another" "$venv/bin/python" "$here/kerberos_client.py" merge "$WORK/alice" "$WORK/$SMB_USER.ccache" "$WORK/large"
	check "$((size / 1024)) KiB: put" by "$WORK/large" --client-protection=sign -c "put $WORK/file krb"
	check "$((size / 1024)) KiB: get" by "$WORK/large" --client-protection=encrypt -c "get krb $WORK/back; del krb"
	check "$((size / 1024)) KiB: equal" cmp "$WORK/file" "$WORK/back"
done
check "the last one has 48 KiB" test "$size" -gt $((48 * 1024))
finish
