package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/tiny"
	"overlayboot/interp"
	"overlayboot/scripts"
)

// tool runs one of the tools, or handles an option that all of them have.
func (p *program) tool(name string, args []string) int {
	t := toolOf(name)
	dir := os.Getenv("OVERLAY_SCRIPTS")
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		option, value, hasValue := strings.Cut(args[0], "=")
		if t.has(option) {
			break // the tool reads its own options, and all that follow
		}
		args = args[1:]
		switch {
		case option == "--":
			// The script gets it only before operands of which one looks like an option, since
			// other sets do not know it.
			dash := func(arg string) bool { return strings.HasPrefix(arg, "-") }
			if slices.ContainsFunc(args, dash) || !t.isScript() {
				args = append([]string{"--"}, args...)
			}
			return p.runTool(t, dir, args)
		case option == "--help" && !hasValue:
			return printed(name, t.help())
		case option == "--version" && !hasValue:
			return printed(name, name+" "+version+"\n")
		case option == "--completion" && name == "overlay-boot":
			if !hasValue && len(args) > 0 {
				value = args[0]
			}
			return completion(value)
		case !t.isScript():
			return t.wrong("unknown option " + option)
		case option == "--list-scripts" && !hasValue:
			return listScripts(dir)
		case option == "--scripts", option == "--export-scripts":
			if !hasValue && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			if value == "" {
				return t.wrong(option + " wants a directory")
			}
			if option == "--export-scripts" {
				return exportScripts(value)
			}
			dir = value
		case option == "--timing" && !hasValue && canBeTimed(name):
			p.timed = true
		default:
			return t.wrong("unknown option " + option)
		}
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && !t.begins(args[0]) {
		return t.wrong("unknown option " + args[0])
	}
	return p.runTool(t, dir, args)
}

// printed prints a text for a tool, and returns the status.
func printed(name, text string) int {
	if _, err := os.Stdout.WriteString(text); err != nil {
		fmt.Fprintf(os.Stderr, "%s: write error: %v\n", name, errors.Unwrap(err))
		return 1
	}
	return 0
}

// runTool runs a tool: its native, its embedded script, or its script in dir.
func (p *program) runTool(t tool, dir string, args []string) int {
	if (t.name == "overlay-boot" || t.name == "overlay-stop") && len(args) == 0 {
		return t.wrong("which configuration file?")
	}
	if !t.isScript() {
		return p.runNative(t, args)
	}
	name := t.name
	if command, missing := p.embeddedNeeds(); dir == "" && missing {
		fmt.Fprintf(os.Stderr, "%s: %s turns off %s, without which scripts that are in no files"+
			" do not find each other: write them to files with overlay-boot --export-scripts"+
			" DIR, and give --scripts DIR\n", name, nativesVar, command)
		return 2
	}
	if !enoughFiles() {
		fmt.Fprintf(os.Stderr, "%s: the limit on open files (ulimit -n) is below %d\n", name, fewestFiles)
		return 2
	}
	if needsRoot(name) {
		return p.asUser(name)
	}
	if p.timed {
		return p.watch(name, dir, args)
	}
	if dir == "" {
		p.beSealed(name, args)
	}
	file := path.Join(scripts.Dir, name)
	if dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: --scripts %s: %v\n", name, dir, err)
			return 1
		}
		if file = path.Join(abs, name); !isFile(file) {
			fmt.Fprintf(os.Stderr, "%s: --scripts %s: there is no %s in it\n", name, dir, name)
			return 1
		}
		// The directory is a complete script set: no embedded script is used.
		p.process.Scripts, p.process.ScriptDir = nil, abs
		if call, ok := callOf(file, beginning(file)); ok {
			return interp.Run(p.process, append([]string{"/bin/sh", "-c", call, file}, args...), p.env)
		}
	}
	return p.script(file, args)
}

// fewestFiles is the number of open files that the scripts need, with room to spare. With
// fewer a boot would fail midway.
const fewestFiles = 64

// enoughFiles reports whether this process may open fewestFiles files. It may not if its
// limit is lower and it lacks the right to raise it.
func enoughFiles() bool {
	var now unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now)
	return err != nil || now.Cur >= fewestFiles
}

func isFile(name string) bool {
	st, err := os.Stat(name)
	return err == nil && st.Mode().IsRegular()
}

// runNative runs a tool that is a native command.
func (p *program) runNative(t tool, args []string) int {
	argv := append([]string{t.name}, args...)
	if needsRoot(t.name) {
		argv[0] = p.self(t.name)
		return interp.Run(p.process, append([]string{"sh", "-c", throughSudo}, argv...), p.env)
	}
	p.process.Argv = argv
	p.process.Lookup = always(t.name, p.process.Lookup)
	return p.command(argv)
}

// exportScripts writes the embedded scripts into a directory. It overwrites no file.
func exportScripts(dir string) int {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		fmt.Fprintf(os.Stderr, "overlay-boot: cannot export scripts: %v\n", err)
		return 1
	}
	names := scripts.Names()
	// Under another shell the scripts have no command to install the reaper, so its code
	// goes with them.
	code, ok := tiny.Reaper(runtime.GOARCH)
	if ok {
		names = append(slices.Clone(names), "reaper")
	}
	status := 0
	for _, name := range names {
		text, isScript := scripts.Text(name)
		if !isScript {
			text = string(code)
		}
		if err := writeNew(path.Join(dir, name), text); err != nil {
			fmt.Fprintf(os.Stderr, "overlay-boot: cannot export scripts: %v\n", err)
			status = 1
		}
	}
	return status
}

func writeNew(name, text string) error {
	mode := fs.FileMode(0o755)
	if _, isScript := scripts.Text(path.Base(name)); isScript && !scripts.IsCalled(text) {
		mode = 0o644
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// listScripts prints each script's name, its source, and whether its text is that of the
// embedded one.
func listScripts(dir string) int {
	var list strings.Builder
	status := 0
	for _, name := range scripts.Names() {
		file := path.Join(overrideDir, name)
		if dir != "" {
			file = path.Join(dir, name)
		}
		embedded, _ := scripts.Text(name)
		text, err := os.ReadFile(file)
		switch {
		case err == nil && bytes.Equal(text, []byte(embedded)):
			fmt.Fprintf(&list, "%-18s %s (same as embedded)\n", name, file)
		case err == nil:
			fmt.Fprintf(&list, "%-18s %s (differs from embedded)\n", name, file)
		case dir == "" && errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(&list, "%-18s embedded\n", name)
		default:
			fmt.Fprintf(&list, "%-18s %v\n", name, err)
			status = 1
		}
	}
	return max(status, printed("overlay-boot", list.String()))
}
