package testsuite

import (
	"strings"
	"testing"
)

const perlPremount = `#!/usr/bin/perl
open my $f, ">", "$ARGV[0]/etc/by-perl" or
	mkdir "$ARGV[0]/etc" && open $f, ">", "$ARGV[0]/etc/by-perl" or die;
print $f "CONFIG=$ENV{CONFIG}\n";
`

const awkInit = `#!/usr/bin/awk -f
BEGIN {
	print "echo by awk > /etc/by-awk"
	print "mkfifo /run/wait; ( read x < /run/wait ) &"
	print "exec /.reaper hook"
}
`

const shPostmount = `#!/bin/sh
live=${CONFIG%/*}/live
echo "$1" > ${CONFIG%/*}/told-post
mount -t tmpfs posted "$live/run"
mount -t tmpfs dev "$live/dev"
mknod -m 666 "$live/dev/null" c 1 3
echo by sh > "$live/run/by-sh"
`

// TestHooks replaces PREMOUNT, POSTMOUNT and INIT with programs of three kinds. It boots
// twice, since the default POSTMOUNT of the first boot installs the reaper.
func TestHooks(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("perl", "awk")
		s := h.subhost("hook", minimal)
		s.boot()
		s.stop()
		s.afterOriginal()
		s.gone()
		s.Configure(minimal + "PREMOUNT=" + s.Write("pre.pl", perlPremount) +
			"\nPOSTMOUNT=" + s.Write("post.sh", shPostmount) +
			"\nINIT=" + s.Write("init.awk", awkInit))
		tree := s.boot()
		if got := s.Read("root/etc/by-perl"); got != "CONFIG="+s.Conf+"\n" {
			h.t.Errorf("PREMOUNT wrote %q", got)
		}
		if got := s.says("cat /run/by-sh /etc/by-awk"); got != "by sh\nby awk" {
			h.t.Errorf("POSTMOUNT and INIT wrote %q\n%s", got, s.Story())
		}
		at := s.mounts(tree)
		if at["/run"].Source != "posted" {
			h.t.Errorf("/run is %v", at["/run"])
		}
		if _, ok := at["/sys"]; ok {
			h.t.Error("/sys is mounted: the default POSTMOUNT ran, too")
		}
		s.says("echo > /run/wait")
		s.afterOriginal()
		s.gone()
	})
}

// TestInitWithArguments checks that a hook's value may be a command with arguments.
func TestInitWithArguments(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("args", minimal)
		init := s.Write("init.sh", "#!/bin/sh\necho \"echo $* > /etc/args\"\n"+
			"echo 'mkfifo /run/w; ( read x < /run/w ) & exec /.reaper args'\n")
		s.Configure(minimal + "INIT=" + init + " first second\n")
		s.boot()
		if got := strings.TrimSpace(s.Read("root/etc/args")); got != "first second" {
			h.t.Errorf("INIT had arguments %q", got)
		}
		s.stop()
		s.afterOriginal()
		s.gone()
	})
}
