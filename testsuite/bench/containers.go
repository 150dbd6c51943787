package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// floor returns the C program, which makes only the necessary system calls.
func floor(dir string) contender {
	command := func(what string) func(*subhost) *exec.Cmd {
		return func(s *subhost) *exec.Cmd {
			args := []string{what, s.name, s.base}
			if hasCgroups() {
				args = append(args, sandbox.CgroupRoot)
			}
			return exec.Command(filepath.Join(dir, "floor"), args...)
		}
	}
	return contender{name: "the floor, in C", key: "floor", boot: command("boot"),
		stop: command("stop")}
}

func hasCgroups() bool {
	_, err := os.Stat(sandbox.CgroupRoot + "/cgroup.procs")
	return err == nil
}

// containers returns the container programs of other projects.
func containers() []contender {
	return []contender{
		{name: "bubblewrap, no network or overlay", key: "bwrap", stays: true, boot: bubblewrap},
		{name: "crun, ready bundle, no cable or overlay", key: "crun", prepare: crunBundle,
			boot: func(s *subhost) *exec.Cmd {
				return crun("run", "-d", "--bundle", s.base, s.name)
			},
			stop: func(s *subhost) *exec.Cmd { return crun("delete", "-f", s.name) }},
		{name: "lxc, with cable and overlay", key: "lxc", prepare: lxcConfig,
			boot: func(s *subhost) *exec.Cmd {
				return exec.Command("lxc-start", "-P", s.base+"/lxc", "-n", s.name, "-f",
					s.base+"/lxc.conf")
			},
			stop: func(s *subhost) *exec.Cmd {
				return exec.Command("lxc-stop", "-k", "-P", s.base+"/lxc", "-n", s.name)
			}},
	}
}

func bubblewrap(s *subhost) *exec.Cmd {
	return exec.Command("bwrap", "--bind", s.base+"/root", "/", "--unshare-ipc", "--unshare-pid",
		"--unshare-uts", "--unshare-cgroup-try", "--as-pid-1", "--proc", "/proc", "--dev", "/dev",
		"--ro-bind", "/sys", "/sys", "--tmpfs", "/run", "--", "/.reaper", s.name, "stay")
}

// endForeground kills pid 1, the child of a command that stays, and waits for the command.
func endForeground(cmd *exec.Cmd) (time.Duration, error) {
	pid := cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("children of %s: %w", cmd.Args[0], err)
	}
	called := now()
	if err := unix.Kill(child, unix.SIGKILL); err != nil {
		return 0, err
	}
	_ = cmd.Wait() // its error is the kill of its child
	return now() - called, nil
}

// crun runs crun without a cgroup. The sandbox's own cgroup has processes, and crun would
// try for seconds to delegate controllers.
func crun(args ...string) *exec.Cmd {
	return exec.Command("crun", append([]string{"--root", "/run/crun",
		"--cgroup-manager=disabled"}, args...)...)
}

// crunBundle writes the bundle that a container engine would pass to crun.
func crunBundle(s *subhost) error {
	type object = map[string]any
	mount := func(at, kind string, options ...string) object {
		return object{"destination": at, "type": kind, "source": kind, "options": options}
	}
	var namespaces []object
	for _, kind := range []string{"pid", "network", "ipc", "uts", "mount", "cgroup"} {
		namespaces = append(namespaces, object{"type": kind})
	}
	text, err := json.Marshal(object{
		"ociVersion": "1.0.0", "hostname": s.name,
		"root": object{"path": s.base + "/root"},
		"process": object{"args": []string{"/.reaper", s.name, "stay"}, "cwd": "/",
			"user": object{"uid": 0, "gid": 0}, "env": []string{"PATH=/usr/bin:/bin"}},
		"mounts": []object{mount("/proc", "proc"), mount("/dev", "tmpfs", "mode=755", "size=50M"),
			mount("/dev/pts", "devpts"), mount("/sys", "sysfs", "ro"),
			mount("/run", "tmpfs", "mode=755", "size=50M")},
		"linux": object{"namespaces": namespaces},
	})
	if err != nil {
		return err
	}
	_, err = write(s.base, "config.json", string(text))
	return err
}

func lxcConfig(s *subhost) error {
	if err := os.MkdirAll(s.base+"/lxc/"+s.name, 0o755); err != nil {
		return err
	}
	_, err := write(s.base, "lxc.conf", "lxc.uts.name = "+s.name+
		"\nlxc.rootfs.path = overlay:/:"+s.base+"/root\nlxc.init.cmd = /.reaper "+s.name+" stay\n"+
		"lxc.net.0.type = veth\nlxc.net.0.flags = up\nlxc.net.0.veth.pair = "+s.name+"0\n"+
		"lxc.mount.auto = proc:rw sys:ro\nlxc.mount.entry = tmpfs run tmpfs rw,mode=755,size=50M 0 0\n"+
		"lxc.autodev = 1\nlxc.apparmor.profile = unconfined\n")
	return err
}
