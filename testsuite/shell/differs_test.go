package shell

// A difference is a row on which the two shells do not agree, for a reason: want
// is what ours prints on standard output.
type difference struct{ reason, script, want string }

// The reasons.
const (
	needsAdapter = "the parser finds at once what dash finds when it runs the line, or reads it otherwise"
	wordingLine  = "dash has read the next line, or has not, when it finds this error"
	readsAhead   = "dash reads its script in blocks; XCU sh, STDIN, wants no byte too many"
	testedDot    = "dash forgets in a dot script that the status is tested; XCU 2.14 set -e exempts it"
)

var differences = [...]difference{
	{wordingLine, "case x in a\n", ""},
	{wordingLine, "echo (\n", ""},
	{wordingLine, "echo a (\n", ""},
	{wordingLine, "echo \"${x\"\n", ""},
	{testedDot, "echo 'false; echo in' > f1; set -e\n. ./f1 || echo or\necho after $?", "in\nafter 0\n"},
	{needsAdapter, "echo \"${x-\"a b\"}\" \"${x-'a b'}\" \"${x-a'b}\" ${x-\"a  b\"} ${x-'a  b'}", ""},
	{needsAdapter, "echo ${x:1:2}; echo no", ""},
	{needsAdapter, "echo ${x/a/b}; echo no", ""},
	{needsAdapter, "echo ${!x}; echo no", ""},
	{needsAdapter, "echo ${x^}; echo no", ""},
	{needsAdapter, "echo ${}; echo no", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((-))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((1+))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((*2))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $(((1))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((5=3))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((1.5))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $(($(echo))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((4)*2))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((`echo))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((3`))\necho $? \"$x\"", ""},
	{needsAdapter, "x=3 y=' 7 ' z=; echo $((1;2))\necho $? \"$x\"", ""},
	{needsAdapter, "echo $(( 1 + 2 )) $((\n1 +\n2)) \"$((3))\" a$((4))b $((  )) x", ""},
	{needsAdapter, "echo $((  ))", ""},
	{needsAdapter, "a='1 +'; echo $(($a 2)); a=2; b='a+1'; echo $((a)) $(($b)) $((b))", ""},
	{needsAdapter, "echo $LINENO\necho $LINENO; echo $LINENO\nf() {\necho $LINENO\n}\nf\nf\ngot:  \"1\\n2\\n2\\n4\\n4\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/echo_$LINENO_\" (0.01s)\n        main_test.go:109: script: echo $LINENO \"\n\" $LINENO\necho a \\\n $LINENO\necho $LINENO\ngot:  \"1 \\n 1\\na 3\\n5\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/if_true;_then (0.02s)\n        main_test.go:109: script: if true; then\n echo $LINENO\nfi\nfor i in 1 2\ndo\n echo $LINENO\ndone\n(\necho $LINENO\n)\necho $(echo $LINENO)\necho $(\necho $LINENO\n)\neval 'echo $LINENO\necho $LINENO'\necho $LINENO\ngot:  \"2\\n6\\n6\\n9\\n11\\n13\\n1\\n2\\n17\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/cat_<<E (0.03s)\n        main_test.go:109: script: cat <<E\n$LINENO\n$LINENO\nE\necho $LINENO\ngot:  \"1\\n1\\n5\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/LINENO=5;_echo_$LINENO (0.02s)\n        main_test.go:109: script: LINENO=5; echo $LINENO\necho $LINENO; unset LINENO; echo \"$LINENO\"\ngot:  \"1\\n2\\n2\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/f()_{_echo_$LINENO;_} (0.02s)\n        main_test.go:109: script: f() { echo $LINENO; }\nf\n\ng() {\n\necho $LINENO\nnosuch\n}\ng\necho $LINENO\ngot:  \"1\\n6\\n10\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/cat_<<E#01 (0.03s)\n        main_test.go:109: script: cat <<E\n$LINENO\n${x-$LINENO}\n$(echo $LINENO)\nE\necho $LINENO; nosuch <<E\nx\nE\nnosuch2\ngot:  \"1\\n1\\n4\\n6\\n\"\nwant: \"?\"\n    --- FAIL: TestLineno/echo_$((1 (0.01s)\n        main_test.go:109: script: echo $((1\n+1)); echo $LINENO\ngot:  \"2\\n2\\n\"\nwant: \"?\"\n--- FAIL: TestTraps (2.17s)\n    --- FAIL: TestTraps/trap_'echo_chld'_CHLD;_true;_env_true;_s (0.04s)\n        main_test.go:114: script: trap 'echo chld' CHLD; true; env true; sleep 0 & wait; echo end; trap - CHLD", "chld\nend\nchld\n"},
	{needsAdapter, "echo \"a\\\n$\\\n{x-y}\"", "a${x-y}\n"},
	{needsAdapter, "cat <<E\nno end", ""},
	{needsAdapter, "cat <<E\nno end, no newline\n E\nE x\nxE", ""},
	{readsAhead, "sh <<'E'\ncat <<F\ninner $HOME\nF\nread x\nthe line\necho \"[$x]\"\nE\necho outer", "inner /h\n[the line]\nouter\n"},
	{needsAdapter, "a=E; cat <<$a\ndelimiter is literal\n$a\necho x", ""},
	{needsAdapter, "sh -c 'cat <<E\nc\nE'; sh -c 'cat <<E\nunterminated'; echo $?", "c\n2\n"},
}
