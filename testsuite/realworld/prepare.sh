#!/bin/sh
# prepare.sh DIR PACKAGE ...: make DIR/base, a root of this machine's release of Debian,
# and fetch the packages, with what they depend on, into DIR/archives. Both are kept.
set -e
cd "$(dirname "$0")/../.."
. testsuite/apt.sh
TOP=$1
shift
mkdir -p "$TOP/archives/partial"

if [ ! -e "$TOP/base/.made" ] ; then
    rm -rf "$TOP/base"
    if [ -d .cache/minbase/etc ] ; then
	cp -a "$(readlink -f .cache/minbase)" "$TOP/base"
    else
	unshare --mount --pid --fork --mount-proc debootstrap --variant=minbase \
		"$(codename)" "$TOP/base" "$(mirror)"
    fi
    : > "$TOP/base/.made"
fi

# What of the host's network the root needs to fetch; its mounts are not the machine's.
WANTED=$(echo "$*" | tr ' ' '\n' | sort -u | cksum)
[ "$(cat "$TOP/fetched" 2>/dev/null)" != "$WANTED" ] || exit 0
unshare --mount --pid --fork --mount-proc sh -ec '
    TOP=$1 ; shift
    mount -t proc proc "$TOP/base/proc"
    mount --bind "$TOP/archives" "$TOP/base/var/cache/apt/archives"
    cat /etc/resolv.conf > "$TOP/base/etc/resolv.conf"
    [ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$TOP/base/etc/apt/apt.conf"
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    chroot "$TOP/base" apt-get -q update
    chroot "$TOP/base" apt-get -q -y --no-install-recommends --download-only \
	-o APT::Keep-Downloaded-Packages=true install "$@"
' sh "$TOP" "$@"
echo "$WANTED" > "$TOP/fetched"
