package builtins

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// umountFake is the key of --fake, which has no letter.
const umountFake = longOnly

func umountSpec() []option {
	return []option{
		{'d', "detach-loop", noArg}, {'f', "force", noArg}, {'i', "internal-only", noArg},
		{'l', "lazy", noArg}, {'n', "no-mtab", noArg}, {'q', "quiet", noArg},
		{'R', "recursive", noArg}, {'t', "types", needArg}, {'v', "verbose", noArg},
		// Known to umount(8) and not to us; here so that no prefix hits another.
		{'a', "all", noArg}, {'A', "all-targets", noArg}, {umountFake, "fake", noArg},
		{'!', "namespace", needArg}, {'!', "no-canonicalize", noArg},
		{'!', "read-only", noArg}, {'O', "test-opts", needArg}, {'!', "version", noArg},
		{'!', "help", noArg},
	}
}

// An umountRequest is how one umount command is to go about it.
type umountRequest struct {
	c                         *Call
	flags                     int
	recursive, quiet, verbose bool
	detach                    bool
	stateless, fake           bool
	every, targets            bool
	types, options            string
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
		problem = cmp.Or(problem, r.option(o))
	}
	if problem == "" && c.getuid() != 0 && (len(operands) > 0 || r.every) {
		problem = "unmounting by a user" // fstab's "user" needs the set-uid tool
	}
	if r.detach && c.below != nil {
		problem = "option '-d'"
	}
	switch {
	case problem != "":
		return c.Unsupported("%s", problem)
	case r.every && len(operands) == 0 && !r.targets && !r.recursive:
		return r.everything()
	case r.every:
		return c.Unsupported("option '-a' with others")
	case len(operands) == 0:
		return c.badUsage()
	}
	if table, err := c.mountTable(); err == nil && c.below == nil {
		for _, name := range operands {
			if e, ok := findMount(table, name); ok && e.user != "" && needsHelper(e) {
				return c.Unsupported("a mount with a helper")
			}
		}
	}
	return c.inDirFor(operands, func() int {
		status := 0
		for _, name := range operands {
			if r.targets {
				status += r.allTargets(name)
			} else if r.recursive {
				status += r.all(name)
			} else {
				status += r.one(name)
			}
		}
		return min(status, 255)
	})
}

// option takes one option in; what is not ours comes back as problem.
func (r *umountRequest) option(o parsedOption) (problem string) {
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
	case 'a':
		r.every = true
	case 'A':
		r.targets = true
	case umountFake:
		r.fake = true
	case 't':
		r.types = o.value
	case 'O':
		r.options = o.value
	case '!':
		return o.named()
	}
	return ""
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

// needsHelper tells whether a mount was made by a program that is to undo it.
func needsHelper(e mountEntry) bool {
	for o := range strings.SplitSeq(e.user, ",") {
		if helper, ok := strings.CutPrefix(o, "uhelper="); ok {
			return unix.Access("/sbin/umount."+helper, unix.X_OK) == nil
		}
	}
	return false
}

func (r *umountRequest) call(target string) unix.Errno {
	var errno unix.Errno
	if r.fake {
		return 0
	}
	if r.c.below != nil {
		errors.As(r.c.below.unmount(target, r.flags), &errno)
	} else {
		errors.As(unix.Unmount(target, r.flags), &errno)
	}
	return errno
}

// mounted finds what is mounted at name, or says that nothing is.
func (r *umountRequest) mounted(name string) (table []mountEntry, e mountEntry, status int) {
	table, err := r.c.mountTable()
	if err != nil {
		r.c.Errorf("failed to parse /proc/self/mountinfo: %s", Strerror(err))
		return nil, mountEntry{}, mountSoftware
	}
	e, found := findMount(table, name)
	if !found {
		text := "not mounted"
		if !pathExists(name) {
			text = "not found"
		}
		if !r.quiet {
			r.c.Errorf("%s: %s", name, text)
		}
		return nil, mountEntry{}, mountUsage
	}
	return table, e, 0
}

// all unmounts name after everything that is mounted below it.
func (r *umountRequest) all(name string) int {
	table, e, status := r.mounted(name)
	if status != 0 {
		return status
	}
	r.makeStateDir()
	return r.tree(table, e)
}

// everything unmounts what is mounted, the latest first, but for what systems need.
func (r *umountRequest) everything() int {
	table, err := r.c.mountTable()
	if err != nil {
		r.c.Errorf("failed to parse /proc/self/mountinfo: %s", Strerror(err))
		return mountSoftware
	}
	status := 0
	for i := len(table) - 1; i >= 0; i-- {
		e := table[i]
		switch {
		case neverOfAll(e.fstype), !typeMatches(e.fstype, r.types),
			!optionsMatch(e.options(), r.options):
			if r.verbose {
				fmt.Fprintf(r.c.Stdout, "%-25s: ignored\n", e.target)
			}
			continue
		}
		r.makeStateDir()
		if errno := r.call(e.target); errno != 0 {
			status |= r.report(e.target, errno)
			continue
		}
		r.done(e.target, e)
		if r.verbose {
			fmt.Fprintf(r.c.Stdout, "%-25s: successfully unmounted\n", e.target)
		}
	}
	return status
}

// neverOfAll tells the types that -a leaves alone.
func neverOfAll(fstype string) bool {
	switch fstype {
	case "proc", "devfs", "devpts", "sysfs", "rpc_pipefs", "nfsd", "selinuxfs":
		return true
	}
	return false
}

// optionsMatch tells whether options are as a pattern of -O wants: each of it is there, or
// with "no" before it is not.
func optionsMatch(options, pattern string) bool {
	have := splitOptions(options)
	for _, want := range splitOptions(pattern) {
		plus := strings.HasPrefix(want, "+")
		want = strings.TrimPrefix(want, "+")
		name, negated := strings.CutPrefix(want, "no")
		if plus || !negated {
			name, negated = want, false
		}
		if hasMountOption(have, name) == negated {
			return false
		}
	}
	return true
}

// hasMountOption finds an option by its name, or by name and value.
func hasMountOption(have []string, want string) bool {
	for _, o := range have {
		name, _, _ := strings.Cut(o, "=")
		if o == want || name == want {
			return true
		}
	}
	return false
}

// allTargets unmounts a file system from each place where it is mounted.
func (r *umountRequest) allTargets(name string) int {
	table, e, status := r.mounted(name)
	if status != 0 {
		return status
	}
	r.makeStateDir()
	for i := len(table) - 1; i >= 0 && status == 0; i-- {
		other := table[i]
		if other.device != e.device {
			continue
		}
		if r.recursive {
			now, _ := r.c.mountTable()
			if _, still := mountAt(now, other.target); still {
				status = r.tree(now, other)
			}
			continue
		}
		if errno := r.call(other.target); errno != 0 {
			status = r.report(other.target, errno)
			continue
		}
		r.done(other.target, other)
	}
	return status
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
	if !r.stateless && r.c.below == nil {
		forgetMount(target)
	}
	if r.verbose && !r.every {
		if !r.recursive && !r.targets {
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
