#!/bin/sh
# Fetch the original overlay-boot package from Debian sid into .original/, from
# the mirror that this machine uses, and unpack it. The machine's own apt state
# is not used and not changed.
set -e
cd "$(dirname "$0")/.."
. testsuite/apt.sh
TOP=$PWD/.original

version() { echo "original: overlay-boot $(dpkg-deb -f "$TOP"/overlay-boot_*.deb Version)" ; }

if [ -x .original/x/var/lib/overlay-boot/overlay-boot ] ; then
    version
    exit 0
fi

URI=$(mirror)
[ -n "$URI" ] || { echo "apt names no Debian mirror" >&2 ; exit 1 ; }
for KEYRING in /usr/share/keyrings/debian-archive-keyring.gpg \
	       /usr/share/keyrings/debian-archive-keyring.pgp ; do
    [ ! -r "$KEYRING" ] || break
done
[ -r "$KEYRING" ] || { echo "no debian-archive-keyring" >&2 ; exit 1 ; }

rm -rf "$TOP"
mkdir -p "$TOP/sources" "$TOP/state/lists/partial" "$TOP/cache/archives/partial"
: > "$TOP/status"
cat > "$TOP/sources/sid.sources" <<END
Types: deb
URIs: $URI
Suites: sid
Components: main
Signed-By: $KEYRING
END

own_apt() {
    apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$TOP/sources" \
	    -o Dir::State="$TOP/state" -o Dir::State::status="$TOP/status" \
	    -o Dir::Cache="$TOP/cache" -o APT::Sandbox::User= \
	    -o Acquire::Languages=none \
	    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

own_apt update
(cd "$TOP" && own_apt download overlay-boot)
dpkg-deb -x "$TOP"/overlay-boot_*.deb "$TOP/x"
version
