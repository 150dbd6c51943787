#!/bin/sh
# Play all scenarios twice: with the original's scripts on the system's shell and on ours,
# and with the original's on the system's shell and the embedded scripts on ours. With
# --share, play a third of the first kind and a sixth of the second, each day another part.
# Other arguments go to overlay-compat.
cd "$(dirname "$0")/.." || exit 1
SET=.original/x/var/lib/overlay-boot

missing() {
    echo "comparison left out: $1"
    [ "$OVERLAY_MUST_WORK" != 1 ] || exit 1
    exit 0
}

# scenarios PARTS PART: list one part of all.
scenarios() {
    ls testsuite/scenarios/*.txtar | awk -v parts="$1" -v part="$2" 'NR % parts == part % parts'
}

# own FILE...: list those that are not about the embedded scripts alone.
own() {
    grep -L '^scripts: embedded$' "$@"
}

[ "$(id -u)" = 0 ] || missing "sandboxes need root"
[ -x $SET/overlay-boot ] || missing "there are no original scripts (make original)"
DAY=$(date +%j)
DAY=${DAY#"${DAY%%[!0]*}"}
SCRIPTS=1 EMBEDDED=1 COMPLETE=--complete
if [ "$1" = --share ] ; then
    shift
    SCRIPTS=3 EMBEDDED=6 COMPLETE=
    echo "part $((DAY % 3)) of 0 to 2, and part $((DAY % 6)) of 0 to 5 with the embedded scripts;" \
	"make compat plays all"
fi
DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$DIR"' EXIT
trap 'exit 130' HUP INT TERM

# told FILE COMMAND...: run a command, and leave all that it says in a file as well.
told() {
    FILE="$1"
    shift
    { "$@" 2>&1 ; echo $? >"$FILE.status" ; } | tee "$FILE"
    return "$(cat "$FILE.status")"
}

# shellcheck disable=SC2046 # names of our own, without blanks
told "$DIR/first" bin/overlay-compat run --original $SET "$@" \
    $(own $(scenarios $SCRIPTS "$DAY"))
FIRST=$?
[ "$1" != --html ] || set -- "$1" "${2%.html}-embedded.html"
# shellcheck disable=SC2046,SC2086
told "$DIR/second" bin/overlay-compat run --original $SET --embedded $COMPLETE "$@" \
    $(scenarios $EMBEDDED "$DAY")
SECOND=$?
[ $FIRST = 0 ] || { # a log may be cut in front
    echo "the first comparison, once more without what is identical:"
    grep -v '^identical ' "$DIR/first"
}
[ $FIRST -ge $SECOND ] || exit $SECOND
exit $FIRST
