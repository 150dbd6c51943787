package testsuite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
	"overlayboot/scripts"
)

// overrides is the folder for the administrator's changed scripts.
const overrides = "/etc/overlay-boot/scripts"

// seen lists what is visible of a booted subhost, without numbers that change.
func (s *subhost) seen(tree sandbox.Tree) []string {
	s.t.Helper()
	list := sandbox.Links()
	mounts, err := sandbox.Mounts(tree.Reaper.Pid)
	must(s.t, err)
	for _, m := range mounts {
		list = append(list, m.Point+" "+m.FSType+" "+m.Source+" "+m.Options)
	}
	for _, p := range sandbox.Processes() {
		list = append(list, p.Comm+" "+strings.Join(p.Argv, " "))
	}
	list = append(list, sandbox.Cgroups()...)
	slices.Sort(list)
	return list
}

// observe boots, observes and stops the subhost.
func (s *subhost) observe() (seen, files []string, log string) {
	s.t.Helper()
	tree := s.boot()
	s.dummy(tree)
	seen = s.seen(tree)
	s.stop()
	s.gone()
	return seen, sandbox.Files(s.Dir + "/root"), s.Read("log")
}

// TestOverride replaces one script and checks that exactly one thing changes.
func TestOverride(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("over", minimal)
		s.observe() // the first boot fills UPPER
		seen, files, _ := s.observe()

		h.export(bases + "/.export")
		must(h.t, os.MkdirAll(overrides, 0o755))
		h.sh("cd " + overrides + "; cp -p " + bases + "/.export/overlay-premount .\n" +
			"printf 'echo changed > \"$1/etc/changed\"\\n' >> overlay-premount")
		h.snap()
		h.checkListed("overlay-premount")

		seen2, files2, _ := s.observe()
		if !slices.Equal(seen, seen2) {
			h.t.Errorf("with the override the subhost is\n%s\nwithout it\n%s",
				strings.Join(seen2, "\n"), strings.Join(seen, "\n"))
		}
		want := append(slices.Clone(files), "---------- "+s.Dir+"/root/etc/changed")
		slices.Sort(want)
		slices.Sort(files2)
		if !slices.Equal(files2, want) {
			h.t.Errorf("files in UPPER: %q, want %q", files2, want)
		}
	})
}

// TestOverrideForOther checks that the replacement of a script may be for another
// interpreter, and need not be executable, just as our scripts need not be.
func TestOverrideForOther(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("other", minimal)
		must(h.t, os.MkdirAll(overrides, 0o755))
		file := overrides + "/overlay-premount"
		const perl = "#!/usr/bin/env -S perl -w\nopen F, '>', \"$ARGV[0]/etc/by\"; " +
			"print F \"$0 $ENV{CONFIG}\"; exit $ENV{WITH}\n"
		for _, mode := range []os.FileMode{0o755, 0o644} {
			must(h.t, os.RemoveAll(s.Dir+"/root/etc"))
			must(h.t, os.MkdirAll(s.Dir+"/root/etc", 0o755))
			must(h.t, os.RemoveAll(file))
			must(h.t, os.WriteFile(file, []byte(strings.Replace(perl, "$ENV{WITH}", "0", 1)), mode))
			h.snap()
			s.boot()
			if by, want := s.Read("root/etc/by"), file+" "+s.Conf; by != want {
				h.t.Errorf("mode %o: PREMOUNT wrote %q, want %q", mode, by, want)
			}
			s.stop()
			s.gone()
		}
		must(h.t, os.WriteFile(file, []byte(strings.Replace(perl, "$ENV{WITH}", "3", 1)), 0o755))
		if r := h.run("overlay-boot", s.Conf); r.Status != 1 ||
			!strings.Contains(r.Stderr, "PREMOUNT failed") {
			h.t.Errorf("with a PREMOUNT that fails: %v", r)
		}
		must(h.t, os.Remove(file))
		h.sh("cp /bin/true " + file)
		h.snap()
		s.boot()
		s.stop()
		s.gone()
		h.export(bases + "/.perl")
		must(h.t, os.WriteFile(bases+"/.perl/overlay-boot",
			[]byte("#!/usr/bin/perl\nprint \"booted by @ARGV\";"), 0o755))
		r := h.run("overlay-boot", "--scripts", bases+"/.perl", s.Conf)
		if r.Status != 0 || r.Stdout != "booted by "+s.Conf {
			h.t.Errorf("a set whose overlay-boot is for perl: %v", r)
		}
	})
}

// checkListed checks that --list-scripts shows the override, and no other.
func (h *host) checkListed(changed string) {
	h.t.Helper()
	r := h.run("overlay-boot", "--list-scripts")
	if r.Status != 0 {
		h.t.Fatalf("--list-scripts: %v", r)
	}
	for _, name := range scripts.Names() {
		line := ""
		for _, l := range strings.Split(r.Stdout, "\n") {
			if slices.ContainsFunc(strings.Fields(l), func(f string) bool {
				return filepath.Base(f) == name
			}) {
				line = l
			}
		}
		if line == "" {
			h.t.Errorf("--list-scripts does not name %s:\n%s", name, r.Stdout)
		}
		if named := strings.Contains(line, overrides+"/"+name); named != (name == changed) {
			h.t.Errorf("--list-scripts: %q, but overridden is %s", line, changed)
		}
	}
}

func (h *host) export(dir string) {
	h.t.Helper()
	if r := h.run("overlay-boot", "--export-scripts", dir); r.Status != 0 {
		h.t.Fatalf("--export-scripts: %v", r)
	}
}

// TestExport checks that the exported set equals ../scripts, and runs from files.
func TestExport(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.export(bases + "/.set")
		for _, name := range scripts.Names() {
			got, err := os.ReadFile(bases + "/.set/" + name)
			must(h.t, err)
			want, err := os.ReadFile("../scripts/" + name)
			must(h.t, err)
			if string(got) != string(want) {
				h.t.Errorf("%s is not the one in the source", name)
			}
			info, err := os.Stat(bases + "/.set/" + name)
			must(h.t, err)
			if isCalled := scripts.IsCalled(string(got)); isCalled != (info.Mode()&0o111 != 0) {
				h.t.Errorf("%s has mode %v", name, info.Mode())
			}
		}
		s := h.subhost("set", minimal)
		mark := "\necho 'run from the exported set' >&2\n"
		h.sh("printf '%s' \"" + mark + "\" >> " + bases + "/.set/overlay-premount")
		r := s.run("overlay-boot", "--scripts", bases+"/.set", s.Conf)
		checkTree(h.t, s, s.running(r))
		if !strings.Contains(s.Read("log"), "run from the exported set") {
			h.t.Errorf("--scripts was not followed\n%s", s.Story())
		}
		s.stop()
		s.gone()

		cmd := h.engine.Command("overlay-boot", s.Conf)
		cmd.Env = append(cmd.Env, "OVERLAY_SCRIPTS="+bases+"/.set")
		r = h.exec(cmd)
		s.running(r)
		if !strings.Contains(s.Read("log"), "run from the exported set") {
			h.t.Errorf("OVERLAY_SCRIPTS was not followed\n%s", s.Story())
		}
		s.stop()
	})
}

// TestScriptsUnderDash checks that our scripts do the same with the system's shell and
// tools.
func TestScriptsUnderDash(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.needTools("dash", "unshare", "nsenter", "ip", "pgrep")
		mine := h.subhost("shell", minimal)
		mine.observe()
		_, want, _ := mine.observe()
		h.export(bases + "/.engine")
		h.engine = withPath(sandbox.Engine{Name: "dash", Dir: bases + "/.engine"})
		h.sh("rm -r " + mine.Dir)

		s := h.subhost("shell", minimal)
		tree := s.boot()
		if got := s.says("cat /proc/1/comm"); got != ".reaper" {
			h.t.Errorf("pid 1 inside is %q\n%s", got, s.Story())
		}
		checkTree(h.t, s, tree)
		s.stop()
		s.gone()
		if got := sandbox.Files(s.Dir + "/root"); !slices.Equal(got, want) {
			h.t.Errorf("files in UPPER: %q, by our shell: %q", got, want)
		}
	})
}

// original returns a copy of the folder of the original scripts, which `make original`
// fetches.
func (h *host) original() string {
	h.t.Helper()
	dir, err := filepath.Abs("../.original/x/var/lib/overlay-boot")
	must(h.t, err)
	if _, err := os.Stat(dir + "/overlay-boot"); err != nil {
		kit.Missing(h.t, "the original scripts (make original): %v", err)
	}
	const to = bases + "/.original"
	must(h.t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// dropCgroup removes the cgroup that the original creates and leaves behind.
func (s *subhost) dropCgroup() {
	s.t.Helper()
	dir := sandbox.CgroupRoot + "/" + s.Name
	if _, err := os.Stat(dir); err == nil &&
		!sandbox.Until(func() bool { return os.Remove(dir) == nil }) {
		s.t.Errorf("%s is in use", dir)
	}
}

// afterOriginal calls dropCgroup if the original ran. Our scripts must remove the cgroup
// themselves.
func (s *subhost) afterOriginal() {
	s.t.Helper()
	if s.isOriginal() {
		s.dropCgroup()
	}
}

// TestOriginalScripts runs the original scripts unchanged in our shell.
func TestOriginalScripts(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		dir := h.original()
		s := h.subhost("orig", minimal)
		tree := s.running(s.run("overlay-boot", "--scripts", dir, s.Conf))
		checkTree(h.t, s, tree)
		if got := s.says("tr '\\0' ' ' < /proc/1/cmdline"); got != "/.reaper orig" {
			h.t.Errorf("pid 1 inside is %q", got)
		}
		cmd := h.engine.Command("overlay-stop", s.Conf)
		cmd.Env = append(cmd.Env, "OVERLAY_SCRIPTS="+dir)
		if r := h.exec(cmd); r.Status != 0 {
			h.t.Errorf("overlay-stop: %v", r)
		}
		s.dropCgroup()
		s.gone()
	})
}

// TestEachStopsTheOthers checks that we can enter and stop a subhost booted by the original
// on the system's shell, and the reverse.
func TestEachStopsTheOthers(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		we, they := h.engine, withPath(sandbox.Engine{Name: "original", Dir: h.original()})
		for _, r := range []struct{ boots, stops sandbox.Engine }{{they, we}, {we, they}} {
			s := h.subhost("other", minimal)
			h.engine = r.boots
			s.boot()
			h.engine = r.stops
			if got := s.says("tr '\\0' ' ' < /proc/1/cmdline"); got != "/.reaper other" {
				h.t.Errorf("%s enters what %s booted: %q", r.stops.Name, r.boots.Name, got)
			}
			if list := h.run("overlay-go").Stdout; !strings.Contains(list, s.Conf) {
				h.t.Errorf("%s lists %q of what %s booted", r.stops.Name, list, r.boots.Name)
			}
			if h.engine.Name == we.Name {
				s.shareLater()
			}
			s.stop()
			s.dropCgroup()
			s.gone()
		}
	})
}
