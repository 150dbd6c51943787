package shell

import "testing"

// TestPatterns judges the pattern matching notation by case and trimming (XCU 2.14).
func TestPatterns(t *testing.T) {
	script := ""
	for _, pat := range []string{"a", "?", "*", "a*", "*a", "*a*", "[abc]", "[!abc]", "[^abc]",
		"[a-c]*", "[]a]",
		"[!]a]", "[a-]", "[-a]", "[[:alpha:]]", "[[:alpha:][:digit:]]", "[[:nope:]]", "[",
		"[a", `\a`, `\*`, `"*"`, `'?'`, `[\]]`, `["]"]`, `[a"-"c]`, "a|b", `""`, "''", "*\"a\"",
		"[!a]*", "??", "*?",
		"[a-", "[]", "[!]", `\\`, "[\\\\]", "[[]", "[z-a]", "[ab]c", "$v", `"$v"`, "${v}",
		"[$w]", `["$w"]`, "a\\",
		"$q", `"$q"`, "[[:space:]]", "*[[:punct:]]", "*.*", "~", "(a", "a)b) echo x;; (q"} {
		script = "v='*' w='a-c' q='\\*'\n"
		script += "for s in a b c abc '' ']' '-' '*' '?' '[' '[a' '\\' ac . a.b ' ' ! ^ /h 'a|" +
			"b' '\\*'; do\n"
		script += "case $s in " + pat + ") echo \"<$s>\";; esac; done\n"
		judge(t, row{script: script})
	}
	same(t,
		`x=abc; case $x in (a*) echo 1;; (*) echo 2;; esac; case $x in b*|a*) echo 3; esac; `+
			`case $x in q) ;; esac; echo $?`,
		`false; case x in y) ;; esac; echo $?; false; case x in x) ;; esac; echo $?; `+
			`case x in x) false;; esac; echo $?`,
		`case "a b" in a\ b) echo y;; esac; case a in "a"|b) echo y;; esac; `+
			`case "" in "") echo e;; esac; case $x in '') echo u;; esac`,
		`case x in
# comment
x) echo a
   echo b;;

y) echo c
esac`,
		`case $(echo a) in a) echo y;; esac; case a in $(echo a)) echo y;; esac; `+
			`case 1 in $((1))) echo y;; esac`,
		`case a in ?) echo q;; a) echo no;; esac; case ab in ?) echo no;; ??) echo y;; esac`,
		`case -a in -*) echo opt;; esac; case / in /*) echo abs;; esac; `+
			`case . in .) echo dot;; esac; case a/b in *) echo star;; esac; `+
			`case .x in *) echo hid;; esac`,
		`case x in x) echo a;; x) echo no;; esac; case x in esac; case x in
esac; echo $?`,
		`case x in x) exit 3;; esac; echo no`,
		`for i in a b c; do case $i in b) continue;; esac; echo $i; done; `+
			`f() { case $1 in x) return 4;; esac; echo no; }; f x; echo $?`,
		`case "$(echo 'a
b')" in "a
b") echo nl;; esac; case 'a\b' in a\\b) echo bs;; esac; case 'a\b' in 'a\b') echo bs;; esac`,
		`case é in ?) echo one;; ??) echo two;; esac; case é in [é]) echo br;; *) echo no;; `+
			`esac`,
		`case a in [[:alpha:]) echo no;; *) echo y;; esac; case : in [:x]) echo y;; esac; `+
			`case a in [!b-z]) echo y;; esac`,
	)
}
