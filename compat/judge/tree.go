package judge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/kit"
)

// Tree lists a directory: type, mode, owner, device, size, link, content.
func Tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		describe(&b, path, rel, &st)
		return nil
	})
	if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 {
		// Restore the permissions that the row removed, so that the folder can be deleted.
		_ = exec.Command("chmod", "-R", "u+rwX", dir).Run()
		kit.Missing(t, "root, to look at the files of the row: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// describe writes the line of one file. It includes the time only if the row has set it,
// which shows in a time before all runs.
func describe(b *strings.Builder, path, name string, st *unix.Stat_t) {
	fmt.Fprintf(b, "%s %o %d:%d links=%d", name, st.Mode, st.Uid, st.Gid, st.Nlink)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		target, _ := os.Readlink(path)
		fmt.Fprintf(b, " -> %s", target)
	case unix.S_IFCHR, unix.S_IFBLK:
		fmt.Fprintf(b, " dev=%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	case unix.S_IFREG:
		text, _ := os.ReadFile(path)
		fmt.Fprintf(b, " %d %q", st.Size, text)
	}
	if st.Mtim.Sec < 1e9 {
		fmt.Fprintf(b, " mtime=%d", st.Mtim.Sec)
	}
	b.WriteByte('\n')
}

// loopDevice matches the name of a loop device. The whole machine shares these: which one
// is free depends on everything that runs, including other tests.
const loopDevice = `/dev/loop\d+`

// numbered are the parts of a line of mountinfo that the kernel numbers: mounts, minor
// device numbers, peer groups, network namespaces; and loop devices.
var numbered = [...]struct {
	expr *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?m)^\d+ \d+ (\d+):\d+ `), "$1 "},
	{regexp.MustCompile(`(shared|master|propagate_from):\d+`), "$1"},
	{regexp.MustCompile(`net:\[\d+\]`), "net:[]"},
	{regexp.MustCompile(loopDevice), ""},
}

// MountState returns this process's mount table without the numbers of the kernel.
func MountState() (string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	s := string(text)
	for _, n := range numbered {
		s = n.expr.ReplaceAllString(s, n.with)
	}
	return s, nil
}
