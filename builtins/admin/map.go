package admin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// The keys of the options of overlay-map.
const (
	keyText = native.LongOnly + iota
	keyDot
	keySVG
)

func mapOptions() []native.Option {
	return []native.Option{{Key: keyText, Long: "text"}, {Key: keyDot, Long: "dot"},
		{Key: keySVG, Long: "svg", Arg: native.NeedArg}}
}

const mapUsage = "Usage: overlay-map [--text|--dot|--svg FILE] [NAME|CONF]..."

// Map is overlay-map: it draws the bridges of the host, the cables on them, and the subhosts.
func Map(c *native.Call) int {
	opts, words, problem := c.Options(mapOptions(), native.Permute)
	if problem != "" {
		return misused(c, mapUsage, problem)
	}
	form, file := keyText, ""
	for i, o := range opts {
		if i > 0 && o.Key != form {
			return misused(c, mapUsage, "--text, --dot and --svg exclude each other")
		}
		form, file = o.Key, o.Value
	}
	if slices.Contains(words, "") {
		return misused(c, mapUsage, "a name is empty")
	}
	if form == keySVG && file == "" {
		return misused(c, mapUsage, "--svg wants a file, or - for standard output")
	}
	l := &lister{c: c, pen: newPen(c), words: words}
	s, err := look()
	if err != nil {
		c.Errorf("%s", l.pen.text(err.Error()))
		return 1
	}
	list, unknown := s.choose(words, workDir(c))
	status := l.complain(s, unknown)
	if len(list) == 0 && len(unknown) > 0 {
		return status
	}
	p := newPicture(s, list, len(words) > 0)
	switch {
	case form == keyDot:
		return printed(c, p.dot(), status)
	case form == keyText:
		return printed(c, p.text(l.pen, terminalWidth(c)), status)
	case file == "-":
		return printed(c, p.svg(), status)
	default:
		if err := replace(c, file, p.svg()); err != nil {
			c.Errorf("cannot write %s: %s", l.pen.text(file), clib.Strerror(err))
			return 1
		}
	}
	return status
}

// replace writes a file, so that nobody sees a part of it. A link stays, and the file to which
// it leads is replaced.
func replace(c *native.Call, file, text string) error {
	if !filepath.IsAbs(file) {
		file = filepath.Join(workDir(c), file)
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	st, err := os.Lstat(file)
	switch {
	case err != nil || st.Mode().IsRegular():
	case st.IsDir():
		return unix.EISDIR
	case st.Mode()&os.ModeSymlink != 0 && !leads(file):
		return errors.New("it is a link that leads to no file")
	default:
		return errors.New("it is no regular file; --svg - writes to standard output")
	}
	f, err := unnamed(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err = f.WriteString(text); err == nil {
		err = f.Chmod(os.FileMode(0o666 &^ c.Umask()))
	}
	if err == nil {
		err = f.rename(file)
	}
	if err != nil && f.name != "" {
		_ = os.Remove(f.name)
	}
	return err
}

// leads reports whether a link leads to a file, which need not have a name: /dev/stdout may lead
// to a pipe.
func leads(link string) bool {
	_, err := os.Stat(link)
	return err == nil
}

// A draft is a file that has no name yet, so that nothing of it stays if this process is killed.
// Where the file system knows no such files, it has a name for that time.
type draft struct {
	*os.File
	name string
}

// unnamed makes a draft in a directory.
func unnamed(dir string) (*draft, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err == nil {
		return &draft{File: os.NewFile(uintptr(fd), dir)}, nil
	}
	f, err := os.CreateTemp(dir, draftNames+"*")
	if err != nil {
		return nil, err
	}
	return &draft{f, f.Name()}, nil
}

// draftNames are the first characters of the name of a draft.
const draftNames = ".overlay-map-"

// rename gives the draft the name of a file, which it replaces.
func (f *draft) rename(file string) error {
	for n := os.Getpid(); f.name == ""; n++ {
		name := filepath.Join(filepath.Dir(file), draftNames+strconv.Itoa(n))
		err := unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", f.Fd()), unix.AT_FDCWD, name,
			unix.AT_SYMLINK_FOLLOW)
		if err == nil {
			f.name = name
		} else if err != unix.EEXIST {
			return err
		}
	}
	return os.Rename(f.name, file)
}

// A picture is what overlay-map draws, in whatever form: each bridge is a line from the top to
// the bottom, and each subhost a box beside the lines, to which its cables lead.
type picture struct {
	buses []bus
	boxes []box
}

// A bus is a bridge.
type bus struct {
	name  string
	words []string // what else there is to say
	// isHost marks that of the cables without a bridge, whose ends are interfaces of the host.
	isHost bool
}

// A box is a subhost.
type box struct {
	name  string
	state state
	rows  []row
}

// A row is a line of a box.
type row struct {
	bus   int    // the index of the bus to which it is connected, or -1
	label string // the name of the end on the host
	words []string
	isVLAN,
	isMissing bool // not there, but configured
}

// newPicture makes the picture of subhosts. With chosen set only their bridges are in it.
func newPicture(s *survey, list []*subhost, chosen bool) *picture {
	p := &picture{}
	ours, used, hostEnds := map[string]bool{}, map[string]bool{}, false
	for _, h := range list {
		for _, c := range h.cables {
			ours[c.host], used[c.bridge] = true, true
			hostEnds = hostEnds || c.bridge == ""
		}
	}
	at := map[string]int{}
	add := func(b bus) { at[b.name], p.buses = len(p.buses), append(p.buses, b) }
	for i := range s.links {
		if b := &s.links[i]; b.Kind == "bridge" && (!chosen || used[b.Name]) {
			add(bus{name: b.Name, words: s.bridgeWords(b.Index, ours)})
		}
	}
	slices.SortFunc(p.buses, func(a, b bus) int { return naturally(a.name, b.name) })
	for i, b := range p.buses {
		at[b.name] = i
	}
	for _, h := range list {
		for _, c := range h.cables {
			if _, known := at[c.bridge]; !known && c.bridge != "" {
				add(bus{name: c.bridge, words: []string{"not there"}})
			}
		}
	}
	host := len(p.buses)
	if hostEnds {
		p.buses = append(p.buses, bus{name: "host", words: []string{"no bridge"}, isHost: true})
	}
	for _, h := range list {
		b := box{name: h.name, state: h.state}
		for _, c := range h.cables {
			r := cableRow(h, c)
			if r.bus = host; c.bridge != "" {
				r.bus = at[c.bridge]
			}
			b.rows = append(b.rows, r)
		}
		p.boxes = append(p.boxes, b.withRest(h))
	}
	return p
}

// naturally compares names so that br10 comes behind br9.
func naturally(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// bridgeWords says about a bridge whether it is up, its addresses, and its other ports.
func (s *survey) bridgeWords(index int, ours map[string]bool) (words []string) {
	var ports []string
	for i := range s.links {
		switch l := &s.links[i]; {
		case l.Index == index:
			if words = append(words, "up"); !l.Up {
				words[0] = "down"
			}
			words = append(words, global(l.Addresses)...)
		case l.Master == index && !ours[l.Name]:
			ports = append(ports, l.Name)
		}
	}
	if len(ports) > 0 {
		words = append(append(words, "ports"), ports...)
	}
	return words
}

// cableRow returns the row of a cable, but for its bus.
func cableRow(h *subhost, c cable) row {
	r := row{label: c.host, isVLAN: c.vlan != "", isMissing: !c.exists}
	switch {
	case c.vlan != "":
		r.words = append(r.words, "VLAN "+c.vlan)
	case c.inside != "":
		r.words = append(r.words, c.inside)
	default:
		r.words = append(r.words, "cable")
	}
	r.words = append(r.words, global(c.addresses)...)
	if own := global(c.onHost); len(own) > 0 {
		r.words = append(append(r.words, "host:"), own...)
	}
	switch {
	case !c.exists && h.init != 0:
		r.words = append(r.words, "not there")
	case c.exists && !c.up:
		r.words = append(r.words, "down")
	}
	return r
}

// withRest adds the rows that are no cables.
func (b box) withRest(h *subhost) box {
	for _, what := range h.broken {
		b.rows = append(b.rows, row{bus: -1, words: []string{"! " + what}})
	}
	for _, share := range h.shares {
		words := []string{share.From, arrow, share.To}
		if share.From == share.To {
			words = words[:1]
		}
		if share.ReadOnly {
			words = append(words, "(read-only)")
		}
		b.rows = append(b.rows, row{bus: -1, words: append([]string{"share"}, words...)})
	}
	return b
}

// arrow stands between the two paths of a share.
const arrow = "→"

// lowest returns the index of the last box, and of its last row, that leads to a bus; -1 for
// none.
func (p *picture) lowest(n int) (b, r int) {
	for b := len(p.boxes) - 1; b >= 0; b-- {
		for r := len(p.boxes[b].rows) - 1; r >= 0; r-- {
			if p.boxes[b].rows[r].bus == n {
				return b, r
			}
		}
	}
	return -1, -1
}
