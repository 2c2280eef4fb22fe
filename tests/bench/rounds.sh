#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's part of `cargo xtask bench`: every server in turn, in alternating
# order, so that a slow minute of the host does not fall on one of them only.
# Results go to the report channel, one JSON object per line after "data".
#
# From the job: ROUNDS, SECONDS_PER_TEST, META_FILES, SERVERS.
set -u
# shellcheck source=tests/init/servers.sh
. /run/xtask/init/servers.sh
. /run/xtask/job

DATA_MB=48

data() { echo "data $*" >/dev/hvc1; }

value() { # SERVER ROUND MODE METRIC UNIT VALUE
	data "{\"server\":\"$1\",\"round\":$2,\"mode\":\"$3\",\"metric\":\"$4\",\"unit\":\"$5\",\"value\":$6}"
}

trouble() { # SERVER ROUND TEXT
	echo "$1, round $2: $3"
	data "{\"server\":\"$1\",\"round\":$2,\"error\":\"$(tr -d '"\\' <<<"$3")\"}"
}

# fio_one RW BS: prints bytes per second and operations per second.
fio_one() {
	fio --name=b --filename=/mnt/b/data --size=${DATA_MB}m --rw="$1" --bs="$2" --ioengine=psync \
		--time_based --runtime="$SECONDS_PER_TEST" --ramp_time=0.5 --randseed=1 --fallocate=none \
		--allow_file_create=0 --output-format=json >/tmp/fio.json 2>/tmp/fio.err || return 1
	python3 - "$1" <<-'EOF'
		import json, sys
		text = open("/tmp/fio.json").read()
		job = json.loads(text[text.index("{"):])["jobs"][0]
		side = job["write" if "write" in sys.argv[1] else "read"]
		print(side["bw_bytes"], side["iops"])
	EOF
}

measure() { # SERVER ROUND MODE
	local server=$1 round=$2 mode=$3 options=vers=3.1.1,cache=none,actimeo=0,nosharesock result
	[ "$mode" = plain ] || options="$options,$mode"
	mkdir -p /mnt/b
	# Written on the server's side: what is measured starts from equal files.
	head -c ${DATA_MB}M /dev/zero | tr '\0' 'x' >"$SHARE_DIR/data"
	chmod 666 "$SHARE_DIR/data"
	if ! mount -t cifs "//127.0.0.1/$SHARE" /mnt/b \
		-o "username=$SMB_USER,password=$SMB_PASSWORD,$options" 2>/tmp/mount.err; then
		trouble "$server" "$round" "mount $mode: $(head -n 1 /tmp/mount.err)"
		return
	fi
	local metric rw bs unit
	while read -r metric rw bs unit; do
		if ! result=$(fio_one "$rw" "$bs"); then
			trouble "$server" "$round" "$metric $mode: $(head -n 1 /tmp/fio.err)"
			continue
		fi
		read -r bytes iops <<<"$result"
		if [ "$unit" = B/s ]; then
			value "$server" "$round" "$mode" "$metric" B/s "$bytes"
		else
			value "$server" "$round" "$mode" "$metric" 1/s "$iops"
		fi
	done <<-EOF
		seq_read_1m read 1m B/s
		seq_write_1m write 1m B/s
		rand_read_4k randread 4k 1/s
		rand_write_4k randwrite 4k 1/s
	EOF
	if python3 /run/xtask/tests/bench/meta.py /mnt/b/meta "$META_FILES" >/tmp/meta.out 2>/tmp/meta.err; then
		while read -r metric per_second; do
			value "$server" "$round" "$mode" "$metric" 1/s "$per_second"
		done </tmp/meta.out
	else
		trouble "$server" "$round" "files $mode: $(tail -n 1 /tmp/meta.err)"
	fi
	umount /mnt/b || { umount -l /mnt/b && trouble "$server" "$round" "umount $mode"; }
	rm -rf "${SHARE_DIR:?}"/*
}

read -ra order <<<"$SERVERS"
for round in $(seq "$ROUNDS"); do
	for server in "${order[@]}"; do
		echo "round $round of $ROUNDS: $server"
		if ! server_start "$server" >/tmp/start.out 2>&1; then
			trouble "$server" "$round" "did not start: $(tail -n 1 /tmp/start.out)"
			server_logs
			server_stop "$server" >/dev/null 2>&1
			module_loaded && rmmod ksmbd
			continue
		fi
		for mode in plain sign seal; do
			measure "$server" "$round" $mode
		done
		server_stop "$server" >/tmp/stop.out 2>&1 ||
			trouble "$server" "$round" "did not stop: $(tail -n 1 /tmp/stop.out)"
	done
	# The next round begins with another server.
	order=("${order[@]:1}" "${order[0]}")
done
exit 0
