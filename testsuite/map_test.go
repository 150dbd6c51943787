package testsuite

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestMap draws two bridges, a subhost on both with a share, and one that is stopped.
func TestMap(t *testing.T) {
	onHost(t, func(h *host) {
		h.onlyOurs()
		h.addressed("br5", "10.75.0.1/24")
		h.addressed("br6", "10.76.0.1/24")
		must(h.t, os.MkdirAll(bases+"/www", 0o755))
		s := h.subhost("both", "CABLES= br5= br6=\nSTART= none\nSHARE="+bases+"/www:/var/www\n")
		off := h.subhost("off", "CABLES= br6= br9=\nSTART= none\n")
		h.autostart(off.Conf)
		tree := s.boot()
		h.inNet(tree.Reaper.Pid, "ip addr add 10.75.0.2/24 dev eth0")
		h.sh("ip link add port5 type veth peer port6; ip link set port5 master br5")

		for name, want := range map[string]string{"C.UTF-8": `br5  up 10.75.0.1/24 ports port5
│ br6  up 10.76.0.1/24
│ │ br9  not there
│ │ │
│ │ │        ┌────────────────────────────┐
│ │ │        │ both               running │
●─┼─┼─ both0 ┤ eth0 10.75.0.2/24          │
  ●─┼─ both1 ┤ eth1                       │
  │ │        │ share /tmp/b/www → /var/www │
`, "C": "br5  up 10.75.0.1/24 ports port5\n| br6  up"} {
			cmd := h.engine.Command("overlay-map")
			cmd.Env = append(cmd.Env, "LC_ALL="+name)
			r := h.exec(cmd)
			if r.Status != 0 || !strings.HasPrefix(squeezed(r.Stdout), squeezed(want)) {
				h.t.Errorf("%s: %v, want %s", name, r, want)
			}
			if name == "C" && strings.ContainsFunc(r.Stdout, func(c rune) bool { return c >= 0x80 }) {
				h.t.Errorf("not ASCII: %s", r.Stdout)
			}
		}
		if text := h.run("overlay-map", "off").Stdout; strings.Contains(text, "br5") ||
			!strings.Contains(text, "br9") {
			h.t.Errorf("off alone: %s", text)
		}
		h.drawnByGraphviz(h.run("overlay-map", "--dot").Stdout)
		h.image(h.run("overlay-map", "--svg", "-").Stdout)
		h.sh("ip link del port5")
		h.autostart()
		s.stop()
	})
}

// squeezed takes blanks and lines away, so that the widths of columns do not matter.
func squeezed(s string) string {
	return strings.NewReplacer(" ", "", "─", "", "┄", "", "\n", "").Replace(s)
}

// drawnByGraphviz has dot read a graph, and checks that the texts are in its image.
func (h *host) drawnByGraphviz(graph string) {
	h.t.Helper()
	kit.Tools(h.t, "dot")
	cmd := exec.Command("dot", "-Tsvg")
	cmd.Stdin = strings.NewReader(graph)
	r := h.exec(cmd)
	if r.Status != 0 || r.Stderr != "" {
		h.t.Errorf("dot: %v\n%s", r, graph)
	}
	for _, want := range []string{">both (running)<", ">off (stopped)<", ">br5<", ">both0<",
		"/www → /var/www<"} {
		if !strings.Contains(strings.ReplaceAll(r.Stdout, "&#45;", "-"), want) {
			h.t.Errorf("no %s in the image of %s", want, graph)
		}
	}
}

// image checks that an image is XML with a title and the texts, and that a file gets all of it
// at once.
func (h *host) image(svg string) {
	h.t.Helper()
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			h.t.Fatalf("%v in %s", err, svg)
		}
	}
	for _, want := range []string{"<title", "<desc", ">both<", ">running<", ">stopped<", ">both0<",
		"10.75.0.2/24", "/www → /var/www"} {
		if !strings.Contains(svg, want) {
			h.t.Errorf("no %s in %s", want, svg)
		}
	}
	dir := bases + "/images"
	must(h.t, os.MkdirAll(dir, 0o755))
	h.sh("cd " + dir + "; mkfifo pipe; ln -s nowhere lost.svg; ln -s pipe to")
	for file, why := range map[string]string{dir + "/pipe": "no regular file",
		dir + "/to": "no regular file", "/dev/stdout": "no regular file; --svg - writes to",
		"/dev/null":       "no regular file",
		dir + "/lost.svg": "a link that leads to no file"} {
		r := h.run("overlay-map", "--svg", file)
		if r.Status != 1 || !strings.Contains(r.Stderr, file+": it is "+why) {
			h.t.Errorf("--svg %s: %v", file, r)
		}
	}
	must(h.t, os.WriteFile(dir+"/old.svg", []byte("old"), 0o600))
	must(h.t, os.Symlink("old.svg", dir+"/link.svg"))
	for _, name := range []string{"new.svg", "link.svg"} {
		cmd := h.engine.Command("overlay-map", "--svg", name)
		cmd.Dir = dir
		if r := h.exec(cmd); r.Status != 0 || r.Stdout != "" {
			h.t.Errorf("--svg %s: %v", name, r)
		}
	}
	entries, err := os.ReadDir(dir)
	must(h.t, err)
	if len(entries) != 6 {
		h.t.Errorf("in the folder: %v", entries)
	}
	for _, name := range []string{"new.svg", "old.svg"} {
		text, err := os.ReadFile(dir + "/" + name)
		must(h.t, err)
		st, err := os.Lstat(dir + "/" + name)
		must(h.t, err)
		if string(text) != svg || st.Mode() != 0o644 {
			h.t.Errorf("%s has mode %v and is %s", name, st.Mode(), text)
		}
	}
	if to, err := os.Readlink(dir + "/link.svg"); to != "old.svg" {
		h.t.Errorf("the link: %q, %v", to, err)
	}
}
