package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"overlayboot/compat/sandbox/sandboxtest"
)

// nssWorld has a user and a group that are in no passwd and group file.
const nssWorld = `set -e
mount -t tmpfs t /mnt; mkdir /mnt/e /mnt/f
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/e,workdir=/mnt/f o /etc
mkdir -p /etc/userdb
printf 'passwd: files systemd\ngroup: files systemd\n' >/etc/nsswitch.conf
echo '{"userName":"extra","uid":60999,"gid":60998,"homeDirectory":"/home/extra","shell":"/bin/sh"}' >/etc/userdb/extra.user
echo '{"groupName":"extrag","gid":60998}' >/etc/userdb/extrag.group
ln -s extra.user /etc/userdb/60999.user; ln -s extrag.group /etc/userdb/60998.group
`

var nssRows = []string{
	": >f; chown extra f; stat -c %u:%g f; chown :extrag f; stat -c %u:%g f; chown 0:0 f; chown extra:extrag f; stat -c %u:%g f",
	": >f; chown extra: f; stat -c %u:%g f; chown nosuchuser f; echo $?; chown :nosuch f; echo $?; chown extra:nosuch f; stat -c %u f",
	": >f; chown 60999 f; chown +60998 f; stat -c %u:%g f; chown nosuch.x: f; echo $?; chown '' f; stat -c %u f",
	"mkdir d; : >d/f; chown -R extra:extrag d; stat -c %u:%g d d/f; chown extra f d; echo $?",
	"id extra; id -u extra; id -gn extra; id nosuch; echo $?",
	"setpriv --reuid=60999 --regid=60998 --clear-groups id; setpriv --reuid=60999 --clear-groups id -un; " +
		"setpriv --regid=60998 --clear-groups id -gn; setpriv --reuid=60997 id -un; echo $?",
	"setpriv --reuid=extra --regid=extrag --clear-groups id -u",
	"chroot --userspec=extra:extrag / id -u; chroot --userspec=60999:60998 / id",
	"setpriv --reuid=60999 sleep 5 & sleep 0.2; ps -o user= -p $!; ps -o user:20= -p $!; pgrep -u extra sleep | wc -l; " +
		"ps -u extra -o pid= | wc -l; pkill -U extra sleep; wait $!; echo $?; pgrep -u nosuch sleep; echo $?",
	"echo ~extra ~nosuch ~root; x=~extra; echo $x; echo ~60999",
	": >f; chown extra f & wait; (chown extra f; stat -c %u f); x=$(chown -v extra f); echo $x; chown extra f | cat; stat -c %u f",
	"install -o extra -g extrag /etc/hostname f; stat -c %u:%g f; mkdir -p d; install -d -o extra e; stat -c %u e",
	": >f; chown extra f; stat -c %U f; ls -l f | cut -d' ' -f3; find f -user extra; find f -uid 60999",
	"unshare -m sh -c ': >f; chown extra f; stat -c %u f'; env chown extra:extrag f; stat -c %u:%g f",
	"printf 'passwd: files\ngroup: files\n' >/etc/nsswitch.conf; : >f; chown extra f; echo $?; echo ~extra; id extra; echo $?",
	"rm /etc/nsswitch.conf; : >f; chown :extrag f; echo $?; chown extra f; echo $?",
}

// TestNameServices: users and groups that the C library finds elsewhere than in the files
// are known to natives and to the shell.
func TestNameServices(t *testing.T) {
	if found, _ := filepath.Glob("/lib/*/libnss_systemd.so.2"); len(found) == 0 {
		sandboxtest.Missing(t, "libnss-systemd")
	}
	sandboxtest.Test(t, 3*time.Minute, func(t *testing.T) {
		ours := programAs(t, "sh")
		for _, row := range nssRows {
			t.Run(row, func(t *testing.T) {
				t.Parallel()
				run := func(shell string) result {
					return runShell(t, "/usr/bin/dash", "exec unshare -m /usr/bin/dash -c \"$(cat <<'WORLD'\n"+nssWorld+
						"\nexec "+shell+" -c \"$1\" sh\nWORLD\n)\" sh \"$(cat <<'ROW'\n"+row+"\nROW\n)\"")
				}
				want := run("/usr/bin/dash")
				if strings.Contains(want.Stderr, "unshare:") {
					t.Fatal(want.Stderr)
				}
				if d := cmp.Diff(want, run(ours)); d != "" {
					t.Errorf("(-dash, +ours)\n%s", d)
				}
			})
		}
	})
}
