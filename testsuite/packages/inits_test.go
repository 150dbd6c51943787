package packages

import "testing"

// openrcSteps use the service of OpenRC as an administrator does.
var openrcSteps = []step{
	{"cp /usr/share/overlay-boot/openrc/subhost /etc/init.d/subhost; " +
		"for n in web path bad again; do ln -s subhost /etc/init.d/subhost.$n; done; " +
		"mkdir -p /etc/conf.d; echo config=/site/other/other.conf >/etc/conf.d/subhost.path", "", 0},
	{"await 'rc-status -r | grep -qx default && [ ! -e /run/openrc/rc.starting ]'; " +
		"quiet rc-service subhost start", "", 1},
	{"quiet rc-service subhost.web status", "", 3},
	{"quiet rc-service subhost.web start; cat /site/web/svc; " +
		"quiet rc-service subhost.web status", "started", 0},
	{"enter web 'echo inside'; quiet rc-service subhost.web start",
		"inside", 0},
	{"quiet rc-service subhost.web stop && cat /site/web/svc; left web",
		"started\nstopped", 0},
	{"quiet rc-service subhost.web status", "", 3},

	{"quiet rc-service subhost.path start && overlay-go </dev/null; " +
		"quiet rc-service subhost.path restart; quiet rc-service subhost.path stop; " +
		"left other", "Select subhost: /site/other/other.conf", 0},

	{"quiet rc-service subhost.bad start", "", 1},
	{"quiet rc-service subhost.bad status", "", 3},
	{"left bad", "", 0},

	// it ends by itself
	{"quiet rc-service subhost.web start; kill -9 $(of web INIT); gone web; " +
		"quiet rc-service subhost.web status", "", 32},
	{"quiet rc-service subhost.web restart && enter web 'echo inside'",
		"inside", 0},
	// its supervisor is killed
	{"kill -9 $(of web SUPERVISOR); quiet rc-service subhost.web stop; echo $?; left web",
		"0", 0},

	// RESTART boots it again; it is stopped in a pause before that
	{"quiet rc-service subhost.again start; paused again; quiet rc-service subhost.again status",
		"", 0},
	{"quiet rc-service subhost.again start; of again BOOTER | cmp - /run/subhost.again.pid; " +
		"quiet rc-service subhost.again stop; echo $?; quiet rc-service subhost.again status; " +
		"echo $?; left again", "0\n3", 0},
	{"quiet rc-service subhost.again start; paused again; await 'answers again'; " +
		"quiet rc-service subhost.again status; echo $?; quiet rc-service subhost.again stop; " +
		"left again", "0", 0},

	// by the runlevel
	// the cache of dependencies counts in seconds
	{"quiet rc-update del subhosts default; quiet rc-update add subhost.web default; " +
		"quiet rc-update -u; quiet openrc default; enter web 'echo inside'; " +
		"quiet rc-update del subhost.web default; quiet rc-update -u; quiet openrc default; " +
		"left web",
		"inside", 0},
}

// TestOpenRC has OpenRC's init as process 1 start and stop subhosts.
func TestOpenRC(t *testing.T) {
	inWorld(t, []string{"/sbin/openrc-init"}, func(w *world) {
		w.sites()
		w.steps(openrcSteps)
	})
}

// runitSteps use the service directory of runit as an administrator does.
var runitSteps = []step{
	{"for n in web path bad again slow; do mkdir /etc/sv/subhosts.$n && " +
		"ln -s /usr/share/overlay-boot/runit/* /etc/sv/subhosts.$n; done; " +
		"echo CONFIG=/site/other/other.conf >/etc/sv/subhosts.path/conf", "", 0},

	// it is up as soon as runsvdir finds it
	{"ln -s /etc/sv/subhosts.web /etc/service; await 'answers web'; cat /site/web/svc; " +
		"sv status subhosts.web | sed 's/:.*//'", "started\nrun", 0},
	{"sv -w 60 down subhosts.web >/dev/null && cat /site/web/svc; left web; " +
		"sv status subhosts.web | sed 's/:.*//'", "started\nstopped\ndown", 0},
	{"sv up subhosts.web; await 'answers web'; of web INIT >/site/first; " +
		"kill -9 $(cat /site/first)", "", 0},

	// it has ended by itself, and is started again
	{"await 'answers web && ! of web INIT | cmp -s - /site/first'; enter web 'echo inside'",
		"inside", 0},

	// run is killed: finish stops the subhost
	{"of web INIT >/site/first; sv kill subhosts.web; sv down subhosts.web; " +
		"await 'sv status subhosts.web | grep -q ^down'; left web; " +
		"kill -0 $(cat /site/first) 2>/dev/null", "", 1},

	{"ln -s /etc/sv/subhosts.path /etc/service; await 'answers other'; overlay-go </dev/null; " +
		"sv -w 60 down subhosts.path >/dev/null; left other",
		"Select subhost: /site/other/other.conf", 0},

	// RESTART boots it again: run goes on
	{"ln -s /etc/sv/subhosts.again /etc/service; await 'answers again'; runner >/site/first; " +
		"paused again; await 'answers again'; enter again 'echo inside'; paused again; " +
		"await 'answers again'; runner | cmp - /site/first", "inside", 0},
	{"paused again; sv -w 60 down subhosts.again >/dev/null; runner; left again; " +
		"sv status subhosts.again | sed 's/:.*//'", "down", 0},
	// its supervisor is killed: run removes what is left, and is started again
	{"sv up subhosts.again; await 'answers again'; runner >/site/first; " +
		"kill -9 $(of again SUPERVISOR); " +
		"await 'answers again && ! runner | cmp -s - /site/first'; enter again 'echo inside'; " +
		"sv -w 60 down subhosts.again >/dev/null; left again", "inside", 0},
	// a boot that is given up
	{"ln -s /etc/sv/subhosts.slow /etc/service; await '[ -e /site/slow/begun ]'; " +
		"sv -w 60 down subhosts.slow >/dev/null; sv status subhosts.slow | sed 's/:.*//'; left slow",
		"down", 0},

	// a boot that fails
	{"ln -s /etc/sv/subhosts.bad /etc/service; " +
		"await 'sv status subhosts.bad 2>/dev/null | grep -q ^finish'; left bad", "", 0},
	{"cd /etc/sv/subhosts.bad; ./run >/site/out; echo $?; grep -c 'no bridge' /site/out",
		"1\n1", 0},
}

// TestRunit has runsvdir supervise subhosts.
func TestRunit(t *testing.T) {
	inWorld(t, []string{"runsvdir", "-P", "/etc/service"}, func(w *world) {
		w.sites()
		w.steps(runitSteps)
	})
}

// sites makes the subhosts of the steps, and installs the package.
func (w *world) sites() {
	w.subhost("web", `CABLES= =\nSTART= /svc\n`)
	w.sh("printf '#!/bin/sh\n[ $1 != start ] || exec echo started >/said\necho stopped >>/said' " +
		">/site/web/root/svc; chmod 755 /site/web/root/svc; ln -s root/said /site/web/svc")
	w.subhost("other", `CABLES=\nSTART= none\n`)
	w.subhost("bad", `CABLES= nobridge=\nSTART= none\n`)
	w.subhost("again", `CABLES=\nSTART= none\nRESTART= always 99\n`)
	w.subhost("slow", `CABLES=\nSTART= none\nPREMOUNT=/site/slow/hook\n`)
	w.sh("printf '#!/bin/sh\n: >/site/slow/begun; sleep 600\n' >/site/slow/hook; " +
		"chmod 755 /site/slow/hook")
	w.sh("quiet dpkg -i $(own_deb); " +
		"printf '%s\\n' /site/*/*.conf >/etc/subhosts.conf; rm -f /etc/service/*")
}
