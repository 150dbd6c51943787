package subhost

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// lowerAttribute is the extended attribute of WORK in which overlay-lower remembers. UPPER would
// show it inside the subhost, and root there could change it.
const lowerAttribute = "trusted.overlay-boot.lower"

// packageLists are the files in which distributions keep what is installed.
var packageLists = [...]string{"var/lib/dpkg/status", "lib/apk/db/installed",
	"var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/pacman/local"}

// Lower is overlay-lower: it tells whether the lower directory of an overlay is another than
// when the upper directory was used the last time.
//
//	overlay-lower LOWER UPPER WORK
//	overlay-lower --remember LOWER UPPER WORK
//
// The first form prints "replaced" for another directory, or file system, and "packages FILE"
// where the list of packages has changed in LOWER and UPPER has one of its own. It prints
// nothing if it does not know, and where UPPER is empty. The second form remembers LOWER for
// the next time; its status is 1 where WORK cannot keep that.
//
// No file but these is looked at, so that it takes no time: what else was changed in LOWER is
// not noticed.
func Lower(c *native.Call) int {
	opts, args, problem := c.Options([]native.Option{{Key: 'r', Long: "remember"}},
		native.OperandsLast)
	if problem != "" {
		c.Errorf("%s is unknown", problem)
		return 2
	}
	if len(args) != 3 {
		c.Errorf("usage: overlay-lower [--remember] LOWER UPPER WORK")
		return 2
	}
	var dirs [3]int
	for i, name := range args {
		fd, err := unix.Openat(c.Dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			c.Errorf("cannot open %s: %s", native.QuoteName(name), clib.Strerror(err))
			return 1
		}
		defer unix.Close(fd)
		dirs[i] = fd
	}
	now := lowerFacts(dirs[0], dirs[1])
	if len(opts) > 0 {
		return rememberLower(dirs[2], now)
	}
	w := c.Buffered()
	for _, line := range lowerChanges(recallLower(dirs[2]), now, dirs[1]) {
		fmt.Fprintln(w, line)
	}
	return c.Flush(w, 0)
}

// A fact set has what is known of LOWER and UPPER, by names such as "lower.inode".
type factSet map[string]string

// lowerFacts looks at both directories.
func lowerFacts(lower, upper int) factSet {
	facts := factSet{}
	identify(facts, "lower.", lower)
	identify(facts, "upper.", upper)
	for _, name := range packageLists {
		if st, ok := statIn(lower, name); ok {
			facts["packages."+name] = strconv.FormatInt(st.Mtim.Nano(), 10)
		}
	}
	return facts
}

// identify adds what makes out a directory. A device number is none of it: it may be another
// one after each start of the host.
func identify(facts factSet, prefix string, dir int) {
	var st unix.Statx_t
	if unix.Statx(dir, "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_BTIME, &st) == nil {
		facts[prefix+"inode"] = strconv.FormatUint(st.Ino, 10)
		if st.Mask&unix.STATX_BTIME != 0 {
			facts[prefix+"born"] = fmt.Sprintf("%d.%09d", st.Btime.Sec, st.Btime.Nsec)
		}
	}
	// a handle has the generation of the inode, too: a number is used again
	if h, _, err := unix.NameToHandleAt(dir, "", unix.AT_EMPTY_PATH); err == nil {
		facts[prefix+"handle"] = fmt.Sprintf("%d:%x", h.Type(), h.Bytes())
	}
	if id := fileSystemID(dir); id != "" {
		facts[prefix+"uuid"] = id
	}
}

// fileSystemID returns the UUID of a file system, "" if it has none, or on Linux before 6.9.
func fileSystemID(dir int) string {
	const fsIocGetFSUUID = 0x80111500
	var uuid struct {
		length byte
		bytes  [16]byte
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(dir), fsIocGetFSUUID,
		uintptr(unsafe.Pointer(&uuid)))
	if errno != 0 || int(uuid.length) > len(uuid.bytes) {
		return ""
	}
	return hex.EncodeToString(uuid.bytes[:uuid.length])
}

// statIn finds a file below a directory; no link leads out of that.
func statIn(dir int, name string) (st unix.Stat_t, ok bool) {
	fd, err := native.Pin(dir, name, 0)
	if err != nil {
		return st, false
	}
	defer unix.Close(fd)
	return st, unix.Fstat(fd, &st) == nil
}

// lowerChanges compares what was remembered with what is. Facts that only one of them has say
// nothing: the kernel may be another one.
func lowerChanges(before, now factSet, upper int) (changes []string) {
	if differs(before, now, "upper.") || isEmpty(upper) {
		return nil
	}
	if differs(before, now, "lower.") {
		changes = append(changes, "replaced")
	}
	for _, name := range packageLists {
		_, own := statIn(upper, name)
		if own && differs(before, now, "packages."+name) {
			changes = append(changes, "packages /"+name)
		}
	}
	return changes
}

// differs reports whether two sets contradict each other in facts whose names begin so.
func differs(a, b factSet, prefix string) bool {
	for name, value := range a {
		if other, ok := b[name]; ok && other != value && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// isEmpty reports whether UPPER has nothing, or only the reaper, which "rm -r UPPER/*" leaves.
func isEmpty(dir int) bool {
	buf := make([]byte, 4096)
	n, err := unix.Getdents(dir, buf)
	_, _, names := unix.ParseDirent(buf[:max(n, 0)], 2, nil)
	return err == nil && !slices.ContainsFunc(names, func(s string) bool { return s != ".reaper" })
}

// recallLower reads the facts from WORK; there are none if it has never been used.
func recallLower(work int) factSet {
	facts := factSet{}
	buf := make([]byte, 4096)
	n, err := unix.Fgetxattr(work, lowerAttribute, buf)
	if err != nil {
		return facts
	}
	for _, word := range strings.Fields(string(buf[:n])) {
		if name, value, ok := strings.Cut(word, "="); ok {
			facts[name] = value
		}
	}
	return facts
}

// rememberLower writes the facts to WORK if they are others than those there.
func rememberLower(work int, facts factSet) int {
	if maps.Equal(recallLower(work), facts) {
		return 0
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		words = append(words, name+"="+facts[name])
	}
	if unix.Fsetxattr(work, lowerAttribute, []byte(strings.Join(words, " ")), 0) != nil {
		return 1
	}
	return 0
}
