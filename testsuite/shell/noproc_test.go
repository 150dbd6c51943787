package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"overlayboot/compat/kit"
)

// TestNoProc judges a root directory with only the shell and its libraries. It has no /proc and
// no other program. /dev/null, which background lists read, is an empty file.
func TestNoProc(t *testing.T) {
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, for another root directory")
	}
	for _, script := range []string{
		"echo hi", "echo $0 $# $-", "nosuch; echo $?; ./nosuch; echo $?; exec nosuch", "exit 3",
		"echo a b | { read x y; echo $y $x; }", "x=$(echo sub; echo two); echo \"$x\"",
		"(umask 077; umask; (exit 3)); echo $?",
		"trap 'echo usr' USR1; kill -USR1 $$; echo after; umask; umask 027; >f; umask",
		"trap 'echo bye $?' EXIT; exit 4",
		"/sh -c 'echo $0; exit 5'; echo $?; ./sh -c 'echo $0 $1; exit 6' n m; echo $?; " +
			"PATH=/; sh -c 'echo $0; exit 7'; echo $?; x=$(sh -c 'echo x | sh -c \"read y; " +
			"echo \\$y\"'); echo $x",
		"exec /sh -c 'echo exec $0 $1' a b",
		"(exec /sh -c 'exit 3'); echo $?",
		"/sh script a; echo $?; . ./script; ./script b; echo $?; " +
			"PATH=/ script c | /sh -c 'read x; echo got $x'",
		"cd /link; pwd; pwd -P; (pwd -P; cd -P ../link; pwd); x=$(cd ..; cd -P link; pwd); " +
			"echo $x; cd ..; (cd link; pwd -P; cd .; pwd)",
		"set -- /*; echo $1; [ -e /dev ]; echo $?; [ -e /proc/self/fd/0 ]; echo $?",
		"exec 3>f; echo three >&3; exec 3>&- 4<f; read x <&4; echo $x; read x <<E\nhere $x\n" +
			"E\necho $x; >>f; echo ~ ~root ~nosuch; set -m; echo $?",
		"echo x >/dev/null; echo $?; echo x >/dev/fd/1; echo $?; read x </dev/stdin; echo $?; " +
			"echo x >/proc/self/fd/1; echo $?",
		"set -x; times >f; ulimit -n >f; echo $?; hash",
		"/sh -c 'kill -TERM $$'; echo $?; (kill -9 $$)",
		"f() { f2() { echo $1; }; f2 $(echo q | { read z; echo $z; }); }; f; " +
			"trap 'echo hup' HUP; /sh -c 'kill -HUP '$$; echo $?",
		"set -e; (exit 3); echo no", "if", "echo ${x?bad}",
		"{ echo bg; exit 3; } & wait $!; echo $?",
		"/sh -c 'exit 4' & wait $!; echo $?",
		"echo a | { read x; echo $x; exit 5; } & wait $!; echo $?",
		"x=$(echo y & wait); echo $x",
		"{ trap 'echo t; exit 6' TERM; kill -TERM $(/sh -c 'echo $PPID'); } & wait $!; echo $?",
	} {
		t.Run(rowName(script), func(t *testing.T) {
			judged.Add(1)
			if want, got := inBareRoot(t, dash, script),
				inBareRoot(t, ours, script); want != got {
				t.Errorf("script: %s\n--- dash\n%s--- ours\n%s", script, want, got)
			}
		})
	}
	for _, argv := range [][]string{{"overlay-sh", "--help"}, {"overlay-boot", "--help"},
		{"overlay-sh", "-c", "exit 3"}, {"-sh", "-c", "/sh -c 'echo hi' & wait"},
		{"nonsense/sh", "-c", "echo hi & wait"}} {
		res := bareRoot(t, ours, false, argv...)
		if res.stdout == "" && res.status != "exit status 3" || res.stderr != "" {
			t.Errorf("%q without /proc: %s", argv, res)
		}
	}
}

func inBareRoot(t *testing.T, shell, script string) result {
	t.Helper()
	return bareRoot(t, shell, true, "/sh", "-c", script)
}

// bareRoot runs a shell as /sh, in a root directory without other programs.
func bareRoot(t *testing.T, shell string, null bool, argv ...string) result {
	t.Helper()
	base := plainDir(t)
	root := filepath.Join(base, "root")
	check(t, os.MkdirAll(filepath.Join(root, "dir"), 0o755))
	if null {
		check(t, os.Mkdir(filepath.Join(root, "dev"), 0o755))
		check(t, os.WriteFile(filepath.Join(root, "dev/null"), nil, 0o666))
	}
	check(t, os.Symlink("dir", filepath.Join(root, "link")))
	check(t, os.WriteFile(filepath.Join(root, "script"),
		[]byte("#!/sh\necho script $0 $1 $(echo q)\n{ exit 3; } & wait $!\n"), 0o755))
	libraries, _ := exec.Command("ldd", shell).Output() // none: it is static
	for _, word := range strings.Fields(string(libraries)) {
		if strings.HasPrefix(word, "/") {
			copyFile(t, word, filepath.Join(root, word))
		}
	}
	copyFile(t, shell, filepath.Join(root, "sh"))
	return observe(t, base, root, "/sh", func(cmd *exec.Cmd) {
		cmd.Args, cmd.Dir = argv, "/"
		cmd.Env = []string{"PATH=/nonex", "HOME=/h"}
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Chroot: root, Unshareflags: syscall.CLONE_NEWNS, Setsid: true}
	})
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	check(t, err)
	check(t, os.MkdirAll(filepath.Dir(to), 0o755))
	check(t, os.WriteFile(to, text, 0o755))
}
