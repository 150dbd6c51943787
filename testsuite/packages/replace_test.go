package packages

import (
	"testing"

	"overlayboot/compat/kit"
)

// lib is what the steps call.
const lib = `of() { sed -n 's/^INIT=\([0-9]*\) .*/\1/p' /run/overlay-boot/subhosts/$1; }
enter() { echo "$2" | overlay-go $1 | sed '$d'; }
state() { dpkg-query -W -f '${db:Status-Abbrev}' $1; }
apt() { apt-get -q -y -o Dpkg::Options::=--force-confold "$@" >/tmp/apt.out 2>&1 || cat /tmp/apt.out; }
booted() { overlay-boot /site/$1/$1.conf </dev/null >/tmp/boot.out 2>&1 || cat /tmp/boot.out; }
stopped() { overlay-stop /site/$1/$1.conf </dev/null >/tmp/stop.out 2>&1 || cat /tmp/stop.out; }
gone() {
	i=0
	while pgrep -f "/.reaper $1" >/dev/null || [ -e /run/netns/$1 ] || [ -e /sys/class/net/${1}0 ] ||
		[ -e /run/overlay-boot/subhosts/$1 ] || grep -q " /site/$1/live " /proc/mounts; do
		i=$((i+1))
		[ $i -lt 200 ] || { echo "something of $1 is left"; break; }
		sleep 0.05
	done
}
# The boot of the original goes on in the background.
up() { i=0; until pgrep -f "^/.reaper $1" >/dev/null; do i=$((i+1)); [ $i -lt 400 ] || break; sleep 0.05; done; }
`

// replaceSteps install this package over the original and the original over this one, with
// subhosts that the one boots and the other stops.
var replaceSteps = []step{
	{"apt install /original/*.deb; state overlay-boot", "ii", 0},
	{"echo /site/old/old.conf >/etc/subhosts.conf; booted old; up old; enter old hostname", "outer", 0},
	{"pgrep -f '^/.reaper old' >/tmp/old", "", 0},

	{"apt install /packages/*_$(dpkg --print-architecture).deb; state overlay-boot-go; " +
		"dpkg-query -W -f '${db:Status-Abbrev}' overlay-boot", "ii rc", 0},
	{"cat /etc/subhosts.conf", "/site/old/old.conf", 0},
	{"[ -x /etc/init.d/subhosts ] && ls /etc/rc2.d | grep -c subhosts", "1", 0},
	{"[ \"$(cat /tmp/old)\" = \"$(pgrep -f '^/.reaper old')\" ] && enter old hostname", "outer", 0},
	{"overlay-go </dev/null", "Select subhost: /site/old/old.conf", 0},
	{"stopped old; gone old", "", 0},

	{"booted new; booted left; booted last; enter new hostname", "outer", 0},
	{"of new >/tmp/new; of last >/tmp/last", "", 0},
	{"apt install --reinstall /packages/*_$(dpkg --print-architecture).deb; " +
		"[ $(of new) = $(cat /tmp/new) ] && enter new hostname", "outer", 0},

	// without a package, the supervisor of a subhost that ends takes all down
	{"apt remove overlay-boot-go; state overlay-boot-go; ls /usr/sbin/overlay-*; " +
		"/etc/init.d/subhosts stop", "rc", 0},
	{"kill -0 $(of new) $(of last) && kill -9 $(of left); gone left; tail -n 1 /site/left/log",
		"Exited left", 0},

	{"apt install /original/*.deb; state overlay-boot", "ii", 0},
	{"enter new hostname", "outer", 0},
	{"[ $(of new) = $(cat /tmp/new) ]; stopped new; gone new; tail -n 1 /site/new/log",
		"Exited new", 0},

	{"apt install /packages/*_$(dpkg --print-architecture).deb; state overlay-boot-go", "ii", 0},
	{"[ $(of last) = $(cat /tmp/last) ] && enter last hostname", "outer", 0},
	{"stopped last; gone last; tail -n 1 /site/last/log", "Exited last", 0},

	// what is purged is what is not the other's
	{"apt purge overlay-boot; cat /etc/subhosts.conf; [ -x /etc/init.d/subhosts ]",
		"/site/old/old.conf", 0},
	{"apt purge overlay-boot-go; find /etc /usr /var/lib -name '*subhost*' -o -name 'overlay-*' " +
		"-path '*/sbin/*' -o -path /etc/overlay-boot", "", 0},
}

// TestReplace has apt install the package over the original and back, while subhosts run.
func TestReplace(t *testing.T) {
	inWorld(t, []string{"sh", "-c", "while :; do sleep 3600; done"}, func(w *world) {
		if w.try("[ -e /original/*.deb ]").Status != 0 {
			kit.Missing(t, "the original's package; see make original")
		}
		for _, name := range []string{"old", "new", "left", "last"} {
			w.subhost(name, `CABLES= =\nSTART= none\n`)
		}
		w.sh("hostname outer")
		for i := range replaceSteps {
			replaceSteps[i].script = lib + replaceSteps[i].script
		}
		w.steps(replaceSteps)
	})
}
