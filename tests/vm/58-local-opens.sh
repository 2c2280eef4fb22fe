#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --server ours --fs ext4 --timeout 300
# Files that the kernel's client caches, and local processes that open them:
# these read what the client has not written yet, and the client reads what
# these write.
. "$(dirname "$0")/lib.sh"

sed -i 's/^\[global\]$/&\nsmb2_leases = true/' /etc/ksmbd/ksmbd.toml
check "oplocks and leases" ksmbd.addshare -u "$SHARE" -o 'oplocks = true'
check "configuration is taken over" ksmbd.control --reload
check "mount" smb_mount /mnt/a vers=3.1.1
cd /mnt/a || exit 1

check "a file" eval 'echo old >f'
exec 3<>f
echo new >&3
check "a local reader reads what the client wrote last" eval '[ "$(timeout 20 cat "$SHARE_DIR/f")" = new ]'
echo newer >&3
check "and after the next write, too" eval '[ "$(timeout 20 cat "$SHARE_DIR/f")" = "new
newer" ]'
exec 3>&-

exec 4<f
check "the client reads" eval 'cat f >/dev/null; cat <&4 >/dev/null'
for round in 1 2 3; do
	check "a local process writes ($round)" timeout 20 sh -c "echo local $round >'$SHARE_DIR/f'"
	check "the client sees it ($round)" eval '[ "$(cat f)" = "local '$round'" ]'
done
check "truncating counts, too" timeout 20 truncate -s 3 "$SHARE_DIR/f"
check "and is seen" eval '[ "$(cat f)" = loc ]'
exec 4<&-

exec 5>>"$SHARE_DIR/f"
exec 6<f
for round in 1 2; do
	echo " $round" >&5
	# As long the client believes what it knows of sizes.
	sleep 1.2
	check "who writes locally meanwhile is seen ($round)" eval '[[ $(tail -n 1 f) = *" '$round'" ]]'
done
exec 5>&- 6<&-

hold() { # DIR: the client keeps many files open
	local i
	for i in {1..40}; do echo $i >"h$i" && eval "exec $((i + 20))<h$i"; done
}
check "40 files that the client keeps" hold
check "local processes open them all" timeout 60 sh -c "for i in \$(seq 40); do echo l\$i >'$SHARE_DIR'/h\$i || exit 1; done"
check "and the client sees them" eval 'for i in {1..40}; do [ "$(cat h$i)" = l$i ] || { echo $i; false; break; }; done'
check "a local lease of somebody else's does not disturb" timeout 60 python3 - "$SHARE_DIR/h1" <<-'PY'
	import fcntl, os, sys
	fd = os.open(sys.argv[1], os.O_RDONLY)
	try:
	    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
	    print(open("/mnt/a/h1").read())
	    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
	except BlockingIOError:
	    # The server has one on it.
	    pass
PY
for fd in {21..60}; do eval "exec $fd<&-"; done
cd / || exit 1
check "unmount" umount /mnt/a

# Names and attributes, with a client that trusts what it knows for a minute.
sed -i 's/^\[global\]$/&\nsmb3_directory_leases = true/' /etc/ksmbd/ksmbd.toml
check "directory leases, too" ksmbd.control --reload
check "mount" smb_mount /mnt/a vers=3.1.1,actimeo=60,closetimeo=60
told() { awk '/^OplockBreaks/ { print $2 }' /proc/fs/cifs/Stats; }
breaks() { # COMMAND...: of a local process, of which the client is told
	local before after
	before=$(told)
	timeout 20 "$@" || return
	for _ in {1..20}; do
		after=$(told)
		((after > before)) && return
		sleep 0.2
	done
	echo "the client was told $after times, before $before"
	return 1
}
cd "$SHARE_DIR" || exit 1
for what in "chmod 600" "touch -d yesterday" "setfattr -n user.x -v y" "mv -T g" "ln -T l" "rm"; do
	rm -f f g l
	echo old >f
	chmod 666 f
	exec 3</mnt/a/f
	cat <&3 >/dev/null
	case $what in
	mv*) check "the client hears of $what" breaks mv f g ;;
	ln*) check "the client hears of $what" breaks ln f l ;;
	*) check "the client hears of $what" breaks $what f ;;
	esac
	exec 3<&-
done
rm -f f g l
echo old >f
exec 3</mnt/a/f
cat <&3 >/dev/null
exec 3<&-
check "another file takes the name" timeout 20 sh -c 'echo new >g && mv g f'
check "and the client reads that one" eval '[ "$(cat /mnt/a/f)" = new ]'
mkdir d && echo x >d/1
check "the client lists" eval '[ "$(ls /mnt/a/d)" = 1 ]'
kept() { grep -qF $'\\d\t' /proc/fs/cifs/open_dirs; }
lost() { # COMMAND...: of a local process, after which the client keeps no listing
	timeout 20 "$@" || return
	for _ in {1..20}; do
		kept || return 0
		sleep 0.2
	done
	cat /proc/fs/cifs/open_dirs
	return 1
}
check "it keeps the listing" eval 'kept || { cat -A /proc/fs/cifs/open_dirs; false; }'
for round in 2 3 4; do
	check "a new name takes it ($round)" lost touch d/$round
	check "and is listed at once ($round)" eval '[ "$(ls /mnt/a/d | wc -l)" = $round ]'
done
check "it keeps the listing again" kept
check "so does a name that goes" lost rm d/1
check "is no longer listed" eval '[ "$(echo $(ls /mnt/a/d))" = "2 3 4" ]'
cd / || exit 1
check "unmount" umount /mnt/a
check "local processes open them all without anybody" timeout 5 sh -c "for i in \$(seq 40); do echo m >'$SHARE_DIR'/h\$i || exit 1; done"
finish
