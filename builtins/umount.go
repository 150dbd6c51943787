package builtins

import (
	"cmp"
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

func umountSpec() []option {
	return []option{
		{'d', "detach-loop", noArg}, {'f', "force", noArg}, {'i', "internal-only", noArg},
		{'l', "lazy", noArg}, {'n', "no-mtab", noArg}, {'q', "quiet", noArg},
		{'R', "recursive", noArg}, {'t', "types", needArg}, {'v', "verbose", noArg},
		// Known to umount(8) and not to us; here so that no prefix hits another.
		{'!', "all", noArg}, {'!', "all-targets", noArg}, {'!', "fake", noArg},
		{'!', "namespace", needArg}, {'!', "no-canonicalize", noArg},
		{'!', "read-only", noArg}, {'!', "test-opts", needArg}, {'!', "version", noArg},
		{'!', "help", noArg},
	}
}

// An umountRequest is how one umount command is to go about it.
type umountRequest struct {
	c                         *Call
	flags                     int
	recursive, quiet, verbose bool
	detach                    bool
	stateless                 bool
}

func (r *umountRequest) makeStateDir() {
	if !r.stateless && r.c.below == nil {
		makeStateDir()
	}
}

// runUmount is umount(8): it unmounts directories, named by themselves or by
// what is mounted there.
func runUmount(c *Call) int {
	opts, operands, problem := c.options(umountSpec(), permute)
	r := &umountRequest{c: c}
	for _, o := range opts {
		switch o.key {
		case 'f':
			r.flags |= unix.MNT_FORCE
		case 'l':
			r.flags |= unix.MNT_DETACH
		case 'R':
			r.recursive = true
		case 'n':
			r.stateless = true
		case 'q':
			r.quiet = true
		case 'v':
			r.verbose = true
		case 'd':
			r.detach = true
		case '!':
			problem = cmp.Or(problem, "this option")
		}
	}
	if problem == "" && c.getuid() != 0 && len(operands) > 0 {
		problem = "unmounting by a user" // fstab's "user" needs the set-uid tool
	}
	if r.detach && c.below != nil {
		problem = "option '-d'"
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case len(operands) == 0:
		return c.badUsage()
	}
	return c.inDirFor(operands, func() int {
		status := 0
		for _, name := range operands {
			if r.recursive {
				status += r.all(name)
			} else {
				status += r.one(name)
			}
		}
		return min(status, 255)
	})
}

// one unmounts what name says. The table of mounts is read only where the
// system call cannot tell, or where its text is needed.
func (r *umountRequest) one(name string) int {
	r.makeStateDir()
	target, found := mountPath(name)
	var e mountEntry
	if r.verbose || r.detach {
		if table, err := r.c.mountTable(); err == nil {
			if e, found = findMount(table, name); found {
				target = e.target
			}
		}
	}
	err := unix.EINVAL
	if found {
		err = r.call(target)
	}
	if err == unix.EINVAL || !found { // perhaps the name of what is mounted
		target = name
		table, _ := r.c.mountTable()
		if e, found = findMount(table, name); found {
			target = e.target
		}
		err = r.call(target)
	}
	if err != 0 {
		return r.report(target, err)
	}
	r.done(target, e)
	return 0
}

func (r *umountRequest) call(target string) unix.Errno {
	var errno unix.Errno
	if r.c.below != nil {
		errors.As(r.c.below.unmount(target, r.flags), &errno)
	} else {
		errors.As(unix.Unmount(target, r.flags), &errno)
	}
	return errno
}

// all unmounts name after everything that is mounted below it.
func (r *umountRequest) all(name string) int {
	table, err := r.c.mountTable()
	if err != nil {
		r.c.Errorf("failed to parse /proc/self/mountinfo: %s", Strerror(err))
		return mountSoftware
	}
	e, found := findMount(table, name)
	if !found {
		text := "not mounted"
		if !pathExists(name) {
			text = "not found"
		}
		r.c.Errorf("%s: %s", name, text)
		return mountUsage
	}
	r.makeStateDir()
	return r.tree(table, e)
}

// tree unmounts the latest child first, and stops where one cannot be.
func (r *umountRequest) tree(table []mountEntry, top mountEntry) int {
	var children []mountEntry
	for _, e := range table {
		if e.parent == top.id && e.id != top.id {
			children = append(children, e)
		}
	}
	slices.SortFunc(children, func(a, b mountEntry) int { return cmp.Compare(b.id, a.id) })
	for _, e := range children {
		if status := r.tree(table, e); status != 0 {
			return status
		}
	}
	if err := r.call(top.target); err != 0 {
		return r.report(top.target, err)
	}
	r.done(top.target, top)
	return 0
}

func (r *umountRequest) done(target string, e mountEntry) {
	if r.detach && len(e.source) > 9 && e.source[:9] == "/dev/loop" {
		if device, err := os.Open(e.source); err == nil {
			unix.IoctlSetInt(int(device.Fd()), unix.LOOP_CLR_FD, 0)
			device.Close()
		}
	}
	if r.verbose {
		if !r.recursive {
			target += " (" + e.source + ")"
		}
		r.c.Errorf("%s unmounted", target)
	}
}

// findMount finds the latest mount on name, or else of name: a source as the
// table has it, a device by another path, or the file behind a loop device.
func findMount(table []mountEntry, name string) (mountEntry, bool) {
	path, _ := mountPath(name)
	if e, ok := mountAt(table, path); ok {
		return e, true
	}
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		if e.source == name || e.source == path {
			return e, true
		}
	}
	for i := len(table) - 1; i >= 0; i-- {
		if e := table[i]; backingFile(e.source) == path && e.source != path {
			return e, true
		}
	}
	return mountEntry{}, false
}

func (r *umountRequest) report(target string, errno unix.Errno) int {
	text := "umount(2) system call failed: " + ErrnoText(errno)
	switch errno {
	case unix.ENXIO:
		text = "invalid block device"
	case unix.EINVAL:
		if text = "not mounted"; r.quiet {
			return mountFail
		}
	case unix.EIO:
		text = "can't write superblock"
	case unix.EBUSY:
		text = "target is busy"
	case unix.ENOENT:
		text = "no mount point specified"
	case unix.EPERM:
		text = "must be superuser to unmount"
	case unix.EACCES:
		text = "block devices not permitted on filesystem"
	}
	r.c.Errorf("%s: %s.", target, text)
	return mountFail
}
