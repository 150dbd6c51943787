package layer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/base/mountinfo"
	"overlayboot/builtins/base/site"
	"overlayboot/builtins/native"
)

// A place is a subhost and where its layers are.
type place struct {
	name   string
	config *site.Config
	record site.Record // nil if nothing of the subhost is there
	// pid is a process in whose mount namespace the directories are, 0 for the caller's.
	pid                int
	lower, upper, work string
	format             Format
}

// find returns the subhost that a word names. Its directories are not known yet.
func find(c *native.Call, word string) (*place, error) {
	dir, err := c.Canonical(".", fsys.NoneMissing, false)
	if err != nil && strings.Contains(word, "/") && !filepath.IsAbs(word) {
		return nil, fmt.Errorf("cannot find %s: the current directory is gone", word)
	}
	path, err := site.Find(word, dir, true)
	if err != nil {
		return nil, err
	}
	config, err := site.ReadConfig(path)
	name, record := site.RunningWith(path)
	if record != nil {
		if err != nil { // the file is gone, and nothing of it is asked
			config = site.ParseConfig(path, nil)
		}
		return &place{name: name, config: config, record: record, format: Trusted}, nil
	}
	if err != nil {
		return nil, err
	}
	p := &place{name: config.Name(), config: config, format: Trusted}
	p.record, err = site.ReadRecord(p.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read the record of %s: %w", p.name, err)
	}
	return p, nil
}

// locate finds the directories: those that are mounted if the subhost runs, otherwise those of
// the configuration.
func (p *place) locate() error {
	if p.record.Runs() && p.record["CONFIG"] == p.config.Path {
		if s, ok := p.record.Process("SUPERVISOR"); ok && s.Alive() {
			p.pid = s.Pid
			return p.mounted()
		}
	}
	return p.configured()
}

// mounted finds the overlay of a running subhost among the mounts of its supervisor.
func (p *place) mounted() error {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid) + "/mountinfo")
	if err != nil {
		return fmt.Errorf("cannot list the mounts of %s: %w", p.name, err)
	}
	for _, e := range mountinfo.Parse(text) {
		if e.FSType != "overlay" || e.Source != p.name {
			continue
		}
		o := parseOverlay(e.Superblocks)
		if o.upper == "" {
			continue
		}
		if len(o.lower) != 1 {
			return fmt.Errorf("%s has %d lower directories; only one can be compared",
				p.name, len(o.lower))
		}
		p.lower, p.upper, p.work = o.lower[0], o.upper, o.work
		if o.userXattr {
			p.format = User
		}
		return nil
	}
	if err := p.configured(); err != nil {
		return err
	}
	return fmt.Errorf("%s has no overlay mounted at LIVE=%s", p.name,
		p.config.Get("LIVE", "live"))
}

// An overlay is what the options of a mounted overlay say.
type overlay struct {
	lower       []string
	upper, work string
	userXattr   bool
}

// parseOverlay reads the options as the kernel prints them, in its order. A path may have a
// comma, so what is between two names counts.
func parseOverlay(options string) (o overlay) {
	options += ","
	head, rest, ok := strings.Cut(options, ",upperdir=")
	if !ok {
		return o
	}
	at := strings.LastIndex(rest, ",workdir=")
	if at < 0 {
		return o
	}
	o.upper, rest = rest[:at], rest[at+len(",workdir="):]
	o.work, rest, _ = strings.Cut(rest, ",")
	o.userXattr = strings.Contains(","+rest, ",userxattr,")
	_, lower, ok := strings.Cut(head, "lowerdir=")
	if !ok {
		_, lower, _ = strings.Cut(head, "lowerdir+=")
	}
	o.lower = splitLower(lower)
	return o
}

// splitLower splits a list of directories at colons; a backslash makes the next character
// ordinary.
func splitLower(list string) (paths []string) {
	var b strings.Builder
	for i := 0; i < len(list); i++ {
		switch {
		case list[i] == '\\' && i+1 < len(list):
			i++
			b.WriteByte(list[i])
		case list[i] == ':':
			paths = append(paths, b.String())
			b.Reset()
		default:
			b.WriteByte(list[i])
		}
	}
	return append(paths, b.String())
}

// configured finds the directories as the function find_root of the scripts does.
func (p *place) configured() (err error) {
	folders := map[string]string{}
	for _, name := range []string{"LOWER", "LIVE", "UPPER", "WORK"} {
		if folders[name], err = p.folder(name); err != nil {
			return err
		}
		if name == "LIVE" && folders["LIVE"] == folders["LOWER"] {
			return fmt.Errorf("%s has no upper directory: LIVE and LOWER are both %s",
				p.name, folders["LIVE"])
		}
		if name == "UPPER" && folders["UPPER"] == folders["LOWER"] {
			return fmt.Errorf("%s has no layer of its own: UPPER and LOWER are both %s",
				p.name, folders["UPPER"])
		}
	}
	p.lower, p.upper, p.work = folders["LOWER"], folders["UPPER"], folders["WORK"]
	return nil
}

// folder returns a directory of the configuration, without links.
func (p *place) folder(name string) (string, error) {
	folder, err := p.config.Folder(name)
	if err != nil {
		return "", fmt.Errorf("%w; it is known while %s runs only", err, p.name)
	}
	where := p.where(name) + "=" + folder
	st, err := os.Stat(folder)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", where, fsys.Errno(err))
	case name == "UPPER" && st.Mode().IsRegular() && st.Mode()&0o111 != 0:
		return "", fmt.Errorf("%s is a program; the directory is known while %s runs only",
			where, p.name)
	case !st.IsDir():
		return "", fmt.Errorf("%s is not a directory", where)
	}
	return filepath.EvalSymlinks(folder)
}

// where names a variable with its file and line, for messages.
func (p *place) where(name string) string {
	if v, ok := p.config.Value(name); ok {
		return fmt.Sprintf("%s:%d: %s", p.config.Path, v.Line, name)
	}
	return p.config.Path + ": " + name
}

// open opens the layers for a walk.
func (p *place) open() (*Layers, error) {
	trees, err := OpenTrees(p.pid, p.upper, p.lower)
	if err != nil {
		return nil, err
	}
	return &Layers{Upper: trees[0], Lower: trees[1], Format: p.format}, nil
}

// inside returns operands as paths of the subhost for Options.Only. A path is taken as it is:
// no link in it is followed. The root means all paths.
func inside(operands []string) (only []string) {
	for _, o := range operands {
		clean := strings.TrimPrefix(filepath.Clean("/"+o), "/")
		if clean == "" {
			return nil
		}
		only = append(only, clean)
	}
	return only
}
