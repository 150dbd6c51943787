package builtins

import (
	"bufio"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A findOutput is where an action writes: standard output, or the file of -fprint and its
// like, which has one for all actions that name it.
type findOutput struct {
	name string // "": standard output
	w    *bufio.Writer
	file *os.File
}

// output is the one of a file, which is opened when all arguments are understood.
func (f *finder) output(name string) *findOutput {
	for _, o := range f.files {
		if o.name == name {
			return o
		}
	}
	o := &findOutput{name: name}
	f.files = append(f.files, o)
	return o
}

// openOutputs makes the files; those of the process are not opened anew.
func (f *finder) openOutputs() bool {
	for _, o := range f.files {
		switch o.name {
		case "/dev/stdout":
			o.w = f.w
			continue
		case "/dev/stderr":
			o.w = bufio.NewWriter(f.Stderr)
			continue
		}
		file, err := f.OpenFile(o.name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o666)
		if err != nil {
			f.Errorf("%s: %s", quoteText(o.name), Strerror(err))
			return false
		}
		o.file, o.w = file, bufio.NewWriter(file)
	}
	return true
}

// closeOutputs writes what is left.
func (f *finder) closeOutputs() {
	for _, o := range f.files {
		if o.w == nil {
			continue
		}
		if err := o.w.Flush(); err != nil && o.w != f.w {
			f.fail(o.name, err)
		}
		if o.file != nil {
			_ = o.file.Close()
		}
	}
}

// insecurePath is what is said where PATH has a directory that depends on where a command
// of -execdir runs.
func (f *finder) insecurePath() string {
	path := f.Getenv("PATH")
	for dir := range strings.SplitSeq(path, ":") {
		if dir == "" || dir == "." {
			return "The current directory is included in the PATH environment variable, which is" +
				" insecure in combination with the -execdir action of find.  Please remove the" +
				" current directory from your $PATH (that is, remove \".\", doubled colons, or leading" +
				" or trailing colons)"
		}
		if dir[0] != '/' {
			return "The relative path " + f.quoted(quoteText(dir)) + " is included in the PATH" +
				" environment variable, which is insecure in combination with the -execdir action of" +
				" find.  Please remove that entry from $PATH"
		}
	}
	return ""
}

// place is where -execdir runs a command for an entry, and the entry's name there.
func (f *finder) place(e *findEntry) (fd int, name string, err error) {
	dir := "."
	if e.depth == 0 {
		if dir = findDirOf(e.path); dir == "" || strings.Trim(e.path, "/") == "" {
			dir = "/"
		}
	}
	fd, err = unix.Openat(e.dir, dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	name = lastPart(e.path)
	if name == "/" {
		return fd, name, err
	}
	if strings.HasSuffix(e.path, "/") {
		name += "/"
	}
	return fd, "./" + name, err
}

// runThere runs a command for one entry in the directory of that.
func (f *finder) runThere(e *findEntry, argv []string) int {
	fd, name, err := f.place(e)
	if err != nil {
		f.fail(e.path, err)
		return 1
	}
	defer unix.Close(fd)
	return f.run(fd, replaceBraces(argv, name))
}

func replaceBraces(argv []string, name string) []string {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = strings.ReplaceAll(a, "{}", name)
	}
	return words
}
