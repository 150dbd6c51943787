package compat

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"overlayboot/compat/sandbox"
)

// Boot returns the scenario for a user's own configuration: boot, observe, stop. The
// folders that the configuration writes to are copied to memory.
func Boot(conf string) (*Scenario, error) {
	abs, err := filepath.Abs(conf)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(abs)
	if err != nil {
		return nil, err
	}
	area, err := areaOf(abs, string(text))
	if err != nil {
		return nil, err
	}
	return &Scenario{
		Name: conf, Description: "the configuration " + abs,
		Dir: filepath.Dir(abs), Areas: area,
		Steps: []Step{
			{Name: "boot", Code: "overlay-boot " + quote(abs)},
			{Name: "stop", Code: "overlay-stop " + quote(abs)},
		},
	}, nil
}

// areaLimit is the greatest size in bytes of a configuration's folders.
const areaLimit = 4 << 30

// areaOf returns the one folder that holds BASE, UPPER, WORK and LIVE. An overlay requires
// UPPER and WORK on one mount.
func areaOf(conf, text string) ([]string, error) {
	dir := filepath.Dir(conf)
	base := setting(text, "BASE")
	if base == "" {
		return nil, fmt.Errorf("%s: BASE is not set", conf)
	}
	if strings.HasPrefix(base, "!") {
		return nil, fmt.Errorf("%s: BASE=%s: a command cannot be run before the sandbox is made",
			conf, base)
	}
	base = absolute(dir, base)
	area := base
	for _, name := range []string{"UPPER", "WORK", "LIVE"} {
		v := setting(text, name)
		if v == "" || strings.HasPrefix(v, "!") {
			continue
		}
		area = common(area, path.Dir(absolute(base, v)))
	}
	if area == "/" {
		return nil, fmt.Errorf("%s: the folders of BASE, UPPER, WORK and LIVE have only / in "+
			"common, which cannot be copied", conf)
	}
	if size := sizeOf(area); size > areaLimit {
		return nil, fmt.Errorf("%s: %s has %d MB, too much for a copy in memory", conf, area,
			size>>20)
	}
	return []string{area}, nil
}

// setting returns the value of the first assignment to a name. It evaluates nothing; that
// is left to the scripts.
func setting(text, name string) string {
	for _, line := range strings.Split(text, "\n") {
		if v, found := strings.CutPrefix(line, name+"="); found {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func absolute(dir, name string) string {
	if !path.IsAbs(name) {
		name = path.Join(dir, name)
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return path.Clean(name)
}

// common returns the deepest folder that holds both paths.
func common(a, b string) string {
	for a != "/" && b != a && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}

func sizeOf(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Shell returns the scenario of a script with arguments, run by each side's shell.
func Shell(script string, args []string) (*Scenario, error) {
	if _, err := os.Stat(script); err != nil {
		return nil, err
	}
	return playing("shell "+script, "compat-shell", append([]string{script}, args...),
		absolute("", script))
}

// Command returns the scenario of a command: the system's tool and our native.
func Command(argv []string) (*Scenario, error) {
	return playing("cmd "+strings.Join(argv, " "), "compat-command", argv)
}

// playing returns the scenario of a tool with arguments in the current folder. The current
// folder and those of the files are copied if the sandbox would hide them.
func playing(name, tool string, args []string, files ...string) (*Scenario, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	areas := []string{Workplace}
	for _, file := range append(files, path.Join(dir, "any")) {
		area := path.Dir(file)
		if !isOwn(area) || slices.Contains(areas, area) {
			continue
		}
		if slices.Contains(sandbox.OwnFolders(), area) {
			return nil, fmt.Errorf(
				"%s: the sandbox has a %s of its own: put it into a folder there", file, area)
		}
		if size := sizeOf(area); size > areaLimit {
			return nil, fmt.Errorf("%s has %d MB, too much for a copy in memory", area, size>>20)
		}
		areas = append(areas, area)
	}
	code := tool
	for _, a := range args {
		code += " " + quote(a)
	}
	return &Scenario{Name: name, Description: name, Dir: dir, Areas: areas,
		Steps: []Step{{Name: "run", Code: code}}}, nil
}

// isOwn reports whether a folder is one that the sandbox replaces with its own, or is below
// one.
func isOwn(dir string) bool {
	return slices.ContainsFunc(sandbox.OwnFolders(), func(own string) bool {
		return dir == own || strings.HasPrefix(dir, own+"/")
	})
}
