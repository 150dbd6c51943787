package compat

import (
	"regexp"
	"slices"
	"strings"
)

// standing are the differences that every boot on our side may show, whatever the
// scripts: how our engine itself looks as a process. They are listed in
// overlay-compat(8).
var standing = [...]Documented{
	{"process overlay-boot/exe", "the supervisor is our program, not the shell"},
	{"process overlay-boot/Threads", "a Go program has several threads"},
	{"process overlay-boot/SigCgt", "the Go library catches every signal"},
	{"process overlay-boot/SigBlk", "its first thread leaves signals to another"},
	{"process overlay-boot/fd *", "the supervisor holds its program, its saved files and an " +
		"event queue; what programs inherit of it is compared with them"},
	{"process overlay-boot/environ OVERLAY_HANDOVER", "how our program is started again; no " +
		"program that it starts gets it"},
	{"process overlay-boot>unshare/exe", "the process that waits for the subhost is a small " +
		"program in memory"},
	{"process overlay-boot>unshare/ns time", "it has been executed, and what is executed enters " +
		"the time namespace for children"},
	{"process overlay-boot>unshare>*/ns time", "the namespace is the subhost's, named by the " +
		"first process that is in it"},
}

// endings are what a log may say of the process that waits for the subhost when
// overlay-stop kills both: which of its signals is first depends on how fast it
// is, and some versions of unshare fail at passing on a SIGKILL.
var endings = [...]string{"unshare: sigprocmask unblock failed: Invalid argument", "Hangup",
	"Killed", "Terminated"}

// standingLine gives a log's line without what standing differences change in it.
func standingLine(line string) string {
	if slices.Contains(endings[:], line) {
		return "(how the waiting process was ended)"
	}
	// What a pattern finds in /proc depends on what has just ended there, and its
	// numbers on how many threads our engine had.
	if strings.HasPrefix(line, "+ dummy_service /proc/") {
		return "+ dummy_service /proc/*/comm"
	}
	return line
}

// withoutRaces is a value but for what depends on whether a process ends between
// overlay-stop seeing it and killing it.
func withoutRaces(path, value string) string {
	switch {
	case strings.HasSuffix(path, "/stderr"):
		return withoutMissed(value)
	case strings.HasSuffix(path, " content"):
		return withOneEnding(value)
	}
	return value
}

// withOneEnding takes the complaint of an unshare away that one more signal has ended
// before it could exit: one stop in forty of a subhost that the original has booted.
func withOneEnding(log string) string {
	for _, signal := range endings[1:] {
		log = strings.ReplaceAll(log, "\n"+endings[0]+"\n"+signal+"\n", "\n"+signal+"\n")
	}
	return log
}

// withoutMissed leaves out that there was nothing left to kill, as the original says in
// one stop of twenty. Dash ends this message with an empty line.
func withoutMissed(value string) string {
	var list []string
	lines := strings.Split(value, "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.Contains(lines[i], "overlay-stop: ") ||
			!strings.HasSuffix(lines[i], ": kill: No such process") {
			list = append(list, lines[i])
		} else if i+2 < len(lines) && lines[i+1] == "" {
			i++
		}
	}
	return strings.Join(list, "\n")
}

// standingPath gives a path as the patterns above have it: without the numbers of
// processes of one name, and below the supervisor even when it is gone.
func standingPath(path string) string {
	path = regexp.MustCompile(`#\d+`).ReplaceAllString(path, "")
	return strings.Replace(path, "/process unshare", "/process overlay-boot>unshare", 1)
}
