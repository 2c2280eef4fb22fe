#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's smbclient in every dialect, plain, signed and encrypted: list, put and get a large file, names with
# blanks, beyond the BMP and of 255 characters, rename and delete of files and directories; and the errors.
. "$(dirname "$0")/lib.sh"

head -c "${SIZE_MB}M" /dev/urandom >"$WORK/big"
long=$(printf 'n%.0s' $(seq 255))
wide=$(printf '😀%.0s' $(seq 60))

# one NAME OPTIONS…
one() {
	local name=$1
	shift
	local d="t-$name"
	expect "$name lists shares" "$SHARE" smbclient -L "$SMB_HOST" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" \
		--option='client min protocol=SMB2_02' "$@"
	check "$name mkdir" smb "$@" -c "mkdir $d"
	check "$name put $SIZE_MB MiB" smb "$@" -c "cd $d; put $WORK/big big.bin"
	rm -f "$WORK/back"
	check "$name get $SIZE_MB MiB" smb "$@" -c "cd $d; get big.bin $WORK/back"
	check "$name bytes equal" cmp "$WORK/big" "$WORK/back"
	if [ -n "${SHARE_DIR:-}" ] && [ -d "$SHARE_DIR" ]; then
		check "$name bytes equal on the server" cmp "$WORK/big" "$SHARE_DIR/$d/big.bin"
	fi
	case ${ALL:-}$name in
	SMB3_0* | SMB2_10 | sign) ;;
	*) names "$d" "$@" ;;
	esac
	check "$name clean" smb "$@" -c "cd $d; del big.bin; cd ..; rmdir $d"
	expect "$name nothing left" NT_STATUS_NO_SUCH_FILE smb "$@" -c "ls $d"
}

# names DIR OPTIONS…: every kind of name. With ALL=1 in every variant, otherwise in three of them.
names() {
	local d=$1 f
	shift
	echo small >"$WORK/small"
	for f in "with some blanks" "ünïcödé 漢字" "beyond 😀 the BMP" "$long" "$wide"; do
		local short=${f:0:12}
		check "$name put '$short'" smb "$@" -c "cd $d; put $WORK/small \"$f\""
		expect "$name ls '$short'" " 6  *[A-Z][a-z][a-z] " smb "$@" -c "cd $d; ls \"$f\""
		check "$name get '$short'" smb "$@" -c "cd $d; get \"$f\" $WORK/small.back"
		check "$name equal '$short'" cmp "$WORK/small" "$WORK/small.back"
		check "$name rename '$short'" smb "$@" -c "cd $d; rename \"$f\" \"renamed\""
		check "$name delete '$short'" smb "$@" -c "cd $d; del renamed"
	done
	for f in "dir with blanks" "Ordner 😀" "${long}"; do
		local short=${f:0:12}
		check "$name mkdir '$short'" smb "$@" -c "cd $d; mkdir \"$f\""
		check "$name put below '$short'" smb "$@" -c "cd $d; cd \"$f\"; put $WORK/small inner"
		expect "$name rmdir of a full '$short'" NT_STATUS_DIRECTORY_NOT_EMPTY smb "$@" -c "cd $d; rmdir \"$f\""
		check "$name rename '$short'" smb "$@" -c "cd $d; rename \"$f\" \"moved\""
		check "$name delete below '$short'" smb "$@" -c "cd $d; cd moved; del inner"
		check "$name rmdir '$short'" smb "$@" -c "cd $d; rmdir moved"
	done
}

for dialect in SMB2_02 SMB2_10 SMB3_00 SMB3_02 SMB3_11; do
	one "$dialect" -m "$dialect"
done
one sign --client-protection=sign
one encrypt --client-protection=encrypt
one SMB3_00-encrypt -m SMB3_00 --client-protection=encrypt

# Errors leave the connection usable.
expect "wrong password" NT_STATUS_LOGON_FAILURE smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "$SMB_USER%wrong" -c ls
expect "unknown user" NT_STATUS_LOGON_FAILURE smbclient "//$SMB_HOST/$SHARE" -p "$PORT" -U "nobody-here%x" -c ls
expect "unknown share" NT_STATUS_BAD_NETWORK_NAME smbclient "//$SMB_HOST/no-such-share" -p "$PORT" \
	-U "$SMB_USER%$SMB_PASSWORD" -c ls
expect "missing file" NT_STATUS_OBJECT_NAME_NOT_FOUND smb -c "get no-such-file $WORK/x"
expect "missing path" NT_STATUS_OBJECT_PATH_NOT_FOUND smb -c "get no/such/file $WORK/x"
expect "connection intact after errors" "blocks" smb -c "get no-such-file $WORK/x; get no/such/file $WORK/x; ls"
finish
