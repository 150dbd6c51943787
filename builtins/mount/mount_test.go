package mount_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func mountRow(setup, argv string) judge.BareRow {
	setup += "\nrmdir /run/mount 2>/dev/null || :"
	return judge.BareRow{Row: judge.Row{Setup: setup, Argv: argv},
		Probe: "ls -A /run /run/mount 2>&1 || :; cat /run/mount/utab 2>/dev/null || :"}
}

// The setups with which rows begin.
const (
	setupDirs = "mkdir a b c; touch file; "
	setupExt4 = setupDirs + "truncate -s 4M f; mkfs.ext4 -q -O ^has_journal f; "
)

var mountRows = [...]judge.BareRow{
	mountRow(setupDirs, "mount"),
	mountRow(setupDirs, "mount -l"),
	mountRow(setupDirs, "mount -t tmpfs,proc"),
	mountRow(setupDirs, "mount -t noext4,proc -v"),
	mountRow(setupDirs, "mount -t tmpfs none a"),
	mountRow(setupDirs, "mount -t tmpfs -osize=50M dev /mnt/a"),
	mountRow(setupDirs, "mount -t tmpfs -o size=1M,mode=700,nosuid,noexec,nodev -v x ./b/../a/"),
	mountRow(setupDirs, "mount -t tmpfs -osilent,defaults,sync,dirsync,nodiratime,lazytime x a"),
	mountRow(setupDirs, "mount -t tmpfs -o strictatime,rshared x a"),
	mountRow(setupDirs, "mount -t tmpfs -o noatime,ro,user,exec x a"),
	mountRow(setupDirs, "mount -t tmpfs -r x a"),
	mountRow(setupDirs, "mount -r -w -t tmpfs x a"),
	mountRow(setupDirs, "mount x -t tmpfs a --make-private --verb"),
	mountRow(setupDirs, "mount --types tmpfs --source x --target c"),
	mountRow(setupDirs, "mount -t tmpfs x --target c"),
	mountRow(setupDirs, "mount -t tmpfs -o X-mount.mkdir x new/dir"),
	mountRow(setupDirs, "mount -m -t tmpfs x new"),
	mountRow("mkdir 'a b'", "mount -t tmpfs 'x y' 'a b'"),
	mountRow("mkdir a; ln -s a link", "mount -t tmpfs x link"),
	mountRow("mkdir a; ln -s nowhere link", "mount -t tmpfs x link"),
	mountRow(setupDirs, "mount -t proc proc a"),
	mountRow(setupDirs, "mount -t proc -o hidepid=2,nofail,x-foo proc a"),
	mountRow(setupDirs, "mount -t sysfs sysfs a"),
	mountRow(setupDirs, "mount -t devpts -o newinstance,ptmxmode=0666 devpts a"),
	mountRow(setupDirs, "mount -t cgroup2 cgroup2 a"),
	mountRow(setupDirs, "mount -f -v -t tmpfs x a"),
	mountRow(setupDirs, "mount -t tmpfs,ext4 none a"),

	// Bind mounts.
	mountRow(setupDirs+"touch b/x", "mount --bind b a"),
	mountRow(setupDirs, "mount -o bind file /mnt/file"),
	mountRow(setupDirs, "mount -v --bind -o ro,nosuid,private a b"),
	mountRow(setupDirs+"mount -t tmpfs x a; mkdir a/s; mount -t tmpfs y a/s", "mount -R a b"),
	mountRow(setupDirs+"mount -t tmpfs x a; mkdir a/s; mount -t tmpfs y a/s",
		"mount --rbind -o ro a b"),
	mountRow(setupDirs+"mount -t tmpfs x a", "mount -v --move a b"),
	mountRow(setupDirs+"mount -t tmpfs x a", "mount -M a nowhere"),
	mountRow(setupDirs+"mount --make-shared /mnt; mount -t tmpfs x a", "mount -M a b"),
	mountRow(setupDirs, "mount --bind nowhere a"),
	mountRow(setupDirs, "mount --bind a file"),
	mountRow(setupDirs, "mount --bind file a"),
	mountRow(setupDirs, "mount --rbind file file/x"),
	mountRow(setupDirs, "mount --bind file/x a"),

	// Remounts and propagation.
	mountRow(setupDirs+"mount -t tmpfs -o nosuid,size=1M x a", "mount -o remount,ro a"),
	mountRow(setupDirs+"mount -t tmpfs -o ro,size=1M x a", "mount -o remount,rw,size=2M a"),
	mountRow(setupDirs+"mount -t tmpfs -o nosuid x a", "mount -o remount,rw,nodev tmpfs a"),
	mountRow(setupDirs+"mount --bind a b", "mount -o remount,bind,ro b"),
	mountRow(setupDirs+"mount --bind -o nosuid a b", "mount -o remount,bind,nodev b"),
	mountRow(setupDirs+"mount --bind -o ro,noexec a b", "mount -o remount,bind,rw b"),
	mountRow(setupDirs+"mount -t tmpfs x a", "mount -o remount,foo a"),
	mountRow(setupDirs, "mount -o remount,ro a"),
	mountRow(setupDirs, "mount -o remount,ro /nowhere"),
	mountRow(setupDirs, "mount --make-rprivate /"),
	mountRow(setupDirs, "mount --make-rshared /"),
	mountRow(setupDirs+"mount --make-rshared /", "mount -v --make-rslave /"),
	mountRow(setupDirs, "mount --make-unbindable /mnt"),
	mountRow(setupDirs, "mount --make-shared --make-slave /mnt"),
	mountRow(setupDirs, "mount --make-shared a"),
	mountRow(setupDirs, "mount --make-rprivate nowhere"),

	// Overlays, whose options may have relative names.
	mountRow(setupDirs+"mount -t tmpfs x a; mkdir a/u a/w; touch b/low",
		"mount -t overlay -o lowerdir=b,upperdir=a/u,workdir=a/w NAME c"),
	mountRow(setupDirs+"mount -t tmpfs x a; mkdir a/u a/w",
		"mount -t overlay -oro,lowerdir=/mnt/b:/mnt/c,upperdir=/mnt/a/u,workdir=/mnt/a/w n c"),
	mountRow(setupDirs, "mount -t overlay x -o lowerdir=nx,upperdir=a,workdir=b a"),
	mountRow(setupDirs, "mount -t overlay x -o lowerdir=a a"),

	// Images.
	{Row: judge.Row{Setup: setupExt4, Argv: "mount f a"},
		Probe: "losetup -lO BACK-FILE,AUTOCLEAR,RO -j f", NoMounts: true},
	{Row: judge.Row{Setup: setupExt4, Argv: "mount -r f a"},
		Probe: "losetup -lO BACK-FILE,AUTOCLEAR,RO -j f"},
	{Row: judge.Row{Setup: setupExt4 + "(truncate -s 8192 g; cat f) > h; cat g f > h",
		Argv: "mount -ooffset=8K h a"},
		Probe: "losetup -lO BACK-FILE,AUTOCLEAR,RO,OFFSET,SIZELIMIT -j h"},
	{Row: judge.Row{Setup: setupExt4, Argv: "mount -o loop,ro,x-foo f a"},
		Probe: "sed s/loop[0-9]*//g /run/mount/utab; umount a; cat /run/mount/utab; losetup -j f"},
	{Row: judge.Row{Setup: setupExt4, Argv: "mount -o loop,ro,sizelimit=4M f a"},
		Probe: "losetup -lO BACK-FILE,AUTOCLEAR,RO,OFFSET,SIZELIMIT -j f; mount | grep /mnt/f"},
	{Row: judge.Row{Setup: setupExt4 + "mount f b", Argv: "mount f a"},
		Probe: "losetup -lO BACK-FILE -j f"},
	{Row: judge.Row{Setup: setupExt4 + "mount f b", Argv: "mount"}},
	{Row: judge.Row{Setup: setupExt4 + "mount f b", Argv: "mount -ooffset=4096 f a"}},
	{Row: judge.Row{Setup: setupExt4, Argv: "mount -t squashfs f a"}},
	{Row: judge.Row{Setup: setupDirs + "truncate -s 1M f", Argv: "mount f a"}},
	{Row: judge.Row{Setup: setupDirs + "truncate -s 64M f; mkfs.ext4 -q f", Argv: "mount f a"},
		Probe: "touch a/x; umount a; losetup -j f"},

	// Mistakes.
	mountRow(setupDirs, "mount -t tmpfs x nowhere"),
	mountRow(setupDirs, "mount -t tmpfs x file"),
	mountRow(setupDirs, "mount -t tmpfs x file/x"),
	mountRow(setupDirs, "mount -t foofs x a"),
	mountRow(setupDirs, "mount -t tmpfs -o bogus x a"),
	mountRow(setupDirs, "mount -t tmpfs -o size=bogus x a"),
	mountRow(setupDirs, "mount -t ext4 nowhere a"),
	mountRow(setupDirs, "mount nowhere a"),
	mountRow(setupDirs, "mount a b"),
	mountRow(setupDirs+"echo hi > file", "mount file a"),
	mountRow(setupDirs, "mount a"),
	mountRow(setupDirs, "mount /nowhere"),
	mountRow(setupDirs, "mount -o ro"),
	mountRow(setupDirs, "mount a b c"),
	mountRow(setupDirs, "mount -t tmpfs x ''"),

	// Names with links.
	mountRow(setupDirs+"ln -s a l", "mount -t tmpfs x l//."),
	mountRow(setupDirs+"ln -s a l", "mount -t tmpfs x l/.././b"),
	mountRow(setupDirs, "mount -t tmpfs x file/."),
	mountRow(setupDirs, "mount -t tmpfs x file/../a"),
	mountRow(setupDirs+"ln -s m l; ln -s l m", "mount -t tmpfs x l"),
	mountRow(setupDirs+"ln -s a 0; for i in $(seq 39); do ln -s $((i-1)) $i; done",
		"mount -t tmpfs x 39"),
	mountRow(setupDirs+"ln -s a 0; for i in $(seq 40); do ln -s $((i-1)) $i; done",
		"mount -t tmpfs x 40"),

	// Left to the system's tool.
	{Row: judge.Row{Argv: "mount -a x", Lacks: true}},
	{Row: judge.Row{Argv: "mount -aF", Lacks: true}},
	{Row: judge.Row{Argv: "mount --version", Lacks: true}},
	{Row: judge.Row{Argv: "mount -t tmpfs -o uid=nobody x /mnt", Lacks: true}},
	{Row: judge.Row{Argv: "mount LABEL=x /mnt", Lacks: true}},
}

func TestMount(t *testing.T) { ours.BareRows(t, mountRows[:]) }

func TestMountFstab(t *testing.T) {
	const fstab = "mkdir /mnt/a; printf 'tab /mnt/a tmpfs size=1M,nosuid 0 0\n' > fstab; " +
		"mount --bind fstab /etc/fstab; "
	ours.BareRows(t, []judge.BareRow{
		mountRow(fstab, "mount a"),
		mountRow(fstab, "mount /mnt/a -o nodev"),
		mountRow(fstab, "mount tab"),
		mountRow(fstab, "mount tabs"),
	})
}

// TestMountAll checks mount -a with a table that has a line of each kind.
func TestMountAll(t *testing.T) {
	const fstab = "mkdir a b c d s; cat >fstab <<E\n# comment\nx /mnt/a tmpfs size=1M,x-foo 0 0\n" +
		"y /mnt/b tmpfs noauto\n\nz /mnt/c tmpfs ro,user,_netdev 0 0\nnone none swap sw 0 0\n" +
		"root / ext4 defaults 0 1\nq /mnt/d/ ramfs\n/mnt/a /mnt/s none bind 0 0\nE\n" +
		"mount --bind fstab /etc/fstab; "
	const some = fstab + "mount -t tmpfs x a; mount -t ramfs q d; mount --bind a s; "
	const broken = fstab + "printf 'k\nk /mnt/d\nk /mnt/d tmpfs defaults x y\n" +
		"k /mnt/a tmpfs defaults 1 2 # foo\n" +
		"k /mnt/a tmpfs\n  k /mnt/b\ttmpfs size=1k 0\n' >f2; "
	const missing = fstab + "printf 'k /mnt/nowhere tmpfs\nk /mnt/a tmpfs\n' >f2; "
	const device = fstab + "printf '/dev/nosuch /mnt/a ext4 nofail\n/dev/nosuch /mnt/b ext4\n' >f2; "
	ours.BareRows(t, []judge.BareRow{
		mountRow(fstab, "mount -a"), mountRow(fstab, "mount -av"),
		mountRow(some, "mount -a -v"), mountRow(some, "mount --all"),
		mountRow(fstab, "mount -av -t tmpfs"), mountRow(fstab, "mount -av -t notmpfs"),
		mountRow(fstab, "mount -av -O _netdev"),
		mountRow(fstab, "mount -av -O no_netdev"), mountRow(fstab, "mount -av -O x-foo -t ramfs,tmpfs"),
		mountRow(fstab, "mount -av -O ro"), mountRow(fstab, "mount -av -O size=1M"),
		mountRow(fstab, "mount -a -o nosuid"),
		mountRow(fstab, "mount -a -r"), mountRow(fstab, "mount -afv"),
		mountRow(fstab, "mount -an"), mountRow(fstab, "mount -a -l -s"),
		mountRow(fstab, "mount -a -o x-bar,noexec -t tmpfs"), mountRow(fstab, "mount -aT nofile"),
		mountRow(broken, "mount -av -T f2"), mountRow(broken, "mount -T f2 /mnt/b"),
		mountRow(broken, "mount -T f2 /mnt/d"),
		mountRow(missing, "mount -a -T f2"), mountRow(missing, "mount -avT f2"),
		mountRow(missing, "mount -T f2 /mnt/a"),
		mountRow(device, "mount -a -T f2"), mountRow(device, "mount -avT f2"),
		mountRow(device, "mount -vT f2 /mnt/a"),
		mountRow(fstab+"printf 'k /mnt/new/x tmpfs x-mount.mkdir\nk /mnt/a tmpfs size=foo\n' >f2",
			"mount -av -T f2"),
		mountRow(fstab+"printf 'k /mnt/a\\\\040b tmpfs\n' >f2; mkdir 'a b'", "mount -av -T f2"),
		mountRow(fstab+"printf 'k /mnt/a tmpfs' >f2; mount -t tmpfs k a", "mount -av --fstab f2"),
		mountRow(fstab+"printf 'k /mnt/a tmpfs' >f2; mount -t tmpfs other a", "mount -av --fstab f2"),
		mountRow(fstab+": >f2", "mount -av --fstab f2"),
		mountRow(fstab+"rm -f /mnt/fstab; umount /etc/fstab", "mount -T nofile a"),
		{Row: judge.Row{Setup: fstab + "echo 'LABEL=x /mnt/a ext4' >>fstab", Argv: "mount -a",
			Lacks: true}},
	})
}

// umountTwo mounts a file system on another one.
const umountTwo = "mkdir a b; mount -t tmpfs x a; mkdir a/s; mount -t tmpfs y a/s; "

// umountRows are rows of TestUmount.
var umountRows = []judge.BareRow{
	mountRow("mkdir a; mount -t tmpfs x a", "umount a"),
	mountRow("mkdir a; mount -t tmpfs x a", "umount /mnt/a"),
	mountRow("mkdir a; mount -t tmpfs x a; ln -s a link", "umount link"),
	mountRow("mkdir a b; mount -t tmpfs x a; mount -t tmpfs x b", "umount x"),
	mountRow("mkdir a b; mount -t tmpfs x a; mount -t tmpfs x b", "umount -v a b"),
	mountRow("mkdir a; mount -t tmpfs x a; mount -t tmpfs y a", "umount -n -i a"),
	mountRow("touch f g; mount --bind f g", "umount g"),
	mountRow("mkdir 'a b'; mount -t tmpfs x 'a b'", "umount 'a b'"),
	mountRow(umountTwo, "umount a"),
	mountRow(umountTwo, "umount -l a"),
	mountRow(umountTwo, "umount -f a/s"),
	mountRow(umountTwo, "umount -R a"),
	mountRow(umountTwo, "umount --recursive -v a"),
	mountRow(umountTwo+"mkdir a/t; mount -t tmpfs z a/t; mount -t tmpfs v a/s", "umount -R /mnt/a"),
	mountRow(umountTwo, "umount -R b"),
	mountRow(umountTwo, "umount -R nowhere a"),
	mountRow(umountTwo+"umount -l /proc", "umount -R a"),
	mountRow("mkdir a; truncate -s 4M f; mkfs.ext4 -q f; mount f a", "umount f"),
	{Row: judge.Row{Setup: "mkdir a; truncate -s 4M f; mkfs.ext4 -q f; mount f a",
		Argv: "umount -d a"}, Probe: "losetup -j f"},
	mountRow("mkdir a", "umount a"),
	mountRow("mkdir a", "umount -q a"),
	mountRow("mkdir a", "umount a a"),
	mountRow("", "umount nowhere"),
	mountRow("", "umount ''"),
	mountRow("", "umount /dev/null"),
	mountRow("", "umount /"),
	mountRow("", "umount"),
	mountRow(umountTwo, "umount -a -t foofs"), mountRow(umountTwo, "umount -a -v -t foofs"),
	mountRow(umountTwo, "umount -a -t tmpfs"), mountRow(umountTwo, "umount -av"),
	mountRow(umountTwo, "umount -a"),
	mountRow(umountTwo+"mount -t ramfs z b; ", "umount -a -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o nosuid z b; ", "umount -a -O nosuid"),
	mountRow(umountTwo+"mount -t ramfs -o nosuid z b; ", "umount -a -O noexec -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o noexec z b; ", "umount -a -O noexec -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o noexec z b; ", "umount -a -O +noexec -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o x-foo z b; ", "umount -a -O x-foo,rw -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o x-foo=1 z b; ", "umount -a -O x-foo=2 -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o x-foo=1 z b; ", "umount -a -O x-foo=1 -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o x-foo=1 z b; ", "umount -a -O x-foo -t ramfs"),
	mountRow(umountTwo+"mount -t ramfs -o x-foo z b; ", "umount -a -O nox-foo -t ramfs"),
	mountRow(umountTwo, "umount -a --fake -v -t tmpfs"), mountRow(umountTwo, "umount --fake a"),
	mountRow(umountTwo, "umount --fake -v a"),
	mountRow(umountTwo, "umount --fake nowhere"), mountRow(umountTwo, "umount --fake b"),
	mountRow(umountTwo, "umount -R --fake -v a"),
	mountRow(umountTwo+"mount --bind a/s b; ", "umount -A b"),
	mountRow(umountTwo+"mount --bind a/s b; ", "umount -Av a/s"),
	mountRow(umountTwo+"mount --bind a b; ", "umount -A a"),
	mountRow(umountTwo+"mount --bind a b; ", "umount -A -R a"),
	mountRow(umountTwo+"mount --bind a b; ", "umount -ARv b"),
	mountRow(umountTwo, "umount -A nowhere"), mountRow(umountTwo, "umount -A b"),
	mountRow(umountTwo, "umount -A"),
	mountRow(umountTwo, "umount -t tmpfs a/s"), mountRow(umountTwo, "umount -O ro a/s"),
	mountRow(umountTwo, "umount -i a/s"),
	mountRow(umountTwo, "umount -q nowhere"), mountRow(umountTwo, "umount -qR nowhere"),
	mountRow(umountTwo, "umount -qA nowhere"),
	mountRow(umountTwo, "umount -d a/s"), mountRow(umountTwo, "umount -aq -t tmpfs"),
	{Row: judge.Row{Setup: umountTwo, Argv: "umount -r a/s", Lacks: true}},
	{Row: judge.Row{Argv: "umount -N 1 /mnt", Lacks: true}},
}

func TestUmount(t *testing.T) { ours.BareRows(t, umountRows) }

// TestUtab checks what libmount keeps in its table, and the commands that read it.
func TestUtab(t *testing.T) {
	const dirs = "mkdir a b c; "
	const one = dirs + "mount -t tmpfs -o x-one=1 x a; "
	ours.BareRows(t, []judge.BareRow{
		mountRow(dirs, "mount -t tmpfs -o x-foo x a"),
		mountRow(dirs, "mount -t tmpfs -o x-foo=bar,nosuid,x-b x a"),
		mountRow(dirs, "mount -t tmpfs -o user x a"),
		mountRow(dirs, "mount -t tmpfs -o users,owner,comment=x x a"),
		mountRow(dirs, "mount -t tmpfs -o _netdev,nofail x a"),
		mountRow(dirs, "mount -t tmpfs -o uhelper=foo x a"),
		mountRow(dirs, "mount -n -t tmpfs -o x-foo x a"),
		mountRow(dirs, "mount -f -t tmpfs -o x-foo x a"),
		mountRow(dirs, "mount -t tmpfs -o x-a=\"b\" 'x y' a"),
		mountRow("mkdir 'a b'", "mount -t tmpfs -o x-foo 'x\\y' 'a b'"),
		mountRow(dirs, "mount --bind -o x-foo a b"), mountRow(dirs, "mount -t nosuch -o x-foo x a"),
		mountRow(dirs, "mount -t tmpfs -o x-foo,x-foo x a"),
		mountRow(dirs, "mount -t tmpfs -o x-foo=1,x-foo=2 x a"),
		mountRow(one, "mount"), mountRow(one, "mount -t tmpfs"), mountRow(one, "umount a"),
		mountRow(one, "umount -l a"),
		mountRow(one, "umount -n a"), mountRow(one, "umount --fake a"),
		mountRow(one, "umount -v x"), mountRow(one, "umount -R a"),
		mountRow(one, "umount nowhere"), mountRow(one, "umount -A a"),
		mountRow(one, "umount -a -t tmpfs -O x-one"),
		mountRow(one, "mount -o remount,ro a"), mountRow(one, "mount -o remount,x-two a"),
		mountRow(one, "mount -o remount,x-one=2 a"),
		mountRow(one, "mount -o remount,x-one=1 a"), mountRow(one, "mount --make-private -o x-z a"),
		mountRow(one, "mount -M a b"), mountRow(one, "mount -t tmpfs -o x-two y a"),
		mountRow(one, "mount -t tmpfs -o x-two y b"),
		mountRow(one+"mount -t tmpfs -o x-two y a; ", "umount a"),
		mountRow(one+"mount -t tmpfs -o x-two y a; ", "mount"),
		mountRow(one+"mount -t tmpfs -o x-two y a; umount a; ", "umount a"),
		mountRow(one+"mount -t tmpfs y a; ", "umount a"),
		mountRow(one+"mount -t tmpfs y b; ", "umount b"), mountRow(one, "mount --bind a b"),
		mountRow(dirs, "mount -t tmpfs -o loop x a"),
		mountRow(one+"mkdir -p /run/x; printf '#!/bin/sh\\necho helped $*\\n' "+
			">/run/x/umount.foo; chmod 755 /run/x/umount.foo; "+
			"mount -t tmpfs -o uhelper=foo x b; ", "umount b"),
		mountRow(one+"echo 'SRC=q TARGET=/q ROOT=/ NEW=z OPTS=x-q' >>/run/mount/utab; ", "umount a"),
	})
}

func TestPivotRoot(t *testing.T) {
	const root = "mkdir new; mount --rbind / new; mkdir new/mnt/old; mount -t tmpfs x new/tmp; "
	ours.BareRows(t, []judge.BareRow{
		mountRow("", "pivot_root"),
		mountRow("", "pivot_root a"),
		mountRow("", "pivot_root a b c"),
		mountRow("mkdir a b", "pivot_root a b"),
		mountRow("mkdir a b", "pivot_root a nowhere"),
		mountRow("touch a b", "pivot_root a b"),
		mountRow("mkdir -p a/b; mount -t tmpfs x a", "pivot_root a /mnt"),
		mountRow(root, "pivot_root new new/tmp"),
		mountRow(root, "pivot_root /mnt/new /mnt/new/tmp"),
		{Row: judge.Row{Argv: "pivot_root --help", Lacks: true}},
	})
}

func TestMountpoint(t *testing.T) {
	const dirs = "mkdir a b; touch f g; mount --bind a b; mount --bind f g; ln -s b link; "
	ours.BareRows(t, []judge.BareRow{
		mountRow(dirs, "mountpoint -q /"), mountRow(dirs, "mountpoint b"),
		mountRow(dirs, "mountpoint a"), mountRow(dirs, "mountpoint -q a"),
		mountRow(dirs, "mountpoint g"), mountRow(dirs, "mountpoint -q f"),
		mountRow(dirs, "mountpoint link"), mountRow(dirs, "mountpoint nowhere"),
		mountRow(dirs, "mountpoint -q nowhere"), mountRow(dirs, "mountpoint"),
		{Row: judge.Row{Argv: "mountpoint -d /", Lacks: true}},
	})
}

// TestSourceIsNoFile checks that the word that stands for a missing source, and the source of a
// file system that has none, are not taken for a file that happens to have that name.
func TestSourceIsNoFile(t *testing.T) {
	var rows []judge.BareRow
	for _, name := range []string{"none", "proc", "tmpfs", "overlay", "cgroup2"} {
		for _, file := range []string{": >" + name, "mkdir " + name, "ln -s b " + name,
			"ln -s nowhere " + name} {
			in := setupDirs + file + "; mount --bind b a; "
			on := setupDirs + file + "; mount -t tmpfs " + name + " a; "
			rows = append(rows, mountRow(in, "mount --make-private a"),
				mountRow(in, "mount -v --make-rslave "+name+" a"),
				mountRow(in, "mount -v -o remount,bind,ro c"),
				mountRow(in, "mount -v -t tmpfs "+name+" a"),
				mountRow(in, "mount -v -t tmpfs -o bind b a"),
				mountRow(in, "mount -v "+name+" c"), mountRow(on, "mount -v -o remount,size=1M a"),
				mountRow(on, "mount -v -o remount,size=1M "+name), mountRow(on, "umount "+name),
				judge.BareRow{Row: judge.Row{Setup: on, Argv: "findmnt -n -o SOURCE,TARGET /mnt/a"}})
		}
	}
	ours.BareRows(t, rows)
}
