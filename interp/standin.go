package interp

import (
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"overlayboot/builtins"
	"overlayboot/interp/handover"
)

// When a native command stands in for the system's tool.
//
// It is the tool of the distribution, made anew. So it takes the place of that one, and of
// none that somebody has chosen instead:
//
//	file in PATH                               what runs
//	outside the system's directories           the file
//	in none of them (a bare host)              the native
//	a link through /etc/alternatives           the native where that leads to what it is
//	                                           made after (awk: mawk, original-awk), else
//	                                           the file
//	a link out of the system's directories     the file
//	a script, where the distribution has       the file
//	a program
//	NAME.distrib beside it, or a diversion     the file
//	of dpkg
//	this program, by whatever name             the native
//	any other, also a link to busybox          the native
//
// The same holds for a name with a slash. A link in the system's directories that goes
// through nothing is the distribution's: /bin/sed is busybox on Alpine. Who puts a program
// of his own there without dpkg-divert cannot be told from the distribution, and has
// OVERLAY_NATIVES.
//
// No native runs where LD_PRELOAD or LD_AUDIT is in the environment of the command, if
// there is a tool: what is loaded by it (fakeroot, faketime, fakechroot) changes what a
// program sees, and a static program sees nothing of it. It may come and go with each
// command. /etc/ld.so.preload counts for nothing here: it is for all programs of the host,
// most often memory functions (on each Raspberry Pi) or a record of what is executed.
//
// The scripts inside the binary use natives always. They are made for these, and in part
// for nothing else: a tool finds no script that is in no file. What the configuration names
// in files are scripts as any other.

// A judgement says what stands at the place of a native command.
type judgement uint8

const (
	absent   judgement = iota // nothing
	standsIn                  // what the native stands in for, or this program
	chosen                    // something else
)

// A sighting is what was found at a path. It is good while the file is the same.
type sighting struct {
	dev, ino  uint64
	changed   unix.Timespec
	judgement judgement
}

// sightings are the system's files that were looked at, for all shells of the process.
type sightings struct {
	sync.Mutex
	files    map[string]sighting
	self     unix.Stat_t // this program
	hasSelf  bool
	diverted diversions
}

// diversions is what dpkg has diverted, as of a time.
type diversions struct {
	changed unix.Timespec
	files   map[string]bool
}

const (
	alternativesDir = "/etc/alternatives"
	diversionsFile  = "/var/lib/dpkg/diversions"
	maxLinks        = 8
)

// An original is what a native may stand in for under other names.
type original struct {
	// by are the names of programs that are the same to a script, also where the
	// administrator chose them.
	by []string
	// only says that no other program of the distribution's choice is the same.
	only bool
	// script says that the distribution has a script under that name.
	script bool
}

// originalOf is the original of a native. Most have no other name than their own.
func originalOf(command string) original {
	switch command {
	case "awk":
		return original{by: []string{"awk", "mawk", "original-awk", "nawk"}, only: true}
	case "sh":
		return original{by: []string{"sh", "dash", "ash", "overlay-sh"}, only: true}
	case "ldd", "egrep", "fgrep":
		return original{by: []string{command}, script: true}
	}
	return original{by: []string{command}}
}

// standsFor tells whether a native may stand in for the file of a system directory.
func (h *Host) standsFor(c builtins.Command, file string) judgement {
	h.seen.Lock()
	defer h.seen.Unlock()
	file, st, through, v := follow(file)
	if v != standsIn {
		return v
	}
	key := c.Name + " " + through + file
	known, ok := h.seen.files[key]
	if ok && known.dev == st.Dev && known.ino == st.Ino && known.changed == st.Ctim {
		return known.judgement
	}
	if h.seen.files == nil {
		h.seen.files = map[string]sighting{}
	}
	v = h.judge(c, file, &st, through != "")
	h.seen.files[key] = sighting{st.Dev, st.Ino, st.Ctim, v}
	return v
}

// follow follows links from a file of the system, as long as they stay in its directories
// or go through /etc/alternatives, which through then names.
func follow(file string) (target string, st unix.Stat_t, through string, v judgement) {
	for range maxLinks {
		if unix.Lstat(file, &st) != nil {
			if through == "" && v == absent {
				return file, st, "", absent
			}
			return file, st, through, chosen // a link to nothing, as execve will say
		}
		if st.Mode&unix.S_IFMT != unix.S_IFLNK {
			return file, st, through, standsIn
		}
		v = chosen
		link := readLink(file)
		if !path.IsAbs(link) {
			link = path.Join(path.Dir(file), link)
		}
		file = path.Clean(link)
		if path.Dir(file) == alternativesDir {
			through = alternativesDir
		}
	}
	return file, st, through, chosen
}

func readLink(file string) string {
	var buf [unix.PathMax]byte
	n, err := unix.Readlink(file, buf[:])
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// judge looks at a file that is no link. chosenByName says that it is there by an
// alternative.
func (h *Host) judge(c builtins.Command, file string, st *unix.Stat_t, chosenByName bool) judgement {
	o, name := originalOf(c.Name), path.Base(file)
	const anyX = 0o111
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG, st.Mode&anyX == 0:
		return chosen
	case h.seen.isProgram(h.Exe, st):
		return standsIn
	case !isSystemDir(path.Dir(file)):
		return chosen
	case !o.isNamed(name, chosenByName):
		return chosen
	case !o.script && beginsAsScript(file):
		return chosen
	case c.IsShell: // Debian's dash has always diverted it
		return standsIn
	}
	if isThere(file+".distrib") || h.isDiverted(file) {
		return chosen
	}
	return standsIn
}

// isNamed reports whether a program is the original of a native by its name.
func (o *original) isNamed(name string, chosenByName bool) bool {
	switch {
	case slices.Contains(o.by, name), name == "overlay-boot":
		return true
	case chosenByName:
		return false
	}
	return !o.only || name == "busybox"
}

// isProgram reports whether a file is this program.
func (s *sightings) isProgram(exe int, st *unix.Stat_t) bool {
	if !s.hasSelf {
		s.hasSelf = true
		_ = unix.Fstat(exe, &s.self) // else it is none
	}
	return s.self.Ino != 0 && s.self.Dev == st.Dev && s.self.Ino == st.Ino
}

// beginsAsScript reports whether the kernel would run a file by its first line.
func beginsAsScript(file string) bool {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var head [2]byte
	n, err := unix.Read(fd, head[:])
	return err == nil && n == 2 && head == [2]byte{'#', '!'}
}

func isThere(file string) bool {
	var st unix.Stat_t
	return unix.Lstat(file, &st) == nil
}

// isDiverted reports whether dpkg puts the file of that name which a package has elsewhere
// (deb-diversions: three lines each, the first is the name), so that this one is another.
func (h *Host) isDiverted(file string) bool {
	var st unix.Stat_t
	if unix.Stat(diversionsFile, &st) != nil {
		return false
	}
	d := &h.seen.diverted
	if d.files == nil || d.changed != st.Mtim {
		d.changed, d.files = st.Mtim, map[string]bool{}
		text, _ := readAll(unix.AT_FDCWD, diversionsFile)
		n := 0
		for line := range strings.Lines(text) {
			if n%3 == 0 {
				d.files[withoutUsr(strings.TrimSuffix(line, "\n"))] = true
			}
			n++
		}
	}
	return d.files[withoutUsr(file)]
}

// withoutUsr is a name as it was before /bin and /usr/bin were one.
func withoutUsr(file string) string {
	if rest, ok := strings.CutPrefix(file, "/usr/"); ok {
		return "/" + rest
	}
	return file
}

// preloads reports whether the environment of a command has the loader put something into
// programs (ld.so(8)), which natives would not have.
func preloads(env []string) bool {
	for _, e := range env {
		if !strings.HasPrefix(e, "LD_") {
			continue
		}
		name, value, _ := strings.Cut(e, "=")
		if (name == "LD_PRELOAD" || name == "LD_AUDIT") && strings.Trim(value, " :") != "" {
			return true
		}
	}
	return false
}

// isEmbedded reports whether the shell runs a script that is inside the binary.
func (s *Shell) isEmbedded() bool {
	if s.role == aCommand && s.host.Origin == handover.Embedded {
		return true
	}
	if s.host.Scripts == nil || !strings.Contains(s.name, "/") {
		return false
	}
	_, ok := s.host.script(s.absolute(s.name))
	return ok
}

// A seeker is how a command is looked for: by the file that a native stands for, or not.
type seeker struct {
	always bool // natives stand in for anything
	never  bool // for nothing but what is not there
}

// seekerFor is the seeker for a command with that environment.
func (s *Shell) seekerFor(env []string) seeker {
	if s.isEmbedded() {
		return seeker{always: true}
	}
	return seeker{never: preloads(env)}
}

// judgeFile is the judgement of a file of a system directory.
func (s *Shell) judgeFile(k seeker, c builtins.Command, file string) judgement {
	if k.always {
		return standsIn
	}
	v := s.host.standsFor(c, file)
	if v == standsIn && k.never && !s.isOwnFile(file) {
		return chosen
	}
	return v
}

// bare is the native for a name that is in no directory of PATH. Where nothing may stand
// in for a tool, the tool of a directory that PATH does not name does not run either.
func (s *Shell) bare(k seeker, c builtins.Command, name string) program {
	if _, ok := s.host.systemTool(name); ok && k.never {
		return program{kind: notFound}
	}
	return program{kind: native, path: name, command: c}
}

// isOwnFile reports whether a file is this program under some name.
func (s *Shell) isOwnFile(file string) bool {
	var st unix.Stat_t
	if unix.Fstatat(s.dir, file, &st, 0) != nil {
		return false
	}
	return s.host.isProgram(&st)
}

// isProgram reports whether a file is this program.
func (h *Host) isProgram(st *unix.Stat_t) bool {
	h.seen.Lock()
	defer h.seen.Unlock()
	return h.seen.isProgram(h.Exe, st)
}
