# Run by bash in a root of its own: inside.sh use PACKAGE ... installs the packages and uses
# what they bring, inside.sh purge PACKAGE ... removes them. Each step's output and status go
# to /steps/NAME, its time to /times.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC TERM=dumb
mkdir -p /steps

# step NAME SECONDS COMMAND ...
step() {
    local name=$1 limit=$2 status begin=$SECONDS
    shift 2
    timeout -k 5 "$limit" "$@" < /dev/null > "/steps/$name" 2>&1
    status=$?
    printf '\nstatus %s\n' "$status" >> "/steps/$name"
    echo "$((SECONDS - begin)) s $name" >> /times
}

# Which commands the shell runs itself: those whose process it is.
probe() {
    cd /proc || return
    for words in 'readlink self' 'stat -c %N self' 'ls -l self' 'find self -printf "%l\n"' ; do
	/bin/sh -c "$words > /tmp/probed; echo \$\$"
	tr -d "'" < /tmp/probed | sed 's/.* //'
    done | uniq -c > /probe
    cd /
}

initramfs() {
    command -v update-initramfs > /dev/null || return 0
    mkdir -p /lib/modules/6.1.0-test/kernel
    : > /lib/modules/6.1.0-test/modules.order
    : > /lib/modules/6.1.0-test/modules.builtin
    echo CONFIG_RD_GZIP=y > /boot/config-6.1.0-test
    depmod 6.1.0-test
    step update-initramfs 200 update-initramfs -c -k 6.1.0-test
    step lsinitramfs 60 lsinitramfs -l /boot/initrd.img-6.1.0-test
    step unmkinitramfs 60 unmkinitramfs /boot/initrd.img-6.1.0-test /initrd
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
	env HOME=/build dpkg-buildpackage -d -us -uc -b -rfakeroot
    step package-contents 20 dpkg-deb -c /build/tiny_1_all.deb
    step package-files 20 dpkg-deb -R /build/tiny_1_all.deb /build/tiny-files
    cd /
}

# source_package NAME: Debian's own build of a program, where its tools are installed
source_package() {
    local dir=/build/source-$1/$1 deb
    [ -d "/sources/$1" ] && command -v dh > /dev/null || return 0
    mkdir -p "/build/source-$1"
    cp -r "/sources/$1" "$dir"
    # else nothing is built as fakeroot's root
    sed -i '/^Rules-Requires-Root:/d' "$dir/debian/control"
    chown -R nobody:nogroup "/build/source-$1"
    cd "$dir" || return
    step "source-$1" 500 setpriv --reuid=nobody --regid=nogroup --clear-groups \
	env HOME=/build DEB_BUILD_OPTIONS='nocheck noautodbgsym' \
	dpkg-buildpackage -d -us -uc -b -rfakeroot
    for deb in "/build/source-$1"/*.deb ; do
	step "source-$1-contents" 20 dpkg-deb -c "$deb"
	step "source-$1-files" 20 dpkg-deb -R "$deb" "/build/source-$1-files"
    done
    cd /
}

configures() {
    command -v gcc > /dev/null || return 0
    for source in /sources/*/ ; do
	[ -x "$source/configure" ] || continue
	name=$(basename "$source")
	[ "$name" != sed ] || continue # source_package does
	cp -r "$source" "/build/$name"
	cd "/build/$name" || return
	step "configure-$name" 400 env CONFIG_SHELL=/bin/sh /bin/sh ./configure
	cd /
    done
}

# pid_file SERVICE: of those that can be started where there is nothing but this root
pid_file() {
    case $1 in
	cron) echo /run/crond.pid ;;
	dbus) echo /run/dbus/pid ;;
	dnsmasq) echo /run/dnsmasq/dnsmasq.pid ;;
	exim4) echo /run/exim4/exim.pid ;;
	haveged | nginx) echo "/run/$1.pid" ;;
	rsyslog) echo /run/rsyslogd.pid ;;
	ssh) echo /run/sshd.pid ;;
	*) return 1 ;;
    esac
}

alive() { kill -0 "$1" 2> /dev/null ; }

# up FILE, down PID: wait for the process; who is told to start or stop it may return before
up() {
    for _ in {1..100} ; do
	! alive "$(cat "$1" 2> /dev/null)" || return
	sleep 0.1
    done
    echo "no process of $1" >> /steps/not-up
}

down() {
    for _ in {1..100} ; do
	alive "$1" || return
	sleep 0.1
    done
    echo "$name does not end" >> /steps/not-down
}

services() {
    for file in /etc/init.d/* ; do
	name=$(basename "$file")
	[ -x "$file" ] || continue
	case $name in # they boot or end the machine, or who runs this
	    halt | reboot | single | rc | rcS | sendsigs | killprocs | umount* | hwclock.sh) continue ;;
	esac
	for action in status stop ; do
	    step "service-$name-$action" 20 "$file" "$action"
	done
	pid=$(pid_file "$name") || continue
	turn=0
	for action in start status restart stop status ; do
	    process=$(cat "$pid" 2> /dev/null)
	    step "started-$name-$((++turn))-$action" 60 "$file" "$action"
	    case $action in
		start | restart) up "$pid" ;;
		stop) down "$process" ;;
	    esac
	done
    done
}

# what runs each day, by hand
daily() {
    echo 'APT::Periodic::RandomSleep "0";' > /etc/apt/apt.conf.d/99test
    echo 'APT::Periodic::Enable "0";' >> /etc/apt/apt.conf.d/99test
    step cron-list 20 run-parts --test /etc/cron.daily
    for file in /etc/cron.daily/* /etc/cron.weekly/* ; do
	[ -x "$file" ] || continue
	step "cron-$(basename "$file")" 100 "$file"
    done
    command -v logrotate > /dev/null || return 0
    step logrotate 60 logrotate -v -f /etc/logrotate.conf
    step logrotate-again 60 logrotate -v -f /etc/logrotate.conf
    step logs 20 find /var/log -printf '%p %M %u %g\n'
}

# installed PACKAGE
installed() {
    dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q ' installed$'
}

reconfigure() {
    if command -v locale-gen > /dev/null ; then
	printf '%s UTF-8\n' de_DE.UTF-8 en_US.UTF-8 > /etc/locale.gen
	echo 'fr_FR ISO-8859-1' >> /etc/locale.gen
	step reconfigure-locales 200 dpkg-reconfigure locales
	step locales 20 locale -a
	step update-locale 20 update-locale LANG=de_DE.UTF-8
    fi
    ln -sfn /usr/share/zoneinfo/Europe/Rome /etc/localtime
    for name in tzdata debconf openssh-server ca-certificates exim4-config console-setup \
	keyboard-configuration man-db ucf dash ; do
	installed $name || continue
	step "reconfigure-$name" 100 dpkg-reconfigure $name
    done
}

network() {
    command -v ifup > /dev/null || return 0
    for dir in if-pre-up.d if-up.d if-down.d if-post-down.d ; do
	mkdir -p /etc/network/$dir
	cat > /etc/network/$dir/tell <<'EOF'
#!/bin/sh
env | grep -E '^(IFACE|LOGICAL|ADDRFAM|METHOD|MODE|PHASE|VERBOSITY|IF_)' | sort
ip -o -4 addr show dev "$IFACE" | tr -s ' ' | cut -d ' ' -f 2-7
EOF
	chmod 755 /etc/network/$dir/tell
    done
    cat > /etc/network/interfaces <<'EOF'
auto lo over
iface lo inet loopback
iface over inet static
    pre-up ip link add over type bridge
    address 192.0.2.1/24
    gateway 192.0.2.254
    up ip route add 198.51.100.0/24 via 192.0.2.7 || false
    post-down ip link del over
iface over inet6 static
    address 2001:db8::1/64
    dad-attempts 0
EOF
    step ifup 60 ifup -v -a
    step routes 20 ip route
    step ifquery 20 ifquery --state
    step ifdown 60 ifdown -v -a
    step networking 60 /etc/init.d/networking start
    step networking-stop 60 /etc/init.d/networking stop
}

names() { dpkg-query -W -f '${Package}\n' ; }

# added: what was installed beside the base
added() { names | grep -vxFf /base.list ; }

use() {
    probe
    names > /base.list
    step install 1500 apt-get -q -y --no-install-recommends --no-download install "$@"
    step states 20 dpkg-query -W -f '${Package} ${Version} ${Status}\n'
    step audit 60 dpkg --audit
    step ca-certificates 60 update-ca-certificates --fresh
    mkdir -p /build
    initramfs
    package
    configures
    services
    network
    reconfigure
    daily
    source_package mawk
    source_package sed
    # each package's scripts, as in an upgrade
    step again 1500 apt-get -q -y --no-install-recommends --no-download --reinstall install \
	$(printf '%s\n' "$@" | grep -vxFf /base.list)
}

purge() {
    list=$(added)
    step remove 600 apt-get -q -y remove $list
    step removed 20 dpkg-query -W -f '${Package} ${Version} ${Status}\n'
    step install-back 1500 apt-get -q -y --no-install-recommends --no-download install "$@"
    list=$(added)
    step purge 900 apt-get -q -y purge $list
    step left 20 dpkg-query -W -f '${Package} ${Version} ${Status}\n'
    step audit-left 60 dpkg --audit
}

"$@"
