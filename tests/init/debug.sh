# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a debug kernel knows beside its log. Sourced by init and by the scripts
# that ask for more (faults.sh).
#
#   debug_begin    forget what was found so far
#   debug_end      after the module is gone: whether it left memory behind

KMEMLEAK=/sys/kernel/debug/kmemleak

debug_begin() {
	[ -w $KMEMLEAK ] || return 0
	echo scan=off >$KMEMLEAK
	echo clear >$KMEMLEAK
}

# Everything else is built into these kernels, so a return address in the
# modules' part of the address space, or one of [ksmbd], is ours.
our_leaks() {
	awk '
		function flush() { if (mine) printf "%s", text; text = ""; mine = 0 }
		/^unreferenced object/ { flush() }
		{ text = text $0 "\n" }
		!/^unreferenced/ && (/\[ksmbd\]/ || /ffffffff[a-f]/) { mine = 1 }
		END { flush() }
	' "$1"
}

debug_end() {
	[ -w $KMEMLEAK ] || return 0
	local found=/run/kmemleak.ours n
	# What is freed by RCU goes first. An object counts when it was unreachable
	# for five seconds and unchanged between two scans.
	sleep 8
	echo scan >$KMEMLEAK
	sleep 6
	echo scan >$KMEMLEAK
	cat $KMEMLEAK >/run/kmemleak.all
	our_leaks /run/kmemleak.all >$found
	n=$(grep -c '^unreferenced object' $found)
	echo "kmemleak: $(grep -c '^unreferenced object' /run/kmemleak.all) suspects, $n of the module"
	[ "$n" -ne 0 ] || return 0
	head -n 200 $found
	# The watcher of the log takes it from there.
	echo "ksmbd: BUG: kmemleak: $n objects of the module are left" >/dev/kmsg
}
