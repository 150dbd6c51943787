package compat

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

//go:embed standing.txt
var standingText string

//go:embed unsteady.txt
var unsteadyText string

//go:embed differences.txt
var differencesText string

// These are the lists of the harness itself: the differences of the embedded scripts, how
// our engine looks as a process, and the races of the original.
var (
	differences   = mustParse("differences.txt", differencesText)
	standing      = mustParse("standing.txt", standingText)
	unsteadyFacts = mustParse("unsteady.txt", unsteadyText)
)

// Unseen lists the documented differences of the embedded scripts that no comparison of
// this process has shown.
func Unseen() []string { return differences.Unused() }

func mustParse(name, text string) *Rules {
	rules, err := ParseRules(name, text)
	if err != nil {
		panic(err)
	}
	return rules
}

// endings are the possible lines in a log about the end of the process that waits for the
// subhost. overlay-stop kills that process and the reaper at once. Which signal is first
// depends on the speed of the process, and some versions of unshare fail at passing on a
// SIGKILL.
var endings = [...]string{"unshare: sigprocmask unblock failed: Invalid argument", "Hangup",
	"Killed", "Terminated"}

// standingLine returns a log's line without the parts that standing differences change.
func standingLine(line string) string {
	if slices.Contains(endings[:], line) {
		return "(how the waiting process was ended)"
	}
	if args, found := strings.CutPrefix(line, "+ dummy_service /proc/"); found {
		return "+ dummy_service /proc/" + numbered.ReplaceAllString(args, "/proc/<number>/comm")
	}
	return line
}

// numbered matches an argument with the ID of a process other than the first. The IDs
// differ, since the threads of our engine take numbers too.
var numbered = regexp.MustCompile(`/proc/([02-9]|[1-9][0-9]+)/comm`)

// ordinal matches the suffix that tells apart processes of one name.
var ordinal = regexp.MustCompile(`#\d+`)

// standingPath returns a path in the form that the patterns of the lists have: without the
// ordinals of processes of one name, and below the supervisor even if the supervisor is
// gone. A mount namespace has the name of the supervisor, as in a run of the original.
func standingPath(path string) string {
	path = ordinal.ReplaceAllString(path, "")
	for _, place := range [][2]string{{"/process ", waiting}, {"/mounts/", supervisor},
		{"/inside ", supervisor}} {
		path = strings.Replace(path, place[0]+"unshare", place[0]+place[1], 1)
	}
	return path
}
