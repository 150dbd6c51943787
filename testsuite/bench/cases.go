package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A benchmark is a script that every shell runs. It runs long enough that the shell's own
// start hardly counts, except where the start is what is measured.
type benchmark struct {
	name   string
	script string
	args   []string // the shell's arguments; the script's file if there are none
	times  int      // the number of runs in one measurement; 0 means 1
}

var benchmarks = [...]benchmark{
	{name: "start: empty script", script: "", times: 20},
	{name: "start: -c :", args: []string{"-c", ":"}, times: 20},
	{name: "arithmetic loop", script: `
i=0 sum=0
while [ $i -lt 200000 ]; do
	sum=$((sum + i * 3 % 7)) i=$((i + 1))
done
echo $sum
`},
	{name: "function calls", script: `
f() { n=$1; g "$2" $n; }
g() { m=$2; return 0; }
i=0
while [ $i -lt 80000 ]; do
	f $i two && i=$((i + 1))
done
echo $n $m
`},
	{name: "string trimming", script: `
path=/usr/local/share/overlay/boot.tar.gz i=0
while [ $i -lt 60000 ]; do
	base=${path##*/} dir=${path%/*} stem=${base%%.*}
	ext=${base#"$stem".} first=${path#/} first=${first%%/*}
	i=$((i + 1))
done
echo $base $dir $stem $ext $first
`},
	{name: "$(echo x)", script: `
i=0
while [ $i -lt 1000 ]; do
	x=$(echo $i) i=$((i + 1))
done
echo $x
`},
	{name: "$(basename a/b)", script: `
i=0
while [ $i -lt 300 ]; do
	x=$(basename a/b$i) i=$((i + 1))
done
echo $x
`},
	{name: "pipeline of natives", script: `
i=0
while [ $i -lt 100 ]; do
	printf '%s\n' a b c a | sort | uniq -c | wc -l >out
	i=$((i + 1))
done
read x <out
echo $x
`},
	{name: "programs started", script: `
cp /bin/true program
i=0
while [ $i -lt 300 ]; do
	./program
	i=$((i + 1))
done
echo $i
`},
	{name: "read 100,000 lines", script: `
n=0
while IFS=: read -r name rest; do
	n=$((n + 1))
done <lines
echo $n $name $rest
`},
	{name: "case and globs", script: `
i=0 a=0 b=0 c=0 d=0
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	for word in README.md a.tar.gz main.go x.c lib.h 12345 item42 /etc/passwd -v '' one-two; do
		i=0
		while [ $i -lt 150 ]; do
			case $word in
			*.tar.gz | *.tgz) a=$((a + 1)) ;;
			*.[ch] | *.go) b=$((b + 1)) ;;
			[0-9]*[!a-z]) c=$((c + 1)) ;;
			*-*) d=$((d + 1)) ;;
			esac
			i=$((i + 1))
		done
	done
done
echo $a $b $c $d
`},
	{name: "set -- and shift", script: `
i=0
while [ $i -lt 10000 ]; do
	set -- one two three "$i" five six
	while [ $# -gt 0 ]; do
		last=$1
		shift
	done
	i=$((i + 1))
done
echo $last
`},
	{name: "here-documents", script: `
i=0 who=world
while [ $i -lt 5000 ]; do
	read -r first <<-END
		hello $who, this is $i of ${max:-5000}
		and $((i * 2)) more \$ \\ lines
	END
	i=$((i + 1))
done
echo $first
`},
}

//go:embed program.sh
var longProgram string

// The config reader is cut out of the original's functions.
const (
	functions  = ".original/x/var/lib/overlay-boot/functions"
	configHead = "\nconfig() {\n"
	configTail = "\n}\n"
)

// prepare writes the scripts and their input into a directory.
func prepare(dir string) ([]benchmark, error) {
	list := append([]benchmark(nil), benchmarks[:]...)
	list = append(list, benchmark{name: "a program", script: strings.Replace(longProgram,
		"rounds=${1:-1}", "rounds=15", 1)})
	reader, err := configReader(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintln(os.Stderr, "without the original scripts there is no config reader (make original)")
	case err != nil:
		return nil, err
	default:
		list = append(list, benchmark{name: "the config reader", script: reader})
	}
	for i := range list {
		if c := &list[i]; c.args == nil {
			file, err := write(dir, fmt.Sprintf("case%d.sh", i), c.script)
			if err != nil {
				return nil, err
			}
			c.args = []string{file}
		}
	}
	var lines strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&lines, "name%d:some text of line %d:and more\n", i, i)
	}
	_, err = write(dir, "lines", lines.String())
	return list, err
}

// configReader returns a script that calls the original's function on a configuration of
// 200 lines.
func configReader(dir string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, functions))
	if err != nil {
		return "", err
	}
	_, body, found := strings.Cut(string(text), configHead)
	body, _, ended := strings.Cut(body, configTail)
	if !found || !ended {
		return "", fmt.Errorf("no config() in %s", functions)
	}
	var conf, names strings.Builder
	for i := range 100 {
		fmt.Fprintf(&conf, "# a comment of line %d\nNAME%d = not this\n", i, i)
		if i%5 == 0 {
			fmt.Fprintf(&conf, "KEY%d= value \\ %d\n", i, i)
			fmt.Fprintf(&names, " KEY%d", i)
		}
	}
	all := strings.SplitAfter(conf.String(), "\n")
	if _, err := write(dir, "config", strings.Join(all[len(all)-201:], "")); err != nil {
		return "", err
	}
	return "CONFIG=config\ndie() { echo \"$*\"; exit 1; }" + configHead + body + configTail +
		"for round in 1 2 3 4 5; do\n" +
		"for name in" + names.String() + "; do config $name default; done\n" +
		"done 2>&1\necho $KEY0 $KEY95\n", nil
}
