package shell

import (
	"strings"
	"testing"
)

// TestTilde judges every form of tilde expansion in every place (XCU 2.6.1).
func TestTilde(t *testing.T) {
	for _, form := range strings.Fields(`~ ~/ ~/a ~root ~root/x ~nosuch ~nosuch/x ~+ ~- ~1 ` +
		`"~" '~' \~ "~"/a ~"root" ` +
		`~ro'ot' ~\root ~$u ~${u}/x ~$(echo root) a~ a=~ a=~/b a:~ ~:~ ~:a ~/a:~/b:~ :~ ` +
		`~/:~root ~root:~ ~: ~~ ~/~ ` +
		`~"/a" ~'/'a ~\/a ~/"a b" ~/$s ~"" ""~ ''~/a -~ --x=~ a=b=~ a=:~ =~ ~= ~a=~ ~/* ~/[a] ` +
		`~/{a} ~/$v ~/\* ~#a ~/#a ~;x ~-x ~.`) {
		judge(t, row{script: show + "u=root s='a  b' v='*'; p " + form + "\nx=" + form +
			`; p "$x"; export y=` + form + `; p "$y"; p ${z-` + form + `} "${z-` + form +
			`}"; x=${z-` + form + `}; p "$x"
x=a:` + form + `; p "$x"; x="a":` + form + `; p "$x"; x=$u:` + form + `; p "$x"; for i in ` +
			form + ` b; do p $i; done
case ` + form + ` in ~) p home;; ` + form + `) p same;; *) p other;; esac; case /h in ` + form +
			`) p 1;; *) p 2;; esac
x=/h/h; p ${x#` + form + `} "${x%` + form + `}"; cat <<E` + "\n" + form + "\nE\n" +
			`set -- ` + form + ` ; p "$@"; x="` + form + `"; p "$x"`})
	}
	for _, home := range []string{"HOME=", "unset HOME", "HOME=/", "HOME=//", "HOME=/a/",
		"HOME='/a b'", "HOME='*'", `HOME='\a'`,
		`HOME='~root'`, "HOME='$x'", "HOME=a:b", `HOME=$(printf '/\351\377')`} {
		judge(t, row{script: show + home + `; p ~ ~/ ~/x ~root ~/~ a~ "~"; x=~; p "$x"; ` +
			`x=~/y:~:~/z; p "$x"; p ${q-~} ${q-~/x} "${q-~}"
IFS=/; p ~ ~/b; IFS=:; p ~ $x; touch f; p ~; unset HOME; p ~; cd ~; p $?; ` +
			`echo "$PWD" | grep -c /d`})
	}
	same(t,
		`cd /; echo ~+ ~-; cd /usr; echo ~+ ~- "$OLDPWD"`,
		`echo x > ~nosuch; ls; HOME=$PWD; echo y > ~/f; cat ~/f; cat < ~/f; echo z >> ~/f; `+
			`cat f; ls ~`,
		`HOME=/q; f() { echo ~; local a=~/b c=~; echo $a $c; }; f ~; HOME=/r f; HOME=/s; f`,
		`HOME=/a HOME=~/b; echo $HOME; HOME=/c x=~; echo $x; x=~ HOME=/d; echo $x`,
		`x=~; HOME=/z; echo $x; eval echo \~ '~'; eval "x=~"; echo $x; x='~'; echo $x; `+
			`eval echo $x`,
		`readonly r=~/a:~/b; echo $r; export -p | grep HOME; command export e=~; echo $e; `+
			`\export g=~; echo $g`,
		`x=export; $x b=~; echo $b; env b=~ sh -c 'echo $b'; echo b=~ c=~:~; echo ~=~`,
		`if [ ~ = /h ]; then echo y; fi; test ~ = "~"; echo $?; echo $(echo ~) "$(echo ~)" `+
			"`echo ~`"+`; echo $((~0)) $((~ 0))`,
		`while read ~ x; do :; done < /dev/null; echo $?; unset ~; echo $?`,
		`case '~' in "~") echo 1;; esac; case '~' in \~) echo 2;; esac; `+
			`case '~' in [~]) echo 3;; esac; case /hx in ~x) echo 4;; ~*) echo 5;; esac`,
	)
}
