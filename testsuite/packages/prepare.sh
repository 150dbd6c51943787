#!/bin/sh
# prepare.sh DIR PACKAGE ...: make DIR/base, a root of this machine's release of Debian in
# which the packages are installed. It is kept, and made again for another list.
set -e
cd "$(dirname "$0")/../.."
TOP=$1
shift
WANTED=$(echo "$*" | cksum)
[ "$(cat "$TOP/installed" 2>/dev/null)" != "$WANTED" ] || exit 0
rm -rf "$TOP/base" "$TOP/installed"
sh testsuite/realworld/prepare.sh "$TOP" "$@"
# its mounts are not the machine's
unshare --mount --pid --net --fork --kill-child --mount-proc sh -ec '
    TOP=$1 ; shift
    mount -t proc proc "$TOP/base/proc"
    mount -t tmpfs tmpfs "$TOP/base/run"
    mount --bind "$TOP/archives" "$TOP/base/var/cache/apt/archives"
    printf "#!/bin/sh\nexit 101\n" > "$TOP/base/usr/sbin/policy-rc.d"
    chmod 755 "$TOP/base/usr/sbin/policy-rc.d"
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    chroot "$TOP/base" apt-get -q -y --no-install-recommends --no-download install "$@"
    rm "$TOP/base/usr/sbin/policy-rc.d"
' sh "$TOP" "$@"
rm -rf "$TOP/archives"
echo "$WANTED" > "$TOP/installed"
