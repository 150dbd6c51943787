package text_test

import (
	"testing"

	"overlayboot/compat/judge"
)

func TestExpr(t *testing.T) {
	ours.Rows(t, []judge.Row{
		{Argv: `expr 1 + 2`}, {Argv: `expr 7 - 9 - 1`}, {Argv: `expr 2 + 3 '*' 4`},
		{Argv: `expr ( 2 + 3 ) '*' 4`}, {Argv: `expr 7 / 2`}, {Argv: `expr -7 % 3`},
		{Argv: `expr 1 / 0`}, {Argv: `expr a + 1`}, {Argv: `expr 0`}, {Argv: `expr '' '|' 3`},
		{Argv: `expr 0 '|' ''`}, {Argv: `expr 1 '&' 0`}, {Argv: `expr 5 '&' 6`},
		{Argv: `expr 1 '|' a : '\\'`}, {Argv: `expr 1 '|' match a '['`}, {Argv: `expr 0 '|' a : '['`},
		{Argv: `expr 0 '&' a : '['`}, {Argv: `expr 1 '|' 1 / 0`}, {Argv: `expr 10 '>' 9`},
		{Argv: `expr a10 '>' a9`},
		{Argv: `expr a = a`}, {Argv: `expr a != a`}, {Argv: `expr 01 = 1`}, {Argv: `expr 1 '<=' 2`},
		{Argv: `expr abc : 'a\(.*\)'`}, {Argv: `expr abc : a.`}, {Argv: `expr abc : b`},
		{Argv: `expr abc : '\(x\)'`}, {Argv: `expr match abc ab`}, {Argv: `expr length abcd`},
		{Argv: `expr index abcd dc`}, {Argv: `expr substr abcd 2 2`}, {Argv: `expr substr abcd 3 9`},
		{Argv: `expr + length`}, {Argv: `expr 1 +`}, {Argv: `expr 1 2`}, {Argv: `expr ( 1`},
		{Argv: `expr )`}, {Argv: `expr ( 1 2`}, {Argv: `expr -- 1`}, {Argv: `expr -0`},
		{Argv: `expr abc : '\(a'`}, {Argv: `expr 99999999999 '*' -7777777777777`},
		{Argv: `expr length é€`}, {Argv: `expr index aé€ €`}, {Argv: `expr substr aé€ 2 1`},
		{Argv: `expr é : [`}, {Argv: `expr 1 é`}, {Argv: `expr 99999999999999999999 '>' 9`},
		{Argv: `expr -`},
	})
}
