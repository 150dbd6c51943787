package packages

import (
	"testing"

	"overlayboot/compat/kit"
)

// replaceSteps install this package over the original and the original over this one, with
// subhosts that the one boots and the other stops.
var replaceSteps = []step{
	{"apt install /original/*.deb; status overlay-boot", "ii", 0},
	{"echo /site/old/old.conf >/etc/subhosts.conf; booted old", "", 0},
	// the boot of the original goes on in the background
	{"await 'quiet pgrep -f \"^/.reaper old\"'; enter old hostname", "outer", 0},
	{"pgrep -f '^/.reaper old' >/tmp/old", "", 0},

	{"apt install $(own_deb); status overlay-boot-go; status overlay-boot", "ii rc", 0},
	{"cat /etc/subhosts.conf", "/site/old/old.conf", 0},
	{"[ -x /etc/init.d/subhosts ] && ls /etc/rc2.d | grep -c subhosts", "1", 0},
	{"pgrep -f '^/.reaper old' | cmp - /tmp/old && enter old hostname", "outer", 0},
	{"overlay-go </dev/null", "Select subhost: /site/old/old.conf", 0},
	{"stopped old; gone old", "", 0},

	{"booted new; booted left; booted last; enter new hostname", "outer", 0},
	{"of new INIT >/tmp/new; of last INIT >/tmp/last", "", 0},
	{"apt install --reinstall $(own_deb); of new INIT | cmp - /tmp/new && enter new hostname",
		"outer", 0},

	// without a package, the supervisor of a subhost that ends takes all down
	{"apt remove overlay-boot-go; status overlay-boot-go; ls /usr/sbin/overlay-*; " +
		"/etc/init.d/subhosts stop", "rc", 0},
	{"kill -0 $(of new INIT) $(of last INIT) && kill -9 $(of left INIT); gone left; " +
		"tail -n 1 /site/left/log", "Exited left", 0},

	{"apt install /original/*.deb; status overlay-boot", "ii", 0},
	{"enter new hostname", "outer", 0},
	{"of new INIT | cmp - /tmp/new; stopped new; gone new; tail -n 1 /site/new/log",
		"Exited new", 0},

	{"apt install $(own_deb); status overlay-boot-go", "ii", 0},
	{"of last INIT | cmp - /tmp/last && enter last hostname", "outer", 0},
	{"stopped last; gone last; tail -n 1 /site/last/log", "Exited last", 0},

	// what is purged is what is not the other's
	{"apt purge overlay-boot; quiet update-rc.d subhosts defaults; " +
		"ls /etc/rc2.d | grep -c subhosts; cat /etc/subhosts.conf; " +
		"[ -x /etc/init.d/subhosts ]",
		"1\n/site/old/old.conf", 0},
	{"apt purge overlay-boot-go; find /etc /usr /var/lib -name '*subhost*' -o -path " +
		"'*/sbin/overlay-*' -o -path /etc/overlay-boot", "", 0},
}

// TestReplace has apt install the package over the original and back, while subhosts run.
func TestReplace(t *testing.T) {
	inWorld(t, []string{"sh", "-c", "while :; do sleep 3600; done"}, func(w *world) {
		if w.try("[ -e /original/*.deb ]").Status != 0 {
			kit.Missing(w.t, "the original's package; see make original")
		}
		for _, name := range []string{"old", "new", "left", "last"} {
			w.subhost(name, `CABLES= =\nSTART= none\n`)
		}
		w.sh("hostname outer")
		w.steps(replaceSteps)
	})
}
