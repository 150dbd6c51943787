package builtins

import "testing"

func TestExpr(t *testing.T) {
	judge(t, []row{
		{argv: `expr 1 + 2`}, {argv: `expr 7 - 9 - 1`}, {argv: `expr 2 + 3 '*' 4`},
		{argv: `expr ( 2 + 3 ) '*' 4`}, {argv: `expr 7 / 2`}, {argv: `expr -7 % 3`},
		{argv: `expr 1 / 0`}, {argv: `expr a + 1`}, {argv: `expr 0`}, {argv: `expr '' '|' 3`},
		{argv: `expr 0 '|' ''`}, {argv: `expr 1 '&' 0`}, {argv: `expr 5 '&' 6`},
		{argv: `expr 1 '|' a : '\\'`}, {argv: `expr 1 '|' match a '['`}, {argv: `expr 0 '|' a : '['`},
		{argv: `expr 0 '&' a : '['`}, {argv: `expr 1 '|' 1 / 0`}, {argv: `expr 10 '>' 9`}, {argv: `expr a10 '>' a9`},
		{argv: `expr a = a`}, {argv: `expr a != a`}, {argv: `expr 01 = 1`}, {argv: `expr 1 '<=' 2`},
		{argv: `expr abc : 'a\(.*\)'`}, {argv: `expr abc : a.`}, {argv: `expr abc : b`},
		{argv: `expr abc : '\(x\)'`}, {argv: `expr match abc ab`}, {argv: `expr length abcd`},
		{argv: `expr index abcd dc`}, {argv: `expr substr abcd 2 2`}, {argv: `expr substr abcd 3 9`},
		{argv: `expr + length`}, {argv: `expr 1 +`}, {argv: `expr 1 2`}, {argv: `expr ( 1`},
		{argv: `expr )`}, {argv: `expr ( 1 2`}, {argv: `expr -- 1`}, {argv: `expr -0`},
		{argv: `expr abc : '\(a'`}, {argv: `expr 99999999999 '*' -7777777777777`},
		{argv: `expr length é€`}, {argv: `expr index aé€ €`}, {argv: `expr substr aé€ 2 1`},
		{argv: `expr é : [`}, {argv: `expr 1 é`}, {argv: `expr 99999999999999999999 '>' 9`}, {argv: `expr -`},
	})
}
