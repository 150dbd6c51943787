package shell

import (
	"strings"
	"testing"
)

// bytesRows are rows of TestBytes.
var bytesRows = scripts{
	`i=1; while [ $i -lt 256 ]; do o="$o\\$((i/64))$((i/8%8))$((i%8))"; i=$((i+1)); done; ` +
		`x=$(printf "$o."); echo ${#x}; printf %s "$x" | cksum; y=$x$x; echo ${#y}; ` +
		`z=${x#*A}; echo ${#z}; z=${x%%a*}; echo ${#z}; printf %s "$z" | cksum; ` +
		`set -- $x; echo $#; printf '<%s>' "$@" | cksum; IFS=$x; set -- $x; ` +
		`echo $#; IFS=; set -- $x; echo $#; case $x in "$x") echo same;; ` +
		`esac; export x; sh -c 'printf %s "$x"' | cksum; cat <<E | cksum
$x
E
f() { printf %s "$1" | cksum; }; f "$x"; printf '%s' "$(printf %s "$x")" | cksum; ` +
		`echo "$x" | cksum; echo "$x" > f; read -r v < f; echo ${#v}; while IFS= read -r v; ` +
		`do echo ${#v}; done < f; set | cksum | wc -l; x="$x" env | grep -ac .`,
	`i=1; while [ $i -lt 256 ]; do case $i in 10|47) ;; ` +
		`*) o="\\$((i/64))$((i/8%8))$((i%8))"; c=$(printf "$o."); : > "f${c%.}";; esac; ` +
		`i=$((i+1)); done; set -- *; echo $#; printf '%s\n' "$@" | cksum; ` +
		`for i in f*; do [ -f "$i" ] || echo no "$i"; done; set -- f[!a-z]; ` +
		`echo $#; set -- f[[:alpha:]]; echo $#; set -- f?; echo $#; ` +
		`set -- f[$(printf '\200')-$(printf '\377')]; echo $#; ` +
		`set -- f[$(printf '\001')-z]; echo $#; rm f*; ls`,
	`x=$(printf 'a\0b\0'); echo "$x" ${#x}; printf 'a\0b\n' > f; read y < f; echo "$y"; ` +
		`read -r y < f; echo "$y"; while read z; do echo ${#z}; done < f; ` +
		`y=$(cat f; printf '\0'); echo ${#y}; printf '\0\0' > f; y=$(cat f); ` +
		`echo ${#y}; cat f | od -c; printf 'a\0b' | cat | od -c; ` +
		`printf '%s\0' a b | od -c; printf '%b' 'a\0b' | od -c; ` +
		`echo 'a\0b' | od -c; echo 'a\0101\c b'`,
	`for l in C POSIX C.UTF-8 en_US.UTF-8 de_DE.ISO-8859-1 nonsense; do LC_ALL=$l; ` +
		`export LC_ALL; x=$(printf '\303\251'); echo ${#x}; case $x in ?) echo 1;; ` +
		`??) echo 2;; esac; y=${x#?}; printf %s "$y" | od -c; [ b \> B ]; echo $?; ` +
		`case b in [A-Z]) echo in;; *) echo out;; esac; ` +
		`sh -c 'x=$(printf "\303\251"); echo ${#x}; ` +
		`case $x in [[:alpha:]]) echo al;; *) echo no;; esac; ` +
		`for i in b a B A; do echo $i > $i; done; ` +
		`echo *'; printf '%.1f\n' 1.5; done; ls -l`,
	`d=$(printf 'd\351\377'); mkdir "$d"; cd "$d"; [ "$PWD" = "$(pwd)" ]; echo $?; ` +
		`pwd | tail -c 3 | od -c; echo x > "$(printf '\376')"; for i in *; ` +
		`do printf %s "$i" | od -c; done; cd ..; echo */* | od -c; echo d*/? | od -c; ` +
		`(CDPATH=$d; cd . ; echo $?); PATH=$PWD/$d:$PATH; ` +
		`printf '#!/bin/sh\necho ran "$0" | ` +
		`tail -c 4\n' > "$d/$(printf 'p\352')"; chmod +x $d/p*; ` +
		`p$(printf '\352') | od -c; command -v p$(printf '\352') | ` +
		`tail -c 3 | od -c; rm -r d*`,
	`env -i "$(printf 'a\351=b\377')" "$(printf 'c=\376')" PATH="$PATH" sh -c ` +
		`'printf %s "$c" | od -c; env | grep -a b= | od -c; d=$c; export d; ` +
		`env | grep -ac "^d="; set | grep -a "^c=" | od -c'`,
	`sh -c 'printf %s "$1$0" | od -c; printf %s "$*" | od -c; for i; ` +
		`do printf %s "$i" | od -c; done' "$(printf '\351')" "$(printf '\377a')" ` +
		`"$(printf '\200 \201')"; set -- "$(printf '\351 b')" c; ` +
		`printf '%s|' $1 "$1" | od -c; shift; echo $1; ` +
		`getopts "$(printf '\351')" o "-$(printf '\351')" 2>&1; ` +
		`echo "$?$o" | od -c`,
}

// byteValues are the values of TestBytes, as printf makes them.
var byteValues = []string{`\351`, `\377`, `\200`, `\201`, `\202`, `\203`, `\204`, `\205`, `\206`,
	`\207`, `\210`, `\001`, `\033`, `\177`, `\303\251`, `\303`, `\251`, `\342\202\254`,
	`a\351b`, `\351a`, `a\351`, `\377\376`, `\355\240\200`, `\360\237\230\200`, `\300\200`,
	`\t\351\n x`, `\351 \352`, `*\351`, `[\351]`, `\\\\\351`, `\201\201`, `\210\210a`,
	`\\\\\210`, `"\351"`, `$\351`, `~\351`}

// TestBytes checks that every byte except zero is a character in values, names and patterns.
// The scripts make the bytes by printf, so that they are plain text themselves.
func TestBytes(t *testing.T) {
	for _, v := range byteValues {
		// The x protects newlines at the end.
		script := show + "b=$(printf '" + v + "x'); b=${b%x}; {\n" +
			`p "$b" $b x$b; p "${b}" "${b}y" ${#b}; c=$b; [ "$c" = "$b" ]; echo $?; c=${b#?}; ` +
			`p "$c" ${#c}; c=${b%?}; p "$c"; c=${b#"${b%?}"}; p "$c"; c=${b##*$c}; p "$c"
case $b in "$b") echo 1;; *) echo 2;; esac; case $b in ?) echo 1;; ??) echo 2;; ???) echo 3;; ` +
			`*) echo n;; esac; case a${b}c in a*c) echo 1;; *) echo 2;; esac; ` +
			`case $b in [$b]) echo 1;; [!$b]) echo 2;; *) echo 3;; esac; ` +
			`case $b in *"$b"*) echo 1;; esac; case $b in [[:alpha:]]*) echo a;; ` +
			`[[:cntrl:]]*) echo c;; [[:print:]]*) echo p;; [![:print:]]*) echo n;; esac
p "${u-$b}" ${u-"$b"} "${u:-x${b}y}" ${b:+y} ${b+"$b$b"} "${b#"$b"}" "${b%%$b}" ${b##$b}; ` +
			`p "$(printf %s "$b")" $(printf %s "$b") "` + "`echo \"$b\"`" +
			`"; set -- "$b" "$b$b"; p "$@"; p "$*"; p $#; for i in "$@"; do p "$i"; done; IFS=$b; ` +
			`p $b; p a${b}c; p "$*"; c=1${b}2; p $c; read d e <<E
1${b}2
E
p "$d" "$e"; unset IFS; cat <<E
$b ${b} "$b" ${u-$b}
E
f() { local l=$b; p "$l" "$1"; }; f "$b"; export b; env | grep -a '^b='; ` +
			`sh -c 'printf %s "$b"; echo ${#b}'; ` +
			`printf '%s|%b|%5s|%-5s|%.1s|%c\n' "$b" "$b" "$b" "$b" "$b" "$b"; echo "$b"; ` +
			`echo -n "$b"; printf "$(printf %s "$b" | sed 's/[%\\]/&&/g')"; read -r d <<E
$b
E
p "$d"; printf '%s\n' "$b" | while read -r d; do p "$d"; done; printf '%s\n' "$b" | { read d; ` +
			`p "$d"; }; c=$b$b; p ${#c} "$c"; set | grep -a '^c='; readonly r="$b"; ` +
			`readonly -p | grep -a r=; test "$b" = "$c"; echo $?; test -n "$b"; echo $?; ` +
			`[ "$b" \> a ]; echo $?; [ "$b" \< z ]; echo $?; expr "$b" : '.*' > /dev/null; ` +
			`alias z="$b"; alias z
[ "$b" = / ] || case $b in */*|*' '*) ;; *) : > "n$b"; p n* n? n?? "n$b"* n[!a]; cat < "n$b"; ` +
			`echo q > "n$b"; cat n$b; cd .; mkdir "d$b"; cd "d$b"; pwd | tail -c 4; cd ..; ` +
			`rm -r "n$b" "d$b";; esac
"$b" 2>&1 | head -c 20; PATH=$b; x=1
} 2>&1 | od -c | sed 's/  *$//'`
		judge(t, row{script: script})
	}
	same(t, bytesRows...)
	var all strings.Builder
	for i := 1; i < 256; i++ {
		if i != '\n' && i != '\'' {
			all.WriteByte(byte(i))
		}
	}
	judge(t, row{script: `IFS= read -r x; echo ${#x}; printf %s "$x" | cksum; cat | cksum; ` +
		`case $x in *A*) echo y;; esac`, stdin: all.String() + "\n" + all.String()})
	judge(t, row{script: `printf '%s|' "$@" | od -c; echo ${#1} $#; printf %s "$*" | cksum`,
		args: []string{"\xe9", "\xff\xfe a", all.String()}})
	judge(t, row{script: `printf '%s|' "$0" "$@" | od -c; echo ${#1} $#`,
		args: []string{"\xe9", "\xff\xfe a", "\xc3\xa9"}, as: asOperand})
	judge(t, row{script: `while IFS= read -r l; do printf '%s' "$l" | od -c; ` +
		`echo ${#l}; done; printf %s "$l" | od -c`,
		stdin: "\xe9\n\xff \xfe\n\\\x81\n\x88\x88\n  \xa0 \nend\x85"})
	judge(t, row{script: `while read a b; do printf '%s|%s' "$a" "$b" | od -c; done`,
		stdin: "\xe9\n\xff \xfe\n\\\x81\n\x88\x88 \\\x88\n  \xa0 \nend\x85\n"})
}
