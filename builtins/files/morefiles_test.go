package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

// TestSmallTools compares truncate, sync and mktemp with GNU's.
func TestSmallTools(t *testing.T) {
	const setup = `printf '1\n2\n3\n' >a; printf 'x\ny' >b; printf a:b::c: >c; printf xabyab >abs
		: >e; mkdir d`
	var rows []judge.Row
	for _, argv := range []string{
		"truncate", "truncate -s 5", "truncate -s 5 a", "truncate -s +3 a", "truncate -s -3 a",
		"truncate -s -300 a", "truncate -s /4 a", "truncate -s %4 a", "truncate -s /0 a",
		"truncate -s 1K n", "truncate -s 1kB n", "truncate -s 1KiB n", "truncate -s 1MB n",
		"truncate -c -s 5 n", "truncate -r a n", "truncate -r a -s +2 n", "truncate -r a -s 2 n",
		"truncate -r nope n", "truncate -s 0 d", "truncate -s 0 nope/x a",
		"truncate -s 9223372036854775807 a", "truncate --size=3 a b",
		"sync", "sync a", "sync -d a", "sync -f a", "sync -df a", "sync -d", "sync nope a", "sync d",
		"mktemp aXX", "mktemp --suffix=.c aXXX.b", "mktemp --suffix=/c aXXX", "mktemp -p d /xXXX",
		"mktemp -t d/xXXX", "mktemp nope/xXXX", "mktemp -d nope/xXXX", "mktemp -q nope/xXXX",
		"mktemp -q aXX", "mktemp a b", "mktemp --tmpdir=nope", "mktemp ''",
	} {
		rows = append(rows, judge.Row{Setup: setup, Argv: argv})
	}
	for _, argv := range []string{
		"truncate -os 1 n", "truncate -s 1Q n", "mktemp -V", "sync -x",
	} {
		rows = append(rows, judge.Row{Argv: argv, Lacks: true})
	}
	ours.Rows(t, rows)
}

func TestInstall(t *testing.T) {
	const setup = `echo hi >a; echo ho >b; mkdir d; ln -s a l; ln -s nope dang; mkfifo p
		mkdir d2 d2/a; touch -d 2001-01-01 a; chmod 640 b`
	var rows []judge.Row
	for _, argv := range []string{
		"install", "install a", "install a n", "install -v a n", "install -v a b", "install a b d",
		"install -v a b d", "install a d/", "install a n/", "install a nope/x", "install -D a x/y/z",
		"install -vD a x/y/z", "install -D a x/y/", "install -vD -t x/y a b", "install -t d a b",
		"install -t nope a", "install -T a d", "install -T a n", "install -m 600 a n",
		"install -m u=rwx,go=x a n", "install -m 4755 a n", "install -m a+X -d n", "install -d x/y/z",
		"install -vd x/y/z d", "install -dv x//y/", "install -d -m 700 x/y", "install -d -m 2775 x",
		"install -d a", "install -d a/b", "install -o 1 -g 4 a n",
		"install -o daemon -g adm -m 640 a n", "install -d -o 1 n", "install -p a n", "install d n",
		"install d a n", "install nope n", "install nope a d", "install a a", "install ./a a",
		"install l n", "install a l", "install dang n", "install a dang", "install a p",
		"install a b c", "install -c a n", "install a d2", "install -d ''", "install '' n",
		"install a ''", "install /dev/null n", "install -m 644 /dev/null x", "install -D a n",
		"install -D a d", "install -D a b d", "install -D -m 644 a ./x/y", "install -d . ..",
		"install -t d", "install -b a b", "install -bv a b", "install -S .old a b",
		"install -bS .old a b n", "install --backup=numbered a b", "install --backup=t -v a b",
		"install --backup=none -v a b", "install --backup=simple a b", "install --backup a l",
		"install -b a a", "install -bv a n", "install -bt d a b", "install -bD a d2/a",
		"install -b a d2", "install -bS x/y a b", "install -S '' a b",
		"install -C a b", "install -Cv a b", "install -Cvm 640 b b", "install -Cv a n", "install -Cp a n",
		"install -Cm 4755 a n", "install -Cv l n", "install -Cvm 640 -o 1 a b", "install -Cd n",
	} {
		rows = append(rows, judge.Row{Setup: setup, Argv: argv})
	}
	for _, argv := range []string{"install -s a n", "install --backup=x a n", "install -m zz a n",
		"install -o nosuch a n"} {
		rows = append(rows, judge.Row{Argv: argv, Lacks: true})
	}
	const again = `echo a>a; echo a>b; echo c>c; chmod 755 b c; cp b b.~3~; ln -s a l; ` +
		`cp b s; chmod 4755 s`
	for _, argv := range []string{"install -Cv a b", "install -Cv a c", "install -Cv a l",
		"install -Cv a s",
		"install -Cvm 644 a b", "install -Cv -o 0 -g 0 a b", "install -Cv -g 1 a b", "install -Cv l b",
		"install -b a b", "install --backup=simple a b", "install --backup=numbered a c",
		"install -CbS x a b",
		"install -CbvS x a c"} {
		rows = append(rows, judge.Row{Setup: again, Argv: argv},
			judge.Row{Setup: again, Argv: argv,
				Env: []string{"VERSION_CONTROL=numbered", "SIMPLE_BACKUP_SUFFIX=.b"}})
	}
	ours.Rows(t, rows)
}
