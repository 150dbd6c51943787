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

// A login is a login shell: its profiles, its arguments and its input. A mount namespace gives
// each row an /etc/profile of its own.
type login struct {
	etc, home, env string // text of the profiles, "-" for none
	argv           string // the first is the shell's name; @ stands for a space
	setup          string // commands before the shell is started, in its home directory
}

// enter starts a program in a mount namespace with etc mounted on /etc, after a setup. Its
// arguments are the directory, the setup, the program, and the program's arguments.
const enter = `mount --bind "$1" /etc && shift && eval "$1" && shift && ` +
	`exec perl -e '$p = shift; exec {$p} @ARGV' "$@"`

// TestLogin checks that a login shell reads /etc/profile and ~/.profile, and that an
// interactive shell reads the file that ENV names.
func TestLogin(t *testing.T) {
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, to put another /etc/profile in place")
	}
	show := `echo NAME "$0" "$-" "$#" "$@"`
	etc, home, env := strings.Replace(show, "NAME", "etc", 1), strings.Replace(show, "NAME",
		"home", 1), strings.Replace(show, "NAME", "env", 1)
	for argv := range strings.SplitSeq("-sh|sh -l|sh +l|sh -el -u|sh|-dash a|"+
		"-sh -c echo@cmd@$0@$@ n a b|sh -lec echo@cmd n a|sh -c -l echo@cmd@$-|-sh scr a b|"+
		"-sh nosuch a|-sh -s a b|sh -pl -c echo|sh -nl -c echo|sh -vl -c echo|"+
		"sh -xl -c echo|sh -ul -c echo|-sh -Z|-sh -c|-sh -i|sh -i|sh -il|"+
		"sh -ic echo@cmd|-sh -ic echo@cmd|-sh -i scr|sh -pi|-sh -pi|"+
		"sh -c sh@-lc@'echo@inner@$-';echo@$?|sh -c exec@sh@-l@scr@x", "|") {
		login{etc, home, env, argv, ""}.judge(t)
	}
	for _, text := range []string{"exit 3", "return 3; echo no", "false", "echo a\nif",
		"echo a\n: ${Q?x}\necho no", "nosuch", "set -e; false; echo no", "set -e",
		". ./nosuch\necho no",
		"readonly R; R=1; echo no",
		"set -- x y; A=1; PATH=/z; cd /usr; f() { echo f; }; alias q='echo q'; umask 077; " +
			"trap 'echo bye $?' EXIT",
		"trap 'echo bye $?' EXIT; exit 3", "trap 'echo bye $?' EXIT; : ${Q?x}", "kill -TERM $$",
		"HOME=/nonex", "unset HOME", "echo \"$0\"\nnosuch\n\nnosuch", "ENV=$PWD/env",
		"unset ENV", "ENV='$HOME/env'", "set -v\necho q", "set -x\necho q", "set -n\necho q",
		"exec echo replaced", "read x; echo got $x", "cat", "break; continue; echo b",
		"f() { return 3; }; f; echo $?; return 4", "X=1 Y=${X:+$X} :; echo \"$Y\"", "local x",
		"echo $? $!; (exit 7)", "echo 'a\n", "set -u; unset HOME", "exit", "set -s", "set -i",
		"set +i"} {
		for _, argv := range []string{"-sh -c echo@cmd@$?@$#@$@@$A@$PATH@$PWD;f;@q;umask n 1",
			"-sh", "-sh -i"} {
			login{text, home, env, argv, ""}.judge(t)
			login{etc, text, env, argv, ""}.judge(t)
		}
		login{etc, home, text, "sh -i", ""}.judge(t)
	}
	for _, setup := range []string{"unset HOME", "HOME=", "HOME=.", "HOME='~'", "HOME='$PWD'",
		"HOME=/nonex", "rm .profile; mkdir .profile", "rm .profile", "rm /etc/profile",
		"rm /etc/profile .profile env",
		"rm env; mkdir env", "unset ENV", "ENV=", "ENV=env", "ENV='$HOME/nonex'",
		"ENV='${Q?x}'", "ENV=/etc/profile"} {
		login{etc, home, env, "-sh -c echo@cmd@$?", setup}.judge(t)
		login{etc, home, env, "-sh -i", setup}.judge(t)
	}
}

// judge compares the login shell with dash.
func (l login) judge(t *testing.T) {
	t.Helper()
	t.Run(rowName(l.argv+" "+l.etc+" "+l.home+" "+l.setup), func(t *testing.T) {
		judged.Add(1)
		if want, got := l.run(t, dash), l.run(t, ours); want != got {
			t.Errorf("%+v\n--- dash\n%s--- ours\n%s", l, want, got)
		}
	})
}

func (l login) run(t *testing.T, shell string) result {
	t.Helper()
	base := plainDir(t)
	etc, dir := filepath.Join(base, "etc"), filepath.Join(base, "d")
	check(t, os.Mkdir(etc, 0o755))
	check(t, os.Mkdir(dir, 0o755))
	for file, text := range map[string]string{
		filepath.Join(etc, "profile"): l.etc, filepath.Join(dir, ".profile"): l.home,
		filepath.Join(dir, "env"): l.env,
		filepath.Join(dir, "scr"): `echo script "$0" "$@"` + "\n",
		filepath.Join(base, "in"): `echo in "$0" "$@" "$-"` + "\n",
	} {
		check(t, os.WriteFile(file, []byte(text+"\n"), 0o644))
	}
	in, err := os.Open(filepath.Join(base, "in"))
	check(t, err)
	defer in.Close()
	args := []string{"-m", "/bin/sh", "-c", enter, "x", etc, l.setup, shell}
	for _, arg := range strings.Fields(l.argv) {
		args = append(args, strings.ReplaceAll(arg, "@", " "))
	}
	return observe(t, base, dir, "unshare", func(cmd *exec.Cmd) {
		cmd.Args = append(cmd.Args, args...)
		cmd.Dir, cmd.Stdin = dir, in
		cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + dir, "ENV=" + dir +
			"/env", "LC_ALL=C"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	})
}

// TestTildeByName judges users that are not in /etc/passwd but in another source of
// nsswitch.conf(5).
func TestTildeByName(t *testing.T) {
	if os.Geteuid() != 0 {
		kit.Missing(t, "root, for other users")
	}
	for _, script := range []string{
		"echo ~alice ~alice/x ~nosuch ~0 ~60999 ~-x ~alice-x '~alice' ~ali''ce a~alice",
		"x=~alice:~slash/b:~file:~alice; echo $x; export y=~alice/; echo $y; x=a:~alice; " +
			"echo $x",
		"case '/home/al ice' in ~alice) echo in;; esac; case '~b' in ~*) echo star;; esac; " +
			"case / in ~slash) echo slash;; esac; " +
			"case ~alice in '/home/al ice') echo quoted;; esac",
		"echo ~slash ~slash/x ~file ~file/x ~slash/ ~empty ~empty/x",
		"IFS=/; for i in ~alice ~slash/a; do echo $i; done; x=${q-~alice}; " +
			"echo $x ${q-~slash/y}",
		"echo x >~nosuch; ls ~nosuch; cat <~alice/none; echo $?",
		"trap 'echo bye' EXIT; trap 'echo usr' USR1; echo $(echo ~alice | cat) & wait; " +
			"(exit 3); echo ~alice $?; x=~alice; echo $?",
		"set -x; y=~alice; : ~slash; echo ~alice 2>&1", "echo \"${q-~alice}\" ${q:=~alice} $q",
		"exec 0<&- 1>&- ; x=~alice; [ \"$x\" = '/home/al ice' ]; echo $? >&2",
		"readonly r=~alice; echo $r; set -- ~alice ~file; echo $#; eval echo '~alice'; " +
			"f() { local l=~alice; echo $l; }; f",
	} {
		l := login{"", "", "", "sh -c " + strings.NewReplacer(" ", "@", "\n",
			";").Replace(script), `mkdir /etc/userdb
echo 'passwd: files systemd' >/etc/nsswitch.conf
for u in 'alice /home/al ice' 'slash /' 'empty '; do
	echo '{"userName":"'${u%% *}'","uid":60999,"gid":60999,"homeDirectory":"'"${u#* }"'"}' ` +
			`>/etc/userdb/${u%% *}.user
done
echo 'file:x:7:7::/home/file:' >/etc/passwd`}
		probe := l
		probe.argv = "sh -c echo@~alice"
		if !strings.Contains(probe.run(t, dash).stdout, "/home/al ice") {
			kit.Missing(t, "libnss-systemd, by which the test adds users")
		}
		l.judge(t)
	}
}
