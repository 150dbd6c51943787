package files

import (
	"bufio"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/base/fsys"
	"overlayboot/builtins/native"
)

// A findOutput is the destination of an action: standard output, or a file of -fprint and
// similar actions. Actions that name the same file share one findOutput.
type findOutput struct {
	name string // "" for standard output
	w    *bufio.Writer
	file *os.File
}

// output returns the findOutput of a file. The file is opened after all arguments are parsed.
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

// openOutputs creates the files. It does not open the standard files of the process again.
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
			f.Errorf("%s: %s", native.QuoteText(o.name), clib.Strerror(err))
			return false
		}
		o.file, o.w = file, bufio.NewWriter(file)
	}
	return true
}

// closeOutputs flushes and closes the files.
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

// insecurePath returns an error message if PATH has a directory that depends on where a command
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
			return "The relative path " + f.Quoted(native.QuoteText(dir)) + " is included in the PATH" +
				" environment variable, which is insecure in combination with the -execdir action of" +
				" find.  Please remove that entry from $PATH"
		}
	}
	return ""
}

// place opens the directory in which -execdir runs a command for an entry, and returns the name
// of the entry in it.
func (f *finder) place(e *findEntry) (fd int, name string, err error) {
	dir := "."
	if e.depth == 0 {
		if dir = findDirOf(e.path); dir == "" || strings.Trim(e.path, "/") == "" {
			dir = "/"
		}
	}
	fd, err = unix.Openat(e.dir, dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	name = fsys.LastPart(e.path)
	if name == "/" {
		return fd, name, err
	}
	if strings.HasSuffix(e.path, "/") {
		name += "/"
	}
	return fd, "./" + name, err
}

// runThere runs a command for one entry, in the directory of that entry.
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
