# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a debug kernel knows beside its log. Sourced by init and by the scripts
# that ask for more (faults.sh).
#
#   debug_begin    forget what was found so far
#   debug_end      after the module is gone: whether it left memory behind

KMEMLEAK=/sys/kernel/debug/kmemleak

debug_begin() {
	# With the list of slabs there is nothing to forget.
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

# The stock kernel knows of every object where it was allocated. Objects of others
# may stem from a call of ours (an inode in the cache): the first frame that is not
# of an allocator must be ours. The only module that has been unloaded is ours, so
# its frames have lost their names. So have those of the first function of every
# module that is there (cifs makes its work queues in it), which do_one_initcall calls.
our_slabs() {
	awk '
		function ends() {
			if (head && first ~ /^0x?ffffffff[a-f]/ && caller !~ /^do_one_initcall/) printf "%s", text
			head = 0; first = ""; caller = ""; text = ""
		}
		/^ *[0-9]+ .* age=/ { ends(); head = 1; text = FILENAME ": " $0 "\n"; next }
		NF == 0 { ends(); next }
		head {
			text = text $0 "\n"
			if (first != "" && caller == "") caller = $1
			if (first == "" && $1 !~ /alloc|memdup|slab_|rust_helper/) first = $1
		}
		END { ends() }
	' "$@"
}

slab_end() {
	local found=/run/slab.ours n
	# What is freed by RCU, or when connections have ended, goes first.
	sleep 15
	our_slabs /sys/kernel/debug/slab/kmalloc-*/alloc_traces >$found
	n=$(grep -c ' age=' $found)
	echo "slabs: $(cat /sys/kernel/debug/slab/kmalloc-*/alloc_traces | grep -c ' age=') places hold memory, $n of the module"
	[ "$n" -ne 0 ] || return 0
	head -n 200 $found
	echo "ksmbd: BUG: slabs: memory of the module is left from $n places" >/dev/kmsg
}

debug_end() {
	if [ "$DEBUG" = slab ]; then
		slab_end
		return
	fi
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
