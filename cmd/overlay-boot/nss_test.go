package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox/sandboxtest"
)

// nssWorld adds a user and a group that no passwd or group file has; the service "systemd"
// finds them.
const nssWorld = `set -e
mount -t tmpfs t /mnt; mkdir /mnt/e /mnt/f
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/e,workdir=/mnt/f o /etc
mkdir -p /etc/userdb
printf 'passwd: files systemd\ngroup: files systemd\n' >/etc/nsswitch.conf
echo '{"userName":"extra","uid":60999,"gid":60998,
"homeDirectory":"/home/extra","shell":"/bin/sh"}' >/etc/userdb/extra.user
echo '{"groupName":"extrag","gid":60998}' >/etc/userdb/extrag.group
ln -s extra.user /etc/userdb/60999.user; ln -s extrag.group /etc/userdb/60998.group
`

var nssRows = []string{
	": >f; chown extra f; stat -c %u:%g f; chown :extrag f; stat -c %u:%g f; chown 0:0 f; " +
		"chown extra:extrag f; stat -c %u:%g f",
	": >f; chown extra: f; stat -c %u:%g f; chown nosuchuser f; echo $?; chown :nosuch f; " +
		"echo $?; chown extra:nosuch f; stat -c %u f",
	": >f; chown 60999 f; chown +60998 f; stat -c %u:%g f; chown nosuch.x: f; echo $?; " +
		"chown '' f; stat -c %u f",
	"mkdir d; : >d/f; chown -R extra:extrag d; stat -c %u:%g d d/f; chown extra f d; echo $?",
	"id extra; id -u extra; id -gn extra; id nosuch; echo $?",
	"setpriv --reuid=60999 --regid=60998 --clear-groups id; " +
		"setpriv --reuid=60999 --clear-groups id -un; " +
		"setpriv --regid=60998 --clear-groups id -gn; setpriv --reuid=60997 id -un; echo $?",
	"setpriv --reuid=extra --regid=extrag --clear-groups id -u",
	"chroot --userspec=extra:extrag / id -u; chroot --userspec=60999:60998 / id",
	"setpriv --reuid=60999 sleep 5 & sleep 0.2; ps -o user= -p $!; ps -o user:20= -p $!; " +
		"pgrep -u extra sleep | wc -l; " +
		"ps -u extra -o pid= | wc -l; pkill -U extra sleep; wait $! 2>/dev/null; echo $?; " +
		"pgrep -u nosuch sleep; echo $?",
	"echo ~extra ~nosuch ~root; x=~extra; echo $x; echo ~60999",
	": >f; chown extra f & wait; (chown extra f; stat -c %u f); x=$(chown -v extra f); " +
		"echo $x; chown extra f | cat; stat -c %u f",
	"install -o extra -g extrag /etc/hostname f; stat -c %u:%g f; mkdir -p d; " +
		"install -d -o extra e; stat -c %u e",
	": >f; chown extra f; stat -c %U f; ls -l f | cut -d' ' -f3; find f -user extra; " +
		"find f -uid 60999",
	"unshare -m sh -c ': >f; chown extra f; stat -c %u f'; env chown extra:extrag f; stat -c %u:%g f",
	"printf 'passwd: files\ngroup: files\n' >/etc/nsswitch.conf; : >f; chown extra f; " +
		"echo $?; echo ~extra; id extra; echo $?",
	// listings, and the identity of a process
	": >f; chown extra:extrag f; ls -l f | cut -d' ' -f3,4; ls -n f | cut -d' ' -f3,4; " +
		"stat -c '%U %G %u %g' f; " +
		"find f -user extra -group extrag; find f -user 60999; find f -nouser; " +
		"find f -printf '%u %g\\n'; find f -ls | wc -w",
	"install -o extra -g extrag -m 600 /etc/passwd f; stat -c '%u:%g %a' f; " +
		"install -d -o extra d; stat -c %u d; install -o nosuch.x f g; echo $?",
	": >f; chgrp extrag f; stat -c %g f; find . -user nosuch.x; echo $?; " +
		"find f -newer /nosuch; find . -group extra; echo $?",
	"setpriv --reuid=extra --regid=extrag --init-groups whoami; " +
		"setpriv --reuid=60999 --clear-groups whoami; " +
		"setpriv --reuid=60997 --clear-groups whoami; echo $?; setpriv --reuid=nosuch.x whoami; echo $?",
	"setpriv --reuid=extra --regid=extrag --init-groups id; id extra; groups extra; " +
		"id -Gn extra; id -G extra; id -gn 60999; id 60999; echo $?",
	"pgrep -u nosuch.x; echo $?; pgrep -G extrag -P $$; echo $?; ps -u nosuch.x; echo $?; " +
		"pkill -u nosuch.x x; echo $?",
	"id -u extra & wait; id -un 60999 | cat; x=$(id -u extra); echo $x; (id -u extra); " +
		"env id -u extra; id -u extra 2>&1 </dev/null; exec id -u extra",
	"for p in /usr/bin /bin /nosuch:/usr/bin; do PATH=$p id -u extra; done; " +
		"PATH=/nosuch /usr/bin/id -u extra; " +
		": >f; PATH=/nosuch /usr/bin/chown extra f; stat -c %u f",
	// the rules in nsswitch.conf
	"printf 'passwd: files [NOTFOUND=return] systemd extrausers\\ngroup: files\\n' " +
		">/etc/nsswitch.conf; id -u extra; echo $?; : >f; chown extra f; echo $?",
	"printf 'passwd:\\tsystemd extrausers files # all\\ngroup:systemd extrausers files\\n' " +
		">/etc/nsswitch.conf; id -u extra; id -u root; : >f; chown extra:extrag f; stat -c %u:%g f",
	"printf 'passwd: nosuch files\\ngroup: nosuch\\n' >/etc/nsswitch.conf; id -u extra; " +
		"echo $?; id -u daemon; : >f; chown daemon:nosuch.x f; echo $?",
	"printf '# nothing\\n' >/etc/nsswitch.conf; id -u extra; echo $?; id -u daemon; : >f; " +
		"chown daemon:daemon f; stat -c %U:%G f",
	"rm /etc/nsswitch.conf; : >f; chown :extrag f; echo $?; chown extra f; echo $?",
}

// extraUsersWorld adds the same user and group in files of their own (libnss-extrausers).
const extraUsersWorld = `set -e
mount -t tmpfs t /mnt; mkdir /mnt/e /mnt/f /mnt/x
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/e,workdir=/mnt/f o /etc
mount --bind /mnt/x /var/lib/extrausers
printf 'passwd: files extrausers\ngroup: files extrausers\n' >/etc/nsswitch.conf
echo 'extra:x:60999:60998::/home/extra:/bin/sh' >/var/lib/extrausers/passwd
printf 'extrag:x:60998:\nmore:x:60997:extra,daemon\n' >/var/lib/extrausers/group
`

// TestNameServices checks that natives and the shell know the users and groups that the C
// library finds through a name service other than the files.
func TestNameServices(t *testing.T) {
	judgeWorld(t, "libnss-systemd", "/lib/*/libnss_systemd.so.2", nssWorld, nssRows)
}

// TestExtraUsers repeats the rows with another name service, and adds one.
func TestExtraUsers(t *testing.T) {
	rows := append(slices.Clone(nssRows),
		"id daemon; id -Gn daemon; groups daemon; chgrp more /mnt/x; stat -c %G /mnt/x; "+
			"setpriv --reuid=extra --regid=extrag --init-groups id -G")
	judgeWorld(t, "libnss-extrausers", "/lib*/libnss_extrausers.so.2", extraUsersWorld, rows)
}

// judgeWorld is judgeRow in a mount namespace that the script world sets up. The test is
// skipped if no file matches library, a part of the package needs.
func judgeWorld(t *testing.T, needs, library, world string, rows []string) {
	t.Helper()
	if found, _ := filepath.Glob(library); len(found) == 0 {
		kit.Missing(t, needs)
	}
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, row := range rows {
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				run := func(shell string) result {
					return runShell(t, "/usr/bin/dash",
						"exec unshare -mpf --mount-proc /usr/bin/dash -c \"$(cat <<'WORLD'\n"+world+
							"\nexec "+shell+" -c \"$1\" sh\nWORLD\n)\" sh \"$(cat <<'ROW'\n"+row+"\nROW\n)\"")
				}
				want := run("/usr/bin/dash")
				if strings.Contains(want.Stderr, "unshare:") || strings.Contains(want.Stderr, "mount:") {
					t.Fatal(want.Stderr)
				}
				if d := cmp.Diff(want, run(ours)); d != "" {
					t.Errorf("(-dash, +ours)\n%s", d)
				}
			})
		}
	})
}
