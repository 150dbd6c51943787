# Run by bash in a root of its own: inside.sh PACKAGE ... installs the packages and uses
# what they bring. Each step's output and status go to /steps/NAME.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC TERM=dumb
mkdir -p /steps

# step NAME SECONDS COMMAND ...
step() {
    local name=$1 limit=$2 status
    shift 2
    timeout -k 5 "$limit" "$@" < /dev/null > "/steps/$name" 2>&1
    status=$?
    printf '\nstatus %s\n' "$status" >> "/steps/$name"
}

initramfs() {
    command -v update-initramfs > /dev/null || return 0
    mkdir -p /lib/modules/6.1.0-test/kernel
    : > /lib/modules/6.1.0-test/modules.order
    : > /lib/modules/6.1.0-test/modules.builtin
    : > /boot/config-6.1.0-test
    depmod 6.1.0-test
    step update-initramfs 200 update-initramfs -c -k 6.1.0-test
    step lsinitramfs 60 lsinitramfs -l /boot/initrd.img-6.1.0-test
}

# a package whose rules make owners and devices that only fakeroot lets them make
package() {
    command -v fakeroot > /dev/null && command -v dpkg-buildpackage > /dev/null || return 0
    mkdir -p /build/tiny-1/debian/source
    cd /build/tiny-1 || return
    echo '1.0' > debian/source/format
    cat > debian/changelog <<EOF
tiny (1) unstable; urgency=low

  * Made for a test.

 -- Nobody <nobody@example.org>  Tue, 14 Nov 2023 22:13:20 +0000
EOF
    cat > debian/control <<EOF
Source: tiny
Section: misc
Priority: optional
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.2
Rules-Requires-Root: binary-targets

Package: tiny
Architecture: all
Description: made for a test
 It has owners and a device.
EOF
    cat > debian/rules <<'EOF'
#!/usr/bin/make -f
D = debian/tiny
clean:
	rm -rf debian/tiny debian/files
build build-arch build-indep:
binary-arch:
binary binary-indep:
	mkdir -p $(D)/DEBIAN $(D)/usr/share/tiny && chmod 755 $(D)
	for f in a b c; do echo "$$f" | sed 's/^/file /' > $(D)/usr/share/tiny/$$f; done
	chown 3:4 $(D)/usr/share/tiny/a; chown root:mail $(D)/usr/share/tiny/b
	chmod 2755 $(D)/usr/share/tiny/b; chmod 644 $(D)/usr/share/tiny/c
	mknod $(D)/usr/share/tiny/null c 1 3
	ln -s a $(D)/usr/share/tiny/link
	cp -a $(D)/usr/share/tiny/a $(D)/usr/share/tiny/copy
	test "$$(id -u)" = 0
	(cd $(D) && find usr -type f | LC_ALL=C sort | xargs md5sum) > $(D)/DEBIAN/md5sums
	dpkg-gencontrol -ptiny -P$(D)
	dpkg-deb --build $(D) ..
EOF
    chmod 755 debian/rules
    # not as root, whom fakeroot has nothing to hide from
    chown -R nobody:nogroup /build
    step build-package 120 setpriv --reuid=nobody --regid=nogroup --clear-groups \
	env HOME=/build dpkg-buildpackage -us -uc -b -rfakeroot
    step package-contents 20 dpkg-deb -c /build/tiny_1_all.deb
    cd /
}

configures() {
    command -v gcc > /dev/null || return 0
    for source in /sources/*/ ; do
	[ -x "$source/configure" ] || continue
	name=$(basename "$source")
	cp -r "$source" "/build/$name"
	cd "/build/$name" || return
	step "configure-$name" 400 env CONFIG_SHELL=/bin/sh /bin/sh ./configure
	cd /
    done
}

services() {
    for file in /etc/init.d/* ; do
	name=$(basename "$file")
	[ -x "$file" ] || continue
	case $name in # they end the machine, which is this namespace, or who runs this
	    halt | reboot | single | sendsigs | killprocs | umount* | hwclock.sh) continue ;;
	esac
	for action in status stop ; do
	    step "service-$name-$action" 20 "$file" "$action"
	done
    done
}

step install 1500 apt-get -q -y --no-install-recommends --no-download install "$@"
step states 20 dpkg-query -W -f '${Package} ${Version} ${Status}\n'
step audit 60 dpkg --audit
step ca-certificates 60 update-ca-certificates --fresh
initramfs
mkdir -p /build
package
configures
services
