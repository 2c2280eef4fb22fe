#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Has DKMS build the module as ksmbd-dkms installs it:
#   dkms.sh BUILD-ROOT KERNEL KSMBD-DKMS.deb OUT-DIR
# BUILD-ROOT (headers, prepared kernel tree and compilers) is only read; DKMS
# and what it writes are in a layer above it that is gone afterwards. Leaves
# ksmbd.ko in OUT-DIR. Runs in a mount namespace of its own.
set -euo pipefail
base=$1 kernel=$2 deb=$3 out=$4
fail() { echo "FAIL: $*" >&2; exit 1; }
ok() { echo "ok   $*"; }
top=$(mktemp -d "$out/dkms.XXXXXX")
trap 'umount -l "$top/root" 2>/dev/null; umount -l "$top/layer" 2>/dev/null; rm -rf "$top"' EXIT
mkdir "$top"/{layer,root}
# The build root may lie on an overlay itself, which can be no upper layer.
mount -t tmpfs -o size=2g tmp "$top/layer"
mkdir "$top"/layer/{upper,work}
mount -t overlay -o "lowerdir=$base,upperdir=$top/layer/upper,workdir=$top/layer/work" overlay "$top/root"
root=$top/root
for d in proc dev; do mount --rbind "/$d" "$root/$d"; done
mount -t tmpfs tmp "$root/tmp"
cp "$deb" "$root/tmp/"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
in_root() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
        DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@"
}
deb=/tmp/${deb##*/}

# rustc and make are in the build root; DKMS comes from the archive.
in_root apt-get install -y --no-install-recommends -o APT::Sandbox::User=root dkms >"$top/log" 2>&1 ||
    { cat "$top/log" >&2; fail 'dkms cannot be installed'; }

# Debian's headers have no rust/: the package says so, says what to do, and is
# installed all the same.
in_root apt-get install -y --no-install-recommends "$deb" >"$top/log" 2>&1 ||
    { cat "$top/log" >&2; fail 'installing ksmbd-dkms'; }
for part in 'has no rust/ in it' /prepare-tree 'dkms install ksmbd/' ksmbd-embedded; do
    grep -qF -e "$part" "$top/log" || { cat "$top/log" >&2; fail "installing did not say: $part"; }
done
[ "$(in_root dpkg-query -W -f '${db:Status-Status}' ksmbd-dkms)" = installed ] || fail 'not installed'
in_root dkms status | grep -q '^ksmbd/[^,]*: added' || fail "status: $(in_root dkms status)"
ok 'ksmbd-dkms installs and says what its kernel lacks'

# As it says. The build root has the kernel's source unpacked.
version=$(in_root dpkg-query -W -f '${Version}' ksmbd-dkms)
in_root "/usr/src/ksmbd-$version/prepare-tree" "$kernel" /kernel/src >"$top/log" 2>&1 ||
    { cat "$top/log" >&2; fail 'no tree can be prepared'; }
grep -qF "dkms install ksmbd/$version -k $kernel" "$top/log" || fail 'prepare-tree does not say what is next'
ok 'prepare-tree makes a tree with rust/'
in_root dkms install "ksmbd/$version" -k "$kernel" >"$top/log" 2>&1 || {
    cat "$top/log" "$root/var/lib/dkms/ksmbd/$version/build/make.log" >&2
    fail 'DKMS does not build the module'
}
in_root dkms status | grep -q "^ksmbd/$version, $kernel, .*: installed" || fail "status: $(in_root dkms status)"
built=$(find "$root/usr/lib/modules/$kernel/updates" -name 'ksmbd.ko*')
case $built in
*.xz) xz -dc "$built" >"$out/ksmbd.ko" ;;
*.ko) cp "$built" "$out/ksmbd.ko" ;;
*) fail "DKMS put the module nowhere: $built" ;;
esac
[ "$(in_root modinfo -F vermagic "${built#"$root"}" | cut -d ' ' -f 1)" = "$kernel" ] ||
    fail "it is for: $(in_root modinfo -F vermagic "${built#"$root"}")"
ok "DKMS built and installed ${built#"$root"}"

in_root apt-get purge -y ksmbd-dkms >"$top/log" 2>&1 || { cat "$top/log" >&2; fail 'removing ksmbd-dkms'; }
[ -z "$(in_root dkms status)" ] || fail "still known to DKMS: $(in_root dkms status)"
[ -z "$(find "$root/usr/lib/modules/$kernel/updates" -name 'ksmbd.ko*' 2>/dev/null)" ] || fail 'the module is left'
[ ! -e "$root/usr/src/ksmbd-$version" ] || fail 'sources are left'
[ ! -e "$root/usr/src/ksmbd-kernel-$kernel" ] || fail 'the prepared tree is left'
ok 'removing takes the module along'
