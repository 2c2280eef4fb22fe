#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# The SMB3 POSIX extensions with the kernel's client: modes, owners, names,
# links, and names that go while the file is open.
. "$(dirname "$0")/lib.sh"

sed -i 's/^\[global\]$/&\nposix_extensions = true/' /etc/ksmbd/ksmbd.toml
sed -i "s/^\[share.$SHARE\]\$/&\nspecial_files = true/" /etc/ksmbd/ksmbd.toml
check "the extensions are switched on" ksmbd.control --reload
check "mount" smb_mount /mnt/p vers=3.1.1,posix,actimeo=0
check "with them" grep -q ' /mnt/p cifs .*,posix,' /proc/mounts
check "and without" smb_mount /mnt/w vers=3.1.1,noposix
cd /mnt/p || exit 1
uid=$(id -u "$SMB_USER")

both() { # NAME FORMAT WANTED: what client and server say of a file
	echo "client $(stat -c "$2" "$1"), server $(stat -c "$2" "$SHARE_DIR/$1"), wanted $3"
	[ "$(stat -c "$2" "$1")" = "$3" ] && [ "$(stat -c "$2" "$SHARE_DIR/$1")" = "$3" ]
}
umask 022
check "a file" touch f
check "has the mode that open(2) says" both f %a 644
check "belongs to the user" both f %u "$uid"
check "chmod" chmod 4711 f
check "counts on the server" both f %a 4711
check "a directory" mkdir -m 1750 d
check "has its mode" both d %a 1750
check "a new file may be only for reading" sh -c 'umask 377; echo text >r && [ "$(cat r)" = text ]'
check "which stays so" both r %a 400
touch "$SHARE_DIR/roots" && chmod 604 "$SHARE_DIR/roots"
check "owners are the server's ids" both roots %u:%a 0:604

names=('a:b' 'star*' 'what?' '<>|"' 'back\slash' 'dot.' 'blank ' Case case)
check "names that only POSIX has" touch d/r "${names[@]/#/d/}"
check "are there by the server's listing" eval '[ "$(ls d)" = "$(ls "$SHARE_DIR/d")" ] && [ "$(ls d | wc -l)" -eq 10 ]'
check "and each is its own" eval 'echo 1 >d/Case; echo 2 >d/case; [ "$(cat d/Case d/case | tr -d "\n")" = 12 ]'
check "others see what they can use" eval '[ "$(cd /mnt/w/d && echo *)" = "Case blank  case dot. r" ] || { ls /mnt/w/d; false; }'
check "rename to such a name" mv f 'd/f:2?'
check "and back" mv 'd/f:2?' f

check "a hard link" ln r r2
check "is counted" both r %h 2
check "renaming replaces" mv -f r2 f
check "and leaves what was there" both f %a 400
exec 3<>d/Case
check "an open file is unlinked" rm d/Case
refuse "its name is gone" test -e "$SHARE_DIR/d/Case"
check "it can still be written" eval 'echo more >&3'
exec 3>&-
exec 3<d/case
check "an open file is replaced" eval 'echo new >d/new && mv d/new d/case && [ "$(cat d/case)" = new ]'
exec 3<&-
check "inodes are counted" eval '[ "$(stat -f -c %c .)" = "$(stat -f -c %c "$SHARE_DIR")" ]'
mkfifo "$SHARE_DIR/pipe"
ln -s d/case "$SHARE_DIR/link"
check "a fifo is a fifo" test -p pipe
check "a link is a link" test -L link
check "and leads where it says" eval '[ "$(readlink link)" = d/case ] && [ "$(cat link)" = new ]'
check "without the extensions, too" eval '[ "$(readlink /mnt/w/link)" = d/case ] && [ "$(cat /mnt/w/link)" = new ]'

check "a link made by the client" ln -s d/case made
check "is one on the server" eval '[ "$(readlink "$SHARE_DIR/made")" = d/case ] && [ "$(cat made)" = new ]'
check "belongs to the user" both made %u "$uid"
check "a link that leads nowhere" ln -s ../../etc/shadow out
check "is stored as given" eval '[ "$(readlink out)" = ../../etc/shadow ] && [ "$(readlink "$SHARE_DIR/out")" = ../../etc/shadow ]'
check "an absolute link" ln -s /etc/hostname absolute
check "is stored as given, too" eval '[ "$(readlink absolute)" = /etc/hostname ] && [ "$(readlink "$SHARE_DIR/absolute")" = /etc/hostname ]'
check "a fifo made by the client" mkfifo fifo
check "is one on both sides" eval 'test -p fifo && test -p "$SHARE_DIR/fifo"'
# The client says no mode with it.
check "has the mode of new files" both fifo %a 744
# Nor does it ask the server to change it: chmod(1) of a FIFO stays with the client.
refuse "no devices, not even as root" mknod null c 1 3
refuse "nothing is left of that" test -e "$SHARE_DIR/null"
check "a link is removed, not what it names" eval 'rm made && [ "$(cat d/case)" = new ] && ! test -L "$SHARE_DIR/made"'
for how in nfs wsl; do
	check "mount with reparse=$how" smb_mount "/mnt/$how" "vers=3.1.1,noposix,reparse=$how,actimeo=0"
	check "$how: a link" ln -s ../d/case "/mnt/$how/$how-link"
	check "$how: it is one" eval '[ "$(readlink "/mnt/$how/$how-link")" = ../d/case ] && [ "$(readlink "$SHARE_DIR/$how-link")" = ../d/case ]'
	check "$how: a fifo" mkfifo "/mnt/$how/$how-fifo"
	check "$how: it is one" eval 'test -p "/mnt/$how/$how-fifo" && test -p "$SHARE_DIR/$how-fifo"'
	check "$how: a socket" python3 -c 'import os, stat, sys; os.mknod(sys.argv[1], stat.S_IFSOCK | 0o600)' "/mnt/$how/$how-socket"
	check "$how: it is one" eval 'test -S "/mnt/$how/$how-socket" && test -S "$SHARE_DIR/$how-socket"'
	refuse "$how: no devices" mknod "/mnt/$how/$how-device" b 1 3
	refuse "$how: nothing is left of that" test -e "$SHARE_DIR/$how-device"
	check "$how: unmount" umount "/mnt/$how"
done
check "a tree of programs" eval 'mkdir t && tar -C /usr -chf - share/bash-completion | tar -C t --no-same-owner -xf - && diff -r /usr/share/bash-completion t/share/bash-completion'
cd / || exit 1
sed -i 's/^special_files = true$/special_files = false/' /etc/ksmbd/ksmbd.toml
check "switched off for new mounts" eval 'ksmbd.control --reload && smb_mount /mnt/off vers=3.1.1,noposix,reparse=nfs'
refuse "no links" ln -s x /mnt/off/no
refuse "no fifos" mkfifo /mnt/off/no
refuse "and nothing in their place" test -e "$SHARE_DIR/no"
check "unmount" umount /mnt/off
check "unmount" umount /mnt/p /mnt/w
finish
