package shell

import (
	"strings"
	"testing"
)

// TestBracketExpressions judges each bracket expression with each character, in case, in
// trimming and in a name (XCU 2.14).
func TestBracketExpressions(t *testing.T) {
	for _, br := range strings.Fields(`[a] [abc] [!a] [^a] [a^] [a!] [!!] [!^] [^!] [!a-c] ` +
		`[a-c] [c-a] [a-a] [a-] [-a] [--a] [a--] [!-a] [!a-] [+--] [%--] [a-c-e] [a-cx-z] ` +
		`[0-9] [A-z] [!A-z] []] []a] [!]] [!]a] [a]b] []-a] [[] [[a] [a[] [!\[] [] [!] [ ` +
		`[a [!a [a- [\]] [\a] [\\] [\!a] [a\-c] [a-\c] [\a-c] [\^] [!\]] [\[:alpha:]] ` +
		`["a"] ["a-c"] [a"-"c] ["!"a] ["]"] [a"]"] ['a'b] ['!a'] [$d] ["$d"] [$n] ` +
		`["$n"] [$b] ["$b"] [$s] ` +
		`[[:alpha:]] [[:digit:]] [[:alnum:]] [[:upper:]] [[:lower:]] [[:space:]] [[:blank:]] ` +
		`[[:punct:]] [[:print:]] [[:graph:]] [[:cntrl:]] [[:xdigit:]] [![:alpha:]] ` +
		`[^[:alpha:]] [[:alpha:][:digit:]] [[:alpha:]-z] [a[:digit:]] [[:digit:]a] ` +
		`[[:alpha:] [[:nope:]] [[:nope:]a] [[:alpha]] [[:alpha:a] [[:] [[:]] ` +
		`[[::]] [:alpha:] [[:ALPHA:]] [[.space.]] [[=] [[.] [[:"alpha":]] ` +
		`[["":alpha:]] ["[:alpha:]"] [[$k]] [$l]`) {
		judge(t, row{script: bracketScript(br)})
	}
}

// TestCollatingByStandard judges equivalence classes and collating symbols, which dash lacks.
func TestCollatingByStandard(t *testing.T) {
	for _, br := range strings.Fields(`[[=a=]] [[.a.]] [[.-.]] [[=a=]b] [![=a=]] [[.a.]-c] ` +
		`[a-[.c.]] [[.a.]-[.c.]] [[.].]] [[.[.]]`) {
		judge(t, row{script: bracketScript(br), standard: "XCU 2.14.1, XBD 9.3.5"})
	}
}

// bracketScript tries a bracket expression with each character.
func bracketScript(br string) string {
	return `d=a-c n='!a' b=']' s='a ]' k=:alpha: l='[:digit:]'` + "\n" +
		`for c in a b c d x z A Z 0 5 9 '!' '^' '-' ']' '[' '\' '/' '.' ' ' '	' '
' '"' "'" '#' '$' '%' '*' '+' ',' ':' ';' '=' '?' '@' '_' '{' '|' '}' '~' '' a] a: '[a' '[]' ` +
		`ac '[!]' b] ':]' a-c; do
case $c in ` + br + `) printf '<%s>' "$c";; esac
x=$c$c; x=${x#` + br + `}; [ ${#x} = ${#c}${#c} ] || printf '(%s)' "$x"
done
echo; i=1; while [ $i -lt 256 ]; do printf "\\$((i/64))$((i/8%8))$((i%8))\n"; ` +
		`i=$((i+1)); done > f
i=0; while IFS= read -r c; do i=$((i+1)); case $c in ` + br +
		`) printf "$i,";; esac; done < f; echo
mkdir e; cd e; touch a b c '!' ] [ ./- ^ : 9 '\' 'a]' '[a' '[]'; echo ` + br + `; echo x` + br +
		` ` + br + `x ` + br + `*; ls -d ` + br
}

// TestStars judges patterns without brackets against values (XCU 2.14).
func TestStars(t *testing.T) {
	for _, pat := range []string{"*", "**", "***", "?", "??", "???", "?*", "*?", "*?*", "?*?",
		"*??", "a*", "*a", "*a*", "a*a", "a*b*c", "*a*b*", "a?c", "?b?", "a**c", "*ab", "ab*",
		"*abc*", "a*bc", "*.*", "*.", ".*", "?.*", "*/*", "/*", "*/",
		`\*`, `\?`, `\a`, `a\*`, `\**`, `*\*`, `*\**`, `"*"`, `"*"*`, `*"*"`, `"a"*`, `"?"?`,
		`'*'`, `a"b"c`, `"a b"*`, `a\ b`, `$p`, `"$p"`, `$q`, `"$q"`, `$p$q`, `$p"$q"`,
		`"$p"$q`, `$r`, `"$r"`, `${u-*}`, `"${u-*}"`, `${u-"*"}`, `$e`, `"$e"`, `$e*`, `"$e"*`,
		`\\`, `"\\"`, `'\'`, `\\*`, `*\\`, `"\*"`, `$b`, `"$b"`, `$b*`, `"$b"*`, `*$b`, `a|b`,
		`*|*b`, `a\|b`, `"a|b"`, `(a|b)`, `~`, `"~"`, `#`, `a#`, `!a`, `!`, `-*`, `{a,b}`,
		`+(a)`, `@(a)`, `a+`, "a\\\nb", "\"a\nb\"", "*\"\n\"*"} {
		judge(t, row{script: `p='*' q='a?' r='\*' e= b='\'` + "\n" +
			`for c in a b c ab ba abc aabbcc abab acb 'a b' a.b .a a. . .. a/b /a a/ / '*' ` +
			`'?' '**' 'a*' '*a' 'a?' 'a??' '*a?' '\' '\*' '\\' '\a' 'a\' '' 'a|b' '~' '#' ` +
			`'a#' '!a' '!' -x '{a,b}' '+(a)' aa 'a
b' '
'; do case $c in ` + pat + `) printf '<%s>' "$c";; *) printf .;; esac; done; echo`})
	}
}

// pathnamesRows are rows of TestPathnames.
var pathnamesRows = scripts{
	show + `p /etc/pass* /et?/passwd /e[t]c/hos[t]s /dev/nul? /dev/std* /proc/self/f? ` +
		`/*/passwd /nosuch/* /etc/passwd/* //etc/pass* /.//etc/pass*`,
	show + `mkdir d; touch d/f; chmod 0 d; p d* d/* d/f*; chmod 111 d; p d/* d/f d/f*; ` +
		`chmod 444 d; p d/* d/f*; chmod 700 d; p d/*`,
	show + `if [ "$(id -u)" = 0 ]; then touch f1; chmod 700 .; mkdir no; chmod 0 no; ` +
		`touch no/f; setpriv --reuid=65534 --clear-groups sh -c 'cd /tmp; ` +
		`printf "<%s>" /root/*'; fi`,
	show + `touch a1 a2; f() { p "$@"; }; f a*; p "$(echo a*)" $(echo a*) ` + "`echo a*`" +
		`; x=$(echo a*); p "$x"; sh -c 'echo a*'; eval 'p a*'; eval "p 'a*'"; readonly r=a*; ` +
		`p "$r" $r; export e=a*; p "$e"; l() { local l=a*; p "$l"; }; l`,
	show + `touch a1 a2; p > a* x; ls; cat < a?; echo y > 'a'*; ls; echo z > b*; ls; ` +
		`echo w >> a[1]; cat a1; x=a1; cat < $x*; cat <<E
a* $(echo a*)
E`,
	show + `touch x1 x2; case x1 in x*) p 1;; esac; case 'x*' in x\*) p 2;; esac; ` +
		`test -f x[1]; echo $?; [ -f x* ]; echo $?; for i in x* y*; do p $i; done; ` +
		`set x*; p $#; x* ; echo $?`,
	show + `touch c b a C B A _ 0 ./- + .; p *; p [a-c] [A-C] [_-a] [+--]; ` +
		`LC_ALL=en_US.UTF-8; p *; LC_ALL=C.UTF-8 sh -c 'echo *'; LANG=de_DE; p *`,
	show + `i=0; while [ $i -lt 300 ]; do i=$((i+1)); : > f$i; done; set -- f*; ` +
		`p $# $1 $2 ${300}; set -- f?; p $#; set -- f*9; p $# $1; ` +
		`p f[1-3][0-9] f1[!0-8]?; set -- */ ; p "$@"`,
	show + `mkdir -p a/b/c a/b/d e/b/c; touch a/b/c/1 a/b/d/2 e/b/c/3; p */*/*/*; ` +
		`p */b/*/?; p a/*/c/*; p */b/c/[13]; p [ae]/?/?/?; p */*/*/*/; p */*/*/; ` +
		`p a/*/../*/c; p ./*/./b`,
	show + `touch 'a b' 'a	b' 'c
d' "e'f" 'g"h' 'i\j' 'k$l' 'm*n' ' lead' 'trail '; p *; for f in *; ` +
		`do [ -e "$f" ] || echo missing; done; set -- *; p $#; p $*; ` +
		`p "a "* *\ b *' 'b *\\* *\** *\$* *\"* *\'*`,
	show + `touch '[' ']' '[]' '[a' 'a]' '[a]'; ` +
		`p [ ] [] [a a] [a] [[] []] [][] [[]] [[]a "["* [[]* []]* *[ *] *[]] *[[] \[* \[]`,
	show + `d=$PWD; cd /; p et[c]; p ./et[c]; cd /etc; p ../et[c]/passw?; p ..*/etc/passw? ; ` +
		`cd - > /dev/null; p .[.]/no*; cd "$d"; mkdir .a .b; p .[!.]*/ .?/ .*/`,
	show + `set -f; touch a; p *; x=*; p $x "$x"; set +f; p $x; set -o noglob; p ?; ` +
		`set +o noglob; p ?; sh -f -c 'echo *'; sh -o noglob -c 'echo *'; (set -f; p *); ` +
		`p *; case $- in *f*) p on;; esac`,
	show + `touch ab; x='a"*"'; p $x; x="a'*'"; p $x; x='a\*'; p $x; touch 'a*'; p $x; ` +
		`x='a[b]'; p $x; x='a[\b]'; p $x; x='[a-\b]b'; p $x; x='\a*'; p $x; x='a\b'; ` +
		`p $x; x='a\'; p $x; x='a\\*'; p $x`,
	show + `touch 'a\b' 'a\' ab; p a\\* a\\b 'a\'* "a\\"*; x='a\\*'; p $x; x='a\\b'; p $x; ` +
		`x='a[\\]b'; p $x; x='a?b'; p $x; x='*\'; p $x; p *\\ *'\'`,
	show + `mkdir d; touch d/f; p d\/f d/\f d\/* "d"/f* d/""* ''d/* d"/f" d'/f'*; x='d\/*'; ` +
		`p $x; x='d\/f'; p $x; x='\d/*'; p $x; x='d//*'; p $x; x='/*/passw?'; p $x`,
	show + `n=$(printf '\351t\377'); : > "$n"; : > "x$n"; : > b; p * | od -c; ` +
		`p ?t? x* [!b]* | od -c; p "$n"* | od -c; for i in *t*; ` +
		`do [ "$i" = "$n" ] && echo same; done; p [$n]* *[$(printf '\377')] | od -c; ` +
		`ls | wc -l`,
	show + `n=$(printf '\303\251'); : > "$n"; p ? ?? | od -c; p [$n] [$n]? | od -c; ` +
		`p $(printf '\303')* | od -c; p *$(printf '\251') | od -c; case $n in ?) p 1;; ` +
		`??) p 2;; esac; p ${#n} ${n#?} | od -c`,
	show + `i=128; while [ $i -lt 256 ]; do : > "$(printf "\\$(printf %o $i)")"; ` +
		`i=$((i+1)); done; : > z; p * | cksum; p ? | cksum; p [!z] | cksum; ` +
		`p [$(printf '\200-\277')] | cksum; p [a-$(printf '\377')] | cksum; ` +
		`p [[:alpha:]] [[:print:]] [![:cntrl:]] | cksum; set -- *; p $#`,
}

// TestPathnames judges patterns of names (XCU 2.14.3).
func TestPathnames(t *testing.T) {
	files := `mkdir -p d/sub dd .hd 'd e' 'x[1]'; ` +
		`touch a b ab abc .h .hh d/a d/b d/.h d/sub/z dd/a .hd/q 'd e/f' 'x[1]/y' 'q*' 'q?' ` +
		`'q\' '[b]' -n '#c' '~' 'n
l' A B aB; ln -s nowhere dang; ln -s d ld; ln -s ../d/a d/up; ` + "\n"
	for _, pat := range strings.Fields(`* ** ? ?? ??? a* *b *b* .* .h* .?* .[!.]* .[.]* [.]* ` +
		`[.]h* ?h \.* \.h* "."* .""* *. *.* d/* d/.* d/*/* */* */*/* */a ?/a d?/* d*/ */ */. ` +
		`*/.. */../a ./* ./a* .//* d//* d///a* //* ../* ../*/a* ../*/./a* d/../* d/./* ` +
		`[ab] [!ab] [^ab] [a-c]* [A-C]* [[:upper:]] [[:upper:]]* [a]b a[b] a[bc]* [a/b] [d/]a ` +
		`d[/]a d[!x]a d[a*/a d/[a d/[ab] d/[!a]* [d]/a [d]*/[a] *[b] "[b]" \[b] [\[]b] ` +
		`[[]b] [b] [[b]*] x[1] x\[1]/* x[[]1]/* "x[1]"/* x[1]/* x*/* x?1?/y ` +
		`q* q\* q"*" q\? q"?" q[*] q[?] q\\ q\\* q[\\] q['\'] "q"* 'q'? q*? *\* *"?" *\\ -* ` +
		`-[n] [-]n #* \#* ~ ~* \~* n?l n*l n[!x]l no* no? [no] d/no* no/* no*/ a/* a* /* ` +
		`dang* dang/* ld/* l*/* l*/ ld*/sub/* */up d/u* d/up* ` +
		`*/sub */su[b] d/*/z d/*/../a d/su?/z d*/*/z */*b/z [d]/[s]*/[z] d/s\ub/* d/"sub"/* ` +
		`d"/"* d\/* d'/'* d/* a*b* *a*b* "a"*"b"* a"*"b $p "$p" ${p} $p$p d/$p d/"$p" $r ` +
		`$s "$s" ${u-*} ${u-"*"} ${u-d/*} "${u-*}" $(echo '*') "$(echo '*')" ` +
		`$q $q* "$q"* $w $w* $v/* "$v"/* {a,b} {a,b}* a{b,c} $u* *$u* ''* *'' x=* =* : :* ` +
		`;* !* @(a|b) `) {
		if pat == ";*" || strings.HasPrefix(pat, "@(") {
			continue
		}
		judge(t, row{script: show + files + `p='*' q=a r='a*' s='\*' w='d/' v='d e'` + "\np " +
			pat + "\nx=" + pat + `; p "$x" $x; set -f; p ` + pat + `; p $x; set +f; for i in ` +
			pat + `; do p "$i"; done; cd d; p ` + pat + " ../" + pat +
			"; cd ..; case a in " + pat + ") p 1;; *) p 0;; esac; set -- " + pat +
			"; p $#; echo " + pat + " | cat"})
	}
	same(t, pathnamesRows...)
}
