package main

import "slices"

// A scene is what is measured in one go. Those that boot subhosts have a sandbox each,
// in which a scene may leave what it likes.
type scene struct {
	part, name string
	sandboxed  bool
	run        func(options, *report) error
}

// scenesOf are those of a part, all for none, nil for what is no part.
func scenesOf(part string) []scene {
	all := []scene{
		{"start", "start", false, benchStart},
		{"boot", "boot", true, benchBoot},
		{"boot", "calls", true, benchCalls},
		{"memory", "memory", true, benchMemory},
		{"many", "at-once", true, benchAtOnce},
		{"many", "running", true, benchRunning},
		{"many", "mounts", true, benchMounts},
		{"many", "processes", true, benchProcesses},
		{"shell", "shell", false, benchShell},
		{"tools", "tools", false, benchTools},
	}
	if part == "" {
		return all
	}
	var list []scene
	for _, s := range all {
		if s.part == part {
			list = append(list, s)
		}
	}
	return list
}

// parts are the names of them.
func parts() []string {
	var list []string
	for _, s := range scenesOf("") {
		list = append(list, s.part)
	}
	return slices.Compact(list)
}

// sizes are how much of everything there is.
type sizes struct {
	quick bool
	// rounds are those of a boot; where a round is long, there are fewer.
	rounds, fewRounds, shellRounds, toolRounds int
	// starts are those of a program that make one measurement.
	starts int
	// atOnce subhosts are started together; as many as settled tell of memory.
	atOnce, settled int
	// The points at which a boot is measured.
	running, mounts, processes []int
	// text is the size of the tools' text, tree the directories of their tree.
	text, tree int
}

func fullSizes(rounds int) sizes {
	few := max(rounds/4, 1)
	return sizes{rounds: rounds, fewRounds: few, shellRounds: few, toolRounds: max(few/2, 1),
		starts: 25, atOnce: 100, settled: 10,
		running: []int{0, 50, 100, 200, 300, 400, 499}, mounts: []int{0, 250, 500, 1000, 2000},
		processes: []int{0, 1000, 5000}, text: 100 << 20, tree: 500}
}

// atMost leaves out what there would be more of.
func (s sizes) atMost(n int) sizes {
	s.atOnce = min(s.atOnce, n)
	for _, points := range []*[]int{&s.running, &s.mounts, &s.processes} {
		*points = slices.DeleteFunc(*points, func(p int) bool { return p > n })
	}
	return s
}

// quickSizes time nothing: they show that each scene works.
func quickSizes() sizes {
	return sizes{quick: true, rounds: 1, fewRounds: 1, shellRounds: 1, toolRounds: 1,
		starts: 2, atOnce: 2, settled: 1, running: []int{0, 2}, mounts: []int{0, 5},
		processes: []int{0, 10}, text: 64 << 10, tree: 2}
}
