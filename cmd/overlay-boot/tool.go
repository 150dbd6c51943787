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

// usages are the texts that the tools show for --help: the operands, the purpose and the
// exit status.
var usages = [...]struct{ name, operands, what, status string }{
	{"overlay-boot", "CONF", "Start the subhost that the configuration file CONF describes.",
		"0 it runs, 1 it cannot be started and nothing is left, 128+N signal N came"},
	{"overlay-stop", "CONF", "Stop a subhost.",
		"0 it is stopped, 1 it was not running or something is left"},
	{"overlay-go", "[NAME]", "Run a shell in the namespaces of a subhost; list those running.",
		"that of the shell, 1 no such subhost or no terminal"},
	{"overlay-share", "DIR [NAME]", "Show a directory of the host in a running subhost;" +
		" list those running.", "0 it is there, 1 not possible"},
	{"overlay-diskfile", "MOUNT/PATH [DISKFILE [PARTITION]]",
		"Mount a disk image for a subhost that is being booted, and print the path.",
		"0 the path is printed, 1 the image cannot be mounted"},
}

func usageOf(name string) string {
	for _, u := range usages {
		if u.name == name {
			timing := ""
			if canBeTimed(name) {
				timing = " [--timing]"
			}
			return fmt.Sprintf("Usage: %s [--scripts DIR]%s %s", u.name, timing, u.operands)
		}
	}
	return "Usage: " + name
}

const optionHelp = `
Options:
  --scripts DIR         run the scripts in DIR instead of the embedded ones;
                        so does OVERLAY_SCRIPTS=DIR in the environment
  --list-scripts        say which file each script comes from, and whether it
                        differs from the embedded one
  --export-scripts DIR  write the embedded scripts to DIR, for editing
  --help                show this
`

// timingHelp is for the tools that have --timing.
const timingHelp = `  --timing              say on standard error where the time went, step by step
`

const overrideHelp = `
Scripts in /etc/overlay-boot/scripts replace embedded ones of the same name.
`

// tool runs one of the scripts, or handles an option about scripts.
func (p *program) tool(name string, args []string) int {
	dir := os.Getenv("OVERLAY_SCRIPTS")
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		option, value, hasValue := strings.Cut(args[0], "=")
		args = args[1:]
		switch option {
		case "--":
			// The script gets it only before an operand that looks like an option, since
			// other sets do not know it.
			if len(args) > 0 && strings.HasPrefix(args[0], "-") {
				args = append([]string{"--"}, args...)
			}
			return p.runTool(name, dir, args)
		case "--help":
			return help(name)
		case "--list-scripts":
			return listScripts(dir)
		case "--scripts", "--export-scripts":
			if !hasValue && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			if value == "" {
				return usage(name, option+" wants a directory")
			}
			if option == "--export-scripts" {
				return exportScripts(value)
			}
			dir = value
		case "--timing":
			if hasValue || !canBeTimed(name) {
				return usage(name, "unknown option "+option)
			}
			p.timed = true
		default:
			return usage(name, "unknown option "+option)
		}
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return usage(name, "unknown option "+args[0])
	}
	return p.runTool(name, dir, args)
}

// runTool runs the script of a tool: the embedded one, or the one in dir.
func (p *program) runTool(name, dir string, args []string) int {
	if (name == "overlay-boot" || name == "overlay-stop") && len(args) == 0 {
		return usage(name, "which configuration file?")
	}
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
		if call, ok := callOf(file, firstLine(file)); ok {
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

func usage(name, problem string) int {
	fmt.Fprintf(os.Stderr, "%s: %s\n%s\n", name, problem, usageOf(name))
	return 2
}

func help(name string) int {
	for _, u := range usages {
		if u.name == name {
			options := optionHelp
			if canBeTimed(name) {
				options += timingHelp
			}
			fmt.Printf("%s\n%s\n%s%sExit status: %s, 2 wrong usage.\n", usageOf(name), u.what,
				options, overrideHelp, u.status)
		}
	}
	return 0
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
			fmt.Printf("%-18s %s (same as embedded)\n", name, file)
		case err == nil:
			fmt.Printf("%-18s %s (differs from embedded)\n", name, file)
		case dir == "" && errors.Is(err, fs.ErrNotExist):
			fmt.Printf("%-18s embedded\n", name)
		default:
			fmt.Printf("%-18s %v\n", name, err)
			status = 1
		}
	}
	return status
}
