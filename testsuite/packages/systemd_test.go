package packages

import (
	"testing"
)

// systemd is the init of a world.
var systemd = []string{"/lib/systemd/systemd", "--system", "--log-target=console",
	"--show-status=0", "--unit=multi-user.target"}

// unitLib is what the steps call. state prints what systemd says of a unit.
const unitLib = `state() { echo "$(systemctl show -P ActiveState "$1") $(systemctl show -P Result "$1")"; }
until_state() { i=0; until [ "$(state "$1")" = "$2" ]; do i=$((i+1)); [ $i -lt 400 ] || break; sleep 0.05; done; state "$1"; }
of() { sed -n "s/^$2=\([0-9]*\) .*/\1/p" /run/overlay-boot/subhosts/$1; }
left() { ls -d /run/netns/$1 /run/overlay-boot/subhosts/$1 /run/subhosts@*.pid 2>/dev/null || :; }
path=$(systemd-escape -p /site/path/path.conf)
`

// unitSteps use the unit as an administrator does.
var unitSteps = []step{
	{"dpkg -i /packages/*_$(dpkg --print-architecture).deb >/dev/null 2>&1 && " +
		"systemctl is-system-running --wait", "running", 0},
	{"printf '%s\\n' /site/web/web.conf /site/a-b/a-b.conf /site/bad/bad.conf /site/slow/slow.conf >/etc/subhosts.conf",
		"", 0},

	// up when started, by its name; its processes are those of the unit
	{"systemctl start subhosts@web; cat /site/web/svc; state subhosts@web",
		"started\nactive success", 0},
	{"systemctl show -P MainPID subhosts@web | grep -qxF $(of web SUPERVISOR)", "", 0},
	{"systemctl status subhosts@web | grep -o '/.reaper web\\|dummy_service\\|unshare -f.* --kill'",
		"unshare -fpiumTC --kill\n/.reaper web\ndummy_service", 0},
	{"echo echo inside | overlay-go web", "inside\ndone", 0},
	{"systemctl stop subhosts@web; cat /site/web/svc; state subhosts@web; left web",
		"started\nstopped\ninactive success", 0},

	// by an escaped path, a name with a dash, and such a name escaped
	{"systemctl start subhosts@$path subhosts@a-b; state subhosts@$path; state subhosts@a-b",
		"active success\nactive success", 0},
	{"systemctl restart subhosts@a-b; systemctl stop subhosts@$path subhosts@a-b; left path; left a-b",
		"", 0},
	{"systemctl start 'subhosts@a\\x2db'; overlay-go </dev/null; systemctl stop 'subhosts@a\\x2db'; " +
		"left a-b", "Select subhost: /site/a-b/a-b.conf", 0},

	// it ends by itself, or by overlay-stop
	{"systemctl start subhosts@web; kill -9 $(of web INIT); until_state subhosts@web 'inactive success'; left web",
		"inactive success", 0},
	{"systemctl start subhosts@web; overlay-stop web 2>/dev/null; until_state subhosts@web 'inactive success'; left web",
		"inactive success", 0},

	// failure is failure
	{"systemctl start subhosts@bad 2>/dev/null", "", 1},
	{"state subhosts@bad; left bad", "failed exit-code", 0},
	{"systemctl start subhosts@none 2>/dev/null", "", 1},
	{"systemctl start subhosts@web; kill -9 $(of web SUPERVISOR); until_state subhosts@web 'failed signal'; left web",
		"failed signal", 0},

	// one that runs already is left alone
	{"overlay-boot web 2>/dev/null; systemctl start subhosts@web 2>/dev/null; state subhosts@web; " +
		"echo echo inside | overlay-go web; overlay-stop web 2>/dev/null",
		"failed exit-code\ninside\ndone", 0},

	// a boot that is given up
	{"systemctl start --no-block subhosts@slow; i=0; until [ -e /site/slow/begun ]; do i=$((i+1)); " +
		"[ $i -lt 400 ] || break; sleep 0.05; done; state subhosts@slow; " +
		"systemctl stop subhosts@slow; state subhosts@slow; left slow",
		"activating success\ninactive success", 0},
	{"find /sys/fs/cgroup -name overlay-supervisor", "", 0},
}

// TestSystemd has systemd as process 1 start and stop subhosts by the unit.
func TestSystemd(t *testing.T) {
	inWorld(t, systemd, func(w *world) {
		w.sh("i=0; until systemctl is-system-running >/dev/null 2>&1; do " +
			"i=$((i+1)); [ $i -lt 400 ]; sleep 0.05; done")
		w.subhost("web", `CABLES= =\nSTART= /svc\n`)
		w.sh("printf '#!/bin/sh\n[ $1 != start ] || exec echo started >/said\necho stopped >>/said' " +
			">/site/web/root/svc; chmod 755 /site/web/root/svc; ln -s root/said /site/web/svc")
		w.subhost("path", `CABLES=\nSTART= none\n`)
		w.subhost("a-b", `CABLES=\nSTART= none\n`)
		w.subhost("bad", `CABLES= nobridge=\nSTART= none\n`)
		w.subhost("slow", `CABLES=\nSTART= none\nPREMOUNT=/site/slow/hook\n`)
		w.sh("printf '#!/bin/sh\n: >/site/slow/begun; sleep 600\n' >/site/slow/hook; " +
			"chmod 755 /site/slow/hook")
		steps := unitSteps
		for i := range steps {
			steps[i].script = unitLib + steps[i].script
		}
		w.steps(steps)
	})
}
