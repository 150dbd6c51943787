package main

import "fmt"

// An aim is a figure to be reached.
type aim struct {
	what string
	// value is divided by divisor, if there is one.
	value, divisor string
	// atLeast is set if a larger figure is better.
	limit   float64
	atLeast bool
	unit    string
}

func aims() []aim {
	return []aim{
		{"boot, to the floor", "boot.ours", "boot.floor", 3, false, "×"},
		{"boot, to bubblewrap", "boot.ours", "boot.bwrap", 2, false, "×"},
		{"boot, to crun on a ready bundle", "boot.ours", "boot.crun", 1, false, "×"},
		{"boot, faster than the original", "boot.original", "boot.ours", 40, true, "×"},
		{"boot, the original's scripts on our shell, faster than the original", "boot.original",
			"boot.scripts", 20, true, "×"},
		{"overlay-boot returns after pid 1 runs", "returns.ours", "", 2, false, " ms"},
		{"stop, to the floor", "stop.ours", "stop.floor", 3, false, "×"},
		{"stop, faster than the original", "stop.original", "stop.ours", 15, true, "×"},
		{"at rest, PSS", "pss.ours", "", 100, false, " kB"},
		{"at rest, private", "private.ours", "", 60, false, " kB"},
		{"many at once, sooner than the original", "atonce.original", "atonce.ours", 30, true, "×"},
		{"many at once, lost", "lost.ours", "", 0, false, ""},
		{"boot while the most run, to the first", "running.ours", "", 1.5, false, "×"},
		{"boot with the most mounts, to none more", "mounts.ours", "", 2, false, "×"},
		{"boot with the most processes, to none more", "processes.ours", "", 1.2, false, "×"},
		{"system calls of a boot and a stop", "calls.ours", "", 999, false, ""},
		{"`overlay-sh -c :`, to an empty Go program", "start.ours", "start.go", 1.25, false, "×"},
		{"the slowest of the shell's cases, to dash", "shell.worst", "", 1, false, "×"},
	}
}

// figure returns the measured figure, and whether all of its values were measured.
func (a aim) figure(values map[string]float64) (float64, bool) {
	v, ok := values[a.value]
	if a.divisor == "" || !ok {
		return v, ok
	}
	d, ok := values[a.divisor]
	return quotient(v, d), ok && d != 0
}

func (a aim) met(v float64) bool {
	if a.atLeast {
		return v >= a.limit
	}
	return v <= a.limit
}

// aimsTable returns the table of the aims that have figures.
func aimsTable(values map[string]float64) string {
	t := table{{"aim", "measured", "wanted", "met"}}
	for _, a := range aims() {
		v, ok := a.figure(values)
		if !ok {
			continue
		}
		word, met := "at most ", "no"
		if a.atLeast {
			word = "at least "
		}
		if a.met(v) {
			met = "yes"
		}
		t.row(a.what, short(v)+a.unit, fmt.Sprintf("%s%v%s", word, a.limit, a.unit), met)
	}
	if len(t) == 1 {
		return ""
	}
	return "## Aims\n\n" + t.String() + "\n"
}
