#!/bin/sh
# Run some tests on a machine made hostile: the original is installed and configured,
# ours has overrides, there is a reaper in the root, and the one who runs them has an
# odd environment. The tests must not depend on any of this.
#
# The machine is this one with all changes kept in memory, in a mount namespace: it
# itself is not changed.
set -e
cd "$(dirname "$0")/.."
REPO=$PWD
SET=.original/x/var/lib/overlay-boot

missing() {
    echo "hostile machine left out: $1"
    [ "$OVERLAY_MUST_WORK" != 1 ] || exit 1
    exit 0
}

if [ "$1" != inside ] ; then
    [ "$(id -u)" = 0 ] || missing "a root of its own needs root"
    [ -x $SET/overlay-boot ] || missing "there are no original scripts (make original)"
    [ -x bin/overlay-boot ] || missing "there is no bin/overlay-boot (make build)"
    TOP=$(mktemp -d)
    STATUS=0
    unshare --mount --propagation private sh testsuite/hostile.sh inside "$TOP" || STATUS=$?
    rmdir "$TOP"
    exit $STATUS
fi
TOP=$2

# go has these in HOME, which will not be there
for V in GOCACHE GOPATH GOMODCACHE GOROOT ; do
    export "$V=$(go env $V)"
done
GO=$GOROOT/bin/go

# The root with the installed original over it, and the machine's other mounts.
POINTS=$(cut -d ' ' -f 2 /proc/self/mounts | grep -v -E '^/((proc|sys|dev)/.*)?$' | sort -u)
mount -t tmpfs -o mode=755 hostile "$TOP"
mkdir "$TOP/new" "$TOP/upper" "$TOP/work"
cp -a .original/x "$TOP/original"
mount -t overlay -o "lowerdir=$TOP/original:/,upperdir=$TOP/upper,workdir=$TOP/work" \
      hostile "$TOP/new"
for P in $POINTS ; do
    [ ! -d "$TOP/new$P" ] || mount --rbind "$P" "$TOP/new$P"
done

# A genuine reaper, and scripts and commands that must not be run.
cd "$TOP/new"
cp "$REPO/$SET/reaper" .reaper
mkdir -p etc/overlay-boot/scripts hostile "var/tmp/a b"
for F in $("$REPO/bin/overlay-boot" --list-scripts | cut -d " " -f 1) ; do
    echo 'echo "override of the machine" >&2 ; exit 99' > etc/overlay-boot/scripts/$F
done
echo /nowhere/nothing.conf > etc/subhosts.conf
echo 'echo "from ENV" ; exit 98' > hostile/env
ln -s "$REPO" hostile/repo
pivot_root . .
umount -l .
cd /hostile/repo

# What the one who runs the tests may have. INT and QUIT are ignored in the background
# of a shell, HUP by nohup.
export ENV=/hostile/env PS4=hostile CDPATH=/ LANG=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8 OPTIND=7 \
       TMPDIR="/var/tmp/a b" PATH="/hostile::$PATH" OVERLAY_SCRIPTS=/nowhere OVERLAY_NATIVES=none
unset HOME USER SHELL
umask 077
ulimit -Sn 256
trap '' HUP INT QUIT USR1 PIPE

STATUS=0
hostile() { "$GO" test -count=1 "$@" <&- || STATUS=1 ; }
hostile ./cmd/overlay-compat -run Reports
hostile ./scripts -run 'Config|Subhost/failures_in_the_background'
hostile ./testsuite -run 'Minimal|NoTools|Usage|Scripts'
hostile ./testsuite/shell -run 'TestTrap|TestCd|TestProfile|TestProcesses'
exit $STATUS
