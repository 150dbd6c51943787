package packages

import "testing"

// initLib is what the steps for OpenRC and runit call.
const initLib = `of() { sed -n "s/^$2=\([0-9]*\) .*/\1/p" /run/overlay-boot/subhosts/$1; }
await() { i=0; while ! eval "$1"; do i=$((i+1)); [ $i -lt 400 ] || { echo "not: $1"; break; }; sleep 0.05; done; }
left() { ls -d /run/netns/$1 /run/overlay-boot/subhosts/$1 /run/subhost*.pid 2>/dev/null || :; }
gone() { await "[ -z \"\$(left $1)\" ]"; }
`

// openrcSteps use the service of OpenRC as an administrator does.
var openrcSteps = []step{
	{"cp /usr/share/overlay-boot/openrc/subhost /etc/init.d/subhost; " +
		"for n in web path bad; do ln -s subhost /etc/init.d/subhost.$n; done; " +
		"mkdir -p /etc/conf.d; echo config=/site/other/other.conf >/etc/conf.d/subhost.path", "", 0},
	{"await 'rc-status -r | grep -qx default && [ ! -e /run/openrc/rc.starting ]'; " +
		"rc-service subhost start >/dev/null 2>&1", "", 1},
	{"rc-service subhost.web status >/dev/null 2>&1", "", 3},
	{"rc-service subhost.web start >/dev/null 2>&1; cat /site/web/svc; " +
		"rc-service subhost.web status >/dev/null 2>&1", "started", 0},
	{"echo echo inside | overlay-go web; rc-service subhost.web start >/dev/null 2>&1",
		"inside\ndone", 0},
	{"rc-service subhost.web stop >/dev/null 2>&1 && cat /site/web/svc; left web",
		"started\nstopped", 0},
	{"rc-service subhost.web status >/dev/null 2>&1", "", 3},

	{"rc-service subhost.path start >/dev/null 2>&1 && overlay-go </dev/null; " +
		"rc-service subhost.path restart >/dev/null 2>&1; rc-service subhost.path stop >/dev/null 2>&1; " +
		"left other", "Select subhost: /site/other/other.conf", 0},

	{"rc-service subhost.bad start >/dev/null 2>&1", "", 1},
	{"rc-service subhost.bad status >/dev/null 2>&1", "", 3},
	{"left bad", "", 0},

	// it ends by itself
	{"rc-service subhost.web start >/dev/null 2>&1; kill -9 $(of web INIT); gone web; " +
		"rc-service subhost.web status >/dev/null 2>&1", "", 32},
	{"rc-service subhost.web restart >/dev/null 2>&1 && echo echo inside | overlay-go web",
		"inside\ndone", 0},
	// its supervisor is killed
	{"kill -9 $(of web SUPERVISOR); rc-service subhost.web stop >/dev/null 2>&1; echo $?; left web",
		"0", 0},

	// by the runlevel
	// the cache of dependencies counts in seconds
	{"{ rc-update del subhosts default; rc-update add subhost.web default; rc-update -u; } >/dev/null 2>&1; " +
		"openrc default >/dev/null 2>&1; echo echo inside | overlay-go web; " +
		"{ rc-update del subhost.web default; rc-update -u; openrc default; } >/dev/null 2>&1; left web",
		"inside\ndone", 0},
}

// TestOpenRC has OpenRC's init as process 1 start and stop subhosts.
func TestOpenRC(t *testing.T) {
	inWorld(t, []string{"/sbin/openrc-init"}, func(w *world) {
		w.sites()
		w.all(openrcSteps)
	})
}

// runitSteps use the service directory of runit as an administrator does.
var runitSteps = []step{
	{"for n in web path bad; do mkdir /etc/sv/subhosts.$n && " +
		"ln -s /usr/share/overlay-boot/runit/* /etc/sv/subhosts.$n; done; " +
		"echo CONFIG=/site/other/other.conf >/etc/sv/subhosts.path/conf", "", 0},

	// it is up as soon as runsvdir finds it
	{"ln -s /etc/sv/subhosts.web /etc/service; await 'sv status subhosts.web 2>/dev/null | grep -q ^run: && " +
		"[ -e /site/web/svc ]'; await '[ -n \"$(of web INIT)\" ]'; cat /site/web/svc; echo echo inside | overlay-go web",
		"started\ninside\ndone", 0},
	{"sv -w 60 down subhosts.web >/dev/null && cat /site/web/svc; left web; " +
		"sv status subhosts.web | sed 's/:.*//'", "started\nstopped\ndown", 0},
	{"sv up subhosts.web; await 'echo echo in | overlay-go web 2>/dev/null | grep -q in'; " +
		"of web INIT >/site/first; kill -9 $(cat /site/first)", "", 0},

	// it has ended by itself, and is started again
	{"await '[ -n \"$(of web INIT 2>/dev/null)\" ] && [ \"$(of web INIT)\" != $(cat /site/first) ]'; " +
		"echo echo inside | overlay-go web", "inside\ndone", 0},

	// run is killed: finish stops the subhost
	{"of web INIT >/site/first; sv kill subhosts.web; sv down subhosts.web; " +
		"await 'sv status subhosts.web | grep -q ^down'; kill -0 $(cat /site/first) 2>/dev/null; " +
		"echo $?; left web", "1", 0},

	{"ln -s /etc/sv/subhosts.path /etc/service; " +
		"await 'echo echo in | overlay-go other 2>/dev/null | grep -q in'; overlay-go </dev/null; " +
		"sv -w 60 down subhosts.path >/dev/null; left other", "Select subhost: /site/other/other.conf", 0},

	// a boot that fails
	{"ln -s /etc/sv/subhosts.bad /etc/service; await 'sv status subhosts.bad 2>/dev/null | grep -q ^finish'; " +
		"left bad; (cd /etc/sv/subhosts.bad; ./run >/site/bad.out; echo $?; grep -c 'no bridge' /site/bad.out)",
		"1\n1", 0},
}

// TestRunit has runsvdir supervise subhosts.
func TestRunit(t *testing.T) {
	inWorld(t, []string{"runsvdir", "-P", "/etc/service"}, func(w *world) {
		w.sites()
		w.all(runitSteps)
	})
}

// sites makes the subhosts of the steps, and installs the package.
func (w *world) sites() {
	w.subhost("web", `CABLES= =\nSTART= /svc\n`)
	w.sh("printf '#!/bin/sh\n[ $1 != start ] || exec echo started >/said\necho stopped >>/said' " +
		">/site/web/root/svc; chmod 755 /site/web/root/svc; ln -s root/said /site/web/svc")
	w.subhost("other", `CABLES=\nSTART= none\n`)
	w.subhost("bad", `CABLES= nobridge=\nSTART= none\n`)
	w.sh("dpkg -i /packages/*_$(dpkg --print-architecture).deb >/dev/null 2>&1; " +
		"printf '%s\\n' /site/web/web.conf /site/bad/bad.conf >/etc/subhosts.conf; rm -f /etc/service/*")
}

// all runs steps with what they call.
func (w *world) all(list []step) {
	w.t.Helper()
	for _, s := range list {
		w.steps([]step{{initLib + s.script, s.want, s.status}})
	}
}
