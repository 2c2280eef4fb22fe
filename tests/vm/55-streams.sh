#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# Named streams by way of the module: where Samba looks for them, and what
# becomes of them with their files.
. "$(dirname "$0")/lib.sh"

client() { smbclient "//127.0.0.1/$SHARE" -p "$PORT" -U "$SMB_USER%$SMB_PASSWORD" -c "$1"; }
value() {
    python3 -c 'import os, sys
print(os.getxattr(sys.argv[1], "user.DosStream." + sys.argv[2] + ":$DATA"))' "$SHARE_DIR/$1" "$2"
}

echo text >"$WORK/text"
check "put" client "put $WORK/text f"
refuse "no stream unless the share has them" client "put $WORK/text f:s"
check "share with streams" ksmbd.addshare -u "$SHARE" -o 'vfs_objects = ["streams_xattr"]'
check "configuration is taken over" ksmbd.control --reload

check "a stream" client "put $WORK/text f:one"
check "is stored with a NUL behind it" eval 'value f one | grep -qF "b'"'"'text\\n\\x00'"'"'"'
check "is read in any case" client "get F:ONE $WORK/back"
check "as it was written" cmp "$WORK/text" "$WORK/back"
check "and is listed" eval 'client "allinfo f" | grep -q "stream:.*:one:.DATA.*, 5 bytes"'
check "the file has its own data" eval 'client "get f $WORK/back" && cmp "$WORK/text" "$WORK/back"'

python3 -c 'import os, sys
os.setxattr(sys.argv[1], "user.DosStream.local:$DATA", b"by hand\0")' "$SHARE_DIR/f"
check "what others stored is read" eval 'client "get f:local $WORK/back" && [ "$(cat "$WORK/back")" = "by hand" ]'

head -c 100000 /dev/zero >"$WORK/large"
refuse "too much for a stream" client "put $WORK/large f:large"
check "the file goes with its streams" client "rm f"
refuse "it is gone" test -e "$SHARE_DIR/f"

check "a directory" client "mkdir d"
check "has streams, too" client "put $WORK/text d:s"
check "and is still a directory" client "cd d; ls"
check "a stream makes its file" client "put $WORK/text new:s"
check "which is empty" test ! -s "$SHARE_DIR/new" -a -e "$SHARE_DIR/new"
finish
