package interp

import "testing"

func TestMentionsProcess(t *testing.T) {
	for text, want := range map[string]bool{
		"echo $$":                       true,
		"echo ${PPID}":                  true,
		"(umask 077; > f)":              true,
		"ulimit -n 20":                  true,
		"umask":                         false,
		"echo '$$'":                     false,
		"cat <<'E'\necho $$\nE\n":       false,
		"sh <<E\necho \\$\\$ $$\nE\n":   true,
		"# the umask of $$\necho hello": false,
		"if umask":                      true, // not to be parsed: the careful answer
	} {
		if got := mentionsProcess([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
