# What the steps of the tests call, in a world.

quiet() { "$@" >/dev/null 2>&1 ; }

# of NAME KEY: the first word of a key in the record of a subhost
of() { sed -n "s/^$2=\([0-9]*\) .*/\1/p" /run/overlay-boot/subhosts/$1 2>/dev/null ; }

# enter NAME COMMAND: what a command inside prints
enter() { echo "$2" | overlay-go $1 | sed '$d' ; }
answers() { [ "$(enter $1 'echo in' 2>/dev/null)" = in ] ; }

# await TEXT: wait until the command succeeds
await() {
    N=0
    until eval "$1" ; do
	N=$((N+1))
	[ $N -lt 400 ] || { echo "in vain: $1" ; break ; }
	sleep 0.05
    done
}

# paused NAME: end the subhost, and wait until it is in a pause of RESTART
paused() {
    kill -9 $(of $1 INIT)
    await "grep -qsx STATE=restarting /run/overlay-boot/subhosts/$1"
}
# runner: the process of runit's run for the subhost again
runner() { cat /etc/sv/subhosts.again/supervise/pid ; }

# left NAME: what is left of a subhost
left() {
    ls -d /run/netns/$1 /run/overlay-boot/subhosts/$1 /run/subhost*.pid /sys/class/net/${1}0 \
	2>/dev/null
    pgrep -f "^/.reaper $1"
    grep " /site/$1/live " /proc/mounts
    return 0
}
gone() { await "[ -z \"\$(left $1)\" ]" ; }

# packages: of Debian, and their states
own_deb() { ls /packages/*_"$(dpkg --print-architecture)".deb ; }
status() { dpkg-query -W -f '${db:Status-Abbrev}' $1 ; }
apt() {
    apt-get -q -y -o Dpkg::Options::=--force-confold "$@" >/tmp/apt.out 2>&1 || cat /tmp/apt.out
}
booted() { overlay-boot /site/$1/$1.conf </dev/null >/tmp/boot.out 2>&1 || cat /tmp/boot.out ; }
stopped() { overlay-stop /site/$1/$1.conf </dev/null >/tmp/stop.out 2>&1 || cat /tmp/stop.out ; }

# by_path: the unit of a configuration that no list has
by_path() { echo "subhosts@$(systemd-escape -p /site/path/path.conf)" ; }
# unit NAME: what systemd says of a unit
unit() { echo "$(systemctl show -P ActiveState "$1") $(systemctl show -P Result "$1")" ; }
# becomes NAME TEXT: wait until it says that, and print it
becomes() { await "[ \"\$(unit '$1')\" = '$2' ]" ; unit "$1" ; }
