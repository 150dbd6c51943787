package files_test

import (
	"testing"

	"overlayboot/compat/judge"
)

const findSetup = `mkdir -p a/b/c e1 'x y'
	echo hi >a/f
	: >a/b/.h
	ln -s f a/l
	ln -s nope a/dang
	ln -s .. a/b/up
	mkfifo p
	: >'x y/it'
	head -c 3000 /dev/zero >a/b/c/big
	ln a/f hard
	chmod 4711 a/f
	chmod 1777 e1
	chown 1:4 p
	chown 54321:54321 e1
touch -h -d '2001-02-03 04:05:06.7' a/f a/l a/b/.h e1
	touch -d '3 days ago' p
	touch -d '50 minutes ago' hard
touch -d '2005-01-01' a a/b a/b/c . 'x y'`

// findRows are rows of TestFind.
var findRows = []string{
	"find", "find .", "find a e1", "find nope a", "find ./a/ -type f", "find . -name '*.h'",
	"find . -name '.*'", "find . -name 'B*' -o -iname 'B*'",
	"find . -path './a/*' -prune -o -print", "find . -path ./a/b -prune -o -type f -print",
	"find . -maxdepth 1", "find . -mindepth 2 -maxdepth 2", "find . -maxdepth 0 -name .",
	"find . -newer a/f", "find . -newer nope", "find . -mtime +1 -type f", "find . -mtime 3",
	"find . -mtime -3 -type f", "find . -mmin 50", "find . -mmin +49 -mmin -52",
	"find . -mmin -50 -type f", "find . -size +1", "find . -size 3000c", "find . -size 6",
	"find . -size -1k", "find . -size -2k -type f", "find . -perm 4711",
	"find . -perm -111 -type d", "find . -perm /6000", "find . -perm u+x,g+r",
	"find . -perm -u=x -type f", "find . -perm zz", "find . -user daemon", "find . -group 4",
	"find . -nouser", "find . -nogroup", "find . -uid +0", "find . -empty",
	"find . -type d -empty", "find . -print0",
	"find . -printf '%p %P %f %h %H %d %y %Y %m %M %u %g %U %G %s %n %l %%\\n'",
	"find a/ a/b/ / -maxdepth 1 -name 'b*' -printf '%p %P %f %h %H\\n'",
	"find a/b/.h a e1 -maxdepth 0 -printf '%Tr %T@ %TY-%Tm-%Td %TH:%TM:%TS %T+ %Tc %Tj %Ta %TZ\\n'",
	"find a/f -printf 'a\\tb\\n\\101\\0c'", "find . -type f -exec echo {} ;",
	"find . -type f -exec echo a{}b {} ; -print", "find . -type f -exec echo {} +",
	"find . -type f -exec false {} +", "find . -exec false ; -o -print", "find . -type f -delete",
	"find a -delete", "find . -name b -delete", "find a -depth", "find -d", "find . -", "find -L a",
	"find -L . -type l", "find -H a/l a/b/up -maxdepth 1", "find -L a/b", "find -P a/l -type l",
	"find . ! -name a -a -type d", "find . ( -name a -o -name b ) -print",
	"find . -name a , -name b", "find . -type f,l", "find . -xtype l", "find . -xtype f",
	"find -L . -xtype l", "find . -lname 'f*'", "find . -quit", "find . -print -quit",
	"find . -name f -print -quit", "find . -samefile hard", "find . -links 2 -type f",
	"find . -regex '.*/[a-c]'", "find . -regex './a.*g'", "find . -regex '.*[xy]+.*'",
	"find . -iregex '.*/F'", "find . -newermt 2004-01-01", "find . -newermt '2 days ago' -type f",
	"find . -not -newer a", "find . -type f -readable -writable", "find . -executable -type f",
	"find . -true -false -o -name p", "find . -name", "find '' -print", "find . -xdev -name f",
	"find . -mount -name f", "find . -noleaf -name f", "find . -daystart -mtime 3",
	"find . -anewer a/f -name p", "find . -inum 1", "find -- a -maxdepth 1",
	"find . -name 'x y' -exec ls {} ;", "find . -name '[[:alpha:]]'", "find . -name '[!a-c]'",
	"find . -name '\\*'", "find . -name 'x?y'", "find . -depth -type d -print -name a -prune",
	"find . -type d -exec rmdir {} ;",
	"find . -type f -name big -exec sh -c 'echo \"$1\"; exit 1' sh {} ; -print",
	"find /dev/null /etc/hostname -type f", "find a/f/ a", "find a/f/x", "find . -wholename ./a/f",
	"find . -print -o -name x", "find . -print -print", "find . -name a -prune",
	"find a -name c -prune -o -delete", "find a -prune -delete",
	"find a -depth -name c -prune -o -delete", "find a -delete -o -prune -depth",
	"find a ( -path a/b -prune -o -type f -delete )",
	"find a a/b -maxdepth 0 -printf '%t|\\n'", "find . -perm +111", "find . -perm +644",
	"find . -perm +r", "find . -perm -+x", "find . -name a -prune -print",
	"find . ! -path '*/b*'", "find . -type f -size +0 -size -10",
	"find . -perm -4000 -printf '%04m %p\\n'", "find / -maxdepth 1 -name etc",
	"find //etc -maxdepth 0", "find . -mtime 0.5", "find . -cmin -5 -name p",
	"find . -amin +600 -type f", "find a -type d -printf '%d\\n' -name c -exec echo c ;",
	"find a -execdir echo {} ;", "find a -execdir sh -c 'ls -d \"$@\"' x {} +",
	"find a/ -execdir ls -d {} ;", "find / -maxdepth 0 -execdir ls -d {} ;",
	"find a e1 'x y' -execdir sh -c 'ls -d \"$@\"' x {} +",
	"find a/b/c a/b/.h -execdir ls -d {} + -o -print", "find a -depth -execdir ls -d {} +",
	"find a -execdir false {} +", "find a -execdir nosuch {} +", "find a -execdir nosuch {} ;",
	"find a -execdir echo a{}b {}", "find a -execdir", "find a -type f -execdir rm {} ;",
	"find a -fprint o1 -fprint o2 -fprint o1", "find a -fprint0 o1 -fprintf o2 '%p %f\n'",
	"find a -fprintf o2 -fprintf", "find a -fprint",
	"find /dev/null /etc/hostname -fls o1 -ls -true", "find a -fprint /nosuch/o",
	"find a -fprint o1 -fprint /nosuch/o -fprint o2", "find a -fprint /dev/full",
	"find a -fprint /dev/stdout", "find a -print -fprint /dev/stdout",
	"find a -fprint o -exec cat o ;", "find a -fprint a/f", "find . -type f,f",
	"find . -xtype d,l,d",
}

func TestFind(t *testing.T) {
	var rows []judge.Row
	for _, argv := range findRows {
		rows = append(rows, judge.Row{Setup: findSetup, Argv: argv})
	}
	for _, argv := range []string{"find . -regextype awk", "find . -fstype x",
		"find . -ok rm ;", "find -d a",
		"find . -type z", "find . -printf %q", "find . -newermt garbage"} {
		rows = append(rows, judge.Row{Argv: argv, Lacks: true})
	}
	ours.Rows(t, rows)
}
