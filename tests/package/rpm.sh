#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rpms, by dnf from a repository into a root of their own:
#   rpm.sh VERSION BASE-ROOT KSMBD-TOOLS-1.rpm KSMBD-TOOLS-2.rpm KSMBD-DKMS.rpm
# BASE-ROOT is a Debian root, whose shell and libraries the scriptlets and
# programs run with; a stub package gives them the names that Fedora has for
# them. It is only read. Runs in a mount namespace of its own.
set -euo pipefail
version=$1 base=$2 first=$3 second=$4 dkms=$5
fail() { echo "FAIL: $*" >&2; [ ! -s "${log:-}" ] || cat "$log" >&2; exit 1; }
ok() { echo "ok   $*"; }
top=$(mktemp -d)
log=$top/log
mount -t tmpfs tmp "$top"
mkdir "$top"/{upper,work,root,repo,stub,dnf}
mount -t overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
root=$top/root
for d in proc dev; do mount --rbind "/$d" "$root/$d"; done
mount -t tmpfs tmp "$root/run"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
end() { in_root ksmbd.control --shutdown 2>/dev/null || true; }
trap end EXIT

# Stands for the packages of Fedora that ours need, by the names they have there.
cat >"$top/stub.spec" <<EOF
Name: base-stub
Version: 1
Release: 1
Summary: Stands for a system's own packages
License: GPL-2.0-or-later
BuildArch: noarch
$(rpm -qpR "$first" "$dkms" | grep -vE '^(rpmlib|config)\(' | sort -u | sed 's/ .*//; s/^/Provides: /')
%description
For a test.
%install
mkdir -p %{buildroot}/usr/sbin
printf '#!/bin/sh\necho "\$*" >>/dkms.log\n' >%{buildroot}/usr/sbin/dkms
%files
%attr(755,root,root) /usr/sbin/dkms
EOF
rpmbuild -bb --quiet --define "_topdir $top/stub" --define "_rpmdir $top/repo" "$top/stub.spec" >"$log" 2>&1 || fail 'the stub'
cp "$first" "$top/repo/"
createrepo_c -q "$top/repo"
cat >"$top/dnf.conf" <<EOF
[main]
gpgcheck=0
reposdir=$top/dnf
cachedir=$top/dnf/cache
logdir=$top/dnf
pluginpath=$top/dnf
install_weak_deps=0
[local]
name=local
baseurl=file://$top/repo
metadata_expire=1
EOF
dnf() { command dnf -c "$top/dnf.conf" --installroot="$root" --releasever=41 --disablerepo='*' --enablerepo=local -y "$@" >"$log" 2>&1; }
rpm_() { command rpm --root "$root" "$@"; }

dnf install ksmbd-tools || fail 'dnf install'
grep -q 'ksmbd.adduser -a NAME' "$log" || fail 'nothing is said about the next step'
[ "$(rpm_ -q ksmbd-tools)" = "ksmbd-tools-$version-1.$(uname -m)" ] || fail "installed: $(rpm_ -q ksmbd-tools)"
rpm_ -V ksmbd-tools || fail 'verify'
for want in '-rwxr-xr-x root root /usr/sbin/ksmbd.mountd' '-rwxr-xr-x root root /usr/sbin/ksmbd.adduser' \
    '-rwxr-xr-x root root /usr/sbin/ksmbd.addshare' '-rwxr-xr-x root root /usr/sbin/ksmbd.control' \
    '-rw-r--r-- root root /usr/lib/systemd/system/ksmbd.service' \
    '-rw-r--r-- root root /usr/lib/systemd/system/ksmbd-embedded.service' \
    '-rw-r--r-- root root /etc/ksmbd/ksmbd.toml' 'drwxr-xr-x root root /etc/ksmbd' \
    '-rw-r--r-- root root /usr/share/man/man8/ksmbd.mountd.8.gz' \
    '-rw-r--r-- root root /usr/share/man/man5/ksmbd.toml.5.gz' \
    '-rw-r--r-- root root /usr/share/bash-completion/completions/ksmbd.control' \
    '-rw-r--r-- root root /usr/share/zsh/site-functions/_ksmbd.control' \
    '-rw-r--r-- root root /usr/share/fish/vendor_completions.d/ksmbd.control.fish'; do
    file=${want##* }
    have=$(rpm_ -q --qf '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]' ksmbd-tools | grep " $file\$") || true
    [ "$have" = "$want" ] || fail "package has: $have, not: $want"
    have=$(in_root stat -c '%A %U %G %n' "$file")
    [ "$have" = "$want" ] || fail "installed is: $have, not: $want"
done
[ "$(rpm_ -qc ksmbd-tools)" = /etc/ksmbd/ksmbd.toml ] || fail "configuration: $(rpm_ -qc ksmbd-tools)"
ok 'installed: files, owners, modes'

in_root sh -c 'id alice >/dev/null 2>&1 || useradd alice'
echo secret | in_root ksmbd.adduser -a alice --password-stdin
mkdir -p "$root/srv/data"
in_root chown alice /srv/data
in_root ksmbd.addshare -a data --path /srv/data
port=$((20000 + RANDOM % 20000))
start() { in_root ksmbd.mountd --embedded --nodetach=0 --port "$port" --bind 127.0.0.1; }
smb() { in_root smbclient //127.0.0.1/data -p "$port" -U alice%secret -c "$1"; }
start
smb 'put /etc/hostname name' >"$log" || fail 'no round trip'
end
[ -s "$root/srv/data/name" ] || fail 'nothing was written'
before=$(sha256sum <"$root/etc/ksmbd/ksmbd.toml")
ok 'used as the README says'

cp "$second" "$dkms" "$top/repo/"
createrepo_c -q "$top/repo"
dnf --refresh upgrade ksmbd-tools || fail 'dnf upgrade'
[ "$(rpm_ -q ksmbd-tools)" = "ksmbd-tools-$version-2.$(uname -m)" ] || fail "upgraded: $(rpm_ -q ksmbd-tools)"
! grep -q 'left in place' "$log" || fail 'an upgrade says that it removes'
[ "$before" = "$(sha256sum <"$root/etc/ksmbd/ksmbd.toml")" ] || fail 'the configuration changed'
start
smb ls >"$log" || fail 'alice cannot log in after the upgrade'
end
ok 'upgraded: accounts and configuration kept'

dnf install ksmbd-dkms || fail 'dnf install ksmbd-dkms'
for f in dkms.conf check-tree prepare-tree kmod/Kbuild engine/src/lib.rs proto-shared/src/lib.rs; do
    [ -s "$root/usr/src/ksmbd-$version/$f" ] || fail "ksmbd-dkms lacks $f"
done
grep -q "^build -m ksmbd -v $version" "$root/dkms.log" || fail "dkms was not called: $(cat "$root/dkms.log")"
dnf remove ksmbd-dkms || fail 'dnf remove ksmbd-dkms'
grep -q "^remove -m ksmbd -v $version" "$root/dkms.log" || fail 'dkms was not told of the removal'
[ ! -e "$root/usr/src/ksmbd-$version" ] || fail 'sources are left'
ok 'ksmbd-dkms: scriptlets call DKMS'

dnf remove ksmbd-tools || fail 'dnf remove'
grep -q 'left in place:.*ksmbd.toml.*ksmbd.db.*ksmbd.key' "$log" || fail 'nothing is said of what is left'
[ -s "$root/srv/data/name" ] && [ -s "$root/etc/ksmbd/ksmbd.db" ] || fail 'data is gone'
[ "$before" = "$(sha256sum <"$root/etc/ksmbd/ksmbd.toml.rpmsave")" ] || fail 'the configuration is gone'
[ ! -e "$root/usr/sbin/ksmbd.mountd" ] || fail 'programs are left'
ok 'removed: data, accounts and configuration left'
echo 'rpm check: all well'
