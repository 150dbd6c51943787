package packages

import (
	"testing"
)

// systemd is the init of a world.
var systemd = []string{"/lib/systemd/systemd", "--system", "--log-target=console",
	"--show-status=0", "--unit=multi-user.target"}

// unitSteps use the unit as an administrator does.
var unitSteps = []step{
	{"quiet dpkg -i $(own_deb) && " +
		"systemctl is-system-running --wait", "running", 0},
	{"printf '%s\\n' /site/web/web.conf /site/a-b/a-b.conf /site/bad/bad.conf " +
		"/site/again/again.conf /site/slow/slow.conf >/etc/subhosts.conf", "", 0},

	// up when started, by its name; its processes are those of the unit
	{"systemctl start subhosts@web; cat /site/web/svc; unit subhosts@web",
		"started\nactive success", 0},
	{"systemctl show -P MainPID subhosts@web | grep -qxF $(of web SUPERVISOR)", "", 0},
	{"systemctl status subhosts@web | grep -o '/.reaper web\\|dummy_service\\|unshare -f.* --kill'",
		"unshare -fpiumTC --kill\n/.reaper web\ndummy_service", 0},
	{"enter web 'echo inside'", "inside", 0},
	{"systemctl stop subhosts@web; cat /site/web/svc; unit subhosts@web; left web",
		"started\nstopped\ninactive success", 0},

	// by an escaped path, a name with a dash, and such a name escaped
	{"systemctl start $(by_path) subhosts@a-b; " +
		"unit $(by_path); unit subhosts@a-b",
		"active success\nactive success", 0},
	{"systemctl restart subhosts@a-b; systemctl stop $(by_path) subhosts@a-b; " +
		"left path; left a-b", "", 0},
	{"systemctl start 'subhosts@a\\x2db'; overlay-go </dev/null; systemctl stop 'subhosts@a\\x2db'; " +
		"left a-b", "Select subhost: /site/a-b/a-b.conf", 0},

	// it ends by itself, or by overlay-stop
	{"systemctl start subhosts@web; kill -9 $(of web INIT); " +
		"becomes subhosts@web 'inactive success'; " +
		"left web", "inactive success", 0},
	{"systemctl start subhosts@web; overlay-stop web 2>/dev/null; " +
		"becomes subhosts@web 'inactive success'; " +
		"left web", "inactive success", 0},

	// failure is failure
	{"systemctl start subhosts@bad 2>/dev/null", "", 1},
	{"unit subhosts@bad; left bad", "failed exit-code", 0},
	{"systemctl start subhosts@none 2>/dev/null", "", 1},
	{"systemctl start subhosts@web; kill -9 $(of web SUPERVISOR); " +
		"becomes subhosts@web 'failed signal'; " +
		"left web", "failed signal", 0},

	// one that runs already is left alone
	{"overlay-boot web 2>/dev/null; systemctl start subhosts@web 2>/dev/null; unit subhosts@web; " +
		"enter web 'echo inside'; overlay-stop web 2>/dev/null",
		"failed exit-code\ninside", 0},

	// RESTART boots it again, and it stays the unit's
	{"systemctl start subhosts@again; P=$(of again INIT); kill -9 $P; " +
		"await 'grep -qs STATE=running /run/overlay-boot/subhosts/again && " +
		"[ $(of again INIT) != '$P' ]'; " +
		"await '[ $(systemctl show -P MainPID subhosts@again) = $(of again SUPERVISOR) ]'; " +
		"unit subhosts@again; systemctl status subhosts@again | grep -o '/.reaper again'; " +
		"systemctl stop subhosts@again; unit subhosts@again; left again",
		"active success\n/.reaper again\ninactive success", 0},
	// in a pause before that
	{"systemctl start subhosts@again; paused again; unit subhosts@again; " +
		"of again BOOTER | cmp - '/run/subhosts@again.pid'; systemctl stop subhosts@again; " +
		"unit subhosts@again; left again",
		"active success\ninactive success", 0},

	// a boot that is given up
	{"systemctl start --no-block subhosts@slow; await '[ -e /site/slow/begun ]'; " +
		"unit subhosts@slow; systemctl stop subhosts@slow; unit subhosts@slow; left slow",
		"activating success\ninactive success", 0},
	{"find /sys/fs/cgroup -name overlay-supervisor", "", 0},
}

// TestSystemd has systemd as process 1 start and stop subhosts by the unit.
func TestSystemd(t *testing.T) {
	inWorld(t, systemd, func(w *world) {
		w.sh("await 'quiet systemctl is-system-running'")
		w.subhost("web", `CABLES= =\nSTART= /svc\n`)
		w.sh("printf '#!/bin/sh\n[ $1 != start ] || exec echo started >/said\necho stopped >>/said' " +
			">/site/web/root/svc; chmod 755 /site/web/root/svc; ln -s root/said /site/web/svc")
		w.subhost("path", `CABLES=\nSTART= none\n`)
		w.subhost("a-b", `CABLES=\nSTART= none\n`)
		w.subhost("again", `CABLES=\nSTART= none\nRESTART= always\n`)
		w.subhost("bad", `CABLES= nobridge=\nSTART= none\n`)
		w.subhost("slow", `CABLES=\nSTART= none\nPREMOUNT=/site/slow/hook\n`)
		w.sh("printf '#!/bin/sh\n: >/site/slow/begun; sleep 600\n' >/site/slow/hook; " +
			"chmod 755 /site/slow/hook")
		w.steps(unitSteps)
	})
}
