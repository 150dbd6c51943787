#!/bin/sh
# Install what the tests need and is not there, start none of it, and make the
# tree that a test uses as a foreign root.
set -e
cd "$(dirname "$0")/.."
. testsuite/apt.sh

PACKAGES="awk:mawk bc:bc brctl:bridge-utils busybox:busybox bwrap:bubblewrap cron:cron crun:crun
dash:dash
dbus-daemon:dbus dbus-send:dbus-bin debootstrap:debootstrap dnsmasq:dnsmasq-base dot:graphviz
dpkg-source:dpkg-dev lintian:lintian faketime:faketime fakeroot:fakeroot
fdisk:fdisk fish:fish gcc:gcc ifup:ifupdown ip:iproute2 killall5:sysvinit-utils ksh93:ksh93u+m
lxc-start:lxc
logger:bsdutils mandoc:mandoc mke2fs:e2fsprogs mksh:mksh nft:nftables nginx:nginx-light
ntpdig:ntpsec-ntpdig patch:patch perl:perl-base pg_ctlcluster:postgresql ps:procps
runtest:dejagnu
qemu-aarch64:qemu-user setpriv:util-linux sfdisk:fdisk ssh:openssh-client strace:strace
sshd:openssh-server udhcpc:udhcpc yash:yash zsh:zsh"

MISSING=
for P in $PACKAGES ; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${P%%:*}" >/dev/null || MISSING="$MISSING ${P#*:}"
done
# by which the tests add users that are not in /etc/passwd
ls /lib/*/libnss_systemd.so.2 >/dev/null 2>&1 || MISSING="$MISSING libnss-systemd"
ls /lib*/libnss_extrausers.so.2 >/dev/null 2>&1 || MISSING="$MISSING libnss-extrausers"

# what an installed service asks before it starts
POLICY=/usr/sbin/policy-rc.d
if [ -n "$MISSING" ] ; then
    if [ ! -e $POLICY ] ; then
	trap 'rm -f $POLICY' EXIT
	printf '#!/bin/sh\nexit 101\n' > $POLICY
	chmod 755 $POLICY
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    apt-get -q install -y --no-install-recommends $MISSING
fi

if [ ! -d .cache/minbase ] ; then
    mkdir -p .cache
    rm -rf .cache/minbase.new
    # its mounts are not the machine's
    unshare --mount --pid --fork --mount-proc debootstrap --variant=minbase \
	    "$(codename)" "$PWD/.cache/minbase.new" "$(mirror)"
    rm -rf .cache/minbase.new/var/cache/apt/archives/*.deb
    mv .cache/minbase.new .cache/minbase
fi
