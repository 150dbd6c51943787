package admin

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/site"
	"overlayboot/builtins/network"
)

// A survey is one look at all subhosts of the host.
type survey struct {
	procs      *procTable
	now        uint64    // the time since the boot of the host, in ticks
	booted     time.Time // when the host was booted
	links      []network.Interface
	list       []*subhost
	problems   []string // what could not be read
	cgroupRoot string
	real       map[string]string // paths without links
}

// look makes a survey. The records are read before the processes: a subhost that is booted in
// between is then one that is being started, and none that has lost its processes.
func look() (*survey, error) {
	s := &survey{real: map[string]string{}}
	records, err := s.readRecords()
	if err != nil {
		return nil, err
	}
	if s.procs, err = readProcs(); err != nil {
		return nil, fmt.Errorf("cannot list the processes: %w", err)
	}
	var up unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &up); err != nil {
		return nil, fmt.Errorf("cannot read the clock: %w", err)
	}
	s.now = uint64(up.Nano()) / uint64(time.Second/userHZ)
	s.booted = time.Now().Add(-time.Duration(up.Nano()))
	if s.links, err = network.Survey(-1); err != nil {
		s.problem("cannot list the interfaces: %v", err)
	}
	s.addRecorded(records)
	s.addUnrecorded()
	s.addConfigured()
	s.fill()
	slices.SortStableFunc(s.list, func(a, b *subhost) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.config, b.config))
	})
	return s, nil
}

func (s *survey) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// readRecords reads all records.
func (s *survey) readRecords() (map[string]site.Record, error) {
	names, err := site.RecordNames()
	if err != nil {
		return nil, fmt.Errorf("cannot read the records: %w", err)
	}
	records := map[string]site.Record{}
	for _, name := range names {
		r, err := site.ReadRecord(name)
		switch {
		case err == nil:
			records[name] = r
		case !errors.Is(err, fs.ErrNotExist):
			s.problem("cannot read the record of %s: %v", name, err)
		}
	}
	return records, nil
}

// addRecorded adds the subhosts that have a record.
func (s *survey) addRecorded(records map[string]site.Record) {
	for name, r := range records {
		h := &subhost{name: name, record: r, config: r["CONFIG"]}
		s.judge(h)
		if h.state == broken {
			// it may have ended, or have gone on, since the record was read
			again, err := site.ReadRecord(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if procs, failed := readProcs(); err == nil && failed == nil {
				s.procs, h.record = procs, again
				s.judge(h)
			}
		}
		s.list = append(s.list, h)
	}
}

// addUnrecorded adds the subhosts of the original.
func (s *survey) addUnrecorded() {
	known := map[int]bool{}
	for _, h := range s.list {
		for _, key := range [...]string{"BOOTER", "SUPERVISOR", "UNSHARE"} {
			if p, ok := h.record.Process(key); ok {
				known[p.Pid] = true
			}
		}
	}
	for _, u := range s.unrecorded(known) {
		h := &subhost{name: u.name, config: u.config, isOriginal: true, state: running,
			supervisor: u.supervisor, init: u.init}
		switch {
		case u.supervisor == 0:
			h.state, h.hasLost = broken, true
			h.broken = []string{"supervisor died"}
		case s.isStarting(u):
			h.state = starting
		}
		s.list = append(s.list, h)
	}
}

// addConfigured adds the other subhosts that are started with the host, and marks those that
// are there already.
func (s *survey) addConfigured() {
	paths, skipped, err := site.Configured()
	if err != nil {
		s.problem("cannot read the list of configurations: %v", err)
	}
	s.problems = append(s.problems, skipped...)
	for _, path := range paths {
		if h := s.configuredAs(path); h != nil {
			h.configured = true
			continue
		}
		h := s.fromConfig(path)
		if lost := s.orphan(h.name); lost != nil {
			lost.config, lost.configured = path, true
			continue
		}
		h.configured = true
		s.list = append(s.list, h)
	}
}

// orphan returns the subhost of the original with a name whose configuration nobody knows.
func (s *survey) orphan(name string) *subhost {
	for _, h := range s.list {
		if h.name == name && h.config == "" {
			return h
		}
	}
	return nil
}

// configuredAs returns the subhost that a configured path means, or nil. A link with another
// name is another subhost.
func (s *survey) configuredAs(path string) *subhost {
	return s.withConfig(path, func(h *subhost) bool { return s.nameOf(path) == h.name })
}

// withConfig returns the subhost with a configuration, or nil. One that has another path of the
// same file counts if a function says so.
func (s *survey) withConfig(path string, counts func(*subhost) bool) *subhost {
	for _, h := range s.list {
		if h.config == path {
			return h
		}
	}
	real := s.realPath(path)
	for _, h := range s.list {
		if h.config != "" && s.realPath(h.config) == real && counts(h) {
			return h
		}
	}
	return nil
}

// realPath returns a path without links, or as it is if it leads nowhere.
func (s *survey) realPath(path string) string {
	if real, ok := s.real[path]; ok {
		return real
	}
	real := site.Real(path)
	s.real[path] = real
	return real
}

// fromConfig returns a subhost of which there is a configuration only.
func (s *survey) fromConfig(path string) *subhost {
	h := &subhost{config: path, state: stopped}
	c, err := site.ReadConfig(path)
	if err != nil {
		h.name = site.FileName(path)
		h.state, h.broken = broken, []string{"configuration cannot be read"}
		for _, link := range site.LinksTo(path) {
			err = fmt.Errorf("%w (%s leads there)", err, link)
		}
		s.problem("%v", err)
		return h
	}
	h.parsed, h.name = c, c.Name()
	return h
}

// nameOf returns the name of the subhost with a configuration.
func (s *survey) nameOf(path string) string {
	if c, err := site.ReadConfig(path); err == nil {
		return c.Name()
	}
	return site.FileName(path)
}

// fill adds to each subhost what its processes, its network and its configuration say.
func (s *survey) fill() {
	var firsts []int
	for _, h := range s.list {
		if h.parsed == nil && h.config != "" {
			h.parsed, _ = site.ReadConfig(h.config)
		}
		if h.init != 0 {
			firsts = append(firsts, h.init)
		}
	}
	members := s.procs.members(firsts)
	for _, h := range s.list {
		if p := s.procs.byPid[h.init]; p != nil {
			h.processes = members[h.init]
			h.since = s.booted.Add(time.Duration(p.start) * time.Second / userHZ)
			s.measure(h)
		}
		s.addCables(h)
		s.addShares(h)
		s.judgeLeft(h)
	}
}

// addShares adds the values of SHARE.
func (s *survey) addShares(h *subhost) {
	if h.parsed == nil {
		return
	}
	base, err := h.parsed.Base()
	if err != nil {
		base = filepath.Dir(h.parsed.Path)
	}
	for _, v := range h.parsed.Shares() {
		if !v.IsCommand() {
			h.shares = append(h.shares, site.ParseShare(v.Text, base))
		}
	}
}

// choose returns the subhosts that words name, all for no words. A word is the name of a
// subhost, or else the path of a configuration; of a link, too, the name and the directory
// count, unless its file is that of a subhost that runs. unknown are the words that are neither.
func (s *survey) choose(words []string, dir string) (list []*subhost, unknown []string) {
	if len(words) == 0 {
		return s.list, nil
	}
	add := func(h *subhost) {
		if !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	for _, word := range words {
		found := false
		for _, h := range s.list {
			if h.name == word && !strings.Contains(word, "/") {
				add(h)
				found = true
			}
		}
		if found {
			continue
		}
		path := word
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
			unknown = append(unknown, word)
		} else if h := s.withConfig(path, (*subhost).isUp); h != nil {
			add(h)
		} else {
			h := s.fromConfig(path)
			s.addCables(h)
			s.addShares(h)
			s.judgeLeft(h)
			s.list = append(s.list, h)
			add(h)
		}
	}
	return list, unknown
}
