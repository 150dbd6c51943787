package main

import "slices"

// A scene is measured in one go. Each scene that boots subhosts has a sandbox, and may
// leave anything in it.
type scene struct {
	part, name string
	sandboxed  bool
	run        func(options, *report) error
}

// scenesOf returns the scenes of a part: all for "", nil for an unknown part.
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

// parts returns the names of the parts.
func parts() []string {
	var list []string
	for _, s := range scenesOf("") {
		list = append(list, s.part)
	}
	return slices.Compact(list)
}

// sizes are the amounts of everything that is measured.
type sizes struct {
	quick bool
	// rounds are the rounds of a boot; the others are for longer rounds, and are fewer.
	rounds, fewRounds, shellRounds, toolRounds int
	// starts is the number of starts of a program in one measurement.
	starts int
	// atOnce is the number of subhosts that start together, and settled the number whose
	// memory is counted together.
	atOnce, settled int
	// running, mounts and processes are the points at which a boot is measured.
	running, mounts, processes []int
	// text is the size of the tools' text, tree the number of directories in their tree.
	text, tree int
}

func fullSizes(rounds int) sizes {
	few := max(rounds/4, 1)
	return sizes{rounds: rounds, fewRounds: few, shellRounds: few, toolRounds: max(few/2, 1),
		starts: 25, atOnce: 100, settled: 10,
		running: []int{0, 50, 100, 200, 300, 400, 499}, mounts: []int{0, 250, 500, 1000, 2000},
		processes: []int{0, 1000, 5000}, text: 100 << 20, tree: 500}
}

// atMost removes the points above n.
func (s sizes) atMost(n int) sizes {
	s.atOnce = min(s.atOnce, n)
	for _, points := range []*[]int{&s.running, &s.mounts, &s.processes} {
		*points = slices.DeleteFunc(*points, func(p int) bool { return p > n })
	}
	return s
}

// quickSizes returns sizes that time nothing, and only show that each scene works.
func quickSizes() sizes {
	return sizes{quick: true, rounds: 1, fewRounds: 1, shellRounds: 1, toolRounds: 1,
		starts: 2, atOnce: 2, settled: 1, running: []int{0, 2}, mounts: []int{0, 5},
		processes: []int{0, 10}, text: 64 << 10, tree: 2}
}
