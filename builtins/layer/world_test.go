package layer_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/layer"
	"overlayboot/compat/judge"
)

// A world is a subhost that a test mounts and changes itself.
type world struct {
	t       *testing.T
	dir     string
	options string // of the mount
	chance  *rand.Rand
	log     []string // what was done
}

func newWorld(t *testing.T, dir, options string, seed uint64) *world {
	t.Helper()
	w := &world{t: t, dir: dir, options: options, chance: rand.New(rand.NewPCG(seed, 1))}
	for _, sub := range []string{"lower", "root", "work", "live"} {
		w.check(os.MkdirAll(w.path(sub), 0o755))
	}
	w.check(os.WriteFile(w.path("w.conf"), []byte("BASE=.\nLOWER=lower\n"), 0o644))
	return w
}

func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, strings.Join(w.log, "\n"))
	}
}

func (w *world) mount() {
	w.t.Helper()
	data := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s%s", w.path("lower"), w.path("root"),
		w.path("work"), w.options)
	w.check(unix.Mount("w", w.path("live"), "overlay", 0, data))
}

func (w *world) unmount() {
	w.t.Helper()
	w.check(unix.Unmount(w.path("live"), 0))
}

// run runs a native command, and returns its status and what it has said.
func (w *world) run(argv ...string) judge.Outcome {
	w.t.Helper()
	var out, errs bytes.Buffer
	var o judge.Outcome
	o.Status, _ = ours(&judge.Call{Argv: argv, Dir: unix.AT_FDCWD, Env: judge.Env(),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	o.Stdout, o.Stderr = out.String(), errs.String()
	return o
}

// fill makes a tree by chance.
func (w *world) fill(dir string, depth int) {
	w.t.Helper()
	for _, name := range []string{"a", "b", "c", "d e", ".f\n"} {
		path := filepath.Join(dir, name)
		switch w.chance.IntN(9) {
		case 0:
		case 1:
			w.check(os.Symlink([]string{"a", "b", "nowhere"}[w.chance.IntN(3)], path))
		case 2:
			w.check(unix.Mknod(path, unix.S_IFCHR|0o640, int(unix.Mkdev(1, uint32(3+2*w.chance.IntN(2))))))
		case 3, 4:
			w.check(os.WriteFile(path, w.text(), 0o644))
		default:
			if depth == 0 {
				w.check(os.WriteFile(path, w.text(), 0o600))
				continue
			}
			w.check(os.Mkdir(path, 0o755))
			w.fill(path, depth-1)
		}
	}
}

// text returns one of few texts.
func (w *world) text() []byte {
	return bytes.Repeat([]byte("line\n"), w.chance.IntN(4))
}

// write writes a file; it does not wait for a reader of a pipe.
func (w *world) write(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(w.text())
	return errors.Join(err, f.Close())
}

// any returns a path of the mounted tree: mostly one that exists, or else one in a directory.
func (w *world) any(there bool) string {
	var all, dirs []string
	live := w.path("live")
	_ = filepath.WalkDir(live, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != live {
			all = append(all, path)
		}
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	if there && len(all) > 0 {
		return all[w.chance.IntN(len(all))]
	}
	return filepath.Join(dirs[w.chance.IntN(len(dirs))],
		[]string{"a", "b", "c", "d e", ".f\n", "new"}[w.chance.IntN(6)])
}

// step changes the mounted tree. What the file system refuses changes nothing.
func (w *world) step() {
	p, q := w.any(true), w.any(w.chance.IntN(3) == 0)
	steps := []struct {
		what string
		do   func() error
	}{
		{"write q", func() error { return w.write(q) }},
		{"write p", func() error { return w.write(p) }},
		{"rm -r p", func() error { return os.RemoveAll(p) }},
		{"rm p", func() error { return os.Remove(p) }},
		{"mv p q", func() error { return os.Rename(p, q) }},
		{"mv p q", func() error { return os.Rename(p, q) }},
		{"mkdir q", func() error { return os.Mkdir(q, 0o755) }},
		{"rm -r p; mkdir p", func() error { return errors.Join(os.RemoveAll(p), os.Mkdir(p, 0o755)) }},
		{"rm -r p; write p", func() error { return errors.Join(os.RemoveAll(p), w.write(p)) }},
		{"chmod p", func() error {
			return unix.Chmod(p, []uint32{0o700, 0o755, 0o644, 0o600}[w.chance.IntN(4)])
		}},
		{"chown p", func() error { return os.Lchown(p, w.chance.IntN(2), w.chance.IntN(2)) }},
		{"ln p q", func() error { return os.Link(p, q) }},
		{"ln -s q", func() error { return os.Symlink("a", q) }},
		{"mknod q", func() error { return unix.Mknod(q, unix.S_IFCHR|0o640, int(unix.Mkdev(1, 3))) }},
		{"mkfifo q", func() error { return unix.Mkfifo(q, 0o600) }},
		{"setfattr p", func() error {
			return unix.Lsetxattr(p, "user.x", []byte{byte(w.chance.IntN(3))}, 0)
		}},
		{"setfattr trusted p", func() error { return unix.Lsetxattr(p, "trusted.x", []byte("1"), 0) }},
		{"setfattr overlay p", func() error {
			return unix.Lsetxattr(p, "trusted.overlay.opaque", []byte("y"), 0)
		}},
		{"setfattr -x p", func() error { return unix.Lremovexattr(p, "user.x") }},
		{"truncate p", func() error { return os.Truncate(p, int64(w.chance.IntN(12))) }},
		{"touch p", func() error {
			return unix.UtimesNanoAt(unix.AT_FDCWD, p, []unix.Timespec{{}, {}}, 0)
		}},
	}
	s := steps[w.chance.IntN(len(steps))]
	err := s.do()
	w.log = append(w.log, fmt.Sprintf("%s: p=%q q=%q: %v", s.what, p, q, err))
}

// tree describes each file of a tree by all that counts as a change.
func (w *world) tree(root string) map[string]string {
	w.t.Helper()
	all := map[string]string{}
	w.check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		all[name] = w.describe(path)
		return nil
	}))
	return all
}

func (w *world) describe(path string) string {
	w.t.Helper()
	var st unix.Stat_t
	w.check(unix.Lstat(path, &st))
	text := fmt.Sprintf("%o %d:%d", st.Mode, st.Uid, st.Gid)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		data, err := os.ReadFile(path)
		w.check(err)
		text += fmt.Sprintf(" %d %x", st.Size, sha256.Sum256(data))
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		w.check(err)
		text += " " + target
	case unix.S_IFCHR:
		text += fmt.Sprintf(" %d", st.Rdev)
	}
	buf := make([]byte, 4096)
	n, err := unix.Llistxattr(path, buf)
	w.check(err)
	names := strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00")
	slices.Sort(names)
	for _, name := range names {
		if name == "" {
			continue
		}
		value := make([]byte, 256)
		n, err := unix.Lgetxattr(path, name, value)
		w.check(err)
		text += fmt.Sprintf(" %s=%x", name, value[:n])
	}
	return text
}

// isDir reports whether a description is that of a directory.
func isDir(description string) bool {
	return strings.HasPrefix(description, "4") && len(description) > 6 && description[5] == ' '
}

// changes compares two trees as overlay-diff should.
func changes(now, was map[string]string) (list []string) {
	for name, is := range now {
		if old, ok := was[name]; !ok {
			list = append(list, "A "+name)
		} else if old != is {
			list = append(list, "C "+name)
		}
	}
	for name := range was {
		if _, ok := now[name]; !ok && isDir(now[filepath.Dir(name)]) {
			list = append(list, "D "+name)
		}
	}
	slices.Sort(list)
	return list
}

// walk returns the changes that Walk finds, and checks their order.
func (w *world) walk(o layer.Options) (list []string) {
	w.t.Helper()
	trees, err := layer.OpenTrees(0, w.path("root"), w.path("lower"))
	w.check(err)
	l := layer.Layers{Upper: trees[0], Lower: trees[1], Format: layer.Trusted}
	defer l.Close()
	last := ""
	_, err = l.Walk(o, func(c *layer.Change) error {
		name := c.Path
		if name == "" {
			name = "."
		} else if key := strings.ReplaceAll(name, "/", "\x00"); key <= last {
			w.t.Errorf("%q is out of order", name)
		} else {
			last = key
		}
		list = append(list, string(c.Kind)+" "+name)
		return nil
	})
	w.check(err)
	slices.Sort(list)
	return list
}
