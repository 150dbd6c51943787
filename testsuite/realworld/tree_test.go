package realworld

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDifferences plants differences between two trees. Each must be found; in files with
// random content only a difference in mode counts.
func TestDifferences(t *testing.T) {
	plant := func(text, key string, keyMode os.FileMode, more ...string) map[string]string {
		root := t.TempDir()
		for name, what := range map[string]string{"etc/conf": text, "run/pid": key,
			"bin/sh": key, "etc/shadow": "a:*:" + key + ":0:99999:7:::",
			"etc/ssh/ssh_host_rsa_key": key} {
			file := filepath.Join(root, name)
			must(t, os.MkdirAll(filepath.Dir(file), 0o755))
			must(t, os.WriteFile(file, []byte(what), 0o644))
		}
		must(t, os.Chmod(root+"/etc/ssh/ssh_host_rsa_key", keyMode))
		must(t, os.Symlink("to-"+text, root+"/etc/link"))
		for _, name := range more {
			must(t, os.WriteFile(filepath.Join(root, name), nil, 0o644))
		}
		files, err := compile().tree(root)
		must(t, err)
		return files
	}
	one := plant("a", "19000", 0o600)
	for _, row := range [...]struct {
		name  string
		other map[string]string
		want  []string
	}{
		{"nothing", plant("a", "19000", 0o600), nil},
		{"what chance makes", plant("a", "19001", 0o600), nil},
		{"a mode", plant("a", "19000", 0o644), []string{"/etc/ssh/ssh_host_rsa_key"}},
		{"contents", plant("b", "19000", 0o600), []string{"/etc/conf", "/etc/link"}},
		{"one more", plant("a", "19000", 0o600, "etc/new"), []string{"/etc/new"}},
	} {
		for _, pair := range [...][2]map[string]string{{one, row.other}, {row.other, one}} {
			if got := differences(pair[0], pair[1]); !slices.Equal(got, row.want) {
				t.Errorf("%s: %v, not %v", row.name, got, row.want)
			}
		}
	}
}

// TestCheck checks that each step that failed or is missing is reported.
func TestCheck(t *testing.T) {
	all := map[string]string{}
	for _, name := range succeedAll {
		all[name] = "done\n\nstatus 0\n"
	}
	for _, name := range succeedAll {
		all[name] = "failed\n\nstatus 1\n"
		if got := (world{steps: all}).failed(succeedAll); !slices.Equal(got, []string{name}) {
			t.Errorf("%s failed, told was %v", name, got)
		}
		delete(all, name)
		if got := (world{steps: all}).failed(succeedAll); !slices.Equal(got, []string{name}) {
			t.Errorf("%s was not taken, told was %v", name, got)
		}
		all[name] = "done\n\nstatus 0\n"
	}
}
