#!/bin/sh
# Compare the original's scripts on the system's shell with the same on ours, in
# all scenarios; with --share in a third of them, each day in another. Other arguments go
# to overlay-compat.
cd "$(dirname "$0")/.." || exit 1
SET=.original/x/var/lib/overlay-boot

missing() {
    echo "comparison left out: $1"
    [ "$OVERLAY_MUST_WORK" != 1 ] || exit 1
    exit 0
}

# scenarios SHARE: list every third from that one on, or all without it.
scenarios() {
    ls testsuite/scenarios/*.txtar | awk -v share="$1" 'share == "" || NR % 3 == share'
}

[ "$(id -u)" = 0 ] || missing "sandboxes need root"
[ -x $SET/overlay-boot ] || missing "there are no original scripts (make original)"
SHARE=
if [ "$1" = --share ] ; then
    shift
    DAY=$(date +%j)
    SHARE=$((${DAY#"${DAY%%[!0]*}"} % 3))
    echo "share $SHARE of 0 to 2 of the scenarios; make compat plays all"
fi
# shellcheck disable=SC2046 # names of our own, without blanks
exec bin/overlay-compat run --original $SET "$@" $(scenarios $SHARE)
