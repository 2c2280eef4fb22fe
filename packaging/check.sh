#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Uses the Debian packages as somebody would who just got them:
#   check.sh ROOT KSMBD-TOOLS.deb KSMBD-DKMS.deb
# ROOT is a Debian root with smbclient and Samba; it is only read: everything
# happens on a tmpfs above it. Runs in a mount namespace of its own.
set -euo pipefail
base=$1 deb=$2 dkms=$3
top=$(mktemp -d)
mount -t tmpfs tmp "$top"
mkdir "$top"/{upper,work,root}
mount -t overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
root=$top/root
for d in proc dev; do mount --rbind "/$d" "$root/$d"; done
mount -t tmpfs tmp "$root/run"
mkdir -p "$root/pkg" "$root/srv/data"
cp "$deb" "$dkms" "$root/pkg"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
fail() { echo "FAIL: $*" >&2; exit 1; }
end() { in_root ksmbd.control --shutdown 2>/dev/null || true; }
trap end EXIT

in_root dpkg -i "/pkg/${deb##*/}"
in_root sh -c 'dpkg -s samba | grep -q "^Status: install ok installed"' || fail 'samba was pushed out'
has=$(dpkg-deb -c "$deb")
for f in man/man8/ksmbd.adduser.8.gz man/man5/ksmbd.toml.5.gz bash-completion/completions/ksmbd.control; do
    grep -q "/usr/share/$f\$" <<<"$has" || fail "no $f"
done
if command -v systemd-analyze >/dev/null && [ -e "$root/usr/lib/systemd/systemd" ]; then
    in_root systemd-analyze verify /usr/lib/systemd/system/ksmbd.service
fi

# The README's first steps, without the module and on a port of its own.
in_root sh -c 'id alice >/dev/null 2>&1 || useradd alice'
echo secret | in_root ksmbd.adduser -a alice --password-stdin
in_root ksmbd.addshare -a data --path /srv/data
in_root chown alice /srv/data
port=$((20000 + RANDOM % 20000))
start() {
    in_root ksmbd.mountd --embedded --nodetach=0 --port "$port" --bind 127.0.0.1
}
smb() { in_root smbclient //127.0.0.1/data -p "$port" -U alice%secret -c "$1"; }
start
smb 'put /etc/hostname name' >/dev/null
[ -f "$root/srv/data/name" ] || fail 'nothing was written'
grep -q 'shares: *1' <<<"$(in_root ksmbd.control --status)" || fail 'no status'

# An upgrade keeps accounts and configuration.
end
before=$(in_root sha256sum /etc/ksmbd/ksmbd.toml)
dpkg-deb -R "$deb" "$top/next"
sed -i 's/^Version: .*/&+next/' "$top/next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone -b "$top/next" "$root/pkg/next.deb" >/dev/null
in_root dpkg -i /pkg/next.deb </dev/null
[ "$before" = "$(in_root sha256sum /etc/ksmbd/ksmbd.toml)" ] || fail 'the configuration changed'
start
grep -q name <<<"$(smb ls)" || fail 'alice cannot log in after the upgrade'
end

# Removal and purge leave what is the administrator's, and say so.
said=$(in_root dpkg -r ksmbd-tools)
case $said in *'left in place'*ksmbd.toml*ksmbd.db*) ;; *) fail "removal said: $said" ;; esac
said=$(in_root dpkg -P ksmbd-tools)
case $said in *'left in place'*ksmbd.db*) ;; *) fail "purge said: $said" ;; esac
[ -f "$root/srv/data/name" ] && [ -f "$root/etc/ksmbd/ksmbd.db" ] || fail 'data is gone'
[ ! -e "$root/usr/sbin/ksmbd.mountd" ] || fail 'programs are left'

# The module's sources are complete: what they include is there.
dpkg-deb -x "$dkms" "$top/dkms"
src=$(echo "$top"/dkms/usr/src/ksmbd-*)
for f in dkms.conf kmod/Kbuild kmod/ksmbd_main.rs engine/src/lib.rs proto-shared/src/lib.rs; do
    [ -f "$src/$f" ] || fail "the module's sources lack $f"
done
! grep -rq '@VERSION@' "$src/dkms.conf" || fail 'no version in dkms.conf'
echo 'package check: all well'
