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

// textTree makes a lower directory and what a subhost has made of it. What patch(1) takes is in
// the directory "patch", what only git takes in the directory "git".
const textTree = `mkdir -p lower/patch/d lower/patch/gone lower/git
cd lower/patch; seq 100 >numbers; seq 9 >d/nine; printf 'no end' >end; echo x >"a b"; echo g >gone/g
ln -s here link; : >empty
: >void; : >d/void; ln -s here tofile; echo f >tolink; : >'no more'; printf '\0' >binary
head -c 2000000 /dev/zero | tr '\0' x >large; echo m >'mo de'
cd ../git; ln -s . link-dir; mkdir dir-link dir-file; echo i | tee dir-link/i >dir-file/i
echo f >file-dir; cd ..; cp -a . ../now; cd ../now/patch
sed -i '5d; 50s/.*/fifty/; 99a new' numbers; seq 2 9 >d/nine
printf 'no end\nnow' >end; echo y >>"a b"; rm -r gone void d/void 'no more'
ln -sf there link; : >made; echo t >'ta	b'; rm tofile tolink; echo f >tofile; ln -s here tolink
: >'ma de'; ln -s there 'li nk'; mkdir 'di r'; : >'di r/é"'; chmod 755 d/nine 'mo de'; echo 1 >empty
printf '\0\0' >binary; printf '\0' >newbinary; echo >>large
cd ../git; rm -r *; mkdir link-dir file-dir; echo 1 | tee link-dir/f >file-dir/f
ln -s t dir-link; echo f >dir-file; cd ../..
mkdir live2; mount -t overlay -o lowerdir=lower,upperdir=root,workdir=work o live2
rm -r live2/*; cp -a now/. live2; umount live2; rmdir live2`

// onlyNamed are the files that a text only names.
const onlyNamed = "binary large newbinary"

// TestDiffText has git and patch(1) apply the difference to a copy of the lower directory, as the
// manual says, and compares hunks with those of diff -u.
func TestDiffText(t *testing.T) {
	kit.Tools(t, "patch", "diff", "git")
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("text", minimal+"LOWER=lower\n")
		h.sh(`cd ` + s.Dir + `; ` + textTree)
		r := h.run("overlay-diff", "--text", s.Conf)
		must(h.t, os.WriteFile(s.Dir+"/text", []byte(r.Stdout), 0o644))
		// what a text only names is made equal for the comparison
		equal := `for f in ` + onlyNamed + `; do cp -a ../now/patch/$f patch; done; cd ..
diff -r --no-dereference now copy; stat -c %a copy/patch/d/nine copy/patch/mo*; rm -r copy`
		out := h.sh(`cd ` + s.Dir + `; cp -a lower copy; cd copy
git apply ../text 2>/dev/null || diff -r --no-dereference ../lower .
git apply $(printf -- '--exclude=patch/%s ' ` + onlyNamed + `) ../text; ` + equal)
		if out != "755\n755\n" {
			h.t.Errorf("%v, git apply:\n%s", r, out)
		}
		r = h.run("overlay-diff", "--text", s.Conf, "/patch")
		must(h.t, os.WriteFile(s.Dir+"/text", []byte(r.Stdout), 0o644))
		out = h.sh(`cd ` + s.Dir + `; cp -a lower copy; cd copy; patch -s -p1 <../text
rm -r git; cp -a ../now/git .; ` + equal)
		if out != "755\n755\n" {
			h.t.Errorf("%v, patch:\n%s", r, out)
		}
		want, _ := exec.Command("sh", "-c", "cd "+s.Dir+
			"/lower/patch; diff -u numbers ../../now/patch/numbers | tail -n +3").Output()
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
			{"overlay-diff -x", 2, "unknown option -x\nUsage: overlay-diff "},
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

// TestDiffOdd has a current directory that is gone, an output that is full, and files of which
// all together have more bytes than a number of 64 bits has room for.
func TestDiffOdd(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		s := h.subhost("odd", minimal+"LOWER=lower\n")
		h.sh("cd " + s.Dir + "; mkdir lower lower/gone; truncate -s 7E lower/gone/1 lower/gone/2; " +
			"truncate -s 7E root/a root/b; mknod root/gone c 0 0; ls " + s.Conf + " >/etc/subhosts.conf")
		in := "export PATH=" + h.engine.Dir + ":$PATH; "
		for _, row := range []struct{ script, want string }{
			{"cd " + s.Dir + "; overlay-diff -s odd", "A +8070450532247928832          -0 /a\n" +
				"A +8070450532247928832          -0 /b\nD          +0 -16140901064495857664 /gone\n" +
				"2 added, 0 changed, 1 removed, +16140901064495857664 -16140901064495857664 bytes\n"},
			{"overlay-diff odd", "A /a\nA /b\nD /gone\n"},
			{"overlay-diff " + s.Conf + " /a", "A /a\n"},
			{"overlay-diff ./odd.conf 2>&1", "overlay-diff: cannot find ./odd.conf: " +
				"the current directory is gone\n1\n"},
			{"overlay-reset -n odd /b", "A /b\n"},
			{"overlay-diff --exit-code odd 2>&1 >/dev/full",
				"overlay-diff: write error: No space left on device\n2\n"},
			{"overlay-diff odd 2>&1 >/dev/full",
				"overlay-diff: write error: No space left on device\n1\n"},
		} {
			out := h.sh(in + "mkdir /tmp/b/no; cd /tmp/b/no; rmdir /tmp/b/no; " + row.script +
				" || echo $?")
			if out != row.want {
				h.t.Errorf("%s: -want +got:\n%s", row.script, cmp.Diff(row.want, out))
			}
		}
		h.sh("rm /etc/subhosts.conf")
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
