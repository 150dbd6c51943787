package main

import "testing"

// sameNames are commands whose operands have the same last name, or are the same.
var sameNames = []string{
	"cp a/f x/f a", "cp x/f a/f a", "cp a/f a/f a", "cp -f a/f x/f a", "cp x/f x/f a",
	"cp a/f x/f y", "cp a/f x/f a/f y", "cp -v ./a/f x/f a", "cp -n a/f x/f a", "cp -u a/f x/f a",
	"cp -l a/f x/f y", "cp -b a/f x/f a", "install a/f x/f y", "install a/f x/f a",
	"install -C a/f x/f y", "install a/f a/f y", "install -t y a/f x/f", "install x/f a/f a",
	"mv a/f x/f a", "mv a/f x/f y", "ln a/f x/f y", "ln -f a/f x/f y", "ln -s a/f x/f y",
	"ln -sf a/f x/f y", "cp -r a x/../a y", "cp -r a a y", "cp -r a/ a y",
	"cp --backup=t a/f x/f y", "cp -R a y/../a z", "mkdir y/a; cp -r x/f a y", "cp -P a/f x/f y",
	"cp -s $PWD/a/f $PWD/x/f y",
}

// TestSameNames checks that no operand replaces what the same command made of another
// operand.
func TestSameNames(t *testing.T) {
	var rows []string
	for _, command := range sameNames {
		rows = append(rows, "mkdir a x y z; echo 1 >a/f; echo 2 >x/f; "+command+"; echo $?; "+
			"find . -type f -o -type l | sort | while read f; do echo \"$f $(cat $f)\"; done")
	}
	judgeRows(t, rows, false)
}

// noNames are commands with an empty file name, as an unset variable yields one.
var noNames = []string{
	"dd if= of=x", "dd if=f of=", "dd if= of=", "echo a | xargs -a '' echo", "date -r ''", "cat ''",
	"sort -o '' f", "sort ''", "sed -f '' f", "sed p ''", "grep -f '' f", "grep a ''",
	"awk -f '' f", "wc ''", "wc f '' f", "head ''", "tail ''", "cut -c1 ''", "paste '' f",
	"tac ''", "tee '' <f", "cp '' x", "cp f ''", "mv '' x", "mv f ''", "ln -s '' x", "ln f ''",
	"rm ''", "rm -f ''", "mkdir ''", "rmdir ''", "touch ''", "chmod 644 ''", "chown 0 ''",
	"ls ''", "stat ''", "find ''", "readlink ''", "realpath ''", "truncate -s0 ''",
	"install f ''", "install '' x", "mkfifo ''", "mknod '' p", "uniq ''", "uniq f ''",
	"touch -r '' f", "cp -t '' f", "mv -t '' f", "install -d ''",
	"mktemp -p '' XXXX >/dev/null", "flock '' true", "nice ''", "env ''",
	"timeout 1 ''", "xargs '' <f",
}

// TestNoNames checks that no command takes an empty name for a file.
func TestNoNames(t *testing.T) {
	var rows []string
	for _, command := range noNames {
		rows = append(rows, "echo a >f; echo in | "+command+"; echo $?; ls")
	}
	judgeRows(t, rows, false)
}

// longLines are pipelines in which a line never ends or is very long.
var longLines = []string{
	"(yes | tr -d '\\n') | paste -s - | head -c 3", "(yes | tr -d '\\n') | paste - - | head -c 3",
	"paste -s /dev/zero >/dev/full; echo $?", "yes | paste - - >/dev/full; echo $?",
	"(head -c 1000000 /dev/zero | tr '\\0' x) | paste - f | wc",
}

func TestLongLines(t *testing.T) {
	var rows []string
	for _, command := range longLines {
		rows = append(rows, "echo a >f; "+command)
	}
	judgeRows(t, rows, false)
}

// linkedFiles are commands whose operands are symbolic links to descriptors, which differ
// from process to process.
var linkedFiles = []string{
	"echo hi | cat s", "cat s <m", "sed -n p s <m", "echo x | tee -a log >/dev/null",
	"echo y | cp s t; cat t", "exec 3<m; cat l", "grep -c . s <m", "echo z | awk 1 s",
	"wc -l s <m", "sort s <m", "x=$(cat s <m); echo $x", "cat s <m | tr m n",
	"f() { head -n 1 s; }; f <m", "(paste s m) <m",
}

// TestLinkedFiles checks that a link to a standard file leads to the standard file of the
// command itself.
func TestLinkedFiles(t *testing.T) {
	var rows []string
	for _, command := range linkedFiles {
		rows = append(rows,
			"echo m >m; ln -s /dev/stdin s; ln -s /dev/stdout log; ln -s /dev/fd/3 l; "+command)
	}
	judgeRows(t, rows, false)
}

// TestFullDisk checks that a copy for which the disk has no room does not look complete.
func TestFullDisk(t *testing.T) {
	const setup = "mkdir m d; mount -t tmpfs -o size=40k t m; head -c 100000 /dev/zero >f; " +
		"chmod 754 f; " +
		"touch -d 2001-01-01 f; cp -p f d/; "
	var rows []string
	for _, command := range []string{"cp f m", "cp -p f m", "cp -a f m", "mv f m", "install f m",
		"cp --preserve=mode f m", "install -m 640 -p f m", "cp -r d m", "cp -pr d m"} {
		rows = append(rows, setup+command+"; echo $?; find m f -printf '%p %m %s\\n' | sort; "+
			"find m -type f -not -newermt 2002-01-01; umount m")
	}
	for _, tool := range []string{"head", "tail"} {
		for _, words := range []string{"f -n 1", "-n1 f -q", "f f -q", "-q f f"} {
			rows = append(rows, "printf 'a\\nb\\n' >f; POSIXLY_CORRECT=1 "+tool+" "+words+"; echo $?")
		}
	}
	judgeRows(t, rows, false)
}
