package shell

import "testing"

// TestQuoting judges quoting (XCU 2.2).
func TestQuoting(t *testing.T) {
	same(t,
		`echo 'a  b' "c  d" e\ \ f`,
		`echo "a'b" 'a"b' a\'b a\"b`,
		`printf '[%s]' "" '' a"" ''a "$x" "$@" "$*"`,
		`printf '[%s]' "\a\b\$\"\'\\\x"`,
		"printf '[%s]' \"\\`\" \"a\\\nb\" a\\\nb 'a\\\nb'",
		`x='$HOME `+"`echo a`"+`'; printf '[%s]' $x "$x"`,
		`echo "$" $ "a$" a$ "$ " $%`,
		`echo \a\b\$x \* \~ \#a # comment`,
		`echo a#b '#' "#" a\ #`,
		`echo "a
b" 'c
d'`,
		`e\c\h\o quoted name; 'ec'ho again; "echo" more`,
		`"if" true; echo $?`,
		`\if true; echo $?`,
		`\exit 3`,
		`echo "\\" '\' \\`,
		`printf '%s\n' "a\\nb" 'a\nb' "\\\\"`,
		`printf '%s|' "$(echo "a b")" "$(echo 'c  d')"`,
		`a="x y"; printf '[%s]' "$a"'$a'$a\ $a`,
		`echo a\
b c\
 d`,
		"echo \"a\\\nb\\\n\"",
		`echo "it's" 'say "hi"'`,
		`printf '[%s]' a'b'"c"\d`,
		`e=echo; $e "a"; "$e" b; $e'' c`,
		`printf '%s\n' "!" '!' \! "a!b"`,
		`printf '%s\n' {a,b} a{1,2} {1..3} '{a}'`,
		`printf '%s\n' $"x"`,
		`echo "a$(echo "b$(echo "c")")"`,
		`printf '[%s]' "a"b'c'd"e f"g`,
		`echo '' | od -c`,
		`printf '[%s]' \`+"\n"+`x`,
		`x=\'a\'; echo $x; x="\"b\""; echo $x`,
		`echo a;echo b&&echo c||echo d`,
		`echo "a\`+"\n"+`$`+"\\\n"+`{x-y}"`,
	)
}

// TestTokens judges tokens and reserved words (XCU 2.3 and 2.4).
func TestTokens(t *testing.T) {
	same(t,
		`echo if then else fi for while do done case esac { } ! in until elif`,
		`if=1; echo $if`,
		`if() { echo f; }; echo no`,
		`echo a>b; cat b`,
		`echo a >b c; cat b`,
		`echo 2>b; cat b; ls`,
		`echo a2>b; cat b`,
		`echo a 2>b; cat b`,
		`echo \2>b; cat b`,
		`# nothing
		# more
		echo x # y`,
		`echo a &&

echo b`,
		`true ||
# a comment
echo c; echo d`,
		`echo x |

cat`,
		`{ echo a; } ; { echo b;}`,
		`{echo a; }`,
		`(echo a)`,
		`((echo a) )`,
		`!true`,
		`! true; echo $?; ! false; echo $?; ! ! true; echo $?`,
		`echo a;;`,
		`echo done
done`,
		`;`,
		`for i in a b; do echo $i; done; echo x`,
		`for i in a b
do
echo $i
done`,
		`foo=bar`,
		``,
		`

`,
		`# only a comment`,
		`echo no newline`,
		`echo a\`,
		`case in in in) echo in;; esac`,
		`for in in in; do echo $in; done`,
	)
}
