package builtins

import "testing"

// TestLines holds the small tools to GNU's: numbers, lines, sizes, temporary names.
func TestLines(t *testing.T) {
	const setup = `printf '1\n2\n3\n' >a; printf 'x\ny' >b; printf a:b::c: >c; printf xabyab >abs; : >e; mkdir d`
	var rows []row
	for _, argv := range []string{
		"seq", "seq 5", "seq 0", "seq 3 5", "seq 5 3", "seq 5 -1 3", "seq 1 2 10", "seq -3",
		"seq -3 3", "seq -1 -1 -3", "seq -w 8 11", "seq -w -5 5", "seq -w 1 10.25", "seq 0.1 0.1 0.35",
		"seq 1.0 3", "seq 1 1.25", "seq -s , 3", "seq -s '' 3", "seq -s, 5 3", "seq -f %g 3",
		"seq -f 'a%03gb' 8 11", "seq -f %e 2", "seq -f %+g 2", "seq 1 0 5", "seq 1 2 3 4",
		"seq 99998 100001", "seq 1000000 1000001", "seq -f %g 999999 1000001", "seq 10000000 10000002",
		"seq -w 010 12", "seq +1 3", "seq 007 010", "seq -0 1", "seq -- -1 1", "seq 1.10 2",
		"seq -w 1 -1 -10", "seq --equal-width 9 10", "seq --separator=: 3", "tac a", "tac b",
		"tac a b", "tac nope a", "tac d", "tac -s : c", "tac -bs : c", "tac -b a", "tac -s '' a",
		"tac -s ab abs", "tac e", "paste a b", "paste -d: a b", "paste -d ',;' a b c", "paste -s a b",
		"paste -sd, a", "paste -sd '\\n,' a", "paste -d '\\0' a b", "paste -d '' a b",
		"paste -d '\\' a b", "paste nope a", "paste a nope", "paste -s nope a", "paste d", "paste e a",
		"paste -s e", "paste -s e a", "paste -d '\\t\\\\' a b c", "paste a a a", "truncate",
		"truncate -s 5", "truncate -s 5 a", "truncate -s +3 a", "truncate -s -3 a",
		"truncate -s -300 a", "truncate -s /4 a", "truncate -s %4 a", "truncate -s /0 a",
		"truncate -s 1K n", "truncate -s 1kB n", "truncate -s 1KiB n", "truncate -s 1MB n",
		"truncate -c -s 5 n", "truncate -r a n", "truncate -r a -s +2 n", "truncate -r a -s 2 n",
		"truncate -r nope n", "truncate -s 0 d", "truncate -s 0 nope/x a",
		"truncate -s 9223372036854775807 a", "truncate --size=3 a b", "sync", "sync a", "sync -d a",
		"sync -f a", "sync -df a", "sync -d", "sync nope a", "sync d", "mktemp aXX",
		"mktemp --suffix=.c aXXX.b", "mktemp --suffix=/c aXXX", "mktemp -p d /xXXX",
		"mktemp -t d/xXXX", "mktemp nope/xXXX", "mktemp -d nope/xXXX", "mktemp -q nope/xXXX",
		"mktemp -q aXX", "mktemp a b", "mktemp --tmpdir=nope", "mktemp ''",
	} {
		rows = append(rows, row{setup: setup, argv: argv})
	}
	for _, argv := range []string{"seq 1e3", "seq inf", "seq 0x10", "seq -f %d 2", "tac -r", "truncate -os 1 n",
		"truncate -s 1Q n", "mktemp -V", "paste -x", "sync -x"} {
		rows = append(rows, row{argv: argv, lacks: true})
	}
	judge(t, rows)
}

func TestInstall(t *testing.T) {
	const setup = `echo hi >a; echo ho >b; mkdir d; ln -s a l; ln -s nope dang; mkfifo p
		mkdir d2 d2/a; touch -d 2001-01-01 a; chmod 640 b`
	var rows []row
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
		"install -t d", "install -b a b", "install -bv a b", "install -S .old a b", "install -bS .old a b n",
		"install --backup=numbered a b", "install --backup=t -v a b", "install --backup=none -v a b",
		"install --backup=simple a b", "install --backup a l", "install -b a a", "install -bv a n",
		"install -bt d a b", "install -bD a d2/a", "install -b a d2", "install -bS x/y a b", "install -S '' a b",
		"install -C a b", "install -Cv a b", "install -Cvm 640 b b", "install -Cv a n", "install -Cp a n",
		"install -Cm 4755 a n", "install -Cv l n", "install -Cvm 640 -o 1 a b", "install -Cd n",
	} {
		rows = append(rows, row{setup: setup, argv: argv})
	}
	for _, argv := range []string{"install -s a n", "install --backup=x a n", "install -m zz a n",
		"install -o nosuch a n"} {
		rows = append(rows, row{argv: argv, lacks: true})
	}
	const again = `echo a>a; echo a>b; echo c>c; chmod 755 b c; cp b b.~3~; ln -s a l; cp b s; chmod 4755 s`
	for _, argv := range []string{"install -Cv a b", "install -Cv a c", "install -Cv a l", "install -Cv a s",
		"install -Cvm 644 a b", "install -Cv -o 0 -g 0 a b", "install -Cv -g 1 a b", "install -Cv l b",
		"install -b a b", "install --backup=simple a b", "install --backup=numbered a c", "install -CbS x a b",
		"install -CbvS x a c"} {
		rows = append(rows, row{setup: again, argv: argv},
			row{setup: again, argv: argv, env: []string{"VERSION_CONTROL=numbered", "SIMPLE_BACKUP_SUFFIX=.b"}})
	}
	judge(t, rows)
}
