package interp

import (
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/handover"
	"overlayboot/builtins/native"
)

// When a native command stands in for the system's tool.
//
// A native command imitates the tool of the distribution. So it replaces that tool, and no
// other program that somebody has chosen instead:
//
//	file in PATH                               what runs
//	outside the system's directories           the file
//	in none of them (a bare machine)           the native
//	a link through /etc/alternatives           the native if the link leads to the program
//	                                           that it imitates (awk: mawk, original-awk),
//	                                           else the file
//	a link out of the system's directories     the file
//	a script, where the distribution has       the file
//	a program
//	NAME.distrib beside it, or a diversion     the file
//	of dpkg
//	this program, by whatever name             the native
//	any other, also a link to busybox          the native
//
// The same holds for a name with a slash. A link in the system's directories that does not pass
// /etc/alternatives comes from the distribution: /bin/sed is busybox on Alpine. A program that
// a user puts there without dpkg-divert looks like the distribution's. OVERLAY_NATIVES is for
// such a user.
//
// No native runs where LD_PRELOAD or LD_AUDIT is in the environment of the command, if there is
// a tool. A library such as fakeroot, faketime or fakechroot changes the system as a program
// sees it, and a static program does not load the library. The variables may differ between
// commands. /etc/ld.so.preload does not count: it is for all programs of the machine, most
// often memory functions (on each Raspberry Pi) or a record of executed programs.
//
// The scripts inside the binary always use natives. They are written for natives, and in part
// work with nothing else: a tool cannot open a script that is in no file. Files that the
// configuration names are like other scripts.

// A judgement says which file stands at the place of a native command.
type judgement uint8

const (
	absent   judgement = iota // no file
	standsIn                  // the tool for which the native stands in, or this program
	chosen                    // another program
)

// A sighting is the judgement of a path. It is valid while the file stays the same.
type sighting struct {
	dev, ino  uint64
	changed   unix.Timespec
	judgement judgement
}

// sightings holds the judgements of system files, for all shells of the process.
type sightings struct {
	sync.Mutex
	files    map[string]sighting
	self     unix.Stat_t // this program
	hasSelf  bool
	diverted diversions
}

// diversions holds the files that dpkg diverted at some time.
type diversions struct {
	changed unix.Timespec
	files   map[string]bool
}

const (
	alternativesDir = "/etc/alternatives"
	diversionsFile  = "/var/lib/dpkg/diversions"
	maxLinks        = 8
)

// An original describes the program that a native imitates.
type original struct {
	// by lists the names of programs that are equivalent for a script, even if the
	// administrator has chosen them.
	by []string
	// only says that no other program that the distribution may choose is equivalent.
	only bool
	// script says that the distribution has a script under that name.
	script bool
}

// originalOf returns the original of a native. Most originals have only the native's name.
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

// standsFor decides whether a native stands in for the file of a system directory.
func (p *Process) standsFor(c native.Command, file string) judgement {
	p.seen.Lock()
	defer p.seen.Unlock()
	file, st, through, v := follow(file)
	if v != standsIn {
		return v
	}
	key := c.Name + " " + through + file
	known, ok := p.seen.files[key]
	if ok && known.dev == st.Dev && known.ino == st.Ino && known.changed == st.Ctim {
		return known.judgement
	}
	if p.seen.files == nil {
		p.seen.files = map[string]sighting{}
	}
	v = p.judge(c, file, &st, through != "")
	p.seen.files[key] = sighting{st.Dev, st.Ino, st.Ctim, v}
	return v
}

// follow follows symbolic links from a file of the system. through is /etc/alternatives if a
// link leads through that directory.
func follow(file string) (target string, st unix.Stat_t, through string, v judgement) {
	for range maxLinks {
		if unix.Lstat(file, &st) != nil {
			if through == "" && v == absent {
				return file, st, "", absent
			}
			return file, st, through, chosen // a broken link, at which execve fails
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

// judge judges a file that is no symbolic link. chosenByName says that an alternative leads to
// it.
func (p *Process) judge(c native.Command, file string, st *unix.Stat_t,
	chosenByName bool,
) judgement {
	o, name := originalOf(c.Name), path.Base(file)
	const anyX = 0o111
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG, st.Mode&anyX == 0:
		return chosen
	case p.seen.isProgram(p.Exe, st):
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
	if isThere(file+".distrib") || p.isDiverted(file) {
		return chosen
	}
	return standsIn
}

// isNamed reports whether the name of a program is that of the native's original.
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
		_ = unix.Fstat(exe, &s.self) // an error leaves an empty self
	}
	return s.self.Ino != 0 && s.self.Dev == st.Dev && s.self.Ino == st.Ino
}

// beginsAsScript reports whether the kernel runs a file by an interpreter line.
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

// isDiverted reports whether dpkg has diverted a file name, so that the file is not the one of
// its package. The file of diversions has three lines for each (deb-diversions); the first is
// the name.
func (p *Process) isDiverted(file string) bool {
	var st unix.Stat_t
	if unix.Stat(diversionsFile, &st) != nil {
		return false
	}
	d := &p.seen.diverted
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

// withoutUsr returns a name as before the merge of /bin and /usr/bin.
func withoutUsr(file string) string {
	if rest, ok := strings.CutPrefix(file, "/usr/"); ok {
		return "/" + rest
	}
	return file
}

// preloads reports whether the environment of a command makes the loader add a library to
// programs (ld.so(8)). A native would not load that library.
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

// isEmbedded reports whether the shell runs a script of the binary.
func (s *Shell) isEmbedded() bool {
	if s.role == aCommand && s.process.Origin == handover.Embedded {
		return true
	}
	if s.process.Scripts == nil || !strings.Contains(s.name, "/") {
		return false
	}
	_, ok := s.process.script(s.absolute(s.name))
	return ok
}

// A seeker says how to search for a command: whether natives stand in for files.
type seeker struct {
	always bool // natives stand in for any file
	never  bool // natives stand in only for missing files
}

// seekerFor returns the seeker for a command with that environment.
func (s *Shell) seekerFor(env []string) seeker {
	if s.isEmbedded() {
		return seeker{always: true}
	}
	return seeker{never: preloads(env)}
}

// judgeFile judges a file of a system directory.
func (s *Shell) judgeFile(k seeker, c native.Command, file string) judgement {
	if k.always {
		return standsIn
	}
	v := s.process.standsFor(c, file)
	if v == standsIn && k.never && !s.isOwnFile(file) {
		return chosen
	}
	return v
}

// bare returns the native for a name that is in no directory of PATH. Where natives may not
// stand in for a tool, a tool outside PATH does not run either.
func (s *Shell) bare(k seeker, c native.Command, name string) program {
	if _, ok := s.process.systemTool(name); ok && k.never {
		return program{kind: notFound}
	}
	return program{kind: nativeCommand, path: name, command: c}
}

// isOwnFile reports whether a file is this program under another name.
func (s *Shell) isOwnFile(file string) bool {
	var st unix.Stat_t
	if unix.Fstatat(s.dir, file, &st, 0) != nil {
		return false
	}
	return s.process.isProgram(&st)
}

// isProgram reports whether a file is this program.
func (p *Process) isProgram(st *unix.Stat_t) bool {
	p.seen.Lock()
	defer p.seen.Unlock()
	return p.seen.isProgram(p.Exe, st)
}
