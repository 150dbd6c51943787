#!/bin/sh
# Compare the original's scripts on the system's shell with the same on ours, in
# all scenarios. Arguments go to overlay-compat.
cd "$(dirname "$0")/.." || exit 1
SET=.original/x/var/lib/overlay-boot

missing() {
    echo "comparison left out: $1"
    [ "$OVERLAY_MUST_WORK" != 1 ] || exit 1
    exit 0
}

[ "$(id -u)" = 0 ] || missing "sandboxes need root"
[ -x $SET/overlay-boot ] || missing "there are no original scripts (make original)"
exec bin/overlay-compat run --original $SET "$@" testsuite/scenarios/*.txtar
