# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the scripts of this folder share: mounting with the kernel's own client,
# and saying what failed. Sourced.

# shellcheck disable=SC1091
. /run/xtask/init/servers.sh

FAILED=0

say() { echo "== $*"; }

# The step is lost, the rest still runs: one boot shows all that is wrong.
failed() {
	echo "FAILED: $*"
	FAILED=1
}

finish() {
	[ $FAILED -eq 0 ] && say "all well"
	exit $FAILED
}

mount_share() { # DIRECTORY [OPTIONS]
	mkdir -p "$1"
	# A dead server must not hold the script for the client's default of minutes.
	timeout 60 mount -t cifs "//127.0.0.1/$SHARE" "$1" \
		-o "username=$SMB_USER,password=$SMB_PASSWORD,port=$PORT,echo_interval=4${2:+,$2}"
}

unmount() { timeout 60 umount "$1" || failed "umount $1"; }

# A tree of COUNT plain files in many directories, of sizes from 0 to some
# hundred KiB, the same for each call.
make_tree() { # DIRECTORY COUNT
	python3 - "$1" "$2" <<-'PY'
		import os, random, sys
		top, count = sys.argv[1], int(sys.argv[2])
		rnd = random.Random(2)
		noise = rnd.randbytes(1 << 20)
		for n in range(count):
		    where = os.path.join(top, f"dir {n % 41}", *(f"level{i}" for i in range(n % 4)))
		    os.makedirs(where, exist_ok=True)
		    name = f"file-{n:05}" + ("\u00e4\u6f22\U0001f5c4" if n % 10 == 0 else "") + ("x" * 180 if n % 97 == 0 else "")
		    size = 0 if n % 50 == 0 else int(rnd.paretovariate(0.7) * 600) % 300_000
		    at = rnd.randrange(len(noise) - size)
		    with open(os.path.join(where, name), "wb") as f:
		        f.write(noise[at : at + size])
	PY
}
