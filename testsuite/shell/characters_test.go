package shell

import (
	"strings"
	"testing"
)

// quotedCharactersRows are rows of TestQuotedCharacters.
var quotedCharactersRows = scripts{
	show + `p ''a'' ""a"" 'a''b' "a""b" 'a'"b"'c' "a"'b'"c" a'b'c"d"e\f; ` +
		`p '' "" ''"" ""'' '''' """"; p ' ' " " \  '	' "	"`,
	show + `p 'a
b' "c
d" e\
f "g\
h" 'i\
j'; p "\
" \
 k; p "a\\
b" a\\b`,
	show + `p "'" '"' "\"" \' \" '\' "\\" '"'"'"'"' "'"'"'"'" 'it'\''s' "it's" it\'s; ` +
		`p "a'b'c" 'a"b"c' "a\"b\"c" "$(echo '"')" "$(echo "'")"`,
	show + `p "\a" "\z" "\1" "\ " "\(" "\*" "\[" "\~" "\#" "\!" "\'" "\n" "\t"; ` +
		`p '\a' '\\' '\$' '\"'; p \a \z \1 \( \* \~ \# \!`,
	show + `x=v; p '$x' "$x" \$x "\$x" $x '$'x "$"x \$"x" "\\$x" '\$x' "$x"x "${x}x" $x"x" ` +
		`$"x" "$'x'" "'$x'" '"$x"' "\"$x\"" \"$x\"`,
	show + `x=v; p '${x}' "\${x}" \${x} '$(echo x)' "\$(echo x)" '$((1))' "\$((1))" '` +
		"`echo x`' \"\\`echo x\\`\" \\`echo\\` \\$\\(a\\)",
	show + `p a\ b 'a b' "a b" a" "b a' 'b a\	b; p \a\ \b; ` +
		`p a\;b 'a;b' a\&b a\|b a\<b a\>b a\(b\) "a>b" 'a<b'; ls`,
	show + `p #c
p a#b \#c '#'c "#c" a #d
p "a # b" 'a # b' a\ #b
#
p $# ${#} $#a # end`,
	`'echo' a; "echo" b; \echo c; ec'ho' d; e"ch"o e; ech\o f; 'e''c'"h"\o g; $u'echo' h; ` +
		`''echo i; "$u"echo j; 'echo k'; echo $?; "echo "; echo $?; ''; echo $?; "$u"; ` +
		`echo $?; \ echo; echo $?`,
	`'if' true; echo $?; \if true; echo $?; "while"; echo $?; i\f; echo $?; 'x'=1; ` +
		`echo $?; x\=1; echo $?; "x=1"; echo $?; x'='1; echo $?; x="a b"; echo "$x"; ` +
		`x=a'b'c; echo $x; x=\'; echo $x; 'f'() { :; }`,
	`for i in 'a b' "c d" e\ f; do echo "<$i>"; done; case 'a b' in a\ b) echo 1;; esac; ` +
		`case "a b" in 'a b') echo 2;; esac; case a in "b"|'a') echo 3;; esac; ` +
		`case '*' in "*") echo 4;; esac; case ab in "*") echo no;; *) echo 5;; esac; ` +
		`case '' in "") echo 6;; esac; case "" in '') echo 7;; esac`,
	`echo > 'a b'; echo > "c d"; echo > e\ f; echo > 'g'"h"\i; echo > \*; echo > "?"; ls; ` +
		`cat < 'a b' | wc -l; x='j k'; echo > $x; echo > "$x"2; ls`,
	`eval echo 'a  b' "'c  d'" '"e  f"' \'g  h\'; eval 'echo "a'"'"'b"'; ` +
		`eval "echo \"\$HOME\" '\$HOME' \\\$HOME"; eval 'x="a\"b"'; echo $x; ` +
		`eval "eval 'echo \"q  r\"'"; eval echo \\\\ '\\' "\\\\"`,
	`a='x y' b="x y" c=x\ y; [ "$a" = "$b" ] && [ "$b" = "$c" ] && echo same; ` +
		`d=$a"$b"'$c'; echo "$d"; e="$a"\ "$b"; echo "$e"; f='a'\''b'"c'd"; echo "$f"; g="a
b"; echo "$g" $g; h=a\
b; echo $h`,
	`sh -c 'echo "$1" '\''$1'\'' \$1 "a  b"' x 'y  z'; ` +
		`sh -c "echo '$HOME' \"$HOME\" \$0" 'q  r'; sh -c echo\ \'a\ \ b\'`,
	`trap 'echo "a  b" '\''c  d'\'' $x' EXIT; x='e  f'; trap; ` +
		`trap "echo 'g  h' \"$x\"" EXIT; trap`,
	`x='a'; set | grep ^x=; x="a'b"; set | grep ^x=; x='a"b$c'; set | grep ^x=; x='a b'; ` +
		`export x; export -p | grep ' x='; readonly y="it's"; readonly -p | grep ' y='; ` +
		`alias z="a'b"; alias z; x=; set | grep ^x=; x='\'; set | grep ^x=; x="''"; ` +
		`set | grep ^x=`,
	`echo "a" 'b`, `echo "a`, `echo 'a`, "echo \"`echo a\"", `echo ${a`, `echo "${a"`,
	`echo $(echo`, `echo $((1+`, `echo "$(echo "a)"`, "echo `echo", `echo a\`, `x='`,
	`case 'a in`, `echo ${x-"}`,
}

// TestQuotedCharacters judges each printable character under each kind of quoting (XCU 2.2).
func TestQuotedCharacters(t *testing.T) {
	forms := map[string]string{
		"backslash": `\C`, "single": `'C'`, "double": `"C"`, "escaped in double": `"\C"`,
		"two backslashes": `\\\C`,
		"within a word":   `a\Cb`, "within single": `a'C'b`, "within double": `a"C"b`,
		"after a backslash in double": `"\\\C"`,
		"in the word of an operator":  `${u-\C}`, "in a quoted operator": `"${u-\C}"`,
		"in quotes in an operator": `${u-"C"}`,
	}
	for name, form := range forms {
		var b strings.Builder
		b.WriteString(show + "touch x\n")
		for c := byte(' '); c <= '~'; c++ {
			double := strings.Contains(form, `"`)
			switch {
			case c == '\'' && strings.Contains(form, "'"), // ends the quotes
				(c == '"' || c == '`' || c == '$' || c == '\\') && double && !strings.Contains(form, `\C`),
				c == '}' && !double && strings.Contains(form, "{u"),
				c == '}' && double && strings.Contains(form, "{u"):
				continue
			}
			word := strings.ReplaceAll(form, "C", string(c))
			b.WriteString("p " + word + "; v=" + word + "; p \"$v\"; case " + word + " in " +
				word + ") ;; *) echo no;; esac\n")
		}
		t.Run(name, func(t *testing.T) { judge(t, row{script: b.String()}) })
	}
	same(t, quotedCharactersRows...)
}
