package shell

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"overlayboot/compat/kit"
)

// TestEdition2024 judges features of the 2024 edition that dash, or some version of dash,
// lacks.
func TestEdition2024(t *testing.T) {
	const p = "p() { printf '<%s>' \"$@\"; echo; }\n"
	for section, scripts := range map[string][]string{
		"XCU 2.2.4, dollar-single-quotes": {
			p + `p $'a b' $'' x$'y'z $'\'' $'"\"' $'\\' '$'$'x' $'a
b' $'*' $'~' $'$x` + "`y`" + `${z'`,
			p + `p $'\a\b\e\f\n\r\t\v' | od -c`,
			p + `p $'\x41\x4A\x4az\x1' $'\101\0611\7' | od -c`,
			p + `p $'\cA\c[\cz\c?' | od -c`,
			p + `x='a	b'; case $x in $'a\tb') p yes;; esac; p "${x#$'a\t'}" ${u-$'q r'}; ` +
				`y=$'\n'; p "$y"`,
			"# $' is not that everywhere\n" + p + `p "$'x'" '$'x\$'y' $'z'
cat <<E
$'\t' ${u-$'x'}
E`,
			`f() { echo "$1" "$#"; }; f $'a'$'\'b\''; eval "f $'\\x41'"; echo $(f $'\'') ` +
				"`f $'x'`" + `; (f $'\'') | cat; f $'a' & wait`,
			`IFS=$'\n'; x=$'a b\nc'; for i in $x; do echo "$i"; done`,
		},
		"XCU 2.9.4.3, ;&": {
			`for x in a b c d; do case $x in a) echo 1 ;& b) echo 2; ;& c) echo 3;; ` +
				`*) echo 4; esac; done`,
			`case a in a) false ;& b) echo $? ;& esac; echo $?
case a in (a) ;& (b) ;; esac; echo $?
case a in a) echo 1;& b) exit 3;; esac`,
			`for i in 1 2; do case $i in 1) continue ;& 2) echo "$i"; break ;& *) echo no; ` +
				`esac; done`,
		},
		"XCU read -d": {
			`printf 'a b:c d:e' | { read -d : x y; echo "$x,$y $?"; read -rd: x; ` +
				`echo "$x $?"; read -d : x; echo "$x $?"; }`,
			`printf 'a\\:b\\\nc\\ d\ne:f' | { read -d : x y; echo "[$x][$y]$?"; read -r y; ` +
				`echo "$y"; }`,
			`printf 'a\0b c\0' | while read -r -d '' x; do echo "<$x>"; done; echo "<$x>"`,
			`printf 'a\nb\n' > f; read -d b x < f; echo "$x."; { read -d a x; cat; } < f`,
			`printf 'a\\b;' | { IFS= read -r -d ';' x; printf '%s\n' "$x"; }`,
		},
		"XCU cd -e": {
			`cd -e -P /; echo $? $PWD; cd -Pe /usr; echo $? $PWD; cd -eP -; echo $?`,
			`mkdir d; cd d; rmdir ../d; cd -Pe .; echo $?`,
			`mkdir d; ln -s d l; cd -e l; echo ${PWD##*/}; cd -Pe .; echo ${PWD##*/}; ` +
				`cd -eL /; pwd`,
		},
		"XCU set -o pipefail": {
			`set -o pipefail; false | true; echo $?; (exit 3) | (exit 4) | true; echo $?; ` +
				`(exit 3) | (exit 4); echo $?
! false | true; echo $?; true | true; echo $?; set +o pipefail; false | true; echo $?`,
			`set -eo pipefail; x=$(false | true) || echo $?; (set +o pipefail; false | true; ` +
				`echo $?); false | true; echo no`,
			`set -o pipefail; sh -c 'exit 3' | sh -c 'exit 4' | true & wait $!; echo $?
sh -c 'kill -9 $$' | true; echo $?; { exit 5; } | { exit 0; }; echo $?`,
		},
	} {
		for _, script := range scripts {
			judge(t, row{script: script, standard: section})
		}
	}
}

// TestEditionErrors judges errors. dash takes the operator ;& for two, of which the second is
// wrong.
func TestEditionErrors(t *testing.T) {
	same(t, "echo a ;& echo b", "if true ;& then :; fi", ";&", "echo $'a", "x=\"$'a",
		"set -o pipefai",
		"case a in a) echo $'b;; esac", strings.Repeat("(", 3)+"echo ;&")
}

// TestEditionByBash judges features of the 2024 edition that only bash has so far.
func TestEditionByBash(t *testing.T) {
	i := slices.IndexFunc(others, func(argv []string) bool {
		return filepath.Base(argv[0]) == "bash"
	})
	if i < 0 {
		kit.Missing(t, "bash, the only judge of trap -p")
	}
	for _, script := range []string{
		`trap 'echo x' INT; trap '' TERM; trap -p INT TERM; (trap -p INT); y=$(trap -p INT); ` +
			`echo "$y"`,
		`trap 'echo x' INT; trap -p INT QUIT; trap -p NOSUCH; echo $?; trap - INT; trap -p INT`,
		`trap 'echo x' USR1; t=$(trap -p USR1 USR2); trap - USR1; trap 'echo no' USR2
eval "$t"; kill -USR1 $$; trap -p USR2`,
		`trap 'echo x' HUP; trap -p | grep -wE 'EXIT|HUP|INT|TERM'; trap -p | grep -cw ALRM`,
	} {
		t.Run(rowName(script), func(t *testing.T) {
			judged.Add(1)
			r := row{script: script}
			want, got := r.run(t, others[i][0], others[i][1:]...), r.run(t, ours)
			if want.stdout != got.stdout || want.status != got.status {
				t.Errorf("script: %s\n--- bash\n%s--- ours\n%s", script, want, got)
			}
		})
	}
}
