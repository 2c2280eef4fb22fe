#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# Security descriptors by way of the module: set, stored where Samba looks for
# them, told again, enforced, inherited.
. "$(dirname "$0")/lib.sh"

client() { smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" -c "$1"; }
acls() { smbcacls "//127.0.0.1/$SHARE" "$@" -U "$SMB_USER%$SMB_PASSWORD"; }
stored() { python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "security.NTACL").hex())' "$SHARE_DIR/$1"; }
refused() { client "$1" 2>&1 | grep NT_STATUS_ACCESS_DENIED; }

check "share with access lists" ksmbd.addshare -u "$SHARE" -o 'vfs_objects = ["acl_xattr"]'
check "configuration is taken over" ksmbd.control --reload
chmod 777 "$SHARE_DIR"
echo text >"$WORK/text"
check "put" client "put $WORK/text f"
refuse "nothing is stored yet" stored f

check "set" acls f -S "ACL:S-1-1-0:ALLOWED/0/READ,ACL:S-1-22-1-77:DENIED/0/0x2"
check "stored in version 1" eval 'stored f | grep -q "^0100010000000200"'
check "told" eval 'acls f | grep -q "S-1-22-1-77:DENIED" && acls f | grep -qi "ALLOWED/0x0/READ"'
check "may be read" client "get f $WORK/back"
check "may not be written" refused "put $WORK/text f"
check "nor by whoever asks for the attributes to change" refused "setmode f +h"
check "opened up again" acls f -S "ACL:S-1-1-0:ALLOWED/0/FULL"
check "may be written" client "put $WORK/text f"

check "a directory" client "mkdir d"
check "with an entry for what is made in it" acls d -S "ACL:S-1-1-0:ALLOWED/OI|CI/READ,ACL:S-1-22-1-0:ALLOWED/0/FULL"
check "nobody adds to it" refused "put $WORK/text d\\g"
check "unless it may be" acls d -S "ACL:S-1-1-0:ALLOWED/OI|CI/FULL"
check "then it is" client "put $WORK/text d\\g"
check "and inherits" eval 'stored d/g && acls d/g | grep -q "ALLOWED/0x0/FULL"'
finish
