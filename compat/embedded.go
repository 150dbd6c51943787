package compat

import (
	"slices"
	"strings"
)

// The supervisor of the original shares a mount namespace with its subhost. With the
// embedded scripts the supervisor and the subhost each have one of their own. These are the
// names of the supervisor's process and of the one that waits for the subhost.
const (
	supervisor    = "overlay-boot"
	waitingSuffix = ">unshare"
	waiting       = supervisor + waitingSuffix
)

// The default log of a subhost has another name in each set of scripts. Its content is
// compared all the same.
const (
	ourLog      = "/files//tmp/overlay-"
	originalLog = "/files//tmp/oly-"
)

// withSubhosts renames the mount namespaces in a run of the embedded scripts to match the
// original: the subhost's gets the name of the supervisor's. The mounts that only the
// supervisor has, and not the host, become a fact of their own.
func withSubhosts(t *Trace) *Trace {
	facts, renamed := t.byPath(), &Trace{}
	for _, f := range t.Facts {
		moment, rest, _ := strings.Cut(f.Path, "/")
		where, role := namespaceOf(rest)
		boot, after, waits := strings.Cut(strings.TrimPrefix(rest, where), waitingSuffix)
		supervises := ordinal.ReplaceAllString(boot, "") == supervisor
		switch {
		case role != "" && waits && supervises:
			f.Path = moment + "/" + where + boot + after
		case where == "mounts/" && facts[moment+"/mounts/"+inSupervisor(role)] != "":
			f.Path = moment + "/mounts/of the supervisor" + strings.TrimPrefix(role, supervisor)
			more := without(lines(f.Value), lines(facts[moment+"/mounts/host"]))
			f.Value = strings.Join(more, "\n")
		default:
			f.Path = strings.Replace(f.Path, ourLog, originalLog, 1)
		}
		renamed.Facts = append(renamed.Facts, f)
	}
	return renamed
}

// namespaceOf splits the path of a fact about a mount namespace.
func namespaceOf(path string) (where, role string) {
	for _, where := range []string{"mounts/", "inside "} {
		if role, found := strings.CutPrefix(path, where); found {
			role, _, _ = strings.Cut(role, "/")
			return where, role
		}
	}
	return "", ""
}

// inSupervisor returns the name of the process that waits for a supervisor's subhost.
func inSupervisor(role string) string {
	if strings.HasPrefix(role, supervisor) && !strings.Contains(role, ">") {
		return role + waitingSuffix
	}
	return "none"
}

// withProcesses adds the list of processes to each moment.
func withProcesses(t *Trace) *Trace {
	list := map[string][]string{}
	var facts []Fact
	for _, f := range t.Facts {
		moment, role := processOf(f.Path)
		if strings.HasSuffix(f.Path, "/status") { // the first fact of a moment
			facts = append(facts, Fact{Path: moment + "/processes"})
		}
		if strings.HasSuffix(f.Path, "/comm") && role != "" {
			list[moment] = append(list[moment], role)
		}
		facts = append(facts, f)
	}
	for i, f := range facts {
		if moment, found := strings.CutSuffix(f.Path, "/processes"); found {
			facts[i].Value = strings.Join(slices.Sorted(slices.Values(list[moment])), "\n")
		}
	}
	return &Trace{Facts: facts}
}

// processOf returns the moment of a fact, and the process that it is about. The role is
// empty for a fact about anything else.
func processOf(path string) (moment, role string) {
	moment, rest, _ := strings.Cut(path, "/")
	where, _, _ := strings.Cut(rest, "/")
	if role, found := strings.CutPrefix(where, "process "); found {
		return moment, role
	}
	for _, kind := range []string{"inside ", "net ", "mounts/", "hostname/"} {
		if role, found := strings.CutPrefix(rest, kind); found {
			role, _, _ = strings.Cut(role, "/")
			if role != "host" && !strings.HasPrefix(role, "netns ") {
				return moment, role
			}
		}
	}
	return moment, ""
}

// lonely reports whether a fact is about a process that exists in the runs of one side
// only. The list of processes is a fact itself, so such a process counts there, once.
func lonely(path string, original, ours []map[string]string) bool {
	moment, role := processOf(path)
	if role == "" {
		return false
	}
	in := func(runs []map[string]string) bool {
		return slices.ContainsFunc(runs, func(facts map[string]string) bool {
			_, found := facts[moment+"/process "+role+"/comm"]
			return found
		})
	}
	return in(original) != in(ours)
}
