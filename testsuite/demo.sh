#!/bin/sh
# Boot a subhost from nothing but the program, show it, run something in it, stop
# it, and look whether anything is left.
#
# All this is in a mount, process and network namespace of its own, so that this
# host's network and /run stay as they are whatever happens. DEMO_ON_HOST=1 does
# without, and shows what a boot does to the host itself.
set -e
cd "$(dirname "$0")/.."
BIN=$PWD/bin
NAME=ovdemo

[ "$(id -u)" = 0 ] || { echo "make demo boots a subhost: that needs root" >&2 ; exit 1 ; }

if [ -z "$DEMO_ON_HOST" ] && [ -z "$DEMO_INSIDE" ] ; then
    export DEMO_INSIDE=yes
    exec unshare --mount --net --pid --fork --kill-child --mount-proc sh testsuite/demo.sh
fi
if [ -n "$DEMO_INSIDE" ] ; then
    "$BIN/overlay-sh" -c 'mount -t tmpfs tmpfs /run && ip link set lo up'
fi

# An overlay's upper directory cannot be on an overlay, as /tmp in a container is.
WHERE=${TMPDIR:-/tmp}
[ "$(stat -f -c %T "$WHERE")" != overlayfs ] || WHERE=/dev/shm
BASE=$(mktemp -d "$WHERE/overlay-demo.XXXXXX")
CONF=$BASE/$NAME.conf

cleanup() {
    "$BIN/overlay-stop" "$CONF" >/dev/null 2>&1 || :
    rm -rf "$BASE"
}
trap cleanup EXIT

# state: everything that a subhost could leave on the host
state() {
    echo "links:" $(links)
    echo "namespace:" $(ls "/run/netns/$NAME" 2>/dev/null)
    echo "mounts:" $(cut -d ' ' -f 2 /proc/mounts | grep "$BASE" || :)
    echo "processes:" $(of_subhost)
}

# links: those of this network namespace; /sys may still show the host's
links() { cut -s -d : -f 1 /proc/net/dev | tr -d ' ' ; }

# of_subhost: pids of what was started for the subhost
of_subhost() {
    for D in /proc/[0-9]* ; do
	LINE=$(tr '\0' ' ' 2>/dev/null < "$D/cmdline") || continue
	case $LINE in
	    "/.reaper $NAME "* | "/bin/sh "*" $CONF "*) echo "${D#/proc/}" ;;
	esac
    done
}

say() { printf '\n== %s\n' "$*" ; }

# show PID INDENT: a process and its children
show() {
    printf '%s%s  %s  [%s]\n' "$2" "$1" "$(tr '\0' ' ' < "/proc/$1/cmdline")" "$(cat "/proc/$1/comm")"
    for C in $(grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null) ; do
	C=${C#/proc/}
	show "${C%/status}" "$2    "
    done
}

mkdir "$BASE/live" "$BASE/root" "$BASE/work"
cat > "$CONF" <<END
BASE=.
CABLES= =
START= none
LOG=$BASE/log
END
BEFORE=$(state)

say "The configuration, $CONF"
cat "$CONF"

say "overlay-boot $CONF"
"$BIN/overlay-boot" "$CONF" || { cat "$BASE/log" ; exit 1 ; }
for I in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ; do
    case $(for P in $(of_subhost) ; do tr '\0' ' ' < "/proc/$P/cmdline" 2>/dev/null || : ; done) in
	*"/.reaper $NAME "*) break ;;
    esac
    [ "$I" != 20 ] || { cat "$BASE/log" ; exit 1 ; }
    sleep 0.5
done

say "Its processes, and its end of the cable on the host"
for P in $(of_subhost) ; do show "$P" "" ; break ; done
links | grep "$NAME"

say "Inside, by overlay-go: the host's name, pid 1, and the network"
"$BIN/overlay-go" "$NAME" <<'END'
hostname
tr '\0' ' ' < /proc/1/cmdline; echo
cut -d: -f1 /proc/net/dev | tail -n +3
echo written inside > /etc/only-in-the-subhost
END

say "What was written inside is in the subhost's own directory, not in /etc"
ls "$BASE/root/etc"
[ ! -e /etc/only-in-the-subhost ]

say "overlay-stop $CONF"
"$BIN/overlay-stop" "$CONF"
AFTER=$(state)
for I in 1 2 3 4 5 6 7 8 9 10 ; do
    [ "$BEFORE" != "$AFTER" ] || break
    sleep 0.5
    AFTER=$(state)
done
if [ "$BEFORE" != "$AFTER" ] ; then
    say "Something is left. Before: $BEFORE After: $AFTER"
    exit 1
fi
say "Nothing is left."
