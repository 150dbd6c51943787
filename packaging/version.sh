#!/bin/sh
# version.sh [apk | epoch]: print the version of this tree, or its date in seconds.
#
# At the tag vX.Y.Z of a tree without changes, and in a tree without git, it is the release
# X.Y.Z. At any other commit it is X.Y.Z~gitDATE.COMMIT, which dpkg and rpm sort before the
# release X.Y.Z and after all earlier commits. apk has no word for the commit.
set -e
cd "$(dirname "$0")/.."

# The release that this tree leads to, or is.
RELEASE=0.14.0

# git's own variables may be those of another tree, as in a hook
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
GIT=
[ ! -e .git ] || ! git rev-parse --verify -q HEAD >/dev/null 2>&1 || GIT=yes

case $1 in
    epoch)
	if [ -n "$SOURCE_DATE_EPOCH" ] ; then
	    echo "$SOURCE_DATE_EPOCH"
	elif [ -n "$GIT" ] ; then
	    git log -1 --format=%ct
	else
	    stat -c %Y CHANGELOG.md
	fi
	exit
	;;
    '') SIGN='~' FORMAT=%Y%m%d%H%M ;;
    apk) SIGN=_ FORMAT=%Y%m%d ;;
    *) echo "Usage: $0 [apk | epoch]" >&2 ; exit 2 ;;
esac

[ -n "$GIT" ] || { echo "$RELEASE" ; exit ; }
TAG=$(git describe --tags --exact-match --dirty --match 'v[0-9]*' 2>/dev/null) || TAG=
case $TAG in
    v"$RELEASE") echo "$RELEASE" ; exit ;;
    '' | *-dirty) ;;
    *) echo "the tag $TAG is not the release $RELEASE of packaging/version.sh" >&2 ; exit 1 ;;
esac
DATE=$(TZ=UTC git log -1 --format=%cd --date="format-local:$FORMAT")
COMMIT=$(git describe --always --dirty --exclude '*' --abbrev=10)
case $SIGN in
    '~') echo "$RELEASE~git$DATE.$COMMIT" | sed 's/-dirty$/.dirty/' ;;
    _) echo "${RELEASE}_git$DATE" ;;
esac
