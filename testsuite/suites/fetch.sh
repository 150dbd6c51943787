#!/bin/sh
# fetch.sh DIR PACKAGE ...: unpack Debian's source of each package, as this machine's
# release has it, into DIR/PACKAGE. The mirror is the one that the machine's own apt
# uses; its state and configuration are not used and not changed, deb-src needs not be
# configured.
set -e
cd "$(dirname "$0")/../.."
. testsuite/apt.sh
TOP=$1
shift
case $TOP in /*) ;; *) TOP=$PWD/$TOP ;; esac

# own_apt ARG ...: apt-get, with all that it reads and writes below $TOP/apt.
own_apt() {
    apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$TOP/apt/sources" \
	    -o Dir::State="$TOP/apt/state" -o Dir::State::status="$TOP/apt/status" \
	    -o Dir::Cache="$TOP/apt/cache" -o APT::Sandbox::User= \
	    -o Acquire::Languages=none "$@"
}

prepare() {
    URI=$(mirror)
    [ -n "$URI" ] || { echo "apt names no Debian mirror" >&2 ; exit 1 ; }
    for KEYRING in /usr/share/keyrings/debian-archive-keyring.gpg \
		       /usr/share/keyrings/debian-archive-keyring.pgp ; do
	[ ! -r "$KEYRING" ] || break
    done
    [ -r "$KEYRING" ] || { echo "no debian-archive-keyring" >&2 ; exit 1 ; }
    mkdir -p "$TOP/apt/sources" "$TOP/apt/state/lists/partial" \
	"$TOP/apt/cache/archives/partial"
    : > "$TOP/apt/status"
    cat > "$TOP/apt/sources/src.sources" <<END_SOURCES
Types: deb-src
URIs: $URI
Suites: $(codename)
Components: main
Signed-By: $KEYRING
END_SOURCES
    own_apt update
}

# One file says that a package is whole: what a killed run left is fetched again.
READY=
for PACKAGE ; do
    [ ! -e "$TOP/$PACKAGE/.fetched" ] || continue
    [ -n "$READY" ] || prepare
    READY=yes
    rm -rf "$TOP/$PACKAGE" "$TOP/apt/unpack"
    mkdir -p "$TOP/apt/unpack"
    (cd "$TOP/apt/unpack" && own_apt source --only-source "$PACKAGE")
    mv "$TOP"/apt/unpack/*/ "$TOP/$PACKAGE"
    rm -rf "$TOP/apt/unpack"
    : > "$TOP/$PACKAGE/.fetched"
done
