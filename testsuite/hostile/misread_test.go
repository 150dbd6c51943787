package hostile

import (
	"os"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// A misreading is a configuration that the kernel or the shell could misunderstand.
type misreading struct {
	name, config string
	// prepare is a script that runs in the base before the boot.
	prepare string
}

var misreadings = [...]misreading{
	{name: "NAME with a percent", config: "NAME=x%d\n" + minimal},
	{name: "NAME with a percent, no cable", config: "NAME=%d\nCABLES=\nSTART=none\n"},
	{name: "NAME with a star", config: "NAME=r*\n" + minimal},
	{name: "NAME with brackets", config: "NAME=[a]\n" + minimal},
	{name: "NAME with a dollar", config: "NAME=$HOME\n" + minimal},
	{name: "NAME with a backslash", config: "NAME=a\\\\b\n" + minimal},
	{name: "NAME with a quote", config: "NAME=a\"b\n" + minimal},
	{name: "NAME all", config: "NAME=all\n" + minimal},
	{name: "SHARE to nothing", config: minimal + "SHARE=/opt/shared:\n"},
	{name: "SHARE to the root", config: minimal + "SHARE=/opt/shared:/\n"},
	{name: "SHARE to a point", config: minimal + "SHARE=/opt/shared:/.\n"},
	{name: "SHARE above", config: minimal + "SHARE=/opt/shared:/../../..\n"},
	{name: "SHARE to the reaper", config: minimal + "SHARE=/bin/true:/.reaper\n"},
	{name: "SHARE over proc", config: minimal + "SHARE=/opt/shared:/proc\n"},
	{name: "SHARE of nothing", config: minimal + "SHARE=:/mnt\n"},
	{name: "SHARE of a file to a folder", config: minimal + "SHARE=/opt/shared/in:/mnt\n"},
	{name: "SHARE of a folder to a file", config: minimal + "SHARE=/opt/shared:/etc/passwd\n"},
	{name: "CABLES with a star", config: "CABLES= *\nSTART= none\n", prepare: ": > ="},
	{name: "CABLES with a star and a name", config: "CABLES= *=\nSTART= none\n", prepare: ": > ="},
	{name: "UPPER with a star", config: minimal + "UPPER= r*\n"},
	{name: "LOG is a device", config: minimal + "LOG= /dev/full\n"},
	{name: "START with a star", config: "CABLES= =\nSTART= /servic*\n",
		prepare: "printf '#!/bin/sh\\nsleep 1000 &' > root/service; chmod 755 root/service"},
}

// TestMisread checks that such a configuration is refused, or means what it says.
func TestMisread(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("mkdir " + shared + "; echo shared > " + shared + "/in")
		h.snap()
		for _, m := range misreadings {
			h.part(m.name, func(h *host) {
				s := h.subhost("misread", m.config)
				if m.prepare != "" {
					h.sh("cd " + s.Dir + "; " + m.prepare)
				}
				s.Name = nameIn(m.config, s.Name)
				cmd := s.engine.Command("overlay-boot", s.Conf)
				cmd.Dir = s.Dir
				s.meant(h.exec(cmd))
			})
		}
	})
}

func nameIn(config, name string) string {
	if rest, ok := strings.CutPrefix(config, "NAME="); ok {
		name, _, _ = strings.Cut(rest, "\n")
	}
	return strings.ReplaceAll(name, `\\`, `\`)
}

// meant judges a boot. If it succeeds, it must have created what the configuration says,
// and no more.
func (s *subhost) meant(r sandbox.Result) {
	s.t.Helper()
	if r.Status == 0 {
		s.booted(r)
		cables := 0
		for _, link := range sandbox.Links() {
			if link != "lo" && link != s.Name+"0" {
				s.t.Errorf("the host has a link %s", link)
			} else if link != "lo" {
				cables++
			}
		}
		got := s.says("ls -d /.reaper /proc/self /dev/null")
		if got != "/.reaper\n/dev/null\n/proc/self" {
			s.t.Errorf("inside: %q", got)
		}
		s.t.Logf("booted, %d cables", cables)
	} else {
		s.t.Logf("refused: %s", reason(r))
	}
	s.judge(r)
}

// TestOddPaths boots configurations in folders with odd names.
func TestOddPaths(t *testing.T) {
	onHost(t, func(h *host) {
		for _, dir := range []string{"new\nline", "with blank", "star*", "quo'te", `quo"te`,
			`back\slash`, "-n",
			"dollar$HOME", "tab\ttab", "\xff"} {
			h.part(strings.ReplaceAll(dir, "\n", "N"), func(h *host) {
				s := h.subhost("odd", minimal)
				odd := bases + "/" + dir
				must(h.t, os.Rename(s.Dir, odd))
				s.Dir, s.Conf = odd, odd+"/odd.conf"
				s.Configure(minimal + "LOG=" + bases + "/log\n")
				s.meant(s.run("overlay-boot", s.Conf))
			})
		}
	})
}

// TestNetnsIsALink checks that a boot works, or gives a reason, if /run/netns is a symbolic
// link to another folder.
func TestNetnsIsALink(t *testing.T) {
	onHost(t, func(h *host) {
		h.sh("umount /run/netns 2> /dev/null || : ; rmdir /run/netns; mkdir " + bases +
			"/netns; ln -s " + bases + "/netns /run/netns; ip netns add x; ip netns del x")
		h.snap()
		s := h.subhost("link", minimal)
		s.meant(s.run("overlay-boot", s.Conf))
		h.sh("rm /run/netns; mkdir /run/netns; mkdir -p " + bases + "/netns")
	})
}

// TestNoNatives turns natives off on a host where the original is installed. A boot must
// work or be refused; it must not begin with our scripts and continue with the original's.
func TestNoNatives(t *testing.T) {
	onHost(t, func(h *host) {
		if _, err := os.Stat(tools + "/original"); err != nil {
			kit.Missing(h.t, "the original: %v (make original)", err)
		}
		h.sh("cp -a " + tools + "/original /var/lib/overlay-boot")
		h.snap()
		for _, natives := range []string{"none", "mount,ip", "pgrep", "unshare,nsenter"} {
			h.part(natives, func(h *host) {
				s := h.subhost("none", minimal)
				cmd := s.engine.Command("overlay-boot", s.Conf)
				cmd.Env = append(cmd.Env, "OVERLAY_NATIVES="+natives)
				s.judge(h.exec(cmd))
			})
		}
	})
}
