package compat

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"overlayboot/compat/sandbox"
)

// process records what /proc shows of a process, except measures of its work.
func (w *witness) process(r role) {
	where, dir := "process "+r.name, fmt.Sprintf("/proc/%d/", r.Pid)
	w.add(where, "comm", r.Comm)
	w.add(where, "argv", fmt.Sprintf("%q", r.Argv))
	for _, link := range []string{"exe", "cwd", "root"} {
		target, err := os.Readlink(dir + link)
		if err != nil {
			target = err.Error()
		}
		w.add(where, link, target)
	}
	w.environment(where, dir)
	w.status(where, dir)
	w.stat(where, dir)
	w.namespaces(where, r)
	w.descriptors(where, dir)
	for _, file := range []string{"limits", "oom_score_adj", "cgroup", "personality",
		"timens_offsets", "uid_map", "gid_map", "loginuid"} {
		text, err := os.ReadFile(dir + file)
		if err != nil {
			text = []byte(err.Error())
		}
		w.add(where, file, strings.TrimSpace(string(text)))
	}
}

func (w *witness) environment(where, dir string) {
	text, err := os.ReadFile(dir + "environ")
	if err != nil {
		w.add(where, "environ", err.Error())
		return
	}
	for _, v := range strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00") {
		name, value, _ := strings.Cut(v, "=")
		w.add(where, "environ "+name, value)
	}
}

// statusKeys are the keys of /proc/PID/status that measure nothing.
var statusKeys = [...]string{"Umask", "State", "Uid", "Gid", "Groups", "NSpid", "Kthread",
	"Threads", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff",
	"CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters",
	"Speculation_Store_Bypass", "SpeculationIndirectBranch", "Cpus_allowed_list",
	"Mems_allowed_list", "THP_enabled", "TracerPid"}

func (w *witness) status(where, dir string) {
	text, err := os.ReadFile(dir + "status")
	if err != nil {
		w.add(where, "status", err.Error())
		return
	}
	for _, line := range strings.Split(string(text), "\n") {
		key, value, _ := strings.Cut(line, ":")
		if key == "NSpid" {
			// The value lists the process's ID at each level. Record the number of levels,
			// and whether the process is the first in its own namespace.
			f := strings.Fields(value)
			if len(f) > 1 && f[len(f)-1] == "1" {
				w.add(where, key, fmt.Sprintf("%d levels, the first", len(f)))
			} else {
				w.add(where, key, fmt.Sprintf("%d levels", len(f)))
			}
		} else if slices.Contains(statusKeys[:], key) {
			w.add(where, key, strings.TrimSpace(value))
		}
	}
}

// stat records session, process group, terminal, nice value and scheduling policy.
func (w *witness) stat(where, dir string) {
	text, _ := os.ReadFile(dir + "stat")
	f := statFields(string(text))
	if len(f) < 39 {
		return
	}
	w.add(where, "pgrp", w.roleOf(f[2]))
	w.add(where, "session", w.roleOf(f[3]))
	w.add(where, "tty", f[4])
	w.add(where, "nice", f[16])
	w.add(where, "policy", f[38])
}

// namespaces records for each namespace the first process that is in it.
func (w *witness) namespaces(where string, r role) {
	for _, kind := range []string{"cgroup", "ipc", "mnt", "net", "pid", "time",
		"time_for_children", "pid_for_children", "user", "uts"} {
		ns, owner := r.NS(kind), "host"
		if ns != sandbox.Self().NS(kind) {
			i := slices.IndexFunc(w.roles, func(o role) bool { return o.NS(kind) == ns })
			if owner = "gone"; i >= 0 {
				owner = w.roles[i].name
			}
		}
		w.add(where, "ns "+kind, owner)
	}
}

// descriptors records the target and the flags of each file descriptor.
func (w *witness) descriptors(where, dir string) {
	entries, _ := os.ReadDir(dir + "fd")
	for _, e := range entries {
		target, err := os.Readlink(dir + "fd/" + e.Name())
		if err != nil {
			continue
		}
		for _, kind := range []string{"pipe:", "socket:"} {
			if strings.HasPrefix(target, kind) {
				target = kind
			}
		}
		target = namespace.ReplaceAllStringFunc(target, namespaceUser)
		info, _ := os.ReadFile(dir + "fdinfo/" + e.Name())
		_, flags, _ := strings.Cut(string(info), "flags:\t")
		flags, _, _ = strings.Cut(flags, "\n")
		w.add(where, "fd "+e.Name(), target+" flags "+flags)
	}
}
