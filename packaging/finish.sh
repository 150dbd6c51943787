#!/bin/sh
# finish.sh ROOT VERSION EPOCH MAINTAINER: make of what "make install" has installed below
# ROOT what a package holds: with compressed manual pages and the documents that Debian's
# policy asks for. All times are that of the commit, so that two builds are the same.
set -e
cd "$(dirname "$0")/.."
ROOT=$1 VERSION=$2 EPOCH=$3 MAINTAINER=$4
DOC=$ROOT/usr/share/doc/overlay-boot-go
umask 022

find "$ROOT/usr/share/man" -type f -exec gzip -9n {} +

mkdir -p "$DOC"
cat packaging/copyright NOTICE > "$DOC/copyright"
gzip -9nc README.md > "$DOC/README.md.gz"
gzip -9nc SECURITY.md > "$DOC/SECURITY.md.gz"
gzip -9nc CHANGELOG.md > "$DOC/CHANGELOG.md.gz"
gzip -9nc > "$DOC/changelog.gz" <<END
overlay-boot-go ($VERSION) unstable; urgency=medium

  * See CHANGELOG.md.gz.

 -- $MAINTAINER  $(LC_ALL=C date -u -R -d "@$EPOCH")
END

install -D -m 644 packaging/deb/lintian-overrides \
    "$ROOT/usr/share/lintian/overrides/overlay-boot-go"

find "$ROOT" -exec touch -h -d "@$EPOCH" {} +
