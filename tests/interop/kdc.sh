# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An MIT KDC of our own on the loopback device, with two realms that trust each other one way. Sourced by the scripts that
# need it; `check` and WORK are theirs.
PATH=$PATH:/usr/sbin:/sbin
REALM=KSMBD.TEST
OTHER=OTHER.TEST
NAME=files.ksmbd.test
# Seconds that clocks may differ, and that a session lasts beyond its ticket.
SKEW=3
export NAME REALM

# kdc_start CONF PORT: writes krb5.conf to CONF, and makes realms and users: $SMB_USER in both, and in the first one
# mallory, who is nobody else's user, and an instance of $SMB_USER.
kdc_start() {
	local who realm
	K=$WORK/kdc
	mkdir -p "$K"
	cat >"$1" <<-EOF
		[libdefaults]
		default_realm = $REALM
		dns_lookup_kdc = false
		dns_lookup_realm = false
		dns_canonicalize_hostname = false
		rdns = false
		clockskew = $SKEW
		udp_preference_limit = 1
		[realms]
		$REALM = {
		  kdc = 127.0.0.1:$2
		}
		$OTHER = {
		  kdc = 127.0.0.1:$2
		}
		[domain_realm]
		.ksmbd.test = $REALM
		[capaths]
		$OTHER = {
		  $REALM = .
		}
	EOF
	cat >"$K/kdc.conf" <<-EOF
		[kdcdefaults]
		kdc_listen = 127.0.0.1:$2
		kdc_tcp_listen = 127.0.0.1:$2
		[realms]
		$REALM = {
		  database_name = $K/one
		  key_stash_file = $K/one.stash
		  max_life = 1d
		}
		$OTHER = {
		  database_name = $K/two
		  key_stash_file = $K/two.stash
		  max_life = 1d
		}
		[logging]
		kdc = FILE:$K/log
	EOF
	export KRB5_CONFIG=$1 KRB5_KDC_PROFILE=$K/kdc.conf
	for realm in $REALM $OTHER; do
		check "KDC: realm $realm" kdb5_util -r $realm -P master create -s
	done
	for who in "$SMB_USER" mallory "$SMB_USER/admin" "krbtgt/$REALM@$OTHER"; do
		one addprinc -pw "krb-$SMB_USER" "$who"
	done >/dev/null 2>&1
	for who in "$SMB_USER" "krbtgt/$REALM@$OTHER"; do
		two addprinc -pw "krb-$SMB_USER" "$who"
	done >/dev/null 2>&1
	one addprinc -randkey "cifs/$NAME" >/dev/null 2>&1
	one addprinc -randkey "nfs/$NAME" >/dev/null 2>&1
	krb5kdc -n -r $REALM -r $OTHER >"$K/out" 2>&1 &
	kdc=$!
	trap 'kill $kdc; rm -rf "$WORK"' EXIT
	for _ in $(seq 50); do
		(: </dev/tcp/127.0.0.1/"$2") 2>/dev/null && return
		sleep 0.1
	done
	bad "the KDC does not answer"
	cat "$K/out"
}

# What the administrators of the two realms say.
one() { kadmin.local -r $REALM -q "$*"; }
two() { kadmin.local -r $OTHER -q "$*"; }

# ticket CACHE PRINCIPAL OPTIONS…: a ticket-granting ticket.
ticket() {
	local cache=$1 who=$2
	shift 2
	echo "krb-$SMB_USER" | kinit "$@" -c "FILE:$cache" "$who"
}

# by CACHE OPTIONS…: smbclient with the tickets of a cache, and no other way in. Older ones (4.17) look at the variable,
# newer ones at the option.
by() {
	local cache=$1
	shift
	KRB5CCNAME="FILE:$cache" smbclient "//$NAME/$SHARE" -I "${SMB_HOST:-127.0.0.1}" -p "$PORT" \
		--use-kerberos=required --use-krb5-ccache="FILE:$cache" --option='client min protocol=SMB2_02' "$@"
}
