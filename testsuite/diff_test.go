package testsuite

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"overlayboot/compat/kit"
)

// changesInside are commands of root inside, and what overlay-diff then shows.
const (
	changesInside = `mkdir -p /srv/new/dir; echo one >/srv/new/dir/file; echo '# changed' >>/etc/hosts
rm /etc/services; chmod 700 /etc/profile.d; ln -sf elsewhere /etc/motd; mv /etc/issue "/etc/is
sue"; touch /etc/passwd`
	changesShown = `C /etc/hosts
A "/etc/is\nsue"
D /etc/issue
C /etc/motd
C /etc/profile.d
D /etc/services
A /srv/new
A /srv/new/dir
A /srv/new/dir/file
`
)

// without drops the lines about what the boot makes where the host's root lacks it.
func without(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		path := strings.TrimSpace(line[2:])
		if strings.Count(path, "/") > 1 && !strings.HasPrefix(path, "/etc/network") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestDiff compares a subhost with its host while it runs, and when it is stopped.
func TestDiff(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("diff", minimal)
		s.boot()
		s.says(changesInside)
		want := changesShown
		if r := h.run("overlay-diff", "diff", "/etc", "srv/"); r.Status != 0 ||
			cmp.Diff(want, without(r.Stdout)) != "" {
			h.t.Errorf("while it runs: %v\n%s", r, cmp.Diff(want, without(r.Stdout)))
		}
		s.stop()
		if r := h.run("overlay-diff", "--exit-code", s.Conf); r.Status != 1 ||
			cmp.Diff(want, without(r.Stdout)) != "" {
			h.t.Errorf("when it is stopped: %v\n%s", r, cmp.Diff(want, without(r.Stdout)))
		}
		h.isJSON(s)
		if r := h.run("overlay-diff", "-0", s.Conf, "/etc"); !strings.Contains(r.Stdout,
			"A /etc/is\nsue\x00") {
			h.t.Errorf("-0: %q", r.Stdout)
		}
		if r := h.run("overlay-diff", "-s", s.Conf, "/srv"); r.Stdout !=
			"A          +0          -0 /srv/new\nA          +0          -0 /srv/new/dir\n"+
				"A          +4          -0 /srv/new/dir/file\n"+
				"3 added, 0 changed, 0 removed, +4 -0 bytes\n" {
			h.t.Errorf("-s: %v", r)
		}
	})
}

// isJSON has the schema judge the output of --json.
func (h *host) isJSON(s *subhost) {
	h.t.Helper()
	r := h.run("overlay-diff", "--json", s.Conf)
	schema, err := jsonschema.NewCompiler().Compile("../scripts/schema/overlay-diff.json")
	must(h.t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(r.Stdout))
	must(h.t, err)
	if err := schema.Validate(value); err != nil || !strings.Contains(r.Stdout, `"path":"/srv/new"`) {
		h.t.Errorf("%v\n%s", err, r.Stdout)
	}
}

// TestDiffText has patch(1) apply the difference to a copy of the lower directory, and compares
// hunks with those of diff -u.
func TestDiffText(t *testing.T) {
	kit.Tools(t, "patch", "diff", "git")
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("text", minimal+"LOWER=lower\n")
		h.sh(`cd ` + s.Dir + `; mkdir -p lower/d lower/gone; cd lower; seq 100 >numbers; seq 9 >d/nine
printf 'no end' >end; echo x >"a b"; echo g >gone/g; ln -s here link; : >empty; : >void; : >d/void
cp -a . ../now; cd ../now; sed -i '5d; 50s/.*/fifty/; 99a new' numbers; seq 2 9 >d/nine
printf 'no end\nnow' >end; echo y >>"a b"; rm -r gone void d/void
ln -sf there link; : >made; echo t >'ta	b'
chmod 755 d/nine; echo 1 >empty; printf '\0' >binary; cd ..
for f in numbers d/nine end 'a b' link empty made 'ta	b' binary; do
	mkdir -p root/d; cp -a "now/$f" "root/$f"; done; for f in gone void d/void; do
	mknod "root/$f" c 0 0; done`)
		r := h.run("overlay-diff", "--text", s.Conf)
		must(h.t, os.WriteFile(s.Dir+"/patch", []byte(r.Stdout), 0o644))
		out := h.sh(`cd ` + s.Dir + `; cp -a lower copy; cd copy; patch -s -p1 <../patch; cd ..
diff -r --no-dereference now copy || [ $? = 1 ]; stat -c %a copy/d/nine; readlink copy/link`)
		if out != "Binary files now/binary and copy/binary differ\n755\nthere\n" {
			h.t.Errorf("%v, patched:\n%s", r, out)
		}
		// git wants no part about a binary file without its content
		h.sh(`cd ` + s.Dir + `; cp -a lower again; cd again; sed '/^diff .*binary$/,$d' <../patch >../text
sed -n '/^diff .*binary$/,$p' <../patch | sed '1,/^Binary/d' >>../text; git apply ../text; cd ..
diff -r --no-dereference now again | diff - /dev/stdin <<'END'
Only in now: binary
END
`)
		want, _ := exec.Command("sh", "-c", "cd "+s.Dir+
			"; diff -u lower/numbers now/numbers | tail -n +3").Output()
		if !strings.Contains(r.Stdout, string(want)) || len(want) == 0 {
			h.t.Errorf("numbers differ by\n%sin\n%s", want, r.Stdout)
		}
	})
}

// TestDiffRefused has calls that cannot be answered. Each says what to do, and changes nothing.
func TestDiffRefused(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("none", minimal)
		bound := h.subhost("bound", minimal+"LOWER=lower\nUPPER=lower\n")
		as := h.subhost("as", minimal+"LOWER=live\n")
		program := h.subhost("program", minimal+"UPPER=upper\n")
		program.Script("upper", "echo /nowhere")
		command := h.subhost("command", minimal+"UPPER=!echo root\n")
		h.sh("mkdir " + bound.Dir + "/lower")
		for _, row := range []struct {
			argv   string
			status int
			said   string
		}{
			{"overlay-diff", 2, "which subhost?\nUsage: overlay-diff "},
			{"overlay-diff -x", 2, "unknown option '-x'\nUsage: overlay-diff "},
			{"overlay-diff --nosuch", 2, "unknown option --nosuch\nUsage: overlay-diff "},
			{"overlay-diff --json -s none", 2, "only one of --null"},
			{"overlay-diff nosuch", 1, "nosuch is neither a configuration file"},
			{"overlay-diff --exit-code nosuch", 2, "nosuch is neither a configuration file"},
			{"overlay-diff " + s.Conf + " /no/such", 1, "/no/such is in neither directory"},
			{"overlay-diff " + bound.Conf, 1, "UPPER and LOWER are both "},
			{"overlay-diff " + as.Conf, 1, "LIVE and LOWER are both "},
			{"overlay-diff " + program.Conf, 1, "is a program"},
			{"overlay-diff " + command.Conf, 1, "UPPER is the output of a command"},
			{"overlay-reset", 2, "which subhost?\nUsage: overlay-reset "},
			{"overlay-reset --backup", 2, "option '--backup' without its argument\nUsage:"},
			{"overlay-reset --backup f --restore g x", 2, "only one of --backup and --restore"},
			{"overlay-reset --restore g x /etc", 2, "--restore takes no paths"},
			{"overlay-reset " + s.Conf, 1, "no terminal on which to ask"},
			{"overlay-reset -y nosuch", 1, "nosuch is neither a configuration file"},
			{"overlay-reset -y " + s.Conf + " /no/such", 1, "/no/such is in neither directory"},
			{"overlay-reset -y " + bound.Conf, 1, "UPPER and LOWER are both "},
			{"overlay-reset -y " + program.Conf, 1, "is a program"},
			{"overlay-reset -y --restore /no/such " + s.Conf, 1, "cannot open /no/such"},
			{"overlay-reset -y --restore /etc/passwd " + s.Conf, 1, "cannot read the backup"},
		} {
			argv := strings.Fields(row.argv)
			r := h.run(argv[0], argv[1:]...)
			if r.Status != row.status || !strings.Contains(r.Stderr, row.said) || r.Stdout != "" {
				h.t.Errorf("%s: %v", row.argv, r)
			}
		}
	})
}

// TestDiffEdited compares a subhost whose configuration has been changed, or removed, since it
// was booted: the mounted directories count.
func TestDiffEdited(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("was", minimal)
		s.boot()
		s.says("> /srv/new")
		for _, edit := range []string{"echo UPPER=elsewhere >> was.conf",
			"echo NAME=other >> was.conf", "mv was.conf gone"} {
			h.sh("cd " + s.Dir + "; " + edit)
			for _, word := range []string{"was", s.Conf} {
				if r := h.run("overlay-diff", word, "/srv"); r.Stdout != "A /srv/new\n" {
					h.t.Errorf("%s: overlay-diff %s: %v", edit, word, r)
				}
			}
			if r := h.run("overlay-reset", "-y", s.Conf); r.Status != 1 ||
				!strings.Contains(r.Stderr, "was is running; stop it first") {
				h.t.Errorf("%s: overlay-reset: %v", edit, r)
			}
		}
		h.sh("mv " + s.Dir + "/gone " + s.Conf)
		h.run("overlay-stop", "was")
		s.gone()
	})
}
